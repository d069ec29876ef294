from collections import defaultdict

from odoo import api, fields, models

from ...tools.windows import window
from ..contract.sale_order import OPEN_STATES, OWING_STATES, READER


class ResPartner(models.Model):
    """What a customer owes by his contracts, seen from the customer (D7 §1.3).

    Figures of the commercial partner in the company at work and in its currency, as
    the ledger has them; of those contracts and frame agreements that the user may
    read.
    """

    _inherit = "res.partner"

    _contract_fact_computes = ("_compute_contract_balance",)

    contract_tracking_count = fields.Integer(
        string="Open Contracts",
        compute="_compute_contract_balance",
        groups=READER,
        help="Contracts of the customer that are in effect or suspended.",
    )
    contract_receivable_amount = fields.Monetary(
        string="Receivable",
        compute="_compute_contract_balance",
        groups=READER,
        help="Invoiced − received − adjusted of the customer's contracts. Negative: "
        "paid in advance. Money claimed for his frame agreements counts.",
    )
    contract_due_amount = fields.Monetary(
        string="Due",
        compute="_compute_contract_balance",
        groups=READER,
        help="Fell due up to today by the payment terms of the contracts and is not "
        "paid.",
    )
    contract_overdue_amount = fields.Monetary(
        string="Overdue Amount",
        compute="_compute_contract_balance",
        groups=READER,
        help="Fell due before today by the payment terms of the contracts and is not "
        "paid.",
    )

    contract_running_account = fields.Boolean(
        string="Running Account",
        groups="contract_tracking.group_contract_reader,account.group_account_invoice",
        help="The customer pays round sums on account: his receipts are "
        "proposed for what is due, oldest first, and finance confirms.",
    )

    @api.depends_context("company", "uid")
    @api.depends("commercial_partner_id")
    def _compute_contract_balance(self):
        orders = self._contract_orders(OWING_STATES)
        frames = self._contract_frames()
        Facts = self.env["contract.facts"]
        rows = Facts._read_accounts(orders, None, frames) if orders or frames else {}
        owing = defaultdict(list)
        for record, row in rows.items():
            owing[record.sudo().partner_id.commercial_partner_id].append(row)
        orders = orders.sudo()
        groups = orders.grouped(lambda o: o.partner_id.commercial_partner_id)
        currency = self.env.company.currency_id
        for partner in self:
            own = groups.get(partner.commercial_partner_id, orders.browse())
            partner.contract_tracking_count = len(
                own.filtered(lambda o: o.contract_state in OPEN_STATES)
            )
            owed = owing.get(partner.commercial_partner_id, ())
            for name in ("receivable", "due", "overdue"):
                partner[f"contract_{name}_amount"] = currency.round(
                    sum(float(row[f"booked_{name}"]) for row in owed)
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_view_contracts(self):
        """Open the contracts of the customer."""
        self.ensure_one()
        customer = self.commercial_partner_id.id
        return window(
            self.env,
            "sale_order_contract_action",
            domain=[
                ("partner_id.commercial_partner_id", "=", customer),
                ("contract_state", "!=", False),
            ],
            context={"search_default_open": 1},
        )

    @api.readonly
    def action_view_contract_ageing(self):
        """Open what the customer owes: due and overdue by contract and age."""
        self.ensure_one()
        domain = [("partner_id", "=", self.commercial_partner_id.id)]
        return window(self.env, "contract_ageing_action", domain=domain, context={})

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_frames(self):
        """The frame agreements of these customers that the user may read."""
        partners = self.commercial_partner_id._origin
        Frame = self.env["contract.frame"]
        if not partners or not Frame.has_access("read"):
            return Frame
        return Frame.search_fetch(
            [
                ("commercial_partner_id", "in", partners.ids),
                ("company_id", "=", self.env.company.id),
                ("state", "!=", "draft"),
            ],
            ["partner_id"],
        )

    def _contract_orders(self, states):
        """The contracts of these customers in ``states`` that the user may read."""
        partners = self.commercial_partner_id._origin
        Order = self.env["sale.order"]
        if not partners or not Order.has_access("read"):
            return Order
        return Order.search_fetch(
            [
                ("partner_id.commercial_partner_id", "in", partners.ids),
                ("company_id", "=", self.env.company.id),
                ("contract_state", "in", states),
            ],
            ["partner_id", "contract_state", "currency_id"],
        )
