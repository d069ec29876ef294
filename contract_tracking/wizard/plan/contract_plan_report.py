from odoo import fields, models
from odoo.exceptions import UserError


class ContractPlanReport(models.TransientModel):
    """Report how far a stage or a task of a plan is, which problem there is, why, and
    who else is needed (D1 §9)."""

    _name = "contract.plan.report"
    _inherit = ["contract.dialog.mixin"]
    _description = "Report on a Task"

    line_id = fields.Many2one(
        "contract.plan.line", required=True, readonly=True, ondelete="cascade"
    )
    task_name = fields.Char(related="line_id.name", related_sudo=False, string="Task")
    is_reported = fields.Boolean(related="line_id.is_reported", related_sudo=False)
    progress = fields.Integer(string="Done (%)")
    done_on = fields.Date(help="Empty: today.")
    note = fields.Text(string="What Was Done")
    problem = fields.Text()
    cause = fields.Text()
    needs = fields.Text(string="To Be Coordinated")
    attachment_ids = fields.Many2many("ir.attachment", string="Evidence")

    def action_apply(self):
        """Write the report down. Who may is checked by the task.

        :raise UserError: if the progress is no percentage
        """
        self._check_dialog()
        if not 0 <= self.progress <= 100:
            raise UserError(self.env._("The progress is between 0 and 100 %."))
        self.line_id._report(
            self.progress,
            self.done_on,
            self.attachment_ids,
            note=self.note,
            problem=self.problem,
            cause=self.cause,
            needs=self.needs,
        )
        return {"type": "ir.actions.act_window_close"}
