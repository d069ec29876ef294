from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.service.model import call_kw
from odoo.tools import mute_logger

from .roles import RoleCase

ACTING = ("owner", "supervisor", "head", "member", "business", "manager", "director")
READING = ("seller", "leader", "auditor")
NOBODY = ("rival", "colleague", "outsider", "stranger")
OUTSIDE = ("stock_user", "biller", "employee", "portal", "public")


class TestFrameAccess(RoleCase):
    """Who reads, writes and steers a frame agreement, and what hangs on it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.frame = cls.new_frame(
            cls.owner,
            supervisor_id=cls.supervisor.id,
            team_id=cls.team.id,
            amount_total=5000,
        )
        cls.call = cls.new_contract(
            "2026-02-01", user_id=cls.seller.id, contract_frame_id=cls.frame.id
        )
        cls.term = cls.env["contract.term"].create(
            {
                "frame_id": cls.frame.id,
                "kind": "clause",
                "name": "Price review",
                "due_mode": "date",
                "date_fixed": "2026-06-01",
            }
        )
        cls.event = cls.env["contract.event"].create(
            {
                "frame_id": cls.frame.id,
                "type_id": cls.env.ref("contract_tracking.event_type_goods_ready").id,
                "date": "2026-02-10",
            }
        )
        cls.paper = cls.env["contract.document"].create(
            {
                "name": "Frame agreement",
                "frame_id": cls.frame.id,
                "type_id": cls.env.ref("contract_tracking.document_type_signed").id,
                "attachment_ids": [Command.create({"name": "a.pdf", "raw": b"%PDF"})],
            }
        )
        cls.record = cls.env["contract.tracking.record"].create(
            {"frame_id": cls.frame.id, "date": "2026-02-15", "user_id": cls.owner.id}
        )

    def granted(self, name, record):
        user = getattr(self, name)
        return "".join(
            operation[0]
            for operation in ("read", "write", "unlink")
            if record.with_user(user).has_access(operation)
        )

    def test_roles(self):
        parts = self.term, self.event, self.paper, self.record
        evidence = self.frame.history_ids[0], self.record.line_ids[0]
        for name in ACTING + READING + NOBODY + OUTSIDE:
            for record in (self.frame, self.frame.line_ids, *parts, *evidence):
                expected = ""
                if name in ACTING:
                    expected = "r" if record in evidence else "rwu"
                elif name in READING[1:] or (
                    name == "seller" and record in (self.frame, self.frame.line_ids)
                ):
                    expected = "r"
                with self.subTest(user=name, model=record._name):
                    self.assertEqual(self.granted(name, record), expected)

    def test_second_company(self):
        company = self.env["res.company"].create({"name": "South Branch"})
        for records in (
            self.frame,
            self.frame.line_ids,
            self.term,
            self.event,
            self.paper,
            self.record,
            self.frame.history_ids,
        ):
            self.assertEqual(records.company_id, self.company)
        manager = self.new_user(
            "ct_south",
            "contract_tracking.group_contract_manager",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        for record in (
            self.frame,
            self.frame.line_ids,
            self.term,
            self.event,
            self.paper,
            self.record,
            self.frame.history_ids[0],
        ):
            with self.subTest(model=record._name):
                self.assertFalse(record.with_user(manager).has_access("read"))
        self.assertFalse(self.env["contract.frame"].with_user(manager).search([]))

    def test_agreed_facts_are_fixed(self):
        line = self.frame.line_ids
        for user in (self.owner, self.business, self.director, self.env.user):
            frame = self.frame.with_user(user)
            for values in (
                {"partner_id": self.env.company.partner_id.id},
                {"amount_total": 1},
                {"amount_total": 0},
                {"date_start": "2026-02-01"},
                {"date_end": "2027-02-01"},
                {
                    "payment_term_id": self.env.ref(
                        "account.account_payment_term_30days"
                    ).id
                },
                {"owner_id": user.id if user != self.owner else self.seller.id},
                {"name": "X"},
                {"line_ids": [Command.update(line.id, {"price_unit": 1})]},
                {"line_ids": [Command.delete(line.id)]},
                {
                    "line_ids": [
                        Command.create({"product_id": self.valve.id, "quantity": 1})
                    ]
                },
                {"state": "draft"},
                {"effective_date": False},
            ):
                with self.subTest(user=user.login, values=values):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        frame.write(values)
            with self.subTest(user=user.login), self.assertRaises(UserError):
                line.with_user(user).write({"quantity": 5})
            with self.subTest(user=user.login), self.assertRaises(UserError):
                frame.unlink()
        # what is still empty may be filled in, and what isn't agreed written
        self.frame.with_user(self.owner).write(
            {"signatory": "Chen", "client_ref": "K-1", "note": "x"}
        )
        with self.assertRaises(UserError):
            self.frame.with_user(self.owner).signatory = "Wu"

    def test_handing_over_an_office_is_dated(self):
        west = self.env["crm.team"].create({"name": "West Office"})
        self.frame.with_user(self.business).team_id = west
        row = self.frame.history_ids[0]
        self.assertEqual(
            (row.kind, row.old_value, row.new_value),
            ("office", "East Office", "West Office"),
        )

    def test_terms_of_a_frame_in_effect(self):
        values = {
            "frame_id": self.frame.id,
            "kind": "clause",
            "name": "More",
            "due_mode": "date",
            "date_fixed": "2026-06-01",
        }
        Term = self.env["contract.term"]
        with self.assertRaises(UserError):
            Term.with_user(self.owner).create(values)
        with self.assertRaises(UserError):
            self.term.with_user(self.owner)._waive("x")
        self.assertTrue(Term.with_user(self.business).create(values).stamped)
        self.term.with_user(self.business)._waive("Given up")

    def test_linking_needs_the_frame(self):
        """A number guessed opens no frame agreement of others."""
        with freeze_time("2026-03-01 02:00:00"):
            order = self.new_order(user_id=self.rival.id)
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                order.with_user(self.rival).contract_frame_id = self.frame.id
            order = self.new_order(user_id=self.seller.id)
            order.with_user(self.seller).contract_frame_id = self.frame.id
        self.assertEqual(order.contract_frame_id, self.frame)

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_a_default_opens_no_frame(self):
        Order = self.env["sale.order"].with_context(
            default_contract_frame_id=self.frame.id
        )
        values = {"partner_id": self.partner.id}
        with freeze_time("2026-03-01 02:00:00"):
            with self.assertRaises(AccessError), self.env.cr.savepoint():
                Order.with_user(self.rival).create(values)
            order = Order.with_user(self.seller).create(values)
        self.assertEqual(order.contract_frame_id, self.frame)

    def test_reopen_is_no_activation(self):
        draft = self.new_frame(self.owner, day=False, date_start=False, date_end=False)
        with self.assertRaisesRegex(UserError, "only while it is “Closed”"):
            draft.with_user(self.owner)._take_reason_step("reopen", "So it is")
        self.assertEqual(draft.state, "draft")

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_by_rpc(self):
        def rpc(user, records, method, *args, **context):
            model = self.env(user=user, context={})[records._name]
            return call_kw(model, method, [records.ids, *args], {"context": context})

        draft = self.new_frame(self.owner, day=False)
        for method, args in (
            ("_step", ("close", "x")),
            ("_set_state", ("closed",)),
            ("_correct", ({"amount_total": 1}, "x")),
            ("_renew", ()),
            ("_remind_expiry", ()),
        ):
            with self.subTest(method=method), self.assertRaises(AccessError):
                rpc(self.director, self.frame, method, *args)
        for frame, values in (
            (draft, {"state": "active"}),
            (draft, {"reminded_on": "2026-01-01"}),
            (draft, {"amount_lines": 5}),
            (self.frame, {"amount_total": 9}),
        ):
            for key in (True, 1, "_TOKEN", {}):
                with self.subTest(values=values, key=key):
                    with self.assertRaises(UserError):
                        rpc(self.director, frame, "write", values, contract_guard=key)
        for name, value in (("state", "active"), ("effective_date", "2026-01-01")):
            new_id = call_kw(
                self.env(user=self.director, context={})["contract.frame"],
                "create",
                [{"partner_id": self.partner.id}],
                {"context": {f"default_{name}": value}},
            )
            frame = self.env["contract.frame"].browse(new_id)
            self.assertEqual((frame.state, frame.effective_date), ("draft", False))
        for user in (self.portal, self.stock_user, self.employee):
            with self.assertRaises(AccessError):
                rpc(user, self.frame, "read", ["name"])
            with self.assertRaises(AccessError):
                rpc(user, self.call, "read", ["contract_frame_warning"])

    def test_figures_are_the_same_for_whoever_reads_the_frame(self):
        self.env.invalidate_all()
        for user in (self.owner, self.supervisor, self.leader, self.seller):
            frame = self.frame.with_user(user)
            self.assertEqual(frame.called_amount, 1000)
            self.assertEqual(frame.line_ids.called_quantity, 10)
