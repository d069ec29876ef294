"""The reviews of the demo: being reviewed, not submitted yet, agreed to, with a
condition, changed afterwards, disagreed with."""

from odoo import Command, models

LEGAL, LEGAL_CHINESE = "Legal Affairs", "法务部"
FUNCTIONS = {"production": "production", "service": "quality", "finance": "finance"}
CRITERIA = ("review_compliance", "review_schedule", "review_resources")

# Two quotations of their own: what was agreed to and changed, what finance refuses.
QUOTATIONS = [
    {
        "key": "review_changed", "partner": "chaohu", "promised": 75,
        "lines": [("cp200", 3), ("cc01", 1)],
    },
    {
        "key": "review_refused", "partner": "nanhu", "promised": 40,
        "lines": [("gv150", 30)],
    },
]  # fmt: skip
NOTES = {
    "14": "客户首次采购整套机组，分两批交付，请生产与财务重点评审。",
    "18": "本次要货超出框架协议剩余数量，并含框架未约定的培训。",
    "19": "合同签订后按公司规定补办评审，预付款为三成。",
    "20": "全款提货，常规产品。",
    "review_changed": "客户要求在七十五天内交货。",
    "review_refused": "客户要求货到后九十天付款。",
}
CONDITION = "与铸件供应商书面确认第二批泵体交期"
DONE_CONDITION = "取得客户预付款付款承诺函"


class ContractDemo(models.AbstractModel):
    """Reviews in each state, with the opinions of the departments. What a company is
    stopped by stays off."""

    _inherit = "contract.demo"

    def _create_reviews(self):
        """Let the departments review some contracts."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_review").id)
        ]
        self._name_functions()
        orders = {key: self._ref("contract_demo", key) for key in NOTES if len(key) < 3}
        orders |= {row["key"]: self._create_quotation(row) for row in QUOTATIONS}
        reviews = {key: self._create_review(orders[key], key) for key in NOTES}
        for key, review in reviews.items():
            if key != "18":
                self._fill_review(review)
                review.action_submit()
        self._opine(reviews["14"], "business")
        self._opine(
            reviews["14"],
            "production",
            "conditions",
            "第二批铸件交期未定，产能可保证。",
            CONDITION,
            review_schedule="objection",
        )
        self._opine(
            reviews["review_refused"],
            "finance",
            "disagree",
            "客户尚有逾期款未付，不同意再延长账期。",
            review_compliance="objection",
        )
        for key in ("19", "20", "review_changed"):
            self._agree(reviews[key], DONE_CONDITION if key == "19" else None)
        for action in reviews["19"].sudo().action_ids:
            action.with_user(action.user_id)._report_done("承诺函已收到并归档。")
        # the customer bargains after everybody agreed
        line = self._line(orders["review_changed"], "cp200")
        line.price_unit = round(line.price_unit * 0.95, 2)

    def _name_functions(self):
        """Which department says what; legal affairs had none yet."""
        for name, function in FUNCTIONS.items():
            self._ref("department", name).review_function = function
        legal = (
            self.env["contract.department"]
            .with_context(lang="en_US")
            .create(
                {
                    "name": LEGAL,
                    "sequence": 60,
                    "company_id": self.env.company.id,
                    "head_id": self._ref("user", "leader").id,
                    "review_function": "legal",
                }
            )
        )
        self._name_in_chinese(legal, LEGAL_CHINESE)

    def _create_quotation(self, row):
        seller = self._ref("user", "sales")
        lines = [
            Command.create(
                {
                    "product_id": self._ref("product", code).id,
                    "product_uom_qty": quantity,
                }
            )
            for code, quantity in row["lines"]
        ]
        return (
            self.env["sale.order"]
            .with_user(seller)
            .create(
                {
                    "partner_id": self._ref("partner", row["partner"]).id,
                    "company_id": self.env.company.id,
                    "user_id": seller.id,
                    "commitment_date": self._moment(self._day(row["promised"])),
                    "order_line": lines,
                }
            )
            .with_user(self.env.user)
        )

    def _create_review(self, order, key):
        review = (
            self.env["contract.review"]
            .with_user(order.user_id)
            .create({"order_id": order.id, "note": NOTES[key]})
        )
        self.env["ir.model.data"]._update_xmlids(
            [
                {
                    "xml_id": f"contract_tracking.demo_review_{key}",
                    "record": review,
                    "noupdate": True,
                }
            ]
        )
        return review

    def _fill_review(self, review):
        """Fill in what has to be there before a review is submitted."""

    def _agree(self, review, condition=None):
        """Everybody agrees who is asked, the first one with a condition."""
        while pending := review.sudo()._approval_pending():
            step = pending[0]
            self._give_opinion(
                review,
                step.user_id,
                "conditions" if condition else "agree",
                "请先取得付款承诺。" if condition else False,
                condition,
            )
            condition = None

    def _opine(
        self, review, name, conclusion="agree", comment=False, condition=None, **said
    ):
        user = self._ref("user", name)
        self._give_opinion(review, user, conclusion, comment, condition, **said)

    def _give_opinion(self, review, user, conclusion, comment, condition, **said):
        review.with_user(user)._give_opinion(
            conclusion,
            {**dict.fromkeys(CRITERIA, "ok"), **said},
            comment,
            [
                {
                    "name": condition,
                    "user_id": review.user_id.id,
                    "date_deadline": self._day(10),
                }
            ]
            if condition
            else [],
        )
