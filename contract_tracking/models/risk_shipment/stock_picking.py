from odoo import api, fields, models

from ..contract.sale_order import READER


class StockPicking(models.Model):
    """Applying for permission for held deliveries."""

    _inherit = "stock.picking"

    contract_risk_count = fields.Integer(
        string="Risk Shipments",
        compute="_compute_contract_risk_count",
        groups=READER,
        help="Risk-shipment applications of the contract.",
    )

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("sale_id")
    def _compute_contract_risk_count(self):
        # of orders that the user may not read too: those that he may
        orders = self._origin.sudo().sale_id.filtered("contract_state")
        counts = {}
        if orders:
            counts = dict(
                self.env["contract.risk.shipment"]._read_group(
                    [("order_id", "in", orders.ids)], ["order_id"], ["__count"]
                )
            )
        counts = {order.id: count for order, count in counts.items()}
        for picking in self:
            picking.contract_risk_count = counts.get(
                picking._origin.sudo().sale_id.id, 0
            )

    @api.readonly
    def action_contract_risks(self):
        """Open the risk-shipment applications of the delivery's contract."""
        self.ensure_one()
        return self.sudo().sale_id.sudo(False)._contract_risks_action()

    def action_contract_apply_risk(self):
        """Write the risk-shipment application for these held deliveries of a contract.

        :raise UserError: if they are of several contracts, or nothing holds them
        """
        self.check_access("read")
        return self.env["contract.risk.shipment"]._apply(
            self.sudo()._contract_risk_steps()
        )

    def _contract_risk_steps(self):
        """What these deliveries are about to take: to leave, else the release of the
        documents of what left."""
        waiting = self.move_ids.filtered(lambda m: m.state not in ("done", "cancel"))
        # of several steps that wait for each other the last one
        waiting -= waiting.filtered(lambda m: m.move_dest_ids & waiting)
        return (
            waiting._contract_gate_steps()
            or self.filtered("contract_documents_due")._contract_documents_steps()
        )
