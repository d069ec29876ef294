from odoo import api, models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The head of what is kept says when it was searched for early warnings last."""

    _inherit = "contract.facts"

    def _kept_head(self):
        """``warned_on``: the moment of the search; none was made since the row was
        folded in where it is empty."""
        return {
            **super()._kept_head(),
            "warned_on": ("timestamp", SQL("NULL::timestamp")),
        }

    @api.model
    def _take_unwarned(self):
        """The ids of the contracts that are to be searched now: those in effect, those
        completed with their retention open, and those that still have a warning,
        unless they were searched today by the rules as they are."""
        rows = self.env.execute_query(
            SQL(
                """SELECT h.order_id
                     FROM %(head)s h
                     JOIN (%(companies)s) c ON c.id = h.company_id
                    WHERE (h.warned_on IS NULL
                           OR (h.warned_on AT TIME ZONE 'UTC'
                               AT TIME ZONE c.tz)::date < c.today
                           OR h.warned_on < (SELECT MAX(write_date)
                                               FROM contract_warning_rule))
                      AND (h.state IN ('active', 'suspended')
                           OR h.state = 'completed' AND h.retention > 0 OR EXISTS (
                           SELECT FROM contract_warning w
                            WHERE w.%(subject)s = h.order_id AND w.gone_on IS NULL))
                    ORDER BY h.order_id""",
                head=SQL.identifier(self._kept_table("orders")),
                companies=SQL(
                    """SELECT d.*, COALESCE(NULLIF(y.contract_tz, ''), 'UTC') AS tz
                         FROM (%s) d JOIN res_company y ON y.id = d.id""",
                    self._companies_sql(),
                ),
                subject=self._subject(),
            )
        )
        return [order_id for (order_id,) in rows]

    @api.model
    def _set_warned(self, ids):
        """Keep that these contracts were searched for warnings."""
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET warned_on = %s WHERE order_id = ANY(%s)",
                SQL.identifier(self._kept_table("orders")),
                self._now_sql(),
                list(ids),
            )
        )
