from odoo import fields, models


class ContractActionMixin(models.AbstractModel):
    """A document with actions (``contract.action``): it says when they are planned,
    carried out, dropped and verified, and hears of every change. The document is a
    form with a chatter."""

    _name = "contract.action.mixin"
    _description = "Document with Actions"

    # Whether somebody else verifies each action.
    _actions_verified = False

    action_ids = fields.One2many(
        "contract.action",
        "res_id",
        string="Actions",
        domain=lambda self: [("res_model", "=", self._name)],
    )

    def _action_check_plan(self):
        """Raise unless actions may be planned and changed now, by this user."""

    def _action_planned(self):
        """This user planned, changed or deleted an action himself."""

    def _action_is_decided(self):
        """Whether the actions were decided on: then they are dropped, not deleted."""
        return False

    def _action_refuse_execution(self):
        """Why actions aren't carried out now, as a sentence, or False."""
        return False

    def _action_refuse_drop(self):
        """Why this user can't drop an action, as a sentence, or False."""
        return False

    def _action_refuse_verify(self):
        """Why this user can't verify an action, as a sentence, or False."""
        return False

    def _action_finished(self, action):
        """An action was carried out."""

    def _actions_changed(self):
        """Actions were planned, changed or carried out."""

    def _action_post(self, body):
        """Note in the chatter what became of an action."""
        self.sudo().message_post(body=body)
