from odoo import models

from .contract_monthly_record_steps import WORDS


class ContractMonthlyRecord(models.Model):
    """How a record is decided: business office and finance confirm what the office
    submits. Then it is frozen, whatever happens in the books."""

    _inherit = "contract.monthly.record"

    def _approval_parties(self):
        """Who lets the addon write it had no part in it: nothing of it is his."""
        self.ensure_one()
        return self.party_ids | self._approval_requester()

    def _approval_content(self):
        """What the office says, and the figures that it says it of."""
        return {
            record: {
                record: [
                    *(" ".join((record[name] or "").split()) for name in WORDS),
                    [
                        [
                            line.number,
                            line.plan_delivery,
                            line.plan_collection,
                            line.delivered,
                            line.invoiced,
                            line.received,
                            line.remark or "",
                        ]
                        for line in record.line_ids
                    ],
                ]
            }
            for record in self
        }

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        for record in self:
            record._check_month(record.company_id, record.month)
            record._check_order()
            record._check_plan()
        self.action_refresh()
        for record in self:
            record._check_plan()
        return super()._approval_check_submit()

    def _approval_submitted(self):
        self.write({"state": "submitted", "reminded_on": False})
        return super()._approval_submitted()

    def _approval_approved(self):
        for record in self.sorted("month"):
            record._check_plan()
            record.replaces_id.write({"state": "replaced"})
        # a month has one that counts
        self.flush_model(["state"])
        self.write({"state": "confirmed"})
        self._mail_later()
        return super()._approval_approved()

    def _approval_refused(self):
        self._taken_back()
        return super()._approval_refused()

    def _approval_returned(self):
        self._taken_back()
        return super()._approval_returned()

    def _approval_withdrawn(self):
        self._taken_back()
        return super()._approval_withdrawn()

    def _taken_back(self):
        """Back to the office, which has as many days again to revise it."""
        for record in self:
            record.write({"state": "draft", "date_deadline": record._new_deadline()})
