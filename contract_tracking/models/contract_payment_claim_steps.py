from odoo import api, fields, models
from odoo.exceptions import UserError

from .contract_guard import unguarded


class ContractPaymentClaim(models.Model):
    """The steps of a claim: it keeps what its receipt was reconciled with, is confirmed
    by finance, withdrawn with a reason."""

    _inherit = "contract.payment.claim"

    @api.model
    def _keep_reconciliation(self, receipts, prepared):
        """Claims for what the receipts were reconciled with.

        From its first claim on a receipt counts by its claims alone. What it was
        reconciled with would be lost by that, so it is claimed along with it, as far
        as nobody says otherwise.
        """
        fresh = receipts.filtered(
            lambda r: not r.claim_ids.filtered(lambda k: k.state == "claimed")
        )
        values = []
        for receipt_id, orders in fresh._reconciled().items() if fresh else ():
            receipt = fresh.browse(receipt_id)
            said = {}
            for other, vals in prepared:
                if other == receipt:
                    key = vals.get("order_id") or False
                    said[key] = said.get(key, 0) + (vals.get("amount") or 0)
            kept = {
                order_id: amount - said.get(order_id, 0)
                for order_id, amount in orders.items()
                if abs(amount) - abs(said.get(order_id, 0)) > 0.005
            }
            if abs(sum(said.values()) + sum(kept.values())) > abs(receipt.amount) + (
                receipt.currency_id.rounding / 2
            ):
                continue
            values += [
                self.sudo()._prepare(
                    receipt,
                    {
                        "order_id": order_id,
                        "amount": amount,
                        "origin": "reconciliation",
                    },
                )
                for order_id, amount in kept.items()
            ]
        return values

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
