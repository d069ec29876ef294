from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from ...tools.guard import is_unguarded
from ...tools.words import join_sentences

# A contract has one of these at most.
RUNNING = ("draft", "submitted", "confirmed")
# What decides which facts it shows.
SCOPE = {"date", "kind"}
# The customer's sealed copy comes when it comes.
SEALED = {"sealed_ids", "sealed_on"}


class ContractSettlement(models.Model):
    """合同结算单 Settlement: what was agreed, delivered, invoiced and paid of a
    contract that ends, what either side owes the other besides, and what is left to be
    paid (D2 §10, §15, §16, D3 §4.4).

    The figures are read from the facts as of its date, equal to the register and to a
    statement of account of that day, and frozen when it is submitted. Bills of which
    the outcome is open count as unpaid. Finance confirms it; a balance other than the
    retention that isn't due yet needs a reason that is confirmed with it. Confirmed it
    is evidence: what happens afterwards is shown beside it, and it is corrected by
    voiding it and writing a linked copy.

    A frame agreement has none of its own: its call-offs are settled.
    """

    _name = "contract.settlement"
    _inherit = [
        "contract.form.mixin",
        "contract.approval.mixin",
        "contract.action.mixin",
    ]
    _description = "Contract Settlement"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_number"]
    _approval_kind = "settlement"
    _contract_form = ("QR-XS-15", "A/0", "JS")
    _contract_buttons = {"can_void": "void"}
    _contract_columns = ("draft", "submitted", "confirmed")

    order_id = fields.Many2one(
        domain=[("contract_effective_date", "!=", False)], required=True
    )
    frame_id = fields.Many2one(readonly=True)
    date = fields.Date(
        string="As Of",
        help="The day, in the company's time zone, up to whose end facts count.",
    )
    user_id = fields.Many2one(string="Prepared By")
    kind = fields.Selection(
        [("completion", "Contract performed"), ("termination", "Contract terminated")],
        string="Settled On",
        required=True,
        default="completion",
        index=True,
        tracking=True,
        help="On completion everything must have been delivered; on termination the "
        "contract must have ended, or what was open was given up.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("confirmed", "Confirmed"),
            ("refused", "Refused"),
            ("void", "Void"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    line_ids = fields.One2many(
        "contract.settlement.line", "settlement_id", string="Goods and Services"
    )
    payment_ids = fields.One2many(
        "contract.settlement.payment", "settlement_id", string="Payments"
    )
    deduction_ids = fields.One2many(
        "contract.settlement.deduction",
        "settlement_id",
        string="Deductions and Penalties",
        copy=True,
    )
    note = fields.Text(string="To Note", help="Internal: the customer doesn't read it.")
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    # Figures
    agreed_amount = fields.Monetary(
        string="Agreed Total", readonly=True, copy=False, help="Taxes included."
    )
    delivered_amount = fields.Monetary(
        string="Delivered",
        readonly=True,
        copy=False,
        help="What left minus what came back to be credited, at agreed prices with "
        "taxes.",
    )
    returned_amount = fields.Monetary(
        string="Returned",
        readonly=True,
        copy=False,
        help="What came back to be credited; it is not in what was delivered.",
    )
    fee_amount = fields.Monetary(
        string="Fees",
        readonly=True,
        copy=False,
        help="What was invoiced besides goods and services, as freight.",
    )
    invoiced_amount = fields.Monetary(
        string="Invoiced", readonly=True, copy=False, help="Without down payments."
    )
    uninvoiced_amount = fields.Monetary(
        string="Not Invoiced Yet",
        readonly=True,
        copy=False,
        help="Delivered − invoiced for goods and services. Negative: invoiced in "
        "advance.",
    )
    received_amount = fields.Monetary(
        string="Received",
        readonly=True,
        copy=False,
        help="Money claimed for the contract or reconciled with its invoices, refunds "
        "subtracted.",
    )
    adjusted_amount = fields.Monetary(
        string="Adjusted",
        readonly=True,
        copy=False,
        help="Write-offs, discounts, credit notes that belong to no order line.",
    )
    bills_amount = fields.Monetary(
        string="Open Bills",
        readonly=True,
        copy=False,
        help="Bills that count as received and whose outcome is open: unpaid here.",
    )
    booked_receivable = fields.Monetary(
        string="Receivable in the Ledger",
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Invoiced − received − adjusted in the company's currency, as the "
        "register shows it.",
    )
    deduction_amount = fields.Monetary(
        string="Deductions and Penalties (Net)",
        compute="_compute_balance",
        store=True,
        help="What the customer owes besides minus what we owe him, without what is "
        "in the books already. Negative: we owe more.",
    )
    balance = fields.Monetary(
        string="Settlement Balance",
        compute="_compute_balance",
        store=True,
        aggregator="sum",
        tracking=True,
        help="What the customer still owes: delivered and fees − received − adjusted + "
        "open bills, with deductions and penalties. Negative: we owe him.",
    )
    retention_amount = fields.Monetary(
        string="Retention Not Due",
        compute="_compute_balance",
        store=True,
        aggregator="sum",
        help="What the customer keeps back until the warranty ends. Deductions and "
        "penalties leave it as it is: they are due now.",
    )
    retention_open = fields.Monetary(
        readonly=True,
        copy=False,
        help="What is unpaid of the retention terms that are not due.",
    )
    retention_until = fields.Date(
        readonly=True, copy=False, help="When the last of the retention falls due."
    )
    due_amount = fields.Monetary(
        string="Due Now",
        compute="_compute_balance",
        store=True,
        aggregator="sum",
        help="The balance without the retention that is not due yet. Negative: we owe "
        "it now. Other than zero it needs a reason.",
    )
    balance_reason = fields.Selection(
        [
            ("bad_debt", "Bad debt"),
            ("set_off", "Set-off"),
            ("refund", "To be refunded"),
            ("waived", "Waived"),
            ("other", "Other"),
        ],
        string="Why It Is Not Zero",
        copy=False,
        tracking=True,
    )
    balance_note = fields.Text(string="Reason", copy=False)
    missing_text = fields.Text(
        string="Not Delivered",
        readonly=True,
        copy=False,
        help="What was promised and not delivered as of the day.",
    )
    # The customer's figures
    customer_differs = fields.Boolean(
        string="The Customer's Balance Differs", copy=False
    )
    customer_balance = fields.Monetary(string="Balance by His Books", copy=False)
    customer_note = fields.Text(string="What Differs, and Why", copy=False)
    difference_count = fields.Integer(
        string="Differences",
        compute="_compute_difference_count",
        store=True,
        help="Rows, and the balance, in which the customer's figures differ.",
    )
    sealed_ids = fields.Many2many(
        "ir.attachment",
        string="Sealed Copy",
        copy=False,
        bypass_search_access=True,
        help="The settlement as the customer returned it with his seal.",
    )
    sealed_on = fields.Date(copy=False, help="The day on the customer's sealed copy.")
    confirmed_on = fields.Datetime(readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "contract.settlement",
        string="Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    changed_text = fields.Text(
        string="Changed Since",
        compute="_compute_changed_text",
        compute_sudo=True,
        help="What the facts say today where they said otherwise when it was "
        "submitted.",
    )
    can_void = fields.Boolean(compute="_compute_can")

    _running_uniq = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'submitted', 'confirmed')",
        "This contract has a settlement already: go on with it, or void it first.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends(
        "deduction_ids.amount",
        "deduction_ids.side",
        "deduction_ids.is_booked",
        "delivered_amount",
        "fee_amount",
        "received_amount",
        "adjusted_amount",
        "bills_amount",
        "retention_open",
    )
    def _compute_balance(self):
        for record in self:
            deduction = sum(
                row.amount if row.side == "customer" else -row.amount
                for row in record.deduction_ids
                if not row.is_booked
            )
            account = record._account_balance()
            balance = account + deduction
            # what is owed besides is due now: setting it off against what isn't due
            # yet takes both sides
            retention = max(min(record.retention_open, account), 0)
            record.deduction_amount = deduction
            record.balance = balance
            record.retention_amount = retention
            record.due_amount = balance - retention

    @api.depends("customer_differs", "line_ids.differs", "payment_ids.differs")
    def _compute_difference_count(self):
        for record in self:
            record.difference_count = (
                len(record.line_ids.filtered("differs"))
                + len(record.payment_ids.filtered("differs"))
                + record.customer_differs
            )

    @api.depends_context("lang")
    @api.depends("state", "delivered_amount", "invoiced_amount", "received_amount")
    def _compute_changed_text(self):
        frozen = self.filtered(lambda r: r.state in ("submitted", "confirmed"))
        Facts = self.env["contract.facts"]
        figures = Facts._read_orders(frozen.order_id) if frozen else {}
        for record in self:
            row = figures.get(record.order_id.id) if record in frozen else None
            record.changed_text = record._changes_text(row) if row else False

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("date", "order_id")
    def _check_effect(self):
        for record in self:
            order = record.order_id.sudo()
            effective = order.contract_effective_date
            if not effective:
                raise ValidationError(
                    self.env._(
                        "%(contract)s never took effect: there is nothing to settle.",
                        contract=order.display_name,
                    )
                )
            if record.date < effective:
                raise ValidationError(
                    self.env._(
                        "%(contract)s took effect on %(date)s: it can't be settled as "
                        "of an earlier day.",
                        contract=order.display_name,
                        date=format_date(self.env, effective),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records._refresh()
        records._sync_activities()
        return records

    def write(self, vals):
        res = super().write(vals)
        if not is_unguarded(self):
            if SCOPE & vals.keys():
                self._refresh()
            if "user_id" in vals:
                self._sync_activities()
        return res

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Read the figures again, while the settlement is a draft. What was noted of
        the customer's figures stays with its rows."""
        self.check_access("write")
        self._contract_check_state("draft")
        self._refresh()
        return True

    def action_send(self):
        """Open the e-mail to the customer, with the settlement as a PDF."""
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state(*RUNNING)
        return self._form_send("contract_tracking.mail_template_settlement")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _begin(self, order, kind="completion"):
        """The settlement of a contract that goes on or is confirmed, a new draft if
        there is none."""
        running = Domain("order_id", "=", order.id) & Domain("state", "in", RUNNING)
        return self.search(running, limit=1) or self.create(
            {"order_id": order.id, "kind": kind}
        )

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "submitted": {"draft": None},
            "void": {"confirmed": "_refuse_void"},
        }

    def _refuse_void(self):
        """Why the user can't void it, or False: the business office does."""
        return self._contract_parent().sudo(False)._contract_refuse_business()

    def _check_frozen(self, content):
        if "order_id" in content:
            raise UserError(
                self.env._("The document stays with its contract: write another one.")
            )
        for record in self:
            is_over = record.state in ("refused", "void")
            sealed = record.state == "confirmed" and record.sealed_on
            if is_over or (sealed and "sealed_on" in content):
                raise UserError(
                    self.env._(
                        "%(document)s is “%(state)s” and can't be changed: void it "
                        "with a reason, or write another one.",
                        document=record.display_name,
                        state=record._contract_state_label(),
                    )
                )
        return super()._check_frozen(content)

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"sealed_on"}

    @api.model
    def _handover_domain(self, user):
        """Those that this person prepares."""
        return Domain("user_id", "=", user.id) & Domain("state", "=", "draft")

    @api.model
    def _recorded_domain(self):
        # one that was returned was decided on
        return Domain("state", "!=", "draft") | Domain("approval_round", ">", 0)

    def _void_copy(self):
        """Nothing is left to settle where the contract was cancelled."""
        if self.sudo().order_id._contract_is_cancelled():
            return self.browse()
        return super()._void_copy()

    def _make_void(self, reason):
        copy = super()._make_void(reason)
        self._sync_activities()
        return copy

    def _correction_vals(self):
        rows = self.deduction_ids.copy_data()
        return {
            **super()._correction_vals(),
            "order_id": self.order_id.id,
            "kind": self.kind,
            "balance_reason": self.balance_reason,
            "balance_note": self.balance_note,
            "note": self.note,
            "deduction_ids": [fields.Command.create(vals) for vals in rows],
        }

    def _account_balance(self):
        """What the customer owes by the facts, before deductions and penalties."""
        return (
            self.delivered_amount
            + self.fee_amount
            - self.received_amount
            - self.adjusted_amount
            + self.bills_amount
        )

    def _holds(self):
        """Whether it still says what the contract comes to: a settlement settles what
        it froze. What it asks for itself (charges, credits, a refund) and money that
        comes in are no change; what is agreed, delivered, returned or invoiced
        besides is, and money that went back.
        """
        self.ensure_one()
        order = self.sudo().order_id
        asked = {"customer": 0.0, "us": 0.0}
        for row in self.deduction_ids.filtered(lambda r: not r.is_booked):
            asked[row.side] += row.amount
        charged, credited = asked["customer"], asked["us"]
        goods = order.contract_delivered_amount - order.contract_uninvoiced_amount
        worth = order.contract_delivered_amount + order.contract_invoiced_amount - goods
        settled_worth = self.delivered_amount + self.fee_amount
        settled_goods = self.delivered_amount - min(self.uninvoiced_amount, 0)
        # what is covered by money, adjustments and honoured bills
        covered = worth - order.contract_exposure_amount
        settled_covered = settled_worth - self._account_balance()
        return not any(
            self.currency_id.compare_amounts(low, high) > 0
            for low, high in (
                (order.contract_agreed_amount, self.agreed_amount + charged),
                (worth, settled_worth + charged),
                (settled_worth - credited, worth),
                (goods, settled_goods + charged),
                (settled_covered + min(self.due_amount, 0), covered),
            )
        )

    def _changes_text(self, row):
        """What the facts say today where they said otherwise, as sentences; False if
        nothing.

        :param row: the figures of the contract today
        """
        self.ensure_one()
        texts = []
        for fname, value in self._figures_vals(row).items():
            value = self.currency_id.round(value)
            if self.currency_id.compare_amounts(value, self[fname]):
                texts.append(
                    self.env._(
                        "%(figure)s: %(before)s → %(after)s.",
                        figure=self._fields[fname]._description_string(self.env),
                        before=format_amount(self.env, self[fname], self.currency_id),
                        after=format_amount(self.env, value, self.currency_id),
                    )
                )
        return join_sentences(self.env, texts) if texts else False

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {
            "contract_tracking.mail_activity_settlement",
            "contract_tracking.mail_activity_settlement_action",
        }

    def _activities_wanted(self):
        """Who prepares it submits it; the owner of each action does it."""
        wanted = super()._activities_wanted()
        if self.state == "draft" and not self.order_id._contract_is_cancelled():
            wanted.append(
                {
                    "xmlid": "contract_tracking.mail_activity_settlement",
                    "user": self.user_id,
                    "day": self._deadline(),
                    "keep": True,
                }
            )
        if self.state in RUNNING:
            wanted += [
                {
                    "xmlid": "contract_tracking.mail_activity_settlement_action",
                    "user": action.user_id,
                    "day": action.date_deadline,
                    "what": action.name,
                }
                for action in self.action_ids.filtered(lambda a: a.state == "open")
            ]
        return wanted
