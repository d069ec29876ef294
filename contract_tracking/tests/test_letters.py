import io
import re
import unicodedata

from freezegun import freeze_time
from pypdf import PdfReader

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, HttpCase
from odoo.tools import html2plaintext

from .test_coordination import CoordinationCase

LETTER = "contract_tracking.action_report_coordination_letter"


class LetterCase(CoordinationCase):
    """A contract of 1,000: 300 in advance due on signing, 2026-09-01, the rest 30 days
    after the delivery of 2026-09-10, invoiced that day; nothing is paid."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.partner.write({"email": "pay@example.com", "lang": "en_US"})
        cls.company.partner_id.write(
            {
                "street": "8 Harbour Road",
                "city": "Shanghai",
                "phone": "+86 21 5550 1234",
            }
        )
        bank = cls.env["res.bank"].create({"name": "Bank of the River"})
        cls.env["res.partner.bank"].create(
            {
                "partner_id": cls.company.partner_id.id,
                "acc_number": "6222-8888-0001",
                "bank_id": bank.id,
                "sequence": 1,
            }
        )
        cls.deliver(cls.order, "2026-09-10")
        cls.bill = cls.invoice(cls.order, "2026-09-10")

    def remind(self, day="2026-11-20", order=None, user=None):
        """The reminder that somebody writes on a day, saved."""
        user = user or self.seller
        with freeze_time(f"{day} 02:00:00"):
            action = (order or self.order).with_user(user).action_contract_remind()
            if action.get("res_id"):
                return self.env["contract.coordination"].browse(action["res_id"])
            form = Form(
                self.env["contract.coordination"]
                .with_user(user)
                .with_context(**action["context"])
            )
            return form.save()

    def overdue(self, day="2026-11-20", orders=None):
        rows = self.balances(orders or self.order, day)
        return sum(float(row["overdue"]) for row in rows.values())


class TestLetters(LetterCase):
    def test_it_writes_itself(self):
        letter = self.remind()
        self.assertEqual((letter.kind, letter.stage), ("reminder", 1))
        self.assertEqual(letter.reply_ids.partner_id, self.partner)
        self.assertEqual(str(letter.reply_date), "2026-11-30")
        self.assertEqual(
            letter.subject,
            f"First Payment Reminder: contract {self.order.contract_number}",
        )
        self.assertIn("may have been overlooked", letter.outside_text)
        with freeze_time("2026-11-20 02:00:00"):
            self.env.invalidate_all()
            self.assertEqual(letter.claimed_amount, self.overdue())
            claimed = letter._claimed()
            self.assertEqual(
                sum(row["open"] for row in claimed["due"]), letter.claimed_amount
            )
            terms = self.order.contract_term_ids.filtered("overdue_amount")
            self.assertEqual({row["id"] for row in claimed["due"]}, set(terms.ids))
            self.assertEqual([i["name"] for i in claimed["invoices"]], [self.bill.name])
            text = html2plaintext(letter.reply_ids._letter_html())
        for said in (
            "First Payment Reminder",
            self.company.name,
            "8 Harbour Road",
            "+86 21 5550 1234",
            self.order.contract_number,
            self.bill.name,
            "Please pay by",
            "11/30/2026",
            "Bank of the River",
            "6222-8888-0001",
            "In words: One Thousand",
            "1,000.00",
        ):
            self.assertIn(said, text)

    def test_what_was_sent_stays(self):
        letter = self.send(self.remind(), "2026-11-20")
        total = letter.claimed_amount
        self.assertEqual(total, 1000)
        self.pay(self.bill, "2026-11-21", 1000)
        with freeze_time("2026-11-25 02:00:00"):
            self.env.invalidate_all()
            self.assertEqual(letter.claimed_amount, total)
            self.assertIn("1,000.00", letter.reply_ids._letter_html())
            with self.assertRaises(UserError):
                letter.with_user(self.seller).write({"claimed": {}})
            with self.assertRaisesRegex(UserError, "nothing to remind"):
                self.order.with_user(self.seller).action_contract_remind()

    def test_nothing_is_sent_for_what_was_paid(self):
        letter = self.remind()
        self.pay(self.bill, "2026-11-20", 1000)
        self.env.invalidate_all()
        with self.assertRaisesRegex(UserError, "Nothing is overdue any more"):
            self.send(letter, "2026-11-20")

    def test_stages(self):
        first = self.send(self.remind(), "2026-11-20")
        # its day isn't over
        self.assertEqual(self.remind("2026-11-25"), first)
        second = self.remind("2026-12-02")
        self.assertEqual((second.stage, second.predecessor_id), (2, first))
        self.assertIn("Second Payment Reminder", second.subject)
        self.assertIn("In spite of our first reminder", second.outside_text)
        self.assertEqual(self.remind("2026-12-02"), second)
        second.with_user(self.seller).reply_date = "2026-12-12"
        self.send(second, "2026-12-02")
        third = self.remind("2026-12-14")
        self.assertEqual(third.stage, 3)
        self.assertIn("our last reminder", third.outside_text)
        third.with_user(self.seller).reply_date = "2026-12-24"
        self.send(third, "2026-12-14")
        self.assertEqual(self.remind("2027-01-10"), third)
        # what is paid is over: another debt is asked for from the beginning
        self.pay(self.bill, "2027-01-11", 1000)
        self.env.invalidate_all()
        with self.assertRaises(UserError):
            self.remind("2027-01-12")

    def test_own_words_stay(self):
        letter = self.remind().with_user(self.seller)
        english = letter.outside_text
        self.partner.lang = "zh_CN"
        letter.reply_ids.partner_id = self.carrier
        letter.reply_ids.partner_id = self.partner
        self.assertNotEqual(letter.outside_text, "")
        letter.outside_text = "We still wait."
        letter.subject = "Your debts"
        letter.reply_ids.partner_id = self.carrier
        self.assertEqual(letter.outside_text, "We still wait.")
        self.assertEqual(letter.subject, "Your debts")
        letter.write({"kind": "delay"})
        self.assertEqual(letter.outside_text, "We still wait.")
        letter.write({"kind": "reminder", "outside_text": False})
        letter.reply_ids.partner_id = self.partner
        self.assertTrue(letter.outside_text)
        # the next stage takes over what somebody wrote
        letter.outside_text = "We still wait."
        self.send(letter, "2026-11-20")
        self.assertEqual(self.remind("2026-12-02").outside_text, "We still wait.")
        self.assertTrue(english)

    def test_words_of_the_company(self):
        template = self.env.ref("contract_tracking.mail_template_reminder_1")
        template.body_html = "<p>Pay us, please.</p>"
        template.with_context(lang="zh_CN").body_html = "<p>请付款。</p>"
        self.assertEqual(self.remind().outside_text, "Pay us, please.")
        self.env["contract.coordination"].search([("kind", "=", "reminder")]).unlink()
        self.partner.lang = "zh_CN"
        self.assertEqual(self.remind().outside_text, "请付款。")

    def test_one_letter_for_a_customer(self):
        other = self.new_role_contract(lines=[(self.pump, 5)])
        self.deliver(other, "2026-09-10")
        self.invoice(other, "2026-09-10")
        foreign = self.new_role_contract(
            lines=[(self.pump, 3)], user_id=self.rival.id, contract_owner_id=False,
            contract_supervisor_id=False, team_id=False,
        )  # fmt: skip
        self.deliver(foreign, "2026-09-10")
        self.invoice(foreign, "2026-09-10")
        with freeze_time("2026-11-20 02:00:00"):
            row = (
                self.env["contract.ageing"]
                .with_user(self.seller)
                .search([("order_id", "=", other.id)])
            )
            action = row.action_remind()
            letter = Form(
                self.env["contract.coordination"]
                .with_user(self.seller)
                .with_context(**action["context"])
            ).save()
            # on the contract of which most is overdue, for those that he may read
            self.assertEqual(letter.order_id, self.order)
            self.assertEqual(letter.scope, "customer")
            self.assertEqual(letter.claimed_amount, 1500)
            said = letter.reply_ids._letter_html()
            self.assertIn(other.contract_number, said)
            self.assertNotIn(foreign.contract_number, said)

    def test_money_that_is_not_set_off(self):
        """What was claimed for the contract lowers what the invoice says is open."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 400,
                "date": "2026-09-20",
            }
        )
        with freeze_time("2026-09-20 02:00:00"):
            payment.action_post()
            claim = self.env["contract.payment.claim"].create(
                {"payment_id": payment.id, "order_id": self.order.id, "amount": 400}
            )
            self.assertEqual(claim.state, "claimed")
        self.env.invalidate_all()
        letter = self.remind()
        with freeze_time("2026-11-20 02:00:00"):
            self.assertEqual(letter.claimed_amount, 600)
            invoices = letter._claimed()["invoices"]
            self.assertEqual(sum(row["open"] for row in invoices), 600)

    def test_statement_goes_with_it(self):
        letter = self.remind().with_user(self.seller)
        letter.with_statement = True
        self.send(letter, "2026-11-20")
        statement = self.env["contract.statement"].search(
            [("partner_id", "=", self.partner.id)]
        )
        self.assertEqual(statement.state, "sent")
        self.assertEqual(statement.closing_balance, 1000)
        files = letter.reply_ids.letter_message_id.attachment_ids
        self.assertEqual(len(files), 2)
        self.assertTrue(any(statement.name in file.name for file in files))
        # the one that was sent goes again
        second = self.remind("2026-12-02").with_user(self.seller)
        self.assertTrue(second.with_statement)
        second.reply_date = "2026-12-12"
        self.send(second, "2026-12-02")
        self.assertEqual(
            self.env["contract.statement"].search_count(
                [("partner_id", "=", self.partner.id)]
            ),
            1,
        )

    def test_frame(self):
        frame = self.new_frame(self.seller)
        with freeze_time("2026-11-20 02:00:00"):
            with self.assertRaisesRegex(UserError, "nothing to remind"):
                frame.with_user(self.seller).action_remind()
            order = self.new_role_contract(contract_frame_id=frame.id)
        self.deliver(order, "2026-09-10")
        self.invoice(order, "2026-09-10")
        with freeze_time("2026-11-20 02:00:00"):
            action = frame.with_user(self.seller).action_remind()
            letter = Form(
                self.env["contract.coordination"]
                .with_user(self.seller)
                .with_context(**action["context"])
            ).save()
            self.assertEqual(letter.frame_id, frame)
            self.assertEqual(letter.claimed_amount, frame.overdue_amount)

    def test_who_reminds(self):
        for user in (self.rival, self.auditor, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.remind(user=user)


class TestLetterTour(LetterCase, HttpCase):
    """A salesperson reminds a customer: from the contract to the letter that went."""

    def test_reminder(self):
        self.start_tour(
            f"/odoo/contracts/{self.order.id}", "contract_reminder", login="ct_seller"
        )
        letter = self.env["contract.coordination"].search(
            [("order_id", "=", self.order.id)]
        )
        self.assertEqual((letter.state, letter.stage), ("sent", 1))
        self.assertEqual(letter.claimed["total"], 1000)
        message = letter.reply_ids.letter_message_id
        self.assertEqual(message.notified_partner_ids, self.partner)
        self.assertTrue(message.attachment_ids)


class TestLetterPrint(LetterCase, HttpCase):
    """The letter as a PDF."""

    def pages(self, letter):
        with freeze_time("2026-11-20 02:00:00"):
            self.env.invalidate_all()
            content, _kind = (
                self.env["ir.actions.report"]
                .with_context(force_report_rendering=True)
                ._render_qweb_pdf(LETTER, letter.reply_ids.ids)
            )
        return [
            re.sub(r"\s+", " ", page.extract_text())
            for page in PdfReader(io.BytesIO(content)).pages
        ]

    def test_english(self):
        letter = self.remind()
        [page] = self.pages(letter)
        self.assertIn("First Payment Reminder", page)
        self.assertIn("6222-8888-0001", page)

    def test_chinese(self):
        self.partner.lang = "zh_CN"
        letter = self.remind()
        [page] = self.pages(letter)
        # the same characters, however the font writes them
        self.assertIn("2026年11月30日", unicodedata.normalize("NFKC", page))

    def test_long(self):
        """As many pages as are announced, with every contract."""
        orders = self.order
        for number in range(30):
            order = self.new_role_contract(
                lines=[(self.service, 2)], contract_number=f"HT-MANY-{number:03}"
            )
            self.invoice(order, "2026-09-10")
            orders |= order
        letter = self.remind().with_user(self.seller)
        letter.scope = "customer"
        pages = self.pages(letter)
        with freeze_time("2026-11-20 02:00:00"):
            self.assertEqual(len(pages), len(letter.reply_ids._letter_pages()))
        text = " ".join(pages)
        self.assertIn("HT-MANY-029", text)
