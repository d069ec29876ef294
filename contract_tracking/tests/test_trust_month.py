import json
from datetime import date
from unittest.mock import patch
from urllib.parse import urlencode

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .test_month_workflow import MonthCase
from .test_warning import WarningCase

RULES = "odoo.addons.base.models.ir_rule"


class TestTrustMonth(MonthCase):
    """What people tried on monthly records."""

    def make(self, user, context=None, day="2026-10-03", **vals):
        with self.on(day), self.env.cr.savepoint():
            return (
                self.Record.with_user(user).with_context(**context or {}).create(vals)
            )

    def test_defaults_of_a_context_are_values_too(self):
        """A month is its first day, a record is made once, and who brings the words
        has a part in them."""
        record = self.generate()
        for context in (
            {"default_month": "2026-09-15"},
            {"default_month": "2026-09-15", "default_team_id": self.team.id},
        ):
            vals = {} if "default_team_id" in context else {"team_id": self.team.id}
            with self.fails("There is a record of this office"):
                self.make(self.head, context, **vals)
        unguarded(record).unlink()
        record = self.make(
            self.business,
            {"default_month": "2026-09-15", "default_plan": "Mine."},
            team_id=self.team.id,
        )
        self.assertEqual((record.month, record.plan), (date(2026, 9, 1), "Mine."))
        self.submit(record)
        self.assertNotIn(self.business, record.step_ids.user_id)

    def test_a_refusal_names_no_record_of_others(self):
        record = self.generate()
        other = self.env["res.company"].create({"name": "Other"})
        far = self.env["crm.team"].create({"name": "Far", "company_id": other.id})
        with self.on("2026-10-03"):
            hidden = unguarded(self.Record).create(
                {"company_id": other.id, "team_id": far.id, "month": "2026-09-01"}
            )
        self.env["contract.monthly.cutoff"].create(
            {"company_id": other.id, "month": "2026-10-01", "date": "2026-10-17"}
        )
        for user, vals in (
            (self.stranger, {"team_id": self.team.id, "month": "2026-09-01"}),
            (self.seller, {"team_id": self.team.id, "month": "2026-09-01"}),
            (self.business, {"company_id": other.id, "team_id": far.id,
                             "month": "2026-09-01"}),
            (self.business, {"company_id": other.id, "team_id": far.id,
                             "month": "2026-10-01"}),
            (self.business, {"company_id": other.id, "month": "2026-10-01"}),
        ):  # fmt: skip
            with (
                self.subTest(user=user.login, vals=vals),
                mute_logger(RULES),
                self.assertRaises(UserError) as caught,
            ):
                self.make(user, **vals)
            text = str(caught.exception)
            self.assertNotIn(record.name, text)
            self.assertNotIn(hidden.name, text)
            self.assertNotIn("already", text)
            self.assertNotIn("17", text)

    def test_the_wizard_tells_no_cut_off_of_another_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.env["contract.monthly.cutoff"].create(
            {"company_id": other.id, "month": "2026-08-01", "date": "2026-08-17"}
        )
        wizard = self.env["contract.monthly.write"].with_user(self.business)
        vals = {"company_id": other.id, "month": "2026-08-01"}
        spec = {"company_id": {}, "month": {}, "date_to": {}}
        for step in (
            lambda: wizard.onchange(vals, ["month"], spec),
            lambda: wizard.with_context(default_company_id=other.id).onchange(
                {}, [], spec
            ),
            lambda: wizard.create(vals).action_apply(),
            lambda: wizard.create({}).write(vals),
        ):
            with mute_logger(RULES), self.assertRaises(AccessError):
                step()

    def test_old_months_ask_nobody_for_hundreds(self):
        """A month long ago that somebody asked for has no months after it."""
        self.generate()
        with self.on("2026-10-05"):
            for month in ("1990-01-01", "2016-05-01"):
                self.Record._generate(self.company, date.fromisoformat(month))
            due = list(self.Record._months_due(self.company))
        self.assertLessEqual(len(due), 12)

    def test_an_office_begins_no_months_for_all(self):
        """Earlier records would have to be confirmed first, in every office."""
        self.generate("2026-10-01", "2026-11-03")
        vals = {"team_id": self.team.id, "month": "2026-09-01"}
        for user in (self.member, self.head):
            with self.fails("Records are due from October 2026"):
                self.make(user, day="2026-11-03", **vals)
        self.assertFalse(self.Record.search([("month", "=", "2026-09-01")]))
        self.assertTrue(self.make(self.business, day="2026-11-03", **vals))

    def test_cut_offs_that_are_none(self):
        Cutoff = self.env["contract.monthly.cutoff"].with_user(self.manager)
        for month in ("soon", 5, {"a": 1}, "0001-01-01", "9999-12-01"):
            with self.subTest(month=month), self.assertRaises(UserError):
                Cutoff.create({"month": month, "date": "2027-03-25"})
        cutoff = Cutoff.with_context(default_month="2027-03-15").create(
            {"date": "2027-03-25"}
        )
        self.assertEqual(cutoff.month, date(2027, 3, 1))
        with self.assertRaises(UserError):
            cutoff.write({"month": "soon"})
        wizard = self.env["contract.monthly.write"].with_user(self.business)
        for month in ("0001-01-01", "9999-12-01", "soon"):
            with self.subTest(month=month), self.assertRaises(UserError):
                wizard.create({"month": month}).action_apply()

    def test_the_first_day_of_a_month_with_records_stays(self):
        self.generate()
        Period = self.company._contract_period
        before = Period(date(2026, 9, 1))
        self.company.contract_cutoff_day = 25
        self.assertEqual(Period(date(2026, 9, 1)), before)
        Cutoff = self.env["contract.monthly.cutoff"].with_user(self.manager)
        row = Cutoff.search([("month", "=", "2026-08-01")])
        again = {"month": "2026-08-01", "date": "2026-08-20"}
        for step, error in (
            (lambda: row.write({"date": "2026-08-20"}), UserError),
            (lambda: row.write({"month": "2026-07-01"}), UserError),
            (row.unlink, UserError),
            (lambda: Cutoff.create(again), IntegrityError),
        ):
            with self.assertRaises(error), mute_logger("odoo.sql_db"):
                step()
        self.assertEqual(Period(date(2026, 9, 1)), before)

    def test_the_setting_breaks_no_order(self):
        self.env["contract.monthly.cutoff"].create(
            {"month": "2027-03-01", "date": "2027-04-03"}
        )
        with self.fails("must lie between"):
            self.company.contract_cutoff_day = 1

    def test_plans_that_are_no_amounts(self):
        record = self.generate()
        line = record.line_ids.with_user(self.head)
        for amount in (1e308, float("nan"), float("inf"), -1e308, -5, "x", [1]):
            for name in ("plan_delivery", "plan_collection"):
                with self.subTest(amount=amount), self.assertRaises(UserError):
                    line[name] = amount
                    self.env.flush_all()
        with self.assertRaises(UserError):
            line.remark = "x" * 5000

    def test_figures_of_his_own_contract(self):
        """A salesperson reads his line, and what is behind it."""
        self.deliver(self.order, "2026-09-20", pump=4)
        line = self.generate().line_ids.with_user(self.seller)
        self.env.invalidate_all()
        for context in (
            {"contract_figure": "delivered"},
            {"contract_figure": "delivered", "contract_part": "month"},
        ):
            self.assertTrue(line.with_context(**context).action_contract_figure())
        for context in (
            {"contract_figure": "total'--"},
            {"contract_figure": "order_id", "contract_part": "month"},
            {"contract_figure": "delivered", "contract_part": ["month"]},
            {"contract_figure": ["x"], "contract_part": "month"},
        ):
            with self.subTest(context=context), self.assertRaises(UserError):
                line.with_context(**context).action_contract_figure()
        with mute_logger(RULES), self.assertRaises(AccessError):
            line.with_user(self.rival).with_context(
                contract_figure="delivered"
            ).action_contract_figure()

    def test_files_of_a_confirmed_record(self):
        record = self.generate()
        file = (
            self.env["ir.attachment"]
            .with_user(self.head)
            .create(
                {
                    "name": "plan.txt",
                    "raw": b"plan",
                    "res_model": record._name,
                    "res_id": record.id,
                }
            )
        )
        self.env.cr.execute(
            "UPDATE ir_attachment SET create_date = '2026-10-01' WHERE id = %s",
            [file.id],
        )
        file.invalidate_recordset()
        self.confirm(record)
        for mine in (file, file.with_user(self.business), file.sudo()):
            for step in (lambda f=mine: f.write({"raw": b"x"}), mine.unlink):
                with self.assertRaises(UserError):
                    step()

    def test_who_led_an_office_that_nobody_leads(self):
        record = self.generate()
        self.confirm(record)
        later = self.generate("2026-10-01", "2026-11-02")
        self.team.user_id = False
        for step in (
            lambda: later.with_user(self.head).write({"plan": "Mine."}),
            lambda: later.with_user(self.head).action_submit(),
            lambda: record.with_user(self.head).action_correct(),
        ):
            with self.on("2026-11-03"), mute_logger(RULES):
                with self.assertRaises(UserError):
                    step()
        self.submit(later, "2026-11-03", self.second)

    def test_an_archived_office(self):
        record = self.generate()
        self.team.active = False
        self.head.active = False
        self.submit(record, user=self.business)
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            with self.env.cr.savepoint():
                self.team.unlink()
                self.env.flush_all()

    def test_members_of_before(self):
        record = self.generate()
        self.env["crm.team.member"].search(
            [("user_id", "=", self.member.id)]
        ).active = False
        self.env.invalidate_all()
        mine = record.with_user(self.member).with_context(active_test=False)
        self.assertFalse(
            self.Record.with_env(mine.env).search([("id", "=", record.id)])
        )
        for step in (
            lambda: mine.read(["plan"]),
            lambda: mine.write({"plan": "x"}),
            lambda: mine.line_ids.write({"remark": "x"}),
        ):
            with mute_logger(RULES), self.assertRaises(AccessError):
                step()

    def test_who_deletes_a_correction(self):
        record = self.generate()
        self.confirm(record)
        with self.on("2026-11-05"):
            record.with_user(self.head)._take_reason_step("correct", "A claim.")
        new = self.record_of(self.team)
        self.assertEqual(new.version, 2)
        with self.assertRaises(UserError):
            new.with_user(self.member).unlink()
        new.with_user(self.head).unlink()

    def test_approving_ones_own(self):
        record = self.generate()
        self.submit(record)
        self.head.group_ids |= self.env.ref("contract_tracking.group_contract_business")
        with self.on("2026-10-04"):
            for context in ({"contract_guard": True}, {}):
                mine = record.with_user(self.head).with_context(**context)
                with self.assertRaises(UserError):
                    mine.action_approve()
            # neither when somebody else leads the office
            self.team.user_id = self.member
            with self.assertRaises(UserError):
                record.with_user(self.head).action_approve()
            self.assertTrue(record.with_user(self.business).can_decide)

    def test_lines_by_commands(self):
        east, west = self.generate(), self.record_of(self.west)
        for command in (
            Command.create({"number": "X"}),
            Command.delete(east.line_ids.id),
            Command.unlink(east.line_ids.id),
            Command.link(west.line_ids.id),
            Command.set(west.line_ids.ids),
            Command.clear(),
            Command.update(west.line_ids.id, {"remark": "x"}),
        ):
            for user in (self.head, self.business, self.manager):
                with self.subTest(command=command, user=user.login):
                    if command[0] == 1 and user != self.head:
                        continue
                    with mute_logger(RULES, "odoo.models.unlink"):
                        with self.assertRaises(UserError), self.env.cr.savepoint():
                            east.with_user(user).write({"line_ids": [command]})
        self.assertFalse(west.line_ids.remark)

    def test_forms_of_what_one_may_not_read(self):
        record = self.generate()
        record.with_user(self.head).write(
            {"plan": "<script>alert(1)</script>", "problems": "=1+1<b>bold</b>"}
        )
        report = self.env["ir.actions.report"]
        name = "contract_tracking.report_monthly_record"
        html = report._render_qweb_html(name, record.ids)[0].decode()
        self.assertIn("alert(1)", html)
        self.assertNotIn("<script>alert(1)", html)
        self.assertNotIn("<b>bold", html)
        template = self.env.ref("contract_tracking.mail_template_monthly_record")
        body = template._render_field("body_html", record.ids)[record.id]
        self.assertNotIn("<script>", body)
        self.assertNotIn("<b>bold", body)
        for user in (self.seller, self.stranger, self.outsider, self.employee):
            mine = record.with_user(user)
            for step in (
                mine._xlsx,
                mine.action_xlsx,
                mine.action_xlsx_month,
                lambda env=mine.env: env["ir.actions.report"]._render_qweb_html(
                    "contract_tracking.report_monthly_record", record.ids
                ),
                lambda env=mine.env: env["ir.actions.report"]._render_qweb_html(
                    "contract_tracking.report_monthly_month", record.ids
                ),
            ):
                with self.subTest(user=user.login, step=step):
                    self.env.invalidate_all()
                    with mute_logger(RULES), self.assertRaises(UserError):
                        step()

    def test_rows_move_to_no_other_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        cutoff = self.env["contract.monthly.cutoff"].create(
            {"month": "2027-03-01", "date": "2027-03-25"}
        )
        rule = self.env["contract.warning.rule"].create(
            {"kind": "bill", "company_id": self.company.id, "action": "off"}
        )
        for row in (cutoff, rule):
            with self.subTest(row=row._name), mute_logger(RULES):
                with self.assertRaises(UserError), self.env.cr.savepoint():
                    row.with_user(self.manager).company_id = other

    def test_what_is_sent_is_nobody_elses(self):
        """The receivable accounts of the company stand in what is sent: the chatter
        shows it to no office."""
        boss = self.env["res.partner"].create(
            {"name": "Boss", "email": "boss@example.com"}
        )
        self.company.contract_monthly_recipient_ids = boss
        record = self.generate()
        self.confirm(record)
        with (
            self.on("2026-10-04"),
            patch.object(type(record), "_form_pdf", lambda self: b"%PDF"),
        ):
            record._mail()
        mail = self.env["mail.mail"].search([("recipient_ids", "=", boss.id)])
        self.assertEqual(len(mail.attachment_ids), 2)
        self.env.invalidate_all()
        for user in (self.head, self.member):
            files = mail.attachment_ids.with_user(user)
            with mute_logger(RULES), self.assertRaises(AccessError):
                files.read(["raw"])
            mine = record.with_user(user)
            self.assertFalse(mine.message_ids.attachment_ids)

    def test_workbooks_of_others(self):
        record = self.generate()
        Workbook = self.env["contract.monthly.workbook"]
        Workbook.with_user(self.head)._ask(record.with_user(self.head), 1)
        mine = Workbook.search([("user_id", "=", self.head.id)])
        unguarded(mine).write({"content": b"UEs=", "state": "done"})
        file = (
            self.env["ir.attachment"]
            .sudo()
            .search([("res_model", "=", mine._name), ("res_field", "=", "content")])
        )
        self.assertTrue(file)
        self.env.invalidate_all()
        for user in (self.member, self.business, self.manager, self.employee):
            row, raw = mine.with_user(user), file.with_user(user)
            for step in (
                lambda r=row: r.read(["content", "record_ids"]),
                lambda r=row: r.write({"name": "x"}),
                row.unlink,
                lambda r=raw: r.read(["raw"]),
            ):
                with mute_logger(RULES), self.assertRaises(UserError):
                    step()
        with self.assertRaises(UserError):
            mine.with_user(self.head).record_ids = False


class TestTrustMonthHttp(MonthCase, HttpCase):
    def get(self, path, **query):
        response = self.url_open(f"{path}?{urlencode(query)}")
        return response.status_code

    def test_addresses_of_others(self):
        record, west = self.generate(), self.record_of(self.west)
        self.env.flush_all()
        password = "long-enough-for-a-test-1"
        for user, own, other in (
            (self.head, record, west),
            (self.seller, record.browse(), record),
            (self.employee, record.browse(), record),
        ):
            user.password = password
            self.authenticate(user.login, password)
            with mute_logger(RULES, "odoo.http", "odoo.addons.base.models.ir_model"):
                if own:
                    path = f"/contract_tracking/monthly/{own.id}/xlsx"
                    self.assertEqual(self.get(path), 200)
                for path, query in (
                    (f"/contract_tracking/monthly/{other.id}/xlsx", {}),
                    ("/contract_tracking/monthly/99999999/xlsx", {}),
                    ("/contract_tracking/monthly/xlsx", {"ids": (own | other).ids}),
                    (
                        "/contract_tracking/monthly/xlsx",
                        {"ids": ",".join(map(str, (own | other).ids))},
                    ),
                    ("/contract_tracking/monthly/xlsx", {"ids": "9" * 30}),
                    (f"/contract_tracking/monthly/{'9' * 30}/xlsx", {}),
                ):
                    with self.subTest(user=user.login, path=path, query=query):
                        self.assertEqual(self.get(path, **query), 404)

    def test_domains_of_others(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.seller.password = "ct_seller-long-enough-1"
        self.authenticate("ct_seller", "ct_seller-long-enough-1")
        path = "/contract_tracking/register/xlsx"
        self.env.flush_all()
        self.assertEqual(self.get(path, domain="[]"), 200)
        with mute_logger(RULES, "odoo.http", "odoo.addons.base.models.ir_model"):
            for query in (
                {"companies": str(other.id)},
                {"companies": "x"},
                {"companies": "9" * 30},
                {"domain": "[1"},
                {"domain": "5"},
                {"domain": "null"},
                {"domain": '{"a": 1}'},
                {"domain": json.dumps([["nothing", "=", 1]])},
                {"domain": json.dumps([["order_id.nothing", "=", 1]])},
                {"domain": json.dumps([["company_id.contract_cutoff_day", "=", 31]])},
                {"domain": json.dumps([["order_id.user_id.password", "=", 1]])},
                {"domain": json.dumps([["id", "child_of", {"a": 1}]])},
                {"domain": json.dumps([["id", "=", int("9" * 30)]])},
            ):
                with self.subTest(query=query):
                    self.assertIn(self.get(path, **query), (200, 404))


class TestTrustWarning(WarningCase):
    def test_warnings_of_others(self):
        self.warn("frame", days=30, percent=0)
        frame = self.new_frame(
            self.owner, date_start="2026-01-01", date_end="2026-10-31",
            amount_total=10000,
        )  # fmt: skip
        of_frame = self.find("2026-10-01", frame)
        self.assertTrue(of_frame)
        of_order = unguarded(self.env["contract.warning"]).create(
            {
                "order_id": self.order.id,
                "kind": "delivery",
                "key": "x",
                "found_on": "2026-10-01",
                "user_id": self.owner.id,
            }
        )
        for user in (self.outsider, self.rival, self.colleague):
            for warning in (of_frame, of_order):
                mine = warning.with_user(user)
                with self.subTest(user=user.login, warning=warning.kind):
                    self.assertFalse(mine.search([("id", "=", warning.id)]))
                    for step in (
                        lambda w=mine: w.read(["text", "data"]),
                        lambda w=mine: w.action_dismiss(),
                        lambda w=mine: w._take_reason_step("dismiss", "Mine."),
                    ):
                        with mute_logger(RULES), self.assertRaises(UserError):
                            self.env.invalidate_all()
                            step()

    def test_a_row_of_the_register_that_is_not_saved(self):
        Register = self.env["contract.register"]
        spec = {"order_id": {}, "product_names": {}, "payment_terms": {}}
        for user in (self.outsider, self.rival):
            for values, context in (
                ({"order_id": self.order.id}, {}),
                ({}, {"default_order_id": self.order.id}),
            ):
                mine = Register.with_user(user).with_context(**context)
                try:
                    with mute_logger(RULES):
                        found = mine.onchange(values, [], spec)["value"]
                except AccessError:
                    continue
                self.assertFalse(found.get("product_names"))
                self.assertFalse(found.get("payment_terms"))

    def test_rows_of_reports_of_others(self):
        frame = self.new_frame(self.owner, amount_total=10000)
        self.env.flush_all()
        with freeze_time("2026-10-01 02:00:00"):
            for name in ("contract.register", "contract.execution.report"):
                Model = self.env[name]
                every = Model.search(
                    ["|", ("order_id", "=", self.order.id), ("frame_id", "=", frame.id)]
                )
                self.assertTrue(every)
                for user in (self.outsider, self.rival):
                    mine = Model.with_user(user)
                    self.assertFalse(mine.search([("id", "in", every.ids)]))
                    rows = mine._read_group(
                        [("order_id", "=", self.order.id)], ["order_id"], ["__count"]
                    )
                    self.assertFalse(rows)
                    with mute_logger(RULES), self.assertRaises(AccessError):
                        every.with_user(user).read(["number"])
