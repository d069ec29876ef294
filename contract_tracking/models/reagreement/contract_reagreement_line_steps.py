from odoo import Command, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_date, formatLang

from ...tools.guard import unguarded


class ContractReagreementLine(models.Model):
    """Changes from their submission on: what is frozen and checked, and what becomes of
    them once they are approved."""

    _inherit = "contract.reagreement.line"

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
        kept = self.reagreement_id._terms("delivery") - changes.term_id
        promised = self.reagreement_id._promised_quantity(
            self.line_id,
            kept.filtered(lambda t: t.line_id == self.line_id),
            changes.filtered(lambda c: c.line_id == self.line_id and c.action != "end"),
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
        term, order = self.term_id, self.line_id.order_id
        # a rebate is spread over all of the order, be it delivered or not
        own_price = not order._contract_is_reagreed_only() and not any(
            line._contract_is_below_zero() for line in order.order_line
        )
        if (
            self.action == "change"
            and own_price
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
