from odoo import Command

from .test_queries import QueryCase


class TestGateQueries(QueryCase):
    """What the gate costs with the rules that are shipped."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        Rule = cls.env["contract.gate.rule"]
        Rule.search([]).action = "warn"
        for name in ("delivery_money", "documents_money"):
            cls.env.ref(f"contract_tracking.gate_rule_{name}").action = "hold"
        cls.env.ref("contract_tracking.gate_rule_supply_money").action = "off"

    def gated(self, orders, share=100):
        """Ask for all before shipment, and let it be paid."""
        for order in orders:
            order.contract_term_ids = [
                Command.create(
                    {
                        "kind": "payment",
                        "percent": share,
                        "precedes": "shipment",
                        "due_mode": "date",
                        "date_fixed": "2026-12-31",
                    }
                )
            ]

    def new_orders(self, count, tracked, lines=None, template=None):
        orders = super().new_orders(count, tracked, lines, template)
        if tracked and self.share:
            self.gated(orders, self.share)
        return orders

    share = 0

    def validate(self, count, tracked, share=0):
        self.share = share
        orders = self.new_orders(count, tracked, [(self.pump, 1)])
        orders.action_confirm()
        if share:
            payment = self.env["account.payment"].create(
                {
                    "partner_id": self.partner.id,
                    "payment_type": "inbound",
                    "amount": sum(orders.mapped("amount_total")),
                }
            )
            payment.action_post()
            self.env["contract.payment.claim"].create(
                [
                    {
                        "order_id": order.id,
                        "payment_id": payment.id,
                        "amount": order.amount_total,
                    }
                    for order in orders
                ]
            )
        pickings = orders.picking_ids
        pickings.move_ids.quantity = 1
        pickings.move_ids.picked = True
        with self.counted() as cost:
            pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        return cost["queries"]

    def test_passing_delivery(self):
        costs = {}
        for count in (1, 1, 5):
            costs[count] = [
                self.validate(count, False),
                self.validate(count, True),
                self.validate(count, True, 100),
            ]
        for count, (untracked, free, asked) in costs.items():
            self.assertLessEqual(free - untracked, 1, count)
            self.assertLessEqual(asked - untracked, 3, count)

    def test_no_rule(self):
        self.env["contract.gate.rule"].search([]).action = "off"
        for _round in range(2):
            untracked, asked = self.validate(1, False), self.validate(1, True, 100)
        self.assertEqual(asked, untracked)

    def cost(self, records, spec):
        for _round in range(2):
            with self.counted() as cost:
                # as every request does
                self.assertTrue(self.env.user.partner_id.name)
                records.browse(records.ids).web_read(spec)
        return cost["queries"]

    def test_delivery_form(self):
        spec = self.form_spec("stock.picking")
        without = {name: spec[name] for name in spec if "contract_gate" not in name}
        self.assertLess(len(without), len(spec))
        self.share = 100
        held = self.new_orders(1, True, [(self.pump, 1)])
        free = self.new_orders(1, False, [(self.pump, 1)])
        (held | free).action_confirm()
        for order, most in ((held, 6), (free, 1)):
            picking = order.picking_ids
            self.assertLessEqual(
                self.cost(picking, spec) - self.cost(picking, without), most
            )

    def test_list_of_deliveries(self):
        self.share = 100
        orders = self.new_orders(22, True, [(self.pump, 1)])
        orders.action_confirm()
        costs = [
            self.cost(
                orders[:count].picking_ids, {"name": {}, "contract_gate_state": {}}
            )
            for count in (2, 22)
        ]
        self.assertEqual(*costs)

    def test_order_form(self):
        self.share = 100
        orders = self.new_orders(1, True, [(self.pump, 1)])
        orders.action_confirm()
        orders = orders.with_context(lang="en_US")  # as a client asks
        spec = self.form_spec()
        without = [name for name in spec if not name.startswith("contract_")]
        bare = self.cost(orders, {name: spec[name] for name in without})
        self.assertLessEqual(self.cost(orders, spec) - bare, 10)
