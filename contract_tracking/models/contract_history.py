from odoo import api, fields, models
from odoo.exceptions import UserError


class ContractHistory(models.Model):
    """The dated log of what core doesn't date: state, office, owner, agreed total,
    quantities delivered by hand, progress of milestones, corrected facts.

    Written by the addon only, in sets; never changed, never deleted, by nobody.
    Asked as of a day, a contract's office is the one of that day (D9 §3.2).
    """

    _name = "contract.history"
    _description = "Contract History"
    _order = "id desc"
    _rec_name = "name"

    order_id = fields.Many2one(
        "sale.order", string="Contract", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    date = fields.Date(
        required=True, help="The day in the company's time zone from which it holds."
    )
    kind = fields.Selection(
        [
            ("state", "State"),
            ("office", "Office"),
            ("owner", "Owner"),
            ("amount", "Agreed total"),
            ("delivered", "Delivered by hand"),
            ("term", "Term"),
            ("event", "Event"),
            ("fact", "Contract fact"),
            ("claim", "Payment claim"),
        ],
        required=True,
    )
    name = fields.Char(string="What", required=True)
    old_value = fields.Char()
    new_value = fields.Char()
    old_text = fields.Char(string="Before", compute="_compute_texts")
    new_text = fields.Char(string="After", compute="_compute_texts")
    reason = fields.Char()
    record_id = fields.Many2oneReference(
        model_field="res_model", help="The value behind “After”."
    )
    res_model = fields.Char()
    line_id = fields.Many2one(
        "sale.order.line", index="btree_not_null", ondelete="cascade"
    )
    quantity = fields.Float(
        digits="Product Unit",
        help="Quantity delivered by hand on this day, in the line's unit of measure.",
    )
    user_id = fields.Many2one("res.users", string="By", readonly=True)

    @api.depends_context("lang")
    @api.depends("old_value", "new_value", "kind")
    def _compute_texts(self):
        states = dict(
            self.env["sale.order"]
            ._fields["contract_state"]
            ._description_selection(self.env)
        )
        for row in self:
            words = states if row.kind == "state" else {}
            row.old_text = words.get(row.old_value, row.old_value)
            row.new_text = words.get(row.new_value, row.new_value)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The history of a contract can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of a contract can't be deleted."))

    @api.model
    def _log(self, vals_list):
        """Append rows as a set: one statement for up to a hundred of them.

        :param vals_list: values; ``date`` defaults to today in the company's zone
        """
        if not vals_list:
            return self.browse()
        orders = self.env["sale.order"].browse(
            {vals["order_id"] for vals in vals_list if "date" not in vals}
        )
        today = {order.id: order._contract_today() for order in orders}
        return self.sudo().create(
            [
                {
                    "date": today.get(vals["order_id"]),
                    "user_id": self.env.uid,
                    **vals,
                }
                for vals in vals_list
            ]
        )
