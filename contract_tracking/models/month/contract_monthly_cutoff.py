from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date

from ...tools.guard import unguarded
from ...tools.words import format_month


class ContractMonthlyCutoff(models.Model):
    """The cut-off of one month of a company: entered where it departs from the
    company's cut-off day, written by the addon when the first record of the month is
    made. From then on it stays.

    A row is also what the records of a month are made under: who makes them writes it
    first, so that two at once can't make them twice.
    """

    _name = "contract.monthly.cutoff"
    _inherit = ["contract.frozen.mixin"]
    _description = "Cut-Off of a Month"
    _order = "month desc, id"
    _rec_name = "month"

    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        ondelete="cascade",
    )
    month = fields.Date(required=True, help="Any day of the month; its first is kept.")
    date = fields.Date(
        string="Cut-Off",
        required=True,
        help="The last day, to its end, that belongs to the month.",
    )
    run = fields.Integer(
        readonly=True,
        help="How often the records of the month were read; -1: only those of some "
        "offices.",
    )
    done_on = fields.Datetime(
        string="Figures Read On",
        readonly=True,
        help="When all records of the month had been read; empty while they are.",
    )

    _company_month = models.UniqueIndex(
        "(company_id, month)", "This month has a cut-off already: change that one."
    )

    @api.depends("month")
    def _compute_display_name(self):
        for cutoff in self:
            cutoff.display_name = format_month(self.env, cutoff.month)

    @api.constrains("company_id", "month", "date")
    def _check_date(self):
        for cutoff in self:
            before, after = (
                cutoff.company_id._contract_cutoff(
                    cutoff.month + relativedelta(months=step)
                )
                for step in (-1, 1)
            )
            near = relativedelta(cutoff.date, cutoff.month)
            if not before < cutoff.date < after or not (
                -1 <= near.years * 12 + near.months <= 1
            ):
                raise ValidationError(
                    self.env._(
                        "The cut-off of %(month)s must lie between that of the month "
                        "before (%(before)s) and that of the month after (%(after)s).",
                        month=cutoff.display_name,
                        before=format_date(self.env, before),
                        after=format_date(self.env, after),
                    )
                )

    @api.model_create_multi
    def create(self, vals_list):
        default = self.default_get(["month"])
        return super().create([self._first_day({**default, **v}) for v in vals_list])

    def write(self, vals):
        return super().write(self._first_day(vals))

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._check_frozen({"date"})

    def _check_frozen(self, content):
        """
        :raise UserError: if a month has records: they count up to its cut-off, from the
            day after that of the month before
        """
        for cutoff in self.filtered("run"):
            raise UserError(
                self.env._(
                    "%(month)s has records, which count up to %(date)s: its cut-off "
                    "can't be moved any more. Move that of a later month.",
                    month=cutoff.display_name,
                    date=format_date(self.env, cutoff.date),
                )
            )
        for cutoff in self:
            following = cutoff.month + relativedelta(months=1)
            if self.sudo().search_count(
                [
                    ("company_id", "=", cutoff.company_id.id),
                    ("month", "=", following),
                    ("run", ">", 0),
                ],
                limit=1,
            ):
                raise UserError(
                    self.env._(
                        "%(month)s has records, which count from the day after "
                        "%(date)s: that cut-off can't be moved any more. Move that of "
                        "a later month.",
                        month=format_date(self.env, following, date_format="LLLL y"),
                        date=format_date(self.env, cutoff.date),
                    )
                )

    @api.model
    def _first_day(self, vals):
        if not vals.get("month"):
            return vals
        self._contract_check_values(vals)
        month = self._fields["month"].convert_to_cache(vals["month"], self)
        return {**vals, "month": month.replace(day=1)}

    @api.model
    def _open(self, company, month):
        """The row of a month, for who makes its records: a second one that began before
        he is done fails here, and is tried again by core. Its first day stays too: the
        month before has a row."""
        month = month.replace(day=1)
        date = company._contract_cutoff(month)
        before = month - relativedelta(months=1)
        self.flush_model()
        self.env.cr.execute(
            SQL(
                """INSERT INTO contract_monthly_cutoff (company_id, month, date)
                   VALUES (%s, %s, %s) ON CONFLICT (company_id, month) DO NOTHING""",
                company.id,
                before,
                company._contract_cutoff(before),
            )
        )
        self.env.cr.execute(
            SQL(
                """INSERT INTO contract_monthly_cutoff AS c (company_id, month, date)
                   VALUES (%s, %s, %s)
                       ON CONFLICT (company_id, month) DO UPDATE SET month = c.month
                   RETURNING id""",
                company.id,
                month,
                date,
            )
        )
        row = self.sudo().browse(self.env.cr.fetchone()[0])
        row.invalidate_recordset()
        return unguarded(row)
