"""The figures of a contract once more, as an accountant would work them out: whole
tables read by plain SQL, and loops over them. Written from the definitions alone; it
shares no code with the addon, and is as naive and slow as it looks. It knows neither
kits nor the Point of Sale, working days, payments without a journal entry, nor terms of
frame agreements.
"""

from collections import defaultdict
from datetime import UTC, timedelta
from decimal import ROUND_HALF_UP, Decimal
from types import SimpleNamespace
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

ZERO = Decimal(0)


def dec(value):
    return Decimal(str(value or 0))


class Books:
    """Reads rows, and nothing else, from the database."""

    def __init__(self, env):
        env.flush_all()
        self.cr = env.cr

    def rows(self, query, *values):
        self.cr.execute(query, values)
        names = [column.name for column in self.cr.description]
        return [
            SimpleNamespace(**dict(zip(names, row, strict=True)))
            for row in self.cr.fetchall()
        ]

    def row(self, query, *values):
        [row] = self.rows(query, *values)
        return row

    def payment(self, payment_id):
        return self.row(
            """SELECT p.*, i.is_bill, i.counts_on FROM account_payment p
                 LEFT JOIN contract_instrument i ON i.id = p.contract_instrument_id
                WHERE p.id = %s""",
            payment_id,
        )


def counts(payment, day, today):
    """The days on which a payment counts and, dishonoured, is taken back."""
    if not payment or not payment.is_bill:
        return [(day, 1)]
    outcome = payment.contract_bill_state
    done = payment.contract_bill_date
    if done and done > today:
        outcome = None
    if outcome:
        done = max(done, day)
    if payment.counts_on == "honoured":
        return [(done, 1)] if outcome and outcome != "dishonoured" else []
    return [(day, 1)] + ([(done, -1)] if outcome == "dishonoured" else [])


def claimed(books, subject, record_id, day):
    """What was claimed for a contract or a frame agreement: rows (day, amount, the same
    in the company's currency, term)."""
    result = []
    for claim in books.rows(
        f"""SELECT k.*, p.state AS payment_state, m.state AS move_state,
                   x.parent_state, c.currency_id AS home_currency_id,
                   COALESCE(m.id, x.move_id) AS entry_id
              FROM contract_payment_claim k
              JOIN res_company c ON c.id = k.company_id
              LEFT JOIN account_payment p ON p.id = k.payment_id
              LEFT JOIN account_move m ON m.id = p.move_id
              LEFT JOIN account_move_line x ON x.id = k.move_line_id
             WHERE k.{subject} = %s AND k.state = 'claimed' AND k.date <= %s
             ORDER BY k.id""",
        record_id,
        day,
    ):
        payment = books.payment(claim.payment_id) if claim.payment_id else None
        stands = claim.parent_state == "posted" or (
            claim.payment_state in ("in_process", "paid")
            and claim.move_state in (None, "posted")
        )
        if not stands:
            continue
        booked = dec(claim.amount)
        if claim.currency_id != claim.home_currency_id:
            booked *= booked_rate(books, claim.entry_id, day)
        result += [
            (when, sign * dec(claim.contract_amount), sign * booked, claim.term_id)
            for when, sign in counts(payment, claim.date, day)
            if when <= day
        ]
    return result


def booked_rate(books, entry_id, day):
    """What a unit of a receipt is in the ledger, exchange differences included."""
    items = books.rows(
        """SELECT l.* FROM account_move_line l
             JOIN account_account a ON a.id = l.account_id
            WHERE l.move_id = %s AND a.account_type = 'asset_receivable'""",
        entry_id,
    )
    booked = sum(dec(item.balance) for item in items)
    for item in items:
        for partial in books.rows(
            """SELECT * FROM account_partial_reconcile
                WHERE %s IN (debit_move_id, credit_move_id) AND max_date <= %s
                  AND debit_amount_currency = 0 AND credit_amount_currency = 0""",
            item.id,
            day,
        ):
            sign = 1 if partial.credit_move_id == item.id else -1
            booked += sign * dec(partial.amount)
    return booked / sum(dec(item.amount_currency) for item in items)


def customer_receivable(books, partner_id, company_id, sheets, frame_ids, day):
    """What a customer owes by his contracts in the company's currency: core's
    receivable account, without what is open of no contract, the deposits that were
    not deducted, and what is reconciled but no money of his contracts; less what
    was claimed and isn't reconciled."""
    shares = defaultdict(Decimal)
    for sheet in sheets:
        for document in sheet.documents:
            shares[document.id] += document.share
    total = ZERO
    for item in books.rows(
        """SELECT i.move_id, i.display_type, i.balance,
                  i.balance
                  - COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                               WHERE debit_move_id = i.id AND max_date <= %s), 0)
                  + COALESCE((SELECT SUM(amount) FROM account_partial_reconcile
                               WHERE credit_move_id = i.id AND max_date <= %s), 0)
                      AS residual
             FROM account_move_line i
             JOIN account_account a ON a.id = i.account_id
             JOIN res_partner p ON p.id = i.partner_id
            WHERE p.commercial_partner_id = %s AND i.company_id = %s
              AND a.account_type = 'asset_receivable'
              AND i.parent_state = 'posted' AND i.date <= %s""",
        day,
        day,
        partner_id,
        company_id,
        day,
    ):
        total += dec(item.balance)
        total -= dec(item.residual) * (1 - shares[item.move_id])
    for sheet in sheets:
        total += sheet.uncounted - sheet.booked_deposits()
        opening = sheet.opening_invoiced() - sheet.opening_received()
        total += opening / dec(sheet.order.currency_rate)
    for frame_id in frame_ids:
        total -= sum(row[2] for row in claimed(books, "frame_id", frame_id, day))
    return total


class Sheet:
    """The figures of one contract at the end of one day."""

    def __init__(self, books, order_id, day):
        self.books = books
        self.day = day
        self.order = books.row(
            """SELECT o.*, c.contract_tz AS tz, u.decimal_places, u.rounding,
                      u.contract_tolerance AS tolerance,
                      c.contract_tolerance_percent AS tolerance_percent,
                      c.currency_id AS home_currency_id
                 FROM sale_order o
                 JOIN res_company c ON c.id = o.company_id
                 JOIN res_currency u ON u.id = o.currency_id
                WHERE o.id = %s""",
            order_id,
        )
        self.zone = ZoneInfo(self.order.tz or "UTC")
        self.opened_on = self.order.contract_opening_date or self.local(
            self.order.date_order
        )
        self.lines = self.read_lines()
        self.terms = self.read_terms()
        self.moves = self.read_moves()
        self.documents = self.read_documents()
        self.read_money()

    # ------------------------------------------------------------------
    # Help
    # ------------------------------------------------------------------

    def local(self, moment):
        return moment.replace(tzinfo=UTC).astimezone(self.zone).date()

    def cents(self, amount):
        places = self.order.decimal_places
        return dec(amount).quantize(Decimal(10) ** -places, ROUND_HALF_UP)

    # ------------------------------------------------------------------
    # Goods
    # ------------------------------------------------------------------

    def read_lines(self):
        """The lines that promise something; rebates lower them in proportion."""
        rows = self.books.rows(
            """SELECT l.*, t.type AS product_type, u.factor
                 FROM sale_order_line l
                 JOIN product_product p ON p.id = l.product_id
                 JOIN product_template t ON t.id = p.product_tmpl_id
                 LEFT JOIN uom_uom u ON u.id = l.product_uom_id
                WHERE l.order_id = %s AND l.display_type IS NULL
                  AND l.is_downpayment IS NOT TRUE AND l.is_expense IS NOT TRUE
                ORDER BY l.id""",
            self.order.id,
        )
        goods = [
            row for row in rows if row.price_total >= 0 and row.product_uom_qty >= 0
        ]
        priced = [row for row in rows if row.price_total]
        below = sum(dec(row.price_total) for row in priced if row not in goods)
        above = sum(dec(row.price_total) for row in goods)
        # half a cent a line is rounding, and the same for each line
        rest = dec(self.order.amount_total) - above - below
        cents = ZERO
        if abs(rest) > len(priced) * dec(self.order.rounding) / 2:
            below += rest
        elif above:
            cents = rest / sum(1 for row in goods if row.price_total)
        share = max(ZERO, 1 + below / above) if above else Decimal(1)
        for row in goods:
            row.total = dec(row.price_total) * share
            if row.price_total and share:
                row.total += cents
            row.unit = (
                row.total / dec(row.product_uom_qty)
                if row.product_uom_qty
                else dec(row.price_unit) * (1 - dec(row.discount) / 100)
            )
        return {row.id: row for row in goods}

    def read_terms(self):
        """All terms, also those that were replaced since or are agreed later."""
        return self.books.rows(
            """SELECT t.*, e.source AS event_source, a.source AS alt_source
                 FROM contract_term t
                 LEFT JOIN contract_event_type e ON e.id = t.event_type_id
                 LEFT JOIN contract_event_type a ON a.id = t.alt_event_type_id
                WHERE t.order_id = %s ORDER BY t.sequence, t.id""",
            self.order.id,
        )

    def holds(self, term, day):
        return (term.valid_from is None or term.valid_from <= day) and (
            term.valid_to is None or term.valid_to > day
        )

    def unit_price(self, line, day):
        """What a unit costs by the agreement of that day."""
        agreed = [
            term
            for term in self.terms
            if term.kind == "delivery" and term.line_id == line.id and term.stamped
        ]
        if not agreed:
            return line.unit
        # what went out before the agreement is worth the first one
        first = min(
            (term.valid_from for term in agreed if term.valid_from), default=day
        )
        if all(term.valid_from for term in agreed):
            day = max(day, first)
        held = [term for term in agreed if self.holds(term, day)]
        quantity = sum(dec(term.quantity) for term in held)
        if not quantity:
            return line.unit
        return sum(dec(term.amount) for term in held) / quantity

    def read_moves(self):
        """What went out and came back: rows (line, clock, day, quantity)."""
        result = []
        for line in self.lines.values():
            if line.contract_opening_quantity and self.opened_on <= self.day:
                for clock in ("dispatch", "receipt", "bl", "held"):
                    result.append(
                        (
                            line,
                            clock,
                            self.opened_on,
                            dec(line.contract_opening_quantity),
                        )
                    )
            if line.qty_delivered_method != "stock_move":
                for row in self.books.rows(
                    """SELECT date, quantity FROM contract_history
                        WHERE line_id = %s AND kind = 'delivered' AND date <= %s""",
                    line.id,
                    self.day,
                ):
                    for clock in ("dispatch", "receipt", "bl", "held"):
                        result.append((line, clock, row.date, dec(row.quantity)))
                continue
            for move in self.books.rows(
                """SELECT m.date, m.quantity * mu.factor AS quantity, m.to_refund,
                          src.usage AS source, dst.usage AS target,
                          p.contract_receipt_date AS receipt,
                          p.contract_bl_date AS bl,
                          op.contract_receipt_date AS old_receipt,
                          op.contract_bl_date AS old_bl
                     FROM stock_move m
                     JOIN uom_uom mu ON mu.id = m.product_uom
                     JOIN stock_location src ON src.id = m.location_id
                     JOIN stock_location dst ON dst.id = m.location_dest_id
                     LEFT JOIN stock_picking p ON p.id = m.picking_id
                     LEFT JOIN stock_move o ON o.id = m.origin_returned_move_id
                     LEFT JOIN stock_picking op ON op.id = o.picking_id
                    WHERE m.sale_line_id = %s AND m.state = 'done'""",
                line.id,
            ):
                day = self.local(move.date)
                quantity = dec(move.quantity) / dec(line.factor)
                if move.target == "customer":
                    days = {"dispatch": day, "receipt": move.receipt, "bl": move.bl}
                elif move.source == "customer":
                    quantity = -quantity
                    days = {
                        "dispatch": day,
                        "receipt": move.old_receipt and max(day, move.old_receipt),
                        "bl": move.old_bl and max(day, move.old_bl),
                    }
                    if not move.to_refund:
                        days = {}
                else:
                    continue
                for clock, when in days.items():
                    if when and when <= self.day:
                        result.append((line, clock, when, quantity))
        return result

    def delivered_quantities(self):
        result = {line_id: ZERO for line_id in self.lines}
        for line, clock, _day, quantity in self.moves:
            if clock == "dispatch":
                result[line.id] += quantity
        return result

    def delivered(self):
        return self.cents(
            sum(
                quantity * self.unit_price(line, day)
                for line, clock, day, quantity in self.moves
                if clock == "dispatch"
            )
        )

    # ------------------------------------------------------------------
    # Invoices
    # ------------------------------------------------------------------

    def read_documents(self):
        """The posted invoices and credit notes with lines of this contract: its part of
        each, in cents, rounded on the running sum of the lines of all contracts."""
        documents = self.books.rows(
            """SELECT v.* FROM account_move v
                WHERE v.state = 'posted'
                  AND v.move_type IN ('out_invoice', 'out_refund')
                  AND EXISTS (SELECT FROM account_move_line b
                                JOIN sale_order_line_invoice_rel r
                                  ON r.invoice_line_id = b.id
                                JOIN sale_order_line l ON l.id = r.order_line_id
                               WHERE b.move_id = v.id AND l.order_id = %s)
                ORDER BY v.invoice_date, v.id""",
            self.order.id,
        )
        for document in documents:
            document.sign = -1 if document.move_type == "out_refund" else 1
            document.parts = self.parts(document)
            own = [part for part in document.parts if part.order_id == self.order.id]
            document.goods = sum(p.amount for p in own if not p.is_deposit)
            document.deposit = sum(p.amount for p in own if p.is_deposit)
            total = dec(document.amount_total)
            document.before = sum(
                p.amount for p in document.parts if (p.order_id or 0) < self.order.id
            )
            document.own = document.goods + document.deposit
            document.share = document.own / total if total else ZERO
        return documents

    def parts(self, document):
        """The lines of a document: whose they are, and their part of its total."""
        rows = self.books.rows(
            """SELECT b.id, b.price_total,
                      (SELECT MIN(l.order_id) FROM sale_order_line_invoice_rel r
                         JOIN sale_order_line l ON l.id = r.order_line_id
                        WHERE r.invoice_line_id = b.id) AS order_id,
                      (SELECT BOOL_OR(l.is_downpayment)
                         FROM sale_order_line_invoice_rel r
                         JOIN sale_order_line l ON l.id = r.order_line_id
                        WHERE r.invoice_line_id = b.id) AS is_deposit
                 FROM account_move_line b
                WHERE b.move_id = %s AND b.display_type = 'product'
                ORDER BY order_id, b.id""",
            document.id,
        )
        whole = sum(dec(row.price_total) for row in rows)
        upto = told = ZERO
        for row in rows:
            upto += dec(row.price_total)
            if whole:
                running = self.cents(dec(document.amount_total) * upto / whole)
            else:
                running = told + dec(row.price_total)
            row.amount = running - told
            told = running
        return rows

    def contract_money(self, amount, document):
        """An amount of a document in the contract's currency."""
        if document.currency_id == self.order.currency_id:
            return amount
        return (
            amount
            / dec(document.invoice_currency_rate or 1)
            * dec(self.order.currency_rate)
        )

    def opening_invoiced(self):
        return (
            dec(self.order.contract_opening_invoiced)
            if self.opened_on <= self.day
            else ZERO
        )

    def opening_received(self):
        return (
            dec(self.order.contract_opening_received)
            if self.opened_on <= self.day
            else ZERO
        )

    def invoiced_rows(self):
        return [
            (v.invoice_date, v.sign * self.contract_money(v.goods, v))
            for v in self.documents
            if v.invoice_date <= self.day
        ]

    def invoiced(self):
        return self.opening_invoiced() + sum(
            amount for _day, amount in self.invoiced_rows()
        )

    def deposits_invoiced(self):
        return sum(
            (
                v.sign * self.contract_money(v.deposit, v)
                for v in self.documents
                if v.invoice_date <= self.day
            ),
            ZERO,
        )

    def booked_deposits(self):
        """Deposits that were not deducted, at the rate of their invoices."""
        paid = [
            v
            for v in self.documents
            if v.invoice_date <= self.day and v.sign * v.deposit > 0
        ]
        whole = sum(self.contract_money(v.deposit, v) for v in paid)
        booked = sum(
            v.deposit * abs(dec(v.amount_total_signed)) / dec(v.amount_total)
            for v in paid
        )
        return self.deposits_invoiced() * booked / whole if whole else ZERO

    # ------------------------------------------------------------------
    # Money
    # ------------------------------------------------------------------

    def read_money(self):
        """``money``: rows (day, received, adjusted, term named by a claim);
        ``items``: the instalments of invoices with what was reconciled with them;
        ``loose``: money and credit that nothing was reconciled with; ``uncounted``:
        what the ledger has as paid and is no money of the contract, less what is and
        may not be reconciled, in the company's currency."""
        self.money, self.items = [], []
        self.loose = self.uncounted = ZERO
        for document in self.documents:
            self.read_reconciled(document)
        self.read_claims()
        if self.opening_received():
            self.money.append((self.opened_on, self.opening_received(), ZERO, None))
        self.loose += max(self.opening_received() - self.opening_invoiced(), ZERO)

    def read_reconciled(self, document):
        paid_before = ZERO
        items = self.books.rows(
            """SELECT * FROM account_move_line
                WHERE move_id = %s AND display_type = 'payment_term'
                ORDER BY date_maturity, id""",
            document.id,
        )
        partials = []
        for item in items:
            item.amount = abs(dec(item.amount_currency)) * document.share
            item.matched = item.credited = ZERO
            side, other = (
                ("debit", "credit") if document.sign == 1 else ("credit", "debit")
            )
            partials += [
                (row.max_date, row.id, row, item)
                for row in self.books.rows(
                    f"""SELECT id, max_date, {side}_amount_currency AS amount,
                               {other}_move_id AS counterpart, amount AS booked
                          FROM account_partial_reconcile
                         WHERE {side}_move_id = %s AND max_date <= %s""",
                    item.id,
                    self.day,
                )
            ]
        for day, _id, partial, item in sorted(partials, key=lambda row: row[:2]):
            part = self.part_of(document, paid_before, dec(partial.amount))
            paid_before += dec(partial.amount)
            amount = self.contract_money(part, document)
            received, adjusted, closes = self.judge(
                document, partial, amount, dec(partial.amount)
            )
            item.matched += closes
            item.credited += self.by_credit
            counted = adjusted
            if received:
                for when, sign in self.counts(self.paid_with, day):
                    if when <= self.day:
                        counted += sign * received
                        item.matched += sign * received
                        self.money.append(
                            (when, sign * received * document.sign, ZERO, None)
                        )
            if amount and not self.by_document:
                share = document.sign * document.share * (1 - counted / amount)
                self.uncounted += share * dec(partial.booked)
            if adjusted:
                self.money.append((day, ZERO, adjusted * document.sign, None))
        for item in items:
            item.amount = self.contract_money(item.amount, document)
            if document.sign == 1 and item.amount > 0:
                self.items.append(item)
            elif document.invoice_date <= self.day:
                # a credit note, or a part of a common invoice below zero
                self.loose -= document.sign * (item.amount - item.matched)

    def part_of(self, document, before, amount):
        """The contract's part of a payment of a document: in cents, on running sums."""
        total = dec(document.amount_total)
        if not total:
            return ZERO

        def upto(paid):
            end = self.cents(paid * (document.before + document.own) / total)
            return end - self.cents(paid * document.before / total)

        return upto(before + amount) - upto(before)

    def judge(self, document, partial, amount, whole):
        """What a reconciliation is for the contract: received, adjusted, and how much
        of the instalment it closes beside what is received."""
        self.paid_with, self.by_credit = None, ZERO
        entry = self.books.row(
            """SELECT v.*, x.id AS line_id, j.default_account_id
                 FROM account_move_line x JOIN account_move v ON v.id = x.move_id
                 JOIN account_journal j ON j.id = v.journal_id
                WHERE x.id = %s""",
            partial.counterpart,
        )
        self.by_document = entry.move_type in ("out_invoice", "out_refund")
        if self.by_document:
            return self.judge_document(document, entry, amount, whole)
        if entry.id == self.opening_entry():
            return amount, ZERO, ZERO
        liquid = ZERO
        claimed = False
        if entry.origin_payment_id:
            self.paid_with = payment = self.books.payment(entry.origin_payment_id)
            total = self.books.row(
                """SELECT ABS(SUM(k.amount_currency)) AS total
                     FROM account_move_line k
                     JOIN account_account a ON a.id = k.account_id
                    WHERE k.move_id = %s AND a.account_type IN (
                          'asset_receivable', 'liability_payable')""",
                entry.id,
            ).total
            liquid = dec(payment.amount) / dec(total)
            claimed = self.has_claims("payment_id", payment.id)
        elif entry.statement_line_id:
            sums = self.books.row(
                """SELECT ABS(SUM(k.balance) FILTER (WHERE k.account_id = %s)) AS bank,
                          ABS(SUM(k.balance) FILTER (WHERE a.account_type
                              = 'asset_receivable')) AS owed
                     FROM account_move_line k
                     JOIN account_account a ON a.id = k.account_id
                    WHERE k.move_id = %s""",
                entry.default_account_id,
                entry.id,
            )
            liquid = min(Decimal(1), dec(sums.bank) / dec(sums.owed))
            claimed = self.has_claims("move_line_id", entry.line_id)
        received = ZERO if claimed else amount * liquid
        adjusted = amount * (1 - liquid)
        return received, adjusted, adjusted

    def judge_document(self, document, other, amount, whole):
        """An invoice and a credit note: what belongs to order lines has changed what is
        invoiced of their orders, and only theirs. What belongs to none is adjusted."""
        other.parts = self.parts(other)
        total = dec(other.amount_total)
        whole = self.contract_money(whole, document)
        own = sum(p.amount for p in other.parts if p.order_id == self.order.id) / total
        if document.sign == 1:
            on_it = {part.order_id for part in document.parts}
            nobody = sum(
                p.amount
                for p in other.parts
                if not p.order_id or (p.is_deposit and p.order_id not in on_it)
            )
            adjusted = amount * nobody / total
            # what the contract's own credit note pays of it
            self.by_credit = whole * own
            return ZERO, adjusted, adjusted + self.by_credit
        if own:
            return ZERO, ZERO, amount
        deposit = document.deposit / document.own if document.own else ZERO
        return ZERO, amount * deposit, amount * deposit

    def opening_entry(self):
        return self.books.row(
            "SELECT account_opening_move_id AS id FROM res_company WHERE id = %s",
            self.order.company_id,
        ).id

    def has_claims(self, column, record_id):
        return bool(
            self.books.rows(
                f"""SELECT id FROM contract_payment_claim
                     WHERE {column} = %s AND state = 'claimed' AND date <= %s""",
                record_id,
                self.day,
            )
        )

    def counts(self, payment, day):
        """The days up to now on which a payment counts and, dishonoured, doesn't."""
        return counts(payment, day, self.day)

    def read_claims(self):
        for when, amount, booked, term_id in claimed(
            self.books, "order_id", self.order.id, self.day
        ):
            self.money.append((when, amount, ZERO, term_id))
            self.loose += amount
            self.uncounted -= booked

    def received(self):
        return self.cents(sum(row[1] for row in self.money))

    def adjusted(self):
        return self.cents(sum(row[2] for row in self.money))

    # ------------------------------------------------------------------
    # What was agreed, and when it fell due
    # ------------------------------------------------------------------

    def agreed_total(self):
        if not self.order.contract_effective_date:
            return dec(self.order.amount_total)
        later = self.books.rows(
            """SELECT amount_before FROM contract_reagreement
                WHERE order_id = %s AND state = 'done' AND date_from > %s
                ORDER BY date_from, applied_on, id""",
            self.order.id,
            self.day,
        )
        return dec(
            later[0].amount_before if later else self.order.contract_agreed_amount
        )

    def payment_terms(self):
        """The payment terms of the day, with the amount that is to be paid."""
        held = [
            t for t in self.terms if t.kind == "payment" and self.holds(t, self.day)
        ]
        share = ZERO
        for term in held:
            if term.stamped:
                term.wanted = dec(term.amount)
            elif not term.percent:
                term.wanted = dec(term.amount)
            else:
                total = max(self.agreed_total(), ZERO)
                term.wanted = self.cents(
                    total * (share + dec(term.percent)) / 100
                ) - self.cents(total * share / 100)
            share += dec(term.percent)
            term.tolerance = max(
                dec(self.order.tolerance),
                dec(self.order.rounding) / 2,
                abs(dec(term.amount)) * dec(self.order.tolerance_percent) / 100,
            )
            term.waived = term.waived_on is not None and term.waived_on <= self.day
        self.settle_quantities(held)
        return held

    def deliveries(self):
        """``{line id: its delivery terms of the day}``."""
        result = defaultdict(list)
        for term in self.terms:
            if (
                term.kind == "delivery"
                and self.holds(term, self.day)
                and term.line_id in self.lines
            ):
                line = self.lines[term.line_id]
                if term.auto and not term.stamped:
                    term.pieces = dec(line.product_uom_qty)
                    term.value = line.total
                else:
                    term.pieces = dec(term.quantity)
                    term.value = (
                        dec(term.amount) if term.stamped else term.pieces * line.unit
                    )
                result[term.line_id].append(term)
        return result

    def is_waived(self, term):
        return term.waived_on is not None and term.waived_on <= self.day

    def settle_quantities(self, held):
        """More or less than agreed within tolerance: shares apply to what came."""
        self.difference = ZERO
        came = self.delivered_quantities()
        for line_id, terms in self.deliveries().items():
            terms = [term for term in terms if not self.is_waived(term)]
            if not terms:
                continue
            agreed = sum(term.pieces for term in terms)
            least = sum(t.pieces * (1 - dec(t.short_percent) / 100) for t in terms)
            most = sum(t.pieces * (1 + dec(t.over_percent) / 100) for t in terms)
            if came[line_id] < least - Decimal("0.000001"):
                self.difference = ZERO
                return
            if agreed:
                unit = sum(term.value for term in terms) / agreed
                self.difference += (min(came[line_id], most) - agreed) * unit
        whole = sum(term.wanted for term in held)
        if not self.difference or whole <= 0:
            return
        factor = 1 + self.difference / whole
        upto = ZERO
        for term in held:
            new = self.cents((upto + term.wanted) * factor) - self.cents(upto * factor)
            upto += term.wanted
            term.wanted = new

    def complete_on(self, clock):
        """The day on which all goods were handed over, None before; services count
        where no goods are promised."""
        terms = self.deliveries()
        has_goods = any(
            line.qty_delivered_method == "stock_move" for line in self.lines.values()
        )
        wanted = {}
        for line_id, rows in terms.items():
            rows = [row for row in rows if not self.is_waived(row)]
            is_goods = self.lines[line_id].qty_delivered_method == "stock_move"
            if rows and (is_goods or not has_goods):
                wanted[line_id] = sum(
                    row.pieces * (1 - dec(row.short_percent) / 100) for row in rows
                )
        sent = defaultdict(Decimal)
        last = None
        for line, way, day, quantity in self.moves:
            if way != clock or quantity <= 0:
                continue
            sent[line.id] += quantity
            if line.qty_delivered_method == "stock_move" or not has_goods:
                last = max(last or day, day)
        if any(
            sent[line] < enough - Decimal("0.000001") for line, enough in wanted.items()
        ):
            return None
        return last

    def event_day(self, type_id, source, held):
        recorded = self.books.rows(
            """SELECT date FROM contract_event
                WHERE order_id = %s AND type_id = %s AND date <= %s""",
            self.order.id,
            type_id,
            self.day,
        )
        if recorded:
            [row] = recorded
            return row.date
        if source == "signing":
            day = self.order.contract_signing_date
        elif source == "effect":
            day = self.order.contract_effective_date
        elif source in ("dispatch", "receipt", "bl"):
            day = self.complete_on(source)
        elif source == "statement":
            day = self.complete_on("dispatch")
            day = day and day + relativedelta(day=31)
        elif source == "invoice":
            day = max(
                (day for day, amount in self.invoiced_rows() if amount > 0),
                default=None,
            )
        elif source == "deposit":
            day = self.deposit_day(held)
        elif source == "acceptance" and self.order.contract_deemed_days:
            day = self.complete_on("receipt")
            day = day and day + timedelta(days=self.order.contract_deemed_days)
        else:
            day = None
        return day if day and day <= self.day else None

    def deposit_day(self, held):
        deposits = [term for term in held if term.payment_kind == "deposit"]
        if not deposits:
            return None
        wanted = sum(term.wanted for term in deposits)
        tolerance = max(term.tolerance for term in deposits)
        ids = {term.id for term in deposits}
        money = ZERO
        for day in sorted({row[0] for row in self.money}):
            for when, received, adjusted, term_id in self.money:
                if when == day and (term_id is None or term_id in ids):
                    money += received + adjusted
            if money >= wanted - tolerance:
                return day
        return None

    def shift(self, day, delay, unit, month_end):
        if month_end:
            day = day + relativedelta(day=31)
        if unit == "month":
            day = day + relativedelta(months=delay or 0)
            return day + relativedelta(day=31) if month_end else day
        if unit == "workday" and delay:
            raise NotImplementedError("working days")
        return day + timedelta(days=delay or 0)

    def fallen(self, term, held):
        """Rows (day, amount) of what falls due of a payment term."""
        if term.due_mode == "date":
            return [(term.date_fixed, term.wanted)] if term.date_fixed else []
        if not term.each:
            days = []
            for prefix, source in (("", term.event_source), ("alt_", term.alt_source)):
                type_id = getattr(term, prefix + "event_type_id")
                day = type_id and self.event_day(type_id, source, held)
                if day:
                    month_end = source == "statement" and not self.books.rows(
                        """SELECT id FROM contract_event
                            WHERE order_id = %s AND type_id = %s""",
                        self.order.id,
                        type_id,
                    )
                    days.append(
                        self.shift(
                            day,
                            getattr(term, prefix + "delay"),
                            getattr(term, prefix + "delay_unit"),
                            month_end or (not prefix and term.from_month_end),
                        )
                    )
            return [(min(days), term.wanted)] if days else []
        return self.fallen_each(term, held)

    def fallen_each(self, term, held):
        """It matures with each delivery or invoice, in proportion."""
        by_day = defaultdict(Decimal)
        if term.event_source == "invoice":
            base = self.agreed_total() + self.difference
            for day, amount in self.invoiced_rows():
                by_day[day] += amount
            if self.opening_invoiced():
                by_day[self.opened_on] += self.opening_invoiced()
        else:
            clock = (
                "dispatch" if term.event_source == "statement" else term.event_source
            )
            deliveries = self.deliveries()
            stamped = any(t.stamped for rows in deliveries.values() for t in rows)
            if stamped:
                base = sum(t.value for rows in deliveries.values() for t in rows)
            else:
                base = sum(line.total for line in self.lines.values())
            base += self.difference
            for line, way, day, quantity in self.moves:
                if way == clock and (not stamped or line.id in deliveries):
                    by_day[day] += quantity * self.unit_price(line, day)
        whole = term.wanted
        if term.deposit_deduction == "last":
            deposit = sum(t.wanted for t in held if t.payment_kind == "deposit")
            each = sum(t.wanted for t in held if t.each and t.due_mode == "event")
            whole += deposit * term.wanted / each
        rows, reached, before = [], ZERO, ZERO
        for day in sorted(by_day):
            reached += by_day[day]
            share = min(Decimal(1), reached / base) if base else ZERO
            now = min(term.wanted, self.cents(whole * share))
            if now > before:
                due = self.shift(
                    day,
                    term.delay,
                    term.delay_unit,
                    term.from_month_end or term.event_source == "statement",
                )
                rows.append((due, now - before))
            elif now < before:
                rows.append((day, now - before))
            before = now
        return rows

    def due_rows(self):
        """``{term: rows (day, amount)}`` of the payment terms that are not waived,
        with what credit notes take back of a contract that was fulfilled."""
        held = self.payment_terms()
        result = {t.id: (t, self.fallen(t, held)) for t in held if not t.waived}
        self.take_back(result)
        return result

    def take_back(self, result):
        credits = [day for day, amount in self.invoiced_rows() if amount < 0]
        if not credits or not result or not self.complete_on("dispatch"):
            return
        wanted = sum(term.wanted for term, _rows in result.values())
        tolerance = max(term.tolerance for term, _rows in result.values())
        by_day = defaultdict(Decimal)
        for day, amount in self.invoiced_rows():
            by_day[day] += amount
        running = peak = self.opening_invoiced()
        for day in sorted(by_day):
            running += by_day[day]
            peak = max(peak, running)
        if peak < wanted - tolerance:
            return
        excess = wanted - max(running, ZERO)
        for term, rows in result.values():
            if term.each:
                reached = top = ZERO
                for day, amount in sorted(rows):
                    if day <= self.day:
                        reached += amount
                        top = max(top, reached)
                excess -= top - reached
        if excess <= tolerance:
            return
        whole = sorted(
            (day, term.sequence, term.id)
            for term, rows in result.values()
            if not (term.each and term.due_mode == "event")
            for day, amount in rows
            if day <= self.day and amount > 0
        )
        for day, _sequence, term_id in whole:
            term, rows = result[term_id]
            back = min(excess, rows[0][1])
            if back > 0:
                rows.append((max(day, max(credits)), -back))
                excess -= back

    def heir(self, term_id):
        """The term that held on the day instead of the one that a claim names."""
        terms = {term.id: term for term in self.terms}
        term = terms.get(term_id)
        while term and term.valid_from and term.valid_from > self.day:
            term = terms.get(term.predecessor_id)
        while term and term.valid_to and term.valid_to <= self.day:
            term = next(
                (
                    heir
                    for heir in self.terms
                    if heir.predecessor_id == term.id
                    and (not heir.valid_from or heir.valid_from <= self.day)
                ),
                None,
            )
        return term and term.id

    def by_terms(self):
        """Fallen due, due and overdue of a contract with payment terms."""
        due = self.due_rows()
        order = sorted(
            (term for term, _rows in due.values()), key=lambda t: (t.sequence, t.id)
        )
        named = defaultdict(Decimal)
        free = ZERO
        for _day, received, adjusted, term_id in self.money:
            heir = term_id and self.heir(term_id)
            if heir in due:
                named[heir] += received + adjusted
            else:
                free += received + adjusted
        for term in order:
            over = max(named[term.id] - term.wanted, ZERO)
            named[term.id] -= over
            free += over
        fallen = overdue = still_due = ZERO
        for term in order:
            rows = due[term.id][1]
            matured = max(sum((a for d, a in rows if d <= self.day), ZERO), ZERO)
            past = max(sum((a for d, a in rows if d < self.day), ZERO), ZERO)
            own = min(matured, named[term.id])
            got = min(max(free, ZERO), matured - own)
            free -= got
            fallen += matured
            if past - own - got > term.tolerance:
                overdue += past - own - got
            if matured - own - got > term.tolerance:
                still_due += matured - own - got
        return fallen, still_due, overdue

    def by_instalments(self):
        """The same of a contract without: its invoices' instalments, and what isn't
        reconciled fills the oldest first. Credit notes of its own take back what fell
        due: of the invoice that they are reconciled with, else the oldest. What it owes
        on a credit note of several contracts fell due with that."""
        loose = max(self.loose, ZERO)
        credited = sum(
            (
                -v.sign * self.contract_money(v.own, v)
                for v in self.documents
                if min(v.sign, v.own) < 0 and v.invoice_date <= self.day
            ),
            ZERO,
        )
        fallen = still_due = overdue = ZERO
        for item in sorted(self.items, key=lambda item: (item.date_maturity, item.id)):
            residual = max(item.amount - item.matched, ZERO)
            paid = min(residual, loose)
            loose -= paid
            credited -= item.credited
            if item.date_maturity <= self.day:
                fallen += item.amount - item.credited
                still_due += residual - paid
            if item.date_maturity < self.day:
                overdue += residual - paid
        return max(fallen - credited, overdue, ZERO), still_due, overdue

    # ------------------------------------------------------------------
    # The figures
    # ------------------------------------------------------------------

    def figures(self):
        has_terms = any(
            term.kind == "payment" and self.holds(term, self.day) for term in self.terms
        )
        fallen, due, overdue = self.by_terms() if has_terms else self.by_instalments()
        delivered, invoiced = self.delivered(), self.invoiced()
        received, adjusted = self.received(), self.adjusted()
        return {
            "agreed": self.agreed_total(),
            "quantity": sum(self.delivered_quantities().values()),
            "delivered": delivered,
            "invoiced": invoiced,
            "deposits": self.deposits_invoiced(),
            "received": received,
            "adjusted": adjusted,
            "receivable": invoiced - received - adjusted,
            "delivered_not_invoiced": delivered - invoiced,
            "delivered_unpaid": delivered - received,
            "matured": fallen,
            "due": due,
            "overdue": overdue,
        }
