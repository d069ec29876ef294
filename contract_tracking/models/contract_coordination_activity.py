from odoo import api, models
from odoo.fields import Domain

from .contract_guard import unguarded

REPLY = "contract_tracking.mail_activity_coordination_reply"
OUTCOME = "contract_tracking.mail_activity_coordination_outcome"
CHASE = "contract_tracking.mail_activity_coordination_chase"
EMAIL = "contract_tracking.mail_activity_coordination_email"


class ContractCoordination(models.Model):
    """Who is asked to do what for a coordination document, and who is reminded."""

    _inherit = "contract.coordination"

    def _activity_update(self):
        """The one writer of the documents' activities, from their state, in batch:
        internal recipients who owe a reply have one, the sender has one when all have
        replied, and one to ask late outside recipients again. Nobody else has any;
        one that was finished without the deed comes back with the next step."""
        types = {
            xmlid: self.env.ref(xmlid).id for xmlid in (REPLY, OUTCOME, CHASE, EMAIL)
        }
        wanted = {}
        for document in self.sudo():
            for user, xmlid, deadline, note in document._wanted_activities():
                key = (document.id, types[xmlid], user.id)
                before = wanted.get(key)
                if before and before[1] and deadline:
                    deadline = min(deadline, before[1])
                wanted[key] = (user, deadline, note)
        Activity = self.env["mail.activity"].sudo()
        present = Activity.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "in", list(types.values())),
            ]
        ).grouped(lambda a: (a.res_id, a.activity_type_id.id, a.user_id.id))
        gone = Activity.union(*(a for key, a in present.items() if key not in wanted))
        gone.unlink()
        model_id = self.env["ir.model"]._get_id(self._name)
        values = [
            {
                "res_model_id": model_id,
                "res_id": res_id,
                "activity_type_id": type_id,
                "user_id": user.id,
                "date_deadline": deadline,
                "summary": note,
                "automated": True,
            }
            for (res_id, type_id, _uid), (user, deadline, note) in wanted.items()
            if (res_id, type_id, _uid) not in present
        ]
        if values:
            Activity.create(values)

    def _wanted_activities(self):
        """(user, type, deadline, summary) of each activity the document's state asks
        for."""
        self.ensure_one()
        if self.state not in ("sent", "replied"):
            return
        today = self._contract_parent()._contract_today()
        late = self.env["contract.coordination.reply"]
        for line in self.reply_ids.filtered(lambda ln: ln.state == "waiting"):
            user = line._responsible_user()
            if user:
                text = self.with_context(lang=user.lang).env._(
                    "Reply to %(document)s: %(subject)s",
                    document=self.name,
                    subject=self.subject,
                )
                yield user, REPLY, line.date_deadline, text
            elif line.reminded_on:
                late |= line
        sender = self.with_context(lang=self.user_id.lang).env
        if late:
            yield (
                self.user_id,
                CHASE,
                today,
                sender._(
                    "Ask for the reply of %(names)s",
                    names=", ".join(late.mapped("name")),
                ),
            )
        if self.has_proposal:
            yield self.user_id, EMAIL, today, sender._("An e-mail may be a reply")
        if self.state == "replied":
            yield self.user_id, OUTCOME, today, sender._("All replied: the outcome")

    @api.model
    def _cron_remind_replies(self, batch=200):
        """Remind of overdue replies, once a recipient: internal ones by a message,
        the sender of outside ones by an activity.

        Restartable: it finds by itself what is left.
        """
        Reply = self.env["contract.coordination.reply"].sudo()
        late = Reply.search(
            Reply._late_domain() & Reply._remind_domain(), order="coordination_id, id"
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(late))
        for start in range(0, len(late), batch):
            chunk = late[start : start + batch]
            chunk._remind()
            if not cron._commit_progress(len(chunk)):
                break


class ContractCoordinationReply(models.Model):
    _inherit = "contract.coordination.reply"

    @api.model
    def _remind_domain(self):
        return Domain("reminded_on", "=", False) & Domain(
            "coordination_id.state", "in", ("sent", "replied")
        )

    def _remind(self):
        """Tell the recipients of a batch that their replies are overdue."""
        for company, lines in self.grouped("company_id").items():
            unguarded(lines).write({"reminded_on": company._contract_today()})
        documents = self.coordination_id
        documents._activity_update()
        for (document, lang), lines in self.grouped(
            lambda ln: (ln.coordination_id, ln._responsible_user().lang)
        ).items():
            users = self.env["res.users"].union(
                *(line._responsible_user() for line in lines)
            )
            if users:
                document.with_context(lang=lang).message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=self.with_context(lang=lang).env._(
                        "Overdue reply: %(document)s", document=document.name
                    ),
                    body=self.with_context(lang=lang).env._(
                        "“%(subject)s” waits for your reply since %(date)s.",
                        subject=document.subject,
                        date=lines.with_context(lang=lang)[:1]._form_date(
                            min(lines.mapped("date_deadline"))
                        ),
                    ),
                )
