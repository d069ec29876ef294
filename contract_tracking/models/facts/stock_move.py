from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded, unguarded

KEPT = {"contract_kit", "contract_line_units"}
# What says which kit a move is a component of.
KIT_OF = (
    "sale_line_id", "product_id", "bom_line_id", "origin_returned_move_id",
    "location_id",
)  # fmt: skip
STAFF = "base.group_user"


class StockMove(models.Model):
    """What left, and what came back.

    How much of its order line a move makes is kept with it: units, kits and lines may
    change afterwards, what was delivered doesn't (D7 §1.2).
    """

    _name = "stock.move"
    _inherit = ["stock.move", "contract.facts.source", "contract.system.mixin"]

    contract_line_units = fields.Float(
        string="Units of the Order Line",
        digits=0,
        copy=False,
        readonly=True,
        groups=STAFF,
        help="How many units of its order line one unit of the move makes, or how many "
        "kits where it is a component: as it was when the move was done.",
    )
    # Composition of the kit when it was ordered, for one kit: {"of": {component:
    # quantity in its product's unit}, "unit": units of the order line, "part": which
    # component this is, "whole": nothing counts before all of it is there}.
    contract_kit = fields.Json(string="Component of a Kit", readonly=True, groups=STAFF)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        kits = {}
        with_kits = "bom_line_id" in self._fields
        return super().create(
            [
                {
                    **{name: vals[name] for name in vals.keys() - KEPT},
                    "contract_kit": self._contract_kit_of(vals, kits),
                }
                if KEPT & vals.keys() or with_kits and vals.get("sale_line_id")
                else vals
                for vals in vals_list
            ]
        )

    def write(self, vals):
        if KEPT & vals.keys() and not is_unguarded(self):
            raise UserError(
                self.env._(
                    "What a move makes of its order line is kept when it is done; it "
                    "can't be written."
                )
            )
        res = super().write(vals)
        if vals.get("state") == "done" or vals.get("sale_line_id"):
            self._contract_keep_units()
        return res

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _contract_system(self):
        # the other fields are core's
        return KEPT

    def _contract_keep_units(self):
        """Keep how much of its order line each move makes. Nothing is read or written
        for it that validating a delivery doesn't read and write."""
        kept = defaultdict(list)
        for move in self.sudo():
            if move.state == "done" and move.sale_line_id:
                kept[move._contract_units()].append(move.id)
        for units, ids in kept.items():
            if units:
                moves = unguarded(self.sudo().browse(ids))
                moves.write({"contract_line_units": units})

    def _contract_units(self):
        """How many units of its order line, or kits, a unit of the move makes as of
        now; 0 if it is another product's."""
        self.ensure_one()
        if kit := self.contract_kit:
            unit = self.product_id.uom_id
            return (
                self.product_uom._compute_quantity(
                    1, unit, round=False, raise_if_failure=False
                )
                / (kit["of"][kit["part"]])
            )
        line = self.sale_line_id
        if self.product_id != line.product_id:
            return 0.0
        return self.product_uom._compute_quantity(
            1, line.product_uom_id, round=False, raise_if_failure=False
        )

    def _contract_keep_now(self):
        """Keep for moves that are older than the addon what they make as of now."""
        moves = self.sudo()
        kits = {}
        for move in moves.filtered(
            lambda m: not m.contract_kit and m.product_id != m.sale_line_id.product_id
        ):
            vals = {name: move[name].id for name in KIT_OF if name in move._fields}
            if kit := self._contract_kit_of(vals, kits):
                unguarded(move).write({"contract_kit": kit})
        moves.filtered(lambda m: not m.contract_line_units)._contract_keep_units()

    @api.model
    def _contract_kit_of(self, vals, kits):
        """The kit that a move of these values is a component of, or None.

        What comes back, replaces or remains is of the same kit as the first move.

        :param kits: what :meth:`_contract_kit_now` said of others created with it
        """
        line, product, part, origin, location = (
            self.env[self._fields[name].comodel_name]
            .sudo()
            .browse(vals.get(name) or [])
            if name in self._fields
            else None
            for name in KIT_OF
        )
        if not line:
            return None
        if origin.contract_kit:
            return origin.contract_kit
        given = vals.get("contract_kit")
        if given and any(move.contract_kit == given for move in line.move_ids):
            return given
        if part is None or not product or product == line.product_id:
            return None
        # a purchase doesn't say which part of a kit it is: its product does, and
        # nothing counts before all of them are there (``sale_mrp``)
        whole = not part or location.usage == "supplier"
        key = (line, part.bom_id, whole)
        if key not in kits:
            kits[key] = self._contract_kit_now(*key)
        number = str((product if whole else part).id)
        if number in kits[key].get("of", ()):
            return {**kits[key], "part": number}
        return None

    @api.model
    def _contract_kit_now(self, line, bom, whole):
        """The kit of ``line`` as it is composed now, by core's rule (``sale_mrp``)."""
        product = line.product_id
        kit = (
            bom.filtered(
                lambda b: (
                    b.type == "phantom"
                    and b.product_tmpl_id == product.product_tmpl_id
                    and b.product_id in (product, product.browse())
                )
            )
            or bom._bom_find(
                product, company_id=line.company_id.id, bom_type="phantom"
            )[product]
        )
        if not kit or not line.product_uom_id:
            return {}
        # of many: exploding rounds the quantity of a component up
        many = 1000
        of = defaultdict(float)
        for part, data in kit.explode(product, many)[1]:
            component = part.product_id
            quantity = part.product_uom_id._compute_quantity(
                data["qty"] / many / kit.product_qty, component.uom_id, round=False
            )
            if component.type != "service" and quantity:
                of[str((component if whole else part).id)] += quantity
        unit = kit.product_uom_id._compute_quantity(1, line.product_uom_id, round=False)
        return {"of": dict(of), "unit": unit, "whole": whole}
