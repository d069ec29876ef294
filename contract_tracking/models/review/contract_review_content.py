from markupsafe import Markup

from odoo import models
from odoo.fields import Date
from odoo.tools import format_amount, format_date, formatLang, html2plaintext

from ...tools.words import choices, format_quantity

ORDER = (
    "partner_id", "contract_buyer_id", "partner_shipping_id", "currency_id",
    "amount_untaxed", "amount_tax", "amount_total", "payment_term_id", "incoterm",
    "incoterm_location", "commitment_date", "contract_end_date", "note",
)  # fmt: skip
ORDER_LINE = (
    "product_id", "name", "product_uom_qty", "product_uom_id", "price_unit", "discount",
    "tax_ids", "customer_lead",
)  # fmt: skip
FRAME = (
    "partner_id", "currency_id", "amount_total", "date_start", "date_end",
    "payment_term_id", "incoterm_id", "note",
)  # fmt: skip
FRAME_LINE = (
    "product_id", "categ_id", "quantity", "uom_id", "price_unit", "amount",
)  # fmt: skip
TERM = (
    "kind", "name", "line_id", "quantity", "payment_kind", "percent", "amount",
    "instrument_id", "tenor_days", "due_mode", "date_fixed", "event_type_id", "delay",
    "delay_unit", "from_month_end", "each", "alt_event_type_id", "alt_delay",
    "alt_delay_unit", "deposit_deduction", "precedes", "over_percent", "short_percent",
    "with_customer", "clause_type", "clause_text", "legal_reference",
)  # fmt: skip
# In which order they are shown: what is kept as JSON has lost it.
SHOWN = {
    "sale.order": ORDER,
    "sale.order.line": ORDER_LINE,
    "contract.frame": FRAME,
    "contract.frame.line": FRAME_LINE,
    "contract.term": TERM,
}
# Says nothing by itself, or nothing without what is named.
IDLE = {
    "kind": None, "due_mode": None, "delay_unit": "delay",
    "alt_delay_unit": "alt_event_type_id", "deposit_deduction": "each",
}  # fmt: skip
# Of a renewal these are others by their nature.
PERIOD = {
    "commitment_date", "contract_end_date", "date_start", "date_end", "date_fixed",
}  # fmt: skip


def _key(value):
    """What of a value is compared: of a record its id, not how it is called."""
    return value[0] if isinstance(value, list) else value


class ContractReview(models.Model):
    """What was reviewed, kept as it was submitted, and what became different since.

    The content is a list of rows: ``model`` and ``id`` of what it was read from, its
    ``name`` and its ``values``; a record that is named is ``[id, name]``. Names are in
    the language in which it was submitted, labels in that of the reader.
    """

    _inherit = "contract.review"

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _content_of(self, parent, lang=None):
        """What of a contract is reviewed, as it stands now."""
        parent = parent.sudo().with_context(lang=lang or self.env.lang)
        rows = [
            {
                "model": record._name,
                "id": record.id,
                "name": self._content_name(record),
                "values": {
                    name: self._content_value(parent, record, name) for name in names
                },
            }
            for records, names in self._review_content_records(parent)
            for record in records
        ]
        return {"lang": parent.env.lang, "rows": rows}

    def _review_content_records(self, parent):
        if parent._name == "sale.order":
            # what is paid down is no content of the contract; goods are
            lines = [
                line
                for line in parent.order_line
                if line.product_uom_qty or not line.is_downpayment
            ]
            terms, head, fields = parent.contract_term_ids, ORDER, ORDER_LINE
        else:
            lines, terms = parent.line_ids, parent.term_ids
            head, fields = FRAME, FRAME_LINE
        # what follows the lines by itself says nothing of its own
        terms = [t for t in terms if not (t.valid_to or t.waived_on or t.auto)]
        return [
            *super()._review_content_records(parent),
            (parent, head),
            (lines, fields),
            (terms, TERM),
        ]

    def _content_name(self, record):
        """How a row is called: what is sold by its product."""
        if record._name == "sale.order.line":
            record = record.product_id or record
        elif record._name == "contract.frame.line":
            record = record.product_id or record.categ_id or record
        return record.display_name

    def _content_value(self, parent, record, name):
        field, value = record._fields[name], record[name]
        if field.type == "many2one":
            if field.comodel_name == "sale.order.line":
                # a renewal has lines of its own
                value = value.product_id
            return [value.id, value.display_name] if value else False
        if field.type == "many2many":
            return ", ".join(sorted(value.mapped("display_name"))) or False
        if field.type == "html":
            return html2plaintext(value or "").strip() or False
        if field.type == "datetime":
            value = value and parent._contract_day(value)
        return str(value) if value and field.type in ("date", "datetime") else value

    # ------------------------------------------------------------------
    # Comparing
    # ------------------------------------------------------------------

    def _changes_since(self):
        """What became different of the contracts since these were submitted:
        ``{review: changes}``, without those of which nothing did."""
        changes = {}
        for review in self:
            content = review.content
            now = review._content_of(review._contract_parent(), content["lang"])
            if found := review._changes(content["rows"], now["rows"]):
                changes[review] = found
        return changes

    def _changes_reviewed(self):
        """What is different from the review that this one follows."""
        self.ensure_one()
        before = self.previous_id.content
        content = self.content or self._content_of(
            self._contract_parent(), before["lang"]
        )
        return self._changes(before["rows"], content["rows"])

    def _changes(self, before, after, ignored=frozenset()):
        """Rows that differ: a list of ``(row before, row after, names of the fields)``;
        None for what isn't there. A row that was written anew as it was is the same.

        :param ignored: names of fields that don't count
        """

        def content(row):
            return {
                name: _key(value)
                for name, value in row["values"].items()
                if name not in ignored
            }

        changes = []
        for model in dict.fromkeys(row["model"] for row in (*before, *after)):
            old = [row for row in before if row["model"] == model]
            new = []
            for row in after:
                if row["model"] != model:
                    continue
                same = [o for o in old if content(o) == content(row)]
                # the row itself, if several say the same
                same.sort(key=lambda o, row=row: o["id"] != row["id"])
                if same:
                    old.remove(same[0])
                else:
                    new.append(row)
            for row in old:
                other = next((n for n in new if n["id"] == row["id"]), None)
                if other:
                    new.remove(other)
                    was, now = content(row), content(other)
                    names = [n for n in now if now[n] != was.get(n)]
                    changes.append((row, other, names))
                else:
                    changes.append((row, None, list(content(row))))
            changes += [(None, row, list(content(row))) for row in new]
        return changes

    def _is_renewed(self, order):
        """Whether an order renews its predecessor without changes but of its time."""

        def rows(content):
            # of another order
            return [{**row, "id": 0} for row in content["rows"]]

        before = self._content_of(order.contract_predecessor_id)
        return not self._changes(rows(before), rows(self._content_of(order)), PERIOD)

    # ------------------------------------------------------------------
    # Showing
    # ------------------------------------------------------------------

    def _changes_texts(self, changes):
        """Changes in words: ``[(what, before, after)]``."""
        texts = []
        for before, after, names in changes:
            row = after or before
            kind = self._content_kind(row)
            if before and after:
                texts += [
                    (
                        f"{kind} · {self._content_label(row, name)}",
                        self._content_text(before, name),
                        self._content_text(after, name),
                    )
                    for name in names
                ]
            else:
                text = self._content_summary(row, names)
                texts.append((kind, text if before else "–", text if after else "–"))
        return texts

    def _changes_table(self, changes):
        """Changes as a table to be read: what, before, after."""
        heads = (self.env._("What Changed"), self.env._("Before"), self.env._("After"))
        return self._html_table(heads, self._changes_texts(changes))

    def _content_table(self):
        """What is reviewed as a table to be read, as submitted; before as it stands."""
        return self._html_table(
            (),
            [
                (
                    self._content_kind(row),
                    self._content_summary(row, row["values"]).replace("\n", " · "),
                )
                for row in self._content_rows()
            ],
        )

    def _content_rows(self):
        """The rows of what is reviewed: as submitted, before as it stands now."""
        content = self.content or self._content_of(self._contract_parent())
        return content["rows"]

    def _html_table(self, heads, rows):
        cell = Markup('<td style="white-space: pre-line">%s</td>')
        head = Markup("<th>%s</th>")
        return Markup(
            '<table class="table table-sm mb-0"><thead><tr>%s</tr></thead>'
            "<tbody>%s</tbody></table>"
        ) % (
            Markup("").join(head % text for text in heads),
            Markup("").join(
                Markup("<tr>%s</tr>") % Markup("").join(cell % text for text in row)
                for row in rows
            ),
        )

    def _content_kind(self, row):
        """What a row is about."""
        if row["model"] in ("sale.order", "contract.frame"):
            return self.env["ir.model"]._get(row["model"]).sudo().name
        return (row["name"] or "").split("\n")[0]

    def _content_label(self, row, name):
        return self.env[row["model"]]._fields[name]._description_string(self.env)

    def _content_summary(self, row, names):
        """What a row says, in one text."""
        texts = {
            name: self._content_text(row, name)
            for name in self._content_shown(row)
            if name in names
        }
        return "\n".join(
            f"{self._content_label(row, name)}: {text}"
            for name, text in texts.items()
            # what it is called stands beside it
            if text != row["name"]
        )

    def _content_shown(self, row):
        """Names of the fields of a row that say something, in their order."""
        values = row["values"]
        names = SHOWN.get(row["model"], ())
        return [
            name
            for name in (*names, *(values.keys() - set(names)))
            if values.get(name)
            and (
                row["model"] != "contract.term"
                or values.get(IDLE.get(name, name), False)
            )
        ]

    def _content_text(self, row, name):
        """A value of the content, as the reader's language writes it."""
        model, value = self.env[row["model"]], row["values"].get(name)
        field = model._fields[name]
        if field.type == "boolean":
            return self.env._("Yes") if value else self.env._("No")
        if not value:
            return "–"
        if isinstance(value, list):
            return value[1]
        if field.type == "selection":
            return dict(choices(model, name)).get(value, value)
        if field.type in ("date", "datetime"):
            return format_date(self.env, Date.to_date(value))
        if field.type == "monetary":
            return format_amount(self.env, value, self.currency_id)
        if field.type == "float":
            if name in ("price_unit",):
                return formatLang(self.env, value, dp="Product Price")
            return format_quantity(self.env, value)
        return str(value)
