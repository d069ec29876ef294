from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_list
from odoo.tools.misc import unique

from ...tools.guard import is_unguarded, unguarded
from ...tools.pages import Column
from ...tools.words import choice

# What every contract says (D2 §5, D5 §4.2); the last ones are types of its clauses.
TERMS = [
    ("product", "Product"),
    ("specification", "Specification"),
    ("quantity", "Quantity"),
    ("price", "Price"),
    ("delivery", "Delivery date"),
    ("payment", "Payment terms"),
    ("quality", "Quality standard"),
    ("acceptance", "Acceptance"),
    ("after_sales", "After-sales service"),
    ("liability", "Breach liability"),
    ("dispute", "Dispute resolution"),
]


class ContractReviewTerm(models.Model):
    """A mandatory term of the contract that is reviewed: where it is found in the
    order, its lines or its clause terms; missing; or not applicable, with a reason.
    Read from the contract until the review is submitted, then kept."""

    _name = "contract.review.term"
    _inherit = ["contract.frozen.mixin"]
    _description = "Mandatory Term of a Contract"
    _order = "review_id, sequence, id"
    _frozen_create = True

    review_id = fields.Many2one(
        "contract.review", required=True, readonly=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="review_id.company_id", store=True)
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(TERMS, string="Term", required=True, readonly=True)
    not_applicable = fields.Boolean(help="The contract needs no such term.")
    reason = fields.Char(
        string="Why Not Applicable", help="Why the contract needs no such term."
    )
    places = fields.Json(
        readonly=True, help="Where it was found when the review was submitted."
    )
    status = fields.Selection(
        [
            ("found", "Found"),
            ("missing", "Missing"),
            ("na", "Not applicable"),
        ],
        compute="_compute_status",
        help="Whether the contract says it. Lines of which some say nothing are "
        "missing it.",
    )
    where = fields.Char(
        compute="_compute_status",
        help="Where the contract says it: in its lines, in a field of the order, in "
        "its terms or in those of its frame agreement.",
    )

    _kind_uniq = models.UniqueIndex("(review_id, kind)")

    @api.depends_context("lang")
    @api.depends("places", "not_applicable", "review_id.state")
    def _compute_status(self):
        for review, terms in self.grouped("review_id").items():
            live = {} if review._terms_are_kept() else review._terms_places()
            for term in terms:
                places = live.get(term.kind, term.places or [])
                found = places and all(p.get("n", 1) == p.get("of", 1) for p in places)
                term.status = (
                    "na" if term.not_applicable else "found" if found else "missing"
                )
                term.where = term._where(places)

    @api.constrains("not_applicable", "reason")
    def _check_reason(self):
        for term in self:
            if term.not_applicable and not (term.reason or "").strip():
                raise ValidationError(
                    self.env._(
                        "Say why “%(term)s” is not applicable.",
                        term=choice(term, "kind"),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        if not is_unguarded(self):
            raise UserError(self.env._("The mandatory terms stay with their review."))

    def _check_frozen(self, content):
        self.review_id.check_access("write")
        if any(review.state != "draft" for review in self.review_id.sudo()):
            raise UserError(
                self.env._("The review was submitted: its terms don't change any more.")
            )
        return super()._check_frozen(content)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _where(self, places):
        """Places in words."""
        words = {
            "lines": self.env._("%(n)s of %(of)s lines"),
            "order": self.env._("Order: %(name)s"),
            "frame": self.env._("Frame agreement: %(name)s"),
            "term": self.env._("Term: %(name)s"),
            "frame_term": self.env._("Term of the frame agreement: %(name)s"),
        }
        fields_of = {
            "order": self.env["sale.order"],
            "frame": self.env["contract.frame"],
        }
        texts = []
        for place in places:
            if fname := place.get("field"):
                field = fields_of[place["in"]]._fields[fname]
                place = {**place, "name": field._description_string(self.env)}
            texts.append(words[place["in"]] % place)
        return format_list(self.env, texts) or False


class ContractReview(models.Model):
    """The mandatory terms of the contract (D2 §5, D5 §4.2), and who attests that they
    are unambiguous."""

    _inherit = "contract.review"

    @api.depends_context("uid")
    @api.depends("state", "terms_attested_on", "step_ids.state")
    def _compute_can_attest_terms(self):
        for review in self:
            review.can_attest_terms = not review._refuse_attest_terms()

    @api.model_create_multi
    def create(self, vals_list):
        reviews = super().create(vals_list)
        rows = []
        for review in reviews:
            before = {
                term.kind: term for term in review.previous_id.sudo().review_term_ids
            }
            for sequence, (kind, _name) in enumerate(TERMS):
                same = before.get(kind)
                rows.append(
                    {
                        "review_id": review.id,
                        "sequence": sequence,
                        "kind": kind,
                        "not_applicable": bool(same and same.not_applicable),
                        "reason": same and same.reason,
                    }
                )
        unguarded(self.env["contract.review.term"].sudo()).create(rows)
        reviews.invalidate_recordset(["review_term_ids"])
        return reviews

    # ------------------------------------------------------------------
    # Attesting
    # ------------------------------------------------------------------

    def action_attest_terms(self):
        """Attest that the terms are clear and unambiguous (D3 §4.1, D5 §4.3).

        :raise UserError: if the user doesn't review it
        """
        self.check_access("read")
        for review in self:
            if refusal := review._refuse_attest_terms():
                raise UserError(refusal)
            unguarded(review.sudo()).write(
                {
                    "terms_attested_by_id": self.env.uid,
                    "terms_attested_name": self.env.user.name,
                    "terms_attested_on": fields.Datetime.now(),
                }
            )

    def _refuse_attest_terms(self):
        """Why the user can't attest the terms, as a sentence, or False."""
        self.ensure_one()
        review, user = self.sudo(), self.env.user
        if review.state != "submitted":
            return self.env._("Terms are attested while the review is decided.")
        if review.terms_attested_on:
            return self.env._(
                "%(user)s attested the terms already.", user=review.terms_attested_name
            )
        asked = review.step_ids.filtered(lambda s: s.state in ("pending", "approved"))
        if user not in asked.user_id or user in review.party_ids:
            return self.env._(
                "Who reviews the contract attests its terms: one of those who were "
                "asked, and nobody who prepared it."
            )
        return False

    # ------------------------------------------------------------------
    # Where they are found
    # ------------------------------------------------------------------

    def _terms_are_kept(self):
        """Whether the terms are read as they were submitted."""
        self.ensure_one()
        return self.state != "draft" and any(
            self.sudo().review_term_ids.mapped("places")
        )

    def _terms_places(self):
        """``{kind: places}``: dicts ``in`` (lines, order, frame, term, frame_term) with
        ``name`` or ``field``, or ``n`` of how many lines (``of``)."""
        self.ensure_one()
        order, frame = self.sudo().order_id, self.sudo().frame_id
        places = self._frame_places(frame) if frame else self._order_places(order)
        for clause in self._terms_clauses(order, frame):
            of_frame = order and clause.frame_id
            places.setdefault(clause.clause_type, []).append(
                {
                    "in": "frame_term" if of_frame else "term",
                    "name": clause.display_name,
                }
            )
        return {kind: places.get(kind, []) for kind, _name in TERMS}

    @api.model
    def _terms_clauses(self, order, frame):
        """Clause terms of the contract and of its frame agreement."""
        frame = frame or order.contract_frame_id
        terms = order.contract_term_ids | frame.term_ids
        return terms.filtered(
            lambda t: t.kind == "clause" and not t.valid_to and not t.waived_on
        )

    def _order_places(self, order):
        lines = order.order_line.filtered(
            lambda ln: ln._contract_is_promise() and ln.product_uom_qty >= 0
        )
        payments, deliveries = (
            [
                {"in": "term", "name": name}
                for name in unique(
                    term.display_name
                    for term in order.contract_term_ids
                    if term.kind == kind and not term.valid_to and not term.auto
                )
            ]
            for kind in ("payment", "delivery")
        )
        if order.commitment_date:
            deliveries.append({"in": "order", "field": "commitment_date"})
        if not payments and order.payment_term_id:
            payments.append({"in": "order", "name": order.payment_term_id.name})
        return {
            "product": self._lines_place(lines, lambda ln: ln.product_id),
            "specification": self._lines_place(lines, self._is_specified),
            "quantity": self._lines_place(lines, lambda ln: ln.product_uom_qty > 0),
            "price": self._lines_place(lines, lambda ln: ln.price_unit > 0),
            "delivery": deliveries
            or self._lines_place(lines, lambda ln: ln._contract_promised_moment())
            or self._lines_place(lines, lambda ln: ln.customer_lead > 0),
            "payment": payments,
        }

    def _frame_places(self, frame):
        lines = frame.line_ids
        payments = [
            {"in": "term", "name": term.display_name}
            for term in frame.term_ids
            if term.kind == "payment" and not term.valid_to
        ]
        template = frame.schedule_template_id or frame.payment_term_id
        if template:
            payments.append({"in": "frame", "name": template.name})
        return {
            "product": self._lines_place(
                lines, lambda ln: ln.product_id or ln.categ_id
            ),
            "specification": self._lines_place(
                lines, lambda ln: self._has_specification(ln.product_id) or ln.categ_id
            ),
            "quantity": self._lines_place(lines, lambda ln: ln.quantity or ln.amount),
            "price": self._lines_place(lines, lambda ln: ln.price_unit or ln.amount),
            "delivery": [{"in": "frame", "field": "date_end"}]
            if frame.date_end
            else [],
            "payment": payments,
        }

    @api.model
    def _lines_place(self, lines, says):
        """Of how many lines something is true; no place if of none."""
        number = len(lines.filtered(lambda ln: bool(says(ln))))
        return [{"in": "lines", "n": number, "of": len(lines)}] if number else []

    @api.model
    def _has_specification(self, product):
        """Whether a product says which one it is: its code, its variant, its sales
        description."""
        return bool(
            product.default_code
            or product.product_template_attribute_value_ids
            or product.description_sale
        )

    @api.model
    def _is_specified(self, line):
        """Whether a line says more than its product's name, or the product does."""
        text = " ".join((line.name or "").split())
        plain = " ".join((line.product_id.name or "").split())
        return self._has_specification(line.product_id) or text not in ("", plain)

    # ------------------------------------------------------------------
    # Steps of the review, the printed form
    # ------------------------------------------------------------------

    def _review_check_ready(self):
        # as the contract stands now
        self.review_term_ids.invalidate_recordset(["status", "where"])
        missing = self.review_term_ids.filtered(lambda t: t.status == "missing")
        if missing and self.company_id.sudo().contract_review_terms:
            raise UserError(
                self.env._(
                    "%(contract)s doesn't say all that a contract must say:\n"
                    "%(terms)s\n"
                    "Complete it, or say on the review why a term is not applicable.",
                    contract=self._contract_parent().display_name,
                    terms="\n".join(
                        f"- {choice(term, 'kind')}"
                        + (f" ({term.where})" if term.where else "")
                        for term in missing
                    ),
                )
            )
        return super()._review_check_ready()

    def _review_freeze(self):
        for review in self:
            places = review._terms_places()
            for term in unguarded(review.sudo()).review_term_ids:
                unguarded(term).places = places[term.kind]
        unguarded(self.sudo()).write(
            {
                "terms_attested_by_id": False,
                "terms_attested_name": False,
                "terms_attested_on": False,
            }
        )
        return super()._review_freeze()

    def _approval_approved(self):
        for review in self:
            if (
                review.company_id.sudo().contract_review_attest
                and not review.terms_attested_on
            ):
                raise UserError(
                    self.env._(
                        "Nobody attested yet that the terms of %(review)s are "
                        "unambiguous: attest them before the last opinion.",
                        review=review.display_name,
                    )
                )
        return super()._approval_approved()

    def _review_print_blocks(self):
        return [*super()._review_print_blocks(), *self._terms_print_blocks()]

    def _terms_print_blocks(self):
        env = self.env
        blocks = [
            self._form_table(
                "terms",
                env._("Mandatory Terms"),
                [
                    Column(env._("Term"), 20, lambda t: choice(t, "kind")),
                    Column(
                        env._("Status"),
                        14,
                        lambda t: (
                            choice(t, "status"),
                            "strong" if t.status == "missing" else "",
                        ),
                    ),
                    Column(
                        env._("Where"),
                        66,
                        lambda t: t.reason if t.not_applicable else t.where,
                    ),
                ],
                self.review_term_ids,
            )
        ]
        if self.terms_attested_on:
            blocks.append(
                self._form_note(
                    env._(
                        "%(user)s attested on %(date)s that the terms are clear and "
                        "unambiguous.",
                        user=self.terms_attested_name,
                        date=self._form_date(self.terms_attested_on.date()),
                    ),
                    "strong",
                )
            )
        return blocks
