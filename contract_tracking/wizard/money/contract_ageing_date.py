from odoo import fields, models


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
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_ageing_action"
        )
        day = fields.Date.to_string(self.date)
        action["name"] = self.env._("Ageing as of %(day)s", day=day)
        action["context"] = {"contract_cutoff": day}
        # a bookmark can't carry the day
        action.pop("path", None)
        return action
