from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

LEFTOVERS = (
    ("contract_history", "order_id"),
    ("contract_payment_claim", "order_id"),
    ("sale_order", "id"),
)


@tagged("post_install", "-at_install")
class TestClaimsConcurrency(TransactionCase):
    """Two people claim the same money at the same moment, each with a cursor of his
    own. What they share is committed, as small as the database allows, and removed
    afterwards."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = db_connect(cls.env.cr.dbname)

    def setUp(self):
        super().setUp()
        with self.database.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].search([], order="id", limit=1)
            cr.execute("SELECT id FROM account_journal ORDER BY id LIMIT 1")
            self.own_journal = not cr.rowcount
            if cr.rowcount:
                [self.journal_id] = cr.fetchone()
            else:
                cr.execute(
                    """INSERT INTO account_journal (company_id, name, code, type,
                              invoice_reference_type, invoice_reference_model)
                       VALUES (%s, '{"en_US": "Race"}', 'RACE', 'bank', 'none',
                              'odoo') RETURNING id""",
                    [company.id],
                )
                [self.journal_id] = cr.fetchone()
            cr.execute(
                """INSERT INTO account_payment (journal_id, company_id, state, date,
                          payment_type, partner_type, partner_id, currency_id, amount,
                          name)
                   VALUES (%s, %s, 'paid', '2026-04-01', 'inbound', 'customer', %s,
                          %s, 100, 'RACE') RETURNING id""",
                [
                    self.journal_id,
                    company.id,
                    company.partner_id.id,
                    company.currency_id.id,
                ],
            )
            [self.payment_id] = cr.fetchone()
            self.addCleanup(self.remove)
            self.order_ids = []
            for name in ("RACE1", "RACE2"):
                cr.execute(
                    """INSERT INTO sale_order (company_id, partner_id,
                              partner_invoice_id, partner_shipping_id, name, date_order,
                              picking_policy, currency_id, contract_state, state)
                       VALUES (%(company)s, %(partner)s, %(partner)s, %(partner)s,
                              %(name)s, '2026-03-01', 'direct', %(currency)s,
                              'active', 'sale') RETURNING id""",
                    {
                        "company": company.id,
                        "partner": company.partner_id.id,
                        "currency": company.currency_id.id,
                        "name": name,
                    },
                )
                self.order_ids += cr.fetchone()

    def remove(self):
        with self.database.cursor() as cr:
            for table, column in LEFTOVERS:
                cr.execute(
                    f"DELETE FROM {table} WHERE {column} = ANY(%s)",  # noqa: S608
                    [self.order_ids],
                )
            cr.execute("DELETE FROM account_payment WHERE id = %s", [self.payment_id])
            if self.own_journal:
                cr.execute(
                    "DELETE FROM account_journal WHERE id = %s", [self.journal_id]
                )

    def cursor(self):
        """A cursor of its own whose transaction has begun: it sees what is there now,
        and nothing that others commit later."""
        cr = self.database.cursor()
        self.addCleanup(cr.close)
        cr.execute("SELECT COUNT(*) FROM contract_payment_claim")
        return cr

    def claim(self, cr, order_id, amount):
        env = api.Environment(cr, SUPERUSER_ID, {})
        claim = env["contract.payment.claim"].create(
            {"payment_id": self.payment_id, "order_id": order_id, "amount": amount}
        )
        env.flush_all()
        return claim

    def claimed(self):
        with self.database.cursor() as cr:
            cr.execute(
                "SELECT COALESCE(SUM(amount), 0) FROM contract_payment_claim"
                " WHERE payment_id = %s AND state <> 'withdrawn'",
                [self.payment_id],
            )
            return float(cr.fetchone()[0])

    @mute_logger("odoo.sql_db")
    def test_two_claims_at_once(self):
        first, second = self.cursor(), self.cursor()
        self.claim(first, self.order_ids[0], 60)
        first.commit()
        # 60 + 60 are more than 100, and the second one can't see the first 60
        with self.assertRaises(SerializationFailure):
            self.claim(second, self.order_ids[1], 60)
        second.rollback()
        self.assertEqual(self.claimed(), 60)
        # tried again, as core does, it sees them
        with self.assertRaises(ValidationError):
            self.claim(second, self.order_ids[1], 60)
        second.rollback()
        self.claim(second, self.order_ids[1], 40)
        second.commit()
        self.assertEqual(self.claimed(), 100)

    @mute_logger("odoo.sql_db")
    def test_the_second_waits_for_the_first(self):
        first, second = self.cursor(), self.cursor()
        self.claim(first, self.order_ids[0], 60)
        second.execute("SET LOCAL lock_timeout = '200ms'")
        with self.assertRaisesRegex(Exception, "lock timeout"):
            self.claim(second, self.order_ids[1], 60)
        second.rollback()
        # the first one gives up: nothing was spent
        first.rollback()
        self.claim(second, self.order_ids[1], 60)
        second.commit()
        self.assertEqual(self.claimed(), 60)

    @mute_logger("odoo.sql_db")
    def test_two_confirmations_at_once(self):
        """A claim is confirmed once: its history names one person."""
        with self.database.cursor() as cr:
            claim = self.claim(cr, self.order_ids[0], 60)
            cr.execute(
                "UPDATE contract_payment_claim SET state = 'to_confirm' WHERE id = %s",
                [claim.id],
            )
        first, second = self.cursor(), self.cursor()

        def confirm(cr):
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["contract.payment.claim"].browse(claim.id).action_confirm()
            env.flush_all()

        confirm(first)
        first.commit()
        with self.assertRaises(SerializationFailure):
            confirm(second)
