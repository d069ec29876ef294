from odoo import models

from ...tools.pages import Column
from ...tools.words import choice

# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractReagreement(models.Model):
    """What the printed 合同变更单 shows: the paper that both sides signed, each term
    before and after, what is to be paid from then on, and who decided."""

    _inherit = "contract.reagreement"

    def _form_title(self):
        return self.env._("Contract Change Order")

    def _form_blocks(self):
        self.ensure_one()
        payments = self._form_payments()
        return [
            self._form_head(),
            self._form_text(self.env._("Reason of the change"), self.reason or ROOM),
            self._form_changes(),
            self._form_totals(),
            *([payments] if payments["rows"] else []),
            self._form_sign(),
        ]

    def _form_head(self):
        env = self.env
        paper = self.document_id.sudo()
        return self._form_cells(
            [
                (env._("Customer"), self.partner_name),
                (env._("Contract No."), self.contract_no),
                (env._("Report Date"), self._form_date(self.date)),
                (env._("Holds From"), self._form_date(self.date_from)),
                (env._("Office"), self.team_id.sudo().name),
                (env._("Prepared By"), self.user_id.sudo().name),
            ],
            wide=[(env._("Supplementary Agreement"), self._form_paper_text(paper))],
        )

    def _form_paper_text(self, paper):
        """The kind of the paper, its name, the day on it, and its files."""
        return " · ".join(
            filter(
                None,
                (
                    paper.type_id.name,
                    paper.name,
                    self._form_date(paper.date),
                    *paper.attachment_ids.mapped("name"),
                ),
            )
        )

    def _form_changes(self):
        return self._form_table(
            "changes",
            self.env._("What changes"),
            [
                Column(self.env._("Item"), 5, lambda row: str(row[0])),
                Column(self.env._("Kind"), 12, lambda row: choice(row[1], "kind")),
                Column(
                    self.env._("What Happens"), 11, lambda row: choice(row[1], "action")
                ),
                Column(self.env._("Before"), 36, self._form_before),
                Column(self.env._("After"), 36, self._form_after),
            ],
            [*enumerate(self.sudo().line_ids, 1)],
        )

    def _form_before(self, row):
        return "\n".join(row[1]._words_before()) or "–"

    def _form_after(self, row):
        line = row[1]
        if line.action == "end":
            return self.env._("No longer agreed")
        return "\n".join(line._words(line))

    def _form_totals(self):
        return self._form_table(
            "totals",
            self.env._("Agreed total, taxes included"),
            [
                Column(self.env._("Before"), 34, "amount_now", "amount"),
                Column(self.env._("After"), 33, "amount_after", "amount"),
                Column(
                    self.env._("Difference"),
                    33,
                    lambda record: record.amount_after - record.amount_now,
                    "amount",
                ),
            ],
            self,
        )

    def _form_payments(self):
        """What is to be paid from then on, whether or not it was changed."""
        if self.state == "done":
            terms = self.order_id.sudo().contract_term_ids
            terms |= self.frame_id.sudo().term_ids
            rows = terms.filtered(
                lambda term: (
                    term.kind == "payment"
                    and (not term.valid_from or term.valid_from <= self.date_from)
                    and (not term.valid_to or term.valid_to > self.date_from)
                )
            )
        else:
            changed = self.sudo().line_ids.filtered(lambda ln: ln.kind == "payment")
            rows = [
                *changed.filtered(lambda line: line.action != "end"),
                *(self._terms("payment") - changed.term_id),
            ]
            # what is added comes last
            rows.sort(key=lambda row: row.sequence or float("inf"))
        return self._form_table(
            "payments",
            self.env._("Payment terms from then on"),
            [
                Column(self.env._("Kind"), 30, self._form_payment_name),
                Column(
                    self.env._("Share (%)"),
                    10,
                    lambda row: self._form_quantity(row.percent) if row.percent else "",
                    "right",
                ),
                Column(self.env._("Amount"), 18, self._form_payment_amount, "amount"),
                Column(
                    self.env._("Instrument"), 14, lambda row: row.instrument_id.name
                ),
                Column(
                    self.env._("Due Date or Condition"),
                    28,
                    lambda row: (
                        self._form_date(row.date_fixed)
                        if row.due_mode == "date"
                        else row._due_description()
                    ),
                ),
            ],
            rows,
        )

    def _form_payment_name(self, row):
        term = row.term_id if row._name == self.line_ids._name else row.browse()
        return self._form_words(row.display_name, term, "display_name")

    def _form_payment_amount(self, row):
        """An agreed amount, or the share of the new total."""
        if self.state == "done" or not row.percent:
            return row.amount
        return self.currency_id.round(self.amount_after * row.percent / 100)

    def _form_signatures(self):
        """Who prepared it, then who decided, in their order; the places of the rule
        that nobody filled yet are signed by hand."""
        rows = self._approval_signed(
            self.env._("Business Office"), self.env._("Leader")
        )
        return self._approval_signatures(self.env._("Prepared By"), rows)
