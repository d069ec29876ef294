from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """Which orders become contracts, and when they take effect."""

    _inherit = "res.company"

    contract_track_mode = fields.Selection(
        [
            ("all", "All confirmed orders"),
            ("amount", "Orders from an amount on"),
            ("team", "Orders of certain teams"),
            ("manual", "By hand only"),
        ],
        string="Contracts to Track",
        required=True,
        default="all",
        groups=SETTINGS,
    )
    contract_track_from = fields.Date(
        string="Track From",
        default=fields.Date.context_today,
        help="Orders confirmed before this day stay untracked until they join by hand.",
        groups=SETTINGS,
    )
    contract_track_amount = fields.Monetary(
        string="Track From Amount",
        help="Total with taxes, in the company's currency.",
        groups=SETTINGS,
    )
    contract_track_team_ids = fields.Many2many(
        "crm.team", string="Tracked Teams", groups=SETTINGS
    )
    contract_effective_rule = fields.Selection(
        [
            ("confirmation", "When the order is confirmed"),
            ("signature", "When an authorised person has signed"),
            ("seals", "When both parties have sealed"),
        ],
        string="A Contract Takes Effect",
        required=True,
        default="confirmation",
        help="What makes a contract effective; company regulations differ.",
        groups=SETTINGS,
    )
    contract_cancel_office = fields.Boolean(
        groups=SETTINGS,
        string="Only the Business Office Cancels",
        help="An order that is in effect as a contract is cancelled by the business "
        "office, with a reason. Otherwise by whoever may cancel the order.",
    )
