from datetime import timedelta

from dateutil.relativedelta import relativedelta

from ..tools.guard import unguarded
from .plain import Books, Sheet, dec
from .test_sheet_proof import ProofCase

MOVING = ("delivered", "invoiced", "received")
SAME = (
    *MOVING, "adjusted", "receivable", "matured", "overdue", "delivered_not_invoiced",
)  # fmt: skip


class TestMonthProof(ProofCase):
    """Three months in which things happened by chance, every line to the cent against
    plain accounting: as they are read, and after as much became known of them late."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        first = cls.today.replace(day=1)
        cls.months = [first - relativedelta(months=back) for back in (3, 2, 1)]

    def test_whatever_happens(self):
        self.happen(seed=3, times=60)
        said = {}
        for month in self.months:
            self.assert_month(month, said)
        # the first month is confirmed, and what happened once more became known late
        confirmed = self.records(self.months[0])
        unguarded(confirmed).write({"state": "confirmed"})
        said = self.sheets(self.months[0] + relativedelta(day=31))
        self.happen(seed=5, times=40)
        for month in self.months[1:]:
            self.assert_month(month, said)
            unguarded(self.records(month)).write({"state": "confirmed"})
            said = self.sheets(month + relativedelta(day=31))

    def records(self, month):
        Record = self.env["contract.monthly.record"]
        return Record.search([("month", "=", month), ("state", "!=", "replaced")])

    def sheets(self, day):
        """Plain accounting of all contracts as of a day."""
        books = Books(self.env)
        return {
            order: Sheet(books, order.id, day).figures() for order in self.contracts()
        }

    def assert_month(self, month, said):
        """Every line of a month, generated now.

        :param said: plain accounting of a contract as the last confirmed record had it
        """
        self.count, self.differences = 0, []
        self.env["contract.monthly.record"]._generate(self.company, month)
        self.env.invalidate_all()
        records = self.records(month)
        now = self.sheets(month + relativedelta(day=31))
        before = self.sheets(month - timedelta(days=1))
        lines = {line.order_id: line for line in records.line_ids if line.order_id}
        for order, plain in now.items():
            line = lines.pop(order, None)
            if line is None:
                idle = {name: plain[name] - before[order][name] for name in MOVING}
                self.assertFalse(any(idle.values()), order.name)
                self.assertFalse(plain["receivable"], order.name)
                continue
            for name in SAME:
                self.assert_figure(line[name], plain[name], order.name, month, name)
            for name in MOVING:
                opening = said.get(order, before[order])[name]
                for part, amount in (
                    ("opening", opening),
                    ("month", plain[name] - before[order][name]),
                    ("adjustment", before[order][name] - opening),
                    # nothing was before this year
                    ("year", plain[name]),
                ):
                    part = f"{name}_{part}"
                    self.assert_figure(line[part], amount, order.name, month, part)
                for column in (name, f"booked_{name}"):
                    self.assert_figure(
                        sum(
                            dec(line[f"{column}_{part}"])
                            for part in ("opening", "month", "adjustment")
                        ),
                        dec(line[column]),
                        order.name,
                        month,
                        f"{column}: parts",
                    )
            fallen = plain["matured"]
            rate = (fallen - plain["due"]) / fallen if fallen > 0 else 0
            self.assert_figure(
                line.collection_rate, dec(max(rate, 0)), order.name, month, "rate"
            )
        self.assertFalse(lines)
        for record in records:
            *rows, ledger = record.bridge_ids
            self.assert_figure(
                sum(dec(row.amount) for row in rows),
                dec(ledger.amount),
                record.display_name,
                month,
                "bridge",
            )
            # none of it is counted otherwise
            self.assertNotIn("rest", record.bridge_ids.mapped("kind"))
        self.assertEqual(len(self.differences), 0, "\n".join(self.differences))
