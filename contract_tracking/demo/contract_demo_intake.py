"""Orders of the demo that the order desk checks and releases."""

import base64

from odoo import Command, models

PAPER = "客户采购订单.txt"
WORDS = "客户采购订单：产品、数量、价格、交货期及付款方式如双方商定。"
WRONG = "客户订单为下月底交货，请与客户核实后改正。"
QUESTION = "随货的备件是否与泵同批发运？"
REPLY = "同批发运，装箱单分列。"
CONFIRMED = "对交货期和付款方式无异议。"


class ContractDemo(models.AbstractModel):
    """One order is returned, one is being checked, one is released."""

    _inherit = "contract.demo"

    def _create_intakes(self):
        """Checks in each state, and a release that logistics has a question on."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_intake").id)
        ]
        self.env.company.write(
            {
                "contract_intake_department_id": self._ref("department", "business").id,
                "contract_release_department_ids": [
                    Command.set(
                        (
                            self._ref("department", "production")
                            + self._ref("department", "logistics")
                        ).ids
                    )
                ],
            }
        )
        desk = self._ref("user", "business")
        returned = self._submit_intake("14").with_user(desk)
        late = returned.line_ids.filtered(lambda line: line.key == "delivery")
        late.write({"result": "wrong", "note": WRONG})
        returned.action_return_wrong()
        self._submit_intake("18")
        checked = self._submit_intake("13")
        checked.write(
            {
                "confirmed_by": checked.order_id.contract_customer_signatory
                or checked.partner_name,
                "confirmed_on": self._day(-1),
                "confirmed_how": "mail",
                "confirmed_note": CONFIRMED,
            }
        )
        theirs = checked.with_user(desk)
        theirs.action_all_right()
        theirs.action_approve()
        theirs.action_release()
        release = checked.release_ids
        release.with_user(self._ref("user", "production")).action_acknowledge()
        release.with_user(self._ref("user", "warehouse"))._question(QUESTION)
        release.with_user(desk)._reply(REPLY)

    def _submit_intake(self, key):
        order = self._ref("contract_demo", key)
        seller = order.user_id
        action = order.with_user(seller).action_contract_check_order()
        intake = self.env["contract.intake"].with_user(seller).browse(action["res_id"])
        intake.attachment_ids = [
            Command.create({"name": PAPER, "datas": base64.b64encode(WORDS.encode())})
        ]
        intake.action_submit()
        return intake
