from odoo import models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...tools.windows import window


class ResPartner(models.Model):
    """Statements of account, written from the customers."""

    _inherit = "res.partner"

    def action_contract_statement(self):
        """Write the statements of account (对账单) of these customers, one a currency.

        A statement that is still a draft is taken up again.

        :raise UserError: if the user follows no contract of these customers
        """
        statements = self.env["contract.statement"]._propose(self.commercial_partner_id)
        if not statements:
            raise UserError(
                self.env._(
                    "There is no contract to state: you follow none of %(customers)s "
                    "in %(company)s.",
                    customers=format_list(self.env, self[:5].mapped("display_name")),
                    company=self.env.company.name,
                )
            )
        xmlid = "contract_statement_action"
        if len(statements) == 1:
            form = {"view_mode": "form", "views": [(False, "form")]}
            return window(self.env, xmlid, res_id=statements.id, **form)
        domain = [("id", "in", statements.ids)]
        return window(self.env, xmlid, domain=domain, context={})
