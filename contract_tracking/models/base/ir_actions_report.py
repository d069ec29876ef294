from odoo import models

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

    def _get_rendering_context(self, report, docids, data):
        # what a form reads with more rights than its printer's answers him as well
        documents = self.env.get(report.model)
        if getattr(documents, "_original_module", "") == "contract_tracking":
            documents.browse(docids).check_access("read")
        return super()._get_rendering_context(report, docids, data)

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        report = self._get_report(report_ref)
        model = self.env.get(report.model)
        if res_ids and hasattr(model, "_form_paper"):
            paper = model.browse(res_ids[0])._form_paper()
            self = self.with_context(**{PAPER: paper})
        return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids)
