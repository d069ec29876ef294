from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.sql_db import db_connect
from odoo.tests import TransactionCase, tagged
from odoo.tools import mute_logger

ADMIN = 2
LEFTOVERS = (
    "DELETE FROM contract_coordination WHERE order_id = %(order)s",
    "DELETE FROM mail_message WHERE model = 'contract.coordination'"
    " AND res_id = %(id)s",
    "DELETE FROM mail_activity WHERE res_model = 'contract.coordination'"
    " AND res_id = %(id)s",
    "DELETE FROM mail_followers WHERE res_model = 'contract.coordination'"
    " AND res_id = %(id)s",
    "DELETE FROM sale_order WHERE id = %(order)s",
)


@tagged("post_install", "-at_install")
class TestCoordinationConcurrency(TransactionCase):
    """The last two recipients answer at the same moment, each with a cursor of his
    own: the document must not go on waiting for ever."""

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
                """INSERT INTO contract_coordination (order_id, company_id, date, state,
                          kind, stage, scope, subject, user_id, name)
                   VALUES (%(order)s, %(company)s, '2026-03-01', 'sent', 'memo', 1,
                          'contract', 'Race', %(admin)s, 'RACE')
                   RETURNING id""",
                values,
            )
            [values["id"]] = cr.fetchone()
            cr.execute(
                """INSERT INTO contract_coordination_reply (coordination_id, company_id,
                          role, kind, user_id, name, state, date_deadline)
                   SELECT %(id)s, %(company)s, 'to', 'user', id, 'x', 'waiting',
                          '2026-03-05'
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
        cr.execute("SELECT COUNT(*) FROM contract_coordination_reply")
        return cr

    def reply(self, cr, uid):
        env = api.Environment(cr, uid, {})
        document = env["contract.coordination"].browse(self.values["id"])
        line = document.sudo().reply_ids.filtered(lambda ln: ln.user_id.id == uid)
        line.with_env(env)._reply("Done", env["ir.attachment"])
        env.flush_all()

    @mute_logger("odoo.sql_db")
    def test_last_two_replies_at_once(self):
        first, second = self.cursor(), self.cursor()
        self.reply(first, SUPERUSER_ID)
        first.commit()
        with self.assertRaises(SerializationFailure):
            self.reply(second, ADMIN)
        second.rollback()
        # tried again, as core does: it sees that it is the last one
        self.reply(second, ADMIN)
        second.commit()
        with self.database.cursor() as cr:
            cr.execute(
                "SELECT state FROM contract_coordination WHERE id = %(id)s", self.values
            )
            self.assertEqual(cr.fetchall(), [("replied",)])
