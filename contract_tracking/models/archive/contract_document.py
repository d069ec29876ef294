from odoo import api, models
from odoo.exceptions import UserError

from .contract_archive import CLOSED


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

    def _relied_on(self):
        return {**super()._relied_on(), **self._archived()}

    def _archived(self):
        """``{paper: why it stays as it is}`` of those whose contract is archived."""
        papers = self.sudo()
        archives = (
            self.env["contract.archive"]
            .sudo()
            .search(
                [
                    ("state", "in", CLOSED),
                    "|",
                    ("order_id", "in", papers.order_id.ids),
                    ("frame_id", "in", papers.frame_id.ids),
                ]
            )
        )
        closed = {archive._contract_parent(): archive for archive in archives}
        return {
            self.browse(paper.id): closed[parent]
            .with_env(self.env)
            .sudo()
            ._closed_text()
            for paper in papers
            if (parent := paper._contract_parent()) in closed
        }
