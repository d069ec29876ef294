import pytz

from odoo import api, fields, models
from odoo.fields import Domain

from odoo.addons.base.models.res_partner import _tz_get

# Where most people of a country live, if that isn't the first of its zones.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
}
# Who reads what a company decided: who has a contract role, and who sets it up.
SETTINGS = "contract_tracking.group_contract_reader,base.group_erp_manager"


class ResCompany(models.Model):
    _name = "res.company"
    _inherit = ["res.company", "contract.entry.mixin"]

    contract_tz = fields.Selection(
        _tz_get,
        string="Contract Time Zone",
        required=True,
        compute="_compute_contract_tz",
        store=True,
        readonly=False,
        precompute=True,
        help="Days of contracts begin and end in this time zone. It starts as that of "
        "the company's country.",
        groups=SETTINGS,
    )
    contract_form_unit = fields.Selection(
        [("one", "1"), ("ten_thousand", "10,000")],
        string="Amounts on Forms In",
        required=True,
        default="one",
        help="Whether printed forms show amounts in units of the currency or in "
        "ten thousands.",
        groups=SETTINGS,
    )
    contract_business_office_id = fields.Many2one(
        "contract.department",
        string="Business Office",
        check_company=True,
        help="The department that organises tracking; its head signs.",
        groups=SETTINGS,
    )

    # once: whoever moves a company says whether its days move
    @api.depends()
    def _compute_contract_tz(self):
        # by the program itself when the addon is installed: for whoever asked for it
        module = self.env.ref("base.module_contract_tracking").sudo()
        users = self.env.user | module.write_uid | self.env.ref("base.user_admin")
        near = [tz for tz in (*users.mapped("tz"), self.env.context.get("tz")) if tz]
        for company in self:
            code = company.country_id.code
            zones = pytz.country_timezones.get(code, []) if code else []
            company.contract_tz = (
                # a large country has several: the one where its people are
                next((tz for tz in near if tz in zones), None)
                or MAIN_ZONES.get(code)
                or next(iter(zones), None)
                or company.parent_id.contract_tz
                or next(iter(near), None)
                or "UTC"
            )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["contract.form.type"]._ensure(companies)
        return companies

    @api.model
    def _contract_day_domain(self, fname, operator):
        """Records whose day compares so with today, each by the day of its company."""
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(fname, operator, company._contract_today())
            for company in self.sudo().search([])
        )

    def _contract_bank(self, currency):
        """The bank account to which customers pay: one in ``currency``, else the first
        one of the company.

        :return: list of (label, value), empty without an account
        """
        self.ensure_one()
        accounts = self.sudo().partner_id.bank_ids.filtered("active")
        account = (
            accounts.filtered(lambda bank: bank.currency_id == currency)
            or accounts.filtered(lambda bank: not bank.currency_id)
            or accounts
        )[:1]
        if not account:
            return []
        bank = account.bank_id
        rows = [
            (self.env._("Account holder"), account.acc_holder_name or self.name),
            (self.env._("Bank"), bank.name),
            (self.env._("SWIFT code"), bank.bic),
            (self.env._("Account number"), account.acc_number),
        ]
        return [(label, value) for label, value in rows if value]

    def _contract_today(self):
        """Today as a day of the company."""
        return self._contract_day(fields.Datetime.now())

    def _contract_day(self, moment):
        """The day of a UTC datetime in the company's time zone."""
        self.ensure_one()
        try:
            return fields.Datetime.context_timestamp(
                self.with_context(tz=self.sudo().contract_tz), moment
            ).date()
        except OverflowError:
            # core takes any day of the calendar, its first and its last one too
            return moment.date()
