"""The steps of the gate in the stories: what is held, who asks, who permits it."""

from datetime import timedelta

from odoo import Command, fields, models
from odoo.tools import SQL, format_date

from ..tools.guard import unguarded

# When something happened: everything knows now only.
MOMENTS = {
    "contract_risk_shipment": ("submitted_on", "decided_on", "revoked_on"),
    "contract_risk_condition": ("ticked_on",),
    "contract_risk_use": ("create_date",),
    "contract_approval_step": ("pending_on", "decided_on"),
}


class ContractDemo(models.AbstractModel):
    """Held deliveries and risk-shipment applications of the demo, each as far as its
    story goes."""

    _inherit = "contract.demo"

    def _take_step(self, step, contract, day, what):
        result = super()._take_step(step, contract, day, what)
        if self._ref("contract_demo", contract["key"]).contract_risk_ids:
            self._date_decisions(day)
        return result

    def _create_terms(self, order, contract):
        """A rule for a contract stands before it is confirmed."""
        result = super()._create_terms(order, contract)
        if contract.get("hold_supply"):
            self.env["contract.gate.rule"].create(
                {
                    "reason": "money",
                    "checkpoint": "supply",
                    "action": "hold",
                    # before the rule that holds for everybody
                    "sequence": 5,
                    "company_id": order.company_id.id,
                    "order_ids": [Command.link(order.id)],
                }
            )
        return result

    def _finish(self):
        """Permissions and promises were made as if their day were today: bring them
        back to it, then see what became of them."""
        result = super()._finish()
        applications = self.env["contract.risk.shipment"].search([])
        for application in applications:
            self._date_back(application)
        self.env.invalidate_all()
        applications._follow_up()
        for deviation in self.env["contract.deviation"].search(
            [("kind", "=", "risk_overdue")]
        ):
            # the job found it the day after the promise
            found = deviation.agreed_date + timedelta(days=1)
            unguarded(deviation).write({"date": found})
        applications.sudo()._sync_activities()
        return result

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _step_ask(self, order, day):
        """The warehouse asks who follows the contract to open the gate."""
        picking = order.picking_ids.filtered(
            lambda p: p.state not in ("done", "cancel")
        )
        picking.with_user(self._ref("user", "warehouse")).action_contract_ask_owner()
        picking._contract_gate_activities().date_deadline = day

    def _step_release(self, order, day, kind):
        """The warehouse releases the documents of what is under way."""
        pickings = order.picking_ids.filtered("contract_documents_due")
        warehouse = pickings.with_user(self._ref("user", "warehouse"))
        getattr(warehouse, f"action_contract_release_{kind}")()
        unguarded(pickings).write({"contract_documents_date": day})

    def _step_apply(
        self, order, day, reason, words, until, plan, security=False, measures=False,
        slip=False, submit=True,
    ):  # fmt: skip
        """The salesperson applies for what is held.

        :param until: last day on which goods may leave
        :param plan: what the customer promises: ``[(day, share of what is at stake)]``
        """
        seller = order.user_id
        action = order.with_user(seller).action_contract_apply_risk()
        application = (
            self.env["contract.risk.shipment"]
            .with_user(seller)
            .browse(action["res_id"])
        )
        # days of the past are refused: see _date_back
        today = self._day(0)
        repayments, rest = [Command.clear()], application.risk_amount
        for number, (promised, share) in enumerate(plan, 1):
            part = application.currency_id.round(application.risk_amount * share / 100)
            amount = rest if number == len(plan) else part
            rest -= amount
            promised_for = self._day(promised) + (today - day)
            repayments.append(Command.create({"date": promised_for, "amount": amount}))
        application.write(
            {
                "date": day,
                "reason_id": self.env.ref(f"contract_tracking.risk_reason_{reason}").id,
                "reason": words,
                "date_until": self._day(until) + (today - day),
                "security": security,
                "measures": measures,
                "slip_seen": slip,
                "attachment_ids": [self._paper(order, "银行水单", day, words)] * slip,
                "repayment_ids": repayments,
            }
        )
        if submit:
            application.action_submit()

    def _step_approve(
        self, order, day, user, comment=False, lines=None, until=None, conditions=False
    ):
        """Approve what was asked for, or less, or under conditions.

        :param lines: how much of which product, where it is less
        """
        application = order.contract_risk_ids.with_user(self._ref("user", user))
        if not (lines or until or conditions):
            application.action_approve(comment)
            return
        limit = application.env["contract.risk.limit"].create(
            {
                "application_id": application.id,
                "amount": application.approved_amount,
                "date_until": application.approved_until,
                "conditions": conditions,
                "comment": comment,
                "line_ids": [
                    Command.create({"row_id": row.id, "quantity": row.quantity})
                    for row in application.line_ids
                ],
            }
        )
        for code, quantity in (lines or {}).items():
            product = self._ref("product", code)
            line = limit.line_ids.filtered(lambda ln, p=product: ln.product_id == p)
            less = line.asked_quantity - quantity
            limit.amount -= line.row_id.amount / line.asked_quantity * less
            line.quantity = quantity
        if until:
            limit.date_until = self._day(until) + (self._day(0) - application.date)
        limit.action_apply()

    def _step_refuse(self, order, _day, user, comment):
        order.contract_risk_ids.with_user(self._ref("user", user)).action_refuse(
            comment
        )

    def _step_confirm(self, order, _day, user):
        """The conditions are met."""
        conditions = order.contract_risk_ids.condition_ids
        conditions.with_user(self._ref("user", user)).action_tick()

    def _step_revoke(self, order, _day, user, text):
        application = order.contract_risk_ids.with_user(self._ref("user", user))
        application._take_reason_step("revoke", text)

    def _step_follow_up(self, order, day):
        """As the daily run does: what is settled is closed."""
        application = order.contract_risk_ids
        application._follow_up()
        unguarded(application).write({"closed_on": day})

    # ------------------------------------------------------------------
    # Days
    # ------------------------------------------------------------------

    def _date_decisions(self, day):
        """Date what was decided, confirmed, used just now."""
        self.env.flush_all()
        for table, columns in MOMENTS.items():
            for column in columns:
                self.env.cr.execute(
                    SQL(
                        """UPDATE %(table)s SET %(column)s = %(moment)s
                            WHERE %(column)s >= now() AT TIME ZONE 'UTC'""",
                        table=SQL.identifier(table),
                        column=SQL.identifier(column),
                        moment=self._moment(day),
                    )
                )
        self.env.invalidate_all()

    def _date_back(self, application):
        """Bring the days of an application back by as many as it is old."""
        back = timedelta(days=(self._day(0) - application.date).days)
        application = unguarded(application)
        for row in application.repayment_ids:
            row.date -= back
        values = {
            fname: application[fname] - back
            for fname in ("date_until", "approved_until")
            if application[fname]
        }
        if ceiling := application.ceiling:
            until = fields.Date.to_date(ceiling["until"]) - back
            values["ceiling"] = {**ceiling, "until": str(until)}
        if until := values.get("approved_until"):
            said, day = (
                format_date(self.env, date)
                for date in (application.approved_until, until)
            )
            for message in application.sudo().message_ids:
                if said in (message.body or ""):
                    message.body = message.body.replace(said, day)
        application.write(values)
        self.env.flush_all()
        self.env.cr.execute(
            """UPDATE contract_approval_step SET date_deadline = date_deadline - %s
                WHERE res_model = %s AND res_id = %s""",
            [back.days, application._name, application.id],
        )
