"""Numbers that differ only in case or width name the same contract from now on."""

import logging

from odoo.tools import SQL, sql

_logger = logging.getLogger(__name__)

NUMBERS = (
    ("sale_order", "order_id", "contract_number"),
    ("contract_frame", "frame_id", "name"),
)


def migrate(cr, version):
    """The later ones of the same number get a number of their own: “HT-1 (2)”."""
    for table, parent, column in NUMBERS:
        if not sql.column_exists(cr, "contract_history", parent):
            continue
        cr.execute(
            SQL(
                """WITH same AS (
                    SELECT id, company_id, %(column)s AS number, ROW_NUMBER() OVER (
                               PARTITION BY company_id,
                                   lower(normalize(btrim(%(column)s), NFKC))
                               ORDER BY id) AS place
                      FROM %(table)s WHERE %(column)s IS NOT NULL),
                changed AS (
                    UPDATE %(table)s t
                       SET %(column)s = same.number || ' (' || same.place || ')'
                      FROM same WHERE same.id = t.id AND same.place > 1
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
