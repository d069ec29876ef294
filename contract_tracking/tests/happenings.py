import random
from collections import Counter
from datetime import timedelta

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

# What happens most.
COMMON = ("deliver", "give_back", "invoice", "credit", "pay")


class Happenings:
    """What may happen to a contract, by chance and always the same: for test cases.

    A method ``step_…`` is one thing that happens to an order on a day; it returns False
    where it can't."""

    def contracts(self):
        return self.env["sale.order"].search(
            [("contract_state", "not in", (False, "draft"))]
        )

    def happen(self, seed, times):
        """Let things happen to contracts on days of the last hundred, in their order.
        What the addon or core refuses doesn't happen."""
        self.chance = random.Random(seed)
        happened = Counter()
        orders = self.contracts().filtered(
            lambda order: order.contract_state == "active"
        )
        steps = [name for name in dir(self) if name.startswith("step_")]
        steps += [f"step_{name}" for name in COMMON * 3]
        for back in sorted(
            (self.chance.randrange(100) for _ in range(times)), reverse=True
        ):
            order, step = self.chance.choice(orders), self.chance.choice(steps)
            try:
                with (
                    self.env.cr.savepoint(),
                    self.at(self.today - timedelta(days=back)),
                ):
                    happened[step] += (
                        getattr(self, step)(order, self.today - timedelta(days=back))
                        is not False
                    )
            except UserError:
                self.env.invalidate_all()
        self.assertGreater(happened.total(), times / 3)

    def at(self, day):
        return freeze_time(f"{day} 02:00:00")

    def some(self, records):
        return self.chance.choice(records) if records else records

    def part(self, amount):
        return round(amount * self.chance.choice((0.3, 0.5, 1.0)), 2)

    def often(self, share):
        return self.chance.random() < share

    def shipped(self, order, done=True):
        pickings = order.picking_ids.filtered(
            lambda p: p.picking_type_code == "outgoing" and p.state != "cancel"
        )
        return self.some(pickings.filtered(lambda p: (p.state == "done") == done))

    def document(self, order, day, kind="out_invoice", is_open=True):
        return self.some(
            order.invoice_ids.filtered(
                lambda v: (
                    v.move_type == kind
                    and v.state == "posted"
                    and v.invoice_date <= day
                    and (v.amount_residual or not is_open)
                )
            )
        )

    def goods(self, order):
        return self.some(
            order.order_line.filtered(
                lambda line: line.product_id and not line.is_downpayment
            )
        )

    def payments(self, order):
        return self.env["account.payment"].search(
            [
                ("reconciled_invoice_ids", "in", order.invoice_ids.ids),
                ("payment_type", "=", "inbound"),
                ("state", "in", ("in_process", "paid")),
            ]
        )

    def claims(self, order):
        return self.env["contract.payment.claim"].search(
            [("order_id", "=", order.id), ("state", "=", "claimed")]
        )

    def match(self, moves):
        moves.line_ids.filtered(
            lambda line: (
                line.account_id.account_type == "asset_receivable"
                and not line.reconciled
            )
        ).reconcile()

    def post(self, moves, day):
        moves.invoice_date = day
        moves.action_post()

    @classmethod
    def receive(cls, order, day, amount, **values):
        payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": order.partner_id.id,
                "currency_id": order.currency_id.id,
                "amount": amount,
                "date": day,
                **values,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def claim(cls, payment, record, amount, **values):
        subject = "frame_id" if record._name == "contract.frame" else "order_id"
        cls.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                subject: record.id,
                "amount": round(amount, 2),
                **values,
            }
        )

    def step_deliver(self, order, day):
        """A part of what is left is shipped, sometimes more."""
        picking = self.shipped(order, done=False)
        if not picking:
            return False
        for move in picking.move_ids:
            move.quantity = max(1, int(self.part(move.product_uom_qty)))
            move.quantity += self.often(0.1)
            move.picked = True
        picking.with_context(skip_backorder=True).button_validate()

    def step_give_back(self, order, day):
        picking = self.shipped(order)
        if not picking:
            return False
        self.give_back(picking, day, 1, to_refund=self.often(0.7))

    def step_serve(self, order, day):
        lines = order.order_line.filtered(
            lambda line: line.product_id.type == "service" and not line.is_downpayment
        )
        if not lines:
            return False
        line = self.some(lines)
        line.qty_delivered = self.chance.randrange(int(line.product_uom_qty) + 2)
        # the history dates it
        self.env.flush_all()

    def step_invoice(self, order, day):
        self.post(order._create_invoices(final=self.often(0.7)), day)

    def step_invoice_together(self, order, day):
        """All orders of the customer on one invoice."""
        others = self.contracts().filtered(
            lambda o: (
                o.partner_id == order.partner_id
                and o.currency_id == order.currency_id
                and o.state == "sale"
            )
        )
        self.post((order | others)._create_invoices(final=True), day)

    def step_advance(self, order, day):
        before = order.invoice_ids
        self.env["sale.advance.payment.inv"].with_context(
            active_model="sale.order", active_ids=order.ids
        ).create(
            {"advance_payment_method": "percentage", "amount": 10}
        ).create_invoices()
        self.post(order.invoice_ids - before, day)

    def step_credit(self, order, day):
        invoice = self.document(order, day, is_open=False)
        if not invoice:
            return False
        reconcile = self.often(0.7) and bool(invoice.amount_residual)
        self.credit(invoice, day, self.chance.choice((None, 1)), reconcile)

    def step_reduce(self, order, day):
        """A credit note that belongs to no order."""
        invoice = self.document(order, day)
        if not invoice:
            return False
        note = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "currency_id": invoice.currency_id.id,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Reduction",
                            "price_unit": self.chance.choice((10, 333.33)),
                            "tax_ids": False,
                        }
                    )
                ],
            }
        )
        self.post(note, day)
        self.match(invoice | note)

    def step_pay(self, order, day):
        """A part, the whole, too much; with what the bank kept; a refund."""
        document = self.document(
            order, day, self.chance.choice(("out_invoice",) * 3 + ("out_refund",))
        )
        if not document:
            return False
        amount = round(
            self.part(document.amount_residual) * self.chance.choice((1, 1, 1.2)), 2
        )
        if self.often(0.3):
            account = self.company.expense_currency_exchange_account_id
            self.pay(
                document,
                day,
                round(document.amount_residual * 0.97, 2),
                payment_difference_handling="reconcile",
                writeoff_account_id=account.id,
            )
        else:
            self.pay(document, day, amount)

    def step_pay_in_company_currency(self, order, day):
        invoice = self.document(order, day)
        if not invoice or invoice.currency_id == self.company.currency_id:
            return False
        wizard = (
            self.env["account.payment.register"]
            .with_context(active_model="account.move", active_ids=invoice.ids)
            .create({"payment_date": day, "currency_id": self.company.currency_id.id})
        )
        wizard.amount = round(wizard.amount * 0.4, 2)
        wizard._create_payments()

    def step_bank_line(self, order, day):
        """The bank statement is reconciled with an invoice, a fee taken off."""
        invoice = self.document(order, day)
        if not invoice or invoice.currency_id != self.company.currency_id:
            return False
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        line = self.env["account.bank.statement.line"].create(
            {
                "journal_id": journal.id,
                "date": day,
                "payment_ref": "transfer",
                "partner_id": invoice.commercial_partner_id.id,
                "amount": self.part(invoice.amount_residual),
            }
        )
        item = line.move_id.line_ids.filtered(
            lambda item: item.account_id == journal.suspense_account_id
        )
        item.account_id = invoice.line_ids.filtered(
            lambda item: item.display_type == "payment_term"
        ).account_id
        self.match(line.move_id | invoice)

    def step_claim(self, order, day):
        """A receipt for a contract or its term, the rest perhaps for another one."""
        payment = self.receive(order, day, self.part(order.amount_total / 4))
        terms = order.contract_term_ids.filtered(
            lambda t: t.kind == "payment" and not t.valid_to and not t.waived_on
        )
        first = self.part(payment.amount)
        term = self.some(terms) if self.often(0.5) else terms.browse()
        self.claim(payment, order, first, term_id=term.id)
        if first < payment.amount and self.often(0.5):
            self.claim(payment, self.some(self.contracts()), payment.amount - first)

    def step_claim_for_frame(self, order, day):
        frame = order.contract_frame_id or self.some(self.contracts().contract_frame_id)
        called = self.some(frame.order_ids)
        payment = self.receive(called, day, self.part(called.amount_total / 2))
        self.claim(payment, frame, self.part(payment.amount))

    def step_claim_later(self, order, day):
        payment = self.receive(order, day, self.part(order.amount_total / 5))
        with self.at(min(day + timedelta(days=3), self.today)):
            self.claim(payment, order, payment.amount)

    def step_claim_reconciled(self, order, day):
        """What was paid beyond an invoice is said to be for another contract."""
        payment = self.some(self.payments(order))
        if not payment:
            return False
        self.claim(payment, self.some(self.contracts()), payment.amount / 6.1)

    def step_withdraw(self, order, day):
        claim = self.some(self.claims(order))
        if not claim:
            return False
        claim._withdraw("A mistake")

    def step_match_claimed(self, order, day):
        """Finance reconciles claimed money with an invoice."""
        claim = self.some(self.claims(order).filtered("payment_id.move_id"))
        invoice = self.document(order, day)
        if not claim or not invoice:
            return False
        self.match(claim.payment_id.move_id | invoice)

    def step_bill(self, order, day):
        """A bill, reconciled or claimed, and what became of it."""
        kind = self.chance.choice(("bank", "commercial"))
        instrument = self.env.ref(f"contract_tracking.instrument_{kind}_acceptance")
        payment = self.receive(
            order,
            day,
            self.part(order.amount_total / 8),
            contract_instrument_id=instrument.id,
            contract_bill_number=f"N{self.chance.random()}",
            contract_bill_maturity=day + timedelta(days=10),
        )
        invoice = self.document(order, day)
        if invoice and self.often(0.5):
            self.match(payment.move_id | invoice)
        else:
            self.claim(payment, order, payment.amount)
        outcome = self.chance.choice((None, "honoured", "dishonoured"))
        if outcome:
            end = min(day + timedelta(days=10), self.today)
            with self.at(end):
                payment._contract_bill_outcome(outcome, end)

    def step_void_payment(self, order, day):
        payment = self.some(self.payments(order))
        if not payment:
            return False
        payment.action_draft()
        payment.action_cancel()

    def step_change_price(self, order, day):
        """Without a re-agreement."""
        line = self.goods(order)
        line.price_unit = round(line.price_unit * 1.1, 2)

    def step_change_quantity(self, order, day):
        self.goods(order).product_uom_qty += self.chance.choice((1, 2))

    def step_rebate(self, order, day):
        order.order_line = [
            Command.create({"product_id": self.service.id, "price_unit": -50})
        ]

    def step_waive(self, order, day):
        terms = order.contract_term_ids.filtered(
            lambda t: (
                t.kind == "payment" and t.stamped and not t.waived_on and not t.valid_to
            )
        )
        if not terms:
            return False
        self.some(terms)._waive("Given up")

    def step_event(self, order, day):
        kind = self.env.ref(
            "contract_tracking.event_type_"
            + self.chance.choice(("goods_ready", "acceptance", "bl", "receipt"))
        )
        if kind in order.contract_event_ids.type_id:
            return False
        self.env["contract.event"].create(
            {"order_id": order.id, "date": day, "note": "Seen", "type_id": kind.id}
        )

    def step_agree_anew(self, order, day):
        """A supplementary agreement over what the order says now, or one of the
        payments in another share of time."""
        file = self.env["ir.attachment"].create({"name": "s.pdf", "raw": b"signed"})
        paper = self.env["contract.document"].create(
            {
                "name": "Supplement",
                "order_id": order.id,
                "type_id": self.env.ref(
                    "contract_tracking.document_type_supplement"
                ).id,
                "date": day,
                "attachment_ids": [Command.link(file.id)],
            }
        )
        line = self.goods(order)
        line.price_unit = round(line.price_unit * 0.9, 2)
        line.product_uom_qty += 1
        record = self.env["contract.reagreement"].create(
            {
                "order_id": order.id,
                "document_id": paper.id,
                "date": day,
                "date_from": day,
                "reason": "More for less.",
            }
        )
        record.action_propose()
        record.action_submit()
        record.with_user(self.approver).action_approve()
