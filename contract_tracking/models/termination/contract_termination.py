from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain

from ...tools.guard import unguarded

# On which of the legal bases one side may end or suspend the contract alone.
UNILATERAL = ("customer_breach", "force_majeure", "law", "agreed_right")
# How the notice reached the customer: written down once it was approved.
NOTICE = {"notice_date", "notice_means", "notice_document_id"}
# Being written or decided, or decided and not in force yet: a contract has one of these
# at most.
OPEN = ("draft", "submitted", "approved", "noticed")


class ContractTermination(models.Model):
    """合同中止/解除 Suspension or termination of a contract or a frame agreement: its
    legal basis, the notice, what is lost, who agreed, and what ends on its day (D2 §8,
    §9, §10; D4 §6.1, §6.2, §6.3; D5 §6.2).

    draft → submitted → approved → noticed → in force; a suspension ends when the
    contract goes on. Both sides agree, or one gives notice on a basis that allows it.
    Amounts are in the contract's currency with taxes, days in the company's time zone.
    It is put into force from its day on and never before: figures of earlier days stay.
    """

    _name = "contract.termination"
    _inherit = ["contract.form.mixin", "contract.approval.mixin"]
    _description = "Suspension or Termination"
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "contract_no"]
    _approval_kind = "termination"
    _contract_form = ("QR-XS-14", "A/0", "JC")
    _contract_days = ("date", "date_from")
    _contract_columns = ("draft", "submitted", "approved", "done")
    _contract_buttons = {
        "can_notice": "noticed",
        "can_force": "done",
        "can_resume": "ended",
        "can_void": "void",
    }
    _correction_fields = (
        "order_id", "frame_id", "kind", "basis", "is_unilateral", "clause_id",
        "legal_reference", "document_id", "date_from", "reason", "notice_text",
        "objection_days", "dates_move", "date_resume",
    )  # fmt: skip

    user_id = fields.Many2one(string="Prepared By")
    kind = fields.Selection(
        [("terminate", "Termination"), ("suspend", "Suspension")],
        required=True,
        default="terminate",
        tracking=True,
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("noticed", "Notice delivered"),
            ("done", "In force"),
            ("ended", "Contract goes on"),
            ("refused", "Refused"),
            ("void", "Void"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )

    # the basis
    basis = fields.Selection(
        [
            ("agreed", "Agreed by both sides"),
            ("customer_breach", "The customer's breach"),
            ("our_breach", "Our breach"),
            ("force_majeure", "Force majeure"),
            ("law", "By law"),
            ("agreed_right", "A right that the contract gives"),
        ],
        string="Legal Basis",
        tracking=True,
        help="The customer's breach, force majeure, the law and a right that the "
        "contract gives allow a notice of one side. What both sides agreed, and our "
        "own breach, need the consent of both.",
    )
    is_unilateral = fields.Boolean(
        string="Notice of One Side",
        help="We end or suspend it by a notice, without the customer's consent.",
    )
    clause_id = fields.Many2one(
        "contract.term",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('kind', '=', 'clause')]",
        help="The clause of the contract that a notice of one side rests on.",
    )
    legal_reference = fields.Text(
        string="Article of Law",
        help="The law that a notice of one side rests on, in words, where no clause "
        "says it.",
    )
    document_id = fields.Many2one(
        "contract.document",
        string="Paper That Proves the Basis",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="Filed on the contract with its scan.",
    )
    consent_id = fields.Many2one(
        "contract.document",
        string="Consent of Both Sides",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        copy=False,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The agreement that both sides signed, filed on the contract with its "
        "scan. It may follow the approval.",
    )
    change_id = fields.Many2one(
        "contract.change",
        string="Change Request",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('kind', '=', kind), ('state', '=', 'negotiated')]",
        help="What was asked for, weighed and agreed to before.",
    )
    date_from = fields.Date(
        string="Effective From",
        required=True,
        help="The day from which the contract is suspended or ended.",
    )
    reason = fields.Text()

    # the notice
    notice_text = fields.Text(
        string="Text of the Notice", help="What the letter to the customer says."
    )
    notice_date = fields.Date(string="Notice Delivered On", copy=False)
    notice_means = fields.Selection(
        [
            ("registered", "Registered mail"),
            ("courier", "Courier"),
            ("person", "In person"),
            ("email", "E-mail"),
            ("notary", "Notary"),
            ("other", "Other"),
        ],
        string="Delivered By",
        copy=False,
    )
    notice_document_id = fields.Many2one(
        "contract.document",
        string="Proof of Delivery",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        copy=False,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The receipt of the notice, filed on the contract with its scan.",
    )
    objection_days = fields.Integer(
        string="Objection Within (Days)",
        help="Days after the delivery of the notice in which the customer may object. "
        "It is put into force when they are over. 0: at once.",
    )
    date_objection = fields.Date(
        string="Objection Until",
        compute="_compute_date_objection",
        store=True,
        help="The last day on which the customer may object.",
    )

    # a suspension
    dates_move = fields.Boolean(
        string="Days Move With It",
        help="Both sides agreed that the days of what isn't done move by the days of "
        "the suspension. Meanwhile they are open, and nothing becomes late.",
    )
    date_resume = fields.Date(
        string="Planned Until",
        tracking=True,
        help="The day on which the contract is to go on.",
    )
    held_ids = fields.Many2many(
        "contract.term",
        string="Terms That Wait",
        readonly=True,
        copy=False,
        help="The terms whose days move with the suspension.",
    )
    in_force_on = fields.Date(readonly=True, copy=False)
    resumed_on = fields.Date(string="Goes On Since", readonly=True, copy=False)
    suspended_days = fields.Integer(
        string="Days of Suspension",
        readonly=True,
        copy=False,
        aggregator="avg",
        help="From the day it came into force until it was resumed.",
    )
    outcome = fields.Text(string="Why It Goes On", readonly=True, copy=False)

    # what is lost
    delivered_unpaid = fields.Monetary(
        string="Delivered, Not Paid",
        readonly=True,
        copy=False,
        help="Goods, services and fees delivered up to now, taxes included, beyond "
        "what was received and adjusted. Bills whose outcome is open count as unpaid.",
    )
    delivered_not_invoiced = fields.Monetary(
        string="Of Which Not Invoiced",
        readonly=True,
        copy=False,
        help="Delivered and not invoiced yet, taxes included; a part of what was "
        "delivered. Negative: invoiced in advance.",
    )
    retention = fields.Monetary(
        string="Of Which Retention",
        readonly=True,
        copy=False,
        help="Retention that is agreed and not received, taxes included: as much of "
        "it as was delivered of the contract.",
    )
    reserved = fields.Monetary(
        string="Reserved, Not Delivered",
        readonly=True,
        copy=False,
        help="Goods that are reserved in open deliveries, at agreed prices with taxes. "
        "Not in the balance.",
    )
    deposit = fields.Monetary(
        string="Deposit Held",
        readonly=True,
        copy=False,
        help="Received and adjusted beyond what was delivered, taxes included. Bills "
        "whose outcome is open don't count.",
    )
    penalty_ids = fields.One2many(
        "contract.termination.penalty",
        "termination_id",
        string="Penalties and Claims",
        copy=True,
    )
    owed_by_customer = fields.Monetary(
        string="Penalties of the Customer",
        compute="_compute_balance",
        store=True,
        help="What the customer owes us by the lines below: penalties, a deposit that "
        "is kept, claims.",
    )
    owed_by_us = fields.Monetary(
        string="Penalties of Ours",
        compute="_compute_balance",
        store=True,
        help="What we owe the customer by the lines below.",
    )
    balance = fields.Monetary(
        string="Settlement Balance",
        compute="_compute_balance",
        store=True,
        help="Delivered, not paid − deposit held + penalties of the customer − "
        "penalties of ours. Above zero: the customer owes it; below: we do.",
    )
    delivery_ids = fields.One2many(
        "contract.termination.delivery",
        "termination_id",
        string="Open Deliveries",
        copy=False,
    )
    assessed_on = fields.Datetime(string="Figures Of", readonly=True, copy=False)
    call_off_ids = fields.Many2many(
        "sale.order",
        string="Open Call-Offs",
        compute="_compute_call_off_ids",
        compute_sudo=False,
        help="They go on unless they are terminated themselves.",
    )
    missing_text = fields.Text(
        string="Still Missing", compute="_compute_missing_text", compute_sudo=True
    )
    replaces_id = fields.Many2one(
        "contract.termination",
        string="Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    can_notice = fields.Boolean(compute="_compute_can")
    can_force = fields.Boolean(compute="_compute_can")
    can_resume = fields.Boolean(compute="_compute_can")
    can_void = fields.Boolean(compute="_compute_can")

    # of two who begin one at once, too
    _open_uniq = models.UniqueIndex(
        "(order_id) WHERE state IN ('draft', 'submitted', 'approved', 'noticed') "
        "AND order_id IS NOT NULL",
        "A suspension or termination of this contract is open already: go on with it.",
    )
    _frame_open_uniq = models.UniqueIndex(
        "(frame_id) WHERE state IN ('draft', 'submitted', 'approved', 'noticed') "
        "AND frame_id IS NOT NULL",
        "A termination of this frame agreement is open already: go on with it.",
    )
    _objection_days = models.Constraint(
        "CHECK (objection_days BETWEEN 0 AND 3650)",
        "The days in which the customer may object are between 0 and ten years.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("notice_date", "objection_days")
    def _compute_date_objection(self):
        for record in self:
            days = record.objection_days
            record.date_objection = (
                record.notice_date and days and record.notice_date + timedelta(days)
            )

    @api.depends(
        "delivered_unpaid", "deposit", "penalty_ids.amount", "penalty_ids.debtor"
    )
    def _compute_balance(self):
        for record in self:
            owed = {"customer": 0.0, "us": 0.0}
            for row in record.penalty_ids:
                owed[row.debtor] += row.amount
            record.owed_by_customer = owed["customer"]
            record.owed_by_us = owed["us"]
            record.balance = (
                record.delivered_unpaid - record.deposit + owed["customer"] - owed["us"]
            )

    @api.depends("frame_id")
    def _compute_call_off_ids(self):
        for record in self:
            orders = record.frame_id.order_ids
            record.call_off_ids = orders.filtered(
                lambda o: o.contract_state in ("confirmed", "active", "suspended")
            )

    @api.depends_context("lang")
    @api.depends(
        "state", "is_unilateral", "consent_id", "notice_date", "date_from",
        "date_objection",
    )  # fmt: skip
    def _compute_missing_text(self):
        for record in self:
            texts = []
            if record.state in ("approved", "noticed"):
                texts = record._missing()
            record.missing_text = "\n".join(texts) or False

    @api.depends_context("uid")
    @api.depends("state", "kind", "order_id", "frame_id")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("kind", "frame_id")
    def _check_kind(self):
        for record in self:
            if record.kind == "suspend" and record.frame_id:
                raise ValidationError(
                    self.env._(
                        "A frame agreement isn't suspended: suspend its call-offs, or "
                        "terminate it."
                    )
                )

    @api.constrains("is_unilateral", "basis")
    def _check_basis(self):
        for record in self:
            if record.is_unilateral and record.basis not in (False, *UNILATERAL):
                raise ValidationError(record._basis_message())

    @api.constrains("clause_id")
    def _check_clause(self):
        for record in self.sudo():
            if record.clause_id and record.clause_id.kind != "clause":
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is no clause: choose the clause that the notice "
                        "rests on.",
                        term=record.clause_id.display_name,
                    )
                )

    @api.constrains("date_from", "date_resume")
    def _check_resume(self):
        for record in self:
            day = record.kind == "suspend" and record.date_resume
            if day and day <= record.date_from:
                raise ValidationError(
                    self.env._("A suspension ends after it began: enter a later day.")
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._contract_check_values(*vals_list)
        self.check_access("create")
        self._check_none_open([self._vals_parent(vals) for vals in vals_list])
        records = super().create(vals_list)
        records.filtered(lambda r: r.state == "draft")._assess()
        return records

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_assess(self):
        """Read the figures anew, and list the deliveries that are open now."""
        self.check_access("write")
        self._contract_check_state("draft")
        self._assess()
        return True

    def action_notice(self):
        """The notice was delivered to the customer."""
        self._contract_begin("noticed", "write")
        self._check_notice()
        unguarded(self).write({"state": "noticed"})
        self._sync_activities()
        return True

    def action_force(self):
        """Put it into force: the contract is suspended or ends.

        :raise UserError: if its day hasn't come, or something is missing
        """
        self._contract_begin("done")
        self._put_in_force()
        return True

    def action_resume(self):
        """Open the window that asks why the contract goes on."""
        return self._open_reason("resume")

    def action_prolong(self):
        """Open the window that asks until when the suspension lasts, and why."""
        self._check_prolong()
        return self._open_reason("prolong")

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _open_on(self, parents):
        """What is being prepared or decided of contracts or frame agreements."""
        return self.search(
            Domain.OR(
                Domain(parent._contract_parent_field, "=", parent.id)
                for parent in parents
                if parent
            )
            & Domain("state", "in", OPEN)
        )

    @api.model
    def _check_none_open(self, parents):
        """
        :raise UserError: naming what is open already of one of these
        """
        for parent in parents:
            # the answer names the contract
            parent.check_access("read")
        for record in self.sudo()._open_on(parents)[:1]:
            raise UserError(
                self.env._(
                    "%(document)s (%(kind)s) of %(contract)s is “%(state)s” already: "
                    "go on with it, or end it before another one is begun.",
                    document=record.name,
                    kind=record._form_label("kind"),
                    contract=record._contract_parent().display_name,
                    state=record._contract_state_label(),
                )
            )

    @api.model
    def _open_of(self, parent):
        """Open what is being prepared or decided of a contract, or a new one."""
        parent.ensure_one()
        parent.check_access("read")
        running = self._open_on([parent])
        if running:
            return running._get_records_action()
        return parent._contract_new_part_action(self._name)

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {
            "document_id", "consent_id", "notice_document_id", "clause_id",
        }  # fmt: skip

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"notice_date"}

    @api.model
    def _handover_domain(self, user):
        """Those that this person prepares or brings into force."""
        return Domain("user_id", "=", user.id) & Domain(
            "state", "in", ("draft", "approved", "noticed")
        )

    def _contract_next_states(self):
        office = "_refuse_office"
        return {
            **super()._contract_next_states(),
            "submitted": {"draft": None},
            "noticed": {"approved": None},
            "done": dict.fromkeys(("approved", "noticed"), office),
            "ended": {"done": "_refuse_resume"},
            "void": {
                **dict.fromkeys(("approved", "noticed"), office),
                "refused": None,
            },
        }

    def _refuse_office(self):
        """Why the user can't take a step of the business office, or False."""
        self.ensure_one()
        parent = self._contract_parent().sudo()
        return parent.with_env(self.env)._contract_refuse_business()

    def _refuse_resume(self):
        """Why the user can't let the contract go on, or False."""
        self.ensure_one()
        if self.kind != "suspend":
            return self.env._(
                "%(document)s is a termination: what ended doesn't go on. Agree on a "
                "new contract.",
                document=self.display_name,
            )
        return self._refuse_office()

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "resume": self._reason_step(self.env._("Resume the contract"), "_resume"),
            "prolong": self._reason_step(
                self.env._("Move the planned end of the suspension"),
                "_prolong",
                "date",
                date=self.env._("Planned until (new)"),
            ),
        }

    def _void_copy(self):
        """Nothing is left to write where the contract ended, or where another one takes
        its place already."""
        parent = self._contract_parent().sudo()
        if not parent._contract_is_open() or self.sudo()._open_on([parent]):
            return self.browse()
        return super()._void_copy()

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"}:
            raise UserError(
                self.env._("The document stays with its contract: write another one.")
            )
        if content & NOTICE:
            self._contract_check_state("approved")
        closed = ("done", "ended", "refused", "void")
        if content and any(r.state in closed for r in self):
            raise UserError(
                self.env._("The document is closed: nothing of it changes any more.")
            )
        return super()._check_frozen(content)

    def _basis_message(self):
        return self.env._(
            "On this basis one side alone can't end or suspend the contract: choose a "
            "basis that allows a notice of one side, or file the consent of both."
        )
