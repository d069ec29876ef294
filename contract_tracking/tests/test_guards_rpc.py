from inspect import isfunction

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.models import MAGIC_COLUMNS
from odoo.service.model import call_kw
from odoo.tests import HttpCase, JsonRpcException
from odoo.tools import mute_logger

from ..models.base.contract_system_mixin import MAIL_PREFIXES
from ..tools.guard import unguarded
from .roles import RoleCase

ALL = (
    "seller",
    "owner",
    "supervisor",
    "head",
    "member",
    "business",
    "manager",
    "director",
    "leader",
    "auditor",
    "rival",
    "outsider",
    "stock_user",
    "biller",
    "finance",
    "portal",
    "public",
)
OFFICE = ("business", "manager", "director")
SALES = ("seller", "director")
FINANCE = ("finance",)
ACTING = ("owner", "supervisor", "head", "member", *OFFICE)
READING = ("seller", *ACTING, "leader", "auditor")
# who follows the contract states it; a statement of the seller is read by him and
# by those who state everything
FOLLOWING = ("seller", *ACTING, "finance")
STATING = ("seller", *OFFICE, "finance")

# what every document that is decided has: the deviation of the seller's contract is
# decided by the head of the office, then by leaders
APPROVAL = {
    "action_submit": ("seller", *ACTING),
    "action_approve": ("head",),
    "action_refuse": ("head",),
    "action_return": ("head",),
    "action_withdraw": ("seller",),
    "action_remind": ("seller", *ACTING),
    # these open a window only
    "action_open_decide": None,
    "action_open_oral": None,
    "action_open_refuse": None,
    "action_open_return": None,
}

# method → who may call it on the contract of RoleCase (in effect, sold by the seller)
PUBLIC = {
    "contract.home": {"get_home": ALL},
    "contract.approval.step": {
        "action_approve": ("head",),
        "action_open_refuse": ("head",),
        "action_open_return": ("head",),
        "action_open_document": READING,
    },
    "sale.order": {
        "action_contract_assign_number": SALES,
        "action_contract_track": SALES,
        "action_contract_complete": OFFICE,
        "action_contract_renew": SALES,
        "action_contract_release_supply": SALES,
        "action_contract_record": ("seller", *ACTING),
        "action_contract_find_deviations": ("seller", *ACTING),
        "action_contract_figure": (*READING, "finance"),
        "action_view_contract_deviations": None,
        # these open a window only
        "action_contract_reason": None,
        "action_view_contract_records": None,
        "action_contract_papers": None,
        "action_contract_not_applicable": None,
        "action_contract_reagreements": None,
        "action_contract_terminations": None,
        "action_contract_terminate": None,
        "action_contract_reagree": None,
        "action_contract_sign": None,
        "action_contract_event": None,
        "action_contract_claim": None,
        "action_contract_remind": None,
        "action_contract_plan": None,
        "action_contract_progress_plan": None,
        "action_view_contract_plans": None,
        "action_contract_analyse": None,
        "action_view_contract_receipts": None,
    },
    "contract.term": {
        "action_contract_figure": (*READING, "finance"),
        "action_split": None,
        "action_move": None,
        "action_waive": None,
        "action_open_order": None,
    },
    "contract.tracking.record": {
        "action_confirm": ("seller", *ACTING),
        "action_refresh": ("seller", *ACTING),
        "action_confirm_unchanged": ("seller", *ACTING),
    },
    "contract.payment.claim": {
        "action_confirm": FINANCE,
        # these open a window only
        "action_withdraw": None,
        "action_open_order": None,
    },
    "contract.receipt": {
        "action_propose_running": (*FINANCE, "business", "manager", "director"),
        # these open a window only
        "action_claim": None,
        "action_bill_outcome": None,
        "action_look_back": None,
    },
    "contract.claim": {"action_claim": ("seller", *FINANCE, *ACTING)},
    "contract.bill.outcome": {"action_apply": FINANCE},
    "contract.frame": {
        "action_contract_not_applicable": None,
        "action_activate": ("owner", *OFFICE),
        "action_new_call_off": ("seller", "director"),
        "action_renew": ACTING,
        "action_record": ACTING,
        "action_find_deviations": ACTING,
        # who may read it: like contracts
        "action_contract_figure": None,
        "action_view_deviations": None,
        # these open a window only
        "action_frame_reason": None,
        "action_view_call_offs": None,
        "action_view_records": None,
        "action_papers": None,
        "action_reagreements": None,
        "action_reagree": None,
        "action_terminations": None,
        "action_terminate": None,
        "action_progress_plan": None,
        "action_view_plans": None,
    },
    "contract.ageing": {
        "action_open_order": None,
        "action_contract_figure": None,
        "action_remind": None,
    },
    "contract.execution.report": {"action_open_order": None},
    "contract.register": {
        "action_open_order": None,
        "action_contract_figure": None,
        "action_view_deviations": None,
        "action_xlsx": None,
    },
    "contract.figure.row": {"action_open_document": None},
    "contract.statement": {
        "action_refresh": STATING,
        "action_mark_sent": STATING,
        "action_confirm": STATING,
        "action_difference": STATING,
        "action_send": None,
        "action_xlsx": None,
    },
    "res.partner": {
        "action_contract_statement": FOLLOWING,
        "action_view_contracts": None,
        "action_view_contract_ageing": None,
    },
    "contract.ageing.date": {"action_apply": None},
    "contract.correction": {"action_apply": OFFICE},
    "contract.frame.correction": {"action_apply": OFFICE},
    "contract.reason": {"action_apply": OFFICE},
    "contract.term.split": {"action_apply": ("seller", *ACTING)},
    "stock.picking": {
        "action_contract_receipt": None,
        # whom the gate asks is tested with it
        "action_contract_ask_owner": None,
        "action_contract_release_original": None,
        "action_contract_release_telex": None,
    },
    "contract.delivery.receipt": {"action_apply": ("seller", *ACTING, "stock_user")},
    "contract.handover": {"action_apply": ("head", *OFFICE)},
    "contract.approval.mixin": APPROVAL,
    # who may fill and close a plan, and report on a task, is tested with plans
    "contract.plan": {
        **APPROVAL,
        "action_fill": ("seller", *ACTING),
        "action_spread": ("seller", *ACTING),
        "action_propose_risks": None,
        "action_close": None,
        # these open a window only
        "action_replan": None,
        "action_view_versions": None,
    },
    "contract.plan.line": {
        "action_report": None,
        "action_hand_on": None,
        "action_open_plan": None,
    },
    "contract.plan.report": {"action_apply": None},
    "contract.termination": {
        **APPROVAL,
        "action_assess": ("seller", *ACTING),
        "action_notice": ("seller", *ACTING),
        "action_force": OFFICE,
        # these open a window only
        "action_resume": None,
        "action_prolong": None,
    },
    "contract.reagreement": {
        **APPROVAL,
        "action_propose": ("seller", *ACTING),
        "action_reckon": ("seller", *ACTING),
    },
    "contract.deviation": {
        **APPROVAL,
        "action_analyse": ("seller", *ACTING),
        "action_one_report": ("seller", *ACTING),
        "action_take_out": ("seller", *ACTING),
        # these open a window only
        "action_own_done": None,
        "action_report": None,
        "action_verify": None,
        "action_not_verified": None,
        "action_waive": None,
        "action_dismiss": None,
        "action_hand_over": None,
        "action_view_lead": None,
    },
    "contract.action": {
        "action_done": None,
        "action_drop": None,
        "action_open_document": None,
        "action_verify": None,
        "action_send_back": None,
    },
    "contract.document": {
        # these open a window only
        "action_file_message": None,
        "create_document_from_attachment": None,
        "action_acknowledge": None,
        "action_circulate": None,
    },
    "contract.papers.mixin": {"action_contract_not_applicable": None},
    # opens a window, or takes the answer of who is asked only
    "contract.acknowledgement.mixin": {
        "action_acknowledge": None,
        "action_ask_question": None,
        "action_reply_question": None,
    },
    # who may ask whom: in the tests of acknowledgements
    "contract.circulation": {"action_circulate": None},
    # who may correct: by its two windows
    "contract.correction.mixin": {"action_apply": None},
    "contract.document.filing": {"action_file": ("seller", *ACTING)},
    "ir.http": {"session_info": None},
    "ir.actions.report": {"get_paperformat": None},
    "contract.decision": {"action_apply": ("head",)},
    "mail.activity": {
        "action_contract_approve": ("head",),
        # opens a window only
        "action_contract_refuse": None,
    },
}
# deviations, reported where they are seen: tested with them
for model in (
    "account.move",
    "account.payment",
    "contract.frame",
    "contract.report.mixin",
    "contract.statement",
    "contract.term",
    "sale.order",
    "stock.picking",
):
    PUBLIC.setdefault(model, {})["action_contract_report"] = None
PUBLIC["contract.deviation.seen"] = {"action_report": None}
# coordination documents: what became of one is decided by its sender
SENDER = ("seller", *OFFICE)
PUBLIC["sale.order"] |= {
    "action_contract_coordinate": None,
    "action_contract_remind": None,
    "action_view_contract_coordinations": None,
}
PUBLIC["contract.frame"] |= {
    "action_coordinate": None,
    "action_remind": None,
    "action_view_coordinations": None,
}
PUBLIC["contract.deviation"]["action_coordinate"] = None
PUBLIC |= {
    "contract.coordination": {
        "action_send": ("seller", *ACTING),
        "action_next_stage": ("seller", *ACTING),
        "action_close": SENDER,
        # these open a window only
        "action_create_action": None,
        "action_reagree": None,
        "action_reply": None,
    },
    "contract.coordination.reply": {
        "action_take_over": SENDER,
        "action_dismiss": SENDER,
        # these open a window only
        "action_reply": None,
        "action_create_action": None,
        "action_ask_again": None,
    },
    "contract.coordination.send": {"action_send": ("seller", *ACTING)},
    "contract.coordination.answer": {"action_reply": ("rival",)},
}
# risk shipments: who applies, limits, ticks and revokes is tested with them
PUBLIC["sale.order"] |= {
    "action_contract_apply_risk": None,
    "action_contract_risks": None,
}
PUBLIC["stock.picking"] |= {
    "action_contract_apply_risk": None,
    "action_contract_risks": None,
}
PUBLIC["res.partner"]["action_view_contract_risks"] = None
PUBLIC |= {
    "contract.risk.shipment": {
        **APPROVAL,
        "action_refresh": None,
        # these open a window only
        "action_open_limits": None,
        "action_revoke": None,
        "action_view_deliveries": None,
    },
    "contract.risk.condition": {"action_tick": None},
    "contract.risk.limit": {"action_set": None, "action_apply": None},
}
# reviews: who gives his opinion, and what waits for it, is tested with them
PUBLIC["contract.parent.mixin"] = {
    **PUBLIC.get("contract.parent.mixin", {}),
    "action_contract_clauses": None,
}
PUBLIC["sale.order"] |= {
    "action_contract_review": None,
    "action_contract_reviews": None,
    "action_contract_clauses": None,
}
PUBLIC["contract.frame"] |= {
    "action_review": None,
    "action_reviews": None,
    "action_contract_clauses": None,
}
PUBLIC |= {
    "contract.review": {
        **APPROVAL,
        "action_follow": None,
        # who attests, answers, sees the customer's figures is tested with them
        "action_attest_terms": None,
        "action_checklist_update": None,
        "action_standing_ageing": None,
        "action_standing_contracts": None,
        "action_standing_deviations": None,
        "action_standing_risks": None,
        # opens a window only
        "action_open_opinion": None,
    },
    "contract.review.opinion": {"action_apply": None},
    "contract.clause.choice": {"action_apply": None},
}
# change requests: who asks, negotiates, ends is tested with them
PUBLIC["sale.order"] |= {
    "action_contract_change": None,
    "action_contract_changes": None,
    "action_contract_change_next": None,
}
PUBLIC["contract.frame"] |= {"action_change": None, "action_changes": None}
PUBLIC["contract.coordination"] |= {"action_request_change": None}
PUBLIC["contract.deviation"] |= {"action_request_change": None}
PUBLIC["contract.change"] = {
    **APPROVAL,
    "action_negotiate": None,
    "action_follow_up": None,
    # these open a window only
    "action_again": None,
    "action_end": None,
}
# settlements: who settles and decides is tested with them
PUBLIC["sale.order"] |= {
    "action_contract_settle": ("seller", *ACTING),
    "action_contract_settlements": None,
}
PUBLIC |= {
    "contract.settlement": {
        **APPROVAL,
        "action_refresh": ("seller", *ACTING),
        "action_propose_actions": ("seller", *ACTING),
        # opens a window only
        "action_send": None,
    },
}
# months: who writes, submits, corrects is tested with them
PUBLIC |= {
    "contract.monthly.record": {
        **APPROVAL,
        "action_refresh": None,
        "action_propose": None,
        # these open a window only
        "action_correct": None,
        "action_open_lines": None,
        # these hand over a file of what their caller reads
        "action_xlsx": None,
        "action_xlsx_month": None,
    },
    "contract.monthly.record.line": {"action_contract_figure": None},
    "contract.monthly.bridge": {"action_open": None},
    "contract.monthly.write": {"action_apply": None},
}
# early warnings: who dismisses them is tested with them
PUBLIC["sale.order"]["action_view_contract_warnings"] = None
PUBLIC["contract.frame"]["action_view_warnings"] = None
PUBLIC["contract.warning"] = {"action_dismiss": None}
# signing: who signs, holds, hands over and accepts is tested with it
SIGNING = {"action_contract_hand_papers": None, "action_contract_originals": None}
PUBLIC |= {
    "contract.signing.mixin": SIGNING,
    "contract.counterpart": {"action_give": None},
    "contract.paper.handover": {
        "action_submit": None,
        "action_accept": None,
        "action_return_papers": None,
    },
}
# archive: who hands over, keeps, lends and disposes is tested with it
PUBLIC |= {
    "contract.archived.mixin": {"action_contract_archive": None},
    "contract.archive": {
        "action_submit": None,
        "action_accept": None,
        "action_return_files": None,
        "action_checklist_update": None,
        "action_lend": None,
        "action_papers": None,
        "action_loans": None,
        "action_dispose": None,
        "action_download": None,
    },
    "contract.archive.loan": {
        "action_agree": None,
        "action_hand_out": None,
        "action_take_back": None,
        "action_withdraw": None,
        "action_decline": None,
        "action_extend": None,
    },
    "contract.archive.disposal": {**APPROVAL, "action_carry_out": None},
}
# order entry: who checks and releases is tested with it
PUBLIC["sale.order"] |= {
    "action_contract_check_order": None,
    "action_contract_intakes": None,
}
PUBLIC |= {
    "contract.intake": {
        **APPROVAL,
        "action_refresh": None,
        "action_all_right": None,
        "action_return_wrong": None,
        "action_release": None,
    },
}
# briefings: who briefs, reads, asks and replies is tested with them
BRIEFING = {"action_contract_brief": None, "action_contract_briefings": None}
PUBLIC |= {
    "contract.briefing.mixin": BRIEFING,
    "contract.briefing": {"action_send": None, "action_view_not_read": None},
    "contract.release": {},
    "contract.briefing.part": {},
}
for model in ("sale.order", "contract.frame"):
    PUBLIC[model] |= SIGNING | BRIEFING | PUBLIC["contract.archived.mixin"]
for model in ("contract.document", "contract.release", "contract.briefing.part"):
    PUBLIC[model] |= PUBLIC["contract.acknowledgement.mixin"]
# what is on its way: who records it, and who sees to exceptions, is tested with it
PUBLIC["sale.order"] |= {
    "action_contract_after_sales": ("seller", *ACTING),
    # these open a list only
    "action_contract_execution": None,
    "action_contract_logistics_report": None,
}
PUBLIC["stock.picking"] |= {
    "action_contract_logistics": None,
    "action_contract_exception": None,
    "action_view_contract_exceptions": None,
}
PUBLIC |= {
    "contract.execution.plan": {
        "action_open_order": None,
        "action_open_purchases": None,
        "action_open_productions": None,
    },
    "contract.logistics.report": {"action_open_delivery": None},
    "contract.logistics.entry": {
        "action_apply": ("seller", *ACTING, "stock_user"),
    },
    "contract.logistics.sheet": {"action_print": None},
    "contract.logistics.exception": {
        "action_contract_report": None,
        # these open a window only
        "action_handle": None,
        "action_close": None,
        "action_coordinate": None,
        "action_open_delivery": None,
    },
}
# of the mechanisms: they open a window only
WINDOWS = {"action_open_contract", "action_void"}
# extensions of core's methods
CORE = {
    "get_formview_id",
    "set_values",
    "action_archive",
    "action_cancel",
    "action_draft",
    "action_reject",
    "action_undo_reconciliation",
    "button_draft",
    "copy",
    "copy_data",
    "create",
    "db_id_for",
    "default_get",
    "execute_import",
    "get_import_templates",
    "get_view",
    "load",
    "message_post",
    "onchange",
    "read",
    "search_fetch",
    "unlink",
    "web_read",
    "write",
    "formatted_read_group",
    "formatted_read_grouping_sets",
}


class TestPublicMethods(RoleCase):
    """What a client can call, called by everybody."""

    def attempt(self, user, call):
        """Whether ``call`` goes through; nothing of it stays."""

        class Done(Exception):
            pass

        try:
            with self.env.cr.savepoint():
                call(self.env(user=user))
                raise Done
        except Done:
            return True
        except UserError:
            return False
        finally:
            self.env.invalidate_all()

    def assert_callers(self, model, method, call, expected=None):
        expected = expected or PUBLIC[model][method]
        with mute_logger(
            "odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule"
        ):
            for name in ALL:
                with self.subTest(model=model, method=method, user=name):
                    self.assertEqual(
                        self.attempt(getattr(self, name), call), name in expected
                    )

    def test_list_is_complete(self):
        """A new public method needs a line above, and a test."""
        prefix = "odoo.addons.contract_tracking."
        for model in self.env.registry:
            found = {
                name
                for cls in self.env.registry[model].__mro__
                if cls.__module__.startswith(prefix)
                for name, value in vars(cls).items()
                if not name.startswith("_")
                and isfunction(value)
                and not hasattr(value, "_api_private")
            }
            with self.subTest(model=model):
                self.assertEqual(found - CORE - WINDOWS, set(PUBLIC.get(model, {})))

    def test_assign_number(self):
        order = self.new_order(user_id=self.seller.id, team_id=self.team.id)
        order.contract_owner_id = self.owner
        self.assert_callers(
            "sale.order",
            "action_contract_assign_number",
            lambda env: order.with_env(env).action_contract_assign_number(),
        )

    def test_track(self):
        self.company.contract_track_mode = "manual"
        order = self.new_contract(
            "2026-09-01", user_id=self.seller.id, team_id=self.team.id
        )
        self.assert_callers(
            "sale.order",
            "action_contract_track",
            lambda env: order.with_env(env).action_contract_track(),
        )

    def test_release_supply(self):
        unguarded(self.order).contract_supply_held = True
        self.assert_callers(
            "sale.order",
            "action_contract_release_supply",
            lambda env: self.order.with_env(env).action_contract_release_supply(),
        )

    def test_complete(self):
        self.order.contract_term_ids.with_user(self.business)._waive("Settled")
        self.assert_callers(
            "sale.order",
            "action_contract_complete",
            lambda env: self.order.with_env(env).action_contract_complete(),
        )

    def test_renew(self):
        self.assert_callers(
            "sale.order",
            "action_contract_renew",
            lambda env: self.order.with_env(env).action_contract_renew(),
        )

    def test_figures(self):
        term = self.order.contract_term_ids.filtered(lambda t: t.kind == "payment")[0]
        for record, figure in ((self.order, "invoiced"), (term, "paid")):
            self.assert_callers(
                record._name,
                "action_contract_figure",
                lambda env, record=record, figure=figure: (
                    record.with_env(env)
                    .with_context(contract_figure=figure)
                    .action_contract_figure()
                ),
            )

    def test_records(self):
        self.assert_callers(
            "sale.order",
            "action_contract_find_deviations",
            lambda env: self.order.with_env(env).action_contract_find_deviations(),
        )
        self.assert_callers(
            "sale.order",
            "action_contract_record",
            lambda env: self.order.with_env(env).action_contract_record(),
        )
        record = self.env["contract.tracking.record"].create(
            {"order_id": self.order.id, "date": "2026-09-10"}
        )
        for method in ("action_confirm", "action_refresh", "action_confirm_unchanged"):
            self.assert_callers(
                "contract.tracking.record",
                method,
                lambda env, m=method: getattr(record.with_env(env), m)(),
            )

    def test_logistics(self):
        delivery = self.deliver(self.order, "2026-09-10")

        def record(env):
            env["contract.logistics.entry"].create(
                {"picking_ids": [Command.set(delivery.ids)], "tracking_ref": "SF1"}
            ).action_apply()

        self.assert_callers("contract.logistics.entry", "action_apply", record)

    def test_after_sales(self):
        self.env["contract.department"].create(
            {"name": "Service", "member_ids": [Command.set(self.owner.ids)]}
        )
        self.company.contract_effective_rule = "signature"
        order = self.new_role_contract()
        self.assert_callers(
            "sale.order",
            "action_contract_after_sales",
            lambda env: order.with_env(env).action_contract_after_sales(),
        )

    def new_receipt(self, **values):
        """Money of the customer that nobody has claimed yet."""
        journal = self.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", self.company.id)], limit=1
        )
        payment = self.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 100,
                "date": "2026-10-02",
                "journal_id": journal.id,
                **values,
            }
        )
        payment.action_post()
        return payment

    def test_claims(self):
        payment = self.new_receipt()

        def claim(env):
            env["contract.claim"].create(
                {
                    "receipt_ids": [Command.set([payment.id * 2])],
                    "line_ids": [
                        Command.create(
                            {
                                "receipt_id": payment.id * 2,
                                "order_id": self.order.id,
                                "amount": 60,
                            }
                        )
                    ],
                }
            ).action_claim()

        self.assert_callers("contract.claim", "action_claim", claim)
        self.company.contract_claim_confirm = True
        claims = (
            self.env["contract.payment.claim"]
            .with_user(self.seller)
            .create({"payment_id": payment.id, "order_id": self.order.id, "amount": 60})
        )
        self.assertEqual(claims.state, "to_confirm")
        self.assert_callers(
            "contract.payment.claim",
            "action_confirm",
            lambda env: claims.with_env(env).action_confirm(),
        )
        self.partner.contract_running_account = True
        self.assert_callers(
            "contract.receipt",
            "action_propose_running",
            lambda env: env["contract.receipt"].action_propose_running(),
        )

    def test_coordination(self):
        document = self.env["contract.coordination"].create(
            {
                "order_id": self.order.id,
                "user_id": self.seller.id,
                "subject": "Pumps are late",
                "kind": "reminder",
                "reply_date": "2099-01-01",
                "reply_ids": [
                    Command.create({"kind": "user", "user_id": self.rival.id})
                ],
            }
        )

        def call(method):
            self.assert_callers(
                document._name,
                method,
                lambda env: getattr(document.with_env(env), method)(),
            )

        def window(env, model, values, method):
            wizard = env[f"contract.coordination.{model}"].create(values)
            getattr(wizard, method)()

        line = document.reply_ids
        call("action_send")
        self.assert_callers(
            "contract.coordination.send",
            "action_send",
            lambda env: window(
                env, "send", {"coordination_id": document.id}, "action_send"
            ),
        )
        document.with_user(self.seller).action_send()
        call("action_next_stage")
        self.assert_callers(
            "contract.coordination.answer",
            "action_reply",
            lambda env: window(
                env, "answer", {"line_id": line.id, "reply_text": "x"}, "action_reply"
            ),
        )
        unguarded(line).proposed_text = "By e-mail"
        for method in ("action_take_over", "action_dismiss"):
            self.assert_callers(
                line._name,
                method,
                lambda env, m=method: getattr(line.with_env(env), m)(),
            )
        line.with_user(self.seller).action_take_over()
        document.with_user(self.seller).outcome = "Agreed"
        call("action_close")

    def test_decisions(self):
        # a leader who is asked later reads, and doesn't decide yet
        deviation = self.env["contract.deviation"].create(
            {
                "order_id": self.order.id,
                "user_id": self.seller.id,
                "summary": "Pumps are dented.",
                "cause_id": self.env.ref(
                    "contract_tracking.deviation_cause_quality"
                ).id,
                "recommendation": "Repaint them.",
            }
        )
        unguarded(deviation).state = "analysed"
        model = "contract.deviation"
        self.assert_callers(
            model,
            "action_submit",
            lambda env: deviation.with_env(env).action_submit(),
        )
        deviation.with_user(self.seller).action_submit()
        for method, *args in (
            ("action_approve",),
            ("action_refuse", "no"),
            ("action_return", "why"),
            ("action_withdraw",),
            ("action_remind",),
        ):
            self.assert_callers(
                model,
                method,
                lambda env, m=method, a=args: getattr(deviation.with_env(env), m)(*a),
            )
        self.assert_callers(
            "contract.decision",
            "action_apply",
            lambda env: (
                env["contract.decision"]
                .create({"res_model": model, "res_ids": deviation.ids, "verb": "add",
                         "user_id": self.business.id})
                .action_apply()
            ),
        )  # fmt: skip
        step = deviation.step_ids.filtered(lambda s: s.state == "pending")
        for method in PUBLIC["contract.approval.step"]:
            self.assert_callers(
                "contract.approval.step",
                method,
                lambda env, m=method: getattr(step.with_env(env), m)(),
            )
        activity = deviation.activity_ids
        self.assertEqual(activity.user_id, self.head)
        self.assert_callers(
            "mail.activity",
            "action_contract_approve",
            lambda env: activity.with_env(env).action_contract_approve(),
        )

    def test_home(self):
        self.assert_callers(
            "contract.home", "get_home", lambda env: env["contract.home"].get_home()
        )

    def test_reagreement(self):
        self.order.order_line.product_uom_qty = 12
        record = self.env["contract.reagreement"].create({"order_id": self.order.id})
        for method in ("action_propose", "action_reckon"):
            self.assert_callers(
                "contract.reagreement",
                method,
                lambda env, name=method: getattr(record.with_env(env), name)(),
            )

    def test_settlement(self):
        self.assert_callers(
            "sale.order",
            "action_contract_settle",
            lambda env: self.order.with_env(env).action_contract_settle(),
        )
        settlement = self.env["contract.settlement"].create(
            {
                "order_id": self.order.id,
                "deduction_ids": [Command.create({"amount": 1, "basis": "Late"})],
            }
        )
        for method in ("action_refresh", "action_propose_actions"):
            self.assert_callers(
                "contract.settlement",
                method,
                lambda env, name=method: getattr(settlement.with_env(env), name)(),
            )

    def test_termination(self):
        record = self.env["contract.termination"].create(
            {"order_id": self.order.id, "date_from": "2026-10-01"}
        )
        self.assert_callers(
            "contract.termination",
            "action_assess",
            lambda env: record.with_env(env).action_assess(),
        )
        attachment = self.env["ir.attachment"].create({"name": "x", "raw": b"x"})
        paper = self.env["contract.document"].create(
            {
                "name": "Receipt",
                "order_id": self.order.id,
                "type_id": self.env.ref("contract_tracking.document_type_letter").id,
                "date": "2026-10-01",
                "attachment_ids": [Command.link(attachment.id)],
            }
        )
        unguarded(record).write(
            {
                "state": "approved",
                "is_unilateral": True,
                "basis": "law",
                "notice_date": "2026-10-01",
                "notice_means": "courier",
                "notice_document_id": paper.id,
                "consent_id": paper.id,
            }
        )
        self.assert_callers(
            "contract.termination",
            "action_notice",
            lambda env: record.with_env(env).action_notice(),
        )
        unguarded(record).is_unilateral = False
        self.assert_callers(
            "contract.termination",
            "action_force",
            lambda env: record.with_env(env).action_force(),
        )

    def test_plan(self):
        plan = self.env["contract.plan"].create({"order_id": self.order.id})
        for method in ("action_fill", "action_spread"):
            self.assert_callers(
                "contract.plan",
                method,
                lambda env, name=method: getattr(plan.with_env(env), name)(),
            )

    def test_deviations(self):
        values = {
            "order_id": self.order.id,
            "user_id": self.seller.id,
            "summary": "Pumps are dented.",
            "cause_id": self.env.ref("contract_tracking.deviation_cause_quality").id,
        }
        deviation, other = self.env["contract.deviation"].create([values, values])
        model = "contract.deviation"
        self.assert_callers(
            model,
            "action_one_report",
            lambda env: (deviation + other).with_env(env).action_one_report(),
        )
        other.lead_id = deviation
        self.assert_callers(
            model,
            "action_take_out",
            lambda env: other.with_env(env).action_take_out(),
        )
        self.assert_callers(
            model,
            "action_analyse",
            lambda env: deviation.with_env(env).action_analyse(),
        )
        self.assert_callers(
            "contract.reason",
            "action_apply",
            lambda env: (
                env["contract.reason"]
                .create(
                    {
                        "res_model": deviation._name,
                        "res_ids": deviation.ids,
                        "step": "cancel",
                        "reason": "False.",
                    }
                )
                .action_apply()
            ),
            ("head", "member", *OFFICE),
        )

    def test_bill_outcome(self):
        payment = self.new_receipt(
            contract_instrument_id=self.env.ref("contract_tracking.instrument_lc").id
        )
        self.assert_callers(
            "contract.bill.outcome",
            "action_apply",
            lambda env: (
                env["contract.bill.outcome"]
                .create({"payment_id": payment.id, "date": "2026-11-01"})
                .action_apply()
            ),
        )

    def test_frames(self):
        frame = self.new_frame(
            self.owner, supervisor_id=self.supervisor.id, team_id=self.team.id
        )
        # who sells a call-off reads what was agreed
        self.new_contract(
            "2026-02-01", user_id=self.seller.id, contract_frame_id=frame.id
        )
        draft = self.new_frame(
            self.owner,
            day=False,
            supervisor_id=self.supervisor.id,
            team_id=self.team.id,
        )
        with freeze_time("2026-06-01 02:00:00"):
            for method in (
                "action_new_call_off",
                "action_renew",
                "action_record",
                "action_find_deviations",
            ):
                self.assert_callers(
                    "contract.frame",
                    method,
                    lambda env, m=method: getattr(frame.with_env(env), m)(),
                )
            self.assert_callers(
                "contract.frame",
                "action_activate",
                lambda env: draft.with_env(env).action_activate(),
            )
        self.assert_callers(
            "contract.frame.correction",
            "action_apply",
            lambda env: (
                env["contract.frame.correction"]
                .with_context(default_frame_id=frame.id)
                .create({"reason": "x", "client_ref": "K-9", "amount_total": 5})
                .action_apply()
            ),
        )
        for step in ("close", "cancel_frame"):
            self.assert_callers(
                "contract.reason",
                "action_apply",
                lambda env, step=step: (
                    env["contract.reason"]
                    .create(
                        {
                            "res_model": "contract.frame",
                            "res_ids": (draft if step != "close" else frame).ids,
                            "step": step,
                            "reason": "x",
                        }
                    )
                    .action_apply()
                ),
            )

    def test_statements(self):
        self.assert_callers(
            "res.partner",
            "action_contract_statement",
            lambda env: self.partner.with_env(env).action_contract_statement(),
        )
        statement = self.env(user=self.seller)["contract.statement"].create(
            {"partner_id": self.partner.id, "date_from": "2026-09-01"}
        )

        def call(method):
            self.assert_callers(
                "contract.statement",
                method,
                lambda env: getattr(statement.with_env(env), method)(),
            )

        call("action_refresh")
        call("action_mark_sent")
        statement.action_mark_sent()
        statement.difference_note = "April"
        statement.attachment_ids = [
            Command.create({"name": "sealed.pdf", "raw": b"seal"})
        ]
        call("action_confirm")
        call("action_difference")

    def test_wizards(self):
        self.assert_callers(
            "contract.correction",
            "action_apply",
            lambda env: (
                env["contract.correction"]
                .with_context(default_order_id=self.order.id)
                .create({"reason": "x", "number": "HT-9"})
                .action_apply()
            ),
        )
        term = self.order.contract_term_ids[0]
        self.company.contract_cancel_office = True
        for step, record in (
            ("suspend", self.order),
            ("terminate", self.order),
            ("cancel", self.order),
            ("waive", term),
        ):
            self.assert_callers(
                "contract.reason",
                "action_apply",
                lambda env, step=step, record=record: (
                    env["contract.reason"]
                    .create(
                        {
                            "res_model": record._name,
                            "res_ids": record.ids,
                            "step": step,
                            "reason": "x",
                        }
                    )
                    .action_apply()
                ),
            )

    def test_split(self):
        self.company.contract_effective_rule = "signature"
        order = self.new_role_contract(template=None)
        term = order.contract_term_ids

        def split(env):
            wizard = (
                env["contract.term.split"]
                .with_context(default_term_id=term.id)
                .create({})
            )
            wizard.line_ids = [
                Command.clear(),
                Command.create({"date": "2026-10-01", "quantity": 4}),
                Command.create({"date": "2026-11-01", "quantity": 6}),
            ]
            wizard.action_apply()

        self.assert_callers("contract.term.split", "action_apply", split)

    def test_receipt(self):
        picking = self.deliver(self.order, "2026-09-20", pump=4)
        self.assert_callers(
            "contract.delivery.receipt",
            "action_apply",
            lambda env: (
                env["contract.delivery.receipt"]
                .create(
                    {
                        "picking_ids": [Command.set(picking.ids)],
                        "date": "2026-09-21",
                    }
                )
                .action_apply()
            ),
        )

    def test_handover(self):
        self.assert_callers(
            "contract.handover",
            "action_apply",
            lambda env: (
                env["contract.handover"]
                .create(
                    {
                        "from_user_id": self.owner.id,
                        "to_user_id": self.colleague.id,
                        "reason": "x",
                    }
                )
                .action_apply()
            ),
        )

    def test_confirmation_stays_with_sales(self):
        """Core's own confirmation: who answers for a contract only reads the order."""
        order = self.new_order(user_id=self.seller.id, team_id=self.team.id)
        order.contract_owner_id = self.owner
        for name in ("owner", "supervisor", "head", "member", "business", "leader"):
            with self.subTest(user=name), self.assertRaises(AccessError):
                order.with_user(getattr(self, name)).action_confirm()
        order.with_user(self.seller).action_confirm()
        self.assertEqual(order.contract_state, "active")


class TestRemoteCalls(RoleCase):
    """What comes over the wire opens nothing."""

    def call(self, user, records, method, *args, context=None, **kwargs):
        model = self.env(user=user, context={})[records._name]
        kwargs["context"] = context or {}
        return call_kw(model, method, [records.ids, *args], kwargs)

    def test_private_methods(self):
        self.call(self.seller, self.order, "read", ["contract_number"])
        term = self.order.contract_term_ids[0]
        record = self.env["contract.tracking.record"].create(
            {"order_id": self.order.id, "date": "2026-09-10"}
        )
        calls = [
            (self.order, "_take_reason_step", "suspend", "x"),
            (self.order, "_contract_set_state", "completed"),
            (self.order, "_contract_correct", {"contract_number": "X"}, "x"),
            (self.order, "_contract_take_effect"),
            (term, "_waive", "x"),
            (term, "_stamp"),
            (record, "_void", "x"),
            (record, "_refresh"),
            (self.order.picking_ids, "_contract_record_receipt", {}, {}),
            (self.order.picking_ids, "_contract_file_receipt", []),
            (self.order.contract_history_ids, "_log", []),
            (self.env["contract.payment.claim"], "_take_back", "x"),
            (self.env["account.payment"], "_contract_bill_outcome", "honoured", "x"),
        ]
        for records, method, *args in calls:
            with self.subTest(method=method), self.assertRaises(AccessError):
                self.call(self.director, records, method, *args)
        self.assertEqual(self.order.contract_state, "active")

    def keep_default(self, model, fname, value):
        self.env["ir.default"].with_user(self.seller).set(model, fname, value, True)

    def test_defaults_that_a_user_keeps(self):
        """What only the addon fills in takes nobody's default."""
        values = {
            "boolean": True, "char": "x", "text": "x", "integer": 7, "float": 7.0,
            "monetary": 7.0, "date": "2030-01-01", "datetime": "2030-01-01 00:00:00",
            "many2one": 1,
        }  # fmt: skip
        tried = 0
        for name, model in self.env.items():
            if (
                not name.startswith("contract.")
                or model._transient
                or not model._auto
                or model._abstract
            ):
                continue
            fnames = {
                fname
                for fname, field in model._fields.items()
                if field.store
                and field.readonly
                and fname not in MAGIC_COLUMNS
                and not fname.startswith(MAIL_PREFIXES)
                and (field.type in values or field.type == "selection")
            }
            if hasattr(model, "_contract_system"):
                # whoever claims or answers says what of
                fnames &= model._contract_system()
            elif not model.with_user(self.seller).has_access("create"):
                continue
            for fname in fnames:
                field = model._fields[fname]
                value = values.get(field.type)
                if field.type == "selection":
                    value = field.get_values(self.env)[-1]
                self.keep_default(name, fname, value)
            user_model = model.with_user(self.seller)
            # today of the company, whatever he keeps
            days = set(getattr(model, "_contract_days", ()))
            found = user_model.default_get(list(fnames))
            by_context = user_model.with_context(
                **{f"default_{fname}": 7 for fname in fnames}
            ).default_get(list(fnames))
            tried += len(fnames)
            with self.subTest(model=name):
                self.assertEqual(found, by_context)
                self.assertFalse(
                    {f for f in found if not model._fields[f].default} - days,
                )
        self.assertGreater(tried, 200)
        self.keep_default("sale.order", "contract_state", "completed")
        self.keep_default("sale.order", "contract_effective_date", "2026-01-01")
        order = self.env["sale.order"].with_user(self.seller)
        order = order.create({"partner_id": self.partner.id}).sudo()
        self.assertNotEqual(order.contract_state, "completed")
        self.assertFalse(order.contract_effective_date)

    def test_nobody_files_in_anothers_name(self):
        values = {
            "name": "Letter",
            "order_id": self.order.id,
            "type_id": self.env.ref("contract_tracking.document_type_signed").id,
            "attachment_ids": [Command.create({"name": "a.txt", "raw": b"x"})],
        }
        Paper = self.env["contract.document"].with_user(self.seller)
        with self.assertRaises(UserError):
            Paper.create({**values, "user_id": self.leader.id})
        paper = Paper.with_context(default_user_id=self.leader.id).create(values)
        self.assertEqual(paper.user_id, self.seller)
        with self.assertRaises(UserError):
            paper.user_id = self.leader

    def test_nobody_approves_by_default(self):
        self.keep_default("contract.approval.step", "state", "approved")
        deviation = self.env["contract.deviation"].with_user(self.seller)
        deviation = deviation.create(
            {
                "order_id": self.order.id,
                "kind": "late_delivery",
                "severity": "major",
                "summary": "Late.",
                "cause_id": self.env.ref(
                    "contract_tracking.deviation_cause_quality"
                ).id,
                "recommendation": "Wait.",
            }
        )
        deviation.action_analyse()
        deviation.action_submit()
        self.assertEqual(deviation.state, "submitted")
        self.assertNotIn("approved", deviation.sudo().step_ids.mapped("state"))

    def test_terms_by_default(self):
        """The contract that a context names is as fixed as one that is written."""
        terms = self.env["contract.term"].with_user(self.seller)
        values = {"kind": "clause", "name": "More"}
        with self.assertRaisesRegex(UserError, "terms are agreed"):
            terms.with_context(default_order_id=self.order.id).create(values)
        self.keep_default("contract.term", "order_id", self.order.id)
        with self.assertRaisesRegex(UserError, "terms are agreed"):
            terms.create(values)

    def test_context_of_a_client(self):
        """The key that opens guarded writes is an object, not a value."""
        term = self.order.contract_term_ids[0]
        record = self.env["contract.tracking.record"].create(
            {"order_id": self.order.id, "date": "2026-09-10"}
        )
        record.action_confirm()
        calls = [
            (self.order, "write", {"contract_state": "completed"}),
            (self.order, "write", {"contract_owner_id": self.seller.id}),
            (term, "write", {"stamped": False}),
            (term, "write", {"amount": 1}),
            (term, "unlink"),
            (record, "write", {"summary": "x"}),
            (record, "unlink"),
            (self.order.contract_history_ids[:1], "write", {"reason": "x"}),
        ]
        for value in (True, 1, "1", "_TOKEN", {"a": 1}, [], [1], "<object object>"):
            for records, method, *args in calls:
                with self.subTest(value=value, model=records._name, args=args):
                    with self.assertRaises(UserError):
                        self.call(
                            self.director,
                            records,
                            method,
                            *args,
                            context={"contract_guard": value},
                        )

    def test_defaults_of_a_client(self):
        """Defaults in the context are values as well."""
        order_values = {"partner_id": self.partner.id}
        attempts = [
            (
                "sale.order",
                order_values,
                {"contract_state": "active", "contract_effective_date": "2026-01-01"},
            ),
            (
                "sale.order",
                {"partner_id": self.partner.id},
                {"contract_agreed_amount": 5},
            ),
            (
                "contract.term",
                {"order_id": self.new_order().id, "name": "All", "percent": 100},
                {
                    "stamped": True,
                    "waived_on": "2026-09-01",
                    "waived_reason": "x",
                    "valid_to": "2026-09-01",
                },
            ),
            (
                "contract.tracking.record",
                {"order_id": self.order.id, "date": "2026-09-10"},
                {
                    "state": "confirmed",
                    "confirmed_by_id": self.leader.id,
                    "confirmed_on": "2026-09-10 00:00:00",
                    "void_reason": "x",
                },
            ),
        ]
        for model, values, defaults in attempts:
            values = dict(values)
            if model == "contract.term":
                values |= {"due_mode": "date", "date_fixed": "2026-12-01"}
            context = {f"default_{name}": value for name, value in defaults.items()}
            with self.subTest(model=model, defaults=sorted(defaults)):
                try:
                    with self.env.cr.savepoint():
                        new_id = call_kw(
                            self.env(user=self.director, context={})[model],
                            "create",
                            [values],
                            {"context": context},
                        )
                except UserError:
                    continue
                record = self.env[model].browse(new_id)
                for name in defaults:
                    expected = "draft" if name == "state" else False
                    self.assertEqual(record[name] or False, expected, name)

    def test_import_meets_the_guard(self):
        result = (
            self.env["sale.order"]
            .with_user(self.director)
            .load([".id", "contract_state"], [[str(self.order.id), "completed"]])
        )
        self.assertFalse(result["ids"])
        self.assertEqual(self.order.contract_state, "active")


class TestRemoteCallsOverHttp(RoleCase, HttpCase):
    """The same through the web client's own door."""

    def rpc(self, model, method, *args, **context):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {
                "model": model,
                "method": method,
                "args": args,
                "kwargs": {"context": context},
            },
        )

    @mute_logger("odoo.http")
    def test_business_office(self):
        self.authenticate("ct_business", "ct_business")
        for args, context in (
            (("sale.order", "_contract_set_state", [self.order.id], "completed"), {}),
            (
                (
                    "sale.order",
                    "write",
                    [self.order.id],
                    {"contract_state": "completed"},
                ),
                {"contract_guard": True},
            ),
            (("sale.order", "action_contract_complete", [self.order.id]), {}),
        ):
            with self.subTest(call=args), self.assertRaises(JsonRpcException):
                self.rpc(*args, **context)
        wizard = self.rpc(
            "contract.reason",
            "create",
            {
                "res_model": "sale.order",
                "res_ids": self.order.ids,
                "step": "suspend",
                "reason": "Letter",
            },
        )
        self.rpc("contract.reason", "action_apply", [wizard])
        self.env.invalidate_all()
        self.assertEqual(self.order.contract_state, "suspended")
