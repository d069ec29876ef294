from datetime import timedelta

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .roles import RoleCase

MODEL = "contract.logistics.exception"


class TestLogistics(RoleCase):
    """Where a delivery is, and what goes wrong on its way."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.startClassPatcher(freeze_time("2026-09-20 02:00:00"))
        cls.picking = cls.order.picking_ids
        cls.carrier = cls.env["res.partner"].create({"name": "Swift Freight"})

    def send(self):
        return self.deliver(self.order, "2026-09-10")

    def state(self):
        self.env.flush_all()
        self.picking.invalidate_recordset()
        state = self.picking.contract_logistics_state
        Picking = self.env["stock.picking"]
        found = Picking.search([("contract_logistics_state", "=", state)])
        self.assertIn(self.picking, found)
        found = Picking.search([("contract_logistics_state", "!=", state)])
        self.assertNotIn(self.picking, found)
        return state

    def entry(self, user, pickings=None, **values):
        pickings = pickings or self.picking
        wizard = (
            self.env["contract.logistics.entry"]
            .with_user(user)
            .create({"picking_ids": [Command.set(pickings.ids)], **values})
        )
        wizard.action_apply()
        self.env.invalidate_all()

    def new_exception(self, user=None, **values):
        Exception_ = self.env[MODEL].with_user(user or self.stock_user)
        return Exception_.create(
            {
                "picking_id": self.picking.id,
                "kind": "damage",
                "description": "Two crates are wet.",
                **values,
            }
        )

    def take(self, record, user, step, words="The carrier was told."):
        record.with_user(user)._take_reason_step(step, words)

    # ------------------------------------------------------------------
    # On its way
    # ------------------------------------------------------------------

    def test_from_the_warehouse_to_the_signature(self):
        self.assertEqual(self.state(), "waiting")
        self.send()
        self.assertEqual(self.state(), "dispatched")
        self.entry(self.stock_user, carrier_id=self.carrier.id, tracking_ref="SF100")
        self.assertEqual(self.picking.contract_carrier_name, "Swift Freight")
        self.assertEqual(self.picking.contract_tracking, "SF100")
        self.entry(self.seller, transit_date="2026-09-11")
        self.assertEqual(self.state(), "transit")
        self.entry(self.owner, arrival_date="2026-09-14")
        self.assertEqual(self.state(), "arrived")
        self.picking.contract_receipt_date = "2026-09-15"
        self.assertEqual(self.state(), "signed")

    def test_each_day_is_dated_in_the_history(self):
        self.send()
        self.entry(self.stock_user, transit_date="2026-09-11")
        self.entry(self.stock_user, transit_date="2026-09-12")
        row = self.last_row(self.order)
        self.assertIn("In Transit Since", row.name)
        self.assertEqual((row.old_value, row.new_value), ("2026-09-11", "2026-09-12"))
        self.assertEqual(row.user_id, self.stock_user)
        self.entry(self.stock_user, carrier_id=self.carrier.id)
        self.assertEqual(self.last_row(self.order).new_value, "Swift Freight")

    def test_days_in_their_order(self):
        vals = {"contract_transit_date": "2026-09-11"}
        with self.assertRaisesRegex(ValidationError, "has not left"):
            self.picking.write(vals)
        self.send()
        for day, words in (
            ("2026-09-09", "comes before “Dispatched”"),
            ("2026-09-21", "still to come"),
        ):
            with self.assertRaisesRegex(ValidationError, words):
                self.picking.contract_transit_date = day
        self.picking.write({**vals, "contract_arrival_date": "2026-09-13"})
        with self.assertRaisesRegex(ValidationError, "In Transit Since"):
            self.picking.contract_arrival_date = "2026-09-10"
        self.picking.contract_arrival_date = "2026-09-13"
        with self.assertRaisesRegex(ValidationError, "comes before “Arrived”"):
            self.picking.contract_receipt_date = "2026-09-12"

    def test_only_goods_for_a_contract(self):
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
            }
        )
        with self.assertRaisesRegex(ValidationError, "isn't followed"):
            receipt.contract_tracking_ref = "SF1"
        self.assertFalse(receipt.contract_logistics_state)

    def test_who_records(self):
        self.send()
        vals = {"contract_transit_date": "2026-09-11"}
        for name in ("rival", "leader", "auditor", "finance", "employee"):
            user = getattr(self, name)
            with self.assertRaises(AccessError, msg=name), self.cr.savepoint():
                self.picking.with_user(user)._contract_record_logistics(vals)
        with self.assertRaises(AccessError):
            self.picking.with_user(self.owner).write(vals)

    def test_several_at_once_keep_what_they_have(self):
        self.send()
        other = self.new_role_contract("2026-09-02")
        second = self.deliver(other, "2026-09-11")
        self.picking.contract_tracking_ref = "SF100"
        both = self.picking | second
        self.entry(self.stock_user, both, arrival_date="2026-09-15")
        self.assertEqual(self.picking.contract_tracking_ref, "SF100")
        self.assertEqual(
            [str(p.contract_arrival_date) for p in both], ["2026-09-15"] * 2
        )
        with self.assertRaisesRegex(UserError, "who carries"):
            self.entry(self.stock_user, both, arrival_date=False)

    def test_what_the_delivery_app_knows_is_read(self):
        if "carrier_tracking_ref" not in self.picking._fields:
            self.skipTest("the delivery app isn't there")
        self.picking.carrier_tracking_ref = "CORE1"
        self.picking.contract_tracking_ref = "OWN1"
        self.assertEqual(self.picking.contract_tracking, "CORE1")

    def test_nothing_is_added_to_a_dispatch(self):
        """No query of ours about logistics when goods leave."""
        self.env.flush_all()
        with self.assertLogs("odoo.sql_db", "DEBUG") as logs:
            self.send()
            self.env.flush_all()
        ours = '"contract_logistics_exception"'
        said = [line for line in logs.output if ours in line]
        self.assertFalse(said)

    # ------------------------------------------------------------------
    # Exceptions
    # ------------------------------------------------------------------

    def test_recorded_by_the_warehouse_seen_to_by_the_owner(self):
        record = self.new_exception(
            move_id=self.picking.move_ids.id,
            quantity=2,
            attachment_ids=[Command.create({"name": "wet.jpg", "raw": b"x"})],
        )
        self.assertTrue(record.name)
        self.assertEqual(record.sudo().order_id, self.order)
        self.assertEqual(record.user_id, self.owner)
        self.assertEqual(record.company_id, self.company)
        activity = record.sudo().activity_ids
        self.assertEqual(activity.user_id, self.owner)
        self.take(record, self.owner, "handle")
        self.assertEqual(record.state, "handled")
        self.assertEqual(record.measure, "The carrier was told.")
        self.assertTrue(record.sudo().activity_ids)
        self.take(record, self.owner, "close", "The insurance paid.")
        self.assertEqual(
            (record.state, record.outcome), ("closed", "The insurance paid.")
        )
        self.assertFalse(record.sudo().activity_ids)
        self.assertEqual(self.picking.contract_exception_count, 1)

    def test_bad_input(self):
        move = self.picking.move_ids
        later = fields.Datetime.now() + timedelta(hours=1)
        other = self.new_role_contract("2026-09-02").picking_ids
        for vals, words in (
            ({"seen_on": later}, "still to come"),
            ({"move_id": move.id, "quantity": 11}, "no more than 10"),
            ({"move_id": other.move_ids.id}, "is not in"),
            ({"description": False}, "can't be empty"),
        ):
            with self.assertRaisesRegex(UserError, words), self.cr.savepoint():
                self.new_exception(**vals)

    def test_closed_it_is_evidence(self):
        photo = [Command.create({"name": "wet.jpg", "raw": b"x"})]
        record = self.new_exception(attachment_ids=photo).sudo()
        self.take(record, self.owner, "handle")
        self.env.invalidate_all()
        record = record.sudo()
        with self.assertRaisesRegex(UserError, "can't be changed"):
            record.description = "Nothing."
        with self.assertRaises(UserError):
            record.attachment_ids.unlink()
        record.user_id = self.seller
        self.take(record, self.seller, "close")
        with self.assertRaisesRegex(UserError, "can't be changed"):
            record.user_id = self.owner
        with self.assertRaises(UserError):
            record.state = "open"
        with self.assertRaisesRegex(UserError, "proves"):
            record.unlink()
        with self.assertRaisesRegex(UserError, "is evidence"):
            self.new_exception().sudo().unlink()
        with self.assertRaises(UserError):
            self.take(record, self.owner, "handle")

    def test_who_sees_and_records_exceptions(self):
        record = self.new_exception()
        for name in ("seller", "owner", "business", "leader", "auditor", "stock_user"):
            self.assertTrue(record.with_user(getattr(self, name)).has_access("read"))
        for name in ("rival", "outsider", "employee", "finance"):
            user = getattr(self, name)
            self.assertFalse(record.with_user(user).has_access("read"), name)
        for name in ("leader", "auditor", "rival"):
            with self.assertRaises(AccessError, msg=name), self.cr.savepoint():
                self.new_exception(getattr(self, name))
        self.new_exception(self.seller)

    def test_it_becomes_a_deviation(self):
        self.send()
        record = self.new_exception()
        action = record.with_user(self.owner).action_contract_report()
        deviation = (
            self.env["contract.deviation"]
            .with_user(self.owner)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(deviation.logistics_exception_id.id, record.id)
        self.assertEqual(deviation.kind, "rejected")
        self.assertEqual(deviation.picking_id, self.picking)
        self.assertEqual(record.with_user(self.owner).deviation_ids, deviation)
        # the warehouse reports it too, and reads no contracts
        action = record.with_user(self.stock_user).action_contract_report()
        wizard = (
            self.env["contract.deviation.seen"]
            .with_user(self.stock_user)
            .with_context(**action["context"])
            .create({"summary": "Wet"})
        )
        wizard.action_report()
        self.assertEqual(len(record.sudo().deviation_ids), 2)

    def test_it_is_coordinated(self):
        record = self.new_exception(self.owner)
        action = record.action_coordinate()
        document = (
            self.env["contract.coordination"]
            .with_user(self.owner)
            .with_context(**action["context"])
            .create({})
        )
        self.assertEqual(record.coordination_ids, document)
        other = self.new_role_contract("2026-09-02")
        with self.assertRaisesRegex(ValidationError, "another contract"):
            self.env["contract.deviation"].create(
                {"order_id": other.id, "logistics_exception_id": record.id}
            )

    def test_what_nobody_takes_in_hand_goes_on(self):
        seen = fields.Datetime.now() - timedelta(hours=5)
        record = self.new_exception(seen_on=seen).sudo()
        fresh = self.new_exception().sudo()
        in_hand = self.new_exception(seen_on=seen).sudo()
        self.take(in_hand, self.owner, "handle")

        def escalate():
            self.env.flush_all()
            with self.enter_registry_test_mode():
                self.env.ref(
                    "contract_tracking.cron_escalate_logistics"
                ).method_direct_trigger()
            self.env.invalidate_all()

        escalate()
        self.assertFalse(record.escalated_on)
        self.company.contract_logistics_hours = 4
        escalate()
        self.assertTrue(record.escalated_on)
        self.assertFalse(fresh.escalated_on or in_hand.escalated_on)
        self.assertEqual(record.activity_ids.user_id, self.owner | self.head)
        once = record.escalated_on
        escalate()
        self.assertEqual(record.escalated_on, once)
        self.assertEqual(len(record.activity_ids), 2)
        self.take(record, self.owner, "handle")
        self.assertEqual(record.activity_ids.user_id, self.owner)

    def test_hours_are_not_negative(self):
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.company.contract_logistics_hours = -1
            self.env.flush_all()

    # ------------------------------------------------------------------
    # Report
    # ------------------------------------------------------------------

    def report(self, user=None, *domain):
        self.env.flush_all()
        self.env.invalidate_all()
        Report = self.env["contract.logistics.report"].with_user(user or self.env.user)
        return Report.search([("order_id", "=", self.order.id), *domain])

    def test_report_of_a_delivery(self):
        row = self.report()
        self.assertEqual((row.state, row.on_time), ("waiting", "open"))
        self.assertEqual(str(row.agreed_date), "2026-10-01")
        self.assertFalse(row.dispatched_date or row.days)
        self.send()
        row = self.report()
        self.assertEqual(str(row.dispatched_date), "2026-09-10")
        self.assertEqual((row.state, row.days), ("dispatched", 10))
        self.assertEqual((row.on_time, row.late_days), ("on_time", 0))
        self.entry(
            self.stock_user,
            carrier_id=self.carrier.id,
            tracking_ref="SF100",
            transit_date="2026-09-11",
            arrival_date="2026-09-14",
        )
        self.new_exception()
        row = self.report()
        self.assertEqual((row.carrier, row.tracking), ("Swift Freight", "SF100"))
        self.assertEqual((row.state, row.days), ("arrived", 4))
        self.assertEqual((row.exceptions, row.open_exceptions), (1, 1))
        self.picking.contract_receipt_date = "2026-09-15"
        self.assertEqual(self.report().state, "signed")

    def test_late_by_what_fulfils_the_contract(self):
        self.order = self.new_role_contract(contract_fulfilment="receipt")
        self.picking = self.order.picking_ids
        self.send()
        self.assertEqual(self.report().on_time, "open")
        with freeze_time("2026-10-09 02:00:00"):
            row = self.report()
            self.assertEqual((row.on_time, row.late_days), ("late", 8))
            self.picking.contract_receipt_date = "2026-10-03"
            row = self.report()
        self.assertEqual((row.on_time, row.late_days), ("late", 2))
        self.assertEqual(row.on_time_rate, 0)

    def test_report_follows_the_contract(self):
        for name in ("seller", "owner", "leader", "auditor", "stock_user"):
            self.assertTrue(self.report(getattr(self, name)), name)
        for name in ("rival", "outsider"):
            self.assertFalse(self.report(getattr(self, name)), name)
        action = self.order.with_user(self.seller).action_contract_logistics_report()
        self.assertEqual(action["domain"], [("order_id", "=", self.order.id)])

    def test_report_by_carrier_and_month(self):
        self.send()
        groups = self.env["contract.logistics.report"].formatted_read_group(
            [("order_id", "=", self.order.id)],
            ["dispatched_date:month", "carrier", "on_time"],
            ["days:avg", "on_time_rate:avg", "exceptions:sum", "__count"],
        )
        self.assertEqual(len(groups), 1)
        self.assertEqual(groups[0]["on_time_rate:avg"], 1)

    def test_printed(self):
        self.send()
        self.picking.contract_carrier_id = self.carrier
        self.new_exception()
        Sheet = self.env["contract.logistics.sheet"]
        sheet = Sheet.with_user(self.seller).create({})
        self.assertEqual(str(sheet.date_from), "2026-09-01")
        self.assertEqual(sheet.form_code, "QR-XS-13")
        self.assertEqual(sheet.action_print()["type"], "ir.actions.report")
        for lang, words in (
            ("en_US", "Logistics Report of"),
            ("zh_CN", "2026年9月10日"),
        ):
            html, _kind = (
                self.env["ir.actions.report"]
                .with_user(self.seller)
                .with_context(lang=lang)
                ._render_qweb_html(
                    "contract_tracking.action_report_logistics_sheet", sheet.ids
                )
            )
            page = html.decode()
            for text in (words, "Swift Freight", "Two crates are wet.", "QR-XS-13"):
                self.assertIn(text, page)
        with self.assertRaisesRegex(UserError, "No delivery left"):
            Sheet.with_user(self.rival).create({}).action_print()
        with self.assertRaisesRegex(UserError, "ends before"):
            sheet.date_to = "2026-08-01"
            sheet.action_print()
        mine = Sheet.with_user(self.seller).create({"order_id": self.order.id})
        self.assertIn(self.order.contract_number, mine._form_number())

    # ------------------------------------------------------------------
    # After-sales
    # ------------------------------------------------------------------

    def test_after_sales_wait_for_acceptance_and_are_reminded(self):
        self.env["contract.department"].create(
            {
                "name": "After-Sales",
                "company_id": self.company.id,
                "member_ids": [Command.set((self.owner | self.seller).ids)],
            }
        )
        self.company.contract_effective_rule = "signature"
        order = self.new_role_contract("2026-09-01")
        payments = order.contract_term_ids.filtered(lambda t: t.kind == "payment")
        order.with_user(self.seller).action_contract_after_sales()
        order.with_user(self.seller).action_contract_after_sales()
        terms = order.contract_term_ids.filtered(lambda t: t.kind == "milestone")
        self.assertEqual(len(terms), 5)
        self.assertEqual(terms.user_id, self.owner)
        self.assertLessEqual(payments, order.contract_term_ids)
        order.write(
            {"contract_signing_date": "2026-09-01", "contract_signatory": "Wang Fang"}
        )
        with self.assertRaisesRegex(UserError, "re-agreement"):
            order.action_contract_after_sales()
        self.env.flush_all()
        self.env.invalidate_all()
        training = terms.filtered(lambda t: t.name == "Training of the operators")
        self.assertEqual(training.status, "waiting")
        self.env["contract.event"].create(
            {
                "order_id": order.id,
                "type_id": self.env.ref("contract_tracking.event_type_acceptance").id,
                "date": "2026-09-15",
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(str(training.date_due), "2026-09-25")
        self.assertEqual(training.status, "due_soon")
        self.company.contract_digest_days = 7
        told = self.company._contract_digest_terms()
        self.assertIn(training, told[training.user_id])
