from odoo import api, fields, models
from odoo.exceptions import UserError

from .contract_deviation import EDITABLE_STATES, OPEN_STATES
from .contract_evidence import own_attachments
from .contract_guard import unguarded


class ContractDeviation(models.Model):
    """The life of a deviation after its decision: executed, its result reported,
    verified by somebody else, closed; or waived, cancelled (D9 §3.3, §6.3).

    Each step checks in Python who takes it and from which state. Deviations that are
    covered by the report of another one follow it. Nothing that ended is reopened.
    """

    _inherit = "contract.deviation"

    decision = fields.Selection(
        [
            ("accept", "Accepted"),
            ("accept_changed", "Accepted with changes"),
            ("reject", "Rejected"),
        ],
        string="Leader's Decision",
        readonly=True,
        copy=False,
        tracking=True,
    )
    decision_text = fields.Text(
        string="Words of the Decision",
        readonly=True,
        copy=False,
        help="As the leader wrote them; they never change. Decisions of earlier rounds "
        "stand in the approval trail.",
    )
    decided_by_name = fields.Char(string="Decided By", readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    result = fields.Text(
        string="Execution and Result",
        readonly=True,
        copy=False,
        help="How the decision was carried out, and what came of it.",
    )
    result_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_result_rel",
        string="Evidence of the Result",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    reported_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    reported_by_name = fields.Char(
        string="Reported By (Name)", readonly=True, copy=False
    )
    reported_on = fields.Datetime(readonly=True, copy=False)
    sent_back_reason = fields.Text(
        string="Not Verified Because", readonly=True, copy=False
    )
    sent_back_on = fields.Date(readonly=True, copy=False)
    verification = fields.Text(readonly=True, copy=False)
    verified_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    verified_by_name = fields.Char(
        string="Verified By (Name)", readonly=True, copy=False
    )
    verified_on = fields.Datetime(readonly=True, copy=False)
    ended_reason = fields.Text(string="Reason", readonly=True, copy=False)
    ended_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    ended_by_name = fields.Char(string="Ended By (Name)", readonly=True, copy=False)
    ended_authority = fields.Char(
        string="Authority",
        readonly=True,
        copy=False,
        help="In which role it was waived or cancelled.",
    )
    ended_on = fields.Datetime(readonly=True, copy=False)
    ended_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_ended_rel",
        string="Evidence of the Reason",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    involved_ids = fields.Many2many(
        "res.users",
        "contract_deviation_involved_rel",
        string="Worked On It",
        readonly=True,
        copy=False,
        help="Who handled, executed or reported it: none of them verifies it.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Whoever reports a deviation from a term, a delivery or an invoice doesn't
        have to say what that belongs to."""
        values = super().default_get(fields_list)
        term = self.env["contract.term"].browse(values.get("term_id"))
        picking = self.env["stock.picking"].browse(values.get("picking_id"))
        move = self.env["account.move"].browse(values.get("move_id"))
        if term:
            values.update(
                order_id=term.order_id.id,
                frame_id=term.frame_id.id,
                line_id=term.line_id.id,
                kind={
                    "delivery": "late_delivery",
                    "payment": "late_payment",
                    "milestone": "milestone_late",
                    "document": "document_missing",
                }.get(term.kind, "other"),
            )
        elif picking:
            values.update(
                order_id=picking.sale_id.id,
                kind="returned" if picking.return_id else "rejected",
            )
        elif move:
            values.update(
                order_id=move.line_ids.sale_line_ids.order_id[:1].id,
                kind="invoice_mismatch",
            )
        return {name: values[name] for name in values if name in fields_list}

    def copy_data(self, default=None):
        """What the system filled in belongs to this deviation; a copy is reported."""
        frozen = self._frozen_fields()
        return [
            {name: value for name, value in vals.items() if name not in frozen}
            for vals in super().copy_data(default)
        ]

    @api.model_create_multi
    def create(self, vals_list):
        deviations = super().create(vals_list)
        deviations._activity_update()
        return deviations

    def write(self, vals):
        if vals.get("lead_id"):
            self._check_lead_open(vals["lead_id"])
        res = super().write(vals)
        if vals.get("lead_id"):
            for deviation in self:
                unguarded(deviation).write({"state": deviation.lead_id.state})
        if {"user_id", "date", "lead_id"} & vals.keys():
            (self | self.lead_id)._activity_update()
        return res

    def _check_frozen(self, content):
        # actions have guards of their own
        if content := content - {"action_ids"}:
            super()._check_frozen(content)

    def _check_lead_open(self, lead_id):
        """Only what is not submitted yet takes further deviations in."""
        lead = self.browse(lead_id)
        if lead.state not in EDITABLE_STATES:
            raise UserError(
                self.env._(
                    "%(lead)s was submitted: no further deviation can join its report.",
                    lead=lead.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_analyse(self):
        """Record that the deviation is analysed: ready for a recommendation and for
        the leader.

        :raise UserError: if cause, severity or summary are missing
        """
        self.check_access("write")
        self._check_is_lead()
        self._check_state("detected")
        self._check_contract_alive()
        for deviation in self._family():
            deviation._check_analysed()
        self._move("analysed", involved_ids=self._involve(self.env.user))
        return True

    def action_one_report(self):
        """Put the selected deviations of a contract into one report: the most severe
        leads and is decided, the others follow it."""
        self.check_access("write")
        family = self | self.included_ids
        family._check_state(*EDITABLE_STATES)
        if len(self) < 2 or self.lead_id - self:
            raise UserError(
                self.env._(
                    "Select two or more deviations of a contract that are in no report "
                    "with others yet."
                )
            )
        order = list(dict(self._fields["severity"].selection))
        lead = max(
            self,
            key=lambda d: (order.index(d.severity), d.impact_amount, -d.id),
        )
        (family - lead).write({"lead_id": False})
        lead.write({"lead_id": False})
        (family - lead).write({"lead_id": lead.id})
        return lead._open_form()

    def action_take_out(self):
        """Take the deviation out of the report of another one."""
        self.check_access("write")
        self._check_state(*EDITABLE_STATES)
        self.write({"lead_id": False})
        return True

    def action_report(self):
        """Open the screen that asks for the result of the execution."""
        return self._open_step("report")

    def action_verify(self):
        """Open the screen that asks for the note of who verifies the result."""
        return self._open_step("verify")

    def action_not_verified(self):
        """Open the screen that asks why the result is sent back."""
        return self._open_step("send_back")

    def action_waive(self):
        """Open the screen that asks why the deviation is waived."""
        return self._open_step("waive")

    def action_dismiss(self):
        """Open the screen that asks why the deviation is false."""
        return self._open_step("cancel")

    def action_hand_over(self):
        """Open the screen that asks who handles the deviation from now on."""
        return self._open_step("hand_over")

    def action_view_lead(self):
        """Open the report that covers this deviation."""
        self.ensure_one()
        return self.lead_id._open_form()

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
            | self.user_id
            | self.submitted_by_id
            | self.reported_by_id
            | self.action_ids.filtered(lambda a: a.state != "dropped").user_id
            | self.action_ids.done_by_id
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

    def _open_form(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _open_step(self, step):
        self.ensure_one()
        wizard = self.env["contract.deviation.step"]
        labels = dict(wizard._fields["step"]._description_selection(self.env))
        return {
            "type": "ir.actions.act_window",
            "name": labels[step],
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_deviation_id": self.id, "default_step": step},
        }
