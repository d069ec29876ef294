from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_list

from ...tools.windows import form_window, window
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

    name = fields.Char(string="Voucher", readonly=True)
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
    claimed = fields.Monetary(
        readonly=True, help="What confirmed claims give to contracts."
    )
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
        return self._receipts_sql(self._cutoff())

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

    def _cutoff(self):
        """The day of the list: that of the context, None for now.

        Only for those who read all receipts: what was nobody's once isn't shown to
        everybody again.
        """
        if not self.env.su and not any(map(self.env.user.has_group, LOOKS_BACK)):
            return None
        return self.env["contract.ageing"]._cutoff()

    def _of(self, payment=None, move_line=None):
        """The receipt of a payment or of a receivable item; empty of neither."""
        if payment:
            return self.browse(payment.id * 2)
        return self.browse(move_line.id * 2 + 1 if move_line else ())

    def _of_vals(self, vals):
        """The receipt of the values of a claim."""
        return self._of(
            self.env["account.payment"].browse(vals["payment_id"] or ()),
            self.env["account.move.line"].browse(vals["move_line_id"] or ()),
        )

    def _amount_in(self, currency, amount, company, day):
        """What ``amount`` of the receipt is in ``currency``: as booked in the company's
        own, at the rate of ``day`` in another."""
        self.ensure_one()
        if self.currency_id == currency or currency != company.currency_id:
            return self.currency_id._convert(amount, currency, company, day)
        payment, items = self.payment_id.sudo(), self.move_line_id.sudo()
        if payment and not payment.move_id:
            booked, total = (
                payment.amount_company_currency_signed,
                payment.amount_signed,
            )
        else:
            items |= payment.move_id.line_ids.filtered(
                lambda item: item.account_id.account_type == "asset_receivable"
            )
            booked = sum(items.mapped("balance"))
            total = sum(items.mapped("amount_currency"))
        return currency.round(amount * booked / total) if total else 0.0

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
        others = self.env._("A contract that others follow")
        names = [
            self.env._(
                "%(contract)s: %(amount)s",
                contract=contract.display_name
                if contract.sudo(False).has_access("read")
                else others,
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
