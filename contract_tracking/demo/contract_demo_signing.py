"""Who may sign in the demo, where originals are, and papers handed over."""

import base64

from odoo import Command, models

# (name or user, kind, amount, days from today until which)
SIGNATORIES = [
    (("user", "leader"), False, 0, False),
    (("user", "manager"), "contract", 2000000, 300),
    (("user", "sales"), "order", 50000, 120),
]
POWER = "授权委托书.txt"
WORDS = "兹授权下列人员代表本公司签署合同，授权范围及期限以本委托书为准。"
MISSING = "缺技术协议原件，请补齐后再移交。"


class ContractDemo(models.AbstractModel):
    """Signing as the demo's people follow it."""

    _inherit = "contract.demo"

    def _create_signing(self):
        """Authorised signatories, originals on their way, papers in each state."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_signing").id)
        ]
        self.env.company.contract_papers_department_id = self._ref(
            "department", "business"
        )
        for name, kind, amount, days in SIGNATORIES:
            self.env["contract.signatory"].create(
                {
                    "user_id": self._ref(*name).id,
                    "kind": kind,
                    "amount": amount,
                    "date_from": self._day(-400),
                    "date_to": days and self._day(days),
                    "attachment_ids": [
                        Command.create(
                            {"name": POWER, "datas": base64.b64encode(WORDS.encode())}
                        )
                    ],
                }
            )
        self._create_originals()
        self._create_paper_handovers()

    def _create_originals(self):
        order = self._ref("contract_demo", "01")
        Counterpart = self.env["contract.counterpart"].with_user(order.user_id)
        ours = Counterpart.create(
            {
                "order_id": order.id,
                "copies": 2,
                "user_id": order.user_id.id,
                "date": self._day(-94),
            }
        )
        Counterpart.create(
            {
                "order_id": order.id,
                "copies": 2,
                "holder_id": order.partner_id.id,
                "date": self._day(-94),
            }
        )
        for name, day in (("business", -92), ("finance", -91)):
            Counterpart.create(
                {
                    "order_id": order.id,
                    "from_id": ours.id,
                    "department_id": self._ref("department", name).id,
                    "date": self._day(day),
                }
            )
        fresh = self._ref("contract_demo", "03")
        Counterpart.with_user(fresh.user_id).create(
            {
                "order_id": fresh.id,
                "copies": 4,
                "holder_id": fresh.partner_id.id,
                "seals": "ours",
                "date": self._day(-11),
                "note": "待对方用印后寄回两份",
            }
        )

    def _create_paper_handovers(self):
        business = self._ref("user", "business")
        for key, steps in (("13", ""), ("03", "sr"), ("02", "s"), ("01", "sa")):
            order = self._ref("contract_demo", key)
            owner = order._contract_responsible()
            order.with_user(owner).action_contract_hand_papers()
            papers = order.contract_handover_ids
            for step in steps:
                if step == "s":
                    papers.with_user(owner).action_submit()
                elif step == "r":
                    papers.with_user(business)._return(MISSING)
                else:
                    papers.with_user(business).action_accept()
