from odoo import models

from ...tools.pages import block, paginate, text_block, text_lines

# Which kinds of lines the blocks of the form show.
SECTIONS = {
    "delivery": ("delivery",),
    "call_off": ("call_off",),
    "payment": ("payment",),
    "invoice": ("invoice",),
    "other": ("milestone", "clause", "document"),
}


class ContractTrackingRecord(models.Model):
    """What the printed 附表1 shows, page by page."""

    _inherit = "contract.tracking.record"

    def _form_pages(self):
        """The form's blocks on pages; see :mod:`contract_form_pages`."""
        blocks = [block("head", 9.5)]
        for name, kinds in SECTIONS.items():
            rows = [
                {"line": line, "height": self._form_line_height(line) + 0.3}
                for line in self.line_ids
                if line.kind in kinds
            ]
            if rows:
                blocks.append(block(name, 3.6, rows))
        blocks += [
            block("totals", 3),
            text_block(
                self.env._("Summary of deviations from the contract"), self.summary
            ),
            text_block(self.env._("Coordination description"), self.coordination),
            text_block(self.env._("Coordination content"), self.coordination_content),
            text_block(self.env._("Next steps"), self.next_steps),
        ]
        logs = [
            {
                "log": log,
                "text": log.summary or "",
                "height": text_lines(log.summary, 76) + 0.3,
            }
            for log in self.log_ids
        ]
        if logs:
            blocks.append(block("log", 3, logs))
        return paginate([*blocks, block("sign", 7)])

    def _form_line_height(self, line):
        # numbers of deviations stand below the status, in its narrow column
        names = line.deviation_names
        below = 1 + text_lines(names, 12) if names else 0
        if line.kind == "delivery":
            text = f"{line._term_label()} {line.specification or ''}"
            return max(2, below, text_lines(text, 25))
        if line.kind == "payment":
            due = f"{self._form_date(line.date_due)} · {line._due_label()}"
            lines = text_lines(line._term_label(), 22), text_lines(due, 24)
            return max(2, below, *lines)
        if line.kind == "call_off":
            text = f"{line.name} {line.specification or ''}"
            return max(1, below, text_lines(text, 25))
        return max(1, below, text_lines(line._term_label(), 36))

    def _form_price(self, price):
        """A unit price, in units of the currency whatever the form's amounts are in."""
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        return lang.format(
            f"%.{self.currency_id.decimal_places}f", price, grouping=True
        )

    def _form_duration(self):
        """Begin, end and days left of the contract as of the report date."""
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
