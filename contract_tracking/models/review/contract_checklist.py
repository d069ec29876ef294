from odoo import fields, models

# What the checklists of a review are about, in the order of their questions.
PURPOSES = [
    ("customer", "Customer's standing"),
    ("delivery", "Delivery capability"),
    ("technical", "Technical"),
    ("payment", "Payment"),
    ("export", "Export"),
]


class ContractChecklistTemplate(models.Model):
    """Checklists of contract reviews: one of each subject that fits is asked; export
    only of customers abroad."""

    _inherit = "contract.checklist.template"

    purpose = fields.Selection(
        selection_add=PURPOSES,
        ondelete={name: "cascade" for name, _label in PURPOSES},
    )


class ContractChecklistTemplateLine(models.Model):
    """Questions that the customer's credit standing answers."""

    _inherit = "contract.checklist.template.line"

    computed = fields.Selection(
        selection_add=[
            ("not_overdue", "Whether the customer owes nothing overdue"),
            ("within_limit", "Whether the contract is within his credit limit"),
            ("kept_on_time", "Whether he kept all of his contracts on time"),
            ("no_deviation", "Whether no deviation of his contracts is open"),
        ],
        ondelete={
            "not_overdue": "set null",
            "within_limit": "set null",
            "kept_on_time": "set null",
            "no_deviation": "set null",
        },
    )


class ContractChecklistLine(models.Model):
    """Answers of a review are read by whom it asks, too."""

    _inherit = "contract.checklist.line"

    review_id = fields.Many2one(
        "contract.review", readonly=True, index="btree_not_null", ondelete="cascade"
    )
