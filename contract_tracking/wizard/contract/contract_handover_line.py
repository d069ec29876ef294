from collections import Counter, defaultdict

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import format_list

from .contract_handover import ROLES


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
    order_id = fields.Many2one(
        "sale.order", string="Contract", required=True, ondelete="cascade"
    )
    contract_number = fields.Char(
        related="order_id.contract_number", related_sudo=False
    )
    partner_id = fields.Many2one(
        related="order_id.partner_id", related_sudo=False, string="Customer"
    )
    team_id = fields.Many2one(
        related="order_id.team_id", related_sudo=False, string="Office"
    )
    contract_state = fields.Selection(
        related="order_id.contract_state", related_sudo=False
    )
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

    @api.depends("order_id", "handover_id.from_user_id")
    def _compute_what(self):
        for handover, lines in self.grouped("handover_id").items():
            orders = lines.order_id._origin.sudo()
            parts = lines._count_parts(handover, orders)
            contract_of = handover._document_ids(orders)
            activities = Counter(
                contract_of[activity.res_model][activity.res_id]
                for activity in handover._find_activities(orders)
            )
            for line in lines:
                order = line.order_id._origin.sudo()
                line.roles = format_list(
                    self.env,
                    [
                        order._contract_label(role)
                        for role in ROLES
                        if order[role] and order[role] == handover.from_user_id._origin
                    ],
                )
                line.parts = format_list(self.env, parts[order.id])
                line.activity_count = activities[order.id]

    def _count_parts(self, handover, orders):
        """``{order id: [what moves with it, with its number]}``."""
        result = defaultdict(list)
        for model, theirs in handover._parts(handover.from_user_id._origin):
            label = self.env["ir.model"]._get(model._name).name
            for order, count in model._read_group(
                theirs & Domain("order_id", "in", orders.ids), ["order_id"], ["__count"]
            ):
                result[order.id].append(
                    self.env._("%(number)s × %(what)s", number=count, what=label)
                )
        return result
