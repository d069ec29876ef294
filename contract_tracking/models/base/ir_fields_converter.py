from odoo import api, models


class IrFieldsConverter(models.AbstractModel):
    """In files of contracts a record may be named in any installed language; which one
    is meant is never guessed."""

    _inherit = "ir.fields.converter"

    @api.model
    def db_id_for(self, model, field, subfield, value, savepoint):
        if subfield is None and value and self.env.context.get("contract_import"):
            # what stands further up in the file may be named
            flush = self.env.context.get("import_flush", lambda **_what: None)
            flush(model=field.comodel_name)
            found = self._contract_named(field, value)
            if len(found) > 1:
                raise self._format_import_error(
                    ValueError,
                    self.env._(
                        "Several records are called “%s” (%%(field)s): use a name "
                        "that only one has."
                    ),
                    value,
                )
            if found:
                subfield, value = ".id", str(found.id)
        return super().db_id_for(model, field, subfield, value, savepoint)

    @api.model
    def _contract_named(self, field, text):
        """The records that are called so in the user's language, else in another."""
        Model = self.env[field.comodel_name]
        languages = [code for code, _name in self.env["res.lang"].get_installed()]
        for code in dict.fromkeys([self.env.lang or "en_US", *languages]):
            named = Model.with_context(lang=code).name_search(text, operator="=")
            if named:
                return Model.browse([record_id for record_id, _name in named])
        return Model
