import datetime
import io

import openpyxl

from odoo import api, models

from ...tools.cells import plain


class BaseImportImport(models.TransientModel):
    """The import screen leaves the cells of contracts' files to
    :class:`contract.import.mixin`, and knows their headers in every language."""

    _inherit = "base_import.import"

    def _contract_model(self):
        """The model whose files are read by the addon, or none."""
        Model = self.env.get(self.res_model)
        return Model if hasattr(Model, "_import_is_ours") else None

    def _parse_import_data(self, data, import_fields, options):
        Model = self._contract_model()
        if Model is None or not Model._import_is_ours(import_fields):
            return super()._parse_import_data(data, import_fields, options)
        self._contract_parse_days(Model, data, import_fields, options)
        return data

    @api.model
    def _contract_parse_days(self, Model, data, import_fields, options):
        """Days that don't begin with their year are written in the order that the user
        chose; of two figures a year could be anything."""
        order = options.get("date_format") or ""
        if "%Y" not in order:
            return
        for place, path in enumerate(import_fields):
            field = Model._import_field(path)
            if field and field.type in ("date", "datetime"):
                for row in data:
                    if isinstance(row[place], str):
                        row[place] = self._contract_parse_day(row[place].strip(), order)

    @api.model
    def _contract_parse_day(self, text, order):
        try:
            return datetime.datetime.strptime(text, order).date()
        except ValueError:
            return text

    def execute_import(self, fields, columns, options, dryrun=False):
        result = super().execute_import(fields, columns, options, dryrun=dryrun)
        Model = self._contract_model()
        if Model is None or dryrun or not result.get("ids"):
            return result
        if Model._import_is_ours([path for path in fields if path]):
            self._contract_say(Model.browse(result["ids"]))
        return result

    @api.model
    def _contract_say(self, records):
        """Tell the user how many records of a file were there before it."""
        started = self.env.cr.now()
        known = records.filtered(lambda record: record.create_date < started)
        if known:
            message = self.env._(
                "%(new)s new, %(known)s were there already and were updated.",
                new=len(records - known),
                known=len(known),
            )
            self.env.user._bus_send(
                "simple_notification", {"type": "info", "message": message}
            )

    def _read_xlsx(self, options):
        """A cell that shows 30 % holds 0.3: what it shows is meant."""
        length, rows = super()._read_xlsx(options)
        Model = self._contract_model()
        if Model is None or not Model._name.startswith("contract."):
            return length, rows
        book = openpyxl.load_workbook(io.BytesIO(self.file or b""), data_only=True)
        cells = [
            row
            for row in book[options["sheet"]].rows
            if any(cell.value and str(cell.value).strip() for cell in row)
        ]
        for row, line in zip(cells, rows, strict=False):
            for place, cell in enumerate(row):
                if "%" in cell.number_format and isinstance(cell.value, int | float):
                    line[place] = f"{round(cell.value * 100, 6):g}%"
        return length, rows

    def _get_mapping_suggestion(
        self, header, fields_tree, header_types, mapping_fields
    ):
        if header.lower() not in mapping_fields:
            path = self._contract_header(header, fields_tree)
            if path:
                return {"field_path": path, "distance": 0}
        return super()._get_mapping_suggestion(
            header, fields_tree, header_types, mapping_fields
        )

    def _contract_header(self, header, fields_tree):
        """The path that a header means in one of the installed languages: as it stands
        in the template, else the one field that is called so."""
        Model = self._contract_model()
        if Model is None or not fields_tree:
            return None

        def word(text):
            return plain(text).rstrip("*").strip().casefold()

        header, found = word(header), set()
        is_whole = fields_tree[0]["model_name"] == self.res_model
        for code, _name in self.env["res.lang"].get_installed():
            Named = Model.with_context(lang=code)
            for path in Model._import_columns() if is_whole else ():
                if word(Named._import_header(path)) == header:
                    return path.split("/")
            found |= {
                field["name"]
                for field in fields_tree
                if (own := self.env[field["model_name"]]._fields.get(field["name"]))
                and word(own._description_string(Named.env)) == header
            }
        return [*found] if len(found) == 1 else None
