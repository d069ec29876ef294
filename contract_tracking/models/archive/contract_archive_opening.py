from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.guard import unguarded

# Who looks at the same thing again at once opened it once.
AGAIN = timedelta(minutes=10)


class ContractArchiveOpening(models.Model):
    """Who opened the dossier or a file of a confidential contract, and who took all of
    its files along; written by the system, read by the business office and auditors,
    changed by nobody."""

    _name = "contract.archive.opening"
    _inherit = ["contract.frozen.mixin"]
    _description = "Opening of an Archive"
    _order = "id desc"
    _rec_name = "archive_id"
    _frozen_create = True

    archive_id = fields.Many2one(
        "contract.archive",
        string="Archived File",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(related="archive_id.company_id", store=True)
    user_id = fields.Many2one(
        "res.users", string="Opened By", readonly=True, index=True, ondelete="restrict"
    )
    opened_on = fields.Datetime(readonly=True)
    what = fields.Selection(
        [
            ("dossier", "Dossier"),
            ("file", "A file"),
            ("print", "Printed index"),
            ("zip", "All files"),
        ],
        readonly=True,
        required=True,
    )
    detail = fields.Char(string="File Name", readonly=True)

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._("Who opened an archive stays written down."))

    @api.model
    def _note(self, archives, what, detail):
        """Write down that the user opened these archives now."""
        openings = unguarded(self.sudo())
        now = fields.Datetime.now()
        noted = openings.search(
            [
                ("archive_id", "in", archives.ids),
                ("user_id", "=", self.env.uid),
                ("what", "=", what),
                ("detail", "=", detail),
                ("opened_on", ">=", now - AGAIN),
            ]
        ).archive_id
        openings.create(
            [
                {
                    "archive_id": archive.id,
                    "user_id": self.env.uid,
                    "opened_on": now,
                    "what": what,
                    "detail": detail,
                }
                for archive in archives - noted
            ]
        )
