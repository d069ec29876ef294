"""The change requests of the demo: one in each state, of the customer and of ours, on
contracts and on a frame agreement, one that was carried out."""

from odoo import Command, models

# A contract of its own: what was asked for is agreed and carried out.
CARRIED_OUT = {
    "key": "change", "partner": "chaohu", "seller": "sales", "signed": -18,
    "promised": 26, "template": "net_30", "reference": "CH-BG-24",
    "signatory": "罗建平", "lines": [("gv150", 40)], "terms": [],
}  # fmt: skip

# fmt: off
CHANGES = [
    {  # the answer is overdue, nobody submitted it yet
        "key": "price", "contract": "22", "state": "draft", "day": -6,
        "values": {
            "party": "customer", "change_price": True,
            "wish": "客户要求整单单价下调百分之三。",
            "reason": "客户称同类产品市场价格已下降。",
            "amount_change": -18000, "cost": 0,
        },
        "answer": -1, "letter": "关于调整合同单价的函",
    },
    {  # legal affairs has answered, the others are asked
        "key": "quantity", "contract": "02", "state": "submitted", "day": -3,
        "values": {
            "party": "customer", "change_quantity": True, "change_dates": True,
            "wish": "增购阀门十台，与第二批水泵一并交付，交期顺延十天。",
            "reason": "客户二期泵站扩容。",
            "amount_change": 36000, "days_change": 10, "cost": 4500,
            "impact_note": "第二批泵体铸件已投料，不受影响；阀门须追加采购。",
        },
        "answer": 5, "letter": "增购阀门的工作联系函",
        "comments": {"leader": "增购应签补充协议，原合同其余条款不变。"},
    },
    {  # the company consents to terminate: to be negotiated
        "key": "terminate", "contract": "19", "state": "agreed", "day": -2,
        "values": {
            "party": "company", "kind": "terminate",
            "wish": "客户逾期未付预付款，拟与客户协商解除合同。",
            "reason": "预付款逾期，催款两次未果，货物可转售其他客户。",
            "cost": 6000, "impact_note": "标准产品，尚未发货，可转其他合同。",
        },
    },
    {  # both sides agreed: to be carried out
        "key": "dates", "contract": "13", "state": "negotiated", "day": -1,
        "values": {
            "party": "customer", "change_dates": True,
            "wish": "交货日期推迟两周。",
            "reason": "客户现场土建未完工。",
            "days_change": 14, "cost": 1200,
            "impact_note": "成品入库后需增加仓储费用。",
        },
        "answer": 4, "letter": "关于延期收货的函", "later": 49,
        "with": "客户采购部周经理", "result": "双方同意交货日期顺延两周，价格不变。",
    },
    {  # finance doesn't agree
        "key": "payment", "contract": "24", "state": "refused", "day": -4,
        "values": {
            "party": "customer", "change_payment": True,
            "wish": "尾款由发货前付清改为货到后六十天支付。",
            "reason": "客户资金周转困难。",
        },
        "comments": {"finance": "该客户已有逾期款，不同意再延长账期。"},
    },
    {
        "key": "done", "contract": "change", "state": "done", "day": -5,
        "values": {
            "party": "customer", "change_dates": True, "change_quantity": True,
            "wish": "增购五台闸阀，整批延后交付。",
            "reason": "客户管网改造范围扩大。",
            "amount_change": 9000, "days_change": 19,
            "impact_note": "库存充足，无需追加采购。",
        },
        "letter": "增购闸阀函", "quantity": 45, "later": 45,
        "with": "客户项目部罗经理",
        "result": "增购五台，整批延后交付，其余条款不变。",
    },
]
# fmt: on
FRAME = {
    "key": "frame",
    "frame": "valves",
    "day": -2,
    "values": {
        "party": "customer",
        "change_price": True,
        "wish": "框架协议阀门单价下调百分之二。",
        "reason": "客户年度采购量超过约定数量。",
        "amount_change": -12000,
    },
}  # fmt: skip


class ContractDemo(models.AbstractModel):
    """Change requests as people write, weigh, negotiate and carry them out."""

    _inherit = "contract.demo"

    def _create_changes(self):
        """Ask for changes of some contracts."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_change").id)
        ]
        day = self._day(CARRIED_OUT["signed"])
        self._take_step("sign", CARRIED_OUT, day, {})
        for row in CHANGES:
            order = self._ref("contract_demo", row["contract"])
            change = self._write_change(row, order, order.user_id)
            self._bring_change(change, row)
        frame = self._ref("frame", FRAME["frame"])
        self._write_change(FRAME, frame, frame.owner_id).action_submit()

    def _write_change(self, row, parent, user):
        values = {
            **parent._contract_part_vals(),
            "date": self._day(row["day"]),
            "date_answer": "answer" in row and self._day(row["answer"]),
            **row["values"],
        }
        if title := row.get("letter"):
            values["letter_id"] = self._file_paper(parent, row["day"], "letter", title)
        if "later" in row:
            terms = parent.sudo().contract_term_ids
            term = terms.filtered(lambda t: t.kind == "delivery")[:1]
            asked = {
                "term_id": term.id,
                "quantity": row.get("quantity", 0),
                "date_new": self._day(row["later"]),
            }
            values["line_ids"] = [Command.create(asked)]
        change = self.env["contract.change"].with_user(user).create(values)
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"contract_tracking.demo_change_{row['key']}",
                    "record": change,
                    "noupdate": True,
                }
            ]
        )
        return change

    def _file_paper(self, order, day, kind, title):
        """File a paper; return its id."""
        self._step_file(order, self._day(day), kind, title)
        papers = order.contract_document_ids.filtered(lambda d: d.name == title)
        return papers[-1:].id

    def _bring_change(self, change, row):
        """Bring a request into the state of its row."""
        state = row["state"]
        if state == "draft":
            return
        change.action_submit()
        comments = row.get("comments", {})
        for name, comment in comments.items():
            mine = change.with_user(self._ref("user", name))
            if state == "refused":
                mine.action_refuse(comment)
            else:
                mine.action_approve(comment)
        if state in ("submitted", "refused"):
            return
        while pending := change.sudo()._approval_pending():
            change.with_user(pending[0].user_id).action_approve("同意。")
        if state == "agreed":
            return
        title = f"补充协议：{row['result']}"[:40]
        paper = self._file_paper(change.order_id, 0, "supplement", title)
        change.write(
            {
                "negotiated_on": self._day(0),
                "negotiated_with": row["with"],
                "result": "agreed",
                "result_note": row["result"],
                "consent_id": paper,
            }
        )
        change.action_negotiate()
        if state == "done":
            self._carry_out(change, row)

    def _carry_out(self, change, row):
        """The order is changed as agreed, the re-agreement puts it into effect."""
        order = change.order_id
        order.commitment_date = self._moment(self._day(row["later"]))
        order.order_line.product_uom_qty = row["quantity"]
        record = (
            self.env["contract.reagreement"]
            .with_user(change.user_id)
            .create(
                {
                    "order_id": order.id,
                    "date_from": self._day(0),
                    **change._follow_up_values(),
                }
            )
        )
        record.action_submit()
        while pending := record.sudo()._approval_pending():
            record.with_user(pending[0].user_id).action_approve()
