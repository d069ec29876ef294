from odoo import fields, models
from odoo.exceptions import UserError

from .contract_coordination import MAX_STAGE, OPEN_STATES
from .contract_guard import guarded, unguarded


class ContractCoordination(models.Model):
    """The life of a coordination document: sent, replied, closed, voided. Who may
    write it may send it; what became of it is decided by its sender or the business
    office."""

    _inherit = "contract.coordination"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_send(self):
        """Send it to its recipients; with outside ones, show their letters first.

        :raise UserError: if it can't be sent as it is; the message says why
        """
        self.ensure_one()
        self.check_access("write")
        self._check_send()
        if self.has_outside:
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Send"),
                "res_model": "contract.coordination.send",
                "view_mode": "form",
                "target": "new",
                "context": {"default_coordination_id": self.id},
            }
        self._send()
        return True

    def action_reply(self):
        """Open the window in which the user answers in his own line.

        :raise UserError: if the document isn't to him
        """
        self.ensure_one()
        self.check_access("read")
        lines = self.reply_ids.filtered(
            lambda line: not line.supplement_of_id and line._is_recipient(self.env.user)
        )
        line = lines.filtered(lambda ln: ln.state == "waiting")[:1] or lines[:1]
        if not line:
            raise UserError(self.env._("This document doesn't ask you."))
        return line.action_reply()

    def action_open_contract(self):
        """Open the contract or the frame agreement of the document."""
        self.ensure_one()
        return self._contract_parent()._contract_form_action()

    def action_close(self):
        """Close it with the outcome, when all have replied or their time is over.

        :raise UserError: without outcome, or while replies may still come
        """
        self._check_state(*OPEN_STATES)
        self._check_sender()
        for document in self:
            if not (document.outcome or "").strip():
                raise UserError(
                    self.env._(
                        "Write down under “Coordination Outcome” what was agreed "
                        "before you close %(document)s.",
                        document=document.name,
                    )
                )
            waiting = document.sudo().reply_ids.filtered(
                lambda line: line.state == "waiting"
            )
            for line in waiting:
                if not line.is_late:
                    raise UserError(
                        self.env._(
                            "%(recipient)s still has time to reply, until %(date)s.",
                            recipient=line.name,
                            date=line._form_date(line.date_deadline),
                        )
                    )
            unguarded(waiting).write({"state": "silent"})
            unguarded(document).write(
                {
                    "state": "closed",
                    "closed_on": fields.Datetime.now(),
                    "closed_by_id": self.env.uid,
                }
            )
        self._activity_update()
        return True

    def action_void(self):
        """Open the wizard that asks why the document is void."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void Document"),
            "res_model": "contract.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_coordination_id": self.id,
                "default_step": "void_coordination",
            },
        }

    def action_next_stage(self):
        """Write the next stage of a payment reminder that was sent, or open it.

        :return: the window with the next reminder, a draft with the same recipients
        """
        self.ensure_one()
        self._check_state("sent", "replied", "closed")
        self.check_access("write")
        successor = self.successor_ids.filtered(lambda d: d.state != "void")
        if not successor:
            if self.kind != "reminder" or self.stage >= MAX_STAGE:
                raise UserError(
                    self.env._("Only payment reminders have stages, three of them.")
                )
            successor = guarded(
                unguarded(self).create(
                    {
                        **self._copy_vals(),
                        "stage": self.stage + 1,
                        "predecessor_id": self.id,
                        "user_id": self.env.uid,
                    }
                )
            )
        return successor._form_action()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _send(self):
        """Freeze names and send: activities to internal recipients, the letter to
        outside ones, a message to who gets a copy."""
        self.ensure_one()
        self.check_access("write")
        self._check_send()
        self._mark_sent()
        self._send_letters()
        self._tell_copies()
        (self | self.predecessor_id)._activity_update()

    def _mark_sent(self):
        """Freeze the names; from now on the recipients are waited for."""
        self._freeze_names()
        for line in unguarded(self.sudo()).reply_ids:
            line.write(
                {
                    "name": line._recipient().display_name,
                    "email": line.partner_id.email_normalized,
                    "state": "waiting" if line.role == "to" else "informed",
                }
            )
        unguarded(self).write(
            {
                "state": "sent",
                "sent_on": fields.Datetime.now(),
                "sent_by_id": self.env.uid,
            }
        )

    def _check_send(self):
        """Raise if the document can't be sent as it is."""
        self._check_state("draft")
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if parent.state in ("cancel", "cancelled") or (
            self.order_id and parent.contract_state == "cancelled"
        ):
            raise UserError(
                self.env._(
                    "%(contract)s is cancelled: there is nothing to coordinate.",
                    contract=parent.display_name,
                )
            )
        lines = self.reply_ids
        if not lines.filtered(lambda line: line.role == "to"):
            raise UserError(
                self.env._("Add at least one main recipient who is to answer.")
            )
        today = parent._contract_today()
        for line in lines:
            if line.role == "to" and not line.date_deadline:
                raise UserError(self.env._("Set until when you want the replies."))
            if line.role == "to" and line.date_deadline < today:
                raise UserError(
                    self.env._(
                        "%(recipient)s can't reply by %(date)s: this day is past.",
                        recipient=line.display_name,
                        date=line._form_date(line.date_deadline),
                    )
                )
            if line.kind == "partner":
                self._check_outside(line)
            else:
                self._check_inside(line)

    def _check_outside(self, line):
        if not line.partner_id.email_normalized:
            raise UserError(
                self.env._(
                    "%(recipient)s has no valid e-mail address: enter it on the "
                    "contact, or remove this recipient.",
                    recipient=line.display_name,
                )
            )
        if not (self.outside_text or line.requests or "").strip():
            raise UserError(
                self.env._(
                    "The letter to %(recipient)s would be empty: write the text for "
                    "outside recipients or his requests. The summary, description "
                    "and requests of the document are internal.",
                    recipient=line.display_name,
                )
            )

    def _check_inside(self, line):
        """Who is asked must be able to open the document: said now, not found later."""
        user = line._responsible_user()
        if not user:
            raise UserError(
                self.env._(
                    "%(department)s has neither a head nor members: nobody would "
                    "answer.",
                    department=line.display_name,
                )
            )
        if not user.active or user.share or self.company_id not in user.company_ids:
            raise UserError(
                self.env._(
                    "%(user)s is no active user of %(company)s.",
                    user=user.name,
                    company=self.company_id.sudo().name,
                )
            )
        if not user.has_group("contract_tracking.group_contract_reader"):
            role = self.env.ref("contract_tracking.group_contract_user").sudo()
            raise UserError(
                self.env._(
                    "%(user)s has no role in contract tracking and couldn't read the "
                    "document. An administrator gives the role “%(role)s” under "
                    "Settings / Users.",
                    user=user.name,
                    role=role.display_name,
                )
            )

    def _replied(self, line):
        """A reply was recorded: tell the sender, and move on with the last one."""
        self.ensure_one()
        document = unguarded(self.sudo())
        missing = document.reply_ids.filtered(lambda ln: ln.state == "waiting")
        if document.state == "sent" and not missing:
            document.state = "replied"
        author = self.env.user.partner_id
        document._message_log(
            body=self.env._(
                "%(recipient)s replied (%(name)s).",
                recipient=line.name,
                name=line.answered_by_name,
            ),
            author_id=author.id,
        )
        document._activity_update()

    def _void(self, reason):
        """Void what was sent with a reason; return a linked draft to correct it."""
        self.ensure_one()
        self._check_state("sent", "replied", "closed")
        self._check_sender()
        if not (reason or "").strip():
            raise UserError(self.env._("Voiding a document needs a reason."))
        unguarded(self).write({"state": "void", "void_reason": reason})
        # the copy may be the same stage after the same reminder
        self.flush_recordset(["state"])
        self._message_log(body=self.env._("Void: %(reason)s", reason=reason))
        self._activity_update()
        values = {
            **self._copy_vals(),
            "replaces_id": self.id,
            "stage": self.stage,
            "predecessor_id": self.predecessor_id.id,
        }
        return guarded(unguarded(self).create(values))

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for document in self:
            if document.state not in states:
                raise UserError(
                    self.env._(
                        "%(document)s is “%(state)s”: this is possible only for "
                        "documents that are “%(states)s”.",
                        document=document.name,
                        state=labels[document.state],
                        states="”, “".join(labels[state] for state in states),
                    )
                )

    def _form_action(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }
