from odoo import Command, models

from .contract_settlement import RUNNING

# How what is owed by a termination is called in a settlement.
KINDS = {"penalty": "penalty", "deposit": "deposit", "damage": "damages"}


class ContractTermination(models.Model):
    """A contract that ended is settled (D2 §10)."""

    _inherit = "contract.termination"

    def _ended(self):
        """Open the settlement, with what either side owes by the termination."""
        res = super()._ended()
        Settlement = self.env["contract.settlement"].sudo()
        for record in self.sudo().filtered("order_id"):
            order = record.order_id
            settlement = order.contract_settlement_ids.filtered(
                lambda settlement: settlement.state in RUNNING
            )
            if not settlement:
                owner = order._contract_responsible() or self.env.user
                settlement = Settlement.create(
                    {"order_id": order.id, "kind": "termination", "user_id": owner.id}
                )
            rows = record._deductions_vals()
            if rows and settlement.state != "draft":
                settlement = record._reopen(settlement)
            if settlement.state == "draft":
                settlement.write(
                    {
                        "kind": "termination",
                        "deduction_ids": [Command.create(vals) for vals in rows],
                    }
                )
        return res

    def _reopen(self, settlement):
        """The draft that takes up what is owed by the termination: a settlement that is
        being decided goes back to who prepared it, one that was confirmed is void and
        corrected."""
        reason = self.env._(
            "%(document)s ended the contract: what is owed by it belongs into the "
            "settlement.",
            document=self.display_name,
        )
        if settlement.state == "confirmed":
            return settlement._void_by_system(reason)
        documents = settlement._approval_lock()
        documents._approval_close("withdrawn", "withdrawn")
        documents._approval_withdrawn()
        documents._sync_activities()
        settlement._note({settlement.id: reason})
        return settlement

    def _deductions_vals(self):
        """Values of the deductions that come of its penalties and claims."""
        self.ensure_one()
        return [
            {
                "kind": KINDS.get(row.kind, "other"),
                "side": row.debtor,
                "amount": row.amount,
                "basis": row.name,
            }
            for row in self.penalty_ids
        ]
