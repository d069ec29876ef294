from textwrap import shorten

from odoo import Command, fields, models
from odoo.exceptions import UserError

from .contract_deviation_action import PLANNING_STATES
from .contract_evidence import own_attachments
from .contract_guard import unguarded


class ContractCoordinationReply(models.Model):
    """How a recipient's reply comes in: written by himself, recorded by the sender, or
    taken over from an e-mail; and what follows from it."""

    _inherit = "contract.coordination.reply"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_reply(self):
        """Open the window in which the recipient answers, or the sender records what
        an outside recipient answered on paper or on the phone."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reply"),
            "res_model": "contract.coordination.answer",
            "view_mode": "form",
            "target": "new",
            "context": {"default_line_id": self.id},
        }

    def action_take_over(self):
        """Take the received e-mail over as the recipient's reply, word for word.

        :raise UserError: if there is none, or the user isn't the sender
        """
        for line in self:
            line.check_access("read")
            line.coordination_id._check_sender()
            message = line.sudo().proposed_message_id
            if not line.proposed_text:
                raise UserError(self.env._("There is no e-mail to take over."))
            text = line.proposed_text
            line._clear_proposal()
            line._record(
                text,
                answered_on=message.date or fields.Datetime.now(),
                answered_by_name=message.email_from or line.name,
                attachment_ids=[
                    Command.set([file.copy(line._file_vals()).id for file in files])
                ]
                if (files := message.attachment_ids)
                else [],
                reply_message_id=message.id,
            )
        return True

    def action_dismiss(self):
        """The received e-mail is not a reply (an automatic answer, a question): it
        stays in the chatter only."""
        for line in self:
            line.check_access("read")
            line.coordination_id._check_sender()
            line._clear_proposal()
        return True

    def action_create_action(self):
        """Open a new action of the document's deviation: what this reply promises.

        :raise UserError: if the document is about no deviation that still plans
        """
        self.ensure_one()
        self.check_access("read")
        deviation = self.coordination_id.deviation_ids.filtered(
            lambda deviation: deviation.state in PLANNING_STATES
        )[:1]
        if not deviation:
            raise UserError(
                self.env._(
                    "No deviation of this document plans actions (any more): it is "
                    "decided or closed."
                )
            )
        user = self.sudo().answered_by_id
        if not self._is_recipient(user):
            user = self.env.user
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Create Action"),
            "res_model": "contract.deviation.action",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_deviation_id": deviation.id,
                "default_name": shorten(self.reply_text or "", 120, placeholder="…"),
                "default_user_id": user.id,
                "default_department_id": self.department_id.id,
            },
        }

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _reply(self, text, attachments):
        """Record the answer of a recipient, by himself; for outside ones by the sender.

        :raise UserError: without text, for somebody else, or when it is not open
        """
        self.ensure_one()
        self.check_access("read")
        line = self.sudo()
        if line.coordination_id.state not in ("sent", "replied"):
            raise UserError(
                self.env._(
                    "%(document)s doesn't wait for replies (any more).",
                    document=line.coordination_id.name,
                )
            )
        if not self._may_reply():
            raise UserError(
                self.env._(
                    "Only %(recipient)s can give this reply.", recipient=line.name
                )
                if line.kind != "partner"
                else self.env._(
                    "What %(recipient)s replied is recorded by the sender.",
                    recipient=line.name,
                )
            )
        if not (text or "").strip():
            raise UserError(self.env._("A reply says something: write it down."))
        attachments.check_access("read")
        user = self.env.user
        name = user.name
        if line.kind == "partner":
            name = self.env._(
                "%(recipient)s (recorded by %(user)s)",
                recipient=line.name,
                user=user.name,
            )
        self._record(
            text,
            answered_on=fields.Datetime.now(),
            answered_by_name=name,
            attachment_ids=[Command.set(attachments.ids)],
        )

    def _record(self, text, **values):
        """Write the answer down: on the line, or on a supplementary one."""
        self.ensure_one()
        line = unguarded(self.sudo())
        document = line.coordination_id
        # Two recipients who answer at once would each see the other one missing: the
        # second one meets this row, fails, and is tried again.
        document.last_reply_on = fields.Datetime.now()
        document.flush_recordset(["last_reply_on"])
        values.update(reply_text=text, state="answered", answered_by_id=self.env.uid)
        first = line.supplement_of_id or line
        if first.state in ("waiting", "informed"):
            first.write(values)
            answered = first
        else:
            answered = line.create(
                {**first._supplement_vals(), "supplement_of_id": first.id, **values}
            )
        own_attachments(answered)
        document._replied(answered)

    def _supplement_vals(self):
        return {
            "coordination_id": self.coordination_id.id,
            "sequence": self.sequence,
            "role": self.role,
            "name": self.name,
            "email": self.email,
            "date_deadline": self.date_deadline,
            **self._recipient_vals(),
        }

    def _copy_vals(self):
        return {
            "sequence": self.sequence,
            "role": self.role,
            "requests": self.requests,
            **self._recipient_vals(),
        }

    def _recipient_vals(self):
        return {
            "kind": self.kind,
            "department_id": self.department_id.id,
            "user_id": self.user_id.id,
            "partner_id": self.partner_id.id,
        }

    def _file_vals(self):
        return {"res_model": self._name, "res_id": self.id}

    def _clear_proposal(self):
        unguarded(self.sudo()).write(
            {"proposed_text": False, "proposed_message_id": False}
        )
