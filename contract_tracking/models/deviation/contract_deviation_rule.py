from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL

from .contract_deviation import DEVIATION_KINDS


class ContractDeviationRule(models.Model):
    """What counts as a deviation of one kind, and how severe it is (D9 §7).

    A company's own rule of a kind, switched off as well, goes before the one without
    company. What stays within one of the tolerances that are set (0 is not set) is not
    written down. Amounts are in the company's currency.
    """

    _name = "contract.deviation.rule"
    _inherit = ["contract.shared.mixin"]
    _description = "Deviation Rule"
    _order = "sequence, id"
    _check_company_auto = True

    name = fields.Char(required=True, translate=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(
        default=True,
        help="Switched off: nothing of this kind is written down. What was written "
        "down before stays.",
    )
    kind = fields.Selection(DEVIATION_KINDS, required=True)
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: for every company without a rule of its own for this kind.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    tolerance_days = fields.Integer(
        string="Tolerated Days", help="Up to so many days late is no deviation."
    )
    tolerance_percent = fields.Float(
        string="Tolerated Share (%)",
        digits=(16, 2),
        help="Up to this share of what was agreed is no deviation.",
    )
    tolerance_amount = fields.Monetary(
        string="Tolerated Amount", help="Up to this amount at stake is no deviation."
    )
    document_days = fields.Integer(
        string="Papers Within (Days)",
        default=30,
        help="For missing documents: so many days after the contract took effect the "
        "papers that its kind needs are to be filed. 0: they aren't asked for.",
    )
    band_ids = fields.One2many(
        "contract.deviation.rule.band", "rule_id", string="Severity", copy=True
    )

    _one_active = models.UniqueIndex(
        "(kind, COALESCE(company_id, 0)) WHERE active",
        "There is already a rule in use for this kind of deviation and company.",
    )
    _tolerance_positive = models.Constraint(
        "CHECK (tolerance_days >= 0 AND tolerance_amount >= 0 AND document_days >= 0"
        " AND tolerance_percent BETWEEN 0 AND 100)",
        "Tolerances can't be negative, and a share is not more than 100 %.",
    )

    @api.depends("company_id")
    @api.depends_context("company")
    def _compute_currency_id(self):
        for rule in self:
            rule.currency_id = (rule.company_id or self.env.company).currency_id

    @api.constrains("kind")
    def _check_kind(self):
        kinds = self.env["contract.deviation"]._detected_kinds()
        for rule in self:
            if rule.kind not in kinds:
                raise ValidationError(
                    self.env._(
                        "“%(kind)s” is written down by people only: there is nothing "
                        "to find by a rule.",
                        kind=rule._fields["kind"].convert_to_export(rule.kind, rule),
                    )
                )

    @api.constrains("band_ids")
    def _check_bands(self):
        self.band_ids._check_bands()

    def _severity(self, days, amount, share):
        """The severity of a departure: the highest band that it reaches, else minor.

        :param days: how many days late
        :param amount: what is at stake, in the company's currency
        :param share: of the contract's total, in percent
        """
        reached = self.band_ids.filtered(
            lambda band: band._is_reached(days, amount, share)
        )
        return reached.sorted("rank")[-1:].severity or "minor"

    @api.model
    def _rule_sql(self):
        """SQL of one row a company and kind: the rule that holds there, used or not."""
        return SQL(
            """SELECT DISTINCT ON (c.id, r.kind) c.id AS company_id, r.kind,
                      r.id AS rule_id, r.active, r.write_date, r.document_days,
                      COALESCE(r.tolerance_days, 0) AS tolerance_days,
                      COALESCE(r.tolerance_percent, 0) AS tolerance_percent,
                      COALESCE(r.tolerance_amount, 0) AS tolerance_amount
                 FROM res_company c
                 JOIN contract_deviation_rule r
                   ON r.company_id = c.id OR r.company_id IS NULL
                ORDER BY c.id, r.kind, r.company_id NULLS LAST, r.active DESC, r.id"""
        )
