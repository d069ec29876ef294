from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, float_is_zero


class ContractReagreement(models.Model):
    """How the order differs from the terms that were agreed, and the changes that take
    it up: quantities in the order line's unit, amounts with taxes."""

    _inherit = "contract.reagreement"

    difference_text = fields.Text(
        string="Still Different in the Order",
        compute="_compute_difference_text",
        compute_sudo=True,
    )

    @api.depends_context("lang")
    @api.depends("line_ids", "state", "order_id")
    def _compute_difference_text(self):
        for record in self:
            differences = (
                record._order_differences()
                if record.order_id and record.state in ("draft", "submitted")
                else []
            )
            record.difference_text = "\n".join(t for t, _vals in differences) or False

    def action_propose(self):
        """Add what was changed in the order since its terms were agreed: quantities,
        prices, dates, lines added or taken out.

        :raise UserError: if order and terms agree
        """
        self.ensure_one()
        self.check_access("write")
        if self.state != "draft":
            raise UserError(self.env._("Only a draft takes up changes."))
        differences = self._order_differences()
        amount = self.order_id.sudo().amount_total
        changed = self.currency_id.compare_amounts(amount, self.amount_now)
        if not differences and not changed:
            raise UserError(
                self.env._("The order is as agreed: there is nothing to propose.")
            )
        self.write(
            {
                "amount_after": amount or self.amount_after,
                "line_ids": [
                    Command.create(vals)
                    for _text, vals_list in differences
                    for vals in vals_list
                ],
            }
        )
        return True

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _order_differences(self):
        """How the order differs from the terms that hold and from the changes so far.

        :return: a list of (sentence, list of values of lines that take it up)
        """
        self.ensure_one()
        order = self.order_id.sudo()
        terms = self._terms().filtered(lambda t: t.kind == "delivery")
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
        for term in terms.filtered(lambda t: t.line_id not in order.order_line):
            result.append((self._gone_text(term), [self._end_vals(term)]))
        return result

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
        promised = sum(kept.mapped("quantity")) + sum(mine.mapped("quantity"))
        more = ordered - promised
        day = line._contract_agreed_date()
        if float_is_zero(more, precision_digits=digits):
            more = 0.0
        if kept and not ordered:
            return self._gone_text(kept[0]), [self._end_vals(term) for term in kept]
        text = self.env._(
            "%(line)s: %(quantity)s, agreed %(agreed)s",
            line=line.name,
            quantity=ordered,
            agreed=promised,
        )
        if not kept:
            if not more:
                return None
            if mine or more < 0:
                return text, []
            text = self.env._(
                "%(line)s: %(quantity)s, not in the terms",
                line=line.name,
                quantity=ordered,
            )
            return text, [
                {
                    "action": "add",
                    "kind": "delivery",
                    "line_id": line.id,
                    "quantity": ordered,
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
                len(kept | mine.term_id) == 1
                and term.due_mode == "date"
                and line.order_id.commitment_date
                and term.date_fixed != day
            )
            if float_is_zero(quantity, precision_digits=digits) and term.quantity:
                vals_list.append(self._end_vals(term))
            elif (
                moved
                or float_compare(quantity, term.quantity, precision_digits=digits)
                or self.currency_id.compare_amounts(term.amount, unit * quantity)
            ):
                vals = self.env["contract.reagreement.line"]._term_vals(term)
                vals["quantity"] = quantity
                if moved:
                    vals["date_fixed"] = day
                vals_list.append(vals)
        return (text, vals_list) if vals_list else None

    @api.model
    def _gone_text(self, term):
        return self.env._("%(term)s: not in the order any more", term=term.display_name)

    @api.model
    def _end_vals(self, term):
        return {
            **self.env["contract.reagreement.line"]._term_vals(term),
            "action": "end",
        }
