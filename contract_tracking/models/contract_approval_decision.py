from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .contract_guard import guarded, unguarded


class ContractApprovalMixin(models.AbstractModel):
    """What approvers do with a document: approve, refuse, return (退回修改), transfer
    (转办), add an approver (加签), inform (知会), decide on the phone."""

    _inherit = "contract.approval.mixin"

    def action_approve(self, comment=False, outcome=False):
        """Approve what waits for the user; confirm what he decided orally.

        :param outcome: a key of :meth:`_approval_outcomes`; anything but the plain
            approval needs a comment
        :raise UserError: if nothing waits for his decision
        """
        self.check_access("read")
        outcome = outcome or "accept"
        for document in self:
            if outcome not in document._approval_outcomes():
                raise UserError(self.env._("Choose how you approve."))
        if outcome != "accept":
            self._approval_require_comment(comment)
        self._approval_decide("approved", comment, outcome)
        return True

    def action_refuse(self, comment=False):
        """Refuse, with a comment: nobody else has to decide any more.

        :raise UserError: without comment, or if nothing waits for his decision
        """
        self.check_access("read")
        self._approval_require_comment(comment)
        self._approval_decide("refused", comment)
        return True

    def action_return(self, comment=False):
        """Return the document for revision, with a comment; resubmitted it starts a new
        round, the trail of this one stays.

        :raise UserError: without comment, or if nothing waits for his decision
        """
        self.check_access("read")
        self._approval_require_comment(comment)
        self._approval_decide("returned", comment)
        return True

    def _approval_require_comment(self, comment):
        if not isinstance(comment, str) or not comment.strip():
            raise UserError(
                self.env._("Say why in a comment: it stands with your decision.")
            )

    def _steps_of(self, user, pending):
        """Which of the pending steps a user may decide: his own, and those that he gave
        to somebody else for the time of his absence."""
        self.ensure_one()
        if not self._approval_may_decide(user):
            return pending.browse()
        return pending.filtered(lambda s: user in (s.user_id | s.absent_id))

    def _approval_decide(self, decision, comment, outcome=False):
        """Note the user's decision on the steps that wait for him and go on."""
        self._approval_lock()
        user = self.env.user
        for document in unguarded(self.sudo()):
            provisional = document.step_ids.filtered(
                lambda s: (
                    s.oral_state == "provisional" and user in (s.user_id | s.absent_id)
                )
            )
            if provisional and document.approval_state != "pending":
                document._approval_answer_oral(provisional, decision, comment)
                continue
            document._approval_check_contract()
            pending = document.step_ids.filtered(lambda s: s.state == "pending")
            steps = document._steps_of(user, pending)
            if not steps and provisional:
                document._approval_answer_oral(provisional, decision, comment)
                continue
            if not steps:
                raise UserError(document._approval_not_pending())
            document._approval_note(steps, decision, comment, outcome, decided_by=user)
        unguarded(self.sudo())._approval_activity_update()

    def _approval_note(self, steps, decision, comment, outcome, decided_by, **oral):
        """Write a decision on steps and go on with the document."""
        self.ensure_one()
        steps.write(
            {
                "state": decision,
                "outcome": outcome if decision == "approved" else False,
                "comment": comment,
                "decided_by_id": decided_by.id,
                "decided_by_name": decided_by.name,
                "decided_on": fields.Datetime.now(),
                **oral,
            }
        )
        # who decided himself after all didn't decide on his own behalf
        self._approval_log(steps[:1])
        if decision == "approved":
            rest = self.step_ids.filtered(
                lambda s: s.state == "pending" and s.mode == "any"
            )
            rest.filtered(lambda s: s.slot in steps.mapped("slot")).write(
                {"state": "skipped"}
            )
            self._approval_next()
        else:
            self._approval_close("skipped", decision)
            if decision == "refused":
                self._approval_refused()
            else:
                self._approval_returned()

    def _approval_next(self):
        """Ask the next approvers once nobody of the present order is to decide."""
        self.ensure_one()
        steps = self.step_ids.filtered(lambda s: s.round == self.approval_round)
        if steps.filtered(lambda s: s.state == "pending"):
            return
        waiting = steps.filtered(lambda s: s.state == "waiting")
        if waiting:
            order = min(waiting.mapped("sequence"))
            waiting.filtered(lambda s: s.sequence == order)._open()
            return
        self.approval_state = "approved"
        self._approval_approved()
        self._approval_tell_requester()

    def _approval_close(self, step_state, approval_state):
        """End the round: nobody else has to decide."""
        self.ensure_one()
        self.step_ids.filtered(lambda s: s.state in ("pending", "waiting")).write(
            {"state": step_state}
        )
        self.approval_state = approval_state
        if approval_state != "withdrawn":
            self._approval_tell_requester()

    def _approval_not_pending(self):
        """Why the user has nothing to decide here."""
        self.ensure_one()
        last = self.sudo().step_ids.filtered("decided_on").sorted("decided_on")[-1:]
        if self.approval_state != "pending" and last:
            return self.env._(
                "%(document)s is decided already: %(user)s, %(decision)s.",
                document=self.display_name,
                user=last.decided_by_name,
                decision=last.decision_text,
            )
        if self.approval_state != "pending":
            return self.env._(
                "%(document)s is not waiting for a decision.",
                document=self.display_name,
            )
        if not self._approval_may_decide(self.env.user):
            return self.env._(
                "You can't decide on %(document)s: you ask for the decision yourself.",
                document=self.display_name,
            )
        return self.env._(
            "%(document)s doesn't wait for you. %(hint)s",
            document=self.display_name,
            hint=self.approval_hint or "",
        )

    def _approval_conclusion(self):
        """The step that concluded the last round, empty while it goes on."""
        self.ensure_one()
        steps = self.step_ids.filtered(
            lambda s: s.round == self.approval_round and s.decided_on
        )
        return steps.sorted(lambda s: (s.decided_on, s.sequence, s.id))[-1:]

    # ------------------------------------------------------------------
    # Transfer, add, inform, remind
    # ------------------------------------------------------------------

    def _approval_transfer(self, user, comment):
        """Let somebody else decide in the user's place (转办)."""
        self.check_access("read")
        self._approval_lock()
        for document in unguarded(self.sudo()):
            pending = document.step_ids.filtered(lambda s: s.state == "pending")
            steps = document._steps_of(self.env.user, pending)
            if not steps:
                raise UserError(document._approval_not_pending())
            document._approval_check_new(user)
            values = [
                {
                    **document._approval_step_vals(step, user),
                    "slot": step.slot,
                    "mode": step.mode,
                    "name": step.name,
                    "origin": "transfer",
                }
                for step in steps
            ]
            steps.write(
                {
                    "state": "transferred",
                    "comment": comment,
                    "decided_by_id": self.env.uid,
                    "decided_by_name": self.env.user.name,
                    "decided_on": fields.Datetime.now(),
                }
            )
            new = steps.create(values)
            document._approval_check_readers(user)
            new._open()
            document._approval_log(steps[:1], user)
        unguarded(self.sudo())._approval_activity_update()

    def _approval_add(self, user, comment):
        """Ask one more approver beside the user; both have to agree (加签)."""
        self.check_access("read")
        self._approval_lock()
        for document in unguarded(self.sudo()):
            pending = document.step_ids.filtered(lambda s: s.state == "pending")
            step = document._steps_of(self.env.user, pending)[:1]
            if not step:
                raise UserError(document._approval_not_pending())
            document._approval_check_new(user)
            new = step.create(
                {
                    **document._approval_step_vals(step, user),
                    "slot": max(document.step_ids.mapped("slot")) + 1,
                    "mode": "all",
                    "name": self.env._("Added by %(user)s", user=self.env.user.name),
                    "origin": "added",
                }
            )
            document._approval_check_readers(user)
            new._open()
            document._approval_post(
                lambda env, name=user.name, comment=comment: (
                    env._("Additional approver: %(user)s", user=name)
                    + (f" – {comment}" if comment else "")
                )
            )
        unguarded(self.sudo())._approval_activity_update()

    def _approval_check_new(self, user):
        """Raise if somebody can't be brought in to decide."""
        self.ensure_one()
        if not user or user.share or not user.active:
            raise UserError(self.env._("Choose a colleague who is to decide."))
        if not self._approval_may_decide(user):
            raise UserError(
                self.env._(
                    "%(user)s asks for this decision and can't decide it himself.",
                    user=user.name,
                )
            )
        if user in self.step_ids.filtered(
            lambda s: s.state in ("pending", "waiting")
        ).mapped("user_id"):
            raise UserError(
                self.env._(
                    "%(user)s is to decide on %(document)s already.",
                    user=user.name,
                    document=self.display_name,
                )
            )

    def _approval_step_vals(self, step, user):
        return {
            **self._contract_parent_vals(),
            "res_model": self._name,
            "res_id": self.id,
            "res_name": self.display_name,
            "kind": step.kind,
            "round": step.round,
            "sequence": step.sequence,
            "rule_id": step.rule_id.id,
            "line_id": step.line_id.id,
            "escalate_user_id": step.escalate_user_id.id,
            "amount": step.amount,
            "currency_id": step.currency_id.id,
            "severity": step.severity,
            "origin_user_id": self.env.uid,
            "user_id": user.id,
            "user_name": user.name,
        }

    def _approval_inform(self, users, comment):
        """Let others know (知会): they decide nothing."""
        self.check_access("read")
        for document in self:
            document.sudo()._approval_check_readers(users)
            document.sudo()._approval_notify(
                users,
                lambda env, d=document, comment=comment: (
                    env._(
                        "For your information: %(document)s.", document=d.display_name
                    )
                    + (f" {comment}" if comment else "")
                ),
            )

    def action_remind(self):
        """Remind those who are to decide (催办); for who follows the contract.

        :raise UserError: if nobody is to decide
        """
        self.check_access("write")
        for document in self:
            pending = document.sudo().step_ids.filtered(lambda s: s.state == "pending")
            if not pending:
                raise UserError(document._approval_not_pending())
            document.sudo()._approval_notify(
                pending.user_id,
                lambda env, d=document: env._(
                    "%(user)s asks for your decision on %(document)s.",
                    user=env.user.name,
                    document=d.display_name,
                ),
            )
        return True

    # ------------------------------------------------------------------
    # Decisions on the phone
    # ------------------------------------------------------------------

    def _approval_may_record_oral(self, step, user):
        """Whether a user may write down what the approver of a step said: an officer
        whom the rule names, below its amount, never who asks."""
        self.ensure_one()
        line = step.line_id
        return (
            line.oral_allowed
            and user in line.oral_user_ids
            and user not in self.sudo()._approval_requester()
            and user not in (step.user_id | step.absent_id)
            and step.currency_id.compare_amounts(step.amount, line.oral_limit) < 0
        )

    def _approval_record_oral(self, step, approved, moment, means, comment):
        """Write down what an approver decided orally; it is provisional until he
        confirms it within the hours of the company's setting.

        :param moment: when he said so, UTC
        :param means: how: by phone, in a meeting
        """
        self.ensure_one()
        self.check_access("read")
        self._approval_lock()
        document = unguarded(self.sudo())
        step = unguarded(step.sudo())
        document._approval_check_contract()
        if step not in document.step_ids or step.state != "pending":
            raise UserError(document._approval_not_pending())
        if not document._approval_may_record_oral(step, self.env.user):
            raise UserError(
                self.env._(
                    "The approval rule doesn't let you record an oral decision of "
                    "%(user)s on this document.",
                    user=step.user_name,
                )
            )
        asked = step.pending_on.replace(second=0)
        if not moment or moment > fields.Datetime.now() or moment < asked:
            raise UserError(
                self.env._(
                    "He must have decided after he was asked and before now: check the "
                    "time."
                )
            )
        self._approval_require_comment(means)
        if not approved:
            self._approval_require_comment(comment)
        hours = document.company_id.sudo().contract_oral_hours
        document._approval_note(
            step,
            "approved" if approved else "refused",
            comment,
            "accept",
            decided_by=step.user_id,
            oral=True,
            oral_by_id=self.env.uid,
            oral_by_name=self.env.user.name,
            oral_on=moment,
            oral_means=means,
            oral_state="provisional",
            oral_deadline=fields.Datetime.now() + timedelta(hours=hours),
        )
        document._approval_activity_update()
        return guarded(self)

    def _approval_answer_oral(self, steps, decision, comment):
        """The approver confirms what was recorded for him, or says that he didn't
        decide so: then the document goes back for revision."""
        self.ensure_one()
        confirmed = all(step.state == decision for step in steps)
        steps.write(
            {
                "oral_state": "confirmed" if confirmed else "denied",
                "oral_answered_on": fields.Datetime.now(),
            }
        )
        self._approval_post(
            lambda env, user=self.env.user, confirmed=confirmed, comment=comment: (
                env._("%(user)s confirmed his oral decision.", user=user.name)
                if confirmed
                else env._(
                    "%(user)s denied the oral decision: %(comment)s",
                    user=user.name,
                    comment=comment or "–",
                )
            )
        )
        if not confirmed:
            self._approval_close("skipped", "returned")
            self._approval_returned()
