from odoo import models

from ...tools.guard import guarded, is_unguarded


class SaleOrderLine(models.Model):
    """Goods of a contract whose supply is held are not launched."""

    _inherit = "sale.order.line"

    def _action_launch_stock_rule(self, **kwargs):
        if self.env.context.get("skip_procurement"):
            return super()._action_launch_stock_rule(**kwargs)
        if is_unguarded(self):
            # released: asked already
            return super(SaleOrderLine, guarded(self))._action_launch_stock_rule(
                **kwargs
            )
        contracts = self.order_id.sudo().filtered(
            lambda o: o.contract_state and o.state == "sale" and not o.locked
        )
        held = contracts._contract_hold_supply(self)
        theirs = self.filtered(lambda line: line.order_id in held)
        if not theirs:
            return super()._action_launch_stock_rule(**kwargs)
        # what is taken back of what was launched before is not held; how much that is
        # say the moves, not what was ordered before
        less = theirs - theirs.browse().union(*theirs._contract_supply_missing())
        res = super(SaleOrderLine, less)._action_launch_stock_rule()
        if rest := self - theirs:
            res = super(SaleOrderLine, rest)._action_launch_stock_rule(**kwargs)
        return res

    def _contract_supply_missing(self):
        """What of these lines was not launched: ``{line: quantity in its unit}``."""
        missing = {}
        for line in self:
            if line.product_id.type != "consu" or line.display_type:
                continue
            line_here = line.with_company(line.company_id)
            quantity = line.product_uom_qty - line_here._get_qty_procurement()
            if line.product_uom_id.compare(quantity, 0) > 0:
                missing[line] = quantity
        return missing
