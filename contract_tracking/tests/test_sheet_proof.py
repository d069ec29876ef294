"""All contracts of the database against plain accounting."""

import logging
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command

from .happenings import Happenings
from .plain import Books, Sheet, claimed, customer_receivable, dec
from .test_sheet_credits import SheetCase

# Contracts of a database without demo data: payment template, lines.
TEMPLATES = (
    "template_net_30",
    "template_30_60_10",
    "template_30_70_delivery",
    "template_monthly_60",
    "template_deposit_bl",
    None,
    None,
)
# Figures that are called the same in plain accounting.
SAME = (
    "delivered", "invoiced", "received", "adjusted", "receivable", "matured", "overdue",
    "delivered_not_invoiced", "delivered_unpaid",
)  # fmt: skip
RELIEVED = {
    "account: due", "account: overdue", "ageing: due", "ageing: overdue",
    "ageing: ages",
}  # fmt: skip
AGES = ("1_30", "31_60", "61_90", "91_180", "181_365", "over_365")

_logger = logging.getLogger(__name__)


class ProofCase(Happenings, SheetCase):
    """Contracts to be compared with plain accounting that shares no code with the facts
    (plain.py): some made here, and those of the demo where ./test runs this on a
    database with demo data."""

    @classmethod
    def company_context(cls):
        demo = cls.env.ref("contract_tracking.demo_company", False)
        return {"allowed_company_ids": demo.ids} if demo else {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        is_demo = cls.env.ref("contract_tracking.contract_demo_01", False)
        cls.today = cls.company._contract_today() if is_demo else date(2026, 7, 20)
        cls.days = [
            None,
            *(
                cls.today + relativedelta(months=-back, day=1) - timedelta(days=1)
                for back in range(3)
            ),
        ]
        cls.approver = cls.new_user("proof", "contract_tracking.group_contract_leader")
        cls.env["contract.approval.rule"].search([]).active = False
        cls.env["contract.approval.rule"].create(
            {
                "name": "One",
                "kind": "reagreement",
                "line_ids": [
                    Command.create(
                        {"name": "One", "user_ids": [Command.link(cls.approver.id)]}
                    )
                ],
            }
        )
        net = cls.env.ref("account.account_payment_term_30days")
        begin = cls.today - timedelta(days=120)
        frame = cls.new_frame(
            day=begin, date_start=begin, date_end=cls.today + timedelta(days=90)
        )
        for number, template in enumerate(TEMPLATES):
            cls.new_contract(
                cls.today - timedelta(days=110 - number),
                [(cls.pump, 10, 99.99), (cls.valve, 30), (cls.service, 4)],
                template,
                payment_term_id=net.id,
                contract_frame_id=frame.id if number in (1, 2, 5) else False,
            )
        # lines that don't come to their order
        cls.company.tax_calculation_rounding_method = "round_globally"
        cls.valve.taxes_id = cls.env["account.tax"].create(
            {"name": "Of proofs", "amount": 13, "type_tax_use": "sale"}
        )
        for number, template in enumerate(TEMPLATES[:3]):
            cls.new_contract(
                cls.today - timedelta(days=90 - number),
                [(cls.valve, 1, 10.05)] * 3 + [(cls.pump, 3, 33.33)],
                template,
                payment_term_id=net.id,
            )
        with freeze_time(cls.today - timedelta(days=50)):
            payment = cls.receive(frame, cls.today - timedelta(days=50), 500)
            cls.claim(payment, frame, 500)

    def setUp(self):
        super().setUp()
        clock = freeze_time(f"{self.today} 04:00:00")
        clock.start()
        self.addCleanup(clock.stop)

    def assert_figure(self, ours, plain, contract, day, figure):
        self.count += 1
        if abs(dec(ours) - plain) >= 0.005:
            self.differences.append(
                f"{contract}, {day or 'today'}, {figure}: {dec(ours):.2f}, by plain "
                f"accounting {plain:.2f}"
            )


class TestProof(ProofCase):
    """Every contract of the database, its figures compared to the cent with plain
    accounting, live and at three month ends: as they are, and after things that
    happened by chance, always the same. What a customer owes is compared with core's
    receivable account."""

    def test_as_they_are(self):
        self.assert_proof()

    def test_after_chances(self):
        self.happen(seed=3, times=60)
        self.assert_proof()

    # ------------------------------------------------------------------
    # Comparing
    # ------------------------------------------------------------------

    def assert_proof(self):
        """Compare every figure of every contract and customer on every day."""
        orders = self.contracts()
        self.count, self.differences = 0, []
        for day in self.days:
            books = Books(self.env)
            sheets = {o: Sheet(books, o.id, day or self.today) for o in orders}
            figures = {order: sheet.figures() for order, sheet in sheets.items()}
            frames = {
                frame: sum(
                    dec(row[1])
                    for row in claimed(books, "frame_id", frame.id, day or self.today)
                )
                for frame in orders.contract_frame_id
            }
            for order, ours in self.facts_of(orders, day).items():
                # money of its frame agreement: see the customer
                is_relieved = frames.get(order.contract_frame_id)
                for figure, (value, name) in ours.items():
                    if not (is_relieved and figure in RELIEVED):
                        plain = figures[order][name]
                        self.assert_figure(value, plain, order.name, day, figure)
            self.assert_customers(books, sheets, figures, frames, day)
        _logger.info("%s figures compared", self.count)
        self.assertEqual(len(self.differences), 0, "\n".join(self.differences))

    def facts_of(self, orders, day):
        """What the addon says: ``{order: {figure: (value, plain figure)}}``."""
        Facts = self.env["contract.facts"]
        rows = Facts._read_orders(orders, day)
        invoices = Facts._read_invoices(orders, day)
        # contracts that are left out owe nothing
        balances = self.balances(orders, day)
        ageing = self.ageing_of([("order_id", "in", orders.ids)], day)
        ageing = ageing.grouped("order_id")
        result = {}
        for order in orders:
            row = rows[order.id]
            listed = invoices.get(order.id, [])
            balance = balances.get(order.id, {})
            aged = ageing.get(order, self.env["contract.ageing"])
            result[order] = {
                **{name: (row[name], name) for name in SAME},
                "total": (row["total"], "agreed"),
                "listed": (sum(dec(i["amount"]) for i in listed), "invoiced"),
                "deposits": (sum(dec(i["deposit"]) for i in listed), "deposits"),
                **{
                    f"account: {name}": (balance.get(name), name)
                    for name in ("receivable", "due", "overdue")
                },
                **{
                    f"ageing: {name}": (aged[f"contract_{name}"], name)
                    for name in ("receivable", "due", "overdue")
                },
                "ageing: ages": (
                    sum(dec(aged[f"contract_due_{age}"]) for age in AGES),
                    "overdue",
                ),
            }
            if not day:
                # core's own
                result[order]["quantity"] = (
                    sum(
                        dec(line.qty_delivered) + dec(line.contract_opening_quantity)
                        for line in order.order_line
                        if line._contract_is_promise()
                    ),
                    "quantity",
                )
        return result

    def ageing_of(self, domain, day):
        Ageing = self.env["contract.ageing"].with_context(contract_cutoff=day)
        # rows of another day
        Ageing.invalidate_model()
        return Ageing.search(domain)

    def assert_customers(self, books, sheets, figures, frames, day):
        """A customer owes in the company's currency what the ledger says; what of it is
        due, less the money of his frame agreements, where he has no other currency."""
        orders = self.contracts()
        rows = self.ageing_of([], day).grouped("partner_id")
        for partner, own in orders.grouped(
            lambda order: order.partner_id.commercial_partner_id
        ).items():
            plain = {
                "receivable": customer_receivable(
                    books,
                    partner.id,
                    self.company.id,
                    [sheets[order] for order in own],
                    [f.id for f in frames if f.commercial_partner_id == partner],
                    day or self.today,
                )
            }
            if own.currency_id == self.company.currency_id:
                for name in ("due", "overdue"):
                    plain[name] = sum(
                        max(
                            sum(figures[order][name] for order in called)
                            - frames.get(frame, 0),
                            dec(0),
                        )
                        for frame, called in own.grouped("contract_frame_id").items()
                    )
            aged = rows.get(partner, self.env["contract.ageing"])
            for name, value in plain.items():
                ours = sum(dec(row[name]) for row in aged)
                self.assert_figure(ours, value, partner.name, day, f"ageing: {name}")
                if not day:
                    ours = partner[f"contract_{name}_amount"]
                    self.assert_figure(ours, value, partner.name, day, name)
