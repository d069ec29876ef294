from odoo import models


class ContractFrame(models.Model):
    """The rows behind the figures that the register tells of a frame agreement: of its
    own money."""

    _inherit = "contract.frame"

    def _contract_figure_labels(self):
        labels = super()._contract_figure_labels()
        if self.env.context.get("contract_own_rows"):
            Register = self.env["contract.register"]._fields
            labels |= {
                name: Register[f"booked_{name}"]._description_string(self.env)
                for name in ("received", "adjusted", "matured")
            }
        return labels
