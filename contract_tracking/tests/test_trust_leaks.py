from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.models import MAGIC_COLUMNS
from odoo.tools import mute_logger

from .deviations import DeviationCase
from .roles import RoleCase

PART = "whoever may read the row: its rules are those of the contract"
ROW = "whoever may read the row, of which it is a part"
OWN = "whoever may read the document: what he himself may do, or who decides it"
FACT = "whoever may read the record and has the field's groups; the statement is joined"
GROUP = "whoever has the field's groups, asked again in the search method"

# Every field that is searched by a method, read through another record, or computed
# with more rights than its reader has: who sees it, and why that is no leak.
SEEN = {
    # of the contract or frame agreement, shown with what hangs on it
    "partner_id contract_number": (
        PART,
        "contract.acknowledgement contract.action contract.approval.step "
        "contract.checklist.line contract.coordination contract.deviation "
        "contract.document contract.event contract.history contract.payment.claim "
        "contract.reagreement contract.review contract.risk.shipment contract.term "
        "contract.logistics.exception contract.tracking.record contract.warning "
        "contract.counterpart contract.paper.handover contract.intake "
        "contract.release contract.briefing contract.briefing.part contract.plan "
        "contract.change contract.termination contract.settlement contract.archive",
    ),
    "currency_id": (
        PART,
        "contract.coordination contract.deviation contract.reagreement "
        "contract.review contract.tracking.record contract.approval.rule.line "
        "contract.deviation.rule.band contract.frame.line contract.reagreement.line "
        "contract.statement.line contract.tracking.record.line "
        "contract.risk.shipment contract.risk.shipment.line contract.risk.repayment "
        "contract.risk.condition contract.risk.use contract.monthly.record "
        "contract.monthly.bridge contract.intake contract.release contract.briefing "
        "contract.briefing.part contract.signatory contract.plan contract.change "
        "contract.settlement contract.settlement.line contract.settlement.payment "
        "contract.settlement.deduction contract.archive contract.archive.disposal "
        "contract.termination contract.termination.penalty",
    ),
    "company_id": (
        ROW,
        "contract.approval.rule.line contract.deviation.rule.band "
        "contract.checklist.template.line contract.checklist.option "
        "contract.coordination.reply contract.review.term contract.frame.line "
        "contract.reagreement.line contract.schedule.template.line "
        "contract.statement.line contract.tracking.record.line "
        "contract.risk.shipment.line contract.risk.repayment "
        "contract.risk.condition contract.risk.use contract.monthly.bridge "
        "contract.intake.line contract.briefing.template.line contract.plan.line "
        "contract.plan.risk contract.plan.template.line contract.change.line "
        "contract.settlement.line contract.settlement.payment "
        "contract.settlement.deduction contract.archive.opening "
        "contract.termination.penalty contract.termination.delivery",
    ),
    "agreed_amount delivered_amount invoiced_amount received_amount "
    "receivable_amount overdue_amount risk_amount goods_table": (
        PART,
        "contract.change",
    ),
    "is_answer_late": (ROW, "contract.change"),
    "state order_id frame_id was_text is_delivery": (ROW, "contract.change.line"),
    "change_count": (ROW, "contract.frame"),
    "contract_change_count": (GROUP, "sale.order"),
    "order_id state": (
        ROW,
        "contract.settlement.line contract.settlement.payment "
        "contract.settlement.deduction",
    ),
    "changed_text": (PART, "contract.settlement"),
    "contract_to_settle": (FACT, "sale.order"),
    "owner_id supervisor_id completion late_count slippage": (ROW, "contract.plan"),
    "order_id frame_id partner_name contract_no plan_state date_before date_agreed "
    "date_actual progress status is_late slippage is_reported": (
        ROW,
        "contract.plan.line",
    ),
    "order_id": (
        ROW,
        "contract.risk.shipment.line contract.risk.repayment contract.risk.condition "
        "contract.risk.use contract.logistics.exception "
        "contract.termination.delivery",
    ),
    "product_id product_uom_id open_quantity": (PART, "contract.risk.shipment.line"),
    "product_names payment_terms": (ROW, "contract.register"),
    "holder_name": (ROW, "contract.counterpart"),
    "papers_missing is_late": (ROW, "contract.paper.handover"),
    # who lends and borrows it is shown to whoever may read the archive
    "missing_papers is_lent lent_text is_late is_past": (ROW, "contract.archive"),
    # the borrower knows what he has, by its number
    "archive_text department_id is_late": (ROW, "contract.archive.loan"),
    "archive_count": (ROW, "contract.archive.disposal"),
    "contract_archive_state": (GROUP, "sale.order contract.frame"),
    "holds change_text": (ROW, "contract.intake"),
    "can_compare": (OWN, "contract.intake"),
    "waiting_count": (
        OWN,
        "contract.release contract.briefing contract.briefing.part",
    ),
    "question_count": (OWN, "contract.briefing"),
    "order_id frame_id state name partner_name form_code form_version": (
        ROW,
        "contract.briefing.part",
    ),
    "line_id picking_id": (PART, "contract.risk.use"),
    "open_amount paid_amount status": (FACT, "contract.risk.repayment"),
    "taken_amount outstanding outstanding_company left_amount late_amount "
    "next_repayment_date": (FACT, "contract.risk.shipment"),
    "salesperson_id team_id contract_state product_id uom_id": (PART, "contract.term"),
    "amount_now amount_after difference_text effect_text outdated_text refused_text": (
        PART,
        "contract.reagreement",
    ),
    "conditions_open is_outdated differences content_table": (PART, "contract.review"),
    "review_count": (ROW, "contract.frame"),
    "missing_text": (PART, "contract.termination"),
    "contract_review_count contract_review_missing contract_review_differences": (
        GROUP,
        "sale.order",
    ),
    "was_text becomes_text state order_id frame_id": (
        ROW,
        "contract.reagreement.line",
    ),
    "changes_name": (ROW, "contract.statement.line"),
    "document_state is_late": (ROW, "contract.coordination.reply"),
    "type_source": (ROW, "contract.event"),
    "purchase_text production_text short_text": (PART, "contract.execution.plan"),
    "text": (ROW, "contract.warning"),
    "company_currency_id": (
        ROW,
        "contract.deviation contract.review contract.risk.shipment contract.settlement",
    ),
    "commercial_partner_id is_expiring is_expired": (ROW, "contract.frame"),
    "is_overdue": (
        ROW,
        "contract.action contract.coordination contract.monthly.record",
    ),
    "state": (ROW, "contract.monthly.record.line"),
    "is_unauthorised": (ROW, "contract.payment.claim"),
    # of those who were asked: a recipient reads the document, not all replies
    "waiting_count answered_count has_proposal has_outside is_to_me waits_for_me": (
        OWN,
        "contract.coordination",
    ),
    "approver_ids can_decide can_confirm_oral can_record_oral can_withdraw "
    "approval_provisional approval_hint": (
        OWN,
        "contract.deviation contract.reagreement contract.review contract.intake "
        "contract.risk.shipment contract.monthly.record contract.plan contract.change "
        "contract.termination contract.settlement contract.archive.disposal",
    ),
    "can_decide can_confirm_oral": (OWN, "contract.approval.step"),
    "next_step can_work can_do can_verify can_waive can_cancel can_hand_over": (
        OWN,
        "contract.deviation",
    ),
    # read from the facts
    "status date_due actual_date variance_days agreed_quantity actual_quantity "
    "agreed_amount actual_amount overdue_amount is_late over_quantity is_mismatch": (
        FACT,
        "contract.term",
    ),
    "open_deviations health": (FACT, "contract.frame"),
    "contract_delivered_amount contract_invoiced_amount contract_received_amount "
    "contract_adjusted_amount contract_receivable_amount contract_bills_amount "
    "contract_exposure_amount contract_uninvoiced_amount contract_unpaid_amount "
    "contract_matured_amount contract_overdue_amount contract_delivery_progress "
    "contract_payment_progress contract_last_delivery_date contract_next_due_date "
    "contract_late_deliveries contract_late_payments contract_late_others "
    "contract_waiting_terms contract_soon_terms contract_mismatches "
    "contract_awaits_acceptance contract_open_deviations contract_health "
    "contract_record_count contract_coordination_count contract_risk_count": (
        FACT,
        "sale.order",
    ),
    # on documents of core
    "contract_outside_frame": (GROUP, "sale.order"),
    "contract_papers_complete": (GROUP, "sale.order contract.frame"),
    "contract_is_delivery contract_bl_missing contract_awaits_acceptance "
    "contract_number contract_delivery_number contract_salesperson_id "
    "contract_gate_state contract_carrier_name contract_tracking "
    "contract_logistics_state": (
        GROUP,
        "stock.picking",
    ),
    "contract_is_bill": (GROUP, "account.payment"),
    "contract_is_contract": (GROUP, "account.move"),
}

# Says of a file that one may read that it was filed as evidence.
FLAGS = {"ir.attachment.contract_filed"}

# What a portal user or an employee without role may ask about for each type.
ASKED = {
    "boolean": ("=", True),
    "char": ("ilike", "H"),
    "many2one": ("!=", False),
    "many2many": ("!=", False),
}


class TestTrustLeaks(RoleCase):
    """What somebody can't read, he can't ask about either."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_documents(cls.order)
        cls.other = cls.env["res.company"].create({"name": "South Branch"})
        cls.env.user.company_ids |= cls.other
        cls.foreigner = cls.new_user(
            "ct_foreigner", "sales_team.group_sale_manager", company_id=cls.other.id
        )
        cls.reader = cls.new_user(
            "ct_reader", "contract_tracking.group_contract_reader"
        )
        cls.bookkeeper = cls.new_user("ct_books", "account.group_account_readonly")
        cls.keeper = cls.new_user(
            "ct_keeper",
            "contract_tracking.group_contract_reader",
            "stock.group_stock_user",
        )

    def setUp(self):
        super().setUp()
        self.enterContext(
            mute_logger(
                "odoo.addons.base.models.ir_model",
                "odoo.addons.base.models.ir_rule",
                "odoo.orm.models",
                "odoo.models",
            )
        )

    def models(self):
        """Our models and those of core that we extend, without dialogs."""
        for name in sorted(self.env.registry):
            model = self.env[name]
            if not model._abstract and not model._transient:
                yield model

    def ours(self, model):
        return [f for f in model._fields.values() if f._module == "contract_tracking"]

    def refused(self, way, *args):
        """Whether it is refused; core says of a few that they aren't stored."""
        try:
            way(*args)
        except (AccessError, ValueError):
            return True
        return False

    # ------------------------------------------------------------------
    # The lists are whole
    # ------------------------------------------------------------------

    def test_every_such_field_is_on_the_list(self):
        found = {
            (model._name, field.name)
            for model in self.models()
            for field in self.ours(model)
            if field.related or field.search or (field.compute_sudo and not field.store)
        }
        listed = {
            (model, name)
            for names, (_who, models) in SEEN.items()
            for model in models.split()
            for name in names.split()
        }
        stored = {
            (model, name)
            for model, name in listed - found
            if self.env[model]._fields[name].store
        }
        self.assertFalse(found - listed, "say who sees it")
        self.assertFalse(listed - found - stored, "no such field any more")

    def test_every_field_on_models_of_core_has_groups(self):
        bare = [
            str(field)
            for model in self.models()
            if not model._name.startswith("contract.")
            for field in self.ours(model)
            if not field.groups
        ]
        self.assertFalse(bare)

    def test_settings_of_the_company(self):
        names = [field.name for field in self.ours(self.env["res.company"])]
        self.assertGreater(len(names), 15)
        for user in (self.portal, self.employee, self.stock_user, self.biller):
            company = self.company.with_user(user)
            self.assertFalse(set(names) & company.fields_get().keys())
            for name in names:
                with self.subTest(user=user.login, field=name):
                    with self.assertRaises(AccessError):
                        company.read([name])
                    with self.assertRaises(AccessError):
                        company.search([], order=name)
        self.assertTrue(self.company.with_user(self.seller).read(names))
        admin = self.new_user("ct_system", "base.group_system")
        settings = self.env["res.config.settings"].with_user(admin)
        self.assertLessEqual(set(names), settings.fields_get().keys())

    # ------------------------------------------------------------------
    # Search, order, group, export
    # ------------------------------------------------------------------

    def test_nobody_asks_without_the_groups(self):
        """Whoever may search a document of core doesn't see our fields by that."""
        self.order.partner_id = self.portal.partner_id
        for model in self.models():
            if model._name.startswith("contract."):
                continue
            for field in self.ours(model):
                operator, value = ASKED.get(field.type, ("!=", False))
                if field.type == "selection":
                    operator, value = "=", field.get_values(self.env)[0]
                for user in (self.portal, self.employee, self.bookkeeper):
                    mine = model.with_user(user)
                    if (
                        str(field) in FLAGS
                        or not mine.has_access("read")
                        or mine._has_field_access(field, "read")
                    ):
                        continue
                    ways = [lambda m, n=field.name: m.formatted_read_group([], [n], [])]
                    if field.store:
                        ways.append(lambda m, n=field.name: m.search([], order=n))
                    if field.store or field.search:
                        domain = [(field.name, operator, value)]
                        ways += [
                            lambda m, d=domain: m.search_count(d),
                            lambda m, d=domain: m.search_count(["!", *d]),
                        ]
                    for number, way in enumerate(ways):
                        with self.subTest(
                            user=user.login, field=str(field), way=number
                        ):
                            self.assertTrue(self.refused(way, mine))

    def test_a_contract_number_is_not_spelt_out(self):
        picking = self.order.picking_ids
        number = self.order.contract_number
        self.order.partner_id = self.portal.partner_id
        domains = [
            [("contract_number", "like", number[:3])],
            [("contract_number", "=", number)],
            [("sale_id.contract_number", "=", number)],
            [("contract_salesperson_id.login", "=", "ct_seller")],
        ]
        for domain in domains:
            with self.subTest(domain=domain), self.assertRaises(AccessError):
                picking.with_user(self.portal).search_count(domain)
        # core lets salespeople read all deliveries, not all orders
        self.assertTrue(picking.with_user(self.rival).has_access("read"))
        rival = picking.with_user(self.rival)
        self.assertFalse(rival.contract_number)
        self.assertNotIn(picking, rival.search([("contract_number", "=", number)]))
        self.assertIn(picking, rival.search([("contract_number", "=", False)]))
        self.assertIn(picking, rival.search([("contract_number", "!=", number)]))
        for user in (self.seller, self.keeper, self.business):
            mine = picking.with_user(user)
            self.assertEqual(mine.contract_number, number)
            self.assertIn(picking, mine.search([("contract_number", "ilike", number)]))
            self.assertNotIn(picking, mine.search([("contract_number", "=", False)]))

    def test_relations_are_asked_with_the_users_rights(self):
        """A search that goes on with more rights takes no conditions along."""
        term = self.order.contract_term_ids[:1].with_user(self.seller)
        self.assertIn(term, term.search([("partner_id.name", "=", self.partner.name)]))
        self.assertIn(term, term.search([("partner_id", "ilike", "Yangtze")]))
        self.assertIn(term, term.search([("partner_id", "=", self.partner.id)]))
        self.assertNotIn(term, term.search([("partner_id", "!=", self.partner.id)]))
        self.assertIn(term, term.search([("salesperson_id.login", "=", "ct_seller")]))
        for path in ("partner_id", "salesperson_id.partner_id"):
            with self.subTest(path=path), self.assertRaises(AccessError):
                term.search([(f"{path}.credit_limit", ">", 0)])

    def test_groups_and_orders_of_a_delivery(self):
        mine = self.order.picking_ids.with_user(self.seller)
        groups = mine.formatted_read_group(
            [("id", "in", mine.ids)], ["contract_salesperson_id"], ["__count"]
        )
        self.assertEqual(groups[0]["contract_salesperson_id"][0], self.seller.id)
        found = mine.search([("contract_salesperson_id", "=", self.seller.id)])
        self.assertIn(mine, found)
        found = mine.search([("contract_salesperson_id.login", "=", "ct_seller")])
        self.assertIn(mine, found)
        self.assertEqual(mine.contract_salesperson_id, self.seller)

    # ------------------------------------------------------------------
    # Forms that aren't saved
    # ------------------------------------------------------------------

    def spec(self, model):
        return {
            name: {}
            for name, field in model._fields.items()
            if not field.type.endswith("2many") and not field.groups
        }

    def test_onchange_of_a_foreign_contract(self):
        """No form that names a contract says anything of one that its user can't
        read: not typed, not by default, not in a line of another form."""
        frame = self.new_frame(self.owner)
        tried = set()
        for model in self.models():
            if not model._name.startswith("contract."):
                continue
            for name, record in (("order_id", self.order), ("frame_id", frame)):
                field = model._fields.get(name)
                if not field or field.comodel_name != record._name:
                    continue
                for user in (self.rival, self.foreigner, self.outsider):
                    mine = model.with_user(user)
                    if not mine.has_access("create"):
                        continue
                    tried.add(model._name)
                    values = {name: record.id}
                    default = mine.with_context(**{f"default_{name}": record.id})
                    calls = [
                        (mine, values, [name]),
                        (mine, values, []),
                        (mine, {name: {"id": record.id}}, [name]),
                        (default, {}, []),
                    ]
                    # what follows from something else takes no default
                    dropped = name in model._contract_system()
                    for number, (form, given, changed) in enumerate(calls):
                        with self.subTest(
                            model=model._name, user=user.login, way=number
                        ):
                            if dropped and form == default:
                                self.assert_dropped(form, name)
                                continue
                            with self.assertRaises(AccessError):
                                form.onchange(dict(given), changed, self.spec(mine))
                    self.env["ir.default"].with_user(user).set(
                        model._name, name, record.id, user_id=True
                    )
                    with self.subTest(model=model._name, user=user.login, way="kept"):
                        if dropped:
                            self.assert_dropped(mine, name)
                        else:
                            with self.assertRaises(AccessError):
                                mine.onchange({}, [], self.spec(mine))
                    self.env["ir.default"].search([("user_id", "=", user.id)]).unlink()
        self.assertGreaterEqual(
            tried,
            {
                "contract.coordination", "contract.deviation", "contract.document",
                "contract.event", "contract.reagreement", "contract.term",
                "contract.tracking.record",
            },
        )  # fmt: skip

    def assert_dropped(self, form, name):
        answer = form.onchange({}, [], self.spec(form))
        self.assertFalse(answer["value"].get(name))
        self.assertNotIn(self.order.contract_number, str(answer))

    def test_onchange_in_lines(self):
        term = self.order.contract_term_ids[:1]
        frame = self.new_frame(self.owner)
        cases = [
            ("contract.reagreement", {"line_ids": [[0, 0, {"term_id": term.id}]]}),
            ("sale.order", {"contract_frame_id": frame.id}),
            ("sale.order", {"contract_predecessor_id": self.order.id}),
            (
                "sale.order",
                {"contract_document_ids": [[0, 0, {"order_id": self.order.id}]]},
            ),
            (
                "contract.reagreement.line",
                {"reagreement_id": {"id": "virtual_1", "order_id": self.order.id}},
            ),
            (
                "res.partner",
                {"sale_order_ids": [[0, 0, {"contract_frame_id": frame.id}]]},
            ),
        ]
        deviation = self.env["contract.deviation"].create(
            {
                "order_id": self.order.id,
                "kind": "other",
                "summary": "A crack in the pump",
            }
        )
        linked = {"deviation_ids": [[4, deviation.id]]}
        cases.append(("contract.coordination", linked))
        for model, values in cases:
            mine = self.env[model].with_user(self.rival)
            [name] = values
            with self.subTest(model=model, field=name):
                with self.assertRaises(AccessError):
                    mine.onchange(values, [name], {name: {"fields": {}}})

    def test_deliveries_that_name_an_order(self):
        """Core doesn't ask who may read the order; what we show isn't of that one."""
        picking = self.env["stock.picking"].with_user(self.rival)
        result = picking.onchange(
            {"sale_id": self.order.id, "state": "done"},
            ["sale_id"],
            {
                "contract_number": {},
                "contract_is_delivery": {},
                "contract_salesperson_id": {},
                "contract_awaits_acceptance": {},
            },
        )
        self.assertFalse(any(result["value"].values()), result)

    def test_those_who_may_fill_them_in(self):
        record = self.env["contract.reagreement"].with_user(self.seller)
        result = record.onchange(
            {"order_id": self.order.id}, ["order_id"], {"contract_number": {}}
        )
        self.assertEqual(result["value"]["contract_number"], self.order.contract_number)

    # ------------------------------------------------------------------
    # Values
    # ------------------------------------------------------------------

    def test_values_name_what_their_writer_reads(self):
        quotation = self.new_order(user_id=self.rival.id).with_user(self.rival)
        with self.assertRaises(AccessError):
            quotation.write({"contract_predecessor_id": self.order.id})
        Order = self.env["sale.order"].with_user(self.rival)
        values = {"partner_id": self.partner.id}
        with self.assertRaises(AccessError):
            Order.create({**values, "contract_predecessor_id": self.order.id})
        with self.assertRaises(AccessError):
            Order.with_context(default_contract_predecessor_id=self.order.id).create(
                values
            )
        mine = self.new_contract("2026-09-02", user_id=self.rival.id)
        term = self.order.contract_term_ids.filtered(lambda t: t.kind == "payment")[:1]
        with self.assertRaises(AccessError):
            self.env["contract.deviation"].with_user(self.rival).create(
                {
                    "order_id": mine.id,
                    "kind": "late_payment",
                    "term_id": term.id,
                    "summary": "Late",
                }
            )
        quotation.write({"contract_predecessor_id": mine.id})
        self.assertEqual(quotation.contract_predecessor_id, mine)

    def test_answers_name_no_foreign_contract(self):
        """Whatever somebody writes into what he can't read, the answer says nothing."""
        frame = self.new_frame(self.owner)
        names = (self.order.contract_number, self.order.name, frame.name)
        records = [
            *self.order.contract_term_ids, self.event, self.document, self.record,
            frame, frame.line_ids, self.order.contract_history_ids[:1],
        ]  # fmt: skip
        for record in records:
            for name, field in record._fields.items():
                if (
                    field.readonly
                    or name in MAGIC_COLUMNS
                    or field.type.endswith("2many")
                ):
                    continue
                value = 1 if field.type in ("integer", "float", "monetary") else False
                with self.subTest(model=record._name, field=name):
                    with self.assertRaises(UserError) as caught:
                        record.with_user(self.rival).write({name: value})
                    for known in names:
                        self.assertNotIn(known, str(caught.exception))

    # ------------------------------------------------------------------
    # Readers and finance
    # ------------------------------------------------------------------

    def test_who_only_reads_fields(self):
        """The group shows fields of what core lets somebody read, and what hangs on
        that."""
        parts = [
            self.order.contract_term_ids[:1], self.event, self.document, self.record,
            self.record.line_ids[:1], self.order.contract_history_ids[:1],
        ]  # fmt: skip
        frame = self.new_frame(self.owner)
        for part in [*parts, frame, frame.line_ids]:
            with self.subTest(model=part._name):
                self.assertFalse(part.with_user(self.reader).has_access("read"))
                self.assertNotIn(part, part.with_user(self.reader).search([]))
                self.assertEqual(
                    part.with_user(self.keeper).has_access("read"), part in parts
                )
                self.assertFalse(part.with_user(self.keeper).has_access("write"))
        self.assertFalse(self.order.with_user(self.reader).has_access("read"))
        self.assertTrue(self.order.with_user(self.keeper).contract_number)
        self.env["sale.order"].browse(self.new_order().id).write(
            {"contract_frame_id": frame.id}
        )
        self.assertTrue(frame.with_user(self.keeper).has_access("read"))
        with self.assertRaises(AccessError):
            self.document.with_user(self.reader).read(["name"])

    def test_finance(self):
        """Money of all contracts and what it is owed for, as the README says; no
        papers, events, records of theirs."""
        frame = self.new_frame(self.owner)
        reads = [
            self.order, self.order.order_line, self.order.contract_term_ids, frame,
            frame.line_ids,
        ]  # fmt: skip
        hidden = [
            self.event, self.document, self.record, self.record.line_ids[:1],
            self.order.contract_history_ids[:1],
        ]  # fmt: skip
        for records, expected in ((reads, True), (hidden, False)):
            for record in records:
                with self.subTest(model=record._name):
                    mine = record.with_user(self.finance)
                    self.assertEqual(mine.has_access("read"), expected)
                    if record._name.startswith("contract."):
                        self.assertFalse(mine.has_access("write"))
        # who pays for the customer is finance's question
        self.document.type_id = self.env.ref(
            "contract_tracking.document_type_authorisation"
        )
        self.assertTrue(self.document.with_user(self.finance).has_access("read"))
        for model in (
            "contract.receipt", "contract.payment.claim", "contract.ageing",
            "contract.statement", "contract.statement.line",
        ):  # fmt: skip
            with self.subTest(model=model):
                rules = self.env["ir.rule"].with_user(self.finance)
                domain = rules._compute_domain(model)
                companies = Domain("company_id", "in", self.company.ids)
                self.assertEqual(
                    self.env[model].search(domain), self.env[model].search(companies)
                )

    # ------------------------------------------------------------------
    # Hostile values
    # ------------------------------------------------------------------

    def test_claims_of_anything(self):
        invoice = self.invoice(self.order, "2026-09-21")
        payment = self.pay(invoice, "2026-09-22")
        receipt = self.env["contract.receipt"]._of(payment)
        good = {"receipt_id": receipt.id, "order_id": self.order.id, "amount": 1}
        Claim = self.env["contract.payment.claim"].with_user(self.finance)
        hostile = [
            ("amount", "abc"), ("amount", float("nan")), ("amount", 1e308),
            ("amount", float("inf")), ("amount", [1]), ("date", "garbage"),
            ("date", "0001-01-01"), ("date", "9999-12-31"), ("date", 5),
            ("order_id", [self.order.id]), ("order_id", True), ("order_id", "x"),
            ("receipt_id", [receipt.id, 42]), ("receipt_id", True),
            ("receipt_id", "x"), ("receipt_id", {"a": 1}), ("origin", []),
        ]  # fmt: skip
        for name, value in hostile:
            with self.subTest(field=name, value=value), self.assertRaises(UserError):
                Claim.create({**good, name: value})
        with self.assertRaises(UserError):
            Claim.create({**good, "term_id": 99999999})
        for name, value in (
            ("date", "garbage"),
            ("date", "9999-1-1"),
            ("type_id", "x"),
        ):
            with self.subTest(document=name, value=value):
                with self.assertRaises(UserError):
                    self.env["contract.document"].with_user(self.seller).create(
                        {
                            "name": "Letter",
                            "order_id": self.order.id,
                            "type_id": self.document.type_id.id,
                            "date": "2026-09-02",
                            name: value,
                        }
                    )

    def test_contexts_of_anything(self):
        for figure in ([], {}, 5, "nothing", None, ["received"]):
            mine = self.order.with_user(self.seller)
            with self.subTest(figure=figure), self.assertRaises(UserError):
                mine.with_context(contract_figure=figure).action_contract_figure()
        for day in ("9999-12-31", "0001-01-01", "garbage", [1], {"a": 1}, 5):
            ageing = self.env["contract.ageing"].with_user(self.finance)
            with self.subTest(day=day), self.assertRaises(UserError):
                ageing.with_context(contract_cutoff=day).search([])


class TestTrustDeviation(DeviationCase):
    def test_forms_without_a_contract(self):
        Deviation = self.env["contract.deviation"]
        spec = {
            name: {}
            for name, field in Deviation._fields.items()
            if not field.type.endswith("2many")
        }
        for values in ({}, {"impact_amount": 5.0}):
            result = Deviation.onchange(values, list(values), spec)
            self.assertFalse(result["value"].get("impact_amount_company"))
        result = Deviation.onchange({}, [], {"impact_amount_company": {}})
        self.assertEqual(result["value"]["impact_amount_company"], 0)
