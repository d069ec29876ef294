from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ...tools.guard import is_unguarded, unguarded

# What the customer answers to a statement that was sent.
REPLY = {"reply_date", "customer_balance", "difference_note", "attachment_ids"}

# What decides which facts a statement shows.
SCOPE = {"date_from", "date_to", "currency_id"}


class ContractStatement(models.Model):
    """对账单 Statement of account: what a customer and we did for his contracts in a
    period, and the balance, for him to confirm with his seal (D3 §4.4).

    One customer (commercial partner), company and currency. Amounts with taxes, days
    in the company's time zone. It covers the contracts that its author follows: all
    of them for the business office and finance. The figures are frozen when it is
    sent; with the customer's answer it is evidence, corrected by voiding it and
    writing a linked copy.

    Who may write it may take its steps.
    """

    _name = "contract.statement"
    _inherit = [
        "contract.void.mixin",
        "contract.past.mixin",
        "contract.evidence.mixin",
        "contract.print.mixin",
        "mail.thread",
        "contract.activity.mixin",
    ]
    _description = "Statement of Account"
    _order = "date_to desc, id desc"
    _check_company_auto = True

    _contract_form = ("", "", "DZ")

    partner_id = fields.Many2one(
        "res.partner",
        string="Customer",
        required=True,
        index=True,
        ondelete="restrict",
        tracking=True,
        help="The statement covers the contracts of the whole company of this contact.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
    )
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
        help="Contracts in another currency have a statement of their own.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Prepared By",
        readonly=True,
        default=lambda self: self.env.user,
        index=True,
        ondelete="restrict",
    )
    date_from = fields.Date(
        string="From",
        required=True,
        default=lambda self: self.env.company._contract_today().replace(month=1, day=1),
    )
    date_to = fields.Date(
        string="To",
        required=True,
        default=lambda self: self.env.company._contract_today(),
        help="The balance is that of the end of this day.",
    )
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("sent", "Sent"),
            ("confirmed", "Confirmed"),
            ("difference", "With differences"),
            ("void", "Void"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    is_partial = fields.Boolean(
        string="Own Contracts Only",
        readonly=True,
        copy=False,
        help="The customer has further contracts that the author does not follow; "
        "they are not on this statement.",
    )
    line_ids = fields.One2many(
        "contract.statement.line", "statement_id", string="Movements", readonly=True
    )
    has_changes = fields.Boolean(compute="_compute_has_changes")
    opening_balance = fields.Monetary(
        readonly=True,
        copy=False,
        help="What the customer owed by these contracts before the first day. "
        "Negative: paid in advance.",
    )
    delivered = fields.Monetary(
        readonly=True,
        copy=False,
        help="In the period: what left minus what came back to be credited, at agreed "
        "prices with taxes.",
    )
    invoiced = fields.Monetary(readonly=True, copy=False, help="Without down payments.")
    received = fields.Monetary(
        readonly=True,
        copy=False,
        help="In the period: money claimed for the contracts or reconciled with their "
        "invoices, refunds subtracted.",
    )
    adjusted = fields.Monetary(
        readonly=True,
        copy=False,
        help="Write-offs, discounts and credit notes that belong to no delivery.",
    )
    closing_balance = fields.Monetary(
        readonly=True,
        copy=False,
        help="Opening balance + invoiced − received − adjusted. Negative: paid in "
        "advance.",
    )
    overdue = fields.Monetary(
        string="Overdue Amount",
        readonly=True,
        copy=False,
        help="Part of what fell due before the last day of the statement by the "
        "contracts' payment terms and was not paid.",
    )
    unclaimed = fields.Monetary(
        string="Unclaimed Receipts",
        readonly=True,
        copy=False,
        help="Money of this customer that was not assigned to a contract yet; not in "
        "the balance.",
    )
    # The customer's answer
    sent_date = fields.Date(string="Sent On", readonly=True, copy=False)
    reply_date = fields.Date(
        string="Answered On", copy=False, help="Date of the customer's reply."
    )
    customer_balance = fields.Monetary(
        string="Balance by the Customer's Books",
        copy=False,
        help="Only if it differs from ours.",
    )
    difference_note = fields.Text(
        string="Differences",
        copy=False,
        help="What differs from the customer's books, and why.",
    )
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Sealed Reply",
        copy=False,
        bypass_search_access=True,
        help="The statement as the customer returned it with his seal.",
    )
    confirmed_by_id = fields.Many2one(
        "res.users", string="Recorded By", readonly=True, copy=False
    )
    confirmed_on = fields.Datetime(string="Recorded On", readonly=True, copy=False)
    replaces_id = fields.Many2one(
        "contract.statement",
        string="Corrects",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    replaced_by_ids = fields.One2many(
        "contract.statement", "replaces_id", string="Corrected By", readonly=True
    )
    # Names of that day
    partner_name = fields.Char(string="Customer's Name", readonly=True, copy=False)
    partner_vat = fields.Char(string="Customer's Tax ID", readonly=True, copy=False)
    company_name = fields.Char(string="Our Name", readonly=True, copy=False)
    company_vat = fields.Char(string="Our Tax ID", readonly=True, copy=False)
    user_name = fields.Char(string="Author's Name", readonly=True, copy=False)

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("name", "partner_name")
    def _compute_display_name(self):
        for statement in self:
            statement.display_name = " ".join(
                filter(None, (statement.name, statement.partner_name))
            )

    @api.depends("line_ids.changes_id")
    def _compute_has_changes(self):
        for statement in self:
            statement.has_changes = bool(statement.line_ids.changes_id)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("date_from", "date_to")
    def _check_period(self):
        for statement in self:
            if statement.date_from > statement.date_to:
                raise ValidationError(
                    self.env._("A statement can't begin after its last day.")
                )
            if statement.date_to > statement.company_id._contract_today():
                raise ValidationError(
                    self.env._(
                        "A statement shows what happened: its last day can't be in "
                        "the future."
                    )
                )

    @api.onchange("company_id")
    def _onchange_company_id(self):
        """No statement reaches beyond the company's own day."""
        for statement in self.filtered("date_to").filtered("company_id"):
            statement.date_to = min(
                statement.date_to, statement.company_id._contract_today()
            )

    @api.onchange("partner_id", "company_id")
    def _onchange_partner_id(self):
        """Propose the currency of the customer's newest contract."""
        for statement in self:
            keys = statement._stated_keys(
                self.env.user,
                statement.company_id,
                statement.partner_id.commercial_partner_id,
            )
            currencies = [currency for _partner, currency in keys]
            if currencies and statement.currency_id not in currencies:
                statement.currency_id = currencies[-1]

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            partner = self.env["res.partner"].browse(vals.get("partner_id"))
            if partner:
                vals["partner_id"] = partner.commercial_partner_id.id
            if vals.get("company_id") and "date_to" not in vals:
                company = self.env["res.company"].browse(vals["company_id"])
                vals["date_to"] = company._contract_today()
        statements = super().create(vals_list)
        statements._refresh()
        return statements

    def write(self, vals):
        res = super().write(vals)
        if not is_unguarded(self):
            if SCOPE & vals.keys():
                self._refresh()
        return res

    def _files_settled(self, fname):
        """Recorded with the customer's answer."""
        return super()._files_settled(fname) | self.filtered(
            lambda statement: statement.state not in ("draft", "sent")
        )

    def _files_settled_on(self):
        sent = self.sent_date and fields.Datetime.end_of(
            fields.Datetime.to_datetime(self.sent_date), "day"
        )
        return super()._files_settled_on() or self.confirmed_on or sent

    @api.ondelete(at_uninstall=False)
    def _unlink_except_evidence(self):
        if any(statement.state != "draft" for statement in self):
            raise UserError(
                self.env._("A statement that was sent can't be deleted, only voided.")
            )

    def message_post(self, **kwargs):
        message = super().message_post(**kwargs)
        # set by action_send: it does what the button “Sent by Hand” does
        if self.env.context.get("contract_statement_send") and self.state == "draft":
            self.action_mark_sent()
        return message

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Read the figures again, while the statement is a draft."""
        self.check_access("write")
        self._contract_check_state("draft")
        self._refresh()
        return True

    def action_send(self):
        """Open the e-mail to the customer, with the statement as a PDF."""
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state("draft", "sent")
        return self._form_send(
            "contract_tracking.mail_template_statement", contract_statement_send=True
        )

    def action_mark_sent(self):
        """Record that the statement went to the customer on paper or otherwise."""
        self.check_access("write")
        self._contract_check_next("sent")
        for statement in self:
            today = statement.company_id._contract_today()
            unguarded(statement).write({"state": "sent", "sent_date": today})
        return True

    def action_confirm(self):
        """Record that the customer confirmed the balance.

        :raise UserError: without his sealed reply
        """
        self._answer("confirmed")
        return True

    def action_difference(self):
        """Record that the customer answered with differences.

        :raise UserError: if no differences were entered
        """
        if not all((statement.difference_note or "").strip() for statement in self):
            raise UserError(
                self.env._(
                    "Enter under “Customer's Answer” what differs from the customer's "
                    "books first."
                )
            )
        self._answer("difference")
        return True

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

    def _check_frozen(self, content):
        if content & {"partner_id", "company_id"}:
            raise UserError(self._frozen_message())
        for state in set(self.mapped("state")):
            if state == "sent" and content - REPLY:
                raise UserError(
                    self.env._(
                        "The statement was sent: only the customer's answer can be "
                        "added. Void it with a reason to send another one."
                    )
                )
            if state not in ("draft", "sent"):
                raise UserError(
                    self.env._(
                        "The customer answered this statement: it can't be changed. "
                        "Void it with a reason and write a corrected copy."
                    )
                )

    @api.model
    def _contract_past(self):
        return super()._contract_past() | {"reply_date"}

    def _frozen_message(self):
        return self.env._(
            "The figures of a statement are read from the system, its customer and "
            "company stay: write another statement instead."
        )

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "sent": {"draft": None},
            "confirmed": {"sent": None},
            "difference": {"sent": None},
            "void": dict.fromkeys(("sent", "confirmed", "difference")),
        }

    def _answer(self, state):
        self.check_access("write")
        self._contract_check_next(state)
        for statement in self:
            if state == "confirmed" and not statement.attachment_ids:
                raise UserError(
                    self.env._(
                        "%(statement)s is confirmed by the customer's seal: file his "
                        "sealed reply under “Customer's Answer” first.",
                        statement=statement.display_name,
                    )
                )
            today = statement.company_id._contract_today()
            unguarded(statement).write(
                {
                    "state": state,
                    "reply_date": statement.reply_date or today,
                    "confirmed_by_id": self.env.uid,
                    "confirmed_on": fields.Datetime.now(),
                }
            )

    def _correction_vals(self):
        names = ("partner_id", "company_id", "currency_id", "date_from", "date_to")
        scope = self._convert_to_write({name: self[name] for name in names})
        return {**super()._correction_vals(), **scope}

    def _void_copy(self):
        """Nothing is left to correct once the customer's contracts are followed by
        others, or are another customer's."""
        keys = self._stated_keys(self.env.user, self.company_id, self.partner_id)
        if (self.partner_id, self.currency_id) not in keys:
            return self.browse()
        return super()._void_copy()

    @api.model
    def _propose(self, partners, currency=None):
        """Statements of the user for ``partners`` up to today, one a currency.

        They begin after the last one that was sent. Drafts are taken up again.

        :param partners: commercial partners
        :param currency: only in this one
        """
        company = self.env.company
        keys = self._stated_keys(self.env.user, company, partners)
        if currency:
            keys = {key: None for key in keys if key[1] == currency}
        domain = [("company_id", "=", company.id), ("partner_id", "in", partners.ids)]
        drafts = self.search(
            [*domain, ("state", "=", "draft"), ("user_id", "=", self.env.uid)]
        ).filtered(lambda draft: (draft.partner_id, draft.currency_id) in keys)
        drafts._refresh()
        last = {
            (partner, currency): day
            for partner, currency, day in self._read_group(
                [*domain, ("state", "in", ("sent", "confirmed", "difference"))],
                ["partner_id", "currency_id"],
                ["date_to:max"],
            )
        }
        today = company._contract_today()
        present = drafts.grouped(lambda s: (s.partner_id, s.currency_id))
        values = []
        for key in keys:
            if key in present:
                continue
            before = last.get(key)
            values.append(
                {
                    "partner_id": key[0].id,
                    "currency_id": key[1].id,
                    "date_from": before + relativedelta(days=1)
                    if before and before < today
                    else today.replace(month=1, day=1),
                    "date_to": today,
                }
            )
        return drafts + self.create(values)
