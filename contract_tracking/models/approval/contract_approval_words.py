from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_datetime, format_list

from ...tools.guard import guarded
from ...tools.windows import form_window
from ...tools.words import choice


class ContractApprovalMixin(models.AbstractModel):
    """What people see of an approval: how it stands, why a step isn't possible,
    messages in the reader's language, notes in the chatter, buttons and windows."""

    _inherit = "contract.approval.mixin"

    # ------------------------------------------------------------------
    # How it stands
    # ------------------------------------------------------------------

    @api.model
    def _outcomes(self):
        """Every way to approve: key and label."""
        # a tuple's key would be read as a term to translate
        labels = {
            "accept": self.env._("Approved"),
            "accept_changed": self.env._("Approved with changes"),
        }
        return list(labels.items())

    def _approval_describe(self):
        """One sentence: who is to decide, or what was decided."""
        self.ensure_one()
        steps = self._approval_round_steps()
        provisional = steps.filtered(lambda s: s.oral_state == "provisional")
        if provisional:
            return self.env._(
                "Decided orally, to be confirmed by %(users)s by %(time)s.",
                users=format_list(self.env, provisional.mapped("user_name")),
                time=format_datetime(
                    self.env, min(provisional.mapped("oral_deadline"))
                ),
            )
        if self.approval_state == "pending":
            pending = self._approval_pending()
            day = min(pending.mapped("date_deadline"), default=False)
            return self.env._(
                "To be decided by %(users)s, by %(date)s.",
                users=format_list(self.env, pending.mapped("user_name")),
                date=format_date(self.env, day) or "–",
            )
        return False

    def _approval_not_pending(self):
        """Why the user has nothing to decide here."""
        self.ensure_one()
        last = self.sudo().step_ids.filtered("decided_on").sorted("decided_on")[-1:]
        if self.approval_state != "pending" and last:
            return self.env._(
                "%(document)s is decided already: %(user)s, %(decision)s.",
                document=self.display_name,
                user=last.decided_by_name,
                decision=last.decision_text,
            )
        if self.approval_state != "pending":
            return self.env._(
                "%(document)s is not waiting for a decision.",
                document=self.display_name,
            )
        if not self._approval_may_decide(self.env.user):
            return self.env._(
                "You can't decide on %(document)s: you ask for the decision yourself, "
                "or had a part in the document.",
                document=self.display_name,
            )
        return self.env._(
            "%(document)s doesn't wait for you. %(hint)s",
            document=self.display_name,
            hint=self.approval_hint or "",
        ).strip()

    def _approval_nobody(self, line):
        return self.env._(
            "Nobody can decide step “%(step)s” of the approval rule “%(rule)s”: there "
            "is nobody but who asks. An administrator of contracts (%(admins)s) can "
            "name somebody, or give somebody the role.",
            step=line.name,
            rule=line.rule_id.name,
            admins=line.rule_id._administrators(self.company_id),
        )

    def _approval_require_comment(self, comment):
        if not isinstance(comment, str) or not comment.strip():
            raise UserError(
                self.env._("Say why in a comment: it stands with your decision.")
            )

    # ------------------------------------------------------------------
    # Messages and notes
    # ------------------------------------------------------------------

    def _approval_notify(self, users, text):
        """Send users a message about the document, each in his language.

        :param text: a function of an environment that returns the message
        """
        self.ensure_one()
        document = guarded(self)
        for lang, group in users.grouped("lang").items():
            env = document.with_context(lang=lang).env
            body = text(env)
            document.with_env(env).message_notify(
                partner_ids=group.partner_id.ids, body=body, subject=body
            )

    def _approval_tell_requester(self):
        """The documents left their approvers: who asked for the decision is told."""
        for document in self:
            document._approval_notify(
                (document.submitted_by_id | document._approval_requester())
                - self.env.user,
                lambda env, d=document: env._(
                    "%(document)s: %(decision)s.",
                    document=d.display_name,
                    decision=choice(d.with_env(env), "approval_state"),
                ),
            )

    def _approval_log(self, steps, user=None):
        """Note in the chatter of each document what was decided, or to whom it was
        transferred."""
        self._note(
            {
                res_id: self._approval_decision_note(group[0], user)
                for res_id, group in steps.grouped("res_id").items()
            }
        )

    @api.model
    def _approval_decision_note(self, step, user):
        comment = step.comment or ""
        if step.oral:
            return self.env._(
                "%(recorder)s recorded an oral decision of %(user)s: %(decision)s. "
                "%(comment)s",
                recorder=step.oral_by_name,
                user=step.user_name,
                decision=step.decision_text,
                comment=comment,
            ).strip()
        if user:
            return self.env._(
                "%(user)s transferred the decision to %(other)s. %(comment)s",
                user=step.decided_by_name,
                other=user.name,
                comment=comment,
            ).strip()
        return self.env._(
            "%(user)s: %(decision)s. %(comment)s",
            user=step.decided_by_name,
            decision=step.decision_text,
            comment=comment,
        ).strip()

    def _approval_log_answer(self, confirmed, comment):
        """Note in the chatter what an approver says of his oral decision."""
        name = self.env.user.name
        text = (
            self.env._(
                "%(user)s confirmed his oral decision. %(comment)s",
                user=name,
                comment=comment or "",
            ).strip()
            if confirmed
            else self.env._(
                "%(user)s denied the oral decision: %(comment)s",
                user=name,
                comment=comment or "–",
            )
        )
        self._note(dict.fromkeys(self.ids, text))

    # ------------------------------------------------------------------
    # Buttons and windows
    # ------------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Put the buttons of the approval into every form and list of the document."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in ("form", "list") and self._approval_kind:
            template = f"contract_tracking.approval_{view_type}_buttons"
            buttons = self.env["ir.ui.view"].sudo()._get_template_view(template)
            header = arch.find("header")
            if header is None:
                header = arch.makeelement("header", {})
                arch.insert(0, header)
            header[:0] = buttons._get_combined_arch()
        return arch, view

    def action_open_refuse(self):
        """Open the window in which the user says why he refuses."""
        return self._approval_wizard("refuse")

    def action_open_return(self):
        """Open the window in which the user says what is to be revised."""
        return self._approval_wizard("return")

    def action_open_decide(self):
        """Open the window of the further ways to decide: with changes, transfer, add an
        approver, inform."""
        return self._approval_wizard("approve")

    def action_open_oral(self):
        """Open the window that records what an approver decided on the phone."""
        return self._approval_wizard("oral")

    def _form_step(self, step):
        return self._form_words(step.name, step.line_id)

    def _approval_signed(self, *blank):
        """Rows of :meth:`_approval_signatures`: who decided, in their order; before
        anybody did, ``blank`` says who is to, by hand."""
        self.ensure_one()
        steps = self.sudo()._approval_round_steps()
        decided = steps.filtered(lambda s: s.state in ("approved", "refused"))
        return [
            (self._form_step(step), step)
            for step in decided.sorted(lambda s: (s.sequence, s.decided_on, s.id))
        ] or [(title, steps.browse()) for title in blank]

    def _approval_signatures(self, title, rows):
        """The signatures of a printed form: who submitted, then who decided.

        :param title: what who submitted is called
        :param rows: pairs of a title and its step; without one it is signed by hand
        """
        document = self.sudo()
        submitted = document.approval_round and document.submitted_on
        return [
            {
                "title": title,
                "name": (submitted and document.submitted_by_id.name) or "",
                "date": self._form_day(submitted) or "",
            },
            *(
                {
                    "title": role,
                    "name": step.decided_by_name or "",
                    "date": self._form_day(step.decided_on) or "",
                }
                for role, step in rows
            ),
        ]

    def _approval_wizard(self, verb):
        """Open the window that asks for what a step needs."""
        return self._decision_window(
            verb, [self], {"res_model": self._name, "res_ids": self.ids}
        )

    @api.model
    def _decision_window(self, verb, documents, values):
        """The window of a decision on documents, a list by model; its title says what
        is decided on which."""
        count = sum(map(len, documents))
        names = (
            self.env._("%(count)s documents", count=count)
            if count > 1
            else "".join(document.display_name for document in documents)
        )
        match verb:
            case "refuse":
                title = self.env._("Refuse %(documents)s", documents=names)
            case "return":
                title = self.env._("Return %(documents)s", documents=names)
            case _:
                title = self.env._("Decide on %(documents)s", documents=names)
        return form_window("contract.decision", title, {**values, "verb": verb})
