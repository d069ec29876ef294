import operator

from odoo import models
from odoo.tools import format_date, html2plaintext

from odoo.addons.base.models.ir_actions_report import _wkhtml

from ...tools.pages import (
    Paper,
    block,
    column_width,
    figure_size,
    head_lines,
    head_rows,
    paginate,
    text_lines,
    wrap_rows,
)
from ...tools.words import choice, format_quantity

# Percent of the form's width that a label and its value take in the head.
LABEL, VALUE = 15, 35
# What a document is in that is not in force any more, or never was.
OVER = ("void", "cancelled", "refused")
# Lines that lie between two rows of a table and between two tables, and that a
# table's title takes.
RULE, GAP, TITLE = 0.2, 0.4, 1.5


class ContractPrintMixin(models.AbstractModel):
    """Printed forms: what they are made of, and how they write dates, amounts,
    quantities and page numbers, in the language of the form.

    A form says in :meth:`_form_blocks` what stands on it: cells of a head, tables,
    texts, signatures. Each is one list of labels and values, from which both the
    paper and the height come, by which it is cut into pages.
    """

    _name = "contract.print.mixin"
    _description = "Printed Form"

    # ------------------------------------------------------------------
    # Blocks
    # ------------------------------------------------------------------

    def _form_title(self):
        """The form's name, as its first line says it."""
        raise NotImplementedError

    def _form_blocks(self):
        """What stands on the form: blocks, from top to bottom."""
        raise NotImplementedError

    def _form_document(self, customer):
        """What is printed for this record, in the customer's language if asked."""
        self.ensure_one()
        if not customer:
            return self
        return self.with_context(lang=self.partner_id.lang or self.env.lang)

    def _form_pages(self):
        """The blocks on pages; see :func:`paginate`."""
        self.ensure_one()
        return paginate(self._form_blocks(), self._form_paper().lines)

    def _form_paper(self):
        """What the form is printed on: A4 upright."""
        return Paper()

    def _form_width(self, percent=100):
        """Half-width characters in ``percent`` of the form's width."""
        columns = self._form_paper().columns
        return columns if percent == 100 else column_width(percent, columns)

    def _form_cells(self, cells, wide=(), title=False):
        """A head: labels with their values, two in a row; ``wide`` ones alone."""
        cells = list(cells)
        rows = [(cells[i : i + 2], VALUE) for i in range(0, len(cells), 2)]
        rows += [([cell], 2 * VALUE + LABEL) for cell in wide]
        height = sum(
            RULE
            + max(
                max(
                    text_lines(label, self._form_width(LABEL)),
                    text_lines(value, self._form_width(width)),
                )
                for label, value in row
            )
            for row, width in rows
        )
        return block(
            "head",
            height + GAP + (TITLE if title else 0),
            template="contract_tracking.form_cells",
            title=title,
            cells=[row for row, _width in rows],
        )

    def _form_table(self, name, title, columns, records, **values):
        """A table: a list of :class:`Column`, and a row for each of the records.

        :param values: what else the block has; ``carry`` and ``carried`` where sums
            are carried from page to page, see :func:`paginate`
        """
        paper = self._form_paper().columns
        heads = head_rows(columns)
        return block(
            name,
            head_lines(columns, paper)
            + RULE * len(heads)
            + GAP
            + (TITLE if title else 0),
            [self._form_row(columns, record, paper=paper) for record in records],
            template="contract_tracking.form_table",
            title=title,
            columns=columns,
            heads=heads,
            **values,
        )

    def _form_row(self, columns, record, css="", paper=None):
        """A row of a table: its cells, and its height in lines."""
        paper = paper or self._form_paper().columns
        cells = [self._form_cell(column, record, paper) for column in columns]
        height = max(cell["height"] for cell in cells) + RULE
        return {"record": record, "cells": cells, "height": height, "css": css}

    def _form_cell(self, column, record, paper):
        """What a column says of a record: ``text``, ``css``, ``height`` in lines."""
        if callable(column.value):
            value = column.value(record)
        else:
            value = record[column.value]
        text, css = value if isinstance(value, tuple) else (value, "")
        if column.kind == "amount_or_none":
            text = self._form_amount(text, zero=False)
        elif column.kind in ("date", "amount", "quantity"):
            text = getattr(self, f"_form_{column.kind}")(text)
        # neither a figure nor a day wraps: it is written smaller where it is too long
        is_whole = column.kind not in ("text", "right")
        align = {"text": "", "date": "day"}.get(column.kind, "num")
        if column.kind in ("right", "figures"):
            align = column.kind
        size = figure_size(text, column.width, paper) if is_whole else 100
        width = paper if is_whole else column_width(column.width, paper)
        return {
            "text": text or "",
            "css": f"{css} {align}".strip(),
            "style": f"font-size: {size}%" if size < 100 else None,
            "height": text_lines(text, width),
        }

    def _form_letterhead(self):
        """Who writes a letter: ``logo``, ``name`` and ``lines`` of the company."""
        self.ensure_one()
        company = self.company_id.sudo()
        partner = company.partner_id
        address = partner._display_address(without_company=True).splitlines()
        reach = [
            (self.env._("Tel. %s", company.phone) if company.phone else ""),
            company.email,
            company.website,
        ]
        lines = [
            company.report_header and html2plaintext(company.report_header).strip(),
            ", ".join(part.strip() for part in address if part.strip()),
            "  ·  ".join(filter(None, reach)),
        ]
        return {
            # the picture that says “Your logo” is nobody's
            "logo": not company.uses_default_logo and company.logo,
            "name": company.name,
            "lines": [line for line in lines if line],
        }

    def _form_text(self, title, text):
        """A text under its title; long ones go on over the page."""
        return block(
            "text",
            1 + 2 * RULE + GAP,
            wrap_rows(text, self._form_width()),
            template="contract_tracking.form_text",
            title=title,
        )

    def _form_note(self, text, css):
        """A sentence between two tables, in a style of the form (late, strong)."""
        return block(
            "note",
            text_lines(text, self._form_width()) + GAP,
            template="contract_tracking.form_note",
            text=text,
            css=css,
        )

    def _form_signatures(self):
        """Who signs: dicts of ``title``, ``name``, ``date`` (asked for by hand if it
        is missing), ``note``."""
        raise NotImplementedError

    def _form_sign(self):
        """Where the form is signed."""
        signatures = self._form_signatures()
        width = 100 / (len(signatures) or 1)
        paper = self._form_paper().columns
        return block(
            "sign",
            7.5,
            keep=True,
            template="contract_tracking.form_sign",
            signatures=[
                # a day isn't broken where many sign
                {**sign, "size": figure_size(sign["date"], width, paper)}
                for sign in signatures
            ],
            ended=self._form_ended(),
        )

    def _form_ended(self):
        """Why the form does not count any more, below its signatures."""
        return ""

    def _form_across(self):
        """What stands across each page of a form that is not in force, or nothing."""
        state = self["state"] if "state" in self._fields else ""
        if state in OVER:
            return self.env._("Void")
        return self.env._("Draft") if state == "draft" else ""

    # ------------------------------------------------------------------
    # Words
    # ------------------------------------------------------------------

    def _form_send(self, template, **context):
        """The window that sends this by e-mail, with the form that a template prints.

        :param template: external id of the template; somebody may have deleted it
        """
        self.ensure_one()
        template = self.env.ref(template, raise_if_not_found=False)
        return self.env["mail.compose.message"]._get_records_action(
            name=self.env._("Send"),
            target="new",
            context={
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": template and template.id,
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
                **context,
            },
        )

    def _form_words(self, text, record, read="name"):
        """A text that was frozen of a record, in the form's language: what the record
        says in it, as long as it is what was frozen in one of the languages.

        :param read: a field of the record, or a function of it
        """
        say = read if callable(read) else operator.itemgetter(read)
        record = record.sudo().with_context(lang=self.env.lang)
        if not text or not record:
            return text or ""
        languages = self.env["res.lang"].get_installed()
        said = (say(record.with_context(lang=code)) for code, _name in languages)
        return say(record) if text in said else text

    def _form_day(self, moment):
        """The day of a moment, in the company's time zone and the form's words."""
        self.ensure_one()
        return self._form_date(moment and self.company_id.sudo()._contract_day(moment))

    def _form_date(self, date):
        """A date as the form's language writes it: 2026年11月3日 in Chinese."""
        if not date:
            return ""
        if self.env.lang and self.env.lang.startswith("zh"):
            return f"{date.year}年{date.month}月{date.day}日"
        return format_date(self.env, date)

    def _form_label(self, fname):
        """The choice of a field in words."""
        self.ensure_one()
        return choice(self, fname)

    def _form_amount(self, amount, zero=True, currency=None):
        """An amount in the unit of the company's forms, thousands separated.

        :param currency: of the amount, if it is not the form's
        """
        self.ensure_one()
        if not amount and not zero:
            return ""
        digits = (currency or self.currency_id).decimal_places
        if self._form_in_ten_thousands():
            amount, digits = amount / 10000, 4
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        return lang.format(f"%.{digits}f", amount or 0.0, grouping=True)

    def _form_in_ten_thousands(self):
        """Whether the company prints amounts in ten thousands (万元)."""
        self.ensure_one()
        return self.company_id.sudo().contract_form_unit == "ten_thousand"

    def _form_number(self):
        """The number that its head says."""
        return self.name

    def _form_scale(self):
        """How much larger the form is drawn so that it prints in its true size.

        wkhtmltopdf without a patched Qt takes 128 pixels for an inch, not 96.
        """
        scale = 1 if _wkhtml().is_patched_qt else 4 / 3
        return scale * self._form_paper().font / Paper().font

    def _form_page_text(self, page):
        """Which page of how many: 第 x 页 共 y 页."""
        return self.env._(
            "Page %(number)s of %(total)s", number=page["number"], total=page["total"]
        )

    def _form_quantity(self, quantity):
        """A quantity without needless zeros."""
        return format_quantity(self.env, quantity or 0.0)

    def _form_currency(self):
        """The currency of its amounts."""
        return self.currency_id.name

    def _form_unit(self):
        """What the amounts of the form are in, for its head."""
        self.ensure_one()
        currency = self._form_currency()
        if self._form_in_ten_thousands():
            return self.env._("%(currency)s 10,000", currency=currency)
        return self.env._("%(currency)s 1", currency=currency)
