from odoo import api, models

# What a file says, and whose it is.
CONTENT = {"raw", "datas", "db_datas", "url", "type", "res_model", "res_id"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        if CONTENT & vals.keys():
            self._contract_check_relied_on()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_relied_on(self):
        self._contract_check_relied_on()

    def _contract_check_relied_on(self):
        """The scan of a paper that something rests on stays as it was signed.

        :raise UserError: if a paper with one of these files is relied on
        """
        files = self.filtered("res_model")
        if files:
            self.env["contract.document"].sudo().search(
                [("attachment_ids", "in", files.ids)]
            )._check_relied_on()
