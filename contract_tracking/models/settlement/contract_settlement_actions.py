from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError

from .contract_settlement import RUNNING

# stands for an amount in a sentence
AMOUNT = "\0"


class ContractSettlement(models.Model):
    """What is to be done so that both sides are even: invoices, credit notes, refunds,
    bills, differences to clear."""

    _inherit = "contract.settlement"

    def action_propose_actions(self):
        """Plan what the figures ask for and isn't planned yet; what is planned and
        still to be done takes another amount.

        :raise UserError: if nothing is left to be done
        """
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state(*RUNNING)
        # the same sentence with and without its amount
        asked = dict(
            zip(
                self._proposed_actions(self.currency_id.format),
                self._proposed_actions(lambda amount: AMOUNT),
                strict=True,
            )
        )
        planned = set(self.action_ids.mapped("name"))
        stale = self.action_ids.filtered(
            lambda a: a.state == "open" and a.name not in asked
        )
        if self._action_is_decided():
            stale = stale.browse()
        names, renamed = [], []
        for name, pattern in asked.items():
            if name in planned:
                continue
            before, after = pattern.split(AMOUNT)
            same = stale.filtered(
                lambda a, begin=before, end=after: (
                    a.name.startswith(begin) and a.name.endswith(end)
                )
            )[:1]
            if same:
                stale -= same
                renamed.append((same, name))
            else:
                names.append(name)
        for action, name in renamed:
            action.name = name
        if not names and not renamed:
            raise UserError(
                self.env._("The figures ask for nothing that isn't planned already.")
            )
        owner = self.order_id.sudo()._contract_responsible() or self.env.user
        self.env["contract.action"].create(
            [
                {
                    "res_model": self._name,
                    "res_id": self.id,
                    "name": name,
                    "user_id": owner.id,
                    "date_deadline": self._deadline(),
                }
                for name in names
            ]
        )
        return True

    def _proposed_actions(self, form):
        """What the figures ask for, in words.

        :param form: writes an amount
        """
        self.ensure_one()
        if self.currency_id.compare_amounts(self.uninvoiced_amount, 0) > 0:
            yield self.env._(
                "Issue the missing invoice: %(amount)s",
                amount=form(self.uninvoiced_amount),
            )
        elif self.currency_id.compare_amounts(self.uninvoiced_amount, 0) < 0:
            yield self.env._(
                "Credit what was invoiced and not delivered: %(amount)s",
                amount=form(-self.uninvoiced_amount),
            )
        advance = self._advance_left()
        if self.currency_id.compare_amounts(advance, 0) > 0:
            yield self.env._(
                "Credit the down payment that was invoiced and not deducted: "
                "%(amount)s",
                amount=form(advance),
            )
        for row in self.deduction_ids.filtered(lambda r: not r.is_booked):
            values = {"basis": row.basis, "amount": form(row.amount)}
            if row.side == "us":
                yield self.env._("Credit note: %(basis)s, %(amount)s", **values)
            else:
                yield self.env._("Charge the customer: %(basis)s, %(amount)s", **values)
        kept = self.balance_reason in ("set_off", "waived")
        if not kept and self.currency_id.compare_amounts(self.due_amount, 0) < 0:
            yield self.env._(
                "Refund to the customer: %(amount)s", amount=form(-self.due_amount)
            )
        for row in self.payment_ids.filtered(lambda r: r.kind == "bill"):
            yield self.env._(
                "Follow the open bill: %(bill)s, %(amount)s",
                bill=row.name,
                amount=form(row.amount),
            )
        for row in (*self.line_ids, *self.payment_ids):
            if row.differs:
                yield self.env._(
                    "Clear with the customer: %(row)s, %(amount)s",
                    row=row.name,
                    amount=form(row.difference),
                )

    def _advance_left(self):
        """What of invoiced down payments no invoice deducted, and nothing credited, as
        of the day."""
        self.ensure_one()
        order = self.order_id.sudo()
        invoices = self.env["contract.facts"].sudo()._read_invoices(order, self.date)
        return sum(float(row["deposit"]) for row in invoices.get(order.id, ()))

    def _deadline(self):
        """The day until which it is to be settled."""
        company = self.company_id.sudo()
        return company._contract_today() + timedelta(
            days=company.contract_settlement_days
        )

    def _action_check_plan(self):
        self._contract_check_state(*RUNNING)
        self.check_access("write")
        return super()._action_check_plan()

    def _action_is_decided(self):
        return bool(self.approval_round)

    def _action_refuse_execution(self):
        if self.state not in RUNNING:
            return self._contract_wrong_state(RUNNING)
        return super()._action_refuse_execution()

    def _actions_changed(self):
        self._sync_activities()
        return super()._actions_changed()
