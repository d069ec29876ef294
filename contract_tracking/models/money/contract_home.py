from odoo import api, fields, models

FINANCE = "contract_tracking.group_contract_finance"


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = [
            *super()._home_items(),
            self._home_item(
                "goods",
                "unclaimed",
                self.env._("Receipts to claim"),
                "contract.receipt",
                "contract_receipt_action",
                domain=[("is_unclaimed", "=", True)],
            ),
        ]
        if not self.env.user.has_group(FINANCE):
            return items
        return [
            *items,
            self._home_item(
                "mine",
                "claims",
                self.env._("Claims to confirm"),
                "contract.payment.claim",
                "contract_payment_claim_action",
                domain=[("state", "=", "to_confirm")],
                groups=(FINANCE,),
            ),
            self._home_item(
                "mine",
                "bills",
                self.env._("Bills that matured"),
                "contract.receipt",
                "contract_receipt_bill_action",
                domain=[
                    ("is_bill", "=", True),
                    ("bill_state", "=", "open"),
                    ("bill_maturity", "<=", fields.Date.context_today(self)),
                ],
                groups=(FINANCE,),
            ),
        ]
