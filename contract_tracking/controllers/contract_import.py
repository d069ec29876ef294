from odoo.http import Controller, request, route

from .downloads import spreadsheet


class ContractImportController(Controller):
    """Downloads of the templates that the import screen offers."""

    @route(
        "/contract_tracking/import/<string:model>",
        type="http",
        auth="user",
        readonly=True,
    )
    def contract_import_template(self, model):
        """The template of a model, in the user's language; nothing is there for
        another model, or for somebody from outside."""
        Model = request.env.get(model)
        if not hasattr(Model, "_import_template_xlsx") or Model._abstract:
            return request.not_found()
        if not request.env.user._is_internal() or not Model.has_access("read"):
            return request.not_found()
        return spreadsheet(Model._import_template_xlsx(), model)
