from collections import defaultdict

from odoo import api, models, tools
from odoo.fields import Command

# Everybody knows these, or core shows their names to everybody.
KNOWN = ("res.", "ir.", "mail.", "uom.", "crm.")


class ContractLinksMixin(models.AbstractModel):
    """Unreadable stays unreadable: what a user names in a value of ours he must be able
    to read, before anything is computed from it with more rights than his; and what he
    may not read he doesn't group or order by."""

    _name = "contract.links.mixin"
    _description = "Links to Contracts"

    # Fields that name what others see less of than their readers do.
    _contract_known = ()

    def onchange(self, values, field_names, fields_spec):
        if not self.env.su:
            self._contract_check_links(values, lines=True)
            if not field_names and (links := self._contract_links(self._name)):
                names = [n for n in links if n in fields_spec and n not in values]
                self._contract_check_links(self.default_get(names), lines=True)
        return super().onchange(values, field_names, fields_spec)

    def _traverse_related_sql(self, alias, field, query):
        # nor orders and groups by what is related
        if field._module == "contract_tracking":
            self._check_field_access(field, "read")
        return super()._traverse_related_sql(alias, field, query)

    def _read_group_groupby(self, alias, groupby_spec, query):
        # core groups by many2many fields without asking for their groups
        field = self._fields.get(groupby_spec.partition(":")[0])
        if field and field._module == "contract_tracking":
            self._check_field_access(field, "read")
        return super()._read_group_groupby(alias, groupby_spec, query)

    @api.model
    @tools.ormcache("name")
    def _contract_links(self, name):
        """Names of our fields of a model that name other records, whose readers are
        few; a reference names them with the field of their model."""
        model = self.env[name]
        ours = [
            field
            for field in model._fields.values()
            if "contract_tracking" in (model._original_module, field._module)
            and field.name not in getattr(model, "_contract_known", ())
        ]
        links = {
            field.name
            for field in ours
            if field.relational and not field.comodel_name.startswith(KNOWN)
        }
        for field in ours:
            if field.type == "many2one_reference":
                links |= {field.name, field.model_field}
        return frozenset(links)

    def _contract_check_links(self, *values, lines=False):
        """Check that the user may read what ``values`` of a client newly name.

        :param lines: look into the lines of a form as well
        :raise AccessError: core's own
        """
        named = defaultdict(set)
        for vals in values:
            self._contract_add_links(self, vals, named, lines)
        for model, ids in named.items():
            self.env[model].browse(ids).check_access("read")

    @api.model
    def _contract_add_links(self, record, vals, named, lines):
        """Add what values of a record name to ``named``: ``{model: ids}``."""
        links = self._contract_links(record._name)
        for name, value in vals.items():
            field = record._fields.get(name)
            if value and field and field.type == "many2one_reference":
                self._contract_add_reference(record, field, vals, named)
            if not value or not field or not field.relational:
                continue
            comodel = self.env[field.comodel_name]
            ids, given = _named(field, value)
            for key, line in given:
                # a line sends the form that it is in
                if lines or isinstance(value, dict):
                    known = comodel.browse(filter(_is_id, [key]))
                    self._contract_add_links(known, line, named, lines)
            if name in links and (ids := set(filter(_is_id, ids))):
                known = set(record.sudo()[name].ids) if len(record) == 1 else set()
                named[field.comodel_name] |= ids - known


    @api.model
    def _contract_add_reference(self, record, field, vals, named):
        """Add the document that a reference of a record names."""
        value = vals[field.name]
        model = vals.get(field.model_field) or record.sudo()[field.model_field]
        if (
            isinstance(model, str)
            and model in self.env
            and field.name in self._contract_links(record._name)
            and _is_id(value)
            and not (len(record) == 1 and record.sudo()[field.name] == value)
        ):
            named[model].add(value)


def _named(field, value):
    """What a value of a relational field names: ids, and [(id, values)] of rows."""
    if isinstance(value, dict):
        return [], [(value.get("id"), value)]
    if field.type == "many2one":
        return [value[0] if isinstance(value, list | tuple) else value], []
    ids, rows = [], []
    for command in value if isinstance(value, list | tuple) else ():
        if not isinstance(command, list | tuple) or len(command) < 2:
            continue
        code, key, given = (*command, None)[:3]
        if code in (Command.LINK, Command.UPDATE):
            ids.append(key)
        elif code == Command.SET and isinstance(given, list | tuple):
            ids += given
        if isinstance(given, dict):
            rows.append((key, given))
    return ids, rows


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0
