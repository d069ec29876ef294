from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import float_compare

from .contract_guard import unguarded


class ContractTerm(models.Model):
    """What the terms of a contract or of a frame agreement add up to, and how they are
    fixed when it takes effect, or given up."""

    _inherit = "contract.term"

    @api.constrains("kind", "percent", "amount", "order_id", "frame_id")
    def _check_payment(self):
        payments = self.filtered(lambda term: term.kind == "payment")
        for parent, terms in (
            *((order, order.contract_term_ids) for order in payments.order_id),
            *((frame, frame.term_ids) for frame in payments.frame_id),
        ):
            siblings = terms.filtered(lambda term: term.kind == "payment")
            for term in siblings:
                if not term.percent and not term.amount:
                    raise ValidationError(
                        self.env._(
                            "Payment term “%(term)s” needs a share or an amount.",
                            term=term.display_name,
                        )
                    )
            total = sum(siblings.filtered(lambda t: not t.valid_to).mapped("percent"))
            if float_compare(total, 100, precision_digits=4) > 0:
                raise ValidationError(
                    self.env._(
                        "The payment terms of %(order)s add up to %(total)g %%: "
                        "more than the whole contract.",
                        order=parent.display_name,
                        total=total,
                    )
                )

    @api.model
    def _parents_in_effect(self, vals_list):
        """Names of the contracts and frame agreements in effect that new terms of
        these values would belong to."""
        orders = self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )
        frames = self.env["contract.frame"].browse(
            {vals["frame_id"] for vals in vals_list if vals.get("frame_id")}
        )
        return [
            *orders.sudo().filtered("contract_effective_date").mapped("display_name"),
            *frames.sudo().filtered("effective_date").mapped("display_name"),
        ]

    def _agreed_vals(self):
        """``{term: what is stamped}``: quantity, amount and date as of now.

        Shares are rounded on their running sum, so that nothing is lost. The same
        rule stands in :meth:`contract.facts.promise._cte_term`.
        """
        result = {}
        for total, currency, terms in (
            *(
                (
                    order.contract_agreed_amount or order.amount_total,
                    order.currency_id,
                    order.contract_term_ids,
                )
                for order in self.order_id
            ),
            *(
                (frame.amount_total, frame.currency_id, frame.term_ids)
                for frame in self.frame_id
            ),
        ):
            share = 0.0
            payments = terms.filtered(lambda t: t.kind == "payment" and not t.valid_to)
            for term in payments.sorted(lambda t: (t.sequence, t.id)):
                amount = term.amount
                if term.percent:
                    amount = currency.round(
                        total * (share + term.percent) / 100
                    ) - currency.round(total * share / 100)
                share += term.percent
                result[term] = {"amount": currency.round(amount)}
        for term in self.filtered(lambda t: t.kind == "delivery"):
            line = term.line_id
            quantity = line.product_uom_qty if term.auto else term.quantity
            result[term] = {
                "quantity": quantity,
                "amount": line._contract_unit_total() * quantity,
            }
            if term.auto:
                result[term]["date_fixed"] = line._contract_agreed_date()
        return {term: result.get(term, {}) for term in self}

    def _stamp(self):
        """Fix what was agreed. The order may change afterwards, the term doesn't."""
        for term, vals in self.filtered(lambda t: not t.stamped)._agreed_vals().items():
            unguarded(term).write({**vals, "stamped": True})

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

    def _waive(self, reason):
        """Give up a promise of a contract in effect, with a reason.

        :raise UserError: without reason, or if the user is not of the business office
        """
        self.order_id._contract_check_business_office()
        self.frame_id._contract_check_business_office()
        if not (reason or "").strip():
            raise UserError(self.env._("Waiving a term needs a reason."))
        for term in self:
            if not term.stamped or term.waived_on:
                raise UserError(
                    self.env._(
                        "“%(term)s” can't be waived: only terms in effect can, and "
                        "only once.",
                        term=term.display_name,
                    )
                )
        for term in self:
            unguarded(term).write(
                {
                    "waived_on": term._contract_parent()._contract_today(),
                    "waived_reason": reason,
                }
            )
        self._log(self.env._("Waived"), reason)
