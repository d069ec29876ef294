"""Window actions that methods return."""


def window(env, xmlid, **values):
    """One of our window actions, with some of its values replaced."""
    action = env["ir.actions.act_window"]._for_xml_id(f"contract_tracking.{xmlid}")
    return {**action, **values}


def dialog(env, name, model, **defaults):
    """A new ``model`` in a dialog called ``name``, with defaults for its fields."""
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": model,
        "view_mode": "form",
        "target": "new",
        "context": {f"default_{fname}": value for fname, value in defaults.items()},
    }
