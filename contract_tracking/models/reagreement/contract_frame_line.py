from odoo import fields, models

from ..contract.sale_order import READER


class ContractFrameLine(models.Model):
    """What re-agreements change of an agreed product."""

    _inherit = "contract.frame.line"

    reagreement_line_ids = fields.One2many(
        "contract.reagreement.line",
        "frame_line_id",
        string="Re-agreed",
        readonly=True,
        groups=READER,
    )
