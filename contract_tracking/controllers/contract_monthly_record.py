from odoo.exceptions import AccessError, MissingError
from odoo.http import Controller, request, route

from .downloads import spreadsheet


class ContractMonthlyRecordController(Controller):
    """Downloads of monthly execution records, in the user's language."""

    @route(
        "/contract_tracking/monthly/<int:record_id>/xlsx",
        type="http",
        auth="user",
        readonly=True,
    )
    def contract_monthly_xlsx(self, record_id):
        """A record as a workbook, for whoever may read it; nothing is there for
        anybody else."""
        record = self._records([record_id])
        if not record:
            return request.not_found()
        return spreadsheet(record._xlsx(), record._xlsx_name())

    @route("/contract_tracking/monthly/xlsx", type="http", auth="user", readonly=True)
    def contract_monthly_month_xlsx(self, ids=""):
        """Several records as one workbook, for whoever may read all of them."""
        try:
            records = self._records([int(number) for number in ids.split(",")])
        except ValueError:
            return request.not_found()
        if not records:
            return request.not_found()
        return spreadsheet(records._xlsx_month(), records._xlsx_name())

    def _records(self, ids):
        """These records, none if the user may not read all of them."""
        records = request.env["contract.monthly.record"].browse(ids)
        try:
            records.check_access("read")
        except (AccessError, MissingError):
            return records.browse()
        return records if records.exists() == records else records.browse()
