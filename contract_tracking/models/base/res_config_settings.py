from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    _name = "res.config.settings"
    _inherit = ["res.config.settings", "contract.entry.mixin"]

    contract_tz = fields.Selection(related="company_id.contract_tz", readonly=False)
    contract_form_unit = fields.Selection(
        related="company_id.contract_form_unit", readonly=False
    )
    contract_business_office_id = fields.Many2one(
        related="company_id.contract_business_office_id", readonly=False
    )

    def set_values(self):
        """What a company switches off asks and stops nobody: nobody would see why."""
        res = super().set_values()
        companies = self.env["res.company"].sudo()
        for switch, duties in self._contract_duties().items():
            if not self[switch]:
                for fname, nothing in duties.items():
                    companies.search([(fname, "!=", nothing)])[fname] = nothing
        return res

    @api.model
    def _contract_duties(self):
        """What each part that can be switched off asks of people:
        ``{its switch: {setting of the company: its value that asks nothing}}``."""
        return {}
