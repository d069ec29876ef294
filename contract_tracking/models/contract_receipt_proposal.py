from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from .sale_order import OPEN_STATES


class ContractReceipt(models.Model):
    """Whose money a receipt probably is: what its reference, its online payment and
    its reconciliation say, and what is due of a customer on running account."""

    _inherit = "contract.receipt"

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
                    (order_id, False, receipt.unclaimed, origin)
                    for order_id in found.get(receipt.id, ())
                ]
            result[receipt.id] = receipt._share_out(
                sources or running.get(receipt.id, [])
            )
        return result

    def _share_out(self, sources):
        """Values of claims of what is left of the receipt, from the first of the
        ``sources`` (order id, term id, amount, origin) to the last."""
        self.ensure_one()
        currency = self.currency_id
        sign = -1 if self.amount < 0 else 1
        left = abs(self.unclaimed)
        values = []
        for order_id, term_id, amount, origin in sources:
            part = currency.round(min(left, sign * amount))
            if part > 0:
                left -= part
                values.append(
                    {
                        "order_id": order_id,
                        "term_id": term_id,
                        "amount": sign * part,
                        "origin": origin,
                    }
                )
        if not currency.is_zero(left):
            values.append({"amount": sign * left})
        return values

    def _proposed_by_reconciliation(self):
        """What receipts that are claimed already were reconciled with beyond that."""
        result = {}
        for receipt_id, orders in self._reconciled().items():
            claimed = {}
            for claim in self.browse(receipt_id).claim_ids:
                if claim.state == "claimed":
                    claimed[claim.order_id.id] = (
                        claimed.get(claim.order_id.id, 0) + claim.amount
                    )
            if claimed:
                result[receipt_id] = [
                    (
                        order_id,
                        False,
                        amount - claimed.get(order_id, 0),
                        "reconciliation",
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
        for model in ("sale.order", "sale.order.line", "account.move"):
            self.env[model].flush_model()
        self.env.cr.execute(
            SQL(
                """SELECT r.id, so.id
                     FROM (SELECT * FROM UNNEST(%s, %s, %s)
                               AS r (id, company_id, reference)) r
                     JOIN sale_order so ON so.company_id = r.company_id
                      AND so.contract_state IN ('confirmed', 'active', 'suspended',
                                                'completed')
                    WHERE LENGTH(so.contract_number) > 3
                          AND POSITION(UPPER(so.contract_number)
                                       IN UPPER(r.reference)) > 0
                       OR LENGTH(so.name) > 3
                          AND POSITION(UPPER(so.name) IN UPPER(r.reference)) > 0
                       OR LENGTH(so.client_order_ref) > 3
                          AND POSITION(UPPER(so.client_order_ref)
                                       IN UPPER(r.reference)) > 0
                       OR EXISTS (
                          SELECT FROM sale_order_line l
                            JOIN sale_order_line_invoice_rel x ON x.order_line_id = l.id
                            JOIN account_move_line b ON b.id = x.invoice_line_id
                            JOIN account_move v ON v.id = b.move_id
                           WHERE l.order_id = so.id AND LENGTH(v.name) > 3
                             AND POSITION(UPPER(v.name) IN UPPER(r.reference)) > 0)
                    ORDER BY r.id, so.id""",
                list(receipts.ids),
                [receipt.company_id.id for receipt in receipts],
                [receipt.reference for receipt in receipts],
            )
        )
        rows = self.env.cr.fetchall()
        orders = self.env["sale.order"].browse({order_id for _id, order_id in rows})
        readable = set(orders._filtered_access("read").ids)
        result = {}
        for receipt_id, order_id in rows:
            if order_id in readable:
                result.setdefault(receipt_id, []).append(order_id)
        return result

    def _proposed_by_due(self):
        """What is due of customers on running account, oldest first.

        Converted at the receipt's day into the receipt's currency.
        """
        receipts = self.filtered(lambda r: r.is_running and r.amount > 0)
        orders = self.env["sale.order"].search(
            [
                (
                    "partner_id.commercial_partner_id",
                    "in",
                    receipts.commercial_partner_id.ids,
                ),
                ("contract_state", "in", OPEN_STATES),
            ]
        )
        if not receipts or not orders:
            return {}
        facts = self.env["contract.facts"]._read_terms(orders)
        due = {}
        for term in orders.contract_term_ids.filtered(lambda t: t.kind == "payment"):
            row = facts.get(term.id)
            if row and row["matured"] - row["actual_amount"] > 0:
                order = term.order_id
                due.setdefault(
                    (order.partner_id.commercial_partner_id, order.company_id), []
                ).append(
                    (
                        row["date_due"],
                        term,
                        float(row["matured"] - row["actual_amount"]),
                    )
                )
        result = {}
        for receipt in receipts:
            key = receipt.commercial_partner_id, receipt.company_id
            result[receipt.id] = [
                (
                    term.order_id.id,
                    term.id,
                    term.currency_id._convert(
                        amount, receipt.currency_id, receipt.company_id, receipt.date
                    ),
                    "running",
                )
                for _day, term, amount in sorted(
                    due.get(key, ()), key=lambda d: (d[0], d[1].order_id.id, d[1].id)
                )
            ]
        return result

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.model
    def action_propose_running(self):
        """Claim what is left of customers on running account for what is due, oldest
        first; finance confirms the claims.

        :raise UserError: if the user is neither of finance nor of the business office
        """
        if not self.env["contract.payment.claim"]._is_finance() and not (
            self.env.user.has_group("contract_tracking.group_contract_business")
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
        taken = {}
        for receipt in receipts.sorted(lambda r: (r.date, r.id)):
            left = receipt.unclaimed
            for order_id, term_id, amount, origin in due.get(receipt.id, []):
                key = term_id
                part = min(left, amount - taken.get(key, 0))
                if part <= receipt.currency_id.rounding / 2:
                    continue
                taken[key] = taken.get(key, 0) + part
                left -= part
                values.append(
                    {
                        "receipt_id": receipt.id,
                        "order_id": order_id,
                        "term_id": term_id,
                        "amount": part,
                        "origin": origin,
                    }
                )
        claims = self.env["contract.payment.claim"].create(values)
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_payment_claim_action"
        )
        action["domain"] = [("id", "in", claims.ids)]
        return action
