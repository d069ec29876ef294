from datetime import timedelta

from freezegun import freeze_time

from odoo import Command

from .roles import RoleCase

MODEL = "contract.execution.plan"


class TestExecutionPlan(RoleCase):
    """What the ERP says will happen for each delivery term of a contract in effect."""

    def rows(self, order, day="2026-09-10"):
        self.env.flush_all()
        with freeze_time(f"{day} 02:00:00"):
            self.env.invalidate_all()
            rows = self.env[MODEL].search([("order_id", "=", order.id)])
            rows.fetch(["late_days"])
            return rows

    def new_goods(self, name="Rotor"):
        return self.env["product.product"].create(
            {
                "name": name,
                "type": "consu",
                "is_storable": True,
                "list_price": 10,
                "taxes_id": False,
            }
        )

    def new_plan(self, *lines, **values):
        return self.new_role_contract(
            "2026-09-01", lines=lines or None, promised="2026-10-01", **values
        )

    def test_reserved_delivered_and_left(self):
        order = self.new_plan((self.pump, 10))
        row = self.rows(order)
        self.assertEqual((row.quantity, row.left_quantity), (10, 10))
        self.assertEqual(row.reserved_quantity, 10)
        self.assertEqual(row.supply, "ready")
        self.assertEqual(str(row.agreed_date), "2026-10-01")
        self.assertEqual(row.late_days, 0)
        self.assertEqual(row.number, order.contract_number or order.name)
        self.deliver(order, "2026-09-05", pump=4)
        row = self.rows(order)
        self.assertEqual((row.delivered_quantity, row.left_quantity), (4, 6))
        self.deliver(order, "2026-09-06")
        row = self.rows(order)
        self.assertEqual((row.left_quantity, row.supply), (0, "done"))
        self.assertFalse(row.expected_date)

    def test_nothing_in_stock_is_short(self):
        rotor = self.new_goods()
        order = self.new_plan((rotor, 3))
        row = self.rows(order)
        self.assertEqual((row.supply, row.missing_quantity), ("short", 3))
        self.assertIn("Rotor 3", row.short_text)
        self.env["stock.quant"]._update_available_quantity(
            rotor, self.warehouse.lot_stock_id, 2
        )
        order.picking_ids.action_assign()
        row = self.rows(order)
        self.assertEqual((row.supply, row.reserved_quantity), ("short", 2))
        self.assertIn("Rotor 1", row.short_text)

    def test_what_is_reserved_serves_the_first_term(self):
        rotor = self.new_goods()
        self.env["stock.quant"]._update_available_quantity(
            rotor, self.warehouse.lot_stock_id, 7
        )
        self.company.contract_effective_rule = "signature"
        with freeze_time("2026-09-01 02:00:00"):
            order = self.new_plan((rotor, 10))
            wizard = self.env["contract.term.split"].create(
                {
                    "term_id": order.contract_term_ids.filtered("line_id").id,
                    "line_ids": [
                        Command.clear(),
                        Command.create({"quantity": 6, "date": "2026-10-01"}),
                        Command.create({"quantity": 4, "date": "2026-11-01"}),
                    ],
                }
            )
            wizard.action_apply()
            order.write(
                {
                    "contract_signing_date": "2026-09-01",
                    "contract_signatory": "Wang Fang",
                }
            )
        rows = self.rows(order).sorted("agreed_date")
        self.assertEqual(rows.mapped("left_quantity"), [6, 4])
        self.assertEqual(rows.mapped("reserved_quantity"), [6, 1])
        self.assertEqual(rows.mapped("supply"), ["ready", "short"])

    def test_expected_later_than_agreed(self):
        order = self.new_plan((self.pump, 10))
        order.picking_ids.move_ids.date = "2026-10-08 02:00:00"
        row = self.rows(order)
        self.assertEqual(str(row.expected_date), "2026-10-08")
        self.assertEqual(row.late_days, 7)
        self.assertIn(row, self.env[MODEL].search([("late_days", ">", 0)]))

    def test_late_days_go_on_until_it_is_delivered(self):
        order = self.new_plan((self.pump, 10), (self.service, 1))
        order.picking_ids.move_ids.date = "2026-09-30 02:00:00"
        rows = self.rows(order, "2026-10-04")
        self.assertEqual(rows.mapped("late_days"), [3, 3])
        self.deliver(order, "2026-10-05")
        rows = self.rows(order, "2026-10-06")
        late = {row.product_id: row.late_days for row in rows}
        self.assertEqual(late, {self.pump: 0, self.service: 5})

    def test_a_service_is_neither_planned_nor_missing_from_the_plan(self):
        order = self.new_plan((self.service, 1))
        self.assertEqual(self.rows(order).supply, "service")

    def test_goods_without_a_move_are_not_planned(self):
        order = self.new_plan((self.pump, 1))
        order.picking_ids.action_cancel()
        self.assertEqual(self.rows(order).supply, "unplanned")

    def test_only_contracts_in_effect(self):
        order = self.new_plan((self.pump, 1))
        self.assertTrue(self.rows(order))
        quotation = self.new_order([(self.pump, 1)])
        self.assertFalse(self.rows(quotation))
        order._action_cancel()
        self.assertFalse(self.rows(order))

    def test_two_steps_reserve_where_the_goods_are(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.new_plan((self.pump, 10))
        row = self.rows(order)
        self.assertEqual((row.reserved_quantity, row.supply), (10, "ready"))
        self.assertTrue(row.expected_date)
        self.assertFalse(row.handover_date)
        self.deliver(order, "2026-09-07", pump=4)
        row = self.rows(order)
        # picked: it stands in the output and is reserved for the customer
        self.assertEqual(str(row.handover_date), "2026-09-07")
        self.assertEqual(row.reserved_quantity, 10)
        self.assertEqual(row.delivered_quantity, 0)

    def test_what_moves_wait_for_two_steps_back(self):
        order = self.new_plan((self.pump, 10))
        move = order.picking_ids.move_ids
        move._do_unreserve()
        stock, supplier = (
            move.location_id,
            self.env.ref("stock.stock_location_suppliers"),
        )
        vals = {
            "product_id": self.pump.id,
            "product_uom_qty": 10,
            "location_id": stock.id,
        }
        Move = self.env["stock.move"]
        middle = Move.create(
            {
                **vals,
                "location_dest_id": stock.id,
                "move_dest_ids": [Command.link(move.id)],
                "date": "2026-09-12 02:00:00",
            }
        )
        Move.create(
            {
                **vals,
                "location_id": supplier.id,
                "location_dest_id": stock.id,
                "move_dest_ids": [Command.link(middle.id)],
                "date": "2026-10-20 02:00:00",
                "state": "assigned",
            }
        )
        move.write({"procure_method": "make_to_order", "state": "waiting"})
        middle.state = "waiting"
        row = self.rows(order)
        self.assertEqual(str(row.expected_date), "2026-10-20")
        self.assertEqual(row.supply, "coming")

    def test_rows_follow_the_contract(self):
        order = self.new_plan((self.pump, 10))
        self.rows(order)
        mine = [("order_id", "=", order.id)]
        for name in ("seller", "business", "leader", "auditor"):
            Plan = self.env[MODEL].with_user(getattr(self, name))
            self.assertTrue(Plan.search(mine), name)
        self.assertFalse(self.env[MODEL].with_user(self.rival).search(mine))
        self.assertFalse(self.env[MODEL].with_user(self.outsider).search(mine))
        self.assertFalse(self.env[MODEL].with_user(self.employee).has_access("read"))
        action = order.with_user(self.seller).action_contract_execution()
        self.assertEqual(action["domain"], mine)

    def test_as_many_queries_for_many(self):
        orders = self.new_plan((self.pump, 1))
        for _i in range(9):
            orders |= self.new_plan((self.pump, 1), (self.valve, 1))
        spec = {n: {} for n in ("supply", "expected_date", "short_text")}

        def count(found):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env[MODEL].web_search_read([("order_id", "in", found.ids)], spec)
            return self.env.cr.sql_log_count - before

        count(orders)
        self.assertLessEqual(count(orders), count(orders[0]) + 1)

    def test_warned_by_the_same_reading(self):
        today = self.company._contract_today()
        order = self.new_role_contract(
            today - timedelta(days=5), promised=today + timedelta(days=5)
        )
        rule = self.env.ref("contract_tracking.warning_rule_delivery")
        rule.write({"action": "on", "days": 0})
        order.picking_ids.move_ids.date += timedelta(days=9)
        self.env.flush_all()
        found = self.env["contract.warning"]._find_rows(order)
        row = self.env[MODEL].search([("order_id", "=", order.id)])
        self.assertEqual(
            [r["expected_date"] for r in found if r["kind"] == "delivery"],
            [row.expected_date],
        )
