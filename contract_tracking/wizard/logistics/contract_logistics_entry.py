from odoo import api, fields, models
from odoo.exceptions import UserError


class ContractLogisticsEntry(models.TransientModel):
    """Record where deliveries are: of one, or of several that go together.

    Who may, and which values are right, is checked by the deliveries. What is left
    empty stays as it was.
    """

    _name = "contract.logistics.entry"
    _inherit = ["contract.dialog.mixin"]
    _description = "Record Logistics"

    picking_ids = fields.Many2many(
        "stock.picking", string="Deliveries", required=True, readonly=True
    )
    carrier_id = fields.Many2one(
        "res.partner",
        compute="_compute_carrier_id",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    tracking_ref = fields.Char(
        string="Tracking Number",
        compute="_compute_tracking_ref",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    transit_date = fields.Date(
        string="In Transit Since",
        compute="_compute_transit_date",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    arrival_date = fields.Date(
        string="Arrived On",
        compute="_compute_arrival_date",
        store=True,
        compute_sudo=False,
        readonly=False,
    )
    core_carrier = fields.Char(
        string="Carrier of the Delivery App", compute="_compute_core_carrier"
    )
    has_left = fields.Boolean(compute="_compute_core_carrier")

    # a method each: those that are given keep the others from being computed

    @api.depends("picking_ids")
    def _compute_carrier_id(self):
        self._compute_recorded("carrier_id")

    @api.depends("picking_ids")
    def _compute_tracking_ref(self):
        self._compute_recorded("tracking_ref")

    @api.depends("picking_ids")
    def _compute_transit_date(self):
        self._compute_recorded("transit_date")

    @api.depends("picking_ids")
    def _compute_arrival_date(self):
        self._compute_recorded("arrival_date")

    def _compute_recorded(self, fname):
        """What all of the deliveries say."""
        for entry in self:
            pickings = entry.picking_ids._origin
            values = {picking[f"contract_{fname}"] for picking in pickings}
            entry[fname] = values.pop() if len(values) == 1 else False

    @api.depends("picking_ids")
    def _compute_core_carrier(self):
        for entry in self:
            pickings = entry.picking_ids._origin
            core = pickings._contract_core_carrier()[0]
            carriers = pickings.sudo().mapped(core) if core else pickings.browse()
            entry.core_carrier = ", ".join(carriers.mapped("name")) or False
            entry.has_left = all(picking.state == "done" for picking in pickings)

    def action_apply(self):
        """Record it, all or none.

        :raise UserError: if nothing was entered, or a delivery refuses its values
        """
        self._check_dialog()
        vals = {
            "contract_carrier_id": self.carrier_id.id,
            "contract_tracking_ref": self.tracking_ref,
            "contract_transit_date": self.transit_date,
            "contract_arrival_date": self.arrival_date,
        }
        single = len(self.picking_ids) == 1
        vals = {name: value for name, value in vals.items() if value or single}
        if not any(vals.values()) and not (
            single and any(self.picking_ids[name] for name in vals)
        ):
            raise UserError(
                self.env._("Enter who carries the goods, or where they are.")
            )
        self.picking_ids._contract_record_logistics(vals)
        return {"type": "ir.actions.act_window_close"}
