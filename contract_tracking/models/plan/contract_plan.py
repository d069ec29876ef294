from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import float_compare, format_date, format_list

from ...tools.guard import unguarded
from ..contract.sale_order import READER

# How many names a sentence lists.
NAMED = 10


class ContractPlan(models.Model):
    """进度计划、履约跟踪计划 Progress and performance-tracking plan: who does what by
    when so that a contract or a frame agreement is kept, with which goals, risks and
    measures (D1 §6, D6 §5.1).

    A stage is a promise of the contract (``contract.term``): its agreed day is what the
    customer was promised, its planned day ours, and what became of it is read from the
    term. Tasks below are internal and are reported by their owners. The departments
    agree, owner and supervisor sign; then the plan is active, and its days change by a
    new version only, with a reason, through the same approval (D1 §11). The days that
    were planned first stay as baseline.

    Weights are shares of the plan in percent, days those of the company.
    """

    _name = "contract.plan"
    _inherit = ["contract.form.mixin", "contract.approval.mixin"]
    _description = "Progress Plan"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_number"]
    _approval_kind = "plan"
    _contract_form = ("QR-XS-11", "A/0", "JD")
    _contract_buttons = {"can_close": "done"}
    _contract_columns = ("draft", "submitted", "active", "done")

    user_id = fields.Many2one(string="Prepared By", ondelete="restrict")
    date = fields.Date(string="Planned On", help="The day of the plan.")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("active", "Active"),
            ("done", "Closed"),
            ("replaced", "Replaced"),
            ("refused", "Refused"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    version = fields.Integer(
        readonly=True, default=1, copy=False, help="Counts the plans that were agreed."
    )
    replaces_id = fields.Many2one(
        "contract.plan",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    replan_reason = fields.Text(
        string="Why It Was Planned Anew", readonly=True, copy=False
    )
    active_on = fields.Date(string="Active Since", readonly=True, copy=False)
    ended_on = fields.Date(
        readonly=True, copy=False, help="The day on which it was replaced or closed."
    )
    template_id = fields.Many2one(
        "contract.plan.template",
        ondelete="restrict",
        check_company=True,
        help="Where its tasks come from.",
    )
    goals = fields.Text(help="What is to be reached, beside what was agreed.")
    tracking_days = fields.Integer(
        string="Tracking Every",
        help="Days between two tracking records of the contract while this plan is "
        "active. 0: as often as the company does.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        compute="_compute_people",
        compute_sudo=True,
    )
    owner_id = fields.Many2one(
        "res.users",
        string="Contract Owner",
        compute="_compute_people",
        compute_sudo=True,
    )
    line_ids = fields.One2many(
        "contract.plan.line", "plan_id", string="Stages and Tasks", copy=True
    )
    risk_ids = fields.One2many(
        "contract.plan.risk", "plan_id", string="Main Risks", copy=True
    )
    weight_total = fields.Float(
        string="Weights in All",
        compute="_compute_weight_total",
        help="Of all stages and tasks; a plan adds up to 100.",
    )
    completion = fields.Float(
        string="Done (%)",
        compute="_compute_completion",
        compute_sudo=True,
        aggregator="avg",
        help="How much of the plan is done, by the weights of its stages and tasks.",
    )
    late_count = fields.Integer(
        string="Late",
        compute="_compute_completion",
        compute_sudo=True,
        help="Stages and tasks whose planned day is over and that aren't done.",
    )
    slippage = fields.Integer(
        string="Slippage (Days)",
        compute="_compute_completion",
        compute_sudo=True,
        help="The most days by which a stage or a task is later than planned first.",
    )
    date_end = fields.Date(
        string="Planned Until",
        compute="_compute_date_end",
        store=True,
        help="The last planned day.",
    )
    can_close = fields.Boolean(compute="_compute_can")

    _active_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'active' AND order_id IS NOT NULL",
        "The contract has an active plan already: plan anew from there.",
    )
    _frame_active_uniq = models.UniqueIndex(
        "(frame_id) WHERE state = 'active' AND frame_id IS NOT NULL",
        "The frame agreement has an active plan already: plan anew from there.",
    )
    _pending_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'submitted' AND order_id IS NOT NULL",
        "Another plan of this contract is being decided.",
    )
    _frame_pending_uniq = models.UniqueIndex(
        "(frame_id) WHERE state = 'submitted' AND frame_id IS NOT NULL",
        "Another plan of this frame agreement is being decided.",
    )
    _tracking_days_positive = models.Constraint(
        "CHECK (tracking_days >= 0)", "The days between records can't be negative."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends(
        "order_id.contract_owner_id", "order_id.user_id", "frame_id.owner_id",
        "order_id.contract_supervisor_id", "frame_id.supervisor_id",
    )  # fmt: skip
    def _compute_people(self):
        for plan in self:
            parent = plan._contract_parent()
            plan.owner_id = parent._contract_responsible() if parent else False
            plan.supervisor_id = parent._contract_supervisor() if parent else False

    @api.depends("line_ids.weight")
    def _compute_weight_total(self):
        for plan in self:
            plan.weight_total = sum(plan.line_ids.mapped("weight"))

    @api.depends("line_ids.date_planned")
    def _compute_date_end(self):
        for plan in self:
            days = plan.line_ids.filtered("date_planned").mapped("date_planned")
            plan.date_end = max(days, default=False)

    @api.depends("line_ids.progress", "line_ids.weight", "line_ids.status")
    def _compute_completion(self):
        for plan in self:
            counted = plan.line_ids.filtered(lambda line: line.status != "dropped")
            weight = sum(counted.mapped("weight"))
            done = sum(line.weight * line.progress for line in counted)
            plan.completion = done / weight if weight else 0.0
            plan.late_count = len(counted.filtered("is_late"))
            plan.slippage = max(counted.mapped("slippage"), default=0)

    @api.depends_context("uid")
    @api.depends("state", "line_ids.status")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        plans = super().create(vals_list)
        plans._sync_activities()
        return plans

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_fill(self):
        """Add the promises of the contract as stages, and the tasks of the template,
        as far as the plan has none of them yet.

        :raise UserError: if there is nothing to add
        """
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state("draft")
        values = self._fill_vals()
        if not values:
            raise UserError(
                self.env._(
                    "The plan has every promise of the contract and every task of its "
                    "template already."
                )
            )
        self.write(
            {
                "line_ids": [Command.create(vals) for vals in values],
                "goals": self.goals or self.template_id.goals,
            }
        )
        self._spread()
        return True

    def action_spread(self):
        """Bring the weights to 100 in all, in proportion to each other.

        :raise UserError: if the plan is no draft
        """
        self.check_access("write")
        self._contract_check_state("draft")
        self._spread()
        return True

    def action_propose_risks(self):
        """Add what threatens the contract and went wrong with it as main risks.

        :raise UserError: if nothing does that the plan doesn't name yet
        """
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state("draft")
        known = set(self.risk_ids.mapped("name"))
        found = [vals for vals in self._proposed_risks() if vals["name"] not in known]
        if not found:
            raise UserError(
                self.env._("Nothing threatens the contract that isn't named here.")
            )
        self.write({"risk_ids": [Command.create(vals) for vals in found]})
        return True

    def action_replan(self):
        """Open the window that asks why the plan is to be changed."""
        return self._open_reason("replan")

    def action_close(self):
        """Close a plan of which everything is done.

        :raise UserError: if something isn't, naming it
        """
        self.check_access("write")
        self._contract_check_next("done")
        self._close()
        return True

    @api.readonly
    def action_view_versions(self):
        """Open all plans of the contract or frame agreement."""
        self.ensure_one()
        return self._contract_parent()._contract_parts_action("contract_plan_action")

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "submitted": {"draft": None},
            "done": {"active": "_refuse_close"},
        }

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "replan": self._reason_step(self.env._("Plan anew"), "_replan"),
        }

    def _refuse_close(self):
        """Why the plan can't be closed by this user now, as a sentence, or False."""
        if not self.has_access("write"):
            return self.env._(
                "You can read %(document)s, not change it.",
                document=self.display_name,
            )
        open_lines = self.sudo().line_ids.filtered(
            lambda line: line.status not in ("done", "dropped")
        )
        return bool(open_lines) and self.env._(
            "Not done yet: %(tasks)s. Report it done, or plan anew without it.",
            tasks=format_list(self.env, open_lines[:NAMED].mapped("name")),
        )

    def _close(self):
        """End these plans today."""
        for plan in self:
            unguarded(plan.sudo()).write({"state": "done", "ended_on": plan._today()})
        self._sync_activities()

    def _replan(self, reason):
        """Begin the next version of an active plan, a draft. The plan stays active
        until the next one is agreed.

        :raise UserError: if it isn't active, or the next version was begun already
        """
        if len(self) != 1:
            raise UserError(self.env._("Take this step for one document at a time."))
        self.check_access("write")
        self._contract_check_state("active")
        plan = self._approval_lock()
        self._contract_check_state("active")
        begun = self.sudo().search(
            [("replaces_id", "=", plan.id), ("state", "in", ("draft", "submitted"))],
            limit=1,
        )
        if begun:
            raise UserError(
                self.env._(
                    "The next version was begun already: %(plan)s.",
                    plan=begun.display_name,
                )
            )
        fields_kept = ("order_id", "frame_id", "template_id", "goals", "tracking_days")
        values = plan._convert_to_write({name: plan[name] for name in fields_kept})
        new = unguarded(self).create(
            {
                **values,
                "user_id": self.env.uid,
                "version": plan.version + 1,
                "replaces_id": plan.id,
                "replan_reason": reason,
                "line_ids": [
                    Command.create(line._next_vals())
                    for line in plan.line_ids
                    if line.status != "dropped"
                ],
                "risk_ids": [
                    Command.create(vals) for vals in plan.risk_ids.copy_data()
                ],
            }
        )
        new.line_ids._link_predecessors()
        return self.browse(new.id)

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        """Plans that this person prepares or follows, and those in which he has a
        task to do."""
        task = [("user_id", "=", user.id), ("status", "in", ["open", "late"])]
        return Domain("state", "in", ("draft", "active")) & (
            Domain("user_id", "=", user.id) | Domain("line_ids", "any", task)
        )

    def _handover(self, handover):
        mine = self.filtered(lambda plan: plan.user_id == handover.from_user_id)
        lines = self.line_ids.filtered(
            lambda line: (
                line.user_id == handover.from_user_id
                and line.status in ("open", "late")
            )
        )
        unguarded(lines).write({"user_id": handover.to_user_id.id})
        return super(ContractPlan, mine)._handover(handover)

    def _check_frozen(self, content):
        if any(plan.state == "active" for plan in self):
            raise UserError(
                self.env._(
                    "The plan is active: its days, people and weights change by "
                    "planning anew, with a reason."
                )
            )
        if content & {"order_id", "frame_id"} or any(
            plan.state in ("refused", "replaced", "done") for plan in self
        ):
            raise UserError(
                self.env._("A plan stays with its contract: write another one.")
            )
        return super()._check_frozen(content)

    def _approval_may_record_oral(self, step, user):
        """The plan is carried out at once: what can be denied tomorrow can't start
        it."""
        return False

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        for plan in self:
            problems = plan.sudo()._problems()
            if problems:
                raise UserError("\n".join(problems))
        return super()._approval_check_submit()

    def _approval_submitted(self):
        self.write({"state": "submitted"})
        return super()._approval_submitted()

    def _approval_approved(self):
        self._activate()
        return super()._approval_approved()

    def _approval_refused(self):
        self.write({"state": "refused"})
        return super()._approval_refused()

    def _approval_returned(self):
        self.write({"state": "draft"})
        return super()._approval_returned()

    def _approval_withdrawn(self):
        self.write({"state": "draft"})
        return super()._approval_withdrawn()

    def _problems(self):
        """What speaks against deciding the plan as it is written: sentences."""
        self.ensure_one()
        env, lines = self.env, self.line_ids
        parent = self._contract_parent()
        if not parent._contract_is_open():
            return [
                env._(
                    "%(contract)s is not in effect: a plan is agreed once it is.",
                    contract=parent.display_name,
                )
            ]
        if not lines:
            return [env._("The plan is empty: add stages and tasks.")]
        problems = []
        if not self.user_id:
            problems.append(env._("Say who prepares the plan."))
        active = parent._contract_active_plan()
        if active and active != self.replaces_id:
            problems.append(
                env._(
                    "%(plan)s is active: plan anew from there.",
                    plan=active.display_name,
                )
            )
        total = sum(lines.mapped("weight"))
        if float_compare(total, 100, precision_digits=2):
            problems.append(
                env._(
                    "The weights add up to %(total)g, not to 100: spread them.",
                    total=round(total, 2),
                )
            )
        first, last = parent._contract_effect_day(), parent._contract_last_day()
        for texts, found in self._line_problems(first, last):
            if found:
                names = format_list(env, [f"“{line.name}”" for line in found[:NAMED]])
                problems.append(f"{texts} {names}")
        return problems

    def _line_problems(self, first, last):
        """Pairs of a sentence and the lines that it is said of.

        :param first: the day on which the contract took effect
        :param last: the day on which it ends, or False
        """
        env = self.env
        lines = self.line_ids
        dated = lines.filtered("date_planned")
        yield env._("Without an owner:"), lines.filtered(lambda li: not li.user_id)
        yield (
            env._("The owner has no role of contracts and couldn't read it:"),
            lines.filtered(
                lambda li: (
                    li.user_id
                    and not li.user_id._contract_eligible(li.company_id, READER)
                )
            ),
        )
        yield (
            env._("Without a department:"),
            lines.filtered(lambda li: not li.department_id),
        )
        yield env._("Without a planned day:"), lines - dated
        yield (
            env._(
                "Planned before the contract took effect on %(date)s:",
                date=format_date(env, first),
            ),
            dated.filtered(lambda li: li.date_planned < first),
        )
        if last:
            yield (
                env._(
                    "Planned after the contract's end on %(date)s:",
                    date=format_date(env, last),
                ),
                dated.filtered(lambda li: li.date_planned > last),
            )
        yield (
            env._("Planned before what it waits for:"),
            dated.filtered(
                lambda li: (
                    li.predecessor_id.date_planned
                    and li.date_planned < li.predecessor_id.date_planned
                )
            ),
        )
        yield (
            env._("Not promised any more, take it out:"),
            lines.filtered(lambda li: li.status == "dropped"),
        )

    def _activate(self):
        """These plans hold from now on: they replace the versions before, whose
        reports they take over, and milestones of ours have their days."""
        for plan in self:
            before = plan._contract_parent()._contract_active_plan()
            if before != plan.replaces_id.filtered(lambda p: p.state == "active"):
                raise UserError(
                    self.env._(
                        "%(plan)s is active: plan anew from there.",
                        plan=before.display_name,
                    )
                )
            if plan.replaces_id and not before:
                raise UserError(
                    self.env._(
                        "%(plan)s isn't active any more: write another plan.",
                        plan=plan.replaces_id.display_name,
                    )
                )
            before.write({"state": "replaced", "ended_on": plan._today()})
            before.flush_recordset(["state"])
            before._sync_activities()
            plan.write({"state": "active", "active_on": plan._today()})
            plan.line_ids._settle()

    def _today(self):
        return self.company_id._contract_today()
