"""Values in words, as the reader's language writes them."""

from odoo.tools import formatLang


def format_quantity(env, quantity):
    """A quantity without needless zeros."""
    digits = env["decimal.precision"].precision_get("Product Unit")
    number = formatLang(env, quantity, digits=digits)
    point = env["res.lang"]._get_data(code=env.lang).decimal_point or "."
    return number.rstrip("0").rstrip(point) if digits else number


def choices(records, fname):
    """The choices of a selection field: a list of (key, name)."""
    return records._fields[fname]._description_selection(records.env)


def choice(record, fname):
    """The name of what is chosen in a selection field."""
    return dict(choices(record, fname)).get(record[fname], "")
