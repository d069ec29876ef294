from odoo import models
from odoo.fields import Domain
from odoo.tools import SQL


def fact_search(fname):
    """Return a ``search`` for the field ``fname`` that is read from the facts."""

    def search(model, operator, value):
        field = model._fields[fname]
        return Domain.custom(
            to_sql=lambda records, alias, query: field.condition_to_sql(
                fname, operator, value, records, alias, query
            )
        )

    return search


class ContractFactsMixin(models.AbstractModel):
    """Fields that are not stored but come from the facts statement, and can be
    searched, sorted, grouped and summed all the same: the statement is joined."""

    _name = "contract.facts.mixin"
    _description = "Contract Facts Fields"

    def _contract_fact_columns(self):
        """``{field name: column of the statement}``."""
        return {}

    def _contract_fact_sql(self):
        """The statement to join, and the name of its column with our id."""
        raise NotImplementedError

    def _field_to_sql(self, alias, field_expr, query=None):
        column = self._contract_fact_columns().get(field_expr)
        if not column or query is None:
            return super()._field_to_sql(alias, field_expr, query)
        self._check_field_access(self._fields[field_expr], "read")
        facts = query.make_alias(alias, "contract_facts")
        if facts not in query._joins:
            self.env["contract.facts"]._prepare()
            statement, key = self._contract_fact_sql()
            query.add_join(
                "LEFT JOIN",
                facts,
                SQL("(%s)", statement),
                SQL("%s = %s", SQL.identifier(alias, "id"), SQL.identifier(facts, key)),
            )
        return SQL.identifier(facts, column)
