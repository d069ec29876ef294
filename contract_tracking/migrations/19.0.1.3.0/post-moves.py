from odoo import SUPERUSER_ID, api
from odoo.tools import split_every


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
    for lines in batches(env["sale.order.line"], cr.fetchall()):
        lines._contract_keep_price()
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
    # each kit is read once
    kits = {}
    for moves in batches(env["stock.move"], cr.fetchall()):
        moves._contract_keep_now(kits)


def batches(model, rows):
    """Yield the records of ``rows`` (id) by the thousand, and forget them again."""
    for batch in split_every(1000, rows):
        yield model.browse([record_id for [record_id] in batch])
        model.env.flush_all()
        model.env.invalidate_all()
