from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        return [
            *super()._home_items(),
            self._home_item(
                "goods",
                "receipts_missing",
                self.env._("Deliveries without the customer's signature"),
                "stock.picking",
                "contract_delivery_action",
                domain=[
                    ("contract_is_delivery", "=", True),
                    "|",
                    ("contract_receipt_date", "=", False),
                    ("contract_receipt_filed", "=", False),
                ],
            ),
        ]
