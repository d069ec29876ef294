from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, format_list, groupby

from ...tools.batches import in_batches
from ...tools.guard import guarded, is_unguarded, unguarded
from ...tools.windows import window

# What both sides agreed: from activation on only the business office corrects it.
AGREED = {
    "partner_id", "company_id", "currency_id", "date_start", "date_end", "amount_total",
    "schedule_template_id", "payment_term_id", "incoterm_id",
}  # fmt: skip

# Of these, what is still empty may be filled in by whoever follows the frame.
FACTS = {
    "name", "client_ref", "signing_date", "signatory", "customer_signatory",
    "owner_id", "supervisor_id", "predecessor_id",
}  # fmt: skip

# What only the frame's own steps write.
SYSTEM = {"state", "effective_date", "reminded_on", "amount_lines"}

# Fields whose change is dated: field → kind of history.
DATED = {"team_id": "office", "owner_id": "owner", "amount_total": "amount"}
REMINDER = "contract_tracking.mail_activity_frame_expiry"


class ContractFrame(models.Model):
    """A frame agreement (年度/框架合同): what a customer is to call off in a period,
    from here to a quotation in one step (要货传真件).

    draft → active → closed (and back), cancelled from draft or active. Every step is
    dated in the history; its reason stands in the chatter as well.

    Amounts are in the frame's currency with taxes, days in the company's time zone.
    Serves D9 §1: call-offs under a frame agreement are tracked like contracts.
    """

    _name = "contract.frame"
    _inherit = [
        "contract.parent.mixin",
        "contract.activity.mixin",
        "contract.facts.source",
        "mail.thread",
    ]
    _description = "Frame Agreement"
    _order = "date_end desc, id desc"
    _rec_names_search = ["name", "client_ref", "partner_id.name"]

    _contract_form = ("", "", "KJ")
    _contract_parent_field = "frame_id"
    _contract_facts_model = "contract.facts.frame"
    _check_company_auto = True

    name = fields.Char(
        string="Number",
        copy=False,
        index="trigram",
        help="Number on the paper. Drawn when the frame agreement is saved, unless "
        "you type it.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    client_ref = fields.Char(string="Customer's Reference", copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id
    )
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("active", "In effect"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    signing_date = fields.Date(copy=False)
    signatory = fields.Char(
        string="Our Signatory",
        copy=False,
        help="Legal or authorised representative who signed for us.",
    )
    customer_signatory = fields.Char(string="Customer's Signatory", copy=False)
    date_start = fields.Date(string="Valid From", copy=False)
    date_end = fields.Date(
        string="Valid Until", copy=False, index="btree_not_null", tracking=True
    )
    effective_date = fields.Date(
        string="In Effect Since",
        copy=False,
        readonly=True,
        help="The day of the activation. From then on what was agreed is fixed.",
    )
    owner_id = fields.Many2one(
        "res.users",
        index=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        default=lambda self: self.env.user,
        help="Follows the frame agreement and is reminded before it ends.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        string="Performance Supervisor",
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    team_id = fields.Many2one(
        "crm.team", string="Office", index="btree_not_null", check_company=True
    )
    schedule_template_id = fields.Many2one(
        "contract.schedule.template",
        string="Terms of Call-Offs",
        check_company=True,
        ondelete="restrict",
        help="Schedule template that every call-off inherits: its payment terms and "
        "milestones.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        help="Given to the call-offs: when their invoices fall due.",
    )
    incoterm_id = fields.Many2one(
        "account.incoterms", help="Delivery terms given to the call-offs."
    )
    line_ids = fields.One2many(
        "contract.frame.line", "frame_id", string="Agreed Products", copy=True
    )
    amount_lines = fields.Monetary(
        string="Sum of the Lines",
        compute="_compute_amount_total",
        store=True,
        help="Agreed amounts of the lines, taxes included, in the agreement's "
        "currency.",
    )
    amount_total = fields.Monetary(
        string="Agreed Total",
        compute="_compute_amount_total",
        store=True,
        readonly=False,
        copy=True,
        tracking=True,
        help="Agreed for the whole period, taxes included. If you type nothing, it is "
        "the sum of the agreed amounts of the lines.",
    )
    note = fields.Html(string="Notes")
    predecessor_id = fields.Many2one(
        "contract.frame",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The frame agreement that this one renews.",
    )
    successor_ids = fields.One2many(
        "contract.frame", "predecessor_id", string="Successors", readonly=True
    )
    order_ids = fields.One2many("sale.order", "contract_frame_id", string="Call-Offs")
    term_ids = fields.One2many("contract.term", "frame_id", string="Terms")
    event_ids = fields.One2many("contract.event", "frame_id", string="Events")
    document_ids = fields.One2many("contract.document", "frame_id", string="Papers")
    step_ids = fields.One2many("contract.approval.step", "frame_id", string="Decisions")
    history_ids = fields.One2many("contract.history", "frame_id")
    reminded_on = fields.Date(
        copy=False,
        readonly=True,
        help="The day on which the owner was reminded of the end; once a frame "
        "agreement, again if its end moves.",
    )
    successor_id = fields.Many2one(
        "contract.frame",
        string="Renewed By",
        compute="_compute_successor_id",
        help="The frame agreement of the next period.",
    )
    is_expiring = fields.Boolean(
        string="Expiring",
        compute="_compute_expiry",
        search="_search_is_expiring",
        help="In effect and about to end.",
    )
    is_expired = fields.Boolean(
        string="Expired",
        compute="_compute_expiry",
        search="_search_is_expired",
        help="In effect although its validity is over: renew or close it.",
    )

    _name_uniq = models.UniqueIndex(
        "(company_id, lower(normalize(btrim(name), NFKC)))",
        "Another frame agreement of this company already has this number.",
    )
    _amount_positive = models.Constraint(
        "CHECK (amount_total >= 0)", "The agreed total can't be negative."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for frame in self:
            before = frame.amount_lines
            frame.amount_lines = sum(frame.line_ids.mapped("amount"))
            typed = frame.amount_total
            if not typed or not frame.currency_id.compare_amounts(typed, before):
                typed = frame.amount_lines
            frame.amount_total = typed

    @api.depends("successor_ids.state")
    def _compute_successor_id(self):
        for frame in self:
            frame.successor_id = frame.successor_ids.filtered(
                lambda f: f.state != "cancelled"
            )[:1]

    @api.depends("state", "date_end", "company_id")
    def _compute_expiry(self):
        expiring, expired = self._expiry_domains(self.company_id)
        for frame in self:
            frame.is_expiring = bool(frame.filtered_domain(expiring))
            frame.is_expired = bool(frame.filtered_domain(expired))

    def _search_is_expiring(self, operator, value):
        return self._expiry_domains()[0] if operator == "in" else NotImplemented

    def _search_is_expired(self, operator, value):
        return self._expiry_domains()[1] if operator == "in" else NotImplemented

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("name")
    def _check_name(self):
        for frame in self:
            if not (frame.name or "").strip():
                raise ValidationError(
                    self.env._("A frame agreement can't be without a number.")
                )

    @api.constrains("date_start", "date_end")
    def _check_validity(self):
        for frame in self:
            if frame.effective_date and not (frame.date_start and frame.date_end):
                raise ValidationError(
                    self.env._(
                        "%(frame)s is in effect: it can't be without validity.",
                        frame=frame.display_name,
                    )
                )
            if (
                frame.date_start
                and frame.date_end
                and frame.date_end < frame.date_start
            ):
                raise ValidationError(
                    self.env._(
                        "%(frame)s can't end on %(end)s, before it begins on "
                        "%(start)s.",
                        frame=frame.display_name,
                        end=format_date(self.env, frame.date_end),
                        start=format_date(self.env, frame.date_start),
                    )
                )

    @api.constrains("predecessor_id")
    def _check_predecessor(self):
        if self._has_cycle("predecessor_id"):
            raise ValidationError(
                self.env._("A frame agreement can't be its own predecessor.")
            )

    @api.constrains("partner_id")
    def _check_call_offs(self):
        for frame in self.sudo():
            customer = frame.commercial_partner_id
            strangers = frame.order_ids.filtered_domain(
                [("partner_id.commercial_partner_id", "!=", customer.id)]
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(frame)s has call-offs of another customer: %(orders)s.",
                        frame=frame.display_name,
                        orders=format_list(self.env, strangers.mapped("display_name")),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_unguarded(self):
            for vals in vals_list:
                self._contract_check_system(vals)
        Form = self.env["contract.form.type"]
        vals_list = [dict(vals) for vals in vals_list]
        unnumbered = [v for v in vals_list if not str(v.get("name") or "").strip()]
        companies = self.env["res.company"]
        for company, group in groupby(
            unnumbered,
            lambda vals: companies.browse(vals.get("company_id")) or self.env.company,
        ):
            numbers = Form._next_free_numbers(self._name, company, len(group), "name")
            for vals, number in zip(group, numbers, strict=True):
                vals["name"] = number
        return super().create(vals_list)

    def write(self, vals):
        if is_unguarded(self):
            return super().write(vals)
        # an answer that depends on the value would let others guess it
        self.check_access("write")
        self._contract_check_system(vals)
        self._contract_check_facts(vals)
        self._contract_check_office(vals)
        watched = (
            self._contract_facts()
            | self._contract_agreed()
            | self._contract_dated().keys()
        ) & vals.keys()
        fixed = self.filtered(lambda frame: frame._contract_is_fixed())
        old = {frame: {name: frame[name] for name in watched} for frame in fixed}
        res = super().write(vals)
        if "amount_total" in vals and not vals["amount_total"]:
            self.env.add_to_compute(self._fields["amount_total"], self)
        self._contract_log_changes(old)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        kept = self.filtered("effective_date")
        if kept:
            raise UserError(
                self.env._(
                    "%(frames)s was in effect and is kept as evidence: close or "
                    "cancel it instead of deleting it.",
                    frames=format_list(self.env, kept.mapped("display_name")),
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_activate(self):
        """Put the frame agreements into effect: what was agreed is fixed.

        :raise UserError: if the user is neither its owner nor of the business office,
            or if something of the agreement is missing
        """
        self.check_access("write")
        for frame in self:
            frame._contract_check_state("draft")
            frame._contract_check_next("active")
        for frame in self.sudo():
            frame._check_complete()
            frame._contract_set_state("active", effective_date=frame._contract_today())
            frame.term_ids._stamp()

    def _refuse_activation(self):
        """Why the user can't put it into effect, or False."""
        self.ensure_one()
        if self.owner_id == self.env.user or not self._contract_refuse_business():
            return False
        return self.env._(
            "%(frame)s is put into effect by its owner or by the business office.",
            frame=self.display_name,
        )

    def action_frame_reason(self):
        """Open the window for a step that needs a reason; the context names it."""
        self.ensure_one()
        return self._open_reason(self.env.context.get("contract_step"))

    def action_renew(self):
        """Open the frame agreement that renews this one, for the next period.

        It is made as a copy in preparation: the validity moved on, lines, templates
        and terms as agreed, not in effect.
        """
        self.ensure_one()
        self.check_access("write")
        self.sudo()._contract_check_state("active", "closed")
        return (self.successor_id or self._renew())._contract_form_action()

    @api.readonly
    def action_papers(self):
        """Open the papers of the frame agreement: dropped files are filed there."""
        return self._contract_parts_action("contract_document_action")

    @api.readonly
    def action_view_call_offs(self):
        """Open the call-offs of the frame agreement."""
        self.ensure_one()
        return window(
            self.env,
            "contract_frame_call_off_action",
            domain=[("contract_frame_id", "=", self.id)],
            context={"create": False},
        )

    def action_new_call_off(self):
        """Open a new quotation under the frame agreement, with what is left of its
        products at the agreed prices; the context key ``contract_call_off_empty``
        leaves its lines to the user.

        :raise UserError: if nothing can be called off today
        """
        self.ensure_one()
        self.check_access("read")
        self.env["sale.order"].check_access("create")
        self._check_call_off(self._contract_today())
        Order = self.env["sale.order"].with_company(self.company_id)
        order = Order.create(self._prepare_call_off())
        if not self.env.context.get("contract_call_off_empty"):
            self.env["sale.order.line"].create(self._prepare_call_off_lines(order))
            order.order_line._contract_net_price()
        return order._contract_form_action()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_correct(self, vals, reason):
        """Correct what was agreed, keeping the old values in the history.

        :param vals: values of fields, ``line_ids`` as commands among them
        :param reason: why; kept in the history and in the chatter
        :raise UserError: without reason, or if the user is not of the business office
        """
        self.ensure_one()
        self._contract_check_correction(reason)
        frame = self.sudo()
        if not frame._contract_is_fixed():
            raise UserError(
                self.env._("A frame agreement in preparation is simply edited.")
            )
        lines = {line: line._contract_text() for line in frame.line_ids}
        names = vals.keys() - {"line_ids"}
        old = {frame: {name: frame[name] for name in names | {"amount_total"}}}
        if "date_end" in vals:
            vals = {**vals, "reminded_on": False}
        unguarded(frame).write(vals)
        frame._contract_log_changes(old, reason)
        frame._log_lines(lines, reason)
        frame._sync_activities()
        frame.message_post(body=self.env._("Corrected: %(reason)s", reason=reason))

    def _contract_facts(self):
        return super()._contract_facts() | FACTS

    def _contract_agreed(self):
        return super()._contract_agreed() | AGREED

    def _contract_system(self):
        return super()._contract_system() | SYSTEM

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"signing_date"}

    def _contract_dated(self):
        return {**super()._contract_dated(), **DATED}

    def _contract_is_fixed(self):
        return self.state != "draft"

    def _contract_effect_day(self):
        return self.effective_date

    def _log_lines(self, old, reason):
        """Write the history of changed lines: ``{line: its text before}``."""
        self.ensure_one()
        new = {line: line._contract_text() for line in self.line_ids}
        self.env["contract.history"]._log(
            [
                {
                    "frame_id": self.id,
                    "kind": "fact",
                    "name": self._contract_label("line_ids"),
                    "old_value": old.get(line),
                    "new_value": new.get(line),
                    "reason": reason,
                }
                for line in old | new
                if old.get(line) != new.get(line)
            ]
        )

    @api.model
    def _expiry_domains(self, companies=None):
        """Domains of the frames in effect that are about to end, and of those whose
        validity is over, each company by its own day."""
        expiring = expired = Domain.FALSE
        if companies is None:
            companies = self.env["res.company"].sudo().search([])
        for company in companies.sudo():
            today = company._contract_today()
            last = today + relativedelta(days=company.contract_frame_reminder_days)
            active = Domain([("company_id", "=", company.id), ("state", "=", "active")])
            expired |= active & Domain("date_end", "<", today)
            expiring |= active & Domain(
                [("date_end", ">=", today), ("date_end", "<=", last)]
            )
        return expiring, expired

    def _contract_next_states(self):
        office = "_contract_refuse_business"
        return {
            **super()._contract_next_states(),
            "active": {"draft": "_refuse_activation", "closed": office},
            "closed": {"active": office},
            "cancelled": {"draft": office, "active": office},
        }

    def _reason_steps(self):
        reach = self._contract_reach_rule
        return {
            **super()._reason_steps(),
            "close": reach("closed", self.env._("Close the frame agreement")),
            "reopen": reach(
                "active", self.env._("Reopen the frame agreement"), ["closed"]
            ),
            "cancel_frame": reach(
                "cancelled", self.env._("Cancel the frame agreement")
            ),
        }

    def _contract_before(self, state):
        if state == "cancelled":
            orders = self.order_ids.filtered(lambda o: o.state == "sale")
            if orders:
                raise UserError(
                    self.env._(
                        "%(frame)s has confirmed call-offs: %(orders)s. Close it "
                        "instead of cancelling it.",
                        frame=self.display_name,
                        orders=format_list(self.env, orders.mapped("display_name")),
                    )
                )
        return super()._contract_before(state)

    def _contract_after(self, state, reason):
        if state != "active":
            self._sync_activities()
        self.message_post(
            body=self.env._(
                "%(state)s: %(reason)s",
                state=self._contract_state_label(),
                reason=reason,
            )
        )
        return super()._contract_after(state, reason)

    def _check_complete(self):
        """What a frame agreement must say before it takes effect."""
        self.ensure_one()
        if not (self.date_start and self.date_end):
            raise UserError(
                self.env._(
                    "%(frame)s has no validity: enter from when and until when orders "
                    "can be called off.",
                    frame=self.display_name,
                )
            )
        if not (self.line_ids or self.amount_total):
            raise UserError(
                self.env._(
                    "%(frame)s agrees on nothing: enter products or an agreed total.",
                    frame=self.display_name,
                )
            )
        payments = self.term_ids.filtered(lambda t: t.kind == "payment")
        if payments.filtered("percent") and not self.amount_total:
            raise UserError(
                self.env._(
                    "%(frame)s has payment terms in percent: enter the agreed total.",
                    frame=self.display_name,
                )
            )
        amount = sum(vals["amount"] for vals in payments._agreed_vals().values())
        if (
            self.amount_total
            and self.currency_id.compare_amounts(amount, self.amount_total) > 0
        ):
            raise UserError(
                self.env._(
                    "The payment terms of %(frame)s add up to %(terms)s, more than the "
                    "agreed total of %(total)s.",
                    frame=self.display_name,
                    terms=format_amount(self.env, amount, self.currency_id),
                    total=format_amount(self.env, self.amount_total, self.currency_id),
                )
            )

    def _renew(self):
        self.ensure_one()
        day = relativedelta(days=1)
        start = self.date_end + day
        period = relativedelta(start, self.date_start)
        successor = guarded(
            unguarded(self).copy(
                {
                    "predecessor_id": self.id,
                    "date_start": start,
                    "date_end": start + period - day,
                }
            )
        )
        terms = self.sudo().term_ids.filtered(
            lambda t: not t.waived_on and not t.valid_to
        )
        values = [
            {
                **vals,
                "frame_id": successor.id,
                "date_fixed": term.date_fixed and term.date_fixed + period,
            }
            for term, vals in zip(terms, terms.copy_data(), strict=True)
        ]
        guarded(unguarded(self.env["contract.term"].sudo()).create(values))
        self._sync_activities()
        return successor

    @api.model
    def _cron_remind_expiry(self):
        """Remind the owners of frames in effect that end soon, once a frame."""
        due = self.sudo().search(
            Domain("reminded_on", "=", False) & Domain.OR(self._expiry_domains()),
            order="date_end, id",
        )
        for chunk in in_batches(due):
            chunk._remind_expiry()

    def _remind_expiry(self):
        """Remind the owners of these, once a frame agreement."""
        self._sync_activities()
        for company, frames in self.grouped("company_id").items():
            unguarded(frames).write({"reminded_on": company._contract_today()})

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {REMINDER}

    def _activities_wanted(self):
        rows = super()._activities_wanted()
        if self.successor_id or not (self.is_expiring or self.is_expired):
            return rows
        user = self.owner_id or self.team_id.user_id or self.create_uid
        note = self.with_context(lang=user.lang).env._(
            "Valid until %(date)s: renew or close it.",
            date=format_date(self.env, self.date_end, lang_code=user.lang),
        )
        return [
            *rows,
            {"xmlid": REMINDER, "user": user, "day": self.date_end, "note": note},
        ]

    def _contract_responsible(self):
        return self.owner_id

    @api.model
    def _contract_roles(self):
        return ("owner_id", "supervisor_id")

    @api.model
    def _contract_handed_domain(self):
        return Domain("state", "in", ("draft", "active"))

    def _check_call_off(self, day):
        """Whether something can be called off on ``day``.

        :raise UserError: if the frame agreement isn't in effect or not valid then
        """
        self.ensure_one()
        if self.state != "active":
            raise UserError(
                self.env._(
                    "%(frame)s is “%(state)s”: orders can only be called off while it "
                    "is in effect.",
                    frame=self.display_name,
                    state=self._contract_state_label(),
                )
            )
        if not self.date_start <= day <= self.date_end:
            raise UserError(
                self.env._(
                    "%(frame)s is valid from %(start)s to %(end)s, the order is of "
                    "%(day)s: change the date of the order, or renew the frame "
                    "agreement.",
                    frame=self.display_name,
                    start=format_date(self.env, self.date_start),
                    end=format_date(self.env, self.date_end),
                    day=format_date(self.env, day),
                )
            )

    def _prepare_call_off(self):
        """Values of a quotation under the frame agreement."""
        self.ensure_one()
        user = self.env.user
        agreed = {
            "contract_owner_id": self.owner_id,
            "contract_supervisor_id": self.supervisor_id,
            "pricelist_id": self._call_off_pricelist(),
            "team_id": self.team_id,
            "payment_term_id": self.payment_term_id,
            "incoterm": self.incoterm_id,
            "contract_schedule_template_id": self.schedule_template_id,
            "user_id": user.has_group("sales_team.group_sale_salesman") and user,
        }
        return {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "contract_kind": "call_off",
            "contract_frame_id": self.id,
            "contract_call_off_date": self._contract_today(),
            **{fname: value.id for fname, value in agreed.items() if value},
        }

    def _call_off_pricelist(self):
        """The customer's pricelist if it is in the frame's currency, else one that is;
        none if there is none."""
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        own = partner.property_product_pricelist
        if own.currency_id == self.currency_id:
            return own
        return self.env["product.pricelist"].search(
            [
                ("currency_id", "=", self.currency_id.id),
                ("company_id", "in", (self.company_id.id, False)),
            ],
            limit=1,
        )

    def _prepare_call_off_lines(self, order):
        """Values of order lines with what is left of the agreed products."""
        self.ensure_one()
        rate = self._call_off_rates(order.sudo())[order.id]
        values = []
        for line in self.sudo().line_ids.filtered("product_id"):
            left = line.left_quantity
            if left <= 0 or line.uom_id.is_zero(left):
                continue
            vals = {
                "order_id": order.id,
                "product_id": line.product_id.id,
                "product_uom_qty": left,
                "product_uom_id": line.uom_id.id,
            }
            if line.price_unit:
                # unlike the list price it stays if the quantity is changed
                vals.update(
                    price_unit=line.price_unit / rate,
                    technical_price_unit=0,
                    discount=0,
                )
            values.append(vals)
        return values
