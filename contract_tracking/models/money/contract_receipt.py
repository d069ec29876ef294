from collections import defaultdict
from operator import itemgetter

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_list, groupby

from ...tools.windows import form_window, window
from ...tools.words import named_numbers
from ..contract.sale_order import OPEN_STATES
from .account_payment import BILL_OUTCOMES

LOOKS_BACK = (
    "contract_tracking.group_contract_business",
    "contract_tracking.group_contract_finance",
    "contract_tracking.group_contract_leader",
    "contract_tracking.group_contract_auditor",
    "sales_team.group_sale_salesman_all_leads",
)


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
        [("open", "Open"), *BILL_OUTCOMES],
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
    uncounted = fields.Monetary(
        string="Not Counted",
        readonly=True,
        help="Counts for no contract: unclaimed, or claimed and not confirmed yet.",
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
        return SQL(
            "%s", self._receipts_sql(self._cutoff()), to_flush=self._source_fields()
        )

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
        receipts = self.with_context(contract_cutoff=None)
        receipts.invalidate_recordset()
        if not any(receipt.is_unclaimed or receipt.is_conflict for receipt in receipts):
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

    def action_look_back(self):
        """Ask for the day of a list of what was unclaimed then."""
        return form_window(
            "contract.ageing.date",
            self.env._("Unclaimed as of a Day"),
            {"subject": "receipts"},
        )

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
        now = self.with_context(contract_cutoff=None)
        receipts = now.browse(self.env.context.get("active_ids")) or now.search(
            [("is_unclaimed", "=", True), ("is_running", "=", True)]
        )
        values = [
            {**source, "receipt_id": receipt_id}
            for receipt_id, sources in receipts._proposed_by_due().items()
            for source in sources
        ]
        claims = Claim.create(values)
        return window(
            self.env,
            "contract_payment_claim_action",
            domain=[("id", "in", claims.ids)],
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _cutoff(self):
        """The day of the list: that of the context, None for now.

        Only for those who read all receipts: what was nobody's once isn't shown to
        everybody again.
        """
        if not self.env.su and not any(map(self.env.user.has_group, LOOKS_BACK)):
            return None
        return self.env["contract.ageing"]._cutoff()

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
                      -l.amount_currency * (%(bank)s),
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
                WHERE a.account_type = 'asset_receivable' AND l.balance < 0""",
            bank=self.env["contract.facts"]._bank_liquid_sql(),
        )

    @api.model
    def _reconciled_sql(self):
        """What each receipt was reconciled with, by day: (receipt id, order id, day,
        amount, contract amount), in the receipt's currency and in the contract's; the
        order is empty for invoices of no contract."""
        return SQL(
            """SELECT w.receipt_id, o.order_id, w.day,
                      SUM(w.amount * o.share) AS amount,
                      SUM(o.share * CASE WHEN w.currency_id = so.currency_id
                                         THEN w.invoice_amount
                                         ELSE w.balance * COALESCE(NULLIF(
                                              so.currency_rate, 0), 1) END)
                          AS contract_amount
                 FROM (SELECT CASE WHEN pay.id IS NOT NULL THEN pay.id * 2
                                   ELSE l.id * 2 + 1 END AS receipt_id,
                              i.move_id AS invoice_id, i.currency_id, r.max_date AS day,
                              x.sign * x.mine_amount * %(liquid)s AS amount,
                              x.sign * x.other_amount * %(liquid)s AS invoice_amount,
                              x.sign * r.amount * %(liquid)s AS balance
                         FROM account_partial_reconcile r
                         CROSS JOIN LATERAL (VALUES
                              (r.credit_move_id, r.debit_move_id, 1,
                               r.credit_amount_currency, r.debit_amount_currency),
                              (r.debit_move_id, r.credit_move_id, -1,
                               r.debit_amount_currency, r.credit_amount_currency))
                              AS x (mine, other, sign, mine_amount, other_amount)
                         JOIN account_move_line l ON l.id = x.mine
                         JOIN account_move v ON v.id = l.move_id
                         JOIN account_journal j ON j.id = v.journal_id
                         JOIN res_company c ON c.id = v.company_id
                         JOIN account_move_line i ON i.id = x.other
                         LEFT JOIN account_payment pay ON pay.id = v.origin_payment_id
                        WHERE (pay.id IS NOT NULL OR v.statement_line_id IS NOT NULL
                               OR v.id = c.account_opening_move_id)
                          AND i.display_type = 'payment_term'
                        UNION ALL
                       -- payments without a journal entry
                       SELECT p.id * 2, v.id, p.currency_id, p.date,
                              p.amount * w.share, p.amount * w.share,
                              ABS(p.amount_company_currency_signed) * w.share
                         FROM account_payment p
                         JOIN account_move__account_payment k ON k.payment_id = p.id
                         JOIN account_move v ON v.id = k.invoice_id
                         CROSS JOIN LATERAL (
                              SELECT CASE p.payment_type WHEN 'inbound' THEN 1
                                                         ELSE -1 END
                                     * v.amount_total / NULLIF(SUM(a.amount_total), 0)
                                         AS share
                                FROM account_move__account_payment b
                                JOIN account_move a ON a.id = b.invoice_id
                               WHERE b.payment_id = p.id) w
                        WHERE p.move_id IS NULL
                          AND p.state IN ('in_process', 'paid')) w
                 CROSS JOIN LATERAL (
                      -- the lines of a document add up to it
                      SELECT b.order_id, SUM(b.price_total)
                                 / NULLIF(SUM(SUM(b.price_total)) OVER (), 0) AS share
                        FROM (SELECT DISTINCT ON (k.id) k.id, k.price_total,
                                     CASE WHEN so.contract_state IS NOT NULL
                                          THEN so.id END AS order_id
                                FROM account_move_line k
                                LEFT JOIN sale_order_line_invoice_rel r
                                  ON r.invoice_line_id = k.id
                                LEFT JOIN sale_order_line sl ON sl.id = r.order_line_id
                                LEFT JOIN sale_order so ON so.id = sl.order_id
                               WHERE k.move_id = w.invoice_id
                                 AND k.display_type = 'product'
                               ORDER BY k.id, so.contract_state IS NULL, so.id) b
                       GROUP BY b.order_id) o
                 LEFT JOIN sale_order so ON so.id = o.order_id
                GROUP BY w.receipt_id, o.order_id, w.day""",
            liquid=self.env["contract.facts"]._liquid_sql(
                SQL("c.account_opening_move_id")
            ),
        )

    @api.model
    def _receipts_sql(self, cutoff=None):
        """SQL of the receipts with what was claimed and reconciled of them.

        :param cutoff: the day up to whose end things count; all of them if not given
        """
        return SQL(
            """WITH source AS (
                SELECT * FROM (%(sources)s) s
                 WHERE %(cutoff)s::date IS NULL OR s.date <= %(cutoff)s::date
            ),
            linked AS (
                SELECT receipt_id, order_id, SUM(amount) AS amount
                  FROM (%(reconciled)s) r
                 WHERE %(cutoff)s::date IS NULL OR r.day <= %(cutoff)s::date
                 GROUP BY receipt_id, order_id
            ),
            claim AS (
                SELECT CASE WHEN payment_id IS NOT NULL THEN payment_id * 2
                            ELSE move_line_id * 2 + 1 END AS receipt_id,
                       order_id, SUM(amount) FILTER (WHERE state = 'claimed')
                           AS claimed,
                       SUM(amount) FILTER (WHERE state = 'to_confirm') AS to_confirm,
                       MAX(currency_id) AS currency_id
                  FROM contract_payment_claim
                 WHERE state <> 'withdrawn'
                   AND (%(cutoff)s::date IS NULL OR date <= %(cutoff)s::date)
                 GROUP BY 1, 2
            ),
            judged AS (
                SELECT s.*, COALESCE(k.claimed, 0) AS claimed,
                       COALESCE(k.to_confirm, 0) AS to_confirm,
                       CASE WHEN k.claimed IS NULL THEN COALESCE(l.ours, 0) ELSE 0 END
                           AS reconciled,
                       COALESCE(l.others, 0) AS outside,
                       CASE WHEN s.bill_state = 'dishonoured'
                             AND (%(cutoff)s::date IS NULL
                               OR s.bill_date <= %(cutoff)s::date) THEN 0
                            ELSE SIGN(s.amount) * GREATEST(0, SIGN(s.amount) * (
                                 s.amount - COALESCE(k.claimed, l.ours, 0)
                                 - COALESCE(l.others, 0))) END AS uncounted,
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
                                    -- claims of a reconciliation are rounded
                                    BOOL_OR(l.order_id IS NOT NULL AND
                                        ABS(l.amount) - ABS(COALESCE(k.claimed, 0))
                                        >= COALESCE(c.rounding, 0.01)) AS differs
                               FROM linked l
                               LEFT JOIN claim k ON k.receipt_id = l.receipt_id
                                                AND k.order_id = l.order_id
                               LEFT JOIN res_currency c ON c.id = k.currency_id
                              GROUP BY l.receipt_id) l ON l.receipt_id = s.id
            )
            SELECT j.id, j.kind, j.payment_id, j.move_line_id, j.name, j.reference,
                   j.date, j.company_id, j.currency_id, j.partner_id,
                   p.commercial_partner_id, COALESCE(j.payer_id, j.partner_id)
                       AS payer_id,
                   COALESCE(m.contract_running_account, FALSE) AS is_running,
                   j.instrument_id, COALESCE(i.is_bill, FALSE) AS is_bill,
                   j.bill_number, j.bill_drawer, j.bill_maturity,
                   CASE WHEN NOT i.is_bill THEN NULL
                        WHEN j.bill_date > %(cutoff)s::date THEN 'open'
                        ELSE COALESCE(j.bill_state, 'open') END AS bill_state,
                   CASE WHEN j.bill_date > %(cutoff)s::date THEN NULL
                        ELSE j.bill_date END AS bill_date,
                   j.amount, j.claimed, j.to_confirm, j.reconciled, j.outside,
                   ROUND(j.uncounted, c.decimal_places) AS uncounted,
                   ROUND(u.unclaimed, c.decimal_places) AS unclaimed,
                   ABS(u.unclaimed) >= COALESCE(c.rounding, 0.01) / 2 AS is_unclaimed,
                   j.is_conflict
              FROM judged j
              CROSS JOIN LATERAL (
                   SELECT SIGN(j.uncounted) * GREATEST(0, SIGN(j.uncounted)
                          * (j.uncounted - j.to_confirm)) AS unclaimed) u
              LEFT JOIN res_partner p ON p.id = j.partner_id
              LEFT JOIN res_partner m ON m.id = p.commercial_partner_id
              LEFT JOIN res_currency c ON c.id = j.currency_id
              LEFT JOIN contract_instrument i ON i.id = j.instrument_id""",
            sources=self._sources_sql(),
            reconciled=self._reconciled_sql(),
            cutoff=cutoff,
        )

    @api.model
    def _read_uncounted(self, company, partners, cutoff):
        """Money of commercial ``partners`` that counts for no contract at the end of a
        day: ``[{commercial_partner_id, currency_id, date, name, amount}, …]``."""
        return self.env.execute_query_dict(
            SQL(
                """SELECT commercial_partner_id, currency_id, date, name,
                          uncounted AS amount
                     FROM (%s) r
                    WHERE commercial_partner_id = ANY(%s) AND company_id = %s
                      AND uncounted <> 0
                    ORDER BY date, id""",
                self._receipts_sql(fields.Date.to_date(cutoff)),
                list(partners.ids),
                company.id,
                to_flush=self._source_fields(),
            )
        )

    @api.model
    def _of(self, payment=None, move_line=None):
        """The receipt of a payment or of a receivable item; empty of neither."""
        if payment:
            return self.browse(payment.id * 2)
        return self.browse(move_line.id * 2 + 1 if move_line else ())

    @api.model
    def _of_vals(self, vals):
        """The receipt of the values of a claim."""
        return self._of(
            self.env["account.payment"].browse(vals["payment_id"] or ()),
            self.env["account.move.line"].browse(vals["move_line_id"] or ()),
        )

    def _reconciled(self):
        """What the receipts were reconciled with, by contract and day: ``{receipt id:
        [{order_id, day, amount, contract_amount}, …]}``; ``order_id`` is None for
        invoices of no contract.

        Amounts are in the receipt's currency, rounded on their running sum, so that
        they add up to what was reconciled; ``contract_amount`` is in the contract's.
        """
        rows = self.env.execute_query_dict(
            SQL(
                """SELECT * FROM (%s) r WHERE receipt_id = ANY(%s)
                    ORDER BY receipt_id, order_id, day""",
                self._reconciled_sql(),
                list(self.ids),
                to_flush=self._source_fields(),
            )
        )
        result, running = defaultdict(list), defaultdict(float)
        for row in rows:
            receipt = self.browse(row.pop("receipt_id"))
            before = running[receipt]
            running[receipt] += float(row["amount"])
            row["amount"] = receipt.currency_id.round(
                receipt.currency_id.round(running[receipt])
                - receipt.currency_id.round(before)
            )
            row["contract_amount"] = float(row["contract_amount"] or 0)
            if row["amount"]:
                result[receipt.id].append(row)
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

    def _kept(self, parts, order_id, amount):
        """Values of claims of ``amount`` of what the receipt was reconciled with for a
        contract: ``[(receipt, values), …]``, the oldest reconciliation first."""
        self.ensure_one()
        currency = self.currency_id
        sign = -1 if self.amount < 0 else 1
        order = self.env["sale.order"].browse(order_id).sudo()
        result = []
        for part in parts:
            took = currency.round(min(sign * part["amount"], sign * amount))
            if part["order_id"] != order_id or took <= 0:
                continue
            amount -= sign * took
            share = sign * took / part["amount"]
            result.append(
                (
                    self,
                    {
                        **self._source(order_id, sign * took, "reconciliation"),
                        "date": part["day"],
                        "contract_amount": sign * took
                        if order.currency_id == currency
                        else order.currency_id.round(part["contract_amount"] * share),
                    },
                )
            )
        return result

    def _refuse_claim(self, free, claims, parts, outside):
        """Say that a claim is beyond the free part of the receipt, and whose the rest
        is.

        :param claims: what of it was claimed
        :param parts: what of it was reconciled, if nothing else counts
        :param outside: what of it paid invoices of no contract
        """
        self.ensure_one()
        owners = defaultdict(float)
        for claim in claims:
            owners[claim._contract_parent()] += claim.amount
        if not claims.filtered(lambda k: k.state == "claimed"):
            for part in parts:
                if part["order_id"]:
                    order = self.env["sale.order"].sudo().browse(part["order_id"])
                    owners[order] += part["amount"]
        names = [
            self.env._(
                "%(contract)s: %(amount)s",
                contract=contract.display_name,
                amount=self.currency_id.format(amount),
            )
            for contract, amount in owners.items()
        ]
        if not self.currency_id.is_zero(outside):
            names.append(
                self.env._(
                    "invoices of no contract: %(amount)s",
                    amount=self.currency_id.format(outside),
                )
            )
        values = {
            "receipt": self.display_name,
            "amount": self.currency_id.format(self.amount),
            "free": self.currency_id.format(free),
            "owners": format_list(self.env, names),
        }
        if not names:
            raise ValidationError(
                self.env._(
                    "%(receipt)s is %(amount)s: no more than that can be claimed.",
                    **values,
                )
            )
        raise ValidationError(
            self.env._(
                "Of %(receipt)s over %(amount)s only %(free)s is free. The rest has an "
                "owner: %(owners)s. Claim less, or withdraw that claim or undo that "
                "reconciliation first.",
                **values,
            )
        )

    def _propose(self):
        """Propose claims for what is left of the receipts, never more than that.

        :return: ``{receipt id: [{order_id, term_id, amount, origin}, …]}``
        """
        reconciled = self._proposed_by_reconciliation()
        online = self._proposed_by_transaction()
        named = self._proposed_by_reference()
        result, ahead, others = {}, [], self.browse()
        for receipt in self:
            sources = reconciled.get(receipt.id, [])
            for origin, found in (("transaction", online), ("reference", named)):
                sources += [
                    self._source(order_id, receipt.unclaimed, origin)
                    for order_id in found.get(receipt.id, ())
                ]
            result[receipt.id] = receipt._share_out(sources)
            if sources:
                ahead += [(receipt, vals) for vals in result[receipt.id]]
            else:
                others |= receipt
        running = others._proposed_by_due(ahead)
        for receipt in others.filtered(lambda r: r.id in running):
            result[receipt.id] = receipt._share_out(running[receipt.id])
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
        for receipt_id, parts in self._reconciled().items():
            claims = self.browse(receipt_id).claim_ids.filtered(
                lambda claim: claim.state == "claimed"
            )
            if claims:
                left = defaultdict(float)
                for part in parts:
                    left[part["order_id"]] += part["amount"]
                for claim in claims:
                    left[claim.order_id.id] -= claim.amount
                result[receipt_id] = [
                    self._source(
                        part["order_id"], left.pop(part["order_id"]), "reconciliation"
                    )
                    for part in parts
                    if part["order_id"] and part["order_id"] in left
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
        """The contracts of the customer that the payer's words name: by contract
        number, order, the customer's own number or an invoice.

        Numbers count whole, the longest first; full-width letters and the many dashes
        are read as plain ones.
        """
        receipts = self.filtered("reference")
        if not receipts:
            return {}
        rows = self.env.execute_query(
            SQL(
                """WITH r AS (
                       SELECT id, company_id, partner_id, %(reference)s AS reference
                         FROM UNNEST(%(ids)s, %(companies)s, %(partners)s,
                                     %(references)s)
                              AS r (id, company_id, partner_id, reference))
                   SELECT r.id, so.id, n.name, r.reference
                     FROM r
                     JOIN sale_order so ON so.company_id = r.company_id
                      AND so.contract_state IN ('confirmed', 'active', 'suspended',
                                                'completed')
                    CROSS JOIN LATERAL (
                          SELECT %(name)s AS name FROM (
                                 VALUES (so.contract_number), (so.name),
                                        -- another customer's number says nothing
                                        (CASE WHEN r.partner_id <> 0
                                              THEN so.client_order_ref END)
                                 UNION ALL
                                 SELECT v.name FROM sale_order_line l
                                   JOIN sale_order_line_invoice_rel x
                                     ON x.order_line_id = l.id
                                   JOIN account_move_line b ON b.id = x.invoice_line_id
                                   JOIN account_move v ON v.id = b.move_id
                                  WHERE l.order_id = so.id) AS n (name)) n
                    WHERE (r.partner_id = 0 OR EXISTS (
                           SELECT FROM res_partner p
                            WHERE p.commercial_partner_id = r.partner_id
                              AND p.id IN (so.partner_id, so.partner_invoice_id,
                                           so.contract_buyer_id)))
                      AND LENGTH(n.name) > 3
                      AND POSITION(REPLACE(n.name, '-', '')
                                   IN REPLACE(r.reference, '-', '')) > 0
                    GROUP BY r.id, so.id, n.name, r.reference
                    ORDER BY r.id, LENGTH(n.name) DESC, so.id""",
                name=self._folded_sql(SQL("n.name")),
                reference=self._folded_sql(SQL("reference")),
                ids=list(receipts.ids),
                companies=[receipt.company_id.id for receipt in receipts],
                partners=[
                    receipt.commercial_partner_id.id or 0 for receipt in receipts
                ],
                references=[receipt.reference for receipt in receipts],
                to_flush=self.env["contract.facts"]._reads(
                    ("sale.order", "name company_id client_order_ref contract_number"),
                    ("sale.order", "contract_state partner_id partner_invoice_id"),
                    ("sale.order", "contract_buyer_id"),
                    ("res.partner", "commercial_partner_id"),
                    ("account.move", "name"),
                ),
            )
        )
        orders = self.env["sale.order"].browse(
            {order_id for _id, order_id, *_n in rows}
        )
        readable = set(orders._filtered_access("read").ids)
        result = defaultdict(list)
        for receipt_id, group in groupby(rows, itemgetter(0)):
            owners, reference = defaultdict(list), None
            for _receipt_id, order_id, name, text in group:
                owners[name].append(order_id)
                reference = text
            for name in named_numbers(reference, owners):
                result[receipt_id] += [
                    order_id
                    for order_id in owners[name]
                    if order_id in readable and order_id not in result[receipt_id]
                ]
        return result

    @api.model
    def _folded_sql(self, text):
        """SQL of ``text`` in capitals, with plain letters, digits and dashes."""
        return SQL(
            "REGEXP_REPLACE(UPPER(NORMALIZE(%s, NFKC)), %s, '-', 'g')",
            text,
            "[-\u2010-\u2015\u2212\u2500\u30fc]+",
        )

    def _proposed_by_due(self, ahead=()):
        """What is due of customers on running account, the oldest first: what one
        receipt takes is not due for the next, whatever its currency.

        Converted at the receipt's day into the receipt's currency.

        :param ahead: what other receipts are proposed for: ``[(receipt, values)]``
        :return: ``{receipt id: [values of a claim, …]}``
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
        # the next day on which more than the tolerance is missing
        due = {
            term: facts[term.id]["date_due"]
            for term in orders.contract_term_ids
            if term.kind == "payment"
            and term.id in facts
            and facts[term.id]["is_open"]
            and facts[term.id]["date_due"]
            and facts[term.id]["date_due"] <= term.company_id._contract_today()
        }
        missing = {
            term: float(facts[term.id]["matured"] - facts[term.id]["actual_amount"])
            for term in sorted(due, key=lambda t: (due[t], t.order_id.id, t.id))
        }
        for order, named, amount in self._proposed_already(orders, ahead):
            for term in sorted(missing, key=lambda t, named=named: t != named):
                if term.order_id == order:
                    part = max(0, min(amount, missing[term]))
                    missing[term] -= part
                    amount -= part
        result = defaultdict(list)
        for receipt in receipts.sorted(lambda r: (r.date, r.id)):
            company, currency = receipt.company_id, receipt.currency_id
            left = receipt.unclaimed
            for term, open_amount in missing.items():
                customer = term.order_id.partner_id.commercial_partner_id
                if (customer, term.company_id) != (
                    receipt.commercial_partner_id,
                    company,
                ):
                    continue
                whole = term.currency_id._convert(
                    open_amount, currency, company, receipt.date
                )
                part = currency.round(min(left, whole))
                if part > 0:
                    left -= part
                    missing[term] -= (
                        open_amount
                        if currency.compare_amounts(part, whole) >= 0
                        else currency._convert(
                            part, term.currency_id, company, receipt.date
                        )
                    )
                    result[receipt.id].append(
                        self._source(term.order_id.id, part, "running", term.id)
                    )
        return result

    @api.model
    def _proposed_already(self, orders, ahead):
        """Money for ``orders`` that doesn't count yet: claims that wait for finance
        and what other receipts are proposed for (``ahead``).

        :return: list of (order, term, amount in the contract's currency)
        """
        claims = (
            self.env["contract.payment.claim"]
            .sudo()
            .search([("order_id", "in", orders.ids), ("state", "=", "to_confirm")])
        )
        result = [(k.order_id, k.term_id, k.contract_amount) for k in claims]
        for receipt, vals in ahead:
            order = orders.browse(vals.get("order_id"))
            if order:
                amount = receipt.currency_id._convert(
                    vals["amount"], order.currency_id, receipt.company_id, receipt.date
                )
                result.append((order, False, amount))
        return result
