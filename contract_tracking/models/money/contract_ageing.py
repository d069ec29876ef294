from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ...tools.values import YEARS
from .contract_facts_account import AGES


def _amount(string, help_text):
    return fields.Monetary(
        string=string,
        currency_field="company_currency_id",
        readonly=True,
        help=help_text,
    )


def _contract_amount(string, help_text):
    return fields.Monetary(string=string, readonly=True, help=help_text)


class ContractAgeing(models.Model):
    """How old is what the customers owe (账龄): a row a contract and a frame agreement
    with money or terms of its own, read from the facts.

    Amounts with taxes in the company's currency, as the ledger has them, so that
    contracts in several currencies add up; ``contract_…`` the same in the contract's
    currency. Receivable = not due + overdue + paid for the frame agreement + exchange
    difference, where nothing is due before it is invoiced. Ages are days between the
    due date and the cut-off, in the company's time zone: today, or the day of the
    context key ``contract_cutoff``. Retention that did not mature is not due. Serves
    D3 §4.4 and D7 §1.3.
    """

    _name = "contract.ageing"
    _description = "Ageing of Receivables"
    _auto = False
    _rec_name = "contract_number"
    _order = "overdue desc, id"

    order_id = fields.Many2one("sale.order", string="Contract", readonly=True)
    frame_id = fields.Many2one(
        "contract.frame", string="Frame Agreement", readonly=True
    )
    contract_number = fields.Char(readonly=True)
    contract_state = fields.Selection(
        selection=lambda self: (
            self.env["sale.order"]
            ._fields["contract_state"]
            ._description_selection(self.env)
        ),
        string="State",
        readonly=True,
    )
    partner_id = fields.Many2one("res.partner", string="Customer", readonly=True)
    user_id = fields.Many2one("res.users", string="Salesperson", readonly=True)
    owner_id = fields.Many2one("res.users", string="Contract Owner", readonly=True)
    supervisor_id = fields.Many2one(
        "res.users", string="Performance Supervisor", readonly=True
    )
    team_id = fields.Many2one("crm.team", string="Office", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one(
        "res.currency", string="Contract Currency", readonly=True
    )
    company_currency_id = fields.Many2one("res.currency", readonly=True)
    cutoff = fields.Date(
        string="As Of",
        readonly=True,
        help="The day up to whose end facts count.",
    )
    date_oldest = fields.Date(
        string="Oldest Due Date",
        readonly=True,
        help="When the oldest overdue amount fell due.",
    )
    days_overdue = fields.Integer(
        readonly=True,
        aggregator="max",
        help="Days since the oldest overdue amount fell due.",
    )

    receivable = _amount(
        "Receivable", "Invoiced − received − adjusted. Negative: paid in advance."
    )
    not_due = _amount(
        "Not Due",
        "Receivable and not overdue: invoiced, but by the contract's payment terms "
        "not to be paid before today.",
    )
    relieved = _amount(
        "Covered by the Frame Agreement",
        "Part of the receivable that money claimed for the frame agreement covers: "
        "neither overdue nor to be paid. That money stands in the row of the frame "
        "agreement.",
    )
    due = _amount("Due", "Fell due up to this day and is not paid.")
    overdue = _amount(
        "Overdue Amount", "Fell due before this day and is not paid, all ages."
    )
    due_1_30 = _amount("1–30 Days", "Overdue since 1 to 30 days.")
    due_31_60 = _amount("31–60 Days", "Overdue since 31 to 60 days.")
    due_61_90 = _amount("61–90 Days", "Overdue since 61 to 90 days.")
    due_91_180 = _amount("91–180 Days", "Overdue since 91 to 180 days.")
    due_181_365 = _amount("181–365 Days", "Overdue since 181 to 365 days.")
    due_over_365 = _amount("Over a Year", "Overdue since more than 365 days.")

    exchange = _amount(
        "Exchange Difference",
        "Between the rates of the invoices and of the money that was claimed for the "
        "contract, until both are reconciled: part of the receivable in the ledger, "
        "owed by nobody.",
    )

    contract_receivable = _contract_amount(
        "Receivable (Contract Currency)",
        "Invoiced − received − adjusted. Negative: paid in advance.",
    )
    contract_not_due = _contract_amount(
        "Not Due (Contract Currency)",
        "Receivable and not overdue: invoiced, but by the contract's payment terms not "
        "to be paid before today.",
    )
    contract_relieved = _contract_amount(
        "Covered by the Frame Agreement (Contract Currency)",
        "Part of the receivable that money claimed for the frame agreement covers.",
    )
    contract_due = _contract_amount(
        "Due (Contract Currency)", "Fell due up to this day and is not paid."
    )
    contract_overdue = _contract_amount(
        "Overdue Amount (Contract Currency)",
        "Fell due before this day and is not paid, all ages.",
    )
    contract_due_1_30 = _contract_amount(
        "1–30 Days (Contract Currency)", "Overdue since 1 to 30 days."
    )
    contract_due_31_60 = _contract_amount(
        "31–60 Days (Contract Currency)", "Overdue since 31 to 60 days."
    )
    contract_due_61_90 = _contract_amount(
        "61–90 Days (Contract Currency)", "Overdue since 61 to 90 days."
    )
    contract_due_91_180 = _contract_amount(
        "91–180 Days (Contract Currency)", "Overdue since 91 to 180 days."
    )
    contract_due_181_365 = _contract_amount(
        "181–365 Days (Contract Currency)", "Overdue since 181 to 365 days."
    )
    contract_due_over_365 = _contract_amount(
        "Over a Year (Contract Currency)", "Overdue since more than 365 days."
    )

    @property
    def _table_query(self):
        Facts = self.env["contract.facts"]
        cutoff = self._cutoff()
        if cutoff:
            Facts._prepare()
        ctes, contracts, frames = Facts._balances_parts(cutoff=cutoff)
        return SQL(
            "%s %s UNION ALL %s",
            ctes,
            self._rows_sql(
                contracts,
                "sale_order",
                subject="order_id",
                key="b.order_id * 2",
                number="o.contract_number",
                state="b.contract_state",
                user="o.user_id",
                owner="o.contract_owner_id",
                supervisor="o.contract_supervisor_id",
            ),
            self._rows_sql(
                frames,
                "contract_frame",
                subject="frame_id",
                key="b.frame_id * 2 + 1",
                number="o.name",
                state="CASE b.contract_state WHEN 'closed' THEN 'completed'"
                " ELSE b.contract_state END",
                # who follows a frame agreement is its owner
                user="o.owner_id",
                owner="o.owner_id",
                supervisor="o.supervisor_id",
            ),
        )

    def _rows_sql(self, balances, table, **columns):
        """SQL of the rows of what hangs on ``table``; ``columns`` are SQL of ours."""
        amounts = [
            SQL(
                "b.%(booked)s AS %(name)s,"
                " ROUND(b.%(name)s::numeric, c.decimal_places) AS %(own)s",
                name=SQL.identifier(name),
                booked=SQL.identifier(f"booked_{name}"),
                own=SQL.identifier(f"contract_{name}"),
            )
            for name in ("receivable", "relieved", *AGES)
        ]
        return SQL(
            """SELECT %(key)s AS id, b.order_id, b.frame_id,
                      %(number)s AS contract_number, %(state)s AS contract_state,
                      p.commercial_partner_id AS partner_id, %(user)s AS user_id,
                      %(owner)s AS owner_id, %(supervisor)s AS supervisor_id,
                      o.team_id, y.id AS company_id, c.id AS currency_id,
                      y.currency_id AS company_currency_id, b.cutoff,
                      b.oldest AS date_oldest, b.days AS days_overdue, b.exchange,
                      %(amounts)s
                 FROM (%(balances)s) b
                 JOIN %(table)s o ON o.id = b.%(subject)s
                 JOIN res_partner p ON p.id = o.partner_id
                 JOIN res_company y ON y.id = o.company_id
                 JOIN res_currency c ON c.id = o.currency_id""",
            balances=balances,
            table=SQL.identifier(table),
            amounts=SQL(", ").join(amounts),
            **{name: SQL(value) for name, value in columns.items()},
        )

    @api.depends("contract_number", "order_id")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.contract_number or row.order_id.display_name

    @api.readonly
    def action_open_order(self):
        """Open the contract or the frame agreement."""
        self.ensure_one()
        return (self.order_id or self.frame_id)._contract_form_action()

    def action_contract_figure(self):
        """Open the rows of the figure that the context names, as of its day."""
        self.ensure_one()
        # call-offs have rows of their own in the ageing
        frame = self.frame_id.with_context(contract_own_rows=True)
        return (self.order_id or frame).action_contract_figure()

    @api.model
    def _cutoff(self):
        """The day of the report: that of the context, None for today.

        :raise UserError: if the context holds something else than a day
        """
        value = self.env.context.get("contract_cutoff")
        if not value:
            return None
        try:
            day = fields.Date.to_date(value)
        except (TypeError, ValueError) as error:
            raise UserError(
                self.env._(
                    "“%(value)s” is no date: write it as year-month-day, like "
                    "2026-12-31.",
                    value=value,
                )
            ) from error
        if day.year not in YEARS:
            raise UserError(
                self.env._(
                    "Nothing is known of %(day)s: choose a day from %(first)s to "
                    "%(last)s.",
                    day=value,
                    first=YEARS[0],
                    last=YEARS[-1],
                )
            )
        return day
