from odoo import fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """Whether contracts end by a document only."""

    _inherit = "res.company"

    contract_termination_document = fields.Boolean(
        string="Suspended and Terminated by a Document",
        help="A contract is suspended or terminated by an approved document only, not "
        "by the business office with a reason alone. Nobody cancels its order, or "
        "closes a frame agreement before its validity is over.",
        groups=SETTINGS,
    )
