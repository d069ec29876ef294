from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .test_review import ReviewCommon

DAY = "2026-11-20"
RULES = ("odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model")


@tagged("post_install", "-at_install")
class TestReviewStanding(ReviewCommon):
    """The customer's credit standing, with figures computed by hand on 20 November."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.account_use_credit_limit = True
        cls.partner.credit_limit = 5000
        # 1,000: delivered, invoiced; the deposit of 300 paid late on 18 September, 700
        # fell due 30 days after the delivery of 15 September
        cls.first = cls.new_contract(
            "2026-09-01", template="template_30_70_delivery", promised="2026-09-20"
        )
        cls.deliver(cls.first, "2026-09-15")
        cls.bill = cls.invoice(cls.first, "2026-09-16")
        cls.pay(cls.bill, "2026-09-18", 300)
        # 400: half delivered, nothing invoiced, no payment terms
        cls.second = cls.new_contract("2026-10-01", [(cls.valve, 10)])
        cls.deliver(cls.second, "2026-10-10", valve=5)
        # of another customer
        cls.other = cls.env["res.partner"].create({"name": "Others"})
        cls.third = cls.new_contract("2026-10-01", partner_id=cls.other.id)
        cls.deliver(cls.third, "2026-10-10")
        cls.order = cls.new_quotation()

    def figures(self, review):
        return {name: review[f"standing_{name}"] for name in review._standing_names()}

    maxDiff = None

    def test_by_hand(self):
        with freeze_time(f"{DAY} 02:00:00"):
            review = self.new_review(self.order)
            terms = self.first.contract_term_ids.filtered(
                lambda t: t.kind == "payment"
            ).sorted("sequence")
            due = [term.date_due for term in terms]
            figures = self.figures(review)
        late = (date(2026, 9, 18) - due[0]).days
        overdue = (date(2026, 11, 20) - due[1]).days
        self.assertGreater(late, 0)
        self.assertGreater(overdue, 30)
        self.assertEqual(
            {name: figures[name] for name in figures if figures[name]},
            {
                "date": date(2026, 11, 20),
                "limit": 5000,
                # 1,000 invoiced − 300
                "receivable": 700,
                # 5 valves at 40
                "uninvoiced": 200,
                "exposure": 900,
                "available": 4100,
                "due": 700,
                "overdue": 700,
                "due_31_60": 700,
                "due_terms": 2,
                "days_late": round((late + overdue) / 2, 1),
                # of one contract payments fell due, none in time
                "due_contracts": 1,
            },
        )

    def test_same_as_elsewhere(self):
        """To the cent what the partner, the ageing and the contracts say."""
        with freeze_time(f"{DAY} 02:00:00"):
            review = self.new_review(self.order)
            figures = self.figures(review)
            partner = self.partner.with_company(self.company)
            rows = self.env["contract.ageing"].search(
                [("partner_id", "=", self.partner.id)]
            )
            self.assertEqual(figures["receivable"], partner.contract_receivable_amount)
            self.assertEqual(figures["overdue"], partner.contract_overdue_amount)
            self.assertEqual(figures["due"], partner.contract_due_amount)
            for name in ("due_1_30", "due_31_60", "due_61_90", "due_over_365"):
                self.assertEqual(figures[name], sum(rows.mapped(name)))
            contracts = self.first + self.second
            self.assertEqual(
                figures["exposure"],
                sum(contracts.mapped("contract_exposure_amount")),
            )

    def test_bills_that_count(self):
        """A bank acceptance counts as received and stays in the exposure."""
        bill = self.env["contract.instrument"].search(
            [("is_bill", "=", True), ("counts_on", "=", "receipt")], limit=1
        )
        self.assertTrue(bill)
        payment = self.pay(self.bill, "2026-10-20", 500)
        payment.write(
            {"contract_instrument_id": bill.id, "contract_bill_maturity": "2027-04-20"}
        )
        with freeze_time(f"{DAY} 02:00:00"):
            figures = self.figures(self.new_review(self.order))
        self.assertEqual(figures["receivable"], 200)
        self.assertEqual(figures["bills"], 500)
        self.assertEqual(figures["exposure"], 900)

    def test_kept_on_time(self):
        with freeze_time(f"{DAY} 02:00:00"):
            prompt = self.env["res.partner"].create({"name": "Prompt"})
            order = self.new_quotation(partner_id=prompt.id)
        good = self.new_contract(
            "2026-09-01",
            template="template_30_70_delivery",
            promised="2026-09-20",
            partner_id=prompt.id,
        )
        self.deliver(good, "2026-09-15")
        bill = self.invoice(good, "2026-09-01")
        self.pay(bill, "2026-09-01")
        with freeze_time(f"{DAY} 02:00:00"):
            figures = self.figures(self.new_review(order))
        self.assertEqual(figures["due_contracts"], 1)
        self.assertEqual(figures["kept_contracts"], 1)
        self.assertEqual(figures["due_terms"], 2)
        self.assertEqual(figures["days_late"], 0)

    def test_more_than_a_year_ago(self):
        with freeze_time("2027-11-20 02:00:00"):
            figures = self.figures(self.new_review(self.order))
        # open since more than a year: no more among the days late, but overdue
        self.assertEqual(figures["due_terms"], 0)
        self.assertEqual(figures["due_over_365"], 700)
        self.assertEqual(figures["due_contracts"], 1)

    def test_frozen_on_submission(self):
        with freeze_time(f"{DAY} 02:00:00"):
            review = self.new_review(self.order)
            review.action_submit()
        self.pay(self.bill, "2026-11-21")
        with freeze_time("2026-11-22 02:00:00"):
            self.env.invalidate_all()
            self.assertEqual(review.standing_receivable, 700)
            self.assertEqual(review.standing_date, date(2026, 11, 20))
            review.with_user(self.business).action_return("Anew")
            self.env.invalidate_all()
            self.assertEqual(review.standing_receivable, 0)
            review.with_user(self.seller).action_submit()
            self.assertEqual(review.standing_receivable, 0)
            self.assertEqual(review.standing_date, date(2026, 11, 22))

    def test_company_and_commercial_partner(self):
        """Contracts of a contact are those of his company; those of another company
        of ours aren't."""
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        order = self.new_quotation(partner_id=contact.id)
        with freeze_time(f"{DAY} 02:00:00"):
            review = self.new_review(order)
            self.assertEqual(review.standing_receivable, 700)
            self.assertEqual(review.company_id, self.company)
            other = self.env["res.company"].create({"name": "Other"})
            values = review._standing_values(other, self.partner)
            self.assertEqual(values[self.partner]["receivable"], 0)

    def test_no_oracle(self):
        """Who can't read the customer doesn't learn what he owes by a review that
        isn't submitted; unsaved ones tell nothing."""
        with freeze_time(f"{DAY} 02:00:00"):
            review = self.new_review(self.order)
            self.assertEqual(review.standing_receivable, 700)
            new = self.env["contract.review"].new({"order_id": self.order.id})
            self.assertFalse(new.standing_receivable)
            self.env["ir.rule"].create(
                {
                    "name": "Hidden",
                    "model_id": self.env.ref("base.model_res_partner").id,
                    "domain_force": f"[('id', '!=', {self.partner.id})]",
                    "groups": [
                        Command.link(
                            self.env.ref("contract_tracking.group_contract_user").id
                        )
                    ],
                }
            )
            self.env.invalidate_all()
            self.assertFalse(review.standing_receivable)
        with mute_logger(*RULES), self.assertRaises(AccessError):
            review.with_user(self.new_user("standing_x")).read(["standing_due"])

    def test_whole_customer_for_whoever_reads_the_review(self):
        """The seller reads his contracts only, the figures are those of all."""
        with freeze_time(f"{DAY} 02:00:00"):
            review = self.new_review(self.order)
            self.first.user_id = self.business
            self.first.invalidate_recordset()
            self.assertEqual(review.with_user(self.seller).standing_receivable, 700)
            window = review.with_user(self.seller).action_standing_ageing()
            self.assertEqual(window["res_model"], "contract.ageing")
            for name in ("contracts", "risks", "deviations"):
                getattr(review, f"action_standing_{name}")()

    def test_answers_of_the_system(self):
        with freeze_time(f"{DAY} 02:00:00"):
            review = self.new_review(self.order)
            standing = review._standing_of()[review]
            answers = {
                name: review._standing_answer(name, standing)
                for name in ("not_overdue", "within_limit", "kept_on_time")
            }
            self.assertEqual(
                answers,
                {"not_overdue": "no", "within_limit": "yes", "kept_on_time": "no"},
            )
            self.partner.credit_limit = 1899
            standing = review._standing_of()[review]
            # 900 exposure + 1,000 of the quotation
            self.assertEqual(review._standing_answer("within_limit", standing), "no")

    def test_queries(self):
        orders = self.env["sale.order"].union(
            *(self.new_quotation() for _n in range(12))
        )
        reviews = self.env["contract.review"].union(*map(self.new_review, orders))
        costs = []
        # the first time reads what is read once
        for some in (reviews, reviews[:2], reviews):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            some.mapped("standing_exposure")
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[1], costs[2])
