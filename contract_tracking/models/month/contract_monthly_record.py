from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.guard import unguarded
from ...tools.words import format_month


class ContractMonthlyRecord(models.Model):
    """附表5 Monthly execution record: the month of an office, a line a contract, as of
    the cut-off (D9 §3.2, D1 §4).

    Made by the scheduled action, or by hand for a chosen month; drafts follow the
    books until they are submitted; what is confirmed stays whatever happens in the
    books, and is corrected by a new version. Amounts of the record itself are in the
    company's currency, days in the company's time zone.
    """

    _name = "contract.monthly.record"
    _inherit = [
        "contract.numbered.mixin",
        "contract.approval.mixin",
        "contract.print.mixin",
    ]
    _description = "Monthly Execution Record"
    _order = "month desc, company_id, team_id, version desc, id desc"
    _check_company_auto = True
    _approval_kind = "monthly"
    _approval_states = {}
    _contract_form = ("QR-XS-05", "A/0", "YD")
    _contract_buttons = {"can_submit": "submitted", "can_correct": "replaced"}

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="restrict",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Office",
        index=True,
        check_company=True,
        ondelete="restrict",
        help="Empty: contracts of no office.",
    )
    month = fields.Date(required=True, help="Any day of the month; its first is kept.")
    version = fields.Integer(
        default=1,
        readonly=True,
        copy=False,
        help="1, and one more with each correction.",
    )
    date_from = fields.Date(
        string="From", readonly=True, copy=False, help="The day after the last cut-off."
    )
    date = fields.Date(
        string="Cut-Off",
        readonly=True,
        copy=False,
        help="The day up to whose end facts count, in the company's time zone.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("confirmed", "Confirmed"),
            ("replaced", "Replaced"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users",
        string="In Charge",
        readonly=True,
        index=True,
        ondelete="restrict",
        help="The office's leader; the business office where there is none.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    line_ids = fields.One2many(
        "contract.monthly.record.line", "record_id", string="Contracts"
    )
    bridge_ids = fields.One2many("contract.monthly.bridge", "record_id", readonly=True)
    problems = fields.Text(string="Problems and Causes", copy=False)
    plan = fields.Text(
        string="Plan of the Next Month",
        copy=False,
        help="What the office will do next month, contract by contract.",
    )
    generated_on = fields.Datetime(string="Figures Read On", readonly=True, copy=False)
    reason = fields.Char(string="Reason of the Correction", readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "contract.monthly.record",
        string="Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    replaced_by_ids = fields.One2many(
        "contract.monthly.record", "replaces_id", string="Corrected By", readonly=True
    )
    # names of the day
    company_name = fields.Char(readonly=True, copy=False)
    team_name = fields.Char(string="Office's Name", readonly=True, copy=False)
    user_name = fields.Char(string="In Charge (Name)", readonly=True, copy=False)
    form_code = fields.Char(readonly=True, copy=False)
    form_version = fields.Char(readonly=True, copy=False)

    # how it is completed
    proposed_problems = fields.Text(readonly=True, copy=False)
    proposed_plan = fields.Text(readonly=True, copy=False)
    date_deadline = fields.Date(
        string="Submit By",
        readonly=True,
        copy=False,
        help="So many days after the cut-off as the company gives its offices.",
    )
    reminded_on = fields.Date(readonly=True, copy=False)
    mail_due = fields.Boolean(
        string="To Be Sent",
        readonly=True,
        copy=False,
        help="Confirmed, and not sent yet to whom the company named.",
    )
    is_overdue = fields.Boolean(
        string="Submission Overdue",
        compute="_compute_is_overdue",
        search="_search_is_overdue",
    )
    can_write = fields.Boolean(compute="_compute_can_write")
    can_submit = fields.Boolean(compute="_compute_can")
    can_correct = fields.Boolean(compute="_compute_can")

    _version_uniq = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), month, version)",
        "There is a record of this office and month already: open that one.",
    )
    _open_uniq = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), month) "
        "WHERE state IN ('draft', 'submitted')",
        "A record of this office and month is being written already: open that one.",
    )
    _confirmed_uniq = models.UniqueIndex(
        "(company_id, COALESCE(team_id, 0), month) WHERE state = 'confirmed'",
        "A month of an office has one confirmed record.",
    )
    _mail_due_idx = models.Index("(id) WHERE mail_due")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "month", "team_id", "version")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for record in self:
            month = format_month(self.env, record.month)
            office = record.team_name or record.sudo().team_id.name
            version = record.version > 1 and f"({record.version})"
            record.display_name = " ".join(
                filter(None, (record.name, month, office, version))
            )

    @api.depends("state", "date_deadline")
    def _compute_is_overdue(self):
        for record in self:
            day = record.state == "draft" and record.date_deadline
            record.is_overdue = day and day < record.company_id._contract_today()

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "draft") & self.env[
            "res.company"
        ]._contract_day_domain("date_deadline", "<")

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can_write(self):
        for record in self:
            record.can_write = record.state == "draft" and not record._refuse_author()

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Read the figures again, while the record is a draft."""
        self.check_access("write")
        self._contract_check_state("draft")
        for (company, month), records in self.grouped(
            lambda record: (record.company_id, record.month)
        ).items():
            records._refresh(company, month)
        return True

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _check_month(self, company, month):
        """
        :raise UserError: if the month isn't over yet
        """
        cutoff = company._contract_cutoff(month)
        if cutoff >= company._contract_today():
            raise UserError(
                self.env._(
                    "%(month)s is not over yet: its record can be written from the day "
                    "after its cut-off, %(cutoff)s.",
                    month=format_month(self.env, month),
                    cutoff=format_date(self.env, cutoff),
                )
            )

    @api.model
    def _make(self, company, month, offices):
        """Make the drafts of a month that are missing: of each of the ``offices`` (None
        for contracts of none) that has no record of it."""
        known = {
            record.team_id.id or None
            for record in self.sudo().search(
                [
                    ("company_id", "=", company.id),
                    ("month", "=", month),
                    ("state", "!=", "replaced"),
                ]
            )
        }
        return unguarded(self.sudo()).create(
            [
                {"company_id": company.id, "team_id": office, "month": month}
                for office in sorted(set(offices) - known, key=lambda o: o or 0)
            ]
        )
