from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.guard import guarded, unguarded
from ..base.contract_checklist_template import GRADES

STATES = [
    ("draft", "Draft"),
    ("submitted", "Being Reviewed"),
    ("approved", "Reviewed"),
    ("replaced", "Followed by Another"),
    ("refused", "Disagreed"),
    ("void", "Void"),
]
# One that goes on keeps others of the contract from beginning.
RUNNING = ("draft", "submitted")
# What was concluded, and whose conditions are to be done.
CONCLUDED = ("approved", "replaced")
CONCLUSIONS = [
    ("agree", "Agree"),
    ("conditions", "Agree with conditions"),
    ("disagree", "Disagree"),
]


class ContractReview(models.Model):
    """合同评审 Contract review: what the departments say of a contract or a frame
    agreement before it is signed or takes effect, by compliance, schedule and
    resources, and what comes of it (D1 §5, D4 §4.3, D5 §4.4).

    What was reviewed is what is signed: the content is kept as it was submitted. If it
    changes before the contract takes effect the review no longer holds, and only the
    differences are reviewed again, by another one that names it. Conditions become
    actions that are done before signing.
    """

    _name = "contract.review"
    _inherit = [
        "contract.form.mixin",
        "contract.approval.mixin",
        "contract.checklist.mixin",
        "contract.action.mixin",
    ]
    _description = "Contract Review"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_no", "partner_name"]
    _approval_kind = "review"
    _checklist_purpose = "review"
    _contract_form = ("QR-XS-07", "A/0", "PS")
    _contract_columns = ("draft", "submitted", "approved")
    _correction_fields = ("order_id", "frame_id", "user_id", "note", "previous_id")

    # a quotation is reviewed before it is a contract, an agreement before its effect
    order_id = fields.Many2one(domain="[('state', '!=', 'cancel')]")
    frame_id = fields.Many2one(domain="[('state', 'in', ('draft', 'active'))]")
    user_id = fields.Many2one(string="Prepared By")
    date = fields.Date(string="Review Date")
    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    conclusion = fields.Selection(
        CONCLUSIONS,
        readonly=True,
        copy=False,
        tracking=True,
        help="What the departments concluded together.",
    )
    concluded_on = fields.Datetime(readonly=True, copy=False)
    note = fields.Text(
        string="What to Know",
        help="What those who review should know: background, what is special.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Draft of the Contract and Other Papers",
        copy=False,
        bypass_search_access=True,
    )
    amount = fields.Monetary(
        string="Amount Reviewed",
        readonly=True,
        copy=False,
        help="Total with taxes when it was submitted, in the contract's currency.",
    )
    content = fields.Json(
        readonly=True, copy=False, help="What was reviewed, as it was submitted."
    )
    previous_id = fields.Many2one(
        "contract.review",
        string="Follows",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The review that doesn't hold any more: only what changed since is "
        "reviewed again.",
    )
    follow_up_ids = fields.One2many(
        "contract.review", "previous_id", string="Followed By", readonly=True
    )
    replaces_id = fields.Many2one(
        "contract.review",
        string="Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    action_ids = fields.One2many(
        string="Conditions", context={"default_res_model": "contract.review"}
    )
    conditions_open = fields.Integer(
        string="Open Conditions",
        compute="_compute_conditions_open",
        compute_sudo=True,
        help="Conditions that are still to be done before signing.",
    )
    content_table = fields.Html(
        string="What Is Reviewed",
        compute="_compute_content_table",
        compute_sudo=True,
        sanitize=False,
    )
    is_outdated = fields.Boolean(
        string="No Longer Holds",
        compute="_compute_differences",
        search="_search_is_outdated",
        compute_sudo=True,
        help="The contract was changed after it was submitted, before it took effect.",
    )
    differences = fields.Html(
        string="What Changed",
        compute="_compute_differences",
        compute_sudo=True,
        sanitize=False,
    )
    can_void = fields.Boolean(compute="_compute_can")
    can_follow = fields.Boolean(compute="_compute_can")

    # what it looks at: risk, credit standing, mandatory terms
    risk_grade = fields.Selection(
        GRADES,
        readonly=True,
        copy=False,
        help="The risk when the review was submitted: the worst of what the scores of "
        "its checklists say, and of the answers that are risks by themselves.",
    )
    risk_score = fields.Float(
        readonly=True,
        copy=False,
        aggregator="avg",
        help="The score of all checklists when the review was submitted, 0 to 100.",
    )

    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    standing = fields.Json(
        readonly=True,
        copy=False,
        help="The credit standing when the review was submitted.",
    )
    security = fields.Text(
        string="Security for This Contract",
        help="Guarantee, deposit, insurance, pledge: what secures the money of this "
        "contract.",
    )
    review_term_ids = fields.One2many(
        "contract.review.term", "review_id", string="Mandatory Terms", copy=False
    )
    terms_attested_by_id = fields.Many2one(
        "res.users",
        string="Attested By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="Who reviewed the terms and found that they are clear and unambiguous.",
    )
    terms_attested_name = fields.Char(readonly=True, copy=False)
    terms_attested_on = fields.Datetime(readonly=True, copy=False)
    can_attest_terms = fields.Boolean(compute="_compute_can_attest_terms")

    _running_uniq = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'submitted') AND order_id IS NOT NULL",
        "Another review of this contract is being prepared or decided.",
    )
    _frame_running_uniq = models.UniqueIndex(
        "(frame_id) WHERE state IN ('draft', 'submitted') AND frame_id IS NOT NULL",
        "Another review of this frame agreement is being prepared or decided.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("action_ids.state")
    def _compute_conditions_open(self):
        for review in self:
            review.conditions_open = sum(
                action.state == "open" for action in review.action_ids
            )

    @api.depends_context("lang")
    @api.depends("content", "order_id", "frame_id")
    def _compute_content_table(self):
        for review in self:
            has_parent = bool(review._contract_parent())
            review.content_table = has_parent and review._content_table()

    @api.depends_context("lang", "uid")
    @api.depends("state", "content", "previous_id", "order_id", "frame_id")
    def _compute_differences(self):
        changed = self.filtered(lambda review: review._is_watched())._changes_since()
        for review in self:
            shown = changed.get(review)
            review.is_outdated = bool(shown)
            if not shown and review.previous_id and review.state != "void":
                # what this one is about
                shown = review._changes_reviewed()
            review.differences = review._changes_table(shown) if shown else False

    def _search_is_outdated(self, operator, value):
        if operator != "in":
            return NotImplemented
        waiting = Domain("order_id.contract_effective_date", "=", False) & Domain(
            "order_id", "!=", False
        ) | Domain("frame_id.state", "=", "draft")
        reviews = self.sudo().search(Domain("state", "=", "approved") & waiting)
        changed = reviews.filtered(lambda review: review._is_watched())._changes_since()
        return [("id", "in", [review.id for review in changed])]

    @api.depends_context("uid")
    @api.depends("state", "order_id", "frame_id")
    def _compute_can(self):
        for review in self:
            mine = review._origin.with_user(self.env.user)
            review.can_void = bool(mine) and mine._contract_can("void")
            review.can_follow = (
                review.is_outdated
                and review.state == "approved"
                and mine.has_access("write")
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("order_id", "frame_id")
    def _check_contract(self):
        """A quotation is reviewed too; what was cancelled isn't."""
        for review in self:
            parent = review._contract_parent().sudo()
            if parent._contract_is_cancelled():
                raise ValidationError(
                    self.env._(
                        "%(contract)s was cancelled: there is nothing to review.",
                        contract=parent.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        # a quotation that is reviewed is a contract in preparation
        reviews.order_id.sudo()._contract_ensure_draft()
        return reviews

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_follow(self):
        """Open the review of what changed since this one: the one that is being
        prepared, or a new one.

        :raise UserError: if nothing changed
        """
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state("approved")
        running = self.follow_up_ids.filtered(lambda r: r.state in RUNNING)
        if not running:
            if not self.is_outdated:
                raise UserError(
                    self.env._(
                        "%(review)s holds: nothing changed since.",
                        review=self.display_name,
                    )
                )
            running = guarded(
                unguarded(self).create(
                    {
                        **self._contract_parent_vals(),
                        "user_id": self.env.uid,
                        "previous_id": self.id,
                    }
                )
            )
        return running._open_form()

    @api.model
    def _review_of(self, parent):
        """Open the review of a contract that goes on or holds, the one of what changed
        since, or a new one."""
        parent.check_access("read")
        reviews = self.search(
            Domain(parent._contract_parent_field, "=", parent.id)
            & Domain("state", "in", ("approved", *RUNNING)),
            order="id desc",
        )
        holding = reviews.filtered(lambda r: r.state == "approved")
        if running := reviews - holding:
            return running[0]._open_form()
        if not holding:
            return parent._contract_new_part_action(self._name)
        return holding.action_follow() if holding.is_outdated else holding._open_form()

    # ------------------------------------------------------------------
    # Whether a contract is reviewed
    # ------------------------------------------------------------------

    @api.model
    def _review_missing(self, parents):
        """Why contracts of one model are not reviewed as they stand.

        :param parents: orders or frame agreements, with the addon's own rights
        :return: ``{contract: a sentence with the way on}``, without those whose review
            holds and whose conditions are done
        """
        reviews = self.sudo().search(
            Domain(parents._contract_parent_field, "in", parents.ids)
            & Domain("state", "!=", "void"),
            order="id desc",
        )
        # as the contract stands now, not as somebody looked at it before
        changed = reviews.filtered(lambda r: r._is_watched())._changes_since()
        todo = (
            self.env["contract.action"]
            .sudo()
            .search(
                Domain("res_model", "=", self._name)
                & Domain("res_id", "in", reviews.ids)
                & Domain("state", "=", "open")
            )
        )
        todo = todo.grouped(lambda action: action._contract_parent().id)
        of_parent = reviews.grouped(lambda review: review._contract_parent().id)
        texts = {
            parent: self._review_missing_one(
                parent,
                of_parent.get(parent.id, reviews.browse()),
                changed,
                todo.get(parent.id),
            )
            for parent in parents
        }
        return {parent: text for parent, text in texts.items() if text}

    @api.model
    def _review_missing_one(self, parent, reviews, changed, todo):
        """Why a contract with these reviews, the newest first, is not reviewed, or
        False.

        :param changed: reviews that don't hold as the contract stands
        :param todo: the conditions that are still to be done
        """
        holding = reviews.filtered(lambda r: r.state == "approved")[:1]
        last = reviews[:1]
        if not last:
            return self.env._(
                "%(contract)s was not reviewed yet: write its review (Review) and "
                "submit it.",
                contract=parent.display_name,
            )
        outdated = holding in changed
        if holding and not outdated:
            return todo and self.env._(
                "%(contract)s was reviewed under conditions that are not done yet:\n"
                "%(conditions)s\nTheir owners report them done.",
                contract=parent.display_name,
                conditions="\n".join(
                    f"- {action.name} ({action.user_id.name}, "
                    f"{format_date(self.env, action.date_deadline)})"
                    for action in todo
                ),
            )
        if last.state == "submitted":
            return self.env._(
                "%(contract)s is still being reviewed, in %(review)s. %(hint)s",
                contract=parent.display_name,
                review=last.name,
                hint=last.approval_hint or "",
            ).strip()
        if last.state == "draft":
            return self.env._(
                "%(review)s, the review of %(contract)s, is not submitted yet: open "
                "it and submit it.",
                contract=parent.display_name,
                review=last.name,
            )
        if outdated:
            return self.env._(
                "%(contract)s was changed after its review %(review)s: undo the "
                "change, or let it be reviewed (Review the Changes).",
                contract=parent.display_name,
                review=holding.name,
            )
        return self.env._(
            "%(review)s did not agree to %(contract)s: change what it objects to and "
            "write another review.",
            contract=parent.display_name,
            review=last.name,
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        """Those that this person prepares."""
        return Domain("user_id", "=", user.id) & Domain("state", "=", "draft")

    def _contract_next_states(self):
        """Deciding takes it on; whoever may write it submits it."""
        return {
            **super()._contract_next_states(),
            "submitted": {"draft": None},
            "void": dict.fromkeys(("approved", "refused"), "_refuse_void"),
        }

    def _refuse_void(self):
        """Why the user can't void it, or False: who may write it; the business office,
        once the contract is in effect on the strength of it."""
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if self.state == "approved" and parent._contract_is_fixed():
            return parent.with_env(self.env)._contract_refuse_business()
        if self.has_access("write"):
            return False
        return self.env._(
            "You can read %(document)s, not change it.", document=self.display_name
        )

    def _void_copy(self):
        """Nothing is left to review where the contract was cancelled."""
        if self._contract_parent().sudo()._contract_is_cancelled():
            return self.browse()
        return super()._void_copy()

    def _void(self, reason):
        res = super()._void(reason)
        # nobody waits for the conditions of what doesn't count any more
        todo = self.sudo().action_ids.filtered(lambda a: a.state == "open")
        unguarded(todo).write({"state": "dropped", "note": reason})
        self._sync_activities()
        return res

    def _is_watched(self):
        """Whether what changes in the contract makes a difference to the review: until
        the contract takes effect; then it changes by re-agreements."""
        self.ensure_one()
        return (
            self.state in ("submitted", "approved")
            and bool(self.content)
            and not self._contract_parent().sudo()._contract_is_fixed()
        )

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("A review stays with its contract: write another one.")
            )
        if content and any(r.state in ("refused", "replaced", "void") for r in self):
            raise UserError(
                self.env._("The review is closed: nothing of it changes any more.")
            )
        return super()._check_frozen(content)

    def _checklist_is_frozen(self):
        return self.state != "draft"

    def _checklist_kind(self):
        return self.order_id.sudo().contract_kind or (
            "frame" if self.frame_id else "contract"
        )

    # ------------------------------------------------------------------
    # What others add to a review
    # ------------------------------------------------------------------

    def _review_check_ready(self):
        """Called for each review that is submitted.

        :raise UserError: naming what is still to be filled in
        """
        self.ensure_one()

    def _review_freeze(self):
        """The reviews were submitted: keep what is computed as of now."""

    def _review_print_blocks(self):
        """Blocks of the printed form between what was reviewed and the opinions."""
        self.ensure_one()
        return []

    def _review_content_records(self, parent):
        """What of a contract is reviewed: ``[(records, names of their fields)]``."""
        return []
