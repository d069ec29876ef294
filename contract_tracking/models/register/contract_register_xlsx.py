import json
from urllib.parse import urlencode

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

from ...tools.sheets import MAX_ROWS, Book, SheetColumn, Table

BATCH = 5000
# field, width; amounts in the contract's currency, then in the company's
COLUMNS = (
    ("number", 18), ("kind", 14), ("partner_id", 28), ("product_names", 24),
    ("user_id", 14), ("owner_id", 14), ("team_id", 14), ("signing_date", 12),
    ("effective_date", 12), ("end_date", 12), ("payment_terms", 24),
    ("retention_until", 12), ("days_overdue", 9), ("late_deliveries", 9), ("state", 12),
    ("health", 11), ("currency_id", 9),
)  # fmt: skip
AMOUNTS = (
    "total", "delivered_month", "delivered_year", "delivered", "invoiced_month",
    "invoiced_year", "invoiced", "delivered_not_invoiced", "received_month",
    "received_year", "received", "adjusted", "receivable", "matured", "overdue",
    "retention", "risk_outstanding",
)  # fmt: skip
# also those of which there is none in the contract's currency
BOOKED = (*AMOUNTS, "relieved")
KINDS = {"date": "date", "integer": "count"}
RATES = ("collection_rate_year", "collection_rate", "completion")
COUNTS = ("deviations_new", "deviations_closed", "deviations_open")


class ContractRegister(models.Model):
    """The register as a spreadsheet: what the list shows, with real numbers and dates,
    totals by currency and in the company's as formulas that follow the filter."""

    _inherit = "contract.register"

    def action_xlsx(self):
        """Download the selected rows; without any, those of the list's filter."""
        self.check_access("read")
        domain = [("id", "in", self.ids)]
        if not self:
            domain = self.env.context.get("active_domain") or []
        query = {
            "domain": json.dumps(list(Domain(domain)), default=str),
            "companies": ",".join(map(str, self.env.companies.ids)),
        }
        return {
            "type": "ir.actions.act_url",
            "url": f"/contract_tracking/register/xlsx?{urlencode(query)}",
            "target": "download",
        }

    @api.model
    def _xlsx(self, domain):
        """The rows that the user finds by ``domain`` as the bytes of an XLSX file.

        :raise UserError: if there are more of them than a sheet has lines
        """
        rows = self.search(domain)
        if len(rows) > MAX_ROWS:
            raise UserError(self.env._("These are too many rows: filter the register."))
        book = Book(large=True)
        title = self.env._("Contract Register")
        sheet = book.sheet(title, paper=8)
        sheet.write_string(0, 0, title, book.style(bold=True, font_size=14))
        sheet.write_string(1, 0, self._xlsx_subtitle(rows))
        columns = self._xlsx_columns()
        table = Table(book, sheet, 2, list(columns.values()))
        sums = self._xlsx_rows(table, rows, columns)
        if table.finish():
            self._xlsx_totals(table, list(columns), sums)
        return book.content()

    @api.model
    def _xlsx_subtitle(self, rows):
        return self.env._(
            "%(companies)s · as of %(day)s · %(count)s rows",
            companies=", ".join(self.env.companies.mapped("name")),
            day=fields.Date.context_today(self),
            count=len(rows),
        )

    @api.model
    def _xlsx_columns(self):
        """``{field: column}``."""

        def column(fname, width, kind, label=None):
            text = self._fields[label or fname]._description_string(self.env)
            return SheetColumn(text, width, kind)

        columns = {
            name: column(name, width, KINDS.get(self._fields[name].type, "text"))
            for name, width in COLUMNS
        }
        columns |= {
            name: column(name, 15, "amount", f"booked_{name}") for name in AMOUNTS
        }
        columns |= {name: column(name, 10, "share") for name in RATES}
        columns |= {name: column(name, 9, "count") for name in COUNTS}
        for name in BOOKED:
            own = column(f"booked_{name}", 15, "amount")
            text = self.env._("%(amount)s (company currency)", amount=own.title)
            columns[f"booked_{name}"] = own._replace(title=text)
        return columns

    def _xlsx_rows(self, table, rows, columns):
        """Write the rows.

        :return: what they add up to: ``{(currency, field): amount}``; of what is
            counted and of amounts in the company's currency under no currency
        """
        sums = {}
        styles = {}
        for batch in split_every(BATCH, rows.ids, self.browse):
            for row in batch:
                currency = row.currency_id
                if currency not in styles:
                    styles[currency] = table.styles(currency.decimal_places)
                values = []
                for fname, column in columns.items():
                    value = row[fname]
                    if column.kind == "text":
                        value = row._fields[fname].convert_to_export(value, row)
                    elif column.kind in ("amount", "count"):
                        key = currency.name if fname in AMOUNTS else "", fname
                        sums[key] = sums.get(key, 0) + value
                    values.append(value)
                table.add(values, styles[currency])
            batch.invalidate_recordset()
        return sums

    def _xlsx_totals(self, table, names, sums):
        """Below the table: what is shown added up, a line a currency, then a line in
        the company's."""
        place = names.index
        keys = table.range(place("currency_id"))
        # what is filtered out isn't counted
        shown = (
            f"SUBTOTAL(103,OFFSET({keys},ROW({keys})-ROW({keys.split(':')[0]}),0,1))"
        )
        table.row += 1
        for currency in sorted({currency for currency, _fname in sums} - {""}):
            table.totals(
                self.env._("Total %(currency)s", currency=currency),
                {
                    place(name): (
                        f'=SUMPRODUCT({shown}*({keys}="{currency}")'
                        f"*{table.range(place(name))})",
                        sums.get((currency, name), 0),
                    )
                    for name in AMOUNTS
                },
            )
        table.totals(
            self.env._("Total"),
            {
                place(name): (table.shown(place(name)), sums.get(("", name), 0))
                for name in (*COUNTS, *(f"booked_{name}" for name in BOOKED))
            },
        )
