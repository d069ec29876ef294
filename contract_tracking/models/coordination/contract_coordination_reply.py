from lxml import html

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import html2plaintext

from ...tools.guard import is_unguarded, unguarded
from ...tools.pages import Paper, block, paginate, wrap_rows
from ..deviation.contract_deviation import PLANNING_STATES
from .contract_coordination import OPEN_STATES

# Who a recipient is, on another line of his as well.
RECIPIENT = ("sequence", "role", "kind", "department_id", "user_id", "partner_id")

# A letter has wider margins, a head and a place for the seal.
LETTER_LINES = 60
LETTER_WIDTH = 96
LETTER_MM = 160


class ContractCoordinationReply(models.Model):
    """A recipient of a coordination document and what he answered (D9 §6.2).

    A department is answered for by its head or any member, a user by himself; what
    an outside partner answered is recorded by the sender. A reply is evidence:
    another answer of the same recipient is a supplementary line of its own.
    """

    _name = "contract.coordination.reply"
    _inherit = [
        "contract.frozen.mixin",
        "contract.evidence.mixin",
        "contract.print.mixin",
    ]
    _description = "Recipient of a Coordination Document"
    _order = "sequence, id"
    _check_company_auto = True

    coordination_id = fields.Many2one(
        "contract.coordination",
        string="Coordination Document",
        required=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        related="coordination_id.company_id", store=True, precompute=True, index=True
    )
    document_state = fields.Selection(
        related="coordination_id.state", string="Document's State"
    )
    role = fields.Selection(
        [("to", "Main recipient"), ("copy", "Copy")],
        string="To or Copy",
        required=True,
        default="to",
        help="Who gets a copy may answer, and needn't.",
    )
    kind = fields.Selection(
        [
            ("department", "Department"),
            ("user", "User"),
            ("partner", "Outside party"),
        ],
        string="Kind of Recipient",
        required=True,
        default="department",
    )
    department_id = fields.Many2one(
        "contract.department",
        ondelete="restrict",
        check_company=True,
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users",
        ondelete="restrict",
        domain=[("share", "=", False)],
        index="btree_not_null",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Outside Recipient",
        ondelete="restrict",
        check_company=True,
        index="btree_not_null",
    )
    name = fields.Char(
        string="Recipient's Name",
        readonly=True,
        copy=False,
        help="As it was when the document was sent.",
    )
    email = fields.Char(
        string="E-Mail",
        readonly=True,
        copy=False,
        help="The address to which the letter went.",
    )
    requests = fields.Text(
        string="His Requests",
        help="What is asked of this recipient; stands on the letter to him.",
    )
    date_deadline = fields.Date(
        string="Deadline",
        compute="_compute_date_deadline",
        store=True,
        readonly=False,
        precompute=True,
    )
    state = fields.Selection(
        [
            ("waiting", "Waiting for reply"),
            ("answered", "Answered"),
            ("informed", "Informed"),
            ("silent", "No reply"),
        ],
        readonly=True,
        copy=False,
        index=True,
    )
    reply_text = fields.Text(string="Reply", readonly=True, copy=False)
    answered_on = fields.Datetime(readonly=True, copy=False)
    answered_by_id = fields.Many2one(
        "res.users",
        string="Recorded By",
        readonly=True,
        copy=False,
        ondelete="restrict",
        help="The user who wrote the reply down.",
    )
    answered_by_name = fields.Char(
        string="Answered By",
        readonly=True,
        copy=False,
        help="Who answered, as text of that day.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Files",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    supplement_of_id = fields.Many2one(
        "contract.coordination.reply",
        string="Supplement To",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="The recipient answered once more: his first reply stays.",
    )
    reminded_on = fields.Date(readonly=True, copy=False)
    escalated_on = fields.Date(
        readonly=True,
        copy=False,
        help="When the department's head and the business office heard that the reply "
        "is overdue.",
    )
    letter_message_id = fields.Many2one(
        "mail.message",
        string="Letter",
        readonly=True,
        copy=False,
        ondelete="set null",
        help="The e-mail with the letter.",
    )
    reply_message_id = fields.Many2one(
        "mail.message",
        string="Reply's E-Mail",
        readonly=True,
        copy=False,
        ondelete="set null",
    )
    # An e-mail that may be the reply, until the sender takes it over
    proposed_text = fields.Text(
        string="E-Mail Received",
        readonly=True,
        copy=False,
        help="Text of an e-mail of this recipient. The sender takes it over as the "
        "reply, or not.",
    )
    proposed_message_id = fields.Many2one(
        "mail.message",
        string="E-Mail to Take Over",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    is_late = fields.Boolean(
        string="Overdue", compute="_compute_is_late", compute_sudo=True
    )
    can_reply = fields.Boolean(compute="_compute_can_reply")

    _one_recipient = models.Constraint(
        "CHECK (num_nonnulls(department_id, user_id, partner_id) = 1 AND CASE kind"
        " WHEN 'department' THEN department_id WHEN 'user' THEN user_id"
        " ELSE partner_id END IS NOT NULL)",
        "Each line has one recipient: a department, a user or an outside party.",
    )
    _department_uniq = models.UniqueIndex(
        "(coordination_id, department_id) "
        "WHERE supplement_of_id IS NULL AND department_id IS NOT NULL",
        "Each department is a recipient once only.",
    )
    _user_uniq = models.UniqueIndex(
        "(coordination_id, user_id) "
        "WHERE supplement_of_id IS NULL AND user_id IS NOT NULL",
        "Each user is a recipient once only.",
    )
    _partner_uniq = models.UniqueIndex(
        "(coordination_id, partner_id) "
        "WHERE supplement_of_id IS NULL AND partner_id IS NOT NULL",
        "Each outside party is a recipient once only.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("coordination_id.reply_date")
    def _compute_date_deadline(self):
        for line in self:
            if not line.coordination_id.state or line.document_state == "draft":
                line.date_deadline = line.coordination_id.reply_date

    @api.depends("state", "date_deadline")
    def _compute_is_late(self):
        for line in self:
            line.is_late = bool(
                line.state == "waiting"
                and line.date_deadline
                and line.date_deadline < line.company_id._contract_today()
            )

    @api.depends_context("uid")
    @api.depends("state", "document_state")
    def _compute_can_reply(self):
        for line in self:
            line.can_reply = bool(
                line.document_state in OPEN_STATES
                and not line.supplement_of_id
                and line._may_reply()
            )

    @api.depends("name", "department_id", "user_id", "partner_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.name or line._recipient().sudo().display_name

    @api.onchange("kind")
    def _onchange_kind(self):
        for fname in {"department_id", "user_id", "partner_id"} - {f"{self.kind}_id"}:
            self[fname] = False

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not is_unguarded(self):
            lines._check_draft()
        return lines

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_draft()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_reply(self):
        """Open the window in which the recipient answers, or the sender records what
        an outside recipient answered on paper or on the phone."""
        self.ensure_one()
        return self.env["contract.coordination.answer"]._get_records_action(
            name=self.env._("Reply"),
            target="new",
            context={"default_line_id": self.id},
        )

    def action_take_over(self):
        """Take the received e-mail over as the recipient's reply, word for word.

        :raise UserError: if there is none, the user isn't the sender, or the document
            doesn't wait for replies any more
        """
        for line in self:
            line.check_access("read")
            line.coordination_id._check_sender()
            line._check_open()
            message = line.sudo().proposed_message_id
            if not line.proposed_text:
                raise UserError(self.env._("There is no e-mail to take over."))
            text = line.proposed_text
            files = [
                file.copy({"res_model": self._name, "res_id": line.id}).id
                for file in message.attachment_ids
            ]
            line._clear_proposal()
            line._record(
                text,
                answered_on=message.date or fields.Datetime.now(),
                answered_by_name=message.email_from or line.name,
                attachment_ids=[Command.set(files)],
                reply_message_id=message.id,
            )
        return True

    def action_dismiss(self):
        """The received e-mail is not a reply (an automatic answer, a question): it
        stays in the chatter only."""
        for line in self:
            line.check_access("read")
            line.coordination_id._check_sender()
            line._clear_proposal()
        return True

    def action_ask_again(self):
        """Open an e-mail to an outside recipient whose reply is overdue."""
        self.ensure_one()
        self.check_access("read")
        document = self.coordination_id
        line = self.with_context(lang=self._letter_lang())
        return self.env["mail.compose.message"]._get_records_action(
            name=self.env._("Ask Again"),
            target="new",
            context={
                "default_model": document._name,
                "default_res_ids": document.ids,
                "default_composition_mode": "comment",
                "default_partner_ids": self.partner_id.ids,
                "default_subject": f"{document.subject} ({document.name})",
                "default_body": line.env._(
                    "We asked for your answer by %(date)s and have none yet. Please "
                    "answer this e-mail.",
                    date=line._form_date(self.date_deadline),
                ),
                "force_email": True,
            },
        )

    def action_create_action(self):
        """Open a new action: what this reply promises. It is one of the document's
        deviation that still plans, else of the document itself."""
        self.ensure_one()
        self.check_access("read")
        document = self.coordination_id
        deviation = document.deviation_ids.filtered(
            lambda deviation: deviation.state in PLANNING_STATES
        )[:1]
        if not deviation:
            document._action_check_plan()
        user = self.sudo().answered_by_id
        if not self._is_recipient(user):
            user = self.env.user
        return document._new_action_window(
            self.reply_text,
            deviation or document,
            user_id=user.id,
            department_id=self.department_id.id,
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_frozen(self, content):
        if "coordination_id" in content:
            raise UserError(self.env._("A recipient stays with his document."))
        self._check_draft()

    def _check_draft(self):
        for document in self.sudo().coordination_id:
            if document.state != "draft":
                raise UserError(
                    self.env._(
                        "%(document)s was sent: its recipients and replies can't be "
                        "changed.",
                        document=document.name,
                    )
                )

    def _check_open(self):
        document = self.coordination_id
        if document.state not in OPEN_STATES:
            raise UserError(
                self.env._(
                    "%(document)s doesn't wait for replies (any more).",
                    document=document.name,
                )
            )

    def _recipient(self):
        return self.department_id or self.user_id or self.partner_id

    def _is_recipient(self, user):
        """Whether this internal user may answer: himself, or of the department."""
        line = self.sudo()
        department = line.department_id
        return user in (line.user_id | department.head_id | department.member_ids)

    def _may_reply(self):
        self.ensure_one()
        if self.kind == "partner":
            document = self.coordination_id
            return document.has_access("write") and document._is_sender()
        return self._is_recipient(self.env.user)

    def _responsible_user(self):
        """Who is asked to answer: the user, the department's head, else its first
        member; nobody for outside recipients."""
        line = self.sudo()
        department = line.department_id
        return line.user_id or department.head_id or department.member_ids[:1]

    @api.model
    def _mine_domain(self):
        uid = self.env.uid
        return [
            "|",
            "|",
            ("user_id", "=", uid),
            ("department_id.head_id", "=", uid),
            ("department_id.member_ids", "in", [uid]),
        ]

    @api.model
    def _late_domain(self):
        """Lines whose reply is overdue, each by the day of its company."""
        late = self.env["res.company"]._contract_day_domain("date_deadline", "<")
        return Domain("state", "=", "waiting") & late

    def _reply(self, text, attachments):
        """Record the answer of a recipient, by himself; for outside ones by the sender.

        :raise UserError: without text, for somebody else, or when it is not open
        """
        self.ensure_one()
        self.check_access("read")
        line = self.sudo()
        line._check_open()
        if not self._may_reply():
            raise UserError(
                self.env._(
                    "What %(recipient)s replied is recorded by the sender.",
                    recipient=line.name,
                )
                if line.kind == "partner"
                else self.env._(
                    "Only %(recipient)s can give this reply.", recipient=line.name
                )
            )
        if not (text or "").strip():
            raise UserError(self.env._("A reply says something: write it down."))
        # they become evidence: not what others need to change
        attachments.check_access("write")
        name = self.env.user.name
        if line.kind == "partner":
            name = self.env._(
                "%(recipient)s (recorded by %(user)s)", recipient=line.name, user=name
            )
        self._record(
            text,
            answered_on=fields.Datetime.now(),
            answered_by_name=name,
            attachment_ids=[Command.set(attachments.ids)],
        )

    def _record(self, text, **values):
        """Write the answer down: on the line, or on a supplementary one."""
        self.ensure_one()
        line = unguarded(self.sudo())
        document = line.coordination_id
        # Two recipients who answer at once would each see the other one missing: the
        # second one meets this row, fails, and is tried again.
        document.last_reply_on = fields.Datetime.now()
        document.flush_recordset(["last_reply_on"])
        values.update(reply_text=text, state="answered", answered_by_id=self.env.uid)
        first = line.supplement_of_id or line
        if first.state in ("waiting", "informed"):
            first.write(values)
            answered = first
        else:
            kept = first._recipient_vals(
                "coordination_id", "name", "email", "date_deadline"
            )
            answered = line.create({**kept, "supplement_of_id": first.id, **values})
        document._replied(answered)

    def _recipient_vals(self, *fnames):
        """Values of another line of the same recipient, with these fields of his."""
        return self._convert_to_write(
            {fname: self[fname] for fname in (*RECIPIENT, *fnames)}
        )

    def _clear_proposal(self):
        unguarded(self.sudo()).write(
            {"proposed_text": False, "proposed_message_id": False}
        )

    def _remind(self):
        """Tell the recipients of a batch that their replies are overdue."""
        for company, lines in self.grouped("company_id").items():
            unguarded(lines).write({"reminded_on": company._contract_today()})
        self.coordination_id._sync_activities()
        for (document, lang), lines in self.grouped(
            lambda ln: (ln.coordination_id, ln._responsible_user().lang)
        ).items():
            users = self.env["res.users"].union(
                *(line._responsible_user() for line in lines)
            )
            if users:
                document = document.with_context(lang=lang)
                document.message_notify(
                    partner_ids=users.partner_id.ids,
                    subject=document.env._(
                        "Overdue reply: %(document)s", document=document.name
                    ),
                    body=document.env._(
                        "“%(subject)s” waits for your reply since %(date)s.",
                        subject=document.subject,
                        date=document._form_date(min(lines.mapped("date_deadline"))),
                    ),
                )

    def _escalate(self):
        """Tell who leads the late recipients of a batch, and the business office."""
        for company, lines in self.grouped("company_id").items():
            unguarded(lines).write({"escalated_on": company._contract_today()})
        documents = self.coordination_id
        documents._sync_activities()
        for line in self:
            document = line.coordination_id
            for user in line._escalation_users():
                text = document.with_context(lang=user.lang)
                text.message_notify(
                    partner_ids=user.partner_id.ids,
                    subject=text.env._(
                        "Still no reply: %(document)s", document=document.name
                    ),
                    body=text.env._(
                        "%(recipient)s hasn't replied to “%(subject)s” since %(date)s.",
                        recipient=line.name,
                        subject=document.subject,
                        date=text._form_date(line.date_deadline),
                    ),
                )

    def _escalation_users(self):
        """Who hears that a reply is overdue: the head of the department that was asked
        (of outside recipients: that asks), and the business office. Who can't read
        the document isn't asked to."""
        self.ensure_one()
        line = self.sudo()
        document = line.coordination_id
        company = line.company_id
        if line.kind == "partner":
            department = document.department_id
        else:
            department = line.department_id or line.user_id._contract_department(
                company
            )
        office = company.contract_business_office_id.head_id
        if not office:
            office = office._contract_members(
                "contract_tracking.group_contract_business", company
            )[:1]
        users = (department.head_id | office)._contract_eligible(
            company, "contract_tracking.group_contract_reader"
        )
        users -= line._responsible_user()
        return users.filtered(
            lambda user: (
                document.with_user(user)
                .with_context(allowed_company_ids=company.ids)
                .has_access("read")
            )
        )

    def _letter_pages(self):
        """The letter to an outside recipient on pages: the facts meant for him and
        his own requests, nothing else of the document."""
        letter = self.coordination_id.with_context(lang=self.env.lang)
        text, requests = letter.outside_text, self.requests
        blocks = [block("head", 12)]
        if text:
            blocks.append(block("text", 1, wrap_rows(text, LETTER_WIDTH), title=False))
        blocks += letter._form_claimed(self, letter._claimed())
        if requests:
            title = self.env._("We ask you")
            blocks.append(
                block("text", 2, wrap_rows(requests, LETTER_WIDTH), title=title)
            )
        return paginate([*blocks, block("close", 12, keep=True)], LETTER_LINES)

    def _letter_title(self):
        """What the letter is called: internal memos go out as letters."""
        letter = self.coordination_id.with_context(lang=self.env.lang)
        if letter.kind == "reminder":
            return letter._stage_title()
        if letter.kind == "delay":
            return self.env._("Notice of Delay")
        return self.env._("Letter")

    def _form_paper(self):
        """A letter has wider margins."""
        return Paper(width=LETTER_MM)

    def _form_in_ten_thousands(self):
        """What a letter asks for is said to the cent."""
        return False

    def _email_text(self, message):
        """What an e-mail says, without what it quotes."""
        body = message.body or ""
        if body:
            tree = html.fragment_fromstring(body, create_parent="div")
            for quote in tree.xpath("//*[@data-o-mail-quote='1'] | //blockquote"):
                quote.drop_tree()
            body = html.tostring(tree, encoding="unicode")
        lines = html2plaintext(body).splitlines()
        text = "\n".join(ln for ln in lines if not ln.startswith(">")).strip()
        return text or message.subject or message.email_from

    def _form_across(self):
        """A letter is as good as its document."""
        return self.coordination_id.with_env(self.env)._form_across()

    def _letter_lang(self):
        """The recipient's language, if it is installed; else the sender's."""
        installed = dict(self.env["res.lang"].get_installed())
        lang = self.sudo().partner_id.lang
        return lang if lang in installed else self.env.lang or "en_US"

    def _letter_html(self):
        """The letter as it will be printed, for the preview."""
        line = self.with_context(lang=self._letter_lang())
        return line.env["ir.qweb"]._render(
            "contract_tracking.coordination_letter_preview", {"docs": line}
        )
