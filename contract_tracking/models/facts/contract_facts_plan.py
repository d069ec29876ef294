import hashlib
import itertools
from weakref import WeakKeyDictionary

from odoo import api, fields, models, tools
from odoo.tools import SQL, split_every

# In the context: the statement is made with parameters, for a kept plan. Nobody else
# can have this object.
PARAMETERS = object()
# How many contracts an execution of a kept plan takes: it expects some hundred.
CHUNK = 500
# What the planner is told: one table after the other by its index, whatever the size of
# the tables. Said in the query that plans, as PostgreSQL may plan again each time, and
# taken back when the statement begins to run.
PLANNER = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_mergejoin": "off",
    # the statement says in which order
    "join_collapse_limit": "1",
    "from_collapse_limit": "1",
    "random_page_cost": "0.1",
    "jit": "off",
}
NUMBER = itertools.count()
# The plans of each database cursor, which lives from one discard to the next.
PLANS = WeakKeyDictionary()


class ContractFacts(models.AbstractModel):
    """Plans that are kept: planning the statement takes longer than replaying some
    contracts.

    PostgreSQL keeps a plan (``PREPARE``) until the cursor goes back to Odoo's pool,
    which discards it. When a table has new statistics or other columns PostgreSQL plans
    again by itself.
    """

    _inherit = "contract.facts"

    @api.model
    def _replay(self, kind, ids):
        """Return the rows of contracts as the whole history makes them, now.

        :param kind: a key of :meth:`_replay_statements`
        :param ids: ids of ``sale.order`` (here) or ``contract.frame``
        :return: list of dicts; empty for a statement that only writes
        """
        return [
            row
            for chunk in split_every(CHUNK, sorted(set(ids)))
            for row in self._execute_plan(kind, chunk)
        ]

    def _replay_statements(self):
        """The statements of which plans are kept: ``{kind: method that returns the
        SQL}``. It reads the contracts asked for (``_scope()``) of today, and may write.
        """
        return {}

    @tools.ormcache("kind")
    def _plan(self, kind):
        """What identifies the statement, and the statement itself with parameters ($1:
        ids, $2: the time)."""
        facts = self.with_context(contract_facts=PARAMETERS)
        statement = facts._replay_statements()[kind]()
        text = self.env.cr.mogrify(statement)
        return hashlib.sha256(text).hexdigest(), statement

    def _execute_plan(self, kind, ids):
        signature, statement = self._plan(kind)
        plans = PLANS.setdefault(self.env.cr._obj, {})
        plan = plans.get(signature)
        prepare = SQL()
        if not plan:
            plan = SQL.identifier(f"contract_facts_{next(NUMBER)}")
            prepare = SQL("PREPARE %s (int[], timestamp) AS %s;", plan, statement)
        rows = self.env.execute_query_dict(
            SQL(
                "SELECT %s; %s EXECUTE %s (%s::int[], %s)",
                self._planner_sql(),
                prepare,
                plan,
                list(ids),
                fields.Datetime.now(),
                to_flush=statement.to_flush,
            )
        )
        plans[signature] = plan
        return rows

    # ------------------------------------------------------------------
    # A statement with parameters
    # ------------------------------------------------------------------

    def _is_planned(self):
        return self.env.context.get("contract_facts") is PARAMETERS

    def _scope(self, orders=None):
        if not self._is_planned():
            return super()._scope(orders)
        return SQL(
            """%s IN (SELECT ($1)[i] FROM generate_subscripts($1, 1) i)
               AND (SELECT ROW(%s) IS NOT NULL)""",
            self._scope_id(),
            self._planner_back_sql(),
        )

    def _execute_by_index(self, sql):
        """Run a statement on some contracts, planned each time, that reads one table
        after the other by its index, whatever the size of the tables."""
        rows = self.env.execute_query_dict(
            SQL("SELECT %s; %s", self._planner_sql(), sql)
        )
        self.env.cr.execute(SQL("SELECT %s", self._planner_back_sql()))
        return rows

    def _planner_sql(self):
        """SQL of columns that tell the planner, and keep what it was told before."""
        return SQL(", ").join(
            SQL(
                "set_config(%s, current_setting(%s), TRUE), set_config(%s, %s, TRUE)",
                f"contract_facts.{name}",
                name,
                name,
                value,
            )
            for name, value in PLANNER.items()
        )

    def _planner_back_sql(self):
        """SQL of columns that take back what the planner was told."""
        return SQL(", ").join(
            SQL(
                "set_config(%s, current_setting(%s), TRUE)",
                name,
                f"contract_facts.{name}",
            )
            for name in PLANNER
        )

    def _now_sql(self):
        return SQL("$2") if self._is_planned() else super()._now_sql()
