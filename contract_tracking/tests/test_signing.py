from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .roles import RoleCase

RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


class SigningCase(RoleCase):
    """Contracts take effect when somebody with authority has signed: the seller up to
    5,000 and product orders only, the director everything until the end of the year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_effective_rule = "signature"
        Signatory = cls.env["contract.signatory"]
        cls.small = Signatory.create(
            {"user_id": cls.seller.id, "kind": "order", "amount": 5000}
        )
        cls.power = cls.env["ir.attachment"].create({"name": "p.pdf", "raw": b"power"})
        cls.large = Signatory.create(
            {
                "name": "Director Li",
                "date_from": "2026-01-01",
                "date_to": "2026-12-31",
                "attachment_ids": [Command.link(cls.power.id)],
            }
        )
        cls.archive = cls.env["contract.department"].create(
            {
                "name": "Contract Department",
                "head_id": cls.member.id,
                "member_ids": [Command.link(cls.auditor.id)],
            }
        )

    def new(self, **values):
        return self.new_role_contract(**values).with_user(self.seller)

    def sign(self, order, day="2026-09-02", **values):
        with freeze_time("2026-09-10 02:00:00"):
            order.write({"contract_signing_date": day, **values})


class TestSignatory(SigningCase):
    def test_off(self):
        order = self.new()
        self.sign(order, contract_signatory="Whoever")
        self.assertEqual(order.contract_state, "active")
        self.assertFalse(order.contract_signatory_text)

    def test_refused(self):
        self.company.contract_signatory_check = "refuse"
        order = self.new()
        with self.assertRaisesRegex(UserError, "who signed for us"):
            self.sign(order)
        with self.assertRaisesRegex(UserError, "signed by Director Li"):
            self.sign(order, contract_signatory="Whoever")
        with self.assertRaisesRegex(UserError, "Product orders only"):
            self.sign(order, contract_signatory_id=self.small.id)
        order.contract_kind = "order"
        self.sign(order, contract_signatory_id=self.small.id)
        self.assertEqual(order.contract_signatory, self.seller.name)
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(str(order.contract_effective_date), "2026-09-02")

    def test_amount(self):
        self.company.contract_signatory_check = "refuse"
        order = self.new(lines=[(self.pump, 60)], template=None)
        order.contract_kind = "order"
        with self.assertRaisesRegex(UserError, "up to .*5,000"):
            self.sign(order, contract_signatory_id=self.small.id)

    def test_day(self):
        """The authority of the signing day, not of the day of writing."""
        self.company.contract_signatory_check = "refuse"
        order = self.new()
        self.large.date_from = "2026-09-05"
        with self.assertRaisesRegex(UserError, "not authorised to sign on"):
            self.sign(order, contract_signatory_id=self.large.id)
        self.sign(order, "2026-09-05", contract_signatory_id=self.large.id)
        self.assertEqual(order.contract_state, "active")

    def test_named_by_his_name(self):
        self.company.contract_signatory_check = "refuse"
        order = self.new()
        self.sign(order, contract_signatory="Director Li")
        self.assertEqual(order.contract_signatory_id, self.large)
        self.env.ref("base.group_user").implied_ids |= self.env.ref(
            "contract_tracking.group_contract_signing"
        )
        with Form(self.new_order(), view="sale.view_order_form") as form:
            form.contract_signatory_id = self.large
            self.assertEqual(form.contract_signatory, "Director Li")

    def test_named_in_another_company(self):
        """A name stands for the signatory of the contract's company."""
        other = self.env["res.company"].create({"name": "Other Company"})
        self.env.user.company_ids |= other
        values = {"company_id": other.id, "contract_signatory": "Director Li"}
        self.assertFalse(self.new_order(**values).contract_signatory_id)
        theirs = self.large.create({"name": "Director Li", "company_id": other.id})
        order = self.new_order(**values)
        self.assertEqual(order.contract_signatory_id, theirs)
        both = order + self.new_order()
        both.contract_signatory = "Director Li"
        self.assertFalse(both.contract_signatory_id)

    def test_nobody(self):
        self.company.contract_signatory_check = "refuse"
        (self.small + self.large).active = False
        with self.assertRaisesRegex(UserError, "Nobody is authorised"):
            self.sign(self.new(), contract_signatory="Whoever")

    def test_warned(self):
        self.company.contract_signatory_check = "warn"
        order = self.new()
        self.sign(order, contract_signatory="Whoever")
        self.assertEqual(order.contract_state, "active")
        self.assertIn("Director Li", order.contract_signatory_text)

    def test_taking_effect_asks(self):
        """Signed as a quotation, while nothing was checked; confirmed later."""
        order = self.new_order(
            user_id=self.seller.id,
            contract_signatory="Whoever",
            contract_signing_date="2026-09-01",
        )
        self.company.contract_signatory_check = "refuse"
        with self.assertRaisesRegex(UserError, "Director Li"):
            order.action_confirm()
        self.company.contract_effective_rule = "confirmation"
        self.new_contract("2026-09-03")

    def test_import_is_checked(self):
        self.company.contract_signatory_check = "refuse"
        with self.assertRaisesRegex(UserError, "Director Li"):
            self.new_order(
                contract_signatory="Whoever", contract_signing_date="2026-09-01"
            )

    def test_frame(self):
        self.company.contract_signatory_check = "refuse"
        frame = self.new_frame(owner=self.seller, day=False).with_user(self.seller)
        with self.assertRaisesRegex(UserError, "Director Li"):
            frame.write({"signing_date": "2026-02-01", "signatory": "Whoever"})
        frame.write({"signing_date": "2026-02-01", "signatory": "Director Li"})
        frame.action_activate()
        self.assertEqual(frame.contract_signatory_id, self.large)

    @mute_logger(*RULES)
    def test_evidence(self):
        order = self.new()
        self.sign(order, contract_signatory_id=self.large.id)
        for change in (
            {"amount": 10},
            {"name": "Else"},
            {"attachment_ids": [Command.clear()]},
        ):
            with self.assertRaisesRegex(UserError, "another one|evidence|stay"):
                self.large.with_user(self.manager).write(change)
        with self.assertRaises(UserError):
            self.power.sudo().write({"raw": b"else"})
        with self.assertRaises(UserError):
            self.large.unlink()
        self.large.with_user(self.manager).date_to = "2026-10-01"
        for user in (self.business, self.seller, self.leader):
            with self.assertRaises(AccessError):
                self.small.with_user(user).amount = 0
        with self.assertRaisesRegex(UserError, "corrected by the business office"):
            order.contract_signatory_id = self.small


class TestOriginals(SigningCase):
    def originals(self, user=None, **values):
        return (
            self.env["contract.counterpart"]
            .with_user(user or self.seller)
            .create({"order_id": self.order.id, "date": "2026-09-05", **values})
        )

    def test_movements(self):
        ours = self.originals(copies=2, user_id=self.seller.id)
        self.originals(copies=2, holder_id=self.partner.id)
        self.assertEqual(self.order.contract_original_count, 4)
        context = ours.action_give()["context"]
        given = self.originals(
            copies=1,
            department_id=self.archive.id,
            from_id=context["default_from_id"],
            date="2026-09-08",
        )
        self.assertEqual(ours.copies_left, 1)
        self.assertEqual(given.holder_name, "Contract Department")
        self.assertEqual(self.order.contract_original_count, 4)
        with self.assertRaisesRegex(ValidationError, "so many originals"):
            self.originals(copies=2, user_id=self.owner.id, from_id=ours.id)
        with self.assertRaisesRegex(ValidationError, "since"):
            self.originals(
                copies=1, user_id=self.owner.id, from_id=given.id, date="2026-09-06"
            )
        other = self.new_role_contract()
        with self.assertRaisesRegex(ValidationError, "another contract"):
            self.originals(order_id=other.id, user_id=self.owner.id, from_id=ours.id)

    @mute_logger("odoo.sql_db")
    def test_bad_input(self):
        for values in (
            {"user_id": self.seller.id, "holder_id": self.partner.id},
            {},
            {"user_id": self.seller.id, "copies": 0},
        ):
            with self.assertRaises(Exception), self.env.cr.savepoint():  # noqa: B017
                self.originals(**values)
        tomorrow = self.company._contract_today() + timedelta(days=1)
        with self.assertRaisesRegex(ValidationError, "still to come"):
            self.originals(user_id=self.seller.id, date=tomorrow)

    @mute_logger(*RULES)
    def test_who_and_what_stays(self):
        row = self.originals(copies=2, user_id=self.seller.id)
        row.seals = "ours"
        for change in (
            {"copies": 3},
            {"user_id": self.owner.id},
            {"date": "2026-09-04"},
        ):
            with self.assertRaisesRegex(UserError, "where they went"):
                row.with_user(self.manager).write(change)
        with self.assertRaisesRegex(UserError, "where they went"):
            row.unlink()
        for user in (self.rival, self.employee, self.portal, self.auditor):
            with self.assertRaises(AccessError):
                self.originals(user, user_id=self.seller.id)
        self.assertTrue(row.with_user(self.auditor).has_access("read"))
        self.assertFalse(row.with_user(self.rival).has_access("read"))


class TestPapers(SigningCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write(
            {
                "contract_papers_days": 5,
                "contract_papers_department_id": cls.archive.id,
            }
        )

    def signed(self):
        order = self.new()
        self.sign(order, contract_signatory="Director Li")
        return order, order.sudo().contract_handover_ids

    def test_story(self):
        order, papers = self.signed()
        self.assertEqual(str(papers.date_due), "2026-09-07")
        self.assertEqual(papers.user_id, self.owner)
        self.assertEqual(papers.activity_ids.user_id, self.owner)
        self.assertEqual(order.with_user(self.owner).contract_next_step, "hand_papers")
        with freeze_time("2026-09-08 02:00:00"):
            papers.invalidate_recordset(["is_late"])
            self.assertTrue(papers.is_late)
            self.assertIn(papers, papers.search([("is_late", "=", True)]))
        papers.with_user(self.owner).action_submit()
        self.assertEqual(papers.activity_ids.user_id, self.member)
        action = papers.with_user(self.auditor).action_return_papers()
        self.env["contract.reason"].with_user(self.auditor).with_context(
            **action["context"]
        ).create({"reason": "The technical agreement"}).action_apply()
        self.assertEqual(papers.state, "returned")
        self.assertEqual(papers.returned_count, 1)
        self.assertIn("technical", papers.activity_ids.summary)
        self.assertEqual(papers.activity_ids.user_id, self.owner)
        papers.with_user(self.owner).action_submit()
        papers.with_user(self.member).action_accept()
        self.assertEqual(papers.state, "accepted")
        self.assertEqual(papers.accepted_by_id, self.member)
        self.assertFalse(papers.activity_ids)
        # signing written again asks for nothing more
        order.sudo()._contract_ask_papers()
        self.assertEqual(order.sudo().contract_handover_ids, papers)

    def test_off(self):
        self.company.contract_papers_days = 0
        order, papers = self.signed()
        self.assertFalse(papers)
        self.assertNotEqual(order.contract_next_step, "hand_papers")
        # by hand
        order.action_contract_hand_papers()
        self.assertEqual(order.sudo().contract_handover_ids.state, "waiting")
        self.company.contract_papers_department_id = False
        with self.assertRaisesRegex(UserError, "No department"):
            self.new().action_contract_hand_papers()

    @mute_logger(*RULES)
    def test_who(self):
        _order, papers = self.signed()
        for user in (self.leader, self.auditor):
            with self.assertRaises(AccessError):
                papers.with_user(user).action_submit()
        papers.with_user(self.owner).action_submit()
        for user in (self.owner, self.business, self.manager):
            with self.assertRaisesRegex(UserError, "Only Contract Department"):
                papers.with_user(user).action_accept()
        with self.assertRaises(UserError):
            papers.with_user(self.manager).write({"state": "accepted"})
        with self.assertRaises(UserError):
            papers.sudo().unlink()

    def test_not_ones_own(self):
        _order, papers = self.signed()
        papers.with_user(self.member).action_submit()
        with self.assertRaisesRegex(UserError, "yourself"):
            papers.with_user(self.member).action_accept()
        self.company.contract_own_decisions = True
        papers.with_user(self.member).action_accept()

    def test_home(self):
        self.env.ref("base.group_user").implied_ids |= self.env.ref(
            "contract_tracking.group_contract_signing"
        )
        _order, papers = self.signed()
        self.assertEqual(self.counts(self.owner).get("papers_hand"), 1)
        papers.with_user(self.owner).action_submit()
        self.assertEqual(self.counts(self.auditor).get("papers_take"), 1)
        self.assertNotIn("papers_hand", self.counts(self.owner))

    def counts(self, user):
        return {
            item["key"]: item["count"]
            for section in self.env["contract.home"].with_user(user).get_home()
            for item in section["items"]
        }
