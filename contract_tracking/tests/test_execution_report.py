from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError

from .roles import RoleCase
from .test_register import RegisterCommon

FIGURES = (
    "contracted", "delivered", "invoiced", "received", "adjusted", "matured",
    "collected", "overdue", "due_delivery", "on_time_delivery",
)  # fmt: skip


class TestExecutionReport(RegisterCommon):
    """Month by month: what happened, and how much of it in time."""

    def report(self, groups=("month:month",), day="2026-05-15", domain=(), names=()):
        """``{group: {measure: sum}}``, months as “2026-05”."""
        names = names or FIGURES
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(f"{day} 02:00:00"):
            rows = self.env["contract.execution.report"]._read_group(
                [("partner_id", "=", self.partner.id), *domain],
                list(groups),
                [
                    f"{name}:{'avg' if name.endswith(('rate', 'achieved')) else 'sum'}"
                    for name in names
                ],
            )
        result = {}
        for row in rows:
            keys = tuple(
                f"{key:%Y-%m}" if isinstance(key, date) else key
                for key in row[: len(groups)]
            )
            result[keys if len(keys) > 1 else keys[0]] = {
                name: round(value, 2) if value is not None else None
                for name, value in zip(names, row[len(groups) :], strict=True)
                if value
            }
        return result

    def test_months(self):
        """1,000 since February: 700 delivered in March, 100 back in May, 400 and 600
        invoiced in March and April and due a month later, 150 paid in April."""
        order = self.net_contract()
        picking = self.deliver(order, "2026-03-05", pump=7)
        self.give_back(picking, "2026-05-04", 1)
        due = {"due_delivery": 1000}
        found = self.report()
        for month in found.values():
            # agreed for the day of the order, or a bit later
            month.pop("due_delivery", None)
        self.assertEqual(
            found,
            {
                "2026-02": {"contracted": 1000},
                "2026-03": {
                    "delivered": 700, "invoiced": 400, "matured": 400,
                    "collected": 150, "overdue": 250,
                },
                "2026-04": {"invoiced": 600, "received": 150},
                "2026-05": {"delivered": -100, "matured": 600, "overdue": 600},
            },
        )  # fmt: skip
        rates = self.report(names=("collection_rate", "on_time_rate"))
        self.assertEqual(rates["2026-03"], {"collection_rate": 0.38})
        [total] = self.report(groups=("company_id",), names=FIGURES).values()
        self.assertEqual(total["overdue"], 850)
        self.assertEqual(total["due_delivery"], due["due_delivery"])
        [rate] = self.report(groups=("company_id",), names=["collection_rate"]).values()
        self.assertEqual(rate, {"collection_rate": 0.15})

    def test_on_time(self):
        """10 pumps by 10 March and 5 valves at 40 by 10 April. 6 pumps on the 10th,
        2 of them came back on the 12th, the rest on the 20th; valves in time."""
        pumps = self.new_contract("2026-02-20", promised="2026-03-10")
        picking = self.deliver(pumps, "2026-03-10", pump=6)
        self.give_back(picking, "2026-03-12", 2)
        self.deliver(pumps, "2026-03-20")
        valves = self.new_contract(
            "2026-02-20", [(self.valve, 5)], promised="2026-04-10"
        )
        self.deliver(valves, "2026-04-01")
        names = (
            "promises", "punctual", "due_delivery", "on_time_delivery", "on_time_rate",
        )  # fmt: skip
        self.assertEqual(
            self.report(names=names),
            {
                "2026-02": {},
                "2026-03": {
                    "promises": 1, "due_delivery": 1000, "on_time_delivery": 600,
                    "on_time_rate": 0.6,
                },
                "2026-04": {
                    "promises": 1, "punctual": 1, "due_delivery": 200,
                    "on_time_delivery": 200, "on_time_rate": 1,
                },
            },
        )  # fmt: skip
        # a rate of rates it is not
        [total] = self.report(("company_id",), names=names).values()
        self.assertEqual(total["on_time_rate"], round(800 / 1200, 2))
        # the day itself isn't over yet
        found = self.report(day="2026-03-10", names=names)
        self.assertEqual(found["2026-03"], {})

    def test_groups(self):
        """Office at the end of the month, salesperson, customer, category."""
        west = self.env["crm.team"].create({"name": "West Office"})
        category = self.env["product.category"].create({"name": "Pumps"})
        self.pump.categ_id = category
        order = self.net_contract(team_id=self.team.id, user_id=self.env.user.id)
        self.deliver(order, "2026-03-05", pump=7)
        with freeze_time("2026-04-15 02:00:00"):
            order.team_id = west
        found = self.report(("month:month", "team_id"), names=["invoiced"])
        self.assertEqual(found["2026-03", self.team], {"invoiced": 400})
        self.assertEqual(found["2026-04", west], {"invoiced": 600})
        for group, value in (
            ("user_id", self.env.user),
            ("partner_id", self.partner),
            ("order_id", order),
        ):
            with self.subTest(group=group):
                found = self.report((group,), names=["delivered", "received"])
                self.assertEqual(found, {value: {"delivered": 700, "received": 150}})
        found = self.report(("categ_id",), names=["delivered", "invoiced", "received"])
        none = self.env["product.category"]
        self.assertEqual(found[category], {"delivered": 700, "invoiced": 1000})
        self.assertEqual(found[none], {"received": 150})

    def test_cut_off(self):
        """Where months end on the 9th, the 10th of April is of May."""
        self.net_contract()
        self.company.contract_cutoff_day = 9
        found = self.report(names=["invoiced", "received"])
        self.assertEqual(found["2026-03"], {"invoiced": 400})
        self.assertEqual(found["2026-05"], {"invoiced": 600, "received": 150})
        with freeze_time("2026-05-15 02:00:00"):
            self.env["contract.monthly.cutoff"].create(
                {
                    "company_id": self.company.id,
                    "month": "2026-04-01",
                    "date": "2026-04-12",
                }
            )
        found = self.report(names=["invoiced", "received"])
        self.assertEqual(found["2026-04"], {"invoiced": 600})
        self.assertEqual(found["2026-05"], {"received": 150})

    def test_calendar(self):
        """Every day is of the month that the company says."""
        self.company.contract_cutoff_day = 25
        Facts = self.env["contract.facts"]
        first, last = date(2023, 12, 20), date(2024, 3, 31)
        rows = self.env.execute_query_dict(Facts._calendar_sql(first, last))
        days = {row["day"]: row for row in rows if row["company_id"] == self.company.id}
        self.assertEqual(len(days), (last - first).days + 1)
        for day, row in days.items():
            self.assertEqual(row["month"], self.company._contract_month(day))
            self.assertEqual(row["upto"], self.company._contract_cutoff(row["month"]))

    def test_deviations(self):
        order = self.new_contract("2026-03-01", promised="2026-04-10")
        leader = self.new_user("rep_leader", "contract_tracking.group_contract_leader")
        with freeze_time("2026-04-20 02:00:00"):
            Deviation = self.env["contract.deviation"]
            Deviation.create(
                {"order_id": order.id, "kind": "late_delivery", "summary": "Late"}
            )
            waived = Deviation.create({"order_id": order.id, "summary": "Short"})
        with freeze_time("2026-05-03 02:00:00"):
            waived.with_user(leader)._take_reason_step("waive", "Of no weight")
        names = ("deviations", "deviations_closed")
        found = self.report(("month:month", "deviation_kind"), names=names)
        self.assertEqual(found["2026-04", "late_delivery"], {"deviations": 1})
        self.assertEqual(found["2026-04", "other"], {"deviations": 1})
        self.assertEqual(found["2026-05", "other"], {"deviations_closed": 1})

    def test_plan(self):
        """April's record plans 300 and 200 for May, which delivers 600."""
        order = self.net_contract(team_id=self.team.id)
        with freeze_time("2026-05-02 02:00:00"):
            records = self.env["contract.monthly.record"]._generate(
                self.company, date(2026, 4, 1)
            )
            line = records.line_ids.filtered(lambda line: line.order_id == order)
            line.write({"plan_delivery": 300, "plan_collection": 200})
        self.deliver(order, "2026-05-05", pump=6)
        names = (
            "planned_delivery", "planned_collection", "delivery_achieved",
            "collection_achieved",
        )  # fmt: skip
        found = self.report(names=names)
        self.assertEqual(
            found["2026-05"],
            {
                "planned_delivery": 300, "planned_collection": 200,
                "delivery_achieved": 2,
            },
        )  # fmt: skip
        found = self.report(("month:month", "team_id"), names=names)
        self.assertEqual(found["2026-05", self.team]["planned_delivery"], 300)

    def test_agrees_with_the_register(self):
        """The sum of all months is what the register says to date, also where money of
        a frame agreement covers a call-off, and in another currency."""
        frame = self.new_frame(team_id=self.team.id)
        call_off = self.new_contract(
            "2026-02-20", template="template_net_30", contract_frame_id=frame.id
        )
        self.invoice(call_off, "2026-03-01")
        payment = self.money("2026-04-02", 500)
        self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "frame_id": frame.id, "amount": 500}
        )
        home = self.net_contract()
        self.deliver(home, "2026-03-05", pump=7)
        self.net_contract(pricelist_id=self.euro_pricelist().id)
        register = self.register()
        names = {
            "contracted": "total", "matured": "matured", "collected": "collected",
            **{
                name: name
                for name in ("delivered", "invoiced", "received", "adjusted", "overdue")
            },
        }  # fmt: skip
        [total] = self.report(("company_id",), names=list(names)).values()
        for name, ours in names.items():
            with self.subTest(name=name):
                self.assertAlmostEqual(
                    total.get(name, 0), sum(register.mapped(f"booked_{ours}")), 2
                )
        months = self.report(names=("delivered", "invoiced", "received"))
        for name in ("delivered", "invoiced", "received"):
            self.assertAlmostEqual(
                sum(
                    values.get(name, 0)
                    for month, values in months.items()
                    if month == "2026-05"
                ),
                sum(register.mapped(f"booked_{name}_month")),
                2,
            )

    def test_agrees_with_the_monthly_record(self):
        orders = self.net_contract() + self.net_contract(
            pricelist_id=self.euro_pricelist().id
        )
        self.deliver(orders[0], "2026-04-05", pump=7)
        found = self.report(
            names=("delivered", "invoiced", "received"), day="2026-04-30"
        )
        with freeze_time("2026-05-02 02:00:00"):
            records = self.env["contract.monthly.record"]._generate(
                self.company, date(2026, 4, 1)
            )
        lines = records.line_ids.filtered(lambda line: line.order_id in orders)
        for name in ("delivered", "invoiced", "received"):
            self.assertAlmostEqual(
                found["2026-04"][name], sum(lines.mapped(f"booked_{name}_month")), 2
            )

    def test_agrees_with_sql(self):
        order = self.net_contract()
        self.deliver(order, "2026-03-05", pump=7)
        self.net_contract(pricelist_id=self.euro_pricelist().id)
        self.env.flush_all()
        for name, statement in {
            "invoiced": """SELECT to_char(m.invoice_date, 'YYYY-MM'), -SUM(i.balance)
                             FROM account_move_line i
                             JOIN account_move m ON m.id = i.move_id
                            WHERE i.partner_id = %s AND i.display_type = 'product'
                              AND m.move_type = 'out_invoice'
                              AND i.parent_state = 'posted' GROUP BY 1""",
            # what it closed of the invoices, at their rate
            "received": """SELECT to_char(r.max_date, 'YYYY-MM'),
                                  SUM(r.debit_amount_currency / v.invoice_currency_rate)
                             FROM account_partial_reconcile r
                             JOIN account_move_line i ON i.id = r.debit_move_id
                             JOIN account_move v ON v.id = i.move_id
                             JOIN account_move_line x ON x.id = r.credit_move_id
                             JOIN account_move m ON m.id = x.move_id
                            WHERE i.partner_id = %s AND v.move_type = 'out_invoice'
                              AND m.origin_payment_id IS NOT NULL GROUP BY 1""",
        }.items():
            self.env.cr.execute(statement, [self.partner.id])
            expected = {
                month: float(amount) for month, amount in self.env.cr.fetchall()
            }
            found = {
                month: values[name]
                for month, values in self.report(names=[name]).items()
                if values
            }
            self.assertEqual(found, expected)

    # ------------------------------------------------------------------
    # On the screen
    # ------------------------------------------------------------------

    def test_list(self):
        """Rows are found again by their ids, and open their contract."""
        order = self.net_contract()
        self.env.flush_all()
        with freeze_time("2026-05-15 02:00:00"):
            Report = self.env["contract.execution.report"]
            rows = Report.search([("order_id", "=", order.id)])
            self.assertEqual(len(set(rows.ids)), len(rows))
            self.assertGreater(len(rows), 4)
            self.assertLess(max(rows.ids), 2**53)
            self.env.invalidate_all()
            self.assertEqual(set(rows.mapped("number")), {order.contract_number})
            self.assertEqual(sum(rows.mapped("received")), 150)
            self.assertEqual(rows[0].action_open_order()["res_id"], order.id)
            self.assertEqual(rows[0].display_name, order.contract_number)

    def test_filters(self):
        self.pump.categ_id = self.env["product.category"].create({"name": "Pumps"})
        order = self.net_contract()
        self.env.flush_all()
        with freeze_time("2026-05-15 02:00:00"):
            Report = self.env["contract.execution.report"]
            own = [("order_id", "=", order.id)]
            for domain, invoiced in (
                ([("period", "=", "now")], 0),
                ([("period", "=", "last")], 600),
                ([("period", "=", "before")], 400),
                ([("month", ">=", "=1m =1d")], 1000),
                ([("month", ">=", "2027-01-01")], None),
                ([("partner_id", "child_of", self.partner.id)], 1000),
                ([("categ_id", "child_of", self.pump.categ_id.id)], 1000),
                ([("order_id.name", "=", order.name)], 1000),
            ):
                with self.subTest(domain=domain):
                    [[amount]] = Report._read_group(own + domain, [], ["invoiced:sum"])
                    self.assertEqual(amount or 0, invoiced or 0)
            groups = Report.formatted_read_group(
                own, ["month:month", "categ_id"],
                ["collection_rate:avg", "on_time_rate:avg", "delivery_achieved:avg"],
                order="collection_rate:avg desc",
            )  # fmt: skip
            self.assertGreater(len(groups), 2)

    def test_queries_do_not_grow(self):
        costs = []
        for count in (2, 2, 22):
            for _number in range(count):
                self.new_contract("2026-02-20", [(self.service, 1)], "template_net_30")
            self.env["contract.facts"]._fold()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["contract.execution.report"].formatted_read_group(
                [], ["month:month", "team_id"], ["invoiced:sum", "collection_rate:avg"]
            )
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[1], costs[2])
        self.assertLessEqual(costs[1], 12)


class TestExecutionReportRoles(RoleCase):
    """Who sees what of which contracts."""

    def test_rows(self):
        for name in (
            "seller", "owner", "supervisor", "head", "member", "business", "manager",
            "director", "leader", "auditor", "finance",
        ):  # fmt: skip
            with self.subTest(user=name):
                Report = self.env(user=getattr(self, name))["contract.execution.report"]
                rows = Report.search([])
                self.assertIn(self.order, rows.sudo().order_id)
                self.assertTrue(rows.read(["contracted", "partner_id"]))
        for name in ("rival", "outsider", "stranger"):
            with self.subTest(user=name):
                Report = self.env(user=getattr(self, name))["contract.execution.report"]
                self.assertNotIn(self.order, Report.search([]).sudo().order_id)
        for name in ("stock_user", "employee", "portal"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                self.env(user=getattr(self, name))["contract.execution.report"].search(
                    []
                )

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Subsidiary"})
        user = self.new_user(
            "ct_subsidiary",
            "contract_tracking.group_contract_business",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.env(user=user)["contract.execution.report"].search([]))
