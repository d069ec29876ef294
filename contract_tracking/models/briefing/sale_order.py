from odoo import api, fields, models

from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The briefings on a contract."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.briefing.mixin"]

    contract_briefing_ids = fields.One2many(
        "contract.briefing", "order_id", copy=False, groups=READER
    )
    contract_briefing_count = fields.Integer(
        string="Briefings",
        compute="_compute_contract_briefing_count",
        groups=READER,
        help="Briefings of departments on this contract, without void ones.",
    )
    contract_next_step = fields.Selection(
        selection_add=[("brief", "Brief the Departments")]
    )

    @api.depends("contract_briefing_ids.state")
    def _compute_contract_briefing_count(self):
        self._contract_count_forms("contract.briefing", "contract_briefing_count")

    def _contract_brief_kind(self):
        return self.contract_kind or "contract"

    def _contract_brief_terms(self):
        return self.contract_term_ids.filtered(lambda term: not term.valid_to)

    def _contract_brief_prices(self):
        return [
            (line.product_id.display_name or line.name, line.price_unit)
            for line in self.order_line
            if not line.display_type
        ]

    def _contract_stamp(self):
        res = super()._contract_stamp()
        self._contract_brief_by_itself()
        return res

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if follows and (urgency := self._contract_brief_next()):
            yield urgency, "brief"
