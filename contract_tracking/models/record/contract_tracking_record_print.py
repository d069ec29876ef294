from odoo import fields, models

from ...tools.pages import paginate, text_lines, wrap_rows

# Lines of 16 px on a page of A4, below title and page number.
PAGE_LINES = 59
TEXT_WIDTH = 112


class ContractTrackingRecord(models.Model):
    """What the printed 附表1 shows, page by page."""

    _inherit = "contract.tracking.record"

    def _form_pages(self):
        """The form's blocks on pages; see :mod:`contract_form_pages`."""
        self.ensure_one()
        lines = self.line_ids
        blocks = [{"name": "head", "head": 9.5, "rows": []}]
        sections = (
            ("delivery", lines.filtered(lambda ln: ln.kind == "delivery")),
            ("call_off", lines.filtered(lambda ln: ln.kind == "call_off")),
            ("payment", lines.filtered(lambda ln: ln.kind == "payment")),
            ("invoice", lines.filtered(lambda ln: ln.kind == "invoice")),
            (
                "other",
                lines.filtered(
                    lambda ln: ln.kind in ("milestone", "clause", "document")
                ),
            ),
        )
        for name, section in sections:
            if section:
                rows = [
                    {"line": line, "height": self._form_line_height(line) + 0.3}
                    for line in section
                ]
                blocks.append({"name": name, "head": 3.6, "rows": rows})
        blocks.append({"name": "totals", "head": 3, "rows": []})
        for title, text in (
            (self.env._("Summary of deviations from the contract"), self.summary),
            (self.env._("Coordination description"), self.coordination),
            (self.env._("Coordination content"), self.coordination_content),
            (self.env._("Next steps"), self.next_steps),
        ):
            blocks.append(
                {
                    "name": "text",
                    "title": title,
                    "head": 2.2,
                    "rows": wrap_rows(text, TEXT_WIDTH),
                }
            )
        logs = [
            {
                "log": log,
                "text": log.summary or "",
                "height": text_lines(log.summary, 76) + 0.3,
            }
            for log in self.log_ids
        ]
        if logs:
            blocks.append({"name": "log", "head": 3, "rows": logs})
        blocks.append({"name": "sign", "head": 7, "rows": []})
        return paginate(blocks, PAGE_LINES)

    def _form_line_height(self, line):
        height = self._form_text_height(line)
        if line.deviation_names:
            # below the status, in its narrow column
            height = max(height, 1 + text_lines(line.deviation_names, 12))
        return height

    def _form_text_height(self, line):
        if line.kind == "delivery":
            name = f"{line._term_label()} {line.specification or ''}"
            return max(2, text_lines(name, 25))
        if line.kind == "payment":
            due = f"{self._form_date(line.date_due)} · {line._due_label()}"
            return max(2, text_lines(line._term_label(), 22), text_lines(due, 24))
        if line.kind == "call_off":
            name = f"{line.name} {line.specification or ''}"
            return max(1, text_lines(name, 25))
        return max(1, text_lines(line._term_label(), 36))

    def _form_price(self, price):
        """A unit price, in units of the currency whatever the form's amounts are in."""
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        return lang.format(
            f"%.{self.currency_id.decimal_places}f", price, grouping=True
        )

    def _form_duration(self):
        """Begin, end and days left of the contract as of the report date."""
        self.ensure_one()
        if not self.end_date:
            return ""
        start = self._form_date(self.effective_date or self.signing_date)
        return self.env._(
            "%(start)s – %(end)s, %(days)d days left",
            start=start,
            end=self._form_date(self.end_date),
            days=max(0, (self.end_date - self.date).days),
        )

    def _form_days_late(self, line):
        return self.env._("%(days)s days late", days=line.variance_days)

    def _form_signature(self):
        self.ensure_one()
        return self.confirmed_by_id.sudo().name or ""

    def _form_confirmed_day(self):
        self.ensure_one()
        return self.confirmed_on and self._contract_parent()._contract_day(
            fields.Datetime.to_datetime(self.confirmed_on)
        )
