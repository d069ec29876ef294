from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .contract_coordination import OPEN_STATES
from .contract_guard import is_unguarded


class ContractCoordinationReply(models.Model):
    """A recipient of a coordination document and what he answered (D9 §6.2).

    A department is answered for by its head or any member, a user by himself; what
    an outside partner answered is recorded by the sender. A reply is evidence:
    another answer of the same recipient is a supplementary line of its own.
    """

    _name = "contract.coordination.reply"
    _inherit = ["contract.frozen.mixin", "contract.print.mixin"]
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

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        if not is_unguarded(self):
            lines._check_draft()
        return lines

    def _check_frozen(self, content):
        if "coordination_id" in content:
            raise UserError(self.env._("A recipient stays with his document."))
        self._check_draft()

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_draft()

    def _check_draft(self):
        for line in self.sudo():
            if line.coordination_id.state != "draft":
                raise UserError(
                    self.env._(
                        "%(document)s was sent: its recipients and replies can't be "
                        "changed.",
                        document=line.coordination_id.name,
                    )
                )

    @api.onchange("kind")
    def _onchange_kind(self):
        for line in self:
            for fname in {"department_id", "user_id", "partner_id"}:
                if fname != f"{line.kind}_id":
                    line[fname] = False

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _recipient(self):
        self.ensure_one()
        return self.department_id or self.user_id or self.partner_id

    def _is_recipient(self, user):
        """Whether this internal user may answer: himself, or of the department."""
        self.ensure_one()
        department = self.sudo().department_id
        return bool(user) and user in (
            self.sudo().user_id | department.head_id | department.member_ids
        )

    def _may_reply(self):
        self.ensure_one()
        if self.kind == "partner":
            document = self.coordination_id
            return document.has_access("write") and document._is_sender()
        return self._is_recipient(self.env.user)

    def _responsible_user(self):
        """Who is asked to answer: the user, the department's head, else its first
        member; nobody for outside recipients."""
        self.ensure_one()
        department = self.sudo().department_id
        return self.sudo().user_id or department.head_id or department.member_ids[:1]

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
        return Domain.OR(
            Domain("state", "=", "waiting")
            & Domain("company_id", "=", company.id)
            & Domain("date_deadline", "<", company._contract_today())
            for company in self.env["res.company"].sudo().search([])
        )
