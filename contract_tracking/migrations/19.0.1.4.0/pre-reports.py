"""Names of printed files: in Chinese all forms were called tracking records."""

from odoo.tools import SQL


def migrate(cr, version):
    """Forget the translations, which an update doesn't overwrite: it loads those of the
    new names where there are none."""
    cr.execute(
        SQL(
            """UPDATE ir_act_report_xml r
                  SET print_report_name =
                      jsonb_build_object('en_US', r.print_report_name->'en_US')
                 FROM ir_model_data d
                WHERE d.model = 'ir.actions.report' AND d.res_id = r.id
                  AND d.module = 'contract_tracking'
                  AND r.print_report_name IS NOT NULL"""
        )
    )
