"""Files of evidence stay with what they prove, whoever asks and whichever way."""

import base64

from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .deviations import RULES, DeviationCase

DAY = "2026-10-14 02:00:00"


class TestTrustFiles(DeviationCase):
    """A file on each kind of evidence, attacked as its most powerful reader and as the
    superuser."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})
        cls.attackers = cls.seller | cls.business | cls.manager
        # the most that somebody can be without being the superuser
        cls.attackers.group_ids |= cls.env.ref("base.group_system")

    def file(self, name="proof.pdf", user=None, **values):
        env = self.env(user=user or self.seller)
        vals = {"name": name, "raw": b"signed", **values}
        return env["ir.attachment"].create(vals).sudo()

    def refused(self, call, what):
        with self.subTest(what=what):
            with mute_logger(*RULES), self.assertRaises(UserError):
                with self.env.cr.savepoint():
                    call()
            self.env.invalidate_all()

    def attack(self, file, record=None, fname=None):
        """Everything that would change a file or take it away."""
        file = file.sudo(False)
        content = file.sudo().checksum
        values = {
            "raw": b"forged",
            "datas": base64.b64encode(b"forged"),
            "db_datas": b"forged",
            "name": "other.pdf",
            "description": "other",
            "mimetype": "text/html",
            "type": "url",
            "url": "https://example.com/forged",
            "res_model": "res.country",
            "res_id": self.env.ref("base.cn").id,
            "res_field": "image_1920",
            "company_id": self.elsewhere.id,
            "public": True,
            "contract_filed": False,
        }
        envs = [self.env(user=user) for user in self.attackers]
        for env in [*envs, self.env(su=True)]:
            who = env.user.login
            target = file.with_env(env)
            for name, value in values.items():
                if name == "res_id" and env.su and file.res_model == "res.partner":
                    continue  # core merges partners, the document keeps its link
                self.refused(lambda t=target, n=name, v=value: t.write({n: v}), name)
            if file.res_id:
                nobody = {"res_model": False, "res_id": False}
                self.refused(lambda t=target, v=nobody: t.write(v), who)
            self.refused(target.unlink, f"unlink {who}")
            if record is None:
                continue
            document = record.with_env(env)
            for command in (
                Command.clear(),
                Command.set([]),
                Command.unlink(file.id),
                Command.delete(file.id),
                Command.update(file.id, {"name": "other"}),
                Command.set([self.file("new.pdf").id]),
            ):
                self.refused(
                    lambda d=document, c=command: d.write({fname: [c]}),
                    f"{who} {command}",
                )
        self.assertEqual(file.sudo().checksum, content)
        self.assertEqual(file.sudo().name, "proof.pdf")
        if record is not None:
            self.assertIn(file, record.sudo()[fname])

    # ------------------------------------------------------------------

    def test_every_field_of_files_is_guarded(self):
        """Whatever holds files says when they are settled."""
        base = self.env.registry["contract.evidence.mixin"]._files_settled
        for name, model in self.env.registry.items():
            if model._abstract or model._transient:
                continue
            for fname, field in model._fields.items():
                if (
                    field.comodel_name != "ir.attachment"
                    or not field.store
                    or "contract_tracking" not in field._modules
                    or fname.startswith("message_")
                ):
                    continue
                with self.subTest(model=name, field=fname):
                    self.assertEqual(field.type, "many2many")
                    self.assertIn(fname, self.env[name]._files_fields())
                    self.assertTrue(
                        field.readonly
                        or model._files_always
                        or model._files_settled is not base
                    )
                    self.assertIn(
                        name, self.env["ir.attachment"]._contract_evidence_models()
                    )

    def test_event(self):
        self.add_documents(self.order)
        file = self.file()
        self.event.with_user(self.seller).attachment_ids = [Command.link(file.id)]
        self.attack(file, self.event, "attachment_ids")
        beside = self.file("second.pdf")
        self.event.with_user(self.seller).attachment_ids = [Command.link(beside.id)]
        self.assertEqual(self.event.attachment_ids, file | beside)

    def test_deleted_event_and_paper_leave_their_files(self):
        """What is deleted says so in the history, with its files."""
        self.add_documents(self.order)
        file = self.file()
        self.event.attachment_ids = [Command.link(file.id)]
        scan = self.document.attachment_ids
        for part, kept in ((self.event, file), (self.document, scan)):
            part.with_user(self.business).unlink()
            row = self.last_row(self.order)
            self.assertEqual(row.attachment_ids, kept)
            self.assertEqual((kept.res_model, kept.res_id), (row._name, row.id))
            self.assertTrue(kept.with_user(self.auditor).has_access("read"))
        self.attack(file)

    def test_paper_of_a_contract_in_effect(self):
        self.add_documents(self.order)
        scan = self.document.attachment_ids
        scan.name = "contract.txt"
        self.refused(lambda: scan.sudo().write({"raw": b"forged"}), "content")
        self.refused(lambda: scan.sudo().write({"name": "x"}), "name")
        new = self.file("new.pdf")
        self.document.with_user(self.seller).attachment_ids = [Command.link(new.id)]
        self.assertEqual(len(self.document.attachment_ids), 2)

    def test_a_paper_stays_with_its_contract(self):
        """Moved to a draft it could be emptied, and moved back."""
        self.add_documents(self.order)
        draft = self.new_order(user_id=self.seller.id)
        for user in (self.seller, self.business):
            paper = self.document.with_user(user)
            self.refused(lambda p=paper: p.write({"order_id": draft.id}), user.login)
        paper = self.document.with_user(self.head)
        for values in ({"name": "x"}, {"date": "2026-08-01"}):
            self.refused(lambda v=values: paper.write(v), str(values))
        self.document.with_user(self.business).name = "Contract, signed"
        self.assertIn("Contract, signed", self.last_row(self.order).new_value)

    def test_paper_of_a_quotation(self):
        """Nothing is settled yet."""
        order = self.new_order(user_id=self.seller.id)
        order.contract_number = "Q-1"
        self.add_documents(order)
        scan = self.document.attachment_ids.with_user(self.seller)
        scan.write({"raw": b"better", "name": "better.txt"})
        self.document.with_user(self.seller).unlink()
        self.assertFalse(scan.exists())

    def test_file_of_another_record(self):
        """What a document links is its evidence, whosever file it was."""
        self.add_documents(self.order)
        partner = self.env["res.partner"].create({"name": "Owner of the file"})
        foreign = self.file(res_model="res.partner", res_id=partner.id)
        draft = self.report()
        orphan = self.file("proof.pdf")
        draft.attachment_ids = [Command.link(orphan.id)]
        # a draft still, but what it links is its own
        nobody = {"res_model": "mail.compose.message", "res_id": 0}
        self.refused(lambda: orphan.write(nobody), "draft")
        unguarded(orphan).write(nobody)
        draft.action_analyse()
        draft.action_submit()
        self.event.attachment_ids = [Command.link(foreign.id)]
        self.assertEqual(foreign.res_model, "res.partner")
        self.attack(foreign, self.event, "attachment_ids")
        self.attack(orphan, draft, "attachment_ids")
        self.refused(partner.unlink, "with its record")
        kept = self.env["res.partner"].create({"name": "Owner of the file"})
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (partner | kept).ids, kept
        )
        self.assertEqual(foreign.res_id, kept.id)
        self.assertEqual(self.event.attachment_ids, foreign)

    def test_term(self):
        term = self.order.contract_term_ids[0]
        file = self.file()
        term.with_user(self.seller).attachment_ids = [Command.link(file.id)]
        self.attack(file, term, "attachment_ids")

    def test_deviation(self):
        """Its own files from the submission on, results and evidence of actions as
        soon as they are there."""
        with freeze_time(DAY):
            file, result, done = map(
                lambda user: self.file(user=user),
                (self.seller, self.seller, self.outsider),
            )
            deviation = self.report(attachment_ids=[Command.link(file.id)])
            file.with_user(self.seller).raw = b"signed"  # a draft
            chat = self.file(res_model=deviation._name, res_id=deviation.id)
            deviation.action_analyse()
            deviation.action_submit()
        unguarded(deviation.sudo()).submitted_on = fields.Datetime.now()
        self.attack(file, deviation, "attachment_ids")
        self.attack(chat)
        with freeze_time(DAY):
            deviation.with_user(self.leader).action_approve("Do so.")
            action = self.add_action(deviation)
            files = [Command.set(done.ids)]
            self.step(action, "done", self.outsider, attachment_ids=files)
            self.step(
                deviation, "report", self.seller,
                attachment_ids=[Command.set(result.ids)],
            )  # fmt: skip
        self.attack(result, deviation, "result_attachment_ids")
        self.attack(done, action, "attachment_ids")

    def test_returned_for_revision(self):
        """What the leader saw stays; the better file stands beside it."""
        file = self.file()
        deviation = self.submitted(attachment_ids=[Command.link(file.id)])
        deviation.with_user(self.leader).action_return("Which pump?")
        self.attack(file, deviation, "attachment_ids")
        new = self.file("new.pdf")
        deviation.with_user(self.seller).attachment_ids = [Command.link(new.id)]
        self.assertEqual(deviation.sudo().attachment_ids, file | new)

    def test_waived(self):
        file = self.file(user=self.business)
        deviation = self.report()
        self.step(
            deviation, "waive", self.business, attachment_ids=[Command.set(file.ids)]
        )
        self.attack(file, deviation, "ended_attachment_ids")

    def test_coordination(self):
        shop = self.env["contract.department"].create(
            {"name": "Workshop", "head_id": self.outsider.id}
        )
        sent, answer = self.file(), self.file(user=self.outsider)
        document = (
            self.env["contract.coordination"]
            .with_user(self.seller)
            .create(
                {
                    "order_id": self.order.id,
                    "subject": "Pumps are late",
                    "reply_date": self.company._contract_today(),
                    "attachment_ids": [Command.link(sent.id)],
                    "reply_ids": [
                        Command.create({"kind": "department", "department_id": shop.id})
                    ],
                }
            )
        )
        document.action_send()
        self.attack(sent, document, "attachment_ids")
        line = document.reply_ids
        line.with_user(self.outsider)._reply("Friday", answer.with_user(self.outsider))
        self.attack(answer, line, "attachment_ids")

    def test_statement(self):
        statement = self.env["contract.statement"].create(
            {"partner_id": self.partner.id, "date_from": "2026-03-01"}
        )
        statement.action_mark_sent()
        wrong, file = self.file("wrong.pdf"), self.file()
        statement.attachment_ids = [Command.link(wrong.id)]
        # until the answer is recorded
        statement.attachment_ids = [Command.set(file.ids)]
        statement.action_confirm()
        self.attack(file, statement, "attachment_ids")

    def test_receipt(self):
        picking = self.deliver(self.order, "2026-09-20")
        file = self.file()
        picking.with_user(self.seller)._contract_file_receipt(file)
        self.attack(file, picking, "contract_receipt_attachment_ids")

    def test_claim_and_step(self):
        """Rows that are evidence, with whatever is attached to them."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 100,
                "date": "2026-09-10",
            }
        )
        payment.action_post()
        claim = self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "order_id": self.order.id, "amount": 100}
        )
        for row in (self.submitted().sudo().step_ids[:1], claim):
            file = self.file()
            unguarded(file).write({"res_model": row._name, "res_id": row.id})
            self.attack(file)

    def test_record(self):
        self.add_documents(self.order)
        file = self.file(res_model=self.record._name, res_id=self.record.id)
        self.record.action_confirm()
        self.attack(file)
        # the conversation goes on
        later = self.record.message_post(
            body="Sent", attachments=[("mail.txt", b"x")]
        ).attachment_ids
        unguarded(self.record.sudo()).confirmed_on = "2026-01-01 00:00:00"
        later.unlink()

    def test_core_goes_on(self):
        """Storage, access tokens and the index of core."""
        file = self.file()
        self.order.contract_term_ids[0].attachment_ids = [Command.link(file.id)]
        file.generate_access_token()
        file.write({"index_content": "signed"})
        file.write({"raw": file.raw, "mimetype": file.mimetype})
        self.assertTrue(file.copy().with_user(self.seller).write({"name": "copy"}))

    def test_others_pay_nothing(self):
        """Files that have nothing to do with contracts cost no query more."""
        partner = self.env["res.partner"].create({"name": "Somebody"})
        files = self.env["ir.attachment"].create(
            [{"name": str(n), "raw": b"%d" % n} for n in range(3)]
        )
        for user in (self.env.user, self.manager):
            mine = files.with_user(user).sudo(False)
            mine.sudo().create_uid = user
            values = {"res_model": "res.partner", "res_id": partner.id}
            counts = []
            for files_of in (unguarded(mine), mine):
                self.env.flush_all()
                self.env.invalidate_all()
                before = self.env.cr.sql_log_count
                files_of.write(values)
                self.env.flush_all()
                counts.append(self.env.cr.sql_log_count - before)
            self.assertLessEqual(counts[1], counts[0], user.login)
