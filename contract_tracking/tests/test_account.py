from datetime import date

from dateutil.relativedelta import relativedelta
from freezegun import freeze_time

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import SQL

from .common import ContractCommon
from .roles import RoleCase

BUCKETS = (
    "due_1_30", "due_31_60", "due_61_90", "due_91_180", "due_181_365", "due_over_365",
)  # fmt: skip


class AccountCommon(ContractCommon):
    @classmethod
    def settle(cls, order, day, amount):
        """A down payment invoice, posted."""
        with freeze_time(f"{day} 02:00:00"):
            wizard = (
                cls.env["sale.advance.payment.inv"]
                .with_context(active_model="sale.order", active_ids=order.ids)
                .create({"advance_payment_method": "fixed", "fixed_amount": amount})
            )
            invoice = wizard._create_invoices(order)
            invoice.invoice_date = day
            invoice.action_post()
        return invoice

    @classmethod
    def happen(cls, order, xmlid, day):
        with freeze_time(f"{day} 02:00:00"):
            return cls.env["contract.event"].create(
                {
                    "order_id": order.id,
                    "type_id": cls.env.ref(f"contract_tracking.{xmlid}").id,
                    "date": day,
                }
            )

    @classmethod
    def euro_pricelist(cls):
        """One company unit buys half a euro, from April on 0.4."""
        euro = cls.env.ref("base.EUR")
        euro.active = True
        cls.env["res.currency.rate"].search([("currency_id", "=", euro.id)]).unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": euro.id, "name": day, "rate": rate}
                for day, rate in (("2026-01-01", 0.5), ("2026-04-01", 0.4))
            ]
        )
        return cls.env["product.pricelist"].create(
            {"name": "Export", "currency_id": euro.id}
        )

    @classmethod
    def net_contract(cls, day="2026-02-20", **values):
        """1,000: 400 due on March 31st, 600 on May 10th, 150 paid on April 20th."""
        order = cls.new_contract(day, template="template_net_30", **values)
        first = cls.invoice(order, "2026-03-01", {cls.pump: 4})
        cls.invoice(order, "2026-04-10")
        cls.pay(first, "2026-04-20", 150)
        return order

    @classmethod
    def money(cls, day, amount, **values):
        """A payment of the customer that arrives without any invoice."""
        with freeze_time(f"{day} 02:00:00"):
            payment = cls.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": cls.partner.id,
                    "amount": amount,
                    "date": day,
                    **values,
                }
            )
            payment.action_post()
        return payment

    @classmethod
    def claim(cls, payment, order, amount):
        return cls.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "order_id": order.id, "amount": amount}
        )

    def ageing(self, orders, day):
        """The rows of the ageing as of a day: ``{due day: amount}``."""
        self.env.flush_all()
        rows = self.portions(orders, day)
        return {row["day"]: float(row["amount"]) for row in rows}

    def portions(self, orders, day):
        Facts = self.env["contract.facts"]
        ctes = Facts._ageing_with_sql(Facts._scope(orders), fields.Date.to_date(day))
        return Facts._execute(SQL("%s SELECT * FROM ageing", ctes))

    def balance(self, order, day):
        self.env.flush_all()
        return self.balances(order, day).get(order.id)


class TestAgeing(AccountCommon):
    """How old is what a contract owes."""

    def test_portions_are_filled_oldest_first(self):
        order = self.net_contract()
        self.assertEqual(self.ageing(order, "2026-02-25"), {})
        # invoiced, due in two days
        self.assertEqual(self.ageing(order, "2026-03-29"), {None: 400})
        # due today is not overdue
        self.assertEqual(
            self.ageing(order, "2026-03-31"), {date(2026, 3, 31): 400, None: 400}
        )
        self.assertEqual(self.ageing(order, "2026-04-01"), {date(2026, 3, 31): 400})
        self.assertEqual(
            self.ageing(order, "2026-04-20"), {date(2026, 3, 31): 250, None: 600}
        )
        self.assertEqual(
            self.ageing(order, "2026-05-11"),
            {date(2026, 3, 31): 250, date(2026, 5, 10): 600},
        )

    def test_three_dates(self):
        order = self.net_contract()
        for day, receivable, due, overdue, not_due, oldest, days in (
            ("2026-03-31", 400, 400, 0, 400, None, 0),
            ("2026-04-25", 850, 250, 250, 600, date(2026, 3, 31), 25),
            ("2026-05-10", 850, 850, 250, 600, date(2026, 3, 31), 40),
        ):
            with self.subTest(day=day):
                row = self.balance(order, day)
                self.assertEqual(
                    [row[name] for name in ("receivable", "due", "overdue", "not_due")],
                    [receivable, due, overdue, not_due],
                )
                self.assertEqual((row["oldest"], row["days"]), (oldest, days))

    def test_borders_of_the_ages(self):
        order = self.new_contract("2026-02-20", template="template_net_30")
        self.invoice(order, "2026-03-01", {self.pump: 4})
        due = date(2026, 3, 31)
        for days, bucket in (
            (0, None),
            (1, "due_1_30"),
            (30, "due_1_30"),
            (31, "due_31_60"),
            (60, "due_31_60"),
            (61, "due_61_90"),
            (90, "due_61_90"),
            (91, "due_91_180"),
            (180, "due_91_180"),
            (181, "due_181_365"),
            (365, "due_181_365"),
            (366, "due_over_365"),
            (2000, "due_over_365"),
        ):
            row = self.balance(order, due + relativedelta(days=days))
            with self.subTest(days=days):
                found = {name: row[name] for name in BUCKETS if row[name]}
                self.assertEqual(found, {bucket: 400} if bucket else {})
                self.assertEqual(row["due"], 400)
                self.assertEqual(row["days"], days)

    def test_retention_is_not_overdue_before_it_matures(self):
        order = self.new_contract(
            "2026-03-01", template="template_30_60_10", promised="2026-06-01"
        )
        self.pay(self.settle(order, "2026-03-02", 300), "2026-03-05")
        self.happen(order, "event_type_goods_ready", "2026-05-10")
        self.deliver(order, "2026-05-20")
        final = self.invoice(order, "2026-05-21")
        self.pay(final, "2026-05-25", 600)
        self.happen(order, "event_type_acceptance", "2026-07-15")
        # the invoice is long due, the retention is not
        self.assertEqual(self.ageing(order, "2027-07-14"), {None: 100})
        self.assertEqual(
            self.ageing(order, "2027-07-15"), {date(2027, 7, 15): 100, None: 100}
        )
        self.assertEqual(self.ageing(order, "2027-07-16"), {date(2027, 7, 15): 100})
        self.assertEqual(self.balance(order, "2027-07-16")["due_1_30"], 100)

    def test_without_payment_terms_the_invoices_decide(self):
        order = self.new_contract("2026-02-20")
        first = self.invoice(order, "2026-03-01", {self.pump: 4})
        second = self.invoice(order, "2026-04-10")
        self.assertEqual(first.invoice_date_due, date(2026, 3, 1))
        # the newer invoice is paid first, and stays paid
        self.pay(second, "2026-04-15", 500)
        self.assertEqual(
            self.ageing(order, "2026-04-20"),
            {date(2026, 3, 1): 400, date(2026, 4, 10): 100},
        )
        self.assertEqual(self.ageing(order, "2026-04-09"), {date(2026, 3, 1): 400})
        self.assertEqual(
            self.ageing(order, "2026-04-10"),
            {date(2026, 3, 1): 400, date(2026, 4, 10): 600, None: 600},
        )

    def test_claimed_money_without_payment_terms(self):
        """Claims count, reconciled or not, for the oldest invoice first."""
        order = self.new_contract("2026-02-20")
        self.invoice(order, "2026-03-01", {self.pump: 4})
        self.invoice(order, "2026-04-10")
        self.claim(self.money("2026-04-12", 500), order, 500)
        self.assertEqual(self.ageing(order, "2026-04-20"), {date(2026, 4, 10): 500})
        other = self.new_contract("2026-02-20")
        invoice = self.invoice(other, "2026-03-01")
        paid = self.pay(invoice, "2026-03-05", 700)
        self.assertEqual(self.ageing(other, "2026-04-20"), {date(2026, 3, 1): 300})
        # claimed for the one, then reconciled with the other: claims count
        receivable = (paid.move_id | invoice).line_ids.filtered(
            lambda ln: ln.account_id.account_type == "asset_receivable"
        )
        receivable.remove_move_reconcile()
        self.claim(paid, order, 500)
        self.claim(paid, other, 200)
        receivable.reconcile()
        for contract, overdue in ((order, {}), (other, {date(2026, 3, 1): 800})):
            self.assertEqual(self.ageing(contract, "2026-04-20"), overdue)
            self.assertEqual(
                self.figures(contract, "2026-04-20")["overdue"],
                sum(overdue.values()),
            )

    def test_a_return_lowers_what_fell_due_first(self):
        """A portion that is taken back counts like money."""
        order = self.new_contract(
            "2026-03-01", [(self.pump, 10)], "template_30_70_delivery"
        )
        self.settle(order, "2026-03-02", 300)
        self.deliver(order, "2026-03-10", pump=6)
        picking = self.deliver(order, "2026-03-20")
        self.give_back(picking, "2026-03-25", 2)
        for day in ("2026-04-10", "2026-04-20", "2026-04-24", "2026-04-26"):
            with self.subTest(day=day):
                rows = self.ageing(order, day)
                past = [
                    amount
                    for due, amount in rows.items()
                    if due and due < fields.Date.to_date(day)
                ]
                self.assertTrue(all(amount > 0 for amount in past))
                self.assertEqual(sum(past), self.figures(order, day)["overdue"])

    def test_tolerance(self):
        self.company.contract_tolerance_percent = 1
        order = self.net_contract()
        self.pay(order.invoice_ids[-1], "2026-05-02", 245)
        # 5 of 1,000 are missing: within one percent
        row = self.balance(order, "2026-05-05")
        self.assertEqual((row["overdue"], row["receivable"]), (0, 605))
        self.assertEqual(self.figures(order, "2026-05-05")["overdue"], 0)
        self.assertEqual(self.ageing(order, "2026-05-05"), {None: 605})

    def test_adds_up_to_the_overdue_amount_of_the_contract(self):
        """One money, one overdue: the ageing is the figure of the contract."""
        pricelist = self.euro_pricelist()
        terms = self.net_contract()
        euro = self.net_contract(pricelist_id=pricelist.id)
        plain = self.new_contract("2026-02-20")
        self.pay(self.invoice(plain, "2026-03-01", {self.pump: 4}), "2026-04-02", 111)
        self.invoice(plain, "2026-04-10")
        abroad = self.new_contract("2026-02-20", pricelist_id=pricelist.id)
        self.pay(self.invoice(abroad, "2026-03-01", {self.pump: 4}), "2026-04-02", 90)
        waived = self.net_contract()
        with freeze_time("2026-05-01 02:00:00"):
            waived.contract_term_ids.filtered(lambda t: t.kind == "payment")._waive(
                "Settled otherwise"
            )
        advance = self.new_contract("2026-02-20", template="template_30_60_10")
        opening = self.new_contract(
            "2026-03-01",
            contract_opening_date="2026-02-28",
            contract_opening_invoiced=500,
            contract_opening_received=200,
        )
        orders = terms + euro + plain + abroad + waived + advance + opening
        self.env.flush_all()
        Facts = self.env["contract.facts"]
        found = 0
        for day in (
            "2026-03-01", "2026-03-31", "2026-04-01", "2026-04-10", "2026-04-20",
            "2026-05-05", "2026-05-11", "2027-05-11",
        ):  # fmt: skip
            cutoff = fields.Date.to_date(day)
            sums = dict.fromkeys(orders.ids, 0)
            rest = dict.fromkeys(orders.ids, 0)
            for row in self.portions(orders, cutoff):
                self.assertEqual(row["cutoff"], cutoff)
                if row["day"] is None:
                    rest[row["order_id"]] += row["amount"]
                elif row["day"] < cutoff:
                    sums[row["order_id"]] += row["amount"]
            for order_id, figures in Facts._read_orders(orders, cutoff).items():
                with self.subTest(day=day, order=orders.ids.index(order_id)):
                    self.assertAlmostEqual(
                        float(sums[order_id]), float(figures["overdue"]), 6
                    )
                    self.assertAlmostEqual(
                        float(rest[order_id]),
                        max(0, float(figures["receivable"] - figures["overdue"])),
                        6,
                    )
                    found += bool(sums[order_id])
        self.assertGreater(found, 15)


class TestAgeingReport(AccountCommon):
    """The ageing on the screen: rows, currencies, days."""

    def rows(self, order, day, **context):
        self.env.flush_all()
        self.env.invalidate_all()
        return (
            self.env["contract.ageing"]
            .with_context(contract_cutoff=day, **context)
            .search([("order_id", "in", order.ids)])
        )

    def test_row(self):
        order = self.net_contract(
            user_id=self.env.user.id, team_id=self.team.id, contract_number="HT-1"
        )
        row = self.rows(order, "2026-05-11")
        self.assertEqual(row.display_name, "HT-1")
        self.assertEqual(row.partner_id, self.partner)
        self.assertEqual(row.user_id, self.env.user)
        self.assertEqual(row.team_id, self.team)
        self.assertEqual(row.contract_state, "active")
        self.assertEqual(row.cutoff, date(2026, 5, 11))
        self.assertEqual(row.receivable, 850)
        self.assertEqual(row.overdue, 850)
        self.assertEqual(row.due_1_30, 600)
        self.assertEqual(row.due_31_60, 250)
        self.assertEqual(row.days_overdue, 41)
        self.assertEqual(row.date_oldest, date(2026, 3, 31))
        self.assertEqual(row.action_open_order()["res_id"], order.id)

    def test_two_currencies(self):
        """Company amounts are those of the ledger, the oldest invoice first: 200 euros
        of March at 0.5, 300 of April at 0.4 = 750, and 150 paid of the first."""
        euro = self.net_contract(pricelist_id=self.euro_pricelist().id)
        euro_total = euro.amount_total
        self.assertEqual(euro_total, 500)
        self.assertEqual(euro.currency_rate, 0.5)
        home = self.net_contract()
        rows = self.rows(euro + home, "2026-05-11").grouped("order_id")
        # 200 + 300 euros invoiced, 150 paid
        self.assertEqual(rows[euro].contract_receivable, 350)
        self.assertEqual(rows[euro].contract_due_31_60, 50)
        self.assertEqual(rows[euro].contract_due_1_30, 300)
        self.assertEqual(rows[euro].receivable, 850)
        self.assertEqual(rows[euro].due_31_60, 100)
        self.assertEqual(rows[euro].due_1_30, 750)
        [[receivable, overdue, days]] = (
            self.env["contract.ageing"]
            .with_context(contract_cutoff="2026-05-11")
            ._read_group(
                [("order_id", "in", (euro + home).ids)],
                [],
                ["receivable:sum", "overdue:sum", "days_overdue:max"],
            )
        )
        self.assertEqual((receivable, overdue, days), (1700, 1700, 41))

    def test_contact_of_a_company_counts_for_the_company(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        order = self.net_contract(partner_id=contact.id)
        self.assertEqual(self.rows(order, "2026-05-11").partner_id, self.partner)

    def test_ended_contracts_stay_while_they_owe(self):
        order = self.net_contract()
        paid = self.net_contract()
        with freeze_time("2026-05-20 02:00:00"):
            for invoice in paid.invoice_ids.filtered("amount_residual"):
                self.pay(invoice, "2026-05-20")
        with freeze_time("2026-06-01 02:00:00"):
            (order + paid).picking_ids.action_cancel()
            for contract in order + paid:
                contract._take_reason_step("terminate", "Both agreed")
        self.assertEqual(self.rows(order + paid, False).order_id, order)
        # before it was paid and ended it owed
        self.assertEqual(self.rows(order + paid, "2026-05-11").order_id, order + paid)

    def test_not_in_effect_yet(self):
        order = self.net_contract()
        self.assertFalse(self.rows(order, "2026-02-19"))
        self.assertTrue(self.rows(order, "2026-02-20"))

    def test_day_of_the_context(self):
        order = self.net_contract()
        self.assertEqual(self.rows(order, "2026-03-31").receivable, 400)
        self.assertEqual(self.rows(order, date(2026, 3, 31)).receivable, 400)
        for value in ("yesterday", "2026-02-31", [1], {"a": 1}, "'; DROP TABLE x"):
            with self.subTest(value=value), self.assertRaises(UserError):
                self.rows(order, value)

    def test_wizard(self):
        wizard = self.env["contract.ageing.date"].create({"date": "2026-03-31"})
        self.assertIn("03/31/2026", wizard.action_apply()["name"])
        action = wizard.action_apply()
        self.assertEqual(action["context"], {"contract_cutoff": "2026-03-31"})
        self.assertEqual(action["res_model"], "contract.ageing")
        form = Form(self.env["contract.ageing.date"])
        self.assertTrue(form.date)

    def test_views(self):
        """Search, group, pivot: every filter of the search view."""
        order = self.net_contract()
        self.env.flush_all()
        Ageing = self.env["contract.ageing"].with_context(contract_cutoff="2026-07-15")
        for domain in (
            [("overdue", ">", 0)],
            [("days_overdue", ">", 90)],
            ["|", ("receivable", ">", 0), ("due", ">", 0)],
            [("contract_number", "ilike", order.contract_number)],
            [("partner_id", "child_of", self.partner.id)],
        ):
            with self.subTest(domain=domain):
                self.assertIn(order, Ageing.search(domain).order_id)
        self.assertNotIn(order, Ageing.search([("days_overdue", ">", 365)]).order_id)
        for group in ("partner_id", "user_id", "team_id", "currency_id", "company_id"):
            groups = Ageing.formatted_read_group(
                [("order_id", "=", order.id)], [group], ["overdue:sum"]
            )
            self.assertEqual([row["overdue:sum"] for row in groups], [850])

    def test_retention_list(self):
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_retention_action"
        )
        terms = self.env["contract.term"].search(
            [
                ("kind", "=", "payment"),
                ("payment_kind", "=", "retention"),
                ("order_id", "=", order.id),
            ]
        )
        self.assertEqual(terms.display_name, "Retention")
        self.assertIn("payment_kind", action["domain"])

    def test_queries_do_not_grow(self):
        costs = []
        for count in (2, 2, 22):
            for _number in range(count):
                self.new_contract("2026-02-20", [(self.service, 1)], "template_net_30")
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["contract.ageing"].web_search_read(
                [], {"overdue": {}, "partner_id": {"fields": {"display_name": {}}}}
            )
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[1], costs[2])


class TestLedger(AccountCommon):
    """What happened, day by day: it adds up to the receivable."""

    def ledger(self, orders, start=None, end=None):
        self.env.flush_all()
        return self.env["contract.facts"]._read_ledger(
            orders,
            start and fields.Date.to_date(start),
            end and fields.Date.to_date(end),
        )

    def test_documents(self):
        order = self.net_contract()
        picking = self.deliver(order, "2026-03-05", pump=7)
        first, second = order.invoice_ids.sorted("id")
        rows = [
            (row["kind"], str(row["day"]), row["name"], float(row["amount"]))
            for row in self.ledger(order, end="2026-06-01")
        ]
        self.assertEqual(
            rows,
            [
                ("invoice", "2026-03-01", first.name, 400),
                ("delivery", "2026-03-05", picking.name, 700),
                ("invoice", "2026-04-10", second.name, 600),
                ("receipt", "2026-04-20", self.payment_name(order), 150),
            ],
        )
        rows = self.ledger(order, "2026-03-02", "2026-04-10")
        self.assertEqual([row["kind"] for row in rows], ["delivery", "invoice"])

    def payment_name(self, order):
        return order.invoice_ids.matched_payment_ids.name

    def test_down_payments_stand_apart(self):
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        deposit = self.settle(order, "2026-03-02", 300)
        self.pay(deposit, "2026-03-05")
        self.deliver(order, "2026-05-20")
        final = self.invoice(order, "2026-05-21")
        rows = [
            (row["kind"], row["name"], float(row["amount"]))
            for row in self.ledger(order, end="2026-06-01")
            if row["kind"] != "delivery"
        ]
        self.assertCountEqual(
            rows,
            [
                ("advance", deposit.name, 300),
                ("receipt", self.payment_name(order), 300),
                ("invoice", final.name, 1000),
                ("advance", final.name, -300),
            ],
        )
        # both rows of the invoice are what the customer sees on it
        self.assertEqual(final.amount_total, 700)

    def test_write_off_is_adjusted(self):
        order = self.new_contract("2026-02-20")
        invoice = self.invoice(order, "2026-03-01")
        account = self.env["account.account"].search(
            [("account_type", "=", "expense")], limit=1
        )
        self.pay(
            invoice,
            "2026-03-10",
            900,
            payment_difference_handling="reconcile",
            writeoff_account_id=account.id,
        )
        rows = {
            row["kind"]: (float(row["amount"]), row["name"])
            for row in self.ledger(order, "2026-03-02", "2026-03-31")
        }
        name = self.payment_name(order)
        self.assertEqual(rows, {"receipt": (900, name), "adjustment": (100, name)})

    def test_claimed_money(self):
        order = self.new_contract("2026-02-20")
        self.invoice(order, "2026-03-01")
        payment = self.money("2026-03-10", 700)
        self.claim(payment, order, 600)
        rows = self.ledger(order, "2026-03-02", "2026-03-31")
        self.assertEqual(
            [(row["kind"], row["name"], float(row["amount"])) for row in rows],
            [("receipt", payment.name, 600)],
        )

    def test_opening_figures(self):
        order = self.new_contract(
            "2026-03-01",
            contract_opening_date="2026-02-28",
            contract_opening_invoiced=500,
            contract_opening_received=200,
        )
        undated = self.new_contract("2026-03-01")
        # as older versions took it
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order SET contract_opening_received = 70 WHERE id = %s",
            [undated.id],
        )
        rows = self.ledger(order + undated, end="2026-03-31")
        self.assertEqual(
            [
                (row["order_id"], row["kind"], row["day"], float(row["amount"]))
                for row in rows
            ],
            [
                (order.id, "invoice", date(2026, 2, 28), 500),
                (order.id, "receipt", date(2026, 2, 28), 200),
                (undated.id, "receipt", date(2026, 3, 1), 70),
            ],
        )

    def test_adds_up_to_the_receivable(self):
        pricelist = self.euro_pricelist()
        home = self.net_contract()
        euro = self.net_contract(pricelist_id=pricelist.id)
        deposit = self.new_contract("2026-03-01", template="template_30_60_10")
        self.pay(self.settle(deposit, "2026-03-02", 300), "2026-03-05")
        picking = self.deliver(deposit, "2026-03-20")
        self.invoice(deposit, "2026-04-15")
        self.give_back(picking, "2026-04-22", 2)
        orders = home + euro + deposit
        signs = {"invoice": 1, "receipt": -1, "adjustment": -1}
        for day in ("2026-03-10", "2026-04-20", "2026-06-01"):
            figures = self.env["contract.facts"]._read_orders(
                orders, fields.Date.to_date(day)
            )
            sums = dict.fromkeys(orders.ids, 0)
            delivered = dict.fromkeys(orders.ids, 0)
            for row in self.ledger(orders, end=day):
                sums[row["order_id"]] += row["amount"] * signs.get(row["kind"], 0)
                if row["kind"] == "delivery":
                    delivered[row["order_id"]] += row["amount"]
            for order in orders:
                with self.subTest(day=day, order=order.name):
                    figure = figures[order.id]
                    self.assertAlmostEqual(
                        float(sums[order.id]), float(figure["receivable"]), 6
                    )
                    self.assertAlmostEqual(
                        float(delivered[order.id]), float(figure["delivered"]), 6
                    )


class TestPartner(AccountCommon):
    """What a customer owes, on his own form."""

    def figures_of(self, partner, day="2026-05-10"):
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(f"{day} 02:00:00"):
            return [
                partner.contract_tracking_count,
                partner.contract_receivable_amount,
                partner.contract_due_amount,
                partner.contract_overdue_amount,
            ]

    def test_figures(self):
        contact = self.env["res.partner"].create(
            {"name": "Buyer", "parent_id": self.partner.id}
        )
        self.assertEqual(self.figures_of(self.partner), [0, 0, 0, 0])
        self.net_contract()
        self.net_contract(partner_id=contact.id, pricelist_id=self.euro_pricelist().id)
        self.new_order()
        # home: 850, of which 600 fall due today; euro: 50 at 0.5, 300 at 0.4 today
        expected = [2, 850 + 850, 850 + 850, 250 + 100]
        self.assertEqual(self.figures_of(self.partner), expected)
        self.assertEqual(self.figures_of(contact), expected)
        self.assertEqual(
            self.figures_of(self.partner, "2026-04-25"), [2, 1700, 350, 350]
        )

    def test_other_company(self):
        self.net_contract()
        other = self.env["res.company"].create({"name": "Subsidiary"})
        partner = self.partner.with_company(other)
        self.assertEqual(self.figures_of(partner), [0, 0, 0, 0])

    def test_new_partner(self):
        partner = self.env["res.partner"].new({"name": "New"})
        self.assertEqual(partner.contract_tracking_count, 0)

    def test_actions(self):
        order = self.net_contract()
        action = self.partner.action_view_contracts()
        found = self.env["sale.order"].search(action["domain"])
        self.assertEqual(found, order)
        action = self.partner.action_view_contract_ageing()
        found = self.env["contract.ageing"].search(action["domain"])
        self.assertEqual(found.order_id, order)

    def test_queries(self):
        fnames = ["contract_tracking_count", "contract_overdue_amount"]
        costs = []
        for count in (2, 2, 22):
            partners = self.env["res.partner"].create(
                [{"name": f"Customer {number}"} for number in range(count)]
            )
            for partner in partners:
                self.new_contract(
                    "2026-02-20", [(self.service, 1)], partner_id=partner.id
                )
            for measured in (partners[:1], partners):
                self.env["contract.facts"]._fold()
                self.env.invalidate_all()
                measured.mapped("commercial_partner_id.name")
                self.env.company.mapped("currency_id.rounding")
                before = self.env.cr.sql_log_count
                measured.read(fnames)
                costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[2:], [costs[2]] * 4)
        self.assertLessEqual(costs[2], 4)


class TestAccountRoles(RoleCase):
    """Who sees what a customer owes."""

    def test_ageing(self):
        for name in (
            "seller", "owner", "supervisor", "head", "member", "business", "manager",
            "director", "leader", "auditor", "finance",
        ):  # fmt: skip
            with self.subTest(user=name):
                rows = self.env(user=getattr(self, name))["contract.ageing"].search([])
                self.assertIn(self.order, rows.sudo().order_id)
                self.assertTrue(rows.read(["overdue", "partner_id"]))
        for name in ("rival", "outsider", "stranger"):
            with self.subTest(user=name):
                rows = self.env(user=getattr(self, name))["contract.ageing"].search([])
                self.assertNotIn(self.order, rows.sudo().order_id)
        for name in ("stock_user", "employee", "portal"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                self.env(user=getattr(self, name))["contract.ageing"].search([])

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Subsidiary"})
        user = self.new_user(
            "ct_subsidiary",
            "contract_tracking.group_contract_business",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.env(user=user)["contract.ageing"].search([]))

    def test_partner(self):
        for name, count in (("seller", 1), ("business", 1), ("finance", 1),
                            ("leader", 1), ("rival", 0)):  # fmt: skip
            with self.subTest(user=name):
                self.env.invalidate_all()
                partner = self.partner.with_user(getattr(self, name))
                self.assertEqual(partner.contract_tracking_count, count)
        for name in ("employee", "stock_user"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                self.partner.with_user(getattr(self, name)).read(
                    ["contract_overdue_amount"]
                )
