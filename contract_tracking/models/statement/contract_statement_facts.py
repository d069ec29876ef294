from collections import defaultdict
from datetime import timedelta

from odoo import api, models
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
    def _customer_frames(self, company, partners):
        """All frame agreements of commercial ``partners`` with money or payment terms
        of their own, whoever follows them."""
        Claim = self.env["contract.payment.claim"].sudo()
        claims = Claim._search([("frame_id", "!=", False)])
        return (
            self.env["contract.frame"]
            .sudo()
            .search_fetch(
                [
                    ("commercial_partner_id", "in", partners.ids),
                    ("company_id", "=", company.id),
                    ("state", "!=", "draft"),
                    "|",
                    ("id", "in", claims.subselect("frame_id")),
                    ("term_ids.kind", "=", "payment"),
                ],
                ["partner_id", "currency_id", "name"],
                order="id",
            )
        )

    @api.model
    def _followed(self, user, company, records):
        """Those of ``records`` that are on a statement of ``user``."""
        if not records or self._follows_all(user):
            return records
        Model = self.env[records._name].with_user(user)
        if not Model.has_access("read"):
            return records.browse()
        own = Model.with_context(allowed_company_ids=company.ids).search(
            [("id", "in", records.ids)], order="id"
        )
        return records.browse(own.ids)

    @api.model
    def _stated_keys(self, user, company, partners):
        """Of which customers in which currencies ``user`` writes statements, in the
        order of their contracts: ``{(commercial partner, currency): None}``."""
        return {
            (record.partner_id.commercial_partner_id, record.currency_id): None
            for read in (self._customer_frames, self._customer_orders)
            for record in self._followed(user, company, read(company, partners))
        }

    def _contracts(self):
        """Which contracts and frame agreements are on each statement, and which are
        left out.

        :return: two dicts ``{statement: (orders, frames)}``
        :raise UserError: if the author of a statement follows no contract
        """
        followed, others = {}, {}
        for (user, company), statements in self.grouped(
            lambda s: (s.user_id, s.company_id)
        ).items():
            kinds = []
            for read in (self._customer_orders, self._customer_frames):
                every = read(company, statements.partner_id)
                groups = every.grouped(
                    lambda o: (o.partner_id.commercial_partner_id, o.currency_id)
                )
                kinds.append((self._followed(user, company, every), groups))
            for statement in statements:
                key = statement.partner_id, statement.currency_id
                stated = [(own, groups.get(key, own.browse())) for own, groups in kinds]
                followed[statement] = [found & own for own, found in stated]
                others[statement] = [found - own for own, found in stated]
                if not any(followed[statement]):
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
        Line = unguarded(self.sudo()).line_ids
        # first, as core forgets everything that it has read when something is deleted
        Line.unlink()
        followed, others = self._contracts()
        receipts = self._unclaimed_receipts()
        before = self._before()
        Facts = self.env["contract.facts"]
        lines = []
        for date_to, statements in self.grouped("date_to").items():
            sets = list(zip(*map(followed.get, statements), strict=True))
            orders, frames = (found[0].union(*found[1:]) for found in sets)
            ledger = [
                {**row, "record": records.browse(row["order_id"])}
                for records in (orders, frames)
                if records
                for row in self.env[records._contract_facts_model]._read_ledger(
                    records, date_to=date_to
                )
            ]
            rows = {statement: [] for statement in statements}
            shown_on = defaultdict(list)
            for statement in statements:
                for found in followed[statement]:
                    for record in found:
                        shown_on[record].append(statement)
            for row in ledger:
                for statement in shown_on[row["record"]]:
                    rows[statement].append(row)
            balances = Facts._read_accounts(orders, date_to, frames)
            for statement in statements:
                own = [record for found in followed[statement] for record in found]
                overdue = [
                    statement.currency_id.round(float(balances[record]["overdue"]))
                    for record in own
                    if record in balances
                ]
                lines += statement._fill(
                    own,
                    before.get(statement),
                    rows[statement],
                    receipts.get(statement, ()),
                    {
                        "is_partial": any(others[statement]),
                        "overdue": statement.currency_id.round(sum(overdue)),
                    },
                )
        Line.create(lines)

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

    def _as_sent(self, records, rows, date_from):
        """The ledger of contracts as this statement told it, and what of its days is
        different now.

        :param records: the contracts and frame agreements that are stated now
        :param rows: their ledger as it is now
        :param date_from: from which day on it is listed
        :return: rows as they were told, those of later days as they are; and the
            differences as rows, of days before this statement as an adjustment
            without a day
        """
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.kind in SIGNS)
        covered = set(records)
        if self.is_partial:
            covered &= {line._contract_parent() for line in lines}
        kept, changes, now = [], [], {}
        forward, told, names = defaultdict(float), defaultdict(float), {}

        def key_of(record, kind, day, name):
            # what came in on a day is one row by the names of all
            return record, kind, day, name if kind == "invoice" else None

        for row in rows:
            kind, day = row["kind"], row["day"]
            own = kind in SIGNS and row["record"] in covered
            if own and self.date_from <= day <= self.date_to:
                key = key_of(row["record"], kind, day, row["name"])
                amount = float(row["amount"]) + now.get(key, {}).get("amount", 0.0)
                now[key] = {**row, "amount": amount}
                continue
            kept.append(row)
            if own and day < self.date_from:
                forward[row["record"]] += float(row["amount"]) * SIGNS[kind]
        for line in lines:
            record = line._contract_parent()
            if record not in covered:
                continue
            if not line.date or line.date < self.date_from:
                forward[record] -= line.amount * SIGNS[line.kind]
                continue
            key = key_of(record, line.kind, line.date, line.name)
            told[key] += line.amount
            names.setdefault(key, line.name)
        for key in {**now, **told}:
            row = dict(zip(("record", "kind", "day"), key[:3], strict=True))
            name = now[key]["name"] if key in now else names[key]
            amount = now[key]["amount"] if key in now else 0.0
            difference = self.currency_id.round(amount - told[key])
            if difference:
                changes.append({**row, "name": name, "amount": difference})
                name, amount = names.get(key, name), told[key]
            kept.append({**row, "name": name, "amount": amount})
        if date_from >= self.date_from:
            day = self.date_from - timedelta(days=1)
            for record, amount in forward.items():
                row = {"record": record, "name": None, "amount": -amount}
                changes.append({**row, "kind": "adjustment", "day": None})
                kept.append({**row, "kind": "opening", "day": day})
        return kept, changes

    def _fill(self, records, before, rows, receipts, values):
        """Write the figures: what was open before, what happened, what is open; return
        values of the lines.

        :param records: the contracts, then the frame agreements
        :param before: the statement that was sent before, if any
        :param rows: their ledger up to the last day, by day, with ``record``
        """
        self.ensure_one()
        currency = self.currency_id
        lines = self._lines(records, before, rows, receipts)
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
            }
        )
        return [{"statement_id": self.id, **line} for line in lines]

    def _lines(self, records, before, rows, receipts):
        """Values of the lines: what was brought forward, what changed of the days of an
        earlier statement, movements, down payment invoices, unclaimed receipts."""
        self.ensure_one()
        changes = []
        if before:
            rows, changes = before._as_sent(records, rows, self.date_from)
        currency = self.currency_id
        opening = dict.fromkeys(records, 0.0)
        contracts = {
            record: {
                **record._contract_part_vals(),
                "contract_number": getattr(record, "contract_number", False)
                or record.name,
            }
            for record in records
        }
        movements, advances = [], []
        # parts are rounded on their running sum: they add up to the register
        running = defaultdict(float)
        for row in sorted(rows, key=lambda row: row["day"]):
            key = row["record"], row["kind"]
            earlier = currency.round(running[key])
            running[key] += float(row["amount"])
            amount = currency.round(currency.round(running[key]) - earlier)
            if currency.is_zero(amount):
                continue
            if row["day"] < self.date_from:
                opening[row["record"]] += amount * SIGNS.get(row["kind"], 0)
                continue
            (advances if row["kind"] == "advance" else movements).append(
                {
                    **contracts[row["record"]],
                    "kind": row["kind"],
                    "date": row["day"],
                    "name": row["name"],
                    "amount": amount,
                }
            )
        forward = [
            {**contracts[record], "kind": "opening", "amount": currency.round(amount)}
            for record, amount in opening.items()
            if not currency.is_zero(amount)
        ]
        changed = [
            {
                **contracts[row["record"]],
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
