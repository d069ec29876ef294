import io
from datetime import date

from freezegun import freeze_time
from lxml import etree
from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, tagged

from .roles import RoleCase
from .test_account import AccountCommon

FIGURES = (
    "total", "delivered_month", "delivered_year", "delivered", "invoiced_month",
    "invoiced_year", "invoiced", "delivered_not_invoiced", "received_month",
    "received_year", "received", "adjusted", "receivable", "matured", "overdue",
)  # fmt: skip


class RegisterCommon(AccountCommon):
    def register(self, domain=(), day="2026-05-15", **context):
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(f"{day} 02:00:00"):
            rows = self.env["contract.register"].with_context(**context)
            rows = rows.search([("partner_id", "=", self.partner.id), *domain])
            rows.read()
        return rows

    def row(self, order, day="2026-05-15"):
        return self.register([("order_id", "=", order.id)], day)

    def assert_figures(self, row, prefix="", **expected):
        self.assertEqual(
            {name: round(row[f"{prefix}{name}"], 2) for name in expected}, expected
        )


class TestRegister(RegisterCommon):
    """台账: a row a contract and a frame agreement, as of today."""

    def test_row(self):
        """10 pumps at 100, net 30 days; 7 delivered in March, 1 came back in May; 400
        and 600 invoiced, 150 paid."""
        order = self.net_contract(
            user_id=self.env.user.id, team_id=self.team.id, contract_number="HT-1",
            contract_signing_date="2026-02-18", contract_end_date="2026-12-31",
        )  # fmt: skip
        picking = self.deliver(order, "2026-03-05", pump=7)
        self.give_back(picking, "2026-05-04", 1)
        row = self.row(order)
        self.assertEqual(row.display_name, "HT-1")
        self.assertEqual((row.kind, row.state), ("contract", "active"))
        self.assertEqual(row.partner_id, self.partner)
        self.assertEqual(row.user_id, self.env.user)
        self.assertEqual(row.team_id, self.team)
        self.assertEqual(row.signing_date, date(2026, 2, 18))
        self.assertEqual(row.effective_date, date(2026, 2, 20))
        self.assertEqual(row.end_date, date(2026, 12, 31))
        self.assertEqual(row.product_id, self.pump)
        self.assertEqual(row.product_names, "Pump")
        self.assertTrue(row.payment_terms)
        expected = {
            "total": 1000, "delivered_month": -100, "delivered_year": 600,
            "delivered": 600, "invoiced_month": 0, "invoiced_year": 1000,
            "invoiced": 1000, "delivered_not_invoiced": -400, "received_month": 0,
            "received_year": 150, "received": 150, "adjusted": 0, "receivable": 850,
            "matured": 1000, "overdue": 850,
        }  # fmt: skip
        self.assert_figures(row, **expected)
        self.assert_figures(row, "booked_", **expected)
        self.assert_figures(row, completion=0.6, collection_rate=0.15)
        self.assert_figures(row, collection_rate_year=0.15)
        self.assertEqual(row.days_overdue, 45)
        row = self.row(order, "2026-04-25")
        self.assert_figures(
            row, received_month=150, invoiced_month=600, matured=400, overdue=250,
            collection_rate=round(150 / 400, 2),
        )  # fmt: skip

    def test_another_year(self):
        """What fell due and was received before is not of this year."""
        order = self.net_contract()
        row = self.row(order, "2027-01-10")
        self.assert_figures(
            row, delivered_year=0, invoiced_year=0, received_year=0, invoiced=1000,
            received=150, collection_rate_year=0, collection_rate=0.15,
        )  # fmt: skip

    def test_months_end_at_the_cut_off(self):
        """The 10th of April is of May where months end on the 9th."""
        order = self.net_contract()
        self.company.contract_cutoff_day = 9
        self.assert_figures(self.row(order, "2026-05-05"), invoiced_month=600)
        self.assert_figures(self.row(order, "2026-05-10"), invoiced_month=0)
        # and the 28th of December of the next year
        with freeze_time("2026-12-28 02:00:00"):
            self.pay(order.invoice_ids[0], "2026-12-28", 50)
        self.assert_figures(
            self.row(order, "2027-01-05"), received_month=50, received_year=50
        )

    def test_two_currencies(self):
        """Half a euro a unit: 1,000 units are 500 euros; invoiced in April at 0.4."""
        euro = self.net_contract(pricelist_id=self.euro_pricelist().id)
        home = self.net_contract()
        rows = self.register([("order_id", "in", (euro + home).ids)])
        row = rows.filtered(lambda r: r.order_id == euro)
        self.assert_figures(row, total=500, invoiced=500, received=150, receivable=350)
        self.assert_figures(row, "booked_", total=1000, invoiced=1150, receivable=850)
        self.env.flush_all()
        with freeze_time("2026-05-15 02:00:00"):
            [[total, receivable, rate, completion]] = rows._read_group(
                [("id", "in", rows.ids)],
                [],
                ["booked_total:sum", "booked_receivable:sum", "collection_rate:avg",
                 "completion:avg"],
            )  # fmt: skip
        self.assertEqual((total, receivable), (2000, 1700))
        # 150 of 500 euros are 300 of 1,000, 150 of 1,000
        self.assertAlmostEqual(rate, 450 / 2000)
        self.assertEqual(completion, 0)

    def test_a_rate_of_nothing(self):
        order = self.new_contract("2026-05-01")
        self.assert_figures(
            self.row(order), collection_rate=0, collection_rate_year=0, completion=0
        )
        with freeze_time("2026-05-15 02:00:00"):
            [[rate]] = self.env["contract.register"]._read_group(
                [("order_id", "=", order.id)], [], ["collection_rate:avg"]
            )
        self.assertFalse(rate)

    def test_frame(self):
        """2,000 called off and invoiced, 500 claimed for the agreement as a whole: the
        sum over the customer counts the same money once, as in the ageing."""
        frame = self.new_frame(team_id=self.team.id)
        order = self.new_contract(
            "2026-02-20", template="template_net_30", contract_frame_id=frame.id
        )
        self.invoice(order, "2026-03-01")
        payment = self.money("2026-04-02", 500)
        self.env["contract.payment.claim"].create(
            {"payment_id": payment.id, "frame_id": frame.id, "amount": 500}
        )
        rows = self.register()
        row = rows.filtered("frame_id")
        self.assertEqual((row.number, row.kind), (frame.name, "frame"))
        self.assertEqual((row.user_id, row.team_id), (frame.owner_id, self.team))
        self.assertEqual(row.product_names, "Pump")
        self.assert_figures(
            row, total=0, delivered=0, received=500, received_year=500, receivable=-500
        )
        call_off = rows - row
        self.assert_figures(
            call_off, "booked_", receivable=1000, overdue=500, relieved=500
        )
        with freeze_time("2026-05-15 02:00:00"):
            ageing = self.env["contract.ageing"].search(
                [("partner_id", "=", self.partner.id)]
            )
            for name in ("receivable", "overdue", "relieved"):
                self.assertEqual(
                    sum(rows.mapped(f"booked_{name}")), sum(ageing.mapped(name))
                )
        self.assertEqual(sum(rows.mapped("booked_received")), 500)
        self.assertEqual(row.action_open_order()["res_id"], frame.id)
        action = row.with_context(contract_figure="received").action_contract_figure()
        opened = self.env["contract.figure.row"].search(action["domain"])
        self.assertEqual(opened.mapped("amount"), [500])

    def test_which(self):
        """Those in effect and those that ended; not those in preparation."""
        draft = self.new_order()
        self.company.contract_effective_rule = "signature"
        confirmed = self.new_contract("2026-03-01")
        self.company.contract_effective_rule = "confirmation"
        active = self.new_contract("2026-03-01")
        ended = self.net_contract()
        with freeze_time("2026-05-01 02:00:00"):
            ended.picking_ids.action_cancel()
            ended._take_reason_step("terminate", "Both agreed")
        self.assertEqual(self.register().order_id, active + ended)
        self.assertFalse((draft + confirmed) & self.register().order_id)

    def test_deviations_and_risk(self):
        order = self.new_contract("2026-03-01", promised="2026-04-10")
        leader = self.new_user("reg_leader", "contract_tracking.group_contract_leader")
        with freeze_time("2026-05-03 02:00:00"):
            Deviation = self.env["contract.deviation"]
            found = Deviation.create({"order_id": order.id, "summary": "Late"})
            waived = Deviation.create({"order_id": order.id, "summary": "Short"})
            waived.with_user(leader)._take_reason_step("waive", "Of no weight")
        row = self.row(order)
        self.assertEqual(
            (row.deviations_new, row.deviations_closed, row.deviations_open), (2, 1, 1)
        )
        self.assertEqual(row.late_deliveries, 1)
        self.assertEqual(row.risk_outstanding, 0)
        action = row.action_view_deviations()
        opened = self.env["contract.deviation"].search(action["domain"])
        self.assertEqual(opened, found + waived)
        row = self.row(order, "2026-06-02")
        self.assertEqual(
            (row.deviations_new, row.deviations_closed, row.deviations_open), (0, 0, 1)
        )

    def test_agrees_with_the_monthly_record(self):
        """On the cut-off day the register says what the record of the month says."""
        orders = self.net_contract() + self.net_contract(
            pricelist_id=self.euro_pricelist().id
        )
        self.deliver(orders[0], "2026-03-05", pump=7)
        self.new_contract("2026-04-03", promised="2026-04-10")
        rows = self.register(day="2026-04-30")
        names = [name for name in FIGURES if name not in ("invoiced_year",)]
        names += [f"booked_{name}" for name in names]
        names += ["collection_rate", "collection_rate_year", "completion"]
        names += ["deviations_new", "deviations_closed", "deviations_open"]
        names += ["number", "user_id", "signing_date", "payment_terms", "product_names"]
        expected = {row.order_id: [row[name] for name in names] for row in rows}
        with freeze_time("2026-05-02 02:00:00"):
            records = self.env["contract.monthly.record"]._generate(
                self.company, date(2026, 4, 1)
            )
        lines = records.line_ids.filtered(lambda line: line.order_id in rows.order_id)
        self.assertEqual(lines.order_id, rows.order_id)
        for line in lines:
            for name, value in zip(names, expected[line.order_id], strict=True):
                with self.subTest(contract=line.number, name=name):
                    if isinstance(value, float):
                        self.assertAlmostEqual(value, line[name], 2)
                    else:
                        self.assertEqual(value, line[name])

    def test_agrees_with_sql(self):
        """What the test reads from the ERP's own rows."""
        home = self.net_contract()
        self.deliver(home, "2026-03-05", pump=7)
        self.net_contract(pricelist_id=self.euro_pricelist().id)
        rows = self.register()
        self.env.cr.execute(
            """SELECT -SUM(balance) FROM account_move_line
                WHERE partner_id = %s AND display_type = 'product'
                  AND parent_state = 'posted'""",
            [self.partner.id],
        )
        self.assertAlmostEqual(
            sum(rows.mapped("booked_invoiced")), float(self.env.cr.fetchone()[0]), 2
        )
        self.env.cr.execute(
            """SELECT SUM(i.balance) FROM account_move_line i
                 JOIN account_account a ON a.id = i.account_id
                  AND a.account_type = 'asset_receivable'
                WHERE i.partner_id = %s AND i.parent_state = 'posted'""",
            [self.partner.id],
        )
        self.assertAlmostEqual(
            sum(rows.mapped("booked_receivable")), float(self.env.cr.fetchone()[0]), 2
        )
        self.env.cr.execute(
            """SELECT SUM(m.quantity * l.price_unit) FROM stock_move m
                 JOIN sale_order_line l ON l.id = m.sale_line_id
                WHERE m.state = 'done' AND l.order_id = %s""",
            [home.id],
        )
        self.assertEqual(
            rows.filtered(lambda r: r.order_id == home).delivered,
            self.env.cr.fetchone()[0],
        )

    # ------------------------------------------------------------------
    # On the screen
    # ------------------------------------------------------------------

    def test_views(self):
        """Every filter and group of the search view finds and adds up."""
        order = self.net_contract(team_id=self.team.id)
        Register = self.env["contract.register"]
        arch = Register.get_view(view_type="search")["arch"]
        self.assertIn('name="late_delivery"', arch)
        self.env.flush_all()
        with freeze_time("2026-05-15 02:00:00"):
            for domain in (
                [("booked_overdue", ">", 0)],
                [("number", "ilike", order.contract_number)],
                [("order_id", "ilike", order.name)],
                [("order_id.order_line.product_id", "ilike", "Pump")],
                [("partner_id", "child_of", self.partner.id)],
                [("state", "in", ("active", "suspended"))],
                [("kind", "!=", "frame")],
                [("health", "=", "at_risk"), ("deviations_open", ">", 0)],
                [("late_deliveries", ">", 0), ("booked_risk_outstanding", "=", 0)],
            ):
                with self.subTest(domain=domain):
                    found = Register.search(domain)
                    self.assertEqual(order in found.order_id, domain[0][0] != "health")
            for group in (
                "kind", "state", "health", "team_id", "user_id", "owner_id",
                "partner_id", "product_id", "signing_date:month", "currency_id",
            ):  # fmt: skip
                with self.subTest(group=group):
                    groups = Register.formatted_read_group(
                        [("order_id", "=", order.id)],
                        [group],
                        ["booked_overdue:sum", "collection_rate:avg", "__count"],
                        order="collection_rate:avg desc",
                    )
                    self.assertEqual(
                        [
                            (row["booked_overdue:sum"], row["collection_rate:avg"])
                            for row in groups
                        ],
                        [(850, 0.15)],
                    )
        self.assertEqual(self.row(order).action_open_order()["res_id"], order.id)

    def test_figures_open(self):
        order = self.net_contract()
        self.deliver(order, "2026-03-05", pump=7)
        row = self.row(order)
        for name in ("delivered", "invoiced", "received", "receivable", "overdue"):
            with self.subTest(figure=name), freeze_time("2026-05-15 02:00:00"):
                action = row.with_context(contract_figure=name).action_contract_figure()
                opened = self.env["contract.figure.row"].search(action["domain"])
                self.assertAlmostEqual(sum(opened.mapped("amount")), row[name], 2)

    def test_queries_do_not_grow(self):
        costs = []
        names = ("booked_total", "booked_overdue", "product_names", "payment_terms")
        spec = {name: {} for name in (*names, "deviations_open", "booked_received")}
        for count in (2, 2, 22):
            for _number in range(count):
                self.new_contract("2026-02-20", [(self.service, 1)], "template_net_30")
            self.env["contract.facts"]._fold()
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["contract.register"].web_search_read([], spec)
            costs.append(self.env.cr.sql_log_count - before)
        self.assertEqual(costs[1], costs[2])
        self.assertLessEqual(costs[1], 12)

    # ------------------------------------------------------------------
    # Spreadsheet
    # ------------------------------------------------------------------

    def sheet(self, domain=(), day="2026-05-15"):
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(f"{day} 02:00:00"):
            content = self.env["contract.register"]._xlsx(
                [("partner_id", "=", self.partner.id), *domain]
            )
        return [
            load_workbook(io.BytesIO(content), data_only=cached).active
            for cached in (True, False)
        ]

    def test_spreadsheet(self):
        self.partner.name = "=HYPERLINK(1)"
        self.net_contract(contract_signing_date="2026-02-18")
        self.net_contract(pricelist_id=self.euro_pricelist().id)
        values, formulas = self.sheet()
        head = [cell.value for cell in values[3]]
        self.assertEqual(values.freeze_panes, "B4")
        rows = [
            dict(zip(head, line, strict=True))
            for line in values.iter_rows(min_row=4, values_only=True)
        ]
        by_currency = {row["Contract Currency"]: row for row in rows[:2]}
        self.assertEqual(by_currency["EUR"]["Contract Amount"], 500)
        self.assertEqual(by_currency["EUR"]["Contract Amount (company currency)"], 1000)
        home = self.company.currency_id.name
        self.assertEqual(by_currency[home]["Overdue Amount"], 850)
        self.assertEqual(by_currency[home]["Signed"].date(), date(2026, 2, 18))
        self.assertEqual(by_currency[home]["Customer"], "=HYPERLINK(1)")
        self.assertEqual(by_currency[home]["Collection Rate"], 0.15)
        place = head.index("Customer") + 1
        self.assertEqual(formulas.cell(4, place).data_type, "s")
        totals = {row[head[0]]: row for row in rows[3:]}
        self.assertEqual(totals["Total EUR"]["Contract Amount"], 500)
        self.assertEqual(totals[f"Total {home}"]["Contract Amount"], 1000)
        self.assertEqual(totals["Total"]["Receivable (company currency)"], 1700)
        place = head.index("Receivable (company currency)") + 1
        last = formulas.max_row
        self.assertTrue(formulas.cell(last, place).value.startswith("=SUBTOTAL(109,"))
        self.assertTrue(formulas.auto_filter.ref)

    def test_spreadsheet_of_all_that_the_list_shows(self):
        Register = self.env["contract.register"]
        arch = etree.fromstring(Register.get_view(view_type="list")["arch"])
        shown = {
            node.get("name")
            for node in arch.iterfind("field")
            if node.get("column_invisible") != "True"
        }
        # the products' names and the companies stand there otherwise
        self.assertEqual(
            shown - set(Register._xlsx_columns()), {"product_id", "company_id"} & shown
        )

    def test_spreadsheet_of_retention(self):
        order = self.new_contract(
            "2026-03-01", template="template_30_60_10", promised="2026-06-01"
        )
        self.deliver(order, "2026-05-20")
        self.happen(order, "event_type_acceptance", "2026-07-15")
        values, _formulas = self.sheet(day="2026-08-01")
        cells = dict(
            zip(
                [cell.value for cell in values[3]],
                [cell.value for cell in values[4]],
                strict=True,
            )
        )
        self.assertEqual(cells["Retention Outstanding"], 100)
        self.assertEqual(cells["Retention Outstanding (company currency)"], 100)
        self.assertEqual(cells["Retention Until"].date(), date(2027, 7, 15))

    def test_spreadsheet_of_nothing(self):
        values, _formulas = self.sheet([("number", "=", "nothing")])
        self.assertEqual(values.max_row, 3)

    def test_spreadsheet_of_what(self):
        order = self.net_contract()
        row = self.row(order)
        self.assertIn("5D", row.action_xlsx()["url"])
        domain = [("signing_date", ">=", "2026-01-01")]
        empty = row.browse().with_context(active_domain=domain)
        self.assertIn("2026-01-01", empty.action_xlsx()["url"])


class TestRegisterRoles(RoleCase):
    """Who sees which contracts."""

    def test_rows(self):
        for name in (
            "seller", "owner", "supervisor", "head", "member", "business", "manager",
            "director", "leader", "auditor", "finance",
        ):  # fmt: skip
            with self.subTest(user=name):
                rows = self.env(user=getattr(self, name))["contract.register"].search(
                    []
                )
                self.assertIn(self.order, rows.sudo().order_id)
                self.assertTrue(rows.read(["booked_overdue", "product_names"]))
        for name in ("rival", "outsider", "stranger"):
            with self.subTest(user=name):
                rows = self.env(user=getattr(self, name))["contract.register"].search(
                    []
                )
                self.assertNotIn(self.order, rows.sudo().order_id)
        for name in ("stock_user", "employee", "portal"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                self.env(user=getattr(self, name))["contract.register"].search([])
            with self.subTest(user=name), self.assertRaises(AccessError):
                self.env(user=getattr(self, name))["contract.register"].action_xlsx()

    def test_other_company(self):
        company = self.env["res.company"].create({"name": "Subsidiary"})
        user = self.new_user(
            "ct_subsidiary",
            "contract_tracking.group_contract_business",
            company_id=company.id,
            company_ids=[Command.set(company.ids)],
        )
        self.assertFalse(self.env(user=user)["contract.register"].search([]))


@tagged("post_install", "-at_install")
class TestRegisterDownload(HttpCase, RoleCase):
    """The spreadsheet over the web."""

    def download(self, login, query=""):
        self.authenticate(login, login)
        return self.url_open(f"/contract_tracking/register/xlsx?{query}")

    def test_download(self):
        answer = self.download("ct_leader", "domain=[]")
        [sheet] = load_workbook(io.BytesIO(answer.content)).worksheets
        numbers = [cell.value for cell in sheet["A"]]
        self.assertIn(self.order.contract_number, numbers)
        self.assertEqual(self.download("ct_stock").status_code, 404)
        self.assertEqual(self.download("ct_portal").status_code, 404)
        answer = self.download("ct_rival")
        [sheet] = load_workbook(io.BytesIO(answer.content)).worksheets
        self.assertNotIn(self.order.contract_number, [c.value for c in sheet["A"]])

    def test_hostile(self):
        for query in (
            "domain=nothing", "domain={}", "domain=5", 'domain=[["nothing","=",1]]',
            'domain=["or"]', "companies=x", "companies=999999", "domain=[[1]]",
            'domain=[["order_id.note","ilike",[1]]]',
        ):  # fmt: skip
            with self.subTest(query=query):
                answer = self.download("ct_leader", query)
                self.assertIn(answer.status_code, (200, 404))
