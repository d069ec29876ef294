from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.guard import unguarded


class ContractTerm(models.Model):
    """A promise that is given up, and a milestone that gets another day: who may, and
    what stays written down."""

    _inherit = "contract.term"

    def action_waive(self):
        """Open the window that asks why the promise is given up."""
        return self._open_reason("waive")

    def action_move(self):
        """Open the window that asks for another day of a milestone, and why."""
        return self._open_reason("move")

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "waive": self._reason_step(self.env._("Waive the term"), "_waive"),
            "move": self._reason_step(
                self.env._("Move the milestone"),
                "_move",
                "date",
                date=self.env._("New Date"),
            ),
        }

    def _waive(self, reason):
        """Give up a promise of a contract in effect, with a reason.

        :raise UserError: if the user is not of the business office
        """
        self.order_id._contract_check_business_office()
        self.frame_id._contract_check_business_office()
        for term in self:
            if not term.stamped or term.waived_on:
                raise UserError(
                    self.env._(
                        "“%(term)s” can't be waived: only terms in effect can, and "
                        "only once.",
                        term=term.display_name,
                    )
                )
            unguarded(term).write(
                {
                    "waived_on": term._contract_parent()._contract_today(),
                    "waived_reason": reason,
                }
            )
        self._log(self.env._("Waived"), reason)

    def _refuse_move(self):
        """Why the user can't move a milestone, as a sentence, or False.

        Before it is late its owner does, afterwards the business office: nobody moves
        away what he is late with.
        """
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if (
            self.kind != "milestone"
            or not self.stamped
            or self.done_date
            or self.waived_on
            or self.valid_to
            or not parent._contract_is_open()
        ):
            return self.env._(
                "“%(term)s” can't be moved: only milestones of a contract in effect "
                "can, as long as they aren't reached.",
                term=self.display_name,
            )
        if self.with_customer:
            return self.env._(
                "“%(term)s” is agreed with the customer: a re-agreement moves it.",
                term=self.display_name,
            )
        refusal = parent.with_env(self.env)._contract_refuse_business()
        if refusal and self.user_id == self.env.user and not self.is_late:
            return False
        return refusal and self.env._(
            "“%(term)s” is moved by its owner before it is late, afterwards by the "
            "business office.",
            term=self.display_name,
        )

    def _move(self, reason, date=False):
        """Set another day for a milestone of ours, with a reason. The day before stays
        as a term of its own: the baseline, of which figures of earlier days speak.

        :raise UserError: without authority, or without another day from today on
        """
        if len(self) != 1:
            raise UserError(self.env._("Move one milestone at a time."))
        self.check_access("read")
        refusal = self._refuse_move()
        if refusal:
            raise UserError(refusal)
        today = self._contract_parent().sudo()._contract_today()
        before = self.date_due
        if not date or date < today or date == before:
            raise UserError(self.env._("Choose another day than now, from today on."))
        return self._move_to(date, reason)

    def _move_to(self, date, reason):
        """Replace a milestone by one of another day; the day before stays as a term of
        its own."""
        self.ensure_one()
        today = self._contract_parent().sudo()._contract_today()
        before = self.date_due
        old = unguarded(self.sudo())
        old.valid_to = today
        new = old.create(
            {
                **old.copy_data()[0],
                "due_mode": "date",
                "date_fixed": date,
                "valid_from": today,
                "predecessor_id": old.id,
                "progress": old.progress,
            }
        )
        new._take_over_names()
        new._stamp()
        self.env["contract.history"]._log(
            [
                new._history_vals(
                    before and format_date(self.env, before),
                    format_date(self.env, date),
                    reason,
                )
            ]
        )
        return new.with_env(self.env)
