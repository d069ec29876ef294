import json

from odoo.exceptions import AccessError
from odoo.http import Controller, request, route

from .downloads import spreadsheet


class ContractRegisterController(Controller):
    """Download of the contract register."""

    @route("/contract_tracking/register/xlsx", type="http", auth="user", readonly=True)
    def contract_register_xlsx(self, domain="[]", companies=""):
        """The rows of the register that a domain finds, as a spreadsheet, for whoever
        may read them; nothing is there for anybody else."""
        Register = request.env["contract.register"]
        try:
            if companies:
                ids = [int(company) for company in companies.split(",")]
                Register = Register.with_context(allowed_company_ids=ids)
            content = Register._xlsx(json.loads(domain))
        except (AccessError, ValueError, TypeError):
            return request.not_found()
        return spreadsheet(content, request.env._("Contract Register"))
