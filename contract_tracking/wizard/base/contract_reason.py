from odoo import fields, models
from odoo.exceptions import UserError


class ContractReason(models.TransientModel):
    """Ask for the reason of a step that is kept as evidence."""

    _name = "contract.reason"
    _description = "Reason for a Contract Step"

    step = fields.Selection(
        [
            ("suspend", "Suspend the contract"),
            ("resume", "Resume the contract"),
            ("terminate", "Terminate the contract"),
            ("cancel", "Cancel the contract and its order"),
            ("waive", "Waive the term"),
            ("void", "Void the tracking record"),
            ("withdraw", "Withdraw the claim"),
            ("close", "Close the frame agreement"),
            ("reopen", "Reopen the frame agreement"),
            ("cancel_frame", "Cancel the frame agreement"),
        ],
        required=True,
        readonly=True,
    )
    order_id = fields.Many2one("sale.order", readonly=True)
    frame_id = fields.Many2one("contract.frame", readonly=True)
    term_id = fields.Many2one("contract.term", readonly=True)
    record_id = fields.Many2one("contract.tracking.record", readonly=True)
    claim_ids = fields.Many2many("contract.payment.claim", readonly=True)
    reason = fields.Char(required=True)

    def action_apply(self):
        """Take the step. Who may is checked by the document that it concerns."""
        self.ensure_one()
        if self.step == "void":
            record = self.record_id._void(self.reason)
            return {
                "type": "ir.actions.act_window",
                "res_model": "contract.tracking.record",
                "res_id": record.id,
                "view_mode": "form",
            }
        if self.step == "withdraw":
            self.claim_ids._withdraw(self.reason)
        elif self.step == "waive":
            self.term_id._waive(self.reason)
        elif self.frame_id and self.step in self.frame_id._next_states():
            self.frame_id._step(self.step, self.reason)
        elif self.order_id and self.step in self.order_id._contract_next_states():
            self.order_id._contract_step(self.step, self.reason)
        else:
            raise UserError(self.env._("Choose the contract first."))
        return {"type": "ir.actions.act_window_close"}
