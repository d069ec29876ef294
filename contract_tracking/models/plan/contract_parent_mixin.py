from datetime import timedelta

from odoo import api, models
from odoo.fields import Domain


class ContractParentMixin(models.AbstractModel):
    """Which contracts and frame agreements need a plan, and until when they run."""

    _inherit = "contract.parent.mixin"

    def _contract_plans(self):
        """Its plans, of every version."""
        raise NotImplementedError

    def _contract_active_plan(self):
        """The plan that is carried out now, or none; with the addon's own rights."""
        self.ensure_one()
        return self.sudo()._contract_plans().filtered(lambda p: p.state == "active")

    def _contract_supervisor(self):
        """The user who watches how it is kept."""
        raise NotImplementedError

    def _contract_last_day(self):
        """The day on which it ends, or False."""
        raise NotImplementedError

    def _contract_plan_amount(self):
        """Its agreed total, in its currency."""
        raise NotImplementedError

    def _contract_plan_is_due(self):
        """Whether its company asks for a plan."""
        self.ensure_one()
        company = self.company_id.sudo()
        effect = self._contract_effect_day()
        if not company.contract_plan_required or not effect:
            return False
        since = company.contract_plan_from
        amount = self.currency_id._convert(
            self._contract_plan_amount(), company.currency_id, company, effect
        )
        return (not since or effect >= since) and (
            company.currency_id.compare_amounts(amount, company.contract_plan_amount)
            >= 0
        )

    def _contract_plan_day(self):
        """The day by which its plan is to be submitted."""
        self.ensure_one()
        days = self.company_id.sudo().contract_plan_days
        return self._contract_effect_day() + timedelta(days=days)

    @api.model
    def _contract_plan_missing(self):
        """Those in effect that need a plan and have none."""
        companies = (
            self.env["res.company"]
            .sudo()
            .search([("contract_plan_required", "=", True)])
        )
        if not companies:
            return self.browse()
        planned = self.env["contract.plan"].sudo()._search([("state", "!=", "refused")])
        found = self.search(
            Domain("company_id", "in", companies.ids)
            & Domain(self._contract_state_field, "in", ("active", "suspended"))
            & Domain("id", "not in", planned.subselect(self._contract_parent_field)),
            order="id",
        )
        return found.filtered(lambda parent: parent._contract_plan_is_due())
