from odoo import api, fields, models

from .contract_guard import unguarded


class ContractFormMixin(models.AbstractModel):
    """What all contract forms share: number, order, company, office, report date,
    form code and version (ISO record), chatter, printing.

    Amounts on printed forms are in units or ten thousands of the contract's currency,
    as the company chooses. Serves D9 §6.
    """

    _name = "contract.form.mixin"
    _inherit = ["contract.print.mixin", "mail.thread", "mail.activity.mixin"]
    _description = "Contract Form"
    _check_company_auto = True

    # The sequence that numbers the form, one range a year.
    _contract_form_sequence = ""

    name = fields.Char(string="Number", readonly=True, copy=False, index="trigram")
    order_id = fields.Many2one(
        "sale.order",
        string="Contract",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        domain=[("contract_state", "!=", False)],
    )
    company_id = fields.Many2one(
        related="order_id.company_id", store=True, index=True, precompute=True
    )
    currency_id = fields.Many2one(related="order_id.currency_id")
    contract_number = fields.Char(related="order_id.contract_number")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
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

    @api.model
    def _form_values(self, company):
        """Form code and version of the company's ISO records."""
        return {}

    @api.model
    def _form_parents(self, vals_list):
        """The contracts of new forms of these values, read as a set: a list."""
        orders = self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if vals.get("order_id")}
        )
        by_id = {order.id: order for order in orders.sudo()}
        return [by_id.get(vals.get("order_id")) for vals in vals_list]

    def _form_parent(self):
        """The contract that the form is about."""
        self.ensure_one()
        return self.order_id

    @api.model_create_multi
    def create(self, vals_list):
        parents = self._form_parents(vals_list)
        for vals, parent in zip(vals_list, parents, strict=True):
            if parent:
                vals["team_id"] = parent.team_id.id
                vals.update(self._form_values(parent.company_id))
        records = super().create(vals_list)
        for company, forms in records.grouped("company_id").items():
            numbers = company.sudo()._contract_next_numbers(
                self._contract_form_sequence,
                forms[:1]._form_parent()._contract_today(),
                len(forms),
            )
            for form, number in zip(forms, numbers, strict=True):
                unguarded(form).write({"name": number})
        return records
