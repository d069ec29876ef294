from odoo import models
from odoo.tools import format_list

from ...tools.pages import block, paginate, text_block, text_lines

# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractDeviation(models.Model):
    """What the printed 附表3 shows, page by page: each deviation of the report, then
    what is asked, decided and done about them all."""

    _inherit = "contract.deviation"

    def _form_pages(self):
        """The form's blocks on pages; see :mod:`contract_form_pages`."""
        blocks = [block("head", self._form_head_height())]
        family = self._family()
        several = len(family) > 1
        for number, deviation in enumerate(family, 1):
            blocks += [
                block(
                    "facts",
                    deviation._form_facts_height() + several * 1.3,
                    deviation=deviation,
                    number=several and number,
                ),
                text_block(
                    self.env._("Summary of deviations from the contract"),
                    deviation.summary,
                    2,
                ),
                text_block(
                    self.env._("Analysis of the cause"), deviation.cause_note, 2
                ),
            ]
        recommended = format_list(self.env, self.recommendation_ids.mapped("name"))
        blocks += [
            text_block(
                self.env._("Recommendation how to handle the deviation"),
                "\n".join(filter(None, (recommended, self.recommendation))),
                2,
            ),
            text_block(
                self.env._("Decision of the leader"), self._form_decided() or ROOM, 2
            ),
        ]
        rows = [
            {"action": action, "height": action._form_height()}
            for action in self.sudo().action_ids
        ]
        if rows:
            blocks.append(block("actions", 3, rows))
        result = "\n".join(filter(None, (self.result, self._form_verified())))
        blocks += [
            text_block(
                self.env._("Execution of the decision and its result"),
                result or ROOM,
                2,
            ),
            block("sign", 7),
        ]
        return paginate(blocks)

    def _form_head_height(self):
        names = max(text_lines(self.partner_name, 36), text_lines(self.contract_no, 36))
        return 3 + names + max(0, text_lines(self.team_id.sudo().name, 36) - 1)

    def _form_facts_height(self):
        term = text_lines(self._form_term(), 36)
        cause = text_lines(self.cause_id.name, 36)
        responsible = text_lines(self._form_responsible(), 36)
        return 4.6 + term + max(cause, responsible)

    def _form_box(self, ticked):
        """A box to tick, ticked or not."""
        return "☑" if ticked else "□"

    def _form_severities(self):
        """Every severity with its box."""
        severities = self._fields["severity"]._description_selection(self.env)
        return "  ".join(
            f"{label}{self._form_box(self.severity == key)}"
            for key, label in severities
        )

    def _form_has_files(self):
        return bool(self._family().sudo().attachment_ids)

    def _form_term(self):
        """The term in the form's language; its text of the day without it."""
        return self.term_id.sudo().display_name or self.term_name or ""

    def _form_responsible(self):
        party = self._form_label("responsible_party")
        department = self.department_id.sudo().name
        return " · ".join(filter(None, (party, department)))

    def _form_impact(self):
        """What is at stake: days and amount."""
        amount = self._form_amount(self.impact_amount, zero=False)
        return " · ".join(filter(None, (self._form_impact_days(), amount)))

    def _form_impact_days(self):
        days = self.impact_days
        return self.env._("%(days)s days", days=days) if days else ""

    def _form_fact(self, side):
        """What was agreed, or what happened, in the words of the form."""
        figure = ""
        if self.agreed_quantity or self.actual_quantity:
            figure = self._quantity_text(self[f"{side}_quantity"])
        elif self.agreed_amount or self.actual_amount:
            figure = self._form_amount(self[f"{side}_amount"])
        day = self._form_date(self[f"{side}_date"])
        return " · ".join(filter(None, (figure, day)))

    def _form_variance(self):
        """By how much it departs: quantity or amount, and days."""
        quantity = self.actual_quantity - self.agreed_quantity
        figure = quantity and self._form_quantity(quantity)
        if not (self.agreed_quantity or self.actual_quantity):
            amount = self.actual_amount - self.agreed_amount
            figure = self._form_amount(amount, zero=False)
        return " · ".join(filter(None, (figure, self._form_impact_days())))

    def _form_decided(self):
        """The decision with the leader's words; what is only oral says so."""
        lines = [self._form_label("decision"), self.decision_text]
        if self.approval_provisional:
            lines.append(self.env._("Decided orally, not confirmed by the leader yet."))
        if self.state in ("waived", "cancelled"):
            lines.append(
                f"{self._form_label('state')}: {self.ended_reason} "
                f"({self.ended_authority}, {self.ended_by_name})"
            )
        return "\n".join(filter(None, lines))

    def _form_verified(self):
        if not self.verification:
            return ""
        cured = (
            self.env._("Cured on %(date)s.", date=self._form_date(self.cured_on))
            if self.cured_on
            else self.env._("Not cured.")
        )
        return self.env._(
            "Verified: %(text)s %(cured)s", text=self.verification, cured=cured
        )

    def _form_signatures(self):
        """Who signs: title, name and day from the evidence, or empty to sign by
        hand."""
        document = self.sudo()
        leader = document._approval_conclusion()
        if leader.state not in ("approved", "refused"):
            leader = leader.browse()
        heads = document.step_ids.filtered(
            lambda s: (
                s.round == document.approval_round
                and s.state == "approved"
                and s.sequence < leader.sequence
            )
        )[:1]
        leader_title = self.env._("Leader")
        submitted = document.approval_round and document.submitted_on
        handler = submitted and (self.user_name or document.user_id.name)
        preparer = submitted and document.submitted_by_id.name
        return [
            {
                "title": title,
                "name": name or "",
                "date": self._form_day(day),
                "provisional": title == leader_title and self.approval_provisional,
            }
            for title, name, day in (
                (self.env._("Handler"), handler, submitted),
                (self.env._("Preparer"), preparer, submitted),
                (
                    self.env._("Head of Department"),
                    heads.decided_by_name,
                    heads.decided_on,
                ),
                (leader_title, leader.decided_by_name, leader.decided_on),
                (self.env._("Verifier"), self.verified_by_name, self.verified_on),
            )
        ]
