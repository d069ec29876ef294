from odoo import fields, models

FUNCTIONS = [
    ("production", "Production and schedule"),
    ("technical", "Technology"),
    ("quality", "Quality"),
    ("finance", "Finance"),
    ("legal", "Legal affairs"),
]


class ContractDepartment(models.Model):
    """What a department answers for in a review."""

    _inherit = "contract.department"

    review_function = fields.Selection(
        FUNCTIONS,
        string="Reviews Contracts For",
        help="Its head gives the opinion of this function when contracts are reviewed.",
    )
