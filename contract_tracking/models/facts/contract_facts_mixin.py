from odoo import models, tools
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


def fact_field(kind, column, **attrs):
    """Return a field of type ``kind`` that is read from a column of the statement."""

    def search(model, operator, value):
        columns = model._contract_fact_columns()
        fname = next(name for name in columns if columns[name] == column)
        return fact_search(fname)(model, operator, value)

    return kind(search=search, fact=column, **attrs)


class ContractFactsMixin(models.AbstractModel):
    """Fields that are not stored but come from the facts statement, and can be
    searched, sorted, grouped and summed all the same: the statement is joined."""

    _name = "contract.facts.mixin"
    _description = "Contract Facts Fields"

    def _valid_field_parameter(self, field, name):
        return name == "fact" or super()._valid_field_parameter(field, name)

    @tools.ormcache()
    def _contract_fact_columns(self):
        """``{field name: column of the statement}``."""
        return {
            name: field.fact
            for name, field in self._fields.items()
            if hasattr(field, "fact")
        }

    def _contract_set_facts(self, rows, **others):
        """Fill in the fields that are read from the facts. To assign them one by one
        takes several times as long as to read them.

        :param rows: a row dict a record
        :param others: columns of other fields, by name of the field
        """
        for fname, column in (self._contract_fact_columns() | others).items():
            field = self._fields[fname]
            values = [row.get(column) or False for row in rows]
            if field.type == "monetary":
                # all of a contract's currency: asked for each amount it takes longest
                values = [
                    currency.round(float(value)) if currency else float(value)
                    for currency, value in zip(
                        (record.currency_id for record in self), values, strict=True
                    )
                ]
            validate = field.type != "monetary"
            field._insert_cache(
                self,
                [
                    field.convert_to_cache(value, record, validate)
                    for record, value in zip(self, values, strict=True)
                ],
            )

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
            statement, key = self._contract_fact_sql()
            query.add_join(
                "LEFT JOIN",
                facts,
                SQL("(%s)", statement),
                SQL("%s = %s", SQL.identifier(alias, "id"), SQL.identifier(facts, key)),
            )
        return SQL.identifier(facts, column)
