from markupsafe import Markup

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .roles import RoleCase


class FilingCase(RoleCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.letter = cls.env.ref("contract_tracking.document_type_letter")

    def upload(self, user, *names):
        return (
            self.env["ir.attachment"]
            .with_user(user)
            .create([{"name": name, "raw": name.encode()} for name in names])
        )

    def wizard(self, user, action, **values):
        return (
            self.env["contract.document.filing"]
            .with_user(user)
            .with_context(**action["context"])
            .create({"type_id": self.letter.id, **values})
        )

    def papers(self):
        return self.env["contract.document"].search([("order_id", "=", self.order.id)])


class TestFiling(FilingCase):
    def test_files_of_one_paper(self):
        files = self.upload(self.seller, "page1.png", "page2.png")
        action = (
            self.env["contract.document"]
            .with_user(self.seller)
            .with_context(default_order_id=self.order.id, default_name="nonsense")
            .create_document_from_attachment("", files.ids)
        )
        self.wizard(self.seller, action, name="Letter").action_file()
        paper = self.papers()
        self.assertEqual(paper.name, "Letter")
        self.assertEqual(paper.attachment_ids, files)
        self.assertEqual(paper.user_id, self.seller)
        # who reads the contract reads its files
        for user in (self.owner, self.auditor, self.leader):
            self.assertEqual(files[0].with_user(user).raw, b"page1.png")

    def test_one_paper_a_file(self):
        files = self.upload(self.seller, "a.pdf", "b.pdf")
        action = (
            self.env["contract.document"]
            .with_user(self.seller)
            .create_document_from_attachment("", files.ids)
        )
        self.wizard(
            self.seller, action, order_id=self.order.id, separate=True
        ).action_file()
        self.assertEqual(set(self.papers().mapped("name")), {"a.pdf", "b.pdf"})

    def test_without_contract_or_file(self):
        files = self.upload(self.seller, "a.pdf")
        wizard = self.wizard(
            self.seller,
            {"context": {}},
            attachment_ids=[Command.set(files.ids)],
        )
        with self.assertRaisesRegex(UserError, "Choose the contract"):
            wizard.action_file()
        wizard = self.wizard(self.seller, {"context": {}}, order_id=self.order.id)
        with self.assertRaisesRegex(UserError, "no file"):
            wizard.action_file()

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_a_paper_is_not_moved_to_others(self):
        self.add_documents(self.order)
        foreign = self.new_order(user_id=self.rival.id)
        with (
            mute_logger("odoo.addons.base.models.ir_rule"),
            self.assertRaises(UserError),
            self.env.cr.savepoint(),
        ):
            self.document.with_user(self.seller).order_id = foreign
        self.env.invalidate_all()
        self.assertEqual(self.document.order_id, self.order)

    def test_on_a_contract_of_others(self):
        files = self.upload(self.outsider, "a.pdf")
        with self.assertRaises(AccessError):
            self.wizard(
                self.outsider,
                {"context": {}},
                order_id=self.order.id,
                attachment_ids=[Command.set(files.ids)],
            ).action_file()
        self.assertFalse(self.papers())

    def message(self, record=None, **values):
        return (record or self.order).message_post(
            body=Markup("<p>We deliver on Monday.</p>"),
            subject="Delivery",
            author_id=self.partner.id,
            message_type="email",
            attachments=[("plan.txt", b"Monday")],
            **values,
        )

    def test_message(self):
        message = self.message()
        Document = self.env["contract.document"].with_user(self.seller)
        action = Document.action_file_message(message.id)
        wizard = self.wizard(self.seller, action)
        self.assertEqual(wizard.name, "Delivery")
        self.assertEqual(wizard.order_id, self.order)
        self.assertIn(self.partner, wizard.partner_ids)
        wizard.action_file()
        paper = self.papers()
        self.assertEqual(paper.message_id, message)
        self.assertEqual(
            set(paper.attachment_ids.mapped("name")), {"plan.txt", "Delivery.txt"}
        )
        text = paper.attachment_ids.filtered(lambda a: a.name == "Delivery.txt").raw
        self.assertIn(b"We deliver on Monday.", text)
        self.assertNotIn(b"<p>", text)
        # the message keeps its own file
        self.assertEqual(message.attachment_ids.res_model, "sale.order")
        again = Document.action_file_message(message.id)
        self.assertEqual(again["res_id"], paper.id)
        with self.assertRaisesRegex(UserError, "filed already"):
            wizard.action_file()
        message.sudo().unlink()
        self.assertEqual(len(paper.attachment_ids), 2)

    def test_message_of_a_form(self):
        deviation = self.env["contract.deviation"].create(
            {"order_id": self.order.id, "summary": "Dented"}
        )
        action = self.env["contract.document"].action_file_message(
            self.message(deviation).id
        )
        self.assertEqual(action["context"]["default_order_id"], self.order.id)

    def test_message_elsewhere(self):
        message = self.partner.message_post(body="Hello")
        with self.assertRaisesRegex(UserError, "Only messages on contracts"):
            self.env["contract.document"].action_file_message(message.id)
        # of a model that is gone: no paper that has the same number
        paper = self.env["contract.document"].create(
            {
                "order_id": self.order.id,
                "name": "Letter",
                "type_id": self.letter.id,
                "attachment_ids": [Command.set(self.upload(self.seller, "a.pdf").ids)],
            }
        )
        message.write({"model": "x_gone", "res_id": paper.id})
        with self.assertRaisesRegex(UserError, "Only messages on contracts"):
            self.env["contract.document"].action_file_message(message.id)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_message_that_he_cannot_read(self):
        message = self.message()
        with self.assertRaises(AccessError):
            self.env["contract.document"].with_user(self.rival).action_file_message(
                message.id
            )


@tagged("post_install", "-at_install")
class TestTourFiling(FilingCase, HttpCase):
    def test_drop_and_chatter(self):
        self.order.message_post(
            body="We deliver on Monday.",
            author_id=self.partner.id,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        self.start_tour(
            f"/odoo/contracts/{self.order.id}", "contract_filing", login="ct_seller"
        )
        papers = self.papers()
        self.assertEqual(sorted(papers.mapped("type_id.name")), ["E-mail", "Letter"])
        self.assertEqual(
            papers.filtered(lambda p: p.type_id == self.letter).name, "dropped.txt"
        )
