from datetime import timedelta

from odoo import api, fields, models

from ...tools.guard import guarded, unguarded
from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The suspensions and the termination of a contract, and what ends with it."""

    _inherit = "sale.order"

    _contract_document_states = ("suspended", "terminated", "cancelled")

    contract_termination_ids = fields.One2many(
        "contract.termination",
        "order_id",
        string="Suspensions and Terminations",
        copy=False,
        groups=READER,
    )
    contract_termination_count = fields.Integer(
        string="Number of Suspensions and Terminations",
        compute="_compute_contract_termination_count",
        groups=READER,
        help="Suspensions and terminations of this contract, without void ones.",
    )
    contract_next_step = fields.Selection(
        selection_add=[("termination", "Bring the Termination into Force")]
    )

    @api.depends("contract_termination_ids.state")
    def _compute_contract_termination_count(self):
        self._contract_count_forms("contract.termination", "contract_termination_count")

    def write(self, vals):
        """By whatever way: an order that is confirmed no more is a contract that
        ended."""
        if vals.get("state") in ("draft", "sent", "cancel"):
            self.check_access("write")
            self._contract_check_refusal("_contract_refuse_end")
        return super().write(vals)

    @api.readonly
    def action_contract_terminations(self):
        """Open the suspensions and terminations of the contract."""
        return self._contract_parts_action("contract_termination_action")

    @api.readonly
    def action_contract_terminate(self):
        """Open the termination of the contract that is being prepared or decided, or a
        new one."""
        return self.env["contract.termination"]._open_of(self)

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if follows and self._contract_is_open() and self._contract_uses_terminations():
            waiting = self.contract_termination_ids.filtered(
                lambda t: t.state in ("approved", "noticed")
            )
            if waiting:
                yield 20, "termination"

    @api.model
    def _contract_uses_terminations(self):
        return self.env.user.has_group("contract_tracking.group_contract_termination")

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_after(self, state, reason):
        res = super()._contract_after(state, reason)
        if state == "terminated":
            self._contract_end_promises(reason, self._contract_kept_quantities())
        # by the plain step too
        suspensions = self.sudo().contract_termination_ids.filtered(
            lambda t: t.state == "done" and t.kind == "suspend"
        )
        if state == "active":
            suspensions._resumed(reason)
        elif state != "suspended":
            for suspension in unguarded(suspensions):
                suspension.state = "ended"
                suspension._sync_activities()
        return res

    def _contract_terms(self):
        return self.contract_term_ids

    def _contract_owed(self):
        row = self.env["contract.facts"]._read_orders(self)[self.id]
        goods, invoiced, invoiced_goods = (
            float(row[name] or 0)
            for name in ("delivered", "invoiced", "invoiced_goods")
        )
        return max(0, goods + invoiced - invoiced_goods), invoiced

    def _contract_kept_quantities(self):
        """Quantities of order lines that are delivered although the contract ended."""
        ended = self.sudo().contract_termination_ids.filtered(
            lambda t: t.state == "done" and t.kind == "terminate"
        )
        moves = self.env["stock.move"].sudo()
        for record in ended:
            moves |= record._kept_pickings().move_ids
        return moves._contract_leaving()._contract_gate_lines()

    def _contract_move_deliveries(self, since, days):
        """Plan later what was planned from ``since`` on and hasn't left."""
        self.ensure_one()
        delta = timedelta(days=days)
        order = guarded(self.sudo())
        promised = order.commitment_date
        if days and promised and order._contract_day(promised) >= since:
            order.commitment_date = promised + delta
        moves = order.picking_ids.move_ids.filtered(
            lambda m: m.state not in ("done", "cancel")
        )
        for move in moves if days else ():
            if order._contract_day(move.date) >= since:
                move.date += delta
