"""The re-agreement of the demo: one control cabinet more, everything later."""

from odoo import models

CONTRACT, PRODUCT, QUANTITY = "03", "cc01", 2
HOLDS_FROM, DELIVERY = -1, 32
NAME = "补充协议一：增购控制柜"
REASON = "客户增购一台控制柜，整批延后十二天交付。"


class ContractDemo(models.AbstractModel):
    """A contract of which the terms were replaced: file, change the order, propose,
    approve."""

    _inherit = "contract.demo"

    def _create_reagreement(self):
        """Agree on more and later, so that old and new terms can be compared."""
        order = self._ref("contract_demo", CONTRACT)
        day = self._day(HOLDS_FROM)
        self._step_file(order, day, "supplement", NAME)
        order.commitment_date = self._moment(self._day(DELIVERY))
        self._line(order, PRODUCT).product_uom_qty = QUANTITY
        record = (
            self.env["contract.reagreement"]
            .with_user(order.user_id)
            .create(
                {
                    "order_id": order.id,
                    "document_id": order.contract_document_ids.filtered(
                        lambda d: d.name == NAME
                    ).id,
                    "date": day,
                    "date_from": day,
                    "reason": REASON,
                }
            )
        )
        record.action_propose()
        record.action_submit()
        for user in ("business", "leader"):
            record.with_user(self._ref("user", user)).action_approve()
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": "contract_tracking.demo_reagreement_pengcheng",
                    "record": record,
                    "noupdate": True,
                }
            ]
        )
