from freezegun import freeze_time

from odoo import Command
from odoo.tools import SQL

from ..tools.guard import unguarded
from .common import ContractCommon


class TestFactsFresh(ContractCommon):
    """Figures that were read are read again after a fact was added, in the same
    transaction: without flushing or invalidating by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.new_contract(
            "2026-09-01",
            lines=[(cls.pump, 10)],
            template="template_30_70_delivery",
            promised="2026-10-01",
        )
        cls.terms = cls.order.contract_term_ids
        cls.startClassPatcher(freeze_time("2026-11-01 04:00:00"))

    def figures(self):
        """What is on screen."""
        return (
            *self.terms.mapped("status"),
            *self.terms.mapped("actual_amount"),
            *(term.due_label for term in self.terms),
            self.order.contract_delivered_amount,
            self.order.contract_invoiced_amount,
            self.order.contract_received_amount,
            self.order.contract_overdue_amount,
            self.order.contract_sentence,
            self.partner.contract_overdue_amount,
        )

    def assert_fresh(self, write):
        before = self.figures()
        write()
        after = self.figures()
        self.assertNotEqual(before, after)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(after, self.figures())

    def test_delivery(self):
        self.assert_fresh(lambda: self.deliver(self.order, "2026-10-05", pump=4))

    def test_return(self):
        picking = self.deliver(self.order, "2026-10-05")
        self.assert_fresh(lambda: self.give_back(picking, "2026-10-06", 3))

    def test_invoice_and_payment(self):
        self.deliver(self.order, "2026-10-05")
        self.figures()
        invoices = []
        self.assert_fresh(
            lambda: invoices.append(self.invoice(self.order, "2026-10-06"))
        )
        self.assert_fresh(lambda: self.pay(invoices[0], "2026-10-07", 400))
        self.assert_fresh(lambda: invoices[0].button_draft())

    def test_claim(self):
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 300,
                "date": "2026-09-10",
            }
        )
        payment.action_post()
        claims = self.env["contract.payment.claim"]
        self.assert_fresh(
            lambda: claims.create(
                {
                    "payment_id": payment.id,
                    "order_id": self.order.id,
                    "amount": 300,
                    "date": "2026-09-10",
                }
            )
        )
        self.assert_fresh(
            lambda: claims.search([("payment_id", "=", payment.id)])._withdraw("Other")
        )

    def test_event(self):
        order = self.new_contract("2026-09-01", lines=[(self.pump, 1)])
        kind = self.env.ref("contract_tracking.event_type_goods_ready")
        term = self.env["contract.term"].create(
            {
                "order_id": order.id,
                "kind": "clause",
                "name": "Ready",
                "due_mode": "event",
                "event_type_id": kind.id,
                "delay": 5,
            }
        )
        self.assertEqual(term.status, "waiting")
        event = self.env["contract.event"].create(
            {"order_id": order.id, "type_id": kind.id, "date": "2026-10-30"}
        )
        self.assertEqual(term.status, "due_soon")
        event.date = "2026-10-01"
        self.assertEqual(term.status, "overdue")
        event.unlink()
        self.assertEqual(term.status, "waiting")

    def test_opening_figures(self):
        self.assert_fresh(
            lambda: self.order.write(
                {"contract_opening_date": "2026-08-31", "contract_opening_received": 50}
            )
        )

    def test_discount_product_of_the_company(self):
        """A line of the company's discount product promises nothing."""
        order = self.new_contract(
            "2026-09-01", lines=[(self.pump, 1), (self.service, 1)]
        )
        read = self.env["contract.facts"]._read_orders
        self.assertEqual(read(order)[order.id]["goods_total"], 150)
        self.company.sale_discount_product_id = self.service
        self.assertEqual(read(order)[order.id]["goods_total"], 100)

    def test_setting_of_the_company(self):
        order = self.new_contract("2026-09-01", promised="2026-11-15")
        term = order.contract_term_ids
        self.assertEqual(term.status, "not_due")
        self.company.contract_due_soon_days = 20
        self.assertEqual(term.status, "due_soon")

    def test_posting_lets_go_without_a_query(self):
        self.figures()
        with self.assertQueryCount(0):
            self.env["contract.facts"]._changed()

    def test_terms(self):
        waiting = self.order.contract_waiting_terms
        self.env["contract.term"].create(
            {
                "order_id": self.order.id,
                "kind": "clause",
                "name": "Ready",
                "due_mode": "event",
                "event_type_id": self.env.ref(
                    "contract_tracking.event_type_goods_ready"
                ).id,
            }
        )
        self.assertEqual(self.order.contract_waiting_terms, waiting + 1)

    def test_health(self):
        self.deliver(self.order, "2026-10-01")
        self.pay(self.invoice(self.order, "2026-10-01"), "2026-10-01", 1000)
        self.assertNotEqual(self.order.contract_health, "at_risk")
        deviation = self.env["contract.deviation"].create(
            {"order_id": self.order.id, "summary": "Scratched", "severity": "major"}
        )
        self.assertEqual(self.order.contract_open_deviations, 1)
        self.assertEqual(self.order.contract_health, "at_risk")
        unguarded(deviation).cured_on = "2026-10-31"
        self.assertEqual(self.order.contract_health, "attention")

    def test_counts_of_the_rooms_above(self):
        self.assertFalse(self.order.contract_record_count)
        self.env["contract.tracking.record"].create({"order_id": self.order.id})
        self.assertEqual(self.order.contract_record_count, 1)
        self.assertFalse(self.order.contract_coordination_count)
        self.env["contract.coordination"].create(
            {
                "order_id": self.order.id,
                "subject": "Truck",
                "reply_date": "2026-11-05",
            }
        )
        self.assertEqual(self.order.contract_coordination_count, 1)

    def test_everybody_who_writes_facts_lets_go(self):
        """But for what is set up once, and entries, which change with their move."""
        standing = {
            "account.account",
            "account.journal",
            "account.move.line",
            "account.tax",
            "product.template",
            "stock.location",
            "uom.uom",
        }
        source = self.env.registry["contract.facts.source"]
        for name in ("contract.facts", "contract.facts.frame"):
            facts = self.env[name]
            for statement in (facts._orders_sql(), facts._terms_sql()):
                read = {field.model_name for field in statement.to_flush}
                self.assertEqual(
                    {
                        model
                        for model in read - standing
                        if not isinstance(self.env[model], source)
                    },
                    set(),
                )


class TestPromise(ContractCommon):
    """Which lines promise something is said in Python and in SQL."""

    def test_both_agree(self):
        combo = self.env["product.product"].create(
            {
                "name": "Set",
                "type": "combo",
                "combo_ids": [
                    Command.create(
                        {
                            "name": "Any",
                            "combo_item_ids": [
                                Command.create({"product_id": self.pump.id})
                            ],
                        }
                    )
                ],
            }
        )
        self.company.sale_discount_product_id = self.valve
        order = self.env["sale.order"].create(
            {
                "partner_id": self.partner.id,
                "order_line": [
                    Command.create(vals)
                    for vals in (
                        {"product_id": self.pump.id},
                        {"product_id": self.service.id, "product_uom_qty": 0},
                        {"product_id": self.valve.id},
                        {"product_id": combo.id},
                        {"product_id": self.pump.id, "is_downpayment": True},
                        {"product_id": self.pump.id, "is_expense": True},
                        {"display_type": "line_section", "name": "Section"},
                        {"display_type": "line_note", "name": "Note"},
                    )
                ],
            }
        )
        order.action_confirm()
        lines = order.order_line
        if "is_delivery" in lines._fields:
            lines.create(
                {
                    "order_id": order.id,
                    "product_id": self.service.id,
                    "is_delivery": True,
                }
            )
        facts = self.env["contract.facts"]
        rows = self.env.execute_query(
            SQL(
                "%s SELECT line_id FROM line",
                facts._with_sql(facts._scope(order), None),
            )
        )
        promises = order.order_line.filtered(lambda line: line._contract_is_promise())
        self.assertEqual({line_id for [line_id] in rows}, set(promises.ids))
        self.assertEqual(len(promises), 2)
