"""Views that extend others say nothing until this update has written them anew."""

from odoo.tools import SQL


def migrate(cr, version):
    """Empty the addon's extension views, which the update fills again.

    While one view is updated, Odoo combines it with all others of the addon as they
    were: one that is no more, or whose place or fields are gone, would stop the update.
    """
    cr.execute(
        SQL(
            """UPDATE ir_ui_view v SET arch_db = %s
                 FROM ir_model_data d
                WHERE d.model = 'ir.ui.view' AND d.res_id = v.id
                  AND d.module = 'contract_tracking' AND NOT COALESCE(d.noupdate, FALSE)
                  AND v.inherit_id IS NOT NULL AND v.mode = 'extension'""",
            '{"en_US": "<data/>"}',
        )
    )
