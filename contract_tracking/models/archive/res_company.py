from string import Formatter

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..base.res_company import SETTINGS

# What a scheme of index numbers may name.
PARTS = {"category", "year", "number"}


class ResCompany(models.Model):
    """Who keeps the files of finished contracts, by when, under which numbers."""

    _inherit = "res.company"

    contract_archive_days = fields.Integer(
        string="Archive Within",
        groups=SETTINGS,
        help="Days after the end of a contract within which its files are handed over "
        "to the department that keeps them. 0: nobody is asked to.",
    )
    contract_archive_settled = fields.Boolean(
        string="Settlement Before Archive",
        groups=SETTINGS,
        help="Files of a contract are handed over once its settlement is confirmed; "
        "the days to archive count from then.",
    )
    contract_archive_department_id = fields.Many2one(
        "contract.department",
        string="Files Go To",
        ondelete="restrict",
        check_company=True,
        groups=SETTINGS,
        help="The department that takes, keeps and lends the files of contracts.",
    )
    contract_archive_scheme = fields.Char(
        string="Index Numbers",
        required=True,
        default="{category}-{year}-{number}",
        groups=SETTINGS,
        help="What index numbers are made of: {category}, {year} of its archiving and "
        "a counted {number}, with what stands between them.",
    )
    contract_archive_loan_approval = fields.Selection(
        [
            ("none", "No approval needed"),
            ("custodian", "Who keeps the files"),
            ("head", "The head of the department"),
        ],
        string="Loans Are Approved By",
        required=True,
        default="none",
        groups=SETTINGS,
        help="Who agrees before a file is lent.",
    )

    _contract_archive_days = models.Constraint(
        "CHECK (contract_archive_days >= 0)", "Days can't be negative."
    )

    @api.constrains("contract_archive_scheme")
    def _check_contract_archive_scheme(self):
        for company in self:
            try:
                parts = list(Formatter().parse(company.contract_archive_scheme))
            except ValueError:
                parts = [("", "?", "", None)]
            named = {name for _text, name, _spec, _as in parts if name is not None}
            plain = all(not spec and not as_ for _text, _name, spec, as_ in parts)
            if "number" not in named or named - PARTS or not plain:
                raise ValidationError(
                    self.env._(
                        "“%(scheme)s” makes no index numbers: it names {number}, and "
                        "perhaps {category} and {year}.",
                        scheme=company.contract_archive_scheme,
                    )
                )
