from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Moves keep how much of their order line they make, and lines beside an agreement
    their price: those of contracts that are there already, as of now."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute(
        """
        UPDATE stock_move m SET contract_line_units = mu.factor / lu.factor
          FROM sale_order_line l
          JOIN sale_order o ON o.id = l.order_id
          JOIN uom_uom lu ON lu.id = l.product_uom_id,
               uom_uom mu
         WHERE l.id = m.sale_line_id AND mu.id = m.product_uom
           AND o.contract_state IS NOT NULL AND m.product_id = l.product_id
           AND m.state = 'done' AND m.contract_line_units IS NULL
        """
    )
    cr.execute(
        """
        SELECT l.id
          FROM sale_order_line l JOIN sale_order o ON o.id = l.order_id
         WHERE o.contract_effective_date IS NOT NULL AND l.display_type IS NULL
           AND l.contract_unit_total IS NULL
           AND NOT EXISTS (SELECT FROM contract_term t
                            WHERE t.line_id = l.id AND t.stamped)
         ORDER BY l.id
        """
    )
    env["sale.order.line"].browse(
        [line_id for [line_id] in cr.fetchall()]
    )._contract_keep_price()
    if "bom_line_id" not in env["stock.move"]._fields:
        return
    cr.execute(
        """
        SELECT m.id
          FROM stock_move m
          JOIN sale_order_line l ON l.id = m.sale_line_id
          JOIN sale_order o ON o.id = l.order_id
         WHERE o.contract_state IS NOT NULL AND m.product_id <> l.product_id
           AND m.state <> 'cancel' AND m.contract_kit IS NULL
         ORDER BY m.id
        """
    )
    env["stock.move"].browse(
        [move_id for [move_id] in cr.fetchall()]
    )._contract_keep_now()
