from odoo import api, fields, models


class ContractRiskRepayment(models.Model):
    """A promise of the repayment plan: this money by this day. What came in of it is
    read from real money, the oldest promise first."""

    _name = "contract.risk.repayment"
    _inherit = ["contract.risk.part.mixin"]
    _description = "Repayment of a Risk Shipment"
    _order = "date, id"

    date = fields.Date(string="Promised For", required=True)
    amount = fields.Monetary(string="Promised", required=True, aggregator="sum")
    note = fields.Char(help="Who promised it, and how it will be paid.")
    open_amount = fields.Monetary(
        string="Still Open",
        compute="_compute_open_amount",
        compute_sudo=True,
        help="What of this promise hasn't come in; nothing where nothing has left.",
    )
    paid_amount = fields.Monetary(
        string="Came In",
        compute="_compute_open_amount",
        compute_sudo=True,
        help="Money that came in for what has left, the oldest promise first.",
    )
    status = fields.Selection(
        [
            ("planned", "Nothing left yet"),
            ("open", "Expected"),
            ("late", "Overdue"),
            ("kept", "Came in"),
        ],
        compute="_compute_open_amount",
        compute_sudo=True,
    )

    _amount_positive = models.Constraint(
        "CHECK (amount > 0)", "A promised amount must be above 0."
    )

    @api.depends("amount", "date", "application_id.outstanding")
    def _compute_open_amount(self):
        """Of what has left the oldest promise is owed first, and paid first; a promise
        for what hasn't left is neither."""
        for application, rows in self.grouped("application_id").items():
            promises = application._promises() if application else {}
            today = application.order_id and application.order_id._contract_today()
            for row in rows:
                paid, owed = promises.get(row._origin, (0.0, 0.0))
                row.paid_amount, row.open_amount = paid, owed
                if owed:
                    row.status = "late" if row.date < today else "open"
                else:
                    row.status = "kept" if paid else "planned"

    @api.depends("date", "amount")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.date or ''} {row.amount:g}".strip()
