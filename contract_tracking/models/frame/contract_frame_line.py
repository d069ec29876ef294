from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_list, formatLang

from ...tools.guard import is_unguarded
from ...tools.words import format_quantity

LINE_FIGURES = (
    "called_quantity", "delivered_quantity", "invoiced_quantity",
    "called_amount", "delivered_amount", "invoiced_amount",
)  # fmt: skip


def _amount(string, help_text=None):
    return fields.Monetary(string=string, compute="_compute_figures", help=help_text)


def _quantity(string, help_text=None):
    return fields.Float(
        string=string,
        digits="Product Unit",
        compute="_compute_figures",
        help=help_text,
    )


def _share(string, help_text=None):
    return fields.Float(string=string, compute="_compute_figures", help=help_text)


class ContractFrameLine(models.Model):
    """What a frame agreement says about a product, or about a category of products:
    the quantity or the amount to call off, and the price.

    Quantities are in the line's unit; amounts include taxes, the price does not; both
    are in the frame's currency. An order line counts on the line of its product, else
    on that of its nearest category.
    """

    _name = "contract.frame.line"
    _inherit = ["contract.system.mixin"]
    _contract_fact_computes = ("_compute_figures",)
    _description = "Agreed Product"
    _order = "frame_id, sequence, id"
    _check_company_auto = True

    frame_id = fields.Many2one(
        "contract.frame", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="frame_id.company_id", store=True)
    currency_id = fields.Many2one(related="frame_id.currency_id")
    sequence = fields.Integer(default=10)
    product_id = fields.Many2one(
        "product.product",
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain=[("sale_ok", "=", True)],
    )
    categ_id = fields.Many2one(
        "product.category",
        string="Category",
        ondelete="restrict",
        help="Instead of a product: everything of this category and of those below, "
        "but for products with a line of their own.",
    )
    quantity = fields.Float(
        string="Agreed Quantity",
        digits="Product Unit",
        help="To be called off in the whole period. 0: no quantity was agreed.",
    )
    uom_id = fields.Many2one(
        "uom.uom",
        string="Unit",
        compute="_compute_uom_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
    )
    amount = fields.Monetary(
        string="Agreed Amount",
        help="To be called off in the whole period, taxes included. 0: no amount was "
        "agreed.",
    )
    price_unit = fields.Float(
        string="Agreed Price",
        digits="Product Price",
        help="Of one unit, before taxes, after discounts. 0: no price was agreed.",
    )
    called_quantity = _quantity(
        "Called Off", "Ordered by the confirmed call-offs, in the unit of this line."
    )
    delivered_quantity = _quantity(
        "Delivered", "Delivered by the confirmed call-offs, in the unit of this line."
    )
    invoiced_quantity = _quantity(
        "Invoiced", "Invoiced by the confirmed call-offs, in the unit of this line."
    )
    left_quantity = _quantity(
        "Left", "Agreed − called off. Negative: more was called off than agreed."
    )
    called_amount = _amount(
        "Amount Called Off",
        "Ordered by the confirmed call-offs at their price, taxes included.",
    )
    delivered_amount = _amount(
        "Amount Delivered",
        "Delivered quantity at the price of the call-off, taxes included.",
    )
    invoiced_amount = _amount(
        "Amount Invoiced",
        "Invoiced quantity at the price of the call-off, taxes included.",
    )
    left_amount = _amount(
        "Amount Left", "Agreed − called off. Negative: more was called off than agreed."
    )
    called_progress = _share(
        "Called Off (%)",
        "Of the agreed quantity; of the agreed amount if no quantity was agreed.",
    )
    delivered_progress = _share(
        "Delivered (%)",
        "Of the agreed quantity; of the agreed amount if no quantity was agreed.",
    )

    _product_uniq = models.UniqueIndex(
        "(frame_id, product_id) WHERE product_id IS NOT NULL",
        "This product already has a line in the frame agreement.",
    )
    _categ_uniq = models.UniqueIndex(
        "(frame_id, categ_id) WHERE categ_id IS NOT NULL",
        "This category already has a line in the frame agreement.",
    )
    _agreed_positive = models.Constraint(
        "CHECK (quantity >= 0 AND amount >= 0 AND price_unit >= 0)",
        "Quantities, amounts and prices of a frame agreement can't be negative.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("product_id", "categ_id")
    def _compute_display_name(self):
        for line in self:
            line.display_name = (
                line.product_id.with_context(display_default_code=False).display_name
                or line.categ_id.display_name
            )

    @api.depends("product_id")
    def _compute_uom_id(self):
        for line in self:
            product_uom = line.product_id.uom_id
            if product_uom and not (
                line.uom_id and line.uom_id._has_common_reference(product_uom)
            ):
                line.uom_id = product_uom
            else:
                line.uom_id = line.uom_id

    @api.depends("quantity", "amount", "product_id", "categ_id", "uom_id")
    def _compute_figures(self):
        taken = self.frame_id._origin._read_lines()
        for line in self:
            parts = taken.get(line._origin.id, {}).values()
            for name in LINE_FIGURES:
                line[name] = sum(part[name] for part in parts)
            line.left_quantity = (
                line.quantity - line.called_quantity if line.quantity else 0
            )
            line.left_amount = line.amount - line.called_amount if line.amount else 0
            kind = "quantity" if line.quantity else "amount"
            agreed = line[kind]
            for name in ("called", "delivered"):
                line[f"{name}_progress"] = (
                    line[f"{name}_{kind}"] / agreed if agreed else 0
                )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("product_id", "categ_id")
    def _check_product(self):
        for line in self:
            if bool(line.product_id) == bool(line.categ_id):
                raise ValidationError(
                    self.env._(
                        "A line of a frame agreement names a product or a category: "
                        "choose one of the two."
                    )
                )

    @api.constrains("quantity", "amount", "uom_id", "product_id", "categ_id")
    def _check_agreed(self):
        for line in self:
            if not line.quantity and not line.amount:
                raise ValidationError(
                    self.env._(
                        "Enter the agreed quantity or the agreed amount of “%(line)s”.",
                        line=line.display_name,
                    )
                )
            if (line.quantity or line.price_unit) and not line.uom_id:
                raise ValidationError(
                    self.env._("Choose the unit of “%(line)s”.", line=line.display_name)
                )
            product_uom = line.product_id.uom_id
            if (
                product_uom
                and line.uom_id
                and not line.uom_id._has_common_reference(product_uom)
            ):
                raise ValidationError(
                    self.env._(
                        "“%(line)s” is not counted in %(unit)s: choose a unit that "
                        "converts to %(product_unit)s.",
                        line=line.display_name,
                        unit=line.uom_id.name,
                        product_unit=product_uom.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_fixed()
        return lines

    def write(self, vals):
        # the answer names the agreement
        self.check_access("write")
        if vals.keys() - {"sequence"}:
            self._check_fixed()
        res = super().write(vals)
        if "frame_id" in vals:
            self._check_fixed()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_fixed(self):
        self._check_fixed()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_fixed(self):
        """Lines of a frame in effect are corrected by the business office only."""
        fixed = self.sudo().frame_id.filtered(lambda f: f._contract_is_fixed())
        if fixed and not is_unguarded(self):
            raise UserError(
                self.env._(
                    "%(frames)s is agreed: its products, quantities and prices can "
                    "only be corrected by the business office, with a reason (Correct "
                    "Facts).",
                    frames=format_list(self.env, fixed.mapped("display_name")),
                )
            )

    def _contract_text(self):
        """What was agreed, in words for the history."""
        self.ensure_one()
        parts = [self.display_name]
        if self.quantity:
            quantity = format_quantity(self.env, self.quantity)
            parts.append(f"{quantity} {self.uom_id.name}")
        if self.amount:
            parts.append(format_amount(self.env, self.amount, self.currency_id))
        if self.price_unit:
            price = self._format_price(self.price_unit)
            parts.append(f"{price} / {self.uom_id.name}")
        return " · ".join(parts)

    def _format_price(self, price):
        """A unit price with its currency; as many decimals as prices have."""
        digits = self.env["decimal.precision"].precision_get("Product Price")
        digits = max(digits, self.currency_id.decimal_places)
        return f"{formatLang(self.env, price, digits=digits)} {self.currency_id.name}"

    def _convert_quantity(self, quantity, uom):
        """A quantity in the line's unit; 0 if its unit doesn't convert."""
        self.ensure_one()
        if not (uom and self.uom_id and uom._has_common_reference(self.uom_id)):
            return 0.0
        return uom._compute_quantity(quantity, self.uom_id, round=False)

    def _add_line(self, values, line, rate, delivered):
        """Add to ``values`` what an order line takes from this agreed line.

        Of a terminated call-off only what was delivered counts as called off.

        :param delivered: quantity and amount that were delivered of the line
        """
        unit_total = line._contract_price() * rate
        terminated = line.order_id.contract_state == "terminated"
        quantity, amount = delivered
        delivered = quantity, amount * rate
        ordered = line.product_uom_qty, unit_total * line.product_uom_qty
        for name, (quantity, amount) in (
            ("called", delivered if terminated else ordered),
            ("delivered", delivered),
            ("invoiced", (line.qty_invoiced, unit_total * line.qty_invoiced)),
        ):
            values[f"{name}_quantity"] += self._convert_quantity(
                quantity, line.product_uom_id
            )
            values[f"{name}_amount"] += self.currency_id.round(amount)
