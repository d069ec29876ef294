from freezegun import freeze_time

from .common import ContractCommon


class TestFactsPlan(ContractCommon):
    """A replay by a kept plan says what the statement says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.orders = cls.env["sale.order"].union(
            *(
                cls.new_contract(
                    "2026-09-01",
                    lines=[(cls.pump, number)],
                    template="template_30_70_delivery",
                    promised="2026-10-01",
                )
                for number in (10, 20)
            )
        )
        cls.facts = cls.env["contract.facts"]

    def assert_same(self):
        for kind, read, key in (
            ("orders", self.facts._read_orders, "order_id"),
            ("terms", self.facts._read_terms, "term_id"),
        ):
            rows = self.facts._replay(kind, self.orders.ids)
            self.assertEqual({row[key]: row for row in rows}, read(self.orders))

    def test_same_rows(self):
        with freeze_time("2026-11-01 04:00:00"):
            self.assert_same()
            self.deliver(self.orders[0], "2026-10-05", pump=4)
            # not flushed yet
            self.orders[1].contract_deemed_days = 3
            self.assert_same()
        with freeze_time("2026-11-20 04:00:00"):
            self.assert_same()
        self.assertEqual(self.facts._replay("orders", []), [])

    def test_one_query(self):
        """Planning is asked for once, and other queries are planned as before."""
        self.facts._replay("orders", self.orders.ids)
        self.env.flush_all()
        settings = (
            "SELECT current_setting('enable_seqscan'), current_setting('jit'),"
            " current_setting('random_page_cost'), current_setting('plan_cache_mode')"
        )
        self.env.cr.execute(settings)
        before = self.env.cr.fetchall()
        with self.assertQueryCount(1):
            self.facts._replay("orders", self.orders.ids)
        self.env.cr.execute(settings)
        self.assertEqual(self.env.cr.fetchall(), before)
