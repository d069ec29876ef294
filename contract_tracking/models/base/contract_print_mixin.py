from odoo import api, models
from odoo.tools import format_date

from odoo.addons.base.models.ir_actions_report import _wkhtml


class ContractPrintMixin(models.AbstractModel):
    """How printed forms write dates, amounts, quantities and page numbers, in the
    language of the form."""

    _name = "contract.print.mixin"
    _description = "Printed Form"

    def _form_date(self, date):
        """A date as the form's language writes it: 2026年11月3日 in Chinese."""
        if not date:
            return ""
        if self.env.lang and self.env.lang.startswith("zh"):
            return f"{date.year}年{date.month}月{date.day}日"
        return format_date(self.env, date)

    def _form_label(self, fname):
        """The choice of a field in words."""
        self.ensure_one()
        return self._fields[fname].convert_to_export(self[fname], self)

    def _form_amount(self, amount, zero=True):
        """An amount in the unit of the company's forms, thousands separated."""
        self.ensure_one()
        if not amount and not zero:
            return ""
        digits = self.currency_id.decimal_places
        if self._form_in_ten_thousands():
            amount, digits = amount / 10000, 4
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        return lang.format(f"%.{digits}f", amount or 0.0, grouping=True)

    def _form_in_ten_thousands(self):
        """Whether the company prints amounts in ten thousands (万元)."""
        self.ensure_one()
        return self.company_id.sudo().contract_form_unit == "ten_thousand"

    @api.model
    def _form_scale(self):
        """How much larger the form is drawn so that it prints in its true size.

        wkhtmltopdf without a patched Qt takes 128 pixels for an inch, not 96.
        """
        return 1 if _wkhtml().is_patched_qt else 4 / 3

    def _form_page_text(self, page):
        """Which page of how many: 第 x 页 共 y 页."""
        return self.env._(
            "Page %(number)s of %(total)s", number=page["number"], total=page["total"]
        )

    def _form_quantity(self, quantity):
        """A quantity without needless zeros."""
        text = f"{quantity or 0.0:,.4f}".rstrip("0").rstrip(".")
        return text or "0"

    def _form_unit(self):
        """What the amounts of the form are in, for its head."""
        self.ensure_one()
        currency = self.currency_id.name
        if self._form_in_ten_thousands():
            return self.env._("%(currency)s 10,000", currency=currency)
        return self.env._("%(currency)s 1", currency=currency)
