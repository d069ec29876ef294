from odoo import models

from ...tools.pages import Column
from ...tools.words import amount_in_words, choice


class ContractSettlement(models.Model):
    """What the printed 合同结算单 shows, in the language of the environment. The copy
    of the customer has none of our own words."""

    _inherit = "contract.settlement"

    def _form_in_ten_thousands(self):
        """What is owed is stated to the cent."""
        return False

    def _form_title(self):
        return self.env._("Contract Settlement")

    def _form_document(self, customer):
        document = super()._form_document(customer)
        return document.with_context(contract_outside=bool(customer))

    def _is_outside(self):
        """Whether this copy goes to the customer."""
        return bool(self.env.context.get("contract_outside"))

    def _form_blocks(self):
        self.ensure_one()
        lines = self.line_ids
        terms = self.payment_ids.filtered(lambda row: row.kind == "term")
        money = self.payment_ids - terms
        noted = [*lines.filtered("differs"), *self.payment_ids.filtered("differs")]
        blocks = [
            self._form_head(),
            self._form_lines(lines),
            self._form_terms(terms) if terms else None,
            self._form_money(money) if money else None,
            self._form_deductions() if self.deduction_ids else None,
            self._form_sums(),
            self._form_note(self._form_balance_text(), "strong"),
            *map(self._form_line_note, self._form_remarks()),
        ]
        if noted or self.customer_differs:
            blocks.append(self._form_differences(noted))
        if not self._is_outside():
            blocks += self._form_inside()
        blocks.append(
            {
                "name": "seal",
                "template": "contract_tracking.settlement_sign",
                "head": 15,
                "rows": [],
                "keep": True,
            }
        )
        return [block for block in blocks if block]

    def _form_line_note(self, text):
        return self._form_note(text, "")

    def _form_head(self):
        order = self.order_id.sudo()
        return self._form_cells(
            [
                (self.env._("Customer"), self.partner_name),
                (self.env._("Supplier"), self.company_id.sudo().name),
                (self.env._("Contract No."), self.contract_no),
                (self.env._("Settled On"), self._form_label("kind")),
                (
                    self.env._("In Effect Since"),
                    self._form_date(order.contract_effective_date),
                ),
                (self.env._("As Of"), self._form_date(self.date)),
                (self.env._("Customer's Reference"), order.client_order_ref),
                (self.env._("Prepared By"), self.user_id.sudo().name),
            ]
        )

    def _form_lines(self, lines):
        env = self.env
        quantities, amounts = env._("Quantity"), env._("Amount with Taxes")

        def quantity(fname):
            return lambda line: line[fname] and self._form_quantity(line[fname]) or ""

        return self._form_table(
            "lines",
            env._("Goods and Services"),
            [
                Column(env._("Description"), 15, self._form_line_name),
                *(
                    Column(title, 10, quantity(fname), "figures", group=quantities)
                    for title, fname in (
                        (env._("Agreed"), "agreed_quantity"),
                        (env._("Delivered"), "delivered_quantity"),
                        (env._("Returned"), "returned_quantity"),
                        (env._("Invoiced"), "invoiced_quantity"),
                    )
                ),
                Column(env._("Unit Price"), 10, "unit_price", "amount_or_none"),
                *(
                    Column(title, 35 / 3, fname, "amount", group=amounts)
                    for title, fname in (
                        (env._("Agreed"), "agreed_amount"),
                        (env._("Delivered"), "delivered_amount"),
                        (env._("Invoiced"), "invoiced_amount"),
                    )
                ),
            ],
            lines,
            empty=env._("Nothing was agreed, delivered or invoiced."),
        )

    def _form_line_name(self, line):
        unit = self._form_words(line.uom_name, line.line_id.sudo().product_uom_id)
        return f"{line.name} ({unit})" if unit else line.name

    def _form_terms(self, rows):
        env = self.env
        return self._form_table(
            "terms",
            env._("Payment Terms"),
            [
                Column(env._("Term"), 30, self._form_term_name),
                Column(
                    env._("Due Date or Condition"),
                    25,
                    lambda row: self._form_date(row.date) or row.due_text or "",
                ),
                Column(env._("Agreed"), 15, "agreed_amount", "amount"),
                Column(env._("Received, Adjusted"), 15, "amount", "amount"),
                Column(env._("Outstanding"), 15, "outstanding", "amount"),
            ],
            rows,
        )

    def _form_term_name(self, row):
        return self._form_words(row.name, row.term_id, "display_name")

    def _form_money(self, rows):
        env = self.env
        return self._form_table(
            "money",
            env._("Receipts and Adjustments"),
            [
                Column(env._("Date"), 18, "date", "date"),
                Column(env._("Kind"), 14, lambda row: choice(row, "kind")),
                Column(env._("Voucher"), 48, "name"),
                Column(env._("Amount"), 20, "amount", "amount"),
            ],
            rows,
        )

    def _form_deductions(self):
        env = self.env
        return self._form_table(
            "deductions",
            env._("Deductions and Penalties"),
            [
                Column(env._("Kind"), 14, lambda row: choice(row, "kind")),
                Column(env._("Who Owes"), 16, self._form_side),
                Column(env._("Basis"), 34, "basis"),
                Column(env._("Paper"), 18, lambda row: row.document_id.sudo().name),
                Column(env._("Amount"), 18, "amount", "amount"),
            ],
            self.deduction_ids,
        )

    def _form_side(self, row):
        who = (
            self.env._("Customer") if row.side == "customer" else self.env._("Supplier")
        )
        if row.is_booked:
            return self.env._("%(who)s (in the books already)", who=who)
        return who

    def _form_sums(self):
        """The balance as a sum, from top to bottom."""
        env = self.env
        rows = [
            (env._("Agreed total"), self.agreed_amount, ""),
            (env._("Delivered, without what came back"), self.delivered_amount, ""),
            (env._("+ Fees invoiced"), self.fee_amount, ""),
            (env._("− Received"), self.received_amount, ""),
            (env._("− Adjusted"), self.adjusted_amount, ""),
            (env._("+ Bills not honoured yet"), self.bills_amount, ""),
            (env._("+ Deductions and penalties, net"), self.deduction_amount, ""),
            (env._("= Balance"), self.balance, "strong"),
            (env._("of which retention not due"), self.retention_amount, ""),
            (env._("of which due now"), self.due_amount, "strong"),
            (env._("Invoiced"), self.invoiced_amount, ""),
            (env._("Not invoiced yet"), self.uninvoiced_amount, ""),
        ]
        return self._form_table(
            "sums",
            env._("Settlement Balance"),
            [
                Column(env._("Figure"), 60, lambda row: (row[0], row[2])),
                Column(env._("Amount"), 40, lambda row: (row[1], row[2]), "amount"),
            ],
            # what there is nothing of needs no line
            [row for row in rows if row[1] or row[2] or row in rows[:2]],
        )

    def _form_balance_text(self):
        """What is owed, in figures and in words that nobody alters with a pen."""
        values = {
            "date": self._form_date(self.date),
            "currency": self.currency_id.name,
            "amount": self._form_amount(abs(self.balance)),
            "words": amount_in_words(self.env, abs(self.balance), self.currency_id),
        }
        if self.currency_id.is_zero(self.balance):
            if not self.currency_id.is_zero(self.due_amount):
                return self.env._(
                    "As of %(date)s both sides owe each other the same.", **values
                )
            return self.env._("As of %(date)s neither side owes anything.", **values)
        if self.balance < 0:
            return self.env._(
                "As of %(date)s the supplier owes %(currency)s %(amount)s, in words: "
                "%(words)s.",
                **values,
            )
        return self.env._(
            "As of %(date)s the customer owes %(currency)s %(amount)s, in words: "
            "%(words)s.",
            **values,
        )

    def _form_remarks(self):
        """What the reader must know of the balance."""
        if self.retention_amount:
            day = self._form_date(self.retention_until)
            amount = self._form_amount(self.retention_amount)
            if day:
                yield self.env._(
                    "Retention of %(amount)s is kept back until %(date)s.",
                    amount=amount,
                    date=day,
                )
            else:
                yield self.env._(
                    "Retention of %(amount)s is kept back until the event that it "
                    "waits for.",
                    amount=amount,
                )
            if self.currency_id.compare_amounts(self.due_amount, 0) < 0:
                amount = self._form_amount(-self.due_amount)
                if self.balance_reason == "set_off":
                    yield self.env._(
                        "Both sides set off what the supplier owes, %(amount)s, "
                        "against the retention.",
                        amount=amount,
                    )
                else:
                    yield self.env._(
                        "The supplier owes %(amount)s now: it is not set off against "
                        "the retention.",
                        amount=amount,
                    )
        if self.bills_amount:
            yield self.env._(
                "Bills whose outcome is open count as unpaid until they are honoured."
            )

    def _form_differences(self, rows):
        env = self.env
        listed = [
            (
                row.name,
                row[row._settled_amount],
                row.customer_amount,
                row.customer_note,
            )
            for row in rows
        ]
        if self.customer_differs:
            listed.append(
                (
                    env._("Settlement Balance"),
                    self.balance,
                    self.customer_balance,
                    self.customer_note,
                )
            )
        return self._form_table(
            "differences",
            env._("Differences from the Customer's Books"),
            [
                Column(env._("What"), 32, lambda row: row[0]),
                Column(env._("By Our Books"), 17, lambda row: row[1], "amount"),
                Column(env._("By His Books"), 17, lambda row: row[2], "amount"),
                Column(env._("Remark"), 34, lambda row: row[3]),
            ],
            listed,
        )

    def _form_inside(self):
        """What only we read: why it isn't zero, what is to be done, who decided."""
        if self.balance_reason:
            reason = f"{self._form_label('balance_reason')} · {self.balance_note or ''}"
            yield self._form_text(self.env._("Why the balance is not zero"), reason)
        actions = self.sudo().action_ids.filtered(lambda a: a.state != "dropped")
        if actions:
            yield self._form_table(
                "actions",
                self.env._("To do"),
                [
                    Column(self.env._("Action"), 48, "name"),
                    Column(self.env._("Owner"), 16, lambda a: a.user_id.name),
                    Column(self.env._("Deadline"), 18, "date_deadline", "date"),
                    Column(self.env._("Status"), 18, lambda a: choice(a, "state")),
                ],
                actions,
            )
        yield self._form_sign()

    def _form_signatures(self):
        """Who prepared it, then who confirmed it, in their order."""
        rows = self._approval_signed(self.env._("Finance"), self.env._("Sales Head"))
        return self._approval_signatures(self.env._("Prepared By"), rows)
