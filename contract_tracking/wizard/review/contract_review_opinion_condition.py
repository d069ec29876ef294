from odoo import fields, models


class ContractReviewOpinionCondition(models.TransientModel):
    """What has to be done before the contract is signed."""

    _name = "contract.review.opinion.condition"
    _inherit = ["contract.dialog.mixin"]
    _description = "Condition of an Opinion"

    opinion_id = fields.Many2one(
        "contract.review.opinion", required=True, ondelete="cascade"
    )
    name = fields.Char(string="What Is To Be Done", required=True)
    user_id = fields.Many2one(
        "res.users", string="Owner", required=True, domain="[('share', '=', False)]"
    )
    date_deadline = fields.Date(string="Until", required=True)
