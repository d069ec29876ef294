from odoo import Command
from odoo.tools import SQL

from ..tools.guard import unguarded
from .deviations import DeviationCase

FEW, MANY = 2, 22
# What a batch may cost more than another one: 0.1 query a record.
SLACK = (MANY - FEW) // 10


class MassCase(DeviationCase):
    """What one click on many documents costs: no more queries than one on few."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        line = {"name": "Leader", "user_ids": [Command.link(cls.leader.id)]}
        cls.env["contract.approval.rule"].search(
            [("id", "!=", cls.rule.id)]
        ).active = False
        cls.env["contract.approval.rule"].create(
            {
                "name": "New terms",
                "kind": "reagreement",
                "line_ids": [Command.create(line)],
            }
        )

    def queries(self, act, records):
        """How many queries a step takes, with nothing read before."""
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        act(records.browse(records.ids))
        self.env.flush_all()
        return self.env.cr.sql_log_count - before

    def assert_sets(self, make, *steps, core=()):
        """Take steps one after the other with few and with many records: the queries
        don't grow.

        :param steps: (name, function of the records)
        :param core: (name, function of the records): what core does itself for each
            record in the step of this name; taken right after it
        """
        core = dict(core)
        costs = {}
        for count in (1, FEW, MANY):
            records = make(count)
            costs[count] = {}
            for name, act in steps:
                cost = self.queries(act, records)
                if name in core:
                    cost -= self.queries(core[name], records)
                costs[count][name] = cost
        for name, _act in steps:
            with self.subTest(name):
                self.assertLessEqual(costs[MANY][name], costs[FEW][name] + SLACK)

    def orders(self, count):
        orders = self.env["sale.order"].union(
            *(
                self.new_order(
                    [(self.pump, 10)],
                    "template_30_70_delivery",
                    user_id=self.seller.id,
                    team_id=self.team.id,
                    contract_owner_id=self.owner.id,
                    contract_supervisor_id=self.supervisor.id,
                    commitment_date="2030-12-01 02:00:00",
                )
                for _n in range(count)
            )
        )
        orders.action_confirm()
        return orders

    def as_user(self, user, method, *args):
        """A step of a user."""
        return lambda records: getattr(records.with_user(user), method)(*args)


class TestMassDeviations(MassCase):
    def values(self, orders, **values):
        return [
            {
                "order_id": order.id,
                "term_id": order.contract_term_ids.filtered("line_id").id,
                "user_id": self.seller.id,
                "kind": "late_delivery",
                "severity": "major",
                "summary": "Late",
                "cause_id": self.cause.id,
                "recommendation": "Deliver",
                **values,
            }
            for order in orders
        ]

    def report_many(self, orders, **values):
        Deviation = self.env["contract.deviation"].with_user(self.seller)
        return Deviation.create(self.values(orders, **values))

    def test_reported(self):
        self.assert_sets(self.orders, ("report", self.report_many))

    def test_found(self):
        def late(count):
            orders = self.orders(count)
            self.env.flush_all()
            self.env.cr.execute(
                """UPDATE contract_term SET date_fixed = '2026-09-15'
                    WHERE order_id = ANY(%(ids)s) AND kind = 'delivery';
                   UPDATE sale_order SET contract_effective_date = '2026-09-01'
                    WHERE id = ANY(%(ids)s)""",
                {"ids": orders.ids},
            )
            return orders

        def found(orders):
            deviations = self.env["contract.deviation"]._detect(orders)
            self.assertEqual(deviations.order_id, orders)
            self.assertEqual(len(deviations.activity_ids), len(deviations))
            self.assertEqual(len(set(deviations.mapped("name"))), len(deviations))

        self.assert_sets(late, ("find", found))

    def test_decided(self):
        def asked_back(records):
            # core tells the requester by a message a document
            for record in records.sudo().with_user(self.leader):
                record.message_notify(
                    partner_ids=self.seller.partner_id.ids,
                    body="Decided",
                    subject="Decided",
                )

        def approved(records):
            self.as_user(self.leader, "action_approve")(records)
            self.assertEqual(set(records.mapped("state")), {"executing"})

        submit = self.as_user(self.seller, "action_submit")
        self.assert_sets(
            lambda count: self.report_many(self.orders(count)),
            ("analyse", self.as_user(self.seller, "action_analyse")),
            ("submit", submit),
            ("withdraw", self.as_user(self.seller, "action_withdraw")),
            ("submit again", submit),
            ("return", self.as_user(self.leader, "action_return", "Not yet")),
            ("submit once more", submit),
            ("refuse", self.as_user(self.leader, "action_refuse", "No")),
            ("answer", lambda records: records.write({"recommendation": "Otherwise"})),
            ("submit at last", submit),
            ("approve", approved),
            core=dict.fromkeys(("return", "refuse", "approve"), asked_back).items(),
        )

    def test_handed_over(self):
        def contracts(count):
            orders = self.orders(count)
            orders._contract_propose_records()
            handover = self.env["contract.handover"].with_user(self.business)
            wizard = handover.create(
                {
                    "from_user_id": self.owner.id,
                    "to_user_id": self.colleague.id,
                    "reason": "Retired",
                }
            )
            for line in wizard.line_ids:
                line.selected = line.order_id in orders
            return wizard

        def applied(wizard):
            orders = wizard.line_ids.filtered("selected").order_id.sudo()
            orders = orders.browse(orders.ids)
            wizard.action_apply()
            records = orders.contract_record_ids
            records = records.browse(records.ids)
            self.assertEqual(records.user_id, self.colleague)
            self.assertEqual(records.activity_ids.user_id, self.colleague)

        self.assert_sets(contracts, ("hand over", applied))

    def test_handler_changes(self):
        self.assert_sets(
            lambda count: self.report_many(self.orders(count)),
            ("write", lambda records: records.write({"user_id": self.head.id})),
        )

    def test_notes(self):
        """A note reaches who follows notes, as if it were written alone."""
        both = self.report_many(self.orders(2))
        both.action_analyse()
        followed, plain = both
        followed.sudo().message_subscribe(
            self.auditor.partner_id.ids, self.env.ref("mail.mt_note").ids
        )
        both.action_submit()
        both.with_user(self.leader).action_approve("Do so")
        text = f"{self.leader.name}: Approved. Do so"
        notes = {}
        for deviation in both:
            [notes[deviation]] = deviation.sudo().message_ids.filtered(
                lambda message: text in (message.body or "")
            )
            self.assertEqual(notes[deviation].author_id, self.leader.partner_id)
            self.assertEqual(notes[deviation].subtype_id, self.env.ref("mail.mt_note"))
        self.assertEqual(notes[followed].notified_partner_ids, self.auditor.partner_id)
        self.assertFalse(notes[plain].notified_partner_ids)


class TestMassRecords(MassCase):
    def test_confirmed(self):
        def drafts(orders):
            return orders.contract_record_ids.filtered(lambda r: r.state == "draft")

        def told(orders):
            # core writes into the chatter which activity was done
            records = orders.contract_record_ids
            for record in records.browse(records.ids).with_user(self.owner):
                record.message_post(body="Done")

        def confirm(method):
            def act(orders):
                records = drafts(orders.sudo())
                records = records.browse(records.ids).with_user(self.owner)
                getattr(records, method)()
                return records

            return act

        def confirmed(method):
            def act(orders):
                records = confirm(method)(orders)
                self.assertEqual(set(records.mapped("state")), {"confirmed"})

            return act

        propose = self.as_user(self.env.user, "_contract_propose_records")
        self.assert_sets(
            self.orders,
            ("propose", propose),
            ("refresh", confirm("action_refresh")),
            ("confirm", confirmed("action_confirm")),
            ("propose again", propose),
            ("confirm unchanged", confirmed("action_confirm_unchanged")),
            core=dict.fromkeys(("confirm", "confirm unchanged"), told).items(),
        )

    def test_each_owner_reads_his_language(self):
        """Records of several owners are one set, each in the owner's language."""
        self.env["res.lang"]._activate_lang("zh_CN")
        self.env["ir.module.module"]._load_module_terms(
            ["contract_tracking"], ["zh_CN"]
        )
        self.colleague.lang = "zh_CN"
        orders = self.orders(3)
        unguarded(orders[1]).contract_owner_id = self.colleague
        orders._contract_propose_records()
        records = orders.contract_record_ids
        self.assertEqual(
            [(r.user_id, r.words_lang) for r in records.sorted("order_id")],
            [(self.owner, "en_US"), (self.colleague, "zh_CN"), (self.owner, "en_US")],
        )


class TestMassReagreements(MassCase):
    def reagreements(self, orders):
        papers = self.env["contract.document"].create(
            [
                {
                    "name": "Supplement",
                    "order_id": order.id,
                    "type_id": self.env.ref(
                        "contract_tracking.document_type_supplement"
                    ).id,
                    "attachment_ids": [Command.create({"name": "s", "raw": b"s"})],
                }
                for order in orders
            ]
        )

        def delivery_of(order):
            return order.contract_term_ids.filtered("line_id")

        change = {"action": "change", "date_fixed": "2030-12-20"}
        return (
            self.env["contract.reagreement"]
            .with_user(self.seller)
            .create(
                [
                    {
                        "order_id": paper.order_id.id,
                        "document_id": paper.id,
                        "date_from": paper.order_id._contract_today(),
                        "reason": "Asked for",
                        # an order that is changed costs what core's changes cost
                        "change_order": False,
                        "line_ids": [
                            Command.create(
                                {
                                    **change,
                                    "term_id": delivery_of(paper.order_id).id,
                                }
                            )
                        ],
                    }
                    for paper in papers
                ]
            )
        )

    def test_agreed(self):
        def told(records):
            for record in records.sudo().with_user(self.leader):
                record.message_notify(
                    partner_ids=self.seller.partner_id.ids,
                    body="Decided",
                    subject="Decided",
                )

        def approved(records):
            self.as_user(self.leader, "action_approve")(records)
            for record in records.sudo():
                [new] = record.order_id.contract_term_ids.filtered(
                    lambda t: t.kind == "delivery" and not t.valid_to
                )
                self.assertEqual(str(new.date_fixed), "2030-12-20")

        self.assert_sets(
            lambda count: self.reagreements(self.orders(count)),
            ("submit", self.as_user(self.seller, "action_submit")),
            ("approve", approved),
            core=[("approve", told)],
        )


class TestMassForms(MassCase):
    def test_coordination(self):
        workshop = self.env["contract.department"].create(
            {"name": "Workshop", "head_id": self.outsider.id}
        )
        Document = self.env["contract.coordination"].with_user(self.seller)

        def write(orders):
            return Document.create(
                [
                    {
                        "order_id": order.id,
                        "subject": "Late",
                        "summary": "Late",
                        "description": "Late",
                        "requests": "Hurry",
                        "user_id": self.seller.id,
                        "reply_date": "2030-01-01",
                        "reply_ids": [
                            Command.create(
                                {
                                    "role": "to",
                                    "kind": "department",
                                    "department_id": workshop.id,
                                }
                            )
                        ],
                    }
                    for order in orders
                ]
            )

        def sent(count):
            documents = write(self.orders(count))
            for document in documents:
                document.action_send()
            documents.write({"outcome": "Agreed"})
            self.env.flush_all()
            self.env.cr.execute(
                "UPDATE contract_coordination_reply SET date_deadline = '2026-01-01'"
            )
            return documents

        self.assert_sets(self.orders, ("write", write))
        self.assert_sets(sent, ("close", self.as_user(self.seller, "action_close")))

    def test_statements(self):
        Statement = self.env["contract.statement"].with_user(self.seller)

        def customers(count):
            partners = self.env["res.partner"].create(
                [{"name": f"Customer {number}"} for number in range(count)]
            )
            for partner in partners:
                self.new_order(
                    [(self.pump, 1)], partner_id=partner.id, user_id=self.seller.id
                ).action_confirm()
            return partners

        def of_customers(method):
            def act(partners):
                found = Statement.search([("partner_id", "in", partners.ids)])
                if method == "action_confirm":
                    self.file_reply(found)
                getattr(found, method)()

            return act

        self.assert_sets(
            customers,
            ("propose", Statement._propose),
            ("refresh", of_customers("action_refresh")),
            ("mark as sent", of_customers("action_mark_sent")),
            ("confirm", of_customers("action_confirm")),
        )

    def file_reply(self, statements):
        """The same sealed reply on all of them, in one query."""
        field = statements._fields["attachment_ids"]
        env = statements.env
        reply = env["ir.attachment"].create({"name": "s.pdf", "raw": b"sealed"})
        env.execute_query(
            SQL(
                "INSERT INTO %s (%s, %s) SELECT unnest(%s), %s RETURNING 1",
                SQL.identifier(field.relation),
                SQL.identifier(field.column1),
                SQL.identifier(field.column2),
                statements.ids,
                reply.id,
            )
        )
        statements.invalidate_recordset(["attachment_ids"])

    def test_tracked(self):
        self.company.contract_track_mode = "team"
        self.company.contract_track_team_ids = self.env["crm.team"].create(
            {"name": "Tracked"}
        )

        def untracked(count):
            orders = self.env["sale.order"].union(
                *(
                    self.new_order([(self.service, 1)] * 3, user_id=self.seller.id)
                    for _n in range(count)
                )
            )
            orders.action_confirm()
            self.assertFalse(any(orders.mapped("contract_state")))
            return orders

        def track(orders):
            orders.with_user(self.seller).action_contract_track()
            self.assertEqual(len(orders.sudo().contract_term_ids), 3 * len(orders))

        self.assert_sets(untracked, ("track", track))

    def test_contracts_suspended(self):
        suspend = self.as_user(
            self.business, "_contract_reach", "suspended", None, "Strike"
        )
        resume = self.as_user(self.business, "_contract_reach", "active", None, "Over")
        self.assert_sets(self.orders, ("suspend", suspend), ("resume", resume))

    def test_numbers(self):
        """Drawn in the order of the records, whatever the sequence."""
        Form = self.env["contract.form.type"]
        model = "contract.deviation"
        for implementation in ("standard", "no_gap"):
            sequence = self.env["ir.sequence"].browse(
                Form._form_of(model, self.company)[0]
            )
            sequence.implementation = implementation
            [before] = Form._next_numbers(model, self.company, 1)
            numbers = Form._next_numbers(model, self.company, 12)
            start = int(before.rpartition("-")[2])
            self.assertEqual(
                [int(number.rpartition("-")[2]) for number in numbers],
                list(range(start + 1, start + 13)),
            )
