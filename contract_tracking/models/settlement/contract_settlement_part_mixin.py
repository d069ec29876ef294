from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded


class ContractSettlementPartMixin(models.AbstractModel):
    """Rows of a settlement, written as long as it is a draft."""

    _name = "contract.settlement.part.mixin"
    _inherit = ["contract.approval.row.mixin", "contract.frozen.mixin"]
    _description = "Part of a Settlement"
    _approval_document = "settlement_id"

    settlement_id = fields.Many2one(
        "contract.settlement",
        string="Contract Settlement",
        required=True,
        index=True,
        ondelete="cascade",
    )
    company_id = fields.Many2one(
        related="settlement_id.company_id", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(related="settlement_id.order_id")
    currency_id = fields.Many2one(related="settlement_id.currency_id")
    state = fields.Selection(related="settlement_id.state")

    def _check_frozen(self, content):
        if "settlement_id" in content:
            raise UserError(
                self.env._("A row stays with its settlement: write another one.")
            )
        return super()._check_frozen(content)


class ContractSettlementFactMixin(models.AbstractModel):
    """Rows of a settlement that are read from the facts, and what the customer has in
    his books where it differs."""

    _name = "contract.settlement.fact.mixin"
    _inherit = ["contract.settlement.part.mixin"]
    _description = "Fact of a Settlement"
    _order = "settlement_id, sequence, id"
    _frozen_create = True

    settlement_id = fields.Many2one(readonly=True)
    sequence = fields.Integer(readonly=True)
    name = fields.Text(string="Description", readonly=True)
    differs = fields.Boolean(help="The customer's books say otherwise.")
    customer_amount = fields.Monetary(
        string="Customer's Amount", help="By the customer's books, if it differs."
    )
    customer_note = fields.Char(
        string="Remark", help="What differs from the customer's books, and why."
    )
    difference = fields.Monetary(
        compute="_compute_difference",
        help="The customer's amount minus ours, where his books differ.",
    )

    @api.depends("differs", "customer_amount")
    def _compute_difference(self):
        for row in self:
            ours = row[self._settled_amount]
            row.difference = row.customer_amount - ours if row.differs else 0.0

    @api.onchange("customer_amount", "customer_note")
    def _onchange_customer(self):
        """What he says differs."""
        for row in self:
            if row.customer_amount or row.customer_note:
                row.differs = True

    @api.ondelete(at_uninstall=False)
    def _unlink_except_refreshed(self):
        if not is_unguarded(self):
            raise UserError(self._frozen_message())
