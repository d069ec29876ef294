from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools.sql import column_exists, create_column, table_exists

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

# The steps that a payment can be a condition of.
STEPS = [
    ("production", "Production"),
    ("shipment", "Shipment"),
    ("documents", "Release of the Documents"),
]

# What happens bit by bit: a term can fall due each time.
EACH_SOURCES = ("dispatch", "receipt", "bl", "invoice", "statement")


class ContractDueMixin(models.AbstractModel):
    """When a promise falls due: on a date, or a delay after an event, or on the
    earlier of two such days; and which step waits until it is paid. Shared by contract
    terms, schedule templates and re-agreements, which say what ``kind`` of promise it
    is, and a payment of which ``payment_kind``."""

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
    precedes = fields.Selection(
        STEPS,
        string="Must Precede",
        compute="_compute_precedes",
        store=True,
        readonly=False,
        precompute=True,
        help="The step that waits until this payment is there: no production, no "
        "shipment, no release of the documents without it. Proposed from the kind of "
        "the payment and its event; empty: nothing waits for it.",
    )

    _delay_positive = models.Constraint(
        "CHECK (delay >= 0 AND alt_delay >= 0)",
        "A term can't fall due before the event that it waits for: the delay must "
        "be zero or more.",
    )

    def _auto_init(self):
        # nothing of what was agreed before holds a step
        cr = self.env.cr
        if table_exists(cr, self._table) and not column_exists(
            cr, self._table, "precedes"
        ):
            create_column(cr, self._table, "precedes", "varchar")
        return super()._auto_init()

    @api.depends("kind", "payment_kind", "due_mode", "event_type_id")
    def _compute_precedes(self):
        for record in self:
            record.precedes = record.kind == "payment" and record._propose_precedes()

    def _propose_precedes(self):
        """The step that a payment like this usually is a condition of, or False."""
        self.ensure_one()
        event = self.due_mode == "event" and self.event_type_id._origin
        if self.payment_kind == "deposit":
            return "production"
        if not event:
            return self.payment_kind == "shipment" and "shipment"
        if event.source in ("signing", "effect"):
            return "production"
        if event.source == "bl":
            return "documents"
        ready = self.env["ir.model.data"]._xmlid_to_res_id(
            "contract_tracking.event_type_goods_ready"
        )
        return event.id == ready and "shipment"

    @api.constrains("kind", "precedes")
    def _check_precedes(self):
        for record in self:
            if record.precedes and record.kind != "payment":
                raise ValidationError(
                    self.env._(
                        "“%(term)s” is no payment: only a payment can be what a step "
                        "waits for.",
                        term=record.display_name,
                    )
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
