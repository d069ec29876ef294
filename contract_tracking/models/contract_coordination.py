from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError

from .contract_evidence import own_attachments
from .contract_guard import is_unguarded, unguarded

STATES = [
    ("draft", "Draft"),
    ("sent", "Waiting for reply"),
    ("replied", "Replied"),
    ("closed", "Closed"),
    ("void", "Void"),
]
# Sent, and still waiting for replies or for the outcome.
OPEN_STATES = ("sent", "replied")
# What its sender completes after it was sent.
OUTCOME = {"outcome"}
MAX_STAGE = 3


class ContractCoordination(models.Model):
    """附表2 Coordination Document: what departs from the contract, what is asked of
    departments, people and outside parties, what they reply, the outcome (D9 §6.2).

    Days are those of the company's time zone. What was sent is evidence: corrected by
    voiding it with a reason and sending a linked copy. Recipients read the document
    and answer in their own line; outside ones see the letter (函) only.
    """

    _name = "contract.coordination"
    _inherit = ["contract.form.mixin"]
    _description = "Coordination Document"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "subject", "contract_no", "partner_name"]

    _contract_form_sequence = "contract.coordination"
    _contract_form_setting = "contract_coordination_form"

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
        copy=False,
        index=True,
        tracking=True,
        group_expand=True,
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
        copy=False,
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
        help="What is asked of the recipients (协调内容); internal. What an outside "
        "recipient is asked stands in his own line.",
    )
    outside_text = fields.Text(
        string="Text for Outside Recipients",
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
        copy=False,
        tracking=True,
        help="What was agreed in the end, written down by the sender.",
    )
    sent_on = fields.Datetime(readonly=True, copy=False)
    sent_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    last_reply_on = fields.Datetime(readonly=True, copy=False)
    closed_on = fields.Datetime(readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    void_reason = fields.Char(readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "contract.coordination",
        string="Corrects",
        readonly=True,
        copy=False,
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
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    successor_ids = fields.One2many(
        "contract.coordination", "predecessor_id", string="Next Stage", readonly=True
    )

    # Names of the day on which it was written and sent
    partner_name = fields.Char(string="Customer's Name", readonly=True, copy=False)
    buyer_name = fields.Char(string="Buyer", readonly=True, copy=False)
    contract_no = fields.Char(string="Contract No.", readonly=True, copy=False)
    user_name = fields.Char(string="Handler's Name", readonly=True, copy=False)
    department_name = fields.Char(string="Department's Name", readonly=True, copy=False)

    # How it stands, for lists and buttons
    waiting_count = fields.Integer(
        string="Replies Missing", compute="_compute_reply_figures", compute_sudo=True
    )
    answered_count = fields.Integer(
        string="Replies", compute="_compute_reply_figures", compute_sudo=True
    )
    is_overdue = fields.Boolean(
        string="Overdue Replies",
        compute="_compute_reply_figures",
        search="_search_is_overdue",
        compute_sudo=True,
    )
    has_proposal = fields.Boolean(
        string="E-Mail to Take Over",
        compute="_compute_reply_figures",
        search="_search_has_proposal",
        compute_sudo=True,
    )
    has_outside = fields.Boolean(
        string="Outside Recipients", compute="_compute_reply_figures", compute_sudo=True
    )
    is_to_me = fields.Boolean(
        string="To Me",
        compute="_compute_is_to_me",
        search="_search_is_to_me",
        compute_sudo=True,
    )
    waits_for_me = fields.Boolean(
        string="Waits for My Reply",
        compute="_compute_is_to_me",
        search="_search_waits_for_me",
        compute_sudo=True,
    )
    may_close = fields.Boolean(compute="_compute_may_close")

    _stage_range = models.Constraint(
        "CHECK (stage BETWEEN 1 AND 3)", "There are three stages of reminders."
    )
    _next_stage_uniq = models.UniqueIndex(
        "(predecessor_id) WHERE predecessor_id IS NOT NULL AND state != 'void'",
        "The next stage of this reminder is already written.",
    )

    @api.depends("user_id", "order_id", "frame_id")
    def _compute_department_id(self):
        Department = self.env["contract.department"].sudo()
        for document in self:
            user = document.user_id
            own = Department.search(
                [
                    ("company_id", "=", document.company_id.id),
                    "|",
                    ("head_id", "=", user.id),
                    ("member_ids", "in", user.ids),
                ],
                limit=1,
            )
            document.department_id = document.department_id or own

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
    @api.depends("user_id")
    def _compute_may_close(self):
        for document in self:
            document.may_close = document._is_sender()

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_lines(
            self.env["contract.coordination.reply"]._late_domain()
        )

    def _search_has_proposal(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._search_lines([("proposed_text", "!=", False)])

    def _search_is_to_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self.env["contract.coordination.reply"]._mine_domain()
        return [*self._search_lines(mine), ("state", "!=", "draft")]

    def _search_waits_for_me(self, operator, value):
        if operator != "in":
            return NotImplemented
        mine = self.env["contract.coordination.reply"]._mine_domain()
        return self._search_lines([*mine, ("state", "=", "waiting")])

    @api.model
    def _search_lines(self, domain):
        """Documents that have a line like this, whoever may read the line."""
        query = self.env["contract.coordination.reply"].sudo()._search(domain)
        return [("id", "in", query.subselect("coordination_id"))]

    @api.constrains("deviation_ids", "order_id", "frame_id")
    def _check_deviations(self):
        for document in self:
            for deviation in document.deviation_ids.sudo():
                if deviation._contract_parent() != document._contract_parent():
                    raise ValidationError(
                        self.env._(
                            "%(deviation)s is a deviation of another contract.",
                            deviation=deviation.display_name,
                        )
                    )

    @api.constrains("order_id", "frame_id")
    def _check_contract(self):
        for document in self:
            frame, order = document.frame_id.sudo(), document.order_id.sudo()
            if order and not order.contract_state:
                raise ValidationError(
                    self.env._(
                        "%(order)s is not tracked as a contract.",
                        order=order.display_name,
                    )
                )
            if frame and not frame.effective_date:
                raise ValidationError(
                    self.env._(
                        "%(frame)s is not in effect.",
                        frame=frame.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Deviations from which it is created bring their contract along."""
        values = super().default_get(fields_list)
        ids = self.env.context.get("default_deviation_ids")
        if ids and "deviation_ids" in fields_list:
            deviations = self.env["contract.deviation"].browse(
                self._fields["deviation_ids"].convert_to_cache(
                    ids, self.new(), validate=False
                )
            )
            deviations.check_access("read")
            if deviations:
                values.setdefault("order_id", deviations[0].order_id.id)
                values.setdefault("frame_id", deviations[0].frame_id.id)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        documents._freeze_names()
        own_attachments(documents)
        return documents

    def write(self, vals):
        res = super().write(vals)
        if "attachment_ids" in vals and not is_unguarded(self):
            own_attachments(self)
        return res

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
            elif document.state in OPEN_STATES and content <= OUTCOME:
                document._check_sender()
            else:
                raise UserError(
                    self.env._(
                        "%(document)s was sent and can't be changed. Void it with a "
                        "reason and send a corrected copy.",
                        document=document.name,
                    )
                )

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
    # Helpers
    # ------------------------------------------------------------------

    def _freeze_names(self):
        """Keep names as text: of the day of writing, then of the day of sending."""
        for document in self:
            parent = document._contract_parent().sudo()
            buyer = document.order_id.sudo().contract_buyer_id or parent.partner_id
            unguarded(document).write(
                {
                    "partner_name": parent.partner_id.commercial_partner_id.name,
                    "buyer_name": buyer.display_name,
                    "contract_no": document.sudo().contract_number
                    or parent.display_name,
                    "user_name": document.user_id.sudo().name,
                    "department_name": document.department_id.sudo().name,
                }
            )

    def _copy_vals(self):
        """Values of a copy of the texts and recipients, for a correction or the next
        stage."""
        self.ensure_one()
        return {
            **self._contract_parent_vals(),
            "kind": self.kind,
            "user_id": self.user_id.id,
            "department_id": self.department_id.id,
            "deviation_ids": [Command.set(self.deviation_ids.ids)],
            "subject": self.subject,
            "summary": self.summary,
            "description": self.description,
            "requests": self.requests,
            "outside_text": self.outside_text,
            "date": self._contract_parent()._contract_today(),
            "reply_ids": [
                Command.create(line._copy_vals())
                for line in self.reply_ids
                if not line.supplement_of_id
            ],
        }

    def _is_sender(self):
        """Whether the user sent it, or stands in for the sender: the business office."""
        self.ensure_one()
        return self.env.user == self.user_id or self.env.user.has_group(
            "contract_tracking.group_contract_business"
        )

    def _check_sender(self):
        for document in self:
            document.check_access("write")
            if not document._is_sender():
                raise UserError(
                    self.env._(
                        "%(user)s sent %(document)s: only the sender, or the business "
                        "office, decides what became of it.",
                        user=document.user_id.sudo().name,
                        document=document.name,
                    )
                )

    @api.depends("name", "contract_no")
    def _compute_display_name(self):
        for document in self:
            document.display_name = " ".join(
                filter(None, (document.name, document.contract_no))
            )
