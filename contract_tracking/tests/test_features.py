"""What a company doesn't use stays out of sight: with every feature switched off no
screen shows a field, a button or a menu of its room, and no step costs more."""

import ast

from lxml import etree

from odoo import Command
from odoo.tests import tagged

from .common import ContractCommon
from .test_house import ADDON, ROOMS, models_of

# Rooms that a company switches on.
FEATURES = (
    "review",
    "signing",
    "intake",
    "briefing",
    "plan",
    "logistics",
    "change",
    "termination",
    "settlement",
    "archive",
)
# The documents of core and of the lower rooms that they add to.
SCREENS = {
    "sale.order": ("form", "list", "kanban", "search"),
    "contract.frame": ("form", "list", "kanban", "search"),
    "contract.term": ("form", "list", "search"),
    "contract.tracking.record": ("form", "list", "search"),
    "contract.document": ("form", "list", "search"),
    "stock.picking": ("form", "list", "kanban", "search"),
    "res.partner": ("form", "list", "search"),
}


def added(rooms, own_too=False):
    """Names of models that rooms make, and of fields and methods that they add to
    those of others, of their own if asked for."""
    models, names = set(), set()
    for room in rooms:
        for path in sorted((ADDON / "models" / room).glob("*.py")):
            tree = ast.parse(path.read_text())
            own = set(models_of(tree))
            models |= own
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef) and (own_too or not own):
                    for item in node.body:
                        if isinstance(item, ast.FunctionDef):
                            names.add(item.name)
                        elif isinstance(item, ast.Assign):
                            names |= {ast.unparse(target) for target in item.targets}
    return models, names


@tagged("post_install", "-at_install")
class TestFeatures(ContractCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.groups = cls.env["res.groups"].union(
            *(cls.env.ref(f"contract_tracking.group_contract_{f}") for f in FEATURES)
        )
        cls.env.ref("base.group_user").implied_ids -= cls.groups
        cls.user = cls.new_user(
            "feature_user",
            "contract_tracking.group_contract_manager",
            "contract_tracking.group_contract_leader",
            "contract_tracking.group_contract_finance",
            "sales_team.group_sale_manager",
            "stock.group_stock_manager",
        )
        cls.models, cls.names = added(FEATURES)
        # what a lower room has already, and they only add a value to
        cls.names -= added(set(ROOMS) - set(FEATURES), own_too=True)[1]

    def shown(self, model, kind):
        """What a screen names of the features: fields, buttons, models of windows."""
        arch = self.env[model].with_user(self.user).get_view(view_type=kind)["arch"]
        for node in etree.fromstring(arch).iter("field", "button", "filter"):
            name = node.get("name") or ""
            if name.isdigit():
                action = self.env["ir.actions.act_window"].sudo().browse(int(name))
                if action.exists() and action.res_model in self.models:
                    yield action.res_model
            elif name in self.names:
                yield name

    def test_nothing_shown(self):
        for model, kinds in SCREENS.items():
            for kind in kinds:
                with self.subTest(model=model, kind=kind):
                    self.assertEqual(set(self.shown(model, kind)), set())

    def test_all_shown_when_used(self):
        """The same question finds them where they are used."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(group.id) for group in self.groups
        ]
        self.assertTrue(set(self.shown("sale.order", "form")))

    def test_no_menu(self):
        menus = self.env["ir.ui.menu"].with_user(self.user).load_menus(False)
        windows = self.env["ir.actions.act_window"].browse(
            menu["action_id"]
            for menu in menus.values()
            if menu.get("action_model") == "ir.actions.act_window"
        )
        found = set(windows.exists().sudo().mapped("res_model"))
        self.assertTrue(found)
        self.assertEqual(found & self.models, set())

    def test_switched_off_asks_nothing(self):
        """No duty is left that nobody could see."""
        duties = {
            "contract_review_before": ("effect", "nothing"),
            "contract_signatory_check": ("refuse", "off"),
            "contract_papers_days": (3, 0),
            "contract_release_required": ("all", "none"),
            "contract_briefing_mode": ("effect", "hand"),
            "contract_plan_required": (True, False),
            "contract_logistics_hours": (4, 0),
            "contract_settlement_required": (True, False),
            "contract_settlement_sealed": (True, False),
            "contract_archive_days": (10, 0),
            "contract_archive_settled": (True, False),
            "contract_archive_loan_approval": ("head", "none"),
            "contract_change_required": (True, False),
            "contract_termination_document": (True, False),
        }
        settings = self.env["res.config.settings"]
        named = {
            fname for values in settings._contract_duties().values() for fname in values
        }
        self.assertEqual(named, set(duties))
        self.company.write({fname: on for fname, (on, _off) in duties.items()})
        switches = dict.fromkeys(settings._contract_duties(), True)
        settings.create(switches).execute()
        for fname, (on, _off) in duties.items():
            self.assertEqual(self.company[fname], on)
        settings.create(dict.fromkeys(switches, False)).execute()
        for fname, (_on, off) in duties.items():
            self.assertEqual(self.company[fname], off)
