from odoo import models

from ...tools.pages import block, paginate, text_block, text_lines, wrap_rows


class ContractCoordination(models.Model):
    """What the printed 附表2 shows, page by page."""

    _inherit = "contract.coordination"

    def _form_pages(self):
        """The form's blocks on pages; see :mod:`contract_form_pages`."""
        names = max(
            text_lines(self._form_recipients(role), 92) for role in ("to", "copy")
        )
        replies = [
            {
                "line": line,
                "text": row["text"],
                "first": not number,
                "height": row["height"] + (2.3 if not number else 0.3),
            }
            for line in self.reply_ids
            for number, row in enumerate(wrap_rows(line.reply_text, 72))
        ]
        files = "\n".join(self.sudo().attachment_ids.mapped("name"))
        return paginate(
            [
                block("head", 8 + 2 * names),
                text_block(
                    self.env._("Summary of deviations from the contract"), self.summary
                ),
                text_block(self.env._("Coordination description"), self.description),
                text_block(
                    self.env._("Requests and suggestions"), self._form_requests()
                ),
                block("replies", 3, replies),
                text_block(self.env._("Coordination Outcome"), self.outcome),
                text_block(self.env._("Attachments"), files),
                block("sign", 8),
            ]
        )

    def _form_recipients(self, role):
        """Names of the recipients with this role, as they were when it was sent."""
        lines = self.reply_ids.filtered(
            lambda line: line.role == role and not line.supplement_of_id
        )
        return self.env._(", ").join(lines.mapped("display_name"))

    def _form_requests(self):
        """What is asked of all, and of single recipients."""
        own = [
            self.env._(
                "%(recipient)s: %(requests)s",
                recipient=line.display_name,
                requests=line.requests,
            )
            for line in self.reply_ids
            if line.requests
        ]
        return "\n".join(filter(None, (self.requests, *own)))

    def _form_title(self):
        """The document's name by its kind, with the stage of a reminder."""
        if self.kind == "reminder":
            return self.env._("Payment Reminder Letter (stage %s)", self.stage)
        if self.kind == "coordination":
            return self.env._("Sales Contract Coordination Document")
        return self._form_label("kind")

    def _form_signers(self):
        """Who received it (签收人): those who answered, with the day."""
        return self.env._(", ").join(
            f"{line.answered_by_name} {self._form_day(line.answered_on)}"
            for line in self.reply_ids
            if line.state == "answered" and not line.supplement_of_id
        )
