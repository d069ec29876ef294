"""Walks through approvals, deviations, records, claims and re-agreements: what may
never happen, whatever people do. Read from the tables, not through the addon."""

import random
from collections import defaultdict
from datetime import datetime
from unittest.mock import patch

import psycopg2
from freezegun import freeze_time

from odoo import SUPERUSER_ID, Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from .deviations import RULES, DeviationCase

DOCUMENTS = ("contract.deviation", "contract.reagreement")
WRITTEN = ("write_uid", "write_date")
# What may still become of a decided step.
NOTES = ("oral_state", "oral_answered_on", "escalated_on", "reminded_on")
# What is asked for in a deviation report.
ASKED = """kind severity summary cause_id cause_note responsible_party department_id
    recommendation impact_days impact_amount date term_id order_id frame_id agreed_date
    agreed_quantity agreed_amount name submitted_on submitted_by_id term_name channel
    partner_name""".split()
DECIDED = ("decision", "decision_text", "decided_by_name", "decided_on")
# What follows the facts, or the calendar, after a deviation has ended.
FOLLOWS = (
    "cured_on", "reminded_on", "escalated_on", "line_id", "picking_id", "move_id",
    "lead_id", "approval_state",
)  # fmt: skip
FILE = """name checksum store_fname file_size mimetype type url res_model res_id
    create_uid public""".split()

# What is fixed, from when on: (name, for good, table, condition, key, columns). With a
# leading "-" all columns but these; not for good: only as long as the condition holds.
FROZEN = [
    ("step", True, "contract_approval_step", "state NOT IN ('waiting', 'pending')",
     "id", ["-", *NOTES, *WRITTEN]),
    ("oral answer", True, "contract_approval_step", "oral_answered_on IS NOT NULL",
     "id", ["oral_state", "oral_answered_on"]),
    ("report", False, "contract_deviation", "state NOT IN ('detected', 'analysed')",
     "(id, approval_round, lead_id)", ASKED),
    ("decision", False, "contract_deviation",
     "decided_on IS NOT NULL AND state IN ('executing', 'reported', 'closed')",
     "(id, approval_round)", DECIDED),
    ("result", False, "contract_deviation", "state IN ('reported', 'closed')",
     "(id, reported_on, sent_back_on)", ["result", "reported_by_id", "reported_on"]),
    ("ended", True, "contract_deviation", "state IN ('closed', 'waived', 'cancelled')",
     "id", ["-", *FOLLOWS, *WRITTEN]),
    ("re-agreement asked", False, "contract_reagreement",
     "state IN ('submitted', 'done')", "(id, approval_round)",
     ["document_id", "date_from", "reason", "amount_after", "order_id", "user_id"]),
    ("re-agreement", True, "contract_reagreement", "state IN ('done', 'refused')",
     "id", ["-", *WRITTEN]),
    ("change", True, "contract_reagreement_line", """reagreement_id IN (
     SELECT id FROM contract_reagreement WHERE state IN ('done', 'refused'))""",
     "id", ["-", *WRITTEN]),
    ("record", True, "contract_tracking_record", "state IN ('confirmed', 'void')",
     "id", ["-", "state", "void_reason", *WRITTEN]),
    ("void record", True, "contract_tracking_record", "state = 'void'",
     "id", ["-", *WRITTEN]),
    ("record line", True, "contract_tracking_record_line", """record_id IN (
     SELECT id FROM contract_tracking_record WHERE state <> 'draft')""",
     "id", ["-", *WRITTEN]),
    ("claim", True, "contract_payment_claim", "TRUE", "id",
     ["-", "state", "confirmed_by_id", "withdrawn_on", "withdrawn_by_id",
      "withdrawn_reason", *WRITTEN]),
    ("withdrawn claim", True, "contract_payment_claim", "state = 'withdrawn'", "id",
     ["-", *WRITTEN]),
    ("action", False, "contract_action", "state <> 'open'", "id",
     ["-", "reminded_on", "escalated_on", "verified_by_name", "verified_on", "state",
      *WRITTEN]),
    ("history", True, "contract_history", "TRUE", "id", ["-", *WRITTEN]),
    ("baseline", True, "contract_term", "stamped AND valid_to IS NOT NULL", "id",
     ["name", "quantity", "percent", "amount", "date_fixed", "valid_to", "kind"]),
    ("agreed", True, "contract_term", "stamped", "id",
     ["quantity", "percent", "amount", "date_fixed", "kind", "order_id"]),
]  # fmt: skip

# Files of evidence and since when they are it: (relation, its columns, condition).
FILES = [
    ("contract_deviation_ir_attachment_rel", "contract_deviation_id",
     "contract_deviation", "d.approval_round > 0"),
    ("contract_deviation_result_rel", "contract_deviation_id",
     "contract_deviation", "TRUE"),
    ("contract_deviation_ended_rel", "contract_deviation_id",
     "contract_deviation", "TRUE"),
    ("contract_action_ir_attachment_rel", "contract_action_id", "contract_action",
     "d.state <> 'open'"),
    ("contract_document_ir_attachment_rel", "contract_document_id",
     "contract_document", """EXISTS (SELECT FROM contract_reagreement r WHERE
     r.document_id = d.id AND r.approval_round > 0)"""),
]  # fmt: skip

# Where words may be kept.
KEPT = [
    ("contract_approval_step", "comment"), ("mail_message", "body"),
    ("contract_history", "reason"), ("contract_tracking_record", "void_reason"),
    ("contract_payment_claim", "withdrawn_reason"), ("contract_delegation", "reason"),
]  # fmt: skip


class NothingToDo(Exception):
    """A step that isn't there now."""


@tagged("post_install", "-at_install")
class WalkCase(DeviationCase):
    """A contract that is late, with a deviation report, a re-agreement, a tracking
    record, a claim and a milestone of ours; a user of each role, two of some."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.leader2 = cls.new_user(
            "ct_leader2", "contract_tracking.group_contract_leader"
        )
        cls.business2 = cls.new_user(
            "ct_business2", "contract_tracking.group_contract_business"
        )
        cls.manager2 = cls.new_user(
            "ct_manager2", "contract_tracking.group_contract_manager"
        )
        cls.walkers = (
            cls.seller | cls.colleague | cls.head | cls.member | cls.owner
            | cls.supervisor | cls.business | cls.business2 | cls.leader | cls.leader2
            | cls.manager | cls.manager2 | cls.finance | cls.auditor | cls.outsider
        )  # fmt: skip
        cls.env["crm.team.member"].create(
            {"crm_team_id": cls.team.id, "user_id": cls.colleague.id}
        )
        cls.clock = cls.startClassPatcher(freeze_time(datetime(2026, 11, 20, 4)))
        cls.create_rules()
        cls.create_papers()
        cls.env.flush_all()

    @classmethod
    def create_rules(cls):
        cls.env["contract.approval.rule"].search([]).active = False
        cls.rules = cls.env["contract.approval.rule"]
        for kind in ("deviation", "reagreement"):
            cls.rules |= cls.rules.create(
                {
                    "name": kind,
                    "kind": kind,
                    "line_ids": [
                        Command.create(
                            {
                                "name": "Head",
                                "approver": "office_leader",
                                "skip_if_none": True,
                                "sequence": 10,
                            }
                        ),
                        Command.create(
                            {
                                "name": "Leader",
                                "approver": "users",
                                "user_ids": [Command.set(cls.leader.ids)],
                                "sequence": 20,
                                "fallback_group_id": cls.env.ref(
                                    "contract_tracking.group_contract_manager"
                                ).id,
                                "oral_allowed": True,
                                "oral_limit": 10**6,
                                "oral_user_ids": [
                                    Command.set((cls.business | cls.manager).ids)
                                ],
                            }
                        ),
                    ],
                }
            )

    @classmethod
    def create_papers(cls):
        file = cls.env["ir.attachment"].create({"name": "s.pdf", "raw": b"signed"})
        cls.paper = cls.env["contract.document"].create(
            {
                "name": "Supplement 1",
                "order_id": cls.order.id,
                "type_id": cls.env.ref("contract_tracking.document_type_supplement").id,
                "date": "2026-09-20",
                "attachment_ids": [Command.link(file.id)],
            }
        )
        cls.milestone = cls.env["contract.term"].create(
            {
                "order_id": cls.order.id,
                "kind": "milestone",
                "name": "Castings in",
                "due_mode": "date",
                "date_fixed": "2026-12-20",
                "user_id": cls.owner.id,
                "department_id": cls.business_office.id,
            }
        )
        journal = cls.env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", cls.company.id)], limit=1
        )
        cls.payment = cls.env["account.payment"].create(
            {
                "payment_type": "inbound",
                "partner_type": "customer",
                "partner_id": cls.partner.id,
                "amount": 500,
                "date": "2026-11-10",
                "journal_id": journal.id,
            }
        )
        cls.payment.action_post()
        cls.company.contract_claim_confirm = True
        cls.report()
        cls.report(kind="other", summary="Pumps are dented.", impact_amount=90)
        cls.env["contract.tracking.record"].with_user(cls.owner).create(
            {"order_id": cls.order.id, "date": "2026-11-19", "user_id": cls.owner.id}
        )

    def setUp(self):
        super().setUp()
        # scheduled work commits its batches
        self.startPatcher(
            patch.object(
                type(self.env["ir.cron"]), "_commit_progress", lambda *a, **k: 600
            )
        )

    # ------------------------------------------------------------------
    # Walking
    # ------------------------------------------------------------------

    def walk(self, steps):
        """Take steps, ``[(name, number)]``, check after each, and undo all of it.

        :return: names of the steps that were taken
        """
        now = datetime.now()
        savepoint = self.env.cr.savepoint()
        self.env.invalidate_all()
        self.begin()
        taken = []
        try:
            for name, number in steps:
                if self.take(name, number):
                    taken.append(name)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
            self.env.registry.clear_all_caches()
            self.clock.move_to(now)
        return taken

    def begin(self):
        self.done = []
        # who had a part in which document, and who carried it out, as they did so
        self.parts, self.executed = defaultdict(set), defaultdict(set)
        self.judged = set()
        self.said = []
        self.steps_before = 0
        self.frozen = self.read_frozen()
        self.note_people()

    def take(self, name, number):
        """Take a step if it is allowed; say whether it was taken."""
        self.chance = random.Random(number)
        self.words = f"words {len(self.done)} of {number}"
        self.parted, self.spoken = [], False
        before = self.read_all()
        self.done.append(f"{name} {number}")
        try:
            with mute_logger(*RULES, "odoo.sql_db"), self.env.cr.savepoint():
                if getattr(self, f"step_{name}")() is False:
                    raise NothingToDo
                self.env.flush_all()
        except NothingToDo:
            self.env.invalidate_all()
            self.done.pop()
            return False
        except (UserError, psycopg2.IntegrityError) as error:
            self.env.invalidate_all()
            self.done[-1] += f" – {str(error).splitlines()[0][:150]}"
            self.say(before == self.read_all(), "A refused step left a trace")
            return False
        except Exception as error:
            self.done[-1] += f" – {error!r}"
            raise AssertionError("\n".join(["A step failed:", *self.done])) from error
        self.env.invalidate_all()
        for document, user in self.parted:
            self.parts[document._name, document.id].add(user.id)
        if self.spoken:
            self.said.append(self.words)
        self.check()
        return True

    def act(self, user, records, part=False, says=False):
        """A user takes a step on records: note it, and give them to him.

        :param part: whether that makes him one of those who ask
        :param says: whether his words are to be kept
        """
        self.done[-1] += f": {user.login} on {records._name} {records.ids}"
        if part:
            self.parted += [(record, user) for record in records]
        self.spoken |= says
        return records.sudo(False).with_user(user)

    def say(self, holds, text):
        if not holds:
            self.fail("\n".join([text, "after", *self.done]))

    # ------------------------------------------------------------------
    # What holds after every step
    # ------------------------------------------------------------------

    def check(self):
        self.check_frozen()
        self.check_judges()
        self.note_people()
        self.check_evidence()
        self.check_pending()
        self.check_words()

    def rows(self, query, *args):
        self.env.cr.execute(query, args)
        return self.env.cr.fetchall()

    def check_frozen(self):
        """Nothing changes that was decided, not even in a file."""
        now = self.read_frozen()
        for (name, for_good, key), before in self.frozen.items():
            after = now.get((name, for_good, key))
            self.say(after or not for_good, f"{name} {key} isn't frozen any more")
            if after and after != before:
                changes = [
                    f"{column}: {before[column]!r} → {after.get(column)!r}"
                    for column in before
                    if before[column] != after.get(column)
                ]
                self.say(False, f"{name} {key} changed: {changes}")
        self.frozen = now

    def read_frozen(self):
        """``{(name, for good, key): columns}`` of what is fixed now."""
        found = {}
        for name, for_good, table, condition, key, columns in FROZEN:
            if columns[0] == "-":
                content = "to_jsonb(t) - %s::text[]"
            else:
                content = """(SELECT jsonb_object_agg(e.key, e.value)
                    FROM jsonb_each(to_jsonb(t)) e WHERE e.key = ANY(%s))"""
            for id_, row in self.rows(
                f"SELECT {key}::text, {content} FROM {table} t WHERE {condition}",
                [c for c in columns if c != "-"],
            ):
                found[name, for_good, id_] = row
        for relation, column, table, condition in FILES:
            for file, owner, row in self.rows(
                f"""SELECT a.id, d.id, (SELECT jsonb_object_agg(e.key, e.value)
                       FROM jsonb_each(to_jsonb(a)) e WHERE e.key = ANY(%s))
                      FROM {relation} r JOIN {table} d ON d.id = r.{column}
                      JOIN ir_attachment a ON a.id = r.ir_attachment_id
                     WHERE {condition}""",
                FILE,
            ):
                found[f"file of {table}", True, f"{owner}: {file}"] = row
        return found

    def family(self, model, res_id):
        """A document and what is decided with it: ids."""
        if model != "contract.deviation":
            return [res_id]
        rows = self.rows("SELECT id FROM contract_deviation WHERE lead_id = %s", res_id)
        return [res_id, *(row[0] for row in rows)]

    def parts_of(self, model, res_id):
        ids = self.family(model, res_id)
        return set().union(*(self.parts[model, id_] for id_ in ids))

    def check_judges(self):
        """Nobody decides, or verifies, what he had a part in."""
        for id_, model, res_id, state, user, officer in self.rows(
            """SELECT id, res_model, res_id, state, decided_by_id, oral_by_id
                 FROM contract_approval_step
                WHERE state IN ('approved', 'refused', 'returned')"""
        ):
            if ("step", id_) in self.judged:
                continue
            self.judged.add(("step", id_))
            parts = self.parts_of(model, res_id)
            for who in {user, officer} - {None}:
                text = f"{self.login(who)} had a part in {model} {res_id}, and {state}"
                self.say(who not in parts, text)
        for id_, state, waived_by, verified_by, reported_by in self.rows(
            """SELECT id, state, ended_by_id, verified_by_id, reported_by_id
                 FROM contract_deviation
                WHERE state IN ('waived', 'closed') AND lead_id IS NULL"""
        ):
            if ("deviation", id_) in self.judged:
                continue
            self.judged.add(("deviation", id_))
            parts, who = self.parts_of("contract.deviation", id_), waived_by
            if state == "closed":
                # what both sides agreed on was not carried out
                parts = self.executed[id_] if reported_by else set()
                who = verified_by
            text = f"{self.login(who)} had a part in deviation {id_}: {state}"
            self.say(who and who not in parts, text)

    def login(self, user_id):
        return self.env["res.users"].browse(user_id).sudo().login

    def note_people(self):
        """Keep who handles, wrote and submitted what."""
        for model in DOCUMENTS:
            table = model.replace(".", "_")
            for id_, *users in self.rows(
                f"SELECT id, user_id, create_uid, submitted_by_id FROM {table}"
            ):
                self.parts[model, id_] |= {*users} - {None, SUPERUSER_ID}
        for id_, *users in self.rows(
            """SELECT d.id, d.user_id, d.submitted_by_id, d.reported_by_id, a.user_id,
                      a.done_by_id
                 FROM contract_deviation d LEFT JOIN contract_action a
                   ON a.res_model = 'contract.deviation' AND a.res_id = d.id
                  AND a.state = 'done'
                WHERE d.state IN ('submitted', 'executing', 'reported')"""
        ):
            self.executed[id_] |= {*users} - {None, SUPERUSER_ID}

    def check_evidence(self):
        """What was decided says by whom, when, in which words; no step goes."""
        [[steps]] = self.rows("SELECT count(*) FROM contract_approval_step")
        self.say(steps >= self.steps_before, "Steps are gone")
        self.steps_before = steps
        wrong = self.rows(
            """SELECT id FROM contract_approval_step
                WHERE user_name IS NULL OR res_name IS NULL
                   OR state IN ('approved', 'refused', 'returned', 'transferred')
                      AND (decided_by_id IS NULL OR decided_by_name IS NULL
                           OR decided_on IS NULL)
                   OR state IN ('refused', 'returned') AND COALESCE(comment, '') = ''
                   OR state = 'pending' AND (pending_on IS NULL
                                             OR date_deadline IS NULL)
                   OR absent_id IS NOT NULL AND (absent_name IS NULL
                                                 OR absent_reason IS NULL)
                   OR oral AND (oral_by_id IS NULL OR oral_on IS NULL
                                OR oral_means IS NULL OR oral_state IS NULL)"""
        )
        self.say(not wrong, f"Steps {wrong} say too little")
        for model in DOCUMENTS:
            table = model.replace(".", "_")
            wrong = self.rows(
                f"""SELECT d.id, d.approval_state FROM {table} d,
                  LATERAL (SELECT bool_or(s.state IN ('pending', 'waiting')) AS opened,
                    bool_or(s.state = 'refused') AS refused,
                    bool_or(s.state = 'pending') AS asked,
                    count(DISTINCT slot) AS slots,
                    count(DISTINCT slot) FILTER (WHERE s.state = 'approved') AS agreed,
                    bool_or(s.mode = 'all' AND s.state NOT IN
                            ('approved', 'transferred')) AS missing
                    FROM contract_approval_step s WHERE s.res_model = %s
                     AND s.res_id = d.id AND s.round = d.approval_round) s
                WHERE CASE d.approval_state
                    WHEN 'approved' THEN s.agreed = s.slots AND NOT s.opened
                                         AND NOT s.missing
                    WHEN 'refused' THEN s.refused AND NOT s.opened
                    WHEN 'pending' THEN s.asked AND NOT s.refused
                    ELSE NOT COALESCE(s.opened, FALSE) END IS NOT TRUE""",
                model,
            )
            self.say(not wrong, f"{model}: {wrong} isn't what its steps say")
        wrong = self.rows(
            """SELECT id, state FROM contract_deviation
                WHERE state IN ('waived', 'cancelled') AND lead_id IS NULL
                  AND (ended_reason IS NULL OR ended_by_name IS NULL
                       OR ended_on IS NULL)
                   OR state = 'closed' AND (verification IS NULL OR verified_on IS NULL
                                            OR verified_by_name IS NULL)
                   OR state IN ('reported', 'executing')
                      AND (decision IS NULL OR decided_by_name IS NULL)
                   OR state = 'reported' AND (result IS NULL OR reported_by_id IS NULL)
                UNION ALL SELECT id, state FROM contract_tracking_record
                WHERE state = 'void' AND void_reason IS NULL
                   OR state = 'confirmed' AND confirmed_by_id IS NULL
                UNION ALL SELECT id, state FROM contract_payment_claim
                WHERE state = 'withdrawn' AND (withdrawn_reason IS NULL
                                               OR withdrawn_by_id IS NULL)"""
        )
        self.say(not wrong, f"{wrong} say too little")
        twice = self.rows(
            """SELECT kind, detect_key FROM contract_deviation
                WHERE detect_key IS NOT NULL AND cured_on IS NULL
                  AND state NOT IN ('closed', 'cancelled')
                GROUP BY company_id, kind, detect_key HAVING count(*) > 1"""
        )
        self.say(not twice, f"{twice} is open more than once")

    def check_pending(self):
        """What is to be decided can be, by somebody who knows it; nobody else is
        asked."""
        asked, able = set(), defaultdict(bool)
        for model, res_id, user, active in self.rows(
            """SELECT s.res_model, s.res_id, s.user_id, u.active
                 FROM contract_approval_step s JOIN res_users u ON u.id = s.user_id
                WHERE s.state = 'pending'"""
        ):
            may = active and user not in self.parts_of(model, res_id)
            able[model, res_id] |= may
            if active:
                asked.add((model, res_id, user))
        dead = [key for key, may in able.items() if not may]
        self.say(not dead, f"Nobody can decide {dead}")
        xmlid = "contract_tracking.mail_activity_decide"
        told = set(
            self.rows(
                """SELECT res_model, res_id, user_id FROM mail_activity
                    WHERE active AND activity_type_id = %s""",
                self.env.ref(xmlid).id,
            )
        )
        names = [(*key[:2], self.login(key[2])) for key in asked ^ told]
        self.say(asked == told, f"Asked and told differ: {names}")

    def check_words(self):
        """The words of a step are kept, whatever came afterwards."""
        kept = " UNION ALL ".join(
            f"SELECT {column} AS said FROM {table}" for table, column in KEPT
        )
        for words in self.said:
            found = self.rows(
                f"SELECT FROM ({kept}) k WHERE said LIKE %s LIMIT 1", f"%{words}%"
            )
            self.say(found, f"“{words}” isn't kept")

    def read_all(self):
        """How many rows there are of everything that a step may leave."""
        tables = [
            "contract_approval_step", "contract_deviation", "contract_action",
            "contract_reagreement", "contract_reagreement_line", "contract_term",
            "contract_tracking_record", "contract_payment_claim", "contract_delegation",
            "contract_history", "contract_approval_rule_line", "ir_attachment",
            "mail_activity", "mail_message", "contract_decision", "contract_reason",
        ]  # fmt: skip
        return [
            self.rows(f"SELECT count(*), max(id), max(write_date) FROM {table}")
            for table in tables
        ]
