from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import is_unguarded


class ContractStatementLine(models.Model):
    """A document on a statement of account, as it was on the day of the statement.

    Texts and numbers of that day; the contract is kept as a link only.
    """

    _name = "contract.statement.line"
    _inherit = ["contract.system.mixin"]
    _description = "Statement of Account Line"
    _order = "statement_id, sequence, id"

    statement_id = fields.Many2one(
        "contract.statement", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="statement_id.company_id", store=True)
    currency_id = fields.Many2one(related="statement_id.currency_id")
    sequence = fields.Integer()
    order_id = fields.Many2one(
        "sale.order",
        string="Contract",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    frame_id = fields.Many2one(
        "contract.frame",
        string="Frame Agreement",
        index="btree_not_null",
        ondelete="restrict",
        readonly=True,
    )
    contract_number = fields.Char(string="Contract No.", readonly=True)
    kind = fields.Selection(
        [
            ("opening", "Brought forward"),
            ("delivery", "Delivery"),
            ("invoice", "Invoice"),
            ("receipt", "Receipt"),
            ("adjustment", "Adjustment"),
            ("advance", "Down payment invoice"),
            ("unclaimed", "Unclaimed receipt"),
        ],
        required=True,
        readonly=True,
        help="Only invoices, receipts and adjustments move the balance.",
    )
    changes_id = fields.Many2one(
        "contract.statement",
        string="Changed Statement",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
        help="The statement that said otherwise of this day: the document was entered, "
        "changed or withdrawn after it was sent.",
    )
    changes_name = fields.Char(string="Changes", related="changes_id.name")
    date = fields.Date(readonly=True)
    name = fields.Char(string="Voucher", readonly=True)
    amount = fields.Monetary(
        readonly=True,
        help="The part of the document that is the contract's, taxes included, in the "
        "currency of the statement.",
    )
    balance = fields.Monetary(
        string="Running Balance",
        readonly=True,
        help="Of all contracts of the statement, after this line.",
    )
    delivered = fields.Monetary(
        compute="_compute_columns", help="Moves no balance: what is invoiced does."
    )
    invoiced = fields.Monetary(
        compute="_compute_columns", help="Without down payments."
    )
    received = fields.Monetary(
        compute="_compute_columns", help="Adjustments are shown here as well."
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("kind", "amount")
    def _compute_columns(self):
        for line in self:
            kind, amount = line.kind, line.amount
            line.delivered = amount if kind == "delivery" else 0
            line.invoiced = amount if kind == "invoice" else 0
            line.received = amount if kind in ("receipt", "adjustment") else 0

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_evidence()
        return lines

    def write(self, vals):
        self._check_evidence()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        self._check_evidence()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_evidence(self):
        if not is_unguarded(self) and any(
            line.statement_id.state != "draft" for line in self
        ):
            raise UserError(
                self.env._("The lines of a statement that was sent can't be changed.")
            )

    def _contract_parent(self):
        """The contract or the frame agreement that it belongs to."""
        return self.order_id or self.frame_id

    def _document_text(self):
        """The kind of the document and its name; whether it changes what an earlier
        statement said."""
        self.ensure_one()
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        text = " ".join(filter(None, (kinds[self.kind], self.name)))
        if not self.changes_id:
            return text
        return self.env._(
            "%(document)s, after %(statement)s",
            document=text,
            statement=self.changes_name,
        )
