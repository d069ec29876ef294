from odoo import api, fields, models

from ..base.contract_checklist_line import ANSWER

# What the documents of a contract answer by themselves.
ANSWERS = [
    ("archive_originals", "Whether the originals are with who keeps them"),
    ("archive_supplements", "Whether each re-agreement has its signed paper"),
    ("archive_review", "Whether the review is concluded"),
    ("archive_letters", "Whether every coordination document is closed"),
    ("archive_deviations", "Whether complaints and other deviations are closed"),
    ("archive_receipts", "Whether every delivery was signed for"),
    ("archive_acceptance", "Whether the acceptance is recorded"),
    ("archive_invoices", "Whether everything is invoiced"),
    ("archive_settlement", "Whether the contract is settled"),
]


class ContractChecklistTemplate(models.Model):
    """What belongs into the archive of a kind of contract (D2 §16, D4 §7.2)."""

    _inherit = "contract.checklist.template"

    purpose = fields.Selection(
        selection_add=[("archive", "Archive")], ondelete={"archive": "cascade"}
    )


class ContractChecklistTemplateLine(models.Model):
    _inherit = "contract.checklist.template.line"

    computed = fields.Selection(
        selection_add=ANSWERS,
        ondelete={name: "set null" for name, _label in ANSWERS},
    )


class ContractChecklistLine(models.Model):
    """What is missing in an archive is waived by who leads the office or by the
    business office, with a reason; who takes the archive reads it."""

    _inherit = "contract.checklist.line"

    archive_id = fields.Many2one(
        "contract.archive", readonly=True, index="btree_not_null", ondelete="cascade"
    )

    @api.model_create_multi
    def create(self, vals_list):
        lines = super().create(vals_list)
        lines._check_waived()
        return lines

    def write(self, vals):
        res = super().write(vals)
        # its reason and its evidence too: they are signed by who writes them
        if ANSWER & vals.keys():
            self._check_waived()
        return res

    def read(self, fields=None, load="_classic_read"):
        """Who reads the answers of a confidential dossier opened it."""
        values = super().read(fields, load)
        if not self.env.su:
            self._dossier_opened()
        return values

    def _export_rows(self, fields, *args, **options):
        self._dossier_opened()
        return super()._export_rows(fields, *args, **options)

    def _dossier_opened(self):
        self.sudo().archive_id.with_env(self.env)._opened("dossier")

    def _check_waived(self):
        waived = self.sudo().filtered(lambda ln: ln.archive_id and ln.answer == "na")
        waived.archive_id.with_env(self.env)._check_waive()
