from odoo import api, fields, models

from ..contract.sale_order import READER


class ContractFrame(models.Model):
    """The archive of a frame agreement."""

    _name = "contract.frame"
    _inherit = ["contract.frame", "contract.archived.mixin"]

    contract_archive_ids = fields.One2many(
        "contract.archive", "frame_id", copy=False, groups=READER
    )

    @api.depends("contract_archive_ids.state")
    def _compute_contract_archive_state(self):
        return super()._compute_contract_archive_state()

    def _contract_is_over(self):
        return self.state == "closed" or (
            self._contract_is_cancelled() and bool(self._contract_effect_day())
        )

    def _contract_set_state(self, state, reason=False, log=True, **values):
        before = self._contract_ended_before()
        rows = super()._contract_set_state(state, reason, log, **values)
        self._contract_ask_archive(before)
        return rows
