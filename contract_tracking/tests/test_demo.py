"""The demo data, where a database has it: ./test runs this on one that does."""

from odoo.tests import TransactionCase, tagged
from odoo.tools.safe_eval import safe_eval

USERS = (
    "sales", "sales2", "office", "office2", "overseas", "business", "leader",
    "auditor", "manager", "warehouse", "finance", "production", "service",
)  # fmt: skip


@tagged("post_install", "-at_install")
class TestDemo(TransactionCase):
    """A company of its own, whose contracts and deviations agree with each other, and
    of which everybody can open what he sees."""

    def setUp(self):
        super().setUp()
        self.demo = self.env.ref("contract_tracking.demo_company", False)
        if self.demo:
            self.env = self.env(context={"allowed_company_ids": self.demo.ids})

    def user(self, name):
        return self.env.ref(f"contract_tracking.demo_user_{name}")

    def test_company(self):
        """Contracts, documents and users are the demo company's, and it is a Chinese
        one; nobody else's orders are tracked."""
        if not self.demo:
            return
        self.assertEqual(self.demo.currency_id.name, "CNY")
        self.assertEqual(self.demo.account_fiscal_country_id.code, "CN")
        self.assertTrue(self.demo.partner_id.bank_ids)
        for model in ("sale.order", "contract.deviation", "contract.warning"):
            records = self.env[model].search([])
            if model == "sale.order":
                records = records.filtered("contract_state")
            with self.subTest(model=model):
                self.assertEqual(records.company_id, self.demo)
        for name in USERS:
            self.assertEqual(self.user(name).company_ids, self.demo)
        orders = self.env["sale.order"].search([("contract_state", "!=", False)])
        home = orders.filtered(lambda o: o.partner_id.country_id.code == "CN")
        self.assertEqual(set(home.currency_id.mapped("name")), {"CNY"})
        self.assertEqual(
            set((orders - home).currency_id.mapped("name")), {"USD", "EUR"}
        )
        # 13 % on goods, 6 % on services, nothing on exports
        self.assertTrue(all(home.mapped("amount_tax")))
        self.assertFalse(sum((orders - home).mapped("amount_tax")))

    def test_deviations_agree_with_facts(self):
        """Another search finds nothing new, and what stands is what the facts say."""
        if not self.demo:
            return
        Deviation = self.env["contract.deviation"]
        names = (
            "agreed_date", "agreed_quantity", "agreed_amount",
            "actual_date", "actual_quantity", "actual_amount", "cured_on",
        )  # fmt: skip
        known = Deviation.search([])
        before = {d: [d[name] for name in names] for d in known}
        orders = self.env["sale.order"].search(
            [("contract_state", "in", ("active", "suspended"))]
        )
        self.assertFalse(Deviation._detect(orders))
        for deviation, values in before.items():
            with self.subTest(deviation=deviation.name):
                self.assertEqual([deviation[name] for name in names], values)
        for deviation in known.filtered(lambda d: d.state in ("detected", "analysed")):
            self.assertTrue(deviation.date_deadline)

    def test_every_menu_opens(self):
        """Every menu opens for everybody who sees it."""
        if not self.demo:
            return
        for name in USERS:
            user = self.user(name)
            for menu, action in self.lists_of(user):
                Model = self.env[action.res_model].with_user(user)
                with self.subTest(user=name, menu=menu.complete_name):
                    domain = safe_eval(action.domain or "[]", {"uid": user.id})
                    found = Model.search(domain, limit=5)
                    found.read(["display_name"])

    def lists_of(self, user):
        """The menus of the app that a user sees, with the lists that they open."""
        Menu = self.env["ir.ui.menu"].with_user(user)
        visible = Menu._visible_menu_ids()
        for menu in Menu.browse(visible).sudo():
            above = [int(number) for number in menu.parent_path.split("/") if number]
            module = menu.get_external_id()[menu.id].partition(".")[0]
            if (
                module == "contract_tracking"
                and visible.issuperset(above)
                and menu.action
                and menu.action._name == "ir.actions.act_window"
            ):
                yield menu, menu.action

    def test_late_posting(self):
        """Money of a confirmed month counts among the earlier months of the next."""
        if not self.demo:
            return
        lines = self.env["contract.monthly.record.line"].search([])
        self.assertEqual(sum(lines.mapped("received_adjustment")), 6000)
