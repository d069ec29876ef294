from odoo import models
from odoo.tools import format_list

from ...tools.pages import Column
from ...tools.words import amount_in_words

# What is to be filled in by hand has room for it.
ROOM = "\n\n"


class ContractRiskShipment(models.Model):
    """What the printed 附表4 shows: what is unmet, what is asked and why, how the money
    comes, what was decided and what became of it."""

    _inherit = "contract.risk.shipment"

    def _form_title(self):
        """By its kind: 风险投产, 风险发货, 风险放货."""
        self.ensure_one()
        return {
            "supply": self.env._("Risk-Production Application"),
            "ship": self.env._("Risk-Shipment Application"),
            "documents": self.env._("Application to Release Documents at Risk"),
        }[self.kind]

    def _form_blocks(self):
        self.ensure_one()
        return [
            self._form_head(),
            self._form_text(self.env._("Unmet conditions"), self.unmet_text),
            self._form_lines(),
            self._form_text(self.env._("Reason of the application"), self._form_why()),
            self._form_plan(),
            self._form_text(self.env._("Security"), self.security),
            self._form_text(self.env._("Risks and measures"), self.measures),
            self._form_decided(),
            self._form_text(
                self.env._("Conditions of the approval"), self._form_conditions()
            ),
            self._form_closure(),
            self._form_sign(),
        ]

    def _form_head(self):
        env = self.env
        company_currency = self.company_currency_id
        return self._form_cells(
            [
                (env._("Application Date"), self._form_date(self.date)),
                (env._("Office"), self.team_id.sudo().name),
                (env._("Applicant"), self.user_id.sudo().name),
                (env._("Customer"), self.partner_name),
                (env._("Contract No."), self.contract_no),
                (env._("Contract Amount"), self._form_amount(self.contract_amount)),
                (env._("Fallen Due"), self._form_amount(self.matured_amount)),
                (env._("Received"), self._form_amount(self.received_amount)),
                (env._("Overdue"), self._form_amount(self.overdue_amount)),
                (env._("Unmatured Bills"), self._form_amount(self.bills_amount)),
                (
                    env._("Credit Limit"),
                    self.credit_limit
                    and company_currency.with_env(env).format(self.credit_limit)
                    or "–",
                ),
                (
                    env._("Available"),
                    self.credit_limit
                    and company_currency.with_env(env).format(self.credit_available)
                    or "–",
                ),
                (env._("This Shipment"), self._form_amount(self.amount)),
                (env._("Exposure After"), self._form_amount(self.exposure_amount)),
                (env._("At Stake"), self._form_amount(self.risk_amount)),
                (env._("Valid Until"), self._form_date(self.date_until)),
                (
                    env._("Bank Slip Seen"),
                    env._("Yes") if self.slip_seen else env._("No"),
                ),
                (
                    env._("Deliveries"),
                    self.picking_names
                    or format_list(env, self.picking_ids.sudo().mapped("name")),
                ),
            ],
            wide=[
                (
                    env._("Payment Terms"),
                    self._form_words(
                        self.payment_text, self, lambda record: record._payment_text()
                    ),
                )
            ],
        )

    def _form_lines(self):
        return self._form_table(
            "lines",
            self.env._("This shipment"),
            [
                Column(self.env._("Product"), 52, "display_name"),
                Column(self.env._("Quantity"), 16, "quantity", "quantity"),
                Column(
                    self.env._("Unit"), 12, lambda row: row.product_uom_id.sudo().name
                ),
                Column(self.env._("Value"), 20, "amount", "amount"),
            ],
            self.line_ids,
        )

    def _form_why(self):
        return "\n".join(filter(None, (self.reason_id.sudo().name, self.reason)))

    def _form_plan(self):
        return self._form_table(
            "plan",
            self.env._("Repayment plan"),
            [
                Column(self.env._("Promised For"), 18, "date", "date"),
                Column(self.env._("Promised"), 20, "amount", "amount"),
                Column(self.env._("Came In"), 20, "paid_amount", "amount_or_none"),
                Column(self.env._("Note"), 42, "note"),
            ],
            self.repayment_ids,
        )

    def _form_decided(self):
        """What was approved, until when: to be filled in by hand before."""
        decided = self.state in ("approved", "closed")
        amount = self.approved_amount
        cells = [
            (
                self.env._("Approved Limit"),
                self._form_amount(amount) if decided else ROOM,
            ),
            (
                self.env._("Approved Until"),
                self._form_date(self.approved_until) if decided else ROOM,
            ),
        ]
        words = amount_in_words(self.env, amount, self.currency_id) if decided else ROOM
        return self._form_cells(cells, wide=[(self.env._("In Words"), words)])

    def _form_conditions(self):
        """The conditions with their boxes, and who confirmed them when."""
        return (
            "\n".join(
                self.env._(
                    "☑ %(condition)s (%(user)s, %(date)s)",
                    condition=condition.name,
                    user=condition.ticked_by_name,
                    date=self._form_day(condition.ticked_on),
                )
                if condition.ticked_on
                else f"□ {condition.name}"
                for condition in self.condition_ids
            )
            or ROOM
        )

    def _form_closure(self):
        """What left, what came in, and how it ended."""
        used, repaid = self.used_amount, self.taken_amount - self.outstanding
        if self.state == "closed":
            repaid = self.repaid_amount
        ended = ""
        if self.revoked_on:
            ended = self.env._(
                "Revoked on %(date)s by %(user)s: %(reason)s",
                date=self._form_day(self.revoked_on),
                user=self.revoked_by_name,
                reason=self.revoked_reason,
            )
        return self._form_cells(
            [
                (self.env._("Shipped"), self._form_amount(used, zero=False)),
                (self.env._("Repaid"), self._form_amount(repaid, zero=False)),
                (self.env._("Closed On"), self._form_date(self.closed_on)),
                (self.env._("Remarks"), ended),
            ]
        )

    def _form_signatures(self):
        """Applicant, then who decided, in their order; finance signs by hand unless it
        decided."""
        self.ensure_one()
        finance = self.env.ref("contract_tracking.group_contract_finance").sudo()
        steps = (
            self.sudo()
            ._approval_round_steps()
            .filtered(lambda s: s.state == "approved")
        )
        steps = steps.sorted(lambda s: (s.sequence, s.decided_on))
        money = steps.filtered(lambda s: s.line_id.group_id == finance)[:1]
        others = list(steps - money) + [steps.browse()] * 3
        rows = [
            (self.env._("Business Department"), others[0]),
            (self.env._("Finance"), money),
            (self.env._("Leader in Charge"), others[1]),
            (self.env._("General Manager (above the limit)"), others[2]),
        ]
        return self._approval_signatures(self.env._("Applicant"), rows)
