from odoo import api, fields, models

from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The archive of a contract."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.archived.mixin"]

    contract_archive_ids = fields.One2many(
        "contract.archive", "order_id", copy=False, groups=READER
    )
    contract_next_step = fields.Selection(selection_add=[("archive", "Archive")])

    @api.depends("contract_archive_ids.state")
    def _compute_contract_archive_state(self):
        return super()._compute_contract_archive_state()

    def _contract_is_over(self):
        return self.contract_state in ("completed", "terminated") or (
            self._contract_is_cancelled() and bool(self._contract_effect_day())
        )

    def _contract_set_state(self, state, reason=False, log=True, **values):
        before = self._contract_ended_before()
        rows = super()._contract_set_state(state, reason, log, **values)
        self._contract_ask_archive(before)
        return rows

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        days = self.company_id.sudo().contract_archive_days
        if follows and days and self.sudo()._contract_is_over():
            archive = self.sudo().contract_archive_ids
            if archive.state in ("draft", "returned"):
                yield 30 if archive.is_late else 65, "archive"
