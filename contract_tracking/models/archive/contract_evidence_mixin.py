from odoo import models


class ContractEvidenceMixin(models.AbstractModel):
    """Files of whatever hangs on an archived contract stay as they were handed over,
    for everybody; new ones may come, and are free (D4 §7.2)."""

    _inherit = "contract.evidence.mixin"

    def _files_of_settled(self, names):
        settled = super()._files_of_settled(names)
        for fname in names:
            files = {
                (record._name, record.id): record[fname]
                for record in self.sudo()
                if (record, fname) not in settled and record[fname]
            }
            if files:
                kept = self.env["contract.archive"]._files_kept(files)
                for (_model, record_id), (_archive, stay) in kept.items():
                    if stay:
                        settled[self.browse(record_id).sudo(), fname] = stay
        return settled
