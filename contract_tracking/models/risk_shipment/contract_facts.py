from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """How often permission was asked for goods of a contract: what has none needs no
    look at them."""

    _inherit = "contract.facts"

    def _note_sources(self):
        return {
            **super()._note_sources(),
            "contract_risk_shipment": {"order": ["order_id"], "frame": ["frame_id"]},
        }

    def _order_results(self):
        return {
            **super()._order_results(),
            "risk_count": SQL(
                """(SELECT COUNT(*) FROM contract_risk_shipment r
                     WHERE r.%(subject)s = figure.order_id)""",
                subject=self._subject(),
                to_flush=self._reads(("contract.risk.shipment", "order_id frame_id")),
            ),
        }
