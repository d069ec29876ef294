from odoo import api, fields, models
from odoo.exceptions import UserError

from ...tools.evidence import own_attachments
from ...tools.guard import is_unguarded


class ContractEvidenceMixin(models.AbstractModel):
    """A record with files that prove something. Once it is settled its files stay as
    they are, for everybody, the superuser included; a new version is added beside the
    old one. It says when; the files are guarded in :class:`ir.attachment`.

    Files linked by a field, and those attached to the record itself (in its chatter).
    """

    _name = "contract.evidence.mixin"
    _description = "Record with Evidence"

    # Whether the record is evidence from its creation on, with whatever is attached.
    _files_always = False
    # Whether files that are attached, but in no field, may be evidence.
    _files_attached = True

    def _files_settled(self, fname):
        """Those of these records whose files in a field stay: what only the addon
        links, it links for good."""
        settled = self._files_always or self._fields[fname].readonly
        return self if settled else self.browse()

    def _files_settled_on(self):
        """The moment (UTC) up to which files that were attached, but are in no field,
        belong to the evidence; False if it isn't settled."""
        self.ensure_one()
        return self._files_always and fields.Datetime.now()

    @api.model
    def _files_fields(self):
        """Names of the fields that hold files."""
        return {
            name
            for name, field in self._fields.items()
            if field.store
            and field.type == "many2many"
            and field.comodel_name == "ir.attachment"
        }

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for fname in self._files_fields():
            if self.env.context.get(f"default_{fname}") or any(
                fname in vals for vals in vals_list
            ):
                own_attachments(records, fname)
        return records

    def write(self, vals):
        names = self._files_fields() & vals.keys()
        if not names:
            return super().write(vals)
        before = {} if is_unguarded(self) else self._files_of_settled(names)
        res = super().write(vals)
        for (record, fname), files in before.items():
            if gone := files - record[fname]:
                raise UserError(gone._contract_settled_message(record))
        for fname in names:
            own_attachments(self, fname)
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        if not is_unguarded(self):
            for (record, _fname), files in self._files_of_settled(
                self._files_fields()
            ).items():
                raise UserError(files._contract_settled_message(record))

    def _files_of_settled(self, names):
        """``{(record, field): its files}`` of those that are settled and have some."""
        return {
            (record, fname): record[fname]
            for fname in sorted(names)
            for record in self.sudo()._files_settled(fname)
            if record[fname]
        }
