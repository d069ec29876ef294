from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.guard import is_unguarded, unguarded

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
# From the mildest to the gravest.
RANKS = {key: rank for rank, (key, _label) in enumerate(SEVERITIES)}
# How a contract or a frame agreement stands.
HEALTH = [
    ("on_track", "On track"),
    ("attention", "Attention"),
    ("at_risk", "At risk"),
]
# What departs when a term of this kind is not kept.
TERM_KINDS = {
    "delivery": "late_delivery",
    "payment": "late_payment",
    "milestone": "milestone_late",
    "document": "document_missing",
}
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


class ContractDeviation(models.Model):
    """附表3 Deviation Report: a departure from what the contract says, detected or
    reported → analysed → decided by a leader → executed → verified (D9 §3.3, §6.3, §7).

    Amounts are in the contract's currency with taxes, quantities in the term's unit,
    days in the company's time zone. Figures follow the facts until it is submitted;
    what was submitted and decided is evidence.
    """

    _name = "contract.deviation"
    _inherit = [
        "contract.form.mixin",
        "contract.approval.mixin",
        "contract.action.mixin",
        "contract.facts.source",
    ]
    _description = "Contract Deviation"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_no", "partner_name"]
    _approval_kind = "deviation"
    _approval_states = {}
    _contract_buttons = {
        "can_verify": "closed",
        "can_waive": "waived",
        "can_cancel": "cancelled",
    }
    _contract_columns = OPEN_STATES
    _contract_form = ("QR-XS-03", "A/0", "PC")

    user_id = fields.Many2one(string="Handler", tracking=True)
    state = fields.Selection(
        STATES, default="detected", required=True, readonly=True,
        index=True, tracking=True, group_expand="_contract_expand_states",
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
        "contract.deviation.rule", readonly=True, ondelete="set null"
    )
    detect_key = fields.Char(
        readonly=True,
        help="What departs, for the daily run: one deviation that is neither cured nor "
        "closed a key.",
    )
    proposed_summary = fields.Text(readonly=True)
    proposed_severity = fields.Char(readonly=True)
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
    agreed_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What was agreed when the deviation was found, in the unit of the order "
        "line.",
    )
    actual_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What there was instead when the deviation was found, in the unit of the "
        "order line.",
    )
    agreed_amount = fields.Monetary(
        readonly=True,
        help="What was agreed when the deviation was found, taxes included, in the "
        "contract's currency.",
    )
    actual_amount = fields.Monetary(
        readonly=True,
        help="What there was instead when the deviation was found, taxes included, in "
        "the contract's currency.",
    )
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
    term_name = fields.Char(string="Term's Name", readonly=True)
    user_name = fields.Char(string="Handler's Name", readonly=True)
    decision = fields.Selection(
        [
            ("accept", "As recommended"),
            ("accept_changed", "Accepted with changes"),
            ("reject", "Rejected"),
        ],
        string="Leader's Decision",
        readonly=True,
        tracking=True,
    )
    decision_text = fields.Text(
        string="Words of the Decision",
        readonly=True,
        help="As the leader wrote them; they never change. Decisions of earlier rounds "
        "stand in the approval trail.",
    )
    decided_by_name = fields.Char(string="Decided By", readonly=True)
    decided_on = fields.Datetime(readonly=True)
    result = fields.Text(
        string="Execution and Result",
        readonly=True,
        help="How the decision was carried out, and what came of it.",
    )
    result_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_result_rel",
        string="Evidence of the Result",
        readonly=True,
        bypass_search_access=True,
    )
    seen_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Who reported it from a document on which he saw it: he reads it from "
        "then on.",
    )
    reported_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    reported_by_name = fields.Char(string="Reported By (Name)", readonly=True)
    reported_on = fields.Datetime(readonly=True)
    sent_back_reason = fields.Text(string="Not Verified Because", readonly=True)
    sent_back_on = fields.Date(readonly=True)
    verification = fields.Text(readonly=True)
    verified_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    verified_by_name = fields.Char(string="Verified By (Name)", readonly=True)
    verified_on = fields.Datetime(readonly=True)
    ended_reason = fields.Text(string="Reason", readonly=True)
    ended_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    ended_by_name = fields.Char(string="Ended By (Name)", readonly=True)
    ended_authority = fields.Char(
        string="Authority",
        readonly=True,
        help="In which role it was waived or cancelled.",
    )
    ended_on = fields.Datetime(readonly=True)
    ended_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_ended_rel",
        string="Evidence of the Reason",
        readonly=True,
        bypass_search_access=True,
    )
    involved_ids = fields.Many2many(
        "res.users",
        "contract_deviation_involved_rel",
        string="Worked On It",
        readonly=True,
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
    reminded_on = fields.Date(readonly=True)
    escalated_on = fields.Date(readonly=True)
    agreed_text = fields.Char(string="Agreed", compute="_compute_texts")
    actual_text = fields.Char(string="Actual", compute="_compute_texts")
    color = fields.Integer(compute="_compute_color")
    not_cured = fields.Boolean(compute="_compute_not_cured")
    next_step = fields.Char(compute="_compute_next_step", compute_sudo=True)
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
        "WHERE cured_on IS NULL AND detect_key IS NOT NULL "
        "AND state NOT IN ('closed', 'cancelled')",
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
            company, currency = deviation.company_id, deviation.currency_id
            # without a contract there is no currency yet
            deviation.impact_amount_company = (
                currency._convert(
                    deviation.impact_amount,
                    company.currency_id,
                    company,
                    deviation.date,
                )
                if currency
                else 0.0
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
            deviation.execution_end = max([day, *done, deviation.sent_back_on or day])

    @api.depends(
        "state", "date", "execution_end", "reported_on",
        "action_ids.state", "action_ids.date_deadline",
    )  # fmt: skip
    def _compute_date_deadline(self):
        for deviation in self:
            company = deviation.company_id or self.env.company
            step = timedelta(days=company.contract_deviation_step_days)
            day = False
            if deviation.state in EDITABLE_STATES:
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
        colors = {"major": 3, "critical": 1}
        for deviation in self:
            deviation.color = colors.get(deviation.severity, 0)

    @api.depends("cured_on", "state")
    def _compute_not_cured(self):
        for deviation in self:
            deviation.not_cured = (
                not deviation.cured_on and deviation.state != "cancelled"
            )

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

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {"term_id"}

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
        self._contract_check_values(*vals_list)
        for vals in vals_list:
            self._check_lead_open(vals)
        deviations = super().create(vals_list)
        given = dict(zip(deviations.ids, vals_list, strict=True))
        for names, group in deviations.grouped(
            lambda deviation: frozenset(given[deviation.id])
        ).items():
            group._start_from_term(names)
        deviations._join_lead()
        deviations._sync_activities()
        return deviations

    def write(self, vals):
        self._contract_check_values(vals)
        self._check_lead_open(vals)
        res = super().write(vals)
        if vals.get("term_id") and not is_unguarded(self):
            self._start_from_term(vals.keys())
        if vals.get("lead_id"):
            self._join_lead()
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
                kind=TERM_KINDS.get(term.kind, "other"),
                **self._term_figures(term),
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

    def get_formview_id(self, access_uid=None):
        """Who only reported it sees his report, not what hangs on it."""
        user = self.env["res.users"].browse(access_uid) if access_uid else self.env.user
        if user.has_group("contract_tracking.group_contract_reader"):
            return super().get_formview_id(access_uid)
        return self.env.ref("contract_tracking.contract_deviation_view_form_seen").id

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
        self._approval_involve(dict.fromkeys(self._family(), self.env.user))
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
        lead = max(self, key=lambda d: (RANKS[d.severity], d.impact_amount, -d.id))
        family.write({"lead_id": False})
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

    @api.readonly
    def action_view_lead(self):
        """Open the report that covers this deviation, itself if there is none."""
        self.ensure_one()
        return (self.lead_id or self)._open_form()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _responsible_parties(self):
        # a tuple's key would be read as a term to translate
        labels = {
            "us": self.env._("We"),
            "customer": self.env._("Customer"),
            "supplier": self.env._("Supplier"),
            "carrier": self.env._("Carrier"),
            "authority": self.env._("Authority, bank"),
            "nobody": self.env._("Nobody (force majeure)"),
        }
        return list(labels.items())

    @api.model
    def _term_figures(self, term):
        """What a report from a term starts with: its line and its figures of today."""
        missing = term.agreed_amount - term.actual_amount
        if term.status == "met_late":
            missing = term.agreed_amount
        elif term.kind == "payment" and term.overdue_amount:
            missing = term.overdue_amount
        return {
            "line_id": term.line_id.id,
            "agreed_date": term.date_due,
            "actual_date": term.actual_date,
            "agreed_quantity": term.agreed_quantity,
            "actual_quantity": term.actual_quantity,
            "agreed_amount": term.agreed_amount,
            "actual_amount": term.actual_amount,
            "impact_days": max(term.variance_days, 0),
            "impact_amount": max(missing, 0),
        }

    def _start_from_term(self, given):
        """Take over the figures of the term that somebody reports on.

        :param given: names of the values that he wrote himself: they stay
        """
        reports = self.filtered(lambda d: d.term_id and d.source == "reported")
        # all are read before one is written: a write makes figures be read anew
        found = [self._term_figures(report.term_id) for report in reports.sudo()]
        for report, figures in zip(reports, found, strict=True):
            unguarded(report).write(
                {name: figures[name] for name in figures.keys() - given}
            )

    @api.onchange("term_id")
    def _onchange_term_id(self):
        """Start from the term's figures."""
        if self.term_id and self.source == "reported":
            self.update(self._term_figures(self.term_id))

    def _check_frozen(self, content):
        # actions have guards of their own
        content = content - {"action_ids"}
        if not content:
            return None
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("A deviation stays with its contract: write another one.")
            )
        if "kind" in content and any(self.sudo().mapped("detect_key")):
            raise UserError(
                self.env._(
                    "What kind of deviation this is was found from the facts: it can't "
                    "be changed. Cancel it if it is false."
                )
            )
        if any(deviation.state not in EDITABLE_STATES for deviation in self):
            raise UserError(
                self.env._(
                    "A deviation that was submitted can't be changed. Withdraw it, "
                    "or ask for it to be returned for revision."
                )
            )
        return super()._check_frozen(content)

    def _files_settled(self, fname):
        return super()._files_settled(fname) | self.filtered(
            lambda d: d.state not in EDITABLE_STATES
        )

    def _files_settled_on(self):
        report = self | self.lead_id
        steps = ("submitted_on", "decided_on", "reported_on", "verified_on", "ended_on")
        return max(
            (report[:1][s] or report[1:][s] for s in steps if any(report.mapped(s))),
            default=super()._files_settled_on(),
        )

    def _join_lead(self):
        """Stand where the report stands that covers these."""
        for lead, deviations in self.grouped("lead_id").items():
            if lead:
                unguarded(deviations).write({"state": lead.state})

    @api.model
    def _check_lead_open(self, vals):
        """Only what is not submitted yet takes further deviations in."""
        lead = self.browse(vals.get("lead_id"))
        if lead and lead.state not in EDITABLE_STATES:
            raise UserError(
                self.env._(
                    "%(lead)s was submitted: no further deviation can join its report.",
                    lead=lead.display_name,
                )
            )

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
