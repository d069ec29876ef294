"""Windows that ask for what a step needs."""


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
