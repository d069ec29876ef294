from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """When a company's months end, and who hears of them."""

    _inherit = "res.company"

    contract_cutoff_day = fields.Integer(
        string="Cut-Off Day",
        default=31,
        help="The day of the month up to whose end the monthly execution record "
        "counts; 31: the last day of the month. What happens later belongs to the next "
        "month. Months that have records keep theirs.",
        groups=SETTINGS,
    )

    contract_monthly_auto = fields.Boolean(
        string="Write Monthly Records",
        default=True,
        help="A scheduled action writes the records of a month after its cut-off.",
        groups=SETTINGS,
    )
    contract_monthly_days = fields.Integer(
        string="Days to Submit",
        default=3,
        help="Days after the cut-off by which offices submit their monthly record.",
        groups=SETTINGS,
    )
    contract_monthly_recipient_ids = fields.Many2many(
        "res.partner",
        "contract_monthly_recipient_rel",
        string="Monthly Records Go To",
        help="Who gets each confirmed monthly record by e-mail.",
        groups=SETTINGS,
    )

    _contract_monthly_days = models.Constraint(
        "CHECK (contract_monthly_days >= 0)", "Days can't be negative."
    )

    contract_monthly_paper = fields.Selection(
        [("a4", "A4"), ("a3", "A3")],
        string="Monthly Records Printed On",
        required=True,
        default="a4",
        help="A4: two figures in a cell; A3: nearly all beside each other.",
        groups=SETTINGS,
    )

    @api.constrains("contract_cutoff_day")
    def _check_contract_cutoff_day(self):
        for company in self:
            if not 1 <= company.contract_cutoff_day <= 31:
                raise ValidationError(
                    self.env._(
                        "The cut-off day is a day of the month: enter a number from 1 "
                        "to 31."
                    )
                )
        # months that depart from it stay between the others
        self.env["contract.monthly.cutoff"].sudo().search(
            [("company_id", "in", self.ids)]
        )._check_date()

    def _contract_cutoff(self, month):
        """The last day that belongs to a month.

        :param month: any day of the calendar month of that name
        """
        self.ensure_one()
        month = month.replace(day=1)
        own = (
            self.env["contract.monthly.cutoff"]
            .sudo()
            .search([("company_id", "=", self.id), ("month", "=", month)])
        )
        return own.date or month + relativedelta(day=self.sudo().contract_cutoff_day)

    def _contract_period(self, month):
        """First and last day of what belongs to a month, as days of the company.

        :param month: any day of the calendar month of that name
        """
        before = self._contract_cutoff(month.replace(day=1) - relativedelta(months=1))
        return before + relativedelta(days=1), self._contract_cutoff(month)

    def _contract_month(self, day):
        """The month to which a day belongs, as its first day."""
        month = day.replace(day=1) - relativedelta(months=1)
        while self._contract_cutoff(month) < day:
            month += relativedelta(months=1)
        return month
