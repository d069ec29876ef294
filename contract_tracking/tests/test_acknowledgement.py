from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .roles import RoleCase

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class TestCirculation(RoleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_documents(cls.order)

    def circulate(self, *users, **values):
        self.env["contract.circulation"].with_user(self.seller).create(
            {
                "document_id": self.document.id,
                "user_ids": [Command.set([user.id for user in users])],
                **values,
            }
        ).action_circulate()

    def row(self, user):
        return self.document.acknowledgement_ids.filtered(lambda r: r.user_id == user)

    def remind(self):
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1
        ):
            self.env["contract.acknowledgement"]._cron_remind()

    def activities(self, user):
        return self.document.activity_ids.filtered(lambda a: a.user_id == user)

    def test_read(self):
        with freeze_time("2026-09-02 02:00:00"):
            self.circulate(self.owner, self.auditor, date_deadline="2026-09-05")
        self.assertEqual(len(self.document.acknowledgement_ids), 2)
        self.assertEqual(str(self.activities(self.owner).date_deadline), "2026-09-05")
        paper = self.document.with_user(self.owner)
        self.assertTrue(paper.can_acknowledge)
        self.assertFalse(self.document.with_user(self.seller).can_acknowledge)
        with freeze_time("2026-09-03 02:00:00"):
            paper.action_acknowledge()
        row = self.row(self.owner)
        self.assertEqual(row.state, "acknowledged")
        self.assertEqual(str(row.acknowledged_on), "2026-09-03 02:00:00")
        self.assertFalse(self.activities(self.owner))
        self.assertTrue(self.activities(self.auditor))
        with self.assertRaisesRegex(UserError, "not asked"):
            paper.action_acknowledge()
        with self.assertRaisesRegex(UserError, "not asked"):
            self.document.with_user(self.seller).action_acknowledge()

    def test_department_and_twice(self):
        department = self.env["contract.department"].create(
            {
                "name": "Logistics",
                "head_id": self.head.id,
                "member_ids": [Command.set((self.member + self.owner).ids)],
            }
        )
        self.circulate(self.owner, department_ids=[Command.set(department.ids)])
        self.assertEqual(
            self.document.acknowledgement_ids.user_id,
            self.owner + self.head + self.member,
        )
        self.assertEqual(self.row(self.member).department_name, "Logistics")
        with self.assertRaisesRegex(UserError, "not asked already"):
            self.circulate(self.owner)
        with self.assertRaisesRegex(UserError, "not asked already"):
            self.circulate()

    def test_who_cannot_read_is_not_asked(self):
        for user in (self.outsider, self.employee, self.portal):
            with self.assertRaisesRegex(UserError, "can't read"):
                self.circulate(user)
        other = self.env["res.company"].create({"name": "Other"})
        foreigner = self.new_user(
            "ct_foreign",
            "contract_tracking.group_contract_business",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        with self.assertRaisesRegex(UserError, "can't read"):
            self.circulate(foreigner)
        self.assertFalse(self.document.acknowledgement_ids)

    def test_asker_of_two_companies(self):
        """Whoever has more companies ticked than the reader can ask him."""
        other = self.env["res.company"].create({"name": "Other"})
        self.seller.company_ids |= other
        companies = (self.company + other).ids
        self.env["contract.circulation"].with_user(self.seller).with_context(
            allowed_company_ids=companies
        ).create(
            {
                "document_id": self.document.id,
                "user_ids": [Command.set(self.owner.ids)],
            }
        ).action_circulate()
        self.assertEqual(self.row(self.owner).state, "waiting")

    def test_what_was_read_stays_with_its_quotation(self):
        order = self.new_order(user_id=self.seller.id, team_id=self.team.id)
        paper = self.document.copy({"order_id": order.id, "frame_id": False})
        self.document = paper
        self.circulate(self.seller)
        paper.with_user(self.seller).action_acknowledge()
        with (
            mute_logger("odoo.sql_db"),
            self.assertRaises(IntegrityError),
            self.env.cr.savepoint(),
        ):
            order.unlink()
            self.env.flush_all()
        self.assertTrue(self.row(self.seller).exists())

    def test_day_gone(self):
        with self.assertRaisesRegex(UserError, "still to come"):
            self.circulate(self.owner, date_deadline="2020-01-01")

    @mute_logger(*RULES)
    def test_who_may_ask(self):
        for user in (self.auditor, self.outsider):
            with self.assertRaises(AccessError):
                self.document.with_user(user)._ask_readers(self.owner)

    def test_answer(self):
        self.circulate(self.owner, answer_required=True)
        paper = self.document.with_user(self.owner)
        action = paper.action_acknowledge()
        self.assertEqual(action["res_model"], "contract.reason")
        self.assertEqual(self.row(self.owner).state, "waiting")
        self.env["contract.reason"].with_user(self.owner).with_context(
            **action["context"]
        ).create({"reason": "We can do it."}).action_apply()
        self.assertEqual(self.row(self.owner).answer, "We can do it.")

    @mute_logger(*RULES)
    def test_evidence(self):
        self.circulate(self.owner)
        row = self.row(self.owner)
        for user in (self.owner, self.manager):
            with self.assertRaises(UserError):
                row.with_user(user).write({"state": "acknowledged"})
            with self.assertRaises(UserError):
                row.with_user(user).unlink()
            with self.assertRaises(UserError):
                row.with_user(user).copy()
        with self.assertRaises(UserError):
            row.sudo().write({"state": "acknowledged"})
        with self.assertRaises(UserError):
            self.document.sudo().write(
                {
                    "acknowledgement_ids": [
                        Command.update(row.id, {"state": "acknowledged"})
                    ]
                }
            )
        self.document.with_user(self.owner).action_acknowledge()
        with self.assertRaisesRegex(UserError, "evidence"):
            row.sudo().unlink()
        for change in (
            lambda: self.document.sudo().write({"date": "2026-01-01"}),
            lambda: self.document.attachment_ids.sudo().write({"raw": b"else"}),
            lambda: self.document.sudo().unlink(),
        ):
            with self.assertRaises(UserError):
                change()

    def test_reminded_once_in_his_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.owner.lang = "zh_CN"
        with freeze_time("2026-09-02 02:00:00"):
            self.circulate(self.owner, date_deadline="2026-09-05")
        with freeze_time("2026-09-05 10:00:00"):
            self.remind()
        self.assertFalse(self.row(self.owner).reminded_on)
        with freeze_time("2026-09-05 17:00:00"):  # the 6th in Shanghai
            self.remind()
        self.assertEqual(str(self.row(self.owner).reminded_on), "2026-09-06")
        reminder = self.activities(self.owner)
        self.assertEqual(len(reminder), 1)
        with freeze_time("2026-09-07 02:00:00"):
            self.remind()
        self.assertEqual(self.activities(self.owner), reminder)
