from odoo import models
from odoo.tools import format_amount, formatLang

from ...tools.words import choice, format_quantity


class ContractReagreementLine(models.Model):
    """Changes in words: what was agreed, what is proposed."""

    _inherit = "contract.reagreement.line"

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
