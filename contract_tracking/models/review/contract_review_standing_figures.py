from collections import defaultdict

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.guard import unguarded
from ...tools.windows import window
from ..contract.sale_order import OWING_STATES
from ..deviation.contract_deviation import OPEN_STATES as OPEN_DEVIATIONS

AGES = (
    "due_1_30", "due_31_60", "due_61_90", "due_91_180", "due_181_365", "due_over_365",
)  # fmt: skip
AMOUNTS = (
    "receivable", "uninvoiced", "bills", "risk_left", "on_risk", "due", "overdue",
    *AGES,
)  # fmt: skip
LATE = ("met_late", "overdue", "short")


def _figure(kind, string, help_text, **attrs):
    return kind(string=string, compute="_compute_standing", help=help_text, **attrs)


def _amount(string, help_text):
    return _figure(
        fields.Monetary, string, help_text, currency_field="company_currency_id"
    )


class ContractReview(models.Model):
    """The customer's credit standing (D4 §8.1) beside his risk: what he owes, how old
    it is, how he paid, in the review's company and its currency, of his commercial
    partner, whoever follows his contracts.

    Live until the review is submitted, then as it was on that day. A room above adds a
    figure of its own in :meth:`_standing_values`.
    """

    _inherit = "contract.review"

    standing_date = _figure(
        fields.Date, "Standing As Of", "The day up to whose end facts count."
    )
    standing_limit = _amount(
        "Credit Limit",
        "The credit limit of the customer, where the company uses credit limits. 0: "
        "none.",
    )
    standing_receivable = _amount(
        "Receivable",
        "Invoiced − received − adjusted of the customer's contracts, money claimed for "
        "his frame agreements included, as the ledger has it. Negative: paid in "
        "advance.",
    )
    standing_uninvoiced = _amount(
        "Delivered not Invoiced",
        "Delivered − invoiced for goods and services of his contracts, at their rates. "
        "Negative: invoiced in advance.",
    )
    standing_bills = _amount(
        "Unmatured Bills",
        "Bills that count as received already and may still be dishonoured. Those that "
        "don't count as received yet stand in the receivable.",
    )
    standing_risk_left = _amount(
        "Permitted on Risk",
        "What may still leave on risk shipments that are approved. What left already "
        "stands in what was delivered.",
    )
    standing_exposure = _amount(
        "Exposure",
        "Receivable + delivered not invoiced + unmatured bills + permitted on risk: "
        "what could be lost.",
    )
    standing_available = _amount(
        "Left of the Limit",
        "Credit limit − exposure; nothing where there is no limit. Negative: exceeded.",
    )
    standing_on_risk = _amount(
        "Open on Risk",
        "What left although a condition was unmet and is not covered by money: a part "
        "of the exposure.",
    )
    standing_due = _amount("Due", "Fell due up to this day and is not paid.")
    standing_overdue = _amount(
        "Overdue Amount", "Fell due before this day and is not paid, all ages."
    )
    standing_due_1_30 = _amount("1–30 Days", "Overdue since 1 to 30 days.")
    standing_due_31_60 = _amount("31–60 Days", "Overdue since 31 to 60 days.")
    standing_due_61_90 = _amount("61–90 Days", "Overdue since 61 to 90 days.")
    standing_due_91_180 = _amount("91–180 Days", "Overdue since 91 to 180 days.")
    standing_due_181_365 = _amount("181–365 Days", "Overdue since 181 to 365 days.")
    standing_due_over_365 = _amount("Over a Year", "Overdue since more than 365 days.")
    standing_due_terms = _figure(
        fields.Integer,
        "Payments Due in a Year",
        "Payment terms that fell due in the twelve months before this day, of "
        "contracts with payment terms, waived ones left out.",
    )
    standing_days_late = _figure(
        fields.Float,
        "Average Days Late",
        "Mean over the payment terms that fell due in the twelve months before this "
        "day: days from the due day to the day on which they were paid, 0 if they were "
        "paid in time; those that are open count up to this day.",
        digits=(16, 1),
    )
    standing_due_contracts = _figure(
        fields.Integer,
        "Contracts with Payments Due",
        "Contracts of the customer of which a payment fell due before this day.",
    )
    standing_kept_contracts = _figure(
        fields.Integer,
        "Kept on Time",
        "Those of which every payment that fell due was made in time.",
    )
    standing_deviations = _figure(
        fields.Integer,
        "Open Deviations",
        "Deviations of the customer's contracts and frame agreements that are not "
        "closed.",
    )
    standing_security = _figure(
        fields.Text,
        "Security Held",
        "What secures the risk shipments whose money is not in.",
    )

    @api.depends("standing", "order_id.partner_id", "frame_id.partner_id")
    def _compute_standing(self):
        names = self._standing_names()
        standings = self._standing_of(readable=True)
        for review in self:
            standing = standings.get(review, {})
            for name in names:
                review[f"standing_{name}"] = standing.get(name, False)

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_standing_contracts(self):
        """Open the customer's contracts."""
        return self._standing_opened().action_view_contracts()

    @api.readonly
    def action_standing_ageing(self):
        """Open what the customer owes by contract and age."""
        return self._standing_opened().action_view_contract_ageing()

    @api.readonly
    def action_standing_risks(self):
        """Open the customer's risk shipments."""
        return self._standing_opened().action_view_contract_risks()

    @api.readonly
    def action_standing_deviations(self):
        """Open the deviations of the customer's contracts."""
        customer = self._standing_opened().id
        return window(
            self.env,
            "contract_deviation_action",
            domain=[
                "|",
                ("order_id.partner_id.commercial_partner_id", "=", customer),
                ("frame_id.partner_id.commercial_partner_id", "=", customer),
            ],
        )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _standing_customer(self):
        """The customer, with the user's own rights."""
        self.ensure_one()
        parent = self.sudo()._contract_parent()
        return parent.partner_id.commercial_partner_id.with_env(self.env)

    def _standing_opened(self):
        """The customer whose rows the user opens: as far as he may read them."""
        self.check_access("read")
        return self._standing_customer()

    @api.model
    def _standing_names(self):
        return [
            name.removeprefix("standing_")
            for name in self._fields
            if name.startswith("standing_")
        ]

    def _standing_of(self, readable=False):
        """``{review: its figures}``: what was kept, else as of now, as a set.

        :param readable: leave out figures of now of customers whom the user may not
            read, and of reviews that aren't saved
        """
        kept = self.filtered(lambda r: r.state != "draft" and r.standing)
        found = {review: review.standing for review in kept}
        live = (self - kept).filtered("id")
        if readable and not self.env.su:
            customers = {review: review._standing_customer() for review in live}
            read = self.env["res.partner"].union(*customers.values())
            read = read._filtered_access("read")
            live = live.filtered(lambda review: customers[review] in read)
        for company, reviews in live.sudo().grouped("company_id").items():
            customers = {
                review: review._contract_parent().partner_id.commercial_partner_id
                for review in reviews
            }
            values = self._standing_values(
                company, self.env["res.partner"].sudo().union(*customers.values())
            )
            for review, customer in customers.items():
                found[review] = values[customer]
        return found

    @api.model
    def _standing_values(self, company, customers):
        """``{customer: {figure: value}}`` of a company as of now, in its currency: a
        constant number of queries.

        :param customers: commercial partners, with the addon's own rights
        """
        today = company._contract_today()
        of_customer = Domain("company_id", "=", company.id) & Domain(
            "partner_id.commercial_partner_id", "in", customers.ids
        )
        orders = (
            self.env["sale.order"]
            .sudo()
            .search(of_customer & Domain("contract_state", "in", OWING_STATES))
        )
        frames = (
            self.env["contract.frame"]
            .sudo()
            .search(of_customer & Domain("state", "!=", "draft"))
        )
        values = {
            customer: defaultdict(float, date=fields.Date.to_string(today), security="")
            for customer in customers
        }
        for customer in customers.with_company(company):
            if company.account_use_credit_limit:
                values[customer]["limit"] = customer.credit_limit
        self._standing_add_money(values, orders, frames)
        self._standing_add_payments(values, orders, today)
        self._standing_add_risks(values, orders)
        self._standing_add_deviations(values, orders, frames)
        currency = company.currency_id
        for figures in values.values():
            for name in AMOUNTS:
                figures[name] = currency.round(figures[name])
            figures["exposure"] = currency.round(
                sum(
                    figures[name]
                    for name in ("receivable", "uninvoiced", "bills", "risk_left")
                )
            )
            if figures["limit"]:
                figures["available"] = currency.round(
                    figures["limit"] - figures["exposure"]
                )
        return {
            customer: {name: figures[name] for name in self._standing_names()}
            for customer, figures in values.items()
        }

    @api.model
    def _standing_add_money(self, values, orders, frames):
        """What is owed by age, as the ageing has it, and what the contracts' own
        figures say beyond it."""
        Facts = self.env["contract.facts"]
        if orders or frames:
            for record, row in Facts._read_accounts(orders, None, frames).items():
                figures = values[record.partner_id.commercial_partner_id]
                for name in ("receivable", "due", "overdue", *AGES):
                    figures[name] += float(row[f"booked_{name}"])
        rows = Facts._read_orders(orders) if orders else {}
        for order in orders:
            row = rows.get(order.id)
            if not row:
                continue
            figures = values[order.partner_id.commercial_partner_id]
            amounts = {
                name: order.currency_id.round(float(row[name] or 0))
                for name in ("exposure", "receivable", "delivered_not_invoiced")
            }
            uninvoiced = amounts["delivered_not_invoiced"]
            rate = order.currency_rate or 1
            figures["uninvoiced"] += uninvoiced / rate
            figures["bills"] += (
                amounts["exposure"] - amounts["receivable"] - uninvoiced
            ) / rate

    @api.model
    def _standing_add_payments(self, values, orders, today):
        """How the customers paid what fell due."""
        kept = orders.filtered(lambda o: o.contract_state != "cancelled")
        rows = self.env["contract.facts"]._read_terms(kept).values() if kept else ()
        since = today - relativedelta(years=1)
        days, late, due = defaultdict(list), set(), set()
        owners = {o.id: o.partner_id.commercial_partner_id for o in kept}
        for row in rows:
            day, status = row["date_due"], row["status"]
            if (
                row["kind"] != "payment"
                or status == "waived"
                or not day
                or day >= today
            ):
                continue
            order_id = row["order_id"]
            due.add(order_id)
            if status in LATE:
                late.add(order_id)
            if day >= since:
                days[owners[order_id]].append(max(row["variance_days"] or 0, 0))
        for order_id in due:
            figures = values[owners[order_id]]
            figures["due_contracts"] += 1
            figures["kept_contracts"] += order_id not in late
        for customer, figures in values.items():
            number = len(days[customer])
            figures["due_terms"] = number
            figures["days_late"] = number and round(sum(days[customer]) / number, 1)

    @api.model
    def _standing_add_risks(self, values, orders):
        """What is open of the risk shipments, and what secures it."""
        shipments = (
            self.env["contract.risk.shipment"]
            .sudo()
            .search([("order_id", "in", orders.ids), ("state", "=", "approved")])
        )
        for shipment in shipments:
            order = shipment.order_id
            figures = values[order.partner_id.commercial_partner_id]
            figures["on_risk"] += shipment.outstanding_company
            figures["risk_left"] += shipment.left_amount / (order.currency_rate or 1)
            if shipment.security:
                text = f"{shipment.name}: {shipment.security}"
                figures["security"] = "\n".join(
                    filter(None, (figures["security"], text))
                )

    @api.model
    def _standing_add_deviations(self, values, orders, frames):
        """How many deviations are open."""
        groups = (
            self.env["contract.deviation"]
            .sudo()
            ._read_group(
                Domain("state", "in", OPEN_DEVIATIONS)
                & (
                    Domain("order_id", "in", orders.ids)
                    | Domain("frame_id", "in", frames.ids)
                ),
                ["order_id", "frame_id"],
                ["__count"],
            )
        )
        for order, frame, number in groups:
            customer = (order or frame).partner_id.commercial_partner_id
            values[customer]["deviations"] += number

    # ------------------------------------------------------------------
    # Steps of the review, the printed form
    # ------------------------------------------------------------------

    def _review_freeze(self):
        for review, standing in self._standing_of().items():
            unguarded(review).standing = standing
        return super()._review_freeze()

    def _review_print_blocks(self):
        return [*self._standing_print_blocks(), *super()._review_print_blocks()]

    def _standing_print_blocks(self):
        env, amount = self.env, self._standing_format
        cells = [
            (env._("Credit Limit"), amount("limit") if self.standing_limit else "–"),
            (env._("Exposure"), amount("exposure")),
            (env._("Receivable"), amount("receivable")),
            (env._("Delivered not Invoiced"), amount("uninvoiced")),
            (env._("Unmatured Bills"), amount("bills")),
            (env._("Permitted on Risk"), amount("risk_left")),
            (env._("Overdue"), amount("overdue")),
            (
                env._("Overdue by Age (Days)"),
                "\n".join(
                    f"{self._fields[f'standing_{name}']._description_string(env)}: "
                    f"{amount(name)}"
                    for name in AGES
                    if self[f"standing_{name}"]
                )
                or "–",
            ),
            (
                env._("Average Days Late"),
                f"{self.standing_days_late:.1f}" if self.standing_due_terms else "–",
            ),
            (
                env._("Contracts Kept on Time"),
                env._(
                    "%(kept)s of %(due)s",
                    kept=self.standing_kept_contracts,
                    due=self.standing_due_contracts,
                ),
            ),
            (env._("Open Deviations"), str(self.standing_deviations)),
            (env._("As Of"), self._form_date(self.standing_date)),
        ]
        security = "\n".join(filter(None, (self.security, self.standing_security)))
        wide = [(env._("Security"), security)] if security else []
        return [self._form_cells(cells, wide, title=env._("Credit Standing"))]

    def _standing_format(self, name):
        return self.company_currency_id.with_env(self.env).format(
            self[f"standing_{name}"]
        )
