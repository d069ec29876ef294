"""What becomes of documents in the same breath: their counts when they are void, and
their decision when their contract was cancelled meanwhile."""

from contextlib import contextmanager

from psycopg2 import IntegrityError

from odoo import fields
from odoo.exceptions import UserError, ValidationError
from odoo.tools import mute_logger

from ..models.review.contract_review_decision import CRITERIA
from ..tools.guard import unguarded
from .matrix_world import MAKE, MatrixWorld

# What only who sent it takes back.
OF_SENDER = ("contract.coordination",)


class TestCancelled(MatrixWorld):
    @contextmanager
    def undone(self):
        """Try something: nothing of it stays."""
        with self.env.cr.savepoint() as savepoint:
            yield
            savepoint.rollback()
        self.env.invalidate_all()

    def models_of(self, mixin):
        names = self.env.registry.descendants([mixin], "_inherit")
        return sorted(name for name in names if not self.env[name]._abstract)

    def counts(self, parent):
        """What its buttons say; the counts that nothing computes are figures."""
        return {
            name: parent[name]
            for name, field in parent._fields.items()
            if name.endswith("_count")
            and field.compute
            and not field.store
            and "contract_tracking" in field._modules
        }

    def assert_fresh(self, parent, step):
        """What the buttons say after a step isn't what they said before."""
        parent.env.invalidate_all()
        self.counts(parent)
        step()
        said = self.counts(parent)
        parent.env.invalidate_all()
        self.assertEqual(said, self.counts(parent))

    def is_voided(self, record):
        """Whether it is a document on a contract that can be void."""
        states = dict(record._fields["state"].selection)
        return "void" in states and "order_id" in record._fields

    # ------------------------------------------------------------------
    # Counts
    # ------------------------------------------------------------------

    def test_counts_without_void_ones(self):
        """Whatever is voided is counted no more, at once."""
        k, seen = self.sides[0], set()
        for model in self.models_of("contract.void.mixin"):
            record = k.records.get(model)
            if record is None or not self.is_voided(record):
                continue
            for parent in (k.order, k.frame):
                fname = parent._contract_parent_field
                with self.subTest(model=model, of=fname), self.undone():
                    try:
                        with mute_logger("odoo.sql_db"), self.env.cr.savepoint():
                            if parent == k.frame:
                                # frame agreements don't have all of them
                                vals = {**MAKE[model](k, "Else"), "order_id": False}
                                vals |= {"frame_id": parent.id}
                                if model == "contract.termination":
                                    vals["kind"] = "terminate"
                                record = k.env[model].create(vals)
                            self.env.flush_all()
                    except (UserError, ValidationError, IntegrityError, ValueError):
                        continue
                    self.assertEqual(record[fname], parent)
                    seen.add((model, fname))
                    self.assert_fresh(
                        parent,
                        lambda r=record: unguarded(r.sudo()).write({"state": "void"}),
                    )
        self.assertLessEqual(
            {
                (f"contract.{name}", fname)
                for name in (
                    "briefing", "change", "coordination", "review", "termination",
                    "tracking.record",
                )
                for fname in ("order_id", "frame_id")
            },
            seen,
        )  # fmt: skip
        self.assertIn(("contract.settlement", "order_id"), seen)

    def test_call_offs_without_cancelled_ones(self):
        k = self.sides[0]
        order = k.second.copy({"contract_frame_id": k.frame.id})
        self.assert_fresh(k.frame, lambda: order._action_cancel())

    # ------------------------------------------------------------------
    # Decisions
    # ------------------------------------------------------------------

    def pending(self, k, record):
        """Let it wait for the decision of one; nothing was made of it yet."""
        unguarded(k.records["contract.release"].sudo()).state = "void"
        vals = {
            "approval_state": "pending",
            "approval_round": record.approval_round + 1,
            "submitted_on": fields.Datetime.now(),
            "submitted_by_id": k.user.id,
        }
        if "submitted" in dict(record._fields["state"].selection):
            vals["state"] = "submitted"
        document = unguarded(record.sudo())
        document.write(vals)
        document.step_ids.filtered(lambda s: s.state in ("pending", "waiting")).write(
            {"state": "skipped"}
        )
        step = document.env["contract.approval.step"].create(
            document._approval_step_vals(
                k.decider, slot=1, sequence=1, name="Leader", mode="all"
            )
        )
        # an opinion on each criterion, where it is a review
        step.write(dict.fromkeys(CRITERIA, "ok"))
        step._open()

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_decided_though_cancelled(self):
        """Approvers refuse or return what is asked of a contract that was cancelled
        meanwhile, and who asked takes it back: nobody approves it."""
        k, seen = self.sides[0], set()
        for model in self.models_of("contract.approval.mixin"):
            record = k.records.get(model)
            if record is None or not record._approval_parent():
                # of no contract
                continue
            seen.add(model)
            with self.undone():
                self.pending(k, record)
                unguarded(record._approval_parent().sudo())._contract_set_state(
                    "cancelled", "By mistake"
                )
                self.env.flush_all()
                decider = record.with_user(k.decider)
                self.assertTrue(decider.can_decide)
                for outcome, step in (
                    ("refused", lambda d=decider: d.action_refuse("Over")),
                    ("returned", lambda d=decider: d.action_return("Over")),
                    ("withdrawn", record.with_user(k.user).action_withdraw),
                ):
                    with self.subTest(model=model, outcome=outcome), self.undone():
                        step()
                        self.env.flush_all()
                        self.assertEqual(record.approval_state, outcome)
                with (
                    self.subTest(model=model, outcome="approved"),
                    self.assertRaisesRegex(UserError, "was cancelled"),
                    self.env.cr.savepoint(),
                ):
                    decider.action_approve()
                self.env.invalidate_all()
        self.assertEqual(
            seen,
            {
                f"contract.{name}"
                for name in (
                    "change", "deviation", "intake", "plan", "reagreement", "review",
                    "risk.shipment", "settlement", "termination",
                )
            },
        )  # fmt: skip

    @mute_logger("odoo.addons.base.models.ir_rule")
    def test_voided_though_cancelled(self):
        """What is evidence is voided as long as it stays, whatever became of its
        contract."""
        k, seen = self.sides[0], set()
        for model in self.models_of("contract.void.mixin"):
            record = k.records.get(model)
            if record is None or not self.is_voided(record):
                continue
            for state in record._contract_next_states().get("void", ()):
                with self.subTest(model=model, state=state), self.undone():
                    document = unguarded(record.sudo())
                    document.state = state
                    unguarded(record.order_id.sudo())._contract_set_state(
                        "cancelled", "By mistake"
                    )
                    self.env.flush_all()
                    user = k.user if model in OF_SENDER else self.business
                    record.with_user(user)._void("Written by mistake")
                    self.env.flush_all()
                    self.assertEqual(record.state, "void")
                    seen.add(model)
        self.assertIn("contract.settlement", seen)
        self.assertIn("contract.termination", seen)
