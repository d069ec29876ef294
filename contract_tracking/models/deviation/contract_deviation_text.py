from odoo import api, models
from odoo.fields import Date
from odoo.tools import format_amount, format_date, format_list

from .contract_deviation import OPEN_STATES


class ContractDeviation(models.Model):
    """The summary that a deviation proposes from the facts, in the language of the
    context: what was agreed, what happened, by how much it departs; and what its
    screens show: facts in a line, the next step in a sentence.

    A kind is one method ``_propose_<kind>(row, parent, words)``; ``words`` are the
    row's figures as text.
    """

    _inherit = "contract.deviation"

    @api.model
    def _propose_summary(self, row, parent):
        """A sentence on a departure.

        :param row: a row of the detection statement
        :param parent: its contract or frame agreement
        """
        propose = getattr(self, f"_propose_{row['kind']}", None)
        if not propose:
            return self._fields["kind"].convert_to_export(row["kind"], self)
        return propose(row, parent, self._propose_words(row, parent))

    @api.model
    def _propose_prefetch(self, rows):
        """Read what the sentences of many departures name, at once."""
        rows = list(rows)
        for model, fname, names in (
            ("contract.term", "term_id", ["display_name", "instrument_id.name"]),
            ("sale.order.line", "line_id", ["product_id.name", "product_uom_id.name"]),
            ("account.move", "move_id", ["name"]),
        ):
            ids = {row[fname] for row in rows if row[fname]}
            records = self.env[model].browse(ids)
            for name in names:
                records.mapped(name)

    @api.model
    def _propose_words(self, row, parent):
        def amount(value):
            return format_amount(self.env, float(value or 0), parent.currency_id)

        term = self.env["contract.term"].browse(row["term_id"])
        line = self.env["sale.order.line"].browse(row["line_id"])
        return {
            "name": term.display_name or (line and line._contract_product_name()) or "",
            "unit": line.product_uom_id.name or "",
            "date": self._form_date(row["agreed_date"]),
            "done": self._form_date(row["actual_date"]),
            "agreed": self._form_quantity(float(row["agreed_quantity"])),
            "actual": self._form_quantity(float(row["actual_quantity"])),
            "left": self._form_quantity(
                abs(float(row["agreed_quantity"] - row["actual_quantity"]))
            ),
            "agreed_amount": amount(row["agreed_amount"]),
            "actual_amount": amount(row["actual_amount"]),
            "impact": amount(row["impact_amount"]),
            "days": row["impact_days"],
        }

    def _propose_late_delivery(self, row, parent, words):
        if row["cured_on"]:
            return self.env._(
                "%(name)s: %(agreed)s %(unit)s agreed by %(date)s; delivered in full "
                "on %(done)s, %(days)s days late.",
                **words,
            )
        if not row["actual_quantity"]:
            return self.env._(
                "%(name)s: %(agreed)s %(unit)s agreed by %(date)s; nothing delivered, "
                "%(days)s days late.",
                **words,
            )
        return self.env._(
            "%(name)s: %(agreed)s %(unit)s agreed by %(date)s; %(actual)s %(unit)s "
            "delivered up to %(done)s, %(left)s %(unit)s outstanding, %(days)s days "
            "late.",
            **words,
        )

    def _propose_short_quantity(self, row, parent, words):
        return self.env._(
            "%(name)s: %(agreed)s %(unit)s agreed by %(date)s; %(actual)s %(unit)s "
            "delivered, %(left)s %(unit)s short, and nothing more is on the way.",
            **words,
        )

    def _propose_over_quantity(self, row, parent, words):
        return self.env._(
            "%(name)s: %(agreed)s %(unit)s agreed; %(actual)s %(unit)s delivered, "
            "%(left)s %(unit)s more than agreed (%(impact)s).",
            **words,
        )

    def _propose_returned(self, row, parent, words):
        return self.env._(
            "%(name)s: %(left)s of %(agreed)s %(unit)s came back on %(done)s "
            "(%(impact)s).",
            **words,
        )

    def _propose_rejected(self, row, parent, words):
        return self.env._(
            "%(name)s: the customer rejected %(left)s of %(agreed)s %(unit)s on "
            "%(done)s (%(impact)s).",
            **words,
        )

    def _propose_late_payment(self, row, parent, words):
        move = self.env["account.move"].browse(row["move_id"])
        if move:
            words["name"] = self.env._("Invoice %(number)s", number=move.name)
        if row["cured_on"]:
            return self.env._(
                "%(name)s: %(agreed_amount)s due on %(date)s; received in full on "
                "%(done)s, %(days)s days late.",
                **words,
            )
        return self.env._(
            "%(name)s: %(agreed_amount)s agreed, due on %(date)s; %(actual_amount)s "
            "received, %(impact)s overdue, %(days)s days late.",
            **words,
        )

    def _propose_instrument(self, row, parent, words):
        term = self.env["contract.term"].browse(row["term_id"])
        words["instrument"] = term.instrument_id.name or self.env._("as agreed")
        if term.tenor_days:
            words["instrument"] = self.env._(
                "%(instrument)s, at most %(days)s days",
                instrument=words["instrument"],
                days=term.tenor_days,
            )
        ways = [
            self._propose_way(way["instrument"], way["tenor"]) for way in row["data"]
        ]
        return self.env._(
            "%(name)s: to be paid by %(instrument)s; paid by %(paid)s "
            "(%(actual_amount)s received).",
            paid=format_list(self.env, ways),
            **words,
        )

    def _propose_way(self, instrument_id, tenor):
        """An instrument, and the days that its bill runs."""
        instrument = self.env["contract.instrument"].browse(instrument_id or ())
        name = instrument.name or self.env._("another instrument")
        if not tenor:
            return name
        return self.env._("%(instrument)s, %(days)s days", instrument=name, days=tenor)

    def _propose_third_party(self, row, parent, words):
        return self.env._(
            "%(payer)s paid %(impact)s on %(done)s for the customer; the authorisation "
            "is not among the papers.",
            payer=row["data"]["payer"] or self.env._("Another company"),
            **words,
        )

    def _propose_invoice_mismatch(self, row, parent, words):
        if row["move_id"]:
            return self.env._(
                "Invoice %(invoice)s of %(done)s: %(actual_amount)s invoiced for what "
                "was agreed at %(agreed_amount)s, a difference of %(impact)s.",
                invoice=row["data"]["invoice"],
                **words,
            )
        return self.env._(
            "%(actual_amount)s invoiced up to %(done)s, %(agreed_amount)s agreed: "
            "%(impact)s too much.",
            **words,
        )

    def _propose_milestone_late(self, row, parent, words):
        if row["cured_on"]:
            return self.env._(
                "%(name)s: due on %(date)s, done on %(done)s, %(days)s days late.",
                **words,
            )
        return self.env._(
            "%(name)s: due on %(date)s, not done, %(days)s days late.", **words
        )

    def _propose_document_missing(self, row, parent, words):
        if row["term_id"]:
            return self._propose_milestone_late(row, parent, words)
        return self.env._(
            "Papers that this kind of contract needs were to be filed by %(date)s and "
            "are missing, %(days)s days late.",
            **words,
        )

    def _propose_order_changed(self, row, parent, words):
        parts = [self.env._("The order was changed after the contract took effect.")]
        lines = row["data"] or []
        for change in lines[:5]:
            parts += self._propose_changed_line(change, parent.currency_id)
        if len(lines) > 5:
            parts.append(
                self.env._("Further changed lines: %(number)s.", number=len(lines) - 5)
            )
        if row["agreed_amount"] != row["actual_amount"]:
            parts.append(
                self.env._(
                    "Total: %(agreed_amount)s agreed, now %(actual_amount)s.", **words
                )
            )
        return "\n".join(parts)

    def _propose_changed_line(self, change, currency):
        """Sentences on an order line that was changed: quantity, unit price, amount
        where only that changed, and day. Taxes are included."""
        line = self.env["sale.order.line"].browse(change["line"])
        name = line._contract_product_name()
        if change["agreed"] != change["actual"]:
            yield self.env._(
                "%(name)s: %(agreed)s %(unit)s agreed, now %(actual)s.",
                name=name,
                agreed=self._form_quantity(change["agreed"]),
                actual=self._form_quantity(change["actual"]),
                unit=line.product_uom_id.name,
            )
            prices = [
                change[f"{side}_amount"] / change[side] if change[side] else 0
                for side in ("agreed", "actual")
            ]
            # a cent of the amount is rounding
            cent = currency.rounding / max(min(change["agreed"], change["actual"]), 1)
            if all(prices) and abs(prices[0] - prices[1]) > cent:
                yield self.env._(
                    "%(name)s: %(agreed)s per %(unit)s agreed, now %(actual)s, tax "
                    "included.",
                    name=name,
                    agreed=format_amount(self.env, prices[0], currency),
                    actual=format_amount(self.env, prices[1], currency),
                    unit=line.product_uom_id.name,
                )
        elif change["agreed_amount"] != change["actual_amount"]:
            yield self.env._(
                "%(name)s: %(agreed)s agreed, now %(actual)s.",
                name=name,
                agreed=format_amount(self.env, change["agreed_amount"], currency),
                actual=format_amount(self.env, change["actual_amount"], currency),
            )
        if change["agreed_on"]:
            yield self.env._(
                "%(name)s: agreed by %(agreed)s, now %(actual)s.",
                name=name,
                agreed=self._form_date(Date.to_date(change["agreed_on"])),
                actual=self._form_date(Date.to_date(change["actual_on"])),
            )

    def _propose_outside_frame(self, row, parent, words):
        return parent.contract_frame_warning or self.env._(
            "The call-off departs from its frame agreement."
        )

    # ------------------------------------------------------------------
    # What the screens show
    # ------------------------------------------------------------------

    def _fact_text(self, side):
        """Quantity or amount, and day, of what was agreed or what happened."""
        quantity = self[f"{side}_quantity"]
        amount = self[f"{side}_amount"]
        day = self[f"{side}_date"]
        # an actual nothing says something beside what was agreed
        if self.agreed_quantity or quantity:
            figure = self._quantity_text(quantity)
        elif self.agreed_amount or amount:
            figure = format_amount(self.env, amount, self.currency_id)
        else:
            figure = ""
        return " · ".join(filter(None, (figure, day and format_date(self.env, day))))

    def _quantity_text(self, quantity):
        """A quantity with the unit of what departs."""
        unit = (self.line_id or self.term_id.line_id).sudo().product_uom_id.name
        return " ".join(filter(None, (self._form_quantity(quantity), unit)))

    def _describe_next_step(self):
        """One sentence: what is to be done next, by whom, until when."""
        self.ensure_one()
        words = {
            "user": self.user_id.name or self.env._("The handler"),
            "day": self.date_deadline
            and format_date(self.env, self.date_deadline)
            or "–",
        }
        if self.lead_id:
            return self.env._(
                "Covered by the report %(lead)s: it is decided there.",
                lead=self.lead_id.display_name,
            )
        if self._contract_cancelled() and self.state in OPEN_STATES:
            return self.env._(
                "The contract was cancelled: the office cancels this deviation as well."
            )
        match self.state:
            case "detected":
                return self.env._(
                    "%(user)s analyses it by %(day)s: cause, severity, summary.",
                    **words,
                )
            case "analysed" if self.decision == "reject":
                return self.env._(
                    "Rejected: %(user)s revises the recommendation and submits it "
                    "again, or the office cancels it.",
                    **words,
                )
            case "analysed":
                return self.env._(
                    "%(user)s recommends what to do and submits it by %(day)s.", **words
                )
            case "submitted":
                return self.approval_hint
            case "executing":
                opened = self.action_ids.filtered(lambda a: a.state == "open")
                if not opened:
                    return self.env._(
                        "%(user)s reports the result by %(day)s.", **words
                    )
                names = opened.user_id.mapped("name")
                return self.env._(
                    "%(users)s: actions to do, the next by %(day)s.",
                    users=format_list(self.env, names),
                    day=words["day"],
                )
            case "reported":
                verifier = self._verifier().name or self.env._("The business office")
                return self.env._(
                    "%(user)s, or somebody else who had no part in it, verifies the "
                    "result by %(day)s.",
                    user=verifier,
                    day=words["day"],
                )
        return False

    def _found_message(self):
        """Tell what a search on demand found, and show it."""
        if not self:
            return self._open_notice(self.env._("No new deviation."))
        names = format_list(self.env, ["%s"] * len(self))
        return self._open_notice(
            self.env._("New deviations: %(names)s.", names=names),
            warning=True,
            linked=self,
        )
