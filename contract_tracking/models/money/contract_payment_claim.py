from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import SQL, format_date, format_list, formatLang

from ...tools.guard import is_unguarded, unguarded

# What somebody who claims may say; the rest follows from the receipt and the contract.
ENTERED = {
    "receipt_id", "payment_id", "move_line_id", "order_id", "frame_id", "term_id",
    "amount", "date", "note", "origin",
}  # fmt: skip

# Who says whose money it is.
ORIGINS = [
    ("manual", "By hand"),
    ("reconciliation", "Reconciled invoices"),
    ("transaction", "Online payment"),
    ("reference", "Reference of the payment"),
    ("running", "Running account, oldest due first"),
]


class ContractPaymentClaim(models.Model):
    """Whose money a receipt is (到款认领): so much of it belongs to this contract.

    A receipt is a customer payment, or a receivable item of a bank statement line or
    of the opening entry. Amounts are in the receipt's currency, ``contract_amount``
    in the contract's, at the rate of the claim's day, or as booked where the contract
    is in the company's currency; the day is one of the company's
    time zone. A claim is evidence: it keeps what its receipt was reconciled with, is
    confirmed by finance, withdrawn with a reason, never edited. Serves D3 §4.4, D7
    §1.3 and 附表1 二.
    """

    _name = "contract.payment.claim"
    _inherit = ["contract.part.mixin", "contract.reason.mixin", "contract.facts.source"]
    _description = "Payment Claim"
    # salespeople see the receipt, not its payment: _check_receipts asks for that
    _contract_known = ("payment_id", "move_line_id")
    _order = "date desc, id desc"
    _files_always = True
    _check_company_auto = True

    receipt_id = fields.Many2one(
        "contract.receipt",
        compute="_compute_receipt_id",
        store=True,
        readonly=True,
        index=True,
    )
    payment_id = fields.Many2one(
        "account.payment", index="btree_not_null", ondelete="set null", readonly=True
    )
    move_line_id = fields.Many2one(
        "account.move.line",
        string="Receivable Item",
        index="btree_not_null",
        ondelete="set null",
        readonly=True,
    )
    receipt_name = fields.Char(string="Voucher", readonly=True)
    receipt_date = fields.Date(string="Money Received On", readonly=True)
    payer_id = fields.Many2one(
        "res.partner",
        string="Actual Payer",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    payer_name = fields.Char(readonly=True)
    instrument_id = fields.Many2one(
        "contract.instrument", readonly=True, ondelete="restrict"
    )
    order_id = fields.Many2one(
        index="btree_not_null",
        ondelete="restrict",
        check_company=True,
        domain="[('contract_state', '!=', False)]",
    )
    frame_id = fields.Many2one(ondelete="restrict", check_company=True)
    term_id = fields.Many2one(
        "contract.term",
        string="Payment Term",
        index="btree_not_null",
        ondelete="restrict",
        domain="[('kind', '=', 'payment'), ('order_id', '=', order_id),"
        " ('frame_id', '=', frame_id), ('valid_to', '=', False)]",
        help="The promise that the money is for. Empty: it fills the promises in the "
        "contract's own order.",
    )
    company_id = fields.Many2one(required=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    contract_currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    date = fields.Date(
        required=True, help="The day from which the money counts for the contract."
    )
    amount = fields.Monetary(
        required=True,
        help="The part of the receipt that is this contract's, in the receipt's "
        "currency.",
    )
    contract_amount = fields.Monetary(
        string="In the Contract's Currency",
        required=True,
        readonly=True,
        help="What the contract counts as received, at the rate of the receipt's day.",
        currency_field="contract_currency_id",
    )
    state = fields.Selection(
        [
            ("to_confirm", "To confirm"),
            ("claimed", "Claimed"),
            ("withdrawn", "Withdrawn"),
        ],
        required=True,
        default="claimed",
        readonly=True,
        index=True,
    )
    origin = fields.Selection(ORIGINS, required=True, default="manual")
    user_id = fields.Many2one(
        "res.users",
        string="Claimed By",
        readonly=True,
        default=lambda self: self.env.user,
    )
    confirmed_by_id = fields.Many2one("res.users", readonly=True)
    withdrawn_on = fields.Date(readonly=True)
    withdrawn_by_id = fields.Many2one("res.users", readonly=True)
    withdrawn_reason = fields.Char(readonly=True)
    note = fields.Char()
    is_third_party = fields.Boolean(
        string="Third-Party Payer",
        readonly=True,
        help="Another company paid for the customer.",
    )
    is_unauthorised = fields.Boolean(
        string="Authorisation Missing",
        compute="_compute_is_unauthorised",
        search="_search_is_unauthorised",
        help="Another company paid and its authorisation is not among the "
        "contract's papers.",
    )

    _amount_not_zero = models.Constraint(
        "CHECK (amount <> 0)", "A claim needs an amount."
    )
    _has_receipt = models.Constraint(
        "CHECK (state = 'withdrawn' OR (payment_id IS NULL) <> (move_line_id IS NULL))",
        "A claim needs the receipt that it is a part of.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("payment_id", "move_line_id")
    def _compute_receipt_id(self):
        Receipt = self.env["contract.receipt"]
        for claim in self:
            claim.receipt_id = Receipt._of(claim.payment_id, claim.move_line_id)

    @api.depends("order_id", "frame_id", "receipt_name")
    def _compute_display_name(self):
        for claim in self:
            contract = claim._contract_parent().display_name
            claim.display_name = f"{claim.receipt_name or ''} → {contract}"

    @api.depends(
        "is_third_party",
        "payer_id",
        "state",
        "order_id.contract_document_ids.partner_ids",
        "order_id.contract_frame_id.document_ids.partner_ids",
        "frame_id.document_ids.partner_ids",
    )
    def _compute_is_unauthorised(self):
        missing = self.search(
            [("id", "in", self._origin.ids), ("is_unauthorised", "=", True)]
        )
        for claim in self:
            claim.is_unauthorised = claim._origin in missing

    def _search_is_unauthorised(self, operator, value):
        if operator != "in":
            return NotImplemented
        query = SQL(
            "(SELECT k.id FROM contract_payment_claim k WHERE %s)",
            self._unauthorised_sql(),
        )
        return [("id", "in", query)]

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("term_id", "order_id", "frame_id")
    def _check_term(self):
        for claim in self.filtered("term_id"):
            term = claim.term_id
            contract = claim.order_id, claim.frame_id
            if term.kind != "payment" or (term.order_id, term.frame_id) != contract:
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is no payment term of this contract.",
                        term=term.display_name,
                    )
                )

    @api.constrains("date", "receipt_date")
    def _check_date(self):
        for claim in self:
            if claim.receipt_date and claim.date < claim.receipt_date:
                raise ValidationError(
                    self.env._(
                        "The money of %(receipt)s can't count before it came, on "
                        "%(date)s.",
                        receipt=claim.receipt_name,
                        date=format_date(self.env, claim.receipt_date),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        if is_unguarded(self):
            claims = super().create(vals_list)
            self.env["contract.receipt"].invalidate_model(flush=False)
            return claims
        unknown = self._contract_system() & set().union(*vals_list)
        if unknown:
            raise UserError(
                self.env._(
                    "A claim's %(fields)s follow from the receipt; they can't be "
                    "entered.",
                    fields=format_list(
                        self.env,
                        [
                            self._fields[name]._description_string(self.env) or name
                            for name in sorted(unknown)
                        ],
                    ),
                )
            )
        self._contract_check_values(*vals_list)
        if not self.env.su:
            self._contract_check_links(*vals_list)
        prepared = [(self._receipt_of(vals), vals) for vals in vals_list]
        receipts = self.env["contract.receipt"].union(*(r for r, _vals in prepared))
        receipts._lock()
        self._check_receipts(receipts)
        values = [self._prepare(receipt, vals) for receipt, vals in prepared]
        self._check_origins(values)
        kept = self._take_part(values)
        claims = self.browse(unguarded(self).create(values).ids)
        claims.sudo()._check_contracts()
        (claims | kept)._log(self.env._("Claimed"))
        return claims

    @api.model
    def _contract_system(self):
        return self._fields.keys() - ENTERED

    def write(self, vals):
        if vals and not is_unguarded(self):
            raise UserError(
                self.env._(
                    "A claim can't be changed: withdraw it with a reason and claim "
                    "the money again."
                )
            )
        res = super().write(vals)
        self.env["contract.receipt"].invalidate_model(flush=False)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._("A claim is kept as evidence: withdraw it with a reason.")
        )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_confirm(self):
        """Confirm claims that wait for finance.

        :raise UserError: if the user is not of finance, or a claim doesn't wait
        """
        if not self._is_finance():
            raise UserError(self.env._("Only finance confirms claims."))
        self.check_access("read")
        claims = self.sudo()
        claims.receipt_id._lock()
        claims.invalidate_recordset(["state"])
        if any(claim.state != "to_confirm" for claim in claims):
            raise UserError(self.env._("Only claims that wait can be confirmed."))
        kept = claims._take_part()
        unguarded(claims).write({"state": "claimed", "confirmed_by_id": self.env.uid})
        claims._log(self.env._("Confirmed by finance"))
        kept._log(self.env._("Claimed"))

    def action_withdraw(self):
        """Open the window that asks why the claims are withdrawn."""
        return self._open_reason("withdraw")

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "withdraw": self._reason_step(
                self.env._("Withdraw the claim"), "_withdraw"
            ),
        }

    @api.readonly
    def action_open_order(self):
        """Open the contract of the claim."""
        self.ensure_one()
        return self._contract_parent()._contract_form_action()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _unauthorised_sql(self):
        """SQL condition on the claim ``k``: somebody else paid, without authorisation
        among the papers of the contract or of its frame agreement."""
        return SQL(
            """k.is_third_party AND k.state <> 'withdrawn' AND NOT EXISTS (
                       SELECT FROM contract_document d
                         JOIN contract_document_type t ON t.id = d.type_id
                        WHERE t.is_payment_authorisation
                          AND (d.order_id = k.order_id OR d.frame_id = k.frame_id
                               OR d.frame_id = (SELECT contract_frame_id
                                    FROM sale_order WHERE id = k.order_id))
                          AND (NOT EXISTS (
                               SELECT FROM contract_document_res_partner_rel r
                                WHERE r.contract_document_id = d.id)
                           OR EXISTS (
                               SELECT FROM contract_document_res_partner_rel r
                                 JOIN res_partner a ON a.id = r.res_partner_id
                                 JOIN res_partner b ON b.id = k.payer_id
                                WHERE r.contract_document_id = d.id
                                  AND a.commercial_partner_id
                                      = b.commercial_partner_id)))""",
            to_flush=self.env["contract.facts"]._reads(
                (self._name, "is_third_party state order_id frame_id payer_id"),
                ("contract.document", "type_id order_id frame_id partner_ids"),
                ("contract.document.type", "is_payment_authorisation"),
                ("sale.order", "contract_frame_id"),
                ("res.partner", "commercial_partner_id"),
            ),
        )

    @api.model
    def _receipt_of(self, vals):
        Receipt = self.env["contract.receipt"].sudo().with_context(contract_cutoff=None)
        receipt = Receipt.browse(vals.get("receipt_id")) or Receipt._of(
            self.env["account.payment"].browse(vals.get("payment_id")),
            self.env["account.move.line"].browse(vals.get("move_line_id")),
        )
        if not receipt:
            raise UserError(self.env._("Choose the receipt that is claimed."))
        if not receipt.exists():
            raise UserError(
                self.env._(
                    "This is no money of a customer that can be claimed: only posted "
                    "customer payments, bank statements and opening entries are."
                )
            )
        return receipt

    def _check_receipts(self, receipts):
        """Whoever claims must see the receipt; finance sees all of them."""
        receipts.with_env(self.env).check_access("read")
        if not self._is_finance() and not self.env.user.has_group(
            "contract_tracking.group_contract_user"
        ):
            raise AccessError(
                self.env._("Only salespeople and finance claim receipts.")
            )

    def _check_contracts(self):
        for claim in self:
            if claim.order_id and not claim.order_id.contract_state:
                raise UserError(
                    self.env._(
                        "%(order)s is not tracked as a contract.",
                        order=claim.order_id.display_name,
                    )
                )
            if claim.frame_id.state in ("draft", "cancelled"):
                raise UserError(
                    self.env._(
                        "%(frame)s is not in effect: money can't be claimed for it.",
                        frame=claim.frame_id.display_name,
                    )
                )

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"date"}

    def _contract_past_until(self):
        # a payment that core dates ahead counts from its own day
        today = super()._contract_past_until()
        return max(today, self.receipt_date or today)

    @api.model
    def _is_finance(self):
        return self.env.su or self.env.user.has_group(
            "contract_tracking.group_contract_finance"
        )

    def _prepare(self, receipt, vals):
        """The stored values of a claim: what was entered and what follows from it."""
        order = self.env["sale.order"].browse(vals.get("order_id")).sudo()
        frame = self.env["contract.frame"].browse(vals.get("frame_id")).sudo()
        contract = order or frame
        if not contract:
            raise UserError(self.env._("Choose the contract that the money is for."))
        company = receipt.company_id
        if contract.company_id != company:
            raise UserError(
                self.env._(
                    "%(receipt)s is money of another company than %(contract)s.",
                    receipt=receipt.display_name,
                    contract=contract.display_name,
                )
            )
        date = fields.Date.to_date(vals.get("date")) or receipt.date
        payer = receipt.payer_id
        parties = (
            contract.partner_id | order.contract_buyer_id | order.partner_invoice_id
        )
        origin = vals.get("origin") or "manual"
        waits = not self._is_finance() and (
            origin == "running" or company.contract_claim_confirm
        )
        amount = receipt.currency_id.round(vals.get("amount") or 0.0)
        return {
            "payment_id": receipt.payment_id.id,
            "move_line_id": receipt.move_line_id.id,
            "receipt_name": receipt.display_name,
            "receipt_date": receipt.date,
            "payer_id": payer.id,
            "payer_name": payer.display_name,
            "instrument_id": receipt.instrument_id.id,
            "is_third_party": bool(payer)
            and payer.commercial_partner_id not in parties.commercial_partner_id,
            "order_id": order.id,
            "frame_id": frame.id,
            "term_id": vals.get("term_id"),
            "company_id": company.id,
            "currency_id": receipt.currency_id.id,
            "contract_currency_id": contract.currency_id.id,
            "date": date,
            "amount": amount,
            "contract_amount": receipt._amount_in(
                contract.currency_id, amount, company, date
            ),
            "origin": origin,
            "note": vals.get("note"),
            "state": "to_confirm" if waits else "claimed",
        }

    def _check_origins(self, vals_list):
        """Claimed by hand is what no reconciliation says of that contract: it isn't
        taken back with the others of its receipt."""
        named = [vals for vals in vals_list if vals["origin"] == "reconciliation"]
        if not named:
            return
        Receipt = self.env["contract.receipt"].sudo()
        receipts = Receipt.union(*map(Receipt._of_vals, named))
        reconciled = {
            (receipt_id, part["order_id"])
            for receipt_id, parts in receipts._reconciled().items()
            for part in parts
        }
        for vals in named:
            if (Receipt._of_vals(vals).id, vals["order_id"]) not in reconciled:
                vals["origin"] = "manual"

    def _take_part(self, vals_list=()):
        """Before claims are created (``vals_list``) or confirmed (``self``): give them
        their part of their receipts.

        From its first claim on a receipt counts by its claims alone. What it was
        reconciled with would be lost by that, so it is claimed along with it. A claim
        that fits into the free part comes on top; a greater one says once more what
        its own contract's reconciliation says already. What is another contract's it
        never takes. Claims that wait for finance leave everything as it is.

        :return: the claims of what was reconciled
        :raise ValidationError: beyond the free part, naming whose the rest is
        """
        asked = self.env["contract.receipt"].sudo().with_context(contract_cutoff=None)
        new = defaultdict(list)
        for vals in vals_list:
            receipt = asked._of_vals(vals)
            new[receipt].append(
                (vals["order_id"], vals["amount"], True, vals["state"] == "claimed")
            )
            asked |= receipt
        receipts = asked | self.sudo().receipt_id.with_env(asked.env)
        reconciled = receipts._reconciled()
        standing = self._standing(receipts)
        values, outdated = [], self.browse()
        for receipt in receipts:
            compare = receipt.currency_id.compare_amounts
            sign = -1 if receipt.amount < 0 else 1
            counting = standing[receipt].filtered(lambda k: k.state == "claimed")
            kept = counting.filtered(lambda k: k.origin == "reconciliation")
            parts = reconciled.get(receipt.id, [])
            outside = sum(part["amount"] for part in parts if not part["order_id"])
            parts = kept._as_parts() if counting else parts
            held = defaultdict(float)
            for part in parts:
                if part["order_id"]:
                    held[part["order_id"]] += sign * part["amount"]
            free = sign * (receipt.amount - outside)
            free -= sign * sum((counting - kept).mapped("amount")) + sum(held.values())
            keep, replaced = dict(held), set()
            # claims that wait hold their part already, in the order in which they came
            asks = [
                (claim.order_id.id, claim.amount, claim in self, claim in self)
                for claim in (standing[receipt] - counting).sorted("id")
            ] + new[receipt]
            for order_id, amount, is_new, counts in asks:
                amount *= sign
                own = 0.0
                if compare(amount, free) > 0:
                    own = min(amount, held[order_id])
                left = free - amount + own
                if is_new and (amount < 0 or compare(left, 0) < 0):
                    receipt._refuse_claim(
                        sign * max(free, 0), standing[receipt] - self, parts, outside
                    )
                held[order_id] -= own
                free = max(left, 0)
                if counts and own:
                    keep[order_id] -= own
                    replaced.add(order_id)
            if any(counts for *_ask, counts in asks):
                outdated |= kept.filtered(lambda k, ids=replaced: k.order_id.id in ids)
                for order_id in replaced if counting else keep:
                    values += receipt._kept(parts, order_id, sign * keep[order_id])
        outdated._set_withdrawn(self.env._("Claimed by hand."))
        return self._keep(values)

    def _restore_part(self):
        """These claims were taken back: what their receipts were reconciled with is
        their contracts' again."""
        receipts = self.sudo().receipt_id.with_context(contract_cutoff=None).exists()
        reconciled = receipts._reconciled()
        standing = self._standing(receipts)
        values = []
        for receipt in receipts:
            sign = -1 if receipt.amount < 0 else 1
            counting = standing[receipt].filtered(lambda k: k.state == "claimed")
            if not counting:
                continue
            parts = reconciled.get(receipt.id, [])
            free = receipt.amount - sum(counting.mapped("amount"))
            free = sign * (free - sum(p["amount"] for p in parts if not p["order_id"]))
            gone = self.filtered(
                lambda k, r=receipt: k.receipt_id == r and k.origin != "reconciliation"
            )
            for order in gone.order_id:
                missing = sum(
                    sign * part["amount"]
                    for part in parts
                    if part["order_id"] == order.id
                ) - sum(
                    sign * claim.amount for claim in counting if claim.order_id == order
                )
                back = min(missing, free)
                if receipt.currency_id.compare_amounts(back, 0) > 0:
                    free -= back
                    values += receipt._kept(parts, order.id, sign * back)
        self._keep(values)._log(self.env._("Claimed"))

    @api.model
    def _standing(self, receipts):
        """The claims of ``receipts`` that are not withdrawn, by receipt."""
        claims = self.sudo().search(
            [("receipt_id", "in", receipts.ids), ("state", "!=", "withdrawn")]
        )
        groups = claims.grouped("receipt_id")
        return {receipt: groups.get(receipt, claims.browse()) for receipt in receipts}

    def _as_parts(self):
        """Claims as :meth:`contract.receipt._reconciled` describes its parts."""
        return [
            {
                "order_id": claim.order_id.id,
                "day": claim.date,
                "amount": claim.amount,
                "contract_amount": claim.contract_amount,
            }
            for claim in self.sorted(lambda claim: (claim.date, claim.id))
        ]

    @api.model
    def _keep(self, values):
        """Create claims of what was reconciled, on the day on which it was."""
        return self.browse(
            unguarded(self.sudo())
            .create(
                [
                    {
                        **self.sudo()._prepare(receipt, vals),
                        "contract_amount": vals["contract_amount"],
                    }
                    for receipt, vals in values
                ]
            )
            .ids
        )

    def _withdraw(self, reason):
        """Take claims back: the money is unclaimed again.

        :raise UserError: without reason; of somebody else's claims, if the user is
            not of finance
        """
        self.check_access("read")
        if not self._is_finance() and any(
            claim.user_id != self.env.user for claim in self.sudo()
        ):
            raise UserError(
                self.env._("Only finance withdraws what somebody else has claimed.")
            )
        claims = self.sudo().filtered(lambda claim: claim.state != "withdrawn")
        claims.receipt_id.exists()._lock()
        claims._take_back(reason)
        claims._restore_part()

    def _take_back(self, reason):
        """Withdraw without asking who: what the receipt itself undoes.

        A receipt of which only the reconciliation is still claimed counts by that
        again.
        """
        claims = self.sudo().filtered(lambda claim: claim.state != "withdrawn")
        claims._set_withdrawn(reason)
        for rest in self._standing(claims.receipt_id).values():
            kept = rest.filtered(lambda k: k.state == "claimed")
            if all(k.origin == "reconciliation" and not k.term_id for k in kept):
                kept._set_withdrawn(self.env._("It counts by its reconciliation."))

    def _set_withdrawn(self, reason):
        claims = self.sudo()
        for company, group in claims.grouped("company_id").items():
            unguarded(group).write(
                {
                    "state": "withdrawn",
                    "withdrawn_on": company._contract_today(),
                    "withdrawn_by_id": self.env.uid,
                    "withdrawn_reason": reason,
                }
            )
        claims._log(self.env._("Claim withdrawn"), reason)

    def _history_text(self, what):
        currency = self.contract_currency_id
        amount = formatLang(
            self.env, self.contract_amount, digits=currency.decimal_places
        )
        return f"{what} {amount} {currency.name}"

    def _log(self, what, reason=False):
        self.env["contract.history"]._log(
            [
                {
                    **claim._contract_parent_vals(),
                    "kind": "claim",
                    "name": claim.receipt_name or what,
                    "new_value": claim._history_text(what),
                    "reason": reason,
                    "res_model": claim._name,
                    "record_id": claim.id,
                }
                for claim in self.sudo()
            ]
        )
