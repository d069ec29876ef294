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
    _contract_common = ()

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
        if not self.env.su:
            self._contract_check_links(values, lines=True)
        return values

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
        self.sudo(False)._contract_check_readable(named)

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
    def _contract_check_readable(self, named):
        for model, ids in named.items():
            records = self.env[model].browse(ids)
            if len(records.exists()) < len(records):
                raise UserError(
                    self.env._(
                        "What you chose was deleted meanwhile: open the window again."
                    )
                )
        return super()._contract_check_readable(named)

    @api.model
    def _contract_named_before(self, record, name):
        # a dialog holds nothing for long: it is asked again
        return set()
