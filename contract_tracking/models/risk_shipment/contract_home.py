from datetime import timedelta

from odoo import api, models

from .contract_risk_shipment_reminder import CONDITION


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        today = self.env.company._contract_today()
        return [
            *super()._home_items(),
            self._home_risks(
                "mine",
                "risks",
                self.env._("Risk shipments to submit"),
                domain=[("state", "=", "draft"), ("user_id", "=", self.env.uid)],
            ),
            self._home_risks(
                "mine",
                "risk_conditions",
                self.env._("Conditions of risk shipments to confirm"),
                domain=self._home_activity(CONDITION),
            ),
            self._home_risks(
                "goods",
                "repayments",
                self.env._("Repayments due within a week"),
                domain=[
                    ("next_repayment_date", ">=", today),
                    ("next_repayment_date", "<", today + timedelta(days=7)),
                ],
            ),
            self._home_risks(
                "goods",
                "repayments_late",
                self.env._("Repayments overdue"),
                domain=[("late_amount", ">", 0)],
                late=True,
            ),
        ]

    @api.model
    def _home_risks(self, section, key, label, domain, late=False):
        return self._home_item(
            section,
            key,
            label,
            "contract.risk.shipment",
            "contract_risk_shipment_action",
            domain,
            (),
            late,
        )
