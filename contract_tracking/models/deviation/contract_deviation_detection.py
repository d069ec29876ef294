from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import SQL, split_every

from ...tools.guard import unguarded
from ..facts.contract_facts_kept import NEVER
from .contract_deviation import EDITABLE_STATES, RANKS

# What a departure says, and the type of each column.
COLUMNS = {
    "kind": "text",
    "detect_key": "text",
    "order_id": "int4",
    "term_id": "int4",
    "line_id": "int4",
    "picking_id": "int4",
    "move_id": "int4",
    "agreed_date": "date",
    "actual_date": "date",
    "agreed_quantity": "numeric",
    "actual_quantity": "numeric",
    "agreed_amount": "numeric",
    "actual_amount": "numeric",
    "impact_days": "int4",
    "impact_amount": "numeric",
    # the promise was kept after all, late
    "cured_on": "date",
    # an event (goods came back) departs once; a promise may depart again
    "happened_on": "date",
    # for the summary
    "data": "jsonb",
}

FIGURES = (
    "agreed_date", "actual_date", "agreed_quantity", "actual_quantity",
    "agreed_amount", "actual_amount", "impact_days", "impact_amount",
)  # fmt: skip

LINKS = ("term_id", "line_id", "picking_id", "move_id")

# What is searched for deviations.
SEARCHED = ("sale.order", "contract.frame")
# How many deviations are held in memory at once.
CHUNK = 500


class ContractDeviation(models.Model):
    """How deviations are found: one statement a batch of contracts says what departs
    and what of that is not written down yet.

    A kind is one method, ``_detect_<kind>(contracts)``: it returns SQL rows made by
    :meth:`_departure_sql`, which may read every part of the facts statement
    (:mod:`contract.facts`: ``scope``, ``line``, ``term``, ``fact``, ``money`` …), or a
    list of such rows as dicts, or nothing if the kind doesn't exist for the contracts
    (``sale.order`` or ``contract.frame``). Another addon adds its kind to the
    selection, the method, a rule as data, and a sentence (:meth:`_propose_<kind>`).

    A departure has a key. The newest deviation of its key that is not cured stands for
    it, whatever became of it; when the departure is over it is cured, with the day of
    the facts, and what departs afterwards is a new deviation, as is what grew into a
    graver band after it was closed without being cured. A term that a re-agreement put
    in the place of another one departs with the other one's key. What somebody wrote
    down himself stands for the departure that its links point at, takes over its key
    and is cured with it. Until a found deviation is submitted its figures follow the
    facts, afterwards only the cure is recorded.
    """

    _inherit = "contract.deviation"

    @api.model
    def _cron_detect(self, batch=500):
        """Find what departs, on contracts and frame agreements of which anything
        changed since they were searched, and on those whose day has come.

        Twice is once. A run that was killed or out of time leaves the rest to the next
        one.
        """
        cron = self.env["ir.cron"]
        facts = self.env["contract.facts"]
        with facts._fold_lock(wait=True):
            if not facts._fold_all():
                return
            while due := [
                (self.env[name].sudo(), ids)
                for name in SEARCHED
                for ids in split_every(
                    batch, self.env[self.env[name]._contract_facts_model]._take_due()
                )
            ]:
                left = sum(len(ids) for _model, ids in due)
                for model, ids in due:
                    self._detect_due(model.browse(ids))
                    left -= len(ids)
                    # it isn't over before nothing more is due
                    if not cron._commit_progress(len(ids), remaining=left + 1):
                        return
                    self.env.invalidate_all()
            cron._commit_progress(remaining=0)

    def _detect_due(self, contracts):
        """Find what departs on ``contracts``, and keep when they are due again."""
        _found, days = self._search_departures(contracts)
        # what was written down is news too, and none that has to be searched
        self.env["contract.facts"]._fold()
        self.env[contracts._contract_facts_model]._set_search(days)

    @api.model
    def _detect(self, contracts):
        """Write down what departs on ``contracts``, bring up to date what is not
        submitted, record what is cured.

        :param contracts: ``sale.order`` or ``contract.frame`` records; whoever calls
            has checked the access
        :return: the new deviations
        """
        return self._search_departures(contracts)[0] if contracts else self.browse()

    @api.model
    def _departing(self, contracts, kind):
        """Which of these contracts depart in a way now, whatever is written down: ids
        of orders."""
        facts = self.env[contracts._contract_facts_model]
        source = getattr(self, f"_detect_{kind}")(contracts) if contracts else None
        if not source:
            return set()
        self.env.flush_all()
        rows = facts._execute_by_index(
            SQL(
                "%s SELECT u.order_id FROM (%s) u",
                facts._with_sql(facts._scope(contracts), None),
                source,
            )
        )
        return {row["order_id"] for row in rows}

    def _search_departures(self, contracts):
        """Search as :meth:`_detect` does.

        :return: the new deviations, and [(id of a contract, the first day on which a
            search may find something although no row is written, today)]
        """
        contracts = contracts.sudo()
        self = self.sudo().with_context(tracking_disable=True)
        self.env.flush_all()
        facts = self.env[contracts._contract_facts_model]
        rows = facts._execute_by_index(self._detection_sql(contracts))
        fresh = [row for row in rows if row["step"] == "create"]
        known = [row for row in rows if row["step"] not in (None, "create")]
        for part in self._chunks(known):
            self._detect_update(part)
        found = self.browse().union(
            *(self._detect_create(contracts, part) for part in self._chunks(fresh))
        )
        days = {
            row["searched_id"]: (row["searched_id"], row["search_on"], row["on_day"])
            for row in rows
        }
        return found, list(days.values())

    @api.model
    def _chunks(self, rows):
        """Parts of ``rows``; what was written for the last one leaves the memory."""
        for number, part in enumerate(split_every(CHUNK, rows)):
            if number:
                self.env.flush_all()
                self.env.invalidate_all()
            yield part

    @api.model
    def _detected_kinds(self):
        """The kinds that are found from the facts, by a method each."""
        return [
            kind
            for kind in self._fields["kind"].get_values(self.env)
            if hasattr(self, f"_detect_{kind}")
        ]

    @api.model
    def _departure_sql(self, source, **columns):
        """SQL rows of departures.

        :param source: SQL that follows FROM
        :param columns: SQL of the columns in ``COLUMNS``; those left out are empty
        """
        values = SQL(", ").join(
            SQL(
                "(%s)::%s AS %s",
                columns.get(name, SQL("NULL")),
                SQL(kind),  # ours, never a user's
                SQL.identifier(name),
            )
            for name, kind in COLUMNS.items()
        )
        return SQL("SELECT %s FROM %s", values, source)

    @api.model
    def _rows_sql(self, rows):
        """SQL rows of departures that Python found."""
        return self._departure_sql(
            SQL(
                "jsonb_to_recordset(%s::jsonb) AS x (%s)",
                fields.Json().convert_to_column(rows, self),
                SQL(", ").join(
                    SQL("%s %s", SQL.identifier(name), SQL(kind))
                    for name, kind in COLUMNS.items()
                ),
            ),
            **{name: SQL.identifier("x", name) for name in COLUMNS},
        )

    @api.model
    def _detection_sql(self, contracts):
        """SQL of what is to be written: departures beside what is written down.

        A contract without any has a row too, without a ``step``: each says when to
        search again (``search_on``).
        """
        facts = self.env[contracts._contract_facts_model]
        parts = []
        for kind in self._detected_kinds():
            part = getattr(self, f"_detect_{kind}")(contracts)
            if part:
                rows = self._rows_sql(part) if isinstance(part, list) else part
                parts.append(SQL("(%s)", rows))
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        return SQL(
            """%(ctes)s,
            rule AS (%(rules)s),
            found AS (%(kinds)s),
            departure AS MATERIALIZED (
                SELECT u.kind, u.detect_key, u.term_id, u.line_id, u.picking_id,
                       u.move_id, u.agreed_date, u.cured_on, u.happened_on, u.data,
                       NULLIF(u.actual_date, '-infinity') AS actual_date,
                       ROUND(COALESCE(u.agreed_quantity, 0), %(digits)s)
                           AS agreed_quantity,
                       ROUND(COALESCE(u.actual_quantity, 0), %(digits)s)
                           AS actual_quantity,
                       ROUND(COALESCE(u.agreed_amount, 0), s.decimals)
                           AS agreed_amount,
                       ROUND(COALESCE(u.actual_amount, 0), s.decimals)
                           AS actual_amount,
                       COALESCE(u.impact_days, 0) AS impact_days,
                       ROUND(COALESCE(u.impact_amount, 0), s.decimals)
                           AS impact_amount,
                       s.order_id, s.cutoff, s.total, %(rate)s AS rate,
                       r.rule_id, r.active AS is_used,
                       r.write_date AS rule_date, r.tolerance_days,
                       -- a day longer every day
                       COALESCE(u.cured_on IS NULL AND u.happened_on IS NULL
                                AND u.impact_days = s.cutoff - u.agreed_date, FALSE)
                           AS is_growing,
                       CASE u.kind WHEN 'short_quantity' THEN 'late_delivery'
                                   ELSE u.kind END AS family,
                       -- within one of the tolerances that are set: not written down
                       (s.contract_state IN ('active', 'suspended')
                        -- its retention is still to be paid
                        OR s.contract_state = 'completed' AND u.term_id IN (
                           SELECT term_id FROM term WHERE payment_kind = 'retention'))
                       AND r.active
                       AND (r.tolerance_days = 0 OR COALESCE(u.impact_days, 0) = 0
                            OR u.impact_days > r.tolerance_days)
                       AND (u.cured_on IS NOT NULL OR u.happened_on IS NOT NULL
                            OR r.tolerance_percent = 0
                            OR COALESCE(u.agreed_amount, 0) = 0
                            OR u.impact_amount * 100
                               > r.tolerance_percent * ABS(u.agreed_amount))
                       AND (u.cured_on IS NOT NULL OR r.tolerance_amount = 0
                            OR u.impact_amount IS NULL
                            OR u.impact_amount / %(rate)s > r.tolerance_amount)
                           AS is_beyond,
                       s.opening_date
                  FROM found u
                  JOIN scope s ON s.order_id = u.order_id
                  LEFT JOIN rule r ON r.company_id = s.company_id AND r.kind = u.kind
            ),
            written AS MATERIALIZED (
                SELECT d.*, s.order_id AS contract_id, s.cutoff, h.id AS heir_id,
                       n.valid_to AS replaced_on,
                       COALESCE(r.active, FALSE) AS is_used,
                       CASE WHEN STARTS_WITH(d.detect_key, 'term:') AND h.id IS NOT NULL
                            THEN 'term:' || h.id ELSE d.detect_key END AS key,
                       CASE d.kind WHEN 'short_quantity' THEN 'late_delivery'
                                   ELSE d.kind END AS family
                  FROM scope s
                  JOIN contract_deviation d ON d.%(subject)s = s.order_id
                   -- what somebody wrote down by mistake hides nothing
                   AND (d.source = 'detected' OR d.state <> 'cancelled')
                  LEFT JOIN rule r ON r.company_id = d.company_id AND r.kind = d.kind
                  LEFT JOIN contract_term n ON n.id = d.term_id
                   AND n.valid_to <= s.cutoff
                  LEFT JOIN LATERAL (%(heir)s) h ON TRUE
            ),
            pointed AS (
                -- what somebody wrote down himself, and the departure that it means
                SELECT DISTINCT ON (d.id) d.id, c.detect_key AS key
                  FROM written d
                  JOIN (SELECT *, COUNT(*) OVER (PARTITION BY order_id, family)
                               AS number FROM departure) c
                    ON c.family = d.family AND c.order_id = d.%(subject)s
                  LEFT JOIN term t ON t.term_id = d.heir_id
                 WHERE d.key IS NULL
                   AND (d.cured_on IS NULL OR d.cured_on >= COALESCE(c.happened_on,
                            c.agreed_date, c.actual_date, d.cured_on))
                   AND (d.heir_id = c.term_id
                        OR t.line_id = c.line_id AND c.happened_on IS NOT NULL
                        OR d.heir_id IS NULL
                           AND (d.line_id = c.line_id OR d.picking_id = c.picking_id
                                OR d.move_id = c.move_id OR c.number = 1))
                   AND COALESCE(d.line_id = c.line_id, TRUE)
                   AND COALESCE(d.picking_id = c.picking_id, TRUE)
                   AND COALESCE(d.move_id = c.move_id, TRUE)
                 ORDER BY d.id, c.cured_on IS NULL DESC, c.agreed_date, c.detect_key
            ),
            known AS MATERIALIZED (
                -- the newest of each key; the one that isn't cured if there is one
                SELECT k.*, ROW_NUMBER() OVER (
                           PARTITION BY family, place_key
                           ORDER BY cured_on IS NULL DESC, key IS NULL, id DESC)
                           AS place
                  FROM (SELECT d.*, COALESCE(d.key, p.key) AS place_key,
                               d.key IS NOT NULL AND d.source = 'detected'
                               AND d.state = ANY(%(editable)s) AS is_editable
                          FROM written d LEFT JOIN pointed p ON p.id = d.id) k
            ),
            compared AS MATERIALIZED (
                SELECT c.*, d.id AS deviation_id, d.is_editable, d.replaced_on,
                       COALESCE(c.order_id, d.contract_id) AS contract_id,
                       COALESCE(c.cutoff, d.cutoff) AS today,
                       d.cured_on AS known_cured_on, d.state AS known_state,
                       d.kind AS known_kind, d.heir_id AS known_term_id,
                       d.order_id AS known_order_id, d.date AS known_date,
                       d.key IS NULL AS is_pointed,
                       CASE
                       WHEN c.detect_key IS NULL THEN
                            CASE WHEN d.cured_on IS NULL AND d.is_used
                                      AND (d.key IS NOT NULL OR f.term_id IS NOT NULL)
                                 THEN 'cure' END
                       WHEN d.place > 1 THEN
                            CASE WHEN d.cured_on IS NULL AND c.cured_on IS NOT NULL
                                 THEN 'cure' END
                       -- an agreement may cure it from a day to come
                       WHEN d.id IS NULL
                            OR d.key IS NOT NULL AND d.cured_on <= d.cutoff
                               AND c.cured_on IS NULL AND c.happened_on IS NULL
                            OR d.state = 'closed' AND d.cured_on IS NULL
                               AND c.cured_on IS NULL
                               AND (d.impact_days, d.impact_amount) <> (0, 0)
                               AND %(rank_now)s > GREATEST(%(rank_then)s,
                                   ARRAY_POSITION(%(severities)s, d.severity) - 1)
                       THEN CASE WHEN c.is_beyond AND (
                                 COALESCE(c.happened_on, c.cured_on) IS NULL
                                 OR %(is_ours)s) THEN 'create' END
                       WHEN d.cured_on IS NULL AND c.cured_on IS NOT NULL THEN 'cure'
                       WHEN d.key IS NULL AND d.cured_on IS NULL THEN 'point'
                       WHEN d.is_editable
                            AND (d.cured_on IS NULL OR c.cured_on IS NOT NULL)
                            AND ((%(ours)s, c.cured_on) IS DISTINCT FROM
                                 (%(theirs)s, d.cured_on)
                                 OR c.kind <> d.kind AND c.is_used
                                 OR c.detect_key <> d.detect_key
                                 OR c.rule_date > d.write_date) THEN 'update'
                       END AS step
                  FROM departure c
                  FULL JOIN known d
                    ON d.family = c.family AND d.place_key = c.detect_key
                  LEFT JOIN fact f ON f.term_id = d.heir_id
                   AND f.status IN ('met', 'met_late', 'waived')
                   AND d.family IN ('late_delivery', 'late_payment',
                                    'milestone_late', 'document_missing')
                 WHERE d.place IS NULL OR d.place = 1 OR d.cured_on IS NULL
            ),
            search AS (
                SELECT s.order_id, s.cutoff,
                       COALESCE(MIN(x.day), %(never)s) AS search_on
                  FROM scope s
                  LEFT JOIN (%(days)s) x (order_id, day)
                    ON x.order_id = s.order_id AND x.day > s.cutoff
                 GROUP BY s.order_id, s.cutoff
            )
            SELECT c.*, CASE WHEN c.step = 'cure' THEN %(cured)s END AS cure_day,
                   w.order_id AS searched_id, w.search_on, w.cutoff AS on_day
              FROM search w
              LEFT JOIN compared c ON c.contract_id = w.order_id
               AND c.step IS NOT NULL
              LEFT JOIN fact f ON f.term_id = COALESCE(c.known_term_id, c.term_id)
              %(movements)s
             ORDER BY c.order_id, c.term_id, c.kind, c.detect_key""",
            never=NEVER,
            days=SQL(" UNION ALL ").join(self._search_days(contracts)),
            ctes=facts._with_sql(facts._scope(contracts), None),
            rules=self.env["contract.deviation.rule"]._rule_sql(),
            kinds=SQL(" UNION ALL ").join(parts),
            digits=digits,
            rate=self._rate_sql(contracts),
            editable=list(EDITABLE_STATES),
            subject=facts._subject(),
            is_ours=self._since_sql(contracts),
            heir=self._heir_sql(),
            rank_now=self._rank_sql("c"),
            rank_then=self._rank_sql("d"),
            severities=list(RANKS),
            ours=self._figures_sql("c"),
            theirs=self._figures_sql("d"),
            cured=self._cured_sql(),
            movements=self._movements_sql(),
        )

    @api.model
    def _search_days(self, contracts):
        """Days on which a search may find something although no row that the facts or
        the search read is written, and the facts stay the same: SQL rows (order_id,
        day) over the parts of :meth:`_detection_sql`. Those that are past don't matter.
        Another addon adds those of its kind.
        """
        return [
            # what nobody submitted follows the facts; what is within the tolerated days
            # leaves them; what was closed reaches a graver band
            SQL(
                """SELECT c.contract_id, c.today + CASE
                          WHEN c.step = 'create' OR c.is_editable THEN 1
                          ELSE LEAST(
                              CASE WHEN c.impact_days <= c.tolerance_days
                                   THEN c.tolerance_days + 1 - c.impact_days END,
                              CASE WHEN c.known_state = 'closed' THEN (
                                   SELECT MIN(b.days_from) - c.impact_days
                                     FROM contract_deviation_rule_band b
                                    WHERE b.rule_id = c.rule_id
                                      AND b.days_from > c.impact_days) END) END
                     FROM compared c WHERE c.is_growing"""
            ),
            # an agreement cures it from then on: what departs afterwards is new
            SQL("SELECT contract_id, known_cured_on FROM compared"),
            self._search_paper_days(),
            self._search_frame_days(contracts),
        ]

    @api.model
    def _figures_sql(self, alias):
        return SQL(", ").join(
            SQL(
                "%s" if name.endswith("_date") else "COALESCE(%s, 0)",
                SQL.identifier(alias, name),
            )
            for name in FIGURES
        )

    @api.model
    def _rate_sql(self, contracts):
        """What one unit of the company's currency is in the contract's, today."""
        if contracts._name == "sale.order":
            return SQL("s.rate")
        rates = {}
        for company, frames in contracts.sudo().grouped("company_id").items():
            own = company.currency_id
            known = (frames.currency_id | own)._get_rates(
                company, company._contract_today()
            )
            for frame in frames:
                rates[frame.id] = known[frame.currency_id.id] / known[own.id]
        return SQL(
            "COALESCE((%s::jsonb ->> s.order_id::text)::numeric, 1)",
            fields.Json().convert_to_column(rates, self),
        )

    @api.model
    def _heir_sql(self):
        """The term of the deviation ``d``: the one that holds in its place where a
        re-agreement replaced it (``n``), itself where nothing did."""
        return SQL(
            """SELECT CASE WHEN n.id IS NULL THEN d.term_id ELSE COALESCE((
                      WITH RECURSIVE heir AS (
                           SELECT n.id, n.valid_to
                            UNION ALL
                           SELECT t.id, t.valid_to
                             FROM heir
                             JOIN contract_term t ON t.predecessor_id = heir.id
                              AND t.valid_from <= s.cutoff)
                      SELECT MAX(id) FROM heir
                       WHERE valid_to IS NULL OR valid_to > s.cutoff), d.term_id)
                      END AS id"""
        )

    @api.model
    def _rank_sql(self, alias):
        """The band that the figures of a departure, or of what is written down, reach
        by the rule of the departure ``c``; see ``contract.deviation.rule._severity``.
        """
        return SQL(
            """COALESCE((SELECT MAX(b.rank) FROM contract_deviation_rule_band b
                 WHERE b.rule_id = c.rule_id
                   AND (b.days_from > 0 AND %(days)s >= b.days_from
                        OR b.amount_from > 0
                           AND %(amount)s / c.rate >= b.amount_from
                        OR b.percent_from > 0 AND %(amount)s * 100
                           >= b.percent_from * NULLIF(c.total, 0))), 0)""",
            days=SQL.identifier(alias, "impact_days"),
            amount=SQL.identifier(alias, "impact_amount"),
        )

    @api.model
    def _since_sql(self, contracts):
        """What was over before the contract was followed here stays unwritten."""
        if contracts._name == "contract.frame":
            return SQL("TRUE")
        return SQL(
            """COALESCE(c.happened_on, c.cured_on)
                   > COALESCE(c.opening_date, '-infinity'::date)
               AND COALESCE(c.happened_on, c.cured_on) >= COALESCE(
                   (SELECT MIN(h.date) FROM contract_history h
                     WHERE h.order_id = c.order_id AND h.kind = 'state'),
                   '-infinity'::date)"""
        )

    @api.model
    def _movements_sql(self):
        """Joins: the last day on which something moved for the term of ``c``."""
        return SQL(
            """LEFT JOIN term t ON t.term_id = c.known_term_id AND c.step = 'cure'
               LEFT JOIN (SELECT line_id, MAX(day) AS day FROM held GROUP BY line_id) h
                 ON h.line_id = t.line_id
               LEFT JOIN (SELECT order_id, MAX(day) AS day FROM money
                           WHERE received <> 0 OR adjusted <> 0 GROUP BY order_id) m
                 ON m.order_id = f.order_id AND c.known_kind = 'late_payment'"""
        )

    @api.model
    def _cured_sql(self):
        """The day on which a departure was over: of the facts where they know it, else
        the day on which it isn't found any more."""
        return SQL(
            """LEAST(c.today, COALESCE(
                   c.cured_on,
                   CASE WHEN c.known_kind NOT IN ('over_quantity', 'instrument')
                         AND f.status IN ('met', 'met_late')
                        THEN NULLIF(f.actual_date, '-infinity') END,
                   -- agreed on otherwise
                   c.replaced_on,
                   CASE WHEN COALESCE(h.day, m.day) >= c.known_date
                        THEN COALESCE(h.day, m.day) END,
                   c.today))"""
        )

    def _detect_update(self, rows):
        """Record cures; let the figures of what is not submitted follow the facts."""
        deviations = self.browse([row["deviation_id"] for row in rows])
        proposals = self._proposals(
            {
                row["deviation_id"]: row
                for row in rows
                if row["is_editable"] and row["detect_key"]
            }
        )
        cured = {}
        for row, deviation in zip(rows, deviations, strict=True):
            values = {}
            if row["is_pointed"] and row["detect_key"]:
                values["detect_key"] = row["detect_key"]
            if row["step"] == "cure":
                values["cured_on"] = row["cure_day"]
                lang = deviation.user_id.lang or self.env.lang
                texts = deviation.with_context(lang=lang)
                cured[deviation.id] = texts.env._(
                    "Cured on %(date)s.", date=texts._form_date(row["cure_day"])
                )
            proposed = proposals.get(deviation.id)
            if proposed:
                values.update({name: row[name] for name in FIGURES})
                if row["step"] == "update":
                    values["cured_on"] = row["cured_on"]
                if row["kind"] != deviation.kind and row["is_used"]:
                    values["kind"] = row["kind"]
                # a term that was replaced goes on as the one that holds
                values.update({name: row[name] for name in ("rule_id", "detect_key")})
                if row["term_id"]:
                    values["term_id"] = row["term_id"]
                for name in ("summary", "severity"):
                    before = deviation[f"proposed_{name}"]
                    if (deviation[name] or False) == (before or False):
                        values[name] = proposed[name]
                    values[f"proposed_{name}"] = proposed[name]
            unguarded(deviation).write(values)
        if cured:
            self.browse(cured)._message_log_batch(bodies=cured)

    @api.model
    def _proposals(self, rows):
        """What is proposed for known deviations: ``{id: {summary, severity}}``.

        :param rows: ``{id: row of the detection statement}``
        """
        result = {}
        for lang, deviations in (
            self.browse(rows).grouped(lambda d: d.user_id.lang or self.env.lang).items()
        ):
            deviations = deviations.with_context(lang=lang)
            deviations._propose_prefetch(rows[deviation.id] for deviation in deviations)
            for deviation in deviations:
                parent = deviation._contract_parent()
                result[deviation.id] = deviation._proposal(rows[deviation.id], parent)
        return result

    def _proposal(self, row, parent):
        """Severity and summary of a departure, in the language of the context."""
        rule = self.env["contract.deviation.rule"].browse(row["rule_id"])
        company, currency = parent.company_id, parent.currency_id
        amount = currency._convert(
            float(row["impact_amount"]), company.currency_id, company, row["today"]
        )
        total = float(row["total"] or 0)
        share = float(row["impact_amount"]) / total * 100 if total else 0.0
        return {
            "summary": self._propose_summary(row, parent),
            "severity": rule._severity(row["impact_days"], amount, share),
        }

    def _detect_create(self, contracts, rows):
        """Write down new departures, for their handlers and in their languages."""
        created = self.browse()
        parents = contracts.browse({row["order_id"] for row in rows})
        parents = {parent.id: parent for parent in parents}
        groups = defaultdict(list)
        for row in rows:
            parent = parents[row["order_id"]]
            handler = self._handler_of(parent)
            groups[handler.lang or self.env.lang].append((row, parent, handler))
        for lang, group in groups.items():
            model = self.with_context(lang=lang)
            model._propose_prefetch(row for row, *_rest in group)
            vals_list = [
                model._prepare_detected(row, parent.with_context(lang=lang), handler)
                for row, parent, handler in group
            ]
            deviations = model.browse(unguarded(model).create(vals_list).ids)
            text = model.env._("Found in the facts of the contract.")
            deviations._message_log_batch(bodies=dict.fromkeys(deviations.ids, text))
            created |= deviations
        return self.browse(created.ids)

    @api.model
    def _handler_of(self, parent):
        """Who handles what is found: the contract's owner, else its salesperson."""
        if parent._name == "contract.frame":
            users = [parent.owner_id, parent.team_id.user_id]
        else:
            users = [parent.contract_owner_id, parent.user_id]
        return next((user for user in users if user.active), self.env["res.users"])

    def _prepare_detected(self, row, parent, handler):
        proposal = self._proposal(row, parent)
        return {
            **parent._contract_part_vals(),
            "source": "detected",
            "kind": row["kind"],
            "rule_id": row["rule_id"],
            "detect_key": row["detect_key"],
            "date": row["today"],
            "user_id": handler.id,
            "channel": False,
            "cured_on": row["cured_on"],
            **{name: row[name] for name in (*LINKS, *FIGURES)},
            **proposal,
            **{f"proposed_{name}": value for name, value in proposal.items()},
        }
