from collections import defaultdict
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_date

from ...tools.guard import unguarded

# What nobody waits for any more.
MET = ("met", "met_late", "waived", "replaced")


class ContractParentMixin(models.AbstractModel):
    """What becomes of the promises of a contract that ends or stands still (D2 §9,
    §10).

    They are closed and opened as by a re-agreement: what was agreed stays as history,
    and figures of earlier days keep it.
    """

    _inherit = "contract.parent.mixin"

    # The states into which an approved document alone brings what is in effect, where
    # the company says so.
    _contract_document_states = ()

    # ------------------------------------------------------------------
    # By a document only
    # ------------------------------------------------------------------

    def _contract_refusal(self, state):
        return super()._contract_refusal(state) or (
            state in self._contract_document_states and self._contract_refuse_end()
        )

    def _contract_refuse_end(self):
        """Why it can't be suspended or end without an approved document, or False."""
        self.ensure_one()
        parent = self.sudo()
        if not (
            parent._contract_is_open()
            and parent.company_id.contract_termination_document
        ):
            return False
        return self.env._(
            "%(contract)s is suspended or ends by an approved document: write a "
            "suspension or termination (Suspend or Terminate) and submit it.",
            contract=parent.display_name,
        )

    # ------------------------------------------------------------------
    # The end
    # ------------------------------------------------------------------

    def _contract_end_promises(self, reason, kept=None):
        """End what was promised and isn't done: nothing is late from today on. What was
        delivered stays, and is owed: what fell due of it when it did, the rest today;
        a retention when it was agreed. Nothing of what wasn't delivered falls due.

        :param kept: quantities of order lines that are delivered all the same: they
            have no day, and are owed once they left
        """
        self.ensure_one()
        parent = self.sudo()
        terms = parent._contract_live_terms()
        facts = self._contract_read_promises()
        kept = kept or {}
        ended, fresh = parent._contract_end_deliveries(terms, facts, kept)
        for term in terms:
            open_still = facts[term.id]["status"] not in MET
            if term.kind not in ("delivery", "payment") and open_still:
                ended |= term
        gone, left = parent._contract_end_payments(terms, facts, kept)
        parent._contract_replace_terms(
            ended | gone, fresh + left, self.env._("Ended with the contract"), reason
        )

    def _contract_live_terms(self):
        """The terms that hold: fixed, neither replaced nor given up."""
        self.ensure_one()
        return self._contract_terms().filtered(
            lambda t: t.stamped and not t.valid_to and not t.waived_on
        )

    def _contract_terms(self):
        """Its terms."""
        raise NotImplementedError

    def _contract_read_promises(self):
        """What became of its promises as of now: ``{term id: row}``."""
        self.env.flush_all()
        return self.env[self._contract_facts_model]._read_terms(self)

    def _contract_end_deliveries(self, terms, facts, kept):
        """Of each delivery what left stays agreed, at its price.

        :return: the terms that end, and values of those that take their place
        """
        ended, fresh = terms.browse(), []
        last = {}
        for term in terms.filtered(lambda t: t.kind == "delivery"):
            last[term.line_id] = term
            quantity = float(facts[term.id]["actual_quantity"])
            unit = term.line_id.product_uom_id
            if term.quantity and not unit.compare(quantity, term.quantity):
                continue
            ended |= term
            if not unit.is_zero(quantity):
                fresh.append(self._contract_delivery_vals(term, quantity))
        for line, quantity in kept.items():
            if term := last.get(line):
                vals = self._contract_delivery_vals(term, quantity)
                fresh.append({**vals, "due_mode": "date", "date_fixed": False})
        return ended, fresh

    def _contract_delivery_vals(self, term, quantity):
        """Values of a delivery term of another quantity, at the price of ``term``."""
        price = term.amount / term.quantity if term.quantity else 0.0
        return {
            **self._contract_term_vals(term),
            "quantity": quantity,
            "amount": self.currency_id.round(price * quantity),
        }

    def _contract_term_vals(self, term):
        """Values of a term that takes the place of another one from today on."""
        return {
            **term.copy_data()[0],
            "progress": term.progress,
            "stamped": True,
            "auto": False,
            "valid_from": self._contract_today(),
            "predecessor_id": term.id,
        }

    def _contract_end_payments(self, terms, facts, kept):
        """What is owed for what was delivered, and no more.

        :return: the terms that end, and values of those that take their place
        """
        currency = self.currency_id
        payments = terms.filtered(lambda t: t.kind == "payment").sorted(
            lambda t: (t.sequence, t.id)
        )
        fallen = self._contract_fallen()
        owed, invoiced = self._contract_owed()
        if not payments and currency.compare_amounts(invoiced, owed) <= 0:
            # by its invoices, as before
            return payments, []
        today = self._contract_today()
        ended, fresh = payments.browse(), []
        retained, rest = payments.browse(), owed
        total = sum(payments.mapped("amount"))
        for term in payments:
            matured = sum(amount for _day, amount in fallen.get(term.id, ()))
            if term.payment_kind == "retention" and currency.is_zero(matured):
                retained |= term
                amount = currency.round(term.amount * min(1, owed / (total or 1)))
                rest -= amount
                if currency.compare_amounts(amount, term.amount):
                    ended |= term
                    if not currency.is_zero(amount):
                        fresh.append(self._contract_payment_vals(term, amount))
        for term in payments - retained:
            portions, rest = self._contract_portions(fallen.get(term.id, ()), rest)
            amount = sum(amount for _day, amount in portions)
            if not currency.compare_amounts(amount, term.amount):
                continue
            ended |= term
            fresh += [
                self._contract_payment_vals(term, amount, day)
                for day, amount in portions
            ]
        rest = max(0, currency.round(rest))
        if rest or (not fresh and payments == ended):
            # with nothing to pay at all its invoices would say what is due
            last = (payments - retained)[-1:] or payments[-1:]
            fresh.append(self._contract_rest_vals(rest, last, today))
        if amount := sum(
            currency.round(line._contract_gate_price() * quantity)
            for line, quantity in kept.items()
        ):
            fresh.append(self._contract_kept_vals(amount, payments[-1:]))
        return ended, fresh

    def _contract_owed(self):
        """What its goods, services and fees are worth that were delivered, and what was
        invoiced of it."""
        return 0.0, 0.0

    def _contract_fallen(self):
        """What of its payment terms fell due: ``{term id: [(day, amount), …]}``."""
        Facts = self.env[self._contract_facts_model]
        rows = Facts._execute(
            SQL(
                """%s SELECT d.term_id, d.day, SUM(d.amount) AS amount
                        FROM due d JOIN term t ON t.term_id = d.term_id
                       WHERE t.is_payment AND d.day <= t.cutoff
                       GROUP BY d.term_id, d.day ORDER BY d.day""",
                Facts._with_sql(Facts._scope(self), None),
            )
        )
        fallen = defaultdict(list)
        for row in rows:
            fallen[row["term_id"]].append((row["day"], float(row["amount"])))
        return fallen

    def _contract_portions(self, fallen, limit):
        """The oldest portions of what fell due, without what was taken back, as far as
        they are owed.

        :return: the portions, and what is left of the limit
        """
        currency = self.currency_id
        room = min(sum(amount for _day, amount in fallen), limit)
        portions = []
        for day, amount in fallen:
            amount = currency.round(min(max(amount, 0), room))
            if currency.compare_amounts(amount, 0) > 0:
                portions.append((day, amount))
                room -= amount
                limit -= amount
        return portions, limit

    def _contract_payment_vals(self, term, amount, day=None):
        """Values of a payment term of another amount, due on ``day`` if given."""
        vals = {
            **self._contract_term_vals(term),
            "percent": 0,
            "amount": amount,
            "precedes": False,
        }
        if day:
            vals |= {"due_mode": "date", "date_fixed": day, "each": False}
            vals |= {"event_type_id": False, "alt_event_type_id": False}
        return vals

    def _contract_rest_vals(self, amount, term, day):
        """Values of the term of what is owed for what was delivered and wasn't due."""
        return {
            **self._contract_part_vals(),
            "kind": "payment",
            "payment_kind": "settlement",
            "amount": amount,
            "due_mode": "date",
            "date_fixed": day,
            "stamped": True,
            "valid_from": self._contract_today(),
            "predecessor_id": term.id,
            **({"sequence": term.sequence + 1} if term else {}),
        }

    def _contract_kept_vals(self, amount, term):
        """Values of the term of what is still delivered: due once all of it left."""
        event = (
            self.env["contract.event.type"]
            .sudo()
            .search([("source", "=", "dispatch")], limit=1)
        )
        return {
            **self._contract_rest_vals(amount, term.browse(), False),
            "due_mode": "event" if event else "date",
            "event_type_id": event.id,
            **({"sequence": term.sequence + 2} if term else {}),
        }

    # ------------------------------------------------------------------
    # Standing still
    # ------------------------------------------------------------------

    def _contract_hold_days(self, reason):
        """Leave open the days of what isn't done and didn't fall due: both sides agreed
        that they move with the suspension.

        :return: the terms that wait for their day
        """
        self.ensure_one()
        parent = self.sudo()
        today = self._contract_today()
        facts = self._contract_read_promises()
        held = parent._contract_live_terms().filtered(
            lambda t: (
                t.due_mode == "date"
                and t.date_fixed
                and t.date_fixed >= today
                and facts[t.id]["status"] not in MET
            )
        )
        values = [
            {**parent._contract_term_vals(term), "date_fixed": False} for term in held
        ]
        return parent._contract_replace_terms(
            held,
            values,
            self.env._("Its day waits for the end of the suspension"),
            reason,
        )

    def _contract_resume_days(self, held, days, reason):
        """Give the terms that waited their days, as many days later as the contract
        stood still."""
        self.ensure_one()
        parent = self.sudo()
        held = held.sudo().filtered(lambda t: not t.valid_to and not t.waived_on)
        values = []
        for term in held:
            day = term.predecessor_id.date_fixed + timedelta(days=days)
            values.append({**parent._contract_term_vals(term), "date_fixed": day})
        parent._contract_replace_terms(
            held, values, self.env._("Moved by the days of the suspension"), reason
        )

    def _contract_replace_terms(self, ended, values, what, reason):
        """Close terms today and open those that take their place, with their history.

        :return: the new terms
        """
        self.ensure_one()
        today = self._contract_today()
        unguarded(ended).write({"valid_to": today})
        Term = unguarded(self.env["contract.term"].sudo())
        fresh = Term.create(values)
        fresh._take_over_names()
        fresh._name_what_is_left()
        rows = [term._history_vals(False, what, reason) for term in ended]
        for term in fresh:
            day = term.date_fixed and format_date(self.env, term.date_fixed)
            rows.append(term._history_vals(False, day or what, reason))
        self.env["contract.history"].sudo()._log(rows)
        return fresh.with_env(self.env)

    def _contract_follow(self, document, state, reason=False):
        """Follow a document that was approved: nobody but it asks for the state, and
        the company's duties are done."""
        self.ensure_one()
        parent = unguarded(self.sudo())
        parent._contract_check_follows_state(state)
        parent._contract_before(state)
        reason = f"{document.name}: {reason or document.reason}"
        parent._contract_set_state(state, reason)
        parent._contract_after(state, reason)
        if state == "closed":
            parent._contract_end_promises(reason)

    def _contract_check_follows_state(self, state):
        """Raise if it can't be brought into a state from where it is now."""
        self.ensure_one()
        before = self._contract_next_states().get(state, {})
        if self[self._contract_state_field] not in before:
            raise UserError(self._contract_wrong_state(before))
