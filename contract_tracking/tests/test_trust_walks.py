"""Random people take legal and illegal steps, in whatever order."""

import base64
import logging
import os
from collections import Counter
from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from odoo import Command

from .walks import DOCUMENTS, NothingToDo, WalkCase

EXAMPLES = int(os.environ.get("WALKS_EXAMPLES") or 0)
LENGTH = int(os.environ.get("WALKS_LENGTH") or 0)
SEED = os.environ.get("WALKS_SEED")

# What is written to frozen fields by force: they are the superuser's own.
FORCED = {
    "contract.deviation": {
        "state": "closed", "summary": "Nothing.", "decision_text": "Fine.",
        "decided_by_name": "Somebody", "party_ids": [Command.clear()],
        "involved_ids": [Command.clear()], "approval_state": "approved",
        "submitted_by_id": 1, "result": "Done.", "verified_by_name": "Me",
        "severity": "minor", "impact_amount": 1, "attachment_ids": [Command.clear()],
        "refused_content": False, "approval_round": 9, "detect_key": False,
        "cured_on": "2026-11-01", "name": "PC1", "create_uid": 1,
    },
    "contract.reagreement": {
        "state": "done", "amount_before": 1, "amount_after": 1, "reason": "So.",
        "approval_state": "approved", "line_ids": [Command.clear()],
        "party_ids": [Command.clear()], "document_id": False,
    },
    "contract.approval.step": {
        "state": "approved", "comment": "Yes.", "user_id": 1, "decided_by_name": "Me",
        "decided_on": "2026-11-01 10:00:00", "oral_state": "confirmed", "round": 9,
        "absent_id": 1, "oral_user_ids": [Command.clear()], "res_id": 1,
    },
    "contract.tracking.record": {
        "summary": "All is well.", "state": "draft", "delivered": 1,
        "date": "2026-11-01", "line_ids": [Command.clear()],
    },
    "contract.payment.claim": {"amount": 1, "state": "claimed", "user_id": 1},
    "contract.action": {"state": "done", "note": "Done.", "done_by_name": "Me"},
    "contract.history": {"new_value": "1", "reason": "So.", "date": "2026-01-01"},
}  # fmt: skip


class TestWalks(WalkCase):
    """Walks of people through approvals, deviations, records, claims, re-agreements.

    ``WALKS_EXAMPLES``, ``WALKS_LENGTH`` and ``WALKS_SEED`` make more and other ones.
    """

    def test_walks(self):
        names = [name[5:] for name in dir(self) if name.startswith("step_")]
        taken = Counter()

        @settings(
            max_examples=EXAMPLES or 6,
            derandomize=SEED is None,
            deadline=None,
            database=None,
            # what failed says what happened; to make it shorter takes hours
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(st.randoms(use_true_random=True))
        def walk(chance):
            steps = [
                (chance.choice(chance.choice((names, COMMON))), chance.getrandbits(20))
                for _number in range(LENGTH or 40)
            ]
            taken.update(self.walk(steps))

        if SEED is not None:
            walk = seed(int(SEED))(walk)
        walk()
        logging.getLogger(__name__).info("Taken: %s", dict(taken))
        never = set(names) - taken.keys()
        if never:
            logging.getLogger(__name__).info("Never taken: %s", sorted(never))
        self.assertGreater(taken.total(), 50)

    # ------------------------------------------------------------------
    # Whom and what
    # ------------------------------------------------------------------

    def some(self, model, *domain):
        found = self.env[model].sudo().with_context(active_test=False)
        found = found.search(list(domain), order="id")
        return self.chance.choice(found) if found else found

    def document(self, *domain):
        return self.some(self.chance.choice((DOCUMENTS[0], *DOCUMENTS)), *domain)

    def deviation(self, *states):
        return self.some(
            "contract.deviation", *([("state", "in", states)] if states else [])
        )

    def anybody(self):
        return self.chance.choice(self.walkers.filtered("active"))

    def someone(self, record, *users):
        """Mostly somebody who has to do with it."""
        near = self.env["res.users"].union(*users)
        for name in ("user_id", "activity_user_id", "approver_ids"):
            if name in record._fields:
                near |= record[name]
        if "activity_ids" in record._fields:
            near |= record.activity_ids.user_id
        near = (near & self.walkers).filtered("active")
        if near and self.chance.random() < 0.7:
            return self.chance.choice(near)
        return self.anybody()

    def decide(self, document, verb, user, part=False, says=True, **values):
        wizard = self.act(user, document, part, says).env["contract.decision"]
        wizard.create(
            {
                "res_model": document._name,
                "res_ids": document.ids,
                "verb": verb,
                "comment": self.words,
                **values,
            }
        ).action_apply()

    def reason(self, record, step, user, **values):
        self.act(user, record, says=True)
        self.step(record, step, user, self.words, **values)

    def step_go_on(self):
        """Who has to takes the next step of a document."""
        record = self.chance.choice((self.document, self.deviation, self.pending))()
        record = record or self.deviation("detected", "analysed", "executing")
        if not record:
            return False
        record = getattr(record, "lead_id", None) or record
        user = record.user_id
        match record.state:
            case "detected":
                self.act(user, record, part=True).action_analyse()
            case "analysed" | "draft":
                changed = {"recommendation": self.words}
                if record._name == "contract.reagreement":
                    changed = {"reason": self.words}
                mine = self.act(user, record, part=True)
                mine.write(changed)
                mine.action_submit()
            case "submitted":
                if self.chance.random() < 0.4:
                    return False
                user = self.chance.choice(record.approver_ids)
                self.act(user, record, says=True).action_approve(self.words)
            case "executing":
                action = record.action_ids.filtered(lambda a: a.state == "open")[:1]
                if action:
                    self.reason(action, "done", action.user_id)
                else:
                    self.reason(record, "report", user)
            case "reported":
                self.reason(record, "verify", record.sudo()._verifier() or user)
            case _:
                return False
        return True

    # ------------------------------------------------------------------
    # Deviations
    # ------------------------------------------------------------------

    def step_report(self):
        user, handler = self.anybody(), self.anybody()
        records = self.act(user, self.env["contract.deviation"])
        made = records.create(
            {
                "order_id": self.order.id,
                "user_id": self.chance.choice((user, handler)).id,
                "kind": self.chance.choice(("other", "late_delivery")),
                "severity": self.chance.choice(("minor", "major")),
                "summary": "Departs.",
                "cause_id": self.cause.id,
                "recommendation": "So be it.",
                "impact_amount": self.chance.choice((0, 300, 10**7)),
            }
        )
        self.parted.append((made, user))

    def step_write(self):
        record = self.document() or self.deviation()
        vals = self.chance.choice(
            [
                {"recommendation": self.words},
                {"summary": self.words},
                {"cause_note": "x"},
            ]
            if record._name == "contract.deviation"
            else [{"reason": self.words}, {"amount_after": 1000}]
        )
        self.act(self.someone(record), record, part=True).write(vals)

    def step_handler(self):
        record = self.document() or self.deviation()
        user = self.someone(record, self.head, self.business)
        self.act(user, record).write({"user_id": self.anybody().id})

    def step_analyse(self):
        record = self.deviation("detected") or self.deviation()
        self.act(self.someone(record), record, part=True).action_analyse()

    def step_one_report(self):
        records = self.deviation() | self.deviation()
        self.act(self.someone(records[0]), records, part=True).action_one_report()

    def step_take_out(self):
        record = self.some("contract.deviation", ("lead_id", "!=", False))
        if not record:
            return False
        self.act(self.someone(record), record, part=True).action_take_out()

    def step_copy(self):
        record = self.document() or self.deviation()
        user = self.someone(record)
        made = self.act(user, record).copy()
        ids = self.family(record._name, record.id)
        for id_ in ids:
            self.parts[made._name, made.id] |= self.parts[record._name, id_]
        self.parted.append((made, user))

    def step_unlink(self):
        model = self.chance.choice(list(FORCED))
        record = self.some(model)
        if not record:
            return False
        if self.chance.random() < 0.5:
            record.sudo().unlink()
        else:
            self.act(self.someone(record), record).unlink()

    def step_action(self):
        record = self.deviation()
        user = self.someone(record)
        planned = record.state in ("detected", "analysed")
        self.act(user, record, part=planned).env["contract.action"].create(
            {
                "res_model": record._name,
                "res_id": record.id,
                "name": "Press the foundry",
                "user_id": self.chance.choice(self.walkers).id,
                "date_deadline": "2026-11-30",
            }
        )

    def step_action_step(self):
        action = self.some("contract.action")
        if not action:
            return False
        user = self.someone(action)
        self.reason(action, self.chance.choice(("done", "done", "drop")), user)

    def step_action_write(self):
        action = self.some("contract.action")
        if not action:
            return False
        user = self.someone(action, action.deviation_id.user_id)
        vals = {"user_id": self.anybody().id}
        if self.chance.random() < 0.5:
            vals = {"name": self.words}
        planned = action.deviation_id.state in ("detected", "analysed")
        self.act(user, action).write(vals)
        if planned:
            self.parted.append((action.deviation_id, user))

    def step_result(self):
        record = self.deviation("executing") or self.deviation()
        self.reason(record, "report", self.someone(record))

    def step_verify(self):
        record = self.deviation("reported") or self.deviation()
        step = self.chance.choice(("verify", "verify", "send_back"))
        self.reason(record, step, self.someone(record, self.supervisor))

    def step_waive(self):
        record = self.deviation()
        self.reason(record, "waive", self.someone(record, self.leader, self.business))

    def step_dismiss(self):
        record = self.deviation()
        self.reason(record, "cancel", self.someone(record, self.head))

    def step_hand_over(self):
        record = self.deviation()
        user = self.someone(record, self.head, self.business)
        self.reason(record, "hand_over", user, user_id=self.anybody().id)

    # ------------------------------------------------------------------
    # Approval
    # ------------------------------------------------------------------

    def step_submit(self):
        record = self.document(("approval_state", "!=", "pending")) or self.deviation()
        self.act(self.someone(record), record, part=True).action_submit()

    def step_submit_deviation(self):
        record = self.deviation("analysed")
        if not record:
            return False
        self.act(self.someone(record), record, part=True).action_submit()

    def step_withdraw(self):
        record = self.document()
        user = self.someone(record, record.submitted_by_id)
        self.act(user, record).action_withdraw()

    def pending(self):
        """What is being decided, now and then something else."""
        asked = ("approval_state", "=", "pending")
        found = self.document(asked) or self.deviation("submitted")
        if not found and self.chance.random() < 0.2:
            found = self.document() or self.deviation()
        if not found:
            raise NothingToDo
        return found

    def step_approve(self):
        record = self.pending()
        user = self.someone(record, *record.approver_ids)
        outcome = self.chance.choice(("accept", "accept", "accept_changed"))
        self.act(user, record, says=True).action_approve(self.words, outcome)

    def step_approve_all(self):
        """Several at once, of which he may decide some."""
        records = self.deviation("submitted") | self.deviation("submitted")
        if not records:
            return False
        self.act(self.someone(records[0]), records, says=True).action_approve(
            self.words
        )

    def step_refuse(self):
        record = self.pending()
        self.decide(record, "refuse", self.someone(record, *record.approver_ids))

    def step_return(self):
        record = self.pending()
        self.decide(record, "return", self.someone(record, *record.approver_ids))

    def step_transfer(self):
        record = self.pending()
        user = self.someone(record, *record.approver_ids)
        other = self.chance.choice(self.walkers)
        self.decide(record, "transfer", user, user_id=other.id)

    def step_add(self):
        record = self.pending()
        user = self.someone(record, *record.approver_ids)
        other = self.chance.choice(self.walkers)
        self.decide(record, "add", user, user_id=other.id)

    def step_inform(self):
        record = self.pending()
        user = self.someone(record)
        self.decide(record, "inform", user, user_ids=[Command.set(self.anybody().ids)])

    def step_remind(self):
        record = self.pending()
        self.act(self.someone(record), record).action_remind()

    def step_oral(self):
        record = self.pending()
        step = self.some(
            "contract.approval.step",
            ("res_model", "=", record._name),
            ("res_id", "=", record.id),
            ("state", "=", "pending"),
        ) or self.some("contract.approval.step")
        if not step:
            return False
        user = self.someone(record, self.business, self.manager)
        self.decide(
            record,
            "oral",
            user,
            step_id=step.id,
            approved=self.chance.choice(("yes", "yes", "no")),
            oral_on=datetime.now(),
            oral_means="By phone",
        )

    def step_answer(self):
        """The approver confirms what was recorded, or says that it isn't so."""
        step = self.some("contract.approval.step", ("oral_state", "=", "provisional"))
        if not step:
            return False
        user = self.someone(step)
        record = self.act(user, step._document(), says=True)
        if self.chance.random() < 0.5:
            record.action_approve(self.words)
        else:
            record.action_refuse(self.words)

    # ------------------------------------------------------------------
    # People
    # ------------------------------------------------------------------

    def step_delegate(self):
        """Somebody, or an administrator for him, names who decides instead."""
        step = self.some("contract.approval.step", ("state", "=", "pending"))
        absent = self.chance.choice((step.user_id or self.leader, self.anybody()))
        delegations = self.env["contract.delegation"]
        user = self.chance.choice((absent, self.manager, self.anybody()))
        if not user.active:
            return False
        start = datetime.now() + timedelta(days=self.chance.choice((0, 0, 2)))
        self.act(user, delegations, says=True).create(
            {
                "user_id": absent.id,
                "delegate_id": self.chance.choice(self.walkers).id,
                "date_from": start.date(),
                "date_to": (start + timedelta(days=self.chance.choice((0, 9)))).date(),
                "reason": self.words,
            }
        )

    def step_delegation_write(self):
        delegation = self.some("contract.delegation")
        if not delegation:
            return False
        user = self.someone(delegation, self.manager)
        vals = self.chance.choice(
            [
                {"active": False},
                {"active": True},
                {"delegate_id": self.anybody().id},
                {"date_to": datetime.now().date() + timedelta(days=3)},
            ]
        )
        self.act(user, delegation).write(vals)

    def step_archive(self):
        """Somebody leaves; two at most are gone, or nobody would be there."""
        if len(self.walkers.filtered("active")) < len(self.walkers) - 1:
            return False
        pending = self.some("contract.approval.step", ("state", "=", "pending"))
        near = (pending.user_id & self.walkers).filtered("active") or self.walkers
        user = self.chance.choice((self.anybody(), near[0]))
        self.done[-1] += f": {user.login}"
        if self.chance.random() < 0.5:
            user.sudo().action_archive()
        else:
            user.sudo().active = False

    def step_restore(self):
        gone = self.walkers.filtered(lambda user: not user.active)
        if not gone:
            return False
        self.done[-1] += f": {gone[0].login}"
        gone[0].sudo().active = True

    def step_handover(self):
        """The wizard that hands over what somebody follows."""
        user = self.chance.choice((self.head, self.business, self.anybody()))
        old = self.chance.choice(
            (self.order.user_id, self.order.contract_owner_id, self.anybody())
        )
        new = self.anybody()
        if not user.active:
            return False
        records = self.act(user, self.env["contract.handover"], says=True)
        wizard = records.create(
            {"from_user_id": old.id, "to_user_id": new.id, "reason": self.words}
        )
        self.done[-1] += f" {old.login} → {new.login}"
        wizard.action_apply()

    def step_head(self):
        """The office gets another head."""
        self.team.sudo().user_id = self.chance.choice((self.head, self.anybody()))

    def step_rule(self):
        """An administrator changes who decides."""
        rule = self.chance.choice(self.rules)
        line = self.chance.choice(rule.with_context(active_test=False).line_ids)
        user = self.chance.choice((self.manager, self.manager2, self.anybody()))
        if not user.active:
            return False
        some = (self.anybody() | self.anybody()).ids
        line, rule = self.act(user, line), rule.with_user(user)
        change = self.chance.randrange(8)
        match change:
            case 0 | 1:
                line.write({"approver": "users", "user_ids": [Command.set(some)]})
            case 2:
                line.write({"mode": self.chance.choice(("any", "all"))})
            case 3:
                line.write({"oral_user_ids": [Command.set(some)]})
            case 4:
                line.write({"oral_limit": 1})
            case 5:
                line.write({"active": not line.active})
            case 6:
                line.write({"sequence": self.chance.choice((5, 10, 20))})
            case 7:
                line.unlink()

    # ------------------------------------------------------------------
    # Files and force
    # ------------------------------------------------------------------

    def step_file(self):
        """Somebody adds evidence to a report."""
        record = self.deviation()
        user = self.someone(record)
        mine = self.act(user, record, part=True)
        file = mine.env["ir.attachment"].create({"name": "a.pdf", "raw": b"as it was"})
        mine.write({"attachment_ids": [Command.link(file.id)]})

    def step_forge(self):
        """Somebody, or the superuser, changes a file of evidence or takes it away."""
        ids = [key[2].split()[1] for key in self.frozen if key[0].startswith("file")]
        if not ids:
            return False
        file = self.env["ir.attachment"].browse(int(self.chance.choice(ids)))
        if self.chance.random() < 0.5:
            file = self.act(self.anybody(), file)
        else:
            file = file.sudo()
        vals = self.chance.choice(
            [
                {"raw": b"forged"},
                {"datas": base64.b64encode(b"forged")},
                {"name": "forged.pdf"},
                {"res_id": self.order.id},
                {"res_model": "sale.order", "res_id": self.order.id},
                {"res_model": False, "res_id": False},
                None,
            ]
        )
        file.write(vals) if vals else file.unlink()

    def step_relink(self):
        record = self.deviation()
        if not record.attachment_ids:
            return False
        file = record.attachment_ids[0]
        command = self.chance.choice(
            [
                Command.clear(),
                Command.unlink(file.id),
                Command.delete(file.id),
                Command.update(file.id, {"name": "b.pdf"}),
            ]
        )
        user = self.someone(record)
        if self.chance.random() < 0.5:
            record.sudo().write({"attachment_ids": [command]})
        else:
            self.act(user, record, part=True).write({"attachment_ids": [command]})

    def step_force(self):
        """The superuser writes what the addon keeps."""
        model = self.chance.choice(list(FORCED))
        record = self.some(model)
        if not record:
            return False
        name = self.chance.choice(list(FORCED[model]))
        self.done[-1] += f": {record} {name}"
        record.sudo().write({name: FORCED[model][name]})

    def step_activity(self):
        """Marking it as done is no decision."""
        activity = self.some("mail.activity", ("res_model", "in", DOCUMENTS))
        if not activity.active:
            return False
        activity = self.act(self.someone(activity), activity)
        match self.chance.randrange(3):
            case 0:
                activity.action_feedback("Done")
            case 1:
                activity.unlink()
            case 2:
                activity.write({"user_id": self.anybody().id})

    # ------------------------------------------------------------------
    # Re-agreements, milestones, records, claims
    # ------------------------------------------------------------------

    def step_reagreement(self):
        user = self.chance.choice((self.order.user_id, self.anybody()))
        if not user.active:
            return False
        delivery = self.order.contract_term_ids.filtered(
            lambda t: t.line_id and not t.valid_to
        )[:1]
        line = {"action": "change", "term_id": delivery.id, "date_fixed": "2026-12-24"}
        made = self.act(user, self.env["contract.reagreement"]).create(
            {
                "order_id": self.order.id,
                "document_id": self.paper.id,
                "date_from": datetime.now().date() - timedelta(days=1),
                "reason": "The customer asked for it.",
                "amount_after": self.order.contract_agreed_amount,
                "line_ids": [Command.create(line)] if delivery else [],
            }
        )
        self.parted.append((made, user))

    def step_propose(self):
        record = self.some("contract.reagreement")
        if not record:
            return False
        self.act(self.someone(record), record, part=True).action_propose()

    def step_change(self):
        """Somebody writes a line of a re-agreement."""
        line = self.some("contract.reagreement.line")
        if not line:
            return False
        record = line.reagreement_id
        self.act(self.someone(record), record, part=True)
        user = self.parted[-1][1]
        line.with_user(user).write({"date_fixed": "2026-12-28"})

    def step_order(self):
        """The order is changed otherwise than agreed, and back."""
        line = self.order.order_line[0].sudo()
        line.product_uom_qty = self.chance.choice((10, 10, 12))

    def step_search(self):
        """The daily search finds what departs, and what is cured."""
        self.env["contract.deviation"].sudo()._detect(self.order.sudo())

    def step_follow_up(self):
        """The next day."""
        self.clock.move_to(datetime.now() + timedelta(days=1))
        self.env["contract.approval.step"].sudo()._cron_follow_up()
        self.env["contract.deviation"].sudo()._cron_follow_up()

    def step_milestone(self):
        term = self.some("contract.term", ("kind", "=", "milestone"))
        day = datetime.now().date() + timedelta(days=self.chance.choice((1, 30, -3)))
        user = self.someone(term, self.business)
        self.reason(term, "move", user, date=day)

    def step_record(self):
        user = self.chance.choice((self.order.contract_owner_id, self.anybody()))
        if not user.active:
            return False
        self.act(user, self.env["contract.tracking.record"]).create(
            {"order_id": self.order.id, "user_id": user.id}
        )

    def step_record_step(self):
        record = self.some("contract.tracking.record")
        if not record:
            return False
        mine = self.act(self.someone(record), record)
        match self.chance.randrange(4):
            case 0 | 1:
                mine.action_confirm()
            case 2:
                mine.write({"summary": self.words})
            case 3:
                self.spoken = True
                self.step(record, "void", mine.env.user, self.words)

    def step_claim(self):
        user = self.chance.choice((self.order.user_id, self.finance, self.anybody()))
        if not user.active:
            return False
        self.act(user, self.env["contract.payment.claim"]).create(
            {
                "payment_id": self.payment.id,
                "order_id": self.order.id,
                "amount": self.chance.choice((100, 250, 600)),
            }
        )

    def step_claim_step(self):
        claim = self.some("contract.payment.claim")
        if not claim:
            return False
        user = self.someone(claim, self.finance)
        if self.chance.random() < 0.5:
            self.act(user, claim).action_confirm()
        else:
            self.reason(claim, "withdraw", user)


# What happens most.
COMMON = ["go_on"] * 6 + ["approve", "refuse", "return", "transfer", "add", "oral"]
