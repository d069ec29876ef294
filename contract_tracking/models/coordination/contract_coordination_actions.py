from textwrap import shorten

from odoo import api, models

from .contract_coordination import OPEN_STATES

# In these the sender plans what comes of it.
PLANNING_STATES = (*OPEN_STATES, "closed")


class ContractCoordination(models.Model):
    """What comes of a coordination document: actions of its own, and re-agreements."""

    _inherit = "contract.coordination"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_create_action(self):
        """Open a new action of the document: what was promised or agreed on.

        :raise UserError: if the user isn't the sender, or it isn't sent
        """
        self.ensure_one()
        self._action_check_plan()
        return self._new_action_window(self.outcome or self.subject)

    def action_reagree(self):
        """Open a new re-agreement: what was agreed on changes the contract's terms.

        :raise UserError: if the user isn't the sender, or it isn't sent
        """
        self.ensure_one()
        self._action_check_plan()
        return self._contract_parent()._contract_new_part_action(
            "contract.reagreement",
            coordination_id=self.id,
            reason=self.outcome or self.subject,
        )

    # ------------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------------

    def _action_check_plan(self):
        self._contract_check_state(*PLANNING_STATES)
        for document in self:
            document._check_sender()
        return super()._action_check_plan()

    def _action_refuse_execution(self):
        if self.state not in PLANNING_STATES:
            return self._contract_wrong_state(PLANNING_STATES)
        return super()._action_refuse_execution()

    def _action_refuse_drop(self):
        return self._refuse_sender() or super()._action_refuse_drop()

    def _actions_changed(self):
        self._sync_activities()
        return super()._actions_changed()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _new_action_window(self, text, document=None, **defaults):
        """The window with a new action of a document, of this one if none is given."""
        document = document or self
        return self.env["contract.action"]._get_records_action(
            name=self.env._("Create Action"),
            target="new",
            context={
                "default_res_model": document._name,
                "default_res_id": document.id,
                "default_name": shorten(text or "", 120, placeholder="…"),
                "default_user_id": self.env.uid,
                **{f"default_{name}": value for name, value in defaults.items()},
            },
        )
