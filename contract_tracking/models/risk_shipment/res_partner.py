from odoo import api, fields, models

from ...tools.windows import window
from ..contract.sale_order import READER


class ResPartner(models.Model):
    """What a customer owes of what left on risk."""

    _inherit = "res.partner"

    contract_risk_amount = fields.Monetary(
        string="Open on Risk",
        compute="_compute_contract_risk_amount",
        groups=READER,
        help="What left for the customer although a condition of his contract was "
        "unmet and is not covered by money yet, in the company at work and its "
        "currency; of those contracts that the user may read.",
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_contract_risk_amount(self):
        Shipment = self.env["contract.risk.shipment"]
        customers = self.commercial_partner_id._origin
        groups = {}
        if customers and Shipment.has_access("read"):
            found = Shipment.search(
                [
                    ("state", "=", "approved"),
                    ("company_id", "=", self.env.company.id),
                    ("order_id.partner_id.commercial_partner_id", "in", customers.ids),
                ]
            )
            groups = found.grouped(
                lambda a: a.sudo().order_id.partner_id.commercial_partner_id
            )
        for partner in self:
            own = groups.get(partner.commercial_partner_id, Shipment)
            partner.contract_risk_amount = sum(own.mapped("outstanding_company"))

    @api.readonly
    def action_view_contract_risks(self):
        """Open the customer's risk shipments whose money is not in."""
        self.ensure_one()
        customer = self.commercial_partner_id.id
        return window(
            self.env,
            "contract_risk_shipment_action",
            domain=[("order_id.partner_id.commercial_partner_id", "=", customer)],
            context={"search_default_open": 1},
        )
