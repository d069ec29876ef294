import collections

from odoo import models
from odoo.tools import float_is_zero

from ...tools.pages import Column, Paper, text_width
from ...tools.words import format_month
from ..base.ir_actions_report import PAPER

PAPERS = {
    "a4": Paper("contract_tracking.paperformat_form_a4_landscape", 281, 192, 10),
    "a3": Paper("contract_tracking.paperformat_form_a3_landscape", 404, 279, 10.5),
}
# The letters that a page of A4 upright is laid out for.
LETTERS = Paper()
# What the rules and the space beside a figure take, in characters.
ROOM = 2
# How much wider sums are, in bold letters.
BOLD = 1
# A longer word of a title may be broken; its letters are wider than figures.
WORD, LETTER = 10, 1.15
# More currencies than these are summed up in the company's alone.
CURRENCIES = 3
# Sums of lines, and what is counted of them.
AMOUNTS = (
    "total",
    *(
        f"{name}{part}"
        for name in ("delivered", "invoiced", "received")
        for part in ("_opening", "_month", "_adjustment", "_year", "")
    ),
    "delivered_not_invoiced",
    "receivable",
    "matured",
    "overdue",
    "risk_outstanding",
    "planned_delivery",
    "planned_collection",
    "plan_delivery",
    "plan_collection",
)
COUNTS = ("deviations_new", "deviations_closed", "deviations_open")
# Shares: of what (none where there is nothing), and for sums of lines the part.
RATES = {
    "completion": ("total", "delivered"),
    "collection_rate_year": ("matured", None),
    "collection_rate": ("matured", "collected"),
    "delivery_achieved": ("planned_delivery", "delivered_month"),
    "collection_achieved": ("planned_collection", "received_month"),
}
NOTHING = "–"


def _both(upper, lower):
    """The title of two figures of which one stands below the other."""
    return f"{upper}\n{lower}"


class MonthTotal(dict):
    """Sums of lines of a record: those in a currency, or all in the company's
    (``booked``)."""

    def __init__(self, currency, booked):
        super().__init__(dict.fromkeys((*AMOUNTS, *COUNTS), 0))
        self["currency_id"] = currency
        self["collected"] = self["lines"] = 0
        self["booked"] = booked

    def add(self, lines):
        """Add those of the lines that it is about."""
        prefix = "booked_" if self["booked"] else ""
        for line in lines:
            if self["booked"] or line.currency_id == self["currency_id"]:
                for name in AMOUNTS:
                    self[name] += line[f"{prefix}{name}"]
                for name in COUNTS:
                    self[name] += line[name]
                self["collected"] += line.collection_rate * line[f"{prefix}matured"]
                self["lines"] += 1
        return self


class ContractMonthlyRecord(models.Model):
    """What the printed 附表5 shows: a line a contract, sums carried from page to page,
    problems and plan, how the month goes together with what was before and with the
    ledger; and the whole month of a company with an overview of its offices (汇总)."""

    _inherit = "contract.monthly.record"

    def _form_title(self):
        if self._form_overview():
            return self.env._("Monthly Execution Record of Sales Contracts: Overview")
        return self.env._("Monthly Execution Record of Sales Contracts")

    def _form_vals(self, company):
        return {
            **super()._form_vals(company),
            **self.env["contract.form.type"]._iso_vals(self._name, company),
        }

    def _form_pdf(self):
        """The printed form as the bytes of a PDF, in the language of the
        environment."""
        return self.env["ir.actions.report"]._render_qweb_pdf(
            "contract_tracking.action_report_monthly_record", self.ids
        )[0]

    # ------------------------------------------------------------------
    # Documents
    # ------------------------------------------------------------------

    def _whole_month(self):
        """The records of the months of these that count, of all offices that the user
        may read: of a record and its correction the correction."""
        months = self.browse()
        for company, month in {(record.company_id, record.month) for record in self}:
            months |= self.search(
                [
                    ("company_id", "=", company.id),
                    ("month", "=", month),
                    ("state", "!=", "replaced"),
                ]
            )
        return (months - months.replaces_id)._in_order()

    def _in_order(self):
        """These records by company, month and office, contracts of none first."""
        return self.sorted(
            lambda record: (
                record.company_id.id,
                record.month,
                record.team_id.sudo().sequence if record.team_id else -1,
                record.id,
            )
        )

    def _form_month_documents(self):
        """What is printed of the whole months of these records: of each month an
        overview, then its records."""
        documents = []
        for records in (
            self._whole_month()
            .grouped(lambda record: (record.company_id, record.month))
            .values()
        ):
            overview = records[0].with_context(contract_overview=tuple(records.ids))
            documents += [overview, *records]
        return documents

    def _form_overview(self):
        """The records that this document is an overview of."""
        return self.browse(self.env.context.get("contract_overview", ()))

    def _form_document(self, customer):
        """In letters so small that no figure of it is cut."""
        self.ensure_one()
        return self.with_context(contract_font=self._form_layout()[0])

    def _form_pages(self):
        if "contract_font" in self.env.context:
            return super()._form_pages()
        return self._form_document(False)._form_pages()

    def _form_paper(self):
        font = self.env.context.get("contract_font")
        paper = self._form_format()
        return paper._replace(font=font) if font else paper

    def _form_format(self):
        """The paper of what is being printed, or of the company."""
        printed = self.env.context.get(PAPER)
        for paper in PAPERS.values():
            if isinstance(printed, Paper) and paper.format == printed.format:
                return paper
        return PAPERS[self.company_id.sudo().contract_monthly_paper or "a4"]

    def _form_number(self):
        return "" if self._form_overview() else super()._form_number()

    def _form_currency(self):
        if self._form_overview():
            return super()._form_currency()
        names = self.line_ids.currency_id.mapped("name")
        return "/".join(names) or super()._form_currency()

    # ------------------------------------------------------------------
    # Blocks
    # ------------------------------------------------------------------

    def _form_blocks(self):
        self.ensure_one()
        _font, columns = self._form_layout()
        overview = self._form_overview()
        if overview:
            return [self._form_month_head(), self._form_offices(columns, overview)]
        return [
            self._form_month_head(),
            *self._form_notes(),
            self._form_contracts(columns),
            self._form_text(self.env._("Problems and causes"), self.problems),
            self._form_text(self.env._("Plan of the next month"), self.plan),
            self._form_movement(),
            # whoever prints it for his office doesn't see the company's accounts
            *([self._form_bridge()] if self.bridge_ids else []),
            self._form_sign(),
        ]

    def _form_month_head(self):
        env = self.env
        office = (
            env._("All offices") if self._form_overview() else self._form_office(self)
        )
        return self._form_cells(
            [
                (env._("Office"), office),
                (env._("Month"), self._form_month()),
                (
                    env._("Period"),
                    env._(
                        "%(start)s – %(end)s",
                        start=self._form_date(self.date_from),
                        end=self._form_date(self.date),
                    ),
                ),
                (env._("Cut-Off"), self._form_date(self.date)),
            ]
        )

    def _form_office(self, record):
        return (
            record.team_name
            or record.team_id.sudo().name
            or self.env._("Contracts of no office")
        )

    def _form_month(self):
        """The month in words: 2026年11月 in Chinese."""
        if self.env.lang and self.env.lang.startswith("zh"):
            return f"{self.month.year}年{self.month.month}月"
        return format_month(self.env, self.month)

    def _form_notes(self):
        if self.state == "draft":
            yield self._form_note(self.env._("Draft"), "late")
        if self.replaces_id:
            yield self._form_note(
                self.env._(
                    "Version %(version)s, corrects %(record)s: %(reason)s",
                    version=self.version,
                    record=self.replaces_id.sudo().name,
                    reason=self.reason or "",
                ),
                "strong",
            )

    def _form_ended(self):
        if self.state != "replaced":
            return super()._form_ended()
        successor = self.replaced_by_ids.sudo()[:1]
        return self.env._(
            "Replaced by %(record)s: %(reason)s",
            record=successor.name or "",
            reason=successor.reason or "",
        )

    def _form_contracts(self, columns):
        """The contracts, with sums carried from page to page."""
        lines = self.line_ids
        totals = self._form_totals()

        def rows(title):
            return [
                self._form_row(columns, {**total, "title": title}, "strong")
                for total in totals
            ]

        def carry(part, last):
            for row in part:
                for total in totals:
                    total.add(row["record"])
            below = rows(self.env._("Total") if last else self.env._("Carried forward"))
            return below, rows(self.env._("Brought forward"))

        # sums are no wider than those of all lines
        full = [total.add(lines) for total in self._form_totals()]
        title = self.env._("Carried forward")
        carried = sum(
            self._form_row(columns, {**total, "title": title})["height"]
            for total in full
        )
        return self._form_table(
            "contracts",
            False,
            columns,
            lines,
            carry=carry,
            carried=carried,
            empty=self.env._("No contract was open in this month."),
        )

    def _form_totals(self):
        """Empty sums of the lines: of each currency, and in the company's currency
        where there are others."""
        home, currencies = self.currency_id, self.line_ids.currency_id
        totals = [
            MonthTotal(currency, False)
            for currency in currencies.sorted("name")
            if len(currencies) <= CURRENCIES
        ]
        if currencies != home:
            totals.append(MonthTotal(home, True))
        return totals

    def _form_offices(self, columns, records):
        """A line an office, in the company's currency, and their sum."""
        rows = [self._form_office_row(record) for record in records]
        total = MonthTotal(self.currency_id, True).add(records.line_ids)
        last = self._form_row(
            columns, {**total, "title": self.env._("Total")}, "strong"
        )
        return self._form_table(
            "offices",
            False,
            columns,
            rows,
            carry=lambda part, last_part: ([last] if last_part else [], []),
            carried=last["height"],
        )

    def _form_office_row(self, record):
        total = MonthTotal(self.currency_id, True).add(record.line_ids)
        return {**total, "title": self._form_office(record), "record": record}

    def _form_movement(self):
        """Brought forward + in the month + earlier months = to date."""
        env = self.env
        rows = []
        for total in self._form_totals():
            total.add(self.line_ids)
            titles = {
                "delivered": env._("Delivered"),
                "invoiced": env._("Invoiced"),
                "received": env._("Received"),
            }
            for name, title in titles.items():
                rows.append({**total, "name": name, "title": title})

        def amount(part):
            return lambda row: self._form_amount(
                row[f"{row['name']}{part}"], currency=row["currency_id"]
            )

        return self._form_table(
            "movement",
            env._("Brought forward + in the month + earlier months = to date"),
            [
                Column(
                    env._("Figure"),
                    22,
                    lambda row: self._form_total_title(row["title"], row),
                ),
                Column(env._("Brought Forward"), 16, amount("_opening"), "figures"),
                Column(env._("In the Month"), 16, amount("_month"), "figures"),
                Column(env._("Earlier Months"), 16, amount("_adjustment"), "figures"),
                Column(env._("To Date"), 16, amount(""), "figures"),
                Column(env._("This Year"), 14, amount("_year"), "figures"),
            ],
            rows,
        )

    def _form_bridge(self):
        """From the receivable of the contracts to the receivable accounts."""
        kinds = dict(self.bridge_ids._fields["kind"]._description_selection(self.env))
        return self._form_table(
            "bridge",
            self.env._(
                "From the receivable of the contracts to the receivable accounts "
                "(%(currency)s)",
                currency=self.currency_id.name,
            ),
            [
                Column(self.env._("What"), 54, lambda row: kinds[row.kind]),
                Column(self.env._("Amount"), 46, "amount", "amount"),
            ],
            self.bridge_ids,
        )

    def _form_signatures(self):
        """Who submitted, then who decided: the business office, finance, others as the
        leader; by hand who didn't."""
        self.ensure_one()
        steps = (
            self.sudo()
            ._approval_round_steps()
            .filtered(lambda step: step.state == "approved")
        )
        places = {"business": steps.browse(), "finance": steps.browse()}
        for place in places:
            group = self.env.ref(f"contract_tracking.group_contract_{place}").sudo()
            places[place] = steps.filtered(
                lambda step, group=group: step.line_id.group_id == group
            )[:1]
        leader = (steps - places["business"] - places["finance"])[:1]
        rows = [
            (self.env._("Leader in Charge"), leader),
            (self.env._("Business Office"), places["business"]),
            (self.env._("Finance"), places["finance"]),
        ]
        return self._approval_signatures(self.env._("Prepared by"), rows)

    # ------------------------------------------------------------------
    # Columns
    # ------------------------------------------------------------------

    def _form_layout(self):
        """The size of the letters in which every figure has its place on the paper, and
        the columns: figures as wide as they are, texts share the rest."""
        rows = self._form_widest()
        # title, value, group, its characters, weight in the rest
        columns = [
            (title, value, "text", "", least, least)
            for title, value, least in self._form_texts()
        ]
        figures = self._form_figures()
        members = collections.Counter(group for group, _title, _names in figures)
        for group, title, names in figures:
            value = self._form_stack(names)
            width = max(
                (text_width(part) for row in rows for part in value(row).split("\n")),
                default=0,
            )
            words = [min(text_width(word), WORD) for word in title.split()]
            words += [
                min(text_width(word), WORD) / members[group] for word in group.split()
            ]
            width = max(width + BOLD, LETTER * max(words) + 1)
            columns.append((title, value, "figures", group, width, 0))
        if not self._form_overview():
            columns.append((self.env._("Remark"), self._form_remark, "text", "", 8, 8))
        need = sum(column[4] + ROOM for column in columns)
        paper = self._form_format()
        room = paper._replace(font=LETTERS.font).columns
        font = min(paper.font, LETTERS.font * room / need)
        rest = room * LETTERS.font / font - need
        weights = sum(column[5] for column in columns)
        widths = [
            (width + ROOM + rest * weight / weights) for *_c, width, weight in columns
        ]
        return font, [
            Column(title, 100 * width / sum(widths), value, kind, group)
            for (title, value, kind, group, *_c), width in zip(
                columns, widths, strict=True
            )
        ]

    def _form_widest(self):
        """The rows in which the widest text of each figure is: their sums, and the
        largest and smallest of each."""
        overview = self._form_overview()
        if overview:
            total = MonthTotal(self.currency_id, True).add(overview.line_ids)
            rows = [self._form_office_row(record) for record in overview]
            return [*rows, {**total, "title": ""}]
        rows = [{**t.add(self.line_ids), "title": ""} for t in self._form_totals()]
        for lines in self.line_ids.grouped("currency_id").values():
            for name in (*AMOUNTS, *COUNTS, *RATES):
                rows += [
                    max(lines, key=lambda line, name=name: line[name]),
                    min(lines, key=lambda line, name=name: line[name]),
                ]
        return rows

    def _form_texts(self):
        """What is said of a contract in words: title, value, characters at least."""
        env = self.env
        if self._form_overview():
            return [
                (env._("Office"), lambda row: row["title"], 16),
                (env._("Contracts"), lambda row: str(row["lines"]), 11),
                (env._("State"), self._form_row_state, 8),
            ]
        count = {line.id: str(n) for n, line in enumerate(self.line_ids, 1)}

        def number(row):
            return "" if isinstance(row, dict) else count[row.id]

        def text(*names):
            def value(row):
                if isinstance(row, dict):
                    first = "number" in names
                    return self._form_total_title(row["title"], row) if first else ""
                return "\n".join(
                    (
                        self._form_date(row[name])
                        if name == "signing_date"
                        else row[name] or NOTHING
                    )
                    or NOTHING
                    for name in names
                )

            return value

        if self._form_is_wide():
            return [
                (env._("#"), number, 3),
                (env._("Contract No."), text("number"), 14),
                (env._("Customer"), text("partner_name"), 18),
                (env._("Products"), text("product_names"), 18),
                (env._("Salesperson"), text("user_name"), 12),
                (env._("Signed"), text("signing_date"), 12),
                (env._("Payment Terms"), text("payment_terms"), 16),
            ]
        return [
            (env._("#"), number, 3),
            (
                _both(env._("Contract No."), env._("Customer")),
                text("number", "partner_name"),
                20,
            ),
            (
                _both(env._("Products"), env._("Salesperson")),
                text("product_names", "user_name"),
                18,
            ),
            (
                _both(env._("Signed"), env._("Payment Terms")),
                text("signing_date", "payment_terms"),
                16,
            ),
        ]

    def _form_figures(self):
        """The figures of a contract: group, title, the names of those that stand in the
        column, one below the other."""
        env = self.env
        delivered, received = env._("Delivered"), env._("Received")
        invoiced, deviations = env._("Invoiced"), env._("Deviations")
        rate, plan = env._("Collection Rate"), env._("Next Month's Plan")
        in_month, year, to_date = (
            env._("In the Month"),
            env._("This Year"),
            env._("To Date"),
        )
        counts = [
            (deviations, env._("Newly Found"), ["deviations_new"]),
            (deviations, env._("Closed"), ["deviations_closed"]),
            (deviations, env._("Open"), ["deviations_open"]),
        ]
        if self._form_is_wide():
            delivery = env._("This Month: Delivery")
            collection = env._("This Month: Collection")
            planned, achieved = (
                _both(env._("Planned"), env._("Actual")),
                env._("Achieved"),
            )
            return [
                ("", env._("Contract Amount"), ["total"]),
                (delivered, in_month, ["delivered_month"]),
                (delivered, year, ["delivered_year"]),
                (delivered, to_date, ["delivered"]),
                (invoiced, in_month, ["invoiced_month"]),
                (invoiced, to_date, ["invoiced"]),
                ("", env._("Delivered not Invoiced"), ["delivered_not_invoiced"]),
                (received, in_month, ["received_month"]),
                (received, year, ["received_year"]),
                (received, to_date, ["received"]),
                ("", env._("Receivable"), ["receivable"]),
                ("", env._("Fallen Due"), ["matured"]),
                ("", env._("Overdue Amount"), ["overdue"]),
                (rate, year, ["collection_rate_year"]),
                (rate, to_date, ["collection_rate"]),
                ("", env._("Completion"), ["completion"]),
                *counts,
                ("", env._("Open on Risk"), ["risk_outstanding"]),
                (delivery, planned, ["planned_delivery", "delivered_month"]),
                (delivery, achieved, ["delivery_achieved"]),
                (collection, planned, ["planned_collection", "received_month"]),
                (collection, achieved, ["collection_achieved"]),
                (plan, env._("Delivery"), ["plan_delivery"]),
                (plan, env._("Collection"), ["plan_collection"]),
            ]
        month = env._("This Month's Plan")
        return [
            (
                "",
                _both(env._("Contract Amount"), env._("Completion")),
                ["total", "completion"],
            ),
            (delivered, _both(in_month, year), ["delivered_month", "delivered_year"]),
            (
                delivered,
                _both(env._("To Date"), env._("Not Invoiced")),
                ["delivered", "delivered_not_invoiced"],
            ),
            (invoiced, _both(in_month, to_date), ["invoiced_month", "invoiced"]),
            (received, _both(in_month, year), ["received_month", "received_year"]),
            (received, to_date, ["received"]),
            (
                "",
                _both(env._("Receivable"), env._("Fallen Due")),
                ["receivable", "matured"],
            ),
            (
                "",
                _both(env._("Overdue Amount"), env._("Open on Risk")),
                ["overdue", "risk_outstanding"],
            ),
            (rate, _both(year, to_date), ["collection_rate_year", "collection_rate"]),
            *counts,
            (
                month,
                _both(env._("Delivery"), env._("Actual")),
                ["planned_delivery", "delivered_month"],
            ),
            (
                month,
                _both(env._("Collection"), env._("Actual")),
                ["planned_collection", "received_month"],
            ),
            (
                month,
                _both(env._("Achieved"), env._("Delivery, Collection")),
                ["delivery_achieved", "collection_achieved"],
            ),
            (
                plan,
                _both(env._("Delivery"), env._("Collection")),
                ["plan_delivery", "plan_collection"],
            ),
        ]

    def _form_is_wide(self):
        return self._form_format() is PAPERS["a3"]

    def _form_stack(self, names):
        """A function of a row: its figures of these names, one below the other."""
        mixed = len(self.line_ids.currency_id | self.currency_id) > 1

        def value(row):
            return "\n".join(self._form_figure(row, name, mixed) for name in names)

        return value

    def _form_figure(self, row, name, mixed):
        """A figure of a line, or of a sum of lines, as it is written; the contract
        amount says its currency where there are several."""
        if name in COUNTS:
            return str(row[name]) if row[name] else NOTHING
        if name in RATES:
            whole, part = RATES[name]
            is_sum = isinstance(row, dict)
            if not row[whole] or (is_sum and not part):
                return NOTHING
            share = row[part] / row[whole] if is_sum else row[name]
            return f"{share * 100:.1f}%"
        currency = row["currency_id"]
        if float_is_zero(row[name], precision_digits=currency.decimal_places):
            return NOTHING
        amount = self._form_amount(row[name], currency=currency)
        if name == "total" and mixed and not self._form_overview():
            return f"{currency.name} {amount}"
        return amount

    def _form_total_title(self, title, total):
        """What a sum is called: of which currency, where there are several."""
        if len(self._form_totals()) < 2:
            return title
        if total["booked"]:
            return self.env._(
                "%(title)s, all in %(currency)s",
                title=title,
                currency=total["currency_id"].name,
            )
        return self.env._(
            "%(title)s %(currency)s",
            title=title,
            currency=total["currency_id"].name,
        )

    def _form_row_state(self, row):
        record = row.get("record")
        return record._form_label("state") if record else ""

    def _form_remark(self, row):
        return "" if isinstance(row, dict) else row.remark or ""
