from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import mute_logger

from .roles import RoleCase
from .test_archive import RULES, ArchiveCase
from .test_change import DAY, ChangeCase
from .test_reagreement_apply import ApplyCase
from .test_settlement import SettlementCase
from .test_termination import TerminationCase

# By whom nothing of the seller's contract is read.
# What colleagues without a role read some of: their own, or what is asked of them.
OPEN = {
    "contract.briefing.part",
    "contract.deviation",
    "contract.logistics.sheet",
    "contract.release",
}
STRANGERS = ("rival", "outsider", "stranger", "stock_user", "biller", "employee")
LEADER = "contract_tracking.group_contract_leader"


def assert_denied(case, record, user, steps, *reports):
    """Nothing of a record is done, read or printed by a user.

    :param steps: ``{name: callable of the record in the user's environment}``
    """
    Report = case.env["ir.actions.report"].with_user(user)
    prints = {
        name: lambda m, n=name: Report._render_qweb_html(
            f"contract_tracking.{n}", m.ids
        )
        for name in reports
    }
    for name, step in {**steps, **prints}.items():
        case.env.flush_all()
        case.env.invalidate_all()
        with (
            case.subTest(name, user=user.login),
            case.assertRaises(AccessError),
            case.env.cr.savepoint(),
        ):
            step(record.with_user(user))


class TestTrustArchive(ArchiveCase):
    """What is asked of the files of a contract, and the files, by whoever calls."""

    def test_questions_stay(self):
        """Nobody takes a question out instead of answering it."""
        mine = self.archive.with_user(self.owner)
        lines = mine.checklist_line_ids
        for step in (
            lambda: lines[:1].unlink(),
            lambda: mine.write({"checklist_line_ids": [Command.clear()]}),
            lambda: mine.write({"checklist_line_ids": [Command.delete(lines[0].id)]}),
            lambda: lines[:1].sudo().unlink(),
        ):
            with self.assertRaisesRegex(UserError, "come from the template"):
                step()
        review = self.env["contract.review"].create({"order_id": self.order.id})
        self.assertTrue(review.checklist_line_ids)
        with self.assertRaisesRegex(UserError, "come from the template"):
            review.with_user(self.seller).checklist_line_ids[:1].unlink()
        # as long as it is a draft the document itself goes, with its questions
        review.unlink()

    def test_waived_by_whom(self):
        """Why something is waived stays as who waived it said it, with his name."""
        line = self.archive.checklist_line_ids[:1]
        line.with_user(self.head).write({"answer": "na", "note": "Lost in the flood"})
        mine = line.with_user(self.owner)
        for vals in (
            {"note": "The head agreed on the phone"},
            {"attachment_ids": [Command.create({"name": "x.pdf", "raw": b"x"})]},
        ):
            with self.assertRaisesRegex(UserError, "waives"), self.env.cr.savepoint():
                mine.write(vals)
        self.assertEqual(line.user_id, self.head)
        self.assertEqual(line.note, "Lost in the flood")
        # it was found again
        mine.write({"answer": False})
        self.assertFalse(line.answer)

    def test_files_are_asked_about_at_once(self):
        """Files of many deliveries cost no question each."""
        orders = self.order.union(*(self.new_role_contract() for _number in range(4)))
        documents = self.env["contract.coordination"].create(
            [{"order_id": order.id, "subject": "Crane"} for order in orders]
        )
        for records in (orders.picking_ids, documents):
            files = self.env["ir.attachment"].create(
                [
                    {"name": "x.pdf", "res_model": record._name, "res_id": record.id}
                    for record in records
                ]
            )
            costs = []
            for some in (files[:1], files[:1], files):
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                self.assertFalse(some._contract_settled())
                costs.append(self.env.cr.sql_log_count - before)
            self.assertGreater(len(files), 3)
            self.assertEqual(costs[1], costs[2])

    def test_files_in_fields_are_asked_about_at_once(self):
        """Nor do those that prove something, of archived contracts and others."""
        documents = self.env["contract.coordination"].create(
            [
                {
                    "order_id": order.id,
                    "subject": "Crane",
                    "attachment_ids": [Command.create({"name": "x", "raw": b"x"})],
                }
                for order in (self.order, *[self.done] * 4)
            ]
        )
        self.date_files(documents.attachment_ids, "2026-09-10")
        # they were never sent
        question = self.archive.checklist_line_ids.filtered(
            lambda line: line.name == "Coordination documents closed"
        )
        question.with_user(self.head).write({"answer": "na", "note": "Never sent"})
        self.keep_files()
        costs = []
        for some in (documents[1:2], documents[1:2], documents):
            for step in (
                lambda s=some: s.attachment_ids._contract_settled(),
                lambda s=some: s._files_of_settled({"attachment_ids"}),
            ):
                self.env.invalidate_all()
                some.mapped("attachment_ids.name")
                before = self.env.cr.sql_log_count
                self.assertEqual(len(step()), min(len(some), 4))
                costs.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(costs[4], costs[2] + 1)
        self.assertEqual(costs[5], costs[3])

    def test_files_of_the_contract_stay(self):
        """What hangs on the contract, and on what belongs to it, stays as it was
        handed over; what comes later is free."""
        Attachment = self.env["ir.attachment"]
        event = self.env["contract.event"].create(
            {
                "order_id": self.done.id,
                "type_id": self.env.ref("contract_tracking.event_type_goods_ready").id,
                "date": "2026-09-10",
            }
        )
        hung = Attachment.create(
            [
                {
                    "name": f"{record._name}.pdf",
                    "raw": b"hung",
                    "res_model": record._name,
                    "res_id": record.id,
                }
                for record in (
                    self.done,
                    event,
                    self.done.picking_ids[:1],
                    self.done.invoice_ids[:1],
                    self.archive,
                )
            ]
        )
        steps = (
            lambda f: f.write({"raw": b"else"}),
            lambda f: f.write({"name": "else.pdf"}),
            lambda f: f.write({"res_id": self.order.id, "res_model": "sale.order"}),
            lambda f: f.write({"res_model": False, "res_id": False}),
            lambda f: f.unlink(),
        )
        hung[0].with_user(self.seller).sudo(False).name = "order.pdf"
        archive = self.archive
        archive.with_user(self.owner).action_submit()
        for kept in (False, True):
            if kept:
                archive.with_user(self.keeper).action_accept()
            for file in hung:
                for step in steps:
                    with self.assertRaisesRegex(UserError, "proves"):
                        step(file)
                    with self.assertRaisesRegex(UserError, "proves"):
                        step(file.sudo())
        hung.write({"raw": b"hung"})
        # a letter of the customer that came afterwards
        with freeze_time("2099-01-01 02:00:00"):
            late = self.done.with_user(self.seller).message_post(
                body="A letter", attachments=[("letter.pdf", b"letter")]
            )
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = '2099-01-01' WHERE id = %s",
            late.attachment_ids.ids,
        )
        late.attachment_ids.invalidate_recordset()
        late.attachment_ids.sudo().unlink()
        archive.with_user(self.keeper)._return("To be scanned anew")
        hung[0].with_user(self.seller).sudo(False).unlink()

    def test_originals_as_handed_over(self):
        """What is said of the originals stays too."""
        Counterpart = self.env["contract.counterpart"]
        vals = {"order_id": self.done.id, "date": "2026-09-05"}
        mine = Counterpart.create({**vals, "user_id": self.owner.id})
        mine.with_user(self.seller).seals = "ours"
        self.keep_files()
        for row in self.done.contract_counterpart_ids:
            for values in ({"seals": "none"}, {"note": "Copy"}, {"document_id": False}):
                with self.assertRaisesRegex(UserError, "archived"):
                    row.with_user(self.seller).write(values)
        self.archive.with_user(self.keeper)._return("The seal is another one")
        mine.with_user(self.seller).seals = "both"

    def test_category_of_the_company(self):
        """For how long files are kept says the company itself."""
        other = self.env["res.company"].create({"name": "Other Company"})
        category = self.env["contract.archive.category"].create(
            {"name": "Short", "code": "SH", "company_id": other.id, "years": 1}
        )
        archive = self.archive
        self.owner.company_ids |= other
        with self.assertRaisesRegex(UserError, "Short"):
            archive.with_user(self.owner).with_context(
                allowed_company_ids=[self.company.id, other.id]
            ).category_id = category

    @mute_logger(*RULES)
    def test_answers_of_a_confidential_one(self):
        """Who reads the answers without the form opened the dossier all the same."""
        archive = self.keep_files()
        archive.with_user(self.keeper).is_confidential = True
        lines = archive.checklist_line_ids
        lines.with_user(self.leader).read(["name", "note"])
        self.assertEqual(archive.opening_ids.mapped("what"), ["dossier"])
        self.assertEqual(archive.opening_ids.user_id, self.leader)

    @mute_logger(*RULES)
    def test_strangers(self):
        """Neither by reading, searching, grouping, printing nor by a number of it."""
        archive = self.keep_files()
        loan = self.lent(archive)
        archive.with_user(self.keeper).is_confidential = True
        openings = archive.opening_ids
        steps = {
            "read": lambda m: m.read(["place"]),
            "web_read": lambda m: m.web_read({"lent_text": {}}),
            "download": lambda m: m.action_download(),
            "write": lambda m: m.write({"place": "Here"}),
            "submit": lambda m: m.action_submit(),
            "zip": lambda m: m._zip(),
            "archive": lambda m: m.order_id.action_contract_archive(),
            "lend": lambda m: self.lend(archive, m.env.user),
            "onchange": lambda m: m.loan_ids.onchange(
                {"archive_id": m.id}, ["archive_id"], {"archive_text": {}}
            ),
        }
        for login in STRANGERS:
            user = getattr(self, login)
            assert_denied(self, archive, user, steps, "report_archive")
            loans = loan.with_user(user)
            self.assertFalse(loans.search([("name", "=", loan.name)]))
            self.assertFalse(loans.formatted_read_group([], ["archive_id"]))
            self.assertFalse(loans.name_search("HT-2026"))
        # who reads the contract, and not its confidential dossier
        steps = {key: steps[key] for key in ("read", "web_read", "write", "zip")}
        for user in (self.seller, self.head, self.finance):
            assert_denied(self, archive, user, steps, "report_archive")
        self.assertEqual(archive.opening_ids, openings)
        self.assertEqual(loan.state, "lent")

    @mute_logger(*RULES)
    def test_loans_as_they_are(self):
        """Who borrows decides nothing of it, whatever he sends."""
        archive = self.keep_files()
        self.company.contract_archive_loan_approval = "custodian"
        with freeze_time("2026-10-12 02:00:00"):
            for vals in (
                {"state": "lent"},
                {"approved_by_id": self.keeper.id},
                {"lent_on": "2026-10-12 02:00:00"},
                {"name": "JY-1"},
                {"department_id": self.keep.id},
            ):
                with self.assertRaises(UserError):
                    self.lend(archive, **vals)
            loan = self.lend(archive.with_context(default_state="lent"))
            self.assertEqual(loan.state, "requested")
            mine = loan.with_user(self.seller)
            for step in (
                mine.action_agree,
                mine.action_hand_out,
                mine.action_take_back,
                mine.unlink,
                lambda: mine.write({"user_id": self.rival.id}),
                lambda: mine._refuse_loan("No"),
                lambda: archive.with_user(self.seller).write(
                    {"loan_ids": [Command.clear()]}
                ),
            ):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    step()
            loan.with_user(self.keeper).action_agree()
            for vals in ({"what": "whole"}, {"purpose": "Else"}, {"archive_id": False}):
                with self.assertRaises(UserError):
                    mine.write(vals)
            loan.with_user(self.keeper).action_hand_out()
            for step in (
                loan.with_user(self.keeper).action_hand_out,
                mine.action_withdraw,
            ):
                with self.assertRaises(UserError):
                    step()
        self.assertEqual(loan.state, "lent")


class TestTrustPrints(RoleCase):
    @mute_logger(*RULES)
    def test_by_readers(self):
        """Each printed form of ours is refused to who may not read its documents: what
        it reads with more rights than his would answer him."""
        reports = self.env["ir.actions.report"].search(
            [("report_name", "=like", "contract_tracking.%")]
        )
        self.assertGreater(len(reports), 20)
        for report in reports:
            # of a window there may be no such row: refused as well
            is_window = self.env[report.model]._transient
            refusal = UserError if is_window else AccessError
            for user in (self.employee, self.portal, self.public, self.stock_user):
                if self.env[report.model].with_user(user).has_access("read"):
                    # a window of his own, or what waits for his reply
                    with self.subTest(report.report_name, user=user.login):
                        self.assertIn(report.model, OPEN)
                    continue
                with (
                    self.subTest(report.report_name, user=user.login),
                    self.assertRaises(refusal),
                ):
                    report.with_user(user)._render_qweb_html(report.report_name, [1])


class TestTrustEndRows(ChangeCase):
    """Rows of documents that somebody reads and doesn't write."""

    @mute_logger(*RULES)
    def test_rows_stay_with_writers(self):
        """A leader who sells reads all contracts: rows of his own go into no document
        of a colleague."""
        self.rival.group_ids |= self.env.ref(LEADER)
        own = self.new_role_contract(user_id=self.rival.id, team_id=False)
        mine = own.contract_term_ids.filtered("line_id")
        cases = (
            (
                "contract.change",
                "change_id",
                "line_ids",
                lambda term: {"term_id": term.id, "note": "Later"},
            ),
            (
                "contract.reagreement",
                "reagreement_id",
                "line_ids",
                lambda term: {
                    "term_id": term.id,
                    "action": "end",
                    "line_id": term.line_id.id,
                    "kind": "delivery",
                },
            ),
            (
                "contract.termination",
                "termination_id",
                "penalty_ids",
                lambda term: {"name": "Late", "amount": 5},
            ),
            (
                "contract.plan",
                "plan_id",
                "risk_ids",
                lambda term: {"name": "Flood", "measure": "Pump"},
            ),
        )
        for model, parent, rows, values in cases:
            Model = self.env[model]
            with freeze_time(f"{DAY} 02:00:00"):
                foreign = Model.with_user(self.seller).create(
                    {"order_id": self.order.id}
                )
                row = (
                    Model.with_user(self.rival)
                    .create(
                        {
                            "order_id": own.id,
                            rows: [Command.create(values(mine))],
                        }
                    )[rows]
                    .with_env(self.env(user=self.rival))
                )
            vals = values(self.delivery)
            theirs = foreign.with_user(self.rival)
            self.assertTrue(theirs.has_access("read"))
            for step in (
                lambda r=row, v=vals, p=parent, f=foreign: r.write({**v, p: f.id}),
                lambda r=row, v=vals, p=parent, f=foreign: r.create({**v, p: f.id}),
                lambda r=row, n=rows, t=theirs: t.write({n: [Command.link(r.id)]}),
                lambda v=vals, n=rows, t=theirs: t.write({n: [Command.create(v)]}),
            ):
                with (
                    self.subTest(model),
                    self.assertRaises(AccessError),
                    self.env.cr.savepoint(),
                ):
                    step()
            self.env.invalidate_all()
            self.assertFalse(foreign[rows], model)

    @mute_logger(*RULES)
    def test_strangers(self):
        """A request says what a contract is worth: to those who follow it."""
        change = self.submit(self.new_change())
        steps = {
            "read": lambda m: m.read(["agreed_amount"]),
            "onchange": lambda m: m.browse().onchange(
                {"order_id": self.order.id}, ["order_id"], {"received_amount": {}}
            ),
            "follow up": lambda m: m.action_follow_up(),
            "copy": lambda m: m.copy(),
            "void": lambda m: m._void("No"),
            "create": lambda m: m.create({"order_id": self.order.id}),
        }
        for login in STRANGERS:
            user = getattr(self, login)
            assert_denied(
                self, change, user, steps, "report_change", "report_change_partner"
            )
            if user.has_group("contract_tracking.group_contract_user"):
                mine = change.with_user(user)
                self.assertFalse(mine.search([("id", "=", change.id)]))
                self.assertFalse(mine.name_search(change.name))
                self.assertFalse(mine.formatted_read_group([], ["state"]))


class TestTrustReagreed(ApplyCase):
    """Authority over what an approved re-agreement does."""

    def test_who_decides_on_less(self):
        """A contract that becomes smaller is decided by those who decide on what it
        was."""
        rule = self.env["contract.approval.rule"].search([("kind", "=", "reagreement")])
        rule.amount_to = 500
        rule.copy(
            {"amount_from": 500, "amount_to": 0}
        ).line_ids.user_ids = self.business
        record = self.reagree(
            self.order,
            self.change(self.delivery, quantity=4),
        )
        self.assertEqual(record.amount_after, 400)
        with freeze_time("2026-09-20 03:00:00"):
            record.with_user(self.seller).action_submit()
        self.assertEqual(record.approver_ids, self.business)

    def test_not_by_cancelling(self):
        """Where only a re-agreement changes what was agreed, nobody cancels the order,
        edits it and confirms it anew."""
        self.company.contract_reagreement_only = True
        order = self.order
        order.with_user(self.seller)._take_reason_step("cancel", "Other prices")
        mine = order.with_user(self.seller)
        self.assertEqual(order.state, "cancel")
        for step in (
            mine.action_draft,
            lambda: mine.write({"state": "draft"}),
            lambda: mine.write({"state": "sent"}),
            lambda: mine.write({"state": "sale"}),
            order.with_user(self.director).action_draft,
        ):
            with self.fails("Duplicate it"), self.env.cr.savepoint():
                step()
        mine.copy().order_line.price_unit = 1
        # what was confirmed by mistake, and proves nothing
        plain = self.new_contract("2026-09-01", user_id=self.seller.id)
        plain.action_cancel()
        plain.with_user(self.seller).action_draft()
        self.assertEqual(plain.contract_state, "draft")
        self.company.contract_reagreement_only = False
        mine.action_draft()
        self.assertEqual(order.contract_state, "draft")

    def test_promises_of_lines_that_promise(self):
        """A term, too, promises goods and services only."""
        order = self.new_order(user_id=self.seller.id)
        note, rebate = self.env["sale.order.line"].create(
            [
                {"order_id": order.id, "display_type": "line_note", "name": "Note"},
                {
                    "order_id": order.id,
                    "product_id": self.service.id,
                    "price_unit": -10,
                },
            ]
        )
        for line in (note, rebate):
            with self.assertRaises(ValidationError):
                self.env["contract.term"].with_user(self.seller).create(
                    {
                        "order_id": order.id,
                        "kind": "delivery",
                        "line_id": line.id,
                        "quantity": 1,
                        "due_mode": "date",
                        "date_fixed": "2026-12-01",
                    }
                )

    @mute_logger(*RULES)
    def test_strangers(self):
        record = self.reagree(self.order, self.change(self.delivery, quantity=12))
        steps = {
            "read": lambda m: m.read(["amount_after"]),
            "lines": lambda m: m.line_ids.read(["becomes_text"]),
            "propose": lambda m: m.action_propose(),
            "submit": lambda m: m.action_submit(),
        }
        for login in STRANGERS:
            assert_denied(
                self,
                record,
                getattr(self, login),
                steps,
                "report_reagreement",
                "report_reagreement_agreement",
            )

    def test_decided_stays(self):
        """Nothing decided is written, nor taken along by a copy or a default."""
        record = self.agree(
            self.reagree(self.order, self.change(self.delivery, quantity=12))
        )
        mine = record.with_user(self.seller)
        for step in (
            lambda: mine.write({"state": "draft"}),
            lambda: mine.write({"reason": "Else"}),
            lambda: mine.line_ids.write({"quantity": 1}),
            lambda: mine.line_ids.unlink(),
            mine.unlink,
            mine.action_submit,
            mine.action_propose,
            mine.action_reckon,
            record.with_user(self.leader).action_approve,
            lambda: record.with_user(self.leader).action_return("x"),
            lambda: mine.create({"order_id": self.order.id, "state": "done"}),
            lambda: mine.create(
                {"order_id": self.order.id, "applied_on": "2026-09-01"}
            ),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                step()
        copy = mine.with_context(
            default_state="done", default_approval_state="approved"
        )
        copy = copy.copy()
        self.assertEqual((copy.state, copy.approval_state), ("draft", False))
        self.assertFalse(copy.applied_on)


class TestTrustTermination(TerminationCase):
    """Authority over the end of a contract."""

    def test_as_approved(self):
        """Until when a suspension lasts was decided; in force the business office
        moves it, with a reason."""
        record = self.new_termination(kind="suspend", date_resume="2026-12-01")
        record.with_user(self.seller).date_resume = "2026-11-20"
        with freeze_time("2026-10-10 03:00:00"):
            record.with_user(self.seller).action_submit()
        longer = {"date_resume": "2028-12-01"}
        for user in (self.seller, self.business):
            with self.assertRaisesRegex(UserError, "was submitted"):
                record.with_user(user).write(longer)
        with freeze_time("2026-10-10 03:00:00"):
            record.with_user(self.leader).action_approve()
        for user in (self.seller, self.business):
            with self.assertRaisesRegex(UserError, "was submitted"):
                record.with_user(user).write(longer)

    @mute_logger(*RULES)
    def test_strangers(self):
        record = self.one_sided()
        steps = {
            "read": lambda m: m.read(["delivered_unpaid"]),
            "open": lambda m: m.order_id.action_contract_terminate(),
            "create": lambda m: m.create({"order_id": self.order.id}),
            "assess": lambda m: m.action_assess(),
        }
        for login in STRANGERS[:3]:
            assert_denied(
                self,
                record,
                getattr(self, login),
                steps,
                "report_termination",
                "report_termination_letter",
            )

    @mute_logger(*RULES)
    def test_out_of_order(self):
        """Neither sooner, nor twice, nor by somebody else."""
        record = self.new_termination()
        paper = self.new_paper(name="Consent")
        for user in (self.seller, self.business, self.leader, self.rival, self.finance):
            mine = record.with_user(user)
            for step in (
                mine.action_force,
                mine.action_notice,
                lambda m=mine: m.write({"state": "approved"}),
                lambda m=mine: m.write({"in_force_on": "2026-10-10"}),
                lambda m=mine: m.write({"balance": 1}),
                lambda m=mine: m.write({"held_ids": [Command.clear()]}),
                lambda m=mine: m._resume("x"),
                lambda m=mine: m._void("x"),
            ):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    step()
        self.approve(record)
        record.with_user(self.seller).consent_id = paper
        with freeze_time("2026-10-10 05:00:00"):
            for user in (self.seller, self.owner, self.head, self.leader, self.auditor):
                with self.subTest(user=user.login), self.assertRaises(UserError):
                    record.with_user(user).action_force()
            record.with_user(self.business).action_force()
            with self.assertRaises(UserError):
                record.with_user(self.business).action_force()
        for step in (
            lambda: record.sudo().write({"reason": "Else"}),
            lambda: record.sudo().write({"notice_date": "2026-10-10"}),
            lambda: record.sudo().penalty_ids.create(
                {"termination_id": record.id, "name": "Late", "amount": 5}
            ),
            lambda: record.sudo().unlink(),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                step()
        copy = record.with_user(self.seller).copy()
        self.assertEqual(
            (copy.state, copy.approval_state, copy.consent_id.id, copy.in_force_on),
            ("draft", False, False, False),
        )


class TestTrustSettlement(SettlementCase):
    """Authority over what is settled."""

    def test_who_decides_on_what_is_given_up(self):
        """What the customer is let off isn't nothing because nothing stays open."""
        small = self.env["contract.approval.rule"].search([("kind", "=", "settlement")])
        small.amount_to = 500
        large = small.copy({"amount_from": 500, "amount_to": 0})
        large.line_ids[1:].unlink()
        large.line_ids.write(
            {
                "approver": "users",
                "user_ids": [Command.set(self.leader.ids)],
                "skip_if_none": False,
            }
        )
        order = self.kept_back()
        self.deliver(order, "2026-07-20")
        self.invoice(order, "2026-07-21")
        settlement = self.settle(
            order,
            deduction_ids=[Command.create({"amount": 900, "basis": "Goodwill"})],
        )
        self.assertEqual(settlement.due_amount, 0)
        with freeze_time(f"{DAY} 03:00:00"):
            settlement.action_submit()
        self.assertEqual(settlement.sudo().approver_ids, self.leader)

    @mute_logger(*RULES)
    def test_stays_with_its_contract(self):
        """The office whose rule decides, the customer, the papers are of the contract
        that it was written for."""
        order, other = self.performed(), self.performed()
        settlement = self.settle(order)
        for user in (self.seller, self.office):
            with self.assertRaisesRegex(UserError, "stays with its contract"):
                settlement.with_user(user).order_id = other
        for vals in (
            {"state": "confirmed"},
            {"balance": 0},
            {"retention_amount": 0},
            {"team_id": False},
            {"replaces_id": settlement.id},
        ):
            with self.assertRaises(UserError):
                settlement.write(vals)
            with self.assertRaises(UserError):
                self.settle(other, **vals)
        for row in (settlement.line_ids[:1], settlement.payment_ids[:1]):
            with self.assertRaises(UserError):
                row.unlink()
            with self.assertRaises(UserError):
                row.write({"name": "Else"})
            with self.assertRaises(UserError):
                row.copy()
        theirs = settlement.with_user(self.stranger)
        for step in (
            lambda: theirs.read(["balance"]),
            theirs.action_submit,
            theirs.action_refresh,
            lambda: theirs._void("x"),
            lambda: order.with_user(self.stranger).action_contract_settle(),
            lambda: self.settle(other, user=self.stranger),
            lambda: theirs.action_send(),
        ):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                step()
        for user in (self.auditor, self.finance, self.leader):
            with self.assertRaises(UserError):
                settlement.with_user(user).action_submit()
        assert_denied(self, settlement, self.stranger, {}, "report_settlement")
