from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.guard import guarded, unguarded
from ..base.contract_part_mixin import asked

DECIDE = "contract_tracking.mail_activity_decide"
CONFIRM = "contract_tracking.mail_activity_confirm_oral"

# What a step keeps of its line of the rule as it was when the document was submitted.
FROZEN = (
    "days", "escalate_days", "escalate_user_id", "oral_allowed", "oral_limit",
    "oral_user_ids",
)  # fmt: skip
# What a step keeps of the one whose approver brought somebody in.
KEPT = (
    "sequence", "rule_id", "line_id", "amount", "currency_id", "severity", *FROZEN,
)  # fmt: skip


class ContractApprovalMixin(models.AbstractModel):
    """Documents that are decided by others: submit, approve, return, refuse, withdraw
    (D9 §3.3).

    The approval rule that fits is resolved when the document is submitted and frozen in
    :class:`contract.approval.step`: later changes of the rule don't touch it. Models
    that use it are forms on a contract or a frame agreement, or documents of a company
    and an office (``company_id``, ``team_id``, ``user_id``); they set
    ``_approval_kind`` and override the ``_approval_*`` hooks, which run with the
    addon's own rights.

    Nobody shapes his own judge: who ever handled, wrote or submitted a document
    decides nothing of it (``party_ids`` only grows), and while it is being decided it
    goes to no other handler.

    What approvers do with a document: approve, refuse, return (退回修改), transfer
    (转办), add an approver (加签), inform (知会), decide on the phone.
    Its activities are written from its steps alone.
    """

    _name = "contract.approval.mixin"
    _inherit = [
        "contract.frozen.mixin",
        "contract.evidence.mixin",
        "contract.activity.mixin",
        "contract.thread.mixin",
    ]
    _description = "Document to Approve"
    # Kind of document in approval rules; models without don't appear there.
    _approval_kind = ""
    # where documents go whose decision ends without consent; one without a state stays
    _approval_states = {"refused": "refused", "returned": "draft", "withdrawn": "draft"}

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
    approval_round = fields.Integer(
        string="Submitted Times",
        readonly=True,
        copy=False,
        help="How often it was submitted: what is returned is submitted again.",
    )
    submitted_on = fields.Datetime(readonly=True, copy=False)
    submitted_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    refused_content = fields.Json(
        readonly=True,
        copy=False,
        help="What was asked when it was refused, to see whether it was changed.",
    )
    party_ids = fields.Many2many(
        "res.users",
        string="Had a Part in It",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who handled, wrote or submitted it before: none of them decides it.",
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
            pending = document._approval_pending()
            document.approver_ids = pending.user_id
            document.can_decide = bool(document._steps_of(user))
            document.can_confirm_oral = bool(document._provisional_of(user))
            document.can_record_oral = any(
                document._approval_may_record_oral(step, user) for step in pending
            )
            document.can_withdraw = document.approval_state == "pending" and user in (
                document.submitted_by_id | document._approval_requester()
            )
            document.approval_provisional = any(
                step.oral_state == "provisional" for step in document.step_ids
            )

    @api.depends_context("lang", "uid")
    @api.depends("approval_state", "step_ids.state", "step_ids.oral_state")
    def _compute_approval_hint(self):
        for document in self:
            document.approval_hint = document._approval_describe()

    def _search_approver_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        operator, value = asked(self, "approver_ids", operator, value)
        return self._search_steps(
            Domain("state", "=", "pending") & Domain("user_id", operator, value)
        )

    def _search_can_decide(self, operator, value):
        if operator != "in":
            return NotImplemented
        uid = self.env.uid
        mine = Domain("user_id", "=", uid) | Domain("absent_id", "=", uid)
        return self._search_steps(Domain("state", "=", "pending") & mine)

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

    def write(self, vals):
        self._approval_keep_parties(vals)
        return super().write(vals)

    def copy(self, default=None):
        """A copy says what others wrote: who can't decide the one can't decide the
        other."""
        copies = super().copy(default)
        self._approval_involve(
            {
                copy: document._approval_parties()
                for document, copy in zip(self.sudo(), copies, strict=True)
            }
        )
        return copies

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

    def _files_settled(self, fname):
        """What somebody was asked to decide on stays, returned for revision too."""
        return super()._files_settled(fname) | self.filtered("approval_round")

    def _files_settled_on(self):
        return super()._files_settled_on() or self.submitted_on

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_submit(self):
        """Ask those for their decision whom the approval rule names.

        :raise UserError: if the document is not ready, no rule fits, or a step finds
            nobody who may decide and can read it
        """
        self.check_access("write")
        documents = self._approval_lock()
        for document in self:
            if document.approval_state in ("pending", "approved"):
                raise UserError(
                    self.env._(
                        "%(document)s was submitted already.",
                        document=document.display_name,
                    )
                )
            document._approval_check_contract()
        self._approval_check_submit()
        now = fields.Datetime.now()
        for times, group in documents.grouped("approval_round").items():
            group.write(
                {
                    "approval_state": "pending",
                    "approval_round": times + 1,
                    "submitted_on": now,
                    "submitted_by_id": self.env.uid,
                }
            )
        self._approval_involve({d: d._approval_parties() for d in documents})
        documents._approval_create_steps()
        documents._approval_submitted()
        documents._approval_next()
        documents._sync_activities()
        return True

    def action_withdraw(self):
        """Take the document back while it is being decided.

        :raise UserError: if it isn't, or if the user didn't submit it
        """
        self.check_access("read")
        documents = self._approval_lock()
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
        documents._approval_close("withdrawn", "withdrawn")
        documents._approval_withdrawn()
        documents._sync_activities()
        return True

    def action_approve(self, comment=False, outcome=False):
        """Approve what waits for the user; confirm what he decided orally.

        :param outcome: a key of :meth:`_approval_outcomes`; anything but the plain
            approval needs a comment
        :raise UserError: if nothing waits for his decision
        """
        outcome = str(outcome or "accept")
        if any(outcome not in document._approval_outcomes() for document in self):
            raise UserError(self.env._("Choose how you approve."))
        return self._approval_decide("approved", comment, outcome)

    def action_refuse(self, comment=False):
        """Refuse, with a comment: nobody else has to decide any more.

        :raise UserError: without comment, or if nothing waits for his decision
        """
        return self._approval_decide("refused", comment)

    def action_return(self, comment=False):
        """Return the document for revision, with a comment; resubmitted it starts a new
        round, the trail of this one stays.

        :raise UserError: without comment, or if nothing waits for his decision
        """
        return self._approval_decide("returned", comment)

    def action_remind(self):
        """Remind those who are to decide (催办); for who follows the contract.

        :raise UserError: if nobody is to decide
        """
        self.check_access("write")
        for document in self:
            pending = document.sudo()._approval_pending()
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
    # Hooks: what a document says of itself, and what follows from its decision (of
    # several documents at once)
    # ------------------------------------------------------------------

    def _approval_outcomes(self):
        """Keys of the ways in which this document can be approved, the plain first."""
        return ["accept"]

    def _approval_requester(self):
        """Who asks for the decision now: users."""
        self.ensure_one()
        return self.user_id | self.submitted_by_id

    def _approval_parent(self):
        """The contract or the frame agreement that it is about: none, if the document
        is a company's or an office's."""
        self.ensure_one()
        is_part = hasattr(self, "_contract_parent")
        return self._contract_parent() if is_part else self.env["sale.order"]

    def _approval_owner(self):
        """Who is responsible for the contract; without one, for the document."""
        self.ensure_one()
        parent = self._approval_parent()
        return parent._contract_responsible() if parent else self.user_id

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
        """Raise if a document is not ready to be decided."""

    def _approval_submitted(self):
        """The documents were submitted: freeze what is decided on."""

    def _approval_approved(self):
        """Everybody agreed."""

    def _approval_refused(self):
        """Somebody refused."""
        self._approval_end("refused")

    def _approval_returned(self):
        """They go back to their authors, for revision."""
        self._approval_end("returned")

    def _approval_withdrawn(self):
        """Their authors took them back."""
        self._approval_end("withdrawn")

    def _approval_end(self, outcome):
        if state := self._approval_states.get(outcome):
            self.write({"state": state})

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _approval_lock(self):
        """Let only one transaction decide a document: a second one that began before
        the first was committed fails when it comes here, is tried again by core and
        then sees what was decided.

        :return: the documents with the addon's own rights
        """
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
        return unguarded(self.sudo())

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
                company._contract_today(),
            ),
            company.currency_id,
        )

    def _approval_create_steps(self):
        """Resolve the rules that fit and freeze who decides, in which order.

        :raise UserError: if a step finds nobody, or somebody who can't read it
        """
        rules = self.env["contract.approval.rule"]._find(self)
        steps = self.env["contract.approval.step"].create(
            [
                vals
                for document in self
                for vals in document._approval_rule_vals(rules[document])
            ]
        )
        readers = defaultdict(self.browse)
        for step in steps:
            readers[step.user_id] |= self.browse(step.res_id)
        self._approval_check_readers(readers)

    def _approval_rule_vals(self, rule):
        """Values of the steps of a rule.

        :raise UserError: if a step finds nobody
        """
        self.ensure_one()
        amount, currency = self._approval_company_amount()
        values = []
        for slot, line in enumerate(rule.line_ids.filtered("active"), 1):
            users = line._approvers(self)
            if not users and not line.skip_if_none:
                raise UserError(self._approval_nobody(line))
            values += [
                self._approval_step_vals(
                    user,
                    slot=slot,
                    sequence=line.sequence,
                    name=line.name,
                    rule_id=rule.id,
                    line_id=line.id,
                    mode=line.mode,
                    **line._convert_to_write({name: line[name] for name in FROZEN}),
                    amount=amount,
                    currency_id=currency.id,
                    severity=self._approval_severity(),
                )
                for user in users
            ]
        if not values:
            raise UserError(self._approval_nobody(rule.line_ids[-1:]))
        return values

    def _approval_step_vals(self, user, **values):
        """Values of a step of this round in which ``user`` is to decide."""
        self.ensure_one()
        parent = self._approval_parent()
        place = (
            {parent._contract_parent_field: parent.id}
            if parent
            else {"team_id": self.team_id.id}
        )
        return {
            **place,
            "res_model": self._name,
            "res_id": self.id,
            "res_name": self.display_name,
            "kind": self._approval_kind,
            "round": self.approval_round,
            "user_id": user.id,
            "user_name": user.name,
            **values,
        }

    def _approval_bring_in(self, user, step, **values):
        """Ask somebody whom the approver of a step names; what was frozen at the
        submission stays.

        :raise UserError: if he can't read the document
        """
        new = step.create(
            self._approval_step_vals(
                user,
                origin_user_id=self.env.uid,
                **step._convert_to_write({fname: step[fname] for fname in KEPT}),
                **values,
            )
        )
        self._approval_check_readers({user: self})
        new._open()

    def _approval_decide(self, decision, comment, outcome=False):
        """Note the user's decision on the steps that wait for him and go on. Anything
        but the plain approval needs a comment."""
        self.check_access("read")
        self.env["contract.decision"]._contract_check_values({"comment": comment})
        if outcome != "accept":
            self._approval_require_comment(comment)
        user = self.env.user
        documents = self._approval_lock()
        answered, own = {}, {}
        for document in documents:
            oral = document._provisional_of(user)
            if oral and document.approval_state != "pending":
                answered[document] = oral
                continue
            if decision == "approved":
                document._approval_check_contract()
            if oral and not document._steps_of(user):
                answered[document] = oral
            else:
                own[document] = document._approval_own_steps()
        for document, oral in answered.items():
            document._approval_answer_oral(oral, decision, comment)
        documents.browse().union(*own)._approval_note(
            documents.step_ids.browse().union(*own.values()),
            decision,
            comment,
            outcome,
            user,
        )
        documents._sync_activities()
        return True

    def _approval_note(self, steps, decision, comment, outcome, decided_by, **oral):
        """Write a decision on steps of these documents and go on with them."""
        outcome = outcome if decision == "approved" else False
        steps._decide(decision, decided_by, comment, outcome=outcome, **oral)
        self._approval_log(steps)
        if decision == "approved":
            slots = {(step.res_id, step.slot) for step in steps}
            self._approval_pending().filtered(
                lambda s: s.mode == "any" and (s.res_id, s.slot) in slots
            ).write({"state": "skipped"})
            self._approval_next()
        else:
            self._approval_close("skipped", decision)
            if decision == "refused":
                self._approval_refused()
            else:
                self._approval_returned()

    def _approval_next(self):
        """Ask the next approvers once nobody of the present order is to decide."""
        asked, agreed = self.step_ids.browse(), self.browse()
        for document in self.filtered(lambda d: not d._approval_pending()):
            waiting = document._approval_round_steps().filtered(
                lambda s: s.state == "waiting"
            )
            if not waiting:
                agreed |= document
                continue
            order = min(waiting.mapped("sequence"))
            asked |= waiting.filtered(lambda s, order=order: s.sequence == order)
        asked._open()
        if agreed:
            agreed.write({"approval_state": "approved"})
            agreed._approval_approved()
            agreed._approval_tell_requester()

    def _approval_close(self, step_state, approval_state):
        """End the round: nobody else has to decide."""
        self.step_ids.filtered(lambda s: s.state in ("pending", "waiting")).write(
            {"state": step_state}
        )
        self.write({"approval_state": approval_state})
        if approval_state != "withdrawn":
            self._approval_tell_requester()

    def _approval_transfer(self, user, comment):
        """Let somebody else decide in the user's place (转办)."""
        self.check_access("read")
        documents = self._approval_lock()
        for document in documents:
            steps = document._approval_own_steps()
            document._approval_check_new(user)
            for step in steps:
                step._decide("transferred", self.env.user, comment)
                document._approval_bring_in(
                    user,
                    step,
                    slot=step.slot,
                    mode=step.mode,
                    name=step.name,
                    origin="transfer",
                )
            document._approval_log(steps, user)
        documents._sync_activities()

    def _approval_add(self, user, comment):
        """Ask one more approver beside the user; both have to agree (加签)."""
        self.check_access("read")
        documents = self._approval_lock()
        for document in documents:
            step = document._approval_own_steps()[:1]
            document._approval_check_new(user)
            document._approval_bring_in(
                user,
                step,
                slot=max(document.step_ids.mapped("slot")) + 1,
                mode="all",
                name=self.env._("Added by %(user)s", user=self.env.user.name),
                origin="added",
            )
            text = self.env._(
                "Additional approver: %(user)s. %(comment)s",
                user=user.name,
                comment=comment or "",
            )
            document._note({document.id: text})
        documents._sync_activities()

    def _approval_inform(self, users, comment):
        """Let others know (知会): they decide nothing."""
        self.check_access("read")
        self._approval_check_readers(dict.fromkeys(users, self.sudo()))
        for document in self.sudo():
            document._approval_notify(
                users,
                lambda env, name=document.display_name: env._(
                    "For your information: %(document)s. %(comment)s",
                    document=name,
                    comment=comment or "",
                ),
            )

    def _approval_record_oral(self, step, approved, moment, means, comment):
        """Write down what an approver decided orally; it is provisional until he
        confirms it within the hours of the company's setting.

        :param moment: when he said so, UTC
        :param means: how: by phone, in a meeting
        """
        self.ensure_one()
        self.check_access("read")
        document = self._approval_lock()
        step = unguarded(step.sudo())
        if approved:
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
            step.user_id,
            oral=True,
            oral_by_id=self.env.uid,
            oral_by_name=self.env.user.name,
            oral_on=moment,
            oral_means=means,
            oral_state="provisional",
            oral_deadline=fields.Datetime.now() + timedelta(hours=hours),
        )
        document._sync_activities()
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
        self._approval_log_answer(confirmed, comment)
        if not confirmed:
            self._approval_close("skipped", "returned")
            self._approval_returned()

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {DECIDE, CONFIRM}

    def _activities_wanted(self):
        """Who is to decide or to confirm; several steps of a user are one activity,
        for the earliest day."""
        wanted = super()._activities_wanted()
        for step in self._approval_pending().sorted("date_deadline"):
            day = step.date_deadline
            wanted.append({"xmlid": DECIDE, "user": step.user_id, "day": day})
        oral = self.step_ids.filtered(lambda s: s.oral_state == "provisional")
        for step in oral.sorted("oral_deadline"):
            day = self.company_id._contract_day(step.oral_deadline)
            wanted.append({"xmlid": CONFIRM, "user": step.user_id, "day": day})
        return wanted
