from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.guard import is_unguarded
from .contract_approval_mixin import CONFIRM, DECIDE


class MailActivity(models.Model):
    """Decisions stand in activities: approve and refuse there, and nothing else makes
    them go away."""

    _inherit = "mail.activity"

    contract_decision = fields.Selection(
        [("mine", "Waits for my decision"), ("other", "Waits for somebody's decision")],
        compute="_compute_contract_decision",
        groups="base.group_user",
    )

    @api.depends_context("uid")
    @api.depends("activity_type_id", "user_id", "active", "res_model", "res_id")
    def _compute_contract_decision(self):
        types = self._contract_decision_types()
        asking = self.filtered(lambda a: a.active and a.activity_type_id in types)
        asked = asking._contract_asked()
        for activity in self:
            whose = "mine" if activity.user_id == self.env.user else "other"
            waits = activity in asking and activity._contract_key() in asked
            activity.contract_decision = waits and whose

    def _contract_key(self):
        return self.res_model, self.res_id, self.user_id.id

    def _contract_asked(self):
        """Of which documents whose decision is asked: only the addon makes an activity
        that waits for one; what people plan with these types is theirs to remove.

        :return: a set of (model, id, user id)
        """
        if not self:
            return set()
        steps = self.env["contract.approval.step"].sudo()
        rows = steps._read_group(
            Domain("res_model", "in", self.mapped("res_model"))
            & Domain("res_id", "in", self.mapped("res_id"))
            & Domain("user_id", "in", self.user_id.ids)
            & (
                Domain("state", "=", "pending")
                | Domain("oral_state", "=", "provisional")
            ),
            ["res_model", "res_id", "user_id"],
        )
        return {(model, res_id, user.id) for model, res_id, user in rows}

    @api.model
    def _contract_decision_types(self):
        types = self.env["mail.activity.type"]
        for xmlid in (DECIDE, CONFIRM):
            types |= self.env.ref(xmlid, raise_if_not_found=False) or types
        return types

    def write(self, vals):
        decided = {
            "active", "user_id", "activity_type_id", "res_id", "res_model_id",
            "res_model", "date_deadline", "summary", "note",
        }  # fmt: skip
        if decided & vals.keys():
            self._contract_check_decision()
        return super().write(vals)

    def unlink(self):
        # the superuser clears away what belongs to users and documents that are gone;
        # the daily run restores what is still to be decided
        if not self.env.su:
            self._contract_check_decision()
        return super().unlink()

    def _action_done(self, feedback=False, attachment_ids=None):
        self._contract_check_decision()
        return super()._action_done(feedback=feedback, attachment_ids=attachment_ids)

    def _contract_check_decision(self):
        """Marking it as done is no decision.

        :raise UserError: that says what is one
        """
        if not is_unguarded(self) and any(self.mapped("contract_decision")):
            raise UserError(
                self.env._(
                    "This waits for a decision, and marking it as done or giving it to "
                    "somebody else is none: approve, refuse, return or transfer the "
                    "document."
                )
            )

    def _to_store_defaults(self, target):
        return super()._to_store_defaults(target) + ["contract_decision"]

    def action_contract_approve(self):
        """Approve the document, or confirm the oral decision, from its activity."""
        return self._contract_document().action_approve()

    def action_contract_refuse(self):
        """Open the window in which the user says why he refuses."""
        return self._contract_document().action_open_refuse()

    def _contract_document(self):
        self.ensure_one()
        if not self.contract_decision:
            raise UserError(
                self.env._(
                    "Nothing waits for a decision here. If somebody planned this "
                    "activity himself, mark it as done or cancel it."
                )
            )
        return self.env[self.res_model].browse(self.res_id)
