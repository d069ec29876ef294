import json
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
    # quantity in its product's unit}, "products": the same by product, "unit": units of
    # the order line, "part": which component this is, if that is known}.
    contract_kit = fields.Json(string="Component of a Kit", readonly=True, groups=STAFF)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        with_kits = "bom_line_id" in self._fields
        kits = self._contract_kits_of(
            {
                place: vals
                for place, vals in enumerate(vals_list)
                if with_kits and vals.get("sale_line_id")
            }
        )
        return super().create(
            [
                {
                    **{name: vals[name] for name in vals.keys() - KEPT},
                    "contract_kit": kits.get(place),
                }
                if KEPT & vals.keys() or place in kits
                else vals
                for place, vals in enumerate(vals_list)
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

    def _merge_moves(self, merge_into=False):
        """What is ordered after a kit was composed anew goes into what is waiting: all
        of that is measured by the new kit, by which core decided how much is missing.
        """
        kits = {
            (move.sale_line_id, move.bom_line_id): move.contract_kit
            for move in self.sudo().sorted("id")
            if move.contract_kit and "bom_line_id" in move._fields
        }
        moves = super()._merge_moves(merge_into=merge_into)
        for move in moves.sudo() if kits else ():
            kit = kits.get((move.sale_line_id, move.bom_line_id))
            if (
                kit
                and kit != move.contract_kit
                and move.state not in ("done", "cancel")
            ):
                unguarded(move).write({"contract_kit": kit})
        return moves

    def _contract_units(self):
        """How many units of its order line, or kits, a unit of the move makes as of
        now; 0 if it is another product's."""
        self.ensure_one()
        if kit := self.contract_kit:
            unit = self.product_id.uom_id
            part = kit.get("part")
            return self.product_uom._compute_quantity(
                1, unit, round=False, raise_if_failure=False
            ) / (kit["of"][part] if part else kit["products"][str(self.product_id.id)])
        line = self.sale_line_id
        if self.product_id != line.product_id:
            return 0.0
        return self.product_uom._compute_quantity(
            1, line.product_uom_id, round=False, raise_if_failure=False
        )

    def _contract_keep_now(self, kits=None):
        """Keep for moves that are older than the addon what they make as of now.

        :param kits: what :meth:`_contract_kit_now` said of others before
        """
        moves = self.sudo()
        unkept = moves.filtered(
            lambda m: not m.contract_kit and m.product_id != m.sale_line_id.product_id
        )
        names = [name for name in KIT_OF if name in moves._fields]
        found = unkept._contract_kits_of(
            {move.id: {name: move[name].id for name in names} for move in unkept}, kits
        )
        same = defaultdict(list)
        for move_id, kit in found.items():
            same[json.dumps(kit, sort_keys=True)].append(move_id)
        for ids in same.values():
            if kit := found[ids[0]]:
                unguarded(moves.browse(ids)).write({"contract_kit": kit})
        moves.filtered(lambda m: not m.contract_line_units)._contract_keep_units()

    @api.model
    def _contract_kits_of(self, vals_by_key, kits=None):
        """The kits that moves of these values are components of: ``{key: kit or
        None}``. What is needed is fetched for all of them at once.

        What comes back, replaces or remains is of the same kit as the first move.

        :param kits: what :meth:`_contract_kit_now` said of others created before
        """
        kits = {} if kits is None else kits
        records = {}
        for name in KIT_OF if vals_by_key else ():
            if name in self._fields:
                model = self.env[self._fields[name].comodel_name].sudo()
                ids = {vals.get(name) for vals in vals_by_key.values()} - {None, False}
                records[name] = {record.id: record for record in model.browse(ids)}
                records[name][None] = model
        return {
            key: self._contract_kit_of(
                vals.get("contract_kit"),
                kits,
                *(
                    records[name][vals.get(name) or None] if name in records else None
                    for name in KIT_OF
                ),
            )
            for key, vals in vals_by_key.items()
        }

    @api.model
    def _contract_kit_of(self, given, kits, line, product, part, origin, location):
        """The kit of one move; :meth:`_contract_kits_of`."""
        if origin.contract_kit:
            return origin.contract_kit
        if given and any(move.contract_kit == given for move in line.move_ids):
            return given
        # an order that becomes a contract keeps it then
        if part is None or not line.order_id.contract_state:
            return None
        if not product or product == line.product_id:
            return None
        key = (line.product_id, line.product_uom_id, line.company_id, part.bom_id)
        if key not in kits:
            kits[key] = self._contract_kit_now(*key)
        kit = kits[key]
        # a purchase doesn't say which part of a kit it is: its product does
        if not part or location.usage == "supplier":
            return kit if str(product.id) in kit.get("products", ()) else None
        return (
            {**kit, "part": str(part.id)} if str(part.id) in kit.get("of", ()) else None
        )

    @api.model
    def _contract_kit_now(self, product, unit, company, bom):
        """The kit ``product`` as it is composed now, by core's rule (``sale_mrp``)."""
        kit = (
            bom.filtered(
                lambda b: (
                    b.type == "phantom"
                    and b.product_tmpl_id == product.product_tmpl_id
                    and b.product_id in (product, product.browse())
                )
            )
            or bom._bom_find(product, company_id=company.id, bom_type="phantom")[
                product
            ]
        )
        if not kit or not unit:
            return {}
        # of many: exploding rounds the quantity of a component up
        many = 1000
        of, products = defaultdict(float), defaultdict(float)
        for part, data in kit.explode(product, many)[1]:
            component = part.product_id
            quantity = part.product_uom_id._compute_quantity(
                data["qty"] / many / kit.product_qty, component.uom_id, round=False
            )
            if component.type != "service" and quantity:
                of[str(part.id)] += quantity
                products[str(component.id)] += quantity
        return {
            "of": dict(of),
            "products": dict(products),
            "unit": kit.product_uom_id._compute_quantity(1, unit, round=False),
        }
