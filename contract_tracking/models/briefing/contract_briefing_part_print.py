from odoo import models

from ...tools.pages import Column

# What is told of the terms, in its order.
TEXTS = (
    "change_text", "goods_text", "dates_text", "payment_text", "clauses_text",
    "price_text",
)  # fmt: skip


class ContractBriefingPart(models.Model):
    """What the printed 交底书 of a department shows: what its reader may read."""

    _inherit = "contract.briefing.part"

    def _form_title(self):
        return self.env._("Contract Briefing")

    def _form_document(self, customer):
        return self

    def _form_blocks(self):
        self.ensure_one()
        env = self.env
        return [
            self._form_cells(
                [
                    (env._("Customer"), self.partner_name),
                    (env._("Contract No."), self.contract_number),
                    (env._("Department"), self.department_id.sudo().name),
                    (env._("Acknowledge By"), self._form_date(self.date_deadline)),
                ],
                wide=[(env._("To Note"), self.note or "")],
            ),
            *self._form_terms("common_text", *TEXTS),
            self._form_readers(),
            self._form_sign(),
        ]

    def _form_terms(self, *names):
        """A block a text; prices for who may read them."""
        return [
            self._form_text(self._fields[name]._description_string(self.env), text)
            for name in names
            if self._has_field_access(self._fields[name], "read")
            and (text := self[name])
        ]

    def _form_readers(self):
        return self._form_table(
            "readers",
            self.env._("Acknowledged"),
            [
                Column(self.env._("Reader"), 26, "user_name"),
                Column(
                    self.env._("Read On"),
                    18,
                    lambda row: self._form_day(row.acknowledged_on) or "",
                ),
                Column(self.env._("Question"), 28, lambda row: row.question or ""),
                Column(self.env._("Reply"), 28, lambda row: row.reply or ""),
            ],
            self.sudo().acknowledgement_ids,
        )

    def _form_signatures(self):
        briefing = self.briefing_id.sudo()
        return [
            {
                "title": self.env._("Briefed By"),
                "name": briefing.user_id.name,
                "date": briefing._form_day(briefing.sent_on),
            },
            {"title": self.env._("Briefed"), "name": "", "date": ""},
        ]
