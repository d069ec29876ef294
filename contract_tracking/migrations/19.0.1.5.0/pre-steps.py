"""How many days decisions took is a column now."""

from odoo.tools.sql import column_exists


def migrate(cr, version):
    """Filled as a set: the ORM would compute it a row at a time."""
    if column_exists(cr, "contract_approval_step", "days_taken"):
        return
    cr.execute(
        "ALTER TABLE contract_approval_step ADD COLUMN days_taken double precision"
    )
    cr.execute(
        """UPDATE contract_approval_step
              SET days_taken = COALESCE(
                      EXTRACT(EPOCH FROM decided_on - pending_on) / 86400, 0)"""
    )
