from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import float_repr

from ...tools.guard import unguarded


class ContractReagreement(models.Model):
    """What an approved re-agreement does to the terms of its contract."""

    _inherit = "contract.reagreement"

    def _apply(self):
        """Close the terms that are replaced and open the new ones, all or nothing.
        Each of these is of another contract: one at a time is decided on a contract.

        :raise UserError: if something happened meanwhile that doesn't allow it
        """
        if any(record.applied_on for record in self):
            raise UserError(self.env._("The new terms are in effect already."))
        self._lock_order()
        self._check_ready()
        for record in self:
            record._sort_payments()
        before = {record: record.amount_now for record in self}
        old = {record: record.line_ids.term_id for record in self}
        parts = {}
        for record in self:
            if record.change_order:
                parts.update(record._change_order())
            elif record.frame_id:
                record._change_frame()
        values = {
            record: [
                vals
                for line in record.line_ids
                for vals in line._new_terms_vals(parts.get(line))
            ]
            for record in self
        }
        self._end_terms(old)
        self.env.flush_all()
        self._agree_totals(before)
        new = self._open_terms(values)
        follow = {record: record._following_shares() for record in self}
        self._end_terms(follow)
        followed = self._open_terms(
            {
                record: [record._followed_vals(term) for term in terms]
                for record, terms in follow.items()
            }
        )
        opened = self.env["contract.term"].union(*new.values(), *followed.values())
        opened._take_over_names()
        opened._stamp()
        now = fields.Datetime.now()
        rows = []
        for record in self:
            terms = new[record] | followed[record]
            ended = (old[record] | follow[record]) - terms.predecessor_id
            for what, group in (
                (self.env._("Agreed in %(name)s", name=record.name), terms),
                (self.env._("Ended by %(name)s", name=record.name), ended),
            ):
                rows += [
                    term._history_vals(False, what, record.reason) for term in group
                ]
            record.write(
                {
                    "state": "done",
                    "applied_on": now,
                    # what it replaced may have been corrected since it was submitted
                    "amount_before": before[record],
                }
            )
        self.env["contract.history"]._log(rows)
        self._after_apply()

    def _end_terms(self, terms):
        """Close terms: ``{re-agreement: terms}``."""
        for day, records in self.grouped("date_from").items():
            ended = self.env["contract.term"].union(*map(terms.get, records))
            unguarded(ended).write({"valid_to": day})

    def _open_terms(self, values):
        """Open terms: ``{re-agreement: values of terms}``.

        :return: ``{re-agreement: terms}``
        """
        Term = unguarded(self.env["contract.term"])
        wanted = [
            (record, vals) for record, vals_list in values.items() for vals in vals_list
        ]
        terms = dict.fromkeys(self, Term)
        for (record, _vals), term in zip(
            wanted, Term.create([vals for _record, vals in wanted]), strict=True
        ):
            terms[record] |= term
        return terms

    def _agree_totals(self, before):
        """Write the new totals of the contracts, with their history.

        :param before: ``{re-agreement: total before}``
        """
        rows = []
        for record in self:
            currency, total = record.currency_id, record.amount_after
            if not currency.compare_amounts(total, before[record]):
                continue
            digits = currency.decimal_places
            fname = "contract_agreed_amount" if record.order_id else "amount_total"
            unguarded(record._contract_parent()).write({fname: total})
            rows.append(
                {
                    **record._contract_parent_vals(),
                    "date": record.date_from,
                    "kind": "amount",
                    "name": self.env._("Re-agreement %(name)s", name=record.name),
                    "old_value": float_repr(before[record], digits),
                    "new_value": float_repr(total, digits),
                    "reason": record.reason,
                }
            )
        self.env["contract.history"]._log(rows)

    def _sort_payments(self):
        """Give payment terms that share a sequence their own: a new term stands where
        the one stood that it replaces, also if its id is higher. Money is allocated
        in this order."""
        self.ensure_one()
        terms = (self.order_id.contract_term_ids or self.frame_id.term_ids).filtered(
            lambda t: t.kind == "payment"
        )
        if len(set(terms.mapped("sequence"))) < len(terms):
            ordered = terms.sorted(lambda t: (t.sequence, t.id))
            start = ordered[0].sequence
            for number, term in enumerate(ordered):
                unguarded(term).sequence = start + number

    def _following_shares(self):
        """The payment terms whose share of the total is another amount from now on,
        although nobody changed them; deliveries of which the price is another one, as
        what is deducted of the whole order is spread over more or less."""
        self.ensure_one()
        terms = self._terms("payment").filtered("percent")
        if self.change_order and any(
            line._contract_is_below_zero() for line in self.order_id.sudo().order_line
        ):
            terms |= self._terms("delivery")
        return terms.browse(
            term.id
            for term, vals in terms._agreed_vals().items()
            if term.stamped
            and not term.waived_on
            and self.currency_id.compare_amounts(vals["amount"], term.amount)
        )

    def _followed_vals(self, term):
        """Values of a term that goes on as it was, with a new amount."""
        self.ensure_one()
        return {
            **self.line_ids._content_vals(term),
            **self._contract_parent_vals(),
            "kind": term.kind,
            "valid_from": self.date_from,
            "predecessor_id": term.id,
        }

    def _after_apply(self):
        """The new terms hold: what else follows from that. Each of these is of another
        contract."""

    @api.model
    def _end_vals(self, term):
        return {**self.line_ids._term_vals(term), "action": "end"}
