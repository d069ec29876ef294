from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ...tools.guard import is_unguarded
from ..term.contract_term_figures import TERM_STATUS


class ContractTrackingRecordLine(models.Model):
    """A term, an invoice, or a call-off of a frame agreement as it stood on the report
    date of a tracking record.

    Texts and numbers of that day; the term is kept as a link only.
    """

    _name = "contract.tracking.record.line"
    _inherit = ["contract.system.mixin", "contract.print.mixin"]
    _description = "Contract Tracking Record Line"
    _order = "record_id, sequence, id"

    record_id = fields.Many2one(
        "contract.tracking.record", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="record_id.company_id", store=True)
    currency_id = fields.Many2one(related="record_id.currency_id")
    sequence = fields.Integer()
    term_id = fields.Many2one(
        "contract.term", index="btree_not_null", ondelete="restrict", readonly=True
    )
    order_id = fields.Many2one(
        "sale.order",
        string="Call-Off",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    kind = fields.Selection(
        [
            ("delivery", "Delivery"),
            ("call_off", "Call-off"),
            ("payment", "Payment"),
            ("invoice", "Invoice"),
            ("milestone", "Milestone"),
            ("clause", "Clause"),
            ("document", "Document"),
        ],
        required=True,
        readonly=True,
    )
    name = fields.Char(string="Content", readonly=True)
    specification = fields.Char(readonly=True)
    uom_name = fields.Char(string="Unit", readonly=True)
    price_unit = fields.Float(string="Unit Price", digits=0, readonly=True)
    price_tax = fields.Selection(
        [("included", "Tax included"), ("excluded", "Without tax")],
        string="Tax of the Unit Price",
        readonly=True,
    )
    agreed_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What is to be delivered, in the unit of the order line.",
    )
    actual_quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        help="What fulfils the promise, in the unit of the order line: what was "
        "rejected or came back for replacement doesn't.",
    )
    agreed_amount = fields.Monetary(
        readonly=True,
        help="What is to be paid, or the agreed value of what is to be delivered, "
        "taxes included.",
    )
    actual_amount = fields.Monetary(
        readonly=True, help="Delivered at the agreed price, or received and adjusted."
    )
    delivered_amount = fields.Monetary(
        string="Delivered", readonly=True, help="Of a call-off."
    )
    invoiced_amount = fields.Monetary(
        string="Invoiced", readonly=True, help="Of a call-off."
    )
    deposit_amount = fields.Monetary(
        string="Deposit",
        readonly=True,
        help="Of an invoice: down payments on it, and their deductions. They aren't "
        "invoiced for a delivery.",
    )
    overdue_amount = fields.Monetary(
        readonly=True, help="Fell due before the report date and was not paid on it."
    )
    date_due = fields.Date(string="Due Date", readonly=True)
    due_text = fields.Char(string="When", readonly=True)
    actual_date = fields.Date(string="Fulfilled", readonly=True)
    variance_days = fields.Integer(
        string="Days Late",
        readonly=True,
        help="Days after the due date (negative: before it), on the report date.",
    )
    status = fields.Selection(TERM_STATUS, readonly=True)
    deviation_names = fields.Char(
        string="Deviation No.",
        readonly=True,
        help="Numbers of the term's deviations as of the report date.",
    )
    variance_quantity = fields.Float(
        digits="Product Unit",
        compute="_compute_variance",
        help="Delivered − agreed. Negative: something is missing.",
    )
    variance_amount = fields.Monetary(
        compute="_compute_variance",
        help="Done − agreed. Negative: something is missing.",
    )
    detail_text = fields.Char(
        string="Specification, Instrument",
        compute="_compute_texts",
        help="Of a delivery what is delivered, of a payment how it was to be paid.",
    )
    agreed_text = fields.Char(string="Promised", compute="_compute_texts")
    actual_text = fields.Char(string="Done", compute="_compute_texts")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("agreed_quantity", "actual_quantity", "agreed_amount", "actual_amount")
    def _compute_variance(self):
        for line in self:
            line.variance_quantity = line.actual_quantity - line.agreed_quantity
            line.variance_amount = line.actual_amount - line.agreed_amount

    @api.depends_context("lang")
    @api.depends(
        "agreed_quantity", "actual_quantity", "agreed_amount", "actual_amount",
        "specification",
    )  # fmt: skip
    def _compute_texts(self):
        for line in self:
            line.detail_text = line.specification or line._instrument()
            line.agreed_text = line._describe(line.agreed_quantity, line.agreed_amount)
            line.actual_text = line._describe(line.actual_quantity, line.actual_amount)

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def write(self, vals):
        self._check_evidence()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_evidence()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _describe(self, quantity, amount):
        if self.kind == "delivery":
            number = self._form_quantity(quantity)
            return f"{number} {self.uom_name or ''}".strip()
        if self.kind in ("payment", "call_off") or (self.kind == "invoice" and amount):
            return format_amount(self.env, amount, self.currency_id)
        return ""

    def _check_evidence(self):
        if not is_unguarded(self) and set(self.record_id.mapped("state")) - {"draft"}:
            raise UserError(
                self.env._("The lines of a confirmed tracking record can't be changed.")
            )

    @api.model
    def _prepare_lines(self, record, facts, invoices, call_offs):
        """Values of the lines of ``record`` from the facts as of its date.

        :param facts: ``{term id: row}`` of the facts statement
        :param invoices: ``{order id: [row, …]}`` of invoices up to the date
        :param call_offs: ``{order: row}`` of the call-offs of frame agreements
        """
        order, frame = record.order_id.sudo(), record.frame_id.sudo()
        deviations = record._deviations().grouped("term_id")
        rows = [
            *(
                self._prepare_term(term, facts[term.id], deviations.get(term, ()))
                for term in order.contract_term_ids or frame.term_ids
                if term.id in facts
            ),
            *(
                {
                    "kind": "invoice",
                    "name": invoice["name"] or self.env._("Brought forward"),
                    "actual_date": invoice["day"],
                    "actual_amount": invoice["amount"],
                    "deposit_amount": invoice["deposit"],
                }
                for invoice in invoices.get(order.id, [])
            ),
            *(
                self._prepare_call_off(call_off, row)
                for call_off, row in call_offs.items()
                if call_off.contract_frame_id == frame
            ),
        ]
        kinds = self._fields["kind"].get_values(self.env)
        rows.sort(key=lambda vals: kinds.index(vals["kind"]))
        return [
            {"term_id": False, "order_id": False, "status": False, "sequence": number}
            | vals
            for number, vals in enumerate(rows, 1)
        ]

    @api.model
    def _prepare_term(self, term, fact, deviations):
        """Values of the line of a term, from its row of the facts."""
        line = term.line_id
        product = line.product_id
        price, tax = line.price_unit, "excluded"
        if fact["agreed_quantity"]:
            # as agreed, and like every amount of the form
            price, tax = fact["agreed_amount"] / fact["agreed_quantity"], "included"
        elif any(line.tax_ids.mapped("price_include")):
            tax = "included"
        return {
            "term_id": term.id,
            "kind": term.kind,
            "name": product.name if line else term.display_name,
            "specification": self._specify(product) or False,
            "uom_name": line.product_uom_id.name,
            "price_unit": price,
            "price_tax": tax if line else False,
            "agreed_quantity": fact["agreed_quantity"] or 0,
            "actual_quantity": fact["actual_quantity"] or 0,
            "agreed_amount": fact["agreed_amount"] or 0,
            "actual_amount": fact["actual_amount"] or 0,
            "overdue_amount": fact["overdue"] or 0,
            "date_due": fact["date_due"],
            "due_text": term.due_text,
            "actual_date": fact["actual_date"],
            "variance_days": fact["variance_days"] or 0,
            "status": fact["status"],
            "deviation_names": ", ".join(d.name for d in deviations) or False,
        }

    @api.model
    def _specify(self, product):
        """The reference of a product and what its variant is."""
        variant = product.product_template_attribute_value_ids._get_combination_name()
        return " ".join(filter(None, (product.default_code, variant)))

    @api.model
    def _prepare_call_off(self, order, row):
        """Values of the line of a call-off: its total as agreed, the money received as
        actual, in the frame's currency."""
        return {
            "order_id": order.id,
            "kind": "call_off",
            "name": order.contract_number or order.name,
            "specification": order.client_order_ref,
            "agreed_amount": row["called"],
            "actual_amount": row["received"],
            "delivered_amount": row["delivered"],
            "invoiced_amount": row["invoiced"],
            "overdue_amount": row["overdue"],
            "status": "overdue" if row["overdue"] > 0 else False,
        }

    def _term_label(self):
        """The term's name in the form's language; its text of the day without it."""
        return self.term_id.sudo().display_name or self.name or ""

    def _instrument(self):
        """How a payment was to be paid, in the language of the environment."""
        return self.term_id.sudo().instrument_id.name or ""

    def _due_label(self):
        return self.term_id.sudo().due_text or self.due_text or ""
