from odoo import api, fields, models

from ...tools.guard import unguarded


class ContractNumberedMixin(models.AbstractModel):
    """Evidence with a number: drawn when it is made, one range a company and year."""

    _name = "contract.numbered.mixin"
    _inherit = [
        "contract.frozen.mixin",
        "contract.state.mixin",
        "contract.reason.mixin",
    ]
    _description = "Numbered Document"

    # What a company starts with: form code, form version, prefix of the numbers.
    _contract_form = ()

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        Form = self.env["contract.form.type"]
        for company, group in records.grouped("company_id").items():
            numbers = Form._next_numbers(self._name, company, len(group))
            values = self._form_vals(company)
            for record, number in zip(group, numbers, strict=True):
                unguarded(record).write({"name": number, **values})
        return records

    @api.model
    def _form_vals(self, company):
        """What a new document takes from the company's form, beside its number."""
        return {}
