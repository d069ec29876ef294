from datetime import date
from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .roles import RoleCase

RULES = "odoo.addons.base.models.ir_rule"


class TerminationCase(RoleCase):
    """Ten pumps at 100, due on 1 November: 300 at the signing, on 5 September, 700 on
    15 November. Leaders decide."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contract.approval.rule"].search([]).active = False
        cls.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "termination",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(cls.leader.id)]}
                    )
                ],
            }
        )
        # of a customer without other contracts
        cls.partner = cls.env["res.partner"].create({"name": "Plant Builders"})
        cls.order = cls.new_dated()

    @classmethod
    def new_dated(cls, lines=None, **values):
        """A contract whose payments fall due on days; of the seller."""
        with freeze_time("2026-09-01 02:00:00"):
            order = cls.new_order(
                lines,
                user_id=cls.seller.id,
                team_id=cls.team.id,
                contract_owner_id=cls.owner.id,
                commitment_date="2026-11-01 02:00:00",
                **values,
            )
            cls.env["contract.term"].create(
                [
                    {
                        "order_id": order.id,
                        "kind": "payment",
                        "name": name,
                        "payment_kind": kind,
                        "amount": amount,
                        "due_mode": "date",
                        "date_fixed": day,
                    }
                    for name, kind, amount, day in (
                        ("Deposit", "deposit", 300, "2026-09-05"),
                        ("Balance", "balance", 700, "2026-11-15"),
                    )
                ]
            )
            order.action_confirm()
        return order

    @classmethod
    def new_paper(cls, parent=None, name="Paper"):
        parent = parent or cls.order
        file = cls.env["ir.attachment"].create({"name": f"{name}.pdf", "raw": b"x"})
        return cls.env["contract.document"].create(
            {
                "name": name,
                **parent._contract_part_vals(),
                "type_id": cls.env.ref("contract_tracking.document_type_supplement").id,
                "date": "2026-09-20",
                "attachment_ids": [Command.link(file.id)],
            }
        )

    def receive(self, order, day, amount):
        """Money of the customer for a contract, without an invoice."""
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_id": self.partner.id,
                    "amount": amount,
                    "date": day,
                }
            )
            payment.action_post()
            self.env["contract.payment.claim"].create(
                {
                    "payment_id": payment.id,
                    "order_id": order.id,
                    "amount": amount,
                    "date": day,
                }
            )
        return payment

    def new_termination(self, order=None, user=None, day="2026-10-10", **values):
        order = order or self.order
        defaults = {
            "order_id": order.id,
            "basis": "agreed",
            "date": day,
            "date_from": day,
            "reason": "The plant is not built.",
        }
        with freeze_time(f"{day} 02:00:00"):
            return (
                self.env["contract.termination"]
                .with_user(user or self.seller)
                .create({**defaults, **values})
                .with_env(self.env)
            )

    def one_sided(self, order=None, **values):
        order = order or self.order
        return self.new_termination(
            order,
            **{
                "basis": "customer_breach",
                "is_unilateral": True,
                "legal_reference": "Article 563 of the Civil Code",
                "document_id": self.new_paper(order).id,
                "notice_text": "You have not paid. We end the contract.",
                **values,
            },
        )

    def approve(self, record, day="2026-10-10"):
        with freeze_time(f"{day} 03:00:00"):
            record.with_user(self.seller).action_submit()
            record.with_user(self.leader).action_approve()
        self.assertEqual(record.state, "approved")
        return record

    def notice(self, record, day="2026-10-10"):
        with freeze_time(f"{day} 04:00:00"):
            parent = record._contract_parent()
            record.with_user(self.seller).write(
                {
                    "notice_date": day,
                    "notice_means": "courier",
                    "notice_document_id": self.new_paper(parent, "Receipt").id,
                }
            )
            record.with_user(self.seller).action_notice()

    def force(self, record, day="2026-10-10"):
        with freeze_time(f"{day} 05:00:00"):
            record.with_user(self.business).action_force()
        return record

    def terminate(self, record, day="2026-10-10"):
        """Approve it, with the consent of both or the notice, and put it into force."""
        self.approve(record, day)
        if record.is_unilateral:
            self.notice(record, day)
        else:
            parent = record._contract_parent()
            record.write({"consent_id": self.new_paper(parent, "Consent").id})
        return self.force(record, day)

    def run_daily(self):
        cron = type(self.env["ir.cron"])
        with patch.object(cron, "_commit_progress", return_value=1):
            self.env["contract.termination"]._cron_put_in_force()

    def held(self, order=None):
        terms = (order or self.order).contract_term_ids
        return terms.filtered(lambda t: not t.valid_to)

    def money(self, order, day):
        """Owed, due and overdue of a contract as of a day."""
        row = self.figures(order, day)
        return tuple(float(row[n]) for n in ("receivable", "matured", "overdue"))

    def assert_late(self, order, days):
        """Nothing but money for what was delivered is late on these days."""
        for day in days:
            for row in self.env["contract.facts"]._read_terms(order, day).values():
                late = row["is_late"] and row["kind"] != "payment"
                self.assertFalse(late, (day, row))

    def refuses(self, pattern, record, method, user=None, day="2026-10-10"):
        with (
            freeze_time(f"{day} 06:00:00"),
            self.assertRaisesRegex((UserError, ValidationError, AccessError), pattern),
            self.env.cr.savepoint(),
        ):
            getattr(record.with_user(user or self.seller), method)()


class TestTerminationMoney(TerminationCase):
    def test_half_delivered(self):
        """300 received, 500 of 1,000 delivered and invoiced: 200 are owed, not 700."""
        self.receive(self.order, "2026-09-04", 300)
        self.deliver(self.order, "2026-09-20", pump=5)
        self.invoice(self.order, "2026-09-21", {self.pump: 5})
        before = {
            day: self.money(self.order, date.fromisoformat(day))
            for day in ("2026-09-10", "2026-09-30", "2026-10-09")
        }
        self.assertEqual(before["2026-10-09"], (200, 300, 0))
        record = self.new_termination()
        self.assertEqual(record.delivered_unpaid, 200)
        self.assertEqual(record.deposit, 0)
        self.assertEqual(record.balance, 200)
        self.terminate(record)
        self.assertEqual(self.order.contract_state, "terminated")
        self.assertEqual(record.state, "done")
        self.assertEqual(self.money(self.order, date(2026, 10, 10)), (200, 500, 0))
        for day in (date(2026, 10, 11), date(2026, 12, 31)):
            self.assertEqual(self.money(self.order, day), (200, 500, 200))
            row = self.balances(self.order, day)[self.order.id]
            self.assertEqual((row["overdue"], row["not_due"]), (200, 0))
            self.assertEqual(str(row["oldest"]), "2026-10-10")
        for day, money in before.items():
            self.assertEqual(self.money(self.order, date.fromisoformat(day)), money)
        payments = self.held().filtered(lambda t: t.kind == "payment")
        self.assertEqual(payments.mapped("amount"), [300, 200])
        self.assertEqual(payments[1].name, "Due on termination")

    def test_what_is_overdue_keeps_its_day(self):
        """700 fell due on 15 November, 500 are delivered, 300 paid: 200 since then."""
        self.receive(self.order, "2026-09-04", 300)
        self.deliver(self.order, "2026-09-20", pump=5)
        self.invoice(self.order, "2026-09-21", {self.pump: 5})
        record = self.new_termination(day="2026-11-20")
        self.assertEqual(self.money(self.order, date(2026, 11, 20))[2], 700)
        self.terminate(record, "2026-11-20")
        for day in (date(2026, 11, 20), date(2026, 12, 31)):
            self.assertEqual(self.money(self.order, day), (200, 500, 200))
            row = self.balances(self.order, day)[self.order.id]
            self.assertEqual(str(row["oldest"]), "2026-11-15")
        self.assertEqual(self.money(self.order, date(2026, 11, 19))[2], 700)

    def test_nothing_delivered(self):
        """300 received, nothing delivered, 1,000 invoiced: nothing is due."""
        self.receive(self.order, "2026-09-04", 300)
        self.invoice(self.order, "2026-09-05")
        record = self.new_termination()
        self.assertEqual((record.deposit, record.balance), (300, -300))
        self.terminate(record)
        for day in (date(2026, 10, 11), date(2026, 12, 31)):
            self.assertEqual(self.money(self.order, day)[1:], (0, 0))
        self.assertEqual(sum(self.held().mapped("amount")), 0)

    def test_invoiced_only(self):
        """Without payment terms: 1,000 invoiced, 500 delivered, 300 paid: 200 due."""
        order = self.new_contract("2026-09-01", user_id=self.seller.id)
        self.receive(order, "2026-09-04", 300)
        self.deliver(order, "2026-09-20", pump=5)
        self.invoice(order, "2026-09-21")
        self.assertEqual(self.money(order, date(2026, 10, 9))[2], 700)
        self.terminate(self.new_termination(order))
        self.assertEqual(self.money(order, date(2026, 10, 11)), (700, 500, 200))
        self.assertEqual(self.money(order, date(2026, 10, 9))[2], 700)

    def test_retention_stays(self):
        """A retention that isn't due stays with its day, as much of it as of the goods
        was delivered."""
        order = self.new_dated()
        balance = order.contract_term_ids.filtered(lambda t: t.name == "Balance")
        with freeze_time("2026-09-02 02:00:00"):
            unguarded(balance).amount = 600
            retention = unguarded(self.env["contract.term"]).create(
                {
                    "order_id": order.id,
                    "kind": "payment",
                    "name": "Retention",
                    "payment_kind": "retention",
                    "amount": 100,
                    "due_mode": "date",
                    "date_fixed": "2027-11-01",
                    "stamped": True,
                }
            )
        self.deliver(order, "2026-09-20", pump=5)
        self.invoice(order, "2026-09-21", {self.pump: 5})
        record = self.new_termination(order)
        self.assertEqual(record.retention, 50)
        self.terminate(record)
        left = self.held(order).filtered(lambda t: t.predecessor_id == retention)
        self.assertEqual((left.amount, str(left.date_fixed)), (50, "2027-11-01"))
        self.assertEqual(self.money(order, date(2026, 12, 1)), (500, 450, 450))
        self.assertEqual(self.money(order, date(2027, 12, 1)), (500, 500, 500))

    def test_returned_afterwards(self):
        """500 delivered and invoiced; 200 come back after the end and are credited."""
        self.receive(self.order, "2026-09-04", 300)
        picking = self.deliver(self.order, "2026-09-20", pump=5)
        invoice = self.invoice(self.order, "2026-09-21", {self.pump: 5})
        self.terminate(self.new_termination())
        self.give_back(picking, "2026-10-20", 2)
        with freeze_time("2026-10-21 02:00:00"):
            wizard = (
                self.env["account.move.reversal"]
                .with_context(active_model="account.move", active_ids=invoice.ids)
                .create({"journal_id": invoice.journal_id.id, "date": "2026-10-21"})
            )
            credit = self.env["account.move"].browse(wizard.reverse_moves()["res_id"])
            credit.invoice_line_ids.quantity = 2
            credit.action_post()
        self.assertEqual(self.money(self.order, date(2026, 10, 25)), (0, 300, 0))
        self.assertEqual(self.money(self.order, date(2026, 10, 15)), (200, 500, 200))

    def test_plain_step(self):
        """What the business office ends with a reason alone ends the same way."""
        self.receive(self.order, "2026-09-04", 300)
        self.deliver(self.order, "2026-09-20", pump=5)
        self.invoice(self.order, "2026-09-21", {self.pump: 5})
        with freeze_time("2026-10-10 05:00:00"):
            self.order.with_user(self.business)._take_reason_step(
                "terminate", "Bankrupt"
            )
        self.assertEqual(self.money(self.order, date(2026, 12, 1)), (200, 500, 200))
        self.assert_late(self.order, [date(2026, 12, 1)])


class TestTerminationEnds(TerminationCase):
    def test_nothing_is_late(self):
        milestone = unguarded(self.env["contract.term"]).create(
            {
                "order_id": self.order.id,
                "kind": "milestone",
                "name": "Drawings",
                "due_mode": "date",
                "date_fixed": "2026-10-20",
                "user_id": self.owner.id,
                "department_id": self.env["contract.department"]
                .create({"name": "Engineering"})
                .id,
                "stamped": True,
            }
        )
        self.deliver(self.order, "2026-09-20", pump=5)
        self.terminate(self.new_termination())
        self.assertEqual(milestone.valid_to, date(2026, 10, 10))
        self.assert_late(self.order, [date(2026, 10, 11)])
        delivery = self.held().filtered("line_id")
        self.assertEqual((delivery.quantity, delivery.amount), (5, 500))
        with freeze_time("2026-12-20 02:00:00"):
            with patch.object(
                type(self.env["ir.cron"]), "_commit_progress", return_value=1
            ):
                self.env["contract.deviation"]._cron_detect()
        found = self.env["contract.deviation"].search(
            [("order_id", "=", self.order.id), ("state", "!=", "cancelled")]
        )
        self.assertFalse(
            found.filtered(lambda d: d.kind in ("late_delivery", "milestone_late"))
        )
        self.assertFalse(self.order.contract_next_record_date)

    def test_open_deliveries_are_cancelled(self):
        self.deliver(self.order, "2026-09-20", pump=5)
        record = self.new_termination()
        left = self.order.picking_ids.filtered(lambda p: p.state != "done")
        self.assertEqual(record.delivery_ids.picking_id, left)
        self.assertEqual(record.reserved, 500)
        self.terminate(record)
        self.assertEqual(left.state, "cancel")

    def test_deleted_delivery(self):
        """Core deletes a delivery that a draft lists."""
        record = self.new_termination()
        picking = record.delivery_ids.picking_id
        picking.action_cancel()
        picking.unlink()
        self.assertFalse(record.delivery_ids)

    def test_kept_delivery_leaves(self):
        """Five pumps are delivered all the same: they pass the gate, in two parts, and
        500 more are owed once all of them left."""
        self.deliver(self.order, "2026-09-20", pump=5)
        self.invoice(self.order, "2026-09-21", {self.pump: 5})
        record = self.new_termination()
        record.delivery_ids.choice = "keep"
        self.terminate(record)
        left = record.delivery_ids.picking_id
        self.assertEqual(left.state, "assigned")
        promised = self.held().filtered("line_id")
        self.assertEqual(sorted(promised.mapped("quantity")), [5, 5])
        self.assert_late(self.order, [date(2026, 12, 20)])
        self.assertEqual(self.money(self.order, date(2026, 10, 11)), (500, 500, 500))
        self.deliver(self.order, "2026-10-12", pump=2)
        self.assertEqual(self.money(self.order, date(2026, 10, 12))[1], 500)
        self.deliver(self.order, "2026-10-14", pump=3)
        self.assertEqual(self.order.order_line.qty_delivered, 10)
        self.assertEqual(self.money(self.order, date(2026, 10, 14))[1], 1000)

    def test_kept_delivery_of_several_steps(self):
        """Ten pumps are still to be picked: what follows is made when that is done, and
        leaves. 10 × 100 are reserved, promised, and owed once they left."""
        for steps, number in (("pick_ship", 2), ("pick_pack_ship", 3)):
            self.warehouse.delivery_steps = steps
            order = self.new_dated()
            record = self.new_termination(order)
            self.assertEqual(record.reserved, 1000)
            record.delivery_ids.choice = "keep"
            self.terminate(record)
            delivery = self.held(order).filtered("line_id")
            self.assertEqual((delivery.quantity, delivery.amount), (10, 1000))
            for _step in range(number):
                self.assertEqual(order.order_line.qty_delivered, 0)
                self.deliver(order, "2026-10-12")
            self.assertEqual(order.order_line.qty_delivered, 10)
            self.assertEqual(self.money(order, date(2026, 10, 12))[1], 1000)

    def test_picked_and_to_be_picked(self):
        """Four are picked and six are not: all ten are delivered all the same, 400 in
        one delivery and 600 in another."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self.new_dated()
        self.deliver(order, "2026-09-20", pump=4)
        record = self.new_termination(order)
        self.assertEqual(len(record.delivery_ids), 2)
        self.assertEqual(record.reserved, 1000)
        record.delivery_ids.choice = "keep"
        self.terminate(record)
        self.assertEqual(self.held(order).filtered("line_id").quantity, 10)
        for _step in range(3):
            for picking in order.picking_ids:
                if picking.state == "assigned":
                    picking.move_ids.picked = True
                    with freeze_time("2026-10-12 02:00:00"):
                        picking.button_validate()
        self.assertEqual(order.order_line.qty_delivered, 10)

    def test_only_what_is_picked(self):
        """Four are picked and leave all the same; the six that are not picked don't."""
        self.warehouse.delivery_steps = "pick_ship"
        order = self.new_dated()
        pick = self.deliver(order, "2026-09-20", pump=4)
        record = self.new_termination(order)
        rest = record.delivery_ids.filtered(lambda d: d.picking_id.backorder_id == pick)
        (record.delivery_ids - rest).choice = "keep"
        self.terminate(record)
        self.assertEqual(rest.picking_id.state, "cancel")
        self.assertEqual(self.held(order).filtered("line_id").quantity, 4)
        self.deliver(order, "2026-10-12")
        self.assertEqual(order.order_line.qty_delivered, 4)

    def test_kept_delivery_leaves_meanwhile(self):
        """Ten are kept; six leave before it is in force: the four that are left are
        kept as well. 6 × 100 delivered and 4 × 100 still promised."""
        record = self.new_termination()
        record.delivery_ids.choice = "keep"
        self.approve(record)
        self.deliver(self.order, "2026-10-12", pump=6)
        record.write({"consent_id": self.new_paper(name="Consent").id})
        self.force(record, "2026-10-13")
        left = self.order.picking_ids.filtered("backorder_id")
        self.assertEqual(left.state, "assigned")
        self.assertEqual(
            sorted(self.held().filtered("line_id").mapped("amount")), [400, 600]
        )
        self.deliver(self.order, "2026-10-14")
        self.assertEqual(self.order.order_line.qty_delivered, 10)

    def test_left_of_a_listed_delivery(self):
        """What is left of a delivery is listed as was chosen for that."""
        for choice in ("keep", "cancel"):
            order = self.new_dated()
            record = self.new_termination(order)
            record.delivery_ids.choice = choice
            self.deliver(order, "2026-10-09", pump=6)
            self.approve(record)
            left = order.picking_ids.filtered("backorder_id")
            self.assertEqual(record.delivery_ids.picking_id, left)
            self.assertEqual(record.delivery_ids.choice, choice)

    def test_others_are_held(self):
        """Nothing else of a contract that ended leaves."""
        with freeze_time("2026-10-10 05:00:00"):
            self.order.with_user(self.business)._take_reason_step("terminate", "Over")
        with self.assertRaisesRegex(UserError, "Terminated"):
            self.deliver(self.order, "2026-10-12", pump=2)

    def test_packed_is_refused(self):
        record = self.new_termination()
        self.approve(record)
        record.write({"consent_id": self.new_paper(name="Consent").id})
        self.order.picking_ids.move_line_ids.picked = True
        self.refuses("picked or packed", record, "action_force", self.business)
        self.assertEqual(self.order.contract_state, "active")

    def test_day_to_come(self):
        record = self.new_termination(date_from="2026-10-20")
        self.approve(record)
        record.write({"consent_id": self.new_paper(name="Consent").id})
        self.assertIn("comes into force", record.missing_text or "comes into force")
        self.refuses("comes into force", record, "action_force", self.business)
        for day, state in (("2026-10-19", "approved"), ("2026-10-20", "done")):
            with freeze_time(f"{day} 02:00:00"):
                self.run_daily()
            self.assertEqual(record.state, state)
        self.assertEqual(self.order.contract_state, "terminated")

    @mute_logger("odoo.addons.contract_tracking.models.termination")
    def test_one_that_fails(self):
        """What nobody foresaw of one doesn't keep the daily run from the others."""
        other = self.new_dated()
        records = self.new_termination() | self.new_termination(other)
        for record in records:
            self.approve(record)
            paper = self.new_paper(record.order_id, "Consent")
            record.write({"consent_id": paper.id})
        put_in_force = type(records)._put_in_force

        def fail(record):
            put_in_force(record)
            if record == records[0]:
                raise ValueError("Unforeseen")

        with (
            freeze_time("2026-10-11 02:00:00"),
            patch.object(type(records), "_put_in_force", fail),
        ):
            self.run_daily()
        self.assertEqual(records.mapped("state"), ["approved", "done"])
        self.assertEqual(self.order.contract_state, "active")

    def test_frame(self):
        frame = self.new_frame(owner=self.owner)
        with freeze_time("2026-09-01 02:00:00"):
            call_off = self.new_order(contract_frame_id=frame.id)
            call_off.action_confirm()
        record = self.new_termination(
            user=self.owner, order_id=False, frame_id=frame.id
        )
        self.assertEqual(record.call_off_ids, call_off)
        with freeze_time("2026-10-10 03:00:00"):
            record.with_user(self.owner).action_submit()
            record.with_user(self.leader).action_approve()
            record.write({"consent_id": self.new_paper(frame, "Consent").id})
            record.with_user(self.business).action_force()
        self.assertEqual(frame.state, "closed")
        self.assertEqual(call_off.contract_state, "active")
        with self.assertRaisesRegex(ValidationError, "isn't suspended"):
            record.copy({"kind": "suspend"})


class TestSuspension(TerminationCase):
    def suspension(self, **values):
        values = {"kind": "suspend", "date_resume": "2026-12-01", **values}
        return self.terminate(self.new_termination(**values))

    def resume(self, record, day):
        with freeze_time(f"{day} 02:00:00"):
            record.with_user(self.business)._take_reason_step("resume", "Built")

    def test_days_move(self):
        record = self.suspension(dates_move=True)
        self.assertEqual(self.order.contract_state, "suspended")
        self.assertEqual(len(record.held_ids), 2)
        self.assert_late(self.order, [date(2026, 11, 20)])
        self.assertEqual(self.money(self.order, date(2026, 11, 20))[1:], (300, 300))
        self.resume(record, "2026-11-30")
        self.assertEqual((record.state, record.suspended_days), ("ended", 51))
        self.assertEqual(self.order.contract_state, "active")
        days = {term.kind: str(term.date_fixed) for term in self.held()}
        self.assertEqual(days["delivery"], "2026-12-22")
        self.assertEqual(days["payment"], "2027-01-05")
        self.assertEqual(str(self.order.commitment_date.date()), "2026-12-22")
        deposit = self.held().filtered(lambda t: t.payment_kind == "deposit")
        self.assertEqual(str(deposit.date_fixed), "2026-09-05")
        # figures of days before keep the old days
        rows = self.facts(self.order, "2026-10-09")
        self.assertEqual(str(rows["Balance"]["date_due"]), "2026-11-15")

    def test_prolonged(self):
        """It lasts longer than planned: the business office moves the day and says
        why; nothing else of it changes."""
        record = self.suspension()

        def prolong(user, day, reason="The road is still closed"):
            with freeze_time("2026-11-20 02:00:00"):
                record.with_user(user)._take_reason_step(
                    "prolong", reason, date=day and date.fromisoformat(day)
                )

        for user, day, reason, why in (
            (self.seller, "2027-01-15", "Later", "business office"),
            (self.business, False, "Later", "today or later"),
            (self.business, "2026-11-19", "Later", "today or later"),
            (self.business, "2027-01-15", " ", "in words"),
        ):
            with self.subTest(why), self.assertRaisesRegex(UserError, why):
                prolong(user, day, reason)
        with self.assertRaises(UserError):
            record.with_user(self.business).date_resume = "2027-01-15"
        with freeze_time("2026-11-20 02:00:00"):
            self.assertTrue(record.with_user(self.business).action_prolong())
        prolong(self.business, "2027-01-15")
        self.env.flush_all()
        self.assertEqual(str(record.date_resume), "2027-01-15")
        self.assertEqual(str(record.activity_ids.date_deadline), "2027-01-15")
        self.assertIn("still closed", "".join(record.message_ids.mapped("body")))
        self.resume(record, "2026-11-30")
        with self.assertRaisesRegex(UserError, "only while it is"):
            prolong(self.business, "2027-02-15")

    def test_termination_is_not_prolonged(self):
        record = self.terminate(self.new_termination())
        with self.assertRaisesRegex(UserError, "doesn't go on"):
            record.with_user(self.business).action_prolong()

    def test_days_stay(self):
        record = self.suspension()
        self.assertFalse(record.held_ids)
        self.resume(record, "2026-11-30")
        self.assertEqual(
            {str(t.date_fixed) for t in self.held()},
            {"2026-11-01", "2026-09-05", "2026-11-15"},
        )

    def test_plain_resume_moves_them(self):
        record = self.suspension(dates_move=True)
        with freeze_time("2026-10-20 02:00:00"):
            self.order.with_user(self.business)._take_reason_step("resume", "Built")
        self.assertEqual((record.state, record.suspended_days), ("ended", 10))

    def test_ends_while_suspended(self):
        record = self.suspension(dates_move=True)
        end = self.new_termination(day="2026-10-20")
        self.terminate(end, "2026-10-20")
        self.assertEqual(record.state, "ended")
        self.assertEqual(self.order.contract_state, "terminated")
        self.assertFalse(self.held().filtered("line_id"))

    def test_one_side_moves_no_days(self):
        record = self.one_sided(kind="suspend", dates_move=True)
        self.refuses("both sides agreed", record, "action_submit")


class TestTerminationSteps(TerminationCase):
    def test_what_is_missing(self):
        record = self.new_termination(basis=False)
        self.refuses("without a basis", record, "action_submit")
        record.basis = "force_majeure"
        self.refuses("paper that proves", record, "action_submit")
        record.write({"basis": "customer_breach", "is_unilateral": True})
        self.refuses("clause of the contract or on the law", record, "action_submit")
        record.legal_reference = "Article 563"
        self.refuses("text of the notice", record, "action_submit")
        record.notice_text = "We end it."
        self.refuses("paper that proves", record, "action_submit")
        record.document_id = self.new_paper()
        self.approve(record)
        self.refuses("notice is to be delivered", record, "action_force", self.business)
        self.refuses("on which day and how", record, "action_notice")
        self.notice(record)
        self.force(record)
        self.assertEqual(self.order.contract_state, "terminated")

    def test_consent_is_a_signed_paper(self):
        """Any paper of the contract is no consent: one by which both sides agree is."""
        record = self.approve(self.new_termination())
        paper = self.new_paper(name="Minutes")
        paper.type_id = self.env.ref("contract_tracking.document_type_minutes")
        record.with_user(self.seller).consent_id = paper
        self.assertIn("both sides consent by", record.missing_text)
        self.refuses("both sides consent by", record, "action_force", self.business)
        letter = self.new_paper(name="Letter")
        letter.type_id = self.env.ref("contract_tracking.document_type_letter")
        record.with_user(self.seller).consent_id = letter
        self.assertFalse(record.missing_text)
        self.force(record)
        self.assertEqual(record.state, "done")

    def test_notice_stays(self):
        """What was delivered is a fact: the days to object run from it."""
        record = self.approve(self.one_sided(objection_days=10))
        with freeze_time("2026-10-12 02:00:00"):
            mine = record.with_user(self.seller)
            with self.assertRaisesRegex(ValidationError, "still to come"):
                mine.notice_date = "2026-10-13"
            mine.write(
                {
                    "notice_date": "2026-10-09",
                    "notice_means": "courier",
                    "notice_document_id": self.new_paper(name="Receipt").id,
                }
            )
            with self.assertRaisesRegex(UserError, "approved on"):
                mine.action_notice()
            mine.notice_date = "2026-10-12"
            mine.action_notice()
        self.assertEqual(str(record.date_objection), "2026-10-22")
        for values in (
            {"notice_date": "2026-10-10"},
            {"notice_means": "person"},
            {"notice_document_id": self.new_paper(name="Other").id},
            {"objection_days": 0},
        ):
            for user in (self.seller, self.business, self.env.user):
                with self.subTest(values), self.assertRaises(UserError):
                    record.with_user(user).write(values)

    def test_our_breach_needs_consent(self):
        with (
            self.assertRaisesRegex(ValidationError, "one side alone"),
            self.env.cr.savepoint(),
        ):
            self.one_sided(basis="our_breach")
        record = self.new_termination(
            basis="our_breach", document_id=self.new_paper().id
        )
        self.approve(record)
        self.refuses("consent of both sides", record, "action_force", self.business)

    def test_objection(self):
        record = self.one_sided(objection_days=10)
        self.approve(record)
        self.notice(record)
        self.assertEqual(str(record.date_objection), "2026-10-20")
        self.refuses("may object", record, "action_force", self.business)
        with freeze_time("2026-10-21 02:00:00"):
            self.run_daily()
        self.assertEqual(record.state, "done")

    def test_who_may(self):
        record = self.approve(self.new_termination())
        record.write({"consent_id": self.new_paper(name="Consent").id})
        for user in (self.seller, self.head, self.leader):
            self.refuses("business office", record, "action_force", user)
        for user in (self.rival, self.employee, self.portal, self.stock_user):
            self.refuses("", record, "action_force", user)
        with self.assertRaises(AccessError):
            self.new_termination(user=self.auditor)

    def test_frozen(self):
        record = self.approve(self.new_termination())
        for values in (
            {"basis": "law"},
            {"penalty_ids": [Command.create({"name": "x", "amount": 1})]},
            {"delivered_unpaid": 1},
            {"state": "done"},
            {"in_force_on": "2026-10-01"},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                record.with_user(self.seller).write(values)
        self.terminate_again(record)

    def terminate_again(self, record):
        record.write({"consent_id": self.new_paper(name="Consent").id})
        self.force(record)
        with self.assertRaises(UserError):
            record.with_user(self.seller).write({"notice_date": "2026-10-01"})
        self.refuses("", record, "action_force", self.business)

    def test_penalties(self):
        """A deposit of 300 kept: nothing is paid back, and the rest is claimed."""
        self.receive(self.order, "2026-09-04", 300)
        record = self.one_sided(
            penalty_ids=[
                Command.create(
                    {"name": "Article 587", "kind": "deposit", "amount": 300}
                ),
                Command.create({"name": "Clause 9: 5 %", "amount": 50}),
                Command.create({"name": "Late", "debtor": "us", "amount": 20}),
            ]
        )
        self.assertEqual(record.owed_by_customer, 350)
        self.assertEqual(record.owed_by_us, 20)
        self.assertEqual(record.balance, 30)
        with self.assertRaisesRegex(ValidationError, "above zero"):
            record.penalty_ids[0].amount = -1

    def test_other_paper(self):
        other = self.new_dated()
        with self.assertRaisesRegex(ValidationError, "another contract"):
            self.new_termination(document_id=self.new_paper(other).id)

    def test_duty(self):
        self.company.contract_termination_document = True
        for step in ("suspend", "terminate"):
            with self.assertRaisesRegex(UserError, "approved document"):
                self.order.with_user(self.business)._take_reason_step(step, "Over")
        self.terminate(self.new_termination())
        self.assertEqual(self.order.contract_state, "terminated")
        # what ended already is cancelled as before
        self.order.with_user(self.director)._action_cancel()
        self.assertEqual(self.order.state, "cancel")

    def test_duty_of_cancelling(self):
        """No way round: not by the order, its wizard, a job, or the plain write."""
        self.company.contract_termination_document = True
        order = self.order.with_user(self.director)
        wizard = self.env["sale.mass.cancel.orders"].with_user(self.director)
        wizard = wizard.create({"sale_order_ids": [Command.set(order.ids)]})
        for cancel in (
            order.action_cancel,
            order.with_context(contract_ask=True).action_cancel,
            order._action_cancel,
            order.sudo()._action_cancel,
            wizard.action_mass_cancel,
            lambda: order.write({"state": "cancel"}),
            lambda: order.write({"state": "draft"}),
            lambda: order._take_reason_step("cancel", "Over"),
        ):
            with self.assertRaisesRegex(UserError, "approved document"):
                cancel()
        self.assertEqual((order.state, self.order.contract_state), ("sale", "active"))
        quotation = self.new_order()
        quotation.with_user(self.director).action_cancel()
        self.assertEqual(quotation.state, "cancel")

    def test_duty_of_frames(self):
        self.company.contract_termination_document = True
        frame = self.new_frame(self.owner).with_user(self.business)
        for step in ("close", "cancel_frame"):
            with (
                freeze_time("2026-10-10 02:00:00"),
                self.assertRaisesRegex(UserError, "approved document"),
            ):
                frame._take_reason_step(step, "Over")
        with (
            freeze_time("2026-10-10 02:00:00"),
            self.assertRaisesRegex(UserError, "approved document"),
        ):
            frame._contract_correct({"date_end": "2026-10-09"}, "Over")
        # its validity is over: nobody ends anything
        with freeze_time("2027-01-02 02:00:00"):
            frame._take_reason_step("close", "Over")
        self.assertEqual(frame.state, "closed")
        self.new_frame(self.owner, day=False).with_user(
            self.business
        )._take_reason_step("cancel_frame", "Never signed")

    def test_not_running(self):
        record = self.new_termination()
        self.order.with_user(self.business)._take_reason_step("terminate", "Over")
        self.refuses("only a contract in effect", record, "action_submit")

    def test_reagreement_is_over(self):
        """What runs on a contract that ended isn't decided any more."""
        paper = self.new_paper()
        with freeze_time("2026-10-01 02:00:00"):
            change = self.env["contract.reagreement"].create(
                {
                    "order_id": self.order.id,
                    "document_id": paper.id,
                    "date_from": "2026-10-01",
                    "reason": "x",
                }
            )
        self.terminate(self.new_termination())
        self.refuses("not in effect", change, "action_submit", self.seller)

    def test_form(self):
        """An empty form opens and takes an order."""
        self.seller.group_ids |= self.env.ref(
            "contract_tracking.group_contract_termination"
        )
        with freeze_time("2026-10-10 02:00:00"):
            form = Form(self.env["contract.termination"].with_user(self.seller))
            form.order_id = self.order
            form.basis = "agreed"
            record = form.save()
        self.assertEqual(record.delivery_ids.picking_id, self.order.picking_ids)
        action = self.order.with_user(self.seller).action_contract_terminate()
        self.assertEqual(action["res_id"], record.id)

    def test_void_and_correct(self):
        record = self.approve(self.new_termination())
        with freeze_time("2026-10-10 02:00:00"):
            record.with_user(self.business)._take_reason_step("void", "Wrong day")
        copy = self.env["contract.termination"].search(
            [("replaces_id", "=", record.id)]
        )
        self.assertEqual((copy.state, copy.reason), ("draft", record.reason))

    def test_one_at_a_time(self):
        """A second one is refused, whatever it is and whoever writes it, and says which
        is the first."""
        first = self.new_termination()
        both = ("terminate", "suspend")
        for step in (lambda: None, lambda: self.approve(first)):
            step()
            for kind in both:
                for user in (self.seller, self.business, self.env.user):
                    with self.assertRaisesRegex(UserError, first.name):
                        self.new_termination(user=user, kind=kind)
            with self.assertRaisesRegex(UserError, first.name):
                first.with_user(self.seller).copy()
            # who reads nothing of the contract isn't told of it
            for user in (self.rival, self.auditor, self.stock_user):
                with mute_logger(RULES), self.assertRaises(AccessError):
                    self.new_termination(user=user)
        # on another contract, and moved from there
        other = self.new_termination(self.new_dated())
        with self.assertRaisesRegex(UserError, "stays with its contract"):
            other.with_user(self.seller).order_id = self.order
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            # whoever goes round it: of two at once the second one fails as well
            unguarded(other.sudo()).order_id = self.order
            self.env.flush_all()
        self.env.invalidate_all()
        # once it is in force another one may follow
        first.with_user(self.business)._take_reason_step("void", "Another one")
        copy = self.env["contract.termination"].search([("replaces_id", "=", first.id)])
        self.assertTrue(copy)
        copy.unlink()
        suspended = self.terminate(self.new_termination(kind="suspend"))
        self.assertEqual(suspended.state, "done")
        self.new_termination()

    def test_corrected_where_another_is_open(self):
        """A refused one is voided; another one that was begun meanwhile is the one."""
        first = self.new_termination()
        with freeze_time("2026-10-10 02:00:00"):
            first.with_user(self.seller).action_submit()
            first.with_user(self.leader).action_refuse("No")
        second = self.new_termination()
        first.with_user(self.seller)._take_reason_step("void", "Refused")
        self.assertEqual(first.state, "void")
        found = self.env["contract.termination"].search(
            [("order_id", "=", self.order.id), ("state", "=", "draft")]
        )
        self.assertEqual(found, second)

    def test_print(self):
        record = self.terminate(self.one_sided())
        report = self.env["ir.actions.report"]
        for name in ("report_termination", "report_termination_letter"):
            html, _kind = report._render_qweb_html(
                f"contract_tracking.{name}", record.ids
            )
            self.assertIn("Article 563", html.decode())
        # nothing of ours stands in the letter
        self.assertNotIn("The plant is not built", html.decode())

    def test_home(self):
        items = self.env["contract.home"].with_user(self.seller)._home_items()
        self.assertNotIn("terminations", {item["key"] for item in items})
        self.env.ref("base.group_user").implied_ids |= self.env.ref(
            "contract_tracking.group_contract_termination"
        )
        items = self.env["contract.home"].with_user(self.seller)._home_items()
        self.assertIn("terminations", {item["key"] for item in items})


class TestTerminationStory(TerminationCase):
    def test_customers_breach_deposit_kept(self):
        """Ten pumps for 1,000, a deposit of 300 received, four delivered and invoiced.
        The customer pays no more. Ended on 10 October by notice: 400 delivered − 300
        received = 100 owed; by the agreement the deposit is kept as a penalty of 300
        and its set-off is the settlement's: the balance says 400."""
        order = self.order
        self.receive(order, "2026-09-04", 300)
        self.deliver(order, "2026-09-20", pump=4)
        self.invoice(order, "2026-09-21", {self.pump: 4})
        before = self.money(order, date(2026, 10, 9))
        self.assertEqual(before, (100, 300, 0))
        record = self.one_sided(
            penalty_ids=[
                Command.create({"name": "Clause 7", "kind": "deposit", "amount": 300})
            ]
        )
        self.assertEqual(record.balance, 400)
        self.terminate(record)
        # to the cent in figures, ageing and statement, that day and later
        for day in (date(2026, 10, 11), date(2026, 12, 1)):
            self.assertEqual(self.money(order, day), (100, 400, 100))
            row = self.balances(order, day)[order.id]
            self.assertEqual((row["receivable"], row["overdue"]), (100, 100))
        with freeze_time("2026-12-01 02:00:00"):
            statement = self.env["contract.statement"].create(
                {
                    "partner_id": self.partner.id,
                    "date_from": "2026-09-01",
                    "date_to": "2026-12-01",
                }
            )
            statement.action_send()
        self.assertEqual(statement.closing_balance, 100)
        self.assertEqual(statement.overdue, 100)
        # as of the day before nothing changed
        self.assertEqual(self.money(order, date(2026, 10, 9)), before)
        rows = self.facts(order, "2026-10-09")
        self.assertEqual(rows["Balance"]["agreed_amount"], 700)
        # the customer pays what he owes
        self.receive(order, "2026-12-05", 100)
        self.assertEqual(self.money(order, date(2026, 12, 6)), (0, 400, 0))
