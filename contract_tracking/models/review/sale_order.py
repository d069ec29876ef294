from odoo import api, fields, models
from odoo.exceptions import UserError

from ..contract.sale_order import EFFECTIVE_BY, READER

# What puts a contract into effect, by whichever rule.
EFFECT = {name for names in EFFECTIVE_BY.values() for name in names}


class SaleOrder(models.Model):
    """The reviews of a contract, and what waits for them.

    People who confirm, or who write down what puts it into effect, are told what is
    missing. What takes effect by itself (by its confirmation, where that is the rule)
    stops nobody: the contract stays confirmed and takes effect once it is reviewed.
    """

    _inherit = "sale.order"

    contract_review_ids = fields.One2many(
        "contract.review", "order_id", string="Reviews", copy=False, groups=READER
    )
    contract_review_count = fields.Integer(
        string="Number of Reviews",
        compute="_compute_contract_review_count",
        compute_sudo=True,
        groups=READER,
        help="Reviews of the contract, void ones left out.",
    )
    contract_review_missing = fields.Text(
        string="Not Reviewed",
        compute="_compute_contract_review",
        compute_sudo=True,
        groups=READER,
        help="Why the contract is not reviewed as it stands.",
    )
    contract_review_differences = fields.Html(
        string="Changed After the Review",
        compute="_compute_contract_review",
        compute_sudo=True,
        sanitize=False,
        groups=READER,
    )
    contract_next_step = fields.Selection(selection_add=[("review", "Review")])

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("contract_review_ids.state")
    def _compute_contract_review_count(self):
        self._contract_count_forms("contract.review", "contract_review_count")

    @api.depends_context("lang")
    @api.depends("contract_review_ids.state", "state", "contract_state")
    def _compute_contract_review(self):
        orders = self._origin
        missing = orders._contract_review_missing(orders._contract_review_waits())
        for order in self:
            holding = order._origin.contract_review_ids.filtered("is_outdated")
            order.contract_review_missing = missing.get(order._origin, False)
            order.contract_review_differences = holding[:1].differences

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        if sold := orders.filtered(lambda o: o.state == "sale"):
            sold._contract_review_check_sold(
                lambda o: o.contract_state or o._contract_is_to_track()
            )
        return orders

    def write(self, vals):
        if vals.get("state") == "sale":
            # by another door than confirming, which made contracts of them
            self.filtered(lambda o: o.state != "sale")._contract_review_check_confirm(
                (False, "draft", "cancelled")
            )
        return super().write(vals)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_track(self):
        # who sells doesn't confirm first and make a contract of it afterwards; the
        # business office joins what ran before
        self._contract_check_user()
        self._contract_review_check_sold(
            lambda o: o.state == "sale" and not o.contract_state
        )
        return super().action_contract_track()

    def action_contract_review(self):
        """Open the review of the contract that goes on, or begin one: of what changed,
        if it was reviewed before."""
        self.ensure_one()
        return self.env["contract.review"]._review_of(self)

    @api.readonly
    def action_contract_reviews(self):
        """Open the reviews of the contract."""
        return self._contract_parts_action("contract_review_action")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _action_confirm(self):
        self._contract_review_check_confirm()
        return super()._action_confirm()

    def _contract_review_check_confirm(self, states=None):
        """Check those that are contracts, or become some by being confirmed.

        :param states: of contracts in these states only
        """
        self.sudo().filtered(
            lambda o: (
                o.company_id.contract_review_before == "confirm"
                and (states is None or o.contract_state in states)
                and (o.contract_state or o._contract_is_to_track())
            )
        )._contract_review_check("confirm")

    def _contract_review_check_sold(self, becomes):
        """Check those that were sold without being contracts, unless the business
        office takes them in.

        :param becomes: which of them become contracts
        """
        if self.env.su or self.env.user.has_group(
            "contract_tracking.group_contract_business"
        ):
            return
        self.sudo().filtered(becomes)._contract_review_check("confirm")

    def _contract_written(self, vals):
        res = super()._contract_written(vals)
        if EFFECT & vals.keys() and not self.env.su:
            self.sudo().filtered(
                lambda o: (
                    EFFECT
                    & vals.keys()
                    & {*EFFECTIVE_BY.get(o.company_id.contract_effective_rule, ())}
                )
            )._contract_ready()._contract_review_check("effect")
        return res

    def _contract_take_effect(self, log=True):
        held = self._contract_ready()._contract_review_asked("effect")
        held = self.browse().union(*held._contract_review_missing(held))
        return super(SaleOrder, self - held)._contract_take_effect(log)

    def _contract_ready(self):
        """Those that take effect now, if nothing else speaks against it. Costs nothing
        where no review is asked for."""
        return self.filtered(
            lambda o: (
                o.company_id.contract_review_before == "effect"
                and o.contract_state == "confirmed"
                and o.state == "sale"
                and o._contract_is_effective()
            )
        )

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if follows and (waiting := self.sudo()._contract_review_waits()):
            running = self.sudo().contract_review_ids.filtered(
                lambda review: review.state == "submitted"
            )
            if not running and waiting._contract_review_missing(waiting):
                # before it is signed
                yield -1, "review"

    def _contract_review_waits(self):
        """Those whose next step waits for a review by the company's settings."""
        waiting = {"confirm": ("draft", "sent"), "effect": ("draft", "sent", "sale")}
        return self.filtered(
            lambda o: (
                o.state in waiting.get(o.company_id.contract_review_before, ())
                and o.contract_state in (False, "draft", "confirmed")
                and (o.contract_state or o._contract_is_to_track())
            )
        )._contract_review_asked()

    def _contract_review_check(self, before):
        """
        :raise UserError: naming each of these that isn't reviewed, and the way on
        """
        asked = self._contract_review_asked(before)
        if missing := asked._contract_review_missing(asked):
            raise UserError("\n".join(missing.values()))

    @api.model
    def _contract_review_missing(self, orders):
        """``{order: why it isn't reviewed}``; without a query for none."""
        return self.env["contract.review"]._review_missing(orders) if orders else {}

    def _contract_review_asked(self, before=None):
        """Those of which the company asks for a review: not of small ones, of call-offs
        that keep to a frame agreement that was reviewed, of renewals without changes.

        :param before: of which setting only
        """
        asked = self.filtered(
            lambda o: (
                o.company_id.contract_review_before
                in ((before,) if before else ("confirm", "effect"))
                and not o._contract_review_small()
            )
        )
        if not asked:
            return asked
        Review = self.env["contract.review"].sudo()
        called = asked.filtered(
            lambda o: o.company_id.contract_review_call_off and o.contract_frame_id
        )
        if called:
            unreviewed = Review._review_missing(called.contract_frame_id)
            asked -= called.filtered(
                lambda o: (
                    o.contract_frame_id not in unreviewed
                    and not o.contract_outside_frame
                )
            )
        return asked.filtered(
            lambda o: (
                not (
                    o.company_id.contract_review_renewal
                    and o.contract_type == "renewal"
                    # a quotation renews nothing
                    and o.contract_predecessor_id.contract_effective_date
                    and Review._is_renewed(o)
                )
            )
        )
