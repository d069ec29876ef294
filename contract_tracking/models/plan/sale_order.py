from datetime import timedelta

from odoo import api, fields, models

from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The progress plans of a contract."""

    _inherit = "sale.order"

    contract_plan_ids = fields.One2many(
        "contract.plan",
        "order_id",
        string="Progress Plans",
        copy=False,
        groups=READER,
    )
    contract_plan_count = fields.Integer(
        string="Number of Progress Plans",
        compute="_compute_contract_plan_count",
        groups=READER,
        help="Progress plans of this contract, of every version.",
    )
    contract_next_step = fields.Selection(
        selection_add=[("progress_plan", "Write Progress Plan")]
    )

    @api.depends("contract_plan_ids")
    def _compute_contract_plan_count(self):
        self._contract_count_forms("contract.plan", "contract_plan_count")

    @api.readonly
    def action_view_contract_plans(self):
        """Open the progress plans of the contract."""
        return self._contract_parts_action("contract_plan_action")

    def action_contract_progress_plan(self):
        """Open the plan of the contract, a new one filled from its terms if there is
        none."""
        return self.env["contract.plan"]._open_draft(self)

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if (
            follows
            and self._contract_is_open()
            and self._contract_plan_is_due()
            and not self.contract_plan_ids.filtered(
                lambda p: p.state not in ("draft", "refused")
            )
        ):
            yield 55, "progress_plan"

    def _contract_regular_record_date(self, day, late=False):
        """As often as the active plan says, sooner where something is late."""
        date = super()._contract_regular_record_date(day, late)
        days = date and self._contract_active_plan().tracking_days
        if not days:
            return date
        planned = day + timedelta(days=days)
        return min(date, planned) if late else planned

    def _contract_plans(self):
        return self.contract_plan_ids

    def _contract_supervisor(self):
        return self.contract_supervisor_id

    def _contract_last_day(self):
        return self.contract_end_date

    def _contract_plan_amount(self):
        return self.contract_agreed_amount
