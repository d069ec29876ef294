from odoo import api, fields, models

from ...tools.guard import is_unguarded


class ContractRiskPartMixin(models.AbstractModel):
    """Rows of a risk-shipment application: written as long as it is a draft, by people
    who have a part in it then."""

    _name = "contract.risk.part.mixin"
    _inherit = ["contract.frozen.mixin"]
    _description = "Part of a Risk-Shipment Application"

    application_id = fields.Many2one(
        "contract.risk.shipment", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="application_id.company_id", store=True, precompute=True, index=True
    )
    order_id = fields.Many2one(related="application_id.order_id")
    currency_id = fields.Many2one(related="application_id.currency_id")

    @api.model_create_multi
    def create(self, vals_list):
        rows = super().create(vals_list)
        rows._check_editable()
        return rows

    def write(self, vals):
        self._check_editable()
        res = super().write(vals)
        self._check_editable()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        self._check_editable()

    def _check_editable(self):
        """
        :raise UserError: if the application is decided on, or was
        """
        if not is_unguarded(self):
            self.application_id._check_frozen({"line_ids"})
            self.application_id._approval_keep_parties({"line_ids": self.ids})
