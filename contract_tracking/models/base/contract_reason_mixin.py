from odoo import models
from odoo.exceptions import UserError

from ...tools.windows import form_window


class ContractReasonMixin(models.AbstractModel):
    """Steps that need words, which are kept as evidence: one window asks for them all
    (``contract.reason``). The document says which there are (:meth:`_reason_steps`);
    who may take one, and when, is checked by its method."""

    _name = "contract.reason.mixin"
    _description = "Steps with a Reason"

    def _reason_steps(self):
        """The steps of these records that need a reason.

        :return: ``{step: {label, method, args, asks}}``: the name of the step in the
            user's language, the name of the method that takes it, with these arguments
            and the reason, and the fields of the window that it asks for as well:
            ``attachments``, ``user``, ``date``, handed over as keywords of these names,
            with ``labels`` of their own if they need some
        """
        return {}

    def _reason_step(self, label, method, *asks, **labels):
        """A step of :meth:`_reason_steps`."""
        return {"label": label, "method": method, "asks": asks, "labels": labels}

    def _reason_note(self, step):
        """What the window shows above the reason, as text; False for nothing."""
        return False

    def _open_reason(self, step):
        """Open the window that asks for the reason of a step.

        :raise UserError: if these records have no such step
        """
        rule = self._reason_rule(step)
        return form_window(
            "contract.reason",
            rule["label"],
            {"res_model": self._name, "res_ids": self.ids, "step": step},
        )

    def _take_reason_step(self, step, reason, **words):
        """Take a step with its reason.

        :return: what its method returns: a record to open, or nothing
        :raise UserError: without reason, or if these records have no such step
        """
        rule = self._reason_rule(step)
        if not isinstance(reason, str) or not reason.strip():
            raise UserError(self.env._("Say why in words: they are kept as evidence."))
        asked = {name: words.get(name) for name in rule.get("asks", ())}
        method = getattr(self, rule["method"])
        return method(*rule.get("args", ()), reason, **asked)

    def _reason_rule(self, step):
        rule = self._reason_steps().get(step)
        if not self or not rule:
            raise UserError(self.env._("Choose the document first."))
        return rule
