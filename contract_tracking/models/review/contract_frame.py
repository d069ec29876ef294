from odoo import api, fields, models
from odoo.exceptions import UserError


class ContractFrame(models.Model):
    """The reviews of a frame agreement: asked for before it takes effect."""

    _inherit = "contract.frame"

    review_ids = fields.One2many("contract.review", "frame_id", string="Reviews")
    review_count = fields.Integer(
        string="Number of Reviews",
        compute="_compute_review_count",
        compute_sudo=True,
        help="Reviews of the frame agreement, void ones left out.",
    )

    @api.depends("review_ids.state")
    def _compute_review_count(self):
        self._contract_count_forms("contract.review", "review_count")

    def action_review(self):
        """Open the review of the frame agreement that goes on, or begin one."""
        self.ensure_one()
        return self.env["contract.review"]._review_of(self)

    @api.readonly
    def action_reviews(self):
        """Open the reviews of the frame agreement."""
        return self._contract_parts_action("contract_review_action")

    def _check_complete(self):
        res = super()._check_complete()
        company = self.company_id.sudo()
        if company.contract_review_before != "nothing" and not (
            self._contract_review_small()
        ):
            for text in self.env["contract.review"]._review_missing(self).values():
                raise UserError(text)
        return res
