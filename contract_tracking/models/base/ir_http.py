from odoo import models


class IrHttp(models.AbstractModel):
    """Tells the web client whether to offer what only contract roles may do."""

    _inherit = "ir.http"

    def session_info(self):
        """Add whether the user follows contracts."""
        info = super().session_info()
        info["contract_user"] = self.env.user.has_group(
            "contract_tracking.group_contract_user"
        )
        return info
