from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """How often something of a contract was coordinated."""

    _inherit = "contract.facts"

    def _note_sources(self):
        return {
            **super()._note_sources(),
            "contract_coordination": {"order": ["order_id"], "frame": ["frame_id"]},
        }

    def _order_results(self):
        return {
            **super()._order_results(),
            "coordination_count": SQL(
                """(SELECT COUNT(*) FROM contract_coordination c
                     WHERE c.%(subject)s = figure.order_id AND c.state <> 'void')""",
                subject=self._subject(),
                to_flush=self._reads(
                    ("contract.coordination", "order_id frame_id state")
                ),
            ),
        }
