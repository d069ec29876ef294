from odoo import fields

from .common import ContractCommon


class TestSearch(ContractCommon):
    """Filters, groups and sums say the same as the fields on the screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = cls.company._contract_today()
        days = fields.Date.add
        cls.late = cls.new_contract(
            days(today, days=-60),
            template="template_30_60_10",
            promised=days(today, days=-10),
            team_id=cls.team.id,
        )
        cls.done = cls.new_contract(
            days(today, days=-60), promised=days(today, days=-10)
        )
        cls.deliver(cls.done, days(today, days=-20))
        cls.pay(cls.invoice(cls.done, days(today, days=-19)), days(today, days=-5))
        cls.fresh = cls.new_contract(today, promised=days(today, days=40))
        cls.quotation = cls.new_order()
        cls.orders = cls.late + cls.done + cls.fresh + cls.quotation
        cls.env.flush_all()
        cls.env.invalidate_all()

    def find(self, *domain):
        return self.env["sale.order"].search(
            [("id", "in", self.orders.ids), *domain], order="id"
        )

    def test_order_filters(self):
        self.assertEqual(self.find(("contract_late_deliveries", ">", 0)), self.late)
        self.assertEqual(self.find(("contract_late_payments", ">", 0)), self.late)
        self.assertEqual(self.find(("contract_waiting_terms", ">", 0)), self.late)
        self.assertEqual(self.find(("contract_delivery_progress", "=", 1)), self.done)
        self.assertEqual(self.find(("contract_received_amount", ">", 999)), self.done)
        self.assertEqual(
            self.find(("contract_papers_complete", "=", False)), self.orders
        )
        self.env["contract.document"].create(
            {
                "name": "Signed",
                "order_id": self.late.id,
                "type_id": self.env.ref("contract_tracking.document_type_signed").id,
                "attachment_ids": [
                    fields.Command.create({"name": "scan.pdf", "raw": b"%PDF-1.4"})
                ],
            }
        )
        self.assertEqual(self.find(("contract_papers_complete", "=", True)), self.late)
        self.late.invalidate_recordset()
        self.assertTrue(self.late.contract_papers_complete)

    def test_found_by_the_number_on_the_paper(self):
        self.assertTrue(self.late.contract_number)
        Order = self.env["sale.order"]
        found = Order.name_search(self.late.contract_number)
        self.assertEqual([row[0] for row in found], self.late.ids)
        self.assertIn(self.late.id, [r[0] for r in Order.name_search(self.late.name)])
        clerk = self.new_user("ct_clerk", "account.group_account_invoice")
        self.assertFalse(Order.with_user(clerk).name_search(self.late.contract_number))

    def test_due_this_month(self):
        today = self.company._contract_today()
        domain = [
            (
                "contract_term_ids",
                "any",
                [
                    ("status", "not in", ("met", "met_late", "waived")),
                    ("date_due", ">=", fields.Date.start_of(today, "month")),
                    ("date_due", "<=", fields.Date.end_of(today, "month")),
                ],
            )
        ]
        expected = self.orders.filtered(
            lambda o: any(
                t.date_due
                and (t.date_due.year, t.date_due.month) == (today.year, today.month)
                and t.status not in ("met", "met_late", "waived")
                for t in o.contract_term_ids
            )
        )
        self.assertEqual(self.find(*domain), expected)

    def test_filters_equal_fields(self):
        terms = self.orders.contract_term_ids
        for status in dict(terms._fields["status"].selection):
            self.assertEqual(
                terms.search([("id", "in", terms.ids), ("status", "=", status)]),
                terms.filtered(lambda t, s=status: t.status == s).sorted(),
                status,
            )
        for term in terms.filtered("date_due"):
            self.assertIn(term, terms.search([("date_due", "=", term.date_due)]))
        self.assertEqual(
            terms.filtered_domain([("is_late", "=", True)]),
            terms.filtered("is_late"),
        )

    def test_groups_and_sums_equal_fields(self):
        Order = self.env["sale.order"]
        for fname in ("contract_delivered_amount", "contract_overdue_amount"):
            [[total]] = Order._read_group(
                [("id", "in", (self.late + self.done + self.fresh).ids)],
                [],
                [f"{fname}:sum"],
            )
            self.assertAlmostEqual(
                total, sum((self.late + self.done + self.fresh).mapped(fname))
            )
        groups = dict(
            self.env["contract.term"]._read_group(
                [("order_id", "in", self.orders.ids)],
                ["status"],
                ["agreed_amount:sum"],
            )
        )
        for status, total in groups.items():
            terms = self.orders.contract_term_ids.filtered(
                lambda t, s=status: t.status == s
            )
            self.assertAlmostEqual(total, sum(terms.mapped("agreed_amount")), 2, status)

    def test_sorting(self):
        found = self.env["sale.order"].search(
            [("id", "in", (self.late + self.fresh).ids)], order="contract_next_due_date"
        )
        self.assertEqual(found.ids, (self.late + self.fresh).ids)

    def test_web_groups(self):
        """What lists, pivots and graphs of the web client ask for."""
        for model, groups, aggregates in (
            (
                "sale.order",
                ["contract_next_due_date:month"],
                ["contract_agreed_amount:sum"],
            ),
            ("contract.term", ["date_due:month", "status"], ["overdue_amount:sum"]),
        ):
            rows = self.env[model].formatted_read_group([], groups, aggregates)
            self.assertTrue(rows)
        for fname in ("status", "date_due"):
            described = self.env["contract.term"].fields_get([fname])[fname]
            self.assertTrue(described["groupable"], fname)
            self.assertTrue(described["sortable"], fname)
