from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from .contract_guard import is_unguarded, unguarded, without_defaults

READER = "contract_tracking.group_contract_reader"
OPEN_STATES = ("active", "suspended")

# What people write down of a contract; after it took effect only the business office
# corrects it, with a reason. An empty fact may still be filled in.
FACTS = {
    "contract_number", "contract_kind", "contract_type", "contract_predecessor_id",
    "contract_buyer_id", "contract_signing_date", "contract_our_seal_date",
    "contract_customer_seal_date", "contract_signatory", "contract_customer_signatory",
    "contract_end_date", "contract_owner_id", "contract_supervisor_id",
    "contract_schedule_template_id", "contract_opening_date",
    "contract_opening_invoiced", "contract_opening_received", "contract_fulfilment",
    "contract_deemed_days", "contract_frame_id", "contract_call_off_date",
}  # fmt: skip
# What only the contract's own transitions write.
SYSTEM = {"contract_state", "contract_effective_date", "contract_agreed_amount"}
# Core fields whose change is dated by our history: field → kind of history.
DATED = {"team_id": "office", "contract_owner_id": "owner"}


class SaleOrder(models.Model):
    """The contract is the sale order: its facts and its life.

    Amounts are in the order's currency with taxes, days in the time zone of the
    company. Serves D2 §4–§10, D4 §4–§6, D6 §5.2 and D9 §2.
    """

    _inherit = "sale.order"

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
        help="Product orders and call-off requests are tracked like contracts (D9 §1).",
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
    contract_frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        groups=READER,
    )
    contract_fulfilment = fields.Selection(
        [
            ("dispatch", "Dispatch"),
            ("receipt", "Customer's receipt"),
            ("bl", "B/L date"),
        ],
        string="Fulfilled With",
        copy=False,
        groups=READER,
        help="Which day fulfils a delivery: the goods leave (出库), the customer signs "
        "for them (签收), or the bill of lading is dated (提单日). Empty: as the "
        "company.",
    )
    contract_deemed_days = fields.Integer(
        string="Deemed Accepted After (Days)",
        copy=False,
        groups=READER,
        help="If the customer does not answer so many days after he received the last "
        "goods, they count as accepted (视同验收). 0: only his acceptance counts.",
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
        help="Legal or authorised representative who signed for us (D2 §4).",
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
        "order is confirmed (D6 §4.2).",
    )
    contract_supervisor_id = fields.Many2one(
        "res.users",
        string="Performance Supervisor",
        copy=False,
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        groups=READER,
        help="Checks how the contract is performed (D6 §4.3).",
    )
    contract_schedule_template_id = fields.Many2one(
        "contract.schedule.template",
        string="Schedule Template",
        domain="[('company_id', 'in', (company_id, False))]",
        groups=READER,
        help="Fills the payment terms, milestones and other terms of the contract.",
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
        string="Opening Invoiced", copy=False, groups=READER
    )
    contract_opening_received = fields.Monetary(
        string="Opening Received", copy=False, groups=READER
    )
    contract_term_ids = fields.One2many(
        "contract.term", "order_id", string="Contract Terms", copy=False, groups=READER
    )
    contract_event_ids = fields.One2many(
        "contract.event", "order_id", string="Events", copy=False, groups=READER
    )
    contract_document_ids = fields.One2many(
        "contract.document", "order_id", string="Papers", copy=False, groups=READER
    )
    contract_history_ids = fields.One2many(
        "contract.history", "order_id", string="History", copy=False, groups=READER
    )
    contract_step_ids = fields.One2many(
        "contract.approval.step",
        "order_id",
        string="Decisions",
        copy=False,
        groups=READER,
    )

    _contract_number_uniq = models.UniqueIndex(
        "(company_id, contract_number) WHERE contract_number IS NOT NULL",
        "Another contract of this company already has this contract number.",
    )

    @property
    def _rec_names_search(self):
        """People know a contract by the number on its paper."""
        names = super()._rec_names_search
        return [*names, "contract_number"] if self.env.user.has_group(READER) else names

    @api.constrains("contract_end_date", "contract_effective_date")
    def _check_contract_dates(self):
        for order in self:
            start = order.contract_effective_date or order.contract_signing_date
            if start and order.contract_end_date and order.contract_end_date < start:
                raise ValidationError(
                    self.env._(
                        "%(order)s can't end on %(end)s, before it begins on "
                        "%(start)s.",
                        order=order.display_name,
                        end=order.contract_end_date,
                        start=start,
                    )
                )

    @api.constrains("contract_deemed_days")
    def _check_contract_deemed_days(self):
        for order in self:
            if order.contract_deemed_days < 0:
                raise ValidationError(
                    self.env._(
                        "The days after which goods count as accepted can't be "
                        "negative. Enter 0 if only the customer's acceptance counts."
                    )
                )

    @api.constrains("contract_predecessor_id")
    def _check_contract_predecessor(self):
        if self._has_cycle("contract_predecessor_id"):
            raise ValidationError(
                self.env._("A contract can't be its own predecessor.")
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_unguarded(self) and any(SYSTEM & vals.keys() for vals in vals_list):
            raise UserError(self._contract_system_message())
        orders = super(SaleOrder, without_defaults(self, SYSTEM)).create(vals_list)
        for order, vals in zip(orders, vals_list, strict=True):
            if any(vals.get(fname) for fname in FACTS):
                order.sudo()._contract_ensure_draft()
                order._contract_apply_template()
        return orders

    def write(self, vals):
        facts = FACTS & vals.keys()
        for fname in facts | (SYSTEM & vals.keys()):
            self.check_access("write")
            self._check_field_access(self._fields[fname], "write")
        if not is_unguarded(self):
            if SYSTEM & vals.keys():
                raise UserError(self._contract_system_message())
            if facts:
                self._contract_check_facts(vals, facts)
        if vals.get("state") == "cancel":
            self._contract_check_cancel()
        logged = not is_unguarded(self)
        dated = logged and bool(
            {"team_id", "user_id", "partner_id", "company_id", "contract_owner_id"}
            & vals.keys()
        )
        facts = facts if logged else set()
        watched = self.sudo().filtered("contract_state") if facts or dated else self[:0]
        fnames = facts | (set(DATED) if dated else set())
        old = {order: {name: order[name] for name in fnames} for order in watched}
        res = super().write(vals)
        if facts:
            self.sudo()._contract_ensure_draft()
        self._contract_log_changes(old)
        if "contract_schedule_template_id" in vals:
            for order in self:
                order._contract_apply_template()
        if facts - {"contract_number"}:
            self.sudo()._contract_take_effect()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_contract_took_effect(self):
        took_effect = (
            self.env["contract.history"]
            .sudo()
            ._read_group(
                [("order_id", "in", self.ids), ("kind", "=", "state")], ["order_id"]
            )
        )
        effective = self.sudo().filtered("contract_effective_date")
        for [order] in took_effect:
            if "active" in order.sudo().contract_history_ids.mapped("new_value"):
                effective |= order
        if effective:
            raise UserError(
                self.env._(
                    "%(orders)s took effect as a contract and is kept as evidence: it "
                    "can be cancelled or terminated, not deleted.",
                    orders=", ".join(effective.mapped("display_name")),
                )
            )

    def _contract_system_message(self):
        return self.env._("The state of a contract changes by its own actions only.")

    def _contract_check_facts(self, vals, facts):
        """Contract facts in effect are corrected by the business office only, through
        :meth:`_contract_correct`; what is still empty may be filled in."""
        for order in self.sudo():
            if not order.contract_effective_date:
                continue
            changed = [
                name
                for name in facts
                if order[name]
                and order._fields[name].convert_to_cache(vals[name], order)
                != order._fields[name].convert_to_cache(order[name], order)
            ]
            if changed:
                raise UserError(
                    self.env._(
                        "%(order)s is in effect: “%(fact)s” can only be corrected by "
                        "the business office, with a reason (Correct Facts).",
                        order=order.display_name,
                        fact=order._contract_label(changed[0]),
                    )
                )

    def _contract_log_changes(self, old, reason=False, day=None):
        """Write the history of changed facts: ``{order: {field: old value}}``.

        :param day: from which the change holds; today if not given
        """
        rows = []
        for order, values in old.items():
            for name, before in values.items():
                if before == order[name]:
                    continue
                field = order._fields[name]
                rows.append(
                    {
                        "order_id": order.id,
                        "kind": DATED.get(name, "fact"),
                        "name": order._contract_label(name),
                        "old_value": order._contract_text(name, before),
                        "new_value": order._contract_text(name, order[name]),
                        "reason": reason,
                        "res_model": field.comodel_name if field.relational else False,
                        "record_id": order[name].id if field.relational else False,
                    }
                )
        if day:
            rows = [{**row, "date": day} for row in rows]
        self.env["contract.history"]._log(rows)

    def _contract_correct(self, vals, reason):
        """Correct facts of a contract in effect, keeping the old values.

        :param vals: field values, of the contract's facts only
        :param reason: why; kept in the history
        :raise UserError: without reason, or if the user is not of the business office
        """
        self.ensure_one()
        self._contract_check_business_office()
        if not (reason or "").strip():
            raise UserError(self.env._("A correction needs a reason."))
        order = self.sudo()
        old = {order: {name: order[name] for name in vals}}
        unguarded(order).write(vals)
        self._contract_log_changes(old, reason)

    def _contract_label(self, fname):
        return self._fields[fname]._description_string(self.env)

    def _contract_text(self, fname, value):
        field = self._fields[fname]
        if field.relational:
            return value.display_name or False
        if field.type == "selection":
            return dict(field._description_selection(self.env)).get(value, value)
        return str(value) if value else False

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_today(self):
        """Today as a day of the contract's company."""
        return self._contract_day(fields.Datetime.now())

    def _contract_day(self, moment):
        """The day of a UTC datetime in the time zone of the contract's company."""
        company = self.company_id or self.env.company
        return fields.Datetime.context_timestamp(
            self.with_context(tz=company.sudo().contract_tz), moment
        ).date()

    def _contract_check_user(self):
        """Warehouse and invoicing users may write orders, not contracts."""
        if not self.env.su and not self.env.user.has_group(
            "contract_tracking.group_contract_user"
        ):
            raise AccessError(
                self.env._("Only people who follow contracts may do this.")
            )
        self.check_access("write")

    def _contract_check_business_office(self):
        if not self.env.user.has_group("contract_tracking.group_contract_business"):
            raise UserError(
                self.env._("Only the business office may do this for a contract.")
            )
        self.check_access("read")

    def _contract_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.id,
            "view_mode": "form",
        }
