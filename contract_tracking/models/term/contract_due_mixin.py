from odoo import api, fields, models
from odoo.exceptions import ValidationError

PAYMENT_KINDS = [
    ("deposit", "Deposit"),
    ("progress", "Progress payment"),
    ("shipment", "Before shipment"),
    ("balance", "Balance"),
    ("acceptance", "After acceptance"),
    ("retention", "Retention"),
    ("settlement", "Settlement"),
]

DELAY_UNITS = [
    ("day", "Calendar days"),
    ("workday", "Working days"),
    ("month", "Months"),
]

# What happens bit by bit: a term can fall due each time.
EACH_SOURCES = ("dispatch", "receipt", "bl", "invoice", "statement")


class ContractDueMixin(models.AbstractModel):
    """When a promise falls due: on a date, or a delay after an event, or on the
    earlier of two such days. Shared by contract terms and schedule templates."""

    _name = "contract.due.mixin"
    _description = "Contract Due Date"

    due_mode = fields.Selection(
        [("date", "On a date"), ("event", "After an event")],
        string="Falls Due",
        required=True,
        default="event",
    )
    event_type_id = fields.Many2one("contract.event.type", ondelete="restrict")
    delay = fields.Integer(help="Days or months from the event to the due date.")
    delay_unit = fields.Selection(
        DELAY_UNITS,
        required=True,
        default="day",
        help="Working days are the days of the company's working schedule without its "
        "public holidays and those of all schedules.",
    )
    from_month_end = fields.Boolean(
        string="From Month-End",
        help="The delay counts from the last day of the event's month; a number of "
        "months leads to the last day of a month.",
    )
    each = fields.Boolean(
        string="Each Time",
        help="Falls due bit by bit with each delivery or each invoice, in proportion, "
        "instead of as a whole after the last one.",
    )
    deposit_deduction = fields.Selection(
        [("pro_rata", "In proportion"), ("last", "From the last batch")],
        string="Deposit Deducted",
        required=True,
        default="pro_rata",
        help="Of a term that falls due each time: whether the deposit is deducted "
        "from every batch in proportion, or the first batches are due in full and the "
        "last ones are covered by the deposit.",
    )
    alt_event_type_id = fields.Many2one(
        "contract.event.type",
        string="Or After",
        ondelete="restrict",
        help="A second event: the earlier of the two days counts.",
    )
    alt_delay = fields.Integer(string="Second Delay")
    alt_delay_unit = fields.Selection(
        DELAY_UNITS, string="Second Unit", required=True, default="day"
    )

    _delay_positive = models.Constraint(
        "CHECK (delay >= 0 AND alt_delay >= 0)",
        "A term can't fall due before the event that it waits for: the delay must "
        "be zero or more.",
    )

    @api.constrains("due_mode", "event_type_id", "each", "alt_event_type_id")
    def _check_event(self):
        for record in self:
            if record.due_mode == "event" and not record.event_type_id:
                raise ValidationError(
                    self.env._(
                        "“%(term)s” falls due after an event: choose the event.",
                        term=record.display_name,
                    )
                )
            if record.each and record.event_type_id.source not in EACH_SOURCES:
                raise ValidationError(
                    self.env._(
                        "“%(term)s” can fall due each time only after deliveries, "
                        "their receipt or B/L date, invoices, or the month-end of "
                        "deliveries.",
                        term=record.display_name,
                    )
                )
            if record.each and record.alt_event_type_id:
                raise ValidationError(
                    self.env._(
                        "“%(term)s” falls due each time: it can't have a second "
                        "event as well.",
                        term=record.display_name,
                    )
                )

    @api.onchange("event_type_id")
    def _onchange_event_type_id(self):
        if self.event_type_id.source not in EACH_SOURCES:
            self.each = False

    @api.model
    def _due_field_names(self):
        """The fields that a template hands to the terms it fills."""
        due = self.env["contract.due.mixin"]._fields
        return [name for name in due if due[name].store and name != "id"]

    def _due_description(self):
        """Say in the user's language when the promise falls due."""
        self.ensure_one()
        if self.due_mode == "date":
            return ""
        text = self._due_phrase(self.event_type_id, self.delay, self.delay_unit)
        if self.alt_event_type_id:
            text = self.env._(
                "%(first)s or %(second)s, whichever is earlier",
                first=text,
                second=self._due_phrase(
                    self.alt_event_type_id, self.alt_delay, self.alt_delay_unit
                ),
            )
        return text

    def _due_phrase(self, event_type, delay, unit):
        event = event_type.name or ""
        if self.from_month_end and event_type == self.event_type_id:
            event = self.env._("month-end of %(event)s", event=event)
        if not delay:
            return self.env._("at %(event)s", event=event)
        if unit == "month":
            return self.env._(
                "%(number)s months after %(event)s", number=delay, event=event
            )
        if unit == "workday":
            return self.env._(
                "%(number)s working days after %(event)s", number=delay, event=event
            )
        return self.env._("%(number)s days after %(event)s", number=delay, event=event)
