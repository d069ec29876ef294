"""The months of the offices: confirmed ones, one that waits for finance, one that is
overdue."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import models

from ..tools.guard import unguarded

# How many months ago which office is how far.
MONTHS = {
    3: dict.fromkeys(("east", "south", "overseas"), "confirmed"),
    2: dict.fromkeys(("east", "south", "overseas"), "confirmed"),
    1: {"east": "submitted", "south": "draft", "overseas": "confirmed"},
}
# Days after the cut-off on which a record is submitted, and decided.
DAYS = (2, 3)


class ContractDemo(models.AbstractModel):
    """Monthly execution records of the last three months, and early warnings."""

    _inherit = "contract.demo"

    def _finish(self):
        result = super()._finish()
        for model, state in (
            ("sale.order", "contract_state"),
            ("contract.frame", "state"),
        ):
            contracts = self.env[model].search([(state, "=", "active")])
            self.env["contract.warning"]._find(contracts)
        company = self.env.company
        month = company._contract_month(self._day(0))
        Record = self.env["contract.monthly.record"]
        for back, offices in MONTHS.items():
            if back == 1:
                self._post_late(Record.search([("company_id", "=", company.id)]))
            records = Record._generate(company, month - relativedelta(months=back))
            for office, state in offices.items():
                team = self.env.ref(f"contract_tracking.demo_team_{office}")
                record = records.filtered(lambda r, team=team: r.team_id == team)
                if record:
                    self._bring_month(record, state)
        return result

    def _post_late(self, records):
        """A bank advice of a confirmed month turns up: its money counts in the next."""
        order = self._ref("contract_demo", "15")
        record = records.filtered(lambda r: r.team_id == order.team_id)
        day = max(record.mapped("date"))
        self._step_pay(order, day, amount=6000, number=1)

    def _bring_month(self, record, state):
        """Let the office submit a record and the others confirm it, in its days."""
        record = record.with_user(record.user_id)
        if state == "draft":
            unguarded(record.sudo()).date_deadline = record.date + timedelta(days=3)
            record.sudo()._sync_activities()
            return
        if not record.plan:
            record.plan = "下月无到期事项，做好后续备货准备。"
            record.line_ids[:1].plan_delivery = 0
        record.action_submit()
        deciders = ["business", "finance"][: 2 if state == "confirmed" else 1]
        for decider in deciders:
            user = self.env.ref(f"contract_tracking.demo_user_{decider}")
            record.with_user(user).action_approve()
        submitted, decided = (
            self._moment(record.date + timedelta(days=days)) for days in DAYS
        )
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contract_monthly_record SET submitted_on = %s WHERE id = %s",
            [submitted, record.id],
        )
        self.env.cr.execute(
            """UPDATE contract_approval_step
                  SET pending_on = %s, decided_on = CASE WHEN decided_on IS NOT NULL
                                                         THEN %s::timestamp END
                WHERE res_model = %s AND res_id = %s""",
            [submitted, decided, record._name, record.id],
        )
        self.env.invalidate_all()
