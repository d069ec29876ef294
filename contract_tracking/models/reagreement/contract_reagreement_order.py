from odoo import api, models
from odoo.tools import float_compare, float_is_zero, formatLang


class ContractReagreement(models.Model):
    """Where an order differs from what was agreed: what a re-agreement proposes."""

    _inherit = "contract.reagreement"

    def _order_differences(self):
        """How the order differs from the terms that hold and from the changes so far.

        :return: a list of (sentence, list of values of lines that take it up)
        """
        self.ensure_one()
        order = self.order_id.sudo()
        terms = self._terms("delivery")
        # as they will hold: what these changes touch is counted with them
        changes = self.sudo().line_ids.filtered(lambda line: line.kind == "delivery")
        terms -= changes.term_id
        changes = changes.filtered(lambda line: line.action != "end")
        result = []
        for line in order.order_line.filtered(lambda ln: ln._contract_is_promise()):
            kept = terms.filtered(lambda t, line=line: t.line_id == line)
            mine = changes.filtered(lambda c, line=line: c.line_id == line)
            difference = self._line_difference(line, kept, mine)
            if difference:
                result.append(difference)
        gone = terms.filtered(
            lambda t: not t.waived_on and t.line_id not in order.order_line
        )
        return result + [
            (self._gone_text(term), [self._end_vals(term)]) for term in gone
        ]

    @api.model
    def _promised_quantity(self, line, kept, mine):
        """How much of an order line is promised: what was given up counts as long as
        the order still has it, a re-agreement of the line takes it out.

        :param kept: delivery terms of the line without changes
        :param mine: changes of the line's deliveries
        """
        waived = kept.filtered("waived_on")
        promised = sum([*(kept - waived).mapped("quantity"), *mine.mapped("quantity")])
        whole = promised + sum(waived.mapped("quantity"))
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        ordered = float_compare(line.product_uom_qty, whole, precision_digits=digits)
        return promised if ordered < 0 else whole

    def _line_difference(self, line, kept, mine):
        """How an order line differs from its terms, or None.

        What is more goes to the last delivery of the line, what is less is taken from
        the last ones.

        :param kept: delivery terms of the line without changes
        :param mine: changes of the line's deliveries that are written already
        """
        self.ensure_one()
        ordered = line.product_uom_qty
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        promised = self._promised_quantity(line, kept, mine)
        more = ordered - promised
        terms = kept | mine.term_id
        kept = kept.filtered(lambda term: not term.waived_on)
        day = line._contract_agreed_date()
        if float_is_zero(more, precision_digits=digits):
            more = 0.0
        if kept and not ordered:
            return self._gone_text(kept[0]), [self._end_vals(term) for term in kept]
        text = self.env._(
            "%(line)s: %(quantity)s, agreed %(agreed)s",
            line=line.name,
            quantity=formatLang(self.env, ordered, dp="Product Unit"),
            agreed=formatLang(self.env, promised, dp="Product Unit"),
        )
        if not kept:
            if not more:
                return None
            if mine or more < 0:
                return text, []
            text = self.env._(
                "%(line)s: %(quantity)s, not in the terms",
                line=line.name,
                quantity=formatLang(self.env, ordered, dp="Product Unit"),
            )
            return text, [
                {
                    "action": "add",
                    "kind": "delivery",
                    "line_id": line.id,
                    "quantity": more,
                    "due_mode": "date",
                    "date_fixed": day,
                }
            ]
        vals_list = []
        unit = line._contract_unit_total()
        last_first = kept.sorted(lambda t: (t.date_fixed or day, t.id), reverse=True)
        for term in last_first:
            quantity = max(0.0, term.quantity + more)
            more -= quantity - term.quantity
            moved = (
                len(terms) == 1
                and term.due_mode == "date"
                and line._contract_promised_moment()
                and term.date_fixed != day
            )
            if float_is_zero(quantity, precision_digits=digits) and term.quantity:
                vals_list.append(self._end_vals(term))
            elif (
                moved
                or float_compare(quantity, term.quantity, precision_digits=digits)
                # a cent is rounding
                or self.currency_id.compare_amounts(
                    abs(term.amount - unit * quantity), self.currency_id.rounding
                )
                > 0
            ):
                vals = {**self.line_ids._term_vals(term), "quantity": quantity}
                if moved:
                    vals["date_fixed"] = day
                vals_list.append(vals)
        return (text, vals_list) if vals_list else None

    @api.model
    def _gone_text(self, term):
        return self.env._("%(term)s: not in the order any more", term=term.display_name)
