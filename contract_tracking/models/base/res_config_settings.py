from odoo import fields, models


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
