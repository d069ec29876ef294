from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.money.contract_payment_claim import ORIGINS


class ContractClaimLine(models.TransientModel):
    """So much of a receipt for this contract."""

    _name = "contract.claim.line"
    _inherit = ["contract.dialog.mixin"]
    _description = "Claim of a Receipt"

    claim_id = fields.Many2one("contract.claim", required=True, ondelete="cascade")
    receipt_id = fields.Many2one("contract.receipt", required=True)
    company_id = fields.Many2one(related="receipt_id.company_id", related_sudo=False)
    partner_id = fields.Many2one(
        related="receipt_id.commercial_partner_id",
        related_sudo=False,
        string="Customer",
    )
    currency_id = fields.Many2one(related="receipt_id.currency_id", related_sudo=False)
    order_id = fields.Many2one(
        "sale.order",
        string="Contract",
        domain="[('company_id', '=', company_id), ('contract_state', '!=', False),"
        " ('contract_state', '!=', 'cancelled')]",
    )
    contract_number = fields.Char(
        related="order_id.contract_number", related_sudo=False
    )
    frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        domain="[('company_id', '=', company_id)]",
        help="Instead of a contract: money for the whole agreement, for example its "
        "deposit.",
    )
    term_id = fields.Many2one(
        "contract.term",
        string="Payment Term",
        domain="[('kind', '=', 'payment'), ('order_id', '=', order_id),"
        " ('frame_id', '=', frame_id), ('valid_to', '=', False)]",
        help="Optional: the promise that the money is for.",
    )
    amount = fields.Monetary()
    origin = fields.Selection(
        ORIGINS,
        string="Proposed By",
        default="manual",
        required=True,
        readonly=True,
    )

    @api.onchange("order_id", "frame_id")
    def _onchange_contract(self):
        term = self.term_id
        if (term.order_id, term.frame_id) != (self.order_id, self.frame_id):
            self.term_id = False

    def _prepare_claim(self):
        self.ensure_one()
        if not self.order_id and not self.frame_id:
            raise UserError(
                self.env._(
                    "Choose the contract for %(amount)s of %(receipt)s, or set the "
                    "amount to 0.",
                    amount=self.currency_id.format(self.amount),
                    receipt=self.receipt_id.display_name,
                )
            )
        names = ("receipt_id", "order_id", "frame_id", "term_id", "amount", "origin")
        return self._convert_to_write({name: self[name] for name in names})
