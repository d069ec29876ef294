from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.guard import guarded, unguarded

STATES = [
    ("draft", "Draft"),
    ("sent", "Waiting for reply"),
    ("replied", "Replied"),
    ("closed", "Closed"),
    ("void", "Void"),
]

# Sent, and still waiting for replies or for the outcome.
OPEN_STATES = ("sent", "replied")
MAX_STAGE = 3

# What a correction and the next stage take over.
COPIED = (
    "order_id", "frame_id", "kind", "user_id", "department_id", "deviation_ids",
    "subject", "summary", "description", "requests", "outside_text", "scope",
    "with_statement",
)  # fmt: skip


def line_search(domain, *document):
    """Return a ``search`` for the flag of documents that have a line like this,
    whoever may read the line.

    :param domain: function of the lines' model that returns a domain
    :param document: conditions on the document itself
    """

    def search(model, operator, value):
        if operator != "in":
            return NotImplemented
        lines = model.env["contract.coordination.reply"].sudo()
        query = lines._search(domain(lines))
        return [("id", "in", query.subselect("coordination_id")), *document]

    return search


class ContractCoordination(models.Model):
    """附表2 Coordination Document: what departs from the contract, what is asked of
    departments, people and outside parties, what they reply, the outcome (D9 §6.2).

    Days are those of the company's time zone. What was sent is evidence: corrected by
    voiding it with a reason and sending a linked copy. Recipients read the document
    and answer in their own line; outside ones see the letter (函) only. Who may write
    it may send it; what became of it is decided by its sender or the business office.
    """

    _name = "contract.coordination"
    _inherit = [
        "contract.form.mixin",
        "contract.void.mixin",
        "contract.action.mixin",
        "contract.facts.source",
    ]
    _description = "Coordination Document"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "subject", "contract_no", "partner_name"]
    _contract_columns = ("draft", *OPEN_STATES)
    _contract_form = ("QR-XS-02", "A/0", "XT")
    _correction_fields = ("stage", "predecessor_id")

    user_id = fields.Many2one(
        string="Handler",
        domain=[("share", "=", False)],
        required=True,
        tracking=True,
        ondelete="restrict",
    )
    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    kind = fields.Selection(
        [
            ("coordination", "Coordination document"),
            ("reminder", "Payment reminder letter"),
            ("delay", "Notice of delay"),
            ("memo", "Internal memo"),
        ],
        default="coordination",
        required=True,
        index=True,
        tracking=True,
    )
    stage = fields.Integer(
        default=1,
        readonly=True,
        help="First, second or third payment reminder letter.",
    )
    department_id = fields.Many2one(
        "contract.department",
        string="From Department",
        compute="_compute_department_id",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        ondelete="restrict",
        index="btree_not_null",
    )
    deviation_ids = fields.Many2many(
        "contract.deviation",
        "contract_coordination_deviation_rel",
        string="Deviations",
        ondelete="restrict",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('state', '!=', 'cancelled')]",
    )
    subject = fields.Char(
        compute="_compute_subject",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        tracking=True,
        help="What it is about. It stands on letters to outside recipients too.",
    )
    summary = fields.Text(
        string="Summary of Deviations",
        compute="_compute_summary",
        store=True,
        readonly=False,
        precompute=True,
        help="What departs from the contract's terms. Proposed from the deviations; "
        "internal.",
    )
    description = fields.Text(
        string="Coordination Description",
        help="How it came about and what was talked about so far; internal.",
    )
    requests = fields.Text(
        string="Requests and Suggestions",
        help="What is asked of the recipients; internal. What an outside "
        "recipient is asked stands in his own line.",
    )
    outside_text = fields.Text(
        string="Text for Outside Recipients",
        compute="_compute_outside_text",
        store=True,
        readonly=False,
        precompute=True,
        help="The facts that outside recipients may know. Their letter shows this text "
        "and their own requests, nothing else.",
    )
    reply_date = fields.Date(
        string="Reply By",
        index=True,
        tracking=True,
        help="Until this day, included, recipients answer, unless their line says "
        "otherwise.",
    )
    reply_ids = fields.One2many(
        "contract.coordination.reply", "coordination_id", string="Recipients"
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", bypass_search_access=True
    )
    outcome = fields.Text(
        string="Coordination Outcome",
        copy=False,
        tracking=True,
        help="What was agreed in the end, written down by the sender.",
    )
    sent_on = fields.Datetime(readonly=True)
    sent_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    last_reply_on = fields.Datetime(readonly=True)
    closed_on = fields.Datetime(readonly=True)
    closed_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    replaces_id = fields.Many2one(
        "contract.coordination",
        string="Corrects",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    replaced_by_ids = fields.One2many(
        "contract.coordination", "replaces_id", string="Corrected By", readonly=True
    )
    predecessor_id = fields.Many2one(
        "contract.coordination",
        string="Stage Before",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    successor_ids = fields.One2many(
        "contract.coordination", "predecessor_id", string="Next Stage", readonly=True
    )
    # What came of it
    action_ids = fields.One2many(context={"default_res_model": "contract.coordination"})
    reagreement_ids = fields.One2many(
        "contract.reagreement", "coordination_id", string="Re-agreements"
    )
    # Names of the day on which it was written and sent
    buyer_name = fields.Char(string="Buyer", readonly=True)
    user_name = fields.Char(string="Handler's Name", readonly=True)
    department_name = fields.Char(string="Department's Name", readonly=True)
    waiting_count = fields.Integer(
        string="Replies Missing",
        compute="_compute_reply_figures",
        compute_sudo=True,
        help="Those who were asked and have not answered yet.",
    )
    answered_count = fields.Integer(
        string="Replies",
        compute="_compute_reply_figures",
        compute_sudo=True,
        help="Those who were asked and answered.",
    )
    is_overdue = fields.Boolean(
        string="Overdue Replies",
        compute="_compute_reply_figures",
        search=line_search(lambda lines: lines._late_domain()),
        compute_sudo=True,
    )
    has_proposal = fields.Boolean(
        string="E-Mail to Take Over",
        compute="_compute_reply_figures",
        search=line_search(lambda lines: [("proposed_text", "!=", False)]),
        compute_sudo=True,
    )
    has_outside = fields.Boolean(
        string="Outside Recipients", compute="_compute_reply_figures", compute_sudo=True
    )
    is_to_me = fields.Boolean(
        string="To Me",
        compute="_compute_is_to_me",
        search=line_search(
            lambda lines: lines._mine_domain(), ("state", "!=", "draft")
        ),
        compute_sudo=True,
    )
    waits_for_me = fields.Boolean(
        string="Waits for My Reply",
        compute="_compute_is_to_me",
        search=line_search(
            lambda lines: [*lines._mine_domain(), ("state", "=", "waiting")]
        ),
        compute_sudo=True,
    )
    may_close = fields.Boolean(compute="_compute_may_close")
    may_open_contract = fields.Boolean(compute="_compute_may_close")

    _stage_range = models.Constraint(
        "CHECK (stage BETWEEN 1 AND 3)", "There are three stages of reminders."
    )
    _next_stage_uniq = models.UniqueIndex(
        "(predecessor_id) WHERE predecessor_id IS NOT NULL AND state != 'void'",
        "The next stage of this reminder is already written.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("user_id", "order_id", "frame_id")
    def _compute_department_id(self):
        own = {}
        for document in self:
            department, author = document.department_id, document.user_id
            if not department and author:
                key = (author, document.company_id)
                if key not in own:
                    own[key] = author.sudo()._contract_department(document.company_id)
                department = own[key]
            document.department_id = department

    @api.depends("deviation_ids")
    def _compute_summary(self):
        for document in self:
            if not (document.summary or "").strip():
                texts = document.deviation_ids.sudo().mapped("summary")
                document.summary = "\n".join(filter(None, texts)) or False

    @api.depends("reply_ids.state", "reply_ids.proposed_text", "reply_ids.is_late")
    def _compute_reply_figures(self):
        for document in self:
            lines = document.reply_ids
            document.waiting_count = sum(line.state == "waiting" for line in lines)
            document.answered_count = sum(line.state == "answered" for line in lines)
            document.is_overdue = any(line.is_late for line in lines)
            document.has_proposal = any(line.proposed_text for line in lines)
            document.has_outside = any(line.kind == "partner" for line in lines)

    @api.depends_context("uid")
    @api.depends("state", "reply_ids.state")
    def _compute_is_to_me(self):
        user = self.env.user
        for document in self:
            mine = document.reply_ids.filtered(lambda line: line._is_recipient(user))
            document.is_to_me = document.state != "draft" and bool(mine)
            document.waits_for_me = any(line.state == "waiting" for line in mine)

    @api.depends_context("uid")
    @api.depends("user_id", "order_id", "frame_id")
    def _compute_may_close(self):
        for document in self:
            document.may_close = document._is_sender()
            document.may_open_contract = document._contract_parent().has_access("read")

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {"deviation_ids"}

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Deviations from which it is created bring their contract along."""
        values = super().default_get(fields_list)
        commands = values.get("deviation_ids")
        if commands:
            # core makes them one command that sets all
            deviations = self.env["contract.deviation"].browse(commands[0][2])
            deviations.check_access("read")
            values.setdefault("order_id", deviations[:1].order_id.id)
            values.setdefault("frame_id", deviations[:1].frame_id.id)
        if (
            values.get("kind") == "reminder"
            and {"order_id", "frame_id"} & values.keys()
        ):
            parent = self._vals_parent(values)
            parent.check_access("read")
            for fname, value in self._reminder_defaults(parent).items():
                if fname in fields_list:
                    values.setdefault(fname, value)
        return values

    def _files_settled(self, fname):
        return super()._files_settled(fname) | self.filtered(
            lambda document: document.state != "draft"
        )

    def _files_settled_on(self):
        return super()._files_settled_on() or self.closed_on or self.sent_on

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        for document in self:
            if document.state != "draft":
                raise UserError(
                    self.env._(
                        "%(document)s was sent and can't be deleted, only voided.",
                        document=document.name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_send(self):
        """Send it to its recipients; with outside ones, show their letters first.

        :raise UserError: if it can't be sent as it is; the message says why
        """
        self.ensure_one()
        self.check_access("write")
        self._check_send()
        if self.has_outside:
            return self.env["contract.coordination.send"]._get_records_action(
                name=self.env._("Send"),
                target="new",
                context={"default_coordination_id": self.id},
            )
        self._send()
        return True

    def action_reply(self):
        """Open the window in which the user answers in his own line.

        :raise UserError: if the document isn't to him
        """
        self.ensure_one()
        self.check_access("read")
        lines = self.reply_ids.filtered(
            lambda line: not line.supplement_of_id and line._is_recipient(self.env.user)
        )
        line = lines.filtered(lambda ln: ln.state == "waiting")[:1] or lines[:1]
        if not line:
            raise UserError(self.env._("This document doesn't ask you."))
        return line.action_reply()

    def action_close(self):
        """Close it with the outcome, when all have replied or their time is over.

        :raise UserError: without outcome, or while replies may still come
        """
        self.check_access("read")
        self._contract_check_next("closed")
        for document in self:
            if not (document.outcome or "").strip():
                raise UserError(
                    self.env._(
                        "Write down under “Coordination Outcome” what was agreed "
                        "before you close %(document)s.",
                        document=document.name,
                    )
                )
            waiting = document.sudo().reply_ids.filtered(
                lambda line: line.state == "waiting"
            )
            in_time = waiting.filtered(lambda line: not line.is_late)[:1]
            if in_time:
                raise UserError(
                    self.env._(
                        "%(recipient)s still has time to reply, until %(date)s.",
                        recipient=in_time.name,
                        date=in_time._form_date(in_time.date_deadline),
                    )
                )
            unguarded(waiting).write({"state": "silent"})
            unguarded(document).write(
                {
                    "state": "closed",
                    "closed_on": fields.Datetime.now(),
                    "closed_by_id": self.env.uid,
                }
            )
        self._sync_activities()
        return True

    def action_next_stage(self):
        """Write the next stage of a payment reminder that was sent, or open it.

        :return: the window with the next reminder, a draft with the same recipients
        """
        self.ensure_one()
        self._contract_check_state("sent", "replied", "closed")
        self.check_access("write")
        successor = self.successor_ids.filtered(lambda d: d.state != "void")
        if not successor:
            if self.kind != "reminder":
                raise UserError(self.env._("Only payment reminders have stages."))
            if self.stage >= MAX_STAGE:
                raise UserError(self.env._("This is the last stage of a reminder."))
            vals = self._copy_vals()
            for fname in ("subject", "outside_text"):
                # proposed anew for the next stage
                if not self._is_own(fname):
                    del vals[fname]
            successor = guarded(
                unguarded(self).create(
                    {
                        **vals,
                        "reply_date": self._reminder_day(self.company_id),
                        "stage": self.stage + 1,
                        "predecessor_id": self.id,
                        "user_id": self.env.uid,
                    }
                )
            )
        return successor._open_form()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("The document stays with its contract: write another one.")
            )
        for document in self:
            if document.state == "draft":
                if "outcome" in content:
                    raise UserError(
                        self.env._("The outcome is known when the document was sent.")
                    )
            elif document.state in OPEN_STATES and content <= {"outcome"}:
                document._check_sender()
            else:
                raise UserError(
                    self.env._(
                        "%(document)s was sent and can't be changed. Void it with a "
                        "reason and send a corrected copy.",
                        document=document.name,
                    )
                )

    def _names_vals(self):
        buyer = (
            self.order_id.sudo().contract_buyer_id
            or self._contract_parent().sudo().partner_id
        )
        return {
            **super()._names_vals(),
            "buyer_name": buyer.display_name,
            "user_name": self.user_id.sudo().name,
            "department_name": self.department_id.sudo().name,
        }

    def _copy_vals(self):
        """Values of a copy of the texts and recipients, for a correction or the next
        stage."""
        self.ensure_one()
        return {
            **self._convert_to_write({fname: self[fname] for fname in COPIED}),
            "date": self._contract_parent()._contract_today(),
            "reply_ids": [
                Command.create(line._recipient_vals("requests"))
                for line in self.reply_ids
                if not line.supplement_of_id
            ],
        }

    def _is_sender(self):
        """Whether the user sent it, or stands in: the business office."""
        self.ensure_one()
        return self.env.user == self.user_id or self.env.user.has_group(
            "contract_tracking.group_contract_business"
        )

    def _refuse_sender(self):
        """Why the user can't decide what becomes of it, or False."""
        self.ensure_one()
        if self._is_sender() and self.has_access("write"):
            return False
        return self.env._(
            "%(user)s sent %(document)s: only the sender, or the business office, "
            "decides what became of it.",
            user=self.user_id.sudo().name,
            document=self.name,
        )

    def _check_sender(self):
        self.check_access("write")
        self._contract_check_refusal("_refuse_sender")

    def _send(self):
        """Freeze names and send: activities to internal recipients, the letter to
        outside ones, a message to who gets a copy."""
        self.ensure_one()
        self.check_access("write")
        self._check_send()
        self._mark_sent()
        self._send_letters()
        self._tell_copies()
        (self | self.predecessor_id)._sync_activities()

    def _mark_sent(self):
        """Freeze the names; from now on the recipients are waited for."""
        unguarded(self).write(
            {
                **self._names_vals(),
                "state": "sent",
                "sent_on": fields.Datetime.now(),
                "sent_by_id": self.env.uid,
                "claimed": self._claimed() or False,
            }
        )
        for line in unguarded(self.sudo()).reply_ids:
            line.write(
                {
                    "name": line._recipient().display_name,
                    "email": line.partner_id.email_normalized,
                    "state": "waiting" if line.role == "to" else "informed",
                }
            )

    def _check_send(self):
        """Raise if the document can't be sent as it is."""
        self._contract_check_state("draft")
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if parent._contract_is_cancelled():
            raise UserError(
                self.env._(
                    "%(contract)s is cancelled: there is nothing to coordinate.",
                    contract=parent.display_name,
                )
            )
        lines = self.reply_ids
        if not lines.filtered(lambda line: line.role == "to"):
            raise UserError(
                self.env._("Add at least one main recipient who is to answer.")
            )
        today = parent._contract_today()
        for line in lines:
            if line.role == "to" and not line.date_deadline:
                raise UserError(self.env._("Set until when you want the replies."))
            if line.role == "to" and line.date_deadline < today:
                raise UserError(
                    self.env._(
                        "%(recipient)s can't reply by %(date)s: this day is past.",
                        recipient=line.display_name,
                        date=line._form_date(line.date_deadline),
                    )
                )
            refusal = (
                self._refuse_outside(line)
                if line.kind == "partner"
                else self._refuse_inside(line)
            )
            if refusal:
                raise UserError(refusal)

    def _refuse_outside(self, line):
        """Why no letter can go to an outside recipient, or False."""
        if not line.partner_id.email_normalized:
            return self.env._(
                "%(recipient)s has no valid e-mail address: enter it on the contact, "
                "or remove this recipient.",
                recipient=line.display_name,
            )
        said = (self.outside_text, line.requests)
        if not any(text and text.strip() for text in said):
            return self.env._(
                "The letter to %(recipient)s would be empty: write the text for "
                "outside recipients or his requests. The summary, description and "
                "requests of the document are internal.",
                recipient=line.display_name,
            )
        if self.kind == "reminder" and not self._claimed():
            return self.env._(
                "Nothing is overdue any more: there is nothing to remind "
                "%(recipient)s of.",
                recipient=line.display_name,
            )
        return False

    def _refuse_inside(self, line):
        """Why a recipient couldn't open the document, or False: said now, not found
        later."""
        user = line._responsible_user()
        if not user:
            return self.env._(
                "%(department)s has neither a head nor members: nobody would answer.",
                department=line.display_name,
            )
        if not user.active or user.share or self.company_id not in user.company_ids:
            return self.env._(
                "%(user)s is no active user of %(company)s.",
                user=user.name,
                company=self.company_id.sudo().name,
            )
        if not user.has_group("contract_tracking.group_contract_reader"):
            role = self.env.ref("contract_tracking.group_contract_user").sudo()
            return self.env._(
                "%(user)s has no role in contract tracking and couldn't read the "
                "document. An administrator gives the role “%(role)s” under "
                "Settings / Users.",
                user=user.name,
                role=role.display_name,
            )
        return False

    def _replied(self, line):
        """A reply was recorded: tell the sender, and move on with the last one."""
        self.ensure_one()
        document = unguarded(self.sudo())
        missing = "waiting" in document.reply_ids.mapped("state")
        if document.state == "sent" and not missing:
            document.state = "replied"
        document._message_log(
            body=self.env._(
                "%(recipient)s replied (%(name)s).",
                recipient=line.name,
                name=line.answered_by_name,
            ),
            author_id=self.env.user.partner_id.id,
        )
        document._sync_activities()

    def _void_copy(self):
        self._sync_activities()
        return super()._void_copy()

    def _correction_vals(self):
        return {**super()._correction_vals(), **self._copy_vals()}

    @api.model
    def _handover_domain(self, user):
        """Documents of this person that wait for replies, or to be sent."""
        return Domain("user_id", "=", user.id) & Domain(
            "state", "in", ("draft", *OPEN_STATES)
        )

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "sent": {"draft": None},
            "closed": dict.fromkeys(OPEN_STATES, "_refuse_sender"),
            "void": dict.fromkeys(("sent", "replied", "closed"), "_refuse_sender"),
        }
