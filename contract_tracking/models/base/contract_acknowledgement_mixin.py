from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...tools.guard import unguarded

ACTIVITY = "contract_tracking.mail_activity_acknowledge"
QUESTION = "contract_tracking.mail_activity_question"


class ContractAcknowledgementMixin(models.AbstractModel):
    """A document that people must have read: whom it asks, who answered, an activity
    for everybody who has not, a reminder once it is overdue. Part of a contract
    (``contract.part.mixin``)."""

    _name = "contract.acknowledgement.mixin"
    _inherit = ["contract.reason.mixin", "contract.activity.mixin", "mail.thread"]
    _description = "Document to be Read"

    acknowledgement_ids = fields.One2many(
        "contract.acknowledgement",
        "res_id",
        string="Readers",
        domain=lambda self: [("res_model", "=", self._name)],
        copy=False,
        readonly=True,
    )
    can_acknowledge = fields.Boolean(compute="_compute_can_acknowledge")
    can_reply = fields.Boolean(compute="_compute_can_acknowledge")
    question_text = fields.Text(
        string="Questions and Replies",
        compute="_compute_question_text",
        help="What readers asked, and what they were told.",
    )

    @api.depends_context("uid")
    @api.depends("acknowledgement_ids.state", "acknowledgement_ids.question")
    def _compute_can_acknowledge(self):
        user = self.env.user
        for document in self:
            rows = document.sudo().acknowledgement_ids
            document.can_acknowledge = bool(document._acknowledgement_of(user))
            document.can_reply = bool(rows._asking()) and document._may_reply(user)

    @api.depends("acknowledgement_ids.question", "acknowledgement_ids.reply")
    def _compute_question_text(self):
        for document in self:
            rows = document.sudo().acknowledgement_ids.filtered("question")
            document.question_text = "\n".join(
                f"{name}: {text}"
                for row in rows
                for name, text in (
                    (row.user_name, row.question),
                    (row.replied_by_id.name, row.reply),
                )
                if text
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_acknowledgements(self):
        for document in self.sudo():
            if document.acknowledgement_ids:
                raise UserError(
                    self.env._(
                        "“%(document)s” was given to readers: it is kept as evidence.",
                        document=document.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {ACTIVITY, QUESTION}

    def _activities_wanted(self):
        kind = self.env.ref(ACTIVITY)
        wanted = super()._activities_wanted()
        asking = self.acknowledgement_ids._asking()
        for row in asking:
            for user in self._acknowledgement_owners(row):
                wanted.append(
                    {
                        "xmlid": QUESTION,
                        "user": user,
                        "day": self.company_id._contract_today(),
                        "what": f"{row.user_name}: {row.question}",
                        "keep": True,
                    }
                )
        waiting = self.acknowledgement_ids.filtered(lambda r: r.state == "waiting")
        for row in waiting - asking:
            texts = self.with_context(lang=row.user_id.lang)
            what = texts._acknowledgement_what(row)
            if row.reminded_on:
                summary = texts.env._(
                    "Overdue: %(task)s: %(what)s",
                    task=kind.with_context(lang=row.user_id.lang).summary,
                    what=what,
                )
            wanted.append(
                {
                    "xmlid": ACTIVITY,
                    "user": row.user_id,
                    "day": row.date_deadline or self.company_id._contract_today(),
                    "what": what,
                    "summary": summary if row.reminded_on else False,
                }
            )
        return wanted

    def _acknowledgement_what(self, row):
        """What there is to read, in the reader's language."""
        return " · ".join(filter(None, (self.display_name, row.what)))

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _acknowledgement_check_ask(self):
        """Raise unless the user may ask people to read this."""
        self.check_access("write")

    def _ask_readers(
        self, users, departments=None, day=None, what=False, answer_required=False
    ):
        """Ask people to read this document; who is asked already is not asked again.

        :param departments: whose heads and members are asked as well
        :param day: until when, a day of the company
        :raise UserError: if nobody is named, or somebody can't read the document
        """
        self.ensure_one()
        self._acknowledgement_check_ask()
        company = self.company_id
        if day and day < company._contract_today():
            raise UserError(self.env._("Choose a day that is still to come."))
        named = {user: False for user in users}
        for department in departments or ():
            for user in department.head_id | department.member_ids:
                named.setdefault(user, department.name)
        readers = self.env["res.users"].union(*named)
        readers = readers.sudo().filtered("active")
        blind = readers - readers._contract_eligible(company).filtered(
            lambda user: (
                self.with_user(user)
                .sudo(False)
                .with_context(allowed_company_ids=company.ids)
                .has_access("read")
            )
        )
        if blind:
            raise UserError(
                self.env._(
                    "%(users)s can't read “%(document)s”: choose others, or let them "
                    "take part in the contract first.",
                    users=format_list(self.env, blind.mapped("name")),
                    document=self.display_name,
                )
            )
        fresh = readers - self.sudo().acknowledgement_ids.user_id
        if not fresh:
            raise UserError(self.env._("Choose a reader who is not asked already."))
        now = fields.Datetime.now()
        unguarded(self.env["contract.acknowledgement"].sudo()).create(
            [
                {
                    **self._contract_parent_vals(),
                    "res_model": self._name,
                    "res_id": self.id,
                    "user_id": user.id,
                    "user_name": user.name,
                    "department_name": named[user],
                    "asked_by_id": self.env.uid,
                    "asked_on": now,
                    "date_deadline": day,
                    "what": what,
                    "answer_required": answer_required,
                }
                for user in fresh
            ]
        )
        self.sudo().invalidate_recordset(["acknowledgement_ids"])
        self._sync_activities()

    def _acknowledgement_of(self, user):
        """What a user has still to acknowledge here."""
        return self.sudo().acknowledgement_ids.filtered(
            lambda row: row.user_id == user and row.state == "waiting"
        )

    def action_acknowledge(self):
        """The user has read this; where an answer is asked for, ask for it first."""
        self.ensure_one()
        if self._acknowledgement_of(self.env.user).answer_required:
            return self._open_reason("acknowledge")
        return self._acknowledge()

    def action_ask_question(self):
        """Ask what the user doesn't understand, or can't do, before he acknowledges."""
        return self._open_reason("question")

    def action_reply_question(self):
        """Ask for the reply to the questions that wait for one."""
        return self._open_reason("reply")

    def _reason_steps(self):
        return super()._reason_steps() | {
            "acknowledge": self._reason_step(self.env._("Your Answer"), "_acknowledge"),
            "question": self._reason_step(self.env._("Your Question"), "_question"),
            "reply": self._reason_step(self.env._("Your Reply"), "_reply"),
        }

    def _reason_note(self, step):
        if step != "reply":
            return super()._reason_note(step)
        return "\n".join(
            f"{row.user_name}: {row.question}"
            for row in self.sudo().acknowledgement_ids._asking()
        )

    def _acknowledgement_owners(self, row):
        """Who replies to what a reader asks: by default who asked him to read."""
        return row.asked_by_id

    def _may_reply(self, user):
        """Whether a user may reply to what readers asked."""
        self.ensure_one()
        if user.has_group("contract_tracking.group_contract_business"):
            return True
        rows = self.sudo().acknowledgement_ids._asking()
        return any(user in self.sudo()._acknowledgement_owners(row) for row in rows)

    def _question(self, reason):
        """Keep what the user asks; who answers for the document is asked.

        :raise UserError: if the user has nothing to acknowledge here
        """
        self.ensure_one()
        self.check_access("read")
        row = self._acknowledgement_of(self.env.user)
        if not row:
            raise UserError(self._acknowledgement_not_asked())
        unguarded(row).write(
            {
                "question": reason,
                "question_on": fields.Datetime.now(),
                "reply": False,
                "reply_on": False,
                "replied_by_id": False,
            }
        )
        self._acknowledgement_note(reason)

    def _reply(self, reason):
        """Reply to the questions that wait for it; who asked reads it, and then
        acknowledges.

        :raise UserError: if nobody asks, or others are to reply
        """
        self.ensure_one()
        self.check_access("read")
        rows = self.sudo().acknowledgement_ids._asking()
        if not rows:
            raise UserError(self.env._("No question waits for a reply."))
        if not self._may_reply(self.env.user):
            raise UserError(
                self.env._("Who asked for the reading replies to what readers ask.")
            )
        unguarded(rows).write(
            {
                "reply": reason,
                "reply_on": fields.Datetime.now(),
                "replied_by_id": self.env.uid,
            }
        )
        self._acknowledgement_note(reason)

    def _acknowledgement_note(self, text):
        """Note what was asked or replied: a further question stands in its row."""
        self.sudo()._message_log(body=text, author_id=self.env.user.partner_id.id)
        self._sync_activities()

    def _acknowledgement_not_asked(self):
        return self.env._(
            "You are not asked to read “%(document)s”, or have done so.",
            document=self.display_name,
        )

    def _acknowledge(self, answer=False):
        """Keep that the user himself has read this document.

        :raise UserError: if he is not asked, or an answer is missing
        """
        self.ensure_one()
        self.check_access("read")
        row = self._acknowledgement_of(self.env.user)
        if not row:
            raise UserError(self._acknowledgement_not_asked())
        answer = (answer or "").strip()
        if row.answer_required and not answer:
            raise UserError(self.env._("Write an answer."))
        unguarded(row).write(
            {
                "state": "acknowledged",
                "acknowledged_on": fields.Datetime.now(),
                "answer": answer,
            }
        )
        self._sync_activities()
