"""What the web client asks for when an action is opened: read from the views, as it
does.

The client reads every field of a list, the optional columns that are hidden too,
and asks for the sums of all of them when the list is grouped.
"""

from lxml import etree

from odoo.service.model import call_kw
from odoo.tools.safe_eval import safe_eval

AGGREGATED = ("integer", "float", "monetary")
COUNT_LIMIT = 10001


def click(env, action, *filters, view="list", order="", domain=()):
    """A request for the first page of a window action.

    :param filters: names of the search view's filters and groups that are chosen; the
        action's own if none is
    :param domain: instead of a filter, what else is searched for
    :return: ``{"model", "method", "args", "kwargs"}``, for :func:`send`
    """
    action = env.ref(action).sudo()
    model = env[action.res_model]
    values = {"uid": env.uid, "allowed_company_ids": env.companies.ids}
    context = safe_eval(action.context or "{}", values)
    filters = filters or [
        name.removeprefix("search_default_")
        for name in context
        if name.startswith("search_default_")
    ]
    search = _arch(model, action.search_view_id.id, "search")
    domain = [*safe_eval(action.domain or "[]", values), *domain]
    groupby = []
    for name in filters:
        [node] = search.xpath(f"//filter[@name='{name}']")
        domain += safe_eval(node.get("domain", "[]"), values)
        group = safe_eval(node.get("context", "{}"), values).get("group_by")
        groupby += [group] if group else []
    view_id = next((number for number, kind in action.views if kind == view), None)
    arch = _arch(model, view_id, view)
    request = {"model": model._name, "args": [domain], "kwargs": {}}
    if view == "pivot":
        rows, columns, measures = (
            [n.get("name") for n in arch.iter("field") if n.get("type") == kind]
            for kind in ("row", "col", "measure")
        )
        sets = [[], rows, columns, rows + columns]
        aggregates = _aggregates(model, measures)
        return request | {
            "method": "formatted_read_grouping_sets",
            "args": [domain, [s for n, s in enumerate(sets) if s not in sets[:n]]]
            + [["__count", *aggregates]],
        }
    fields = _fields(model, arch)
    if view == "calendar":
        names = ["display_name", arch.get("date_start"), *fields]
        return request | {"method": "search_read", "args": [domain, names]}
    if groupby:
        return request | {
            "method": "web_read_group",
            "args": [domain, groupby[:1], _aggregates(model, fields)],
            "kwargs": {"limit": 80},
        }
    return request | {
        "method": "web_search_read",
        "args": [domain, fields],
        "kwargs": {
            "limit": 80,
            "order": order or arch.get("default_order", ""),
            "count_limit": COUNT_LIMIT,
        },
    }


def send(env, request):
    """Let the server answer a request."""
    return call_kw(
        env[request["model"]], request["method"], request["args"], request["kwargs"]
    )


def form(model, view_xmlid):
    """The fields that a form of ``model`` reads, as for ``web_read``."""
    return _fields(model, _arch(model, model.env.ref(view_xmlid).id, "form"))


def _arch(model, view_id, view_type):
    return etree.fromstring(model.get_view(view_id, view_type)["arch"])


def _fields(model, arch):
    result = {}
    for node in _own_fields(arch):
        name = node.get("name")
        field = model._fields.get(name)
        if field is None:
            continue
        hidden = "True" in (node.get("invisible"), node.get("column_invisible"))
        spec = result.setdefault(name, {})
        if field.type in ("one2many", "many2many"):
            if not hidden:
                comodel = model.env[field.comodel_name]
                sub = node.find("list")
                sub = node.find("kanban") if sub is None else sub
                if sub is not None:
                    spec["fields"] = _fields(comodel, sub)
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


def _aggregates(model, names):
    """The sums that the client asks for when a list with ``names`` is grouped."""
    result = []
    for name, info in model.fields_get(list(names)).items():
        if not info.get("aggregator") or info["type"] not in AGGREGATED:
            continue
        result.append(f"{name}:{info['aggregator']}")
        if info.get("currency_field"):
            result.append(f"{info['currency_field']}:array_agg_distinct")
            result.append(f"{name}:sum_currency")
    return list(dict.fromkeys(result))
