from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

STATES = [
    ("draft", "Draft"),
    ("submitted", "Being Reviewed"),
    ("approved", "Reviewed"),
    ("refused", "Disagreed"),
    ("void", "Void"),
]
CONCLUSIONS = [
    ("agree", "Agree"),
    ("conditions", "Agree with conditions"),
    ("disagree", "Disagree"),
]


class ContractReview(models.Model):
    """合同评审 Contract review: what the departments say of a contract or a frame
    agreement before it is signed or takes effect, by compliance, schedule and
    resources, and what comes of it (D1 §3, D4 §4.2, D5 §3).

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

    _running_uniq = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'submitted') AND order_id IS NOT NULL",
        "Another review of this contract is being prepared or decided.",
    )
    _frame_running_uniq = models.UniqueIndex(
        "(frame_id) WHERE state IN ('draft', 'submitted') AND frame_id IS NOT NULL",
        "Another review of this frame agreement is being prepared or decided.",
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
            "void": dict.fromkeys(("draft", "approved", "refused"), None),
        }

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("A review stays with its contract: write another one.")
            )
        if content and any(review.state in ("refused", "void") for review in self):
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

    def _review_content_rows(self):
        """What is reviewed beside the order's own lines and terms, for each review
        asked: rows of :meth:`_review_row`."""
        self.ensure_one()
        return []
