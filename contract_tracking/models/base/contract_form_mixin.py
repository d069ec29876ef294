from odoo import api, fields, models

from ...tools.guard import unguarded


class ContractFormMixin(models.AbstractModel):
    """What all contract forms share: number, contract or frame agreement, company,
    office, report date, form code and version (ISO record), chatter, printing.

    Amounts on printed forms are in units or ten thousands of the contract's currency,
    as the company chooses. Serves D9 §6.
    """

    _name = "contract.form.mixin"
    _inherit = [
        "contract.frozen.mixin",
        "contract.part.mixin",
        "contract.print.mixin",
        "mail.thread",
        "mail.activity.mixin",
    ]
    _description = "Contract Form"
    _check_company_auto = True

    # The sequence that numbers the form, one range a year.
    _contract_form_sequence = ""
    # Settings of the company with the form's code and version: their common prefix.
    _contract_form_setting = ""

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    order_id = fields.Many2one(
        ondelete="restrict",
        check_company=True,
        domain=[("contract_state", "!=", False)],
    )
    frame_id = fields.Many2one(
        ondelete="restrict",
        check_company=True,
        domain=[("effective_date", "!=", False)],
    )
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", compute_sudo=True
    )
    team_id = fields.Many2one(
        "crm.team", string="Office", readonly=True, ondelete="set null", index=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Recorder",
        default=lambda self: self.env.user,
        index=True,
    )
    date = fields.Date(
        string="Report Date",
        required=True,
        default=fields.Date.context_today,
        help="The day, in the company's time zone, up to whose end facts count.",
    )
    form_code = fields.Char(readonly=True, copy=False)
    form_version = fields.Char(readonly=True, copy=False)

    @api.depends("order_id.currency_id", "frame_id.currency_id")
    def _compute_currency_id(self):
        for record in self:
            record.currency_id = record._contract_parent().currency_id

    @api.model
    def _form_values(self, company):
        """Form code and version of the company's ISO records."""
        setting = self._contract_form_setting
        return {
            "form_code": company[f"{setting}_code"],
            "form_version": company[f"{setting}_version"],
        }

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for company, forms in records.grouped("company_id").items():
            numbers = company.sudo()._contract_next_numbers(
                self._contract_form_sequence,
                forms[:1]._contract_parent()._contract_today(),
                len(forms),
            )
            iso = self._form_values(company.sudo())
            for form, number in zip(forms, numbers, strict=True):
                unguarded(form).write(
                    {
                        "name": number,
                        "team_id": form._contract_parent().sudo().team_id.id,
                        **iso,
                    }
                )
        return records
