from unittest.mock import patch

from freezegun import freeze_time
from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .common import ContractCommon
from .test_reagreement import ReagreementCase

LOGGER = "odoo.addons.contract_tracking.models.gate.sale_order_supply"


class SupplyCase(ContractCommon):
    """Ten pumps at 100: 30 % deposit before production, 70 % after delivery."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env["contract.gate.rule"].create(
            {
                "reason": "money",
                "checkpoint": "supply",
                "action": "hold",
                "company_id": cls.company.id,
            }
        )

    @classmethod
    def contract(cls, lines=None, template="template_30_70_delivery", **values):
        return cls.new_contract("2026-03-01", lines, template=template, **values)

    @classmethod
    def receive(cls, order, amount, day="2026-03-10"):
        """Money of the customer, claimed for the contract."""
        with freeze_time(f"{day} 02:00:00"):
            payment = cls.env["account.payment"].create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": order.partner_id.id,
                    "currency_id": order.currency_id.id,
                    "amount": amount,
                    "date": day,
                }
            )
            payment.action_post()
            cls.env["contract.payment.claim"].create(
                {
                    "payment_id": payment.id,
                    "order_id": order.id,
                    "amount": amount,
                    "date": day,
                }
            )
        return payment

    def run_cron(self):
        with patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1
        ):
            self.env["sale.order"]._cron_contract_release_supply()

    def assertHeld(self, order):
        self.env.invalidate_all()
        self.assertTrue(order.contract_supply_held)

    def assertFree(self, order, quantity=10):
        self.env.invalidate_all()
        self.assertFalse(order.contract_supply_held)
        self.assertEqual(self.launched(order), quantity)

    def launched(self, order, product=None):
        moves = order.order_line.move_ids.filtered(
            lambda m: m.state != "cancel" and m.product_id == (product or self.pump)
        )
        return sum(
            -m.product_uom_qty
            if m.location_id.usage == "customer"
            else m.product_uom_qty
            for m in moves
        )

    def dated(self, order):
        rows = self.env["contract.history"].search(
            [("order_id", "=", order.id), ("kind", "=", "supply")], order="id"
        )
        return rows.mapped("new_value")


class TestGateSupply(SupplyCase):
    # ------------------------------------------------------------------
    # Held
    # ------------------------------------------------------------------

    def test_held_until_the_deposit_is_there(self):
        order = self.contract()
        self.assertHeld(order)
        self.assertEqual((order.state, order.contract_state), ("sale", "active"))
        self.assertFalse(order.picking_ids)
        self.assertRegex(
            order.contract_supply_text, r"300\.00 is missing: .*300\.00 has to be paid"
        )
        self.assertEqual(self.dated(order), ["Held"])
        with self.assertRaisesRegex(UserError, r"is held\.\n• .*300\.00 is missing"):
            order.action_contract_release_supply()
        self.receive(order, 200)
        with self.assertRaisesRegex(UserError, r"• .*100\.00 is missing"):
            order.action_contract_release_supply()
        self.receive(order, 100)
        self.env.invalidate_all()
        self.assertIn("Nothing holds it any more", order.contract_supply_text)
        order.action_contract_release_supply()
        self.assertFree(order)
        self.assertFalse(order.contract_supply_text)
        self.assertEqual(self.dated(order), ["Held", "Released"])
        self.assertEqual(order.picking_ids.state, "assigned")

    def test_released_once(self):
        order = self.contract()
        self.receive(order, 300)
        order.action_contract_release_supply()
        with self.assertRaisesRegex(UserError, "is not held: there is nothing"):
            order.action_contract_release_supply()
        self.assertFree(order)
        self.run_cron()
        self.assertFree(order)

    def test_paid_before_it_is_confirmed(self):
        order = self.new_order(template="template_30_70_delivery")
        order.action_contract_assign_number()
        self.receive(order, 300, "2026-02-20")
        with freeze_time("2026-03-01 02:00:00"):
            order.action_confirm()
        self.assertFree(order)
        self.assertFalse(self.dated(order))

    def test_nothing_precedes_production(self):
        self.assertFree(self.contract(template="template_full_before"))
        self.assertFree(self.contract(template="template_net_30"))

    def test_what_is_not_tracked(self):
        self.company.contract_track_mode = "manual"
        order = self.contract(template=False)
        self.assertFalse(order.contract_state)
        self.assertFree(order)

    def test_warning_only(self):
        self.rule.action = "warn"
        order = self.contract()
        self.assertFree(order)
        self.assertIn("300.00 is missing", order.contract_supply_text)
        self.deliver(order, "2026-03-20")
        self.env.invalidate_all()
        self.assertFalse(order.contract_supply_text)

    def test_several_at_once(self):
        orders = self.env["sale.order"].union(
            *(self.new_order(template="template_30_70_delivery") for _n in range(3))
        )
        orders[1].contract_schedule_template_id = False
        with freeze_time("2026-03-01 02:00:00"):
            orders.action_confirm()
        self.assertHeld(orders[0])
        self.assertFree(orders[1])
        self.assertHeld(orders[2])

    def test_rule_of_another_office(self):
        self.rule.team_ids = self.env["crm.team"].create({"name": "West Office"})
        self.assertFree(self.contract(team_id=self.team.id))

    def test_services_go_on(self):
        order = self.contract([(self.pump, 10), (self.service, 2)])
        self.assertHeld(order)
        line = order.order_line.filtered(lambda ln: ln.product_id == self.service)
        line.qty_delivered = 2
        self.assertEqual(line.qty_delivered, 2)
        order = self.contract([(self.service, 2)])
        self.env.invalidate_all()
        self.assertFalse(order.contract_supply_held)

    def test_nothing_is_made_or_bought(self):
        """To order, the goods are neither made nor is their purchase proposed."""
        route = self.warehouse.mto_pull_id.route_id
        route.active = True
        manufacture = self.warehouse.manufacture_pull_id.route_id
        part = self.env["product.product"].create({"name": "Casting", "type": "consu"})
        made = self.env["product.product"].create(
            {
                "name": "Special pump",
                "type": "consu",
                "is_storable": True,
                "list_price": 100,
                "taxes_id": False,
                "route_ids": [Command.set((route | manufacture).ids)],
                "bom_ids": [
                    Command.create(
                        {
                            "product_qty": 1,
                            "bom_line_ids": [
                                Command.create(
                                    {"product_id": part.id, "product_qty": 1}
                                )
                            ],
                        }
                    )
                ],
            }
        )
        order = self.contract([(made, 10)])
        Production = self.env["mrp.production"]
        self.assertHeld(order)
        self.assertFalse(Production.search([("product_id", "=", made.id)]))
        self.receive(order, 300)
        order.action_contract_release_supply()
        self.assertEqual(
            Production.search([("product_id", "=", made.id)]).product_qty, 10
        )

    # ------------------------------------------------------------------
    # Changes
    # ------------------------------------------------------------------

    def test_changes_of_what_is_held(self):
        order = self.contract()
        line = order.order_line
        line.product_uom_qty = 12
        self.assertEqual(self.launched(order), 0)
        line.product_uom_qty = 7
        self.assertEqual(self.launched(order), 0)
        order.order_line = [
            Command.create({"product_id": self.valve.id, "product_uom_qty": 5})
        ]
        self.assertEqual(self.launched(order, self.valve), 0)
        self.receive(order, 300)
        order.action_contract_release_supply()
        self.assertFree(order, 7)
        self.assertEqual(self.launched(order, self.valve), 5)

    def test_more_of_what_was_launched(self):
        """More is held by a new reason, less never is."""
        order = self.contract()
        payment = self.receive(order, 300)
        order.action_contract_release_supply()
        payment.action_draft()
        order.order_line.product_uom_qty = 14
        self.assertHeld(order)
        self.assertEqual(self.launched(order), 10)
        order.order_line.product_uom_qty = 8
        self.assertHeld(order)
        self.assertEqual(self.launched(order), 8)
        order.order_line.product_uom_qty = 11
        self.assertEqual(self.launched(order), 8)
        self.receive(order, 300)
        order.action_contract_release_supply()
        self.assertFree(order, 11)

    def test_kits(self):
        part = self.env["product.product"].create({"name": "Motor", "type": "consu"})
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.pump.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": part.id, "product_qty": 2})
                ],
            }
        )
        order = self.contract()
        self.assertEqual(self.launched(order, part), 0)
        order.order_line.product_uom_qty = 12
        order.order_line.product_uom_qty = 9
        self.assertEqual(self.launched(order, part), 0)
        payment = self.receive(order, 300)
        order.action_contract_release_supply()
        self.assertEqual(self.launched(order, part), 18)
        payment.action_draft()
        order.order_line.product_uom_qty = 12
        order.order_line.product_uom_qty = 9
        self.assertEqual(self.launched(order, part), 18)
        self.assertHeld(order)

    def test_suspended(self):
        """Of a suspended contract nothing is launched, without any rule."""
        self.rule.action = "off"
        order = self.contract()
        self.assertFree(order)
        order._take_reason_step("suspend", "They asked for a pause.")
        order.order_line.product_uom_qty = 15
        self.assertHeld(order)
        with self.assertRaisesRegex(UserError, "is “Suspended”"):
            order.action_contract_release_supply()
        self.assertIn("Suspended", order.contract_supply_text)
        self.assertEqual(self.launched(order), 10)
        self.run_cron()
        self.assertHeld(order)
        order._take_reason_step("resume", "They go on.")
        self.run_cron()
        self.assertFree(order, 15)

    def test_cancelled_orders_forget_it(self):
        order = self.contract()
        order._take_reason_step("cancel", "A mistake.")
        self.env.invalidate_all()
        self.assertFalse(order.contract_supply_held)
        order.action_draft()
        self.rule.action = "off"
        with freeze_time("2026-03-20 02:00:00"):
            order.action_confirm()
        self.assertFree(order)

    def test_a_mistake_can_be_deleted(self):
        """That its supply was held is nothing that somebody wrote down."""
        self.rule.reason = "credit"
        self.company.account_use_credit_limit = True
        self.partner.credit_limit = 500
        order = self.contract(template=False)
        self.assertHeld(order)
        self.assertIn("credit limit", order.contract_supply_text)
        self.assertFalse(order.copy().contract_supply_held)
        order.action_cancel()
        self.assertTrue(self.dated(order))
        order.unlink()
        self.assertFalse(order.exists())

    def test_locked_orders(self):
        self.env.user.group_ids |= self.env.ref("sale.group_auto_done_setting")
        order = self.contract()
        self.assertTrue(order.locked)
        self.assertHeld(order)
        self.receive(order, 300)
        order.action_contract_release_supply()
        self.assertFree(order)
        self.assertTrue(order.locked)

    # ------------------------------------------------------------------
    # By itself
    # ------------------------------------------------------------------

    def test_released_by_itself(self):
        paid, unpaid = self.contract(), self.contract()
        self.receive(paid, 300)
        self.run_cron()
        self.assertFree(paid)
        self.assertEqual(self.dated(paid), ["Held", "Released"])
        self.assertHeld(unpaid)
        self.assertFalse(unpaid.picking_ids)

    def test_rule_taken_away(self):
        order = self.contract()
        self.rule.action = "off"
        self.run_cron()
        self.assertFree(order)

    def test_one_that_fails_stops_no_other(self):
        first, second = self.contract(), self.contract()
        for order in (first, second):
            self.receive(order, 300)
        message = "No rule has been found."
        Line = type(self.env["sale.order.line"])
        launch = Line._action_launch_stock_rule

        def failing(self, **kwargs):
            if self.order_id == first:
                raise UserError(message)
            return launch(self, **kwargs)

        with (
            patch.object(Line, "_action_launch_stock_rule", failing),
            self.assertLogs(LOGGER, "WARNING") as logs,
        ):
            self.run_cron()
        self.assertIn("No rule has been found", logs.output[0])
        self.assertHeld(first)
        self.assertEqual(self.dated(first), ["Held"])
        self.assertFree(second)

    def test_batches(self):
        for _n in range(3):
            self.receive(self.contract(), 300)
        path = "odoo.addons.contract_tracking.models.gate.sale_order_supply.in_batches"
        sizes = []

        def ones(records, size):
            for record in records:
                sizes.append(size)
                yield record

        with patch(path, ones):
            self.env["sale.order"]._cron_contract_release_supply()
        self.assertEqual(sizes, [100] * 3)
        self.assertFalse(
            self.env["sale.order"].search_count([("contract_supply_held", "=", True)])
        )

    # ------------------------------------------------------------------
    # Permitted
    # ------------------------------------------------------------------

    def test_permitted(self):
        """Asked with what would be launched; used up only by what is launched."""
        order = self.contract()
        Gate = type(self.env["contract.gate"])
        asked = []

        def permit(gate, step, reasons, consume=True):
            asked.append((step.order, step.checkpoint, step.lines, consume))
            return [r for r in reasons if r.code != "money"]

        with patch.object(Gate, "_permit", permit):
            order.action_contract_release_supply()
        self.assertFree(order)
        missing = {order.order_line: 10.0}
        self.assertEqual(
            asked,
            [(order, "supply", missing, False), (order, "supply", missing, True)],
        )

    def test_permitted_is_what_is_launched(self):
        """More of one line, while another one lacks goods that were cancelled."""
        self.rule.action = "off"
        order = self.contract([(self.pump, 10), (self.valve, 5)])
        pumps, valves = order.order_line
        valves.move_ids._action_cancel()
        self.rule.action = "hold"
        asked = []

        def permit(gate, step, reasons, consume=True):
            asked.append((step.lines, step.amount))
            return []

        with patch.object(type(self.env["contract.gate"]), "_permit", permit):
            pumps.product_uom_qty = 13
        self.assertEqual(asked, [({pumps: 3.0}, 300.0)] * 2)
        self.assertEqual(self.launched(order), 13)
        self.assertEqual(self.launched(order, self.valve), 0)

    def test_permitted_in_part_uses_up_nothing(self):
        self.rule.copy({"reason": "unsigned"})
        self.company.contract_effective_rule = "signature"
        consumed = []

        def permit(gate, step, reasons, consume=True):
            consumed.append(consume)
            return [r for r in reasons if r.code != "money"]

        with patch.object(type(self.env["contract.gate"]), "_permit", permit):
            order = self.contract()
        self.assertHeld(order)
        self.assertIn("not in effect", order.contract_supply_text)
        self.assertEqual(set(consumed), {False})

    # ------------------------------------------------------------------
    # Who and where
    # ------------------------------------------------------------------

    def test_nobody_writes_it(self):
        order = self.contract()
        with self.assertRaises(UserError):
            order.contract_supply_held = False
        with self.assertRaises(UserError):
            order.sudo().write({"contract_supply_held": False})
        self.assertHeld(order)
        free = self.new_order()
        created = (
            self.env["sale.order"]
            .with_context(default_contract_supply_held=True)
            .create({"partner_id": self.partner.id})
        )
        self.assertFalse(created.contract_supply_held or free.contract_supply_held)

    def test_filter_and_banner(self):
        held, free = self.contract(), self.contract(template=False)
        found = self.env["sale.order"].search([("contract_supply_held", "=", True)])
        self.assertIn(held, found)
        self.assertNotIn(free, found)
        for xmlid, name in (
            ("contract_tracking.sale_order_contract_view_search", "supply_held"),
            ("sale.view_sales_order_filter", "contract_supply_held"),
        ):
            view = self.env["sale.order"].get_view(self.env.ref(xmlid).id, "search")
            tree = etree.fromstring(view["arch"])
            self.assertTrue(tree.xpath(f"//filter[@name='{name}']"), xmlid)
        form = Form(held)
        self.assertIn("is missing", form.contract_supply_text)


class TestGateSupplyRoles(ReagreementCase):
    def test_who_releases(self):
        unguarded(self.order).contract_supply_held = True
        for user in (self.rival, self.auditor, self.stock_user, self.employee):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                self.order.with_user(user).action_contract_release_supply()
        self.order.with_user(self.seller).action_contract_release_supply()
        self.assertFalse(self.order.contract_supply_held)

    @mute_logger("odoo.http")
    def test_sold_by_somebody_without_the_warehouse(self):
        self.env["contract.gate.rule"].create(
            {"reason": "money", "checkpoint": "supply", "action": "hold"}
        )
        order = self.new_order(
            template="template_30_70_delivery",
            user_id=self.seller.id,
            team_id=self.team.id,
        )
        order.with_user(self.seller).action_confirm()
        self.assertTrue(order.contract_supply_held)
        self.env["contract.gate.rule"].search([]).action = "off"
        order.with_user(self.seller).action_contract_release_supply()
        self.assertEqual(order.picking_ids.move_ids.product_uom_qty, 10)


class TestGateSupplyQueries(SupplyCase):
    """Without a rule that holds supply, nothing is read for it."""

    def cost(self, what, *args):
        self.env["contract.facts"]._fold()
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        what(*args)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def costs(self, make, what):
        """What it costs without the gate of supply, and with it but without rule."""
        self.rule.action = "off"
        Order = type(self.env["sale.order"])
        none = patch.object(
            Order, "_contract_hold_supply", lambda self, lines: self.browse()
        )
        with none:
            self.cost(what, make())
            without = self.cost(what, make())
        return without, self.cost(what, make())

    def test_confirm(self):
        without, with_gate = self.costs(
            lambda: self.new_order(template="template_30_70_delivery"),
            lambda order: order.action_confirm(),
        )
        self.assertEqual(with_gate, without)

    def test_quantity(self):
        def more(order):
            order.order_line.product_uom_qty += 5

        without, with_gate = self.costs(self.contract, more)
        self.assertEqual(with_gate, without)

    def test_several_with_a_rule(self):
        """What is asked is asked for all of them at once; core searches the kit of each
        line, and permission is asked for each that is held."""

        def begin(count):
            orders = self.env["sale.order"].union(
                *(
                    self.new_order(template="template_30_70_delivery")
                    for _n in range(count)
                )
            )
            return self.cost(orders._contract_supply_begin) - 2 * count

        begin(1)
        self.assertLessEqual(begin(5), begin(2))
