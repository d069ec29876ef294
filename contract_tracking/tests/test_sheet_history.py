from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from ..tools.guard import unguarded
from .common import ContractCommon
from .test_sheet_days import migrate


class TestSheetHistory(ContractCommon):
    """What was delivered is history, whatever becomes of kits, units, prices and
    settings: numbers computed by hand."""

    # ------------------------------------------------------------------
    # Kits: a pump is a motor and two frames
    # ------------------------------------------------------------------

    def kit(self, product=None, **values):
        """A kit of one motor and two frames."""
        self.motor, self.frame = (
            self.env["product.product"].create(
                {"name": name, "type": "consu", "is_storable": True}
            )
            for name in ("Motor", "Frame")
        )
        for part in self.motor + self.frame:
            self.env["stock.quant"]._update_available_quantity(
                part, self.warehouse.lot_stock_id, 1000
            )
        return self.bom(product, {self.motor: 1, self.frame: 2}, **values)

    def bom(self, product, parts, **values):
        return self.env["mrp.bom"].create(
            {
                "product_tmpl_id": (product or self.pump).product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": part.id, "product_qty": quantity})
                    for part, quantity in parts.items()
                ],
                **values,
            }
        )

    def kits(self, parts=None, **values):
        """10 kits of 100 each, 30 days after each delivery; 3 delivered 10 July."""
        bom = self.kit(**values)
        order = self.new_contract(
            "2026-07-01",
            contract_term_ids=[
                Command.create(
                    {
                        "kind": "payment",
                        "name": "Balance",
                        "percent": 100,
                        "event_type_id": self.env.ref(
                            "contract_tracking.event_type_dispatch"
                        ).id,
                        "each": True,
                        "delay": 30,
                    }
                )
            ],
        )
        self.deliver(order, "2026-07-10", **(parts or {"motor": 3, "frame": 6}))
        self.assertFigures(order, "2026-07-10", delivered=300, overdue=0)
        return order, bom

    def assertFigures(self, order, day, **expected):
        figures = self.figures(order, day)
        self.assertEqual({name: figures[name] for name in expected}, expected, day)

    def recount(self, order):
        """Core counts what is delivered again."""
        lines = order.order_line
        self.env.add_to_compute(lines._fields["qty_delivered"], lines)
        self.env.flush_all()

    def assertThree(self, order):
        """3 of 10 kits were delivered, 300 of 1,000, and fell due 30 days later."""
        for day in ("2026-07-10", "2026-08-20", None):
            self.assertFigures(order, day, delivered=300)
        self.assertFigures(order, "2026-07-09", delivered=0)
        self.assertFigures(order, "2026-08-09", matured=300, overdue=0)
        self.assertFigures(order, "2026-08-10", matured=300, overdue=300)
        self.assertEqual(self.facts(order)["Pump"]["actual_quantity"], 3)

    def test_a_kit_gets_another_part(self):
        order, bom = self.kits()
        cable = self.env["product.product"].create({"name": "Cable", "type": "consu"})
        bom.bom_line_ids = [Command.create({"product_id": cable.id})]
        self.assertThree(order)
        self.recount(order)
        # core: there is no cable
        self.assertEqual(order.order_line.qty_delivered, 0)
        self.assertThree(order)
        self.deliver(order, "2026-09-01")
        # the other 7, as they were ordered
        self.assertFigures(order, "2026-08-31", delivered=300)
        self.assertFigures(order, "2026-09-01", delivered=1000)

    def test_a_kit_takes_more_or_less_of_a_part(self):
        order, bom = self.kits()
        bom.bom_line_ids[1].product_qty = 6
        self.recount(order)
        # core: 6 frames make one pump
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertThree(order)
        bom.bom_line_ids[1].product_qty = 1
        self.recount(order)
        self.assertThree(order)

    def test_fewer_frames_make_no_more_pumps(self):
        """10 motors and 6 frames are 3 pumps; one frame a pump would make them 6."""
        order, bom = self.kits({"motor": 10, "frame": 6})
        bom.bom_line_ids[1].product_qty = 1
        self.recount(order)
        self.assertEqual(order.order_line.qty_delivered, 6)
        self.assertThree(order)

    def test_a_kit_loses_a_part_or_goes(self):
        order, bom = self.kits()
        bom.bom_line_ids[1].unlink()
        self.recount(order)
        self.assertThree(order)
        self.deliver(order, "2026-09-01", motor=7, frame=14)
        self.invoice(order, "2026-09-02")
        bom.action_archive()
        self.recount(order)
        self.assertFigures(order, "2026-08-31", delivered=300)
        self.assertFigures(order, None, delivered=1000)
        bom.unlink()
        self.recount(order)
        self.assertEqual(order.order_line.qty_delivered, 0)
        self.assertFigures(order, "2026-08-31", delivered=300)
        self.assertFigures(order, None, delivered=1000)

    def test_a_kit_is_one_no_more(self):
        order, bom = self.kits()
        self.deliver(order, "2026-09-01")
        self.invoice(order, "2026-09-02")
        bom.type = "normal"
        self.recount(order)
        self.assertFigures(order, "2026-08-31", delivered=300)
        self.assertFigures(order, None, delivered=1000)

    def test_what_was_no_kit_when_it_was_delivered(self):
        order = self.new_contract("2026-07-01", promised="2026-07-20")
        self.deliver(order, "2026-07-10", pump=4)
        self.kit()
        self.recount(order)
        for day in ("2026-07-10", None):
            self.assertFigures(order, day, delivered=400)

    def test_more_of_another_composition(self):
        """10 kits of 2 frames are delivered. 5 more are ordered of 3: 15 frames."""
        self.kit()
        order = self.new_contract("2026-07-01")
        self.deliver(order, "2026-07-10")
        bom = order.order_line.move_ids.bom_line_id.bom_id
        bom.bom_line_ids[1].product_qty = 3
        with freeze_time("2026-07-12 02:00:00"):
            order.order_line.product_uom_qty = 15
        picking = order.picking_ids.filtered(lambda p: p.state != "done")
        more = {m.product_id: m.product_uom_qty for m in picking.move_ids}
        # core: 20 frames were 6 kits, 9 are missing
        self.assertEqual(more, {self.motor: 9, self.frame: 27})
        self.deliver(order, "2026-07-20", motor=5, frame=15)
        self.assertFigures(order, "2026-07-19", delivered=1000)
        self.assertFigures(order, "2026-07-20", delivered=1500)

    def test_a_part_comes_back_and_is_replaced(self):
        """2 of 6 frames back on 1 August: 2 pumps; replaced on 1 September: 3."""
        order, bom = self.kits()
        picking = order.picking_ids.filtered(lambda p: p.state == "done")
        with freeze_time("2026-08-01 02:00:00"):
            wizard = (
                self.env["stock.return.picking"]
                .with_context(active_id=picking.id, active_model="stock.picking")
                .create({"picking_id": picking.id})
            )
            for line in wizard.product_return_moves:
                line.quantity = 2 if line.product_id == self.frame else 0
            returned = wizard._create_return()
            returned.move_ids.write({"quantity": 2, "picked": True, "to_refund": True})
            returned.button_validate()
        self.assertEqual(
            returned.move_ids.contract_kit["part"], "%d" % bom.bom_line_ids[1].id
        )
        self.assertFigures(order, "2026-07-31", delivered=300)
        self.assertFigures(order, "2026-08-01", delivered=200)
        bom.bom_line_ids[1].product_qty = 6
        self.assertFigures(order, "2026-07-31", delivered=300)
        self.assertFigures(order, None, delivered=200)

    def test_kits_by_the_dozen(self):
        """3 dozen at 1,200; 18 pumps are a dozen and a half: 1,800."""
        self.kit()
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.new_order([(self.pump, 3, 1200)])
        order.order_line.write({"product_uom_id": dozen.id, "price_unit": 1200})
        with freeze_time("2026-07-01 02:00:00"):
            order.action_confirm()
        self.deliver(order, "2026-07-10", motor=18, frame=36)
        self.assertEqual(order.order_line.qty_delivered, 1.5)
        self.assertFigures(order, "2026-07-10", delivered=1800)
        self.deliver(order, "2026-07-20", motor=18, frame=35)
        # 35 whole pumps: 2.92 dozen, as core rounds
        self.assertEqual(order.order_line.qty_delivered, 2.92)
        self.assertFigures(order, "2026-07-20", delivered=3504)
        dozen.relative_factor = 10
        self.recount(order)
        self.assertFigures(order, "2026-07-10", delivered=1800)
        self.assertFigures(order, None, delivered=3504)

    def test_kits_of_kits(self):
        """A pump is two valves, a valve a motor and two frames: 4 motors, 7 frames
        are one pump (core's rule)."""
        self.kit(self.valve)
        self.bom(self.pump, {self.valve: 2})
        order = self.new_contract("2026-07-01")
        self.deliver(order, "2026-07-10", motor=4, frame=7)
        self.assertEqual(order.order_line.qty_delivered, 1)
        self.assertFigures(order, "2026-07-10", delivered=100)
        self.pump.bom_ids.bom_line_ids.product_qty = 4
        self.recount(order)
        self.assertEqual(order.order_line.qty_delivered, 0)
        self.assertFigures(order, None, delivered=100)

    def test_a_part_by_the_dozen_and_in_two_batches(self):
        """A pump takes a third of a dozen screws, four: 5 + 3 screws make 2 pumps."""
        screw = self.env["product.product"].create({"name": "Screw", "type": "consu"})
        dozen = self.env.ref("uom.product_uom_dozen")
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.pump.product_tmpl_id.id,
                "type": "phantom",
                "product_qty": 3,
                "bom_line_ids": [
                    Command.create(
                        {
                            "product_id": screw.id,
                            "product_qty": 1,
                            "product_uom_id": dozen.id,
                        }
                    )
                ],
            }
        )
        order = self.new_contract("2026-07-01", [(self.pump, 9)])
        self.deliver(order, "2026-07-10", screw=5)
        self.assertFigures(order, "2026-07-10", delivered=100)
        self.deliver(order, "2026-07-11", screw=3)
        self.assertEqual(order.order_line.qty_delivered, 2)
        self.assertFigures(order, "2026-07-11", delivered=200)

    def test_nobody_writes_what_is_kept(self):
        order, _bom = self.kits()
        move = order.order_line.move_ids[0]
        for vals in ({"contract_line_units": 5}, {"contract_kit": {}}):
            with self.assertRaises(UserError):
                move.write(vals)
        forged = move.copy({"contract_kit": {**move.contract_kit, "unit": 100}})
        self.assertNotEqual((forged.contract_kit or {}).get("unit"), 100)

    def test_a_frame_counts_what_was_delivered(self):
        """A kit of a call-off changes: 3 delivered are taken from the agreed 100."""
        bom = self.kit()
        frame = self.new_frame()
        order = self.new_contract("2026-07-01", contract_frame_id=frame.id)
        self.deliver(order, "2026-07-10", motor=3, frame=6)
        bom.bom_line_ids[1].product_qty = 6
        self.recount(order)
        self.assertEqual(order.order_line.qty_delivered, 1)
        line = frame.line_ids
        self.assertEqual((line.delivered_quantity, line.delivered_amount), (3, 300))

    def test_kits_that_are_older_than_the_addon(self):
        order, bom = self.kits()
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_move SET contract_kit = NULL, contract_line_units = NULL "
            "WHERE sale_line_id = %s",
            [order.order_line.id],
        )
        self.env.invalidate_all()
        migrate(self.env, "post-moves.py")
        bom.bom_line_ids[1].product_qty = 6
        self.assertThree(order)

    def dropship(self, order, product, quantity, day):
        """A vendor sends a part to the customer: no picking, no line of the kit."""
        with freeze_time(f"{day} 02:00:00"):
            move = self.env["stock.move"].create(
                {
                    "product_id": product.id,
                    "product_uom_qty": quantity,
                    "sale_line_id": order.order_line[0].id,
                    "location_id": self.env.ref("stock.stock_location_suppliers").id,
                    "location_dest_id": self.env.ref(
                        "stock.stock_location_customers"
                    ).id,
                }
            )
            move._action_confirm()
            move.quantity = quantity
            move.picked = True
            move._action_done()
        return move

    def not_from_stock(self, order, *parts):
        moves = order.order_line.move_ids.filtered(lambda m: m.product_id in parts)
        moves._action_cancel()
        moves.unlink()

    def test_a_part_from_the_vendor(self):
        """3 motors come from the vendor on 5 July, 20 frames from stock on 10 July:
        3 pumps; the other 7 motors on 15 July: 10 pumps."""
        self.kit()
        order = self.new_contract("2026-07-01")
        self.not_from_stock(order, self.motor)
        self.dropship(order, self.motor, 3, "2026-07-05")
        self.deliver(order, "2026-07-10", frame=20)
        self.dropship(order, self.motor, 7, "2026-07-15")
        self.assertEqual(order.order_line.qty_delivered, 10)
        for day, amount in (
            ("2026-07-09", 0),
            ("2026-07-10", 300),
            ("2026-07-14", 300),
            ("2026-07-15", 1000),
            (None, 1000),
        ):
            self.assertFigures(order, day, delivered=amount)

    def test_a_part_twice_in_a_kit(self):
        """A frame left and one right, and the motor from the vendor: 20 frames and 10
        motors are 10 pumps."""
        bom = self.kit()
        bom.bom_line_ids[1].product_qty = 1
        bom.bom_line_ids = [
            Command.create({"product_id": self.frame.id, "product_qty": 1})
        ]
        order = self.new_contract("2026-07-01")
        self.not_from_stock(order, self.motor)
        self.dropship(order, self.motor, 10, "2026-07-05")
        self.deliver(order, "2026-07-10", frame=10)
        self.assertFigures(order, "2026-07-09", delivered=0)
        self.assertFigures(order, "2026-07-10", delivered=1000)
        self.assertFigures(order, None, delivered=1000)

    def test_more_is_ordered_after_the_vendor_sent_all(self):
        """10 of 10 from the vendor on 5 July; 5 more are ordered on 2 August and are
        on their way: July stays."""
        self.kit()
        order = self.new_contract("2026-07-01")
        self.not_from_stock(order, self.motor, self.frame)
        self.dropship(order, self.motor, 10, "2026-07-04")
        self.dropship(order, self.frame, 20, "2026-07-05")
        self.assertFigures(order, "2026-07-05", delivered=1000)
        with freeze_time("2026-08-02 02:00:00"):
            order.order_line.product_uom_qty = 15
        self.assertTrue(order.order_line.move_ids.filtered(lambda m: m.state != "done"))
        self.recount(order)
        self.assertFigures(order, "2026-07-04", delivered=0)
        for day in ("2026-07-05", "2026-07-31", None):
            self.assertFigures(order, day, delivered=1000)

    def test_more_is_ordered_of_a_kit_composed_anew(self):
        """10 pumps of one motor and two frames are waiting. One frame is enough now,
        and 5 more are ordered: core waits for 15 motors and 25 frames."""
        bom = self.kit()
        order = self.new_contract("2026-07-01")
        bom.bom_line_ids[1].product_qty = 1
        with freeze_time("2026-07-02 02:00:00"):
            order.order_line.product_uom_qty = 15
        waiting = {m.product_id: m.product_uom_qty for m in order.picking_ids.move_ids}
        self.assertEqual(waiting, {self.motor: 15, self.frame: 25})
        self.deliver(order, "2026-07-10")
        self.assertEqual(order.order_line.qty_delivered, 15)
        self.assertFigures(order, "2026-07-10", delivered=1500)

    @contextmanager
    def kits_read(self):
        """How often a kit is read for what is kept."""
        Move = type(self.env["stock.move"])
        read, calls = Move._contract_kit_now, []

        def counted(moves, *args):
            calls.append(args)
            return read(moves, *args)

        with patch.object(Move, "_contract_kit_now", counted):
            yield calls

    def test_a_kit_is_read_once(self):
        self.kit()
        lines = [(self.pump, 10)] * 3
        with self.kits_read() as calls:
            order = self.new_contract("2026-07-01", lines)
        self.assertEqual(len(order.order_line.move_ids.filtered("contract_kit")), 6)
        self.assertEqual(len(calls), 1)
        kits = order.order_line.move_ids.mapped("contract_kit")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_move SET contract_kit = NULL WHERE sale_line_id = ANY(%s)",
            [order.order_line.ids],
        )
        self.env.invalidate_all()
        with self.kits_read() as calls:
            migrate(self.env, "post-moves.py")
        self.assertEqual(len(calls), 1)
        self.assertEqual(order.order_line.move_ids.mapped("contract_kit"), kits)

    def test_kits_of_orders_that_are_no_contracts(self):
        """What they were made of is kept when they join."""
        bom = self.kit()
        self.company.contract_track_mode = "manual"
        with self.kits_read() as calls:
            order = self.new_contract("2026-07-01")
        self.assertFalse(calls)
        self.deliver(order, "2026-07-10", motor=3, frame=6)
        order.action_contract_track()
        bom.bom_line_ids[1].product_qty = 6
        self.recount(order)
        self.assertFigures(order, "2026-07-10", delivered=300)
        self.assertFigures(order, None, delivered=300)

    def test_moves_of_kits_are_created_as_a_set(self):
        self.kit()
        order = self.new_contract("2026-07-01", [(self.pump, 10)] * 8)
        moves = order.order_line.move_ids
        vals_list = moves.filtered(lambda m: m.product_id == self.motor).copy_data()

        def queries(count):
            vals = [dict(v, contract_kit=None) for v in vals_list[:count]]
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.env["stock.move"].create(vals)
            return self.env.cr.sql_log_count - before

        queries(1)
        # one or two of core's come and go
        self.assertLessEqual(queries(8), queries(2) + 2)

    def test_the_document_of_a_kit(self):
        """3 pumps left with one delivery: its row opens it."""
        order, _bom = self.kits()
        picking = order.picking_ids.filtered(lambda p: p.state == "done")
        rows = self.env["contract.facts"]._read_rows(order, "delivered")
        self.assertEqual(
            [(row["res_model"], row["res_id"], row["amount"]) for row in rows],
            [("stock.picking", picking.id, 300)],
        )

    # ------------------------------------------------------------------
    # Units
    # ------------------------------------------------------------------

    def test_a_dozen_becomes_ten(self):
        """10 dozen at 100; 60 pieces delivered are 5 dozen, 500, for good."""
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.new_order()
        order.order_line.write({"product_uom_id": dozen.id, "price_unit": 100})
        with freeze_time("2026-07-01 02:00:00"):
            order.action_confirm()
        move = order.picking_ids.move_ids
        self.assertEqual(
            (move.product_uom_qty, move.product_uom), (120, self.pump.uom_id)
        )
        self.deliver(order, "2026-07-10", pump=60)
        self.assertFigures(order, "2026-07-10", delivered=500)
        for factor, count in ((10, 6), (20, 3)):
            dozen.relative_factor = factor
            for _round in range(2):
                self.assertFigures(order, "2026-07-10", delivered=500)
                self.assertFigures(order, None, delivered=500)
                self.recount(order)
            self.assertEqual(order.order_line.qty_delivered, count)
        # and on from there: 60 of 20 pieces are 3
        self.deliver(order, "2026-08-10", pump=60)
        self.assertFigures(order, None, delivered=800)

    def test_units_that_are_older_than_the_addon(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.new_order()
        order.order_line.write({"product_uom_id": dozen.id, "price_unit": 100})
        with freeze_time("2026-07-01 02:00:00"):
            order.action_confirm()
        self.deliver(order, "2026-07-10", pump=60)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE stock_move SET contract_line_units = NULL WHERE sale_line_id = %s",
            [order.order_line.id],
        )
        self.env.invalidate_all()
        self.assertFigures(order, "2026-07-10", delivered=500)
        migrate(self.env, "post-moves.py")
        dozen.relative_factor = 10
        self.assertFigures(order, "2026-07-10", delivered=500)

    # ------------------------------------------------------------------
    # What is delivered beside the agreement
    # ------------------------------------------------------------------

    def add_by_warehouse(self, order, product, quantity, day):
        """The warehouse puts something into the delivery."""
        with freeze_time(f"{day} 02:00:00"):
            picking = order.picking_ids.filtered(lambda p: p.state != "done")
            picking.move_ids = [
                Command.create(
                    {
                        "product_id": product.id,
                        "product_uom_qty": quantity,
                        "quantity": quantity,
                        "location_id": picking.location_id.id,
                        "location_dest_id": picking.location_dest_id.id,
                    }
                )
            ]
            for move in picking.move_ids:
                move.quantity = move.product_uom_qty
                move.picked = True
            picking.button_validate()
        return order.order_line.filtered(lambda ln: ln.product_id == product)

    def test_taxes_of_what_the_warehouse_added(self):
        """10 × 100, and 3 valves of 40 with 13 %, 45.20 each: 1,000 + 135.60."""
        tax = self.env["account.tax"].create({"name": "13 %", "amount": 13})
        self.valve.write({"taxes_id": tax.ids, "invoice_policy": "delivery"})
        order = self.new_contract("2026-07-01")
        line = self.add_by_warehouse(order, self.valve, 3, "2026-07-10")
        self.assertEqual((line.product_uom_qty, line.price_unit), (0, 40))
        for change in (
            lambda: tax.write({"amount": 9}),
            lambda: line.write({"price_unit": 80}),
            lambda: line.write({"tax_ids": False, "discount": 10}),
            lambda: line.write({"product_uom_qty": 3}),
        ):
            change()
            self.assertFigures(order, "2026-07-10", delivered=1135.6)
            self.assertFigures(order, None, delivered=1135.6)

    def test_what_the_warehouse_added_gets_a_price(self):
        """Invoiced by order, core adds it for nothing. The first price counts: 3 × 50,
        not what it is changed to afterwards."""
        order = self.new_contract("2026-07-01")
        line = self.add_by_warehouse(order, self.valve, 3, "2026-07-10")
        self.assertEqual(line.price_unit, 0)
        self.assertFigures(order, None, delivered=1000)
        line.price_unit = 50
        self.assertFigures(order, "2026-07-10", delivered=1150)
        line.price_unit = 60
        self.assertFigures(order, "2026-07-10", delivered=1150)

    def test_what_was_added_without_agreement(self):
        """5 valves at 40 are added, corrected to 44 before 2 of them leave: 88. A price
        of 80 afterwards is no agreement: the other 3 are 132 as well."""
        order = self.new_contract("2026-07-01")
        self.deliver(order, "2026-07-05")
        with freeze_time("2026-07-06 02:00:00"):
            order.order_line = [
                Command.create({"product_id": self.valve.id, "product_uom_qty": 5})
            ]
        line = order.order_line[1]
        line.price_unit = 44
        self.deliver(order, "2026-07-10", valve=2)
        line.price_unit = 80
        self.assertFigures(order, "2026-07-10", delivered=1088)
        self.deliver(order, "2026-07-20", valve=3)
        self.assertFigures(order, "2026-07-10", delivered=1088)
        self.assertFigures(order, None, delivered=1220)
        with self.assertRaises(UserError):
            line.contract_unit_total = 1

    def test_until_it_takes_effect_the_order_says(self):
        """3 valves at 40 added before the contract takes effect: 120, then 150; once it
        is in effect it stays."""
        self.company.contract_effective_rule = "signature"
        self.valve.invoice_policy = "delivery"
        order = self.new_contract("2026-07-01")
        line = self.add_by_warehouse(order, self.valve, 3, "2026-07-10")
        self.assertFigures(order, None, delivered=1120)
        line.price_unit = 50
        self.assertFigures(order, None, delivered=1150)
        with freeze_time("2026-07-15 02:00:00"):
            order.write(
                {
                    "contract_signatory": "Wang Fang",
                    "contract_signing_date": "2026-07-15",
                }
            )
        line.price_unit = 60
        self.assertFigures(order, "2026-07-10", delivered=1150)
        self.assertFigures(order, None, delivered=1150)

    def test_a_unit_that_costs_less_than_a_fen(self):
        """100,000 at 0.0149 with 13 %: 1,683.70; one is 0.016837, not 0.02."""
        tax = self.env["account.tax"].create({"name": "13 %", "amount": 13})
        self.env["stock.quant"]._update_available_quantity(
            self.valve, self.warehouse.lot_stock_id, 100000
        )
        self.valve.write({"taxes_id": tax.ids, "invoice_policy": "delivery"})
        order = self.new_contract("2026-07-01")
        line = self.add_by_warehouse(order, self.valve, 100000, "2026-07-10")
        # before any of it counts
        line.price_unit = 0.0149
        unguarded(line).contract_unit_total = 0
        line._contract_keep_price()
        self.assertAlmostEqual(line.contract_unit_total, 0.016837, 9)
        self.assertFigures(order, "2026-07-10", delivered=2683.7)
        self.invoice(order, "2026-07-11")
        self.assertFigures(order, "2026-07-11", delivered_not_invoiced=0)
        # too little to be a fen at all
        line.price_unit = 0.004
        unguarded(line).contract_unit_total = 0
        line._contract_keep_price()
        self.assertAlmostEqual(line.contract_unit_total, 0.00452, 9)

    def test_a_discount_that_is_raised_later(self):
        """Pumps of 1,000 less 200. Valves of 1,000 are added, at 90 each then; 400
        less of all leaves 80 of 100, and 10 delivered are 800, not 900."""
        order = self.new_contract(
            "2026-07-01", [(self.pump, 10, 100), (self.service, 1, -200)]
        )
        with freeze_time("2026-07-02 02:00:00"):
            order.order_line = [
                Command.create(
                    {
                        "product_id": self.valve.id,
                        "product_uom_qty": 10,
                        "price_unit": 100,
                    }
                )
            ]
        line = order.order_line[2]
        self.assertEqual(line.contract_unit_total, 90)
        order.order_line[1].price_unit = -400
        self.assertEqual(line.contract_unit_total, 80)
        self.deliver(order, "2026-07-10", valve=10)
        self.assertFigures(order, "2026-07-10", delivered=800)
        # what is delivered stays
        order.order_line[1].price_unit = -600
        self.assertEqual(line.contract_unit_total, 80)

    def test_prices_that_are_older_than_the_addon(self):
        self.valve.invoice_policy = "delivery"
        order = self.new_contract("2026-07-01")
        line = self.add_by_warehouse(order, self.valve, 3, "2026-07-10")
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET contract_unit_total = NULL WHERE id = %s",
            [line.id],
        )
        self.env.invalidate_all()
        migrate(self.env, "post-moves.py")
        line.price_unit = 80
        self.assertFigures(order, "2026-07-10", delivered=1120)

    # ------------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------------

    def test_event_types_of_terms_in_effect_stay(self):
        """What a term in effect falls due with is read from where it was agreed."""
        order, _bom = self.kits()
        event = order.contract_term_ids.event_type_id
        other = self.env["contract.event.type"].create({"name": "Inspection"})
        with self.assertRaisesRegex(UserError, "Make another event type"):
            event.source = False
        event.name = "Shipment"
        self.assertThree(order)
        self.env["contract.event.type"].search([("source", "=", "bl")]).source = False
        self.env.flush_all()
        other.source = "bl"
        event.active = False
        self.assertThree(order)

    def test_what_fulfils_and_how_much_is_agreed(self):
        """By dispatch, nothing more or less allowed when it took effect."""
        order, _bom = self.kits()
        template = self.env.ref("contract_tracking.template_30_60_10")
        template.line_ids.delay = 90
        self.company.write(
            {
                "contract_fulfilment": "receipt",
                "contract_over_percent": 50,
                "contract_short_percent": 80,
            }
        )
        self.assertThree(order)

    # ------------------------------------------------------------------
    # What core counts and documents don't show
    # ------------------------------------------------------------------

    @contextmanager
    def counted_elsewhere(self, delivered, invoiced=0):
        """Another app counts more through core's own hooks, as the Point of Sale."""
        Line = type(self.env["sale.order.line"])

        def more(prepare, quantity):
            def counted(lines):
                quantities = prepare(lines)
                for line in lines:
                    quantities[line] += quantity
                return quantities

            return counted

        with (
            patch.object(
                Line,
                "_prepare_qty_delivered",
                more(Line._prepare_qty_delivered, delivered),
            ),
            patch.object(
                Line,
                "_prepare_qty_invoiced",
                more(Line._prepare_qty_invoiced, invoiced),
            ),
        ):
            yield

    def log(self, day):
        """The daily run of a day."""
        with freeze_time(f"{day} 12:00:00"), self.enter_registry_test_mode():
            self.env.ref("contract_tracking.cron_log_delivered").method_direct_trigger()

    def test_delivered_at_the_till(self):
        """10 at 100: 4 shipped on 10 July, 3 handed over at the till on 15 July, one of
        them brought back on 20 July."""
        order = self.new_contract("2026-07-01", promised="2026-07-31")
        self.deliver(order, "2026-07-10", pump=4)
        self.log("2026-07-12")
        self.assertFalse(order.contract_history_ids.filtered("quantity"))
        with self.counted_elsewhere(3), freeze_time("2026-07-15 02:00:00"):
            self.recount(order)
            self.assertEqual(order.order_line.qty_delivered, 7)
            # nothing dates it yet: it is of today
            self.assertFigures(order, "2026-07-14", delivered=400)
            self.assertFigures(order, "2026-07-15", delivered=700)
            self.assertFigures(order, None, delivered=700)
        self.log("2026-07-15")
        self.log("2026-07-16")
        with self.counted_elsewhere(2):
            self.recount(order)
            self.log("2026-07-20")
            # the other 4 of the delivery are shipped
            self.deliver(order, "2026-07-25", pump=4)
            self.assertEqual(order.order_line.qty_delivered, 10)
        for day, amount in (
            ("2026-07-09", 0),
            ("2026-07-14", 400),
            ("2026-07-15", 700),
            ("2026-07-19", 700),
            ("2026-07-20", 600),
            ("2026-07-24", 600),
            ("2026-07-25", 1000),
            (None, 1000),
        ):
            self.assertFigures(order, day, delivered=amount)
        rows = order.contract_history_ids.filtered(lambda h: h.kind == "delivered")
        self.assertEqual(rows.sorted("id").mapped("quantity"), [3, -1])
        self.assertEqual(self.facts(order)["Pump"]["status"], "met")

    def test_counted_after_the_end(self):
        """4 shipped on 10 July, the contract ends; 3 more are counted on 15 July."""
        order = self.new_contract("2026-07-01")
        self.deliver(order, "2026-07-10", pump=4)
        for state in ("confirmed", "suspended", "completed", "terminated", "cancelled"):
            with self.subTest(state), self.env.cr.savepoint() as point:
                unguarded(order).write({"contract_state": state})
                with self.counted_elsewhere(3):
                    self.recount(order)
                    self.log("2026-07-15")
                    self.assertFigures(order, "2026-07-14", delivered=400)
                    self.assertFigures(order, "2026-07-15", delivered=700)
                point.rollback()
            self.env.invalidate_all()

    def test_sold_at_the_till(self):
        """10 at 113 with 13 % tax: 4 delivered and sold at the till on 15 July, 452;
        the others are delivered and invoiced on 1 August, 678, of which 300 come.

        The till is paid: of 1,130 invoiced, 452 settled and 300 received 378 are owed.
        """
        tax = self.env["account.tax"].create({"name": "13 %", "amount": 13})
        self.pump.taxes_id = tax
        self.pump.invoice_policy = "delivery"
        order = self.new_contract("2026-07-01")
        self.assertEqual(order.amount_total, 1130)
        with self.counted_elsewhere(4, 4):
            line = order.order_line
            self.env.add_to_compute(line._fields["qty_invoiced"], line)
            self.recount(order)
            self.assertEqual((line.qty_delivered, line.qty_invoiced), (4, 4))
            self.log("2026-07-15")
            self.deliver(order, "2026-08-01", pump=6)
            draft = order._create_invoices()
            # core counts a draft, that is nobody else's invoice
            self.assertEqual(line.qty_invoiced, 10)
            self.assertFigures(order, None, invoiced=452)
            draft.invoice_date = "2026-08-01"
            draft.action_post()
            self.pay(draft, "2026-08-10", 300)
            self.env.flush_all()
        for day, delivered, invoiced, received, receivable in (
            ("2026-07-14", 0, 0, 0, 0),
            ("2026-07-15", 452, 452, 0, 0),
            ("2026-08-01", 1130, 1130, 0, 678),
            ("2026-08-10", 1130, 1130, 300, 378),
            (None, 1130, 1130, 300, 378),
        ):
            self.assertFigures(
                order,
                day,
                delivered=delivered,
                invoiced=invoiced,
                received=received,
                receivable=receivable,
                delivered_not_invoiced=0,
            )
        invoices = self.env["contract.facts"]._read_invoices(order)[order.id]
        self.assertEqual(
            [(row["day"], row["amount"]) for row in invoices],
            [(date(2026, 7, 15), 452), (date(2026, 8, 1), 678)],
        )
        ledger = self.env["contract.facts"]._read_ledger(order)
        signs = {"invoice": 1, "receipt": -1, "adjustment": -1}
        self.assertEqual(
            sum(signs.get(row["kind"], 0) * row["amount"] for row in ledger), 378
        )
        self.assertEqual(
            self.partner.with_company(self.company).credit, 378, "core's receivable"
        )

    def test_a_return_that_core_counts_as_ours(self):
        """What comes back is shown by its move: nothing is left for the history."""
        order = self.new_contract("2026-07-01")
        picking = self.deliver(order, "2026-07-10")
        for refunded, count in ((True, 8), (False, 8)):
            self.give_back(picking, "2026-07-15", 2, to_refund=refunded)
            self.assertEqual(order.order_line.qty_delivered, count)
            self.log("2026-07-16")
            self.assertFigures(order, None, delivered=count * 100)
        self.assertFalse(order.contract_history_ids.filtered("quantity"))

    def test_a_line_has_a_date_of_its_own(self):
        """Of two lines one is promised for 10 August, the other as the order, 31 July;
        a later date is no agreement."""
        self.env["ir.model.fields"].create(
            {
                "name": "x_commitment_date",
                "model_id": self.env["ir.model"]._get("sale.order.line").id,
                "field_description": "Delivery Date",
                "ttype": "datetime",
            }
        )
        Line = type(self.env["sale.order.line"])
        self.assertFalse(self.env["sale.order.line"]._contract_own_date())
        self.addCleanup(self.registry.clear_cache)
        with patch.object(Line, "_contract_own_date", lambda s: "x_commitment_date"):
            self.registry.clear_cache()
            self.company.contract_effective_rule = "signature"
            order = self.new_contract(
                "2026-07-01",
                [(self.pump, 10), (self.valve, 10)],
                promised="2026-07-31",
            )
            line = order.order_line[0]
            line.x_commitment_date = "2026-08-09 17:00:00"
            facts = self.facts(order)
            self.assertEqual(facts["Pump"]["date_due"], date(2026, 8, 10))
            self.assertEqual(facts["Valve"]["date_due"], date(2026, 7, 31))
            with freeze_time("2026-07-05 02:00:00"):
                order.write(
                    {
                        "contract_signatory": "Wang Fang",
                        "contract_signing_date": "2026-07-05",
                    }
                )
            line.x_commitment_date = "2026-12-31 02:00:00"
            facts = self.facts(order)
            self.assertEqual(facts["Pump"]["date_due"], date(2026, 8, 10))
            self.deliver(order, "2026-08-05")
            facts = self.facts(order)
            self.assertEqual(facts["Pump"]["status"], "met")
            self.assertEqual(facts["Valve"]["status"], "met_late")
            self.assertEqual(facts["Valve"]["variance_days"], 5)
