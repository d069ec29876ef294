from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.guard import unguarded

DECIDE = "contract_tracking.mail_activity_archive_loan_decide"
BACK = "contract_tracking.mail_activity_archive_loan_back"
# What is asked for, as long as nobody has it.
ASKED = ("requested", "approved")
# What was agreed until a day.
OUT = ("approved", "lent")


class ContractArchiveLoan(models.Model):
    """档案借阅 A loan of archived files: who asks for which, what for and until when;
    agreed where the company wants it, handed out and taken back by who keeps them
    (D4 §7.3). Originals are lent once at a time. Nothing of it is deleted.

    Colleagues without a contract role ask too: they name in words what they need, and
    see their own loans only.
    """

    _name = "contract.archive.loan"
    _inherit = [
        "contract.archive.keeper.mixin",
        "contract.numbered.mixin",
        "contract.past.mixin",
        "contract.activity.mixin",
        "contract.thread.mixin",
    ]
    _description = "Loan of Files"
    _order = "date_due, id desc"
    _rec_names_search = ["name", "wanted"]
    _contract_form = ("", "", "JY")
    _contract_buttons = {
        "can_approve": "approved",
        "can_lend": "lent",
        "can_take_back": "returned",
        "can_refuse": "refused",
        "can_withdraw": "withdrawn",
    }
    _contract_columns = ("requested", "lent")

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    archive_id = fields.Many2one(
        "contract.archive",
        string="Dossier",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('state', '=', 'kept'), ('company_id', '=', company_id)]",
        help="Who keeps the files chooses it, where the borrower can't.",
    )
    wanted = fields.Char(
        string="File Wanted",
        help="The contract's number or customer, in words.",
    )
    archive_text = fields.Char(
        string="File",
        compute="_compute_archive_text",
        compute_sudo=True,
        help="What is lent, by its index number.",
    )
    department_id = fields.Many2one(
        compute="_compute_department_id",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Borrower",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    what = fields.Selection(
        [
            ("whole", "The whole file"),
            ("originals", "Originals"),
            ("copies", "Photocopies"),
        ],
        string="Wanted As",
        required=True,
        default="copies",
    )
    purpose = fields.Char(required=True, help="What it is needed for.")
    date_due = fields.Date(string="Until", required=True, tracking=True)
    state = fields.Selection(
        [
            ("requested", "Requested"),
            ("approved", "Approved"),
            ("lent", "Lent"),
            ("returned", "Handed Back"),
            ("refused", "Refused"),
            ("withdrawn", "Withdrawn"),
        ],
        default="requested",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    approved_on = fields.Datetime(readonly=True, copy=False)
    approved_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    lent_on = fields.Datetime(readonly=True, copy=False)
    lent_by_id = fields.Many2one(
        "res.users",
        string="Handed Out By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    returned_on = fields.Datetime(readonly=True, copy=False)
    returned_by_id = fields.Many2one(
        "res.users",
        string="Taken Back By",
        readonly=True,
        copy=False,
        ondelete="restrict",
    )
    refused_reason = fields.Char(readonly=True, copy=False)
    is_late = fields.Boolean(
        string="Overdue",
        compute="_compute_is_late",
        search="_search_is_late",
        help="It is with the borrower longer than agreed.",
    )
    can_approve = fields.Boolean(compute="_compute_can")
    can_lend = fields.Boolean(compute="_compute_can")
    can_take_back = fields.Boolean(compute="_compute_can")
    can_refuse = fields.Boolean(compute="_compute_can")
    can_withdraw = fields.Boolean(compute="_compute_can")
    can_extend = fields.Boolean(compute="_compute_can")
    can_choose = fields.Boolean(compute="_compute_can")

    _wanted = models.Constraint(
        "CHECK (archive_id IS NOT NULL OR (wanted IS NOT NULL AND wanted <> ''))",
        "Say which file is wanted.",
    )
    # two who hand out at once
    _lent_uniq = models.UniqueIndex(
        "(archive_id) WHERE state = 'lent' AND what <> 'copies'",
        "These originals are lent already.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("archive_id", "wanted")
    def _compute_archive_text(self):
        for loan in self:
            loan.archive_text = loan.archive_id.display_name or loan.wanted

    @api.depends("archive_id", "company_id")
    def _compute_department_id(self):
        for loan in self:
            loan.department_id = (
                loan.archive_id.department_id
                or loan.company_id.contract_archive_department_id
            )

    @api.depends("name", "archive_text")
    def _compute_display_name(self):
        for loan in self:
            loan.display_name = " ".join(filter(None, (loan.name, loan.archive_text)))

    @api.depends("date_due", "state")
    def _compute_is_late(self):
        for loan in self:
            loan.is_late = (
                loan.state == "lent"
                and loan.date_due
                and loan.date_due < loan.company_id._contract_today()
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "=", "lent") & self.env[
            "res.company"
        ]._contract_day_domain("date_due", "<")
        return late if True in value else ~late

    @api.depends_context("uid")
    @api.depends("state", "department_id", "archive_id")
    def _compute_can(self):
        for loan in self:
            loan.can_extend = bool(loan._origin) and not loan._refuse_extender()
            # as long as what was chosen isn't saved
            origin = loan._origin
            loan.can_choose = loan.state == "requested" or bool(
                loan.state == "approved" and origin and not origin._refuse_chooser()
            )
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("date_due")
    def _check_date_due(self):
        for loan in self:
            if loan.state in ASKED and (
                loan.date_due < loan.company_id._contract_today()
            ):
                raise ValidationError(
                    self.env._(
                        "A file can't be lent until %(date)s: this day is over.",
                        date=format_date(self.env, loan.date_due),
                    )
                )

    @api.constrains("archive_id", "company_id")
    def _check_archive(self):
        for loan in self.sudo().filtered("archive_id"):
            if loan.archive_id.company_id != loan.company_id:
                raise ValidationError(self.env._("This file is of another company."))
            loan.archive_id._contract_check_state("kept")

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        loans = super().create(vals_list)
        for loan in loans:
            loan._check_asked_by()
        loans._sync_activities()
        return loans

    def write(self, vals):
        res = super().write(vals)
        if "user_id" in vals:
            for loan in self:
                loan._check_asked_by()
        if {"date_due", "archive_id", "user_id"} & vals.keys():
            self._sync_activities()
        return res

    def _check_frozen(self, content):
        for loan in self:
            if loan.state == "requested":
                # who keeps the files names the one that is meant
                refusal = loan._refuse_keeper() and loan._refuse_borrower()
            elif loan.state == "approved" and content == {"archive_id"}:
                refusal = loan._refuse_chooser()
            elif loan.state in OUT and content <= {"date_due"}:
                refusal = self.env._(
                    "Extend the loan (button “Extend”): it is written down why."
                )
            else:
                refusal = loan._contract_wrong_state(("requested",))
            if refusal:
                raise UserError(refusal)
        return super()._check_frozen(content)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("Loans stay written down: withdraw what isn't needed any more.")
        )

    def _check_asked_by(self):
        """Who keeps files lends to others; everybody else asks for himself.

        :raise UserError: otherwise
        """
        if not self.env.su and self.user_id != self.env.user:
            if refusal := self._refuse_keeper():
                raise UserError(refusal)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_agree(self):
        """Agree that the file is lent."""
        self._contract_begin("approved")
        unguarded(self.sudo()).write(
            {
                "state": "approved",
                "approved_on": fields.Datetime.now(),
                "approved_by_id": self.env.uid,
            }
        )
        self._sync_activities()

    def action_hand_out(self):
        """Hand the file out to the borrower.

        :raise UserError: if nobody chose which, it isn't kept, or is lent already
        """
        self._contract_begin("lent")
        loan = unguarded(self.sudo())
        loan.archive_id._lock()
        loan._check_available()
        loan.write(
            {
                "state": "lent",
                "lent_on": fields.Datetime.now(),
                "lent_by_id": self.env.uid,
            }
        )
        self._sync_activities()

    def action_take_back(self):
        """The file came back."""
        self._contract_begin("returned")
        unguarded(self.sudo()).write(
            {
                "state": "returned",
                "returned_on": fields.Datetime.now(),
                "returned_by_id": self.env.uid,
            }
        )
        self._sync_activities()

    def action_withdraw(self):
        """The borrower needs it no more."""
        self._contract_begin("withdrawn")
        unguarded(self.sudo()).write({"state": "withdrawn"})
        self._sync_activities()

    def action_decline(self):
        """Ask why the file isn't lent."""
        return self._open_reason("refuse_loan")

    def action_extend(self):
        """Ask until when the file is lent now, and why."""
        return self._open_reason("extend_loan")

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        keeper = "_refuse_keeper"
        approval = self.sudo().company_id.contract_archive_loan_approval
        straight = {"requested": keeper} if approval == "none" else {}
        return {
            **super()._contract_next_states(),
            "approved": {} if approval == "none" else {"requested": "_refuse_approver"},
            "lent": {**straight, "approved": keeper},
            "returned": {"lent": keeper},
            "refused": dict.fromkeys(ASKED, keeper),
            "withdrawn": dict.fromkeys(ASKED, "_refuse_borrower"),
        }

    def _refuse_borrower(self):
        """Why the user can't change what was asked for, or False."""
        if self.env.user == self.sudo().user_id:
            return False
        return self.env._("Only who asked for the file does this.")

    def _refuse_chooser(self):
        """Why the user can't say which file is meant by a wish that was agreed to, or
        False: what was agreed to as a file is no other one afterwards."""
        if self.archive_id:
            return self._contract_wrong_state(("requested",))
        return self._refuse_keeper()

    def _refuse_approver(self):
        """Why the user can't agree to the loan, or False: not who borrows, and where
        the company says so only the head."""
        if refusal := self._refuse_keeper():
            return refusal
        loan = self.sudo()
        head = loan.department_id.head_id
        if loan.company_id.contract_archive_loan_approval == "head" and head:
            if self.env.user != head:
                return self.env._(
                    "%(head)s, who leads the department, agrees to loans.",
                    head=head.name,
                )
        if self.env.user == loan.user_id and not loan.company_id.contract_own_decisions:
            return self.env._("A colleague agrees to your own loan.")
        return False

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "refuse_loan": self._reason_step(
                self.env._("Refuse the loan"), "_refuse_loan"
            ),
            "extend_loan": self._reason_step(
                self.env._("Extend the loan"),
                "_extend",
                "date",
                date=self.env._("Until"),
            ),
        }

    def _refuse_extender(self):
        """Why the user can't extend the loan, or False: who may agree to it does."""
        if self.state not in OUT:
            return self._contract_wrong_state(OUT)
        approval = self.sudo().company_id.contract_archive_loan_approval
        return self._refuse_keeper() if approval == "none" else self._refuse_approver()

    def _extend(self, reason, date=None):
        """Let the borrower have the file until a later day, saying why."""
        self.ensure_one()
        self.check_access("read")
        self._contract_check_refusal("_refuse_extender")
        before = self.date_due
        if not date or date <= before or date < self.company_id._contract_today():
            raise UserError(
                self.env._(
                    "It is lent until %(date)s: enter a later day that isn't over.",
                    date=format_date(self.env, before),
                )
            )
        unguarded(self.sudo()).write({"date_due": date})
        self._note(
            {
                self.id: self.env._(
                    "Extended from %(before)s until %(date)s: %(reason)s",
                    before=format_date(self.env, before),
                    date=format_date(self.env, date),
                    reason=reason,
                )
            }
        )

    def _refuse_loan(self, reason):
        """Refuse the loan, saying why."""
        self._contract_begin("refused")
        unguarded(self.sudo()).write({"state": "refused", "refused_reason": reason})
        self._note({self.id: self.env._("Refused: %(reason)s", reason=reason)})
        self._sync_activities()

    def _check_available(self):
        """
        :raise UserError: if the file can't be handed out
        """
        self.ensure_one()
        archive = self.archive_id
        if not archive:
            raise UserError(
                self.env._(
                    "Choose the file that is meant by “%(words)s”.", words=self.wanted
                )
            )
        archive._contract_check_state("kept")
        if self.date_due < self.company_id._contract_today():
            raise UserError(
                self.env._(
                    "A file can't be lent until %(date)s: this day is over.",
                    date=format_date(self.env, self.date_due),
                )
            )
        lent = archive.loan_ids.filtered(
            lambda loan: loan.state == "lent" and loan.what != "copies"
        )
        if lent and self.what != "copies":
            raise UserError(
                self.env._(
                    "%(document)s is lent: %(borrowers)s.",
                    document=archive.display_name,
                    borrowers=lent[0]._borrower_text(),
                )
            )

    def _borrower_text(self):
        """Who has it, until when."""
        self.ensure_one()
        return self.env._(
            "%(borrower)s until %(date)s",
            borrower=self.user_id.name,
            date=format_date(self.env, self.date_due),
        )

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {DECIDE, BACK}

    def _activities_wanted(self):
        wanted = super()._activities_wanted()
        department = self.department_id
        if self.state in ASKED:
            day = self.company_id._contract_today()
            for user in department.head_id or department.member_ids:
                wanted.append({"xmlid": DECIDE, "user": user, "day": day, "keep": True})
        elif self.state == "lent":
            # who borrowed it brings it back, who handed it out asks for it
            for user in self.user_id | self.lent_by_id:
                wanted.append({"xmlid": BACK, "user": user, "day": self.date_due})
        return wanted
