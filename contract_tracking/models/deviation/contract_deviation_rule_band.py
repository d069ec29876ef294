from itertools import combinations

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from .contract_deviation import RANKS, SEVERITIES

THRESHOLDS = ("days_from", "amount_from", "percent_from")


class ContractDeviationRuleBand(models.Model):
    """From where on a deviation is of a severity: from so many days, from an amount in
    the company's currency, or from a share of the contract. One of them is enough; the
    highest band that is reached counts, and below all bands a deviation is minor."""

    _name = "contract.deviation.rule.band"
    _inherit = ["contract.shared.mixin"]
    _description = "Severity of Deviations"
    _order = "rule_id, rank, id"

    rule_id = fields.Many2one(
        "contract.deviation.rule", required=True, index=True, ondelete="cascade"
    )
    severity = fields.Selection(SEVERITIES, required=True)
    rank = fields.Integer(compute="_compute_rank", store=True, precompute=True)
    company_id = fields.Many2one(related="rule_id.company_id")
    currency_id = fields.Many2one(related="rule_id.currency_id")
    days_from = fields.Integer(string="From Days", help="0: days don't matter.")
    amount_from = fields.Monetary(
        string="From Amount", help="In the company's currency. 0: doesn't matter."
    )
    percent_from = fields.Float(
        string="From Share of the Contract (%)",
        digits=(16, 2),
        help="What is at stake ÷ the contract's total. 0: doesn't matter.",
    )

    @api.depends("severity")
    def _compute_rank(self):
        for band in self:
            band.rank = RANKS.get(band.severity, 0)

    @api.constrains("rule_id", "severity", *THRESHOLDS)
    def _check_bands(self):
        for rule in self.rule_id:
            bands = rule.band_ids.sorted("rank")
            for band in bands:
                band._check_thresholds()
            for lower, higher in combinations(bands, 2):
                lower._check_below(higher)

    def _check_thresholds(self):
        """A band begins somewhere; only minor ones may begin at nothing."""
        self.ensure_one()
        if any(self[name] < 0 for name in THRESHOLDS) or self.percent_from > 100:
            raise ValidationError(
                self.env._(
                    "“%(severity)s” of %(rule)s: days, amount and share can't be "
                    "negative, and a share is not more than 100 %%.",
                    severity=self._label(),
                    rule=self.rule_id.display_name,
                )
            )
        if self.rank and not any(self[name] for name in THRESHOLDS):
            raise ValidationError(
                self.env._(
                    "“%(severity)s” of %(rule)s would hold for every deviation: enter "
                    "days, an amount or a share from which it begins.",
                    severity=self._label(),
                    rule=self.rule_id.display_name,
                )
            )

    def _check_below(self, higher):
        """Bands of one rule go up: each begins above the one before."""
        self.ensure_one()
        if self.severity == higher.severity:
            raise ValidationError(
                self.env._(
                    "%(rule)s has two bands for “%(severity)s”: they overlap.",
                    rule=self.rule_id.display_name,
                    severity=self._label(),
                )
            )
        for name in THRESHOLDS:
            if self[name] and higher[name] and higher[name] <= self[name]:
                raise ValidationError(
                    self.env._(
                        "%(rule)s: “%(high)s” begins at %(to)g (%(what)s), not above "
                        "“%(low)s” at %(start)g. The bands overlap.",
                        rule=self.rule_id.display_name,
                        high=higher._label(),
                        to=higher[name],
                        what=self._fields[name]._description_string(self.env),
                        low=self._label(),
                        start=self[name],
                    )
                )

    def _is_reached(self, days, amount, share):
        self.ensure_one()
        return any(
            self[name] and value >= self[name]
            for name, value in zip(THRESHOLDS, (days, amount, share), strict=True)
        )

    def _label(self):
        return self._fields["severity"].convert_to_export(self.severity, self)
