from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from ...tools.sheets import MAX_ROWS, Book, SheetColumn, Table
from ...tools.words import choices
from .contract_monthly_record_print import AMOUNTS, COUNTS, RATES
from .contract_monthly_workbook import LARGE

# Lines that are read at once, and from which on rows aren't kept in memory.
BATCH = 5000


class ContractMonthlyRecord(models.Model):
    """The record as a workbook: a sheet an office, real numbers and dates, sums as
    formulas; deviations; and of several offices a summary.

    Lines are read by SQL under the rules of the user, so that a month of 100,000
    contracts is written in one go.
    """

    _inherit = "contract.monthly.record"

    # ------------------------------------------------------------------
    # Workbooks
    # ------------------------------------------------------------------

    def _xlsx(self):
        """The record as the bytes of an XLSX file, in the language of the
        environment.

        :raise UserError: if it has more lines than a sheet
        """
        self.ensure_one()
        book = Book(large=True)
        self._xlsx_office(book)
        self._xlsx_deviations(book)
        return book.content()

    def _xlsx_month(self, progress=None):
        """These records as one workbook: a summary, a sheet each, deviations.

        :param progress: called after each record with the number of its lines
        :raise UserError: if a record has more lines than a sheet
        """
        book = Book(large=True)
        summary = book.sheet(self.env._("Summary"))
        offices = []
        for record in self:
            table, sums = record._xlsx_office(book, self)
            offices.append((record, table, sums))
            if progress:
                progress(table.count)
        self._xlsx_summary(book, summary, offices)
        self._xlsx_deviations(book)
        return book.content()

    def _xlsx_name(self):
        """The name of the file, without its ending."""
        if len(self) == 1:
            return self.display_name.replace("/", "-")
        months = sorted({f"{record.month:%Y-%m}" for record in self})
        name = self.env["ir.model"]._get(self._name).name
        return " ".join([name, *months])

    # ------------------------------------------------------------------
    # An office
    # ------------------------------------------------------------------

    def _xlsx_office(self, book, records=None):
        """A sheet of the lines of an office.

        :param records: what else is in the workbook
        :return: the table, and the sums of what it has in the company's currency:
            ``{name: (place, value)}``
        """
        self.ensure_one()
        currencies = self._xlsx_currencies()
        columns = self._xlsx_columns(currencies)
        name = self._form_office(self)
        if len({(r.company_id, r.month) for r in records or self}) > 1:
            name = f"{self.month:%Y-%m} {name}"
        sheet = book.sheet(name, paper=8)
        top = self._xlsx_head(book, sheet, currencies)
        digits = self.currency_id.decimal_places
        table = Table(book, sheet, top, [column for _name, column in columns], digits)
        names = [name for name, _column in columns]
        sums = self._xlsx_lines(table, names, currencies)
        filled = table.finish()
        if filled:
            self._xlsx_totals(table, names, currencies, sums)
        self._xlsx_foot(book, sheet, table)
        totals = {}
        for name in (*AMOUNTS, *COUNTS) if filled else ():
            key = f"booked_{name}" if f"booked_{name}" in names else name
            currency = self.currency_id.id if key in AMOUNTS else None
            totals[name] = names.index(key), sums.get((currency, key), 0)
        return table, totals

    def _xlsx_domain(self):
        return Domain("record_id", "=", self.id)

    def _xlsx_currencies(self):
        """The currencies of the lines that the user may read."""
        lines = self.env["contract.monthly.record.line"]
        groups = lines._read_group(self._xlsx_domain(), ["currency_id"])
        found = lines.currency_id.browse(c.id for (c,) in groups)
        return found or self.currency_id

    def _xlsx_head(self, book, sheet, currencies):
        """Write what stands above the table.

        :return: the row below it
        """
        env = self.env
        words = [
            (env._("Number"), self.name),
            (env._("Company"), self.company_name or self.company_id.sudo().name),
            (env._("Office"), self._form_office(self)),
            (env._("Month"), self._form_month()),
            (
                env._("Period"),
                env._(
                    "%(start)s – %(end)s",
                    start=self._form_date(self.date_from),
                    end=self._form_date(self.date),
                ),
            ),
            (env._("Currency"), "/".join(currencies.mapped("name"))),
            (env._("State"), self._form_label("state")),
        ]
        title = book.style(bold=True, font_size=14)
        sheet.write_string(0, 0, self._form_title(), title)
        for row, (label, text) in enumerate(words, 1):
            sheet.write_string(row, 0, label)
            sheet.write_string(row, 1, text or "")
        return len(words) + 2

    def _xlsx_columns(self, currencies):
        """The columns: (field of a line, column). Where there are contracts in other
        currencies than the company's, its amounts follow."""
        env = self.env
        groups = {
            "delivered": env._("Delivered"),
            "invoiced": env._("Invoiced"),
            "received": env._("Received"),
            "collection_rate": env._("Collection Rate"),
            "deviations": env._("Deviations"),
            "plan": env._("Next Month's Plan"),
            "delivery": env._("This Month: Delivery"),
            "collection": env._("This Month: Collection"),
        }
        parts = {
            "_opening": env._("Brought Forward"),
            "_month": env._("In the Month"),
            "_adjustment": env._("Earlier Months"),
            "_year": env._("This Year"),
            "": env._("To Date"),
        }
        texts = {
            "number": SheetColumn(env._("Contract No."), 18),
            "partner_name": SheetColumn(env._("Customer"), 28),
            "product_names": SheetColumn(env._("Products"), 24),
            "user_name": SheetColumn(env._("Salesperson"), 14),
            "signing_date": SheetColumn(env._("Signed"), 11, "date"),
            "payment_terms": SheetColumn(env._("Payment Terms"), 24),
            "currency_id": SheetColumn(env._("Currency"), 9),
        }
        deviations = {
            "deviations_new": env._("Newly Found"),
            "deviations_closed": env._("Closed"),
            "deviations_open": env._("Open"),
        }

        def flow(name):
            return [
                (f"{name}{part}", SheetColumn(title, 15, "amount", groups[name]))
                for part, title in parts.items()
            ]

        def amount(name, title, group=""):
            group = groups.get(group, "")
            return name, SheetColumn(title, 15, "amount", group)

        def share(name, title, group=""):
            return name, SheetColumn(title, 10, "share", groups.get(group, ""))

        figures = [
            amount("total", env._("Contract Amount")),
            *flow("delivered"),
            *flow("invoiced"),
            amount("delivered_not_invoiced", env._("Delivered not Invoiced")),
            *flow("received"),
            amount("receivable", env._("Receivable")),
            amount("matured", env._("Fallen Due")),
            amount("overdue", env._("Overdue Amount")),
            share("collection_rate_year", parts["_year"], "collection_rate"),
            share("collection_rate", parts[""], "collection_rate"),
            share("completion", env._("Completion")),
            *(
                (name, SheetColumn(title, 8, "count", groups["deviations"]))
                for name, title in deviations.items()
            ),
            amount("risk_outstanding", env._("Open on Risk")),
            amount("planned_delivery", env._("Planned"), "delivery"),
            share("delivery_achieved", env._("Achieved"), "delivery"),
            amount("planned_collection", env._("Planned"), "collection"),
            share("collection_achieved", env._("Achieved"), "collection"),
            amount("plan_delivery", env._("Delivery"), "plan"),
            amount("plan_collection", env._("Collection"), "plan"),
        ]
        remark = SheetColumn(env._("Remark"), 20)
        columns = [*texts.items(), *figures, ("remark", remark)]
        if currencies != self.currency_id:
            for name, column in figures:
                if column.kind == "amount":
                    group = env._(
                        "%(group)s, %(currency)s",
                        group=column.group or column.title,
                        currency=self.currency_id.name,
                    )
                    columns.append((f"booked_{name}", column._replace(group=group)))
        return columns

    def _xlsx_lines(self, table, names, currencies):
        """Write the lines that the user may read.

        :return: sums ``{(id of the currency, column): amount}``, of what is counted and
            of amounts in the company's currency under no currency
        """
        Line = self.env["contract.monthly.record.line"]
        Line.flush_model()
        query = Line._search(self._xlsx_domain(), order="number, id")
        cr = self.env.cr
        cr.execute(query.select(*(SQL.identifier(Line._table, name) for name in names)))
        if cr.rowcount > MAX_ROWS:
            raise UserError(
                self.env._(
                    "%(record)s has more contracts than a spreadsheet has rows.",
                    record=self.display_name,
                )
            )
        codes = {currency.id: currency.name for currency in currencies}
        styles = {c.id: table.styles(c.decimal_places) for c in currencies}
        plain = table.styles()
        home = len(names)
        if currencies != self.currency_id:
            home = next(n for n, name in enumerate(names) if name[:7] == "booked_")
        own = [n for n, name in enumerate(names) if name in AMOUNTS]
        common = [
            n
            for n, name in enumerate(names)
            if name in COUNTS or name.startswith("booked_")
        ]
        place = names.index("currency_id")
        # a rate of nothing is no rate
        rates = [
            (names.index(name), names.index(whole))
            for name, (whole, _part) in RATES.items()
        ]
        totals = {key: [0.0] * len(names) for key in (None, *codes)}
        for key in codes:
            styles[key] = styles[key][:home] + plain[home:]
        while rows := cr.fetchmany(BATCH):
            for row in rows:
                currency = row[place]
                sums = totals[currency]
                for n in own:
                    sums[n] += row[n] or 0
                sums = totals[None]
                for n in common:
                    sums[n] += row[n] or 0
                values = list(row)
                values[place] = codes[currency]
                for rate, whole in rates:
                    if not row[whole]:
                        values[rate] = None
                table.add(values, styles[currency])
        digits = {currency.id: currency.decimal_places for currency in currencies}
        digits[None] = self.currency_id.decimal_places
        return {
            (currency, names[n]): round(value, digits[currency])
            for currency, row in totals.items()
            for n, value in enumerate(row)
            if value
        }

    def _xlsx_totals(self, table, names, currencies, sums):
        """The sums: of each currency, and of all in the company's; where there is only
        one currency, of what the filter shows."""
        counted = [n for n, name in enumerate(names) if name in COUNTS]
        own = [n for n, name in enumerate(names) if name in AMOUNTS]
        booked = [n for n, name in enumerate(names) if name[:7] == "booked_"]
        single = len(currencies) == 1

        def shown(places, currency):
            return {
                n: (table.shown(n), sums.get((currency, names[n]), 0)) for n in places
            }

        if not single:
            key = table.range(names.index("currency_id"))
            for currency in currencies:
                table.totals(
                    self.env._("Total %(currency)s", currency=currency.name),
                    {
                        n: (
                            f'=SUMIF({key},"{currency.name}",{table.range(n)})',
                            sums.get((currency.id, names[n]), 0),
                        )
                        for n in own
                    },
                    lambda _place, currency=currency: currency.decimal_places,
                )
        formulas = shown(counted + booked, None)
        title = self.env._("Total")
        if single:
            formulas |= shown(own, currencies.id)
        else:
            title = self.env._(
                "%(title)s, all in %(currency)s",
                title=title,
                currency=self.currency_id.name,
            )
        table.totals(
            title,
            formulas,
            lambda place: (
                (currencies[:1] if place in own else self.currency_id).decimal_places
            ),
        )

    def _xlsx_foot(self, book, sheet, table):
        """Problems, plan and the bridge, below the sums."""
        bold = book.style(bold=True)
        row = table.row + 1
        for title, text in (
            (self.env._("Problems and causes"), self.problems),
            (self.env._("Plan of the next month"), self.plan),
        ):
            sheet.write_string(row, 0, title, bold)
            row += 1
            for part in (text or "").split("\n"):
                sheet.write_string(row, 0, part)
                row += 1
            row += 1
        if not self.bridge_ids:
            return
        names = dict(choices(self.bridge_ids, "kind"))
        amount = table.styles()[
            next(n for n, c in enumerate(table.columns) if c.kind == "amount")
        ]
        title = self.env._(
            "From the receivable of the contracts to the receivable accounts "
            "(%(currency)s)",
            currency=self.currency_id.name,
        )
        sheet.write_string(row, 0, title, bold)
        for bridge in self.bridge_ids:
            row += 1
            sheet.write_string(row, 0, names[bridge.kind])
            sheet.write_number(row, 7, bridge.amount, amount)

    # ------------------------------------------------------------------
    # All offices
    # ------------------------------------------------------------------

    def _xlsx_summary(self, book, sheet, offices):
        """An office a line, in the company's currency, from the sheets of the
        offices."""
        env = self.env
        figures = [
            (name, column)
            for name, column in self[:1]._xlsx_columns(self[:1].currency_id)
            if column.kind in ("amount", "count")
        ]
        columns = [
            SheetColumn(env._("Office"), 28),
            SheetColumn(env._("Company"), 24),
            SheetColumn(env._("Month"), 12),
            SheetColumn(env._("State"), 12),
            SheetColumn(env._("Currency"), 9),
            SheetColumn(env._("Contracts"), 10, "count"),
            *(column for _name, column in figures),
        ]
        title = book.style(bold=True, font_size=14)
        sheet.write_string(0, 0, env._("Monthly Execution Record: Summary"), title)
        digits = max(self.currency_id.mapped("decimal_places"), default=2)
        table = Table(book, sheet, 2, columns, digits)
        sums = dict.fromkeys((name for name, _column in figures), 0)
        contracts = 0
        for record, lines, totals in offices:
            count = lines.count
            styles = table.styles(record.currency_id.decimal_places)
            values = [
                record._form_office(record),
                record.company_name or record.company_id.sudo().name,
                record._form_month(),
                record._form_label("state"),
                record.currency_id.name,
                count,
            ]
            row = table.row
            table.add(values, styles)
            for place, (name, _column) in enumerate(figures, len(values)):
                if name not in totals:
                    sheet.write_number(row, place, 0, styles[place])
                    continue
                column, value = totals[name]
                sheet.write_formula(
                    row,
                    place,
                    f"=SUM({lines.range_elsewhere(column)})",
                    styles[place],
                    value,
                )
                sums[name] += value
            contracts += count
        # sums of different currencies say nothing
        if table.finish() and len(self.currency_id) == 1:
            values = [contracts, *(sums[name] for name, _column in figures)]
            table.totals(
                env._("Total"),
                {
                    place: (table.shown(place), round(value, digits))
                    for place, value in enumerate(values, len(columns) - len(values))
                },
            )

    def _xlsx_deviations(self, book):
        """The deviations of the contracts that were found in the month or open at its
        end, of those that the user may read."""
        env = self.env
        columns = [
            SheetColumn(env._("Number"), 16),
            SheetColumn(env._("Contract No."), 18),
            SheetColumn(env._("Customer"), 26),
            SheetColumn(env._("Office"), 18),
            SheetColumn(env._("Found On"), 11, "date"),
            SheetColumn(env._("Kind"), 22),
            SheetColumn(env._("Severity"), 10),
            SheetColumn(env._("Summary"), 40),
            SheetColumn(env._("Cause"), 30),
            SheetColumn(env._("Decision"), 30),
            SheetColumn(env._("In the Month"), 20),
            SheetColumn(env._("State Today"), 18),
        ]
        sheet = book.sheet(env._("Deviations"))
        title = book.style(bold=True, font_size=14)
        sheet.write_string(
            0, 0, env._("Deviations found in the month or open at its end"), title
        )
        table = Table(book, sheet, 2, columns)
        styles = table.styles()
        for record in self:
            for deviation in record._xlsx_found():
                table.add(record._xlsx_deviation(deviation), styles)
        table.finish()

    def _xlsx_found(self):
        """The deviations that the record counts as new or open."""
        self.ensure_one()
        Line = self.env["contract.monthly.record.line"]
        domain = self._xlsx_domain() & (
            Domain("deviations_new", ">", 0) | Domain("deviations_open", ">", 0)
        )
        lines = Line.search_fetch(domain, ["order_id", "frame_id"])
        found = self.env["contract.deviation"].search(
            [
                "|",
                ("order_id", "in", lines.order_id.ids),
                ("frame_id", "in", lines.frame_id.ids),
                ("date", "<=", self.date),
                ("state", "!=", "cancelled"),
            ],
            order="date, id",
        )
        return found.filtered(
            lambda deviation: (
                deviation.date >= self.date_from or self._xlsx_is_open(deviation)
            )
        )

    def _xlsx_is_open(self, deviation):
        """Whether a deviation was open at the cut-off."""
        if deviation.state not in ("closed", "waived"):
            return True
        ended = deviation.verified_on or deviation.ended_on
        return bool(ended) and self.company_id._contract_day(ended) > self.date

    def _xlsx_deviation(self, deviation):
        env = self.env
        cause = (deviation.cause_id.sudo().display_name, deviation.cause_note)
        decision = (deviation._form_label("decision"), deviation.decision_text)
        is_new = deviation.date >= self.date_from
        if self._xlsx_is_open(deviation):
            stands = env._("New, open") if is_new else env._("Open")
        else:
            stands = env._("New, closed")
        return [
            deviation.name,
            deviation.contract_no,
            deviation.partner_name,
            self._form_office(self),
            deviation.date,
            deviation._form_label("kind"),
            deviation._form_label("severity"),
            deviation.summary,
            "\n".join(filter(None, cause)),
            "\n".join(filter(None, decision)),
            stands,
            deviation._form_label("state"),
        ]

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_xlsx(self):
        """Download the record as a workbook."""
        self.ensure_one()
        self.check_access("read")
        return self._xlsx_download(f"/contract_tracking/monthly/{self.id}/xlsx")

    def action_xlsx_month(self):
        """Download the whole months of these records, all offices that the user may
        read, as one workbook; a large one is written by a scheduled action."""
        self.check_access("read")
        records = self._whole_month()
        lines = self.env["contract.monthly.record.line"]
        total = lines.search_count([("record_id", "in", records.ids)])
        if total > LARGE:
            return self.env["contract.monthly.workbook"]._ask(records, total)
        ids = ",".join(map(str, records.ids))
        return self._xlsx_download(f"/contract_tracking/monthly/xlsx?ids={ids}")

    def _xlsx_download(self, url):
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}
