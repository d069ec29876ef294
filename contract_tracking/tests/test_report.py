import io
import re
from datetime import date

from pypdf import PdfReader

from odoo.tests import BaseCase, HttpCase

from ..tools.pages import (
    figure_size,
    paginate,
    text_lines,
    text_width,
    wrap_rows,
)
from .common import ContractCommon

REPORT = "contract_tracking.action_report_tracking_record"


class TestPages(BaseCase):
    """Cutting a form into pages of known size."""

    def test_width_counts_chinese_twice(self):
        self.assertEqual(text_width("abc"), 3)
        self.assertEqual(text_width("合同"), 4)
        self.assertEqual(text_width("A合，"), 5)
        self.assertEqual(text_width(""), 0)

    def test_lines(self):
        self.assertEqual(text_lines("", 10), 1)
        self.assertEqual(text_lines(False, 10), 1)
        self.assertEqual(text_lines("a" * 10, 10), 1)
        self.assertEqual(text_lines("a" * 11, 10), 2)
        self.assertEqual(text_lines("合" * 6, 10), 2)
        self.assertEqual(text_lines("a\n\nb", 10), 3)

    def test_wrapped_text_loses_nothing(self):
        for text in ("", "short", "one\ntwo", "合" * 900, "a" * 2000 + "\n" + "b" * 5):
            rows = wrap_rows(text, 30)
            self.assertEqual("".join(r["text"] for r in rows), text.replace("\n", ""))
            for row in rows:
                self.assertLessEqual(text_width(row["text"]), 300)
                self.assertGreaterEqual(row["height"], text_lines(row["text"], 30))

    def block(self, name, rows, head=2, height=1):
        return {
            "name": name,
            "head": head,
            "rows": [{"number": n, "height": height} for n in range(rows)],
        }

    def height(self, page):
        return sum(
            block["head"] + sum(row["height"] for row in block["rows"])
            for block in page["blocks"]
        )

    def test_one_page(self):
        [page] = paginate([self.block("head", 0), self.block("goods", 3)], 10)
        self.assertEqual((page["number"], page["total"]), (1, 1))
        self.assertEqual([b["name"] for b in page["blocks"]], ["head", "goods"])
        self.assertTrue(page["blocks"][1]["last"])

    def test_rows_go_on_under_a_repeated_head(self):
        blocks = [self.block("head", 0), self.block("goods", 25), self.block("sign", 0)]
        pages = paginate(blocks, 10)
        self.assertEqual([p["number"] for p in pages], list(range(1, len(pages) + 1)))
        self.assertEqual({p["total"] for p in pages}, {len(pages)})
        numbers = []
        for page in pages:
            self.assertLessEqual(self.height(page), 10)
            for block in page["blocks"]:
                numbers += [row["number"] for row in block["rows"]]
        self.assertEqual(numbers, list(range(25)))
        parts = [b for p in pages for b in p["blocks"] if b["name"] == "goods"]
        self.assertEqual(
            [b["last"] for b in parts], [False] * (len(parts) - 1) + [True]
        )
        self.assertEqual({b["head"] for b in parts}, {2})

    def test_head_is_not_left_alone(self):
        """A head stands on the page of its first row."""
        for used in range(3, 11):
            pages = paginate(
                [self.block("head", 0, head=used), self.block("goods", 3)], 10
            )
            for page in pages:
                for block in page["blocks"]:
                    self.assertTrue(block["name"] == "head" or block["rows"])
                self.assertLessEqual(self.height(page), 10)

    def test_signatures_are_not_left_alone(self):
        """They stand on a page with something of what they are set below."""
        for count in range(1, 30):
            sign = {**self.block("sign", 0, head=4), "keep": True}
            goods = self.block("goods", count)
            pages = paginate([self.block("head", 0), goods, sign, {**sign}], 15)
            [beside] = [
                page["blocks"]
                for page in pages
                if any(block["name"] == "sign" for block in page["blocks"])
            ]
            self.assertEqual(
                [b["name"] for b in beside[-3:]], ["goods", "sign", "sign"]
            )
            self.assertTrue(beside[-3]["rows"])
            numbers = []
            for page in pages:
                self.assertLessEqual(self.height(page), 15)
                parts = [b for b in page["blocks"] if b["name"] == "goods"]
                for part in parts:
                    numbers += [row["number"] for row in part["rows"]]
                    self.assertEqual(part["last"], numbers[-1] == count - 1)
            self.assertEqual(numbers, list(range(count)))

    def test_signatures_below_what_fills_a_page(self):
        sign = {**self.block("sign", 0, head=4), "keep": True}
        pages = paginate([self.block("text", 1, height=12), sign], 15)
        self.assertEqual([len(page["blocks"]) for page in pages], [1, 1])

    def test_row_larger_than_a_page(self):
        pages = paginate([self.block("text", 2, height=30)], 10)
        self.assertEqual(len(pages), 2)


class TestForm(ContractCommon, HttpCase):
    """附表1 as it is printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.report = cls.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )
        cls.order = cls.new_contract(
            "2026-09-01",
            [(cls.pump, 10), (cls.valve, 5)],
            "template_30_70_delivery",
            promised="2026-10-01",
        )
        cls.deliver(cls.order, "2026-09-20", pump=4, valve=5)
        cls.record = cls.new_record(cls.order)

    @classmethod
    def new_record(cls, order, day="2026-10-13"):
        return cls.env["contract.tracking.record"].create(
            {"order_id": order.id, "date": day}
        )

    def pages(self, records, lang="en_US", report=REPORT):
        """The texts of the printed pages, without line breaks."""
        content, kind = self.report.with_context(lang=lang)._render_qweb_pdf(
            report, records.ids
        )
        self.assertEqual(kind, "pdf")
        reader = PdfReader(io.BytesIO(content))
        return [re.sub(r"\s+", " ", page.extract_text()) for page in reader.pages]

    def html(self, record, lang="en_US"):
        content, kind = self.report.with_context(lang=lang)._render_qweb_html(
            REPORT, record.ids
        )
        self.assertEqual(kind, "html")
        return re.sub(r"\s+", " ", content.decode())

    def test_english(self):
        [page] = self.pages(self.record)
        for text in (
            "Sales Contract Tracking Record",
            self.order.contract_number,
            self.record.name,
            "Page 1 of 1",
            "Pump",
            "Valve",
            "Yangtze Pumps",
            "QR-XS-01",
            "10/13/2026",
            "1,200.00",
        ):
            with self.subTest(text=text):
                self.assertIn(text, page)

    def test_chinese(self):
        [page] = self.pages(self.record, "zh_CN")
        for text in (self.order.contract_number, self.record.name, "Pump"):
            with self.subTest(text=text):
                self.assertIn(text, page)
        self.assertRegex(page.replace(" ", ""), r"2026.10.13.")

    def test_dates_in_chinese(self):
        page = self.html(self.record, "zh_CN")
        self.assertIn("2026年10月13日", page)
        self.assertIn("2026年10月1日", page)
        self.assertNotIn("10/13/2026", page)
        self.assertNotIn("年", self.html(self.record))

    def test_customer_language(self):
        """The second print speaks the customer's language, whoever prints."""
        self.partner.lang = "zh_CN"
        content, _kind = self.report._render_qweb_html(
            "contract_tracking.action_report_tracking_record_partner", self.record.ids
        )
        self.assertIn("2026年10月13日", content.decode())

    def test_many_lines(self):
        """150 deliveries: as many pages as are printed, each with its table head."""
        order = self.new_contract(
            "2026-09-01", [(self.service, number + 1) for number in range(150)]
        )
        record = self.new_record(order)
        self.assertEqual(len(record.line_ids), 150)
        pages = self.pages(record)
        total = len(pages)
        self.assertGreater(total, 3)
        self.assertEqual(len(record._form_pages()), total)
        found = 0
        for number, page in enumerate(pages, 1):
            self.assertIn(f"Page {number} of {total}", page)
            self.assertIn(record.name, page)
        # what stands above the summary, which names the products again
        table = [page.split("Summary of deviations")[0] for page in pages]
        for laid_out, page in zip(record._form_pages(), table, strict=True):
            parts = [b for b in laid_out["blocks"] if b["name"] == "delivery"]
            for part in parts:
                self.assertIn("Specification", page)
                self.assertEqual(page.count("Installation"), len(part["rows"]))
                found += len(part["rows"])
        self.assertEqual(found, 150)
        self.assertIn("Recorder", pages[-1])

    def test_long_texts(self):
        self.record.summary = "\n".join(
            f"Paragraph {number} " + "was discussed with the customer " * 8
            for number in range(40)
        )
        self.record.coordination = "协调" * 900
        pages = self.pages(self.record)
        self.assertEqual(len(pages), len(self.record._form_pages()))
        self.assertGreater(len(pages), 2)
        text = " ".join(pages)
        for number in range(40):
            self.assertIn(f"Paragraph {number} ", text)
        self.assertIn(f"Page {len(pages)} of {len(pages)}", pages[-1])

    def test_several_records(self):
        """All in one document, each counted for itself."""
        other = self.new_record(
            self.new_contract("2026-09-02", [(self.service, n + 1) for n in range(60)])
        )
        counts = [len(record._form_pages()) for record in self.record + other]
        pages = self.pages(self.record + other)
        self.assertEqual(len(pages), sum(counts))
        for page, record, number, total in zip(
            pages,
            [self.record] * counts[0] + [other] * counts[1],
            [n + 1 for count in counts for n in range(count)],
            [count for count in counts for _n in range(count)],
            strict=True,
        ):
            self.assertIn(record.name, page)
            self.assertIn(f"Page {number} of {total}", page)

    def test_void(self):
        self.record.action_confirm()
        self.assertNotIn("Void", self.pages(self.record)[0])
        self.record._void("Wrong figures")
        [page] = self.pages(self.record)
        self.assertIn("Void: Wrong figures", page)

    def test_signature_and_log(self):
        user = self.new_user(
            "ct_recorder", "contract_tracking.group_contract_business", name="Zhao Min"
        )
        self.record.with_user(user).action_confirm()
        self.assertIn("Zhao Min", self.pages(self.record)[0])
        later = self.new_record(self.order, "2026-10-20")
        *_pages, last = self.pages(later)
        self.assertNotIn("Recorder Zhao", last)
        # beside the place to sign
        self.assertIn("Log of Earlier Records", last)
        self.assertIn("10/13/2026", last)

    def test_ten_thousands(self):
        order = self.new_contract("2026-09-01", [(self.pump, 10, 12345)])
        record = self.new_record(order)
        [page] = self.pages(record)
        self.assertIn("123,450.00", page)
        self.assertIn(f"{order.currency_id.name} 1", page)
        self.company.contract_form_unit = "ten_thousand"
        [page] = self.pages(record)
        self.assertIn("12.3450", page)
        self.assertNotIn("123,450.00", page)
        self.assertIn(f"{order.currency_id.name} 10,000", page)
        # unit prices stay in units
        self.assertIn("12,345.00", page)

    def test_as_of_the_report_date(self):
        """What happened after the report date isn't on the form."""
        early = self.new_record(
            self.new_contract("2026-09-01", promised="2026-10-01"), "2026-09-15"
        )
        self.deliver(early.order_id, "2026-09-18")
        early.action_refresh()
        self.assertEqual(early.line_ids.actual_quantity, 0)
        self.assertEqual(early.date, date(2026, 9, 15))
        self.assertNotIn("09/18/2026", self.html(early))
        self.assertIn("Not due", self.html(early))

    def test_every_role_prints(self):
        """Who may read the record may print it."""
        for group in (
            "contract_tracking.group_contract_leader",
            "contract_tracking.group_contract_auditor",
            "contract_tracking.group_contract_business",
        ):
            user = self.new_user(f"ct_{group.split('_')[-1]}", group)
            content, _kind = self.report.with_user(user)._render_qweb_html(
                REPORT, self.record.ids
            )
            with self.subTest(group=group):
                self.assertIn(self.record.name, content.decode())

    def test_draft_and_void_across(self):
        """What is not in force says so across each page, in the form's language."""
        self.assertIn('class="across"', self.html(self.record))
        self.assertRegex(self.html(self.record), r'class="across">\s*Draft')
        self.assertIn("草稿", self.html(self.record, "zh_CN"))
        self.record.action_confirm()
        self.assertNotIn('class="across"', self.html(self.record))
        self.record._void("Wrong figures")
        self.assertRegex(self.html(self.record), r'class="across">\s*Void')

    def test_columns(self):
        """Specification and instrument stand in columns of their own."""
        self.pump.default_code = "CP-200"
        instrument = self.env.ref("contract_tracking.instrument_transfer")
        record = self.record
        term = record.line_ids.filtered(lambda line: line.kind == "payment")[:1].term_id
        self.env.cr.execute(
            "UPDATE contract_term SET instrument_id = %s WHERE id = %s",
            [instrument.id, term.id],
        )
        self.env.invalidate_all()
        record.action_refresh()
        page = self.html(record)
        for text in ("Specification", "CP-200", "Instrument", instrument.name):
            with self.subTest(text=text):
                self.assertIn(text, page)

    def test_duration_without_an_end(self):
        """From the signing to the last promise, and what is left of it."""
        self.assertFalse(self.record.end_date)
        last = max(self.record.line_ids.filtered("term_id").mapped("date_due"))
        start = self.record.signing_date or self.record.effective_date
        left = max(0, (last - self.record.date).days)
        self.assertIn(
            f"{(last - start).days} days, {left} days left",
            self.record._form_duration(),
        )
        self.order.contract_end_date = "2026-12-31"
        self.record.action_refresh()
        self.assertIn("79 days left", self.record._form_duration())

    def test_one_language(self):
        """What was frozen in the writer's language is printed in the reader's, as long
        as the system still knows it; what people wrote stays."""
        unit = self.pump.uom_id
        for record, name in (
            (self.pump, "水泵"),
            (unit, "台"),
            (self.env.ref("contract_tracking.template_30_70_delivery"), "三七开"),
        ):
            record.with_context(lang="zh_CN").name = name
        self.record.action_refresh()
        self.assertEqual(self.record.line_ids[0].name, "Pump")
        self.record.coordination = "As we said on the phone"
        page = self.html(self.record, "zh_CN")
        for text in ("水泵", "台", "三七开", "As we said on the phone"):
            with self.subTest(text=text):
                self.assertIn(text, page)
        self.assertNotIn("Pump", page.replace("Yangtze Pumps", ""))
        self.assertNotIn("outstanding", page)
        self.assertIn("outstanding", self.html(self.record))
        # who edits the words wrote them
        self.record.summary = f"{self.record.summary} Checked."
        self.assertIn("outstanding", self.html(self.record, "zh_CN"))
        self.pump.name = "Other"
        self.assertIn("Pump", self.html(self.record, "zh_CN"))

    def test_long_figures_do_not_overflow(self):
        """A figure that is wider than its column is written smaller, not broken."""
        self.assertEqual(figure_size("1,234.00", 13), 100)
        size = figure_size("-1,234,567,890,123.00", 13)
        self.assertTrue(50 <= size < 100)
        self.assertEqual(figure_size("2026年10月13日", 15), 100)
        self.record.line_ids.filtered(lambda line: line.kind == "payment")._write(
            {"agreed_amount": 1234567890123}
        )
        self.env.invalidate_all()
        self.assertRegex(self.html(self.record), r'style="font-size: \d\d%"')
