"""The key that opens guarded writes from inside the addon.

A context value that a client sends is JSON; it can never be *this* object. So a
guard that asks for it can't be opened over RPC, not even by the superuser.
"""

CONTEXT_KEY = "contract_guard"
LINK_KEY = "contract_link"
_TOKEN = object()


def unguarded(records):
    """Return ``records`` in an environment whose guarded writes pass."""
    return records.with_context(**{CONTEXT_KEY: _TOKEN})


def is_unguarded(records):
    """Tell whether the call comes from inside the addon."""
    return records.env.context.get(CONTEXT_KEY) is _TOKEN


def guarded(records):
    """Return ``records`` without the key, to hand them to code that is not ours."""
    context = dict(records.env.context)
    context.pop(CONTEXT_KEY, None)
    # pylint: disable-next=context-overridden
    return records.with_context(context)


def linking(records):
    """Return ``records`` for a step of core that links what was done to an order."""
    return records.with_context(**{LINK_KEY: _TOKEN})


def is_linking(records):
    """Tell whether the call comes from such a step."""
    return records.env.context.get(LINK_KEY) is _TOKEN
