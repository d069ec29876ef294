from collections import defaultdict
from datetime import date
from typing import NamedTuple

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import SQL, format_amount, format_date

from ...tools.cents import goods_price, spread
from ...tools.guard import guarded, unguarded
from ...tools.words import format_quantity


class Plan(NamedTuple):
    """What an order becomes, by the changes of a re-agreement."""

    # {order line: its values}
    writes: dict
    # [(change, values of a new order line)]
    added: list
    # {change: [(order line or None for a new one, quantity, amount)]}
    parts: dict
    # {order line: why how much of it can't be changed: {reason: quantity}}
    held: dict
    total: float


class ContractReagreement(models.Model):
    """What an approved re-agreement does to the order (D2 §9, D4 §6.1): quantities up
    and down, prices of what is still to come, days, lines added and dropped, all by
    core's own means. What was delivered, invoiced or picked stays, or nothing happens.
    """

    _inherit = "contract.reagreement"

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("order_id")
    def _compute_change_order(self):
        """Unless somebody changed the order already: then its changes are proposed."""
        for record in self:
            record.change_order = bool(record.order_id) and not (
                record._order_differences()
            )

    @api.depends_context("lang")
    @api.depends(
        "change_order", "state", "date_from", "line_ids.action", "line_ids.kind",
        "line_ids.quantity", "line_ids.new_price", "line_ids.price_unit",
        "line_ids.discount", "line_ids.tax_ids", "line_ids.date_fixed",
        "line_ids.due_mode", "line_ids.product_id", "line_ids.term_id",
        "line_ids.frame_line_id", "frame_date_end",
    )  # fmt: skip
    def _compute_effect_text(self):
        for record in self:
            effects = refused = ()
            if record.state not in ("done", "refused"):
                if record.change_order:
                    plan = record._order_plan()
                    effects = record._order_effects(plan)
                    refused = record._order_refusals(plan)
                elif record.frame_id:
                    effects = record._frame_effects()
                    refused = record._frame_refusals()
            record.effect_text = "\n".join(effects) or False
            record.refused_text = "\n".join(refused) or False

    # ------------------------------------------------------------------
    # What is planned
    # ------------------------------------------------------------------

    def _is_planned(self):
        """Whether the new total follows from the changes, and nobody types it."""
        self.ensure_one()
        return self.state in ("draft", False) and (
            self.change_order or any(line.kind == "product" for line in self.line_ids)
        )

    def _planned_total(self):
        """The total with taxes that the changes lead to."""
        self.ensure_one()
        if self.change_order and self.order_id:
            return self._order_plan().total
        if self.frame_id:
            return self._frame_total()
        return self.order_id.sudo().amount_total

    def _delivery_amounts(self):
        """What each delivery is worth with taxes: ``{change: amount}``."""
        self.ensure_one()
        changes = self.line_ids.filtered(lambda line: line.kind == "delivery")
        if self.state not in ("draft", False):
            return {change: change.amount for change in changes}
        if self.change_order and self.order_id:
            parts = self._order_plan().parts
            return {
                change: sum(
                    amount for _line, _quantity, amount in parts.get(change, ())
                )
                for change in changes
            }
        return {change: change._line_amount() for change in changes}

    def _order_plan(self):
        """What becomes of the order, of what was delivered and invoiced up to now.

        A new price holds for what is neither delivered, invoiced nor picked: where a
        part is, it stays on its line, and the rest goes to a line of its own.
        """
        self.ensure_one()
        order = self.order_id.sudo()._origin
        changes = self.line_ids.filtered(lambda line: line.kind == "delivery")
        # the same terms, whether the form is saved or not
        kept = self._terms("delivery") - changes.sudo().term_id._origin
        kept = kept.filtered(lambda term: not term.waived_on)
        by_line = (
            changes.sudo()
            .filtered(lambda c: c._own_line())
            .grouped(lambda c: c.line_id._origin)
        )
        held = self._order_held(self.env["sale.order.line"].sudo().union(*by_line))
        writes, added, parts = {}, [], {}
        for line, mine in by_line.items():
            going_on = mine.filtered(lambda change: change.action != "end")
            priced = going_on.filtered("new_price").sorted(
                lambda change: change.date_fixed or date.max
            )
            stays = sum(
                kept.filtered(lambda t, ln=line: t.line_id == ln).mapped("quantity")
            )
            for change in going_on - priced:
                stays += change.quantity
                parts[change] = [(line, change.quantity)]
            floor = max(held[line].values())
            prices = {change._price_key() for change in priced}
            values = line._price_values()
            if len(prices) == 1 and not stays and not floor:
                # nothing of it is done yet
                values = priced[0]._price_values()
                for change in priced:
                    stays += change.quantity
                    parts[change] = [(line, change.quantity)]
                priced = priced.browse()
            for change in priced:
                old = min(change.quantity, max(0.0, floor - stays))
                stays += old
                parts[change] = [(line, old)] if old else []
                if line.product_uom_id.compare(change.quantity, old) > 0:
                    parts[change].append((None, change.quantity - old))
                    added.append(
                        (
                            change,
                            {
                                **line.copy_data()[0],
                                **change._price_values(),
                                "product_uom_qty": change.quantity - old,
                            },
                        )
                    )
            if line.product_uom_id.compare(stays, line.product_uom_qty) or (
                values != line._price_values()
            ):
                # with its price: core would propose another one for the quantity
                writes[line] = {**values, "product_uom_qty": stays}
        for change in changes.sudo().filtered(
            lambda c: c.action == "add" and c.product_id and not c.line_id
        ):
            parts[change] = [(None, change.quantity)]
            added.append((change, change._new_line_vals()))
        return self._order_valued(order, writes, added, parts, held)

    def _order_valued(self, order, writes, added, parts, held):
        """The plan with what everything costs, by core's own reckoning."""
        Tax, Line = self.env["account.tax"].sudo(), self.env["sale.order.line"].sudo()
        company = order.company_id or self.env.company
        currency = order.currency_id or company.currency_id
        rows = []
        for line in order._get_priced_lines():
            values = writes.get(line) or {
                **line._price_values(),
                "product_uom_qty": line.product_uom_qty,
            }
            rows.append(
                (
                    line,
                    values,
                    line._prepare_base_line_for_taxes_computation(
                        **self._tax_values(values)
                    ),
                )
            )
        for change, values in added:
            base = Tax._prepare_base_line_for_taxes_computation(
                {},
                product_id=self.env["product.product"]
                .sudo()
                .browse(values["product_id"]),
                partner_id=order.partner_id,
                currency_id=currency,
                rate=order.currency_rate,
                **self._tax_values(values),
            )
            rows.append((change, values, base))
        totals = {}
        goods, below, fees = [], [], []
        for record, values, base in rows:
            Tax._add_tax_details_in_base_line(base, company)
            Tax._round_base_lines_tax_details([base], company)
            total = base["tax_details"]["total_included_currency"]
            totals[record] = total, values["product_uom_qty"]
            if not total:
                continue
            if record._name != Line._name or record._contract_is_promise():
                goods.append(total)
            elif record._contract_is_below_zero():
                below.append(total)
            else:
                fees.append(total)
        bases = [base for _record, _values, base in rows]
        bases += self._early_payment_rows(order, bases)
        Tax._add_tax_details_in_base_lines(bases, company)
        Tax._round_base_lines_tax_details(bases, company)
        summary = Tax._get_tax_totals_summary(
            base_lines=bases, currency=currency, company=company
        )
        planned = summary["total_amount_currency"]
        share, cents = goods_price(currency, goods, below, fees, planned)

        def exact(change, line, quantity):
            total, whole = totals[line or change]
            price = (total * share + cents) / whole if total and whole else 0.0
            term = change.sudo().term_id
            agreed = term.amount / term.quantity if line and term.quantity else price
            # of the same price what was agreed stays, to the cent
            if abs(price - agreed) * quantity <= currency.rounding:
                price = agreed
            return price * quantity

        pieces = [
            (change, line, quantity)
            for change, of_change in parts.items()
            for line, quantity in of_change
        ]
        kept = self._terms("delivery") - self.line_ids.sudo().term_id._origin
        amounts = spread(
            currency,
            [exact(*piece) for piece in pieces],
            currency.round(sum(goods) * share + cents * len(goods))
            - sum(kept.mapped("amount")),
        )
        valued = {change: [] for change in parts}
        for (change, line, quantity), amount in zip(pieces, amounts, strict=True):
            valued[change].append((line, quantity, amount))
        return Plan(writes, added, valued, held, planned)

    @api.model
    def _early_payment_rows(self, order, bases):
        """What core adds where a discount for early payment lowers the taxes at once:
        reckoned of what is planned, core does it of the saved lines."""
        term = order.payment_term_id
        if not (
            term.early_discount
            and term.early_pay_discount_computation == "mixed"
            and term.discount_percentage
        ):
            return []
        Tax = self.env["account.tax"].sudo()
        rows = []
        for base in bases:
            amount = base["tax_details"]["total_excluded_currency"]
            amount *= term.discount_percentage / 100
            taxes = base["tax_ids"].flatten_taxes_hierarchy()
            taxes = taxes.filtered(lambda tax: tax.amount_type != "fixed")
            rows += [
                Tax._prepare_base_line_for_taxes_computation(
                    order,
                    price_unit=price,
                    quantity=1.0,
                    currency_id=order.currency_id,
                    sign=1,
                    special_type="early_payment",
                    tax_ids=of_price,
                )
                for price, of_price in ((-amount, taxes), (amount, Tax.browse()))
            ]
        return rows

    @api.model
    def _tax_values(self, values):
        """Values of an order line, as core's tax computation takes them."""
        [(_set, _id, taxes)] = values["tax_ids"]
        return {
            "quantity": values["product_uom_qty"],
            "price_unit": values["price_unit"],
            "discount": values["discount"],
            "tax_ids": self.env["account.tax"].sudo().browse(taxes),
        }

    def _order_held(self, lines):
        """How much of order lines can't be changed any more, in their units: ``{line:
        {reason: quantity}}``. One reading of the facts, whatever the number."""
        delivered = {}
        if lines:
            delivered = self.env["contract.facts"]._read_delivered(lines.order_id)
        started = lines._contract_started()
        return {
            line: {
                "delivered": max(
                    0.0, delivered.get(line.id, (0.0, 0.0))[0], line.qty_delivered
                ),
                "invoiced": max(0.0, line.qty_invoiced),
                "started": started.get(line, 0.0),
            }
            for line in lines
        }

    # ------------------------------------------------------------------
    # What is said of it
    # ------------------------------------------------------------------

    def _order_effects(self, plan):
        """What happens to the order: sentences in the user's language."""
        for line, values in plan.writes.items():
            text = self.env._(
                "%(line)s: %(before)s → %(after)s %(unit)s",
                line=line.product_id.display_name or line.name,
                before=format_quantity(self.env, line.product_uom_qty),
                after=format_quantity(self.env, values["product_uom_qty"]),
                unit=line.product_uom_id.name,
            )
            if values["price_unit"] != line.price_unit:
                text += self.env._(
                    ", price %(before)s → %(after)s",
                    before=format_amount(self.env, line.price_unit, line.currency_id),
                    after=format_amount(
                        self.env, values["price_unit"], line.currency_id
                    ),
                )
            yield text
        for change, values in plan.added:
            product = change.line_id.product_id or change.product_id
            yield self.env._(
                "New line: %(quantity)s %(unit)s %(product)s at %(price)s",
                quantity=format_quantity(self.env, values["product_uom_qty"]),
                unit=change.uom_id.name or "",
                product=product.display_name,
                price=format_amount(
                    self.env, values["price_unit"], self.order_id.currency_id
                ),
            )
        days, _added = self._order_days(plan)
        for line, day in days.items():
            if day != (before := line._contract_agreed_date()):
                yield self.env._(
                    "%(line)s: delivery %(before)s → %(after)s",
                    line=line.product_id.display_name or line.name,
                    before=format_date(self.env, before),
                    after=format_date(self.env, day),
                )

    def _order_refusals(self, plan):
        """What of the changes can't be done any more: sentences with the figures."""
        said = {
            "delivered": self.env._("delivered: take goods back first"),
            "invoiced": self.env._("invoiced: credit it first"),
            "started": self.env._("being picked or packed: finish or undo that first"),
        }
        for line, values in plan.writes.items():
            for reason, quantity in plan.held.get(line, {}).items():
                if line.product_uom_id.compare(values["product_uom_qty"], quantity) < 0:
                    yield self.env._(
                        "“%(line)s” can't become %(wanted)s %(unit)s: %(quantity)s "
                        "are %(reason)s.",
                        line=line.product_id.display_name or line.name,
                        wanted=format_quantity(self.env, values["product_uom_qty"]),
                        unit=line.product_uom_id.name,
                        quantity=format_quantity(self.env, quantity),
                        reason=said[reason],
                    )
                    break
        for change in self.sudo().line_ids.filtered(lambda c: c._is_priced()):
            line = change.line_id._origin
            if change.new_price and line and plan.parts.get(change, ())[-1:]:
                place, quantity, _amount = plan.parts[change][-1]
                floor = max(plan.held[line].values())
                if (
                    place == line
                    and floor
                    and quantity
                    and line
                    not in (
                        ln
                        for ln, values in plan.writes.items()
                        if values["price_unit"] != ln.price_unit
                    )
                ):
                    yield self.env._(
                        "The price of “%(line)s” can't change: all of it, %(quantity)s "
                        "%(unit)s, is delivered, invoiced or being picked.",
                        line=line.product_id.display_name or line.name,
                        quantity=format_quantity(self.env, floor),
                        unit=line.product_uom_id.name,
                    )
            if change.quantity <= 0:
                yield self.env._(
                    "Enter how much of “%(product)s” is agreed on.",
                    product=(line.product_id or change.product_id).display_name or "",
                )

    def _check_effect(self):
        """Raise if what is agreed can't be done to the order or the frame agreement.

        :raise UserError: with every reason, and its figure
        """
        self.ensure_one()
        if self.change_order:
            self._check_order_open()
            refused = list(self._order_refusals(plan := self._order_plan()))
            if not refused and (refusal := self._refuse_total(plan.total)):
                refused.append(refusal)
        else:
            added = self.line_ids.filtered(
                lambda c: c.kind == "delivery" and not c.line_id
            )
            if added:
                raise UserError(
                    self.env._(
                        "“%(product)s” is no line of the order: let the order be "
                        "changed with this, or add it there first.",
                        product=added[0].display_name,
                    )
                )
            refused = list(self._frame_refusals()) if self.frame_id else []
        if refused:
            raise UserError("\n".join(refused))

    def _check_order_open(self):
        if self.order_id.sudo().state != "sale":
            raise UserError(
                self.env._(
                    "%(order)s is not confirmed: it is simply edited.",
                    order=self.order_id.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Changing the order
    # ------------------------------------------------------------------

    def _lock_order(self):
        """Let nobody deliver, invoice or change these orders at the same time: who
        writes their lines or moves after our snapshot makes this fail, and core tries
        it again."""
        orders = self.filtered("change_order").order_id
        if not orders:
            return
        self.env.flush_all()
        self.env.execute_query(
            SQL(
                """WITH locked_line AS (
                       SELECT id FROM sale_order_line WHERE order_id = ANY(%(ids)s)
                        ORDER BY id FOR NO KEY UPDATE),
                   locked_move AS (
                       SELECT m.id FROM stock_move m
                        WHERE m.sale_line_id IN (SELECT id FROM locked_line)
                          AND m.state NOT IN ('done', 'cancel')
                        ORDER BY m.id FOR NO KEY UPDATE)
                   SELECT (SELECT COUNT(*) FROM locked_line),
                          (SELECT COUNT(*) FROM locked_move)""",
                ids=sorted(orders.ids),
            )
        )

    def _change_order(self):
        """Change the order as agreed.

        :return: ``{change: [(order line, quantity, amount)]}``
        :raise UserError: if it doesn't come to what was agreed
        """
        self.ensure_one()
        plan = self._order_plan()
        days, new_days = self._order_days(plan)
        order = guarded(self.order_id.sudo())
        was_locked = order.locked
        if was_locked:
            order.action_unlock()
        moved = [
            line for line, day in days.items() if day != line._contract_agreed_date()
        ]
        self._change_days(order, days, new_days)
        before = order.order_line
        commands = [
            Command.update(line.id, values) for line, values in plan.writes.items()
        ] + [
            Command.create({**values, "customer_lead": order._contract_lead(day)})
            for (_change, values), day in zip(plan.added, new_days, strict=True)
        ]
        if commands:
            order.write({"order_line": commands})
        added = dict(
            zip(
                (change for change, _values in plan.added),
                (order.order_line - before).sorted("id"),
                strict=True,
            )
        )
        for line in (*moved, *added.values()):
            line._contract_replan()
        for change, line in added.items():
            if not change.line_id:
                unguarded(change).line_id = line
        if was_locked:
            order.action_lock()
        if self.currency_id.compare_amounts(order.amount_total, self.amount_after):
            raise UserError(
                self.env._(
                    "%(order)s would come to %(total)s, not to %(agreed)s as agreed.",
                    order=order.display_name,
                    total=format_amount(self.env, order.amount_total, self.currency_id),
                    agreed=format_amount(self.env, self.amount_after, self.currency_id),
                )
            )
        return {
            change: [
                (line or added[change], quantity, amount)
                for line, quantity, amount in parts
            ]
            for change, parts in plan.parts.items()
        }

    def _order_days(self, plan):
        """For when the lines are promised, if a day changes: ``{order line: day}`` of
        all that promise something, and the days of the new lines in their order."""
        self.ensure_one()
        order = self.order_id.sudo()
        changes = self.sudo().line_ids.filtered(
            lambda c: c.kind == "delivery" and c.action != "end"
        )
        moved = changes.filtered(
            lambda c: (
                c.due_mode == "date"
                and c.date_fixed
                and c.date_fixed != c.term_id.date_fixed
            )
        )
        promised = defaultdict(list)
        for change, parts in plan.parts.items():
            for line, quantity, _amount in parts:
                if line and change.due_mode == "date" and change.date_fixed:
                    promised[line].append((change.date_fixed, quantity))
        touched = {
            line for change in moved for line, *_rest in plan.parts.get(change, ())
        }
        for term in self._terms("delivery") - self.sudo().line_ids.term_id._origin:
            if term.waived_on or term.line_id not in touched:
                continue
            if term.due_mode == "date" and term.date_fixed:
                promised[term.line_id].append((term.date_fixed, term.quantity))
        days = {}
        for line in order.order_line if moved else ():
            values = plan.writes.get(line, {})
            if not line._contract_is_promise() or not values.get(
                "product_uom_qty", line.product_uom_qty
            ):
                continue
            days[line] = line._contract_agreed_date()
            if line in touched and promised[line]:
                done = plan.held.get(line, {}).get("delivered", 0.0)
                for day, quantity in sorted(promised[line]):
                    days[line] = day
                    done -= quantity
                    if line.product_uom_id.compare(done, 0) < 0:
                        break
        return days, [
            change.date_fixed
            or (change.line_id or order.order_line[:1])._contract_agreed_date()
            for change, _values in plan.added
        ]

    def _change_days(self, order, days, new_days):
        """Promise the lines for their new days: core has one day for the whole order,
        or a lead time a line; other apps have a day a line."""
        if not days:
            return
        lines = self.env["sale.order.line"].sudo().union(*days)
        lines = lines.filtered(lambda ln: days[ln] != ln._contract_agreed_date())
        if own := lines._contract_own_date():
            for line in lines:
                line[own] = line._contract_moment(days[line])
            return
        wanted = {*days.values(), *new_days}
        if order.commitment_date and len(wanted) == 1 and lines:
            order.commitment_date = lines[0]._contract_moment(*wanted)
            return
        promised = order.commitment_date and order._contract_day(order.commitment_date)
        if promised and wanted <= {promised}:
            return
        agreed = {
            line: days.get(line) or line._contract_agreed_date()
            for line in (order.order_line if promised else lines)
            if not line.display_type
        }
        # while the order has a day, core moves nothing for the lead times
        for line, day in agreed.items():
            line.customer_lead = order._contract_lead(day)
        if promised:
            order.commitment_date = False
            # core has set all of them to the earliest day
            for line in agreed:
                line._contract_open_moves().date_deadline = line._contract_moment()
