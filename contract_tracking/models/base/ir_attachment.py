import base64
from collections import defaultdict

from odoo import api, fields, models, tools
from odoo.exceptions import UserError
from odoo.tools import SQL, format_list

from ...tools.guard import is_unguarded

# What core notes on a file by itself; the last ones it derives from the content, and
# takes from nobody.
FREE = {
    "access_token", "index_content", "thumbnail", "checksum", "file_size",
    "store_fname",
}  # fmt: skip


class IrAttachment(models.Model):
    """Files of evidence stay as they were when their document was settled
    (:class:`contract.evidence.mixin`), whoever asks and whichever way: content, name,
    the record that they belong to, deletion."""

    _inherit = "ir.attachment"

    contract_filed = fields.Boolean(
        string="Evidence of a Contract",
        readonly=True,
        copy=False,
        groups="base.group_system",
        help="Linked as evidence once: only then it is asked whether it may change.",
    )

    def write(self, vals):
        if not is_unguarded(self):
            if "contract_filed" in vals:
                raise UserError(self.env._("Files are filed on their document."))
            if vals.keys() - FREE:
                self._contract_check_settled(vals)
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_settled(self):
        if not is_unguarded(self):
            self._contract_check_settled()

    def _contract_check_settled(self, vals=None):
        """Raise if one of these files is evidence that ``vals`` would change, or that
        would be deleted.

        :raise UserError: naming the document that it proves
        """
        if not self.env.su:
            # the answer names the document
            self.check_access("unlink" if vals is None else "write")
        moved = bool(vals) and bool({"res_model", "res_id"} & vals.keys())
        for file, document in self._contract_settled(moved).items():
            if vals is None or file._contract_is_changed(vals):
                raise UserError(file._contract_settled_message(document))

    def _contract_settled(self, linked=False):
        """``{file: a settled document that it proves}``: no query for files that have
        nothing to do with contracts.

        :param linked: any document that links it, settled or not
        """
        attached = self._contract_evidence_models()
        ours = self.sudo().filtered(
            lambda f: f.contract_filed or f.res_model in attached
        )
        if not ours:
            return {}
        settled = {}
        for (model, fname), links in ours._contract_links().items():
            documents = self.env[model].sudo().browse(links)
            for document in documents if linked else documents._files_settled(fname):
                settled.update(dict.fromkeys(links[document.id], document))
        hung = ours.filtered(
            lambda f: f.res_id and attached.get(f.res_model) and f not in settled
        )
        for model, files in hung.grouped("res_model").items():
            documents = self.env[model].sudo().browse(set(files.mapped("res_id")))
            found = {document.id: document for document in documents.exists()}
            for file in files.filtered(lambda f, found=found: f.res_id in found):
                document = found[file.res_id]
                if moment := document._files_settled_on():
                    settled.update(
                        dict.fromkeys(file._contract_came_by(moment), document)
                    )
        return settled

    def _contract_came_by(self, moment):
        """Those that were there at a moment: moments of documents are noted in whole
        seconds."""
        return self.filtered(
            lambda f: f.sudo().create_date.replace(microsecond=0) <= moment
        )

    def _contract_links(self):
        """The documents that link these files:
        ``{(model, field): {id of a document: [file]}}``, in one query."""
        parts = [
            SQL(
                "SELECT %s, %s, %s, %s FROM %s WHERE %s = ANY(%s)",
                model,
                fname,
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                SQL.identifier(field.relation),
                SQL.identifier(field.column2),
                self.ids,
            )
            for model in self._contract_evidence_models()
            for fname in self.env[model]._files_fields()
            for field in [self.env[model]._fields[fname]]
        ]
        links = defaultdict(lambda: defaultdict(list))
        for model, fname, record_id, file_id in self.env.execute_query(
            SQL(" UNION ALL ").join(parts)
        ):
            links[model, fname][record_id].append(self.browse(file_id))
        return links

    @api.model
    @tools.ormcache()
    def _contract_evidence_models(self):
        """``{model: whether files attached to it may be evidence}``."""
        names = self.env.registry.descendants(["contract.evidence.mixin"], "_inherit")
        return {
            name: self.env[name]._files_attached
            for name in sorted(names)
            if not self.env[name]._abstract
        }

    def _contract_is_changed(self, vals):
        """Whether these values differ: core writes the same content when it moves
        files to another storage."""
        self.ensure_one()
        file = self.sudo()
        names = vals.keys() - FREE
        if (
            self.env.su
            and "res_model" not in vals
            and file.res_id
            and file.res_model not in self._contract_evidence_models()
        ):
            # it is another record's too, which core merges with a third one
            names -= {"res_id"}
        for name in names:
            value, field = vals[name], self._fields[name]
            if name in ("raw", "datas"):
                value = value or b""
                value = value.encode() if isinstance(value, str) else value
                value = base64.b64decode(value) if name == "datas" else value
                if self._compute_checksum(value) != file.checksum:
                    return True
            elif field.convert_to_cache(value, file) != field.convert_to_cache(
                file[name], file
            ):
                return True
        return False

    def _contract_settled_message(self, document):
        """Why these files of a document stay."""
        return self.env._(
            "%(files)s proves “%(document)s”: it can't be changed or taken away any "
            "more. Add the new version as a file of its own.",
            files=format_list(self.env, self.sudo().mapped("name")),
            document=document.sudo().display_name,
        )
