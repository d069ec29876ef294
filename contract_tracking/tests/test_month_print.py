import io
import re
from datetime import date

from pypdf import PdfReader

from odoo import fields
from odoo.tests import BaseCase, HttpCase

from ..models.month.contract_monthly_record_print import AMOUNTS
from ..tools.guard import unguarded
from ..tools.pages import Column, Paper, head_lines, head_rows, paginate, text_lines
from .common import ContractCommon
from .months import MonthPaperCase

REPORT = "contract_tracking.action_report_monthly_record"
MONTH = "contract_tracking.action_report_monthly_month"


class TestCarriedPages(BaseCase):
    """Sums that are carried from page to page, heads of two rows, other papers."""

    def column(self, title, group=""):
        return Column(title, 10, "name", "text", group)

    def test_sums_are_carried(self):
        seen = []

        def carry(part, last):
            seen.extend(row["number"] for row in part)
            total = sum(seen)
            title = "total" if last else "over"
            return [{title: total, "height": 2}], [{"before": total, "height": 2}]

        rows = [{"number": number, "height": 1} for number in range(1, 31)]
        table = {"name": "t", "head": 2, "rows": rows, "carry": carry, "carried": 2}
        pages = paginate([table], 12)
        done = 0
        for page in pages:
            [part] = page["blocks"]
            height = sum(
                row["height"] for row in part["above"] + part["rows"] + part["below"]
            )
            self.assertLessEqual(2 + height, 12)
            self.assertEqual(
                part["above"], [{"before": done, "height": 2}] if done else []
            )
            done += sum(row["number"] for row in part["rows"])
            title = "total" if part["last"] else "over"
            self.assertEqual(part["below"], [{title: done, "height": 2}])
        self.assertEqual(done, 465)
        self.assertTrue(part["last"])

    def test_head_of_two_rows(self):
        columns = [
            self.column("No."),
            self.column("Month", "Delivered"),
            self.column("Year", "Delivered"),
            self.column("Month", "Received"),
            self.column("Remark"),
            self.column("Note"),
        ]
        upper, lower = head_rows(columns)
        self.assertEqual(
            [(c["title"], c["colspan"], c["rowspan"]) for c in upper],
            [
                ("No.", 1, 2),
                ("Delivered", 2, 1),
                ("Received", 1, 1),
                ("Remark", 1, 2),
                ("Note", 1, 2),
            ],
        )
        self.assertEqual([c["title"] for c in lower], ["Month", "Year", "Month"])
        self.assertEqual(head_lines(columns), 2)
        [row] = head_rows(columns[-2:])
        self.assertEqual([c["title"] for c in row], ["Remark", "Note"])
        self.assertEqual(head_lines(columns[-2:]), 1)
        self.assertEqual(head_lines([self.column("A\nB\nC\nD"), *columns]), 4)

    def test_papers(self):
        upright = Paper()
        self.assertEqual((upright.columns, upright.lines), (112, 59))
        small = Paper(font=6)
        self.assertEqual(small.columns, 224)
        self.assertGreater(small.lines, 120)

    def test_words_are_not_broken(self):
        self.assertEqual(text_lines("Delivered not invoiced", 10), 3)
        self.assertEqual(text_lines("aaaa bbbb cccc", 9), 2)
        self.assertEqual(text_lines("aaaaaaaaaaaa bb", 10), 2)
        self.assertEqual(text_lines("合同合同 合同", 8), 2)


class TestMonthPrint(MonthPaperCase, ContractCommon, HttpCase):
    """附表5 as it is printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.report = cls.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        cls.home = cls.company.currency_id
        cls.record = cls.new_month(cls.team, problems="Steel is late", plan="Collect")

    def printed(self, records, lang="en_US", report=REPORT):
        content, kind = self.report.with_context(lang=lang)._render_qweb_pdf(
            report, records.ids
        )
        self.assertEqual(kind, "pdf")
        return PdfReader(io.BytesIO(content))

    def pages(self, records, lang="en_US", report=REPORT):
        """The texts of the printed pages, without line breaks."""
        return [
            re.sub(r"\s+", " ", page.extract_text())
            for page in self.printed(records, lang, report).pages
        ]

    def html(self, record, lang="en_US", report=REPORT):
        content, _kind = self.report.with_context(lang=lang)._render_qweb_html(
            report, record.ids
        )
        return re.sub(r"\s+", " ", content.decode())

    def tables(self, record):
        """The parts of the table of contracts, page by page."""
        return [
            block
            for page in record._form_pages()
            for block in page["blocks"]
            if block["name"] == "contracts"
        ]

    def texts(self, row):
        return [cell["text"] for cell in row["cells"]]

    def amount(self, value):
        return f"{value:,.2f}"

    def test_one_line(self):
        self.new_lines(self.record, 1)
        self.new_bridge(self.record, contracts=180, ledger=200)
        pages = self.pages(self.record)
        self.assertEqual(len(pages), len(self.record._form_pages()))
        text = " ".join(pages)
        for part in (
            "Monthly Execution Record of Sales Contracts",
            self.record.name,
            "East Office",
            "October 2026",
            "10/28/2026",
            f"Page 1 of {len(pages)}",
            "HT-0001",
            "Yangtze Pumps",
            "Zhao Min",
            "30 days",
            "Draft",
            "Total",
            "Steel is late",
            "Collect",
            "Contracts of this record",
            "Receivable accounts",
            "Prepared by",
            "Leader in Charge",
            "Business Office",
            "Finance",
            "QR-XS-05",
            "25.0%",
            "50.0%",
        ):
            with self.subTest(text=part):
                self.assertIn(part, text)
        self.assertNotIn("Carried", text)
        self.assertNotIn("all in", text)

    def test_empty(self):
        [page] = self.pages(self.record)
        self.assertIn("No contract was open in this month.", page)

    def test_chinese(self):
        self.new_lines(self.record, 1)
        page = self.html(self.record, "zh_CN")
        for text in ("2026年10月28日", "2026年10月<", "2026年9月1日"):
            with self.subTest(text=text):
                self.assertIn(text, page)
        self.assertNotIn("10/28/2026", page)
        self.assertNotIn("年", self.html(self.record))
        [*_pages, last] = self.pages(self.record, "zh_CN")
        self.assertIn(self.record.name, last)
        self.assertIn("HT-0001", self.pages(self.record, "zh_CN")[0])

    def test_five_hundred_lines(self):
        """As many pages as are announced; what is carried is what was there before;
        every line once."""
        self.new_lines(self.record, 500)
        self.record = self.record.with_context(lang="en_US")
        parts = self.tables(self.record)
        pages = self.pages(self.record)
        self.assertGreater(len(pages), 15)
        self.assertEqual(len(pages), len(self.record._form_pages()))
        for number, page in enumerate(pages, 1):
            self.assertIn(f"Page {number} of {len(pages)}", page)
            self.assertIn(self.record.name, page)
        numbers, done, below = [], 0, None
        factors = {name: 10 * n for n, name in enumerate(AMOUNTS, 1)}
        for part, page in zip(parts, pages, strict=False):
            self.assertIn("Contract No.", page)
            self.assertIn("Achieved", page)
            if numbers:
                [above] = part["above"]
                self.assertIn("Brought forward", self.texts(above))
                self.assertIn("Brought forward", page)
                # the same that the page before has carried
                self.assertEqual(self.texts(above)[4:], self.texts(below)[4:])
            numbers += [row["record"].number for row in part["rows"]]
            done += sum(int(row["record"].number[3:]) for row in part["rows"])
            for row in part["rows"]:
                self.assertEqual(page.count(row["record"].number), 1)
            [below] = part["below"]
            title = "Total" if part["last"] else "Carried forward"
            self.assertIn(title, self.texts(below))
            text = "\n".join(self.texts(below))
            for name in ("total", "delivered_month", "received", "plan_collection"):
                self.assertIn(self.amount(factors[name] * done), text)
            self.assertIn(self.amount(factors["delivered"] * done), page)
            self.assertIn("50.0%", text)
        self.assertEqual(numbers, [f"HT-{n:04}" for n in range(1, 501)])
        self.assertIn("Prepared by", pages[-1])

    def test_large_figures(self):
        """Letters become smaller so that no figure is cut or broken."""
        self.new_lines(self.record, 2)
        normal = self.record._form_document(False)._form_paper().font
        line = self.new_lines(
            self.record,
            1,
            number="HT-LARGE",
            **dict.fromkeys(
                (name for name in AMOUNTS if not name.startswith("plan_")),
                -123456789012.34,
            ),
        )
        small = self.record._form_document(False)._form_paper().font
        self.assertLess(small, normal)
        pages = self.pages(self.record)
        self.assertEqual(len(pages), len(self.record._form_pages()))
        self.assertGreaterEqual(pages[0].count("-123,456,789,012.34"), 16)
        self.assertTrue(line)

    def test_papers(self):
        self.new_lines(self.record, 3)
        size = self.printed(self.record).pages[0].mediabox
        self.assertEqual((round(size.width), round(size.height)), (842, 595))
        self.company.contract_monthly_paper = "a3"
        page = self.printed(self.record).pages[0]
        size = page.mediabox
        self.assertEqual((round(size.width), round(size.height)), (1191, 842))
        self.assertIn("Salesperson", page.extract_text())
        # other forms stay on theirs
        order = self.new_contract("2026-09-01")
        record = self.env["contract.tracking.record"].create(
            {"order_id": order.id, "date": "2026-10-13"}
        )
        form = self.printed(
            record, report="contract_tracking.action_report_tracking_record"
        )
        self.assertEqual(round(form.pages[0].mediabox.width), 595)

    def test_long_texts(self):
        """Whatever names and texts are long: pages hold what they announce."""
        self.record.problems = "\n".join(
            f"Paragraph {number} " + "was discussed with the customer " * 12
            for number in range(60)
        )
        self.new_lines(
            self.record,
            40,
            partner_name="Consolidated Manufacturing Holdings of the Yangtze Delta",
            product_names="离心泵, Submersible pump with accessories, 控制柜, Seal kit",
            payment_terms="预付款百分之三十; Payment before shipment; 质保金",
            remark="To be discussed with the customer at the end of the month",
        )
        for paper in ("a4", "a3"):
            with self.subTest(paper=paper):
                self.company.contract_monthly_paper = paper
                pages = self.pages(self.record)
                self.assertEqual(len(pages), len(self.record._form_pages()))
                text = " ".join(pages)
                for number in range(60):
                    self.assertIn(f"Paragraph {number} ", text)

    def test_ten_thousands(self):
        self.new_lines(self.record, 1, total=123450)
        self.assertIn("123,450.00", self.pages(self.record)[0])
        self.company.contract_form_unit = "ten_thousand"
        page = self.pages(self.record)[0]
        self.assertIn("12.3450", page)
        self.assertNotIn("123,450.00", page)
        self.assertIn(f"{self.home.name} 10,000", page)

    def test_currencies(self):
        """Sums of each currency, and all in the company's, on each page."""
        euro = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", "EUR" if self.home.name != "EUR" else "GBP")])
        )
        euro.active = True
        self.new_lines(self.record, 20)
        self.new_lines(self.record, 20, currency=euro, rate=2)
        record = self.record.with_context(lang="en_US")
        parts = self.tables(record)
        self.assertGreater(len(parts), 1)
        for part in parts:
            titles = [self.texts(row)[1] for row in part["below"]]
            title = "Total" if part["last"] else "Carried forward"
            self.assertEqual(
                titles,
                sorted(f"{title} {name}" for name in (self.home.name, euro.name))
                + [f"{title}, all in {self.home.name}"],
            )
        sums = {self.texts(row)[1]: self.texts(row)[4] for row in part["below"]}
        self.assertIn("2,100.00", sums[f"Total {self.home.name}"])
        self.assertIn("2,100.00", sums[f"Total {euro.name}"])
        self.assertIn("3,150.00", sums[f"Total, all in {self.home.name}"])
        page = self.pages(record)[0]
        self.assertIn(f"{euro.name} 10.00", page)

    def test_movement(self):
        """期初 + 本月 + 以前月份调整 = 累计, of each figure."""
        self.new_lines(
            self.record,
            1,
            delivered_opening=100,
            delivered_month=30,
            delivered_adjustment=-5,
            delivered=125,
            delivered_year=77,
        )
        record = self.record.with_context(lang="en_US")
        [table] = [
            block
            for page in record._form_pages()
            for block in page["blocks"]
            if block["name"] == "movement"
        ]
        self.assertEqual(
            self.texts(table["rows"][0]),
            ["Delivered", "100.00", "30.00", "-5.00", "125.00", "77.00"],
        )

    def test_correction(self):
        self.new_lines(self.record, 1)
        unguarded(self.record).state = "confirmed"
        self.assertNotIn("Draft", self.pages(self.record)[0])
        second = self.new_month(
            self.team, version=2, replaces_id=self.record.id, reason="Late receipt"
        )
        page = " ".join(self.pages(second))
        self.assertIn(f"Version 2, corrects {self.record.name}: Late receipt", page)
        unguarded(self.record).state = "replaced"
        page = " ".join(self.pages(self.record))
        self.assertIn(f"Replaced by {second.name}: Late receipt", page)

    def test_signatures(self):
        """From the evidence of the approval; by hand where there is none."""
        preparer = self.new_user("ct_preparer", name="Zhao Min")
        unguarded(self.record).write(
            {
                "approval_round": 1,
                "submitted_by_id": preparer.id,
                "submitted_on": fields.Datetime.to_datetime("2026-11-01 17:00:00"),
            }
        )
        signatures = self.record.with_context(lang="zh_CN")._form_signatures()
        self.assertEqual(
            (signatures[0]["name"], signatures[0]["date"]),
            ("Zhao Min", "2026年11月2日"),
        )
        self.assertEqual([s["name"] for s in signatures[1:]], ["", "", ""])

    # ------------------------------------------------------------------
    # The whole month
    # ------------------------------------------------------------------

    def test_whole_month(self):
        """An overview with a line an office and their sum, then each office."""
        west = self.env["crm.team"].create({"name": "West Office"})
        other = self.new_month(west)
        none = self.new_month()
        old = self.new_month(self.team, version=2, state="replaced")
        later = self.new_month(self.team, month=date(2026, 9, 1))
        self.new_lines(self.record, 3)
        self.new_lines(other, 2)
        self.new_lines(none, 1)
        records = self.record._whole_month()
        self.assertEqual(records, none + self.record + other)
        self.assertFalse(records & (old + later))
        pages = self.pages(other, report=MONTH)
        self.assertIn("Monthly Execution Record of Sales Contracts: Overview", pages[0])
        self.assertIn("All offices", pages[0])
        for text in ("East Office", "West Office", "Contracts of no office", "Total"):
            self.assertIn(text, pages[0])
        for amount in (60, 30, 10, 100):
            self.assertIn(f" {amount}.00 ", pages[0])
        self.assertNotIn("No. YD", pages[0])
        text = " ".join(pages[1:])
        for record in records:
            self.assertIn(record.name, text)
        counts = [len(record._form_pages()) for record in records]
        self.assertEqual(len(pages), 1 + sum(counts))

    def test_whole_months(self):
        """Of several months each with its overview."""
        later = self.new_month(self.team, month=date(2026, 9, 1))
        documents = (self.record + later)._form_month_documents()
        self.assertEqual(
            [(len(d._form_overview()), d.month.month) for d in documents],
            [(1, 9), (0, 9), (1, 10), (0, 10)],
        )

    def test_correction_counts_instead(self):
        unguarded(self.record).state = "confirmed"
        second = self.new_month(self.team, version=2, replaces_id=self.record.id)
        self.assertEqual(self.record._whole_month(), second)

    def test_bytes(self):
        self.new_lines(self.record, 1)
        record = self.record.with_context(force_report_rendering=True)
        self.assertTrue(record._form_pdf().startswith(b"%PDF"))
