import base64
import logging

from odoo import Command, api, models

from ...tools.batches import in_batches
from ...tools.guard import unguarded

_logger = logging.getLogger(__name__)


class ContractMonthlyRecord(models.Model):
    """A confirmed record goes by e-mail to whom the company named: as the form and as a
    workbook. Made by a scheduled action, so that nobody waits for it and nothing that
    goes wrong with it takes a confirmation back."""

    _inherit = "contract.monthly.record"

    def _mail_later(self):
        """Have confirmed records sent once they are confirmed for good."""
        due = self.filtered(lambda record: record._mail_recipients())
        if due:
            unguarded(due).write({"mail_due": True})
            self.env.ref("contract_tracking.cron_mail_monthly_records")._trigger()

    def _mail_recipients(self):
        self.ensure_one()
        return self.company_id.sudo().contract_monthly_recipient_ids.filtered("email")

    @api.model
    def _cron_mail(self):
        """Queue the e-mails of confirmed records, one after the other: what was queued
        isn't queued again."""
        due = self.sudo().search([("mail_due", "=", True)], order="id")
        for record in in_batches(due, 1):
            record._mail()

    def _mail(self):
        """Queue an e-mail to the recipients of each language."""
        self.ensure_one()
        company = self.company_id
        record = self.with_company(company)
        fallback = company.partner_id.lang or self.env.lang
        groups = self._mail_recipients().grouped(lambda p: p.lang or fallback)
        for lang, partners in groups.items():
            record.with_context(lang=lang)._mail_to(partners)
        unguarded(self).mail_due = False

    def _mail_to(self, partners):
        """Queue the e-mail to ``partners``, in the language of the context. What can't
        be made is left out, and the chatter says so. The e-mail itself is none of the
        chatter's: in the files stand the receivable accounts of the whole company,
        which the office doesn't read."""
        files, failed = self._mail_files()
        template = self.env.ref("contract_tracking.mail_template_monthly_record")
        template.with_context(lang=self.env.lang).send_mail(
            self.id,
            email_values={
                "model": False,
                "res_id": False,
                "recipient_ids": [Command.link(partner.id) for partner in partners],
                "attachments": [
                    (name, base64.b64encode(content)) for name, content in files
                ],
            },
            email_layout_xmlid="mail.mail_notification_light",
        )
        if failed:
            self._note(
                {
                    self.id: self.env._(
                        "The e-mail went out without %(files)s, which could not be "
                        "made: print it and send it by hand. The log says why.",
                        files=", ".join(failed),
                    )
                }
            )

    def _mail_files(self):
        """The form and the workbook: a list of (name, content), and the names of those
        that could not be made."""
        self.ensure_one()
        files, failed = [], []
        for extension, method in (("pdf", "_form_pdf"), ("xlsx", "_xlsx")):
            name = f"{self.name}.{extension}"
            try:
                with self.env.cr.savepoint():
                    files.append((name, getattr(self, method)()))
            except Exception:
                _logger.exception("%s could not be made", name)
                failed.append(name)
        return files, failed
