"""Fill a copy of the seed database; runs inside ``odoo shell``."""

import clone
import verify


def fill(env, copies):
    """Copy the seed's rows ``copies`` times, then compare with Odoo's recompute."""
    clone.clone_orders(env, copies)
    env.cr.commit()
    compared = verify.verify(env)
    print(f"{compared} stored values equal their recompute")
