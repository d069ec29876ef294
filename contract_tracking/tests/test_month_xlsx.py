import base64
import io
import re
from datetime import date, datetime, timedelta

from freezegun import freeze_time
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from odoo.exceptions import AccessError, UserError
from odoo.tests import BaseCase, HttpCase
from odoo.tools import mute_logger

from ..models.month import contract_monthly_record_xlsx
from ..tools.sheets import Book, SheetColumn, Table, amount_format, sheet_name
from .common import ContractCommon
from .months import MonthPaperCase


def reckon(book, sheet, formula):
    """What a sum is, from the cells that it names."""
    match = re.fullmatch(
        r"=(SUM|SUBTOTAL|SUMIF)\((?:109,)?(?:(\$.*?),\"(.*?)\",)?(?:'(.*)'!)?(\$.*)\)",
        formula,
    )
    name, keys, wanted, other, cells = match.groups()
    if other:
        sheet = book[other.replace("''", "'")]

    def values(address):
        left, top, right, bottom = range_boundaries(address.replace("$", ""))
        return [
            sheet.cell(row, column).value
            for row in range(top, bottom + 1)
            for column in range(left, right + 1)
        ]

    found = values(cells)
    if name == "SUMIF":
        pairs = zip(values(keys), found, strict=True)
        found = [value for key, value in pairs if key == wanted]
    return sum(value or 0 for value in found)


class TestSheets(BaseCase):
    """What all spreadsheets have in common."""

    def test_names(self):
        for name, wanted in (
            ("East", "East"),
            ("a[b]:c*d?e/f\\g", "a-b--c-d-e-f-g"),
            ("", "-"),
            (False, "-"),
            ("'quoted'", "quoted"),
            ("x" * 40, "x" * 31),
            ("办" * 40, "办" * 31),
            ("😀" * 40, "😀" * 15),
        ):
            with self.subTest(name=name):
                self.assertEqual(sheet_name(name), wanted)

    def test_names_are_unique(self):
        book = Book()
        names = ["East", "east", "EAST", "x" * 40, "x" * 50, "History", "?", "*"]
        for name in names:
            book.sheet(name)
        found = load_workbook(io.BytesIO(book.content())).sheetnames
        self.assertEqual(len({name.lower() for name in found}), len(names))
        self.assertTrue(all(0 < len(name) <= 31 for name in found))
        self.assertEqual(found[:3], ["East", "east (2)", "EAST (3)"])
        self.assertNotIn("History", found)

    def test_amounts(self):
        self.assertEqual(amount_format(2), "#,##0.00")
        self.assertEqual(amount_format(0), "#,##0")

    def test_table(self):
        for large in (False, True):
            with self.subTest(large=large):
                book = Book(large=large)
                columns = [
                    SheetColumn("No.", 10),
                    SheetColumn("Day", 10, "date"),
                    SheetColumn("Month", 10, "amount", "Delivered"),
                    SheetColumn("Year", 10, "amount", "Delivered"),
                    SheetColumn("Rate", 10, "share", "Alone"),
                    SheetColumn("Open", 10, "count"),
                ]
                table = Table(book, book.sheet("T"), 1, columns)
                styles = table.styles()
                table.add(["=1+1", date(2026, 10, 1), 1.5, 2, 0.5, 3], styles)
                table.add(["http://a.b", None, 2, 0, None, 0], styles)
                self.assertTrue(table.finish())
                table.totals("Sum", {2: (table.shown(2), 3.5)})
                [sheet] = load_workbook(io.BytesIO(book.content())).worksheets
                rows = list(sheet.iter_rows(values_only=True))
                self.assertEqual(rows[2][:4], ("No.", "Day", "Month", "Year"))
                self.assertEqual([str(r) for r in sheet.merged_cells.ranges], ["C2:D2"])
                self.assertEqual(sheet["C2"].value, "Delivered")
                self.assertEqual(sheet["E2"].value, "Alone")
                self.assertEqual(sheet["A4"].value, "=1+1")
                self.assertEqual(sheet["A4"].data_type, "s")
                self.assertFalse(sheet["A5"].hyperlink)
                self.assertEqual(sheet["B4"].value.date(), date(2026, 10, 1))
                self.assertIsNone(sheet["B5"].value)
                self.assertEqual(sheet["D5"].value, 0)
                self.assertEqual(sheet["E4"].number_format, "0.0%")
                self.assertEqual(sheet.freeze_panes, "B4")
                self.assertEqual(sheet.auto_filter.ref, "A3:F5")
                self.assertEqual(sheet["C6"].value, "=SUBTOTAL(109,$C$4:$C$5)")

    def test_empty_table(self):
        book = Book()
        table = Table(book, book.sheet("T"), 0, [SheetColumn("No.", 10)])
        self.assertFalse(table.finish())
        [sheet] = load_workbook(io.BytesIO(book.content())).worksheets
        self.assertIsNone(sheet.auto_filter.ref)


class TestMonthXlsx(MonthPaperCase, ContractCommon, HttpCase):
    """附表5 as a workbook."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home = cls.company.currency_id
        cls.record = cls.new_month(cls.team, problems="=Steel\nis late")

    def books(self, content):
        """The workbook with its formulas, and with their values."""
        return [
            load_workbook(io.BytesIO(content), data_only=data) for data in (False, True)
        ]

    def table(self, sheet, first="Contract No."):
        """The titles, and the rows below them up to an empty one as dicts."""
        rows = list(sheet.iter_rows(values_only=True))
        [head] = [n for n, row in enumerate(rows) if row[0] == first]
        groups, group = [], ""
        for cell in rows[head - 1]:
            group = group if cell is None else cell
            groups.append(group)
        titles = [
            " ".join(filter(None, pair))
            for pair in zip(groups, rows[head], strict=True)
        ]
        found = []
        for row in rows[head + 1 :]:
            if row[0] is None:
                break
            found.append(dict(zip(titles, row, strict=True)))
        return found

    def check_sums(self, content):
        """Each formula of a workbook is what it says it is.

        :return: how many there are
        """
        formulas, values = self.books(content)
        count = 0
        for sheet in formulas.worksheets:
            for row in sheet.iter_rows():
                for cell in row:
                    if cell.data_type == "f":
                        count += 1
                        value = values[sheet.title][cell.coordinate].value
                        # sums of sums: of values
                        wanted = reckon(values, values[sheet.title], cell.value)
                        with self.subTest(sheet=sheet.title, cell=cell.coordinate):
                            self.assertAlmostEqual(value, wanted, 2)
        return count

    def test_record(self):
        self.new_lines(self.record, 3)
        self.new_bridge(self.record, contracts=180, ledger=200)
        content = self.record._xlsx()
        formulas, values = self.books(content)
        self.assertEqual(values.sheetnames, ["East Office", "Deviations"])
        sheet = values["East Office"]
        head = {row[0]: row[1] for row in sheet.iter_rows(max_row=8, values_only=True)}
        self.assertEqual(head["Number"], self.record.name)
        self.assertEqual(head["Month"], "October 2026")
        self.assertEqual(head["Currency"], self.home.name)
        *lines, total = self.table(sheet)
        self.assertEqual(len(lines), 3)
        first = lines[0]
        self.assertEqual(first["Customer"], "Yangtze Pumps")
        self.assertEqual(first["Signed"].date(), date(2026, 9, 1))
        self.assertEqual(first["Contract Amount"], 10)
        self.assertEqual(first["Delivered Brought Forward"], 20)
        self.assertEqual(first["Completion"], 0.25)
        self.assertEqual(first["Deviations Open"], 2)
        self.assertEqual(total["Contract No."], "Total")
        self.assertEqual(total["Contract Amount"], 60)
        self.assertEqual(total["Deviations Open"], 6)
        self.assertFalse([name for name in first if self.home.name in name])
        self.assertEqual(sheet.freeze_panes, "B12")
        self.assertRegex(sheet.auto_filter.ref, r"A11:[A-Z]+14")
        cell = next(c for c in sheet[12] if c.value == 10)
        self.assertEqual(cell.number_format, amount_format(self.home.decimal_places))
        merged = {
            formulas["East Office"].cell(r.min_row, r.min_col).value
            for r in sheet.merged_cells.ranges
        }
        self.assertLessEqual({"Delivered", "Invoiced", "Received"}, merged)
        self.assertGreater(self.check_sums(content), 20)
        texts = [row[0] for row in sheet.iter_rows(values_only=True)]
        self.assertIn("=Steel", texts)
        self.assertIn("Receivable accounts", texts)

    def test_no_rate_of_nothing(self):
        self.new_lines(
            self.record, 1, planned_delivery=0, matured=0, collection_achieved=0.0
        )
        [line, _total] = self.table(self.books(self.record._xlsx())[1].worksheets[0])
        self.assertIsNone(line["This Month: Delivery Achieved"])
        self.assertIsNone(line["Collection Rate To Date"])
        self.assertEqual(line["This Month: Collection Achieved"], 0)

    def test_nothing_runs(self):
        """Names that look like formulas or links stay texts."""
        names = ('=HYPERLINK("http://a.b")', "+1", "@SUM(A1)", "https://example.com")
        for name in names:
            self.new_lines(self.record, 1, number=name, partner_name=name)
        self.team.name = "=1+1"
        record = self.new_month(self.env["crm.team"].create({"name": "=1+1"}))
        self.new_lines(record, 1)
        for content in (
            self.record._xlsx(),
            (self.record + record)._xlsx_month(),
        ):
            formulas, _values = self.books(content)
            cells = [
                c for s in formulas.worksheets for row in s.iter_rows() for c in row
            ]
            for name in names:
                self.assertIn(name, [c.value for c in cells if c.data_type == "s"])
            self.assertFalse([c for c in cells if c.hyperlink])
            for cell in cells:
                if cell.data_type == "f":
                    self.assertRegex(cell.value, "^=(SUM|SUBTOTAL)")

    def test_currencies(self):
        yen = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", "JPY")])
        )
        yen.active = True
        self.new_lines(self.record, 2)
        self.new_lines(self.record, 3, currency=yen, rate=4)
        content = self.record._xlsx()
        _formulas, values = self.books(content)
        sheet = values.worksheets[0]
        *lines, first, second, total = self.table(sheet)
        self.assertEqual(len(lines), 5)
        amounts = {
            first["Contract No."]: first["Contract Amount"],
            second["Contract No."]: second["Contract Amount"],
        }
        self.assertEqual(amounts, {f"Total {self.home.name}": 30, "Total JPY": 60})
        column = f"Contract Amount, {self.home.name} Contract Amount"
        self.assertEqual(total["Contract No."], f"Total, all in {self.home.name}")
        self.assertEqual(total[column], 45)
        self.assertEqual(total["Deviations Open"], 10)
        self.assertGreater(self.check_sums(content), 50)
        formats = {
            row[6].value: row[7].number_format
            for row in sheet.iter_rows(min_row=12, max_row=16)
        }
        self.assertEqual(formats["JPY"], "#,##0")
        self.assertEqual(
            formats[self.home.name], amount_format(self.home.decimal_places)
        )

    def test_month(self):
        """A summary, a sheet an office, deviations; offices may have any name."""
        names = ("Summary", "East: [north]/\\*?", "East: [north]/\\*?", "D'Arcy " * 9)
        records = self.record
        for name in names:
            records += self.new_month(self.env["crm.team"].create({"name": name}))
        records += self.new_month()
        for count, record in enumerate(records[:-1], 1):
            self.new_lines(record, count)
        content = records._xlsx_month()
        _formulas, values = self.books(content)
        self.assertEqual(len(values.sheetnames), 8)
        self.assertEqual(values.sheetnames[0], "Summary")
        self.assertEqual(values.sheetnames[1:3], ["East Office", "Summary (2)"])
        self.assertEqual(values.sheetnames[-1], "Deviations")
        *offices, total = self.table(values["Summary"], "Office")
        self.assertEqual(
            [office["Contracts"] for office in offices], [1, 2, 3, 4, 5, 0]
        )
        self.assertEqual(
            [office["Contract Amount"] for office in offices],
            [10, 30, 60, 100, 150, 0],
        )
        self.assertEqual(total["Contract Amount"], 350)
        self.assertEqual(total["Contracts"], 15)
        self.assertGreater(self.check_sums(content), 100)

    def test_deviations(self):
        """Those that the record counts: new in it, or open at its end."""
        order = self.new_contract("2026-09-01")
        Deviation = self.env["contract.deviation"]
        found = {}
        for day in ("2026-09-20", "2026-10-05", "2026-11-05"):
            found[day] = Deviation.create(
                {
                    "order_id": order.id,
                    "kind": "other",
                    "severity": "major",
                    "date": day,
                    "summary": f"=Found on {day}",
                }
            )
        self.new_lines(self.record, 1, order_id=order.id, deviations_new=1)
        rows = self.table(self.books(self.record._xlsx())[1]["Deviations"], "Number")
        self.assertEqual(
            [(row["Number"], row["In the Month"]) for row in rows],
            [
                (found["2026-09-20"].name, "Open"),
                (found["2026-10-05"].name, "New, open"),
            ],
        )
        self.assertEqual(rows[1]["Contract No."], order.contract_number)
        self.assertEqual(rows[1]["Summary"], "=Found on 2026-10-05")
        self.assertEqual(rows[1]["Severity"], "Major")
        self.assertEqual(rows[1]["Found On"].date(), date(2026, 10, 5))

    def test_queries_do_not_grow(self):
        self.new_lines(self.record, 2)
        self.record._xlsx()

        def count():
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.record._xlsx()
            return self.env.cr.sql_log_count - before

        few = count()
        self.new_lines(self.record, 200)
        self.env.flush_all()
        self.assertLessEqual(count(), few + 2)

    def test_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        record = self.record.with_context(lang="zh_CN")
        sheet = self.books(record._xlsx())[1].worksheets[0]
        texts = [row[1] for row in sheet.iter_rows(max_row=8, values_only=True)]
        self.assertIn("2026年10月", texts)

    # ------------------------------------------------------------------
    # Large ones
    # ------------------------------------------------------------------

    def test_large(self):
        """A month with very many contracts is written by a scheduled action, for who
        asked for it alone, with what he may read."""
        self.patch(contract_monthly_record_xlsx, "LARGE", 2)
        other = self.new_month(self.env["crm.team"].create({"name": "West Office"}))
        self.new_lines(self.record, 2)
        finance, auditor = (
            self.new_user(
                f"ct_large_{role}", f"contract_tracking.group_contract_{role}"
            )
            for role in ("finance", "auditor")
        )
        record = self.record.with_user(finance)
        self.assertEqual(record.action_xlsx_month()["type"], "ir.actions.act_url")
        self.new_lines(other, 3)
        Workbook = self.env["contract.monthly.workbook"]
        for _twice in range(2):
            action = record.action_xlsx_month()
            self.assertEqual(action["res_model"], "contract.monthly.workbook")
        workbook = Workbook.with_user(finance).search([])
        self.assertEqual((workbook.state, workbook.total), ("waiting", 5))
        self.assertFalse(Workbook.with_user(auditor).search([]))
        seen = []
        progress = type(Workbook)._write_progress

        def write_progress(workbook, lines):
            progress(workbook, lines)
            seen.append((workbook.state, workbook.done))

        self.patch(type(Workbook), "_write_progress", write_progress)
        self.write_workbooks()
        self.assertEqual(seen, [("building", 2), ("building", 5)])
        self.assertEqual((workbook.state, workbook.done), ("done", 5))
        book = load_workbook(io.BytesIO(base64.b64decode(workbook.content)))
        self.assertEqual(
            book.sheetnames, ["Summary", "East Office", "West Office", "Deviations"]
        )
        self.assertTrue(workbook.name.endswith(".xlsx"))
        # one that is ready doesn't stand for what is asked later
        record.action_xlsx_month()
        self.assertEqual(len(Workbook.with_user(finance).search([])), 2)
        with self.assertRaises(UserError):
            workbook.write({"state": "done"})
        with self.assertRaises(AccessError):
            workbook.with_user(auditor).read(["content"])

    def write_workbooks(self):
        cron = self.env.ref("contract_tracking.cron_monthly_workbooks")
        self.env.flush_all()
        with self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.env.invalidate_all()

    def test_large_that_fails(self):
        self.patch(contract_monthly_record_xlsx, "LARGE", 0)
        self.new_lines(self.record, 1)
        self.record.action_xlsx_month()
        workbook = self.env["contract.monthly.workbook"].search([])
        self.patch(contract_monthly_record_xlsx, "MAX_ROWS", 0)
        with mute_logger(
            "odoo.addons.contract_tracking.models.month.contract_monthly_workbook"
        ):
            self.write_workbooks()
        self.assertEqual(workbook.state, "failed")
        self.assertIn("more contracts than a spreadsheet has rows", workbook.problem)
        self.assertFalse(workbook.content)

    def test_old_workbooks_go(self):
        Workbook = self.env["contract.monthly.workbook"]
        self.patch(contract_monthly_record_xlsx, "LARGE", 0)
        self.new_lines(self.record, 1)
        self.record.action_xlsx_month()
        Workbook._gc_workbooks()
        self.assertEqual(len(Workbook.search([])), 1)
        with freeze_time(datetime.now() + timedelta(days=8)):
            Workbook._gc_workbooks()
        self.assertFalse(Workbook.search([]))

    # ------------------------------------------------------------------
    # Download
    # ------------------------------------------------------------------

    def test_download(self):
        other = self.new_month(self.env["crm.team"].create({"name": "West Office"}))
        self.new_lines(self.record, 1)
        self.new_user("ct_finance_down", "contract_tracking.group_contract_finance")
        self.new_user("ct_employee_down")
        single = self.record.action_xlsx()["url"]
        month = self.record.action_xlsx_month()["url"]
        self.env.flush_all()
        self.assertIn("/web/login", self.url_open(single).url)
        self.authenticate("ct_finance_down", "ct_finance_down")
        response = self.url_open(single)
        self.assertEqual(response.status_code, 200)
        self.assertIn("spreadsheetml", response.headers["Content-Type"])
        self.assertIn(self.record.name, response.headers["Content-Disposition"])
        self.assertEqual(
            load_workbook(io.BytesIO(response.content)).sheetnames[0], "East Office"
        )
        response = self.url_open(month)
        self.assertEqual(
            load_workbook(io.BytesIO(response.content)).sheetnames,
            ["Summary", "East Office", "West Office", "Deviations"],
        )
        self.assertIn("2026-10", response.headers["Content-Disposition"])
        for url in (
            "/contract_tracking/monthly/999999999/xlsx",
            "/contract_tracking/monthly/xlsx?ids=999999999",
            "/contract_tracking/monthly/xlsx?ids=a",
            "/contract_tracking/monthly/xlsx",
        ):
            with self.subTest(url=url):
                self.assertEqual(self.url_open(url).status_code, 404)
        with mute_logger(
            "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"
        ):
            self.authenticate("ct_employee_down", "ct_employee_down")
            for url in (single, month):
                self.assertEqual(self.url_open(url).status_code, 404)
        self.assertTrue(other)
