from odoo import models
from odoo.tools import SQL


class ContractFacts(models.AbstractModel):
    """What was agreed on a day, before later re-agreements."""

    _inherit = "contract.facts"

    def _agreed_total_sql(self, subject, alias, cutoff, now):
        """What the first re-agreement that holds from a later day replaced, else what
        is agreed now."""
        now = super()._agreed_total_sql(subject, alias, cutoff, now)
        if not cutoff:
            return now
        return SQL(
            """COALESCE((SELECT r.amount_before FROM contract_reagreement r
                          WHERE r.%(subject)s = %(alias)s.id AND r.state = 'done'
                            AND r.date_from > %(cutoff)s
                          ORDER BY r.date_from, r.applied_on, r.id LIMIT 1),
                        %(now)s)""",
            subject=subject,
            alias=SQL.identifier(alias),
            cutoff=cutoff,
            now=now,
            to_flush=self._reads(
                (
                    "contract.reagreement",
                    "order_id frame_id state date_from applied_on amount_before",
                )
            ),
        )
