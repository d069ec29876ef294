from odoo import api, fields, models

from ...tools.guard import unguarded


class ContractFormMixin(models.AbstractModel):
    """What all contract forms share: number, contract or frame agreement, company,
    office, report date, form code and version (ISO record), the names of the day,
    chatter, printing; voiding with a reason and a linked copy.

    Amounts on printed forms are in units or ten thousands of the contract's currency,
    as the company chooses. Serves D9 §6.
    """

    _name = "contract.form.mixin"
    _inherit = [
        "contract.void.mixin",
        "contract.part.mixin",
        "contract.print.mixin",
        "contract.activity.mixin",
        "mail.thread",
    ]
    _description = "Contract Form"
    _check_company_auto = True

    _contract_days = ("date",)

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
        default=lambda self: self.env.company._contract_today(),
        help="The day, in the company's time zone, up to whose end facts count.",
    )
    form_code = fields.Char(readonly=True, copy=False)
    form_version = fields.Char(readonly=True, copy=False)
    # Of the day on which it was written, and again of that on which it was submitted
    partner_name = fields.Char(string="Customer's Name", readonly=True, copy=False)
    contract_no = fields.Char(string="Contract No.", readonly=True, copy=False)

    @api.depends("order_id.currency_id", "frame_id.currency_id")
    def _compute_currency_id(self):
        for record in self:
            record.currency_id = record._contract_parent().currency_id

    @api.depends("name", "contract_no")
    def _compute_display_name(self):
        for record in self:
            record.display_name = " ".join(
                filter(None, (record.name, record.contract_no))
            )

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records:
            unguarded(record).write(
                {
                    "team_id": record._contract_parent().sudo().team_id.id,
                    **record._names_vals(),
                }
            )
        return records

    @api.model
    def _form_vals(self, company):
        return {
            **super()._form_vals(company),
            **self.env["contract.form.type"]._iso_vals(self._name, company),
        }

    def _names_vals(self):
        """Names of today, kept as text: partner merges rewrite keys in SQL."""
        self.ensure_one()
        parent = self._contract_parent().sudo()
        return {
            "partner_name": parent.partner_id.commercial_partner_id.name,
            "contract_no": self.sudo().contract_number or parent.display_name,
        }

    def _open_form(self):
        """Open the form of this record."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def action_open_contract(self):
        """Open the contract or the frame agreement of the form."""
        self.ensure_one()
        return self._contract_parent()._contract_form_action()
