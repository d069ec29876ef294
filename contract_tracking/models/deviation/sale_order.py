from odoo import api, fields, models

from ..contract.sale_order import OPEN_STATES, READER
from ..facts.contract_facts_mixin import fact_search
from .contract_deviation import HEALTH


class SaleOrder(models.Model):
    """The deviations of a contract, and the search for them on demand."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.report.mixin"]

    contract_deviation_ids = fields.One2many(
        "contract.deviation", "order_id", string="Deviations", copy=False, groups=READER
    )

    contract_open_deviations = fields.Integer(
        string="Open Deviations",
        compute="_compute_contract_figures",
        search=fact_search("contract_open_deviations"),
        groups=READER,
        help="Deviations of this contract that are neither closed nor waived nor "
        "cancelled.",
    )
    contract_health = fields.Selection(
        HEALTH,
        compute="_compute_contract_figures",
        search=fact_search("contract_health"),
        groups=READER,
        help="At risk: an open deviation that is not cured is major or critical. "
        "Attention: another deviation is open, or a term is late or due soon.",
    )

    contract_next_step = fields.Selection(
        selection_add=[("analyse", "Analyse Deviation")]
    )

    def _contract_fact_columns(self):
        return {
            **super()._contract_fact_columns(),
            "contract_open_deviations": "open_deviations",
            "contract_health": "health",
        }

    def action_contract_find_deviations(self):
        """Find what departs on the contract now, instead of waiting for the daily run.

        :raise AccessError: if the user doesn't follow contracts, or not this one
        """
        self.ensure_one()
        self.check_access("read")
        self._contract_check_follows()
        self.sudo()._contract_check_state(*OPEN_STATES)
        return self.env["contract.deviation"]._detect(self)._found_message()

    @api.readonly
    def action_view_contract_deviations(self):
        """Open the deviations of the contract."""
        return self._contract_parts_action("contract_deviation_action")

    def action_contract_analyse(self):
        """Open the deviation that waits to be analysed, or all if there are several."""
        self.ensure_one()
        self.check_access("read")
        deviations = self._contract_to_analyse()
        if len(deviations) != 1:
            return self.action_view_contract_deviations()
        return deviations._open_form()

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if follows and self.contract_open_deviations and self._contract_to_analyse():
            yield 50, "analyse"

    def _contract_to_analyse(self):
        """Deviations that the user can analyse."""
        self.ensure_one()
        detected = self.contract_deviation_ids.filtered(
            lambda deviation: deviation.state == "detected" and not deviation.lead_id
        )
        return detected._filtered_access("write")

    def _contract_report_values(self):
        return {"order_id": self.id}
