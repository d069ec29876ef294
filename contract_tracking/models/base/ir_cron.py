from odoo import models


class IrCron(models.Model):
    _inherit = "ir.cron"

    def _contract_chunks(self, records, size=500):
        """Give out records in chunks, each committed before the next, as long as the
        run may go on: restartable, if what was done isn't found again."""
        self._commit_progress(remaining=len(records))
        for start in range(0, len(records), size):
            chunk = records[start : start + size]
            yield chunk
            if not self._commit_progress(len(chunk)):
                break
