from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded
from ..deviation.contract_deviation import OPEN_STATES


class ContractDeviation(models.Model):
    """A deviation may say that no goods are to leave before it is settled."""

    _inherit = "contract.deviation"

    stops_goods = fields.Boolean(
        string="No Goods Are to Leave",
        tracking=True,
        copy=False,
        help="While this critical deviation is open the gate warns of deliveries of "
        "the contract, or holds them, as the gate rules say.",
    )

    def write(self, vals):
        if not self.env.su and not is_unguarded(self):
            self._check_stop(vals)
        return super().write(vals)

    def _check_stop(self, vals):
        """What stops goods is not taken away by who wants them out.

        :raise UserError: for others than the head of the office and the business office
        """
        lifted = self.sudo().filtered(
            lambda d: (
                d.stops_goods
                and d.severity == "critical"
                and d.state in OPEN_STATES
                and d.order_id
                and not (
                    vals.get("stops_goods", True)
                    and vals.get("severity", "critical") == "critical"
                )
            )
        )
        for deviation in lifted:
            if not deviation.order_id._contract_is_head(self.env.user):
                raise UserError(
                    self.env._(
                        "%(deviation)s stops the goods: only the head of the office or "
                        "the business office lets them leave again.",
                        deviation=deviation.display_name,
                    )
                )

    @api.model
    def _stops(self, orders):
        """The open critical deviations that stop goods: ``{order: deviations}``."""
        return self.search(
            [
                ("order_id", "in", orders.ids),
                ("state", "in", OPEN_STATES),
                ("severity", "=", "critical"),
                ("stops_goods", "=", True),
            ]
        ).grouped("order_id")
