from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.tools import mute_logger

from .test_gate_concurrency import RaceCase


class TestReagreementConcurrency(RaceCase):
    """Somebody delivers, invoices or edits while a re-agreement is applied, or two are:
    the second one fails, and core tries it again on what is there then."""

    def setUp(self):
        super().setUp()
        with self.database.cursor() as cr:
            cr.execute(
                """INSERT INTO sale_order_line (order_id, name, product_uom_qty,
                          price_unit, customer_lead, sequence)
                   VALUES (%s, 'Pump', 10, 100, 0, 1) RETURNING id""",
                [self.order_id],
            )
            [self.line_id] = cr.fetchone()

    def apply(self, cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        record = env["contract.reagreement"].new(
            {"order_id": self.order_id, "change_order": True}
        )
        record._lock_order()

    def deliver(self, cr):
        cr.execute("SET LOCAL lock_timeout = '200ms'")
        cr.execute(
            "UPDATE sale_order_line SET qty_delivered = 4 WHERE id = %s", [self.line_id]
        )

    @mute_logger("odoo.sql_db")
    def test_delivered_meanwhile(self):
        first, second = self.cursor(), self.cursor()
        self.deliver(first)
        first.commit()
        with self.assertRaises(SerializationFailure):
            self.apply(second)
        second.rollback()
        self.apply(second)
        # whoever comes later waits
        with self.assertRaisesRegex(Exception, "lock timeout"):
            self.deliver(first)
        first.rollback()
        second.rollback()
        self.deliver(first)
        first.rollback()

    @mute_logger("odoo.sql_db")
    def test_two_at_once(self):
        first, second = self.cursor(), self.cursor()
        self.apply(first)
        second.execute("SET LOCAL lock_timeout = '200ms'")
        with self.assertRaisesRegex(Exception, "lock timeout"):
            self.apply(second)
        second.rollback()
        first.rollback()
