from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...tools.guard import is_unguarded

# What both sides agreed on of an order, besides its lines, and what its days are
# reckoned from.
AGREED = (
    "partner_id", "currency_id", "date_order", "commitment_date", "picking_policy",
    "payment_term_id",
)  # fmt: skip


class SaleOrder(models.Model):
    """The re-agreements of a contract."""

    _inherit = "sale.order"

    def write(self, vals):
        if vals.get("state") in ("draft", "sent", "sale"):
            self._contract_check_revived()
        names = [name for name in AGREED if name in vals]
        held = self._contract_only_reagreed() if names else self.browse()
        before = {order: [order[name] for name in names] for order in held}
        res = super().write(vals)
        held.filtered(
            lambda order: before[order] != [order[name] for name in names]
        )._contract_refuse_edit()
        return res

    @api.readonly
    def action_contract_reagreements(self):
        """Open the re-agreements of the contract."""
        return self._contract_parts_action("contract_reagreement_action")

    def action_contract_reagree(self):
        """Open a new re-agreement of the contract."""
        return self._contract_new_part_action("contract.reagreement")

    def _contract_only_reagreed(self):
        """Those in effect that people change by a re-agreement only, by the setting of
        their company."""
        if self.env.su or is_unguarded(self):
            return self.browse()
        return self.sudo().filtered(lambda order: order._contract_is_reagreed_only())

    def _contract_is_reagreed_only(self):
        """Whether it is in effect, and by the setting nobody edits it; read as sudo."""
        self.ensure_one()
        return bool(
            self.company_id.contract_reagreement_only
            and self.contract_effective_date
            and self.contract_state != "cancelled"
        )

    def _contract_refuse_edit(self):
        """Say that what was agreed on isn't edited, if these are some."""
        if self:
            raise UserError(
                self.env._(
                    "%(orders)s is in effect: what was agreed on changes by a "
                    "re-agreement only. Write down there what both sides agreed; "
                    "approved it changes the order.",
                    orders=format_list(self.env, self.mapped("display_name")),
                )
            )

    def _contract_check_revived(self):
        """A contract that was cancelled isn't edited and confirmed anew, where only a
        re-agreement changes it.

        :raise UserError: unless nothing was written down of it
        """
        if self.env.su or is_unguarded(self):
            return
        gone = self.sudo().filtered(
            lambda order: (
                order.state == "cancel"
                and order.contract_effective_date
                and order.company_id.contract_reagreement_only
            )
        )
        if gone and (gone := gone._contract_recorded()):
            raise UserError(
                self.env._(
                    "%(orders)s took effect and was cancelled: what was agreed on "
                    "changes by a re-agreement only, it isn't edited and confirmed "
                    "anew. Duplicate it.",
                    orders=format_list(self.env, gone.mapped("display_name")),
                )
            )

    def _contract_refuse_rebate(self):
        """Say how rebates are changed, if these are some."""
        if self:
            raise UserError(
                self.env._(
                    "%(orders)s is in effect: a rebate changes with a re-agreement "
                    "only. Write one with “Change the Order” off, change the rebate "
                    "in the order while that is a draft, and take up the new total "
                    "there with “Propose from the Order”.",
                    orders=format_list(self.env, self.mapped("display_name")),
                )
            )

    def _contract_lead(self, day):
        """The lead time, in days, that leads to a day."""
        self.ensure_one()
        return (day - self._contract_day(self.date_order)).days
