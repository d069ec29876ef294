from odoo import models

from ...tools.pages import Column


class ContractTrackingRecord(models.Model):
    """What the printed 附表1 shows."""

    _inherit = "contract.tracking.record"

    def _form_title(self):
        return self.env._("Sales Contract Tracking Record")

    def _form_blocks(self):
        self.ensure_one()
        tables = (
            self._form_deliveries(),
            self._form_call_offs(),
            self._form_payments(),
            self._form_invoices(),
            self._form_others(),
        )
        log = self._form_log()
        return [
            self._form_head(),
            *(table for table in tables if table["rows"]),
            self._form_totals(),
            *(self._form_text(title, text) for title, text in self._form_texts()),
            *([log] if log["rows"] else []),
            self._form_sign(),
        ]

    def _form_texts(self):
        """The words of the record: ``[(title, text)]``; those that nobody edited in the
        form's language."""
        summary = self._form_words(self.summary, self, "proposed_summary")
        next_steps = self._form_words(self.next_steps, self, "proposed_next_steps")
        return [
            (self.env._("Summary of deviations from the contract"), summary),
            (self.env._("Coordination description"), self.coordination),
            (self.env._("Coordination content"), self.coordination_content),
            (self.env._("Next steps"), next_steps),
        ]

    def _form_head(self):
        return self._form_cells(
            [
                (self.env._("Customer"), self.partner_name),
                (self.env._("Contract No."), self.contract_no),
                (self.env._("Buyer"), self.buyer_name),
                (self.env._("Customer's Contract No."), self.customer_ref),
                (self.env._("End User, Consignee"), self.consignee_name),
                (self.env._("Report Date"), self._form_date(self.date)),
                (self.env._("Signed"), self._form_date(self.signing_date)),
                (self.env._("Amount"), self._form_amount(self.amount_total)),
                (self.env._("Payment Terms"), self._form_payment_terms()),
                (self.env._("Duration, Days Left"), self._form_duration()),
                (self.env._("Owner"), self.owner_name),
                (self.env._("Supervisor"), self.supervisor_name),
            ]
        )

    def _form_lines(self, *kinds):
        return self.line_ids.filtered(lambda line: line.kind in kinds)

    def _form_deliveries(self):
        return self._form_table(
            "delivery",
            self.env._("1. Delivery"),
            [
                Column(self.env._("Product"), 12.5, self._form_product),
                Column(self.env._("Specification"), 13, self._form_specification),
                Column(self.env._("Unit"), 7, self._form_uom),
                Column(self.env._("Unit Price"), 12, self._form_line_price, "right"),
                Column(
                    self.env._("Agreed Quantity, Date"),
                    15.5,
                    lambda line: self._form_moment(
                        self._form_quantity(line.agreed_quantity),
                        self._form_date(line.date_due) or line._due_label(),
                    ),
                ),
                Column(
                    self.env._("Actual"),
                    15.5,
                    lambda line: self._form_moment(
                        self._form_quantity(line.actual_quantity),
                        self._form_date(line.actual_date),
                    ),
                ),
                Column(
                    self.env._("Variance"),
                    11.5,
                    lambda line: self._form_late(
                        line, self._form_quantity(line.variance_quantity)
                    ),
                    "right",
                ),
                self._form_status_column(13),
            ],
            self._form_lines("delivery"),
        )

    def _form_call_offs(self):
        return self._form_table(
            "call_off",
            self.env._("Call-Offs"),
            [
                Column(
                    self.env._("Call-Off, Customer's Number"),
                    24,
                    lambda line: " ".join(
                        filter(None, (line.name, line.specification))
                    ),
                ),
                Column(self.env._("Amount"), 16, "agreed_amount", "amount"),
                Column(self.env._("Delivered"), 15, "delivered_amount", "amount"),
                Column(self.env._("Invoiced"), 15, "invoiced_amount", "amount"),
                Column(self.env._("Received"), 15, "actual_amount", "amount"),
                self._form_overdue_column(15, "overdue_amount"),
            ],
            self._form_lines("call_off"),
        )

    def _form_payments(self):
        return self._form_table(
            "payment",
            self.env._("2. Payment"),
            [
                Column(
                    self.env._("Kind of Payment"),
                    17,
                    lambda line: line._term_label(),
                ),
                Column(
                    self.env._("Instrument"),
                    12,
                    lambda line: line._instrument(),
                ),
                Column(self.env._("Agreed"), 13, "agreed_amount", "amount"),
                Column(
                    self.env._("Due Date or Condition"),
                    18,
                    lambda line: self._form_moment(
                        self._form_date(line.date_due), line._due_label()
                    ),
                ),
                Column(self.env._("Received"), 13, "actual_amount", "amount"),
                Column(
                    self.env._("Variance"),
                    14,
                    lambda line: self._form_late(
                        line, self._form_amount(line.variance_amount)
                    ),
                    "right",
                ),
                self._form_status_column(13),
            ],
            self._form_lines("payment"),
        )

    def _form_invoices(self):
        return self._form_table(
            "invoice",
            self.env._("3. Invoices"),
            [
                Column(self.env._("Invoice No."), 34, "name"),
                Column(self.env._("Date"), 22, "actual_date", "date"),
                Column(
                    self.env._("Amount of this Contract"), 22, "actual_amount", "amount"
                ),
                Column(self.env._("Deposit"), 22, "deposit_amount", "amount_or_none"),
            ],
            self._form_lines("invoice"),
        )

    def _form_others(self):
        return self._form_table(
            "other",
            self.env._("4. Milestones, Clauses, Documents"),
            [
                Column(self.env._("Kind"), 12, lambda line: line._form_label("kind")),
                Column(self.env._("Content"), 34, lambda line: line._term_label()),
                Column(
                    self.env._("Due"),
                    18,
                    lambda line: self._form_date(line.date_due) or line._due_label(),
                ),
                Column(self.env._("Done"), 14, "actual_date", "date"),
                Column(
                    self.env._("Days Late"),
                    10,
                    lambda line: str(line.variance_days or ""),
                    "right",
                ),
                self._form_status_column(12),
            ],
            self._form_lines("milestone", "clause", "document"),
        )

    def _form_totals(self):
        return self._form_table(
            "totals",
            False,
            [
                Column(self.env._("Delivered"), 20, "delivered", "amount"),
                Column(self.env._("Invoiced"), 20, "invoiced", "amount"),
                Column(self.env._("Received"), 20, "received", "amount"),
                self._form_receivable_column(20),
                self._form_overdue_column(20, "overdue"),
            ],
            self,
        )

    def _form_log(self):
        return self._form_table(
            "log",
            self.env._("Log of Earlier Records"),
            [
                Column(self.env._("Date"), 16, "date", "date"),
                Column(
                    self.env._("By"), 16, lambda log: log.confirmed_by_id.sudo().name
                ),
                Column(self.env._("What"), 68, "summary"),
            ],
            self.log_ids,
        )

    def _form_product(self, line):
        product = line.term_id.sudo().line_id.product_id
        return self._form_words(line.name, product)

    def _form_specification(self, line):
        product = line.term_id.sudo().line_id.product_id
        return self._form_words(line.specification, product, line._specify)

    def _form_uom(self, line):
        unit = line.term_id.sudo().line_id.product_uom_id
        return self._form_words(line.uom_name, unit)

    def _form_moment(self, what, when):
        """What, and below it when: a day is never broken."""
        return "\n".join(filter(None, (what, when)))

    def _form_payment_terms(self):
        """What stands for the contract's payments, in the form's language."""
        order = self.order_id.sudo()
        text = self.payment_terms
        for record in (
            order.contract_schedule_template_id
            or self.frame_id.sudo().schedule_template_id,
            self._contract_parent().sudo().payment_term_id,
        ):
            text = self._form_words(text, record)
        return text

    def _form_status_column(self, width):
        """Status of a line and the numbers of its deviations, red if it is behind."""
        return Column(
            self.env._("Status, Deviation No."),
            width,
            lambda line: (
                "\n".join(
                    filter(None, (line._form_label("status"), line.deviation_names))
                ),
                "late" if line.status in ("overdue", "short") else "",
            ),
        )

    def _form_overdue_column(self, width, fname):
        return Column(
            self.env._("Overdue Amount"),
            width,
            lambda row: (row[fname], "late" if row[fname] else ""),
            "amount",
        )

    def _form_receivable_column(self, width):
        """What is receivable; what is less than nothing was received in advance."""
        if self.currency_id.compare_amounts(self.receivable, 0) < 0:
            title = self.env._("Received in Advance")
            return Column(title, width, lambda record: -record.receivable, "amount")
        return Column(self.env._("Receivable"), width, "receivable", "amount")

    def _form_late(self, line, variance):
        """The variance, and how late it was."""
        if line.variance_days <= 0:
            return variance
        late = self.env._("%(days)s days late", days=line.variance_days)
        return f"{variance}\n{late}"

    def _form_line_price(self, line):
        """A unit price, in units of the currency whatever the form's amounts are in,
        and whether its taxes are in it."""
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        digits = self.currency_id.decimal_places
        price = lang.format(f"%.{digits}f", line.price_unit, grouping=True)
        return "\n".join(filter(None, (price, line._form_label("price_tax"))))

    def _form_duration(self):
        """From the signing to the contract's end, of one without an end to its last
        promise; how long that is, and what is left of it on the report date."""
        self.ensure_one()
        start = self.signing_date or self.effective_date
        promises = self.line_ids.filtered(lambda line: line.term_id and line.date_due)
        end = self.end_date or max(promises.mapped("date_due"), default=False)
        if not (start and end):
            return ""
        return "\n".join(
            (
                f"{self._form_date(start)} – {self._form_date(end)}",
                self.env._(
                    "%(total)d days, %(left)d days left",
                    total=max(0, (end - start).days),
                    left=max(0, (end - self.date).days),
                ),
            )
        )

    def _form_signatures(self):
        self.ensure_one()
        return [
            {
                "title": self.env._("Recorder"),
                "name": self.confirmed_by_id.sudo().name,
                "date": self._form_day(self.confirmed_on),
            },
            {
                "title": self.env._("Head of Office"),
                "name": self.office_head_name,
                "date": "",
            },
            {
                "title": self.env._("Business Office"),
                "name": self.business_head_name,
                "date": "",
            },
        ]
