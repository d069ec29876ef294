from odoo import models
from odoo.exceptions import UserError
from odoo.tools import float_compare, format_date


class ContractFrame(models.Model):
    """Calling off: from the frame agreement to a quotation in one step (要货传真件)."""

    _inherit = "contract.frame"

    def action_new_call_off(self):
        """Open a new quotation under the frame agreement, with what is left of its
        products at the agreed prices; the context key ``contract_call_off_empty``
        leaves its lines to the user.

        :raise UserError: if nothing can be called off today
        """
        self.ensure_one()
        self.check_access("read")
        self.env["sale.order"].check_access("create")
        self._check_call_off(self._contract_today())
        Order = self.env["sale.order"].with_company(self.company_id)
        order = Order.create(self._prepare_call_off())
        if not self.env.context.get("contract_call_off_empty"):
            self.env["sale.order.line"].create(self._prepare_call_off_lines(order))
            order.order_line._contract_net_price()
        return order._contract_form_action()

    def _check_call_off(self, day):
        """Whether something can be called off on ``day``.

        :raise UserError: if the frame agreement isn't in effect or not valid then
        """
        self.ensure_one()
        if self.state != "active":
            raise UserError(
                self.env._(
                    "%(frame)s is “%(state)s”: orders can only be called off while it "
                    "is in effect.",
                    frame=self.display_name,
                    state=self._state_label(),
                )
            )
        if not self.date_start <= day <= self.date_end:
            raise UserError(
                self.env._(
                    "%(frame)s is valid from %(start)s to %(end)s, the order is of "
                    "%(day)s: change the date of the order, or renew the frame "
                    "agreement.",
                    frame=self.display_name,
                    start=format_date(self.env, self.date_start),
                    end=format_date(self.env, self.date_end),
                    day=format_date(self.env, day),
                )
            )

    def _prepare_call_off(self):
        """Values of a quotation under the frame agreement."""
        self.ensure_one()
        user = self.env.user
        values = {
            "partner_id": self.partner_id.id,
            "company_id": self.company_id.id,
            "contract_kind": "call_off",
            "contract_frame_id": self.id,
            "contract_call_off_date": self._contract_today(),
            "contract_owner_id": self.owner_id.id,
            "contract_supervisor_id": self.supervisor_id.id,
        }
        if user.has_group("sales_team.group_sale_salesman"):
            values["user_id"] = user.id
        pricelist = self._call_off_pricelist()
        for fname, value in (
            ("pricelist_id", pricelist),
            ("team_id", self.team_id),
            ("payment_term_id", self.payment_term_id),
            ("incoterm", self.incoterm_id),
            ("contract_schedule_template_id", self.schedule_template_id),
        ):
            if value:
                values[fname] = value.id
        return values

    def _call_off_pricelist(self):
        """The customer's pricelist if it is in the frame's currency, else one that is;
        none if there is none."""
        self.ensure_one()
        partner = self.partner_id.with_company(self.company_id)
        own = partner.property_product_pricelist
        if own.currency_id == self.currency_id:
            return own
        return self.env["product.pricelist"].search(
            [
                ("currency_id", "=", self.currency_id.id),
                ("company_id", "in", (self.company_id.id, False)),
            ],
            limit=1,
        )

    def _prepare_call_off_lines(self, order):
        """Values of order lines with what is left of the agreed products."""
        self.ensure_one()
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        rate = self._call_off_rates(order.sudo())[order.id]
        values = []
        for line in self.sudo().line_ids:
            if (
                not line.product_id
                or float_compare(line.left_quantity, 0, precision_digits=digits) <= 0
            ):
                continue
            vals = {
                "order_id": order.id,
                "product_id": line.product_id.id,
                "product_uom_qty": line.left_quantity,
                "product_uom_id": line.uom_id.id,
            }
            if line.price_unit:
                # unlike the list price it stays if the quantity is changed
                vals.update(
                    price_unit=line.price_unit / rate,
                    technical_price_unit=0,
                    discount=0,
                )
            values.append(vals)
        return values
