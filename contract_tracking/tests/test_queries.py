from contextlib import contextmanager

from lxml import etree

from .common import ContractCommon


class QueryCase(ContractCommon):
    """Counts queries, tracked against untracked."""

    @contextmanager
    def counted(self):
        # what is stale costs its replay, and the first reader asks for the columns
        self.env["contract.facts"]._fold()
        self.env["contract.facts"]._read_kept("orders", [0])
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        result = {}
        yield result
        self.env.flush_all()
        result["queries"] = self.env.cr.sql_log_count - before

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # by team, so that no setting changes between the two sides of a comparison
        cls.company.contract_track_mode = "team"
        cls.company.contract_track_team_ids = cls.team
        cls.other_team = cls.env["crm.team"].create({"name": "Not tracked"})

    def new_orders(self, count, tracked, lines=None, template=None):
        team = self.team if tracked else self.other_team
        return self.env["sale.order"].union(
            *(self.new_order(lines, template, team_id=team.id) for _n in range(count))
        )

    def delivery(self, count, tracked):
        orders = self.new_orders(count, tracked, [(self.pump, 1)])
        orders.action_confirm()
        pickings = orders.picking_ids
        pickings.move_ids.quantity = 1
        pickings.move_ids.picked = True
        with self.counted() as cost:
            pickings.button_validate()
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        return orders, cost["queries"]

    def form_spec(self, name="sale.order"):
        """Specification of what a form reads, sub-lists included."""
        views = self.env[name].get_views([(False, "form")])
        models = views["models"]

        def read(node, model):
            result = {}
            for field in node.iter("field"):
                owner = next(field.iterancestors("field"), None)
                if field is node or (owner is not None and owner in node.iter("field")):
                    continue
                name = field.get("name")
                info = models[model]["fields"].get(name, {})
                lists = [child for child in field if child.tag in ("list", "kanban")]
                result[name] = {}
                if info.get("type") == "one2many" and lists:
                    result[name] = {"fields": read(lists[0], info["relation"])}
                elif info.get("type") == "many2one":
                    result[name] = {"fields": {"display_name": {}}}
            return result

        return read(etree.fromstring(views["views"]["form"]["arch"]), name)


class TestQueries(QueryCase):
    """What tracking costs, as differences: tracked against untracked, many against
    few, so that another revision of Odoo doesn't break them."""

    def confirm(self, count, tracked, lines=10):
        orders = self.new_orders(count, tracked, [(self.service, 1)] * lines)
        with self.counted() as cost:
            orders.action_confirm()
        return orders, cost["queries"]

    def test_confirm(self):
        for tracked in (True, False):  # fills the caches, begins the number's year
            self.confirm(1, tracked)
        for count in (1, 20):
            _orders, untracked = self.confirm(count, False)
            orders, tracked = self.confirm(count, True)
            terms = len(orders.contract_term_ids)
            self.assertEqual(terms, 10 * count)
            self.assertLessEqual(
                tracked - untracked, 6 + terms // 100 + count, f"{count} orders"
            )

    def test_validate_a_delivery(self):
        for count in (1, 5):
            self.delivery(count, False)
            _orders, untracked = self.delivery(count, False)
            _orders, tracked = self.delivery(count, True)
            self.assertEqual(tracked, untracked)

    def test_invoice_and_payment(self):
        # core itself now and then reads a user twice: the cheapest of several rounds
        costs = {True: [], False: []}
        for tracked in (False, True) * 4:
            order = self.new_orders(1, tracked, [(self.pump, 1)])
            order.action_confirm()
            invoice = order._create_invoices()
            with self.counted() as post:
                invoice.action_post()
            with self.counted() as pay:
                self.pay(invoice, self.company._contract_today())
            costs[tracked].append((post["queries"], pay["queries"]))
        for untracked, tracked in zip(
            zip(*costs[False], strict=True), zip(*costs[True], strict=True), strict=True
        ):
            self.assertLessEqual(min(tracked), min(untracked), costs)

    def test_order_list(self):
        Order = self.env["sale.order"]
        orders = self.new_orders(22, True, [(self.pump, 1), (self.service, 1)])
        orders.action_confirm()
        plain = {"name": {}, "partner_id": {}, "amount_total": {}, "contract_state": {}}
        columns = dict.fromkeys(
            [
                "contract_number",
                "contract_delivery_progress",
                "contract_payment_progress",
                "contract_next_due_date",
            ],
            {},
        )
        costs = {}
        for count in (2, 22):
            for spec in (plain, plain | columns):
                with self.counted() as cost:
                    Order.web_search_read([("id", "in", orders[:count].ids)], spec)
                costs[count, len(spec)] = cost["queries"]
        self.assertLessEqual(costs[22, 8] - costs[22, 4], 4)
        self.assertEqual(costs[2, 8], costs[22, 8])

    def test_order_form(self):
        # as a client asks: without a language dates look for the company's
        Order = self.env["sale.order"].with_context(lang="en_US")
        arch_fields = self.form_spec()
        lines = [(self.service, 1)] * 3
        small, large = self.new_orders(2, True, lines, "template_30_60_10")
        (small + large).action_confirm()
        self.env["contract.term"].create(
            [
                {
                    "order_id": large.id,
                    "kind": "clause",
                    "name": f"Clause {number}",
                    "due_mode": "date",
                    "date_fixed": "2026-12-31",
                }
                for number in range(30)
            ]
        )
        costs = []
        for order in (Order.browse(small.id), Order.browse(large.id)):
            with self.counted():
                order.web_read(arch_fields)
            with self.counted() as cost:
                order.web_read(arch_fields)
            costs.append(cost["queries"])
        self.assertEqual(costs[0], costs[1], "queries grow with the number of terms")
        without = {
            name: spec
            for name, spec in arch_fields.items()
            if not name.startswith("contract_")
        }
        with self.counted() as bare:
            Order.browse(small.id).web_read(without)
        self.assertLessEqual(costs[0] - bare["queries"], 11)
        self.assertEqual(Order._order, "date_order desc, id desc")

    def test_terms_are_read_as_a_set(self):
        costs = {}
        for count in (2, 2, 22):
            order = self.new_orders(1, True, [(self.service, 1)] * count)
            order.action_confirm()
            with self.counted() as cost:
                order.contract_term_ids.mapped("status")
            costs[count] = cost["queries"]
        self.assertEqual(costs[2], costs[22])

    def test_tracking_records_are_proposed_as_a_set(self):
        costs = []
        for count in (2, 22):
            orders = self.new_orders(count, True, [(self.service, 1)])
            orders.action_confirm()
            with self.counted() as cost:
                orders._contract_propose_records()
            costs.append(cost["queries"])
        # one number each, and no more than three other queries a record
        self.assertLessEqual(costs[1] - costs[0], 20 * 4)
