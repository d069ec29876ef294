from odoo import api, models
from odoo.tools import SQL


class SaleOrder(models.Model):
    """The papers of a contract: by its kind, until it is over."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.papers.mixin"]

    @api.depends("contract_kind", "contract_state", "contract_document_ids.type_id")
    def _compute_contract_papers(self):
        return super()._compute_contract_papers()

    def _checklist_kind(self):
        return self.contract_kind or "contract"

    def _checklist_is_frozen(self):
        return self.contract_state in (False, "completed", "terminated", "cancelled")

    @api.model
    def _contract_kind_sql(self):
        return SQL("COALESCE(o.contract_kind, 'contract')"), "contract_kind"
