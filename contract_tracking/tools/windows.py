"""Window actions that methods return."""


def window(env, xmlid, **values):
    """One of our window actions, with some of its values replaced."""
    action = env["ir.actions.act_window"]._for_xml_id(f"contract_tracking.{xmlid}")
    return {**action, **values}


def form_window(model, name, defaults=None, view=False, **context):
    """The action that opens a new record of ``model`` in a window over the page.

    :param defaults: ``{field: default value}``
    """
    defaults = {f"default_{fname}": value for fname, value in (defaults or {}).items()}
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "views": [(view, "form")],
        "target": "new",
        "context": {**context, **defaults},
    }
