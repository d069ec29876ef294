from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.guard import is_unguarded, unguarded

KINDS = [
    ("supply", "Start Supply"),
    ("ship", "Ship"),
    ("documents", "Release Documents"),
]
# What its figures and its plan depend on.
REFRESHED = {"line_ids", "kind", "picking_ids", "reason_id"}


class ContractRiskShipment(models.Model):
    """附表4 Risk-shipment application: permission to start supply, to ship or to
    release the documents although a condition of the contract is unmet (风险投产,
    风险发货, 风险放货).

    Bounded in quantity, amount and time; decided by the approval rules, by what is at
    stake in company currency; what leaves consumes it; it stays open until the money
    is in. Amounts are in the contract's currency with taxes, quantities in the order
    line's unit, days in the company's time zone. Figures follow the facts while it is
    a draft; what was submitted keeps those of that day.
    """

    _name = "contract.risk.shipment"
    _inherit = [
        "contract.form.mixin",
        "contract.approval.mixin",
        "contract.facts.source",
    ]
    _description = "Risk-Shipment Application"
    _order = "date desc, id desc"
    _rec_names_search = ["name", "contract_number"]
    _approval_kind = "risk_shipment"
    _contract_form = ("QR-XS-04", "A/0", "FX")
    _contract_days = ("date",)

    order_id = fields.Many2one(required=True)
    user_id = fields.Many2one(string="Applicant")
    date = fields.Date(string="Application Date")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("approved", "Approved"),
            ("closed", "Closed"),
            ("refused", "Refused"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        default="ship",
        help="What is to be done although a condition of the contract is unmet.",
    )
    picking_ids = fields.Many2many(
        "stock.picking",
        string="Deliveries",
        copy=False,
        check_company=True,
        domain="[('sale_id', '=', order_id), ('state', '!=', 'cancel')]",
        help="For which deliveries it was asked. A backorder inherits what is left.",
    )
    picking_names = fields.Char(
        string="Deliveries of the Day", readonly=True, copy=False
    )
    line_ids = fields.One2many(
        "contract.risk.shipment.line", "application_id", string="Lines", copy=True
    )
    repayment_ids = fields.One2many(
        "contract.risk.repayment", "application_id", string="Repayment Plan", copy=True
    )
    condition_ids = fields.One2many(
        "contract.risk.condition",
        "application_id",
        string="Conditions",
        readonly=True,
        copy=False,
    )
    use_ids = fields.One2many(
        "contract.risk.use", "application_id", readonly=True, copy=False
    )
    # what the applicant says
    reason_id = fields.Many2one("contract.risk.reason", ondelete="restrict", index=True)
    reason = fields.Text(string="Reason in Words")
    slip_seen = fields.Boolean(string="Bank Slip Seen")
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Bank Slip and Other Evidence",
        copy=False,
        bypass_search_access=True,
    )
    security = fields.Text(
        help="Guarantee, deposit, insurance: what secures the money."
    )
    measures = fields.Text(string="Risks and Measures")
    date_until = fields.Date(
        string="Valid Until",
        compute="_compute_date_until",
        store=True,
        readonly=False,
        precompute=True,
        copy=False,
        help="Last day on which goods may leave on this permission.",
    )
    # the figures of the form
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    unmet_text = fields.Text(string="Unmet Conditions", readonly=True, copy=False)
    reason_codes = fields.Char(
        string="Held By",
        readonly=True,
        copy=False,
        help="Reasons that the permission covers: one that isn't among them holds.",
    )
    payment_text = fields.Text(string="Payment Terms", readonly=True, copy=False)
    contract_amount = fields.Monetary(
        readonly=True, copy=False, help="Agreed total of the contract, with taxes."
    )
    matured_amount = fields.Monetary(
        string="Fallen Due",
        readonly=True,
        copy=False,
        help="What of the contract fell due up to the day of the application.",
    )
    received_amount = fields.Monetary(
        string="Received",
        readonly=True,
        copy=False,
        help="Money received for the contract up to the day of the application.",
    )
    overdue_amount = fields.Monetary(
        string="Overdue",
        readonly=True,
        copy=False,
        help="What of the contract fell due before the day of the application and "
        "isn't covered.",
    )
    bills_amount = fields.Monetary(
        string="Unmatured Bills",
        readonly=True,
        copy=False,
        help="Bills of the contract whose outcome is open.",
    )
    credit_limit = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Credit limit of the customer, in company currency.",
    )
    credit_available = fields.Monetary(
        currency_field="company_currency_id",
        readonly=True,
        copy=False,
        help="Credit limit of the customer less what he owes and what is to invoice. "
        "Negative: exceeded.",
    )
    amount = fields.Monetary(
        string="This Shipment",
        compute="_compute_amount",
        store=True,
        precompute=True,
        aggregator="sum",
        help="Value with taxes of what is to leave, at the agreed price.",
    )
    exposure_amount = fields.Monetary(
        string="Exposure After",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="What could be lost of this contract once all of this, and all that is "
        "permitted already, has left.",
    )
    risk_amount = fields.Monetary(
        string="At Stake",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="What of this shipment's value is not covered by money: the repayment "
        "plan adds up to it.",
    )
    # what was decided
    ceiling = fields.Json(
        readonly=True,
        copy=False,
        help="What was asked, or what those who decided left of it.",
    )
    approved_amount = fields.Monetary(
        string="Approved",
        readonly=True,
        copy=False,
        help="Value with taxes that may leave at most on this permission.",
    )
    approved_until = fields.Date(readonly=True, copy=False)
    decided_by_id = fields.Many2one(
        "res.users",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
    )
    decided_by_name = fields.Char(string="Decided By (Name)", readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    # what became of it
    used_amount = fields.Monetary(
        string="Used",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="Value of what left on this permission, less what came back.",
    )
    revoked_on = fields.Datetime(readonly=True, copy=False)
    revoked_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    revoked_by_name = fields.Char(string="Revoked By (Name)", readonly=True, copy=False)
    revoked_reason = fields.Text(readonly=True, copy=False)
    repaid_amount = fields.Monetary(
        string="Repaid",
        readonly=True,
        copy=False,
        aggregator="sum",
        help="Money that came in for it, when it was closed.",
    )
    closed_on = fields.Date(readonly=True, copy=False)
    can_revoke = fields.Boolean(compute="_compute_can_revoke")
    conditions_open = fields.Boolean(compute="_compute_conditions_open")

    _amounts = models.Constraint(
        "CHECK (used_amount <= approved_amount)",
        "More would leave than was approved.",
    )
    _open_idx = models.Index("(order_id) WHERE state IN ('submitted', 'approved')")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("line_ids.amount")
    def _compute_amount(self):
        for application in self:
            application.amount = sum(application.line_ids.mapped("amount"))

    @api.depends("reason_id", "date")
    def _compute_date_until(self):
        """As long as the reason allows."""
        for application in self:
            if application.date and (last := application._last_day(application.date)):
                application.date_until = last
            else:
                application.date_until = application.date_until

    @api.depends("state", "revoked_on", "condition_ids.ticked_on")
    def _compute_conditions_open(self):
        for application in self:
            application.conditions_open = (
                application.state == "approved"
                and not application.revoked_on
                and any(not row.ticked_on for row in application.condition_ids)
            )

    @api.depends_context("uid")
    @api.depends("state", "revoked_on", "approved_until", "used_amount")
    def _compute_can_revoke(self):
        for application in self:
            application.can_revoke = not application._refuse_revoke()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        applications = super().create(vals_list)
        applications._refresh()
        return applications

    def write(self, vals):
        if is_unguarded(self) or not REFRESHED & vals.keys():
            return super().write(vals)
        days = {application: application._repayment_day() for application in self}
        res = super().write(vals)
        self._refresh(days)
        return res

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_refresh(self):
        """Read the figures anew, and with them what is at stake; fill in what is held
        where no line says what is to leave."""
        self.check_access("write")
        self._contract_check_state("draft")
        for application in self.filtered(lambda a: not a.line_ids):
            application._propose_lines()
        self._refresh()
        return True

    def action_revoke(self):
        """Open the window that asks why the rest is revoked."""
        return self._open_reason("revoke")

    @api.readonly
    def action_view_deliveries(self):
        """Open the deliveries of the application and their backorders."""
        self.ensure_one()
        deliveries = self.picking_ids | self.sudo().use_ids.picking_id.sudo(False)
        action = deliveries._get_records_action(name=self.env._("Deliveries"))
        return {**action, "context": {"create": False}}

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        """Those that this person prepares or answers for until the money is in."""
        return Domain("user_id", "=", user.id) & Domain("state", "=", "draft")

    def _contract_next_states(self):
        """Deciding takes it on; whoever may write it submits it."""
        return {**super()._contract_next_states(), "submitted": {"draft": None}}

    def _check_frozen(self, content):
        if "order_id" in content or any(a.state == "refused" for a in self):
            raise UserError(
                self.env._("An application stays with its contract: write another one.")
            )
        if any(application.state == "closed" for application in self):
            raise UserError(
                self.env._("The application is closed: nothing of it changes any more.")
            )
        return super()._check_frozen(content)

    def _last_day(self, day):
        """The last day for which it can be asked on ``day``, or False."""
        self.ensure_one()
        days = self.reason_id.valid_days
        return bool(days) and day + timedelta(days=days - 1)

    def _codes(self):
        """The codes of the reasons that it covers, as a set."""
        self.ensure_one()
        return set((self.reason_codes or "").split())

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "revoke": self._reason_step(self.env._("Revoke the rest"), "_revoke"),
        }

    def _refuse_revoke(self):
        """Why the user can't revoke it, as a sentence, or False."""
        self.ensure_one()
        today = self.order_id and self.order_id._contract_today()
        if (
            self.state != "approved"
            or self.revoked_on
            or self.approved_until < today
            or self.currency_id.compare_amounts(self.used_amount, self.approved_amount)
            >= 0
        ):
            return self.env._(
                "Nothing of %(document)s is left to be revoked.",
                document=self.display_name,
            )
        if self._is_decider(self.env.user):
            return False
        return self.order_id.sudo()._contract_refuse_business()

    def _revoke(self, reason):
        """Take back what hasn't left: the business office or who decided."""
        self.ensure_one()
        self.check_access("read")
        application = self._approval_lock()
        application.invalidate_recordset(["used_amount", "revoked_on"])
        if refusal := self._refuse_revoke():
            raise UserError(refusal)
        application.write(
            {
                "revoked_on": fields.Datetime.now(),
                "revoked_by_id": self.env.uid,
                "revoked_by_name": self.env.user.name,
                "revoked_reason": reason,
            }
        )
        self._note({self.id: self.env._("Revoked: %(reason)s", reason=reason)})
        application._close_settled()
        application._sync_activities()

    def _close_settled(self):
        """Close those of which nothing is outstanding and nothing can leave any more:
        used up, expired or revoked.

        :return: the closed ones
        """
        self.invalidate_recordset(["outstanding", "left_amount"])
        settled = self.filtered(
            lambda a: (
                a.state == "approved"
                and a.currency_id.is_zero(a.outstanding)
                and a.currency_id.is_zero(a.left_amount)
            )
        )
        for application in settled:
            unguarded(application).write(
                {
                    "state": "closed",
                    "closed_on": application.order_id._contract_today(),
                    "repaid_amount": application.taken_amount,
                }
            )
        return settled
