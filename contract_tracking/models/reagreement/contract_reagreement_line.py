from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, format_amount, format_date, formatLang

from ...tools.words import choice
from ..term.contract_due_mixin import PAYMENT_KINDS

# What a new term takes over from the one that it replaces, besides when it is due.
CONTENT = (
    "name", "sequence", "line_id", "quantity", "percent", "amount", "payment_kind",
    "instrument_id", "tenor_days", "over_percent", "short_percent", "date_fixed",
    "weight", "with_customer", "user_id", "department_id",
)  # fmt: skip


class ContractReagreementLine(models.Model):
    """What a re-agreement does to one term: change it, end it, or add one. What was
    agreed and what is agreed now stand side by side."""

    _name = "contract.reagreement.line"
    _inherit = [
        "contract.approval.row.mixin",
        "contract.system.mixin",
        "contract.due.mixin",
    ]
    _description = "Re-agreement Change"
    _approval_document = "reagreement_id"
    _order = "sequence, id"
    _check_company_auto = True

    reagreement_id = fields.Many2one(
        "contract.reagreement", required=True, index=True, ondelete="cascade"
    )
    state = fields.Selection(
        related="reagreement_id.state", string="Re-agreement's State"
    )
    company_id = fields.Many2one(
        related="reagreement_id.company_id", store=True, precompute=True, index=True
    )
    currency_id = fields.Many2one(related="reagreement_id.currency_id")
    order_id = fields.Many2one(related="reagreement_id.order_id")
    frame_id = fields.Many2one(related="reagreement_id.frame_id")
    action = fields.Selection(
        [("change", "Change"), ("end", "End"), ("add", "Add")],
        string="What Happens",
        required=True,
        default="change",
    )
    term_id = fields.Many2one(
        "contract.term",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('valid_to', '=', False), ('waived_on', '=', False)]",
    )
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
    name = fields.Char(string="Description")
    sequence = fields.Integer(default=0)
    line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        ondelete="restrict",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
    )
    quantity = fields.Float(digits="Product Unit")
    percent = fields.Float(string="Share (%)")
    amount = fields.Monetary()
    payment_kind = fields.Selection(PAYMENT_KINDS)
    instrument_id = fields.Many2one("contract.instrument", ondelete="restrict")
    tenor_days = fields.Integer(string="Longest Tenor (Days)")
    over_percent = fields.Float(string="More Allowed (%)")
    short_percent = fields.Float(string="Less Allowed (%)")
    date_fixed = fields.Date(string="Agreed Date")
    weight = fields.Float(default=1.0)
    with_customer = fields.Boolean(string="Agreed with the Customer")
    user_id = fields.Many2one("res.users", string="Responsible")
    department_id = fields.Many2one("contract.department", check_company=True)
    was_text = fields.Text(string="Was", compute="_compute_texts", compute_sudo=True)
    becomes_text = fields.Html(
        string="Becomes",
        compute="_compute_texts",
        compute_sudo=True,
        sanitize=False,
        help="What is new stands out.",
    )
    _term_uniq = models.UniqueIndex(
        "(reagreement_id, term_id) WHERE term_id IS NOT NULL",
        "This re-agreement changes that term already: edit the other line.",
    )

    @api.depends_context("lang")
    @api.depends(
        "term_id", "action", *CONTENT, "due_mode", "event_type_id", "delay",
        "delay_unit", "from_month_end", "each", "alt_event_type_id", "precedes",
    )  # fmt: skip
    def _compute_texts(self):
        bold = Markup("<strong>%s</strong>")
        for line in self:
            was = line._words(line.term_id) if line.term_id else []
            becomes = line._words(line)
            if line.action == "end":
                becomes = [bold % self.env._("No longer agreed")]
            elif line.term_id:
                becomes = [p if p in was else bold % p for p in becomes]
            line.was_text = "\n".join(was) or False
            line.becomes_text = Markup("<br/>").join(becomes)

    @api.depends("term_id", "name")
    def _compute_display_name(self):
        for line in self:
            line.display_name = line.name or line.term_id.display_name

    @api.constrains("action", "term_id", "kind", "line_id", "reagreement_id")
    def _check_term(self):
        for line in self:
            parent = line.reagreement_id._contract_parent()
            term = line.sudo().term_id
            if (line.action == "add") == bool(term):
                raise ValidationError(
                    self.env._(
                        "A change or an end needs the term that it is about; what is "
                        "added has none."
                    )
                )
            if term and term._contract_parent() != parent:
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is a term of another contract.",
                        term=term.display_name,
                    )
                )
            if term and (line.kind != term.kind or line.line_id != term.line_id):
                raise ValidationError(
                    self.env._(
                        "“%(term)s” keeps its kind and its order line: end it and add "
                        "another term.",
                        term=term.display_name,
                    )
                )
            if line.kind == "delivery" and (
                not line.line_id or line.line_id.sudo().order_id != parent
            ):
                raise ValidationError(
                    self.env._("A delivery is promised for a line of the contract.")
                )

    @api.onchange("term_id")
    def _onchange_term_id(self):
        """Start from what was agreed."""
        if self.term_id:
            self.update({"kind": self.term_id.kind, **self._content_vals(self.term_id)})
            # proposed anew with each of the others
            self.precedes = self.term_id.precedes

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """What isn't sent stays as it was agreed."""
        self._contract_check_values(*vals_list)
        terms = self.env["contract.term"].browse(
            {vals["term_id"] for vals in vals_list if vals.get("term_id")}
        )
        agreed = {term.id: self._term_vals(term) for term in terms}
        return super().create(
            [{**agreed.get(vals.get("term_id"), {}), **vals} for vals in vals_list]
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _content_fields(self):
        return [*CONTENT, *self._due_field_names()]

    @api.model
    def _content_vals(self, record):
        """What a term, or a line as one, says: values for another one."""
        return record._convert_to_write(
            {fname: record[fname] for fname in self._content_fields()}
        )

    @api.model
    def _term_vals(self, term):
        """Values of a line that changes nothing of a term yet."""
        return {
            **self._content_vals(term),
            "action": "change",
            "term_id": term.id,
            "kind": term.kind,
        }

    def _words(self, record):
        """What a term, or this line as one, promises: in the user's language, a list
        of its parts."""
        self.ensure_one()
        kind = record.kind
        currency = self.currency_id or self.env.company.currency_id
        if kind == "delivery":
            number = formatLang(self.env, record.quantity, dp="Product Unit")
            unit = record.line_id.product_uom_id.name or ""
            product = record.line_id.product_id.display_name or record.name or ""
            amount = (
                record.amount if record == self.term_id else self._delivery_amount()
            )
            parts = [
                f"{number} {unit} {product}".strip(),
                format_amount(self.env, amount, currency),
            ]
        else:
            term = self.term_id if record == self else self.term_id.browse()
            parts = [self.reagreement_id._form_words(record.name, term)]
        if kind == "payment":
            parts += [
                f"{record.percent:g} %"
                if record.percent
                else format_amount(self.env, record.amount, currency),
                record.instrument_id.name,
                record.precedes
                and self.env._(
                    "must precede: %(step)s", step=choice(record, "precedes")
                ),
            ]
        parts.append(
            self.reagreement_id._form_date(record.date_fixed)
            if record.due_mode == "date"
            else record._due_description()
        )
        return [part for part in parts if part]

    def _delivery_amount(self):
        """What the delivery is worth: at the order's price, from the submission on at
        the price that is decided on."""
        self.ensure_one()
        if self.state != "draft":
            return self.amount
        return self.currency_id.round(
            self.line_id._contract_unit_total() * self.quantity
        )

    def _freeze(self):
        """The order may change while others decide; what they decide on doesn't."""
        for line in self.filtered(lambda line: line.kind == "delivery"):
            line.amount = line._delivery_amount()

    def _is_changed(self):
        self.ensure_one()
        term = self.term_id
        content = set(self._content_fields())
        if self.kind == "delivery":
            # read from the order until it is submitted
            content.discard("amount")
            if self.currency_id.compare_amounts(term.amount, self._delivery_amount()):
                return True
        return any(self[fname] != term[fname] for fname in content)

    def _check_ready(self, delivered):
        """Raise if a change can't take effect as it is written.

        :param delivered: what was delivered: ``{line id: (quantity, amount)}``
        """
        for line in self.sudo():
            term = line.term_id
            day = line.reagreement_id.date_from
            if term and (term.valid_to or term.waived_on):
                raise UserError(
                    self.env._(
                        "“%(term)s” doesn't hold any more: take it out of the changes.",
                        term=term.display_name,
                    )
                )
            if term.valid_from and day <= term.valid_from:
                raise UserError(
                    self.env._(
                        "“%(term)s” holds from %(date)s itself: the new terms must "
                        "hold from a later day.",
                        term=term.display_name,
                        date=format_date(self.env, term.valid_from),
                    )
                )
            if line.action == "change" and not line._is_changed():
                raise UserError(
                    self.env._(
                        "Nothing is changed in “%(term)s”: take it out of the changes.",
                        term=term.display_name,
                    )
                )
            if line.kind == "delivery":
                quantity, _amount = delivered.get(line.line_id.id, (0.0, 0.0))
                line._check_delivered(quantity)

    def _check_delivered(self, delivered):
        """What was delivered stays: neither fewer pieces, nor another price.

        :param delivered: the quantity that was delivered of the order line
        """
        unit = self.line_id.product_uom_id.rounding or 0.01
        changes = self.reagreement_id.line_ids
        promised = sum(
            line.quantity
            for line in changes
            if line.line_id == self.line_id and line.action != "end"
        ) + sum(
            (self.reagreement_id._terms("delivery") - changes.term_id)
            .filtered(lambda t: t.line_id == self.line_id)
            .mapped("quantity")
        )
        if float_compare(promised, delivered, precision_rounding=unit) < 0:
            raise UserError(
                self.env._(
                    "%(quantity)s of “%(line)s” are delivered already: less can't be "
                    "agreed on any more. Take goods back first.",
                    quantity=formatLang(self.env, delivered, dp="Product Unit"),
                    line=self.line_id.name,
                )
            )
        term = self.term_id
        if (
            self.action == "change"
            and delivered
            and term.quantity
            and self.quantity
            and self.currency_id.compare_amounts(
                self._delivery_amount() / self.quantity * term.quantity, term.amount
            )
        ):
            raise UserError(
                self.env._(
                    "A part of “%(line)s” is delivered, and a new price covers only "
                    "what is not: keep the delivered quantity with its price on this "
                    "order line, and put the rest on a line of its own with the new "
                    "price.",
                    line=self.line_id.name,
                )
            )

    def _new_term_vals(self):
        """Values of the term that holds from now on; none if the term ends."""
        self.ensure_one()
        if self.action == "end":
            return {}
        values = self._content_vals(self)
        values.pop("sequence")
        if (sequence := self._new_sequence()) is not None:
            values["sequence"] = sequence
        term = self.term_id
        if term and self.kind not in ("delivery", "payment"):
            # what was done for it stays done
            values.update(
                progress=term.progress,
                done_date=term.done_date,
                attachment_ids=[Command.set(term.attachment_ids.ids)],
            )
        return {
            **values,
            **self.reagreement_id._contract_parent_vals(),
            "kind": self.kind,
            # a delivery at the price that was decided on, not that of the order now
            "stamped": self.kind == "delivery",
            "valid_from": self.reagreement_id.date_from,
            "predecessor_id": term.id,
        }

    def _new_sequence(self):
        """A new term stands where the old one stood, an added payment comes last; None
        for the place of its kind."""
        self.ensure_one()
        if self.term_id:
            return self.term_id.sequence
        payments = self.reagreement_id._terms("payment")
        if self.kind == "payment" and payments:
            return max(payments.mapped("sequence")) + 1
        return None
