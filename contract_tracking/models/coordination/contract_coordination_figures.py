from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..contract.sale_order import OWING_STATES
from .contract_coordination import MAX_STAGE


class ContractCoordination(models.Model):
    """What a payment reminder letter asks for: what fell due by which promise and is
    not paid, and the invoices that are open.

    Read from the facts as long as the letter is a draft, up to today; what was sent is
    kept as it was sent, whatever is paid later. Amounts with taxes in the contract's
    currency, days of the company.
    """

    _inherit = "contract.coordination"

    scope = fields.Selection(
        [("contract", "This contract"), ("customer", "All contracts of the customer")],
        string="Reminds Of",
        required=True,
        default="contract",
        help="One letter may ask for what is overdue of all contracts of the customer "
        "in this currency that its writer may read.",
    )
    with_statement = fields.Boolean(
        string="Attach a Statement of Account",
        help="The customer's latest statement of the last 30 days goes with the "
        "letter. If none was sent, one up to today is written and sent with it.",
    )
    claimed = fields.Json(
        readonly=True, copy=False, help="What the letter asked for when it was sent."
    )
    claimed_amount = fields.Monetary(
        string="Overdue Amount",
        compute="_compute_claimed",
        help="What the letter asks for: fell due before the day on which it is sent "
        "and is not paid, taxes included, in the contract's currency.",
    )
    claimed_days = fields.Integer(
        string="Days Overdue",
        compute="_compute_claimed",
        help="Since the oldest part of it fell due.",
    )
    claimed_html = fields.Html(
        string="What the Letter Asks For", compute="_compute_claimed", sanitize=False
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends_context("uid", "lang")
    @api.depends(
        "kind", "scope", "order_id", "frame_id", "state", "claimed",
        "reply_ids.partner_id",
    )  # fmt: skip
    def _compute_claimed(self):
        for document in self:
            claimed = document._claimed()
            document.claimed_amount = claimed.get("total", 0.0)
            document.claimed_days = claimed.get("days", 0)
            document.claimed_html = claimed and self.env["ir.qweb"]._render(
                "contract_tracking.coordination_claimed",
                {
                    "docs": document,
                    "blocks": document._form_claimed(document, claimed),
                },
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.model
    def _remind_of(self, parent, scope="contract"):
        """Open the payment reminder letter that comes next for a contract or a frame
        agreement: the one that is being written or waits for its day, else the next
        stage of what was asked for already, else a new one.

        :raise UserError: if nothing is overdue
        """
        parent.ensure_one()
        parent.check_access("read")
        self.check_access("create")
        overdue = self._overdue(*self._reminded(parent, scope))
        if not overdue:
            raise UserError(
                self.env._(
                    "Nothing of %(contract)s is overdue: there is nothing to remind "
                    "of.",
                    contract=parent.display_name,
                )
            )
        last = self.search(
            [
                (parent._contract_parent_field, "=", parent.id),
                ("kind", "=", "reminder"),
                ("state", "!=", "void"),
            ],
            order="sent_on desc nulls first, id desc",
            limit=1,
        )
        if last.state == "draft":
            return last._open_form()
        asked = {
            (row["model"], row["id"]) for row in (last.claimed or {}).get("due", ())
        }
        if asked & {(row["model"], row["id"]) for row in overdue}:
            in_time = last.reply_date and last.reply_date >= parent._contract_today()
            if in_time or last.stage == MAX_STAGE:
                return last._open_form()
            return last.action_next_stage()
        return parent._contract_new_part_action(
            self._name, kind="reminder", scope=scope
        )

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _claimed(self):
        """What the letter asks for: as it was sent, or as it would be sent now.

        :return: dict of ``due`` (rows, see :meth:`_overdue`), ``invoices``, ``bank``,
            ``total``, ``days``, ``day``; empty where nothing is asked for
        """
        self.ensure_one()
        parent = self._contract_parent()._origin
        if self.kind != "reminder" or not parent:
            return {}
        if self.state != "draft":
            return self.claimed or {}
        self = self.with_context(lang=self._reminder_lang())
        orders, frames = self._reminded(parent, self.scope)
        due = self._overdue(orders, frames)
        if not due:
            return {}
        today = parent._contract_today()
        oldest = fields.Date.to_date(min(row["day"] for row in due if row["day"]))
        currency = parent.currency_id
        return {
            "due": due,
            "invoices": self._open_invoices(orders),
            "bank": parent.company_id._contract_bank(currency),
            "total": currency.round(sum(row["open"] for row in due)),
            "days": (today - oldest).days,
            "day": fields.Date.to_string(today),
        }

    @api.model
    def _reminded(self, parent, scope):
        """Of which contracts and frame agreements a letter speaks: those that the user
        may read, in the currency of ``parent``.

        :return: ``sale.order`` and ``contract.frame`` records
        """
        company = parent.company_id
        env = self.with_company(company).env
        customer = env["res.partner"].browse(
            parent.sudo().partner_id.commercial_partner_id.id
        )
        orders, frames = env["sale.order"], env["contract.frame"]
        if scope == "customer":
            orders = customer._contract_orders(OWING_STATES)
            frames = customer._contract_frames()
        elif parent._name == orders._name:
            orders = orders.browse(parent.id)
        else:
            frames = frames.browse(parent.id)
            call_offs = frames.sudo().order_ids.filtered(
                lambda order: order.contract_state in OWING_STATES
            )
            orders = orders.browse(call_offs.ids)
        return [
            records._filtered_access("read").filtered(
                lambda record: (
                    record.sudo().currency_id == parent.sudo().currency_id
                    and record.sudo().company_id == company
                )
            )
            for records in (orders, frames)
        ]

    @api.model
    def _overdue(self, orders, frames):
        """What fell due of contracts and is not paid, a row a promise and due day.

        :return: list of dicts ``contract``, ``name``, ``model`` and ``id`` of what
            promises it, ``day``, ``due`` (what fell due on that day), ``open``; their
            sum is what the ageing shows
        """
        rows = []
        for records in filter(None, (orders, frames)):
            Facts = self.env[records._contract_facts_model]
            matured, unpaid = defaultdict(float), defaultdict(float)
            for figure, sums in (("matured", matured), ("overdue", unpaid)):
                for row in Facts._read_rows(records, figure):
                    key = (row["order_id"], row["res_model"], row["res_id"], row["day"])
                    sums[key] += float(row["amount"])
            promised = defaultdict(list)
            for _record_id, model, res_id, _day in unpaid:
                promised[model].append(res_id)
            for key, amount in unpaid.items():
                record_id, model, res_id, day = key
                record = records.sudo().browse(record_id).with_prefetch(records.ids)
                source = self.env[model].sudo().browse(res_id)
                source = source.with_prefetch(promised[model])
                due = matured.get(key, amount)
                rows.append(self._overdue_row(record, source, day, due, amount))
        rows.sort(key=lambda row: row["day"])
        owed = self.env["contract.facts"]._read_accounts(orders, None, frames).values()
        currency = (orders or frames).sudo().currency_id[:1]
        covered = sum(row["open"] for row in rows) - sum(
            float(row["overdue"]) for row in owed
        )
        if rows and currency.compare_amounts(covered, currency.rounding) > 0:
            text = self.env._("Covered by money for the frame agreement")
            amount = -currency.round(covered)
            row = {"contract": "", "name": text, "model": False, "id": False}
            rows.append({**row, "day": False, "due": amount, "open": amount})
        total = sum(row["open"] for row in rows)
        return rows if rows and currency.compare_amounts(total, 0) > 0 else []

    @api.model
    def _overdue_row(self, record, source, day, due, amount):
        name = source.display_name
        if source._name == "account.move":
            name = self.env._("Invoice %s", source.name)
        currency = record.currency_id
        return {
            "contract": getattr(record, "contract_number", False) or record.name,
            "name": name,
            "model": source._name,
            "id": source.id,
            "day": fields.Date.to_string(day),
            "due": currency.round(due),
            "open": currency.round(amount),
        }

    @api.model
    def _open_invoices(self, orders):
        """The open invoices of contracts as the ledger has them, and what was received
        for the contracts and isn't set off against an invoice yet.

        :return: list of dicts ``name``, ``date``, ``due``, ``currency``, ``amount``,
            ``open``
        """
        moves = orders.sudo().invoice_ids.filtered(
            lambda move: (
                move.state == "posted"
                and move.move_type == "out_invoice"
                and move.currency_id.compare_amounts(move.amount_residual, 0) > 0
            )
        )
        rows = [
            {
                "name": move.name,
                "date": fields.Date.to_string(move.invoice_date),
                "due": fields.Date.to_string(move.invoice_date_due),
                "currency": move.currency_id.name,
                "amount": move.amount_total,
                "open": move.amount_residual,
            }
            for move in moves.sorted(lambda move: (move.invoice_date, move.id))
        ]
        currency = orders.sudo().currency_id[:1]
        apart = currency.round(self._not_set_off(orders)) if currency else 0.0
        if rows and apart:
            text = self.env._("Received, not set off against an invoice yet")
            row = {"name": text, "date": False, "due": False, "amount": False}
            rows.append({**row, "currency": currency.name, "open": -apart})
        return rows

    @api.model
    def _not_set_off(self, orders):
        """Money that is claimed for contracts while the ledger has it open."""
        claims = (
            self.env["contract.payment.claim"]
            .sudo()
            .search([("order_id", "in", orders.ids), ("state", "=", "claimed")])
        )
        amount = 0.0
        for (payment, line), own in claims.grouped(
            lambda claim: (claim.payment_id, claim.move_line_id)
        ).items():
            lines = line or payment.move_id.line_ids.filtered(
                lambda item: item.account_type == "asset_receivable"
            )
            left = abs(sum(lines.mapped("amount_residual_currency")))
            if payment and not lines:
                left = 0.0 if payment.is_reconciled else payment.amount
            amount += min(sum(own.mapped("amount")), left)
        return amount
