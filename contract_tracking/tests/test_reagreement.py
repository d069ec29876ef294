from contextlib import contextmanager

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .roles import RoleCase


class ReagreementCase(RoleCase):
    """Ten pumps at 100, due on 1 October; 30 % deposit, 70 % after delivery."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["contract.approval.rule"].search([]).active = False
        cls.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "reagreement",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(cls.leader.id)]}
                    )
                ],
            }
        )
        cls.delivery = cls.order.contract_term_ids.filtered("line_id")
        cls.deposit, cls.balance = cls.order.contract_term_ids.filtered(
            lambda t: t.kind == "payment"
        )
        cls.paper = cls.new_paper(cls.order)

    @classmethod
    def new_paper(cls, order=None, frame=None):
        file = cls.env["ir.attachment"].create({"name": "s.pdf", "raw": b"signed"})
        return cls.env["contract.document"].create(
            {
                "name": "Supplement 1",
                "order_id": order.id if order else False,
                "frame_id": frame.id if frame else False,
                "type_id": cls.env.ref("contract_tracking.document_type_supplement").id,
                "date": "2026-09-20",
                "attachment_ids": [Command.link(file.id)],
            }
        )

    def new_reagreement(self, *lines, day="2026-09-20", user=None, **values):
        with freeze_time(f"{day} 02:00:00"):
            return (
                self.env["contract.reagreement"]
                .with_user(user or self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "document_id": self.paper.id,
                        "date_from": day,
                        "date": day,
                        "reason": "The customer asked for it.",
                        "line_ids": [Command.create(line) for line in lines],
                        **values,
                    }
                )
                .with_env(self.env)
            )

    def agree(self, record, day="2026-09-20"):
        with freeze_time(f"{day} 03:00:00"):
            record.with_user(self.seller).action_submit()
            record.with_user(self.leader).action_approve()
        return record

    @contextmanager
    def fails(self, pattern, error=UserError):
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)

    def change(self, term, **values):
        return {"action": "change", "term_id": term.id, **values}

    def current(self, kind):
        return self.order.contract_term_ids.filtered(
            lambda t: t.kind == kind and not t.valid_to
        )


class TestReagreement(ReagreementCase):
    def test_date_moves(self):
        record = self.agree(
            self.new_reagreement(self.change(self.delivery, date_fixed="2026-10-20"))
        )
        self.assertEqual(record.state, "done")
        new = self.current("delivery")
        self.assertEqual(new.predecessor_id, self.delivery)
        self.assertEqual(new.quantity, 10)
        self.assertTrue(new.stamped)
        # the day before the old date holds, from the day on the new one
        before = self.rows("2026-09-19")
        self.assertEqual(set(before), {self.delivery, self.deposit, self.balance})
        self.assertEqual(str(before[self.delivery]["date_due"]), "2026-10-01")
        after = self.rows("2026-10-10")
        self.assertEqual(set(after), {new, self.deposit, self.balance})
        self.assertEqual(str(after[new]["date_due"]), "2026-10-20")
        self.assertEqual(after[new]["status"], "not_due")

    def rows(self, day):
        self.env.flush_all()
        rows = self.env["contract.facts"]._read_terms(self.order, day)
        return {self.env["contract.term"].browse(key): row for key, row in rows.items()}

    def figures_of(self, day):
        self.env.flush_all()
        return self.env["contract.facts"]._read_orders(self.order, day)[self.order.id]

    def test_quantity_from_the_order(self):
        """Twelve instead of ten: the shares of the total follow it."""
        self.order.order_line.product_uom_qty = 12
        record = self.new_reagreement(amount_after=0)
        record.with_user(self.seller).action_propose()
        self.assertEqual(record.line_ids.term_id, self.delivery)
        self.assertEqual(record.line_ids.quantity, 12)
        self.assertEqual(record.amount_after, 1200)
        self.assertIn("10", record.line_ids.was_text)
        self.assertIn("12", record.line_ids.becomes_text)
        self.agree(record)
        self.assertEqual(self.current("delivery").amount, 1200)
        self.assertEqual(self.current("payment").mapped("amount"), [360, 840])
        self.assertEqual(self.order.contract_agreed_amount, 1200)
        self.assertEqual(record.amount_before, 1000)
        self.assertEqual(self.figures_of("2026-09-19")["total"], 1000)
        self.assertEqual(self.figures_of("2026-09-20")["total"], 1200)
        row = self.last_row(self.order, ("kind", "=", "amount"))
        self.assertEqual((row.old_value, row.new_value), ("1000.00", "1200.00"))
        with self.fails("as agreed"):
            self.new_reagreement().with_user(self.seller).action_propose()

    def test_price_of_what_is_not_delivered(self):
        self.order.order_line.price_unit = 90
        record = self.new_reagreement(amount_after=900)
        record.with_user(self.seller).action_propose()
        self.agree(record)
        self.assertEqual(self.current("delivery").amount, 900)
        self.assertEqual(sum(self.current("payment").mapped("amount")), 900)

    def test_price_after_a_part_was_delivered(self):
        self.deliver(self.order, "2026-09-10", pump=4)
        self.order.order_line.price_unit = 90
        record = self.new_reagreement(amount_after=900)
        record.with_user(self.seller).action_propose()
        with self.fails("a line of its own"):
            record.with_user(self.seller).action_submit()
        # as agreed: four at the old price, six on a line of their own
        line = self.order.order_line
        line.write({"price_unit": 100, "product_uom_qty": 4})
        self.order.order_line = [
            Command.create(
                {"product_id": self.pump.id, "product_uom_qty": 6, "price_unit": 90}
            )
        ]
        record.line_ids.unlink()
        record.with_user(self.seller).action_propose()
        self.assertEqual(record.amount_after, 940)
        self.assertEqual(
            record.line_ids.sorted("quantity").mapped("action"), ["change", "add"]
        )
        self.agree(record)
        self.assertEqual(
            sorted(self.current("delivery").mapped("amount")), [400.0, 540.0]
        )
        self.assertEqual(self.figures_of("2026-09-20")["delivered"], 400)

    def test_payment_terms_after_money_came(self):
        """300 came as deposit; now 50 % first, 50 % after delivery."""
        invoice = self.invoice(self.order, "2026-09-05")
        self.pay(invoice, "2026-09-05", 300)
        self.assertEqual(self.rows("2026-09-06")[self.deposit]["status"], "met")
        record = self.new_reagreement(
            self.change(self.deposit, percent=50), self.change(self.balance, percent=50)
        )
        self.agree(record)
        first, second = self.current("payment")
        self.assertEqual((first.amount, second.amount), (500, 500))
        rows = self.rows("2026-09-21")
        self.assertEqual(rows[first]["actual_amount"], 300)
        self.assertEqual(rows[second]["actual_amount"], 0)
        # what was is as it was
        self.assertEqual(self.rows("2026-09-06")[self.deposit]["status"], "met")

    def test_too_large_shares(self):
        """Refused before anybody is asked; the constraint stands behind it."""
        record = self.new_reagreement(self.change(self.deposit, percent=50))
        with freeze_time("2026-09-20 03:00:00"), self.fails("add up"):
            record.with_user(self.seller).action_submit()
        self.assertEqual(record.state, "draft")
        with self.fails("120 %", ValidationError):
            unguarded(self.deposit).percent = 50

    def test_added_and_ended_terms(self):
        department = self.env["contract.department"].create({"name": "Design"})
        record = self.new_reagreement(
            {"action": "end", "term_id": self.balance.id},
            self.change(self.deposit, percent=100),
            {
                "action": "add",
                "kind": "milestone",
                "name": "Drawings",
                "due_mode": "date",
                "date_fixed": "2026-11-01",
                "user_id": self.owner.id,
                "department_id": department.id,
            },
        )
        self.agree(record)
        self.assertEqual(self.balance.valid_to.isoformat(), "2026-09-20")
        self.assertEqual(self.current("payment").predecessor_id, self.deposit)
        self.assertEqual(self.current("payment").amount, 1000)
        self.assertEqual(self.current("milestone").name, "Drawings")

    def test_line_taken_out_of_the_order(self):
        order = self.order
        self.order.order_line = [
            Command.create({"product_id": self.valve.id, "product_uom_qty": 1})
        ]
        self.order.order_line.filtered(
            lambda line: line.product_id == self.pump
        ).product_uom_qty = 0
        record = self.new_reagreement()
        self.assertEqual(len(record.difference_text.splitlines()), 2)
        record.with_user(self.seller).action_propose()
        self.assertFalse(record.difference_text)
        self.agree(record)
        self.assertEqual(self.current("delivery").product_id, self.valve)
        self.assertEqual(order.contract_agreed_amount, 40)

    def test_frame(self):
        frame = self.new_frame(
            self.owner,
            team_id=self.team.id,
            amount_total=10000,
            term_ids=[
                Command.create(
                    {
                        "kind": "payment",
                        "name": "Deposit",
                        "percent": 20,
                        "due_mode": "date",
                        "date_fixed": "2026-03-01",
                    }
                )
            ],
        )
        record = self.new_reagreement(
            order_id=False,
            frame_id=frame.id,
            document_id=self.new_paper(frame=frame).id,
            amount_after=12000,
            user=self.owner,
        )
        with freeze_time("2026-09-20 03:00:00"):
            record.with_user(self.owner).action_submit()
            record.with_user(self.leader).action_approve()
        self.assertEqual(frame.amount_total, 12000)
        self.assertEqual(frame.term_ids.filtered(lambda t: not t.valid_to).amount, 2400)
        self.env.flush_all()
        Facts = self.env["contract.facts.frame"]
        [old] = Facts._read_terms(frame, "2026-09-19").values()
        [new] = Facts._read_terms(frame, "2026-09-20").values()
        self.assertEqual((old["agreed_amount"], new["agreed_amount"]), (2000, 2400))


class TestReagreementGuards(ReagreementCase):
    def submit(self, record, day="2026-09-20"):
        with freeze_time(f"{day} 03:00:00"):
            record.with_user(self.seller).action_submit()

    def later(self, **values):
        return self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20"), **values
        )

    def test_needs_the_paper(self):
        with self.fails("File the signed"):
            self.submit(self.later(document_id=False))
        other = self.new_paper(self.new_role_contract())
        with self.fails("another contract", ValidationError):
            self.later(document_id=other.id)

    def test_days(self):
        for day in ("2026-09-21", "2026-08-31"):
            with self.fails("between"):
                self.submit(self.later(date_from=day))
        self.agree(self.later())
        new = self.current("delivery")
        record = self.new_reagreement(self.change(new, date_fixed="2026-10-25"))
        with self.fails("from a later day"):
            self.submit(record)
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-25"), day="2026-09-25"
        )
        with self.fails("doesn't hold any more"):
            self.submit(record, "2026-09-25")

    def test_nothing_changes(self):
        with self.fails("Nothing is changed"):
            self.submit(self.new_reagreement(self.change(self.delivery)))
        with self.fails("add a line"):
            self.submit(self.new_reagreement())

    def test_one_at_a_time(self):
        self.submit(self.later())
        with self.assertRaises(Exception) as caught, mute_logger("odoo.sql_db"):
            self.submit(self.later())
            self.env.flush_all()
        self.assertIn("pending_uniq", str(caught.exception))

    def test_less_than_delivered(self):
        self.deliver(self.order, "2026-09-10", pump=4)
        record = self.new_reagreement(self.change(self.delivery, quantity=3))
        with self.fails("delivered already"):
            self.submit(record)

    def test_contract_not_in_effect(self):
        record = self.later()
        self.order.with_user(self.director)._take_reason_step("terminate", "Gone")
        with self.fails("not in effect"):
            self.submit(record)

    def test_term_of_another_contract(self):
        term = self.new_role_contract().contract_term_ids[0]
        with self.fails("another contract", ValidationError):
            self.new_reagreement(self.change(term))

    def test_twice(self):
        record = self.agree(self.later())
        with self.fails("in effect already"):
            unguarded(record.sudo())._apply()
        self.assertEqual(len(self.order.contract_term_ids.filtered("valid_from")), 1)

    def test_evidence(self):
        record = self.agree(self.later())
        with self.fails("submitted"):
            record.sudo().reason = "else"
        with self.fails("submitted"):
            record.line_ids.sudo().date_fixed = "2026-12-01"
        with self.fails("deleted|submitted"):
            record.line_ids.sudo().unlink()
        with self.fails("deleted"):
            record.sudo().unlink()
        with self.fails("relies on"):
            self.paper.sudo().unlink()
        with self.fails("relies on"):
            self.paper.sudo().attachment_ids = [Command.clear()]
        with self.assertRaises(UserError):
            self.delivery.sudo().valid_to = False
        with self.assertRaises(UserError):
            self.current("delivery").sudo().predecessor_id = False
        with self.assertRaises(UserError):
            self.later(state="done")

    def test_refused_and_returned(self):
        record = self.later()
        self.submit(record)
        record.with_user(self.leader).action_return("Which date?")
        self.assertEqual(record.state, "draft")
        record.line_ids.with_user(self.seller).date_fixed = "2026-10-15"
        self.submit(record)
        record.with_user(self.leader).action_refuse("No")
        self.assertEqual(record.state, "refused")
        self.assertFalse(self.delivery.valid_to)
        with self.fails("another one"):
            record.with_user(self.seller).reason = "else"

        # nor submitted again as it is
        with self.fails("this is possible only while it is “Draft”"):
            self.submit(record)

    def test_lines_are_frozen_with_it(self):
        record = self.later()
        line = record.line_ids.with_user(self.seller)
        self.submit(record)
        for user in (self.seller, self.manager, self.env.ref("base.user_root")):
            with self.fails("was submitted and can't be changed"):
                line.with_user(user).date_fixed = "2026-10-15"
        with self.fails("was submitted and can't be changed"):
            line.unlink()

    def test_days_of_the_company(self):
        """Where the user's day has begun already, the company's terms can't hold from
        it: both sides live in the company's day."""
        self.company.contract_tz = "UTC"
        self.seller.tz = "Pacific/Kiritimati"
        with freeze_time("2026-09-20 12:00:00"):
            record = (
                self.env["contract.reagreement"]
                .with_user(self.seller)
                .with_context(tz="Pacific/Kiritimati")
                .create(
                    {
                        "order_id": self.order.id,
                        "document_id": self.paper.id,
                        "line_ids": [
                            Command.create(
                                self.change(self.delivery, date_fixed="2026-10-20")
                            )
                        ],
                    }
                )
            )
            self.assertEqual(str(record.date_from), "2026-09-20")
            self.assertEqual(str(record.date), "2026-09-20")
            new = Form(
                self.env["contract.reagreement"]
                .with_user(self.seller)
                .with_context(tz="Pacific/Kiritimati", default_order_id=self.order.id)
            )
            self.assertEqual(str(new.date_from), "2026-09-20")
            record.action_submit()
            record.with_user(self.leader).action_approve()
        self.assertEqual(record.state, "done")

    def test_closes_the_deviation(self):
        deviation = self.env["contract.deviation"].create(
            {"order_id": self.order.id, "kind": "order_changed", "summary": "Changed"}
        )
        other = self.env["contract.deviation"].create(
            {"order_id": self.order.id, "summary": "Dented"}
        )
        self.agree(self.later())
        self.assertEqual(deviation.cured_on.isoformat(), "2026-09-20")
        self.assertFalse(other.cured_on)

    @mute_logger("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")
    def test_who(self):
        record = self.later()
        for user in (self.leader, self.auditor, self.outsider, self.rival):
            with self.assertRaises(AccessError):
                record.with_user(user).reason = "else"
        for user in (self.rival, self.outsider, self.portal, self.employee):
            self.assertFalse(record.with_user(user).has_access("read"))
        for user in (self.owner, self.head, self.member, self.business, self.manager):
            self.assertTrue(record.with_user(user).has_access("write"))
