import io

import xlsxwriter

from odoo import models

from ...tools.pages import Column, text_lines

KINDS = ("opening", "delivery", "invoice", "receipt", "adjustment")


class ContractStatement(models.Model):
    """What the printed 对账单 and its spreadsheet show, in the language of the
    environment."""

    _inherit = "contract.statement"

    def _form_in_ten_thousands(self):
        """An account is stated to the cent."""
        return False

    def _form_title(self):
        return self.env._("Statement of Account")

    # ------------------------------------------------------------------
    # Print
    # ------------------------------------------------------------------

    def _form_blocks(self):
        self.ensure_one()
        summary = self._form_contracts()
        others = [
            self._form_others("advance", self._form_advance_title()),
            self._form_others(
                "unclaimed",
                self.env._("Receipts without a Contract (not in the balance)"),
                self._form_unclaimed_text(),
            ),
        ]
        return [
            self._form_head(),
            *self._form_notes(),
            self._form_lines(),
            self._form_totals(),
            *([self._form_summary(summary)] if len(summary) > 1 else []),
            *(table for table in others if table["rows"]),
            {
                "name": "sign",
                "template": "contract_tracking.statement_sign",
                "head": 22 + text_lines(self.difference_note, 48),
                "rows": [],
            },
        ]

    def _form_head(self):
        return self._form_cells(
            [
                (self.env._("Customer"), self.partner_name),
                (self.env._("Supplier"), self.company_name),
                (self.env._("Tax ID"), self.partner_vat),
                (self.env._("Tax ID"), self.company_vat),
                (self.env._("Period"), self._form_period()),
                (self.env._("Prepared By"), self.user_name),
            ]
        )

    def _form_notes(self):
        """What the reader must know of the whole statement."""
        if self.state == "draft":
            yield self._form_note(self.env._("Draft"), "late")
        if self.is_partial:
            yield self._form_note(self._form_partial_text(), "strong")

    def _form_lines(self):
        def opening_day(line):
            return self._form_date(
                line.date or (line.kind == "opening" and self.date_from)
            )

        return self._form_table(
            "lines",
            self.env._("Deliveries, Invoices, Receipts"),
            [
                Column(self.env._("Date"), 14.5, opening_day),
                Column(
                    self.env._("Document"),
                    21.5,
                    lambda line: " ".join(
                        filter(None, (line._kind_label(), line.name))
                    ),
                ),
                Column(self.env._("Contract No."), 14, "contract_number"),
                *(
                    Column(title, 12.5, fname, "amount_or_none")
                    for title, fname in (
                        (self.env._("Delivered"), "delivered"),
                        (self.env._("Invoiced"), "invoiced"),
                        (self.env._("Received"), "received"),
                    )
                ),
                Column(self.env._("Running Balance"), 12.5, "balance", "amount"),
            ],
            self.line_ids.filtered(lambda line: line.kind in KINDS),
            empty=self.env._("Nothing happened in this period."),
        )

    def _form_totals(self):
        return self._form_table(
            "totals",
            False,
            [
                Column(self.env._("Brought Forward"), 17, "opening_balance", "amount"),
                Column(self.env._("Delivered"), 17, "delivered", "amount"),
                Column(self.env._("Invoiced"), 17, "invoiced", "amount"),
                Column(self.env._("Received"), 16, "received", "amount"),
                Column(self.env._("Adjusted"), 16, "adjusted", "amount"),
                Column(
                    self.env._("Closing Balance"),
                    17,
                    lambda statement: (statement.closing_balance, "strong"),
                    "amount",
                ),
            ],
            self,
        )

    def _form_summary(self, contracts):
        return self._form_table(
            "contracts",
            self.env._("By Contract"),
            [
                Column(self.env._("Contract No."), 17, "number"),
                Column(self.env._("Brought Forward"), 17, "opening", "amount"),
                Column(self.env._("Delivered"), 17, "delivered", "amount"),
                Column(self.env._("Invoiced"), 16, "invoiced", "amount"),
                Column(self.env._("Received"), 16, "received", "amount"),
                Column(self.env._("Closing Balance"), 17, "closing", "amount"),
            ],
            contracts,
        )

    def _form_others(self, kind, title, foot=False):
        """Lines that the balance does not count."""
        return self._form_table(
            kind,
            title,
            [
                Column(self.env._("Date"), 25, "date", "date"),
                Column(self.env._("Document"), 25, "name"),
                Column(self.env._("Contract No."), 25, "contract_number"),
                Column(self.env._("Amount"), 25, "amount", "amount"),
            ],
            self.line_ids.filtered(lambda line: line.kind == kind),
            foot=foot,
        )

    def _form_contracts(self):
        """The statement summed up by contract: dicts of number and figures."""
        self.ensure_one()
        rows = {}
        columns = {
            "opening": "opening",
            "delivery": "delivered",
            "invoice": "invoiced",
            "receipt": "received",
            "adjustment": "received",
        }
        for line in self.line_ids:
            column = columns.get(line.kind)
            if not column:
                continue
            row = rows.setdefault(
                line.contract_number,
                {
                    "number": line.contract_number,
                    **dict.fromkeys(columns.values(), 0.0),
                },
            )
            row[column] += line.amount
        for row in rows.values():
            row["closing"] = row["opening"] + row["invoiced"] - row["received"]
        return list(rows.values())

    def _form_period(self):
        self.ensure_one()
        return self.env._(
            "%(start)s – %(end)s",
            start=self._form_date(self.date_from),
            end=self._form_date(self.date_to),
        )

    def _form_balance_text(self):
        """The sentence that the customer confirms."""
        self.ensure_one()
        values = {
            "date": self._form_date(self.date_to),
            "currency": self.currency_id.name,
            "amount": self._form_amount(abs(self.closing_balance)),
        }
        if self.closing_balance < 0:
            return self.env._(
                "By our books you had paid %(currency)s %(amount)s in advance at the "
                "end of %(date)s.",
                **values,
            )
        return self.env._(
            "By our books you owed us %(currency)s %(amount)s at the end of %(date)s.",
            **values,
        )

    def _form_partial_text(self):
        self.ensure_one()
        return self.env._(
            "This statement covers the contracts followed by %(user)s only, not all "
            "contracts of the customer.",
            user=self.user_name or "",
        )

    def _form_unclaimed_text(self):
        """What the balance would be with the money that has no contract yet."""
        self.ensure_one()
        return self.env._(
            "Received but not assigned to a contract yet: %(amount)s. With it the "
            "balance is %(balance)s.",
            amount=self._form_amount(self.unclaimed),
            balance=self._form_amount(self.closing_balance - self.unclaimed),
        )

    # ------------------------------------------------------------------
    # Spreadsheet
    # ------------------------------------------------------------------

    def _xlsx(self):
        """The statement as the bytes of an XLSX file."""
        self.ensure_one()
        file = io.BytesIO()
        book = xlsxwriter.Workbook(
            file, {"in_memory": True, "strings_to_formulas": False}
        )
        formats = {
            "title": book.add_format({"bold": True, "font_size": 14}),
            "head": book.add_format(
                {"bold": True, "bg_color": "#EEEEEE", "border": 1, "text_wrap": True}
            ),
            "text": book.add_format({"border": 1, "text_wrap": True, "valign": "top"}),
            "date": book.add_format(
                {"border": 1, "num_format": "yyyy-mm-dd", "valign": "top"}
            ),
            "amount": book.add_format(
                {"border": 1, "num_format": self._xlsx_number(), "valign": "top"}
            ),
            "total": book.add_format(
                {"bold": True, "border": 1, "num_format": self._xlsx_number()}
            ),
            "total_text": book.add_format({"bold": True, "border": 1}),
        }
        sheet = book.add_worksheet(self.name.replace("/", "-")[:31])
        self._xlsx_fill(sheet, formats)
        book.close()
        return file.getvalue()

    def _xlsx_number(self):
        digits = self.currency_id.decimal_places
        return "#,##0" + ("." + "0" * digits if digits else "")

    def _xlsx_fill(self, sheet, formats):
        titles = [
            self.env._("Date"),
            self.env._("Kind"),
            self.env._("Document"),
            self.env._("Contract No."),
            self.env._("Delivered"),
            self.env._("Invoiced"),
            self.env._("Received"),
            self.env._("Running Balance"),
        ]
        sheet.set_column(0, 0, 12)
        sheet.set_column(1, 1, 22)
        sheet.set_column(2, 2, 24)
        sheet.set_column(3, 3, 18)
        sheet.set_column(4, 7, 16)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.fit_to_pages(1, 0)
        sheet.write_string(0, 0, self.env._("Statement of Account"), formats["title"])
        head = [
            (self.env._("Number"), self.name),
            (self.env._("Company"), self.company_name),
            (self.env._("Customer"), self.partner_name),
            (self.env._("Period"), self._form_period()),
            (self.env._("Currency"), self.currency_id.name),
        ]
        if self.is_partial:
            head.append((self.env._("Remark"), self._form_partial_text()))
        row = 1
        for label, text in head:
            sheet.write_string(row, 0, label)
            sheet.write_string(row, 1, text or "")
            row += 1
        row += 1
        for column, title in enumerate(titles):
            sheet.write_string(row, column, title, formats["head"])
        sheet.freeze_panes(row + 1, 0)
        sheet.repeat_rows(row)
        lines = self.line_ids.filtered(lambda line: line.kind in KINDS)
        for line in lines:
            row += 1
            self._xlsx_line(sheet, formats, row, line)
            for column, name in enumerate(("delivered", "invoiced", "received"), 4):
                sheet.write(row, column, line[name] or None, formats["amount"])
            sheet.write_number(row, 7, line.balance, formats["amount"])
        row += 1
        sheet.write_string(row, 0, self.env._("Total"), formats["total_text"])
        for column in (1, 2, 3):
            sheet.write_blank(row, column, None, formats["total_text"])
        totals = (
            self.delivered,
            self.invoiced,
            self.received + self.adjusted,
            self.closing_balance,
        )
        for column, amount in enumerate(totals, 4):
            sheet.write_number(row, column, amount, formats["total"])
        for kind, title in (
            ("advance", self._form_advance_title()),
            ("unclaimed", self.env._("Receipts without a Contract")),
        ):
            others = self.line_ids.filtered(lambda line, kind=kind: line.kind == kind)
            if others:
                row += 2
                sheet.write_string(row, 0, title)
            for line in others:
                row += 1
                self._xlsx_line(sheet, formats, row, line)
                sheet.write_number(row, 4, line.amount, formats["amount"])

    def _xlsx_line(self, sheet, formats, row, line):
        if line.date:
            sheet.write_datetime(row, 0, line.date, formats["date"])
        else:
            sheet.write_blank(row, 0, None, formats["text"])
        for column, text in enumerate(
            (line._kind_label(), line.name, line.contract_number), 1
        ):
            sheet.write_string(row, column, text or "", formats["text"])

    def _form_advance_title(self):
        return self.env._("Down Payments Invoiced (not in the balance)")
