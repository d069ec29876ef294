from odoo import fields, models

from ...tools.words import format_quantity
from ..contract.sale_order import READER


class ContractFrame(models.Model):
    """The briefings on a frame agreement."""

    _name = "contract.frame"
    _inherit = ["contract.frame", "contract.briefing.mixin"]

    contract_briefing_ids = fields.One2many(
        "contract.briefing", "frame_id", copy=False, groups=READER
    )

    def action_activate(self):
        res = super().action_activate()
        self._contract_brief_by_itself()
        return res

    def _contract_brief_kind(self):
        return "frame"

    def _contract_brief_terms(self):
        return self.term_ids.filtered(lambda term: not term.valid_to)

    def _contract_brief_prices(self):
        return [(line.display_name, line.price_unit) for line in self.line_ids]

    def _contract_goods_text(self):
        """What can be called off, without prices: a line a product."""
        self.ensure_one()
        return "\n".join(
            self.env._(
                "%(product)s: %(quantity)s %(unit)s",
                product=line.product_id.display_name,
                quantity=format_quantity(self.env, line.quantity),
                unit=line.uom_id.name or "",
            ).strip()
            for line in self.sudo().line_ids
        )
