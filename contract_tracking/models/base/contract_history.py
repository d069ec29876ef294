import re

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, formatLang

ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")


class ContractHistory(models.Model):
    """The dated log of what core doesn't date: state, office, owner, agreed total,
    quantities delivered by hand or counted by another app, progress of milestones,
    corrected facts.

    Written by the addon only, in sets; never changed, never deleted, by nobody.
    Asked as of a day, a contract's office is the one of that day (D9 §3.2).
    """

    _name = "contract.history"
    _inherit = ["contract.part.mixin"]
    _description = "Contract History"
    _order = "id desc"
    _rec_name = "name"
    _files_always = True

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
            ("invoiced", "Invoiced elsewhere"),
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
    old_record_id = fields.Many2oneReference(
        model_field="res_model", help="The value behind “Before”."
    )
    res_model = fields.Char()
    line_id = fields.Many2one(
        "sale.order.line", index="btree_not_null", ondelete="cascade"
    )
    quantity = fields.Float(
        digits="Product Unit",
        help="Quantity delivered without a stock move, or invoiced without a customer "
        "invoice, on this day, in the line's unit of measure.",
    )
    user_id = fields.Many2one("res.users", string="By", readonly=True)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Files",
        readonly=True,
        bypass_search_access=True,
        help="The evidence of what was deleted.",
    )

    @api.depends_context("lang")
    @api.depends("old_value", "new_value", "kind")
    def _compute_texts(self):
        # the two share their keys as far as they share their words
        states = {}
        for model, fname in (
            ("contract.frame", "state"),
            ("sale.order", "contract_state"),
        ):
            field = self.env[model]._fields[fname]
            states.update(field._description_selection(self.env))
        for row in self:
            for fname in ("old", "new"):
                value = row[f"{fname}_value"]
                if row.kind == "state":
                    value = states.get(value, value)
                elif value and row.kind == "amount":
                    digits = len(value.partition(".")[2])
                    value = formatLang(self.env, float(value), digits=digits)
                elif value and ISO_DATE.fullmatch(value):
                    value = format_date(self.env, value)
                row[f"{fname}_text"] = value

    @api.model
    def _contract_system(self):
        return set(self._fields)

    @api.model
    def _recorded_domain(self):
        """Not what confirming, cancelling and reopening the order leave, nor the team
        that follows the salesperson."""
        moved = Domain("new_value", "in", ("confirmed", "active"))
        reopened = Domain("new_value", "=", "draft") & Domain(
            "old_value", "=", "cancelled"
        )
        followed = Domain("new_value", "=", "cancelled") & Domain(
            "res_model", "=", "sale.order"
        )
        state = Domain("kind", "=", "state") & (moved | reopened | followed)
        return ~(Domain("kind", "=", "office") | state)

    def write(self, vals):  # pylint: disable=method-required-super
        raise UserError(self.env._("The history of a contract can't be changed."))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("The history of a contract can't be deleted."))

    @api.model
    def _log(self, vals_list):
        """Append rows as a set: one statement for up to a hundred of them.

        :param vals_list: values with ``order_id`` or ``frame_id``; ``date`` defaults to
            today in the company's zone
        """
        if not vals_list:
            return self.browse()
        today = {}
        for fname in ("order_id", "frame_id"):
            parents = self.env[self._fields[fname].comodel_name].browse(
                {
                    vals[fname]
                    for vals in vals_list
                    if vals.get(fname) and "date" not in vals
                }
            )
            for parent in parents:
                today[fname, parent.id] = parent._contract_today()
        return self.sudo().create(
            [
                {
                    "date": today.get(("order_id", vals.get("order_id")))
                    or today.get(("frame_id", vals.get("frame_id"))),
                    "user_id": self.env.uid,
                    **vals,
                }
                for vals in vals_list
            ]
        )
