from odoo import api, fields, models

from ..base.res_company import SETTINGS


class ResCompany(models.Model):
    """Who checks orders, and what is released to production and logistics."""

    _inherit = "res.company"

    contract_intake_department_id = fields.Many2one(
        "contract.department",
        string="Order Desk",
        check_company=True,
        ondelete="restrict",
        groups=SETTINGS,
        help="The department that compares orders with the papers of the customer and "
        "releases them. Empty: the business office.",
    )
    contract_release_required = fields.Selection(
        [
            ("none", "No orders"),
            ("order", "Product orders and call-offs"),
            ("all", "All orders"),
        ],
        string="Released Before Supply",
        required=True,
        default="none",
        groups=SETTINGS,
        help="Which orders the order desk checks and releases before their goods are "
        "procured, made or reserved.",
    )
    contract_release_department_ids = fields.Many2many(
        "contract.department",
        "contract_release_department_rel",
        string="Releases Go To",
        check_company=True,
        groups=SETTINGS,
        help="The departments that are told of each release, as production, purchase "
        "and logistics. They read goods and dates, no prices.",
    )
    contract_release_days = fields.Integer(
        string="Releases Read Within",
        default=2,
        groups=SETTINGS,
        help="Days within which the departments acknowledge a release.",
    )

    _contract_release_days = models.Constraint(
        "CHECK (contract_release_days >= 0)", "Days can't be negative."
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies.filtered(
            lambda company: company.contract_release_required != "none"
        )._contract_require_release()
        return companies

    def write(self, vals):
        res = super().write(vals)
        if "contract_release_required" in vals:
            self._contract_require_release()
        return res

    def _contract_require_release(self):
        """The gate holds the supply of what must be released first, where the company
        asks for it."""
        Rule = self.env["contract.gate.rule"].sudo().with_context(active_test=False)
        for company in self.sudo():
            rule = Rule.search(
                [("reason", "=", "unreleased"), ("company_id", "=", company.id)],
                limit=1,
            )
            if company.contract_release_required == "none":
                rule.action = "off"
            elif rule:
                rule.write({"action": "hold", "active": True})
            else:
                Rule.create(
                    {
                        "reason": "unreleased",
                        "checkpoint": "supply",
                        "action": "hold",
                        "company_id": company.id,
                    }
                )

    def _contract_order_desk(self):
        """Who checks and releases orders of the company: users."""
        self.ensure_one()
        desk = self.sudo().contract_intake_department_id
        if desk:
            return desk.head_id | desk.member_ids
        return self.env["res.users"]._contract_members(
            "contract_tracking.group_contract_business", self
        )
