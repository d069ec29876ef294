"""The steps of the reason dialog are words now, no selection any more."""

from odoo.tools import SQL


def migrate(cr, version):
    """Forget the options that the field had: as those of a selection field the update
    couldn't take them away."""
    cr.execute(
        SQL(
            """WITH gone AS (
                   DELETE FROM ir_model_fields_selection s USING ir_model_fields f
                    WHERE f.id = s.field_id AND f.model = 'contract.reason'
                      AND f.name = 'step'
                RETURNING s.id)
               DELETE FROM ir_model_data
                WHERE model = 'ir.model.fields.selection'
                  AND res_id IN (SELECT id FROM gone)"""
        )
    )
