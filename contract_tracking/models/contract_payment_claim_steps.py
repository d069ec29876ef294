from odoo import fields, models
from odoo.exceptions import UserError

from .contract_guard import unguarded


class ContractPaymentClaim(models.Model):
    """The steps of a claim: confirmed by finance, withdrawn with a reason."""

    _inherit = "contract.payment.claim"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_confirm(self):
        """Confirm claims that wait for finance.

        :raise UserError: if the user is not of finance, or a claim doesn't wait
        """
        if not self._is_finance():
            raise UserError(self.env._("Only finance confirms claims."))
        self.check_access("read")
        claims = self.sudo()
        claims.receipt_id._lock()
        claims.invalidate_recordset(["state"])
        if any(claim.state != "to_confirm" for claim in claims):
            raise UserError(self.env._("Only claims that wait can be confirmed."))
        unguarded(claims).write({"state": "claimed", "confirmed_by_id": self.env.uid})
        claims.receipt_id._check_not_overdrawn()
        claims._log(self.env._("Confirmed by finance"))

    def action_withdraw(self):
        """Open the screen that asks why the claims are withdrawn."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Withdraw Claim"),
            "res_model": "contract.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_claim_ids": self.ids,
                "default_step": "withdraw",
            },
        }

    def action_open_order(self):
        """Open the contract of the claim."""
        self.ensure_one()
        return (self.order_id or self.frame_id)._contract_form_action()

    def _withdraw(self, reason):
        """Take claims back: the money is unclaimed again.

        :raise UserError: without reason; of somebody else's claims, if the user is
            not of finance
        """
        if not (reason or "").strip():
            raise UserError(self.env._("Withdrawing a claim needs a reason."))
        self.check_access("read")
        if not self._is_finance() and any(
            claim.user_id != self.env.user for claim in self.sudo()
        ):
            raise UserError(
                self.env._("Only finance withdraws what somebody else has claimed.")
            )
        self._take_back(reason)

    def _take_back(self, reason):
        """Withdraw without asking who: what the receipt itself undoes."""
        claims = self.sudo().filtered(lambda claim: claim.state != "withdrawn")
        unguarded(claims).write(
            {
                "state": "withdrawn",
                "withdrawn_on": fields.Date.context_today(self),
                "withdrawn_by_id": self.env.uid,
                "withdrawn_reason": reason,
            }
        )
        claims._log(self.env._("Claim withdrawn"), reason)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _log(self, what, reason=False):
        self.env["contract.history"]._log(
            [
                {
                    "order_id": claim.order_id.id,
                    "frame_id": claim.frame_id.id,
                    "kind": "claim",
                    "name": claim.receipt_name or what,
                    "old_value": False,
                    "new_value": f"{what} {claim.contract_amount:,.2f} "
                    f"{claim.contract_currency_id.name}",
                    "reason": reason,
                    "res_model": claim._name,
                    "record_id": claim.id,
                }
                for claim in self.sudo()
            ]
        )
