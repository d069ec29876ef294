from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import float_compare, format_datetime

from ...tools.batches import in_batches
from ...tools.guard import unguarded
from ..contract.sale_order import READER

HANDLE = "contract_tracking.mail_activity_logistics_handle"
ESCALATED = "contract_tracking.mail_activity_logistics_escalated"

# What departs from the contract when this happens to goods on their way.
DEVIATIONS = {
    "delay": "late_delivery",
    "damage": "rejected",
    "loss": "short_quantity",
    "refusal": "rejected",
    "wrong": "rejected",
}


class ContractLogisticsException(models.Model):
    """Logistics exception: what went wrong with a delivery of a contract on its way,
    with photos; handled by its owner, closed with its outcome (D8 §2.4, §3.4).

    The warehouse and the people of the contract record it. Nothing of it is deleted.
    What nobody takes in hand goes on to the head of the office after the company's
    hours. A deviation or a coordination is made from it. The quantity is in the unit of
    the delivery.
    """

    _name = "contract.logistics.exception"
    _inherit = [
        "contract.part.mixin",
        "contract.numbered.mixin",
        "contract.report.mixin",
        "contract.activity.mixin",
        "contract.thread.mixin",
    ]
    _description = "Logistics Exception"
    _order = "seen_on desc, id desc"
    _check_company_auto = True
    _rec_names_search = ["name", "description"]
    _contract_form = ("QR-XS-12", "A/0", "WL")
    _contract_buttons = {"can_handle": "handled", "can_close": "closed"}
    _contract_columns = ("open", "handled")

    picking_id = fields.Many2one(
        "stock.picking",
        string="Delivery",
        required=True,
        index=True,
        ondelete="restrict",
        check_company=True,
        tracking=True,
        domain="[('contract_logistics_state', '!=', False)]",
    )
    order_id = fields.Many2one(
        compute="_compute_order_id",
        store=True,
        precompute=True,
        compute_sudo=True,
        ondelete="restrict",
    )
    frame_id = fields.Many2one(readonly=True)
    kind = fields.Selection(
        [
            ("delay", "Delayed"),
            ("damage", "Damage"),
            ("loss", "Loss"),
            ("refusal", "Refusal"),
            ("wrong", "Wrong goods"),
        ],
        required=True,
        default="delay",
        index=True,
        tracking=True,
    )
    seen_on = fields.Datetime(
        required=True,
        default=fields.Datetime.now,
        tracking=True,
        help="When it was seen or reported; the hours of the escalation count from "
        "then.",
    )
    move_id = fields.Many2one(
        "stock.move",
        string="Goods",
        ondelete="set null",
        index="btree_not_null",
        domain="[('picking_id', '=', picking_id)]",
        help="The goods concerned, if not all of the delivery.",
    )
    quantity = fields.Float(
        digits="Product Unit",
        help="How much of these goods is concerned, in the unit of the delivery.",
    )
    description = fields.Text(string="What Was Seen", required=True)
    attachment_ids = fields.Many2many(
        "ir.attachment", string="Photos", bypass_search_access=True
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        compute="_compute_user_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        index=True,
        ondelete="restrict",
        domain=[("share", "=", False)],
        tracking=True,
        help="Who sees to it; proposed is who answers for the contract.",
    )
    state = fields.Selection(
        [("open", "Open"), ("handled", "Handled"), ("closed", "Closed")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    measure = fields.Text(
        string="What Was Done",
        readonly=True,
        copy=False,
        help="What was done about it first, in the words of who handled it.",
    )
    handled_on = fields.Datetime(readonly=True, copy=False)
    handled_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    outcome = fields.Text(readonly=True, copy=False, help="What came of it in the end.")
    closed_on = fields.Datetime(readonly=True, copy=False)
    closed_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    escalated_on = fields.Datetime(readonly=True, copy=False)
    deviation_ids = fields.One2many(
        "contract.deviation",
        "logistics_exception_id",
        string="Deviations",
        readonly=True,
        groups=READER,
    )
    coordination_ids = fields.One2many(
        "contract.coordination",
        "logistics_exception_id",
        string="Coordination Documents",
        readonly=True,
        groups=READER,
    )
    can_handle = fields.Boolean(compute="_compute_can")
    can_close = fields.Boolean(compute="_compute_can")

    _quantity_positive = models.Constraint(
        "CHECK (quantity >= 0)", "The quantity can't be negative."
    )
    _waiting = models.Index("(seen_on) WHERE state = 'open' AND escalated_on IS NULL")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("picking_id")
    def _compute_order_id(self):
        for record in self:
            record.order_id = record.picking_id.sale_id

    @api.depends("picking_id")
    def _compute_user_id(self):
        for record in self:
            if not record.user_id:
                order = record.picking_id.sudo().sale_id
                record.user_id = (
                    order._contract_responsible().sudo(self.env.su)
                    if order.contract_state
                    else self.env.user
                ) or self.env.user

    @api.depends("name", "picking_id")
    def _compute_display_name(self):
        for record in self:
            record.display_name = " ".join(
                filter(None, (record.name, record.sudo().picking_id.name))
            )

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("picking_id")
    def _check_picking(self):
        for record in self.sudo():
            record.picking_id._contract_check_outgoing()

    @api.constrains("seen_on")
    def _check_seen_on(self):
        for record in self:
            if record.seen_on > fields.Datetime.now():
                raise ValidationError(
                    self.env._(
                        "Nobody can have seen it at %(moment)s: this is still to come.",
                        moment=format_datetime(self.env, record.seen_on),
                    )
                )

    @api.constrains("move_id", "picking_id", "quantity")
    def _check_quantity(self):
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for record in self.sudo():
            move = record.move_id
            if move and move.picking_id != record.picking_id:
                raise ValidationError(
                    self.env._(
                        "%(goods)s is not in %(delivery)s.",
                        goods=move.product_id.display_name,
                        delivery=record.picking_id.name,
                    )
                )
            most = move.quantity if move.state == "done" else move.product_uom_qty
            if move and float_compare(record.quantity, most, digits) > 0:
                raise ValidationError(
                    self.env._(
                        "There are no more than %(quantity)g of %(goods)s in the "
                        "delivery.",
                        quantity=most,
                        goods=move.product_id.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        records.picking_id._contract_check_recorder()
        records._sync_activities()
        return records

    def write(self, vals):
        res = super().write(vals)
        if {"user_id", "state"} & vals.keys():
            self._sync_activities()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(
            self.env._(
                "What happened to goods is evidence: close the exception and say that "
                "it was none."
            )
        )

    def _files_settled(self, fname):
        return super()._files_settled(fname) | self.filtered(
            lambda record: record.state != "open"
        )

    def _files_settled_on(self):
        return super()._files_settled_on() or self.closed_on or self.handled_on

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_handle(self):
        """Open the window that asks what was done about it."""
        return self._open_reason("handle")

    def action_close(self):
        """Open the window that asks what came of it."""
        return self._open_reason("close")

    def action_coordinate(self):
        """Open a new coordination document about it."""
        self.ensure_one()
        self.check_access("read")
        return self.order_id._contract_new_part_action(
            "contract.coordination",
            logistics_exception_id=self.id,
            subject=self.display_name,
            summary=self.description,
        )

    @api.readonly
    def action_open_delivery(self):
        """Open the delivery."""
        self.ensure_one()
        return self.picking_id._get_records_action()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        """Whoever may write it handles it and closes it."""
        return {
            **super()._contract_next_states(),
            "handled": {"open": None},
            "closed": {"open": None, "handled": None},
        }

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "handle": self._reason_step(self.env._("What was done"), "_handle"),
            "close": self._reason_step(self.env._("Close with outcome"), "_close"),
        }

    def _handle(self, reason):
        """Say what was done about it: the outcome is still to come."""
        self._contract_begin("handled", "write")
        unguarded(self).write(
            {
                "state": "handled",
                "measure": reason,
                "handled_on": fields.Datetime.now(),
                "handled_by_id": self.env.uid,
            }
        )
        self._note({self.id: self.env._("Done about it: %s", reason)})

    def _close(self, reason):
        """Close it with what came of it."""
        self._contract_begin("closed", "write")
        unguarded(self).write(
            {
                "state": "closed",
                "outcome": reason,
                "closed_on": fields.Datetime.now(),
                "closed_by_id": self.env.uid,
            }
        )
        self._note({self.id: self.env._("Outcome: %s", reason)})

    def _check_frozen(self, content):
        if "picking_id" in content:
            raise UserError(
                self.env._("An exception stays with its delivery: record another one.")
            )
        for record in self:
            if record.state == "closed" or (
                record.state == "handled" and content - {"user_id"}
            ):
                raise UserError(
                    self.env._(
                        "%(document)s is “%(state)s” and can't be changed: record "
                        "another one if there is more.",
                        document=record.display_name,
                        state=record._contract_state_label(),
                    )
                )
        return super()._check_frozen(content)

    @api.model
    def _handover_domain(self, user):
        """Those that this person still has to see to."""
        return Domain("user_id", "=", user.id) & Domain("state", "!=", "closed")

    def _contract_report_values(self):
        return {
            "order_id": self.order_id.id,
            "picking_id": self.picking_id.id,
            "kind": DEVIATIONS[self.kind],
            "summary": self.description,
            "logistics_exception_id": self.id,
        }

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {HANDLE, ESCALATED}

    def _activities_wanted(self):
        """Its owner has one until it is closed, who leads him one of what nobody took
        in hand."""
        wanted = super()._activities_wanted()
        if self.state == "closed":
            return wanted
        company = self.company_id
        day = company._contract_day(self.seen_on)
        wanted.append({"xmlid": HANDLE, "user": self.user_id, "day": day, "keep": True})
        if self.state == "open" and self.escalated_on:
            wanted.append(
                {
                    "xmlid": ESCALATED,
                    "user": self._escalation_user(),
                    "day": company._contract_day(self.escalated_on),
                    "what": self.display_name,
                    "keep": True,
                }
            )
        return wanted

    def _escalation_user(self):
        """Who hears of it when nobody takes it in hand: the head of the office, else
        somebody of the business office."""
        self.ensure_one()
        return (self._activity_stand_ins(self.user_id) - self.user_id)[:1]

    @api.model
    def _cron_escalate(self, batch=200):
        """Let exceptions that nobody took in hand go on, once each: neither was it said
        what was done, nor a deviation or a coordination made of it.

        Restartable: it finds by itself what is left.
        """
        now = fields.Datetime.now()
        companies = self.env["res.company"].sudo()
        companies = companies.search([("contract_logistics_hours", ">", 0)])
        late = Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "seen_on", "<=", now - timedelta(hours=company.contract_logistics_hours)
            )
            for company in companies
        )
        records = self.sudo().search(
            late
            & Domain("state", "=", "open")
            & Domain("escalated_on", "=", False)
            & Domain("deviation_ids", "=", False)
            & Domain("coordination_ids", "=", False)
        )
        for chunk in in_batches(records, batch):
            unguarded(chunk).write({"escalated_on": now})
            chunk._sync_activities()
