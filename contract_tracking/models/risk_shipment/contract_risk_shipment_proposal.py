from datetime import timedelta

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ...tools.gate import Step
from ...tools.guard import unguarded

# Which checkpoint of a contract each kind of permission opens.
CHECKPOINTS = {"supply": "supply", "ship": "delivery", "documents": "documents"}
# What no permission lifts.
NEVER = {"state"}


class ContractRiskShipment(models.Model):
    """What an application is filled with: lines from what is held, figures from the
    facts, what is at stake, and a first repayment plan."""

    _inherit = "contract.risk.shipment"

    @api.model
    def _apply(self, steps):
        """Write the application for what is held, and open it.

        :param steps: :class:`Step` of one contract and one checkpoint
        :raise UserError: if nothing of it is held, or it is of several contracts
        """
        steps = [step for step in steps if any(q > 0 for q in step.lines.values())]
        orders = self.env["sale.order"].union(*(step.order for step in steps))
        if len(orders) > 1:
            raise UserError(
                self.env._(
                    "An application is for one contract: choose deliveries of one."
                )
            )
        if not steps:
            raise UserError(self.env._("There is nothing to ship."))
        step = self._joined(steps)
        self._check_holds(
            self.env["contract.gate"].sudo()._reasons([step]).get(step, ())
        )
        kind = next(k for k, point in CHECKPOINTS.items() if point == step.checkpoint)
        drafts = self.search(
            [
                ("order_id", "=", step.order.id),
                ("kind", "=", kind),
                ("state", "=", "draft"),
            ],
            limit=1,
        )
        if drafts:
            # the one that waits to be finished
            return drafts._open_form()
        application = self.create(
            {
                "order_id": step.order.id,
                "kind": kind,
                "picking_ids": [Command.set([p.id for p in step.pickings])],
                "line_ids": self._line_commands(step),
            }
        )
        return application._open_form()

    @api.model
    def _joined(self, steps):
        """Steps of one contract and checkpoint as one."""
        first, *others = steps
        if not others:
            return first
        union = self.env["stock.move"].union(*(step.moves for step in steps))
        return Step(
            first.order, first.checkpoint, pickings=union.picking_id, moves=union
        )

    @api.model
    def _check_holds(self, reasons):
        """
        :raise UserError: if none of the reasons holds, or what no permission lifts
        """
        codes = {reason.code for reason in reasons if reason.action == "hold"}
        if not codes:
            raise UserError(
                self.env._(
                    "Nothing holds these goods: no permission is needed for them."
                )
            )
        if codes & NEVER:
            raise UserError(
                self.env._(
                    "The contract is suspended or ended: no permission lifts that."
                )
            )

    def _propose_lines(self):
        """Fill in what is held of the deliveries, or of the contract."""
        self.ensure_one()
        order = self.order_id.sudo()
        steps = (
            self.picking_ids.sudo()._contract_risk_steps()
            if self.picking_ids
            else order._contract_risk_steps()
        )
        checkpoint = CHECKPOINTS[self.kind]
        if steps := [step for step in steps if step.checkpoint == checkpoint]:
            self.line_ids = self._line_commands(self._joined(steps))

    @api.model
    def _line_commands(self, step):
        return [
            Command.create({"line_id": line.id, "quantity": quantity})
            for line, quantity in step.lines.items()
            if quantity > 0
        ]

    def _repayment_day(self):
        """For which day the plan proposes the money."""
        self.ensure_one()
        days = self.reason_id.sudo().repayment_days or 30
        return self.order_id._contract_today() + timedelta(days=days)

    def _refresh(self, days=None):
        """Read the figures of drafts from the facts; a plan of one promise that said
        what was at stake, and when it was expected, goes on saying it.

        :param days: ``{application: day}`` that was proposed until now
        """
        drafts = unguarded(
            self.filtered(lambda a: a.state == "draft" and a.order_id).sudo()
        )
        rows = self.env["contract.facts"]._read_orders(drafts.order_id)
        for application in drafts:
            row = rows.get(application.order_id.id, {})
            before = application.risk_amount
            application.write(application._figures(row))
            application._propose_plan(before, (days or {}).get(application))

    def _propose_plan(self, before, day):
        """
        :param before: what was at stake until now
        :param day: for which day the money was proposed until now
        """
        self.ensure_one()
        plan, currency = self.repayment_ids, self.currency_id
        if currency.is_zero(self.risk_amount):
            return
        if not plan and currency.is_zero(before):
            plan.create(
                {
                    "application_id": self.id,
                    "date": self._repayment_day(),
                    "amount": self.risk_amount,
                }
            )
        elif len(plan) == 1 and not currency.compare_amounts(plan.amount, before):
            plan.amount = self.risk_amount
            if plan.date == day:
                plan.date = self._repayment_day()

    def _step(self, amount, row):
        """What is asked for, as a step of its contract.

        :param amount: value of what leaves with it
        :param row: the contract's row of the facts
        """
        self.ensure_one()
        step = Step(self.order_id, CHECKPOINTS[self.kind], pickings=self.picking_ids)
        step.lines = {line.line_id: line.quantity for line in self.line_ids}
        step.amount = amount
        step.row = row
        return step

    def _figures(self, row):
        """Values of the form's figures.

        :param row: the contract's row of the facts
        """
        self.ensure_one()
        order = self.order_id

        def fact(name):
            return float(row.get(name) or 0.0)

        gate = self.env["contract.gate"]
        step = self._step(self.amount, row)
        reasons = gate._reasons([step]).get(step, ()) if self.line_ids else ()
        reasons = [reason for reason in reasons if reason.action == "hold"]
        codes = list(dict.fromkeys(reason.code for reason in reasons))
        coming = 0.0
        if self.kind != "documents":
            coming = self.amount + sum(
                other._coming_amount() for other in self._others()
            )
        exposure = max(0.0, fact("exposure") + coming)
        at_stake = exposure
        if codes == ["money"]:
            whole = self._step(coming or self.amount, row)
            at_stake = gate._required(whole) - gate._paid(whole)
        return {
            "unmet_text": "\n".join(reason.text for reason in reasons) or False,
            "reason_codes": " ".join(codes) or False,
            "payment_text": self._payment_text(),
            "contract_amount": fact("total") or order.amount_total,
            "matured_amount": fact("matured"),
            "received_amount": fact("received"),
            "overdue_amount": fact("overdue"),
            "bills_amount": fact("bills"),
            "exposure_amount": self.currency_id.round(exposure),
            "risk_amount": self.currency_id.round(min(self.amount, max(0.0, at_stake))),
            **self._credit_vals(),
        }

    def _others(self):
        """Other applications of the contract on which goods may still leave."""
        return self.search(
            [
                ("order_id", "=", self.order_id.id),
                ("id", "!=", self.id),
                ("kind", "!=", "documents"),
                ("state", "in", ("submitted", "approved")),
            ]
        )

    def _coming_amount(self):
        """What may still leave on it, or will if it is approved."""
        self.ensure_one()
        return self.left_amount if self.state == "approved" else self.approved_amount

    def _credit_vals(self):
        """The customer's credit limit and what of it is free, by core's figures."""
        company = self.company_id
        partner = self.order_id.partner_id.commercial_partner_id
        partner = partner.with_company(company)
        limit = partner.credit_limit if company.account_use_credit_limit else 0.0
        return {
            "credit_limit": limit,
            "credit_available": limit
            and limit - partner.credit - partner.credit_to_invoice,
        }

    def _payment_text(self):
        """The payment terms that hold, a line each."""
        terms = self.order_id.contract_term_ids.filtered(
            lambda term: term.kind == "payment" and not term.valid_to
        )
        lines = [
            self.env._(
                "%(term)s: %(share)s, %(due)s",
                term=term.name,
                share=f"{term.percent:g} %"
                if term.percent
                else format_amount(self.env, term.amount, self.currency_id),
                due=term._due_description() or "–",
            )
            for term in terms
        ]
        return "\n".join(lines) or self.order_id.payment_term_id.name
