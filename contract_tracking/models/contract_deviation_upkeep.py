from odoo import api, models

from .contract_deviation_detection import FIGURES, LINKS
from .contract_guard import unguarded


class ContractDeviation(models.Model):
    """What a run of the detection writes, as a set: new deviations for their handlers,
    figures that follow the facts, cures. See :mod:`contract_deviation_detection`."""

    _inherit = "contract.deviation"

    def _detect_update(self, rows):
        """Record cures; let the figures of what is not submitted follow the facts."""
        deviations = self.browse([row["deviation_id"] for row in rows])
        rules = {row["deviation_id"]: row for row in rows if row["is_editable"]}
        proposals = deviations.filtered(lambda d: d.id in rules)._proposals(rules)
        cured = {}
        for row, deviation in zip(rows, deviations, strict=True):
            values = {}
            if row["step"] == "cure":
                values["cured_on"] = row["cure_day"]
                lang = deviation.user_id.lang or self.env.lang
                cured[deviation.id] = deviation.with_context(lang=lang)._cured_text(
                    row["cure_day"]
                )
            if row["is_editable"] and row["detect_key"]:
                values.update({name: row[name] for name in FIGURES})
                if row["step"] == "update":
                    values["cured_on"] = row["cured_on"]
                if row["kind"] != deviation.kind and row["is_used"]:
                    values["kind"] = row["kind"]
                values["rule_id"] = row["rule_id"]
                proposed = proposals[deviation.id]
                for name in ("summary", "severity"):
                    before = deviation[f"proposed_{name}"]
                    if (deviation[name] or False) == (before or False):
                        values[name] = proposed[name]
                    values[f"proposed_{name}"] = proposed[name]
            unguarded(deviation).write(values)
        if cured:
            self.browse(cured)._message_log_batch(bodies=cured)

    def _cured_text(self, day):
        return self.env._("Cured on %(date)s.", date=self._form_date(day))

    def _proposals(self, rows):
        """What is proposed for known deviations: ``{id: {summary, severity}}``."""
        result = {}
        for lang, deviations in self.grouped(
            lambda d: d.user_id.lang or self.env.lang
        ).items():
            deviations = deviations.with_context(lang=lang)
            deviations._propose_prefetch(rows[deviation.id] for deviation in deviations)
            for deviation in deviations:
                row = rows[deviation.id]
                if row["detect_key"]:
                    parent = deviation._contract_parent()
                    result[deviation.id] = deviation._proposal(row, parent)
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
        groups = {}
        for row in rows:
            handler = self._handler_of(parents[row["order_id"]])
            groups.setdefault(handler.lang or self.env.lang, []).append((row, handler))
        for lang, group in groups.items():
            model = self.with_context(lang=lang)
            model._propose_prefetch(row for row, _handler in group)
            vals_list = [
                model._prepare_detected(
                    row, parents[row["order_id"]].with_context(lang=lang), handler
                )
                for row, handler in group
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
        frames = parent._name == "contract.frame"
        proposal = self._proposal(row, parent)
        return {
            "frame_id" if frames else "order_id": parent.id,
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
