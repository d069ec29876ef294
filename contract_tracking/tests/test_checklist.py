import importlib.util
from pathlib import Path

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .roles import RoleCase

MIGRATIONS = Path(__file__).parent.parent / "migrations"
RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class TestPapers(RoleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.signed = cls.env.ref("contract_tracking.document_type_signed")
        cls.fax = cls.env.ref("contract_tracking.document_type_call_off")
        cls.letter = cls.env.ref("contract_tracking.document_type_letter")
        cls.question = cls.env.ref("contract_tracking.checklist_papers_contract_line")

    def file(self, order, kind):
        return self.env["contract.document"].create(
            {
                "name": kind.name,
                "order_id": order.id,
                "type_id": kind.id,
                "attachment_ids": [Command.create({"name": "scan", "raw": b"x"})],
            }
        )

    def is_complete(self, order):
        order.invalidate_recordset()
        Order = self.env["sale.order"]
        found = Order.search(
            [("id", "=", order.id), ("contract_papers_complete", "=", True)]
        )
        missing = Order.search(
            [("id", "=", order.id), ("contract_papers_complete", "=", False)]
        )
        self.assertEqual(found | missing, order)
        self.assertEqual(bool(found), order.contract_papers_complete)
        self.assertEqual(bool(missing), bool(order.contract_papers_missing))
        return order.contract_papers_complete

    def exempt(self, user, order=None, **values):
        return (
            self.env["contract.checklist.line"]
            .with_user(user)
            .create(
                {
                    "res_model": "sale.order",
                    "res_id": (order or self.order).id,
                    "template_line_id": self.question.id,
                    "answer": "na",
                    "note": "Signed on the platform",
                    **values,
                }
            )
        )

    def test_contract_needs_its_signed_copy(self):
        self.assertFalse(self.is_complete(self.order))
        self.assertEqual(self.order.contract_papers_missing, "Signed contract")
        self.file(self.order, self.fax)
        self.assertFalse(self.is_complete(self.order))
        self.file(self.order, self.signed)
        self.assertTrue(self.is_complete(self.order))
        self.assertEqual(self.order.contract_papers_filed, "Signed contract")

    def test_call_off_needs_its_fax(self):
        order = self.new_role_contract(contract_kind="call_off")
        self.assertFalse(self.is_complete(order))
        self.file(order, self.fax)
        self.assertTrue(self.is_complete(order))

    def test_order_needs_one_of_two(self):
        order = self.new_role_contract(contract_kind="order")
        self.assertFalse(self.is_complete(order))
        self.file(order, self.env.ref("contract_tracking.document_type_order"))
        self.assertTrue(self.is_complete(order))

    def test_template_of_the_company_goes_first(self):
        template = self.env["contract.checklist.template"].create(
            {
                "name": "Ours",
                "purpose": "papers",
                "company_id": self.company.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Letter",
                            "computed": "paper",
                            "type_ids": [Command.link(self.letter.id)],
                        }
                    )
                ],
            }
        )
        self.file(self.order, self.letter)
        self.assertTrue(self.is_complete(self.order))
        self.assertEqual(self.order._checklist_questions(), template.line_ids)
        template.company_id = self.env["res.company"].create({"name": "Other"})
        self.assertFalse(self.is_complete(self.order))
        template.active = False

    def test_not_applicable(self):
        line = self.exempt(self.owner)  # reads the order only, but files papers
        self.assertTrue(self.is_complete(self.order))
        self.assertEqual((line.name, line.user_id), ("Signed contract", self.owner))
        self.assertEqual(line.result, "na")
        self.assertEqual(line.order_id, self.order)
        line.with_user(self.owner).unlink()
        self.assertFalse(self.is_complete(self.order))
        with (
            self.assertRaisesRegex(ValidationError, "Say in the note"),
            self.env.cr.savepoint(),
        ):
            self.exempt(self.owner, note=" ")
        with (
            self.assertRaisesRegex(ValidationError, "answered by the system"),
            self.env.cr.savepoint(),
        ):
            self.exempt(self.owner, answer="yes")
        other = self.env.ref("contract_tracking.checklist_papers_frame_line")
        with self.assertRaisesRegex(UserError, "doesn't ask"):
            self.exempt(self.owner, template_line_id=other.id)
        with self.assertRaisesRegex(UserError, "come from the template"):
            self.exempt(self.owner, user_id=self.business.id)
        subject = {
            "res_model": "sale.order",
            "res_id": self.order.id,
            "template_line_id": self.question.id,
        }
        line = (
            self.env["contract.checklist.line"]
            .with_user(self.owner)
            .with_context(
                default_answer="na",
                default_note="No need",
                default_user_id=self.business.id,
            )
            .create({**subject})
        )
        self.assertFalse(line.user_id, "a default signs for nobody")
        self.assertFalse(line.answer)
        line.with_user(self.owner).unlink()
        with self.assertRaisesRegex(UserError, "with a checklist"):
            self.exempt(self.owner, res_model="res.partner")

    def test_frame_needs_its_paper(self):
        frame = self.new_frame(self.owner, team_id=self.team.id)
        self.assertEqual(frame.contract_papers_missing, "Signed frame agreement")
        question = self.env.ref("contract_tracking.checklist_papers_frame_line")
        window = frame.with_user(self.owner).action_contract_not_applicable()
        self.assertEqual(window["context"]["checklist_question_ids"], question.ids)
        values = {
            "res_model": "contract.frame",
            "res_id": frame.id,
            "template_line_id": question.id,
        }
        self.exempt(self.owner, **values)
        self.assertTrue(frame.contract_papers_complete)
        self.assertTrue(frame.checklist_complete)
        missing = frame._contract_missing_sql()
        self.assertNotIn(frame.id, [row[0] for row in self.env.execute_query(missing)])
        other = self.new_frame(self.owner, team_id=self.team.id)
        with mute_logger(*RULES), self.assertRaises(AccessError):
            self.exempt(self.rival, **{**values, "res_id": other.id})

    def test_score_of_what_the_system_answers(self):
        self.assertEqual(self.order.checklist_score, 0)
        self.assertTrue(self.order.checklist_complete, "the system answers: no")
        self.file(self.order, self.signed)
        self.order.invalidate_recordset()
        self.assertEqual(self.order.checklist_score, 100)

    @mute_logger(*RULES)
    def test_not_applicable_by_others(self):
        for user in (self.outsider, self.rival, self.auditor, self.portal):
            with self.assertRaises(AccessError):
                self.exempt(user)
        line = self.exempt(self.owner)
        for user in (self.outsider, self.auditor):
            with self.assertRaises(AccessError):
                line.with_user(user).note = "else"
        self.assertEqual(line.with_user(self.auditor).note, "Signed on the platform")
        with self.assertRaisesRegex(UserError, "come from the template"):
            line.sudo().res_id = self.new_role_contract().id

    def test_frozen(self):
        line = self.exempt(self.owner)
        self.order._contract_set_state("terminated")
        for change in (
            lambda: line.with_user(self.owner).write({"note": "else"}),
            lambda: line.with_user(self.owner).unlink(),
            lambda: line.sudo().write({"note": "else"}),
        ):
            with self.assertRaisesRegex(UserError, "closed"):
                change()

    def test_nothing_is_stored_by_confirming(self):
        self.assertFalse(self.order.checklist_line_ids)

    def test_queries(self):
        orders = self.env["sale.order"].union(
            *(self.new_role_contract() for _n in range(22))
        )
        costs = []
        for some in (orders[:2], orders):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("contract_papers_missing")
            some.mapped("contract_papers_complete")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[0], costs[1])

    def migration(self, name):
        path = MIGRATIONS / name
        spec = importlib.util.spec_from_file_location("migration", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        return module

    def test_answers_of_before_keep_their_question(self):
        line = self.exempt(self.owner)
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE contract_checklist_line
                  SET answer_kind = NULL, computed = NULL, purpose = NULL,
                      required = NULL
                WHERE id = %s""",
            [line.id],
        )
        self.migration("19.0.1.5.0/post-checklist.py").migrate(
            self.env.cr, "19.0.1.4.0"
        )
        self.env.invalidate_all()
        self.assertEqual(
            (line.answer_kind, line.computed, line.purpose),
            ("paper", "paper", "papers"),
        )
        self.assertTrue(line.required)
        self.assertFalse(line.is_given)

    def test_archived_paper_isnt_needed(self):
        self.question.active = False
        self.assertTrue(self.is_complete(self.order))
        self.assertFalse(self.order._checklist_questions())

    def test_migration(self):
        module = self.migration("19.0.1.3.0/post-papers.py")
        own = self.env["contract.document.type"].create({"name": "Sealed scan"})
        self.env.cr.execute(
            "ALTER TABLE contract_document_type ADD is_signed_contract bool"
        )
        self.env.cr.execute(
            "UPDATE contract_document_type SET is_signed_contract = id IN %s",
            [(self.signed.id, own.id)],
        )
        module.migrate(self.env.cr, "19.0.1.2.0")
        self.env.invalidate_all()
        self.assertEqual(self.question.type_ids, self.signed + own)
        line = self.env.ref("contract_tracking.checklist_papers_order_line")
        self.assertEqual(len(line.type_ids), 3)
        self.file(self.order, own)
        self.assertTrue(self.is_complete(self.order))
