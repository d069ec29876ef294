from unittest.mock import patch

from freezegun import freeze_time
from psycopg2 import IntegrityError

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ..tools.guard import unguarded
from .roles import RoleCase

DAY = "2026-09-20"


class ChangeCase(RoleCase):
    """Ten pumps at 100, due on 1 October. Legal affairs and the business office give
    their opinions side by side, then the head of the office, the company last."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.lawyer = cls.new_user(
            "ct_lawyer", "contract_tracking.group_contract_leader"
        )
        cls.env["contract.approval.rule"].search([]).active = False
        cls.rule = cls.env.ref("contract_tracking.approval_rule_change")
        cls.rule.active = True
        cls.env["contract.department"].create(
            {
                "name": "Law",
                "review_function": "legal",
                "head_id": cls.lawyer.id,
                "company_id": cls.company.id,
            }
        )
        users = {"Business office": cls.business, "Company": cls.leader}
        for line in cls.rule.line_ids:
            if user := users.get(line.name):
                line.write({"approver": "users", "user_ids": [Command.set(user.ids)]})
            elif line.name == "Finance":
                line.write({"group_id": False, "skip_if_none": True})
        cls.env["contract.approval.rule"].create(
            {
                "name": "Leader",
                "kind": "reagreement",
                "line_ids": [
                    Command.create(
                        {"name": "Leader", "user_ids": [Command.link(cls.leader.id)]}
                    )
                ],
            }
        )
        cls.delivery = cls.order.contract_term_ids.filtered("line_id")
        cls.letter = cls.new_paper("letter", "Letter of the customer")
        cls.supplement = cls.new_paper("supplement", "Supplement 1")

    @classmethod
    def new_paper(cls, kind, name, order=None, frame=None):
        file = cls.env["ir.attachment"].create({"name": "s.pdf", "raw": b"signed"})
        parent = (
            {"frame_id": frame.id} if frame else {"order_id": (order or cls.order).id}
        )
        return cls.env["contract.document"].create(
            {
                **parent,
                "name": name,
                "type_id": cls.env.ref(f"contract_tracking.document_type_{kind}").id,
                "date": DAY,
                "attachment_ids": [Command.link(file.id)],
            }
        )

    def new_change(self, user=None, day=DAY, **values):
        with freeze_time(f"{day} 02:00:00"):
            return (
                self.env["contract.change"]
                .with_user(user or self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "wish": "Everything three weeks later.",
                        "reason": "The site isn't ready.",
                        "change_dates": True,
                        "letter_id": self.letter.id,
                        **values,
                    }
                )
                .with_env(self.env)
            )

    def submit(self, change, day=DAY):
        with freeze_time(f"{day} 03:00:00"):
            change.with_user(self.seller).action_submit()
        return change

    def consent(self, change, day=DAY):
        """Everybody agrees who is asked."""
        with freeze_time(f"{day} 04:00:00"):
            for user in (self.lawyer, self.business, self.head, self.leader):
                change.with_user(user).action_approve("ok")
        return change

    def negotiate(self, change, day=DAY, **values):
        with freeze_time(f"{day} 05:00:00"):
            change.with_user(self.seller).write(
                {
                    "negotiated_on": day,
                    "negotiated_with": "Mr Li, purchasing",
                    "result": "agreed",
                    "result_note": "Delivery on 22 October.",
                    "consent_id": self.supplement.id,
                    **values,
                }
            )
            change.with_user(self.seller).action_negotiate()
        return change

    def negotiated(self, **values):
        return self.negotiate(self.consent(self.submit(self.new_change(**values))))

    def reagree(self, change, day=DAY, **values):
        """A re-agreement that carries a request out, as its button opens it."""
        with freeze_time(f"{day} 06:00:00"):
            action = change.with_user(self.seller).action_follow_up()
            context = {
                key: value
                for key, value in action["context"].items()
                if key != "default_line_ids"
            }
            return (
                self.env[action["res_model"]]
                .with_user(self.seller)
                .with_context(**context)
                .create({"date_from": day, **values})
                .with_env(self.env)
            )

    def assert_refused(self, text, step, *args, error=UserError, **kwargs):
        with self.assertRaises(error) as caught:
            step(*args, **kwargs)
        self.assertRegex(str(caught.exception), text)


@tagged("post_install", "-at_install")
class TestChange(ChangeCase):
    # ------------------------------------------------------------------
    # The way
    # ------------------------------------------------------------------

    def test_story(self):
        """The customer asks for other dates: opinions, consent, negotiation, consent of
        both sides in writing, re-agreement; the request is done once that holds."""
        change = self.new_change(
            line_ids=[
                Command.create({"term_id": self.delivery.id, "date_new": "2026-10-22"})
            ]
        )
        self.assertTrue(change.name.startswith("BG"))
        self.assertEqual(change.form_code, "QR-XS-13")
        self.submit(change)
        self.assertEqual(change.state, "submitted")
        # legal affairs and the business office side by side
        self.assertEqual(change.approver_ids, self.lawyer | self.business)
        self.consent(change)
        self.assertEqual(change.state, "agreed")
        self.assertTrue(change.agreed_on)
        self.negotiate(change)
        self.assertEqual(change.state, "negotiated")
        record = self.reagree(change)
        self.assertEqual(record.change_id, change)
        self.assertEqual(record.document_id, self.supplement)
        self.assertEqual(record.reason, "Delivery on 22 October.")
        self.assertEqual(record.line_ids.term_id, self.delivery)
        self.assertEqual(str(record.line_ids.date_fixed), "2026-10-22")
        self.assertEqual(record.line_ids.quantity, 10)
        with freeze_time(f"{DAY} 07:00:00"):
            record.with_user(self.seller).action_submit()
            self.assertEqual(change.state, "negotiated")
            record.with_user(self.leader).action_approve()
        self.assertEqual(record.state, "done")
        self.assertEqual(change.state, "done")
        term = self.order.contract_term_ids.filtered(
            lambda t: t.kind == "delivery" and not t.valid_to
        )
        self.assertEqual(str(term.date_fixed), "2026-10-22")
        # both ways
        self.assertEqual(change.reagreement_ids, record)
        action = change.with_user(self.seller).action_follow_up()
        self.assertEqual(action["res_id"], record.id)

    def test_button_opens_the_form(self):
        """What the button hands over fills the form of the re-agreement."""
        change = self.negotiated(
            line_ids=[Command.create({"term_id": self.delivery.id, "is_dropped": True})]
        )
        with freeze_time(f"{DAY} 06:00:00"):
            action = change.with_user(self.seller).action_follow_up()
            form = Form(
                self.env[action["res_model"]]
                .with_user(self.seller)
                .with_context(**action["context"])
            )
            record = form.save()
        self.assertEqual(record.line_ids.action, "end")
        again = change.with_user(self.seller).action_follow_up()
        self.assertEqual(again["res_id"], record.id, "the draft is opened again")

    def test_form_shows_what_was_asked(self):
        """The new form shows the changes and what they come to; what is typed by hand
        is added to them."""
        self.seller.group_ids |= self.env.ref("contract_tracking.group_contract_change")
        deposit = self.order.contract_term_ids.filtered(
            lambda t: t.kind == "payment"
        ).sorted("id")[0]
        change = self.negotiated(
            line_ids=[Command.create({"term_id": self.delivery.id, "quantity": 12})]
        )
        context = {"default_order_id": self.order.id}
        for way in ("button", "by hand"):
            if way == "button":
                action = change.with_user(self.seller).action_follow_up()
                context = action["context"]
            with self.subTest(way), freeze_time(f"{DAY} 06:00:00"):
                form = Form(
                    self.env["contract.reagreement"]
                    .with_user(self.seller)
                    .with_context(**context)
                )
                form.date_from = DAY
                if way == "button":
                    self.assertEqual(len(form.line_ids), 1)
                with form.line_ids.new() as line:
                    line.term_id = deposit
                    line.name = "Down payment"
                if way == "by hand":
                    form.change_id = change
                self.assertEqual(form.amount_after, 1200)
                record = form.save()
                self.assertEqual(record.amount_after, 1200)
                self.assertTrue(record.change_order)
                self.assertEqual(record.line_ids.term_id, self.delivery + deposit)
                asked = record.line_ids.filtered(lambda ln: ln.term_id == self.delivery)
                self.assertEqual(asked.quantity, 12)
                self.assertEqual(asked.date_fixed, self.delivery.date_fixed)
                self.assertEqual(asked.line_id, self.delivery.line_id)
                record.unlink()
            context = {"default_order_id": self.order.id}

    def test_frame(self):
        frame = self.new_frame(owner=self.seller, amount_total=10000)
        paper = self.new_paper("supplement", "Supplement", frame=frame)
        change = self.new_change(
            order_id=False, frame_id=frame.id, letter_id=False, change_price=True
        )
        self.assertEqual(change.agreed_amount, 10000)
        self.submit(change)
        with freeze_time(f"{DAY} 04:00:00"):
            for user in (self.lawyer, self.business, self.leader):
                change.with_user(user).action_approve("ok")
        self.negotiate(change, consent_id=paper.id)
        record = self.reagree(change, amount_after=9000)
        self.assertEqual(record.frame_id, frame)
        with freeze_time(f"{DAY} 07:00:00"):
            record.with_user(self.seller).action_submit()
            record.with_user(self.leader).action_approve()
        self.assertEqual(change.state, "done")
        self.assertEqual(frame.change_count, 1)
        self.assertEqual(frame.amount_total, 9000)

    def test_terminate_waits_for_its_room(self):
        """Where no document ends contracts, nothing is offered."""
        change = self.negotiated(kind="terminate", change_dates=False)
        models = change._follow_up_model()
        self.assertEqual(
            change.with_user(self.seller).can_follow_up, "terminate" in models
        )
        self.assertEqual(models["change"], "contract.reagreement")
        values = change._follow_up_values()
        self.assertEqual(values["kind"], "terminate")
        self.assertEqual(values["change_id"], change.id)

    # ------------------------------------------------------------------
    # What it touches
    # ------------------------------------------------------------------

    def test_facts_are_kept(self):
        """Read from the facts as a draft, kept from the submission on."""
        self.deliver(self.order, "2026-09-10", pump=4)
        invoice = self.invoice(self.order, "2026-09-11", {self.pump: 4})
        self.pay(invoice, "2026-09-12", 150)
        change = self.new_change()
        with freeze_time(f"{DAY} 02:00:00"):
            self.assertEqual(change.agreed_amount, 1000)
            self.assertEqual(change.delivered_amount, 400)
            self.assertEqual(change.invoiced_amount, 400)
            self.assertEqual(change.received_amount, 150)
            self.assertEqual(change.receivable_amount, 250)
            self.assertIn("Pump", change.goods_table)
        (goods,) = change._read_facts()[change]["goods"]
        self.assertEqual(
            [goods[n] for n in ("ordered", "delivered", "reserved", "supplied")],
            [10, 4, 6, 0],
        )
        self.submit(change)
        self.deliver(self.order, "2026-09-21")
        change.invalidate_recordset()
        self.assertEqual(change.delivered_amount, 400)
        with freeze_time("2026-09-21 03:00:00"):
            change.with_user(self.seller).action_withdraw()
        change.invalidate_recordset()
        self.assertEqual(change.delivered_amount, 1000)

    def goods_of(self, change):
        (goods,) = change._read_facts()[change]["goods"]
        return [goods[n] for n in ("ordered", "delivered", "reserved", "supplied")]

    def test_returns_are_not_reserved(self):
        """All ten left, two are on their way back: nothing is reserved for it."""
        picking = self.deliver(self.order, "2026-09-10")
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.write({"quantity": 2, "to_refund": True})
        returned = wizard._create_return()
        self.assertEqual(returned.move_ids.quantity, 2)
        self.assertEqual(self.goods_of(self.new_change()), [10, 10, 0, 0])

    def test_kits_are_reserved(self):
        """A pump of one motor and two frames: of ten, four left; parts of six are
        reserved."""
        if "mrp.bom" not in self.env:
            self.skipTest("mrp is not installed")
        Product = self.env["product.product"]
        motor, frame = (
            Product.create({"name": name, "type": "consu", "is_storable": True})
            for name in ("Motor", "Frame")
        )
        for part in motor + frame:
            self.env["stock.quant"]._update_available_quantity(
                part, self.warehouse.lot_stock_id, 1000
            )
        self.env["mrp.bom"].create(
            {
                "product_tmpl_id": self.pump.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": motor.id, "product_qty": 1}),
                    Command.create({"product_id": frame.id, "product_qty": 2}),
                ],
            }
        )
        order = self.new_role_contract()
        self.deliver(order, "2026-09-10", motor=4, frame=8)
        change = self.new_change(order_id=order.id, letter_id=False)
        self.assertEqual(self.goods_of(change), [10, 4, 6, 0])

    def test_empty_form(self):
        form = Form(self.env["contract.change"].with_user(self.seller))
        self.assertFalse(form.goods_table)
        self.assertEqual(form.agreed_amount, 0)
        form.order_id = self.order
        self.assertEqual(form.agreed_amount, 1000)

    # ------------------------------------------------------------------
    # What is refused
    # ------------------------------------------------------------------

    def test_not_in_effect(self):
        with self.assertRaises(ValidationError):
            order = self.new_order(user_id=self.seller.id)
            self.new_change(order_id=order.id, letter_id=False)
        frame = self.new_frame(owner=self.seller, day=False)
        with self.assertRaises(ValidationError):
            self.new_change(order_id=False, frame_id=frame.id, letter_id=False)
        change = self.new_change()
        self.order.with_user(self.business)._contract_reach(
            "terminated", None, "The customer is gone."
        )
        self.assert_refused("not in effect", self.submit, change)
        self.assertEqual(change.state, "draft")

    def test_submitted_empty(self):
        for values, text in (
            ({"wish": " "}, "what is asked for and why"),
            ({"reason": False}, "what is asked for and why"),
            ({"change_dates": False}, "Tick what is to change"),
        ):
            change = self.new_change(**values)
            self.assert_refused(text, self.submit, change)
            change.unlink()
        change = self.new_change(
            line_ids=[Command.create({"term_id": self.delivery.id})]
        )
        self.assert_refused("what is to become", self.submit, change)

    def test_negotiated_too_early(self):
        change = self.new_change()
        for step in ("draft", "submitted"):
            with self.assertRaises(UserError):
                change.with_user(self.seller).result = "agreed"
            self.assert_refused(
                "only while", change.with_user(self.seller).action_negotiate
            )
            self.assert_refused(
                "only while", change.with_user(self.seller).action_follow_up
            )
            if step == "draft":
                self.submit(change)
        with self.assertRaises(ValidationError):
            self.new_change(kind="suspend", result="agreed")

    def test_result_is_complete(self):
        change = self.consent(self.submit(self.new_change()))
        seller = change.with_user(self.seller)
        with freeze_time(f"{DAY} 05:00:00"):
            self.assert_refused("Negotiated On", seller.action_negotiate)
            values = {
                "negotiated_on": DAY,
                "negotiated_with": "Mr Li",
                "result": "agreed",
            }
            seller.write(values)
            self.assert_refused("Written Consent", seller.action_negotiate)
            seller.consent_id = self.new_paper("minutes", "Minutes")
            self.assert_refused("by a letter", seller.action_negotiate)
            seller.consent_id = self.letter
            with self.assertRaises(ValidationError):
                seller.negotiated_on = "2026-09-21"
            seller.negotiated_on = "2026-09-19"
            self.assert_refused("before the company", seller.action_negotiate)
            seller.negotiated_on = DAY
            seller.action_negotiate()
            self.assert_refused("only while", seller.write, {"result": "not_agreed"})
        self.assertEqual(change.state, "negotiated")
        # a letter is no supplement: it is chosen on the re-agreement
        self.assertNotIn("document_id", change._follow_up_values())

    def test_papers_of_another_contract(self):
        other = self.new_role_contract()
        letter = self.new_paper("letter", "Letter", order=other)
        with self.assertRaises(ValidationError):
            self.new_change(letter_id=letter.id)
        change = self.consent(self.submit(self.new_change()))
        with self.assertRaises(ValidationError):
            change.with_user(self.seller).consent_id = letter
        term = other.contract_term_ids[:1]
        with self.assertRaises(ValidationError):
            self.new_change(
                kind="suspend", line_ids=[Command.create({"term_id": term.id})]
            )

    def test_papers_stay(self):
        change = self.new_change()
        self.letter.name = "Letter of 20 September"
        self.submit(change)
        self.assert_refused("relies on", self.letter.write, {"name": "Another"})
        self.negotiate(self.consent(change))
        self.assert_refused("relies on", self.supplement.unlink)

    def test_one_at_a_time(self):
        """The same isn't asked for twice at once; while one change waits to be carried
        out another may be asked for, a second termination may not."""
        change = self.new_change()
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.new_change()
        self.new_change(kind="suspend")
        self.negotiate(self.consent(self.submit(change)))
        self.new_change()
        end = self.consent(self.submit(self.new_change(kind="terminate")))
        self.assertEqual(end.state, "agreed")
        with self.assertRaises(IntegrityError), mute_logger("odoo.sql_db"):
            self.new_change(kind="terminate")

    def test_unilateral(self):
        change = self.consent(self.submit(self.new_change()))
        with self.assertRaises(ValidationError):
            change.with_user(self.seller).result = "unilateral"
        end = self.consent(self.submit(self.new_change(kind="terminate")))
        self.negotiate(
            end,
            result="unilateral",
            consent_id=False,
            negotiated_with=False,
            result_note="Article 563 of the Civil Code: he declared not to pay.",
        )
        self.assertEqual(end.state, "negotiated")

    def test_frozen(self):
        change = self.submit(self.new_change())
        seller = change.with_user(self.seller)
        for vals in ({"wish": "More"}, {"state": "agreed"}, {"facts": {}}):
            with self.assertRaises(UserError):
                seller.write(vals)
        with self.assertRaises(UserError):
            seller.line_ids = [Command.create({"term_id": self.delivery.id})]
        with self.assertRaises(UserError):
            self.new_change(kind="suspend", state="agreed")

    # ------------------------------------------------------------------
    # Who
    # ------------------------------------------------------------------

    def test_roles(self):
        with self.assertRaises(AccessError):
            self.new_change(user=self.finance)
        with self.assertRaises(AccessError):
            self.new_change(user=self.auditor)
        with self.assertRaises(AccessError):
            self.new_change(user=self.outsider)
        change = self.submit(self.new_change())
        changes = self.env["contract.change"]
        for user in (self.auditor, self.leader, self.head, self.owner, self.lawyer):
            self.assertIn(change, changes.with_user(user).search([]), user.login)
        for user in (self.rival, self.outsider, self.stranger):
            self.assertNotIn(change, changes.with_user(user).search([]), user.login)
        for user in (self.portal, self.stock_user, self.employee):
            with self.assertRaises(AccessError):
                changes.with_user(user).search([])
        # nobody decides his own
        with self.assertRaises(UserError):
            change.with_user(self.seller).action_approve("ok")
        with self.assertRaises(UserError):
            change.with_user(self.leader).action_approve("before it is his turn")

    def test_head_asks_himself(self):
        """The head of the office can't consent to what he asks for: it goes on to the
        company."""
        change = self.new_change(user=self.head, user_id=self.head.id)
        with freeze_time(f"{DAY} 03:00:00"):
            change.with_user(self.head).action_submit()
        self.assertNotIn(self.head, change.step_ids.user_id)

    def test_opinions_side_by_side(self):
        """Who is asked reads what the others say."""
        change = self.submit(self.new_change())
        change.with_user(self.lawyer).action_approve("No objection.")
        step = change.step_ids.filtered(lambda s: s.user_id == self.lawyer)
        comment = step.with_user(self.business).read(["comment"])[0]["comment"]
        self.assertEqual(comment, "No objection.")

    def test_refused_returned_and_voided(self):
        change = self.submit(self.new_change())
        change.with_user(self.lawyer).action_refuse("Against the law.")
        self.assertEqual(change.state, "refused")
        second = self.submit(self.new_change())
        second.with_user(self.lawyer).action_return("Which law?")
        self.assertEqual(second.state, "draft")
        self.consent(self.submit(second))
        self.assert_refused(
            "head of the office", second.with_user(self.seller)._void, "x"
        )
        copy = second.with_user(self.head)._void("Wrong contract")
        self.assertEqual(second.state, "void")
        self.assertEqual((copy.state, copy.replaces_id), ("draft", second))
        self.assertEqual(copy.letter_id, self.letter)
        self.assertFalse(copy.agreed_on)

    def test_taken_back(self):
        """What nobody asks for any more ends; not what is carried out already."""
        change = self.new_change()
        change.with_user(self.seller)._take_reason_step("end", "He called it off.")
        self.assertEqual((change.state, change.result), ("refused", "withdrawn"))
        second = self.negotiated()
        later = {"term_id": self.delivery.id, "date_fixed": "2026-10-22"}
        record = self.reagree(second, line_ids=[Command.create(later)])
        second.with_user(self.seller)._take_reason_step("again", "Not signed.")
        self.assertEqual(second.state, "agreed")
        with freeze_time(f"{DAY} 07:00:00"):
            self.assert_refused(
                "To Be Negotiated|once both",
                record.with_user(self.seller).action_submit,
            )
        self.negotiate(second)
        with freeze_time(f"{DAY} 07:00:00"):
            record.with_user(self.seller).action_submit()
        self.assert_refused(
            "carries this request out",
            second.with_user(self.seller)._take_reason_step,
            "end",
            "Called off",
        )

    # ------------------------------------------------------------------
    # The duty
    # ------------------------------------------------------------------

    def new_reagreement(self, **values):
        with freeze_time(f"{DAY} 02:00:00"):
            return (
                self.env["contract.reagreement"]
                .with_user(self.seller)
                .create(
                    {
                        "order_id": self.order.id,
                        "document_id": self.supplement.id,
                        "date_from": DAY,
                        "line_ids": [
                            Command.create(
                                {
                                    "term_id": self.delivery.id,
                                    "date_fixed": "2026-10-22",
                                }
                            )
                        ],
                        **values,
                    }
                )
            )

    def test_reagreement_needs_request(self):
        self.company.contract_change_required = True
        record = self.new_reagreement()
        with freeze_time(f"{DAY} 03:00:00"):
            self.assert_refused("once a change request", record.action_submit)
            self.company.contract_change_amount = 1000.01
            with self.env.cr.savepoint() as point:
                record.action_submit()
                point.rollback()
            self.company.contract_change_amount = 1000
            record.invalidate_recordset()
            self.assert_refused("once a change request", record.action_submit)
            record.change_id = self.new_change()
            self.assert_refused("once both sides", record.action_submit)
            self.negotiate(
                self.consent(self.submit(record.change_id.with_env(self.env)))
            )
            record.action_submit()
        self.assertEqual(record.state, "submitted")

    def test_request_of_another_contract(self):
        other = self.new_role_contract()
        record = self.new_reagreement()
        with self.assertRaises(ValidationError):
            record.change_id = self.new_change(order_id=other.id, letter_id=False)
        with self.assertRaises(ValidationError):
            record.change_id = self.new_change(kind="suspend")

    def test_carried_out_once(self):
        change = self.negotiated()
        self.reagree(change)
        first = change.reagreement_ids
        first.line_ids = [
            Command.create({"term_id": self.delivery.id, "date_fixed": "2026-10-22"})
        ]
        second = self.new_reagreement(change_id=change.id)
        with freeze_time(f"{DAY} 07:00:00"):
            first.with_user(self.seller).action_submit()
            first.with_user(self.leader).action_approve()
            self.assertEqual(change.state, "done")
            self.assert_refused(
                "once only|doesn't hold", second.with_user(self.seller).action_submit
            )

    # ------------------------------------------------------------------
    # Reminders, screens
    # ------------------------------------------------------------------

    def todo(self, change, kind):
        xmlid = f"contract_tracking.mail_activity_change_{kind}"
        return change.activity_ids.filtered(
            lambda a: a.activity_type_id == self.env.ref(xmlid)
        )

    def test_reminders(self):
        change = self.new_change(date_answer="2026-09-25")
        activity = self.todo(change, "answer")
        self.assertEqual(activity.user_id, self.seller)
        self.assertEqual(str(activity.date_deadline), "2026-09-25")
        change.with_user(self.seller).date_answer = "2026-09-26"
        self.assertEqual(str(self.todo(change, "answer").date_deadline), "2026-09-26")
        with freeze_time("2026-09-27 03:00:00"):
            self.assertTrue(change.is_answer_late)
            found = self.env["contract.change"].search([("is_answer_late", "=", True)])
            self.assertIn(change, found)
            change.invalidate_recordset()
        self.consent(self.submit(change))
        activity = self.todo(change, "negotiate")
        self.assertEqual(str(activity.date_deadline), "2026-09-27")
        self.negotiate(change)
        self.assertFalse(self.todo(change, "answer") | self.todo(change, "negotiate"))
        self.assertEqual(self.todo(change, "carry_out").user_id, self.seller)
        with self.assertRaises(ValidationError):
            self.new_change(date_answer="2026-09-01")

    def end(self, state="terminated"):
        with freeze_time("2026-09-28 02:00:00"):
            unguarded(self.order.sudo())._contract_set_state(state, "Ended")

    def test_reminders_end_with_the_contract(self):
        """Nobody is asked for anything of a contract that ended, by whichever way; the
        request stays, and who handles it ends it."""
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_change").id)
        ]
        other = self.negotiated(date_answer="2026-09-25")
        change = self.new_change(date_answer="2026-09-25")
        home = self.env["contract.home"]
        for state in ("terminated", "completed", "cancelled"):
            self.assertTrue(self.todo(change, "answer"))
            self.assertTrue(self.todo(other, "carry_out"))
            keys = {"changes", "changes_carry_out", "changes_late"}
            with freeze_time("2026-09-28 03:00:00"):
                self.assertTrue(change.is_answer_late)
                self.assertLessEqual(keys, self.home_keys(home))
                self.end(state)
                self.assertFalse((change | other).activity_ids, state)
                self.assertFalse(change.is_answer_late)
                late = change.search([("is_answer_late", "=", True)])
                self.assertNotIn(change, late)
                self.assertFalse(keys & self.home_keys(home))
                self.end("active")
                change.invalidate_recordset()
        # what is being decided: not approved, nor asked for, but ended
        self.submit(change)
        self.assertTrue(change.activity_ids)
        self.end()
        self.assertFalse(change.activity_ids)
        cron = type(self.env["ir.cron"])
        with (
            freeze_time("2026-10-28 03:00:00"),
            patch.object(cron, "_commit_progress", return_value=1),
        ):
            self.env["contract.approval.step"]._cron_follow_up()
        self.assertFalse(change.activity_ids)
        self.assertFalse(any(change.step_ids.mapped("reminded_on")))
        self.assert_refused(
            "not in effect", change.with_user(self.lawyer).action_approve, "ok"
        )
        change.with_user(self.seller).action_withdraw()
        change.with_user(self.seller)._take_reason_step("end", "The contract ended")
        other.with_user(self.seller)._take_reason_step("end", "The contract ended")
        self.assertEqual((change | other).mapped("state"), ["refused", "refused"])

    def home_keys(self, home):
        sections = home.with_user(self.seller).get_home()
        return {
            item["key"]
            for section in sections
            for item in section["items"]
            if item["count"]
        }

    def test_what_else_is_carried_over(self):
        """What else is to be different of a term has no field in what carries it out:
        its reason says it."""
        line = {"term_id": self.delivery.id, "note": "On pallets, not in crates"}
        change = self.negotiated(line_ids=[Command.create(line)])
        record = self.reagree(change)
        said = f"Delivery on 22 October.\n{self.delivery.display_name}: "
        self.assertEqual(record.reason, f"{said}On pallets, not in crates")
        # named by hand
        plain = self.new_reagreement(change_id=change.id)
        self.assertEqual(plain.reason, record.reason)
        self.env.ref("base.group_user").implied_ids = [
            Command.link(self.env.ref("contract_tracking.group_contract_change").id)
        ]
        form = Form(self.env["contract.reagreement"].with_user(self.seller))
        form.order_id = self.order
        form.change_id = change
        self.assertEqual(form.reason, record.reason)
        own = self.new_reagreement(change_id=change.id, reason="As agreed")
        self.assertEqual(own.reason, "As agreed")
        values = self.new_change(
            kind="terminate", line_ids=[Command.create(line)]
        )._follow_up_values()
        self.assertIn("On pallets, not in crates", values["reason"])

    def test_next_step(self):
        group = self.env.ref("contract_tracking.group_contract_change")
        change = self.consent(self.submit(self.new_change()))
        order = self.order.with_user(self.seller)
        steps = [step for _urgency, step in order._contract_next_steps(True)]
        self.assertNotIn("change", steps, "the company doesn't use requests")
        self.env.ref("base.group_user").implied_ids = [Command.link(group.id)]
        steps = [step for _urgency, step in order._contract_next_steps(True)]
        self.assertIn("change", steps)
        self.assertEqual(order.action_contract_change_next()["res_id"], change.id)
        self.assertEqual(order.contract_change_count, 1)
        home = self.env["contract.home"].with_user(self.seller).get_home()
        keys = {item["key"] for section in home for item in section["items"]}
        self.assertIn("changes_negotiate", keys)

    def test_from_coordination(self):
        document = (
            self.env["contract.coordination"]
            .with_user(self.seller)
            .create({"order_id": self.order.id, "subject": "Later delivery"})
        )
        with self.assertRaises(UserError):
            document.action_request_change()
        deviation = self.env["contract.deviation"].create({"order_id": self.order.id})
        action = deviation.with_user(self.seller).action_request_change()
        form = Form(
            self.env["contract.change"]
            .with_user(self.seller)
            .with_context(**action["context"])
        )
        self.assertEqual(form.order_id, self.order)
        self.assertEqual(form.party, "company")

    def test_print(self):
        change = self.negotiated(
            line_ids=[
                Command.create({"term_id": self.delivery.id, "date_new": "2026-10-22"})
            ],
            impact_note="Four pumps are painted already.",
        )
        titles = [block["name"] for block in change._form_blocks()]
        for name in ("terms", "goods", "opinions"):
            self.assertIn(name, titles)
        html = self.env["ir.actions.report"]._render_qweb_html(
            "contract_tracking.report_change", change.ids
        )[0]
        text = html.decode()
        for word in ("Contract Change Request Form", "☑ Dates", "Mr Li", "Four pumps"):
            self.assertIn(word, text)
