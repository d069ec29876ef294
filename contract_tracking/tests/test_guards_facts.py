from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import format_amount, mute_logger

from ..models.contract.sale_order import FACTS
from ..models.term.contract_term import AGREED
from .roles import RoleCase


class TestFacts(RoleCase):
    """What was agreed stays; what is corrected keeps its old value."""

    def other_value(self, name):
        field = self.order._fields[name]
        if field.type == "selection":
            values = [v for v, _label in field._description_selection(self.env)]
            return next(v for v in values if v != self.order[name])
        if field.type == "many2one":
            domain = [("id", "!=", self.order[name].id)]
            return self.env[field.comodel_name].search(domain, limit=1).id
        return {"date": "2026-09-09", "monetary": 777, "integer": 7}.get(
            field.type, "Other"
        )

    def test_states_are_not_written(self):
        values = {
            "contract_state": "completed",
            "contract_effective_date": "2026-01-01",
            "contract_agreed_amount": 1,
        }
        for name, value in values.items():
            for env in (self.env, self.env(user=self.director), self.env(su=True)):
                with self.subTest(field=name, user=env.user.login):
                    with self.assertRaises(UserError):
                        self.order.with_env(env).write({name: value})
                    with self.assertRaises(UserError):
                        self.env["sale.order"].with_env(env).create(
                            {"partner_id": self.partner.id, name: value}
                        )

    def test_facts_in_effect(self):
        filled = {
            "contract_buyer_id": self.partner.id,
            "contract_signing_date": "2026-09-01",
            "contract_our_seal_date": "2026-09-01",
            "contract_customer_seal_date": "2026-09-02",
            "contract_signatory": "Chen",
            "contract_customer_signatory": "Wu",
            "contract_end_date": "2027-09-01",
            "contract_opening_date": "2026-08-31",
            "contract_opening_invoiced": 10,
            "contract_opening_received": 5,
            "contract_fulfilment": "dispatch",
            "contract_deemed_days": 30,
            "contract_predecessor_id": self.new_order(user_id=self.seller.id).id,
            "contract_frame_id": self.new_frame(self.seller).id,
            "contract_call_off_date": "2026-08-30",
        }
        # what is still empty may be filled in, by the salesperson
        self.order.with_user(self.seller).write(filled)
        self.assertEqual(self.order.contract_signatory, "Chen")
        for name in sorted(FACTS):
            self.assertTrue(self.order[name], name)
            before = self.order[name]
            for user in (self.seller, self.business, self.director, self.env.user):
                for value in (self.other_value(name), False):
                    with self.subTest(fact=name, user=user.login, value=value):
                        with self.assertRaises(UserError):
                            self.order.with_user(user).write({name: value})
            self.assertEqual(self.order[name], before)
            # writing what stands there already disturbs nobody
            self.order.write(
                {name: self.order._fields[name].convert_to_write(before, self.order)}
            )

    def test_correction(self):
        Correction = self.env["contract.correction"].with_context(
            default_order_id=self.order.id
        )
        for user in (self.seller, self.owner, self.member, self.head):
            wizard = Correction.with_user(user).create(
                {"reason": "Typing error", "number": "HT-0"}
            )
            with self.subTest(user=user.login), self.assertRaises(UserError):
                wizard.action_apply()
        for user in (self.leader, self.auditor, self.stock_user, self.portal):
            with self.subTest(user=user.login), self.assertRaises(AccessError):
                Correction.with_user(user).create({"reason": "x", "number": "HT-0"})
        old = self.order.contract_number
        wizard = Correction.with_user(self.business).create(
            {"reason": "Typing error", "number": "HT-0"}
        )
        self.assertEqual(wizard.owner_id, self.owner)
        wizard.action_apply()
        self.assertEqual(self.order.contract_number, "HT-0")
        self.assertEqual(self.order.contract_owner_id, self.owner)
        row = self.last_row(self.order)
        self.assertEqual((row.old_value, row.new_value), (old, "HT-0"))
        self.assertEqual((row.reason, row.user_id), ("Typing error", self.business))
        with self.assertRaises(UserError):
            Correction.with_user(self.business).create(
                {"reason": " ", "number": "HT-1"}
            ).action_apply()
        with self.assertRaises(UserError):
            Correction.with_user(self.business).create({"reason": "x"}).action_apply()

    def test_correction_by_rpc_changes_only_what_is_sent(self):
        self.env["contract.correction"].with_user(self.business).create(
            {"order_id": self.order.id, "reason": "Typing error", "number": "HT-2"}
        ).action_apply()
        self.assertEqual(self.order.contract_number, "HT-2")
        self.assertEqual(self.order.contract_owner_id, self.owner)
        self.assertEqual(self.order.contract_kind, "contract")

    def test_second_corrector_takes_nothing_back(self):
        wizards = self.env["contract.correction"]
        for number in ("HT-3", "HT-4"):
            wizards |= wizards.with_user(self.business).create(
                {"order_id": self.order.id, "reason": "Typing", "number": number}
            )
        first, second = wizards.with_user(self.business)
        first.action_apply()
        with self.assertRaisesRegex(UserError, "somebody else meanwhile"):
            second.action_apply()
        self.assertEqual(self.order.contract_number, "HT-3")

    @mute_logger("odoo.sql_db")
    def test_number_is_unique_in_its_company(self):
        number = self.order.contract_number
        other = self.new_order()
        with self.assertRaises(IntegrityError):
            other.contract_number = number
            other.flush_recordset()
        company = self.env["res.company"].create({"name": "South Branch"})
        foreign = (
            self.env["sale.order"]
            .with_company(company)
            .create({"partner_id": self.partner.id, "contract_number": number})
        )
        foreign.flush_recordset()
        self.assertEqual(foreign.company_id, company)
        self.assertEqual(foreign.contract_number, number)

    def test_history_is_never_changed(self):
        row = self.order.contract_history_ids[:1]
        for env in (self.env, self.env(user=self.director), self.env(su=True)):
            with self.assertRaises(UserError):
                row.with_env(env).write({"reason": "forged"})
            with self.assertRaises(UserError):
                row.with_env(env).unlink()
            with self.assertRaises(UserError):
                self.order.with_env(env).write(
                    {"contract_history_ids": [Command.delete(row.id)]}
                )
        with self.assertRaises(AccessError):
            self.env["contract.history"].with_user(self.director).create(
                {
                    "order_id": self.order.id,
                    "kind": "state",
                    "name": "State",
                    "date": "2026-09-01",
                }
            )


class TestTerms(RoleCase):
    """What both sides promised."""

    def test_stamped_terms(self):
        term = self.order.contract_term_ids.filtered(lambda t: t.kind == "payment")[0]
        self.assertTrue(term.stamped)
        values = {
            "order_id": self.new_order().id,
            "kind": "clause",
            "name": "Other",
            "quantity": 3,
            "percent": 1,
            "amount": 1,
            "date_fixed": "2026-12-31",
            "due_mode": "date",
            "delay": 99,
            "sequence": 1,
            "event_type_id": self.env.ref("contract_tracking.event_type_bl").id,
        }
        self.assertLessEqual(set(values), AGREED)
        for env in (self.env, self.env(user=self.director), self.env(su=True)):
            for name, value in values.items():
                with self.subTest(field=name, user=env.user.login):
                    with self.assertRaises(UserError):
                        term.with_env(env).write({name: value})
            with self.assertRaises(UserError):
                term.with_env(env).unlink()
            with self.assertRaises(UserError):
                self.order.with_env(env).write(
                    {"contract_term_ids": [Command.delete(term.id)]}
                )

    def test_system_values(self):
        draft = self.new_order(template="template_30_70_delivery").contract_term_ids
        values = {
            "stamped": True,
            "auto": True,
            "waived_on": "2026-09-01",
            "waived_reason": "x",
            "valid_from": "2026-09-01",
            "valid_to": "2026-09-01",
        }
        for name, value in values.items():
            with self.subTest(field=name):
                with self.assertRaises(UserError):
                    draft[0].sudo().write({name: value})
                with self.assertRaises(UserError):
                    self.env["contract.term"].create(
                        {"order_id": draft.order_id.id, "name": "x", name: value}
                    )

    def test_terms_follow_the_line_until_they_are_agreed(self):
        line = self.order.order_line
        term = self.order.contract_term_ids.filtered("line_id")
        line.product_uom_qty = 12
        self.assertEqual(term.quantity, 10)
        with self.assertRaises(UserError):
            line.unlink()
        self.company.contract_effective_rule = "signature"
        order = self.new_contract("2026-09-01")
        order.order_line.product_uom_qty = 12
        order.write(
            {"contract_signatory": "Chen", "contract_signing_date": "2026-09-03"}
        )
        self.assertEqual(order.contract_state, "active")
        self.assertEqual(order.contract_term_ids.quantity, 12)

    def test_new_term_of_a_contract_in_effect(self):
        values = {
            "order_id": self.order.id,
            "kind": "clause",
            "name": "Insurance",
            "due_mode": "date",
            "date_fixed": "2026-12-01",
        }
        for user in (self.seller, self.owner, self.member):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                self.env["contract.term"].with_user(user).create(values)
        term = self.env["contract.term"].with_user(self.business).create(values)
        self.assertTrue(term.stamped)
        self.assertEqual(self.last_row(self.order).record_id, term.id)

    def test_waiving(self):
        term = self.order.contract_term_ids.filtered("line_id")
        Reason = self.env["contract.reason"]
        values = {
            "res_model": term._name,
            "res_ids": term.ids,
            "step": "waive",
            "reason": "Given up",
        }
        for user in (self.seller, self.owner, self.head, self.member):
            with self.subTest(user=user.login), self.assertRaises(UserError):
                Reason.with_user(user).create(values).action_apply()
        for reason in ("", " ", False):
            with self.assertRaises(UserError):
                term.with_user(self.business)._take_reason_step("waive", reason)
        self.assertFalse(term.waived_on)
        Reason.with_user(self.business).create(values).action_apply()
        self.assertEqual(term.status, "waived")
        self.assertEqual(term.waived_reason, "Given up")
        row = self.last_row(self.order)
        self.assertEqual((row.reason, row.user_id), ("Given up", self.business))

    def test_waiving_happens_once(self):
        term = self.order.contract_term_ids.filtered("line_id")
        term.with_user(self.business)._waive("Given up")
        with self.assertRaises(UserError):
            term.with_user(self.business)._waive("Another story")
        self.assertEqual(term.waived_reason, "Given up")

    def test_nothing_to_waive_before_it_is_agreed(self):
        order = self.new_order(template="template_30_70_delivery")
        with self.assertRaises(UserError):
            order.contract_term_ids.with_user(self.business)._waive("Too early")
        self.assertFalse(any(order.contract_term_ids.mapped("waived_on")))

    def test_payment_terms_add_up(self):
        order = self.new_order(template="template_30_70_delivery")
        terms = order.contract_term_ids
        with self.assertRaises(ValidationError):
            terms[0].percent = 40
        terms.filtered(lambda t: t.percent == 30).percent = 20
        with self.assertRaises(UserError) as caught:
            order.action_confirm()
        for figure in (900, 1000):
            self.assertIn(
                format_amount(self.env, figure, order.currency_id),
                str(caught.exception),
            )
        self.assertEqual(order.state, "draft")
        terms.filtered(lambda t: t.percent == 20).percent = 30
        order.action_confirm()
        self.assertEqual(order.contract_state, "active")

    def test_company_and_currency_of_a_part_are_the_contracts(self):
        """Moved to another company a term would be hidden from everybody."""
        other = self.env["res.company"].create({"name": "Elsewhere"})
        term = self.order.contract_term_ids[0]
        for values in (
            {"company_id": other.id},
            {"company_id": False},
            {"currency_id": self.env.ref("base.EUR").id},
        ):
            with self.subTest(values), self.assertRaises(UserError):
                term.write(values)
        term.write({"company_id": term.company_id.id})
