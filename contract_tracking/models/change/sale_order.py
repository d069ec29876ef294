from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import float_round

from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The change requests of a contract, and what of its goods is on the way."""

    _inherit = "sale.order"

    contract_change_ids = fields.One2many(
        "contract.change",
        "order_id",
        string="Change Requests",
        copy=False,
        groups=READER,
    )
    contract_change_count = fields.Integer(
        string="Number of Change Requests",
        compute="_compute_contract_change_count",
        compute_sudo=True,
        groups=READER,
        help="Change requests of the contract, void ones left out.",
    )
    contract_next_step = fields.Selection(
        selection_add=[("change", "Go On with the Change Request")]
    )

    @api.depends("contract_change_ids.state")
    def _compute_contract_change_count(self):
        self._contract_count_forms("contract.change", "contract_change_count")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_change(self):
        """Open a new change request of the contract."""
        return self._contract_new_part_action("contract.change")

    @api.readonly
    def action_contract_changes(self):
        """Open the change requests of the contract."""
        return self._contract_parts_action("contract_change_action")

    @api.readonly
    def action_contract_change_next(self):
        """Open the change request that waits to be negotiated or carried out."""
        self.ensure_one()
        return self._contract_changes_waiting()[:1]._open_form()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if (
            follows
            and self.contract_state in ("active", "suspended")
            and self.env.user.has_group("contract_tracking.group_contract_change")
            and self._contract_changes_waiting()
        ):
            yield 2, "change"

    def _contract_changes_waiting(self):
        """The requests to which the company consented, and which are not in effect."""
        return self.contract_change_ids.filtered(
            lambda change: change.state in ("agreed", "negotiated")
        )

    def _contract_goods(self):
        """What of each product was ordered and delivered, what is reserved for it and
        what is being made or bought for it, in the unit of the order line.

        :return: ``{order: {(product, unit): {ordered, delivered, reserved,
            supplied}}}``
        """
        delivered = self.env["contract.facts"]._read_delivered(self) if self else {}
        result = defaultdict(dict)
        for line in self.order_line.filtered(lambda ln: ln._contract_is_promise()):
            unit = line.product_uom_id
            row = result[line.order_id].setdefault(
                (line.product_id, unit),
                {"ordered": 0.0, "delivered": 0.0, "reserved": 0.0, "supplied": 0.0},
            )
            row["ordered"] += line.product_uom_qty
            row["delivered"] += float(delivered.get(line.id, (0.0, 0.0))[0])
            for name, quantity in self._contract_under_way(line).items():
                row[name] += quantity
        return result

    @api.model
    def _contract_under_way(self, line):
        """What is reserved for an order line, and what is being made or bought for it,
        in its unit: of a kit as much as the component of which most is."""
        parts = defaultdict(float)
        moves = line.move_ids
        moves |= moves.browse(moves._rollup_move_origs())
        for move in moves.filtered(lambda m: m.state not in ("done", "cancel")):
            if move.location_id._is_outgoing():
                # it comes back
                continue
            if move.sale_line_id == line:
                units = move._contract_units()
            elif move.product_id == line.product_id:
                units = move.product_uom._compute_quantity(
                    1, line.product_uom_id, round=False
                )
            else:
                continue
            made = move.location_id.usage in ("production", "supplier")
            quantity = move.product_uom_qty if made else move.quantity
            parts["supplied" if made else "reserved", move.product_id] += (
                quantity * units
            )
        under_way = defaultdict(float)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for (name, _product), quantity in parts.items():
            quantity = float_round(quantity, precision_digits=digits)
            under_way[name] = max(under_way[name], quantity)
        return under_way
