from collections import defaultdict

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.guard import is_unguarded
from ...tools.values import LENGTHS, is_id, is_long, is_missing, is_text, is_value

# Everybody knows these, or core shows their names to everybody.
KNOWN = ("res.", "ir.", "mail.", "uom.", "crm.")


class Base(models.AbstractModel):
    """What a client sends as a value of ours is one, on every form, before anything is
    made of it; and unreadable stays unreadable: what a user names in it he must be able
    to read, before anything is computed from it with more rights than his."""

    _inherit = "base"

    @api.model_create_multi
    def create(self, vals_list):
        self._contract_check_values(*vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._contract_check_values(vals)
        return super().write(vals)

    @api.model
    def default_get(self, fields):
        context = self.env.context
        self._contract_check_values(
            {
                name: context[f"default_{name}"]
                for name in fields
                if context.get(f"default_{name}")
            }
        )
        return super().default_get(fields)

    def onchange(self, values, field_names, fields_spec):
        self._contract_check_values(values, draft=True)
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
    def _contract_ours(self):
        """``{name: field}`` of those of ours that clients send values of."""
        ours = self._original_module == "contract_tracking"
        return {
            name: field
            for name, field in self._fields.items()
            if (ours or field._module == "contract_tracking")
            and name not in models.MAGIC_COLUMNS
        }

    def _contract_check_values(self, *vals_list, draft=False):
        """Check that what somebody enters in our fields is a number, a day, a text, a
        record at all. What is stored already stays, however it came there.

        :param draft: values of a form that isn't saved, with its lines
        :raise UserError: saying which field can't hold its value
        """
        ours = self._contract_ours()
        if not ours or self.env.su or is_unguarded(self):
            return
        for vals in vals_list:
            for name in ours.keys() & vals.keys():
                field, value = ours[name], vals[name]
                if not draft and is_missing(field, value):
                    message = self.env._(
                        "“%(field)s” can't be empty: fill it in.",
                        field=field._description_string(self.env) or name,
                    )
                elif not is_value(field, value, self.env, draft):
                    message = self._contract_value_message(field, value)
                elif is_long(field, value) and not draft:
                    message = self.env._(
                        "“%(field)s” takes %(limit)s characters, not %(length)s: "
                        "shorten it, or attach it as a file.",
                        field=field._description_string(self.env) or name,
                        limit=LENGTHS[field.type],
                        length=len(str(value)),
                    )
                else:
                    if draft and field.relational:
                        self._contract_check_lines(field, value)
                    continue
                if not self._contract_is_stored(field, value):
                    raise UserError(message)

    def _contract_check_lines(self, field, value):
        """Check the values of the lines in a form that isn't saved."""
        lines = self.env[field.comodel_name]
        commands = [(1, 0, value)] if isinstance(value, dict) else value
        for command in commands if isinstance(commands, list | tuple) else ():
            match command:
                case (_, key, dict() as vals):
                    key = vals.get("id") or key
                    line = lines.browse([key] if is_id(key) else [])
                    line._contract_check_values(vals, draft=True)

    @api.model
    def _contract_value_message(self, field, value):
        name = field._description_string(self.env) or field.name
        if field.type in LENGTHS and not is_text(value):
            return self.env._(
                "“%(field)s” holds control characters, which can't be kept: type it "
                "anew.",
                field=name,
            )
        return self.env._(
            "“%(field)s” can't be “%(value)s”: enter another value.",
            field=name,
            value="".join(filter(is_text, str(value)[:80])),
        )

    def _contract_is_stored(self, field, value):
        """Whether a record holds this value already."""
        if len(self) != 1 or not self.id or field.relational or not field.store:
            return False
        record = self.sudo()
        try:
            return field.convert_to_cache(value, record) == field.convert_to_cache(
                record[field.name], record
            )
        except (TypeError, ValueError, OverflowError):
            return False

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
                form = comodel.browse(filter(is_id, [value.get("id")]))
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
                        line = comodel.browse(filter(is_id, [key]))
                        line._contract_add_links(given, named, lines)
            if name in links and (ids := set(filter(is_id, ids))):
                known = set(self.sudo()[name].ids) if len(self) == 1 else set()
                named[field.comodel_name] |= ids - known


def _is_command(value):
    return isinstance(value, list | tuple) and len(value) > 1
