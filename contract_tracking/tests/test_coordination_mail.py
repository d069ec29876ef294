from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tools import html2plaintext

from odoo.addons.mail.tests.common import MailCommon

from .test_coordination import DAY, CoordinationCase

EMAIL = """From: {author}
To: {to}
Subject: Re: {subject}
Message-Id: <{number}@example.com>
In-Reply-To: {reference}
References: {reference}
Content-Type: text/html; charset=utf-8

{body}
"""


class TestCoordinationMail(MailCommon, CoordinationCase):
    """Letters to outside recipients and what comes back from them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("zh_CN")
        cls.carrier.lang = "zh_CN"
        cls.supplier = cls.env["res.partner"].create(
            {"name": "Iron Works", "email": "iron@example.com", "lang": "en_US"}
        )

    def setUp(self):
        super().setUp()
        self.document = self.new_document(
            self.to(self.carrier, requests="Load on Monday"),
            self.to(self.supplier, requests="Cast faster"),
            self.to(self.workshop, requests="INTERNAL-SHOP"),
        )
        with self.mock_mail_gateway():
            self.send(self.document)
            self.mails = {
                mail["email_to"][0].split("<")[-1].strip(">"): mail
                for mail in self._mails
            }
            self.outgoing = self._new_mails
        self.to_carrier, self.to_supplier, self.shop = self.document.reply_ids

    def receive(self, author, body="<p>We load on Tuesday</p>", line=None, number=1):
        letter = (line or self.to_carrier).letter_message_id
        with self.mock_mail_gateway(), freeze_time("2026-10-06 02:00:00"):
            self.env["mail.thread"].message_process(
                None,
                EMAIL.format(
                    author=author,
                    to=letter.reply_to,
                    subject=letter.subject,
                    number=number,
                    reference=letter.message_id,
                    body=body,
                ),
            )
            self.env.flush_all()
            mails = self._mails
        self.env.invalidate_all()
        return mails

    def test_letters(self):
        self.assertEqual(self.to_carrier.email, "carrier@example.com")
        for line in self.to_carrier | self.to_supplier:
            # nobody else gets it: those inside read it on the document
            message = line.letter_message_id
            self.assertEqual(message.notified_partner_ids, line.partner_id)
            mail = self.mails[line.email]
            self.assertEqual(len(mail["attachments"]), 1)
            letter = mail["attachments"][0][1]
            letter = letter.decode() if isinstance(letter, bytes) else letter
            for text in (letter, mail["body"], mail["subject"], line._letter_html()):
                self.assertNotIn("INTERNAL", text)
            for text in (letter, line._letter_html()):
                text = html2plaintext(text)
                self.assertIn("The pumps leave on Monday.", text)
                self.assertIn(self.document.name, text)
                self.assertIn(line.requests, text)
                self.assertIn(line.name, text)
                self.assertIn(self.order.contract_number, text)
                other = (self.to_carrier | self.to_supplier) - line
                self.assertNotIn(other.requests, text)
                self.assertNotIn(other.name, text)
                self.assertNotIn("Workshop", text)
            self.assertIn(self.document.name, mail["subject"])
        # each in his language
        self.assertIn("2026年10月9日", self.to_carrier._letter_html())
        self.assertIn("10/09/2026", self.to_supplier._letter_html())

    def test_preview(self):
        document = self.new_document(self.to(self.carrier, requests="Load"))
        with freeze_time(f"{DAY} 02:00:00"):
            action = document.with_user(self.seller).action_send()
            self.assertEqual(document.state, "draft")
            wizard = (
                self.env["contract.coordination.send"]
                .with_user(self.seller)
                .with_context(**action["context"])
                .create({})
            )
            self.assertIn("The pumps leave on Monday.", wizard.letters)
            self.assertIn("carrier@example.com", wizard.letters)
            self.assertNotIn("INTERNAL", wizard.letters)
            with self.assertRaises(UserError):
                wizard.with_user(self.auditor).action_send()

    def test_outside_parties_never_follow(self):
        outside = self.carrier | self.supplier | self.partner
        document = self.document.with_user(self.seller)
        document.message_subscribe(partner_ids=outside.ids)
        self.assertFalse(outside & self.document.message_partner_ids)
        # even if a follower became an outside party
        self.env["mail.followers"].sudo().create(
            {
                "res_model": document._name,
                "res_id": document.id,
                "partner_id": self.carrier.id,
                "subtype_ids": [(6, 0, self.env.ref("mail.mt_comment").ids)],
            }
        )
        with self.mock_mail_gateway():
            document.message_post(
                body="What the others say",
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            self.reply(self.shop, self.outsider, "SECRET")
            self.reply(self.to_supplier, self.seller, "SECRET")
            document.outcome = "SECRET"
            sent_to = {a for mail in self._mails for a in mail["email_to"]}
        self.assertFalse([a for a in sent_to if "example.com" in a and "carrier" in a])
        suggested = document._message_get_suggested_recipients()
        self.assertFalse(
            {r.get("partner_id") for r in suggested} & set(self.partner.ids)
        )

    def test_answer_is_offered(self):
        self.receive(
            "Carrier <carrier@example.com>",
            "<p>We load on Tuesday</p>"
            '<blockquote data-o-mail-quote="1">The pumps leave</blockquote>',
        )
        self.assertEqual(self.to_carrier.state, "waiting")
        self.assertEqual(self.to_carrier.proposed_text, "We load on Tuesday")
        self.assertTrue(self.document.has_proposal)
        self.assertEqual(
            self.tasks(self.document, "coordination_email").user_id, self.seller
        )
        for user in (self.outsider, self.owner, self.auditor):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.to_carrier.with_user(user).action_take_over()
        self.to_carrier.with_user(self.seller).action_take_over()
        self.assertEqual(self.to_carrier.state, "answered")
        self.assertEqual(self.to_carrier.reply_text, "We load on Tuesday")
        self.assertIn("carrier@example.com", self.to_carrier.answered_by_name)
        self.assertEqual(str(self.to_carrier.answered_on), "2026-10-06 02:00:00")
        self.assertFalse(self.to_carrier.proposed_text)
        self.assertFalse(self.tasks(self.document, "coordination_email"))
        with self.assertRaises(UserError):
            self.to_carrier.with_user(self.seller).action_take_over()
        # one more e-mail: a supplement
        self.receive("carrier@example.com", "<p>On Wednesday</p>", number=2)
        self.to_carrier.with_user(self.seller).action_take_over()
        self.assertEqual(self.to_carrier.reply_text, "We load on Tuesday")
        supplement = self.document.reply_ids.filtered("supplement_of_id")
        self.assertEqual(supplement.reply_text, "On Wednesday")

    def test_answer_is_dismissed(self):
        self.receive("carrier@example.com", "<p>I'm on holiday</p>")
        with self.assertRaises(UserError):
            self.to_carrier.with_user(self.outsider).action_dismiss()
        self.to_carrier.with_user(self.seller).action_dismiss()
        self.assertFalse(self.to_carrier.proposed_text)
        self.assertEqual(self.to_carrier.state, "waiting")

    def test_nothing_is_taken_over_once_it_is_void(self):
        self.receive("carrier@example.com", "<p>We load on Tuesday</p>")
        self.document.with_user(self.seller)._void("Wrong pumps")
        lines = self.document.reply_ids
        with self.assertRaisesRegex(UserError, "doesn't wait for replies"):
            self.to_carrier.with_user(self.seller).action_take_over()
        self.assertEqual(self.document.reply_ids, lines)
        self.assertEqual(self.to_carrier.state, "waiting")
        self.to_carrier.with_user(self.seller).action_dismiss()
        self.assertFalse(self.to_carrier.proposed_text)

    def test_unknown_sender(self):
        # a colleague of the recipient is not the recipient
        self.env["res.partner"].create(
            {
                "name": "Clerk",
                "email": "clerk@example.com",
                "parent_id": self.carrier.id,
            }
        )
        for number, author in enumerate(
            ("Stranger <stranger@example.net>", "clerk@example.com"), 1
        ):
            before = self.document.message_ids
            self.receive(author, "<p>We agree</p>", number=number)
            new = self.document.message_ids - before
            texts = [html2plaintext(message.body) for message in new]
            self.assertTrue(any("We agree" in text for text in texts))
            self.assertTrue(any("nobody's reply" in text for text in texts))
        self.assertFalse(self.document.has_proposal)
        self.assertEqual(set(self.document.reply_ids.mapped("state")), {"waiting"})
        self.assertFalse(self.document.message_partner_ids.filtered("partner_share"))

    def test_ask_again(self):
        line = self.to_carrier.with_user(self.seller)
        action = line.action_ask_again()
        with self.mock_mail_gateway():
            self.env["mail.compose.message"].with_user(self.seller).with_context(
                **action["context"]
            ).create({}).action_send_mail()
            mails = self._mails
        [mail] = [m for m in mails if "carrier@example.com" in m["email_to"][0]]
        self.assertNotIn("INTERNAL", mail["body"])
        self.assertFalse([m for m in mails if "iron@example.com" in m["email_to"][0]])
        self.assertFalse(self.document.message_partner_ids & self.carrier)

    def test_long_letter(self):
        document = self.new_document(
            self.to(self.carrier),
            outside_text="\n".join(f"Line {number}" for number in range(100)),
        )
        self.assertEqual(len(document.reply_ids._letter_pages()), 3)
        html = document.reply_ids._letter_html()
        self.assertIn("Line 99", html)
        self.assertEqual(html.count("Fast Carrier"), 1)

    def test_answer_of_one_is_not_mailed_to_the_other(self):
        mails = self.receive("carrier@example.com")
        recipients = {a for mail in mails for a in mail["email_to"]}
        self.assertFalse([a for a in recipients if "iron@example.com" in a])

    def test_letters_of_a_void_document(self):
        self.document.with_user(self.seller)._void("Wrong day")
        self.receive("carrier@example.com")
        self.assertFalse(self.to_carrier.proposed_text)

    def test_proposals_are_written_by_e_mails_only(self):
        with self.assertRaises(UserError):
            self.to_carrier.with_user(self.seller).write({"proposed_text": "We agree"})
