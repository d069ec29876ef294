from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .roles import RoleCase

# A value of each kind that somebody might enter.
VALUES = {"date": "2026-09-05", "char": "X-1", "float": 1.0, "monetary": 1.0}
ACTING = ("seller", "owner", "supervisor", "head", "member", "business", "director")
OTHERS = ("rival", "outsider", "stranger", "leader", "auditor", "finance", "clerk")


class TestTrustFacts(RoleCase):
    """Many may write orders in core; contract facts are written by who follows the
    contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.contract_effective_rule = "seals"
        # roles that core lets write orders, together with such that see the fields
        invoicing = "account.group_account_invoice"
        reader = "contract_tracking.group_contract_reader"
        cls.checker = cls.new_user(
            "ct_checker", invoicing, "contract_tracking.group_contract_auditor"
        )
        cls.clerk = cls.new_user(
            "ct_clerk", invoicing, "contract_tracking.group_contract_user"
        )
        cls.stocker = cls.new_user("ct_stocker", "stock.group_stock_user", reader)
        cls.keeper = cls.new_user(
            "ct_keeper", "stock.group_stock_manager", "sales_team.group_sale_manager"
        )
        cls.forgers = cls.finance + cls.checker + cls.clerk + cls.stocker
        cls.pending = cls.new_role_contract(day="2026-09-03")

    def setUp(self):
        super().setUp()
        self.enterContext(
            mute_logger(
                "odoo.addons.base.models.ir_model",
                "odoo.addons.base.models.ir_rule",
                "odoo.orm.models",
            )
        )

    def entered(self, model):
        return self.env[model]._contract_entered()

    def value_of(self, field):
        if field.type == "selection":
            return field.get_values(self.env)[0]
        if field.type == "many2one":
            return self.env[field.comodel_name].search([], limit=1).id
        return VALUES.get(field.type, 1)

    def test_the_list_is_whole(self):
        """Every field that people enter on an order or a line is on it, and the
        facts of a contract are among them."""
        for model in ("sale.order", "sale.order.line"):
            ours = {
                name
                for name, field in self.env[model]._fields.items()
                if name.startswith("contract_")
                and field.store
                and not field.readonly
                and not field.type.endswith("2many")
            }
            self.assertEqual(self.entered(model), ours)
        self.assertLessEqual(
            self.env["sale.order"]._contract_facts(), self.entered("sale.order")
        )

    def test_nobody_else_writes_any_of_them(self):
        order = self.pending
        before = {name: order[name] for name in self.entered("sale.order")}
        for user in self.forgers:
            mine = order.with_user(user)
            mine.write({"note": f"of {user.login}"})  # core's own stays free
            for name in sorted(self.entered("sale.order")):
                value = self.value_of(order._fields[name])
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        mine.write({name: value})
            with self.assertRaises(AccessError):
                mine.order_line.write({"contract_opening_quantity": 1})
        self.assertEqual(before, {name: order[name] for name in before})
        self.assertEqual(order.contract_state, "confirmed")

    def test_no_way_round_through_another_record(self):
        seals = {
            "contract_our_seal_date": "2026-09-04",
            "contract_customer_seal_date": "2026-09-04",
        }
        order, line = self.pending, self.pending.order_line[:1]
        update = [Command.update(order.id, seals)]
        for user in self.forgers:
            ways = [
                lambda u: order.with_user(u).web_save(seals, {}),
                lambda u: order.with_user(u)._load_records_write(seals),
                lambda u: self.partner.with_user(u).write({"sale_order_ids": update}),
                lambda u: line.with_user(u).order_id.write(seals),
                lambda u: order.with_user(u).write(
                    {
                        "order_line": [
                            Command.update(line.id, {"contract_opening_quantity": 1})
                        ]
                    }
                ),
                lambda u: order.with_user(u).write({"user_id": u.id, **seals}),
                lambda u: order.with_user(u).copy(seals),
            ]
            for number, way in enumerate(ways):
                with self.subTest(user=user.login, way=number):
                    with self.assertRaises(AccessError):
                        way(user)
            self.env.invalidate_all()
            imported = (
                self.env["sale.order"]
                .with_user(user)
                .load(
                    [".id", "contract_our_seal_date", "contract_customer_seal_date"],
                    [[str(order.id), "2026-09-04", "2026-09-04"]],
                )
            )
            self.assertFalse(imported["ids"])
        self.assertEqual(order.contract_state, "confirmed")
        self.assertFalse(order.contract_our_seal_date)
        self.assertEqual(order.user_id, self.seller)

    def test_who_creates_orders_only_writes_no_facts(self):
        """A role of the customer's own that may create orders for others."""
        for model in ("sale.order", "sale.order.line"):
            self.env["ir.model.access"].create(
                {
                    "name": "Order entry",
                    "model_id": self.env["ir.model"]._get_id(model),
                    "group_id": self.env.ref("account.group_account_invoice").id,
                    "perm_create": True,
                    "perm_read": True,
                    "perm_write": True,
                }
            )
        values = {"partner_id": self.partner.id, "user_id": self.seller.id}
        if "quotation_document_ids" in self.env["sale.order"]._fields:
            values["quotation_document_ids"] = []  # its default needs a sales role
        for user in self.finance + self.clerk:
            Order = self.env["sale.order"].with_user(user)
            self.assertTrue(Order.create(values))
            with self.subTest(user=user.login):
                with self.assertRaises(AccessError):
                    Order.create({**values, "contract_signing_date": "2026-09-04"})
                with self.assertRaises(AccessError):
                    Order.with_context(
                        default_contract_signing_date="2026-09-04"
                    ).create(values)
                with self.assertRaises(UserError):
                    Order.create(
                        {
                            **values,
                            "order_line": [
                                Command.create(
                                    {
                                        "product_id": self.pump.id,
                                        "contract_opening_quantity": 1,
                                    }
                                )
                            ],
                        }
                    )

    def test_followers_are_those_of_the_rules(self):
        """Who follows an order may write the papers of it, and the other way round."""
        self.order.contract_document_ids.unlink()
        paper = self.env["contract.document"].create(
            {
                "name": "Letter",
                "order_id": self.order.id,
                "type_id": self.env.ref("contract_tracking.document_type_letter").id,
                "date": "2026-09-02",
            }
        )
        names = {*ACTING, *OTHERS, "colleague", "manager", "checker", "stocker"}
        for changes in (
            {},
            {"user_id": False},
            {"team_id": False},
            {"user_id": self.clerk.id},
            {"contract_supervisor_id": self.outsider.id},
        ):
            self.order.write(changes) if "contract_supervisor_id" not in changes else (
                self.order._contract_correct(changes, "Handed over")
            )
            for name in names:
                user = getattr(self, name)
                followed = bool(self.order.with_user(user)._contract_followed())
                with self.subTest(user=name, changes=changes):
                    self.assertEqual(
                        followed, paper.with_user(user).has_access("write")
                    )

    def test_those_who_follow_it_write(self):
        order = self.pending.with_user(self.seller)
        order.write({"contract_our_seal_date": "2026-09-04"})
        order.write({"contract_customer_seal_date": "2026-09-04"})
        self.assertEqual(order.contract_state, "active")
        quotation = (
            self.env["sale.order"]
            .with_user(self.seller)
            .create({"partner_id": self.partner.id, "contract_signatory": "Li"})
        )
        self.assertEqual(quotation.contract_state, "draft")

    def test_core_steps_write_what_is_derived(self):
        """The website or another addon writes as superuser, whoever acts."""
        order = self.new_order(user_id=self.seller.id)
        order.with_user(self.portal).sudo().write({"contract_signatory": "Li"})
        order.with_user(self.stocker).action_confirm()
        self.assertEqual(order.contract_state, "confirmed")
        self.assertTrue(order.contract_number)

    # ------------------------------------------------------------------
    # What was delivered stays with its contract
    # ------------------------------------------------------------------

    def test_done_moves_stay_with_their_contract(self):
        self.company.contract_effective_rule = "confirmation"
        first = self.new_role_contract(day="2026-09-05")
        second = self.new_role_contract(day="2026-09-06")
        move = self.deliver(first, "2026-09-10").move_ids
        other = second.order_line[:1]
        for user in self.stock_user + self.stocker + self.keeper:
            mine = move.with_user(user)
            ways = [
                lambda m: m.write({"sale_line_id": other.id}),
                lambda m: m.write({"sale_line_id": False}),
                lambda m: m.picking_id.write(
                    {"move_ids": [Command.update(m.id, {"sale_line_id": other.id})]}
                ),
                lambda m: other.with_env(m.env).write({"move_ids": [(4, m.id)]}),
                lambda m: move.sale_line_id.with_env(m.env).write(
                    {"move_ids": [Command.unlink(m.id)]}
                ),
                lambda m: m.picking_id.write({"sale_id": second.id}),
                lambda m: m.picking_id.write({"sale_id": False}),
            ]
            for number, way in enumerate(ways):
                with self.subTest(user=user.login, way=number):
                    with self.assertRaises(UserError), self.env.cr.savepoint():
                        way(mine)
                    self.env.invalidate_all()
            self.assertEqual(move.sale_line_id.order_id, first)
            mine.write({"sale_line_id": move.sale_line_id.id})

    def test_a_foreign_delivery_is_not_made_a_contracts(self):
        loose = self.new_picking(self.stock_user)
        loose.button_validate()
        line = self.order.order_line[:1]
        self.assertEqual(loose.state, "done")
        with self.assertRaises(UserError):
            loose.move_ids.write({"sale_line_id": line.id})
        with self.assertRaises(UserError):
            loose.write({"sale_id": self.order.id})
        self.env.invalidate_all()
        self.assertFalse(line.qty_delivered)

    def test_core_links_what_the_warehouse_added(self):
        """A product that is not on the order, and one that is, in its delivery."""
        picking = self.order.picking_ids.with_user(self.keeper)
        picking.move_ids.write({"quantity": 4, "picked": True})
        picking.move_ids.create(
            {
                "product_id": self.valve.id,
                "product_uom_qty": 2,
                "quantity": 2,
                "picked": True,
                "picking_id": picking.id,
                "location_id": picking.location_id.id,
                "location_dest_id": picking.location_dest_id.id,
            }
        )
        picking.with_context(skip_backorder=True).button_validate()
        self.assertEqual(picking.state, "done")
        added = picking.move_ids.filtered(lambda m: m.product_id == self.valve)
        self.assertEqual(added.sale_line_id.order_id, self.order)

    def test_lines_stay_with_their_contract(self):
        line = self.order.order_line[:1]
        quotation = self.new_order(user_id=self.seller.id)
        for user in self.biller + self.stock_user + self.seller:
            with self.subTest(user=user.login):
                with self.assertRaises(UserError):
                    line.with_user(user).write({"order_id": quotation.id})
                with self.assertRaises(UserError):
                    quotation.order_line.with_user(user).write(
                        {"order_id": self.order.id}
                    )
                with self.assertRaises(UserError):
                    quotation.with_user(user).write(
                        {"order_line": [Command.link(line.id)]}
                    )
        other = self.new_order(user_id=self.seller.id)
        quotation.order_line.with_user(self.seller).write({"order_id": other.id})
        self.assertEqual(len(other.order_line), 2)

    def new_picking(self, user):
        kind = self.warehouse.out_type_id
        picking = (
            self.env["stock.picking"]
            .with_user(user)
            .create(
                {
                    "picking_type_id": kind.id,
                    "partner_id": self.partner.id,
                    "location_id": kind.default_location_src_id.id,
                    "location_dest_id": self.env.ref(
                        "stock.stock_location_customers"
                    ).id,
                    "move_ids": [
                        Command.create(
                            {
                                "product_id": self.pump.id,
                                "product_uom_qty": 3,
                                "location_id": kind.default_location_src_id.id,
                                "location_dest_id": self.env.ref(
                                    "stock.stock_location_customers"
                                ).id,
                            }
                        )
                    ],
                }
            )
        )
        picking.action_confirm()
        picking.move_ids.write({"quantity": 3, "picked": True})
        return picking
