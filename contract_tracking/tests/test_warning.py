from datetime import date

from freezegun import freeze_time
from psycopg2.errors import CheckViolation, UniqueViolation

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .roles import RoleCase
from .test_queries import QueryCase

RULES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


class WarningCase(RoleCase):
    """Nothing is warned of but what a test switches on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contract.warning.rule"].search([]).action = "off"
        cls.journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )

    @classmethod
    def warn(cls, kind, **values):
        rule = cls.env.ref(f"contract_tracking.warning_rule_{kind}")
        rule.write({"action": "on", **values})
        return rule

    def find(self, day, *contracts, hour="02:00:00"):
        """Search on ``day``; return the warnings that stand afterwards."""
        Warning_ = self.env["contract.warning"]
        with freeze_time(f"{day} {hour}"):
            for contract in contracts or [self.order]:
                Warning_._find(contract)
        self.env.invalidate_all()
        return self.of(*contracts or [self.order])

    def of(self, *contracts, state="open"):
        found = self.env["contract.warning"]
        for contract in contracts:
            fname = contract._contract_parent_field
            found |= found.search(
                [(fname, "=", contract.id), ("state", "=", state)], order="id"
            )
        return found

    def assert_warned(self, warnings, *expected):
        """``expected``: (kind, date, amount) each."""
        self.assertEqual(
            [(w.kind, str(w.date), w.amount) for w in warnings.sorted("id")],
            list(expected),
        )

    def money(self, day, amount, order, **values):
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": order.partner_id.id,
                    "amount": amount,
                    "date": day,
                    "journal_id": self.journal.id,
                    **values,
                }
            )
            payment.action_post()
            self.env["contract.payment.claim"].create(
                {"payment_id": payment.id, "order_id": order.id, "amount": amount}
            )
        return payment

    def dismiss(self, warning, day, user=None, text="Agreed by phone."):
        with freeze_time(f"{day} 02:00:00"):
            self.env["contract.reason"].with_user(user or self.seller).create(
                {
                    "res_model": warning._name,
                    "res_ids": warning.ids,
                    "step": "dismiss",
                    "reason": text,
                }
            ).action_apply()


class TestWarning(WarningCase):
    """10 pumps at 100 of the seller's contract: 1,000, in effect since 1 September, to
    be delivered by 1 October; 300 a week after taking effect, 700 with the goods."""

    # ------------------------------------------------------------------
    # Deliveries
    # ------------------------------------------------------------------

    def plan(self, day, hour="02:00:00"):
        self.order.picking_ids.move_ids.date = f"{day} {hour}"

    def test_delivery_expected_too_late(self):
        self.warn("delivery")
        self.plan("2026-10-01")
        self.assertFalse(self.find("2026-09-20"))
        self.plan("2026-10-02")
        warning = self.find("2026-09-20")
        self.assert_warned(warning, ("delivery", "2026-10-01", 1000))
        self.assertEqual(warning.expected_date, date(2026, 10, 2))
        self.assertEqual(warning.user_id, self.owner)
        self.assertEqual(warning.team_id, self.team)
        self.assertIn("Pump", warning.text)
        # it follows what is planned, as the same warning
        self.plan("2026-10-09")
        self.assertEqual(self.find("2026-09-21"), warning)
        self.assertEqual(warning.expected_date, date(2026, 10, 9))
        self.assertEqual(warning.found_on, date(2026, 9, 20))
        # late is no early warning any more
        self.assertTrue(self.find("2026-10-01"))
        self.assertFalse(self.find("2026-10-02"))
        self.assertEqual((warning.state, str(warning.gone_on)), ("gone", "2026-10-02"))

    def test_the_day_is_the_company_s(self):
        self.warn("delivery")
        # half past midnight of 2 October in Shanghai
        self.plan("2026-10-01", "16:30:00")
        self.assertTrue(self.find("2026-09-20"))
        self.company.contract_tz = "UTC"
        self.assertFalse(self.find("2026-09-20"))

    def test_days_that_are_tolerated(self):
        rule = self.warn("delivery", days=4)
        self.plan("2026-10-05")
        self.assertFalse(self.find("2026-09-20"))
        rule.days = 3
        self.assertTrue(self.find("2026-09-20"))

    def test_a_delay_of_what_it_waits_for(self):
        self.warn("delivery")
        move = self.order.picking_ids.move_ids
        move.date = "2026-09-25 02:00:00"
        move.delay_alert_date = "2026-10-06 02:00:00"
        self.assertEqual(self.find("2026-09-20").expected_date, date(2026, 10, 6))

    def test_part_of_the_goods_comes_in_time(self):
        """6 come by 28 September, 4 on 3 October."""
        self.warn("delivery")
        move = self.order.picking_ids.move_ids
        move.date = "2026-09-28 02:00:00"
        other = move.copy({"product_uom_qty": 4, "date": "2026-10-03 02:00:00"})
        move.product_uom_qty = 6
        other._action_confirm(merge=False)
        self.assertEqual(self.find("2026-09-20").expected_date, date(2026, 10, 3))
        other.date = "2026-10-01 02:00:00"
        self.assertFalse(self.find("2026-09-20"))

    def test_what_was_delivered_threatens_nothing(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        self.assertTrue(self.find("2026-09-20"))
        self.deliver(self.order, "2026-09-21")
        self.assertFalse(self.find("2026-09-21"))

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    def test_deposit_missing(self):
        rule = self.warn("deposit", days=10)
        self.assertFalse(self.find("2026-09-20"))
        warning = self.find("2026-09-21")
        self.assert_warned(warning, ("deposit", "2026-09-21", 300))
        self.money("2026-09-22", 200, self.order)
        self.assert_warned(self.find("2026-09-22"), ("deposit", "2026-09-21", 100))
        self.money("2026-09-23", 100, self.order)
        self.assertFalse(self.find("2026-09-23"))
        self.assertEqual(warning.state, "gone")
        rule.days = 30
        self.assertFalse(self.find("2026-09-23"))

    def bill(self, day, amount, maturity):
        return self.money(
            day,
            amount,
            self.order,
            contract_instrument_id=self.env.ref(
                "contract_tracking.instrument_bank_acceptance"
            ).id,
            contract_bill_number="B-7",
            contract_bill_maturity=maturity,
        )

    def test_bill_matures(self):
        self.warn("bill", days=7)
        payment = self.bill("2026-09-05", 300, "2026-10-10")
        self.assertFalse(self.find("2026-10-02"))
        warning = self.find("2026-10-03")
        self.assert_warned(warning, ("bill", "2026-10-10", 300))
        self.assertIn("B-7", warning.text)
        with freeze_time("2026-10-10 02:00:00"):
            payment._contract_bill_outcome("honoured", date(2026, 10, 10))
        self.assertFalse(self.find("2026-10-10"))

    def test_payment_falls_due(self):
        """The deposit falls due on 8 September."""
        rule = self.warn("payment", days=3)
        self.assertFalse(self.find("2026-09-04"))
        self.assert_warned(self.find("2026-09-05"), ("payment", "2026-09-08", 300))
        rule.days = 2
        self.assertFalse(self.find("2026-09-05"))
        self.assertTrue(self.find("2026-09-08"))
        self.assertFalse(self.find("2026-09-09"))

    def test_other_contracts_of_the_customer(self):
        """The deposit of the other one, 600 of 2,000, is overdue from 9 September."""
        rule = self.warn("customer")
        child = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        other = self.new_role_contract(
            lines=[(self.pump, 20)], partner_id=child.id, user_id=self.rival.id
        )
        self.money("2026-09-02", 300, self.order)
        self.assertFalse(self.find("2026-09-08", self.order, other))
        warning = self.find("2026-09-09", self.order, other)
        self.assert_warned(warning, ("customer", "2026-09-08", 600))
        self.assertEqual(warning.order_id, self.order)
        rule.days = 2
        self.assertFalse(self.find("2026-09-10", self.order, other))
        self.assertTrue(self.find("2026-09-11", self.order, other))
        # another one became overdue: what he knew is not all
        self.dismiss(self.of(self.order), "2026-09-11")
        rule.days = 0
        self.assertFalse(self.find("2026-09-12", self.order))
        third = self.new_role_contract("2026-09-05")
        warning = self.find("2026-09-13", self.order)
        self.assert_warned(warning, ("customer", "2026-09-12", 900))
        self.assertIn("2 with", warning.text)
        self.money("2026-09-14", 600, other)
        self.money("2026-09-14", 300, third)
        self.assertFalse(self.find("2026-09-14", self.order))

    def test_amounts_are_in_the_currency_of_the_contract(self):
        """600 of the company's currency at 0.5 are 300 of the other one."""
        self.warn("customer")
        home = self.company.currency_id
        currency = self.env["res.currency"].create(
            {
                "name": "TST",
                "symbol": "T",
                "rate_ids": [Command.create({"name": "2026-01-01", "rate": 0.5})],
            }
        )
        self.assertNotEqual(currency, home)
        pricelist = self.env["product.pricelist"].create(
            {"name": "T", "currency_id": currency.id}
        )
        abroad = self.new_role_contract(
            day="2026-09-05", lines=[(self.pump, 1, 100)], pricelist_id=pricelist.id
        )
        self.new_role_contract(lines=[(self.pump, 20)])
        self.money("2026-09-02", 300, self.order)
        warning = self.find("2026-09-09", abroad)
        self.assert_warned(warning, ("customer", "2026-09-08", 300))
        self.assertEqual(warning.currency_id, currency)

    def test_customer_pays_later_and_later(self):
        """Three deposits were paid in the first 20 days on their day, three in the
        next 20 days 6, 9 and 12 days late: 9 on average."""
        rule = self.warn("slower", days=20, margin=9)
        lines = [(self.pump, 1)]
        # due on 8 September
        for _number in range(3):
            order = self.new_role_contract(lines=lines)
            self.money("2026-09-08", 30, order)
        # due on 17 September
        for day in ("2026-09-23", "2026-09-26"):
            order = self.new_role_contract("2026-09-10", lines=lines)
            self.money(day, 30, order)
        self.assertFalse(self.find("2026-09-28"))
        self.money("2026-09-29", 30, self.new_role_contract("2026-09-10", lines=lines))
        self.assertFalse(self.find("2026-09-28"))
        warning = self.find("2026-09-29")
        # the deposit and the balance of the contract
        self.assert_warned(warning, ("slower", "2026-09-08", 1000))
        self.assertIn("9 days", warning.text)
        rule.margin = 10
        self.assertFalse(self.find("2026-09-29"))

    # ------------------------------------------------------------------
    # Ends
    # ------------------------------------------------------------------

    def test_contract_ends(self):
        self.warn("ending", days=30)
        unguarded(self.order).contract_end_date = "2026-10-31"
        self.assertFalse(self.find("2026-09-30"))
        warning = self.find("2026-10-01")
        self.assert_warned(warning, ("ending", "2026-10-31", 0))
        self.assertIn("3", warning.text)
        self.assertEqual(self.find("2026-11-05"), warning)
        with freeze_time("2026-11-06 02:00:00"):
            unguarded(self.order).contract_state = "terminated"
        self.assertFalse(self.find("2026-11-06"))

    def test_frame_runs_out_of_time(self):
        self.warn("frame", days=30, percent=0)
        values = {"date_end": "2026-10-31", "amount_total": 10000}
        frame = self.new_frame(self.owner, **values)
        self.assertFalse(self.find("2026-09-30", frame))
        warning = self.find("2026-10-01", frame)
        self.assert_warned(warning, ("frame", "2026-10-31", 10000))
        self.assertEqual((warning.frame_id, warning.user_id), (frame, self.owner))
        unguarded(frame).date_end = "2026-12-31"
        self.assertFalse(self.find("2026-10-01", frame))

    def test_frame_runs_out_of_amount(self):
        """10,000 are agreed; 8,000 and then all of it are called off."""
        rule = self.warn("frame", days=0, percent=80)
        frame = self.new_frame(self.owner, amount_total=10000)
        call_off = {"contract_frame_id": frame.id, "contract_call_off_date": "2026-9-1"}
        self.new_contract("2026-09-01", [(self.pump, 79)], **call_off)
        self.assertFalse(self.find("2026-09-01", frame))
        self.new_contract("2026-09-02", [(self.pump, 1)], **call_off)
        warning = self.find("2026-09-02", frame)
        self.assert_warned(warning, ("frame", "2026-12-31", 2000))
        self.assertIn("80 %", warning.text)
        rule.percent = 81
        self.assertFalse(self.find("2026-09-02", frame))
        rule.percent = 80
        self.new_contract("2026-09-03", [(self.pump, 20)], **call_off)
        self.assert_warned(self.find("2026-09-03", frame), ("frame", "2026-12-31", 0))

    # ------------------------------------------------------------------
    # What becomes of a warning
    # ------------------------------------------------------------------

    def test_only_contracts_in_effect(self):
        self.warn("payment", days=30)
        self.assertTrue(self.find("2026-09-02"))
        self.company.contract_effective_rule = "signature"
        self.assertFalse(self.find("2026-09-02", self.new_role_contract()))
        unguarded(self.order).contract_state = "completed"
        self.assertFalse(self.find("2026-09-02"))

    def test_switched_off(self):
        rule = self.warn("payment", days=30)
        warning = self.find("2026-09-02")
        rule.action = "off"
        self.assertFalse(self.find("2026-09-02"))
        self.assertEqual(warning.state, "gone")

    def test_a_company_s_own_rule_goes_first(self):
        self.warn("payment", days=30)
        Rule = self.env["contract.warning.rule"]
        own = Rule.create(
            {"kind": "payment", "company_id": self.company.id, "action": "off"}
        )
        self.assertFalse(self.find("2026-09-02"))
        own.company_id = self.env["res.company"].create({"name": "Elsewhere"})
        self.assertTrue(self.find("2026-09-02"))
        own.action = "on"
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            Rule.create({"kind": "payment", "company_id": own.company_id.id})
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            own.days = -1
            own.flush_recordset()

    def test_it_returns_as_a_new_one(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.find("2026-09-20")
        self.plan("2026-10-01")
        self.assertFalse(self.find("2026-09-21"))
        self.plan("2026-10-05")
        again = self.find("2026-09-22")
        self.assertEqual(len(again), 1)
        self.assertNotEqual(again, warning)
        self.assertEqual(again.found_on, date(2026, 9, 22))

    def test_dismissed(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.find("2026-09-20")
        with self.assertRaises(UserError):
            self.dismiss(warning, "2026-09-20", text="  ")
        self.dismiss(warning, "2026-09-20")
        self.assertEqual(
            (warning.state, warning.dismissed_by_id, warning.dismissed_reason),
            ("dismissed", self.seller, "Agreed by phone."),
        )
        self.assertFalse(self.find("2026-09-21"))
        # better than he knew is no news, worse is
        self.plan("2026-10-04")
        self.assertFalse(self.find("2026-09-22"))
        self.plan("2026-10-06")
        again = self.find("2026-09-23")
        self.assertEqual(len(again), 1)
        self.assertNotEqual(again, warning)
        self.assertEqual((warning.state, bool(warning.gone_on)), ("dismissed", True))
        with self.assertRaises(UserError):
            self.dismiss(warning, "2026-09-23")

    def test_dismissed_returns_when_it_was_gone(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        self.dismiss(self.find("2026-09-20"), "2026-09-20")
        self.plan("2026-10-01")
        self.assertFalse(self.find("2026-09-21"))
        self.plan("2026-10-05")
        self.assertTrue(self.find("2026-09-22"))

    def test_one_activity(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.find("2026-09-20")
        activity = warning.activity_ids
        self.assertEqual(activity.user_id, self.owner)
        self.assertEqual(activity.date_deadline, date(2026, 9, 20))
        self.plan("2026-10-06")
        self.find("2026-09-21")
        self.assertEqual(warning.activity_ids, activity)
        activity.with_user(self.owner).action_feedback()
        self.plan("2026-10-07")
        self.find("2026-09-22")
        self.assertFalse(warning.activity_ids)
        # another owner hears of it once
        unguarded(self.order).contract_owner_id = self.supervisor
        self.find("2026-09-23")
        self.assertEqual(warning.activity_ids.user_id, self.supervisor)
        self.dismiss(warning, "2026-09-23")
        self.assertFalse(warning.activity_ids)

    def test_activity_goes_with_the_warning(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.find("2026-09-20")
        self.plan("2026-10-01")
        self.find("2026-09-21")
        self.assertFalse(warning.activity_ids)

    def test_a_frame_s_own_reminder_tells_of_its_end(self):
        self.warn("frame", days=30, percent=0)
        self.company.contract_frame_reminder_days = 30
        frame = self.new_frame(self.owner, date_end="2026-10-31")
        self.assertFalse(self.find("2026-10-01", frame).activity_ids)

    def test_handed_over(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.find("2026-09-20")
        with freeze_time("2026-09-21 02:00:00"):
            wizard = (
                self.env["contract.handover"]
                .with_user(self.business)
                .create(
                    {
                        "from_user_id": self.owner.id,
                        "to_user_id": self.outsider.id,
                        "reason": "Left",
                    }
                )
            )
            wizard.action_apply()
        self.env.invalidate_all()
        self.assertEqual(warning.user_id, self.outsider)
        self.assertEqual(warning.activity_ids.user_id, self.outsider)

    # ------------------------------------------------------------------
    # Daily run
    # ------------------------------------------------------------------

    def run_cron(self, day, hour="02:00:00"):
        with (
            freeze_time(f"{day} {hour}"),
            self.assertNoLogs("odoo.addons.base.models.ir_cron", "ERROR"),
            self.enter_registry_test_mode(),
        ):
            self.env.ref("contract_tracking.cron_find_warnings").method_direct_trigger()
        self.env.invalidate_all()
        return self.env["contract.warning"].search([("state", "=", "open")])

    def test_twice_is_once(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        frame = self.new_frame(self.owner, date_end="2026-09-30")
        self.warn("frame", days=30, percent=0)
        found = self.run_cron("2026-09-20")
        self.assertIn(self.order, found.order_id)
        self.assertIn(frame, found.frame_id)
        activities = found.activity_ids
        self.assertEqual(self.run_cron("2026-09-20"), found)
        self.assertEqual(self.run_cron("2026-09-21"), found)
        self.assertEqual(found.activity_ids, activities)

    def test_searched_once_a_day(self):
        self.warn("delivery")
        Facts = self.env["contract.facts"]
        self.env.flush_all()
        # the clock of the tests is behind that of the database
        self.cr.execute("UPDATE contract_warning_rule SET write_date = '2020-01-01'")
        with freeze_time("2026-09-20 02:00:00"):
            Facts._fold()
            self.assertIn(self.order.id, Facts._take_unwarned())
            Facts._set_warned(self.order.ids)
            self.assertNotIn(self.order.id, Facts._take_unwarned())
        with freeze_time("2026-09-20 16:30:00"):  # tomorrow in Shanghai
            self.assertIn(self.order.id, Facts._take_unwarned())
        with freeze_time("2026-09-20 03:00:00"):
            self.cr.execute(
                "UPDATE contract_warning_rule SET write_date = '2026-09-20 02:30'"
            )
            self.assertIn(self.order.id, Facts._take_unwarned())

    def test_an_ended_contract_loses_its_warnings(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.run_cron("2026-09-20").filtered(
            lambda w: w.order_id == self.order
        )
        unguarded(self.order).contract_state = "terminated"
        self.run_cron("2026-09-21")
        self.assertEqual(warning.state, "gone")

    # ------------------------------------------------------------------
    # Where it is shown
    # ------------------------------------------------------------------

    def test_on_the_contract(self):
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.find("2026-09-20")
        order = self.order.with_user(self.seller)
        self.assertEqual(order.contract_warning_count, 1)
        self.assertEqual(order.contract_warning_text, warning.text)
        Order = self.env["sale.order"].with_user(self.seller)
        found = Order.search(
            [("contract_warning_ids", "any", [("state", "=", "open")])]
        )
        self.assertEqual(found, order)
        action = order.action_view_contract_warnings()
        self.assertIn(("order_id", "=", order.id), action["domain"])
        self.dismiss(warning, "2026-09-20")
        self.env.invalidate_all()
        self.assertEqual(order.contract_warning_count, 0)
        self.assertFalse(order.contract_warning_text)

    def test_on_the_frame(self):
        self.warn("frame", days=30, percent=0)
        frame = self.new_frame(self.owner, date_end="2026-09-30")
        warning = self.find("2026-09-20", frame)
        mine = frame.with_user(self.owner)
        self.assertEqual((mine.warning_count, mine.warning_text), (1, warning.text))
        action = mine.action_view_warnings()
        self.assertIn(("frame_id", "=", frame.id), action["domain"])

    def test_on_the_tracking_record(self):
        """What stood on its day, for good."""
        self.warn("delivery")
        self.plan("2026-10-05")
        warning = self.find("2026-09-20")
        Record = self.env["contract.tracking.record"].with_user(self.owner)
        values = {"order_id": self.order.id, "user_id": self.owner.id}
        with freeze_time("2026-09-22 02:00:00"):
            record = Record.create({**values, "date": "2026-09-19"})
            self.assertFalse(record.early_warnings)
            titles = [b.get("title") for b in record._form_blocks()]
            self.assertNotIn("Early Warnings", titles)
            record.date = "2026-09-22"
            self.assertEqual(record.early_warnings, warning.text)
            titles = [b.get("title") for b in record._form_blocks()]
            self.assertIn("Early Warnings", titles)
            record.action_confirm()
        text = record.early_warnings
        self.dismiss(warning, "2026-09-23")
        with freeze_time("2026-09-24 02:00:00"):
            later = Record.create({**values, "date": "2026-09-24"})
        self.assertFalse(later.early_warnings)
        self.assertEqual(record.early_warnings, text)

    def test_every_kind_says_something(self):
        Warning_ = unguarded(self.env["contract.warning"])
        for kind in Warning_._fields["kind"].get_values(self.env):
            self.assertTrue(
                self.env.ref(f"contract_tracking.warning_rule_{kind}").kind, kind
            )
            warning = Warning_.create(
                {
                    "order_id": self.order.id,
                    "kind": kind,
                    "key": "a",
                    "found_on": "2026-09-20",
                }
            )
            self.assertTrue(warning.text)
            self.assertIn(self.order.contract_number, warning.display_name)


class TestWarningAccess(WarningCase):
    """Who follows the contract sees what threatens it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.warn("payment", days=30)
        with freeze_time("2026-09-02 02:00:00"):
            cls.warning = cls.env["contract.warning"]._find(cls.order)

    def test_who_reads(self):
        acting = ("seller", "owner", "supervisor", "head", "member", "business")
        for name in (*acting, "leader", "auditor", "director"):
            with self.subTest(user=name):
                warning = self.warning.with_user(getattr(self, name))
                self.assertTrue(warning.text)
                self.assertEqual(warning.can_dismiss, name in (*acting, "director"))
        for name in ("rival", "outsider", "stranger", "employee", "portal", "public"):
            with self.subTest(user=name), mute_logger(*RULES):
                warning = self.warning.with_user(getattr(self, name))
                with self.assertRaises(AccessError):
                    warning.read(["kind"])
                self.env.invalidate_all()

    def test_nobody_writes(self):
        for name in ("seller", "business", "manager"):
            user = getattr(self, name)
            warning = self.warning.with_user(user)
            for call in (
                lambda w=warning: w.write({"state": "gone"}),
                lambda w=warning: w.write({"amount": 1}),
                lambda w=warning: w.unlink(),
                lambda w=warning: w.create(
                    {
                        "order_id": self.order.id,
                        "kind": "bill",
                        "key": "a",
                        "found_on": "2026-09-02",
                    }
                ),
            ):
                with (
                    self.subTest(user=name),
                    mute_logger(*RULES),
                    self.assertRaises(UserError),
                ):
                    call()

    def test_who_dismisses(self):
        for name in ("leader", "auditor", "rival"):
            with (
                self.subTest(user=name),
                mute_logger(*RULES),
                self.assertRaises(UserError),
            ):
                self.dismiss(self.warning, "2026-09-02", getattr(self, name))
        self.dismiss(self.warning, "2026-09-02", self.business)
        self.assertEqual(self.warning.dismissed_by_id, self.business)

    def test_another_company(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        foreign = new_test_user(
            self.env,
            "ct_foreign",
            groups="contract_tracking.group_contract_business",
            company_id=elsewhere.id,
            company_ids=[Command.set(elsewhere.ids)],
        )
        Warning_ = self.env["contract.warning"].with_user(foreign)
        self.assertFalse(Warning_.search([]))
        Rule = self.env["contract.warning.rule"]
        own = Rule.create({"kind": "payment", "company_id": elsewhere.id})
        self.assertIn(own, Rule.with_user(foreign).search([]))
        self.assertNotIn(own, Rule.with_user(self.business).search([]))

    def test_who_makes_rules(self):
        Rule = self.env["contract.warning.rule"]
        rule = Rule.create({"kind": "bill", "company_id": self.company.id})
        rule.with_user(self.manager).days = 5
        for name in ("seller", "business", "leader"):
            with (
                self.subTest(user=name),
                mute_logger(*RULES),
                self.assertRaises(AccessError),
            ):
                rule.with_user(getattr(self, name)).days = 9


class TestWarningQueries(QueryCase):
    """As many queries for two contracts as for twenty-two."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contract.warning.rule"].search([]).action = "on"
        cls.owner = cls.new_user("ct_owner", "contract_tracking.group_contract_user")

    def cost(self, count):
        orders = self.env["sale.order"].union(
            *(
                self.new_contract(
                    "2026-09-01",
                    [(self.pump, 10)],
                    "template_30_70_delivery",
                    "2026-10-01",
                    team_id=self.team.id,
                    contract_owner_id=self.owner.id,
                )
                for _number in range(count)
            )
        )
        orders.picking_ids.move_ids.date = "2026-10-05 02:00:00"
        Warning_ = self.env["contract.warning"]
        result = []
        for day in ("2026-09-02", "2026-09-03"):
            with freeze_time(f"{day} 02:00:00"), self.counted() as cost:
                found = Warning_._find(orders)
            result.append(cost["queries"])
            # of each a late delivery, a missing deposit, a payment falling due
            self.assertEqual(len(found), 3 * count if day == "2026-09-02" else 0)
        orders.picking_ids.move_ids.date = "2026-09-20 02:00:00"
        with freeze_time("2026-09-04 02:00:00"), self.counted() as cost:
            Warning_._find(orders)
        result.append(cost["queries"])
        open_ones = [("order_id", "in", orders.ids), ("state", "=", "open")]
        self.assertEqual(Warning_.search_count(open_ones), 2 * count)
        return result

    def test_two_and_twenty_two(self):
        self.cost(2)
        self.assertEqual(self.cost(2), self.cost(22))
