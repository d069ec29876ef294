import os
import tempfile
import zipfile
from collections import defaultdict

from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.evidence import file_name
from ...tools.sheets import Book, SheetColumn, Table
from .contract_archive import CLOSED

# Files that core keeps in fields of its documents.
FIELDS = [False, "invoice_pdf_report_file"]
# Core's documents of an order that have files.
OF_ORDER = {"account.move": "invoice_ids", "stock.picking": "picking_ids"}
# Rows that have files of their own: the field that names their document.
OF_PART = {
    "contract.coordination.reply": "coordination_id",
    "contract.plan.line": "plan_id",
}


class ContractArchive(models.Model):
    """卷内目录 The files of a contract: all that is attached to it, to what hangs on
    it, to its deliveries and invoices, as far as the user may read them; as an index,
    and as one ZIP for who audits it (D4 §7.3)."""

    _inherit = "contract.archive"

    def action_download(self):
        """Download all files of the contract with their index."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/contract_tracking/archive/{self.id}/zip",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Which files
    # ------------------------------------------------------------------

    def _documents(self):
        """The contract and what hangs on it, as far as the user may read it:
        recordsets."""
        self.ensure_one()
        parent = self._contract_parent()
        fname = parent._contract_parent_field
        found = [parent]
        for name in sorted(
            self.env.registry.descendants(["contract.part.mixin"], "_inherit")
        ):
            Model = self.env[name]
            if Model._abstract or Model._transient or not Model._fields[fname].store:
                continue
            if Model.has_access("read"):
                found.append(Model.search([(fname, "=", parent.id)]))
        for name, document in OF_PART.items():
            if self.env[name].has_access("read"):
                rows = [(f"{document}.{fname}", "=", parent.id)]
                found.append(self.env[name].search(rows))
        if parent._name == "sale.order":
            sold = parent.sudo()
            found += [
                records.with_env(self.env)._filtered_access("read")
                for records in (sold.picking_ids, sold.invoice_ids)
                if self.env[records._name].has_access("read")
            ]
        return [records for records in found if records]

    def _entries(self):
        """The index: dicts of ``number, kind, document, name, date, size, file``, in
        the order of the documents' days."""
        self.ensure_one()
        entries, seen = [], set()
        Attachment = self.env["ir.attachment"]
        for records in self._documents():
            files = Attachment.search(
                [
                    ("res_model", "=", records._name),
                    ("res_id", "in", records.ids),
                    ("res_field", "in", FIELDS),
                    ("type", "=", "binary"),
                ],
                order="id",
            )
            kind = self.env["ir.model"]._get(records._name).name
            named = {record.id: record for record in records}
            for file in files.filtered(lambda f: f.id not in seen):
                seen.add(file.id)
                record = named[file.res_id]
                day = self.company_id.sudo()._contract_day(file.create_date)
                if records._name == "contract.document":
                    day, kind = record.date, record.type_id.sudo().name
                entries.append(
                    {
                        "kind": kind,
                        "document": record.display_name or "",
                        "name": file.name,
                        "date": day,
                        "size": file.file_size,
                        "file": file,
                    }
                )
        entries.sort(key=lambda entry: (entry["date"], entry["file"].id))
        for number, entry in enumerate(entries, 1):
            entry["number"] = number
        return entries

    # ------------------------------------------------------------------
    # All of them
    # ------------------------------------------------------------------

    def _zip(self):
        """All files with their index, as an open file of which nothing but the file at
        hand is in memory.

        :raise UserError: if the user reads none
        """
        self.ensure_one()
        self.check_access("read")
        entries = self._entries()
        if not entries:
            raise UserError(self.env._("There are no files to download."))
        self._opened("zip", always=True)
        content = tempfile.TemporaryFile()
        with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as target:
            for entry in entries:
                entry["stored"] = f"{entry['number']:03d} {file_name(entry['name'])}"
                self._zip_file(target, entry)
            title = self.env._("Index")
            target.writestr(f"000 {file_name(title)}.xlsx", self._index_xlsx(entries))
        content.seek(0)
        return content

    def _zip_file(self, target, entry):
        file = entry["file"].sudo()
        path = file.store_fname and file._full_path(file.store_fname)
        if path and os.path.isfile(path):
            target.write(path, entry["stored"])
        else:
            target.writestr(entry["stored"], file.raw or b"")
        entry["file"].invalidate_recordset(["raw", "datas", "db_datas"])

    def _zip_name(self):
        """Name of the downloaded file."""
        return file_name(f"{self.archive_no or self.name} {self.contract_no or ''}.zip")

    def _index_xlsx(self, entries):
        """The inner index as a workbook."""
        book = Book()
        sheet = book.sheet(self.env._("Index"))
        bold = book.style(bold=True)
        sheet.write_string(0, 0, self._form_title(), bold)
        head = [self.archive_no, self.contract_no, self.partner_name]
        sheet.write_string(1, 0, "  ".join(filter(None, head)))
        table = Table(
            book,
            sheet,
            3,
            [
                SheetColumn(self.env._("Item"), 6, "count"),
                SheetColumn(self.env._("Kind"), 24),
                SheetColumn(self.env._("Document"), 36),
                SheetColumn(self.env._("File Name"), 44),
                SheetColumn(self.env._("Date"), 12, "date"),
                SheetColumn(self.env._("Size (Bytes)"), 14, "count"),
                SheetColumn(self.env._("In the ZIP"), 48),
            ],
        )
        styles = table.styles()
        for entry in entries:
            names = ("number", "kind", "document", "name", "date", "size", "stored")
            table.add([entry[name] for name in names], styles)
        table.finish()
        return book.content()

    # ------------------------------------------------------------------
    # Who opened one
    # ------------------------------------------------------------------

    @api.model
    def _file_opened(self, file):
        """Write down that the user opens a file, if its contract is confidential: that
        of what it hangs on, or of what it proves. No query for other files."""
        # a thumbnail hangs on its file
        if file.res_model == file._name and file.res_id:
            file = file.browse(file.res_id).exists()
        found = {(file.res_model, file.res_id)}
        if file.contract_filed:
            for (model, _fname), links in file._contract_links().items():
                found |= {(model, record_id) for record_id in links}
        domains = self._archive_domains(found)
        if domains:
            secret = Domain("is_confidential", "=", True) & Domain.OR(domains.values())
            self.sudo().search(secret).with_env(self.env)._opened("file", file.name)

    @api.model
    def _files_kept(self, files):
        """Which files stay as they were handed over to the archive; what came after
        that is free.

        :param files: ``{(model, id): what hangs on a record, or proves it}``
        :return: ``{(model, id): (archive, those that stay)}``
        """
        domains = self._archive_domains(files)
        closed = Domain("state", "in", CLOSED) & Domain.OR(domains.values())
        kept = {}
        # one question for all of them: few files are of something archived
        if archives := self.sudo().search(closed):
            for key, domain in domains.items():
                if archive := archives.filtered_domain(domain)[:1]:
                    stay = files[key]._contract_came_by(archive.submitted_on)
                    kept[key] = archive, stay
        return kept

    @api.model
    def _archive_domains(self, keys):
        """Domains of the archives whose files those of records are.

        :param keys: ``(model, id)`` of each
        :return: ``{(model, id): domain}`` of those that are of a contract
        """
        ids = defaultdict(list)
        for model, record_id in keys:
            if record_id and model in self.env:
                ids[model].append(record_id)
        domains = {}
        for name, record_ids in ids.items():
            model = self.env[name].sudo()
            if fname := OF_ORDER.get(name):
                for record_id in record_ids:
                    domain = Domain(f"order_id.{fname}", "in", [record_id])
                    domains[name, record_id] = domain
            elif hasattr(model, "_contract_part_vals"):
                for record_id in record_ids:
                    domain = Domain(model._contract_parent_field, "=", record_id)
                    domains[name, record_id] = domain
            elif name in OF_PART or hasattr(model, "_contract_parent_vals"):
                document = OF_PART.get(name)
                for record in model.browse(record_ids).exists():
                    part = record[document] if document else record
                    domains[name, record.id] = Domain.OR(
                        Domain(fname, "=", value)
                        for fname, value in part._contract_parent_vals().items()
                        if value
                    )
        return domains
