from odoo import models

from .contract_deviation import TERM_KINDS


class ContractTerm(models.Model):
    """Whoever reads a promise sees that it isn't kept."""

    _name = "contract.term"
    _inherit = ["contract.term", "contract.report.mixin"]

    def _contract_report_values(self):
        return {
            **self._contract_parent_vals(),
            "term_id": self.id,
            "kind": TERM_KINDS.get(self.kind, "other"),
        }
