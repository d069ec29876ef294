from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ...tools.cents import spread
from ...tools.guard import guarded, unguarded
from ...tools.windows import form_window
from ...tools.words import format_quantity
from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The terms of a contract: delivery terms come from the lines, the others from a
    schedule template or by hand; they are fixed when it takes effect (D7 §1)."""

    _inherit = "sale.order"

    contract_schedule_template_id = fields.Many2one(
        "contract.schedule.template",
        string="Schedule Template",
        domain="[('company_id', 'in', (company_id, False))]",
        groups=READER,
        help="Fills the payment terms, milestones and other terms of the contract.",
    )
    contract_term_ids = fields.One2many(
        "contract.term", "order_id", string="Contract Terms", copy=False, groups=READER
    )
    contract_proposed_term_ids = fields.One2many(
        "contract.term",
        string="Terms of the Template",
        compute="_compute_contract_proposed_term_ids",
        groups=READER,
        help="What the chosen template adds when it is saved.",
    )
    contract_event_ids = fields.One2many(
        "contract.event", "order_id", string="Events", copy=False, groups=READER
    )

    contract_next_step = fields.Selection(selection_add=[("event", "Record Event")])

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("contract_schedule_template_id", "amount_total", "currency_id")
    def _compute_contract_proposed_term_ids(self):
        Term = self.env["contract.term"]
        for order in self:
            template = order.contract_schedule_template_id
            if template == order._origin.contract_schedule_template_id:
                template = template.browse()
            order.contract_proposed_term_ids = Term.union(
                *map(Term.new, template.line_ids._propose_terms(order))
            )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        orders = super().create(vals_list)
        facts = self._contract_facts()
        for order, vals in zip(orders, vals_list, strict=True):
            if any(vals.get(fname) for fname in facts):
                order._contract_apply_template()
        return orders

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_draft(self):
        before = self.sudo().filtered(lambda o: o.contract_state == "cancelled")
        res = super().action_draft()
        # what a re-agreement replaced stays as baseline
        terms = before.filtered(
            lambda o: o.contract_state == "draft"
        ).contract_term_ids.filtered(lambda t: not t.valid_to)
        unguarded(terms).write({"stamped": False})
        return res

    @api.readonly
    def action_contract_event(self):
        """Open the window that records the event that terms wait for."""
        self.ensure_one()
        defaults = {
            "order_id": self.id,
            "type_id": self._contract_awaited_events()[:1].id,
        }
        return form_window("contract.event", self.env._("Record Event"), defaults)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if follows and self._contract_is_open() and self.contract_waiting_terms:
            if events := self._contract_awaited_events():
                yield 45 if "acceptance" in events.mapped("source") else 80, "event"

    def _contract_awaited_events(self):
        """Events that terms wait for and that somebody has to record: an acceptance
        once everything is delivered, and what the system knows nothing of."""
        self.ensure_one()
        waiting = self.contract_term_ids.filtered(lambda t: t.status == "waiting")
        events = waiting.event_type_id | waiting.alt_event_type_id
        accepted = events.filtered(lambda e: e.source == "acceptance")
        return (accepted if self.contract_awaits_acceptance else accepted[:0]) | (
            events.filtered(lambda e: not e.source)
        )

    def _contract_written(self, vals):
        if "contract_schedule_template_id" in vals:
            for order in self:
                order._contract_apply_template()
        return super()._contract_written(vals)

    def _contract_facts(self):
        return super()._contract_facts() | {"contract_schedule_template_id"}

    def _contract_start(self):
        res = super()._contract_start()
        self._contract_add_delivery_terms()
        return res

    def _contract_before(self, state):
        if state == "active" and not self.contract_effective_date:
            self._contract_check_terms()
        if state == "completed":
            self._contract_check_kept()
        return super()._contract_before(state)

    def _contract_stamp(self):
        res = super()._contract_stamp()
        self.contract_term_ids._stamp()
        self._contract_add_delivery_terms()
        # the warehouse added them before
        self.order_line.filtered(
            lambda ln: not ln.product_uom_qty
        )._contract_keep_price()
        return res

    def _contract_check_kept(self):
        """Raise if a promise was neither kept nor waived."""
        self.ensure_one()
        open_terms = self._contract_unkept_terms()
        if open_terms:
            raise UserError(
                self.env._(
                    "%(order)s can't be completed, some terms are still open:\n"
                    "%(terms)s\nWaive what is given up.",
                    order=self.display_name,
                    terms="\n".join(f"- {t.display_name}" for t in open_terms[:10]),
                )
            )

    def _contract_unkept_terms(self):
        """The promises that are neither kept nor waived: they stop the completion."""
        self.ensure_one()
        return self.contract_term_ids.filtered(
            lambda t: t.status not in ("met", "met_late", "waived", "replaced")
        )

    def _contract_add_delivery_terms(self):
        """One term a line that promises goods or services; lines that have one keep
        it, so that confirming again doubles nothing. Stamped if the contract is in
        effect."""
        present = set(self.contract_term_ids.line_id.ids)
        values = []
        for order in self:
            lines = order.order_line.filtered(
                lambda ln: (
                    ln.id not in present
                    and ln._contract_is_promise()
                    and ln.product_uom_qty > 0
                )
            )
            amounts = order._contract_delivery_amounts(
                [(line, line.product_uom_qty) for line in lines]
            )
            values += [
                {
                    "order_id": order.id,
                    "company_id": order.company_id.id,
                    "currency_id": order.currency_id.id,
                    "kind": "delivery",
                    "line_id": line.id,
                    "due_mode": "date",
                    "auto": True,
                    "quantity": line.product_uom_qty,
                    "amount": amount,
                    "date_fixed": line._contract_agreed_date(),
                    "over_percent": order.company_id.contract_over_percent,
                    "short_percent": order.company_id.contract_short_percent,
                    "stamped": bool(order.contract_effective_date),
                }
                for line, amount in zip(lines, amounts, strict=True)
            ]
        guarded(unguarded(self.env["contract.term"]).create(values))

    def _contract_delivery_amounts(self, parts, terms=()):
        """What deliveries cost with taxes: together with what else is agreed they come
        to what the goods are of the order's total, to the cent.

        :param parts: a list of (order line, quantity)
        :param terms: the terms that these are of
        """
        self.ensure_one()
        others = self.contract_term_ids.filtered(
            lambda t: (
                t.kind == "delivery" and t.stamped and not t.valid_to and t not in terms
            )
        )
        goods = sum(
            line._contract_unit_total() * line.product_uom_qty
            for line in self.order_line
            if line._contract_is_promise()
        )
        return spread(
            self.currency_id,
            [line._contract_unit_total() * quantity for line, quantity in parts],
            self.currency_id.round(goods) - sum(others.mapped("amount")),
        )

    def _contract_check_terms(self):
        """Agreed terms must match the order before they are fixed."""
        self.ensure_one()
        terms = self.contract_term_ids.filtered(lambda t: not t.valid_to)
        payments = terms.filtered(lambda t: t.kind == "payment")
        if payments:
            agreed = payments._agreed_vals()
            total = sum(vals["amount"] for vals in agreed.values())
            # what is below zero in all is nothing to be paid
            if self.currency_id.compare_amounts(total, max(self.amount_total, 0)):
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
        for line in deliveries.line_id:
            promised = sum(t.quantity for t in terms if t.line_id == line)
            if line.product_uom_id.compare(promised, line.product_uom_qty):
                raise UserError(
                    self.env._(
                        "The deliveries of %(product)s add up to %(promised)s, the "
                        "order line to %(ordered)s. Correct the split deliveries.",
                        product=line.product_id.display_name,
                        promised=format_quantity(self.env, promised),
                        ordered=format_quantity(self.env, line.product_uom_qty),
                    )
                )

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
        terms._take_over_clauses()
        for lang, _name in self.env["res.lang"].get_installed():
            if lang == self.env.lang:
                continue
            for term in unguarded(terms.with_context(lang=lang)):
                term.name = term.template_line_id.name
        if order.contract_effective_date and terms:
            order._contract_check_terms()
            terms._stamp()
            terms._log(self.env._("Term added"))
