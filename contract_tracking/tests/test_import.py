from freezegun import freeze_time

from odoo.tests import HttpCase
from odoo.tools import mute_logger

from ..tools.sheets import XLSX, Book
from .roles import RoleCase

MODELS = ("sale.order", "contract.term", "contract.event", "stock.picking")

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


class FileCase(RoleCase):
    """Files go the way of the import screen: parsed, headers matched, imported."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.env["ir.module.module"].search(
            [("name", "=", "contract_tracking")]
        )._update_translations("zh_CN")

    def upload(self, model, content, user=None, lang="en_US", dryrun=False):
        """Import a file, as the client does; return what it says and the columns."""
        wizard = (
            self.env["base_import.import"]
            .with_user(user or self.director)
            .with_context(lang=lang)
            .create(
                {
                    "res_model": model,
                    "file": content,
                    "file_name": "file.xlsx",
                    "file_type": XLSX,
                }
            )
        )
        options = {"has_headers": True, "quoting": '"', "limit": 2000}
        preview = wizard.parse_preview(options)
        self.assertNotIn("error", preview)
        matches = preview["matches"] or {}
        headers = preview["headers"]
        columns = [
            "/".join(matches[place]) if place in matches else False
            for place in range(len(headers))
        ]
        result = wizard.execute_import(
            columns, [h.lower() for h in headers], preview["options"], dryrun=dryrun
        )
        return result, columns

    def book(self, *rows):
        """A file of these rows, as its bytes; a share is (value, number format)."""
        book = Book()
        sheet = book.sheet("Import")
        for number, row in enumerate(rows):
            for place, value in enumerate(row):
                if isinstance(value, tuple):
                    style = book.style(num_format=value[1])
                    sheet.write(number, place, value[0], style)
                else:
                    sheet.write(number, place, value)
        return book.content()

    def assert_row(self, result, row, *words):
        """The file is refused because of a row, and the message says why."""
        self.assertFalse(result.get("ids"))
        message = result["messages"][0]
        self.assertEqual(message["rows"]["from"], row)
        for word in words:
            self.assertIn(word, message["message"])


class TestImportTemplates(FileCase):
    """The files to download fit the import, in both languages."""

    def test_columns(self):
        for lang in ("en_US", "zh_CN"):
            for reader in ("en_US", "zh_CN"):
                for model in MODELS:
                    Model = self.env[model].with_user(self.director)
                    content = Model.with_context(lang=lang)._import_template_xlsx()
                    _result, columns = self.upload(
                        model, content, lang=reader, dryrun=True
                    )
                    with self.subTest(model=model, lang=lang, reader=reader):
                        self.assertEqual(columns, Model._import_columns())

    def test_as_it_is(self):
        """Every template is imported as it comes, by a reader of another language too,
        and a second time."""
        for lang, reader in (("en_US", "zh_CN"), ("zh_CN", "en_US")):
            env = self.env(context={**self.env.context, "lang": lang})
            director = self.director.with_env(env)
            [contracts] = env["sale.order"].with_user(director)._import_samples()[:1]
            for model, name in (
                ("res.partner", contracts["partner_id"]),
                ("product.product", contracts["order_line/product_id"]),
            ):
                if not self.env[model].search_count([("name", "=", name)]):
                    self.env[model].create({"name": name})
            delivered = self.deliver(self.order, "2026-01-10", pump=1)
            second = self.deliver(self.order, "2026-01-10", pump=1)
            delivered.name, second.name = "WH/OUT/00012", "WH/OUT/00013"
            counts = []
            for _time in range(2):
                for model in MODELS:
                    Model = env[model].with_user(self.director)
                    result, _columns = self.upload(
                        model, Model._import_template_xlsx(), lang=reader
                    )
                    with self.subTest(model=model, lang=lang, time=_time):
                        self.assertFalse(result["messages"])
                counts.append(
                    [self.env[model].search_count([]) for model in MODELS]
                    + [self.env["sale.order.line"].search_count([])]
                )
            self.assertEqual(*counts)
            orders = self.env["sale.order"].search(
                [("contract_number", "=like", "HT2025-%")]
            )
            self.assertEqual(len(orders), 2)
            first, other = orders.sorted("contract_number")
            self.assertEqual(first.amount_untaxed, 103000)
            self.assertEqual(
                first.order_line.mapped("contract_opening_quantity"), [40.0, 0.0]
            )
            self.assertEqual(first.contract_opening_invoiced, 40000)
            self.assertEqual(str(first.contract_end_date), "2026-12-31")
            self.assertEqual(
                other.contract_term_ids.filtered("percent").mapped("percent"), [30, 70]
            )
            self.assertEqual(
                first.contract_event_ids.sorted("date").type_id,
                self.env.ref("contract_tracking.event_type_drawings")
                + self.env.ref("contract_tracking.event_type_goods_ready"),
            )
            self.assertTrue(delivered.contract_receipt_filed)
            self.assertEqual(second.contract_bl_number, "COSU6123456780")
            orders.contract_event_ids.unlink()
            orders.with_context(disable_cancel_warning=True)._action_cancel()
            orders.unlink()
            (delivered | second).write({"contract_bl_number": False})
            delivered.name, second.name = f"{lang}/1", f"{lang}/2"

    def test_who_is_offered_what(self):
        for model, insider, outsider in (
            ("sale.order", self.seller, self.stock_user),
            ("stock.picking", self.seller, self.employee),
        ):
            own = self.env[model].with_user(insider).get_import_templates()
            others = self.env[model].with_user(outsider).get_import_templates()
            self.assertEqual(len(own), len(others) + 1)
            self.assertEqual(own[-1]["template"], f"/contract_tracking/import/{model}")


class TestImportDownload(RoleCase, HttpCase):
    """Templates are downloaded in the user's language."""

    def test_download(self):
        self.authenticate(self.seller.login, self.seller.login)
        for model in MODELS:
            answer = self.url_open(f"/contract_tracking/import/{model}")
            self.assertEqual(answer.status_code, 200)
            self.assertTrue(answer.content.startswith(b"PK"))
        for model in ("res.users", "contract.import.mixin", "no.model"):
            answer = self.url_open(f"/contract_tracking/import/{model}")
            self.assertEqual(answer.status_code, 404)


class TestImportFiles(FileCase):
    """Files that people really have are read rightly, or refused with their row."""

    HEAD = ("Contract Number", "Customer", "Line No.", "Order Lines/Product",
            "Order Lines/Quantity", "Order Lines/Unit Price", "Ends On")  # fmt: skip
    HEAD_LINES = "Order Lines/Line No."

    def contracts(self, *rows, head=None, **kwargs):
        head = [self.HEAD_LINES if h == "Line No." else h for h in head or self.HEAD]
        result, columns = self.upload("sale.order", self.book(head, *rows), **kwargs)
        self.assertNotIn(False, columns)
        return result

    def imported(self, result):
        self.assertFalse(result["messages"])
        return self.env["sale.order"].browse(result["ids"])

    def terms(self, order, *rows, **kwargs):
        head = ("Contract", "Kind", "Description", "Payment Kind", "Share (%)",
                "Amount", "Falls Due", "Event Type", "Delay")  # fmt: skip
        book = self.book(head, *rows)
        result, columns = self.upload("contract.term", book, **kwargs)
        self.assertNotIn(False, columns)
        return result

    def test_numbers_and_days(self):
        partner, pump = "Yangtze Pumps", "Pump"
        for cells, expected in (
            (("１２３", "1,234.50", "2026年1月5日"), (123, 1234.5)),
            (("12", "¥1,234.5", "2026.1.5"), (12, 1234.5)),
            (("12", "1.5万", "2026/1/5"), (12, 15000)),
            (("１，２００", "３．５元", "２０２６年１月５日"), (1200, 3.5)),
            (("12", "人民币 100 元整", "20260105"), (12, 100)),
            ((12, 100.25, "2026-01-05"), (12, 100.25)),
        ):
            with self.subTest(cells=cells):
                quantity, price, end = cells
                result = self.contracts(
                    ("HT-F1", partner, 1, pump, quantity, price, end)
                )
                order = self.imported(result)
                line = order.order_line
                self.assertEqual((line.product_uom_qty, line.price_unit), expected)
                self.assertEqual(str(order.contract_end_date), "2026-01-05")
                order.unlink()

    def test_what_could_be_anything(self):
        partner, pump = "Yangtze Pumps", "Pump"
        good = ("HT-F1", partner, 1, pump, 1, 1, "2026-01-05")
        for place, value, word in (
            (5, "1.234,50", "1.234,50"),
            (5, "1,5", "1,5"),
            (5, "$100", "$100"),
            (5, "about 100", "about 100"),
            (4, "一百", "一百"),
            (6, "26.1.5", "26.1.5"),
            (6, "2026年2月30日", "2026年2月30日"),
            (6, "2026年1月", "2026年1月"),
            (0, "合计", "sums up others"),
            (3, "Total", "sums up others"),
            (3, "", "Product"),
        ):
            bad = ["HT-F2", *good[1:]]
            bad[place] = value
            with self.subTest(value=value):
                self.assert_row(self.contracts(good, bad), 1, word)
                self.assertFalse(
                    self.env["sale.order"].search([("contract_number", "like", "HT-F")])
                )

    def test_shares(self):
        order = self.new_draft()
        number = order.contract_number
        for share, expected in (
            ("30%", 30), ("30 %", 30), ("３０％", 30), (30, 30), ((0.3, "0%"), 30),
            ((0.125, "0.0%"), 12.5), ("0.5%", 0.5),
        ):  # fmt: skip
            row = (number, "Payment", "Down", "Deposit", share, "", "After an event",
                   "Taking effect", "7天")  # fmt: skip
            with self.subTest(share=share):
                self.assertFalse(self.terms(order, row)["messages"])
                [term] = order.contract_term_ids
                self.assertEqual((term.percent, term.delay), (expected, 7))
        for share in ("0.3", 0.3, 1, "thirty"):
            row = (number, "Payment", "Down", "Deposit", share, "", "After an event",
                   "Taking effect", 7)  # fmt: skip
            with self.subTest(share=share):
                self.assert_row(self.terms(order, row), 0, "Write 30")

    def new_draft(self, number="HT-D1"):
        order = self.new_order()
        order.contract_number = number
        order.contract_term_ids.unlink()
        return order

    def test_share_and_amount(self):
        order = self.new_draft()
        row = ["HT-D1", "Payment", "Down", "Deposit", 30, 300, "After an event",
               "Taking effect", 7]  # fmt: skip
        result = self.terms(order, [*row[:5], "", *row[6:]], row)
        self.assert_row(result, 1, "enter one of the two")
        self.assertFalse(order.contract_term_ids)

    def test_merged_cells(self):
        order, other = self.new_draft(), self.new_draft("HT-D2")
        event = ("After an event", "Taking effect", 7)
        result = self.terms(
            order,
            ("HT-D1", "Payment", "Down", "Deposit", 30, "", *event),
            ("", "", "Rest", "Balance", 70, "", *event),
            ("", "Document", "Manuals", "", "", "", *event),
            ("HT-D2", "Payment", "All", "Balance", 100, "", *event),
        )
        self.assertFalse(result["messages"])
        self.assertEqual(
            order.contract_term_ids.mapped("kind"), ["payment", "payment", "document"]
        )
        self.assertEqual(other.contract_term_ids.name, "All")
        # what another contract's row says isn't merged
        result = self.terms(
            order,
            ("HT-D1", "Document", "More", "", "", "", *event),
            ("HT-D2", "", "More", "", "", "", *event),
        )
        self.assert_row(result, 1, "Kind")

    def test_merged_contracts(self):
        """A contract whose head stands in its first row, or in each of them."""
        partner = "Yangtze Pumps"
        for head in (("", "", ""), ("HT-F1", partner, "2026-01-05")):
            number, customer, end = head
            result = self.contracts(
                ("HT-F1", partner, 1, "Pump", 10, 5, "2026-01-05"),
                (number, customer, 2, "Valve", 20, 6, end),
            )
            order = self.imported(result)
            self.assertEqual(order.order_line.mapped("product_uom_qty"), [10, 20])
            order.unlink()
        result = self.contracts(
            ("HT-F1", partner, 1, "Pump", 10, 5, "2026-01-05"),
            ("HT-F1", partner, 2, "Valve", 20, 6, "2026-02-05"),
        )
        self.assert_row(result, 1, "Ends On", "HT-F1")

    def test_contracts_twice(self):
        partner = "Yangtze Pumps"
        rows = [
            ("HT-F1", partner, 1, "Pump", 10, 5, "2026-01-05"),
            ("", "", 2, "Valve", 20, 6, ""),
            ("HT-F2", partner, 1, "Pump", 1, 1, ""),
        ]
        orders = self.imported(self.contracts(*rows))
        self.assertEqual(orders.order_line.mapped("contract_line_no"), [1, 2, 1])
        lines = orders.order_line
        rows[1] = ("", "", 2, "Valve", 25, 6, "")
        rows.insert(2, ("", "", 3, "Pump", 2, 3, ""))
        again = self.imported(self.contracts(*rows))
        self.assertEqual(again, orders)
        self.assertLessEqual(lines, orders.order_line)
        self.assertEqual(
            orders[0].order_line.mapped("product_uom_qty"), [10.0, 25.0, 2.0]
        )
        rows[0] = ("HT-F1", partner, "", "Pump", 10, 5, "2026-01-05")
        self.assert_row(self.contracts(*rows), 0, "has lines already")
        rows[0] = ("HT-F1", partner, 2, "Pump", 10, 5, "2026-01-05")
        self.assert_row(self.contracts(*rows), 1, "twice")

    def test_lines_without_numbers(self):
        """A contract that was written by hand isn't doubled."""
        self.new_draft("HT-F1")
        row = ("HT-F1", "Yangtze Pumps", 1, "Pump", 10, 5, "2026-01-05")
        self.assert_row(self.contracts(row), 0, "has lines already")

    def test_says_what_happened(self):
        row = ("HT-F1", "Yangtze Pumps", 1, "Pump", 10, 5, "2026-01-05")
        order = self.imported(self.contracts(row))
        # another day
        order.flush_recordset()
        self.env.cr.execute(
            "UPDATE sale_order SET create_date = '2026-01-01' WHERE id = %s", [order.id]
        )
        order.invalidate_recordset()
        said = []
        self.patch(
            type(self.env["res.users"]),
            "_bus_send",
            lambda _user, kind, message, **_kw: said.append((kind, message)),
        )
        self.imported(self.contracts(row))
        self.assertEqual([kind for kind, _message in said], ["simple_notification"])
        self.assertIn("1 were there already", said[0][1]["message"])

    def test_terms_and_events_twice(self):
        order = self.new_draft()
        row = ("HT-D1", "Payment", "Down", "Deposit", 30, "", "After an event",
               "Taking effect", 7)  # fmt: skip
        self.assertFalse(self.terms(order, row)["messages"])
        term = order.contract_term_ids
        self.assertFalse(self.terms(order, (*row[:4], 40, *row[5:]))["messages"])
        self.assertEqual(order.contract_term_ids, term)
        self.assertEqual(term.percent, 40)
        head = ("Contract", "Event", "Date", "Note")
        for note in ("One", "Two"):
            result, _columns = self.upload(
                "contract.event",
                self.book(head, ("HT-D1", "Goods ready", "2026年1月5日", note)),
            )
            self.assertFalse(result["messages"])
        self.assertEqual(order.contract_event_ids.mapped("note"), ["Two"])

    def test_days_in_the_order_that_was_chosen(self):
        """What doesn't begin with its year is read as core reads it."""
        row = ("HT-F1", "Yangtze Pumps", 1, "Pump", 1, 1, "01/25/2026")
        order = self.imported(self.contracts(row))
        self.assertEqual(str(order.contract_end_date), "2026-01-25")

    def test_names_that_several_have(self):
        """Which one is meant is never guessed; any language names it."""
        row = ["HT-F1", "Yangtze Pumps", 1, "Pump", 1, 1, ""]
        self.valve.with_context(lang="zh_CN").name = "阀门"
        row[3] = "阀门"
        order = self.imported(self.contracts(row))
        self.assertEqual(order.order_line.product_id, self.valve)
        order.unlink()
        self.partner.copy({"name": "Yangtze Pumps"})
        self.assert_row(self.contracts(row), 0, "Several records", "Yangtze Pumps")

    def test_other_imports_of_orders(self):
        """Core's own files of orders are read by core."""
        data = [["Yangtze Pumps", "合计"]]
        result = (
            self.env["sale.order"]
            .with_user(self.director)
            .load(["partner_id", "client_order_ref"], data)
        )
        self.assertFalse(result["messages"])
