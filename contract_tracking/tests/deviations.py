from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .roles import RoleCase

RULES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


class DeviationCase(RoleCase):
    """A deviation of the seller's contract, and the steps of its life as one-liners."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cause = cls.env.ref("contract_tracking.deviation_cause_material")
        cls.rule = cls.env["contract.approval.rule"].create(
            {
                "name": "Leader decides",
                "kind": "deviation",
                "company_id": cls.company.id,
                "line_ids": [
                    Command.create(
                        {
                            "name": "Leader",
                            "approver": "users",
                            "user_ids": [Command.set(cls.leader.ids)],
                        }
                    )
                ],
            }
        )
        cls.business_office = cls.env["contract.department"].create(
            {"name": "Business", "head_id": cls.business.id}
        )
        cls.company.contract_business_office_id = cls.business_office

    @classmethod
    def report(cls, user=None, **values):
        user = user or cls.seller
        return (
            cls.env["contract.deviation"]
            .with_user(user)
            .create(
                {
                    "order_id": cls.order.id,
                    "user_id": user.id,
                    "kind": "late_delivery",
                    "severity": "major",
                    "date": "2026-10-13",
                    "summary": "Agreed by 10/01, 60 delivered on 10/13, 40 missing.",
                    "cause_id": cls.cause.id,
                    "impact_days": 12,
                    "impact_amount": 400,
                    "recommendation": "Deliver by 10/30, no penalty.",
                    **values,
                }
            )
        )

    def submitted(self, **values):
        deviation = self.report(**values)
        deviation.action_analyse()
        deviation.action_submit()
        return deviation

    def decided(self, outcome="accept", comment="Do so.", **values):
        deviation = self.submitted(**values)
        deviation.with_user(self.leader).action_approve(comment, outcome)
        return deviation

    def reported(self, **values):
        deviation = self.decided(**values)
        self.step(deviation, "report", self.seller)
        return deviation

    def step(self, record, step, user, text="So it is.", **values):
        """Take a step as people do, in its window."""
        values = {{"cured_on": "date"}.get(k, k): v for k, v in values.items()}
        self.env["contract.reason"].with_user(user).create(
            {
                "res_model": record._name,
                "res_ids": record.ids,
                "step": step,
                "reason": text,
                **values,
            }
        ).action_apply()

    def add_action(self, deviation, user=None, **values):
        return (
            self.env["contract.action"]
            .with_user(self.seller)
            .create(
                {
                    "res_model": deviation._name,
                    "res_id": deviation.id,
                    "name": "Press the foundry",
                    "user_id": (user or self.outsider).id,
                    "date_deadline": "2026-10-20",
                    **values,
                }
            )
        )

    def todo(self, record):
        """``{(type, user)}`` of the deviation's activities."""
        prefix = "contract_tracking.mail_activity_"
        return {
            (
                activity.activity_type_id.get_external_id()[
                    activity.activity_type_id.id
                ].removeprefix(prefix),
                activity.user_id,
            )
            for activity in record.sudo().activity_ids
        }

    def assert_refused(self, call, text=None):
        with mute_logger(*RULES), self.assertRaises(UserError) as error:
            with self.env.cr.savepoint():
                call()
        if text:
            self.assertIn(text, str(error.exception))
        self.env.invalidate_all()
