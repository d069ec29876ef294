from collections import defaultdict

from odoo import api, models, tools
from odoo.fields import Command

# Everybody knows these, or core shows their names to everybody.
KNOWN = ("res.", "ir.", "mail.", "uom.", "crm.")


class Base(models.AbstractModel):
    """Unreadable stays unreadable: what a user names in a value of ours he must be able
    to read, before anything is computed from it with more rights than his."""

    _inherit = "base"

    def onchange(self, values, field_names, fields_spec):
        if not self.env.su:
            self._contract_check_links(values, lines=True)
            if not field_names and (links := self._contract_links()):
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
    @tools.ormcache()
    def _contract_links(self):
        """Names of our fields that name other records, whose readers are few."""
        return frozenset(
            name
            for name, field in self._fields.items()
            if field.relational
            and ("contract_tracking" in (self._original_module, field._module))
            and not field.comodel_name.startswith(KNOWN)
        )

    def _contract_check_links(self, *values, lines=False):
        """Check that the user may read what ``values`` of a client newly name.

        :param lines: look into the lines of a form as well
        :raise AccessError: core's own
        """
        named = defaultdict(set)
        for vals in values:
            self._contract_add_links(vals, named, lines)
        for model, ids in named.items():
            self.env[model].browse(ids).check_access("read")

    def _contract_add_links(self, vals, named, lines):
        """Add what ``vals`` name to ``named``: ``{model: ids}``."""
        links = self._contract_links()
        for name, value in vals.items():
            field = self._fields.get(name)
            if not value or not field or not field.relational:
                continue
            comodel = self.env[field.comodel_name]
            ids = []
            if isinstance(value, dict):
                # a line sends the form that it is in
                form = comodel.browse(filter(_is_id, [value.get("id")]))
                form._contract_add_links(value, named, lines)
            elif field.type == "many2one":
                ids.append(value[0] if isinstance(value, list | tuple) else value)
            else:
                commands = value if isinstance(value, list | tuple) else ()
                for command in filter(_is_command, commands):
                    code, key, given = (*command, None)[:3]
                    if code in (Command.LINK, Command.UPDATE):
                        ids.append(key)
                    elif code == Command.SET and isinstance(given, list | tuple):
                        ids += given
                    if lines and isinstance(given, dict):
                        line = comodel.browse(filter(_is_id, [key]))
                        line._contract_add_links(given, named, lines)
            if name in links and (ids := set(filter(_is_id, ids))):
                known = set(self.sudo()[name].ids) if len(self) == 1 else set()
                named[field.comodel_name] |= ids - known


def _is_id(value):
    return isinstance(value, int) and not isinstance(value, bool) and value > 0


def _is_command(value):
    return isinstance(value, list | tuple) and len(value) > 1
