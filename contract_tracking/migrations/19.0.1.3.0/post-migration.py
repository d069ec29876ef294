"""Form codes and versions become rows; columns of companies held them before."""

from odoo import SUPERUSER_ID, api
from odoo.tools import SQL, sql

# model: name of the company's columns before
BEFORE = {
    "contract.tracking.record": "contract_record_form",
    "contract.coordination": "contract_coordination_form",
    "contract.deviation": "contract_deviation_form",
    "contract.reagreement": "contract_reagreement_form",
}


def migrate(cr, version):
    """Keep what each company had written on its forms, and the numbers drawn so far:
    the sequences are found by their codes."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    companies = env["res.company"].with_context(active_test=False).search([])
    env["contract.form.type"]._ensure(companies)
    for model, prefix in BEFORE.items():
        if not sql.column_exists(cr, "res_company", f"{prefix}_code"):
            continue
        cr.execute(
            SQL(
                """UPDATE contract_form_type f SET code = c.%s, version = c.%s
                     FROM res_company c
                    WHERE c.id = f.company_id AND f.model = %s""",
                SQL.identifier(f"{prefix}_code"),
                SQL.identifier(f"{prefix}_version"),
                model,
            )
        )
    env.invalidate_all()
    env.registry.clear_cache()
