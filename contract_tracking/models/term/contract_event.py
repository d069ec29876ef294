from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from .contract_event_type import RECORDED


class ContractEvent(models.Model):
    """A dated event of a contract or of a frame agreement, with its evidence (drawings
    confirmed, goods ready, acceptance, …). Terms that hang on it fall due from its
    date.

    Dates are days in the company's time zone. Serves D7 §1 and D9 §6.4.
    """

    _name = "contract.event"
    _inherit = [
        "contract.part.mixin",
        "contract.facts.source",
        "contract.import.mixin",
    ]
    _description = "Contract Event"
    _order = "date desc, id desc"
    _check_company_auto = True
    _contract_days = ("date",)
    _import_above = (
        "order_id", "order_id/id", "order_id/.id",
        "frame_id", "frame_id/id", "frame_id/.id",
    )  # fmt: skip

    type_id = fields.Many2one(
        "contract.event.type",
        string="Event",
        required=True,
        ondelete="restrict",
        domain=[("source", "in", RECORDED)],
    )
    type_source = fields.Selection(related="type_id.source", string="Source")
    date = fields.Date(required=True)
    deemed = fields.Boolean(
        string="Deemed Acceptance",
        help="The customer did not answer in time, so that the goods count as "
        "accepted; he did not accept them himself.",
    )
    note = fields.Char(help="What happened, by whom it was confirmed.")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Evidence",
        bypass_search_access=True,
        help="Signed note, photo, message that proves the date.",
    )

    _type_uniq = models.Constraint(
        "unique(order_id, type_id)",
        "This event is already recorded on the contract: change its date instead.",
    )
    _frame_type_uniq = models.UniqueIndex(
        "(frame_id, type_id) WHERE frame_id IS NOT NULL",
        "This event is already recorded on the frame agreement: change its date "
        "instead.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("type_id", "date")
    def _compute_display_name(self):
        for event in self:
            day = format_date(self.env, event.date)
            event.display_name = f"{event.type_id.name or ''} {day}".strip()

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("type_id")
    def _check_type(self):
        for event in self:
            if event.type_id.source not in RECORDED:
                raise ValidationError(
                    self.env._(
                        "“%(event)s” is read from the system; it can't be recorded "
                        "by hand.",
                        event=event.type_id.name,
                    )
                )

    @api.constrains("type_id", "deemed")
    def _check_deemed(self):
        for event in self:
            if event.deemed and event.type_id.source != "acceptance":
                raise ValidationError(
                    self.env._(
                        "Only an acceptance can be deemed, not “%(event)s”.",
                        event=event.type_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        events = super().create(vals_list)
        events._log_history({}, events._dates())
        return events

    def write(self, vals):
        if {"order_id", "frame_id"} & vals.keys():
            raise UserError(
                self.env._("An event stays with the contract that it happened to.")
            )
        if "type_id" in vals:
            raise UserError(
                self.env._(
                    "Another event is another record: delete this one and record it."
                )
            )
        if "deemed" in vals and any(
            event.deemed != bool(vals["deemed"])
            for event in self
            if event._contract_parent().sudo()._contract_effect_day()
        ):
            raise UserError(
                self.env._(
                    "Whether the customer accepted himself is recorded once: delete "
                    "this event and record it anew."
                )
            )
        before = self._dates()
        res = super().write(vals)
        self._log_history(before, self._dates())
        return res

    def unlink(self):
        self._log_history(self._dates(), {}, self._hand_over_files())
        return super().unlink()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"date"}

    def _contract_past_name(self, fname):
        return self.type_id.name

    def _dates(self):
        return {event: fields.Date.to_string(event.date) for event in self}

    def _files_settled(self, fname):
        """Terms of a contract in effect hang on it."""
        return super()._files_settled(fname) | self.filtered(
            lambda event: event._contract_parent()._contract_effect_day()
        )

    def _log_history(self, before, after, values=None):
        """Note in the history which dates changed: ``{event: its date}``.

        :param values: further values of their rows: ``{event: values}``
        """
        self.env["contract.history"]._log(
            [
                {
                    **event._contract_parent_vals(),
                    "kind": "event",
                    "name": event.type_id.name,
                    "old_value": before.get(event),
                    "new_value": after.get(event),
                    **(values or {}).get(event, {}),
                }
                for event in self
                if before.get(event) != after.get(event)
            ]
        )

    # ------------------------------------------------------------------
    # Import
    # ------------------------------------------------------------------

    @api.model
    def get_import_templates(self):
        """Offer a file with the events of contracts."""
        return [self._import_template(self.env._("Import Template for Events"))]

    @api.model
    def _import_columns(self):
        return ["order_id", "type_id", "date", "deemed", "note"]

    @api.model
    def _import_samples(self):
        drawings = self.env.ref("contract_tracking.event_type_drawings")
        ready = self.env.ref("contract_tracking.event_type_goods_ready")
        return [
            {
                "order_id": "HT2025-0001",
                "type_id": drawings,
                "date": date(2025, 11, 20),
                "note": self.env._("Drawings signed by the customer"),
            },
            {
                "order_id": "HT2025-0001",
                "type_id": ready,
                "date": date(2025, 12, 20),
                "note": self.env._("Notice of readiness"),
            },
        ]

    @api.model
    def _import_rows(self, paths, rows):
        """An event is known by its contract, its kind and its day."""
        messages = super()._import_rows(paths, rows)
        names = ("order_id", "frame_id", "type_id")
        parent, kind = (
            next((p for p in paths if p.split("/")[0] in those), None)
            for those in (names[:2], names[2:])
        )
        if not parent or not kind or "date" not in paths:
            return messages
        fname = parent.split("/")[0]
        columns = [paths.index(path) for path in (parent, kind, "date")]
        contracts, types = (
            {
                text: self._import_record(path, text)
                for text in {row[paths.index(path)] for row in rows}
            }
            for path in (parent, kind)
        )
        events = self.search(
            [
                (fname, "in", self[fname].union(*contracts.values()).ids),
                ("type_id", "in", self.type_id.union(*types.values()).ids),
            ]
        ).grouped(lambda event: (event[fname], event.type_id, str(event.date)))

        def known(row):
            contract, kind_name, day = (row[place] for place in columns)
            key = contracts[contract], types[kind_name], day
            return events.get(key, self.browse())

        self._import_known(paths, rows, known)
        return messages

    @api.model
    def _import_extracted(self, record):
        """Of an event that was recorded already only the note is written."""
        record = super()._import_extracted(record)
        if not record.get(".id"):
            return record
        return {name: record[name] for name in (".id", "note") if record.get(name)}
