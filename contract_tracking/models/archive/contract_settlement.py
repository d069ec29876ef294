from datetime import timedelta

from odoo import models

from ...tools.guard import unguarded
from .contract_archive import COLLECTING


class ContractSettlement(models.Model):
    """Where the settlement comes first, the days to archive count from the day on which
    it is confirmed (D2 §16)."""

    _inherit = "contract.settlement"

    def _approval_approved(self):
        res = super()._approval_approved()
        for settlement in self.sudo():
            company = settlement.company_id
            archive = settlement.order_id.contract_archive_ids
            days = company.contract_archive_days
            if not (company.contract_archive_settled and days):
                continue
            if archive.state in COLLECTING:
                day = company._contract_today() + timedelta(days=days)
                unguarded(archive).date_due = day
                archive._sync_activities()
        return res
