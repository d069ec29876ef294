from markupsafe import Markup

from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare, format_amount, format_date, formatLang

from ...tools.guard import unguarded
from ...tools.words import choice, format_quantity
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
        "contract.frozen.mixin",
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
            ("product", "Agreed Product"),
        ],
        required=True,
        default="payment",
        help="A frame agreement has agreed products instead of deliveries.",
    )
    name = fields.Char(string="Description")
    sequence = fields.Integer(default=0)
    line_id = fields.Many2one(
        "sale.order.line",
        string="Order Line",
        ondelete="restrict",
        domain="[('order_id', '=', order_id), ('display_type', '=', False)]",
    )
    frame_line_id = fields.Many2one(
        "contract.frame.line",
        string="Agreed Line",
        ondelete="restrict",
        index="btree_not_null",
        domain="[('frame_id', '=', frame_id)]",
        help="The line of the frame agreement that is changed or ended.",
    )
    product_id = fields.Many2one(
        "product.product",
        ondelete="restrict",
        check_company=True,
        domain="[('sale_ok', '=', True), ('type', '!=', 'combo')]",
        help="What is added: a new line of the order, or of the frame agreement.",
    )
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    new_price = fields.Boolean(
        string="Other Price",
        help="Holds for what is neither delivered nor invoiced yet: the rest goes to a "
        "line of its own where a part is.",
    )
    price_unit = fields.Float(
        string="Unit Price",
        digits="Product Price",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        min_display_digits="Product Price",
    )
    discount = fields.Float(
        string="Discount (%)",
        digits="Discount",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        check_company=True,
        domain="[('type_tax_use', '=', 'sale')]",
    )
    quantity_before = fields.Float(digits="Product Unit", readonly=True, copy=False)
    price_before = fields.Float(
        string="Unit Price Before", digits="Product Price", readonly=True, copy=False
    )
    amount_before = fields.Monetary(readonly=True, copy=False)
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
    _frame_line_uniq = models.UniqueIndex(
        "(reagreement_id, frame_line_id) WHERE frame_line_id IS NOT NULL",
        "This re-agreement changes that product already: edit the other line.",
    )
    _price_positive = models.Constraint(
        "CHECK (price_unit >= 0 AND discount BETWEEN 0 AND 100)",
        "A price can't be negative, and a discount is between 0 and 100 %.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("product_id", "line_id", "frame_line_id", "new_price")
    def _compute_price(self):
        """Proposed: of what is added what core would ask for it, of the others what
        they cost now."""
        for change in self:
            line, agreed = change._own_line(), change.sudo().frame_line_id
            if agreed and agreed.frame_id._origin == change.frame_id._origin:
                change.uom_id = agreed.uom_id
                change.price_unit = agreed.price_unit
            elif line:
                change.uom_id = line.product_uom_id
                change.price_unit = line.price_unit
            elif change.product_id and not change.order_id:
                change.uom_id = change.product_id.uom_id
                change.price_unit = change.price_unit
            elif change.product_id:
                line = change._propose_line()
                change.uom_id = line.product_uom_id
                change.price_unit = line.price_unit
            else:
                change.uom_id = change.uom_id
                change.price_unit = change.price_unit
            change.discount = line.discount
            change.tax_ids = line.tax_ids

    def _own_line(self):
        """The order line that it is about, if it is one of its contract: prices of
        others aren't read for it."""
        self.ensure_one()
        line = self.sudo().line_id
        own = line.order_id._origin == self.order_id._origin
        return line if own else line.browse()

    def _propose_line(self):
        """The order line that core would make of the product, not saved."""
        self.ensure_one()
        return (
            self.env["sale.order.line"]
            .sudo()
            .new(
                {
                    "order_id": self.order_id._origin.id,
                    "product_id": self.product_id._origin.id,
                    "product_uom_qty": self.quantity or 1.0,
                }
            )
        )

    @api.depends_context("lang")
    @api.depends(
        "term_id", "action", *CONTENT, "due_mode", "event_type_id", "delay",
        "delay_unit", "from_month_end", "each", "alt_event_type_id", "precedes",
        "frame_line_id", "product_id", "uom_id", "new_price", "price_unit",
        "discount", "tax_ids", "reagreement_id.change_order",
    )  # fmt: skip
    def _compute_texts(self):
        bold = Markup("<strong>%s</strong>")
        amounts = {}
        for record in self.reagreement_id:
            amounts.update(record._delivery_amounts())
        for line in self:
            was = line._words_before()
            becomes = line._words(line, amounts)
            if line.action == "end":
                becomes = [bold % self.env._("No longer agreed")]
            elif was:
                becomes = [p if p in was else bold % p for p in becomes]
            line.was_text = "\n".join(was) or False
            line.becomes_text = Markup("<br/>").join(becomes)

    @api.depends("term_id", "name", "frame_line_id", "product_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                line.name
                or line.term_id.display_name
                or line.frame_line_id.display_name
                or line.product_id.display_name
            )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("reagreement_id", "term_id", "line_id", "frame_line_id")
    def _check_of_contract(self):
        for line in self.sudo():
            parent = line.reagreement_id._contract_parent()
            for part, of in (
                (line.term_id, line.term_id.order_id or line.term_id.frame_id),
                (line.line_id, line.line_id.order_id),
                (line.frame_line_id, line.frame_line_id.frame_id),
            ):
                if part and of != parent:
                    raise ValidationError(
                        self.env._(
                            "“%(document)s” belongs to another contract.",
                            document=part.display_name,
                        )
                    )

    @api.constrains("action", "term_id", "kind", "frame_line_id", "product_id")
    def _check_product(self):
        for line in self.filtered(
            lambda ln: ln.kind == "product" and ln.state != "submitted"
        ):
            agreed = line.frame_line_id
            if not line.reagreement_id.frame_id:
                raise ValidationError(
                    self.env._(
                        "Agreed products are changed in a frame agreement of their own."
                    )
                )
            if (line.action == "add") == bool(agreed) or bool(agreed) == bool(
                line.product_id
            ):
                raise ValidationError(
                    self.env._(
                        "A change or an end needs the agreed line that it is about; "
                        "what is added needs its product."
                    )
                )

    @api.constrains("kind", "product_id", "frame_line_id", "new_price", "line_id")
    def _check_priced(self):
        for line in self:
            if line.kind not in ("delivery", "product") and (
                line.product_id or line.frame_line_id or line.new_price
            ):
                raise ValidationError(
                    self.env._("Only what is delivered has a product and a price.")
                )
            if line.kind == "delivery" and (
                line.frame_line_id
                # once it holds, what was added is a line of the order
                or (line.product_id and line.line_id and line.state == "draft")
            ):
                raise ValidationError(
                    self.env._(
                        "A delivery is of a line of the order, or of a product that "
                        "is added: choose one of the two."
                    )
                )

    @api.constrains("action", "term_id", "kind", "line_id", "reagreement_id")
    def _check_term(self):
        for line in self.filtered(lambda line: line.kind != "product"):
            parent = line.reagreement_id._contract_parent()
            term = line.sudo().term_id
            if (line.action == "add") == bool(term):
                raise ValidationError(
                    self.env._(
                        "A change or an end needs the term that it is about; what is "
                        "added has none."
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
                line.line_id.sudo().order_id != parent
                if line.line_id
                else line.action != "add" or not line.product_id
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

    @api.onchange("frame_line_id")
    def _onchange_frame_line_id(self):
        """Start from what was agreed."""
        if self.frame_line_id:
            self.update(self._frame_line_vals(self.frame_line_id))

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
        products = self.env["contract.frame.line"].browse(
            {vals["frame_line_id"] for vals in vals_list if vals.get("frame_line_id")}
        )
        lines = {line.id: self._frame_line_vals(line) for line in products}
        return super().create(
            [
                {
                    **agreed.get(vals.get("term_id"), {}),
                    **lines.get(vals.get("frame_line_id"), {}),
                    **vals,
                }
                for vals in vals_list
            ]
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

    @api.model
    def _frame_line_vals(self, line):
        """Values of a line that changes nothing of an agreed product yet."""
        return {
            "action": "change",
            "kind": "product",
            "due_mode": "date",
            "frame_line_id": line.id,
            "quantity": line.quantity,
            "price_unit": line.price_unit,
            "amount": line.amount,
        }

    def _words_before(self):
        """What was agreed, a list of its parts: none of what is added."""
        self.ensure_one()
        if self.term_id:
            return self._words(self.term_id)
        if self.kind != "product" or self.action == "add":
            return []
        if self.state and self.state != "draft":
            return self._product_words(
                self.quantity_before, self.price_before, self.amount_before
            )
        agreed = self.sudo().frame_line_id
        return self._product_words(agreed.quantity, agreed.price_unit, agreed.amount)

    def _product_words(self, quantity, price, amount):
        """What is agreed of a product in a frame agreement, a list of its parts."""
        agreed = self.sudo().frame_line_id
        product = (
            agreed.display_name
            or self.sudo().product_id.display_name
            or self.name
            or ""
        )
        unit = self.sudo().uom_id.name or ""
        parts = [product]
        if quantity:
            parts = [f"{format_quantity(self.env, quantity)} {unit} {product}".strip()]
        if price:
            parts.append(self._price_words(price, 0.0, unit))
        if amount:
            parts.append(format_amount(self.env, amount, self.currency_id))
        return parts

    def _price_words(self, price, discount, unit):
        """A price and what is deducted of it, without taxes."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        digits = max(digits, self.currency_id.decimal_places)
        number = formatLang(self.env, price, digits=digits)
        text = f"{number} {self.currency_id.name or ''} / {unit}"
        return f"{text} − {discount:g} %" if discount else text

    def _words(self, record, amounts=None):
        """What a term, or this line as one, promises: in the user's language, a list
        of its parts.

        :param amounts: what the deliveries of the re-agreement are worth, if known
        """
        self.ensure_one()
        kind = record.kind
        currency = self.currency_id or self.env.company.currency_id
        if kind == "product":
            return self._product_words(self.quantity, self.price_unit, self.amount)
        if kind == "delivery":
            number = formatLang(self.env, record.quantity, dp="Product Unit")
            line = record.line_id
            unit = line.product_uom_id.name or (self.uom_id.name if not line else "")
            product = line.product_id.display_name or record.name or ""
            if record == self and not line:
                product = self.product_id.display_name or product
            if record == self.term_id:
                amount = record.amount
            elif amounts and self in amounts:
                amount = amounts[self]
            else:
                amount = self._delivery_amount()
            parts = [
                f"{number} {unit or ''} {product}".strip(),
                format_amount(self.env, amount, currency),
            ]
            if record == self and self._is_priced():
                parts.append(
                    self._price_words(self.price_unit, self.discount, unit or "")
                )
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

    def _is_priced(self):
        """Whether it says a price of its own."""
        self.ensure_one()
        return bool(
            self.kind == "delivery"
            and self.action != "end"
            and self.reagreement_id.change_order
            and (self.new_price or (self.product_id and self.action == "add"))
        )

    def _delivery_amount(self):
        """What the delivery is worth: at the order's price, from the submission on at
        the price that is decided on."""
        self.ensure_one()
        if self.state and self.state != "draft":
            return self.amount
        amounts = self.reagreement_id._delivery_amounts()
        if self in amounts:
            return amounts[self]
        return self._line_amount()

    def _line_amount(self):
        """What its quantity is worth at the price of its order line."""
        self.ensure_one()
        price = sum(line._contract_unit_total() for line in self._own_line())
        return self.currency_id.round(price * self.quantity)

    def _freeze(self):
        """The order may change while others decide; what they decide on doesn't."""
        for record in self.reagreement_id:
            amounts = record._delivery_amounts()
            for line in record.line_ids:
                if line.kind == "delivery":
                    before = line.sudo().line_id
                    unguarded(line).write(
                        {
                            "amount": amounts.get(line, 0.0),
                            "quantity_before": before.product_uom_qty,
                            "price_before": before.price_unit,
                        }
                    )
                elif line.kind == "product":
                    agreed = line.sudo().frame_line_id
                    unguarded(line).write(
                        {
                            "quantity_before": agreed.quantity,
                            "price_before": agreed.price_unit,
                            "amount_before": agreed.amount,
                        }
                    )

    def _is_changed(self):
        self.ensure_one()
        if self.kind == "product":
            agreed = self.sudo().frame_line_id
            return any(
                self[fname] != agreed[fname]
                for fname in ("quantity", "price_unit", "amount")
            )
        term, line = self.term_id, self.sudo().line_id
        if self._is_priced() and self._price_values() != line._price_values():
            return True
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
            if line.kind == "delivery" and line.line_id:
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
            and not self.reagreement_id.change_order
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

    def _new_terms_vals(self, parts=None):
        """Values of the terms that hold from now on; none if the term ends.

        :param parts: what became of a delivery in the order: a list of (order line,
            quantity, amount)
        """
        self.ensure_one()
        if self.action == "end" or self.kind == "product":
            return []
        values = self._new_term_vals()
        if parts is None:
            return [values]
        return [
            {
                **values,
                "line_id": line.id,
                "quantity": quantity,
                "amount": amount,
                # one of them stands where the old one stood
                "predecessor_id": values["predecessor_id"] if not place else False,
            }
            for place, (line, quantity, amount) in enumerate(parts)
        ]

    def _new_term_vals(self):
        """Values of the term that holds from now on, as it is written."""
        self.ensure_one()
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

    # ------------------------------------------------------------------
    # Order
    # ------------------------------------------------------------------

    def _price_key(self):
        self.ensure_one()
        return self.price_unit, self.discount, self.sudo().tax_ids

    def _price_values(self):
        """Its price, as values of an order line."""
        self.ensure_one()
        return {
            "price_unit": self.price_unit,
            "discount": self.discount,
            "tax_ids": [Command.set(sorted(self.sudo().tax_ids._origin.ids))],
        }

    def _new_line_vals(self):
        """Values of the order line that is added."""
        self.ensure_one()
        order = self.order_id
        sequences = order.sudo().order_line.mapped("sequence")
        return {
            **self._price_values(),
            "product_id": self.product_id._origin.id,
            "product_uom_qty": self.quantity,
            "product_uom_id": self.uom_id._origin.id,
            "sequence": max(sequences, default=0) + 1,
            **({"name": self.name} if self.name else {}),
        }
