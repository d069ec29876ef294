from odoo import fields, models
from odoo.exceptions import UserError

from ...tools.guard import guarded, unguarded
from ...tools.windows import form_window
from .contract_review import CONCLUDED

# What each department says (D1 §5): fields of a step.
CRITERIA = ("review_compliance", "review_schedule", "review_resources")


class ContractReview(models.Model):
    """How a review is decided: what must be there before it is submitted, the opinion
    of each department, under which conditions, and what is concluded."""

    _inherit = "contract.review"

    def _approval_amount(self):
        self.ensure_one()
        return self._contract_parent().sudo().amount_total, self.currency_id

    def _approval_outcomes(self):
        return [*super()._approval_outcomes(), "accept_conditions"]

    def _approval_may_record_oral(self, step, user):
        """Nobody ticks the criteria on the phone."""
        return False

    # ------------------------------------------------------------------
    # Submitting
    # ------------------------------------------------------------------

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        for review in self:
            review._check_content()
            review._review_check_ready()
        return super()._approval_check_submit()

    def _check_content(self):
        """
        :raise UserError: if there is nothing to review, or nothing new
        """
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if parent._name == "sale.order":
            empty = not any(not line.display_type for line in parent.order_line)
        else:
            empty = not (parent.line_ids or parent.amount_total)
        if empty:
            raise UserError(
                self.env._(
                    "%(contract)s is empty: enter what is sold before it is reviewed.",
                    contract=parent.display_name,
                )
            )
        if self.previous_id and not self._changes_reviewed():
            raise UserError(
                self.env._(
                    "Nothing is different from %(review)s any more: it holds as it is. "
                    "Delete this one.",
                    review=self.previous_id.display_name,
                )
            )

    def _approval_submitted(self):
        for review in self:
            parent = review._contract_parent()
            review.write(
                {
                    "state": "submitted",
                    "content": review._content_of(parent),
                    "amount": parent.sudo().amount_total,
                    "conclusion": False,
                    **review._names_vals(),
                }
            )
        self._review_freeze()
        return super()._approval_submitted()

    # ------------------------------------------------------------------
    # Opinions
    # ------------------------------------------------------------------

    def action_open_opinion(self):
        """Open the window in which the user gives his opinion.

        :raise UserError: if nothing waits for his decision
        """
        return self._open_opinion("agree")

    def action_open_refuse(self):
        """Open the window of the opinion, to disagree."""
        if len(self) == 1 and self.can_decide:
            return self._open_opinion("disagree")
        return super().action_open_refuse()

    def _open_opinion(self, conclusion):
        self.ensure_one()
        self._approval_own_steps()
        return form_window(
            "contract.review.opinion",
            self.env._("Opinion on %(document)s", document=self.display_name),
            {"review_id": self.id, "conclusion": conclusion},
        )

    def action_approve(self, comment=False, outcome=False):
        """Agree. An opinion says something on each criterion: who has not given his
        yet is asked for it first.

        :return: the window that asks for it, or True
        :raise UserError: if several are to be agreed to that way
        """
        unsaid = self._unsaid()
        if len(self) > 1 or comment or outcome:
            self._check_said(unsaid)
        if not unsaid:
            return super().action_approve(comment, outcome)
        return self.action_open_opinion()

    def action_refuse(self, comment=False):
        """Disagree.

        :raise UserError: as long as the user has not given his opinion
        """
        self._check_said(self._unsaid())
        return super().action_refuse(comment)

    def _unsaid(self):
        """Those that wait for the user, who has not said something on each criterion
        yet."""
        user = self.env.user
        return self.filtered(lambda review: review.sudo()._steps_of(user)._is_unsaid())

    def _check_said(self, unsaid):
        if unsaid:
            raise UserError(
                self.env._(
                    "Give your opinion on %(document)s by itself: compliance, schedule "
                    "and resources, each in order or objected to.",
                    document=unsaid[0].display_name,
                )
            )

    def _give_opinion(self, conclusion, criteria, comment, conditions):
        """Decide with an opinion.

        :param conclusion: a key of the conclusions
        :param criteria: ``{field of the step: "ok" or "objection"}``, each of them
        :param comment: why; needed for everything but a plain yes
        :param conditions: values of ``contract.action``: what is to be done before
            the contract is signed
        :raise UserError: if something is missing, or it isn't his to decide
        """
        self.ensure_one()
        self.check_access("read")
        review = self._approval_lock()
        steps = review._approval_own_steps()
        self._check_opinion(conclusion, criteria, comment, conditions)
        steps.write(criteria)
        if conclusion == "disagree":
            return self.action_refuse(comment)
        review._set_conditions(conditions)
        outcome = "accept_conditions" if conditions else "accept"
        return self.action_approve(comment, outcome)

    def _check_opinion(self, conclusion, criteria, comment, conditions):
        if set(criteria) != set(CRITERIA) or not all(criteria.values()):
            raise UserError(
                self.env._(
                    "Say of compliance, schedule and resources whether each is in "
                    "order or objected to."
                )
            )
        objects = "objection" in criteria.values()
        if objects or conclusion != "agree":
            self._approval_require_comment(comment)
        if objects and conclusion == "agree":
            raise UserError(
                self.env._(
                    "You object to something: agree with conditions, disagree, or "
                    "return it for revision."
                )
            )
        if (conclusion == "conditions") != bool(conditions):
            raise UserError(
                self.env._(
                    "Who agrees with conditions says which: what is to be done before "
                    "signing, by whom, until when."
                )
            )

    def _set_conditions(self, conditions):
        self.ensure_one()
        document = {"res_model": self._name, "res_id": self.id}
        self.env["contract.action"].create([{**row, **document} for row in conditions])
        for row in conditions:
            self._note({self.id: self.env._("Condition: %(text)s", text=row["name"])})

    # ------------------------------------------------------------------
    # Decided
    # ------------------------------------------------------------------

    def _is_decider(self, user):
        """Whether a user gave his opinion in the last round, himself or on behalf."""
        self.ensure_one()
        return user in self.sudo()._approval_round_steps().decided_by_id

    def _approval_approved(self):
        for review in self:
            review.write(
                {
                    "state": "approved",
                    "conclusion": "conditions" if review.action_ids else "agree",
                    "concluded_on": fields.Datetime.now(),
                }
            )
            review._others_concluded().write({"state": "replaced"})
        res = super()._approval_approved()
        self._put_into_effect()
        return res

    def _others_concluded(self):
        """The reviews of the contract that this one takes the place of."""
        self.ensure_one()
        return self.search(
            [
                ("order_id", "=", self.order_id.id),
                ("frame_id", "=", self.frame_id.id),
                ("state", "=", "approved"),
                ("id", "!=", self.id),
            ]
        )

    def _approval_refused(self):
        self.write(
            {
                "conclusion": "disagree",
                "concluded_on": fields.Datetime.now(),
            }
        )
        self._drop_conditions()
        return super()._approval_refused()

    def _approval_returned(self):
        self._drop_conditions()
        return super()._approval_returned()

    def _approval_withdrawn(self):
        self._drop_conditions()
        return super()._approval_withdrawn()

    def _drop_conditions(self):
        """The next round sets its own; those of before stand in the chatter."""
        unguarded(self.action_ids).unlink()

    def _put_into_effect(self):
        """What waited for the review takes effect. Who gives his opinion, or did what
        was asked, isn't stopped by what else is wrong with the contract."""
        for order in self.sudo().order_id.filtered(
            lambda o: o.contract_state == "confirmed"
        ):
            order = guarded(order)
            try:
                with self.env.cr.savepoint():
                    order._contract_take_effect()
            except UserError as error:
                order.invalidate_recordset()
                order.message_post(
                    body=self.env._(
                        "Reviewed, but it can't take effect: %(reason)s",
                        reason=str(error),
                    )
                )

    # ------------------------------------------------------------------
    # Conditions
    # ------------------------------------------------------------------

    def _action_check_plan(self):
        for review in self:
            if refusal := review._refuse_conditions():
                raise UserError(refusal)
        return super()._action_check_plan()

    def _action_is_decided(self):
        return self.state not in ("draft", "submitted", "refused")

    def _action_refuse_execution(self):
        if self.state not in CONCLUDED:
            return self._contract_wrong_state(CONCLUDED)
        return super()._action_refuse_execution()

    def _action_refuse_drop(self):
        return self._refuse_conditions() or super()._action_refuse_drop()

    def _refuse_conditions(self):
        """Why the user changes nothing of the conditions, or False: who gave his
        opinion or the business office does, nobody else."""
        self.ensure_one()
        if self._is_decider(self.env.user):
            return False
        return self._contract_parent().sudo(False)._contract_refuse_business()

    def _actions_changed(self):
        self._sync_activities()
        done = self.sudo().filtered(
            lambda r: r.state in CONCLUDED and not r.conditions_open
        )
        done._put_into_effect()
        return super()._actions_changed()
