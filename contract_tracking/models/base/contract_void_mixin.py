from odoo import fields, models

from ...tools.guard import guarded, unguarded


class ContractVoidMixin(models.AbstractModel):
    """Evidence that is corrected by voiding it with a reason and writing a linked copy;
    both stay to be seen. Models add ``replaces_id`` and the state ``void``."""

    _name = "contract.void.mixin"
    _inherit = ["contract.numbered.mixin"]
    _description = "Document to Void"

    # What a corrected copy takes over.
    _correction_fields = ()

    void_reason = fields.Char(readonly=True, copy=False)

    def action_void(self):
        """Open the window that asks why the document is void."""
        return self._open_reason("void")

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "void": self._reason_step(self.env._("Void with a reason"), "_void"),
        }

    def _void(self, reason):
        """Void the document; return the linked copy that corrects it, a draft.

        :raise UserError: by whom, or from which state, it isn't possible
        """
        self._contract_begin("void")
        return self._make_void(reason)

    def _make_void(self, reason):
        """Void the document, whoever asks; return the linked copy that corrects it."""
        unguarded(self).write({"state": "void", "void_reason": reason})
        # the copy may take a place that only one document has
        self.flush_recordset(["state"])
        self.message_post(body=self.env._("Void: %(reason)s", reason=reason))
        return self._void_copy()

    def _form_ended(self):
        if self.state != "void":
            return ""
        return self.env._("Void: %(reason)s", reason=self.void_reason)

    def _void_copy(self):
        """The draft that corrects a document that was just voided."""
        self.ensure_one()
        return guarded(
            unguarded(self).create({**self._correction_vals(), "replaces_id": self.id})
        )

    def _correction_vals(self):
        """Values of the copy that corrects this document."""
        self.ensure_one()
        return self._convert_to_write(
            {name: self[name] for name in self._correction_fields}
        )
