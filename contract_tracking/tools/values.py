"""What clients send as values of fields."""

import json
import math
import re

from odoo import fields
from odoo.models import BaseModel

# Beyond all money, and within what a float adds up to the cent.
LIMIT = 1e15
# Of contracts, their forerunners and what they promise
YEARS = range(1900, 2200)
# Days of a century: what people enter as whole numbers are days, months and shares.
DAYS = 36_525
# Characters that lists, letters and printed forms still cope with
LENGTHS = {"char": 1_000, "text": 100_000, "html": 100_000}
# The largest id that a column of PostgreSQL takes.
MAX_ID = 2**31 - 1
# PostgreSQL, XML or UTF-8 knows none of these; line ends and tabs are text.
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def is_value(field, value, env, draft=False):
    """Whether ``value`` is one that ``field`` can hold: a finite number of a sensible
    size, a day of a calendar, a choice, text, commands on records that can exist.
    Nothing is always one.

    :param draft: as a form sends it that isn't saved yet
    """
    if value is None or value is False:
        return True
    match field.type:
        case "many2one":
            return _is_record(value, draft)
        case "many2one_reference":
            return value == 0 or _is_record(value, draft)
        case "one2many" | "many2many":
            return _is_records(value, draft)
        case "selection":
            return isinstance(value, str) and (
                not value or value in field.get_values(env)
            )
        case "integer":
            return _is_number(value, int) and abs(int(value or 0)) <= (
                MAX_ID if field.readonly or field.name == "sequence" else DAYS
            )
        case "float" | "monetary":
            return _is_number(value)
        case "date" | "datetime":
            return _is_day(value)
        case "char" | "text" | "html":
            # what a window hands over, its own steps check
            is_one = field.readonly or not isinstance(value, dict | list | tuple | set)
            return is_one and is_text(value)
        case "json":
            return _is_json(value)
    return True


def is_id(value):
    return (
        isinstance(value, int) and not isinstance(value, bool) and 0 < value <= MAX_ID
    )


def is_text(value):
    """Whether PostgreSQL stores it and every program prints it."""
    return not CONTROL.search(str(value))


def is_long(field, value):
    """Whether a text is longer than anybody writes."""
    limit = LENGTHS.get(field.type)
    return bool(limit and value) and len(str(value)) > limit


def is_missing(field, value):
    """Whether nothing, or only blanks, is given where something must be."""
    if not (field.required and field.store) or field.compute:
        return False
    if isinstance(value, str):
        return not value.strip()
    return (value is None or value is False) and field.type not in (
        "boolean", "integer", "float", "monetary"
    )  # fmt: skip


def _is_record(value, draft):
    if isinstance(value, tuple) and value:
        value = value[0]
    if draft and isinstance(value, dict):
        value = value.get("id") or False
        return not value or isinstance(value, str) or is_id(value)
    # no id: what code passes on of a record that isn't there
    return isinstance(value, BaseModel) or is_id(value) or value == 0


def _is_records(value, draft):
    if isinstance(value, BaseModel):
        return True
    if not isinstance(value, list | tuple):
        return False

    def is_record(key):
        return is_id(key) or (draft and isinstance(key, str))

    def is_command(command):
        match command:
            case (0, _, dict()) | (5, *_):
                return True
            case (1, key, dict()) | (2 | 3 | 4, key, *_):
                return is_record(key)
            case (6, _, list() | tuple() as keys):
                return all(map(is_record, keys))
        return False

    return all(map(is_command, value)) or all(map(is_id, value))


def _is_number(value, kind=float):
    try:
        number = kind(value or 0)
        return math.isfinite(number) and abs(number) < LIMIT
    except (TypeError, ValueError, OverflowError):
        return False


def _is_day(value):
    try:
        day = value and fields.Datetime.to_datetime(value)
    except (TypeError, ValueError, AttributeError):
        return False
    return not day or day.year in YEARS


def _is_json(value):
    try:
        return is_text(json.dumps(value, allow_nan=False, ensure_ascii=False)) and (
            "\\u0000" not in json.dumps(value)
        )
    except (TypeError, ValueError):
        return False
