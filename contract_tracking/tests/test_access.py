from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .roles import RoleCase

OPERATIONS = {"r": "read", "w": "write", "c": "create", "u": "unlink"}
# Who answers for a contract writes its documents, who looks at it reads them.
ACTING = (
    "seller",
    "owner",
    "supervisor",
    "head",
    "member",
    "business",
    "manager",
    "director",
)
LOOKING = ("leader", "auditor")
UNCONCERNED = ("rival", "outsider", "stranger")
OUTSIDE = ("stock_user", "biller", "employee", "portal", "public")


class TestAccess(RoleCase):
    """Role by role: who may do what with the contract and what hangs on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_documents(cls.order)
        cls.picking = cls.deliver(cls.order, "2026-09-20")
        cls.move = cls.invoice(cls.order, "2026-09-21")
        cls.department = cls.env["contract.department"].create({"name": "Works"})
        cls.documents = {
            "term": cls.order.contract_term_ids[:1],
            "event": cls.event,
            "document": cls.document,
            "record": cls.record,
        }
        cls.evidence = {
            "history": cls.order.contract_history_ids[:1],
            "record line": cls.record.line_ids[:1],
        }
        cls.settings = {
            "department": cls.department,
            "event type": cls.env.ref("contract_tracking.event_type_goods_ready"),
            "document type": cls.env.ref("contract_tracking.document_type_signed"),
            "template": cls.template(),
            "template line": cls.template().line_ids[:1],
        }
        cls.core = {
            "order": cls.order,
            "order line": cls.order.order_line[:1],
            "invoice": cls.move,
            "invoice line": cls.move.line_ids[:1],
        }
        cls.goods = {"delivery": cls.picking, "stock move": cls.picking.move_ids[:1]}

    def assert_access(self, names, records, expected):
        """Each user may do exactly ``expected`` (letters of read, write, create,
        unlink) with each record."""
        for name in names:
            user = getattr(self, name)
            for label, record in records.items():
                self.assertTrue(record, label)
                granted = "".join(
                    letter
                    for letter, operation in OPERATIONS.items()
                    if record.with_user(user).has_access(operation)
                )
                with self.subTest(user=name, record=label):
                    self.assertEqual(granted, expected)

    def test_documents_of_the_contract(self):
        self.assert_access(ACTING, self.documents, "rwcu")
        self.assert_access(LOOKING, self.documents, "r")
        self.assert_access(UNCONCERNED + OUTSIDE, self.documents, "")

    def test_evidence_is_read_only(self):
        self.assert_access(ACTING + LOOKING, self.evidence, "r")
        self.assert_access(UNCONCERNED + OUTSIDE, self.evidence, "")

    def test_settings(self):
        managers = ("manager", "director")
        self.assert_access(managers, self.settings, "rwcu")
        readers = [name for name in ACTING if name not in managers]
        self.assert_access((*readers, *LOOKING, *UNCONCERNED), self.settings, "r")
        self.assert_access(OUTSIDE, self.settings, "")

    def test_core_documents_are_read_not_written(self):
        readers = ("owner", "supervisor", "head", "member", "business", *LOOKING)
        self.assert_access(readers, {**self.core, **self.goods}, "r")
        self.assert_access(UNCONCERNED, self.core, "")
        # core lets salespeople read every delivery
        self.assert_access(("outsider", "stranger"), self.goods, "")

    def test_core_documents_of_the_salesperson(self):
        self.assert_access(("seller",), {"order": self.order}, "rwc")
        self.assert_access(("director",), {"order": self.order}, "rwcu")
        lines = {"line": self.order.order_line}
        self.assert_access(("seller", "director"), lines, "rwcu")

    def test_salesperson_who_owns_a_contract_of_another(self):
        orders = {"order": self.order, "line": self.order.order_line}
        self.assert_access(("colleague",), orders, "")
        self.order.with_user(self.business)._contract_correct(
            {"contract_owner_id": self.colleague.id}, "Handed over"
        )
        self.assert_access(("colleague",), {**orders, "invoice": self.move}, "r")
        self.assert_access(("colleague",), self.documents, "rwcu")
        self.assert_access(("owner",), {**orders, **self.documents}, "")

    def test_office_follows_the_team(self):
        other = self.env["crm.team"].create(
            {"name": "West Office", "user_id": self.stranger.id}
        )
        self.order.team_id = other
        self.assert_access(("head", "member"), {**self.core, **self.documents}, "")
        self.assert_access(("stranger",), self.core, "r")
        self.assert_access(("stranger",), self.documents, "rwcu")

    def test_orders_without_salesperson(self):
        order = self.new_contract("2026-09-02", user_id=False, team_id=False)
        self.assertFalse(order.user_id)
        terms = {"term": order.contract_term_ids}
        self.assert_access(("seller", "rival"), terms, "rwcu")
        self.assert_access(("leader",), terms, "r")

    def test_confirmed_records_stay_within_reach(self):
        """Rules grant the writing of a confirmed record; the model refuses it."""
        self.record.with_user(self.owner).action_confirm()
        self.assertEqual(self.record.confirmed_by_id, self.owner)
        with self.assertRaises(UserError):
            self.record.with_user(self.manager).write({"summary": "better"})

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_operations_meet_the_rules(self):
        """What has_access() says is what reading and writing do."""
        term = self.documents["term"]
        for user in (self.rival, self.stock_user, self.portal):
            with self.assertRaises(AccessError):
                term.with_user(user).read(["kind"])
            with self.assertRaises(AccessError):
                self.event.with_user(user).write({"note": "x"})
            with self.assertRaises(AccessError):
                self.env["contract.event"].with_user(user).create(
                    {
                        "order_id": self.order.id,
                        "type_id": self.env.ref(
                            "contract_tracking.event_type_receipt"
                        ).id,
                        "date": "2026-09-12",
                    }
                )
        found = self.env["contract.term"].with_user(self.rival)
        self.assertNotIn(term, found.search([]))
        for user in (self.leader, self.auditor):
            self.assertIn(term, self.env["contract.term"].with_user(user).search([]))
            with self.assertRaises(AccessError):
                self.event.with_user(user).write({"note": "x"})
            with self.assertRaises(AccessError):
                self.document.with_user(user).unlink()
            with self.assertRaises(AccessError):
                self.env["contract.tracking.record"].with_user(user).create(
                    {"order_id": self.order.id, "date": "2026-09-16"}
                )
        with self.assertRaises(AccessError):
            self.order.with_user(self.owner).write({"note": "x"})
        with self.assertRaises(AccessError):
            self.move.with_user(self.business).write({"ref": "x"})

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_wizards_are_private(self):
        """A wizard holds the facts and the reasons of its author's contract."""
        wizards = [
            self.env["contract.correction"]
            .with_user(self.business)
            .with_context(default_order_id=self.order.id)
            .create({"reason": "secret"}),
            self.env["contract.reason"]
            .with_user(self.business)
            .create(
                {
                    "res_model": "sale.order",
                    "res_ids": self.order.ids,
                    "step": "suspend",
                    "reason": "secret",
                }
            ),
        ]
        for wizard in wizards:
            with self.subTest(model=wizard._name):
                self.assertFalse(wizard.with_user(self.rival).has_access("read"))

    def test_role_takes_nothing_away(self):
        """Whoever reads all orders in core still does with a contract role."""
        extra = self.env.ref("contract_tracking.group_contract_user")
        order = self.new_contract("2026-09-03", user_id=self.rival.id)
        for user in (self.stock_user, self.biller):
            before = order.with_user(user).has_access("read")
            self.assertTrue(before, user.login)
            user.group_ids = [Command.link(extra.id)]
            with self.subTest(user=user.login):
                self.assertTrue(order.with_user(user).has_access("read"))
                self.assertTrue(order.order_line.with_user(user).has_access("read"))

    def test_attachments_follow_their_document(self):
        attachment = self.document.attachment_ids
        self.assertEqual(attachment.res_id, self.document.id)
        for user in (self.owner, self.leader, self.auditor, self.business):
            self.assertTrue(attachment.with_user(user).has_access("read"), user.login)
        for user in (self.rival, self.stock_user, self.portal):
            self.assertFalse(attachment.with_user(user).has_access("read"), user.login)
        proof = (
            self.env["ir.attachment"]
            .with_user(self.seller)
            .create({"name": "proof.txt", "raw": b"accepted"})
        )
        self.assertFalse(proof.with_user(self.auditor).has_access("read"))
        term = self.order.contract_term_ids[:1].with_user(self.seller)
        term.write({"attachment_ids": [Command.link(proof.id)]})
        self.assertTrue(proof.with_user(self.auditor).has_access("read"))
