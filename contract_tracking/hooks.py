"""What installing and removing the addon does beyond its own tables."""

from odoo import fields
from odoo.tools import SQL


def post_init_hook(env):
    """Track contracts from the day of the installation on.

    Years of older orders stay as they are: they join by hand or in bulk.
    """
    for company in env["res.company"].search([]):
        company.contract_track_from = fields.Date.context_today(
            company.with_context(tz=company.contract_tz)
        )
    env["res.company"].search([])._contract_create_sequences()
    # Translations come after demo data: its terms get those of their templates.
    env.cr.execute(
        """UPDATE contract_term t SET name = l.name
             FROM contract_schedule_template_line l
            WHERE l.id = t.template_line_id AND t.name->>'en_US' = l.name->>'en_US'"""
    )
    env.invalidate_all()


def uninstall_hook(env):
    """Remove evidence before what it refers to, and what was attached to core.

    Foreign keys of evidence restrict: the tables can't go in any order.
    """
    env.cr.execute(
        "UPDATE sale_order SET contract_predecessor_id = NULL, contract_frame_id = NULL"
    )
    env.cr.execute("UPDATE contract_frame SET predecessor_id = NULL")
    env.cr.execute("UPDATE contract_statement SET replaces_id = NULL")
    env.cr.execute("UPDATE contract_deviation SET lead_id = NULL")
    env.cr.execute(
        "UPDATE contract_coordination SET replaces_id = NULL, predecessor_id = NULL"
    )
    env.cr.execute("UPDATE contract_coordination_reply SET supplement_of_id = NULL")
    env.cr.execute("UPDATE contract_term SET predecessor_id = NULL")
    for table in (
        "contract_reagreement",
        "contract_approval_step",
        "contract_approval_rule",
        "contract_delegation",
        "contract_coordination_reply",
        "contract_coordination",
        "contract_deviation_action",
        "contract_deviation",
        "contract_payment_claim",
        "contract_statement",
        "contract_tracking_record",
        "contract_term",
        "contract_event",
        "contract_document",
        "contract_frame",
        "contract_schedule_template",
    ):
        env.cr.execute(SQL("DELETE FROM %s", SQL.identifier(table)))
    env.invalidate_all()
    env["ir.sequence"].search(
        [
            (
                "code",
                "in",
                (
                    "contract.number",
                    "contract.frame",
                    "contract.tracking.record",
                    "contract.statement",
                    "contract.deviation",
                    "contract.coordination",
                    "contract.reagreement",
                ),
            )
        ]
    ).unlink()
