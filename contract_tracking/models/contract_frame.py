from odoo import fields, models


class ContractFrame(models.Model):
    """A frame agreement (年度/框架合同): what a customer is to call off in a period.

    Amounts are in the frame's currency with taxes, days in the company's time zone.
    Serves D9 §1: call-offs under a frame agreement are tracked like contracts.
    """

    _name = "contract.frame"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Frame Agreement"
    _order = "date_end desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Number", required=True, copy=False, index="trigram")
    partner_id = fields.Many2one("res.partner", string="Customer", required=True)
    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("active", "In effect"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
    )
    signing_date = fields.Date(copy=False)
    date_start = fields.Date(string="Valid From", copy=False)
    date_end = fields.Date(string="Valid Until", copy=False)
    amount_total = fields.Monetary(
        string="Agreed Total", help="Agreed for the whole period, taxes included."
    )
    order_ids = fields.One2many("sale.order", "contract_frame_id", string="Call-Offs")
    term_ids = fields.One2many("contract.term", "frame_id", string="Terms")
