from odoo import fields, models


class ContractPartMixin(models.AbstractModel):
    """Files of whatever hangs on an archived contract stay as they are, for everybody;
    new ones may come (D4 §7.2)."""

    _inherit = "contract.part.mixin"

    def _files_settled(self, fname):
        settled = super()._files_settled(fname)
        return settled | (self - settled)._of_archived()

    def _files_settled_on(self):
        # as well what hangs on it in no field
        if self._of_archived():
            return fields.Datetime.now()
        return super()._files_settled_on()

    def _of_archived(self):
        """Those of these whose contract was handed over to the archive, or is kept."""
        if not self:
            return self
        closed = self.env["contract.archive"]._closed_texts(self)
        return self.filtered(lambda part: part._contract_parent() in closed)
