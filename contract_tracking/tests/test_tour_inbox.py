from odoo.tests import HttpCase

from .deviations import DeviationCase


class TestTourInbox(DeviationCase, HttpCase):
    """A leader decides what waits for him: from the clock, and in the list."""

    def test_leader(self):
        # the clock shows what is due
        self.rule.line_ids.days = 0
        deviations = self.submitted() | self.submitted() | self.submitted()
        self.start_tour(
            "/odoo/contract-overview", "contract_inbox_clock", login="ct_leader"
        )
        returned = deviations.filtered(lambda d: d.approval_state == "returned")
        self.assertEqual(len(returned), 1)
        self.assertEqual(returned.step_ids.comment, "Which pumps?")
        self.start_tour(
            "/odoo/contract-overview", "contract_inbox_decide", login="ct_leader"
        )
        self.assertEqual(set((deviations - returned).mapped("state")), {"executing"})


class TestTourPhone(DeviationCase, HttpCase):
    """The app on a phone."""

    browser_size = "375x667"
    touch_enabled = True

    def test_cards(self):
        self.start_tour("/odoo/contract-overview", "contract_phone", login="ct_seller")

    def test_menus(self):
        for login in ("ct_seller", "ct_leader"):
            self.start_tour(
                "/odoo/contract-overview", "contract_menus", login=login, timeout=300
            )


class TestTourMenus(DeviationCase, HttpCase):
    """Every screen of everybody opens without an error."""

    def test_menus(self):
        self.add_documents(self.order)
        self.decided()
        for name in ("seller", "member", "leader", "finance", "business", "auditor"):
            with self.subTest(user=name):
                user = getattr(self, name)
                self.start_tour(
                    "/odoo/contract-overview",
                    "contract_menus",
                    login=user.login,
                    timeout=300,
                )

    def test_menus_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        self.manager.lang = "zh_CN"
        self.start_tour(
            "/odoo/contract-overview",
            "contract_menus",
            login=self.manager.login,
            timeout=300,
        )
