from odoo import models
from odoo.exceptions import UserError


class ContractApprovalMixin(models.AbstractModel):
    """What was refused isn't asked again as it was: who asks answers the refusal, with
    other words, another plan, further evidence."""

    _inherit = "contract.approval.mixin"

    def _approval_content(self):
        """What the authors of these documents ask, as values that can be compared:
        ``{document: values}``; without those whose refusal is their end."""
        return {}

    def _approval_check_submit(self):
        refused = self.filtered("refused_content")
        for document, content in refused._approval_content().items():
            if content == document.refused_content:
                raise UserError(
                    self.env._(
                        "%(document)s was refused as it is: change what you ask for, "
                        "or add evidence, before you submit it again.",
                        document=document.display_name,
                    )
                )
        return super()._approval_check_submit()

    def _approval_refused(self):
        for document, content in self._approval_content().items():
            document.refused_content = content
        return super()._approval_refused()
