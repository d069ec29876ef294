from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..tools.gate import Step

LEFTOVERS = (
    ("contract_history", "order_id"),
    ("contract_gate", "order_id"),
    ("sale_order", "id"),
)


@tagged("post_install", "-at_install")
class RaceCase(TransactionCase):
    """Two at the same moment, each with a cursor of his own. The contract that they
    share is committed, as small as the database allows, and removed afterwards."""

    def setUp(self):
        super().setUp()
        self.database = db_connect(self.env.cr.dbname)
        with self.database.cursor() as cr:
            company = api.Environment(cr, SUPERUSER_ID, {})["res.company"].search(
                [], order="id", limit=1
            )
            cr.execute(
                """INSERT INTO sale_order (company_id, partner_id, partner_invoice_id,
                          partner_shipping_id, name, date_order, picking_policy,
                          currency_id, contract_state, state, contract_supply_held)
                   VALUES (%(company)s, %(partner)s, %(partner)s, %(partner)s, 'RACE',
                          '2026-03-01', 'direct', %(currency)s, 'active', 'sale', TRUE)
                   RETURNING id""",
                {
                    "company": company.id,
                    "partner": company.partner_id.id,
                    "currency": company.currency_id.id,
                },
            )
            [self.order_id] = cr.fetchone()
        self.addCleanup(self.remove)

    def remove(self):
        with self.database.cursor() as cr:
            for table, column in LEFTOVERS:
                cr.execute(
                    f"DELETE FROM {table} WHERE {column} = %s",  # noqa: S608
                    [self.order_id],
                )

    def cursor(self):
        """A cursor whose transaction has begun: it sees what is there now, and nothing
        that others commit later."""
        cr = self.database.cursor()
        self.addCleanup(cr.close)
        cr.execute("SELECT COUNT(*) FROM contract_gate")
        return cr


class TestGateConcurrency(RaceCase):
    """Two deliveries of one contract pass the gate at the same moment: the second one
    fails, and core tries it again."""

    def take(self, cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        step = Step(env["sale.order"].browse(self.order_id), "delivery")
        env["contract.gate"]._lock({step: {"state"}})

    @mute_logger("odoo.sql_db")
    def test_the_second_one_fails(self):
        # before the first pass of a contract, and after it
        for _round in range(2):
            first, second = self.cursor(), self.cursor()
            self.take(first)
            first.commit()
            with self.assertRaises(SerializationFailure):
                self.take(second)
            second.rollback()
            # tried again
            self.take(second)
            second.commit()

    @mute_logger("odoo.sql_db")
    def test_the_second_waits_for_the_first(self):
        first, second = self.cursor(), self.cursor()
        self.take(first)
        second.execute("SET LOCAL lock_timeout = '200ms'")
        with self.assertRaisesRegex(Exception, "lock timeout"):
            self.take(second)
        second.rollback()
        # the first one gives up: nothing was taken
        first.rollback()
        self.take(second)
        second.commit()
