from odoo import api, fields, models
from odoo.exceptions import UserError

from ...models.money.account_payment import BILL_OUTCOMES, PASSED_ON


class ContractBillOutcome(models.TransientModel):
    """Record what became of a bill, and when."""

    _name = "contract.bill.outcome"
    _inherit = ["contract.dialog.mixin"]
    _description = "Outcome of a Bill"

    payment_id = fields.Many2one("account.payment", required=True, readonly=True)
    currency_id = fields.Many2one(related="payment_id.currency_id", related_sudo=False)
    amount = fields.Monetary(related="payment_id.amount", related_sudo=False)
    number = fields.Char(related="payment_id.contract_bill_number", related_sudo=False)
    maturity = fields.Date(
        related="payment_id.contract_bill_maturity", related_sudo=False
    )
    is_reopened = fields.Boolean(
        string="Recorded by Mistake",
        help="Open the outcome again that was recorded.",
    )
    is_returned = fields.Boolean(
        string="Dishonoured Afterwards",
        help="Its holder came back to us: it is no money any more from that day on.",
    )
    is_passed_on = fields.Boolean(compute="_compute_is_passed_on")
    recorded = fields.Selection(
        related="payment_id.contract_bill_state", related_sudo=False, string="Recorded"
    )
    outcome = fields.Selection(
        BILL_OUTCOMES,
        default="honoured",
        help="Endorsed: passed on to a supplier. Discounted: sold to a bank.",
    )
    date = fields.Date(
        string="On",
        compute="_compute_date",
        store=True,
        compute_sudo=False,
        readonly=False,
        precompute=True,
    )

    @api.depends("payment_id")
    def _compute_date(self):
        for wizard in self:
            company = wizard.payment_id.company_id or self.env.company
            wizard.date = company._contract_today()

    @api.depends("payment_id")
    def _compute_is_passed_on(self):
        for wizard in self:
            wizard.is_passed_on = wizard.payment_id.contract_bill_state in PASSED_ON

    def action_apply(self):
        """Record it. Who may and when is checked by the payment."""
        self._check_dialog()
        if self.is_reopened:
            self.payment_id._contract_bill_outcome(False, False)
        else:
            outcome = "dishonoured" if self.is_returned else self.outcome
            if not outcome or not self.date:
                raise UserError(self.env._("Choose what became of the bill, and when."))
            self.payment_id._contract_bill_outcome(outcome, self.date)
        return {"type": "ir.actions.act_window_close"}
