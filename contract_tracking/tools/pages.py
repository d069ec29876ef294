"""Cutting a printed form into pages whose number is known beforehand.

wkhtmltopdf without a patched Qt repeats no table heads and prints no page numbers.
So the form itself is cut: blocks of rows, each row with its height in lines, each
block repeated with its head on the next page. Heights are estimates on the safe side.
"""

import collections
import math
import unicodedata
from collections.abc import Callable
from typing import NamedTuple

# Half-width characters in a line over the whole width of a form.
PAGE_WIDTH = 112
# Lines of 16 px on a page of A4, below title and page number.
PAGE_LINES = 59
# Lines that title and page number take.
HEAD_LINES = 6


class Paper(NamedTuple):
    """What a form is printed on: a paper format, the room inside of its margins and
    the size of the letters, from which its width and height in characters come."""

    # external id of the format
    format: str = "contract_tracking.paperformat_form"
    # mm
    width: float = 186
    height: float = 275
    # px
    font: float = 12

    @property
    def columns(self):
        """Half-width characters in a line."""
        return int(PAGE_WIDTH * self.width / 186 * 12 / self.font)

    @property
    def lines(self):
        """Lines on a page below title and page number."""
        lines = (PAGE_LINES + HEAD_LINES) * self.height / 275 * 12 / self.font
        return int(lines - HEAD_LINES)


class Column(NamedTuple):
    """A column of a printed table: what it says of each row, and how wide it is."""

    title: str
    # percent of the form's width
    width: float
    # a field of the row, or a function of it; (value, class) where it stands out
    value: str | Callable
    # how it is written: text, right (a text on the right), date, amount,
    # amount_or_none (no zeros), quantity, figures (written already, lines not broken)
    kind: str = "text"
    # what it stands under with its neighbours, in a head of two rows
    group: str = ""


def column_width(percent, width=PAGE_WIDTH):
    """Half-width characters in a column of ``percent`` of the form, rather too few."""
    return max(1, int(percent * width / 100 - 1.5))


def head_rows(columns):
    """The head of a table as rows of cells (dicts of ``title``, ``colspan``,
    ``rowspan``, ``css``): two rows if columns stand in groups."""
    if not any(column.group for column in columns):
        return [[_head_cell(column) for column in columns]]
    upper, lower = [], []
    for members in neighbours(columns):
        if members[0].group:
            group = members[0].group
            upper.append(_head_cell(members[0], title=group, colspan=len(members)))
            lower += map(_head_cell, members)
        else:
            upper.append(_head_cell(members[0], rowspan=2))
    return [upper, lower]


def _head_cell(column, **values):
    """A cell above a column: above figures it stands right as they do."""
    css = "" if column.kind in ("text", "date") else "right"
    return {"title": column.title, "colspan": 1, "rowspan": 1, "css": css, **values}


def neighbours(columns):
    """Columns that stand beside each other under the same group, as lists; each that
    stands under none alone."""
    lists = []
    for column in columns:
        if lists and column.group and lists[-1][0].group == column.group:
            lists[-1].append(column)
        else:
            lists.append([column])
    return lists


def head_lines(columns, width=PAGE_WIDTH):
    """Lines that the head of a table takes."""
    grouped = any(column.group for column in columns)

    def lines(title, percent):
        return text_lines(title, column_width(percent, width))

    titles = upper = 0
    for members in neighbours(columns):
        group, below = members[0].group, max(lines(c.title, c.width) for c in members)
        if group:
            upper = max(upper, lines(group, sum(c.width for c in members)))
        elif grouped:
            # over both rows
            below -= 1
        titles = max(titles, below)
    return titles + upper


def text_width(text):
    """Width of ``text`` in half-width characters: Chinese ones count twice."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def figure_size(text, percent, width=PAGE_WIDTH):
    """The size, in percent of the form's letters, in which a figure or a day stands in
    a column of ``percent`` of the form without being wrapped."""
    longest = max(
        sum(0.55 if c in ".,:/ " else 1.07 * text_width(c) for c in line)
        for line in (text or "").split("\n")
    )
    room = percent * width / 100 - 1.4
    return 100 if longest <= room else max(50, int(100 * room / longest))


def text_lines(text, width):
    """Lines that ``text`` takes in a column of ``width`` half-width characters."""
    return sum(_wrapped(part, width) for part in (text or "").split("\n"))


def _wrapped(text, width):
    """Lines of a paragraph: broken between words, and anywhere in Chinese."""
    if text_width(text) <= width:
        return 1
    lines, used = 1, 0
    for word in text.split(" "):
        size = text_width(word)
        if used and used + 1 + size > width and size == len(word):
            lines, used = lines + 1, 0
        used += size + bool(used)
        lines += math.ceil(used / width) - 1 if used else 0
        used = (used - 1) % width + 1 if used else 0
    return lines


def wrap_rows(text, width):
    """Cut a text into rows of a page break's size: its paragraphs, long ones again."""
    rows = []
    for part in (text or "").split("\n"):
        while text_width(part) > width * 10:
            size = len(part)
            while text_width(part[:size]) > width * 10:
                size -= max(1, size // 20)
            rows.append({"text": part[:size], "height": text_lines(part[:size], width)})
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
        (lines of the block's own head); ``keep`` where it doesn't stand on a page
        without something of what is before it (signatures); and ``carry`` where sums
        are carried from page to page: a function of the rows of a page, and whether
        they are the last, that returns the rows below them and those above the next
        ones; of ``carried`` lines
    :return: list of pages: ``number``, ``total``, ``blocks`` with the rows that fit
    """
    pages, current, left = [], [], capacity
    for block in blocks:
        rows = collections.deque(block["rows"])
        carry, carried = block.get("carry"), block.get("carried", 0)
        above = []
        while True:
            head = block["head"] + carried + (carried if above else 0)
            first = rows[0]["height"] if rows else 0
            if current and head + first > left:
                pages.append(current)
                current = (
                    _company(current, capacity - head) if block.get("keep") else []
                )
                left = capacity - sum(map(_height, current))
            part = []
            left -= head
            while rows and (not part or rows[0]["height"] <= left):
                part.append(rows.popleft())
                left -= part[-1]["height"]
            page = {**block, "rows": part, "last": not rows, "above": above}
            page["below"], above = carry(part, not rows) if carry else ([], [])
            current.append(page)
            if not rows:
                break
    pages.append(current)
    return [
        {"number": number, "total": len(pages), "blocks": content}
        for number, content in enumerate(pages, 1)
    ]


def _height(block):
    """Lines of what a page has of a block."""
    return block["head"] + sum(row["height"] for row in block["rows"])


def _company(page, room):
    """Take off the end of a page, if it fits into ``room`` lines, what goes on to the
    next one with a block that is not to stand there alone: a small block whole, of
    others the last row. Something stays on the page."""
    taken = []
    while not taken or taken[0].get("keep"):
        last = page[-1]
        rows = last["rows"]
        end = {**last, "rows": rows[-1:]}
        if len(page) > 1 and len(rows) < 4 and _height(last) <= room:
            end = page.pop()
        elif len(rows) > 1 and not last.get("carry") and _height(end) <= room:
            page[-1] = {**last, "rows": rows[:-1], "last": False}
        else:
            break
        taken.insert(0, end)
        room -= _height(end)
    return taken
