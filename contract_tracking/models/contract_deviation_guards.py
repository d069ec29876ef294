from odoo import fields, models
from odoo.exceptions import UserError

from .contract_deviation import EDITABLE_STATES
from .contract_evidence import own_attachments
from .contract_guard import unguarded


class ContractDeviation(models.Model):
    """Who may take which step of a deviation and when; how a report moves with all
    that it covers."""

    _inherit = "contract.deviation"

    # ------------------------------------------------------------------
    # Guards
    # ------------------------------------------------------------------

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for deviation in self:
            if deviation.state not in states:
                raise UserError(
                    self.env._(
                        "%(deviation)s is “%(state)s”: this is possible only for "
                        "deviations that are “%(states)s”.",
                        deviation=deviation.display_name,
                        state=labels[deviation.state],
                        states="”, “".join(labels[state] for state in states),
                    )
                )

    def _check_is_lead(self):
        for deviation in self:
            if deviation.lead_id:
                raise UserError(
                    self.env._(
                        "%(deviation)s is decided with %(lead)s: take the step there.",
                        deviation=deviation.display_name,
                        lead=deviation.lead_id.display_name,
                    )
                )

    def _contract_cancelled(self):
        self.ensure_one()
        if self.frame_id:
            return self.frame_id.sudo().state == "cancelled"
        order = self.order_id.sudo()
        return order.state == "cancel" or order.contract_state == "cancelled"

    def _check_contract_alive(self):
        for deviation in self:
            if deviation._contract_cancelled():
                raise UserError(
                    self.env._(
                        "%(contract)s was cancelled: there is nothing to decide or to "
                        "execute any more. Cancel %(deviation)s instead.",
                        contract=deviation._contract_parent().sudo().display_name,
                        deviation=deviation.display_name,
                    )
                )

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

    def _check_text(self, text):
        if not (text or "").strip():
            raise UserError(self.env._("Say it in words: it is kept as evidence."))

    def _check_verifier(self):
        self.check_access("read")
        self._check_is_lead()
        self._check_state("reported")
        self._check_contract_alive()
        if self.env.user in self.sudo()._executors():
            raise UserError(
                self.env._(
                    "You handled, executed or reported %(deviation)s yourself: "
                    "somebody else verifies it.",
                    deviation=self.display_name,
                )
            )
        if not self._may_verify(self.env.user):
            raise UserError(
                self.env._(
                    "A deviation is verified by the contract's supervisor, the head of "
                    "the office, the business office or a leader."
                )
            )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _family(self):
        """The deviations of the report: the lead and those that it covers."""
        return self | self.included_ids

    def _move(self, state, **vals):
        """Bring a report, with all that it covers, into a state."""
        unguarded(self._family().sudo()).write(
            {"state": state, "reminded_on": False, "escalated_on": False, **vals}
        )
        self._activity_update()

    def _involve(self, users):
        return [fields.Command.link(user.id) for user in users]

    def _keep_files(self, attachments, fname):
        document = unguarded(self.sudo())
        document.write({fname: [fields.Command.link(a.id) for a in attachments]})
        own_attachments(document, fname)

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
        if self.state != "executing":
            return self.action_ids.browse()
        return self.action_ids.filtered(
            lambda a: a.state == "open" and a.user_id == user
        )

    def _is_head(self, user):
        """Whether a user leads the office of the contract or is of the business
        office."""
        self.ensure_one()
        return user == self._contract_parent().sudo().team_id.user_id or user.has_group(
            "contract_tracking.group_contract_business"
        )

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
        if user.has_group("contract_tracking.group_contract_business"):
            return self.env._("Business Office")
        return self._contract_parent().sudo().team_id.name

    def _waive_authority(self, user):
        """The role in which a user may waive the deviation, or False."""
        self.ensure_one()
        if user in (self.user_id | self.sudo().submitted_by_id):
            return False
        if user.has_group("contract_tracking.group_contract_leader"):
            return self.env._("Leader")
        if self.state in EDITABLE_STATES and user.has_group(
            "contract_tracking.group_contract_business"
        ):
            return self.env._("Business Office")
        return False

    def _may_verify(self, user):
        self.ensure_one()
        return (
            user == self._supervisor()
            or self._is_head(user)
            or user.has_group("contract_tracking.group_contract_leader")
        )

    def _supervisor(self):
        self.ensure_one()
        order = self.order_id.sudo()
        return order.contract_supervisor_id or self.frame_id.sudo().supervisor_id
