"""Cutting a printed form into pages whose number is known beforehand.

wkhtmltopdf without a patched Qt repeats no table heads and prints no page numbers.
So the form itself is cut: blocks of rows, each row with its height in lines, each
block repeated with its head on the next page. Heights are estimates on the safe side.
"""

import math
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

# Half-width characters in a line over the whole width of a form.
PAGE_WIDTH = 112
# Lines of 16 px on a page of A4, below title and page number.
PAGE_LINES = 59


class Column(NamedTuple):
    """A column of a printed table: what it says of each row, and how wide it is."""

    title: str
    # percent of the form's width
    width: float
    # a field of the row, or a function of it; (value, class) where it stands out
    value: str | Callable
    # how it is written: text, right (a text on the right), date, amount,
    # amount_or_none (no zeros), quantity
    kind: str = "text"


def column_width(percent):
    """Half-width characters in a column of ``percent`` of the form, rather too few."""
    return int(percent * PAGE_WIDTH / 100 - 1.5)


def text_width(text):
    """Width of ``text`` in half-width characters: Chinese ones count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def text_lines(text, width):
    """Lines that ``text`` takes in a column of ``width`` half-width characters."""
    paragraphs = (text or "").split("\n")
    return sum(max(1, math.ceil(text_width(part) / width)) for part in paragraphs)


def wrap_rows(text, width):
    """Cut a text into rows of a page break's size: its paragraphs, long ones again."""
    rows = []
    for part in (text or "").split("\n"):
        while text_width(part) > width * 10:
            size = len(part)
            while text_width(part[:size]) > width * 10:
                size -= max(1, size // 20)
            rows.append({"text": part[:size], "height": 10})
            part = part[size:]
        rows.append({"text": part, "height": text_lines(part, width)})
    return rows


def block(name, head, rows=(), **values):
    """A block of a form: the lines of its own head, its rows, what its template
    reads."""
    return {"name": name, "head": head, "rows": rows, **values}


def paginate(blocks, capacity=PAGE_LINES):
    """Lay ``blocks`` out on pages of ``capacity`` lines.

    :param blocks: dicts with ``name``, ``rows`` (dicts with ``height``), ``head``
        (lines of the block's own head)
    :return: list of pages: ``number``, ``total``, ``blocks`` with the rows that fit
    """
    pages, current, left = [], [], capacity
    for block in blocks:
        rows = list(block["rows"])
        while True:
            first = rows[0]["height"] if rows else 0
            if current and block["head"] + first > left:
                pages.append(current)
                current, left = [], capacity
            part = []
            left -= block["head"]
            while rows and (not part or rows[0]["height"] <= left):
                part.append(rows.pop(0))
                left -= part[-1]["height"]
            current.append({**block, "rows": part, "last": not rows})
            if not rows:
                break
    pages.append(current)
    return [
        {"number": number, "total": len(pages), "blocks": content}
        for number, content in enumerate(pages, 1)
    ]
