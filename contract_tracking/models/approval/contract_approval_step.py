from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.batches import in_batches
from ...tools.guard import unguarded
from ...tools.words import choice

STEP_STATES = [
    ("waiting", "Waiting"),
    ("pending", "To decide"),
    ("approved", "Approved"),
    ("refused", "Refused"),
    ("returned", "Returned for revision"),
    ("transferred", "Transferred"),
    ("skipped", "Not needed any more"),
    ("withdrawn", "Withdrawn"),
]

# What may still be noted on a step that was decided: nothing that was decided.
NOTES = {"oral_state", "oral_answered_on", "escalated_on", "reminded_on"}


class ContractApprovalStep(models.Model):
    """Who had to decide a document, on whose behalf, and what he decided: the evidence
    (D9 §3.3). One approver, one row; resubmitting starts a new round.

    Names and amounts are those of the day, in company currency; times are UTC. Written
    by the document's steps only. What is decided never changes and nothing is deleted,
    by nobody.
    """

    _name = "contract.approval.step"
    _inherit = [
        "contract.frozen.mixin",
        "contract.part.mixin",
        "contract.reference.mixin",
    ]
    _description = "Approval Step"
    _order = "res_model, res_id, round, sequence, id"
    _frozen_create = True
    _files_always = True

    order_id = fields.Many2one(readonly=True, ondelete="restrict")
    frame_id = fields.Many2one(readonly=True, ondelete="restrict")
    team_id = fields.Many2one(
        "crm.team",
        string="Office",
        readonly=True,
        index="btree_not_null",
        ondelete="set null",
        help="Whose document was decided, where it is about no single contract.",
    )
    res_name = fields.Char(string="Document Number", readonly=True)
    kind = fields.Char(string="Key of the Kind", readonly=True)
    kind_text = fields.Char(string="Kind", compute="_compute_words")
    round = fields.Integer(default=1, readonly=True)
    sequence = fields.Integer(string="Order", readonly=True)
    slot = fields.Integer(
        readonly=True, help="Approvers of one slot decide together: anyone or all."
    )
    mode = fields.Selection(
        [("any", "Anyone of them"), ("all", "All of them")],
        string="Needed",
        default="any",
        readonly=True,
    )
    name = fields.Char(string="Step", readonly=True)
    rule_id = fields.Many2one(
        "contract.approval.rule", readonly=True, index=True, ondelete="restrict"
    )
    line_id = fields.Many2one(
        "contract.approval.rule.line",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    # as the rule said when the document was submitted
    days = fields.Integer(string="Days to Decide", readonly=True)
    escalate_days = fields.Integer(string="Escalate After", readonly=True)
    oral_allowed = fields.Boolean(string="May Be Decided Orally", readonly=True)
    oral_limit = fields.Monetary(string="Oral Below", readonly=True)
    oral_user_ids = fields.Many2many(
        "res.users",
        "contract_approval_step_oral_rel",
        string="Oral Decisions Recorded By",
        readonly=True,
        ondelete="restrict",
    )
    origin = fields.Selection(
        [("rule", "Rule"), ("transfer", "Transferred"), ("added", "Added")],
        default="rule",
        readonly=True,
    )
    origin_user_id = fields.Many2one(
        "res.users", string="Brought In By", readonly=True, ondelete="restrict"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Approver",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    user_name = fields.Char(string="Approver's Name", readonly=True)
    absent_id = fields.Many2one(
        "res.users", string="On Behalf Of", readonly=True, ondelete="restrict"
    )
    absent_name = fields.Char(string="On Behalf Of (Name)", readonly=True)
    absent_reason = fields.Char(string="Reason of Absence", readonly=True)
    state = fields.Selection(
        STEP_STATES, default="waiting", required=True, readonly=True, index=True
    )
    outcome = fields.Char(readonly=True)
    comment = fields.Text(readonly=True)
    decided_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    decided_by_name = fields.Char(string="Decided By (Name)", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    pending_on = fields.Datetime(string="Asked On", readonly=True)
    date_deadline = fields.Date(string="Decide By", readonly=True)
    days_taken = fields.Float(
        compute="_compute_days_taken",
        store=True,
        aggregator="avg",
        help="Days from when it was asked to the decision.",
    )
    reminded_on = fields.Date(readonly=True)
    escalated_on = fields.Date(readonly=True)
    escalate_user_id = fields.Many2one("res.users", readonly=True)
    amount = fields.Monetary(readonly=True, help="At stake, in company currency.")
    currency_id = fields.Many2one("res.currency", readonly=True)
    severity = fields.Char(string="Key of the Severity", readonly=True)
    severity_text = fields.Char(string="Severity", compute="_compute_words")
    oral = fields.Boolean(string="Oral Decision", readonly=True)
    oral_by_id = fields.Many2one(
        "res.users", string="Recorded By", readonly=True, ondelete="restrict"
    )
    oral_by_name = fields.Char(string="Recorded By (Name)", readonly=True)
    oral_on = fields.Datetime(string="Decided Orally On", readonly=True)
    oral_means = fields.Char(string="By Means Of", readonly=True)
    oral_deadline = fields.Datetime(string="Confirm By", readonly=True)
    oral_state = fields.Selection(
        [
            ("provisional", "Not confirmed yet"),
            ("confirmed", "Confirmed"),
            ("denied", "Denied"),
        ],
        string="Confirmation",
        readonly=True,
        index="btree_not_null",
    )
    oral_answered_on = fields.Datetime(string="Confirmed or Denied On", readonly=True)
    decision_text = fields.Char(string="Decision", compute="_compute_decision_text")
    can_decide = fields.Boolean(
        string="Waits for My Decision", compute="_compute_can", compute_sudo=True
    )
    can_confirm_oral = fields.Boolean(
        string="Waits for My Confirmation", compute="_compute_can", compute_sudo=True
    )

    _one_parent = models.Constraint(
        "CHECK (num_nonnulls(order_id, frame_id, team_id) <= 1)",
        "An approval step is of a contract, of a frame agreement or of an office.",
    )
    _document_idx = models.Index("(res_model, res_id)")
    _pending = models.Index("(user_id) WHERE state = 'pending'")

    @api.depends("res_model", "res_id")
    def _compute_company_id(self):
        """A document without a contract says itself whose it is."""
        parts = self.filtered(lambda step: step._contract_parent())
        for step in self - parts:
            step.company_id = step.sudo()._document().company_id
        return super(ContractApprovalStep, parts)._compute_company_id()

    @api.depends("pending_on", "decided_on")
    def _compute_days_taken(self):
        for step in self:
            asked, decided = step.pending_on, step.decided_on
            taken = asked and decided and (decided - asked) / timedelta(days=1)
            step.days_taken = taken or 0

    @api.depends_context("lang")
    @api.depends("state", "outcome", "oral_state", "decided_by_id", "absent_id")
    def _compute_decision_text(self):
        outcomes = dict(self.env["contract.approval.mixin"]._outcomes())
        for step in self:
            text = choice(step, "state")
            if step.state == "approved":
                text = outcomes.get(step.outcome) or text
            # who decided himself after all didn't do so on his own behalf
            if step.absent_name and step.decided_by_id - step.absent_id:
                text = self.env._(
                    "%(decision)s, on behalf of %(user)s",
                    decision=text,
                    user=step.absent_name,
                )
            match step.oral_state:
                case "provisional":
                    text = self.env._("%s, orally, not confirmed yet", text)
                case "confirmed":
                    text = self.env._("%s, orally, confirmed", text)
                case "denied":
                    text = self.env._("%s, orally, denied afterwards", text)
            step.decision_text = text

    @api.depends_context("lang")
    @api.depends("kind", "severity")
    def _compute_words(self):
        """What the step keeps as keys, as the approval rules call it."""
        rule = self.env["contract.approval.rule"]
        names = {
            fname: dict(rule._fields[fname]._description_selection(self.env))
            for fname in ("kind", "severity")
        }
        for step in self:
            step.kind_text = names["kind"].get(step.kind)
            step.severity_text = names["severity"].get(step.severity)

    @api.depends_context("uid")
    @api.depends("state", "oral_state", "user_id", "absent_id")
    def _compute_can(self):
        user = self.env.user
        mine = confirm = self.browse()
        asked = self.filtered(
            lambda step: (
                user in (step.user_id | step.absent_id)
                and (step.state == "pending" or step.oral_state == "provisional")
            )
        )
        for documents in asked._documents():
            for document in documents:
                mine |= document._steps_of(user)
                confirm |= document._provisional_of(user)
        for step in self:
            step.can_decide = step in mine
            step.can_confirm_oral = step in confirm

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        closed = self.filtered(lambda step: step.state not in ("waiting", "pending"))
        if closed and vals.keys() - NOTES:
            raise UserError(
                self.env._("What was decided is evidence: nobody can change it.")
            )
        return super().write(vals)

    @api.model
    def _frozen_message(self):
        return self.env._(
            "Approval steps are written by the documents that are decided: submit, "
            "approve, refuse or return the document."
        )

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Who decided what is evidence: nobody can delete it.")
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_approve(self, comment=False):
        """Approve the documents of these steps, or confirm what was decided orally:
        all of them or none.

        :raise UserError: naming a document that doesn't wait for the user
        """
        for documents in self._step_documents():
            asked = documents.action_approve(comment)
            if isinstance(asked, dict):
                # one that asks for more first is decided by itself
                if len(self) > 1:
                    raise UserError(
                        self.env._(
                            "%(document)s asks for more than a yes: decide on it by "
                            "itself.",
                            document=documents.display_name,
                        )
                    )
                return asked
        return True

    def action_open_refuse(self):
        """Open the window in which the user says why he refuses these documents."""
        return self._open_decision("refuse")

    def action_open_return(self):
        """Open the window in which the user says what is to be revised."""
        return self._open_decision("return")

    @api.readonly
    def action_open_document(self):
        """Open the document that is decided."""
        self.ensure_one()
        self.check_access("read")
        return self._document()._open_form()

    def _open_decision(self, verb):
        documents = self._step_documents()
        return self.env["contract.approval.mixin"]._decision_window(
            verb, documents, {"res_model": self._name, "res_ids": self.ids}
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _step_documents(self):
        """The documents of these steps, which wait for the user: a list by model.

        :raise UserError: naming one that doesn't
        """
        self.check_access("read")
        for step in self:
            if not step.can_decide and not step.can_confirm_oral:
                raise UserError(step._document()._approval_not_pending())
        return self._documents()

    def _decide(self, state, user, comment, **values):
        """Note what a user did with these steps."""
        self.write(
            {
                "state": state,
                "comment": comment,
                "decided_by_id": user.id,
                "decided_by_name": user.name,
                "decided_on": fields.Datetime.now(),
                **values,
            }
        )

    def _open(self):
        """Ask the approvers, or who stands in for them; the time to decide starts."""
        now = fields.Datetime.now()
        deadlines = self.grouped(
            lambda step: step.company_id._contract_today() + timedelta(days=step.days)
        )
        for day, steps in deadlines.items():
            unguarded(steps).write(
                {"state": "pending", "pending_on": now, "date_deadline": day}
            )
        self._delegate()

    def _delegate(self):
        """Hand pending steps of approvers who are absent, or have left, to who decides
        instead of them."""
        changed = self.browse()
        steps = self.filtered(
            lambda s: s.state == "pending" and not (s.absent_id and s.user_id.active)
        )
        days = steps.grouped(lambda s: s.company_id._contract_today())
        for day, group in days.items():
            absent = self.env["contract.delegation"]._delegations(group.user_id, day)
            for step in group:
                delegation = absent.get(step.user_id)
                delegate = step._delegate_of(delegation)
                if not delegate:
                    continue
                if delegate == step.absent_id:
                    step._give_back()
                    continue
                unguarded(step).write(
                    {
                        "user_id": delegate.id,
                        "user_name": delegate.name,
                        "absent_id": (step.absent_id or step.user_id).id,
                        "absent_name": step.absent_name or step.user_id.name,
                        "absent_reason": delegation.reason
                        if delegation
                        else self.env._("Has left"),
                    }
                )
                changed |= step
        for documents in changed._documents():
            documents._sync_activities()

    def _give_back(self):
        """Who was thought to have left decides himself again."""
        for step in self.filtered("absent_id"):
            unguarded(step).write(
                {
                    "user_id": step.absent_id.id,
                    "user_name": step.absent_id.name,
                    "absent_id": False,
                    "absent_name": False,
                    "absent_reason": False,
                }
            )
        self._delegate()
        for documents in self._documents():
            documents._sync_activities()

    def _delegate_of(self, delegation):
        """Who decides instead of an approver: whom he named; where he has left, who
        hears of decisions that don't come. Nobody who archived him, or who came after
        he was asked.

        :param delegation: his ``contract.delegation`` of today, None without
        """
        self.ensure_one()
        document, users = self._document(), self.user_id.browse()
        if delegation:
            users |= delegation.delegate_id
        if not self.user_id.active:
            users |= self._escalation_users().filtered(
                lambda u: u != self.env.user and u.create_date <= self.create_date
            )
        company = document.company_id
        users = users._contract_eligible(
            company, "contract_tracking.group_contract_reader"
        )
        asked = (document._approval_pending() - self).user_id
        for user in users - asked:
            if document._approval_may_decide(user) and not document._approval_blind(
                user, company
            ):
                return user
        return users.browse()

    def _escalation_users(self):
        """Who hears of a decision that doesn't come."""
        self.ensure_one()
        company = self.company_id.sudo()
        named = self.escalate_user_id or company.contract_business_office_id.head_id
        managers = self.user_id._contract_members(
            "contract_tracking.group_contract_manager", company
        )
        users = named._contract_eligible(company) - self.user_id
        return users or managers - self.user_id

    # ------------------------------------------------------------------
    # Scheduled
    # ------------------------------------------------------------------

    @api.model
    def _cron_follow_up(self, batch=200):
        """Replace absent approvers, remind of decisions that are due, escalate those
        that don't come and oral ones that nobody confirmed: once each."""
        steps = self.sudo().search(
            Domain("state", "=", "pending") | Domain("oral_state", "=", "provisional"),
            order="res_model, res_id, id",
        )
        for chunk in in_batches(steps, batch):
            idle = {
                (document._name, document.id)
                for documents in chunk._documents()
                for document in documents
                if not document._approval_is_asked()
            }
            chunk = chunk.filtered(
                lambda s, idle=idle: (
                    s.state != "pending" or (s.res_model, s.res_id) not in idle
                )
            )
            chunk._delegate()
            for company, group in chunk.grouped("company_id").items():
                today = company._contract_today()
                group._remind(today)
                group._escalate(today)
            for documents in chunk._documents():
                documents._sync_activities()

    def _remind(self, today):
        """Remind approvers on the day after their last one."""
        due = self.filtered(
            lambda s: (
                s.state == "pending" and s.date_deadline < today and not s.reminded_on
            )
        )
        unguarded(due).write({"reminded_on": today})
        for step in due:
            step._document()._approval_notify(
                step.user_id,
                lambda env, name=step.res_name: env._(
                    "Your decision on %(document)s is overdue.", document=name
                ),
            )

    def _escalate(self, today):
        """Tell the head of the business office, or whom the rule names, of decisions
        that didn't come after the reminder, and of oral ones that nobody confirmed."""
        fresh = self.filtered(lambda s: not s.escalated_on)
        late = fresh.filtered(
            lambda s: (
                s.state == "pending"
                and s.reminded_on
                and s.date_deadline + timedelta(days=s.escalate_days) < today
            )
        )
        now = fields.Datetime.now()
        oral = fresh.filtered(
            lambda s: s.oral_state == "provisional" and s.oral_deadline < now
        )
        unguarded(late | oral).write({"escalated_on": today})
        for step in late | oral:
            step._document()._approval_notify(
                step._escalation_users(), step._escalation_text
            )

    def _escalation_text(self, env):
        """What is told of a decision that doesn't come, in the language of ``env``."""
        self.ensure_one()
        if self.oral_state == "provisional":
            return env._(
                "%(user)s has not confirmed his oral decision on %(document)s.",
                user=self.user_name,
                document=self.res_name,
            )
        return env._(
            "%(user)s has not decided on %(document)s, due %(date)s.",
            user=self.user_name,
            document=self.res_name,
            date=format_date(env, self.date_deadline),
        )
