"""Signed contracts, a tick of the kinds of papers, become a line of the checklists."""

from odoo import SUPERUSER_ID, Command, api
from odoo.tools import sql


def migrate(cr, version):
    """What counted as a signed copy answers the question for it from now on."""
    if not sql.column_exists(cr, "contract_document_type", "is_signed_contract"):
        return
    env = api.Environment(cr, SUPERUSER_ID, {})
    cr.execute("SELECT id FROM contract_document_type WHERE is_signed_contract")
    ticked = [row[0] for row in cr.fetchall()]
    standard = env.ref("contract_tracking.document_type_signed", False)
    for kind in ("contract", "order", "frame"):
        line = env.ref(f"contract_tracking.checklist_papers_{kind}_line", False)
        if line and ticked:
            others = line.type_ids - standard if standard else line.type_ids
            line.type_ids = [Command.set([*others.ids, *ticked])]
