from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

ADMIN = 2
LEFTOVERS = (
    "DELETE FROM contract_approval_step WHERE order_id = %(order)s",
    "DELETE FROM contract_deviation WHERE order_id = %(order)s",
    "DELETE FROM contract_history WHERE order_id = %(order)s",
    "DELETE FROM mail_message WHERE model = 'contract.deviation' AND res_id = %(id)s",
    "DELETE FROM mail_activity WHERE res_model = 'contract.deviation'"
    " AND res_id = %(id)s",
    "DELETE FROM mail_followers WHERE res_model = 'contract.deviation'"
    " AND res_id = %(id)s",
    "DELETE FROM sale_order WHERE id = %(order)s",
)


@tagged("post_install", "-at_install")
class TestApprovalConcurrency(TransactionCase):
    """Two approvers decide at the same moment, each with a cursor of his own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.database = db_connect(cls.env.cr.dbname)

    def setUp(self):
        super().setUp()
        with self.database.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            company = env["res.company"].search([], order="id", limit=1)
            values = {
                "company": company.id,
                "partner": company.partner_id.id,
                "currency": company.currency_id.id,
                "admin": ADMIN,
            }
            cr.execute(
                """INSERT INTO sale_order (company_id, partner_id, partner_invoice_id,
                          partner_shipping_id, name, date_order, picking_policy,
                          currency_id, contract_state, state)
                   VALUES (%(company)s, %(partner)s, %(partner)s, %(partner)s, 'RACE',
                          '2026-03-01', 'direct', %(currency)s, 'active', 'sale')
                   RETURNING id""",
                values,
            )
            [values["order"]] = cr.fetchone()
            cr.execute(
                """INSERT INTO contract_deviation (order_id, company_id, date, state,
                          source, kind, severity, approval_state, approval_round)
                   VALUES (%(order)s, %(company)s, '2026-03-01', 'submitted',
                          'reported', 'other', 'minor', 'pending', 1)
                   RETURNING id""",
                values,
            )
            [self.deviation_id] = cr.fetchone()
            values["id"] = self.deviation_id
            cr.execute(
                """INSERT INTO contract_approval_step (order_id, company_id, res_model,
                          res_id, round, sequence, slot, mode, state, user_id)
                   SELECT %(order)s, %(company)s, 'contract.deviation', %(id)s, 1, 10,
                          1, 'any', 'pending', id
                     FROM res_users WHERE id IN (1, %(admin)s)""",
                values,
            )
        self.values = values
        self.addCleanup(self.remove)

    def remove(self):
        with self.database.cursor() as cr:
            for statement in LEFTOVERS:
                cr.execute(statement, self.values)

    def cursor(self):
        """A cursor of its own whose transaction has begun."""
        cr = self.database.cursor()
        self.addCleanup(cr.close)
        cr.execute("SELECT COUNT(*) FROM contract_approval_step")
        return cr

    def decide(self, cr, uid, verb):
        env = api.Environment(cr, uid, {})
        deviation = env["contract.deviation"].browse(self.deviation_id)
        getattr(deviation, verb)("I say so")
        env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_two_decide_at_once(self):
        first, second = self.cursor(), self.cursor()
        self.decide(first, SUPERUSER_ID, "action_approve")
        first.commit()
        # the second one still sees it pending, and can't decide it once more
        with self.assertRaises(SerializationFailure):
            self.decide(second, ADMIN, "action_refuse")
        second.rollback()
        # tried again, as core does: it is told who decided
        with self.assertRaisesRegex(UserError, "decided already"):
            self.decide(second, ADMIN, "action_refuse")
        second.rollback()
        with self.database.cursor() as cr:
            cr.execute(
                "SELECT state FROM contract_approval_step WHERE res_id = %(id)s"
                " AND res_model = 'contract.deviation' ORDER BY state",
                self.values,
            )
            self.assertEqual(cr.fetchall(), [("approved",), ("skipped",)])
