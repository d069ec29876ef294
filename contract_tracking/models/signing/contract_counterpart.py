from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date


class ContractCounterpart(models.Model):
    """正本 Originals of a contract (一式两份): how many, with which seals, who holds
    them since when. Who gives some on writes a row that names where they came from, so
    that the rows are the dated movements; what a holder still has is what didn't go
    on."""

    _name = "contract.counterpart"
    _inherit = ["contract.frozen.mixin", "contract.part.mixin"]
    _description = "Original of a Contract"
    _order = "date, id"
    _check_company_auto = True
    _contract_days = ("date",)

    document_id = fields.Many2one(
        "contract.document",
        string="Paper",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The filed scan of what these are the originals of.",
    )
    from_id = fields.Many2one(
        "contract.counterpart",
        string="Came From",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('copies_left', '>', 0)]",
        help="Who held them before. Empty: they were signed then.",
    )
    next_ids = fields.One2many("contract.counterpart", "from_id", string="Given On")
    copies = fields.Integer(required=True, default=1)
    copies_left = fields.Integer(
        string="Still There",
        compute="_compute_copies_left",
        store=True,
        help="Of these originals those that didn't go on to somebody else.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Colleague",
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
        ondelete="restrict",
    )
    department_id = fields.Many2one(
        "contract.department",
        ondelete="restrict",
        domain="[('company_id', '=', company_id)]",
    )
    holder_id = fields.Many2one(
        "res.partner",
        string="Outside",
        ondelete="restrict",
        help="The customer, a bank.",
    )
    holder_name = fields.Char(
        string="Held By", compute="_compute_holder_name", compute_sudo=True
    )
    date = fields.Date(string="Since", required=True)
    seals = fields.Selection(
        [
            ("none", "Not sealed"),
            ("ours", "Ours"),
            ("customer", "The customer's"),
            ("both", "Both"),
        ],
        required=True,
        default="both",
    )
    note = fields.Char()

    _copies = models.Constraint("CHECK (copies > 0)", "Enter how many originals.")
    _one_holder = models.Constraint(
        "CHECK (num_nonnulls(user_id, department_id, holder_id) = 1)",
        "Originals are with one holder: a colleague, a department or somebody outside.",
    )

    @api.depends("copies", "next_ids.copies")
    def _compute_copies_left(self):
        for row in self:
            row.copies_left = row.copies - sum(row.next_ids.mapped("copies"))

    @api.depends("user_id", "department_id", "holder_id")
    def _compute_holder_name(self):
        for row in self:
            holder = row.user_id or row.department_id or row.holder_id
            row.holder_name = holder.display_name

    @api.depends("holder_name", "copies")
    def _compute_display_name(self):
        for row in self:
            row.display_name = f"{row.holder_name or ''} × {row.copies}"

    @api.constrains("from_id", "copies", "date", "order_id", "frame_id")
    def _check_from(self):
        for row in self:
            before = row.from_id
            if not before:
                continue
            if before._contract_parent() != row._contract_parent():
                raise ValidationError(
                    self.env._("These originals belong to another contract.")
                )
            if before.copies_left < 0:
                raise ValidationError(
                    self.env._(
                        "%(holder)s doesn't hold so many originals any more.",
                        holder=before.holder_name,
                    )
                )
            if row.date < before.date:
                raise ValidationError(
                    self.env._(
                        "%(holder)s holds them since %(date)s only.",
                        holder=before.holder_name,
                        date=format_date(self.env, before.date),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"date"}

    def _check_frozen(self, content):
        if content - {"note", "seals", "document_id"}:
            raise UserError(
                self.env._(
                    "Where originals were stays written down: enter where they went."
                )
            )
        return super()._check_frozen(content)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_effective(self):
        for row in self:
            if row.next_ids or row._contract_parent()._contract_effect_day():
                raise UserError(
                    self.env._(
                        "Where originals were stays written down: enter where they "
                        "went."
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_give(self):
        """Write down to whom these originals go.

        :raise UserError: if there are none left
        """
        self.ensure_one()
        self.check_access("write")
        if not self.copies_left:
            raise UserError(self.env._("They are not there any more."))
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Give Originals On"),
            "res_model": self._name,
            "views": [(False, "form")],
            "target": "new",
            "context": {
                **{
                    f"default_{name}": value
                    for name, value in self._contract_parent_vals().items()
                },
                "default_from_id": self.id,
                "default_copies": self.copies_left,
                "default_seals": self.seals,
                "default_document_id": self.document_id.id,
            },
        }
