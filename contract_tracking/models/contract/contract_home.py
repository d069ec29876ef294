from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        uid = self.env.uid
        return [
            *super()._home_items(),
            self._home_item(
                "mine",
                "papers_read",
                self.env._("Papers to read"),
                "contract.document",
                "contract_document_action",
                domain=[
                    (
                        "acknowledgement_ids",
                        "any",
                        [("user_id", "=", uid), ("state", "=", "waiting")],
                    )
                ],
                groups=(),
            ),
            self._home_item(
                "contracts",
                "preparing",
                self.env._("Contracts not in effect yet"),
                "sale.order",
                "sale_order_contract_action",
                domain=[("contract_state", "in", ("draft", "confirmed"))],
            ),
        ]
