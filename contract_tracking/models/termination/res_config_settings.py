from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts end by a document of their own."""

    _inherit = "res.config.settings"

    group_contract_termination = fields.Boolean(
        string="Suspension and termination",
        implied_group="contract_tracking.group_contract_termination",
    )
    contract_termination_document = fields.Boolean(
        related="company_id.contract_termination_document", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_termination": {"contract_termination_document": False},
        }
