from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .contract_guard import unguarded


class ContractApprovalMixin(models.AbstractModel):
    """Documents that are decided by others: submit, approve, return, refuse, withdraw
    (D9 §3.3).

    The approval rule that fits is resolved when the document is submitted and frozen in
    :class:`contract.approval.step`: later changes of the rule don't touch it. Models
    that use it are forms on a contract or a frame agreement; they set
    ``_approval_kind`` and override the ``_approval_*`` hooks, which run with the
    addon's own rights.
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

    # ------------------------------------------------------------------
    # Hooks of the documents
    # ------------------------------------------------------------------

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

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

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
        requester = self._approval_requester()
        values = []
        for slot, line in enumerate(rule.line_ids, 1):
            users = line._approvers(self, requester)
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
                self.company_id in user.company_ids
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
