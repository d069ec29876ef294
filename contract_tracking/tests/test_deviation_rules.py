from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import mute_logger

from .test_deviation_detection import DetectionCase


class TestDeviationRules(DetectionCase):
    """What counts, what is tolerated, how severe it is."""

    def new_rule(self, kind="late_delivery", **values):
        return self.env["contract.deviation.rule"].create(
            {"name": kind, "kind": kind, "company_id": self.company.id, **values}
        )

    def bands(self, *bands):
        names = ("severity", "days_from", "amount_from", "percent_from")
        return [Command.create(dict(zip(names, band, strict=False))) for band in bands]

    def test_a_rule_for_every_kind_that_is_found(self):
        kinds = self.env["contract.deviation"]._detected_kinds()
        rules = self.env["contract.deviation.rule"].search([])
        self.assertEqual(sorted(rules.mapped("kind")), sorted(kinds))
        self.assertEqual(len(kinds), 14)
        self.assertFalse(rules.company_id)

    def test_severity_is_the_highest_band_reached(self):
        rule = self.new_rule(
            band_ids=self.bands(
                ("major", 7, 5000, 0), ("critical", 30, 0, 20), ("minor", 1)
            )
        )
        for figures, severity in (
            ((0, 0, 0), "minor"),
            ((6, 4999.99, 19.99), "minor"),
            ((7, 0, 0), "major"),
            ((0, 5000, 0), "major"),
            ((29, 99999, 19.99), "major"),
            ((30, 0, 0), "critical"),
            ((0, 0, 20), "critical"),
        ):
            self.assertEqual(rule._severity(*figures), severity, figures)

    def test_bands_may_not_overlap(self):
        for bands, message in (
            ([("major", 7), ("major", 9)], "two bands"),
            ([("major", 30), ("critical", 30)], "overlap"),
            ([("major", 30), ("critical", 7)], "begins at 7"),
            ([("major", 0, 500), ("critical", 9, 400)], "overlap"),
            ([("major", 0, 0, 30), ("critical", 0, 0, 20)], "overlap"),
            ([("minor", 10), ("major", 5)], "overlap"),
            ([("major", 0)], "every deviation"),
            ([("major", -1)], "negative"),
            ([("major", 0, 0, 101)], "100"),
        ):
            with self.assertRaisesRegex(ValidationError, message):
                self.new_rule(active=False, band_ids=self.bands(*bands))
        rule = self.new_rule(band_ids=self.bands(("major", 7), ("critical", 30)))
        with self.assertRaisesRegex(ValidationError, "overlap"):
            rule.band_ids[0].days_from = 31

    def test_one_rule_in_use_a_kind_and_company(self):
        own = self.new_rule()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.new_rule()
        own.active = False
        own.flush_recordset()
        self.new_rule()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.env["contract.deviation.rule"].create(
                {"name": "Another", "kind": "late_delivery"}
            )

    def test_nothing_is_found_of_other_kinds(self):
        with self.assertRaisesRegex(ValidationError, "by people only"):
            self.new_rule("other")

    def test_tolerances(self):
        order = self.contract()
        rule = self.rule("late_delivery")
        rule.write({"tolerance_days": 3, "tolerance_percent": 30})
        self.deliver(order, "2026-09-20", pump=7)
        self.run_cron("2026-10-10")
        self.assertFalse(self.of(order, "late_delivery"))  # 30 % are missing
        rule.tolerance_percent = 29
        self.run_cron("2026-10-04")
        self.assertFalse(self.of(order, "late_delivery"))  # three days late
        self.run_cron("2026-10-05")
        late = self.of(order, "late_delivery")
        self.assertEqual(late.impact_amount, 300)
        # what is written down stays open, whatever is tolerated later
        rule.tolerance_percent = 50
        self.run_cron("2026-10-06")
        self.assertFalse(late.cured_on)

    def test_switched_off(self):
        order = self.contract()
        rule = self.rule("late_delivery")
        rule.active = False
        self.run_cron("2026-10-02")
        self.assertFalse(self.of(order, "late_delivery"))
        rule.active = True
        self.run_cron("2026-10-02")
        late = self.of(order, "late_delivery")
        # a company's own rule that is off goes before the common one
        self.new_rule(active=False)
        other = self.contract()
        self.run_cron("2026-10-03")
        self.assertFalse(self.of(other, "late_delivery"))
        self.assertFalse(late.cured_on)

    def test_signed_copy_is_not_asked_for(self):
        self.rule("document_missing").document_days = 0
        order = self.contract(promised="2026-12-31")
        self.run_cron("2026-11-30")
        self.assertFalse(self.of(order))

    def test_administrators_make_rules(self):
        for user in (self.business, self.owner):
            with self.assertRaises(AccessError):
                self.rule("late_delivery").with_user(user).tolerance_days = 3
        self.rule("late_delivery").with_user(self.manager).tolerance_days = 3
