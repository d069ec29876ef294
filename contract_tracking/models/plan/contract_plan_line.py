from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ...tools.guard import unguarded
from ...tools.windows import form_window
from ..contract.sale_order import READER
from .contract_plan_template_line import TASK_KINDS

# Tasks that are done only with a file that shows it.
WITH_EVIDENCE = ("quality", "handover")
# Promises of which somebody says that they are kept; the others are read.
ENTERED = ("milestone", "clause", "document")
# What became of a promise, as the status of its stage.
MET = ("met", "met_late")
DROPPED = ("waived", "replaced")
# What the next version of a plan takes over of a line.
PLANNED = (
    "kind", "name", "sequence", "term_id", "user_id", "department_id", "date_planned",
    "weight", "kpi", "incentive",
)  # fmt: skip
# What was reported of a line.
REPORTED = (
    "reported", "done_on", "note", "problem", "cause", "needs", "reported_on",
    "reported_by_id",
)  # fmt: skip


class ContractPlanLine(models.Model):
    """A stage or a task of a plan: owner and department, planned day, weight, KPI; what
    was planned first, what is planned now and what happened stand side by side.

    A stage is a promise of the contract and is done when that is kept: deliveries and
    payments are read from the ERP, milestones are reported here or on the term, which
    is the same. Tasks are reported by their owners, whatever their role.
    """

    _name = "contract.plan.line"
    _inherit = [
        "contract.approval.row.mixin",
        "contract.frozen.mixin",
        "contract.past.mixin",
        "contract.evidence.mixin",
        "contract.reason.mixin",
    ]
    _description = "Stage or Task of a Plan"
    _approval_document = "plan_id"
    _order = "sequence, id"
    _check_company_auto = True

    plan_id = fields.Many2one(
        "contract.plan", required=True, index=True, ondelete="cascade"
    )
    plan_state = fields.Selection(
        related="plan_id.state", string="Plan's State", store=True, index=True
    )
    company_id = fields.Many2one(
        related="plan_id.company_id", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(related="plan_id.order_id")
    frame_id = fields.Many2one(related="plan_id.frame_id")
    partner_name = fields.Char(related="plan_id.partner_name")
    contract_no = fields.Char(related="plan_id.contract_no")
    sequence = fields.Integer(default=10)
    kind = fields.Selection(
        [("stage", "Stage"), *TASK_KINDS], required=True, default="task", index=True
    )
    name = fields.Char(string="Stage or Task", required=True)
    term_id = fields.Many2one(
        "contract.term",
        string="Promise",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('valid_to', '=', False), ('waived_on', '=', False)]",
        help="Of a stage: the promise of the contract that it is. Of a task: the "
        "promise that it serves.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        ondelete="restrict",
        index=True,
    )
    department_id = fields.Many2one(
        "contract.department", ondelete="restrict", check_company=True, index=True
    )
    date_planned = fields.Date(string="Planned", index=True, help="Our day.")
    weight = fields.Float(
        string="Weight (%)", default=0.0, help="Share of the plan; in all 100."
    )
    kpi = fields.Char(string="KPI", help="By what its result is judged.")
    incentive = fields.Char(help="What follows if it is kept, or isn't.")
    predecessor_id = fields.Many2one(
        "contract.plan.line",
        string="Waits For",
        index="btree_not_null",
        ondelete="set null",
        copy=False,
        domain="[('plan_id', '=', plan_id), ('id', '!=', id)]",
    )
    origin_id = fields.Many2one(
        "contract.plan.line",
        string="In the Version Before",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    date_before = fields.Date(
        related="origin_id.date_planned", string="Planned in the Version Before"
    )
    date_baseline = fields.Date(
        string="Baseline",
        readonly=True,
        copy=False,
        help="The day that was planned first and agreed.",
    )
    reported = fields.Integer(string="Reported (%)", readonly=True, copy=False)
    done_on = fields.Date(readonly=True, copy=False)
    note = fields.Text(string="What Was Done", readonly=True, copy=False)
    problem = fields.Text(readonly=True, copy=False)
    cause = fields.Text(readonly=True, copy=False)
    needs = fields.Text(
        string="To Be Coordinated",
        readonly=True,
        copy=False,
        help="What others are needed for.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Evidence",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    reported_on = fields.Datetime(readonly=True, copy=False)
    reported_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    date_agreed = fields.Date(
        string="Agreed",
        compute="_compute_execution",
        compute_sudo=True,
        help="The day that was promised.",
    )
    date_actual = fields.Date(
        string="Actual",
        compute="_compute_execution",
        compute_sudo=True,
        help="The day on which it was done in full.",
    )
    progress = fields.Integer(
        string="Done (%)",
        compute="_compute_execution",
        compute_sudo=True,
        help="Of a delivery or a payment read from the ERP, of others as reported.",
    )
    status = fields.Selection(
        [
            ("open", "To do"),
            ("late", "Late"),
            ("done", "Completed"),
            ("dropped", "Not promised any more"),
        ],
        compute="_compute_execution",
        search="_search_status",
        compute_sudo=True,
    )
    is_late = fields.Boolean(
        string="Late",
        compute="_compute_execution",
        search="_search_is_late",
        compute_sudo=True,
        help="The planned day is over and it isn't done.",
    )
    slippage = fields.Integer(
        string="Slippage (Days)",
        compute="_compute_execution",
        compute_sudo=True,
        help="Days from the baseline to the actual day, or else to the planned one.",
    )
    is_reported = fields.Boolean(
        string="Reported by Its Owner",
        compute="_compute_is_reported",
        compute_sudo=True,
        help="Deliveries and payments are read from the ERP instead.",
    )
    can_report = fields.Boolean(compute="_compute_can_report")

    _stage_uniq = models.UniqueIndex(
        "(plan_id, term_id) WHERE kind = 'stage'",
        "This promise is a stage of the plan already.",
    )
    _weight_positive = models.Constraint(
        "CHECK (weight >= 0)", "The weight of a task can't be negative."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("kind", "term_id.kind")
    def _compute_is_reported(self):
        for line in self:
            line.is_reported = line._is_reported()

    @api.depends(
        "kind", "term_id.progress", "term_id.done_date", "term_id.waived_on",
        "term_id.valid_to", "reported", "done_on", "date_planned", "date_baseline",
        "plan_state",
    )  # fmt: skip
    def _compute_execution(self):
        for line in self:
            term = line.term_id if line.kind == "stage" else line.term_id.browse()
            line.date_agreed = term.date_due
            if term:
                line.progress = line._term_progress(term)
                line.date_actual = term.actual_date or term.done_date
                done = term.status in MET
            else:
                line.progress = line.reported
                line.date_actual = line.done_on
                done = bool(line.done_on)
            today = (line.company_id or self.env.company)._contract_today()
            late = bool(line.date_planned) and line.date_planned < today
            if term.status in DROPPED:
                line.status = "dropped"
            elif done:
                line.status = "done"
            else:
                line.status = "late" if late else "open"
            line.is_late = line.status == "late"
            day = line.date_actual or line.date_planned
            line.slippage = (
                (day - line.date_baseline).days if day and line.date_baseline else 0
            )

    @api.model
    def _term_progress(self, term):
        """How much of a promise is kept, in percent."""
        if term.status in MET:
            return 100
        if term.kind == "delivery":
            done, agreed = term.actual_quantity, term.agreed_quantity
        elif term.kind == "payment":
            done, agreed = term.actual_amount, term.agreed_amount
        else:
            return term.progress
        return max(0, min(99, int(done / agreed * 100))) if agreed else 0

    @api.depends_context("uid")
    @api.depends("plan_state", "user_id")
    def _compute_can_report(self):
        for line in self:
            line.can_report = bool(line._origin) and not line._origin._refuse_report()

    def _search_status(self, operator, value):
        if operator != "in":
            return NotImplemented
        Lines = Domain("kind", "!=", "stage")
        met = self._term_domain(MET) | (Lines & Domain("done_on", "!=", False))
        dropped = self._term_domain(DROPPED)
        over = self.env["res.company"]._contract_day_domain("date_planned", "<")
        found = {
            "done": met,
            "dropped": dropped,
            "late": over & ~met & ~dropped,
            "open": ~over & ~met & ~dropped,
        }
        return Domain.OR(found[key] for key in value if key in found)

    @api.model
    def _term_domain(self, statuses):
        """Stages of promises in one of these states."""
        return Domain("kind", "=", "stage") & Domain(
            "term_id", "any!", Domain("status", "in", statuses)
        )

    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_status("in", ["late"])

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("kind", "term_id", "plan_id")
    def _check_term(self):
        for line in self:
            term = line.sudo().term_id
            if line.kind == "stage" and not term:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” is a stage: choose the promise of the contract "
                        "that it is.",
                        line=line.name,
                    )
                )
            if term and term._contract_parent() != line.plan_id._contract_parent():
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is a promise of another contract.",
                        term=term.display_name,
                    )
                )

    @api.constrains("predecessor_id", "plan_id")
    def _check_predecessor(self):
        if self._has_cycle("predecessor_id"):
            raise ValidationError(
                self.env._("Tasks can't wait for each other in a circle.")
            )
        for line in self:
            if line.predecessor_id and line.predecessor_id.plan_id != line.plan_id:
                raise ValidationError(
                    self.env._(
                        "“%(line)s” can wait only for what is in the same plan.",
                        line=line.name,
                    )
                )

    @api.onchange("term_id")
    def _onchange_term_id(self):
        """A stage begins with what its promise says."""
        term = self.term_id
        if term and self.kind == "stage":
            self.name = self.name or term.display_name
            self.user_id = self.user_id or term.user_id
            self.department_id = self.department_id or term.department_id
            self.date_planned = self.date_planned or term.date_due

    @api.onchange("user_id")
    def _onchange_user_id(self):
        """The owner's department, if none is named."""
        if self.user_id and not self.department_id:
            company = self.company_id or self.plan_id.company_id
            self.department_id = self.user_id._contract_department(company)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_report(self):
        """Open the window in which the owner reports how far his task is."""
        self.ensure_one()
        self._check_report()
        return form_window(
            "contract.plan.report",
            self.env._("Report"),
            {
                "line_id": self.id,
                "progress": self.progress,
                "problem": self.problem,
                "cause": self.cause,
                "needs": self.needs,
            },
        )

    def action_hand_on(self):
        """Open the window that asks who is to do the task instead, and why."""
        return self._open_reason("hand_on")

    @api.readonly
    def action_open_plan(self):
        """Open the plan of the task."""
        self.ensure_one()
        return self.plan_id._open_form()

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "hand_on": self._reason_step(
                self.env._("Give to somebody else"), "_hand_on", "user"
            ),
        }

    def _refuse_report(self):
        """Why the user can't report on the task, as a sentence, or False: its owner
        does, or who answers for the contract."""
        self.ensure_one()
        line, user = self.sudo(), self.env.user
        if line.plan_id.state != "active":
            return self.env._(
                "“%(task)s” is reported on while its plan is active.", task=line.name
            )
        parent = line.plan_id._contract_parent()
        if (
            user in line.user_id | parent._contract_responsible()
            or parent._contract_is_head(user)
        ):
            return False
        return self.env._(
            "%(user)s owns “%(task)s” and reports on it.",
            user=line.user_id.name,
            task=line.name,
        )

    def _check_report(self):
        """
        :raise UserError: if the user can't report on the task
        """
        self.check_access("read")
        refusal = self._refuse_report()
        if refusal:
            raise UserError(refusal)

    def _report(self, progress, done_on=False, attachments=None, **words):
        """Write down how far a task is.

        :param progress: percent; 100: it is done
        :param done_on: the day on which it was done; today if not given
        :param words: ``note``, ``problem``, ``cause``, ``needs``
        :raise UserError: if the user can't, or what shows that it is done is missing
        """
        self.ensure_one()
        self._check_report()
        line = unguarded(self.sudo())
        before = line.status
        files = [Command.link(attachment.id) for attachment in attachments or ()]
        values = {
            **words,
            "reported_on": fields.Datetime.now(),
            "reported_by_id": self.env.uid,
        }
        if files:
            values["attachment_ids"] = files
        if line._is_reported():
            done_on = progress == 100 and (done_on or line.plan_id._today())
            line._check_done(done_on, files)
            if line.kind == "stage":
                line.term_id.write({"progress": progress, "done_date": done_on})
            else:
                values.update(reported=progress, done_on=done_on)
        line.write(values)
        line.plan_id.message_post(body=line._report_words())
        if before != line.status:
            line.plan_id._sync_activities()

    def _check_done(self, done_on, files):
        """
        :raise UserError: if the task can't have been done on that day, or nothing
            shows that it was
        """
        if not done_on:
            return
        effect = self.plan_id._contract_parent()._contract_effect_day()
        if done_on < effect:
            raise UserError(
                self.env._(
                    "“%(task)s” can't have been done before the contract took effect "
                    "on %(date)s.",
                    task=self.name,
                    date=format_date(self.env, effect),
                )
            )
        if self.kind in WITH_EVIDENCE and not (files or self.attachment_ids):
            raise UserError(
                self.env._(
                    "“%(task)s” is done only with evidence: attach the file that shows "
                    "it.",
                    task=self.name,
                )
            )

    def _hand_on(self, reason, user=None):
        """Give the task to somebody else; its day stays.

        :raise UserError: if the user can't, or the other one couldn't read it
        """
        for line in self:
            line._check_report()
            if not user or not user._contract_eligible(line.company_id, READER):
                raise UserError(
                    self.env._(
                        "Choose a colleague with a role of contracts in %(company)s.",
                        company=line.company_id.name,
                    )
                )
            old = line.user_id
            unguarded(line.sudo()).write({"user_id": user.id})
            line.plan_id.sudo().message_post(
                body=self.env._(
                    "%(task)s: %(old)s → %(new)s. %(reason)s",
                    task=line.name,
                    old=old.name,
                    new=user.name,
                    reason=reason,
                )
            )
        self.plan_id._sync_activities()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"done_on"}

    def _is_reported(self):
        """Whether somebody says that it is done; else it is read from the ERP."""
        self.ensure_one()
        return self.kind != "stage" or self.sudo().term_id.kind in ENTERED

    def _next_vals(self):
        """Values of this line in the next version of its plan."""
        self.ensure_one()
        return {
            **self._convert_to_write({name: self[name] for name in PLANNED}),
            "origin_id": self.id,
            "date_baseline": self.date_baseline,
        }

    def _link_predecessors(self):
        """Let the lines of a new version wait for each other as those before did."""
        successors = {line.origin_id: line for line in self}
        for line in self:
            new = successors.get(line.origin_id.predecessor_id)
            if new:
                unguarded(line).predecessor_id = new

    def _settle(self):
        """The plan of these lines holds: their days are the baseline, unless there was
        one; what was reported of them stays so; milestones of ours have their days."""
        for line in unguarded(self.sudo()):
            before = line.origin_id
            if before:
                reports = {name: before[name] for name in REPORTED}
                line.write(
                    {
                        **line._convert_to_write(reports),
                        "attachment_ids": [Command.set(before.attachment_ids.ids)],
                    }
                )
            if not line.date_baseline:
                line.date_baseline = line.date_planned
            if line.kind == "stage":
                line.term_id._plan_day(line.date_planned, line.plan_id.display_name)

    def _has_problem(self):
        return self.status not in ("done", "dropped") and bool(
            self.problem or self.needs
        )

    def _late_words(self):
        """That it is late, by how much, and whose it is."""
        self.ensure_one()
        return self.env._(
            "“%(task)s” was planned for %(date)s and is %(progress)s %% done "
            "(%(owner)s).",
            task=self.name,
            date=self.plan_id._form_date(self.date_planned),
            progress=self.progress,
            owner=format_list(
                self.env,
                [n for n in (self.department_id.name, self.user_id.name) if n],
            ),
        )

    def _problem_words(self):
        """What its owner reported of problem, cause and needs, in one line."""
        self.ensure_one()
        words = [
            (self.env._("problem"), self.problem),
            (self.env._("cause"), self.cause),
            (self.env._("to be coordinated"), self.needs),
        ]
        said = "; ".join(
            f"{what}: {' '.join(text.split()).rstrip('.。')}"
            for what, text in words
            if text
        )
        return self.env._("“%(task)s” – %(words)s.", task=self.name, words=said)

    def _report_words(self):
        """A report as the plan's chatter keeps it."""
        words = self.env._(
            "%(task)s: %(progress)s %%. %(note)s",
            task=self.name,
            progress=self.progress,
            note=self.note or "",
        )
        return "\n".join(
            [words, *([self._problem_words()] if self._has_problem() else [])]
        )
