"""What installing and removing the addon does beyond its own tables."""

from odoo import fields


def post_init_hook(env):
    """Track contracts from the day of the installation on.

    Years of older orders stay as they are: they join by hand or in bulk.
    """
    for company in env["res.company"].search([]):
        company.contract_track_from = fields.Date.context_today(
            company.with_context(tz=company.contract_tz)
        )
    env["res.company"].search([])._contract_create_sequences()


def uninstall_hook(env):
    """Remove what the addon attached to records of core."""
    env["ir.sequence"].search(
        [("code", "in", ("contract.number", "contract.tracking.record"))]
    ).unlink()
