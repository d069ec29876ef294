from odoo import models
from odoo.tools import format_amount, format_list

from ...tools.guard import unguarded
from ..deviation.contract_deviation import OPEN_STATES
from .contract_tracking_record import LATE

# What is counted from documents of a day: the other figures follow from it.
COUNTED = ("delivered", "invoiced", "received", "adjusted")


class ContractTrackingRecord(models.Model):
    """The words that a tracking record proposes from the facts, in the language in
    which it was begun; as proposals they are there in every language, so that a print
    in another one says them too. They follow the facts until somebody edits them;
    whoever confirms sees when the facts changed under words of his."""

    _inherit = "contract.tracking.record"

    def _propose(self):
        """Let the words of draft records follow the facts. What somebody wrote stays:
        it is marked where the facts propose something else than when it was written."""
        last_now = self._read_last_now()
        languages = {code for code, _name in self.env["res.lang"].get_installed()}
        for record in self._in_words_lang():
            now = last_now.get(record.id, {})
            values = {"words_lang": record.env.lang}
            for name, text in record._proposed_words(now).items():
                before = record[f"proposed_{name}"]
                if record[name] == before:
                    values[name] = text
                elif before and before != text:
                    values["words_differ"] = True
                values[f"proposed_{name}"] = text
            if not record.next_date:
                values["next_date"] = record._proposed_next_date()
            unguarded(record.sudo()).write(values)
            for code in languages - {record.env.lang or "en_US"}:
                other = record.with_context(lang=code)
                words = other._proposed_words(now).items()
                unguarded(other.sudo()).write(
                    {f"proposed_{name}": text for name, text in words}
                )

    def _proposed_words(self, last_now):
        """What the facts say and ask for, in the language of the environment: by the
        field that it is proposed for."""
        return {
            "summary": self._proposed_summary(last_now),
            "next_steps": self._proposed_steps(),
        }

    def _read_last_now(self):
        """The figures of the records before these, of their days, by what is known now:
        ``{record id: row}``."""
        result = {}
        for date, records in self.grouped(lambda r: r.log_ids[-1:].date).items():
            if date:
                figures, _call_offs = records._read_figures(date)
                result.update({record.id: row for record, row in figures.items()})
        return result

    def _changed_sentence(self, now):
        """What the last record said of its day and is different by documents that were
        entered, changed or withdrawn since; empty if nothing is."""
        last = self.log_ids[-1:]
        changed = [
            self.env._(
                "%(figure)s %(then)s, now %(now)s",
                figure=last._fields[name]._description_string(self.env),
                then=format_amount(self.env, last[name], self.currency_id),
                now=format_amount(self.env, now[name], self.currency_id),
            )
            for name in COUNTED
            if name in now and self.currency_id.compare_amounts(now[name], last[name])
        ]
        if not changed:
            return ""
        return self.env._(
            "Changed since %(record)s (as of %(date)s): %(figures)s.",
            record=last.name,
            date=self._form_date(last.date),
            figures=format_list(self.env, changed),
        )

    def _proposed_summary(self, last_now):
        """What changed under the last record; what the deviations say; a sentence for
        each other term that is late, or was met late since last time."""
        self.ensure_one()
        last = self.log_ids[-1:].date
        deviations = self._deviations().filtered("summary")
        lines = self.line_ids.filtered(
            lambda line: (
                line.term_id not in deviations.term_id
                and (
                    line.status in LATE
                    or line.status == "met_late"
                    and (not last or (line.actual_date and line.actual_date > last))
                )
            )
        )
        changed = self._changed_sentence(last_now)
        if not lines and not deviations:
            no_deviation = self.env._("No deviation from the terms.")
            return "\n".join(filter(None, (changed, no_deviation)))
        return "\n".join(
            [
                *([changed] if changed else []),
                *(f"{deviation.name} {deviation.summary}" for deviation in deviations),
                *(self._line_sentence(line) for line in lines),
            ]
        )

    def _deviations(self):
        """The deviations to tell of: written down by the report date, not false, and
        still open, not cured, or over since the last record."""
        self.ensure_one()
        last = self.log_ids[-1:].date
        found = self.order_id.sudo().contract_deviation_ids
        found |= self.frame_id.sudo().deviation_ids
        return found.filtered(
            lambda d: (
                d.date <= self.date
                and d.state != "cancelled"
                and (
                    d.state in OPEN_STATES
                    or not d.cured_on
                    or not last
                    or d.cured_on > last
                )
            )
        ).sorted("id")

    def _line_sentence(self, line):
        def amount(value):
            return format_amount(self.env, value, self.currency_id)

        is_met = line.status == "met_late"
        words = {
            "name": self._line_name(line),
            "date": self._form_date(line.date_due),
            "done": self._form_date(line.actual_date),
            "days": line.variance_days,
            "overdue": amount(line.overdue_amount),
        }
        if line.kind == "delivery":
            words.update(
                agreed=self._form_quantity(line.agreed_quantity),
                actual=self._form_quantity(line.actual_quantity),
                left=self._form_quantity(-line.variance_quantity),
                unit=self._form_uom(line),
            )
            if is_met:
                return self.env._(
                    "%(name)s: %(agreed)s %(unit)s agreed by %(date)s, delivered in "
                    "full on %(done)s, %(days)s days late.",
                    **words,
                )
            return self.env._(
                "%(name)s: %(agreed)s %(unit)s agreed by %(date)s, %(actual)s "
                "delivered, %(left)s outstanding, %(days)s days late.",
                **words,
            )
        if line.kind == "payment":
            words.update(
                agreed=amount(line.agreed_amount), actual=amount(line.actual_amount)
            )
            if is_met and line.actual_date < line.date_due:
                return self.env._(
                    "%(name)s: %(agreed)s received in full on %(done)s, a part of it "
                    "%(days)s days late.",
                    **words,
                )
            if is_met:
                return self.env._(
                    "%(name)s: %(agreed)s due on %(date)s, received in full on "
                    "%(done)s, %(days)s days late.",
                    **words,
                )
            return self.env._(
                "%(name)s: %(overdue)s overdue since %(date)s, %(days)s days late; "
                "%(actual)s of %(agreed)s received.",
                **words,
            )
        if line.kind == "call_off":
            return self.env._("Call-off %(name)s: %(overdue)s overdue.", **words)
        if is_met:
            return self.env._(
                "%(name)s: due on %(date)s, done on %(done)s, %(days)s days late.",
                **words,
            )
        return self.env._(
            "%(name)s: due on %(date)s, not done, %(days)s days late.", **words
        )

    def _line_name(self, line):
        """What a line is about, in the language of the environment."""
        return (
            self._form_product(line) if line.kind == "delivery" else line._term_label()
        )

    def _proposed_steps(self):
        """What the facts ask for: late terms first, then what is due next."""
        self.ensure_one()
        steps = []
        for line in self.line_ids.filtered(lambda line: line.status in LATE):
            if line.kind == "delivery":
                text = self.env._(
                    "Press for the delivery of %(name)s and agree on a date with the "
                    "customer.",
                    name=self._line_name(line),
                )
            elif line.kind in ("payment", "call_off"):
                text = self.env._(
                    "Remind the customer of %(name)s and get a date.",
                    name=self._line_name(line),
                )
            else:
                text = self.env._(
                    "See to it that %(name)s is done.", name=self._line_name(line)
                )
            steps.append(text)
        upcoming = self.line_ids.filtered(
            lambda line: line.status in ("due_soon", "not_due") and line.date_due
        ).sorted("date_due")
        soon = upcoming.filtered(lambda line: line.status == "due_soon")
        steps += [
            self.env._(
                "%(name)s is due on %(date)s.",
                name=self._line_name(line),
                date=self._form_date(line.date_due),
            )
            for line in soon or upcoming[:1]
        ]
        steps += [
            self.env._(
                "%(name)s waits: %(due)s.",
                name=self._line_name(line),
                due=line._due_label(),
            )
            for line in self.line_ids
            if line.status == "waiting"
        ]
        return "\n".join(steps) or self.env._("Nothing to do before the next record.")
