from odoo import fields, models
from odoo.exceptions import UserError

from .contract_deviation import EDITABLE_STATES, OPEN_STATES
from .contract_guard import unguarded


class ContractDeviation(models.Model):
    """The steps that need words, as :class:`contract.deviation.step` takes them: each
    checks who takes it and from which state, for the superuser as well."""

    _inherit = "contract.deviation"

    # ------------------------------------------------------------------
    # Steps, taken by contract.deviation.step
    # ------------------------------------------------------------------

    def _report(self, text, attachments, cured_on=False):
        """Report how the decision was carried out.

        :raise UserError: while actions are open, or without words
        """
        self.ensure_one()
        self.check_access("write")
        self._check_is_lead()
        self._check_state("executing")
        self._check_contract_alive()
        self._check_text(text)
        opened = self.sudo().action_ids.filtered(lambda a: a.state == "open")
        if opened:
            raise UserError(
                self.env._(
                    "“%(action)s” is not done yet: report the result when every action "
                    "is done or dropped.",
                    action=opened[0].name,
                )
            )
        vals = {}
        if cured_on and not self.detect_key:
            if cured_on > self._contract_parent().sudo()._contract_today():
                raise UserError(
                    self.env._("It can't have been cured on a day in the future.")
                )
            vals["cured_on"] = cured_on
        self._move(
            "reported",
            result=text,
            reported_by_id=self.env.uid,
            reported_by_name=self.env.user.name,
            reported_on=fields.Datetime.now(),
            involved_ids=self._involve(self.env.user),
            **vals,
        )
        self._keep_files(attachments, "result_attachment_ids")
        self._post(self.env._("Result: %(text)s", text=text))

    def _verify(self, text):
        """Close the deviation: its result is verified by somebody who had no part in
        it. What is not cured says so and needs the reason as well."""
        self.ensure_one()
        self._check_verifier()
        self._check_text(text)
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
            verification=text,
            verified_by_id=self.env.uid,
            verified_by_name=self.env.user.name,
            verified_on=fields.Datetime.now(),
        )
        self._post(
            self.env._("Verified: %(text)s", text=text)
            if self.cured_on
            else self.env._("Verified, not cured: %(text)s", text=text)
        )

    def _send_back(self, text):
        """The result is not what was decided: it is executed on."""
        self.ensure_one()
        self._check_verifier()
        self._check_text(text)
        self._move(
            "executing",
            sent_back_reason=text,
            sent_back_on=self._contract_parent().sudo()._contract_today(),
        )
        self._post(self.env._("Not verified: %(text)s", text=text))

    def _waive(self, text, attachments):
        """Give the deviation up, with a reason: the business office or a leader, once
        it is decided only a leader; never its handler."""
        self.ensure_one()
        self.check_access("read")
        self._check_is_lead()
        self._check_state("detected", "analysed", "executing", "reported")
        user = self.env.user
        authority = self._waive_authority(user)
        if not authority:
            raise UserError(
                self.env._(
                    "A deviation is waived by a leader, before it is decided also by "
                    "the business office, and never by its handler."
                )
            )
        self._end("waived", text, attachments, authority)

    def _cancel(self, text, attachments):
        """Cancel what is no deviation, with a reason: the handler's office or the
        business office, before the decision. On a cancelled contract at any time."""
        self.ensure_one()
        self.check_access("read")
        self._check_is_lead()
        if self._contract_cancelled():
            self._check_state(*OPEN_STATES)
        else:
            self._check_state(*EDITABLE_STATES)
        if not self._is_office(self.env.user):
            raise UserError(
                self.env._(
                    "A deviation is cancelled by the handler's office or by the "
                    "business office."
                )
            )
        if self.approval_state == "pending":
            document = unguarded(self.sudo())
            document._approval_close("withdrawn", "withdrawn")
            document._approval_activity_update()
        self._end("cancelled", text, attachments, self._office_label(self.env.user))

    def _end(self, state, text, attachments, authority):
        self._check_text(text)
        self._move(
            state,
            ended_reason=text,
            ended_by_id=self.env.uid,
            ended_by_name=self.env.user.name,
            ended_authority=authority,
            ended_on=fields.Datetime.now(),
        )
        self._keep_files(attachments, "ended_attachment_ids")
        self._post(self.env._("Reason: %(text)s", text=text))

    def _hand_over(self, user, text):
        """Give the deviation to another handler, in any state that is open."""
        self.ensure_one()
        self.check_access("read")
        self._check_is_lead()
        self._check_state(*OPEN_STATES)
        if not self._is_head(self.env.user):
            raise UserError(
                self.env._(
                    "The head of the office or the business office hands deviations "
                    "over."
                )
            )
        self._check_text(text)
        if not user or user == self.user_id:
            raise UserError(self.env._("Choose who handles it from now on."))
        if user in self.sudo().approver_ids:
            raise UserError(
                self.env._(
                    "%(user)s is to decide on %(deviation)s and can't handle it at the "
                    "same time.",
                    user=user.name,
                    deviation=self.display_name,
                )
            )
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
                text=text,
            )
        )
