from odoo import models


class ContractDocument(models.Model):
    """The letter that a request was decided on, and the papers of the negotiation, stay
    as they were."""

    _inherit = "contract.document"

    def _relied_on(self):
        changes = (
            self.env["contract.change"]
            .sudo()
            .search(
                [
                    "|",
                    "&",
                    ("letter_id", "in", self.ids),
                    ("state", "not in", ("draft", "void")),
                    "&",
                    ("state", "in", ("negotiated", "done")),
                    "|",
                    ("minutes_id", "in", self.ids),
                    ("consent_id", "in", self.ids),
                ]
            )
        )
        return super()._relied_on() | {
            self.browse(paper.id): self.env._(
                "%(change)s relies on “%(paper)s”: it can't be changed or deleted any "
                "more.",
                change=change.display_name,
                paper=paper.name,
            )
            for change in changes
            for paper in change.letter_id | change.minutes_id | change.consent_id
            if paper.id in self.ids
        }
