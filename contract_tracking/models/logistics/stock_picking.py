from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.guard import guarded, is_unguarded, unguarded
from ...tools.windows import form_window, window
from ..delivery.stock_picking import DELIVERED, DELIVERY

# What is recorded of a delivery on its way; each is dated in the contract's history.
LOGISTICS = (
    "contract_carrier_id", "contract_tracking_ref", "contract_transit_date",
    "contract_arrival_date",
)  # fmt: skip
# The days of a delivery after it left, in their order.
DAYS = ("contract_transit_date", "contract_arrival_date", "contract_receipt_date")

OUT = Domain("location_dest_id.usage", "=", "customer") | (
    Domain("location_dest_id.usage", "=", "transit")
    & Domain("location_dest_id.company_id", "=", False)
)
# How far a delivery of a contract has come.
STATES = {
    "waiting": OUT
    & Domain("state", "not in", ("draft", "done", "cancel"))
    & Domain("sale_id.contract_state", "not in", (False, "cancelled")),
    "dispatched": DELIVERED & Domain.AND(Domain(name, "=", False) for name in DAYS),
    "transit": DELIVERED
    & Domain("contract_transit_date", "!=", False)
    & Domain.AND(Domain(name, "=", False) for name in DAYS[1:]),
    "arrived": DELIVERED
    & Domain("contract_arrival_date", "!=", False)
    & Domain("contract_receipt_date", "=", False),
    "signed": DELIVERED & Domain("contract_receipt_date", "!=", False),
}


class StockPicking(models.Model):
    """Who carries a delivery, and how far it is on its way: dispatched, in transit,
    arrived, signed for.

    Recorded as its receipt is: by the warehouse and by the people who follow the
    contract. Carrier and tracking number are the delivery app's where it knows them.
    Nothing of it runs when goods leave.
    """

    _inherit = "stock.picking"

    contract_carrier_id = fields.Many2one(
        "res.partner",
        string="Carried By",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups=DELIVERY,
        help="The carrier, where it isn't a shipping method of the delivery app.",
    )
    contract_tracking_ref = fields.Char(
        string="Tracking Number of the Carrier", copy=False, groups=DELIVERY
    )
    contract_transit_date = fields.Date(
        string="In Transit Since",
        copy=False,
        groups=DELIVERY,
        help="Day on which the carrier reported the goods on their main leg: left the "
        "depot, sailed, crossed the border.",
    )
    contract_arrival_date = fields.Date(
        string="Arrived",
        copy=False,
        groups=DELIVERY,
        help="Day on which the goods arrived at the place of delivery.",
    )
    contract_carrier_name = fields.Char(
        string="Carrier Name",
        compute="_compute_contract_carrier",
        compute_sudo=True,
        groups=DELIVERY,
    )
    contract_tracking = fields.Char(
        string="Tracking No.",
        compute="_compute_contract_carrier",
        compute_sudo=True,
        groups=DELIVERY,
    )
    contract_logistics_state = fields.Selection(
        [
            ("waiting", "To dispatch"),
            ("dispatched", "Dispatched"),
            ("transit", "In transit"),
            ("arrived", "Arrived"),
            ("signed", "Signed for"),
        ],
        string="Logistics",
        compute="_compute_contract_logistics_state",
        search="_search_contract_logistics_state",
        groups=DELIVERY,
    )
    contract_exception_ids = fields.One2many(
        "contract.logistics.exception",
        "picking_id",
        string="Logistics Exceptions",
        groups=DELIVERY,
    )
    contract_exception_count = fields.Integer(
        string="Exceptions",
        compute="_compute_contract_exception_count",
        groups=DELIVERY,
        help="What went wrong with the delivery on its way, closed exceptions too.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("contract_carrier_id.name", "contract_tracking_ref")
    def _compute_contract_carrier(self):
        carrier, tracking = self._contract_core_carrier()
        for picking in self:
            picking.contract_carrier_name = (
                carrier and picking[carrier].name or picking.contract_carrier_id.name
            )
            picking.contract_tracking = (
                tracking and picking[tracking] or picking.contract_tracking_ref
            )

    @api.depends("state", "location_dest_id", "sale_id.contract_state", *DAYS)
    def _compute_contract_logistics_state(self):
        pickings = self._origin.sudo()
        self.contract_logistics_state = False
        for state, domain in STATES.items():
            found = set(pickings.filtered_domain(domain).ids)
            for picking in self:
                if picking._origin.id in found:
                    picking.contract_logistics_state = state

    def _search_contract_logistics_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = Domain.OR(STATES[state] for state in value if state in STATES)
        if False in value:
            states |= ~Domain.OR(STATES.values())
        return self._contract_asked("contract_logistics_state", states)

    @api.depends_context("uid")
    @api.depends("contract_exception_ids")
    def _compute_contract_exception_count(self):
        exceptions = self.env["contract.logistics.exception"]
        counts = {}
        # who reads deliveries without them, as finance does, sees none
        if exceptions.has_access("read"):
            counts = dict(
                exceptions._read_group(
                    [("picking_id", "in", self._origin.ids)],
                    ["picking_id"],
                    ["__count"],
                )
            )
        for picking in self:
            picking.contract_exception_count = counts.get(picking._origin, 0)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(*LOGISTICS, "contract_receipt_date")
    def _check_contract_logistics(self):
        for picking in self.sudo():
            if any(picking[name] for name in LOGISTICS):
                picking._contract_check_outgoing()
            picking._contract_check_days()

    def _contract_check_outgoing(self):
        """:raise ValidationError: unless it brings goods to a contract's customer"""
        self.ensure_one()
        if not (self.sale_id.contract_state and self.filtered_domain(OUT)):
            raise ValidationError(
                self.env._(
                    "%(delivery)s is no delivery to the customer of a tracked "
                    "contract: its way isn't followed.",
                    delivery=self.display_name,
                )
            )

    def _contract_check_days(self):
        """:raise ValidationError: if its days are not in order, or still to come"""
        self.ensure_one()
        # a receipt alone is checked where it is recorded
        if not any(self[name] for name in DAYS[:2]):
            return
        if self.state != "done":
            raise ValidationError(
                self.env._(
                    "%(delivery)s has not left yet: what happened on its way is "
                    "recorded afterwards.",
                    delivery=self.display_name,
                )
            )
        order = self.sale_id
        last = order._contract_day(self.date_done)
        before = self.env._("Dispatched")
        today = order._contract_today()
        for name in DAYS:
            day = self[name]
            label = self._fields[name]._description_string(self.env)
            if day and day > today:
                raise ValidationError(
                    self.env._(
                        "%(delivery)s: “%(fact)s” can't be %(date)s: this day is "
                        "still to come.",
                        delivery=self.name,
                        fact=label,
                        date=format_date(self.env, day),
                    )
                )
            if day and day < last:
                raise ValidationError(
                    self.env._(
                        "%(delivery)s: “%(fact)s” on %(date)s comes before "
                        "“%(before)s” on %(last)s. Correct one of the days.",
                        delivery=self.name,
                        fact=label,
                        date=format_date(self.env, day),
                        before=before,
                        last=format_date(self.env, last),
                    )
                )
            if day:
                last, before = day, label

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        names = [name for name in LOGISTICS if name in vals]
        if not names:
            return super().write(vals)
        if not is_unguarded(self):
            self._contract_check_recorder()
        pickings = self.sudo()
        old = {picking: {n: picking[n] for n in names} for picking in pickings}
        res = super(StockPicking, guarded(self)).write(vals)
        self.env["contract.history"].sudo()._log(
            [
                picking._contract_history_vals(
                    picking._fields[name]._description_string(self.env),
                    picking._contract_logistics_text(before),
                    picking._contract_logistics_text(picking[name]),
                )
                for picking, values in old.items()
                for name, before in values.items()
                if before != picking[name]
            ]
        )
        return res

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_logistics(self):
        """Open the window that records where these deliveries are."""
        return form_window(
            "contract.logistics.entry",
            self.env._("Record Logistics"),
            {"picking_ids": self.ids},
        )

    def action_contract_exception(self):
        """Open a new exception of this delivery."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Report Exception"),
            "res_model": "contract.logistics.exception",
            "views": [(False, "form")],
            "context": {"default_picking_id": self.id},
        }

    @api.readonly
    def action_view_contract_exceptions(self):
        """Open what went wrong with this delivery on its way."""
        self.ensure_one()
        return window(
            self.env,
            "contract_logistics_exception_action",
            domain=[("picking_id", "=", self.id)],
            context={"default_picking_id": self.id},
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _contract_core_carrier(self):
        """The names of the delivery app's fields, where it is there."""
        return [
            name in self._fields and name
            for name in ("carrier_id", "carrier_tracking_ref")
        ]

    def _contract_logistics_text(self, value):
        """A value as the history says it."""
        if isinstance(value, models.BaseModel):
            return value.display_name
        return value and str(value)

    def _contract_record_logistics(self, vals):
        """Record where these deliveries are, on behalf of those who may not write
        deliveries but follow the contract.

        :param vals: values of the fields of their way only
        :raise AccessError: for others than the warehouse and the contract's people
        """
        self._contract_check_recorder()
        unguarded(self.sudo()).write(vals)
