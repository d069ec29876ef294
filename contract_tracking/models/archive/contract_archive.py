from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.guard import unguarded
from ...tools.windows import window

HAND = "contract_tracking.mail_activity_archive_hand"
TAKE = "contract_tracking.mail_activity_archive_take"
# As long as its files are with who hands them over.
COLLECTING = ("draft", "returned")
# Its files don't change: who takes them sees what was handed over.
CLOSED = ("submitted", "kept", "disposed")
# What people write of it while it is collected.
WRITTEN = ("place", "box", "originals", "copies", "pages", "note", "is_confidential")
# A disposal that goes on, or was decided.
DISPOSING = ("draft", "submitted", "approved")


class ContractArchive(models.Model):
    """合同归档 The files of a finished contract or frame agreement: complete by the
    checklist of its kind, handed over to the department that keeps them, which accepts
    them or returns them with what is missing; kept under an index number (档号) for the
    years of their category, lent, and disposed of when these are over and somebody
    decided so (D2 §16, D3 §4.2, D4 §7.1-7.3).

    While they are kept the papers of the contract stay as they are, for everybody; the
    department returns the archive, with a reason, where something is to be corrected.
    Nothing is deleted here when the paper is destroyed. Days are those of the company.
    """

    _name = "contract.archive"
    _inherit = [
        "contract.archive.keeper.mixin",
        "contract.form.mixin",
        "contract.checklist.mixin",
    ]
    _description = "Contract Archive"
    _order = "date_due, id desc"
    _rec_names_search = ["archive_no", "name", "contract_number"]
    _frozen_create = True
    _contract_form = ("QR-XS-16", "A/0", "DA")
    _contract_buttons = {
        "can_submit": "submitted",
        "can_accept": "kept",
        "can_return": "returned",
    }
    _contract_columns = ("draft", "submitted", "kept")
    _checklist_purpose = "archive"
    _checklist_keeps = True

    order_id = fields.Many2one(readonly=True)
    frame_id = fields.Many2one(readonly=True)
    user_id = fields.Many2one(
        string="Handed Over By", readonly=True, ondelete="restrict"
    )
    date = fields.Date(
        string="Begun On",
        readonly=True,
        help="The day on which the archive was opened.",
    )
    state = fields.Selection(
        [
            ("draft", "To archive"),
            ("submitted", "Handed over"),
            ("returned", "Returned"),
            ("kept", "Kept"),
            ("disposed", "Disposed of"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    department_id = fields.Many2one(required=True, readonly=True)
    ended_on = fields.Date(
        string="Contract Ended On",
        readonly=True,
        required=True,
        help="From this day on the years of its category count.",
    )
    date_due = fields.Date(string="Handover Due", readonly=True, required=True)
    submitted_on = fields.Datetime(string="Handed Over On", readonly=True)
    submitted_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    kept_on = fields.Datetime(string="Kept Since", readonly=True)
    custodian_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    returned_count = fields.Integer(
        string="Times Returned",
        readonly=True,
        help="How often the department returned the files.",
    )
    missing_text = fields.Char(
        string="What Was Missing",
        readonly=True,
        help="Why the department returned them the last time.",
    )
    archive_no = fields.Char(
        string="Index Number",
        readonly=True,
        index="trigram",
        help="Drawn when the files are accepted, by the company's scheme.",
    )
    category_id = fields.Many2one(
        "contract.archive.category",
        ondelete="restrict",
        check_company=True,
        domain="[('company_id', 'in', (company_id, False))]",
        tracking=True,
    )
    retention_years = fields.Integer(
        string="Kept for (Years)",
        compute="_compute_retention_years",
        store=True,
        help="As the category said when it was chosen. 0: permanently.",
    )
    retained_until = fields.Date(
        compute="_compute_retained_until",
        store=True,
        help="The last day on which the files must be kept; empty for those that are "
        "kept permanently.",
    )
    place = fields.Char(help="Room, shelf.", tracking=True)
    box = fields.Char(help="The number of the box.", tracking=True)
    originals = fields.Integer(help="How many originals are in it.")
    copies = fields.Integer(
        string="Number of Copies", help="How many copies are in it."
    )
    pages = fields.Integer(help="How many pages it has.")
    note = fields.Text()
    is_confidential = fields.Boolean(
        string="Confidential",
        tracking=True,
        help="Only the business office, who keeps it, leaders, auditors and the owner "
        "read the archive and the papers of its contract, and it is written down who "
        "opened them.",
    )
    missing_papers = fields.Text(
        string="Still Missing",
        compute="_compute_missing_papers",
        compute_sudo=True,
        help="What the checklist of this kind of contract asks for, neither there nor "
        "waived.",
    )
    loan_ids = fields.One2many("contract.archive.loan", "archive_id", string="Loans")
    loan_count = fields.Integer(
        string="Number of Loans",
        compute="_compute_counts",
        help="Loans of these files that the user may read.",
    )
    paper_count = fields.Integer(
        string="Number of Papers",
        compute="_compute_counts",
        help="Papers of the contract that the user may read.",
    )
    is_lent = fields.Boolean(
        string="Lent",
        compute="_compute_lent_text",
        search="_search_is_lent",
        compute_sudo=True,
        help="Something of it is with a borrower.",
    )
    lent_text = fields.Char(
        string="Lent To",
        compute="_compute_lent_text",
        compute_sudo=True,
        help="Who has it, until when.",
    )
    disposal_ids = fields.Many2many(
        "contract.archive.disposal",
        "contract_archive_disposal_rel",
        "archive_id",
        "disposal_id",
        string="Disposals",
        readonly=True,
    )
    disposed_on = fields.Date(readonly=True)
    opening_ids = fields.One2many(
        "contract.archive.opening",
        "archive_id",
        string="Opened By",
        groups="contract_tracking.group_contract_business,"
        "contract_tracking.group_contract_auditor",
    )
    is_late = fields.Boolean(
        string="Late", compute="_compute_is_late", search="_search_is_late"
    )
    is_past = fields.Boolean(
        string="Past Retention",
        compute="_compute_is_late",
        search="_search_is_past",
        help="It was kept for as long as its category asks.",
    )
    can_submit = fields.Boolean(compute="_compute_can")
    can_accept = fields.Boolean(compute="_compute_can")
    can_return = fields.Boolean(compute="_compute_can")
    can_keep = fields.Boolean(
        compute="_compute_can", help="The user is of who keeps the files."
    )

    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE order_id IS NOT NULL",
        "The files of this contract have an archive already.",
    )
    _frame_uniq = models.UniqueIndex(
        "(frame_id) WHERE frame_id IS NOT NULL",
        "The files of this frame agreement have an archive already.",
    )
    _archive_no_uniq = models.UniqueIndex(
        "(company_id, archive_no) WHERE archive_no IS NOT NULL",
        "There is an archive of this index number already.",
    )
    _counts = models.Constraint(
        "CHECK (originals >= 0 AND copies >= 0 AND pages >= 0)",
        "Originals, copies and pages can't be negative.",
    )
    _confidential = models.Index("(order_id, frame_id) WHERE is_confidential")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("archive_no", "name", "contract_no")
    def _compute_display_name(self):
        for archive in self:
            number = archive.archive_no or archive.name
            archive.display_name = " ".join(filter(None, (number, archive.contract_no)))

    # a category that changes moves no archive: only who chooses another one does
    @api.depends("category_id")
    def _compute_retention_years(self):
        for archive in self:
            archive.retention_years = archive.category_id.years

    @api.depends("ended_on", "category_id", "retention_years")
    def _compute_retained_until(self):
        for archive in self:
            archive.retained_until = (
                archive.ended_on
                and archive.retention_years
                and archive.ended_on + relativedelta(years=archive.retention_years)
            )

    @api.depends("checklist_line_ids.answer", "state")
    @api.depends_context("lang")
    def _compute_missing_papers(self):
        for archive in self:
            lines = archive._missing_lines() if archive.state in COLLECTING else ()
            archive.missing_papers = "\n".join(line.name for line in lines)

    @api.depends_context("uid")
    @api.depends("loan_ids", "order_id", "frame_id")
    def _compute_counts(self):
        loans = dict(
            self.env["contract.archive.loan"]._read_group(
                [("archive_id", "in", self._origin.ids)], ["archive_id"], ["__count"]
            )
        )
        papers = {
            order or frame: count
            for order, frame, count in self.env["contract.document"]._read_group(
                [
                    "|",
                    ("order_id", "in", self.order_id.ids),
                    ("frame_id", "in", self.frame_id.ids),
                ],
                ["order_id", "frame_id"],
                ["__count"],
            )
        }
        for archive in self:
            archive.loan_count = loans.get(archive._origin, 0)
            archive.paper_count = papers.get(archive._contract_parent(), 0)

    @api.depends("loan_ids.state", "loan_ids.date_due")
    @api.depends_context("lang")
    def _compute_lent_text(self):
        for archive in self:
            lent = archive.loan_ids.filtered(lambda loan: loan.state == "lent")
            archive.is_lent = bool(lent)
            archive.lent_text = format_list(
                self.env, [loan._borrower_text() for loan in lent]
            )

    @api.model
    def _search_is_lent(self, operator, value):
        if operator != "in":
            return NotImplemented
        loans = self.env["contract.archive.loan"].sudo()
        query = loans._search([("state", "=", "lent")])
        lent = Domain("id", "in", query.subselect("archive_id"))
        return lent if True in value else ~lent

    @api.depends("date_due", "state", "retained_until")
    def _compute_is_late(self):
        for archive in self:
            today = archive.company_id._contract_today()
            due, until = archive.date_due, archive.retained_until
            archive.is_late = archive.state in COLLECTING and due and due < today
            archive.is_past = archive.state == "kept" and until and until < today

    @api.model
    def _search_is_late(self, operator, value):
        return self._search_day("date_due", COLLECTING, operator, value)

    @api.model
    def _search_is_past(self, operator, value):
        return self._search_day("retained_until", ("kept",), operator, value)

    @api.model
    def _search_day(self, fname, states, operator, value):
        if operator != "in":
            return NotImplemented
        found = Domain("state", "in", states) & self.env[
            "res.company"
        ]._contract_day_domain(fname, "<")
        return found if True in value else ~found

    @api.depends_context("uid")
    @api.depends("state", "department_id")
    def _compute_can(self):
        for archive in self:
            archive.can_keep = archive.state != "draft" and not archive._refuse_keeper()
        return super()._compute_can()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        archives = super().create(vals_list)
        archives._checklist_ask()
        archives._sync_activities()
        return archives

    def _check_frozen(self, content):
        for archive in self:
            if archive.state == "disposed":
                raise UserError(archive._contract_wrong_state(("draft", "kept")))
            refusal = False
            if "is_confidential" in content:
                refusal = archive._refuse_confidential()
            if not refusal and content - {"is_confidential"}:
                refusal = archive.state not in COLLECTING and archive._refuse_keeper()
            if refusal:
                raise UserError(refusal)
        return super()._check_frozen(content)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        if any(a.state != "draft" or a.submitted_on for a in self):
            raise UserError(
                self.env._("Files that were handed over stay written down.")
            )

    @api.model
    def _recorded_domain(self):
        return Domain("submitted_on", "!=", False) | Domain("opening_ids", "!=", False)

    def read(self, fields=None, load="_classic_read"):
        """Who opens a confidential dossier is written down."""
        if not self.env.su and (not fields or "checklist_line_ids" in fields):
            self._opened("dossier")
        return super().read(fields, load)

    def _export_rows(self, fields, *args, **options):
        if any(path[0] == "checklist_line_ids" for path in fields):
            self._opened("dossier")
        return super()._export_rows(fields, *args, **options)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_submit(self):
        """Hand the files over: the department is asked to accept them.

        :raise UserError: naming what is missing, and who holds originals
        """
        self._contract_begin("submitted", "write")
        self._check_ready()
        unguarded(self.sudo()).write(
            {
                "state": "submitted",
                "submitted_on": fields.Datetime.now(),
                "submitted_by_id": self.env.uid,
                **self._names_vals(),
            }
        )
        self._checklist_keep_answers()
        self._sync_activities()

    def action_accept(self):
        """The department has the files, complete: they get their index number.

        :raise UserError: without a category, or without the right to
        """
        self._contract_begin("kept")
        archive = unguarded(self.sudo())
        if not archive.category_id:
            raise UserError(self.env._("Choose the category of the files first."))
        archive._take_originals()
        archive.write(
            {
                "state": "kept",
                "kept_on": fields.Datetime.now(),
                "custodian_id": self.env.uid,
                "missing_text": False,
                "archive_no": archive.archive_no or archive._next_archive_no(),
            }
        )
        self._sync_activities()

    def action_return_files(self):
        """Ask what is missing or to be corrected, and return the files."""
        return self._open_reason("return_archive")

    def action_checklist_update(self):
        """Ask what the templates that fit ask by now."""
        self._checklist_check_answer()
        self._checklist_ask()

    def action_lend(self):
        """Open the form of a new loan of these files."""
        self.ensure_one()
        self._contract_check_state("kept")
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Lend"),
            "res_model": "contract.archive.loan",
            "views": [(False, "form")],
            "context": {"default_archive_id": self.id},
        }

    @api.readonly
    def action_papers(self):
        """Open the papers of the contract."""
        self.ensure_one()
        return self._contract_parent()._contract_parts_action(
            "contract_document_action"
        )

    @api.readonly
    def action_loans(self):
        """Open the loans of these files."""
        self.ensure_one()
        return window(
            self.env,
            "contract_archive_loan_action",
            domain=[("archive_id", "=", self.id)],
            context={"default_archive_id": self.id},
        )

    def action_dispose(self):
        """Put these archives on a list of what is to be disposed of."""
        self.check_access("read")
        return self.env["contract.archive.disposal"]._propose(self)._open_form()

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "submitted": dict.fromkeys(COLLECTING),
            "kept": {"submitted": "_refuse_taker"},
            "returned": {"submitted": "_refuse_keeper", "kept": "_refuse_keeper"},
        }

    @api.model
    def _handover_domain(self, user):
        """Those that this person still has to hand over."""
        return Domain("user_id", "=", user.id) & Domain("state", "in", COLLECTING)

    @api.model
    def _closed_texts(self, parts):
        """``{contract: why what belongs to it stays as it is}`` of those of ``parts``
        whose files were handed over, or are kept."""
        parts = parts.sudo()
        archives = self.sudo().search(
            [
                ("state", "in", CLOSED),
                "|",
                ("order_id", "in", parts.order_id.ids),
                ("frame_id", "in", parts.frame_id.ids),
            ]
        )
        return {
            archive._contract_parent(): archive._closed_text() for archive in archives
        }

    def _closed_text(self):
        """Why papers of the contract stay as they are."""
        self.ensure_one()
        if self.state == "submitted":
            return self.env._(
                "The files of %(contract)s were handed over (%(number)s): its papers "
                "stay as they are. %(department)s returns them, with a reason, where "
                "something is to be corrected.",
                contract=self.contract_no,
                number=self.name,
                department=self.department_id.name,
            )
        return self.env._(
            "%(contract)s is archived (%(number)s): its papers stay as they are. "
            "%(department)s returns the archive, with a reason, where something is to "
            "be corrected.",
            contract=self.contract_no,
            number=self.archive_no,
            department=self.department_id.name,
        )

    # ------------------------------------------------------------------
    # Who opened it
    # ------------------------------------------------------------------

    def _opened(self, what, detail=False, always=False):
        """Write down that the user opened these, where they are confidential.

        :param always: also where they are not
        """
        opened = self.sudo().filtered(lambda a: always or a.is_confidential)
        if opened:
            self.env["contract.archive.opening"]._note(opened, what, detail)

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {HAND, TAKE}

    def _activities_wanted(self):
        wanted = super()._activities_wanted()
        if self.state in COLLECTING and self._contract_parent()._contract_is_over():
            wanted.append(
                {
                    "xmlid": HAND,
                    "user": self.user_id,
                    "day": self.date_due,
                    "what": self.missing_text,
                }
            )
        elif self.state == "submitted":
            department = self.department_id
            day = self.company_id._contract_today()
            for user in department.head_id or department.member_ids:
                wanted.append({"xmlid": TAKE, "user": user, "day": day, "keep": True})
        return wanted
