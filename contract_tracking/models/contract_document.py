from odoo import api, fields, models

from .contract_evidence import own_attachments


class ContractDocument(models.Model):
    """A paper filed on a contract or a frame agreement, with its date, parties and
    files (D2 §6, D9 §6.4)."""

    _name = "contract.document"
    _inherit = ["contract.part.mixin"]
    _description = "Contract Document"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(string="Title", required=True)
    type_id = fields.Many2one(
        "contract.document.type", string="Kind", required=True, ondelete="restrict"
    )
    date = fields.Date(default=fields.Date.context_today, required=True)
    partner_ids = fields.Many2many("res.partner", string="Parties")
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Files", required=True, bypass_search_access=True
    )
    note = fields.Char()
    user_id = fields.Many2one(
        "res.users",
        string="Filed By",
        readonly=True,
        default=lambda self: self.env.user,
    )

    @api.model_create_multi
    def create(self, vals_list):
        documents = super().create(vals_list)
        own_attachments(documents)
        return documents

    def write(self, vals):
        res = super().write(vals)
        own_attachments(self)
        return res
