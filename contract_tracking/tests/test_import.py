from freezegun import freeze_time

from odoo.tools import file_open, mute_logger

from .roles import RoleCase

CONTRACTS = [
    "id",
    "partner_id",
    "user_id/.id",
    "contract_number",
    "contract_kind",
    "contract_signing_date",
    "contract_owner_id/.id",
    "contract_schedule_template_id",
    "contract_fulfilment",
    "contract_deemed_days",
    "contract_opening_date",
    "contract_opening_invoiced",
    "contract_opening_received",
    "order_line/product_id",
    "order_line/product_uom_qty",
    "order_line/price_unit",
    "order_line/contract_opening_quantity",
]
TERMS = [
    "id",
    "order_id/id",
    "kind",
    "name",
    "payment_kind",
    "percent",
    "due_mode",
    "event_type_id",
    "delay",
    "each",
    "date_fixed",
]
EVENTS = ["order_id/id", "type_id", "date", "deemed", "note"]


class TestImport(RoleCase):
    """Contracts, their terms and events, and receipts come in files."""

    def load(self, model, fields, rows, user=None):
        return self.env[model].with_user(user or self.director).load(fields, rows)

    def contract_rows(self, **changes):
        first = {
            "id": "imp.contract_1",
            "partner_id": "Yangtze Pumps",
            "user_id/.id": str(self.seller.id),
            "contract_number": "HT2025-0001",
            "contract_kind": "Contract",
            "contract_signing_date": "2025-11-03",
            "contract_owner_id/.id": str(self.owner.id),
            "contract_schedule_template_id": "",
            "contract_fulfilment": "Customer's receipt",
            "contract_deemed_days": "15",
            "contract_opening_date": "2025-12-31",
            "contract_opening_invoiced": "4000",
            "contract_opening_received": "3000",
            "order_line/product_id": "Pump",
            "order_line/product_uom_qty": "100",
            "order_line/price_unit": "100",
            "order_line/contract_opening_quantity": "40",
            **changes,
        }
        more = dict.fromkeys(CONTRACTS, "") | {
            "order_line/product_id": "Valve",
            "order_line/product_uom_qty": "20",
            "order_line/price_unit": "150",
            "order_line/contract_opening_quantity": "0",
        }
        second = first | {
            "id": "imp.contract_2",
            "contract_number": "HT2025-0002",
            "contract_schedule_template_id": "Net 30 days after invoice",
            "contract_opening_date": "",
            "contract_opening_invoiced": "",
            "contract_opening_received": "",
            "order_line/contract_opening_quantity": "",
        }
        return [[row[name] for name in CONTRACTS] for row in (first, more, second)]

    def import_contracts(self):
        result = self.load("sale.order", CONTRACTS, self.contract_rows())
        self.assertFalse(result["messages"])
        return self.env["sale.order"].browse(result["ids"])

    def assert_refused(self, result, *words):
        """Nothing was imported, and the message says why."""
        self.assertFalse(result["ids"])
        text = " ".join(message["message"] for message in result["messages"])
        for word in words:
            self.assertIn(word, text)

    def test_contracts(self):
        first, second = self.import_contracts()
        self.assertEqual(first.contract_state, "draft")
        self.assertEqual(first.contract_number, "HT2025-0001")
        self.assertEqual(first.contract_fulfilment, "receipt")
        self.assertEqual(first.contract_deemed_days, 15)
        self.assertEqual(first.contract_owner_id, self.owner)
        self.assertEqual(
            first.order_line.mapped("contract_opening_quantity"), [40.0, 0.0]
        )
        self.assertEqual(len(second.contract_term_ids), 1)
        terms = [
            ["imp.t1", "imp.contract_1", "Payment", "Deposit", "Deposit", "30",
             "After an event", "Taking effect", "7", "", ""],
            ["imp.t2", "imp.contract_1", "Payment", "Balance", "Balance", "70",
             "After an event", "Customer's receipt", "30", "1", ""],
            ["imp.t3", "imp.contract_1", "Document", "Manuals", "", "",
             "On a date", "", "", "", "2026-12-31"],
        ]  # fmt: skip
        result = self.load("contract.term", TERMS, terms)
        self.assertFalse(result["messages"])
        events = [
            ["imp.contract_1", "Drawings confirmed", "2025-11-20", "", "Set C"],
            ["imp.contract_1", "Acceptance", "2026-01-20", "1", ""],
        ]
        result = self.load("contract.event", EVENTS, events)
        self.assertFalse(result["messages"])
        self.assertEqual(
            first.contract_event_ids.sorted("date").mapped("deemed"), [False, True]
        )
        with freeze_time("2026-02-01 02:00:00"):
            first.with_user(self.seller).action_confirm()
        self.assertEqual(first.contract_state, "active")
        self.assertEqual(first.contract_number, "HT2025-0001")
        # 100 × 100 + 20 × 150
        self.assertEqual(first.contract_agreed_amount, 13000)
        amounts = {t.name: t.amount for t in first.contract_term_ids if t.percent}
        self.assertEqual(amounts, {"Deposit": 3900, "Balance": 9100})
        # delivered 40 × 100; invoiced and received as they came in
        self.assertEqual(first.contract_delivered_amount, 4000)
        self.assertEqual(first.contract_invoiced_amount, 4000)
        self.assertEqual(first.contract_received_amount, 3000)

    def test_twice_is_once(self):
        orders = self.import_contracts()
        rows = [["imp.contract_1", "2026-06-30"]]
        result = self.load("sale.order", ["id", "contract_end_date"], rows)
        self.assertEqual(result["ids"], orders[0].ids)
        self.assertEqual(str(orders[0].contract_end_date), "2026-06-30")

    @mute_logger("odoo.sql_db")
    def test_bad_contracts(self):
        """One bad row, and nothing of the file is there."""
        self.order.with_user(self.business)._contract_correct(
            {"contract_number": "HT-TAKEN"}, "Paper"
        )
        cases = (
            ({"partner_id": "Nobody"}, "Nobody"),
            ({"contract_kind": "Napkin"}, "Napkin"),
            ({"contract_schedule_template_id": "No template"}, "No template"),
            ({"contract_opening_date": "31.31.2025"}, "31.31.2025"),
            ({"contract_number": "HT-TAKEN"}, "already has this contract number"),
            ({"contract_deemed_days": "-1"}, "can't be negative"),
        )
        for changes, word in cases:
            with self.subTest(**changes):
                result = self.load(
                    "sale.order", CONTRACTS, self.contract_rows(**changes)
                )
                self.assert_refused(result, word)
                self.assertFalse(
                    self.env["sale.order"].search(
                        [("contract_number", "=like", "HT2025-%")]
                    )
                )

    def test_bad_terms_and_events(self):
        first, _second = self.import_contracts()
        rows = [
            ["imp.t1", "imp.contract_1", "Payment", "Deposit", "Deposit", "30",
             "After an event", "Taking effect", "7", "", ""],
            ["imp.t2", "imp.contract_1", "Payment", "Balance", "Balance", "80",
             "After an event", "Dispatch", "30", "", ""],
        ]  # fmt: skip
        result = self.load("contract.term", TERMS, rows)
        self.assert_refused(result, "more than the whole contract")
        self.assertFalse(first.contract_term_ids)
        rows[1][5], rows[1][6] = "70", "On a date"
        self.assert_refused(self.load("contract.term", TERMS, rows), "enter the date")
        rows[1][6], rows[1][7] = "After an event", "Full moon"
        self.assert_refused(self.load("contract.term", TERMS, rows), "Full moon")
        for row, word in (
            (["imp.contract_1", "Dispatch", "2026-01-20", "", ""], "by hand"),
            (["imp.contract_1", "Goods ready", "2099-01-20", "", ""], "still to come"),
            (["imp.contract_1", "Goods ready", "2026-01-20", "1", ""], "be deemed"),
            (["imp.contract_9", "Goods ready", "2026-01-20", "", ""], "contract_9"),
        ):
            good = ["imp.contract_1", "Acceptance", "2026-01-20", "", ""]
            with self.subTest(row=row):
                result = self.load("contract.event", EVENTS, [good, row])
                self.assert_refused(result, word)
                self.assertFalse(first.contract_event_ids)

    def test_agreed_terms_are_not_overwritten(self):
        """The guard stands: an import is a write like any other."""
        term = self.order.contract_term_ids.filtered("percent")[:1]
        result = self.load(
            "contract.term", [".id", "percent"], [[str(term.id), "50"]], self.manager
        )
        self.assert_refused(result, "supplementary agreement")
        result = self.load(
            "sale.order",
            [".id", "contract_state"],
            [[str(self.order.id), "Completed"]],
        )
        self.assert_refused(result, "its own actions")


class TestImportReceipts(RoleCase):
    """Receipts of deliveries, by the number of the delivery."""

    FIELDS = (
        "contract_delivery_number",
        "contract_receipt_date",
        "contract_receipt_filed",
        "contract_bl_number",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.deliver(cls.order, "2026-09-20", pump=4)
        cls.second = cls.deliver(cls.order, "2026-09-25")

    def load(self, rows, user=None, fields=FIELDS):
        return (
            self.env["stock.picking"]
            .with_user(user or self.stock_user)
            .load(list(fields), rows)
        )

    def rows(self):
        return [
            [self.picking.name, "2026-09-21", "1", "COSU1"],
            [self.second.name, "2026-09-27", "0", ""],
        ]

    def test_receipts(self):
        for fields in (self.FIELDS, ("name", *self.FIELDS[1:])):
            result = self.load(self.rows(), fields=fields)
            self.assertFalse(result["messages"])
            self.assertEqual(result["ids"], (self.picking + self.second).ids)
        self.assertEqual(str(self.picking.contract_receipt_date), "2026-09-21")
        self.assertTrue(self.picking.contract_receipt_filed)
        self.assertEqual(self.picking.contract_bl_number, "COSU1")
        self.assertFalse(self.second.contract_receipt_filed)

    def test_bad_rows(self):
        before = self.env["stock.picking"].search_count([])
        for row, word in (
            (["WH/OUT/99999", "2026-09-27", "1", ""], "WH/OUT/99999"),
            ([self.second.name, "2026-09-24", "1", ""], "goods left on"),
            ([self.second.name, "2099-09-24", "1", ""], "today is"),
            ([self.second.name, "yesterday", "1", ""], "yesterday"),
        ):
            with self.subTest(row=row):
                result = self.load([self.rows()[0], row])
                self.assertFalse(result["ids"])
                # core names the first row as well when a check of the batch fails
                message = result["messages"][-1]
                self.assertIn(word, message["message"])
                self.assertEqual(message["rows"]["from"], 1)
                self.assertFalse(self.picking.contract_receipt_date)
        self.assertEqual(self.env["stock.picking"].search_count([]), before)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_only_those_who_may(self):
        result = self.load(self.rows(), self.rival)
        self.assertFalse(result["ids"])
        self.assertFalse(self.picking.contract_receipt_date)
        self.assertTrue(self.load(self.rows(), self.seller)["ids"])

    def test_other_imports_of_deliveries(self):
        """Core's own import isn't touched."""
        result = self.load([[self.picking.name, "x"]], fields=("name", "note"))
        self.assertNotEqual(result["ids"], self.picking.ids)


class TestImportTemplates(RoleCase):
    """The files to download fit the import."""

    def test_columns(self):
        contracts = """id partner_id user_id client_order_ref commitment_date
            contract_number contract_kind contract_type contract_signing_date
            contract_owner_id contract_supervisor_id contract_end_date
            contract_schedule_template_id contract_fulfilment contract_deemed_days
            contract_opening_date contract_opening_invoiced contract_opening_received
            order_line/product_id order_line/product_uom_qty order_line/price_unit
            order_line/contract_opening_quantity"""
        terms = """order_id/id kind name payment_kind percent amount instrument_id
            due_mode date_fixed event_type_id delay delay_unit each precedes user_id
            department_id"""
        events = "order_id/id type_id date deemed note"
        receipts = """contract_delivery_number contract_receipt_date
            contract_receipt_filed contract_bl_date contract_bl_number"""
        for model, user, columns in (
            ("sale.order", self.director, contracts),
            ("contract.term", self.manager, terms),
            ("contract.event", self.manager, events),
            ("stock.picking", self.stock_user, receipts),
        ):
            template = self.env[model].with_user(user).get_import_templates()[-1]
            with file_open(template["template"].lstrip("/"), "rb") as file:
                content = file.read()
            wizard = (
                self.env["base_import.import"]
                .with_user(user)
                .create(
                    {
                        "res_model": model,
                        "file": content,
                        "file_name": "template.xlsx",
                        "file_type": "application/vnd.openxmlformats-officedocument"
                        ".spreadsheetml.sheet",
                    }
                )
            )
            preview = wizard.parse_preview({"has_headers": True})
            found = preview["matches"].items()
            with self.subTest(model=model):
                self.assertEqual(
                    ["/".join(path) for _column, path in sorted(found)],
                    columns.split(),
                )

    def test_who_is_offered_what(self):
        for model, insider, outsider in (
            ("sale.order", self.seller, self.stock_user),
            ("stock.picking", self.seller, self.employee),
        ):
            own = self.env[model].with_user(insider).get_import_templates()
            others = self.env[model].with_user(outsider).get_import_templates()
            self.assertEqual(len(own), len(others) + 1)
