from odoo import fields, models


class ResUsers(models.Model):
    """When somebody was told what falls due."""

    _inherit = "res.users"

    contract_digest_on = fields.Date(
        string="Told What Falls Due On",
        company_dependent=True,
        readonly=True,
        copy=False,
        groups="base.group_erp_manager",
    )
