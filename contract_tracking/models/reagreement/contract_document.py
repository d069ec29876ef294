from odoo import models
from odoo.exceptions import UserError


class ContractDocument(models.Model):
    _inherit = "contract.document"

    def _check_relied_on(self):
        """A supplement that new terms rest on stays as it was decided on."""
        record = (
            self.env["contract.reagreement"]
            .sudo()
            .search(
                [
                    ("document_id", "in", self.ids),
                    ("state", "in", ("submitted", "done")),
                ],
                limit=1,
            )
        )
        if record:
            raise UserError(
                self.env._(
                    "%(reagreement)s relies on “%(paper)s”: it can't be changed or "
                    "deleted any more.",
                    reagreement=record.display_name,
                    paper=record.document_id.name,
                )
            )
        return super()._check_relied_on()
