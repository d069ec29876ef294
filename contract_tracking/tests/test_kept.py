import json

from odoo.tools import SQL

from .common import ContractCommon


class TestKept(ContractCommon):
    """What is kept of the facts: what notes cover, and who reads what."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.facts = cls.env["contract.facts"]
        cls.order = cls.new_contract("2026-09-01", [(cls.pump, 10)])

    def relations(self, sql):
        """The tables that a statement reads, as the planner says."""
        self.env.cr.execute(SQL("EXPLAIN (FORMAT JSON) %s", sql))
        [plans] = self.env.cr.fetchone()
        found = set()
        todo = [plans]
        while todo:
            node = todo.pop()
            if isinstance(node, dict):
                found.add(node.get("Relation Name"))
                todo += node.values()
            elif isinstance(node, list):
                todo += node
        return found - {None}

    def known(self):
        return {*self.facts._note_sources(), *self.facts._epoch_sources()}

    def test_every_table_is_noted(self):
        for facts in self.facts._kept_models():
            found = self.relations(facts._fold_sql())
            kept = {facts._kept_table(kind) for kind in facts._kept_kinds()}
            least = 15 if facts._name == "contract.facts.receipt" else 25
            self.assertGreater(len(found), least)
            self.assertFalse(found - kept - self.known() - {"contract_epoch"})

    def test_every_field_is_noted(self):
        """Of rows that no contract owns, only the columns that facts read count."""
        read = {}
        for facts in self.facts._kept_models():
            for field in facts._plan("fold")[1].to_flush:
                if field.column_type:
                    table = self.env[field.model_name]._table
                    read.setdefault(table, set()).add(field.name)
        self.assertLessEqual(read.keys(), self.known())
        for table, columns in self.facts._epoch_sources().items():
            if not isinstance(columns, SQL):
                self.assertLessEqual(read.get(table, set()), {*columns}, table)

    def test_triggers_are_there(self):
        self.env.cr.execute(
            """SELECT tgrelid::regclass::text, COUNT(*) FROM pg_trigger
                WHERE tgname LIKE 'contract_note_%' AND tgenabled = 'A' GROUP BY 1"""
        )
        found = dict(self.env.cr.fetchall())
        self.assertEqual(found.keys(), self.facts._triggered().keys())
        self.assertFalse(self.facts._init_notes(), "a second update changes nothing")

    def test_nothing_stale_after_folding(self):
        self.assertIn(self.order.id, self.facts._stale_ids())
        self.facts._fold()
        self.assertFalse(self.facts._stale_ids())
        self.facts._kept_columns("orders")
        with self.assertQueryCount(1):
            [row] = self.facts._read_kept("orders", self.order.ids)
        self.assertEqual(row["total"], 1000)

    def test_a_write_is_seen_at_once(self):
        self.facts._fold()
        self.order.order_line.product_uom_qty = 12
        self.assertEqual(self.facts._stale_ids(), {self.order.id})
        changed = self.env["sale.order"].search(
            [("contract_delivered_amount", ">", 0), ("id", "=", self.order.id)]
        )
        self.assertFalse(changed)
        self.deliver(self.order, "2026-09-10", pump=4)
        self.assertEqual(self.order.contract_delivered_amount, 400)
        found = self.env["sale.order"].search([("contract_delivered_amount", "=", 400)])
        self.assertIn(self.order, found)

    def test_a_link_that_moves_is_seen_at_both_ends(self):
        other = self.new_contract("2026-09-01", [(self.pump, 10)])
        self.deliver(self.order, "2026-09-10", pump=4)
        self.facts._fold()
        self.env.cr.execute(
            "UPDATE stock_move SET sale_line_id = %s WHERE sale_line_id = %s",
            [other.order_line.id, self.order.order_line.id],
        )
        self.assertEqual(self.facts._stale_ids(), {self.order.id, other.id})

    def test_a_rolled_back_write_is_no_change(self):
        self.facts._fold()
        with self.env.cr.savepoint() as savepoint:
            self.order.order_line.product_uom_qty = 12
            self.env.flush_all()
            self.assertTrue(self.facts._stale_ids())
            savepoint.rollback()
        self.env.invalidate_all()
        self.assertFalse(self.facts._stale_ids())

    def test_a_setting_is_an_epoch_of_its_company(self):
        other = self.env["res.company"].create({"name": "Other"})
        self.facts._fold()
        self.company.contract_due_soon_days = 30
        self.assertIn(self.order.id, self.facts._stale_ids())
        self.facts._fold()
        self.company.name = "Of no consequence"
        self.assertFalse(self.facts._stale_ids())
        other.contract_due_soon_days = 3
        self.assertFalse(self.facts._stale_ids())

    def test_reading_writes_nothing(self):
        self.facts._fold()
        self.order.order_line.product_uom_qty = 12
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.cr.execute("SAVEPOINT reading; SET TRANSACTION READ ONLY")
        self.order.read(["contract_overdue_amount", "contract_sentence"])
        self.order.contract_term_ids.read(["status", "variance_days"])
        self.env["sale.order"].search([("contract_overdue_amount", ">", 0)])
        self.env["contract.ageing"].search_read([])
        self.env["contract.receipt"].search_read([])
        self.env.cr.execute("ROLLBACK TO SAVEPOINT reading")

    def test_folding_takes_a_part(self):
        self.facts._fold()
        contracts = self.order + self.new_contract("2026-09-01", [(self.pump, 1)])
        contracts.order_line.write({"product_uom_qty": 3})
        while self.facts._fold(1):
            pass
        self.assertFalse(self.facts._stale_ids())
        rows = self.facts._read_kept("orders", contracts.ids)
        kept = {row["order_id"]: row for row in rows}
        for row in self.facts._replay("orders", contracts.ids):
            self.assertEqual(row, kept[row["order_id"]])

    def test_signature(self):
        """An update with the same statement keeps what is kept."""
        self.facts._fold()
        for facts in self.facts._kept_models():
            facts._init_tables(False)
        self.assertFalse(self.facts._stale_ids())

    def test_what_is_kept_survives_as_json(self):
        """Rows of stale contracts are handed in as constants."""
        self.deliver(self.order, "2026-09-10", pump=4)
        for kind in self.facts._kept_kinds():
            rows = self.facts._replay(kind, self.order.ids)
            self.assertTrue(json.dumps(rows, default=str))

    def test_another_transaction_is_asked_anew(self):
        """What was found is forgotten with the transaction."""
        cr = self.env.cr

        def queries():
            before = cr.sql_log_count
            self.facts._stale_ids()
            return cr.sql_log_count - before

        self.facts._fold()
        self.facts._stale_ids()
        self.assertEqual(queries(), 0)
        for hooks in (cr.postcommit, cr.postrollback):
            self.facts._stale_ids()
            hooks.run()
            self.assertEqual(queries(), 1)
