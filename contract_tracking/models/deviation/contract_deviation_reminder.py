from datetime import timedelta
from itertools import product

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, split_every

from ...tools.guard import guarded, unguarded
from .contract_deviation import EDITABLE_STATES, OPEN_STATES
from .contract_deviation_steps import BUSINESS

ANALYSE = "contract_tracking.mail_activity_deviation_analyse"
ACTION = "contract_tracking.mail_activity_deviation_action"
REPORT = "contract_tracking.mail_activity_deviation_report"
VERIFY = "contract_tracking.mail_activity_deviation_verify"
ESCALATED = "contract_tracking.mail_activity_deviation_escalated"
TYPES = (ANALYSE, ACTION, REPORT, VERIFY, ESCALATED)

# What is followed up: deviations whose own step is waited for, and open actions.
WAITED_FOR = {
    "contract.deviation": [
        ("lead_id", "=", False),
        "|",
        ("state", "in", (*EDITABLE_STATES, "reported")),
        "&",
        ("state", "=", "executing"),
        ("execution_end", "!=", False),
    ],
    "contract.action": [
        ("state", "=", "open"),
        ("deviation_id.state", "=", "executing"),
        ("deviation_id.lead_id", "=", False),
    ],
}


class ContractDeviation(models.Model):
    """Who is asked for the next step of a deviation, by when, and what happens if he
    doesn't take it. The result is due so many days after the execution's end
    (D9 §3.3); all days are those of the company.
    """

    _inherit = "contract.deviation"

    def _activity_xmlids(self):
        return super()._activity_xmlids() | set(TYPES)

    def _activities_wanted(self):
        """Who is to take the next step, and who hears that it isn't taken."""
        wanted = super()._activities_wanted()
        if self.lead_id or self.state not in OPEN_STATES or self.state == "submitted":
            return wanted
        opened = self.action_ids.filtered(
            lambda a: self.state == "executing" and a.state == "open"
        )
        day = self.date_deadline
        if opened:
            rows = [(ACTION, a.user_id, a.date_deadline, a.name) for a in opened]
        elif self.state == "executing":
            rows = [(REPORT, self.user_id, day, False)]
        elif self.state == "reported":
            rows = [(VERIFY, self._verifier(), day, False)]
        else:
            rows = [(ANALYSE, self.user_id, day, False)]
        for late, what in ((self, False), *((a, a.name) for a in opened)):
            if late.escalated_on:
                for head in self._escalation_users(late.user_id):
                    rows.append((ESCALATED, head, late.escalated_on, what))
        return wanted + [
            {"xmlid": xmlid, "user": user, "day": day, "what": what}
            for xmlid, user, day, what in rows
        ]

    def _verifier(self):
        """Who is asked to verify: the contract's supervisor, the head of the office, of
        the business office, or somebody of it; nobody who had a part in it."""
        self.ensure_one()
        company = self.company_id
        users = self._supervisor() | self._heads()
        users = (users - self._executors())._contract_eligible(company)
        if not users:
            users = users._contract_members(BUSINESS, company) - self._executors()
        return users[:1]

    def _escalation_users(self, late):
        """Who hears that ``late`` doesn't do his part: the head of the office and the
        head of the business office."""
        return self._heads()._contract_eligible(self.company_id) - late

    def _heads(self):
        self.ensure_one()
        office = self.company_id.contract_business_office_id
        return self._contract_parent().team_id.user_id | office.head_id

    @api.model
    def _cron_follow_up(self, batch=200):
        """Remind of overdue steps and actions once, escalate them once.

        Restartable: it finds by itself what is left.
        """
        todo = []
        companies = self.env["res.company"].sudo().search([])
        for company, model, fname in product(
            companies, WAITED_FOR, ("reminded_on", "escalated_on")
        ):
            today = company._contract_today()
            escalated = fname == "escalated_on"
            delay = company.contract_deviation_step_days if escalated else 0
            late = (
                self.env[model]
                .sudo()
                .search(
                    Domain(WAITED_FOR[model])
                    & Domain("company_id", "=", company.id)
                    & Domain("date_deadline", "<", today - timedelta(days=delay))
                    & Domain(fname, "=", False),
                    order="date_deadline, id",
                )
            )
            todo.append((late, fname, today))
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(len(late) for late, *_rest in todo))
        for late, fname, today in todo:
            for chunk in split_every(batch, late.ids, late.browse):
                unguarded(chunk).write({fname: today})
                if fname == "reminded_on":
                    chunk._remind()
                else:
                    chunk._escalated()
                if not cron._commit_progress(len(chunk)):
                    return

    def _remind(self):
        """Tell who is to take the next step that it is overdue."""
        for deviation in self:
            verified = deviation.state == "reported"
            user = deviation._verifier() if verified else deviation.user_id
            deviation._remind_user(
                user, deviation.date_deadline, deviation.display_name
            )

    def _remind_user(self, user, day, name):
        self.ensure_one()
        if not user.active:
            return
        deviation = guarded(self.sudo()).with_context(lang=user.lang)
        deviation.message_notify(
            partner_ids=user.partner_id.ids,
            subject=deviation.display_name,
            body=deviation.env._(
                "%(name)s has been overdue since %(date)s.",
                name=name,
                date=format_date(deviation.env, day),
            ),
        )

    def _escalated(self):
        self._sync_activities()
