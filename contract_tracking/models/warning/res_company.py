from datetime import timedelta
from urllib.parse import urlencode

from odoo import Command, api, fields, models
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.guard import guarded
from ..base.res_company import SETTINGS

# What is still to be kept.
COMING = ("not_due", "due_soon", "waiting", "short")
# Rows of one e-mail; what is more stands in the list of terms.
MOST = 100


class ResCompany(models.Model):
    """Before it is late: who answers for contracts hears by e-mail what falls due.

    One e-mail a person, company and day, with what he may read: owners of contracts,
    frame agreements and terms what they answer for, heads of offices that of their
    office, the business office all. Who has nothing gets nothing.
    """

    _inherit = "res.company"

    contract_digest = fields.Selection(
        [("off", "Nobody"), ("daily", "Every day"), ("weekly", "On Mondays")],
        string="Tell What Falls Due",
        required=True,
        default="weekly",
        help="An e-mail to owners, heads of offices and the business office with the "
        "terms that fall due soon.",
        groups=SETTINGS,
    )
    contract_digest_days = fields.Integer(
        string="Days Ahead",
        default=7,
        help="How many days ahead the e-mail looks.",
        groups=SETTINGS,
    )
    contract_digest_on = fields.Date(
        string="Told On",
        readonly=True,
        copy=False,
        help="When everybody was told last.",
        groups=SETTINGS,
    )

    _contract_digest_days = models.Constraint(
        "CHECK (contract_digest_days >= 0)", "Days can't be negative."
    )

    @api.model
    def _cron_contract_digest(self, batch=50):
        """Queue the e-mails of the companies whose day it is.

        Restartable: who was told in this round isn't told again, and a round that was
        cut short goes on the next time.
        """
        cron = self.env["ir.cron"]
        for company in self.sudo().search([("contract_digest", "!=", "off")]):
            start = company._contract_digest_start()
            if not start:
                continue
            company = company.with_company(company)
            todo = company._contract_digest_terms()
            told = [
                user
                for user in todo
                if not user.contract_digest_on or user.contract_digest_on < start
            ]
            cron._commit_progress(remaining=len(told) + 1)
            for place, user in enumerate(told, 1):
                company._contract_digest_mail(user, todo[user])
                user.contract_digest_on = company._contract_today()
                if place % batch == 0 and not cron._commit_progress(batch):
                    return
            company.contract_digest_on = company._contract_today()
            cron._commit_progress(len(told) % batch + 1)

    def _contract_digest_start(self):
        """The day on which the round began that is to be told now, or None."""
        self.ensure_one()
        today = self._contract_today()
        start = today
        if self.contract_digest == "weekly":
            start = today - timedelta(days=today.weekday())
            if not self.contract_digest_on and today > start:
                return None
        if self.contract_digest_on and self.contract_digest_on >= start:
            return None
        return start

    def _contract_digest_terms(self):
        """What falls due, by who is to hear of it and may read it: ``{user: terms}``,
        the terms with the user's own rights."""
        self.ensure_one()
        today = self._contract_today()
        Term = self.env["contract.term"].sudo()
        terms = Term.search(
            Domain("company_id", "=", self.id)
            & Domain("status", "in", COMING)
            & Domain("date_due", ">=", today)
            & Domain(
                "date_due", "<=", today + timedelta(days=self.contract_digest_days)
            )
            & (
                Domain("order_id.contract_state", "=", "active")
                | Domain("frame_id.state", "=", "active")
                # of a completed contract the retention is still to be paid
                | Domain("order_id.contract_state", "=", "completed")
                & Domain("payment_kind", "=", "retention")
            )
        )
        if not terms:
            return {}
        wanted = {}
        everything = self._contract_digest_office()
        for term in terms:
            parent = term._contract_parent()
            owner = parent._contract_responsible()
            for user in owner | term.user_id | parent.team_id.user_id | everything:
                wanted.setdefault(user, set()).add(term.id)
        users = self.env["res.users"].union(*wanted).sudo()
        users = users._contract_eligible(
            self, "contract_tracking.group_contract_reader"
        )
        result = {}
        for user in users.filtered("email").with_company(self):
            own = Term.browse(sorted(wanted[user])).with_user(user)
            own = own.with_context(allowed_company_ids=self.ids)._filtered_access(
                "read"
            )
            if own:
                result[user] = own
        return result

    def _contract_digest_office(self):
        """The people of the business office: those of the department, else those who
        have the role."""
        office = self.contract_business_office_id
        return (office.head_id | office.member_ids) or self.env[
            "res.users"
        ]._contract_members("contract_tracking.group_contract_business", self)

    def _contract_digest_mail(self, user, terms):
        """Queue the e-mail of one person, in his language."""
        self.ensure_one()
        own = terms.with_context(lang=user.lang).sorted(
            lambda term: (term.date_due, term.id)
        )
        template = self.env.ref("contract_tracking.mail_template_digest")
        template = guarded(template).with_context(
            lang=user.lang,
            contract_digest={
                "company": self.name,
                "days": self.contract_digest_days,
                "rows": [self._contract_digest_row(term) for term in own[:MOST]],
                "more": max(len(own) - MOST, 0),
            },
        )
        template.send_mail(
            user.id,
            email_values={
                "model": False,
                "res_id": False,
                "recipient_ids": [Command.link(user.partner_id.id)],
                "email_from": self.email_formatted or user.email_formatted,
            },
            email_layout_xmlid="mail.mail_notification_light",
        )

    @api.model
    def _contract_digest_row(self, term):
        """What the e-mail says of a term, in the language of the environment."""
        parent = term._contract_parent()
        # who reads a term may know its contract and customer
        shown = parent.sudo()
        link = urlencode({"model": parent._name, "res_id": parent.id})
        return {
            "day": format_date(term.env, term.date_due),
            "contract": term.contract_number or shown.display_name,
            "url": f"{term.get_base_url()}/mail/view?{link}",
            "customer": shown.partner_id.commercial_partner_id.name,
            "kind": dict(term._fields["kind"]._description_selection(term.env))[
                term.kind
            ],
            "what": term.display_name,
            "open": term._describe(
                max(term.agreed_quantity - term.actual_quantity, 0),
                max(term.agreed_amount - term.actual_amount, 0),
            ),
        }
