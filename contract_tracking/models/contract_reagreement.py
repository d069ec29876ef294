from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, float_compare

from .contract_guard import guarded, unguarded


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
            ("done", "In effect"),
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
    difference_text = fields.Text(
        string="Still Different in the Order",
        compute="_compute_difference_text",
        compute_sudo=True,
    )

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

    @api.depends_context("lang")
    @api.depends("line_ids", "state", "order_id")
    def _compute_difference_text(self):
        for record in self:
            lines = (
                record._order_differences(record.line_ids)
                if record.order_id and record.state in ("draft", "submitted")
                else []
            )
            record.difference_text = "\n".join(text for text, _vals in lines) or False

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
        super()._check_frozen(content)
        if content & {"order_id", "frame_id"} or any(
            r.state == "refused" for r in self
        ):
            raise UserError(
                self.env._("A re-agreement stays with its contract: write another one.")
            )

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
        if self.state != "draft":
            raise UserError(self.env._("Only a draft takes up changes."))
        differences = self._order_differences(self.line_ids)
        amount = self.order_id.sudo().amount_total
        changed = self.currency_id.compare_amounts(amount, self.amount_now)
        if not differences and not changed:
            raise UserError(
                self.env._("The order is as agreed: there is nothing to propose.")
            )
        self.write(
            {
                "amount_after": amount or self.amount_after,
                "line_ids": [(0, 0, vals) for _text, vals in differences],
            }
        )
        return True

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
        super()._approval_check_submit()
        self._check_ready()

    def _approval_submitted(self):
        super()._approval_submitted()
        for record in self:
            record.write({"state": "submitted", "amount_before": record.amount_now})

    def _approval_approved(self):
        super()._approval_approved()
        for record in self:
            record._apply()

    def _approval_refused(self):
        super()._approval_refused()
        self.write({"state": "refused"})

    def _approval_returned(self):
        super()._approval_returned()
        if any(record.applied_on for record in self):
            raise UserError(
                self.env._(
                    "The new terms are in effect already: agree on a change back by "
                    "another re-agreement."
                )
            )
        self.write({"state": "draft"})

    def _approval_withdrawn(self):
        super()._approval_withdrawn()
        self.write({"state": "draft"})

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
                    effective=effective,
                )
            )
        changed = self.currency_id.compare_amounts(self.amount_after, self.amount_now)
        if not self.line_ids and not changed:
            raise UserError(self.env._("Say what changes: add a line."))
        self.line_ids._check_ready()

    def _order_differences(self, lines):
        """How the order differs from the terms that hold and from these lines.

        :return: a list of (sentence, values of a line that takes it up)
        """
        self.ensure_one()
        order = self.order_id.sudo()
        terms = self._terms().filtered(lambda t: t.kind == "delivery")
        taken = lines.sudo().term_id
        added = lines.filtered(lambda line: line.action == "add").sudo().line_id
        result = []
        for line in order.order_line:
            own = terms.filtered(lambda t, line=line: t.line_id == line)
            if not line._contract_is_promise() or not line.product_uom_qty:
                continue
            unit = line.product_uom_id.rounding or 0.01
            day = line._contract_agreed_date()
            if not own and line not in added:
                text = self.env._(
                    "%(line)s: %(quantity)s, not in the terms",
                    line=line.name,
                    quantity=line.product_uom_qty,
                )
                vals = {
                    "action": "add",
                    "kind": "delivery",
                    "line_id": line.id,
                    "quantity": line.product_uom_qty,
                }
                result.append((text, {**vals, "due_mode": "date", "date_fixed": day}))
            elif len(own) == 1 and own not in taken:
                quantity = float_compare(
                    own.quantity, line.product_uom_qty, precision_rounding=unit
                )
                amount = order.currency_id.compare_amounts(
                    own.amount, line._contract_unit_total() * line.product_uom_qty
                )
                moved = (
                    own.due_mode == "date"
                    and order.commitment_date
                    and (own.date_fixed != day)
                )
                if not quantity and not amount and not moved:
                    continue
                text = self.env._(
                    "%(line)s: %(quantity)s, agreed %(agreed)s",
                    line=line.name,
                    quantity=line.product_uom_qty,
                    agreed=own.quantity,
                )
                vals = {
                    **self.env["contract.reagreement.line"]._term_vals(own),
                    "quantity": line.product_uom_qty,
                }
                if moved:
                    vals["date_fixed"] = day
                result.append((text, vals))
        gone = terms.filtered(
            lambda t: (
                t not in taken
                and (t.line_id not in order.order_line or not t.line_id.product_uom_qty)
            )
        )
        for term in gone:
            text = self.env._(
                "%(term)s: not in the order any more", term=term.display_name
            )
            vals = self.env["contract.reagreement.line"]._term_vals(term)
            result.append((text, {**vals, "action": "end"}))
        return result

    def _apply(self):
        """Close the terms that are replaced and open the new ones, all or nothing.

        :raise UserError: if something happened meanwhile that doesn't allow it
        """
        self.ensure_one()
        if self.applied_on:
            raise UserError(self.env._("The new terms are in effect already."))
        self._check_ready()
        parent = self._contract_parent()
        total = self.currency_id.compare_amounts(self.amount_after, self.amount_now)
        shares = self._terms().filtered(
            lambda t: t.kind == "payment" and t.percent and not t.waived_on
        )
        vals_list = [line._new_term_vals() for line in self.line_ids]
        if total:
            # shares of the total follow it
            Line = self.env["contract.reagreement.line"]
            follow = shares - self.line_ids.term_id
            vals_list += [Line._replaced_vals(term, self.date_from) for term in follow]
        else:
            follow = shares.browse()
        old = self.line_ids.term_id | follow
        unguarded(old).write({"valid_to": self.date_from})
        self.env.flush_all()
        if total and self.order_id:
            unguarded(parent).write({"contract_agreed_amount": self.amount_after})
        elif total:
            unguarded(parent).write({"amount_total": self.amount_after})
        if total:
            self.env["contract.history"]._log(
                [
                    {
                        **self._contract_parent_vals(),
                        "date": self.date_from,
                        "kind": "amount",
                        "name": self.env._("Re-agreement %(name)s", name=self.name),
                        "old_value": str(self.amount_now),
                        "new_value": str(self.amount_after),
                        "reason": self.reason,
                    }
                ]
            )
        new = unguarded(self.env["contract.term"]).create(
            [vals for vals in vals_list if vals]
        )
        new._stamp()
        new._log(self.env._("Agreed in %(name)s", name=self.name), self.reason)
        (old - new.predecessor_id)._log(
            self.env._("Ended by %(name)s", name=self.name), self.reason
        )
        self.write({"state": "done", "applied_on": fields.Datetime.now()})
        self._after_apply()

    def _after_apply(self):
        """The departure of the order from its terms is over: it is agreed on."""
        self.ensure_one()
        deviations = (
            self.env["contract.deviation"]
            .sudo()
            .search(
                [
                    ("order_id", "=", self.order_id.id),
                    ("frame_id", "=", self.frame_id.id),
                    ("kind", "=", "order_changed"),
                    ("cured_on", "=", False),
                ]
            )
        )
        unguarded(deviations).write({"cured_on": self.date_from})
        for deviation in guarded(deviations):
            deviation.message_post(
                body=self.env._("Agreed on in %(name)s.", name=self.display_name)
            )

    @api.model
    def _total_sql(self, subject, alias, cutoff, now):
        """The agreed total as of a day: what the first re-agreement that holds from a
        later day replaced, else what is agreed now."""
        if not cutoff:
            return now
        return SQL(
            """COALESCE((SELECT r.amount_before FROM contract_reagreement r
                          WHERE r.%(subject)s = %(alias)s.id AND r.state = 'done'
                            AND r.date_from > %(cutoff)s
                          ORDER BY r.date_from, r.id LIMIT 1), %(now)s)""",
            subject=subject,
            alias=SQL.identifier(alias),
            cutoff=cutoff,
            now=now,
        )
