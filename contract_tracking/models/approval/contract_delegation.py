from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_list


class ContractDelegation(models.Model):
    """Who decides while an approver is absent: from, to and why (委托代理).

    Days are those of the document's company. What was decided says on whose behalf.
    """

    _name = "contract.delegation"
    _inherit = ["contract.entry.mixin"]
    _description = "Delegation of Decisions"
    _order = "date_from desc, id desc"
    _rec_name = "user_id"

    user_id = fields.Many2one(
        "res.users",
        string="Absent",
        required=True,
        index=True,
        default=lambda self: self.env.user,
        domain="[('share', '=', False)]",
        ondelete="restrict",
    )
    delegate_id = fields.Many2one(
        "res.users",
        string="Decides Instead",
        required=True,
        domain="[('share', '=', False), ('id', '!=', user_id)]",
        ondelete="restrict",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._contract_today(),
    )
    date_to = fields.Date(string="To", required=True)
    reason = fields.Char(required=True)
    active = fields.Boolean(default=True)

    _dates = models.Constraint(
        "CHECK (date_to >= date_from)", "A delegation can't end before it begins."
    )
    _others = models.Constraint(
        "CHECK (user_id != delegate_id)", "Somebody else has to decide instead."
    )

    @api.constrains("user_id", "date_from", "date_to", "active")
    def _check_overlap(self):
        for delegation in self.filtered("active"):
            if self.sudo().search_count(
                [
                    ("id", "!=", delegation.id),
                    ("user_id", "=", delegation.user_id.id),
                    ("date_from", "<=", delegation.date_to),
                    ("date_to", ">=", delegation.date_from),
                ],
                limit=1,
            ):
                raise ValidationError(
                    self.env._(
                        "%(user)s is replaced by somebody else in these days already.",
                        user=delegation.user_id.name,
                    )
                )

    @api.constrains("delegate_id")
    def _check_delegate(self):
        for delegation in self:
            if not delegation.delegate_id._contract_eligible(
                self.env["res.company"], "contract_tracking.group_contract_reader"
            ):
                raise ValidationError(
                    self.env._(
                        "%(user)s has no role of contracts: he could not read what he "
                        "is to decide.",
                        user=delegation.delegate_id.name,
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        delegations = super().create(vals_list)
        delegations._check_author()
        delegations._apply()
        return delegations

    def write(self, vals):
        self._check_author()
        if {"user_id", "delegate_id", "date_from"} & vals.keys():
            self._check_not_begun()
        res = super().write(vals)
        self._check_author()
        self._apply()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_begun(self):
        self._check_author()
        self._check_not_begun()

    def _check_author(self):
        """One gives away one's own decisions, an administrator of contracts those of
        others, and nobody gives himself the decisions of another."""
        user = self.env.user
        others = self.filtered(lambda delegation: delegation.user_id != user)
        if self.env.su or not others:
            return
        if not user.has_group("contract_tracking.group_contract_manager"):
            raise AccessError(
                self.env._(
                    "You can have your own decisions made by somebody else. For others "
                    "an administrator of contracts does it."
                )
            )
        if user in others.delegate_id:
            raise AccessError(
                self.env._(
                    "You can't take over the decisions of %(users)s yourself: the "
                    "absent person or another administrator chooses you.",
                    users=format_list(self.env, others.sudo().user_id.mapped("name")),
                )
            )

    def _check_not_begun(self):
        for delegation in self:
            companies = delegation.user_id.sudo().company_ids
            # where the day begins first, something may have been decided already
            if delegation.date_from <= max(c._contract_today() for c in companies):
                raise UserError(
                    self.env._(
                        "This delegation has begun: end it earlier instead, it is part "
                        "of what was decided."
                    )
                )

    def _apply(self):
        self.env["contract.approval.step"].sudo().search(
            [("state", "=", "pending"), ("user_id", "in", self.user_id.ids)]
        )._delegate()

    @api.model
    def _delegations(self, users, day):
        """``{absent user: delegation}`` on a day."""
        found = self.sudo().with_context(active_test=True)
        found = found.search(
            [
                ("user_id", "in", users.ids),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ]
        )
        return {delegation.user_id: delegation for delegation in found}
