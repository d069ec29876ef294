from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    contract_gate_own_money = fields.Boolean(
        related="company_id.contract_gate_own_money", readonly=False
    )
    contract_gate_whole = fields.Boolean(
        related="company_id.contract_gate_whole", readonly=False
    )
    contract_gate_early = fields.Boolean(
        related="company_id.contract_gate_early", readonly=False
    )
