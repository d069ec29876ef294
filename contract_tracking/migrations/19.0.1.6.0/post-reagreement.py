def migrate(cr, version):
    """The orders of re-agreements that were written before were changed by hand."""
    cr.execute("UPDATE contract_reagreement SET change_order = FALSE")
