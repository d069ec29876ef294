from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .contract_guard import guarded, unguarded


class ContractReagreement(models.Model):
    """How an approved re-agreement takes effect: old terms are closed and stay as
    baseline, new ones hold from its day on, shares of the total follow it."""

    _inherit = "contract.reagreement"

    def _apply(self):
        """Close the terms that are replaced and open the new ones, all or nothing.

        :raise UserError: if something happened meanwhile that doesn't allow it
        """
        self.ensure_one()
        if self.applied_on:
            raise UserError(self.env._("The new terms are in effect already."))
        self._check_ready()
        parent = self._contract_parent()
        self._sort_payments()
        before = self.amount_now
        total = self.currency_id.compare_amounts(self.amount_after, before)
        old = self.line_ids.term_id
        vals_list = [line._new_term_vals() for line in self.line_ids]
        unguarded(old).write({"valid_to": self.date_from})
        self.env.flush_all()
        if total and self.order_id:
            unguarded(parent).write({"contract_agreed_amount": self.amount_after})
        elif total:
            unguarded(parent).write({"amount_total": self.amount_after})
        if total:
            self.env["contract.history"]._log(
                [
                    {
                        **self._contract_parent_vals(),
                        "date": self.date_from,
                        "kind": "amount",
                        "name": self.env._("Re-agreement %(name)s", name=self.name),
                        "old_value": str(before),
                        "new_value": str(self.amount_after),
                        "reason": self.reason,
                    }
                ]
            )
        Term = unguarded(self.env["contract.term"])
        new = Term.create([vals for vals in vals_list if vals])
        follow = self._following_shares()
        unguarded(follow).write({"valid_to": self.date_from})
        new |= Term.create([self._followed_vals(term) for term in follow])
        old |= follow
        new._take_over_names()
        new._stamp()
        new._log(self.env._("Agreed in %(name)s", name=self.name), self.reason)
        (old - new.predecessor_id)._log(
            self.env._("Ended by %(name)s", name=self.name), self.reason
        )
        self.write({"state": "done", "applied_on": fields.Datetime.now()})
        self._after_apply()

    def _sort_payments(self):
        """Give payment terms that share a sequence their own: a new term stands where
        the one stood that it replaces, also if its id is higher. Money is allocated
        in this order."""
        self.ensure_one()
        terms = (self.order_id.contract_term_ids | self.frame_id.term_ids).filtered(
            lambda t: t.kind == "payment"
        )
        if len(set(terms.mapped("sequence"))) < len(terms):
            ordered = terms.sorted(lambda t: (t.sequence, t.id))
            start = ordered[0].sequence
            for number, term in enumerate(ordered):
                unguarded(term).sequence = start + number

    def _following_shares(self):
        """The payment terms whose share of the total is another amount from now on,
        although nobody changed them."""
        self.ensure_one()
        payments = self._terms().filtered(lambda t: t.kind == "payment")
        return payments.browse(
            term.id
            for term, vals in payments._agreed_vals().items()
            if term.stamped
            and term.percent
            and not term.waived_on
            and self.currency_id.compare_amounts(vals["amount"], term.amount)
        )

    def _followed_vals(self, term):
        """Values of a term that goes on as it was, with a new amount."""
        self.ensure_one()
        values = self.env["contract.reagreement.line"]._term_vals(term)
        for fname in ("action", "term_id"):
            values.pop(fname)
        return {
            **values,
            **self._contract_parent_vals(),
            "valid_from": self.date_from,
            "predecessor_id": term.id,
        }

    def _after_apply(self):
        """The departure of the order from its terms is over: it is agreed on."""
        self.ensure_one()
        deviations = (
            self.env["contract.deviation"]
            .sudo()
            .search(
                [
                    ("order_id", "=", self.order_id.id),
                    ("frame_id", "=", self.frame_id.id),
                    ("kind", "=", "order_changed"),
                    ("cured_on", "=", False),
                ]
            )
        )
        unguarded(deviations).write({"cured_on": self.date_from})
        for deviation in guarded(deviations):
            deviation.message_post(
                body=self.env._("Agreed on in %(name)s.", name=self.display_name)
            )

    @api.model
    def _total_sql(self, subject, alias, cutoff, now):
        """The agreed total as of a day: what the first re-agreement that holds from a
        later day replaced, else what is agreed now."""
        if not cutoff:
            return now
        return SQL(
            """COALESCE((SELECT r.amount_before FROM contract_reagreement r
                          WHERE r.%(subject)s = %(alias)s.id AND r.state = 'done'
                            AND r.date_from > %(cutoff)s
                          ORDER BY r.date_from, r.id LIMIT 1), %(now)s)""",
            subject=subject,
            alias=SQL.identifier(alias),
            cutoff=cutoff,
            now=now,
        )
