from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_list

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
        domain=lambda self: self.env["sale.order.line"]._contract_promise_domain(),
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
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        domain="[('id', 'in', allowed_uom_ids)]",
    )
    allowed_uom_ids = fields.Many2many(
        "uom.uom", string="Allowed Units", compute="_compute_allowed_uom_ids"
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
        help="Without taxes, in the contract's currency, for its unit.",
    )
    discount = fields.Float(
        string="Discount (%)",
        digits="Discount",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        help="What is deducted of the unit price.",
    )
    price_proposed = fields.Float(
        string="Proposed Unit Price",
        digits="Product Price",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        help="What was proposed last: another unit price was typed, and stays.",
    )
    discount_proposed = fields.Float(
        string="Proposed Discount (%)",
        digits="Discount",
        compute="_compute_price",
        store=True,
        readonly=False,
        precompute=True,
        help="What was proposed last: another discount was typed, and stays.",
    )
    tax_ids = fields.Many2many(
        "account.tax",
        string="Taxes",
        compute="_compute_tax_ids",
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

    @api.depends("product_id", "line_id", "frame_line_id")
    def _compute_uom_id(self):
        """The unit of what is changed, or of what is added."""
        for change in self:
            line = change._own_line()
            change.uom_id = (
                change._own_agreed().uom_id
                or line.product_uom_id
                or change.product_id.uom_id
                or change.uom_id
            )

    @api.depends(
        "product_id.uom_id", "product_id.uom_ids", "line_id", "frame_line_id",
        "order_id", "frame_id",
    )  # fmt: skip
    def _compute_allowed_uom_ids(self):
        """As core and the frame agreement count it."""
        for change in self:
            line, product = change._own_line(), change.product_id
            if agreed := change._own_agreed():
                units = agreed.uom_id
            elif line or change.order_id or not product:
                units = line.product_uom_id or product.uom_id | product.uom_ids
            else:
                root = product.uom_id.parent_path.split("/")[0]
                units = product.uom_id.search([("id", "child_of", int(root))])
            change.allowed_uom_ids = units

    @api.depends(
        "product_id", "line_id", "frame_line_id", "new_price", "uom_id", "quantity"
    )
    def _compute_price(self):
        """Proposed: of what is added what core would ask for it, of the others what
        they cost now. What somebody typed stays."""
        for change in self:
            line, agreed = change._own_line(), change._own_agreed()
            price, discount = agreed.price_unit, 0.0
            # without another price it costs what it costs
            typed = change.new_price or not line
            if not agreed:
                if change.product_id and change.order_id and not line:
                    line = change._propose_line()
                price, discount = line.price_unit, line.discount
            if not typed or change.price_unit == change.price_proposed:
                change.price_unit = price
            else:
                change.price_unit = change.price_unit
            if not typed or change.discount == change.discount_proposed:
                change.discount = discount
            else:
                change.discount = change.discount
            change.price_proposed = price
            change.discount_proposed = discount

    @api.depends("product_id", "line_id", "frame_line_id", "new_price")
    def _compute_tax_ids(self):
        for change in self:
            line = change._own_line()
            if change._own_agreed():
                line = line.browse()
            elif change.product_id and change.order_id and not line:
                line = change._propose_line()
            change.tax_ids = line.tax_ids

    def _own_agreed(self):
        """The agreed line that it is about, if it is one of its frame agreement."""
        self.ensure_one()
        agreed = self.sudo().frame_line_id
        own = agreed.frame_id._origin == self.frame_id._origin
        return agreed if own else agreed.browse()

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
                    "product_uom_id": self.uom_id._origin.id,
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

    @api.constrains("uom_id", "product_id", "line_id", "frame_line_id")
    def _check_uom(self):
        for line in self:
            units = line.allowed_uom_ids
            if units and line.uom_id not in units:
                raise ValidationError(
                    self.env._(
                        "“%(product)s” isn't sold in this unit: choose one of "
                        "%(units)s.",
                        product=line.display_name,
                        units=format_list(self.env, units.mapped("name")),
                    )
                )

    @api.constrains("action", "kind", "line_id", "product_id")
    def _check_promise(self):
        added = self.sudo().filtered(
            lambda change: change.kind == "delivery" and change.action == "add"
        )
        for change in added:
            line, product = change.line_id, change.product_id
            if (
                (line and not line._contract_is_promise())
                or product.type == "combo"
                or (product and product == change.company_id.sale_discount_product_id)
            ):
                raise ValidationError(
                    self.env._(
                        "“%(line)s” is nothing that is delivered: choose goods or "
                        "services.",
                        line=line.name or product.display_name,
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
