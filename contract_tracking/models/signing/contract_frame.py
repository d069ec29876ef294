from odoo import api, fields, models

from ..contract.sale_order import READER


class ContractFrame(models.Model):
    """The signing of a frame agreement."""

    _name = "contract.frame"
    _inherit = ["contract.frame", "contract.signing.mixin"]

    _contract_signatory_field = "signatory"
    _contract_signing_field = "signing_date"

    contract_counterpart_ids = fields.One2many(
        "contract.counterpart", "frame_id", copy=False, groups=READER
    )
    contract_handover_ids = fields.One2many(
        "contract.paper.handover", "frame_id", copy=False, groups=READER
    )

    @api.depends_context("lang")
    @api.depends("contract_signatory_id", "signatory", "signing_date", "amount_total")
    def _compute_contract_signatory_text(self):
        return super()._compute_contract_signatory_text()

    @api.depends("contract_counterpart_ids.copies")
    def _compute_contract_original_count(self):
        return super()._compute_contract_original_count()

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._contract_with_signatory(vals) for vals in vals_list]
        frames = super().create(vals_list)
        for frame, vals in zip(frames, vals_list, strict=True):
            frame._contract_signed(vals)
        return frames

    def write(self, vals):
        res = super().write(self._contract_with_signatory(vals))
        self._contract_signed(vals)
        return res

    def _contract_facts(self):
        return super()._contract_facts() | {"contract_signatory_id"}

    def _contract_signing_kind(self):
        return "frame"

    def _check_complete(self):
        res = super()._check_complete()
        self._contract_check_signatory()
        return res
