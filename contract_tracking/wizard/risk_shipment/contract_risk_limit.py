from odoo import Command, api, fields, models


class ContractRiskLimit(models.TransientModel):
    """Approve less than was asked for, under conditions, or set that and decide
    later."""

    _name = "contract.risk.limit"
    _inherit = ["contract.dialog.mixin"]
    _description = "Limits of a Risk Shipment"

    application_id = fields.Many2one(
        "contract.risk.shipment", required=True, readonly=True, ondelete="cascade"
    )
    currency_id = fields.Many2one(
        related="application_id.currency_id", related_sudo=False
    )
    asked_amount = fields.Monetary(
        string="Asked", related="application_id.amount", related_sudo=False
    )
    asked_until = fields.Date(
        string="Asked Until", related="application_id.date_until", related_sudo=False
    )
    amount = fields.Monetary(string="Approve At Most", required=True)
    date_until = fields.Date(string="Valid Until", required=True)
    line_ids = fields.One2many("contract.risk.limit.line", "limit_id", string="Lines")
    conditions = fields.Text(
        string="My Conditions",
        help="A condition a line. Each must be confirmed before goods leave.",
    )
    comment = fields.Text()

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        application = self.env["contract.risk.shipment"].browse(
            values.get("application_id")
        )
        if application:
            application.check_access("read")
            mine = application.condition_ids.filtered(
                lambda c: c.set_by_id == self.env.user
            )
            values.update(
                amount=application.approved_amount,
                date_until=application.approved_until,
                conditions="\n".join(mine.mapped("name")),
                line_ids=[
                    Command.create(
                        {"row_id": row.id, "quantity": row.approved_quantity}
                    )
                    for row in application.line_ids
                ],
            )
        return values

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        """Less goods are worth less; the approver may go below that."""
        value = sum(
            line.row_id.amount * line.quantity / line.row_id.quantity
            for line in self.line_ids
            if line.row_id.quantity
        )
        if (
            self.currency_id
            and self.currency_id.compare_amounts(value, self.amount) < 0
        ):
            self.amount = self.currency_id.round(value)

    def action_set(self):
        """Keep the limits; the decision follows."""
        self._check_dialog()
        self.application_id._set_limits(
            self.amount,
            self.date_until,
            {line.row_id: line.quantity for line in self.line_ids},
            [
                text.strip()
                for text in (self.conditions or "").splitlines()
                if text.strip()
            ],
        )
        return {"type": "ir.actions.act_window_close"}

    def action_apply(self):
        """Approve it within these limits."""
        action = self.action_set()
        self.application_id.action_approve(self.comment)
        return action
