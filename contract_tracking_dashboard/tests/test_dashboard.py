import json

from odoo.tests import HttpCase, TransactionCase, new_test_user, tagged
from odoo.tools import file_open

from odoo.addons.spreadsheet.utils.validate_data import (
    fields_in_spreadsheet,
    menus_xml_ids_in_spreadsheet,
    odoo_charts,
)

FILE = "contract_tracking_dashboard/data/files/contract_dashboard.json"


class DashboardCase(TransactionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with file_open(FILE) as file:
            cls.content = json.load(file)
        cls.dashboard = cls.env.ref("contract_tracking_dashboard.dashboard_contracts")
        cls.leader = new_test_user(
            cls.env, "board_leader", "contract_tracking.group_contract_leader"
        )


@tagged("post_install", "-at_install")
class TestDashboard(DashboardCase):
    """The dashboard names what is there, and gets an answer."""

    def test_fields_and_menus_exist(self):
        found = fields_in_spreadsheet(self.content)
        self.assertEqual(
            set(found),
            {
                "contract.execution.report",
                "contract.register",
                "contract.deviation",
            },
        )
        for model, chains in found.items():
            for chain in chains:
                with self.subTest(model=model, field=chain):
                    field = self.env[model]._fields[chain.split(":")[0].split(".")[0]]
                    self.assertFalse(field.groups)
        menus = menus_xml_ids_in_spreadsheet(self.content)
        self.assertTrue(menus)
        for xmlid in menus:
            self.assertTrue(self.env.ref(xmlid).action)

    def test_everything_answers(self):
        """Each pivot, list and chart, for who sees the dashboard."""
        env = self.env(user=self.leader)
        for pivot in self.content["pivots"].values():
            names = [row["fieldName"] for row in pivot["rows"] + pivot["columns"]]
            measures = [measure["fieldName"] for measure in pivot["measures"]]
            self.ask(env, pivot["name"], pivot, names, measures)
        for chart in odoo_charts(self.content):
            meta = chart["metaData"]
            definition = {"model": meta["resModel"], **chart["searchParams"]}
            self.ask(env, chart["id"], definition, meta["groupBy"], [meta["measure"]])
        for spec in self.content["lists"].values():
            with self.subTest(list=spec["name"]):
                env[spec["model"]].web_search_read(
                    spec["domain"],
                    {name: {} for name in spec["columns"]},
                    order=", ".join(
                        f"{order['name']} {'asc' if order['asc'] else 'desc'}"
                        for order in spec["orderBy"]
                    ),
                    limit=20,
                )

    def ask(self, env, name, definition, groups, measures):
        Model = env[definition["model"]]
        aggregates = [
            measure
            if measure == "__count"
            else f"{measure}:{Model._fields[measure].aggregator}"
            for measure in measures
        ]
        with self.subTest(name=name):
            Model.formatted_read_group(definition["domain"], groups, aggregates)

    def test_filters_match_everything(self):
        """The office's filter reaches each pivot, list and chart."""
        [filter_id] = [item["id"] for item in self.content["globalFilters"]]
        for item in (
            *self.content["pivots"].values(),
            *self.content["lists"].values(),
            *odoo_charts(self.content),
        ):
            model = item.get("model") or item["metaData"]["resModel"]
            chain = item["fieldMatching"][filter_id]["chain"]
            self.assertEqual(self.env[model]._fields[chain].comodel_name, "crm.team")

    def test_who_sees_it(self):
        for group, expected in (
            ("contract_tracking.group_contract_leader", True),
            ("contract_tracking.group_contract_auditor", True),
            ("contract_tracking.group_contract_business", True),
            ("sales_team.group_sale_salesman", False),
            ("stock.group_stock_user", False),
        ):
            with self.subTest(group=group):
                user = new_test_user(self.env, f"board_{group[-8:]}", group)
                found = self.dashboard.with_user(user).search(
                    [("id", "=", self.dashboard.id)]
                )
                self.assertEqual(bool(found), expected)


@tagged("post_install", "-at_install")
class TestDashboardScreen(DashboardCase, HttpCase):
    """It opens in the browser, in both languages."""

    def test_opens(self):
        url = (
            "/odoo/action-spreadsheet_dashboard.ir_actions_dashboard_action"
            f"?dashboard_id={self.dashboard.id}"
        )
        for lang in ("en_US", "zh_CN"):
            self.leader.lang = lang
            with self.subTest(lang=lang):
                self.browser_js(
                    url,
                    """
                    const timer = setInterval(() => {
                        if (document.querySelector(".o-figure canvas")) {
                            clearInterval(timer);
                            console.log("test successful");
                        }
                    }, 100);
                    """,
                    login=self.leader.login,
                    timeout=60,
                )
