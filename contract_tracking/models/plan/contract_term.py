from dateutil.relativedelta import relativedelta

from odoo import api, models

from ...tools.guard import unguarded


class ContractTerm(models.Model):
    """A promise that is a stage of a plan: the plan goes on with the term that replaces
    it, and a milestone of ours has the plan's day."""

    _inherit = "contract.term"

    @api.model_create_multi
    def create(self, vals_list):
        terms = super().create(vals_list)
        if not any(vals.get("predecessor_id") for vals in vals_list):
            return terms
        successors = {term.predecessor_id: term for term in terms}
        lines = self.env["contract.plan.line"].sudo()
        followed = lines.search([("term_id", "in", terms.predecessor_id.ids)])
        for old, found in followed.grouped("term_id").items():
            unguarded(found).write({"term_id": successors[old].id})
        return terms

    def _refuse_move(self):
        """The day of a stage is that of its plan."""
        refusal = super()._refuse_move()
        if refusal or self.kind != "milestone":
            return refusal
        lines = self.env["contract.plan.line"].sudo()
        stage = lines.search(
            [
                ("term_id", "=", self.id),
                ("kind", "=", "stage"),
                ("plan_state", "=", "active"),
            ],
            limit=1,
        )
        return bool(stage) and self.env._(
            "“%(term)s” is a stage of the plan %(plan)s: its day changes by planning "
            "anew.",
            term=self.display_name,
            plan=stage.plan_id.display_name,
        )

    def _plan_delay(self):
        """How long after its event it falls due, for a plan: the event of what waits
        for one is mostly about the delivery."""
        self.ensure_one()
        return relativedelta(
            **{"months" if self.delay_unit == "month" else "days": self.delay}
        )

    def _plan_day(self, day, plan):
        """Let a milestone of ours have the day that was agreed in a plan.

        :param plan: the plan's name, for the history
        """
        self.ensure_one()
        if (
            self.kind == "milestone"
            and self.stamped
            and self.date_due != day
            and not (
                self.with_customer or self.done_date or self.waived_on or self.valid_to
            )
        ):
            self._move_to(day, self.env._("Planned in %(plan)s", plan=plan))
