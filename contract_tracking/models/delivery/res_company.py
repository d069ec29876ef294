from odoo import fields, models

from ..base.res_company import SETTINGS

# Which day fulfils a delivery.
FULFILMENTS = [
    ("dispatch", "Dispatch"),
    ("receipt", "Customer's receipt"),
    ("bl", "B/L date"),
]


class ResCompany(models.Model):
    """What fulfils a delivery, and how much more or less may come."""

    _inherit = "res.company"

    contract_fulfilment = fields.Selection(
        FULFILMENTS,
        string="Deliveries are Fulfilled With",
        required=True,
        default="dispatch",
        help="Which day fulfils a delivery, unless the contract says otherwise.",
        groups=SETTINGS,
    )
    contract_over_percent = fields.Float(
        string="More Allowed (%)",
        digits=(16, 4),
        help="Default of new delivery terms: how much more may be delivered.",
        groups=SETTINGS,
    )
    contract_short_percent = fields.Float(
        string="Less Allowed (%)",
        digits=(16, 4),
        help="Default of new delivery terms: how much may be missing.",
        groups=SETTINGS,
    )
    _contract_over_short_range = models.Constraint(
        "CHECK (contract_over_percent BETWEEN 0 AND 100"
        " AND contract_short_percent BETWEEN 0 AND 100)",
        "How much more or less may be delivered is between 0 and 100 %.",
    )
