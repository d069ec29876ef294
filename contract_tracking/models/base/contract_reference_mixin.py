from odoo import fields, models


class ContractReferenceMixin(models.AbstractModel):
    """A row of a document of any model: its steps, answers, readers, actions."""

    _name = "contract.reference.mixin"
    _description = "Row of a Document"

    res_model = fields.Char(string="Document Model", required=True, readonly=True)
    res_id = fields.Many2oneReference(
        string="Document ID", model_field="res_model", required=True, readonly=True
    )

    def _document(self):
        """The document of the row, empty if there is none yet."""
        self.ensure_one()
        return self.env[self.res_model or self._name].browse(self.res_id or ())

    def _documents(self):
        """The documents by model: a list of recordsets."""
        return [
            self.env[model].browse(set(rows.mapped("res_id")))
            for model, rows in self.grouped("res_model").items()
        ]
