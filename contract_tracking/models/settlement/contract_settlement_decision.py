from odoo import fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ...tools.guard import guarded


class ContractSettlement(models.Model):
    """How a settlement is decided: what must be there before it is submitted, and what
    follows."""

    _inherit = "contract.settlement"

    def _approval_amount(self):
        """What is given up: what stays open, or what we owe besides, which makes it
        less."""
        self.ensure_one()
        given = self.deduction_ids.filtered(
            lambda row: row.side == "us" and not row.is_booked
        )
        amount = max(abs(self.due_amount), sum(given.mapped("amount")))
        return amount, self.currency_id

    def _approval_open_fields(self):
        return super()._approval_open_fields() | {"sealed_ids", "sealed_on"}

    def _approval_may_record_oral(self, step, user):
        """What is owed is confirmed in writing."""
        return False

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        self._refresh()
        for record in self:
            record._check_complete()
            record._check_ended()
            record._check_reason()
        return super()._approval_check_submit()

    def _check_complete(self):
        """
        :raise UserError: naming what was promised and isn't delivered on the day
        """
        if self.kind == "completion" and self.missing_text:
            raise UserError(
                self.env._(
                    "%(contract)s isn't delivered as of the day of the settlement, so "
                    "it can't be settled on completion:\n%(missing)s\nDeliver it, or "
                    "waive what is given up.",
                    contract=self.sudo().order_id.display_name,
                    missing=self.missing_text,
                )
            )

    def _check_ended(self):
        """
        :raise UserError: if it is settled on termination and nothing ended it: neither
            did it end, nor was what is open given up
        """
        order = self.sudo().order_id
        if self.kind != "termination" or not order._contract_is_open():
            return
        promised = order._contract_unkept_terms().filtered(
            lambda term: term.kind != "payment"
        )
        if promised:
            raise UserError(
                self.env._(
                    "%(contract)s goes on: it can't be settled on termination while "
                    "this is promised:\n%(terms)s\nTerminate it, or waive what is "
                    "given up.",
                    contract=order.display_name,
                    terms="\n".join(f"- {t.display_name}" for t in promised[:10]),
                )
            )

    def _check_reason(self):
        """
        :raise UserError: if something stays unpaid and nobody says why
        """
        if self.currency_id.is_zero(self.due_amount):
            return
        if not self.balance_reason or not (self.balance_note or "").strip():
            raise UserError(
                self.env._(
                    "%(amount)s stays open besides the retention that isn't due. Say "
                    "under “Settlement Balance” why the contract is settled all the "
                    "same, as a bad debt, a set-off or a refund, and in words.",
                    amount=format_amount(self.env, self.due_amount, self.currency_id),
                )
            )

    def _approval_submitted(self):
        for record in self:
            record.write({"state": "submitted", **record._names_vals()})
        return super()._approval_submitted()

    def _approval_approved(self):
        for record in self:
            if record.company_id.contract_settlement_sealed and not record.sealed_ids:
                raise UserError(
                    self.env._(
                        "File the customer's sealed copy on %(document)s before it is "
                        "confirmed.",
                        document=record.display_name,
                    )
                )
        self.write({"state": "confirmed", "confirmed_on": fields.Datetime.now()})
        return super()._approval_approved()

    def _reopen(self, reason):
        """Let it be written once more: what is being decided is a draft again, what is
        confirmed is void and a linked draft takes its place.

        :return: the draft
        """
        self.ensure_one()
        record = self._approval_lock()
        record.invalidate_recordset(["state"])
        if record.state == "confirmed":
            return record._make_void(reason)
        if record.state == "submitted":
            record._approval_close("skipped", "returned")
            record._approval_returned()
            record._note({record.id: reason})
            record._sync_activities()
        return guarded(record)
