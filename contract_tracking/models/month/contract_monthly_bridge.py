from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.guard import is_unguarded, unguarded
from ...tools.windows import window

# What a line counts otherwise than the ledger does: kind of the bridge's row, the
# line's column, its sign.
DIFFERENCES = {
    "deposits": ("booked_deposits", 1),
    "bills": ("booked_uncounted", -1),
    "unposted": ("booked_unposted", 1),
    "opening": ("booked_opening", -1),
}


class ContractMonthlyBridge(models.Model):
    """The foot of a monthly execution record: how the receivable of its contracts and
    the receivable accounts of the company go together, a row a difference; what no
    other row explains is named too. Amounts in the company's currency, as of the
    cut-off."""

    _name = "contract.monthly.bridge"
    _inherit = ["contract.frozen.mixin"]
    _description = "Bridge to the Receivable Accounts"
    _order = "record_id, sequence, id"
    _rec_name = "kind"
    _frozen_create = True

    record_id = fields.Many2one(
        "contract.monthly.record",
        required=True,
        readonly=True,
        index=True,
        ondelete="cascade",
    )
    sequence = fields.Integer(readonly=True)
    kind = fields.Selection(
        [
            ("contracts", "Contracts of this record"),
            ("others", "Contracts of the other offices"),
            ("invoices", "Invoices without a contract"),
            ("entries", "Other journal entries"),
            ("unclaimed", "Unclaimed receipts"),
            ("deposits", "Down payments invoiced and not deducted"),
            ("bills", "Bills that don't count yet, or no more"),
            ("unposted", "Payments without a journal entry"),
            ("opening", "Opening figures outside the ledger"),
            ("rest", "Counted differently: claims, exchange"),
            ("ledger", "Receivable accounts"),
        ],
        string="What",
        required=True,
        readonly=True,
    )
    company_id = fields.Many2one(related="record_id.company_id", store=True)
    currency_id = fields.Many2one(related="record_id.currency_id")
    amount = fields.Monetary(
        readonly=True, help="In the company's currency, as of the cut-off."
    )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_read_again(self):
        if not is_unguarded(self):
            raise UserError(self._frozen_message())

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_open(self):
        """Open what the row adds up."""
        self.ensure_one()
        self.check_access("read")
        record = self.record_id
        name = dict(self._fields["kind"]._description_selection(self.env))[self.kind]
        if self.kind in ("invoices", "entries", "ledger"):
            return {
                "type": "ir.actions.act_window",
                "name": name,
                "res_model": "account.move.line",
                "views": [(False, "list"), (False, "form")],
                "domain": self._items_domain(),
                "context": {"create": False},
            }
        if self.kind == "unclaimed":
            return window(
                self.env,
                "contract_receipt_action",
                name=name,
                domain=[("uncounted", "!=", 0)],
                context={"contract_cutoff": str(record.date)},
            )
        records = record._month_records()
        if self.kind == "contracts":
            records = record
        elif self.kind == "others":
            records -= record
        domain = Domain("record_id", "in", records.ids)
        if self.kind in DIFFERENCES:
            domain &= Domain(DIFFERENCES[self.kind][0], "!=", 0)
        return window(
            self.env,
            "contract_monthly_record_line_action",
            name=name,
            domain=list(domain),
            context={},
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _items_domain(self):
        """The items of the receivable accounts that the row is about."""
        record = self.record_id
        domain = (
            Domain("account_id.account_type", "=", "asset_receivable")
            & Domain("parent_state", "=", "posted")
            & Domain("company_id", "=", record.company_id.id)
            & Domain("date", "<=", record.date)
        )
        if self.kind == "ledger":
            return domain
        rows = self.env.execute_query(
            self._open_items_sql(record.company_id, record.date)
        )
        ids = [item for item, kind, _amount in rows if kind == self.kind]
        return domain & Domain("id", "in", ids)

    @api.model
    def _open_items_sql(self, company, day):
        """SQL of what was open at the end of ``day`` on receivable accounts and belongs
        to no contract and is no receipt: (id of the item, kind, amount). Of an invoice
        of a contract and of something else, the share of what else. Money that was
        reconciled with an entry is nobody's all the same: the entry stands whole."""
        return SQL(
            """SELECT a.id, CASE v.move_type WHEN 'entry' THEN 'entries'
                                             ELSE 'invoices' END AS kind,
                      (a.balance - COALESCE(p.amount, 0)) * (1 - COALESCE(c.share, 0))
                          AS amount
                 FROM account_move_line a
                 JOIN account_account t ON t.id = a.account_id
                  AND t.account_type = 'asset_receivable'
                 JOIN account_move v ON v.id = a.move_id AND v.state = 'posted'
                 JOIN res_company y ON y.id = a.company_id
                 LEFT JOIN LATERAL (
                      SELECT SUM(CASE WHEN x.debit_move_id = a.id THEN x.amount
                                      ELSE -x.amount END) AS amount
                        FROM account_partial_reconcile x
                        JOIN account_move_line i
                          ON i.id = x.debit_move_id + x.credit_move_id - a.id
                        JOIN account_move o ON o.id = i.move_id
                       WHERE a.id IN (x.debit_move_id, x.credit_move_id)
                         AND x.max_date <= %(day)s
                         AND (v.move_type <> 'entry'
                              OR o.origin_payment_id IS NULL
                                 AND o.statement_line_id IS NULL
                              OR EXISTS (SELECT FROM account_partial_reconcile e
                                          WHERE e.exchange_move_id = v.id))) p ON TRUE
                 LEFT JOIN LATERAL (
                      SELECT SUM(i.price_total) FILTER (WHERE EXISTS (
                                 SELECT FROM sale_order_line_invoice_rel r
                                   JOIN sale_order_line l ON l.id = r.order_line_id
                                   JOIN sale_order o ON o.id = l.order_id
                                  WHERE r.invoice_line_id = i.id
                                    AND o.contract_state <> 'draft'))
                             / NULLIF(SUM(i.price_total), 0) AS share
                        FROM account_move_line i
                       WHERE i.move_id = v.id AND i.display_type = 'product'
                         AND v.move_type <> 'entry') c ON TRUE
                WHERE a.company_id = %(company)s AND a.date <= %(day)s
                  AND v.origin_payment_id IS NULL AND v.statement_line_id IS NULL
                  AND (a.balance > 0 OR y.account_opening_move_id IS DISTINCT FROM v.id)
                  AND (a.balance - COALESCE(p.amount, 0))
                      * (1 - COALESCE(c.share, 0)) <> 0""",
            company=company.id,
            day=day,
        )


class ContractMonthlyRecord(models.Model):
    """The bridge of a record to the ledger."""

    _inherit = "contract.monthly.record"

    def _month_records(self):
        """The records of the month in the company: of an office the version that is
        asked about, else the one that holds."""
        self.ensure_one()
        records = self.sudo().search(
            [
                ("company_id", "=", self.company_id.id),
                ("month", "=", self.month),
                ("state", "!=", "replaced"),
            ]
        )
        mine = records.filtered(lambda record: record.team_id != self.team_id)
        return mine - mine.replaces_id | self

    def _read_bridges(self):
        """Write the bridges of these records of one month anew."""
        if not self:
            return
        company, day = self.company_id, self[0].date
        self.env.flush_all()
        amounts = dict.fromkeys(("invoices", "entries"), 0.0)
        rows = self.env.execute_query(
            SQL(
                "SELECT kind, SUM(amount) FROM (%s) i GROUP BY kind",
                self.env["contract.monthly.bridge"]._open_items_sql(company, day),
            )
        )
        amounts.update((kind, float(amount)) for kind, amount in rows)
        [(ledger,)] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(a.balance), 0) FROM account_move_line a
                     JOIN account_account t ON t.id = a.account_id
                      AND t.account_type = 'asset_receivable'
                    WHERE a.company_id = %s AND a.parent_state = 'posted'
                      AND a.date <= %s""",
                company.id,
                day,
            )
        )
        free, lost = self._uncounted(company, day)
        amounts |= {"unclaimed": -free, "lost": -lost, "ledger": float(ledger)}
        Line = self.env["contract.monthly.record.line"].sudo()
        columns = [
            "booked_receivable",
            *(fname for fname, _sign in DIFFERENCES.values()),
        ]
        sums = {
            record: dict(zip(columns, values, strict=True))
            for record, *values in Line._read_group(
                [("company_id", "=", company.id), ("month", "=", self[0].month)],
                ["record_id"],
                [f"{column}:sum" for column in columns],
            )
        }
        Bridge = unguarded(self.env["contract.monthly.bridge"].sudo())
        Bridge.search([("record_id", "in", self.ids)]).unlink()
        Bridge.create(
            [
                {"record_id": record.id, "sequence": number, **row}
                for record in self
                for number, row in enumerate(record._bridge_rows(amounts, sums), 1)
            ]
        )

    def _bridge_rows(self, amounts, sums):
        """Kinds and amounts of the bridge, those that are 0 left out but the first and
        the last.

        :param amounts: ``{kind: amount}`` of the company
        :param sums: ``{record of the month: {column of its lines: sum}}``
        """
        self.ensure_one()
        currency = self.currency_id
        records = self._month_records()
        rows = [sums[record] for record in records if record in sums]
        own = sums.get(self, {}).get("booked_receivable", 0.0)
        values = {
            "contracts": own,
            "others": sum(row["booked_receivable"] for row in rows) - own,
            **amounts,
            **{
                kind: sign * sum(row[fname] for row in rows)
                for kind, (fname, sign) in DIFFERENCES.items()
            },
        }
        values["bills"] += values.pop("lost")
        values["rest"] = values["ledger"] - sum(
            amount for kind, amount in values.items() if kind != "ledger"
        )
        return [
            {"kind": kind, "amount": currency.round(values[kind])}
            for kind, _label in self.bridge_ids._fields["kind"].selection
            if kind in ("contracts", "ledger") or not currency.is_zero(values[kind])
        ]

    @api.model
    def _uncounted(self, company, day):
        """What was received up to the end of ``day`` and counts for no contract, and
        what of bills that were dishonoured was nobody's; in the company's currency as
        the ledger has it."""
        Facts = self.env["contract.facts.receipt"]
        Facts._prepare()
        [(free, lost)] = self.env.execute_query(
            SQL(
                """SELECT COALESCE(SUM(r.uncounted * r.rate), 0),
                          COALESCE(SUM(GREATEST(0, r.amount - r.claimed - r.reconciled
                              - r.outside) * r.rate) FILTER (
                                  WHERE r.bill_state = 'dishonoured'), 0)
                     FROM (SELECT k.*, CASE WHEN q.id IS NOT NULL
                                  THEN SIGN(k.amount)
                                       * ABS(q.amount_company_currency_signed)
                                  ELSE -a.balance END / NULLIF(k.amount, 0) AS rate
                             FROM (%s) k
                             LEFT JOIN account_payment q ON q.id = k.payment_id
                             LEFT JOIN account_move_line a ON a.id = k.move_line_id
                            WHERE k.company_id = %s) r""",
                Facts._kept_statement("orders", day),
                company.id,
            )
        )
        return float(free), float(lost)
