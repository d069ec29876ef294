from odoo import fields, models
from odoo.exceptions import UserError

from .contract_change import SUBJECTS


class ContractChange(models.Model):
    """How a request is decided: what must be there before legal affairs, the
    departments and the company are asked, and what is kept of that day (D2 §8)."""

    _inherit = "contract.change"

    def _approval_amount(self):
        """What is at stake is the contract."""
        self.ensure_one()
        return self.agreed_amount, self.currency_id

    def _approval_outcomes(self):
        return [*super()._approval_outcomes(), "accept_conditions"]

    def _approval_check_contract(self):
        """Nor is anything changed of a contract that ended."""
        res = super()._approval_check_contract()
        parent = self._contract_parent().sudo()
        if not parent._contract_is_open():
            raise UserError(self._not_open(parent))
        return res

    def _approval_is_asked(self):
        return self._contract_parent().sudo()._contract_is_open()

    def _approval_may_record_oral(self, step, user):
        """The company consents in writing: somebody goes to the customer on it."""
        return False

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        for change in self:
            change._check_ready()
        return super()._approval_check_submit()

    def _check_ready(self):
        """
        :raise UserError: if there is nothing to decide on yet
        """
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if not parent._contract_is_open():
            raise UserError(self._not_open(parent))
        needed = [name for name in ("wish", "reason") if not (self[name] or "").strip()]
        if needed:
            raise UserError(
                self.env._(
                    "Say what is asked for and why, in words: the departments give "
                    "their opinions on it."
                )
            )
        if self.kind == "change" and not any(self[name] for name in SUBJECTS):
            raise UserError(
                self.env._("Tick what is to change: quantity, price, dates, …")
            )
        for line in self.line_ids:
            if line._says_nothing():
                raise UserError(
                    self.env._(
                        "Say what is to become of “%(term)s”, or take it out.",
                        term=line.term_id.display_name,
                    )
                )

    def _approval_submitted(self):
        facts = self._read_facts()
        for change in self:
            change.write(
                {
                    "state": "submitted",
                    "facts": facts.get(change),
                    **change._names_vals(),
                }
            )
        return super()._approval_submitted()

    def _approval_approved(self):
        self.write({"state": "agreed", "agreed_on": fields.Datetime.now()})
        return super()._approval_approved()
