from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, JsonRpcException
from odoo.tools import mute_logger

from .roles import RoleCase

LINE_FIELDS = ("contract_opening_quantity",)


class TestContractFields(RoleCase):
    """The fields on documents of core: for those who have a contract role only."""

    def test_every_field_has_groups(self):
        for model in ("sale.order", "sale.order.line", "res.currency"):
            for name in self.contract_fields(model):
                with self.subTest(model=model, field=name):
                    self.assertTrue(self.env[model]._fields[name].groups)

    @mute_logger("odoo.models", "odoo.orm.models")
    def test_outsiders_cannot_read_nor_search(self):
        for user in (self.portal, self.stock_user, self.biller):
            order = self.order.with_user(user)
            # what they may read in core, they still read
            self.assertEqual(order.read(["name"])[0]["name"], self.order.name)
            self.assertFalse(
                [n for n in order.fields_get() if n.startswith("contract_")]
            )
            for name in self.contract_fields("sale.order"):
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        order.read([name])
                    with self.assertRaises(AccessError):
                        order.search([(name, "!=", False)])
            for name in LINE_FIELDS:
                with self.subTest(user=user.login, line_field=name):
                    with self.assertRaises(AccessError):
                        order.order_line.read([name])
                    with self.assertRaises(AccessError):
                        order.order_line.search([(name, "=", 0)])

    @mute_logger("odoo.models", "odoo.orm.models")
    def test_outsiders_cannot_ask_around_the_corner(self):
        Order = self.env["sale.order"].with_user(self.portal)
        Line = self.env["sale.order.line"].with_user(self.portal)
        questions = [
            lambda: Line.search([("order_id.contract_number", "ilike", "HT")]),
            lambda: Order.search([("contract_term_ids.kind", "=", "payment")]),
            lambda: Order.search([], order="contract_number"),
            lambda: Order.formatted_read_group([], ["contract_state"], ["__count"]),
            lambda: Order.formatted_read_group([], [], ["contract_agreed_amount:sum"]),
            lambda: Order.web_search_read([], {"contract_health": {}}),
            lambda: Order.search([("contract_late_payments", ">", 0)]),
        ]
        for number, ask in enumerate(questions):
            with self.subTest(question=number), self.assertRaises(AccessError):
                ask()

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_outsiders_cannot_write(self):
        """Access is checked first: an answer that depends on the value would let them
        guess numbers and names of contracts."""
        values = {
            "contract_number": self.order.contract_number,
            "contract_buyer_id": self.partner.id,
            "contract_supervisor_id": self.stock_user.id,
            "contract_record_interval": "none",
            "contract_signatory": "Somebody",
            "contract_state": "completed",
            "contract_schedule_template_id": False,
            "contract_term_ids": [Command.clear()],
        }
        for user in (self.stock_user, self.biller, self.portal):
            for name, value in values.items():
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        self.order.with_user(user).write({name: value})
        # nor those who see such fields, on contracts that they may not see
        for user in (self.rival, self.outsider, self.auditor):
            for name, value in values.items():
                with self.subTest(user=user.login, field=name):
                    if name == "contract_state":
                        continue  # nobody writes it; the answer tells nothing
                    with self.assertRaises(AccessError):
                        self.order.with_user(user).write({name: value})
        with self.assertRaises(AccessError):
            self.order.order_line.with_user(self.stock_user).write(
                {"contract_opening_quantity": 3}
            )

    @mute_logger("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
    def test_outsiders_take_no_steps(self):
        """They may write orders in core; a contract's steps are none of theirs."""
        quotation = self.new_order(user_id=self.seller.id)
        self.company.contract_track_mode = "manual"
        untracked = self.new_contract("2026-09-04", user_id=self.seller.id)
        self.assertFalse(untracked.contract_state)
        for user in (self.stock_user, self.biller, self.portal, self.leader):
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    quotation.with_user(user).action_contract_assign_number()
                with self.assertRaises(AccessError):
                    untracked.with_user(user).action_contract_track()
        self.assertFalse(quotation.contract_number)
        self.assertFalse(untracked.contract_state)


class TestCoreWork(RoleCase):
    """The warehouse and the accounts do their work on tracked contracts."""

    def test_warehouse(self):
        order = self.order.with_user(self.stock_user)
        order.write({"note": "Call before delivery", "client_order_ref": "PO-7"})
        order.write({"commitment_date": "2026-10-05 02:00:00"})
        order.order_line.write({"name": "Pump, blue"})
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 4, "picked": True})
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        self.assertEqual(order.order_line.qty_delivered, 4)
        picking.move_ids.write({"quantity": 5})
        self.assertEqual(order.order_line.qty_delivered, 5)
        term = self.order.contract_term_ids.filtered("line_id")
        self.assertEqual(term.with_user(self.seller).actual_quantity, 5)

    def test_warehouse_confirms(self):
        """Whoever may confirm in core makes the contract, without a role in it."""
        order = self.new_order(
            template="template_30_70_delivery", user_id=self.seller.id
        )
        order.with_user(self.stock_user).action_confirm()
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(len(order.contract_term_ids), 3)
        self.assertEqual(self.last_row(order).user_id, self.stock_user)

    def test_warehouse_hands_an_order_over(self):
        """A changed office is dated in the history, whoever changes it."""
        west = self.env["crm.team"].create({"name": "West Office"})
        self.order.with_user(self.stock_user).write({"team_id": west.id})
        row = self.order.contract_history_ids.filtered(lambda h: h.kind == "office")
        self.assertEqual(row[:1].new_value, "West Office")
        self.assertEqual(row[:1].user_id, self.stock_user)

    def test_invoicing_and_payment(self):
        order = self.order.with_user(self.biller)
        order.write({"note": "x", "client_order_ref": "PO-8"})
        invoice = order._create_invoices()
        invoice.invoice_date = self.company._contract_today()
        invoice.action_post()
        self.assertEqual(invoice.state, "posted")
        self.env["account.payment.register"].with_user(self.biller).with_context(
            active_model="account.move", active_ids=invoice.ids
        ).create({})._create_payments()
        self.assertEqual(self.order.contract_received_amount, 1000)
        self.assertIn(invoice.payment_state, ("paid", "in_payment"))

    def test_salesperson_confirms_and_invoices(self):
        quotation = self.new_order(
            template="template_30_70_delivery", user_id=self.seller.id
        ).with_user(self.seller)
        quotation.action_confirm()
        self.assertEqual(quotation.contract_state, "active")
        self.assertTrue(quotation.contract_number)
        self.assertEqual(len(quotation.contract_term_ids), 3)
        invoice = quotation._create_invoices()
        self.assertEqual(quotation.invoice_ids, invoice)

    def test_salesperson_without_contract_view_of_others(self):
        """The rival copies nothing he can't read."""
        with self.assertRaises(AccessError):
            self.order.with_user(self.rival).action_contract_renew()

    def test_cancelling_is_guarded_for_them_too(self):
        self.company.contract_cancel_office = True
        for user in (self.stock_user, self.biller):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.order.with_user(user).action_cancel()
        self.assertEqual(self.order.state, "sale")


class TestPortalSignature(RoleCase, HttpCase):
    """A customer's signature confirms the order and makes it a contract."""

    PIXEL = (
        b"iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YA"
        b"AAAASUVORK5CYII="
    )

    def quotation(self):
        order = self.new_order(
            template="template_30_70_delivery",
            user_id=self.seller.id,
            require_signature=True,
            require_payment=False,
        )
        order.write({"partner_id": self.portal.partner_id.id, "state": "sent"})
        return order

    def accept(self, order, token):
        return self.make_jsonrpc_request(
            f"/my/orders/{order.id}/accept",
            {
                "access_token": token,
                "name": "Li Wei",
                "signature": self.PIXEL.decode(),
            },
        )

    def assert_contract(self, order):
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.contract_state, "active")
        self.assertTrue(order.contract_number)
        self.assertEqual(order.contract_owner_id, self.seller)
        self.assertEqual(
            sorted(order.contract_term_ids.mapped("kind")),
            ["delivery", "payment", "payment"],
        )

    def test_portal_user_signs(self):
        order = self.quotation()
        self.authenticate("ct_portal", "ct_portal")
        result = self.accept(order, None)
        self.assertTrue(result.get("force_refresh"), result)
        self.assert_contract(order)
        page = self.url_open(f"/my/orders/{order.id}")
        self.assertEqual(page.status_code, 200)
        self.assertNotIn(order.contract_number, page.text)

    def test_public_signs_with_token(self):
        order = self.quotation()
        result = self.accept(order, order._portal_ensure_token())
        self.assertTrue(result.get("force_refresh"), result)
        self.assert_contract(order)

    def test_payment_rules_hold_for_the_portal(self):
        """Terms that don't add up stop the customer's confirmation as well."""
        order = self.quotation()
        order.contract_term_ids.filtered("percent")[:1].percent = 20
        self.authenticate("ct_portal", "ct_portal")
        with mute_logger("odoo.http"), self.assertRaises(JsonRpcException) as caught:
            self.accept(order, None)
        self.assertEqual(str(caught.exception), "odoo.exceptions.UserError")
        self.env.invalidate_all()
        self.assertEqual(order.state, "sent")

    def test_rpc_of_the_portal(self):
        """Over the wire: fields and methods of contracts are out of reach."""
        self.authenticate("ct_portal", "ct_portal")
        self.order.partner_id = self.portal.partner_id
        self.env.flush_all()

        def call(method, *args, **kwargs):
            return self.make_jsonrpc_request(
                f"/web/dataset/call_kw/sale.order/{method}",
                {
                    "model": "sale.order",
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                },
            )

        [values] = call("read", [self.order.id], ["name"])
        self.assertEqual(values["name"], self.order.name)
        with mute_logger("odoo.http"):
            for method, args in (
                ("read", ([self.order.id], ["contract_number"])),
                ("search", ([("contract_number", "=", "x")],)),
                ("action_contract_complete", ([self.order.id],)),
                ("_take_reason_step", ([self.order.id], "suspend", "because")),
            ):
                with self.subTest(method=method), self.assertRaises(JsonRpcException):
                    call(method, *args)
        self.assertEqual(self.order.contract_state, "active")


class TestCompanies(RoleCase):
    """Every company keeps to itself."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_documents(cls.order)
        cls.other = cls.env["res.company"].create({"name": "South Branch"})
        cls.env.user.company_ids |= cls.other
        roles = (
            "sales_team.group_sale_manager",
            "contract_tracking.group_contract_leader",
            "contract_tracking.group_contract_auditor",
        )
        cls.foreigner = cls.new_user("ct_foreigner", *roles, company_id=cls.other.id)
        cls.both = cls.new_user(
            "ct_both", *roles, company_ids=[Command.set((cls.company + cls.other).ids)]
        )
        cls.departments = cls.env["contract.department"].create(
            [
                {"name": "Works", "company_id": cls.company.id},
                {"name": "Works", "company_id": cls.other.id},
            ]
        )
        cls.templates = cls.env["contract.schedule.template"].create(
            [
                {
                    "name": name,
                    "company_id": company,
                    "line_ids": [
                        Command.create(
                            {
                                "name": "All",
                                "percent": 100,
                                "event_type_id": cls.env.ref(
                                    "contract_tracking.event_type_invoice"
                                ).id,
                            }
                        )
                    ],
                }
                for name, company in (
                    ("Here", cls.company.id),
                    ("There", cls.other.id),
                    ("Everywhere", False),
                )
            ]
        )

    def test_other_company_sees_nothing(self):
        line = self.record.line_ids
        here, there, everywhere = self.templates
        ours = [
            self.order,
            self.order.order_line,
            self.order.contract_term_ids,
            self.event,
            self.document,
            self.record,
            line,
            self.order.contract_history_ids,
            self.departments[0],
            here,
            here.line_ids,
        ]
        for records in ours:
            for record in records:
                with self.subTest(model=record._name):
                    self.assertFalse(
                        record.with_user(self.foreigner).has_access("read")
                    )
                    self.assertTrue(
                        record.with_user(self.both)
                        .with_context(allowed_company_ids=self.company.ids)
                        .has_access("read")
                    )
                    self.assertFalse(
                        record.with_user(self.both)
                        .with_context(allowed_company_ids=self.other.ids)
                        .has_access("read")
                    )
        theirs = (self.departments[1], there, there.line_ids)
        for record in (*theirs, everywhere, everywhere.line_ids):
            with self.subTest(model=record._name):
                self.assertTrue(record.with_user(self.foreigner).has_access("write"))
        for record in theirs:
            with self.subTest(model=record._name):
                self.assertFalse(record.with_user(self.manager).has_access("read"))

    def test_contract_of_the_other_company(self):
        order = (
            self.env["sale.order"]
            .with_user(self.foreigner)
            .create(
                {
                    "partner_id": self.partner.id,
                    "order_line": [Command.create({"product_id": self.service.id})],
                }
            )
        )
        order.action_confirm()
        self.assertEqual(order.company_id, self.other)
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(order.contract_term_ids.company_id, self.other)
        self.assertEqual(order.contract_history_ids.company_id, self.other)
        for user in (self.business, self.manager, self.leader, self.auditor):
            self.assertFalse(order.with_user(user).has_access("read"), user.login)
            self.assertFalse(
                order.contract_term_ids.with_user(user).has_access("read"), user.login
            )

    def test_business_office_of_one_company(self):
        with self.assertRaises(AccessError):
            self.order.with_user(self.foreigner)._take_reason_step("suspend", "because")
        self.assertEqual(self.order.contract_state, "active")

    def test_no_links_across(self):
        with self.assertRaises(UserError):
            self.env["contract.term"].create(
                {
                    "order_id": self.new_order().id,
                    "kind": "milestone",
                    "name": "Test run",
                    "user_id": self.owner.id,
                    "department_id": self.departments[1].id,
                    "due_mode": "date",
                    "date_fixed": "2026-10-01",
                }
            )
