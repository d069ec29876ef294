from odoo import models

from ...tools.pages import Column
from .contract_change import SUBJECTS
from .contract_change_figures import AMOUNTS, GOODS

# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractChange(models.Model):
    """What the printed 合同变更/解除申请表 shows: who asks for what and why, what it
    would touch and mean, the opinions, what was negotiated, and who signs."""

    _inherit = "contract.change"

    def _form_title(self):
        titles = {
            "change": self.env._("Contract Change Request Form"),
            "suspend": self.env._("Contract Suspension Request Form"),
            "terminate": self.env._("Contract Termination Request Form"),
        }
        return titles[self.kind]

    def _form_blocks(self):
        self.ensure_one()
        lines = self.sudo().line_ids
        goods = self.sudo()._read_facts()[self]["goods"]
        return [
            self._form_head(),
            self._form_text(self.env._("What is asked for"), self.wish or ROOM),
            *([self._form_lines(lines)] if lines else []),
            self._form_text(self.env._("Why"), self.reason or ROOM),
            self._form_impact(),
            *([self._form_goods(goods)] if goods else []),
            *(
                [self._form_text(self.env._("Other consequences"), self.impact_note)]
                * bool(self.impact_note)
            ),
            self._form_opinions(),
            *self._form_negotiation(),
            self._form_sign(),
        ]

    def _form_head(self):
        env = self.env
        letter = self.sudo().letter_id
        cells = [
            (env._("Customer"), self.partner_name),
            (env._("Contract No."), self.contract_no),
            (env._("Asked For By"), self._form_label("party")),
            (env._("What For"), self._form_label("kind")),
            (env._("Request Date"), self._form_date(self.date)),
            (env._("Answer Until"), self._form_date(self.date_answer)),
            (env._("Office"), self.team_id.sudo().name),
            (env._("Handled By"), self.user_id.sudo().name),
        ]
        wide = []
        if self.kind == "change":
            wide.append(
                (
                    env._("What Is to Change"),
                    "  ".join(
                        f"{'☑' if self[name] else '☐'} {self._form_name(name)}"
                        for name in SUBJECTS
                    ),
                )
            )
        sources = (letter, self.sudo().coordination_id, self.sudo().deviation_id)
        wide.append(
            (
                env._("Letter and Other Papers"),
                " · ".join(source.display_name for source in sources if source),
            )
        )
        return self._form_cells(cells, wide=wide)

    def _form_name(self, name):
        return self._fields[name]._description_string(self.env)

    def _form_lines(self, lines):
        env = self.env
        return self._form_table(
            "terms",
            env._("Terms asked to change"),
            [
                Column(env._("Term"), 32, lambda line: line.term_id.display_name),
                Column(env._("Agreed"), 34, "was_text"),
                Column(env._("Asked For"), 34, lambda line: line._asked()),
            ],
            lines,
        )

    def _form_impact(self):
        """Figures of the contract, then what is estimated."""
        cells = [
            (
                self._form_name(f"{name}_amount"),
                self._form_amount(self[f"{name}_amount"]),
            )
            for name in AMOUNTS
        ]
        cells += [
            (self._form_name("amount_change"), self._form_amount(self.amount_change)),
            (self._form_name("days_change"), self._form_quantity(self.days_change)),
            (self._form_name("cost"), self._form_amount(self.cost)),
        ]
        return self._form_cells(
            cells, title=self.env._("What it touches and would mean")
        )

    def _form_goods(self, goods):
        heads = self._goods_heads()
        widths = (32, 8) + (15,) * len(GOODS)
        kinds = ("text", "text") + ("right",) * len(GOODS)
        return self._form_table(
            "goods",
            self.env._("Goods delivered and prepared"),
            [
                Column(head, width, lambda cells, i=i: cells[i], kind)
                for i, (head, width, kind) in enumerate(
                    zip(heads, widths, kinds, strict=True)
                )
            ],
            [self._goods_cells(row) for row in goods],
        )

    def _form_opinions(self):
        """What legal affairs, the departments and the company say; before they are
        asked it is filled in by hand."""
        env = self.env
        steps = self.sudo()._approval_round_steps()
        steps = steps.filtered(lambda s: s.state not in ("skipped", "withdrawn"))
        if not steps:
            return self._form_text(env._("Opinions"), ROOM)
        return self._form_table(
            "opinions",
            env._("Opinions"),
            [
                Column(env._("Department"), 20, self._form_step),
                Column(env._("Decision"), 18, "decision_text"),
                Column(env._("Comment"), 32, "comment"),
                Column(env._("Decided By"), 14, "user_name"),
                Column(env._("Date"), 16, lambda s: self._form_day(s.decided_on)),
            ],
            steps.sorted(lambda s: (s.sequence, s.id)),
        )

    def _form_negotiation(self):
        """What came of it, with the papers of both sides."""
        env = self.env
        if not self.agreed_on and not self.result:
            return []
        papers = self.sudo()
        return [
            self._form_cells(
                [
                    (env._("Company Consented On"), self._form_day(self.agreed_on)),
                    (env._("Negotiated On"), self._form_date(self.negotiated_on)),
                    (env._("Negotiated With"), self.negotiated_with or ""),
                    (env._("Result"), self._form_label("result")),
                    (env._("Minutes"), papers.minutes_id.name or ""),
                    (env._("Written Consent"), papers.consent_id.name or ""),
                ],
                wide=[(env._("What Was Agreed"), self.result_note or "")],
                title=env._("Negotiation"),
            )
        ]

    def _form_signatures(self):
        """Who handles it, then who gave an opinion or consented, in their order."""
        rows = self._approval_signed(self.env._("Legal Affairs"), self.env._("Leader"))
        return self._approval_signatures(self.env._("Handled By"), rows)
