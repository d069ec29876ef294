from datetime import timedelta

from odoo.tests import Form, HttpCase

from .roles import RoleCase


class TestTours(RoleCase, HttpCase):
    """The screens, used by those who use them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        today = cls.company._contract_today()
        cls.signed = today - timedelta(days=60)
        cls.past, cls.future = (today + timedelta(days=n) for n in (-30, 60))
        customers = cls.env["res.partner"].create(
            [{"name": "Tardy Pumps"}, {"name": "Punctual Pumps"}]
        )
        cls.tardy, cls.punctual = (
            cls.new_role_contract(
                cls.signed,
                promised=promised,
                template="template_30_60_10",
                partner_id=customer.id,
            )
            for promised, customer in zip(
                (cls.past, cls.future), customers, strict=True
            )
        )

    def test_salesperson(self):
        self.company.contract_effective_rule = "signature"
        self.pump.name = "Contract Pump"
        before = self.env["sale.order"].search([])
        self.start_tour("/odoo/sales/new", "contract_salesperson", login="ct_seller")
        order = self.env["sale.order"].search([]) - before
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(order.contract_signatory, "Zhou Guohua")
        self.assertEqual(
            order.contract_schedule_template_id,
            self.template("template_30_70_delivery"),
        )
        record = order.contract_record_ids
        self.assertEqual(record.state, "confirmed")
        self.assertEqual(record.summary, "Everything is on its way.")
        self.assertEqual(record.confirmed_by_id, self.seller)

    def test_business_office(self):
        term = self.tardy.contract_term_ids.filtered("line_id")
        self.assertEqual(term.status, "overdue")
        # 30 days late are critical
        self.env["contract.deviation"]._detect(self.tardy)
        self.start_tour(
            "/odoo/contracts", "contract_business_office", login="ct_business"
        )
        self.assertEqual(term.status, "waived")
        self.assertEqual(term.waived_reason, "The customer no longer wants it")
        self.assertEqual(self.last_row(self.tardy).user_id, self.business)

    def open_screens(self, user):
        self.env["contract.tracking.record"].create(
            {"order_id": self.tardy.id, "date": self.past}
        )
        self.start_tour("/odoo/contracts", "contract_screens", login=user.login)

    def test_screens_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.seller.lang = "zh_CN"
        self.open_screens(self.seller)

    def test_screens_of_the_auditor(self):
        self.open_screens(self.auditor)


class TestOrderForm(RoleCase, HttpCase):
    """The order form as the client asks for it: all its fields at once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_documents(cls.order)
        cls.deliver(cls.order, "2026-09-20", pump=4)
        cls.invoice(cls.order, "2026-09-21")
        cls.quotation = cls.new_order(user_id=cls.seller.id, team_id=cls.team.id)

    def rpc(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def specification(self, user):
        """What the form view of ``user`` reads, nested lists included."""
        form = Form(self.env["sale.order"].with_user(user), view="sale.view_order_form")
        return form._view["fields_spec"]

    def test_salesperson_over_http(self):
        view = self.env.ref("sale.view_order_form")
        specification = self.specification(self.seller)
        self.assertIn("contract_sentence", specification)
        self.assertIn("status", specification["contract_term_ids"]["fields"])
        self.authenticate("ct_seller", "ct_seller")
        views = self.rpc("sale.order", "get_views", [(view.id, "form")])
        self.assertIn('name="contract_sentence"', views["views"]["form"]["arch"])
        for order in (self.quotation, self.order):
            [values] = self.rpc(
                "sale.order", "web_read", [order.id], specification=specification
            )
            self.assertEqual(
                values["contract_sentence"] or False,
                order.with_user(self.seller).contract_sentence,
            )
            self.assertEqual(
                [term["id"] for term in values["contract_term_ids"]],
                order.contract_term_ids.ids,
            )
        self.assertTrue(values["contract_sentence"].startswith("In effect since"))
        self.assertEqual(values["contract_delivered_amount"], 400)

    def test_everyone_who_answers_opens_it(self):
        for name in (
            "seller",
            "owner",
            "supervisor",
            "head",
            "member",
            "business",
            "manager",
            "leader",
            "auditor",
            "director",
        ):
            order = self.order.with_user(getattr(self, name))
            with self.subTest(user=name):
                form = Form(order, view="sale.view_order_form")
                self.assertTrue(form.contract_sentence)

    def test_others_see_no_contract(self):
        """The warehouse opens the order without the fields of its contract."""
        views = self.order.with_user(self.stock_user).get_views(
            [(self.env.ref("sale.view_order_form").id, "form")]
        )
        self.assertNotIn('name="contract_', views["views"]["form"]["arch"])

    def test_other_forms(self):
        for record in (
            self.record,
            self.event,
            self.document,
            self.order.contract_term_ids[0],
        ):
            for name in ("seller", "owner", "business", "leader", "auditor"):
                with self.subTest(model=record._name, user=name):
                    Form(record.with_user(getattr(self, name)))
