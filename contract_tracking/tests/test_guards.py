from odoo.exceptions import UserError

from .roles import RoleCase

STATES = (
    "draft",
    "confirmed",
    "active",
    "suspended",
    "completed",
    "terminated",
    "cancelled",
)
STEPS = {
    "suspend": {"active": "suspended"},
    "resume": {"suspended": "active"},
    "terminate": {"active": "terminated", "suspended": "terminated"},
    "cancel": {"active": "cancelled", "suspended": "cancelled"},
}


class TestLife(RoleCase):
    """Each step from each state: the model says who and when."""

    def contract_in(self, state):
        """A contract in a state, reached by the steps that lead there."""
        if state == "draft":
            order = self.new_order(user_id=self.seller.id, team_id=self.team.id)
            order.action_contract_assign_number()
        elif state == "confirmed":
            self.company.contract_effective_rule = "signature"
            order = self.new_role_contract()
            self.company.contract_effective_rule = "confirmation"
        else:
            order = self.new_role_contract()
            if state == "suspended":
                self.step(order, "suspend")
            elif state == "completed":
                order.contract_term_ids.with_user(self.business)._waive("Settled")
                order.with_user(self.business).action_contract_complete()
            elif state != "active":
                self.step(order, {"terminated": "terminate"}.get(state, "cancel"))
        self.assertEqual(order.contract_state, state)
        return order

    def step(self, order, step, user=None, reason="Agreed by letter"):
        self.env["contract.reason"].with_user(user or self.business).create(
            {
                "res_model": "sale.order",
                "res_ids": order.ids,
                "step": step,
                "reason": reason,
            }
        ).action_apply()

    def test_steps(self):
        for state in STATES:
            wrong = self.contract_in(state)
            for step, ways in STEPS.items():
                with self.subTest(step=step, state=state):
                    if state in ways:
                        order = self.contract_in(state)
                        self.step(order, step)
                        self.assertEqual(order.contract_state, ways[state])
                        self.assert_dated(order, ways[state])
                    else:
                        with self.assertRaises(UserError):
                            self.step(wrong, step)
                        self.assertEqual(wrong.contract_state, state)

    def assert_dated(self, order, state):
        """Who, when and why, as the last row of the history says it."""
        row = self.last_row(order, ("kind", "=", "state"))
        self.assertEqual(row.new_value, state)
        self.assertEqual(row.reason, "Agreed by letter")
        self.assertEqual(row.user_id, self.business)
        self.assertEqual(row.date, order._contract_today())

    def test_complete(self):
        for state in STATES:
            order = self.contract_in(state)
            as_office = order.with_user(self.business)
            with self.subTest(state=state), self.assertRaises(UserError) as caught:
                as_office.action_contract_complete()
            self.assertEqual(order.contract_state, state)
            if state in ("active", "suspended"):
                self.assertIn("Pump", str(caught.exception))
                order.contract_term_ids.with_user(self.business)._waive("Settled")
                as_office.action_contract_complete()
                self.assertEqual(order.contract_state, "completed")
                self.assertFalse(order.contract_next_record_date)

    def test_complete_what_was_kept(self):
        order = self.new_contract("2026-09-01", [(self.service, 3)])
        with self.assertRaises(UserError):
            order.with_user(self.business).action_contract_complete()
        order.order_line.qty_delivered = 3
        order.with_user(self.business).action_contract_complete()
        self.assertEqual(order.contract_state, "completed")

    def test_renew(self):
        for state in STATES:
            order = self.contract_in(state).with_user(self.seller)
            with self.subTest(state=state):
                if state in ("active", "completed"):
                    action = order.action_contract_renew()
                    renewal = self.env["sale.order"].browse(action["res_id"])
                    self.assertEqual(renewal.contract_predecessor_id.id, order.id)
                    self.assertEqual(renewal.contract_type, "renewal")
                    self.assertEqual(renewal.contract_state, "draft")
                    self.assertFalse(renewal.contract_number)
                    self.assertFalse(renewal.contract_effective_date)
                elif state in ("draft", "cancelled"):
                    # nothing was ever agreed that could be renewed
                    with self.assertRaises(UserError):
                        order.action_contract_renew()

    def test_steps_need_a_reason(self):
        for reason in ("", "  ", False):
            for step in STEPS:
                with self.subTest(step=step, reason=reason):
                    with self.assertRaises(UserError):
                        self.order.with_user(self.business)._take_reason_step(
                            step, reason
                        )
        self.assertEqual(self.order.contract_state, "active")

    def test_cancel_of_the_order(self):
        """Core's own ways to cancel lead through the business office where the company
        says so."""
        self.company.contract_cancel_office = True
        with self.assertRaises(UserError):
            self.order.with_user(self.seller).action_cancel()
        with self.assertRaises(UserError):
            self.order.state = "cancel"
        with self.assertRaises(UserError):
            (self.order + self.new_role_contract()).action_cancel()
        action = self.order.with_user(self.business).action_cancel()
        self.assertEqual(action["res_model"], "contract.reason")
        self.assertEqual(action["context"]["default_step"], "cancel")
        self.step(self.order, "cancel")
        self.assertEqual(self.order.state, "cancel")
        self.assertEqual(self.order.contract_state, "cancelled")

    def test_salesperson_cancels_what_is_not_in_effect(self):
        for state in ("draft", "confirmed"):
            order = self.contract_in(state)
            order.with_user(self.seller).action_cancel()
            self.assertEqual(order.contract_state, "cancelled", state)

    def test_confirming_again_doubles_nothing(self):
        number = self.order.contract_number
        terms = self.order.contract_term_ids
        self.step(self.order, "cancel")
        self.order.action_draft()
        self.assertEqual(self.order.contract_state, "draft")
        self.assertFalse(self.order.contract_effective_date)
        self.order.action_confirm()
        self.assertEqual(self.order.contract_state, "active")
        self.assertEqual(self.order.contract_number, number)
        self.assertEqual(self.order.contract_term_ids, terms)
        self.assertTrue(all(terms.mapped("stamped")))

    def test_what_took_effect_stays(self):
        with self.assertRaises(UserError):
            self.order.unlink()
        self.step(self.order, "cancel")
        with self.assertRaises(UserError):
            self.order.unlink()
        self.order.action_draft()
        self.assertEqual(self.order.state, "draft")
        with self.assertRaises(UserError) as caught:
            self.order.unlink()
        self.assertIn(self.order.display_name, str(caught.exception))

    def test_what_never_took_effect_goes(self):
        order = self.contract_in("draft")
        order.unlink()
        self.assertFalse(order.exists())
        order = self.contract_in("confirmed")
        order.action_cancel()
        order.unlink()
        self.assertFalse(order.exists())

    def test_tracking_by_hand(self):
        self.company.contract_track_mode = "manual"
        order = self.new_role_contract(template=None, contract_supervisor_id=False)
        # facts make a contract of a quotation: this one has none
        self.assertEqual(order.contract_state, "active")
        plain = self.new_contract("2026-09-01", user_id=self.seller.id)
        self.assertFalse(plain.contract_state)
        plain.with_user(self.seller).action_contract_track()
        self.assertEqual(plain.contract_state, "active")
        quotation = self.new_order(user_id=self.seller.id)
        with self.assertRaises(UserError):
            quotation.with_user(self.seller).action_contract_track()
