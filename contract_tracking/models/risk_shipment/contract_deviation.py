from odoo import fields, models
from odoo.tools import SQL


class ContractDeviation(models.Model):
    """A promise of money for what left on risk that wasn't kept is a deviation."""

    _inherit = "contract.deviation"

    kind = fields.Selection(
        selection_add=[
            ("risk_overdue", "Overdue repayment of a risk shipment"),
            ("other",),
        ],
        ondelete={"risk_overdue": "cascade"},
    )

    def _detect_risk_overdue(self, contracts):
        """Promised for a day that has passed and not come in: one an application."""
        if contracts._name != "sale.order":
            return None
        applications = (
            self.env["contract.risk.shipment"]
            .sudo()
            .search([("order_id", "in", contracts.ids), ("state", "=", "approved")])
        )
        return [
            application._departure()
            for application in applications.filtered("late_amount")
        ]

    def _propose_risk_overdue(self, row, parent, words):
        return self.env._(
            "%(document)s: %(agreed_amount)s of its repayment plan were promised by "
            "%(date)s, %(actual_amount)s came in; %(impact)s is %(days)s days late.",
            document=row["data"]["application"],
            **words,
        )

    def _cured_sql(self):
        """With the last money."""
        return SQL(
            """COALESCE(CASE WHEN c.known_kind = 'risk_overdue' THEN (
                        SELECT MAX(n.day) FROM money n
                         WHERE n.order_id = c.contract_id
                           AND n.day BETWEEN c.known_date AND c.today
                           AND (n.received <> 0 OR n.adjusted <> 0)) END, %s)""",
            super()._cured_sql(),
        )
