from odoo import models

from ...tools.pages import Column, block, paginate
from ...tools.words import amount_in_words


class ContractReagreement(models.Model):
    """The 补充协议 itself, as a text that both sides sign: printed while it is a draft,
    signed, filed on the contract, and then submitted (D2 §9, D4 §6.1)."""

    _inherit = "contract.reagreement"

    def _agreement_pages(self):
        """The text on pages; :func:`paginate`."""
        self.ensure_one()
        return paginate(self._agreement_blocks(), self._form_paper().lines)

    def _agreement_across(self):
        """It is signed while it is a draft: only what was refused is void."""
        return self.env._("Void") if self.state == "refused" else ""

    def _agreement_blocks(self):
        """Parties, what is changed clause by clause, totals, validity, signatures."""
        self.ensure_one()
        blocks = [
            self._agreement_parties(),
            self._form_note(self._agreement_preamble(), "text"),
        ]
        clauses = [
            *self._agreement_changes(),
            self._agreement_total(),
            (self.env._("Taking Effect"), self._agreement_effect(), ()),
            (self.env._("Everything Else"), self._agreement_rest(), ()),
        ]
        for number, (title, text, tables) in enumerate(
            (clause for clause in clauses if clause), 1
        ):
            heading = self.env._(
                "Article %(number)s. %(title)s", number=number, title=title
            )
            blocks.append(self._form_note(heading, "section"))
            if text:
                blocks.append(self._form_note(text, "text"))
            blocks += tables
        sign = block(
            "sign", 16, keep=True, template="contract_tracking.reagreement_sign"
        )
        return [*blocks, sign]

    def _agreement_parties(self):
        env = self.env
        customer = (self.order_id or self.frame_id).sudo().partner_id
        customer = customer.commercial_partner_id
        company = self.company_id.sudo().partner_id
        cells = []
        for label, partner, name in (
            (env._("Party A (Buyer)"), customer, self.partner_name),
            (env._("Party B (Supplier)"), company, company.name),
        ):
            address = partner._display_address(without_company=True).splitlines()
            cells += [
                (label, name or partner.name),
                (env._("Tax ID"), partner.vat),
                (env._("Address"), ", ".join(filter(None, map(str.strip, address)))),
                (env._("Phone"), partner.phone),
            ]
        cells += [
            (env._("Original Contract"), self.contract_no),
            (env._("Date"), self._form_date(self.date)),
        ]
        return self._form_cells(cells)

    def _agreement_preamble(self):
        parent = self._contract_parent().sudo()
        signed = parent["contract_signing_date" if self.order_id else "signing_date"]
        text = self.env._(
            "On %(date)s Party A and Party B concluded contract No. %(contract)s (the "
            "original contract). After friendly consultation both parties agree on the "
            "following changes of it.",
            date=self._form_date(signed or parent._contract_effect_day() or self.date),
            contract=self.contract_no or parent.display_name,
        )
        if self.reason:
            text += "\n" + self.env._("Reason: %(reason)s", reason=self.reason)
        return text

    def _agreement_changes(self):
        """The clauses that change something: (title, text, tables)."""
        env, lines = self.env, self.sudo().line_ids
        goods = lines.filtered(lambda ln: ln.kind in ("delivery", "product"))
        payments = lines.filtered(lambda ln: ln.kind == "payment")
        others = lines - goods - payments
        if goods:
            yield env._("Goods and Services"), "", [self._agreement_table(goods)]
        if payments:
            due = self._form_payments()
            yield (
                env._("Payment"),
                "",
                [self._agreement_table(payments), *([due] if due["rows"] else [])],
            )
        if others:
            yield env._("Other Terms"), "", [self._agreement_table(others)]
        if self.frame_date_end:
            yield (
                env._("Validity"),
                env._(
                    "The contract is valid until %(date)s.",
                    date=self._form_date(self.frame_date_end),
                ),
                (),
            )

    def _agreement_table(self, lines):
        return self._form_table(
            "changes",
            False,
            [
                Column(self.env._("Item"), 6, lambda row: str(row[0])),
                Column(self.env._("Agreed So Far"), 47, self._form_before),
                Column(self.env._("Agreed from Now On"), 47, self._form_after),
            ],
            [*enumerate(lines, 1)],
        )

    def _agreement_total(self):
        """The clause of the new total; none if it stays."""
        currency = self.currency_id
        if not currency.compare_amounts(self.amount_after, self.amount_now):
            return None
        text = self.env._(
            "The total of the contract, taxes included, changes from %(currency)s "
            "%(before)s to %(currency)s %(after)s (in words: %(words)s).",
            currency=currency.name,
            before=self._form_whole(self.amount_now),
            after=self._form_whole(self.amount_after),
            words=amount_in_words(self.env, self.amount_after, currency),
        )
        return self.env._("Contract Total"), text, ()

    def _form_whole(self, amount):
        """An amount to the cent: what is signed isn't written in ten thousands."""
        lang = self.env["res.lang"]._lang_get(self.env.lang or "en_US")
        digits = self.currency_id.decimal_places
        return lang.format(f"%.{digits}f", amount or 0.0, grouping=True)

    def _agreement_effect(self):
        return self.env._(
            "This agreement takes effect when both parties have signed and sealed it. "
            "The changes hold from %(date)s.",
            date=self._form_date(self.date_from),
        )

    def _agreement_rest(self):
        return self.env._(
            "It is part of the original contract. What isn't changed here stays as in "
            "the original contract; where the two differ, this agreement prevails. It "
            "is made in two originals, one for each party, both equally valid."
        )

    def _agreement_parties_names(self):
        """Who signs: names of customer and company, and of who signs for them."""
        parent = self._contract_parent().sudo()
        ours, theirs = (
            ("contract_signatory", "contract_customer_signatory")
            if self.order_id
            else ("signatory", "customer_signatory")
        )
        return [
            (
                self.env._("Party A (seal)"),
                self.partner_name or parent.partner_id.commercial_partner_id.name,
                parent[theirs],
            ),
            (self.env._("Party B (seal)"), self.company_id.sudo().name, parent[ours]),
        ]
