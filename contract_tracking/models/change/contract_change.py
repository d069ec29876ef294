from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

STATES = [
    ("draft", "Draft"),
    ("submitted", "Consent Asked"),
    ("agreed", "To Be Negotiated"),
    ("negotiated", "To Be Carried Out"),
    ("done", "Carried Out"),
    ("refused", "Ended Without Change"),
    ("void", "Void"),
]
# Somebody still has something to do.
OPEN = ("draft", "submitted", "agreed", "negotiated")
# The states of contracts and of frame agreements in effect.
RUNNING = ("active", "suspended")
# Nothing is to do any more where the contract ended.
GOES_ON = [
    "|",
    ("order_id.contract_state", "in", RUNNING),
    ("frame_id.state", "in", RUNNING),
]
# What is to change.
SUBJECTS = (
    "change_quantity", "change_price", "change_dates", "change_payment",
    "change_goods", "change_text",
)  # fmt: skip
# What was negotiated with the other side.
NEGOTIATION = {
    "negotiated_on", "negotiated_with", "minutes_id", "result", "result_note",
    "consent_id",
}  # fmt: skip


class ContractChange(models.Model):
    """合同变更/解除申请 Change request: what the customer asks for, or we do, before a
    contract or a frame agreement in effect is changed, suspended or terminated (D2 §8,
    D4 §6.1, D5 §6.1, §6.2).

    Legal affairs and the departments say what they think of it, then the company agrees
    to negotiate. What comes of the negotiation, and the paper by which both sides
    consented, is written down on it; it leads to the re-agreement (or to the
    termination) that carries it out, and is done once that is in effect. Nothing of
    the contract changes by a request.

    Amounts are in the contract's currency with taxes, days in the company's time zone.
    """

    _name = "contract.change"
    _inherit = ["contract.form.mixin", "contract.approval.mixin"]
    _description = "Change Request"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_no", "partner_name"]
    _approval_kind = "change"
    _contract_form = ("QR-XS-13", "A/0", "BG")
    _contract_columns = ("draft", "submitted", "agreed", "negotiated", "done")
    _contract_buttons = {"can_end": "refused", "can_void": "void"}
    _correction_fields = (
        "order_id", "frame_id", "user_id", "kind", "party", *SUBJECTS, "wish",
        "reason", "letter_id", "date_answer", "coordination_id", "deviation_id",
        "amount_change", "days_change", "cost", "impact_note",
    )  # fmt: skip

    order_id = fields.Many2one(
        domain="[('contract_state', 'in', ('active', 'suspended'))]"
    )
    frame_id = fields.Many2one(domain="[('state', '=', 'active')]")
    user_id = fields.Many2one(string="Handled By")
    date = fields.Date(
        string="Request Date", help="The day on which the request came, or was made."
    )
    state = fields.Selection(
        STATES,
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )

    # what is asked for
    kind = fields.Selection(
        [("change", "Change"), ("suspend", "Suspend"), ("terminate", "Terminate")],
        string="What For",
        required=True,
        default="change",
        tracking=True,
    )
    party = fields.Selection(
        [("customer", "Customer"), ("company", "We")],
        string="Asked For By",
        required=True,
        default="customer",
    )
    change_quantity = fields.Boolean(string="Quantity")
    change_price = fields.Boolean(string="Price")
    change_dates = fields.Boolean(string="Dates")
    change_payment = fields.Boolean(string="Payment Terms")
    change_goods = fields.Boolean(string="Goods")
    change_text = fields.Boolean(string="Text of the Contract")
    wish = fields.Text(help="What is asked for, in words.")
    reason = fields.Text(string="Why")
    letter_id = fields.Many2one(
        "contract.document",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The paper in which it is asked for, filed on the contract.",
    )
    date_answer = fields.Date(
        string="Answer Until", help="Until when the other side expects an answer."
    )
    coordination_id = fields.Many2one(
        "contract.coordination",
        string="Coordination Document",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('state', 'not in', ('draft', 'void'))]",
        help="Where both sides talked it over.",
    )
    deviation_id = fields.Many2one(
        "contract.deviation",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The departure that led to it.",
    )
    line_ids = fields.One2many(
        "contract.change.line", "change_id", string="Terms Asked to Change", copy=True
    )

    # what it would mean
    amount_change = fields.Monetary(
        string="Change of the Amount",
        help="Estimated: by how much the contract's total, taxes included, would rise; "
        "negative: fall.",
    )
    days_change = fields.Integer(
        string="Days Later",
        help="Estimated: by how many days all would be later; negative: earlier.",
    )
    cost = fields.Monetary(
        string="Our Cost",
        help="Estimated: what it would cost us: goods made, material ordered, storage.",
    )
    impact_note = fields.Text(
        string="Other Consequences",
        help="What is made or ordered already, what it means for other contracts.",
    )

    # what came of it
    agreed_on = fields.Datetime(
        string="Company Consented On", readonly=True, copy=False
    )
    negotiated_on = fields.Date(copy=False, help="The day of the negotiation.")
    negotiated_with = fields.Char(
        copy=False, help="Who spoke for the other side: names and functions."
    )
    minutes_id = fields.Many2one(
        "contract.document",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The minutes of the negotiation, filed on the contract.",
    )
    result = fields.Selection(
        [
            ("agreed", "Both sides agreed"),
            ("not_agreed", "No agreement reached"),
            ("withdrawn", "Withdrawn"),
            ("unilateral", "Done without consent"),
        ],
        copy=False,
        tracking=True,
        help="Without the other side's consent a contract is suspended or terminated "
        "only where the contract or the law allows it.",
    )
    result_note = fields.Text(
        string="What Was Agreed",
        copy=False,
        help="What both sides agreed on, or why they didn't.",
    )
    consent_id = fields.Many2one(
        "contract.document",
        string="Written Consent",
        copy=False,
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The supplementary agreement or the letter that both sides signed, filed "
        "on the contract.",
    )
    reagreement_ids = fields.One2many(
        "contract.reagreement", "change_id", string="Re-agreements", readonly=True
    )
    replaces_id = fields.Many2one(
        "contract.change",
        string="Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    is_answer_late = fields.Boolean(
        string="Answer Overdue",
        compute="_compute_is_answer_late",
        search="_search_is_answer_late",
        help="The day until which an answer was expected is past, and nothing was "
        "negotiated yet, though the contract goes on.",
    )
    can_end = fields.Boolean(compute="_compute_can")
    can_void = fields.Boolean(compute="_compute_can")
    can_follow_up = fields.Boolean(compute="_compute_can")

    _open_uniq = models.UniqueIndex(
        "(order_id, kind) WHERE order_id IS NOT NULL AND (state IN ('draft', "
        "'submitted') OR kind != 'change' AND state IN ('agreed', 'negotiated'))",
        "The same is asked for on this contract already: go on with that request, or "
        "end it first.",
    )
    _frame_open_uniq = models.UniqueIndex(
        "(frame_id, kind) WHERE frame_id IS NOT NULL AND (state IN ('draft', "
        "'submitted') OR kind != 'change' AND state IN ('agreed', 'negotiated'))",
        "The same is asked for on this frame agreement already: go on with that "
        "request, or end it first.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("state", "date_answer", "order_id.contract_state", "frame_id.state")
    def _compute_is_answer_late(self):
        for change in self:
            parent = change._contract_parent().sudo()
            change.is_answer_late = bool(
                change.date_answer
                and change.state in ("draft", "submitted", "agreed")
                and change.date_answer
                < (change.company_id or self.env.company)._contract_today()
                and parent
                and parent._contract_is_open()
            )

    @api.model
    def _search_is_answer_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", ("draft", "submitted", "agreed")) & self.env[
            "res.company"
        ]._contract_day_domain("date_answer", "<")
        late &= Domain(GOES_ON)
        return late if True in value else ~late

    @api.depends_context("uid")
    @api.depends("state", "kind", "order_id", "frame_id")
    def _compute_can(self):
        models_of = self._follow_up_model()
        for change in self:
            change.can_follow_up = change.state == "done" or (
                change.state == "negotiated" and change.kind in models_of
            )
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("order_id", "frame_id")
    def _check_contract(self):
        res = super()._check_contract()
        for change in self:
            parent = change._contract_parent().sudo()
            if not parent._contract_is_open():
                raise ValidationError(change._not_open(parent))
        return res

    @api.constrains("date", "date_answer")
    def _check_date_answer(self):
        for change in self:
            if change.date_answer and change.date_answer < change.date:
                raise ValidationError(
                    self.env._("An answer can't be due before the request was made.")
                )

    @api.constrains(*NEGOTIATION)
    def _check_negotiation(self):
        """Who may write a draft negotiates nothing yet."""
        for change in self:
            if change.state in ("draft", "submitted") and any(
                change[name] for name in NEGOTIATION
            ):
                raise ValidationError(
                    self.env._(
                        "The company hasn't consented to %(change)s yet: nothing is "
                        "negotiated before.",
                        change=change.display_name,
                    )
                )

    @api.constrains("result", "kind")
    def _check_result(self):
        for change in self:
            if change.result == "unilateral" and change.kind == "change":
                raise ValidationError(
                    self.env._("Nobody changes a contract without the other's consent.")
                )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _not_open(self, parent):
        return self.env._(
            "%(contract)s is not in effect: there is nothing to change, suspend or "
            "terminate. Before it takes effect it is changed itself.",
            contract=parent.display_name,
        )

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {
            "letter_id", "minutes_id", "consent_id", "coordination_id", "deviation_id",
        }  # fmt: skip

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"negotiated_on"}

    def _correction_vals(self):
        return {
            **super()._correction_vals(),
            "line_ids": [Command.create(vals) for vals in self.line_ids.copy_data()],
        }

    def _void_copy(self):
        """Nothing is left to ask for where the contract ended."""
        if not self._contract_parent().sudo()._contract_is_open():
            return self.browse()
        return super()._void_copy()

    @api.model
    def _handover_domain(self, user):
        """Those that this person still has to do something for."""
        return Domain("user_id", "=", user.id) & Domain("state", "in", OPEN)

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("A request stays with its contract: write another one.")
            )
        if content & NEGOTIATION:
            self._contract_check_state("agreed")
        if content and any(r.state in ("done", "refused", "void") for r in self):
            raise UserError(
                self.env._("The request is closed: nothing of it changes any more.")
            )
        return super()._check_frozen(content)

    def _approval_open_fields(self):
        # guarded by the state
        return super()._approval_open_fields() | NEGOTIATION
