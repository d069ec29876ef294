"""Values that nobody means, in every field of ours and whichever way they come."""

from copy import deepcopy
from functools import partial

import psycopg2
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.models import MAGIC_COLUMNS
from odoo.tools import mute_logger

from ..tools.values import DAYS as CENTURY
from ..tools.values import is_long, is_value
from .deviations import RULES
from .test_trust_dialogs import DialogCase
from .test_trust_fields import EvidenceCase, Undo

LONG = "很长" * 60_000
NUMBERS = [
    1e300, float("nan"), -1e300, float("inf"), -1e15, 2**63, -(10**400), "abc",
    [1], {"a": 1}, 9.9e14, 36_525, -3, 0,
]  # fmt: skip
DAYS = [
    "9999-12-31", "0001-01-01", "2026-02-30", "garbage", [1], {"a": 1}, 5, True,
    "infinity", "2026-01-01\x00", "", "1900-01-01", "2199-12-31",
]  # fmt: skip
TEXTS = [
    "a\x00b", "\ud800", "\x07\x1b", ["a"], {"en_US": "a\x00"}, LONG, "   ",
    "\u202ea\r\nb\u200f%s %(a)s {0}<script>", "很长" * 500, 5,
]  # fmt: skip
MANY = [
    [[9, 0, 0]], 5, "x", True, {"a": 1}, [[0]], [[]], [None], ["a"], [[6, 0, "x"]],
    [[6, 0, [-1]]], [[6, 0]], [[0, 0, 5]], [[0, 0, [1]]], [[1, -1, {}]], [[1, 5, 5]],
    [[4, 2**63]], [[4, "x"]], [[4, -1]], [[2, 2**63]], [[3, {}]], [[4, 1], 5],
    [[4, 99999999]], [[0, 0, {}]],
]  # fmt: skip
HOSTILE = {
    # files of ours are written by the addon alone
    "binary": ["YQ=="],
    "integer": NUMBERS,
    "float": NUMBERS,
    "monetary": NUMBERS,
    "date": DAYS,
    "datetime": [*DAYS, "9999-12-31 23:59:59", "0001-01-01 00:00:00"],
    "char": TEXTS,
    "text": TEXTS,
    "html": TEXTS,
    "selection": ["nope", 5, [1], {"a": 1}, True, "a\x00"],
    "boolean": ["x", [1], {"a": 1}],
    "many2one": [
        2**63, -1, 2**31, "x", True, [1], [], {"a": 1}, 1.5, float("nan"), 99999999,
    ],
    "many2one_reference": [2**63, -1, 2**31, "x", True, [1], 1.5, 99999999],
    "one2many": MANY,
    "many2many": MANY,
    "json": [
        float("nan"), "a\x00", ["\ud800"], [2**63], ["x"], "x", {"a": [1]}, True,
    ],
}  # fmt: skip
# What core has of each type, to compare domains with.
CORE = {
    "integer": ("res.partner", "color"),
    "float": ("res.partner", "partner_latitude"),
    "monetary": ("sale.order", "amount_total"),
    "date": ("account.move", "invoice_date"),
    "datetime": ("res.partner", "create_date"),
    "char": ("res.partner", "ref"),
    "text": ("res.partner", "comment"),
    "html": ("res.partner", "comment"),
    "selection": ("res.partner", "type"),
    "boolean": ("res.partner", "active"),
    "many2one": ("res.partner", "country_id"),
    "many2one_reference": ("ir.attachment", "res_id"),
    "one2many": ("res.partner", "child_ids"),
    "many2many": ("res.partner", "category_id"),
    "json": ("sale.order.line", "analytic_distribution"),
}


class Hostile:
    """Tries a step with a value that nobody means."""

    def setUp(self):
        super().setUp()
        self.failures = []
        self.refused = self.accepted = 0

    def attempt(self, call, *what, like=None):
        """Whether a step is taken or refused with words; anything else is noted, unless
        core's own step ``like`` it ends as badly. Nothing stays."""
        try:
            with mute_logger(*RULES, "odoo.sql_db"), self.env.cr.savepoint():
                call()
                self.env.flush_all()
                raise Undo
        except Undo:
            self.accepted += 1
            return True
        except UserError as error:
            self.refused += 1
            self.assertTrue(str(error).strip(), what)
        except psycopg2.IntegrityError:
            # core says it in words, to whoever calls from outside
            self.refused += 1
        except Exception as error:
            if like is None or not self.fails(like, type(error)):
                text = " ".join(str(w)[:60] for w in what)
                self.failures.append(f"{text}: {type(error).__name__}: {error}"[:300])
        finally:
            self.env.clear()
        return False

    def fails(self, call, kind):
        try:
            with mute_logger(*RULES, "odoo.sql_db"), self.env.cr.savepoint():
                call()
        except Exception as error:
            return isinstance(error, kind) or issubclass(kind, type(error))
        return False

    def assert_no_failures(self):
        self.assertFalse(self.failures, "\n".join(["", *self.failures]))
        self.assertTrue(self.refused or self.accepted)

    def names(self, model):
        """Names of the fields of ours."""
        ours = model._original_module == "contract_tracking"
        return sorted(
            name
            for name, field in model._fields.items()
            if (ours or field._module == "contract_tracking")
            and name not in MAGIC_COLUMNS
            and not name.startswith(
                ("message_", "activity_", "my_activity", "website_", "rating_")
            )
        )

    def hostile(self, field):
        """Of each type the values that may pass, and the first ones that may not: what
        differs between those is asked in :meth:`test_is_value`."""
        values = HOSTILE[field.type]
        right = [
            value
            for value in values
            if is_value(field, value, self.env) and not is_long(field, value)
        ]
        wrong = [value for value in values if value not in right]
        return wrong[:1] + right if field.readonly else wrong[:2] + right

    def try_values(self, model, base, record=None):
        """Create, write, onchange, default with each value in each field."""
        spec = {name: {} for name in self.names(model)}
        for fname in self.names(model):
            field = model._fields[fname]
            for value in map(deepcopy, self.hostile(field)):
                what = (model._name, fname, repr(value))
                vals = {fname: value}
                if base is not None and (field.store or field.inverse):
                    create = partial(model.create, {**base, **vals})
                    self.attempt(create, *what, "create")
                if record and (field.store or field.inverse):
                    write = partial(self.write_and_read, record, vals)
                    self.attempt(write, *what, "write")
                if field.readonly:
                    continue
                self.attempt(
                    lambda vals=vals, fname=fname: (record or model).onchange(
                        {**(base or {}), **vals}, [fname], spec
                    ),
                    *what,
                    "onchange",
                )
                if field.store:
                    context = {f"default_{fname}": value}
                    self.attempt(
                        lambda context=context: model.with_context(**context).onchange(
                            {}, [], spec
                        ),
                        *what,
                        "default",
                    )

    def write_and_read(self, record, vals):
        record.write(vals)
        record.read([*vals])

    def try_searches(self, model):
        columns = set()
        for fname in self.names(model):
            field = model._fields[fname]
            # what is stored in a table of its own core searches by itself
            if not field._description_searchable or (field.store and model._auto):
                continue
            # a column of a report is searched as its type is
            if not model._auto and not field.search:
                if field.type in columns:
                    continue
                columns.add(field.type)
            core, cname = CORE[field.type]
            core = self.env[core].with_user(model.env.user)
            for value in HOSTILE[field.type][:4]:
                for operator in ("=", ">", "in"):

                    def domain(name, operator=operator, value=value):
                        return [
                            (name, operator, [value] if operator == "in" else value)
                        ]

                    self.attempt(
                        lambda domain=domain, fname=fname: model.search(
                            domain(fname), limit=1
                        ),
                        model._name,
                        domain(fname),
                        like=lambda domain=domain, cname=cname, core=core: core.search(
                            domain(cname), limit=1
                        ),
                    )


class TestTrustValues(Hostile, EvidenceCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        companies = cls.env["res.company"].search([])
        cls.mighty.write({"company_ids": [Command.set(companies.ids)]})

    def free_receipt(self):
        """Money that nobody claimed."""
        payment = self.env["account.payment"].create(
            {
                "partner_id": self.partner.id,
                "amount": 5000,
                "date": "2026-10-02",
                "payment_type": "inbound",
                "partner_type": "customer",
            }
        )
        payment.action_post()
        self.env.flush_all()
        return self.env["contract.receipt"].search([("payment_id", "=", payment.id)])

    def bases(self, world):
        """What people create, with values that are right: ``{model: values}``."""
        order = {"order_id": self.order.id}
        open_order = self.new_order()
        frame = self.new_frame(day=False)
        draft = self.report()
        ref = self.env.ref
        coordination = {
            "user_id": self.seller.id,
            "subject": "Pumps are late",
            "reply_date": "2027-01-02",
        }
        letter = self.env["contract.coordination"].create({**order, **coordination})
        paper = self.document.copy({"attachment_ids": [Command.link(self.file.id)]})
        reagreement = {**order, "document_id": paper.id, "date": "2026-09-25"}
        suspension = {"kind": "suspend", "date_from": "2026-09-25"}
        ending = self.new_role_contract()
        termination = self.env["contract.termination"].create(
            {"order_id": ending.id, **suspension}
        )
        anew = self.env["contract.reagreement"].create(reagreement)
        template = self.env["contract.schedule.template"].search([], limit=1)
        office = self.env["crm.team"].create({"name": "New Office"})
        self.new_role_contract(team_id=office.id)
        return {
            "contract.event": {
                **order,
                "type_id": ref("contract_tracking.event_type_acceptance").id,
                "date": "2026-09-25",
            },
            "contract.document": {
                **order,
                "name": "Letter",
                "type_id": self.document.type_id.id,
                "date": "2026-09-02",
            },
            "contract.term": {
                "order_id": open_order.id,
                "kind": "milestone",
                "name": "Drawings",
                "due_mode": "date",
                "date_fixed": "2026-10-01",
                "user_id": self.owner.id,
                "department_id": self.shop.id,
            },
            "contract.frame": {
                "partner_id": self.partner.id,
                "owner_id": self.mighty.id,
                "date_start": "2026-01-01",
                "date_end": "2026-12-31",
            },
            "contract.frame.line": {
                "frame_id": frame.id,
                "product_id": self.valve.id,
                "quantity": 1,
                "price_unit": 1,
            },
            "contract.deviation": {
                **order,
                "kind": "other",
                "severity": "major",
                "date": "2026-09-13",
                "summary": "Late",
                "cause_id": self.cause.id,
            },
            "contract.action": {
                "res_model": draft._name,
                "res_id": draft.id,
                "name": "Press the foundry",
                "user_id": self.outsider.id,
                "date_deadline": "2027-01-01",
            },
            "contract.coordination": {**order, **coordination},
            "contract.coordination.reply": {
                "coordination_id": letter.id,
                "kind": "department",
                "department_id": self.shop.id,
            },
            "contract.reagreement": {**reagreement, "date_from": "2026-09-25"},
            "contract.reagreement.line": {
                "reagreement_id": anew.id,
                "action": "change",
                "term_id": self.order.contract_term_ids.filtered("line_id")[:1].id,
                "date_fixed": "2026-10-20",
            },
            "contract.change": {
                **order,
                "kind": "terminate",
                "wish": "Later",
                "date": "2026-09-25",
            },
            "contract.change.line": {
                "change_id": self.env["contract.change"]
                .create({**order, "kind": "suspend"})
                .id,
                "term_id": self.order.contract_term_ids[:1].id,
                "note": "Later",
            },
            "contract.termination": {
                "order_id": self.new_role_contract().id,
                **suspension,
            },
            "contract.termination.penalty": {
                "termination_id": termination.id,
                "name": "Clause 9",
                "amount": 50,
            },
            "contract.termination.delivery": {
                "termination_id": termination.id,
                "picking_id": ending.picking_ids[:1].id,
            },
            "contract.plan": {**order, "date": "2026-09-25"},
            "contract.plan.line": {
                "plan_id": self.env["contract.plan"].create(order).id,
                "name": "Casting",
                "user_id": self.seller.id,
                "department_id": self.shop.id,
                "date_planned": "2026-10-01",
                "weight": 10,
            },
            "contract.plan.risk": {
                "plan_id": self.env["contract.plan"].create(order).id,
                "name": "Sand",
            },
            "contract.plan.template": {"name": "Pumps"},
            "contract.plan.template.line": {
                "template_id": self.env["contract.plan.template"]
                .create({"name": "Valves"})
                .id,
                "name": "Casting",
            },
            "contract.risk.reason": {"name": "A"},
            "contract.review": {"order_id": open_order.id, "note": "Late"},
            "contract.review.term": None,
            "contract.clause": {"name": "A", "text": "A"},
            "contract.checklist.option": {
                "name": "A",
                "question_id": ref(
                    "contract_tracking.checklist_review_customer_owner"
                ).id,
            },
            "contract.settlement": {**order, "date": "2026-09-25"},
            "contract.settlement.line": None,
            "contract.settlement.payment": None,
            "contract.settlement.deduction": {
                "settlement_id": self.env["contract.settlement"]
                .create({"order_id": self.new_role_contract().id})
                .id,
                "amount": 1,
                "basis": "Late",
            },
            "contract.risk.shipment": {**order, "reason": "Late"},
            "contract.risk.shipment.line": {
                "application_id": self.env["contract.risk.shipment"].create(order).id,
                "line_id": self.order.order_line.id,
                "quantity": 1,
            },
            "contract.risk.repayment": {
                "application_id": self.env["contract.risk.shipment"].create(order).id,
                "date": "2027-01-02",
                "amount": 1,
            },
            "contract.logistics.exception": {
                "picking_id": self.order.picking_ids[:1].id,
                "description": "Wet",
            },
            "contract.monthly.workbook": None,
            "contract.risk.condition": None,
            "contract.risk.use": None,
            "contract.monthly.record": {
                "team_id": office.id,
                "month": "2026-09-01",
                "plan": "Find customers.",
            },
            "contract.monthly.record.line": None,
            "contract.monthly.cutoff": {"month": "2027-03-01", "date": "2027-03-25"},
            "contract.warning": None,
            "contract.warning.rule": {
                "kind": "bill",
                "company_id": self.company.id,
            },
            "contract.statement": {
                "partner_id": self.partner.id,
                "date_from": "2026-10-01",
                "date_to": "2026-10-31",
            },
            "contract.tracking.record": order,
            "contract.payment.claim": {
                **order,
                "receipt_id": self.free_receipt().id,
                "amount": 1,
            },
            "contract.checklist.line": {
                "res_model": "sale.order",
                "res_id": self.new_role_contract().id,
                "template_line_id": ref(
                    "contract_tracking.checklist_papers_contract_line"
                ).id,
                "answer": "na",
                "note": "Signed on the platform",
            },
            "contract.approval.rule": {
                "name": "A",
                "kind": "deviation",
                "line_ids": [
                    Command.create(
                        {
                            "name": "A",
                            "approver": "users",
                            "user_ids": [Command.link(self.leader.id)],
                        }
                    )
                ],
            },
            "contract.approval.rule.line": {
                "rule_id": self.rule.copy().id,
                "name": "A",
                "approver": "users",
                "user_ids": [Command.link(self.leader.id)],
            },
            "contract.archive": None,
            "contract.archive.disposal": None,
            "contract.archive.opening": None,
            "contract.archive.category": {"name": "A", "code": "A1"},
            "contract.archive.loan": {
                "wanted": "A",
                "purpose": "A",
                "date_due": "2099-01-01",
            },
            "contract.checklist.template": {"name": "A", "purpose": "papers"},
            "contract.checklist.template.line": {
                "template_id": self.env["contract.checklist.template"]
                .search([], limit=1)
                .id,
                "name": "A",
                "type_ids": [Command.link(self.document.type_id.id)],
            },
            "contract.delegation": {
                "user_id": self.mighty.id,
                "delegate_id": self.head.id,
                "date_from": "2027-01-01",
                "date_to": "2027-01-02",
                "reason": "Holiday",
            },
            "contract.department": {"name": "A"},
            "contract.deviation.cause": {"name": "A"},
            "contract.deviation.recommendation": {"name": "A"},
            "contract.deviation.rule": None,
            "contract.deviation.rule.band": {
                "rule_id": self.env["contract.deviation.rule"]
                .create(
                    {"name": "A", "kind": "returned", "company_id": self.company.id}
                )
                .id,
                "severity": "critical",
                "days_from": 1000,
            },
            "contract.document.type": {"name": "A"},
            "contract.event.type": {"name": "A"},
            "contract.gate": None,
            "contract.gate.rule": {"reason": "money"},
            "contract.instrument": {"name": "A"},
            "contract.schedule.template": {"name": "A"},
            "contract.schedule.template.line": {
                "template_id": template.id,
                "name": "A",
                "kind": "clause",
                "event_type_id": ref("contract_tracking.event_type_acceptance").id,
            },
            "sale.order": {"partner_id": self.partner.id},
            "sale.order.line": {
                "order_id": open_order.id,
                "product_id": self.pump.id,
            },
            "account.payment": {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": self.partner.id,
                "amount": 100,
                "date": "2026-09-10",
            },
            "res.partner": {"name": "A"},
            "res.config.settings": {},
        }

    def models(self):
        """All models with fields of ours, but the dialogs."""
        return [
            name
            for name, model in sorted(self.env.items())
            if not model._abstract
            and not getattr(model, "_contract_dialog", False)
            and self.names(model)
        ]

    def mine(self, record):
        return record.with_user(self.mighty).sudo(False)

    def test_written(self):
        world = self.frozen()
        bases = self.bases(world)
        for name in self.models():
            model = self.mine(self.env[name])
            base = bases.get(name)
            record = world.get(name) or (
                model._auto and self.env[name].search([], limit=1)
            )
            if base is not None:
                savepoint = self.env.cr.savepoint()
                try:
                    self.try_values(model, base, model.create(base))
                except (UserError, psycopg2.Error) as error:
                    self.failures.append(f"{name}: {error}")
                finally:
                    savepoint.close(rollback=True)
                    self.env.clear()
            else:
                self.try_values(model, None, self.mine(record) if record else None)
        self.assert_no_failures()

    def test_searched(self):
        self.frozen()
        self.env.flush_all()
        for name in self.models():
            model = self.mine(self.env[name])
            if model._auto or model._table_query:
                self.try_searches(model)
        self.assert_no_failures()


class TestTrustDialogValues(Hostile, DialogCase):
    def test_dialogs(self):
        values = self.values()
        for name in self.dialogs():
            model = self.env[name].with_user(self.everybody)
            base = values.get(name)
            if base is None or not model.has_access("create"):
                self.try_values(model, None)
                continue
            savepoint = self.env.cr.savepoint()
            try:
                self.try_values(model, base, model.create(base))
            finally:
                savepoint.close(rollback=True)
                self.env.clear()
        self.assert_no_failures()


class TestTrustExtremes(EvidenceCase):
    """What is accepted, or was once, makes nothing fail that reads it."""

    def read_everything(self, *records):
        self.env.invalidate_all()
        for record in records:
            record = record.with_user(self.mighty).sudo(False)
            names = [
                name
                for name, field in record._fields.items()
                if name.startswith("contract_") or "contract_tracking" == field._module
            ]
            record.read(names)
            facts = [name for name in names if hasattr(record._fields[name], "fact")]
            for name in facts:
                record.search([(name, "!=", False)], order=name, limit=3)
            record.formatted_read_group(
                [], [], [f"{name}:sum" for name in facts if _is_summed(record, name)]
            )
        self.env["contract.ageing"].with_user(self.mighty).search([]).read()
        self.env["contract.deviation"]._detect(
            self.env["sale.order"].browse(
                r.id for r in records if r._name == "sale.order"
            )
        )

    def term(self, order, **values):
        return self.env["contract.term"].create(
            {
                "order_id": order.id,
                "kind": "payment",
                "name": "Balance",
                "event_type_id": self.env.ref(
                    "contract_tracking.event_type_dispatch"
                ).id,
                **values,
            }
        )

    def test_limits(self):
        """Extreme, but accepted, from a promise to its printed forms."""
        word = "很长" * 500
        for lead, price in ((1e12, 9e10), (-1e300, 0)):
            with self.subTest(lead=lead):
                order = self.new_order([(self.pump, 10, price)])
                order.order_line.name = word
                for unit, percent in (("day", 40), ("month", 30), ("workday", 30)):
                    self.term(order, delay=CENTURY, delay_unit=unit, percent=percent)
                with freeze_time("2026-09-01 02:00:00"):
                    order.action_confirm()
                order.write(
                    {
                        "contract_end_date": "2199-12-31",
                        "contract_deemed_days": CENTURY,
                        "contract_customer_signatory": word,
                    }
                )
                self.deliver(order, "2026-09-20")
                order.order_line.flush_recordset()
                self.env.cr.execute(
                    "UPDATE sale_order_line SET customer_lead = %s WHERE order_id = %s",
                    [lead, order.id],
                )
                self.read_everything(order, *order.contract_term_ids)
        for day in ("9999-12-31 23:00:00", "2199-12-31 00:00:00"):
            with self.subTest(day=day):
                order = self.new_order(commitment_date=day)
                order.action_confirm()
                self.read_everything(order, *order.contract_term_ids)
        order = self.order
        record = self.env["contract.tracking.record"].search(
            [("order_id", "=", order.id)], limit=1
        )
        record.write({"summary": word * 20, "next_steps": word})
        record.action_confirm()
        for ref in ("action_report_tracking_record",):
            self.env["ir.actions.report"]._render_qweb_html(
                f"contract_tracking.{ref}", record.ids
            )
        statement = self.env["contract.statement"].create(
            {
                "partner_id": self.partner.id,
                "date_from": "1900-01-01",
                "date_to": "2026-09-30",
            }
        )
        self.assertTrue(statement._form_document(customer=True)._xlsx())

    def test_what_is_there_already(self):
        """Older data beyond a limit is read, saved again, and makes nothing fail."""
        term = self.order.contract_term_ids.filtered("event_type_id")[:1]
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE contract_term SET delay = 2147483647, alt_delay = 2147483647 "
            "WHERE order_id = %s",
            [self.order.id],
        )
        self.env.cr.execute(
            "UPDATE sale_order SET contract_deemed_days = 2147483647, "
            "contract_customer_signatory = %s WHERE id = %s",
            ["x" * 5000, self.order.id],
        )
        self.env.cr.execute(
            "UPDATE res_company SET contract_due_soon_days = 2147483647 WHERE id = %s",
            [self.company.id],
        )
        for unit in ("day", "month", "workday"):
            self.env.cr.execute("UPDATE contract_term SET delay_unit = %s", [unit])
            self.read_everything(self.order, term)
        order = self.order.with_user(self.mighty)
        order.write(
            {
                "contract_customer_signatory": "x" * 5000,
                "contract_deemed_days": 2147483647,
            }
        )
        with self.assertRaises(UserError):
            order.write({"contract_deemed_days": 2147483646})

    def test_names_of_files(self):
        given = {
            "../../etc/passwd": "passwd",
            "C:\\x": "x",
            "/tmp/a.pdf": "a.pdf",
            "INV/2026/0001.pdf": "INV-2026-0001.pdf",
            "a\nb\r\n.pdf": "a b .pdf",
            "\x07": "file",
            "..": "file",
            "": "file",
            "很" * 5000 + ".pdf": "很" * 83 + ".pdf",
            "签字 合同.pdf": "签字 合同.pdf",
        }
        for name, expected in given.items():
            with self.subTest(name=name[:20]):
                file = self.env["ir.attachment"].create({"name": name, "raw": b"x"})
                self.env["contract.document"].create(
                    {
                        "order_id": self.order.id,
                        "name": "Letter",
                        "type_id": self.document.type_id.id,
                        "date": "2026-09-02",
                        "attachment_ids": [Command.link(file.id)],
                    }
                )
                self.assertEqual(file.name, expected)

    def test_words_of_a_step(self):
        deviation = self.submitted().with_user(self.leader)
        for comment in ("a\x00", "\ud800", ["x"], {"a": 1}, LONG):
            for step in (
                deviation.action_refuse,
                deviation.action_return,
                deviation.action_approve,
            ):
                with self.subTest(step=step, comment=str(comment)[:5]):
                    with self.assertRaises(UserError):
                        step(comment)
        for outcome in (["x"], {"a": 1}, 5, "a\x00"):
            with self.assertRaises(UserError):
                deviation.action_approve("So.", outcome)
        self.assertEqual(deviation.approval_state, "pending")
        papers = self.env["contract.document"].with_user(self.mighty)
        for message in ("x", [1], {"a": 1}, -1, 2**63, 1.5, 99999999):
            with self.subTest(message=message), self.assertRaises(UserError):
                papers.action_file_message(message)

    def test_imported(self):
        """Each row says what is wrong with it, and none is imported."""
        names = ["order_id/.id", "kind", "name", "due_mode", "date_fixed", "percent"]
        good = [str(self.new_order().id), "payment", "A", "date", "2026-10-01", "10"]
        Term = self.env["contract.term"].with_user(self.mighty)
        for column, value in (
            (0, "-1"), (0, "x"), (0, str(2**63)), (1, "nope"), (2, "a\x00"),
            (2, LONG), (2, "\ud800"), (4, "0001-01-01"), (4, "9999-12-31"),
            (4, "garbage"), (5, "1e300"), (5, "nan"), (5, "inf"), (5, "x"),
        ):  # fmt: skip
            row = [*good]
            row[column] = value
            before = Term.search_count([])
            with self.subTest(column=names[column], value=value[:9]):
                with mute_logger("odoo.sql_db", "odoo.models"):
                    result = Term.load(names, [good, row])
                self.assertFalse(result["ids"])
                text = " ".join(m["message"] for m in result["messages"])
                self.assertTrue(text)
                self.assertNotIn("Unknown error", text)
                self.assertEqual(Term.search_count([]), before)

    def test_is_value(self):
        """What is refused everywhere."""
        entry = self.env["contract.entry.mixin"]
        for name, model in self.env.items():
            ours = {} if model._abstract else entry._contract_ours(name)
            for name, field in ours.items():
                with self.subTest(field=str(field)):
                    self.assertTrue(is_value(field, False, self.env))
                    for value in ALWAYS[field.type]:
                        if field.readonly and not isinstance(value, str):
                            continue
                        self.assertFalse(is_value(field, value, self.env), value)
                    self.assertIn(field.type, HOSTILE, name)

    def test_contexts_and_names(self):
        order = self.order.with_user(self.mighty)
        self.assertFalse(order.name_search(LONG))
        for model in ("contract.frame", "contract.deviation", "contract.term"):
            self.assertFalse(order.env[model].name_search(LONG))


def _is_summed(record, name):
    return record._fields[name].type in ("integer", "float", "monetary")


NOT_NUMBERS = [1e300, float("nan"), float("inf"), -1e15, 2**63, "abc", [1], {"a": 1}]
NOT_TEXTS = ["a\x00b", "\ud800", "\x07", ["a"], {"en_US": "a"}]
NOT_MANY = MANY[:22]
NOT_DAYS = ["0001-01-01", "9999-12-31", "2026-02-30", "x", [1], {"a": 1}, 5, True]
ALWAYS = {
    "binary": [],
    "integer": NOT_NUMBERS,
    "float": NOT_NUMBERS,
    "monetary": NOT_NUMBERS,
    "date": NOT_DAYS,
    "datetime": NOT_DAYS,
    "char": NOT_TEXTS,
    "text": NOT_TEXTS,
    "html": NOT_TEXTS,
    "selection": ["nope", 5, [1], {"a": 1}, True, "a\x00"],
    "boolean": [],
    "many2one": [2**63, -1, 2**31, "x", True, [1], [], {"a": 1}, 1.5, float("nan")],
    "many2one_reference": [2**63, -1, 2**31, "x", True, [1], 1.5],
    "one2many": NOT_MANY,
    "many2many": NOT_MANY,
    "json": [float("nan"), "a\x00", ["\ud800"]],
}
