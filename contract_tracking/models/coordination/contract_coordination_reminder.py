from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.batches import in_batches
from ...tools.guard import unguarded
from .contract_coordination import OPEN_STATES
from .contract_coordination_actions import PLANNING_STATES

REPLY = "contract_tracking.mail_activity_coordination_reply"
OUTCOME = "contract_tracking.mail_activity_coordination_outcome"
CHASE = "contract_tracking.mail_activity_coordination_chase"
EMAIL = "contract_tracking.mail_activity_coordination_email"
ACTION = "contract_tracking.mail_activity_coordination_action"
ESCALATED = "contract_tracking.mail_activity_coordination_escalated"


class ContractCoordination(models.Model):
    """Who is asked to do what for a coordination document, and who is reminded."""

    _inherit = "contract.coordination"

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {
            REPLY, OUTCOME, CHASE, EMAIL, ACTION, ESCALATED,
        }  # fmt: skip

    def _activities_wanted(self):
        """Internal recipients who owe a reply have one; the sender has one when all
        have replied, one to ask late outside recipients again, one for an e-mail that
        may be a reply. Who leads a recipient that is late for long has one, and each
        owner of an action."""
        wanted = super()._activities_wanted()
        if self.state in PLANNING_STATES:
            wanted += [
                {
                    "xmlid": ACTION,
                    "user": a.user_id,
                    "day": a.date_deadline,
                    "what": a.name,
                }
                for a in self.action_ids.filtered(lambda a: a.state == "open")
            ]
        if self.state not in OPEN_STATES:
            return wanted
        texts = self.with_context(lang=self.user_id.lang)
        late = self.env["contract.coordination.reply"]
        waiting = self.reply_ids.filtered(lambda line: line.state == "waiting")
        # who owes two replies has one activity, until the first day
        for line in waiting.sorted("date_deadline"):
            user = line._responsible_user()
            if user:
                summary = self.with_context(lang=user.lang).env._(
                    "Reply to %(document)s: %(subject)s",
                    document=self.name,
                    subject=self.subject,
                )
                row = {"xmlid": REPLY, "user": user, "day": line.date_deadline}
                wanted.append({**row, "summary": summary})
            elif line.reminded_on:
                late |= line
        wanted += [
            {
                "xmlid": ESCALATED,
                "user": user,
                "day": line.escalated_on,
                "what": line.name,
            }
            for line in waiting.filtered("escalated_on")
            for user in line._escalation_users()
        ]
        summaries = {}
        # the next stage of a reminder is the way to ask again
        if late and not self.successor_ids.filtered(lambda d: d.state in OPEN_STATES):
            names = format_list(texts.env, late.mapped("name"))
            summaries[CHASE] = texts.env._(
                "Ask for the reply of %(names)s", names=names
            )
        if self.has_proposal:
            summaries[EMAIL] = texts.env._("An e-mail may be a reply")
        if self.state == "replied":
            summaries[OUTCOME] = texts.env._("All replied: the outcome")
        today = self._contract_parent()._contract_today()
        row = {"user": self.user_id, "day": today, "keep": True}
        return wanted + [
            {**row, "xmlid": xmlid, "summary": summary}
            for xmlid, summary in summaries.items()
        ]

    @api.model
    def _cron_remind_replies(self, batch=200):
        """Remind of overdue replies, once a recipient: internal ones by a message,
        the sender of outside ones by an activity. What stays overdue goes on to who
        leads them. Owners of overdue actions are told as well.

        Restartable: it finds by itself what is left.
        """
        Reply = self.env["contract.coordination.reply"].sudo()
        waiting = Reply._late_domain() & Domain(
            "coordination_id.state", "in", OPEN_STATES
        )
        order = "coordination_id, id"
        late = Reply.search(waiting & Domain("reminded_on", "=", False), order=order)
        for lines in in_batches(late, batch):
            lines._remind()
        companies = self.env["res.company"].sudo()
        companies = companies.search([("contract_reply_days", ">", 0)])
        long_late = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "date_deadline",
                "<",
                company._contract_today() - timedelta(days=company.contract_reply_days),
            )
            for company in companies
        )
        late = Reply.search(
            waiting & long_late & Domain("escalated_on", "=", False), order=order
        )
        for lines in in_batches(late, batch):
            lines._escalate()
        Action = self.env["contract.action"].sudo()
        late = Action.search(
            Domain("res_model", "=", self._name)
            & Domain("is_overdue", "=", True)
            & Domain("reminded_on", "=", False)
        )
        for actions in in_batches(late, batch):
            self._remind_actions(actions)

    @api.model
    def _remind_actions(self, actions):
        """Tell the owners of a batch that their actions are overdue."""
        for company, own in actions.grouped("company_id").items():
            unguarded(own).write({"reminded_on": company._contract_today()})
        for action in actions.filtered("user_id.active"):
            document = action._document().with_context(lang=action.user_id.lang)
            document.message_notify(
                partner_ids=action.user_id.partner_id.ids,
                subject=document.display_name,
                body=document.env._(
                    "%(name)s has been overdue since %(date)s.",
                    name=action.name,
                    date=document._form_date(action.date_deadline),
                ),
            )
