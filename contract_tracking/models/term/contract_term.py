from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare, format_list

from ...tools.guard import is_unguarded, unguarded
from ...tools.windows import form_window
from ...tools.words import choice, choices
from ..base.contract_part_mixin import parent_search
from .contract_clause import CLAUSE_TYPES
from .contract_due_mixin import PAYMENT_KINDS

# What both sides agreed: stamped when the contract takes effect.
AGREED = {
    "order_id", "kind", "name", "sequence", "line_id", "quantity", "percent", "amount",
    "payment_kind", "weight", "date_fixed", "due_mode", "event_type_id", "delay",
    "delay_unit", "from_month_end", "each", "alt_event_type_id", "alt_delay",
    "alt_delay_unit", "deposit_deduction", "frame_id", "instrument_id", "tenor_days",
    "over_percent", "short_percent", "with_customer", "template_line_id", "precedes",
    "clause_id", "clause_type", "clause_text", "legal_reference", "is_standing",
}  # fmt: skip

# What only the addon itself decides.
SYSTEM = {
    "stamped", "auto", "waived_on", "waived_reason", "valid_from", "valid_to",
    "predecessor_id",
}  # fmt: skip

# Deliveries stand before payments, and so on, unless somebody sorts them otherwise.
SEQUENCES = {
    "delivery": 100,
    "payment": 200,
    "milestone": 300,
    "clause": 400,
    "document": 500,
}


class ContractTerm(models.Model):
    """One promise of a contract or of a frame agreement, and what became of it.

    Kinds: delivery (one or several an order line), payment, milestone, clause,
    document; a frame agreement has no deliveries, its call-offs have. Until the
    contract takes effect a term reads the order; then quantity, amount and date are
    stamped and stay: a promise is only given up with a reason, or replaced. What
    happened is read from the ERP's own rows (:mod:`contract.facts`): quantities in the
    order line's unit, amounts with taxes in the contract's currency, days in the
    company's time zone.

    Serves D7 §1 (comparison with what was agreed) and D9 §7 (deviation from terms).
    """

    _name = "contract.term"
    _inherit = [
        "contract.part.mixin",
        "contract.due.mixin",
        "contract.facts.mixin",
        "contract.facts.source",
        "contract.reason.mixin",
        "mail.thread",
        "contract.activity.mixin",
    ]
    _description = "Contract Term"
    _order = "sequence, id"
    _rec_name = "name"
    _check_company_auto = True
    _contract_fact_computes = ("_compute_facts", "_compute_texts")

    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, precompute=True
    )
    salesperson_id = fields.Many2one(
        "res.users",
        compute="_compute_from_parent",
        search=parent_search("salesperson_id"),
        compute_sudo=True,
        help="Of the contract; of a frame agreement, its owner.",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Office",
        compute="_compute_from_parent",
        search=parent_search("team_id"),
        compute_sudo=True,
    )
    contract_state = fields.Selection(
        selection=lambda self: choices(self.env["sale.order"], "contract_state"),
        compute="_compute_contract_state",
        compute_sudo=True,
    )
    sequence = fields.Integer(
        compute="_compute_sequence",
        store=True,
        readonly=False,
        precompute=True,
        help="The contract's own order: money goes to matured payment terms in this "
        "order.",
    )
    name = fields.Char(string="Description", translate=True)
    kind = fields.Selection(
        [
            ("delivery", "Delivery"),
            ("payment", "Payment"),
            ("milestone", "Milestone"),
            ("clause", "Clause"),
            ("document", "Document"),
        ],
        required=True,
        default="payment",
    )
    line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        index="btree_not_null",
        ondelete="cascade",
        domain=lambda self: self.env["sale.order.line"]._contract_promise_domain(),
    )
    product_id = fields.Many2one(related="line_id.product_id")
    uom_id = fields.Many2one(related="line_id.product_uom_id")
    quantity = fields.Float(
        digits="Product Unit", help="Promised quantity, in the order line's unit."
    )
    auto = fields.Boolean(
        readonly=True,
        help="The term follows its order line until the contract takes effect.",
    )
    payment_kind = fields.Selection(PAYMENT_KINDS)
    percent = fields.Float(
        string="Share (%)", digits=(16, 4), help="Of the agreed total, taxes included."
    )
    amount = fields.Monetary(help="Promised amount, taxes included.")
    instrument_id = fields.Many2one(
        "contract.instrument",
        ondelete="restrict",
        help="How the customer agreed to pay; another instrument shows as a mismatch.",
    )
    tenor_days = fields.Integer(
        string="Longest Tenor (Days)",
        help="Longest time from the receipt of a bill to its maturity; a longer one "
        "shows as a mismatch. 0: not agreed.",
    )
    over_percent = fields.Float(
        string="More Allowed (%)",
        digits=(16, 4),
        help="How much more than agreed may be delivered.",
    )
    short_percent = fields.Float(
        string="Less Allowed (%)",
        digits=(16, 4),
        help="The promise is met although this share of it is missing.",
    )
    date_fixed = fields.Date(string="Agreed Date")
    user_id = fields.Many2one(
        "res.users", string="Owner", domain=[("share", "=", False)], index=True
    )
    department_id = fields.Many2one("contract.department", check_company=True)
    weight = fields.Float(default=1.0, help="Weight in the progress of the milestones.")
    with_customer = fields.Boolean(
        string="Agreed with the Customer",
        help="A milestone that the customer signed for is moved by a re-agreement, one "
        "of ours by its owner, with a reason.",
    )
    clause_type = fields.Selection(CLAUSE_TYPES, help="What a clause is about.")
    clause_id = fields.Many2one(
        "contract.clause",
        string="Standard Clause",
        index="btree_not_null",
        ondelete="set null",
        help="The clause of the library that it was taken from.",
    )
    clause_text = fields.Text(string="Text of the Clause", translate=True)
    legal_reference = fields.Char(
        translate=True, help="The law that the clause goes by, as it is cited."
    )
    is_standing = fields.Boolean(
        string="Always Holds",
        help="A clause without a day of its own: it holds from the contract's taking "
        "effect on, and nobody has to fulfil it.",
    )
    progress = fields.Integer(
        string="Done (%)", copy=False, help="Of a milestone: how far it is."
    )
    done_date = fields.Date(
        string="Done On",
        copy=False,
        help="For milestones, clauses and documents: the day on which it was kept.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Evidence", copy=False, bypass_search_access=True
    )
    template_line_id = fields.Many2one(
        "contract.schedule.template.line", index="btree_not_null", ondelete="set null"
    )
    stamped = fields.Boolean(readonly=True, copy=False)
    valid_from = fields.Date(readonly=True, copy=False)
    valid_to = fields.Date(
        readonly=True, copy=False, help="The day from which a re-agreement replaces it."
    )
    predecessor_id = fields.Many2one(
        "contract.term",
        string="Replaces",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    baseline_date = fields.Date(
        compute="_compute_baseline_date",
        help="The day that was agreed first, before it was moved or agreed on anew.",
    )
    waived_on = fields.Date(readonly=True, copy=False)
    waived_reason = fields.Char(readonly=True, copy=False)
    can_move = fields.Boolean(compute="_compute_can_move")

    _amount_positive = models.Constraint(
        "CHECK (quantity >= 0 AND amount >= 0 AND percent >= 0)",
        "Quantities, amounts and shares of a term can't be negative.",
    )
    _tenor_positive = models.Constraint(
        "CHECK (tenor_days >= 0)",
        "The longest tenor of a bill can't be negative. Enter 0 if none is agreed.",
    )
    _over_short_range = models.Constraint(
        "CHECK (over_percent BETWEEN 0 AND 100 AND short_percent BETWEEN 0 AND 100)",
        "How much more or less may be delivered is between 0 and 100 %.",
    )
    _progress_range = models.Constraint(
        "CHECK (progress BETWEEN 0 AND 100)",
        "The progress of a milestone is between 0 and 100 %.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "line_id", "kind")
    def _compute_display_name(self):
        for term in self:
            term.display_name = (
                term.name
                or term.line_id.product_id.with_context(
                    display_default_code=False
                ).display_name
                or term.template_line_id.name
                or choice(term, "kind")
            )

    @api.depends("order_id.currency_id", "frame_id.currency_id")
    def _compute_currency_id(self):
        for term in self:
            term.currency_id = term._contract_parent().currency_id

    @api.depends("order_id.contract_state", "frame_id.state")
    def _compute_contract_state(self):
        for term in self:
            state = term.order_id.contract_state or term.frame_id.state
            term.contract_state = "completed" if state == "closed" else state

    @api.depends("predecessor_id", "date_due")
    def _compute_baseline_date(self):
        for term in self:
            first = term
            while first.predecessor_id:
                first = first.predecessor_id
            term.baseline_date = first.date_due

    @api.depends_context("uid")
    @api.depends("kind", "with_customer", "stamped", "valid_to", "waived_on", "user_id")
    def _compute_can_move(self):
        for term in self:
            term.can_move = term.kind == "milestone" and not term._refuse_move()

    @api.depends("kind")
    def _compute_sequence(self):
        for term in self:
            term.sequence = SEQUENCES.get(term.kind, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("kind", "user_id", "department_id")
    def _check_milestone(self):
        for term in self:
            if term.kind == "milestone" and not (term.user_id and term.department_id):
                raise ValidationError(
                    self.env._(
                        "Milestone “%(term)s” needs an owner and a department.",
                        term=term.display_name,
                    )
                )

    @api.constrains("kind", "line_id", "order_id", "frame_id")
    def _check_line(self):
        for term in self:
            if term.frame_id and (term.kind == "delivery" or term.line_id):
                raise ValidationError(
                    self.env._(
                        "A frame agreement promises no deliveries of its own: its "
                        "call-offs do."
                    )
                )
            if (term.kind == "delivery") != bool(term.line_id):
                raise ValidationError(
                    self.env._(
                        "A delivery term, and only a delivery term, belongs to an "
                        "order line."
                    )
                )
            if (
                term.line_id
                and not is_unguarded(term)
                and not term.line_id.sudo()._contract_is_promise()
            ):
                raise ValidationError(
                    self.env._(
                        "“%(line)s” is nothing that is delivered: choose goods or "
                        "services.",
                        line=term.line_id.sudo().display_name,
                    )
                )
            if term.line_id and term.line_id.order_id != term.order_id:
                raise ValidationError(
                    self.env._(
                        "“%(term)s” belongs to a line of another order.",
                        term=term.display_name,
                    )
                )

    @api.constrains("kind", "progress", "done_date")
    def _check_done(self):
        for term in self:
            if term.kind in ("delivery", "payment") and (
                term.progress or term.done_date
            ):
                raise ValidationError(
                    self.env._(
                        "What was delivered or paid for “%(term)s” is read from the "
                        "system; it can't be entered.",
                        term=term.display_name,
                    )
                )

    @api.constrains("kind", "clause_type", "is_standing")
    def _check_clause(self):
        for term in self:
            if term.kind != "clause" and (term.clause_type or term.is_standing):
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is no clause: only a clause has a type and may "
                        "hold without a day.",
                        term=term.display_name,
                    )
                )

    @api.constrains("due_mode", "date_fixed", "kind")
    def _check_date(self):
        for term in self:
            # the addon itself leaves days open, as long as a contract is suspended
            if (
                term.due_mode == "date"
                and not term.date_fixed
                and not term.auto
                and not is_unguarded(term)
            ):
                raise ValidationError(
                    self.env._(
                        "“%(term)s” falls due on a date: enter the date.",
                        term=term.display_name,
                    )
                )

    @api.constrains("kind", "percent", "amount", "order_id", "frame_id")
    def _check_payment(self):
        payments = self.filtered(lambda term: term.kind == "payment")
        for parent, terms in payments._payments_by_parent().items():
            for term in terms:
                # of a contract that ended nothing may be left to pay
                if not term.percent and not term.amount and not is_unguarded(term):
                    raise ValidationError(
                        self.env._(
                            "Payment term “%(term)s” needs a share or an amount.",
                            term=term.display_name,
                        )
                    )
            total = sum(terms.filtered(lambda t: not t.valid_to).mapped("percent"))
            if float_compare(total, 100, precision_digits=4) > 0:
                raise ValidationError(
                    self.env._(
                        "The payment terms of %(order)s add up to %(total)g %%: "
                        "more than the whole contract.",
                        order=parent.display_name,
                        total=total,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._contract_check_values(*vals_list)
        if not is_unguarded(self):
            if any(SYSTEM & vals.keys() for vals in vals_list):
                raise UserError(self._system_message())
            effective = self._parents_in_effect(vals_list)
            if effective and not self.env.user.has_group(
                "contract_tracking.group_contract_business"
            ):
                raise UserError(
                    self.env._(
                        "%(orders)s took effect: its terms are agreed. Ask the "
                        "business office to add a term.",
                        orders=format_list(self.env, effective),
                    )
                )
        # activities need the thread; terms are logged in the contract's history
        quiet = self.with_context(tracking_disable=True)
        terms = super(ContractTerm, quiet).create(vals_list).with_env(self.env)
        if not is_unguarded(self):
            added = terms.filtered(
                lambda t: t._contract_parent().sudo()._contract_effect_day()
            )
            added._stamp()
            added._log(self.env._("Term added"))
            terms.order_id.sudo()._contract_ensure_draft()
        return terms

    @api.model
    def _contract_system(self):
        return super()._contract_system() | SYSTEM

    def write(self, vals):
        if is_unguarded(self):
            return super().write(vals)
        if SYSTEM & vals.keys():
            raise UserError(self._system_message())
        if any(
            term[fname].id != (vals[fname] or False)
            for fname in {"order_id", "frame_id"} & vals.keys()
            for term in self
        ):
            raise UserError(
                self.env._("A term stays with the contract that it was agreed in.")
            )
        agreed = AGREED & vals.keys()
        if agreed and any(term.stamped for term in self):
            raise UserError(
                self.env._(
                    "The terms of a contract in effect can't be changed. A change "
                    "needs a supplementary agreement."
                )
            )
        if {"quantity", "date_fixed", "due_mode"} & vals.keys():
            for term in self.filtered("auto"):
                unguarded(term).write(
                    {
                        "auto": False,
                        "quantity": term.line_id.product_uom_qty,
                        "date_fixed": term.line_id._contract_agreed_date(),
                    }
                )
        people = self._check_people(vals)
        watched = self if {"progress", "done_date"} & vals.keys() else self.browse()
        before = {term: term._progress_text() for term in watched}
        res = super().write(vals)
        self.env["contract.history"]._log(
            [
                term._history_vals(old, term._progress_text())
                for term, old in before.items()
                if old != term._progress_text()
            ]
            + [
                term._history_vals(old, term._people_text())
                for term, old in people.items()
            ]
        )
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_stamped(self):
        if any(term.stamped for term in self) and not is_unguarded(self):
            raise UserError(
                self.env._(
                    "A term of a contract in effect can't be deleted. Waive it with a "
                    "reason, or agree on a change."
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_split(self):
        """Open the wizard that splits a delivery into several dated ones."""
        self.ensure_one()
        return form_window(
            "contract.term.split", self.env._("Split Delivery"), {"term_id": self.id}
        )

    @api.readonly
    def action_open_order(self):
        """Open the contract or the frame agreement of the term."""
        self.ensure_one()
        return self._contract_parent()._contract_form_action()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        """Terms that are still to be kept, by this person."""
        return Domain(
            [
                ("user_id", "=", user.id),
                ("done_date", "=", False),
                ("waived_on", "=", False),
                ("valid_to", "=", False),
            ]
        )

    def _handover(self, handover):
        unguarded(self).write({"user_id": handover.to_user_id.id})
        self.env["contract.history"].sudo()._log(
            [
                {
                    **term._history_vals(
                        handover.from_user_id.name,
                        handover.to_user_id.name,
                        handover.reason,
                    ),
                    "date": handover.date,
                }
                for term in self
            ]
        )

    @api.model
    def _recorded_domain(self):
        """Not those that only follow their order lines."""
        return Domain("auto", "=", False)

    def _files_settled(self, fname):
        return super()._files_settled(fname) | self.filtered("stamped")

    def _system_message(self):
        return self.env._("Terms are stamped and waived by their own actions only.")

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"done_date"}

    @api.model
    def _contract_parent_fields(self):
        return {
            **super()._contract_parent_fields(),
            "salesperson_id": ("user_id", "owner_id"),
            "team_id": ("team_id", "team_id"),
        }

    def _check_people(self, vals):
        """Who answers for an agreed term gives it away himself, or who leads does.

        :return: ``{term whose people change: who they were}``
        :raise UserError: if somebody else takes it
        """
        names = {"user_id", "department_id"} & vals.keys()
        changed = self.filtered(
            lambda t: t.stamped and any(t[n].id != (vals[n] or False) for n in names)
        )
        user = self.env.user
        for term in changed if not self.env.su else ():
            if user != term.user_id and not term._contract_parent()._contract_is_head(
                user
            ):
                raise UserError(
                    self.env._(
                        "“%(term)s” is agreed: its owner, the head of the office or "
                        "the business office names another owner.",
                        term=term.display_name,
                    )
                )
        return {term: term._people_text() for term in changed}

    def _people_text(self):
        self.ensure_one()
        return format_list(
            self.env, [x for x in (self.user_id.name, self.department_id.name) if x]
        )

    def _progress_text(self):
        self.ensure_one()
        return f"{self.progress} % {self.done_date or ''}".strip()

    def _history_vals(self, old, new, reason=False):
        self.ensure_one()
        return {
            **self._contract_parent_vals(),
            "kind": "term",
            "name": self.display_name,
            "old_value": old,
            "new_value": new,
            "reason": reason,
            "res_model": self._name,
            "record_id": self.id,
        }

    def _log(self, what, reason=False):
        self.env["contract.history"]._log(
            [term._history_vals(False, what, reason) for term in self]
        )

    @api.model
    def _parents_in_effect(self, vals_list):
        """Names of the contracts and frame agreements in effect that new terms of
        these values would belong to."""
        parents = dict.fromkeys(self._vals_parent(vals) for vals in vals_list)
        return [
            parent.sudo().display_name
            for parent in parents
            if parent and parent.sudo()._contract_effect_day()
        ]

    def _agreed_vals(self):
        """``{term: what is stamped}``: quantity, amount and date as of now.

        Shares are rounded on their running sum, so that nothing is lost. The same
        rule stands in :meth:`contract.facts._cte_agreed`.
        """
        result = {}
        for parent, terms in self._payments_by_parent().items():
            order = terms.order_id
            is_agreed = order.contract_effective_date
            total = order.contract_agreed_amount if is_agreed else parent.amount_total
            payments = terms.filtered(lambda t: not t.valid_to)
            payments = payments.sorted(lambda t: (t.sequence, t.id))
            shares = self._share_amounts(
                payments.mapped("percent"), total, parent.currency_id
            )
            for term, amount in zip(payments, shares, strict=True):
                amount = amount if term.percent else term.amount
                result[term] = {"amount": parent.currency_id.round(amount)}
        deliveries = self.filtered(lambda t: t.kind == "delivery")
        for order, terms in deliveries.grouped("order_id").items():
            parts = [
                (t.line_id, t.line_id.product_uom_qty if t.auto else t.quantity)
                for t in terms
            ]
            amounts = order._contract_delivery_amounts(parts, terms)
            for term, (line, quantity), amount in zip(
                terms, parts, amounts, strict=True
            ):
                result[term] = {"quantity": quantity, "amount": amount}
                if term.auto:
                    result[term]["date_fixed"] = line._contract_agreed_date()
        return {term: result.get(term, {}) for term in self}

    @api.model
    def _share_amounts(self, percents, total, currency):
        """What shares of a total are, one after the other; nothing below zero is
        paid."""
        share = 0.0
        total = max(total, 0)
        for percent in percents:
            before = currency.round(total * share / 100)
            share += percent
            yield currency.round(currency.round(total * share / 100) - before)

    def _payments_by_parent(self):
        """``{contract or frame agreement of these: its payment terms}``."""
        terms = self.order_id.contract_term_ids | self.frame_id.term_ids
        payments = terms.filtered(lambda t: t.kind == "payment")
        return payments.grouped(lambda t: t._contract_parent())

    def _stamp(self):
        """Fix what was agreed. The order may change afterwards, the term doesn't."""
        for term, vals in self.filtered(lambda t: not t.stamped)._agreed_vals().items():
            unguarded(term).write({**vals, "stamped": True})

    def _take_over_clauses(self):
        """What was taken from the library has its words in every language, as they are
        now."""
        taken = unguarded(self.filtered("clause_id"))
        for code, _name in self.env["res.lang"].get_installed() if taken else ():
            if code == self.env.lang:
                continue
            for term in taken.with_context(lang=code):
                clause = term.clause_id.sudo()
                term.write(
                    {
                        "name": clause.name,
                        "clause_text": clause.text,
                        "legal_reference": clause.legal_reference,
                    }
                )

    def _take_over_names(self):
        """A term that replaces another one under the same name has it in all
        languages."""
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for term in self.filtered("predecessor_id"):
            names = {
                code: term.predecessor_id.with_context(lang=code).name
                for code in languages
            }
            if term.name and term.name in names.values():
                for code, name in names.items():
                    unguarded(term).with_context(lang=code).name = name
