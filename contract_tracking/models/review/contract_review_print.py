from odoo import models

from ...tools.pages import Column
from ...tools.words import choice
from .contract_review_decision import CRITERIA

# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractReview(models.Model):
    """What the printed 合同评审表 shows: what was reviewed, or what changed since, what
    speaks for and against it, the opinions, what was concluded, and who signs."""

    _inherit = "contract.review"

    def _form_title(self):
        return self.env._("Contract Review Form")

    def _form_blocks(self):
        self.ensure_one()
        if self.previous_id:
            content = [self._form_differences()]
        else:
            content = [*self._form_content(), *self._review_print_blocks()]
        conditions = self.sudo().action_ids
        return [
            self._form_head(),
            *(
                [self._form_text(self.env._("What to Know"), self.note)]
                * bool(self.note)
            ),
            *content,
            self._form_opinions(),
            self._form_text(
                self.env._("Conclusion"),
                self._form_label("conclusion") or ROOM,
            ),
            *([self._form_conditions(conditions)] if conditions else []),
            self._form_sign(),
        ]

    def _form_head(self):
        env = self.env
        cells = [
            (env._("Customer"), self.partner_name),
            (env._("Contract No."), self.contract_no),
            (env._("Review Date"), self._form_date(self.date)),
            (env._("Office"), self.team_id.sudo().name),
            (env._("Prepared By"), self.user_id.sudo().name),
            (env._("Submitted On"), self._form_day(self.submitted_on)),
        ]
        if self.previous_id:
            cells.append((env._("Follows"), self.previous_id.sudo().name))
            cells.append((env._("Reviewed"), env._("What changed since")))
        return self._form_cells(cells)

    def _form_content(self):
        """The contract itself as a head, what is sold, and other tables."""
        rows = self._content_rows()
        heads = ("sale.order", "contract.frame")
        blocks = [
            self._form_cells(
                [
                    (self._content_label(row, name), self._content_text(row, name))
                    for name in self._content_shown(row)
                    if name not in ("partner_id", "note")
                ],
                wide=[
                    (self._content_label(row, name), self._content_text(row, name))
                    for name in ("note",)
                    if row["values"].get(name)
                ],
                title=self.env._("What is reviewed"),
            )
            for row in rows
            if row["model"] in heads
        ]
        lines = [
            row
            for row in rows
            if row["model"] in ("sale.order.line", "contract.frame.line")
        ]
        others = [row for row in rows if row["model"] not in heads and row not in lines]
        if lines:
            blocks.append(self._form_lines(lines))
        if others:
            blocks.append(self._form_others(others))
        return blocks

    def _form_lines(self, rows):
        """What is sold, at which price."""

        def of(*names):
            def text(row):
                name = next((n for n in names if n in row["values"]), None)
                return self._content_text(row, name) if name else ""

            return text

        env = self.env
        return self._form_table(
            "lines",
            env._("What is sold"),
            [
                Column(env._("Product"), 46, lambda row: row["name"]),
                Column(
                    env._("Quantity"), 14, of("product_uom_qty", "quantity"), "right"
                ),
                Column(env._("Unit"), 10, of("product_uom_id", "uom_id")),
                Column(env._("Unit Price"), 18, of("price_unit"), "right"),
                Column(env._("Discount (%)"), 12, of("discount"), "right"),
            ],
            rows,
        )

    def _form_others(self, rows):
        """What else is agreed, a row each."""
        return self._form_table(
            "terms",
            self.env._("What else is agreed"),
            [
                Column(self.env._("Term"), 30, lambda row: row["name"]),
                Column(
                    self.env._("What It Says"),
                    70,
                    lambda row: self._content_summary(
                        row, [n for n in row["values"] if n != "name"]
                    ).replace("\n", "; "),
                ),
            ],
            rows,
        )

    def _form_differences(self):
        """What changed since the review that this one follows."""
        return self._form_table(
            "differences",
            self.env._("What changed since the last review"),
            [
                Column(self.env._("What Changed"), 30, lambda row: row[0]),
                Column(self.env._("Before"), 35, lambda row: row[1]),
                Column(self.env._("After"), 35, lambda row: row[2]),
            ],
            self._changes_texts(self._changes_reviewed()),
        )

    def _form_opinions(self):
        """What each department says; before it is asked its row is filled in by
        hand."""
        steps = self.sudo()._approval_round_steps()
        steps = steps.filtered(lambda s: s.state not in ("skipped", "withdrawn"))
        return self._form_table(
            "opinions",
            self.env._("Opinions"),
            [
                Column(self.env._("Department"), 16, self._form_step),
                *(
                    Column(
                        steps._fields[name]._description_string(self.env),
                        12,
                        lambda step, name=name: choice(step, name),
                    )
                    for name in CRITERIA
                ),
                Column(self.env._("Conclusion"), 14, "decision_text"),
                Column(self.env._("Comment"), 20, "comment"),
                Column(self.env._("Decided By"), 14, "user_name"),
            ],
            steps,
        )

    def _form_conditions(self, actions):
        return self._form_table(
            "conditions",
            self.env._("To be done before signing"),
            [
                Column(self.env._("Condition"), 48, "name"),
                Column(self.env._("Owner"), 16, lambda action: action.user_id.name),
                Column(self.env._("Deadline"), 16, "date_deadline", "date"),
                Column(self.env._("Status"), 20, lambda a: choice(a, "state")),
            ],
            actions,
        )

    def _form_signatures(self):
        """Who prepared it, then who gave an opinion, in their order."""
        rows = self._approval_signed(
            self.env._("Sales Head"), self.env._("Legal Affairs")
        )
        return self._approval_signatures(self.env._("Prepared By"), rows)
