"""Files that were filed as evidence before say so: only these are asked for it."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL


def migrate(cr, version):
    """Mark the files that documents link."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    for model in env["ir.attachment"]._contract_evidence_models():
        for fname in env[model]._files_fields():
            field = env[model]._fields[fname]
            cr.execute(
                SQL(
                    "UPDATE ir_attachment SET contract_filed = true WHERE id IN "
                    "(SELECT %s FROM %s)",
                    SQL.identifier(field.column2),
                    SQL.identifier(field.relation),
                )
            )
