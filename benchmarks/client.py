"""What the web client asks for: specifications read from the views, as it does.

The client reads every field of a list, the optional columns that are hidden too,
and asks for the sums of all of them when the list is grouped.
"""

from lxml import etree

AGGREGATED = ("integer", "float", "monetary")


def specification(model, view_type, view_xmlid=None, without=()):
    """The fields that a view of ``model`` reads, as for ``web_read``.

    :param without: beginnings of field names that are left out
    """
    view_id = model.env.ref(view_xmlid).id if view_xmlid else None
    arch = etree.fromstring(model.get_view(view_id, view_type)["arch"])
    return _fields(model, arch, without)


def _fields(model, arch, without):
    result = {}
    for node in _own_fields(arch):
        name = node.get("name")
        field = model._fields.get(name)
        if field is None or name.startswith(tuple(without)):
            continue
        hidden = "True" in (node.get("invisible"), node.get("column_invisible"))
        spec = result.setdefault(name, {})
        if field.type in ("one2many", "many2many"):
            if not hidden:
                comodel = model.env[field.comodel_name]
                sub = node.find("list")
                sub = node.find("kanban") if sub is None else sub
                if sub is not None:
                    spec["fields"] = _fields(comodel, sub, without)
                    spec["limit"] = 40
                    spec["order"] = sub.get("default_order", "")
                else:
                    spec["fields"] = {"display_name": {}}
        elif field.type in ("many2one", "reference"):
            spec["fields"] = {} if hidden else {"display_name": {}}
    return result


def _own_fields(arch):
    """The fields of a view, not those of the views inside of it."""
    for node in arch:
        if node.tag == "field":
            yield node
        elif node.tag != "groupby":
            yield from _own_fields(node)


def aggregates(model, spec):
    """The sums that the client asks for when a list with ``spec`` is grouped."""
    result = []
    for name, info in model.fields_get(list(spec)).items():
        if not info.get("aggregator") or info["type"] not in AGGREGATED:
            continue
        result.append(f"{name}:{info['aggregator']}")
        if info.get("currency_field"):
            result.append(f"{info['currency_field']}:array_agg_distinct")
            result.append(f"{name}:sum_currency")
    return list(dict.fromkeys(result))
