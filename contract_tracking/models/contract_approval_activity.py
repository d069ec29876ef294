from odoo import api, models

from .contract_guard import guarded, unguarded

DECIDE = "contract_tracking.mail_activity_decide"
CONFIRM = "contract_tracking.mail_activity_confirm_oral"


class ContractApprovalMixin(models.AbstractModel):
    """How approvers and requesters hear of a document: activities that are written from
    its steps alone, messages, and the buttons of its views."""

    _inherit = "contract.approval.mixin"

    def _approval_activity_update(self):
        """The one writer of approval activities: one for each user who is to decide or
        to confirm, none for anybody else. As a set."""
        Activity = unguarded(self.env["mail.activity"].sudo())
        types = {
            self.env.ref(xmlid): (domain, fname)
            for xmlid, domain, fname in (
                (DECIDE, [("state", "=", "pending")], "date_deadline"),
                (CONFIRM, [("oral_state", "=", "provisional")], "oral_deadline"),
            )
        }
        present = Activity.search(
            [
                ("res_model", "=", self._name),
                ("res_id", "in", self.ids),
                ("activity_type_id", "in", [kind.id for kind in types]),
            ]
        )
        keys = {(a.activity_type_id, a.res_id, a.user_id): a for a in present}
        model_id = self.env["ir.model"]._get_id(self._name)
        Step = self.env["contract.approval.step"].sudo()
        wanted, values = set(), []
        for kind, (domain, fname) in types.items():
            steps = Step.search(
                [("res_model", "=", self._name), ("res_id", "in", self.ids), *domain]
            )
            for step in steps:
                key = (kind, step.res_id, step.user_id)
                if key in wanted:
                    continue
                wanted.add(key)
                if key not in keys:
                    lang = step.user_id.lang
                    values.append(
                        {
                            "activity_type_id": kind.id,
                            "summary": kind.with_context(lang=lang).summary,
                            "automated": True,
                            "res_model_id": model_id,
                            "res_id": step.res_id,
                            "user_id": step.user_id.id,
                            "date_deadline": step[fname],
                        }
                    )
        Activity.browse(a.id for key, a in keys.items() if key not in wanted).unlink()
        Activity.with_context(mail_activity_quick_update=True).create(values)

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

    def _approval_post(self, text):
        """Note in the chatter what was done."""
        self.ensure_one()
        guarded(self).message_post(body=text(self.env))

    def _approval_log(self, step, user=None):
        """Note a decision in the chatter."""
        who = step.decided_by_name
        if step.oral:
            self._approval_post(
                lambda env: env._(
                    "%(recorder)s recorded an oral decision of %(user)s: %(decision)s. "
                    "%(comment)s",
                    recorder=step.oral_by_name,
                    user=step.user_name,
                    decision=step.decision_text,
                    comment=step.comment or "",
                )
            )
        elif user:
            self._approval_post(
                lambda env: env._(
                    "%(user)s transferred the decision to %(other)s. %(comment)s",
                    user=who,
                    other=user.name,
                    comment=step.comment or "",
                )
            )
        else:
            self._approval_post(
                lambda env: env._(
                    "%(user)s: %(decision)s. %(comment)s",
                    user=who,
                    decision=step.decision_text,
                    comment=step.comment or "",
                )
            )

    def _approval_tell_requester(self):
        """The document left its approvers: who asked for the decision is told."""
        self.ensure_one()
        users = (self.submitted_by_id | self._approval_requester()) - self.env.user
        labels = self._fields["approval_state"]
        self._approval_notify(
            users,
            lambda env: env._(
                "%(document)s: %(decision)s.",
                document=self.display_name,
                decision=dict(labels._description_selection(env))[self.approval_state],
            ),
        )

    # ------------------------------------------------------------------
    # Views and windows
    # ------------------------------------------------------------------

    @api.model
    def _get_view(self, view_id=None, view_type="form", **options):
        """Put the buttons of the approval into every form and list of the document."""
        arch, view = super()._get_view(view_id, view_type, **options)
        if view_type in ("form", "list") and self._approval_kind:
            self._approval_add_buttons(arch, view_type)
        return arch, view

    @api.model
    def _approval_add_buttons(self, arch, view_type):
        template = (
            self.env["ir.ui.view"]
            .sudo()
            ._get_template_view(f"contract_tracking.approval_{view_type}_buttons")
        )
        buttons = template._get_combined_arch()
        headers = arch.xpath("./header")
        if not headers:
            header = arch.makeelement("header", {})
            arch.insert(0, header)
            headers = [header]
        for position, node in enumerate(buttons):
            headers[0].insert(position, node)

    def _approval_wizard(self, verb):
        """Open the window that asks for what a step needs."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Decision"),
            "res_model": "contract.decision",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_res_model": self._name,
                "default_res_ids": self.ids,
                "default_verb": verb,
            },
        }

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
