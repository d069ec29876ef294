from datetime import timedelta

from odoo import Command, api, models
from odoo.tools import html2plaintext

from .contract_coordination import MAX_STAGE


class ContractCoordination(models.Model):
    """What a payment reminder letter says, proposed by its stage in the customer's
    language.

    The words are those of three e-mail templates, which a company changes as it likes;
    what the letter asks for stands in its tables. Whatever somebody wrote himself
    stays.
    """

    _inherit = "contract.coordination"

    @api.depends("kind", "stage", "order_id", "frame_id", "reply_ids.partner_id")
    def _compute_subject(self):
        for document in self.filtered(lambda d: d.state == "draft"):
            if document._is_own("subject"):
                continue
            document.subject = document.kind == "reminder" and document._stage_subject(
                document._reminder_lang(), document.stage
            )

    @api.depends("kind", "stage", "order_id", "frame_id", "reply_ids.partner_id")
    def _compute_outside_text(self):
        for document in self.filtered(lambda d: d.state == "draft"):
            if document._is_own("outside_text"):
                continue
            document.outside_text = document.kind == "reminder" and self._stage_text(
                document._reminder_lang(), document.stage
            )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _is_own(self, fname):
        """Whether somebody wrote this text himself: it is none of the proposals."""
        self.ensure_one()
        text = (self[fname] or "").strip()
        proposal = {"subject": self._stage_subject, "outside_text": self._stage_text}
        return bool(text) and all(
            text != proposal[fname](lang, stage)
            for lang, _name in self.env["res.lang"].get_installed()
            for stage in range(1, MAX_STAGE + 1)
        )

    def _reminder_lang(self):
        """The language of the first outside recipient, else of the customer."""
        self.ensure_one()
        partners = self.sudo().reply_ids.partner_id
        partner = partners[:1] or self._contract_parent().sudo().partner_id
        installed = dict(self.env["res.lang"].get_installed())
        return partner.lang if partner.lang in installed else self.env.lang or "en_US"

    def _stage_title(self, stage=None):
        """What a reminder of a stage is called."""
        return {
            1: self.env._("First Payment Reminder"),
            2: self.env._("Second Payment Reminder"),
            3: self.env._("Third and Last Payment Reminder"),
        }[stage or self.stage or 1]

    def _stage_subject(self, lang, stage):
        document = self.with_context(lang=lang)
        parent = document._contract_parent().sudo()
        return document.env._(
            "%(title)s: contract %(number)s",
            title=document._stage_title(stage),
            number=self.sudo().contract_number or parent.display_name or "",
        )

    @api.model
    def _stage_text(self, lang, stage):
        template = self.env.ref(
            f"contract_tracking.mail_template_reminder_{stage}",
            raise_if_not_found=False,
        )
        if not template:
            return ""
        text = html2plaintext(template.sudo().with_context(lang=lang).body_html or "")
        # a line between the paragraphs
        return "\n\n".join(line.strip() for line in text.splitlines() if line.strip())

    @api.model
    def _reminder_day(self, company):
        """Until when a reminder that is written now asks for the money."""
        days = company.sudo().contract_reminder_days
        return company._contract_today() + timedelta(days=days)

    @api.model
    def _reminder_defaults(self, parent):
        """What a new reminder starts with: the customer, and his time to pay."""
        parent = parent.sudo()
        customer = parent.partner_id
        if parent._name == "sale.order":
            customer = parent.partner_invoice_id or customer
        if not customer.email:
            customer = customer.commercial_partner_id
        return {
            "reply_date": self._reminder_day(parent.company_id),
            "reply_ids": [
                Command.create(
                    {"role": "to", "kind": "partner", "partner_id": customer.id}
                )
            ],
        }
