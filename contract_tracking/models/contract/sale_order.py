from datetime import date

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ...tools.cents import goods_price
from ...tools.guard import is_unguarded, unguarded

READER = "contract_tracking.group_contract_reader"
FOLLOWS = "contract_tracking.group_contract_user"
# Who works in an office, and who follows all contracts of the company
OFFICE = "contract_tracking.group_contract_office"
ALL = (
    "contract_tracking.group_contract_business",
    "sales_team.group_sale_salesman_all_leads",
)
OPEN_STATES = ("active", "suspended")

# An ended contract can still owe; one in preparation can't yet.
OWING_STATES = (*OPEN_STATES, "completed", "terminated", "cancelled")

# What people write down of a contract; after it took effect only the business office
# corrects it, with a reason. An empty fact may still be filled in.
FACTS = {
    "contract_number", "contract_kind", "contract_type", "contract_predecessor_id",
    "contract_buyer_id", "contract_signing_date", "contract_our_seal_date",
    "contract_customer_seal_date", "contract_signatory", "contract_customer_signatory",
    "contract_end_date", "contract_owner_id", "contract_supervisor_id",
    "contract_opening_date", "contract_opening_invoiced", "contract_opening_received",
}  # fmt: skip

# What only the contract's own transitions write.
SYSTEM = {"contract_state", "contract_effective_date", "contract_agreed_amount"}

# What was invoiced and received before the contract was kept here.
OPENING = ("contract_opening_invoiced", "contract_opening_received")

# What a contract needs to take effect, by the company's rule.
EFFECTIVE_BY = {
    "signature": ("contract_signing_date", "contract_signatory"),
    "seals": ("contract_our_seal_date", "contract_customer_seal_date"),
}

# Core fields whose change is dated by our history: field → kind of history.
DATED = {"team_id": "office", "contract_owner_id": "owner"}


class SaleOrder(models.Model):
    """The contract is the sale order: its facts, and how it comes to life, is held up,
    and ends. Amounts are in the order's currency with taxes, days in the time zone of
    the company. Serves D2 §4–§10, D4 §4–§6, D6 §5.2 and D9 §2.

    draft → confirmed → active ⇄ suspended → completed or terminated; cancelled from
    draft, confirmed or active. Every step is dated in the contract's history.
    """

    _name = "sale.order"
    _inherit = ["sale.order", "contract.parent.mixin"]

    # Its number stands on paper made elsewhere: no form code.
    _contract_form = ("", "", "HT")
    _contract_state_field = "contract_state"
    _contract_parent_field = "order_id"

    contract_state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("confirmed", "Confirmed"),
            ("active", "In effect"),
            ("suspended", "Suspended"),
            ("completed", "Completed"),
            ("terminated", "Terminated"),
            ("cancelled", "Cancelled"),
        ],
        copy=False,
        index="btree_not_null",
        readonly=True,
        groups=READER,
        help="Empty: this order is not tracked as a contract.",
    )
    contract_number = fields.Char(
        copy=False,
        index="trigram",
        groups=READER,
        help="Number on the paper contract. Drawn when the order is confirmed, or "
        "earlier when the paper needs it.",
    )
    contract_kind = fields.Selection(
        [
            ("contract", "Contract"),
            ("order", "Product order"),
            ("call_off", "Call-off order"),
        ],
        string="Binding Document",
        copy=False,
        groups=READER,
        help="Product orders and call-off requests are tracked like contracts.",
    )
    contract_type = fields.Selection(
        [("new", "New"), ("renewal", "Renewal"), ("amended", "Amended")],
        string="Type of Contract",
        copy=False,
        groups=READER,
        help="An amended contract replaces its predecessor.",
    )
    contract_predecessor_id = fields.Many2one(
        "sale.order",
        string="Predecessor",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups=READER,
    )
    contract_buyer_id = fields.Many2one(
        "res.partner",
        string="Buyer",
        copy=False,
        groups=READER,
        help="Who buys according to the contract, if not the customer himself.",
    )
    contract_signing_date = fields.Date(
        string="Signing Date", copy=False, groups=READER
    )
    contract_our_seal_date = fields.Date(string="Our Seal", copy=False, groups=READER)
    contract_customer_seal_date = fields.Date(
        string="Customer's Seal", copy=False, groups=READER
    )
    contract_signatory = fields.Char(
        string="Our Signatory",
        copy=False,
        groups=READER,
        help="Legal or authorised representative who signed for us.",
    )
    contract_customer_signatory = fields.Char(
        string="Customer's Signatory", copy=False, groups=READER
    )
    contract_effective_date = fields.Date(
        string="In Effect Since",
        copy=False,
        readonly=True,
        groups=READER,
        help="From this day the terms are fixed.",
    )
    contract_end_date = fields.Date(string="Ends On", copy=False, groups=READER)
    contract_owner_id = fields.Many2one(
        "res.users",
        copy=False,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        groups=READER,
        help="Follows the contract day by day; the salesperson if empty when the "
        "order is confirmed.",
    )
    contract_supervisor_id = fields.Many2one(
        "res.users",
        string="Performance Supervisor",
        copy=False,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        groups=READER,
        help="Checks how the contract is performed.",
    )
    contract_agreed_amount = fields.Monetary(
        string="Agreed Total",
        copy=False,
        readonly=True,
        groups=READER,
        help="Total with taxes on the day on which the contract took effect.",
    )
    contract_opening_date = fields.Date(
        string="Opening Date",
        copy=False,
        groups=READER,
        help="For a contract that ran before it was kept here: the figures below hold "
        "up to this day. They count to date, never in a month.",
    )
    contract_opening_invoiced = fields.Monetary(
        string="Opening Invoiced",
        copy=False,
        groups=READER,
        help="Invoiced up to the opening date, taxes included, without down payments.",
    )
    contract_opening_received = fields.Monetary(
        string="Opening Received",
        copy=False,
        groups=READER,
        help="Received up to the opening date.",
    )

    contract_goods_share = fields.Float(
        string="Left of the Goods' Price",
        compute="_compute_contract_goods_share",
        groups=READER,
        help="What rebates and discounts on the whole order leave of the price of the "
        "goods and services: 1 if there are none.",
    )
    contract_goods_cents = fields.Float(
        string="Rounding a Line",
        compute="_compute_contract_goods_share",
        groups=READER,
        help="What the goods and services of a line cost more than their own total, as "
        "the order rounds its taxes on the whole.",
    )
    contract_document_ids = fields.One2many(
        "contract.document", "order_id", string="Papers", copy=False, groups=READER
    )
    contract_history_ids = fields.One2many(
        "contract.history", "order_id", string="History", copy=False, groups=READER
    )

    # who types it in small or full-width letters means the same contract
    _contract_number_uniq = models.UniqueIndex(
        "(company_id, lower(normalize(btrim(contract_number), NFKC))) "
        "WHERE contract_number IS NOT NULL",
        "Another contract of this company already has this contract number.",
    )

    @property
    def _rec_names_search(self):
        """People know a contract by the number on its paper."""
        names = super()._rec_names_search
        return [*names, "contract_number"] if self.env.user.has_group(READER) else names

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends_context("uid")
    @api.depends("contract_number")
    def _compute_display_name(self):
        """Who reads contracts calls them by the number on their paper."""
        result = super()._compute_display_name()
        if self.env.user.has_group(READER):
            for order in self:
                if number := order.sudo().contract_number:
                    name = order.display_name or ""
                    order.display_name = number + name.removeprefix(order.name or "")
        return result

    @api.depends("order_line.price_total", "order_line.product_uom_qty", "amount_total")
    def _compute_contract_goods_share(self):
        for order in self:
            lines = order.order_line.filtered("price_total")
            goods = lines.filtered(lambda ln: ln._contract_is_promise())
            below = lines.filtered(lambda ln: ln._contract_is_below_zero())
            order.contract_goods_share, order.contract_goods_cents = goods_price(
                order.currency_id,
                goods.mapped("price_total"),
                below.mapped("price_total"),
                (lines - goods - below).mapped("price_total"),
                order.amount_total,
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    # not when it takes effect: that is no entry
    @api.constrains("contract_end_date", "contract_signing_date")
    def _check_contract_dates(self):
        for order in self:
            start = order.contract_effective_date or order.contract_signing_date
            if start and order.contract_end_date and order.contract_end_date < start:
                raise ValidationError(
                    self.env._(
                        "%(order)s can't end on %(end)s, before it begins on "
                        "%(start)s.",
                        order=order.display_name,
                        end=format_date(self.env, order.contract_end_date),
                        start=format_date(self.env, start),
                    )
                )

    @api.constrains("contract_predecessor_id")
    def _check_contract_predecessor(self):
        if self._has_cycle("contract_predecessor_id"):
            raise ValidationError(
                self.env._("A contract can't be its own predecessor.")
            )

    @api.constrains(*OPENING, "contract_opening_date")
    def _check_contract_opening(self):
        for order in self.sudo():
            if any(order[fname] < 0 for fname in OPENING):
                raise ValidationError(
                    self.env._(
                        "%(order)s: opening figures are to date, they can't be below "
                        "zero.",
                        order=order.display_name,
                    )
                )
            if not order.contract_opening_date and any(
                order[fname] for fname in OPENING
            ):
                raise ValidationError(order._contract_opening_message())

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_unguarded(self):
            for vals in vals_list:
                self._contract_check_system(vals)
        orders = super().create(vals_list)
        facts = self._contract_facts()
        entered = self._contract_entered()
        if not is_unguarded(self):
            given = {n for n in entered if self.env.context.get(f"default_{n}")}
            for order, vals in zip(orders, vals_list, strict=True):
                if given or any(vals.get(fname) for fname in entered):
                    order._contract_check_followed()
        for order, vals in zip(orders, vals_list, strict=True):
            if any(vals.get(fname) for fname in facts):
                order.sudo()._contract_ensure_draft()
        return orders

    def write(self, vals):
        facts = self._contract_facts() & vals.keys()
        entered = self._contract_entered() & vals.keys()
        checked = entered | (self._contract_system() & vals.keys())
        if checked:
            self.check_access("write")
        for fname in checked:
            self._check_field_access(self._fields[fname], "write")
        if is_unguarded(self):
            facts = set()
        else:
            self._contract_check_system(vals)
            self._contract_check_office(vals)
            if entered:
                self._contract_check_followed()
            if facts:
                self._contract_check_facts(vals)
        if vals.get("state") == "cancel":
            self._contract_cancel_with_order()
        watched = set(facts)
        # the office follows the customer and the salesperson
        dated = {"team_id", "user_id", "partner_id", "company_id", "contract_owner_id"}
        if dated & vals.keys() and not is_unguarded(self):
            watched |= self._contract_dated().keys()
        contracts = self.sudo().filtered("contract_state") if watched else self[:0]
        old = {order: {name: order[name] for name in watched} for order in contracts}
        res = super().write(vals)
        if facts:
            self.sudo()._contract_ensure_draft()
        self._contract_log_changes(old)
        self._contract_written(vals)
        if facts - {"contract_number"}:
            self.sudo()._contract_take_effect()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_contract_took_effect(self):
        history = self.env["contract.history"].sudo()
        effective = (
            self.sudo().filtered("contract_effective_date")
            | history.search(
                [
                    ("order_id", "in", self.ids),
                    ("kind", "=", "state"),
                    ("new_value", "=", "active"),
                ]
            ).order_id
        )
        effective = effective._contract_recorded()
        if effective:
            raise UserError(
                self.env._(
                    "%(orders)s took effect as a contract and is kept as evidence: it "
                    "can be cancelled or terminated, not deleted.",
                    orders=format_list(self.env, effective.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_what_nobody_recorded(self):
        """Documents that the addon began by itself, or nobody submitted, go with it."""
        for model, domain in self._contract_recorded_in():
            if model._fields["order_id"].ondelete == "restrict":
                begun = Domain("order_id", "in", self.ids) & ~domain
                unguarded(model.search(begun)).unlink()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_draft(self):
        res = super().action_draft()
        self.sudo().filtered(
            lambda o: o.contract_state == "cancelled" and o.state == "draft"
        )._contract_set_state(
            "draft", contract_effective_date=False, contract_agreed_amount=0
        )
        return res

    def action_contract_assign_number(self):
        """Draw the contract number before the order is confirmed."""
        self._contract_check_user()
        if any(order.state == "cancel" for order in self):
            raise UserError(self.env._("A cancelled order needs no contract number."))
        contracts = self.sudo()
        contracts._contract_assign_numbers()
        contracts._contract_ensure_draft()

    def action_contract_track(self):
        """Join orders that were confirmed before tracking began, or by hand.

        :raise UserError: if an order is not confirmed
        """
        self._contract_check_user()
        fresh = self.sudo().filtered(lambda o: not o.contract_state)
        unconfirmed = fresh.filtered(lambda o: o.state != "sale")
        if unconfirmed:
            raise UserError(
                self.env._(
                    "Only confirmed orders can join: %(orders)s.",
                    orders=format_list(self.env, unconfirmed.mapped("display_name")),
                )
            )
        fresh._contract_start()
        fresh._contract_joined()

    def _contract_joined(self):
        """They ran before they were tracked: what is kept and dated from today on."""
        self.order_line.move_ids._contract_keep_now()
        self.order_line._contract_log_delivered()

    def action_contract_reason(self):
        """Open the window for a step that needs a reason; the context names it."""
        self.ensure_one()
        return self._open_reason(self.env.context.get("contract_step"))

    def action_contract_complete(self):
        """Close a contract of which every promise was kept or waived (D2 §15)."""
        self._contract_reach("completed", None, False)

    @api.readonly
    def action_contract_papers(self):
        """Open the papers of the contract: dropped files are filed there."""
        return self._contract_parts_action("contract_document_action")

    def action_contract_renew(self):
        """Copy a contract into a quotation that renews it and links to it (D1 §2)."""
        self.ensure_one()
        self._contract_check_user()
        self.sudo()._contract_check_state(*OPEN_STATES, "completed")
        renewal = self.copy(
            {
                "contract_type": "renewal",
                "contract_kind": self.contract_kind,
                "contract_predecessor_id": self.id,
                "contract_buyer_id": self.contract_buyer_id.id,
                "contract_owner_id": self.contract_owner_id.id,
                "contract_supervisor_id": self.contract_supervisor_id.id,
            }
        )
        return renewal._contract_form_action()

    def action_cancel(self):
        """People are asked why: by the button of the form, whose context says so, and
        where only the business office cancels. Code cancels as in core."""
        if len(self) == 1 and self.sudo()._contract_is_open():
            asked = self.env.context.get("contract_ask") and self.env.user.has_group(
                READER
            )
            if asked or self.sudo().company_id.contract_cancel_office:
                self._contract_check_next("cancelled")
                self.check_access("read")
                return self._open_reason("cancel")
        return super().action_cancel()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_written(self, vals):
        """Facts were written, and may put them into effect next."""

    def _contract_facts(self):
        return super()._contract_facts() | FACTS

    def _contract_system(self):
        # the other fields are core's
        return SYSTEM

    def _contract_dated(self):
        return {**super()._contract_dated(), **DATED}

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {
            "contract_signing_date",
            "contract_our_seal_date",
            "contract_customer_seal_date",
            "contract_opening_date",
        }

    def _contract_opening_message(self):
        """Say that opening figures need a day."""
        return self.env._(
            "%(order)s: opening figures hold up to a day. Enter the opening date "
            "first.",
            order=self.display_name,
        )

    def _contract_effect_day(self):
        return self.contract_effective_date

    def _contract_is_cancelled(self):
        return self.state == "cancel" or super()._contract_is_cancelled()

    def _contract_check_user(self):
        """Raise unless the user follows contracts and may write these."""
        self._contract_check_follows()
        self.check_access("write")

    def _contract_followed(self):
        """Those that the user follows: whose documents our rules let him write
        (``security/``). He sells, owns or supervises it, heads its office or works in
        it, or follows all of the company."""
        user = self.env.user
        if self.env.su or any(user.has_group(group) for group in ALL):
            return self
        if not user.has_group(FOLLOWS):
            return self.browse()
        works = user.has_group(OFFICE)

        def follows(order):
            team = order.team_id
            return (
                not order.user_id
                or user in order.user_id | order.contract_owner_id | team.user_id
                or user == order.contract_supervisor_id
                or (works and user in team.crm_team_member_ids.user_id)
            )

        return self.sudo().filtered(follows).with_env(self.env)

    def _contract_check_followed(self):
        """Raise unless the user follows each of these. Finance and the warehouse write
        orders; what was agreed is written down by those who follow the contract.

        Steps of core that write as superuser are no entries.
        """
        if unfollowed := self - self._contract_followed():
            raise AccessError(
                self.env._(
                    "What was agreed in %(contract)s is written down by those who "
                    "follow it: its salesperson, owner or supervisor, their office or "
                    "the business office. Ask one of them.",
                    contract=unfollowed[0].display_name,
                )
            )

    def _action_confirm(self):
        # as a set: those that are to be tracked become contracts
        self.sudo().filtered(
            lambda o: (
                o.contract_state in ("draft", "cancelled")
                or (not o.contract_state and o._contract_is_to_track())
            )
        )._contract_start()
        return super()._action_confirm()

    def _contract_is_to_track(self):
        """Whether the company's settings make a contract of this confirmed order."""
        self.ensure_one()
        company = self.company_id
        mode = company.contract_track_mode
        if mode == "manual" or (
            company.contract_track_from
            and self._contract_day(self.date_order) < company.contract_track_from
        ):
            return False
        if mode == "amount":
            total = self.amount_total / (self.currency_rate or 1)
            return total >= company.contract_track_amount
        if mode == "team":
            return self.team_id in company.contract_track_team_ids
        return True

    def _contract_responsible(self):
        return self.contract_owner_id or self.user_id

    def _contract_start(self):
        """Number and owner; in effect at once if the rule allows."""
        self._contract_assign_numbers()
        for order in self:
            unguarded(order).write(
                {
                    "contract_owner_id": order._contract_responsible().id,
                    "contract_kind": order.contract_kind or "contract",
                    "contract_type": order.contract_type or "new",
                }
            )
        rows = self._contract_set_state("confirmed", log=False)
        rows += self._contract_take_effect(log=False)
        self.env["contract.history"]._log(rows)

    def _contract_assign_numbers(self):
        """Draw a number for those that have none: one query a number."""
        Form = self.env["contract.form.type"]
        without = self.filtered(lambda o: not o.contract_number)
        for company, orders in without.grouped("company_id").items():
            numbers = Form._next_free_numbers(
                self._name, company, len(orders), "contract_number"
            )
            for order, number in zip(orders, numbers, strict=True):
                unguarded(order).write({"contract_number": number})

    def _contract_missing(self):
        """Names of the facts that it still needs to take effect by the company's
        rule."""
        self.ensure_one()
        rule = self.company_id.sudo().contract_effective_rule
        return [fname for fname in EFFECTIVE_BY.get(rule, ()) if not self[fname]]

    def _contract_is_effective(self):
        """The day on which the contract took effect by the company's rule, or False."""
        self.ensure_one()
        if fnames := EFFECTIVE_BY.get(self.company_id.contract_effective_rule):
            facts = [self[fname] for fname in fnames]
            return all(facts) and max(fact for fact in facts if isinstance(fact, date))
        return min(self._contract_day(self.date_order), self._contract_today())

    def _contract_take_effect(self, log=True):
        """Put confirmed contracts into effect by the company's rule (D4 §4.4).

        :return: rows of the history, which the caller logs if ``log`` is false
        """
        days = {
            order: order._contract_is_effective()
            for order in self
            if order.contract_state == "confirmed" and order.state == "sale"
        }
        effective = self.filtered(
            lambda o: days.get(o) and days[o] <= o._contract_today()
        )
        if not effective:
            return []
        for order in effective:
            order._contract_before("active")
            unguarded(order).write(order._contract_effect_vals(days[order]))
        effective._contract_stamp()
        return effective._contract_set_state("active", log=log)

    def _contract_effect_vals(self, day):
        """What is fixed of the contract itself when it takes effect on ``day``."""
        self.ensure_one()
        return {
            "contract_effective_date": day,
            "contract_agreed_amount": self.amount_total,
        }

    def _contract_stamp(self):
        """Fix what was agreed: they take effect."""

    def _contract_ensure_draft(self):
        """A quotation becomes a contract in preparation with its first fact."""
        self.filtered(
            lambda o: not o.contract_state and o.state in ("draft", "sent")
        )._contract_set_state("draft")

    def _contract_cancel_with_order(self):
        """Their orders are cancelled: by core's own ways, by another addon, by a job.

        :raise UserError: if one is in effect and only the business office cancels
        """
        contracts = self.sudo().filtered(
            lambda o: o.contract_state in ("draft", "confirmed", *OPEN_STATES)
        )
        kept = contracts.filtered(
            lambda o: o._contract_is_open() and o.company_id.contract_cancel_office
        )
        if kept:
            raise UserError(
                self.env._(
                    "%(orders)s is in effect as a contract: the business office "
                    "cancels or terminates it, with a reason.",
                    orders=format_list(self.env, kept.mapped("display_name")),
                )
            )
        rows = contracts._contract_set_state(
            "cancelled", self.env._("Cancelled with its order"), log=False
        )
        # nobody gave a reason: it follows the order
        followed = {"res_model": self._name}
        self.env["contract.history"]._log(
            [{**row, **followed, "record_id": row["order_id"]} for row in rows]
        )

    def _contract_recorded(self):
        """Those of which something was written down or that were performed. One that
        took effect by its confirmation alone, by mistake perhaps, proves nothing."""
        recorded = self.filtered(
            lambda o: any(ln.qty_delivered or ln.qty_invoiced for ln in o.order_line)
        ) | self.search([("contract_predecessor_id", "in", self.ids)]).mapped(
            "contract_predecessor_id"
        )
        for model, domain in self._contract_recorded_in():
            domain &= Domain("order_id", "in", self.ids)
            recorded |= model.search(domain).order_id
        return recorded

    @api.model
    def _contract_recorded_in(self):
        """The models of parts, each with the domain of those that were recorded."""
        for _name, model in sorted(self.env.items()):
            if hasattr(model, "_recorded_domain") and model._auto:
                parts = model.sudo().with_context(active_test=False)
                yield parts, model._recorded_domain()

    @api.model
    def _contract_roles(self):
        return ("contract_owner_id", "contract_supervisor_id", "user_id")

    @api.model
    def _contract_handed_domain(self):
        open_states = ("draft", "confirmed", *OPEN_STATES)
        return Domain("contract_state", "in", open_states) | (
            Domain("contract_state", "=", False)
            & Domain("state", "in", ("draft", "sent"))
        )

    def _contract_next_states(self):
        office = "_contract_refuse_business"
        return {
            **super()._contract_next_states(),
            "suspended": {"active": office},
            "active": {"suspended": office},
            "completed": dict.fromkeys(OPEN_STATES, office),
            "terminated": dict.fromkeys(OPEN_STATES, office),
            "cancelled": dict.fromkeys(OPEN_STATES, "_contract_refuse_cancel"),
        }

    def _contract_refuse_cancel(self):
        """Why the user can't cancel it: unless the company says that only the business
        office does, whoever may in core may."""
        if not self.sudo().company_id.contract_cancel_office and self.has_access(
            "write"
        ):
            return False
        return self._contract_refuse_business()

    def _reason_steps(self):
        reach = self._contract_reach_rule
        return {
            **super()._reason_steps(),
            "suspend": reach("suspended", self.env._("Suspend the contract")),
            "resume": reach("active", self.env._("Resume the contract")),
            "terminate": reach("terminated", self.env._("Terminate the contract")),
            "cancel": reach(
                "cancelled", self.env._("Cancel the contract and its order")
            ),
        }

    def _contract_after(self, state, reason):
        if state == "cancelled":
            self.action_cancel()
        return super()._contract_after(state, reason)

    @api.model
    def _get_view_cache_key(self, view_id=None, view_type="form", **options):
        key = super()._get_view_cache_key(view_id, view_type, **options)
        return (*key, self._contract_only_reads())

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Who reads orders as contracts only, as leaders and auditors do, sees none of
        core's buttons that bring them on."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if self._contract_only_reads():
            for button in arch.xpath("//header//button"):
                if not button.get("name", "").startswith("action_contract"):
                    button.getparent().remove(button)
        return arch, view

    @api.model
    def _contract_only_reads(self):
        return self.env.user.has_group(READER) and not self.has_access("write")
