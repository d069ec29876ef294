from odoo import models
from odoo.exceptions import UserError

from ...tools.guard import unguarded


class ContractApprovalMixin(models.AbstractModel):
    """What was refused isn't asked again as it was: who asks answers the refusal, with
    other words, another plan, further evidence."""

    _inherit = "contract.approval.mixin"

    def _approval_content(self):
        """What the authors of these documents ask, as values that can be compared:
        ``{document: {part of it that is decided with it, or itself: values}}``;
        without those whose refusal is their end."""
        return {}

    def copy(self, default=None):
        """A copy of what was refused is no other request."""
        copies = super().copy(default)
        for document, copy in zip(self.sudo(), copies, strict=True):
            if document.refused_content:
                unguarded(copy.sudo()).refused_content = document.refused_content
        return copies

    def _approval_check_submit(self):
        for document, parts in self._approval_content().items():
            refused = [part for part in parts if part.sudo().refused_content]
            if refused and all(p.refused_content == parts[p] for p in refused):
                raise UserError(
                    self.env._(
                        "%(document)s was refused as it is: change what you ask for, "
                        "or add evidence, before you submit it again.",
                        document=document.display_name,
                    )
                )
        return super()._approval_check_submit()

    def _approval_refused(self):
        for parts in self._approval_content().values():
            for part, content in parts.items():
                part.refused_content = content
        return super()._approval_refused()
