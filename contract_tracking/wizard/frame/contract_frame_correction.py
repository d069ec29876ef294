from odoo import Command, api, fields, models
from odoo.exceptions import UserError

FACTS = (
    "name", "partner_id", "client_ref", "date_start", "date_end", "amount_total",
    "schedule_template_id", "payment_term_id", "incoterm_id", "owner_id",
    "supervisor_id", "signing_date", "signatory", "customer_signatory",
)  # fmt: skip
AGREED = ("product_id", "categ_id", "quantity", "uom_id", "amount", "price_unit")


class ContractFrameCorrection(models.TransientModel):
    """Correct what was agreed in a frame agreement in effect, with a reason (D2 §9)."""

    _name = "contract.frame.correction"
    _inherit = ["contract.correction.mixin"]
    _description = "Correct Frame Agreement"

    _correction_field = "frame_id"

    frame_id = fields.Many2one("contract.frame", required=True, readonly=True)
    company_id = fields.Many2one(related="frame_id.company_id", related_sudo=False)
    currency_id = fields.Many2one(related="frame_id.currency_id", related_sudo=False)
    name = fields.Char(string="Number")
    partner_id = fields.Many2one("res.partner", string="Customer")
    client_ref = fields.Char(string="Customer's Reference")
    date_start = fields.Date(string="Valid From")
    date_end = fields.Date(string="Valid Until")
    amount_total = fields.Monetary(string="Agreed Total")
    schedule_template_id = fields.Many2one(
        "contract.schedule.template",
        string="Terms of Call-Offs",
        domain="[('company_id', 'in', (company_id, False))]",
    )
    payment_term_id = fields.Many2one("account.payment.term", string="Payment Terms")
    incoterm_id = fields.Many2one("account.incoterms")
    owner_id = fields.Many2one("res.users", domain=[("share", "=", False)])
    supervisor_id = fields.Many2one(
        "res.users", string="Performance Supervisor", domain=[("share", "=", False)]
    )
    signing_date = fields.Date()
    signatory = fields.Char(string="Our Signatory")
    customer_signatory = fields.Char(string="Customer's Signatory")
    line_ids = fields.One2many(
        "contract.frame.correction.line", "correction_id", string="Agreed Products"
    )

    @api.model
    def _correction_facts(self):
        return {**super()._correction_facts(), **{name: name for name in FACTS}}

    @api.model
    def _current_values(self, parent):
        values = super()._current_values(parent)
        if parent:
            values["line_ids"] = [
                Command.create({"line_id": line.id, **self._line_values(line)})
                for line in parent.line_ids
            ]
        return values

    @api.model
    def _line_values(self, line):
        return line._convert_to_write({name: line[name] for name in AGREED})

    def _changed_values(self):
        values = super()._changed_values()
        present = self.frame_id.line_ids
        if self.line_ids.line_id - present:
            raise UserError(
                self.env._("A line of another frame agreement can't be corrected here.")
            )
        commands = [Command.delete(line.id) for line in present - self.line_ids.line_id]
        for line in self.line_ids:
            agreed = self._line_values(line)
            if not line.line_id:
                commands.append(Command.create(agreed))
            elif agreed != self._line_values(line.line_id):
                commands.append(Command.update(line.line_id.id, agreed))
        if commands:
            values["line_ids"] = commands
        return values


class ContractFrameCorrectionLine(models.TransientModel):
    """An agreed product as it is to be after the correction."""

    _name = "contract.frame.correction.line"
    _inherit = ["contract.dialog.mixin"]
    _description = "Corrected Product"
    _order = "id"

    correction_id = fields.Many2one(
        "contract.frame.correction", required=True, ondelete="cascade"
    )
    line_id = fields.Many2one("contract.frame.line", readonly=True)
    currency_id = fields.Many2one(
        related="correction_id.currency_id", related_sudo=False
    )
    product_id = fields.Many2one("product.product")
    categ_id = fields.Many2one("product.category", string="Category")
    quantity = fields.Float(string="Agreed Quantity", digits="Product Unit")
    uom_id = fields.Many2one("uom.uom", string="Unit")
    amount = fields.Monetary(string="Agreed Amount")
    price_unit = fields.Float(string="Agreed Price", digits="Product Price")

    @api.onchange("product_id")
    def _onchange_product_id(self):
        if self.product_id:
            self.uom_id = self.product_id.uom_id
