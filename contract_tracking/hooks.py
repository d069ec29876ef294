"""What installing and removing the addon does beyond its own tables."""

from odoo.fields import Domain
from odoo.tools import SQL

# Names of what the demo data made and other documents refer to, while the addon is
# away.
AWAY = "__contract_tracking_demo__"


def pre_init_hook(env):
    """Find again what the demo data had made when the addon was here before."""
    env.cr.execute(
        "UPDATE ir_model_data SET module = 'contract_tracking' WHERE module = %s",
        [AWAY],
    )
    env.registry.clear_cache()


def post_init_hook(env):
    """Track contracts from the day of the installation on.

    Years of older orders stay as they are: they join by hand or in bulk.
    """
    companies = env["res.company"].with_context(active_test=False).search([])
    for company in companies:
        company.contract_track_from = company._contract_today()
    env["contract.form.type"]._ensure(companies)
    # Translations come after demo data: its terms get those of their templates.
    env.cr.execute(
        """UPDATE contract_term t SET name = l.name
             FROM contract_schedule_template_line l
            WHERE l.id = t.template_line_id AND t.name->>'en_US' = l.name->>'en_US'"""
    )
    env.invalidate_all()


def uninstall_hook(env):
    """Let evidence go with what it refers to, and take away what was attached to core.

    Foreign keys of evidence restrict, so that its tables couldn't go in any order:
    the keys go first.
    """
    tables = [
        model._table
        for model in env.values()
        if model._original_module == "contract_tracking" and model._auto
    ]
    env.cr.execute(
        SQL(
            """SELECT conrelid::regclass::text, conname FROM pg_constraint
                WHERE contype = 'f' AND (conrelid::regclass::text = ANY(%(tables)s)
                   OR confrelid::regclass::text = ANY(%(tables)s))""",
            tables=tables,
        )
    )
    for table, name in env.cr.fetchall():
        env.cr.execute(
            SQL(
                "ALTER TABLE %s DROP CONSTRAINT %s",
                SQL.identifier(table),
                SQL.identifier(name),
            )
        )
    env["contract.facts"]._drop_kept()
    own = Domain("module", "=", "contract_tracking")
    types = env["ir.model.data"].search(
        own & Domain("model", "=", "mail.activity.type")
    )
    # finished ones too, and those on documents of core
    env["mail.activity"].with_context(active_test=False).search(
        Domain("res_model", "=like", "contract.%")
        | Domain("activity_type_id", "in", types.mapped("res_id"))
    ).unlink()
    sequences = env["contract.form.type"].search([]).sequence_id
    # of the index numbers of archives
    sequences |= env["ir.sequence"].search([("code", "=like", "contract.archive.%")])
    env.cr.execute("DELETE FROM contract_form_type")
    env.invalidate_all()
    # each range has one of PostgreSQL's, which goes with it only
    sequences.date_range_ids.unlink()
    sequences.unlink()
    # Orders, payments and deliveries of the demo data stay as documents of core, and
    # so do those whom they name.
    env.cr.execute(
        """DELETE FROM ir_model_data
            WHERE module = 'contract_tracking' AND model = 'sale.order'"""
    )
    env.cr.execute(
        """UPDATE ir_model_data SET module = %s
            WHERE module = 'contract_tracking' AND name LIKE 'demo\\_%%'
              AND model NOT LIKE 'contract.%%' AND model NOT LIKE 'ir.%%'""",
        [AWAY],
    )
    env.registry.clear_cache()
