from psycopg2.errors import SerializationFailure

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .test_gate_concurrency import RaceCase


class TestSupplyConcurrency(RaceCase):
    """Two release the same supply at the same moment: it is launched once."""

    def release(self, cr):
        env = api.Environment(cr, SUPERUSER_ID, {})
        env["sale.order"].browse(self.order_id).action_contract_release_supply()
        env.flush_all()

    def released(self):
        with self.database.cursor() as cr:
            cr.execute(
                "SELECT COUNT(*) FROM contract_history WHERE kind = 'supply'"
                " AND order_id = %s",
                [self.order_id],
            )
            return cr.fetchone()[0]

    @mute_logger("odoo.sql_db")
    def test_two_at_once(self):
        first, second = self.cursor(), self.cursor()
        self.release(first)
        first.commit()
        with self.assertRaises(SerializationFailure):
            self.release(second)
        second.rollback()
        # core tries again
        with self.assertRaisesRegex(UserError, "is not held"):
            self.release(second)
        self.assertEqual(self.released(), 1)

    def test_index(self):
        """What is held is found by the few rows that are."""
        query = self.env["sale.order"]._search([("contract_supply_held", "=", True)])
        self.env.cr.execute("SET LOCAL enable_seqscan = off")
        sql = query.select()
        self.env.cr.execute(f"EXPLAIN {self.env.cr.mogrify(sql).decode()}")
        plan = "\n".join(line for (line,) in self.env.cr.fetchall())
        self.assertIn("contract_supply_held_idx", plan)
