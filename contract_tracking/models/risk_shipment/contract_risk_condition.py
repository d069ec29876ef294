from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import unguarded


class ContractRiskCondition(models.Model):
    """A condition under which an application was approved: it is ticked, by somebody
    who doesn't ask for the shipment, before goods leave."""

    _name = "contract.risk.condition"
    _inherit = ["contract.risk.part.mixin"]
    _description = "Condition of a Risk Shipment"
    _order = "id"
    _frozen_create = True

    name = fields.Char(string="Condition", required=True, readonly=True)
    set_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    set_by_name = fields.Char(string="Set By (Name)", readonly=True)
    ticked_on = fields.Datetime(string="Met On", readonly=True)
    ticked_by_id = fields.Many2one(
        "res.users", string="Confirmed By", readonly=True, ondelete="restrict"
    )
    ticked_by_name = fields.Char(string="Confirmed By (Name)", readonly=True)
    can_tick = fields.Boolean(compute="_compute_can_tick")

    @api.depends_context("uid")
    @api.depends("ticked_on", "application_id.state")
    def _compute_can_tick(self):
        for condition in self:
            condition.can_tick = not condition._refuse_tick()

    def action_tick(self):
        """Confirm that the condition is met: the business office, the head of the
        office or who decided, never who asks for the shipment.

        :raise UserError: by whom, or from which state, it isn't possible
        """
        self.check_access("read")
        for condition in self:
            if refusal := condition._refuse_tick():
                raise UserError(refusal)
            unguarded(condition.sudo()).write(
                {
                    "ticked_on": fields.Datetime.now(),
                    "ticked_by_id": self.env.uid,
                    "ticked_by_name": self.env.user.name,
                }
            )
            condition.application_id._note(
                {
                    condition.application_id.id: self.env._(
                        "Condition met: %(condition)s", condition=condition.name
                    )
                }
            )
        self.application_id._sync_activities()
        return True

    def _refuse_tick(self):
        """Why the user can't confirm it, as a sentence, or False."""
        self.ensure_one()
        application = self.application_id
        if self.ticked_on:
            return self.env._(
                "“%(condition)s” was confirmed by %(user)s already.",
                condition=self.name,
                user=self.ticked_by_name,
            )
        if application.state != "approved":
            return self.env._(
                "%(document)s is not approved: conditions are confirmed afterwards.",
                document=application.display_name,
            )
        user = self.env.user
        if not application._is_decider(user) and not (
            application.order_id.sudo()._contract_is_head(user)
        ):
            return self.env._(
                "Only who decided, the head of the office or the business office "
                "confirms a condition."
            )
        if not application._approval_may_decide(user):
            return self.env._(
                "You ask for this shipment yourself: somebody else confirms its "
                "conditions."
            )
        return False
