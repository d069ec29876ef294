from datetime import date

from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date
from odoo.tools.sql import column_exists, create_column

from ...tools.guard import guarded, is_unguarded, linking, unguarded
from ...tools.windows import form_window
from ..base.contract_part_mixin import asked
from ..contract.sale_order import OPEN_STATES

DELIVERY = "contract_tracking.group_contract_reader,stock.group_stock_user"

# What the customer's receipt and the bill of lading say; the first three are dated in
# the contract's history when they change.
LOGGED = ("contract_receipt_date", "contract_bl_date", "contract_bl_number")
RECEIPT = (*LOGGED, "contract_receipt_filed", "contract_receipt_attachment_ids")

# Goods of a tracked contract reached its customer.
DELIVERED = (
    Domain("state", "=", "done")
    & Domain("sale_id.contract_state", "!=", False)
    & (
        Domain("location_dest_id.usage", "=", "customer")
        | Domain("location_dest_id.usage", "=", "transit")
        & Domain("location_dest_id.company_id", "=", False)
    )
)
# The contract is fulfilled with the B/L date.
BY_BL = Domain("sale_id.contract_fulfilment", "=", "bl") | (
    Domain("sale_id.contract_fulfilment", "=", False)
    & Domain("sale_id.company_id.contract_fulfilment", "=", "bl")
)
BL_MISSING = DELIVERED & BY_BL & Domain("contract_bl_date", "=", False)

# Columns that name the delivery; core's own is not offered by the import screen.
NUMBERS = ("contract_delivery_number", "name")


class StockPicking(models.Model):
    """What happened to a delivery after it left: receipt, bill of lading.

    Recorded on done deliveries to the customer of a tracked contract, by the warehouse
    and by those who follow the contract, also through Odoo's import, by the number of
    the delivery. Days in the company's time zone.
    """

    _name = "stock.picking"
    _inherit = [
        "stock.picking",
        "contract.entry.mixin",
        "contract.evidence.mixin",
        "contract.import.mixin",
    ]
    # core's deliveries: only the customer's receipt is evidence
    _files_attached = False

    contract_receipt_date = fields.Date(
        string="Received by Customer",
        copy=False,
        groups=DELIVERY,
        help="Day on which the customer signed for the goods.",
    )
    contract_receipt_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_receipt_attachment_rel",
        "picking_id",
        "attachment_id",
        string="Signed Receipt",
        copy=False,
        bypass_search_access=True,
        groups=DELIVERY,
        help="Scan or photo of the signed delivery note.",
    )
    contract_receipt_filed = fields.Boolean(
        string="Signed Receipt Filed",
        compute="_compute_contract_receipt_filed",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        groups=DELIVERY,
        help="The signed delivery note came back: its scan is attached, or "
        "the paper is filed.",
    )
    contract_bl_date = fields.Date(
        string="B/L Date",
        copy=False,
        groups=DELIVERY,
        help="Day of the bill of lading.",
    )
    contract_bl_number = fields.Char(string="B/L Number", copy=False, groups=DELIVERY)
    contract_is_delivery = fields.Boolean(
        string="Delivery of a Contract",
        compute="_compute_contract_is_delivery",
        search="_search_contract_is_delivery",
        groups=DELIVERY,
        help="Goods that reached the customer of a tracked contract.",
    )
    contract_bl_missing = fields.Boolean(
        string="B/L Missing",
        compute="_compute_contract_bl_missing",
        search="_search_contract_bl_missing",
        groups=DELIVERY,
        help="The contract is fulfilled with the B/L date, which is not recorded yet.",
    )
    contract_awaits_acceptance = fields.Boolean(
        string="Waiting for Acceptance",
        compute="_compute_contract_awaits_acceptance",
        search="_search_contract_awaits_acceptance",
        groups=DELIVERY,
        help="A term of the contract waits for the customer's acceptance.",
    )
    contract_number = fields.Char(
        compute="_compute_contract_number",
        search="_search_contract_number",
        groups=DELIVERY,
    )
    contract_delivery_number = fields.Char(
        string="Delivery Number",
        compute="_compute_contract_delivery_number",
        inverse="_inverse_contract_delivery_number",
        search="_search_contract_delivery_number",
        groups=DELIVERY,
        help="The import of receipts finds deliveries by it.",
    )
    contract_salesperson_id = fields.Many2one(
        "res.users",
        string="Salesperson",
        compute="_compute_contract_salesperson_id",
        search="_search_contract_salesperson_id",
        groups=DELIVERY,
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("contract_receipt_attachment_ids")
    def _compute_contract_receipt_filed(self):
        for picking in self:
            picking.contract_receipt_filed = bool(
                picking.contract_receipt_attachment_ids
            )

    @api.depends("state", "location_dest_id", "sale_id.contract_state")
    def _compute_contract_is_delivery(self):
        delivered = self._origin._contract_delivered()
        for picking in self:
            picking.contract_is_delivery = picking._origin in delivered

    def _search_contract_is_delivery(self, operator, value):
        return self._contract_asked("contract_is_delivery", DELIVERED, operator)

    @api.depends_context("uid", "allowed_company_ids")
    @api.depends("sale_id.contract_number")
    def _compute_contract_number(self):
        # of orders that the user may read, and not of one only named in a form
        readable = self._origin.sudo().sale_id.with_env(self.env(su=False))
        readable = readable._filtered_access("read")
        for picking in self:
            order = picking._origin.sudo().sale_id
            picking.contract_number = order in readable and order.contract_number

    def _search_contract_number(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        readable = Domain("id", "in", self.env["sale.order"]._search(Domain.TRUE))

        def of(number):
            domain = Domain("sale_id", "any", Domain(number) & readable)
            return self._contract_asked("contract_number", domain)

        found = of(Domain("contract_number", operator, value))
        if operator == "in" and False in value:
            found |= ~of(Domain("contract_number", "!=", False))
        return found

    @api.depends("sale_id.user_id")
    def _compute_contract_salesperson_id(self):
        for picking in self:
            order = picking._origin.sudo().sale_id
            picking.contract_salesperson_id = order.user_id.sudo(self.env.su)

    def _search_contract_salesperson_id(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        operator, value = asked(self, "contract_salesperson_id", operator, value)
        domain = Domain("sale_id.user_id", operator, value)
        return self._contract_asked("contract_salesperson_id", domain)

    @api.depends("name")
    def _compute_contract_delivery_number(self):
        for picking in self:
            picking.contract_delivery_number = picking.name

    def _inverse_contract_delivery_number(self):
        """It only finds deliveries: :meth:`load`."""

    def _search_contract_delivery_number(self, operator, value):
        field = self._fields["contract_delivery_number"]
        self._check_field_access(field, "read")
        return Domain("name", operator, value)

    @api.depends(
        "contract_bl_date", "contract_is_delivery", "sale_id.contract_fulfilment"
    )
    def _compute_contract_bl_missing(self):
        missing = self._origin.sudo().filtered_domain(BL_MISSING)
        for picking in self:
            picking.contract_bl_missing = picking._origin in missing

    def _search_contract_bl_missing(self, operator, value):
        return self._contract_asked("contract_bl_missing", BL_MISSING, operator)

    @api.depends("contract_receipt_date", "sale_id.contract_event_ids.type_id")
    def _compute_contract_awaits_acceptance(self):
        orders = self._origin.sudo().sale_id
        orders = orders.filtered(lambda o: o.contract_state in OPEN_STATES)
        rows = self.env["contract.facts"]._read_orders(orders) if orders else {}
        for picking in self:
            row = rows.get(picking._origin.sudo().sale_id.id, {})
            picking.contract_awaits_acceptance = (
                picking.contract_is_delivery and row.get("awaits_acceptance", False)
            )

    def _search_contract_awaits_acceptance(self, operator, value):
        waiting = Domain("sale_id.contract_awaits_acceptance", "=", True)
        return self._contract_asked(
            "contract_awaits_acceptance", DELIVERED & waiting, operator
        )

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains(*RECEIPT)
    def _check_contract_receipt(self):
        for picking in self.sudo():
            if not any(picking[fname] for fname in RECEIPT):
                continue
            picking._contract_check_delivered()
            order = picking.sale_id
            done = order._contract_day(picking.date_done)
            today = order._contract_today()
            for fname in ("contract_receipt_date", "contract_bl_date"):
                date = picking[fname]
                if date and not done <= date <= today:
                    raise ValidationError(
                        self.env._(
                            "%(delivery)s: “%(fact)s” can't be %(date)s. The goods "
                            "left on %(done)s, and today is %(today)s.",
                            delivery=picking.name,
                            fact=picking._fields[fname]._description_string(self.env),
                            date=format_date(self.env, date),
                            done=format_date(self.env, done),
                            today=format_date(self.env, today),
                        )
                    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        if not any(fname in vals for fname in RECEIPT):
            return super().write(vals)
        if not is_unguarded(self):
            self._contract_check_recorder()
        pickings = self.sudo()
        old = {
            picking: {name: picking[name] for name in LOGGED} for picking in pickings
        }
        res = super(StockPicking, guarded(self)).write(vals)
        pickings._contract_log_receipt(old)
        return res

    def _action_done(self):
        # core links what the warehouse added to the order of its delivery
        return super(StockPicking, linking(self))._action_done()

    def _files_settled(self, fname):
        """The customer signed it."""
        return super()._files_settled(fname) | self

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_receipt(self):
        """Open the wizard that records the customer's receipt of these deliveries."""
        label = self.env._("Record Receipt")
        return form_window(
            "contract.delivery.receipt", label, {"picking_ids": self.ids}
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr != "contract_salesperson_id" or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        orders, joined = self._fields["sale_id"].join(self.sudo(), alias, query)
        return orders._field_to_sql(joined, "user_id", query)

    def _auto_init(self):
        # no scan attached yet: nothing to compute for years of deliveries
        if not column_exists(self.env.cr, self._table, "contract_receipt_filed"):
            create_column(self.env.cr, self._table, "contract_receipt_filed", "boolean")
        return super()._auto_init()

    def _contract_check_delivered(self):
        """:raise ValidationError: unless goods of a contract reached its customer"""
        self.ensure_one()
        if not self._contract_delivered():
            raise ValidationError(
                self.env._(
                    "%(delivery)s is not a finished delivery to the customer of a "
                    "tracked contract: no receipt can be recorded for it.",
                    delivery=self.display_name,
                )
            )

    def _contract_log_receipt(self, old):
        """Date what was recorded or changed: ``{delivery: {field: old value}}``."""
        rows = [
            picking._contract_history_vals(
                picking._fields[name]._description_string(self.env),
                before and str(before),
                picking[name] and str(picking[name]),
            )
            for picking, values in old.items()
            for name, before in values.items()
            if before != picking[name]
        ]
        self.env["contract.history"].sudo()._log(rows)

    def _contract_history_vals(self, what, before, after):
        self.ensure_one()
        return {
            "order_id": self.sale_id.id,
            "kind": "event",
            "name": f"{what} ({self.name})",
            "old_value": before,
            "new_value": after,
            "res_model": self._name,
            "record_id": self.id,
        }

    def _contract_record_receipt(self, values, rejections):
        """Record what customers signed for, on behalf of those who may not write
        deliveries but follow the contract.

        :param values: ``{delivery: field values}``, of the receipt's fields only
        :param rejections: ``{move: (rejected quantity, reason)}``
        :raise AccessError: for others than the warehouse and the contract's people
        """
        self._contract_check_recorder()
        alike = self.grouped(lambda picking: tuple(values.get(picking, {}).items()))
        for vals, pickings in alike.items():
            if vals:
                unguarded(pickings.sudo()).write(dict(vals))
        for move, (quantity, reason) in rejections.items():
            unguarded(move.sudo()).write(
                {
                    "contract_rejected_quantity": quantity,
                    "contract_rejection_reason": reason,
                }
            )

    def _contract_file_receipt(self, attachments):
        """File signed receipts on each of these deliveries: a file belongs to one, so
        the others get a copy. Who may is checked as in recording."""
        if not attachments:
            return
        self._contract_check_recorder()
        for number, picking in enumerate(self.sudo()):
            files = attachments.sudo()
            if number:
                files = self.env["ir.attachment"].union(
                    *(
                        file.copy({"res_model": self._name, "res_id": picking.id})
                        for file in files
                    )
                )
            unguarded(picking).write(
                {"contract_receipt_attachment_ids": [Command.link(f.id) for f in files]}
            )

    def _contract_check_recorder(self):
        """The warehouse records receipts, and who follows the contract does."""
        if self.env.su:
            return
        self.check_access("read")
        if self.env.user.has_group("stock.group_stock_user"):
            return
        if not self.env.user.has_group("contract_tracking.group_contract_user"):
            raise AccessError(
                self.env._(
                    "The receipt of goods is recorded by the warehouse or by the "
                    "people who follow the contract."
                )
            )
        self.sudo().sale_id.with_env(self.env).check_access("read")

    @api.model
    def _contract_asked(self, fname, domain, operator="in"):
        """Search for deliveries of such orders: whoever reads the field of deliveries
        may ask this, whether he sees the fields of contracts or not."""
        # ids alone would answer those as well who may not ask
        self._check_field_access(self._fields[fname], "read")
        if operator != "in":
            return NotImplemented
        return Domain("id", "in", self.sudo()._search(domain))

    def _contract_delivered(self):
        """Those with which goods of a tracked contract reached its customer."""
        return self.sudo().filtered_domain(DELIVERED).with_env(self.env)

    # ------------------------------------------------------------------
    # Import
    # ------------------------------------------------------------------

    @api.model
    def get_import_templates(self):
        """Offer a file with the receipts of deliveries."""
        templates = super().get_import_templates()
        if self.env.user.has_group("stock.group_stock_user") or self.env.user.has_group(
            "contract_tracking.group_contract_reader"
        ):
            label = self.env._("Import Template for Receipts")
            templates.append(self._import_template(label))
        return templates

    @api.model
    def _import_columns(self):
        return [
            "contract_delivery_number", "contract_receipt_date",
            "contract_receipt_filed", "contract_bl_date", "contract_bl_number",
        ]  # fmt: skip

    @api.model
    def _import_samples(self):
        return [
            {
                "contract_delivery_number": "WH/OUT/00012",
                "contract_receipt_date": date(2026, 1, 15),
                "contract_receipt_filed": True,
            },
            {
                "contract_delivery_number": "WH/OUT/00013",
                "contract_bl_date": date(2026, 1, 16),
                "contract_bl_number": "COSU6123456780",
            },
        ]

    @api.model
    def _import_is_ours(self, paths):
        """Receipts, by the number of their delivery, where they name no record
        otherwise."""
        names = set(paths)
        return (
            bool(names & set(NUMBERS))
            and not names & {"id", ".id"}
            and bool(names & set(RECEIPT))
        )

    @api.model
    def _import_rows(self, paths, rows):
        """A delivery that is not found is an error, never a new delivery."""
        messages = super()._import_rows(paths, rows)
        number = next(name for name in NUMBERS if name in paths)
        place = paths.index(number)
        found = self.search_fetch(
            Domain("name", "in", [row[place] for row in rows])
            & Domain("company_id", "in", self.env.companies.ids),
            ["name"],
        ).grouped("name")
        for index, row in enumerate(rows):
            pickings = found.get(row[place], self.browse())
            if len(pickings) != 1:
                refusal = self._contract_import_refusal(row[place], pickings)
                messages.append(self._import_message(index, number, refusal))
            row[place] = str(pickings[:1].id)
        paths[place] = ".id"
        return messages

    @api.model
    def _contract_import_refusal(self, name, found):
        if found:
            return self.env._(
                "There are several deliveries %(number)s: choose one company.",
                number=name,
            )
        return self.env._(
            "There is no delivery %(number)s. Enter the number of a delivery, for "
            "example WH/OUT/00012.",
            number=name,
        )
