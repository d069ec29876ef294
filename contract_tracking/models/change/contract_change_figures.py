from markupsafe import Markup

from odoo import api, fields, models

# What of the contract is shown beside a request.
AMOUNTS = (
    "agreed", "delivered", "invoiced", "received", "receivable", "overdue", "risk",
)  # fmt: skip
# What of each product.
GOODS = ("ordered", "delivered", "reserved", "supplied")


class ContractChange(models.Model):
    """What a request would touch: read from the facts while it is written, kept as it
    was when it was submitted. What it would mean is estimated beside it (D2 §8)."""

    _inherit = "contract.change"

    facts = fields.Json(
        readonly=True, copy=False, help="What was so when it was submitted."
    )
    agreed_amount = fields.Monetary(
        string="Agreed",
        compute="_compute_facts",
        compute_sudo=True,
        help="The agreed total, taxes included.",
    )
    delivered_amount = fields.Monetary(
        string="Delivered",
        compute="_compute_facts",
        compute_sudo=True,
        help="What was delivered, at agreed prices with taxes.",
    )
    invoiced_amount = fields.Monetary(
        string="Invoiced",
        compute="_compute_facts",
        compute_sudo=True,
        help="Posted invoices minus credit notes, without down payments.",
    )
    received_amount = fields.Monetary(
        string="Received",
        compute="_compute_facts",
        compute_sudo=True,
        help="Money received for the contract.",
    )
    receivable_amount = fields.Monetary(
        string="Receivable",
        compute="_compute_facts",
        compute_sudo=True,
        help="Invoiced − received − adjusted. Negative: paid in advance.",
    )
    overdue_amount = fields.Monetary(
        compute="_compute_facts",
        compute_sudo=True,
        help="What fell due before the day and was not received.",
    )
    risk_amount = fields.Monetary(
        string="Open on Risk",
        compute="_compute_facts",
        compute_sudo=True,
        help="What left although a condition was unmet and is not covered by money "
        "yet.",
    )
    goods_table = fields.Html(
        string="Goods Delivered and Prepared",
        compute="_compute_facts",
        compute_sudo=True,
        sanitize=False,
    )

    @api.depends_context("lang")
    @api.depends("state", "facts", "order_id", "frame_id")
    def _compute_facts(self):
        facts = self._read_facts()
        for change in self:
            values = facts.get(change, {})
            for name in AMOUNTS:
                change[f"{name}_amount"] = values.get(name, 0.0)
            change.goods_table = change._goods_table(values.get("goods"))

    def _read_facts(self):
        """What requests would touch: ``{request: {amount: …, goods: [{…}]}}``, as it
        was kept, or as it is now while they are drafts."""
        kept = self.filtered(lambda change: change.state != "draft" and change.facts)
        drafts = self - kept
        orders = drafts.order_id._origin.sudo()
        frames = drafts.frame_id._origin.sudo()
        called = frames._confirmed_call_offs() if frames else orders.browse()
        goods = (orders | called)._contract_goods()
        figures = frames._sum_call_offs(frames._read_call_offs()) if frames else {}
        rates = frames._call_off_rates(called) if called else {}
        facts = {change: change.facts for change in kept}
        for change in drafts:
            order, frame = change.order_id._origin.sudo(), change.frame_id._origin
            if order:
                values = {name: order[f"contract_{name}_amount"] for name in AMOUNTS}
                rows = [goods.get(order, {})]
            elif frame:
                mine = called.filtered(
                    lambda o, frame=frame: o.contract_frame_id == frame
                )
                values = {
                    **{name: figures[frame.id].get(name, 0.0) for name in AMOUNTS},
                    "agreed": figures[frame.id]["total"],
                    "risk": sum(o.contract_risk_amount * rates[o.id] for o in mine),
                }
                rows = [goods.get(o, {}) for o in mine]
            else:
                continue
            facts[change] = {**values, "goods": change._sum_goods(rows)}
        return facts

    @api.model
    def _sum_goods(self, rows):
        """Goods of several orders: a list of dicts, a product and unit each."""
        total = {}
        for goods in rows:
            for key, values in goods.items():
                row = total.setdefault(key, dict.fromkeys(GOODS, 0.0))
                for name in GOODS:
                    row[name] += values[name]
        return [
            {
                "product_id": product.id,
                "product": product.display_name,
                "uom_id": uom.id,
                "uom": uom.name,
                **values,
            }
            for (product, uom), values in total.items()
        ]

    def _goods_heads(self):
        """Names of what is said of each product."""
        env = self.env
        return [
            env._("Product"),
            env._("Unit"),
            env._("Ordered"),
            env._("Delivered"),
            env._("Reserved"),
            env._("Made or Bought for It"),
        ]

    def _goods_cells(self, row):
        """What is said of a product, as texts: in the reader's language where it says
        what was kept."""
        product = self.env["product.product"].browse(row["product_id"]).exists()
        uom = self.env["uom.uom"].browse(row["uom_id"]).exists()
        return [
            self._form_words(row["product"], product, "display_name"),
            self._form_words(row["uom"], uom),
            *(self._form_quantity(row[name]) for name in GOODS),
        ]

    def _goods_table(self, goods):
        if not goods:
            return False
        right = Markup('<td class="text-end">%s</td>')
        left = Markup("<td>%s</td>")
        head = Markup('<th class="text-end">%s</th>')
        heads = self._goods_heads()
        rows = [self._goods_cells(row) for row in goods]
        return Markup(
            '<table class="table table-sm mb-0"><thead><tr>%s</tr></thead>'
            "<tbody>%s</tbody></table>"
        ) % (
            Markup("<th>%s</th><th>%s</th>") % tuple(heads[:2])
            + Markup("").join(head % text for text in heads[2:]),
            Markup("").join(
                Markup("<tr>%s</tr>")
                % (
                    Markup("").join(left % text for text in cells[:2])
                    + Markup("").join(right % text for text in cells[2:])
                )
                for cells in rows
            ),
        )
