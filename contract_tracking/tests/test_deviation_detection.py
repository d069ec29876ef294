from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

from ..tools.guard import unguarded
from .roles import RoleCase


class DetectionCase(RoleCase):
    """Days pass, and the scheduled action finds what departs.

    The contract of RoleCase: 10 pumps at 100 by October 1st, 30 % by September 8th,
    70 % within 30 days of the delivery, owner and seller known.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )

    def run_cron(self, day, hour="02:00:00"):
        """Run the daily action on ``day``; return the new deviations."""
        Deviation = self.env["contract.deviation"]
        before = Deviation.search([])
        with (
            freeze_time(f"{day} {hour}"),
            self.assertNoLogs("odoo.addons.base.models.ir_cron", "ERROR"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref(
                "contract_tracking.cron_find_deviations"
            ).method_direct_trigger()
        self.env.invalidate_all()
        return Deviation.search([], order="id") - before

    def of(self, order, kind=False):
        domain = [("order_id", "=", order.id)]
        if kind:
            domain.append(("kind", "=", kind))
        return self.env["contract.deviation"].search(domain, order="id")

    def rule(self, kind):
        return self.env.ref(f"contract_tracking.deviation_rule_{kind}")

    def contract(self, template=None, day="2026-09-01", **values):
        """A contract without payment terms if no template is named."""
        return self.new_role_contract(day, template=template, **values)

    def move_to(self, deviation, state):
        unguarded(deviation).write({"state": state})

    def money(self, day, amount, partner=None, **values):
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": (partner or self.partner).id,
                    "amount": amount,
                    "date": day,
                    "journal_id": self.journal.id,
                    **values,
                }
            )
            payment.action_post()
        return payment

    def claim(self, payment, order, amount, **values):
        return self.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                "order_id": order.id,
                "amount": amount,
                **values,
            }
        )

    def file_signed_copy(self, order, day):
        attachment = self.env["ir.attachment"].create({"name": "scan", "raw": b"x"})
        return self.env["contract.document"].create(
            {
                "name": "Signed contract",
                "order_id": order.id,
                "type_id": self.env.ref("contract_tracking.document_type_signed").id,
                "date": day,
                "attachment_ids": [Command.link(attachment.id)],
            }
        )


class TestDeliveries(DetectionCase):
    """Late, short, over, returned, rejected."""

    def late_delivery(self):
        """A contract of which nothing was delivered by the first day after the
        agreed one, and what the daily action found of it."""
        order = self.contract()
        self.run_cron("2026-10-02")
        return order, self.of(order, "late_delivery")

    def test_late_delivery_is_found_the_day_after(self):
        order = self.contract()
        self.assertFalse(self.of(order) & self.run_cron("2026-10-01"))
        found = self.run_cron("2026-10-02").filtered(lambda d: d.order_id == order)
        self.assertEqual(found.mapped("kind"), ["late_delivery", "document_missing"])
        # twice is once
        self.assertFalse(self.run_cron("2026-10-02"))

    def test_late_delivery(self):
        order, late = self.late_delivery()
        self.assertRecordValues(
            late,
            [
                {
                    "state": "detected",
                    "source": "detected",
                    "term_id": order.contract_term_ids.id,
                    "line_id": order.order_line.id,
                    "agreed_date": date(2026, 10, 1),
                    "actual_date": False,
                    "agreed_quantity": 10,
                    "actual_quantity": 0,
                    "agreed_amount": 1000,
                    "actual_amount": 0,
                    "impact_days": 1,
                    "impact_amount": 1000,
                    "severity": "minor",
                    "user_id": self.owner.id,
                    "team_id": self.team.id,
                    "date": date(2026, 10, 2),
                    "rule_id": self.rule("late_delivery").id,
                    "cured_on": False,
                    "summary": "Pump: 10 Units agreed by 10/01/2026; nothing "
                    "delivered, 1 days late.",
                }
            ],
        )
        self.assertTrue(late.name)
        self.assertEqual(len(late.message_ids), 1)

    def test_late_delivery_follows_a_part(self):
        order, late = self.late_delivery()
        self.deliver(order, "2026-10-13", pump=6)
        self.assertFalse(self.of(order) & self.run_cron("2026-10-13"))
        self.assertRecordValues(
            late,
            [
                {
                    "actual_date": date(2026, 10, 13),
                    "actual_quantity": 6,
                    "actual_amount": 600,
                    "impact_days": 12,
                    "impact_amount": 400,
                    "severity": "major",
                    "cured_on": False,
                    "summary": "Pump: 10 Units agreed by 10/01/2026; 6 Units "
                    "delivered up to 10/13/2026, 4 Units outstanding, 12 days late.",
                }
            ],
        )

    def test_late_delivery_is_cured(self):
        """On the day of the delivery of the rest, not of the run."""
        order, late = self.late_delivery()
        self.deliver(order, "2026-10-13", pump=6)
        self.run_cron("2026-10-13")
        self.deliver(order, "2026-10-15")
        self.run_cron("2026-10-20")
        self.assertRecordValues(
            late,
            [
                {
                    "cured_on": date(2026, 10, 15),
                    "actual_date": date(2026, 10, 15),
                    "actual_quantity": 10,
                    "impact_days": 14,
                    "impact_amount": 1000,
                    "state": "detected",
                    "summary": "Pump: 10 Units agreed by 10/01/2026; delivered in "
                    "full on 10/15/2026, 14 days late.",
                }
            ],
        )
        self.run_cron("2026-10-21")
        self.assertEqual(self.of(order, "late_delivery"), late)

    def test_after_submission_only_the_cure_is_recorded(self):
        order = self.contract()
        self.run_cron("2026-10-02")
        late = self.of(order, "late_delivery")
        text = late.summary
        self.move_to(late, "submitted")
        self.deliver(order, "2026-10-13", pump=6)
        self.run_cron("2026-10-13")
        self.assertEqual((late.actual_quantity, late.impact_days), (0, 1))
        self.move_to(late, "closed")
        self.deliver(order, "2026-10-15")
        self.run_cron("2026-10-16")
        self.assertEqual(late.cured_on, date(2026, 10, 15))
        self.assertEqual((late.actual_quantity, late.impact_days), (0, 1))
        self.assertEqual((late.summary, late.severity), (text, "minor"))
        # once recorded it stays, and blocks what is no new departure
        self.run_cron("2026-10-17")
        self.assertEqual(self.of(order, "late_delivery"), late)

    def test_closed_and_not_cured_blocks_another_one(self):
        order = self.contract()
        self.run_cron("2026-10-02")
        late = self.of(order, "late_delivery")
        for day, state in (("03", "waived"), ("04", "cancelled"), ("05", "closed")):
            self.move_to(late, state)
            self.run_cron(f"2026-10-{day}")
            self.assertEqual(self.of(order, "late_delivery"), late, state)

    def test_what_somebody_wrote_down_himself_is_not_found_again(self):
        order = self.contract()
        self.file_signed_copy(order, "2026-09-01")
        with freeze_time("2026-09-20 02:00:00"):
            reported = (
                self.env["contract.deviation"]
                .with_user(self.owner)
                .create(
                    {
                        "order_id": order.id,
                        "term_id": order.contract_term_ids.id,
                        "kind": "late_delivery",
                        "summary": "The works is late.",
                    }
                )
            )
        self.run_cron("2026-09-21")
        self.run_cron("2026-10-02")
        self.assertEqual(self.of(order), reported)
        self.assertFalse(reported.cured_on)
        self.assertEqual(reported.summary, "The works is late.")
        # a false one doesn't hide the real one
        self.move_to(reported, "cancelled")
        self.run_cron("2026-10-03")
        self.assertEqual(len(self.of(order)), 2)

    def test_words_and_severity_of_a_person_stay(self):
        order = self.contract()
        self.run_cron("2026-10-02")
        late = self.of(order, "late_delivery")
        late.write({"summary": "The truck broke down.", "severity": "critical"})
        self.run_cron("2026-10-20")
        self.assertEqual(late.summary, "The truck broke down.")
        self.assertEqual(late.severity, "critical")
        self.assertEqual(late.impact_days, 19)

    def test_met_late_between_two_runs_is_written_down_once(self):
        order = self.contract()
        self.run_cron("2026-09-30")
        self.deliver(order, "2026-09-30", pump=3)
        self.deliver(order, "2026-10-05")
        self.run_cron("2026-10-06")
        late = self.of(order, "late_delivery")
        self.assertRecordValues(
            late,
            [
                {
                    "cured_on": date(2026, 10, 5),
                    "impact_days": 4,
                    # seven of ten came late
                    "impact_amount": 700,
                    "state": "detected",
                }
            ],
        )
        self.move_to(late, "closed")
        self.assertFalse(self.of(order, "late_delivery") & self.run_cron("2026-10-07"))

    def test_a_new_departure_after_the_cure_is_a_new_one(self):
        order = self.contract()
        self.run_cron("2026-10-02")
        first = self.of(order, "late_delivery")
        picking = self.deliver(order, "2026-10-05")
        self.run_cron("2026-10-06")
        self.assertEqual(first.cured_on, date(2026, 10, 5))
        self.give_back(picking, "2026-10-08", 4)
        self.run_cron("2026-10-09")
        # the goods that came back aren't short as well
        second = self.of(order) - first
        self.assertEqual(
            sorted(second.mapped("kind")), ["document_missing", "returned"]
        )
        self.assertEqual(first.cured_on, date(2026, 10, 5))
        returned = self.of(order, "returned")
        self.assertRecordValues(
            returned,
            [
                {
                    "actual_date": date(2026, 10, 8),
                    "agreed_quantity": 10,
                    "actual_quantity": 6,
                    "impact_amount": 400,
                    "severity": "critical",
                    "summary": "Pump: 4 of 10 Units came back on 10/08/2026 "
                    "($\N{NO-BREAK SPACE}400.00).",
                    "cured_on": False,
                }
            ],
        )
        self.assertFalse(self.run_cron("2026-10-10"))

    def test_late_stays_late_where_short_is_off(self):
        """A kind that is switched off takes nothing over."""
        self.rule("short_quantity").active = False
        order = self.contract()
        self.deliver(order, "2026-09-20", pump=6)
        self.run_cron("2026-10-02")
        late = self.of(order, "late_delivery")
        order.picking_ids.filtered(lambda p: p.state != "done").action_cancel()
        self.run_cron("2026-10-03")
        self.assertEqual(late.kind, "late_delivery")
        self.assertFalse(self.of(order, "short_quantity"))

    def test_late_becomes_short_when_nothing_more_is_to_come(self):
        order = self.contract()
        self.deliver(order, "2026-09-20", pump=6)
        self.run_cron("2026-10-02")
        late = self.of(order, "late_delivery")
        self.assertEqual(late.impact_amount, 400)
        order.picking_ids.filtered(lambda p: p.state != "done").action_cancel()
        self.assertFalse(self.of(order) & self.run_cron("2026-10-03"))
        self.assertEqual(late.kind, "short_quantity")
        self.assertEqual(
            late.summary,
            "Pump: 10 Units agreed by 10/01/2026; 6 Units delivered, 4 Units short, "
            "and nothing more is on the way.",
        )
        self.assertFalse(late.cured_on)

    def test_within_the_tolerance_of_the_term(self):
        self.company.write({"contract_short_percent": 5, "contract_over_percent": 5})
        order = self.contract(lines=[(self.pump, 100)])
        picking = self.deliver(order, "2026-09-20", pump=95)
        self.run_cron("2026-10-02")
        self.assertEqual(self.of(order).mapped("kind"), ["document_missing"])
        self.assertTrue(picking)

    def test_over_quantity(self):
        self.company.contract_over_percent = 5
        order = self.contract(lines=[(self.pump, 100)])
        self.deliver(order, "2026-09-20", pump=105)
        self.run_cron("2026-09-21")
        self.assertFalse(self.of(order))
        order = self.contract(lines=[(self.pump, 100)])
        picking = self.deliver(order, "2026-09-20", pump=108)
        self.run_cron("2026-09-21")
        over = self.of(order)
        self.assertRecordValues(
            over,
            [
                {
                    "kind": "over_quantity",
                    "agreed_quantity": 100,
                    "actual_quantity": 108,
                    "impact_amount": 800,
                    "impact_days": 0,
                    "cured_on": False,
                }
            ],
        )
        self.give_back(picking, "2026-09-25", 8)
        self.run_cron("2026-09-27")
        self.assertEqual(over.cured_on, date(2026, 9, 25))

    def test_rejected_and_replaced(self):
        order = self.contract()
        picking = self.deliver(order, "2026-09-20")
        picking.move_ids.write(
            {"contract_rejected_quantity": 2, "contract_rejection_reason": "Rust"}
        )
        self.run_cron("2026-09-21")
        rejected = self.of(order)
        self.assertRecordValues(
            rejected,
            [
                {
                    "kind": "rejected",
                    "picking_id": picking.id,
                    "actual_date": date(2026, 9, 20),
                    "actual_quantity": 8,
                    "impact_amount": 200,
                    "cured_on": False,
                }
            ],
        )
        # the goods that were rejected come back: no return of its own
        back = self.give_back(picking, "2026-09-23", 2, to_refund=False)
        self.run_cron("2026-09-24")
        self.assertEqual(self.of(order), rejected)
        # their replacement cures it
        self.give_back(back, "2026-09-26", 2, to_refund=False)
        self.run_cron("2026-09-28")
        self.assertEqual(rejected.cured_on, date(2026, 9, 26))
        self.assertEqual(self.of(order), rejected)

    def test_waived_terms_are_over(self):
        order = self.contract()
        self.run_cron("2026-10-02")
        with freeze_time("2026-10-03 02:00:00"):
            order.contract_term_ids.with_user(self.business)._waive("not needed")
        self.run_cron("2026-10-04")
        self.assertEqual(self.of(order, "late_delivery").cured_on, date(2026, 10, 4))


class TestMoney(DetectionCase):
    """Payments, instruments, payers, invoices."""

    def test_late_payment_of_terms(self):
        self.run_cron("2026-09-08")
        self.assertFalse(self.of(self.order))
        self.run_cron("2026-09-09")
        late = self.of(self.order)
        deposit = self.order.contract_term_ids.filtered(lambda t: t.percent == 30)
        self.assertRecordValues(
            late,
            [
                {
                    "kind": "late_payment",
                    "term_id": deposit.id,
                    "agreed_date": date(2026, 9, 8),
                    "agreed_amount": 300,
                    "actual_amount": 0,
                    "impact_amount": 300,
                    "impact_days": 1,
                }
            ],
        )
        self.claim(self.money("2026-09-12", 100), self.order, 100)
        self.run_cron("2026-09-24")
        self.assertEqual((late.impact_amount, late.actual_amount), (200, 100))
        self.assertEqual((late.impact_days, late.severity), (16, "major"))
        self.assertEqual(late.actual_date, date(2026, 9, 12))
        self.claim(self.money("2026-09-25", 200), self.order, 200)
        self.run_cron("2026-09-30")
        self.assertEqual(late.cured_on, date(2026, 9, 25))
        self.assertEqual(late.impact_days, 17)
        # an invoice that is overdue by its own date adds nothing
        self.deliver(self.order, "2026-09-30")
        invoice = self.invoice(self.order, "2026-09-30")
        self.assertEqual(invoice.invoice_date_due, date(2026, 9, 30))
        self.run_cron("2026-10-10")
        self.assertEqual(self.of(self.order, "late_payment"), late)

    def test_late_payment_of_instalments(self):
        term = self.env["account.payment.term"].create(
            {
                "name": "30 % now, 70 % in 30 days",
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 30, "nb_days": 0}
                    ),
                    Command.create(
                        {"value": "percent", "value_amount": 70, "nb_days": 30}
                    ),
                ],
            }
        )
        order = self.contract(payment_term_id=term.id)
        self.deliver(order, "2026-09-05")
        invoice = self.invoice(order, "2026-09-05")
        self.run_cron("2026-09-06")
        first = self.of(order)
        self.assertRecordValues(
            first,
            [
                {
                    "kind": "late_payment",
                    "term_id": False,
                    "move_id": invoice.id,
                    "agreed_date": date(2026, 9, 5),
                    "agreed_amount": 300,
                    "impact_amount": 300,
                    "impact_days": 1,
                }
            ],
        )
        self.pay(invoice, "2026-09-15", 300)
        self.run_cron("2026-09-16")
        self.assertEqual(first.cured_on, date(2026, 9, 15))
        # the second was paid late between two runs
        self.pay(invoice, "2026-10-08", 700)
        self.run_cron("2026-10-09")
        second = self.of(order, "late_payment") - first
        self.assertRecordValues(
            second,
            [
                {
                    "agreed_date": date(2026, 10, 5),
                    "impact_days": 3,
                    "impact_amount": 700,
                    "cured_on": date(2026, 10, 8),
                }
            ],
        )
        self.assertFalse(self.of(order, "late_payment") & self.run_cron("2026-10-10"))

    def test_instrument(self):
        order = self.contract("template_30_70_delivery")
        deposit = order.contract_term_ids.filtered(lambda t: t.percent == 30)
        unguarded(deposit).instrument_id = self.env.ref(
            "contract_tracking.instrument_transfer"
        )
        bill = self.money(
            "2026-09-05",
            300,
            contract_instrument_id=self.env.ref(
                "contract_tracking.instrument_bank_acceptance"
            ).id,
            contract_bill_number="B1",
            contract_bill_maturity="2026-12-01",
        )
        self.claim(bill, order, 300)
        self.run_cron("2026-09-06")
        found = self.of(order)
        self.assertRecordValues(
            found, [{"kind": "instrument", "term_id": deposit.id, "impact_amount": 300}]
        )
        self.assertIn("paid by Bank acceptance bill, 87 days", found.summary)

    def test_third_party(self):
        stranger = self.env["res.partner"].create({"name": "Cousin Ltd"})
        order = self.contract("template_30_70_delivery")
        claim = self.claim(self.money("2026-09-05", 300, stranger), order, 300)
        self.assertTrue(claim.is_unauthorised)
        self.run_cron("2026-09-06")
        found = self.of(order)
        self.assertRecordValues(
            found,
            [
                {
                    "kind": "third_party",
                    "impact_amount": 300,
                    "severity": "major",
                    "actual_date": date(2026, 9, 5),
                }
            ],
        )
        self.assertIn("Cousin Ltd", found.summary)
        self.file_signed_copy(order, "2026-09-07").type_id = self.env[
            "contract.document.type"
        ].search([("is_payment_authorisation", "=", True)], limit=1)
        self.run_cron("2026-09-08")
        self.assertEqual(found.cured_on, date(2026, 9, 8))

    def test_invoiced_at_another_price(self):
        order = self.contract()
        self.deliver(order, "2026-09-05")
        with freeze_time("2026-09-06 02:00:00"):
            invoice = order._create_invoices(final=True)
            invoice.invoice_date = "2026-09-06"
            invoice.invoice_line_ids.price_unit = 110
            invoice.action_post()
        self.run_cron("2026-09-06")
        found = self.of(order)
        self.assertRecordValues(
            found,
            [
                {
                    "kind": "invoice_mismatch",
                    "move_id": invoice.id,
                    "agreed_amount": 1000,
                    "actual_amount": 1100,
                    "impact_amount": 100,
                    "severity": "major",
                }
            ],
        )
        self.assertIn(invoice.name, found.summary)
        # reversed: over
        with freeze_time("2026-09-08 02:00:00"):
            wizard = (
                self.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create({"date": "2026-09-08", "journal_id": invoice.journal_id.id})
            )
            wizard.refund_moves()
            wizard.new_move_ids.action_post()
        self.assertEqual(invoice.payment_state, "reversed")
        self.run_cron("2026-09-08")
        self.assertEqual(found.cured_on, date(2026, 9, 8))

    def test_more_invoiced_than_agreed(self):
        order = self.contract()
        self.deliver(order, "2026-09-05")
        self.invoice(order, "2026-09-06", {self.pump: 12})
        self.run_cron("2026-09-06")
        self.assertRecordValues(
            self.of(order),
            [
                {
                    "kind": "invoice_mismatch",
                    "move_id": False,
                    "agreed_amount": 1000,
                    "actual_amount": 1200,
                    "impact_amount": 200,
                }
            ],
        )


class TestContracts(DetectionCase):
    """Milestones, papers, the order itself, its frame agreement."""

    def test_milestones_and_clauses(self):
        order = self.contract()
        department = self.env["contract.department"].create({"name": "Works"})
        with freeze_time("2026-09-01 03:00:00"):
            milestone, clause, paper = self.env["contract.term"].create(
                [
                    {
                        "order_id": order.id,
                        "kind": kind,
                        "name": kind,
                        "due_mode": "date",
                        "date_fixed": "2026-09-10",
                        "user_id": self.owner.id,
                        "department_id": department.id,
                    }
                    for kind in ("milestone", "clause", "document")
                ]
            )
        self.run_cron("2026-09-10")
        self.assertFalse(self.of(order))
        self.run_cron("2026-09-13")
        found = self.of(order)
        self.assertEqual(
            {d.term_id: d.kind for d in found},
            {
                milestone: "milestone_late",
                clause: "milestone_late",
                paper: "document_missing",
            },
        )
        self.assertEqual(found.mapped("impact_days"), [3, 3, 3])
        with freeze_time("2026-09-14 02:00:00"):
            milestone.done_date = "2026-09-14"
        self.run_cron("2026-09-15")
        self.assertEqual(
            found.filtered(lambda d: d.term_id == milestone).cured_on, date(2026, 9, 14)
        )
        self.assertFalse(found.filtered(lambda d: d.term_id == paper).cured_on)

    def test_signed_copy(self):
        order = self.contract(promised="2026-12-01")
        self.run_cron("2026-10-01")  # 30 days after the effect
        self.assertFalse(self.of(order))
        self.run_cron("2026-10-03")
        found = self.of(order)
        self.assertRecordValues(
            found,
            [
                {
                    "kind": "document_missing",
                    "agreed_date": date(2026, 10, 1),
                    "impact_days": 2,
                    "severity": "minor",
                }
            ],
        )
        self.file_signed_copy(order, "2026-09-01")
        self.run_cron("2026-10-05")
        self.assertEqual(found.cured_on, date(2026, 10, 5))

    def test_order_changed(self):
        order = self.contract(
            lines=[(self.pump, 10), (self.valve, 5)], promised="2026-12-01"
        )
        self.run_cron("2026-09-02")
        self.assertFalse(self.of(order))
        pump, valve = order.order_line
        pump.product_uom_qty = 8
        self.run_cron("2026-09-03")
        changed = self.of(order)
        self.assertRecordValues(
            changed,
            [
                {
                    "kind": "order_changed",
                    "agreed_amount": 1200,
                    "actual_amount": 1000,
                    "impact_amount": 200,
                    "impact_days": 0,
                    "severity": "major",
                }
            ],
        )
        self.assertIn("Pump: 10 Units agreed, now 8.", changed.summary)
        # agreed on from a day to come: not found again meanwhile
        unguarded(changed).cured_on = "2026-09-20"
        self.assertFalse(self.of(order) & self.run_cron("2026-09-03"))
        unguarded(changed).cured_on = False
        # the valves make up for it; and later
        valve.price_unit = 80
        order.commitment_date = "2026-12-11 02:00:00"
        self.run_cron("2026-09-04")
        self.assertEqual(
            (changed.actual_amount, changed.impact_amount, changed.impact_days),
            (1200, 400, 10),
        )
        self.assertIn("Pump: agreed by 12/01/2026, now 12/11/2026.", changed.summary)
        pump.product_uom_qty, valve.price_unit = 10, 40
        order.commitment_date = "2026-12-01 02:00:00"
        self.run_cron("2026-09-05")
        self.assertEqual(changed.cured_on, date(2026, 9, 5))
        self.assertEqual(self.of(order), changed)

    def test_outside_frame(self):
        frame = self.new_frame(owner=self.owner, name="F-1")
        order = self.contract(
            lines=[(self.pump, 10, 120)], promised="2026-12-01", day="2026-09-01"
        )
        self.assertFalse(self.of(order))
        other = self.contract(
            lines=[(self.pump, 10, 120)],
            promised="2026-12-01",
            contract_frame_id=frame.id,
        )
        self.run_cron("2026-09-02")
        self.assertFalse(self.of(order))
        found = self.of(other)
        self.assertEqual(found.kind, "outside_frame")
        self.assertEqual(found.summary, other.contract_frame_warning)

    def test_frames(self):
        frame = self.new_frame(owner=self.owner)
        with freeze_time("2026-01-06 02:00:00"):
            self.env["contract.term"].create(
                {
                    "frame_id": frame.id,
                    "kind": "payment",
                    "name": "Deposit",
                    "amount": 500,
                    "due_mode": "date",
                    "date_fixed": "2026-01-20",
                }
            )
        found = self.run_cron("2026-01-21")
        self.assertRecordValues(
            found,
            [
                {
                    "frame_id": frame.id,
                    "kind": "late_payment",
                    "impact_amount": 500,
                    "impact_days": 1,
                    "user_id": self.owner.id,
                }
            ],
        )
        with freeze_time("2026-01-21 02:00:00"):
            frame.invalidate_recordset()
            self.assertEqual((frame.health, frame.open_deviations), ("attention", 1))
            found.severity = "critical"
            self.assertEqual(frame.health, "at_risk")
            Frame = self.env["contract.frame"]
            self.assertIn(frame, Frame.search([("health", "=", "at_risk")]))
        self.claim_frame(frame, "2026-01-25")
        self.run_cron("2026-01-26")
        self.assertEqual(found.cured_on, date(2026, 1, 25))
        # no signed copy after 30 days
        papers = self.run_cron("2026-02-05")
        self.assertEqual(papers.mapped("kind"), ["document_missing"])

    def claim_frame(self, frame, day):
        payment = self.money(day, 500)
        self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "frame_id": frame.id, "amount": 500}
        )


class TestRuns(DetectionCase):
    """When it runs, for whom, how often, at what cost."""

    def test_only_contracts_in_effect(self):
        suspended, ended, draft = (self.contract() for _n in range(3))
        with freeze_time("2026-09-02 02:00:00"):
            suspended.with_user(self.business)._take_reason_step("suspend", "waits")
            ended.with_user(self.business)._take_reason_step("terminate", "bankrupt")
        quotation = self.new_order()
        self.run_cron("2026-10-02")
        self.assertTrue(self.of(suspended, "late_delivery"))
        self.assertFalse(self.of(ended))
        self.assertFalse(self.of(quotation))
        # ended with an open deviation: its cure is still seen
        late = self.of(draft, "late_delivery")
        with freeze_time("2026-10-03 02:00:00"):
            draft.contract_term_ids.with_user(self.business)._waive("given up")
            draft.with_user(self.business)._take_reason_step("terminate", "bankrupt")
        self.assertFalse(self.of(draft) & self.run_cron("2026-10-04"))
        self.assertEqual(late.cured_on, date(2026, 10, 4))

    def test_years_of_orders_joined_later(self):
        self.company.contract_track_mode = "manual"
        order = self.new_contract(
            "2025-03-01", promised="2025-04-01", user_id=self.seller.id
        )
        self.deliver(order, "2025-05-01")
        with freeze_time("2026-09-01 02:00:00"):
            order.action_contract_track()
        self.run_cron("2026-09-02")
        # delivered late long before it was followed here
        self.assertFalse(self.of(order, "late_delivery"))

    def test_opening_figures(self):
        order = self.contract(lines=[(self.service, 10)])
        order.write(
            {"contract_opening_date": "2026-09-30", "contract_opening_received": 500}
        )
        order.order_line.contract_opening_quantity = 10
        self.run_cron("2026-10-02")
        self.assertEqual(self.of(order).mapped("kind"), ["document_missing"])

    def test_handler_is_the_owner_else_the_salesperson(self):
        order = self.contract()
        self.owner.active = False
        self.run_cron("2026-10-02")
        self.assertEqual(self.of(order).user_id, self.seller)

    def test_two_companies(self):
        company = self.env["res.company"].create(
            {"name": "South", "contract_tz": "Asia/Shanghai"}
        )
        rule = self.rule("late_delivery").copy(
            {"company_id": self.company.id, "tolerance_days": 5}
        )
        self.assertTrue(rule.active)
        order = self.contract()
        self.run_cron("2026-10-06")
        self.assertFalse(self.of(order, "late_delivery"))
        self.run_cron("2026-10-07")
        self.assertEqual(self.of(order, "late_delivery").rule_id, rule)
        self.assertEqual(self.of(order).company_id, self.company)
        self.assertTrue(company)

    def test_currencies(self):
        euro = self.env["res.currency"].with_context(active_test=False)
        euro = euro.search([("name", "=", "EUR")])
        euro.active = True
        self.env["res.currency.rate"].create(
            {"currency_id": euro.id, "name": "2026-01-01", "rate": 0.5}
        )
        pricelist = self.env["product.pricelist"].create(
            {"name": "Euro", "currency_id": euro.id}
        )
        rule = self.rule("late_delivery")
        rule.tolerance_amount = 1500
        order = self.contract(pricelist_id=pricelist.id)
        self.assertEqual(order.currency_id, euro)
        order_total = order.amount_total  # 500: twice as much in the company's
        self.assertEqual(order_total, 500)
        self.run_cron("2026-10-02")
        self.assertFalse(self.of(order, "late_delivery"))
        rule.tolerance_amount = 999
        rule.band_ids = [
            Command.clear(),
            Command.create({"severity": "critical", "amount_from": 1000}),
        ]
        self.run_cron("2026-10-02")
        late = self.of(order, "late_delivery")
        self.assertEqual((late.impact_amount, late.impact_amount_company), (500, 1000))
        self.assertEqual(late.severity, "critical")

    def test_language_of_the_handler(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.owner.lang = "fr_FR"
        order = self.contract()
        self.run_cron("2026-10-02")
        # dates as the handler writes them
        self.assertIn("01/10/2026", self.of(order, "late_delivery").summary)

    def test_another_addon_adds_a_kind(self):
        Deviation = self.env.registry["contract.deviation"]

        def detect(self, contracts):
            return self._departure_sql(
                SQL("scope s WHERE s.total > 100000"),
                kind=SQL("'other'"),
                detect_key=SQL("'big:' || s.order_id"),
                order_id=SQL("s.order_id"),
                impact_amount=SQL("s.total"),
            )

        order = self.contract(lines=[(self.pump, 2000)])
        with patch.object(Deviation, "_detect_other", detect, create=True):
            self.env["contract.deviation.rule"].create(
                {"name": "Big", "kind": "other", "tolerance_amount": 1000}
            )
            self.run_cron("2026-09-02")
            self.assertFalse(self.run_cron("2026-09-02"))
        found = self.of(order, "other")
        self.assertEqual((len(found), found.impact_amount), (1, 200000))

    def test_on_demand_by_role(self):
        with freeze_time("2026-10-02 02:00:00"):
            for name in ("auditor", "leader", "rival", "stock_user", "portal"):
                with self.assertRaises(AccessError):
                    user = getattr(self, name)
                    self.order.with_user(user).action_contract_find_deviations()
            self.assertFalse(self.of(self.order))
            answer = self.order.with_user(self.owner).action_contract_find_deviations()
            self.assertEqual(answer["params"]["type"], "warning")
            self.assertEqual(
                set(self.of(self.order).mapped("kind")),
                {"late_delivery", "late_payment", "document_missing"},
            )
            answer = self.order.with_user(self.seller).action_contract_find_deviations()
            self.assertEqual(answer["params"]["type"], "success")
        self.order.with_user(self.business)._take_reason_step("terminate", "over")
        with self.assertRaises(UserError):
            self.order.with_user(self.owner).action_contract_find_deviations()

    def test_no_query_grows_with_the_contracts(self):
        costs = {}
        for count in (2, 2, 22):
            orders = self.env["sale.order"].union(
                *(self.contract() for _n in range(count))
            )
            with freeze_time("2026-10-02 02:00:00"):
                for step in ("new", "nothing new"):
                    self.env.flush_all()
                    self.env.invalidate_all()
                    before = self.env.cr.sql_log_count
                    self.env["contract.deviation"]._detect(orders)
                    self.env.flush_all()
                    costs[count, step] = self.env.cr.sql_log_count - before
            self.assertEqual(len(self.of(orders[-1])), 2)
        self.assertEqual(costs[2, "nothing new"], costs[22, "nothing new"])
        # a number each, two deviations a contract
        self.assertLessEqual(costs[22, "new"] - costs[2, "new"], 2 * 20 + 10, costs)

    def test_health(self):
        Order = self.env["sale.order"]

        def health(order, day):
            with freeze_time(f"{day} 02:00:00"):
                order.invalidate_recordset()
                found = order.contract_health
                self.assertIn(order, Order.search([("contract_health", "=", found)]))
                groups = Order._read_group(
                    [("id", "=", order.id)], ["contract_health"], ["__count"]
                )
                self.assertEqual(groups, [(found, 1)])
                return found

        order = self.contract()
        self.file_signed_copy(order, "2026-09-01")
        self.assertEqual(health(order, "2026-09-20"), "on_track")
        self.assertEqual(health(order, "2026-09-25"), "attention")  # due soon
        self.run_cron("2026-10-02")
        self.assertEqual(order.contract_open_deviations, 1)
        self.assertEqual(health(order, "2026-10-02"), "attention")  # minor
        self.run_cron("2026-10-10")
        self.assertEqual(health(order, "2026-10-10"), "at_risk")  # major
        late = self.of(order)
        self.assertIn(
            order, Order.search([("contract_deviation_ids.severity", "=", "major")])
        )
        self.deliver(order, "2026-10-11")
        self.run_cron("2026-10-12")
        self.assertEqual(health(order, "2026-10-12"), "attention")  # cured, still open
        self.move_to(late, "closed")
        self.assertEqual(health(order, "2026-10-12"), "on_track")


class TestRecords(DetectionCase):
    """附表1 names the deviations of its terms."""

    def test_tracking_record(self):
        order = self.contract("template_30_70_delivery")
        self.file_signed_copy(order, "2026-09-01")
        self.claim(self.money("2026-09-02", 300), order, 300)
        self.run_cron("2026-10-02")
        late = self.of(order)
        self.assertEqual(late.kind, "late_delivery")
        with freeze_time("2026-10-02 03:00:00"):
            record = self.env["contract.tracking.record"].create(
                {"order_id": order.id, "date": "2026-10-02"}
            )
        line = record.line_ids.filtered(lambda ln: ln.kind == "delivery")
        self.assertEqual(line.deviation_names, late.name)
        self.assertEqual(record.summary, f"{late.name} {late.summary}")
        self.assertFalse((record.line_ids - line).filtered("deviation_names"))
        # as of a day before it was found
        with freeze_time("2026-10-02 03:00:00"):
            record.date = "2026-09-30"
            record.action_refresh()
        self.assertFalse(record.line_ids.filtered("deviation_names"))
        self.assertEqual(record.summary, "No deviation from the terms.")
