"""Work of a scheduled action in batches."""

from odoo.tools import split_every


def in_batches(records, size=500):
    """Yield ``records`` in batches of ``size``: each is committed when the next one is
    asked for, and none follows when the time of the scheduled action is over."""
    cron = records.env["ir.cron"]
    cron._commit_progress(remaining=len(records))
    for chunk in split_every(size, records.ids, records.browse):
        yield chunk
        if not cron._commit_progress(len(chunk)):
            return
