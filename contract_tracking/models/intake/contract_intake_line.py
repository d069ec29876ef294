from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded


class ContractIntakeLine(models.Model):
    """A row of an order check: what stands in the order, whether it is what stands in
    the customer's paper, and if not what is wrong. Marked by who decides the check,
    while he does."""

    _name = "contract.intake.line"
    _inherit = ["contract.frozen.mixin"]
    _description = "Order Check Line"
    _order = "intake_id, sequence, id"
    _frozen_create = True

    intake_id = fields.Many2one(
        "contract.intake", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="intake_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    key = fields.Char(readonly=True)
    name = fields.Char(string="What", readonly=True)
    order_text = fields.Text(string="In the Order", readonly=True)
    value = fields.Json(readonly=True, help="By which a change of the order is seen.")
    result = fields.Selection(
        [("ok", "As in the paper"), ("wrong", "Wrong")], string="Compared"
    )
    note = fields.Char(string="What Is Wrong", help="What stands in the paper.")

    def write(self, vals):
        if not is_unguarded(self):
            self.check_access("write")
            for intake in self.intake_id:
                if not intake.can_compare:
                    raise UserError(
                        self.env._(
                            "Rows are marked by who decides the check, while he does."
                        )
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_refreshed(self):
        if not is_unguarded(self):
            raise UserError(self._frozen_message())
