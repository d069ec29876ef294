"""Values in words, as the reader's language writes them, and numbers in words."""

import re

import babel.dates

from odoo.tools import formatLang, get_lang
from odoo.tools.misc import babel_locale_parse


def format_quantity(env, quantity):
    """A quantity without needless zeros."""
    digits = env["decimal.precision"].precision_get("Product Unit")
    number = formatLang(env, quantity, digits=digits)
    point = get_lang(env).decimal_point
    return number.rstrip("0").rstrip(point) if digits else number


def format_month(env, day):
    """The month of a day, as the language writes it: October 2026, 2026年10月."""
    locale = babel_locale_parse(get_lang(env).code)
    return babel.dates.format_skeleton("yMMMM", day, locale=locale) if day else ""


def join_sentences(env, sentences):
    """Sentences one after the other: in Chinese nothing stands between them."""
    return ("" if get_lang(env).code.startswith("zh") else " ").join(sentences)


def choices(records, fname):
    """The choices of a selection field: a list of (key, name)."""
    return records._fields[fname]._description_selection(records.env)


def choice(record, fname):
    """The name of what is chosen in a selection field."""
    return dict(choices(record, fname)).get(record[fname], "")


def named_numbers(text, numbers):
    """Those of ``numbers`` of documents that ``text`` names, the longest first.

    A number counts whole: no further letter or digit, and no further part after a
    dash, belongs to it. What a longer number says, no shorter one says again. Dashes
    may be missing in the text.

    :param text: capital letters, as all ``numbers``
    """
    found, waiting = [], sorted(numbers, key=lambda number: (-len(number), number))
    while waiting:
        named = []
        for number in waiting:
            text, count = _whole(number).subn(" ", text)
            if count:
                named.append(number)
        if not named:
            break
        # without them, what stood beside them stands alone
        found += named
        waiting = [number for number in waiting if number not in named]
    return found


def _whole(number):
    before = "[-/._]" if number[0].isdigit() else "-"
    body = re.escape(number).replace(r"\-", "-?")
    return re.compile(
        rf"(?<![A-Z0-9])(?<![A-Z0-9]{before}){body}"
        r"(?![A-Z0-9])(?![-/._][0-9])(?!-[A-Z](?![A-Z0-9]))"
    )


CAPITALS = "零壹贰叁肆伍陆柒捌玖"


def amount_in_words(env, amount, currency):
    """An amount in words, as it stands on what is approved: in Chinese in capital
    figures (大写), in other languages as core writes it."""
    lang = env.lang or ""
    if lang.startswith("zh"):
        name = "人民币" if currency.name == "CNY" else currency.name
        return f"{name}{capital_amount(amount, currency.decimal_places)}"
    return currency.with_context(lang=lang).amount_to_text(amount)


def capital_amount(amount, digits=2):
    """An amount in capital figures: 壹仟零伍元叁角整; in a currency of three digits
    with thousandths (厘)."""
    digits = max(2, min(digits, 3))
    yuan, rest = divmod(round(abs(amount) * 10**digits), 10**digits)
    text = f"{_capital(yuan)}元" if yuan or not rest else ""
    gap = False
    for figure, unit in zip(f"{rest:0{digits}}", "角分厘"[:digits], strict=True):
        if figure == "0":
            gap = bool(text)
        else:
            text += f"{CAPITALS[0] if gap else ''}{CAPITALS[int(figure)]}{unit}"
            gap = False
    if rest % 10 == 0:
        text += "整"
    return f"负{text}" if amount < 0 and (yuan or rest) else text


def _capital(number):
    for power, unit in (
        (10**8, "亿"),
        (10**4, "万"),
        (1000, "仟"),
        (100, "佰"),
        (10, "拾"),
    ):
        if number >= power:
            high, low = divmod(number, power)
            # figures are missing in between
            gap = CAPITALS[0] if 0 < low < power // 10 else ""
            return f"{_capital(high)}{unit}{gap}{_capital(low) if low else ''}"
    return CAPITALS[number]
