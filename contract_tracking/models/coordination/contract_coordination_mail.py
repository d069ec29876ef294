import base64
from datetime import timedelta

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ...tools.guard import guarded, unguarded
from .contract_coordination import OPEN_STATES


class ContractCoordination(models.Model):
    """What goes to outside recipients, and what comes back from them.

    They get their letter and nothing else: they never follow the document, and a
    message reaches them only when somebody addresses it to them.
    """

    _inherit = "contract.coordination"

    # ------------------------------------------------------------------
    # Outgoing
    # ------------------------------------------------------------------

    def _send_letters(self):
        """E-mail each outside recipient his letter (函) in his language. The message
        stays on the document, so that the answer finds it."""
        self.ensure_one()
        template = self.env.ref("contract_tracking.mail_template_coordination_letter")
        statement = self._statement_files()
        for line in guarded(self).reply_ids.filtered(lambda ln: ln.kind == "partner"):
            values = template.sudo()._generate_template(
                line.ids, ("subject", "body_html", "report_template_ids")
            )[line.id]
            message = guarded(self).message_post(
                subject=values["subject"],
                body=values["body_html"],
                partner_ids=line.partner_id.ids,
                attachments=[
                    *(
                        (name, base64.b64decode(content))
                        for name, content in values["attachments"]
                    ),
                    *statement,
                ],
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
                email_layout_xmlid="mail.mail_notification_light",
                email_add_signature=False,
                notify_skip_followers=True,
                force_email_lang=line._letter_lang(),
            )
            unguarded(line.sudo()).letter_message_id = message

    def _statement_files(self):
        """The statement of account that goes with a payment reminder: the latest one
        that went to the customer in the last 30 days, else one up to today, which is
        sent with the letter.

        :return: list of (name, content)
        """
        self.ensure_one()
        if not self.with_statement or self.kind != "reminder":
            return []
        parent = self._contract_parent().sudo()
        company, currency = parent.company_id, parent.currency_id
        today = company._contract_today()
        Statement = guarded(self).with_company(company).env["contract.statement"]
        customer = parent.partner_id.commercial_partner_id.sudo(False)
        statement = Statement.search(
            [
                ("partner_id", "=", customer.id),
                ("company_id", "=", company.id),
                ("currency_id", "=", currency.id),
                ("state", "in", ("sent", "confirmed", "difference")),
                ("date_to", ">=", today - timedelta(days=30)),
            ],
            limit=1,
        )
        if not statement:
            statement = Statement._propose(customer, currency)[:1]
            if statement:
                statement.action_mark_sent()
        if not statement:
            raise UserError(
                self.env._(
                    "You follow no contract of %(customer)s that a statement of "
                    "account could show: send the letter without it.",
                    customer=customer.sudo().display_name,
                )
            )
        content, extension = self.env["ir.actions.report"]._render_qweb_pdf(
            "contract_tracking.action_report_statement", statement.ids
        )
        return [(f"{statement.display_name}.{extension}", content)]

    def _tell_copies(self):
        """Tell internal recipients of a copy, who needn't answer."""
        self.ensure_one()
        copies = self.sudo().reply_ids.filtered(
            lambda line: line.role == "copy" and line.kind != "partner"
        )
        users = self.env["res.users"].union(
            *(line._responsible_user() for line in copies)
        )
        for lang, readers in users.grouped("lang").items():
            document = guarded(self).with_context(lang=lang)
            document.message_notify(
                partner_ids=readers.partner_id.ids,
                subject=document.env._("Copy: %(document)s", document=self.name),
                body=document.env._(
                    "“%(subject)s” was sent; a copy is for you.", subject=self.subject
                ),
            )

    def _message_subscribe(self, partner_ids=None, subtype_ids=None, customer_ids=None):
        """Only internal users follow: notes and replies of others are not for outside
        parties, whoever adds them."""
        partners = self.env["res.partner"].sudo().browse(partner_ids or ())
        inside = partners.filtered(lambda partner: not partner.partner_share)
        return super()._message_subscribe(
            partner_ids=inside.ids, subtype_ids=subtype_ids, customer_ids=customer_ids
        )

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Outside parties get what is addressed to them, not what followers get."""
        recipients = super()._notify_get_recipients(message, msg_vals, **kwargs)
        addressed = (msg_vals or {}).get("partner_ids")
        if addressed is None:
            addressed = message.sudo().partner_ids.ids
        return [
            recipient
            for recipient in recipients
            if not recipient["share"]
            or not recipient["id"]
            or recipient["id"] in addressed
        ]

    def _mail_get_partner_fields(self, introspect_fields=False):
        """The contract's customer is no addressee: the chatter doesn't propose him."""
        return []

    # ------------------------------------------------------------------
    # Incoming
    # ------------------------------------------------------------------

    def _message_post_after_hook(self, message, msg_values):
        res = super()._message_post_after_hook(message, msg_values)
        if msg_values.get("message_type") == "email":
            self._offer_reply(message)
        return res

    def _offer_reply(self, message):
        """Offer an e-mail as its author's reply; nobody's who is no recipient."""
        self.ensure_one()
        document = guarded(self.sudo())
        message = message.sudo()
        if document.state not in OPEN_STATES:
            return
        author = message.author_id
        address = email_normalize(message.email_from)
        users = author.user_ids.filtered(lambda user: not user.share)
        line = document.reply_ids.filtered(
            lambda ln: (
                not ln.supplement_of_id
                and (
                    (ln.kind == "partner" and address and ln.email == address)
                    or any(ln._is_recipient(user) for user in users)
                )
            )
        )[:1]
        if line:
            text = line._email_text(message)
            unguarded(line).write(
                {
                    "proposed_text": "\n\n".join(
                        filter(None, (line.proposed_text, text))
                    ),
                    "proposed_message_id": message.id,
                }
            )
            document._sync_activities()
        elif not users:
            document._message_log(
                body=self.env._(
                    "The e-mail of %(sender)s is not from a recipient of this "
                    "document: it is nobody's reply.",
                    sender=message.email_from or "",
                )
            )
