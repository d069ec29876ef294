from collections import defaultdict

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from ...tools.values import is_id


class ContractDialogMixin(models.AbstractModel):
    """Windows that ask for what a step needs, and their lines: transient rows.

    Core gives each row to whoever may use the model. Here a row is its author's alone,
    for reading and searching too, in Python, so that no rule can be switched off; only
    the addon's own superuser sees others'. A row names only what its author may read,
    saved or not (core shows the names of what is named to everybody). Each step of a
    dialog begins with :meth:`_check_dialog`.
    """

    _name = "contract.dialog.mixin"
    _inherit = ["contract.entry.mixin"]
    _description = "Dialog"

    _contract_dialog = True

    def _check_access(self, operation):
        refused = super()._check_access(operation)
        foreign = self.filtered(
            lambda row: row._origin and row.sudo()._origin.create_uid != row.env.user
        )
        if not foreign:
            return refused
        if refused:
            foreign |= refused[0]
        return foreign, self._dialog_error

    @api.model
    def _search(
        self,
        domain,
        offset=0,
        limit=None,
        order=None,
        *,
        bypass_access=False,
        **options,
    ):
        if not (self.env.su or bypass_access):
            domain = Domain(domain) & Domain("create_uid", "=", self.env.uid)
        return super()._search(
            domain, offset, limit, order, bypass_access=bypass_access, **options
        )

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        self._check_named([values], is_draft=True)
        return values

    @api.model_create_multi
    def create(self, vals_list):
        self._check_named(vals_list)
        return super().create(vals_list)

    def write(self, vals):
        self._check_named([vals])
        return super().write(vals)

    def onchange(self, values, field_names, fields_spec):
        self._check_named([values], is_draft=True)
        return super().onchange(values, field_names, fields_spec)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_dialog(self):
        """Begin a step: the dialog and its lines are the user's own, and he may still
        read what they name.

        :raise AccessError: if they aren't, or he may not
        """
        self.ensure_one()
        named = defaultdict(set)
        for rows in (self.sudo(), *self.sudo()._dialog_lines()):
            if rows.create_uid - self.env.user:
                raise self._dialog_error()
            for field in rows._fields.values():
                if field.relational and field.store and field.type != "one2many":
                    named[field.comodel_name].update(rows[field.name].ids)
        self.sudo(False)._check_readable(named)

    def _dialog_lines(self):
        """The rows that hang on these ones: a list of them by model."""
        return [
            self[name]
            for name, field in self._fields.items()
            if field.type == "one2many"
            and field.store
            and getattr(self.env[field.comodel_name], "_contract_dialog", False)
        ]

    def _dialog_error(self):
        return AccessError(
            self.env._(
                "This window belongs to somebody else: open one of your own for the "
                "step."
            )
        )

    def _dialog_documents(self, hook):
        """What a dialog for documents of any model is about (``res_model``,
        ``res_ids``), with the user's own rights.

        :param hook: what the model of such documents has
        :raise UserError: without documents of such a model
        """
        self.ensure_one()
        model, ids = self.env.get(self.res_model or ""), self.res_ids
        if (
            not getattr(model, hook, None)
            or model._abstract
            or not isinstance(ids, list)
            or not all(map(is_id, ids))
            or not (documents := model.browse(dict.fromkeys(ids)).exists())
        ):
            raise UserError(self.env._("Choose the documents first."))
        documents.check_access("read")
        return documents

    @api.model
    def _check_named(self, vals_list, is_draft=False):
        """Raise if values aren't of their fields' kinds, or name what the user can't
        read.

        :param is_draft: whether lines may have no id yet
        """
        if self.env.su:
            return
        named = defaultdict(set)
        for vals in vals_list:
            self._collect_named(self, vals, named, is_draft)
        self._check_readable(named)

    @api.model
    def _check_readable(self, named):
        for model, ids in named.items():
            records = self.env[model].browse(ids)
            if len(records.exists()) < len(records):
                raise UserError(
                    self.env._(
                        "What you chose was deleted meanwhile: open the window again."
                    )
                )
            records.check_access("read")

    @api.model
    def _collect_named(self, model, vals, named, is_draft):
        """Add to ``named`` what values of a record of ``model`` name, lines included:
        ``{model: ids}``."""
        for name, value in vals.items():
            field = model._fields.get(name)
            if field is None or name in models.MAGIC_COLUMNS:
                continue
            if not field.relational:
                try:
                    field.convert_to_cache(value, model.browse())
                except (TypeError, ValueError):
                    raise self._value_error(field) from None
                continue
            for item in self._named_items(field, value, is_draft):
                match item:
                    case (0, _, dict() as line):
                        ids, lines = [], [line]
                    case (1, rec_id, dict() as line):
                        ids, lines = [rec_id], [line]
                    case (2 | 3 | 4, rec_id, *_):
                        ids, lines = [rec_id], []
                    case (5, *_):
                        ids, lines = [], []
                    case (6, _, [*ids]):
                        lines = []
                    case _:
                        raise self._value_error(field)
                if is_draft and field.type != "many2one":
                    ids = [rec_id for rec_id in ids if not isinstance(rec_id, str)]
                if not all(map(is_id, ids)):
                    raise self._value_error(field)
                named[field.comodel_name].update(ids)
                for line in lines:
                    comodel = self.env[field.comodel_name]
                    self._collect_named(comodel, line, named, is_draft)

    @api.model
    def _named_items(self, field, value, is_draft):
        """The value of a relational field as commands."""
        if isinstance(value, models.BaseModel):
            return [(6, 0, value.ids)]
        if value in (None, False, (), []):
            return []
        if field.type == "many2one":
            if is_draft and isinstance(value, dict):
                rec_id = value.get("id")
                return [(1, rec_id, value) if rec_id else (0, 0, value)]
            return [(4, value[0] if isinstance(value, tuple) else value)]
        if not isinstance(value, (list, tuple)):
            raise self._value_error(field)
        if isinstance(value, tuple) or not isinstance(value[0], (list, tuple)):
            return [(6, 0, value)]
        return value

    @api.model
    def _value_error(self, field):
        return UserError(
            self.env._(
                "“%(field)s” can't take this value: choose or enter another one.",
                field=field._description_string(self.env),
            )
        )
