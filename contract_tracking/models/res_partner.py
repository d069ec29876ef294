from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    contract_running_account = fields.Boolean(
        string="Running Account",
        groups="contract_tracking.group_contract_reader,account.group_account_invoice",
        help="The customer pays round sums on account (滚动付款): his receipts are "
        "proposed for what is due, oldest first, and finance confirms.",
    )
