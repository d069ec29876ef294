import logging
from functools import cached_property

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...tools.batches import in_batches
from ...tools.gate import Step
from ...tools.guard import unguarded
from ...tools.words import join_sentences
from ..contract.sale_order import OPEN_STATES, READER

# Of contracts in one of these states supply can still be held or under way.
SUPPLIED = ("confirmed", *OPEN_STATES, "completed", "terminated")

_logger = logging.getLogger(__name__)


class SupplyStep(Step):
    """Launching what of a contract was not launched yet."""

    @cached_property
    def lines(self):
        return self.order.order_line._contract_supply_missing()

    @cached_property
    def amount(self):
        value = sum(
            quantity * line._contract_gate_price()
            for line, quantity in self.lines.items()
        )
        return self.order.currency_id.round(value)


class SaleOrder(models.Model):
    """Supply begins when nothing holds it: until then confirming a contract launches
    neither procurement nor manufacturing nor reservation. What is held is released by
    hand or by the system once the reason is gone, or by permission."""

    _inherit = "sale.order"

    contract_supply_held = fields.Boolean(
        string="Supply Held",
        copy=False,
        readonly=True,
        groups=READER,
        help="Goods are neither procured, nor made, nor reserved before the reason is "
        "gone or somebody permitted it.",
    )
    contract_supply_text = fields.Text(
        string="Why Supply Is Held",
        compute="_compute_contract_supply_text",
        groups=READER,
        help="What speaks against supplying the contract, while it is held or, where "
        "rules only warn, while goods are under way.",
    )

    _contract_supply_held_idx = models.Index(
        "(company_id) WHERE contract_supply_held IS TRUE"
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("contract_supply_held", "contract_state", "picking_ids.state")
    def _compute_contract_supply_text(self):
        contracts = self._origin.sudo().filtered(
            lambda o: o.state == "sale" and o.contract_state in SUPPLIED
        )
        held = contracts.filtered("contract_supply_held")
        reasons = held._contract_supply_reasons()
        warned = (contracts - held)._contract_supply_warned()
        for order in self:
            origin = order._origin.sudo()
            found = reasons.get(origin) or warned.get(origin, ())
            text = "\n".join(reason.text for reason in found)
            if origin in held and not found:
                text = self.env._(
                    "Nothing holds it any more. Release it now, or the system does so "
                    "within the hour."
                )
            order.contract_supply_text = text or False

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_release_supply(self):
        """Launch what was held, once nothing holds it any more.

        :raise UserError: with every reason that still holds it; or if nothing is held
        """
        self._contract_check_user()
        orders = self.sudo()
        if idle := orders.filtered(lambda order: not order.contract_supply_held):
            raise UserError(
                self.env._(
                    "The supply of %(orders)s is not held: there is nothing to "
                    "release.",
                    orders=format_list(self.env, idle.mapped("display_name")),
                )
            )
        if held := orders._contract_supply_begin():
            raise UserError(self.env["contract.gate"].sudo()._message(held))
        self._contract_launch_supply()

    @api.model
    def _cron_contract_release_supply(self):
        """Release what nothing holds any more, in committed batches."""
        held = self.search(
            [
                ("contract_supply_held", "=", True),
                ("contract_state", "in", ("confirmed", "active")),
            ]
        )
        for batch in in_batches(held, 100):
            free = batch - batch.browse().union(*batch._contract_supply_reasons())
            for order in free:
                try:
                    with self.env.cr.savepoint():
                        if not order._contract_supply_begin():
                            order._contract_launch_supply()
                except UserError as error:
                    # it stays held, and whoever releases it by hand is told
                    _logger.warning("%s can't be supplied: %s", order.name, error)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_system(self):
        return super()._contract_system() | {"contract_supply_held"}

    def _contract_gate_steps(self, checkpoint):
        if checkpoint == "supply":
            return [SupplyStep(order, checkpoint) for order in self]
        return super()._contract_gate_steps(checkpoint)

    def _contract_cancel_with_order(self):
        res = super()._contract_cancel_with_order()
        if held := self.sudo().filtered("contract_supply_held"):
            unguarded(held).write({"contract_supply_held": False})
        return res

    def _contract_supply_reasons(self):
        """What holds the supply of these: ``{order: [Reason, …]}``. Somebody looks,
        nothing begins."""
        Gate = self.env["contract.gate"].sudo()
        steps = self._contract_gate_steps("supply")
        found = {
            step.order: Gate._permit(step, reasons, consume=False)
            for step, reasons in Gate._reasons(steps, ("hold",)).items()
        }
        return {order: reasons for order, reasons in found.items() if reasons}

    def _contract_supply_warned(self):
        """What rules that only warn say of these, while goods are under way."""
        steps = self._contract_gate_steps("supply")
        found = self.env["contract.gate"].sudo()._reasons(steps, ("warn",))
        warned = {
            step.order: [reason for reason in reasons if reason.action == "warn"]
            for step, reasons in found.items()
        }
        return {
            order: reasons
            for order, reasons in warned.items()
            if reasons
            and any(p.state not in ("done", "cancel") for p in order.picking_ids)
        }

    def _contract_supply_begin(self, lines=None):
        """Let the supply of these begin, but of those that something holds: without a
        rule nothing is read.

        :param lines: only if one of these order lines is still to be launched
        :return: ``{step: [Reason, …]}`` of what is held
        """
        lines = self.order_line if lines is None else lines.sudo()
        Gate = self.env["contract.gate"].sudo()
        steps = self._contract_gate_steps("supply")
        holding = {step: codes for step in steps if (codes := Gate._holding(step))}
        if not holding:
            return {}
        # of all of them at once
        orders = self.browse().union(*(step.order for step in holding))
        lines = lines.filtered(lambda line: line.order_id in orders)
        missing = lines._contract_supply_missing()
        for step in [*holding]:
            step.lines = {
                line: quantity
                for line, quantity in missing.items()
                if line.order_id == step.order
            }
            if not step.lines:
                del holding[step]
        if not holding:
            return {}
        passing = Gate._lock(holding)
        asked = [step for step in holding if step.order.id in passing]
        held = {}
        for step, reasons in Gate._reasons(asked, ("hold",)).items():
            # what is permitted in part is not used up by what doesn't begin
            left = Gate._permit(step, reasons, consume=False)
            if left := left or Gate._permit(step, reasons):
                held[step] = left
        return held

    def _contract_hold_supply(self, lines):
        """Those of these contracts whose supply is held; from now on, or already.

        :param lines: order lines that are to be launched
        """
        held = self.filtered("contract_supply_held")
        steps = (self - held)._contract_supply_begin(lines)
        new = self.browse().union(*(step.order for step in steps))
        if new:
            unguarded(new).write({"contract_supply_held": True})
            self.env["contract.history"]._log(
                [
                    {
                        **step.order._contract_supply_history(),
                        "new_value": self.env._("Held"),
                        "reason": join_sentences(
                            self.env, [reason.text for reason in reasons]
                        ),
                    }
                    for step, reasons in steps.items()
                ]
            )
        return held | new

    def _contract_launch_supply(self):
        """Launch what was held of these, as their confirmation would have."""
        orders = self.sudo()
        unguarded(orders).write({"contract_supply_held": False})
        self.env["contract.history"]._log(
            [
                {
                    **order._contract_supply_history(),
                    "old_value": self.env._("Held"),
                    "new_value": self.env._("Released"),
                }
                for order in orders
            ]
        )
        # core launches nothing of a locked order
        locked = orders.filtered("locked").with_context(tracking_disable=True)
        locked.locked = False
        unguarded(self.order_line)._action_launch_stock_rule()
        locked.locked = True

    def _contract_supply_history(self):
        return {
            **self._contract_part_vals(),
            "kind": "supply",
            "name": self.env._("Supply"),
        }
