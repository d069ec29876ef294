from odoo import api, fields, models
from odoo.exceptions import ValidationError

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
        "contract.thread.mixin",
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
        help="The day, in the company's time zone, up to whose end facts count.",
    )
    form_code = fields.Char(readonly=True)
    form_version = fields.Char(readonly=True)
    # Of the day on which it was written, and again of that on which it was submitted
    partner_name = fields.Char(string="Customer's Name", readonly=True)
    contract_no = fields.Char(string="Contract No.", readonly=True)

    @api.depends("order_id.currency_id", "frame_id.currency_id")
    def _compute_currency_id(self):
        for record in self:
            record.currency_id = record._contract_parent().currency_id

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"date"}

    @api.depends("name", "contract_no")
    def _compute_display_name(self):
        for record in self:
            record.display_name = " ".join(
                filter(None, (record.name, record.contract_no))
            )

    @api.constrains("order_id", "frame_id")
    def _check_contract(self):
        for record in self:
            order, frame = record.order_id.sudo(), record.frame_id.sudo()
            if order and not order.contract_state:
                raise ValidationError(
                    self.env._(
                        "%(order)s is not tracked as a contract.",
                        order=order.display_name,
                    )
                )
            if frame and not frame.effective_date:
                raise ValidationError(
                    self.env._("%(frame)s is not in effect.", frame=frame.display_name)
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

    def copy_data(self, default=None):
        """What the system filled in belongs to this document; a copy is a new one."""
        frozen = self._contract_system()
        return [
            {name: value for name, value in vals.items() if name not in frozen}
            for vals in super().copy_data(default)
        ]

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

    @api.readonly
    def action_open_contract(self):
        """Open the contract or the frame agreement of the form."""
        self.ensure_one()
        return self._contract_parent()._contract_form_action()
