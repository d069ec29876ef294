from .deviations import DeviationCase
from .roles import RoleCase
from .test_coordination import CoordinationCase
from .test_queries import QueryCase

ROLES = (
    "seller", "owner", "head", "member", "business", "manager", "leader", "auditor",
    "finance", "rival", "outsider", "stock_user", "employee",
)  # fmt: skip


class HomeCase(RoleCase):
    def items(self, user):
        sections = self.env["contract.home"].with_user(user).get_home()
        return {item["key"]: item for part in sections for item in part["items"]}

    def counts(self, user):
        return {key: item["count"] for key, item in self.items(user).items()}


class TestHome(HomeCase, DeviationCase):
    """The first page of the app says what waits for whom, and opens just that."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_documents(cls.order)

    def test_items_open_their_lists(self):
        """Each of them, also where nothing waits, names a list of its own model."""
        items = self.env["contract.home"]._home_items()
        keys = [item["key"] for item in items]
        self.assertEqual(len(keys), len(set(keys)))
        sections = self.env["contract.home"]._home_sections()
        for item in items:
            with self.subTest(item=item["key"]):
                action = self.env.ref(item["action"])
                self.assertEqual(action.res_model, item["model"])
                self.assertIn(item["section"], sections)
                self.env[item["model"]].search(item["domain"], limit=1)

    def test_numbers_are_those_of_the_lists(self):
        self.submitted()
        self.report()
        self.decided()
        counted = set()
        for name in ROLES:
            user = getattr(self, name)
            for key, item in self.items(user).items():
                with self.subTest(user=name, item=key):
                    model = self.env[self.env.ref(item["action"]).res_model]
                    found = model.with_user(user).search(item["domain"])
                    self.assertEqual(len(found), item["count"])
                    if found:
                        counted.add(key)
        self.assertLessEqual(
            {"decide", "asked_decisions", "analyse", "report", "records", "terms_late"},
            counted,
        )

    def test_decision_waits_for_the_leader(self):
        self.assertEqual(self.counts(self.leader)["decide"], 0)
        self.submitted()
        self.assertEqual(self.counts(self.leader)["decide"], 1)
        self.assertEqual(self.counts(self.seller)["asked_decisions"], 1)
        # whose job it isn't doesn't even read that there is none
        self.assertNotIn("decide", self.counts(self.seller))
        self.assertNotIn("decide", self.counts(self.auditor))

    def test_steps_of_a_deviation(self):
        """Each step waits for who takes it."""
        deviation = self.report()
        self.assertEqual(self.counts(self.seller)["analyse"], 1)
        deviation.action_analyse()
        counts = self.counts(self.seller)
        self.assertEqual((counts["analyse"], counts["submit"]), (0, 1))
        deviation.action_submit()
        self.assertNotIn("submit", self.counts(self.seller))
        deviation.with_user(self.leader).action_approve("Do so.")
        self.assertEqual(self.counts(self.seller)["report"], 1)
        self.step(deviation, "report", self.seller)
        self.assertNotIn("report", self.counts(self.seller))
        self.assertEqual(self.counts(self.supervisor)["verify"], 1)
        self.step(deviation, "verify", self.supervisor)
        self.assertNotIn("verify", self.counts(self.supervisor))

    def test_action_waits_for_its_owner(self):
        deviation = self.report()
        self.env["contract.action"].create(
            {
                "res_model": deviation._name,
                "res_id": deviation.id,
                "name": "Ask the foundry",
                "user_id": self.owner.id,
                "date_deadline": "2026-11-01",
            }
        )
        deviation.action_analyse()
        deviation.action_submit()
        self.assertEqual(self.counts(self.owner)["actions"], 0)
        deviation.with_user(self.leader).action_approve("Do so.")
        self.assertEqual(self.counts(self.owner)["actions"], 1)
        # its result is reported when it is done
        self.assertNotIn("report", self.counts(self.seller))

    def test_finance_confirms_claims(self):
        self.assertEqual(self.counts(self.finance)["claims"], 0)
        self.assertNotIn("claims", self.counts(self.seller))

    def test_rights_count(self):
        """Each counts what he follows; the auditor looks, nothing waits for him."""
        late = self.env["contract.term"].search_count(
            [("order_id", "=", self.order.id), ("is_late", "=", True)]
        )
        self.assertGreater(late, 0)
        self.assertEqual(self.counts(self.seller)["terms_late"], late)
        self.assertEqual(self.counts(self.outsider)["terms_late"], 0)
        sections = self.env["contract.home"].with_user(self.auditor).get_home()
        self.assertNotIn("mine", [section["key"] for section in sections])
        self.assertGreaterEqual(self.counts(self.auditor)["terms_late"], late)

    def test_others_have_no_page(self):
        for user in (self.stock_user, self.employee, self.portal):
            self.assertFalse(self.env["contract.home"].with_user(user).get_home())

    def test_app_opens_on_it(self):
        menus = self.env["ir.ui.menu"].with_user(self.seller).load_menus(False)
        app = menus[self.env.ref("contract_tracking.contract_menu").id]
        self.assertEqual(
            app["children"][0], self.env.ref("contract_tracking.contract_menu_home").id
        )


class TestHomeReplies(HomeCase, CoordinationCase):
    """Replies wait for who owes them, and for who asked."""

    def test_reply(self):
        self.assertEqual(self.counts(self.owner)["reply"], 0)
        document = self.sent(self.to(self.owner), self.to(self.workshop))
        self.assertEqual(self.counts(self.owner)["reply"], 1)
        # any member answers for his department
        self.assertEqual(self.counts(self.stranger)["reply"], 1)
        # both are late: who asked sees it as one document of his
        self.assertEqual(self.counts(self.seller)["replies_late"], 1)
        for user in (self.owner, self.stranger):
            line = document.reply_ids.filtered(
                lambda ln, user=user: ln.with_user(user).can_reply
            )
            line.with_user(user)._reply("On Friday.", self.env["ir.attachment"])
            self.assertEqual(self.counts(user)["reply"], 0)
        counts = self.counts(self.seller)
        self.assertEqual((counts["replies_late"], counts["outcome"]), (0, 1))


class TestHomeQueries(QueryCase):
    """The page costs the same, however much waits."""

    def test_constant(self):
        user = self.new_user(
            "ct_home",
            "contract_tracking.group_contract_business",
            "contract_tracking.group_contract_leader",
        )

        def cost():
            with self.counted() as result:
                self.env["contract.home"].with_user(user).get_home()
            return result["queries"]

        def contracts(count):
            orders = self.new_orders(
                count, True, template="template_30_70_delivery"
            ).with_context(mail_notrack=True)
            orders.action_confirm()
            self.env["contract.tracking.record"].create(
                [
                    {
                        "order_id": order.id,
                        "date": self.company._contract_today(),
                        "user_id": user.id,
                    }
                    for order in orders
                ]
            )

        contracts(1)
        cost()
        few = cost()
        contracts(5)
        cost()
        self.assertLessEqual(cost(), few + 1)
