def migrate(cr, version):
    """Where contracts are in effect already, only the business office goes on
    cancelling them: that was the rule, and regulations may rely on it. Others start
    with the new default; each company's setting says so."""
    cr.execute(
        """
        UPDATE res_company c SET contract_cancel_office = TRUE
         WHERE EXISTS (SELECT FROM sale_order o
                        WHERE o.company_id = c.id
                          AND o.contract_effective_date IS NOT NULL)
        """
    )
