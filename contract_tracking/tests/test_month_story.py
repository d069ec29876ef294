from datetime import date

from freezegun import freeze_time

from odoo import Command

from .test_month_figures import DECEMBER, JANUARY, NOVEMBER, MonthCase


class TestMonthStory(MonthCase):
    """Three months of a company with two offices: everything that makes figures hard.

    A euro is 1.25 in November, 1.5625 in December and 2.00 from January on.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.none = cls.env["crm.team"]
        pricelist = cls.euro_pricelist()
        pricelist.currency_id.rate_ids.unlink()
        cls.env["res.currency.rate"].create(
            [
                {"currency_id": pricelist.currency_id.id, "name": day, "rate": rate}
                for day, rate in (
                    ("2025-01-01", 0.80),
                    ("2025-12-01", 0.64),
                    ("2026-01-01", 0.50),
                )
            ]
        )
        tax = cls.env["account.tax"].create({"name": "13 %", "amount": 13})
        east, west = {"team_id": cls.team.id}, {"team_id": cls.west.id}
        invoice = cls.env.ref("contract_tracking.event_type_invoice").id
        dispatch = cls.env.ref("contract_tracking.event_type_dispatch").id
        event = {"percent": 100, "due_mode": "event", "each": True}
        # 800 euros, 30 days after each invoice
        cls.export = cls.with_terms(
            {"event_type_id": invoice, "delay": 30, **event},
            lines=[(cls.pump, 10, 80)],
            signed="2025-11-04",
            promised="2025-11-20",
            pricelist_id=pricelist.id,
            **west,
        )
        cls.bills = cls.with_terms(
            lines=[(cls.valve, 20, 50)],
            signed="2025-11-05",
            promised="2025-11-06",
            **east,
        )
        # one receipt for both
        cls.first = cls.with_terms(signed="2025-11-06", promised="2025-11-08", **east)
        cls.pump.taxes_id = tax
        cls.second = cls.with_terms(
            lines=[(cls.pump, 5)], signed="2025-11-06", promised="2025-11-08", **west
        )
        cls.pump.taxes_id = False
        # 8 of 20 delivered, 600 invoiced and 500 received before it was kept here
        with freeze_time("2025-11-03 02:00:00"):
            cls.running = cls.new_order(
                [(cls.pump, 20)],
                contract_signing_date="2025-09-01",
                contract_opening_date="2025-10-31",
                contract_opening_invoiced=600,
                contract_opening_received=500,
                commitment_date="2025-12-31 02:00:00",
                team_id=False,
            )
            cls.running.order_line.contract_opening_quantity = 8
            cls.env["contract.term"].create(
                {
                    "order_id": cls.running.id,
                    "kind": "payment",
                    "name": "Each delivery",
                    "event_type_id": dispatch,
                    **event,
                }
            )
            cls.running.action_confirm()
        cls.changed = cls.with_terms(signed="2025-11-03", promised="2026-01-15", **west)
        cls.moving = cls.with_terms(signed="2025-11-07", promised="2026-03-31", **east)
        cls.ended = cls.with_terms(
            lines=[(cls.pump, 4)], signed="2025-11-07", promised="2025-11-10", **east
        )
        cls.settled = cls.with_terms(
            lines=[(cls.pump, 5)], signed="2025-11-07", promised="2025-11-10", **west
        )
        cls.frame = cls.new_frame(
            day="2025-11-01",
            date_start="2025-11-01",
            date_end="2026-10-31",
            amount_total=10000,
            term_ids=[
                Command.create(
                    {
                        "kind": "payment",
                        "name": "Deposit",
                        "payment_kind": "deposit",
                        "percent": 10,
                        "event_type_id": cls.env.ref(
                            "contract_tracking.event_type_effect"
                        ).id,
                        "delay": 10,
                    }
                )
            ],
            **east,
        )

    def claim(self, payment, contract, amount, day=None, **values):
        """A claim of the day on which the money came, if not of another."""
        subject = "frame_id" if contract._name == "contract.frame" else "order_id"
        return self.env["contract.payment.claim"].create(
            {
                "payment_id": payment.id,
                subject: contract.id,
                "amount": amount,
                "date": day or payment.date,
                **values,
            }
        )

    def bill(self, day, amount, kind):
        instrument = self.env.ref(f"contract_tracking.instrument_{kind}_acceptance")
        payment = self.money(
            day,
            amount,
            contract_instrument_id=instrument.id,
            contract_bill_number=f"B-{day}",
            contract_bill_maturity="2026-06-01",
        )
        self.claim(payment, self.bills, amount)
        return payment

    def outcome(self, payment, day, what):
        with freeze_time(f"{day} 02:00:00"):
            payment._contract_bill_outcome(what, date.fromisoformat(day))

    def agree_anew(self, order, day):
        """A supplementary agreement over what the order says now."""
        approver = self.new_user(
            "month_approver", "contract_tracking.group_contract_leader"
        )
        self.env["contract.approval.rule"].search([]).active = False
        self.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "reagreement",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(approver.id)]}
                    )
                ],
            }
        )
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
        with freeze_time(f"{day} 02:00:00"):
            record = self.env["contract.reagreement"].create(
                {
                    "order_id": order.id,
                    "document_id": paper.id,
                    "date": day,
                    "date_from": day,
                    "reason": "Less for the rest.",
                }
            )
            record.action_propose()
            record.action_submit()
            record.with_user(approver).action_approve()
        self.assertEqual(record.state, "done")

    def post_invoice(self, day, amount):
        """An invoice without a contract."""
        with freeze_time(f"{day} 02:00:00"):
            move = self.env["account.move"].create(
                {
                    "move_type": "out_invoice",
                    "partner_id": self.partner.id,
                    "invoice_date": day,
                    "invoice_line_ids": [
                        Command.create(
                            {"name": "Scrap", "price_unit": amount, "tax_ids": False}
                        )
                    ],
                }
            )
            move.action_post()
        return move

    def post_entry(self, day, amount):
        """A journal entry on the receivable account."""
        items = [(self.receivable, amount), (self.expense, -amount)]
        with freeze_time(f"{day} 02:00:00"):
            move = self.env["account.move"].create(
                {
                    "date": day,
                    "line_ids": [
                        Command.create(
                            {
                                "account_id": account.id,
                                "partner_id": self.partner.id,
                                "balance": balance,
                            }
                        )
                        for account, balance in items
                    ],
                }
            )
            move.action_post()
        return move

    # ------------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------------

    def november(self):
        self.deliver(self.export, "2025-11-20")
        self.deliver(self.bills, "2025-11-06")
        self.invoice(self.bills, "2025-11-07")
        # one counts at once, the other when it is honoured
        self.bill("2025-11-10", 300, "bank")
        self.commercial = self.bill("2025-11-12", 200, "commercial")
        for order in (self.first, self.second):
            self.deliver(order, "2025-11-08")
        self.invoice_first = self.invoice(self.first, "2025-11-09")
        self.invoice_second = self.invoice(self.second, "2025-11-09")
        # 100 of it are nobody's
        self.shared = self.money("2025-11-15", 1200)
        self.claim(self.shared, self.first, 800)
        self.claim(self.shared, self.second, 300)
        self.deliver(self.running, "2025-11-20", pump=4)
        self.deliver(self.changed, "2025-11-10", pump=4)
        self.deliver(self.moving, "2025-11-12", pump=3)
        self.deliver(self.ended, "2025-11-10")
        self.invoice_ended = self.invoice(self.ended, "2025-11-11")
        with freeze_time("2025-11-20 02:00:00"):
            self.ended._take_reason_step("terminate", "The customer is bankrupt")
        self.deliver(self.settled, "2025-11-10")
        self.invoice_settled = self.invoice(self.settled, "2025-11-11")
        self.pay(self.invoice_settled, "2025-11-20")
        with freeze_time("2025-11-25 02:00:00"):
            self.settled.invalidate_recordset()
            self.settled.action_contract_complete()
        self.claim(self.money("2025-11-15", 600), self.frame, 600)
        self.post_invoice("2025-11-18", 70)
        self.post_entry("2025-11-19", 30)

    def december(self):
        self.invoice_export = self.invoice(self.export, "2025-12-02")
        self.lost = self.bill("2025-12-05", 100, "bank")
        self.outcome(self.commercial, "2025-12-10", "honoured")
        # claimed otherwise: it stays whose it was
        with freeze_time("2025-12-10 02:00:00"):
            self.reconcile(self.shared.move_id, self.invoice_first)
        self.invoice_running = self.invoice(self.running, "2025-12-10", {self.pump: 6})
        self.deliver(self.running, "2025-12-18", pump=4)
        with freeze_time("2025-12-05 01:00:00"):
            self.changed.order_line.product_uom_qty = 4
            self.changed.order_line = [
                Command.create(
                    {
                        "product_id": self.pump.id,
                        "product_uom_qty": 6,
                        "price_unit": 90,
                    }
                )
            ]
        self.agree_anew(self.changed, "2025-12-05")
        with freeze_time("2025-12-08 02:00:00"):
            self.changed.order_line = [
                Command.create({"product_id": self.valve.id, "product_uom_qty": 5})
            ]
            self.moving.team_id = self.west
            self.env.flush_all()
        self.deliver(self.changed, "2025-12-15", pump=6)
        self.deliver(self.moving, "2025-12-10", pump=4)
        self.credit(self.invoice_settled, "2025-12-12", 1, reconcile=False)
        self.called = self.with_terms(
            signed="2025-12-01",
            promised="2025-12-05",
            date_order="2025-12-01 02:00:00",
            contract_frame_id=self.frame.id,
            team_id=self.team.id,
        )
        self.deliver(self.called, "2025-12-05")
        self.invoice_called = self.invoice(self.called, "2025-12-06")

    def january(self):
        # of December, and known since its records are confirmed
        self.pay(self.invoice_running, "2025-12-20", 300)
        self.pay(self.invoice_export, "2026-01-15", 400)
        self.outcome(self.lost, "2026-01-20", "dishonoured")
        self.claim(self.money("2026-01-05", 200), self.first, 200)
        self.pay(self.invoice_second, "2026-01-06", 265)
        self.deliver(self.changed, "2026-01-06")
        self.invoice(self.changed, "2026-01-08")
        self.deliver(self.moving, "2026-01-09")
        self.pay(self.invoice_ended, "2026-01-10")
        self.claim(
            self.money("2026-01-05", 400),
            self.frame,
            400,
            term_id=self.frame.term_ids.id,
        )
        self.pay(self.invoice_called, "2026-01-20", 500)

    # ------------------------------------------------------------------
    # The records
    # ------------------------------------------------------------------

    def test_three_months(self):
        self.november()
        records = self.generate(NOVEMBER, "2025-12-01")
        self.assert_november(records)
        self.confirm_records(records)
        self.december()
        records = self.generate(DECEMBER, "2025-12-26")
        self.assert_december(records)
        again = self.generate(DECEMBER, "2025-12-26", "05:00:00")
        self.assert_december(again)
        self.confirm_records(records)
        self.january()
        records = self.generate(JANUARY, "2026-02-01")
        self.assert_january(records)
        again = self.generate(JANUARY, "2026-03-05")
        self.assert_january(again)
        self.assertEqual(records, again)

    def assert_november(self, records):
        # fmt: off
        self.assert_lines(
            records,
            (self.team, [self.bills, self.first, self.moving, self.ended, self.frame]),
            (self.west, [self.export, self.second, self.changed, self.settled]),
            (self.none, [self.running]),
        )
        self.assert_line(
            records, self.export, rate=0.8, total=800,
            delivered=(0, 800, 0, 800, 800), delivered_not_invoiced=800, completion=1,
        )
        # 300 of the bills count, 200 wait
        self.assert_line(
            records, self.bills, total=1000,
            delivered=(0, 1000, 0, 1000, 1000), invoiced=(0, 1000, 0, 1000, 1000),
            received=(0, 300, 0, 300, 300), receivable=700, matured=1000, overdue=700,
            collection_rate=0.3, collection_rate_year=0.3, completion=1,
            plan_collection=700, booked_uncounted=200,
        )
        self.assert_line(
            records, self.first, total=1000,
            delivered=(0, 1000, 0, 1000, 1000), invoiced=(0, 1000, 0, 1000, 1000),
            received=(0, 800, 0, 800, 800), receivable=200, matured=1000, overdue=200,
            collection_rate=0.8, collection_rate_year=0.8, completion=1,
            plan_collection=200,
        )
        # 500 and 13 %
        self.assert_line(
            records, self.second, total=565,
            delivered=(0, 565, 0, 565, 565), invoiced=(0, 565, 0, 565, 565),
            received=(0, 300, 0, 300, 300), receivable=265, matured=565, overdue=265,
            collection_rate=300 / 565, collection_rate_year=300 / 565, completion=1,
            plan_collection=265,
        )
        # opening figures are to date only; 12 of 20 are due, 500 of it there
        self.assert_line(
            records, self.running, total=2000,
            delivered=(800, 400, 0, 400, 1200), invoiced=(600, 0, 0, 0, 600),
            received=(500, 0, 0, 0, 500), delivered_not_invoiced=600, receivable=100,
            matured=1200, overdue=700, collection_rate=500 / 1200,
            collection_rate_year=500 / 1200, completion=0.6, plan_collection=700,
            booked_opening=100,
        )
        self.assert_line(
            records, self.changed, total=1000,
            delivered=(0, 400, 0, 400, 400), delivered_not_invoiced=400,
            completion=0.4,
        )
        self.assert_line(
            records, self.moving, total=1000,
            delivered=(0, 300, 0, 300, 300), delivered_not_invoiced=300,
            completion=0.3,
        )
        self.assert_line(
            records, self.ended, total=400,
            delivered=(0, 400, 0, 400, 400), invoiced=(0, 400, 0, 400, 400),
            receivable=400, matured=400, overdue=400, completion=1,
            plan_collection=400,
        )
        self.assert_line(
            records, self.settled, total=500,
            delivered=(0, 500, 0, 500, 500), invoiced=(0, 500, 0, 500, 500),
            received=(0, 500, 0, 500, 500), matured=500, collection_rate=1,
            collection_rate_year=1, completion=1,
        )
        # 10 % of 10,000 on 11 November
        self.assert_line(
            records, self.frame, total=10000,
            received=(0, 600, 0, 600, 600), receivable=-600, matured=1000, overdue=400,
            collection_rate=0.6, collection_rate_year=0.6, plan_collection=400,
        )
        # 700 + 200 + 400 − 600; 265; 100
        self.assert_bridge(
            records[self.team], contracts=700, others=365, invoices=70, entries=30,
            unclaimed=-100, bills=-200, opening=-100, ledger=765,
        )
        self.assert_bridge(
            records[self.none], contracts=100, others=965, invoices=70, entries=30,
            unclaimed=-100, bills=-200, opening=-100, ledger=765,
        )

    def assert_december(self, records):
        self.assert_lines(
            records,
            (self.team, [self.bills, self.first, self.ended, self.frame, self.called]),
            (
                self.west,
                [self.export, self.second, self.changed, self.moving, self.settled],
            ),
            (self.none, [self.running]),
        )
        # invoiced at 1.5625; 800 fall due on 1 January, planned at the contract's rate
        self.assert_line(
            records,
            self.export,
            rate=0.8,
            total=800,
            delivered=(800, 0, 0, 800, 800),
            invoiced=(0, 800, 0, 800, 800),
            booked_invoiced=(0, 1250, 0, 1250, 1250),
            receivable=800,
            booked_receivable=1250,
            completion=1,
            plan_collection=800,
        )
        # 100 come and 200 are honoured
        self.assert_line(
            records,
            self.bills,
            total=1000,
            delivered=(1000, 0, 0, 1000, 1000),
            invoiced=(1000, 0, 0, 1000, 1000),
            received=(300, 300, 0, 600, 600),
            receivable=400,
            matured=1000,
            overdue=400,
            collection_rate=0.6,
            collection_rate_year=0.6,
            completion=1,
            planned_collection=700,
            collection_achieved=300 / 700,
            plan_collection=400,
        )
        self.assert_line(
            records,
            self.first,
            total=1000,
            delivered=(1000, 0, 0, 1000, 1000),
            invoiced=(1000, 0, 0, 1000, 1000),
            received=(800, 0, 0, 800, 800),
            receivable=200,
            matured=1000,
            overdue=200,
            collection_rate=0.8,
            collection_rate_year=0.8,
            completion=1,
            planned_collection=200,
            plan_collection=200,
        )
        self.assert_line(
            records,
            self.second,
            total=565,
            delivered=(565, 0, 0, 565, 565),
            invoiced=(565, 0, 0, 565, 565),
            received=(300, 0, 0, 300, 300),
            receivable=265,
            matured=565,
            overdue=265,
            collection_rate=300 / 565,
            collection_rate_year=300 / 565,
            completion=1,
            planned_collection=265,
            plan_collection=265,
        )
        self.assert_line(
            records,
            self.running,
            total=2000,
            delivered=(1200, 400, 0, 800, 1600),
            invoiced=(600, 600, 0, 600, 1200),
            received=(500, 0, 0, 0, 500),
            delivered_not_invoiced=400,
            receivable=700,
            matured=1600,
            overdue=1100,
            collection_rate=500 / 1600,
            collection_rate_year=500 / 1600,
            completion=0.8,
            planned_collection=700,
            plan_delivery=400,
            plan_collection=1100,
            booked_opening=100,
        )
        # 4 at 100 and 6 at 90; the valves are not agreed
        self.assert_line(
            records,
            self.changed,
            total=940,
            delivered=(400, 540, 0, 940, 940),
            delivered_not_invoiced=940,
            completion=1,
        )
        # its new office brings forward what the old one said
        self.assert_line(
            records,
            self.moving,
            total=1000,
            delivered=(300, 400, 0, 700, 700),
            delivered_not_invoiced=700,
            completion=0.7,
        )
        self.assert_line(
            records,
            self.ended,
            total=400,
            delivered=(400, 0, 0, 400, 400),
            invoiced=(400, 0, 0, 400, 400),
            receivable=400,
            matured=400,
            overdue=400,
            completion=1,
            planned_collection=400,
            plan_collection=400,
        )
        # 100 of 500 credited
        self.assert_line(
            records,
            self.settled,
            total=500,
            delivered=(500, 0, 0, 500, 500),
            invoiced=(500, -100, 0, 400, 400),
            received=(500, 0, 0, 500, 500),
            delivered_not_invoiced=100,
            receivable=-100,
            matured=400,
            collection_rate=1,
            collection_rate_year=1,
            completion=1,
        )
        self.assert_line(
            records,
            self.frame,
            total=10000,
            received=(600, 0, 0, 600, 600),
            receivable=-600,
            matured=1000,
            overdue=400,
            collection_rate=0.6,
            collection_rate_year=0.6,
            planned_collection=400,
            plan_collection=400,
        )
        self.assert_line(
            records,
            self.called,
            total=1000,
            delivered=(0, 1000, 0, 1000, 1000),
            invoiced=(0, 1000, 0, 1000, 1000),
            receivable=1000,
            matured=1000,
            overdue=1000,
            completion=1,
            plan_collection=1000,
        )
        # 400 + 200 + 400 − 600 + 1,000; 1,250 + 265 − 100; 700
        self.assert_bridge(
            records[self.team],
            contracts=1400,
            others=2115,
            invoices=70,
            entries=30,
            unclaimed=-100,
            opening=-100,
            ledger=3415,
        )
        self.assert_bridge(
            records[self.west],
            contracts=1415,
            others=2100,
            invoices=70,
            entries=30,
            unclaimed=-100,
            opening=-100,
            ledger=3415,
        )

    def assert_january(self, records):
        self.assert_lines(
            records,
            (self.team, [self.bills, self.first, self.ended, self.frame, self.called]),
            (
                self.west,
                [self.export, self.second, self.changed, self.moving, self.settled],
            ),
            (self.none, [self.running]),
        )
        # 400 come in at 2.00 and close 625 of 1,250
        self.assert_line(
            records,
            self.export,
            rate=0.8,
            total=800,
            delivered=(800, 0, 0, 0, 800),
            invoiced=(800, 0, 0, 0, 800),
            booked_invoiced=(1250, 0, 0, 0, 1250),
            received=(0, 400, 0, 400, 400),
            booked_received=(0, 625, 0, 625, 625),
            receivable=400,
            booked_receivable=625,
            matured=800,
            overdue=400,
            booked_overdue=625,
            collection_rate=0.5,
            collection_rate_year=0.5,
            completion=1,
            planned_collection=800,
            collection_achieved=0.5,
            plan_collection=400,
        )
        # 100 of the bills come back
        self.assert_line(
            records,
            self.bills,
            total=1000,
            delivered=(1000, 0, 0, 0, 1000),
            invoiced=(1000, 0, 0, 0, 1000),
            received=(600, -100, 0, -100, 500),
            receivable=500,
            matured=1000,
            overdue=500,
            collection_rate=0.5,
            completion=1,
            planned_collection=400,
            collection_achieved=-0.25,
            plan_collection=500,
            booked_uncounted=100,
        )
        self.assert_line(
            records,
            self.first,
            total=1000,
            delivered=(1000, 0, 0, 0, 1000),
            invoiced=(1000, 0, 0, 0, 1000),
            received=(800, 200, 0, 200, 1000),
            matured=1000,
            collection_rate=1,
            completion=1,
            planned_collection=200,
            collection_achieved=1,
        )
        self.assert_line(
            records,
            self.second,
            total=565,
            delivered=(565, 0, 0, 0, 565),
            invoiced=(565, 0, 0, 0, 565),
            received=(300, 265, 0, 265, 565),
            matured=565,
            collection_rate=1,
            completion=1,
            planned_collection=265,
            collection_achieved=1,
        )
        # 300 of December were posted after its record: in no month, and in this year
        self.assert_line(
            records,
            self.running,
            total=2000,
            delivered=(1600, 0, 0, 0, 1600),
            invoiced=(1200, 0, 0, 0, 1200),
            received=(500, 0, 300, 300, 800),
            delivered_not_invoiced=400,
            receivable=400,
            matured=1600,
            overdue=800,
            collection_rate=0.5,
            completion=0.8,
            planned_delivery=400,
            planned_collection=1100,
            plan_delivery=400,
            plan_collection=800,
            booked_opening=100,
        )
        # and 5 valves at 40
        self.assert_line(
            records,
            self.changed,
            total=940,
            delivered=(940, 200, 0, 200, 1140),
            invoiced=(0, 1140, 0, 1140, 1140),
            receivable=1140,
            matured=1140,
            overdue=1140,
            completion=1140 / 940,
            plan_collection=1140,
        )
        self.assert_line(
            records,
            self.moving,
            total=1000,
            delivered=(700, 300, 0, 300, 1000),
            delivered_not_invoiced=1000,
            completion=1,
        )
        self.assert_line(
            records,
            self.ended,
            total=400,
            delivered=(400, 0, 0, 0, 400),
            invoiced=(400, 0, 0, 0, 400),
            received=(0, 400, 0, 400, 400),
            matured=400,
            collection_rate=1,
            completion=1,
            planned_collection=400,
            collection_achieved=1,
        )
        self.assert_line(
            records,
            self.settled,
            total=500,
            delivered=(500, 0, 0, 0, 500),
            invoiced=(400, 0, 0, 0, 400),
            received=(500, 0, 0, 0, 500),
            delivered_not_invoiced=100,
            receivable=-100,
            matured=400,
            collection_rate=1,
            completion=1,
        )
        self.assert_line(
            records,
            self.frame,
            total=10000,
            received=(600, 400, 0, 400, 1000),
            receivable=-1000,
            matured=1000,
            collection_rate=1,
            planned_collection=400,
            collection_achieved=1,
        )
        self.assert_line(
            records,
            self.called,
            total=1000,
            delivered=(1000, 0, 0, 0, 1000),
            invoiced=(1000, 0, 0, 0, 1000),
            received=(0, 500, 0, 500, 500),
            receivable=500,
            matured=1000,
            overdue=500,
            collection_rate=0.5,
            completion=1,
            planned_collection=1000,
            collection_achieved=0.5,
            plan_collection=500,
        )
        # 500 − 1,000 + 500; 625 + 1,140 − 100; 400
        self.assert_bridge(
            records[self.team],
            contracts=0,
            others=2065,
            invoices=70,
            entries=30,
            unclaimed=-100,
            bills=-100,
            opening=-100,
            ledger=1865,
        )
        # fmt: on
