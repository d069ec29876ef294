from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """How often a contract was looked at."""

    _inherit = "contract.facts"

    def _note_sources(self):
        return {
            **super()._note_sources(),
            "contract_tracking_record": {"order": ["order_id"], "frame": ["frame_id"]},
        }

    def _order_results(self):
        return {
            **super()._order_results(),
            "record_count": SQL(
                """(SELECT COUNT(*) FROM contract_tracking_record r
                     WHERE r.%(subject)s = figure.order_id AND r.state <> 'void')""",
                subject=self._subject(),
                to_flush=self._reads(
                    ("contract.tracking.record", "order_id frame_id state")
                ),
            ),
        }
