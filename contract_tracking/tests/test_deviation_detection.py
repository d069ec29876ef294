from datetime import date

from freezegun import freeze_time

from .roles import RoleCase


class DetectionCase(RoleCase):
    """Days pass, and the scheduled action finds what departs."""

    def run_cron(self, day, hour="02:00:00"):
        """Run the daily action on ``day``; return the new deviations."""
        Deviation = self.env["contract.deviation"]
        before = Deviation.search([])
        with freeze_time(f"{day} {hour}"), self.enter_registry_test_mode():
            self.env.ref(
                "contract_tracking.cron_find_deviations"
            ).method_direct_trigger()
        self.env.invalidate_all()
        return Deviation.search([], order="id") - before

    def of(self, order, kind=False):
        domain = [("order_id", "=", order.id)]
        if kind:
            domain.append(("kind", "=", kind))
        return self.env["contract.deviation"].search(domain, order="id")


class TestDetection(DetectionCase):
    def test_late_delivery(self):
        self.assertFalse(self.run_cron("2026-10-01"))
        found = self.run_cron("2026-10-02")
        print(found.mapped("kind"), found.mapped("summary"))
        late = found.filtered(lambda d: d.kind == "late_delivery")
        self.assertEqual(late.order_id, self.order)
        self.assertEqual(late.agreed_date, date(2026, 10, 1))
        self.assertEqual(late.impact_days, 1)
        self.assertEqual(late.impact_amount, 1000)
