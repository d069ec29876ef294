import io
from unicodedata import normalize

from freezegun import freeze_time
from pypdf import PdfReader

from odoo import Command
from odoo.tests import HttpCase

from ..tools.guard import unguarded
from .deviations import DeviationCase

REPORT = "contract_tracking.action_report_deviation"


class TestDeviationReport(DeviationCase, HttpCase):
    """附表3 as it is printed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.seller.name = "Li Wei"
        cls.leader.name = "Zhou Guohua"
        cls.supervisor.name = "Sun Li"
        cls.head.name = "Zhang Min"
        cls.printer = cls.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )

    def pages(self, deviations, lang="en_US", report=REPORT):
        """The texts of the printed pages, without line breaks."""
        content, kind = self.printer.with_context(lang=lang)._render_qweb_pdf(
            report, deviations.ids
        )
        self.assertEqual(kind, "pdf")
        return [
            " ".join(normalize("NFKC", page.extract_text()).split()).replace(" ☑", "☑")
            for page in PdfReader(io.BytesIO(content)).pages
        ]

    # The report of one deviation, as it goes through its life.

    def new_report(self):
        term = self.order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        department = self.env["contract.department"].create({"name": "Foundry"})
        with freeze_time("2026-10-13 02:00:00"):
            deviation = self.report(
                term_id=term.id,
                line_id=term.line_id.id,
                department_id=department.id,
                cause_note="No second source.",
                channel="oral",
            )
            unguarded(deviation.sudo()).write(
                {
                    "agreed_date": "2026-10-01",
                    "agreed_quantity": 10,
                    "actual_quantity": 6,
                }
            )
        return deviation

    def decided_report(self):
        deviation = self.new_report()
        with freeze_time("2026-10-13 18:00:00"):
            deviation.action_analyse()
            deviation.action_submit()
            deviation.with_user(self.leader).action_approve(
                "By air freight.", "accept_changed"
            )
        return deviation

    def assert_texts(self, page, *texts):
        for text in texts:
            with self.subTest(text=text):
                self.assertIn(text, page)

    def test_filled_before_it_is_signed(self):
        deviation = self.new_report()
        [page] = self.pages(deviation)
        self.assert_texts(
            page,
            "Sales Contract Deviation Report",
            deviation.name,
            "QR-XS-03",
            "Yangtze Pumps",
            self.order.contract_number,
            "Page 1 of 1",
            "Enclosed□ None enclosed☑",
            "Writing□ Orally☑",
            "Minor□ Major☑ Critical□",
            "Late delivery",
            "10 Units",
            "6 Units",
            "-4 · 12 days",
            "12 days · 400.00",
            "Material late or missing",
            "Foundry",
            "60 delivered on 10/13, 40 missing",
            "No second source.",
            "no penalty",
        )
        # nobody has signed yet: five lines to sign by hand
        self.assertEqual(page.count("Date:"), 5)

    def test_signed_by_who_decided(self):
        [page] = self.pages(self.decided_report())
        self.assert_texts(
            page,
            "Accepted with changes By air freight.",
            self.leader.name,
            # after midnight in China
            "10/14/2026",
        )
        # head of department and verifier are still to sign
        self.assertEqual(page.count("Date:"), 2)

    def test_execution_and_verifier(self):
        deviation = self.decided_report()
        with freeze_time("2026-10-15 02:00:00"):
            action = self.add_action(deviation)
            self.step(action, "done", self.outsider, "Called him.")
            self.step(deviation, "report", self.seller, "All is there.")
            self.step(deviation, "verify", self.supervisor, "Papers seen.")
        [page] = self.pages(deviation)
        self.assert_texts(
            page,
            "Press the foundry Called him.",
            "All is there. Verified: Papers seen. Not cured.",
            self.supervisor.name,
        )
        self.assertEqual(page.count("Date:"), 1)

    def test_head_of_department_signs_with_his_step(self):
        self.rule.line_ids.sequence = 20
        self.rule.write(
            {
                "line_ids": [
                    Command.create(
                        {"sequence": 10, "name": "Head", "approver": "office_leader"}
                    )
                ]
            }
        )
        deviation = self.submitted()
        deviation.with_user(self.head).action_approve()
        deviation.with_user(self.leader).action_approve()
        signs = {s["title"]: s["name"] for s in deviation._form_signatures()}
        self.assertEqual(signs["Head of Department"], self.head.name)
        self.assertEqual(signs["Leader"], self.leader.name)
        self.assertEqual(signs["Handler"], self.seller.name)
        self.assertEqual(signs["Verifier"], "")

    def test_oral_decision_says_so(self):
        self.rule.line_ids.write(
            {
                "oral_allowed": True,
                "oral_limit": 1000,
                "oral_user_ids": [Command.set(self.business.ids)],
            }
        )
        with freeze_time("2026-10-13 02:00:00"):
            deviation = self.submitted()
        with freeze_time("2026-10-13 04:00:00"):
            deviation.with_user(self.business)._approval_record_oral(
                deviation.step_ids,
                True,
                deviation.step_ids.pending_on,
                "By phone",
                "Yes.",
            )
        [page] = self.pages(deviation)
        self.assertIn("not confirmed", page)
        self.step(deviation, "report", self.seller)
        self.assert_refused(
            lambda: self.step(deviation, "verify", self.supervisor), "orally"
        )
        deviation.with_user(self.leader).action_approve()
        [page] = self.pages(deviation)
        self.assertNotIn("not confirmed", page)
        self.step(deviation, "verify", self.supervisor)

    def test_denied_oral_decision_is_undone(self):
        self.rule.line_ids.write(
            {
                "oral_allowed": True,
                "oral_limit": 1000,
                "oral_user_ids": [Command.set(self.business.ids)],
            }
        )
        deviation = self.submitted()
        deviation.with_user(self.business)._approval_record_oral(
            deviation.step_ids, True, deviation.step_ids.pending_on, "By phone", "Yes."
        )
        self.assertEqual(deviation.state, "executing")
        deviation.with_user(self.leader).action_refuse("I never said so.")
        self.assertEqual(deviation.state, "analysed")
        self.assertFalse(deviation.decision)

    def test_covers_all_of_the_report(self):
        lead = self.report(severity="critical")
        other = self.report(kind="late_payment", summary="Paid late.")
        (lead + other).action_one_report()
        text = " ".join(self.pages(other))
        self.assertIn(f"1. {lead.name}", text)
        self.assertIn(f"2. {other.name}", text)
        self.assertIn("Paid late.", text)

    def test_long_texts_go_on(self):
        deviation = self.report(summary="\n".join(f"Line {n}." for n in range(150)))
        pages = self.pages(deviation)
        self.assertGreater(len(pages), 2)
        for number, page in enumerate(pages, 1):
            self.assertIn(f"Page {number} of {len(pages)}", page)
        text = " ".join(pages)
        for n in range(150):
            self.assertIn(f"Line {n}.", text)

    def test_chinese(self):
        deviation = self.report()
        [page] = self.pages(deviation, "zh_CN")
        self.assertIn("2026年10月13日", page)
        self.partner.lang = "zh_CN"
        [page] = self.pages(
            deviation, report="contract_tracking.action_report_deviation_partner"
        )
        self.assertIn("2026年10月13日", page)

    def test_attachment_ticks_the_box(self):
        deviation = self.report()
        deviation.attachment_ids = (
            self.env["ir.attachment"]
            .with_user(self.seller)
            .create({"name": "letter.txt", "raw": b"x"})
        )
        [page] = self.pages(deviation)
        self.assertIn("Enclosed☑ None enclosed□", page)

    def test_waived_and_cancelled_say_why(self):
        deviation = self.report()
        self.step(deviation, "cancel", self.business, "Counted wrongly.")
        self.assertIn("Counted wrongly.", self.pages(deviation)[0])
