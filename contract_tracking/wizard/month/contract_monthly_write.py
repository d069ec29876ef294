from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from ...tools.windows import window
from ...tools.words import format_month


class ContractMonthlyWrite(models.TransientModel):
    """Ask for the month whose records are to be written, or read again as long as they
    are drafts."""

    _name = "contract.monthly.write"
    _inherit = ["contract.dialog.mixin"]
    _description = "Write Monthly Records"

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    month = fields.Date(
        required=True,
        default=lambda self: self._default_month(),
        help="Any day of the month.",
    )
    date_from = fields.Date(string="From", compute="_compute_period")
    date_to = fields.Date(string="Cut-Off", compute="_compute_period")

    @api.model
    def _default_month(self):
        """The last month that is over."""
        company = self.env.company
        return company._contract_month(company._contract_today()) - relativedelta(
            months=1
        )

    @api.depends("company_id", "month")
    def _compute_period(self):
        for wizard in self:
            wizard.date_from = wizard.date_to = False
            if wizard.company_id and wizard.month:
                wizard.date_from, wizard.date_to = wizard.company_id._contract_period(
                    wizard.month
                )

    def action_apply(self):
        """Write what is missing of the month, read its drafts again, and show them.

        :raise AccessError: for others than the business office
        :raise UserError: if the month is not over yet
        """
        self._check_dialog()
        company = self.company_id
        if not self.env.user.has_group("contract_tracking.group_contract_business"):
            raise AccessError(
                self.env._("The business office writes the records of all offices.")
            )
        if company not in self.env.user.company_ids:
            raise UserError(self.env._("Choose a company of yours."))
        records = self.env["contract.monthly.record"]
        records._generate(company, self.month)
        month = self.month.replace(day=1)
        action = window(
            self.env,
            "contract_monthly_record_action",
            name=format_month(self.env, month),
            domain=[("company_id", "=", company.id), ("month", "=", str(month))],
            context={},
        )
        # a bookmark can't carry the month
        action.pop("path", None)
        return action
