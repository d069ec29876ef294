from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_list

from ...tools.guard import unguarded


class ContractChange(models.Model):
    """What comes after the company's consent: the negotiation, its result, and the
    document that carries it out; and who ends a request (D2 §8, §9)."""

    _inherit = "contract.change"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_negotiate(self):
        """Write down the result of the negotiation: nothing of it changes any more.

        :raise UserError: if something of it is missing
        """
        self._contract_begin("negotiated", "write")
        self._check_result_ready()
        if self.result in ("agreed", "unilateral"):
            self._set_state("negotiated")
        else:
            self._set_state("refused")
        return True

    def action_again(self):
        """Open the window that asks why it is negotiated again."""
        return self._open_reason("again")

    def action_end(self):
        """Open the window that asks why nobody asks for it any more."""
        return self._open_reason("end")

    def action_follow_up(self):
        """Open the document that carries out what was agreed: the one that there is,
        or a new one.

        :raise UserError: if nothing was agreed yet
        """
        self.ensure_one()
        self.check_access("read")
        self._contract_check_state("negotiated", "done")
        running = [
            document
            for document in self._follow_ups()
            if document.state not in ("refused", "void")
        ]
        if running:
            return running[-1].sudo(False)._open_form()
        model = self._follow_up_model().get(self.kind)
        if not model or self.state == "done":
            raise UserError(self.env._("There is no document that carries this out."))
        return self._contract_parent()._contract_new_part_action(
            model, **self._follow_up_values()
        )

    # ------------------------------------------------------------------
    # What carries it out
    # ------------------------------------------------------------------

    @api.model
    def _follow_up_model(self):
        """Which document carries out which kind of request: ``{kind: model}``. Each has
        a field ``change_id`` that names the request, and calls
        :meth:`_follow_up_done` once it is in effect."""
        return {"change": "contract.reagreement"}

    def _follow_up_values(self):
        """Values of a new document that carries this out, beside its contract."""
        self.ensure_one()
        values = {"change_id": self.id}
        if self.kind != "change":
            return {**values, "kind": self.kind}
        consent = self.sudo().consent_id
        if consent.type_id.is_supplement:
            values["document_id"] = consent.id
        return {**values, "reason": self._follow_up_reason()}

    def _follow_up_reason(self):
        """What carries this out says why: what was agreed, or is asked for, and what
        else is to be different of the terms, which has no field of its own there."""
        lines = self.line_ids.filtered("note")
        return "\n".join(
            [
                *filter(None, [self.result_note or self.wish]),
                *(f"{line.term_id.display_name}: {line.note}" for line in lines),
            ]
        )

    def _follow_ups(self):
        """The documents that name this request, the oldest first."""
        self.ensure_one()
        model = self._follow_up_model().get(self.kind)
        if not model:
            return []
        documents = self.env[model].sudo()
        return documents.search([("change_id", "=", self.id)], order="id")

    def _follow_up_done(self):
        """A document that carries these out is in effect."""
        self._set_state("done")

    @api.model
    def _check_follow_up(self, changes):
        """Check that documents may carry out the requests that they name.

        :raise UserError: naming one that isn't agreed, or is carried out already
        """
        for change in changes.sudo():
            if change.state != "negotiated":
                raise UserError(
                    self.env._(
                        "%(change)s is “%(state)s”: it is carried out once both sides "
                        "agreed and the result is recorded on it, and once only.",
                        change=change.display_name,
                        state=change._contract_state_label(),
                    )
                )

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "submitted": {"draft": None},
            "negotiated": {"agreed": None},
            "agreed": {"negotiated": "_refuse_again"},
            "refused": {"draft": None, "agreed": None, "negotiated": "_refuse_again"},
            "void": dict.fromkeys(("agreed", "negotiated", "refused"), "_refuse_void"),
        }

    def _refuse_again(self):
        """Why the user can't go back behind the result, or False: not as long as a
        document that carries it out is being decided or in effect."""
        self.ensure_one()
        going = [
            document.display_name
            for document in self._follow_ups()
            if document.state not in ("draft", "refused", "void")
        ]
        if going:
            return self.env._(
                "%(documents)s carries this request out: withdraw or void it first.",
                documents=format_list(self.env, going),
            )
        if not self.has_access("write"):
            return self.env._(
                "You can read %(document)s, not change it.",
                document=self.display_name,
            )
        return False

    def _refuse_void(self):
        """Why the user can't void it, or False: what the company consented to is taken
        back by the head of the office or the business office."""
        self.ensure_one()
        if self.approval_state == "approved" and not (
            self._contract_parent()._contract_is_head(self.env.user)
        ):
            return self.env._(
                "The company consented to %(document)s: the head of the office or the "
                "business office voids it.",
                document=self.display_name,
            )
        return self._refuse_again()

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "again": self._reason_step(self.env._("Negotiate Again"), "_again"),
            "end": self._reason_step(self.env._("No Longer Asked For"), "_end"),
        }

    def _again(self, reason):
        """Go back to the negotiation: what was agreed came to nothing."""
        self._contract_begin("agreed", "write")
        self._set_state("agreed")
        self._note({self.id: self.env._("Negotiated again: %(reason)s", reason=reason)})

    def _end(self, reason):
        """Nobody asks for it any more."""
        self._contract_begin("refused", "write")
        self._set_state("refused", result="withdrawn", result_note=reason)

    def _set_state(self, state, **values):
        unguarded(self.sudo()).write({"state": state, **values})
        # it may leave its place to another one at once
        self.flush_recordset(["state"])
        self._sync_activities()

    def _check_result_ready(self):
        """
        :raise UserError: naming what is missing of the result
        """
        needed = ["negotiated_on", "result"]
        if self.result in ("agreed", "not_agreed"):
            needed.append("negotiated_with")
        if self.result in ("not_agreed", "unilateral"):
            needed.append("result_note")
        if self.result == "agreed":
            needed.append("consent_id")
        missing = [name for name in needed if not self[name]]
        if missing:
            raise UserError(
                self.env._(
                    "Fill in what came of the negotiation first: %(fields)s.",
                    fields=format_list(
                        self.env,
                        [
                            self._fields[name]._description_string(self.env)
                            for name in missing
                        ],
                    ),
                )
            )
        self._check_consent()
        if self.negotiated_on < self._contract_parent()._contract_day(self.agreed_on):
            raise UserError(
                self.env._(
                    "Nothing is negotiated before the company consented, on %(date)s.",
                    date=self._form_day(self.agreed_on),
                )
            )

    def _check_consent(self):
        """
        :raise UserError: if what is named isn't the signed paper of both sides
        """
        paper = self.sudo().consent_id
        if self.result == "agreed" and (refusal := paper._consent_refusal()):
            raise UserError(refusal)
