import logging

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ...tools.batches import in_batches
from ...tools.guard import guarded, unguarded
from .contract_termination import NOTICE, UNILATERAL

_logger = logging.getLogger(__name__)

FORCE = "contract_tracking.mail_activity_termination"
RESUME = "contract_tracking.mail_activity_suspension_ends"


class ContractTermination(models.Model):
    """What brings a suspension or termination from step to step: the decision, the
    notice, its coming into force, and a contract that goes on."""

    _inherit = "contract.termination"

    # ------------------------------------------------------------------
    # The decision
    # ------------------------------------------------------------------

    def _approval_amount(self):
        """What is at stake is the contract."""
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if self.order_id:
            agreed = parent.contract_agreed_amount
            return agreed or parent.amount_total, self.currency_id
        return parent.amount_total, self.currency_id

    def _approval_open_fields(self):
        """The consent and the notice follow the decision."""
        return super()._approval_open_fields() | {"consent_id", *NOTICE}

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
        for record in self:
            record._check_ready()
        return super()._approval_check_submit()

    def _approval_may_record_oral(self, step, user):
        """A decision that can be denied tomorrow can't end a contract today."""
        return False

    def _approval_submitted(self):
        self._assess()
        for record in self:
            record.write({"state": "submitted", **record._names_vals()})
        return super()._approval_submitted()

    def _approval_approved(self):
        self.write({"state": "approved"})
        return super()._approval_approved()

    def _approval_returned(self):
        if any(record.state in ("noticed", "done", "ended") for record in self):
            raise UserError(
                self.env._(
                    "The customer was told already, or it is in force: void the "
                    "document, or let the contract go on."
                )
            )
        return super()._approval_returned()

    def _check_ready(self):
        """Raise if the document can't be decided as it is written."""
        self.ensure_one()
        self._check_running()
        if not self.basis:
            raise UserError(
                self.env._(
                    "Nothing ends or is suspended without a basis: choose the legal "
                    "basis of %(document)s, and the paper that proves it.",
                    document=self.display_name,
                )
            )
        if not (self.reason or "").strip():
            raise UserError(self.env._("Say why in words: they are kept as evidence."))
        if self.is_unilateral:
            self._check_unilateral()
        if not self.is_unilateral and self.basis == "agreed":
            return
        if not self.document_id.sudo().attachment_ids:
            raise UserError(
                self.env._(
                    "File the paper that proves “%(basis)s” on the contract, with its "
                    "scan, and choose it here.",
                    basis=self._form_label("basis"),
                )
            )

    def _check_running(self):
        """Raise if the contract can't be suspended or ended."""
        parent = self._contract_parent().sudo()
        if not parent._contract_is_open():
            raise UserError(
                self.env._(
                    "%(contract)s is “%(state)s”: only a contract in effect is "
                    "suspended or ends.",
                    contract=parent.display_name,
                    state=parent._contract_state_label(),
                )
            )
        state = parent[parent._contract_state_field]
        if self.kind == "suspend" and state != "active":
            raise UserError(
                self.env._(
                    "%(contract)s is suspended already.", contract=parent.display_name
                )
            )

    def _check_unilateral(self):
        """Raise if one side alone can't do it."""
        if self.basis not in UNILATERAL:
            raise UserError(self._basis_message())
        if not self.clause_id and not (self.legal_reference or "").strip():
            raise UserError(
                self.env._(
                    "A notice of one side rests on a clause of the contract or on the "
                    "law: choose the clause, or write down which law."
                )
            )
        if not (self.notice_text or "").strip():
            raise UserError(
                self.env._("Write the text of the notice: it is what is decided on.")
            )
        if self.dates_move:
            raise UserError(
                self.env._(
                    "Days move with a suspension if both sides agreed: file their "
                    "consent instead of a notice of one side."
                )
            )

    # ------------------------------------------------------------------
    # The notice
    # ------------------------------------------------------------------

    def _check_notice(self):
        """Raise if it isn't proved that the customer got the notice."""
        self.ensure_one()
        proved = self.notice_document_id.sudo().attachment_ids
        if not (self.notice_date and self.notice_means and proved):
            raise UserError(
                self.env._(
                    "Enter on which day and how the notice was delivered, and choose "
                    "the proof of it that is filed on the contract with its scan."
                )
            )
        steps = self.sudo()._approval_round_steps()
        decided = list(filter(None, steps.mapped("decided_on")))
        approved = decided and self._contract_parent()._contract_day(max(decided))
        if approved and self.notice_date < approved:
            raise UserError(
                self.env._(
                    "The notice was approved on %(date)s: it can't have been delivered "
                    "before.",
                    date=format_date(self.env, approved),
                )
            )

    def _missing(self):
        """What it needs before it can be put into force: sentences."""
        self.ensure_one()
        today = self._contract_parent().sudo()._contract_today()
        texts = []
        if self.is_unilateral:
            if self.state != "noticed":
                texts.append(
                    self.env._(
                        "The notice is to be delivered to the customer: enter when and "
                        "how, and its proof, then press Notice Delivered."
                    )
                )
            elif self.date_objection and self.date_objection >= today:
                texts.append(
                    self.env._(
                        "The customer may object until %(date)s.",
                        date=format_date(self.env, self.date_objection),
                    )
                )
        elif not self.consent_id.sudo().attachment_ids:
            texts.append(
                self.env._(
                    "The consent of both sides is missing: file the paper that both "
                    "signed on the contract, with its scan, and choose it here."
                )
            )
        elif refusal := self.consent_id.sudo()._consent_refusal():
            texts.append(refusal)
        if self.date_from > today:
            texts.append(
                self.env._(
                    "It comes into force on %(date)s.",
                    date=format_date(self.env, self.date_from),
                )
            )
        return texts

    # ------------------------------------------------------------------
    # In force
    # ------------------------------------------------------------------

    def _put_in_force(self):
        """Suspend or end the contract.

        :raise UserError: if something is missing, or a delivery can't be cancelled
        """
        self.ensure_one()
        record = self._approval_lock()
        record.invalidate_recordset(["state"])
        record._contract_check_state("approved", "noticed")
        if missing := record._missing():
            raise UserError("\n".join(missing))
        record._check_running()
        parent = record._contract_parent()
        today = parent._contract_today()
        record.write({"state": "done", "in_force_on": today})
        if record.kind == "suspend":
            parent._contract_follow(record, "suspended")
            if record.dates_move and record.order_id:
                held = parent._contract_hold_days(record.reason)
                record.write({"held_ids": [Command.set(held.ids)]})
        else:
            record._cancel_deliveries()
            ended = "terminated" if record.order_id else "closed"
            parent._contract_follow(record, ended)
        record._sync_activities()
        if record.kind == "terminate":
            guarded(record)._ended()

    def _ended(self):
        """The contract ended: what else follows from that."""

    def _kept_pickings(self):
        """The deliveries that are made all the same, if they are open still, with what
        came of them since they were chosen."""
        self.ensure_one()
        rows = self.sudo().delivery_ids
        kept = rows.filtered(lambda d: d.choice == "keep").picking_id
        others = rows.picking_id - kept
        return self._open_pickings().filtered(
            lambda p: p not in others and p._contract_origins() & kept
        )

    def _cancel_deliveries(self):
        """Cancel what hasn't left, but what is delivered all the same.

        :raise UserError: naming the deliveries that are packed already
        """
        self.ensure_one()
        pickings = self._open_pickings() - self._kept_pickings()
        begun = pickings.filtered(
            lambda p: any(
                line.picked or line.result_package_id for line in p.move_line_ids
            )
        )
        if begun:
            raise UserError(
                self.env._(
                    "%(deliveries)s is picked or packed already. Unpack it, or let "
                    "the termination be returned and choose to deliver it all the "
                    "same.",
                    deliveries=format_list(self.env, begun.mapped("display_name")),
                )
            )
        guarded(pickings).action_cancel()

    # ------------------------------------------------------------------
    # The contract goes on
    # ------------------------------------------------------------------

    def _resume(self, reason):
        """Let the contract go on, with a reason.

        :raise UserError: without authority, or if it isn't suspended by this document
        """
        self._contract_begin("ended")
        parent = self._contract_parent().sudo()
        parent._contract_check_state("suspended")
        parent._contract_follow(self, "active", reason)

    def _prolong(self, reason, date=False):
        """Let the suspension in force last until another day, with a reason.

        :raise UserError: without authority, or for a day that is past
        """
        self._check_prolong()
        if not date or date < self._contract_parent().sudo()._contract_today():
            raise UserError(
                self.env._(
                    "Enter until which day the suspension is to last: today or later."
                )
            )
        unguarded(self.sudo()).write({"date_resume": date})
        self.message_post(body=self.env._("Planned end moved: %(why)s", why=reason))

    def _check_prolong(self):
        """Check that the user may move the planned end of the suspension."""
        self.ensure_one()
        self.check_access("read")
        self._contract_check_state("done")
        self._contract_check_refusal("_refuse_resume")

    def _resumed(self, reason):
        """The contract goes on: what waited gets its day."""
        for record in unguarded(self.sudo()):
            parent = record._contract_parent()
            today = parent._contract_today()
            days = (today - record.in_force_on).days
            record.write(
                {
                    "state": "ended",
                    "resumed_on": today,
                    "suspended_days": days,
                    "outcome": reason,
                }
            )
            parent._contract_resume_days(record.held_ids, days, reason)
            if record.dates_move:
                parent._contract_move_deliveries(record.in_force_on, days)
            record._sync_activities()

    # ------------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {FORCE, RESUME}

    def _activities_wanted(self):
        wanted = super()._activities_wanted()
        today = self._contract_parent().sudo()._contract_today()
        if self.state in ("approved", "noticed"):
            day = max(filter(None, (self.date_from, self.date_objection)))
            if self.is_unilateral and self.state == "approved":
                day = today
            wanted.append(
                {"xmlid": FORCE, "user": self.user_id, "day": day, "keep": True}
            )
        if self.state == "done" and self.kind == "suspend" and self.date_resume:
            wanted.append(
                {"xmlid": RESUME, "user": self.user_id, "day": self.date_resume}
            )
        return wanted

    def write(self, vals):
        res = super().write(vals)
        if "date_resume" in vals:
            self.filtered(lambda r: r.state == "done")._sync_activities()
        return res

    def _void(self, reason):
        res = super()._void(reason)
        self._sync_activities()
        return res

    @api.model
    def _cron_put_in_force(self):
        """Put into force what everything stands of, from its day on."""
        due = self.sudo().search(
            Domain("state", "in", ("approved", "noticed"))
            & self.env["res.company"]._contract_day_domain("date_from", "<=")
        )
        for records in in_batches(due.filtered(lambda r: not r._missing()), 50):
            for record in records:
                try:
                    with self.env.cr.savepoint():
                        record._put_in_force()
                except UserError as error:
                    record._tell_held(str(error))
                except Exception:
                    # the others don't wait for what nobody foresaw of one
                    _logger.exception("%s isn't put into force", record.display_name)

    def _tell_held(self, text):
        """Say once a day in the document why it isn't in force."""
        self.ensure_one()
        self.message_post(
            body=self.env._("It couldn't be put into force: %(why)s", why=text)
        )
