from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.guard import guarded, unguarded

DECIDE = "contract_tracking.mail_activity_decide"
CONFIRM = "contract_tracking.mail_activity_confirm_oral"


class ContractApprovalMixin(models.AbstractModel):
    """Documents that are decided by others: submit, approve, return, refuse, withdraw
    (D9 §3.3).

    The approval rule that fits is resolved when the document is submitted and frozen in
    :class:`contract.approval.step`: later changes of the rule don't touch it. Models
    that use it are forms on a contract or a frame agreement; they set
    ``_approval_kind`` and override the ``_approval_*`` hooks, which run with the
    addon's own rights.

    What approvers do with a document: approve, refuse, return (退回修改), transfer
    (转办), add an approver (加签), inform (知会), decide on the phone.

    How approvers and requesters hear of a document: activities that are written from
    its steps alone, messages, and the buttons of its views.
    """

    _name = "contract.approval.mixin"
    _inherit = ["contract.frozen.mixin"]
    _description = "Document to Approve"
    # Kind of document in approval rules; models without don't appear there.
    _approval_kind = ""

    approval_state = fields.Selection(
        [
            ("pending", "Being decided"),
            ("approved", "Approved"),
            ("refused", "Refused"),
            ("returned", "Returned for revision"),
            ("withdrawn", "Withdrawn"),
        ],
        string="Approval",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    approval_round = fields.Integer(string="Submitted Times", readonly=True, copy=False)
    submitted_on = fields.Datetime(readonly=True, copy=False)
    submitted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    step_ids = fields.One2many(
        "contract.approval.step",
        "res_id",
        string="Approval Trail",
        domain=lambda self: [("res_model", "=", self._name)],
        readonly=True,
    )
    approver_ids = fields.Many2many(
        "res.users",
        string="To Be Decided By",
        compute="_compute_approval",
        search="_search_approver_ids",
        compute_sudo=True,
    )
    can_decide = fields.Boolean(
        string="Waits for My Decision",
        compute="_compute_approval",
        search="_search_can_decide",
        compute_sudo=True,
    )
    can_confirm_oral = fields.Boolean(
        string="Waits for My Confirmation",
        compute="_compute_approval",
        compute_sudo=True,
    )
    can_record_oral = fields.Boolean(compute="_compute_approval", compute_sudo=True)
    can_withdraw = fields.Boolean(compute="_compute_approval", compute_sudo=True)
    approval_provisional = fields.Boolean(
        string="Decided Orally, Not Confirmed",
        compute="_compute_approval",
        search="_search_approval_provisional",
        compute_sudo=True,
    )
    approval_hint = fields.Char(
        string="How the Approval Stands",
        compute="_compute_approval_hint",
        compute_sudo=True,
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("approval_state", "step_ids.state", "step_ids.oral_state")
    def _compute_approval(self):
        user = self.env.user
        for document in self:
            steps = document.step_ids
            pending = steps.filtered(lambda s: s.state == "pending")
            provisional = steps.filtered(lambda s: s.oral_state == "provisional")
            document.approver_ids = pending.user_id
            document.can_decide = bool(document._steps_of(user, pending))
            document.can_confirm_oral = user in (
                provisional.user_id | provisional.absent_id
            )
            document.can_record_oral = any(
                document._approval_may_record_oral(step, user) for step in pending
            )
            document.can_withdraw = document.approval_state == "pending" and user in (
                document.submitted_by_id | document._approval_requester()
            )
            document.approval_provisional = bool(provisional)

    @api.depends_context("lang", "uid")
    @api.depends("approval_state", "step_ids.state", "step_ids.oral_state")
    def _compute_approval_hint(self):
        for document in self:
            document.approval_hint = document._approval_describe()

    def _search_approver_ids(self, operator, value):
        return self._search_steps(
            Domain("state", "=", "pending") & Domain("user_id", operator, value)
        )

    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_steps(
            Domain("state", "=", "pending")
            & (
                Domain("user_id", "=", self.env.uid)
                | Domain("absent_id", "=", self.env.uid)
            )
        )

    def _search_approval_provisional(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_steps(Domain("oral_state", "=", "provisional"))

    @api.model
    def _search_steps(self, domain):
        steps = self.env["contract.approval.step"].sudo()
        query = steps._search(domain & Domain("res_model", "=", self._name))
        return [("id", "in", query.subselect("res_id"))]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        for document in self:
            if document.approval_state or document.sudo().step_ids:
                raise UserError(
                    self.env._(
                        "%(document)s was submitted: it can't be deleted any more.",
                        document=document.display_name,
                    )
                )

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Put the buttons of the approval into every form and list of the document."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in ("form", "list") and self._approval_kind:
            self._approval_add_buttons(arch, view_type)
        return arch, view

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_submit(self):
        """Ask those for their decision whom the approval rule names.

        :raise UserError: if the document is not ready, no rule fits, or a step finds
            nobody who may decide and can read it
        """
        self.check_access("write")
        self._approval_lock()
        for document in self:
            if document.approval_state in ("pending", "approved"):
                raise UserError(
                    self.env._(
                        "%(document)s was submitted already.",
                        document=document.display_name,
                    )
                )
            document._approval_check_contract()
            document._approval_check_submit()
        documents = unguarded(self.sudo())
        for document in documents:
            document.write(
                {
                    "approval_state": "pending",
                    "approval_round": document.approval_round + 1,
                    "submitted_on": fields.Datetime.now(),
                    "submitted_by_id": self.env.uid,
                }
            )
            document._approval_create_steps()
        documents._approval_submitted()
        for document in documents:
            document._approval_next()
        documents._approval_activity_update()
        return True

    def action_withdraw(self):
        """Take the document back while it is being decided.

        :raise UserError: if it isn't, or if the user didn't submit it
        """
        self.check_access("read")
        self._approval_lock()
        for document in self:
            if document.approval_state != "pending":
                raise UserError(document._approval_not_pending())
            if not document.can_withdraw:
                raise UserError(
                    self.env._(
                        "Only who submitted %(document)s can withdraw it.",
                        document=document.display_name,
                    )
                )
        for document in unguarded(self.sudo()):
            document._approval_close("withdrawn", "withdrawn")
            document._approval_withdrawn()
        unguarded(self.sudo())._approval_activity_update()
        return True

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

    def action_open_refuse(self):
        """Open the window in which the user says why he refuses."""
        return self._approval_wizard("refuse")

    def action_open_return(self):
        """Open the window in which the user says what is to be revised."""
        return self._approval_wizard("return")

    def action_open_decide(self):
        """Open the window of the further ways to decide: with changes, transfer, add an
        approver, inform."""
        return self._approval_wizard("approve")

    def action_open_oral(self):
        """Open the window that records what an approver decided on the phone."""
        return self._approval_wizard("oral")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_frozen(self, content):
        kept = content - self._approval_open_fields()
        for document in self:
            if kept and document.approval_state in ("pending", "approved"):
                raise UserError(
                    self.env._(
                        "%(document)s was submitted and can't be changed. Withdraw it, "
                        "or ask for it to be returned for revision.",
                        document=document.display_name,
                    )
                )
        return super()._check_frozen(content)

    @api.model
    def _outcomes(self):
        """Every way to approve: key and label."""
        return [
            ("accept", self.env._("Approved")),
            ("accept_changed", self.env._("Approved with changes")),
        ]

    def _approval_outcomes(self):
        """Keys of the ways in which this document can be approved, the plain first."""
        return ["accept"]

    def _approval_requester(self):
        """Who asks for the decision and so doesn't decide: users."""
        self.ensure_one()
        return self.user_id | self.submitted_by_id

    def _approval_owner(self):
        """Who is responsible for the contract."""
        self.ensure_one()
        order = self.order_id
        return order.contract_owner_id or order.user_id or self.frame_id.owner_id

    def _approval_amount(self):
        """What is at stake: amount and its currency."""
        self.ensure_one()
        return 0.0, self.currency_id or self.company_id.currency_id

    def _approval_severity(self):
        """Severity of the document: a key of the approval rules, or False."""
        return False

    def _approval_open_fields(self):
        """Names of fields that may be written while it is decided and afterwards."""
        return set()

    def _approval_check_submit(self):
        """Raise if the document is not ready to be decided."""

    def _approval_submitted(self):
        """The document was submitted: freeze what is decided on."""

    def _approval_approved(self):
        """Everybody agreed."""

    def _approval_refused(self):
        """Somebody refused."""

    def _approval_returned(self):
        """It goes back to its author, for revision."""

    def _approval_withdrawn(self):
        """Its author took it back."""

    def _approval_lock(self):
        """Let only one transaction decide a document: a second one that began before
        the first was committed fails when it comes here, is tried again by core and
        then sees what was decided."""
        if self:
            self.flush_recordset(["approval_round"])
            self.env.cr.execute(
                SQL(
                    "UPDATE %s SET approval_round = approval_round WHERE id IN %s",
                    SQL.identifier(self._table),
                    tuple(self.ids),
                )
            )
            self.invalidate_recordset(["approval_state", "approval_round"])
            self.env["contract.approval.step"].invalidate_model(
                ["state", "oral_state"], flush=True
            )

    def _approval_check_contract(self):
        """Nothing is decided on a contract that was cancelled.

        :raise UserError: if it was
        """
        self.ensure_one()
        parent = self._contract_parent().sudo()
        state = parent.contract_state if self.order_id else parent.state
        if state in ("cancelled", "cancel"):
            raise UserError(
                self.env._(
                    "%(contract)s was cancelled: there is nothing to decide any more. "
                    "Cancel or withdraw %(document)s instead.",
                    contract=parent.display_name,
                    document=self.display_name,
                )
            )

    def _approval_company_amount(self):
        """What is at stake in company currency, at today's rate: amount, currency."""
        self.ensure_one()
        amount, currency = self._approval_amount()
        company = self.company_id
        return (
            currency._convert(
                abs(amount),
                company.currency_id,
                company,
                self._contract_parent()._contract_today(),
            ),
            company.currency_id,
        )

    def _approval_may_decide(self, user):
        """Whether a user may decide this document at all: not his own, unless the
        company allows it, and not in another's shoes either."""
        self.ensure_one()
        return (
            self.company_id.sudo().contract_own_decisions
            or user not in self.sudo()._approval_requester()
        )

    def _approval_create_steps(self):
        """Resolve the rule that fits and freeze who decides, in which order."""
        self.ensure_one()
        rule = self.env["contract.approval.rule"]._find(self)
        amount, currency = self._approval_company_amount()
        common = {
            **self._contract_parent_vals(),
            "res_model": self._name,
            "res_id": self.id,
            "res_name": self.display_name,
            "kind": self._approval_kind,
            "round": self.approval_round,
            "rule_id": rule.id,
            "amount": amount,
            "currency_id": currency.id,
            "severity": self._approval_severity(),
        }
        values = []
        for slot, line in enumerate(rule.line_ids, 1):
            users = line._approvers(self)
            if not users and not line.skip_if_none:
                raise UserError(self._approval_nobody(line))
            values += [
                {
                    **common,
                    "slot": slot,
                    "sequence": line.sequence,
                    "name": line.name,
                    "line_id": line.id,
                    "mode": line.mode,
                    "escalate_user_id": line.escalate_user_id.id,
                    "user_id": user.id,
                    "user_name": user.name,
                }
                for user in users
            ]
        if not values:
            raise UserError(self._approval_nobody(rule.line_ids[-1:]))
        steps = self.env["contract.approval.step"].create(values)
        self._approval_check_readers(steps.user_id)

    def _approval_nobody(self, line):
        return self.env._(
            "Nobody can decide step “%(step)s” of the approval rule “%(rule)s”: there "
            "is nobody but who asks. An administrator of contracts (%(admins)s) can "
            "name somebody, or give somebody the role.",
            step=line.name,
            rule=line.rule_id.name,
            admins=line.rule_id._administrators(self.company_id),
        )

    def _approval_check_readers(self, users):
        """Who is to decide must be able to read: an error now, not a dead end later.

        :raise UserError: naming who can't
        """
        self.env.flush_all()
        for user in users:
            document = self.with_user(user).with_context(
                allowed_company_ids=self.company_id.ids
            )
            if not (
                user._contract_eligible(self.company_id)
                and document.has_access("read")
                and document._contract_parent().has_access("read")
            ):
                raise UserError(
                    self.env._(
                        "%(user)s can't read %(document)s and its contract: give him "
                        "a role of contracts in %(company)s first.",
                        user=user.name,
                        document=self.display_name,
                        company=self.company_id.name,
                    )
                )

    def _approval_describe(self):
        """One sentence: who is to decide, or what was decided."""
        self.ensure_one()
        steps = self.step_ids.filtered(lambda s: s.round == self.approval_round)
        provisional = steps.filtered(lambda s: s.oral_state == "provisional")
        if provisional:
            return self.env._(
                "%(user)s decided orally and has to confirm it by %(time)s.",
                user=", ".join(provisional.mapped("user_name")),
                time=fields.Datetime.context_timestamp(
                    self, provisional[0].oral_deadline
                ).strftime("%Y-%m-%d %H:%M"),
            )
        if self.approval_state == "pending":
            pending = steps.filtered(lambda s: s.state == "pending")
            return self.env._(
                "To be decided by %(users)s, by %(date)s.",
                users=", ".join(pending.mapped("user_name")),
                date=fields.Date.to_string(
                    min(pending.mapped("date_deadline"), default=False)
                )
                or "–",
            )
        return False

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
        if not user._contract_eligible(self.company_id):
            raise UserError(
                self.env._(
                    "Choose a colleague of %(company)s who is to decide.",
                    company=self.company_id.name,
                )
            )
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

    def _approval_activity_update(self):
        """The one writer of approval activities: one for each user who is to decide or
        to confirm, none for anybody else. As a set."""
        Activity = unguarded(self.env["mail.activity"].sudo())
        types = {
            self.env.ref(xmlid): (domain, fname)
            for xmlid, domain, fname in (
                (DECIDE, [("state", "=", "pending")], "date_deadline"),
                (CONFIRM, [("oral_state", "=", "provisional")], "oral_deadline"),
            )
        }
        present = Activity.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "in", [kind.id for kind in types]),
            ]
        )
        keys = {(a.activity_type_id, a.res_id, a.user_id): a for a in present}
        model_id = self.env["ir.model"]._get_id(self._name)
        Step = self.env["contract.approval.step"].sudo()
        wanted, values = set(), []
        for kind, (domain, fname) in types.items():
            steps = Step.search(
                [("res_model", "=", self._name), ("res_id", "in", self.ids), *domain]
            )
            for step in steps:
                key = (kind, step.res_id, step.user_id)
                if key in wanted:
                    continue
                wanted.add(key)
                if key not in keys:
                    lang = step.user_id.lang
                    values.append(
                        {
                            "activity_type_id": kind.id,
                            "summary": kind.with_context(lang=lang).summary,
                            "automated": True,
                            "res_model_id": model_id,
                            "res_id": step.res_id,
                            "user_id": step.user_id.id,
                            "date_deadline": step[fname],
                        }
                    )
        Activity.browse(a.id for key, a in keys.items() if key not in wanted).unlink()
        Activity.with_context(mail_activity_quick_update=True).create(values)

    def _approval_notify(self, users, text):
        """Send users a message about the document, each in his language.

        :param text: a function of an environment that returns the message
        """
        self.ensure_one()
        document = guarded(self)
        for lang, group in users.grouped("lang").items():
            env = document.with_context(lang=lang).env
            body = text(env)
            document.with_env(env).message_notify(
                partner_ids=group.partner_id.ids, body=body, subject=body
            )

    def _approval_post(self, text):
        """Note in the chatter what was done."""
        self.ensure_one()
        guarded(self).message_post(body=text(self.env))

    def _approval_log(self, step, user=None):
        """Note a decision in the chatter."""
        who = step.decided_by_name
        if step.oral:
            self._approval_post(
                lambda env: env._(
                    "%(recorder)s recorded an oral decision of %(user)s: %(decision)s. "
                    "%(comment)s",
                    recorder=step.oral_by_name,
                    user=step.user_name,
                    decision=step.decision_text,
                    comment=step.comment or "",
                )
            )
        elif user:
            self._approval_post(
                lambda env: env._(
                    "%(user)s transferred the decision to %(other)s. %(comment)s",
                    user=who,
                    other=user.name,
                    comment=step.comment or "",
                )
            )
        else:
            self._approval_post(
                lambda env: env._(
                    "%(user)s: %(decision)s. %(comment)s",
                    user=who,
                    decision=step.decision_text,
                    comment=step.comment or "",
                )
            )

    def _approval_tell_requester(self):
        """The document left its approvers: who asked for the decision is told."""
        self.ensure_one()
        users = (self.submitted_by_id | self._approval_requester()) - self.env.user
        labels = self._fields["approval_state"]
        self._approval_notify(
            users,
            lambda env: env._(
                "%(document)s: %(decision)s.",
                document=self.display_name,
                decision=dict(labels._description_selection(env))[self.approval_state],
            ),
        )

    @api.model
    def _approval_add_buttons(self, arch, view_type):
        template = (
            self.env["ir.ui.view"]
            .sudo()
            ._get_template_view(f"contract_tracking.approval_{view_type}_buttons")
        )
        buttons = template._get_combined_arch()
        headers = arch.xpath("./header")
        if not headers:
            header = arch.makeelement("header", {})
            arch.insert(0, header)
            headers = [header]
        for position, node in enumerate(buttons):
            headers[0].insert(position, node)

    def _approval_wizard(self, verb):
        """Open the window that asks for what a step needs."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision"),
            "res_model": "contract.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_verb": verb,
            },
        }
