from collections import defaultdict
from datetime import timedelta

from odoo import Command, api, models
from odoo.exceptions import UserError

from ...tools.guard import unguarded

# What moves the balance, and how.
SIGNS = {"opening": 1, "invoice": 1, "receipt": -1, "adjustment": -1}
TOTALS = {
    "delivery": "delivered",
    "invoice": "invoiced",
    "receipt": "received",
    "adjustment": "adjusted",
}


class ContractStatement(models.Model):
    """What a statement of account shows, read from the facts as a set: which contracts,
    what was open before, what happened, what is open."""

    _inherit = "contract.statement"

    @api.model
    def _follows_all(self, user):
        """Whether ``user`` states all contracts of a customer."""
        return any(
            user.has_group(f"contract_tracking.group_contract_{role}")
            for role in ("business", "finance")
        )

    @api.model
    def _customer_orders(self, company, partners):
        """All contracts of commercial ``partners``, whoever follows them."""
        return (
            self.env["sale.order"]
            .sudo()
            .search_fetch(
                [
                    ("partner_id.commercial_partner_id", "in", partners.ids),
                    ("company_id", "=", company.id),
                    ("contract_state", "not in", (False, "draft")),
                ],
                ["partner_id", "currency_id", "contract_number", "name"],
                order="id",
            )
        )

    @api.model
    def _followed(self, user, company, orders):
        """Those of ``orders`` that are on a statement of ``user``."""
        if not orders or self._follows_all(user):
            return orders
        Order = self.env["sale.order"].with_user(user)
        if not Order.has_access("read"):
            return orders.browse()
        own = Order.with_context(allowed_company_ids=company.ids).search(
            [("id", "in", orders.ids)], order="id"
        )
        return orders.browse(own.ids)

    def _contracts(self):
        """Which contracts are on each statement, and which are left out.

        :return: two dicts ``{statement: orders}``
        :raise UserError: if the author of a statement follows no contract
        """
        followed, others = {}, {}
        for (user, company), statements in self.grouped(
            lambda s: (s.user_id, s.company_id)
        ).items():
            every = self._customer_orders(company, statements.partner_id)
            own = self._followed(user, company, every)
            groups = every.grouped(
                lambda o: (o.partner_id.commercial_partner_id, o.currency_id)
            )
            for statement in statements:
                key = statement.partner_id, statement.currency_id
                orders = groups.get(key, every.browse())
                followed[statement] = orders & own
                others[statement] = orders - own
                if not followed[statement]:
                    raise UserError(
                        self.env._(
                            "%(user)s follows no contract of %(customer)s in "
                            "%(currency)s: choose another currency, or ask the "
                            "business office for the statement.",
                            user=user.name,
                            customer=statement.partner_id.display_name,
                            currency=statement.currency_id.name,
                        )
                    )
        return followed, others

    def _unclaimed_receipts(self):
        """Money of the customers that counted for no contract at the end of the last
        day, whoever claimed it later.

        Only on statements of all contracts of the customer.

        :return: dict ``{statement: rows of money}``
        """
        result = {}
        for (user, company, date_to), statements in self.grouped(
            lambda s: (s.user_id, s.company_id, s.date_to)
        ).items():
            if not self._follows_all(user):
                continue
            rows = self.env["contract.receipt"]._read_uncounted(
                company, statements.partner_id, date_to
            )
            for statement in statements:
                key = statement.partner_id.id, statement.currency_id.id
                result[statement] = [
                    row
                    for row in rows
                    if (row["commercial_partner_id"], row["currency_id"]) == key
                ]
        return result

    def _refresh(self):
        """Read the figures of draft statements, those of one last day as a set."""
        followed, others = self._contracts()
        receipts = self._unclaimed_receipts()
        before = self._before()
        Facts = self.env["contract.facts"]
        for date_to, statements in self.grouped("date_to").items():
            orders = self.env["sale.order"].sudo().union(*map(followed.get, statements))
            rows = {statement: [] for statement in statements}
            shown_on = {}
            for statement in statements:
                for order in followed[statement]:
                    shown_on.setdefault(order.id, []).append(statement)
            for row in Facts._read_ledger(orders, date_to=date_to):
                for statement in shown_on[row["order_id"]]:
                    rows[statement].append(row)
            balances = Facts._read_balances(orders, date_to)
            for statement in statements:
                own = followed[statement]
                overdue = [
                    statement.currency_id.round(float(balances[order.id]["overdue"]))
                    for order in own
                    if order.id in balances
                ]
                statement._fill(
                    own,
                    before.get(statement),
                    rows[statement],
                    receipts.get(statement, ()),
                    {"is_partial": bool(others[statement]), "overdue": sum(overdue)},
                )

    def _before(self):
        """The last statement that was sent before each of these, of contracts that are
        on it: ``{statement: earlier statement}``."""
        earlier = self.sudo().search(
            [
                ("partner_id", "in", self.partner_id.ids),
                ("company_id", "in", self.company_id.ids),
                ("currency_id", "in", self.currency_id.ids),
                ("state", "in", ("sent", "confirmed", "difference")),
            ],
            order="date_to desc, id desc",
        )
        result = {}
        for statement in self:
            for other in earlier:
                if (
                    other.date_to < statement.date_to
                    and other.partner_id == statement.partner_id
                    and other.company_id == statement.company_id
                    and other.currency_id == statement.currency_id
                    and (not other.is_partial or other.user_id == statement.user_id)
                ):
                    result[statement] = other
                    break
        return result

    def _as_sent(self, rows, date_from):
        """The ledger of contracts as this statement told it, and what of its days is
        different now.

        :param rows: the ledger as it is now
        :param date_from: from which day on it is listed
        :return: rows as they were told, those of later days as they are; and the
            differences as rows, of days before this statement without a day
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.kind in SIGNS)
        covered = {row["order_id"] for row in rows}
        if self.is_partial:
            covered &= set(lines.order_id.ids)
        kept, changes, now = [], [], {}
        forward, told, names = defaultdict(float), defaultdict(float), {}

        def key_of(order_id, kind, day, name):
            # what came in on a day is one row by the names of all
            return order_id, kind, day, name if kind == "invoice" else None

        for row in rows:
            kind, day = row["kind"], row["day"]
            own = kind in SIGNS and row["order_id"] in covered
            if own and self.date_from <= day <= self.date_to:
                now[key_of(row["order_id"], kind, day, row["name"])] = row
                continue
            kept.append(row)
            if own and day < self.date_from:
                forward[row["order_id"]] += float(row["amount"]) * SIGNS[kind]
        for line in lines.filtered(lambda line: line.order_id.id in covered):
            if not line.date or line.date < self.date_from:
                forward[line.order_id.id] -= line.amount * SIGNS[line.kind]
                continue
            key = key_of(line.order_id.id, line.kind, line.date, line.name)
            told[key] += line.amount
            names.setdefault(key, line.name)
        for key in {**now, **told}:
            row = dict(zip(("order_id", "kind", "day"), key[:3], strict=True))
            name = now[key]["name"] if key in now else names[key]
            amount = float(now[key]["amount"]) if key in now else 0.0
            difference = self.currency_id.round(amount - told[key])
            if difference:
                changes.append({**row, "name": name, "amount": difference})
                name, amount = names.get(key, name), told[key]
            kept.append({**row, "name": name, "amount": amount})
        if date_from >= self.date_from:
            day = self.date_from - timedelta(days=1)
            for order_id, amount in forward.items():
                row = {"order_id": order_id, "kind": "opening", "name": None}
                changes.append({**row, "day": None, "amount": amount})
                kept.append({**row, "day": day, "amount": -amount})
        return kept, changes

    def _fill(self, orders, before, rows, receipts, values):
        """Write the figures: what was open before, what happened, what is open.

        :param before: the statement that was sent before, if any
        :param rows: the ledger of ``orders`` up to the last day, by day
        """
        self.ensure_one()
        currency = self.currency_id
        lines = self._lines(orders, before, rows, receipts)
        sums = dict.fromkeys(("opening", "unclaimed", *TOTALS), 0.0)
        balance = 0.0
        for number, line in enumerate(lines, 1):
            kind, amount = line["kind"], line["amount"]
            sums[kind] = currency.round(sums.get(kind, 0.0) + amount)
            line["sequence"] = number
            if kind not in ("advance", "unclaimed"):
                balance = currency.round(balance + amount * SIGNS.get(kind, 0))
                line["balance"] = balance
        partner, company = self.partner_id.sudo(), self.company_id.sudo()
        unguarded(self.sudo()).write(
            {
                **values,
                **{fname: sums[kind] for kind, fname in TOTALS.items()},
                "opening_balance": sums["opening"],
                "closing_balance": balance,
                "unclaimed": sums["unclaimed"],
                "partner_name": partner.name,
                "partner_vat": partner.vat,
                "company_name": company.name,
                "company_vat": company.vat,
                "user_name": self.user_id.sudo().name,
                "line_ids": [Command.clear(), *map(Command.create, lines)],
            }
        )

    def _lines(self, orders, before, rows, receipts):
        """Values of the lines: what was brought forward, what changed of the days of an
        earlier statement, movements, down payment invoices, unclaimed receipts."""
        self.ensure_one()
        changes = []
        if before:
            rows, changes = before._as_sent(rows, self.date_from)
        currency = self.currency_id
        opening = dict.fromkeys(orders.ids, 0.0)
        contracts = {
            order.id: {
                "order_id": order.id,
                "contract_number": order.contract_number or order.name,
            }
            for order in orders
        }
        movements, advances = [], []
        for row in sorted(rows, key=lambda row: row["day"]):
            amount = currency.round(float(row["amount"]))
            if currency.is_zero(amount):
                continue
            if row["day"] < self.date_from:
                opening[row["order_id"]] += amount * SIGNS.get(row["kind"], 0)
                continue
            (advances if row["kind"] == "advance" else movements).append(
                {
                    **contracts[row["order_id"]],
                    "kind": row["kind"],
                    "date": row["day"],
                    "name": row["name"],
                    "amount": amount,
                }
            )
        forward = [
            {**contracts[order_id], "kind": "opening", "amount": currency.round(amount)}
            for order_id, amount in opening.items()
            if not currency.is_zero(amount)
        ]
        changed = [
            {
                **contracts[row["order_id"]],
                "changes_id": before.id,
                "kind": row["kind"],
                "date": row["day"],
                "name": row["name"],
                "amount": currency.round(row["amount"]),
            }
            for row in changes
            if not currency.is_zero(row["amount"])
        ]
        unclaimed = [
            {
                "kind": "unclaimed",
                "date": receipt["date"],
                "name": receipt["name"],
                "amount": currency.round(float(receipt["amount"])),
            }
            for receipt in receipts
        ]
        return forward + changed + movements + advances + unclaimed
