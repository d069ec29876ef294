from odoo import api, fields, models
from odoo.tools import float_repr, format_amount, format_date


class ContractWarning(models.Model):
    """What a warning says, in the language of who reads it."""

    _inherit = "contract.warning"

    @api.depends_context("lang")
    @api.depends("kind", "key", "date", "expected_date", "amount", "data", "term_id")
    def _compute_text(self):
        for warning in self:
            kind = warning.kind
            warning.text = kind and getattr(warning, f"_text_{kind}")(warning._words())

    def _words(self):
        """What the sentences are made of."""
        self.ensure_one()
        data = self.data or {}
        day = fields.Date.to_date(data.get("day"))
        return {
            "term": self.term_id.display_name or "",
            "amount": format_amount(self.env, self.amount, self.currency_id),
            "date": format_date(self.env, self.date),
            "expected": format_date(self.env, self.expected_date),
            "day": format_date(self.env, day),
            "number": data.get("number") or "",
            "terms": data.get("terms", 0),
            "contracts": data.get("contracts", 0),
            "percent": float_repr(data.get("percent", 0), 0),
            "now": int(data.get("now", 0)),
            "before": int(data.get("before", 0)),
        }

    def _text_delivery(self, words):
        return self.env._(
            "%(term)s is agreed for %(date)s and expected on %(expected)s.", **words
        )

    def _text_deposit(self, words):
        return self.env._(
            "%(term)s: %(amount)s is missing; production for the delivery of %(day)s "
            "should begin by %(date)s.",
            **words,
        )

    def _text_frame(self, words):
        if self.key == "end":
            return self.env._("The agreement ends on %(date)s.", **words)
        if self.key == "used_up":
            return self.env._(
                "All that was agreed is called off; the agreement lasts until "
                "%(date)s.",
                **words,
            )
        return self.env._(
            "%(percent)s %% of what was agreed is called off; the agreement lasts "
            "until %(date)s.",
            **words,
        )

    def _text_bill(self, words):
        if not words["number"]:
            return self.env._("A bill of %(amount)s matures on %(date)s.", **words)
        return self.env._("Bill %(number)s of %(amount)s matures on %(date)s.", **words)

    def _text_ending(self, words):
        return self.env._(
            "The contract ends on %(date)s, and terms are open: %(terms)s.", **words
        )

    def _text_customer(self, words):
        return self.env._(
            "Other contracts of the customer are overdue: %(contracts)s with "
            "%(amount)s, the last since %(date)s.",
            **words,
        )

    def _text_slower(self, words):
        return self.env._(
            "The customer paid %(now)s days late on average, %(before)s days in the "
            "period before; %(amount)s is still to come.",
            **words,
        )

    def _text_payment(self, words):
        return self.env._("%(term)s: %(amount)s falls due on %(date)s.", **words)
