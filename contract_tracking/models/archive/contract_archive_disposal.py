from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_list

from ...tools.guard import unguarded
from ...tools.pages import Column

CARRY_OUT = "contract_tracking.mail_activity_archive_carry_out"


class ContractArchiveDisposal(models.Model):
    """档案销毁清册 A list of archives that were kept for as long as their categories
    ask: why they are not needed any more, who decided that they are disposed of, how
    and when the paper was destroyed, before which witness (D4 §7.3).

    Only the paper goes: the archive and the files of its contract stay in the system.
    """

    _name = "contract.archive.disposal"
    _inherit = [
        "contract.archive.keeper.mixin",
        "contract.numbered.mixin",
        "contract.past.mixin",
        "contract.approval.mixin",
        "contract.print.mixin",
    ]
    _description = "Disposal of Archives"
    _order = "id desc"
    _check_company_auto = True
    _approval_kind = "archive_disposal"
    _contract_form = ("QR-XS-16", "A/0", "XH")
    _contract_buttons = {"can_submit": "submitted", "can_carry_out": "done"}
    _contract_columns = ("draft", "submitted", "approved")

    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True, ondelete="restrict"
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    team_id = fields.Many2one(
        "crm.team",
        string="Office",
        readonly=True,
        ondelete="set null",
        help="Empty: archives are no office's.",
    )
    department_id = fields.Many2one(required=True, readonly=True)
    user_id = fields.Many2one(
        "res.users",
        string="Prepared By",
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("done", "Destroyed"),
            ("refused", "Refused"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    archive_ids = fields.Many2many(
        "contract.archive",
        "contract_archive_disposal_rel",
        "disposal_id",
        "archive_id",
        string="Archives",
        copy=False,
        check_company=True,
        domain="[('is_past', '=', True), ('department_id', '=', department_id)]",
    )
    archive_count = fields.Integer(
        string="Number of Files",
        compute="_compute_archive_count",
        compute_sudo=True,
        help="How many archives are on the list.",
    )
    reason = fields.Text(help="Why they are not needed any more.")
    method = fields.Selection(
        [
            ("shred", "Shredded"),
            ("pulp", "Pulped"),
            ("burn", "Burnt"),
            ("agency", "By a specialised company"),
        ],
        string="How Destroyed",
    )
    destroyed_on = fields.Date()
    witness = fields.Char(string="Witnesses", help="Who saw that it was destroyed.")
    carried_out_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    form_code = fields.Char(readonly=True, copy=False)
    form_version = fields.Char(readonly=True, copy=False)
    can_submit = fields.Boolean(compute="_compute_can")
    can_carry_out = fields.Boolean(compute="_compute_can")

    @api.depends("archive_ids")
    def _compute_archive_count(self):
        for disposal in self:
            disposal.archive_count = len(disposal.archive_ids)

    @api.depends_context("uid")
    @api.depends("state", "department_id")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"destroyed_on"}

    @api.model
    def _form_vals(self, company):
        return {
            **super()._form_vals(company),
            **self.env["contract.form.type"]._iso_vals(self._name, company),
        }

    def _approval_open_fields(self):
        return super()._approval_open_fields() | {"method", "destroyed_on", "witness"}

    def _check_frozen(self, content):
        for disposal in self:
            if disposal.state in ("done", "refused"):
                raise UserError(
                    disposal._contract_wrong_state(("draft", "submitted", "approved"))
                )
            if refusal := disposal._refuse_keeper():
                raise UserError(refusal)
        return super()._check_frozen(content)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.model
    def _propose(self, archives):
        """A new list of these archives.

        :raise UserError: if one of them can't be disposed of
        """
        archives._contract_check_refusal("_refuse_keeper")
        if len(archives.department_id) != 1:
            raise UserError(self.env._("Choose files that one department keeps."))
        self._check_disposable(archives.sudo())
        disposal = unguarded(self.sudo()).create(
            {
                "company_id": archives.company_id.id,
                "department_id": archives.department_id.id,
                "user_id": self.env.uid,
                "archive_ids": [Command.set(archives.ids)],
            }
        )
        return disposal.with_env(self.env)

    def action_carry_out(self):
        """The paper was destroyed: the archives are disposed of.

        :raise UserError: as long as it isn't said how, when and before whom
        """
        self._contract_begin("done")
        disposal = unguarded(self.sudo())
        if not (disposal.method and disposal.destroyed_on and disposal.witness):
            raise UserError(
                self.env._(
                    "Write down how and when the files were destroyed, and who saw it."
                )
            )
        self._check_disposable(disposal.archive_ids, disposal)
        decided = disposal._approval_conclusion().decided_on
        if decided and disposal.destroyed_on < disposal.company_id._contract_day(
            decided
        ):
            raise UserError(
                self.env._(
                    "They can't have been destroyed on %(date)s: it was decided later.",
                    date=format_date(self.env, disposal.destroyed_on),
                )
            )
        disposal.write({"state": "done", "carried_out_by_id": self.env.uid})
        disposal.archive_ids.write(
            {"state": "disposed", "disposed_on": disposal.destroyed_on}
        )
        self._sync_activities()
        return True

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "submitted": {"draft": "_refuse_keeper"},
            "done": {"approved": "_refuse_keeper"},
        }

    @api.model
    def _check_disposable(self, archives, disposal=None):
        """
        :raise UserError: naming what is still to be kept, lent, or on another list
        """
        kept = archives.filtered(lambda a: not a.is_past)
        if kept:
            raise UserError(
                self.env._(
                    "Still to be kept: %(archives)s.",
                    archives=format_list(self.env, kept.mapped("display_name")),
                )
            )
        for archive in archives:
            if archive.is_lent or not disposal:
                archive.with_env(self.env).sudo()._check_here()

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        for disposal in self:
            if not disposal.archive_ids or not (disposal.reason or "").strip():
                raise UserError(
                    self.env._(
                        "Say which files are to be disposed of, and why they are not "
                        "needed any more."
                    )
                )
            wrong = disposal.archive_ids.filtered(
                lambda a, d=disposal: (
                    a.department_id != d.department_id
                    or a.disposal_ids.filtered(
                        lambda o: o != d and o.state in ("submitted", "approved")
                    )
                )
            )
            if wrong:
                raise UserError(
                    self.env._(
                        "Others keep these files, or they are on another list: "
                        "%(archives)s.",
                        archives=format_list(self.env, wrong.mapped("display_name")),
                    )
                )
            self._check_disposable(disposal.sudo().archive_ids, disposal)
        return super()._approval_check_submit()

    def _approval_submitted(self):
        self.write({"state": "submitted"})
        return super()._approval_submitted()

    def _approval_approved(self):
        self.write({"state": "approved"})
        return super()._approval_approved()

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {CARRY_OUT}

    def _activities_wanted(self):
        wanted = super()._activities_wanted()
        if self.state == "approved":
            wanted.append(
                {
                    "xmlid": CARRY_OUT,
                    "user": self.user_id,
                    "day": self.company_id._contract_today(),
                    "keep": True,
                }
            )
        return wanted

    # ------------------------------------------------------------------
    # The printed list
    # ------------------------------------------------------------------

    def _form_title(self):
        return self.env._("Disposal List of Archives")

    def _form_unit(self):
        """It has no amounts."""
        return ""

    def _form_blocks(self):
        self.ensure_one()
        env = self.env
        return [
            self._form_cells(
                [
                    (env._("Kept By"), self.department_id.name),
                    (env._("Prepared By"), self.user_id.sudo().name),
                    (env._("How Destroyed"), self._form_label("method")),
                    (env._("Destroyed On"), self._form_date(self.destroyed_on)),
                ],
                wide=[(env._("Witnesses"), self.witness or "")],
            ),
            self._form_text(
                env._("Why they are not needed any more"), self.reason or ""
            ),
            self._form_table(
                "archives",
                env._("Files to Destroy"),
                [
                    Column(env._("Index Number"), 22, "archive_no"),
                    Column(env._("Contract No."), 20, "contract_no"),
                    Column(env._("Customer"), 26, "partner_name"),
                    Column(env._("Contract Ended On"), 16, "ended_on", "date"),
                    Column(env._("Kept Until"), 16, "retained_until", "date"),
                ],
                self.sudo().archive_ids,
            ),
            self._form_sign(),
        ]

    def _form_signatures(self):
        steps = self.sudo()._approval_round_steps()
        steps = steps.filtered(lambda s: s.state == "approved")
        return self._approval_signatures(
            self.env._("Prepared By"),
            [
                (self._form_words(step.name, step.line_id), step)
                for step in steps.sorted(lambda s: (s.sequence, s.id))
            ]
            or [(self.env._("Approved By"), steps)],
        )
