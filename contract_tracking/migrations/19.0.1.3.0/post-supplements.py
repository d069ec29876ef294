"""Re-agreements rest on papers of a kind that changes what was agreed."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """The standard kind is one, and kinds of the company's own on which re-agreements
    that hold rest already."""
    env = api.Environment(cr, SUPERUSER_ID, {})
    kinds = env.ref("contract_tracking.document_type_supplement", False)
    done = env["contract.reagreement"].search([("state", "=", "done")])
    used = done.document_id.type_id
    ours = used._get_external_ids()
    own = used.filtered(
        lambda t: not any(x.startswith("contract_tracking.") for x in ours[t.id])
    )
    ((kinds or own) | own).is_supplement = True
