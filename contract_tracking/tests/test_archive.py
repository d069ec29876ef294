import io
import zipfile

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, HttpCase
from odoo.tools import mute_logger

from ..models.archive.contract_archive_files import OF_PART
from ..tools.guard import guarded, unguarded
from .roles import RoleCase

RULES = (
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
    "odoo.http",
)


class ArchiveCase(RoleCase):
    """A contract that is delivered, signed for, invoiced and completed; the contract
    department keeps its files: the member leads it, the keeper belongs to it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.ref("base.group_user").implied_ids |= cls.env.ref(
            "contract_tracking.group_contract_archive"
        )
        cls.keeper = cls.new_user("ct_keeper", "contract_tracking.group_contract_user")
        cls.keep = cls.env["contract.department"].create(
            {
                "name": "Contract Department",
                "head_id": cls.member.id,
                "member_ids": [Command.link(cls.keeper.id)],
            }
        )
        cls.company.write(
            {
                "contract_archive_days": 10,
                "contract_archive_department_id": cls.keep.id,
            }
        )
        cls.done = cls.completed()

    @classmethod
    def completed(cls):
        """Papers filed, goods delivered and signed for, invoiced, completed."""
        order = cls.new_role_contract(template=None)
        cls.paper = cls.file(order)
        picking = cls.deliver(order, "2026-09-20")
        picking.write(
            {
                "contract_receipt_date": "2026-09-21",
                "contract_receipt_attachment_ids": [
                    Command.create({"name": "receipt.pdf", "raw": b"receipt"})
                ],
            }
        )
        cls.invoice(order, "2026-09-22")
        with freeze_time("2026-10-10 02:00:00"):
            order.with_user(cls.business).action_contract_complete()
        return order

    @classmethod
    def file(cls, order, kind="signed", name="contract.pdf", user=None):
        Document = cls.env["contract.document"]
        return Document.with_user(user or cls.env.user).create(
            {
                "name": "Signed contract",
                "order_id": order.id,
                "type_id": cls.env.ref(f"contract_tracking.document_type_{kind}").id,
                "date": "2026-09-01",
                "attachment_ids": [Command.create({"name": name, "raw": b"signed"})],
            }
        )

    @property
    def archive(self):
        return self.done.sudo().contract_archive_ids

    def keep_files(self, archive=None):
        archive = archive or self.archive
        with freeze_time("2026-10-12 02:00:00"):
            archive.with_user(self.owner).action_submit()
            archive.with_user(self.keeper).action_accept()
        return archive

    def date_files(self, files, day):
        """The database dates rows by its own clock."""
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = %s WHERE id IN %s",
            [day, tuple(files.ids)],
        )
        files.invalidate_recordset(["create_date"])

    def lend(self, archive, borrower=None, **values):
        loan = (
            self.env["contract.archive.loan"]
            .with_user(borrower or self.seller)
            .create(
                {
                    "archive_id": archive.id,
                    "what": "originals",
                    "purpose": "Claim",
                    "date_due": "2026-10-20",
                    **values,
                }
            )
        )
        return loan

    def lent(self, archive, borrower=None, **values):
        with freeze_time("2026-10-12 02:00:00"):
            loan = self.lend(archive, borrower, **values)
            loan.with_user(self.keeper).action_hand_out()
        return loan


class TestArchive(ArchiveCase):
    def test_asked_when_over(self):
        archive = self.archive
        self.assertEqual(archive.state, "draft")
        self.assertEqual(str(archive.ended_on), "2026-10-10")
        self.assertEqual(str(archive.date_due), "2026-10-20")
        self.assertEqual(archive.user_id, self.owner)
        self.assertEqual(archive.activity_ids.user_id, self.owner)
        self.assertEqual(self.done.with_user(self.owner).contract_next_step, "archive")
        with freeze_time("2026-10-21 02:00:00"):
            archive.invalidate_recordset(["is_late"])
            self.assertTrue(archive.is_late)
            self.assertIn(archive, archive.search([("is_late", "=", True)]))

    def test_cancelled_by_mistake(self):
        """Confirmed again nobody is asked for its files, and their years count from
        its real end; what somebody answered waits until then."""
        order = self.new_role_contract(template=None)
        touched = self.new_role_contract(template=None)
        with freeze_time("2026-09-10 02:00:00"):
            (order | touched)._action_cancel()
        line = touched.contract_archive_ids.checklist_line_ids.filtered(
            lambda ln: ln.computed == "archive_receipts"
        )
        line.with_user(self.head).write({"answer": "na", "note": "Never delivered"})
        with freeze_time("2026-09-11 02:00:00"):
            (order | touched).action_draft()
            self.assertFalse(order.contract_archive_ids)
            archive = touched.contract_archive_ids
            self.assertTrue(archive)
            self.assertFalse(archive.activity_ids)
            (order | touched).action_confirm()
            with self.assertRaisesRegex(UserError, "when it is over"):
                archive.with_user(self.owner).action_submit()
        with freeze_time("2026-09-12 02:00:00"):
            touched._action_cancel()
            self.assertEqual(str(archive.ended_on), "2026-09-12")
            touched.action_draft()
            touched.action_confirm()
        for contract in order | touched:
            self.deliver(contract, "2026-09-20")
            with freeze_time("2026-10-10 02:00:00"):
                contract.with_user(self.business).action_contract_complete()
            found = contract.contract_archive_ids
            self.assertEqual(str(found.ended_on), "2026-10-10")
            self.assertEqual(str(found.date_due), "2026-10-20")
            self.assertEqual(found.activity_ids.user_id, self.owner)
        self.assertEqual(touched.contract_archive_ids, archive)

    def test_mistake_is_deleted(self):
        """An order of which nothing was written down is deleted as ever, with what was
        begun for it; not one whose files were handed over."""
        orders = self.new_order() | self.new_order()
        orders.action_confirm()
        settlement = self.env["contract.settlement"].create({"order_id": orders[0].id})
        orders.action_cancel()
        archives = orders.contract_archive_ids
        self.assertEqual(len(archives), 2)
        unguarded(archives[1]).submitted_on = "2026-10-01 02:00:00"
        with self.assertRaisesRegex(UserError, "kept as evidence"):
            orders[1].unlink()
        orders[0].unlink()
        for record in (orders[0], archives[0], settlement):
            self.assertFalse(record.exists())

    def test_deviations(self):
        """Complaints are asked for; who misses none goes on."""
        line = self.archive.checklist_line_ids.filtered(
            lambda ln: ln.computed == "archive_deviations"
        )
        self.assertEqual(line.result, "na")
        deviation = self.env["contract.deviation"].create(
            {
                "order_id": self.done.id,
                "kind": "rejected",
                "summary": "Pumps are dented.",
            }
        )
        line.invalidate_recordset(["result"])
        self.assertEqual(line.result, "no")
        self.assertFalse(line.required)
        unguarded(deviation).state = "closed"
        line.invalidate_recordset(["result"])
        self.assertEqual(line.result, "yes")

    @mute_logger("odoo.sql_db")
    def test_years(self):
        """A category of ten thousand years would let no contract end."""
        category = self.env.ref("contract_tracking.archive_category_contract")
        with self.assertRaises(IntegrityError), self.env.cr.savepoint():
            category.years = 10_000
            self.env.flush_all()

    def test_department_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        with self.assertRaisesRegex(UserError, "Contract Department"):
            other.contract_archive_department_id = self.keep

    def test_nobody_asked(self):
        self.company.contract_archive_days = 0
        order = self.completed()
        self.assertFalse(order.contract_archive_ids)
        order.with_user(self.seller).action_contract_archive()
        self.assertEqual(order.contract_archive_ids.state, "draft")
        self.assertEqual(
            order.contract_archive_ids.date_due, self.company._contract_today()
        )
        with self.assertRaisesRegex(UserError, "when it is over"):
            self.order.with_user(self.seller).action_contract_archive()
        other = self.completed()
        self.company.contract_archive_department_id = False
        with self.assertRaisesRegex(UserError, "No department"):
            other.with_user(self.seller).action_contract_archive()

    def test_complete(self):
        """What is missing is named; filed, or waived with a reason by who may."""
        order = self.new_role_contract(template=None)
        self.deliver(order, "2026-09-20")
        with freeze_time("2026-10-10 02:00:00"):
            order.with_user(self.business).action_contract_complete()
        archive = order.contract_archive_ids.with_user(self.owner)
        for words in ("Signed contract", "receipts", "invoiced"):
            with self.assertRaisesRegex(UserError, words):
                archive.action_submit()
            self.assertIn(words, archive.missing_papers)
        self.file(order)
        lines = archive.checklist_line_ids
        with self.assertRaisesRegex(UserError, "waives"):
            lines.filtered(lambda ln: ln.computed == "archive_receipts").write(
                {"answer": "na", "note": "Lost"}
            )
        lines = lines.filtered(
            lambda ln: ln.computed in ("archive_receipts", "archive_invoices")
        )
        lines.with_user(self.head).write({"answer": "na", "note": "Lost in the flood"})
        archive.action_submit()
        self.assertEqual(archive.state, "submitted")
        signed = archive.checklist_line_ids.filtered(lambda ln: ln.sequence < 20)
        self.assertEqual(signed.kept_answer, "yes")

    def test_originals(self):
        """Those of who hands over go along; others are asked for by their holder."""
        Counterpart = self.env["contract.counterpart"]
        vals = {"order_id": self.done.id, "date": "2026-09-05"}
        Counterpart.create({**vals, "holder_id": self.partner.id})
        mine = Counterpart.create({**vals, "copies": 2, "user_id": self.owner.id})
        archive = self.archive.with_user(self.owner)
        lent = Counterpart.create(
            {**vals, "from_id": mine.id, "copies": 1, "user_id": self.head.id}
        )
        with self.assertRaisesRegex(UserError, "not back: ct_head"):
            archive.action_submit()
        self.assertEqual(archive.state, "draft")
        Counterpart.create(
            {**vals, "from_id": lent.id, "copies": 1, "department_id": self.keep.id}
        )
        self.keep_files()
        self.assertEqual(archive.originals, 2)
        self.assertEqual(mine.copies_left, 0)
        held = self.done.contract_counterpart_ids.filtered("copies_left")
        self.assertEqual(held.department_id, self.keep)

    def test_returned_and_kept(self):
        archive = self.archive
        archive.with_user(self.owner).action_submit()
        self.assertEqual(archive.activity_ids.user_id, self.member)
        action = archive.with_user(self.keeper).action_return_files()
        self.env["contract.reason"].with_user(self.keeper).with_context(
            **action["context"]
        ).create({"reason": "The pages are loose"}).action_apply()
        self.assertEqual(archive.state, "returned")
        self.assertIn("loose", archive.activity_ids.summary)
        self.keep_files()
        self.assertEqual(archive.archive_no, "HT-2026-0001")
        self.assertEqual(archive.custodian_id, self.keeper)
        self.assertEqual(str(archive.retained_until), "2036-10-10")
        self.assertFalse(archive.activity_ids)
        # a category that changes moves nothing
        archive.category_id.years = 1
        self.assertEqual(str(archive.retained_until), "2036-10-10")
        archive.with_user(self.keeper).category_id = self.env.ref(
            "contract_tracking.archive_category_permanent"
        )
        self.assertFalse(archive.retained_until)

    def test_numbers(self):
        self.keep_files()
        self.company.contract_archive_scheme = "DA{year}/{number}"
        other = self.completed()
        archive = self.keep_files(other.contract_archive_ids)
        self.assertEqual(archive.archive_no, "DA2026/0001")
        for scheme in ("DA", "{number}{nobody}", "{number.__class__}", "{number", "{}"):
            with self.assertRaises(ValidationError), self.env.cr.savepoint():
                self.company.contract_archive_scheme = scheme
        self.company.contract_archive_scheme = "HT-{year}-{number}"
        third = self.completed()
        archive = self.keep_files(third.contract_archive_ids)
        self.assertEqual(archive.archive_no, "HT-2026-0002")

    @mute_logger(*RULES)
    def test_who(self):
        archive = self.archive
        for user in (self.leader, self.auditor, self.finance):
            with self.assertRaises(UserError):
                archive.with_user(user).action_submit()
        archive.with_user(self.owner).action_submit()
        for user in (self.owner, self.business, self.manager, self.head):
            with self.assertRaisesRegex(UserError, "Only Contract Department"):
                archive.with_user(user).action_accept()
        with self.assertRaises(UserError):
            archive.with_user(self.manager).write({"state": "kept"})
        with self.assertRaises(UserError):
            archive.sudo().unlink()
        with self.assertRaises(AccessError):
            archive.with_user(self.rival).read(["name"])
        with self.assertRaises(AccessError):
            archive.with_user(self.employee).read(["name"])
        archive.with_user(self.keeper).action_accept()
        with self.assertRaisesRegex(UserError, "Only Contract Department"):
            archive.with_user(self.owner).place = "Shelf 1"
        archive.with_user(self.keeper).write({"place": "Shelf 1", "pages": 12})
        with self.assertRaises(UserError):
            archive.with_user(self.keeper).archive_no = "X"

    def test_not_ones_own(self):
        archive = self.archive
        archive.with_user(self.member).action_submit()
        with self.assertRaisesRegex(UserError, "yourself"):
            archive.with_user(self.member).action_accept()

    def test_frame(self):
        frame = self.new_frame(owner=self.owner)
        self.env["contract.document"].create(
            {
                "name": "Frame",
                "frame_id": frame.id,
                "type_id": self.env.ref("contract_tracking.document_type_signed").id,
                "date": "2026-01-05",
                "attachment_ids": [Command.create({"name": "f.pdf", "raw": b"f"})],
            }
        )
        frame.with_user(self.business)._contract_reach("closed", None, "Over")
        archive = frame.contract_archive_ids
        self.assertEqual(archive.category_id.code, "KJ")
        archive.with_user(self.owner).action_submit()
        archive.with_user(self.keeper).action_accept()
        self.assertEqual(frame.contract_archive_state, "kept")

    def test_settlement_first(self):
        """Where the company says so: refused before, its days count from then."""
        self.company.contract_archive_settled = True
        archive = self.archive
        with self.assertRaisesRegex(UserError, "settlement is confirmed"):
            archive.with_user(self.owner).action_submit()
        self.assertEqual(archive.state, "draft")
        line = archive.checklist_line_ids.filtered(
            lambda ln: ln.computed == "archive_settlement"
        )
        self.assertEqual(line.result, "no")

    def test_second_company(self):
        other = self.env["res.company"].create({"name": "Other Company"})
        self.keep_files()
        user = self.new_user(
            "ct_foreign",
            "contract_tracking.group_contract_business",
            company_id=other.id,
            company_ids=[Command.set(other.ids)],
        )
        self.assertFalse(self.env["contract.archive"].with_user(user).search([]))
        self.assertFalse(self.env["contract.archive.loan"].with_user(user).search([]))
        with self.assertRaisesRegex(ValidationError, "another company"):
            self.lend(self.archive, company_id=other.id)


class TestArchivedPapers(ArchiveCase):
    @mute_logger(*RULES)
    def test_read_only(self):
        """No new, changed or deleted paper while they are kept, for nobody."""
        self.keep_files()
        for user in (self.seller, self.business, self.env.user):
            with self.assertRaisesRegex(UserError, "archived"):
                self.file(self.done, "letter", user=user)
        with self.assertRaisesRegex(UserError, "archived"):
            self.file(self.done.sudo(), "letter")
        for vals in (
            {"name": "Else"},
            {"attachment_ids": [Command.create({"name": "n.pdf", "raw": b"n"})]},
            {"attachment_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(UserError, "archived|proves"):
                self.paper.sudo().write(vals)
        with self.assertRaises(UserError):
            self.paper.sudo().unlink()
        with self.assertRaises(UserError):
            self.paper.attachment_ids.sudo().write({"raw": b"else"})
        # its remark, files that hang on it in no field, nor copies of them
        file, other = self.env["ir.attachment"].create(
            [{"name": f"{n}.pdf", "raw": b"x"} for n in "ab"]
        )
        there = {"res_model": self.paper._name, "res_id": self.paper.id}
        for write in (
            lambda: self.paper.sudo().write({"note": "Else"}),
            lambda: self.paper.sudo().copy(),
            lambda: file.sudo().create({"name": "n.pdf", "raw": b"n", **there}),
            lambda: file.sudo().write(there),
            lambda: self.paper.attachment_ids.sudo().copy(),
            lambda: self.paper.attachment_ids.sudo().write({"res_id": other.id}),
        ):
            with self.assertRaisesRegex(UserError, "archived|proves"):
                write()
                self.env.flush_all()
        # returned it may be corrected
        self.archive.with_user(self.keeper)._return("The minutes are missing")
        hung = file.create({"name": "hung.pdf", "raw": b"n", **there})
        self.date_files(hung, "2026-09-10")
        self.file(self.done, "minutes", user=self.seller)
        archive = self.keep_files()
        self.assertEqual(archive.archive_no, "HT-2026-0001")
        for write in (
            lambda: hung.sudo().write({"res_id": self.paper.id + 1}),
            lambda: hung.sudo().write({"res_model": False, "res_id": False}),
            lambda: hung.sudo().unlink(),
        ):
            with self.assertRaisesRegex(UserError, "proves"):
                write()

    def test_files_elsewhere(self):
        """What hangs on the contract, or on what hangs on it, stays as well."""
        event = self.env["contract.event"].create(
            {
                "order_id": self.done.id,
                "type_id": self.env.ref("contract_tracking.event_type_goods_ready").id,
                "date": "2026-09-10",
            }
        )
        term = self.done.contract_term_ids[:1]
        term.attachment_ids = [Command.create({"name": "term.pdf", "raw": b"x"})]
        files = self.env["ir.attachment"].create(
            [
                {
                    "name": "hung.pdf",
                    "raw": b"hung",
                    "res_model": record._name,
                    "res_id": record.id,
                }
                for record in (self.done, event)
            ]
        )
        self.date_files(files, "2026-09-10")
        self.keep_files()
        for file in (*files, term.attachment_ids):
            for write in (
                lambda file=file: file.sudo().write({"raw": b"else"}),
                lambda file=file: file.sudo().write(
                    {"res_model": False, "res_id": False}
                ),
                lambda file=file: file.sudo().unlink(),
            ):
                with (
                    self.subTest(file=file.name),
                    self.assertRaisesRegex(UserError, "proves"),
                ):
                    write()
        with self.assertRaisesRegex(UserError, "proves"):
            term.sudo().attachment_ids = [Command.clear()]
        # core may still hang something on it
        self.done.message_post(body="Called", attachments=[("call.txt", b"call")])
        self.archive.with_user(self.keeper)._return("The minutes are missing")
        files.unlink()

    def test_what_comes_later_is_free(self):
        """What was there when the files were handed over stays, in whatever it is; what
        comes later goes as it came."""
        Attachment = self.env["ir.attachment"]
        document = self.env["contract.coordination"].create(
            {
                "order_id": self.done.id,
                "subject": "Crane",
                "attachment_ids": [Command.create({"name": "e.pdf", "raw": b"early"})],
            }
        )
        there = {"res_model": document._name, "res_id": document.id}
        hung = {"name": "hung.pdf", "raw": b"hung", **there}
        early = document.attachment_ids + Attachment.create(hung)
        self.date_files(early, "2026-09-10")
        # it was never sent
        question = self.archive.checklist_line_ids.filtered(
            lambda line: line.name == "Coordination documents closed"
        )
        question.with_user(self.head).write({"answer": "na", "note": "Never sent"})
        self.keep_files()
        document.attachment_ids = [Command.create({"name": "l.pdf", "raw": b"late"})]
        late = document.attachment_ids - early + Attachment.create(hung)
        self.date_files(late, "2099-01-01")
        for file in early:
            for step in (
                lambda f=file: f.write({"raw": b"else"}),
                lambda f=file: f.write({"res_model": False, "res_id": False}),
                lambda f=file: f.unlink(),
            ):
                with (
                    self.subTest(file=file.name),
                    self.assertRaisesRegex(UserError, "proves"),
                ):
                    step()
        with self.assertRaisesRegex(UserError, "proves"), self.env.cr.savepoint():
            document.attachment_ids = [Command.clear()]
        self.env.invalidate_all()
        late.write({"raw": b"else"})
        document.attachment_ids = [Command.unlink(late[0].id)]
        self.assertEqual(document.attachment_ids, early[0])
        late.unlink()
        self.assertEqual(document.attachment_ids, early[0])

    def test_handed_over(self):
        """Who takes the files sees what was handed over; returned they are open."""
        archive = self.archive
        archive.with_user(self.owner).action_submit()
        with self.assertRaisesRegex(UserError, "handed over"):
            self.file(self.done, "letter", user=self.seller)
        with self.assertRaisesRegex(UserError, "handed over"):
            self.paper.sudo().name = "Else"
        archive.with_user(self.keeper)._return("The minutes are missing")
        self.file(self.done, "minutes", user=self.seller)

    def test_originals_stay(self):
        """What is kept leaves on loan only."""
        Counterpart = self.env["contract.counterpart"]
        vals = {"order_id": self.done.id, "date": "2026-09-05"}
        Counterpart.create({**vals, "copies": 2, "user_id": self.owner.id})
        self.keep_files()
        kept = self.done.contract_counterpart_ids.filtered("department_id")
        self.assertEqual(kept.copies_left, 2)
        move = {"from_id": kept.id, "date": kept.date, "holder_id": self.partner.id}
        with self.assertRaisesRegex(UserError, "archived"):
            Counterpart.sudo().create({**vals, **move, "copies": 1})

    def test_originals_handed_over(self):
        """Nor does what was handed over; returned it may."""
        Counterpart = self.env["contract.counterpart"]
        vals = {"order_id": self.done.id, "date": "2026-09-05"}
        mine = Counterpart.create({**vals, "copies": 2, "user_id": self.owner.id})
        move = {**vals, "from_id": mine.id, "copies": 1, "holder_id": self.partner.id}
        self.archive.with_user(self.owner).action_submit()
        self.archive.with_user(self.keeper)._return("One goes to the court")
        Counterpart.create(move)
        self.assertEqual(mine.copies_left, 1)
        self.archive.with_user(self.owner).action_submit()
        with self.assertRaisesRegex(UserError, "handed over"):
            Counterpart.sudo().create(move)

    @mute_logger(*RULES)
    def test_confidential(self):
        archive = self.keep_files()
        with self.assertRaisesRegex(UserError, "business office"):
            archive.with_user(self.owner).is_confidential = True
        archive.with_user(self.keeper).is_confidential = True
        self.env.invalidate_all()
        for user in (
            self.business,
            self.keeper,
            self.member,
            self.auditor,
            self.leader,
            self.owner,
        ):
            self.assertTrue(archive.with_user(user).has_access("read"), user.login)
            self.assertTrue(self.paper.with_user(user).has_access("read"), user.login)
        for user in (self.seller, self.supervisor, self.head, self.finance):
            self.assertFalse(archive.with_user(user).has_access("read"), user.login)
            self.assertFalse(self.paper.with_user(user).has_access("read"), user.login)
        answers = archive.checklist_line_ids
        self.assertTrue(answers)
        for user in (self.seller, self.supervisor, self.head, self.finance):
            self.assertFalse(answers.with_user(user).has_access("read"), user.login)
            found = answers.with_user(user).search([("id", "in", answers.ids)])
            self.assertFalse(found, user.login)
        for user in (self.business, self.keeper, self.leader, self.owner):
            self.assertTrue(answers.with_user(user).has_access("read"), user.login)
        # other papers stay
        other = self.file(self.order)
        self.assertTrue(other.with_user(self.head).has_access("read"))

    def test_opened(self):
        """Who opens a confidential dossier is written down; read by who audits it."""
        archive = self.keep_files()
        spec = {"name": {}, "checklist_line_ids": {}}
        archive.with_user(self.leader).web_read(spec)
        self.assertFalse(archive.opening_ids)
        archive.with_user(self.keeper).is_confidential = True
        archive.with_user(self.leader).web_read({"name": {}})
        self.assertFalse(archive.opening_ids)
        for _twice in range(2):
            archive.with_user(self.leader).web_read(spec)
        opening = archive.opening_ids
        self.assertEqual(opening.user_id, self.leader)
        self.assertEqual(opening.what, "dossier")
        with self.assertRaises(UserError):
            opening.sudo().unlink()
        with self.assertRaises(UserError):
            opening.sudo().user_id = self.seller
        self.assertTrue(opening.with_user(self.auditor).has_access("read"))
        self.assertTrue(opening.with_user(self.business).has_access("read"))
        for user in (self.leader, self.owner, self.keeper):
            self.assertFalse(opening.with_user(user).has_access("read"))

    def test_opened_whichever_way(self):
        """The content of a file leaves by reading, exporting or copying it; its words
        too. Its name and size tell nothing."""
        self.leader.group_ids |= self.env.ref("base.group_allow_export")
        archive = self.keep_files()
        archive.with_user(self.keeper).is_confidential = True
        self.env.invalidate_all()

        def opened(step, records=self.paper.attachment_ids):
            before = archive.opening_ids
            with freeze_time(f"2026-10-13 0{len(before)}:00:00"):
                self.env.invalidate_all()
                step(records.with_user(self.leader))
                self.env.flush_all()
                self.env.invalidate_all()
            return (archive.opening_ids - before).mapped("what")

        self.assertEqual(opened(lambda f: f.read(["name", "file_size"])), [])
        for step in (
            lambda f: f.read(["raw"]),
            lambda f: f.read(["datas"]),
            lambda f: f.read(["index_content"]),
            lambda f: f.web_read({"raw": {}}),
            lambda f: f.export_data(["datas"]),
            lambda f: f.raw,
            lambda f: f.copy({"res_model": False, "res_id": False}),
        ):
            self.assertEqual(opened(step), ["file"])
        for step in (
            lambda a: a.read(["checklist_line_ids"]),
            lambda a: a.export_data(["checklist_line_ids/name"]),
        ):
            self.assertEqual(opened(step, archive), ["dossier"])
        # a file of no contract costs no more than reading whose it is
        plain = self.env["ir.attachment"].create(
            {"name": "p", "raw": b"p", "res_model": "res.partner", "res_id": 1}
        )
        plain.invalidate_recordset()
        plain = plain.with_user(self.leader)
        plain.mapped("store_fname")
        with self.assertQueryCount(1):
            plain._contract_opened()

    def test_opened_wherever_it_hangs(self):
        """Receipts, files of invoices, what a paper links but another record has; what
        is read for the user, and what core keeps in the row, too."""
        Attachment = self.env["ir.attachment"]
        elsewhere = Attachment.create(
            {
                "name": "minutes.pdf",
                "raw": b"m",
                "res_model": "res.partner",
                "res_id": self.partner.id,
            }
        )
        paper = self.file(self.done, "minutes")
        paper.attachment_ids |= elsewhere
        picking = self.done.picking_ids[:1]
        move = self.done.invoice_ids[:1]
        bill = Attachment.create(
            {
                "name": "bill.pdf",
                "raw": b"b",
                "res_model": move._name,
                "res_id": move.id,
            }
        )
        archive = self.keep_files()
        archive.with_user(self.keeper).is_confidential = True
        receipt = picking.contract_receipt_attachment_ids
        leader = self.env(user=self.leader)

        def noted(file, step):
            before = archive.opening_ids
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time(f"2026-10-14 {len(before):02}:00:00"):
                step(file.with_env(leader).sudo())
            self.env.invalidate_all()
            return (archive.opening_ids - before).mapped("detail")

        self.assertEqual(noted(receipt, lambda f: f.name), [])
        for file in (receipt, bill, elsewhere):
            self.assertEqual(noted(file, lambda f: f.raw), [file.name])
        self.assertEqual(noted(bill, lambda f: f.read(["db_datas"])), ["bill.pdf"])
        with self.assertRaises(UserError):
            archive.opening_ids.unlink()


class TestArchiveFiles(ArchiveCase, HttpCase):
    @mute_logger(*RULES)
    def test_zip(self):
        self.file(self.done, "letter", "contract.pdf")
        self.env["ir.attachment"].create(
            {
                "name": "../../etc/passwd",
                "raw": b"note",
                "res_model": "sale.order",
                "res_id": self.done.id,
            }
        )
        archive = self.keep_files()
        archive.with_user(self.keeper).is_confidential = True
        url = f"/contract_tracking/archive/{archive.id}/zip"
        self.authenticate("ct_auditor", "ct_auditor")
        answer = self.url_open(url)
        self.assertEqual(answer.headers["Content-Type"], "application/zip")
        self.assertIn("HT-2026-0001", answer.headers["Content-Disposition"])
        with zipfile.ZipFile(io.BytesIO(answer.content)) as file:
            names = file.namelist()
            self.assertFalse(file.testzip())
        self.assertEqual(len(names), len(set(names)))
        self.assertEqual(sum("contract.pdf" in name for name in names), 2)
        self.assertTrue(any("receipt.pdf" in name for name in names))
        self.assertFalse([name for name in names if "/" in name or "\\" in name])
        self.assertEqual(names[-1], "000 Index.xlsx")
        self.assertEqual(archive.opening_ids.what, "zip")
        self.assertEqual(archive.opening_ids.user_id, self.auditor)
        # a file that is opened
        self.url_open(f"/web/content/{self.paper.attachment_ids.id}")
        opened = archive.opening_ids.filtered(lambda o: o.what == "file")
        self.assertEqual(opened.detail, "contract.pdf")
        for login in ("ct_seller", "ct_employee"):
            self.authenticate(login, login)
            self.assertEqual(self.url_open(url).status_code, 404)
        self.assertEqual(len(archive.opening_ids), 2)

    def test_rows_with_files(self):
        """What customers answered and what proves a task are among the files, and it is
        written down who opens them."""
        document = self.env["contract.coordination"].create(
            {
                "order_id": self.done.id,
                "subject": "Crane",
                "reply_ids": [
                    Command.create({"kind": "partner", "partner_id": self.partner.id})
                ],
            }
        )
        answer = self.env["ir.attachment"].create({"name": "answer.pdf", "raw": b"x"})
        unguarded(document.reply_ids).attachment_ids = answer
        archive = self.archive
        names = [entry["name"] for entry in archive._entries()]
        self.assertIn("answer.pdf", names)
        unguarded(archive).is_confidential = True
        self.assertTrue(answer.with_user(self.auditor).raw)
        self.assertEqual(archive.sudo().opening_ids.detail, "answer.pdf")

    def test_every_row_with_files(self):
        """Whatever has files is of the contract, or of a document that is."""
        descendants = self.env.registry.descendants
        names = descendants(["contract.evidence.mixin"], "_inherit")
        names -= descendants(["contract.part.mixin"], "_inherit")
        self.assertEqual(
            {name for name in names if not self.env[name]._abstract},
            # of the customer, of the month, of who signs: of no contract
            {
                *OF_PART, "stock.picking", "contract.statement", "contract.signatory",
                "contract.monthly.record", "contract.archive.disposal",
            },
        )  # fmt: skip

    def test_print(self):
        archive = self.keep_files()
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html("contract_tracking.report_archive", archive.ids)[0]
            .decode()
        )
        for text in ("HT-2026-0001", "Inner Index", "receipt.pdf", "Custodian"):
            self.assertIn(text, html)
        # no currency where there are no amounts
        self.assertNotIn("Unit:", html)


class TestLoan(ArchiveCase):
    def test_lent_and_returned(self):
        archive = self.keep_files()
        with freeze_time("2026-10-12 02:00:00"):
            loan = self.lend(archive)
            self.assertEqual(loan.activity_ids.user_id, self.member)
            with self.assertRaisesRegex(UserError, "Only Contract Department"):
                loan.action_hand_out()
            loan.with_user(self.keeper).action_hand_out()
        self.assertEqual(loan.activity_ids.user_id, self.seller + self.keeper)
        self.assertIn("ct_seller", archive.lent_text)
        with freeze_time("2026-10-21 02:00:00"):
            loan.invalidate_recordset(["is_late"])
            self.assertTrue(loan.is_late)
            self.assertIn(loan, loan.search([("is_late", "=", True)]))
            with self.assertRaisesRegex(UserError, "is lent: ct_seller"):
                archive.with_user(self.keeper)._return("To correct")
        loan.with_user(self.keeper).action_take_back()
        self.assertEqual(loan.returned_by_id, self.keeper)
        self.assertFalse(loan.activity_ids)
        self.assertFalse(archive.is_lent)
        with self.assertRaises(UserError):
            loan.sudo().unlink()
        with self.assertRaises(UserError):
            loan.with_user(self.keeper).purpose = "Else"

    def test_extended(self):
        """Only by the step that says why, by who may agree to the loan."""
        archive = self.keep_files()
        self.company.contract_archive_loan_approval = "head"
        with freeze_time("2026-10-12 02:00:00"):
            loan = self.lend(archive)
            loan.with_user(self.member).action_agree()
            for _state in ("approved", "lent"):
                for user in (self.keeper, self.member, self.env.user):
                    with self.assertRaisesRegex(UserError, "Extend"):
                        loan.with_user(user).date_due = "2026-11-20"
                if loan.state == "approved":
                    loan.with_user(self.keeper).action_hand_out()
            self.assertFalse(loan.with_user(self.keeper).can_extend)
            step = ("extend_loan", "The claim goes on")
            day = fields.Date.to_date("2026-11-20")
            for user in (self.keeper, self.seller):
                with self.assertRaises(UserError):
                    loan.with_user(user)._take_reason_step(*step, date=day)
            head = loan.with_user(self.member)
            for wrong in (None, fields.Date.to_date("2026-10-19")):
                with self.assertRaisesRegex(UserError, "later day"):
                    head._take_reason_step(*step, date=wrong)
            action = head.action_extend()
            self.env["contract.reason"].with_user(self.member).with_context(
                **action["context"]
            ).create({"reason": step[1], "date": day}).action_apply()
        self.assertEqual(loan.date_due, day)
        self.assertIn("The claim goes on", loan.message_ids[0].body)
        self.assertEqual(set(loan.activity_ids.mapped("date_deadline")), {day})

    def test_lent_and_returned_at_once(self):
        """Who lends writes the row that who returns writes: one of two is retried."""
        archive = self.keep_files()
        self.env.flush_all()
        place = "SELECT ctid::text FROM contract_archive WHERE id = %s"
        self.env.cr.execute(place, [archive.id])
        before = self.env.cr.fetchone()
        self.lent(archive, what="copies")
        self.env.cr.execute(place, [archive.id])
        self.assertNotEqual(self.env.cr.fetchone(), before)

    def test_lent_already(self):
        archive = self.keep_files()
        self.lent(archive)
        with freeze_time("2026-10-12 02:00:00"):
            second = self.lend(archive, self.owner, what="whole")
            with self.assertRaisesRegex(UserError, "is lent: ct_seller"):
                second.with_user(self.keeper).action_hand_out()
            self.assertEqual(second.state, "requested")
            copies = self.lend(archive, self.owner, what="copies")
            copies.with_user(self.keeper).action_hand_out()
            self.assertEqual(copies.state, "lent")

    @mute_logger("odoo.sql_db", *RULES)
    def test_bad_input(self):
        archive = self.keep_files()
        for values in (
            {"date_due": False},
            {"date_due": "2020-01-01"},
            {"purpose": False},
            {"archive_id": False},
        ):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
                self.lend(archive, **values)
        with freeze_time("2026-10-12 02:00:00"):
            with self.assertRaises(AccessError):
                self.lend(archive, self.seller, user_id=self.owner.id)
            self.lend(archive, self.keeper, user_id=self.owner.id)
        draft = self.completed().contract_archive_ids
        with self.assertRaisesRegex(UserError, "Kept"):
            self.lend(draft, date_due="2099-01-01")

    @mute_logger(*RULES)
    def test_without_a_role(self):
        """Colleagues ask in words, see their own, and who keeps files says which."""
        archive = self.keep_files()
        other = self.lent(archive)
        Loan = self.env["contract.archive.loan"].with_user(self.employee)
        with self.assertRaises(AccessError):
            self.lend(archive, self.employee)
        loan = Loan.create(
            {
                "wanted": "The pumps of Yangtze",
                "purpose": "Audit",
                "date_due": "2099-01-01",
            }
        )
        self.assertEqual(Loan.search([]), loan)
        with self.assertRaises(AccessError):
            other.with_user(self.employee).read(["purpose"])
        loan.purpose = "Tax audit"
        keeper = loan.with_user(self.keeper)
        with self.assertRaisesRegex(UserError, "Choose the file"):
            keeper.action_hand_out()
        keeper.archive_id = archive
        keeper.action_hand_out()
        self.assertIn("HT-2026-0001", loan.archive_text)
        spec = {"archive_text": {}, "department_id": {"fields": {"display_name": {}}}}
        self.assertTrue(loan.web_read(spec))
        with self.assertRaises(UserError):
            loan.purpose = "Else"
        menu = self.env.ref("contract_tracking.contract_menu_archive_borrow")
        Menu = self.env["ir.ui.menu"]
        self.assertIn(menu.id, Menu.with_user(self.employee).load_menus(False))
        self.assertNotIn(menu.id, Menu.with_user(self.seller).load_menus(False))

    def test_approval(self):
        archive = self.keep_files()
        self.company.contract_archive_loan_approval = "head"
        with freeze_time("2026-10-12 02:00:00"):
            loan = self.lend(archive)
            with self.assertRaisesRegex(UserError, "Approved"):
                loan.with_user(self.keeper).action_hand_out()
            with self.assertRaisesRegex(UserError, "ct_member"):
                loan.with_user(self.keeper).action_agree()
            loan.with_user(self.member).action_agree()
            self.assertEqual(loan.approved_by_id, self.member)
            loan.with_user(self.keeper).action_hand_out()
            own = self.lend(archive, self.member, what="copies")
            with self.assertRaisesRegex(UserError, "colleague"):
                own.action_agree()
            own.action_withdraw()
            self.assertEqual(own.state, "withdrawn")
            third = self.lend(archive, self.owner, what="copies")
            third.with_user(self.keeper)._refuse_loan("Not needed")
        self.assertEqual(third.state, "refused")
        self.assertEqual(third.refused_reason, "Not needed")

    def test_approved_in_words(self):
        """What was agreed to in words gets its file by who keeps the files, once."""
        archive = self.keep_files()
        self.company.contract_archive_loan_approval = "head"
        with freeze_time("2026-10-12 02:00:00"):
            loan = (
                self.env["contract.archive.loan"]
                .with_user(self.employee)
                .create(
                    {
                        "wanted": "The pumps of Yangtze",
                        "purpose": "Audit",
                        "date_due": "2026-10-20",
                    }
                )
            )
            loan.with_user(self.member).action_agree()
            keeper = loan.with_user(self.keeper)
            with self.assertRaisesRegex(UserError, "Choose the file"):
                keeper.action_hand_out()
            self.assertTrue(keeper.can_choose)
            self.assertFalse(loan.can_choose)
            for user, vals in (
                (self.employee, {"archive_id": archive.id}),
                (self.keeper, {"archive_id": archive.id, "what": "originals"}),
                (self.keeper, {"wanted": "Else"}),
            ):
                with self.assertRaises(UserError):
                    loan.with_user(user).write(vals)
            with Form(keeper) as form:
                form.archive_id = archive.with_user(self.keeper)
            self.assertFalse(keeper.can_choose)
            with self.assertRaises(UserError):
                keeper.archive_id = False
            keeper.action_hand_out()
        self.assertEqual((loan.state, loan.wanted), ("lent", "The pumps of Yangtze"))

    def test_only_kept_files_are_chosen(self):
        draft = self.archive
        loan = self.env["contract.archive.loan"].create(
            {"wanted": "Pumps", "purpose": "Audit", "date_due": "2099-01-01"}
        )
        with self.assertRaisesRegex(UserError, "Kept"):
            loan.with_user(self.keeper).archive_id = draft


class TestDisposal(ArchiveCase):
    def past(self):
        archive = self.keep_files()
        archive.category_id.years = 1
        archive.with_user(self.keeper).category_id = False
        archive.with_user(self.keeper).category_id = self.env.ref(
            "contract_tracking.archive_category_contract"
        )
        return archive

    def test_story(self):
        """Kept, lent and returned, past its years, decided, destroyed; the papers stay
        in the system."""
        archive = self.past()
        with self.assertRaisesRegex(UserError, "Still to be kept"):
            archive.with_user(self.keeper).action_dispose()
        loan = self.lent(archive)
        with freeze_time("2027-10-11 02:00:00"):
            archive.invalidate_recordset()
            self.assertIn(archive, archive.search([("is_past", "=", True)]))
            with self.assertRaisesRegex(UserError, "is lent"):
                archive.with_user(self.keeper).action_dispose()
            loan.with_user(self.keeper).action_take_back()
            with self.assertRaisesRegex(UserError, "Only Contract Department"):
                archive.with_user(self.business).action_dispose()
            archive.with_user(self.keeper).action_dispose()
            disposal = archive.disposal_ids.with_user(self.keeper)
            with self.assertRaisesRegex(UserError, "on the disposal list"):
                archive.with_user(self.keeper).action_dispose()
            with self.assertRaisesRegex(UserError, "why they are not"):
                disposal.action_submit()
            disposal.reason = "The ten years are over, no claims"
            disposal.action_submit()
            self.assertEqual(disposal.state, "submitted")
            with self.assertRaises(UserError):
                disposal.reason = "Else"
            disposal.with_user(self.business).action_approve()
            disposal.with_user(self.leader).action_approve()
            self.assertEqual(disposal.state, "approved")
            self.assertEqual(disposal.activity_ids.user_id, self.keeper)
            with self.assertRaisesRegex(UserError, "how and when"):
                disposal.action_carry_out()
            disposal.write(
                {"method": "shred", "destroyed_on": "2027-10-11", "witness": "Wu, Li"}
            )
            with self.assertRaisesRegex(UserError, "Only Contract Department"):
                disposal.with_user(self.business).action_carry_out()
            disposal.action_carry_out()
        self.assertEqual(archive.state, "disposed")
        self.assertEqual(str(archive.disposed_on), "2027-10-11")
        self.assertTrue(self.paper.exists().attachment_ids)
        with self.assertRaises(UserError):
            self.file(self.done, "letter")
        with self.assertRaises(UserError):
            archive.with_user(self.keeper).place = "Nowhere"
        with self.assertRaises(UserError):
            self.lend(archive, date_due="2099-01-01")
        html = (
            self.env["ir.actions.report"]
            ._render_qweb_html(
                "contract_tracking.report_archive_disposal", disposal.ids
            )[0]
            .decode()
        )
        self.assertIn("HT-2026-0001", html)
        self.assertIn("Shredded", html)

    def test_of_one_company(self):
        """Files of another company are on no list."""
        archive = self.past()
        with freeze_time("2027-10-11 02:00:00"):
            archive.invalidate_recordset()
            archive.with_user(self.keeper).action_dispose()
        other = self.env["res.company"].create({"name": "Other Company"})
        foreign = self.new_role_contract(template=None)._contract_open_archive()
        self.env.cr.execute(
            "UPDATE contract_archive SET company_id = %s WHERE id = %s",
            [other.id, foreign.id],
        )
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "compan"):
            unguarded(archive.disposal_ids).archive_ids |= guarded(foreign)

    def test_refused(self):
        archive = self.past()
        with freeze_time("2027-10-11 02:00:00"):
            archive.invalidate_recordset()
            archive.with_user(self.keeper).action_dispose()
            disposal = archive.disposal_ids.with_user(self.keeper)
            disposal.reason = "Over"
            disposal.action_submit()
            disposal.with_user(self.business).action_refuse("A claim is open")
            self.assertEqual(disposal.state, "refused")
            self.assertEqual(archive.state, "kept")
            archive.with_user(self.keeper).action_dispose()

    def test_home(self):
        archive = self.archive
        items = {
            item["key"]: item["count"]
            for section in self.env["contract.home"].with_user(self.owner).get_home()
            for item in section["items"]
        }
        self.assertEqual(items["archives_hand"], 1)
        archive.with_user(self.owner).action_submit()
        items = {
            item["key"]: item["count"]
            for section in self.env["contract.home"].with_user(self.keeper).get_home()
            for item in section["items"]
        }
        self.assertEqual(items["archives_take"], 1)
