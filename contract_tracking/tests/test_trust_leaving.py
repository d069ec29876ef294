from odoo import Command
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .deviations import RULES, DeviationCase


class TestLeaving(DeviationCase):
    """Somebody leaves: what he had to do is somebody's, and who has it hears of it."""

    def who(self, record):
        record.invalidate_recordset(["activity_ids"])
        return record.sudo().activity_ids.user_id

    def told(self, user):
        return self.env["mail.message"].search(
            [
                ("subject", "=", "Work of somebody who left"),
                ("notified_partner_ids", "in", user.partner_id.ids),
            ]
        )

    def test_the_head_takes_over(self):
        deviation = self.report()
        self.assertEqual(self.who(deviation), self.seller)
        self.seller.action_archive()
        self.assertEqual(self.who(deviation), self.head)
        self.assertIn(deviation.display_name, self.told(self.head).body)

    def test_archived_in_a_write(self):
        deviation = self.report()
        self.seller.active = False
        self.assertEqual(self.who(deviation), self.head)
        self.assertTrue(self.told(self.head))

    def test_without_a_head(self):
        deviation = self.report()
        self.team.user_id = False
        self.seller.action_archive()
        self.assertEqual(self.who(deviation), self.business)

    def test_later_work_too(self):
        """What falls to him after he left goes on as well."""
        deviation = self.decided()
        self.seller.action_archive()
        self.assertEqual(self.who(deviation), self.head)

    def test_his_deputy(self):
        deviation = self.report()
        self.env["contract.delegation"].with_user(self.seller).create(
            {
                "delegate_id": self.member.id,
                "date_from": self.company._contract_today(),
                "date_to": "2099-12-31",
                "reason": "Leaves",
            }
        )
        self.seller.action_archive()
        self.assertEqual(self.who(deviation), self.member)

    def test_decisions_of_who_left(self):
        """The head of the business office decides in his place."""
        deviation = self.submitted()
        self.leader.action_archive()
        step = deviation.sudo().step_ids
        self.assertEqual(step.user_id, self.business)
        self.assertEqual(step.absent_id, self.leader)
        self.assertEqual(self.who(deviation), self.business)
        deviation.with_user(self.business).action_approve("Do so.")
        self.assertEqual(deviation.state, "executing")

    def test_who_archives_gets_no_decision(self):
        """Nor who came after it was asked; who comes back decides himself again."""
        deviation = self.submitted()
        office = self.env["contract.department"].search([("name", "=", "Business")])
        admin = self.business
        admin.group_ids |= self.env.ref("base.group_erp_manager")
        office.head_id = admin
        self.leader.with_user(admin).action_archive()
        step = deviation.sudo().step_ids
        self.assertNotEqual(step.user_id, admin)
        self.leader.with_user(admin).action_unarchive()
        self.assertEqual(step.user_id, self.leader)
        self.assertFalse(step.absent_id)
        self.assertEqual(self.who(deviation), self.leader)

    def test_decisions_when_nobody_may(self):
        """Who handles it doesn't decide it because another one left."""
        deviation = self.submitted(user=self.business)
        self.leader.action_archive()
        step = deviation.sudo().step_ids
        self.assertNotEqual(step.user_id, self.business)

    def test_work_of_others_stays(self):
        deviation = self.report(self.owner)
        self.seller.action_archive()
        self.assertEqual(self.who(deviation), self.owner)
        self.assertFalse(self.told(self.head))


class TestHandedOver(DeviationCase):
    """A handover moves everything that is still to be done."""

    def hand_over(self, old, new, user=None):
        wizard = (
            self.env["contract.handover"]
            .with_user(user or self.business)
            .create({"from_user_id": old.id, "to_user_id": new.id, "reason": "Retired"})
        )
        wizard.action_apply()
        return wizard

    def test_deviation_and_actions(self):
        found, executed = self.report(), self.decided()
        action = self.add_action(executed, self.seller)
        found, executed, action = found.sudo(), executed.sudo(), action.sudo()
        self.hand_over(self.seller, self.colleague)
        self.assertEqual((found | executed).user_id, self.colleague)
        self.assertEqual(executed.user_name, self.colleague.name)
        self.assertIn(self.seller, executed.involved_ids)
        self.assertEqual(action.user_id, self.colleague)
        for record in (found, executed):
            self.assertEqual(record.sudo().activity_ids.user_id, self.colleague)

    def test_what_is_decided_stays(self):
        deviation = self.submitted()
        self.hand_over(self.seller, self.colleague)
        self.assertEqual(deviation.user_id, self.seller)
        self.assertEqual(deviation.sudo().activity_ids.user_id, self.leader)

    def test_decisions_stay(self):
        """Who leaves a contract still decides what he was asked."""
        unguarded(self.order).contract_supervisor_id = self.leader
        deviation = self.submitted()
        self.hand_over(self.leader, self.supervisor)
        self.assertEqual(self.order.contract_supervisor_id, self.supervisor)
        self.assertEqual(deviation.sudo().activity_ids.user_id, self.leader)
        deviation.with_user(self.leader).action_approve()

    def test_coordination(self):
        document = (
            self.env["contract.coordination"]
            .with_user(self.seller)
            .create(
                {
                    "order_id": self.order.id,
                    "subject": "Castings",
                    "reply_ids": [
                        Command.create({"kind": "user", "user_id": self.member.id})
                    ],
                }
            )
        )
        self.hand_over(self.seller, self.colleague)
        self.assertEqual(document.user_id, self.colleague)

    def test_frames(self):
        frame = self.new_frame(
            self.seller, team_id=self.team.id, supervisor_id=self.supervisor.id
        )
        deviation = self.report(order_id=False, frame_id=frame.id).sudo()
        closed = self.new_frame(self.seller, day=False)
        unguarded(closed).state = "closed"
        wizard = self.hand_over(self.seller, self.colleague)
        line = wizard.line_ids.filtered("frame_id")
        self.assertEqual(line.frame_id, frame)
        self.assertEqual(line.contract_number, frame.name)
        self.assertEqual(frame.owner_id, self.colleague)
        self.assertEqual(frame.supervisor_id, self.supervisor)
        self.assertEqual(closed.owner_id, self.seller)
        self.assertEqual(deviation.user_id, self.colleague)
        row = self.env["contract.history"].search(
            [("frame_id", "=", frame.id)], limit=1
        )
        self.assertEqual(
            (row.old_value, row.new_value, row.reason),
            (self.seller.name, self.colleague.name, "Retired"),
        )
        self.assertIn("Retired", frame.message_ids[0].body)

    @mute_logger(*RULES)
    def test_frames_of_another_office(self):
        west = self.env["crm.team"].create({"name": "West"})
        frame = self.new_frame(self.seller, team_id=west.id)
        wizard = self.hand_over(self.seller, self.colleague, self.head)
        self.assertNotIn(frame, wizard.line_ids.frame_id)
        self.assertEqual(frame.owner_id, self.seller)
        self.assertEqual(self.order.user_id, self.colleague)
