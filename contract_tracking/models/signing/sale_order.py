from odoo import api, fields, models

from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The signing of a contract."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.signing.mixin"]

    _contract_signatory_field = "contract_signatory"
    _contract_signing_field = "contract_signing_date"

    contract_counterpart_ids = fields.One2many(
        "contract.counterpart", "order_id", copy=False, groups=READER
    )
    contract_handover_ids = fields.One2many(
        "contract.paper.handover", "order_id", copy=False, groups=READER
    )
    contract_next_step = fields.Selection(
        selection_add=[("hand_papers", "Hand Papers Over")]
    )

    @api.depends_context("lang")
    @api.depends(
        "contract_signatory_id", "contract_signatory", "contract_signing_date",
        "amount_total", "contract_kind",
    )  # fmt: skip
    def _compute_contract_signatory_text(self):
        return super()._compute_contract_signatory_text()

    @api.depends("contract_counterpart_ids.copies")
    def _compute_contract_original_count(self):
        return super()._compute_contract_original_count()

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._contract_with_signatory(vals) for vals in vals_list]
        orders = super().create(vals_list)
        for order, vals in zip(orders, vals_list, strict=True):
            order._contract_signed(vals)
        return orders

    def write(self, vals):
        return super().write(self._contract_with_signatory(vals))

    def _contract_facts(self):
        return super()._contract_facts() | {"contract_signatory_id"}

    def _contract_signing_kind(self):
        return self.contract_kind or "contract"

    def _contract_written(self, vals):
        self._contract_signed(vals)
        return super()._contract_written(vals)

    def _contract_before(self, state):
        if state == "active" and not self.contract_effective_date:
            # where confirming is enough nobody has to sign
            rule = self.company_id.sudo().contract_effective_rule
            if rule != "confirmation" or self.contract_signing_date:
                self._contract_check_signatory()
        return super()._contract_before(state)

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if follows and self.company_id.sudo().contract_papers_days:
            waiting = self.contract_handover_ids.filtered(
                lambda h: h.state in ("waiting", "returned")
            )
            if waiting:
                yield 30 if waiting.is_late else 60, "hand_papers"
