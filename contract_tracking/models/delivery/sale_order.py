from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..contract.sale_order import READER
from .res_company import FULFILMENTS


class SaleOrder(models.Model):
    """Which day fulfils the deliveries of a contract, and when they count as accepted
    (D7 §1)."""

    _inherit = "sale.order"

    contract_fulfilment = fields.Selection(
        FULFILMENTS,
        string="Fulfilled With",
        copy=False,
        groups=READER,
        help="Which day fulfils a delivery: the goods leave, the customer signs "
        "for them, or the bill of lading is dated. Empty: as the "
        "company.",
    )
    contract_deemed_days = fields.Integer(
        string="Deemed Accepted After (Days)",
        copy=False,
        groups=READER,
        help="If the customer does not answer so many days after he received the last "
        "goods, they count as accepted. 0: only his acceptance counts.",
    )

    @api.constrains("contract_deemed_days")
    def _check_contract_deemed_days(self):
        if any(order.contract_deemed_days < 0 for order in self):
            raise ValidationError(
                self.env._(
                    "The days after which goods count as accepted can't be negative. "
                    "Enter 0 if only the customer's acceptance counts."
                )
            )

    def _contract_facts(self):
        return super()._contract_facts() | {
            "contract_fulfilment",
            "contract_deemed_days",
        }

    def _contract_effect_vals(self, day):
        return {
            **super()._contract_effect_vals(day),
            "contract_fulfilment": self.contract_fulfilment
            or self.company_id.contract_fulfilment,
        }
