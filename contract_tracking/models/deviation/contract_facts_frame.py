from odoo import models
from odoo.tools import SQL


class ContractFactsFrame(models.AbstractModel):
    """Frame agreements are searched for deviations like contracts."""

    _inherit = "contract.facts.frame"

    def _search_order(self):
        return SQL("h.order_id")
