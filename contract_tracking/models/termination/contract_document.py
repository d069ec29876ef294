from odoo import models
from odoo.fields import Domain

PAPERS = ("document_id", "consent_id", "notice_document_id")


class ContractDocument(models.Model):
    """A paper that a suspension or termination rests on stays as it was."""

    _inherit = "contract.document"

    def _relied_on(self):
        records = (
            self.env["contract.termination"]
            .sudo()
            .search(
                Domain.OR(Domain(name, "in", self.ids) for name in PAPERS)
                & Domain("state", "not in", ("draft", "refused", "void"))
            )
        )
        return super()._relied_on() | {
            self.browse(paper.id): self.env._(
                "%(document)s relies on “%(paper)s”: it can't be changed or "
                "deleted any more.",
                document=record.display_name,
                paper=paper.name,
            )
            for record in records
            for name in PAPERS
            if (paper := record[name]) and paper.id in self.ids
        }
