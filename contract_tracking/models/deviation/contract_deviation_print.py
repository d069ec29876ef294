from odoo import models
from odoo.tools import format_list

from ...tools.pages import Column
from .contract_deviation import SEVERITIES

# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractDeviation(models.Model):
    """What the printed 附表3 shows: each deviation of the report, then what is asked,
    decided and done about them all."""

    _inherit = "contract.deviation"

    def _form_title(self):
        return self.env._("Sales Contract Deviation Report")

    def _form_document(self, customer):
        return super(ContractDeviation, self.lead_id or self)._form_document(customer)

    def _form_blocks(self):
        self.ensure_one()
        family = self._family()
        blocks = [self._form_head()]
        for number, deviation in enumerate(family, 1):
            title = len(family) > 1 and f"{number}. {deviation.name}"
            blocks += deviation._form_facts(title)
        recommended = [format_list(self.env, self.recommendation_ids.mapped("name"))]
        blocks += [
            self._form_text(
                self.env._("Recommendation how to handle the deviation"),
                "\n".join(filter(None, [*recommended, self.recommendation])),
            ),
            self._form_text(
                self.env._("Decision of the leader"), self._form_decided() or ROOM
            ),
        ]
        actions = self._form_actions()
        if actions["rows"]:
            blocks.append(actions)
        return [
            *blocks,
            self._form_text(
                self.env._("Execution of the decision and its result"),
                "\n".join(filter(None, (self.result, self._form_verified()))) or ROOM,
            ),
            self._form_sign(),
        ]

    def _form_head(self):
        files = self._form_has_files()
        return self._form_cells(
            [
                (self.env._("Customer"), self.partner_name),
                (self.env._("Contract No."), self.contract_no),
                (self.env._("Report Date"), self._form_date(self.date)),
                (self.env._("Office"), self.team_id.sudo().name),
                (
                    self.env._("Attachments"),
                    self._form_boxes(
                        (self.env._("Enclosed"), files),
                        (self.env._("None enclosed"), not files),
                    ),
                ),
                (
                    self.env._("Reported In"),
                    self._form_boxes(
                        (self.env._("Writing"), self.channel == "written"),
                        (self.env._("Orally"), self.channel == "oral"),
                    ),
                ),
            ]
        )

    def _form_facts(self, title):
        """What was found, and its analysis; under ``title`` where it is one of many."""
        self.ensure_one()
        return [
            self._form_cells(
                [
                    (self.env._("Kind of Deviation"), self._form_label("kind")),
                    (self.env._("Term"), self._form_term()),
                    (self.env._("Agreed"), self._form_fact("agreed")),
                    (self.env._("Actual"), self._form_fact("actual")),
                    (self.env._("Variance"), self._form_variance()),
                    (self.env._("Impact"), self._form_impact()),
                    (self.env._("Severity"), self._form_severities()),
                    (self.env._("Cured On"), self._form_date(self.cured_on)),
                    (self.env._("Cause"), self.cause_id.name),
                    (self.env._("Responsible Party"), self._form_responsible()),
                ],
                title=title,
            ),
            self._form_text(
                self.env._("Summary of deviations from the contract"), self.summary
            ),
            self._form_text(self.env._("Analysis of the cause"), self.cause_note),
        ]

    def _form_actions(self):
        return self._form_table(
            "actions",
            False,
            [
                Column(
                    self.env._("Action"),
                    46,
                    lambda action: "\n".join(filter(None, (action.name, action.note))),
                ),
                Column(self.env._("Owner"), 18, lambda action: action.user_id.name),
                Column(self.env._("Deadline"), 13, "date_deadline", "date"),
                Column(self.env._("Done"), 13, "done_on", "date"),
                Column(
                    self.env._("Status"),
                    10,
                    lambda action: action._contract_state_label(),
                ),
            ],
            self.sudo().action_ids,
        )

    def _form_boxes(self, *choices):
        """Choices with their boxes, ticked or not."""
        return "  ".join(f"{label}{'☑' if on else '□'}" for label, on in choices)

    def _form_severities(self):
        """Every severity with its box."""
        self.ensure_one()
        labels = dict(self._fields["severity"]._description_selection(self.env))
        return self._form_boxes(
            *((labels[key], self.severity == key) for key, _label in SEVERITIES)
        )

    def _form_has_files(self):
        return bool(self._family().sudo().attachment_ids)

    def _form_term(self):
        """The term in the form's language; its text of the day without it."""
        self.ensure_one()
        return self.term_id.sudo().display_name or self.term_name or ""

    def _form_responsible(self):
        self.ensure_one()
        return " · ".join(
            filter(
                None,
                (
                    self._form_label("responsible_party"),
                    self.department_id.sudo().name,
                ),
            )
        )

    def _form_impact(self):
        """What is at stake: days and amount."""
        self.ensure_one()
        parts = []
        if self.impact_days:
            parts.append(self.env._("%(days)s days", days=self.impact_days))
        if self.impact_amount:
            parts.append(self._form_amount(self.impact_amount))
        return " · ".join(parts)

    def _form_fact(self, side):
        """What was agreed, or what happened, in the words of the form."""
        self.ensure_one()
        figure = ""
        if self.agreed_quantity or self.actual_quantity:
            figure = self._quantity_text(self[f"{side}_quantity"])
        elif self.agreed_amount or self.actual_amount:
            figure = self._form_amount(self[f"{side}_amount"])
        day = self._form_date(self[f"{side}_date"])
        return " · ".join(filter(None, (figure, day)))

    def _form_variance(self):
        """By how much it departs: quantity or amount, and days."""
        self.ensure_one()
        parts = []
        if self.agreed_quantity or self.actual_quantity:
            quantity = self.actual_quantity - self.agreed_quantity
            parts.append(quantity and self._form_quantity(quantity))
        elif self.agreed_amount or self.actual_amount:
            amount = self.actual_amount - self.agreed_amount
            parts.append(self._form_amount(amount, zero=False))
        if self.impact_days:
            parts.append(self.env._("%(days)s days", days=self.impact_days))
        return " · ".join(filter(None, parts))

    def _form_decided(self):
        """The decision with the leader's words; what is only oral says so."""
        self.ensure_one()
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
        self.ensure_one()
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

    def _form_ended(self):
        if self.state != "cancelled":
            return super()._form_ended()
        return self.env._("Cancelled: %(reason)s", reason=self.ended_reason)

    def _form_signatures(self):
        """Who signs: title, name and day from the evidence, or empty to sign by
        hand."""
        self.ensure_one()
        document = self.sudo()
        leaders = document._approval_leading().filtered(
            lambda s: s.state in ("approved", "refused")
        )
        leader = leaders[-1:]
        heads = document.step_ids.filtered(
            lambda s: (
                s.round == document.approval_round
                and s.state == "approved"
                and s.origin != "added"
                and s.sequence < leader.sequence
            )
        )[:1]
        leader_title = self.env._("Leader")
        submitted = document.approval_round and document.submitted_on
        return [
            {
                "title": title,
                "name": name or "",
                "date": self._form_day(day) or "",
                "note": title == leader_title
                and self.approval_provisional
                and self.env._("orally, not confirmed yet"),
            }
            for title, name, day in (
                (
                    self.env._("Handler"),
                    submitted and (self.user_name or document.user_id.name),
                    submitted,
                ),
                (
                    self.env._("Preparer"),
                    submitted and document.submitted_by_id.name,
                    submitted,
                ),
                (
                    self.env._("Head of Department"),
                    heads.decided_by_name,
                    heads.decided_on,
                ),
                (
                    leader_title,
                    format_list(self.env, leaders.mapped("decided_by_name")),
                    leader.decided_on,
                ),
                (self.env._("Verifier"), self.verified_by_name, self.verified_on),
            )
        ]
