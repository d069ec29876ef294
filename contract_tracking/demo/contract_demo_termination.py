"""Suspensions and terminations of the demo, each on a small contract of its own: a
draft, one that is decided, one approved, a termination by the customer's breach with
the deposit kept, a suspension whose days move."""

from odoo import Command, models

from ..tools.guard import unguarded

CUSTOMER = "德清县水务工程有限公司"
CONTRACT = {
    "partner": "deqing", "seller": "sales", "signed": -25, "promised": 18,
    "template": "30_70_delivery", "signatory": "姚海清",
}  # fmt: skip
LAW = (
    "《中华人民共和国民法典》第五百六十三条第一款第（三）项："
    "一方迟延履行主要债务，经催告后在合理期限内仍未履行。"
)
NOTICE = (
    "贵方未按合同约定支付到期款项，经我方书面催告，在合理期限内仍未履行。现依法通知贵方解除"
    "本合同，自本通知送达且异议期届满之日起生效。"
)
# fmt: off
DOCUMENTS = [
    {  # the customer doesn't pay; not submitted yet
        "key": "draft", "lines": [("gv150", 4)], "steps": (),
        "values": {"basis": "customer_breach", "is_unilateral": True,
                   "reason": "客户经两次催告仍未支付预付款。",
                   "legal_reference": LAW, "notice_text": NOTICE,
                   "objection_days": 7},
        "penalties": [("customer", "penalty", "合同第九条：逾期付款违约金5%", 600)],
    },
    {  # the departments give their opinions
        "key": "submitted", "lines": [("gv150", 6)], "steps": ("submit",),
        "values": {"kind": "suspend", "basis": "agreed", "dates_move": True,
                   "date_resume": 45,
                   "reason": "泵站土建停工，双方商定暂停供货，交期顺延。"},
    },
    {  # both sides are to sign
        "key": "approved", "lines": [("seal", 10)], "steps": ("submit", "approve"),
        "values": {"basis": "agreed", "date_from": 10,
                   "reason": "客户项目取消，双方协商解除，互不追究。"},
    },
    {  # the deposit is kept, what is packed is delivered all the same
        "key": "breach", "lines": [("gv150", 10)], "advance": True,
        "steps": ("submit", "approve", "notice", "force"),
        "values": {"basis": "customer_breach", "is_unilateral": True,
                   "reason": "客户书面表示不再履行付款义务，已造成备货损失。",
                   "legal_reference": LAW, "notice_text": NOTICE},
        "penalties": [("customer", "deposit", "民法典第587条：定金不予返还", None)],
    },
    {  # nothing of it is late meanwhile
        "key": "suspended", "lines": [("gv150", 5)],
        "steps": ("submit", "approve", "consent", "force"),
        "values": {"kind": "suspend", "basis": "force_majeure", "dates_move": True,
                   "date_resume": 30,
                   "reason": "汛期施工道路中断，双方确认暂停履行，期限相应顺延。"},
    },
]
# fmt: on


class ContractDemo(models.AbstractModel):
    """Suspensions and terminations in each state. What a company is asked for stays
    off."""

    _inherit = "contract.demo"

    def _create_terminations(self):
        """Suspend and end some contracts."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(
                self.env.ref("contract_tracking.group_contract_termination").id
            )
        ]
        partner = self.env["res.partner"].create(
            {
                "name": CUSTOMER,
                "is_company": True,
                "country_id": self.env.ref("base.cn").id,
                "city": "德清",
                "company_id": self.env.company.id,
                # the language of the letters to it
                "lang": "zh_CN" if self._has_chinese() else "en_US",
            }
        )
        self._name_demo("demo_partner_deqing", partner)
        for row in DOCUMENTS:
            self._create_termination(row)

    def _step_state(self, order, day, step, reason=None):
        """What ended with a contract ended on that day."""
        res = super()._step_state(order, day, step, reason)
        if step == "terminate":
            today = self._day(0)
            terms = unguarded(order.contract_term_ids)
            terms.filtered(lambda t: t.valid_to == today).valid_to = day
            terms.filtered(lambda t: t.valid_from == today).valid_from = day
        return res

    def _name_demo(self, name, record):
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"contract_tracking.{name}",
                    "record": record,
                    "noupdate": True,
                }
            ]
        )

    def _create_termination(self, row):
        key = f"termination_{row['key']}"
        contract = {**CONTRACT, "key": key, "lines": row["lines"]}
        contract["reference"] = f"DQSW-{DOCUMENTS.index(row) + 1:02}"
        signed = contract["signed"]
        self._take_step("sign", contract, self._day(signed), {})
        if row.get("advance"):
            self._take_step("advance", contract, self._day(signed + 1), {"share": 30})
            self._take_step("pay", contract, self._day(signed + 3), {})
        order = self._ref("contract_demo", key)
        values = dict(row["values"])
        for name in ("date_from", "date_resume"):
            if name in values:
                values[name] = self._day(values[name])
        if values["basis"] != "agreed":
            values["document_id"] = self._file_paper(
                order, -2, "letter", "催告函及签收回执"
            )
        record = (
            self.env["contract.termination"]
            .with_user(order.user_id)
            .create({"order_id": order.id, **values})
        )
        record.penalty_ids = [
            Command.create(
                {
                    "debtor": debtor,
                    "kind": kind,
                    "name": name,
                    "amount": amount or record.deposit,
                }
            )
            for debtor, kind, name, amount in row.get("penalties", ())
        ]
        self._name_demo(f"demo_{key}", record)
        for step in row["steps"]:
            getattr(self, f"_termination_{step}")(record)

    def _termination_submit(self, record):
        record.action_submit()

    def _termination_approve(self, record):
        while pending := record.sudo()._approval_pending():
            record.with_user(pending[0].user_id).action_approve()

    def _termination_consent(self, record):
        record.consent_id = self._file_paper(
            record.order_id, -2, "letter", "双方签字的暂停履行协议"
        )

    def _termination_notice(self, record):
        paper = self._file_paper(record.order_id, -2, "letter", "解除通知函快递签收单")
        record.write(
            {
                "notice_date": self._day(0),
                "notice_means": "courier",
                "notice_document_id": paper,
            }
        )
        record.action_notice()

    def _termination_force(self, record):
        record.with_user(self._ref("user", "business")).action_force()
