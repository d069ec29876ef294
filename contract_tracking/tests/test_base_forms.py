from freezegun import freeze_time
from lxml import etree

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import users

from ..tools.words import format_quantity
from .common import ContractCommon
from .roles import RoleCase

FORMS = (
    "contract.coordination",
    "contract.deviation",
    "contract.frame",
    "contract.reagreement",
    "contract.risk.shipment",
    "contract.statement",
    "contract.tracking.record",
    "sale.order",
)


class TestForms(RoleCase):
    """Forms as rows: code, version and sequence of a company and model."""

    def form(self, model, company=None):
        return self.env["contract.form.type"].search(
            [
                ("model", "=", model),
                ("company_id", "=", (company or self.company).id),
            ]
        )

    def record(self, **values):
        return self.env["contract.tracking.record"].create(
            {"order_id": self.order.id, "date": "2026-09-15", **values}
        )

    def test_a_new_company_has_all_forms(self):
        company = self.env["res.company"].create({"name": "South"})
        forms = self.env["contract.form.type"].search([("company_id", "=", company.id)])
        self.assertLessEqual(set(FORMS), set(forms.mapped("model")))
        self.assertEqual(forms.sequence_id.company_id, company)
        self.assertEqual(self.form("contract.deviation", company).code, "QR-XS-03")
        self.env["contract.form.type"]._ensure(company)
        self.assertEqual(
            len(forms.search([("company_id", "=", company.id)])), len(forms)
        )

    def test_day_of_the_contract_in_a_form(self):
        """A form proposes the day of its contract's company, not of the user's."""
        self.company.contract_tz = "America/New_York"
        east = self.env["res.company"].create(
            {"name": "East", "contract_tz": "Asia/Shanghai"}
        )
        self.env.user.company_ids |= east
        with freeze_time("2026-09-15 22:00:00"):
            for model, fname in (
                ("contract.event", "date"),
                ("contract.document", "date"),
                ("contract.tracking.record", "date"),
                ("contract.reagreement", "date_from"),
            ):
                Model = self.env[model].with_company(east)
                proposed = Model.with_context(
                    default_order_id=self.order.id
                ).default_get(["order_id", fname])
                with self.subTest(model=model):
                    self.assertEqual(str(proposed[fname]), "2026-09-15")
                    alone = Model.default_get([fname])[fname]
                    self.assertEqual(str(alone), "2026-09-16")

    def test_columns_stand_below_each_other_on_a_phone(self):
        """No card is cut off, and the first column isn't an empty one."""
        views = self.env["ir.ui.view"].search(
            [("model", "=like", "contract.%"), ("type", "=", "kanban")]
        )
        grouped = [
            view
            for view in views
            if etree.fromstring(view.arch).get("default_group_by")
        ]
        self.assertTrue(grouped)
        for view in grouped:
            with self.subTest(view=view.name):
                classes = etree.fromstring(view.arch).get("class", "").split()
                self.assertIn("o_contract_stack", classes)

    def test_wide_lists_are_cards_on_a_phone(self):
        for model in (
            "contract.archive",
            "contract.archive.disposal",
            "contract.change",
            "contract.settlement",
            "contract.termination",
        ):
            view = self.env[model].get_view(view_type="form", mobile=True)
            for field in etree.fromstring(view["arch"]).iterfind(".//field[list]"):
                columns = [
                    node
                    for node in field.iterfind("list/field")
                    if node.get("column_invisible") not in ("1", "True")
                    and node.get("optional") != "hide"
                ]
                with self.subTest(model=model, field=field.get("name")):
                    if len(columns) > 4:
                        self.assertIsNotNone(field.find("kanban"))

    def test_the_oldest_sequence_goes_on(self):
        """A copy that somebody made of a sequence doesn't take the numbers over."""
        company = self.env["res.company"].create({"name": "South"})
        form = self.form("contract.deviation", company)
        first = form.sequence_id
        first.copy({"name": "AAA"})
        self.env.cr.execute("DELETE FROM contract_form_type WHERE id = %s", [form.id])
        self.env.invalidate_all()
        self.env["contract.form.type"]._ensure(company)
        self.assertEqual(self.form("contract.deviation", company).sequence_id, first)

    def test_a_document_keeps_the_code_of_its_day(self):
        form = self.form("contract.tracking.record")
        form.write({"code": "QR-7", "version": "B/1"})
        record = self.record()
        self.assertEqual((record.form_code, record.form_version), ("QR-7", "B/1"))
        record.action_confirm()
        form.version = "B/2"
        self.assertEqual(record.form_version, "B/1")

    def test_a_copy_is_a_new_document(self):
        document = self.env["contract.coordination"].create(
            {"order_id": self.order.id, "subject": "Pumps are late"}
        )
        copied = document.copy()
        self.assertEqual(copied.subject, "Pumps are late")
        self.assertEqual(copied.state, "draft")
        self.assertNotEqual(copied.name, document.name)

    def test_forms_are_about_contracts(self):
        order = self.new_order()
        order.write({"state": "sale"})
        self.assertFalse(order.contract_state)
        frame = self.env["contract.frame"].create({"partner_id": self.partner.id})
        for model, values in {
            "contract.coordination": {"subject": "Pumps are late"},
            "contract.deviation": {"summary": "Pumps are late"},
            "contract.reagreement": {"date_from": "2026-10-01"},
            "contract.tracking.record": {"date": "2026-09-15"},
        }.items():
            for parent in ({"order_id": order.id}, {"frame_id": frame.id}):
                with (
                    self.subTest(model=model, parent=parent),
                    self.assertRaisesRegex(
                        ValidationError, "not tracked as a contract|not in effect"
                    ),
                ):
                    self.env[model].create({**values, **parent})

    def test_another_sequence_numbers_from_then_on(self):
        sequence = self.form("contract.deviation").sequence_id.copy({"prefix": "X-"})
        self.form("contract.tracking.record").sequence_id = sequence
        self.assertEqual(self.record().name, "X-0001")

    def test_each_year_has_a_range_of_its_own(self):
        numbers = []
        for day in ("2026-12-31 15:59:59", "2026-12-31 16:00:00"):  # UTC; 8 h earlier
            with freeze_time(day):
                numbers += self.env["contract.form.type"]._next_numbers(
                    "contract.frame", self.company, 1
                )
        self.assertTrue(numbers[0].startswith("KJ2026-"))
        self.assertEqual(numbers[1], "KJ2027-0001")

    def test_printed_files_say_which_form_they_are(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"].search(
            [("name", "=", "contract_tracking")]
        )._update_translations(["zh_CN"], True)
        reports = self.env["ir.actions.report"].search(
            [("report_name", "=like", "contract_tracking.%")]
        )
        for lang in ("en_US", "zh_CN"):
            models = {}
            for report in reports.with_context(lang=lang):
                name = report.print_report_name
                with self.subTest(lang=lang, report=report.report_name):
                    self.assertEqual(
                        models.setdefault(name, report.model), report.model
                    )
                    if lang == "zh_CN":
                        self.assertRegex(name, "[\u4e00-\u9fff]")

    def test_nobody_deletes_a_form(self):
        with self.assertRaises(UserError):
            self.form("contract.deviation").unlink()

    @users("ct_seller", "ct_business", "ct_leader", "ct_auditor")
    def test_only_administrators_change_forms(self):
        form = self.form("contract.deviation").with_env(self.env)
        self.assertEqual(form.code, "QR-XS-03")
        with self.assertRaises(AccessError):
            form.code = "X"
        with self.assertRaises(AccessError):
            form.create(
                {
                    "company_id": self.company.id,
                    "model": "contract.deviation",
                    "sequence_id": 1,
                }
            )

    def test_administrators_change_forms_of_their_companies(self):
        form = self.form("contract.deviation").with_user(self.manager)
        form.code = "QR-XS-33"
        company = self.env["res.company"].create({"name": "South"})
        other = self.form("contract.deviation", company).with_user(self.manager)
        with self.assertRaises(AccessError):
            other.code = "X"


class TestReasons(RoleCase):
    """One window for every step that needs words."""

    def ask(self, user, records, step, reason="Agreed by letter"):
        return (
            self.env["contract.reason"]
            .with_user(user)
            .create(
                {
                    "res_model": records._name,
                    "res_ids": records.ids,
                    "step": step,
                    "reason": reason,
                }
            )
        )

    def test_a_step_is_taken_with_its_reason(self):
        wizard = self.ask(self.business, self.order, "suspend")
        self.assertEqual(wizard.step_label, "Suspend the contract")
        wizard.action_apply()
        self.assertEqual(self.order.contract_state, "suspended")
        self.assertEqual(self.last_row(self.order).reason, "Agreed by letter")

    def test_no_step_without_words(self):
        for reason in (" ", "\n"):
            with self.assertRaisesRegex(UserError, "Say why|can't be empty"):
                self.ask(self.business, self.order, "suspend", reason).action_apply()

    def test_only_the_steps_of_the_document(self):
        for step in ("close", "unlink", "_contract_set_state", "write"):
            with self.subTest(step=step), self.assertRaises(UserError):
                self.ask(self.business, self.order, step).action_apply()

    def test_only_documents_with_steps(self):
        for records in (self.partner, self.env["res.users"].browse(1)):
            with self.subTest(model=records._name), self.assertRaises(UserError):
                self.ask(self.business, records, "suspend").action_apply()

    def test_the_window_shows_nothing_that_its_user_cannot_read(self):
        with self.assertRaises(AccessError):
            self.ask(self.rival, self.order, "suspend").action_apply()

    def test_the_window_is_its_authors(self):
        wizard = self.ask(self.business, self.order, "suspend", "secret")
        self.assertFalse(wizard.with_user(self.member).has_access("read"))


class TestStates(RoleCase):
    """The guard and the button ask the same table."""

    def test_button_and_guard_agree(self):
        self.add_documents(self.order)
        frame = self.new_frame(self.owner)
        statement = self.env["contract.statement"].create(
            {"partner_id": self.partner.id, "date_from": "2026-09-01"}
        )
        deviation = self.env["contract.deviation"].create({"order_id": self.order.id})
        documents = (self.order, frame, self.record, statement, deviation)
        for user in (self.seller, self.owner, self.business, self.leader, self.auditor):
            for document in documents:
                mine = document.with_user(user)
                if not mine.has_access("read"):
                    continue
                for state in mine._contract_next_states():
                    with self.subTest(user=user.login, model=mine._name, state=state):
                        self.assert_agreed(mine, state)

    def assert_agreed(self, document, state):
        refusal = document._contract_refusal(state)
        self.assertEqual(document._contract_can(state), not refusal)
        if not refusal:
            document._contract_check_next(state)
            return
        with self.assertRaises(UserError) as caught:
            document._contract_check_next(state)
        self.assertEqual(caught.exception.args[0], refusal)

    def test_the_message_says_which_states(self):
        self.order.with_user(self.business)._take_reason_step("suspend", "Pause")
        with self.assertRaisesRegex(
            UserError, "“Suspended”: this is possible only while it is “In effect”"
        ):
            self.order.with_user(self.business)._take_reason_step("suspend", "Again")

    def test_another_addon_adds_a_way(self):
        def with_return(order):
            return {
                **before(order),
                "active": {"terminated": "_contract_refuse_business"},
            }

        model = type(self.order)
        before = model._contract_next_states
        self.patch(model, "_contract_next_states", with_return)
        order = self.order.with_user(self.business)
        order._take_reason_step("terminate", "Bankrupt")
        self.assertTrue(order._contract_can("active"))
        self.assertFalse(self.order.with_user(self.seller)._contract_can("active"))


class TestQuantities(ContractCommon):
    """Quantities as the reader's language writes them, without needless zeros."""

    def test_in_the_language_of_the_form(self):
        self.env["res.lang"]._activate_lang("de_DE")
        order = self.new_contract("2026-03-01")
        record = self.env["contract.tracking.record"].create({"order_id": order.id})
        for lang, text in (("de_DE", "1.234,5"), ("en_US", "1,234.5")):
            self.assertEqual(
                record.with_context(lang=lang)._form_quantity(1234.5), text
            )
        self.assertEqual(record._form_quantity(False), "0")

    def test_without_a_language(self):
        """A scheduled action has none: the company's writes the number."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.env.company.partner_id.lang = "de_DE"
        env = self.env(context={"lang": False})
        self.assertEqual(format_quantity(env, 100.0), "100")
        self.assertEqual(format_quantity(env, 0.5), "0,5")

    def test_history_in_words(self):
        """Days and totals of the history as its reader writes them; numbers of
        contracts stay."""
        order = self.new_contract("2026-03-01")
        row = {"order_id": order.id, "name": "x"}
        rows = self.env["contract.history"]._log(
            [
                {**row, "kind": "event", "new_value": "2026-03-01"},
                {**row, "kind": "amount", "new_value": "1000.50"},
                {**row, "kind": "fact", "new_value": "2026.01"},
            ]
        )
        self.assertEqual(rows.mapped("new_text"), ["03/01/2026", "1,000.50", "2026.01"])
