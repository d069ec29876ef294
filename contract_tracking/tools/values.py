"""What clients send as values of fields."""

import math

from odoo import fields
from odoo.models import BaseModel

# Beyond all money, and within what a float adds up to the cent.
LIMIT = 1e15
# Of contracts, their forerunners and what they promise
YEARS = range(1900, 2200)


def is_value(field, value):
    """Whether ``value`` is one that ``field`` can hold: a finite number of a sensible
    size, a day of a calendar, a choice, the id of a record. Nothing is always one."""
    if value is None or value is False:
        return True
    if field.type == "many2one":
        return isinstance(value, BaseModel) or (
            isinstance(value, int) and not isinstance(value, bool) and value >= 0
        )
    if field.type == "selection":
        return isinstance(value, str)
    if field.type in ("integer", "float", "monetary"):
        try:
            return math.isfinite(float(value)) and abs(float(value)) < LIMIT
        except (TypeError, ValueError, OverflowError):
            return False
    if field.type in ("date", "datetime"):
        try:
            day = value and fields.Datetime.to_datetime(value)
        except (TypeError, ValueError, AttributeError):
            return False
        return not day or day.year in YEARS
    return True
