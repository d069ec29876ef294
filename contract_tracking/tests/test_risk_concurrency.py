from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

from ..tools.gate import Reason, Step

TABLES = (
    ("contract_risk_use", "application_id", "application"),
    ("contract_risk_shipment_line", "application_id", "application"),
    ("contract_risk_shipment", "id", "application"),
    ("sale_order_line", "order_id", "order"),
    ("sale_order", "id", "order"),
)


@tagged("post_install", "-at_install")
class TestRiskConcurrency(TransactionCase):
    """Two deliveries use one permission for ten pieces at the same moment, each with a
    cursor of its own: never more leaves than was permitted."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = db_connect(cls.env.cr.dbname)
        cls.unit = cls.env.ref("uom.product_uom_unit")

    def setUp(self):
        super().setUp()
        with self.database.cursor() as cr:
            company = api.Environment(cr, SUPERUSER_ID, {})["res.company"].search(
                [], order="id", limit=1
            )
            cr.execute(
                """WITH o AS (
                       INSERT INTO sale_order (company_id, partner_id,
                              partner_invoice_id, partner_shipping_id, name, date_order,
                              picking_policy, currency_id, contract_state, state)
                       VALUES (%(company)s, %(partner)s, %(partner)s, %(partner)s,
                               'RACE', '2026-03-01', 'direct', %(currency)s, 'active',
                               'sale') RETURNING id),
                   l AS (
                       INSERT INTO sale_order_line (order_id, company_id, currency_id,
                              name, product_uom_qty, product_uom_id, price_unit,
                              price_total, customer_lead, is_downpayment)
                       SELECT id, %(company)s, %(currency)s, 'Pump', 10, %(unit)s, 100,
                              1000, 0, TRUE FROM o RETURNING id, order_id),
                   a AS (
                       INSERT INTO contract_risk_shipment (order_id, company_id, name,
                              kind, state, date, reason_codes, amount, approved_amount,
                              used_amount, approved_until)
                       SELECT order_id, %(company)s, 'FX-RACE', 'ship', 'approved',
                              '2026-03-01', 'money', 1000, 1000, 0, '2199-12-31'
                         FROM l RETURNING id, order_id)
                   INSERT INTO contract_risk_shipment_line (application_id, company_id,
                          line_id, quantity, approved_quantity, used_quantity, amount)
                   SELECT a.id, %(company)s, l.id, 10, 10, 0, 1000 FROM a, l
                   RETURNING application_id, line_id,
                             (SELECT order_id FROM a)""",
                {
                    "company": company.id,
                    "partner": company.partner_id.id,
                    "currency": company.currency_id.id,
                    "unit": self.unit.id,
                },
            )
            application, self.line_id, order = cr.fetchone()
        self.ids = {"application": application, "order": order}
        self.addCleanup(self.remove)

    def remove(self):
        with self.database.cursor() as cr:
            for table, column, key in TABLES:
                cr.execute(
                    f"DELETE FROM {table} WHERE {column} = %s",  # noqa: S608
                    [self.ids[key]],
                )

    def cursor(self):
        """A cursor whose transaction has begun: it sees what is there now, and nothing
        that others commit later."""
        cr = self.database.cursor()
        self.addCleanup(cr.close)
        cr.execute("SELECT COUNT(*) FROM contract_risk_use")
        return cr

    def take(self, cr, quantity):
        """What still holds so many pieces, after what was permitted."""
        env = api.Environment(cr, SUPERUSER_ID, {})
        line = env["sale.order.line"].browse(self.line_id)
        step = Step(line.order_id, "delivery", done=True)
        step.lines = {line: quantity}
        return env["contract.gate"]._permit(step, [Reason("money", "hold", "Unpaid")])

    def used(self):
        with self.database.cursor() as cr:
            cr.execute(
                """SELECT s.used_amount, l.used_quantity,
                          (SELECT SUM(quantity) FROM contract_risk_use u
                            WHERE u.application_id = s.id)
                     FROM contract_risk_shipment s
                     JOIN contract_risk_shipment_line l ON l.application_id = s.id
                    WHERE s.id = %s""",
                [self.ids["application"]],
            )
            return tuple(float(value or 0) for value in cr.fetchone())

    @mute_logger("odoo.sql_db")
    def test_the_second_one_sees_what_the_first_used(self):
        first, second = self.cursor(), self.cursor()
        self.assertFalse(self.take(first, 6))
        first.commit()
        with self.assertRaises(SerializationFailure):
            self.take(second, 6)
        second.rollback()
        # tried again
        self.assertTrue(self.take(second, 6))
        second.rollback()
        self.assertFalse(self.take(second, 4))
        second.commit()
        self.assertEqual(self.used(), (1000, 10, 10))

    @mute_logger("odoo.sql_db")
    def test_the_second_waits_for_the_first(self):
        first, second = self.cursor(), self.cursor()
        self.assertFalse(self.take(first, 6))
        second.execute("SET LOCAL lock_timeout = '200ms'")
        with self.assertRaisesRegex(Exception, "lock timeout"):
            self.take(second, 6)
        second.rollback()
        # the first one gives up: nothing was used
        first.rollback()
        self.assertFalse(self.take(second, 6))
        second.commit()
        self.assertEqual(self.used(), (600, 6, 6))
