from odoo import api, models
from odoo.exceptions import UserError


class ContractDocument(models.Model):
    """Papers of an archived contract stay as they are, and no new ones come in, for
    everybody: what is to be corrected is returned first (D4 §7.2)."""

    _inherit = "contract.document"

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._check_archived()
        return documents

    def _check_archived(self):
        """:raise UserError: if the files of its contract are archived"""
        for text in self._archived().values():
            raise UserError(text)

    def _check_frozen(self, content):
        self._check_archived()
        return super()._check_frozen(content)

    def _relied_on(self):
        return {**super()._relied_on(), **self._archived()}

    def _archived(self):
        """``{paper: why it stays as it is}`` of those whose contract is archived."""
        papers = self.sudo()
        texts = self.env["contract.archive"]._closed_texts(papers)
        return {
            self.browse(paper.id): texts[parent]
            for paper in papers
            if (parent := paper._contract_parent()) in texts
        }
