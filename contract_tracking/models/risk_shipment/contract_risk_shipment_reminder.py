from datetime import timedelta

from odoo import api, models
from odoo.tools import format_amount, format_date

from ...tools.batches import in_batches

REPAYMENT = "contract_tracking.mail_activity_risk_repayment"
OVERDUE = "contract_tracking.mail_activity_risk_overdue"
CONDITION = "contract_tracking.mail_activity_risk_condition"


class ContractRiskShipment(models.Model):
    """Followed until the money is in: who is reminded of which promise, who hears that
    it wasn't kept, and when it is closed."""

    _inherit = "contract.risk.shipment"

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {REPAYMENT, OVERDUE, CONDITION}

    def _activities_wanted(self):
        """The applicant before each promise and on its day; once it is late the
        contract's owner, the head of the office and of the business office; who
        decided, as long as a condition is not confirmed."""
        wanted = super()._activities_wanted()
        if self.state != "approved":
            return wanted
        today = self.order_id._contract_today()
        if self.left_amount and self.condition_ids.filtered(lambda c: not c.ticked_on):
            wanted.append(
                {
                    "xmlid": CONDITION,
                    "user": self.decided_by_id,
                    "day": self.approved_until,
                }
            )
        day = self.next_repayment_date
        if not day or day > today + timedelta(
            days=self.company_id.sudo().contract_risk_remind_days
        ):
            return wanted
        wanted.append({"xmlid": REPAYMENT, "user": self.user_id, "day": day})
        if self.late_amount:
            wanted += [
                {"xmlid": OVERDUE, "user": user, "day": day, "note": self._late_note()}
                for user in self._late_users()
            ]
        return wanted

    def _late_users(self):
        """Who hears of a promise that wasn't kept."""
        self.ensure_one()
        order = self.order_id
        users = order._contract_responsible() | order.team_id.user_id
        users |= self.company_id.sudo().contract_business_office_id.head_id
        return users._contract_eligible(self.company_id) - self.user_id

    def _late_note(self):
        return self.env._(
            "%(document)s: %(amount)s were promised for %(date)s and have not come in.",
            document=self.display_name,
            amount=format_amount(self.env, self.late_amount, self.currency_id),
            date=format_date(self.env, self.next_repayment_date),
        )

    @api.model
    def _cron_follow_up(self, batch=200):
        """Close what is settled, remind of promises, write down those that weren't
        kept. Restartable: twice is once."""
        followed = self.sudo().search([("state", "=", "approved")], order="id")
        for applications in in_batches(followed, batch):
            applications._follow_up()

    def _follow_up(self):
        """See what became of these applications today."""
        closed = self._close_settled()
        self._sync_activities()
        late = (self - closed).filtered("late_amount")
        written = self.env["contract.deviation"].search(
            [
                ("kind", "=", "risk_overdue"),
                ("order_id", "in", self.order_id.ids),
                ("cured_on", "=", False),
            ]
        )
        if orders := late.order_id | written.order_id:
            self.env["contract.deviation"]._detect(orders)
