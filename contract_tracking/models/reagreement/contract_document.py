from odoo import models


class ContractDocument(models.Model):
    """A supplement that new terms rest on stays as it was decided on."""

    _inherit = "contract.document"

    def _relied_on(self):
        records = (
            self.env["contract.reagreement"]
            .sudo()
            .search(
                [
                    ("document_id", "in", self.ids),
                    ("state", "in", ("submitted", "done")),
                ]
            )
        )
        return super()._relied_on() | {
            self.browse(record.document_id.id): self.env._(
                "%(reagreement)s relies on “%(paper)s”: it can't be changed or "
                "deleted any more.",
                reagreement=record.display_name,
                paper=record.document_id.name,
            )
            for record in records
        }
