"""The settlements of the demo: orders of their own, in days from today as in
contract_demo_data.py."""

from odoo import Command, models

# fmt: off
PERFORMED = [
    (-148, "file", {"kind": "signed", "name": "双方签章合同"}),
    (-147, "advance", {"share": 30}),
    (-145, "pay", {}),
    (-112, "advance", {"share": 60}),
    (-111, "event", {"kind": "goods_ready", "note": "备妥通知已发客户。"}),
    (-108, "pay", {}),
    (-105, "deliver", {"seal": 4}),
    (-103, "invoice", {}),
    (-100, "event", {"kind": "acceptance", "note": "客户验收合格。"}),
]
SETTLED = [
    {  # Completed, its retention is outstanding
        "key": "settled", "partner": "songshan", "seller": "sales2", "signed": -150,
        "promised": -100, "template": "30_60_10", "reference": "SS-61",
        "signatory": "莫清", "lines": [("seal", 4)], "story": PERFORMED,
    },
    {  # Settled wrongly, voided and written anew: waits for finance
        "key": "settling", "partner": "ludao", "seller": "sales2", "signed": -149,
        "promised": -99, "template": "30_60_10", "reference": "LD-S-07",
        "signatory": "林海", "lines": [("seal", 4)], "story": PERFORMED,
    },
    {  # Refused, written anew: the customer's books differ
        "key": "differing", "partner": "nanhai", "seller": "sales2", "signed": -149,
        "promised": -98, "template": "30_60_10", "reference": "NH-CG-052",
        "signatory": "梁波", "lines": [("seal", 4)], "story": PERFORMED,
    },
    {  # Ready to be settled
        "key": "to_settle", "partner": "lingnan", "seller": "sales2", "signed": -149,
        "promised": -97, "template": "30_60_10", "reference": "LN-ZB-21",
        "signatory": "谭辉", "lines": [("seal", 4)], "story": PERFORMED,
    },
]
# fmt: on


class ContractDemo(models.AbstractModel):
    """Settlements as they are in life: confirmed and sealed with a retention that runs
    on, voided, to be decided, refused, a draft with differences, one of a contract that
    was terminated."""

    _inherit = "contract.demo"

    def _create_settlements(self):
        """Switch settlements on, perform their orders and write them."""
        group = self.env.ref("contract_tracking.group_contract_settlement")
        self.env.ref("base.group_user").implied_ids = [Command.link(group.id)]
        steps = []
        for contract in SETTLED:
            steps.append((self._start(contract), "sign", contract, {}))
            steps += [
                (day, step, contract, what) for day, step, what in self._story(contract)
            ]
        for day, step, contract, what in sorted(steps, key=lambda item: item[0]):
            self._take_step(step, contract, self._day(day), what)
        self._settle_settled()
        self._settle_settling()
        self._settle_differing()
        self._settle_terminated()

    def _settle_settled(self):
        settlement = self._settle("settled", -1)
        order = settlement.order_id
        settlement.action_submit()
        paper = self._paper(order, "结算单（客户盖章）", self._day(0), "核对无误。")
        settlement.write({"sealed_ids": [paper], "sealed_on": self._day(0)})
        self._confirm_settlement(settlement)
        self._take_step("state", SETTLED[0], self._day(0), {"step": "complete"})

    def _settle_settling(self):
        settlement = self._settle("settling", -2, "void")
        settlement.action_submit()
        self._confirm_settlement(settlement)
        copy = settlement.with_user(self._ref("user", "business"))._void(
            "漏列延期违约金，双方已书面确认。"
        )
        copy = copy.with_user(settlement.order_id.user_id)
        copy.deduction_ids = [
            Command.create(
                {
                    "kind": "delay",
                    "side": "us",
                    "amount": 120,
                    "basis": "合同第九条：延期交货每日0.5‰",
                }
            )
        ]
        copy.write(
            {
                "balance_reason": "set_off",
                "balance_note": "双方同意违约金从质保金中抵扣。",
            }
        )
        copy.action_propose_actions()
        copy.action_submit()
        self._name_settlement("submitted", copy)

    def _settle_differing(self):
        settlement = self._settle("differing", -9, "refused")
        settlement.action_submit()
        settlement.with_user(self._ref("user", "finance")).action_refuse(
            "运费金额与发票不符，请重新编制。"
        )
        draft = self._settle("differing", -3)
        draft.line_ids[:1].write(
            {
                "differs": True,
                "customer_quantity": 3,
                "customer_amount": draft.line_ids[:1].delivered_amount * 0.75,
                "customer_note": "客户账上少记一套，待查签收单。",
            }
        )
        draft.action_propose_actions()

    def _settle_terminated(self):
        order = self._ref("contract_demo", "10")
        settlement = self._write_settlement(order, "terminated", -18, "termination")
        if not settlement.currency_id.is_zero(settlement.due_amount):
            settlement.write(
                {
                    "balance_reason": "set_off",
                    "balance_note": "预付款抵已交付泵款，余额按终止协议处理。",
                }
            )
        settlement.action_submit()
        self._confirm_settlement(settlement)

    def _settle(self, key, day, name=None):
        order = self._ref("contract_demo", key)
        return self._write_settlement(order, name or key, day)

    def _write_settlement(self, order, key, day, kind="completion"):
        settlement = (
            self.env["contract.settlement"]
            .with_user(order.user_id)
            .create({"order_id": order.id, "date": self._day(day), "kind": kind})
        )
        self._name_settlement(key, settlement)
        return settlement

    def _name_settlement(self, key, settlement):
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"contract_tracking.demo_settlement_{key}",
                    "record": settlement,
                    "noupdate": True,
                }
            ]
        )

    def _confirm_settlement(self, settlement):
        """Whoever is asked agrees, one after the other."""
        while pending := settlement.sudo()._approval_pending():
            settlement.with_user(pending[:1].user_id).action_approve()
