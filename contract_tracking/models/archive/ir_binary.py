from odoo import models


class IrBinary(models.AbstractModel):
    """Who opens a file of a confidential contract is written down."""

    _inherit = "ir.binary"

    def _record_to_stream(self, record, field_name):
        if record._name == "ir.attachment":
            self.env["contract.archive"]._file_opened(record.sudo())
        return super()._record_to_stream(record, field_name)
