from odoo import api, models
from odoo.tools import SQL

from ..facts.contract_facts_kept import NEVER


class ContractFacts(models.AbstractModel):
    """The deviations that are open on a contract, and its health (D9 §3.3). The head of
    what is kept says when it is to be searched again for deviations."""

    _inherit = "contract.facts"

    def _kept_head(self):
        """``search_on``: the first day on which a search may find something, after the
        one that was made with the rules ``search_epoch``; none was made since the row
        was folded in where it is empty."""
        return {
            **super()._kept_head(),
            "search_on": ("date", SQL("NULL::date")),
            "search_epoch": ("bigint", SQL("NULL::bigint")),
        }

    def _kept_indexes(self):
        indexes = super()._kept_indexes()
        heads = [
            SQL("(company_id, search_on)"),
            SQL("(company_id, search_epoch)"),
            SQL("(health)"),
        ]
        return {**indexes, "orders": [*indexes["orders"], *heads]}

    def _other_sources(self):
        return {
            **super()._other_sources(),
            "contract_deviation_rule": SQL("TRUE"),
            "contract_deviation_rule_band": SQL("TRUE"),
        }

    @api.model
    def _due_sql(self):
        """SQL of the heads of the contracts that are to be searched for deviations now:
        whatever was never searched since it was folded in, whose day has come, or that
        was searched by other rules."""
        # by an index each
        return SQL(
            """SELECT h.* FROM (SELECT y.*, (%(epoch)s) AS search_epoch
                                  FROM (%(companies)s) y OFFSET 0) c
                CROSS JOIN LATERAL (
                      SELECT order_id, state FROM %(head)s
                       WHERE company_id = c.id AND search_on IS NULL
                       UNION
                      SELECT order_id, state FROM %(head)s
                       WHERE company_id = c.id AND search_on <= c.today
                       UNION
                      SELECT order_id, state FROM %(head)s
                       WHERE company_id = c.id AND search_epoch < c.search_epoch) h""",
            epoch=self._search_epoch_sql(),
            companies=self._companies_sql(),
            head=SQL.identifier(self._kept_table("orders")),
        )

    def _search_epoch_sql(self):
        return SQL(
            "SELECT COUNT(*) FROM contract_epoch WHERE source = ANY(%s)",
            sorted(self._other_sources()),
        )

    @api.model
    def _take_due(self):
        """The ids of the contracts that are to be searched now: those in effect,
        completed ones of which the retention is open, and ended ones of which a
        deviation isn't cured. The others never are."""
        rows = self.env.execute_query(
            SQL(
                """SELECT h.order_id, h.state IN ('active', 'suspended') OR EXISTS (
                              SELECT FROM contract_deviation d
                               WHERE d.%(subject)s = h.order_id
                                 AND d.cured_on IS NULL AND d.detect_key IS NOT NULL)
                          OR h.state = 'completed' AND EXISTS (
                              SELECT FROM %(terms)s k
                                JOIN contract_term t ON t.id = k.term_id
                               WHERE k.order_id = h.order_id AND k.is_open
                                 AND t.payment_kind = 'retention')
                     FROM (%(due)s) h ORDER BY %(order)s""",
                subject=self._subject(),
                terms=SQL.identifier(self._kept_table("terms")),
                due=self._due_sql(),
                order=self._search_order(),
            )
        )
        over = [order_id for order_id, is_searched in rows if not is_searched]
        self._set_search([(order_id, NEVER, None) for order_id in over])
        return [order_id for order_id, is_searched in rows if is_searched]

    def _search_order(self):
        """SQL by which contracts are searched together: what reads each other is."""
        return SQL(
            """(SELECT so.contract_frame_id FROM sale_order so
                 WHERE so.id = h.order_id) NULLS FIRST, h.order_id"""
        )

    @api.model
    def _set_search(self, days):
        """Keep until when contracts needn't be searched.

        :param days: [(id, the first day on which a search may find something, the day
            of the search)]; where the facts are of another day it is done again
        """
        if not days:
            return
        ids, search_on, searched_on = zip(*days, strict=True)
        self.env.cr.execute(
            SQL(
                """UPDATE %(head)s h
                      SET search_on = v.search_on, search_epoch = (%(epoch)s)
                     FROM UNNEST(%(ids)s, %(days)s::date[], %(searched)s::date[])
                          v (order_id, search_on, searched_on)
                    WHERE h.order_id = v.order_id
                      AND COALESCE(h.made_on <= v.searched_on, TRUE)""",
                head=SQL.identifier(self._kept_table("orders")),
                epoch=self._search_epoch_sql(),
                ids=list(ids),
                days=list(search_on),
                searched=list(searched_on),
            )
        )

    def _note_sources(self):
        return {
            **super()._note_sources(),
            "contract_deviation": {"order": ["order_id"], "frame": ["frame_id"]},
        }

    def _order_parts(self):
        return {
            **super()._order_parts(),
            "flaw": SQL(
                """SELECT s.order_id, COUNT(*) AS number,
                          BOOL_OR(d.severity <> 'minor' AND d.cured_on IS NULL)
                              AS is_grave
                     FROM scope s
                     JOIN contract_deviation d ON d.%(subject)s = s.order_id
                    WHERE d.state NOT IN ('closed', 'waived', 'cancelled')
                    GROUP BY s.order_id""",
                subject=self._subject(),
                to_flush=self._reads(
                    (
                        "contract.deviation",
                        "order_id frame_id state severity cured_on",
                    )
                ),
            ),
        }

    def _order_columns(self):
        return {
            **super()._order_columns(),
            "open_deviations": SQL("COALESCE(flaw.number, 0)"),
            "is_grave": SQL("COALESCE(flaw.is_grave, FALSE)"),
        }

    def _order_results(self):
        return {
            **super()._order_results(),
            "health": SQL(
                """CASE WHEN NOT is_running THEN NULL
                        WHEN is_grave THEN 'at_risk'
                        WHEN open_deviations > 0 OR late_deliveries > 0
                             OR late_payments > 0 OR late_others > 0 OR due_soon > 0
                        THEN 'attention' ELSE 'on_track' END"""
            ),
        }
