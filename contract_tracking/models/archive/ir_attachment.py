from odoo import api, models

PAPER = "contract.document"


class IrAttachment(models.Model):
    """Nothing is hung on papers of an archived contract, and who reads the content of
    a file of a confidential one is written down, whichever way: read, exported,
    copied. Downloads that the content doesn't pass through are noted in
    :class:`ir.binary`."""

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

    def _contract_check_archived(self):
        """
        :raise UserError: if one of these files hangs on a paper that is archived
        """
        files = self.sudo().filtered(lambda f: f.res_model == PAPER and f.res_id)
        self.env[PAPER].browse(files.mapped("res_id")).exists()._check_archived()

    def read(self, fields=None, load="_classic_read"):
        # the words of a file are stored: nothing computes them
        if not fields or "index_content" in fields:
            self._contract_opened()
        return super().read(fields, load)

    def _compute_raw(self):
        self._contract_opened()
        return super()._compute_raw()

    def _contract_opened(self):
        """Write down that the user reads the content of these, where he asks."""
        if not self.env.su:
            for file in self.sudo():
                self.env["contract.archive"]._file_opened(file)
