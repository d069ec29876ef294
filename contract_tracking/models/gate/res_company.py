from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """How the gate counts what has to be paid before a step."""

    _inherit = "res.company"

    contract_gate_own_money = fields.Boolean(
        string="Paid Goods Pass",
        default=True,
        groups=SETTINGS,
        help="Goods that are paid are not held for what the customer owes elsewhere.",
    )
    contract_gate_whole = fields.Boolean(
        string="Whole Amounts Before the First Shipment",
        groups=SETTINGS,
        help="What has to be paid before shipment is asked for as a whole before the "
        "first goods leave. Otherwise in proportion to what was shipped.",
    )
    contract_gate_early = fields.Boolean(
        string="Hold Picking and Packing Too",
        groups=SETTINGS,
        help="In warehouses with several steps goods are held before they are picked. "
        "Otherwise only before they leave.",
    )
