from odoo import Command, models

from .contract_settlement import RUNNING

# How what is owed by a termination is called in a settlement.
KINDS = {"penalty": "penalty", "deposit": "deposit", "damage": "damages"}


class ContractTermination(models.Model):
    """A contract that ended is settled (D2 §10)."""

    _inherit = "contract.termination"

    def _ended(self):
        """Open the settlement, with what either side owes by the termination; one that
        was submitted or confirmed before is written once more."""
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
            if settlement.kind == "termination" and not rows:
                continue
            settlement = settlement._reopen(
                self.env._(
                    "The contract ended by %(document)s: what is owed by it was added.",
                    document=record.name,
                )
            )
            settlement.write(
                {
                    "kind": "termination",
                    "date": order._contract_today(),
                    "deduction_ids": [Command.create(vals) for vals in rows],
                }
            )
        return res

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
