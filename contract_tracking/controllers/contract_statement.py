from odoo.exceptions import AccessError, MissingError
from odoo.http import Controller, request, route

from .downloads import spreadsheet


class ContractStatementController(Controller):
    """Downloads of statements of account."""

    @route(
        "/contract_tracking/statement/<int:statement_id>/xlsx",
        type="http",
        auth="user",
        readonly=True,
    )
    def contract_statement_xlsx(self, statement_id):
        """A statement as a spreadsheet, in the customer's language, for whoever may
        read it; nothing is there for anybody else."""
        statement = request.env["contract.statement"].browse(statement_id)
        try:
            statement.check_access("read")
            if not statement.exists():
                return request.not_found()
        except (AccessError, MissingError):
            return request.not_found()
        content = statement._form_document(customer=True)._xlsx()
        return spreadsheet(content, statement.name)
