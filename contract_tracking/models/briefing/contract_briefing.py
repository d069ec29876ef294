from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.guard import unguarded
from ...tools.windows import window


class ContractBriefing(models.Model):
    """合同交底 The terms of a contract go to the departments that perform it: one
    document a contract with a part a department, frozen when it is sent. Who is briefed
    acknowledges his part by a day, or asks; he reads his part alone, and prices only
    where the part has them and he has a role of contracts (D1 §4)."""

    _name = "contract.briefing"
    _inherit = ["contract.form.mixin"]
    _description = "Briefing"
    _order = "id desc"
    _rec_names_search = ["name", "contract_number"]
    _contract_form = ("QR-XS-10", "A/0", "HJ")
    _correction_fields = (
        "order_id", "frame_id", "template_id", "reagreement_id", "note",
    )  # fmt: skip
    _contract_buttons = {"can_send": "sent", "can_void": "void"}

    user_id = fields.Many2one(string="Briefed By")
    date = fields.Date(string="Briefing Date")
    state = fields.Selection(
        [("draft", "Draft"), ("sent", "Sent"), ("void", "Void")],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    template_id = fields.Many2one(
        "contract.briefing.template", ondelete="set null", check_company=True
    )
    reagreement_id = fields.Many2one(
        "contract.reagreement",
        string="Because Of",
        readonly=True,
        ondelete="restrict",
        index="btree_not_null",
        help="The re-agreement whose changes are told.",
    )
    note = fields.Text(string="For Everybody", help="What all departments are told.")
    part_ids = fields.One2many(
        "contract.briefing.part", "briefing_id", string="Parts", copy=True
    )
    sent_on = fields.Datetime(readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "contract.briefing",
        string="Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    waiting_count = fields.Integer(
        string="Not Acknowledged",
        compute="_compute_counts",
        compute_sudo=True,
        help="Readers who have not acknowledged their part yet.",
    )
    question_count = fields.Integer(
        string="Questions",
        compute="_compute_counts",
        compute_sudo=True,
        help="Questions that wait for a reply.",
    )
    can_send = fields.Boolean(compute="_compute_can")
    can_void = fields.Boolean(compute="_compute_can")

    @api.depends("part_ids.acknowledgement_ids.state")
    def _compute_counts(self):
        for briefing in self:
            rows = briefing.part_ids.acknowledgement_ids
            briefing.waiting_count = len(rows.filtered(lambda r: r.state == "waiting"))
            briefing.question_count = len(rows._asking())

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        briefings = super().create(vals_list)
        for briefing in briefings.filtered(lambda b: not b.part_ids):
            briefing._fill()
        return briefings

    def _check_frozen(self, content):
        if any(briefing.state != "draft" for briefing in self):
            raise UserError(
                self.env._("A briefing that was sent stays: void it to correct it.")
            )
        return super()._check_frozen(content)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_sent(self):
        if any(briefing.state != "draft" for briefing in self):
            raise UserError(
                self.env._("A briefing that was sent stays: void it to correct it.")
            )

    @api.model
    def _recorded_domain(self):
        return Domain("state", "!=", "draft")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_send(self):
        """Freeze the terms of today, and ask the departments to acknowledge them.

        :raise UserError: if there is no part, or a part finds nobody
        """
        self._contract_begin("sent", "write")
        self._send()

    @api.readonly
    def action_view_not_read(self):
        """Open who has not acknowledged his part yet."""
        self.ensure_one()
        return window(
            self.env,
            "contract_acknowledgement_open_action",
            domain=[
                ("res_model", "=", self.part_ids._name),
                ("res_id", "in", self.part_ids.ids),
                ("state", "=", "waiting"),
            ],
        )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "sent": {"draft": None},
            "void": {"sent": None},
        }

    @api.model
    def _handover_domain(self, user):
        return Domain("user_id", "=", user.id) & Domain("state", "=", "draft")

    def _fill(self):
        """Take the departments of the template."""
        self.ensure_one()
        briefing = self.sudo()
        if not briefing.template_id:
            briefing.template_id = briefing.template_id._fitting(
                briefing.company_id, briefing._contract_parent()._contract_brief_kind()
            )
        briefing.part_ids = [
            Command.create(line._part_vals(briefing.date))
            for line in briefing.template_id.line_ids
        ]

    def _send(self):
        """Freeze the texts of the parts and ask their readers."""
        self.ensure_one()
        briefing = unguarded(self.sudo())
        if not briefing.part_ids:
            raise UserError(
                self.env._(
                    "Say who is briefed: add a part for each department, or choose a "
                    "template."
                )
            )
        if not briefing._contract_parent()._contract_effect_day():
            raise UserError(
                self.env._(
                    "%(contract)s is not in effect: its terms may still change.",
                    contract=briefing._contract_parent().display_name,
                )
            )
        empty = briefing.part_ids.filtered(lambda part: not part._readers())
        if empty:
            raise UserError(
                self.env._(
                    "Nobody belongs to %(departments)s: name who is briefed there.",
                    departments=format_list(
                        self.env, empty.mapped("department_id.name")
                    ),
                )
            )
        briefing.write({"state": "sent", "sent_on": fields.Datetime.now()})
        for part in briefing.part_ids:
            part._send()

    def _void(self, reason):
        copy = super()._void(reason)
        self.sudo().part_ids._sync_activities()
        return copy

    @api.model
    def _brief(self, parent):
        """Open the briefing of a contract that is in preparation, or begin one: of the
        last re-agreement that nobody was briefed on.

        :return: the briefing
        """
        part = parent._contract_part_vals()
        domain = Domain.AND(Domain(name, "=", value) for name, value in part.items())
        draft = self.search(domain & Domain("state", "=", "draft"), limit=1)
        if draft:
            return draft
        briefing = self.create(part)
        if changed := parent._contract_unbriefed():
            unguarded(briefing.sudo()).reagreement_id = changed
        return briefing
