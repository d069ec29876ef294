from odoo import Command, fields, models

from ...tools.guard import unguarded

# What of the facts the assessment reads.
FIGURES = (
    "delivered", "invoiced", "invoiced_goods", "received", "adjusted",
    "delivered_not_invoiced", "counted_bills",
)  # fmt: skip


class ContractTermination(models.Model):
    """What is lost by the end of a contract, read from the facts: as of now while it is
    a draft, as of the submission afterwards."""

    _inherit = "contract.termination"

    def _assess(self):
        """Read the figures, and list the open deliveries."""
        orders = self.sudo().order_id
        self.env.flush_all()
        rows = self.env["contract.facts"]._read_orders(orders)
        terms = self.env["contract.facts"]._read_terms(orders)
        now = fields.Datetime.now()
        for record in self.sudo():
            order = record.order_id
            row = rows.get(order.id, {})
            figure = {name: float(row.get(name) or 0) for name in FIGURES}
            # a bill is no money before it is honoured
            paid = figure["received"] + figure["adjusted"] - figure["counted_bills"]
            due = figure["delivered"] + figure["invoiced"] - figure["invoiced_goods"]
            currency = record.currency_id
            payments = order.contract_term_ids.filtered(
                lambda t: t.kind == "payment" and t.id in terms and not t.waived_on
            )
            agreed = sum(float(terms[t.id]["agreed_amount"]) for t in payments)
            share = min(1, due / agreed) if agreed else 0
            # as much of it as was delivered, as at the end
            retained = sum(
                max(
                    0,
                    float(terms[term.id]["agreed_amount"]) * share
                    - float(terms[term.id]["actual_amount"]),
                )
                for term in payments
                if term.payment_kind == "retention"
            )
            unpaid = max(0, due - paid)
            pickings = record._open_pickings()
            unguarded(record).write(
                {
                    "delivered_unpaid": currency.round(unpaid),
                    "deposit": currency.round(max(0, paid - due)),
                    "delivered_not_invoiced": figure["delivered_not_invoiced"],
                    "retention": currency.round(min(retained, unpaid)),
                    "reserved": currency.round(record._reserved_value(pickings)),
                    "assessed_on": now,
                    **record._delivery_vals(pickings),
                }
            )

    def _reserved_value(self, pickings):
        """What is reserved in deliveries, at whatever step, is worth; of what isn't
        whole, what is."""
        moves = pickings.move_ids.filtered(
            lambda m: m.sale_line_id and m._contract_is_bound_out()
        )
        whole = moves.filtered(lambda m: m.state == "assigned")
        part = moves.filtered(
            lambda m: m.state == "partially_available" and not m.contract_kit
        )
        return whole._contract_gate_value() + sum(
            move.quantity
            * (move.contract_line_units or move._contract_units())
            * move.sale_line_id._contract_gate_price()
            for move in part
        )

    def _open_pickings(self):
        """The deliveries of the contract that haven't left, with the steps before."""
        self.ensure_one()
        return self.order_id.sudo().picking_ids.filtered(
            lambda p: (
                p.state not in ("done", "cancel") and p.picking_type_code != "incoming"
            )
        )

    def _delivery_vals(self, pickings):
        """Values that bring the list of open deliveries up to date: what is left of one
        that is kept, or follows it, is kept as well."""
        self.ensure_one()
        listed = self.delivery_ids
        gone = listed.filtered(lambda d: d.picking_id not in pickings)
        if self.kind != "terminate":
            gone, pickings = listed, pickings.browse()
        kept = self._kept_pickings()
        commands = [Command.delete(row.id) for row in gone] + [
            Command.create(
                {
                    "picking_id": picking.id,
                    "choice": "keep" if picking in kept else "cancel",
                }
            )
            for picking in pickings - listed.picking_id
        ]
        return {"delivery_ids": commands} if commands else {}
