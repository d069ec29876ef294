from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.guard import unguarded
from ..money.contract_facts_rows import COLUMNS

# What is told in five: brought forward, in the month, earlier months, this year, to
# date.
MOVING = ("delivered", "invoiced", "received")

OPENING = (
    "To date in the latest confirmed record before; of a contract that was in none, "
    "what happened before the first one."
)
MONTH = "What happened from the day after the last cut-off to that of the month."
ADJUSTMENT = (
    "What became known of earlier months since their record was confirmed: to date − "
    "in the month − brought forward."
)
BOOKED = (
    "Agreed, delivered and fallen due at the contract's rate, invoiced and received as "
    "the ledger has them."
)
TO_DATE = "All that happened up to the cut-off, with taxes."
YEAR = "To date − to date at the end of the year before."


def _amount(string, help_text=None, **attrs):
    return fields.Monetary(string=string, readonly=True, help=help_text, **attrs)


def _booked(string):
    return fields.Monetary(
        string=f"{string} (Company Currency)",
        currency_field="company_currency_id",
        readonly=True,
        help=BOOKED,
    )


def _share(string, help_text):
    return fields.Float(
        string=string, readonly=True, digits=0, aggregator="avg", help=help_text
    )


class ContractMonthlyRecordLine(models.Model):
    """A contract, or a frame agreement with money of its own, in a monthly execution
    record: a row of 附表5.

    Names and figures of that day, as of the cut-off; amounts with taxes in the
    contract's currency and again (``booked_…``) in the company's: agreed, delivered
    and fallen due at the contract's rate, invoiced and received as the ledger has
    them. Brought forward + in the month + earlier months = to date, always. What people
    enter: next month's plan and a remark. Serves D9 §3.2.
    """

    _name = "contract.monthly.record.line"
    _inherit = ["contract.approval.row.mixin", "contract.frozen.mixin"]
    _description = "Line of a Monthly Execution Record"
    _order = "record_id, number, id"
    _rec_name = "number"
    _approval_document = "record_id"
    _frozen_create = True

    record_id = fields.Many2one(
        "contract.monthly.record", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    team_id = fields.Many2one(
        "crm.team", string="Office", readonly=True, ondelete="set null"
    )
    month = fields.Date(readonly=True, required=True)
    state = fields.Selection(related="record_id.state")
    order_id = fields.Many2one(
        "sale.order",
        string="Contract",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    made_on = fields.Datetime(string="Figures Read On", readonly=True)
    run = fields.Integer(
        readonly=True, help="In which reading of the month it was read."
    )
    is_moved = fields.Boolean(
        string="Changed in the Month",
        readonly=True,
        help="Something happened or fell due in the month.",
    )
    is_planned = fields.Boolean(
        string="Plan Entered",
        readonly=True,
        help="Somebody entered next month's plan: it isn't proposed any more.",
    )
    # names of the day
    number = fields.Char(string="Contract No.", readonly=True)
    partner_id = fields.Many2one(
        "res.partner", string="Customer", readonly=True, index=True
    )
    partner_name = fields.Char(string="Customer's Name", readonly=True)
    product_names = fields.Char(string="Products", readonly=True)
    user_id = fields.Many2one(
        "res.users", string="Salesperson", readonly=True, index="btree_not_null"
    )
    user_name = fields.Char(string="Salesperson's Name", readonly=True)
    signing_date = fields.Date(string="Signed", readonly=True)
    payment_terms = fields.Char(readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    company_currency_id = fields.Many2one("res.currency", readonly=True)

    # ------------------------------------------------------------------
    # Figures
    # ------------------------------------------------------------------

    total = _amount("Contract Amount", "Agreed total at the cut-off.")
    delivered_opening = _amount("Delivered: Brought Forward", OPENING)
    delivered_month = _amount("Delivered in Month", MONTH)
    delivered_adjustment = _amount("Delivered: Earlier Months", ADJUSTMENT)
    delivered_year = _amount("Delivered This Year", YEAR)
    delivered = _amount("Delivered to Date", TO_DATE)
    invoiced_opening = _amount("Invoiced: Brought Forward", OPENING)
    invoiced_month = _amount("Invoiced in Month", MONTH)
    invoiced_adjustment = _amount("Invoiced: Earlier Months", ADJUSTMENT)
    invoiced_year = _amount("Invoiced This Year", YEAR)
    invoiced = _amount("Invoiced to Date", "Without down payments.")
    received_opening = _amount("Received: Brought Forward", OPENING)
    received_month = _amount("Received in Month", MONTH)
    received_adjustment = _amount("Received: Earlier Months", ADJUSTMENT)
    received_year = _amount("Received This Year", YEAR)
    received = _amount("Received to Date", TO_DATE)
    adjusted = _amount(
        "Adjusted to Date", "What closed the receivable without being money."
    )
    delivered_not_invoiced = _amount(
        "Delivered not Invoiced", "Negative: invoiced in advance."
    )
    receivable = _amount(
        "Receivable", "Invoiced − received − adjusted. Negative: paid in advance."
    )
    matured = _amount("Fallen Due", "Payment terms that fell due up to the cut-off.")
    overdue = _amount(
        "Overdue Amount", "Fell due before the cut-off and is not covered by money."
    )
    risk_outstanding = _amount(
        "Open on Risk",
        "What left, or was released, on an approved risk shipment and is not paid.",
    )
    planned_delivery = _amount(
        "Planned Delivery", "What the record before planned for this month."
    )
    planned_collection = _amount(
        "Planned Collection", "What the record before planned for this month."
    )
    plan_delivery = fields.Monetary(
        string="Next Month: Delivery",
        help="What is to be delivered by the next cut-off; proposed from delivery "
        "terms that are open and due by then.",
    )
    plan_collection = fields.Monetary(
        string="Next Month: Collection",
        help="What is to come in by the next cut-off; proposed from what is unpaid and "
        "due by then.",
    )
    booked_total = _booked("Contract Amount")
    booked_delivered_opening = _booked("Delivered: Brought Forward")
    booked_delivered_month = _booked("Delivered in Month")
    booked_delivered_adjustment = _booked("Delivered: Earlier Months")
    booked_delivered_year = _booked("Delivered This Year")
    booked_delivered = _booked("Delivered to Date")
    booked_invoiced_opening = _booked("Invoiced: Brought Forward")
    booked_invoiced_month = _booked("Invoiced in Month")
    booked_invoiced_adjustment = _booked("Invoiced: Earlier Months")
    booked_invoiced_year = _booked("Invoiced This Year")
    booked_invoiced = _booked("Invoiced to Date")
    booked_received_opening = _booked("Received: Brought Forward")
    booked_received_month = _booked("Received in Month")
    booked_received_adjustment = _booked("Received: Earlier Months")
    booked_received_year = _booked("Received This Year")
    booked_received = _booked("Received to Date")
    booked_adjusted = _booked("Adjusted to Date")
    booked_delivered_not_invoiced = _booked("Delivered not Invoiced")
    booked_receivable = _booked("Receivable")
    booked_matured = _booked("Fallen Due")
    booked_overdue = _booked("Overdue Amount")
    booked_risk_outstanding = _booked("Open on Risk")
    booked_planned_delivery = _booked("Planned Delivery")
    booked_planned_collection = _booked("Planned Collection")
    booked_plan_delivery = fields.Monetary(
        string="Next Month: Delivery (Company Currency)",
        help=BOOKED,
        currency_field="company_currency_id",
        compute="_compute_booked_plan",
        store=True,
    )
    booked_plan_collection = fields.Monetary(
        string="Next Month: Collection (Company Currency)",
        help=BOOKED,
        currency_field="company_currency_id",
        compute="_compute_booked_plan",
        store=True,
    )
    # what the ledger counts otherwise
    booked_deposits = _booked("Down Payments not Deducted")
    booked_uncounted = _booked("Bills not Counted")
    booked_unposted = _booked("Payments without Journal Entry")
    booked_opening = _booked("Opening Figures")
    rate = fields.Float(
        digits=0,
        readonly=True,
        help="Units of the contract's currency for one of the company's.",
    )
    collection_rate_year = _share(
        "Collection Rate This Year",
        "Of what fell due this year, the due day included: which share was received.",
    )
    collection_rate = _share(
        "Collection Rate",
        "Of what fell due to date, the due day included: which share was received.",
    )
    completion = _share("Completion", "Delivered to date ÷ contract amount.")
    delivery_achieved = _share(
        "Delivery Plan Achieved", "Delivered in the month ÷ planned for it."
    )
    collection_achieved = _share(
        "Collection Plan Achieved", "Received in the month ÷ planned for it."
    )
    deviations_new = fields.Integer(
        string="New Deviations", readonly=True, help="Found or reported in the month."
    )
    deviations_closed = fields.Integer(
        string="Closed Deviations", readonly=True, help="Closed or waived in the month."
    )
    deviations_open = fields.Integer(
        string="Open Deviations", readonly=True, help="Open at the cut-off."
    )
    remark = fields.Char()

    _record_order = models.UniqueIndex(
        "(record_id, order_id) WHERE order_id IS NOT NULL"
    )
    _record_frame = models.UniqueIndex(
        "(record_id, frame_id) WHERE frame_id IS NOT NULL"
    )
    _company_month = models.Index("(company_id, month)")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("plan_delivery", "plan_collection", "rate")
    def _compute_booked_plan(self):
        for line in self:
            for name in ("plan_delivery", "plan_collection"):
                amount = line[name] / line.rate if line.rate else line[name]
                line[f"booked_{name}"] = line.company_currency_id.round(amount)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.constrains("plan_delivery", "plan_collection")
    def _check_plan(self):
        for line in self:
            if min(line.plan_delivery, line.plan_collection) < 0:
                raise ValidationError(
                    self.env._(
                        "%(contract)s: a plan can't be negative; enter 0 if nothing "
                        "is to be delivered or to come in.",
                        contract=line.number or line._contract().display_name,
                    )
                )

    def write(self, vals):
        res = super().write(vals)
        if vals.keys() & {"plan_delivery", "plan_collection"}:
            self._mark_planned()
        return res

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_open_contract(self):
        """Open the contract or the frame agreement."""
        self.ensure_one()
        return self._contract()._contract_form_action()

    def action_contract_figure(self):
        """Open the rows of the figure that the context names (``contract_figure``), as
        of the cut-off; or of a part of it (``contract_part``): ``month``,
        ``adjustment``, ``year``.

        :raise AccessError: if the user may not read the contract
        :raise UserError: if it has no such figure
        """
        self.ensure_one()
        self.check_access("read")
        record = self.sudo().record_id
        part = self.env.context.get("contract_part")
        figure = self.env.context.get("contract_figure")
        if part is None:
            return (
                self._contract()
                .with_context(
                    contract_cutoff=record.date,
                    contract_own_rows=bool(self.frame_id),
                )
                .action_contract_figure()
            )
        fname = f"{figure}_{part}"
        if figure not in MOVING or part not in ("month", "adjustment", "year"):
            raise UserError(self.env._("This figure has no rows."))
        self._contract().check_access("read")
        return self.env["contract.figure.row"]._show(
            self._contract(),
            self._fields[fname]._description_string(self.env),
            self._part_rows(figure, part),
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract(self):
        """The contract or the frame agreement that it is about."""
        self.ensure_one()
        return self.order_id or self.frame_id

    def _part_rows(self, figure, part):
        """The rows of a part of a figure; they add up to it.

        In the month is what was read as of the cut-off and not as of the one before. Of
        earlier months became known what was written since their record was read; what
        of it can't be told by its documents, as it went away, is a row of its own.
        """
        self.ensure_one()
        Facts = self.env["contract.facts.frame" if self.frame_id else "contract.facts"]
        record, contract = self.sudo().record_id, self._contract()
        since = record.date_from
        if part == "year":
            since = record.company_id._contract_period(since.replace(month=1, day=1))[0]
        before = since - timedelta(days=1)
        known = Facts._read_rows(contract, figure, before)
        if part == "adjustment":
            rows = self._written_since(known)
        else:
            rows = Facts._read_rows(contract, figure, record.date)
            rows = self._rows_beyond(rows, known)
        rest = self[f"{figure}_{part}"] - sum(float(row["amount"]) for row in rows)
        if not self.currency_id.is_zero(rest):
            rows.append(
                {
                    **dict.fromkeys(COLUMNS),
                    "order_id": self.order_id.id,
                    "kind": "other",
                    "amount": rest,
                }
            )
        return [{**row, "order_id": self.order_id.id} for row in rows]

    @api.model
    def _rows_beyond(self, rows, known):
        """Rows that aren't among the ``known`` ones, and with the other sign those that
        went away."""

        def grouped(rows):
            sums = defaultdict(list)
            for row in rows:
                key = tuple(row[name] for name in COLUMNS if name != "amount")
                sums[key].append(row)
            return sums

        now, then = grouped(rows), grouped(known)
        found = []
        for key in now | then:
            row = (now.get(key) or then[key])[0]
            amount = sum(r["amount"] for r in now.get(key, ())) - sum(
                r["amount"] for r in then.get(key, ())
            )
            if amount:
                found.append({**row, "amount": amount})
        return found

    def _written_since(self, rows):
        """Those of the rows whose documents were written after the last confirmed
        record was read."""
        self.ensure_one()
        known = self.sudo().search(
            [
                ("order_id", "=", self.order_id.id),
                ("frame_id", "=", self.frame_id.id),
                ("month", "<", self.month),
                ("record_id.state", "=", "confirmed"),
            ],
            order="month desc",
            limit=1,
        )
        return [
            row
            for row in rows
            if known.made_on
            and row["res_id"]
            and self.env[row["res_model"]].sudo().browse(row["res_id"]).create_date
            > known.made_on
        ]

    def _mark_planned(self):
        todo = self.filtered(lambda line: not line.is_planned)
        if todo:
            unguarded(todo).write({"is_planned": True})
