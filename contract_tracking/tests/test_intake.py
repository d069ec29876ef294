from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .roles import RoleCase

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class IntakeCase(RoleCase):
    """The seller enters orders, the stranger and the member are the order desk; the
    employee works in production without any role of contracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Department = cls.env["contract.department"]
        cls.desk = Department.create(
            {
                "name": "Order Desk",
                "head_id": cls.stranger.id,
                "member_ids": [Command.set((cls.stranger + cls.seller).ids)],
            }
        )
        cls.production = Department.create(
            {"name": "Production", "member_ids": [Command.link(cls.employee.id)]}
        )
        cls.company.write(
            {
                "contract_intake_department_id": cls.desk.id,
                "contract_release_department_ids": [Command.set(cls.production.ids)],
            }
        )

    def new(self, **values):
        with freeze_time("2026-09-02 02:00:00"):
            return self.new_order(
                user_id=self.seller.id,
                team_id=self.team.id,
                contract_kind="order",
                commitment_date="2026-10-01 02:00:00",
                **values,
            ).with_user(self.seller)

    def check(self, order):
        action = order.action_contract_check_order()
        return self.env[action["res_model"]].browse(action["res_id"])

    def submitted(self, order=None):
        intake = self.check(order or self.new()).with_user(self.seller)
        file = (
            self.env["ir.attachment"]
            .with_user(self.seller)
            .create({"name": "po.pdf", "raw": b"order"})
        )
        intake.attachment_ids = [Command.link(file.id)]
        intake.action_submit()
        return intake

    def confirm(self, intake):
        intake.with_user(self.seller).write(
            {
                "confirmed_by": "Mr. Wang",
                "confirmed_on": "2026-09-02",
                "confirmed_how": "mail",
            }
        )

    def checked(self, order=None):
        intake = self.submitted(order)
        theirs = intake.with_user(self.stranger)
        theirs.action_all_right()
        theirs.action_approve()
        return intake

    def released(self):
        intake = self.checked()
        self.confirm(intake)
        intake.order_id.sudo().action_confirm()
        intake.with_user(self.stranger).action_release()
        return intake.sudo().release_ids


class TestIntake(IntakeCase):
    def test_loop(self):
        intake = self.submitted()
        order = intake.order_id
        self.assertEqual(intake.approver_ids, self.stranger)
        theirs = intake.with_user(self.stranger)
        goods = theirs.line_ids.filtered(lambda ln: ln.key.startswith("line"))
        self.assertIn("10", goods.order_text)
        self.assertIn("100.00", goods.order_text)
        with self.assertRaisesRegex(UserError, "Mark what is wrong"):
            theirs.action_return_wrong()
        # as the browser does it, through the form
        theirs.write(
            {
                "line_ids": [
                    Command.update(goods.id, {"result": "wrong", "note": "12 pumps"})
                ]
            }
        )
        theirs.action_all_right()
        with self.assertRaisesRegex(UserError, "this is wrong"):
            theirs.action_approve()
        theirs.action_return_wrong()
        self.assertEqual(intake.state, "draft")
        self.assertIn("12 pumps", intake.step_ids.comment)
        order.order_line.product_uom_qty = 12
        self.assertFalse(intake.holds)
        intake.action_submit()
        self.assertEqual(intake.approval_round, 2)
        self.assertFalse(goods.result)
        self.assertIn("12", goods.order_text)
        # what was right and didn't change stays right
        customer = intake.line_ids.filtered(lambda ln: ln.key == "customer")
        self.assertEqual(customer.result, "ok")
        with self.assertRaisesRegex(UserError, "Compare the rest"):
            theirs.action_approve()
        theirs.action_all_right()
        theirs.action_approve()
        self.assertEqual(intake.state, "done")
        self.assertTrue(intake.holds)
        self.assertEqual(self.check(order), intake)

    def test_changed_while_checked(self):
        intake = self.submitted()
        theirs = intake.with_user(self.stranger)
        theirs.action_all_right()
        intake.order_id.order_line.price_unit = 90
        with self.assertRaisesRegex(UserError, "changed meanwhile"):
            theirs.action_approve()
        theirs.action_refresh()
        with self.assertRaisesRegex(UserError, "Compare the rest"):
            theirs.action_approve()

    def test_changed_afterwards(self):
        intake = self.checked()
        order = intake.order_id
        order.commitment_date = "2026-10-09 02:00:00"
        intake.invalidate_recordset()
        self.assertFalse(intake.holds)
        self.assertEqual(intake.change_text, "Delivery date")
        again = self.check(order)
        self.assertEqual(again.previous_id, intake)
        self.assertEqual(
            again.line_ids.filtered(lambda ln: not ln.result).mapped("name"),
            ["Delivery date"],
        )

    @mute_logger(*RULES)
    def test_who(self):
        intake = self.submitted()
        for user in (self.seller, self.owner, self.rival, self.auditor):
            with self.assertRaises(UserError):
                intake.line_ids[:1].with_user(user).result = "ok"
            with self.assertRaises(UserError):
                intake.with_user(user).action_approve()
        with self.assertRaises(UserError):
            intake.line_ids[:1].with_user(self.stranger).order_text = "else"
        with self.assertRaises(UserError):
            intake.line_ids.with_user(self.stranger).sudo(False).unlink()
        with self.assertRaises(UserError):
            intake.note = "else"
        for user in (self.rival, self.employee, self.portal):
            self.assertFalse(intake.with_user(user).has_access("read"))

    def test_who_entered_it(self):
        """The desk's head entered the order: he doesn't check it."""
        order = self.new()
        self.env.cr.execute(
            "UPDATE sale_order SET create_uid = %s WHERE id = %s",
            (self.stranger.id, order.id),
        )
        order.invalidate_recordset()
        intake = self.submitted(order)
        self.assertNotIn(self.stranger, intake.approver_ids)
        self.assertTrue(intake.approver_ids)

    def test_bad_input(self):
        empty = self.env["sale.order"].create(
            {"partner_id": self.partner.id, "user_id": self.seller.id}
        )
        intake = self.check(empty.with_user(self.seller)).with_user(self.seller)
        with self.assertRaisesRegex(UserError, "no lines"):
            intake.action_submit()
        with self.assertRaisesRegex(UserError, "Attach the customer's order"):
            self.check(self.new()).with_user(self.seller).action_submit()
        with self.assertRaisesRegex(Exception, "to another contract"):
            self.add_documents(self.order)
            intake.document_id = self.document


class TestRelease(IntakeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_release_required = "order"

    def test_gate(self):
        order = self.new()
        order.sudo().action_confirm()
        self.assertTrue(order.contract_supply_held)
        self.assertIn("isn't released", order.contract_supply_text)
        self.assertEqual(order.contract_next_step, "check_order")
        self.assertFalse(order.sudo().picking_ids)
        intake = self.checked(order)
        self.confirm(intake)
        intake.with_user(self.stranger).action_release()
        self.assertFalse(order.contract_supply_held)
        self.assertTrue(order.sudo().picking_ids)
        # what was added is released again
        pumps = order.sudo().order_line
        pumps.with_context(skip_procurement=False).product_uom_qty = 11
        self.assertTrue(order.contract_supply_held)
        self.assertIn("changed after its release", order.contract_supply_text)

    def test_not_required(self):
        order = self.new()
        order.contract_kind = "contract"
        order.sudo().action_confirm()
        self.assertFalse(order.contract_supply_held)
        self.company.contract_release_required = "all"
        other = self.new()
        other.sudo().action_confirm()
        self.assertTrue(other.contract_supply_held)
        self.company.contract_release_required = "none"
        rule = self.env["contract.gate.rule"].search([("reason", "=", "unreleased")])
        self.assertEqual(rule.action, "off")
        other.action_contract_release_supply()
        self.assertFalse(other.contract_supply_held)

    def test_what_is_missing(self):
        intake = self.checked()
        theirs = intake.with_user(self.stranger)
        with self.assertRaisesRegex(UserError, "who confirmed"):
            theirs.action_release()
        self.confirm(intake)
        with self.assertRaisesRegex(UserError, "not in effect"):
            theirs.action_release()
        intake.order_id.sudo().action_confirm()
        with self.assertRaisesRegex(UserError, "order desk releases"):
            intake.with_user(self.owner).sudo(False).with_user(
                self.business
            ).action_release()
        intake.order_id.sudo().order_line.price_unit = 99
        intake.invalidate_recordset()
        with self.assertRaisesRegex(UserError, "changed since"):
            theirs.action_release()

    @mute_logger(*RULES)
    def test_told(self):
        release = self.released()
        self.assertEqual(release.reader_ids, self.employee)
        self.assertEqual(release.activity_ids.user_id, self.employee)
        theirs = release.with_user(self.employee)
        shown = theirs.read()[0]
        self.assertIn("Pump", shown["goods_text"])
        self.assertNotIn("100", shown["goods_text"])
        self.assertNotIn("content", shown)
        with self.assertRaises(AccessError):
            theirs.read(["content"])
        self.assertFalse(release.intake_id.with_user(self.employee).has_access("read"))
        self.assertFalse(release.order_id.with_user(self.employee).has_access("read"))
        with self.assertRaises(AccessError):
            release.intake_id.line_ids.with_user(self.employee).read(["order_text"])
        self.ask(theirs, "question", "Which motor?")
        self.assertEqual(release.activity_ids.user_id, self.stranger)
        self.assertIn("Which motor?", release.activity_ids.summary)
        with self.assertRaisesRegex(UserError, "replies"):
            release.with_user(self.seller)._reply("No idea")
        self.ask(release.with_user(self.stranger), "reply", "The small one.")
        self.assertEqual(release.activity_ids.user_id, self.employee)
        self.assertIn("The small one.", theirs.question_text)
        theirs.action_acknowledge()
        self.assertFalse(release.waiting_count)
        self.assertFalse(release.activity_ids)
        with self.assertRaises(UserError):
            release.sudo().goods_text = "else"

    def ask(self, document, step, words):
        action = document._open_reason(step)
        self.env["contract.reason"].with_user(document.env.user).with_context(
            **action["context"]
        ).create({"reason": words}).action_apply()

    def test_withdrawn(self):
        release = self.released()
        with self.assertRaisesRegex(UserError, "order desk withdraws"):
            release.with_user(self.business)._void("Wrong")
        release.with_user(self.stranger)._void("Wrong")
        self.assertEqual(release.state, "void")
        self.assertFalse(release.activity_ids)
        # and may be released again
        release.intake_id.with_user(self.stranger).action_release()

    def test_confirmation_stays(self):
        intake = self.released().intake_id
        with self.assertRaisesRegex(UserError, "it stays"):
            intake.with_user(self.seller).confirmed_by = "Else"

    def test_printed(self):
        release = self.released()
        for document in (release, release.intake_id):
            self.assertTrue(document._form_pages())
