import io

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfgen import canvas

from odoo import Command, models

from ..tools.guard import unguarded

FONT = "STSong-Light"


class ContractDemo(models.AbstractModel):
    """The steps of the stories: what people do in sales, stock and accounting."""

    _inherit = "contract.demo"

    # ------------------------------------------------------------------
    # Deliveries and services
    # ------------------------------------------------------------------

    def _step_deliver(self, order, day, **quantities):
        """Ship what is there; the rest becomes a backorder."""
        picking = order.picking_ids.filtered(
            lambda p: (
                p.picking_type_code == "outgoing" and p.state not in ("done", "cancel")
            )
        )
        self._transfer(picking, quantities, day)

    def _step_send_back(self, order, day, **quantities):
        """The customer sends goods back, to be credited."""
        product = self._ref("product", next(iter(quantities)))
        delivery = order.picking_ids.filtered(
            lambda p: p.state == "done" and product in p.move_ids.product_id
        )[-1:]
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=delivery.id, active_model="stock.picking")
            .create({"picking_id": delivery.id})
        )
        codes = {self._ref("product", code): qty for code, qty in quantities.items()}
        for line in wizard.product_return_moves:
            line.quantity = codes.get(line.product_id, 0)
        action = wizard.action_create_returns()
        picking = self.env["stock.picking"].browse(action["res_id"])
        self._transfer(picking, quantities, day)

    def _transfer(self, picking, quantities, day):
        codes = {self._ref("product", code): qty for code, qty in quantities.items()}
        picking = picking.with_user(self._ref("user", "warehouse"))
        for move in picking.move_ids:
            move.quantity = codes.get(move.product_id, 0)
            move.picked = bool(move.quantity)
        picking.with_context(skip_backorder=True, skip_sms=True).button_validate()
        moves = picking.move_ids.with_user(self.env.user)
        self._date_moves(moves.filtered(lambda m: m.state == "done"), day)

    def _step_receive(self, order, day, filed=True, bl=None, reason=None, **rejected):
        """The customer signs for the newest delivery, but for what he rejects."""
        picking = order.picking_ids.filtered(
            lambda p: p.state == "done" and p.picking_type_code == "outgoing"
        ).sorted("date_done")[-1:]
        note = f"{picking.name} {picking.partner_id.name}"
        title = self._say("签收单", "Signed delivery note")
        values = {
            "picking_ids": [Command.set(picking.ids)],
            "date": day,
            "attachment_ids": [self._paper(order, title, day, note)] * filed,
        }
        if bl:
            values.update(bl_date=day, bl_number=bl, date=False)
        wizard = (
            self.env["contract.delivery.receipt"]
            .with_user(self._ref("user", "warehouse"))
            .create(values)
        )
        codes = {self._ref("product", code): qty for code, qty in rejected.items()}
        for line in wizard.move_ids:
            line.rejected = codes.get(line.product_id, 0)
            line.reason = reason if line.rejected else False
        wizard.action_apply()

    def _step_stop_delivery(self, order, day):
        """Nothing more is delivered."""
        order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        ).action_cancel()

    def _step_serve(self, order, day, **quantities):
        """Services are delivered by hand; the log says when."""
        for code, quantity in quantities.items():
            line = self._line(order, code)
            delivered = line.qty_delivered + quantity
            self.env["contract.history"]._log(
                [
                    {
                        "order_id": order.id,
                        "date": day,
                        "kind": "delivered",
                        "name": line.product_id.display_name,
                        "old_value": f"{line.qty_delivered:g}",
                        "new_value": f"{delivered:g}",
                        "line_id": line.id,
                        "quantity": quantity,
                    }
                ]
            )
            line.qty_delivered = delivered

    # ------------------------------------------------------------------
    # Invoices and money
    # ------------------------------------------------------------------

    def _step_advance(self, order, day, share):
        """A down payment invoice over a share of the contract."""
        before = order.invoice_ids
        wizard = (
            self.env["sale.advance.payment.inv"]
            .with_user(order.user_id)
            .with_context(active_model="sale.order", active_ids=order.ids)
            .create({"advance_payment_method": "percentage", "amount": share})
        )
        wizard.create_invoices()
        self._post(order.invoice_ids - before, day)

    def _step_invoice(self, order, day, deduct=True):
        """Invoice what was delivered, or credit what came back."""
        self._post(order.with_user(order.user_id)._create_invoices(final=deduct), day)

    def _step_reduce(self, order, day, amount, reason):
        """A price reduction: a credit note that belongs to no order line."""
        invoice = self._invoices(order)[-1:]
        credit = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": invoice.partner_id.id,
                "currency_id": invoice.currency_id.id,
                "ref": reason,
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": reason,
                            "price_unit": amount,
                            "tax_ids": [Command.clear()],
                        }
                    )
                ],
            }
        )
        self._post(credit, day)
        items = (invoice + credit).line_ids.filtered(
            lambda item: item.display_type == "payment_term"
        )
        items.reconcile()

    def _post(self, invoices, day):
        invoices.invoice_date = day
        invoices.filtered(
            lambda move: not move.invoice_payment_term_id
        ).invoice_date_due = day
        invoices.with_user(self._ref("user", "finance")).action_post()

    def _step_pay(self, order, day, amount=None, short=0, write_off=0, number=None):
        """A payment for the oldest open invoice, or for the one of that number.

        :param amount: what comes in; all that is open if not given
        :param short: what is missing and stays open
        :param write_off: what the bank kept and is written off
        """
        invoices = self._invoices(order)
        if number:
            invoice = invoices[number - 1]
        else:
            invoice = invoices.filtered("amount_residual")[:1]
        values = {
            "payment_date": day,
            "amount": amount or invoice.amount_residual - short - write_off,
            "communication": invoice.name,
        }
        if write_off:
            values.update(
                payment_difference_handling="reconcile",
                writeoff_account_id=self._bank_fee_account().id,
                writeoff_label="Bank charges",
            )
        else:
            values["payment_difference_handling"] = "open"
        self.env["account.payment.register"].with_user(
            self._ref("user", "finance")
        ).with_context(active_model="account.move", active_ids=invoice.ids).create(
            values
        ).action_create_payments()

    def _invoices(self, order):
        return order.invoice_ids.filtered(lambda move: move.state == "posted").sorted(
            lambda move: (move.invoice_date, move.id)
        )

    def _bank_fee_account(self):
        Account = self.env["account.account"].with_context(lang="en_US")
        accounts = Account.search(
            [
                ("account_type", "=", "expense"),
                ("company_ids", "=", self.env.company.id),
            ]
        )
        return (
            accounts.filtered(lambda account: "bank" in (account.name or "").lower())[
                :1
            ]
            or accounts[:1]
        )

    # ------------------------------------------------------------------
    # The contract
    # ------------------------------------------------------------------

    def _step_event(self, order, day, kind, note):
        """A dated event with its evidence."""
        event_type = self._event_type(kind)
        self.env["contract.event"].with_user(order.user_id).create(
            {
                "order_id": order.id,
                "type_id": event_type.id,
                "date": day,
                "note": note,
                "attachment_ids": [self._paper(order, event_type.name, day, note)],
            }
        )

    def _step_done(self, order, day, term, progress=100):
        """Progress of a milestone, or a clause or document fulfilled."""
        values = {"progress": progress}
        if progress == 100:
            values["done_date"] = day
        terms = self._term(order, term).filtered(
            lambda t: t.kind not in ("delivery", "payment")
        )
        terms.with_user(order.user_id).write(values)

    def _step_waive(self, order, day, term, reason):
        term = self._term(order, term)
        term.with_user(self._ref("user", "business"))._waive(reason)
        unguarded(term).write({"waived_on": day})

    def _step_state(self, order, day, step, reason=None):
        """The business office suspends, terminates, cancels or completes."""
        order = order.with_user(self._ref("user", "business"))
        if step == "complete":
            order.action_contract_complete()
        else:
            order._take_reason_step(step, reason)

    def _step_file(self, order, day, kind, name):
        """File a paper."""
        self.env["contract.document"].with_user(order.user_id).create(
            {
                "name": name,
                "order_id": order.id,
                "type_id": self.env.ref(f"contract_tracking.document_type_{kind}").id,
                "date": day,
                "partner_ids": [Command.set(order.partner_id.ids)],
                "attachment_ids": [
                    self._paper(order, name, day, order.client_order_ref)
                ],
            }
        )

    def _step_record(self, order, day, coordination=False, content=False):
        """The owner writes a tracking record and confirms it."""
        record = (
            self.env["contract.tracking.record"]
            .with_user(order.contract_owner_id)
            .create(
                {
                    "order_id": order.id,
                    "date": day,
                    "coordination": coordination,
                    "coordination_content": content,
                }
            )
        )
        self._confirm(record, day)

    def _step_void_record(self, order, day, reason, coordination):
        """Void the last record and confirm its corrected copy."""
        record = order.contract_record_ids[:1].with_user(order.contract_owner_id)
        copy = record._void(reason)
        copy.coordination = coordination
        self._confirm(copy, day)

    def _confirm(self, record, day):
        record.action_confirm()
        unguarded(record.sudo()).write({"confirmed_on": self._moment(day)})

    def _step_propose(self, order, day):
        """As the daily run does: a draft that waits for its owner."""
        order._contract_propose_records()

    def _term(self, order, name):
        terms = order.contract_term_ids.with_context(lang="en_US")
        terms = terms.filtered(lambda term: name in term.display_name)
        return terms.with_env(order.env)

    def _say(self, chinese, english):
        """One of both, in the language of what is being written."""
        return chinese if self.env.lang == "zh_CN" else english

    def _paper(self, order, title, day, text):
        """A command for a one-page PDF with a seal, as the scan of a paper."""
        file = io.BytesIO()
        page = canvas.Canvas(file, pagesize=A4, invariant=True)
        # every PDF reader has it, so that it needn't be in the file
        registerFont(UnicodeCIDFont(FONT))
        page.setFont(FONT, 20)
        page.drawCentredString(298, 760, title)
        page.setFont(FONT, 12)
        is_frame = order._name == "contract.frame"
        contract = order.name if is_frame else order.contract_number
        lines = (
            f"{self._say('合同编号：', 'Contract No. ')}{contract}",
            f"{self._say('客户：', 'Customer: ')}{order.partner_id.name}",
            f"{self._say('日期：', 'Date: ')}{day}",
            text or "",
        )
        for number, line in enumerate(lines):
            page.drawString(72, 700 - 22 * number, line)
        page.setStrokeColorRGB(0.8, 0.1, 0.1)
        page.setLineWidth(3)
        page.circle(430, 500, 55)
        page.setFillColorRGB(0.8, 0.1, 0.1)
        page.drawCentredString(430, 496, self._say("演示用章", "DEMO SEAL"))
        page.save()
        return Command.create(
            {
                "name": f"{title} {contract}.pdf",
                "raw": file.getvalue(),
                "mimetype": "application/pdf",
            }
        )
