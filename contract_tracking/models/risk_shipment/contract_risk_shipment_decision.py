from odoo import Command, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, format_list

from ...tools.guard import unguarded
from ...tools.windows import form_window
from ...tools.words import format_quantity

# As long as nothing is decided.
NO_DECISION = dict.fromkeys(("decided_by_id", "decided_by_name", "decided_on"), False)


class ContractRiskShipment(models.Model):
    """How an application is decided: what must be right before it is submitted, what
    the approvers may lower and ask for, what is frozen."""

    _inherit = "contract.risk.shipment"

    def _approval_amount(self):
        return self.exposure_amount, self.currency_id

    def _approval_severity(self):
        return self.reason_id.sudo().severity

    def _approval_may_record_oral(self, step, user):
        """What left doesn't come back: a decision that can be denied tomorrow lets no
        goods leave today."""
        return False

    # ------------------------------------------------------------------
    # Submitting
    # ------------------------------------------------------------------

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        self._refresh()
        for application in self:
            application._check_words()
            application.line_ids._check_ready()
            application._check_held()
            application._check_validity()
            application._check_plan()
        return super()._approval_check_submit()

    def _check_words(self):
        """
        :raise UserError: naming what the applicant still has to say
        """
        self.ensure_one()
        for fname in ("reason_id", "reason", "date_until", "line_ids"):
            value = self[fname]
            if not (value.strip() if isinstance(value, str) else value):
                raise UserError(
                    self.env._(
                        "%(document)s: enter “%(field)s” first.",
                        document=self.display_name,
                        field=self._fields[fname]._description_string(self.env),
                    )
                )
        if self.reason_id.sudo().needs_slip and not (
            self.slip_seen and self.attachment_ids
        ):
            raise UserError(
                self.env._(
                    "“%(reason)s” needs the customer's bank slip: tick that you saw it "
                    "and add it as a file.",
                    reason=self.reason_id.sudo().name,
                )
            )

    def _check_held(self):
        """
        :raise UserError: if nothing holds these goods, or what no permission lifts
        """
        self.ensure_one()
        step = self._step(self.amount, {})
        self._check_holds(
            self.env["contract.gate"].sudo()._reasons([step]).get(step, ())
        )

    def _check_validity(self):
        """
        :raise UserError: if it is to be valid in the past, or for too long
        """
        self.ensure_one()
        today = self.order_id._contract_today()
        last = self._last_day(today)
        if self.date_until < today:
            raise UserError(
                self.env._(
                    "The permission would be valid until %(date)s, which has passed: "
                    "enter a later day.",
                    date=format_date(self.env, self.date_until),
                )
            )
        if last and self.date_until > last:
            raise UserError(
                self.env._(
                    "For “%(reason)s” a permission is valid until %(date)s at the "
                    "latest.",
                    reason=self.reason_id.sudo().name,
                    date=format_date(self.env, last),
                )
            )

    def _check_plan(self):
        """
        :raise UserError: if the repayment plan doesn't bring what is at stake
        """
        self.ensure_one()
        currency, plan = self.currency_id, self.repayment_ids
        if not plan and not currency.is_zero(self.risk_amount):
            raise UserError(
                self.env._(
                    "Say in the repayment plan when the customer pays the "
                    "%(amount)s that are at stake.",
                    amount=format_amount(self.env, self.risk_amount, currency),
                )
            )
        total = sum(plan.mapped("amount"))
        if currency.compare_amounts(total, self.risk_amount):
            raise UserError(
                self.env._(
                    "The repayment plan adds up to %(plan)s, at stake are %(amount)s: "
                    "change the plan so that it brings what is at stake.",
                    plan=format_amount(self.env, total, currency),
                    amount=format_amount(self.env, self.risk_amount, currency),
                )
            )
        first = min(plan.mapped("date"), default=False)
        if first and first < self.order_id._contract_today():
            raise UserError(
                self.env._(
                    "The repayment plan promises money for %(date)s, which has passed.",
                    date=format_date(self.env, first),
                )
            )

    def _approval_submitted(self):
        self.line_ids._freeze()
        for application in self:
            application.write(
                {
                    "state": "submitted",
                    "picking_names": format_list(
                        self.env, application.picking_ids.sudo().mapped("name")
                    )
                    if application.picking_ids
                    else False,
                    "approved_amount": application.amount,
                    "approved_until": application.date_until,
                    "used_amount": 0,
                    **NO_DECISION,
                    **application._names_vals(),
                }
            )
            application.ceiling = application._limits()
        return super()._approval_submitted()

    # ------------------------------------------------------------------
    # Approving less, under conditions
    # ------------------------------------------------------------------

    def action_open_limits(self):
        """Open the window in which the approver approves less, or sets conditions."""
        self.ensure_one()
        self._approval_own_steps()
        return form_window(
            "contract.risk.limit",
            self.env._("Approve Less, Set Conditions"),
            {"application_id": self.id},
        )

    def _limits(self):
        """What is approved as it stands, as JSON."""
        self.ensure_one()
        return {
            "amount": self.approved_amount,
            "until": str(self.approved_until),
            "lines": {str(row.id): row.approved_quantity for row in self.line_ids},
        }

    def _set_limits(self, amount, until, quantities, conditions):
        """Approve no more than this: for who is to decide now. Of several approvers
        each may lower what those left who decided before him, and set conditions of
        his own.

        :param amount: value that may leave at most
        :param until: last day on which it may leave
        :param quantities: ``{line of the application: quantity}``
        :param conditions: sentences; they replace his own of before
        :raise UserError: if it isn't his to decide, or more than was asked
        """
        self.ensure_one()
        self.check_access("read")
        application = self._approval_lock()
        self._approval_own_steps()
        application._check_limits(amount, until, quantities)
        for row in application.line_ids:
            if row in quantities:
                row.approved_quantity = quantities[row]
        user = self.env.user
        mine = application.condition_ids.filtered(lambda c: c.set_by_id == user)
        kept = mine.filtered(lambda c: c.name in conditions)
        application.write(
            {
                "approved_amount": amount,
                "approved_until": until,
                "condition_ids": [
                    *(Command.delete(gone.id) for gone in mine - kept),
                    *(
                        Command.create(
                            {
                                "name": text,
                                "set_by_id": user.id,
                                "set_by_name": user.name,
                            }
                        )
                        for text in dict.fromkeys(conditions)
                        if text not in kept.mapped("name")
                    ),
                ],
            }
        )
        self._note({self.id: application._limits_text()})

    def _check_limits(self, amount, until, quantities):
        """
        :raise UserError: if this is more than was asked, or than is left of it
        """
        self.ensure_one()
        today, ceiling = self.order_id._contract_today(), self.ceiling
        if self.currency_id.compare_amounts(amount, ceiling["amount"]) > 0:
            raise UserError(
                self.env._(
                    "You can approve %(amount)s at most: more isn't asked for, or was "
                    "lowered before you.",
                    amount=format_amount(self.env, ceiling["amount"], self.currency_id),
                )
            )
        if amount <= 0:
            raise UserError(
                self.env._("Enter what may leave; refuse it if nothing may.")
            )
        last = fields.Date.to_date(ceiling["until"])
        if not until or not today <= until <= last:
            raise UserError(
                self.env._(
                    "You can approve it until a day between today and %(date)s: a "
                    "later one isn't asked for, or was lowered before you.",
                    date=format_date(self.env, last),
                )
            )
        if quantities.keys() - set(self.line_ids):
            raise UserError(self.env._("This line stands in another application."))
        for row, quantity in quantities.items():
            most = ceiling["lines"].get(str(row.id), 0)
            if quantity < 0 or row._compare(quantity, most) > 0:
                raise UserError(
                    self.env._(
                        "You can approve %(quantity)s of “%(line)s” at most: more "
                        "isn't asked for, or was lowered before you.",
                        quantity=row._format(row, most),
                        line=row.display_name,
                    )
                )

    def _limits_text(self):
        """What may leave, until when, under which conditions."""
        self.ensure_one()
        parts = [
            self.env._(
                "Approved at most: %(amount)s, until %(date)s.",
                amount=format_amount(self.env, self.approved_amount, self.currency_id),
                date=format_date(self.env, self.approved_until),
            ),
            *(
                self.env._(
                    "%(line)s: %(quantity)s of %(asked)s.",
                    line=row.display_name,
                    quantity=format_quantity(self.env, row.approved_quantity),
                    asked=format_quantity(self.env, row.quantity),
                )
                for row in self.line_ids
                if row._compare(row.approved_quantity, row.quantity)
            ),
            *self.condition_ids.mapped("name"),
        ]
        return "\n".join(parts)

    def _approval_next(self):
        """What somebody lowered who decided, nobody raises after him."""
        for application in self:
            application.ceiling = application._limits()
        return super()._approval_next()

    # ------------------------------------------------------------------
    # Decided
    # ------------------------------------------------------------------

    def _is_decider(self, user):
        """Whether a user approved it in the last round, himself or on behalf."""
        self.ensure_one()
        steps = self.sudo()._approval_round_steps()
        return user in steps.filtered(lambda s: s.state == "approved").decided_by_id

    def _approval_approved(self):
        for application in self:
            if application.approved_until < application.order_id._contract_today():
                raise UserError(
                    self.env._(
                        "%(document)s was asked for until %(date)s, which has passed: "
                        "return it for revision.",
                        document=application.display_name,
                        date=format_date(self.env, application.approved_until),
                    )
                )
            step = application._approval_conclusion()
            application.write(
                {
                    "state": "approved",
                    "decided_by_id": step.decided_by_id.id,
                    "decided_by_name": step.decided_by_name,
                    "decided_on": step.decided_on,
                }
            )
        return super()._approval_approved()

    def _approval_returned(self):
        self._taken_back()
        return super()._approval_returned()

    def _approval_withdrawn(self):
        self._taken_back()
        return super()._approval_withdrawn()

    def _taken_back(self):
        """Back to its author: the next round lowers and asks for itself. What was set
        before stands in the chatter."""
        unguarded(self.condition_ids).unlink()
        self.write({"approved_amount": 0, "approved_until": False})
