from odoo import models


class ContractDemo(models.AbstractModel):
    """Money that came without an invoice, and bills: what finance finds on its desk."""

    _inherit = "contract.demo"

    def _finish(self):
        result = super()._finish()
        settled = self._ref("contract_demo", "06")
        settled.partner_id.contract_running_account = True
        # nobody has said whose it is: a round sum on account, a deposit that names
        # its contract, a transfer without any hint
        self._receive(settled, -6, 60000, "货款")
        waiting = self._ref("contract_demo", "13")
        self._receive(waiting, 0, 20000, f"{waiting.contract_number} 预付款")
        self._receive(self._ref("contract_demo", "09"), -3, 8000, "汇款")
        # bills: one counts at once, the other when it is honoured
        order = self._ref("contract_demo", "02")
        bill = self._receive(
            order,
            -9,
            10000,
            "货款尾款",
            contract_instrument_id=self._instrument("bank_acceptance"),
            contract_bill_number="1301 5810 2214 0007",
            contract_bill_drawer="太湖集团财务有限公司",
            contract_bill_maturity=self._day(171),
        )
        self._claim(bill, order, 10000)
        order = self._ref("contract_demo", "03")
        bill = self._receive(
            order,
            -5,
            15000,
            "预付款",
            contract_instrument_id=self._instrument("commercial_acceptance"),
            contract_bill_number="2305 8410 0131 6620",
            contract_bill_drawer=order.partner_id.name,
            contract_bill_maturity=self._day(3),
        )
        self._claim(bill, order, 15000)
        # the sister company of the customer pays, its authorisation is missing
        order = self._ref("contract_demo", "01")
        payment = self._receive(
            order,
            -4,
            5000,
            "备件款",
            contract_payer_id=self._ref("partner", "taihu").id,
        )
        self._claim(payment, order, 5000)
        return result

    def _instrument(self, name):
        return self.env.ref(f"contract_tracking.instrument_{name}").id

    def _receive(self, order, day, amount, memo, **values):
        """A customer's payment as finance enters it, without any invoice."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", order.company_id.id)], limit=1
        )
        payment = (
            self.env["account.payment"]
            .with_user(self._ref("user", "finance"))
            .create(
                {
                    "payment_type": "inbound",
                    "partner_type": "customer",
                    "partner_id": order.partner_id.id,
                    "amount": amount,
                    "currency_id": order.currency_id.id,
                    "date": self._day(day),
                    "memo": memo,
                    "journal_id": journal.id,
                    **values,
                }
            )
        )
        payment.action_post()
        return payment

    def _claim(self, payment, order, amount):
        self.env["contract.payment.claim"].with_user(order.user_id).create(
            {"payment_id": payment.id, "order_id": order.id, "amount": amount}
        )
