from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_list

from ...tools.guard import is_unguarded, unguarded

FIGURES = ("delivered", "invoiced", "received", "adjusted", "receivable", "overdue")

LATE = ("overdue", "short")

CONFIRM = "contract_tracking.mail_activity_tracking_record"


class ContractTrackingRecord(models.Model):
    """附表1 Contract Tracking Record: a dated look at a contract, or at a frame
    agreement and its call-offs (D9 §6.1).

    It freezes the terms as of its report date, in the contract's currency and the
    lines' units; people add the summary, what was coordinated, and the next steps.
    Confirmed it is evidence: corrected by voiding it and writing a linked copy.
    """

    _name = "contract.tracking.record"
    _inherit = ["contract.form.mixin", "contract.void.mixin", "contract.facts.source"]
    _description = "Contract Tracking Record"
    _order = "date desc, id desc"
    _contract_columns = ("draft", "confirmed")
    _contract_form = ("QR-XS-01", "A/0", "GZ")
    _correction_fields = (
        "order_id", "frame_id", "date", "user_id", "summary", "coordination",
        "coordination_content", "next_steps", "next_date", "proposed_summary",
        "proposed_next_steps", "words_lang",
    )  # fmt: skip

    state = fields.Selection(
        [("draft", "To confirm"), ("confirmed", "Confirmed"), ("void", "Void")],
        default="draft",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
        group_expand="_contract_expand_states",
    )
    line_ids = fields.One2many(
        "contract.tracking.record.line", "record_id", string="Terms", readonly=True
    )
    summary = fields.Text(
        string="Summary of Deviations",
        help="What departs from the contract's terms. Proposed from the facts.",
    )
    coordination = fields.Text(
        string="Coordination Description",
        help="Whom you talked to about it and what came of it.",
    )
    coordination_content = fields.Text(
        help="What was asked of whom: requests and suggestions.",
    )
    next_steps = fields.Text(help="What is done next, by whom, until when.")
    proposed_summary = fields.Text(
        readonly=True, translate=True, help="What the facts say."
    )
    proposed_next_steps = fields.Text(
        readonly=True, translate=True, help="What the facts ask for."
    )
    words_lang = fields.Char(string="Language of the Words", readonly=True)
    words_differ = fields.Boolean(
        string="Words to Read Again",
        readonly=True,
        help="The facts changed after somebody edited the words.",
    )
    next_date = fields.Date(
        string="Next Follow-Up",
        help="On this day the owner is asked for the next record.",
    )
    has_changes = fields.Boolean(
        string="Something Changed",
        readonly=True,
        help="A status or a figure differs from the record before.",
    )
    late_count = fields.Integer(
        string="Late Terms",
        readonly=True,
        help="Terms past their due date and not, or not fully, fulfilled on the report "
        "date.",
    )
    confirmed_by_id = fields.Many2one("res.users", readonly=True)
    confirmed_on = fields.Datetime(readonly=True)
    replaces_id = fields.Many2one(
        "contract.tracking.record",
        string="Corrects",
        readonly=True,
        index="btree_not_null",
        ondelete="restrict",
    )
    replaced_by_ids = fields.One2many(
        "contract.tracking.record", "replaces_id", string="Corrected By", readonly=True
    )
    log_ids = fields.Many2many(
        "contract.tracking.record", string="Earlier Records", compute="_compute_log_ids"
    )
    # As of the report date: names and figures of that day, kept as text and numbers.
    buyer_name = fields.Char(string="Buyer", readonly=True)
    consignee_name = fields.Char(string="Consignee", readonly=True)
    customer_ref = fields.Char(string="Customer's Contract No.", readonly=True)
    signing_date = fields.Date(string="Signed", readonly=True)
    effective_date = fields.Date(string="In Effect Since", readonly=True)
    end_date = fields.Date(string="Ends On", readonly=True)
    payment_terms = fields.Char(readonly=True)
    owner_name = fields.Char(string="Contract Owner", readonly=True)
    supervisor_name = fields.Char(string="Performance Supervisor", readonly=True)
    office_head_name = fields.Char(string="Head of Office", readonly=True)
    business_head_name = fields.Char(string="Head of Business Office", readonly=True)
    amount_total = fields.Monetary(
        string="Agreed Total",
        readonly=True,
        help="What was agreed on the report date, taxes included, in the contract's "
        "currency.",
    )
    delivered = fields.Monetary(
        readonly=True,
        help="Up to the report date: what left for the customer minus what came back "
        "to be credited, at agreed prices with taxes.",
    )
    invoiced = fields.Monetary(
        readonly=True,
        help="Up to the report date: customer invoices minus credit notes, without "
        "down payments.",
    )
    received = fields.Monetary(
        readonly=True,
        help="Up to the report date: money claimed for the contract or reconciled with "
        "its invoices, refunds subtracted.",
    )
    adjusted = fields.Monetary(
        readonly=True,
        help="Up to the report date: what closed the receivable without being money.",
    )
    receivable = fields.Monetary(
        readonly=True,
        help="Invoiced − received − adjusted. Negative: paid in advance.",
    )
    overdue = fields.Monetary(
        string="Overdue Amount",
        readonly=True,
        help="Fell due before the report date and was not paid on it.",
    )

    _draft_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'draft'",
        "This contract already has a tracking record to confirm: go on with that one.",
    )
    _frame_draft_uniq = models.UniqueIndex(
        "(frame_id) WHERE state = 'draft' AND frame_id IS NOT NULL",
        "This frame agreement already has a tracking record to confirm: go on with "
        "that one.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("order_id", "frame_id", "date")
    def _compute_log_ids(self):
        earlier = self.search(
            Domain("state", "=", "confirmed")
            & (
                Domain("order_id", "in", self.order_id.ids)
                | Domain("frame_id", "in", self.frame_id.ids)
            ),
            order="date, id",
        ).grouped(lambda record: record._contract_parent())
        for record in self:
            parent = record._contract_parent()._origin
            record.log_ids = earlier.get(parent, self.browse()).filtered(
                lambda r, this=record: (
                    (r.date, r.id)
                    < (this.date or r.date, this._origin.id or float("inf"))
                )
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        # a draft that was just confirmed makes place for the next one
        self.flush_model(["order_id", "frame_id", "state"])
        records = super().create(vals_list)
        records._refresh()
        records._propose()
        records._sync_activities()
        return records

    def write(self, vals):
        res = super().write(vals)
        if not is_unguarded(self):
            if {"summary", "next_steps"} & vals.keys():
                unguarded(self).write({"words_differ": False})
            if "date" in vals:
                self._refresh()
                self._propose()
            if "user_id" in vals:
                self._sync_activities()
        return res

    def _files_settled_on(self):
        return super()._files_settled_on() or self.confirmed_on

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if any(record.state != "draft" for record in self):
            raise UserError(
                self.env._("A confirmed tracking record can't be deleted, only voided.")
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Read the facts again and propose the texts anew."""
        self.check_access("write")
        self._contract_check_state("draft")
        self._refresh()
        words = ("summary", "next_steps", "proposed_summary", "proposed_next_steps")
        unguarded(self).write(
            {**dict.fromkeys(words, False), "words_lang": False, "words_differ": False}
        )
        self._propose()

    def action_confirm(self):
        """Freeze the record as of its report date and schedule the next one.

        Where the facts changed under words that somebody wrote, and he hasn't seen it
        yet, the record shows it and waits for another confirmation.
        """
        self.check_access("write")
        self._contract_check_state("draft")
        self._refresh()
        seen = self.filtered("words_differ")
        self._propose()
        unseen = self.filtered("words_differ") - seen
        (self - unseen)._confirm()
        self._sync_activities()
        if not unseen:
            return True
        return self._open_notice(
            self.env._(
                "%(records)s: the facts changed after the words were written. Correct "
                "the words, or confirm again to keep them.",
                records=format_list(self.env, unseen.mapped("name")),
            ),
            warning=True,
        )

    def action_confirm_unchanged(self):
        """Confirm those of the selection where nothing changed; the others stay."""
        self.check_access("write")
        drafts = self.filtered(lambda record: record.state == "draft")
        drafts._refresh()
        drafts._propose()
        unchanged = drafts.filtered(
            lambda record: not record.has_changes and not record.words_differ
        )
        unchanged._confirm()
        unchanged._sync_activities()
        left = len(drafts) - len(unchanged)
        return self._open_notice(
            self.env._(
                "%(done)d confirmed; %(left)d need a look because something changed.",
                done=len(unchanged),
                left=left,
            ),
            warning=bool(left),
        )

    def _check_frozen(self, content):
        if any(record.state != "draft" for record in self):
            raise UserError(
                self.env._(
                    "A confirmed tracking record can't be changed. Void it with a "
                    "reason and write a corrected copy."
                )
            )
        if content & {"order_id", "frame_id"}:
            raise UserError(self._frozen_message())

    def _frozen_message(self):
        return self.env._(
            "The facts of a tracking record are read from the system; they can't be "
            "written."
        )

    @api.model
    def _draft_of(self, parent):
        """The record to confirm of a contract or frame agreement, if there is one."""
        return self.search(
            [(parent._contract_parent_field, "=", parent.id), ("state", "=", "draft")]
        )

    @api.model
    def _open_draft(self, parent):
        """Open the record to confirm of a contract or frame agreement, a new one if
        there is none."""
        parent.ensure_one()
        parent.check_access("read")
        record = self._draft_of(parent) or self.create(parent._contract_part_vals())
        return record._open_form()

    def _void_copy(self):
        draft = self._draft_of(self._contract_parent())
        if draft.replaces_id:
            raise UserError(
                self.env._(
                    "Confirm the draft that corrects %(record)s first.",
                    record=draft.replaces_id.display_name,
                )
            )
        if draft:
            unguarded(draft).replaces_id = self
        return draft or super()._void_copy()

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "confirmed": {"draft": None},
            "void": {"confirmed": None},
        }

    def _proposed_next_date(self):
        self.ensure_one()
        order = self.order_id.sudo()
        if not order or not order._contract_is_open():
            return False
        return order._contract_regular_record_date(
            self.date, late=bool(self.late_count)
        )

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {CONFIRM}

    def _activities_wanted(self):
        """Who has a record to confirm has one activity, nobody else has any."""
        wanted = super()._activities_wanted()
        if self.state == "draft":
            wanted.append({"xmlid": CONFIRM, "user": self.user_id, "day": self.date})
        return wanted

    def _activities_gone(self, activities):
        """A record that is confirmed says who did it."""
        kind = self._activity_kinds()[CONFIRM]
        records = self.browse(activities.mapped("res_id"))
        ended = set(records.filtered(lambda r: r.state != "draft").ids)
        done = activities.filtered(
            lambda a: a.activity_type_id == kind and a.res_id in ended
        )
        done.action_feedback()
        return super()._activities_gone(activities - done)

    @api.model
    def _handover_domain(self, user):
        """Records that this person is to confirm."""
        return Domain("user_id", "=", user.id) & Domain("state", "=", "draft")

    def _refresh(self):
        """Read heads, terms and figures as of the report dates, a date as a set."""
        Facts = self.env["contract.facts"]
        Line = unguarded(self.sudo()).line_ids
        # first, as core forgets everything that it has read when something is deleted
        Line.unlink()
        rows = []
        for date, records in self.grouped("date").items():
            figures, call_offs = records._read_figures(date)
            before = self.browse().union(*(record.log_ids[-1:] for record in records))
            before.line_ids.mapped("status")  # read at once, to compare with
            terms, invoices = {}, {}
            if orders := records.order_id.sudo():
                terms |= Facts._read_terms(orders, date)
                invoices = Facts._read_invoices(orders, date)
            if frames := records.frame_id.sudo():
                frame_facts = self.env[frames._contract_facts_model]
                terms |= frame_facts._read_terms(frames, date)
            for record in records._in_words_lang():
                figure = figures[record]
                lines = record.line_ids._prepare_lines(
                    record, terms, invoices, call_offs
                )
                unguarded(record.sudo()).write(
                    {
                        **record._head_values(),
                        **{name: figure.get(name) or 0 for name in FIGURES},
                        "amount_total": figure.get("total") or 0,
                        "late_count": sum(vals["status"] in LATE for vals in lines),
                        "has_changes": record._is_changed(figure, lines),
                    }
                )
                rows += [{"record_id": record.id, **vals} for vals in lines]
        Line.create(rows)

    def _confirm(self):
        """Freeze the records, whose facts were just read, and schedule the next."""
        now = fields.Datetime.now()
        days = self.grouped(lambda r: r.next_date or r._proposed_next_date())
        for day, records in days.items():
            unguarded(records).write(
                {
                    "state": "confirmed",
                    "next_date": day,
                    "confirmed_by_id": self.env.uid,
                    "confirmed_on": now,
                }
            )
            orders = unguarded(records.order_id.sudo())
            orders.write({"contract_next_record_date": day})

    def _read_figures(self, date):
        """The figures of the contracts and frame agreements as of a day, by record, and
        the call-offs that those of frame agreements add up."""
        figures = call_offs = sums = {}
        if orders := self.order_id.sudo():
            figures = self.env["contract.facts"]._read_orders(orders, date)
        if frames := self.frame_id.sudo():
            call_offs = frames._read_call_offs(date)
            sums = frames._sum_call_offs(call_offs, date)
        return {
            record: sums.get(record.frame_id.id) or figures.get(record.order_id.id, {})
            for record in self
        }, call_offs

    def _in_words_lang(self):
        """The records one by one, in the language in which each was begun."""
        for record in self:
            yield record.with_context(lang=record.words_lang or self.env.lang)

    def _head_values(self):
        """Names and days of the contract or the frame agreement today."""
        self.ensure_one()
        parent = self._contract_parent().sudo()
        order, frame = self.order_id.sudo(), self.frame_id.sudo()  # one of them
        schedule = order.contract_schedule_template_id or frame.schedule_template_id
        business_office = parent.company_id.contract_business_office_id
        return {
            "partner_name": parent.partner_id.commercial_partner_id.name,
            "buyer_name": (order.contract_buyer_id or parent.partner_id).display_name,
            "consignee_name": order.partner_shipping_id.display_name,
            "contract_no": order.contract_number or frame.name,
            "customer_ref": order.client_order_ref or frame.client_ref,
            "signing_date": order.contract_signing_date or frame.signing_date,
            "effective_date": order.contract_effective_date or frame.effective_date,
            "end_date": order.contract_end_date or frame.date_end,
            "payment_terms": schedule.name or parent.payment_term_id.name,
            "owner_name": (order.contract_owner_id or frame.owner_id).name,
            "supervisor_name": (
                order.contract_supervisor_id or frame.supervisor_id
            ).name,
            "office_head_name": parent.team_id.user_id.name,
            "business_head_name": business_office.head_id.name,
        }

    def _is_changed(self, figure, lines):
        """Whether a figure or a status differs from the last confirmed record."""
        self.ensure_one()
        last = self.log_ids[-1:]
        now = {(vals["term_id"], vals["order_id"], vals["status"]) for vals in lines}
        before = {
            (line.term_id.id, line.order_id.id, line.status) for line in last.line_ids
        }
        return (
            not last
            or now != before
            or any(
                self.currency_id.compare_amounts(figure.get(name) or 0, last[name])
                for name in FIGURES
            )
        )
