"""A contract from the customer's wish to end it to its kept files, with every part of
its end switched on and every duty asked for."""

from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .test_termination import TerminationCase

DAY = "2026-10-10"


@tagged("post_install", "-at_install")
class TestStoryAfter(TerminationCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for room in ("change", "termination", "settlement", "archive"):
            cls.env.ref("base.group_user").implied_ids |= cls.env.ref(
                f"contract_tracking.group_contract_{room}"
            )
        cls.keeper = cls.new_user("ct_keeper", "contract_tracking.group_contract_user")
        department = cls.env["contract.department"].create(
            {"name": "Contract Department", "head_id": cls.keeper.id}
        )
        cls.company.write(
            {
                "contract_change_required": True,
                "contract_termination_document": True,
                "contract_settlement_required": True,
                "contract_archive_settled": True,
                "contract_archive_days": 10,
                "contract_archive_department_id": department.id,
            }
        )
        rule = cls.env["contract.approval.rule"].search(
            [("kind", "=", "termination")], limit=1
        )
        for kind in ("change", "settlement"):
            rule.copy({"name": kind, "kind": kind})

    def test_ended_settled_archived(self):
        """Ten pumps for 1,000, a deposit of 300 paid, four delivered and invoiced. The
        customer wants to end it; both sides agree that he pays 50 for what was made
        for him: 400 − 300 + 50 = 150."""
        order = self.order
        self.receive(order, "2026-09-04", 300)
        self.deliver(order, "2026-09-20", pump=4)
        self.invoice(order, "2026-09-21", {self.pump: 4})
        sold = order.with_user(self.business)
        with freeze_time(f"{DAY} 01:00:00"), self.assertRaises(UserError):
            sold._take_reason_step("terminate", "By hand")
        self.assertEqual(order.contract_state, "active")
        change = self.asked()
        record = self.carried_out(change)
        self.assertEqual(record.balance, 150)
        self.terminate(record)
        self.assertEqual(order.contract_state, "terminated")
        self.assertEqual(change.state, "done")
        self.assertFalse(order.picking_ids.filtered(lambda p: p.state == "assigned"))
        self.assertEqual(self.money(order, date(2026, 10, 11)), (100, 400, 100))
        settlement = self.settled(order)
        self.archived(order, settlement)

    def asked(self):
        """The request, on which everybody agreed."""
        with freeze_time(f"{DAY} 02:00:00"):
            change = self.env["contract.change"].with_user(self.seller)
            change = change.create(
                {
                    "order_id": self.order.id,
                    "kind": "terminate",
                    "wish": "The plant is not built: no more pumps.",
                    "reason": "The customer lost his permit.",
                }
            )
            change.action_submit()
            change.with_user(self.leader).action_approve("He pays for what was made.")
            change.write(
                {
                    "negotiated_on": DAY,
                    "negotiated_with": "Mr Li",
                    "result": "agreed",
                    "result_note": "Ended, 50 for what was made.",
                    "consent_id": self.new_paper(name="Agreement").id,
                }
            )
            change.action_negotiate()
        return change

    def carried_out(self, change):
        """The termination that its button opens."""
        with freeze_time(f"{DAY} 02:30:00"):
            action = change.action_follow_up()
            documents = self.env[action["res_model"]].with_user(self.seller)
            return (
                documents.with_context(**action["context"])
                .create(
                    {
                        "basis": "agreed",
                        "date": DAY,
                        "date_from": DAY,
                        "penalty_ids": [
                            Command.create({"name": "Made for him", "amount": 50})
                        ],
                    }
                )
                .with_env(self.env)
            )

    def settled(self, order):
        """The settlement that opened by itself."""
        settlement = order.contract_settlement_ids.with_user(self.seller)
        self.assertEqual(settlement.kind, "termination")
        with freeze_time(f"{DAY} 06:00:00"):
            settlement.action_refresh()
            # what he pays by the termination came along
            self.assertEqual(settlement.deduction_ids.basis, "Made for him")
            self.assertEqual(settlement.balance, 150)
            with self.assertRaisesRegex(UserError, "150"):
                settlement.action_submit()
            settlement.write(
                {"balance_reason": "other", "balance_note": "He pays by the 31st."}
            )
            settlement.action_submit()
            settlement.with_user(self.leader).action_approve()
        self.assertEqual(settlement.state, "confirmed")
        return settlement

    def archived(self, order, settlement):
        """Its files, handed over and kept."""
        with freeze_time("2026-10-12 02:00:00"):
            order.with_user(self.seller).action_contract_archive()
            archive = order.contract_archive_ids
            with self.assertRaises(UserError):
                archive.with_user(self.seller).action_submit()
            archive.sudo()._missing_lines().write({"answer": "na", "note": "None"})
            archive.with_user(self.seller).action_submit()
            archive.with_user(self.keeper).action_accept()
        self.assertEqual(archive.state, "kept")
        with self.assertRaises(UserError):
            self.new_paper(order)
        self.assertTrue(settlement.exists())
