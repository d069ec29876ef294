from odoo import api, fields, models
from odoo.tools import SQL

from ...tools.values import DAYS

WARNING_KINDS = [
    ("delivery", "Delivery expected too late"),
    ("deposit", "Deposit missing before production"),
    ("frame", "Frame agreement running out"),
    ("bill", "Bill maturing"),
    ("ending", "Contract ending with open terms"),
    ("customer", "Other contracts of the customer overdue"),
    ("slower", "Customer pays later and later"),
    ("payment", "Payment falling due"),
]


class ContractWarningRule(models.Model):
    """What the daily search warns of, and how early (D4 §8, D6).

    A company's own rule of a kind, switched off as well, goes before the one without
    company. Days are days of the company.
    """

    _name = "contract.warning.rule"
    _inherit = ["contract.shared.mixin"]
    _description = "Early Warning Rule"
    _order = "sequence, id"
    _rec_name = "kind"
    _check_company_auto = True

    sequence = fields.Integer(default=10)
    kind = fields.Selection(WARNING_KINDS, required=True, index=True)
    action = fields.Selection(
        [("off", "Off"), ("on", "Enabled")],
        string="Effect",
        required=True,
        default="on",
        help="Off: nothing of this kind is warned of; what was open is gone with the "
        "next search.",
    )
    company_id = fields.Many2one(
        "res.company",
        index=True,
        help="Empty: for every company without a rule of its own for this kind.",
    )
    days = fields.Integer(
        help="Delivery expected too late: up to so many days later than agreed are no "
        "warning. Deposit: production begins so many days before the agreed delivery. "
        "Frame agreement, bill, contract, payment: so many days before the day. Other "
        "contracts overdue: for more than so many days. Pays later and later: the "
        "length of each of the two periods that are compared.",
    )
    percent = fields.Float(
        string="Called Off (%)",
        digits=(16, 2),
        help="Of a frame agreement: warned of once this share of it is called off. "
        "0: not asked.",
    )
    margin = fields.Integer(
        string="Later by (Days)",
        help="For “Customer pays later and later”: payment terms that were met in the "
        "last period, against those of the period before. Each counts its days after "
        "the due date, at least 0, whatever its amount; three in each period are "
        "needed. It is warned of when the average grew by at least so many days.",
    )

    _one_rule = models.UniqueIndex(
        "(kind, COALESCE(company_id, 0)) WHERE action = 'on'",
        "There is already a rule in use for this kind of warning and company.",
    )
    _ranges = models.Constraint(
        f"CHECK (days BETWEEN 0 AND {DAYS} AND margin BETWEEN 0 AND {DAYS}"
        " AND percent BETWEEN 0 AND 100)",
        "Days can't be negative, and a share is not more than 100 %.",
    )

    @api.model
    def _rule_sql(self):
        """SQL of one row a company and kind: the rule that holds there, if it is on."""
        return SQL(
            """SELECT company_id, kind, days, percent, margin
                 FROM (SELECT DISTINCT ON (c.id, r.kind) c.id AS company_id, r.kind,
                              r.action, COALESCE(r.days, 0) AS days,
                              COALESCE(r.percent, 0) AS percent,
                              COALESCE(r.margin, 0) AS margin
                         FROM res_company c
                         JOIN contract_warning_rule r
                           ON r.company_id = c.id OR r.company_id IS NULL
                        ORDER BY c.id, r.kind, r.company_id NULLS LAST,
                                 r.action DESC, r.id) x
                WHERE action = 'on'"""
        )
