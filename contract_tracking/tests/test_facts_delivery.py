from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from ..tools.guard import unguarded
from .common import ContractCommon


class TestFactsDelivery(ContractCommon):
    """What counts as delivered, when, and what that makes of the promise."""

    def test_partial_late_and_on_time(self):
        order = self.new_contract(
            "2026-09-01", [(self.pump, 10), (self.valve, 5)], promised="2026-10-01"
        )
        self.deliver(order, "2026-09-20", pump=4, valve=5)
        self.deliver(order, "2026-10-13", pump=6)

        before = self.facts(order, "2026-09-10")
        self.assertEqual(before["Pump"]["status"], "not_due")
        self.assertEqual(before["Pump"]["actual_quantity"], 0)
        soon = self.facts(order, "2026-09-25")
        self.assertEqual(soon["Pump"]["status"], "due_soon")
        self.assertEqual(soon["Pump"]["actual_quantity"], 4)
        self.assertEqual(soon["Valve"]["status"], "met")
        self.assertEqual(soon["Valve"]["actual_date"], date(2026, 9, 20))
        self.assertEqual(soon["Valve"]["variance_days"], -11)
        late = self.facts(order, "2026-10-12")
        self.assertEqual(late["Pump"]["status"], "short")
        self.assertEqual(late["Pump"]["variance_days"], 11)
        self.assertTrue(late["Pump"]["is_late"])
        done = self.facts(order, "2026-10-31")
        self.assertEqual(done["Pump"]["status"], "met_late")
        self.assertEqual(done["Pump"]["actual_date"], date(2026, 10, 13))
        self.assertEqual(done["Pump"]["variance_days"], 12)
        # the due day itself is in time
        self.assertEqual(self.facts(order, "2026-10-01")["Pump"]["status"], "due_soon")
        self.assertEqual(self.facts(order, "2026-10-02")["Pump"]["status"], "short")

    def test_overdue_without_anything_delivered(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        fact = self.facts(order, "2026-10-05")["Pump"]
        self.assertEqual(fact["status"], "overdue")
        self.assertEqual(fact["variance_days"], 4)

    def assert_status(self, order, name, days):
        """``{day: status}``"""
        for day, status in days.items():
            with self.subTest(day=day):
                self.assertEqual(self.facts(order, day)[name]["status"], status)

    def test_first_day_of_each_status(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        self.assert_status(
            order,
            "Pump",
            {
                "2026-09-23": "not_due",
                "2026-09-24": "due_soon",
                "2026-10-01": "due_soon",
                "2026-10-02": "overdue",
            },
        )

    def test_delivered_on_the_last_day(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        self.deliver(order, "2026-10-01")
        self.assert_status(order, "Pump", {"2026-10-01": "met", "2026-10-02": "met"})

    def test_delivered_a_day_late(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        self.deliver(order, "2026-10-02")
        self.assert_status(
            order, "Pump", {"2026-10-01": "due_soon", "2026-10-02": "met_late"}
        )

    def clause(self, **values):
        """A contract that promises an insurance by 1 October."""
        order = self.new_order(
            contract_term_ids=[
                Command.create(
                    {
                        "name": "Insurance",
                        "kind": "clause",
                        "due_mode": "date",
                        "date_fixed": "2026-10-01",
                    }
                )
            ]
        )
        with freeze_time("2026-09-01 02:00:00"):
            order.action_confirm()
        unguarded(order.contract_term_ids.filtered(lambda t: t.kind == "clause")).write(
            values
        )
        return order

    def test_clause_kept_on_its_last_day(self):
        order = self.clause(done_date="2026-10-01")
        self.assert_status(
            order, "Insurance", {"2026-09-30": "due_soon", "2026-10-01": "met"}
        )
        fact = self.facts(order, "2026-10-01")["Insurance"]
        self.assertEqual(fact["actual_date"], date(2026, 10, 1))
        self.assertEqual((fact["variance_days"], float(fact["progress"])), (0, 1))

    def test_clause_kept_a_day_late(self):
        order = self.clause(done_date="2026-10-02")
        self.assert_status(
            order, "Insurance", {"2026-10-01": "due_soon", "2026-10-02": "met_late"}
        )

    def test_clause_without_progress(self):
        self.assert_status(
            self.clause(),
            "Insurance",
            {
                "2026-09-24": "due_soon",
                "2026-10-01": "due_soon",
                "2026-10-02": "overdue",
            },
        )

    def test_clause_with_some_progress(self):
        order = self.clause(progress=1)
        self.assert_status(
            order, "Insurance", {"2026-10-01": "due_soon", "2026-10-02": "short"}
        )

    def test_clause_waived(self):
        order = self.clause(waived_on="2026-10-05")
        self.assert_status(
            order, "Insurance", {"2026-10-04": "overdue", "2026-10-05": "waived"}
        )

    def test_equals_core(self):
        order = self.new_contract("2026-09-01", [(self.pump, 10), (self.valve, 5)])
        picking = self.deliver(order, "2026-09-20", pump=7, valve=2)
        self.give_back(picking, "2026-09-25", 1)
        facts = self.facts(order)
        for term in order.contract_term_ids:
            self.assertEqual(
                facts[term.display_name]["actual_quantity"], term.line_id.qty_delivered
            )
        self.assertEqual(facts["Pump"]["actual_quantity"], 6)

    def test_returns(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        picking = self.deliver(order, "2026-09-20")
        self.assertEqual(self.facts(order, "2026-09-30")["Pump"]["status"], "met")
        self.give_back(picking, "2026-10-05", 3)
        # fulfilled in time, undone later: the promise is open again
        self.assertEqual(self.facts(order, "2026-10-04")["Pump"]["status"], "met")
        fact = self.facts(order, "2026-10-06")["Pump"]
        self.assertEqual(fact["status"], "short")
        self.assertEqual(fact["actual_quantity"], 7)
        self.assertFalse(fact["actual_date"])
        # goods that come back for replacement don't lower core's figure, but they are
        # outstanding until they are replaced
        other = self.new_contract("2026-09-01", promised="2026-10-01")
        picking = self.deliver(other, "2026-09-20")
        self.give_back(picking, "2026-10-05", 3, to_refund=False)
        self.assertEqual(other.order_line.qty_delivered, 10)
        self.assertEqual(self.figures(other, "2026-10-06")["delivered"], 1000)
        fact = self.facts(other, "2026-10-06")["Pump"]
        self.assertEqual((fact["actual_quantity"], fact["status"]), (7, "short"))
        fact = self.facts(other, "2026-10-04")["Pump"]
        self.assertEqual((fact["actual_quantity"], fact["status"]), (10, "met"))

    def test_over_delivery_stays_on_the_last_term(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        self.deliver(order, "2026-09-20", pump=12)
        fact = self.facts(order)["Pump"]
        self.assertEqual(fact["actual_quantity"], 12)
        self.assertEqual(fact["status"], "met")
        self.assertEqual(self.figures(order)["delivered"], 1200)

    def test_split_deliveries_are_filled_by_date(self):
        self.company.contract_effective_rule = "seals"
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        term = order.contract_term_ids
        split = self.env["contract.term.split"].create(
            {
                "term_id": term.id,
                "line_ids": [
                    Command.create({"date": "2026-12-01", "quantity": 3}),
                    Command.create({"date": "2026-10-01", "quantity": 4}),
                    Command.create({"date": "2026-11-01", "quantity": 3}),
                ],
            }
        )
        split.action_apply()
        order.write(
            {
                "contract_our_seal_date": "2026-09-02",
                "contract_customer_seal_date": "2026-09-03",
            }
        )
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(order.contract_effective_date, date(2026, 9, 3))
        self.deliver(order, "2026-10-03", pump=5)
        rows = self.env["contract.facts"]._read_terms(order, date(2026, 11, 2))
        by_date = {row["date_due"]: row for row in rows.values()}
        first, second, third = (
            by_date[day]
            for day in (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1))
        )
        self.assertEqual(first["actual_quantity"], 4)
        self.assertEqual(first["status"], "met_late")
        self.assertEqual(second["actual_quantity"], 1)
        self.assertEqual(second["status"], "short")
        self.assertEqual(third["actual_quantity"], 0)
        self.assertEqual(third["status"], "not_due")

    def test_units_of_measure(self):
        dozen = self.env.ref("uom.product_uom_dozen")
        order = self.new_order()
        order.order_line.product_uom_id = dozen
        order.order_line.product_uom_qty = 2
        order.order_line.price_unit = 1200
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.quantity = 6 if picking.move_ids.product_uom != dozen else 0.5
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        fact = self.facts(order)["Pump"]
        self.assertEqual(fact["actual_quantity"], 0.5)
        self.assertEqual(fact["actual_quantity"], order.order_line.qty_delivered)
        self.assertEqual(self.figures(order)["delivered"], 600)

    def test_days_end_at_midnight_of_the_company(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        # 17:30 UTC of the first is half past one of the second in Shanghai
        self.deliver(order, "2026-10-01", hour="17:30:00")
        self.assertEqual(self.facts(order)["Pump"]["actual_date"], date(2026, 10, 2))
        self.assertEqual(self.facts(order)["Pump"]["status"], "met_late")
        self.company.contract_tz = "America/New_York"
        self.assertEqual(self.facts(order)["Pump"]["actual_date"], date(2026, 10, 1))

    def test_services_by_hand_are_dated_by_the_history(self):
        order = self.new_contract(
            "2026-09-01", [(self.service, 4)], promised="2026-10-01"
        )
        with freeze_time("2026-09-10 02:00:00"):
            order.order_line.qty_delivered = 1
        with freeze_time("2026-10-10 02:00:00"):
            order.order_line.qty_delivered = 4
        self.assertEqual(
            self.facts(order, "2026-09-09")["Installation"]["actual_quantity"], 0
        )
        self.assertEqual(
            self.facts(order, "2026-09-10")["Installation"]["actual_quantity"], 1
        )
        fact = self.facts(order)["Installation"]
        self.assertEqual(fact["actual_quantity"], 4)
        self.assertEqual(fact["status"], "met_late")
        self.assertEqual(fact["actual_date"], date(2026, 10, 10))

    def test_large_quantities_are_told_in_full(self):
        order = self.new_contract("2026-09-01", [(self.service, 2000000)])
        order.order_line.qty_delivered = 1234567.5
        row = order.contract_history_ids.filtered(lambda r: r.kind == "delivered")
        self.assertEqual(row.new_value, "1,234,567.5")
        split = self.env["contract.term.split"].create(
            {"term_id": order.contract_term_ids.id, "line_ids": []}
        )
        with self.assertRaisesRegex(UserError, "add up to 2,000,000"):
            split.action_apply()

    def test_what_core_counts_without_a_write_is_dated_by_the_daily_run(self):
        order = self.new_contract("2026-09-01", [(self.service, 4)])
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE sale_order_line SET qty_delivered = 3 WHERE id = %s",
            (order.order_line.id,),
        )
        self.env.invalidate_all()
        with freeze_time("2026-09-15 02:00:00"), self.enter_registry_test_mode():
            self.env.ref("contract_tracking.cron_log_delivered").method_direct_trigger()
        self.assertEqual(
            self.facts(order, "2026-09-14")["Installation"]["actual_quantity"], 0
        )
        self.assertEqual(
            self.facts(order, "2026-09-15")["Installation"]["actual_quantity"], 3
        )

    def test_lines_that_promise_nothing(self):
        order = self.new_order([(self.pump, 10), (self.service, 1)])
        discount = self.env["product.product"].create(
            {"name": "Discount", "type": "service", "taxes_id": False}
        )
        self.company.sale_discount_product_id = discount
        order.write(
            {
                "order_line": [
                    Command.create({"display_type": "line_section", "name": "Part A"}),
                    Command.create({"display_type": "line_note", "name": "Note"}),
                    Command.create(
                        {
                            "product_id": discount.id,
                            "product_uom_qty": 1,
                            "price_unit": -50,
                        }
                    ),
                    Command.create({"product_id": self.valve.id, "product_uom_qty": 0}),
                ]
            }
        )
        order.action_confirm()
        self.assertEqual(
            set(order.contract_term_ids.mapped("display_name")),
            {"Pump", "Installation"},
        )
        promises = order.order_line.filtered(lambda ln: ln._contract_is_promise())
        self.assertEqual(promises.product_id, self.pump + self.service + self.valve)
        self.deliver(order, self.company._contract_today())
        # fees and discounts don't keep a delivered contract from being complete
        order.order_line.filtered(
            lambda ln: ln.product_id == self.service
        ).qty_delivered = 1
        self.assertEqual(self.figures(order)["delivery_progress"], 1)

    def test_free_lines_and_lines_of_the_warehouse(self):
        order = self.new_contract(
            "2026-09-01", [(self.pump, 2, 0)], promised="2026-10-01"
        )
        self.deliver(order, "2026-09-10")
        self.assertEqual(self.facts(order)["Pump"]["status"], "met")
        figures = self.figures(order)
        self.assertEqual(figures["delivered"], 0)
        self.assertEqual(figures["delivery_progress"], 0)
        tax = self.env["account.tax"].create(
            {"name": "13 %", "amount": 13, "amount_type": "percent"}
        )
        self.valve.taxes_id = tax
        other = self.new_contract("2026-09-01", [(self.pump, 2)])
        picking = other.picking_ids
        with freeze_time("2026-09-10 02:00:00"):
            picking.move_ids = [
                Command.create(
                    {
                        "product_id": self.valve.id,
                        "product_uom_qty": 3,
                        "quantity": 3,
                        "location_id": picking.location_id.id,
                        "location_dest_id": picking.location_dest_id.id,
                    }
                )
            ]
            picking.move_ids.picked = True
            picking.with_context(skip_backorder=True).button_validate()
        added = other.order_line.filtered(lambda ln: ln.product_id == self.valve)
        self.assertEqual(added.product_uom_qty, 0)
        # 3 valves at 40 with 13 % taxes
        self.assertAlmostEqual(
            self.figures(other)["delivered"],
            3 * added.price_unit * 1.13
            + sum(
                m.quantity * 100 for m in picking.move_ids if m.product_id == self.pump
            ),
        )

    def test_opening_quantity_counts_to_date(self):
        order = self.new_order()
        order.write({"contract_opening_date": "2026-08-31"})
        order.order_line.contract_opening_quantity = 6
        with freeze_time("2026-09-01 02:00:00"):
            order.commitment_date = "2026-10-01 02:00:00"
            order.action_confirm()
        self.assertEqual(self.facts(order, "2026-09-05")["Pump"]["actual_quantity"], 6)
        self.deliver(order, "2026-09-20", pump=4)
        self.assertEqual(self.facts(order, "2026-09-30")["Pump"]["status"], "met")
        with self.assertRaises(UserError):
            order.order_line.contract_opening_quantity = 7

    def test_later_edits_do_not_move_the_promise(self):
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        order.commitment_date = "2026-12-01 02:00:00"
        order.order_line.product_uom_qty = 20
        order.order_line.price_unit = 200
        fact = self.facts(order, "2026-10-05")["Pump"]
        self.assertEqual(fact["date_due"], date(2026, 10, 1))
        self.assertEqual(fact["agreed_quantity"], 10)
        self.assertEqual(fact["agreed_amount"], 1000)

    def test_terms_follow_the_order_until_it_takes_effect(self):
        self.company.contract_effective_rule = "signature"
        order = self.new_contract(
            "2026-09-01", template="template_30_60_10", promised="2026-10-01"
        )
        order.commitment_date = "2026-12-01 02:00:00"
        order.order_line.product_uom_qty = 20
        fact = self.facts(order, "2026-10-05")
        self.assertEqual(fact["Pump"]["date_due"], date(2026, 12, 1))
        self.assertEqual(fact["Pump"]["agreed_quantity"], 20)
        self.assertEqual(fact["Deposit"]["agreed_amount"], 600)
        with freeze_time("2026-10-06 02:00:00"):
            order.write(
                {
                    "contract_signatory": "Wang Fang",
                    "contract_signing_date": "2026-10-05",
                }
            )
        self.assertEqual(order.contract_effective_date, date(2026, 10, 5))
        fact = self.facts(order, "2026-10-06")
        self.assertEqual(fact["Pump"]["agreed_quantity"], 20)
        self.assertEqual(fact["Deposit"]["agreed_amount"], 600)
        self.assertEqual(fact["Deposit"]["date_due"], date(2026, 10, 12))

    def test_kits_by_the_rule_of_core(self):
        motor, frame = (
            self.env["product.product"].create(
                {"name": name, "type": "consu", "is_storable": True}
            )
            for name in ("Motor", "Frame")
        )
        for part in motor + frame:
            self.env["stock.quant"]._update_available_quantity(
                part, self.warehouse.lot_stock_id, 1000
            )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.pump.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": motor.id, "product_qty": 1}),
                    Command.create({"product_id": frame.id, "product_qty": 2}),
                ],
            }
        )
        order = self.new_contract("2026-09-01", promised="2026-10-01")
        self.deliver(order, "2026-09-20", motor=10, frame=8)
        self.deliver(order, "2026-10-13")
        self.assertEqual(order.order_line.qty_delivered, 10)
        self.assertEqual(self.facts(order, "2026-09-19")["Pump"]["actual_quantity"], 0)
        # eight frames make four pumps
        self.assertEqual(self.facts(order, "2026-10-02")["Pump"]["actual_quantity"], 4)
        self.assertEqual(self.facts(order, "2026-10-02")["Pump"]["status"], "short")
        fact = self.facts(order)["Pump"]
        self.assertEqual(fact["actual_quantity"], 10)
        self.assertEqual(fact["actual_date"], date(2026, 10, 13))
        self.assertEqual(self.figures(order)["delivered"], 1000)

    def test_fees_and_rewards_of_other_addons(self):
        order = self.new_order([(self.pump, 1), (self.service, 1)])
        fee = order.order_line.filtered(lambda ln: ln.product_id == self.service)
        fee.is_delivery = True
        order.action_confirm()
        self.assertEqual(order.contract_term_ids.product_id, self.pump)
        self.deliver(order, self.company._contract_today())
        self.assertEqual(self.figures(order)["delivery_progress"], 1)
