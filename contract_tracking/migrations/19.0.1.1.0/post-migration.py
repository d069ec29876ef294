"""Receipt, B/L and acceptance are read from deliveries from now on."""

from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Say where these events come from: their records are not updated by themselves.

    A type of the same source that somebody made in the meantime keeps it.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    EventType = env["contract.event.type"].with_context(active_test=False)
    taken = set(EventType.search([("source", "!=", False)]).mapped("source"))
    for source in ("receipt", "bl", "acceptance"):
        event_type = env.ref(f"contract_tracking.event_type_{source}", False)
        if event_type and not event_type.source and source not in taken:
            event_type.source = source
