from odoo import Command
from odoo.exceptions import AccessError
from odoo.models import MAGIC_COLUMNS
from odoo.tools import mute_logger

from .test_approval import ApprovalCase

RULES = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")
USER, READER, FINANCE, LEADER, AUDITOR, BUSINESS = (
    f"contract_tracking.group_contract_{name}"
    for name in ("user", "reader", "finance", "leader", "auditor", "business")
)
STOCK = "stock.group_stock_user"
EMPLOYEE = "base.group_user"
# Each transient model of ours: who may open it, and why. Everybody sees his own rows.
DIALOGS = {
    "contract.decision": ({READER}, "approvers may be readers only"),
    "contract.reason": ({EMPLOYEE}, "each document says who takes a step"),
    "contract.correction": ({USER}, "the business office corrects contracts"),
    "contract.frame.correction": ({USER}, "the business office corrects agreements"),
    "contract.frame.correction.line": ({USER}, "as the correction"),
    "contract.handover": ({USER}, "business office and office leaders hand over"),
    "contract.handover.line": ({USER}, "as the handover"),
    "contract.circulation": ({USER}, "who files papers asks for readers"),
    "contract.document.filing": ({USER}, "who follows contracts files papers"),
    "contract.coordination.send": ({USER, LEADER, FINANCE}, "who asks sends"),
    "contract.deviation.seen": ({EMPLOYEE}, "whoever sees a departure reports it"),
    "contract.coordination.answer": ({READER}, "recipients may be readers only"),
    "contract.delivery.receipt": ({USER, STOCK}, "warehouse or seller gets the paper"),
    "contract.delivery.receipt.line": ({USER, STOCK}, "as the receipt"),
    "contract.delivery.receipt.move": ({USER, STOCK}, "as the receipt"),
    "contract.ageing.date": ({USER, LEADER, AUDITOR, FINANCE}, "who reads the ageing"),
    "contract.bill.outcome": ({FINANCE}, "finance knows what became of a bill"),
    "contract.claim": ({USER, FINANCE}, "who follows a contract claims its money"),
    "contract.claim.line": ({USER, FINANCE}, "as the claim"),
    "contract.figure.row": ({READER}, "made of what its reader may read; read only"),
    "contract.risk.limit": ({READER}, "approvers may be readers only"),
    "contract.risk.limit.line": ({READER}, "as the limits"),
    "contract.logistics.entry": ({USER, STOCK}, "as the receipt"),
    "contract.logistics.sheet": (
        {USER, STOCK, LEADER, AUDITOR},
        "who reads deliveries prints them",
    ),
    "contract.review.opinion": ({READER}, "approvers may be readers only"),
    "contract.review.opinion.condition": ({READER}, "as the opinion"),
    "contract.plan.report": ({READER}, "owners of tasks may be readers only"),
    "contract.monthly.write": ({BUSINESS}, "the business office writes them all"),
    "contract.clause.choice": ({USER}, "who follows a contract adds its clauses"),
    "contract.term.split": ({USER}, "who follows a contract splits its deliveries"),
    "contract.term.split.line": ({USER}, "as the split"),
}


class DialogCase(ApprovalCase):
    """What each dialog opens with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.add_documents(cls.order)
        cls.review = cls.env["contract.review"].create({"order_id": cls.order.id})
        cls.frame = cls.new_frame(cls.owner)
        cls.picking = cls.deliver(cls.order, "2026-09-20")
        cls.payment = cls.pay(cls.invoice(cls.order, "2026-09-21"), "2026-09-22")
        cls.receipt = cls.env["contract.receipt"]._of(cls.payment)
        cls.delivery_term = cls.order.contract_term_ids.filtered(
            lambda term: term.kind == "delivery"
        )[:1]
        cls.coordination = cls.env["contract.coordination"].create(
            {
                "order_id": cls.order.id,
                "user_id": cls.seller.id,
                "subject": "Late pumps",
                "requests": "When?",
                "reply_ids": [
                    Command.create({"kind": "user", "user_id": cls.leader.id})
                ],
            }
        )
        cls.plan = cls.env["contract.plan"].create(
            {
                "order_id": cls.order.id,
                "user_id": cls.seller.id,
                "line_ids": [Command.create({"name": "Casting"})],
            }
        )
        cls.application = cls.env["contract.risk.shipment"].create(
            {
                "order_id": cls.order.id,
                "user_id": cls.seller.id,
                "line_ids": [
                    Command.create({"line_id": cls.order.order_line.id, "quantity": 1})
                ],
            }
        )
        # somebody in every role, administrator of the database too
        cls.everybody = cls.new_user(
            "ct_everybody",
            "contract_tracking.group_contract_manager",
            "contract_tracking.group_contract_finance",
            "contract_tracking.group_contract_leader",
            "base.group_system",
            "stock.group_stock_manager",
            "account.group_account_manager",
        )

    @classmethod
    def dialogs(cls):
        return sorted(
            name
            for name, model in cls.env.items()
            if model._transient and model._original_module == "contract_tracking"
        )

    def values(self):
        """Values of each dialog: ``{model: values}``."""
        document = {"res_model": "contract.deviation", "res_ids": self.deviation.ids}
        order, frame = {"order_id": self.order.id}, {"frame_id": self.frame.id}
        return {
            "contract.decision": {**document, "verb": "refuse", "comment": "No."},
            "contract.reason": {**document, "step": "x", "reason": "So"},
            "contract.correction": {**order, "reason": "So"},
            "contract.frame.correction": {**frame, "reason": "So"},
            "contract.handover": {
                "from_user_id": self.owner.id,
                "to_user_id": self.colleague.id,
                "reason": "Retired",
            },
            "contract.circulation": {"document_id": self.document.id},
            "contract.document.filing": {
                **order,
                "type_id": self.env.ref("contract_tracking.document_type_signed").id,
            },
            "contract.deviation.seen": {
                "res_model": "stock.picking",
                "res_ids": self.picking.ids,
                "summary": "Wet",
            },
            "contract.coordination.send": {"coordination_id": self.coordination.id},
            "contract.coordination.answer": {"line_id": self.coordination.reply_ids.id},
            "contract.delivery.receipt": {
                "picking_ids": [Command.set(self.picking.ids)]
            },
            "contract.logistics.entry": {
                "picking_ids": [Command.set(self.picking.ids)]
            },
            "contract.logistics.sheet": order,
            "contract.ageing.date": {},
            "contract.bill.outcome": {"payment_id": self.payment.id},
            "contract.claim": {"receipt_ids": [Command.set(self.receipt.ids)]},
            "contract.figure.row": order,
            "contract.risk.limit": {
                "application_id": self.application.id,
                "amount": 1,
                "date_until": "2026-10-01",
                "line_ids": [Command.create({"row_id": self.application.line_ids.id})],
            },
            "contract.review.opinion": {
                "review_id": self.review.id,
                "review_compliance": "ok",
                "review_schedule": "ok",
                "review_resources": "ok",
                "condition_ids": [
                    Command.create(
                        {
                            "name": "Ask",
                            "user_id": self.owner.id,
                            "date_deadline": "2026-10-01",
                        }
                    )
                ],
            },
            "contract.plan.report": {"line_id": self.plan.line_ids.id},
            "contract.monthly.write": {"month": "2026-09-01"},
            "contract.clause.choice": {
                **order,
                "clause_ids": [
                    Command.set(self.env.ref("contract_tracking.clause_title").ids)
                ],
            },
            "contract.term.split": {
                "term_id": self.delivery_term.id,
                "line_ids": [Command.create({"date": "2026-10-01", "quantity": 1})],
            },
        }


class TestDialogs(DialogCase):
    """Dialogs are their author's alone and show what he may read."""

    def rows(self, user):
        """A row of each dialog, of this user."""
        rows = {}
        for model, vals in self.values().items():
            row = self.env[model].with_user(user).sudo().create(vals)
            rows[model] = row
            for lines in row._dialog_lines():
                rows[lines._name] = lines[:1]
        if not rows["contract.claim.line"]:
            rows["contract.claim.line"] = rows["contract.claim"].line_ids.create(
                {"claim_id": rows["contract.claim"].id, "receipt_id": self.receipt.id}
            )
        return rows

    def assert_refused(self, *calls):
        """Each of the calls (record, method, arguments) is refused."""
        for record, method, *args in calls:
            with self.subTest(call=f"{record._name}.{method}", args=args):
                with self.assertRaises(AccessError):
                    getattr(record, method)(*args)

    def defaulting(self, record, fname, value):
        return record.with_context(**{f"default_{fname}": value})

    # ------------------------------------------------------------------
    # The list is complete
    # ------------------------------------------------------------------

    def test_every_dialog_is_listed(self):
        self.assertEqual(self.dialogs(), sorted(DIALOGS))
        for name, (groups, _why) in DIALOGS.items():
            with self.subTest(dialog=name):
                self.assertTrue(self.env[name]._contract_dialog)
                access = self.env["ir.model.access"].search(
                    [("model_id.model", "=", name)]
                )
                granted = {
                    group.get_external_id()[group.id] for group in access.group_id
                }
                self.assertEqual(granted, groups)

    def test_dialogs_compute_with_the_users_rights(self):
        for name in self.dialogs():
            for field in self.env[name]._fields.values():
                with self.subTest(field=str(field)):
                    self.assertFalse(field.compute and field.compute_sudo)

    # ------------------------------------------------------------------
    # Own rows only
    # ------------------------------------------------------------------

    @mute_logger(*RULES)
    def test_rows_of_others(self):
        rows = self.rows(self.business)
        self.assertEqual(sorted(rows), self.dialogs())
        self.env["ir.rule"].search([("model_id.model", "in", list(rows))]).unlink()
        self.env.invalidate_all()
        for name, row in rows.items():
            self.assertTrue(row, name)
            row = row.with_user(self.everybody).sudo(False)
            own = [("id", "=", row.id)]
            with self.subTest(dialog=name):
                self.assertFalse(row.search(own))
                self.assertFalse(row.search_count(own))
                self.assertFalse(row._read_group(own, ["create_uid"]))
                self.assertFalse(row.search_read(own))
                self.assertFalse(row._filtered_access("read"))
                self.assert_refused(
                    (row, "read", ["create_uid"]),
                    (row, "web_read", {"create_date": {}}),
                    (row, "export_data", ["create_date"]),
                    (row, "write", {"create_date": False}),
                    (row, "web_save", {}, {"create_date": {}}),
                    (row, "unlink"),
                    (row, "copy"),
                    (row, "onchange", {}, [], {}),
                    *(
                        (row, action)
                        for action in dir(type(row))
                        if action.startswith("action_")
                        and not hasattr(self.env["res.users"], action)
                    ),
                )

    @mute_logger(*RULES)
    def test_words_of_somebody_else(self):
        """The requester writes into the decision that a leader is about to take."""
        self.submit()
        decision = (
            self.env["contract.decision"]
            .with_user(self.head)
            .create(
                {
                    "res_model": "contract.deviation",
                    "res_ids": self.deviation.ids,
                    "verb": "refuse",
                    "comment": "No, never.",
                }
            )
        )
        forged = {"verb": "approve", "comment": "Of course."}
        for user in (self.seller, self.manager, self.env.ref("base.user_admin")):
            with self.assertRaises(AccessError):
                decision.with_user(user).write(forged)
        decision.action_apply()
        self.assertEqual(self.deviation.approval_state, "refused")
        self.assertEqual(self.steps(state="refused").comment, "No, never.")

    @mute_logger(*RULES)
    def test_a_step_in_somebody_elses_dialog(self):
        """Nobody takes a step by what somebody else filled in, in code either."""
        self.submit()
        values = {
            "res_model": "contract.deviation",
            "res_ids": self.deviation.ids,
            "verb": "approve",
            "comment": "Yes",
        }
        decision = self.env["contract.decision"].with_user(self.seller).create(values)
        with self.assertRaises(AccessError):
            decision.with_user(self.head).action_apply()
        with self.assertRaises(AccessError):
            decision.with_user(self.head).sudo().action_apply()

    @mute_logger(*RULES)
    def test_lines_in_somebody_elses_dialog(self):
        rows = self.rows(self.business)
        parents = {
            "contract.claim.line": ("claim_id", {"receipt_id": self.receipt.id}),
            "contract.handover.line": ("handover_id", {"order_id": self.order.id}),
            "contract.term.split.line": (
                "split_id",
                {"date": "2026-10-01", "quantity": 1},
            ),
            "contract.frame.correction.line": ("correction_id", {}),
            "contract.delivery.receipt.line": (
                "receipt_id",
                {"picking_id": self.picking.id},
            ),
            "contract.delivery.receipt.move": (
                "receipt_id",
                {"move_id": self.picking.move_ids.id},
            ),
        }
        for name, (inverse, vals) in parents.items():
            theirs = rows[name][inverse]
            mine = theirs.with_user(self.everybody).sudo().copy().sudo(False)
            line = mine.env[name].sudo().create({inverse: mine.id, **vals}).sudo(False)
            lines = next(
                field.name
                for field in mine._fields.values()
                if field.type == "one2many" and field.comodel_name == name
            )
            foreign = rows[name].id
            with self.subTest(line=name):
                self.assert_refused(
                    (line, "create", {inverse: theirs.id, **vals}),
                    (line, "write", {inverse: theirs.id}),
                    (line, "onchange", {inverse: theirs.id}, [inverse], {}),
                    (
                        self.defaulting(line, inverse, theirs.id),
                        "default_get",
                        [inverse],
                    ),
                    *(
                        (mine, method, {lines: [command]})
                        for command in (
                            Command.link(foreign),
                            Command.update(foreign, {}),
                            Command.delete(foreign),
                            Command.set([foreign]),
                        )
                        for method in ("write", "create")
                    ),
                    (mine, "onchange", {lines: [[4, foreign]]}, [lines], {}),
                )

    # ------------------------------------------------------------------
    # What they show
    # ------------------------------------------------------------------

    @mute_logger(*RULES)
    def test_unreadable_stays_unreadable(self):
        """Whoever can't read a document finds nothing of it in a dialog."""
        order, receipt = self.order.id, self.receipt.id
        attempts = {
            "contract.claim.line": {"order_id": order},
            "contract.handover.line": {"order_id": order},
            "contract.term.split": {"term_id": self.delivery_term.id},
            "contract.correction": {"order_id": order},
            "contract.frame.correction": {"frame_id": self.frame.id},
            "contract.circulation": {"document_id": self.document.id},
            "contract.document.filing": {"order_id": order},
            "contract.coordination.send": {"coordination_id": self.coordination.id},
            "contract.coordination.answer": {"coordination_id": self.coordination.id},
        }
        for name, vals in attempts.items():
            (fname, rec_id), *_rest = vals.items()
            dialog = self.env[name].with_user(self.rival)
            spec = {
                field.name: {}
                for field in dialog._fields.values()
                if not field.relational and field.name not in MAGIC_COLUMNS
            } | {fname: {"fields": {"display_name": {}}}}
            with self.subTest(dialog=name):
                self.assertFalse(
                    dialog.env[dialog._fields[fname].comodel_name]
                    .browse(rec_id)
                    .has_access("read")
                )
                defaulting = self.defaulting(dialog, fname, rec_id)
                self.assert_refused(
                    (dialog, "create", vals),
                    (dialog, "onchange", dict(vals), [fname], spec),
                    (dialog, "onchange", dict(vals), [], spec),
                    (dialog, "onchange", {fname: {"id": rec_id}}, [fname], spec),
                    (defaulting, "onchange", {}, [], spec),
                    (defaulting, "default_get", [fname]),
                )
        claim = self.env["contract.claim"].with_user(self.rival)
        for line in ({"order_id": order}, {"frame_id": self.frame.id}):
            with self.assertRaises(AccessError):
                claim.create(
                    {
                        "receipt_ids": [Command.set([receipt])],
                        "line_ids": [
                            Command.create({"receipt_id": receipt, "amount": 1, **line})
                        ],
                    }
                )
            with self.assertRaises(AccessError):
                claim.onchange(
                    {"line_ids": [[0, "virtual_1", line]]},
                    ["line_ids"],
                    {"line_ids": {"fields": {"contract_number": {}}}},
                )

    def test_a_handover_shows_own_companies(self):
        """The list of contracts is searched with the user's own rights."""
        other = self.env["res.company"].create({"name": "Other Works"})
        handover = self.env["contract.handover"].with_user(self.business)
        with self.assertRaises(AccessError), mute_logger(*RULES):
            handover.onchange(
                {"company_id": other.id, "from_user_id": self.seller.id},
                ["company_id"],
                {"line_ids": {"fields": {"contract_number": {}}}},
            )

    @mute_logger(*RULES)
    def test_read_again_when_applied(self):
        """Who lost the contract meanwhile doesn't act on it any more."""
        split = (
            self.env["contract.term.split"]
            .with_user(self.seller)
            .create({"term_id": self.delivery_term.id})
        )
        self.order.user_id = self.rival
        with self.assertRaises(AccessError):
            split.action_apply()

    # ------------------------------------------------------------------
    # Odd values
    # ------------------------------------------------------------------

    def test_odd_documents(self):
        self.submit()
        for odd in (["a"], {"a": 1}, "x", True, [True], [[1]], 3, [2**70], [0], [None]):
            for model, shown, values in (
                ("contract.decision", "document_names", {"verb": "approve"}),
                ("contract.reason", "note", {"step": "void", "reason": "So"}),
            ):
                vals = {"res_model": "contract.deviation", "res_ids": odd, **values}
                with self.subTest(dialog=model, odd=odd):
                    dialog = self.env[model].with_user(self.head)
                    row = dialog.create(vals)
                    with self.fails("Choose the documents"):
                        row.action_apply()
                    with self.fails("Choose the documents"):
                        row.read()
                    with self.fails("Choose the documents"):
                        dialog.onchange(vals, ["res_ids"], {shown: {}})
        for model in ("a", True, ["contract.deviation"], 7):
            with self.fails("Choose the documents"):
                self.env["contract.decision"].with_user(self.head).create(
                    {"res_model": model, "res_ids": [1], "verb": "approve"}
                ).action_apply()

    def test_odd_values(self):
        claim = self.env["contract.claim"].with_user(self.seller)
        for odd in (["a"], {"a": 1}, "x", True, [[4, "x"]], [[9, 1]], [[0]], [2**70]):
            with self.subTest(odd=odd):
                with self.fails("enter another value"):
                    claim.create({"receipt_ids": odd})
                with self.fails("enter another value"):
                    claim.create({"line_ids": odd})
        line = self.env["contract.claim.line"].with_user(self.seller)
        for vals in (
            {"receipt_id": "x"},
            {"receipt_id": [self.receipt.id]},
            {"order_id": True},
            {"amount": "abc"},
            {"amount": [1]},
            {"origin": "nobody"},
        ):
            with self.subTest(vals=vals):
                with self.fails("enter another value"):
                    line.create(vals)
                with self.fails("enter another value"):
                    line.onchange(vals, list(vals), {})
        with self.fails("deleted meanwhile"):
            line.create({"order_id": 2**31 - 1})
