import datetime

from odoo import api, fields, models

from ...tools.cells import (
    is_total,
    read_count,
    read_day,
    read_mark,
    read_number,
    read_share,
)
from ...tools.sheets import HEAD, Book

READERS = {
    "float": read_number,
    "monetary": read_number,
    "integer": read_count,
    "date": read_day,
    "datetime": read_day,
    "boolean": read_mark,
}
IDS = ("id", ".id")


class ContractImportMixin(models.AbstractModel):
    """Files that people really have are read rightly, or refused with the row that is
    wrong; never something else than what stands in them.

    Full-width figures, 元 and 万, days that begin with their year, shares with their
    sign; cells that are empty because they were merged with those above; a row of
    totals is none of the rows. What is there already is found again, so that a file may
    come twice. Headers and choices are known in every installed language.

    A model says what its template has (:meth:`_import_columns`,
    :meth:`_import_samples`), which files are meant (:meth:`_import_is_ours`) and what
    else its rows need (:meth:`_import_rows`). Other imports of its records stay as core
    does them.
    """

    _name = "contract.import.mixin"
    _description = "Import of Contracts' Files"

    # Columns whose empty cells are merged with those above them.
    _import_above = ()
    # Columns that every row fills in that says something beside it.
    _import_needed = ()

    # ------------------------------------------------------------------
    # Template
    # ------------------------------------------------------------------

    @api.model
    def _import_columns(self):
        """The columns of the template, as paths of fields."""
        raise NotImplementedError

    @api.model
    def _import_samples(self):
        """The rows of the template: dicts of a path and its value. A choice is its key,
        a record one that is shipped or a text, a day a date."""
        raise NotImplementedError

    @api.model
    def _import_template(self, label):
        """An entry of the templates that the import screen offers."""
        return {"label": label, "template": f"/contract_tracking/import/{self._name}"}

    @api.model
    def _import_template_xlsx(self):
        """The template as the bytes of an XLSX file, in the user's language."""
        book = Book()
        sheet = book.sheet(self.env["ir.model"]._get(self._name).name)
        columns = self._import_columns()
        head = book.style(**HEAD)
        for place, path in enumerate(columns):
            title = self._import_header(path)
            sheet.set_column(place, place, max(12, 2 * len(title)))
            sheet.write(0, place, title, head)
        day = book.style(num_format="yyyy-mm-dd")
        for number, row in enumerate(self._import_samples(), 1):
            for path, value in row.items():
                if isinstance(value, datetime.date):
                    sheet.write_datetime(number, columns.index(path), value, day)
                else:
                    text = self._import_sample(self._import_field(path), value)
                    sheet.write(number, columns.index(path), text)
        sheet.freeze_panes(1, 0)
        return book.content()

    @api.model
    def _import_header(self, path):
        """A path of fields in words: Order Lines/Product."""
        model, words = self, []
        for name in path.split("/"):
            field = model._fields[name]
            words.append(field._description_string(self.env))
            model = self.env[field.comodel_name] if field.comodel_name else model
        return "/".join(words)

    @api.model
    def _import_sample(self, field, value):
        if isinstance(value, models.BaseModel):
            return value.display_name
        if field.type == "selection":
            return dict(field._description_selection(self.env))[value]
        return value

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    @api.model
    def _import_is_ours(self, paths):
        """Whether a file with these columns is one of contracts."""
        return True

    @api.model
    def load(self, fields, data):
        """Read the cells of a file of contracts as people write them; see the class."""
        if not self._import_is_ours(fields):
            return super().load(fields, data)
        paths, rows = [*fields], [[*row] for row in data]
        messages = self._import_cells(paths, rows)
        if not messages:
            self._import_fill(paths, rows)
            messages = [
                *self._import_lacking(paths, rows),
                *self._import_rows(paths, rows),
            ]
        if messages:
            return {"ids": False, "messages": messages, "nextrow": 0}
        return super(ContractImportMixin, self.with_context(contract_import=True)).load(
            paths, rows
        )

    @api.model
    def _import_field(self, path):
        """The field that a column is about; none where it names a record by its id."""
        model, field = self, None
        for name in path.split("/"):
            if name in IDS:
                return None
            field = model._fields.get(name)
            if not field:
                return None
            model = self.env[field.comodel_name] if field.comodel_name else model
        return field

    @api.model
    def _import_cells(self, paths, rows):
        """Write the cells as core reads them; return what can't be read."""
        messages = []
        columns = [
            (place, path, self._import_field(path)) for place, path in enumerate(paths)
        ]
        for number, row in enumerate(rows):
            texts = [
                row[place]
                for place, _path, field in columns
                if isinstance(row[place], str)
                and (not field or field.type in ("char", "many2one", "selection"))
            ]
            if any(map(is_total, texts)):
                messages.append(
                    self._import_message(
                        number,
                        False,
                        self.env._("This row sums up others: take it out of the file."),
                    )
                )
                continue
            for place, path, field in columns:
                try:
                    row[place] = self._import_cell(field, row[place])
                except ValueError:
                    messages.append(
                        self._import_message(
                            number, path, self._import_refusal(field, row[place])
                        )
                    )
        return messages

    @api.model
    def _import_cell(self, field, value):
        """A cell as core reads it.

        :raise ValueError: if it could be meant in more than one way, or in none
        """
        if isinstance(value, datetime.date):
            if field and field.type not in ("date", "datetime", "char", "text"):
                raise ValueError(value)
            if field and field.type == "date" and isinstance(value, datetime.datetime):
                value = value.date()
            if isinstance(value, datetime.datetime):
                return fields.Datetime.to_string(value)
            return fields.Date.to_string(value)
        if not isinstance(value, str) or not value.strip():
            return "" if isinstance(value, str) else value
        if not field or field.type not in READERS:
            return value.replace("\u3000", " ").strip()
        if field.type == "datetime" and ":" in value and "00:00" not in value:
            return value.strip()
        if field.type == "float" and "percent" in field.name:
            return read_share(value)
        return READERS[field.type](value)

    @api.model
    def _import_refusal(self, field, value):
        """Why a cell can't be read, as a sentence that shows how to write it."""
        words = {"value": value, "field": field._description_string(self.env)}
        if field.type in ("date", "datetime"):
            return self.env._(
                "%(field)s: “%(value)s” is no day that can be read. Write it as "
                "2026-01-05.",
                **words,
            )
        if field.type == "float" and "percent" in field.name:
            return self.env._(
                "%(field)s: “%(value)s” could be meant in two ways, or is no share. "
                "Write 30 or 30%% for thirty percent.",
                **words,
            )
        return self.env._(
            "%(field)s: “%(value)s” is no number that can be read. Write it as "
            "1234.50.",
            **words,
        )

    @api.model
    def _import_message(self, number, path, message):
        """What is wrong with a row, as :meth:`load` says it."""
        return {
            "type": "error",
            "rows": {"from": number, "to": number},
            "record": number,
            "field": path,
            "message": message,
        }

    @api.model
    def _import_fill(self, paths, rows):
        """Give merged cells what stands above them."""
        above = [paths.index(path) for path in self._import_above if path in paths]
        last = {}
        for row in rows:
            # a row of the same group as the one above: what it says is the same so far
            merged = bool(last)
            for place in above:
                if row[place]:
                    merged = merged and row[place] == last.get(place)
                elif merged and last.get(place):
                    row[place] = last[place]
            last = {place: row[place] for place in above}

    @api.model
    def _import_lacking(self, paths, rows):
        """Messages of rows that lack what they need."""
        messages = []
        for place, path in enumerate(paths):
            if path not in self._import_needed:
                continue
            prefix = path.rpartition("/")[0]
            others = [
                index
                for index, other in enumerate(paths)
                if index != place and other.rpartition("/")[0] == prefix
            ]
            messages += [
                self._import_message(
                    number,
                    path,
                    self.env._("Fill in “%(field)s”.", field=self._import_header(path)),
                )
                for number, row in enumerate(rows)
                if not row[place] and any(row[index] for index in others)
            ]
        return messages

    @api.model
    def _import_rows(self, paths, rows):
        """What else the rows of the model need, such as which records are there
        already; return messages of what is wrong with them."""
        return []

    # ------------------------------------------------------------------
    # What is there already
    # ------------------------------------------------------------------

    @api.model
    def _import_record(self, path, text):
        """The record that a cell of a relational column names, if it is one."""
        names = path.split("/")
        by = names[-1] if names[-1] in IDS else None
        field = self._import_field("/".join(names[:-1] if by else names))
        Model = self.env[field.comodel_name]
        if not text:
            return Model
        if by:
            return self._import_by_id(Model, by, text)
        found = self.env["ir.fields.converter"]._contract_named(field, text)
        return found if len(found) == 1 else Model

    @api.model
    def _import_by_id(self, Model, by, text):
        """The record of a model that an id or an external id names, if the user sees
        it.

        :param by: ``.id`` or ``id``
        """
        if by == ".id":
            known = text.isdecimal() and len(text) < 10
            return Model.search([("id", "=", int(text) if known else 0)])
        xmlid = text if "." in text else f"__import__.{text}"
        record = self.env.ref(xmlid, raise_if_not_found=False)
        if not record or record._name != Model._name:
            return Model.browse()
        return Model.search([("id", "=", record.id)])

    @api.model
    def _import_known(self, paths, rows, record):
        """Name the records that are there already by their id, in a column of its own.

        :param record: a function of a row, that returns its record or none
        """
        if set(IDS) & set(paths):
            return
        for row in rows:
            row.append(str(record(row)[:1].id or ""))
        paths.append(".id")

    @api.model
    def _extract_records(
        self, field_paths, data, log=lambda a: None, limit=float("inf")
    ):
        """An empty cell of a field that needs or proposes a value says nothing: a new
        record takes what is proposed, one that is there keeps what it has."""
        extracted = super()._extract_records(field_paths, data, log=log, limit=limit)
        if not self.env.context.get("contract_import"):
            yield from extracted
            return
        for record, info in extracted:
            yield self._import_extracted(self._import_said(record)), info

    @api.model
    def _import_said(self, record, model=None):
        """What the cells of a row say, without those that leave it to the field."""
        Model = self if model is None else self.env[model]
        said = {}
        for name, value in record.items():
            field = Model._fields.get(name)
            # an empty cell of a relation has no records
            if field and not value and (field.required or field.compute):
                continue
            if field and field.type == "one2many" and isinstance(value, list):
                value = [self._import_said(row, field.comodel_name) for row in value]
            said[name] = value
        return said

    @api.model
    def _import_extracted(self, record):
        """What is written of a row; ``.id`` is in it where it is there already."""
        return record
