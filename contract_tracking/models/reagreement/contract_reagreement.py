from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import (
    format_amount,
    format_date,
)

# What changes the contract, or follows from its changes.
APPLIED = {"line_ids", "frame_date_end", "amount_after", "change_order"}


class ContractReagreement(models.Model):
    """补充协议 Re-agreement: what a filed supplementary agreement changes in the terms
    of a contract or a frame agreement in effect, and from which day (D2 §9, D4 §6.1).

    Approved it closes the terms that it replaces on that day and opens new ones, and
    terms that are a share of the total follow the new total; the old stay as baseline,
    and every figure of an earlier day keeps them. The order, or the frame agreement, is
    changed with it (``…_apply.py``, ``…_frame.py``); or it was changed before, and how
    it differs from its terms is proposed here as changes.
    Amounts are in the contract's currency with taxes, quantities in the order line's
    unit, days in the company's time zone.
    """

    _name = "contract.reagreement"
    _inherit = ["contract.form.mixin", "contract.approval.mixin"]
    _description = "Re-agreement"
    _order = "date_from desc, id desc"
    _rec_names_search = ["name", "contract_number"]
    _approval_kind = "reagreement"
    _contract_form = ("QR-XS-06", "A/0", "BC")
    _contract_days = ("date", "date_from")

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
        domain="[('order_id', '=', order_id), ('frame_id', '=', frame_id), "
        "('type_id.is_supplement', '=', True)]",
        help="The paper that both sides signed, filed on the contract.",
    )
    date_from = fields.Date(
        string="Holds From",
        required=True,
        help="From this day on the new terms hold; figures of earlier days keep the "
        "old ones.",
    )
    reason = fields.Text()
    line_ids = fields.One2many(
        "contract.reagreement.line", "reagreement_id", string="Changes", copy=True
    )
    amount_before = fields.Monetary(
        string="Agreed Total Before",
        readonly=True,
        copy=False,
        help="Agreed total of the contract when this was submitted, taxes included.",
    )
    amount_after = fields.Monetary(
        string="Agreed Total After",
        compute="_compute_amount_after",
        store=True,
        readonly=False,
        help="Proposed from the order. Terms that are a share of the total follow it.",
    )
    amount_now = fields.Monetary(
        string="Agreed Total Now",
        compute="_compute_amount_now",
        compute_sudo=True,
        help="Agreed total of the contract before this agreement, taxes included.",
    )
    applied_on = fields.Datetime(readonly=True, copy=False)
    difference_text = fields.Text(
        string="Still Different in the Order",
        compute="_compute_difference_text",
        compute_sudo=True,
    )
    outdated_text = fields.Text(
        string="Another Total by Now",
        compute="_compute_outdated_text",
        compute_sudo=True,
        help="What was delivered, invoiced or picked since this was written changes "
        "what the changes come to.",
    )

    change_order = fields.Boolean(
        string="Change the Order",
        compute="_compute_change_order",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="Once approved the order is changed as agreed: quantities, prices, days, "
        "lines. Otherwise it is changed by hand before, and proposed here.",
    )
    effect_text = fields.Text(
        string="What Happens to the Order",
        compute="_compute_effect_text",
        compute_sudo=True,
        help="What is changed once this is approved.",
    )
    refused_text = fields.Text(
        string="What Can't Be Changed Any More",
        compute="_compute_effect_text",
        compute_sudo=True,
        help="What was delivered, invoiced or picked already.",
    )
    frame_date_end = fields.Date(
        string="Valid Until (New)",
        help="Another end of the frame agreement's validity; empty: it stays.",
    )

    _pending_uniq = models.UniqueIndex(
        "(order_id) WHERE state = 'submitted' AND order_id IS NOT NULL",
        "Another re-agreement of this contract is being decided.",
    )
    _frame_pending_uniq = models.UniqueIndex(
        "(frame_id) WHERE state = 'submitted' AND frame_id IS NOT NULL",
        "Another re-agreement of this frame agreement is being decided.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends(
        "order_id", "frame_id", "change_order", "line_ids.kind", "line_ids.action",
        "line_ids.quantity", "line_ids.new_price", "line_ids.price_unit",
        "line_ids.discount", "line_ids.tax_ids", "line_ids.product_id",
        "line_ids.amount", "line_ids.term_id", "line_ids.frame_line_id",
    )  # fmt: skip
    def _compute_amount_after(self):
        for record in self:
            planned = record._planned_total()
            # what somebody typed stays, and what was decided on
            typed = record._origin and not record._is_planned()
            record.amount_after = typed and record.amount_after or planned

    @api.depends("state", "amount_before", "order_id", "frame_id")
    def _compute_amount_now(self):
        for record in self:
            record.amount_now = (
                record.amount_before
                if record.state == "done"
                else record.order_id.contract_agreed_amount
                or record.frame_id.amount_total
            )

    @api.depends_context("lang")
    @api.depends("line_ids", "state", "order_id", "change_order")
    def _compute_difference_text(self):
        for record in self:
            texts = []
            if (
                record.order_id
                and not record.change_order
                and record.state in ("draft", "submitted")
            ):
                texts = [text for text, _vals in record._order_differences()]
            record.difference_text = "\n".join(texts) or False

    @api.depends_context("lang")
    @api.depends("state", "change_order", "amount_after")
    def _compute_outdated_text(self):
        for record in self:
            drafted = (
                record.state == "draft" and record.change_order and record.order_id
            )
            record.outdated_text = drafted and record._outdated(record._planned_total())

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    def copy_data(self, default=None):
        """What was applied is agreed already: a copy begins without it."""
        vals_list = super().copy_data(default)
        for record, vals in zip(self, vals_list, strict=True):
            for name in APPLIED - (default or {}).keys() if record.applied_on else ():
                vals.pop(name, None)
        return vals_list

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_propose(self):
        """Add what was changed in the order since its terms were agreed: quantities,
        prices, dates, lines added or taken out.

        :raise UserError: if order and terms agree
        """
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state("draft")
        differences = self._order_differences()
        amount = self.order_id.sudo().amount_total
        changed = self.currency_id.compare_amounts(amount, self.amount_now)
        if not differences and not changed:
            raise UserError(
                self.env._("The order is as agreed: there is nothing to propose.")
            )
        lines = [vals for _text, vals_list in differences for vals in vals_list]
        self.write(
            {
                "amount_after": amount or self.amount_after,
                "line_ids": [Command.create(vals) for vals in lines],
            }
        )
        return True

    def action_reckon(self):
        """Take the total to which the changes come by now. What was signed says
        another one: that paper is taken out."""
        self.ensure_one()
        self.check_access("write")
        self._contract_check_state("draft")
        total = self._planned_total()
        if self.change_order and (text := self._outdated(total)):
            paper = self.document_id.sudo()
            self.write({"amount_after": total, "document_id": False})
            if paper:
                text += "\n" + self.env._(
                    "“%(paper)s” is of the old total and was taken out.",
                    paper=paper.display_name,
                )
            self._note({self.id: text})
        return True

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _refuse_total(self, total):
        """Why nobody decides on the total that is written, or False: both sides signed
        it, and the changes come to another one.

        :param total: what the changes come to by now
        """
        self.ensure_one()
        if not (outdated := self._outdated(total)):
            return False
        if self.state == "draft":
            return self.env._(
                "%(outdated)s Reckon Anew takes the new total and takes “%(paper)s” "
                "out: have the agreement signed again. Or write the changes so that "
                "they come to what was signed.",
                outdated=outdated,
                paper=self.document_id.display_name,
            )
        return self.env._(
            "%(outdated)s Withdraw it, reckon it anew and have it signed again.",
            outdated=outdated,
        )

    def _outdated(self, total):
        """That the changes come to another total by now than is written, in words, or
        False."""
        self.ensure_one()
        currency = self.currency_id
        if not currency.compare_amounts(self.amount_after, total):
            return False
        return self.env._(
            "Since this was written something was delivered, invoiced, picked or "
            "changed in the order: the changes come to %(total)s by now, not to "
            "%(agreed)s.",
            total=format_amount(self.env, total, currency),
            agreed=format_amount(self.env, self.amount_after, currency),
        )

    @api.model
    def _contract_siblings(self):
        return super()._contract_siblings() | {"document_id"}

    @api.model
    def _handover_domain(self, user):
        """Those that this person prepares."""
        return Domain("user_id", "=", user.id) & Domain("state", "=", "draft")

    def _contract_next_states(self):
        """Deciding takes it on; whoever may write it submits it."""
        return {**super()._contract_next_states(), "submitted": {"draft": None}}

    def _check_frozen(self, content):
        if content & {"order_id", "frame_id"} or any(
            r.state == "refused" for r in self
        ):
            raise UserError(
                self.env._("A re-agreement stays with its contract: write another one.")
            )
        return super()._check_frozen(content)

    def _approval_amount(self):
        """What is at stake is the contract: also as large as it was."""
        self.ensure_one()
        return max(self.amount_now, self.amount_after), self.currency_id

    def _approval_check_submit(self):
        self._contract_check_next("submitted")
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
        self._apply()
        return super()._approval_approved()

    def _approval_returned(self):
        if any(record.applied_on for record in self):
            raise UserError(
                self.env._(
                    "The new terms are in effect already: agree on a change back by "
                    "another re-agreement."
                )
            )
        return super()._approval_returned()

    def _terms(self, kind):
        """The terms of a kind that hold now."""
        self.ensure_one()
        terms = self.order_id.contract_term_ids or self.frame_id.term_ids
        return terms.sudo().filtered(lambda t: t.kind == kind and not t.valid_to)

    def _check_ready(self):
        """Raise if one of the re-agreements can't take effect as it is written."""
        later = (
            self.sudo()
            .search(
                Domain("state", "=", "done")
                & (
                    Domain("order_id", "in", self.order_id.ids)
                    | Domain("frame_id", "in", self.frame_id.ids)
                )
            )
            .grouped(lambda record: record._contract_parent())
        )
        orders = self.line_ids.sudo().filtered(lambda line: line.kind == "delivery")
        orders = orders.line_id.order_id
        # the share of each line is reckoned of all lines of its order
        orders.mapped("order_line")
        delivered = {}
        if orders:
            delivered = self.env["contract.facts"]._read_delivered(orders)
        for record in self:
            done = later.get(record.sudo()._contract_parent(), record.browse())
            record._check_ready_one(done, delivered)

    def _check_ready_one(self, done, delivered):
        """Raise if the re-agreement can't take effect as it is written.

        :param done: those of its contract that took effect
        :param delivered: what was delivered: ``{line id: (quantity, amount)}``
        """
        self.ensure_one()
        parent = self._contract_parent().sudo()
        if not parent._contract_is_open():
            raise UserError(
                self.env._(
                    "%(contract)s is not in effect: there are no terms to change.",
                    contract=parent.display_name,
                )
            )
        paper = self.document_id.sudo()
        if paper and not paper.type_id.is_supplement:
            raise UserError(
                self.env._(
                    "“%(paper)s” is filed as “%(type)s”, which changes nothing that "
                    "both sides signed: choose the supplementary agreement.",
                    paper=paper.display_name,
                    type=paper.type_id.display_name,
                )
            )
        if not paper.attachment_ids:
            raise UserError(
                self.env._(
                    "File the signed supplementary agreement on the contract, with its "
                    "scan, and choose it here."
                )
            )
        self._check_day(done)
        changed = self.currency_id.compare_amounts(self.amount_after, self.amount_now)
        if not self.line_ids and not changed and not self.frame_date_end:
            raise UserError(self.env._("Say what changes: add a line."))
        self.line_ids._check_ready(delivered)
        self._check_effect()
        if changed or self.line_ids.filtered(lambda line: line.kind == "payment"):
            self._check_payments()

    def _check_day(self, done):
        """Raise if the new terms can't hold from the day that is written.

        :param done: those of its contract that took effect
        """
        self.ensure_one()
        parent = self._contract_parent().sudo()
        effective = parent._contract_effect_day()
        if not effective <= self.date_from <= parent._contract_today():
            raise UserError(
                self.env._(
                    "The new terms must hold from a day between %(effective)s, when "
                    "the contract took effect, and today.",
                    effective=format_date(self.env, effective),
                )
            )
        last = done.filtered(lambda record: record.date_from > self.date_from)[:1]
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

    def _check_payments(self):
        """What is to be paid must be the new total, of a frame agreement at most.

        :raise UserError: if shares and amounts add up to something else
        """
        self.ensure_one()
        payments = [
            *self.line_ids.filtered(
                lambda c: c.kind == "payment" and c.action != "end"
            ),
            *(self._terms("payment") - self.sudo().line_ids.term_id),
        ]
        amount = self.currency_id.round(
            sum(
                self.amount_after * payment.percent / 100
                if payment.percent
                else payment.amount
                for payment in payments
            )
        )
        difference = self.currency_id.compare_amounts(amount, self.amount_after)
        if self.frame_id:
            wrong = self.amount_after and difference > 0
        else:
            wrong = difference and payments
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
