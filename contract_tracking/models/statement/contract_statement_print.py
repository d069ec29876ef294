from odoo import models

from ...tools.pages import Column, text_lines
from ...tools.sheets import DATE, HEAD, Book, amount_format
from ...tools.words import amount_in_words

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
            self._form_note(self._form_words_text(), "strong"),
            *([self._form_summary(summary)] if len(summary) > 1 else []),
            *(table for table in others if table["rows"]),
            *self._form_bank(),
            {
                "name": "sign",
                "template": "contract_tracking.statement_sign",
                "head": 22 + text_lines(self.difference_note, 48),
                "rows": [],
                "keep": True,
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
        if self.state == "draft" and self._form_across():
            yield self._form_note(self.env._("Draft"), "late")
        if self.is_partial:
            yield self._form_note(self._form_partial_text(), "strong")

    def _form_across(self):
        """Nothing on the one that goes out: it holds for the customer from then on."""
        is_sent = self.env.context.get("contract_statement_send")
        return "" if is_sent else super()._form_across()

    def _form_lines(self):
        def opening_day(line):
            return self._form_date(
                line.date or (line.kind == "opening" and self.date_from)
            )

        return self._form_table(
            "lines",
            self.env._("Deliveries, Invoices, Receipts"),
            [
                Column(self.env._("Date"), 16, opening_day),
                Column(self.env._("Voucher"), 20, lambda line: line._document_text()),
                Column(self.env._("Contract No."), 14, "contract_number"),
                *(
                    Column(title, 12.5, fname, "amount_or_none")
                    for title, fname in (
                        (self.env._("Delivered"), "delivered"),
                        (self.env._("Invoiced"), "invoiced"),
                        (self.env._("Received, Adjusted"), "received"),
                    )
                ),
                Column(self.env._("Running Balance"), 12.5, "balance", "amount"),
            ],
            self._moves(),
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
                Column(self.env._("Received, Adjusted"), 16, "received", "amount"),
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
                Column(self.env._("Voucher"), 25, "name"),
                Column(self.env._("Contract No."), 25, "contract_number"),
                Column(self.env._("Amount"), 25, "amount", "amount"),
            ],
            self.line_ids.filtered(lambda line: line.kind == kind),
            foot=foot,
        )

    def _moves(self):
        """The lines that the balance is made of, and deliveries."""
        return self.line_ids.filtered(lambda line: line.kind in KINDS)

    def _form_contracts(self):
        """The statement summed up by contract: dicts of number and figures."""
        self.ensure_one()
        rows = []
        for number, lines in self._moves().grouped("contract_number").items():
            row = {
                fname: sum(lines.mapped(fname))
                for fname in ("delivered", "invoiced", "received")
            }
            opening = sum(
                lines.filtered(lambda line: line.kind == "opening").mapped("amount")
            )
            row.update(
                number=number,
                opening=opening,
                closing=opening + row["invoiced"] - row["received"],
            )
            rows.append(row)
        return rows

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

    def _form_words_text(self):
        """The balance in words, which nobody alters with a pen."""
        self.ensure_one()
        balance = self.closing_balance
        return self.env._(
            "Closing balance in words: %(words)s",
            words=amount_in_words(self.env, balance, self.currency_id),
        )

    def _form_bank(self):
        """The block of our bank account, if we have one."""
        self.ensure_one()
        rows = self.company_id._contract_bank(self.currency_id)
        if not rows:
            return []
        return [self._form_cells(rows, title=self.env._("Our Bank Account"))]

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
        book = Book()
        number = {"num_format": amount_format(self.currency_id.decimal_places)}
        cell = {"border": 1, "valign": "top"}
        bold = {"bold": True, "border": 1}
        formats = {
            "title": book.style(bold=True, font_size=14),
            "head": book.style(**HEAD),
            "text": book.style(**cell, text_wrap=True),
            "date": book.style(**cell, num_format=DATE),
            "amount": book.style(**cell, **number),
            "total": book.style(**bold, **number),
        }
        sheet = book.sheet(self.name)
        columns = self._xlsx_columns()
        for place, (_label, width, *_rest) in enumerate(columns):
            sheet.set_column(place, place, width)
        above = self._xlsx_head()
        sheet.freeze_panes(len(above) + 1, 0)
        sheet.repeat_rows(len(above))
        for row, cells in enumerate(above + self._xlsx_table(columns)):
            for place, (value, style) in enumerate(cells):
                sheet.write(row, place, value, formats.get(style))
        return book.content()

    def _xlsx_columns(self):
        """The columns of the spreadsheet: label, width, format, the field of a line
        that stands in it, what stands in it below all lines."""
        received, closing = self.received + self.adjusted, self.closing_balance
        changes = [(self.env._("Changes"), 18, "text", "changes_name", None)]
        return [
            (self.env._("Date"), 12, "date", "date", self.env._("Total")),
            (self.env._("Kind"), 22, "text", "kind", None),
            (self.env._("Voucher"), 24, "text", "name", None),
            (self.env._("Contract No."), 18, "text", "contract_number", None),
            *(changes if self.has_changes else []),
            (self.env._("Delivered"), 16, "amount", "delivered", self.delivered),
            (self.env._("Invoiced"), 16, "amount", "invoiced", self.invoiced),
            (self.env._("Received, Adjusted"), 16, "amount", "received", received),
            (self.env._("Running Balance"), 16, "amount", "balance", closing),
        ]

    def _xlsx_head(self):
        """What stands above the table: rows of cells (value, format)."""
        words = [
            (self.env._("Number"), self.name),
            (self.env._("Company"), self.company_name),
            (self.env._("Customer"), self.partner_name),
            (self.env._("Period"), self._form_period()),
            (self.env._("Currency"), self.currency_id.name),
        ]
        if self.is_partial:
            words.append((self.env._("Remark"), self._form_partial_text()))
        return [
            [(self.env._("Statement of Account"), "title")],
            *([(label, None), (text or None, None)] for label, text in words),
            [],
        ]

    def _xlsx_table(self, columns):
        """The movements with their totals, and what is not in the balance: rows of
        cells (value, format)."""
        lines = self.line_ids.grouped("kind")
        rows = [
            [(label, "head") for label, *_rest in columns],
            *(self._xlsx_line(line, columns) for line in self._moves()),
            [(total, "total") for *_rest, total in columns],
        ]
        # their amount stands where those of the movements begin
        apart = [column for column in columns if column[2] != "amount"]
        apart.append((None, None, "amount", "amount", None))
        for kind, title in (
            ("advance", self._form_advance_title()),
            ("unclaimed", self.env._("Receipts without a Contract")),
        ):
            if kind in lines:
                rows += [[], [(title, None)]]
                rows += [self._xlsx_line(line, apart) for line in lines[kind]]
        return rows

    def _xlsx_line(self, line, columns):
        """A line as cells; amounts that it has not stay empty, its balance doesn't."""
        cells = []
        for _label, _width, style, fname, _total in columns:
            value = line._fields[fname].convert_to_export(line[fname], line)
            cells.append((value if fname == "balance" else value or None, style))
        return cells

    def _form_advance_title(self):
        return self.env._("Down Payments Invoiced (not in the balance)")
