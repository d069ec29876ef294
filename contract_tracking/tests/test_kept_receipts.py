from odoo import Command

from .test_sheet_claims import ClaimCase


class TestKeptReceipts(ClaimCase):
    """What is kept of receipts is what the whole statement says, whatever happens."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.kept = cls.env["contract.facts.receipt"]

    def rows(self, sql):
        self.env.flush_all()
        return {row["order_id"]: row for row in self.env.execute_query_dict(sql)}

    def assertKept(self, what):
        """A step changed something, and who reads sees it before it is folded in and
        after."""
        everything = self.kept._kept_statement("orders")
        expected = self.rows(everything)
        self.assertNotEqual(expected, self.before, f"{what}: nothing happened")
        self.assertEqual(self.rows(self.kept._kept_sql("orders")), expected, what)
        unclaimed = [key for key, row in expected.items() if row["is_unclaimed"]]
        self.env.invalidate_all()
        found = self.env["contract.receipt"].search([("is_unclaimed", "=", True)])
        self.assertEqual(sorted(found.ids), sorted(unclaimed), what)
        self.kept._fold()
        self.assertFalse(self.kept._stale_ids(), what)
        self.assertEqual(self.rows(self.kept._kept_sql("orders")), expected, what)
        self.before = expected

    def set_past_orm(self, table, values, *records):
        """What is written past the ORM."""
        self.env.flush_all()
        self.env.cr.execute(
            f"UPDATE {table} SET {values} WHERE id IN %s",  # noqa: S608
            [tuple(record.id for record in records)],
        )
        self.env.invalidate_all()

    def start(self):
        self.kept._fold()
        self.before = self.rows(self.kept._kept_statement("orders"))

    def test_claims(self):
        first, second, _third = self.contracts()
        self.start()
        payment = self.money("2026-04-01", 1500)
        self.assertKept("payment")
        payment.memo = "for somebody"
        self.assertKept("memo")
        claim = self.claim(payment, first, 400)
        self.assertKept("claim")
        waiting = self.claim(payment, second, 300)
        self.assertKept("second claim")
        self.set_past_orm("contract_payment_claim", "state = 'to_confirm'", waiting)
        self.assertKept("a claim that waits")
        claim._withdraw("typing error")
        self.assertKept("withdrawal")
        bill = self.money(
            "2026-04-01",
            500,
            contract_instrument_id=self.env.ref(
                "contract_tracking.instrument_bank_acceptance"
            ).id,
            contract_bill_number="B1",
            contract_bill_maturity="2026-10-01",
        )
        self.assertKept("bill")
        bill._contract_bill_outcome("endorsed", bill.date)
        self.assertKept("passed on")
        bill._contract_bill_outcome("dishonoured", bill.date)
        self.assertKept("dishonoured")
        bill.contract_instrument_id.sudo().is_bill = False
        self.assertKept("no bill any more")
        self.money("2026-04-02", 200, payment_type="outbound")
        self.assertKept("refund")
        waiting._withdraw("typing error")
        self.assertKept("nothing claimed")
        payment.action_draft()
        self.assertKept("draft")
        payment.action_post()
        self.assertKept("posted again")
        payment.action_draft()
        payment.unlink()
        self.env.cr.execute("SELECT 1 FROM account_payment WHERE id = %s", [payment.id])
        self.assertFalse(self.env.cr.rowcount)
        self.before = None
        self.assertKept("gone")

    def test_reconciliation(self):
        first, second, _third = self.contracts()
        invoice = self.invoice(first, "2026-04-01")
        payment = self.money("2026-04-10", 1500)
        self.start()
        self.reconcile(payment.move_id, invoice)
        self.assertKept("reconciled")
        self.set_past_orm("sale_order", "contract_state = NULL", first)
        self.assertKept("no contract")
        first.action_contract_track()
        self.assertKept("a contract again")
        self.claim(payment, second, 500)
        self.assertKept("claimed beside it")
        self.receipt(payment).claim_ids._withdraw("typing error")
        self.assertKept("claims taken back")
        line = invoice.invoice_line_ids.sale_line_ids
        other = self.invoice(second, "2026-04-02")
        self.reconcile(payment.move_id, other)
        self.assertKept("two invoices")
        self.set_past_orm("sale_order", "contract_state = NULL", second)
        self.assertKept("one of them of no contract")
        self.set_past_orm("sale_order_line", f"order_id = {second.id}", line)
        self.assertKept("a line moved to it")
        self.set_past_orm("sale_order_line", f"order_id = {first.id}", line)
        self.env.cr.execute(
            "DELETE FROM sale_order_line_invoice_rel WHERE invoice_line_id IN %s",
            [tuple(other.invoice_line_ids.ids)],
        )
        self.assertKept("a link taken away")
        self.set_past_orm("account_payment", "amount = 1400", payment)
        self.assertKept("less of it is money")
        (invoice | other).line_ids.remove_move_reconcile()
        self.assertKept("reconciliation taken back")

    def test_bank_lines(self):
        [first, *_others] = self.contracts()
        invoice = self.invoice(first, "2026-04-01")
        self.start()
        line = self.bank("2026-04-10", 600, -20)
        self.assertKept("bank line")
        self.set_past_orm(
            "account_bank_statement_line", "payment_ref = 'another'", line
        )
        self.assertKept("reference")
        self.reconcile(line.move_id, invoice)
        self.assertKept("reconciled")
        item = line.move_id.line_ids.filtered(
            lambda ln: ln.account_id == self.receivable
        )
        self.claim(item, first, 100, receipt_id=item.id * 2 + 1)
        self.assertKept("claimed")
        invoice.line_ids.remove_move_reconcile()
        self.assertKept("reconciliation taken back")
        line.action_undo_reconciliation()
        self.assertKept("nobody's")
        other = self.bank("2026-04-11", 70)
        self.assertKept("another")
        other.with_context(force_delete=True).unlink()
        self.assertKept("gone")

    def test_payments_without_an_entry(self):
        first, second, _third = self.contracts()
        invoice = self.invoice(first, "2026-04-01")
        other = self.invoice(second, "2026-04-01")
        payment = self.money("2026-04-10", 600)
        move = payment.move_id
        self.start()
        self.set_past_orm(
            "account_payment",
            "move_id = NULL, outstanding_account_id = NULL, state = 'in_process'",
            payment,
        )
        move.button_draft()
        move.unlink()
        invoice.matched_payment_ids = payment
        self.assertKept("linked")
        self.set_past_orm("sale_order", "contract_state = NULL", second)
        other.matched_payment_ids = payment
        self.assertKept("linked with two, one of no contract")
        self.set_past_orm("sale_order", "contract_state = 'active'", second)
        self.assertKept("both of contracts")
        self.set_past_orm("sale_order", "contract_state = NULL", second)
        self.assertKept("one of no contract")
        self.set_past_orm("account_move", "amount_total = 3000", other)
        self.assertKept("a greater part of it")
        self.bank("2026-04-20", 600, paid=invoice)
        self.assertEqual(
            self.env["contract.receipt"].search([("kind", "=", "statement")]).ids, []
        )
        self.before = None
        self.assertKept("its bank line is no receipt of its own")
        self.set_past_orm("account_payment", "amount = 500", payment)
        self.assertKept("another amount: it is one")
        self.set_past_orm("account_payment", "amount = 600", payment)
        self.assertKept("the same amount")
        invoice.matched_payment_ids = False
        self.assertKept("not linked any more")

    def test_opening_entry(self):
        [order, *_others] = self.contracts()
        invoice = self.invoice(order, "2026-04-01")
        self.start()
        move = self.env["account.move"].create(
            {
                "date": "2026-03-15",
                "line_ids": [
                    Command.create(
                        {
                            "account_id": account.id,
                            "partner_id": self.partner.id,
                            "balance": balance,
                        }
                    )
                    for account, balance in (
                        (self.receivable, -250),
                        (self.receivable, -50),
                        (self.expense, 300),
                    )
                ],
            }
        )
        move.action_post()
        self.company.account_opening_move_id = move
        self.assertKept("opening entry")
        self.reconcile(move, invoice)
        self.assertKept("reconciled")
        invoice.line_ids.remove_move_reconcile()
        self.assertKept("taken back")
        move.button_draft()
        self.assertKept("draft")

    def test_many_stale(self):
        """Of many that are stale all are read at once: the same rows."""
        self.start()
        payment = self.money("2026-04-01", 1500)
        self.env.cr.execute("UPDATE contract_kept_receipt SET epoch = -1")
        self.env.cr.execute(
            """INSERT INTO contract_kept_receipt
                      (order_id, company_id, state, made_on, holds_until, epoch)
               SELECT -n, %s, 'receipt', now(), now(), -1
                 FROM generate_series(1, 600) n""",
            [self.company.id],
        )
        self.assertIn(payment.id * 2, self.kept._stale_ids())
        self.assertKept("as many as that")
