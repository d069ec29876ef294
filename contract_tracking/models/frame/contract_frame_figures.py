from collections import defaultdict

from odoo import api, fields, models

from .contract_frame_line import LINE_FIGURES, _amount, _share

AMOUNTS = ("called", "delivered", "invoiced", "received", "overdue")
FIGURES = (*AMOUNTS, "adjusted", "receivable")


class ContractFrame(models.Model):
    """What was called off and what became of it: read from the call-offs as a set,
    never stored. Amounts with taxes in the frame's currency, those of call-offs in
    another currency at the rate of the order."""

    _inherit = "contract.frame"

    _contract_fact_computes = ("_compute_figures", "_compute_health")

    call_off_count = fields.Integer(
        string="Number of Call-Offs",
        compute="_compute_call_off_count",
        help="Orders and quotations under the frame agreement, cancelled ones left "
        "out.",
    )
    called_amount = _amount(
        "Called Off",
        "Agreed totals of the confirmed call-offs; of a terminated one, what was "
        "delivered.",
    )
    delivered_amount = _amount(
        "Delivered", "Delivered quantities of the call-offs at their price with taxes."
    )
    invoiced_amount = _amount(
        "Invoiced",
        "Posted customer invoices of the call-offs minus credit notes, without down "
        "payments.",
    )
    received_amount = _amount(
        "Received",
        "Money received for the call-offs, and claimed for the agreement as a whole.",
    )
    overdue_amount = _amount(
        "Overdue Amount",
        "Fallen due before today and not received: on the call-offs, and of the "
        "agreement's own payment terms. Money claimed for the agreement goes to its "
        "own terms first, the rest relieves the call-offs.",
    )
    left_amount = _amount(
        "Left", "Agreed total − called off. Negative: more was called off than agreed."
    )
    called_progress = _share(
        "Called Off (%)",
        "Called off ÷ agreed total; without an agreed total, the mean of the lines.",
    )
    delivered_progress = _share(
        "Delivered (%)", "Delivered ÷ agreed total; without one, the mean of the lines."
    )
    invoiced_progress = _share("Invoiced (%)", "Invoiced ÷ agreed total.")
    received_progress = _share("Received (%)", "Received ÷ agreed total.")

    @api.depends("order_ids.state")
    def _compute_call_off_count(self):
        groups = self.env["sale.order"]._read_group(
            [("contract_frame_id", "in", self._origin.ids), ("state", "!=", "cancel")],
            ["contract_frame_id"],
            ["__count"],
        )
        counts = dict(groups)
        for frame in self:
            frame.call_off_count = counts.get(frame._origin, 0)

    @api.depends("order_ids", "amount_total", "line_ids")
    def _compute_figures(self):
        frames = self._origin
        figures = frames._sum_call_offs(frames._read_call_offs())
        for frame in self:
            values = figures.get(frame._origin.id) or dict.fromkeys(AMOUNTS, 0.0)
            total = frame.amount_total
            for name in AMOUNTS:
                frame[f"{name}_amount"] = values[name]
            frame.left_amount = total - values["called"] if total else 0
            for name in ("called", "delivered", "invoiced", "received"):
                frame[f"{name}_progress"] = values[name] / total if total else 0
            lines = frame.line_ids
            if not total and lines:
                for name in ("called_progress", "delivered_progress"):
                    frame[name] = sum(lines.mapped(name)) / len(lines)

    # ------------------------------------------------------------------
    # Reading
    # ------------------------------------------------------------------

    def _read_call_offs(self, cutoff=None):
        """Return the figures of the confirmed call-offs: ``{order: {called, …}}``,
        whoever may read them, in the frame's currency.

        A constant number of queries, however many frames and call-offs.

        :param cutoff: the day up to which facts count; today if not given
        """
        orders = self._confirmed_call_offs()
        if cutoff:
            orders = orders.filtered(lambda o: o._contract_day(o.date_order) <= cutoff)
        if not orders:
            return {}
        rows = self.env["contract.facts"]._read_orders(orders, cutoff)
        rates = self._call_off_rates(orders)
        result = {}
        for order in orders:
            row = dict(rows.get(order.id, {}))
            called = "delivered" if order.contract_state == "terminated" else "total"
            row["called"] = row.get(called)
            currency = order.contract_frame_id.currency_id
            result[order] = {
                name: currency.round((row.get(name) or 0) * rates[order.id])
                for name in FIGURES
            }
        return result

    def _sum_call_offs(self, call_offs, cutoff=None):
        """Add up the rows of :meth:`_read_call_offs` and the money of the frames
        themselves: ``{frame id: {called, …, total: agreed on that day}}``."""
        figures = {
            frame.id: {**dict.fromkeys(FIGURES, 0.0), "total": frame.amount_total}
            for frame in self
        }
        facts = self.env["contract.facts.frame"]
        own = facts._read_orders(self, cutoff) if self else {}
        for frame_id, row in own.items():
            figures[frame_id]["total"] = float(row["total"] or 0)
            for name in ("received", "adjusted", "overdue"):
                figures[frame_id][name] += float(row[name])
            figures[frame_id]["receivable"] -= float(row["received"] + row["adjusted"])
        late = defaultdict(float)
        for order, row in call_offs.items():
            values = figures[order.contract_frame_id.id]
            for name in FIGURES:
                values[name] += row[name]
            late[order.contract_frame_id.id] += row["overdue"]
        for frame_id, row in own.items():
            figures[frame_id]["overdue"] -= min(late[frame_id], float(row["spare"]))
        return figures

    def _read_lines(self):
        """Return what the order lines of the confirmed call-offs took from each agreed
        line: ``{frame line id: {order id: {called, delivered, invoiced, …}}}``."""
        result = defaultdict(dict)
        orders = self._confirmed_call_offs()
        rates = self._call_off_rates(orders)
        delivered = self.env["contract.facts"]._read_delivered(orders)
        match = self.sudo()._line_matcher()
        for order in orders:
            rate = rates[order.id]
            for line in order.order_line:
                agreed = match(order.contract_frame_id, line)
                if not agreed:
                    continue
                values = result[agreed.id].setdefault(
                    order.id, dict.fromkeys(LINE_FIGURES, 0.0)
                )
                agreed._add_line(values, line, rate, delivered.get(line.id, (0.0, 0.0)))
        return result

    def _confirmed_call_offs(self):
        orders = self.env["sale.order"].sudo()
        domain = [("contract_frame_id", "in", self.ids), ("state", "=", "sale")]
        return orders.search(domain, order="date_order, id")

    def _line_matcher(self):
        """Return a function: which agreed line an order line of a frame counts on, of
        its product or of the nearest category; an empty one if on none."""
        agreed = {}
        for line in self.line_ids:
            key = line.product_id or line.categ_id
            agreed[line.frame_id.id, key._name, key.id] = line
        nothing = self.env["contract.frame.line"]

        def match(frame, line):
            if not line._contract_is_promise():
                return nothing
            path = (line.product_id.categ_id.parent_path or "").split("/")
            keys = [("product.product", line.product_id.id)]
            keys += [("product.category", int(part)) for part in path[::-1] if part]
            found = (agreed.get((frame.id, *key)) for key in keys)
            return next(filter(None, found), nothing)

        return match

    @api.model
    def _call_off_rates(self, orders):
        """Return what one unit of each order's currency is in its frame's currency, at
        the rate of the order: ``{order id: rate}``."""
        rates, foreign = {}, defaultdict(list)
        for order in orders:
            currency = order.contract_frame_id.currency_id
            company = order.company_id
            rates[order.id] = 1.0
            if order.currency_id == currency:
                continue
            rates[order.id] /= order.currency_rate or 1
            if company.currency_id != currency:
                day = order._contract_day(order.date_order or fields.Datetime.now())
                foreign[company, currency, day].append(order.id)
        for (company, currency, day), order_ids in foreign.items():
            # rates of a branch are those of its root: not in reach of its users
            known = (currency | company.currency_id).sudo()._get_rates(company, day)
            for order_id in order_ids:
                rates[order_id] *= known[currency.id] / known[company.currency_id.id]
        return rates
