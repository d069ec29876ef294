from contextlib import suppress

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError

from .test_gate import GateCase
from .test_risk_shipment import RiskCase


class TestTrustGate(GateCase):
    """Goods leave neither unpaid nor unasked, whatever the warehouse writes."""

    def setUp(self):
        super().setUp()
        self.order = self.gated()
        self.picking = self.waiting(self.order)

    def as_keeper(self, picking=None):
        return (picking or self.picking).with_user(self.keeper)

    def validate(self, picking, day="2026-09-10"):
        with freeze_time(f"{day} 02:00:00"):
            picking.move_ids.picked = True
            picking.with_context(skip_backorder=True).button_validate()

    def customers(self, product=None):
        quants = self.env["stock.quant"].search(
            [
                ("product_id", "=", (product or self.pump).id),
                ("location_id.usage", "=", "customer"),
            ]
        )
        return sum(quants.mapped("quantity"))

    def test_called_a_replacement(self):
        other = self.gated(deposit=0, rest=0)
        done = self.deliver(other, "2026-09-05")
        keeper = self.as_keeper()
        with self.held():
            keeper.move_ids.write(
                {"origin_returned_move_id": done.move_ids.id, "to_refund": False}
            )
            self.validate(keeper)

    def test_called_a_replacement_of_a_return(self):
        other = self.gated(deposit=0, rest=0)
        done = self.deliver(other, "2026-09-05")
        back = self.give_back(done, "2026-09-06", 10, to_refund=False)
        keeper = self.as_keeper()
        with self.held():
            keeper.move_ids.write(
                {"origin_returned_move_id": back.move_ids.id, "to_refund": False}
            )
            self.validate(keeper)

    def test_more_replaced_than_came_back(self):
        self.receive(self.order, 300 + 70)
        done = self.deliver(self.order, "2026-09-05", pump=1)
        back = self.give_back(done, "2026-09-06", 1, to_refund=False)
        with self.held():
            self.give_back(back, "2026-09-07", 9, to_refund=False)
        again = self.give_back(back, "2026-09-08", 1, to_refund=False)
        self.assertEqual(again.state, "done")
        with self.held():
            self.give_back(back, "2026-09-09", 1, to_refund=False)

    def test_refunded_after_it_was_replaced(self):
        self.receive(self.order, 300 + 350)
        done = self.deliver(self.order, "2026-09-05", pump=5)
        back = self.give_back(done, "2026-09-06", 5, to_refund=False)
        self.give_back(back, "2026-09-07", 5, to_refund=False)
        back.with_user(self.keeper).move_ids.to_refund = True
        with self.held():
            self.deliver(self.order, "2026-09-10", pump=5)

    def test_called_a_replacement_afterwards(self):
        """What left would not be counted any more, and as much could leave again."""
        self.receive(self.order, 300 + 350)
        done = self.deliver(self.order, "2026-09-05", pump=5)
        keeper = done.with_user(self.keeper)
        for values in (
            {"to_refund": not done.move_ids.to_refund},
            {"origin_returned_move_id": done.move_ids.id},
        ):
            with self.held("doesn't change afterwards"):
                keeper.move_ids.write(values)
        keeper.move_ids.write({"to_refund": done.move_ids.to_refund})

    def test_another_product(self):
        keeper = self.as_keeper()
        with self.held():
            keeper.move_ids.product_id = self.valve
        with self.held():
            keeper.move_ids.write({"product_id": self.valve.id, "quantity": 3})

    def test_other_unit(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        self.receive(self.order, 300 + 70)
        keeper = self.as_keeper()
        with self.held():
            keeper.move_ids.write({"product_uom": dozen.id, "product_uom_qty": 1})
            keeper.move_ids.quantity = 1
            self.validate(keeper)

    def test_sent_by_the_line(self):
        shelf = self.warehouse.lot_stock_id.copy({"name": "Shelf"})
        keeper = self.as_keeper()
        before = self.customers()
        customer = self.picking.location_dest_id
        with self.held("customer|is missing"):
            keeper.move_ids.location_dest_id = shelf
            keeper.move_line_ids.location_dest_id = customer
            self.validate(keeper)
            self.env.flush_all()
            self.assertEqual(self.customers(), before)

    def test_sent_by_the_line_afterwards(self):
        shelf = self.warehouse.lot_stock_id.copy({"name": "Shelf"})
        keeper = self.as_keeper()
        before = self.customers()
        customer = self.picking.location_dest_id
        with self.held("customer|is missing"):
            keeper.move_ids.location_dest_id = shelf
            keeper.move_line_ids.location_dest_id = shelf
            self.validate(keeper)
            keeper.move_line_ids.location_dest_id = customer
            self.env.flush_all()
            self.assertEqual(self.customers(), before)

    def test_line_of_a_new_product(self):
        """Added in the warehouse; core gives it no price."""
        order = self.gated(lines=[(self.valve, 10)])
        self.receive(order, 400)
        picking = self.waiting(order)
        self.pump.invoice_policy = "order"
        self.keeper.group_ids += self.env.ref(
            "sales_team.group_sale_salesman_all_leads"
        )
        self.env["stock.move"].with_user(self.keeper).create(
            {
                "product_id": self.pump.id,
                "product_uom_qty": 3,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.action_confirm()
        for move in picking.move_ids:
            move.quantity = 3 * (move.product_id == self.pump)
        picking.move_ids.filtered("quantity").picked = True
        with self.held("without a price"), freeze_time("2026-09-10 02:00:00"):
            picking.with_user(self.keeper).with_context(
                skip_backorder=True
            ).button_validate()

    def test_line_without_a_move(self):
        """Added to a delivery that left: core makes a move of its own."""
        self.receive(self.order, 300 + 350)
        done = self.deliver(self.order, "2026-09-05", pump=5)
        before = self.customers()
        with self.held():
            self.env["stock.move.line"].with_user(self.keeper).create(
                {
                    "picking_id": done.id,
                    "product_id": self.pump.id,
                    "quantity": 3,
                    "location_id": done.location_id.id,
                    "location_dest_id": done.location_dest_id.id,
                }
            )
            self.assertEqual(self.customers(), before)

    def test_line_of_a_waiting_delivery(self):
        """As the warehouse adds one on its screen, to contracts and to others."""
        other = self.order.picking_ids.copy({"move_ids": []})
        for picking in self.picking | other:
            line = (
                self.env["stock.move.line"]
                .with_user(self.keeper)
                .create(
                    {
                        "picking_id": picking.id,
                        "product_id": self.valve.id,
                        "quantity": 1,
                        "location_id": picking.location_id.id,
                        "location_dest_id": picking.location_dest_id.id,
                    }
                )
            )
            self.assertTrue(line.move_id)

    def test_more_samples_than_agreed(self):
        order = self.gated(lines=[(self.pump, 10), (self.pump, 1, 0)])
        self.receive(order, 1000)
        picking = self.waiting(order)
        sample = picking.move_ids.filtered(lambda m: not m.sale_line_id.price_unit)
        with self.held("without a price"), freeze_time("2026-09-10 02:00:00"):
            keeper = sample.with_user(self.keeper)
            keeper.write({"quantity": 6, "picked": True})
            keeper.picking_id.with_context(skip_backorder=True).button_validate()
        self.deliver(order, "2026-09-10")

    def test_taken_from_its_order(self):
        both = self.keeper
        both.group_ids += self.env.ref("sales_team.group_sale_salesman_all_leads")
        picking = self.picking.with_user(both)
        other = self.gated(deposit=0, rest=0)
        for change in (
            lambda: picking.write({"sale_id": False}),
            lambda: picking.write({"sale_id": other.id}),
            lambda: picking.sale_id.order_line.write(
                {"move_ids": [Command.unlink(picking.move_ids.id)]}
            ),
            lambda: picking.sale_id.order_line.write({"move_ids": [Command.clear()]}),
        ):
            with self.held():
                change()

    def test_said_by_the_context(self):
        Picking = self.env["stock.picking"].with_user(self.keeper)
        values = {
            "picking_type_id": self.picking.picking_type_id.id,
            "location_id": self.picking.location_id.id,
            "location_dest_id": self.picking.location_dest_id.id,
        }
        with suppress(UserError), self.env.cr.savepoint():
            made = Picking.with_context(
                default_contract_documents_date="2026-09-01"
            ).create(values)
            self.assertFalse(made.contract_documents_date)
        kit = {"of": {"1": 1e9}, "products": {str(self.pump.id): 1e9}, "unit": 1}
        move = (
            self.env["stock.move"]
            .with_user(self.keeper)
            .with_context(default_contract_kit=kit, default_contract_line_units=1e-9)
            .create(
                {
                    "product_id": self.pump.id,
                    "product_uom_qty": 10,
                    "picking_id": self.picking.id,
                    "sale_line_id": self.order.order_line.id,
                    **{name: values[name] for name in values if "location" in name},
                }
            )
        )
        self.assertFalse(move.contract_kit)
        self.assertFalse(move.contract_line_units)

    def test_taken_apart(self):
        """Half is paid; each half alone could leave."""
        self.receive(self.order, 300 + 350)
        move = self.picking.move_ids
        half = move.with_user(self.keeper).copy({"product_uom_qty": 5})
        move.with_user(self.keeper).product_uom_qty = 5
        half._action_confirm(merge=False)
        half.with_user(self.keeper).picking_id = self.picking.copy({"move_ids": []})
        with self.held():
            half.with_user(self.keeper).sale_line_id = False

    def test_confirmed_by_writing(self):
        order = self.new_order()
        order.user_id = self.seller
        mine = order.with_user(self.seller)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            mine.write({"state": "sale"})
        with self.assertRaises(UserError), self.env.cr.savepoint():
            made = (
                self.env["sale.order"]
                .with_user(self.seller)
                .create(
                    {
                        "partner_id": self.partner.id,
                        "state": "sale",
                        "order_line": [
                            Command.create(
                                {"product_id": self.pump.id, "product_uom_qty": 3}
                            )
                        ],
                    }
                )
            )
            self.assertFalse(made.picking_ids and not made.contract_state)

    def test_cancelled_contract(self):
        self.order.action_cancel()
        self.env.flush_all()
        keeper = self.as_keeper()
        self.assertEqual(keeper.state, "cancel")
        before = self.customers()
        with self.held(), freeze_time("2026-09-10 02:00:00"):
            keeper.move_ids.write({"state": "confirmed"})
            keeper.action_assign()
            keeper.move_ids.write({"quantity": 10, "picked": True})
            keeper.with_context(skip_backorder=True).button_validate()
            self.assertEqual(self.customers(), before)

    def test_terms_and_prices_in_effect(self):
        mine = self.order.with_user(self.seller)
        self.assertTrue(self.order.contract_effective_date)
        for change in (
            lambda: mine.order_line.write({"price_unit": 0}),
            lambda: mine.contract_term_ids.write({"precedes": False}),
            lambda: mine.contract_term_ids.unlink(),
            lambda: mine.write({"contract_term_ids": [Command.clear()]}),
            lambda: mine.write(
                {
                    "order_line": [
                        Command.create(
                            {
                                "product_id": self.pump.id,
                                "product_uom_qty": 10,
                                "price_unit": -100,
                            }
                        )
                    ]
                }
            ),
        ):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                change()
            self.env.invalidate_all()

    def test_stop_of_a_deviation(self):
        deviation = self.env["contract.deviation"].create(
            {
                "order_id": self.order.id,
                "summary": "Cracks",
                "severity": "critical",
                "stops_goods": True,
            }
        )
        mine = deviation.with_user(self.seller)
        for values in ({"stops_goods": False}, {"severity": "minor"}):
            with self.assertRaises(UserError), self.env.cr.savepoint():
                mine.write(values)


class TestTrustRisk(RiskCase):
    """A permission is no more than was decided."""

    def test_raised_unpicked(self):
        self.permission(limits={"quantities": {}, "amount": 400, "conditions": []})
        picking = self.ship(4)
        keeper = picking.with_user(self.stock_user)
        with freeze_time("2026-09-12 02:00:00"), self.fails("covers no more|missing"):
            keeper.move_ids.picked = False
            keeper.move_line_ids.quantity = 10

    def test_lowered_and_raised_again(self):
        application = self.permission()
        picking = self.ship(10)
        keeper = picking.with_user(self.stock_user)
        with freeze_time("2026-09-12 02:00:00"):
            for quantity in (8, 10, 9, 10, 4, 6):
                keeper.move_line_ids.quantity = quantity
                self.env.flush_all()
                self.assertEqual(application.line_ids.used_quantity, quantity)
                self.assertEqual(application.used_amount, 100 * quantity)

    def test_free_goods_beyond(self):
        order = self.new_role_contract(lines=[(self.pump, 10), (self.pump, 1, 0)])
        self.hold(order)
        self.permission(source=order)
        picking = order.picking_ids
        with self.fails("covers no more|missing"), freeze_time("2026-09-11 02:00:00"):
            for move in picking.move_ids:
                free = not move.sale_line_id.price_unit
                move.write({"quantity": 20 if free else 10, "picked": True})
            picking.with_user(self.stock_user).with_context(
                skip_backorder=True
            ).button_validate()

    def test_own_request(self):
        self.order.user_id = self.leader
        with freeze_time("2026-09-10 02:00:00"):
            application = self.apply(user=self.business, user_id=self.leader.id)
        with self.fails("nobody but who asks"):
            self.submit(application, user=self.business)

    def test_after_submission(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.seller)
            .create({"name": "slip.pdf", "raw": b"x"})
        )
        application = self.apply(attachment_ids=[Command.link(file.id)])
        self.submit(application)
        mine = application.with_user(self.seller)
        other = self.new_role_contract()
        for change in (
            lambda: mine.write({"picking_ids": [Command.link(other.picking_ids.id)]}),
            lambda: mine.write({"kind": "supply"}),
            lambda: mine.write({"attachment_ids": [Command.clear()]}),
            lambda: mine.write({"slip_seen": True}),
            lambda: mine.write({"reason_id": self.slip.id}),
            lambda: mine.write({"condition_ids": [Command.create({"name": "x"})]}),
            lambda: mine.write({"use_ids": [Command.clear()]}),
            lambda: mine.write({"repayment_ids": [Command.clear()]}),
            lambda: mine.write({"user_id": self.owner.id}),
            lambda: mine.write({"date": "2026-01-01"}),
            lambda: mine.action_refresh(),
            lambda: mine.unlink(),
            lambda: (
                self.env["contract.risk.shipment.line"]
                .with_user(self.seller)
                .create(
                    {
                        "application_id": mine.id,
                        "line_id": other.order_line[:1].id,
                        "quantity": 1,
                    }
                )
            ),
            lambda: (
                self.env["contract.risk.repayment"]
                .with_user(self.seller)
                .create({"application_id": mine.id, "date": "2027-01-01", "amount": 1})
            ),
            lambda: file.with_user(self.seller).write({"raw": b"y"}),
            lambda: file.with_user(self.seller).unlink(),
        ):
            with self.fails("."):
                change()
            self.env.invalidate_all()

    def test_rows_moved(self):
        """Rows of a draft don't move into what is decided."""
        application = self.permission()
        draft = self.apply(day="2026-09-11")
        for row in draft.line_ids, draft.repayment_ids:
            with self.fails("."):
                row.with_user(self.seller).application_id = application
        with self.fails("."):
            draft.with_user(
                self.seller
            ).line_ids.line_id = self.new_role_contract().order_line[:1]

    def test_evidence(self):
        application = self.permission(limits={"conditions": ["A"]})
        application.condition_ids.with_user(self.head).action_tick()
        self.ship(4)
        for user in (self.seller, self.business, self.manager, self.leader):
            for rows in (
                application.use_ids,
                application.condition_ids,
                application.line_ids,
            ):
                with self.fails("."):
                    rows.with_user(user).unlink()
            for vals in (
                {"approved_amount": 1e6},
                {"state": "approved"},
                {"used_amount": 0},
                {"approved_until": "2030-01-01"},
                {"reason_codes": "money credit"},
                {"ceiling": {}},
            ):
                with self.fails("."):
                    application.with_user(user).write(vals)
            with self.fails("."):
                self.env["contract.risk.use"].with_user(user).create(
                    {
                        "application_id": application.id,
                        "row_id": application.line_ids.id,
                        "move_id": self.picking.move_ids.id,
                        "quantity": -4,
                    }
                )
            with self.fails("."):
                self.env["contract.gate"].with_user(user).create(
                    {"order_id": self.order.id}
                )
        for user in (self.seller, self.stock_user, self.leader, self.finance):
            with self.fails("."):
                self.env["contract.gate.rule"].with_user(user).search([]).write(
                    {"action": "off"}
                )

    def test_created_as_decided(self):
        Shipment = self.env["contract.risk.shipment"].with_user(self.seller)
        for vals in (
            {"state": "approved"},
            {"approved_amount": 1000},
            {"approved_until": "2030-01-01"},
            {"reason_codes": "money"},
            {"condition_ids": [Command.create({"name": "x"})]},
            {
                "line_ids": [
                    Command.create(
                        {
                            "line_id": self.order.order_line[:1].id,
                            "quantity": 1,
                            "approved_quantity": 5,
                        }
                    )
                ]
            },
        ):
            with self.fails("."):
                Shipment.create({"order_id": self.order.id, **vals})
            names = {f"default_{name}": value for name, value in vals.items()}
            # as defaults they say nothing, or are refused
            with suppress(UserError), self.cr.savepoint():
                made = Shipment.with_context(**names).create(
                    {"order_id": self.order.id}
                )
                self.assertEqual(made.state, "draft")
                self.assertFalse(made.approved_amount)
                self.assertFalse(made.condition_ids)

    def test_prices_are_not_told(self):
        """Rows name lines of orders that the user can't read: nothing of them."""
        Line = self.env["contract.risk.shipment.line"].with_user(self.rival)
        line = self.order.order_line[:1]
        spec = {"amount": {}, "open_quantity": {}, "display_name": {}, "line_id": {}}
        with self.assertRaises(AccessError):
            Line.onchange({"line_id": line.id, "quantity": 1}, ["line_id"], spec)

    def test_order_is_not_told(self):
        Shipment = self.env["contract.risk.shipment"].with_user(self.rival)
        spec = {
            name: {}
            for name, field in Shipment._fields.items()
            if field.type in ("monetary", "char", "text", "float", "date", "selection")
            and Shipment._has_field_access(field, "read")
        }
        with self.assertRaises(AccessError):
            Shipment.onchange({"order_id": self.order.id}, ["order_id"], spec)

    def test_limits_of_others(self):
        application = self.submit(self.apply())
        for user in (self.rival, self.stock_user, self.business):
            with self.fails("."), freeze_time("2026-09-10 04:00:00"):
                self.env["contract.risk.limit"].with_user(user).with_context(
                    default_application_id=application.id
                ).create({"amount": 5, "date_until": "2026-09-20"}).action_set()
