from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, format_amount, format_date, format_list

from ...tools.gate import Reason
from ...tools.words import format_quantity, join_sentences
from ..contract.sale_order import OWING_STATES

# What a customer owes elsewhere: his money for this contract may pass it.
ELSEWHERE = {"overdue", "credit", "bill"}
# What asks for money: goods of no value and replacements pass.
MONEY = {"money", *ELSEWHERE}
# Without a rule nothing leaves of a contract in one of these.
STOPPED = ("suspended", "terminated")


class ContractGate(models.Model):
    """What a step of a contract needs first (D9 §3.2, §3.3).

    A reason is one method, ``_reason_<code>(rules)``: ``{step: (sentence, amount)}`` of
    those steps that it speaks against, as a set. Another addon adds its reason to the
    selection of :class:`contract.gate.rule`, and the method. What was permitted
    although a reason holds it is asked of :meth:`_permit`.

    A row is a contract of which a step was let through: who lets through updates it
    before he reads what is paid, so that of two at once the second one fails, is tried
    again by core and sees what the first one did.
    """

    _name = "contract.gate"
    _description = "Gate of a Contract"
    _log_access = False

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    passes = fields.Integer(default=1)

    _order_uniq = models.UniqueIndex("(order_id)")

    # ------------------------------------------------------------------
    # Asking
    # ------------------------------------------------------------------

    @api.model
    def _hold(self, steps):
        """Let these steps be taken, or refuse them all.

        :param steps: steps (:class:`Step`) with the addon's own rights
        :raise UserError: with every reason and the way on
        """
        holding = {step: rules for step in steps if (rules := self._holding(step))}
        if not holding:
            return
        passing = self._lock(holding)
        steps = [step for step in holding if step.order.id in passing]
        held = {}
        for step, reasons in self._reasons(steps, ("hold",)).items():
            # what stands ready is taken when it leaves
            if reasons := self._permit(step, reasons, consume=step.ready is None):
                held[step] = reasons
        if held:
            raise UserError(self._message(held))

    @api.model
    def _holding(self, step):
        """Which reasons could hold the step. Costs no query."""
        rules = self.env["contract.gate.rule"]._fitting(step, ("hold",))
        return {*rules, *(("state",) if self._is_stopped(step) else ())}

    @api.model
    def _holdable(self):
        """Deliveries that could be held at all, so that few are looked at."""
        rules = self.env["contract.gate.rule"].search(
            [("checkpoint", "=", "delivery"), ("action", "=", "hold")]
        )
        if set(rules.mapped("reason")) - {"money"}:
            return Domain.TRUE
        return Domain("sale_id.contract_term_ids.precedes", "!=", False) | Domain(
            "sale_id.contract_state", "in", STOPPED
        )

    @api.model
    def _lock(self, holding):
        """Let one transaction at a time through the gates of these contracts, but of
        those of which no term asks for anything.

        :param holding: ``{step: reasons that could hold it}``
        :return: ids of the contracts
        """
        money = {step.order.id for step, codes in holding.items() if codes == {"money"}}
        others = {step.order.id for step in holding} - money
        self.env["contract.term"].flush_model(["order_id", "precedes"])
        rows = self.env.execute_query(
            SQL(
                """INSERT INTO contract_gate (order_id, passes)
                   SELECT id, 1 FROM UNNEST(%s) o (id)
                    WHERE id = ANY(%s) OR EXISTS (
                          SELECT FROM contract_term t
                           WHERE t.order_id = o.id AND t.precedes IS NOT NULL)
                    ORDER BY id
                       ON CONFLICT (order_id)
                       DO UPDATE SET passes = contract_gate.passes + 1
                   RETURNING order_id""",
                sorted(money | others),
                sorted(others),
            )
        )
        return {order_id for (order_id,) in rows}

    @api.model
    def _permit(self, step, reasons, consume=True):
        """What of the reasons that hold a step still does, after what was permitted.

        :param consume: whether the step is taken now; otherwise somebody looks
        """
        return reasons

    @api.model
    def _found(self, steps):
        """What somebody who looks at the steps is told: ``{step: [Reason, …]}``,
        without what was permitted. Of what is held nothing more is asked."""
        found = {
            step: left
            for step, reasons in self._reasons(steps, ("hold",)).items()
            if (left := self._permit(step, reasons, consume=False))
        }
        free = [step for step in steps if step not in found]
        return found | self._reasons(free, ("warn",))

    @api.model
    def _reasons(self, steps, actions=("warn", "hold")):
        """What speaks against the steps: ``{step: [Reason, …]}``, those without any are
        left out. A constant number of queries.

        :param actions: of which rules
        """
        Rule = self.env["contract.gate.rule"]
        found, asked, priced = defaultdict(list), defaultdict(dict), []
        for step in steps:
            if self._is_stopped(step):
                found[step].append(Reason("state", "hold", self._stopped_text(step)))
            rules = Rule._fitting(step, actions)
            if not MONEY.isdisjoint(rules):
                priced.append(step)
            for code, rule in rules.items():
                asked[code][step] = rule
        self._read_figures(priced)
        for code, rules in asked.items():
            if code in MONEY:
                rules = {
                    step: rule
                    for step, rule in rules.items()
                    if not self._passes_free(step, code)
                }
            answers = getattr(self, f"_reason_{code}")(rules) if rules else {}
            for step, (text, amount) in answers.items():
                found[step].append(Reason(code, rules[step].action, text, amount))
        return dict(found)

    @api.model
    def _read_figures(self, steps):
        """Read the figures of the contracts. What was just done made them stale: they
        are replayed at once, in one query."""
        Facts = self.env["contract.facts"]
        done = {step.order.id for step in steps if step.done}
        others = {step.order for step in steps} - {s.order for s in steps if s.done}
        rows = {}
        if done:
            self.env.flush_query(SQL("", to_flush=Facts._kept_fields()))
            rows = {row["order_id"]: row for row in Facts._replay("orders", done)}
        if others:
            orders = self.env["sale.order"].union(*others)
            rows.update(Facts._read_orders(orders))
        for step in steps:
            step.row = rows.get(step.order._origin.id, {})

    @api.model
    def _passes_free(self, step, code):
        """Whether no money is asked for: goods of no value and replacements; and what
        is paid already, where the company doesn't hold it for the customer's other
        debts."""
        currency = step.order.currency_id
        if step.checkpoint in ("delivery", "documents") and currency.is_zero(
            step.amount
        ):
            return not step.beyond
        if code not in ELSEWHERE or not step.order.company_id.contract_gate_own_money:
            return False
        return currency.compare_amounts(self._paid(step), self._value(step)) >= 0

    @api.model
    def _paid(self, step):
        return sum(float(step.row.get(name) or 0) for name in ("received", "adjusted"))

    @api.model
    def _value(self, step):
        """What the goods of the contract are worth that left, this step included; all
        of them before any leaves."""
        row = step.row
        if step.checkpoint in ("order", "supply"):
            return float(row.get("total") or step.order.amount_total)
        shipped = float(row.get("gate_shipped") or 0)
        if step.ready is not None:
            return max(shipped, step.amount)
        # documents are of goods that left already
        before = step.done or step.checkpoint == "documents"
        return shipped if before else shipped + step.amount

    # ------------------------------------------------------------------
    # Reasons
    # ------------------------------------------------------------------

    @api.model
    def _is_stopped(self, step):
        return step.checkpoint != "order" and step.order.contract_state in STOPPED

    def _stopped_text(self, step):
        return self.env._(
            "%(contract)s is “%(state)s”.",
            contract=step.order.contract_number or step.order.name,
            state=step.order._contract_state_label(),
        )

    def _required(self, step):
        """What has to be paid before the step in all, in the order's currency."""
        row, order = step.row, step.order
        amount = {
            name: float(row.get(f"gate_{name}") or 0)
            for name in ("production", "first", "shipment", "documents")
        }
        if step.checkpoint == "supply":
            return amount["production"]
        total, value = float(row.get("total") or 0), self._value(step)
        # more than agreed asks for more
        share = value / total if total > 0 else 1.0
        if order.company_id.contract_gate_whole and value:
            share = max(1.0, share)
        required = amount["production"] + amount["first"] + amount["shipment"] * share
        if step.checkpoint == "documents":
            released = self._released_value(step)
            part = released / total if total > 0 else 1.0
            required += amount["documents"] * part
        return order.currency_id.round(required)

    def _released_value(self, step):
        """What the goods are worth whose documents were released, and are now."""
        pickings = step.order.picking_ids.filtered("contract_documents_date")
        moves = (pickings - step.pickings).move_ids.filtered(
            lambda m: m.state == "done" and m.sale_line_id.order_id == step.order
        )
        return step.amount + moves._contract_gate_value()

    def _reason_money(self, rules):
        """What the terms ask for before the step is not covered (facts: *Required
        before a step*)."""
        found = {}
        for step, rule in rules.items():
            required, paid = self._required(step), self._paid(step)
            missing = required - paid
            if not self._is_beyond(step, rule, missing, required):
                if step.checkpoint == "delivery" and step.beyond:
                    found[step] = self._beyond_text(step), 0.0
                continue
            money = self._money(step.order)
            values = {
                "missing": money(missing),
                "required": money(required),
                "paid": money(paid),
                "value": money(self._value(step)),
            }
            if step.checkpoint == "supply":
                text = self.env._(
                    "%(missing)s is missing: %(required)s has to be paid before "
                    "production, %(paid)s was received.",
                    **values,
                )
            elif step.checkpoint == "documents":
                text = self.env._(
                    "%(missing)s is missing: %(required)s has to be paid before the "
                    "documents are released, %(paid)s was received.",
                    **values,
                )
            elif step.checkpoint == "order":
                text = self.env._(
                    "%(required)s will have to be paid before the goods leave; "
                    "%(paid)s was received.",
                    **values,
                )
            else:
                text = self.env._(
                    "%(missing)s is missing: %(required)s has to be paid before goods "
                    "of %(value)s in all leave, %(paid)s was received.",
                    **values,
                )
            found[step] = text, step.order.currency_id.round(missing)
        return found

    def _beyond_text(self, step):
        line, quantity = next(iter(step.beyond.items()))
        return self.env._(
            "%(quantity)s %(unit)s of “%(line)s” are more than agreed, and without a "
            "price: nothing says what has to be paid for them.",
            quantity=format_quantity(self.env, quantity),
            unit=line.product_uom_id.name,
            line=line.product_id.display_name,
        )

    def _is_beyond(self, step, rule, missing, needed):
        """Whether what is missing, in the order's currency, is more than tolerated."""
        order = step.order
        tolerance = max(
            float(step.row.get("tolerance") or 0),
            rule.amount * (order.currency_rate or 1),
            rule.percent / 100 * needed,
        )
        return order.currency_id.compare_amounts(missing, tolerance) > 0

    def _reason_overdue(self, rules):
        """The customer owes what is overdue: the same figure as in the ageing."""
        accounts = self._read_overdue(rules)
        found = {}
        for step, rule in rules.items():
            company = step.order.company_id
            overdue = company.currency_id.round(
                sum(
                    amount
                    for amount, days in accounts[company, self._customer(step)]
                    if days > rule.days
                )
            )
            if company.currency_id.compare_amounts(overdue, rule.amount) > 0:
                found[step] = self._overdue_text(step, overdue)
        return found

    def _overdue_text(self, step, overdue):
        currency = step.order.company_id.currency_id
        text = self.env._(
            "%(customer)s owes %(amount)s that is overdue.",
            customer=self._customer(step).name,
            amount=format_amount(self.env, overdue, currency),
        )
        return text, overdue * (step.order.currency_rate or 1)

    def _read_overdue(self, steps):
        """What is overdue of the customers: ``{(company, customer): [(amount in the
        company's currency, days), …]}``, a contract or frame agreement each."""
        result = defaultdict(list)
        steps = list(steps)
        companies = self.env["res.company"].union(*(s.order.company_id for s in steps))
        customers = self.env["res.partner"].union(*map(self._customer, steps))
        owned = Domain("company_id", "in", companies.ids) & Domain(
            "partner_id.commercial_partner_id", "in", customers.ids
        )
        orders = self.env["sale.order"].search(
            owned & Domain("contract_state", "in", OWING_STATES)
        )
        frames = self.env["contract.frame"].search(
            owned & Domain("effective_date", "!=", False)
        )
        if orders or frames:
            rows = self.env["contract.facts"]._read_accounts(orders, None, frames)
            for record, row in rows.items():
                if amount := float(row["booked_overdue"] or 0):
                    key = record.company_id, record.partner_id.commercial_partner_id
                    result[key].append((amount, row["days"] or 0))
        return result

    def _reason_credit(self, rules):
        """What the customer owes and ordered is more than his credit limit, by core's
        figures, with what a quotation would add."""
        found = {}
        for step, rule in rules.items():
            company = step.order.company_id
            if not company.account_use_credit_limit:
                continue
            customer = self._customer(step).with_company(company)
            limit = customer.credit_limit
            owed = customer.credit + customer.credit_to_invoice
            if step.checkpoint == "order":
                owed += step.order.amount_total / (step.order.currency_rate or 1)
            beyond = owed - limit
            tolerance = max(rule.amount, rule.percent / 100 * limit)
            currency = company.currency_id
            if limit > 0 and currency.compare_amounts(beyond, tolerance) > 0:
                text = self.env._(
                    "%(customer)s owes and ordered %(owed)s, his credit limit is "
                    "%(limit)s.",
                    customer=customer.name,
                    owed=format_amount(self.env, owed, currency),
                    limit=format_amount(self.env, limit, currency),
                )
                found[step] = text, beyond * (step.order.currency_rate or 1)
        return found

    def _reason_unsigned(self, rules):
        """The contract didn't take effect yet."""
        return {
            step: (
                self.env._(
                    "%(contract)s is not in effect yet: it is “%(state)s”.",
                    contract=step.order.contract_number or step.order.name,
                    state=step.order._contract_state_label(),
                ),
                0.0,
            )
            for step in rules
            if step.order.contract_state in ("draft", "confirmed")
        }

    def _reason_frame(self, rules):
        """The frame agreement is not in effect, not valid, or less is left of it than
        the contract takes."""
        found = {}
        orders = self.env["sale.order"].union(*(step.order for step in rules))
        texts = orders.filtered("contract_frame_id")._contract_frame_departures()
        for step in rules:
            frame = step.order.contract_frame_id
            if not frame:
                continue
            today = step.order._contract_today()
            validity, goods, total = texts.get(step.order, ((), (), ()))
            sentences = [text for text, _beyond in (*goods, *total)]
            if frame.state != "active":
                sentences.insert(
                    0,
                    self.env._(
                        "%(frame)s is “%(state)s”.",
                        frame=frame.display_name,
                        state=frame._contract_state_label(),
                    ),
                )
            elif today > frame.date_end:
                sentences.insert(
                    0,
                    self.env._(
                        "%(frame)s expired on %(date)s.",
                        frame=frame.display_name,
                        date=format_date(self.env, frame.date_end),
                    ),
                )
            else:
                sentences = [text for text, _beyond in validity] + sentences
            if sentences:
                beyond = [amount for part in (goods, total) for _text, amount in part]
                text = join_sentences(self.env, sentences)
                found[step] = text, max(beyond, default=0.0)
        return found

    def _reason_deviation(self, rules):
        """An open critical deviation says that nothing is to leave."""
        orders = self.env["sale.order"].union(*(step.order for step in rules))
        stops = self.env["contract.deviation"]._stops(orders._origin)
        return {
            step: (
                self.env._(
                    "%(deviation)s stops it: %(summary)s",
                    deviation=stops[step.order._origin][0].display_name,
                    summary=stops[step.order._origin][0].summary or "",
                ),
                0.0,
            )
            for step in rules
            if step.order._origin in stops
        }

    def _reason_bill(self, rules):
        """A bill of the customer was dishonoured, and he still owes what is overdue; or
        one of the drawer of a bill that he gave and that is not honoured yet."""
        Payment = self.env["account.payment"]
        of_bills = Domain("contract_instrument_id.is_bill", "=", True)
        bad = Payment.search(
            of_bills & Domain("contract_bill_state", "=", "dishonoured")
        )
        if not bad:
            return {}
        customers = self.env["res.partner"].union(*map(self._customer, rules))
        given = Payment.search(
            of_bills
            & Domain("contract_bill_state", "=", False)
            & Domain("partner_id.commercial_partner_id", "in", customers.ids)
        ).grouped(lambda b: (b.company_id, b.partner_id.commercial_partner_id))
        owing = self._read_overdue(rules)
        found = {}
        for step in rules:
            key = step.order.company_id, self._customer(step)
            drawers = given.get(key, Payment).mapped("contract_bill_drawer")
            for bill in bad.filtered(lambda b, key=key: b.company_id == key[0]):
                his = bill.partner_id.commercial_partner_id == key[1] and owing[key]
                if his or (bill.contract_bill_drawer or "-") in drawers:
                    found[step] = self._bill_text(bill), 0.0
                    break
        return found

    def _bill_text(self, bill):
        return self.env._(
            "Bill %(bill)s of %(drawer)s was dishonoured on %(date)s.",
            bill=bill.contract_bill_number or bill.name,
            drawer=bill.contract_bill_drawer or bill.partner_id.name,
            date=format_date(self.env, bill.contract_bill_date),
        )

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _customer(self, step):
        return step.order.partner_id.commercial_partner_id

    def _money(self, order):
        return lambda amount: format_amount(self.env, amount, order.currency_id)

    def _message(self, held):
        """Say what holds the steps, and the way on."""
        parts = []
        for step, reasons in held.items():
            order = step.order
            owner = order._contract_responsible()
            name = step.pickings and format_list(self.env, step.pickings.mapped("name"))
            parts += [
                self.env._("%(document)s is held.", document=name)
                if name
                else self.env._(
                    "%(contract)s is held.",
                    contract=order.contract_number or order.name,
                ),
                *(f"• {reason.text}" for reason in reasons),
                self._way_on(step, owner),
                "",
            ]
        return "\n".join(parts).strip()

    def _way_on(self, step, owner):
        """The sentence that says what to do."""
        if owner:
            return self.env._(
                "Ask %(owner)s, who follows %(contract)s (“Ask the Owner”): the gate "
                "opens by itself once the reason is gone.",
                owner=owner.name,
                contract=step.order.contract_number or step.order.name,
            )
        return self.env._(
            "Ask who follows %(contract)s: the gate opens by itself once the reason is "
            "gone.",
            contract=step.order.contract_number or step.order.name,
        )
