"""The progress plans of the demo: days from today, as in contract_demo_data.py."""

from odoo import Command, models

from ..tools.guard import unguarded

# fmt: off
PLANS = [
    {  # Carried out in its second version; the commissioning is late
        "key": "qianjiang", "contract": "01", "user": "sales", "day": -93,
        "goals": "六台泵按期发运，现场调试一次合格，验收后30日内收回验收款。",
        "tasks": [
            ("项目启动及人员落实", "staffing", "sales", "business", -90, 5,
             "项目组成员名单齐全"),
            ("铸件及电机到货", "task", "production", "production", -62, 15,
             "长周期件全部到货"),
            ("出厂前质量检验", "quality", "production", "production", -39, 15,
             "检验报告，无未关闭问题"),
            ("移交物流", "handover", "production", "production", -32, 10,
             "装箱单与实物一致"),
            ("现场安装及单机试车", "after_sales", "service", "service", -4, 15,
             "六台泵全部试车合格"),
            ("客户操作人员培训", "training", "service", "service", 12, 10,
             "签到表、考核合格率100%"),
        ],
        "risks": [
            ("泵站供电工程滞后，影响调试", "发运前书面确认供电日期；备用柴油发电机。",
             "service"),
            ("铸件到货延误", "双供应商，每周跟踪。", "production"),
        ],
        "evidence": [
            ("出厂前质量检验", "出厂检验报告.txt", "六台泵性能试验合格。"),
            ("移交物流", "装箱单.txt", "两车，装箱单已签。"),
        ],
        "reports": [
            ("项目启动及人员落实", "sales", 100, {"note": "项目组八人已到位。"}),
            ("铸件及电机到货", "production", 100, {"note": "比计划晚三天到货。"}),
        ],
        "again": {
            "reason": "泵站土建延期，安装及培训相应顺延。",
            "days": {"现场安装及单机试车": -2, "客户操作人员培训": 18},
            "reports": [
                ("现场安装及单机试车", "service", 60, {
                    "note": "四台泵试车完成。",
                    "problem": "泵站高压进线尚未送电，两台泵无法试车。",
                    "cause": "供电部门排期推迟。",
                    "needs": "请办事处协调客户落实临时用电。",
                }),
            ],
        },
    },
    {  # The departments are to agree
        "key": "pengcheng", "contract": "03", "user": "sales2", "day": -1,
        "goals": "两台多级泵按期出厂，验收前收齐货款。",
        "tasks": [
            ("出厂前质量检验", "quality", "production", "production", 8, 25,
             "检验报告"),
            ("移交物流", "handover", "production", "production", 15, 25,
             "装箱单与实物一致"),
        ],
        "risks": [("客户双方签章合同尚未寄回", "每周电话跟催。", "sales2")],
        "submitted": True,
    },
    {  # A draft as it is filled
        "key": "jiangcheng", "contract": "09", "user": "office", "day": 0,
    },
]
# fmt: on


class ContractDemo(models.AbstractModel):
    """Plans as they are in life: agreed and planned anew, to be agreed, a draft."""

    _inherit = "contract.demo"

    def _create_plans(self):
        """Switch plans on and write them."""
        group = self.env.ref("contract_tracking.group_contract_plan")
        self.env.ref("base.group_user").implied_ids = [Command.link(group.id)]
        for values in PLANS:
            plan = self._create_plan(values)
            self.env["ir.model.data"]._update_xmlids(
                [
                    {
                        "xml_id": f"contract_tracking.demo_plan_{values['key']}",
                        "record": plan,
                        "noupdate": True,
                    }
                ]
            )

    def _create_plan(self, values):
        order = self._ref("contract_demo", values["contract"])
        user = self._ref("user", values["user"])
        order = order.with_user(user)
        if "tasks" not in values:
            return self.env["contract.plan"].with_user(user)._begin(order)
        plan = (
            self.env["contract.plan"]
            .with_user(user)
            .create(
                {
                    "order_id": order.id,
                    "date": self._day(values["day"]),
                    "goals": values["goals"],
                    "risk_ids": [
                        Command.create(
                            {
                                "name": name,
                                "measure": measure,
                                "user_id": self._ref("user", owner).id,
                            }
                        )
                        for name, measure, owner in values["risks"]
                    ],
                }
            )
        )
        # what was planned then: a stage has the day that was promised
        effect = order.sudo().contract_effective_date
        stages = [
            {
                **vals,
                "date_planned": max(
                    vals["date_planned"] or self._day(values["day"] + 120), effect
                ),
                "department_id": vals["department_id"]
                or self._ref("department", "business").id,
                "weight": 5,
            }
            for vals in plan._fill_vals()
        ]
        tasks = [
            {
                "name": name,
                "kind": kind,
                "user_id": self._ref("user", owner).id,
                "department_id": self._ref("department", department).id,
                "date_planned": self._day(day),
                "weight": weight,
                "kpi": kpi,
            }
            for name, kind, owner, department, day, weight, kpi in values["tasks"]
        ]
        lines = sorted(stages + tasks, key=lambda vals: vals["date_planned"])
        plan.line_ids = [
            Command.create({**vals, "sequence": 10 * number})
            for number, vals in enumerate(lines, 1)
        ]
        plan.action_spread()
        plan.action_submit()
        if values.get("submitted"):
            return plan
        self._agree_plan(plan, values["day"] + 1)
        self._report_plan(plan, values)
        again = values["again"]
        new = plan._take_reason_step("replan", again["reason"])
        new.date = self._day(-7)
        for line in new.line_ids.filtered(lambda li: li.name in again["days"]):
            line.date_planned = self._day(again["days"][line.name])
        new.action_submit()
        self._agree_plan(new, -6)
        self._report_plan(new, again)
        return new

    def _agree_plan(self, plan, day):
        """Everybody who is asked agrees; it holds from a day on."""
        document = plan.sudo()
        while document.approval_state == "pending":
            plan.with_user(document.approver_ids[:1]).action_approve()
        unguarded(document).active_on = self._day(day)
        unguarded(document.replaces_id).ended_on = self._day(day)

    def _report_plan(self, plan, values):
        """What the owners of tasks reported, on the planned days."""
        named = {line.name: line for line in plan.line_ids}
        for name, file, text in values.get("evidence", ()):
            line = named[name]
            owner = line.sudo().user_id
            attachment = self.env["ir.attachment"].with_user(owner)
            line.with_user(owner)._report(
                100,
                line.date_planned,
                attachment.create({"name": file, "raw": text.encode()}),
                note=text,
            )
        for name, user, progress, words in values["reports"]:
            line = named[name]
            day = min(line.date_planned, self._day(-1))
            line.with_user(self._ref("user", user))._report(progress, day, **words)
