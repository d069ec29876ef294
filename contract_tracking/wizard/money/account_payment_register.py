from odoo import api, fields, models


class AccountPaymentRegister(models.TransientModel):
    """Which instrument the customer pays with, while the payment is registered."""

    _name = "account.payment.register"
    _inherit = ["account.payment.register", "contract.entry.mixin"]

    contract_instrument_id = fields.Many2one("contract.instrument", string="Instrument")
    contract_is_bill = fields.Boolean(related="contract_instrument_id.is_bill")
    contract_bill_number = fields.Char(string="Bill Number")
    contract_bill_drawer = fields.Char(string="Drawer")
    contract_bill_maturity = fields.Date(string="Bill Maturity")
    contract_bill_warning = fields.Char(
        string="Same Bill", compute="_compute_contract_bill_warning"
    )

    @api.depends("contract_bill_number", "contract_is_bill", "company_id")
    def _compute_contract_bill_warning(self):
        Payment = self.env["account.payment"]
        for wizard in self:
            number = wizard.contract_is_bill and wizard.contract_bill_number
            wizard.contract_bill_warning = Payment._contract_same_bill(
                number, wizard.company_id
            )

    def _create_payment_vals_from_wizard(self, batch_result):
        return self._contract_add_instrument(
            super()._create_payment_vals_from_wizard(batch_result)
        )

    def _create_payment_vals_from_batch(self, batch_result):
        return self._contract_add_instrument(
            super()._create_payment_vals_from_batch(batch_result)
        )

    def _contract_add_instrument(self, vals):
        vals["contract_instrument_id"] = self.contract_instrument_id.id
        if self.contract_is_bill:
            vals.update(
                contract_bill_number=self.contract_bill_number,
                contract_bill_drawer=self.contract_bill_drawer,
                contract_bill_maturity=self.contract_bill_maturity,
            )
        return vals
