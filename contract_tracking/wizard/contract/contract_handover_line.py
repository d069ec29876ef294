from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

from .contract_handover import PARENTS


class ContractHandoverLine(models.TransientModel):
    """One contract to hand over, and what moves with it."""

    _name = "contract.handover.line"
    _inherit = ["contract.dialog.mixin"]
    _description = "Contract to Hand Over"

    handover_id = fields.Many2one(
        "contract.handover", required=True, ondelete="cascade"
    )
    selected = fields.Boolean(
        string="Hand Over", default=True, help="Untick a contract that stays."
    )
    order_id = fields.Many2one("sale.order", string="Contract", ondelete="cascade")
    frame_id = fields.Many2one(
        "contract.frame", string="Frame Agreement", ondelete="cascade"
    )
    contract_number = fields.Char(compute="_compute_parent")
    partner_id = fields.Many2one(
        "res.partner", string="Customer", compute="_compute_parent"
    )
    team_id = fields.Many2one("crm.team", string="Office", compute="_compute_parent")
    state = fields.Char(compute="_compute_parent")
    roles = fields.Char(
        string="Is Its",
        compute="_compute_what",
        help="As what the old person answers for the contract.",
    )
    parts = fields.Char(
        string="Moves with It",
        compute="_compute_what",
        help="What the old person still has to do for the contract.",
    )
    activity_count = fields.Integer(string="Activities", compute="_compute_what")

    @api.depends("order_id", "frame_id")
    def _compute_parent(self):
        for line in self:
            parent = line.order_id or line.frame_id
            line.contract_number = line.order_id.contract_number or line.frame_id.name
            line.partner_id = parent.partner_id
            line.team_id = parent.team_id
            line.state = parent and parent._contract_state_label()

    @api.depends("order_id", "frame_id", "handover_id.from_user_id")
    def _compute_what(self):
        self.update({"roles": False, "parts": False, "activity_count": 0})
        for handover, lines in self.grouped("handover_id").items():
            for fname in PARENTS:
                lines.filtered(fname)._describe(handover, fname)

    def _describe(self, handover, fname):
        """What moves with contracts, or with frame agreements.

        :param fname: the field that names them
        """
        parents = self[fname]._origin.sudo()
        parts = self._count_parts(handover, parents)
        parent_of = handover._document_ids(parents)
        activities = Counter(
            parent_of[activity.res_model][activity.res_id]
            for activity in handover._find_activities(parents)
        )
        for line in self:
            parent = line[fname]._origin.sudo()
            line.roles = format_list(
                self.env,
                [
                    parent._contract_label(role)
                    for role in parent._contract_roles()
                    if parent[role] and parent[role] == handover.from_user_id._origin
                ],
            )
            line.parts = format_list(self.env, parts[parent.id])
            line.activity_count = activities[parent.id]

    def _count_parts(self, handover, parents):
        """``{id of a contract: [what moves with it, with its number]}``."""
        fname = parents._contract_parent_field
        result = defaultdict(list)
        for model, theirs in handover._parts(handover.from_user_id._origin):
            label = self.env["ir.model"]._get(model._name).name
            for parent, count in model._read_group(
                theirs & Domain(fname, "in", parents.ids), [fname], ["__count"]
            ):
                result[parent.id].append(
                    self.env._("%(number)s × %(what)s", number=count, what=label)
                )
        return result
