from contextlib import contextmanager

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError

from .roles import RoleCase


class PlanCase(RoleCase):
    """A contract in effect since 1 September 2026 with a delivery on 1 October and a
    milestone of ours on 20 September; a workshop with a head, and a worker whose only
    role is to read the contract fields of what core shows him."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.workshop_head = cls.new_user(
            "ct_workshop_head", "contract_tracking.group_contract_user"
        )
        cls.worker = cls.new_user(
            "ct_worker", "contract_tracking.group_contract_reader"
        )
        departments = cls.env["contract.department"]
        cls.workshop = departments.create(
            {
                "name": "Workshop",
                "head_id": cls.workshop_head.id,
                "member_ids": [Command.link(cls.worker.id)],
            }
        )
        cls.sales = departments.create(
            {
                "name": "Sales Department",
                "head_id": cls.head.id,
                "member_ids": [Command.link(u.id) for u in cls.owner | cls.seller],
            }
        )
        cls.delivery = cls.order.contract_term_ids.filtered("line_id")
        with freeze_time("2026-09-01 03:00:00"):
            cls.milestone = cls.env["contract.term"].create(
                {
                    "order_id": cls.order.id,
                    "kind": "milestone",
                    "name": "Drawings",
                    "due_mode": "date",
                    "date_fixed": "2026-09-20",
                    "user_id": cls.owner.id,
                    "department_id": cls.sales.id,
                }
            )

    def stage(self, term, day, weight=50, **values):
        return {
            "kind": "stage",
            "term_id": term.id,
            "name": term.display_name,
            "user_id": self.owner.id,
            "department_id": self.sales.id,
            "date_planned": day,
            "weight": weight,
            **values,
        }

    def task(self, name, day, weight=50, **values):
        return {
            "kind": "task",
            "name": name,
            "user_id": self.worker.id,
            "department_id": self.workshop.id,
            "date_planned": day,
            "weight": weight,
            **values,
        }

    def new_plan(self, *lines, day="2026-09-02", **values):
        """A draft of the contract's owner: the delivery and a casting, if no lines are
        given."""
        lines = lines or (
            self.stage(self.delivery, "2026-09-28"),
            self.task("Casting", "2026-09-15"),
        )
        with freeze_time(f"{day} 02:00:00"):
            return (
                self.env["contract.plan"]
                .with_user(self.owner)
                .create(
                    {
                        "order_id": self.order.id,
                        "line_ids": [Command.create(line) for line in lines],
                        **values,
                    }
                )
                .with_env(self.env)
            )

    def agree(self, plan, day="2026-09-03"):
        """The owner submits; the departments and the supervisor agree."""
        with freeze_time(f"{day} 03:00:00"):
            plan.with_user(self.owner).action_submit()
            while plan.approval_state == "pending":
                plan.with_user(plan.approver_ids[:1]).action_approve()
        return plan

    def report(self, line, user, progress, day="2026-09-10", **values):
        with freeze_time(f"{day} 02:00:00"):
            action = line.with_user(user).action_report()
            window = self.env["contract.plan.report"].with_user(user)
            window = window.with_context(**action["context"])
            window.create({"progress": progress, **values}).action_apply()

    def line(self, plan, name):
        return plan.line_ids.filtered(lambda line: line.name == name)

    @contextmanager
    def fails(self, pattern, error=UserError):
        with self.assertRaises(error) as caught:
            yield
        self.assertRegex(str(caught.exception), pattern)
