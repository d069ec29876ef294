import io
import re
from contextlib import contextmanager
from datetime import date
from subprocess import CompletedProcess
from unittest.mock import patch

from freezegun import freeze_time
from openpyxl import load_workbook
from pypdf import PdfReader

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import call_kw
from odoo.tests import Form, HttpCase
from odoo.tools import mute_logger

from odoo.addons.base.models import ir_actions_report

from ..tools.guard import is_unguarded, unguarded
from .roles import RoleCase
from .test_account import AccountCommon

REPORT = "contract_tracking.action_report_statement"
OWN_REPORT = "contract_tracking.action_report_statement_own"
TODAY = "2026-06-15"


class StatementCommon(AccountCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # most users work in the company's time zone, so do these tests
        cls.startClassPatcher(freeze_time(f"{TODAY} 02:00:00"))

    @classmethod
    def new_statement(cls, start="2026-03-15", end="2026-05-31", user=None, **values):
        Statement = cls.env(user=user or cls.env.user)["contract.statement"]
        return Statement.create(
            {
                "partner_id": cls.partner.id,
                "date_from": start,
                "date_to": end,
                **values,
            }
        )

    def rows(self, statement):
        return [
            (line.kind, str(line.date or ""), line.amount, line.balance)
            for line in statement.line_ids
        ]

    @classmethod
    def file(cls, name="reply.pdf"):
        return Command.create({"name": name, "raw": b"sealed"})


class TestStatement(StatementCommon):
    """对账单: what it shows and how it lives."""

    def test_figures(self):
        order = self.net_contract()
        picking = self.deliver(order, "2026-03-20", pump=7)
        statement = self.new_statement()
        self.assertEqual(
            self.rows(statement),
            [
                ("opening", "", 400, 400),
                ("delivery", "2026-03-20", 700, 400),
                ("invoice", "2026-04-10", 600, 1000),
                ("receipt", "2026-04-20", 150, 850),
            ],
        )
        self.assertEqual(statement.line_ids[1].name, picking.name)
        self.assertEqual(
            set(statement.line_ids.mapped("contract_number")), {order.contract_number}
        )
        self.assertEqual(statement.opening_balance, 400)
        self.assertEqual(statement.delivered, 700)
        self.assertEqual(statement.invoiced, 600)
        self.assertEqual(statement.received, 150)
        self.assertEqual(statement.adjusted, 0)
        self.assertEqual(statement.closing_balance, 850)
        self.assertEqual(statement.overdue, 850)
        self.assertFalse(statement.is_partial)
        self.assertEqual(statement.partner_name, "Yangtze Pumps")
        self.assertRegex(statement.name, r"^DZ2026-\d{4}$")
        # earlier ends: nothing of later days
        early = self.new_statement(end="2026-04-10")
        self.assertEqual((early.closing_balance, early.overdue), (1000, 400))
        last = self.new_statement("2026-06-01", "2026-06-15")
        self.assertEqual(self.rows(last), [("opening", "", 850, 850)])

    def test_balance_is_the_receivable(self):
        """The statement says what the contract says, on any day."""
        first = self.net_contract()
        second = self.new_contract("2026-03-01", template="template_30_60_10")
        self.pay(self.settle(second, "2026-03-02", 300), "2026-03-05")
        self.invoice(second, "2026-05-21")
        for end in ("2026-03-04", "2026-04-20", "2026-05-31"):
            statement = self.new_statement("2026-03-01", end)
            figures = [self.figures(order, end) for order in first + second]
            with self.subTest(end=end):
                self.assertEqual(
                    statement.closing_balance, sum(f["receivable"] for f in figures)
                )
                self.assertEqual(statement.overdue, sum(f["overdue"] for f in figures))

    def test_down_payments_are_shown_apart(self):
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        deposit = self.settle(order, "2026-03-02", 300)
        self.pay(deposit, "2026-03-05")
        statement = self.new_statement("2026-03-01", "2026-03-31")
        self.assertEqual(
            self.rows(statement),
            [
                ("receipt", "2026-03-05", 300, -300),
                ("advance", "2026-03-02", 300, 0),
            ],
        )
        self.assertEqual(statement.closing_balance, -300)

    def test_unclaimed_receipts_are_shown_apart(self):
        order = self.net_contract()
        payment = self.money("2026-05-02", 500)
        self.money("2026-06-02", 70)
        self.claim(payment, order, 200)
        statement = self.new_statement()
        self.assertEqual(
            self.rows(statement)[-2:],
            [("receipt", "2026-05-02", 200, 650), ("unclaimed", "2026-05-02", 300, 0)],
        )
        self.assertEqual(statement.closing_balance, 650)
        self.assertEqual(statement.unclaimed, 300)
        self.assertIn("350.00", statement._form_unclaimed_text())
        self.assertIn(
            "unclaimed", [b["name"] for b in statement._form_pages()[0]["blocks"]]
        )
        # who follows only his own contracts doesn't see whose money it may be
        seller = self.new_user("ct_plain", "sales_team.group_sale_salesman")
        order.user_id = seller
        self.assertEqual(self.new_statement(user=seller).unclaimed, 0)

    def test_currencies_have_their_own_statements(self):
        euro = self.net_contract(pricelist_id=self.euro_pricelist().id)
        self.net_contract()
        statement = self.new_statement(currency_id=euro.currency_id.id)
        self.assertEqual(statement.closing_balance, 350)
        self.assertEqual(statement.line_ids.order_id, euro)
        self.assertFalse(statement.is_partial)
        statement.currency_id = self.company.currency_id
        self.assertEqual(statement.closing_balance, 850)
        with self.assertRaisesRegex(UserError, "follows no contract"):
            self.new_statement(currency_id=self.env.ref("base.CHF").id)

    def test_days_of_the_company(self):
        """Three in the morning of the first in Shanghai is still the day before in
        London."""
        order = self.new_contract("2026-03-01")
        self.deliver(order, "2026-03-31", hour="20:00:00")
        statement = self.new_statement("2026-04-01", "2026-04-30")
        self.assertEqual(self.rows(statement), [("delivery", "2026-04-01", 1000, 0)])

    def test_contact_of_a_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        self.net_contract(partner_id=contact.id)
        statement = self.new_statement(partner_id=contact.id)
        self.assertEqual(statement.partner_id, self.partner)
        self.assertEqual(statement.closing_balance, 850)

    def test_form(self):
        self.net_contract()
        with Form(self.env["contract.statement"]) as form:
            self.assertEqual(str(form.date_to), TODAY)
            form.partner_id = self.partner
        statement = form.record
        self.assertEqual(statement.closing_balance, 850)
        with Form(statement) as form:
            form.date_to = "2026-04-10"
        self.assertEqual(statement.closing_balance, 1000)

    def test_form_proposes_the_currency(self):
        euro = self.net_contract(pricelist_id=self.euro_pricelist().id)
        with Form(self.env["contract.statement"]) as form:
            form.partner_id = self.partner
            self.assertEqual(form.currency_id, euro.currency_id)

    def test_bad_dates(self):
        self.net_contract()
        for start, end in (("2026-05-01", "2026-04-30"), ("2026-05-01", "2026-06-16")):
            with self.subTest(end=end), self.assertRaises(ValidationError):
                self.new_statement(start, end)

    def test_recompute(self):
        order = self.net_contract()
        statement = self.new_statement()
        self.pay(order.invoice_ids[0], "2026-05-02", 100)
        self.assertEqual(statement.closing_balance, 850)
        statement.action_refresh()
        self.assertEqual(statement.closing_balance, 750)

    # ------------------------------------------------------------------
    # Life
    # ------------------------------------------------------------------

    def test_confirmed(self):
        self.net_contract()
        statement = self.new_statement()
        statement.action_mark_sent()
        self.assertEqual(statement.state, "sent")
        self.assertEqual(statement.sent_date, date(2026, 6, 15))
        statement.write({"reply_date": "2026-06-14", "attachment_ids": [self.file()]})
        statement.action_confirm()
        self.assertEqual(statement.state, "confirmed")
        self.assertEqual(statement.reply_date, date(2026, 6, 14))
        self.assertEqual(statement.confirmed_by_id, self.env.user)
        file = statement.attachment_ids
        self.assertEqual((file.res_model, file.res_id), (statement._name, statement.id))

    def test_differences(self):
        self.net_contract()
        statement = self.new_statement()
        statement.action_mark_sent()
        with self.assertRaisesRegex(UserError, "what differs"):
            statement.action_difference()
        statement.write({"difference_note": "April invoice", "customer_balance": 250})
        statement.action_difference()
        self.assertEqual(statement.state, "difference")
        self.assertEqual(statement.reply_date, date(2026, 6, 15))

    def test_steps(self):
        self.net_contract()
        statement = self.new_statement()
        with self.assertRaises(UserError):
            statement.action_confirm()
        statement.action_mark_sent()
        for method in ("action_mark_sent", "action_refresh"):
            with self.subTest(method=method), self.assertRaises(UserError):
                getattr(statement, method)()
        with self.assertRaises(ValidationError):
            statement.reply_date = "2026-06-16"
        with self.assertRaises(UserError):
            self.new_statement()._void("x")

    def test_immutable(self):
        """Not even the superuser changes what was sent or answered."""
        order = self.net_contract()
        statement = self.new_statement().sudo()
        self.assertFalse(is_unguarded(statement))
        attempts = [
            {"closing_balance": 1},
            {"state": "confirmed"},
            {"name": "DZ-1"},
            {"user_id": self.env.ref("base.user_admin").id},
            {"partner_id": order.company_id.partner_id.id},
            {"line_ids": [Command.clear()]},
            {"is_partial": True},
            {"sent_date": TODAY},
        ]
        for vals in attempts:
            with self.subTest(state="draft", vals=vals), self.assertRaises(UserError):
                statement.write(vals)
        statement.action_mark_sent()
        attempts += [{"date_to": TODAY}, {"currency_id": order.currency_id.id}]
        for vals in attempts:
            with self.subTest(state="sent", vals=vals), self.assertRaises(UserError):
                statement.write(vals)
        line = statement.line_ids[:1]
        for call in (
            lambda: line.write({"amount": 1}),
            line.unlink,
            lambda: line.copy({"statement_id": statement.id}),
            statement.unlink,
        ):
            with self.assertRaises(UserError):
                call()
        statement.attachment_ids = [self.file()]
        statement.action_confirm()
        attempts += [
            {"difference_note": "x"},
            {"customer_balance": 1},
            {"reply_date": TODAY},
            {"attachment_ids": [self.file()]},
        ]
        for vals in attempts:
            with self.subTest(state="answer", vals=vals), self.assertRaises(UserError):
                statement.write(vals)
        with self.assertRaises(UserError):
            statement.unlink()
        for value in (True, 1, "_TOKEN", {}):
            with self.assertRaises(UserError):
                call_kw(
                    self.env["contract.statement"],
                    "write",
                    [statement.ids, {"closing_balance": 1}],
                    {"context": {"contract_guard": value}},
                )
        # the world goes on, the statement stays
        self.pay(order.invoice_ids[0], "2026-06-10", 100)
        self.partner.name = "Renamed"
        statement.invalidate_recordset()
        self.assertEqual(statement.closing_balance, 850)
        self.assertEqual(statement.partner_name, "Yangtze Pumps")

    def test_system_values_are_not_created(self):
        self.net_contract()
        for vals in (
            {"state": "confirmed"},
            {"closing_balance": 5},
            {"user_id": 1},
            {"line_ids": [Command.create({"kind": "invoice", "amount": 1})]},
        ):
            with self.subTest(vals=vals), self.assertRaises(UserError):
                self.new_statement(**vals)
        context = {"default_state": "confirmed", "default_void_reason": "x"}
        statement = (
            self.env["contract.statement"]
            .with_context(**context)
            .create({"partner_id": self.partner.id})
        )
        self.assertEqual((statement.state, statement.void_reason), ("draft", False))

    def test_void_and_correct(self):
        order = self.net_contract()
        statement = self.new_statement()
        statement.action_mark_sent()
        statement.attachment_ids = [self.file()]
        statement.action_confirm()
        self.pay(order.invoice_ids[0], "2026-05-02", 100)
        with self.assertRaisesRegex(UserError, "Say why"):
            statement._take_reason_step("void", " ")
        wizard = (
            self.env["contract.reason"]
            .with_context(**statement.action_void()["context"])
            .create({"reason": "A payment was booked late"})
        )
        action = wizard.action_apply()
        copy = self.env["contract.statement"].browse(action["res_id"])
        self.assertEqual(statement.state, "void")
        self.assertEqual(statement.void_reason, "A payment was booked late")
        self.assertEqual(statement.closing_balance, 850)
        self.assertEqual(copy.replaces_id, statement)
        self.assertEqual(statement.replaced_by_ids, copy)
        self.assertEqual(copy.state, "draft")
        self.assertEqual(copy.closing_balance, 750)
        self.assertEqual(copy.date_from, statement.date_from)
        self.assertFalse(is_unguarded(copy))
        with self.assertRaises(UserError):
            statement.sudo().write({"difference_note": "x"})
        with self.assertRaises(UserError):
            statement._void("again")

    def test_drafts_are_deleted(self):
        self.net_contract()
        self.assertTrue(self.new_statement().unlink())

    # ------------------------------------------------------------------
    # From the customer
    # ------------------------------------------------------------------

    def test_one_click(self):
        euro = self.net_contract(pricelist_id=self.euro_pricelist().id)
        action = self.partner.action_contract_statement()
        statement = self.env["contract.statement"].browse(action["res_id"])
        self.assertEqual(statement.currency_id, euro.currency_id)
        self.assertEqual(statement.date_from, date(2026, 1, 1))
        self.assertEqual(statement.date_to, date(2026, 6, 15))
        # again: the same draft
        action = self.partner.action_contract_statement()
        self.assertEqual(action["res_id"], statement.id)
        # the next one begins where the last one ended
        statement.date_to = "2026-05-31"
        statement.action_mark_sent()
        action = self.partner.action_contract_statement()
        following = self.env["contract.statement"].browse(action["res_id"])
        self.assertEqual(following.date_from, date(2026, 6, 1))
        self.assertEqual(following.opening_balance, statement.closing_balance)

    def test_several_customers(self):
        other = self.env["res.partner"].create({"name": "Huai Valves"})
        nobody = self.env["res.partner"].create({"name": "Nobody"})
        self.net_contract()
        self.net_contract(partner_id=other.id)
        action = (self.partner + other + nobody).action_contract_statement()
        statements = self.env["contract.statement"].search(action["domain"])
        self.assertEqual(statements.partner_id, self.partner + other)
        self.assertEqual(statements.mapped("closing_balance"), [850, 850])
        with self.assertRaisesRegex(UserError, "no contract"):
            nobody.action_contract_statement()

    @contextmanager
    def counted(self, result):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        yield
        self.env.flush_all()
        result.append(self.env.cr.sql_log_count - before)

    def test_queries(self):
        costs = []
        for count in (2, 2, 22):
            partners = self.env["res.partner"].create(
                [{"name": f"Customer {number}"} for number in range(count)]
            )
            for partner in partners:
                order = self.new_contract(
                    "2026-02-20", [(self.service, 1)], partner_id=partner.id
                )
                self.invoice(order, "2026-03-01")
            with self.counted(costs):
                partners.action_contract_statement()
        # a number, a message and the writes of each statement, no facts
        self.assertLessEqual(costs[2] - costs[1], 20 * 8)
        facts = []
        for count in (2, 2, 22):
            for _number in range(count):
                self.invoice(
                    self.new_contract("2026-02-20", [(self.service, 1)]), "2026-03-01"
                )
            statement = self.new_statement()
            with self.counted(facts):
                statement.action_refresh()
        self.assertLessEqual(facts[2] - facts[1], 2)

    # ------------------------------------------------------------------
    # Sending
    # ------------------------------------------------------------------

    def test_send(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.partner.write({"email": "books@example.com", "lang": "zh_CN"})
        self.net_contract()
        statement = self.new_statement()
        action = statement.action_send()
        composer = Form(
            self.env["mail.compose.message"].with_context(**action["context"])
        ).save()
        self.assertIn(statement.name, composer.subject)
        self.assertEqual(composer.partner_ids, self.partner)
        self.assertIn(statement.name, composer.body)
        [report] = composer.template_id.report_template_ids
        self.assertEqual(report, self.env.ref(REPORT))
        self.assertEqual(statement.state, "draft")
        with self.allow_pdf_render():
            composer._action_send_mail()
        self.assertEqual(statement.state, "sent")
        message = statement.message_ids[:1]
        self.assertEqual(message.partner_ids, self.partner)
        # again: it stays sent
        action = statement.action_send()
        self.assertEqual(action["context"]["default_res_ids"], statement.ids)

    def test_a_note_sends_nothing(self):
        self.net_contract()
        statement = self.new_statement()
        statement.message_post(body="Asked for the April figures")
        self.assertEqual(statement.state, "draft")


class TestStatementRoles(RoleCase, StatementCommon):
    """Nobody reads on a statement what he can't read on the contracts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # of another salesperson, same customer
        cls.foreign = cls.net_contract(
            user_id=cls.rival.id, team_id=False, contract_number="HT-FOREIGN"
        )
        cls.own = cls.net_contract(
            user_id=cls.seller.id, team_id=cls.team.id, contract_number="HT-OWN"
        )

    def test_salesperson_states_his_contracts(self):
        statement = self.new_statement(user=self.seller)
        self.assertEqual(statement.closing_balance, 850)
        self.assertEqual(set(statement.line_ids.mapped("contract_number")), {"HT-OWN"})
        self.assertTrue(statement.is_partial)
        self.assertIn("followed by", statement._form_partial_text())

    def test_everything_for_business_office_and_finance(self):
        for name in ("business", "finance", "director"):
            statement = self.new_statement(user=getattr(self, name))
            with self.subTest(user=name):
                self.assertEqual(statement.closing_balance, 1700)
                self.assertFalse(statement.is_partial)

    def test_coverage_is_the_authors(self):
        """Somebody who sees more doesn't widen what the author reads."""
        statement = self.new_statement(user=self.seller)
        statement.with_user(self.business).action_refresh()
        statement.with_user(self.finance).date_to = "2026-05-30"
        self.assertEqual(statement.closing_balance, 850)
        self.assertEqual(set(statement.line_ids.mapped("contract_number")), {"HT-OWN"})

    def test_void_without_contracts(self):
        """A wrong statement is void even if its contracts are somebody else's now."""
        statement = self.new_statement(user=self.seller)
        statement.with_user(self.seller).action_mark_sent()
        unguarded(self.own | self.order).write(
            {"user_id": self.rival.id, "contract_owner_id": self.rival.id}
        )
        copy = statement.with_user(self.seller)._void("Wrong period")
        self.assertEqual(statement.state, "void")
        self.assertFalse(copy)

    def test_stale_draft_stops_nobody(self):
        stale = self.new_statement(user=self.seller)
        other = self.env["res.partner"].create({"name": "Other"})
        self.net_contract(
            user_id=self.seller.id, team_id=self.team.id, partner_id=other.id
        )
        unguarded(self.own | self.order).write(
            {"user_id": self.rival.id, "contract_owner_id": self.rival.id}
        )
        partners = (self.partner | other).with_user(self.seller)
        partners.action_contract_statement()
        written = self.env["contract.statement"].search(
            [("user_id", "=", self.seller.id)]
        )
        self.assertEqual((written - stale).partner_id, other)

    def test_day_of_its_own_company(self):
        """A statement of a company further west ends on that company's day."""
        west = self.env["res.company"].create(
            {"name": "West", "contract_tz": "America/New_York"}
        )
        self.env.user.company_ids |= west
        today = west._contract_today()
        self.assertLess(today, self.company._contract_today())
        statement = self.env["contract.statement"].new({"date_to": TODAY})
        statement.company_id = west
        statement._onchange_company_id()
        self.assertEqual(statement.date_to, today)

    def test_who_reads(self):
        full = self.new_statement(user=self.business)
        part = self.new_statement(user=self.seller)
        for name in ("business", "manager", "director", "finance"):
            for record in full + part:
                user = getattr(self, name)
                self.assertTrue(record.with_user(user).has_access("write"), name)
                self.assertTrue(record.with_user(user).line_ids.has_access("read"))
        for name in ("leader", "auditor"):
            user = getattr(self, name)
            self.assertTrue(full.with_user(user).has_access("read"), name)
            self.assertFalse(full.with_user(user).has_access("write"), name)
        for name in (
            "seller", "rival", "owner", "supervisor", "head", "member", "stranger",
            "outsider", "stock_user", "biller", "employee", "portal",
        ):  # fmt: skip
            user = getattr(self, name)
            with self.subTest(user=name):
                self.assertFalse(full.with_user(user).has_access("read"))
                self.assertFalse(full.line_ids.with_user(user).has_access("read"))
                self.assertEqual(
                    part.with_user(user).has_access("read"), name == "seller"
                )

    def test_who_writes(self):
        for name in ("outsider", "stranger"):
            with self.subTest(user=name), self.assertRaises(UserError):
                self.new_statement(user=getattr(self, name))
        with mute_logger(
            "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"
        ):
            for name in ("leader", "auditor", "stock_user", "biller", "employee"):
                with self.subTest(user=name), self.assertRaises(AccessError):
                    self.new_statement(user=getattr(self, name))

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Subsidiary"})
        user = self.new_user(
            "ct_subsidiary",
            "contract_tracking.group_contract_business",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        statement = self.new_statement(user=self.business)
        self.assertFalse(statement.with_user(user).has_access("read"))
        with self.assertRaisesRegex(UserError, "follows no contract"):
            self.new_statement(user=user)
        with self.assertRaises(UserError):
            self.new_statement(user=user, company_id=self.company.id)
        with self.assertRaises(UserError):
            self.partner.with_user(user).action_contract_statement()


class TestStatementForm(StatementCommon, HttpCase):
    """对账单 as it is printed and as a spreadsheet."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.report = cls.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        cls.partner.vat = "91330100MA0001"
        cls.order = cls.net_contract()
        cls.deliver(cls.order, "2026-03-20", pump=7)
        cls.statement = cls.new_statement()

    def pages(self, records, lang="en_US", report=REPORT):
        content, kind = self.report.with_context(lang=lang)._render_qweb_pdf(
            report, records.ids
        )
        self.assertEqual(kind, "pdf")
        reader = PdfReader(io.BytesIO(content))
        pages = [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]
        self.cover = [page for page in pages if not re.search("Page|第", page)]
        return [page for page in pages if page not in self.cover]

    def html(self, record, lang="en_US", report=REPORT):
        content, _kind = self.report.with_context(lang=lang)._render_qweb_html(
            report, record.ids
        )
        return re.sub(r"\s+", " ", content.decode())

    def test_english(self):
        [page] = self.pages(self.statement)
        for text in (
            "Statement of Account",
            self.statement.name,
            self.order.contract_number,
            "Yangtze Pumps",
            "91330100MA0001",
            "Page 1 of 1",
            "03/15/2026",
            "05/31/2026",
            "04/20/2026",
            "700.00",
            "1,000.00",
            "850.00",
            "Draft",
            "you owed us",
        ):
            with self.subTest(text=text):
                self.assertIn(text, page)
        self.assertNotIn("By Contract", page)

    def test_what_goes_out_is_no_draft(self):
        self.partner.write({"email": "books@example.com", "lang": "en_US"})
        self.assertEqual(self.statement._form_across(), "Draft")
        composer = Form(
            self.env["mail.compose.message"].with_context(
                **self.statement.action_send()["context"], force_report_rendering=True
            )
        ).save()
        composer._action_send_mail()
        [file] = self.statement.message_ids[:1].attachment_ids
        reader = PdfReader(io.BytesIO(file.raw))
        text = " ".join(page.extract_text() for page in reader.pages)
        self.assertIn(self.statement.name, text)
        self.assertNotIn("DRAFT", text.upper())

    def test_no_empty_file_goes_out(self):
        self.partner.write({"email": "books@example.com", "lang": "en_US"})
        context = self.statement.action_send()["context"]
        # the program that prints gave up at its first page
        failed = CompletedProcess([], 1, stdout="", stderr="network error")
        with (
            mute_logger("odoo.addons.base.models.ir_actions_report"),
            patch.object(ir_actions_report, "_run_wkhtmltopdf", return_value=failed),
            self.assertRaisesRegex(UserError, "couldn't be printed"),
        ):
            Form(
                self.env["mail.compose.message"].with_context(
                    **context, force_report_rendering=True
                )
            ).save()

    def test_customer_language(self):
        self.partner.lang = "zh_CN"
        page = self.html(self.statement)
        self.assertIn("2026年4月20日", page)
        self.assertNotIn("04/20/2026", page)
        self.assertIn("04/20/2026", self.html(self.statement, report=OWN_REPORT))
        own = self.html(self.statement, "zh_CN", OWN_REPORT)
        self.assertIn("2026年4月20日", own)
        [page] = self.pages(self.statement)
        self.assertIn(self.statement.name, page)
        self.assertRegex(page.replace(" ", ""), r"2026.4.20.")

    def test_advance_balance(self):
        order = self.new_contract(
            "2026-03-01",
            template="template_30_60_10",
            partner_id=self.env["res.partner"].create({"name": "Early Payer"}).id,
        )
        self.pay(self.settle(order, "2026-03-02", 300), "2026-03-05")
        statement = self.new_statement(partner_id=order.partner_id.id)
        statement.date_from = "2026-03-01"
        [page] = self.pages(statement)
        self.assertIn("you had paid", page)
        self.assertIn("Down Payments Invoiced", page)
        self.assertIn("-300.00", page)

    def test_answer_is_printed(self):
        self.statement.action_mark_sent()
        self.statement.write({"difference_note": "April", "customer_balance": 123})
        self.statement.action_difference()
        [page] = self.pages(self.statement)
        self.assertIn("123.00", page)
        self.assertIn("April", page)
        self.assertNotIn("Draft", page)
        self.statement._void("Wrong month")
        self.assertIn("Void: Wrong month", self.pages(self.statement)[0])

    def test_many_lines(self):
        """As many pages as are announced, each with its table head, nothing lost."""
        for number in range(60):
            order = self.new_contract(
                "2026-03-16",
                [(self.service, 1)],
                contract_number=f"HT-MANY-{number:03}",
            )
            self.invoice(order, "2026-04-01")
        self.statement.action_refresh()
        pages = self.pages(self.statement)
        self.assertGreater(len(pages), 2)
        self.assertEqual(len(pages), len(self.statement._form_pages()))
        for number, page in enumerate(pages, 1):
            self.assertIn(f"Page {number} of {len(pages)}", page)
        text = " ".join(pages)
        for number in range(60):
            # the line and the sum of the contract
            self.assertEqual(text.count(f"HT-MANY-{number:03}"), 2)
        self.assertIn("By Contract", text)
        for laid_out, page in zip(self.statement._form_pages(), pages, strict=True):
            if "lines" in [block["name"] for block in laid_out["blocks"]]:
                self.assertIn("Contract No.", page)

    def test_always_to_the_cent(self):
        self.company.contract_form_unit = "ten_thousand"
        self.assertIn("1,000.00", self.html(self.statement))

    def test_partial_is_said(self):
        seller = self.new_user(
            "ct_part", "sales_team.group_sale_salesman", name="Zhao Min"
        )
        self.net_contract(user_id=seller.id)
        self.order.user_id = self.env.ref("base.user_admin")
        statement = self.new_statement(user=seller)
        self.assertTrue(statement.is_partial)
        [page] = self.pages(statement)
        self.assertIn("contracts followed by Zhao Min only", page)

    # ------------------------------------------------------------------
    # Spreadsheet
    # ------------------------------------------------------------------

    def sheet(self, statement):
        [sheet] = load_workbook(io.BytesIO(statement._xlsx())).worksheets
        return sheet

    def test_spreadsheet(self):
        sheet = self.sheet(self.statement)
        values = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=8)]
        self.assertEqual(values[0][0], "Statement of Account")
        head = {row[0]: row[1] for row in values[1:6]}
        self.assertEqual(head["Number"], self.statement.name)
        self.assertEqual(head["Customer"], "Yangtze Pumps")
        [start] = [n for n, row in enumerate(values) if row[0] == "Date"]
        self.assertEqual(sheet.freeze_panes, f"A{start + 2}")
        lines = values[start + 1 :]
        self.assertEqual(lines[0][1], "Brought forward")
        self.assertEqual(lines[1][4], 700)
        self.assertEqual(lines[2][0].date(), date(2026, 4, 10))
        self.assertEqual(lines[2][5], 600)
        self.assertEqual(lines[3][6], 150)
        self.assertEqual([line[7] for line in lines[:4]], [400, 400, 1000, 850])
        self.assertEqual(lines[4], ["Total", None, None, None, 700, 600, 150, 850])
        cell = sheet.cell(start + 5, 8)
        self.assertEqual(cell.number_format, "#,##0.00")
        self.assertGreater(sheet.column_dimensions["C"].width, 20)

    def test_spreadsheet_shows_apart_what_is_not_in_the_balance(self):
        self.money("2026-05-02", 300)
        self.statement.action_refresh()
        rows = [
            [cell.value for cell in row]
            for row in self.sheet(self.statement).iter_rows(max_col=8)
        ]
        self.assertEqual(rows[-4][0], "Total")
        self.assertEqual(rows[-3], [None] * 8)
        self.assertEqual(rows[-2][0], "Receipts without a Contract")
        self.assertEqual(rows[-1][0].date(), date(2026, 5, 2))
        self.assertEqual(rows[-1][3:], [None, 300, None, None, None])

    def test_spreadsheet_column(self):
        """A column is a line of the list, wherever it stands."""
        columns = self.statement._xlsx_columns()
        columns.insert(3, ("Order", 14, "text", "display_name", None))
        self.patch(type(self.statement), "_xlsx_columns", lambda _self: columns)
        sheet = self.sheet(self.statement)
        rows = [[cell.value for cell in row] for row in sheet.iter_rows(max_col=9)]
        [start] = [n for n, row in enumerate(rows) if row[0] == "Date"]
        self.assertEqual(rows[start][3:6], ["Order", "Contract No.", "Delivered"])
        self.assertEqual(rows[start + 2][3], self.statement.line_ids[1].display_name)
        self.assertEqual(rows[start + 2][5], 700)
        self.assertEqual(rows[start + 5][4:], [None, 700, 600, 150, 850])

    def test_spreadsheet_has_no_links(self):
        self.partner.name = "https://example.com"
        self.statement.action_refresh()
        cells = [c for row in self.sheet(self.statement).iter_rows() for c in row]
        self.assertIn("https://example.com", [c.value for c in cells])
        self.assertFalse([c for c in cells if c.hyperlink])

    def test_spreadsheet_runs_no_formulas(self):
        """A name that begins like a formula stays a text."""
        self.partner.name = '=HYPERLINK("http://example.com")'
        self.statement.action_refresh()
        sheet = self.sheet(self.statement)
        cells = [c for row in sheet.iter_rows() for c in row if c.value]
        self.assertFalse([c for c in cells if c.data_type == "f"])

    def test_download(self):
        self.new_user("ct_down", "contract_tracking.group_contract_finance")
        self.new_user("ct_rival2", "sales_team.group_sale_salesman")
        url = self.statement.action_xlsx()["url"]
        self.env.flush_all()
        self.assertIn("/web/login", self.url_open(url).url)
        self.authenticate("ct_down", "ct_down")
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.assertIn("spreadsheetml", response.headers["Content-Type"])
        self.assertIn(self.statement.name, response.headers["Content-Disposition"])
        [sheet] = load_workbook(io.BytesIO(response.content)).worksheets
        self.assertEqual(sheet["A1"].value, "Statement of Account")
        missing = self.url_open("/contract_tracking/statement/999999999/xlsx")
        self.assertEqual(missing.status_code, 404)
        with mute_logger("odoo.addons.base.models.ir_rule"):
            self.authenticate("ct_rival2", "ct_rival2")
            self.assertEqual(self.url_open(url).status_code, 404)
