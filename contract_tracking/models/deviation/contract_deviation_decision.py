from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list

from .contract_deviation import RANKS

# As long as nothing is decided.
NO_DECISION = dict.fromkeys(
    ("decision", "decision_text", "decided_by_name", "decided_on"), False
)


class ContractDeviation(models.Model):
    """A deviation is decided by a leader: accepted, accepted with changes, rejected
    (领导处理决定, D9 §6.3). What he wrote is kept as he wrote it.
    """

    _inherit = "contract.deviation"

    def _approval_outcomes(self):
        return ["accept", "accept_changed"]

    def _approval_parties(self):
        """Of all that is decided with it; whoever analysed it too."""
        family = self._family()
        parties = super()._approval_parties() | family.user_id | family.create_uid
        return parties | family.party_ids

    def _approval_refuse_handler(self):
        if self.lead_id:
            return self.lead_id._approval_refuse_handler()
        return super()._approval_refuse_handler()

    def _approval_amount(self):
        amounts = self._family().mapped("impact_amount")
        return sum(map(abs, amounts)), self.currency_id

    def _approval_severity(self):
        return max(self._family().mapped("severity"), key=RANKS.get)

    def _approval_open_fields(self):
        return super()._approval_open_fields() | {"action_ids"}

    def _approval_content(self):
        """What the handlers say of the reports: figures follow the facts by themselves
        and answer nobody."""

        def words(*texts):
            return [" ".join((text or "").split()) for text in texts]

        content = {deviation: {} for deviation in self}
        for member in self._family():
            lead = member.lead_id if member.lead_id in content else member
            content[lead][member] = [
                *words(
                    member.cause_note,
                    member.recommendation,
                    member.summary != member.proposed_summary and member.summary,
                ),
                member.severity,
                member.responsible_party,
                member.cause_id.id,
                member.department_id.id,
                sorted(member.recommendation_ids.ids),
                sorted(member.attachment_ids.ids),
                [
                    [action.name, action.user_id.id, str(action.date_deadline)]
                    for action in member.action_ids
                    if action.state != "dropped"
                ],
            ]
        return content

    def _approval_check_submit(self):
        res = super()._approval_check_submit()
        for deviation in self:
            deviation._contract_check_refusal("_refuse_member")
            deviation._contract_check_state("analysed")
            for member in deviation._family():
                member._check_analysed()
            said = (deviation.recommendation or "").strip()
            if not said and not deviation.recommendation_ids:
                raise UserError(
                    self.env._(
                        "%(deviation)s: say under “Recommendation” what you ask the "
                        "leader to decide.",
                        deviation=deviation.display_name,
                    )
                )
        return res

    def _check_analysed(self):
        """Raise if the analysis says too little to be decided on."""
        self.ensure_one()
        for fname in ("cause_id", "severity", "summary"):
            value = self[fname]
            if not (value.strip() if isinstance(value, str) else value):
                raise UserError(
                    self.env._(
                        "%(deviation)s: enter “%(field)s” first.",
                        deviation=self.display_name,
                        field=self._fields[fname]._description_string(self.env),
                    )
                )

    def _names_vals(self):
        return {
            **super()._names_vals(),
            "term_name": self.term_id.sudo().display_name or self.term_name,
        }

    def _approval_submitted(self):
        res = super()._approval_submitted()
        # what is taken out of a report was asked for with it
        self._approval_involve(
            {m: m.lead_id._approval_parties() for m in self.included_ids}
        )
        for member in self._family():
            handler = (member.lead_id or member).user_id
            member.write({**member._names_vals(), "user_name": handler.name})
        self._move(
            "submitted", involved_ids=self._involve(self.env.user), **NO_DECISION
        )
        return res

    def _approval_approved(self):
        res = super()._approval_approved()
        self._decided("executing")
        return res

    def _approval_refused(self):
        res = super()._approval_refused()
        self._decided("analysed", "reject")
        return res

    def _approval_returned(self):
        res = super()._approval_returned()
        self._taken_back()
        return res

    def _approval_withdrawn(self):
        res = super()._approval_withdrawn()
        self._taken_back()
        return res

    def _decided(self, state, decision=False):
        """Keep the leader's words beside what they decide. Where several leaders agree
        side by side, each is named with his own; one who asks for changes is enough.

        :param decision: what he chose himself if not given
        """

        def words(deviation):
            steps = deviation._approval_leading()
            outcomes = steps.mapped("outcome")
            said = steps.filtered("comment")
            return (
                decision
                or next(
                    (key for key in outcomes if key not in (False, "accept")), "accept"
                ),
                said.comment
                if len(steps) < 2
                else "\n".join(f"{s.decided_by_name}: {s.comment}" for s in said)
                or False,
                format_list(self.env, steps.mapped("decided_by_name")),
                steps[-1:].decided_on,
            )

        for (decided, text, name, moment), group in self.grouped(words).items():
            group._move(
                state,
                decision=decided,
                decision_text=text,
                decided_by_name=name,
                decided_on=moment,
            )

    def _taken_back(self):
        """Back to its handler: withdrawn, returned, or decided orally as nobody had
        decided. The approval trail keeps what was said."""
        self.filtered(
            lambda d: d.state in ("submitted", "executing", "reported")
        )._move("analysed", **NO_DECISION)
