from odoo import api, models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    _inherit = "contract.facts"

    @api.model
    def _agreed_total_sql(self, subject, alias, cutoff, now):
        """The agreed total as of a day: what the first re-agreement that holds from a
        later day replaced, else what is agreed now."""
        now = super()._agreed_total_sql(subject, alias, cutoff, now)
        if not cutoff:
            return now
        return SQL(
            """COALESCE((SELECT r.amount_before FROM contract_reagreement r
                          WHERE r.%(subject)s = %(alias)s.id AND r.state = 'done'
                            AND r.date_from > %(cutoff)s
                          ORDER BY r.date_from, r.id LIMIT 1), %(now)s)""",
            subject=subject,
            alias=SQL.identifier(alias),
            cutoff=cutoff,
            now=now,
        )
