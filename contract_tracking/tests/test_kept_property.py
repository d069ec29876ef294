"""Kept rows against a replay, whatever happens."""

import logging
import os
import random
from collections import Counter
from datetime import date, datetime, timedelta

import psycopg2
from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import SQL, mute_logger

from .happenings import COMMON
from .happenings_wild import TEMPLATES, WildHappenings
from .test_account import AccountCommon
from .test_sheet_credits import SheetCase

MODELS = ("contract.facts", "contract.facts.frame")
OPERATIONS = int(os.environ.get("PROPERTY_OPERATIONS") or 0)
SEED = int(os.environ.get("PROPERTY_SEED") or 0)
# So many things happen to the same contracts, then all of it is undone.
ROUND = 150
# All rows are compared after so many of them. What was missed once stays wrong.
EVERYTHING = 4 if OPERATIONS else 12

_logger = logging.getLogger(__name__)


@tagged("post_install", "-at_install", "kept")
class TestKeptProperty(WildHappenings, SheetCase, AccountCommon):
    """Whatever happens, the rows that are kept and what is replayed of the stale ones
    are what a replay of everything says: all of them, in every column.

    A failure tells the seed and what happened up to then."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.approver = cls.new_user("wild", "contract_tracking.group_contract_leader")
        for group in ("business", "finance", "manager"):
            cls.env.user.group_ids |= cls.env.ref(
                f"contract_tracking.group_contract_{group}"
            )
        cls.env["contract.approval.rule"].search([]).active = False
        cls.env["contract.approval.rule"].create(
            {
                "name": "One",
                "kind": "reagreement",
                "line_ids": [
                    Command.create(
                        {"name": "One", "user_ids": [Command.link(cls.approver.id)]}
                    )
                ],
            }
        )
        cls.net = cls.env.ref("account.account_payment_term_30days")
        cls.euros = cls.euro_pricelist()
        cls.tax = cls.env["account.tax"].create(
            {"name": "VAT", "amount": 13, "type_tax_use": "sale"}
        )
        cls.valve.taxes_id = cls.tax
        cls.department = cls.env["contract.department"].create({"name": "Works"})
        cls.other_company = cls.env["res.company"].create(
            {
                "name": "Over the sea",
                "contract_tz": "America/Los_Angeles",
                "contract_track_mode": "all",
                "contract_track_from": date(2026, 1, 1),
                "contract_effective_rule": "confirmation",
            }
        )
        cls.env.user.company_ids |= cls.other_company
        cls.products = [cls.pump, cls.valve, cls.service]
        cls.create_kit()
        cls.now = datetime(2026, 3, 2, 4)
        cls.clock = cls.startClassPatcher(freeze_time(cls.now))
        cls.create_contracts()

    @classmethod
    def create_kit(cls):
        parts = cls.env["product.product"].create(
            [
                {"name": name, "type": "consu", "is_storable": True}
                for name in ("Motor", "Frame")
            ]
        )
        for part in parts:
            cls.env["stock.quant"]._update_available_quantity(
                part, cls.warehouse.lot_stock_id, 1000
            )
        pump_set = cls.env["product.product"].create(
            {"name": "Set", "type": "consu", "list_price": 70, "taxes_id": False}
        )
        cls.kit = cls.env["mrp.bom"].create(
            {
                "product_tmpl_id": pump_set.product_tmpl_id.id,
                "type": "phantom",
                "bom_line_ids": [
                    Command.create({"product_id": part.id, "product_qty": quantity})
                    for part, quantity in zip(parts, (1, 2), strict=True)
                ],
            }
        )
        cls.products.append(pump_set)

    @classmethod
    def create_contracts(cls):
        frame = cls.new_frame(
            day="2026-02-01", date_start="2026-02-01", date_end="2026-12-31"
        )
        for number, template in enumerate(TEMPLATES):
            cls.new_contract(
                date(2026, 2, 10 + number),
                [
                    (cls.pump, 10, 99.99),
                    (cls.products[number % len(cls.products)], 6),
                    (cls.service, 4),
                ],
                template,
                promised=f"2026-03-{8 + 4 * number:02}" if number % 2 else None,
                payment_term_id=cls.net.id,
                pricelist_id=cls.euros.id if number == 3 else False,
                contract_frame_id=frame.id if number in (1, 2) else False,
            )

    def setUp(self):
        super().setUp()
        self.addCleanup(self.clock.move_to, self.now)
        self.env.cr.execute("SET LOCAL statement_timeout = '60s'")
        self.done = []
        self.happened, self.refused = Counter(), Counter()

    only = None

    # ------------------------------------------------------------------
    # Tests
    # ------------------------------------------------------------------

    def test_whatever_happens(self):
        """After each of the things that happen. ``benchmarks/property.py`` runs some
        thousand."""
        total = OPERATIONS or 60
        for begin in range(0, total, ROUND):
            self.round_of_things(SEED + begin // ROUND, min(ROUND, total - begin))
        _logger.info("%s happened: %s", self.happened.total(), dict(self.happened))
        _logger.info("%s refused: %s", self.refused.total(), dict(self.refused))
        self.assertGreater(self.happened.total(), total / 2)

    def test_time_alone(self):
        """What is kept holds until the day that it says, whatever that day may be."""
        self.chance = random.Random(SEED)
        for _number in range(100 if OPERATIONS else 50):
            self.one_thing(("step_", "step_", "wild_", "time_"))
        self.fold()
        now = self.now
        kept = {
            (facts, kind): self.env.execute_query_dict(
                SQL(
                    """SELECT k.*, h.holds_until FROM %s k
                         JOIN %s h ON h.order_id = k.order_id
                        WHERE h.state <> 'draft'""",
                    SQL.identifier(facts._kept_table(kind)),
                    SQL.identifier(facts._kept_table("orders")),
                )
            )
            for facts, kind in self.pairs()
        }
        days = list(range(71) if OPERATIONS else range(0, 71, 7))
        compared = 0
        for ahead in (*days, 365, 730):
            self.turn(now + timedelta(days=ahead))
            for (facts, kind), rows in kept.items():
                holding = [row for row in rows if row["holds_until"] > self.today]
                ids = {row["order_id"] for row in holding}
                counted = facts._kept_today().get(kind, {}).keys()
                compared += len(holding)
                self.assert_same(
                    self.by_key(holding, facts._kept_head().keys() | counted),
                    self.by_key(facts._replay(kind, sorted(ids)), counted),
                    f"{facts._name} {kind}, {ahead} days later",
                )
            # what counts days from today as well
            self.compare()
        _logger.info("%s rows held as they said", compared)
        self.assertGreater(compared, 100)

    def test_every_column(self):
        """Rows of every table that the statements read, written column by column by
        SQL; here some of them, in ``benchmarks/property.py`` all."""
        self.chance = random.Random(SEED)
        for _number in range(40 if OPERATIONS else 15):
            self.one_thing(("step_", "step_", "wild_", "time_"))
        pairs = [(t, name) for t, names in self.sources().items() for name in names]
        if not OPERATIONS:
            pairs = self.chance.sample(pairs, 5)
        self.fold()
        self.compare(everything=True)
        before = self.replayed
        idle = []
        for table, name in pairs:
            self.only = table, [name]
            _logger.info("column %s.%s", table, name)
            for _try in range(5 if OPERATIONS else 2):
                self.done = []
                if self.one_row(before):
                    break
            else:
                idle.append(f"{table}.{name}")
        _logger.info("%s columns, without effect: %s", len(pairs), ", ".join(idle))

    def one_row(self, before):
        """Write a row, compare, and undo it; say whether a figure changed."""
        savepoint = self.env.cr.savepoint()
        try:
            with mute_logger("odoo.sql_db"):
                if self.row_update(None, self.today) is False:
                    return True
                self.compare(everything=True)
                return self.replayed != before
        except psycopg2.Error:
            return False
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

    # ------------------------------------------------------------------
    # What happens
    # ------------------------------------------------------------------

    def round_of_things(self, seed, times):
        """So many things happen, and all is undone."""
        self.chance = random.Random(seed)
        self.seed, self.done = seed, []
        now = self.now
        savepoint = self.env.cr.savepoint()
        self.compare(everything=True)
        self.fold()
        for number in range(times):
            self.one_thing()
            if number % EVERYTHING == 0:
                self.compare(everything=True)
            if self.often(0.35):
                self.fold(self.chance.choice((None, None, 1, 3)))
        self.compare(everything=True)
        self.fold()
        self.assertFalse(self.env["contract.facts"]._stale_ids())
        self.assertFalse(self.env["contract.facts.frame"]._stale_ids())
        self.compare(everything=True)
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        self.turn(now)

    def one_thing(self, prefixes=("step_", "wild_", "row_", "time_")):
        """The next thing that can happen, compared at once. What the addon, core or the
        database refuses doesn't happen."""
        for _try in range(20):
            name, step = self.any_step(prefixes)
            order = self.some(self.contracts())
            self.done.append(name)
            length, now = len(self.done), self.now
            try:
                with (
                    mute_logger("odoo.sql_db", "odoo.addons.base.models.ir_rule"),
                    self.env.cr.savepoint(),
                ):
                    if step(order, self.today) is not False:
                        # not flushed yet
                        self.compare()
                        self.happened[name] += 1
                        return
                    why = "not possible"
            except AssertionError:
                raise
            except (UserError, psycopg2.Error) as error:
                why = str(error).partition("\n")[0]
                self.refused[name] += 1
            except Exception as error:
                # rows that make no sense are more than core's Python can read
                why = repr(error)
                self.refused[name] += 1
            self.env.invalidate_all()
            self.turn(now)
            del self.done[length - 1 :]
            _logger.info("%s: %s", name, why)

    def any_step(self, prefixes):
        """A kind of things by chance, then one of it."""
        weights = [1 if prefix == "time_" else 3 for prefix in prefixes]
        [prefix] = self.chance.choices(prefixes, weights)
        names = [name for name in dir(self) if name.startswith(prefix)]
        if prefix == "step_":
            names += [f"step_{name}" for name in COMMON] * 3
        name = self.chance.choice(names)
        return name, getattr(self, name)

    def note(self, text):
        self.done.append("    " + " ".join(text.split())[:300])

    def fold(self, limit=None):
        for model in MODELS:
            number = self.env[model]._fold(limit)
            self.note(f"folded {number} of {model}")

    # ------------------------------------------------------------------
    # Comparing
    # ------------------------------------------------------------------

    def compare(self, everything=False):
        """All kept rows against a replay; of one kind, if not everything."""
        pairs = self.pairs()
        self.replayed = {}
        for facts, kind in pairs if everything else [self.chance.choice(pairs)]:
            # neither makes the other flush
            is_first = self.often(0.5)
            if is_first:
                kept = self.env.execute_query_dict(facts._kept_sql(kind))
            replayed = facts._replay(kind, self.ids_of(facts))
            if not is_first:
                kept = self.env.execute_query_dict(facts._kept_sql(kind))
            self.replayed[facts._name, kind] = self.by_key(replayed)
            self.assert_same(
                self.by_key(kept), self.by_key(replayed), f"{facts._name} {kind}"
            )

    def pairs(self):
        """What is kept of what."""
        return [
            (self.env[model], kind)
            for model in MODELS
            for kind in self.env[model]._kept_kinds()
        ]

    def ids_of(self, facts):
        """Of all that the statement tells without being asked for one."""
        if facts._name == "contract.facts":
            domain = [("contract_state", "not in", (False, "draft"))]
            return self.env["sale.order"].search(domain).ids
        return self.env["contract.frame"].search([("state", "!=", "draft")]).ids

    def by_key(self, rows, without=()):
        """``{contract, term or day: [row, …]}``, without some columns."""
        result = {}
        for row in rows:
            key = row["order_id"], row.get("term_id"), row.get("day")
            content = {name: row[name] for name in row.keys() - set(without)}
            result.setdefault(key, []).append(content)
        for content in result.values():
            # whichever way the columns come
            content.sort(key=lambda row: str(sorted(row.items())))
        return result

    def assert_same(self, kept, replayed, what):
        if kept == replayed:
            return
        texts = [
            f"seed {getattr(self, 'seed', SEED)}, {self.now}, today {self.today}",
            *self.done[-400:],
            f"{what}:",
        ]
        for key in sorted(kept.keys() | replayed.keys(), key=str):
            ours, theirs = kept.get(key), replayed.get(key)
            if ours == theirs:
                continue
            if ours and theirs and len(ours) == len(theirs) == 1:
                names = sorted(ours[0].keys() | theirs[0].keys())
                texts += [
                    f"{key} {name}: kept {ours[0].get(name)!r}, replayed "
                    f"{theirs[0].get(name)!r}"
                    for name in names
                    if ours[0].get(name) != theirs[0].get(name)
                    or (name in ours[0]) != (name in theirs[0])
                ]
            else:
                texts.append(f"{key}: kept {ours}, replayed {theirs}")
        self.fail("\n".join(texts))
