def migrate(cr, version):
    """Unit prices of tracking records say whether their taxes are in them: those
    written before are the order lines' own prices."""
    cr.execute(
        """
        UPDATE contract_tracking_record_line r
           SET price_tax = CASE WHEN EXISTS (
                   SELECT FROM account_tax_sale_order_line_rel x
                     JOIN account_tax a ON a.id = x.account_tax_id
                     JOIN res_company c ON c.id = a.company_id
                    WHERE x.sale_order_line_id = t.line_id
                      AND COALESCE(a.price_include_override, c.account_price_include)
                          = 'tax_included') THEN 'included' ELSE 'excluded' END
          FROM contract_term t
         WHERE t.id = r.term_id AND t.line_id IS NOT NULL AND r.price_tax IS NULL
        """
    )
