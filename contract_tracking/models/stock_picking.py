from odoo import fields, models

DELIVERY = "contract_tracking.group_contract_reader,stock.group_stock_user"


class StockPicking(models.Model):
    """What happened to a delivery after it left: receipt, bill of lading."""

    _inherit = "stock.picking"

    contract_receipt_date = fields.Date(
        string="Received by Customer",
        copy=False,
        groups=DELIVERY,
        help="Day on which the customer signed for the goods (签收日期).",
    )
    contract_receipt_filed = fields.Boolean(
        string="Signed Receipt Filed",
        copy=False,
        groups=DELIVERY,
        help="The signed delivery note (签收单) came back.",
    )
    contract_bl_date = fields.Date(
        string="B/L Date",
        copy=False,
        groups=DELIVERY,
        help="Day of the bill of lading (提单日).",
    )
    contract_bl_number = fields.Char(string="B/L Number", copy=False, groups=DELIVERY)
