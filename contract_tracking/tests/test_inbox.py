import re
from datetime import timedelta

from lxml import etree

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools.safe_eval import safe_eval

from .deviations import DeviationCase

CLOCK = (
    "filter_activities_my",
    "activities_overdue",
    "activities_today",
    "activities_upcoming_all",
)


class TestClock(DeviationCase):
    """The clock in the top bar opens one's documents: it asks for filters by name."""

    def filters(self, model, user):
        views = self.env[model].with_user(user).get_views([(False, "search")])
        arch = etree.fromstring(views["views"]["search"]["arch"])
        return {node.get("name"): node for node in arch.iter("filter")}

    def test_every_document_has_the_filters(self):
        """Of every model with activities that a contract's activity may stand on."""
        models = [
            name
            for name, model in self.env.items()
            if "activity_ids" in model._fields
            and not model._abstract
            and (
                model._original_module == "contract_tracking"
                or name in ("sale.order", "stock.picking", "account.move")
            )
        ]
        self.assertIn("contract.coordination", models)
        for model in models:
            with self.subTest(model=model):
                self.assertLessEqual(
                    set(CLOCK), self.filters(model, self.env.user).keys()
                )

    def test_filters_find_my_documents(self):
        today = fields.Date.context_today(self.env["res.users"].with_user(self.seller))
        late, now, later, other = (self.report() for _n in range(4))
        all_of_them = late | now | later | other
        all_of_them.activity_ids.sudo().unlink()
        for deviation, days, user in (
            (late, -1, self.seller),
            (now, 0, self.seller),
            (later, 1, self.seller),
            (other, -1, self.owner),
        ):
            deviation.activity_schedule(
                "mail.mail_activity_data_todo",
                today + timedelta(days=days),
                user_id=user.id,
            )
        nodes = self.filters("contract.deviation", self.seller)
        model = self.env["contract.deviation"].with_user(self.seller)
        found = {
            name: model.search(
                safe_eval(nodes[name].get("domain"), {"uid": model.env.uid})
            )
            & all_of_them
            for name in CLOCK
        }
        self.assertEqual(
            found,
            {
                "filter_activities_my": late | now | later,
                "activities_overdue": late,
                "activities_today": now,
                "activities_upcoming_all": later,
            },
        )


class TestToDecide(DeviationCase):
    """What is to be decided, decided in its list."""

    def steps(self, *documents, user=None):
        steps = self.env["contract.approval.step"].union(
            *(document.step_ids for document in documents)
        )
        return steps.filtered(lambda s: s.state == "pending").with_user(
            user or self.leader
        )

    def test_several_are_approved(self):
        first, second = self.submitted(), self.submitted()
        steps = self.steps(first, second)
        self.assertTrue(all(steps.mapped("can_decide")))
        steps.action_approve()
        self.assertEqual(set((first | second).mapped("state")), {"executing"})
        self.assertEqual(steps.decided_by_id, self.leader)
        self.assertFalse(any(steps.mapped("can_decide")))

    def test_all_or_none(self):
        """Where one can't be decided it is named, and nothing is decided."""
        first, second = self.submitted(), self.submitted()
        steps = self.steps(first, second)
        second.with_user(self.seller).action_withdraw()
        with self.assertRaisesRegex(UserError, second.name):
            steps.action_approve()
        self.assertEqual(first.approval_state, "pending")

    def test_refuse_several_with_a_reason(self):
        first, second = self.submitted(), self.submitted()
        window = self.steps(first, second).action_open_refuse()
        self.assertEqual(window["name"], "Refuse 2 documents")
        wizard = (
            self.env["contract.decision"]
            .with_user(self.leader)
            .with_context(**window["context"])
        )
        self.assertIn(first.name, wizard.new({}).document_names)
        with self.assertRaisesRegex(UserError, "Say why"):
            wizard.create({}).action_apply()
        wizard.create({"comment": "Not now."}).action_apply()
        self.assertEqual(set((first | second).mapped("approval_state")), {"refused"})
        self.assertEqual(set((first | second).step_ids.mapped("comment")), {"Not now."})

    def test_titles_differ(self):
        """Each window names what is done to which document."""
        deviation = self.submitted()
        name = deviation.display_name
        steps = self.steps(deviation)
        self.assertEqual(steps.action_open_refuse()["name"], f"Refuse {name}")
        self.assertEqual(steps.action_open_return()["name"], f"Return {name}")
        document = deviation.with_user(self.leader)
        self.assertEqual(document.action_open_refuse()["name"], f"Refuse {name}")
        self.assertEqual(document.action_open_decide()["name"], f"Decide on {name}")

    def test_others_decide_nothing(self):
        deviation = self.submitted()
        for user in (self.seller, self.auditor, self.business):
            step = self.steps(deviation, user=user)
            self.assertFalse(step.can_decide)
            with self.assertRaises(UserError):
                step.action_approve()
            with self.assertRaises(UserError):
                step.action_open_refuse()

    def test_window_of_others_steps(self):
        """What a client makes up decides nothing."""
        deviation = self.submitted()
        step = self.steps(deviation)
        wizard = (
            self.env["contract.decision"]
            .with_user(self.business)
            .create(
                {
                    "res_model": step._name,
                    "res_ids": step.ids,
                    "verb": "refuse",
                    "comment": "No.",
                }
            )
        )
        with self.assertRaises(UserError):
            wizard.action_apply()

    def test_words(self):
        step = self.steps(self.submitted(severity="critical"))
        self.assertEqual(step.severity_text, "Critical")
        self.assertEqual(step.kind_text, "Contract Deviation")
        self.assertEqual(step.partner_id, self.partner)
        self.assertEqual(step.create_uid, self.seller)

    def test_queries(self):
        """A list of decisions costs the same, however long it is."""

        def cost(steps):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            steps.read(["can_decide", "kind_text", "severity_text", "partner_id"])
            return self.env.cr.sql_log_count - before

        one = self.steps(self.submitted())
        more = self.steps(*(self.submitted() for _n in range(4)))
        cost(one)
        self.assertLessEqual(cost(more), cost(one) + 1)

    def test_opens_the_document(self):
        deviation = self.submitted()
        action = self.steps(deviation).action_open_document()
        self.assertEqual(
            (action["res_model"], action["res_id"]), (deviation._name, deviation.id)
        )


# Buttons that only show something, which everybody who reads may
LOOKING = re.compile(
    r"action_(open|view|xlsx|contract_figure|look_back|papers|reagreements|standing"
    r"|follow_up|download|lend$|loans$)|"
    r"get_formview_action$"
)


class TestScreens(DeviationCase):
    """Every list has cards for a phone, and cards stand in the order of the states."""

    def test_lists_have_cards(self):
        menus = self.env["ir.ui.menu"].search(
            [("id", "child_of", self.env.ref("contract_tracking.contract_menu").id)]
        )
        config = self.env["ir.ui.menu"].search(
            [
                (
                    "id",
                    "child_of",
                    self.env.ref("contract_tracking.contract_menu_config").id,
                )
            ]
        )
        actions = [menu.action for menu in menus - config if menu.action]
        actions.append(self.env.ref("contract_tracking.contract_delivery_held_action"))
        seen = 0
        for action in actions:
            if action._name != "ir.actions.act_window":
                continue
            if action.view_mode.split(",")[0] != "list":
                continue
            with self.subTest(action=action.name):
                seen += 1
                self.assertIn("kanban", action.view_mode.split(","))
                views = self.env["ir.ui.view"].search_count(
                    [("model", "=", action.res_model), ("type", "=", "kanban")]
                )
                self.assertTrue(views)
        self.assertGreater(seen, 20)

    def test_columns_in_the_order_of_the_states(self):
        self.decided()
        self.report()
        cancelled = self.report()
        self.step(cancelled, "cancel", self.business)
        records = self.env["contract.deviation"].with_user(self.business)

        def columns(domain):
            groups = records.with_context(read_group_expand=True).formatted_read_group(
                domain, ["state"], ["__count"]
            )
            return [group["state"] for group in groups]

        opened = ["detected", "analysed", "submitted", "executing", "reported"]
        mine = [("order_id", "=", self.order.id)]
        self.assertEqual(columns([*mine, ("state", "in", opened)]), opened)
        # what ended has a column where it is shown
        self.assertEqual(columns(mine), [*opened, "cancelled"])

    def test_auditor_sees_no_button_that_he_cannot_use(self):
        """Whatever changes something is shown to a role or says who may (``can_…``)."""
        views = self.env["ir.ui.view"].search(
            [("type", "in", ("form", "list", "kanban")), ("mode", "=", "primary")]
        )
        seen = 0
        for view in views:
            model = self.env.get(view.model)
            if (
                model is None
                or model._original_module != "contract_tracking"
                or model._transient
                or not model.with_user(self.auditor).has_access("read")
            ):
                continue
            seen += 1
            views = model.with_user(self.auditor).get_views([(view.id, view.type)])
            arch = etree.fromstring(views["views"][view.type]["arch"])
            for button in arch.iter("button"):
                when = " ".join(
                    node.get("invisible") or node.get("t-if") or ""
                    for node in (button, *button.iterancestors())
                )
                mine = re.search(r"\b(can|may)_\w+|waits_for_me|is_to_me", when)
                with self.subTest(view=view.name, button=button.get("name")):
                    self.assertTrue(
                        mine
                        or button.get("type") != "object"
                        or LOOKING.match(button.get("name"))
                    )
        self.assertGreater(seen, 50)

    def test_order_of_who_only_reads(self):
        """Core's steps of an order stand for those who may write it."""

        def buttons(user):
            order = self.env["sale.order"].with_user(user)
            arch = order.get_views([(False, "form")])["views"]["form"]["arch"]
            return {b.get("name") for b in etree.fromstring(arch).iter("button")}

        steps = {"action_confirm", "action_cancel", "action_draft"}
        for user in (self.auditor, self.leader):
            self.assertFalse(steps & buttons(user))
        for user in (self.seller, self.finance):
            self.assertLessEqual(steps, buttons(user))
