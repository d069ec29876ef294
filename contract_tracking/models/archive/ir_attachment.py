from collections import defaultdict

from odoo import SUPERUSER_ID, api, models

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
        """What hangs on the contract itself, on what belongs to it, its deliveries, its
        invoices, or proves something of it, is part of the dossier as well; what came
        after that was handed over isn't."""
        settled = super()._contract_settled(linked)
        others = self - self.browse(file.id for file in settled)
        kept = self.env["contract.archive"]._files_kept(others._contract_documents())
        for archive, files in kept.values():
            settled.update(dict.fromkeys(files, archive))
        return settled

    def _contract_documents(self):
        """On what these files hang, in no field of core's, and what links them:
        ``{(model, id): files}``."""
        found = defaultdict(list)
        for file in self.sudo():
            if file.res_id and not file.res_field:
                found[file.res_model, file.res_id].append(file.id)
        filed = self.filtered(lambda file: file.sudo().contract_filed)
        for (model, _fname), links in filed._contract_links().items() if filed else ():
            for record_id, files in links.items():
                found[model, record_id] += [file.id for file in files]
        return {key: self.browse(dict.fromkeys(ids)) for key, ids in found.items()}

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
