from odoo import fields, models

from .contract_review_decision import CRITERIA

OPINIONS = [("ok", "In order"), ("objection", "Objection")]


class ContractApprovalStep(models.Model):
    """What a department says of a contract that is reviewed, by criterion (D1 §5)."""

    _inherit = "contract.approval.step"

    review_compliance = fields.Selection(OPINIONS, string="Compliance", readonly=True)
    review_schedule = fields.Selection(OPINIONS, string="Schedule", readonly=True)
    review_resources = fields.Selection(OPINIONS, string="Resources", readonly=True)

    def _is_unsaid(self):
        """Whether one of these steps lacks something of an opinion."""
        return any(not step[name] for step in self for name in CRITERIA)
