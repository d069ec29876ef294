from contextlib import suppress

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from ..tools.guard import CONTEXT_KEY
from .test_coordination import CoordinationCase

RULES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
# What the form of a report shows to who only reported it.
SECRET = (
    "agreed_amount", "actual_amount", "impact_amount", "cause_note", "recommendation",
    "order_id", "detect_key", "verification", "next_step", "included_ids", "action_ids",
    "result_attachment_ids", "involved_ids", "contract_amount",
)  # fmt: skip


class ScreensCase(CoordinationCase):
    """Attacks on what the screens brought: each is a call over RPC."""

    def setUp(self):
        super().setUp()
        self.enterContext(mute_logger(*RULES))

    def assert_refused(self, call, *args, **kwargs):
        # of an AccessError and of a ValidationError as well
        with self.assertRaises(UserError):
            call(*args, **kwargs)


class TestSeenReports(ScreensCase):
    """Who reports a deviation from a delivery reads his report, not the contract."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.picking = cls.deliver(cls.order, "2026-10-05")

    def seen(self, user, document, **values):
        return (
            self.env["contract.deviation.seen"]
            .with_user(user)
            .create(
                {
                    "res_model": document._name,
                    "res_ids": document.ids,
                    "summary": "Two pumps are wet",
                    **values,
                }
            )
        )

    def reported(self, user=None, **values):
        user = user or self.stock_user
        action = self.seen(user, self.picking, **values).action_report()
        deviation = self.env["contract.deviation"].browse(action["res_id"])
        deviation.write({"impact_amount": 77, "cause_note": "Our fault"})
        self.env.flush_all()
        self.env.invalidate_all()
        return deviation

    def test_secret_fields(self):
        deviation = self.reported()
        mine = deviation.with_user(self.stock_user)
        names = [name for name in SECRET if name in mine._fields]
        for name in names:
            with self.subTest(field=name):
                self.assert_refused(mine.read, [name])
                self.assert_refused(mine.export_data, [name])
                self.assert_refused(mine.web_read, {name: {}})
                self.assert_refused(mine.search, [(name, "!=", False)])
                self.assert_refused(mine.search, [], order=name)
                self.assertNotIn(name, mine.fields_get())
        self.assertFalse({*names} & {*mine.read()[0]})
        self.assert_refused(mine.search, [("order_id.amount_total", ">", 1)])
        self.assert_refused(mine.formatted_read_group, [], ["order_id"])
        self.assert_refused(
            mine.formatted_read_group, [], ["kind"], ["impact_amount:sum"]
        )

    def test_messages_and_files_of_others(self):
        deviation = self.reported()
        talk = deviation.with_user(self.owner).message_post(
            body="Offer him 500", subtype_xmlid="mail.mt_note"
        )
        proof = self.env["ir.attachment"].create(
            {
                "name": "margin.txt",
                "raw": b"margin",
                "res_model": deviation._name,
                "res_id": deviation.id,
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        user = self.stock_user
        self.assertFalse(talk.with_user(user).has_access("read"))
        found = (
            self.env["mail.message"]
            .with_user(user)
            .search([("model", "=", deviation._name), ("res_id", "=", deviation.id)])
        )
        self.assertNotIn(talk, found)
        files = self.env["ir.attachment"].with_user(user)
        self.assertFalse(proof.with_user(user).has_access("read"))
        for domain in (
            [("res_model", "=", deviation._name)],
            [("res_model", "=", deviation._name), ("res_id", "=", deviation.id)],
            [("id", "=", proof.id)],
        ):
            self.assertNotIn(proof, files.search(domain))
        self.assertTrue(proof.with_user(self.owner).has_access("read"))
        self.assertTrue(talk.with_user(self.owner).has_access("read"))

    def test_own_file_stays_readable(self):
        file = (
            self.env["ir.attachment"]
            .with_user(self.stock_user)
            .create({"name": "wet.txt", "raw": b"wet"})
        )
        deviation = self.reported(attachment_ids=[Command.set(file.ids)])
        mine = deviation.with_user(self.stock_user)
        self.assertEqual(mine.attachment_ids.raw, b"wet")

    def test_steps_of_who_only_reported(self):
        deviation = self.reported()
        mine = deviation.with_user(self.stock_user)
        before = deviation.read()[0]
        for name in dir(type(mine)):
            if name.startswith("action_") and not hasattr(self.env["res.users"], name):
                with self.subTest(action=name):
                    with suppress(UserError, TypeError), self.env.cr.savepoint():
                        getattr(mine, name)()
        self.env.invalidate_all()
        self.assertEqual(deviation.read(["state", "result", "approval_state"])[0], {
            name: before[name] for name in ("id", "state", "result", "approval_state")
        })  # fmt: skip
        report = self.env["ir.actions.report"].with_user(self.stock_user)
        self.assert_refused(
            report._render_qweb_html,
            "contract_tracking.action_report_deviation",
            deviation.ids,
        )

    def test_documents_that_are_not_his(self):
        order, term = self.order, self.order.contract_term_ids[:1]
        frame = self.new_frame(self.owner)
        for user in (self.employee, self.stock_user):
            for document in (order, term, frame):
                if document.with_user(user).has_access("read"):
                    continue  # the warehouse reads orders, as core has it
                with self.subTest(user=user.login, document=document._name):
                    row = self.seen(user, document)
                    self.assert_refused(row.read, ["document"])
                    self.assert_refused(row.action_report)
                    wizard = self.env["contract.deviation.seen"].with_user(user)
                    self.assert_refused(
                        wizard.onchange,
                        {"res_model": document._name, "res_ids": document.ids},
                        ["res_ids"],
                        {"document": {}, "contract_number": {}},
                    )
                    self.assert_refused(
                        wizard.with_context(
                            default_res_model=document._name,
                            default_res_ids=document.ids,
                        ).onchange,
                        {},
                        [],
                        {"document": {}, "contract_number": {}},
                    )
        for model in ("res.partner", "contract.report.mixin", "sale.order.line", "x"):
            with self.subTest(model=model):
                wizard = self.env["contract.deviation.seen"].with_user(self.stock_user)
                self.assert_refused(
                    lambda m=model, w=wizard: w.create(
                        {"res_model": m, "res_ids": [1], "summary": "x"}
                    ).action_report()
                )
        for user in (self.portal, self.public):
            self.assert_refused(self.seen, user, self.picking)

    def test_words_that_are_not_his(self):
        Deviation = self.env["contract.deviation"]
        for user in (self.owner, self.business, self.manager):
            with self.subTest(user=user.login):
                self.assert_refused(
                    Deviation.with_user(user).create,
                    {"order_id": self.order.id, "seen_by_id": self.employee.id},
                )
                self.assert_refused(
                    Deviation.with_user(user)
                    .with_context(**{CONTEXT_KEY: True})
                    .create,
                    {"order_id": self.order.id, "seen_by_id": self.employee.id},
                )
        deviation = self.reported()
        self.assert_refused(
            deviation.with_user(self.manager).write, {"seen_by_id": self.employee.id}
        )
        foreign = self.env["ir.attachment"].create(
            {
                "name": "x",
                "raw": b"x",
                "res_model": "contract.term",
                "res_id": self.order.contract_term_ids[0].id,
            }
        )
        self.assert_refused(
            lambda: self.seen(
                self.stock_user, self.picking, attachment_ids=[Command.set(foreign.ids)]
            ).action_report()
        )

    def test_public_files_stay_free(self):
        """Reporting with a file that everybody may read makes it nobody's evidence."""
        logo = self.env["ir.attachment"].create(
            {"name": "logo", "raw": b"x", "public": True}
        )
        files = {"attachment_ids": [Command.set(logo.ids)]}
        self.assert_refused(
            lambda: self.seen(self.stock_user, self.picking, **files).action_report()
        )
        document = self.sent(self.to(self.rival))
        self.assert_refused(self.reply, document.reply_ids, self.rival, **files)
        receipt = self.env["contract.delivery.receipt"].with_user(self.stock_user)
        self.assert_refused(
            lambda: receipt.create(
                {
                    "picking_ids": [Command.set(self.picking.ids)],
                    "date": "2026-10-06",
                    **files,
                }
            ).action_apply()
        )
        self.assertFalse(logo.res_model)
        self.assertFalse(logo.contract_filed)


class TestAsked(ScreensCase):
    """Who is asked reads what he is asked about: only by who may ask, and no longer
    than that stands."""

    def test_void_request_shows_nothing(self):
        deviation = self.env["contract.deviation"].create({"order_id": self.order.id})
        document = self.sent(
            self.to(self.stranger), deviation_ids=[Command.set(deviation.ids)]
        )
        parts = (
            self.order,
            self.order.order_line,
            self.order.contract_term_ids,
            deviation,
        )
        for records in parts:
            self.assertTrue(records.with_user(self.stranger).has_access("read"))
        document.with_user(self.seller)._void("Sent to the wrong person")
        self.env.flush_all()
        self.env.invalidate_all()
        for records in parts:
            with self.subTest(model=records._name):
                self.assertFalse(records.with_user(self.stranger).has_access("read"))
                self.assertFalse(
                    records.with_user(self.stranger).search([("id", "in", records.ids)])
                )

    def test_asking_oneself(self):
        frame = self.new_frame(self.owner)
        mine = self.new_role_contract(
            user_id=self.rival.id, contract_owner_id=self.rival.id, team_id=False
        )
        for user in (self.rival, self.stranger, self.outsider, self.stock_user):
            for parent in ({"order_id": self.order.id}, {"frame_id": frame.id}):
                with self.subTest(user=user.login, parent=parent):
                    self.assert_refused(
                        self.new_document,
                        self.to(user),
                        user=user,
                        **{"order_id": False, **parent},
                    )
        draft = self.new_document(
            self.to(self.rival), user=self.rival, order_id=mine.id
        )
        for vals in (
            {"order_id": self.order.id},
            {"state": "sent"},
            {"claimed": {"total": 1}},
            {"reply_ids": [Command.update(draft.reply_ids.id, {"state": "waiting"})]},
            {"reply_ids": [Command.create({"kind": "user", "user_id": self.rival.id,
                                           "state": "waiting"})]},
        ):  # fmt: skip
            with self.subTest(vals=vals):
                self.assert_refused(draft.write, vals)
        foreign = self.new_document(self.to(self.workshop))
        line = {"kind": "user", "user_id": self.rival.id}
        for vals in (
            {"coordination_id": foreign.id, **line},
            {"coordination_id": foreign.id, **line, "state": "waiting"},
        ):
            self.assert_refused(
                self.env["contract.coordination.reply"].with_user(self.rival).create,
                vals,
            )
        self.assert_refused(draft.reply_ids.write, {"coordination_id": foreign.id})
        self.assertFalse(self.order.with_user(self.rival).has_access("read"))

    def test_department_of_ones_own(self):
        for user in (self.rival, self.finance, self.leader, self.seller):
            with self.subTest(user=user.login):
                self.assert_refused(
                    self.workshop.with_user(user).write,
                    {"member_ids": [Command.link(user.id)]},
                )

    def test_who_is_asked_asks_nobody_on(self):
        """Reading because of a question gives no contract to pass on."""
        self.sent(self.to(self.rival))
        self.assertTrue(self.order.with_user(self.rival).has_access("read"))
        self.assert_refused(self.new_document, self.to(self.stranger), user=self.rival)
        self.assertFalse(self.order.with_user(self.stranger).has_access("read"))

    def test_proposals_of_foreign_contracts(self):
        """Subject and figures of a letter that isn't saved."""
        document = self.env["contract.coordination"].with_user(self.rival)
        spec = {
            "subject": {},
            "outside_text": {},
            "claimed_html": {},
            "claimed_amount": {},
            "order_id": {},
        }
        values = {"kind": "reminder", "order_id": self.order.id}
        for place, call in enumerate(
            (
                lambda: document.onchange(values, ["order_id", "kind"], spec),
                lambda: document.with_context(
                    default_kind="reminder", default_order_id=self.order.id
                ).onchange({}, [], spec),
                lambda: document.with_context(
                    default_kind="reminder", default_order_id=self.order.id
                ).default_get(["kind", "reply_ids", "subject", "order_id"]),
            )
        ):
            with self.subTest(call=place):
                self.assert_refused(call)
        for method in (
            "action_contract_remind", "action_contract_plan", "action_contract_claim",
            "action_contract_analyse", "action_contract_report",
        ):  # fmt: skip
            with self.subTest(method=method):
                self.assert_refused(getattr(self.order.with_user(self.rival), method))

    def test_actions_and_agreements_of_foreign_documents(self):
        document = self.sent(self.to(self.workshop))
        Action = self.env["contract.action"]
        vals = {
            "res_model": document._name,
            "res_id": document.id,
            "name": "Mine",
            "user_id": self.rival.id,
            "date_deadline": "2026-10-20",
        }
        for user in (self.rival, self.outsider, self.finance, self.owner):
            with self.subTest(user=user.login):
                self.assert_refused(
                    Action.with_user(user).create, {**vals, "user_id": user.id}
                )
                self.assert_refused(document.with_user(user).action_create_action)
                self.assert_refused(document.with_user(user).action_reagree)
        mine = self.new_role_contract(
            user_id=self.rival.id, contract_owner_id=self.rival.id, team_id=False
        )
        Reagreement = self.env["contract.reagreement"]
        self.assert_refused(
            Reagreement.with_user(self.rival).create,
            {
                "order_id": mine.id,
                "date_from": "2026-11-01",
                "coordination_id": document.id,
            },
        )
        other = (
            self.env["contract.reagreement"]
            .with_user(self.seller)
            .create({"order_id": self.order.id, "date_from": "2026-11-01"})
        )
        draft = self.new_document(self.to(self.workshop))
        self.assert_refused(other.write, {"coordination_id": draft.id})
        other.coordination_id = document
        document.with_user(self.seller)._void("Mistake")
        again = {"date_from": "2026-11-01", "order_id": self.order.id}
        self.assert_refused(
            Reagreement.with_user(self.seller).create,
            {**again, "coordination_id": document.id},
        )


class TestNames(ScreensCase):
    """Contract numbers are for who reads contracts."""

    def test_search_by_number(self):
        number = self.order.contract_number
        self.assertTrue(number)
        self.order.message_subscribe(partner_ids=self.portal.partner_id.ids)
        Order = self.env["sale.order"]
        for user in (
            self.portal, self.public, self.employee, self.stock_user, self.rival,
            self.finance,
        ):  # fmt: skip
            own = Order.with_user(user)
            with self.subTest(user=user.login):
                if own.has_access("read") and not self.order.with_user(user).has_access(
                    "read"
                ):
                    self.assertFalse(own.name_search(number))
                    self.assertFalse(own.search([("display_name", "=", number)]))
        for user in (self.portal, self.biller):
            mine = self.order.with_user(user)
            with self.subTest(user=user.login):
                if mine.has_access("read"):
                    self.assertNotIn(number, mine.display_name)
                    self.assertFalse(mine.name_search(number))
                    self.assert_refused(mine.read, ["contract_proposed_term_ids"])
                    self.assert_refused(mine.read, ["contract_next_step"])

    def test_home(self):
        for user in (self.portal, self.public, self.employee, self.stock_user):
            with self.subTest(user=user.login):
                self.assertFalse(self.env["contract.home"].with_user(user).get_home())
        for user in (self.rival, self.finance, self.auditor, self.leader):
            for section in self.env["contract.home"].with_user(user).get_home():
                for item in section["items"]:
                    action = self.env.ref(item["action"])
                    model = self.env[action.res_model].with_user(user)
                    self.assertEqual(model.search_count(item["domain"]), item["count"])

    def test_settings_of_the_company(self):
        names = [
            "contract_digest", "contract_digest_days", "contract_digest_on",
            "contract_reminder_days", "contract_reply_days",
        ]  # fmt: skip
        for user in (self.portal, self.employee, self.rival, self.finance, self.leader):
            company = self.company.with_user(user)
            for name in names:
                with self.subTest(user=user.login, field=name):
                    if user in (self.portal, self.employee):
                        self.assert_refused(company.read, [name])
                    self.assert_refused(company.write, {name: False})
            self.assert_refused(self.owner.with_user(user).read, ["contract_digest_on"])


class TestFiles(ScreensCase):
    """Files of contracts write no more than their reader may write."""

    def test_hostile_columns(self):
        number = self.order.contract_number
        Order = self.env["sale.order"].with_user(self.rival)
        Term = self.env["contract.term"].with_user(self.seller)
        term = self.order.contract_term_ids[:1]
        line = self.order.order_line
        loads = [
            (Order, ["contract_number", "client_order_ref"], [number, "x"]),
            (Order, [".id", "contract_number"], [str(self.order.id), "x"]),
            (
                Order.with_user(self.seller),
                ["contract_number", "contract_state"],
                [number, "active"],
            ),
            (
                Order.with_user(self.seller),
                ["contract_number", "contract_effective_date"],
                [number, "2020-01-01"],
            ),
            (
                Order,
                ["contract_number", "partner_id/.id", "order_line/.id",
                 "order_line/product_id/.id", "order_line/product_uom_qty"],
                ["HT-2", str(self.partner.id), str(line.id), str(self.pump.id), "99"],
            ),
            (Term, [".id", "status"], [str(term.id), "met"]),
            (Term, [".id", "kind", "stamped"], [str(term.id), term.kind, "1"]),
            (
                Term.with_user(self.rival),
                ["order_id/.id", "kind", "name"],
                [str(self.order.id), "document", "Mine"],
            ),
        ]  # fmt: skip
        before = (self.order.client_order_ref, self.order.contract_effective_date,
                  line.product_uom_qty, len(self.order.contract_term_ids))  # fmt: skip
        for model, paths, row in loads:
            for context in (
                {},
                {"contract_import": True, CONTEXT_KEY: True, "import_file": True},
            ):
                with self.subTest(paths=paths, row=row):
                    with suppress(UserError), self.env.cr.savepoint():
                        model.with_context(**context).load(paths, [row])
                    self.env.invalidate_all()
                    self.assertEqual(
                        (
                            self.order.client_order_ref,
                            self.order.contract_effective_date,
                            line.product_uom_qty,
                            len(self.order.contract_term_ids),
                        ),
                        before,
                    )
                    self.assertEqual(line.order_id, self.order)
                    self.assertEqual(self.order.contract_number, number)

    def test_statement_without_reply(self):
        with freeze_time("2026-10-07 02:00:00"):
            Statement = self.env["contract.statement"].with_user(self.finance)
            statement = Statement.create({"partner_id": self.partner.id})
            statement.action_mark_sent()
            self.assert_refused(statement.action_confirm)
            self.assert_refused(statement.write, {"state": "confirmed"})
            self.assert_refused(
                Statement.create, {"partner_id": self.partner.id, "state": "confirmed"}
            )
            foreign = self.env["ir.attachment"].create(
                {"name": "somebody else's", "raw": b"x"}
            )
            self.assert_refused(
                statement.write, {"attachment_ids": [Command.link(foreign.id)]}
            )
            own = (
                self.env["ir.attachment"]
                .with_user(self.finance)
                .create({"name": "sealed", "raw": b"x"})
            )
            statement.attachment_ids = own
            statement.action_confirm()
            self.assert_refused(statement.write, {"attachment_ids": [Command.clear()]})
            self.assert_refused(own.unlink)
