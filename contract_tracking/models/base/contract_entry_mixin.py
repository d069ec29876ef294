from collections import defaultdict

from odoo import api, models, tools
from odoo.exceptions import UserError
from odoo.fields import Command

from ...tools.guard import is_unguarded
from ...tools.values import LENGTHS, is_id, is_long, is_missing, is_text, is_value

# Everybody knows these, or core shows their names to everybody.
KNOWN = ("res.", "ir.", "mail.", "uom.", "crm.")


class ContractEntryMixin(models.AbstractModel):
    """What a client sends as a value of ours is one, on every form, before anything is
    made of it; and unreadable stays unreadable: what a user names in it he must be able
    to read, before anything is computed from it with more rights than his, what he may
    not read he doesn't group or order by, and nothing moves to a company of others."""

    _name = "contract.entry.mixin"
    _description = "What People Enter"

    # Fields that name what others see less of than their readers do.
    _contract_known = ()
    # Beginnings of the models of which everybody may be named.
    _contract_common = KNOWN

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        self._contract_check_values(*vals_list)
        if not (self.env.su or is_unguarded(self)):
            defaults = self._contract_defaults(self._contract_links(self._name))
            named = ({**defaults, **vals} for vals in vals_list)
            self.browse()._contract_check_links(*named)
        return super().create(vals_list)

    def write(self, vals):
        self._contract_check_values(vals)
        asked = not (self.env.su or is_unguarded(self))
        if asked:
            self._contract_check_links(vals)
        res = super().write(vals)
        if asked and "company_id" in vals.keys() & self._contract_ours(self._name):
            # core asks before it moves to another company
            self.check_access("write")
        return res

    @api.model
    def default_get(self, fields):
        self._contract_check_values(self._contract_defaults(fields))
        return super().default_get(fields)

    def onchange(self, values, field_names, fields_spec):
        self._contract_check_values(values, draft=True)
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

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    @api.model
    def _contract_defaults(self, names):
        """Values of these fields that the context brings."""
        context = self.env.context
        return {
            n: context[f"default_{n}"] for n in names if context.get(f"default_{n}")
        }

    @api.model
    @tools.ormcache("name")
    def _contract_ours(self, name):
        """``{name: field}`` of those of ours that clients send values of."""
        model = self.env[name]
        return {
            field.name: field
            for field in model._fields.values()
            if "contract_tracking" in (model._original_module, field._module)
            and field.name not in models.MAGIC_COLUMNS
        }

    def _contract_check_values(self, *vals_list, draft=False):
        """Check that what somebody enters in our fields is a number, a day, a text, a
        record at all. What is stored already stays, however it came there.

        :param draft: values of a form that isn't saved, with its lines
        :raise UserError: saying which field can't hold its value
        """
        if self.env.su or is_unguarded(self):
            return
        for vals in vals_list:
            self._contract_check_entry(self, vals, draft)

    @api.model
    def _contract_check_entry(self, record, vals, draft):
        ours = self._contract_ours(record._name)
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
                    for line, given in _lines(self.env[field.comodel_name], value):
                        self._contract_check_entry(line, given, draft)
                continue
            if not _is_stored(record, field, value):
                raise UserError(message)

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

    # ------------------------------------------------------------------
    # Links
    # ------------------------------------------------------------------

    @api.model
    @tools.ormcache("name")
    def _contract_links(self, name):
        """Names of our fields of a model that name other records, whose readers are
        few; a reference names them with the field of their model."""
        model = self.env[name]
        known = getattr(model, "_contract_known", ())
        common = getattr(model, "_contract_common", KNOWN)
        links = set()
        for field in self._contract_ours(name).values():
            if field.name in known:
                continue
            if field.relational and not field.comodel_name.startswith(common):
                links.add(field.name)
            elif field.type == "many2one_reference":
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
        self._contract_check_readable(named)

    @api.model
    def _contract_check_readable(self, named):
        for model, ids in named.items():
            self.env[model].browse(ids).check_access("read")

    @api.model
    def _contract_add_links(self, record, vals, named, lines):
        """Add what values of a record name to ``named``: ``{model: ids}``."""
        links = self._contract_links(record._name)
        for name, value in vals.items():
            field = record._fields.get(name)
            if not value or not field:
                continue
            if field.relational:
                model = field.comodel_name
                # a line sends the form that it is in
                if lines or isinstance(value, dict):
                    for line, given in _lines(self.env[model], value):
                        self._contract_add_links(line, given, named, lines)
            elif field.type == "many2one_reference":
                model = vals.get(field.model_field) or record.sudo()[field.model_field]
            else:
                continue
            ids = name in links and set(filter(is_id, _named(field, value)))
            if ids and isinstance(model, str) and model in self.env:
                named[model] |= ids - self._contract_named_before(record, name)

    @api.model
    def _contract_named_before(self, record, name):
        """What a record names already: who keeps it names nothing new."""
        value = record.sudo()[name] if len(record) == 1 else ()
        return {value} if isinstance(value, int) else set(getattr(value, "ids", ()))


def _lines(model, value):
    """The rows of a relational value that bring values of their own."""
    commands = [(1, 0, value)] if isinstance(value, dict) else value
    for command in commands if isinstance(commands, list | tuple) else ():
        match command:
            case (_, key, dict() as vals):
                key = vals.get("id") or key
                yield model.browse([key] if is_id(key) else []), vals


def _named(field, value):
    """What a value of a field names: ids, as far as they are some."""
    if isinstance(value, dict):
        return [value.get("id")]
    if field.type in ("many2one", "many2one_reference"):
        return [value[0] if isinstance(value, list | tuple) else value]
    ids = []
    for command in value if isinstance(value, list | tuple) else ():
        match command:
            case (Command.SET, _, list() | tuple() as keys):
                ids += keys
            case (code, key, *_) if code not in (Command.CREATE, Command.CLEAR):
                ids.append(key)
    return ids


def _is_stored(record, field, value):
    """Whether a record holds this value already."""
    if len(record) != 1 or not record.id or field.relational or not field.store:
        return False
    record = record.sudo()
    try:
        return field.convert_to_cache(value, record) == field.convert_to_cache(
            record[field.name], record
        )
    except (TypeError, ValueError, OverflowError):
        return False
