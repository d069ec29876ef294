from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form
from odoo.tools import mute_logger

from .roles import RoleCase

RULES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


class TestHandover(RoleCase):
    """Open contracts of one person go to another, in one step."""

    def handover(self, user=None, only=None, **values):
        Handover = self.env["contract.handover"].with_user(user or self.business)
        wizard = Handover.create(
            {
                "from_user_id": self.owner.id,
                "to_user_id": self.colleague.id,
                "reason": "Retired",
                **values,
            }
        )
        if only is not None:
            for line in wizard.line_ids:
                line.selected = line.order_id in only
        return wizard

    def milestone(self, order, **values):
        department = self.env["contract.department"].search([], limit=1) or self.env[
            "contract.department"
        ].create({"name": "Works", "member_ids": [Command.set(self.owner.ids)]})
        return self.env["contract.term"].create(
            {
                "order_id": order.id,
                "kind": "milestone",
                "name": "Test run",
                "user_id": self.owner.id,
                "department_id": department.id,
                "due_mode": "date",
                "date_fixed": "2026-10-01",
                **values,
            }
        )

    def todo(self, record, user):
        return self.env["mail.activity"].create(
            {
                "res_model_id": self.env["ir.model"]._get_id(record._name),
                "res_id": record.id,
                "activity_type_id": self.env.ref("mail.mail_activity_data_todo").id,
                "user_id": user.id,
            }
        )

    def test_people(self):
        quotation = self.new_order(
            user_id=self.seller.id,
            team_id=self.team.id,
            contract_owner_id=self.owner.id,
        )
        wizard = self.handover(only=self.order + quotation)
        self.assertEqual(
            set(wizard.line_ids.filtered("selected").order_id), {self.order, quotation}
        )
        wizard.action_apply()
        for order in self.order + quotation:
            self.assertEqual(order.contract_owner_id, self.colleague)
            self.assertEqual(
                order.contract_supervisor_id | self.supervisor, self.supervisor
            )
            self.assertEqual(order.user_id, self.seller)
            self.assertEqual(order.team_id, self.team)
            row = self.last_row(order)
            self.assertEqual(
                (row.kind, row.old_value, row.new_value, row.reason, row.user_id),
                (
                    "owner",
                    self.owner.name,
                    self.colleague.name,
                    "Retired",
                    self.business,
                ),
            )
            self.assertEqual(row.record_id, self.colleague.id)
            self.assertIn(self.colleague.partner_id, order.message_partner_ids)
            self.assertIn("Retired", order.message_ids[0].body)

    def test_salesperson_keeps_the_office(self):
        """Core would choose an office of the new salesperson."""
        west = self.env["crm.team"].create({"name": "West Office"})
        self.env["crm.team.member"].create(
            {"crm_team_id": west.id, "user_id": self.colleague.id}
        )
        self.handover(from_user_id=self.seller.id).action_apply()
        self.assertEqual(self.order.user_id, self.colleague)
        self.assertEqual(self.order.team_id, self.team)
        self.assertEqual(self.last_row(self.order).kind, "fact")
        self.assertEqual(self.last_row(self.order).new_value, self.colleague.name)

    def test_office_with_its_day(self):
        west = self.env["crm.team"].create({"name": "West Office"})
        with freeze_time("2026-09-20 02:00:00"):
            self.handover(new_team_id=west.id, date="2026-09-15").action_apply()
        self.assertEqual(self.order.team_id, west)
        row = self.last_row(self.order, ("kind", "=", "office"))
        self.assertEqual((str(row.date), row.reason), ("2026-09-15", "Retired"))
        self.assertEqual(row.record_id, west.id)

    def test_only_what_is_chosen(self):
        other = self.new_role_contract()
        self.handover(only=other).action_apply()
        self.assertEqual(other.contract_owner_id, self.colleague)
        self.assertEqual(self.order.contract_owner_id, self.owner)
        with self.assertRaises(UserError):
            self.handover(only=self.order.browse()).action_apply()

    def test_finished_contracts_keep_their_people(self):
        order = self.new_role_contract()
        order.with_user(self.business)._take_reason_step("terminate", "Bankrupt")
        untracked = self.env["sale.order"].search([("contract_state", "=", False)])
        wizard = self.handover()
        self.assertIn(self.order, wizard.line_ids.order_id)
        self.assertNotIn(order, wizard.line_ids.order_id)
        self.assertFalse(
            untracked.filtered(lambda o: o.state == "sale") & wizard.line_ids.order_id
        )
        # it ends between preview and handover
        self.order.with_user(self.business)._take_reason_step("terminate", "Bankrupt")
        with self.assertRaises(UserError):
            wizard.action_apply()
        self.assertEqual(self.order.contract_owner_id, self.owner)

    def test_terms_records_activities(self):
        order = self.new_order(
            user_id=self.seller.id,
            team_id=self.team.id,
            contract_owner_id=self.owner.id,
        )
        open_term = self.milestone(order)
        done = self.milestone(order, progress=100, done_date="2026-09-01")
        others = self.milestone(order, user_id=self.supervisor.id)
        order.action_confirm()
        record = self.env["contract.tracking.record"].create(
            {"order_id": order.id, "user_id": self.owner.id}
        )
        picking = order.picking_ids
        mine = self.env["mail.activity"].union(
            *(self.todo(rec, self.owner) for rec in (order, open_term, picking))
        )
        theirs = self.todo(order, self.supervisor)
        elsewhere = self.todo(self.partner, self.owner)
        agreed = open_term.read(["quantity", "amount", "date_fixed", "department_id"])
        wizard = self.handover(only=order)
        line = wizard.line_ids.filtered("selected")
        self.assertEqual(line.roles, "Contract Owner")
        self.assertEqual(
            line.parts, "1 × Contract Term and 1 × Contract Tracking Record"
        )
        # the record's own activity as well
        self.assertEqual(line.activity_count, 4)
        mails = self.env["mail.mail"].search_count([])
        messages = self.env["mail.message"].search_count([])
        wizard.action_apply()
        self.assertEqual(open_term.user_id, self.colleague)
        self.assertEqual(done.user_id, self.owner)
        self.assertEqual(others.user_id, self.supervisor)
        self.assertEqual(
            open_term.read(["quantity", "amount", "date_fixed", "department_id"]),
            agreed,
        )
        self.assertEqual(open_term.department_id.member_ids, self.owner)
        self.assertEqual(record.user_id, self.colleague)
        self.assertEqual(record.activity_ids.user_id, self.colleague)
        self.assertEqual(mine.user_id, self.colleague)
        self.assertEqual(theirs.user_id, self.supervisor)
        self.assertEqual(elsewhere.user_id, self.owner)
        row = self.last_row(order, ("kind", "=", "term"))
        self.assertEqual((row.new_value, row.reason), (self.colleague.name, "Retired"))
        # one note on the order, nothing else
        self.assertEqual(self.env["mail.message"].search_count([]), messages + 1)
        self.assertEqual(self.env["mail.mail"].search_count([]), mails)

    def test_wrong_users(self):
        with self.assertRaises(ValidationError):
            self.handover(to_user_id=self.owner.id)
        company = self.env["res.company"].create({"name": "South Branch"})
        foreigner = self.new_user(
            "ct_south", "sales_team.group_sale_salesman", company_id=company.id
        )
        archived = self.new_user("ct_gone", "sales_team.group_sale_salesman")
        archived.active = False
        for user in (foreigner, self.employee, self.stock_user, self.portal, archived):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.handover(to_user_id=user.id).action_apply()
        # no user of Sales becomes the salesperson
        with self.assertRaises(UserError):
            self.handover(
                from_user_id=self.seller.id, to_user_id=self.outsider.id
            ).action_apply()
        self.handover(to_user_id=self.outsider.id).action_apply()
        self.assertTrue(self.order.with_user(self.outsider).has_access("read"))

    def test_new_user_must_read(self):
        """Owner of a term only on paper: whoever takes over sees the contract."""
        rule = self.env["ir.rule"].create(
            {
                "name": "The colleague sees no such orders",
                "model_id": self.env["ir.model"]._get_id("sale.order"),
                "domain_force": f"[('id', '!=', {self.order.id})] "
                f"if user.id == {self.colleague.id} else [(1, '=', 1)]",
            }
        )
        self.assertTrue(rule)
        with self.assertRaises(UserError), self.env.cr.savepoint():
            self.handover().action_apply()
        self.assertEqual(self.order.contract_owner_id, self.owner)

    def test_future_and_reason(self):
        with self.assertRaises(ValidationError):
            self.handover(date="2099-01-01")
        with self.assertRaises(UserError):
            self.handover(reason="  ").action_apply()

    @mute_logger(*RULES)
    def test_who_may(self):
        may = {"head", "business", "manager", "director"}
        for name in (
            "seller", "owner", "supervisor", "head", "member", "stranger", "business",
            "manager", "director", "leader", "auditor", "rival", "stock_user", "portal",
        ):  # fmt: skip
            with self.subTest(user=name):
                try:
                    with self.env.cr.savepoint() as savepoint:
                        self.handover(
                            getattr(self, name), only=self.order
                        ).action_apply()
                        savepoint.rollback()
                    done = True
                except UserError:
                    done = False
                self.env.invalidate_all()
                self.assertEqual(done, name in may)

    @mute_logger(*RULES)
    def test_leader_within_his_office(self):
        west = self.env["crm.team"].create(
            {"name": "West Office", "user_id": self.stranger.id}
        )
        # he may read it, but it isn't of his office
        theirs = self.new_role_contract(
            team_id=west.id, contract_supervisor_id=self.head.id
        )
        wizard = self.handover(self.head)
        self.assertIn(self.order, wizard.line_ids.order_id)
        self.assertNotIn(theirs, wizard.line_ids.order_id)
        wizard.line_ids = [Command.create({"order_id": theirs.id})]
        with self.assertRaises(UserError):
            wizard.action_apply()
        with self.assertRaises(UserError):
            self.handover(self.head, new_team_id=west.id).action_apply()
        self.assertEqual(theirs.contract_owner_id, self.owner)

    def test_form(self):
        action = self.env.ref("contract_tracking.contract_handover_action")
        form = Form(self.env[action.res_model].with_user(self.business))
        form.from_user_id = self.owner
        self.assertEqual(len(form.line_ids), 1)
        form.to_user_id = self.colleague
        form.reason = "New area"
        form.save().action_apply()
        self.assertEqual(self.order.contract_owner_id, self.colleague)

    def test_as_a_set(self):
        """Two contracts or twelve: the same queries, apart from what is inserted."""
        costs = []
        for count in (2, 2, 12):
            orders = self.env["sale.order"]
            for _n in range(count):
                orders |= self.new_role_contract(contract_owner_id=self.head.id)
            for order in orders:
                self.todo(order, self.head)
                self.todo(order.picking_ids, self.head)
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            self.handover(from_user_id=self.head.id, only=orders).action_apply()
            self.env.flush_all()
            costs.append(self.env.cr.sql_log_count - before)
        # followers, notes and lines of the wizard are inserted
        self.assertLessEqual(costs[2] - costs[1], 12)
