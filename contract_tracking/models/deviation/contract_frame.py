from odoo import api, fields, models

from ..facts.contract_facts_mixin import fact_search
from .contract_deviation import HEALTH

FIGURES = {"health": "health", "open_deviations": "open_deviations"}


class ContractFrame(models.Model):
    """The deviations of a frame agreement itself, and how it stands. Those of its
    call-offs stand on the call-offs."""

    _name = "contract.frame"
    _inherit = ["contract.frame", "contract.facts.mixin", "contract.report.mixin"]

    deviation_ids = fields.One2many(
        "contract.deviation", "frame_id", string="Deviations", copy=False
    )
    open_deviations = fields.Integer(
        compute="_compute_health",
        search=fact_search("open_deviations"),
        help="Deviations of this contract that are neither closed nor waived nor "
        "cancelled.",
    )
    health = fields.Selection(
        HEALTH,
        compute="_compute_health",
        search=fact_search("health"),
        help="At risk: an open deviation that is not cured is major or critical. "
        "Attention: another deviation is open, or a term of the agreement is late or "
        "due soon.",
    )

    @api.depends("state")
    def _compute_health(self):
        frames = self._origin
        rows = self.env["contract.facts.frame"]._read_orders(frames) if frames else {}
        for frame in self:
            row = rows.get(frame._origin.id, {})
            frame.health = row.get("health") or False
            frame.open_deviations = row.get("open_deviations") or 0

    def _contract_fact_columns(self):
        return FIGURES

    def _contract_fact_sql(self):
        return self.env["contract.facts.frame"]._kept_sql("orders"), "order_id"

    def action_find_deviations(self):
        """Find what departs on the frame agreement now.

        :raise AccessError: if the user doesn't follow contracts, or not this one
        """
        self.ensure_one()
        # who only calls off reads it as well
        self.check_access("write")
        self._contract_check_follows()
        self.sudo()._contract_check_state("active")
        return self.env["contract.deviation"]._detect(self)._found_message()

    @api.readonly
    def action_view_deviations(self):
        """Open the deviations of the frame agreement."""
        return self._contract_parts_action("contract_deviation_action")

    def _contract_report_values(self):
        return {"frame_id": self.id}
