"""What people write in the cells of a file: numbers, shares and days, read rightly or
not at all.

Each function takes a text and raises :class:`ValueError` where it could be meant in
more than one way, or in none.
"""

import datetime
import re
import unicodedata
from decimal import Decimal

# What stands beside an amount and says nothing about how much it is.
CURRENCY = re.compile(r"人民币|[元圆][整正]?$|rmb|cny|¥", re.I)
# Units of Chinese numbers.
MYRIADS = {"万": 10_000, "亿": 100_000_000}
PLAIN = re.compile(r"\d+(\.\d+)?|\.\d+")
GROUPED = re.compile(r"\d{1,3}(,\d{3})+(\.\d+)?|\d{1,3}([ '’]\d{3})+(\.\d+)?")
DATE = re.compile(
    r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*[日号]?"
    r"(?:[ T]0?0:00(?::00)?)?"
)
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
COUNTED = re.compile(r"\s*(天|日|个月|月|days?|months?)$", re.I)
TOTALS = {
    "合计", "总计", "小计", "共计", "累计", "总额", "total", "totals", "subtotal",
    "grandtotal", "sum",
}  # fmt: skip
YES = {"是", "对", "有", "√", "✓", "✔", "y", "yes"}
NO = {"否", "无", "×", "✗", "n", "no", "-", "—"}


def plain(text):
    """A text without the room around it, with full-width letters and figures as
    half-width ones."""
    return unicodedata.normalize("NFKC", text).strip()


def is_total(text):
    """Whether a cell says that its row sums up others: 合 计, Total:."""
    return re.sub(r"[\s:\-]", "", plain(text)).lower() in TOTALS


def read_number(text):
    """A number as a plain decimal text: ``１，２３４．５０元`` is ``1234.50``,
    ``1.5万`` is ``15000.0``."""
    text = CURRENCY.sub("", plain(text)).strip()
    sign = ""
    if text.startswith("(") and text.endswith(")"):
        sign, text = "-", text[1:-1].strip()
    elif text[:1] in "+-−":
        sign, text = text[:1].replace("+", "").replace("−", "-"), text[1:].strip()
    factor = 1
    if text[-1:] in MYRIADS:
        factor, text = MYRIADS[text[-1]], text[:-1].strip()
    if GROUPED.fullmatch(text):
        text = re.sub(r"[, '’]", "", text)
    if not PLAIN.fullmatch(text):
        raise ValueError(text)
    if factor > 1:
        text = str(Decimal(text) * factor)
    return sign + text


def read_share(text):
    """A share in percent: ``30``, ``30%`` and ``30 ％`` are ``30``.

    What is not above one could be meant as 0.3 or as 30 %: it needs its sign.
    """
    text = plain(text)
    if text.endswith("%"):
        return read_number(text[:-1])
    number = read_number(text)
    if 0 < abs(float(number)) <= 1:
        raise ValueError(text)
    return number


def read_count(text):
    """A whole number: ``３０天`` is ``30``."""
    number = read_number(COUNTED.sub("", plain(text)))
    if float(number) % 1:
        raise ValueError(text)
    return str(int(float(number)))


def read_day(text):
    """A day as ISO text, from what begins with its year: ``2026年1月5日``,
    ``2026.1.5``, ``2026/1/5``, ``20260105``."""
    text = plain(text)
    match = DATE.fullmatch(text) or COMPACT.fullmatch(text)
    if not match:
        raise ValueError(text)
    return datetime.date(*map(int, match.groups())).isoformat()


def read_mark(text):
    """A yes or no: ``√`` is ``1``; what isn't known is left as it is."""
    word = plain(text).lower()
    return "1" if word in YES else "0" if word in NO else text.strip()
