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
        string="Coordination Outcome",
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
        """Whether the user sent it, or stands in: the business office."""
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
