"""What the reviews of the demo look at: clauses, filled checklists, mandatory terms."""

from odoo import Command, models

# Answers by question: the rest is answered as if nothing spoke against the contract.
NUMBERS = {
    "customer_years": 12, "delivery_buffer": 10, "payment_advance": 30,
    "payment_term": 30, "payment_retention": 5, "payment_large_advance": 30,
    "payment_large_term": 60,
}  # fmt: skip
TEXTS = {"customer_visit": "2025年走访过客户工厂，同行评价良好，历年付款基本正常。"}
CHOICES = {"payment_instrument": 1, "payment_large_instrument": 1}
# What speaks against the one that finance refuses.
OTHERWISE = {
    "review_refused": {
        "payment_advance": 0, "payment_term": 90, "payment_instrument": 2,
        "customer_litigation": 1, "payment_security": "no",
    },
}  # fmt: skip
NO_RISK = {"yes": "no", "no": "yes"}
PROOF = "查询截图.txt"
SECURITY = "客户提供银行履约保函，金额为合同总价的10%。"
REASON = "见已签合同文本"
SETTLED = "常规产品，按标准条款执行"


class ContractDemo(models.AbstractModel):
    """The content of the reviews, as those who prepare them fill it in."""

    _inherit = "contract.demo"

    def _fill_review(self, review):
        res = super()._fill_review(review)
        order = review.order_id
        if not order.contract_effective_date:
            self._choose_clauses(order)
        review.security = SECURITY if order.amount_total > 100000 else False
        key = (
            self.env["ir.model.data"]
            .sudo()
            .search(
                [("model", "=", "contract.review"), ("res_id", "=", review.id)], limit=1
            )
        )
        key = (key.name or "").removeprefix("demo_review_")
        self._answer_checklist(review, OTHERWISE.get(key, {}))
        reason = REASON if order.contract_effective_date else SETTLED
        for term in review.review_term_ids:
            if term.status == "missing":
                term.write({"not_applicable": True, "reason": reason})
        return res

    def _choose_clauses(self, order):
        """Put the standard clauses into a contract that isn't in effect."""
        seller = order.with_user(order.user_id)
        window = seller.action_contract_clauses()
        dialog = self.env[window["res_model"]].with_user(order.user_id)
        dialog.with_context(**window["context"]).create({}).action_apply()

    def _answer_checklist(self, review, otherwise):
        """Answer the questions, with a file where one must prove the answer."""
        for line in review.checklist_line_ids.filtered(lambda ln: not ln.computed):
            xmlid = line.template_line_id.sudo().get_external_id()
            key = next(iter(xmlid.values())).rpartition("checklist_review_")[2]
            values = self._answer(line, key, otherwise)
            if line.evidence == "always" or values.get("answer") == "yes":
                values["attachment_ids"] = [
                    Command.create({"name": PROOF, "raw": "查询结果".encode()})
                ]
            line.write(values)

    def _answer(self, line, key, otherwise):
        """Values of the answer to a question of the shipped checklists."""
        if line.answer_kind == "number":
            return {"number": otherwise.get(key, NUMBERS.get(key, 0))}
        if line.answer_kind == "text":
            return {"text": TEXTS.get(key)}
        if line.answer_kind == "choice":
            options = line.template_line_id.sudo().option_ids
            chosen = otherwise.get(key, CHOICES.get(key, 0))
            return {"option_id": options[chosen].id}
        return {"answer": otherwise.get(key, NO_RISK.get(line.risk_when, "no"))}

    def _agree(self, review, condition=None):
        if pending := review.sudo()._approval_pending():
            review.with_user(pending[0].user_id).action_attest_terms()
        return super()._agree(review, condition)
