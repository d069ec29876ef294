from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, groupby

from ...tools.windows import window

KINDS = [
    ("contract", "Contract"),
    ("delivery", "Delivery"),
    ("invoice", "Invoice"),
    ("receipt", "Receipt"),
    ("adjustment", "Adjustment"),
    ("bill", "Bill"),
    ("due", "Fallen due"),
    ("unpaid", "Unpaid"),
    ("opening", "Opening figure"),
    ("other", "Changed since"),
]


class ContractFigureRow(models.TransientModel):
    """What a figure is made of: its rows, read from the facts when somebody opens it.

    They add up to the figure, to the cent. Nobody writes them but :meth:`_open`.
    """

    _name = "contract.figure.row"
    _inherit = ["contract.dialog.mixin"]
    _description = "Row of a Figure"
    _rec_name = "document"
    _order = "id"

    kind = fields.Selection(KINDS, readonly=True)
    day = fields.Date(
        readonly=True, help="From which day on it counts, in the company's time zone."
    )
    order_id = fields.Many2one("sale.order", string="Contract", readonly=True)
    res_model = fields.Char(string="Model of the Document", readonly=True)
    res_id = fields.Many2oneReference(
        string="Id of the Document", model_field="res_model", readonly=True
    )
    document = fields.Char(string="Source Document", readonly=True)
    description = fields.Char(readonly=True)
    quantity = fields.Float(
        digits="Product Unit",
        readonly=True,
        aggregator=False,
        help="Of goods and services, in the unit of the order line; what came back is "
        "negative.",
    )
    uom_id = fields.Many2one("uom.uom", string="Unit", readonly=True)
    share = fields.Float(
        readonly=True,
        aggregator=False,
        help="Which part of the document belongs to this contract. Empty where the "
        "document is in another currency.",
    )
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(
        readonly=True,
        help="The part of it that counts in the figure, taxes included, in the "
        "contract's currency.",
    )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_open_document(self):
        """Open the document of the row; without one, its contract. Who doesn't work in
        the warehouse sees a delivery, and who doesn't work in finance a payment, as
        people who follow contracts do.

        :raise AccessError: if the user may not read it
        :raise UserError: if the row is of a contract that others follow
        """
        self._check_dialog()
        record, view = self.order_id, self.env["ir.ui.view"]
        if self.res_id:
            record = self.env[self.res_model].browse(self.res_id)
        if not record:
            raise UserError(self.env._("There is no document here that you may open."))
        if record._name == "stock.picking" and not self.env.user.has_group(
            "stock.group_stock_user"
        ):
            view = self.env.ref("contract_tracking.contract_delivery_view_form")
        elif record._name == "account.payment" and not record.has_access("read"):
            record = self.env["contract.receipt"]._of(record)
        record.check_access("read")
        return {
            "type": "ir.actions.act_window",
            "res_model": record._name,
            "res_id": record.id,
            "views": [(view.id, "form")],
        }

    # ------------------------------------------------------------------
    # Opening
    # ------------------------------------------------------------------

    @api.model
    def _open(self, record):
        """Open the rows of a figure of ``record``: a contract, a frame agreement, a
        payment term. Which figure the context says (``contract_figure``), and as of
        which day (``contract_cutoff``).

        :raise AccessError: if the user may not read ``record``
        :raise UserError: if it has no such figure
        """
        record.ensure_one()
        record.check_access("read")
        self.check_access("read")
        figure = self.env.context.get("contract_figure")
        cutoff = self.env["contract.ageing"]._cutoff()
        labels = record._contract_figure_labels()
        if not isinstance(figure, str) or figure not in labels:
            raise UserError(self.env._("This figure has no rows."))
        rows = record._contract_figure_rows(figure, cutoff)
        label = labels[figure]
        if cutoff:
            day = format_date(self.env, cutoff)
            label = self.env._("%(figure)s as of %(day)s", figure=label, day=day)
        return self._show(record, label, rows)

    @api.model
    def _show(self, record, label, rows):
        """Open rows that were read of ``record``, whom the user may read.

        :param label: what they are
        """
        currency = record.currency_id
        records = self._create_rows(rows, currency)
        name = self.env._(
            "%(figure)s: %(amount)s (%(contract)s)",
            figure=label,
            amount=format_amount(self.env, sum(records.mapped("amount")), currency),
            contract=record.display_name,
        )
        return window(
            self.env,
            "contract_figure_row_action",
            name=name,
            domain=[("id", "in", records.ids)],
            context={
                "contract_of_many": record._name == "contract.frame",
                "contract_of_goods": bool(records.uom_id),
            },
        )

    def _create_rows(self, rows, currency):
        """Create the rows, each with its document's name. Their amounts are rounded on
        the running sum, so that they add up to what is rounded in all."""
        documents = defaultdict(set)
        for row in rows:
            if row["res_id"]:
                documents[row["res_model"]].add(row["res_id"])
        names = {
            (model, document.id): document.display_name
            for model, ids in documents.items()
            for document in self.env[model].sudo().browse(ids)
        }
        vals_list = []
        for _order, own in groupby(rows, lambda row: row["order_id"]):
            running = 0.0
            for row in own:
                before = currency.round(running)
                running += row["amount"]
                vals_list.append(
                    {
                        **row,
                        "document": names.get((row["res_model"], row["res_id"])),
                        "description": (row["description"] or "").partition("\n")[0],
                        "currency_id": currency.id,
                        "amount": currency.round(running) - before,
                    }
                )
        return self.sudo().create(vals_list).sudo(False)
