"""Actions of deviations become actions of documents."""

from odoo.tools import SQL, sql

OLD, NEW = "contract_deviation_action", "contract_action"


def migrate(cr, version):
    """Keep every action with its files, names and rights; the columns of its document
    are filled before they are required."""
    if not sql.table_exists(cr, OLD):
        return
    cr.execute(
        "SELECT relname FROM pg_class WHERE relkind = 'i' AND relname LIKE %s",
        [f"{OLD}_%"],
    )
    for [index] in cr.fetchall():
        cr.execute(
            SQL(
                "ALTER INDEX %s RENAME TO %s",
                SQL.identifier(index),
                SQL.identifier(index.replace(OLD, NEW)[:63]),
            )
        )
    for old, new in (
        (OLD, NEW),
        (f"{OLD}_ir_attachment_rel", f"{NEW}_ir_attachment_rel"),
    ):
        if sql.table_exists(cr, old):
            cr.execute(
                SQL(
                    "ALTER TABLE %s RENAME TO %s",
                    SQL.identifier(old),
                    SQL.identifier(new),
                )
            )
    cr.execute(
        SQL(
            "ALTER TABLE %s RENAME COLUMN %s TO %s",
            SQL.identifier(f"{NEW}_ir_attachment_rel"),
            SQL.identifier(f"{OLD}_id"),
            SQL.identifier(f"{NEW}_id"),
        )
    )
    cr.execute(f"ALTER SEQUENCE {OLD}_id_seq RENAME TO {NEW}_id_seq")
    cr.execute(
        """ALTER TABLE contract_action
             ADD COLUMN res_model varchar, ADD COLUMN res_id int4,
             ADD COLUMN order_id int4, ADD COLUMN frame_id int4"""
    )
    cr.execute(
        """UPDATE contract_action a
              SET res_model = 'contract.deviation', res_id = d.id,
                  order_id = d.order_id, frame_id = d.frame_id
             FROM contract_deviation d WHERE d.id = a.deviation_id"""
    )
    cr.execute(
        "UPDATE ir_attachment SET res_model = 'contract.action'"
        " WHERE res_model = 'contract.deviation.action'"
    )
    # rights are no part of what companies change: they are made anew
    cr.execute(
        """DELETE FROM ir_rule r USING ir_model_data d
            WHERE d.model = 'ir.rule' AND d.res_id = r.id
              AND d.module = 'contract_tracking'
              AND d.name LIKE 'contract_deviation_action_%'"""
    )
    cr.execute(
        """DELETE FROM ir_model_data WHERE model = 'ir.rule'
              AND module = 'contract_tracking'
              AND name LIKE 'contract_deviation_action_%'"""
    )
