from odoo import api, models


class StockMoveLine(models.Model):
    """A done delivery can be raised without validating it again: the gate asks then
    too."""

    _inherit = "stock.move.line"

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines.move_id.sudo()._contract_link_added()
        lines._contract_gate_raised()
        return lines

    def write(self, vals):
        before = {}
        if {"quantity", "move_id", "product_uom_id"} & vals.keys():
            before = {
                line: line.quantity_product_uom
                for line in self
                if line.move_id and line.move_id._contract_has_left()
            }
        res = super().write(vals)
        if "location_dest_id" in vals:
            self.move_id.sudo()._contract_check_ways()
        if "move_id" in vals:
            self._contract_gate_raised()
        elif before:
            self.browse(
                line.id
                for line, quantity in before.items()
                if line.quantity_product_uom > quantity
            )._contract_gate_raised()
        return res

    def _contract_gate_raised(self):
        """Ask the gate about moves that are done already, of which more leaves now."""
        moves = self.move_id.filtered(lambda m: m.state == "done")
        if moves:
            moves._contract_gate_hold()
