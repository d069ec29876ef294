from odoo import fields, models


class ContractGateRule(models.Model):
    """Supply may wait for the release of the order."""

    _inherit = "contract.gate.rule"

    reason = fields.Selection(
        selection_add=[("unreleased", "Not released to production and logistics")],
        ondelete={"unreleased": "cascade"},
    )
