from odoo import SUPERUSER_ID, api, models

from .contract_archive import CLOSED

PAPER = "contract.document"
# What is archived itself, by the field of the archive that names it.
PARENTS = {"sale.order": "order_id", "contract.frame": "frame_id"}
# What core keeps of a file's content in its row; nothing computes it.
CONTENT = {"db_datas", "index_content"}


class IrAttachment(models.Model):
    """Nothing is hung on papers of an archived contract, what hangs on the contract
    stays, and who reads the content of a file of a confidential one is written down,
    whichever way: read, exported, downloaded, sent, copied, by himself or by a step
    that he takes."""

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
        """What hangs on an archived contract itself stays as well."""
        settled = super()._contract_settled(linked)
        files = self.sudo().filtered(
            lambda f: f.res_model in PARENTS and f.res_id and not f.res_field
        )
        for model, group in files.grouped("res_model").items():
            archives = self.env["contract.archive"].sudo()
            archives = archives.search(
                [
                    ("state", "in", CLOSED),
                    (PARENTS[model], "in", group.mapped("res_id")),
                ]
            ).grouped(lambda archive: archive._contract_parent().id)
            for file in group:
                if archive := archives.get(file.res_id):
                    settled[file] = archive._contract_parent()
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
