from odoo import api, models

from ...tools.guard import is_unguarded


class ContractApprovalRowMixin(models.AbstractModel):
    """Rows of a document that is decided: written as long as it is a draft, and who
    writes one has a part in it. Models set ``_approval_document``, the field that names
    their document."""

    _name = "contract.approval.row.mixin"
    _description = "Row of a Document to Approve"
    _approval_document = ""

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_editable()
        return rows

    def write(self, vals):
        self._check_editable()
        res = super().write(vals)
        self._check_editable()
        if self._approval_document in vals and not is_unguarded(self):
            # who reads the other document doesn't write it yet
            self[self._approval_document].check_access("write")
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        self._check_editable()

    def _check_editable(self):
        """
        :raise UserError: if the document is decided on, or was
        """
        if not is_unguarded(self):
            documents = self[self._approval_document]
            documents._check_frozen({"line_ids"})
            documents._approval_keep_parties({"line_ids": self.ids})
