from odoo import api, models

from ...tools.guard import guarded


class ContractThreadMixin(models.AbstractModel):
    """A document with a chatter: notes on many of them at once, and what a step shows
    when it is done."""

    _name = "contract.thread.mixin"
    _inherit = ["mail.thread"]
    _description = "Document with Notes"

    def _note(self, bodies):
        """Note in the chatter of each document what was done, as a set.

        Core tells nobody of what it logs as a set: who follows even the notes of a
        document gets them as from any note.

        :param bodies: ``{id of the document: text}``
        """
        if not bodies:
            return
        documents = guarded(self).browse(bodies)
        note = self.env["ir.model.data"]._xmlid_to_res_id("mail.mt_note")
        followed = (
            self.env["mail.followers"]
            .sudo()
            .search_fetch(
                [
                    ("res_model", "=", self._name),
                    ("res_id", "in", documents.ids),
                    ("subtype_ids", "=", note),
                ],
                ["res_id"],
            )
        )
        told = documents & documents.browse(followed.mapped("res_id"))
        for document in told:
            document.message_post(body=bodies[document.id])
        (documents - told)._message_log_batch(bodies=bodies)

    def _open_form(self):
        """Open the form of this record."""
        self.ensure_one()
        return self._get_records_action(context={})

    @api.model
    def _open_notice(self, message, warning=False, linked=()):
        """Tell the user ``message`` in passing, and show the records anew.

        :param linked: records of which ``message`` has a ``%s`` each: a link to it,
            until the user closes the message
        """
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "warning" if warning else "success",
                "message": message,
                "links": [
                    {
                        "label": record.display_name,
                        "url": f"/odoo/{record._name}/{record.id}",
                    }
                    for record in linked
                ],
                "sticky": bool(linked),
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }
