from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_amount

from .contract_guard import guarded, unguarded
from .sale_order import OPEN_STATES


class SaleOrder(models.Model):
    """How a contract comes to life, is held up, and ends.

    draft → confirmed → active ⇄ suspended → completed or terminated; cancelled from
    draft, confirmed or active. Every step is dated in the contract's history.
    """

    _inherit = "sale.order"

    # ------------------------------------------------------------------
    # Confirming and taking effect
    # ------------------------------------------------------------------

    def _action_confirm(self):
        self.sudo()._contract_on_confirm()
        return super()._action_confirm()

    def action_draft(self):
        res = super().action_draft()
        contracts = self.sudo().filtered(
            lambda o: o.contract_state == "cancelled" and o.state == "draft"
        )
        if contracts:
            # what a re-agreement replaced stays as baseline
            terms = contracts.contract_term_ids.filtered(lambda t: not t.valid_to)
            unguarded(terms).write({"stamped": False})
            contracts._contract_set_state(
                "draft", contract_effective_date=False, contract_agreed_amount=0
            )
        return res

    def _contract_is_to_track(self):
        """Whether the company's settings make a contract of this confirmed order."""
        self.ensure_one()
        company = self.company_id
        mode = company.contract_track_mode
        if mode == "manual" or (
            company.contract_track_from
            and self._contract_day(self.date_order) < company.contract_track_from
        ):
            return False
        if mode == "amount":
            total = self.amount_total / (self.currency_rate or 1)
            return total >= company.contract_track_amount
        if mode == "team":
            return self.team_id in company.contract_track_team_ids
        return True

    def _contract_on_confirm(self):
        """Make contracts of the confirmed orders that are to be tracked, as a set."""
        contracts = self.filtered(
            lambda o: (
                o.contract_state in ("draft", "cancelled")
                or (not o.contract_state and o._contract_is_to_track())
            )
        )
        if contracts:
            contracts._contract_start()

    def _contract_start(self):
        """Number, owner, delivery terms; in effect at once if the rule allows."""
        self._contract_assign_numbers()
        for order in self:
            unguarded(order).write(
                {
                    "contract_owner_id": (order.contract_owner_id or order.user_id).id,
                    "contract_kind": order.contract_kind or "contract",
                    "contract_type": order.contract_type or "new",
                }
            )
        rows = self._contract_set_state("confirmed", log=False)
        rows += self._contract_take_effect(log=False)
        self._contract_add_delivery_terms()
        self.env["contract.history"]._log(rows)

    def _contract_assign_numbers(self):
        """Draw a number for those that have none: one query a number."""
        for company, orders in self.grouped("company_id").items():
            orders = orders.filtered(lambda o: not o.contract_number)
            if not orders:
                continue
            numbers = company._contract_next_numbers(
                "contract.number", orders[0]._contract_today(), len(orders)
            )
            for order, number in zip(orders, numbers, strict=True):
                unguarded(order).write({"contract_number": number})

    def _contract_add_delivery_terms(self):
        """One term a line that promises goods or services; lines that have one keep
        it, so that confirming again doubles nothing. Stamped if the contract is in
        effect."""
        present = self.contract_term_ids.line_id
        values = []
        for order in self:
            for line in order.order_line - present:
                if not line._contract_is_promise() or line.product_uom_qty <= 0:
                    continue
                values.append(
                    {
                        "order_id": order.id,
                        "company_id": order.company_id.id,
                        "currency_id": order.currency_id.id,
                        "kind": "delivery",
                        "line_id": line.id,
                        "due_mode": "date",
                        "auto": True,
                        "quantity": line.product_uom_qty,
                        "amount": line.price_total,
                        "date_fixed": line._contract_agreed_date(),
                        "over_percent": order.company_id.contract_over_percent,
                        "short_percent": order.company_id.contract_short_percent,
                        "stamped": bool(order.contract_effective_date),
                    }
                )
        guarded(unguarded(self.env["contract.term"]).create(values))

    def _contract_is_effective(self):
        """The day on which the contract took effect by the company's rule, or False."""
        self.ensure_one()
        rule = self.company_id.contract_effective_rule
        if rule == "signature":
            return bool(self.contract_signatory) and self.contract_signing_date
        if rule == "seals":
            seals = (self.contract_our_seal_date, self.contract_customer_seal_date)
            return all(seals) and max(seals)
        return self._contract_day(self.date_order)

    def _contract_take_effect(self, log=True):
        """Stamp what was agreed and put confirmed contracts into effect (D4 §4.4).

        :return: rows of the history, which the caller logs if ``log`` is false
        :raise UserError: if the payment terms don't add up to the contract
        """
        days = {
            order: order._contract_is_effective()
            for order in self
            if order.contract_state == "confirmed" and order.state == "sale"
        }
        effective = self.filtered(days.get)
        if not effective:
            return []
        for order in effective:
            order._contract_check_terms()
            unguarded(order).write(
                {
                    "contract_effective_date": days[order],
                    "contract_agreed_amount": order.amount_total,
                    "contract_fulfilment": order.contract_fulfilment
                    or order.company_id.contract_fulfilment,
                    "contract_next_record_date": order._contract_first_record_date(
                        days[order]
                    ),
                }
            )
        effective.contract_term_ids._stamp()
        effective._contract_add_delivery_terms()
        return effective._contract_set_state("active", log=log)

    def _contract_check_terms(self):
        """Agreed terms must match the order before they are fixed."""
        self.ensure_one()
        terms = self.contract_term_ids.filtered(lambda t: not t.valid_to)
        payments = terms.filtered(lambda t: t.kind == "payment")
        if payments:
            agreed = payments._agreed_vals()
            total = sum(vals["amount"] for vals in agreed.values())
            if self.currency_id.compare_amounts(total, self.amount_total):
                raise UserError(
                    self.env._(
                        "The payment terms of %(order)s add up to %(terms)s, the order "
                        "to %(total)s. Correct the terms so that they add up.",
                        order=self.display_name,
                        terms=format_amount(self.env, total, self.currency_id),
                        total=format_amount(
                            self.env, self.amount_total, self.currency_id
                        ),
                    )
                )
        deliveries = terms.filtered(lambda t: t.kind == "delivery" and not t.auto)
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        for line in deliveries.line_id:
            promised = sum(
                t.quantity for t in terms.filtered(lambda t, ln=line: t.line_id == ln)
            )
            if float_compare(promised, line.product_uom_qty, precision_digits=digits):
                raise UserError(
                    self.env._(
                        "The deliveries of %(product)s add up to %(promised)g, the "
                        "order line to %(ordered)g. Correct the split deliveries.",
                        product=line.product_id.display_name,
                        promised=promised,
                        ordered=line.product_uom_qty,
                    )
                )

    def _contract_ensure_draft(self):
        """A quotation becomes a contract in preparation with its first fact."""
        fresh = self.filtered(
            lambda o: not o.contract_state and o.state in ("draft", "sent")
        )
        if fresh:
            fresh._contract_set_state("draft")

    def _contract_apply_template(self):
        """Replace the terms that came from a template by those of the chosen one.

        Terms in effect stay; a contract in effect without payment terms gets them.
        """
        self.ensure_one()
        order = self.sudo()
        old = order.contract_term_ids.filtered(
            lambda t: t.template_line_id and not t.stamped
        )
        unguarded(old).unlink()
        order.contract_schedule_template_id._check_percentages()
        lines = order.contract_schedule_template_id.line_ids
        if order.contract_effective_date and order.contract_term_ids.filtered(
            "template_line_id"
        ):
            return
        terms = guarded(
            unguarded(self.env["contract.term"].sudo()).create(
                [line._prepare_term_vals(order) for line in lines]
            )
        )
        for lang, _name in self.env["res.lang"].get_installed():
            if lang == self.env.lang:
                continue
            for term in unguarded(terms.with_context(lang=lang)):
                term.name = term.template_line_id.name
        if order.contract_effective_date and terms:
            order._contract_check_terms()
            terms._stamp()
            terms._log(self.env._("Term added"))

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_assign_number(self):
        """Draw the contract number before the order is confirmed."""
        self._contract_check_user()
        if any(order.state == "cancel" for order in self):
            raise UserError(self.env._("A cancelled order needs no contract number."))
        contracts = self.sudo()
        contracts._contract_assign_numbers()
        contracts._contract_ensure_draft()

    def action_contract_track(self):
        """Join orders that were confirmed before tracking began, or by hand.

        :raise UserError: if an order is not confirmed
        """
        self._contract_check_user()
        fresh = self.sudo().filtered(lambda o: not o.contract_state)
        unconfirmed = fresh.filtered(lambda o: o.state != "sale")
        if unconfirmed:
            raise UserError(
                self.env._(
                    "Only confirmed orders can join: %(orders)s.",
                    orders=", ".join(unconfirmed.mapped("display_name")),
                )
            )
        if not fresh:
            return
        fresh._contract_start()
        fresh.order_line._contract_log_delivered()
        for order in fresh.filtered("contract_next_record_date"):
            # their first day is long past: no flood of records tomorrow
            order.contract_next_record_date = order._contract_regular_record_date(
                order._contract_today()
            )

    def action_contract_reason(self):
        """Open the wizard for a step that needs a reason; the context names
        the step."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Reason"),
            "res_model": "contract.reason",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_order_id": self.id,
                "default_step": self.env.context.get("contract_step"),
            },
        }

    def action_contract_complete(self):
        """Close a contract of which every promise was kept or waived (D2 §15)."""
        self._contract_check_business_office()
        for order in self.sudo():
            order._contract_check_state(OPEN_STATES)
            open_terms = order.contract_term_ids.filtered(
                lambda t: t.status not in ("met", "met_late", "waived", "replaced")
            )
            if open_terms:
                raise UserError(
                    self.env._(
                        "%(order)s can't be completed, some terms are still open:\n"
                        "%(terms)s\nWaive what is given up.",
                        order=order.display_name,
                        terms="\n".join(f"- {t.display_name}" for t in open_terms[:10]),
                    )
                )
            order._contract_set_state("completed", contract_next_record_date=False)

    def action_contract_renew(self):
        """Copy a contract into a quotation that renews it and links to it (D1 §2)."""
        self.ensure_one()
        self._contract_check_user()
        self.sudo()._contract_check_state((*OPEN_STATES, "completed"))
        renewal = self.copy(
            {
                "contract_type": "renewal",
                "contract_kind": self.contract_kind,
                "contract_predecessor_id": self.id,
                "contract_buyer_id": self.contract_buyer_id.id,
                "contract_owner_id": self.contract_owner_id.id,
                "contract_supervisor_id": self.contract_supervisor_id.id,
            }
        )
        return renewal._contract_form_action()

    def action_cancel(self):
        contract = self.sudo().filtered(lambda o: o.contract_state in OPEN_STATES)
        if contract and len(self) == 1:
            self._contract_check_business_office()
            return self.with_context(contract_step="cancel").action_contract_reason()
        return super().action_cancel()

    def _contract_check_cancel(self):
        """A contract in effect is cancelled with a reason, by the business office.

        Confirmed ones are cancelled with their order.
        """
        contracts = self.sudo()
        in_effect = contracts.filtered(lambda o: o.contract_state in OPEN_STATES)
        if in_effect:
            raise UserError(
                self.env._(
                    "%(orders)s is in effect as a contract: the business "
                    "office cancels "
                    "or terminates it, with a reason.",
                    orders=", ".join(in_effect.mapped("display_name")),
                )
            )
        contracts.filtered(
            lambda o: o.contract_state in ("draft", "confirmed")
        )._contract_set_state("cancelled")

    # ------------------------------------------------------------------
    # Transitions
    # ------------------------------------------------------------------

    @api.model
    def _contract_next_states(self):
        """``{step: (states it starts from, state it leads to)}`` of guarded steps."""
        return {
            "suspend": (("active",), "suspended"),
            "resume": (("suspended",), "active"),
            "terminate": (OPEN_STATES, "terminated"),
            "cancel": (OPEN_STATES, "cancelled"),
        }

    def _contract_step(self, step, reason):
        """Take a guarded step with a reason (D2 §9, D9 §3.1).

        :param step: a key of :meth:`_contract_next_states`
        :raise UserError: without authority or reason, or from a wrong state
        """
        self._contract_check_business_office()
        if not (reason or "").strip():
            raise UserError(self.env._("This step needs a reason."))
        sources, target = self._contract_next_states()[step]
        for order in self.sudo():
            order._contract_check_state(sources)
            values = {}
            if target in ("terminated", "cancelled"):
                values["contract_next_record_date"] = False
            order._contract_set_state(target, reason, **values)
            if target == "cancelled":
                order.action_cancel()

    def _contract_check_state(self, states):
        self.ensure_one()
        if self.contract_state not in states:
            raise UserError(
                self.env._(
                    "%(order)s is “%(state)s”: this step isn't possible any more.",
                    order=self.display_name,
                    state=self._contract_text("contract_state", self.contract_state)
                    or self.env._("not tracked"),
                )
            )

    def _contract_set_state(self, state, reason=False, log=True, **values):
        """Change the state and write its history, as a set.

        :return: rows of the history, which the caller logs if ``log`` is false
        """
        rows = []
        for order in self:
            if order.contract_state != state:
                rows.append(
                    {
                        "order_id": order.id,
                        "company_id": order.company_id.id,
                        "kind": "state",
                        "name": order._contract_label("contract_state"),
                        "old_value": order.contract_state,
                        "new_value": state,
                        "reason": reason,
                    }
                )
        unguarded(self).write({"contract_state": state, **values})
        if log:
            self.env["contract.history"]._log(rows)
        return rows
