from odoo import api, fields, models
from odoo.tools import format_amount, format_date, format_list

from ...tools.windows import window
from ..contract.sale_order import READER


class SaleOrder(models.Model):
    """The check of an order against the customer's paper, and its release."""

    _inherit = "sale.order"

    contract_intake_ids = fields.One2many(
        "contract.intake", "order_id", copy=False, groups=READER
    )
    contract_release_ids = fields.One2many(
        "contract.release", "order_id", copy=False, groups=READER
    )
    contract_intake_count = fields.Integer(
        string="Order Checks",
        compute="_compute_contract_intake_count",
        groups=READER,
        help="Checks of this order against the papers of the customer.",
    )
    contract_next_step = fields.Selection(
        selection_add=[("check_order", "Have the Order Checked")]
    )

    @api.depends("contract_intake_ids")
    def _compute_contract_intake_count(self):
        self._contract_count_forms("contract.intake", "contract_intake_count")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_contract_check_order(self):
        """Open the check of the order that goes on or holds; begin one if there is
        none, or if the order was changed since."""
        self.ensure_one()
        self._contract_check_user()
        return self.env["contract.intake"]._open_check(self)

    @api.readonly
    def action_contract_intakes(self):
        """Open the checks of the order."""
        return window(
            self.env,
            "contract_intake_action",
            domain=[("order_id", "in", self.ids)],
            context={"default_order_id": self.id},
        )

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if (
            follows
            and self.contract_state in ("draft", "confirmed", "active")
            and self._contract_is_to_release()
            and not self.contract_intake_ids.filtered(
                lambda intake: (
                    intake.state == "submitted"
                    or (intake.state == "done" and intake.holds)
                )
            )
        ):
            yield 15, "check_order"

    def _contract_is_to_release(self):
        """Whether the company wants it released before its supply begins."""
        self.ensure_one()
        required = self.company_id.sudo().contract_release_required
        return required == "all" or (
            required == "order" and self.contract_kind in ("order", "call_off")
        )

    def _contract_unreleased(self):
        """Those of these that must be released and aren't, with why: ``{order:
        sentence}``."""
        asked = self.filtered(lambda order: order._contract_is_to_release())
        if not asked:
            return {}
        releases = (
            self.env["contract.release"]
            .sudo()
            .search([("order_id", "in", asked.ids), ("state", "=", "released")])
            .grouped("order_id")
        )
        texts = {}
        for order in asked:
            name = order.contract_number or order.name
            released = releases.get(order.sudo())
            if not released:
                texts[order] = self.env._(
                    "%(contract)s isn't released to production and logistics yet.",
                    contract=name,
                )
            elif released.sorted("id")[-1:].content != order._contract_entry_values():
                texts[order] = self.env._(
                    "%(contract)s was changed after its release: the order desk checks "
                    "and releases it again.",
                    contract=name,
                )
        return texts

    def _contract_entry_values(self):
        """What is compared with the customer's paper, as plain values: ``{key:
        value}``."""
        return {key: value for key, _name, _text, value in self._contract_entry_rows()}

    def _contract_entry_rows(self):
        """What is compared with the customer's paper: a list of key, name, text in the
        user's language, and the plain value by which a change is seen."""
        self.ensure_one()
        order = self.sudo()
        partners = order.partner_id | order.partner_shipping_id
        day = order.commitment_date and order._contract_day(order.commitment_date)
        payments = order.contract_term_ids.filtered(
            lambda term: term.kind == "payment" and not term.valid_to
        )
        terms = [order.payment_term_id.name, *payments.mapped("display_name")]
        return [
            (
                "customer",
                self.env._("Customer and place of delivery"),
                "\n".join(partners.mapped("display_name")),
                [order.partner_id.id, order.partner_shipping_id.id],
            ),
            *(
                (
                    f"line_{line.id}",
                    line.product_id.display_name or line.name,
                    line._contract_entry_text(),
                    [
                        line.product_id.id,
                        line.name,
                        line.product_uom_qty,
                        line.product_uom_id.id,
                        line.price_unit,
                        line.discount,
                        sorted(line.tax_ids.ids),
                    ],
                )
                for line in order.order_line
                if not line.display_type
            ),
            (
                "delivery",
                self.env._("Delivery date"),
                format_date(self.env, day) if day else "–",
                [str(day or "")],
            ),
            (
                "payment",
                self.env._("Payment terms"),
                format_list(self.env, [term for term in terms if term]) or "–",
                [
                    order.payment_term_id.id,
                    [
                        [
                            term.payment_kind,
                            term.percent,
                            term.percent and 0 or term.amount,
                            str(term.date_fixed or ""),
                            term.event_type_id.id,
                            term.delay,
                            term.delay_unit,
                        ]
                        for term in payments
                    ],
                ],
            ),
            (
                "total",
                self.env._("Total with taxes"),
                format_amount(self.env, order.amount_total, order.currency_id),
                [order.amount_total],
            ),
        ]

    def _contract_goods_text(self):
        """What is to be supplied, without prices: a line a product."""
        self.ensure_one()
        return "\n".join(
            line._contract_goods_text()
            for line in self.sudo().order_line
            if not line.display_type and line.product_uom_qty > 0
        )
