from datetime import timedelta

from odoo import api, models

from .contract_change import OPEN

ANSWER = "contract_tracking.mail_activity_change_answer"
NEGOTIATE = "contract_tracking.mail_activity_change_negotiate"
CARRY_OUT = "contract_tracking.mail_activity_change_carry_out"


class ContractChange(models.Model):
    """Who handles a request is reminded of the answer that the other side waits for, of
    the negotiation once the company consented, and of what carries it out: as long as
    the contract goes on."""

    _inherit = "contract.change"

    @api.model_create_multi
    def create(self, vals_list):
        changes = super().create(vals_list)
        changes.filtered("date_answer")._sync_activities()
        return changes

    def write(self, vals):
        res = super().write(vals)
        if {"date_answer", "user_id"} & vals.keys():
            self._sync_activities()
        return res

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {ANSWER, NEGOTIATE, CARRY_OUT}

    def _activities_wanted(self):
        if not self._contract_parent()._contract_is_open():
            return []
        wanted = super()._activities_wanted()
        row = {"user": self.user_id, "what": self.partner_name}
        company = self.company_id
        if self.date_answer and self.state in OPEN and self.state != "negotiated":
            wanted.append({**row, "xmlid": ANSWER, "day": self.date_answer})
        if self.state == "agreed" and company.contract_change_days:
            days = timedelta(days=company.contract_change_days)
            day = company._contract_day(self.agreed_on) + days
            wanted.append({**row, "xmlid": NEGOTIATE, "day": day})
        if self.state == "negotiated":
            today = company._contract_today()
            wanted.append({**row, "xmlid": CARRY_OUT, "day": today, "keep": True})
        return wanted
