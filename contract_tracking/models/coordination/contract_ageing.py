from odoo import models


class ContractAgeing(models.Model):
    """Payment reminder letters, written from what a customer owes."""

    _inherit = "contract.ageing"

    def action_remind(self):
        """Open the payment reminder letter to the customer of this row: one for all his
        contracts in this currency, on the one of which most is overdue.

        :raise UserError: if nothing is overdue
        """
        self.ensure_one()
        self.check_access("read")
        rows = self.search(
            [
                ("partner_id", "=", self.partner_id.id),
                ("company_id", "=", self.company_id.id),
                ("currency_id", "=", self.currency_id.id),
            ]
        )
        most = max(rows, key=lambda row: row.contract_overdue)
        late = rows.filtered("contract_overdue")
        return self.env["contract.coordination"]._remind_of(
            most.order_id or most.frame_id, "customer" if len(late) > 1 else "contract"
        )
