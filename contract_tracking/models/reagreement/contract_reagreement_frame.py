from odoo import Command, api, models
from odoo.exceptions import ValidationError
from odoo.tools import format_amount, format_date

from ...tools.guard import unguarded
from ...tools.words import format_quantity


class ContractReagreement(models.Model):
    """What an approved re-agreement does to a frame agreement: its products, their
    quantities and prices, and until when it is valid. Later call-offs take them; what
    was called off stays the floor (D9 §1)."""

    _inherit = "contract.reagreement"

    @api.constrains("frame_date_end", "frame_id")
    def _check_frame_date_end(self):
        for record in self.filtered("frame_date_end"):
            frame = record.frame_id.sudo()
            if not frame or record.frame_date_end < frame.date_start:
                raise ValidationError(
                    self.env._(
                        "The new end of the validity is of a frame agreement, and not "
                        "before its beginning."
                    )
                )

    def _frame_changes(self):
        """The changes of agreed products."""
        self.ensure_one()
        return self.sudo().line_ids.filtered(lambda line: line.kind == "product")

    def _frame_total(self):
        """The agreed total with what the products' agreed amounts change by."""
        self.ensure_one()
        return self.frame_id.sudo().amount_total + sum(
            (change.amount if change.action != "end" else 0.0)
            - change.frame_line_id.amount
            for change in self._frame_changes()
        )

    def _frame_effects(self):
        """What happens to the frame agreement: sentences in the user's language."""
        for change in self._frame_changes():
            before = " · ".join(change._words_before())
            after = " · ".join(change._words(change))
            if change.action == "add":
                yield self.env._("Added: %(product)s", product=after)
            elif change.action == "end":
                yield self.env._("Dropped: %(product)s", product=before)
            else:
                yield f"{before} → {after}"
        if self.frame_date_end:
            yield self.env._(
                "Valid until %(before)s → %(after)s",
                before=format_date(self.env, self.frame_id.sudo().date_end),
                after=format_date(self.env, self.frame_date_end),
            )

    def _frame_refusals(self):
        """What of the changes can't be done any more: what was called off stays."""
        for change in self._frame_changes().filtered("frame_line_id"):
            agreed = change.frame_line_id
            ends = change.action == "end"
            quantity = 0.0 if ends else change.quantity
            if (ends and agreed.called_quantity) or (
                quantity and agreed.uom_id.compare(quantity, agreed.called_quantity) < 0
            ):
                yield self.env._(
                    "“%(product)s” can't become %(wanted)s %(unit)s: %(called)s are "
                    "called off.",
                    product=agreed.display_name,
                    wanted=format_quantity(self.env, quantity),
                    unit=agreed.uom_id.name or "",
                    called=format_quantity(self.env, agreed.called_quantity),
                )
            elif (
                change.amount
                and not ends
                and (
                    self.currency_id.compare_amounts(
                        change.amount, agreed.called_amount
                    )
                    < 0
                )
            ):
                yield self.env._(
                    "“%(product)s” can't become %(wanted)s: %(called)s are called off.",
                    product=agreed.display_name,
                    wanted=format_amount(self.env, change.amount, self.currency_id),
                    called=format_amount(
                        self.env, agreed.called_amount, self.currency_id
                    ),
                )

    def _change_frame(self):
        """Change the frame agreement as agreed, with its history."""
        self.ensure_one()
        frame = self.frame_id.sudo()
        commands = []
        for change in self._frame_changes():
            values = {
                "quantity": change.quantity,
                "price_unit": change.price_unit,
                "amount": change.amount,
            }
            if change.action == "add":
                values.update(product_id=change.product_id.id, uom_id=change.uom_id.id)
                commands.append(Command.create(values))
            elif change.action == "change":
                commands.append(Command.update(change.frame_line_id.id, values))
        ended = self._frame_changes().filtered(lambda c: c.action == "end")
        lines = {line: line._contract_text() for line in frame.line_ids}
        old = {frame: {"date_end": frame.date_end}}
        values = {"line_ids": commands} if commands else {}
        if self.frame_date_end:
            values.update(date_end=self.frame_date_end, reminded_on=False)
        if values:
            unguarded(frame).write(values)
        gone = ended.frame_line_id
        for change in ended:
            # what it was stays with the change
            unguarded(change).write(
                {
                    "name": change.frame_line_id.display_name,
                    "uom_id": change.uom_id.id,
                    "price_unit": change.price_unit,
                    "discount": change.discount,
                    "tax_ids": [Command.set(change.tax_ids.ids)],
                    "frame_line_id": False,
                }
            )
        unguarded(gone).unlink()
        reason = self.reason or self.display_name
        frame._log_lines(lines, reason)
        frame._contract_log_changes(old, reason)
        frame._sync_activities()
