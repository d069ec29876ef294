from datetime import date

from freezegun import freeze_time

from odoo import Command

from ..tools.guard import unguarded
from .common import ContractCommon


class TestFactsEvents(ContractCommon):
    """By which clock goods fulfil the promise and payments fall due."""

    def sign(self, picking, day, fname="contract_receipt_date", rejected=0):
        with freeze_time(f"{day} 02:00:00"):
            picking[fname] = day
            if rejected:
                picking.move_ids.write(
                    {
                        "contract_rejected_quantity": rejected,
                        "contract_rejection_reason": "Rust",
                    }
                )

    def event(self, order, name, day):
        with freeze_time(f"{day} 02:00:00"):
            return self.env["contract.event"].create(
                {
                    "order_id": order.id,
                    "type_id": self.env.ref(f"contract_tracking.event_type_{name}").id,
                    "date": day,
                }
            )

    def test_default_day_is_the_companys(self):
        """At eleven in UTC it is tomorrow already on Kiritimati."""
        self.company.contract_tz = "UTC"
        order = self.new_contract("2026-09-01")
        user = self.new_user("islander", "contract_tracking.group_contract_business")
        user.tz = "Pacific/Kiritimati"
        with freeze_time("2026-10-01 11:00:00"):
            event = (
                self.env["contract.event"]
                .with_user(user)
                .with_context(tz=user.tz)
                .create(
                    {
                        "order_id": order.id,
                        "type_id": self.env.ref(
                            "contract_tracking.event_type_acceptance"
                        ).id,
                    }
                )
            )
        self.assertEqual(event.date, date(2026, 10, 1))

    def test_name_says_the_day_as_its_reader_does(self):
        event = self.event(self.new_contract("2026-09-01"), "acceptance", "2026-10-02")
        self.assertTrue(event.display_name.endswith(" 10/02/2026"))
        self.env["res.lang"]._activate_lang("fr_FR")
        french = event.with_context(lang="fr_FR")
        self.assertTrue(french.display_name.endswith(" 02/10/2026"))

    def by_receipt(self, lines=None, **values):
        """Ten pumps at 100, promised for 1 October, fulfilled when signed for."""
        return self.new_contract(
            "2026-09-01",
            lines,
            **{"promised": "2026-10-01", "contract_fulfilment": "receipt", **values},
        )

    def with_terms(self, *terms, lines=None, **values):
        """A contract in effect since 1 September with payment terms of its own."""
        order = self.new_order(
            lines,
            commitment_date="2026-10-01 02:00:00",
            contract_term_ids=[
                Command.create(
                    {
                        "kind": "payment",
                        "sequence": 200 + number,
                        **vals,
                        "event_type_id": self.env.ref(
                            f"contract_tracking.event_type_{vals['event_type_id']}"
                        ).id,
                    }
                )
                for number, vals in enumerate(terms)
            ],
            **values,
        )
        with freeze_time("2026-09-01 02:00:00"):
            order.action_confirm()
        return order

    def assertDelivered(self, order, days, name="Pump"):
        """``{day: (quantity that fulfils, status)}``"""
        for day, expected in days.items():
            fact = self.facts(order, day)[name]
            with self.subTest(day=day):
                self.assertEqual(
                    (float(fact["actual_quantity"]), fact["status"]), expected
                )

    def assertMatured(self, order, days):
        """``{day: (fallen due, overdue)}``"""
        for day, expected in days.items():
            figures = self.figures(order, day)
            with self.subTest(day=day):
                self.assertEqual(
                    (float(figures["matured"]), float(figures["overdue"])), expected
                )

    # ------------------------------------------------------------------
    # Fulfilled with the customer's receipt
    # ------------------------------------------------------------------

    def test_dispatched_is_not_fulfilled(self):
        order = self.by_receipt()
        picking = self.deliver(order, "2026-09-20")
        self.assertDelivered(
            order, {"2026-09-25": (0, "due_soon"), "2026-10-02": (0, "overdue")}
        )
        self.sign(picking, "2026-10-05")
        self.assertDelivered(
            order,
            {
                "2026-09-30": (0, "due_soon"),
                "2026-10-04": (0, "overdue"),
                "2026-10-05": (10, "met_late"),
            },
        )
        fact = self.facts(order)["Pump"]
        self.assertEqual(fact["actual_date"], date(2026, 10, 5))
        self.assertEqual(fact["variance_days"], 4)
        # what core counts is what left
        self.assertEqual(order.order_line.qty_delivered, 10)
        self.assertEqual(self.figures(order, "2026-09-20")["delivered"], 1000)
        self.assertEqual(
            self.figures(order, "2026-09-20")["last_delivery"], date(2026, 9, 20)
        )

    def test_each_delivery_by_its_own_receipt(self):
        order = self.by_receipt()
        first = self.deliver(order, "2026-09-10", pump=4)
        second = self.deliver(order, "2026-09-12")
        self.sign(second, "2026-09-15")
        self.assertDelivered(
            order, {"2026-09-14": (0, "not_due"), "2026-09-15": (6, "not_due")}
        )
        # the paper of the first one came late, the goods did not
        self.sign(first, "2026-09-28")
        self.assertDelivered(
            order, {"2026-09-27": (6, "due_soon"), "2026-09-28": (10, "met")}
        )
        self.assertEqual(self.facts(order)["Pump"]["actual_date"], date(2026, 9, 28))

    def test_by_dispatch_the_receipt_changes_nothing(self):
        order = self.by_receipt(contract_fulfilment="dispatch")
        picking = self.deliver(order, "2026-09-20")
        days = {"2026-09-19": (0, "not_due"), "2026-09-20": (10, "met")}
        self.assertDelivered(order, days)
        self.sign(picking, "2026-10-05")
        self.assertDelivered(order, days)

    def test_services_are_fulfilled_when_they_are_done(self):
        order = self.by_receipt([(self.service, 4)])
        with freeze_time("2026-09-20 02:00:00"):
            order.order_line.qty_delivered = 4
        self.assertDelivered(
            order,
            {"2026-09-19": (0, "not_due"), "2026-09-20": (4, "met")},
            "Installation",
        )

    def test_company_decides_for_contracts_that_say_nothing(self):
        order = self.by_receipt(contract_fulfilment=False)
        self.deliver(order, "2026-09-20")
        self.assertDelivered(order, {"2026-09-20": (10, "met")})
        self.env.cr.execute(
            "UPDATE sale_order SET contract_fulfilment = NULL WHERE id = %s",
            [order.id],
        )
        self.company.contract_fulfilment = "receipt"
        self.assertDelivered(order, {"2026-09-20": (0, "not_due")})

    # ------------------------------------------------------------------
    # Rejected and returned
    # ------------------------------------------------------------------

    def rejected(self):
        """Signed for on 22 September, three of ten rejected."""
        order = self.by_receipt()
        picking = self.deliver(order, "2026-09-20")
        self.sign(picking, "2026-09-22", rejected=3)
        return order, picking

    def test_rejected_is_outstanding(self):
        order, picking = self.rejected()
        self.assertDelivered(
            order, {"2026-09-22": (7, "not_due"), "2026-10-02": (7, "short")}
        )
        self.assertEqual(order.order_line.qty_delivered, 10)
        self.assertEqual(self.figures(order)["delivered"], 1000)
        # he takes them after all
        picking.move_ids.contract_rejected_quantity = 0
        self.assertDelivered(order, {"2026-10-02": (10, "met")})

    def test_rejected_and_replaced(self):
        order, picking = self.rejected()
        back = self.give_back(picking, "2026-09-25", 3, to_refund=False)
        # gone once, not twice, and never there in between
        self.assertDelivered(
            order,
            {
                "2026-09-24": (7, "due_soon"),
                "2026-09-25": (7, "due_soon"),
                "2026-10-02": (7, "short"),
            },
        )
        again = self.give_back(back, "2026-10-03", 3, to_refund=False)
        self.assertDelivered(order, {"2026-10-04": (7, "short")})
        self.sign(again, "2026-10-06")
        self.assertDelivered(
            order,
            {
                "2026-09-24": (7, "due_soon"),
                "2026-10-05": (7, "short"),
                "2026-10-06": (10, "met_late"),
            },
        )
        fact = self.facts(order)["Pump"]
        self.assertEqual(fact["actual_date"], date(2026, 10, 6))
        self.assertEqual(fact["variance_days"], 5)
        self.assertEqual(order.order_line.qty_delivered, 10)

    def test_rejected_and_refunded(self):
        order, picking = self.rejected()
        self.give_back(picking, "2026-09-25", 2)
        self.assertEqual(order.order_line.qty_delivered, 8)
        # two of the three rejected came back: seven stay accepted
        self.assertDelivered(
            order, {"2026-09-24": (7, "due_soon"), "2026-09-30": (7, "due_soon")}
        )
        # the third, and one that he had accepted
        self.give_back(picking, "2026-09-28", 2)
        self.assertDelivered(
            order, {"2026-09-27": (7, "due_soon"), "2026-09-28": (6, "due_soon")}
        )
        self.assertEqual(order.order_line.qty_delivered, 6)
        self.assertEqual(self.figures(order)["delivered"], 600)

    def test_returned_for_replacement(self):
        order = self.by_receipt()
        picking = self.deliver(order, "2026-09-05")
        self.sign(picking, "2026-09-08")
        back = self.give_back(picking, "2026-09-20", 4, to_refund=False)
        again = self.give_back(back, "2026-10-03", 4, to_refund=False)
        self.sign(again, "2026-10-06")
        self.assertDelivered(
            order,
            {
                "2026-09-08": (10, "met"),
                "2026-09-20": (6, "not_due"),
                "2026-10-05": (6, "short"),
                "2026-10-06": (10, "met_late"),
            },
        )
        self.assertEqual(self.figures(order, "2026-09-20")["delivered"], 1000)

    def test_returned_unsigned(self):
        """What nobody signed for can't come back by that clock either."""
        order = self.by_receipt()
        picking = self.deliver(order, "2026-09-05")
        self.give_back(picking, "2026-09-07", 4)
        self.assertDelivered(order, {"2026-09-10": (0, "not_due")})
        self.sign(picking, "2026-09-12")
        self.assertDelivered(
            order, {"2026-09-11": (0, "not_due"), "2026-09-12": (6, "not_due")}
        )

    # ------------------------------------------------------------------
    # Kits
    # ------------------------------------------------------------------

    def test_kits_by_receipt(self):
        """A pump is a motor and two frames."""
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
        order = self.by_receipt()
        first = self.deliver(order, "2026-09-10", motor=10, frame=8)
        second = self.deliver(order, "2026-09-20")
        self.sign(first, "2026-09-15")
        # eight of twenty frames arrived: four pumps
        self.assertDelivered(
            order,
            {
                "2026-09-14": (0, "not_due"),
                "2026-09-15": (4, "not_due"),
                "2026-10-02": (4, "short"),
            },
        )
        self.sign(second, "2026-10-03")
        self.assertDelivered(
            order, {"2026-10-02": (4, "short"), "2026-10-03": (10, "met_late")}
        )
        self.assertEqual(self.figures(order, "2026-09-10")["delivered"], 400)
        self.assertEqual(self.figures(order, "2026-09-20")["delivered"], 1000)

    # ------------------------------------------------------------------
    # Payments that fall due with receipts and bills of lading
    # ------------------------------------------------------------------

    def test_due_with_each_receipt(self):
        order = self.with_terms(
            {
                "name": "Balance",
                "percent": 100,
                "event_type_id": "receipt",
                "each": True,
                "delay": 10,
            }
        )
        first = self.deliver(order, "2026-09-05", pump=4)
        self.deliver(order, "2026-09-06")
        self.assertMatured(order, {"2026-10-31": (0, 0)})
        self.assertEqual(self.facts(order)["Balance"]["status"], "waiting")
        # 4 × 100 on 8 + 10 = 18 September
        self.sign(first, "2026-09-08")
        self.assertMatured(
            order,
            {
                "2026-09-17": (0, 0),
                "2026-09-18": (400, 0),
                "2026-09-19": (400, 400),
                "2026-10-31": (400, 400),
            },
        )

    def test_rejected_goods_are_not_due(self):
        order = self.with_terms(
            {
                "name": "Balance",
                "percent": 100,
                "event_type_id": "receipt",
                "each": True,
            },
            contract_deemed_days=5,
        )
        picking = self.deliver(order, "2026-09-05")
        self.sign(picking, "2026-09-08", rejected=3)
        self.assertMatured(order, {"2026-09-08": (700, 0), "2026-09-30": (700, 700)})
        back = self.give_back(picking, "2026-09-10", 3, to_refund=False)
        self.assertMatured(order, {"2026-09-09": (700, 700), "2026-09-30": (700, 700)})
        again = self.give_back(back, "2026-09-12", 3, to_refund=False)
        self.assertMatured(order, {"2026-09-30": (700, 700)})
        self.sign(again, "2026-09-15")
        self.assertMatured(
            order,
            {
                "2026-09-14": (700, 700),
                "2026-09-15": (1000, 700),
                "2026-09-16": (1000, 1000),
            },
        )

    def test_due_with_the_last_receipt(self):
        """Not each time: due as a whole, when all of it was signed for."""
        order = self.with_terms(
            {
                "name": "Balance",
                "percent": 100,
                "event_type_id": "receipt",
                "delay": 30,
            }
        )
        first = self.deliver(order, "2026-09-05", pump=4)
        second = self.deliver(order, "2026-09-06")
        self.sign(first, "2026-09-08")
        self.sign(second, "2026-09-20")
        for day, due in (
            ("2026-09-07", None),
            ("2026-09-08", None),
            ("2026-09-20", date(2026, 10, 20)),
        ):
            with self.subTest(day=day):
                self.assertEqual(self.facts(order, day)["Balance"]["date_due"], due)
        # recorded by hand it goes before what the deliveries say
        self.event(order, "receipt", "2026-09-30")
        self.assertEqual(self.facts(order)["Balance"]["date_due"], date(2026, 10, 30))

    def test_due_with_the_last_dispatch(self):
        """A whole balance waits for the whole delivery, for what is still promised."""
        order = self.with_terms(
            {
                "name": "Balance",
                "percent": 100,
                "event_type_id": "dispatch",
                "delay": 30,
            }
        )
        picking = self.deliver(order, "2026-09-05", pump=9)
        fact = self.facts(order, "2026-10-20")["Balance"]
        self.assertEqual((fact["status"], fact["overdue"]), ("waiting", 0))
        self.assertEqual(self.figures(order, "2026-10-20")["overdue"], 0)
        delivery = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        # the contract allowed one less
        with self.cr.savepoint() as savepoint:
            unguarded(delivery).short_percent = 10
            fact = self.facts(order, "2026-10-20")["Balance"]
            self.assertEqual(fact["date_due"], date(2026, 10, 5))
            self.assertEqual(fact["overdue"], 900)
            savepoint.rollback()
        delivery.invalidate_recordset()
        # or the rest is delivered; what comes back to be credited undoes nothing
        self.deliver(order, "2026-09-15")
        self.give_back(picking, "2026-09-25", 2)
        fact = self.facts(order, "2026-10-20")["Balance"]
        self.assertEqual(fact["date_due"], date(2026, 10, 15))

    def test_due_without_what_was_given_up(self):
        order = self.with_terms(
            {
                "name": "Balance",
                "percent": 100,
                "event_type_id": "dispatch",
                "delay": 30,
            },
            lines=[(self.pump, 10), (self.valve, 5)],
        )
        self.deliver(order, "2026-09-05", pump=10)
        self.assertFalse(self.facts(order)["Balance"]["date_due"])
        order.contract_term_ids.filtered(
            lambda t: t.line_id.product_id == self.valve
        )._waive("Not needed any more")
        self.assertEqual(self.facts(order)["Balance"]["date_due"], date(2026, 10, 5))

    def three_deliveries(self, deduction):
        """30 % deposit, 70 % with each bill of lading: 40, 30, 30 pumps of 100."""
        order = self.with_terms(
            {
                "name": "Deposit",
                "payment_kind": "deposit",
                "percent": 30,
                "event_type_id": "effect",
            },
            {
                "name": "Balance",
                "payment_kind": "balance",
                "percent": 70,
                "event_type_id": "bl",
                "each": True,
                "deposit_deduction": deduction,
            },
            lines=[(self.pump, 100, 10)],
        )
        for day, quantity in (("05", 40), ("10", 30), ("15", 30)):
            picking = self.deliver(order, f"2026-09-{day}", pump=quantity)
            self.sign(picking, f"2026-09-{day}", "contract_bl_date")
        return order

    def test_deposit_deducted_pro_rata(self):
        # 300, then 700 × 40 %, 30 %, 30 %
        self.assertMatured(
            self.three_deliveries("pro_rata"),
            {
                "2026-09-01": (300, 0),
                "2026-09-05": (580, 300),
                "2026-09-10": (790, 580),
                "2026-09-15": (1000, 790),
                "2026-09-16": (1000, 1000),
            },
        )

    def test_deposit_deducted_from_the_last_batch(self):
        # 300, then the batches whole, 400 and 300, and of the last only the
        # 700 − 400 − 300 = 0 that the deposit leaves
        order = self.three_deliveries("last")
        self.assertMatured(
            order,
            {
                "2026-09-01": (300, 0),
                "2026-09-05": (700, 300),
                "2026-09-10": (1000, 700),
                "2026-09-15": (1000, 1000),
            },
        )
        self.assertEqual(
            float(self.facts(order, "2026-09-10")["Balance"]["matured"]), 700
        )

    # ------------------------------------------------------------------
    # More or less than agreed
    # ------------------------------------------------------------------

    def loose(self, dates=None, over=5, short=5):
        """100 pumps, 5 % more or less allowed, in one or several deliveries."""
        self.company.write(
            {"contract_over_percent": over, "contract_short_percent": short}
        )
        self.company.contract_effective_rule = "seals"
        order = self.new_contract(
            "2026-09-01", [(self.pump, 100, 10)], promised="2026-10-01"
        )
        if dates:
            split = self.env["contract.term.split"].create(
                {
                    "term_id": order.contract_term_ids.id,
                    "line_ids": [
                        Command.create({"date": day, "quantity": quantity})
                        for day, quantity in dates
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
        return order

    def test_a_little_less_is_enough(self):
        order = self.loose()
        self.deliver(order, "2026-09-10", pump=94)
        self.assertDelivered(
            order, {"2026-09-10": (94, "not_due"), "2026-10-02": (94, "short")}
        )
        self.deliver(order, "2026-10-04", pump=1)
        # 95 = 100 − 5 %
        self.assertDelivered(order, {"2026-10-04": (95, "met_late")})
        fact = self.facts(order)["Pump"]
        self.assertEqual(fact["actual_date"], date(2026, 10, 4))
        self.assertEqual(fact["over_quantity"], 0)

    def test_a_little_more_is_allowed(self):
        for quantity, over in ((105, 0), (107, 2)):
            order = self.loose()
            self.deliver(order, "2026-09-10", pump=quantity)
            with self.subTest(quantity=quantity):
                self.assertDelivered(order, {"2026-09-10": (quantity, "met")})
                fact = self.facts(order)["Pump"]
                self.assertAlmostEqual(float(fact["over_quantity"]), over)
                term = order.contract_term_ids
                self.assertEqual(term.over_quantity, over)
                self.assertEqual(
                    bool(
                        self.env["contract.term"].search(
                            [("id", "=", term.id), ("over_quantity", ">", 0)]
                        )
                    ),
                    bool(over),
                )

    def split_facts(self, order, day):
        rows = self.env["contract.facts"]._read_terms(order, date.fromisoformat(day))
        return [
            (float(row["actual_quantity"]), row["status"], float(row["over_quantity"]))
            for row in sorted(rows.values(), key=lambda row: row["date_due"])
        ]

    def test_more_or_less_over_several_deliveries(self):
        order = self.loose((("2026-10-01", 40), ("2026-11-01", 30), ("2026-12-01", 30)))
        self.deliver(order, "2026-09-10", pump=38)
        # 38 = 40 − 5 %
        self.assertEqual(
            self.split_facts(order, "2026-10-02"),
            [(38, "met", 0), (0, "not_due", 0), (0, "not_due", 0)],
        )
        # 66 of 70: less than 66.5
        self.deliver(order, "2026-10-10", pump=28)
        self.assertEqual(
            self.split_facts(order, "2026-11-02"),
            [(40, "met", 0), (26, "short", 0), (0, "not_due", 0)],
        )
        self.deliver(order, "2026-11-05", pump=1)
        self.assertEqual(
            self.split_facts(order, "2026-11-05"),
            [(40, "met", 0), (27, "met_late", 0), (0, "not_due", 0)],
        )
        # 67 + 38 = 105 are allowed, 106 are one too many
        self.deliver(order, "2026-11-10", pump=38)
        self.assertEqual(
            self.split_facts(order, "2026-11-10"),
            [(40, "met", 0), (30, "met_late", 0), (35, "met", 0)],
        )

    def test_too_much_over_several_deliveries(self):
        order = self.loose((("2026-10-01", 40), ("2026-12-01", 60)))
        self.deliver(order, "2026-09-10", pump=106)
        self.assertEqual(
            self.split_facts(order, "2026-09-10"), [(40, "met", 0), (66, "met", 1)]
        )

    # ------------------------------------------------------------------
    # Waiting for acceptance
    # ------------------------------------------------------------------

    def assertWaits(self, order, expected):
        """The contract, its deliveries and their filters say the same, today."""
        self.env.invalidate_all()
        pickings = order.picking_ids.filtered("contract_is_delivery")
        self.assertTrue(pickings)
        self.assertEqual(order.contract_awaits_acceptance, expected)
        self.assertEqual(set(pickings.mapped("contract_awaits_acceptance")), {expected})
        domain = [("contract_awaits_acceptance", "=", True)]
        self.assertEqual(
            self.env["sale.order"].search([("id", "=", order.id), *domain]),
            order if expected else order.browse(),
        )
        self.assertEqual(
            self.env["stock.picking"].search([("id", "in", pickings.ids), *domain]),
            pickings if expected else pickings.browse(),
        )
        self.assertEqual(
            self.env["stock.picking"].search_count(
                [("id", "in", pickings.ids), ("contract_awaits_acceptance", "=", False)]
            ),
            0 if expected else len(pickings),
        )

    def accepted_later(self, **values):
        return self.with_terms(
            {
                "name": "Warranty",
                "kind": "clause",
                "event_type_id": "acceptance",
                "delay": 12,
                "delay_unit": "month",
            },
            **values,
        )

    def test_waits_for_acceptance(self):
        order = self.accepted_later()
        self.assertFalse(self.figures(order)["awaits_acceptance"])
        self.deliver(order, "2026-09-10", pump=4)
        self.assertWaits(order, True)
        event = self.event(order, "acceptance", "2026-09-20")
        self.assertWaits(order, False)
        self.assertTrue(self.figures(order, "2026-09-19")["awaits_acceptance"])
        event.unlink()
        self.assertWaits(order, True)
        order.contract_term_ids.filtered(lambda t: t.kind == "clause")._waive(
            "Good friends"
        )
        self.assertWaits(order, False)

    def test_event_counts_from_its_day_on(self):
        order = self.accepted_later()
        self.event(order, "acceptance", "2026-09-20")
        for day, due in (("2026-09-19", None), ("2026-09-20", date(2027, 9, 20))):
            with self.subTest(day=day):
                self.assertEqual(self.facts(order, day)["Warranty"]["date_due"], due)

    def test_waits_as_the_other_event(self):
        order = self.with_terms(
            {
                "name": "Warranty",
                "kind": "clause",
                "event_type_id": "dispatch",
                "delay": 18,
                "delay_unit": "month",
                "alt_event_type_id": self.env.ref(
                    "contract_tracking.event_type_acceptance"
                ).id,
            }
        )
        self.deliver(order, "2026-09-10")
        self.assertWaits(order, True)
        self.event(order, "acceptance", "2026-09-20")
        self.assertWaits(order, False)

    def test_nothing_waits_without_such_a_term(self):
        order = self.by_receipt()
        self.deliver(order, "2026-09-10")
        self.assertWaits(order, False)

    def test_deemed_acceptance(self):
        order = self.accepted_later(contract_deemed_days=15)
        first = self.deliver(order, "2026-09-10", pump=6)
        second = self.deliver(order, "2026-09-11")
        self.sign(first, "2026-09-12")
        self.assertWaits(order, True)
        self.sign(second, "2026-09-20", rejected=1)
        # one is not accepted: nothing is deemed
        self.assertWaits(order, True)
        second.move_ids.contract_rejected_quantity = 0
        # 20 September + 15 = 5 October, then 12 months
        self.assertWaits(order, False)
        self.assertTrue(self.figures(order, "2026-10-04")["awaits_acceptance"])
        self.assertFalse(self.figures(order, "2026-10-05")["awaits_acceptance"])
        self.assertEqual(self.facts(order)["Warranty"]["date_due"], date(2027, 10, 5))
        with freeze_time("2026-10-04 02:00:00"):
            self.assertWaits(order, True)
        with freeze_time("2026-10-05 02:00:00"):
            self.assertWaits(order, False)

    def test_ended_contracts_wait_for_nothing(self):
        order = self.accepted_later()
        self.deliver(order, "2026-09-10")
        self.assertWaits(order, True)
        self.env.cr.execute(
            "UPDATE sale_order SET contract_state = 'completed' WHERE id = %s",
            [order.id],
        )
        self.env.invalidate_all()
        picking = order.picking_ids
        self.assertFalse(picking.contract_awaits_acceptance)
        domain = [("id", "=", picking.id), ("contract_awaits_acceptance", "=", True)]
        self.assertFalse(self.env["stock.picking"].search(domain))
