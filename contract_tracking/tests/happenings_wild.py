"""What else may happen: forms, frames, settings, and time."""

from contextlib import contextmanager
from datetime import timedelta
from zoneinfo import ZoneInfo

from odoo import Command, fields
from odoo.tools import SQL

from ..models.term.contract_event_type import RECORDED
from ..tools.guard import unguarded
from .happenings import Happenings
from .happenings_rows import RowHappenings

ZONES = (
    "Asia/Shanghai",
    "Pacific/Kiritimati",
    "America/New_York",
    "Pacific/Pago_Pago",
    "Asia/Kathmandu",
    "Europe/Berlin",
    False,
)
TEMPLATES = (
    "template_net_30",
    "template_30_60_10",
    "template_30_70_delivery",
    "template_monthly_60",
    "template_deposit_bl",
    None,
)


class WildHappenings(Happenings, RowHappenings):
    """Beside the life of a contract (``step_…``) whatever else changes a figure
    (``wild_…``), and rows that are written past all of it (``row_…``). It happens at
    the moment of a clock (:attr:`now`) that some of it turns (``time_…``)."""

    # ------------------------------------------------------------------
    # The clock
    # ------------------------------------------------------------------

    @property
    def today(self):
        return self.company._contract_day(self.now)

    def turn(self, moment):
        """Set the clock."""
        self.now = moment
        self.clock.move_to(moment)
        # days are part of what was read
        self.env["contract.facts"]._changed()

    @contextmanager
    def at(self, day):
        before = self.now
        self.turn(before.replace(year=day.year, month=day.month, day=day.day, hour=2))
        try:
            yield
        finally:
            self.turn(before)

    def time_hours(self, order, day):
        self.turn(self.now + timedelta(hours=self.chance.choice((1, 5, 11))))

    def time_day(self, order, day):
        self.turn(self.now + timedelta(days=1))

    def time_days(self, order, day):
        self.turn(self.now + timedelta(days=self.chance.choice((2, 3, 7, 10))))

    def time_month(self, order, day):
        if not self.often(0.5):
            return False
        self.turn(self.now + timedelta(days=self.chance.choice((28, 31, 45))))

    def time_midnight(self, order, day):
        """A second before or after midnight, somewhere."""
        zone = ZoneInfo(self.chance.choice(ZONES) or "UTC")
        there = self.now.replace(tzinfo=ZoneInfo("UTC")).astimezone(zone)
        midnight = (there + timedelta(days=1)).replace(hour=0, minute=0, second=0)
        moment = midnight.astimezone(ZoneInfo("UTC")).replace(tzinfo=None)
        self.turn(moment + timedelta(seconds=self.chance.choice((-1, 0, 1))))

    def time_back(self, order, day):
        """The clock of the server is set right."""
        self.turn(self.now - timedelta(hours=self.chance.choice((1, 13, 24, 26, 72))))

    # ------------------------------------------------------------------
    # Help
    # ------------------------------------------------------------------

    def contracts(self):
        return super().contracts().filtered(lambda o: o.company_id == self.company)

    def near(self, day):
        """A day near by, also one to come."""
        return day + timedelta(days=self.chance.choice((0, -30, -5, -1, 1, 4, 20)))

    def file(self):
        return self.env["ir.attachment"].create({"name": "s.pdf", "raw": b"signed"})

    def type(self, name):
        return self.env.ref(f"contract_tracking.{name}")

    def subject(self, order):
        """A contract or a frame agreement, as the values of what hangs on it."""
        frames = self.env["contract.frame"].search([("state", "=", "active")])
        if frames and self.often(0.3):
            return {"frame_id": self.some(frames).id}
        return {"order_id": order.id}

    def found(self, model, *domain):
        return self.some(self.env[model].search(list(domain)))

    def set_any(self, record, **choices):
        """One of these fields gets one of its values."""
        name = self.chance.choice(sorted(choices))
        unguarded(record)[name] = self.chance.choice(choices[name])

    # ------------------------------------------------------------------
    # Orders and their lines
    # ------------------------------------------------------------------

    def wild_order(self, order, day):
        """Another contract, or a quotation only."""
        lines = [
            (product, self.chance.choice((1, 3, 10)), self.chance.choice((99.99, 40)))
            for product in self.chance.sample(self.products, 2)
        ]
        values = {
            "payment_term_id": self.chance.choice((False, self.net.id)),
            "pricelist_id": self.chance.choice((False, self.euros.id)),
        }
        if self.often(0.4):
            days = timedelta(days=self.chance.choice((2, 9, 30)))
            values["commitment_date"] = self.now + days
        if self.often(0.3):
            frames = self.env["contract.frame"].search([("state", "=", "active")])
            values["contract_frame_id"] = self.some(frames).id
        new = self.new_order(lines, self.chance.choice(TEMPLATES), **values)
        if self.often(0.3):
            new.contract_signing_date = day
        if self.often(0.7):
            new.action_confirm()

    def wild_confirm(self, order, day):
        orders = self.env["sale.order"].search([("state", "=", "draft")])
        if not orders:
            return False
        self.chance.choice((orders, self.some(orders))).action_confirm()

    def wild_delete_draft(self, order, day):
        draft = self.found("sale.order", ("state", "in", ("draft", "cancel")))
        if not draft:
            return False
        draft.unlink()

    def wild_redraft(self, order, day):
        cancelled = self.found("sale.order", ("state", "=", "cancel"))
        if not cancelled:
            return False
        cancelled.action_draft()

    def wild_line(self, order, day):
        line = self.some(order.order_line)
        self.set_any(
            line,
            product_uom_qty=(0, 1, 5, 12),
            price_unit=(0, 10, 99.99, -5),
            discount=(0, 5, 50),
            customer_lead=(0, 1, 30),
            tax_ids=(False, self.tax),
            contract_opening_quantity=(0, 1, 2),
            name=("Something",),
        )

    def wild_lines(self, order, day):
        """Lines come and go, and change places."""
        self.chance.choice(
            (
                lambda: order.write(
                    {
                        "order_line": [
                            Command.create({"product_id": product.id})
                            for product in self.products[:2]
                        ]
                    }
                ),
                lambda: order.write(
                    {
                        "order_line": [
                            Command.create({"display_type": "line_note", "name": "N"})
                        ]
                    }
                ),
                lambda: self.some(order.order_line).unlink(),
                lambda: self.some(order.order_line).write({"sequence": 99}),
            )
        )()

    def wild_facts_of_order(self, order, day):
        self.set_any(
            order,
            commitment_date=(False, self.now + timedelta(days=3), self.now),
            date_order=(self.now, self.now - timedelta(days=30)),
            contract_signing_date=(day, day - timedelta(days=9), False),
            contract_fulfilment=("dispatch", "receipt", "bl", False),
            contract_deemed_days=(0, 3, 20),
            contract_opening_date=(day, day + timedelta(days=9)),
            contract_opening_invoiced=(0, 100),
            contract_opening_received=(0, 70.5),
            contract_agreed_amount=(0, 1000),
            contract_effective_date=(day, day + timedelta(days=2), False),
        )

    def wild_state(self, order, day):
        step = self.chance.choice(("suspend", "resume", "terminate", "cancel"))
        if step in ("terminate", "cancel") and self.often(0.7):
            return False
        self.env["contract.reason"].create(
            {
                "res_model": order._name,
                "res_ids": order.ids,
                "step": step,
                "reason": "So it is.",
            }
        ).action_apply()

    def wild_complete(self, order, day):
        if not self.often(0.3):
            return False
        order._contract_set_state("completed")

    def wild_revive(self, order, day):
        """It ended, and it didn't."""
        ended = self.found(
            "sale.order", ("contract_state", "in", ("completed", "terminated"))
        )
        if not ended:
            return False
        unguarded(ended).contract_state = "active"

    def wild_track(self, order, day):
        """Out of tracking, and in again."""
        outside = self.found(
            "sale.order", ("contract_state", "=", False), ("state", "=", "sale")
        )
        if outside and self.often(0.8):
            outside.action_contract_track()
        elif self.often(0.3):
            unguarded(order).contract_state = False
        else:
            return False

    def wild_cancel_order(self, order, day):
        """Cancelled and confirmed again, past the guard."""
        if not self.often(0.3):
            return False
        unguarded(order).contract_state = "confirmed"
        order._action_cancel()
        if self.often(0.7):
            order.action_draft()
            order.action_confirm()

    def wild_renew(self, order, day):
        order.action_contract_renew()

    # ------------------------------------------------------------------
    # Goods
    # ------------------------------------------------------------------

    def wild_receipt(self, order, day):
        picking = self.shipped(order)
        if not picking:
            return False
        begin = self.company._contract_day(picking.date_done or self.now)
        days = [begin, day, False, min(day, begin + timedelta(days=2))]
        values = {
            self.chance.choice(("contract_receipt_date", "contract_bl_date")): (
                self.chance.choice(days)
            )
        }
        rejections = {}
        if self.often(0.4):
            move = self.some(picking.move_ids)
            rejections[move] = (min(self.chance.choice((0, 1)), move.quantity), "Bent")
        picking._contract_record_receipt({picking: values}, rejections)

    def wild_cancel_delivery(self, order, day):
        picking = self.shipped(order, done=False)
        if not picking or not self.often(0.3):
            return False
        picking.action_cancel()

    def wild_deliver_all(self, order, day):
        pickings = order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        )
        if not pickings:
            return False
        for move in pickings.move_ids:
            move.write({"quantity": move.product_uom_qty, "picked": True})
        pickings.with_context(skip_backorder=True).button_validate()

    def wild_exchange(self, order, day):
        """Given back and sent anew."""
        picking = self.shipped(order)
        if not picking:
            return False
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.write({"quantity": 1, "to_refund": False})
        wizard.action_create_exchanges()

    def wild_late_correction(self, order, day):
        """The quantity of a delivery that was made is set right; its day as well."""
        picking = self.shipped(order)
        if not picking:
            return False
        move = self.some(picking.move_ids)
        if self.often(0.5):
            move.quantity = max(0, move.quantity + self.chance.choice((-1, 1)))
        else:
            move.date = self.now - timedelta(days=self.chance.choice((-3, 1, 9)))
            picking.date_done = move.date

    # ------------------------------------------------------------------
    # Documents and money
    # ------------------------------------------------------------------

    def wild_invoice_of_another_day(self, order, day):
        self.post(order._create_invoices(final=True), self.near(day))

    def wild_unposted(self, order, day):
        """Made, and left as a draft."""
        order._create_invoices()

    def wild_document(self, order, day):
        """A document is brought back, given another day, cancelled, deleted."""
        documents = order.invoice_ids
        if not documents:
            return False
        document = self.some(documents)
        if document.state == "posted":
            document.button_draft()
        what = self.chance.choice(("post", "post", "draft", "cancel", "delete"))
        if what == "post":
            document.invoice_payment_term_id = self.chance.choice((False, self.net.id))
            line = self.some(document.invoice_line_ids)
            line.quantity = self.chance.choice((line.quantity, 1))
            self.post(document, self.near(day))
        elif what == "cancel":
            document.button_cancel()
        elif what == "delete":
            document.with_context(force_delete=True).unlink()

    def wild_credit_across(self, order, day):
        """A credit note of one order closes the invoice of another."""
        other = self.some(self.contracts())
        invoice = self.document(other, day)
        source = self.document(order, day, is_open=False)
        if not invoice or not source:
            return False
        note = self.credit(source, day, 1, reconcile=False)
        self.match(note | invoice)

    def wild_unreconcile(self, order, day):
        items = order.invoice_ids.line_ids.filtered(
            lambda item: item.matched_debit_ids or item.matched_credit_ids
        )
        if not items:
            return False
        self.some(items).remove_move_reconcile()

    def wild_pay_of_another_day(self, order, day):
        document = self.document(order, day)
        if not document:
            return False
        self.pay(document, self.near(day), self.part(document.amount_residual))

    def wild_link(self, order, day):
        """Money without a journal entry: a payment that is only linked."""
        document = self.document(order, day)
        if not document:
            return False
        payment = self.receive(order, self.near(day), self.part(document.amount_total))
        entry = payment.move_id
        self.sql(
            """UPDATE account_payment SET move_id = NULL, outstanding_account_id = NULL,
                      state = 'in_process' WHERE id = %s""",
            payment.id,
        )
        self.sql(
            """INSERT INTO account_move__account_payment (invoice_id, payment_id)
               VALUES (%s, %s)""",
            document.id,
            payment.id,
        )
        if self.often(0.7):
            entry.button_draft()
            entry.unlink()

    def wild_reject_payment(self, order, day):
        payment = self.found("account.payment", ("state", "in", ("in_process", "paid")))
        if not payment:
            return False
        step = self.chance.choice(("action_reject", "action_cancel", "action_draft"))
        getattr(payment, step)()
        if step == "action_draft" and self.often(0.7):
            payment.amount = round(payment.amount * 0.9, 2)
            payment.action_post()

    def wild_confirm_claim(self, order, day):
        """Finance must confirm what is claimed."""
        waiting = self.found("contract.payment.claim", ("state", "=", "to_confirm"))
        if waiting:
            waiting.action_confirm()
            return None
        self.company.contract_claim_confirm = not self.company.contract_claim_confirm
        return None

    def wild_move_claim(self, order, day):
        """It was another contract's money, or that of a frame agreement."""
        claim = self.found("contract.payment.claim", ("state", "=", "claimed"))
        if not claim:
            return False
        payment, amount = claim.payment_id, claim.amount
        claim._withdraw("A mistake")
        target = self.some(self.contracts())
        if self.often(0.4):
            target = target.contract_frame_id or target
        self.claim(payment, target, amount)

    def wild_claim_in_time(self, order, day):
        """It counts from a day that is over, or from one to come."""
        payment = self.receive(order, day - timedelta(days=5), 50)
        self.claim(payment, order, 20, date=day - timedelta(days=5))
        if self.often(0.5):
            self.sql(
                "UPDATE contract_payment_claim SET date = %s WHERE payment_id = %s",
                day + timedelta(days=7),
                payment.id,
            )

    def wild_bill_outcome(self, order, day):
        bill = self.found(
            "account.payment",
            ("contract_instrument_id.is_bill", "=", True),
            ("state", "in", ("in_process", "paid")),
        )
        if not bill:
            return False
        outcome = self.chance.choice(
            ("honoured", "endorsed", "discounted", "dishonoured", "dishonoured", False)
        )
        bill._contract_bill_outcome(outcome, day if outcome else False)

    # ------------------------------------------------------------------
    # Promises
    # ------------------------------------------------------------------

    def wild_term(self, order, day):
        """One more promise: of a quotation, or of a contract in effect."""
        draft = self.found("sale.order", ("state", "=", "draft"))
        subject = self.subject(self.chance.choice((order, draft or order)))
        kind = self.chance.choice(("payment", "milestone", "clause", "document"))
        values = {**subject, "kind": kind, "name": "Promise"}
        if kind == "payment":
            values.update(amount=self.chance.choice((1, 50.5)), percent=0)
        if kind == "milestone":
            values.update(
                user_id=self.env.uid, department_id=self.department.id, weight=2
            )
        if self.often(0.4):
            values.update(due_mode="date", date_fixed=self.near(day))
        else:
            kinds = self.env["contract.event.type"].search([])
            values.update(
                due_mode="event",
                event_type_id=self.some(kinds).id,
                delay=self.chance.choice((0, 1, 10, 30)),
                delay_unit=self.chance.choice(("day", "workday", "month")),
                from_month_end=self.often(0.3),
                each=kind == "payment" and self.often(0.3),
            )
            if self.often(0.3):
                values.update(
                    alt_event_type_id=self.some(kinds).id, alt_delay=3,
                    alt_delay_unit="workday",
                )  # fmt: skip
        self.env["contract.term"].create(values)

    def wild_term_change(self, order, day):
        """What is not agreed yet, and what is written past the guard."""
        terms = order.contract_term_ids | self.env["contract.term"].search(
            ["|", ("stamped", "=", False), ("frame_id", "!=", False)]
        )
        if not terms:
            return False
        self.set_any(
            self.some(terms),
            date_fixed=(self.near(day), self.near(day)),
            delay=(0, 5, 14),
            delay_unit=("day", "workday", "month"),
            over_percent=(0, 10),
            short_percent=(0, 10, 50),
            valid_from=(False, self.near(day), day + timedelta(days=5)),
            valid_to=(False, self.near(day), day + timedelta(days=5)),
            waived_on=(False, day, day + timedelta(days=3)),
            sequence=(1, 150, 999),
            amount=(10, 777.77),
            from_month_end=(True, False),
        )

    def wild_progress(self, order, day):
        term = self.found("contract.term", ("kind", "not in", ("delivery", "payment")))
        if not term:
            return False
        self.set_any(
            term,
            progress=(0, 30, 100),
            done_date=(False, day, day - timedelta(days=4), day + timedelta(days=4)),
            weight=(0, 1, 7),
        )

    def wild_delete_term(self, order, day):
        term = self.found("contract.term", ("stamped", "=", False))
        if not term:
            return False
        term.unlink()

    def wild_split(self, order, day):
        draft = self.new_order([(self.pump, 8)])
        draft.contract_signing_date = day
        term = draft.contract_term_ids.filtered("line_id")
        self.env["contract.term.split"].create(
            {
                "term_id": term.id,
                "line_ids": [
                    Command.clear(),
                    Command.create({"date": self.near(day), "quantity": 1}),
                    Command.create(
                        {
                            "date": self.near(day),
                            "quantity": term.agreed_quantity - 1,
                        }
                    ),
                ],
            }
        ).action_apply()

    def wild_event(self, order, day):
        """Recorded, dated anew, deleted; also of a frame agreement."""
        event = self.found("contract.event")
        if event and self.often(0.6):
            if self.often(0.5):
                event.unlink()
            else:
                event.date = min(self.near(day), day)
            return
        kinds = self.env["contract.event.type"].search([("source", "in", RECORDED)])
        self.env["contract.event"].create(
            {
                **self.subject(order),
                "type_id": self.some(kinds).id,
                "date": min(self.near(day), day),
            }
        )

    def wild_agree_by_hand(self, order, day):
        """A re-agreement that gives a payment another day, or ends a delivery."""
        term = self.some(
            order.contract_term_ids.filtered(
                lambda t: t.stamped and not t.valid_to and not t.waived_on
            )
        )
        if not term:
            return False
        paper = self.env["contract.document"].create(
            {
                "name": "Supplement",
                "order_id": order.id,
                "type_id": self.type("document_type_supplement").id,
                "date": day,
                "attachment_ids": [Command.link(self.file().id)],
            }
        )
        record = self.env["contract.reagreement"].create(
            {
                "order_id": order.id,
                "document_id": paper.id,
                "date": day,
                "date_from": day - timedelta(days=self.chance.choice((0, 0, 3))),
                "reason": "Later.",
                "amount_after": order.contract_agreed_amount,
                "line_ids": [
                    Command.create(
                        {
                            "term_id": term.id,
                            "kind": term.kind,
                            "name": term.name,
                            "line_id": term.line_id.id,
                            "quantity": term.quantity,
                            "percent": term.percent,
                            "amount": term.amount,
                            "payment_kind": term.payment_kind,
                            "due_mode": "date",
                            "date_fixed": day + timedelta(days=15),
                        }
                    )
                ],
            }
        )
        record.action_submit()
        record.with_user(self.approver).action_approve()

    # ------------------------------------------------------------------
    # Frame agreements
    # ------------------------------------------------------------------

    def wild_frame(self, order, day):
        frame = self.env["contract.frame"].create(
            {
                "partner_id": self.partner.id,
                "owner_id": self.env.uid,
                "date_start": self.near(day),
                "date_end": day + timedelta(days=200),
                "amount_total": 5000,
                "currency_id": self.chance.choice(
                    (self.company.currency_id.id, self.euros.currency_id.id)
                ),
                "line_ids": [
                    Command.create(
                        {
                            "product_id": self.pump.id,
                            "quantity": 50,
                            "price_unit": 90,
                        }
                    )
                ],
                "term_ids": [
                    Command.create(
                        {
                            "kind": "payment",
                            "name": "Bond",
                            "percent": 10,
                            "payment_kind": "deposit",
                            "due_mode": "event",
                            "event_type_id": self.type("event_type_effect").id,
                            "delay": self.chance.choice((0, 10)),
                        }
                    )
                ],
            }
        )
        if self.often(0.8):
            frame.action_activate()

    def wild_frame_change(self, order, day):
        frame = self.found("contract.frame")
        self.set_any(
            frame,
            amount_total=(1, 5000, 12345.67),
            state=("draft", "active", "closed", "cancelled"),
            signing_date=(False, day, self.near(day)),
            effective_date=(False, day, self.near(day)),
            date_start=(day, self.near(day)),
        )

    def wild_delete_frame(self, order, day):
        frame = self.found("contract.frame", ("effective_date", "=", False))
        if not frame:
            return False
        frame.unlink()

    def wild_call_off(self, order, day):
        """An order joins a frame agreement, leaves it, or takes another one."""
        frames = self.env["contract.frame"].search([("state", "=", "active")])
        frame = self.some(frames) if self.often(0.7) else frames.browse()
        unguarded(order).contract_frame_id = frame.id

    # ------------------------------------------------------------------
    # Papers and forms
    # ------------------------------------------------------------------

    def wild_paper(self, order, day):
        paper = self.found("contract.document")
        if paper and self.often(0.4):
            paper.unlink()
            return
        self.env["contract.document"].create(
            {
                **self.subject(order),
                "name": "Paper",
                "type_id": self.env["contract.document.type"].search([], limit=1).id,
                "date": day,
                "attachment_ids": [Command.link(self.file().id)],
            }
        )

    def wild_deviation(self, order, day):
        self.env["contract.deviation"].create(
            {
                **self.subject(order),
                "user_id": self.env.uid,
                "kind": "other",
                "severity": self.chance.choice(("minor", "major")),
                "date": day,
                "summary": "Bent.",
            }
        )

    def wild_deviation_goes_on(self, order, day):
        deviation = self.found("contract.deviation")
        if not deviation:
            return False
        step = self.chance.choice(("analyse", "severity", "cured", "state", "delete"))
        if step == "analyse":
            deviation.action_analyse()
        elif step == "delete":
            unguarded(deviation).unlink()
        elif step == "severity":
            deviation.severity = self.chance.choice(("minor", "major"))
        else:
            self.set_any(
                deviation,
                cured_on=(False, day, day + timedelta(days=3)),
                state=("detected", "executing", "closed", "waived", "cancelled"),
            )

    def wild_detect(self, order, day):
        """The daily search."""
        if not self.often(0.3):
            return False
        self.env["contract.deviation"]._detect(self.contracts())

    def wild_record(self, order, day):
        self.env["contract.tracking.record"].create(self.subject(order))

    def wild_record_goes_on(self, order, day):
        record = self.found("contract.tracking.record")
        if not record:
            return False
        step = self.chance.choice(("confirm", "void", "delete", "state"))
        if step == "confirm":
            record.action_confirm()
        elif step == "void":
            record._void("Wrong")
        elif step == "delete":
            unguarded(record).unlink()
        else:
            unguarded(record).state = self.chance.choice(("draft", "void"))

    def wild_coordination(self, order, day):
        document = self.found("contract.coordination")
        if document and self.often(0.6):
            if self.often(0.3):
                document.unlink()
            else:
                unguarded(document).state = self.chance.choice(
                    ("draft", "void", "sent")
                )
            return
        self.env["contract.coordination"].create(
            {
                **self.subject(order),
                "subject": "Truck",
                "reply_date": day + timedelta(days=4),
            }
        )

    # ------------------------------------------------------------------
    # Settings
    # ------------------------------------------------------------------

    def wild_setting(self, order, day):
        company = self.chance.choice((self.company, self.company, self.other_company))
        calendars = self.env["resource.calendar"].search(
            [("company_id", "in", (False, company.id))]
        )
        entries = order.invoice_ids.filtered(lambda v: v.company_id == company)
        self.set_any(
            company,
            contract_tz=ZONES,
            contract_fulfilment=("dispatch", "receipt", "bl"),
            contract_due_soon_days=(0, 3, 7, 30),
            contract_tolerance_percent=(0, 1, 10),
            account_price_include=("tax_included", "tax_excluded"),
            sale_discount_product_id=(False, self.service.id),
            resource_calendar_id=(False, self.some(calendars).id),
            account_opening_move_id=(False, self.some(entries).id),
        )

    def wild_currency(self, order, day):
        currency = self.chance.choice((self.company.currency_id, order.currency_id))
        if self.often(0.5):
            currency.contract_tolerance = self.chance.choice((0, 0.05, 5))
            return
        # the ORM refuses it where something is booked
        self.sql(
            "UPDATE res_currency SET rounding = %s, decimal_places = %s WHERE id = %s",
            *self.chance.choice(((0.01, 2), (1, 0), (0.001, 3))),
            currency.id,
        )

    def wild_rate(self, order, day):
        rates = self.env["res.currency.rate"].search([])
        if rates and self.often(0.4):
            rate = self.some(rates)
            self.chance.choice(
                (
                    rate.unlink,
                    lambda: rate.write({"rate": self.chance.choice((0.3, 0.7))}),
                    lambda: rate.write({"name": self.near(day)}),
                )
            )()
            return
        self.env["res.currency.rate"].create(
            {
                "currency_id": self.euros.currency_id.id,
                "name": day + timedelta(days=self.chance.choice((-40, 0, 1, 9))),
                "rate": self.chance.choice((0.45, 0.55)),
            }
        )

    def wild_tax(self, order, day):
        self.set_any(
            self.tax,
            amount=(0, 6, 13),
            price_include_override=(False, "tax_included", "tax_excluded"),
            amount_type=("percent", "fixed"),
        )

    def wild_unit(self, order, day):
        self.sql(
            "UPDATE uom_uom SET factor = %s WHERE id = %s",
            self.chance.choice((0.5, 1, 2)),
            self.some(order.order_line.product_uom_id).id or self.pump.uom_id.id,
        )

    def wild_account(self, order, day):
        """What an account is."""
        accounts = order.invoice_ids.line_ids.account_id
        if not accounts or not self.often(0.3):
            return False
        self.sql(
            "UPDATE account_account SET account_type = %s WHERE id = %s",
            self.chance.choice(("asset_receivable", "asset_current", "income")),
            self.some(accounts).id,
        )

    def wild_journal(self, order, day):
        journal = self.found("account.journal", ("type", "=", "bank"))
        accounts = self.env["account.account"].search(
            [("account_type", "=", "asset_cash")]
        )
        journal.default_account_id = self.some(accounts)

    def wild_instrument(self, order, day):
        instrument = self.found("contract.instrument")
        self.set_any(
            instrument, is_bill=(True, False), counts_on=("receipt", "honoured")
        )

    def wild_event_type(self, order, day):
        """Where an event is read from: of two the sources are exchanged."""
        kinds = self.env["contract.event.type"].search([])
        one, two = self.chance.sample(list(kinds), 2)
        sources = one.source, two.source
        self.sql("UPDATE contract_event_type SET source = NULL WHERE id = %s", one.id)
        for kind, source in ((two, sources[0]), (one, sources[1])):
            self.sql(
                "UPDATE contract_event_type SET source = %s WHERE id = %s",
                source or None,
                kind.id,
            )

    def wild_calendar(self, order, day):
        calendar = self.some(self.company | self.other_company).resource_calendar_id
        attendances = calendar.attendance_ids
        self.chance.choice(
            (
                lambda: self.some(attendances).unlink(),
                lambda: calendar.write(
                    {
                        "attendance_ids": [
                            Command.create(
                                {
                                    "name": "Saturday",
                                    "dayofweek": self.chance.choice("456"),
                                    "hour_from": 8,
                                    "hour_to": 12,
                                    "day_period": "morning",
                                }
                            )
                        ]
                    }
                ),
                lambda: self.some(attendances).write({"hour_to": 20}),
                calendar.switch_calendar_type,
            )
        )()

    def wild_holiday(self, order, day):
        holiday = self.found("resource.calendar.leaves")
        if holiday and self.often(0.5):
            self.chance.choice(
                (
                    holiday.unlink,
                    lambda: holiday.write(
                        {"date_to": holiday.date_to + timedelta(days=1)}
                    ),
                )
            )()
            return
        begin = fields.Datetime.to_datetime(self.near(day)) + timedelta(
            hours=self.chance.choice((-8, 0, 6))
        )
        self.env["resource.calendar.leaves"].create(
            {
                "name": "Closed",
                "calendar_id": self.chance.choice(
                    (False, self.company.resource_calendar_id.id)
                ),
                "date_from": begin,
                "date_to": begin + timedelta(days=self.chance.choice((1, 3))),
            }
        )

    def wild_location(self, order, day):
        """Where the customer is."""
        locations = order.picking_ids.move_ids.location_dest_id
        if not locations or not self.often(0.3):
            return False
        self.sql(
            "UPDATE stock_location SET usage = %s WHERE id = %s",
            self.chance.choice(("customer", "internal", "transit")),
            self.some(locations).id,
        )

    def wild_precision(self, order, day):
        """How many digits quantities have."""
        if not self.often(0.3):
            return False
        precision = self.env["decimal.precision"].search(
            [("name", "=", "Product Unit")]
        )
        precision.digits = self.chance.choice((0, 2, 3))

    def wild_product(self, order, day):
        """What it was is something else now."""
        self.sql(
            "UPDATE product_template SET type = %s WHERE id = %s",
            self.chance.choice(("consu", "service", "combo")),
            self.some(order.order_line.product_template_id).id,
        )

    def wild_kit(self, order, day):
        """What a kit is made of, from now on."""
        lines = self.kit.bom_line_ids
        self.some(lines).product_qty = self.chance.choice((1, 2, 3))

    def wild_undone(self, order, day):
        """Something else happens, is perhaps folded in, and is undone."""
        name, step = self.any_step(("step_", "wild_", "row_"))
        self.note(f"undone: {name}")
        savepoint = self.env.cr.savepoint()
        try:
            step(order, day)
            if self.often(0.5):
                self.compare()
            if self.often(0.5):
                self.fold()
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    def wild_in_parts(self, order, day):
        """Two things at once, the second of them undone."""
        _name, step = self.any_step(("step_", "wild_", "row_"))
        step(order, day)
        self.wild_undone(order, day)

    def wild_other_company(self, order, day):
        """Something in a company of another zone."""
        orders = self.env["sale.order"].search(
            [("company_id", "=", self.other_company.id)]
        )
        if orders and self.often(0.7):
            line = self.some(orders.order_line)
            if self.often(0.5):
                line.qty_delivered = self.chance.choice((0, 1, 2))
            else:
                self.wild_facts_of_order(line.order_id, day)
            return
        self.env["sale.order"].with_company(self.other_company).create(
            {
                "partner_id": self.partner.id,
                "company_id": self.other_company.id,
                "order_line": [
                    Command.create(
                        {"product_id": self.service.id, "product_uom_qty": 2}
                    )
                ],
            }
        ).action_confirm()

    def wild_history(self, order, day):
        """What was delivered by hand is dated otherwise."""
        self.sql(
            "UPDATE contract_history SET date = date + %s WHERE line_id = ANY(%s)",
            self.chance.choice((-3, 1, 5)),
            order.order_line.ids,
        )

    def wild_lists_of_zeros(self, order, day):
        """Rows are written with what they have already."""
        table = self.chance.choice(("sale_order", "stock_move", "account_move_line"))
        self.env.cr.execute(SQL("UPDATE %s SET id = id", SQL.identifier(table)))
