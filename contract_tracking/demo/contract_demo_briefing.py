"""Briefings of the demo's departments."""

from odoo import Command, models

# department: days, goods, dates, payment, clauses, prices, to note
DEPARTMENTS = {
    "production": (3, True, True, False, True, False, "核对排产与出厂检验计划"),
    "logistics": (3, True, True, False, False, False, "安排运输车辆及装箱资料"),
    "finance": (5, False, True, True, False, True, "按付款条件跟踪回款与开票"),
    "service": (5, True, True, False, True, False, "安排安装调试人员"),
}
NOTE = "交底以本书所列条款为准，有疑问请在确认前提出。"
QUESTION = "控制柜的防护等级是否有变化？"
REPLY = "没有变化，仍为 IP55，图纸C版为准。"


class ContractDemo(models.AbstractModel):
    """One contract everybody is briefed on, one in preparation after its
    re-agreement."""

    _inherit = "contract.demo"

    def _create_briefings(self):
        """A template, a briefing with a question, and the draft of another."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_briefing").id)
        ]
        names = (
            "days", "show_goods", "show_dates", "show_payment", "show_clauses",
            "with_prices", "note",
        )  # fmt: skip
        template = self.env["contract.briefing.template"].create(
            {
                "name": "Equipment contracts",
                "line_ids": [
                    Command.create(
                        {
                            "department_id": self._ref("department", name).id,
                            **dict(zip(names, values, strict=True)),
                        }
                    )
                    for name, values in DEPARTMENTS.items()
                ],
            }
        )
        self._name_in_chinese(template, "设备合同交底")
        briefing = self._brief("01")
        briefing.note = NOTE
        briefing.action_send()
        parts = {part.department_id: part for part in briefing.part_ids}
        for name in ("production", "logistics"):
            part = parts[self._ref("department", name)]
            part.with_user(part.department_id.head_id).action_acknowledge()
        part = parts[self._ref("department", "service")]
        part.with_user(part.department_id.head_id)._question(QUESTION)
        part.with_user(briefing.order_id._contract_responsible())._reply(REPLY)
        self._brief("03")

    def _brief(self, key):
        order = self._ref("contract_demo", key)
        owner = order._contract_responsible()
        action = order.with_user(owner).action_contract_brief()
        return self.env["contract.briefing"].with_user(owner).browse(action["res_id"])
