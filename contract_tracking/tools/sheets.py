"""Workbooks: what all spreadsheets of the addon have in common.

Texts stay texts: what looks like a formula or a link is never one. Amounts and dates
are real ones with formats. Sums are formulas that know their value, for readers that
don't reckon.
"""

import io
from typing import NamedTuple

import xlsxwriter
from xlsxwriter.utility import xl_col_to_name

from .pages import neighbours

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Rows that a sheet holds, rows above and below a table left out.
MAX_ROWS = 1_000_000
MAX_TEXT = 32767
MAX_NAME = 31
HEAD = {"bold": True, "border": 1, "bg_color": "#EEEEEE", "text_wrap": True}
DATE = "yyyy-mm-dd"


class SheetColumn(NamedTuple):
    """A column of a table."""

    title: str
    width: float
    # text, date, amount, share, count
    kind: str = "text"
    # what it stands under with its neighbours, in a head of two rows
    group: str = ""


class Book:
    """A workbook in the making.

    :param large: keep a row at a time in memory; rows are written in order then
    """

    def __init__(self, large=False):
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(
            self.file,
            {
                "constant_memory" if large else "in_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
            },
        )
        self._formats = {}
        self._names = {"history"}

    def style(self, **values):
        """A format; the same one for the same values."""
        key = tuple(sorted(values.items()))
        if key not in self._formats:
            self._formats[key] = self.book.add_format(values)
        return self._formats[key]

    def sheet(self, name, paper=9):
        """A sheet to be printed across the page (9: A4, 8: A3).

        :param name: made a valid one, and another than those of the other sheets
        """
        sheet = self.book.add_worksheet(self._free_name(name))
        sheet.set_landscape()
        sheet.set_paper(paper)
        sheet.fit_to_pages(1, 0)
        return sheet

    def _free_name(self, name):
        name = sheet_name(name)
        free, number = name, 1
        while free.lower() in self._names:
            number += 1
            tail = f" ({number})"
            free = sheet_name(name, MAX_NAME - len(tail)) + tail
        self._names.add(free.lower())
        return free

    def content(self):
        """The finished file as bytes."""
        self.book.close()
        return self.file.getvalue()


def sheet_name(name, size=MAX_NAME):
    """A name that a sheet may have: none of ``[]:*?/\\``, not too long, not empty, no
    apostrophe at its ends."""
    name = "".join("-" if c in "[]:*?/\\" or ord(c) < 32 else c for c in name or "")
    # characters beyond the basic plane count twice
    while len(name.encode("utf-16-le")) > 2 * size:
        name = name[:-1]
    return name.strip("' ") or "-"


def amount_format(digits):
    """The number format of amounts with so many decimals."""
    return "#,##0" + ("." + "0" * digits if digits else "")


class Table:
    """A table on a sheet: a head that stays in view, rows, a filter over them, sums.

    :param top: row of its head, which takes two if columns stand in groups
    """

    def __init__(self, book, sheet, top, columns, digits=2):
        self.book, self.sheet, self.columns = book, sheet, columns
        self.grouped = any(column.group for column in columns)
        self.head = top + self.grouped
        self.first = self.row = self.head + 1
        self._digits = digits
        self._write_head(top)

    def _write_head(self, top):
        head = self.book.style(**HEAD)
        for place, column in enumerate(self.columns):
            self.sheet.set_column(place, place, column.width)
        if self.grouped:
            group = self.book.style(**HEAD, align="center")
            place = 0
            for members in neighbours(self.columns):
                last, name = place + len(members) - 1, members[0].group
                if last > place:
                    self.sheet.merge_range(top, place, top, last, name, group)
                else:
                    self.sheet.write_string(top, place, name, group)
                place = last + 1
        for place, column in enumerate(self.columns):
            self.sheet.write_string(self.head, place, column.title, head)
        self.sheet.freeze_panes(self.first, 1)
        self.sheet.repeat_rows(top, self.head)

    def styles(self, digits=None, **values):
        """The format of each column, amounts with so many decimals."""
        digits = self._digits if digits is None else digits
        formats = {
            "text": {"valign": "top"},
            "date": {"num_format": DATE},
            "amount": {"num_format": amount_format(digits)},
            "share": {"num_format": "0.0%"},
            "count": {"num_format": "0"},
        }
        return [
            self.book.style(**formats[column.kind], **values) for column in self.columns
        ]

    def add(self, values, styles):
        """Write a row of values; None, False and an empty text stay empty."""
        sheet, row = self.sheet, self.row
        for place, value in enumerate(values):
            if value is None or value is False or value == "":
                continue
            kind = self.columns[place].kind
            if kind == "text":
                sheet.write_string(row, place, value[:MAX_TEXT], styles[place])
            elif kind == "date":
                sheet.write_datetime(row, place, value, styles[place])
            else:
                sheet.write_number(row, place, value, styles[place])
        self.row += 1

    def finish(self):
        """End the rows: from here on sums follow.

        :return: whether there are any rows
        """
        self.last = self.row - 1
        if self.last < self.first:
            return False
        self.sheet.autofilter(self.head, 0, self.last, len(self.columns) - 1)
        return True

    def totals(self, title, formulas, digits=None):
        """A row of sums.

        :param formulas: dict of place to (formula, its value)
        :param digits: the decimals of amounts; a function of their place
        """
        styles = [
            self.styles(digits and digits(place), bold=True, top=1)[place]
            for place in range(len(self.columns))
        ]
        self.sheet.write_string(self.row, 0, title, self.book.style(bold=True, top=1))
        for place, (formula, value) in sorted(formulas.items()):
            self.sheet.write_formula(self.row, place, formula, styles[place], value)
        self.row += 1

    @property
    def count(self):
        """The rows of a finished table."""
        return self.last - self.first + 1

    def shown(self, place):
        """The formula that adds up what the filter shows of a column."""
        return f"=SUBTOTAL(109,{self.range(place)})"

    def range(self, place):
        """The address of a column's rows on its own sheet."""
        letter = xl_col_to_name(place)
        return f"${letter}${self.first + 1}:${letter}${self.last + 1}"

    def range_elsewhere(self, place):
        """The same on another sheet."""
        name = self.sheet.get_name().replace("'", "''")
        return f"'{name}'!{self.range(place)}"
