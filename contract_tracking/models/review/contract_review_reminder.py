from odoo import models

from .contract_review import CONCLUDED

CONDITION = "contract_tracking.mail_activity_review_condition"


class ContractReview(models.Model):
    """Who is reminded of a review: the owner of each condition until it is done."""

    _inherit = "contract.review"

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {CONDITION}

    def _activities_wanted(self):
        wanted = super()._activities_wanted()
        if self.state in CONCLUDED:
            wanted += [
                {
                    "xmlid": CONDITION,
                    "user": action.user_id,
                    "day": action.date_deadline,
                    "what": action.name,
                }
                for action in self.action_ids.filtered(lambda a: a.state == "open")
            ]
        return wanted
