from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether departments are briefed on contracts, and when."""

    _inherit = "res.config.settings"

    group_contract_briefing = fields.Boolean(
        string="Contract briefings",
        implied_group="contract_tracking.group_contract_briefing",
    )
    contract_briefing_mode = fields.Selection(
        related="company_id.contract_briefing_mode", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_briefing": {"contract_briefing_mode": "hand"},
        }
