from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

from .contract_guard import unguarded


class ContractReagreement(models.Model):
    """补充协议 Re-agreement: what a filed supplementary agreement changes in the terms
    of a contract or a frame agreement in effect, and from which day (D2 §9, D4).

    Approved it closes the terms that it replaces on that day and opens new ones; the
    old stay as baseline, and every figure of an earlier day keeps them. It doesn't
    touch the order: the order is changed as agreed, and the changes are proposed here.
    Amounts are in the contract's currency with taxes, days in the company's time zone.
    """

    _name = "contract.reagreement"
    _inherit = ["contract.form.mixin", "contract.approval.mixin"]
    _description = "Re-agreement"
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "contract_number"]

    _approval_kind = "reagreement"
    _contract_form_sequence = "contract.reagreement"
    _contract_form_setting = "contract_reagreement_form"

    user_id = fields.Many2one(string="Prepared By")
    state = fields.Selection(
        [
            ("draft", "Draft"),
            ("submitted", "Submitted"),
            ("done", "Holds"),
            ("refused", "Refused"),
        ],
        default="draft",
        required=True,
        readonly=True,
        copy=False,
        index=True,
        tracking=True,
    )
    document_id = fields.Many2one(
        "contract.document",
        string="Supplementary Agreement",
        ondelete="restrict",
        index="btree_not_null",
        check_company=True,
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id)]",
        help="The paper that both sides signed, filed on the contract.",
    )
    date_from = fields.Date(
        string="Holds From",
        required=True,
        default=fields.Date.context_today,
        help="From this day on the new terms hold; figures of earlier days keep the "
        "old ones.",
    )
    reason = fields.Text()
    line_ids = fields.One2many(
        "contract.reagreement.line", "reagreement_id", string="Changes", copy=True
    )
    amount_before = fields.Monetary(
        string="Agreed Total Before", readonly=True, copy=False
    )
    amount_after = fields.Monetary(
        string="Agreed Total After",
        compute="_compute_amount_after",
        store=True,
        readonly=False,
        precompute=True,
        help="Proposed from the order. Terms that are a share of the total follow it.",
    )
    amount_now = fields.Monetary(
        string="Agreed Total Now", compute="_compute_amount_now", compute_sudo=True
    )
    applied_on = fields.Datetime(readonly=True, copy=False)
    contract_no = fields.Char(string="Contract No.", readonly=True, copy=False)
    partner_name = fields.Char(string="Customer's Name", readonly=True, copy=False)

    _pending_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'submitted' AND order_id IS NOT NULL",
        "Another re-agreement of this contract is being decided.",
    )
    _frame_pending_uniq = models.UniqueIndex(
        "(frame_id) WHERE state = 'submitted' AND frame_id IS NOT NULL",
        "Another re-agreement of this frame agreement is being decided.",
    )

    @api.depends("order_id", "frame_id")
    def _compute_amount_after(self):
        for record in self:
            parent = (
                record._contract_parent() if record.order_id or record.frame_id else 0
            )
            record.amount_after = parent.sudo().amount_total if parent else 0

    @api.depends("state", "amount_before", "order_id", "frame_id")
    def _compute_amount_now(self):
        for record in self:
            record.amount_now = (
                record.amount_before
                if record.state == "done"
                else record.order_id.contract_agreed_amount
                or record.frame_id.amount_total
            )

    @api.depends("name", "contract_no")
    def _compute_display_name(self):
        for record in self:
            record.display_name = " ".join(
                filter(None, (record.name, record.contract_no))
            )

    @api.constrains("document_id", "order_id", "frame_id")
    def _check_document(self):
        for record in self:
            document = record.document_id.sudo()
            if document and document._contract_parent() != record._contract_parent():
                raise ValidationError(
                    self.env._(
                        "“%(paper)s” is filed on another contract.", paper=document.name
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        records = super().create(vals_list)
        for record in records:
            parent = record._contract_parent().sudo()
            unguarded(record).write(
                {
                    "contract_no": record.sudo().contract_number or parent.display_name,
                    "partner_name": parent.partner_id.name,
                }
            )
        return records

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"} or any(
            r.state == "refused" for r in self
        ):
            raise UserError(
                self.env._("A re-agreement stays with its contract: write another one.")
            )
        return super()._check_frozen(content)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_view_contract(self):
        """Open the contract or the frame agreement."""
        self.ensure_one()
        parent = self._contract_parent()
        return {
            "type": "ir.actions.act_window",
            "res_model": parent._name,
            "res_id": parent.id,
            "view_mode": "form",
        }

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------

    def _approval_amount(self):
        self.ensure_one()
        return self.amount_after, self.currency_id

    def _approval_check_submit(self):
        self._check_ready()
        return super()._approval_check_submit()

    def _approval_may_record_oral(self, step, user):
        """New terms hold at once: a decision that can be denied tomorrow can't put
        them into effect today."""
        return False

    def _approval_submitted(self):
        self.line_ids._freeze()
        for record in self:
            record.write({"state": "submitted", "amount_before": record.amount_now})
        return super()._approval_submitted()

    def _approval_approved(self):
        for record in self:
            record._apply()
        return super()._approval_approved()

    def _approval_refused(self):
        self.write({"state": "refused"})
        return super()._approval_refused()

    def _approval_returned(self):
        if any(record.applied_on for record in self):
            raise UserError(
                self.env._(
                    "The new terms are in effect already: agree on a change back by "
                    "another re-agreement."
                )
            )
        self.write({"state": "draft"})
        return super()._approval_returned()

    def _approval_withdrawn(self):
        self.write({"state": "draft"})
        return super()._approval_withdrawn()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _terms(self):
        """The terms that hold now."""
        self.ensure_one()
        terms = self.order_id.contract_term_ids | self.frame_id.term_ids
        return terms.sudo().filtered(lambda t: not t.valid_to)

    def _check_ready(self):
        """Raise if the re-agreement can't take effect as it is written."""
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if self.order_id:
            is_open = parent.contract_state in ("active", "suspended")
            effective = parent.contract_effective_date
        else:
            is_open, effective = parent.state == "active", parent.effective_date
        if not is_open:
            raise UserError(
                self.env._(
                    "%(contract)s is not in effect: there are no terms to change.",
                    contract=parent.display_name,
                )
            )
        if not self.document_id.sudo().attachment_ids:
            raise UserError(
                self.env._(
                    "File the signed supplementary agreement on the contract, with its "
                    "scan, and choose it here."
                )
            )
        if self.date_from > parent._contract_today() or self.date_from < effective:
            raise UserError(
                self.env._(
                    "The new terms must hold from a day between %(effective)s, when "
                    "the contract took effect, and today.",
                    effective=format_date(self.env, effective),
                )
            )
        last = self.sudo().search(
            [
                ("order_id", "=", self.order_id.id),
                ("frame_id", "=", self.frame_id.id),
                ("state", "=", "done"),
                ("date_from", ">", self.date_from),
            ],
            limit=1,
        )
        if last:
            # the day before, two sets of terms would count
            raise UserError(
                self.env._(
                    "%(name)s holds from %(date)s: later changes can't hold from an "
                    "earlier day.",
                    name=last.display_name,
                    date=format_date(self.env, last.date_from),
                )
            )
        changed = self.currency_id.compare_amounts(self.amount_after, self.amount_now)
        if not self.line_ids and not changed:
            raise UserError(self.env._("Say what changes: add a line."))
        self.line_ids._check_ready()
        if changed or self.line_ids.filtered(lambda line: line.kind == "payment"):
            self._check_payments()

    def _check_payments(self):
        """What is to be paid must be the new total, of a frame agreement at most.

        :raise UserError: if shares and amounts add up to something else
        """
        self.ensure_one()
        payments = [
            *self.line_ids.filtered(lambda line: line.action != "end"),
            *(self._terms() - self.sudo().line_ids.term_id),
        ]
        amount = self.currency_id.round(
            sum(
                self.amount_after * payment.percent / 100
                if payment.percent
                else payment.amount
                for payment in payments
                if payment.kind == "payment"
            )
        )
        difference = self.currency_id.compare_amounts(amount, self.amount_after)
        if self.frame_id:
            wrong = self.amount_after and difference > 0
        else:
            wrong = difference and any(p.kind == "payment" for p in payments)
        if wrong:
            raise UserError(
                self.env._(
                    "With these changes the payment terms of %(contract)s add up to "
                    "%(terms)s, the agreed total is %(total)s. Change the payment "
                    "terms so that they add up.",
                    contract=self._contract_parent().display_name,
                    terms=format_amount(self.env, amount, self.currency_id),
                    total=format_amount(self.env, self.amount_after, self.currency_id),
                )
            )
