from odoo import api, fields, models


class ContractFrame(models.Model):
    """The progress plans of a frame agreement."""

    _inherit = "contract.frame"

    plan_ids = fields.One2many(
        "contract.plan", "frame_id", string="Progress Plans", copy=False
    )
    plan_count = fields.Integer(
        string="Number of Progress Plans",
        compute="_compute_plan_count",
        help="Progress plans of this agreement, of every version.",
    )

    @api.depends("plan_ids")
    def _compute_plan_count(self):
        self._contract_count_forms("contract.plan", "plan_count")

    @api.readonly
    def action_view_plans(self):
        """Open the progress plans of the frame agreement."""
        return self._contract_parts_action("contract_plan_action")

    def action_progress_plan(self):
        """Open the plan of the frame agreement, a new one filled from its terms if
        there is none."""
        return self.env["contract.plan"]._open_draft(self)

    def _contract_plans(self):
        return self.plan_ids

    def _contract_supervisor(self):
        return self.supervisor_id

    def _contract_last_day(self):
        return self.date_end

    def _contract_plan_amount(self):
        return self.amount_total
