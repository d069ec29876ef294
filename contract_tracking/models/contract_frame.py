from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .contract_guard import is_unguarded, unguarded, without_defaults

# What both sides agreed: from activation on only the business office corrects it.
AGREED = {
    "partner_id", "company_id", "currency_id", "date_start", "date_end", "amount_total",
    "schedule_template_id", "payment_term_id", "incoterm_id",
}  # fmt: skip
# Of these, what is still empty may be filled in by whoever follows the frame.
FACTS = {
    "name", "client_ref", "signing_date", "signatory", "customer_signatory",
    "owner_id", "supervisor_id", "predecessor_id",
}  # fmt: skip
# What only the frame's own steps write.
SYSTEM = {"state", "effective_date", "reminded_on", "amount_lines"}
# Fields whose change is dated: field → kind of history.
DATED = {"team_id": "office", "owner_id": "owner", "amount_total": "amount"}


class ContractFrame(models.Model):
    """A frame agreement (年度/框架合同): what a customer is to call off in a period.

    Amounts are in the frame's currency with taxes, days in the company's time zone.
    Serves D9 §1: call-offs under a frame agreement are tracked like contracts.
    """

    _name = "contract.frame"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Frame Agreement"
    _order = "date_end desc, id desc"
    _rec_names_search = ["name", "client_ref", "partner_id.name"]
    _check_company_auto = True

    name = fields.Char(
        string="Number",
        copy=False,
        index="trigram",
        help="Number on the paper. Drawn when the frame agreement is saved, unless "
        "you type it.",
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
    )
    commercial_partner_id = fields.Many2one(
        related="partner_id.commercial_partner_id", store=True, index=True
    )
    client_ref = fields.Char(string="Customer's Reference", copy=False)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    state = fields.Selection(
        [
            ("draft", "In preparation"),
            ("active", "In effect"),
            ("closed", "Closed"),
            ("cancelled", "Cancelled"),
        ],
        required=True,
        default="draft",
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    signing_date = fields.Date(copy=False)
    signatory = fields.Char(
        string="Our Signatory",
        copy=False,
        help="Legal or authorised representative who signed for us (D2 §4).",
    )
    customer_signatory = fields.Char(string="Customer's Signatory", copy=False)
    date_start = fields.Date(string="Valid From", copy=False)
    date_end = fields.Date(
        string="Valid Until", copy=False, index="btree_not_null", tracking=True
    )
    effective_date = fields.Date(
        string="In Effect Since",
        copy=False,
        readonly=True,
        help="The day of the activation. From then on what was agreed is fixed.",
    )
    owner_id = fields.Many2one(
        "res.users",
        index=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        default=lambda self: self.env.user,
        help="Follows the frame agreement and is reminded before it ends.",
    )
    supervisor_id = fields.Many2one(
        "res.users",
        string="Performance Supervisor",
        index="btree_not_null",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    team_id = fields.Many2one(
        "crm.team", string="Office", index="btree_not_null", check_company=True
    )
    schedule_template_id = fields.Many2one(
        "contract.schedule.template",
        string="Terms of Call-Offs",
        check_company=True,
        ondelete="restrict",
        help="Schedule template that every call-off inherits: its payment terms and "
        "milestones.",
    )
    payment_term_id = fields.Many2one(
        "account.payment.term",
        string="Payment Terms",
        check_company=True,
        help="Given to the call-offs: when their invoices fall due.",
    )
    incoterm_id = fields.Many2one(
        "account.incoterms", help="Delivery terms given to the call-offs."
    )
    line_ids = fields.One2many(
        "contract.frame.line", "frame_id", string="Agreed Products", copy=True
    )
    amount_lines = fields.Monetary(
        string="Sum of the Lines", compute="_compute_amount_total", store=True
    )
    amount_total = fields.Monetary(
        string="Agreed Total",
        compute="_compute_amount_total",
        store=True,
        readonly=False,
        copy=True,
        tracking=True,
        help="Agreed for the whole period, taxes included. If you type nothing, it is "
        "the sum of the agreed amounts of the lines.",
    )
    note = fields.Html(string="Notes")
    predecessor_id = fields.Many2one(
        "contract.frame",
        copy=False,
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        help="The frame agreement that this one renews.",
    )
    successor_ids = fields.One2many(
        "contract.frame", "predecessor_id", string="Successors", readonly=True
    )
    order_ids = fields.One2many("sale.order", "contract_frame_id", string="Call-Offs")
    term_ids = fields.One2many("contract.term", "frame_id", string="Terms")
    event_ids = fields.One2many("contract.event", "frame_id", string="Events")
    document_ids = fields.One2many("contract.document", "frame_id", string="Papers")
    step_ids = fields.One2many("contract.approval.step", "frame_id", string="Decisions")
    history_ids = fields.One2many("contract.history", "frame_id")

    _name_uniq = models.UniqueIndex(
        "(company_id, name)",
        "Another frame agreement of this company already has this number.",
    )
    _amount_positive = models.Constraint(
        "CHECK (amount_total >= 0)", "The agreed total can't be negative."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("line_ids.amount")
    def _compute_amount_total(self):
        for frame in self:
            before = frame.amount_lines
            frame.amount_lines = sum(frame.line_ids.mapped("amount"))
            typed = frame.amount_total
            if not typed or not frame.currency_id.compare_amounts(typed, before):
                frame.amount_total = frame.amount_lines
            else:
                frame.amount_total = typed

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("name")
    def _check_name(self):
        for frame in self:
            if not (frame.name or "").strip():
                raise ValidationError(
                    self.env._("A frame agreement can't be without a number.")
                )

    @api.constrains("date_start", "date_end")
    def _check_validity(self):
        for frame in self:
            if frame.effective_date and not (frame.date_start and frame.date_end):
                raise ValidationError(
                    self.env._(
                        "%(frame)s is in effect: it can't be without validity.",
                        frame=frame.display_name,
                    )
                )
            if (
                frame.date_start
                and frame.date_end
                and frame.date_end < frame.date_start
            ):
                raise ValidationError(
                    self.env._(
                        "%(frame)s can't end on %(end)s, before it begins on "
                        "%(start)s.",
                        frame=frame.display_name,
                        end=frame.date_end,
                        start=frame.date_start,
                    )
                )

    @api.constrains("predecessor_id")
    def _check_predecessor(self):
        if self._has_cycle("predecessor_id"):
            raise ValidationError(
                self.env._("A frame agreement can't be its own predecessor.")
            )

    @api.constrains("partner_id")
    def _check_call_offs(self):
        for frame in self.sudo():
            strangers = frame.order_ids.filtered(
                lambda o, this=frame: (
                    o.partner_id.commercial_partner_id
                    != this.partner_id.commercial_partner_id
                )
            )
            if strangers:
                raise ValidationError(
                    self.env._(
                        "%(frame)s has call-offs of another customer: %(orders)s.",
                        frame=frame.display_name,
                        orders=", ".join(strangers.mapped("display_name")),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if not is_unguarded(self):
            if any(SYSTEM & vals.keys() for vals in vals_list):
                raise UserError(self._system_message())
            self = without_defaults(self, SYSTEM)
        vals_list = [dict(vals) for vals in vals_list]
        unnumbered = {}
        for vals in vals_list:
            if not (vals.get("name") or "").strip():
                company = vals.get("company_id") or self.env.company.id
                unnumbered.setdefault(company, []).append(vals)
        for company_id, without in unnumbered.items():
            company = self.env["res.company"].sudo().browse(company_id)
            today = self.new({"company_id": company_id})._contract_today()
            numbers = company._contract_next_numbers(
                "contract.frame", today, len(without)
            )
            for vals, number in zip(without, numbers, strict=True):
                vals["name"] = number
        return super().create(vals_list)

    def write(self, vals):
        if is_unguarded(self):
            return super().write(vals)
        if SYSTEM & vals.keys():
            raise UserError(self._system_message())
        self._check_facts(vals)
        watched = (FACTS | AGREED | DATED.keys()) & vals.keys()
        fixed = self.filtered(lambda frame: frame.state != "draft")
        old = {frame: {name: frame[name] for name in watched} for frame in fixed}
        res = super().write(vals)
        if "amount_total" in vals and not vals["amount_total"]:
            self.env.add_to_compute(self._fields["amount_total"], self)
        self._log_changes(old)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        kept = self.filtered("effective_date")
        if kept:
            raise UserError(
                self.env._(
                    "%(frames)s was in effect and is kept as evidence: close or "
                    "cancel it instead of deleting it.",
                    frames=", ".join(kept.mapped("display_name")),
                )
            )

    def _system_message(self):
        return self.env._(
            "The state of a frame agreement changes by its own actions only."
        )

    def _check_facts(self, vals):
        """What was agreed is corrected by the business office only, with a reason."""
        for frame in self:
            if frame.state == "draft":
                continue
            for name in (AGREED | FACTS) & vals.keys():
                field = self._fields[name]
                if name in FACTS and not frame[name]:
                    continue
                if field.convert_to_cache(vals[name], frame) != field.convert_to_cache(
                    frame[name], frame
                ):
                    raise UserError(
                        self.env._(
                            "%(frame)s is agreed: “%(fact)s” can only be corrected by "
                            "the business office, with a reason (Correct Facts).",
                            frame=frame.display_name,
                            fact=frame._contract_label(name),
                        )
                    )

    def _correct(self, vals, reason):
        """Correct what was agreed, keeping the old values in the history.

        :param vals: values of fields, ``line_ids`` as commands among them
        :param reason: why; kept in the history and in the chatter
        :raise UserError: without reason, or if the user is not of the business office
        """
        self.ensure_one()
        self._contract_check_business_office()
        if not (reason or "").strip():
            raise UserError(self.env._("A correction needs a reason."))
        frame = self.sudo()
        if frame.state == "draft":
            raise UserError(
                self.env._("A frame agreement in preparation is simply edited.")
            )
        lines = {line: line._contract_text() for line in frame.line_ids}
        names = vals.keys() - {"line_ids"}
        old = {frame: {name: frame[name] for name in names | {"amount_total"}}}
        if "date_end" in vals:
            vals = {**vals, "reminded_on": False}
        unguarded(frame).write(vals)
        frame._log_changes(old, reason)
        frame._log_lines(lines, reason)
        frame.message_post(body=self.env._("Corrected: %(reason)s", reason=reason))

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _log_changes(self, old, reason=False):
        """Write the history of changed values: ``{frame: {field: old value}}``."""
        rows = []
        for frame, values in old.items():
            for name, before in values.items():
                field = frame._fields[name]
                if before == frame[name]:
                    continue
                rows.append(
                    {
                        "frame_id": frame.id,
                        "kind": DATED.get(name, "fact"),
                        "name": frame._contract_label(name),
                        "old_value": frame._contract_text(name, before),
                        "new_value": frame._contract_text(name, frame[name]),
                        "reason": reason,
                        "res_model": field.comodel_name if field.relational else False,
                        "record_id": frame[name].id if field.relational else False,
                    }
                )
        self.env["contract.history"]._log(rows)

    def _log_lines(self, old, reason):
        """Write the history of changed lines: ``{line: its text before}``."""
        self.ensure_one()
        rows = []
        for line in old.keys() | set(self.line_ids):
            before = old.get(line, False)
            after = line._contract_text() if line in self.line_ids else False
            if before != after:
                rows.append(
                    {
                        "frame_id": self.id,
                        "kind": "fact",
                        "name": self._contract_label("line_ids"),
                        "old_value": before,
                        "new_value": after,
                        "reason": reason,
                    }
                )
        self.env["contract.history"]._log(rows)

    def _contract_label(self, fname):
        return self._fields[fname]._description_string(self.env)

    def _contract_text(self, fname, value):
        field = self._fields[fname]
        if field.relational:
            return value.display_name or False
        return str(value) if value else False

    def _contract_today(self):
        """Today as a day of the frame's company."""
        return self._contract_day(fields.Datetime.now())

    def _contract_day(self, moment):
        """The day of a UTC datetime in the time zone of the frame's company."""
        company = self.company_id or self.env.company
        return fields.Datetime.context_timestamp(
            self.with_context(tz=company.sudo().contract_tz), moment
        ).date()

    def _contract_check_business_office(self):
        if not self.env.user.has_group("contract_tracking.group_contract_business"):
            raise UserError(
                self.env._(
                    "Only the business office may do this for a frame agreement."
                )
            )
        self.check_access("read")

    def _contract_form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "contract.frame",
            "res_id": self.id,
            "view_mode": "form",
        }
