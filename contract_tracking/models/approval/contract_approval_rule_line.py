from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError


class ContractApprovalRuleLine(models.Model):
    """A step of an approval rule: who decides, anyone of them or all, by when, and
    whether a leader may decide on the phone."""

    _name = "contract.approval.rule.line"
    _inherit = ["contract.shared.mixin"]
    _description = "Approval Rule Step"
    _order = "sequence, id"

    rule_id = fields.Many2one(
        "contract.approval.rule", required=True, index=True, ondelete="cascade"
    )
    active = fields.Boolean(
        default=True, help="Archive a step that documents were decided in."
    )
    company_id = fields.Many2one(related="rule_id.company_id")
    currency_id = fields.Many2one(related="rule_id.currency_id")
    sequence = fields.Integer(
        string="Order",
        default=10,
        help="Steps of equal order are decided side by side, later ones wait.",
    )
    name = fields.Char(string="Step", required=True, translate=True)
    approver = fields.Selection(
        [
            ("users", "These users"),
            ("group", "Members of a group"),
            ("office_leader", "Head of the contract's office"),
            ("owner_leader", "Head of the owner's department"),
            ("department_head", "Head of a department"),
        ],
        string="Decided By",
        required=True,
        default="users",
    )
    user_ids = fields.Many2many(
        "res.users",
        "contract_approval_rule_line_user_rel",
        string="Users",
        domain="[('share', '=', False)]",
    )
    group_id = fields.Many2one("res.groups", ondelete="restrict")
    department_id = fields.Many2one("contract.department", ondelete="restrict")
    mode = fields.Selection(
        [("any", "Anyone of them"), ("all", "All of them")],
        string="Needed",
        required=True,
        default="any",
    )
    skip_if_none = fields.Boolean(
        string="Skip If Nobody",
        help="Goes on without this step where nobody is found, or only the requester "
        "himself. Otherwise the members of the group that stands in decide.",
    )
    fallback_group_id = fields.Many2one(
        "res.groups",
        string="Stands In",
        ondelete="restrict",
        help="Members of this group decide where nobody else is found.",
    )
    days = fields.Integer(
        string="Days to Decide",
        default=2,
        help="Calendar days; then the approver is reminded.",
    )
    escalate_days = fields.Integer(
        string="Escalate After",
        default=2,
        help="Days after the reminder, if there is still no decision.",
    )
    escalate_user_id = fields.Many2one(
        "res.users",
        string="Escalate To",
        domain="[('share', '=', False)]",
        help="Empty: the head of the business office, else the administrators of "
        "contracts.",
    )
    oral_allowed = fields.Boolean(
        string="Oral Decision",
        help="A named officer may record what the approver decided on the phone; it "
        "is provisional until the approver confirms it.",
    )
    oral_limit = fields.Monetary(
        string="Oral Below",
        help="Oral decisions are for documents below this amount, in company currency.",
    )
    oral_user_ids = fields.Many2many(
        "res.users",
        "contract_approval_rule_line_oral_rel",
        string="Recorded By",
        domain="[('share', '=', False)]",
    )

    _days = models.Constraint(
        "CHECK (days >= 0 AND escalate_days >= 0 AND oral_limit >= 0)",
        "Days and amounts of an approval step can't be negative.",
    )

    @api.constrains("active")
    def _check_active(self):
        self.rule_id._check_lines()

    @api.constrains("approver", "user_ids", "group_id", "department_id", "rule_id")
    def _check_approvers(self):
        for line in self:
            named = {
                "users": line.user_ids,
                "group": line.group_id,
                "department_head": line.department_id,
            }
            if not named.get(line.approver, True):
                raise ValidationError(
                    self.env._(
                        "Step “%(step)s” doesn't say who decides.", step=line.name
                    )
                )
            if line.approver == "users":
                line._check_users(line.user_ids)

    @api.constrains("oral_allowed", "oral_limit", "oral_user_ids")
    def _check_oral(self):
        for line in self:
            if line.oral_allowed and not (line.oral_user_ids and line.oral_limit):
                raise ValidationError(
                    self.env._(
                        "Oral decisions in step “%(step)s” need an amount below which "
                        "they are allowed, and officers who record them.",
                        step=line.name,
                    )
                )
            if line.oral_allowed:
                line._check_users(line.oral_user_ids)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        steps = self.env["contract.approval.step"].sudo()
        used = steps.search([("line_id", "in", self.ids)], limit=1)
        if used:
            raise UserError(
                self.env._(
                    "Documents were decided in step “%(step)s”: archive it instead.",
                    step=used.line_id.name,
                )
            )

    def _check_users(self, users):
        """Raise if one of the users can't read what he is to decide.

        Members of groups and heads are checked when a document is submitted.
        """
        self.ensure_one()
        kind = self.rule_id.kind
        documents = next(
            model
            for model in self.env.values()
            if getattr(model, "_approval_kind", None) == kind
        )
        for user in users:
            can_read = user.has_group(
                "contract_tracking.group_contract_reader"
            ) and documents.with_user(user).has_access("read")
            if not can_read or not user._contract_eligible(self.company_id):
                raise ValidationError(
                    self.env._(
                        "%(user)s can't decide in step “%(step)s”: he can't read the "
                        "document. Give him a role of contracts and the company "
                        "first.",
                        user=user.name,
                        step=self.name,
                    )
                )

    def _approvers(self, document):
        """Return who decides a document in this step: never who asks for it, unless
        the company allows that. Nobody, if the step finds nobody."""
        self.ensure_one()
        found = self._eligible(self._members(document), document)
        if not found and not self.skip_if_none:
            found = self._eligible(self.fallback_group_id.all_user_ids, document)
        return found

    @api.model
    def _eligible(self, users, document):
        return users._contract_eligible(document.company_id).filtered(
            document._approval_may_decide
        )

    def _members(self, document):
        """Whom the step names for a document, whether they can decide or not."""
        match self.approver:
            case "users":
                return self.user_ids
            case "group":
                return self.group_id.all_user_ids
            case "office_leader":
                office = (document._approval_parent() or document).team_id
                return office.user_id
            case "owner_leader":
                owner = document._approval_owner()
                company = document.company_id
                return owner and owner._contract_department(company).head_id
            case _:
                return self.department_id.head_id
