from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command

from ..tools.words import amount_in_words, capital_amount
from .test_risk_shipment import RiskCase

PLAN = [
    Command.clear(),
    Command.create({"date": "2026-09-20", "amount": 400}),
    Command.create({"date": "2026-09-30", "amount": 600}),
]


class TestRiskFollowUp(RiskCase):
    def setUp(self):
        super().setUp()
        self.application = self.permission(repayment_ids=PLAN)
        self.ship(10)
        self.bill = self.invoice(self.order, "2026-09-12")
        office = self.env["contract.department"].create(
            {"name": "Business Office", "head_id": self.business.id}
        )
        self.company.contract_business_office_id = office

    def follow_up(self, day):
        progress = patch.object(
            self.env.registry["ir.cron"], "_commit_progress", return_value=1
        )
        with freeze_time(f"{day} 02:00:00"), progress:
            self.env.invalidate_all()
            self.env["contract.risk.shipment"]._cron_follow_up()
        self.env.invalidate_all()

    def asked(self):
        """``{who: until when}`` of the activities on the application."""
        return {a.user_id: str(a.date_deadline) for a in self.application.activity_ids}

    def deviations(self):
        return self.order.contract_deviation_ids.filtered(
            lambda d: d.kind == "risk_overdue"
        )

    def test_reminded_before_the_day(self):
        self.follow_up("2026-09-16")
        self.assertFalse(self.asked())
        self.follow_up("2026-09-17")
        self.assertEqual(self.asked(), {self.seller: "2026-09-20"})
        self.follow_up("2026-09-20")
        self.assertEqual(self.asked(), {self.seller: "2026-09-20"})
        self.assertFalse(self.deviations())

    def test_overdue(self):
        self.follow_up("2026-09-25")
        self.follow_up("2026-09-25")
        self.assertEqual(
            set(self.asked()), {self.seller, self.owner, self.head, self.business}
        )
        deviation = self.deviations()
        self.assertEqual(len(deviation), 1)
        self.assertEqual(deviation.impact_amount, 400)
        self.assertEqual(deviation.impact_days, 5)
        self.assertIn(self.application.name, deviation.summary)
        self.assertEqual(deviation.user_id, self.owner)
        self.pay(self.bill, "2026-09-26", 400)
        self.follow_up("2026-09-27")
        self.assertEqual(str(deviation.cured_on), "2026-09-26")
        self.assertEqual(self.asked(), {self.seller: "2026-09-30"})

    def test_closed_when_paid(self):
        self.pay(self.bill, "2026-09-18")
        self.follow_up("2026-09-19")
        self.assertEqual(self.application.state, "closed")
        self.assertEqual(str(self.application.closed_on), "2026-09-19")
        self.assertEqual(self.application.repaid_amount, 1000)
        self.assertFalse(self.asked())
        self.assertEqual(set(self.application.repayment_ids.mapped("status")), {"kept"})

    def test_expired_is_closed(self):
        other = self.new_role_contract()
        self.hold(other)
        application = self.permission(source=other, date_until="2026-09-15")
        self.follow_up("2026-09-15")
        self.assertEqual(application.state, "approved")
        self.follow_up("2026-09-16")
        self.assertEqual(application.state, "closed")
        self.assertEqual(application.repaid_amount, 0)

    def test_conditions_are_asked_for(self):
        other = self.new_role_contract()
        self.hold(other)
        application = self.permission(source=other, limits={"conditions": ["Letter"]})
        with freeze_time("2026-09-10 05:00:00"):
            self.env.invalidate_all()
            application._sync_activities()
            self.assertEqual(application.activity_ids.user_id, self.leader)
            application.condition_ids.with_user(self.head).action_tick()
            self.assertFalse(application.activity_ids)


class TestRiskPrint(RiskCase):
    def render(self, application, lang="en_US"):
        html, _type = (
            self.env["ir.actions.report"]
            .with_context(lang=lang)
            ._render_qweb_html(
                "contract_tracking.action_report_risk_shipment", application.ids
            )
        )
        return html.decode()

    def test_form(self):
        application = self.permission(
            limits={"amount": 600, "conditions": ["A letter of guarantee"]},
            security="Machine as pledge",
            measures="He may be late",
        )
        with freeze_time("2026-09-11 02:00:00"):
            page = self.render(application)
        for text in (
            "QR-XS-04", application.name, "Yangtze Pumps", "Pump", "1,000.00",
            "Trusted customer", "He always pays.", "Machine as pledge",
            "He may be late", "600.00", "A letter of guarantee", self.leader.name,
            self.seller.name, self.picking.name,
        ):  # fmt: skip
            self.assertIn(text, page)

    def test_draft(self):
        self.assertIn("Risk-Shipment Application", self.render(self.apply()))

    def test_capitals(self):
        for amount, text in (
            (0, "零元整"),
            (0.05, "伍分"),
            (0.5, "伍角整"),
            (10, "壹拾元整"),
            (100.05, "壹佰元零伍分"),
            (1005.3, "壹仟零伍元叁角整"),
            (20300, "贰万零叁佰元整"),
            (107000.53, "壹拾万柒仟元伍角叁分"),
            (10000001, "壹仟万零壹元整"),
            (1234567890.12, "壹拾贰亿叁仟肆佰伍拾陆万柒仟捌佰玖拾元壹角贰分"),
            (-5, "负伍元整"),
        ):
            self.assertEqual(capital_amount(amount), text)
        yuan = self.env.ref("base.CNY")
        env = self.env["res.users"].with_context(lang="zh_CN").env
        self.assertEqual(amount_in_words(env, 10, yuan), "人民币壹拾元整")
        self.assertNotIn("人民币", amount_in_words(self.env, 10, yuan) or "")
