from odoo import api, fields, models

FACTS = {
    "contract_number": "number",
    "contract_kind": "kind",
    "contract_type": "contract_type",
    "contract_buyer_id": "buyer_id",
    "contract_signing_date": "signing_date",
    "contract_our_seal_date": "our_seal_date",
    "contract_customer_seal_date": "customer_seal_date",
    "contract_signatory": "signatory",
    "contract_customer_signatory": "customer_signatory",
    "contract_end_date": "end_date",
    "contract_fulfilment": "fulfilment",
    "contract_deemed_days": "deemed_days",
    "contract_frame_id": "frame_id",
    "contract_call_off_date": "call_off_date",
    "contract_owner_id": "owner_id",
    "contract_supervisor_id": "supervisor_id",
}


class ContractCorrection(models.TransientModel):
    """Correct the facts of a contract in effect, with a reason (D2 §9)."""

    _name = "contract.correction"
    _inherit = ["contract.correction.mixin"]
    _description = "Correct Contract Facts"

    _correction_field = "order_id"

    order_id = fields.Many2one("sale.order", required=True, readonly=True)
    company_id = fields.Many2one(related="order_id.company_id")
    number = fields.Char(string="Contract Number")
    kind = fields.Selection(
        [
            ("contract", "Contract"),
            ("order", "Product order"),
            ("call_off", "Call-off order"),
        ],
        string="Binding Document",
    )
    contract_type = fields.Selection(
        [("new", "New"), ("renewal", "Renewal"), ("amended", "Amended")],
        string="Type of Contract",
    )
    buyer_id = fields.Many2one("res.partner")
    signing_date = fields.Date(string="Signed On")
    our_seal_date = fields.Date(string="Our Seal")
    customer_seal_date = fields.Date(string="Customer's Seal")
    signatory = fields.Char(string="Our Signatory")
    customer_signatory = fields.Char(string="Customer's Signatory")
    end_date = fields.Date(string="Ends On")
    fulfilment = fields.Selection(
        [
            ("dispatch", "Dispatch"),
            ("receipt", "Customer's receipt"),
            ("bl", "B/L date"),
        ],
        string="Fulfilled With",
    )
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
        return {**super()._correction_facts(), **FACTS}
