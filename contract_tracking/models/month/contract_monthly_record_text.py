from dateutil.relativedelta import relativedelta

from odoo import models
from odoo.fields import Domain
from odoo.tools import format_amount, format_list

from ...tools.guard import unguarded
from ...tools.words import join_sentences
from ..coordination.contract_coordination import OPEN_STATES as COORDINATED
from ..deviation.contract_deviation import OPEN_STATES, RANKS
from .contract_monthly_record_steps import WORDS

# How many a text names; the lines have them all.
NAMED = 30
LARGEST = 5


class ContractMonthlyRecord(models.Model):
    """The words that a record proposes, in the language of who is in charge: what is
    wrong with the office's contracts, and what next month asks for. Nothing that
    somebody wrote is ever replaced."""

    _inherit = "contract.monthly.record"

    def action_propose(self):
        """Propose the words anew where they are empty or nobody edited them."""
        self.check_access("write")
        self._contract_check_state("draft")
        self._contract_check_refusal("_refuse_author")
        self._propose(again=True)
        return True

    def _propose(self, again=False):
        """Fill in words where nothing was proposed yet.

        :param again: replace what was proposed before and nobody edited
        """
        for record in self.sudo():
            lang = record.user_id.lang or record.company_id.partner_id.lang
            record = record.with_context(lang=lang or self.env.lang)
            values = {}
            for name in WORDS:
                before = record[f"proposed_{name}"] or ""
                if before and not again:
                    continue
                text = getattr(record, f"_proposed_{name}")()
                present = record[name] or ""
                if present == before or not present:
                    values[name] = text
                values[f"proposed_{name}"] = text
            if values:
                unguarded(record).write(values)

    # ------------------------------------------------------------------
    # Problems and causes
    # ------------------------------------------------------------------

    def _proposed_problems(self):
        """A line a problem: as the record before says it where somebody edited it
        there, and what he wrote besides."""
        self.ensure_one()
        numbered = dict(self._problem_lines())
        before = self._record_before()
        proposed = set((before.proposed_problems or "").splitlines())
        own = []
        for line in (before.problems or "").splitlines():
            number = line.partition(" ")[0]
            if line in proposed or not line.strip():
                continue
            if number in numbered:
                numbered[number] = line
            elif not self._is_number(number):
                own.append(line)
        lines = [*numbered.values(), *own]
        return "\n".join(lines) or self.env._("No open problem of these contracts.")

    def _record_before(self):
        """The record of the office's month before: the one that counts."""
        self.ensure_one()
        return self.sudo().search(
            self._office_domain()
            & Domain("month", "<", self.month)
            & Domain("state", "!=", "replaced"),
            order="month desc, state, version desc",
            limit=1,
        )

    def _is_number(self, word):
        """Whether a word is the number of a document that is over: its line goes."""
        return any(
            self.env[model].sudo().search_count([("name", "=", word)], limit=1)
            for model in (
                "contract.deviation",
                "contract.coordination",
                "contract.risk.shipment",
                "contract.plan",
            )
        )

    def _contracts_domain(self):
        """What belongs to the contracts of the record's lines."""
        lines = self.env["contract.monthly.record.line"].sudo()
        query = lines._search([("record_id", "=", self.id)])
        return Domain("order_id", "in", query.subselect("order_id")) | Domain(
            "frame_id", "in", query.subselect("frame_id")
        )

    def _problem_lines(self):
        """What speaks of problems: a list of (number of the document, line that begins
        with it)."""
        self.ensure_one()
        return [
            *self._deviation_lines(),
            *self._coordination_lines(),
            *self._risk_lines(),
            *self._plan_lines(),
            *self._warning_lines(),
        ]

    def _deviation_lines(self):
        """Deviations that were found in the month or are still open, the severest
        first."""
        deviations = (
            self.env["contract.deviation"]
            .sudo()
            .search(
                self._contracts_domain()
                & Domain("date", "<=", self.date)
                & Domain("state", "!=", "cancelled")
                & (
                    Domain("state", "in", OPEN_STATES)
                    | Domain("date", ">=", self.date_from)
                ),
                order="id",
            )
            .sorted(lambda d: (-RANKS.get(d.severity, 0), d.id))
        )
        lines = [
            (
                deviation.name,
                self.env._(
                    "%(number)s %(contract)s: %(summary)s Cause: %(cause)s.",
                    number=deviation.name,
                    contract=deviation.contract_no or "",
                    summary=" ".join((deviation.summary or "").split()),
                    cause=self._cause(deviation),
                ),
            )
            for deviation in deviations[:NAMED]
        ]
        if more := len(deviations) - len(lines):
            lines.append(
                ("…", self.env._("… and %(count)s further deviations.", count=more))
            )
        return lines

    def _cause(self, deviation):
        words = (deviation.cause_id.name, deviation.cause_note)
        said = [" ".join(word.split()).rstrip(".。") for word in words if word]
        return ", ".join(said) or self.env._("not known yet")

    def _coordination_lines(self):
        """What others were asked and is not closed."""
        documents = self.env["contract.coordination"].sudo()
        return [
            (
                document.name,
                self.env._(
                    "%(number)s %(contract)s: “%(subject)s” is not closed yet.",
                    number=document.name,
                    contract=document.contract_no or "",
                    subject=document.subject,
                ),
            )
            for document in documents.search(
                self._contracts_domain() & Domain("state", "in", COORDINATED),
                order="id",
                limit=NAMED,
            )
        ]

    def _risk_lines(self):
        """Money that was promised for goods on risk and has not come in."""
        applications = self.env["contract.risk.shipment"].sudo()
        return [
            (
                application.name,
                self.env._(
                    "%(number)s %(contract)s: %(amount)s promised for a risk shipment "
                    "have not come in.",
                    number=application.name,
                    contract=application.contract_no or "",
                    amount=format_amount(
                        self.env, application.late_amount, application.currency_id
                    ),
                ),
            )
            for application in applications.search(
                self._contracts_domain() & Domain("late_amount", ">", 0),
                order="id",
                limit=NAMED,
            )
        ]

    def _plan_lines(self):
        """Plans of which something is late or in trouble, each in one line."""
        plans = self.env["contract.plan"].sudo()
        found = plans.search(
            self._contracts_domain()
            & Domain("state", "=", "active")
            & Domain(
                "line_ids",
                "any",
                Domain("is_late", "=", True)
                | Domain("problem", "!=", False)
                | Domain("needs", "!=", False),
            ),
            order="id",
        )
        troubled = found.filtered(lambda plan: plan._trouble_words())
        return [
            (
                plan.name,
                self.env._(
                    "%(number)s %(contract)s: %(done)s %% of the plan done. "
                    "%(trouble)s",
                    number=plan.name,
                    contract=plan.contract_no or "",
                    done=round(plan.completion),
                    trouble=join_sentences(self.env, plan._trouble_words()),
                ),
            )
            for plan in troubled[:NAMED]
        ]

    def _warning_lines(self):
        """What threatens: warnings have no number, their line says itself which it
        is."""
        warnings = self.env["contract.warning"].sudo()
        lines = [
            self.env._(
                "%(contract)s: %(warning)s",
                contract=warning.contract_number or "",
                warning=warning.text or "",
            )
            for warning in warnings.search(
                self._contracts_domain() & Domain("state", "=", "open"),
                order="date, id",
                limit=NAMED,
            )
        ]
        return [(line, line) for line in lines]

    # ------------------------------------------------------------------
    # Plan of the next month
    # ------------------------------------------------------------------

    def _proposed_plan(self):
        """What falls due until the next cut-off, in numbers of contracts and amounts,
        and which replies are expected."""
        self.ensure_one()
        lines = [
            self._plan_sentence("plan_delivery"),
            self._plan_sentence("plan_collection"),
            *self._reply_lines(),
        ]
        return "\n".join(filter(None, lines))

    def _plan_sentence(self, fname):
        booked = f"booked_{fname}"
        planned = self.line_ids.filtered(fname).sorted(lambda li: (-li[booked], li.id))
        if not planned:
            return ""
        currency = self.currency_id
        words = {
            "count": len(planned),
            "amount": format_amount(self.env, sum(planned.mapped(booked)), currency),
            "contracts": format_list(
                self.env,
                [
                    f"{line.number} {format_amount(self.env, line[booked], currency)}"
                    for line in planned[:LARGEST]
                ],
            ),
        }
        if fname == "plan_delivery":
            return self.env._(
                "Deliver for %(count)s contracts, %(amount)s in all; the largest: "
                "%(contracts)s.",
                **words,
            )
        return self.env._(
            "Collect of %(count)s contracts, %(amount)s in all; the largest: "
            "%(contracts)s.",
            **words,
        )

    def _reply_lines(self):
        """Replies that are expected until the next cut-off, and those that are late."""
        until = self.company_id._contract_cutoff(self.month + relativedelta(months=1))
        documents = self.env["contract.coordination"].sudo()
        return [
            self.env._(
                "%(number)s %(contract)s: see that “%(subject)s” is answered by "
                "%(date)s.",
                number=document.name,
                contract=document.contract_no or "",
                subject=document.subject,
                date=self._form_date(document.reply_date),
            )
            for document in documents.search(
                self._contracts_domain()
                & Domain("state", "in", COORDINATED)
                & Domain("reply_date", "<=", until),
                order="reply_date, id",
                limit=NAMED,
            )
        ]
