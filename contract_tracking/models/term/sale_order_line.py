from odoo import api, models
from odoo.exceptions import UserError


class SaleOrderLine(models.Model):
    """Lines that a contract in effect promises stay."""

    _inherit = "sale.order.line"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_contract_in_effect(self):
        terms = self.env["contract.term"].sudo()
        if terms := terms.search(
            [("line_id", "in", self.ids), ("stamped", "=", True)], limit=1
        ):
            raise UserError(
                self.env._(
                    "“%(line)s” is promised by a contract in effect: set its quantity "
                    "to what is still agreed instead of deleting it.",
                    line=terms.line_id.display_name,
                )
            )
