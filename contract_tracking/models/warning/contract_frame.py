from odoo import api, fields, models


class ContractFrame(models.Model):
    """The early warnings of a frame agreement itself. Those of its call-offs stand on
    the call-offs."""

    _inherit = "contract.frame"

    warning_ids = fields.One2many(
        "contract.warning", "frame_id", string="Early Warnings", copy=False
    )
    warning_count = fields.Integer(
        string="Open Warnings",
        compute="_compute_warnings",
        help="Early warnings that are open and that you may read.",
    )
    warning_text = fields.Text(
        string="What Threatens",
        compute="_compute_warnings",
        help="The open warnings of the agreement that you may read.",
    )

    @api.depends_context("lang", "uid")
    @api.depends("warning_ids.state")
    def _compute_warnings(self):
        found = self.env["contract.warning"]._open_of(self)
        for frame in self:
            warnings = found.get(frame._origin, ())
            frame.warning_count = len(warnings)
            frame.warning_text = "\n".join(w.text for w in warnings) or False

    @api.readonly
    def action_view_warnings(self):
        """Open the early warnings of the frame agreement."""
        return self._contract_parts_action("contract_warning_action")
