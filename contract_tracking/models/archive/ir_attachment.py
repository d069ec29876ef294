from odoo import SUPERUSER_ID, api, models
from odoo.fields import Domain

from .contract_archive import CLOSED

PAPER = "contract.document"
# What core keeps of a file's content in its row; nothing computes it.
CONTENT = {"db_datas", "index_content"}


class IrAttachment(models.Model):
    """Files of an archived contract stay as they were handed over, whatever of it they
    hang on, and nothing is hung on its papers. Who reads the content of a file of a
    confidential one is written down, whichever way: read, exported, downloaded, sent,
    copied, by himself or by a step that he takes."""

    _inherit = "ir.attachment"

    @api.model_create_multi
    def create(self, vals_list):
        files = super().create(vals_list)
        files._contract_check_archived()
        return files

    def write(self, vals):
        res = super().write(vals)
        if {"res_model", "res_id"} & vals.keys():
            self._contract_check_archived()
        return res

    def _contract_settled(self, linked=False):
        """What hangs on the contract itself, its deliveries, its invoices, is part of
        the dossier as well; what came after that was handed over isn't."""
        settled = super()._contract_settled(linked)
        Archive = self.env["contract.archive"].sudo()
        hung = self.sudo().filtered(lambda f: f.res_id and not f.res_field)
        hung = (hung - hung.browse(f.id for f in settled)).grouped(
            lambda f: (f.res_model, f.res_id)
        )
        closed = Domain("state", "in", CLOSED)
        domains = {
            key: Domain.OR(found)
            for key in hung
            if key[0] in self.env
            and (found := Archive._archive_domains(self.env[key[0]].sudo(), key[1]))
        }
        # one question for all of them: few files are of something archived
        if not Archive.search_count(closed & Domain.OR(domains.values()), limit=1):
            return settled
        for key, domain in domains.items():
            archive = Archive.search(closed & domain, limit=1)
            for file in hung[key] if archive else ():
                # moments of documents are noted in whole seconds
                if file.create_date.replace(microsecond=0) <= archive.submitted_on:
                    settled[file] = archive
        return settled

    def _contract_check_archived(self):
        """
        :raise UserError: if one of these files hangs on a paper that is archived
        """
        files = self.sudo().filtered(lambda f: f.res_model == PAPER and f.res_id)
        self.env[PAPER].browse(files.mapped("res_id")).exists()._check_archived()

    def _compute_raw(self):
        self._contract_opened()
        return super()._compute_raw()

    def _to_http_stream(self):
        self._contract_opened()
        return super()._to_http_stream()

    def read(self, fields=None, load="_classic_read"):
        # what is stored in the row nothing computes
        if not fields or CONTENT.intersection(fields):
            self._contract_opened()
        return super().read(fields, load)

    def _contract_opened(self):
        """Write down that the user reads the content of these."""
        if self.env.uid != SUPERUSER_ID:
            for file in self.sudo()._origin:
                self.env["contract.archive"]._file_opened(file)
