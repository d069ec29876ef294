from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.batches import in_batches
from .contract_coordination import OPEN_STATES

REPLY = "contract_tracking.mail_activity_coordination_reply"
OUTCOME = "contract_tracking.mail_activity_coordination_outcome"
CHASE = "contract_tracking.mail_activity_coordination_chase"
EMAIL = "contract_tracking.mail_activity_coordination_email"


class ContractCoordination(models.Model):
    """Who is asked to do what for a coordination document, and who is reminded."""

    _inherit = "contract.coordination"

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {REPLY, OUTCOME, CHASE, EMAIL}

    def _activities_wanted(self):
        """Internal recipients who owe a reply have one; the sender has one when all
        have replied, one to ask late outside recipients again, one for an e-mail that
        may be a reply."""
        wanted = super()._activities_wanted()
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
        the sender of outside ones by an activity.

        Restartable: it finds by itself what is left.
        """
        Reply = self.env["contract.coordination.reply"].sudo()
        late = Reply.search(
            Reply._late_domain()
            & Domain("reminded_on", "=", False)
            & Domain("coordination_id.state", "in", OPEN_STATES),
            order="coordination_id, id",
        )
        for lines in in_batches(late, batch):
            lines._remind()
