"""A neighbour that others don't notice: what core and other addons do, they do as
without the addon."""

from datetime import date
from unittest.mock import patch

from lxml import etree

from odoo.exceptions import UserError

from .common import ContractCommon
from .roles import RoleCase


class TestCancel(RoleCase):
    """Who may cancel an order in core may cancel the contract."""

    def plain(self, **values):
        """A contract in effect of which nobody wrote anything down."""
        return self.new_contract(
            "2026-09-01",
            **{"user_id": self.seller.id, "team_id": self.team.id, **values},
        )

    def assert_followed(self, order, user=None):
        self.assertEqual(order.state, "cancel")
        self.assertEqual(order.contract_state, "cancelled")
        self.assertFalse(order.contract_next_record_date)
        row = self.last_row(order, ("kind", "=", "state"))
        self.assertEqual(row.new_value, "cancelled")
        self.assertEqual(row.reason, "Cancelled with its order")
        self.assertEqual(row.user_id, user or self.env.user)

    def test_code_cancels(self):
        for cancel in (
            lambda order: order.action_cancel(),
            lambda order: order._action_cancel(),
            lambda order: order.write({"state": "cancel"}),
            lambda order: (
                self.env["sale.mass.cancel.orders"]
                .with_context(active_ids=order.ids)
                .create({})
                .action_mass_cancel()
            ),
        ):
            order = self.plain()
            self.assertEqual(order.contract_state, "active")
            cancel(order)
            self.assert_followed(order)

    def test_several_and_suspended(self):
        orders = self.plain() + self.plain() + self.new_order(user_id=self.seller.id)
        orders[0].with_user(self.business)._take_reason_step("suspend", "No credit")
        orders.with_user(self.seller).action_cancel()
        for order in orders[:2]:
            self.assert_followed(order, self.seller)
        self.assertFalse(orders[2].contract_state)

    def test_whoever_may_in_core(self):
        for user in (self.seller, self.director, self.biller):
            order = self.plain()
            order.with_user(user).action_cancel()
            self.assert_followed(order, user)
        for user in (self.rival, self.auditor, self.employee):
            order = self.plain()
            with self.assertRaises(UserError):
                order.with_user(user).action_cancel()
            self.assertEqual(order.contract_state, "active")

    def test_people_are_asked(self):
        """The button of the form says that a person presses it."""
        arch = self.env["sale.order"].with_user(self.seller).get_view(view_type="form")
        [button] = etree.fromstring(arch["arch"]).xpath(
            "//button[@name='action_cancel']"
        )
        self.assertEqual(button.get("context"), "{'contract_ask': True}")
        order = self.plain().with_user(self.seller).with_context(contract_ask=True)
        action = order.action_cancel()
        self.assertEqual(action["res_model"], "contract.reason")
        self.assertEqual(order.state, "sale")
        wizard = self.env["contract.reason"].with_user(self.seller)
        wizard = wizard.with_context(**action["context"]).create({"reason": "Gone"})
        wizard.action_apply()
        self.assertEqual(order.state, "cancel")
        row = self.last_row(order, ("kind", "=", "state"))
        self.assertEqual(row.reason, "Gone")
        # what is not in effect needs no words, nor does it of who follows no contracts
        quotation = self.new_order(user_id=self.seller.id)
        quotation.with_user(self.seller).with_context(contract_ask=True).action_cancel()
        self.assertEqual(quotation.state, "cancel")
        order = self.plain()
        plain = self.new_user("ct_plain", "base.group_user")
        self.env["ir.model.access"].create(
            {
                "name": "an addon lets others cancel",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "group_id": self.env.ref("base.group_user").id,
                "perm_read": True,
                "perm_write": True,
            }
        )
        order.with_user(plain).with_context(contract_ask=True).write(
            {"state": "cancel"}
        )
        self.assert_followed(order, plain)

    def test_who_reads_only_is_not_asked(self):
        order = self.plain()
        with self.assertRaises(UserError):
            order.with_user(self.auditor)._take_reason_step("cancel", "Gone")
        self.assertEqual(order.contract_state, "active")

    def test_locked_as_in_core(self):
        order = self.plain()
        order.action_lock()
        for call in (
            order.action_cancel,
            lambda: order.with_user(self.seller)._take_reason_step("cancel", "Gone"),
        ):
            with self.assertRaisesRegex(UserError, "locked"), self.env.cr.savepoint():
                call()
        self.assertEqual(order.contract_state, "active")

    def test_only_the_business_office(self):
        self.company.contract_cancel_office = True
        order = self.plain()
        for call in (
            order.with_user(self.seller).action_cancel,
            order.with_user(self.seller)._action_cancel,
            lambda: order.with_user(self.seller)._take_reason_step("cancel", "Gone"),
            lambda: order.write({"state": "cancel"}),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                call()
        self.assertEqual(order.contract_state, "active")
        action = order.with_user(self.business).action_cancel()
        self.assertEqual(action["res_model"], "contract.reason")
        order.with_user(self.business)._take_reason_step("cancel", "Gone")
        self.assertEqual(order.contract_state, "cancelled")
        # what isn't in effect is cancelled as in core
        self.company.contract_effective_rule = "signature"
        order = self.plain()
        order.with_user(self.seller).action_cancel()
        self.assert_followed(order, self.seller)

    def test_of_the_contracts_company(self):
        self.company.contract_cancel_office = True
        other = self.env["res.company"].create({"name": "Harbour Ltd"})
        self.assertFalse(other.contract_cancel_office)

    # ------------------------------------------------------------------
    # Deleting
    # ------------------------------------------------------------------

    def test_nothing_recorded_goes(self):
        """Confirmed by mistake, cancelled, deleted: as in core."""
        order = self.plain()
        with self.assertRaises(UserError):
            order.unlink()
        order._action_cancel()
        order.unlink()
        self.assertFalse(order.exists())
        order = self.plain()
        order.action_cancel()
        order.action_draft()
        order.action_confirm()
        order.action_cancel()
        order.action_draft()
        order.unlink()
        self.assertFalse(order.exists())

    def test_what_is_recorded_stays(self):
        def paper(order):
            self.env["contract.document"].create(
                {
                    "name": "Minutes",
                    "order_id": order.id,
                    "type_id": self.env["contract.document.type"]
                    .search([], limit=1)
                    .id,
                }
            )

        def delivered(order):
            order.order_line.qty_delivered = 1

        recorded = {
            "a reason": lambda o: o._take_reason_step("cancel", "Gone"),
            "a fact": lambda o: o.write({"contract_signatory": "Wang"}),
            "a waiver": lambda o: o.contract_term_ids[0]._waive("Settled"),
            "suspended": lambda o: o._take_reason_step("suspend", "Wait"),
            "a record": lambda o: self.env["contract.tracking.record"].create(
                {"order_id": o.id}
            ),
            "a paper": paper,
            "a delivery": delivered,
            "a renewal": lambda o: o.action_contract_renew(),
            "an invoice": lambda o: o._create_invoices().action_post(),
        }
        for name, record in recorded.items():
            order = self.new_contract(
                "2026-09-01",
                [(self.service, 3)],
                user_id=self.seller.id,
                team_id=self.team.id,
            )
            record(order)
            if order.state == "sale":
                order.action_cancel()
            with self.subTest(name), self.assertRaisesRegex(UserError, "as evidence"):
                order.unlink()


class TestTimeZone(ContractCommon):
    """Days of a company are those of its country, whatever its calendar says."""

    def zone(self, country=None, user_tz="Europe/Rome", **values):
        self.env.user.tz = user_tz
        country = country and self.env.ref(f"base.{country}").id
        company = self.env["res.company"].create(
            {"name": f"{country} {user_tz} {values}", "country_id": country, **values}
        )
        return company.contract_tz

    def test_of_the_country(self):
        self.env.company.resource_calendar_id.tz = "UTC"
        for country, zone in (
            ("cn", "Asia/Shanghai"),
            ("fr", "Europe/Paris"),
            ("in", "Asia/Kolkata"),
            ("de", "Europe/Berlin"),
            ("es", "Europe/Madrid"),
            ("us", "America/New_York"),
            ("au", "Australia/Sydney"),
            ("br", "America/Sao_Paulo"),
            ("ru", "Europe/Moscow"),
        ):
            self.assertEqual(self.zone(country), zone)

    def test_of_the_user_in_his_country(self):
        self.assertEqual(self.zone("us", "America/Los_Angeles"), "America/Los_Angeles")
        self.assertEqual(self.zone("cn", "Asia/Urumqi"), "Asia/Urumqi")
        self.assertEqual(self.zone("cn", "America/Los_Angeles"), "Asia/Shanghai")

    def test_without_country(self):
        self.env.company.resource_calendar_id.tz = "UTC"
        self.assertEqual(self.zone(), "Europe/Rome")
        self.env.ref("base.user_admin").tz = "Asia/Tokyo"
        self.assertEqual(self.zone(user_tz=False), "Asia/Tokyo")

    def test_branch(self):
        parent = self.env["res.company"].create(
            {"name": "Head", "country_id": self.env.ref("base.cn").id}
        )
        parent.contract_tz = "Asia/Urumqi"
        self.assertEqual(self.zone(parent_id=parent.id), "Asia/Urumqi")

    def test_what_somebody_chose(self):
        self.assertEqual(self.zone("cn", contract_tz="Asia/Urumqi"), "Asia/Urumqi")
        company = self.env["res.company"].create(
            {"name": "Mover", "country_id": self.env.ref("base.cn").id}
        )
        company.country_id = self.env.ref("base.fr")
        company.resource_calendar_id.tz = "UTC"
        self.assertEqual(company.contract_tz, "Asia/Shanghai")

    def test_at_installation(self):
        """Installed by the program: for the person who asked for it."""
        module = self.env.ref("base.module_contract_tracking")
        person = self.new_user("ct_installer", "base.group_system")
        person.tz = "Asia/Tokyo"
        robot = self.env.ref("base.user_root")
        robot.tz = False
        self.env.cr.execute(
            "UPDATE ir_module_module SET write_uid = %s WHERE id = %s",
            [person.id, module.id],
        )
        module.invalidate_recordset()
        Company = self.env["res.company"].with_user(robot)
        companies = Company.create([{"name": "Somewhere"}, {"name": "Beijing"}])
        companies[1].country_id = self.env.ref("base.cn")
        for company in companies:
            company.resource_calendar_id.tz = "UTC"
        self.env.add_to_compute(Company._fields["contract_tz"], companies)
        self.assertEqual(
            companies.mapped("contract_tz"), ["Asia/Tokyo", "Asia/Shanghai"]
        )


class TestLineDate(RoleCase):
    """Another app keeps a delivery date on each line: that is the agreed date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["ir.model.fields"].create(
            {
                "name": "x_commitment_date",
                "model_id": cls.env["ir.model"]._get("sale.order.line").id,
                "field_description": "Delivery Date",
                "ttype": "datetime",
            }
        )
        line = type(cls.env["sale.order.line"])
        patcher = patch.object(
            line, "_contract_own_date", lambda self: "x_commitment_date"
        )
        cls.startClassPatcher(patcher)
        cls.registry.clear_cache()
        cls.addClassCleanup(cls.registry.clear_cache)

    def test_order_without_date(self):
        order = self.new_order([(self.pump, 10), (self.valve, 10)])
        pump, valve = order.order_line
        pump.x_commitment_date = "2026-10-09 17:00:00"
        order.action_confirm()
        terms = order.contract_term_ids
        self.assertEqual(terms[0].date_fixed, date(2026, 10, 10))
        self.assertEqual(terms[1].date_fixed, valve._contract_agreed_date())

    def test_moved_line_is_proposed(self):
        order = self.new_order([(self.pump, 10), (self.valve, 10)])
        pump = order.order_line[0]
        pump.x_commitment_date = "2026-10-10 02:00:00"
        order.action_confirm()
        supplement = self.env.ref("contract_tracking.document_type_supplement")
        paper = self.env["contract.document"].create(
            {"name": "1", "order_id": order.id, "type_id": supplement.id}
        )
        reagreement = self.env["contract.reagreement"].create(
            {
                "order_id": order.id,
                "document_id": paper.id,
                "date_from": self.company._contract_today(),
                "reason": "The customer asked for it.",
            }
        )
        with self.assertRaisesRegex(UserError, "as agreed"):
            reagreement.action_propose()
        pump.x_commitment_date = "2026-10-20 02:00:00"
        reagreement.action_propose()
        self.assertEqual(reagreement.line_ids.line_id, pump)
        self.assertEqual(reagreement.line_ids.date_fixed, date(2026, 10, 20))
