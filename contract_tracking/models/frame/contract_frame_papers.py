from odoo import api, models
from odoo.tools import SQL


class ContractFrame(models.Model):
    """The papers of a frame agreement: one kind, until it is over."""

    _name = "contract.frame"
    _inherit = ["contract.frame", "contract.papers.mixin"]

    @api.depends("document_ids.type_id")
    def _compute_contract_papers(self):
        return super()._compute_contract_papers()

    def _checklist_kind(self):
        return "frame"

    def _checklist_is_frozen(self):
        return self.state in ("closed", "cancelled")

    @api.model
    def _contract_kind_sql(self):
        return SQL("'frame'"), ""
