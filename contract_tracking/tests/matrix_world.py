"""Three contracts with everything on them, a user of each role, and for each model of
the addon the values of one record more: what the matrix of rights is played on."""

import itertools
from types import SimpleNamespace

from odoo import Command

from ..tools.guard import guarded, unguarded
from .roles import RoleCase

# What a reader of a stolen answer would look for.
WORDS = ("Alphard", "Bellatrix", "Canopus")
# Of core: models that carry our fields, or whose rows prove what contracts say.
CORE = (
    "account.move",
    "account.payment",
    "ir.attachment",
    "mail.activity",
    "res.company",
    "res.partner",
    "sale.order",
    "sale.order.line",
    "stock.move",
    "stock.picking",
)
# Rows that no create makes: steps of other documents do.
MADE_BY_STEPS = (
    "contract.acknowledgement",
    "contract.archive",
    "contract.archive.disposal",
    "contract.archive.opening",
    "contract.approval.step",
    "contract.form.type",
    "contract.history",
    "contract.intake.line",
    "contract.monthly.bridge",
    "contract.monthly.record.line",
    "contract.monthly.workbook",
    "contract.paper.handover",
    "contract.release",
    "contract.review.term",
    "contract.risk.condition",
    "contract.risk.use",
    "contract.settlement.line",
    "contract.settlement.payment",
    "contract.statement.line",
    "contract.tracking.record.line",
    "contract.warning",
)
# In the order of the table; "asked" was asked by a coordination document, owns an
# action and must read a paper of the seller's contract.
ROLES = (
    "seller",
    "rival",
    "owner",
    "supervisor",
    "head",
    "member",
    "stranger",
    "asked",
    "business",
    "manager",
    "director",
    "finance",
    "leader",
    "auditor",
    "reader",
    "foreign",
    "stock_user",
    "biller",
    "employee",
    "portal",
    "public",
)


def _settings(**more):
    return lambda k, word: {"name": word, **more}


def _of_company(**more):
    return lambda k, word: {"name": word, "company_id": k.scope, **more}


def _file(word):
    return [Command.create({"name": f"{word}.txt", "raw": word.encode()})]


def _to_end(k, word):
    """An order to suspend or to settle: one suspension or settlement of a contract goes
    on."""
    if word in WORDS:
        return k.order
    order = k.order.copy()
    vals = {"contract_state": "active", "contract_effective_date": "2026-09-01"}
    unguarded(order.sudo()).write(vals)
    return order


# model → values of one more record of side ``k``, with ``word`` in its texts
# A month has one cut-off.
YEARS = itertools.cycle(range(2050, 2190))

MAKE = {
    "contract.action": lambda k, word: {
        "res_model": "contract.deviation",
        "res_id": k.planned.id,
        "name": word,
        "user_id": k.asked.id,
        "date_deadline": "2099-01-01",
    },
    "contract.ageing.date": lambda k, word: {"date": "2026-09-30"},
    "contract.acknowledgement": lambda k, word: {
        "res_model": "contract.document",
        "res_id": k.document.id,
        "order_id": k.order.id,
        "user_id": k.user.id,
        "what": word,
    },
    "contract.approval.rule": lambda k, word: {
        "name": word,
        "kind": "reagreement",
        "company_id": k.scope,
        "amount_from": 99999,
        "line_ids": [Command.create({"name": word, "user_ids": k.decider.ids})],
    },
    "contract.approval.rule.line": lambda k, word: {
        "rule_id": k.records["contract.approval.rule"].id,
        "name": word,
        "user_ids": k.decider.ids,
    },
    "contract.approval.step": lambda k, word: {
        "res_model": "contract.deviation",
        "res_id": k.deviation.id,
        "user_id": k.user.id,
        "name": word,
    },
    "contract.bill.outcome": lambda k, word: {
        "payment_id": k.bill.id,
        "date": "2026-11-01",
        "outcome": "honoured",
    },
    # the order asks one question; so does the order that was made beside it
    "contract.checklist.line": lambda k, word: {
        "res_model": "sale.order",
        "res_id": k.asked_order(word).id,
        "template_line_id": k.order._checklist_questions()[:1].id,
        "answer": "na",
        "note": word,
    },
    "contract.checklist.template": _of_company(purpose="papers", contract_kind="frame"),
    "contract.checklist.template.line": lambda k, word: {
        "template_id": k.records["contract.checklist.template"].id,
        "name": word,
        "type_ids": k.env.ref("contract_tracking.document_type_letter").ids,
    },
    "contract.checklist.option": lambda k, word: {
        "question_id": k.records["contract.checklist.template.line"].id,
        "name": word,
    },
    "contract.clause": _of_company(text="As agreed"),
    "contract.clause.choice": lambda k, word: {"order_id": k.order.id},
    "contract.circulation": lambda k, word: {
        "document_id": k.document.id,
        "user_ids": k.user.ids,
        "what": word,
        "date_deadline": "2099-01-01",
    },
    "contract.claim": lambda k, word: {"receipt_ids": k.receipt.ids},
    "contract.claim.line": lambda k, word: {
        "claim_id": k.own["contract.claim"].id,
        "receipt_id": k.receipt.id,
        "order_id": k.order.id,
        "amount": 1,
    },
    "contract.coordination": lambda k, word: {
        "order_id": k.order.id,
        "user_id": k.user.id,
        "subject": word,
        "kind": "reminder",
        "reply_date": "2099-01-01",
        "reply_ids": [Command.create({"kind": "user", "user_id": k.asked.id})],
    },
    "contract.coordination.answer": lambda k, word: {
        "line_id": k.reply.id,
        "reply_text": word,
    },
    "contract.coordination.reply": lambda k, word: {
        "coordination_id": k.records["contract.coordination"].id,
        "kind": "user",
        "user_id": (k.user if word in WORDS else k.decider).id,
    },
    "contract.coordination.send": lambda k, word: {
        "coordination_id": k.records["contract.coordination"].id
    },
    "contract.correction": lambda k, word: {"order_id": k.order.id, "reason": word},
    "contract.decision": lambda k, word: {
        "res_model": "contract.deviation",
        "res_ids": k.deviation.ids,
        "verb": "approve",
        "comment": word,
    },
    "contract.delegation": lambda k, word: {
        "user_id": k.user.id,
        "delegate_id": k.deputy.id,
        "date_from": "2098-01-01" if word in WORDS else "2099-01-01",
        "date_to": "2098-01-31" if word in WORDS else "2099-01-31",
        "reason": word,
    },
    "contract.delivery.receipt": lambda k, word: {
        "picking_ids": k.picking.ids,
        "bl_number": word,
    },
    "contract.delivery.receipt.line": lambda k, word: {
        "receipt_id": k.own["contract.delivery.receipt"].id,
        "picking_id": k.picking.id,
        "bl_number": word,
    },
    "contract.delivery.receipt.move": lambda k, word: {
        "receipt_id": k.own["contract.delivery.receipt"].id,
        "move_id": k.move.id,
        "reason": word,
    },
    "contract.department": lambda k, word: {
        "name": word,
        "company_id": k.company.id,
    },
    "contract.deviation": lambda k, word: {
        "order_id": k.order.id,
        "user_id": k.user.id,
        "summary": word,
        "recommendation": word,
        "cause_id": k.env.ref("contract_tracking.deviation_cause_quality").id,
    },
    "contract.deviation.seen": lambda k, word: {
        "res_model": "stock.picking",
        "res_ids": k.picking.ids,
        "summary": word,
    },
    "contract.deviation.cause": _settings(),
    "contract.deviation.recommendation": _settings(),
    # the shared rules are there already, one a kind
    "contract.deviation.rule": lambda k, word: {
        "name": word,
        "company_id": k.scope,
        "kind": "over_quantity" if word in WORDS else "rejected",
        "active": bool(k.scope),
    },
    "contract.deviation.rule.band": lambda k, word: {
        "rule_id": k.records["contract.deviation.rule"].id,
        "severity": "major" if word in WORDS else "critical",
        "percent_from": 20,
    },
    "contract.document": lambda k, word: {
        "name": word,
        "order_id": k.order.id,
        "type_id": k.env.ref("contract_tracking.document_type_letter").id,
        "date": "2026-09-05",
        "attachment_ids": _file(word),
    },
    "contract.document.filing": lambda k, word: {
        "order_id": k.order.id,
        "type_id": k.env.ref("contract_tracking.document_type_letter").id,
        "note": word,
    },
    "contract.document.type": _settings(),
    "contract.event": lambda k, word: {
        "order_id": k.order.id,
        "type_id": k.env.ref(
            "contract_tracking.event_type_"
            + ("goods_ready" if word in WORDS else "acceptance")
        ).id,
        "date": "2026-09-10",
        "note": word,
    },
    "contract.event.type": _settings(),
    "contract.figure.row": lambda k, word: {
        "order_id": k.order.id,
        "description": word,
    },
    "contract.form.type": lambda k, word: {
        "company_id": k.company.id,
        "model": "contract.deviation",
        "sequence_id": k.env["ir.sequence"].search([], limit=1).id,
    },
    "contract.frame": lambda k, word: {
        "partner_id": k.partner.id,
        "company_id": k.company.id,
        "owner_id": k.owner.id,
        "client_ref": word,
        "date_start": "2026-01-01",
        "date_end": "2026-12-31",
    },
    "contract.frame.correction": lambda k, word: {
        "frame_id": k.frame.id,
        "reason": word,
    },
    "contract.frame.correction.line": lambda k, word: {
        "correction_id": k.own["contract.frame.correction"].id,
        "line_id": k.frame.line_ids[:1].id,
    },
    "contract.frame.line": lambda k, word: {
        "frame_id": k.draft_frame.id,
        "product_id": (k.product if word in WORDS else k.other_product).id,
        "quantity": 5,
        "price_unit": 5,
    },
    # a contract has one
    "contract.gate": lambda k, word: {"order_id": k.order.copy().id},
    "contract.gate.rule": lambda k, word: {
        "reason": "overdue",
        "company_id": k.scope,
    },
    "contract.handover": lambda k, word: {
        "company_id": k.company.id,
        "from_user_id": k.owner.id,
        "to_user_id": k.deputy.id,
        "reason": word,
    },
    "contract.handover.line": lambda k, word: {
        "handover_id": k.own["contract.handover"].id,
        "order_id": k.order.id,
    },
    "contract.history": lambda k, word: {
        "order_id": k.order.id,
        "date": "2026-09-01",
        "kind": "fact",
        "name": word,
    },
    "contract.instrument": _settings(),
    "contract.payment.claim": lambda k, word: {
        "payment_id": k.payment.id,
        "order_id": k.order.id,
        "amount": 1,
        "note": word,
    },
    # the same is asked for once at a time
    "contract.change": lambda k, word: {
        "order_id": k.order.id,
        "kind": "change" if word in WORDS else "suspend",
        "wish": word,
    },
    "contract.change.line": lambda k, word: {
        "change_id": k.records["contract.change"].id,
        "term_id": (
            k.delivery_term
            if word in WORDS
            else k.order.contract_term_ids.filtered(lambda t: t.kind == "payment")[:1]
        ).id,
        "note": word,
    },
    "contract.plan": lambda k, word: {"order_id": k.order.id, "goals": word},
    "contract.plan.line": lambda k, word: {
        "plan_id": k.records["contract.plan"].id,
        "name": word,
    },
    "contract.plan.risk": lambda k, word: {
        "plan_id": k.records["contract.plan"].id,
        "name": word,
    },
    "contract.plan.report": lambda k, word: {
        "line_id": k.records["contract.plan.line"].id,
        "note": word,
    },
    "contract.plan.template": _settings(),
    "contract.plan.template.line": lambda k, word: {
        "template_id": k.records["contract.plan.template"].id,
        "name": word,
    },
    "contract.reagreement": lambda k, word: {"order_id": k.order.id, "reason": word},
    # a suspension lists no deliveries by itself
    "contract.termination": lambda k, word: {
        "order_id": _to_end(k, word).id,
        "kind": "suspend",
        "date_from": "2026-09-25",
        "reason": word,
    },
    "contract.termination.penalty": lambda k, word: {
        "termination_id": k.records["contract.termination"].id,
        "name": word,
        "amount": 5,
    },
    "contract.termination.delivery": lambda k, word: {
        "termination_id": k.records["contract.termination"].id,
        "picking_id": k.order.picking_ids[:1].id,
        "note": word,
    },
    # a contract has one review that goes on
    "contract.review": lambda k, word: {
        "order_id": (k.order if word in WORDS else k.order.copy()).id,
        "note": word,
    },
    "contract.settlement": lambda k, word: {
        "order_id": _to_end(k, word).id,
        "note": word,
    },
    "contract.settlement.deduction": lambda k, word: {
        "settlement_id": k.records["contract.settlement"].id,
        "amount": 1,
        "basis": word,
    },
    "contract.review.opinion": lambda k, word: {
        "review_id": k.records["contract.review"].id,
        "review_compliance": "ok",
        "review_schedule": "ok",
        "review_resources": "ok",
        "comment": word,
    },
    "contract.review.opinion.condition": lambda k, word: {
        "opinion_id": k.own["contract.review.opinion"].id,
        "name": word,
        "user_id": k.user.id,
        "date_deadline": "2026-12-01",
    },
    # an office has one record of a month
    "contract.logistics.entry": lambda k, word: {
        "picking_ids": k.picking.ids,
        "tracking_ref": word,
    },
    "contract.logistics.exception": lambda k, word: {
        "picking_id": k.picking.id,
        "description": word,
        "seen_on": "2026-09-20 02:00:00",
    },
    "contract.logistics.sheet": lambda k, word: {
        "order_id": k.order.id,
    },
    "contract.monthly.record": lambda k, word: {
        "company_id": k.company.id,
        "team_id": k.team.id,
        "month": "2026-09-01" if word in WORDS else "2026-08-01",
        "plan": word,
    },
    "contract.monthly.record.line": lambda k, word: {
        "record_id": k.records["contract.monthly.record"].id,
        "company_id": k.company.id,
        "month": "2026-09-01",
        "remark": word,
    },
    "contract.monthly.bridge": lambda k, word: {
        "record_id": k.records["contract.monthly.record"].id,
        "kind": "contracts",
        "amount": 1,
    },
    "contract.monthly.cutoff": lambda k, word: {
        "company_id": k.company.id,
        **dict.fromkeys(("month", "date"), f"{next(YEARS)}-01-20"),
    },
    "contract.monthly.write": lambda k, word: {
        "company_id": k.company.id,
        "month": "2026-09-01",
    },
    "contract.reagreement.line": lambda k, word: {
        "reagreement_id": k.records["contract.reagreement"].id,
        "action": "add",
        "kind": "clause",
        "name": word,
        "due_mode": "date",
        "date_fixed": "2026-12-01",
    },
    "contract.reason": lambda k, word: {
        "res_model": "sale.order",
        "res_ids": k.order.ids,
        "step": "suspend",
        "reason": word,
    },
    # an archive of a contract that is over; those who lend are of its department
    "contract.archive.category": _of_company(
        code="A1", contract_kind="frame", sequence=90
    ),
    "contract.archive": lambda k, word: {
        "order_id": k.asked_order(word).id,
        "department_id": k.records["contract.department"].id,
        "ended_on": "2026-09-30",
        "date_due": "2099-01-01",
        "note": word,
    },
    "contract.archive.loan": lambda k, word: {
        "wanted": word,
        "purpose": word,
        "date_due": "2099-01-01",
        "company_id": k.company.id,
    },
    "contract.archive.disposal": lambda k, word: {
        "company_id": k.company.id,
        "department_id": k.records["contract.department"].id,
        "reason": word,
    },
    "contract.archive.opening": lambda k, word: {
        "archive_id": k.records["contract.archive"].id,
        "user_id": k.user.id,
        "what": "file",
        "detail": word,
    },
    # signing, order entry, briefing
    "contract.signatory": lambda k, word: {"name": word, "company_id": k.company.id},
    "contract.counterpart": lambda k, word: {
        "order_id": k.order.id,
        "date": "2026-09-05",
        "user_id": k.user.id,
        "note": word,
    },
    "contract.paper.handover": lambda k, word: {
        "order_id": k.order.id,
        "department_id": k.records["contract.department"].id,
        "date_due": "2099-01-01",
        "missing_text": word,
    },
    # an order has one check at a time
    "contract.intake": lambda k, word: {
        "order_id": k.asked_order(word).id,
        "note": word,
    },
    "contract.intake.line": lambda k, word: {
        "intake_id": k.records["contract.intake"].id,
        "name": word,
    },
    "contract.release": lambda k, word: {
        "order_id": k.order.id,
        "intake_id": k.records["contract.intake"].id,
        "date": "2026-09-05",
        "goods_text": word,
    },
    "contract.briefing.template": lambda k, word: {
        "name": word,
        "company_id": k.company.id,
    },
    "contract.briefing.template.line": lambda k, word: {
        "template_id": k.records["contract.briefing.template"].id,
        "department_id": k.records["contract.department"].id,
        "note": word,
    },
    "contract.briefing": lambda k, word: {"order_id": k.order.id, "note": word},
    # a department has one part of a briefing: that of the template is there
    "contract.briefing.part": lambda k, word: {
        "briefing_id": k.records["contract.briefing"].id,
        "department_id": k.env["contract.department"]
        .create({"name": f"{word} too"})
        .id,
        "note": word,
    },
    "contract.risk.reason": _settings(),
    "contract.risk.shipment": lambda k, word: {"order_id": k.order.id, "reason": word},
    # an application has one line of an order line
    "contract.risk.shipment.line": lambda k, word: {
        "application_id": (
            k.records["contract.risk.shipment"]
            if word in WORDS
            else k.env["contract.risk.shipment"].create({"order_id": k.order.id})
        ).id,
        "line_id": k.order.order_line.id,
        "quantity": 1,
    },
    "contract.risk.repayment": lambda k, word: {
        "application_id": k.records["contract.risk.shipment"].id,
        "date": "2026-12-01",
        "amount": 1,
        "note": word,
    },
    "contract.risk.condition": lambda k, word: {
        "application_id": k.records["contract.risk.shipment"].id,
        "name": word,
    },
    "contract.risk.use": lambda k, word: {
        "application_id": k.records["contract.risk.shipment"].id,
        "row_id": k.records["contract.risk.shipment.line"].id,
        "quantity": 1,
    },
    "contract.warning": lambda k, word: {
        "order_id": k.order.id,
        "kind": "bill",
        "key": word,
        "found_on": "2026-09-01",
        "data": {"number": word},
    },
    "contract.warning.rule": lambda k, word: {
        "kind": "ending" if word in WORDS else "slower",
        "action": "on" if k.scope else "off",
        "company_id": k.scope,
    },
    "contract.monthly.workbook": lambda k, word: {
        "name": f"{word}.xlsx",
        "user_id": k.user.id,
    },
    "contract.risk.limit": lambda k, word: {
        "application_id": k.records["contract.risk.shipment"].id,
        "amount": 1,
        "date_until": "2026-12-01",
        "conditions": word,
    },
    "contract.risk.limit.line": lambda k, word: {
        "limit_id": k.own["contract.risk.limit"].id,
        "row_id": k.records["contract.risk.shipment.line"].id,
        "quantity": 1,
    },
    "contract.schedule.template": _of_company(),
    "contract.schedule.template.line": lambda k, word: {
        "template_id": k.records["contract.schedule.template"].id,
        "name": word,
        "percent": 100,
        "event_type_id": k.env.ref("contract_tracking.event_type_invoice").id,
    },
    "contract.statement": lambda k, word: {
        "partner_id": k.partner.id,
        "company_id": k.company.id,
        "date_from": "2026-09-01",
    },
    "contract.statement.line": lambda k, word: {
        "statement_id": k.records["contract.statement"].id,
        "kind": "invoice",
        "name": word,
    },
    "contract.term": lambda k, word: {
        "order_id": k.order.id,
        "kind": "clause",
        "name": word,
        "due_mode": "date",
        "date_fixed": "2026-12-01",
    },
    "contract.term.split": lambda k, word: {"term_id": k.delivery_term.id},
    "contract.term.split.line": lambda k, word: {
        "split_id": k.own["contract.term.split"].id,
        "date": "2026-12-01",
        "quantity": 1,
    },
    # a contract has one draft at a time
    "contract.tracking.record": lambda k, word: {
        "order_id": k.asked_order(word).id,
        "date": "2026-09-15",
        "user_id": k.user.id,
        "summary": word,
    },
    "contract.tracking.record.line": lambda k, word: {
        "record_id": k.records["contract.tracking.record"].id,
        "kind": "clause",
        "name": word,
    },
}


class MatrixWorld(RoleCase):
    """The seller's contract (customer Alphard), the rival's of the same company
    (Bellatrix), one of another company (Canopus)."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # who may read may export: the group of core is an administrator's alone
        cls.env.ref("base.group_user").implied_ids += cls.env.ref(
            "base.group_allow_export"
        )
        cls.asked = cls.colleague
        cls.reader = cls.new_user(
            "ct_reader", "contract_tracking.group_contract_reader"
        )
        south = cls.env["res.company"].create({"name": "South Branch"})
        cls.env.user.company_ids |= south
        cls.env["account.chart.template"].try_loading("generic_coa", south)
        cls.foreign, cls.foreign_leader = (
            cls.new_user(
                f"ct_{name}",
                f"contract_tracking.group_contract_{group}",
                company_id=south.id,
                company_ids=[Command.set(south.ids)],
            )
            for name, group in (("foreign", "business"), ("foreign_leader", "leader"))
        )
        cls.partner.name = WORDS[0]
        cls.sides = [
            cls.new_side(
                0, cls.company, cls.seller, cls.owner, cls.asked,
                supervisor=cls.supervisor, team=cls.team, scope=cls.company.id,
            ),
            cls.new_side(1, cls.company, cls.rival, cls.rival, cls.outsider),
            cls.new_side(
                2, south, cls.foreign, cls.foreign, cls.foreign_leader, scope=south.id
            ),
        ]  # fmt: skip
        for side in cls.sides:
            cls.fill(side)
        # dialogs of somebody unconcerned, and of somebody in the other company
        cls.strangers_rows = [
            cls.dialogs(cls.sides[0], cls.outsider),
            cls.dialogs(cls.sides[2], cls.foreign_leader),
        ]
        cls.env.flush_all()

    @classmethod
    def new_side(cls, number, company, user, owner, deputy, **more):
        values = {"supervisor": user, "team": cls.env["crm.team"], "scope": False}
        env = cls.env(context={**cls.env.context, "allowed_company_ids": company.ids})
        partner = (
            cls.partner if not number else cls.partner.create({"name": WORDS[number]})
        )
        if number == 2:
            company.write(
                {
                    "contract_track_mode": "all",
                    "contract_track_from": "2026-01-01",
                    "contract_effective_rule": "confirmation",
                }
            )
        return SimpleNamespace(
            **{**values, **more},
            env=env,
            number=number,
            word=WORDS[number],
            company=company,
            partner=partner,
            product=cls.pump,
            other_product=cls.valve,
            user=user,
            owner=owner,
            deputy=deputy,
            asked=deputy,
            decider=cls.foreign_leader if number == 2 else cls.leader,
            records={},
            own={},
        )

    @classmethod
    def fill(cls, k):
        """Everything that hangs on a contract, in the order in which it happens."""
        k.order, k.second = (cls.new_order_of(k) for _number in range(2))
        k.asked_order = lambda word: k.order if word in WORDS else k.second
        if not k.number:
            cls.order = k.order.with_env(cls.env)
        k.order.contract_signatory = k.word
        k.delivery_term = k.order.contract_term_ids.filtered("line_id")[:1]
        k.picking = k.order.picking_ids
        k.move = k.picking.move_ids
        k.move.write({"quantity": 1, "picked": True})
        k.picking.with_context(skip_backorder=True).button_validate()
        k.invoice = k.order._create_invoices()
        k.invoice.invoice_date = "2026-09-21"
        k.invoice.action_post()
        k.payment = cls.receive(k)
        k.bill = cls.receive(
            k, contract_instrument_id=cls.env.ref("contract_tracking.instrument_lc").id
        )
        k.receipt = k.env["contract.receipt"].browse(k.payment.id * 2)
        k.draft_frame = cls.more(k, "contract.frame")
        k.frame = cls.more(
            k,
            "contract.frame",
            supervisor_id=k.supervisor.id,
            team_id=k.team.id,
            line_ids=[
                Command.create(
                    {"product_id": k.product.id, "quantity": 9, "price_unit": 9}
                )
            ],
        )
        k.frame.action_activate()
        k.document = cls.more(k, "contract.document")
        k.coordination = cls.more(k, "contract.coordination")
        k.coordination.with_user(k.user).action_send()
        k.reply = k.coordination.reply_ids
        cls.more(k, "contract.approval.rule", kind="deviation", company_id=k.company.id)
        k.planned = cls.more(k, "contract.deviation")
        k.deviation = cls.more(k, "contract.deviation")
        k.deviation.with_user(k.user).action_analyse()
        k.deviation.with_user(k.user).action_submit()
        k.records = cls.rows_of(k)
        k.secrets = (
            k.word,
            f"{k.order.amount_total:.0f}.",
            *(k.order + k.second).mapped("contract_number"),
            *(k.frame + k.draft_frame).mapped("name"),
        )

    @classmethod
    def new_order_of(cls, k):
        return cls.new_contract(
            "2026-09-01",
            [(k.product, (137, 239, 341)[k.number])],
            "template_30_70_delivery",
            "2026-10-01",
            partner_id=k.partner.id,
            company_id=k.company.id,
            user_id=k.user.id,
            team_id=k.team.id,
            contract_owner_id=k.owner.id,
            contract_supervisor_id=k.supervisor.id,
            client_order_ref=k.word,
        ).with_env(k.env)

    @classmethod
    def receive(cls, k, **values):
        journal = k.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", k.company.id)], limit=1
        )
        payment = k.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": k.partner.id,
                "amount": 100,
                "date": "2026-10-02",
                "journal_id": journal.id,
                "memo": k.word,
                **values,
            }
        )
        payment.action_post()
        return payment

    @classmethod
    def more(cls, k, model, **values):
        return k.env[model].create({**MAKE[model](k, k.word), **values})

    @classmethod
    def rows_of(cls, k):
        """model → the row of it that the matrix is tried on."""
        wanted = k.records
        record = cls.more(k, "contract.tracking.record", date="2026-09-12")
        record.action_confirm()
        for model in MAKE:
            if not k.env[model]._transient and model not in MADE_BY_STEPS:
                wanted[model] = cls.more(k, model)
        if not k.scope:
            rule = k.env["contract.deviation.rule"].search(
                [("company_id", "=", False)], limit=1
            )
            wanted["contract.deviation.rule"] = rule
            wanted["contract.deviation.rule.band"] = rule.band_ids[:1]
        circulation = cls.more(k, "contract.circulation", user_ids=k.owner.ids)
        circulation.action_circulate()
        steps = k.deviation.step_ids
        statement = cls.more(
            k, "contract.statement", date_from="2026-10-01", date_to="2026-10-31"
        )
        statement.action_mark_sent()
        statement.attachment_ids = _file(k.word)
        statement.action_confirm()
        decided = cls.more(k, "contract.deviation", attachment_ids=_file(k.word))
        decided.with_user(k.user).action_analyse()
        decided.with_user(k.user).action_submit()
        for model in (
            "contract.risk.condition",
            "contract.risk.use",
            "contract.warning",
            "contract.monthly.workbook",
            "contract.paper.handover",
            "contract.release",
            "contract.archive",
            "contract.archive.disposal",
            "contract.archive.opening",
        ):
            wanted[model] = guarded(
                unguarded(k.env[model]).create(MAKE[model](k, k.word))
            )
        month = wanted["contract.monthly.record"]
        form = k.env["contract.form.type"].search(
            [("company_id", "=", k.company.id)], limit=2
        )
        wanted |= {
            "contract.acknowledgement": k.document.acknowledgement_ids,
            "contract.ageing": k.env["contract.ageing"].search(
                [("order_id", "=", k.order.id)]
            ),
            "contract.approval.step": steps[:1],
            "contract.register": k.env["contract.register"].search(
                [("order_id", "=", k.order.id)]
            ),
            "contract.execution.report": k.env["contract.execution.report"].search(
                [("order_id", "=", k.order.id), ("contracts", "=", 1)]
            ),
            "contract.execution.plan": k.env["contract.execution.plan"].search(
                [("order_id", "=", k.order.id)], limit=1
            ),
            "contract.logistics.report": k.env["contract.logistics.report"].search(
                [("order_id", "=", k.order.id)], limit=1
            ),
            "contract.form.type": form[1:] if k.number == 1 else form[:1],
            "contract.history": k.order.contract_history_ids[:1],
            "contract.intake.line": wanted["contract.intake"].line_ids[:1],
            "contract.monthly.bridge": month.bridge_ids[:1],
            "contract.monthly.record.line": month.line_ids.filtered(
                lambda line: line.order_id == k.order
            ),
            "contract.receipt": k.receipt,
            "contract.review.term": wanted["contract.review"].review_term_ids[:1],
            "contract.settlement.line": wanted["contract.settlement"].line_ids[:1],
            "contract.settlement.payment": (
                wanted["contract.settlement"].payment_ids[:1]
            ),
            "contract.statement.line": statement.line_ids[:1],
            "contract.tracking.record.line": record.line_ids[:1],
            "contract.coordination, sent": k.coordination,
            "contract.coordination.reply, sent": k.reply,
            "contract.deviation, submitted": decided,
            "contract.frame, in effect": k.frame,
            "contract.frame.line, in effect": k.frame.line_ids,
            "contract.statement, confirmed": statement,
            "contract.term, agreed": k.delivery_term,
            "contract.tracking.record, confirmed": record,
            "account.move": k.invoice,
            "account.payment": k.payment,
            "ir.attachment": k.document.attachment_ids,
            "ir.attachment, submitted": decided.attachment_ids,
            "mail.activity": k.deviation.activity_ids[:1],
            "res.company": k.company,
            "res.partner": k.partner,
            "sale.order": k.order,
            "sale.order.line": k.order.order_line,
            "stock.move": k.move,
            "stock.picking": k.picking,
        }
        for label, row in wanted.items():
            if len(row) != 1:
                raise AssertionError(f"{label}: {row} on side {k.word}")
        return wanted

    @classmethod
    def dialogs(cls, k, user):
        """A row of each dialog about ``k``, as ``user`` filled it in."""
        k.own = rows = {}
        for model in MAKE:
            if k.env[model]._transient:
                Model = cls.env[model].with_user(user).sudo()
                rows[model] = Model.create(MAKE[model](k, k.word)).sudo(False)
                # lines that a dialog proposes are its user's, and come before ours
                Model.env.flush_all()
        return rows
