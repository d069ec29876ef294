from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .test_coordination import CoordinationCase


class TestSeen(CoordinationCase):
    """Deviations are reported where they are seen, by whoever sees them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.deliver(cls.order, "2026-10-05")
        cls.bill = cls.invoice(cls.order, "2026-10-05")

    def report(self, document, user, summary="Two pumps are wet", **values):
        action = document.with_user(user).action_contract_report()
        self.assertEqual(action["res_model"], "contract.deviation.seen")
        wizard = Form(
            self.env["contract.deviation.seen"]
            .with_user(user)
            .with_context(**action["context"])
        )
        wizard.summary = summary
        for name, value in values.items():
            wizard[name] = value
        action = wizard.save().action_report()
        return self.env["contract.deviation"].browse(action["res_id"])

    def test_warehouse(self):
        deviation = self.report(self.picking, self.stock_user, kind="rejected")
        self.assertEqual(deviation.order_id, self.order)
        self.assertEqual(deviation.picking_id, self.picking)
        self.assertEqual((deviation.kind, deviation.source), ("rejected", "reported"))
        self.assertEqual(deviation.seen_by_id, self.stock_user)
        # the owner of the contract handles it, and is asked
        self.assertEqual(deviation.user_id, self.owner)
        self.assertEqual(self.tasks(deviation, "deviation_analyse").user_id, self.owner)
        self.assertIn(self.stock_user.partner_id, deviation.message_partner_ids)
        # he reads his own report, and nothing else
        mine = deviation.with_user(self.stock_user)
        self.assertEqual(mine.summary, "Two pumps are wet")
        other = self.env["contract.deviation"].create({"order_id": self.order.id})
        Deviation = self.env["contract.deviation"].with_user(self.stock_user)
        self.assertEqual(Deviation.search([]), deviation)
        self.assertFalse(other.with_user(self.stock_user).has_access("read"))
        for call in (
            lambda: mine.write({"summary": "x"}),
            lambda: Deviation.create({"order_id": self.order.id}),
            mine.unlink,
        ):
            with self.assertRaises(AccessError):
                call()
        view = mine.get_formview_id()
        self.assertEqual(
            view, self.env.ref("contract_tracking.contract_deviation_view_form_seen").id
        )
        fields = mine.get_views([(view, "form")])["models"]["contract.deviation"]
        mine.read([name for name in fields["fields"]])

    def test_finance_and_leader(self):
        deviation = self.report(self.bill, self.finance, kind="invoice_mismatch")
        self.assertEqual(deviation.move_id, self.bill)
        deviation = self.report(self.order, self.leader)
        self.assertEqual(deviation.order_id, self.order)
        term = self.order.contract_term_ids[0]
        deviation = self.report(term, self.leader)
        self.assertEqual(deviation.term_id, term)
        payment = self.pay(self.bill, "2026-10-06", 100)
        deviation = self.report(payment, self.finance)
        self.assertEqual(deviation.order_id, self.order)
        with freeze_time("2026-10-07 02:00:00"):
            statement = (
                self.env["contract.statement"]
                .with_user(self.finance)
                .create({"partner_id": self.partner.id})
            )
        deviation = self.report(statement, self.finance)
        self.assertEqual(deviation.order_id, self.order)
        frame = self.new_frame(self.seller)
        self.assertEqual(self.report(frame, self.leader).frame_id, frame)

    def test_who_follows_writes_the_report_itself(self):
        action = self.picking.with_user(self.owner).action_contract_report()
        self.assertEqual(action["res_model"], "contract.deviation")
        deviation = (
            self.env["contract.deviation"]
            .with_user(self.owner)
            .with_context(**action["context"])
            .create({"summary": "Two pumps are wet"})
        )
        self.assertEqual(deviation.picking_id, self.picking)

    def test_nobody_else(self):
        for user in (self.employee, self.portal, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.picking.with_user(user).action_contract_report()
        loose = self.picking.copy({"sale_id": False, "origin": False})
        loose.move_ids.sale_line_id = False
        with self.assertRaisesRegex(UserError, "no contract in effect"):
            loose.with_user(self.stock_user).action_contract_report()
        wizard = self.env["contract.deviation.seen"].with_user(self.employee)
        with self.assertRaises(UserError):
            wizard.create(
                {
                    "res_model": "stock.picking",
                    "res_ids": self.picking.ids,
                    "summary": "x",
                }
            ).action_report()
        with self.assertRaisesRegex(UserError, "Say what departs"):
            self.report(self.picking, self.stock_user, summary=" ")

    def test_finance_and_leader_coordinate(self):
        for user in (self.finance, self.leader):
            document = self.sent_by(user)
            self.assertEqual(document.state, "sent")
            self.reply(document.reply_ids, self.outsider)
            document.with_user(user).outcome = "Agreed"
            document.with_user(user).action_close()
            self.assertEqual(document.state, "closed")
        other = self.new_document(self.to(self.workshop))
        for user in (self.finance, self.leader):
            self.assertFalse(other.with_user(user).has_access("write"))
        with self.assertRaises(AccessError):
            self.new_document(self.to(self.workshop), user=self.auditor)

    def sent_by(self, user):
        action = self.order.with_user(user).action_contract_coordinate()
        with freeze_time("2026-10-05 02:00:00"):
            document = (
                self.env["contract.coordination"]
                .with_user(user)
                .with_context(**action["context"])
                .create(
                    {
                        "subject": "Money",
                        "reply_date": "2026-10-09",
                        "reply_ids": [self.to(self.workshop)],
                    }
                )
            )
        return self.send(document, user=user)

    def test_who_is_asked_reads_what_it_is_about(self):
        deviation = self.env["contract.deviation"].create(
            {"order_id": self.order.id, "summary": "Late by 4 days"}
        )
        self.order.invalidate_recordset()
        asked = self.stranger
        read = (self.order, self.order.order_line, self.order.contract_term_ids)
        document = self.new_document(
            self.to(self.workshop), deviation_ids=[Command.set(deviation.ids)]
        )
        for records in (*read, deviation, document):
            self.assertFalse(records.with_user(asked).has_access("read"))
        self.send(document)
        for records in (*read, deviation, document):
            self.assertTrue(records.with_user(asked).has_access("read"))
            self.assertFalse(records.with_user(asked).has_access("write"))
        self.assertTrue(document.with_user(asked).may_open_contract)
        other = self.env["contract.deviation"].create({"order_id": self.order.id})
        self.assertFalse(other.with_user(asked).has_access("read"))
        frame = self.new_frame(self.owner)
        self.assertFalse(frame.with_user(asked).has_access("read"))
        self.send(
            self.new_document(
                self.to(self.workshop),
                order_id=False,
                frame_id=frame.id,
                user=self.owner,
            ),
            user=self.owner,
        )
        self.assertTrue(frame.with_user(asked).has_access("read"))
