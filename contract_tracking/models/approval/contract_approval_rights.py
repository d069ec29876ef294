from collections import defaultdict

from odoo import Command, api, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded, unguarded


class ContractApprovalMixin(models.AbstractModel):
    """Who may decide a document, whose its steps are, and who can't be asked."""

    _inherit = "contract.approval.mixin"

    def _approval_may_decide(self, user):
        """Whether a user may decide this document at all: not his own, unless the
        company allows it, and not in another's shoes either."""
        self.ensure_one()
        return (
            self.company_id.sudo().contract_own_decisions
            or user not in self.sudo()._approval_parties()
        )

    def _approval_parties(self):
        """Who can't decide this document: whoever asks for the decision, wrote it, or
        did so before."""
        self.ensure_one()
        return self.party_ids | self._approval_requester() | self.create_uid

    @api.model
    def _approval_involve(self, users_of):
        """Keep that users had a part in documents; nothing takes it back.

        :param users_of: ``{document: users}``
        """
        new = defaultdict(self.browse)
        for document, users in users_of.items():
            fresh = (users - document.sudo().party_ids).filtered(
                lambda user: not user._is_superuser()
            )
            if fresh:
                new[fresh] |= document
        for users, documents in new.items():
            unguarded(documents.sudo()).write(
                {"party_ids": [Command.link(user.id) for user in users]}
            )

    def _approval_keep_parties(self, vals):
        """Keep who handled these documents until now and who writes them.

        :raise UserError: if one that is being decided is to get another handler
        """
        users_of = dict.fromkeys(self, self.env["res.users"])
        written = self._frozen_content(vals) - {"user_id"}
        if not is_unguarded(self) and written - self._approval_open_fields():
            users_of = dict.fromkeys(self, self.env.user)
        for document in self.sudo() if "user_id" in vals else ():
            if document.user_id.id == vals["user_id"]:
                continue
            if refusal := document._approval_refuse_handler():
                raise UserError(refusal)
            users_of[document] |= document.user_id
        self._approval_involve(users_of)

    def _approval_refuse_handler(self):
        """Why it can't get another handler now, as a sentence, or False."""
        self.ensure_one()
        if self.approval_state != "pending":
            return False
        return self.env._(
            "%(document)s is being decided: withdraw it first, then it can be handed "
            "over.",
            document=self.display_name,
        )

    def _approval_may_record_oral(self, step, user):
        """Whether a user may write down what the approver of a step said: an officer
        whom the rule named when it was submitted, below its amount, never who asks."""
        self.ensure_one()
        return (
            step.oral_allowed
            and user in step.oral_user_ids
            and user not in self.sudo()._approval_parties()
            and user not in (step.user_id | step.absent_id)
            and step.currency_id.compare_amounts(step.amount, step.oral_limit) < 0
        )

    def _approval_pending(self):
        """The steps that wait for a decision."""
        return self.step_ids.filtered(lambda s: s.state == "pending")

    def _approval_round_steps(self):
        """The steps of the round that goes on or was the last."""
        self.ensure_one()
        return self.step_ids.filtered(lambda s: s.round == self.approval_round)

    def _steps_of(self, user):
        """Which of the pending steps a user may decide: his own, and those that he gave
        to somebody else for the time of his absence."""
        self.ensure_one()
        steps = self._approval_pending().filtered(
            lambda s: user in (s.user_id | s.absent_id)
        )
        return steps if steps and self._approval_may_decide(user) else steps.browse()

    def _approval_own_steps(self):
        """Which of the pending steps the user himself may decide.

        :raise UserError: if he has nothing to decide here
        """
        steps = self._steps_of(self.env.user)
        if not steps:
            raise UserError(self._approval_not_pending())
        return steps

    def _provisional_of(self, user):
        """Which oral decisions a user is to confirm, his own or his delegate's."""
        return self.step_ids.filtered(
            lambda s: (
                s.oral_state == "provisional" and user in (s.user_id | s.absent_id)
            )
        )

    def _approval_conclusion(self):
        """The step that concluded the last round, empty while it goes on."""
        steps = self._approval_round_steps().filtered("decided_on")
        return steps.sorted(lambda s: (s.decided_on, s.sequence, s.id))[-1:]

    def _approval_leading(self):
        """The steps of the last round in which the leader spoke: the last order of the
        rule, decided by whom it names or in his place. Whoever was added beside him
        signs after him and decides nothing in his name; who refuses ends the round."""
        self.ensure_one()
        last = self._approval_conclusion()
        if last.state != "approved":
            return last
        steps = self._approval_round_steps()
        slots = set(steps.filtered(lambda s: s.origin == "rule").mapped("slot"))
        agreed = steps.filtered(lambda s: s.state == "approved" and s.slot in slots)
        highest = max(agreed.mapped("sequence"), default=0)
        return agreed.filtered(lambda s: s.sequence == highest).sorted("decided_on")

    def _approval_check_contract(self):
        """Nothing is agreed to on a contract that was cancelled, though it may be
        refused, returned or taken back; a document without one passes.

        :raise UserError: if it was
        """
        self.ensure_one()
        parent = self._approval_parent().sudo()
        if parent and parent._contract_is_cancelled():
            raise UserError(
                self.env._(
                    "%(contract)s was cancelled: %(document)s can't be approved any "
                    "more, only refused, returned or withdrawn.",
                    contract=parent.display_name,
                    document=self.display_name,
                )
            )

    def _approval_is_asked(self):
        """Whether anybody is reminded of its decision: not where it can't be approved
        any more."""
        self.ensure_one()
        parent = self._approval_parent().sudo()
        return not (parent and parent._contract_is_cancelled())

    @api.model
    def _approval_check_readers(self, readers):
        """Who is to decide must be able to read: an error now, not a dead end later.

        :param readers: ``{user: documents}``
        :raise UserError: naming who can't
        """
        self.env.flush_all()
        for user, documents in readers.items():
            for company, group in documents.grouped("company_id").items():
                blind = group._approval_blind(user, company)
                if blind:
                    raise UserError(
                        self.env._(
                            "%(user)s can't read %(document)s and its contract: give "
                            "him a role of contracts in %(company)s first.",
                            user=user.name,
                            document=blind[0].display_name,
                            company=company.name,
                        )
                    )

    def _approval_blind(self, user, company):
        """Which of these documents of a company, or their contracts, a user can't
        read."""
        # who only saw a deviation reads his own report
        if not user._contract_eligible(company) or not user.has_group(
            "contract_tracking.group_contract_reader"
        ):
            return self
        theirs = self.with_user(user).with_context(allowed_company_ids=company.ids)
        parents = [theirs[n] for n in ("order_id", "frame_id") if n in self._fields]
        if theirs.has_access("read") and all(
            not parent or parent.has_access("read") for parent in parents
        ):
            return self.browse()
        return self.filtered(
            lambda document: len(self) == 1 or document._approval_blind(user, company)
        )

    def _approval_check_new(self, user):
        """Raise if somebody can't be brought in to decide."""
        self.ensure_one()
        if not user._contract_eligible(self.company_id):
            raise UserError(
                self.env._(
                    "Choose a colleague of %(company)s who is to decide.",
                    company=self.company_id.name,
                )
            )
        if not self._approval_may_decide(user):
            raise UserError(
                self.env._(
                    "%(user)s asks for this decision or had a part in the document, "
                    "and can't decide it himself.",
                    user=user.name,
                )
            )
        asked = self.step_ids.filtered(lambda s: s.state in ("pending", "waiting"))
        if user in (asked.user_id | asked.absent_id):
            raise UserError(
                self.env._(
                    "%(user)s is to decide on %(document)s already.",
                    user=user.name,
                    document=self.display_name,
                )
            )
