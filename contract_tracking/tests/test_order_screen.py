from datetime import timedelta

from lxml import etree

from odoo.tests import Form
from odoo.tools import format_date

from ..tools.guard import unguarded
from .roles import RoleCase
from .test_features import FEATURES


class TestOrderName(RoleCase):
    """A contract is called by its number, by those who read contracts."""

    def test_name(self):
        order = self.order
        number = order.contract_number
        self.assertTrue(number)
        for user in (self.seller, self.auditor, self.finance):
            self.assertEqual(order.with_user(user).display_name, number)
        # whoever doesn't read contracts, and their customers, know the order
        for user in (self.stock_user, self.portal, self.public):
            self.assertEqual(order.with_user(user).sudo().display_name, order.name)
        quotation = self.new_order(user_id=self.seller.id)
        self.assertEqual(quotation.with_user(self.seller).display_name, quotation.name)
        self.assertIn(order.name, order._get_report_base_filename())

    def test_partner_name(self):
        """Core's own variants of the name keep what they add."""
        order = self.order.with_user(self.seller)
        self.assertEqual(
            order.with_context(sale_show_partner_name=True).display_name,
            f"{order.contract_number} - Yangtze Pumps",
        )

    def test_name_follows_number(self):
        order = self.new_order(user_id=self.seller.id).with_user(self.seller)
        self.assertEqual(order.display_name, order.name)
        order.contract_number = "HT-X-1"
        self.assertEqual(order.display_name, "HT-X-1")

    def test_search(self):
        order = self.order.with_user(self.seller)
        for text in (order.contract_number, order.name):
            found = self.env["sale.order"].with_user(self.seller).name_search(text)
            self.assertIn((order.id, order.contract_number), found)

    def test_documents(self):
        """What customers get names the order as core does."""
        html = self.env["ir.actions.report"]._render_qweb_html(
            "sale.report_saleorder", self.order.ids
        )[0]
        self.assertIn(self.order.name, html.decode())

    def test_form(self):
        for user in (self.seller, self.stock_user):
            with self.subTest(user=user.login):
                arch = (
                    self.env["sale.order"]
                    .with_user(user)
                    .get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
                )
                title = etree.fromstring(arch).find(".//div[@class='oe_title']/h1")
                names = [node.get("name") for node in title.iter("field")]
                self.assertIn("name", names)
                self.assertEqual("contract_number" in names, user == self.seller)

    def test_readers(self):
        """Who only reads orders isn't offered what he can't do."""
        for user, names in ((self.auditor, set()), (self.seller, {"action_confirm"})):
            with self.subTest(user=user.login):
                arch = (
                    self.env["sale.order"]
                    .with_user(user)
                    .get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
                )
                buttons = etree.fromstring(arch).iterfind(".//header//button")
                found = {button.get("name") for button in buttons}
                self.assertLessEqual(names, found)
                self.assertEqual(bool(found), bool(names))


class TestNextStep(RoleCase):
    """One button: what is to be done next, for who may do it."""

    def step(self, order, user=None):
        order = order.with_user(user or self.seller)
        order.invalidate_recordset()
        return order.contract_next_step

    def test_sign(self):
        self.company.contract_effective_rule = "signature"
        order = self.new_order(user_id=self.seller.id, team_id=self.team.id)
        self.assertFalse(self.step(order))
        order.action_contract_assign_number()
        self.assertEqual(self.step(order), "sign")
        order.action_confirm()
        self.assertEqual(self.step(order), "sign")
        for user in (self.auditor, self.leader, self.rival, self.finance):
            self.assertFalse(self.step(order, user))
        action = order.with_user(self.seller).action_contract_sign()
        self.assertEqual(action["res_id"], order.id)
        with Form(
            order.with_user(self.seller),
            "contract_tracking.sale_order_view_form_signing",
        ) as form:
            form.contract_signing_date = self.company._contract_today() - timedelta(
                days=1
            )
            form.contract_signatory = "Zhou Guohua"
        self.assertEqual(order.contract_state, "active")
        self.assertNotEqual(self.step(order), "sign")

    def test_record(self):
        today = self.company._contract_today()
        later = today + timedelta(days=90)
        order = self.new_role_contract(today, promised=later)
        self.assertFalse(self.step(order))
        order = self.new_role_contract(
            today - timedelta(days=40), promised=later, template=None
        )
        self.assertEqual(self.step(order), "record")
        self.assertFalse(self.step(order, self.auditor))

    def test_event(self):
        today = self.company._contract_today()
        order = self.new_role_contract(
            today, promised=today + timedelta(days=90), template="template_30_60_10"
        )
        self.assertEqual(self.step(order), "event")
        action = order.with_user(self.seller).action_contract_event()
        event = self.env.ref("contract_tracking.event_type_goods_ready")
        self.assertEqual(action["context"]["default_type_id"], event.id)
        self.env["contract.event"].with_user(self.seller).with_context(
            **action["context"]
        ).create({"date": today})
        # the acceptance can't be recorded before anything was delivered
        self.assertFalse(self.step(order))

    def test_sentence_in_chinese(self):
        self.env["res.lang"]._activate_lang("zh_CN")
        text = self.order.with_context(lang="zh_CN").contract_sentence
        self.assertNotRegex(text, "[。.] ")
        self.assertIn(". ", self.order.with_context(lang="en_US").contract_sentence)

    def test_late(self):
        order = self.order
        self.assertGreater(order.contract_overdue_amount, 0)
        self.assertEqual(self.step(order), "remind")
        self.assertEqual(self.step(order, self.owner), "remind")
        self.assertFalse(self.step(order, self.finance))
        action = order.with_user(self.seller).action_contract_remind()
        letter = (
            self.env["contract.coordination"]
            .with_user(self.seller)
            .with_context(**action["context"])
            .create({"subject": "Overdue"})
        )
        self.assertEqual(letter.kind, "reminder")
        # a draft is opened again
        self.assertEqual(self.step(order), "remind")
        action = order.with_user(self.seller).action_contract_remind()
        self.assertEqual(action["res_id"], letter.id)
        unguarded(letter.sudo()).state = "sent"
        # the customer is reminded: now the goods
        self.assertEqual(self.step(order), "plan")
        action = order.with_user(self.seller).action_contract_plan()
        self.assertEqual(action["context"]["default_kind"], "coordination")

    def test_claim(self):
        """Money that waits to be claimed comes before a reminder."""
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 250,
                "date": "2026-11-01",
            }
        )
        payment.action_post()
        self.env.flush_all()
        self.assertEqual(self.step(self.order), "claim")
        self.assertEqual(self.step(self.order, self.finance), "claim")
        self.assertFalse(self.step(self.order, self.auditor))
        action = self.order.with_user(self.seller).action_contract_claim()
        self.assertEqual(action["res_model"], "contract.claim")

    def test_analyse(self):
        today = self.company._contract_today()
        order = self.new_role_contract(
            today, promised=today + timedelta(days=90), template=None
        )
        deviation = self.env["contract.deviation"].create(
            {"order_id": order.id, "kind": "other", "summary": "Paint is off"}
        )
        self.assertEqual(self.step(order), "analyse")
        action = order.with_user(self.seller).action_contract_analyse()
        self.assertEqual(action["res_id"], deviation.id)
        self.assertFalse(self.step(order, self.auditor))

    def test_buttons(self):
        """Every step has its button on the form, and only one is shown."""
        self.env.ref("base.group_user").implied_ids |= self.env["res.groups"].union(
            *(self.env.ref(f"contract_tracking.group_contract_{f}") for f in FEATURES)
        )
        arch = etree.fromstring(
            self.env["sale.order"]
            .with_user(self.seller)
            .get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
        )
        shown = {
            button.get("invisible")
            for button in arch.find(".//div[@name='contract_next']").iter("button")
        }
        steps = (
            self.env["sale.order"]._fields["contract_next_step"].get_values(self.env)
        )
        self.assertEqual(shown, {f"contract_next_step != '{step}'" for step in steps})

    def test_sentence(self):
        due = self.order.contract_next_due_date
        self.assertIn(
            f"overdue since {format_date(self.env, due)}", self.order.contract_sentence
        )
        today = self.company._contract_today()
        order = self.new_role_contract(today, promised=today + timedelta(days=90))
        due = order.contract_next_due_date
        self.assertIn(f"due {format_date(self.env, due)}", order.contract_sentence)
        self.assertNotIn("overdue", order.contract_sentence)

    def test_found_deviations(self):
        """What was found can be opened from the message."""
        notice = self.order.with_user(self.seller).action_contract_find_deviations()
        found = self.order.contract_deviation_ids
        links = notice["params"]["links"]
        self.assertTrue(found)
        self.assertEqual(
            sorted(link["url"] for link in links),
            sorted(f"/odoo/contract.deviation/{deviation.id}" for deviation in found),
        )
        self.assertEqual(notice["params"]["message"].count("%s"), len(found))
        again = self.order.with_user(self.seller).action_contract_find_deviations()
        self.assertFalse(again["params"]["links"])


class TestProposedTerms(RoleCase):
    """A schedule template shows its terms before anything is saved."""

    def form(self):
        form = Form(self.env["sale.order"].with_user(self.seller))
        form.partner_id = self.partner
        with form.order_line.new() as line:
            line.product_id = self.pump
            line.product_uom_qty = 10
        return form

    def promised(self, form):
        rows = form.contract_proposed_term_ids._records
        return [row["agreed_amount"] for row in rows]

    def test_new_quotation(self):
        form = self.form()
        self.assertFalse(len(form.contract_proposed_term_ids))
        form.contract_schedule_template_id = self.template()
        self.assertEqual(self.promised(form), [300.0, 700.0])
        # they follow the lines
        with form.order_line.edit(0) as line:
            line.product_uom_qty = 20
        self.assertEqual(self.promised(form), [600.0, 1400.0])
        order = form.save()
        # saved once, by the template
        self.assertEqual(
            order.contract_term_ids.mapped("agreed_amount"), [600.0, 1400.0]
        )
        self.assertFalse(order.contract_proposed_term_ids)

    def test_other_template(self):
        order = self.new_order(
            user_id=self.seller.id,
            team_id=self.team.id,
            template="template_30_70_delivery",
        )
        form = Form(order.with_user(self.seller))
        self.assertFalse(len(form.contract_proposed_term_ids))
        form.contract_schedule_template_id = self.template("template_30_60_10")
        self.assertEqual(len(form.contract_proposed_term_ids), 3)
        form.save()
        self.assertEqual(len(order.contract_term_ids), 3)

    def test_cents(self):
        """Shares lose nothing by rounding."""
        line = self.template("template_30_60_10").line_ids
        order = self.new_order([(self.pump, 1, 0.05)])
        terms = self.env["contract.term"].union(
            *map(self.env["contract.term"].new, line._propose_terms(order))
        )
        self.assertAlmostEqual(sum(terms.mapped("agreed_amount")), 0.05)


class TestTermList(RoleCase):
    """What both sides agreed is neither added to nor deleted on the form."""

    def test_buttons(self):
        for user, waives in ((self.business, True), (self.seller, False)):
            arch = etree.fromstring(
                self.env["sale.order"]
                .with_user(user)
                .get_view(self.env.ref("sale.view_order_form").id, "form")["arch"]
            )
            node = arch.find(".//field[@name='contract_term_ids']")
            self.assertIn("contract_effective_date", node.get("options"))
            names = {button.get("name") for button in node.iter("button")}
            self.assertEqual("action_waive" in names, waives)
            self.assertIn("action_split", names)
            self.assertIsNotNone(
                arch.find(".//button[@name='action_contract_reagree']")
            )

    def test_reagree(self):
        action = self.order.with_user(self.seller).action_contract_reagree()
        self.assertEqual(action["res_model"], "contract.reagreement")
        self.assertEqual(action["context"], {"default_order_id": self.order.id})
