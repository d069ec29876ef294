from odoo import models


class ContractParentMixin(models.AbstractModel):
    """Which contracts and frame agreements are too small to be reviewed."""

    _inherit = "contract.parent.mixin"

    def _contract_review_small(self):
        """Whether it is worth less than what is reviewed."""
        self.ensure_one()
        company = self.company_id.sudo()
        # a rate that is kept on the order could be written to suit
        total = self.currency_id._convert(
            self.amount_total, company.currency_id, company, self._contract_today()
        )
        limit = company.contract_review_amount
        return company.currency_id.compare_amounts(total, limit) < 0
