from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...tools.pages import Column, Paper
from ...tools.words import choice

LANDSCAPE = Paper("contract_tracking.paperformat_form_a4_landscape", 281, 192, 10)


class ContractLogisticsSheet(models.TransientModel):
    """Print the logistics report: of a contract, or of what left in a period.

    It says what its author may read of the report, and nothing else.
    """

    _name = "contract.logistics.sheet"
    _inherit = ["contract.dialog.mixin", "contract.print.mixin"]
    _description = "Print Logistics Report"
    _contract_form = ("QR-XS-13", "A/0", "WB")

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Contract",
        domain="[('contract_state', '!=', False), ('company_id', '=', company_id)]",
        help="Empty: all contracts that you read.",
    )
    date_from = fields.Date(string="Dispatched From")
    date_to = fields.Date(string="Dispatched To")
    form_code = fields.Char(compute="_compute_form_code")
    form_version = fields.Char(compute="_compute_form_code")

    @api.model
    def default_get(self, fields_list):
        """Of a contract everything, else the month."""
        values = super().default_get(fields_list)
        if not values.get("order_id"):
            today = self.env.company._contract_today()
            values.setdefault("date_from", today.replace(day=1))
            values.setdefault("date_to", today)
        return values

    @api.depends("company_id")
    def _compute_form_code(self):
        for sheet in self:
            iso = self.env["contract.form.type"]._iso_vals(self._name, sheet.company_id)
            sheet.update(iso)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_print(self):
        """Print it.

        :raise UserError: if there is nothing in it
        """
        self._check_dialog()
        if self.date_from and self.date_to and self.date_from > self.date_to:
            raise UserError(self.env._("The period ends before it begins."))
        if not self._rows():
            raise UserError(self.env._("No delivery left in this period."))
        return self.env.ref(
            "contract_tracking.action_report_logistics_sheet"
        ).report_action(self)

    # ------------------------------------------------------------------
    # Printed form
    # ------------------------------------------------------------------

    def _rows(self):
        """The rows of the report, with the user's own rights."""
        self.ensure_one()
        domain = [("company_id", "=", self.company_id.id)]
        if self.order_id:
            domain.append(("order_id", "=", self.order_id.id))
        if self.date_from:
            domain.append(("dispatched_date", ">=", self.date_from))
        if self.date_to:
            domain.append(("dispatched_date", "<=", self.date_to))
        return (
            self.env["contract.logistics.report"]
            .sudo(False)
            .search(domain, order="dispatched_date, id")
        )

    def _form_paper(self):
        return LANDSCAPE

    def _form_title(self):
        return self.env._("Logistics Report of Contract Deliveries")

    def _form_number(self):
        if self.order_id:
            return self.order_id.contract_number or self.order_id.name
        return " – ".join(
            format_date(self.env, day) if day else ""
            for day in (self.date_from, self.date_to)
        )

    def _form_unit(self):
        return self.env._("day")

    def _form_blocks(self):
        self.ensure_one()
        rows = self._rows()
        return [
            self._form_summary(rows),
            self._form_deliveries(rows),
            self._form_exceptions(rows),
            self._form_sign(),
        ]

    def _form_summary(self, rows):
        env = self.env
        judged = rows.filtered(lambda r: r.on_time in ("on_time", "late"))
        punctual = judged.filtered(lambda r: r.on_time == "on_time")
        arrived = rows.filtered(lambda r: r.arrival_date or r.signed_date)
        average = sum(arrived.mapped("days")) / len(arrived) if arrived else 0
        today = self.company_id.sudo()._contract_today()
        cells = [
            (env._("Deliveries"), str(len(rows))),
            (
                env._("On Time"),
                f"{len(punctual)} / {len(judged)}",
            ),
            (
                env._("Signed For"),
                str(len(rows.filtered("signed_date"))),
            ),
            (env._("Days Under Way (average)"), f"{average:.1f}"),
            (env._("Exceptions"), str(sum(rows.mapped("exceptions")))),
            (env._("Printed On"), self._form_date(today)),
        ]
        if self.order_id:
            order = self.order_id.sudo()
            cells.insert(0, (env._("Customer"), order.partner_id.display_name))
            cells.insert(1, (env._("Contract No."), self._form_number()))
        return self._form_cells(cells)

    def _form_deliveries(self, rows):
        env = self.env
        return self._form_table(
            "deliveries",
            env._("Deliveries"),
            [
                Column(env._("Delivery"), 11, lambda r: r.sudo().picking_id.name),
                Column(env._("Contract No."), 11, "number"),
                Column(env._("Customer"), 16, lambda r: r.sudo().partner_id.name),
                Column(env._("Carrier, Tracking No."), 15, self._form_carrier),
                Column(env._("Agreed"), 8, "agreed_date", "date"),
                Column(env._("Dispatched"), 8, "dispatched_date", "date"),
                Column(env._("Arrived"), 8, "arrival_date", "date"),
                Column(env._("Signed For"), 8, "signed_date", "date"),
                Column(
                    env._("Days"),
                    4,
                    lambda r: "" if r.state == "waiting" else str(r.days),
                    "right",
                ),
                Column(env._("On Time"), 7, self._form_on_time),
                Column(
                    env._("Exceptions"),
                    4,
                    lambda r: str(r.exceptions or ""),
                    "right",
                ),
            ],
            rows,
        )

    def _form_carrier(self, row):
        return "\n".join(filter(None, (row.carrier, row.tracking)))

    def _form_on_time(self, row):
        text = choice(row, "on_time") if row.on_time else ""
        if row.late_days:
            text = self.env._("%(days)s days late", days=row.late_days)
        return text, "late" if row.on_time == "late" else ""

    def _form_exceptions(self, rows):
        env = self.env
        found = (
            env["contract.logistics.exception"]
            .sudo(False)
            .search([("picking_id", "in", rows.picking_id.ids)], order="seen_on, id")
        )
        return self._form_table(
            "exceptions",
            env._("Exceptions"),
            [
                Column(env._("Number"), 10, "name"),
                Column(env._("Delivery"), 11, lambda r: r.sudo().picking_id.name),
                Column(env._("Kind"), 8, lambda r: choice(r, "kind")),
                Column(env._("Seen On"), 9, lambda r: self._form_day(r.seen_on)),
                Column(env._("What Was Seen"), 26, "description"),
                Column(
                    env._("What Was Done"),
                    26,
                    lambda r: "\n".join(filter(None, (r.measure, r.outcome))),
                ),
                Column(env._("State"), 10, lambda r: choice(r, "state")),
            ],
            found,
            empty=env._("None"),
        )

    def _form_signatures(self):
        return [
            {"title": self.env._("Logistics"), "name": "", "date": "", "note": ""},
            {
                "title": self.env._("Business Office"),
                "name": "",
                "date": "",
                "note": "",
            },
        ]
