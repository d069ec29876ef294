from odoo import models

from ..tools.guard import unguarded


class ContractDemo(models.AbstractModel):
    """The customer's account in the stories: statements and what customers answer."""

    _inherit = "contract.demo"

    def _step_statement(self, order, day, answered=None, owes=0, note=None):
        """Finance states the customer's account of the year up to this day.

        :param answered: day of the customer's answer; a draft without it
        :param owes: the balance by his books, if it differs
        """
        finance = self._ref("user", "finance")
        statement = (
            self.env["contract.statement"]
            .with_user(finance)
            .create(
                {
                    "partner_id": order.partner_id.id,
                    "currency_id": order.currency_id.id,
                    "date_from": min(
                        day.replace(month=1, day=1), order.contract_signing_date
                    ),
                    "date_to": day,
                }
            )
        )
        if answered is None:
            return
        statement.action_mark_sent()
        reply = self._day(answered)
        statement.write(
            {
                "reply_date": reply,
                "customer_balance": owes,
                "difference_note": note,
                "attachment_ids": [self._paper(order, statement.name, reply, note)],
            }
        )
        if note:
            statement.action_difference()
        else:
            statement.action_confirm()
        unguarded(statement.sudo()).write(
            {"sent_date": day, "confirmed_on": self._moment(reply)}
        )
