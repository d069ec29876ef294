from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.guard import unguarded
from .contract_deviation import EDITABLE_STATES, OPEN_STATES, PLANNING_STATES

BUSINESS = "contract_tracking.group_contract_business"
LEADER = "contract_tracking.group_contract_leader"


class ContractDeviation(models.Model):
    """The life of a deviation around its decision: executed, its result reported,
    verified by somebody else, closed; or waived, cancelled (D9 §3.3, §6.3).

    Each step checks in Python who takes it and from which state, for the superuser as
    well. Deviations that are covered by the report of another one follow it. Nothing
    that ended is reopened.
    """

    _inherit = "contract.deviation"

    # ------------------------------------------------------------------
    # The steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        cancelled = self._contract_cancelled()
        return {
            **super()._contract_next_states(),
            "analysed": {"detected": "_refuse_work"},
            "reported": {"executing": "_refuse_work"},
            "executing": {"reported": "_refuse_verify"},
            "closed": {"reported": "_refuse_verify"},
            "waived": dict.fromkeys(
                ("detected", "analysed", "executing", "reported"), "_refuse_waive"
            ),
            "cancelled": dict.fromkeys(
                OPEN_STATES if cancelled else EDITABLE_STATES, "_refuse_cancel"
            ),
        }

    def _reason_steps(self):
        step = self._reason_step
        # what the daily run found is cured by it as well
        asks = () if any(self.mapped("detect_key")) else ("date",)
        return {
            **super()._reason_steps(),
            "report": step(
                self.env._("Report the result"),
                "_report",
                "attachments",
                *asks,
                date=self.env._("Cured On"),
            ),
            "verify": step(self.env._("Verify and close"), "_verify"),
            "send_back": step(self.env._("Send back: not verified"), "_send_back"),
            "waive": step(self.env._("Waive"), "_waive", "attachments"),
            "cancel": step(self.env._("Cancel as false"), "_dismiss", "attachments"),
            "hand_over": step(
                self.env._("Hand over"),
                "_hand_over",
                "user",
                user=self.env._("New Handler"),
            ),
        }

    def _reason_note(self, step):
        """The decision that was carried out, its result, and what is still open."""
        if step not in ("report", "verify", "send_back") or len(self) != 1:
            return super()._reason_note(step)
        parts = [self._form_label("decision"), self.decision_text]
        if step != "report":
            parts.append(self.result)
        if step == "verify" and self.not_cured:
            parts.append(
                self.env._(
                    "Not cured: what was agreed is still not fulfilled. Close it only "
                    "if the decision says so, and say why."
                )
            )
        return "\n".join(filter(None, parts)) or False

    def _report(self, reason, attachments=None, date=False):
        """Report how the decision was carried out.

        :param date: since when it is cured, if nobody finds that by himself
        :raise UserError: while actions are open
        """
        self._contract_begin("reported", "write")
        opened = self.sudo().action_ids.filtered(lambda a: a.state == "open")
        if opened:
            raise UserError(
                self.env._(
                    "“%(action)s” is not done yet: report the result when every action "
                    "is done or dropped.",
                    action=opened[0].name,
                )
            )
        if self.detect_key:
            date = False
        if date and date > self.company_id._contract_today():
            raise UserError(
                self.env._("It can't have been cured on a day in the future.")
            )
        self._move(
            "reported",
            result=reason,
            reported_by_id=self.env.uid,
            reported_by_name=self.env.user.name,
            reported_on=fields.Datetime.now(),
            involved_ids=self._involve(self.env.user),
            **({"cured_on": date} if date else {}),
        )
        self._keep_files(attachments, "result_attachment_ids")
        self._post(self.env._("Result: %(text)s", text=reason))

    def _verify(self, reason):
        """Close the deviation: its result is verified by somebody who had no part in
        it. What is not cured says so and needs the reason as well."""
        self._contract_begin("closed")
        if self.approval_provisional:
            raise UserError(
                self.env._(
                    "The decision was given orally and is not confirmed yet: "
                    "%(deviation)s can't be closed before.",
                    deviation=self.display_name,
                )
            )
        self._move(
            "closed",
            verification=reason,
            verified_by_id=self.env.uid,
            verified_by_name=self.env.user.name,
            verified_on=fields.Datetime.now(),
        )
        if self.cured_on:
            self._post(self.env._("Verified: %(text)s", text=reason))
        else:
            self._post(self.env._("Verified, not cured: %(text)s", text=reason))

    def _send_back(self, reason):
        """The result is not what was decided: it is executed on."""
        self._contract_begin("executing")
        self._move(
            "executing",
            sent_back_reason=reason,
            sent_back_on=self.company_id._contract_today(),
        )
        self._post(self.env._("Not verified: %(text)s", text=reason))

    def _waive(self, reason, attachments=None):
        """Give the deviation up: the business office or a leader, once it is decided
        only a leader; never who handles, wrote or analysed it."""
        self._contract_begin("waived")
        self._end("waived", reason, attachments, self._waive_authority(self.env.user))

    def _dismiss(self, reason, attachments=None):
        """Cancel what is no deviation: the handler's office or the business office,
        before the decision. On a cancelled contract at any time."""
        self._contract_begin("cancelled")
        if self.approval_state == "pending":
            unguarded(self.sudo())._approval_close("withdrawn", "withdrawn")
        self._end("cancelled", reason, attachments, self._office_label(self.env.user))

    def _close_agreed(self, text, step):
        """Close what both sides agreed on and nobody decided yet: the decision on the
        agreement is the decision. What is decided goes on and is verified.

        :param step: the approval step in which the agreement was decided
        """
        undecided = self.filtered(
            lambda d: (
                # found, or taken for what was found: not what somebody calls so
                d.detect_key == f"order:{d.order_id.id}"
                and (
                    d.state in EDITABLE_STATES
                    # a report that asks for other things too is decided on
                    or d.state == "submitted"
                    and not (d.lead_id or d)._family() - self
                )
            )
        )
        apart = (undecided.included_ids - undecided) | undecided.filtered(
            lambda d: d.lead_id and d.lead_id not in undecided
        )
        unguarded(apart.sudo()).write({"lead_id": False})
        pending = undecided.filtered(lambda d: d.approval_state == "pending")
        unguarded(pending.sudo())._approval_close("skipped", "withdrawn")
        undecided._move(
            "closed",
            verification=text,
            verified_by_id=step.decided_by_id.id,
            verified_by_name=step.decided_by_name,
            verified_on=fields.Datetime.now(),
        )

    def _end(self, state, reason, attachments, authority):
        self._move(
            state,
            ended_reason=reason,
            ended_by_id=self.env.uid,
            ended_by_name=self.env.user.name,
            ended_authority=authority,
            ended_on=fields.Datetime.now(),
        )
        self._keep_files(attachments, "ended_attachment_ids")
        self._post(self.env._("Reason: %(text)s", text=reason))

    def _hand_over(self, reason, user=None):
        """Give the deviation to another handler, in any state that is open."""
        self.ensure_one()
        self.check_access("read")
        self._contract_check_refusal("_refuse_hand_over")
        if not user or user == self.user_id:
            raise UserError(self.env._("Choose who handles it from now on."))
        before = self.user_id
        family = unguarded(self._family().sudo())
        family.write({"user_id": user.id, "user_name": user.name})
        if self.state not in EDITABLE_STATES:
            family.write({"involved_ids": self._involve(before)})
        deviation = self.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids
        )
        self.env.flush_all()
        if not deviation.has_access("write"):
            raise UserError(
                self.env._(
                    "%(user)s doesn't follow this contract: he can't handle "
                    "%(deviation)s.",
                    user=user.name,
                    deviation=self.display_name,
                )
            )
        self._post(
            self.env._(
                "Handed over from %(before)s to %(after)s: %(text)s",
                before=before.name or "–",
                after=user.name,
                text=reason,
            )
        )

    # ------------------------------------------------------------------
    # Why the user can't take a step, as a sentence, or False
    # ------------------------------------------------------------------

    def _refuse_member(self):
        """What is covered by the report of another one is decided there."""
        if not self.lead_id:
            return False
        return self.env._(
            "%(deviation)s is decided with %(lead)s: take the step there.",
            deviation=self.display_name,
            lead=self.lead_id.display_name,
        )

    def _refuse_cancelled(self):
        """Nothing is decided or executed on a cancelled contract any more."""
        if not self._contract_cancelled():
            return False
        return self.env._(
            "%(contract)s was cancelled: there is nothing to decide or to execute any "
            "more. Cancel %(deviation)s instead.",
            contract=self._contract_parent().sudo().display_name,
            deviation=self.display_name,
        )

    def _refuse_work(self):
        return self._refuse_member() or self._refuse_cancelled()

    def _refuse_verify(self):
        """Verified by somebody who had no part in it."""
        refusal = self._refuse_work()
        if refusal:
            return refusal
        user = self.env.user
        if user in self.sudo()._executors():
            return self.env._(
                "You handled, executed or reported %(deviation)s yourself: somebody "
                "else verifies it.",
                deviation=self.display_name,
            )
        if user == self._supervisor() or self._is_head(user) or user.has_group(LEADER):
            return False
        return self.env._(
            "A deviation is verified by the contract's supervisor, the head of the "
            "office, the business office or a leader."
        )

    def _refuse_waive(self):
        """Waived by a leader, before the decision also by the business office; never by
        who had a part in it."""
        refusal = self._refuse_member()
        if refusal or self._waive_authority(self.env.user):
            return refusal
        return self.env._(
            "A deviation is waived by a leader, before it is decided also by the "
            "business office, and never by who handles, wrote or analysed it."
        )

    def _refuse_cancel(self):
        """Cancelled by the office that handles it."""
        refusal = self._refuse_member()
        if refusal or self._is_office(self.env.user):
            return refusal
        return self.env._(
            "A deviation is cancelled by the handler's office or by the business "
            "office."
        )

    def _refuse_hand_over(self):
        """Handed over in any open state, by who leads."""
        if self.state not in OPEN_STATES:
            return self._contract_wrong_state(OPEN_STATES)
        refusal = self._refuse_member() or self._approval_refuse_handler()
        if refusal or self._is_head(self.env.user):
            return refusal
        return self.env._(
            "The head of the office or the business office hands deviations over."
        )

    # ------------------------------------------------------------------
    # Its actions
    # ------------------------------------------------------------------

    def _action_check_plan(self):
        self.check_access("write")
        self._contract_check_refusal("_refuse_member")
        self._contract_check_state(*PLANNING_STATES)
        return super()._action_check_plan()

    def _action_planned(self):
        """The plan is decided on with the report: who makes it has a part in it."""
        undecided = self.filtered(lambda d: d.state in EDITABLE_STATES)
        undecided._approval_involve(dict.fromkeys(undecided, self.env.user))
        return super()._action_planned()

    def _action_is_decided(self):
        return self.state not in EDITABLE_STATES

    def _action_refuse_execution(self):
        if self.state != "executing":
            return self._contract_wrong_state(("executing",))
        return self._refuse_cancelled() or super()._action_refuse_execution()

    def _action_refuse_drop(self):
        if self._is_office(self.env.user):
            return super()._action_refuse_drop()
        return self.env._(
            "An action is dropped by the handler's office or by the business office."
        )

    def _action_finished(self, action):
        unguarded(self.sudo()).write({"involved_ids": self._involve(action.user_id)})
        return super()._action_finished(action)

    def _actions_changed(self):
        self._sync_activities()
        return super()._actions_changed()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        """Deviations that this person handles; what is being decided stays with who
        asked for it."""
        return Domain(
            [
                ("user_id", "=", user.id),
                ("state", "in", OPEN_STATES),
                ("approval_state", "!=", "pending"),
            ]
        )

    def _handover(self, handover):
        decided = self.filtered(lambda d: d.state not in EDITABLE_STATES)
        unguarded(decided).write(
            {
                "user_name": handover.to_user_id.name,
                "involved_ids": self._involve(handover.from_user_id),
            }
        )
        return super()._handover(handover)

    def _contract_cancelled(self):
        parent = self._contract_parent().sudo()
        return bool(parent) and parent._contract_is_cancelled()

    def _family(self):
        """The deviations of the report: the lead and those that it covers."""
        return self | self.included_ids

    def _move(self, state, **vals):
        """Bring a report, with all that it covers, into a state."""
        unguarded(self._family().sudo()).write(
            {"state": state, "reminded_on": False, "escalated_on": False, **vals}
        )
        self._sync_activities()

    def _involve(self, users):
        return [Command.link(user.id) for user in users]

    def _keep_files(self, attachments, fname):
        if attachments:
            # what becomes evidence is taken from where it was
            attachments.check_access("write")
            document = unguarded(self.sudo())
            document[fname] |= attachments

    def _post(self, body):
        self.sudo().message_post(body=body)

    def _executors(self):
        """Who had a part in it and so can't verify it."""
        self.ensure_one()
        return (
            self.involved_ids
            | self._family().user_id
            | self.submitted_by_id
            | self.reported_by_id
            | self.action_ids.filtered(lambda a: a.state != "dropped").user_id
            | self.action_ids.done_by_id
        )

    def _own_actions(self, user):
        """The open actions that a user is to do now."""
        self.ensure_one()
        return self.action_ids.filtered(
            lambda a: (
                self.state == "executing" and a.state == "open" and a.user_id == user
            )
        )

    def _is_head(self, user):
        """Whether a user leads the office of the contract or is of the business
        office."""
        return self._contract_parent()._contract_is_head(user)

    def _is_office(self, user):
        """Whether a user is of the contract's office, with that role, or of the
        business office."""
        self.ensure_one()
        team = self._contract_parent().sudo().team_id
        return self._is_head(user) or (
            user.has_group("contract_tracking.group_contract_office")
            and user in team.crm_team_member_ids.user_id
        )

    def _office_label(self, user):
        if user.has_group(BUSINESS):
            return self.env._("Business Office")
        return self._contract_parent().sudo().team_id.name

    def _waive_authority(self, user):
        """The role in which a user may waive the deviation, or False."""
        self.ensure_one()
        if user in self.sudo()._approval_parties():
            return False
        if user.has_group(LEADER):
            return self.env._("Leader")
        if self.state in EDITABLE_STATES and user.has_group(BUSINESS):
            return self.env._("Business Office")
        return False

    def _supervisor(self):
        self.ensure_one()
        order = self.order_id.sudo()
        return order.contract_supervisor_id or self.frame_id.sudo().supervisor_id
