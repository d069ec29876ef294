from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """The deviations that are open on a contract, and its health (D9 §3.3)."""

    _inherit = "contract.facts"

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
