from odoo import Command, api, fields, models
from odoo.exceptions import UserError

# What most contracts need: proposed where the contract has no such clause.
PROPOSED = ("quality", "acceptance", "after_sales", "liability", "dispute")


class ContractClauseChoice(models.TransientModel):
    """Put standard clauses into a contract or a frame agreement that isn't in effect:
    one of each type that it lacks is proposed, the one that fits most closely."""

    _name = "contract.clause.choice"
    _inherit = ["contract.dialog.mixin"]
    _description = "Standard Clauses of a Contract"

    order_id = fields.Many2one("sale.order", string="Contract", readonly=True)
    frame_id = fields.Many2one(
        "contract.frame", string="Frame Agreement", readonly=True
    )
    company_id = fields.Many2one("res.company", compute="_compute_of_parent")
    contract_kind = fields.Char(compute="_compute_of_parent")
    clause_ids = fields.Many2many("contract.clause", string="Clauses")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        dialog = self.new(values)
        if "clause_ids" in fields_list and (parent := dialog._parent()):
            present = set(parent._contract_clauses().mapped("clause_type"))
            first = {}
            for clause in self.env["contract.clause"]._fitting(parent):
                first.setdefault(clause.clause_type, clause.id)
            lacking = [kind for kind in PROPOSED if kind not in present]
            chosen = [first[kind] for kind in lacking if kind in first]
            values["clause_ids"] = [Command.set(chosen)]
        return values

    @api.depends("order_id", "frame_id")
    def _compute_of_parent(self):
        for dialog in self:
            parent = dialog._parent()
            dialog.company_id = parent.company_id
            dialog.contract_kind = parent and parent._contract_clause_kind()

    def _parent(self):
        """The contract or the frame agreement."""
        return (self.order_id or self.frame_id)._origin

    def action_apply(self):
        """Add the clauses as terms, those that are there already left out.

        :raise UserError: if the contract is in effect
        """
        self._check_dialog()
        parent = self._parent()
        if parent and parent._contract_effect_day():
            raise UserError(
                self.env._(
                    "%(contract)s is in effect: another clause is agreed in a "
                    "supplementary agreement.",
                    contract=parent.display_name,
                )
            )
        if not parent or not self.clause_ids:
            raise UserError(self.env._("Choose clauses for a contract."))
        clauses = self.clause_ids - parent._contract_clauses().clause_id
        terms = self.env["contract.term"].create(
            [
                {
                    parent._contract_parent_field: parent.id,
                    **clause._term_vals(),
                    **clause._standing_vals(),
                }
                for clause in clauses
            ]
        )
        terms._take_over_clauses()
        return {"type": "ir.actions.act_window_close"}
