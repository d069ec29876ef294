from odoo import fields, models


class ContractTrackingRecord(models.Model):
    """附表1 lists what threatens the contract on its day (D4 §8)."""

    _inherit = "contract.tracking.record"

    early_warnings = fields.Text(
        readonly=True,
        help="What was warned of on the report date and nobody had dismissed.",
    )

    def _head_values(self):
        order, frame = self.order_id.sudo(), self.frame_id.sudo()
        warnings = (order.contract_warning_ids | frame.warning_ids).filtered(
            lambda w: w._stands_on(self.date)
        )
        # in the language of the record's words
        texts = "\n".join(warning.text for warning in warnings.sorted())
        return {**super()._head_values(), "early_warnings": texts}

    def _form_texts(self):
        texts = super()._form_texts()
        if self.early_warnings:
            texts.insert(1, (self.env._("Early Warnings"), self.early_warnings))
        return texts
