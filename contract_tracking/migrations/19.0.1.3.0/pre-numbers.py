"""Numbers that differ only in case or width name the same contract from now on."""

import logging

from odoo.tools import SQL, sql

_logger = logging.getLogger(__name__)

NUMBERS = (
    ("sale_order", "order_id", "contract_number"),
    ("contract_frame", "frame_id", "name"),
)


def migrate(cr, version):
    """The later ones of the same number get a number of their own: “HT-1 (2)”, or the
    next that nobody has."""
    for table, parent, column in NUMBERS:
        if not sql.column_exists(cr, "contract_history", parent):
            continue
        cr.execute(
            SQL(
                r"""WITH folded AS (
                    SELECT *, regexp_replace(folded, ' \([0-9]+\)$', '') AS base
                      FROM (SELECT id, company_id, %(column)s AS number,
                                   lower(normalize(btrim(%(column)s), NFKC)) AS folded
                              FROM %(table)s WHERE %(column)s IS NOT NULL) n),
                same AS (
                    SELECT *, ROW_NUMBER() OVER (PARTITION BY company_id, folded
                                                 ORDER BY id) - 1 AS place
                      FROM folded),
                free AS (
                    SELECT s.company_id, s.folded, g.suffix, ROW_NUMBER() OVER (
                               PARTITION BY s.company_id, s.folded
                               ORDER BY g.suffix) AS place
                      FROM (SELECT DISTINCT company_id, folded FROM same
                             WHERE place > 0) s
                      JOIN (SELECT company_id, base, COUNT(*) AS members FROM folded
                             GROUP BY company_id, base) b
                        ON b.company_id = s.company_id AND b.base = s.folded
                     CROSS JOIN generate_series(2, 1 + b.members) AS g (suffix)
                     WHERE NOT EXISTS (
                           SELECT FROM folded f WHERE f.company_id = s.company_id
                              AND f.folded = s.folded || ' (' || g.suffix || ')')),
                changed AS (
                    UPDATE %(table)s t
                       SET %(column)s = same.number || ' (' || free.suffix || ')'
                      FROM same
                      JOIN free ON free.company_id = same.company_id
                       AND free.folded = same.folded AND free.place = same.place
                     WHERE same.id = t.id
                 RETURNING t.id, t.company_id, same.number,
                           t.%(column)s AS new_number)
                INSERT INTO contract_history (%(parent)s, company_id, date, kind, name,
                       old_value, new_value, create_uid, create_date)
                SELECT g.id, g.company_id, (now() AT TIME ZONE
                           COALESCE(NULLIF(c.contract_tz, ''), 'UTC'))::date,
                       'fact', 'Contract Number', g.number, g.new_number, 1,
                       now() AT TIME ZONE 'UTC'
                  FROM changed g JOIN res_company c ON c.id = g.company_id
             RETURNING old_value, new_value""",
                table=SQL.identifier(table),
                parent=SQL.identifier(parent),
                column=SQL.identifier(column),
            )
        )
        for old, new in cr.fetchall():
            _logger.warning("Contract number %s is %s now: it was taken.", old, new)
