from odoo import api, models


class ContractFactsSource(models.AbstractModel):
    """Rows that facts are read from: whoever writes one lets go of the figures that
    were read before it."""

    _name = "contract.facts.source"
    _description = "Source of Contract Facts"

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        self.env["contract.facts"]._changed()
        return records

    def write(self, vals):
        res = super().write(vals)
        self.env["contract.facts"]._changed()
        return res

    def unlink(self):
        res = super().unlink()
        self.env["contract.facts"]._changed()
        return res
