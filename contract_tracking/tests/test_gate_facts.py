from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import SQL

from ..tools.guard import unguarded
from .test_account import AccountCommon
from .test_frame import FrameCase
from .test_reagreement import ReagreementCase
from .test_sheet_credits import SheetCase

COLUMNS = (
    "gate_production",
    "gate_first",
    "gate_shipment",
    "gate_documents",
    "gate_shipped",
)


class GateFactsCase(SheetCase):
    def event(self, name):
        return self.env.ref(f"contract_tracking.event_type_{name}").id

    def after(self, event, percent, **values):
        return {"percent": percent, "event_type_id": self.event(event), **values}

    def assertGate(self, order, day=None, **expected):
        """The columns by their names without ``gate_``; what isn't named is 0."""
        row = self.figures(order, day)
        self.assertEqual(
            {name: round(float(row[name]), 2) for name in COLUMNS},
            {name: expected.get(name.removeprefix("gate_"), 0) for name in COLUMNS},
        )


class TestPrecedes(GateFactsCase):
    """Which step a payment must precede: proposed, kept, copied, fixed."""

    def test_proposed_from_kind_and_event(self):
        order = self.new_order()
        for kind, event, step in (
            ("deposit", "effect", "production"),
            ("deposit", "lc", "production"),
            ("progress", "signing", "production"),
            ("progress", "drawings", False),
            ("shipment", "goods_ready", "shipment"),
            ("balance", "goods_ready", "shipment"),
            ("balance", "bl", "documents"),
            ("balance", "dispatch", False),
            ("acceptance", "acceptance", False),
            ("settlement", "invoice", False),
            (False, "effect", "production"),
            (False, "receipt", False),
        ):
            term = self.env["contract.term"].create(
                {
                    "order_id": order.id,
                    "name": "Payment",
                    "payment_kind": kind,
                    **self.after(event, 1),
                }
            )
            with self.subTest(kind=kind, event=event):
                self.assertEqual(term.precedes, step)

    def test_proposed_without_an_event(self):
        order = self.new_order()
        term = self.env["contract.term"].create(
            {
                "order_id": order.id,
                "name": "Payment",
                "percent": 10,
                "payment_kind": "shipment",
                "due_mode": "date",
                "date_fixed": "2026-10-01",
            }
        )
        self.assertEqual(term.precedes, "shipment")
        term.payment_kind = "balance"
        self.assertFalse(term.precedes)

    def test_what_is_entered_stays(self):
        order = self.new_order()
        terms = self.env["contract.term"].create(
            [
                {
                    "order_id": order.id,
                    "name": "Payment",
                    "payment_kind": "deposit",
                    "precedes": step,
                    **self.after("effect", 10),
                }
                for step in (False, "shipment")
            ]
        )
        self.assertEqual(terms.mapped("precedes"), [False, "shipment"])
        terms.percent = 20
        self.assertEqual(terms.mapped("precedes"), [False, "shipment"])

    def test_only_payments(self):
        order = self.new_order()
        term = self.env["contract.term"].create(
            {
                "order_id": order.id,
                "name": "Deposit",
                "payment_kind": "deposit",
                **self.after("effect", 10),
            }
        )
        term.kind = "clause"
        self.assertFalse(term.precedes)
        with self.assertRaisesRegex(ValidationError, "“Deposit” is no payment"):
            term.precedes = "shipment"
        line = self.env.ref("contract_tracking.template_net_30_1")
        with self.assertRaisesRegex(ValidationError, "is no payment"):
            line.write({"kind": "clause", "precedes": "shipment"})

    def test_agreed_with_the_contract(self):
        order = self.new_order(template="template_30_70_delivery")
        deposit, balance = order.contract_term_ids
        balance.precedes = "shipment"
        self.assertGate(order, production=300, shipment=700)
        balance.precedes = "documents"
        self.assertGate(order, production=300, documents=700)
        self.confirm(order, "2026-07-01")
        with self.assertRaisesRegex(UserError, "can't be changed"):
            deposit.precedes = False
        self.assertGate(order, production=300, documents=700)

    def test_templates(self):
        """What the template says, also nothing: templates from before say nothing."""
        for template, steps in (
            ("template_full_before", ["shipment"]),
            ("template_30_60_10", ["production", "shipment", False]),
            ("template_deposit_bl", ["production", "documents"]),
            ("template_net_30", [False]),
            ("template_monthly_60", [False]),
            ("template_30_70_delivery", ["production", False]),
        ):
            order = self.new_order(template=template)
            with self.subTest(template=template):
                self.assertEqual(order.contract_term_ids.mapped("precedes"), steps)
        self.env.ref("contract_tracking.template_30_60_10").line_ids.precedes = False
        order = self.new_order(template="template_30_60_10")
        self.assertEqual(order.contract_term_ids.mapped("precedes"), [False] * 3)

    def test_existing_rows_stay_empty(self):
        order = self.new_order(template="template_30_60_10")
        self.env.flush_all()
        models = ("contract.term", "contract.schedule.template.line")
        for model in models:
            table = SQL.identifier(self.env[model]._table)
            self.env.cr.execute(SQL("ALTER TABLE %s DROP COLUMN precedes", table))
        self.registry.init_models(
            self.env.cr, models, {"module": "contract_tracking"}, install=False
        )
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(any(order.contract_term_ids.mapped("precedes")))
        lines = self.env["contract.schedule.template.line"].search([])
        self.assertFalse(any(lines.mapped("precedes")))
        self.assertGate(order)


class TestGateFacts(GateFactsCase):
    """What is to be paid before each step, and what left: by hand."""

    def test_parts_of_deliveries(self):
        """1,000: 30 % before production, 60 % before shipment, 10 % retention."""
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        agreed = {"production": 300, "shipment": 600}
        first = self.deliver(order, "2026-05-20", pump=4)
        self.deliver(order, "2026-06-10", pump=2)
        self.give_back(first, "2026-06-15", 1)
        self.assertGate(order, "2026-05-19", **agreed)
        self.assertGate(order, "2026-05-20", **agreed, shipped=400)
        self.assertGate(order, "2026-06-10", **agreed, shipped=600)
        self.assertGate(order, **agreed, shipped=500)

    def test_replacements_add_nothing(self):
        order = self.new_contract("2026-03-01", template="template_full_before")
        picking = self.deliver(order, "2026-05-20", pump=4)
        back = self.give_back(picking, "2026-05-25", 2, to_refund=False)
        self.assertGate(order, shipment=1000, shipped=400)
        self.give_back(back, "2026-05-28", 2, to_refund=False)
        self.assertGate(order, shipment=1000, shipped=400)

    def test_due_at_the_beginning(self):
        """Due on signing or taking effect, it comes first, whatever it precedes; but
        only where a step waits for a payment at all."""
        order = self.with_terms(
            self.after("signing", 20, precedes=False),
            self.after("effect", 15, precedes="shipment"),
            self.after("effect", 25),
            self.after("goods_ready", 30),
            self.after("bl", 10),
        )
        self.assertGate(order, production=250, first=350, shipment=300, documents=100)
        order = self.with_terms(
            self.after("signing", 20, precedes=False), self.after("invoice", 80)
        )
        self.assertGate(order)

    def test_on_a_date_nothing_comes_first(self):
        order = self.with_terms(
            {
                "percent": 40,
                "due_mode": "date",
                "date_fixed": "2026-07-01",
                "event_type_id": self.event("effect"),
                "precedes": "shipment",
            },
            self.after("effect", 60, precedes=False),
        )
        self.assertGate(order, first=600, shipment=400)

    def test_waived(self):
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        deposit = order.contract_term_ids.filtered(lambda t: t.percent == 30)
        with freeze_time("2026-04-01 02:00:00"):
            deposit._waive("An old customer.")
        self.assertGate(order, "2026-03-31", production=300, shipment=600)
        self.assertGate(order, shipment=600)

    def test_final_amount(self):
        """11 instead of 10, 10 % more allowed: the shares are of 1,100."""
        self.company.contract_over_percent = 10
        order = self.new_contract("2026-03-01", template="template_30_60_10")
        self.deliver(order, "2026-05-20", pump=11)
        self.assertGate(order, "2026-05-19", production=300, shipment=600)
        self.assertGate(order, production=330, shipment=660, shipped=1100)

    def test_kits_by_the_largest_share(self):
        """Ten kits of one motor and two frames. What core counts is the scarcest part,
        what left is the most of any part."""
        motor, frame = self.env["product.product"].create(
            [
                {"name": name, "type": "consu", "is_storable": True}
                for name in ("Motor", "Frame")
            ]
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
        order = self.new_contract(
            "2026-03-01",
            [(self.pump, 10, 100), (self.valve, 5, 40)],
            template="template_full_before",
        )
        agreed = {"shipment": 1200}
        self.deliver(order, "2026-05-01", frame=5)
        first = self.deliver(order, "2026-05-10", motor=8, frame=7, valve=1)
        self.give_back(first, "2026-05-15", 1)
        self.deliver(order, "2026-05-20")
        # 5 frames of 20 are 2.5 kits
        self.assertGate(order, "2026-05-09", **agreed, shipped=250)
        self.assertEqual(self.figures(order, "2026-05-09")["delivered"], 0)
        # 8 motors of 10; 12 frames are 6 kits; a valve of 40
        self.assertGate(order, "2026-05-10", **agreed, shipped=840)
        self.assertEqual(self.figures(order, "2026-05-10")["delivered"], 640)
        # of each one came back: 7 motors, 11 frames, no valve
        self.assertGate(order, "2026-05-15", **agreed, shipped=700)
        self.assertEqual(self.figures(order, "2026-05-15")["delivered"], 500)
        # 9 motors, 19 frames, 4 valves
        self.assertGate(order, **agreed, shipped=950 + 160)

    def test_what_is_delivered_by_hand(self):
        order = self.with_terms(
            self.after("goods_ready", 100), lines=[(self.service, 4)]
        )
        order.order_line.qty_delivered = 3
        self.assertGate(order, shipment=200, shipped=150)


class TestGateFactsCurrency(GateFactsCase, AccountCommon):
    def test_in_the_currency_of_the_contract(self):
        order = self.new_contract(
            "2026-03-01",
            [(self.pump, 10, 80)],
            template="template_30_60_10",
            pricelist_id=self.euro_pricelist().id,
        )
        self.deliver(order, "2026-05-20", pump=5)
        self.assertEqual(order.currency_id.name, "EUR")
        self.assertGate(order, production=240, shipment=480, shipped=400)


class TestGateFactsFrame(GateFactsCase, FrameCase):
    def test_call_off(self):
        """A call-off has the conditions of the agreement's template; the agreement's
        own payments are none of its."""
        template = self.env.ref("contract_tracking.template_deposit_bl")
        template.line_ids[1].precedes = "shipment"
        frame = self.new_frame(
            lines=[{"product_id": self.pump.id, "quantity": 100, "price_unit": 95}],
            schedule_template_id=template.id,
            amount_total=9500,
            day=False,
        )
        self.env["contract.term"].create(
            {
                "frame_id": frame.id,
                "name": "Guarantee",
                "payment_kind": "deposit",
                **self.after("effect", 10),
            }
        )
        with freeze_time("2026-01-05 02:00:00"):
            frame.action_activate()
        with freeze_time("2026-03-01 02:00:00"):
            action = frame.action_new_call_off()
            order = self.env["sale.order"].browse(action["res_id"])
            order.order_line.product_uom_qty = 20
            order.action_confirm()
        self.assertEqual(
            order.contract_term_ids.filtered("percent").mapped("precedes"),
            ["production", "shipment"],
        )
        self.deliver(order, "2026-05-20", pump=10)
        self.assertGate(order, production=570, shipment=1330, shipped=950)
        [row] = self.env["contract.facts.frame"]._read_orders(frame).values()
        self.assertEqual(float(row["gate_production"]), 950)
        self.assertEqual(float(row["gate_shipped"]), 0)

    def test_renewal(self):
        frame = self.new_frame(day=False)
        term = self.env["contract.term"].create(
            {
                "frame_id": frame.id,
                "name": "Guarantee",
                "payment_kind": "deposit",
                "precedes": "shipment",
                **self.after("effect", 10),
            }
        )
        copied = self.env["contract.term"].new(term.copy_data()[0])
        self.assertEqual(copied.precedes, "shipment")


class TestGateFactsReagreement(ReagreementCase):
    """A re-agreement keeps or changes what a payment must precede."""

    def gate(self, day):
        self.env.flush_all()
        row = self.env["contract.facts"]._read_orders(self.order, day)[self.order.id]
        return [round(float(row[name]), 2) for name in COLUMNS[:4]]

    def test_changed(self):
        self.assertEqual(self.deposit.precedes, "production")
        self.assertFalse(self.balance.precedes)
        record = self.new_reagreement(self.change(self.balance, precedes="shipment"))
        line = record.line_ids
        self.assertNotIn("must precede", line.was_text)
        self.assertIn("<strong>must precede: Shipment</strong>", line.becomes_text)
        self.agree(record)
        self.assertEqual(self.gate("2026-09-19"), [300, 0, 0, 0])
        self.assertEqual(self.gate("2026-09-20"), [300, 0, 700, 0])
        self.assertFalse(self.balance.precedes)

    def test_kept(self):
        unguarded(self.deposit).precedes = "shipment"
        self.agree(
            self.new_reagreement(
                self.change(self.deposit, percent=40),
                self.change(self.balance, percent=60),
            )
        )
        new = self.current("payment")
        self.assertEqual(new.mapped("precedes"), ["shipment", False])
        # due on taking effect: first, whatever it precedes
        self.assertEqual(self.gate("2026-09-20"), [0, 400, 0, 0])

    def test_nothing_any_more(self):
        self.agree(self.new_reagreement(self.change(self.deposit, precedes=False)))
        self.assertEqual(self.gate("2026-09-20"), [0, 0, 0, 0])

    def test_form_starts_from_what_was_agreed(self):
        unguarded(self.deposit).precedes = "shipment"
        record = self.new_reagreement()
        with Form(record.with_user(self.seller)) as form:
            with form.line_ids.new() as line:
                line.term_id = self.deposit
                self.assertEqual(line.precedes, "shipment")
                line.delay = 9
        self.assertEqual(record.line_ids.precedes, "shipment")
