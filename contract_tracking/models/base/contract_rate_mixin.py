from odoo import api, models
from odoo.tools import SQL


class ContractRateMixin(models.AbstractModel):
    """Shares of sums: of a group they are the share of its sums, never the mean of its
    shares."""

    _name = "contract.rate.mixin"
    _description = "Shares of Sums"

    # {field: (field that is the part, field that is the whole)}; its aggregator is avg
    _contract_rates = {}

    @api.model
    def _rate_sql(self, part, whole):
        """SQL of a share; none where there is nothing that it could be a share of."""
        return SQL("%s::float / NULLIF(%s, 0)::float", part, whole)

    def _read_group_select(self, aggregate_spec, query):
        fname, _colon, function = aggregate_spec.partition(":")
        if function != "avg" or fname not in self._contract_rates:
            return super()._read_group_select(aggregate_spec, query)
        self._check_field_access(self._fields[fname], "read")
        return self._rate_sql(
            *(
                SQL("SUM(%s)", self._field_to_sql(self._table, name, query))
                for name in self._contract_rates[fname]
            )
        )
