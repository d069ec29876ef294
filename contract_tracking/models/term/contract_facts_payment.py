from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """Which promise the money of a contract fulfils, when, and how it was paid."""

    _inherit = "contract.facts"

    def _cte_claimed(self):
        """A row is a payment term: money that claims name for it."""
        return SQL(
            """SELECT term_id, SUM(named) AS amount, MAX(day) AS day
                 FROM money_in WHERE named <> 0 GROUP BY term_id""",
        )

    def _cte_matured(self):
        """A row is a payment term that is not waived: what of it fell due."""
        return SQL(
            """SELECT t.term_id, t.order_id, t.sequence, t.amount, t.tolerance,
                      t.cutoff,
                      GREATEST(COALESCE(SUM(d.amount) FILTER (
                          WHERE d.day <= t.cutoff), 0), 0) AS matured,
                      GREATEST(COALESCE(SUM(d.amount) FILTER (
                          WHERE d.day < t.cutoff), 0), 0) AS past,
                      MAX(d.day) FILTER (WHERE d.amount > 0) AS last_day,
                      COALESCE(MAX(n.amount), 0) AS named,
                      MAX(n.day) AS named_day
                 FROM term t
                 LEFT JOIN due d ON d.term_id = t.term_id
                 LEFT JOIN claimed n ON n.term_id = t.term_id
                WHERE t.is_payment
                  AND NOT t.is_waived
                GROUP BY t.term_id, t.order_id, t.sequence, t.amount, t.tolerance,
                         t.cutoff""",
        )

    def _cte_demand(self):
        """A row is a part of a payment term in the order in which money goes to it:
        matured parts first, then the rest, in the contract's own order.

        The contract's order and not the due date decides between them, so that a dated
        retention doesn't swallow the money of an undated shipment term.
        """
        return SQL(
            """SELECT *, SUM(amount) OVER (PARTITION BY order_id
                             ORDER BY rank, sequence, term_id) AS reach
                 FROM (SELECT term_id, order_id, sequence, tolerance, 0 AS rank,
                              LEAST(matured, named) AS named,
                              matured - LEAST(matured, named) AS amount FROM matured
                       UNION ALL
                       SELECT term_id, order_id, sequence, tolerance, 1,
                              named - LEAST(matured, named),
                              amount - matured - named + LEAST(matured, named)
                         FROM matured) parts""",
        )

    def _cte_free_money(self):
        """A row is a contract: the money that no claim names for a term."""
        return SQL(
            """SELECT order_id, SUM(amount - named) AS amount
                 FROM money_in GROUP BY order_id""",
        )

    def _cte_allocated(self):
        """A row is a payment term: the money that it got."""
        return SQL(
            """SELECT u.term_id, u.order_id, MAX(u.tolerance) AS tolerance,
                      SUM(u.named + LEAST(u.amount, GREATEST(0, COALESCE(p.amount, 0)
                              - u.reach + u.amount))) AS got,
                      SUM(u.named + LEAST(u.amount, GREATEST(0, COALESCE(p.amount, 0)
                              - u.reach + u.amount))) FILTER (WHERE u.rank = 0)
                          AS got_matured,
                      MAX(u.reach) FILTER (WHERE u.amount <> 0) AS reach
                 FROM demand u LEFT JOIN free_money p ON p.order_id = u.order_id
                GROUP BY u.term_id, u.order_id""",
        )

    def _cte_free_on(self):
        """A row is a payment term: the day from which free money stayed there."""
        return SQL(
            """SELECT term_id, MIN(day) AS day
                 FROM (SELECT f.term_id, p.day,
                              p.running >= f.reach - f.tolerance AS reached,
                              MAX(p.day) FILTER (WHERE p.running
                                  < f.reach - f.tolerance)
                                  OVER (PARTITION BY f.term_id) AS last_below
                         FROM allocated f
                             JOIN free_total p ON p.order_id = f.order_id) x
                WHERE reached AND (last_below IS NULL OR day > last_below)
                GROUP BY term_id""",
        )

    def _cte_paid_on(self):
        """A row is a payment term: the day from which it was and stayed paid."""
        return SQL(
            """SELECT m.term_id, GREATEST(o.day, m.named_day) AS day
                 FROM matured m LEFT JOIN free_on o ON o.term_id = m.term_id""",
        )

    def _cte_next_due(self):
        """A row is a payment term: the next day on which money is missing."""
        return SQL(
            """SELECT d.term_id, MIN(d.day) AS day
                 FROM (SELECT term_id, day, SUM(amount) OVER (
                                  PARTITION BY term_id ORDER BY day) AS running
                         FROM due) d
                 JOIN allocated f ON f.term_id = d.term_id
                WHERE d.running > f.got + f.tolerance
                GROUP BY d.term_id""",
        )

    def _cte_due_before(self):
        """A row is a due day of a term and a term that had to be paid before it: what
        of that had fallen due, without what was taken back since (``fell``: on the day
        itself).
        """
        return SQL(
            """SELECT a.term_id, a.order_id, a.day, b.term_id AS other_id,
                      LEAST(SUM(b.amount), MAX(o.matured)) AS amount,
                      SUM(b.amount) FILTER (WHERE b.day = a.day) AS fell
                 FROM (SELECT DISTINCT term_id, order_id, sequence, day FROM due
                        WHERE amount > 0) a
                 JOIN matured m ON m.term_id = a.term_id
                 JOIN due b ON b.order_id = a.order_id AND b.day <= a.day
                           AND (b.sequence, b.term_id) <= (a.sequence, a.term_id)
                 JOIN matured o ON o.term_id = b.term_id
                WHERE a.day <= m.cutoff
                GROUP BY a.term_id, a.order_id, a.day, b.term_id""",
        )

    def _cte_needed_by(self):
        """A row is a due day of a term: the free money that it takes (``amount``), and
        what of its own part free money (``own``) and claims (``named``) pay.
        """
        return SQL(
            """SELECT w.term_id, w.order_id, w.day,
                      SUM(GREATEST(0, w.amount - COALESCE(n.amount, 0))) AS amount,
                      SUM(GREATEST(0, w.amount - COALESCE(n.amount, 0)))
                          FILTER (WHERE w.other_id = w.term_id) AS own,
                      SUM(LEAST(w.amount, n.amount))
                          FILTER (WHERE w.other_id = w.term_id) AS named,
                      SUM(w.fell) FILTER (WHERE w.other_id = w.term_id) AS fell
                 FROM due_before w
                 LEFT JOIN claimed n ON n.term_id = w.other_id
                GROUP BY w.term_id, w.order_id, w.day""",
        )

    def _cte_paid_late(self):
        """A row is a payment term of which a part was, and stayed, paid only after its
        due day: by how many ``days`` at most, and the ``day`` and ``amount`` of that
        part. What was paid in time and taken back (a bill that was dishonoured) is not
        paid before it came again.
        """
        return SQL(
            """SELECT term_id, MAX(late) AS days,
                      (ARRAY_AGG(due_day ORDER BY late DESC, due_day))[1] AS day,
                      (ARRAY_AGG(fell ORDER BY late DESC, due_day))[1] AS amount
                 FROM (SELECT term_id, due_day, fell, MAX(day) - due_day AS late
                         FROM (SELECT term_id, due_day, fell, source, MIN(day) AS day
                                 FROM (SELECT *, MAX(day) FILTER (WHERE NOT reached)
                                           OVER (PARTITION BY term_id, due_day, source)
                                           AS last_below
                                         FROM (%s) p) p
                                WHERE reached
                                  AND (last_below IS NULL OR day > last_below)
                                GROUP BY term_id, due_day, fell, source) p
                        WHERE day > due_day
                        GROUP BY term_id, due_day, fell) p
                GROUP BY term_id""",
            SQL(
                """SELECT n.term_id, n.day AS due_day, n.fell, 'free' AS source, f.day,
                          f.running >= n.amount - t.tolerance AS reached
                     FROM needed_by n
                     JOIN matured t ON t.term_id = n.term_id AND n.own > t.tolerance
                     JOIN free_total f ON f.order_id = n.order_id
                    UNION ALL
                   SELECT n.term_id, n.day, n.fell, 'named', i.day,
                          SUM(i.named) OVER (PARTITION BY n.term_id, n.day
                                             ORDER BY i.day)
                              >= n.named - t.tolerance
                     FROM needed_by n
                     JOIN matured t ON t.term_id = n.term_id AND n.named > t.tolerance
                     JOIN money_in i ON i.term_id = n.term_id"""
            ),
        )

    def _cte_free_receipt(self):
        """A row is a receipt that no claim names, one after the other."""
        return SQL(
            """SELECT p.order_id, p.instrument_id, p.maturity - p.day AS tenor,
                      p.amount, SUM(p.amount) OVER (PARTITION BY p.order_id
                          ORDER BY p.day, p.payment_id NULLS LAST, p.term_id
                          ROWS UNBOUNDED PRECEDING) AS upto
                 FROM receipt p
                WHERE p.term_id IS NULL AND p.day <= p.cutoff AND p.order_id IN (
                      SELECT order_id FROM term
                       WHERE instrument_id IS NOT NULL OR tenor_days > 0)""",
        )

    def _cte_other_instrument(self):
        """A row is a payment term paid with another instrument, or a longer one, than
        agreed: with which (``ways``: instrument, tenor).
        """
        return SQL(
            """SELECT t.term_id, JSONB_AGG(DISTINCT JSONB_BUILD_OBJECT(
                          'instrument', w.instrument_id, 'tenor', w.tenor)) AS ways
                 FROM term t
                 JOIN matured m ON m.term_id = t.term_id
                 JOIN (SELECT u.term_id, s.instrument_id, s.tenor,
                              LEAST(s.upto, u.reach)
                              - GREATEST(s.upto - s.amount, u.reach - u.amount)
                              AS amount
                         FROM demand u JOIN free_receipt s ON s.order_id = u.order_id
                        UNION ALL
                       SELECT term_id, instrument_id, maturity - day, amount
                         FROM receipt WHERE term_id IS NOT NULL) w
                   ON w.term_id = t.term_id AND w.amount > m.tolerance
                WHERE w.instrument_id <> t.instrument_id
                   OR t.tenor_days > 0 AND w.tenor > t.tenor_days
                GROUP BY t.term_id""",
        )
