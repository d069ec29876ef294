import io
import json
from urllib.parse import urlencode

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import split_every

BATCH = 5000
# field, width; amounts in the contract's currency, then in the company's
COLUMNS = (
    ("number", 18), ("kind", 14), ("partner_id", 28), ("product_names", 24),
    ("user_id", 14), ("owner_id", 14), ("team_id", 14), ("signing_date", 12),
    ("effective_date", 12), ("end_date", 12), ("payment_terms", 24), ("state", 12),
    ("health", 11), ("currency_id", 9),
)  # fmt: skip
AMOUNTS = (
    "total", "delivered_month", "delivered_year", "delivered", "invoiced_month",
    "invoiced", "delivered_not_invoiced", "received_month", "received_year",
    "received", "receivable", "matured", "overdue", "risk_outstanding",
)  # fmt: skip
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
        if len(rows) > 1_000_000:
            raise UserError(self.env._("These are too many rows: filter the register."))
        file = io.BytesIO()
        # a name that looks like a formula or a link stays a text
        options = {"strings_to_formulas": False, "strings_to_urls": False}
        book = xlsxwriter.Workbook(file, {"constant_memory": True, **options})
        formats = self._xlsx_formats(book)
        sheet = book.add_worksheet(self.env._("Contract Register")[:31])
        sheet.set_landscape()
        sheet.set_paper(8)
        sheet.fit_to_pages(1, 0)
        columns = self._xlsx_columns()
        for place, (_fname, _label, width, _style) in enumerate(columns):
            sheet.set_column(place, place, width)
        head = self._xlsx_head(rows)
        first = len(head) + 1
        sheet.freeze_panes(first, 1)
        sheet.repeat_rows(len(head))
        for row, text in enumerate(head):
            sheet.write_string(row, 0, text, formats["text" if row else "title"])
        for place, (_fname, label, _width, _style) in enumerate(columns):
            sheet.write_string(len(head), place, label, formats["head"])
        sums = {}
        last = first
        for batch in split_every(BATCH, rows.ids, self.browse):
            for row in batch:
                self._xlsx_row(sheet, last, row, columns, formats, sums)
                last += 1
            batch.invalidate_recordset()
        if len(rows):
            sheet.autofilter(len(head), 0, last - 1, len(columns) - 1)
            self._xlsx_totals(sheet, first, last, columns, formats, sums)
        book.close()
        return file.getvalue()

    def _xlsx_formats(self, book):
        cell = {"border": 1, "valign": "top"}
        bold = {"bold": True, "border": 1}
        number = {"num_format": "#,##0.00"}
        return {
            name: book.add_format(values)
            for name, values in {
                "title": {"bold": True, "font_size": 14},
                "head": {**bold, "bg_color": "#EEEEEE", "text_wrap": True},
                "text": cell,
                "date": {**cell, "num_format": "yyyy-mm-dd"},
                "amount": {**cell, **number},
                "home": {**cell, **number},
                "share": {**cell, "num_format": "0.0%"},
                "count": {**cell, "num_format": "0"},
                "total": {**bold, **number},
                "total_count": {**bold, "num_format": "0"},
                "total_share": {**bold, "num_format": "0.0%"},
            }.items()
        }

    @api.model
    def _xlsx_head(self, rows):
        """The lines above the table."""
        today = fields.Date.context_today(self)
        return [
            self._description_label(),
            self.env._(
                "%(companies)s · as of %(day)s · %(count)s rows",
                companies=", ".join(self.env.companies.mapped("name")),
                day=today,
                count=len(rows),
            ),
        ]

    @api.model
    def _description_label(self):
        return self.env._("Contract Register")

    @api.model
    def _xlsx_columns(self):
        """The columns: [(field, label, width, format)]."""
        label = self._xlsx_label
        return [
            *(
                (name, label(name), width, "date" if "date" in name else "text")
                for name, width in COLUMNS
            ),
            *((name, label(f"booked_{name}"), 15, "amount") for name in AMOUNTS),
            *((name, label(name), 10, "share") for name in RATES),
            *((name, label(name), 9, "count") for name in COUNTS),
            *(
                (
                    f"booked_{name}",
                    self.env._(
                        "%(amount)s (company currency)", amount=label(f"booked_{name}")
                    ),
                    15,
                    "home",
                )
                for name in AMOUNTS
            ),
        ]

    @api.model
    def _xlsx_label(self, fname):
        return self._fields[fname]._description_string(self.env)

    def _xlsx_row(self, sheet, line, row, columns, formats, sums):
        """Write a row, and add it to ``sums`` ``{(currency, field): amount}``."""
        for place, (fname, _label, _width, style) in enumerate(columns):
            value = row[fname]
            if style == "text":
                value = row._fields[fname].convert_to_export(value, row)
                sheet.write_string(line, place, str(value or ""), formats[style])
            elif style == "date":
                if value:
                    sheet.write_datetime(line, place, value, formats[style])
                else:
                    sheet.write_blank(line, place, None, formats[style])
            else:
                sheet.write_number(line, place, value, formats[style])
                currency = row.currency_id.name if style == "amount" else ""
                key = currency, fname
                sums[key] = sums.get(key, 0) + value

    def _xlsx_totals(self, sheet, first, last, columns, formats, sums):
        """Below the table: what is shown added up, a line a currency, then a line in
        the company's. Readers that don't reckon see what there is."""
        places = {fname: place for place, (fname, *_rest) in enumerate(columns)}

        def cells(fname):
            column = xl_col_to_name(places[fname])
            return f"{column}{first + 1}:{column}{last}"

        line = last
        for currency in sorted({currency for currency, _fname in sums} - {""}):
            line += 1
            sheet.write_string(
                line,
                0,
                self.env._("Total %(currency)s", currency=currency),
                formats["head"],
            )
            for fname in AMOUNTS:
                # what is filtered out isn't counted
                shown = (
                    f"SUBTOTAL(103,OFFSET({cells('currency_id')},ROW("
                    f"{cells('currency_id')})-{first + 1},0,1))"
                )
                sheet.write_formula(
                    line,
                    places[fname],
                    f'=SUMPRODUCT({shown}*({cells("currency_id")}="{currency}")'
                    f"*{cells(fname)})",
                    formats["total"],
                    sums.get((currency, fname), 0),
                )
        line += 1
        sheet.write_string(line, 0, self.env._("Total"), formats["head"])
        for fname in (*COUNTS, *(f"booked_{name}" for name in AMOUNTS)):
            style = "total_count" if fname in COUNTS else "total"
            sheet.write_formula(
                line,
                places[fname],
                f"=SUBTOTAL(109,{cells(fname)})",
                formats[style],
                sums.get(("", fname), 0),
            )
        agreed, delivered = (
            sums.get(("", name), 0) for name in ("booked_total", "booked_delivered")
        )
        sheet.write_formula(
            line,
            places["completion"],
            "=IFERROR({}/{},0)".format(
                *(
                    xl_rowcol_to_cell(line, places[name])
                    for name in ("booked_delivered", "booked_total")
                )
            ),
            formats["total_share"],
            delivered / agreed if agreed else 0,
        )
