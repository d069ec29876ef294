from odoo import fields, models


class ContractCirculation(models.TransientModel):
    """Ask people and departments to read a filed paper, until a day (传阅)."""

    _name = "contract.circulation"
    _inherit = ["contract.dialog.mixin"]
    _description = "Circulate a Paper"

    document_id = fields.Many2one(
        "contract.document", string="Paper", required=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="document_id.company_id", related_sudo=False)
    user_ids = fields.Many2many(
        "res.users",
        string="People",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    department_ids = fields.Many2many(
        "contract.department",
        string="Departments",
        domain="[('company_id', '=', company_id)]",
    )
    date_deadline = fields.Date(string="Until")
    what = fields.Char(string="To Note", help="What the readers are to note.")
    answer_required = fields.Boolean(help="Readers write what they say to it.")

    def action_circulate(self):
        """Ask them. Who may ask, and whom, is checked by the paper."""
        self._check_dialog()
        self.document_id._ask_readers(
            self.user_ids,
            self.department_ids,
            self.date_deadline,
            self.what,
            self.answer_required,
        )
        return {"type": "ir.actions.act_window_close"}
