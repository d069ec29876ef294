from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

from .contract_guard import guarded, unguarded

REMINDER = "contract_tracking.mail_activity_frame_expiry"


class ContractFrame(models.Model):
    """How a frame agreement comes to life and ends.

    draft → active → closed (and back), cancelled from draft or active. Every step is
    dated in the history; its reason stands in the chatter as well.
    """

    _inherit = "contract.frame"

    reminded_on = fields.Date(
        copy=False,
        readonly=True,
        help="The day on which the owner was reminded of the end; once a frame "
        "agreement, again if its end moves.",
    )
    successor_id = fields.Many2one(
        "contract.frame",
        string="Renewed By",
        compute="_compute_successor_id",
        help="The frame agreement of the next period.",
    )
    is_expiring = fields.Boolean(
        string="Expiring",
        compute="_compute_expiry",
        search="_search_is_expiring",
        help="In effect and about to end.",
    )
    is_expired = fields.Boolean(
        string="Expired",
        compute="_compute_expiry",
        search="_search_is_expired",
        help="In effect although its validity is over: renew or close it.",
    )

    @api.depends("successor_ids.state")
    def _compute_successor_id(self):
        for frame in self:
            frame.successor_id = frame.successor_ids.filtered(
                lambda f: f.state != "cancelled"
            )[:1]

    @api.depends("state", "date_end", "company_id")
    def _compute_expiry(self):
        for frame in self:
            frame.is_expiring = frame.is_expired = False
            if frame.state == "active" and frame.date_end:
                today = frame._contract_today()
                frame.is_expired = frame.date_end < today
                frame.is_expiring = (
                    not frame.is_expired
                    and frame.date_end <= today + frame._reminder_delay()
                )

    def _search_is_expiring(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._expiry_domain(
            lambda today, delay: [
                ("date_end", ">=", today),
                ("date_end", "<=", today + delay),
            ]
        )

    def _search_is_expired(self, operator, value):
        if operator != "in":
            return NotImplemented
        return self._expiry_domain(lambda today, delay: [("date_end", "<", today)])

    @api.model
    def _expiry_domain(self, dates, companies=None):
        """A domain of frames in effect by their end, each company by its own day."""
        domain = Domain.FALSE
        for company in companies or self.env["res.company"].sudo().search([]):
            frame = self.new({"company_id": company.id})
            domain |= Domain("company_id", "=", company.id) & Domain(
                dates(frame._contract_today(), frame._reminder_delay())
            )
        return domain & Domain("state", "=", "active")

    def _reminder_delay(self):
        return relativedelta(days=self.company_id.sudo().contract_frame_reminder_days)

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def action_activate(self):
        """Put the frame agreements into effect: what was agreed is fixed.

        :raise UserError: if the user is neither its owner nor of the business office,
            or if something of the agreement is missing
        """
        self.check_access("write")
        business = self.env.user.has_group("contract_tracking.group_contract_business")
        for frame in self:
            if not business and frame.owner_id != self.env.user:
                raise UserError(
                    self.env._(
                        "%(frame)s is put into effect by its owner or by the business "
                        "office.",
                        frame=frame.display_name,
                    )
                )
        for frame in self.sudo():
            frame._check_state(("draft",))
            frame._check_complete()
            frame._set_state("active", effective_date=frame._contract_today())
            frame.term_ids._stamp()

    def action_frame_reason(self):
        """Open the wizard for a step that needs a reason; the context names it."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reason"),
            "res_model": "contract.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_frame_id": self.id,
                "default_step": self.env.context.get("contract_step"),
            },
        }

    @api.model
    def _next_states(self):
        """``{step: (states it starts from, state it leads to)}`` of guarded steps."""
        return {
            "close": (("active",), "closed"),
            "reopen": (("closed",), "active"),
            "cancel_frame": (("draft", "active"), "cancelled"),
        }

    def _step(self, step, reason):
        """Take a guarded step with a reason.

        :param step: a key of :meth:`_next_states`
        :raise UserError: without authority or reason, or from a wrong state
        """
        self._contract_check_business_office()
        if not (reason or "").strip():
            raise UserError(self.env._("This step needs a reason."))
        sources, target = self._next_states()[step]
        for frame in self.sudo():
            frame._check_state(sources)
            if target == "cancelled":
                frame._check_cancel()
            frame._set_state(target, reason)
            if target != "active":
                frame.activity_unlink([REMINDER])
            frame.message_post(
                body=self.env._(
                    "%(state)s: %(reason)s",
                    state=frame._state_label(),
                    reason=reason,
                )
            )

    def _check_state(self, states):
        self.ensure_one()
        if self.state not in states:
            raise UserError(
                self.env._(
                    "%(frame)s is “%(state)s”: this step isn't possible any more.",
                    frame=self.display_name,
                    state=self._state_label(),
                )
            )

    def _check_complete(self):
        """What a frame agreement must say before it takes effect."""
        self.ensure_one()
        if not (self.date_start and self.date_end):
            raise UserError(
                self.env._(
                    "%(frame)s has no validity: enter from when and until when orders "
                    "can be called off.",
                    frame=self.display_name,
                )
            )
        if not (self.line_ids or self.amount_total):
            raise UserError(
                self.env._(
                    "%(frame)s agrees on nothing: enter products or an agreed total.",
                    frame=self.display_name,
                )
            )
        payments = self.term_ids.filtered(lambda t: t.kind == "payment")
        if payments.filtered("percent") and not self.amount_total:
            raise UserError(
                self.env._(
                    "%(frame)s has payment terms in percent: enter the agreed total.",
                    frame=self.display_name,
                )
            )
        amount = sum(vals["amount"] for vals in payments._agreed_vals().values())
        if (
            self.amount_total
            and self.currency_id.compare_amounts(amount, self.amount_total) > 0
        ):
            raise UserError(
                self.env._(
                    "The payment terms of %(frame)s add up to %(terms)s, more than the "
                    "agreed total of %(total)s.",
                    frame=self.display_name,
                    terms=format_amount(self.env, amount, self.currency_id),
                    total=format_amount(self.env, self.amount_total, self.currency_id),
                )
            )

    def _check_cancel(self):
        orders = self.order_ids.filtered(lambda o: o.state == "sale")
        if orders:
            raise UserError(
                self.env._(
                    "%(frame)s has confirmed call-offs: %(orders)s. Close it instead "
                    "of cancelling it.",
                    frame=self.display_name,
                    orders=", ".join(orders.mapped("display_name")),
                )
            )

    def _set_state(self, state, reason=False, **values):
        self.ensure_one()
        row = {
            "frame_id": self.id,
            "kind": "state",
            "name": self._contract_label("state"),
            "old_value": self.state,
            "new_value": state,
            "reason": reason,
        }
        unguarded(self).write({"state": state, **values})
        self.env["contract.history"]._log([row])

    def _state_label(self):
        self.ensure_one()
        field = self._fields["state"]
        return dict(field._description_selection(self.env)).get(self.state)

    # ------------------------------------------------------------------
    # Renewal
    # ------------------------------------------------------------------

    def action_renew(self):
        """Open the frame agreement that renews this one, for the next period.

        It is made as a copy in preparation: the validity moved on, lines, templates
        and terms as agreed, not in effect.
        """
        self.ensure_one()
        self.check_access("write")
        self.sudo()._check_state(("active", "closed"))
        return (self.successor_id or self._renew())._contract_form_action()

    def _renew(self):
        self.ensure_one()
        day = relativedelta(days=1)
        start = self.date_end + day
        period = relativedelta(start, self.date_start)
        successor = self.copy(
            {
                "predecessor_id": self.id,
                "date_start": start,
                "date_end": start + period - day,
            }
        )
        terms = self.sudo().term_ids.filtered(
            lambda t: not t.waived_on and not t.valid_to
        )
        values = []
        for term, vals in zip(terms, terms.copy_data(), strict=True):
            values.append(
                {
                    **vals,
                    "frame_id": successor.id,
                    "date_fixed": term.date_fixed and term.date_fixed + period,
                }
            )
        guarded(unguarded(self.env["contract.term"].sudo()).create(values))
        self.sudo().activity_unlink([REMINDER])
        return successor

    # ------------------------------------------------------------------
    # Reminder
    # ------------------------------------------------------------------

    @api.model
    def _cron_remind_expiry(self, batch=500):
        """Remind the owners of frames in effect that end soon, once a frame.

        Restartable: it finds by itself what is left.
        """
        due = self.sudo().search(
            Domain("reminded_on", "=", False)
            & self._expiry_domain(
                lambda today, delay: [("date_end", "<=", today + delay)]
            ),
            order="date_end, id",
        )
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(due))
        for start in range(0, len(due), batch):
            chunk = due[start : start + batch]
            chunk._remind_expiry()
            if not cron._commit_progress(len(chunk)):
                break

    def _remind_expiry(self):
        """Give each owner an activity a frame, due on the last day of the frame."""
        quick = self.with_context(mail_activity_quick_update=True)
        for (user, date_end), frames in quick.grouped(
            lambda f: (f.owner_id or f.team_id.user_id or f.create_uid, f.date_end)
        ).items():
            frames = frames.filtered(lambda f: not f.successor_id)
            frames.with_context(lang=user.lang).activity_schedule(
                REMINDER,
                user_id=user.id,
                date_deadline=date_end,
                note=self.env._(
                    "Valid until %(date)s: renew or close it.",
                    date=format_date(self.env, date_end, lang_code=user.lang),
                ),
            )
        for frames in self.grouped("company_id").values():
            unguarded(frames).write({"reminded_on": frames[:1]._contract_today()})

    # ------------------------------------------------------------------
    # Screens
    # ------------------------------------------------------------------

    def action_view_call_offs(self):
        """Open the call-offs of the frame agreement."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "contract_tracking.contract_frame_call_off_action"
        )
        action.update(
            domain=[("contract_frame_id", "=", self.id)],
            context={"create": False},
        )
        return action
