"""The re-agreements of the demo: one control cabinet more, everything later, in an
order that was changed by hand; one that changed its order, and one that waits to be
signed, each on an order of its own."""

from odoo import Command, models

CONTRACT, PRODUCT, QUANTITY = "03", "cc01", 2
HOLDS_FROM, DELIVERY = -1, 32
NAME = "补充协议一：增购控制柜"
REASON = "客户增购一台控制柜，整批延后十二天交付。"

ORDER = {
    "partner": "chaohu", "seller": "sales", "signed": -16, "promised": 28,
    "template": "net_30", "signatory": "罗建平", "terms": [],
}  # fmt: skip
# fmt: off
CHANGED = [
    {
        "key": "applied", "reference": "CH-BC-31", "lines": [("gv150", 20)],
        "paper": "补充协议一：增购闸阀及密封件",
        "reason": "客户泵站改造扩容，增购闸阀四台、密封件两套，整批延后十日交付。",
        "values": {"quantity": 24}, "later": 38, "added": ("seal", 2),
    },
    {  # printed, the customer hasn't sent it back signed yet
        "key": "waiting", "reference": "CH-BC-32", "lines": [("gv150", 12)],
        "reason": "客户调减四台，余货延后两周交付；补充协议已寄客户签章。",
        "values": {"quantity": 8}, "later": 42,
    },
]
# fmt: on


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
        self._name_demo("demo_reagreement_pengcheng", record)

    def _create_changed_orders(self):
        """Agree on changes that the order follows by itself."""
        for row in CHANGED:
            key = f"reagreement_{row['key']}"
            contract = {**ORDER, **row, "key": key}
            self._take_step("sign", contract, self._day(ORDER["signed"]), {})
            order = self._ref("contract_demo", key)
            self._name_demo(f"demo_{key}", self._reagree(order, row))

    def _reagree(self, order, row):
        term = order.contract_term_ids.filtered(lambda t: t.kind == "delivery")
        day = self._day(row["later"])
        lines = [{"term_id": term.id, "date_fixed": day, **row["values"]}]
        if "added" in row:
            code, quantity = row["added"]
            lines.append(
                {
                    "action": "add",
                    "kind": "delivery",
                    "product_id": self._ref("product", code).id,
                    "quantity": quantity,
                    "due_mode": "date",
                    "date_fixed": day,
                }
            )
        record = (
            self.env["contract.reagreement"]
            .with_user(order.user_id)
            .create(
                {
                    "order_id": order.id,
                    "date_from": self._day(0),
                    "reason": row["reason"],
                    "line_ids": [Command.create(vals) for vals in lines],
                }
            )
        )
        if "paper" in row:
            record.document_id = self._file_paper(order, 0, "supplement", row["paper"])
            record.action_submit()
            while pending := record.sudo()._approval_pending():
                record.with_user(pending[0].user_id).action_approve()
        return record
