from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .roles import RoleCase

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class BriefingCase(RoleCase):
    """Production (an employee without any role) is told of goods and dates, finance of
    payment with prices, logistics of goods by a salesperson of other contracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.departments = {
            name: cls.env["contract.department"].create(
                {"name": name, "head_id": user.id}
            )
            for name, user in (
                ("Production", cls.employee),
                ("Finance", cls.finance),
                ("Logistics", cls.rival),
            )
        }
        cls.template_id = cls.env["contract.briefing.template"].create(
            {
                "name": "Pumps",
                "line_ids": [
                    Command.create(
                        {
                            "department_id": cls.departments[name].id,
                            "days": 3,
                            "show_payment": payment,
                            "with_prices": payment,
                        }
                    )
                    for name, payment in (
                        ("Production", False),
                        ("Finance", True),
                        ("Logistics", False),
                    )
                ],
            }
        )

    def brief(self, order=None, send=True):
        order = order or self.order
        action = order.with_user(self.seller).action_contract_brief()
        briefing = self.env["contract.briefing"].browse(action["res_id"])
        if send:
            briefing.with_user(self.seller).action_send()
        return briefing

    def part(self, briefing, name):
        return briefing.part_ids.filtered(
            lambda part: part.department_id == self.departments[name]
        )

    def step(self, document, step, words):
        action = document._open_reason(step)
        self.env["contract.reason"].with_user(document.env.user).with_context(
            **action["context"]
        ).create({"reason": words}).action_apply()


class TestBriefing(BriefingCase):
    @mute_logger(*RULES)
    def test_each_reads_his_part(self):
        briefing = self.brief()
        mine = self.part(briefing, "Production").with_user(self.employee)
        shown = mine.read()[0]
        self.assertNotIn("price_text", shown)
        self.assertIn("Pump: 10", shown["goods_text"])
        self.assertIn("Pump", shown["dates_text"])
        self.assertFalse(shown["payment_text"])
        for value in shown.values():
            if isinstance(value, str):
                self.assertNotIn("1,000", value)
                self.assertNotIn("100.00", value)
        for user, name in ((self.employee, "Production"), (self.rival, "Logistics")):
            parts = self.env["contract.briefing.part"].with_user(user)
            self.assertEqual(parts.search([]), self.part(briefing, name))
            others = briefing.part_ids - self.part(briefing, name)
            for other in others:
                with self.assertRaises(AccessError):
                    other.with_user(user).read(["goods_text"])
            self.assertFalse(briefing.with_user(user).has_access("read"))
            self.assertFalse(self.order.with_user(user).has_access("read"))
        with self.assertRaises(AccessError):
            mine.read(["price_text"])
        with self.assertRaises(AccessError):
            mine.search([("price_text", "ilike", "100")])
        self.assertFalse(self.part(briefing, "Logistics").price_text)
        theirs = self.part(briefing, "Finance").with_user(self.finance)
        self.assertIn("100.00", theirs.price_text)
        self.assertIn("300.00", theirs.price_text)
        self.assertNotIn("300", theirs.payment_text)
        self.assertIn("Production", theirs.payment_text.title())

    def test_acknowledged_and_asked(self):
        briefing = self.brief()
        part = self.part(briefing, "Production")
        self.assertEqual(briefing.waiting_count, 3)
        mine = part.with_user(self.employee)
        self.assertEqual(part.activity_ids.user_id, self.employee)
        self.step(mine, "question", "Which colour?")
        self.assertEqual(briefing.question_count, 1)
        self.assertEqual(part.activity_ids.user_id, self.owner)
        with self.assertRaises(UserError):
            part.with_user(self.rival)._reply("Blue")
        self.step(part.with_user(self.owner), "reply", "Blue")
        self.assertEqual(part.activity_ids.user_id, self.employee)
        self.assertIn("Blue", mine.question_text)
        mine.action_acknowledge()
        self.assertEqual(briefing.waiting_count, 2)
        with self.assertRaisesRegex(UserError, "not asked"):
            mine.action_acknowledge()
        with self.assertRaisesRegex(UserError, "not asked"):
            part.with_user(self.owner)._question("And I?")

    def test_frozen(self):
        briefing = self.brief()
        part = self.part(briefing, "Production")
        text = part.goods_text
        self.order.order_line.product_uom_qty = 12
        self.assertEqual(part.goods_text, text)
        for change in (
            lambda: briefing.with_user(self.seller).write({"note": "Else"}),
            lambda: part.with_user(self.seller).write({"note": "Else"}),
            lambda: part.with_user(self.seller).write({"with_prices": True}),
            lambda: part.sudo().write({"goods_text": "Else"}),
            lambda: part.sudo().write({"reader_ids": [Command.link(self.rival.id)]}),
            lambda: part.with_user(self.seller).unlink(),
            lambda: briefing.with_user(self.seller).unlink(),
        ):
            with self.assertRaises(UserError):
                change()
        copy = briefing.with_user(self.seller)._void("Wrong template")
        self.assertEqual(copy.replaces_id, briefing)
        self.assertEqual(len(copy.part_ids), 3)
        self.assertFalse(part.activity_ids)

    def test_bad_input(self):
        self.departments["Logistics"].head_id = False
        briefing = self.brief(send=False).with_user(self.seller)
        with self.assertRaisesRegex(UserError, "Nobody belongs to Logistics"):
            briefing.action_send()
        briefing.part_ids.unlink()
        with self.assertRaisesRegex(UserError, "Say who is briefed"):
            briefing.action_send()
        self.company.contract_effective_rule = "signature"
        waiting = self.new_role_contract()
        with self.assertRaisesRegex(UserError, "not in effect"):
            self.brief(waiting)

    @mute_logger(*RULES)
    def test_who_sends(self):
        briefing = self.brief(send=False)
        for user in (self.auditor, self.leader, self.rival, self.employee):
            with self.assertRaises(UserError):
                briefing.with_user(user).action_send()
            with self.assertRaises(UserError):
                self.order.with_user(user).action_contract_brief()

    def test_printed(self):
        briefing = self.brief()
        self.assertTrue(briefing._form_pages())
        part = self.part(briefing, "Finance")
        text = str(part.with_user(self.finance)._form_blocks())
        self.assertIn("300.00", text)
        mine = self.part(briefing, "Production").with_user(self.employee)
        self.assertNotIn("100.00", str(mine._form_blocks()))
        self.assertTrue(mine._form_pages())


class TestSwitchedOff(BriefingCase):
    def test_nothing_is_shown(self):
        """What a company doesn't use stays out of sight: signing, order entry,
        briefing."""
        names = ("signing", "intake", "briefing")
        buttons = {
            "action_contract_originals", "action_contract_intakes",
            "action_contract_briefings",
        }  # fmt: skip

        def shown():
            self.env.registry.clear_cache("templates", "groups")
            order = self.env["sale.order"].with_user(self.seller)
            arch = order.get_views([(False, "form")])["views"]["form"]["arch"]
            menus = self.env["ir.ui.menu"].with_user(self.seller)._visible_menu_ids()
            before = self.env.ref("contract_tracking.contract_menu_before")
            return {name for name in buttons if name in arch}, before.id in menus

        self.assertEqual(shown(), (set(), False))
        self.env.ref("base.group_user").implied_ids |= self.env["res.groups"].union(
            *(self.env.ref(f"contract_tracking.group_contract_{n}") for n in names)
        )
        self.assertEqual(shown(), (buttons, True))


class TestTakingEffect(BriefingCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_briefing_mode = "effect"

    def test_by_itself(self):
        order = self.new_role_contract()
        briefing = order.contract_briefing_ids
        self.assertEqual(briefing.state, "sent")
        self.assertEqual(briefing.user_id, self.owner)
        part = self.part(briefing, "Production")
        self.assertIn("Pump: 10", part.goods_text)
        self.assertTrue(part.dates_text)

    def test_never_fails(self):
        self.departments["Logistics"].head_id = False
        order = self.new_role_contract()
        self.assertEqual(order.contract_state, "active")
        briefing = order.contract_briefing_ids
        self.assertEqual(briefing.state, "draft")
        self.assertIn("Nobody belongs", briefing.message_ids[0].body)
        self.assertFalse(briefing.part_ids.acknowledgement_ids)
        self.template_id.active = False
        self.assertEqual(self.new_role_contract().contract_state, "active")

    def test_frame(self):
        frame = self.new_frame(owner=self.seller)
        briefing = frame.contract_briefing_ids
        self.assertEqual(briefing.state, "sent")
        self.assertIn("Pump: 100", self.part(briefing, "Production").goods_text)

    def test_off(self):
        self.company.contract_briefing_mode = "hand"
        order = self.new_role_contract()
        self.assertFalse(order.contract_briefing_ids)
        self.assertNotEqual(order.with_user(self.owner).contract_next_step, "brief")

    def test_proposed(self):
        self.company.contract_briefing_mode = "propose"
        with freeze_time("2026-09-02 02:00:00"):
            order = self.new_role_contract()
            self.assertFalse(order.contract_briefing_ids)
            mine = order.with_user(self.owner)
            steps = [step for _urgency, step in mine._contract_next_steps(True)]
            self.assertIn("brief", steps)
            self.brief(order)
            steps = [step for _urgency, step in mine._contract_next_steps(True)]
            self.assertNotIn("brief", steps)
        # what was re-agreed is told as well
        with freeze_time("2026-09-20 02:00:00"):
            change = self.env["contract.reagreement"].create(
                {
                    "order_id": order.id,
                    "line_ids": [
                        Command.create(
                            {
                                "action": "change",
                                "term_id": order.contract_term_ids.filtered(
                                    "line_id"
                                ).id,
                                "date_fixed": "2026-10-20",
                            }
                        )
                    ],
                }
            )
            unguarded(change).write(
                {"state": "done", "applied_on": "2026-09-20 02:00:00"}
            )
            steps = [step for _urgency, step in mine._contract_next_steps(True)]
            self.assertIn("brief", steps)
            briefing = self.brief(order)
            self.assertEqual(briefing.reagreement_id, change)
            self.assertIn("Pump", self.part(briefing, "Production").change_text)
            steps = [step for _urgency, step in mine._contract_next_steps(True)]
            self.assertNotIn("brief", steps)
