from odoo import api, fields, models

from ...tools.pages import text_lines


class ContractAction(models.Model):
    """What somebody does about a deviation: to correct it, or to prevent the next one
    (纠正措施, 预防措施; D9 §6.3)."""

    _inherit = "contract.action"

    deviation_id = fields.Many2one(
        "contract.deviation",
        compute="_compute_deviation_id",
        store=True,
        precompute=True,
        index="btree_not_null",
        ondelete="cascade",
    )

    @api.depends("res_model", "res_id")
    def _compute_deviation_id(self):
        for action in self:
            action.deviation_id = (
                action.res_id if action.res_model == "contract.deviation" else False
            )

    @api.depends("deviation_id.state")
    def _compute_can(self):
        return super()._compute_can()

    def _document(self):
        # a link is read for all rows of a list at once
        return self.deviation_id or super()._document()

    def _remind(self):
        """Tell the owners that their actions are overdue."""
        for action in self:
            action.deviation_id._remind_user(
                action.user_id, action.date_deadline, action.name
            )

    def _escalated(self):
        self.deviation_id._sync_activities()

    def _form_words(self):
        """The action, and what was done."""
        return "\n".join(filter(None, (self.name, self.note)))

    def _form_height(self):
        return max(1, text_lines(self._form_words(), 50)) + 0.3
