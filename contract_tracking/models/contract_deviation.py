from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from .contract_evidence import own_attachments
from .contract_guard import is_unguarded, unguarded

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


class ContractDeviation(models.Model):
    """附表3 Deviation Report: a departure from what the contract says, detected or
    reported → analysed → decided by a leader → executed → verified (D9 §3.3, §6.3, §7).

    Amounts are in the contract's currency with taxes, quantities in the term's unit,
    days in the company's time zone. Figures follow the facts until it is submitted;
    what was submitted and decided is evidence.
    """

    _name = "contract.deviation"
    _inherit = ["contract.form.mixin", "contract.approval.mixin"]
    _description = "Contract Deviation"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_no", "partner_name"]

    _approval_kind = "deviation"
    _contract_form_sequence = "contract.deviation"
    _contract_form_setting = "contract_deviation_form"

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
        help="The day on which the promise was fulfilled after all (补救日期).",
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
    partner_name = fields.Char(string="Customer's Name", readonly=True, copy=False)
    contract_no = fields.Char(string="Contract No.", readonly=True, copy=False)
    term_name = fields.Char(string="Term's Name", readonly=True, copy=False)
    user_name = fields.Char(string="Handler's Name", readonly=True, copy=False)

    _open_uniq = models.UniqueIndex(
        "(company_id, kind, detect_key) "
        "WHERE cured_on IS NULL AND detect_key IS NOT NULL",
        "This departure is already written down as a deviation.",
    )

    @api.model
    def _responsible_parties(self):
        return [
            ("us", self.env._("We")),
            ("customer", self.env._("Customer")),
            ("supplier", self.env._("Supplier")),
            ("carrier", self.env._("Carrier")),
            ("authority", self.env._("Authority, bank")),
            ("nobody", self.env._("Nobody (force majeure)")),
        ]

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

    @api.depends("name", "contract_no")
    def _compute_display_name(self):
        for deviation in self:
            deviation.display_name = " ".join(
                filter(None, (deviation.name, deviation.contract_no))
            )

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
        for deviation in deviations:
            parent = deviation._contract_parent().sudo()
            unguarded(deviation).write(
                {
                    "partner_name": parent.partner_id.name,
                    "contract_no": deviation.sudo().contract_number
                    or parent.display_name,
                    "term_name": deviation.term_id.sudo().display_name or False,
                }
            )
        own_attachments(deviations)
        return deviations

    def write(self, vals):
        res = super().write(vals)
        if "attachment_ids" in vals and not is_unguarded(self):
            own_attachments(self)
        return res

    def _check_frozen(self, content):
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
