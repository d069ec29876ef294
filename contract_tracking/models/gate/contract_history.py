from odoo import api, fields, models
from odoo.fields import Domain


class ContractHistory(models.Model):
    """When the supply of a contract was held and released."""

    _inherit = "contract.history"

    kind = fields.Selection(
        selection_add=[("supply", "Supply")], ondelete={"supply": "cascade"}
    )

    @api.model
    def _recorded_domain(self):
        """Confirming an order may hold its supply: nobody wrote that down."""
        return super()._recorded_domain() & Domain("kind", "!=", "supply")
