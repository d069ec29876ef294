from odoo import api, fields, models

from ...models.review.contract_approval_step import OPINIONS
from ...models.review.contract_review import CONCLUSIONS


class ContractReviewOpinion(models.TransientModel):
    """The opinion of a department on a contract: three criteria, a conclusion, and
    what has to be done before it is signed."""

    _name = "contract.review.opinion"
    _inherit = ["contract.dialog.mixin"]
    _description = "Opinion on a Contract"

    review_id = fields.Many2one(
        "contract.review", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="review_id.company_id", related_sudo=False)
    differences = fields.Html(related="review_id.differences", related_sudo=False)
    review_compliance = fields.Selection(
        OPINIONS,
        string="Compliance",
        required=True,
        help="It keeps to the law and to the rules of the company.",
    )
    review_schedule = fields.Selection(
        OPINIONS,
        string="Schedule",
        required=True,
        help="It can be delivered by the days that are promised.",
    )
    review_resources = fields.Selection(
        OPINIONS,
        string="Resources",
        required=True,
        help="People, material, capacity and money for it are there.",
    )
    conclusion = fields.Selection(CONCLUSIONS, required=True, default="agree")
    condition_ids = fields.One2many(
        "contract.review.opinion.condition", "opinion_id", string="Conditions"
    )
    comment = fields.Text()

    @api.onchange("review_compliance", "review_schedule", "review_resources")
    def _onchange_criteria(self):
        """Who objects doesn't simply agree."""
        said = (self.review_compliance, self.review_schedule, self.review_resources)
        if "objection" in said and self.conclusion == "agree":
            self.conclusion = "conditions"

    def action_apply(self):
        """Give the opinion."""
        self._check_dialog()
        conditions = self.conclusion == "conditions" and self.condition_ids
        self.review_id._give_opinion(
            self.conclusion,
            {
                name: self[name]
                for name in (
                    "review_compliance",
                    "review_schedule",
                    "review_resources",
                )
            },
            self.comment,
            [
                {
                    "name": row.name,
                    "user_id": row.user_id.id,
                    "date_deadline": row.date_deadline,
                }
                for row in conditions or ()
            ],
        )
        return {"type": "ir.actions.act_window_close"}
