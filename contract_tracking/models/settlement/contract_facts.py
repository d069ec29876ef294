from odoo import api, models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """What of a contract is left to be settled: what customers keep back until its
    warranty ends, whether nothing else is open, and what became of each line."""

    _inherit = "contract.facts"

    @api.model
    def _read_settled_lines(self, orders, cutoff):
        """Return what was delivered, what came back and what was invoiced of the lines
        of ``orders`` as of a day: ``{line id: row dict}``, quantities in the unit of
        the line, amounts with taxes in the contract's currency."""
        return {
            row["line_id"]: row
            for batch in self._batches(orders)
            for row in self._execute(self._settled_lines_sql(batch, cutoff))
        }

    def _settled_lines_sql(self, orders, cutoff):
        return SQL(
            """%s SELECT line_id, SUM(sent) AS sent, SUM(returned) AS returned,
                         SUM(delivered_amount) AS delivered_amount,
                         SUM(returned_amount) AS returned_amount,
                         SUM(invoiced) AS invoiced,
                         SUM(invoiced_amount) AS invoiced_amount
                    FROM (
                  SELECT line_id, GREATEST(quantity, 0) AS sent,
                         GREATEST(-quantity, 0) AS returned,
                         amount AS delivered_amount,
                         CASE WHEN quantity < 0 THEN -amount ELSE 0 END
                             AS returned_amount,
                         0 AS invoiced, 0 AS invoiced_amount
                    FROM worth WHERE clock = 'dispatch'
                   UNION ALL
                  SELECT l.id, 0, 0, 0, 0,
                         CASE b.move_type WHEN 'out_refund' THEN -1 ELSE 1 END
                         * i.quantity * COALESCE(iu.factor / NULLIF(lu.factor, 0), 1),
                         b.amount
                    FROM billing b
                    JOIN account_move_line i ON i.id = b.line_id
                    -- an invoice line of several order lines is one of them
                    JOIN LATERAL (
                         SELECT MIN(o.id) AS id
                           FROM sale_order_line_invoice_rel r
                           JOIN sale_order_line o ON o.id = r.order_line_id
                          WHERE r.invoice_line_id = b.line_id
                            AND o.order_id = b.order_id) r ON TRUE
                    JOIN sale_order_line l ON l.id = r.id
                    LEFT JOIN uom_uom iu ON iu.id = i.product_uom_id
                    LEFT JOIN uom_uom lu ON lu.id = l.product_uom_id
                   WHERE NOT b.is_downpayment AND b.invoice_date <= b.cutoff) x
                   GROUP BY line_id""",
            self._with_sql(self._scope(orders), cutoff),
            to_flush=self._reads(
                ("account.move.line", "quantity product_uom_id"),
                ("sale.order.line", "product_uom_id"),
                ("uom.uom", "factor"),
            ),
        )

    def _order_parts(self):
        return {
            **super()._order_parts(),
            "kept_back": SQL(
                """SELECT f.order_id,
                          COUNT(*) FILTER (WHERE f.is_open AND NOT t.is_retention)
                              AS others,
                          SUM(f.agreed_amount - f.actual_amount) FILTER (
                              WHERE f.is_open AND t.is_retention) AS retention,
                          -- what is missing of terms that are met all the same
                          SUM(f.agreed_amount - f.actual_amount) FILTER (
                              WHERE f.status IN ('met', 'met_late') AND t.is_payment
                                AND f.actual_amount < f.agreed_amount) AS forgiven,
                          MAX(s.rate) AS rate,
                          -- one that waits for an event has no day yet
                          CASE WHEN BOOL_AND(f.date_due IS NOT NULL) FILTER (
                                   WHERE f.is_open AND t.is_retention)
                               THEN MAX(f.date_due) FILTER (
                                   WHERE f.is_open AND t.is_retention)
                          END AS retention_until
                     FROM fact f
                     JOIN scope s ON s.order_id = f.order_id
                     JOIN (SELECT term_id, is_payment, is_payment AND COALESCE(
                                      payment_kind = 'retention', FALSE)
                                      AS is_retention FROM term) t
                       ON t.term_id = f.term_id
                    GROUP BY f.order_id"""
            ),
        }

    def _order_columns(self):
        return {
            **super()._order_columns(),
            "open_others": SQL("COALESCE(kept_back.others, 0)"),
            "forgiven": SQL("COALESCE(kept_back.forgiven, 0)"),
            "retention": SQL("GREATEST(COALESCE(kept_back.retention, 0), 0)"),
            "booked_retention": SQL(
                "GREATEST(COALESCE(kept_back.retention / kept_back.rate, 0), 0)"
            ),
            "retention_until": SQL("kept_back.retention_until"),
        }

    def _order_results(self):
        return {
            **super()._order_results(),
            # delivered, invoiced, and paid but for the retention
            "is_settling": SQL(
                """is_running AND open_others = 0 AND delivered <> 0
                   AND ABS(delivered - invoiced_goods) <= tolerance
                   AND ABS(delivered + invoiced - invoiced_goods - received - adjusted
                           + counted_bills - retention - forgiven) <= tolerance"""
            ),
        }
