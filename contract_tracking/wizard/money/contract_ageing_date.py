from odoo import fields, models
from odoo.tools import format_date

from ...tools.windows import window


class ContractAgeingDate(models.TransientModel):
    """Ask for the day of the ageing report."""

    _name = "contract.ageing.date"
    _description = "Day of the Ageing Report"

    date = fields.Date(
        string="As Of",
        required=True,
        default=lambda self: self.env.company._contract_today(),
        help="Deliveries, invoices and money up to the end of this day count.",
    )

    def action_apply(self):
        """Open the ageing as of the chosen day."""
        self.ensure_one()
        day = format_date(self.env, self.date)
        action = window(
            self.env,
            "contract_ageing_action",
            name=self.env._("Ageing as of %(day)s", day=day),
            context={"contract_cutoff": fields.Date.to_string(self.date)},
        )
        # a bookmark can't carry the day
        action.pop("path", None)
        return action
