from odoo import models


class StockLocation(models.Model):
    _inherit = "stock.location"

    def _contract_is_outgoing(self):
        """Whether goods that go there left for the customer. Core's method looks its
        location of transit between companies up each time."""
        self.ensure_one()
        return self.usage == "customer" or (
            self.usage == "transit" and self._is_outgoing()
        )
