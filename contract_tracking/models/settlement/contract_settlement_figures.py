from collections import defaultdict

from odoo import models

from ...tools.guard import unguarded
from ...tools.words import format_quantity


class ContractSettlement(models.Model):
    """What a settlement shows, read from the facts as of its day, as a set."""

    _inherit = "contract.settlement"

    def _refresh(self):
        """Read the figures and rows of drafts, those of one day as a set. Rows keep
        what was noted of the customer's figures."""
        Facts = self.env["contract.facts"].sudo()
        for day, records in unguarded(self.sudo()).grouped("date").items():
            orders = records.order_id
            figures = Facts._read_orders(orders, day)
            accounts = Facts._read_accounts(orders, day)
            terms = Facts._read_terms(orders, day)
            lines = Facts._read_settled_lines(orders, day)
            money = defaultdict(list)
            for kind, figure in (
                ("receipt", "received"),
                ("adjustment", "adjusted"),
                ("bill", "bills"),
            ):
                for row in Facts._read_rows(orders, figure, day):
                    money[row["order_id"]].append({**row, "kind": kind})
            for record in records:
                order = record.order_id
                record._fill(
                    figures[order.id],
                    accounts.get(order, {}),
                    order.contract_term_ids.browse(
                        t.id for t in order.contract_term_ids if t.id in terms
                    ),
                    terms,
                    lines,
                    money[order.id],
                )

    def _fill(self, figures, account, terms, term_facts, line_facts, money):
        """Write figures and rows.

        :param figures: row of the contract
        :param account: what it owes, by ``_read_accounts``
        :param terms: those that hold on the day
        :param term_facts: ``{term id: row}``
        :param line_facts: ``{order line id: row}``
        :param money: rows of receipts, adjustments and open bills
        """
        self.ensure_one()
        kept = [
            term_facts[term.id]
            for term in terms
            if term.kind == "payment"
            and term.payment_kind == "retention"
            and term_facts[term.id]["is_open"]
            and not (
                term_facts[term.id]["date_due"]
                and term_facts[term.id]["date_due"] <= self.date
            )
        ]
        days = [row["date_due"] for row in kept]
        lines = self._line_vals(terms, term_facts, line_facts, figures)
        values = {
            **self._figures_vals(figures),
            "returned_amount": sum(vals["returned_amount"] for vals in lines),
            "bills_amount": figures["counted_bills"],
            "booked_receivable": account.get("booked_receivable") or 0.0,
            "retention_open": sum(
                float(row["agreed_amount"] - row["actual_amount"]) for row in kept
            ),
            # one that waits for an event has no day yet
            "retention_until": all(days) and max(days, default=False),
            "missing_text": self._missing(terms, term_facts),
        }
        self.write(values)
        self._keep_rows("line_ids", lines, "line_id")
        self._keep_rows(
            "payment_ids", self._payment_vals(terms, term_facts, money), "key"
        )

    def _figures_vals(self, row):
        """Figures of the contract by our fields, from a row of the facts."""
        goods = row["invoiced_goods"]
        return {
            name: float(value or 0)
            for name, value in (
                ("agreed_amount", row["total"]),
                ("delivered_amount", row["delivered"]),
                ("fee_amount", row["invoiced"] - goods),
                ("invoiced_amount", row["invoiced"]),
                ("uninvoiced_amount", row["delivered"] - goods),
                ("received_amount", row["received"]),
                ("adjusted_amount", row["adjusted"]),
            )
        }

    def _line_vals(self, terms, term_facts, line_facts, figures):
        """Values of a row an order line, and of one for what belongs to none of them:
        opening figures, roundings, what was invoiced elsewhere."""
        agreed = self._agreed_goods(terms, term_facts)
        currency, round_ = self.currency_id, self.currency_id.round
        # what of the total the goods leave, for freight and the like
        room = float(figures["total"] or 0) - sum(
            amount for _qty, amount in agreed.values()
        )
        values = []
        for line in self.order_id.order_line.filtered(
            lambda ln: not ln.display_type and not ln.is_downpayment
        ):
            row = line_facts.get(line.id, {})
            if line in agreed:
                quantity, amount = agreed[line]
            elif line._contract_is_below_zero() or line._contract_is_promise():
                # the agreed amounts of the others are lowered by it; goods that aren't
                # agreed on came beside the agreement, or are agreed on later
                quantity = amount = 0.0
            elif currency.compare_amounts(line.price_total, room) > 0:
                quantity = amount = 0.0
            else:
                quantity, amount = line.product_uom_qty, line.price_total
                room -= amount
            sent, returned = (float(row.get(n) or 0) for n in ("sent", "returned"))
            vals = {
                "line_id": line.id,
                "name": line.name,
                "uom_name": line.product_uom_id.name,
                "agreed_quantity": quantity,
                "delivered_quantity": sent - returned,
                "returned_quantity": returned,
                "invoiced_quantity": float(row.get("invoiced") or 0),
                "agreed_amount": round_(amount),
                "delivered_amount": round_(float(row.get("delivered_amount") or 0)),
                "returned_amount": round_(float(row.get("returned_amount") or 0)),
                "invoiced_amount": round_(float(row.get("invoiced_amount") or 0)),
            }
            if any(v for n, v in vals.items() if n.endswith(("quantity", "amount"))):
                values.append(vals)
        rest = {
            "agreed_amount": figures["total"],
            "delivered_amount": figures["delivered"],
            "invoiced_amount": figures["invoiced"],
        }
        rest = {
            name: round_(float(amount or 0) - sum(vals[name] for vals in values))
            for name, amount in rest.items()
        }
        if any(rest.values()):
            values.append(
                {
                    **dict.fromkeys(values[0] if values else (), False),
                    "line_id": False,
                    "name": self.env._("Not by line (opening figures, roundings)"),
                    "returned_amount": 0.0,
                    **rest,
                }
            )
        return values

    def _agreed_goods(self, terms, term_facts):
        """What was agreed of order lines: ``{line: [quantity, amount]}``. What is no
        longer asked for was agreed all the same, as in the total: of a contract that
        was terminated what its end closed, not what it left of that."""
        order = self.order_id
        goods = terms.filtered(lambda t: t.kind == "delivery" and t.line_id)
        closed = goods.browse()
        ended = order.contract_state == "terminated" and order._contract_ended_day()
        if ended and self.date >= ended:
            goods -= goods.filtered(
                lambda t: t.predecessor_id and t.valid_from == ended
            )
            closed = order.contract_term_ids.filtered(
                lambda t: t.kind == "delivery" and t.line_id and t.valid_to == ended
            )
            # what was agreed anew on that day, and ended with the contract
            closed -= closed.predecessor_id
        agreed = defaultdict(lambda: [0.0, 0.0])
        for term in goods:
            agreed[term.line_id][0] += float(term_facts[term.id]["agreed_quantity"])
            agreed[term.line_id][1] += float(term_facts[term.id]["agreed_amount"])
        for term in closed:
            agreed[term.line_id][0] += term.quantity
            agreed[term.line_id][1] += term.amount
        return agreed

    def _payment_vals(self, terms, term_facts, money):
        """Values of a row a payment term, then of receipts, adjustments and bills."""
        round_ = self.currency_id.round
        values = []
        payments = terms.filtered(lambda t: t.kind == "payment").sorted(
            lambda t: (t.sequence, t.id)
        )
        for term in payments:
            row = term_facts[term.id]
            amount = round_(float(row["agreed_amount"]))
            covered = round_(float(row["actual_amount"]))
            waived = row["status"] == "waived"
            values.append(
                {
                    "key": f"term:{term.id}",
                    "kind": "term",
                    "term_id": term.id,
                    "name": term.display_name,
                    "date": row["date_due"],
                    "due_text": not row["date_due"] and term._due_description(),
                    "is_retention": term.payment_kind == "retention",
                    "agreed_amount": amount,
                    "amount": covered,
                    "outstanding": 0.0 if waived else round_(amount - covered),
                }
            )
        count = defaultdict(int)
        # parts are rounded on their running sum: they are the figure, to the cent
        running = defaultdict(float)
        for row in money:
            document = row["res_model"] and self.env[row["res_model"]].browse(
                row["res_id"]
            )
            text = (document and document.display_name) or self.env._("Opening figures")
            key = f"{row['kind']}:{row['res_model']}:{row['res_id']}:{row['day']}"
            count[key] += 1
            before = round_(running[row["kind"]])
            running[row["kind"]] += float(row["amount"])
            values.append(
                {
                    "key": f"{key}:{count[key]}",
                    "kind": row["kind"],
                    "term_id": False,
                    "name": " · ".join(filter(None, (text, row["description"]))),
                    "date": row["day"],
                    "due_text": False,
                    "is_retention": False,
                    "agreed_amount": 0.0,
                    "amount": round_(round_(running[row["kind"]]) - before),
                    "outstanding": 0.0,
                }
            )
        return values

    def _keep_rows(self, fname, vals_list, key):
        """Write the rows of a list anew; those that stay keep what was noted."""
        rows = self[fname]
        present = {
            row[key].id if rows._fields[key].relational else row[key]: row
            for row in rows
        }
        kept = rows.browse()
        fresh = []
        for number, vals in enumerate(vals_list, 1):
            vals["sequence"] = number
            row = present.get(vals[key])
            if row:
                row.write(vals)
                kept |= row
            else:
                fresh.append({**vals, "settlement_id": self.id})
        (rows - kept).unlink()
        rows.create(fresh)

    def _missing(self, terms, term_facts):
        """What was promised and isn't delivered on the day, a line each; False if
        nothing."""
        texts = []
        for term in terms.filtered(lambda t: t.kind == "delivery"):
            row = term_facts[term.id]
            if row["is_open"]:
                texts.append(
                    self.env._(
                        "%(goods)s: %(delivered)s of %(agreed)s",
                        goods=term.display_name,
                        delivered=format_quantity(
                            self.env, float(row["actual_quantity"])
                        ),
                        agreed=format_quantity(self.env, float(row["agreed_quantity"])),
                    )
                )
        return "\n".join(texts) or False
