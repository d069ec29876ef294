from typing import NamedTuple

from odoo import api, fields, models, tools
from odoo.exceptions import ValidationError

from ...tools.gate import CHECKPOINTS


class Rule(NamedTuple):
    """A rule as it is kept in memory; tolerances as in the model."""

    reason: str
    checkpoint: str
    action: str
    days: int
    amount: float
    percent: float
    scope: tuple


class ContractGateRule(models.Model):
    """What a step of a contract needs first, and whether it only warns or holds the
    step (D9 §3.2, §3.3).

    The first rule of a reason and a checkpoint that fits the contract decides, rules of
    its company before those of all companies. Without a rule nothing is asked. That
    nothing leaves of a suspended or terminated contract needs no rule. Amounts are in
    the company's currency.
    """

    _name = "contract.gate.rule"
    _inherit = ["contract.shared.mixin"]
    _description = "Gate Rule"
    _order = "sequence, id"
    _rec_name = "reason"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    reason = fields.Selection(
        [
            ("money", "Money due before the step is missing"),
            ("overdue", "The customer owes what is overdue"),
            ("credit", "Credit limit exceeded"),
            ("unsigned", "Contract not in effect"),
            ("frame", "Frame agreement expired or used up"),
            ("deviation", "A critical deviation stops it"),
            ("bill", "A bill of the customer was dishonoured"),
        ],
        required=True,
        index=True,
    )
    checkpoint = fields.Selection(
        CHECKPOINTS,
        required=True,
        default="delivery",
        help="Supply: procurement, manufacturing and reservation. Delivery: goods "
        "leave for the customer. Documents: bills of lading are handed over.",
    )
    action = fields.Selection(
        [("off", "Off"), ("warn", "Warn"), ("hold", "Hold")],
        string="Effect",
        required=True,
        default="warn",
        help="Warn: the screens say so. Hold: the step is refused until the reason is "
        "gone or somebody permitted it.",
    )
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: the rule holds for every company."
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    tolerance_days = fields.Integer(
        string="Tolerated Days", help="What is overdue for up to so many days passes."
    )
    tolerance_amount = fields.Monetary(
        string="Tolerated Amount",
        help="What is missing up to this amount passes, in company currency.",
    )
    tolerance_percent = fields.Float(
        string="Tolerated Share (%)",
        digits=(16, 2),
        help="What is missing up to this share of what is needed passes.",
    )
    team_ids = fields.Many2many(
        "crm.team",
        string="Offices",
        ondelete="restrict",
        check_company=True,
        help="The rule is for contracts of these offices. Empty: of all.",
    )
    category_ids = fields.Many2many(
        "res.partner.category",
        string="Customer Tags",
        ondelete="restrict",
        help="The rule is for customers with one of these tags. Empty: for all.",
    )
    order_ids = fields.Many2many(
        "sale.order",
        string="Contracts",
        ondelete="restrict",
        check_company=True,
        domain=[("contract_state", "!=", False)],
        help="The rule is for these contracts. Empty: for all.",
    )

    _tolerances = models.Constraint(
        "CHECK (tolerance_days >= 0 AND tolerance_amount >= 0"
        " AND tolerance_percent BETWEEN 0 AND 100)",
        "Tolerances can't be negative, and a share is not more than 100 %.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.depends("reason", "checkpoint")
    def _compute_display_name(self):
        labels = {
            name: dict(self._fields[name]._description_selection(self.env))
            for name in ("reason", "checkpoint")
        }
        for rule in self:
            rule.display_name = self.env._(
                "%(checkpoint)s: %(reason)s",
                checkpoint=labels["checkpoint"].get(rule.checkpoint, ""),
                reason=labels["reason"].get(rule.reason, ""),
            )

    @api.constrains("reason", "checkpoint")
    def _check_checkpoint(self):
        for rule in self:
            if rule.reason == "unsigned" and rule.checkpoint == "order":
                raise ValidationError(
                    self.env._(
                        "No order is in effect before it is confirmed: choose a later "
                        "step."
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self.env.registry.clear_cache()
        return super().create(vals_list)

    def write(self, vals):
        self.env.registry.clear_cache()
        return super().write(vals)

    def unlink(self):
        self.env.registry.clear_cache()
        return super().unlink()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    @tools.ormcache("company_id")
    def _rules(self, company_id):
        """The rules of a company in the order in which they are asked: ``{checkpoint:
        {reason: rules}}``."""
        rules = self.sudo().search_fetch([("company_id", "in", [company_id, False])])
        found = {}
        for rule in rules.sorted(lambda r: (not r.company_id, r.sequence, r.id)):
            reasons = found.setdefault(rule.checkpoint, {})
            reasons.setdefault(rule.reason, []).append(
                Rule(
                    rule.reason,
                    rule.checkpoint,
                    rule.action,
                    rule.tolerance_days,
                    rule.tolerance_amount,
                    rule.tolerance_percent,
                    (
                        frozenset(rule.team_ids.ids),
                        frozenset(rule.category_ids.ids),
                        frozenset(rule.order_ids.ids),
                    ),
                )
            )
        return found

    @api.model
    def _fitting(self, step, actions):
        """The rules that decide a step: ``{reason: rule}``.

        :param actions: what they must do to be asked
        """
        found = {}
        reasons = self._rules(step.order.company_id.id).get(step.checkpoint, {})
        for reason, rules in reasons.items():
            # most companies don't hold: nothing is read for it
            if not any(rule.action in actions for rule in rules):
                continue
            rule = next((r for r in rules if self._fits(r, step.order)), None)
            if rule and rule.action in actions:
                found[reason] = rule
        return found

    @api.model
    def _fits(self, rule, order):
        teams, categories, orders = rule.scope
        if orders and order._origin.id not in orders:
            return False
        if teams and order.team_id.id not in teams:
            return False
        if categories:
            partner = order.partner_id
            tags = (partner | partner.commercial_partner_id).category_id
            return not categories.isdisjoint(tags.ids)
        return True
