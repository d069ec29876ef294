from collections import Counter

from odoo import api, fields, models

from .contract_handover import ROLES


class ContractHandoverLine(models.TransientModel):
    """One contract to hand over, and what moves with it."""

    _name = "contract.handover.line"
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
    contract_number = fields.Char(related="order_id.contract_number")
    partner_id = fields.Many2one(related="order_id.partner_id", string="Customer")
    team_id = fields.Many2one(related="order_id.team_id", string="Office")
    contract_state = fields.Selection(related="order_id.contract_state")
    roles = fields.Char(
        string="Is Its",
        compute="_compute_what",
        help="As what the old person answers for the contract.",
    )
    term_count = fields.Integer(string="Open Terms", compute="_compute_what")
    record_count = fields.Integer(string="Records to Confirm", compute="_compute_what")
    activity_count = fields.Integer(string="Activities", compute="_compute_what")

    @api.depends("order_id", "handover_id.from_user_id")
    def _compute_what(self):
        for handover, lines in self.grouped("handover_id").items():
            orders = lines.order_id._origin.sudo()
            terms, records, activities = lines._count(handover, orders)
            for line in lines:
                order = line.order_id._origin.sudo()
                line.roles = ", ".join(
                    order._contract_label(role)
                    for role in ROLES
                    if order[role] and order[role] == handover.from_user_id._origin
                )
                line.term_count = terms[order.id]
                line.record_count = records[order.id]
                line.activity_count = activities[order.id]

    def _count(self, handover, orders):
        """Numbers of terms, records and activities that move, a contract each."""
        user = handover.from_user_id._origin
        counts = []
        for model, domain in (
            ("contract.term", handover._term_domain(user)),
            ("contract.tracking.record", handover._record_domain(user)),
        ):
            rows = (
                self.env[model]
                .sudo()
                ._read_group(
                    domain & fields.Domain("order_id", "in", orders.ids),
                    ["order_id"],
                    ["__count"],
                )
            )
            counts.append(Counter({order.id: count for order, count in rows}))
        contract_of = handover._document_ids(orders)
        counts.append(
            Counter(
                contract_of[activity.res_model][activity.res_id]
                for activity in handover._find_activities(orders)
            )
        )
        return counts
