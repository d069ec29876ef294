from datetime import date

from freezegun import freeze_time

from ..tools.guard import unguarded
from .test_deviation_detection import DetectionCase
from .test_reagreement import ReagreementCase


class TestOneCase(DetectionCase):
    """One case, one report: what came back isn't late as well, what somebody wrote down
    isn't found again, what is agreed on goes on.

    10 pumps at 100, agreed by October 1st, no payment terms, signed copy filed.
    """

    def contract(self, template=None, day="2026-09-01", **values):
        order = super().contract(template, day, **values)
        self.file_signed_copy(order, day)
        return order

    def report(self, order, day="2026-10-02", user=None, **values):
        with freeze_time(f"{day} 02:00:00"):
            return (
                self.env["contract.deviation"]
                .with_user(user or self.owner)
                .create(
                    {
                        "order_id": order.id,
                        "kind": "late_delivery",
                        "summary": "As the customer says.",
                        **values,
                    }
                )
            )

    def assert_found(self, order, *expected):
        """``expected``: (kind, amount at stake, days, cured on) of each deviation."""
        self.assertEqual(
            sorted(
                (d.kind, d.impact_amount, d.impact_days, str(d.cured_on or ""))
                for d in self.of(order)
            ),
            sorted(expected),
        )

    # ------------------------------------------------------------------
    # Goods that came back
    # ------------------------------------------------------------------

    def test_in_time_and_two_came_back(self):
        """10 on 09-30, 2 back on 10-03, replaced on 10-08.
        At stake 2 x 100 = 200, once; nothing left late."""
        order = self.contract()
        picking = self.deliver(order, "2026-09-30")
        back = self.give_back(picking, "2026-10-03", 2)
        self.run_cron("2026-10-06")
        self.assert_found(order, ("returned", 200, 0, ""))
        self.give_back(back, "2026-10-08", 2)
        self.run_cron("2026-10-09")
        self.assert_found(order, ("returned", 200, 0, "2026-10-08"))

    def test_part_in_time_and_two_came_back(self):
        """6 on 09-30, 2 of them back on 10-02, 4 on 10-08.
        Late: 10 - 6 = 4, at stake 400, 7 days; came back: 2, at stake 200."""
        order = self.contract()
        picking = self.deliver(order, "2026-09-30", pump=6)
        self.give_back(picking, "2026-10-02", 2)
        self.run_cron("2026-10-06")
        self.assert_found(
            order, ("late_delivery", 400, 5, ""), ("returned", 200, 0, "")
        )
        self.deliver(order, "2026-10-08")
        self.run_cron("2026-10-09")
        self.assert_found(
            order, ("late_delivery", 400, 7, "2026-10-08"), ("returned", 200, 0, "")
        )

    def test_late_and_then_four_came_back(self):
        """10 on 10-05, 4 days late: at stake 1,000; 4 back on 10-08: 400."""
        order = self.contract()
        self.run_cron("2026-10-02")
        picking = self.deliver(order, "2026-10-05")
        self.give_back(picking, "2026-10-08", 4)
        self.run_cron("2026-10-09")
        self.assert_found(
            order,
            ("late_delivery", 1000, 4, "2026-10-05"),
            ("returned", 400, 0, ""),
        )

    def test_rejected_is_not_short(self):
        """10 on 09-20, 2 of them rejected: at stake 200, once; sent back on 09-23,
        replaced on 10-05, after the agreed day."""
        order = self.contract()
        picking = self.deliver(order, "2026-09-20")
        picking.move_ids.write(
            {"contract_rejected_quantity": 2, "contract_rejection_reason": "Rust"}
        )
        self.run_cron("2026-10-02")
        self.assert_found(order, ("rejected", 200, 0, ""))
        back = self.give_back(picking, "2026-10-03", 2, to_refund=False)
        self.give_back(back, "2026-10-05", 2, to_refund=False)
        self.run_cron("2026-10-06")
        self.assert_found(order, ("rejected", 200, 0, "2026-10-05"))

    def test_a_replacement_is_no_second_batch(self):
        """5 by 10-01, 5 more by 11-01. 5 on 09-30, 2 back and replaced in October;
        the second 5 leave on 11-11: 5 x 100 = 500, 10 days late."""
        order = self.contract()
        term = order.contract_term_ids
        with freeze_time("2026-09-02 02:00:00"):
            unguarded(term).write({"quantity": 5, "amount": 500})
            second = unguarded(term).copy(
                {"order_id": order.id, "date_fixed": "2026-11-01", "auto": False}
            )
            unguarded(second).write(
                {"quantity": 5, "amount": 500, "stamped": True, "line_id": term.line_id}
            )
        picking = self.deliver(order, "2026-09-30", pump=5)
        back = self.give_back(picking, "2026-10-05", 2)
        self.give_back(back, "2026-10-08", 2)
        self.deliver(order, "2026-11-11")
        self.run_cron("2026-11-12")
        late = self.of(order, "late_delivery")
        self.assertRecordValues(
            late,
            [
                {
                    "term_id": second.id,
                    "impact_amount": 500,
                    "impact_days": 10,
                    "cured_on": date(2026, 11, 11),
                }
            ],
        )

    # ------------------------------------------------------------------
    # What somebody wrote down
    # ------------------------------------------------------------------

    def test_reported_and_cured_by_the_facts(self):
        """Reported on 10-02, delivered on 10-05."""
        order = self.contract()
        reported = self.report(order, term_id=order.contract_term_ids.id)
        self.run_cron("2026-10-03")
        self.assertEqual(self.of(order), reported)
        self.deliver(order, "2026-10-05")
        self.run_cron("2026-10-06")
        self.assertEqual(self.of(order), reported)
        self.assertEqual(reported.cured_on, date(2026, 10, 5))
        self.assertEqual(reported.summary, "As the customer says.")

    def test_reported_before_it_was_late_and_kept(self):
        """Reported on 09-20 for fear, delivered in time on 09-30: over."""
        order = self.contract()
        term = order.contract_term_ids
        reported = self.report(order, "2026-09-20", term_id=term.id)
        self.run_cron("2026-09-21")
        self.assertFalse(reported.cured_on)
        self.deliver(order, "2026-09-30")
        self.run_cron("2026-10-01")
        self.assertEqual(reported.cured_on, date(2026, 9, 30))

    def test_reported_return(self):
        """A return is known by its delivery or by the term, whatever became of it."""
        for values, state in (
            (("term_id",), "detected"),
            (("picking_id",), "closed"),
            ((), "waived"),
        ):
            with self.subTest(values=values, state=state):
                order = self.contract()
                picking = self.deliver(order, "2026-09-30")
                back = self.give_back(picking, "2026-10-03", 2)
                links = {
                    "term_id": order.contract_term_ids.id,
                    "picking_id": back.id,
                }
                reported = self.report(
                    order,
                    "2026-10-04",
                    kind="returned",
                    **{name: links[name] for name in values},
                )
                self.move_to(reported, state)
                self.run_cron("2026-10-06")
                self.assertEqual(self.of(order), reported)
                self.give_back(back, "2026-10-08", 2)
                self.run_cron("2026-10-09")
                self.assertEqual(self.of(order), reported)
                self.assertEqual(reported.cured_on, date(2026, 10, 8))

    def test_reported_closed_and_cured(self):
        """Delivered on 10-05 and written off as cured by hand: not found again. What
        comes back afterwards is."""
        order = self.contract()
        term = order.contract_term_ids
        picking = self.deliver(order, "2026-10-05")
        reported = self.report(order, "2026-10-06", term_id=term.id)
        unguarded(reported).write({"cured_on": "2026-10-06", "state": "closed"})
        self.run_cron("2026-10-07")
        self.assertEqual(self.of(order), reported)
        self.give_back(picking, "2026-10-08", 1)
        self.run_cron("2026-10-09")
        self.assertEqual((self.of(order) - reported).kind, "returned")

    def test_reported_change_of_the_order(self):
        """8 instead of 10, reported without any link: the only change there is."""
        order = self.contract(promised="2026-12-01")
        order.order_line.product_uom_qty = 8
        reported = self.report(order, "2026-09-05", kind="order_changed")
        self.run_cron("2026-09-06")
        self.assertEqual(self.of(order), reported)
        order.order_line.product_uom_qty = 10
        self.run_cron("2026-09-07")
        self.assertEqual(reported.cured_on, date(2026, 9, 7))

    def test_closed_uncured_comes_back_in_the_next_band(self):
        """One day late is minor, from eight on it is major. Closed on the first day:
        it isn't found on 10-08, but on 10-13 (12 days); both are cured on 10-15."""
        order = self.contract()
        self.run_cron("2026-10-02")
        first = self.of(order)
        self.assertEqual(first.severity, "minor")
        self.move_to(first, "closed")
        self.run_cron("2026-10-04")
        self.assertEqual(self.of(order), first)
        self.run_cron("2026-10-13")
        second = self.of(order) - first
        self.assertEqual((second.severity, second.impact_days), ("major", 12))
        self.run_cron("2026-10-14")
        self.assertEqual(self.of(order), first | second)
        self.deliver(order, "2026-10-15")
        self.run_cron("2026-10-16")
        self.assertEqual(set((first | second).mapped("cured_on")), {date(2026, 10, 15)})

    # ------------------------------------------------------------------
    # Words and figures of a report
    # ------------------------------------------------------------------

    def test_the_excess_of_a_call_off(self):
        """Agreed 100 x 100. 10 at 120: 10 x 20 = 200. 110 at 100: 10 x 100 = 1,000."""
        for lines, amount in (
            ([(self.pump, 10, 120)], 200),
            ([(self.pump, 110, 100)], 1000),
            # 100 x 20 too dear, 10 x 100 too many
            ([(self.pump, 110, 120)], 110 * 20 + 10 * 100),
            # not agreed: all of it
            ([(self.pump, 10, 100), (self.valve, 5, 40)], 200),
        ):
            with self.subTest(amount=amount):
                frame = self.new_frame(owner=self.owner)
                order = self.contract(
                    lines=lines, promised="2026-12-01", contract_frame_id=frame.id
                )
                self.run_cron("2026-09-02")
                found = self.of(order, "outside_frame")
                self.assertEqual(found.impact_amount, amount)
                self.assertEqual(found.actual_amount, order.amount_total)

    def test_what_was_paid_with(self):
        order = self.contract("template_30_70_delivery")
        deposit = order.contract_term_ids.filtered(lambda t: t.percent == 30)
        transfer = self.env.ref("contract_tracking.instrument_transfer")
        acceptance = self.env.ref("contract_tracking.instrument_bank_acceptance")
        unguarded(deposit).instrument_id = transfer
        self.money_by_bill(order, 300, acceptance)
        self.run_cron("2026-09-06")
        summary = self.of(order, "instrument").summary
        self.assertIn(f"to be paid by {transfer.name}", summary)
        self.assertIn(f"paid by {acceptance.name}, 87 days", summary)

    def money_by_bill(self, order, amount, instrument, **values):
        """A bill of 09-05 that falls due on 12-01: 87 days."""
        bill = self.money(
            "2026-09-05",
            amount,
            contract_instrument_id=instrument.id,
            contract_bill_number="B1",
            contract_bill_maturity="2026-12-01",
        )
        return self.claim(bill, order, amount, **values)

    def test_paid_with_a_longer_tenor(self):
        order = self.contract("template_30_70_delivery")
        deposit = order.contract_term_ids.filtered(lambda t: t.percent == 30)
        acceptance = self.env.ref("contract_tracking.instrument_bank_acceptance")
        unguarded(deposit).write({"instrument_id": acceptance.id, "tenor_days": 60})
        self.money_by_bill(order, 300, acceptance, term_id=deposit.id)
        self.run_cron("2026-09-06")
        summary = self.of(order, "instrument").summary
        self.assertIn("at most 60 days", summary)
        self.assertIn(f"paid by {acceptance.name}, 87 days", summary)

    def test_quantity_and_price_changed(self):
        """10 at 100 become 8 at 120: 1,000 - 960."""
        order = self.contract(promised="2026-12-01")
        order.order_line.write({"product_uom_qty": 8, "price_unit": 120})
        self.run_cron("2026-09-03")
        summary = self.of(order).summary.replace("\N{NO-BREAK SPACE}", "")
        self.assertIn("Pump: 10 Units agreed, now 8.", summary)
        self.assertIn(
            "Pump: $100.00 per Units agreed, now $120.00, tax included.", summary
        )

    def test_a_report_from_a_term_starts_with_its_figures(self):
        """10 agreed by 10-01, 6 delivered on 09-30: on 10-13 4 x 100 are missing for
        12 days."""
        order = self.contract()
        self.deliver(order, "2026-09-30", pump=6)
        term = order.contract_term_ids
        with freeze_time("2026-10-13 02:00:00"):
            Deviation = self.env["contract.deviation"].with_user(self.owner)
            start = Deviation.with_context(default_term_id=term.id).default_get(
                ["term_id", "impact_days", "impact_amount", "agreed_quantity"]
            )
        self.assertEqual(
            (start["impact_days"], start["impact_amount"], start["agreed_quantity"]),
            (12, 400, 10),
        )
        reported = self.report(order, "2026-10-13", term_id=term.id, impact_days=11)
        self.assertRecordValues(
            reported,
            [
                {
                    "line_id": term.line_id.id,
                    "agreed_date": date(2026, 10, 1),
                    "agreed_quantity": 10,
                    "actual_quantity": 6,
                    "agreed_amount": 1000,
                    "actual_amount": 600,
                    "impact_amount": 400,
                    # as somebody says
                    "impact_days": 11,
                }
            ],
        )
        # of another term
        other = self.report(order, "2026-10-13")
        self.assertFalse(other.agreed_quantity)
        with freeze_time("2026-10-13 02:00:00"):
            other.term_id = term
        self.assertEqual((other.impact_days, other.impact_amount), (12, 400))


class TestAgreedOtherwise(DetectionCase, ReagreementCase):
    """A deposit that follows a new total is the same deposit."""

    def test_a_deposit_that_follows_the_total(self):
        """30 % of 1,000 due on 09-08: 300. From 09-20 on the total is 1,200: 360, and
        no money came. The same deviation, 300 then 360."""
        self.run_cron("2026-09-09")
        late = self.of(self.order, "late_payment")
        self.assertEqual(late.impact_amount, 300)
        self.order.order_line.product_uom_qty = 12
        record = self.new_reagreement()
        record.with_user(self.seller).action_propose()
        self.agree(record)
        self.run_cron("2026-09-21")
        self.assertEqual(self.of(self.order, "late_payment"), late)
        self.assertFalse(late.cured_on)
        self.assertEqual((late.agreed_amount, late.impact_amount), (360, 360))
        self.assertEqual(late.term_id, self.current("payment")[0])

    def test_a_deposit_that_follows_the_total_after_it_was_submitted(self):
        """What was submitted keeps its 300; 360 on 09-25 cure it."""
        self.run_cron("2026-09-09")
        late = self.of(self.order, "late_payment")
        self.move_to(late, "submitted")
        self.order.order_line.product_uom_qty = 12
        record = self.new_reagreement()
        record.with_user(self.seller).action_propose()
        self.agree(record)
        self.run_cron("2026-09-21")
        self.assertEqual(self.of(self.order, "late_payment"), late)
        self.assertEqual((late.cured_on, late.impact_amount), (False, 300))
        self.claim(self.money("2026-09-25", 360), self.order, 360)
        self.run_cron("2026-09-27")
        self.assertEqual(self.of(self.order, "late_payment"), late)
        self.assertEqual(late.cured_on, date(2026, 9, 25))

    def test_another_day_is_agreed(self):
        """Late since 10-01; from 10-05 on November 1st is agreed: over on 10-05. Late
        again on 11-03: 2 days."""
        self.claim(self.money("2026-09-05", 300), self.order, 300)
        self.run_cron("2026-10-02")
        late = self.of(self.order, "late_delivery")
        change = self.change(self.delivery, date_fixed="2026-11-01")
        self.agree(self.new_reagreement(change, day="2026-10-05"), "2026-10-05")
        self.run_cron("2026-10-08")
        self.assertEqual(late.cured_on, date(2026, 10, 5))
        self.run_cron("2026-11-03")
        again = self.of(self.order, "late_delivery") - late
        self.assertEqual(again.impact_days, 2)


class TestLateness(DetectionCase):
    """How late a payment was, in days and words.

    10 pumps at 100: 30 % by September 8th, 70 % within 30 days of each delivery.
    """

    def row(self, order, day, percent):
        term = order.contract_term_ids.filtered(lambda t: t.percent == percent)
        rows = self.env["contract.facts"]._read_terms(order, date.fromisoformat(day))
        return rows[term.id]

    def assert_row(self, row, status, days, overdue=0):
        self.assertEqual(
            (row["status"], row["variance_days"], row["overdue"]),
            (status, days, overdue),
        )

    def test_first_part_late_second_early(self):
        """5 on 09-05: 350 due on 10-05. 5 on 09-26: 350 due on 10-26. 700 on 10-13:
        8 days late and 13 days early: met late, 8 days, not -13."""
        order = self.contract("template_30_70_delivery")
        self.claim(self.money("2026-09-02", 300), order, 300)
        self.deliver(order, "2026-09-05", pump=5)
        self.deliver(order, "2026-09-26", pump=5)
        self.claim(self.money("2026-10-13", 700), order, 700)
        self.assert_row(self.row(order, "2026-10-10", 70), "overdue", 5, 350)
        self.assert_row(self.row(order, "2026-10-13", 70), "met_late", 8)
        self.run_cron("2026-10-14")
        self.assertRecordValues(
            self.of(order, "late_payment"),
            [
                {
                    "agreed_date": date(2026, 10, 5),
                    "actual_date": date(2026, 10, 13),
                    "cured_on": date(2026, 10, 13),
                    "impact_days": 8,
                    "impact_amount": 350,
                }
            ],
        )
        with freeze_time("2026-10-14 02:00:00"):
            record = self.env["contract.tracking.record"].create({"order_id": order.id})
        line = record.line_ids.filtered(lambda ln: ln.agreed_amount == 700)
        self.assertEqual(
            record._line_sentence(line)
            .replace("\N{NO-BREAK SPACE}", "")
            .split(": ")[1],
            "$700.00 received in full on 10/13/2026, a part of it 8 days late.",
        )

    def test_both_parts_late(self):
        """350 due on 10-05 and paid on 10-08 (3 days), 350 due on 10-26 and paid on
        10-31 (5 days): met late, 5 days."""
        order = self.contract("template_30_70_delivery")
        self.claim(self.money("2026-09-02", 300), order, 300)
        self.deliver(order, "2026-09-05", pump=5)
        self.deliver(order, "2026-09-26", pump=5)
        self.claim(self.money("2026-10-08", 350), order, 350)
        self.claim(self.money("2026-10-31", 350), order, 350)
        self.assert_row(self.row(order, "2026-10-20", 70), "due_soon", 0)
        self.assert_row(self.row(order, "2026-11-01", 70), "met_late", 5)

    def test_in_time_is_early(self):
        """700 on 09-30, due on 10-05 and 10-26: met, 26 days before the last day."""
        order = self.contract("template_30_70_delivery")
        self.claim(self.money("2026-09-02", 300), order, 300)
        self.deliver(order, "2026-09-05", pump=5)
        self.deliver(order, "2026-09-26", pump=5)
        self.claim(self.money("2026-09-30", 700), order, 700)
        self.assert_row(self.row(order, "2026-10-01", 70), "met", -26)
        self.assert_row(self.row(order, "2026-10-01", 30), "met", -6)

    def test_a_bill_that_was_dishonoured(self):
        """300 due on 09-08, paid by a bill on 09-05; dishonoured on 10-01, paid on
        11-09: 22 + 31 + 9 = 62 days late. With a term named and without."""
        for named in (False, True):
            with self.subTest(named=named):
                order = self.contract("template_30_70_delivery", promised="2026-12-31")
                deposit = order.contract_term_ids.filtered(lambda t: t.percent == 30)
                values = {"term_id": deposit.id} if named else {}
                bill = self.money(
                    "2026-09-05",
                    300,
                    contract_instrument_id=self.env.ref(
                        "contract_tracking.instrument_bank_acceptance"
                    ).id,
                    contract_bill_number=f"B{named}",
                    contract_bill_maturity="2026-12-01",
                )
                self.claim(bill, order, 300, **values)
                self.assert_row(self.row(order, "2026-09-20", 30), "met", -3)
                with freeze_time("2026-10-01 02:00:00"):
                    unguarded(bill).write(
                        {
                            "contract_bill_state": "dishonoured",
                            "contract_bill_date": "2026-10-01",
                        }
                    )
                self.assert_row(self.row(order, "2026-10-02", 30), "overdue", 24, 300)
                self.claim(self.money("2026-11-09", 300), order, 300, **values)
                self.assert_row(self.row(order, "2026-11-10", 30), "met_late", 62)

    def test_a_return_takes_back_what_was_due(self):
        """10 on 09-05: 700 due on 10-05. 4 back on 09-15: 280 less. 420 on 10-20:
        nothing is overdue, although 700 never came."""
        order = self.contract("template_30_70_delivery")
        self.claim(self.money("2026-09-02", 300), order, 300)
        picking = self.deliver(order, "2026-09-05")
        self.give_back(picking, "2026-09-15", 4)
        self.claim(self.money("2026-10-20", 420), order, 420)
        row = self.row(order, "2026-10-21", 70)
        self.assertEqual(row["overdue"], 0)


class TestRecordFigures(DetectionCase):
    """附表1: words that follow the figures, invoices that add up, prices that say
    what they are."""

    def record(self, order, day, **values):
        with freeze_time(f"{day} 02:00:00"):
            return self.env["contract.tracking.record"].create(
                {"order_id": order.id, **values}
            )

    def late(self, day="2026-10-13"):
        """Nothing of 10 pumps delivered by October 1st, and the day's record."""
        order = self.contract()
        record = self.record(order, day)
        self.assertIn("0 delivered, 10 outstanding", record.summary)
        return order, record

    def test_words_follow_until_it_is_confirmed(self):
        """Written down in the morning, delivered at noon, confirmed in the evening."""
        order, record = self.late()
        self.deliver(order, "2026-10-13", hour="04:00:00")
        with freeze_time("2026-10-13 09:00:00"):
            self.assertIs(record.action_confirm(), True)
        self.assertEqual(record.line_ids.status, "met_late")
        self.assertIn("delivered in full on 10/13/2026", record.summary)
        self.assertNotIn("Press for the delivery", record.next_steps)

    def test_words_of_another_day(self):
        order, record = self.late()
        with freeze_time("2026-10-13 02:00:00"):
            record.date = "2026-09-30"
        self.assertEqual(record.summary, "No deviation from the terms.")
        self.assertFalse(record.words_differ)

    def test_words_of_a_person_stay_and_he_sees_it(self):
        order, record = self.late()
        record.summary = "0 of 10, the foundry is late."
        record.next_steps = ""
        self.deliver(order, "2026-10-13", hour="04:00:00")
        with freeze_time("2026-10-13 09:00:00"):
            answer = record.action_confirm()
            self.assertEqual(answer["params"]["type"], "warning")
            self.assertEqual((record.state, record.words_differ), ("draft", True))
            self.assertEqual(record.summary, "0 of 10, the foundry is late.")
            self.assertIn("delivered in full", record.proposed_summary)
            # not among those where there is nothing to look at
            record.action_confirm_unchanged()
            self.assertEqual(record.state, "draft")
            record.action_confirm()
        self.assertEqual(record.state, "confirmed")
        self.assertEqual(record.summary, "0 of 10, the foundry is late.")
        self.assertFalse(record.next_steps)

    def test_words_that_were_corrected(self):
        order, record = self.late()
        record.summary = "0 of 10."
        self.deliver(order, "2026-10-13", hour="04:00:00")
        with freeze_time("2026-10-13 09:00:00"):
            record.action_confirm()
            record.summary = "All there, 12 days late."
            self.assertFalse(record.words_differ)
            self.assertIs(record.action_confirm(), True)

    def test_facts_that_stay(self):
        """Own words, and nothing happened: confirmed at once."""
        _order, record = self.late()
        record.summary = "0 of 10."
        with freeze_time("2026-10-13 09:00:00"):
            self.assertIs(record.action_confirm(), True)

    def test_the_language_in_which_it_was_begun(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self.contract()
        with freeze_time("2026-10-13 02:00:00"):
            record = (
                self.env["contract.tracking.record"]
                .with_context(lang="zh_CN")
                .create({"order_id": order.id})
                .with_env(self.env)
            )
            before = record.summary
            record.action_confirm()
        self.assertEqual(record.summary, before)
        self.assertIn("2026年10月1日", before)

    def cells(self, table):
        return [[cell["text"] for cell in row["cells"]] for row in table["rows"]]

    def test_invoices_add_up_and_deposits_stand_apart(self):
        """Deposit invoice 300; 10 x 100 invoiced with the deposit taken off: 700 to
        pay. Invoiced 0 + 1,000; deposits 300 - 300. Before, 50 elsewhere."""
        order = self.contract()
        order.write(
            {"contract_opening_date": "2026-08-31", "contract_opening_invoiced": 50}
        )
        with freeze_time("2026-09-03 02:00:00"):
            self.env["sale.advance.payment.inv"].with_context(
                active_model="sale.order", active_ids=order.ids
            ).create(
                {"advance_payment_method": "fixed", "fixed_amount": 300}
            ).create_invoices()
            deposit = order.invoice_ids
            deposit.invoice_date = "2026-09-03"
            deposit.action_post()
        self.deliver(order, "2026-09-10")
        invoice = self.invoice(order, "2026-09-11")
        self.assertEqual(invoice.amount_total, 700)
        record = self.record(order, "2026-09-12")
        self.assertEqual(record.invoiced, 1050)
        self.assertEqual(
            self.cells(record._form_invoices()),
            [
                ["Brought forward", "08/31/2026", "50.00", ""],
                [deposit.name, "09/03/2026", "0.00", "300.00"],
                [invoice.name, "09/11/2026", "1,000.00", "-300.00"],
            ],
        )
        listed = record.line_ids.filtered(lambda ln: ln.kind == "invoice")
        self.assertEqual(sum(listed.mapped("actual_amount")), record.invoiced)

    def test_an_advance_is_printed_as_one(self):
        """300 received, nothing invoiced: -300 is an advance of 300. Invoiced 1,000:
        700 receivable."""
        order = self.contract()
        self.claim(self.money("2026-09-05", 300), order, 300)
        for day, title, text in (
            ("2026-09-06", "Received in Advance", "300.00"),
            ("2026-09-12", "Receivable", "700.00"),
        ):
            record = self.record(order, day)
            table = record._form_totals()
            column = [column.title for column in table["columns"]].index(title)
            self.assertEqual(self.cells(table)[0][column], text)
            with freeze_time(f"{day} 03:00:00"):
                record.action_confirm()
            if day == "2026-09-06":
                self.deliver(order, "2026-09-10")
                self.invoice(order, "2026-09-11")

    def test_unit_prices_say_whether_taxes_are_in_them(self):
        """100 and 13 %: 113.00 tax included; 10 % off: 101.70. A later price of the
        order is not the agreed one."""
        tax = self.env["account.tax"].create(
            {
                "name": "VAT 13",
                "amount": 13,
                "type_tax_use": "sale",
                "price_include_override": "tax_excluded",
            }
        )
        with freeze_time("2026-09-01 02:00:00"):
            order = self.new_order([(self.pump, 10), (self.valve, 10, 100)])
            order.order_line.tax_ids = tax
            order.order_line[1].discount = 10
            order.action_confirm()
        order.order_line[0].price_unit = 500
        record = self.record(order, "2026-09-12")
        prices = [row[3] for row in self.cells(record._form_deliveries())]
        self.assertEqual(prices, ["113.00\nTax included", "101.70\nTax included"])
