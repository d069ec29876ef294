from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command

from ..models.month import contract_monthly_record_facts
from ..tools.guard import unguarded
from .test_month_figures import DECEMBER, JANUARY, NOVEMBER, MonthCase


class TestMonthEdges(MonthCase):
    """Whose line it is, on which day, once, and how it goes with the ledger."""

    def simple(self, signed="2025-11-03", lines=None, team=None, **values):
        """10 pumps at 100, due when they are invoiced."""
        return self.with_terms(
            lines=lines, signed=signed, team_id=(team or self.team).id, **values
        )

    def owing(self, day="2025-11-10", **values):
        """1,000 delivered and invoiced."""
        order = self.simple(**values)
        self.deliver(order, day)
        return order, self.invoice(order, day)

    def lines_of(self, records):
        return self.env["contract.monthly.record.line"].union(
            *(record.line_ids for record in records.values())
        )

    def claim_on(self, payment, order, amount, day=None):
        return self.claim(payment, order, amount, date=day or payment.date)

    # ------------------------------------------------------------------
    # Whose line, and of which month
    # ------------------------------------------------------------------

    def test_a_month_that_is_read_late(self):
        """November read in January: contracts of December aren't in it, nor those that
        were settled before it, whatever happened to them since."""
        order, _invoice = self.owing()
        new, _invoice = self.owing("2025-12-03", signed="2025-12-01", team=self.west)
        old, paid = self.owing("2025-10-10", signed="2025-10-01")
        self.pay(paid, "2025-10-20")
        with freeze_time("2025-10-25 02:00:00"):
            old.invalidate_recordset()
            old.action_contract_complete()
        self.credit(paid, "2025-12-05", 1, reconcile=False)
        records = self.generate(NOVEMBER, "2026-01-10")
        self.assert_lines(records, (self.team, [order]))
        records = self.generate(DECEMBER, "2026-01-10")
        self.assert_lines(records, (self.team, [order, old]), (self.west, [new]))

    def test_settled_ones_are_no_lines(self):
        """One that ended and owes nothing has a line in the month of its end, no more;
        one that was only paid afterwards until it is."""
        order, paid = self.owing()
        self.pay(paid, "2025-11-20")
        with freeze_time("2025-11-25 02:00:00"):
            order.invalidate_recordset()
            order.action_contract_complete()
        late, bill = self.owing()
        with freeze_time("2025-11-25 02:00:00"):
            late._take_reason_step("terminate", "Bankrupt")
        records = self.generate(NOVEMBER, "2025-12-02")
        self.assert_lines(records, (self.team, [order, late]))
        self.confirm_records(records)
        self.pay(bill, "2025-12-30")
        records = self.generate(DECEMBER, "2026-01-02")
        self.assert_lines(records, (self.team, [late]))
        self.confirm_records(records)
        records = self.generate(JANUARY, "2026-02-02")
        self.assert_lines(records, (self.team, [late]))
        self.confirm_records(records)
        self.assertFalse(self.generate(date(2026, 2, 1), "2026-03-02"))

    def test_money_before_it_takes_effect(self):
        """300 came before the contract was signed: a line, for the ledger has it."""
        self.company.contract_effective_rule = "signature"
        with freeze_time("2025-11-03 02:00:00"):
            order = self.new_order(team_id=self.team.id)
            order.action_confirm()
        self.assertEqual(order.contract_state, "confirmed")
        self.pay(self.settle(order, "2025-11-06", 300), "2025-11-08")
        records = self.generate(NOVEMBER, "2025-12-02")
        line = self.line(records, order)
        self.assertEqual((line.received, line.receivable), (300, -300))
        self.assert_bridge(records[self.team], contracts=-300, deposits=300, ledger=0)

    def test_days_are_the_company_s(self):
        """17:00 in London is the next day in Shanghai."""
        order = self.simple()
        self.deliver(order, "2025-11-30", hour="15:59:00", pump=3)
        self.deliver(order, "2025-11-30", hour="16:01:00", pump=2)
        self.deliver(order, "2025-12-25", hour="15:59:00", pump=1)
        self.deliver(order, "2025-12-25", hour="16:01:00", pump=4)
        for month, day, amounts in (
            (NOVEMBER, "2025-12-02", (0, 300, 0, 300, 300)),
            (DECEMBER, "2025-12-27", (300, 300, 0, 600, 600)),
            (JANUARY, "2026-02-02", (600, 400, 0, 400, 1000)),
        ):
            records = self.generate(month, day)
            line = self.line(records, order)
            names = ("opening", "month", "adjustment", "year")
            found = [line[f"delivered_{name}"] for name in names]
            self.assertEqual((*found, line.delivered), amounts, month)
            self.confirm_records(records)

    # ------------------------------------------------------------------
    # Late, moved and taken away
    # ------------------------------------------------------------------

    def test_late_postings_are_told_once(self):
        """200 paid in November and 2 pumps of it, known in January when December is
        confirmed; in-month and earlier months of all records add up to date."""
        order, invoice = self.owing(lines=[(self.pump, 8)])
        order.order_line.product_uom_qty = 10
        total = dict.fromkeys(("delivered", "invoiced", "received"), 0)
        for month, day, late in (
            (NOVEMBER, "2025-12-02", 0),
            (DECEMBER, "2025-12-27", 0),
            (JANUARY, "2026-02-02", 200),
            (date(2026, 2, 1), "2026-03-02", 0),
        ):
            if late:
                self.pay(invoice, "2025-11-28", 200)
                self.deliver(order, "2025-11-29", pump=2)
            records = self.generate(month, day)
            line = self.line(records, order)
            self.assertEqual(line.received_adjustment, late)
            self.assertEqual(line.delivered_adjustment, late)
            for name in total:
                total[name] += line[f"{name}_month"] + line[f"{name}_adjustment"]
                self.assertEqual(total[name], line[name])
            self.assert_adds_up(line)
            self.confirm_records(records)

    def test_money_that_is_claimed_elsewhere(self):
        """1,200 paid A's invoice of 1,000 in November; 200 of it are claimed for B in
        December, and a claim of 400 for B is withdrawn in favour of C."""
        (a, invoice), (b, _b), (c, _c) = (self.owing() for _n in range(3))
        money = self.paid(invoice, 1200, "2025-11-20")
        other = self.money("2025-11-21", 400)
        claim = self.claim_on(other, b, 400)
        records = self.generate(NOVEMBER, "2025-12-02")
        self.assert_five(records, (a, 0, 1000, 0), (b, 0, 400, 0), (c, 0, 0, 0))
        self.assert_bridge(
            records[self.team], contracts=1600, unclaimed=-200, ledger=1400
        )
        self.confirm_records(records)
        with freeze_time("2025-12-10 02:00:00"):
            self.claim_on(money, b, 200, "2025-12-10")
            claim._withdraw("A mistake")
            self.claim_on(other, c, 400, "2025-12-10")
        records = self.generate(DECEMBER, "2025-12-27")
        # that B had 400 became known to be wrong
        self.assert_five(records, (a, 1000, 0, 0), (b, 400, 200, -400), (c, 0, 400, 0))
        self.assert_bridge(records[self.team], contracts=1400, ledger=1400)

    def assert_five(self, records, *expected):
        """What came in: brought forward, in the month, of earlier months."""
        for order, *amounts in expected:
            line = self.line(records, order)
            found = [
                line[f"received_{name}"] for name in ("opening", "month", "adjustment")
            ]
            self.assertEqual(found, amounts, order.name)
            self.assert_adds_up(line)

    def test_what_is_taken_away_again(self):
        """300 of 1,000 planned are paid, and the payment is cancelled: nothing was
        achieved."""
        order, invoice = self.owing()
        self.confirm_records(self.generate(NOVEMBER, "2025-12-02"))
        payment = self.pay(invoice, "2025-12-10", 300)
        line = self.line(self.generate(DECEMBER, "2025-12-27"), order)
        self.assertEqual((line.received_month, line.collection_achieved), (300, 0.3))
        with freeze_time("2025-12-27 03:00:00"):
            payment.action_draft()
            payment.action_cancel()
        line = self.line(self.generate(DECEMBER, "2025-12-27", "05:00:00"), order)
        self.assertEqual((line.received_month, line.collection_achieved), (0, 0))
        self.assertEqual((line.received, line.receivable), (0, 1000))

    # ------------------------------------------------------------------
    # Made again
    # ------------------------------------------------------------------

    def test_another_office_is_confirmed(self):
        """What becomes known late changes the draft, not what is confirmed."""
        (a, invoice), (b, bill) = self.owing(), self.owing(team=self.west)
        records = self.generate(NOVEMBER, "2025-12-02")
        self.confirm_records({self.team: records[self.team]})
        for move in invoice, bill:
            self.pay(move, "2025-11-28", 100)
        again = self.generate(NOVEMBER, "2025-12-03")
        self.assertEqual(again, {self.west: records[self.west]})
        self.assertEqual(self.line(records, a).received, 0)
        self.assertEqual(self.line(records, b).received, 100)
        # what the other office's record doesn't say is named
        self.assert_bridge(
            records[self.west], contracts=900, others=1000, rest=-100, ledger=1800
        )

    def test_killed_in_between(self):
        """Five contracts, one a batch; after two it is killed, and goes on."""
        orders = [self.owing()[0] for _n in range(5)]
        Record = self.env["contract.monthly.record"]
        with (
            patch.object(contract_monthly_record_facts, "BATCH", 1),
            freeze_time("2025-12-02 02:00:00"),
        ):
            batches = Record._generate_batches(self.company, NOVEMBER)
            self.assertEqual([next(batches), next(batches)], [4, 3])
            batches.close()
            record = Record.search([("month", "=", NOVEMBER)])
            first = record.line_ids
            self.assertEqual(first.order_id, orders[0] | orders[1])
            left = list(Record._generate_batches(self.company, NOVEMBER))
        self.assertEqual(left, [2, 1, 0, 0])
        record.invalidate_recordset()
        self.assertEqual(len(record.line_ids), 5)
        self.assertEqual(record.line_ids & first, first)
        self.assert_bridge(record, contracts=5000, ledger=5000)
        before = [self.figures_of(line) for line in record.line_ids]
        self.generate(NOVEMBER, "2025-12-02")
        self.assertEqual([self.figures_of(line) for line in record.line_ids], before)

    # ------------------------------------------------------------------
    # The bridge
    # ------------------------------------------------------------------

    def test_bridge_of_all_kinds_of_money(self):
        """A contract owes 1,000; the opening entry has 50 of the customer's money and
        120 that he owes; 100 came, 70 of it for scrap; 40 go back to him; a credit note
        of 30 lowers the contract's invoice, of which 200 are paid; a bank line of 90 is
        nobody's, 60 were reconciled with what he owes; 25 are claimed and nobody said
        yes; of a bill of 80 that was dishonoured 50 were claimed."""
        order, invoice = self.owing()
        opening = self.entry("2025-11-01", -50)
        self.company.account_opening_move_id = opening
        self.reconcile(
            self.entry("2025-11-02", 120), self.money("2025-11-14", 60).move_id
        )
        scrap = self.bill_of(70, "out_invoice")
        self.paid(scrap, 100, "2025-11-12")
        self.money("2025-11-13", 40, payment_type="outbound")
        self.reconcile(self.bill_of(30, "out_refund"), invoice)
        self.pay(invoice, "2025-11-20", 200)
        self.bank("2025-11-21", 90)
        asked = self.claim_on(self.money("2025-11-22", 25), order, 25)
        unguarded(asked).write({"state": "to_confirm"})
        instrument = self.env.ref("contract_tracking.instrument_bank_acceptance")
        bill = self.money(
            "2025-11-23",
            80,
            contract_instrument_id=instrument.id,
            contract_bill_number="B-1",
            contract_bill_maturity="2026-06-01",
        )
        self.claim_on(bill, order, 50)
        with freeze_time("2025-11-28 02:00:00"):
            bill._contract_bill_outcome("dishonoured", date(2025, 11, 28))
        records = self.generate(NOVEMBER, "2025-12-02")
        line = self.line(records, order)
        self.assertEqual(
            (line.invoiced, line.received, line.adjusted, line.receivable),
            (1000, 200, 30, 770),
        )
        # nobody's: 50, 30 of the 100, 90, 60, 25, less 40
        self.assert_bridge(
            records[self.team],
            contracts=770,
            entries=120,
            unclaimed=-215,
            bills=-80,
            ledger=595,
        )
        rows = {row.kind: row for row in records[self.team].bridge_ids}
        action = rows["unclaimed"].action_open()
        receipts = self.env["contract.receipt"].with_context(**action["context"])
        found = receipts.search(action["domain"])
        self.assertEqual(sum(found.mapped("uncounted")), 215)
        for kind, amount in (("entries", 120), ("ledger", 595)):
            found = self.env["account.move.line"].search(
                rows[kind].action_open()["domain"]
            )
            self.assertEqual(sum(found.mapped("balance")), amount)

    def entry(self, day, amount):
        items = [(self.receivable, amount), (self.expense, -amount)]
        move = self.env["account.move"].create(
            {
                "date": day,
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.partner.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in items
                ],
            }
        )
        move.action_post()
        return move

    def bill_of(self, amount, kind):
        """A document of 11 November without a contract."""
        move = self.env["account.move"].create(
            {
                "move_type": kind,
                "partner_id": self.partner.id,
                "invoice_date": "2025-11-11",
                "date": "2025-11-11",
                "invoice_line_ids": [
                    Command.create(
                        {"name": "Scrap", "price_unit": amount, "tax_ids": False}
                    )
                ],
            }
        )
        move.action_post()
        return move

    # ------------------------------------------------------------------
    # Deviations
    # ------------------------------------------------------------------

    def test_deviations(self):
        """Found on 10, 20, 21 and 28 November; one closed on 29 November, one waived on
        26 December, which is January; one is called a mistake in February: until then
        it was open."""
        order, _invoice = self.owing()
        days = ("2025-11-10", "2025-11-20", "2025-11-28", "2025-11-21")
        first, second, _third, mistake = (
            self.env["contract.deviation"].create(
                {
                    "order_id": order.id,
                    "kind": "other",
                    "date": day,
                    "summary": "It departs.",
                }
            )
            for day in days
        )
        unguarded(first).write(
            {"state": "closed", "verified_on": "2025-11-29 15:00:00"}
        )
        unguarded(second).write({"state": "waived", "ended_on": "2025-12-25 17:00:00"})
        unguarded(mistake).write(
            {"state": "cancelled", "ended_on": "2026-02-01 02:00:00"}
        )
        for month, counts in (
            (NOVEMBER, (4, 1, 3)),
            (DECEMBER, (0, 0, 3)),
            (JANUARY, (0, 1, 2)),
            (date(2026, 2, 1), (0, 0, 1)),
        ):
            line = self.line(self.generate(month, "2026-03-10"), order)
            names = ("new", "closed", "open")
            found = tuple(line[f"deviations_{name}"] for name in names)
            self.assertEqual(found, counts, month)
