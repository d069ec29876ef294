from odoo import api, fields, models


class ResConfigSettings(models.TransientModel):
    """Whether contracts are reviewed, and before what."""

    _inherit = "res.config.settings"

    group_contract_review = fields.Boolean(
        string="Contract reviews",
        implied_group="contract_tracking.group_contract_review",
    )
    contract_review_before = fields.Selection(
        related="company_id.contract_review_before", readonly=False
    )
    contract_review_amount = fields.Monetary(
        related="company_id.contract_review_amount",
        readonly=False,
    )
    contract_review_call_off = fields.Boolean(
        related="company_id.contract_review_call_off", readonly=False
    )
    contract_review_renewal = fields.Boolean(
        related="company_id.contract_review_renewal", readonly=False
    )
    contract_review_checklist = fields.Boolean(
        related="company_id.contract_review_checklist", readonly=False
    )
    contract_review_terms = fields.Boolean(
        related="company_id.contract_review_terms", readonly=False
    )
    contract_review_attest = fields.Boolean(
        related="company_id.contract_review_attest", readonly=False
    )

    @api.model
    def _contract_duties(self):
        return {
            **super()._contract_duties(),
            "group_contract_review": {"contract_review_before": "nothing"},
        }
