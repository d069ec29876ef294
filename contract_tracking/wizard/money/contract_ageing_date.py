from odoo import fields, models
from odoo.tools import format_date

from ...tools.windows import window


class ContractAgeingDate(models.TransientModel):
    """Ask for the day of the ageing report, or of the list of unclaimed receipts."""

    _name = "contract.ageing.date"
    _inherit = ["contract.dialog.mixin"]
    _description = "Day of the Ageing Report"

    subject = fields.Selection(
        [("ageing", "Ageing"), ("receipts", "Unclaimed Receipts")],
        string="List",
        required=True,
        default="ageing",
        readonly=True,
    )

    date = fields.Date(
        string="As Of",
        required=True,
        default=lambda self: self.env.company._contract_today(),
        help="Deliveries, invoices and money up to the end of this day count.",
    )

    def action_apply(self):
        """Open the ageing or the unclaimed receipts as of the chosen day."""
        self._check_dialog()
        day = format_date(self.env, self.date)
        context = {"contract_cutoff": fields.Date.to_string(self.date)}
        if self.subject == "receipts":
            action = window(
                self.env,
                "contract_receipt_action",
                name=self.env._("Unclaimed as of %(day)s", day=day),
                context={**context, "search_default_unclaimed": 1},
            )
        else:
            action = window(
                self.env,
                "contract_ageing_action",
                name=self.env._("Ageing as of %(day)s", day=day),
                context=context,
            )
        # a bookmark can't carry the day
        action.pop("path", None)
        return action
