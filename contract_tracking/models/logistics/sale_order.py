from odoo import api, models
from odoo.exceptions import UserError

AFTER_SALES = "contract_tracking.template_after_sales"


class SaleOrder(models.Model):
    """How a contract is carried out: what is ready when, and what is on its way."""

    _inherit = "sale.order"

    @api.readonly
    def action_contract_execution(self):
        """Open what will happen for each delivery term of the contract."""
        return self._contract_parts_action("contract_execution_plan_action")

    @api.readonly
    def action_contract_logistics_report(self):
        """Open the deliveries of the contract, from dispatch to signature."""
        return self._contract_parts_action("contract_logistics_report_action")

    def action_contract_after_sales(self):
        """Add the promises that follow the delivery to the terms: installation,
        training, spare parts, warranty visits, as far as they aren't there yet.

        :raise UserError: once the contract is in effect, or without the template
        """
        self.ensure_one()
        # who may write its terms may add these
        self.check_access("read")
        template = self.env.ref(AFTER_SALES, raise_if_not_found=False)
        if not template or not template.line_ids:
            raise UserError(
                self.env._("There is no template for promises after the delivery.")
            )
        if not self.contract_state or self.contract_effective_date:
            raise UserError(
                self.env._(
                    "Promises are added before the contract takes effect; later a "
                    "re-agreement adds them."
                )
            )
        present = set(self.contract_term_ids.mapped("name"))
        # they stay when another payment template is chosen
        self.env["contract.term"].create(
            [
                {**line._prepare_term_vals(self), "template_line_id": False}
                for line in template.line_ids
                if line.name not in present
            ]
        )
        return True
