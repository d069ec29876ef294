from datetime import timedelta

from odoo import api, models
from odoo.tools import format_date

from ...tools.batches import in_batches
from ...tools.guard import unguarded

WRITE = "contract_tracking.mail_activity_monthly_write"
REVISE = "contract_tracking.mail_activity_monthly_revise"


class ContractMonthlyRecord(models.Model):
    """The head of the office completes and submits the record: asked when it is there,
    reminded when it is overdue. The business office does where an office has none."""

    _inherit = "contract.monthly.record"

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {WRITE, REVISE}

    def _activities_wanted(self):
        wanted = super()._activities_wanted()
        if self.state == "draft" and self.date_deadline:
            xmlid = REVISE if self.approval_state else WRITE
            wanted += [
                {"xmlid": xmlid, "user": user, "day": self.date_deadline}
                for user in self._writers()
            ]
        return wanted

    def _writers(self):
        """Who is to complete and submit it: who is in charge; where nobody is, the
        members of the business office."""
        self.ensure_one()
        members = self.env["res.users"]._contract_members(
            "contract_tracking.group_contract_business", self.company_id
        )
        return self.user_id._contract_eligible(self.company_id) or members

    def _new_deadline(self):
        """The day by which it is to be submitted: so many days after the cut-off, or
        after today where those are over."""
        self.ensure_one()
        company = self.company_id.sudo()
        days = timedelta(days=company.contract_monthly_days)
        today = company._contract_today()
        return self.date + days if self.date + days >= today else today + days

    def _ask_office(self):
        """These drafts were read: the office completes them."""
        for record in self.filtered(lambda r: not r.date_deadline):
            record.date_deadline = record._new_deadline()
        self._propose()
        self._sync_activities()

    @api.model
    def _cron_remind(self, batch=200):
        """Remind of records that are not submitted in time, once each; ask whoever
        heads the office now. Restartable: twice is once."""
        drafts = self.sudo().search([("state", "=", "draft")], order="id")
        for records in in_batches(drafts, batch):
            records = unguarded(records)
            for record in records:
                user = record._in_charge()
                if user != record.user_id:
                    record.write({"user_id": user.id, "user_name": user.name})
            records._remind()
            records._sync_activities()

    def _remind(self):
        """Tell who is in charge, and the head of the business office, that records are
        overdue."""
        for record in self.filtered(lambda r: r.is_overdue and not r.reminded_on):
            company = record.company_id
            record.reminded_on = company._contract_today()
            head = company.sudo().contract_business_office_id.head_id
            record._approval_notify(
                (record._writers() | head)._contract_eligible(company),
                lambda env, r=record: env._(
                    "%(document)s was to be submitted by %(date)s.",
                    document=r.with_env(env).display_name,
                    date=format_date(env, r.date_deadline),
                ),
            )
