import re

from .test_reagreement import ReagreementCase

REPORT = "contract_tracking.action_report_reagreement"


class TestReagreementPrint(ReagreementCase):
    """A change order as it is printed: before and after, totals, who decided."""

    def html(self, record, lang="en_US"):
        content, kind = (
            self.env["ir.actions.report"]
            .with_context(lang=lang)
            ._render_qweb_html(REPORT, record.ids)
        )
        self.assertEqual(kind, "html")
        return re.sub(r"\s+", " ", content.decode())

    def texts(self, page, *texts):
        for text in texts:
            with self.subTest(text=text):
                self.assertIn(text, page)

    def test_before_and_after(self):
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20"),
            {"action": "end", "term_id": self.deposit.id, "kind": "payment"},
            self.change(self.balance, percent=100),
        )
        page = self.html(record)
        self.texts(
            page,
            "Contract Change Order",
            record.name,
            "QR-XS-06",
            "Yangtze Pumps",
            self.order.contract_number,
            "Supplement 1",
            "s.pdf",
            "The customer asked for it.",
            "10/01/2026",
            "10/20/2026",
            "No longer agreed",
            "70 %",
            "100 %",
            "1,000.00",
        )
        self.assertRegex(page, r'class="across">\s*Draft')
        payments = next(
            block for block in record._form_blocks() if block["name"] == "payments"
        )
        [row] = payments["rows"]
        texts = [cell["text"] for cell in row["cells"]]
        self.assertEqual(texts[:3], [self.balance.name, "100", "1,000.00"])
        self.assertIn("2026年10月20日", self.html(record, "zh_CN"))

    def test_who_decided(self):
        """Signed from the evidence; what holds isn't crossed by anything."""
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20")
        )
        unsigned = [sign["name"] for sign in record._form_signatures()]
        self.assertEqual(set(unsigned), {""})
        self.agree(record)
        signs = record._form_signatures()
        self.assertEqual(
            [(sign["title"], sign["name"]) for sign in signs],
            [("Prepared By", self.seller.name), ("Leader", self.leader.name)],
        )
        page = self.html(record)
        self.assertNotIn('class="across"', page)
        self.texts(page, self.leader.name, "09/20/2026", "10/01/2026", "10/20/2026")

    def test_refused(self):
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20")
        )
        record.with_user(self.seller).action_submit()
        self.assertNotIn('class="across"', self.html(record))
        record.with_user(self.leader).action_refuse("No")
        self.assertRegex(self.html(record), r'class="across">\s*Void')

    def test_names_in_the_reader_s_language(self):
        """A term's name that was taken over in the writer's language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        for code, name in (("en_US", "Rest"), ("zh_CN", "尾款")):
            self.env["contract.term"].flush_model()
            self.env.cr.execute(
                "UPDATE contract_term SET name = name || jsonb_build_object(%s, %s) "
                "WHERE id = %s",
                [code, name, self.balance.id],
            )
        self.env.invalidate_all()
        record = self.new_reagreement(self.change(self.balance, delay=60))
        self.assertEqual(record.line_ids.name, "Rest")
        page = self.html(record, "zh_CN")
        self.assertIn("尾款", page)
        self.assertNotIn("Rest", page)
