"""The search for deviations knows what is left by what is kept."""


def migrate(cr, version):
    """Take away the place where a run of the search stopped."""
    cr.execute(
        "DELETE FROM ir_config_parameter WHERE key = 'contract_tracking.deviation_run'"
    )
