from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_amount

from ...tools.windows import form_window, window
from ..contract.sale_order import OPEN_STATES


class ContractReceipt(models.Model):
    """Money that arrived from customers, whatever brought it: a payment, a receivable
    item of a bank statement or of the opening entry; refunds are negative.

    A view, one row a receipt, with what was claimed of it and what is left
    (未认领到款). Amounts in the receipt's currency. Whose money it probably is, its
    reference, its online payment and its reconciliation say, and what is due of a
    customer on running account. Serves D3 §4.4 and D7 §1.3.
    """

    _name = "contract.receipt"
    _description = "Receipt"
    _auto = False
    _order = "date desc, id desc"

    name = fields.Char(string="Document", readonly=True)
    kind = fields.Selection(
        [
            ("payment", "Payment"),
            ("refund", "Refund"),
            ("statement", "Bank statement"),
            ("opening", "Opening entry"),
        ],
        readonly=True,
    )
    payment_id = fields.Many2one("account.payment", readonly=True)
    move_line_id = fields.Many2one(
        "account.move.line", string="Receivable Item", readonly=True
    )
    reference = fields.Char(readonly=True, help="What the payer or the bank wrote.")
    date = fields.Date(readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    commercial_partner_id = fields.Many2one(
        "res.partner", string="Company of the Customer", readonly=True
    )
    payer_id = fields.Many2one("res.partner", string="Actual Payer", readonly=True)
    is_running = fields.Boolean(string="Running Account", readonly=True)
    instrument_id = fields.Many2one("contract.instrument", readonly=True)
    is_bill = fields.Boolean(string="Bill", readonly=True)
    bill_number = fields.Char(readonly=True)
    bill_drawer = fields.Char(string="Drawer", readonly=True)
    bill_maturity = fields.Date(string="Maturity", readonly=True)
    bill_state = fields.Selection(
        [
            ("open", "Open"),
            ("honoured", "Honoured"),
            ("dishonoured", "Dishonoured"),
        ],
        string="Bill Outcome",
        readonly=True,
    )
    bill_date = fields.Date(string="Outcome On", readonly=True)
    amount = fields.Monetary(
        readonly=True, help="What is money of it, without write-offs."
    )
    claimed = fields.Monetary(readonly=True)
    to_confirm = fields.Monetary(
        readonly=True, help="Claims that finance has to confirm."
    )
    reconciled = fields.Monetary(
        string="By Reconciliation",
        readonly=True,
        help="Without claims it belongs to the contracts whose invoices it was "
        "reconciled with.",
    )
    outside = fields.Monetary(
        string="Other Invoices",
        readonly=True,
        help="Reconciled with invoices that belong to no contract.",
    )
    unclaimed = fields.Monetary(
        readonly=True, help="Nobody has said yet whose money it is."
    )
    is_unclaimed = fields.Boolean(string="Not Fully Claimed", readonly=True)
    is_conflict = fields.Boolean(
        string="Conflict",
        readonly=True,
        help="The claims and the reconciliation say different things: claims count.",
    )
    claim_ids = fields.One2many(
        "contract.payment.claim", "receipt_id", string="Claims", readonly=True
    )

    @property
    def _table_query(self):
        return SQL("%s", self._receipts_sql(), to_flush=self._source_fields())

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "amount", "currency_id")
    def _compute_display_name(self):
        for receipt in self:
            receipt.display_name = receipt.name or receipt.reference or ""

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_claim(self):
        """Open the screen on which receipts are claimed, filled with proposals.

        :raise UserError: if nothing is left to claim
        """
        if not any(receipt.is_unclaimed or receipt.is_conflict for receipt in self):
            raise UserError(
                self.env._("Nothing is left to claim: all of this money has an owner.")
            )
        label = self.env._("Claim Receipts")
        return form_window("contract.claim", label, {"receipt_ids": self.ids})

    def action_bill_outcome(self):
        """Open the screen that records what became of a bill."""
        self.ensure_one()
        label = self.env._("Outcome of the Bill")
        defaults = {"payment_id": self.payment_id.id}
        return form_window("contract.bill.outcome", label, defaults)

    @api.model
    def action_propose_running(self):
        """Claim what is left of customers on running account for what is due, oldest
        first; finance confirms the claims.

        :raise UserError: if the user is neither of finance nor of the business office
        """
        Claim = self.env["contract.payment.claim"]
        if not Claim._is_finance() and not self.env.user.has_group(
            "contract_tracking.group_contract_business"
        ):
            raise UserError(
                self.env._(
                    "Only finance and the business office propose claims for all "
                    "customers. Claim a single receipt instead."
                )
            )
        receipts = self.browse(self.env.context.get("active_ids")) or self.search(
            [("is_unclaimed", "=", True), ("is_running", "=", True)]
        )
        receipts = receipts.filtered("is_running")
        due = receipts._proposed_by_due()
        values = []
        # one after the other: what one receipt takes is not due for the next
        taken = defaultdict(float)
        for receipt in receipts.sorted(lambda r: (r.date, r.id)):
            left = receipt.unclaimed
            for source in due.get(receipt.id, []):
                term_id = source["term_id"]
                part = min(left, source["amount"] - taken[term_id])
                if part <= receipt.currency_id.rounding / 2:
                    continue
                taken[term_id] += part
                left -= part
                values.append({**source, "receipt_id": receipt.id, "amount": part})
        claims = Claim.create(values)
        return window(
            self.env,
            "contract_payment_claim_action",
            domain=[("id", "in", claims.ids)],
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _source_fields(self):
        """The fields that receipts are read from: flushed before."""
        return [
            field
            for model in (
                "account.payment",
                "account.move",
                "account.move.line",
                "account.bank.statement.line",
                "account.partial.reconcile",
                "contract.payment.claim",
                "contract.instrument",
                "res.company",
                "res.partner",
                "sale.order",
                "sale.order.line",
            )
            for field in self.env[model]._fields.values()
            if field.store and field.column_type
        ]

    @api.model
    def _sources_sql(self):
        """The receipts themselves. Ids: even of payments, odd of receivable items."""
        return SQL(
            """SELECT p.id * 2 AS id,
                      CASE p.payment_type WHEN 'inbound' THEN 'payment'
                                          ELSE 'refund' END AS kind,
                      p.id AS payment_id, NULL::int AS move_line_id, p.name,
                      p.memo AS reference, p.date, p.company_id, p.currency_id,
                      p.partner_id, p.contract_payer_id AS payer_id,
                      CASE p.payment_type WHEN 'inbound' THEN p.amount
                                          ELSE -p.amount END AS amount,
                      p.contract_instrument_id AS instrument_id,
                      p.contract_bill_number AS bill_number,
                      p.contract_bill_drawer AS bill_drawer,
                      p.contract_bill_maturity AS bill_maturity,
                      p.contract_bill_state AS bill_state,
                      p.contract_bill_date AS bill_date
                 FROM account_payment p LEFT JOIN account_move v ON v.id = p.move_id
                WHERE p.partner_type = 'customer'
                  AND p.state IN ('in_process', 'paid')
                  AND COALESCE(v.state, 'posted') = 'posted'
                UNION ALL
               SELECT l.id * 2 + 1, 'statement', NULL, l.id, v.name,
                      COALESCE(b.payment_ref, l.name), l.date, l.company_id,
                      l.currency_id, l.partner_id, NULL,
                      -l.amount_currency * (
                          SELECT ABS(SUM(k.balance) FILTER (
                                     WHERE k.account_id = j.default_account_id))
                               / NULLIF(ABS(SUM(k.balance) FILTER (
                                     WHERE a.account_type = 'asset_receivable')), 0)
                            FROM account_move_line k
                            JOIN account_account a ON a.id = k.account_id
                           WHERE k.move_id = v.id),
                      NULL, NULL, NULL, NULL, NULL, NULL
                 FROM account_bank_statement_line b
                 JOIN account_move v ON v.id = b.move_id AND v.state = 'posted'
                 JOIN account_journal j ON j.id = v.journal_id
                 JOIN account_move_line l ON l.move_id = v.id
                 JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable'
                  -- of a payment without a journal entry only the payment is listed
                  AND NOT EXISTS (
                      SELECT FROM account_partial_reconcile r
                        JOIN account_move_line i ON i.id = r.debit_move_id
                        JOIN account_move__account_payment k
                          ON k.invoice_id = i.move_id
                        JOIN account_payment q ON q.id = k.payment_id
                         AND q.move_id IS NULL AND q.amount = r.debit_amount_currency
                       WHERE r.credit_move_id = l.id)
                UNION ALL
               SELECT l.id * 2 + 1, 'opening', NULL, l.id, v.name,
                      COALESCE(l.name, v.ref), l.date, l.company_id, l.currency_id,
                      l.partner_id, NULL, -l.amount_currency, NULL, NULL, NULL, NULL,
                      NULL, NULL
                 FROM res_company c
                 JOIN account_move v ON v.id = c.account_opening_move_id
                  AND v.state = 'posted'
                 JOIN account_move_line l ON l.move_id = v.id
                 JOIN account_account a ON a.id = l.account_id
                WHERE a.account_type = 'asset_receivable' AND l.balance < 0"""
        )

    @api.model
    def _reconciled_sql(self):
        """What each receipt was reconciled with: (receipt id, order id, amount), in
        the receipt's currency; the order is empty for invoices of no contract."""
        return SQL(
            """SELECT w.receipt_id, o.order_id, SUM(w.amount * o.share) AS amount
                 FROM (SELECT CASE WHEN p.id IS NOT NULL THEN p.id * 2
                                   ELSE l.id * 2 + 1 END AS receipt_id,
                              COALESCE(p.amount / NULLIF(ABS(s.total), 0), 1)
                              * CASE WHEN l.id = r.credit_move_id
                                     THEN r.credit_amount_currency
                                     ELSE -r.debit_amount_currency END AS amount,
                              i.move_id AS invoice_id
                         FROM account_partial_reconcile r
                         CROSS JOIN LATERAL (VALUES
                              (r.credit_move_id, r.debit_move_id),
                              (r.debit_move_id, r.credit_move_id)) AS x (mine, other)
                         JOIN account_move_line l ON l.id = x.mine
                         JOIN account_move v ON v.id = l.move_id
                         JOIN res_company c ON c.id = v.company_id
                         JOIN account_move_line i ON i.id = x.other
                         LEFT JOIN account_payment p ON p.id = v.origin_payment_id
                         LEFT JOIN LATERAL (
                              SELECT SUM(k.amount_currency) AS total
                                FROM account_move_line k
                                JOIN account_account a ON a.id = k.account_id
                               WHERE k.move_id = v.id
                                 AND a.account_type = 'asset_receivable') s ON TRUE
                        WHERE (p.id IS NOT NULL OR v.statement_line_id IS NOT NULL
                               OR v.id = c.account_opening_move_id)
                          AND i.display_type = 'payment_term'
                        UNION ALL
                       -- payments without a journal entry
                       SELECT p.id * 2, CASE p.payment_type WHEN 'inbound'
                                             THEN p.amount ELSE -p.amount END
                              * v.amount_total / NULLIF(SUM(v.amount_total) OVER (
                                  PARTITION BY p.id), 0), v.id
                         FROM account_payment p
                         JOIN account_move__account_payment k ON k.payment_id = p.id
                         JOIN account_move v ON v.id = k.invoice_id
                        WHERE p.move_id IS NULL
                          AND p.state IN ('in_process', 'paid')) w
                 JOIN account_move v ON v.id = w.invoice_id
                 CROSS JOIN LATERAL (
                      SELECT b.order_id,
                             SUM(b.price_total) / NULLIF(v.amount_total, 0) AS share
                        FROM (SELECT DISTINCT ON (k.id) k.id, k.price_total,
                                     CASE WHEN so.contract_state IS NOT NULL
                                          THEN so.id END AS order_id
                                FROM account_move_line k
                                LEFT JOIN sale_order_line_invoice_rel r
                                  ON r.invoice_line_id = k.id
                                LEFT JOIN sale_order_line sl ON sl.id = r.order_line_id
                                LEFT JOIN sale_order so ON so.id = sl.order_id
                               WHERE k.move_id = v.id AND k.display_type = 'product'
                               ORDER BY k.id, so.contract_state IS NULL, so.id) b
                       GROUP BY b.order_id) o
                GROUP BY w.receipt_id, o.order_id"""
        )

    @api.model
    def _receipts_sql(self):
        return SQL(
            """WITH source AS (%(sources)s), linked AS (%(reconciled)s),
            claim AS (
                SELECT CASE WHEN payment_id IS NOT NULL THEN payment_id * 2
                            ELSE move_line_id * 2 + 1 END AS receipt_id,
                       order_id, SUM(amount) FILTER (WHERE state = 'claimed')
                           AS claimed,
                       SUM(amount) FILTER (WHERE state = 'to_confirm') AS to_confirm
                  FROM contract_payment_claim
                 WHERE state <> 'withdrawn' GROUP BY 1, 2
            ),
            judged AS (
                SELECT s.*, COALESCE(k.claimed, 0) AS claimed,
                       COALESCE(k.to_confirm, 0) AS to_confirm,
                       CASE WHEN k.claimed IS NULL THEN COALESCE(l.ours, 0) ELSE 0 END
                           AS reconciled,
                       COALESCE(l.others, 0) AS outside,
                       CASE WHEN s.bill_state = 'dishonoured' THEN 0
                            ELSE SIGN(s.amount) * GREATEST(0, SIGN(s.amount) * (
                                 s.amount - COALESCE(k.claimed, l.ours, 0)
                                 - COALESCE(k.to_confirm, 0)
                                 - COALESCE(l.others, 0))) END AS unclaimed,
                       k.claimed IS NOT NULL AND (COALESCE(l.differs, FALSE)
                           OR ABS(k.claimed + COALESCE(l.others, 0))
                              > ABS(s.amount) + 0.005) AS is_conflict
                  FROM source s
                  LEFT JOIN (SELECT receipt_id, SUM(claimed) AS claimed,
                                    SUM(to_confirm) AS to_confirm
                               FROM claim GROUP BY receipt_id) k
                    ON k.receipt_id = s.id
                  LEFT JOIN (SELECT l.receipt_id,
                                    SUM(l.amount) FILTER (
                                        WHERE l.order_id IS NOT NULL) AS ours,
                                    SUM(l.amount) FILTER (
                                        WHERE l.order_id IS NULL) AS others,
                                    BOOL_OR(l.order_id IS NOT NULL AND
                                        ABS(l.amount) > ABS(COALESCE(k.claimed, 0))
                                        + 0.005) AS differs
                               FROM linked l
                               LEFT JOIN claim k ON k.receipt_id = l.receipt_id
                                                AND k.order_id = l.order_id
                              GROUP BY l.receipt_id) l ON l.receipt_id = s.id
            )
            SELECT j.id, j.kind, j.payment_id, j.move_line_id, j.name, j.reference,
                   j.date, j.company_id, j.currency_id, j.partner_id,
                   p.commercial_partner_id, COALESCE(j.payer_id, j.partner_id)
                       AS payer_id,
                   COALESCE(m.contract_running_account, FALSE) AS is_running,
                   j.instrument_id, COALESCE(i.is_bill, FALSE) AS is_bill,
                   j.bill_number, j.bill_drawer, j.bill_maturity,
                   CASE WHEN i.is_bill THEN COALESCE(j.bill_state, 'open') END
                       AS bill_state,
                   j.bill_date, j.amount, j.claimed, j.to_confirm, j.reconciled,
                   j.outside, ROUND(j.unclaimed, c.decimal_places) AS unclaimed,
                   ABS(j.unclaimed) >= COALESCE(c.rounding, 0.01) / 2 AS is_unclaimed,
                   j.is_conflict
              FROM judged j
              LEFT JOIN res_partner p ON p.id = j.partner_id
              LEFT JOIN res_partner m ON m.id = p.commercial_partner_id
              LEFT JOIN res_currency c ON c.id = j.currency_id
              LEFT JOIN contract_instrument i ON i.id = j.instrument_id""",
            sources=self._sources_sql(),
            reconciled=self._reconciled_sql(),
        )

    @api.model
    def _of(self, payment=None, move_line=None):
        """The receipt of a payment or of a receivable item; empty of neither."""
        if payment:
            return self.browse(payment.id * 2)
        return self.browse(move_line.id * 2 + 1 if move_line else ())

    def _reconciled(self):
        """What the receipts were reconciled with: ``{receipt id: {order id:
        amount}}``, contracts only, in the receipt's currency."""
        rows = self.env.execute_query(
            SQL(
                "SELECT * FROM (%s) r WHERE receipt_id = ANY(%s)"
                " AND order_id IS NOT NULL",
                self._reconciled_sql(),
                list(self.ids),
                to_flush=self._source_fields(),
            )
        )
        result = defaultdict(dict)
        for receipt_id, order_id, amount in rows:
            result[receipt_id][order_id] = float(amount)
        return result

    @api.model
    def _of_orders(self, orders):
        """The receipts that were claimed for ``orders`` or reconciled with them."""
        rows = self.env.execute_query(
            SQL(
                """SELECT receipt_id FROM (%s) r WHERE order_id = ANY(%s)
                    UNION
                   SELECT receipt_id FROM contract_payment_claim
                    WHERE order_id = ANY(%s) AND receipt_id IS NOT NULL""",
                self._reconciled_sql(),
                list(orders.ids),
                list(orders.ids),
                to_flush=self._source_fields(),
            )
        )
        return self.browse([receipt_id for [receipt_id] in rows])

    def _lock(self):
        """Let one transaction at a time spend these receipts.

        A row of the receipt is written, not only locked: the second transaction then
        fails with a serialization error and is retried by core.
        """
        for rows in self.payment_id, self.move_line_id:
            if rows:
                self.env.cr.execute(
                    SQL(
                        "UPDATE %s SET write_date = write_date WHERE id = ANY(%s)",
                        SQL.identifier(rows._table),
                        rows.ids,
                    )
                )

    def _check_not_overdrawn(self):
        """The claims of a receipt never exceed it.

        :raise ValidationError: naming what is left
        """
        receipts = self.sudo()
        self.env["contract.payment.claim"].flush_model()
        receipts.invalidate_recordset()
        for receipt in receipts:
            claims = receipt.claim_ids.filtered(lambda k: k.state != "withdrawn")
            total = sum(claims.mapped("amount"))
            if any(k.amount * receipt.amount < 0 for k in claims) or (
                receipt.currency_id.compare_amounts(abs(total), abs(receipt.amount)) > 0
            ):
                raise ValidationError(
                    self.env._(
                        "%(receipt)s is %(amount)s: claims of %(total)s are more than "
                        "that. Claim less, or withdraw another claim first.",
                        receipt=receipt.display_name,
                        amount=format_amount(
                            self.env, receipt.amount, receipt.currency_id
                        ),
                        total=format_amount(self.env, total, receipt.currency_id),
                    )
                )

    def _propose(self):
        """Propose claims for what is left of the receipts, never more than that.

        :return: ``{receipt id: [{order_id, term_id, amount, origin}, …]}``
        """
        reconciled = self._proposed_by_reconciliation()
        online = self._proposed_by_transaction()
        named = self._proposed_by_reference()
        running = self._proposed_by_due()
        result = {}
        for receipt in self:
            sources = reconciled.get(receipt.id, [])
            for origin, found in (("transaction", online), ("reference", named)):
                sources += [
                    self._source(order_id, receipt.unclaimed, origin)
                    for order_id in found.get(receipt.id, ())
                ]
            result[receipt.id] = receipt._share_out(
                sources or running.get(receipt.id, [])
            )
        return result

    def _share_out(self, sources):
        """Values of claims of what is left of the receipt, from the first of the
        ``sources`` to the last."""
        self.ensure_one()
        currency = self.currency_id
        sign = -1 if self.amount < 0 else 1
        left = abs(self.unclaimed)
        values = []
        for source in sources:
            part = currency.round(min(left, sign * source["amount"]))
            if part > 0:
                left -= part
                values.append({**source, "amount": sign * part})
        if not currency.is_zero(left):
            values.append({"amount": sign * left})
        return values

    @api.model
    def _source(self, order_id, amount, origin, term_id=False):
        """A contract that money of a receipt may be for: values of a claim."""
        return {
            "order_id": order_id,
            "term_id": term_id,
            "amount": amount,
            "origin": origin,
        }

    def _proposed_by_reconciliation(self):
        """What receipts that are claimed already were reconciled with beyond that."""
        result = {}
        for receipt_id, orders in self._reconciled().items():
            claims = self.browse(receipt_id).claim_ids.filtered(
                lambda claim: claim.state == "claimed"
            )
            if claims:
                by_order = claims.grouped(lambda claim: claim.order_id.id)
                claimed = {key: sum(c.mapped("amount")) for key, c in by_order.items()}
                result[receipt_id] = [
                    self._source(
                        order_id, amount - claimed.get(order_id, 0), "reconciliation"
                    )
                    for order_id, amount in orders.items()
                ]
        return result

    def _proposed_by_transaction(self):
        """The contracts of the online payments behind the receipts."""
        result = {}
        for receipt in self.sudo():
            orders = receipt.payment_id.payment_transaction_id.sale_order_ids
            orders = orders.filtered("contract_state").with_env(self.env)
            if orders:
                result[receipt.id] = orders._filtered_access("read").ids
        return result

    def _proposed_by_reference(self):
        """The contracts that the payer's words name: by contract number, order, the
        customer's own number or an invoice."""
        receipts = self.filtered("reference")
        if not receipts:
            return {}
        rows = self.env.execute_query(
            SQL(
                """SELECT r.id, so.id
                     FROM (SELECT * FROM UNNEST(%s, %s, %s)
                               AS r (id, company_id, reference)) r
                     JOIN sale_order so ON so.company_id = r.company_id
                      AND so.contract_state IN ('confirmed', 'active', 'suspended',
                                                'completed')
                    WHERE EXISTS (
                          SELECT FROM (
                                 VALUES (so.contract_number), (so.name),
                                        (so.client_order_ref)
                                 UNION ALL
                                 SELECT v.name FROM sale_order_line l
                                   JOIN sale_order_line_invoice_rel x
                                     ON x.order_line_id = l.id
                                   JOIN account_move_line b ON b.id = x.invoice_line_id
                                   JOIN account_move v ON v.id = b.move_id
                                  WHERE l.order_id = so.id) AS n (name)
                           WHERE LENGTH(n.name) > 3
                             AND POSITION(UPPER(n.name) IN UPPER(r.reference)) > 0)
                    ORDER BY r.id, so.id""",
                list(receipts.ids),
                [receipt.company_id.id for receipt in receipts],
                [receipt.reference for receipt in receipts],
                to_flush=self.env["contract.facts"]._reads(
                    ("sale.order", "name company_id client_order_ref contract_number"),
                    ("sale.order", "contract_state"),
                    ("account.move", "name"),
                ),
            )
        )
        orders = self.env["sale.order"].browse({order_id for _id, order_id in rows})
        readable = set(orders._filtered_access("read").ids)
        result = defaultdict(list)
        for receipt_id, order_id in rows:
            if order_id in readable:
                result[receipt_id].append(order_id)
        return result

    def _proposed_by_due(self):
        """What is due of customers on running account, oldest first.

        Converted at the receipt's day into the receipt's currency.
        """
        receipts = self.filtered(lambda r: r.is_running and r.amount > 0)
        customers = receipts.commercial_partner_id
        orders = self.env["sale.order"].search(
            [
                ("partner_id.commercial_partner_id", "in", customers.ids),
                ("contract_state", "in", OPEN_STATES),
            ]
        )
        if not receipts or not orders:
            return {}
        facts = self.env["contract.facts"]._read_terms(orders)
        terms = orders.contract_term_ids.filtered(
            lambda t: (
                t.kind == "payment"
                and t.id in facts
                and facts[t.id]["matured"] > facts[t.id]["actual_amount"]
            )
        )
        due = terms.grouped(
            lambda t: (t.order_id.partner_id.commercial_partner_id, t.company_id)
        )
        result = defaultdict(list)
        for receipt in receipts:
            company = receipt.company_id
            owed = due.get((receipt.commercial_partner_id, company), terms.browse())
            for term in owed.sorted(
                lambda t: (facts[t.id]["date_due"], t.order_id.id, t.id)
            ):
                row = facts[term.id]
                amount = term.currency_id._convert(
                    float(row["matured"] - row["actual_amount"]),
                    receipt.currency_id,
                    company,
                    receipt.date,
                )
                result[receipt.id].append(
                    self._source(term.order_id.id, amount, "running", term.id)
                )
        return result
