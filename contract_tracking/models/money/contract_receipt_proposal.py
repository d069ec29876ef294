from collections import defaultdict
from operator import itemgetter

from odoo import models
from odoo.tools import SQL, groupby

from ...tools.words import named_numbers
from ..contract.sale_order import OWING_STATES


class ContractReceipt(models.Model):
    """Whose money a receipt probably is: what its reconciliation, its online payment,
    its reference and what is due of a customer on running account say."""

    _inherit = "contract.receipt"

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
        reconciled = self._reconciled()
        orders = self.env["sale.order"].browse(
            {
                part["order_id"]
                for parts in reconciled.values()
                for part in parts
                if part["order_id"]
            }
        )
        readable = set(orders._filtered_access("read").ids)
        for receipt in self:
            parts = reconciled.get(receipt.id, ())
            claims = receipt.claim_ids.filtered(lambda claim: claim.state == "claimed")
            if parts and claims:
                left = defaultdict(float)
                for part in parts:
                    left[part["order_id"]] += part["amount"]
                for claim in claims:
                    left[claim.order_id.id] -= claim.amount
                result[receipt.id] = [
                    self._source(
                        part["order_id"], left.pop(part["order_id"]), "reconciliation"
                    )
                    for part in parts
                    if part["order_id"] in readable and part["order_id"] in left
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
                      AND so.contract_state = ANY(%(states)s)
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
                states=["confirmed", *OWING_STATES],
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
                ("contract_state", "in", OWING_STATES),
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
