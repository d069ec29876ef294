from freezegun import freeze_time

from odoo.exceptions import UserError
from odoo.tools import SQL

from ..tools.guard import unguarded
from .test_reagreement import ReagreementCase


class TestReagreementAfterwards(ReagreementCase):
    """What else of a contract goes on after its terms were replaced."""

    def submit(self, record, day="2026-09-20"):
        with freeze_time(f"{day} 03:00:00"):
            record.with_user(self.seller).action_submit()

    def twelve(self, day="2026-09-20"):
        """Twelve pumps instead of ten: 1,200; both shares follow."""
        self.order.order_line.product_uom_qty = 12
        record = self.new_reagreement(day=day)
        record.with_user(self.seller).action_propose()
        return self.agree(record, day)

    def rows(self, day):
        self.env.flush_all()
        rows = self.env["contract.facts"]._read_terms(self.order, day)
        return {self.env["contract.term"].browse(key): row for key, row in rows.items()}

    def claim(self, day, amount, term):
        with freeze_time(f"{day} 02:00:00"):
            payment = self.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": self.partner.id,
                    "amount": amount,
                    "date": day,
                }
            )
            payment.action_post()
            return self.env["contract.payment.claim"].create(
                {
                    "payment_id": payment.id,
                    "order_id": self.order.id,
                    "term_id": term.id,
                    "amount": amount,
                    "date": day,
                }
            )

    def test_contract_can_be_completed(self):
        self.agree(
            self.new_reagreement(self.change(self.delivery, date_fixed="2026-10-20"))
        )
        self.deliver(self.order, "2026-10-10")
        self.pay(self.invoice(self.order, "2026-10-11"), "2026-10-12")
        with freeze_time("2026-10-13 02:00:00"):
            self.order.invalidate_recordset()
            self.order.contract_term_ids.invalidate_recordset()
            self.order.with_user(self.business).action_contract_complete()
        self.assertEqual(self.order.contract_state, "completed")

    def test_back_to_draft_and_confirmed_again(self):
        self.twelve()
        self.order.with_user(self.director)._take_reason_step("cancel", "Wrong form")
        self.order.action_draft()
        with freeze_time("2026-09-25 02:00:00"):
            self.order.action_confirm()
        self.assertEqual(self.order.contract_state, "active")
        self.assertEqual(self.order.contract_agreed_amount, 1200)
        self.assertEqual(self.current("delivery").quantity, 12)
        self.assertEqual(self.current("payment").mapped("amount"), [360, 840])
        self.assertTrue(self.delivery.valid_to)
        self.assertEqual(self.delivery.amount, 1000)

    def test_claim_follows_its_term(self):
        """200 named for the balance stay with the balance."""
        self.claim("2026-09-05", 200, self.balance)
        before = self.rows("2026-09-19")
        self.assertEqual(before[self.balance]["actual_amount"], 200)
        self.assertEqual(before[self.deposit]["actual_amount"], 0)
        self.twelve()
        deposit, balance = self.current("payment")
        after = self.rows("2026-09-20")
        self.assertEqual(after[balance]["actual_amount"], 200)
        self.assertEqual(after[deposit]["actual_amount"], 0)
        self.assertEqual(self.rows("2026-09-19")[self.balance]["actual_amount"], 200)
        # and once more
        self.order.order_line.product_uom_qty = 15
        record = self.new_reagreement(day="2026-09-25")
        record.with_user(self.seller).action_propose()
        self.agree(record, "2026-09-25")
        deposit, balance = self.current("payment")
        self.assertEqual((deposit.amount, balance.amount), (450, 1050))
        self.assertEqual(self.rows("2026-09-26")[balance]["actual_amount"], 200)

    def test_one_set_of_terms_a_day(self):
        self.twelve()
        terms = self.order.contract_term_ids
        old = terms.filtered("valid_to")
        self.assertEqual(old, self.delivery | self.deposit | self.balance)
        self.assertEqual(set(self.rows("2026-09-19")), set(old))
        self.assertEqual(set(self.rows("2026-09-20")), set(terms - old))

    def test_two_of_one_day(self):
        """Of what holds from one day, the one applied first replaced the day before."""
        first = self.new_reagreement(amount_after=1500, change_order=False)
        second = self.new_reagreement(amount_after=1200, change_order=False)
        self.agree(second)
        with freeze_time("2026-09-20 04:00:00"):
            first.with_user(self.seller).action_submit()
            first.with_user(self.leader).action_approve()
        now = SQL("so.contract_agreed_amount")
        for day, total in (("2026-09-19", 1000), ("2026-09-20", 1500)):
            agreed = self.env["contract.facts"]._agreed_total_sql(
                SQL("order_id"), "so", day, now
            )
            rows = self.env.execute_query(
                SQL("SELECT %s FROM sale_order so WHERE id = %s", agreed, self.order.id)
            )
            self.assertEqual(rows[0][0], total, day)

    def test_total_before_is_that_of_the_day_it_is_applied(self):
        record = self.new_reagreement(amount_after=1500, change_order=False)
        with freeze_time("2026-09-20 03:00:00"):
            record.with_user(self.seller).action_submit()
            unguarded(self.order).contract_agreed_amount = 1100
            record.with_user(self.leader).action_approve()
        self.assertEqual(record.amount_before, 1100)

    def test_not_less_than_was_delivered_before(self):
        """What was delivered before the contract was kept here counts as well."""
        self.order.contract_opening_date = "2026-08-31"
        self.order.order_line.contract_opening_quantity = 6
        record = self.new_reagreement(self.change(self.delivery, quantity=5))
        with self.fails("6.*delivered already"):
            self.agree(record)

    def test_not_before_the_last_one(self):
        """Two that hold from days in the wrong order would count terms twice."""
        self.twelve()
        self.order.order_line.product_uom_qty = 15
        record = self.new_reagreement(day="2026-09-10")
        record.with_user(self.seller).action_propose()
        self.assertTrue(record.line_ids)
        record.line_ids.unlink()
        record.amount_after = 1500
        with self.assertRaises(UserError):
            self.agree(record, "2026-09-25")
        self.assertEqual(len(self.rows("2026-09-15")), 3)

    def test_kind_and_line_stay(self):
        """A change of a term isn't one of another kind or of another order line."""
        self.deliver(self.order, "2026-09-10", pump=4)
        for values in (
            {"action": "end", "kind": "clause"},
            {"action": "change", "kind": "clause", "line_id": False},
        ):
            with self.assertRaises(UserError):
                self.agree(
                    self.new_reagreement({"term_id": self.delivery.id, **values})
                )

    def test_progress_is_kept(self):
        department = self.env["contract.department"].create({"name": "Design"})
        milestone = self.env["contract.term"].create(
            {
                "order_id": self.order.id,
                "kind": "milestone",
                "name": "Drawings",
                "due_mode": "date",
                "date_fixed": "2026-09-30",
                "user_id": self.owner.id,
                "department_id": department.id,
            }
        )
        milestone.progress = 60
        self.agree(
            self.new_reagreement(self.change(milestone, date_fixed="2026-10-30"))
        )
        self.assertEqual(self.current("milestone").progress, 60)

    def test_names_in_every_language(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        unguarded(self.deposit).with_context(lang="zh_CN").name = "预付款"
        self.leader.lang = self.seller.lang = "zh_CN"
        self.twelve()
        deposit = self.current("payment")[0]
        self.assertEqual(deposit.with_context(lang="en_US").name, "Deposit")
        self.assertEqual(deposit.with_context(lang="zh_CN").name, "预付款")

    def test_split_deliveries(self):
        """The order's change shows although its line is delivered in two parts."""
        order = self.new_role_contract()
        self.agree(
            self.new_reagreement(
                self.change(order.contract_term_ids.filtered("line_id"), quantity=4),
                {
                    "action": "add",
                    "kind": "delivery",
                    "line_id": order.order_line.id,
                    "quantity": 6,
                    "due_mode": "date",
                    "date_fixed": "2026-11-01",
                },
                order_id=order.id,
                document_id=self.new_paper(order).id,
            )
        )
        terms = order.contract_term_ids.filtered(
            lambda t: t.kind == "delivery" and not t.valid_to
        ).sorted("date_fixed")
        self.assertEqual(terms.mapped("quantity"), [4, 6])
        order.order_line.product_uom_qty = 12
        record = self.new_reagreement(
            order_id=order.id,
            document_id=self.new_paper(order).id,
            day="2026-09-25",
        )
        self.assertTrue(record.difference_text)
        record.with_user(self.seller).action_propose()
        # what is more goes to the last delivery
        self.assertEqual(record.line_ids.term_id, terms[-1:])
        self.assertEqual(record.line_ids.quantity, 8)

    def test_payment_terms_add_up(self):
        """A share that nobody asks for any more is refused, before anybody decides."""
        for lines in (
            [self.change(self.deposit, percent=20)],
            [self.change(self.deposit, percent=50)],
            [{"action": "end", "term_id": self.balance.id}],
            [self.change(self.balance, percent=0, amount=600)],
        ):
            with self.assertRaises(UserError) as caught:
                self.submit(self.new_reagreement(*lines))
            self.assertRegex(str(caught.exception), "add up")
        self.submit(
            self.new_reagreement(self.change(self.balance, percent=0, amount=700))
        )

    def test_cents_are_not_lost(self):
        """Of 100.02, 30 % and 70 % are 30.01 and 70.01; 10, 70 and 20 % are 10.00,
        70.02 and 20.00: the 70 % that nobody changed get the cent."""
        order = self.new_role_contract(lines=[(self.pump, 1, 100.02)])
        terms = order.contract_term_ids.filtered(lambda t: t.kind == "payment")
        self.assertEqual(terms.mapped("amount"), [30.01, 70.01])
        self.agree(
            self.new_reagreement(
                self.change(terms[0], percent=10),
                {
                    "action": "add",
                    "kind": "payment",
                    "name": "On signing",
                    "percent": 20,
                    "due_mode": "date",
                    "date_fixed": "2026-10-01",
                },
                order_id=order.id,
                document_id=self.new_paper(order).id,
            )
        )
        current = order.contract_term_ids.filtered(
            lambda t: t.kind == "payment" and not t.valid_to
        )
        self.assertEqual(sum(current.mapped("percent")), 100)
        self.assertEqual(current.mapped("amount"), [10, 70.02, 20])

    def test_order_of_payments_stays(self):
        """Money goes to the terms in the contract's order, also after a change of the
        first one of several with the same sequence."""
        unguarded(self.deposit | self.balance).sequence = 200
        self.claim("2026-09-05", 300, self.env["contract.term"])
        self.agree(
            self.new_reagreement(
                self.change(self.deposit, due_mode="date", date_fixed="2026-11-01"),
                self.change(self.balance, due_mode="date", date_fixed="2026-11-01"),
            )
        )
        first, second = self.current("payment")
        self.assertEqual((first.name, second.name), ("Deposit", self.balance.name))
        self.agree(
            self.new_reagreement(
                self.change(first, date_fixed="2026-11-02"), day="2026-09-25"
            ),
            "2026-09-25",
        )
        first, second = self.current("payment")
        self.assertEqual((first.name, second.name), ("Deposit", self.balance.name))
        self.assertEqual(self.rows("2026-09-26")[first]["actual_amount"], 300)

    def test_files_of_the_paper_stay(self):
        file = self.paper.attachment_ids
        self.agree(
            self.new_reagreement(self.change(self.delivery, date_fixed="2026-10-20"))
        )
        with self.assertRaises(UserError):
            file.sudo().unlink()
        with self.assertRaises(UserError):
            file.sudo().raw = b"forged"
        self.assertTrue(self.paper.attachment_ids)

    def test_what_changes_stands_out(self):
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20"),
            {"action": "end", "term_id": self.balance.id},
        )
        moved, ended = record.line_ids
        self.assertEqual(moved.was_text.count("\n"), 2)
        self.assertEqual(str(moved.becomes_text).count("<strong>"), 1)
        self.assertIn("<strong>10/20/2026</strong>", moved.becomes_text)
        self.assertIn("<strong>No longer agreed</strong>", ended.becomes_text)
        # what somebody wrote is no markup
        line = self.env["contract.reagreement.line"].create(
            {
                "reagreement_id": record.id,
                "term_id": self.deposit.id,
                "name": "<b>x</b>",
            }
        )
        self.assertIn("&lt;b&gt;", line.becomes_text)

    def test_order_edited_while_others_decide(self):
        """What was submitted is decided on and applied: ten pumps for 1,000."""
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20"), change_order=False
        )
        self.submit(record)
        self.order.order_line.price_unit = 90
        self.assertIn("1,000", record.line_ids.becomes_text)
        with freeze_time("2026-09-20 04:00:00"):
            record.with_user(self.leader).action_approve()
        self.assertEqual(self.current("delivery").amount, 1000)
        self.assertTrue(self.current("delivery").stamped)
        self.assertIn("1,000", record.line_ids.becomes_text)

    def test_no_oral_decision(self):
        """New terms hold at once: what could be denied tomorrow can't apply today."""
        record = self.new_reagreement(
            self.change(self.delivery, date_fixed="2026-10-20")
        )
        rule = self.env["contract.approval.rule"].search([("kind", "=", "reagreement")])
        self.assertTrue(rule.line_ids)
        self.submit(record)
        step = record.step_ids
        self.assertFalse(record._approval_may_record_oral(step, self.business))

    def test_order_changed_is_not_found_again(self):
        self.twelve()
        found = self.env["contract.deviation"].search(
            [("order_id", "=", self.order.id), ("kind", "=", "order_changed")]
        )
        self.assertFalse(found)
