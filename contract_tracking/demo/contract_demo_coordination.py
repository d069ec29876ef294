"""The coordination documents of the demo: days from today, as in
contract_demo_data.py."""

from odoo import Command, fields, models

from ..tools.guard import unguarded

# fmt: off
DOCUMENTS = [
    {  # Went well, closed
        "key": "valves", "contract": "02", "handler": "sales", "day": -9, "by": -6,
        "deviation": "valves", "subject": "太湖环保闸阀交期",
        "description": "已与铸造厂电话沟通：阀体毛坯分两批到货。",
        "requests": "首批12件毛坯到货当日安排加工，并请两日内回复两批交付日期。",
        "to": [("department", "production", "两批的交付日期"),
               ("department", "service", "首批安装人员")],
        "copy": [("user", "office")],
        "replies": [
            (-8, "production", "首批12台一周内完成，其余月底前完成。"),
            (-7, "service", "首批由林浩随货到现场。"),
        ],
        "outcome": "分两批交付，已告知客户并获邮件同意。",
        "close": -5,
    },
    {  # Half of the replies are there, the other one is due soon
        "key": "balance", "contract": "02", "handler": "sales", "day": -2, "by": 3,
        "deviation": "balance", "subject": "首批货款余款",
        "requests": "请财务部核对未清发票；请售后服务部确认首批是否已书面验收。",
        "to": [("department", "finance", False), ("department", "service", False)],
        "replies": [(-1, "finance", "一张发票部分付款，对账单已寄客户。")],
    },
    {  # First reminder, unanswered: the second stage follows
        "key": "reminder", "contract": "27", "handler": "sales2", "day": -16, "by": -9,
        "kind": "reminder", "subject": "催款函",
        "summary": "客户第二次逾期，已达内部控制线。",
        "outside": "根据我方账目，合同约定的款项至今未到账。",
        "to": [("partner", "qijiang", "请付款，或书面告知付款日期。")],
        "silent": True, "next": -4, "next_by": 3,
    },
    {  # The customer's e-mail waits to be taken over
        "key": "delay", "contract": "05", "handler": "overseas", "day": -3, "by": 4,
        "kind": "delay", "deviation": "credit",
        "subject": "Production of your pumps is suspended",
        "outside": "The letter of credit that our contract provides for has not been "
                   "opened. We had to suspend the production; the delivery moves by as "
                   "many days.",
        "to": [("partner", "crescent", "Open the letter of credit, or tell us when "
                                       "your bank will.")],
        "copy": [("department", "production")],
        "email": "Our bank opens it on Thursday; a draft follows tomorrow.",
    },
    {  # All replied: the outcome is missing
        "key": "steel", "contract": "09", "handler": "office", "day": -6, "by": -2,
        "kind": "memo", "subject": "末台泵与备件同车发运",
        "requests": "两者能否同车发运？",
        "to": [("department", "production", False)],
        "replies": [(-4, "production", "可以，备件须于周五前装箱。")],
    },
    {  # Not sent yet
        "key": "pengcheng", "contract": "03", "handler": "sales2", "day": 0, "by": 5,
        "subject": "鹏城机电图纸确认",
        "requests": "图纸何时可提交客户确认？",
        "to": [("department", "service", False)],
    },
]
# fmt: on


class ContractDemo(models.AbstractModel):
    """Coordination documents of the demo, each as far as its story goes."""

    _inherit = "contract.demo"

    def _create_coordinations(self):
        """Make the documents and take their steps, without sending e-mails."""
        quick = self.with_context(mail_activity_quick_update=True)
        for values in DOCUMENTS:
            if not self.env.ref(
                f"contract_tracking.demo_coordination_{values['key']}", False
            ):
                quick._in_language_of(values["contract"])._date_messages(values)

    def _date_messages(self, values):
        last = self._last_id("mail_message")
        self._create_coordination(values)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE mail_message SET date = %s WHERE id > %s",
            [self._moment(self._day(values["day"])), last],
        )
        self.env["mail.message"].invalidate_model(["date"])

    def _create_coordination(self, values):
        handler = self._ref("user", values["handler"])
        deviation = values.get("deviation")
        recipients = [
            self._coordination_recipient(role, *recipient)
            for role in ("to", "copy")
            for recipient in values.get(role, [])
        ]
        document = (
            self.env["contract.coordination"]
            .with_user(handler)
            .create(
                {
                    "order_id": self._ref("contract_demo", values["contract"]).id,
                    "kind": values.get("kind", "coordination"),
                    "user_id": handler.id,
                    "date": self._day(values["day"]),
                    "reply_date": self._day(values["by"]),
                    "subject": values["subject"],
                    **({"summary": values["summary"]} if "summary" in values else {}),
                    "description": values.get("description"),
                    "requests": values.get("requests"),
                    "outside_text": values.get("outside"),
                    "deviation_ids": deviation
                    and [Command.link(self._ref("deviation", deviation).id)],
                    "reply_ids": recipients,
                }
            )
        )
        self._name_coordination(document, values["key"])
        if values["day"]:
            self._send_coordination(document, values["day"])
            self._answer_coordination(document, values)

    def _name_coordination(self, document, key):
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"contract_tracking.demo_coordination_{key}",
                    "record": document,
                    "noupdate": True,
                }
            ]
        )

    def _coordination_recipient(self, role, kind, name, requests=False):
        return Command.create(
            {
                "role": role,
                "kind": kind,
                f"{kind}_id": self._ref(kind, name).id,
                "requests": requests,
            }
        )

    def _send_coordination(self, document, day):
        """What sending does, on a day past, but no e-mails of a demo go anywhere."""
        document._mark_sent()
        unguarded(document).sent_on = self._moment(self._day(day))
        if asked := document.claimed:
            unguarded(document).claimed = {
                **asked,
                "day": fields.Date.to_string(self._day(day)),
                "days": asked["days"] + day,
            }
        (document | document.predecessor_id)._sync_activities()

    def _answer_coordination(self, document, values):
        for day, department, text in values.get("replies", []):
            line = document.reply_ids.filtered(
                lambda ln, d=department: ln.department_id == self._ref("department", d)
            )
            user = line._responsible_user()
            line.with_user(user)._reply(text, self.env["ir.attachment"].with_user(user))
            unguarded(line).answered_on = self._moment(self._day(day))
        if values.get("email"):
            line = document.reply_ids.filtered("partner_id")
            message = document.sudo().message_post(
                body=values["email"],
                author_id=line.partner_id.id,
                email_from=line.partner_id.email,
                message_type="email",
                subtype_xmlid="mail.mt_note",
            )
            message.date = fields.Datetime.now()
        if values.get("outcome"):
            document.outcome = values["outcome"]
        if values.get("close"):
            document.action_close()
            unguarded(document).closed_on = self._moment(self._day(values["close"]))
        if values.get("silent"):
            unguarded(document.sudo()).reply_ids.reminded_on = self._day(
                values["by"] + 1
            )
            document._sync_activities()
        if values.get("next"):
            action = document.action_next_stage()
            successor = document.browse(action["res_id"])
            successor.write(
                {
                    "date": self._day(values["next"]),
                    "reply_date": self._day(values["next_by"]),
                }
            )
            self._name_coordination(successor, f"{values['key']}_2")
            self._send_coordination(successor, values["next"])
