from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from .contract_guard import guarded, unguarded


class ContractStatement(models.Model):
    """The life of a statement: proposed, sent, answered, voided. Who may write it
    may take its steps; each is checked for the state that it starts from."""

    _inherit = "contract.statement"

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Read the figures again, while the statement is a draft."""
        self.check_access("write")
        self._check_state("draft")
        self._refresh()
        return True

    def action_send(self):
        """Open the e-mail to the customer, with the statement as a PDF."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("draft", "sent")
        template = self.env.ref(
            "contract_tracking.mail_template_statement", raise_if_not_found=False
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_composition_mode": "comment",
                "default_template_id": template and template.id,
                "default_email_layout_xmlid": "mail.mail_notification_light",
                "force_email": True,
                "contract_statement_send": True,
            },
        }

    def action_mark_sent(self):
        """Record that the statement went to the customer on paper or otherwise."""
        self._mark_sent()
        return True

    def action_confirm(self):
        """Record that the customer confirmed the balance."""
        self._answer("confirmed")
        return True

    def action_difference(self):
        """Record that the customer answered with differences.

        :raise UserError: if no differences were entered
        """
        for statement in self:
            if not (statement.difference_note or "").strip():
                raise UserError(
                    self.env._(
                        "Enter under “Customer's Answer” what differs from the "
                        "customer's books first."
                    )
                )
        self._answer("difference")
        return True

    def action_void(self):
        """Open the wizard that asks why the statement is void."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Void Statement"),
            "res_model": "contract.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_statement_id": self.id,
                "default_step": "void_statement",
            },
        }

    def action_xlsx(self):
        """Download the statement as a spreadsheet, in the customer's language."""
        self.ensure_one()
        self.check_access("read")
        return {
            "type": "ir.actions.act_url",
            "url": f"/contract_tracking/statement/{self.id}/xlsx",
            "target": "download",
        }

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _mark_sent(self):
        self.check_access("write")
        self._check_state("draft")
        for statement in self:
            unguarded(statement).write(
                {"state": "sent", "sent_date": statement._today()}
            )

    def _answer(self, state):
        self.check_access("write")
        self._check_state("sent")
        for statement in self:
            unguarded(statement).write(
                {
                    "state": state,
                    "reply_date": statement.reply_date or statement._today(),
                    "confirmed_by_id": self.env.uid,
                    "confirmed_on": fields.Datetime.now(),
                }
            )

    def _void(self, reason):
        """Void a statement that was sent; return a linked draft to correct it."""
        self.ensure_one()
        self.check_access("write")
        self._check_state("sent", "confirmed", "difference")
        if not (reason or "").strip():
            raise UserError(self.env._("Voiding a statement needs a reason."))
        unguarded(self).write({"state": "void", "void_reason": reason})
        self.message_post(body=self.env._("Void: %(reason)s", reason=reason))
        return guarded(
            unguarded(self).create(
                {
                    "partner_id": self.partner_id.id,
                    "company_id": self.company_id.id,
                    "currency_id": self.currency_id.id,
                    "date_from": self.date_from,
                    "date_to": self.date_to,
                    "replaces_id": self.id,
                }
            )
        )

    def _check_state(self, *states):
        labels = dict(self._fields["state"]._description_selection(self.env))
        for statement in self:
            if statement.state not in states:
                raise UserError(
                    self.env._(
                        "%(statement)s is “%(state)s”: this is possible only for "
                        "statements that are “%(states)s”.",
                        statement=statement.name,
                        state=labels[statement.state],
                        states="”, “".join(labels[state] for state in states),
                    )
                )

    @api.model
    def _propose(self, partners):
        """Statements of the user for ``partners`` up to today, one a currency.

        They begin after the last one that was sent. Drafts are taken up again.

        :param partners: commercial partners
        """
        company = self.env.company
        orders = self._followed(
            self.env.user, company, self._customer_orders(company, partners)
        )
        keys = dict.fromkeys(
            (order.partner_id.commercial_partner_id.id, order.currency_id.id)
            for order in orders
        )
        domain = [("company_id", "=", company.id), ("partner_id", "in", partners.ids)]
        drafts = self.search(
            [*domain, ("state", "=", "draft"), ("user_id", "=", self.env.uid)]
        )
        drafts._refresh()
        last = {
            (partner.id, currency.id): day
            for partner, currency, day in self._read_group(
                [*domain, ("state", "in", ("sent", "confirmed", "difference"))],
                ["partner_id", "currency_id"],
                ["date_to:max"],
            )
        }
        today = self.with_company(company)._today()
        present = {(draft.partner_id.id, draft.currency_id.id) for draft in drafts}
        values = []
        for partner, currency in keys:
            if (partner, currency) in present:
                continue
            start = today.replace(month=1, day=1)
            before = last.get((partner, currency))
            if before and before < today:
                start = before + relativedelta(days=1)
            values.append(
                {
                    "partner_id": partner,
                    "currency_id": currency,
                    "date_from": start,
                    "date_to": today,
                }
            )
        return drafts + self.create(values)
