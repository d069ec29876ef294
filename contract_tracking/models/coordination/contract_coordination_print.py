from odoo import fields, models
from odoo.tools import format_list

from ...tools.pages import Column, wrap_rows
from ...tools.words import amount_in_words

# Percent of the form's width, and half-width characters in a line of it.
REPLY, REPLY_WIDTH = 63, 68


class ContractCoordination(models.Model):
    """What the printed 附表2 shows."""

    _inherit = "contract.coordination"

    def _form_blocks(self):
        self.ensure_one()
        files = "\n".join(self.sudo().attachment_ids.mapped("name"))
        return [
            self._form_head(),
            self._form_text(
                self.env._("Summary of deviations from the contract"), self.summary
            ),
            *self._form_claimed(self, self._claimed()),
            self._form_text(self.env._("Coordination description"), self.description),
            self._form_text(
                self.env._("Requests and suggestions"), self._form_requests()
            ),
            self._form_replies(),
            self._form_text(self.env._("Coordination Outcome"), self.outcome),
            self._form_text(self.env._("Attachments"), files),
            self._form_sign(),
        ]

    def _form_head(self):
        return self._form_cells(
            [
                (self.env._("Customer"), self.partner_name),
                (self.env._("Contract No."), self.contract_no),
                (self.env._("Buyer"), self.buyer_name),
                (self.env._("Report Date"), self._form_date(self.date)),
                (
                    self.env._("Sent From"),
                    self.department_name or self.company_id.name,
                ),
                (self.env._("Reply By"), self._form_date(self.reply_date)),
            ],
            wide=[
                (self.env._("Main Recipients"), self._form_recipients("to")),
                (self.env._("Copy"), self._form_recipients("copy")),
                (self.env._("Subject"), self.subject),
            ],
        )

    def _form_claimed(self, form, claimed):
        """What a payment reminder asks for, as blocks of a form or of a letter.

        :param form: the record that is printed, in its language
        :param claimed: see :meth:`_claimed`
        """
        if not claimed:
            return []
        env, currency = form.env, self.currency_id

        def amount(value, name=None):
            text = form._form_amount(value, currency=currency)
            return text if name in (None, currency.name) else f"{name} {text}"

        def day(value):
            return form._form_date(fields.Date.to_date(value))

        today = fields.Date.to_date(claimed["day"])
        columns = [
            Column(env._("Contract No."), 17, "contract"),
            Column(env._("To Be Paid"), 27, "name"),
            Column(env._("Due On"), 18, lambda row: day(row["day"])),
            Column(
                env._("Days Late"),
                8,
                lambda row: (
                    str((today - fields.Date.to_date(row["day"])).days)
                    if row["day"]
                    else ""
                ),
                "right",
            ),
            Column(env._("Fell Due"), 15, lambda row: amount(row["due"]), "figures"),
            Column(env._("Unpaid"), 15, lambda row: amount(row["open"]), "figures"),
        ]
        title = env._(
            "Overdue on %(day)s, in %(currency)s",
            day=day(claimed["day"]),
            currency=currency.name,
        )
        due = form._form_table("due", title, columns, claimed["due"])
        total = {"contract": env._("Total"), "name": "", "day": False}
        total.update(open=claimed["total"], due=sum(r["due"] for r in claimed["due"]))
        due["rows"].append(form._form_row(columns, total, "strong"))
        words = env._(
            "In words: %(words)s",
            words=amount_in_words(env, claimed["total"], currency),
        )
        blocks = [due, form._form_note(words, "strong")]
        if claimed["invoices"]:
            columns = [
                Column(env._("Invoice No."), 30, "name"),
                Column(env._("Date"), 18, lambda row: day(row["date"])),
                Column(env._("Due On"), 18, lambda row: day(row["due"])),
                Column(
                    env._("Amount"),
                    17,
                    lambda row: (
                        row["amount"] and amount(row["amount"], row["currency"])
                    ),
                    "figures",
                ),
                Column(
                    env._("Unpaid"),
                    17,
                    lambda row: amount(row["open"], row["currency"]),
                    "figures",
                ),
            ]
            blocks.append(
                form._form_table(
                    "invoices", env._("Open Invoices"), columns, claimed["invoices"]
                )
            )
        if claimed["bank"]:
            title = env._("Please Pay To")
            blocks.append(form._form_cells(claimed["bank"], title=title))
        return blocks

    def _form_replies(self):
        """The replies, long ones in several rows, so that they go on over the page."""
        rows = [
            (line, row["text"], not number)
            for line in self.reply_ids
            for number, row in enumerate(wrap_rows(line.reply_text, REPLY_WIDTH))
        ]
        return self._form_table(
            "replies",
            False,
            [
                Column(
                    self.env._("Recipient"),
                    22,
                    lambda row: row[2] and self._form_replier(row[0]),
                ),
                Column(
                    self.env._("Reply"),
                    REPLY,
                    lambda row: row[1] or (row[2] and row[0]._form_label("state")),
                ),
                Column(
                    self.env._("Date"),
                    15,
                    lambda row: row[2] and self._form_day(row[0].answered_on),
                ),
            ],
            rows,
        )

    def _form_replier(self, line):
        supplement = line.supplement_of_id and self.env._("(supplement)")
        return "\n".join(filter(None, (line.display_name, supplement)))

    def _form_recipients(self, role):
        """Names of the recipients with this role, as they were when it was sent."""
        self.ensure_one()
        lines = self.reply_ids.filtered(
            lambda line: line.role == role and not line.supplement_of_id
        )
        return format_list(self.env, lines.mapped("display_name"))

    def _form_requests(self):
        """What is asked of all, and of single recipients."""
        self.ensure_one()
        own = [
            self.env._(
                "%(recipient)s: %(requests)s",
                recipient=line.display_name,
                requests=line.requests,
            )
            for line in self.reply_ids
            if line.requests
        ]
        return "\n".join(filter(None, (self.requests, *own)))

    def _form_title(self):
        """The document's name by its kind, with the stage of a reminder."""
        self.ensure_one()
        if self.kind == "reminder":
            return self._stage_title()
        if self.kind == "coordination":
            return self.env._("Sales Contract Coordination Document")
        return self._form_label("kind")

    def _form_signers(self):
        """Who received it (签收人): those who answered, with the day."""
        self.ensure_one()
        return format_list(
            self.env,
            [
                f"{line.answered_by_name} {self._form_day(line.answered_on)}"
                for line in self.reply_ids
                if line.state == "answered" and not line.supplement_of_id
            ],
        )

    def _form_signatures(self):
        self.ensure_one()
        return [
            {
                "title": self.env._("Handler"),
                "name": self.user_name,
                "date": self._form_day(self.sent_on),
            },
            {
                "title": self.env._("Received By"),
                "name": self._form_signers(),
                "date": " ",
            },
            {"title": self.env._("Business Office"), "name": "", "date": ""},
        ]
