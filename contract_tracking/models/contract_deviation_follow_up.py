from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .contract_deviation import OPEN_STATES
from .contract_guard import guarded, unguarded

ANALYSE = "contract_tracking.mail_activity_deviation_analyse"
ACTION = "contract_tracking.mail_activity_deviation_action"
REPORT = "contract_tracking.mail_activity_deviation_report"
VERIFY = "contract_tracking.mail_activity_deviation_verify"
ESCALATED = "contract_tracking.mail_activity_deviation_escalated"
TYPES = (ANALYSE, ACTION, REPORT, VERIFY, ESCALATED)


class ContractDeviation(models.Model):
    """Who is asked for the next step of a deviation, by when, and what happens if he
    doesn't take it. The result is due so many days after the execution's end (D9 §3.3:
    five); all days are those of the company."""

    _inherit = "contract.deviation"

    action_ids = fields.One2many(
        "contract.deviation.action", "deviation_id", string="Actions"
    )
    execution_end = fields.Date(
        compute="_compute_execution_end",
        store=True,
        compute_sudo=True,
        help="The day of the last action; of the decision where there are no actions.",
    )
    date_deadline = fields.Date(
        string="Next Deadline",
        compute="_compute_date_deadline",
        store=True,
        compute_sudo=True,
        index="btree_not_null",
        help="By when the next step is to be taken: analysed, executed, reported, "
        "verified.",
    )
    reminded_on = fields.Date(readonly=True, copy=False)
    escalated_on = fields.Date(readonly=True, copy=False)

    @api.depends("decided_on", "sent_back_on", "action_ids.state", "action_ids.done_on")
    def _compute_execution_end(self):
        for deviation in self:
            actions = deviation.action_ids
            if not deviation.decided_on or "open" in actions.mapped("state"):
                deviation.execution_end = False
                continue
            done = actions.filtered(lambda a: a.state == "done").mapped("done_on")
            day = deviation._contract_parent()._contract_day(deviation.decided_on)
            back = deviation.sent_back_on
            deviation.execution_end = max([day, *done, *([back] if back else [])])

    @api.depends(
        "state", "date", "execution_end", "reported_on",
        "action_ids.state", "action_ids.date_deadline",
    )  # fmt: skip
    def _compute_date_deadline(self):
        for deviation in self:
            company = deviation.company_id or self.env.company
            step = timedelta(days=company.contract_deviation_step_days)
            day = False
            if deviation.state in ("detected", "analysed"):
                day = deviation.date and deviation.date + step
            elif deviation.state == "executing" and deviation.execution_end:
                day = deviation.execution_end + timedelta(
                    days=company.contract_deviation_report_days
                )
            elif deviation.state == "executing":
                opened = deviation.action_ids.filtered(lambda a: a.state == "open")
                day = min(opened.mapped("date_deadline"), default=False)
            elif deviation.state == "reported" and deviation.reported_on:
                parent = deviation._contract_parent()
                day = parent._contract_day(deviation.reported_on) + step
            deviation.date_deadline = day

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _activity_update(self):
        """The one writer of the deviations' activities, from their state, as a set:
        what somebody is to do, nothing else. Marking one as done takes no step."""
        deviations = guarded(self.sudo())
        types = {xmlid: self.env.ref(xmlid) for xmlid in TYPES}
        present = {}
        for activity in deviations.env["mail.activity"].search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "in", [kind.id for kind in types.values()]),
            ]
        ):
            key = (
                activity.activity_type_id,
                activity.res_id,
                activity.user_id,
                activity.summary,
                activity.date_deadline,
            )
            present[key] = activity
        wanted = {}
        model_id = self.env["ir.model"]._get_id(self._name)
        for deviation in deviations:
            for xmlid, user, day, what in deviation._activities_wanted():
                kind = types[xmlid]
                if not user.active:
                    continue
                summary = kind.with_context(lang=user.lang).summary
                if what:
                    summary = f"{summary}: {what}"
                key = (kind, deviation.id, user, summary, day)
                wanted[key] = {
                    "activity_type_id": kind.id,
                    "summary": summary,
                    "automated": True,
                    "res_model_id": model_id,
                    "res_id": deviation.id,
                    "user_id": user.id,
                    "date_deadline": day,
                }
        Activity = deviations.env["mail.activity"].with_context(
            mail_activity_quick_update=True
        )
        Activity.browse(
            activity.id for key, activity in present.items() if key not in wanted
        ).unlink()
        Activity.create(
            [values for key, values in wanted.items() if key not in present]
        )

    def _activities_wanted(self):
        """What people are to do now: type, user, day, and which action."""
        self.ensure_one()
        if self.lead_id or self.state not in OPEN_STATES or self.state == "submitted":
            return []
        opened = self.action_ids.filtered(lambda a: a.state == "open")
        day = self.date_deadline
        if self.state == "executing" and opened:
            wanted = [(ACTION, a.user_id, a.date_deadline, a.name) for a in opened]
        elif self.state == "executing":
            wanted = [(REPORT, self.user_id, day, False)]
        elif self.state == "reported":
            wanted = [(VERIFY, self._verifier(), day, False)]
        else:
            wanted = [(ANALYSE, self.user_id, day, False)]
        if self.escalated_on:
            for head in self._escalation_users(self.user_id):
                wanted.append((ESCALATED, head, self.escalated_on, False))
        for action in opened if self.state == "executing" else ():
            if action.escalated_on:
                for head in self._escalation_users(action.user_id):
                    wanted.append((ESCALATED, head, action.escalated_on, action.name))
        return wanted

    def _verifier(self):
        """Who is asked to verify: the contract's supervisor, the head of the office, of
        the business office, or somebody of it; nobody who had a part in it."""
        self.ensure_one()
        parent = self._contract_parent()
        company = self.company_id
        executors = self._executors()
        users = (
            self._supervisor()
            | parent.team_id.user_id
            | company.contract_business_office_id.head_id
        ) - executors
        users = users.filtered("active")
        if not users:
            group = self.env.ref("contract_tracking.group_contract_business")
            users = group.all_user_ids.filtered(
                lambda u: (
                    u.active
                    and not u.share
                    and u not in executors
                    and u != self.env.ref("base.user_root")
                    and company in u.company_ids
                )
            ).sorted("id")
        return users[:1]

    def _escalation_users(self, late):
        """Who hears that ``late`` doesn't do his part: the head of the office and the
        head of the business office."""
        self.ensure_one()
        heads = (
            self._contract_parent().team_id.user_id
            | self.company_id.contract_business_office_id.head_id
        )
        return heads.filtered("active") - late

    # ------------------------------------------------------------------
    # Scheduled
    # ------------------------------------------------------------------

    @api.model
    def _cron_follow_up(self, batch=200):
        """Remind of overdue steps and actions once, escalate them once.

        Restartable: it finds by itself what is left.
        """
        todo = []
        for company in self.env["res.company"].sudo().search([]):
            today = fields.Date.context_today(self.with_context(tz=company.contract_tz))
            delay = timedelta(days=company.contract_deviation_step_days)
            for model, domain in (
                (self, self._follow_up_domain()),
                (
                    self.env["contract.deviation.action"],
                    Domain("state", "=", "open")
                    & Domain("deviation_id.state", "=", "executing")
                    & Domain("deviation_id.lead_id", "=", False),
                ),
            ):
                records = model.sudo()
                domain &= Domain("company_id", "=", company.id)
                for fname, day in (
                    ("reminded_on", today),
                    ("escalated_on", today - delay),
                ):
                    late = records.search(
                        domain
                        & Domain("date_deadline", "<", day)
                        & Domain(fname, "=", False),
                        order="date_deadline, id",
                    )
                    todo.append((late, fname, today))
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=sum(len(late) for late, _f, _t in todo))
        for late, fname, today in todo:
            for start in range(0, len(late), batch):
                chunk = late[start : start + batch]
                unguarded(chunk).write({fname: today})
                if fname == "reminded_on":
                    chunk._remind()
                else:
                    chunk._escalated()
                if not cron._commit_progress(len(chunk)):
                    return

    @api.model
    def _follow_up_domain(self):
        """Deviations whose own step is waited for: not those with open actions."""
        return Domain("lead_id", "=", False) & (
            Domain("state", "in", ("detected", "analysed", "reported"))
            | (Domain("state", "=", "executing") & Domain("execution_end", "!=", False))
        )

    def _remind(self):
        """Tell who is to take the next step that it is overdue."""
        for deviation in self:
            user = (
                deviation._verifier()
                if deviation.state == "reported"
                else deviation.user_id
            )
            deviation._remind_user(
                user, deviation.date_deadline, deviation.display_name
            )

    def _remind_user(self, user, day, name):
        self.ensure_one()
        if not user.active:
            return
        deviation = guarded(self.sudo()).with_context(lang=user.lang)
        deviation.message_notify(
            partner_ids=user.partner_id.ids,
            subject=deviation.display_name,
            body=deviation.env._(
                "%(name)s has been overdue since %(date)s.",
                name=name,
                date=fields.Date.to_string(day),
            ),
        )

    def _escalated(self):
        self._activity_update()


class ContractDeviationAction(models.Model):
    _inherit = "contract.deviation.action"

    def _remind(self):
        """Tell the owners that their actions are overdue."""
        for action in self:
            action.deviation_id._remind_user(
                action.user_id, action.date_deadline, action.name
            )

    def _escalated(self):
        self.deviation_id._activity_update()
