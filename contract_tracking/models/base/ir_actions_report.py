from odoo import models
from odoo.exceptions import UserError

from ...tools.pages import Paper

PAPER = "contract_paper"


class IrActionsReport(models.Model):
    """Forms are printed on the paper that they were laid out for, by who may read
    them."""

    _inherit = "ir.actions.report"

    def get_paperformat(self):
        # no client can send one
        paper = self.env.context.get(PAPER)
        if isinstance(paper, Paper):
            return self.env.ref(paper.format).sudo()
        return super().get_paperformat()

    def _prints_own(self, report):
        """Whether the report prints documents of this addon."""
        return getattr(self.env.get(report.model), "_original_module", "") == (
            "contract_tracking"
        )

    def _get_rendering_context(self, report, docids, data):
        # what a form reads with more rights than its printer's answers him as well
        if self._prints_own(report):
            self.env[report.model].browse(docids).check_access("read")
        return super()._get_rendering_context(report, docids, data)

    def _run_wkhtmltopdf(self, bodies, report_ref=False, **kwargs):
        content = super()._run_wkhtmltopdf(bodies, report_ref=report_ref, **kwargs)
        # core only warns in the log when the program gave up, and goes on with a file
        # that is empty: nobody sends or seals that
        if (
            report_ref
            and not content
            and self._prints_own(self._get_report(report_ref))
        ):
            raise UserError(
                self.env._(
                    "The document couldn't be printed: try again. If it happens again, "
                    "ask your administrator to read the server's log."
                )
            )
        return content

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        report = self._get_report(report_ref)
        model = self.env.get(report.model)
        if res_ids and hasattr(model, "_form_paper"):
            paper = model.browse(res_ids[0])._form_paper()
            self = self.with_context(**{PAPER: paper})
        return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
