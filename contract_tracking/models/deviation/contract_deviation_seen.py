from odoo import models

from ..contract.sale_order import READER

# What its reporter hears of his report: the fields of its form for him, and what tells
# one record from another.
REPORTED = {
    "id", "display_name", "name", "contract_no", "kind", "date", "state", "user_id",
    "summary", "attachment_ids", "decision", "decision_text", "cured_on", "result",
    "ended_reason", "seen_by_id", "company_id", "create_uid", "create_date",
    "write_uid", "write_date", "message_is_follower", "message_needaction",
    "message_needaction_counter",
}  # fmt: skip


class ContractDeviation(models.Model):
    """Who reported a deviation from where he saw it and reads no contracts sees what
    becomes of his report: not the amounts, the cause, the talk about it."""

    _inherit = "contract.deviation"

    def _contract_only_reports(self):
        return not self.env.su and not self.env.user.has_group(READER)

    def _has_field_access(self, field, operation):
        return super()._has_field_access(field, operation) and (
            field.name in REPORTED or not self._contract_only_reports()
        )

    def _mail_get_operation_for_mail_message_operation(self, message_operation):
        """He reads what was sent to him; the rest is for who works on it."""
        if message_operation == "read" and self._contract_only_reports():
            return dict.fromkeys(self, "write")
        return super()._mail_get_operation_for_mail_message_operation(message_operation)
