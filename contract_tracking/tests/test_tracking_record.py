from datetime import date

from freezegun import freeze_time

from .common import ContractCommon


class TestTrackingRecord(ContractCommon):
    """附表1: proposed in time, frozen as of its day, in words from the facts."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.owner = cls.new_user(
            "record_owner", "sales_team.group_sale_salesman", name="Li Wei"
        )

    def propose(self, day):
        """Run the daily scheduled action on ``day``; return the new records."""
        Record = self.env["contract.tracking.record"]
        before = Record.search([])
        with freeze_time(f"{day} 02:00:00"), self.enter_registry_test_mode():
            self.env.ref(
                "contract_tracking.cron_propose_records"
            ).method_direct_trigger()
        return Record.search([]) - before

    def contract(self, **values):
        return self.new_contract(
            "2026-09-01", promised="2026-10-01", user_id=self.owner.id, **values
        )

    def test_first_record_the_day_after(self):
        order = self.contract()
        self.assertFalse(self.propose("2026-09-01"))
        record = self.propose("2026-09-02")
        self.assertEqual(record.order_id, order)
        self.assertEqual(record.state, "draft")
        self.assertEqual(record.user_id, self.owner)
        self.assertEqual(record.date, date(2026, 9, 2))
        activity = record.activity_ids
        self.assertEqual(activity.user_id, self.owner)
        self.assertEqual(
            activity.activity_type_id,
            self.env.ref("contract_tracking.mail_activity_tracking_record"),
        )
        # twice is once
        self.assertFalse(self.propose("2026-09-02"))
        self.assertFalse(self.propose("2026-10-20"))

    def test_then_monthly_and_weekly_while_something_is_wrong(self):
        order = self.contract()
        record = self.propose("2026-09-02")
        with freeze_time("2026-09-02 03:00:00"):
            record.with_user(self.owner).action_confirm()
        self.assertEqual(record.next_date, date(2026, 10, 2))
        self.assertEqual(order.contract_next_record_date, date(2026, 10, 2))
        self.assertFalse(record.activity_ids)
        self.assertFalse(self.propose("2026-10-01"))
        # not delivered by October 1st
        late = self.propose("2026-10-02")
        self.assertEqual(late.order_id, order)
        self.assertEqual(late.late_count, 1)
        self.assertTrue(late.has_changes)
        with freeze_time("2026-10-02 03:00:00"):
            late.action_confirm()
        self.assertEqual(late.next_date, date(2026, 10, 9))

    def test_what_went_wrong_since_is_seen_before_the_month_is_over(self):
        order = self.contract()
        record = self.propose("2026-09-26") or self.propose("2026-09-26")
        with freeze_time("2026-09-26 03:00:00"):
            record.action_confirm()
        self.assertEqual(record.next_date, date(2026, 10, 26))
        self.assertFalse(self.propose("2026-10-01"))
        self.assertEqual(self.propose("2026-10-03").order_id, order)

    def test_rhythm_of_the_contract(self):
        weekly = self.contract()
        weekly.contract_record_interval = "week"
        record = self.propose("2026-09-02")
        with freeze_time("2026-09-02 03:00:00"):
            record.action_confirm()
        self.assertEqual(record.next_date, date(2026, 9, 9))
        never = self.new_contract("2026-09-01", contract_record_interval="none")
        self.assertFalse(never.contract_next_record_date)

    def test_suspended_contracts_are_followed_and_ended_ones_not(self):
        order = self.contract()
        order._take_reason_step("suspend", "Customer asked for a pause")
        self.assertEqual(self.propose("2026-09-05").order_id, order)
        other = self.contract()
        other._take_reason_step("terminate", "Both agreed")
        self.assertFalse(self.propose("2026-09-06"))

    def test_words_from_the_facts(self):
        order = self.contract()
        self.deliver(order, "2026-09-20", pump=6)
        with freeze_time("2026-10-13 02:00:00"):
            record = self.env["contract.tracking.record"].create(
                {"order_id": order.id, "date": "2026-10-13"}
            )
        self.assertEqual(
            record.summary,
            "Pump: 10 Units agreed by 10/01/2026, 6 delivered, 4 outstanding, 12 days "
            "late.",
        )
        self.assertIn("Press for the delivery of Pump", record.next_steps)

    def test_words_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        order = self.contract()
        with freeze_time("2026-10-13 02:00:00"):
            record = (
                self.env["contract.tracking.record"]
                .with_context(lang="zh_CN")
                .create({"order_id": order.id, "date": "2026-10-13"})
            )
        self.assertIn("2026年10月1日", record.summary)

    def test_frozen_as_of_its_date(self):
        order = self.contract()
        self.deliver(order, "2026-09-20", pump=6)
        self.deliver(order, "2026-10-20", pump=4)
        with freeze_time("2026-10-25 02:00:00"):
            record = self.env["contract.tracking.record"].create(
                {"order_id": order.id, "date": "2026-10-05"}
            )
            line = record.line_ids
            self.assertEqual(line.actual_quantity, 6)
            self.assertEqual(line.status, "short")
            self.assertEqual(record.delivered, 600)
            record.date = "2026-10-21"
            self.assertEqual(record.line_ids.actual_quantity, 10)
            self.assertEqual(record.line_ids.status, "met_late")
            record.action_confirm()
        self.deliver(
            self.new_contract("2026-09-01", user_id=self.owner.id), "2026-10-26"
        )
        order.partner_id.name = "Renamed"
        record.invalidate_recordset()
        self.assertEqual(record.partner_name, "Yangtze Pumps")
        self.assertEqual(record.confirmed_by_id, self.env.user)

    def test_invoices_are_shown(self):
        order = self.contract()
        invoice = self.invoice(order, "2026-09-10")
        with freeze_time("2026-09-15 02:00:00"):
            record = self.env["contract.tracking.record"].create({"order_id": order.id})
        line = record.line_ids.filtered(lambda ln: ln.kind == "invoice")
        self.assertEqual(line.name, invoice.name)
        self.assertEqual(line.actual_amount, 1000)

    def test_nothing_changed(self):
        order = self.contract()
        record = self.propose("2026-09-02")
        self.assertTrue(record.has_changes)
        with freeze_time("2026-09-02 03:00:00"):
            record.action_confirm()
            quiet = self.env["contract.tracking.record"].create({"order_id": order.id})
        self.assertFalse(quiet.has_changes)
        self.assertEqual(quiet.log_ids, record)
        quiet.action_confirm_unchanged()
        self.assertEqual(quiet.state, "confirmed")

    def test_older_orders_join_without_a_flood(self):
        self.company.contract_track_mode = "manual"
        order = self.contract()
        self.assertFalse(order.contract_state)
        with freeze_time("2026-11-02 02:00:00"):
            order.action_contract_track()
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(order.contract_effective_date, date(2026, 9, 1))
        self.assertEqual(order.contract_next_record_date, date(2026, 12, 2))
        self.assertFalse(self.propose("2026-11-03"))
