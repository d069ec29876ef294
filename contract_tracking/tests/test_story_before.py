"""From quotation to active plan: in a company that switched everything on, and in one
that switched nothing on."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from .test_features import FEATURES
from .test_review import ReviewCommon


@tagged("post_install", "-at_install")
class TestStoryBefore(ReviewCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.clerk = cls.new_user(
            "story_clerk", "contract_tracking.group_contract_office"
        )
        cls.founder = cls.new_user(
            "story_founder", "contract_tracking.group_contract_user"
        )
        cls.worker = cls.new_user("story_worker")
        Department = cls.env["contract.department"]
        cls.desk = Department.create({"name": "Order Desk", "head_id": cls.clerk.id})
        cls.foundry = Department.create(
            {
                "name": "Foundry",
                "head_id": cls.founder.id,
                "member_ids": [Command.link(cls.worker.id)],
            }
        )
        cls.director = cls.env["contract.signatory"].create({"name": "Director Li"})

    def switch_on(self):
        self.env["contract.briefing.template"].create(
            {
                "name": "Foundry",
                "line_ids": [
                    Command.create({"department_id": self.foundry.id, "days": 3})
                ],
            }
        )
        self.env["res.config.settings"].create(
            {
                **{f"group_contract_{feature}": True for feature in FEATURES},
                "contract_effective_rule": "signature",
                "contract_review_before": "confirm",
                "contract_review_terms": False,
                "contract_signatory_check": "refuse",
                "contract_papers_days": 3,
                "contract_papers_department_id": self.desk.id,
                "contract_intake_department_id": self.desk.id,
                "contract_release_required": "all",
                "contract_release_department_ids": [Command.set(self.foundry.ids)],
                "contract_briefing_mode": "effect",
                "contract_plan_required": True,
                "contract_plan_from": "2026-09-01",
            }
        ).execute()

    def at(self, day):
        """A day of the story, in the morning of the company."""
        return freeze_time(f"2026-09-{day:02} 02:00:00")

    def quotation(self):
        with self.at(1):
            return self.new_quotation(
                commitment_date="2026-10-30 02:00:00",
                contract_kind="contract",
                contract_owner_id=self.seller.id,
                contract_supervisor_id=self.business.id,
            ).with_user(self.seller)

    def opened(self, action):
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_everything_on(self):
        self.switch_on()
        order = self.quotation()
        line = order.order_line

        # reviewed first, under a condition
        self.assertEqual(order.contract_next_step, "review")
        self.assert_refused("was not reviewed yet", order.action_confirm)
        with self.at(2):
            review = self.reviewed(order, ["Get the drawings"])
            self.assertEqual(review.conclusion, "conditions")
            self.assert_refused("conditions that are not done", order.action_confirm)
            review.action_ids.with_user(self.seller)._report_done("Received")
            # what was reviewed is what is signed
            line.price_unit = 90
            self.assert_refused("was changed after", order.action_confirm)
            line.price_unit = 100
            order.action_confirm()
        self.assertEqual(order.contract_state, "confirmed")

        # supply waits for the release
        contract = order.sudo()
        self.assertTrue(contract.contract_supply_held)
        self.assertIn("released", contract.contract_supply_text)
        self.assertFalse(contract.picking_ids)

        # signed by somebody with authority: it takes effect, and the papers are due
        with self.at(3):
            signed = {"contract_signing_date": "2026-09-03"}
            self.assert_refused(
                "signed by Director Li",
                order.write,
                {**signed, "contract_signatory": "Mr. Nobody"},
            )
            order.write({**signed, "contract_signatory_id": self.director.id})
        self.assertEqual(order.contract_state, "active")
        papers = contract.contract_handover_ids
        self.assertEqual(papers.user_id, self.seller)
        self.assertEqual(str(papers.date_due), "2026-09-06")

        # the departments are briefed, without prices
        part = contract.contract_briefing_ids.part_ids
        self.assertEqual(part.department_id, self.foundry)
        theirs = part.with_user(self.worker)
        self.assertTrue(theirs.can_acknowledge)
        told = str(theirs.read([])[0])
        self.assertIn("Pump", told)
        self.assertNotIn("100.00", told)
        with self.at(4):
            theirs.action_acknowledge()

        # the order desk compares and releases
        with self.at(5):
            intake = self.opened(order.action_contract_check_order())
            intake = intake.with_user(self.seller)
            paper = self.env["ir.attachment"].with_user(self.seller)
            paper = paper.create({"name": "po.pdf", "raw": b"order"})
            intake.attachment_ids = [Command.link(paper.id)]
            intake.action_submit()
            desk = intake.with_user(self.clerk)
            desk.action_all_right()
            desk.action_approve()
            intake.write(
                {
                    "confirmed_by": "Mr. Wang",
                    "confirmed_on": "2026-09-05",
                    "confirmed_how": "mail",
                }
            )
            desk.action_release()
        self.assertFalse(contract.contract_supply_held)
        self.assertTrue(contract.picking_ids)

        # a plan is asked for, agreed by the department, the owner and the supervisor
        cron = type(self.env["ir.cron"])
        with self.at(20), patch.object(cron, "_commit_progress", return_value=1):
            self.env["contract.plan"]._cron_follow_up()
        plan = contract.contract_plan_ids.with_user(self.seller)
        self.assertEqual(plan.user_id, self.seller)
        with self.at(20):
            plan.line_ids.filtered(lambda task: task.kind != "stage").unlink()
            plan.line_ids.department_id = self.foundry
            plan.line_ids = [
                Command.create(
                    {
                        "kind": "training",
                        "name": "Train the welders",
                        "user_id": self.founder.id,
                        "department_id": self.foundry.id,
                        "date_planned": "2026-10-10",
                    }
                )
            ]
            plan.action_spread()
            plan.action_submit()
            while plan.approval_state == "pending":
                plan.with_user(plan.sudo().approver_ids[:1]).action_approve()
        self.assertEqual(plan.state, "active")
        deciders = plan.sudo().step_ids.decided_by_id
        self.assertEqual(deciders, self.founder | self.business)
        self.assertTrue(all(plan.line_ids.mapped("date_baseline")))

        # and what was promised is delivered as ever
        self.deliver(contract, "2026-10-20")
        stage = plan.line_ids.filtered(lambda task: task.term_id.kind == "delivery")
        self.assertEqual(str(stage.date_actual), "2026-10-20")

    def test_nothing_on(self):
        """The same contract asks nobody for anything, and nothing is made beside it."""
        settings = {f"group_contract_{feature}": False for feature in FEATURES}
        self.env["res.config.settings"].create(settings).execute()
        order = self.quotation()
        steps = {order.contract_next_step}
        with self.at(2):
            order.action_confirm()
        contract = order.sudo()
        self.assertEqual(contract.contract_state, "active")
        self.assertFalse(contract.contract_supply_held)
        self.assertTrue(contract.picking_ids)
        steps.add(order.contract_next_step)
        with self.at(3):
            order.write(
                {
                    "contract_signing_date": "2026-09-03",
                    "contract_signatory": "Mr. Nobody",
                }
            )
        steps.add(order.contract_next_step)
        cron = type(self.env["ir.cron"])
        with self.at(20), patch.object(cron, "_commit_progress", return_value=1):
            self.env["contract.plan"]._cron_follow_up()
        self.deliver(contract, "2026-10-20")
        steps.add(order.contract_next_step)
        asked = {"review", "hand_papers", "check_order", "brief", "progress_plan"}
        self.assertEqual(steps & asked, set())
        for model in (
            "contract.review",
            "contract.paper.handover",
            "contract.counterpart",
            "contract.intake",
            "contract.release",
            "contract.briefing",
            "contract.plan",
            "contract.logistics.exception",
        ):
            domain = [("order_id", "=", contract.id)]
            self.assertFalse(self.env[model].search_count(domain), model)
