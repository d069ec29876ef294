from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date, format_list

from ...tools.guard import is_unguarded, unguarded

FINANCE = "contract_tracking.group_contract_reader,account.group_account_invoice"

# What becomes of a bill: paid when it matured, passed on to a supplier (背书), sold to
# a bank (贴现), or refused.
BILL_OUTCOMES = [
    ("honoured", "Honoured"),
    ("endorsed", "Endorsed"),
    ("discounted", "Discounted"),
    ("dishonoured", "Dishonoured"),
]

# Out of our hands, and money: its holder can still come back to us (追索).
PASSED_ON = ("endorsed", "discounted")

# What a bill is, for good once its outcome is known.
BILL = (
    "contract_instrument_id",
    "contract_bill_number",
    "contract_bill_drawer",
    "contract_bill_maturity",
)

# What became of a bill is recorded by its own step.
OUTCOME = {
    "contract_bill_state",
    "contract_bill_date",
    "contract_bill_passed_state",
    "contract_bill_passed_date",
}


class AccountPayment(models.Model):
    """What a payment is made with, who really pays (实际付款人), what became of a
    bill. Days are days of the company (D3 §4.4, 附表4)."""

    _name = "account.payment"
    _inherit = ["account.payment", "contract.system.mixin"]

    contract_instrument_id = fields.Many2one(
        "contract.instrument",
        string="Instrument",
        index="btree_not_null",
        ondelete="restrict",
        groups=FINANCE,
    )
    contract_payer_id = fields.Many2one(
        "res.partner",
        string="Actual Payer",
        index="btree_not_null",
        groups=FINANCE,
        help="Who really pays, if not the customer himself.",
    )
    contract_is_bill = fields.Boolean(
        related="contract_instrument_id.is_bill", groups=FINANCE
    )
    contract_bill_number = fields.Char(string="Bill Number", copy=False, groups=FINANCE)
    contract_bill_drawer = fields.Char(string="Drawer", copy=False, groups=FINANCE)
    contract_bill_maturity = fields.Date(
        string="Bill Maturity", copy=False, groups=FINANCE
    )
    contract_bill_state = fields.Selection(
        BILL_OUTCOMES,
        string="Bill Outcome",
        copy=False,
        readonly=True,
        groups=FINANCE,
        help="Empty while the outcome is open. A bill that was passed on to a supplier "
        "or sold to a bank is money from that day.",
    )
    contract_bill_warning = fields.Char(
        string="Same Bill", compute="_compute_contract_bill_warning", groups=FINANCE
    )
    contract_bill_date = fields.Date(
        string="Bill Outcome On", copy=False, readonly=True, groups=FINANCE
    )
    contract_bill_passed_state = fields.Selection(
        BILL_OUTCOMES,
        string="Bill Outcome before It Was Dishonoured",
        copy=False,
        readonly=True,
        groups=FINANCE,
    )
    contract_bill_passed_date = fields.Date(
        string="Endorsed or Discounted On",
        copy=False,
        readonly=True,
        groups=FINANCE,
        help="When a bill that was dishonoured later was endorsed or discounted: it "
        "was money between the two days.",
    )

    @api.depends("contract_bill_number", "contract_is_bill", "company_id")
    def _compute_contract_bill_warning(self):
        for payment in self:
            number = payment.contract_is_bill and payment.contract_bill_number
            payment.contract_bill_warning = payment._contract_same_bill(
                number, payment.company_id
            )

    @api.onchange("contract_instrument_id")
    def _onchange_contract_instrument_id(self):
        """What is no bill has none of its data."""
        if not self.contract_is_bill:
            self.contract_bill_number = self.contract_bill_drawer = False
            self.contract_bill_maturity = False

    @api.constrains("contract_bill_maturity", "date")
    def _check_contract_bill_maturity(self):
        for payment in self.filtered("contract_bill_maturity"):
            if payment.contract_bill_maturity < payment.date:
                raise ValidationError(
                    self.env._(
                        "A bill received on %(date)s can't have matured on "
                        "%(maturity)s already.",
                        date=format_date(self.env, payment.date),
                        maturity=format_date(self.env, payment.contract_bill_maturity),
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            self._contract_check_outcome(vals)
        return super().create(vals_list)

    def write(self, vals):
        self._contract_check_outcome(vals)
        return super().write(vals)

    @api.model
    def _contract_system(self):
        return OUTCOME

    def _contract_check_outcome(self, vals):
        if is_unguarded(self):
            return
        if OUTCOME & vals.keys():
            raise UserError(
                self.env._("Record what became of a bill with its own button.")
            )
        for payment in self.sudo().filtered("contract_bill_state"):
            names = [fname for fname in BILL if fname in vals]
            values = payment._convert_to_write({name: payment[name] for name in names})
            if any(vals[fname] != value for fname, value in values.items()):
                raise UserError(
                    self.env._(
                        "What became of the bill %(payment)s is recorded: reopen it "
                        "first, then correct it.",
                        payment=payment.display_name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_draft(self):
        self._contract_take_back(self.env._("The payment was reset to draft."))
        return super().action_draft()

    def action_cancel(self):
        self._contract_take_back(self.env._("The payment was cancelled."))
        return super().action_cancel()

    def action_reject(self):
        self._contract_take_back(self.env._("The payment was rejected."))
        return super().action_reject()

    def _contract_same_bill(self, number, company):
        """Say which other payments carry a bill's number, however it is written: the
        same bill is money once. False if there is none."""
        if not number:
            return False
        rows = self.env.execute_query(
            SQL(
                """SELECT p.name
                     FROM account_payment p
                     JOIN contract_instrument i ON i.id = p.contract_instrument_id
                      AND i.is_bill
                    WHERE p.company_id = %(company)s AND NOT p.id = ANY(%(own)s)
                      AND p.state NOT IN ('canceled', 'rejected')
                      AND %(folded)s = %(wanted)s
                    ORDER BY p.id""",
                company=company.id,
                own=self._origin.ids,
                folded=self._contract_folded_sql(SQL("p.contract_bill_number")),
                wanted=self._contract_folded_sql(SQL("%s", number)),
                to_flush=self.env["contract.facts"]._reads(
                    ("account.payment", "company_id state contract_bill_number name"),
                    ("account.payment", "contract_instrument_id"),
                    ("contract.instrument", "is_bill"),
                ),
            )
        )
        if not rows:
            return False
        return self.env._(
            "Bill %(number)s is recorded already: %(payments)s.",
            number=number,
            payments=format_list(self.env, [name or "/" for [name] in rows]),
        )

    def _contract_folded_sql(self, text):
        return SQL(
            "REGEXP_REPLACE(UPPER(NORMALIZE(%s, NFKC)), '[^[:alnum:]]', '', 'g')", text
        )

    def _contract_bill_outcome(self, outcome, day):
        """Record what became of bills, one of ``BILL_OUTCOMES``, and when.

        A dishonoured bill is no money any more from that day on. One that was passed on
        can be dishonoured afterwards: its holder comes back to us.

        :raise UserError: if the user is not of finance, of a payment that is no open
            bill, or on an impossible day
        """
        if not self.env["contract.payment.claim"]._is_finance():
            raise UserError(self.env._("Only finance records what became of a bill."))
        self.check_access("read")
        for payment in self.sudo():
            if not payment.contract_instrument_id.is_bill or payment.state not in (
                "in_process",
                "paid",
            ):
                raise UserError(
                    self.env._(
                        "%(payment)s is no bill that is in our hands.",
                        payment=payment.display_name,
                    )
                )
            recorded = payment.contract_bill_state
            passed_on = recorded in PASSED_ON and outcome == "dishonoured"
            if recorded and outcome and not passed_on:
                raise UserError(
                    self.env._(
                        "What became of %(payment)s is recorded already: reopen it "
                        "first.",
                        payment=payment.display_name,
                    )
                )
            today = payment.company_id._contract_today()
            start = payment.contract_bill_date if passed_on else payment.date
            if outcome and not start <= day <= today:
                raise UserError(
                    self.env._(
                        "The day must be between %(start)s, when we got the bill or "
                        "passed it on, and today.",
                        start=format_date(self.env, start),
                    )
                )
        for payment in self.sudo():
            recorded = payment.contract_bill_state, payment.contract_bill_date
            passed = (
                payment.contract_bill_passed_state,
                payment.contract_bill_passed_date,
            )
            # what was recorded by mistake may be that it came back
            state, date = (outcome, day) if outcome else passed
            passed_state, passed_date = recorded if outcome else (False, False)
            unguarded(payment).write(
                {
                    "contract_bill_state": state,
                    "contract_bill_date": date,
                    "contract_bill_passed_state": passed_state,
                    "contract_bill_passed_date": passed_date,
                }
            )
        date = outcome and format_date(self.env, day)
        texts = {
            "honoured": self.env._("The bill was honoured on %s.", date),
            "endorsed": self.env._("The bill was endorsed to a supplier on %s.", date),
            "discounted": self.env._("The bill was discounted on %s.", date),
            "dishonoured": self.env._("The bill was dishonoured on %s.", date),
            False: self.env._("The outcome of the bill is open again."),
        }
        self.sudo()._message_log_batch(
            bodies={payment.id: texts[outcome] for payment in self}
        )

    def _contract_take_back(self, reason):
        """What is no receipt any more belongs to nobody: its claims are withdrawn."""
        self.env["contract.payment.claim"].sudo().search(
            [("payment_id", "in", self.ids)]
        )._take_back(reason)
