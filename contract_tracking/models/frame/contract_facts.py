from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """What is kept of frame agreements, beside contracts."""

    _inherit = "contract.facts"

    def _kept_models(self):
        return [*super()._kept_models(), self.env["contract.facts.frame"]]

    def _note_sources(self):
        return {
            **super()._note_sources(),
            "contract_frame": {"frame": ["id"]},
            "res_currency_rate": {"currency": ["currency_id"]},
        }

    def _note_parts(self):
        return [
            *super()._note_parts(),
            SQL("SELECT NULL, key FROM note WHERE kind = 'frame'"),
            SQL(
                """SELECT NULL, f.id FROM note n
                     JOIN contract_frame f ON TRUE
                     JOIN res_company c ON c.id = f.company_id
                    WHERE n.kind = 'currency' AND f.currency_id <> c.currency_id
                      AND n.key IN (f.currency_id, c.currency_id)"""
            ),
        ]
