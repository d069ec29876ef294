from odoo import fields, models

FINANCE = "contract_tracking.group_contract_reader,account.group_account_invoice"


class AccountPayment(models.Model):
    """What a payment is made with, and who really pays (实际付款人)."""

    _inherit = "account.payment"

    contract_instrument_id = fields.Many2one(
        "contract.instrument",
        string="Instrument",
        index="btree_not_null",
        ondelete="restrict",
        groups=FINANCE,
    )
    contract_payer_id = fields.Many2one(
        "res.partner",
        string="Actual Payer",
        index="btree_not_null",
        groups=FINANCE,
        help="Who really pays, if not the customer himself (实际付款人).",
    )
    contract_bill_number = fields.Char(string="Bill Number", copy=False, groups=FINANCE)
    contract_bill_drawer = fields.Char(string="Drawer", copy=False, groups=FINANCE)
    contract_bill_maturity = fields.Date(
        string="Bill Maturity", copy=False, groups=FINANCE
    )
    contract_bill_state = fields.Selection(
        [("honoured", "Honoured"), ("dishonoured", "Dishonoured")],
        string="Bill Outcome",
        copy=False,
        readonly=True,
        groups=FINANCE,
        help="Empty while the outcome is open.",
    )
    contract_bill_date = fields.Date(
        string="Bill Outcome On", copy=False, readonly=True, groups=FINANCE
    )
