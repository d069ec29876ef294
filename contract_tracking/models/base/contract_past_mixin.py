from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date


class ContractPastMixin(models.AbstractModel):
    """Days of what happened: none of them is still to come, in the time zone of the
    company. What is planned or agreed for a day is no such fact."""

    _name = "contract.past.mixin"
    _description = "Days of Facts"

    @api.model
    def _contract_past(self):
        """Names of the fields that say on which day something happened."""
        return set()

    @api.constrains(lambda self: sorted(self._contract_past()))
    def _check_past(self):
        for record in self.sudo():
            last = record._contract_past_until()
            for fname in record._contract_past():
                if record[fname] and record[fname] > last:
                    raise ValidationError(
                        self.env._(
                            "“%(fact)s” can't have happened on %(date)s: this day is "
                            "still to come.",
                            fact=record._contract_past_name(fname),
                            date=format_date(self.env, record[fname]),
                        )
                    )

    def _contract_past_until(self):
        """The last day on which it can have happened: today."""
        self.ensure_one()
        return (self.company_id or self.env.company)._contract_today()

    def _contract_past_name(self, fname):
        """What happened on the day ``fname``, in the user's language."""
        return self._fields[fname]._description_string(self.env)
