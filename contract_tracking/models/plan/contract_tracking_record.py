from odoo import fields, models


class ContractTrackingRecord(models.Model):
    """附表1 says how the contract's plan stands (D1 §9)."""

    _inherit = "contract.tracking.record"

    plan_progress = fields.Text(
        readonly=True,
        help="How the active plan stood when the facts were read: how much is done, "
        "what is late, problems, causes, what is to be coordinated.",
    )

    def _head_values(self):
        values = super()._head_values()
        plan = self._contract_parent()._contract_active_plan()
        # in the language of the record's words
        words = plan._progress_words() if plan else []
        return {**values, "plan_progress": "\n".join(words)}

    def _form_texts(self):
        texts = super()._form_texts()
        if self.plan_progress:
            texts.insert(1, (self.env._("Progress by plan"), self.plan_progress))
        return texts
