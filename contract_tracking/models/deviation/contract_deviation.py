from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, format_list

from ...tools.evidence import own_attachments
from ...tools.guard import guarded, is_unguarded, unguarded

DEVIATION_KINDS = [
    ("late_delivery", "Late delivery"),
    ("short_quantity", "Short quantity"),
    ("over_quantity", "Over quantity"),
    ("returned", "Return"),
    ("rejected", "Rejection"),
    ("late_payment", "Late payment"),
    ("instrument", "Other instrument or tenor"),
    ("third_party", "Unauthorised third-party payer"),
    ("invoice_mismatch", "Invoice differs from contract"),
    ("milestone_late", "Late milestone"),
    ("document_missing", "Document missing"),
    ("order_changed", "Order changed"),
    ("outside_frame", "Outside the frame agreement"),
    ("other", "Other"),
]

SEVERITIES = [("minor", "Minor"), ("major", "Major"), ("critical", "Critical")]
STATES = [
    ("detected", "To analyse"),
    ("analysed", "Analysed"),
    ("submitted", "Submitted"),
    ("executing", "Executing"),
    ("reported", "To verify"),
    ("closed", "Closed"),
    ("waived", "Waived"),
    ("cancelled", "Cancelled"),
]

# A deviation in one of these still asks somebody to do something.
OPEN_STATES = ("detected", "analysed", "submitted", "executing", "reported")

# Until it is submitted, its figures follow the facts and people complete it.
EDITABLE_STATES = ("detected", "analysed")
# In these its actions are planned and changed.
PLANNING_STATES = (*EDITABLE_STATES, "executing")
ANALYSE = "contract_tracking.mail_activity_deviation_analyse"
ACTION = "contract_tracking.mail_activity_deviation_action"
REPORT = "contract_tracking.mail_activity_deviation_report"
VERIFY = "contract_tracking.mail_activity_deviation_verify"
ESCALATED = "contract_tracking.mail_activity_deviation_escalated"
TYPES = (ANALYSE, ACTION, REPORT, VERIFY, ESCALATED)


class ContractDeviation(models.Model):
    """附表3 Deviation Report: a departure from what the contract says, detected or
    reported → analysed → decided by a leader → executed → verified (D9 §3.3, §6.3, §7).

    Amounts are in the contract's currency with taxes, quantities in the term's unit,
    days in the company's time zone. Figures follow the facts until it is submitted;
    what was submitted and decided is evidence.

    The life of a deviation after its decision: executed, its result reported,
    verified by somebody else, closed; or waived, cancelled (D9 §3.3, §6.3).

    Each step checks in Python who takes it and from which state. Deviations that are
    covered by the report of another one follow it. Nothing that ended is reopened.

    Who is asked for the next step of a deviation, by when, and what happens if he
    doesn't take it. The result is due so many days after the execution's end (D9 §3.3);
    all days are those of the company.

    What the screens of deviations show: facts in a line, the next step in a
    sentence, and what the user may do.

    The steps that need words, as ``contract.reason.mixin`` takes them: each checks who
    takes it and from which state, for the superuser as well.

    Who may take which step of a deviation and when; how a report moves with all
    that it covers.

    A deviation is decided by a leader: accepted, accepted with changes, rejected
    (领导处理决定, D9 §6.3). What he wrote is kept as he wrote it.
    """

    _name = "contract.deviation"
    _inherit = [
        "contract.form.mixin",
        "contract.approval.mixin",
        "contract.action.mixin",
    ]
    _description = "Contract Deviation"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_no", "partner_name"]
    _approval_kind = "deviation"
    _contract_buttons = {
        "can_verify": "closed",
        "can_waive": "waived",
        "can_cancel": "cancelled",
    }
    _contract_form = ("QR-XS-03", "A/0", "PC")

    user_id = fields.Many2one(string="Handler", tracking=True)
    state = fields.Selection(
        STATES, default="detected", required=True, readonly=True, copy=False,
        index=True, tracking=True, group_expand=True,
    )  # fmt: skip
    source = fields.Selection(
        [("detected", "Detected"), ("reported", "Reported")],
        default="reported",
        required=True,
        readonly=True,
        help="Found by the daily run, or written down by somebody.",
    )
    kind = fields.Selection(
        DEVIATION_KINDS, required=True, default="other", index=True, tracking=True
    )
    severity = fields.Selection(
        SEVERITIES, required=True, default="minor", index=True, tracking=True
    )
    rule_id = fields.Many2one(
        "contract.deviation.rule", readonly=True, copy=False, ondelete="set null"
    )
    detect_key = fields.Char(
        readonly=True,
        copy=False,
        help="What departs, for the daily run: one deviation that is not cured a key.",
    )
    proposed_summary = fields.Text(readonly=True, copy=False)
    proposed_severity = fields.Char(readonly=True, copy=False)
    # What departs
    term_id = fields.Many2one(
        "contract.term", index="btree_not_null", ondelete="restrict",
        check_company=True,
    )  # fmt: skip
    line_id = fields.Many2one(
        "sale.order.line", string="Order Line", index="btree_not_null",
        ondelete="set null",
    )  # fmt: skip
    picking_id = fields.Many2one(
        "stock.picking", string="Delivery", index="btree_not_null",
        ondelete="set null", check_company=True,
    )  # fmt: skip
    move_id = fields.Many2one(
        "account.move", string="Invoice", index="btree_not_null",
        ondelete="set null", check_company=True,
    )  # fmt: skip
    summary = fields.Text(
        string="Summary of Deviations",
        help="What was agreed, what happened, by how much it departs. Proposed from "
        "the facts.",
    )
    agreed_date = fields.Date(readonly=True)
    actual_date = fields.Date(readonly=True)
    agreed_quantity = fields.Float(digits="Product Unit", readonly=True)
    actual_quantity = fields.Float(digits="Product Unit", readonly=True)
    agreed_amount = fields.Monetary(readonly=True)
    actual_amount = fields.Monetary(readonly=True)
    impact_days = fields.Integer(
        string="Days", help="How many days it is, or was, late."
    )
    impact_amount = fields.Monetary(
        string="Impact", help="The amount at stake, in the contract's currency."
    )
    impact_amount_company = fields.Monetary(
        string="Impact in Company Currency",
        currency_field="company_currency_id",
        compute="_compute_impact_amount_company",
        store=True,
        help="At the rate of the report date.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    cured_on = fields.Date(
        readonly=True,
        copy=False,
        tracking=True,
        help="The day on which the promise was fulfilled after all.",
    )
    channel = fields.Selection(
        [("written", "In writing"), ("oral", "Orally")],
        string="Reported In",
        default="written",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", bypass_search_access=True
    )
    # Analysis
    cause_id = fields.Many2one(
        "contract.deviation.cause", ondelete="restrict", tracking=True
    )
    cause_note = fields.Text(string="Analysis of the Cause")
    responsible_party = fields.Selection(
        lambda self: self._responsible_parties(),
        compute="_compute_responsible_party",
        store=True,
        readonly=False,
        precompute=True,
    )
    department_id = fields.Many2one(
        "contract.department",
        string="Responsible Department",
        ondelete="restrict",
        check_company=True,
    )
    recommendation_ids = fields.Many2many(
        "contract.deviation.recommendation", string="Recommended"
    )
    recommendation = fields.Text(help="What the handler asks the leader to decide.")
    # Several deviations of a contract in one report
    lead_id = fields.Many2one(
        "contract.deviation",
        string="Reported With",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        copy=False,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('lead_id', '=', False), ('id', '!=', id), "
        "('state', 'in', ('detected', 'analysed'))]",
        help="The deviation whose report covers this one: it is decided there.",
    )
    included_ids = fields.One2many(
        "contract.deviation", "lead_id", string="Also Covers"
    )
    # Names of the day on which it was submitted
    term_name = fields.Char(string="Term's Name", readonly=True, copy=False)
    user_name = fields.Char(string="Handler's Name", readonly=True, copy=False)
    decision = fields.Selection(
        [
            ("accept", "As recommended"),
            ("accept_changed", "Accepted with changes"),
            ("reject", "Rejected"),
        ],
        string="Leader's Decision",
        readonly=True,
        copy=False,
        tracking=True,
    )
    decision_text = fields.Text(
        string="Words of the Decision",
        readonly=True,
        copy=False,
        help="As the leader wrote them; they never change. Decisions of earlier rounds "
        "stand in the approval trail.",
    )
    decided_by_name = fields.Char(string="Decided By", readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    result = fields.Text(
        string="Execution and Result",
        readonly=True,
        copy=False,
        help="How the decision was carried out, and what came of it.",
    )
    result_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_result_rel",
        string="Evidence of the Result",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    reported_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    reported_by_name = fields.Char(
        string="Reported By (Name)", readonly=True, copy=False
    )
    reported_on = fields.Datetime(readonly=True, copy=False)
    sent_back_reason = fields.Text(
        string="Not Verified Because", readonly=True, copy=False
    )
    sent_back_on = fields.Date(readonly=True, copy=False)
    verification = fields.Text(readonly=True, copy=False)
    verified_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    verified_by_name = fields.Char(
        string="Verified By (Name)", readonly=True, copy=False
    )
    verified_on = fields.Datetime(readonly=True, copy=False)
    ended_reason = fields.Text(string="Reason", readonly=True, copy=False)
    ended_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    ended_by_name = fields.Char(string="Ended By (Name)", readonly=True, copy=False)
    ended_authority = fields.Char(
        string="Authority",
        readonly=True,
        copy=False,
        help="In which role it was waived or cancelled.",
    )
    ended_on = fields.Datetime(readonly=True, copy=False)
    ended_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_ended_rel",
        string="Evidence of the Reason",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    involved_ids = fields.Many2many(
        "res.users",
        "contract_deviation_involved_rel",
        string="Worked On It",
        readonly=True,
        copy=False,
        help="Who handled, executed or reported it: none of them verifies it.",
    )
    action_ids = fields.One2many(context={"default_res_model": "contract.deviation"})
    execution_end = fields.Date(
        compute="_compute_execution_end",
        store=True,
        compute_sudo=True,
        help="The day of the last action; of the decision where there are no actions.",
    )
    date_deadline = fields.Date(
        string="Next Deadline",
        compute="_compute_date_deadline",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        help="By when the next step is to be taken: analysed, executed, reported, "
        "verified.",
    )
    reminded_on = fields.Date(readonly=True, copy=False)
    escalated_on = fields.Date(readonly=True, copy=False)
    agreed_text = fields.Char(string="Agreed", compute="_compute_texts")
    actual_text = fields.Char(string="Actual", compute="_compute_texts")
    color = fields.Integer(compute="_compute_color")
    not_cured = fields.Boolean(compute="_compute_not_cured")
    next_step = fields.Char(compute="_compute_next_step", compute_sudo=True)
    included_count = fields.Integer(
        string="Number of Further Deviations", compute="_compute_included_count"
    )
    can_work = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_do = fields.Boolean(
        string="Has an Action of Mine", compute="_compute_can", compute_sudo=True
    )
    can_verify = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_waive = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_cancel = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_hand_over = fields.Boolean(compute="_compute_can", compute_sudo=True)

    _open_uniq = models.UniqueIndex(
        "(company_id, kind, detect_key) "
        "WHERE cured_on IS NULL AND detect_key IS NOT NULL",
        "This departure is already written down as a deviation.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("cause_id")
    def _compute_responsible_party(self):
        for deviation in self:
            deviation.responsible_party = (
                deviation.cause_id.responsible_party or deviation.responsible_party
            )

    @api.depends("impact_amount", "date")
    def _compute_impact_amount_company(self):
        for deviation in self:
            company = deviation.company_id
            deviation.impact_amount_company = deviation.currency_id._convert(
                deviation.impact_amount, company.currency_id, company, deviation.date
            )

    @api.depends("decided_on", "sent_back_on", "action_ids.state", "action_ids.done_on")
    def _compute_execution_end(self):
        for deviation in self:
            actions = deviation.action_ids
            if not deviation.decided_on or "open" in actions.mapped("state"):
                deviation.execution_end = False
                continue
            done = actions.filtered(lambda a: a.state == "done").mapped("done_on")
            day = deviation._contract_parent()._contract_day(deviation.decided_on)
            back = deviation.sent_back_on
            deviation.execution_end = max([day, *done, *([back] if back else [])])

    @api.depends(
        "state", "date", "execution_end", "reported_on",
        "action_ids.state", "action_ids.date_deadline",
    )  # fmt: skip
    def _compute_date_deadline(self):
        for deviation in self:
            company = deviation.company_id or self.env.company
            step = timedelta(days=company.contract_deviation_step_days)
            day = False
            if deviation.state in ("detected", "analysed"):
                day = deviation.date and deviation.date + step
            elif deviation.state == "executing" and deviation.execution_end:
                day = deviation.execution_end + timedelta(
                    days=company.contract_deviation_report_days
                )
            elif deviation.state == "executing":
                opened = deviation.action_ids.filtered(lambda a: a.state == "open")
                day = min(opened.mapped("date_deadline"), default=False)
            elif deviation.state == "reported" and deviation.reported_on:
                parent = deviation._contract_parent()
                day = parent._contract_day(deviation.reported_on) + step
            deviation.date_deadline = day

    @api.depends_context("lang")
    @api.depends(
        "agreed_date", "agreed_quantity", "agreed_amount",
        "actual_date", "actual_quantity", "actual_amount",
    )  # fmt: skip
    def _compute_texts(self):
        for deviation in self:
            deviation.agreed_text = deviation._fact_text("agreed")
            deviation.actual_text = deviation._fact_text("actual")

    @api.depends("severity")
    def _compute_color(self):
        colors = {"minor": 0, "major": 3, "critical": 1}
        for deviation in self:
            deviation.color = colors.get(deviation.severity, 0)

    @api.depends("cured_on", "state")
    def _compute_not_cured(self):
        for deviation in self:
            deviation.not_cured = (
                not deviation.cured_on and deviation.state != "cancelled"
            )

    @api.depends("included_ids")
    def _compute_included_count(self):
        for deviation in self:
            deviation.included_count = len(deviation.included_ids)

    @api.depends_context("lang")
    @api.depends(
        "state", "lead_id", "user_id", "cause_id", "summary", "action_ids.state",
        "approval_hint", "decision", "date_deadline", "reported_by_id",
        "submitted_by_id",
    )  # fmt: skip
    def _compute_next_step(self):
        for deviation in self:
            deviation.next_step = deviation._describe_next_step()

    @api.depends_context("uid")
    @api.depends(
        "state", "user_id", "lead_id", "submitted_by_id", "approval_state",
        "action_ids.state", "action_ids.user_id",
    )  # fmt: skip
    def _compute_can(self):
        res = super()._compute_can()
        user = self.env.user
        for deviation in self:
            record = deviation._origin.with_user(user)
            deviation.can_work = not record or bool(
                deviation.state in ("detected", "executing")
                and not record._refuse_member()
                and not record._refuse_cancelled()
                and record.has_access("write")
            )
            deviation.can_do = bool(record) and bool(deviation._own_actions(user))
            deviation.can_hand_over = bool(record) and not record._refuse_hand_over()
        return res

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("term_id", "order_id", "frame_id")
    def _check_term(self):
        for deviation in self:
            term = deviation.term_id.sudo()
            if term and term._contract_parent() != deviation._contract_parent():
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is a term of another contract.",
                        term=term.display_name,
                    )
                )

    @api.constrains("lead_id")
    def _check_lead(self):
        for deviation in self:
            lead = deviation.lead_id
            if lead and (
                lead.lead_id
                or deviation.included_ids
                or lead._contract_parent() != deviation._contract_parent()
            ):
                raise ValidationError(
                    self.env._(
                        "One report covers deviations of one contract, and none that "
                        "covers others itself."
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        deviations = super().create(vals_list)
        own_attachments(deviations)
        deviations._sync_activities()
        return deviations

    def write(self, vals):
        if vals.get("lead_id"):
            self._check_lead_open(vals["lead_id"])
        res = super().write(vals)
        if "attachment_ids" in vals and not is_unguarded(self):
            own_attachments(self)
        if vals.get("lead_id"):
            for deviation in self:
                unguarded(deviation).write({"state": deviation.lead_id.state})
        if {"user_id", "date", "lead_id"} & vals.keys():
            (self | self.lead_id)._sync_activities()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        for deviation in self:
            if deviation.source == "detected" or deviation.state != "detected":
                raise UserError(
                    self.env._(
                        "%(deviation)s can't be deleted: cancel it if it is false.",
                        deviation=deviation.display_name,
                    )
                )

    @api.model
    def default_get(self, fields_list):
        """Whoever reports a deviation from a term, a delivery or an invoice doesn't
        have to say what that belongs to."""
        values = super().default_get(fields_list)
        term = self.env["contract.term"].browse(values.get("term_id"))
        picking = self.env["stock.picking"].browse(values.get("picking_id"))
        move = self.env["account.move"].browse(values.get("move_id"))
        if term:
            values.update(
                order_id=term.order_id.id,
                frame_id=term.frame_id.id,
                line_id=term.line_id.id,
                kind={
                    "delivery": "late_delivery",
                    "payment": "late_payment",
                    "milestone": "milestone_late",
                    "document": "document_missing",
                }.get(term.kind, "other"),
            )
        elif picking:
            values.update(
                order_id=picking.sale_id.id,
                kind="returned" if picking.return_id else "rejected",
            )
        elif move:
            values.update(
                order_id=move.line_ids.sale_line_ids.order_id[:1].id,
                kind="invoice_mismatch",
            )
        return {name: values[name] for name in values if name in fields_list}

    def copy_data(self, default=None):
        """What the system filled in belongs to this deviation; a copy is reported."""
        frozen = self._frozen_fields()
        return [
            {name: value for name, value in vals.items() if name not in frozen}
            for vals in super().copy_data(default)
        ]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_analyse(self):
        """Record that the deviation is analysed: ready for a recommendation and for
        the leader.

        :raise UserError: if cause, severity or summary are missing
        """
        self.check_access("write")
        self._contract_check_next("analysed")
        for deviation in self._family():
            deviation._check_analysed()
        self._move("analysed", involved_ids=self._involve(self.env.user))
        return True

    def action_one_report(self):
        """Put the selected deviations of a contract into one report: the most severe
        leads and is decided, the others follow it."""
        self.check_access("write")
        family = self | self.included_ids
        family._contract_check_state(*EDITABLE_STATES)
        if len(self) < 2 or self.lead_id - self:
            raise UserError(
                self.env._(
                    "Select two or more deviations of a contract that are in no report "
                    "with others yet."
                )
            )
        order = list(dict(self._fields["severity"].selection))
        lead = max(
            self,
            key=lambda d: (order.index(d.severity), d.impact_amount, -d.id),
        )
        (family - lead).write({"lead_id": False})
        lead.write({"lead_id": False})
        (family - lead).write({"lead_id": lead.id})
        return lead._open_form()

    def action_take_out(self):
        """Take the deviation out of the report of another one."""
        self.check_access("write")
        self._contract_check_state(*EDITABLE_STATES)
        self.write({"lead_id": False})
        return True

    def action_own_done(self):
        """Open the screen that asks what was done, for the user's next action."""
        self.ensure_one()
        action = self._own_actions(self.env.user)[:1]
        if not action:
            raise UserError(
                self.env._(
                    "You have no open action on %(deviation)s.",
                    deviation=self.display_name,
                )
            )
        return action.action_done()

    def action_report(self):
        """Open the window that asks for the result of the execution."""
        return self._open_reason("report")

    def action_verify(self):
        """Open the window that asks for the note of who verifies the result."""
        return self._open_reason("verify")

    def action_not_verified(self):
        """Open the window that asks why the result is sent back."""
        return self._open_reason("send_back")

    def action_waive(self):
        """Open the window that asks why the deviation is waived."""
        return self._open_reason("waive")

    def action_dismiss(self):
        """Open the window that asks why the deviation is false."""
        return self._open_reason("cancel")

    def action_hand_over(self):
        """Open the window that asks who handles the deviation from now on."""
        return self._open_reason("hand_over")

    def action_view_lead(self):
        """Open the report that covers this deviation."""
        self.ensure_one()
        return self.lead_id._open_form()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _responsible_parties(self):
        labels = {
            "us": self.env._("We"),
            "customer": self.env._("Customer"),
            "supplier": self.env._("Supplier"),
            "carrier": self.env._("Carrier"),
            "authority": self.env._("Authority, bank"),
            "nobody": self.env._("Nobody (force majeure)"),
        }
        return list(labels.items())

    def _check_frozen(self, content):
        # actions have guards of their own
        content = content - {"action_ids"}
        if not content:
            return None
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("A deviation stays with its contract: write another one.")
            )
        if any(deviation.state not in EDITABLE_STATES for deviation in self):
            raise UserError(
                self.env._(
                    "A deviation that was submitted can't be changed. Withdraw it, "
                    "or ask for it to be returned for revision."
                )
            )
        return super()._check_frozen(content)

    def _check_lead_open(self, lead_id):
        """Only what is not submitted yet takes further deviations in."""
        lead = self.browse(lead_id)
        if lead.state not in EDITABLE_STATES:
            raise UserError(
                self.env._(
                    "%(lead)s was submitted: no further deviation can join its report.",
                    lead=lead.display_name,
                )
            )

    def _activity_xmlids(self):
        return super()._activity_xmlids() | set(TYPES)

    def _activities_wanted(self):
        """Who is to take the next step, and who hears that it isn't taken."""
        wanted = super()._activities_wanted()
        if self.lead_id or self.state not in OPEN_STATES or self.state == "submitted":
            return wanted
        opened = self.action_ids.filtered(lambda a: a.state == "open")
        day = self.date_deadline
        if self.state == "executing" and opened:
            rows = [(ACTION, a.user_id, a.date_deadline, a.name) for a in opened]
        elif self.state == "executing":
            rows = [(REPORT, self.user_id, day, False)]
        elif self.state == "reported":
            rows = [(VERIFY, self._verifier(), day, False)]
        else:
            rows = [(ANALYSE, self.user_id, day, False)]
        if self.escalated_on:
            for head in self._escalation_users(self.user_id):
                rows.append((ESCALATED, head, self.escalated_on, False))
        for action in opened if self.state == "executing" else ():
            if action.escalated_on:
                for head in self._escalation_users(action.user_id):
                    rows.append((ESCALATED, head, action.escalated_on, action.name))
        return wanted + [
            {"xmlid": xmlid, "user": user, "day": day, "what": what}
            for xmlid, user, day, what in rows
        ]

    def _verifier(self):
        """Who is asked to verify: the contract's supervisor, the head of the office, of
        the business office, or somebody of it; nobody who had a part in it."""
        self.ensure_one()
        parent = self._contract_parent()
        company = self.company_id
        executors = self._executors()
        users = (
            self._supervisor()
            | parent.team_id.user_id
            | company.contract_business_office_id.head_id
        ) - executors
        users = users.filtered("active")
        if not users:
            users = self.env["res.users"]._contract_members(
                "contract_tracking.group_contract_business", company
            )
        return (users - executors)[:1]

    def _escalation_users(self, late):
        """Who hears that ``late`` doesn't do his part: the head of the office and the
        head of the business office."""
        self.ensure_one()
        heads = (
            self._contract_parent().team_id.user_id
            | self.company_id.contract_business_office_id.head_id
        )
        return heads.filtered("active") - late

    @api.model
    def _cron_follow_up(self, batch=200):
        """Remind of overdue steps and actions once, escalate them once.

        Restartable: it finds by itself what is left.
        """
        todo = []
        for company in self.env["res.company"].sudo().search([]):
            today = company._contract_today()
            delay = timedelta(days=company.contract_deviation_step_days)
            for model, domain in (
                (self, self._follow_up_domain()),
                (
                    self.env["contract.action"],
                    Domain("deviation_id", "!=", False)
                    & Domain("state", "=", "open")
                    & Domain("deviation_id.state", "=", "executing")
                    & Domain("deviation_id.lead_id", "=", False),
                ),
            ):
                records = model.sudo()
                domain &= Domain("company_id", "=", company.id)
                for fname, day in (
                    ("reminded_on", today),
                    ("escalated_on", today - delay),
                ):
                    late = records.search(
                        domain
                        & Domain("date_deadline", "<", day)
                        & Domain(fname, "=", False),
                        order="date_deadline, id",
                    )
                    todo.append((late, fname, today))
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(len(late) for late, _f, _t in todo))
        for late, fname, today in todo:
            for start in range(0, len(late), batch):
                chunk = late[start : start + batch]
                unguarded(chunk).write({fname: today})
                if fname == "reminded_on":
                    chunk._remind()
                else:
                    chunk._escalated()
                if not cron._commit_progress(len(chunk)):
                    return

    @api.model
    def _follow_up_domain(self):
        """Deviations whose own step is waited for: not those with open actions."""
        return Domain("lead_id", "=", False) & (
            Domain("state", "in", ("detected", "analysed", "reported"))
            | (Domain("state", "=", "executing") & Domain("execution_end", "!=", False))
        )

    def _remind(self):
        """Tell who is to take the next step that it is overdue."""
        for deviation in self:
            user = (
                deviation._verifier()
                if deviation.state == "reported"
                else deviation.user_id
            )
            deviation._remind_user(
                user, deviation.date_deadline, deviation.display_name
            )

    def _remind_user(self, user, day, name):
        self.ensure_one()
        if not user.active:
            return
        deviation = guarded(self.sudo()).with_context(lang=user.lang)
        deviation.message_notify(
            partner_ids=user.partner_id.ids,
            subject=deviation.display_name,
            body=deviation.env._(
                "%(name)s has been overdue since %(date)s.",
                name=name,
                date=fields.Date.to_string(day),
            ),
        )

    def _escalated(self):
        self._sync_activities()

    def _fact_text(self, side):
        """Quantity or amount, and day, of what was agreed or what happened."""
        self.ensure_one()
        quantity = self[f"{side}_quantity"]
        amount = self[f"{side}_amount"]
        day = self[f"{side}_date"]
        # an actual nothing says something beside what was agreed
        if self.agreed_quantity or quantity:
            figure = self._form_quantity(quantity)
            unit = (self.line_id or self.term_id.line_id).sudo().product_uom_id.name
            figure = " ".join(filter(None, (figure, unit)))
        elif self.agreed_amount or amount:
            figure = format_amount(self.env, amount, self.currency_id)
        else:
            figure = ""
        return " · ".join(filter(None, (figure, day and format_date(self.env, day))))

    @api.model
    def _formatted_read_group_with_length(self, domain, groupby, *args, **kwargs):
        """Columns of what ended are folded."""
        groups, length = super()._formatted_read_group_with_length(
            domain, groupby, *args, **kwargs
        )
        if list(groupby) == ["state"]:
            for group in groups:
                group["__fold"] = group["state"] not in OPEN_STATES
        return groups, length

    def _describe_next_step(self):
        """One sentence: what is to be done next, by whom, until when."""
        self.ensure_one()
        user = self.user_id.name or self.env._("The handler")
        day = self.date_deadline and format_date(self.env, self.date_deadline) or "–"
        if self.lead_id:
            return self.env._(
                "Covered by the report %(lead)s: it is decided there.",
                lead=self.lead_id.display_name,
            )
        if self._contract_cancelled() and self.state in OPEN_STATES:
            return self.env._(
                "The contract was cancelled: the office cancels this deviation as well."
            )
        match self.state:
            case "detected":
                return self.env._(
                    "%(user)s analyses it by %(day)s: cause, severity, summary.",
                    user=user,
                    day=day,
                )
            case "analysed" if self.decision == "reject":
                return self.env._(
                    "Rejected: %(user)s revises the recommendation and submits it "
                    "again, or the office cancels it.",
                    user=user,
                )
            case "analysed":
                return self.env._(
                    "%(user)s recommends what to do and submits it by %(day)s.",
                    user=user,
                    day=day,
                )
            case "submitted":
                return self.approval_hint
            case "executing":
                opened = self.action_ids.filtered(lambda a: a.state == "open")
                if opened:
                    return self.env._(
                        "%(users)s: actions to do, the next by %(day)s.",
                        users=format_list(self.env, opened.user_id.mapped("name")),
                        day=day,
                    )
                return self.env._(
                    "%(user)s reports the result by %(day)s.", user=user, day=day
                )
            case "reported":
                return self.env._(
                    "%(user)s, or somebody else who had no part in it, verifies the "
                    "result by %(day)s.",
                    user=self._verifier().name or self.env._("The business office"),
                    day=day,
                )
        return False

    def _report(self, reason, attachments=None, date=False):
        """Report how the decision was carried out.

        :param date: since when it is cured, if nobody finds that by himself
        :raise UserError: while actions are open
        """
        self.ensure_one()
        self.check_access("write")
        self._contract_check_next("reported")
        opened = self.sudo().action_ids.filtered(lambda a: a.state == "open")
        if opened:
            raise UserError(
                self.env._(
                    "“%(action)s” is not done yet: report the result when every action "
                    "is done or dropped.",
                    action=opened[0].name,
                )
            )
        vals = {}
        if date and not self.detect_key:
            if date > self.company_id._contract_today():
                raise UserError(
                    self.env._("It can't have been cured on a day in the future.")
                )
            vals["cured_on"] = date
        self._move(
            "reported",
            result=reason,
            reported_by_id=self.env.uid,
            reported_by_name=self.env.user.name,
            reported_on=fields.Datetime.now(),
            involved_ids=self._involve(self.env.user),
            **vals,
        )
        self._keep_files(attachments, "result_attachment_ids")
        self._post(self.env._("Result: %(text)s", text=reason))

    def _verify(self, reason):
        """Close the deviation: its result is verified by somebody who had no part in
        it. What is not cured says so and needs the reason as well."""
        self.ensure_one()
        self.check_access("read")
        self._contract_check_next("closed")
        if self.approval_provisional:
            raise UserError(
                self.env._(
                    "The decision was given orally and is not confirmed yet: "
                    "%(deviation)s can't be closed before.",
                    deviation=self.display_name,
                )
            )
        self._move(
            "closed",
            verification=reason,
            verified_by_id=self.env.uid,
            verified_by_name=self.env.user.name,
            verified_on=fields.Datetime.now(),
        )
        self._post(
            self.env._("Verified: %(text)s", text=reason)
            if self.cured_on
            else self.env._("Verified, not cured: %(text)s", text=reason)
        )

    def _send_back(self, reason):
        """The result is not what was decided: it is executed on."""
        self.ensure_one()
        self.check_access("read")
        self._contract_check_next("executing")
        self._move(
            "executing",
            sent_back_reason=reason,
            sent_back_on=self.company_id._contract_today(),
        )
        self._post(self.env._("Not verified: %(text)s", text=reason))

    def _waive(self, reason, attachments=None):
        """Give the deviation up: the business office or a leader, once it is decided
        only a leader; never its handler."""
        self.ensure_one()
        self.check_access("read")
        self._contract_check_next("waived")
        self._end("waived", reason, attachments, self._waive_authority(self.env.user))

    def _dismiss(self, reason, attachments=None):
        """Cancel what is no deviation: the handler's office or the business office,
        before the decision. On a cancelled contract at any time."""
        self.ensure_one()
        self.check_access("read")
        self._contract_check_next("cancelled")
        if self.approval_state == "pending":
            unguarded(self.sudo())._approval_close("withdrawn", "withdrawn")
        self._end("cancelled", reason, attachments, self._office_label(self.env.user))

    def _end(self, state, reason, attachments, authority):
        self._move(
            state,
            ended_reason=reason,
            ended_by_id=self.env.uid,
            ended_by_name=self.env.user.name,
            ended_authority=authority,
            ended_on=fields.Datetime.now(),
        )
        self._keep_files(attachments, "ended_attachment_ids")
        self._post(self.env._("Reason: %(text)s", text=reason))

    def _hand_over(self, reason, user=None):
        """Give the deviation to another handler, in any state that is open."""
        self.ensure_one()
        self.check_access("read")
        refusal = self._refuse_hand_over()
        if refusal:
            raise UserError(refusal)
        if not user or user == self.user_id:
            raise UserError(self.env._("Choose who handles it from now on."))
        if user in self.sudo().approver_ids:
            raise UserError(
                self.env._(
                    "%(user)s is to decide on %(deviation)s and can't handle it at the "
                    "same time.",
                    user=user.name,
                    deviation=self.display_name,
                )
            )
        before = self.user_id
        family = unguarded(self._family().sudo())
        family.write({"user_id": user.id, "user_name": user.name})
        if self.state not in EDITABLE_STATES:
            family.write({"involved_ids": self._involve(before)})
        deviation = self.with_user(user).with_context(
            allowed_company_ids=self.company_id.ids
        )
        self.env.flush_all()
        if not deviation.has_access("write"):
            raise UserError(
                self.env._(
                    "%(user)s doesn't follow this contract: he can't handle "
                    "%(deviation)s.",
                    user=user.name,
                    deviation=self.display_name,
                )
            )
        self._post(
            self.env._(
                "Handed over from %(before)s to %(after)s: %(text)s",
                before=before.name or "–",
                after=user.name,
                text=reason,
            )
        )

    def _contract_next_states(self):
        cancelled = self._contract_cancelled()
        return {
            **super()._contract_next_states(),
            "analysed": {"detected": "_refuse_work"},
            "reported": {"executing": "_refuse_work"},
            "executing": {"reported": "_refuse_verify"},
            "closed": {"reported": "_refuse_verify"},
            "waived": dict.fromkeys(
                ("detected", "analysed", "executing", "reported"), "_refuse_waive"
            ),
            "cancelled": dict.fromkeys(
                OPEN_STATES if cancelled else EDITABLE_STATES, "_refuse_cancel"
            ),
        }

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "report": {
                "label": self.env._("Report the result"),
                "method": "_report",
                "asks": ["attachments"]
                if any(self.mapped("detect_key"))
                else ["attachments", "date"],
                "labels": {"date": self.env._("Cured On")},
            },
            "verify": {"label": self.env._("Verify and close"), "method": "_verify"},
            "send_back": {
                "label": self.env._("Send back: not verified"),
                "method": "_send_back",
            },
            "waive": {
                "label": self.env._("Waive"),
                "method": "_waive",
                "asks": ["attachments"],
            },
            "cancel": {
                "label": self.env._("Cancel as false"),
                "method": "_dismiss",
                "asks": ["attachments"],
            },
            "hand_over": {
                "label": self.env._("Hand over"),
                "method": "_hand_over",
                "asks": ["user"],
                "labels": {"user": self.env._("New Handler")},
            },
        }

    def _reason_note(self, step):
        """The decision that was carried out, its result, and what is still open."""
        if step not in ("report", "verify", "send_back") or len(self) != 1:
            return super()._reason_note(step)
        decisions = dict(self._fields["decision"]._description_selection(self.env))
        parts = [decisions.get(self.decision), self.decision_text]
        if step != "report":
            parts.append(self.result)
        if step == "verify" and self.not_cured:
            parts.append(
                self.env._(
                    "Not cured: what was agreed is still not fulfilled. Close it only "
                    "if the decision says so, and say why."
                )
            )
        return "\n".join(filter(None, parts)) or False

    # Why the user can't take a step, as a sentence, or False

    def _refuse_member(self):
        """What is covered by the report of another one is decided there."""
        if not self.lead_id:
            return False
        return self.env._(
            "%(deviation)s is decided with %(lead)s: take the step there.",
            deviation=self.display_name,
            lead=self.lead_id.display_name,
        )

    def _refuse_cancelled(self):
        """Nothing is decided or executed on a cancelled contract any more."""
        if not self._contract_cancelled():
            return False
        return self.env._(
            "%(contract)s was cancelled: there is nothing to decide or to execute any "
            "more. Cancel %(deviation)s instead.",
            contract=self._contract_parent().sudo().display_name,
            deviation=self.display_name,
        )

    def _refuse_work(self):
        return self._refuse_member() or self._refuse_cancelled()

    def _refuse_verify(self):
        """Verified by somebody who had no part in it."""
        refusal = self._refuse_work()
        if refusal:
            return refusal
        user = self.env.user
        if user in self.sudo()._executors():
            return self.env._(
                "You handled, executed or reported %(deviation)s yourself: somebody "
                "else verifies it.",
                deviation=self.display_name,
            )
        if (
            user == self._supervisor()
            or self._is_head(user)
            or user.has_group("contract_tracking.group_contract_leader")
        ):
            return False
        return self.env._(
            "A deviation is verified by the contract's supervisor, the head of the "
            "office, the business office or a leader."
        )

    def _refuse_waive(self):
        """Waived by a leader, before the decision also by the business office; never by
        its handler."""
        refusal = self._refuse_member()
        if refusal or self._waive_authority(self.env.user):
            return refusal
        return self.env._(
            "A deviation is waived by a leader, before it is decided also by the "
            "business office, and never by its handler."
        )

    def _refuse_cancel(self):
        """Cancelled by the office that handles it."""
        refusal = self._refuse_member()
        if refusal or self._is_office(self.env.user):
            return refusal
        return self.env._(
            "A deviation is cancelled by the handler's office or by the business "
            "office."
        )

    def _refuse_hand_over(self):
        """Handed over in any open state, by who leads."""
        if self.state not in OPEN_STATES:
            return self._contract_wrong_state(OPEN_STATES)
        refusal = self._refuse_member()
        if refusal or self._is_head(self.env.user):
            return refusal
        return self.env._(
            "The head of the office or the business office hands deviations over."
        )

    # Its actions

    def _action_check_plan(self):
        self.check_access("write")
        self._check_is_lead()
        self._contract_check_state(*PLANNING_STATES)
        return super()._action_check_plan()

    def _action_is_decided(self):
        return self.state not in EDITABLE_STATES

    def _action_refuse_execution(self):
        if self.state != "executing":
            return self._contract_wrong_state(("executing",))
        return self._refuse_cancelled() or super()._action_refuse_execution()

    def _action_refuse_drop(self):
        if self._is_office(self.env.user):
            return super()._action_refuse_drop()
        return self.env._(
            "An action is dropped by the handler's office or by the business office."
        )

    def _action_finished(self, action):
        unguarded(self.sudo()).write({"involved_ids": self._involve(action.user_id)})
        return super()._action_finished(action)

    def _actions_changed(self):
        self._sync_activities()
        return super()._actions_changed()

    def _check_is_lead(self):
        for deviation in self:
            refusal = deviation._refuse_member()
            if refusal:
                raise UserError(refusal)

    def _contract_cancelled(self):
        self.ensure_one()
        parent = self._contract_parent().sudo()
        return bool(parent) and parent._contract_is_cancelled()

    def _check_analysed(self):
        """Raise if the analysis says too little to be decided on."""
        self.ensure_one()
        for fname in ("cause_id", "severity", "summary"):
            value = self[fname]
            if not (value.strip() if isinstance(value, str) else value):
                raise UserError(
                    self.env._(
                        "%(deviation)s: enter “%(field)s” first.",
                        deviation=self.display_name,
                        field=self._fields[fname]._description_string(self.env),
                    )
                )

    def _names_vals(self):
        return {
            **super()._names_vals(),
            "term_name": self.term_id.sudo().display_name or self.term_name,
        }

    def _family(self):
        """The deviations of the report: the lead and those that it covers."""
        return self | self.included_ids

    def _move(self, state, **vals):
        """Bring a report, with all that it covers, into a state."""
        unguarded(self._family().sudo()).write(
            {"state": state, "reminded_on": False, "escalated_on": False, **vals}
        )
        self._sync_activities()

    def _involve(self, users):
        return [fields.Command.link(user.id) for user in users]

    def _keep_files(self, attachments, fname):
        if attachments:
            document = unguarded(self.sudo())
            document.write({fname: [fields.Command.link(a.id) for a in attachments]})
            own_attachments(document, fname)

    def _post(self, body):
        self.sudo().message_post(body=body)

    def _executors(self):
        """Who had a part in it and so can't verify it."""
        self.ensure_one()
        return (
            self.involved_ids
            | self._family().user_id
            | self.submitted_by_id
            | self.reported_by_id
            | self.action_ids.filtered(lambda a: a.state != "dropped").user_id
            | self.action_ids.done_by_id
        )

    def _own_actions(self, user):
        """The open actions that a user is to do now."""
        self.ensure_one()
        if self.state != "executing":
            return self.action_ids.browse()
        return self.action_ids.filtered(
            lambda a: a.state == "open" and a.user_id == user
        )

    def _is_head(self, user):
        """Whether a user leads the office of the contract or is of the business
        office."""
        self.ensure_one()
        return user == self._contract_parent().sudo().team_id.user_id or user.has_group(
            "contract_tracking.group_contract_business"
        )

    def _is_office(self, user):
        """Whether a user is of the contract's office, with that role, or of the
        business office."""
        self.ensure_one()
        team = self._contract_parent().sudo().team_id
        return self._is_head(user) or (
            user.has_group("contract_tracking.group_contract_office")
            and user in team.crm_team_member_ids.user_id
        )

    def _office_label(self, user):
        if user.has_group("contract_tracking.group_contract_business"):
            return self.env._("Business Office")
        return self._contract_parent().sudo().team_id.name

    def _waive_authority(self, user):
        """The role in which a user may waive the deviation, or False."""
        self.ensure_one()
        if user in (self.user_id | self.sudo().submitted_by_id):
            return False
        if user.has_group("contract_tracking.group_contract_leader"):
            return self.env._("Leader")
        if self.state in EDITABLE_STATES and user.has_group(
            "contract_tracking.group_contract_business"
        ):
            return self.env._("Business Office")
        return False

    def _supervisor(self):
        self.ensure_one()
        order = self.order_id.sudo()
        return order.contract_supervisor_id or self.frame_id.sudo().supervisor_id

    def _approval_outcomes(self):
        return ["accept", "accept_changed"]

    def _approval_amount(self):
        amounts = self._family().mapped("impact_amount")
        return sum(map(abs, amounts)), self.currency_id

    def _approval_severity(self):
        order = [key for key, _label in SEVERITIES]
        return max(self._family().mapped("severity"), key=order.index)

    def _approval_open_fields(self):
        return super()._approval_open_fields() | {"action_ids"}

    def _approval_check_submit(self):
        res = super()._approval_check_submit()
        self._check_is_lead()
        self._contract_check_state("analysed")
        for deviation in self._family():
            deviation._check_analysed()
        if not (self.recommendation or "").strip() and not self.recommendation_ids:
            raise UserError(
                self.env._(
                    "%(deviation)s: say under “Recommendation” what you ask the leader "
                    "to decide.",
                    deviation=self.display_name,
                )
            )
        return res

    def _approval_submitted(self):
        res = super()._approval_submitted()
        for deviation in self:
            for member in deviation._family():
                member.write(
                    {
                        **member._names_vals(),
                        "user_name": deviation.user_id.name,
                    }
                )
            deviation._move(
                "submitted",
                decision=False,
                decision_text=False,
                decided_by_name=False,
                decided_on=False,
                involved_ids=deviation._involve(self.env.user),
            )
        return res

    def _approval_approved(self):
        res = super()._approval_approved()
        self._decided("executing", self._approval_conclusion().outcome or "accept")
        return res

    def _approval_refused(self):
        res = super()._approval_refused()
        self._decided("analysed", "reject")
        return res

    def _approval_returned(self):
        res = super()._approval_returned()
        self._taken_back()
        return res

    def _approval_withdrawn(self):
        res = super()._approval_withdrawn()
        self._taken_back()
        return res

    def _decided(self, state, decision):
        """Keep the leader's words beside what they decide."""
        self.ensure_one()
        step = self._approval_conclusion()
        self._move(
            state,
            decision=decision,
            decision_text=step.comment,
            decided_by_name=step.decided_by_name,
            decided_on=step.decided_on,
        )

    def _taken_back(self):
        """Back to its handler: withdrawn, returned, or decided orally as nobody had
        decided. The approval trail keeps what was said."""
        for deviation in self.filtered(
            lambda d: d.state in ("submitted", "executing", "reported")
        ):
            deviation._move(
                "analysed",
                decision=False,
                decision_text=False,
                decided_by_name=False,
                decided_on=False,
            )

    def _found_message(self):
        """Tell what a search on demand found, and show it."""
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if self else "success",
                "message": self.env._(
                    "New deviations: %(names)s.",
                    names=format_list(self.env, self.mapped("name")),
                )
                if self
                else self.env._("No new deviation."),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
