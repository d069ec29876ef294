from odoo import api, fields, models

from ...tools.words import choices

# Of the order's facts what stands behind “contract_”.
FACTS = (
    "number", "kind", "buyer_id", "signing_date", "our_seal_date", "customer_seal_date",
    "signatory", "customer_signatory", "end_date", "fulfilment", "deemed_days",
    "frame_id", "call_off_date", "owner_id", "supervisor_id",
)  # fmt: skip


def _choice(fname, string):
    return fields.Selection(
        lambda self: choices(self.env["sale.order"], fname), string=string
    )


class ContractCorrection(models.TransientModel):
    """Correct the facts of a contract in effect, with a reason (D2 §9)."""

    _name = "contract.correction"
    _inherit = ["contract.correction.mixin"]
    _description = "Correct Contract Facts"

    _correction_field = "order_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id", related_sudo=False)
    number = fields.Char(string="Contract Number")
    kind = _choice("contract_kind", "Binding Document")
    contract_type = _choice("contract_type", "Type of Contract")
    buyer_id = fields.Many2one("res.partner")
    signing_date = fields.Date(string="Signed On")
    our_seal_date = fields.Date(string="Our Seal")
    customer_seal_date = fields.Date(string="Customer's Seal")
    signatory = fields.Char(string="Our Signatory")
    customer_signatory = fields.Char(string="Customer's Signatory")
    end_date = fields.Date(string="Ends On")
    fulfilment = _choice("contract_fulfilment", "Fulfilled With")
    deemed_days = fields.Integer(string="Deemed Accepted After (Days)")
    frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        domain="[('state', '=', 'active'), ('company_id', '=', company_id)]",
    )
    call_off_date = fields.Date(string="Call-Off Dated")
    owner_id = fields.Many2one(
        "res.users", string="Contract Owner", domain=[("share", "=", False)]
    )
    supervisor_id = fields.Many2one(
        "res.users", string="Performance Supervisor", domain=[("share", "=", False)]
    )

    @api.model
    def _correction_facts(self):
        facts = {f"contract_{name}": name for name in FACTS}
        return {
            **super()._correction_facts(),
            **facts,
            "contract_type": "contract_type",
        }
