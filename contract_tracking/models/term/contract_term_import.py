import collections
from datetime import date

from odoo import api, models

PARENTS = ("order_id", "frame_id")


class ContractTerm(models.Model):
    """Terms of contracts come in files: a term is known by its contract, its kind and
    its description. The same file may come twice."""

    _name = "contract.term"
    _inherit = ["contract.term", "contract.import.mixin"]

    _import_above = (
        "order_id", "order_id/id", "order_id/.id",
        "frame_id", "frame_id/id", "frame_id/.id", "kind",
    )  # fmt: skip
    _import_needed = ("kind",)

    @api.model
    def get_import_templates(self):
        """Offer a file with the terms of contracts."""
        return [self._import_template(self.env._("Import Template for Terms"))]

    @api.model
    def _import_columns(self):
        return [
            "order_id", "kind", "name", "payment_kind", "percent", "amount",
            "instrument_id", "due_mode", "date_fixed", "event_type_id", "delay",
            "delay_unit", "each", "precedes", "user_id", "department_id",
        ]  # fmt: skip

    @api.model
    def _import_samples(self):
        payment = {
            "order_id": "HT2025-0002",
            "kind": "payment",
            "due_mode": "event",
            "delay_unit": "day",
        }
        return [
            {
                **payment,
                "name": self.env._("Deposit"),
                "payment_kind": "deposit",
                "percent": 30,
                "event_type_id": self.env.ref("contract_tracking.event_type_effect"),
                "delay": 7,
                "precedes": "production",
            },
            {
                **payment,
                "name": self.env._("Balance"),
                "payment_kind": "balance",
                "percent": 70,
                "event_type_id": self.env.ref("contract_tracking.event_type_receipt"),
                "delay": 30,
                "each": True,
            },
            {
                "order_id": "HT2025-0002",
                "kind": "document",
                "name": self.env._("Operating manuals"),
                "due_mode": "date",
                "date_fixed": date(2026, 6, 30),
            },
        ]

    @api.model
    def _import_rows(self, paths, rows):
        messages = super()._import_rows(paths, rows)
        if {"percent", "amount"} <= set(paths):
            share, amount = paths.index("percent"), paths.index("amount")
            messages += [
                self._import_message(
                    number,
                    "amount",
                    self.env._(
                        "A payment is a share of the total or an amount: enter one of "
                        "the two."
                    ),
                )
                for number, row in enumerate(rows)
                if float(row[share] or 0) and float(row[amount] or 0)
            ]
        parent = next((p for p in paths if p.split("/")[0] in PARENTS), None)
        if messages or not parent or not {"kind", "name"} <= set(paths):
            return messages
        kinds = dict(self._import_kinds())
        columns = [paths.index(path) for path in (parent, "kind", "name")]
        waiting = {}

        def known(row):
            text, kind, name = (row[place] for place in columns)
            if text not in waiting:
                record = self._import_record(parent, text)
                is_order = record._name == "sale.order"
                terms = record.contract_term_ids if is_order else record.term_ids
                waiting[text] = collections.defaultdict(list)
                for term in terms.filtered(lambda t: not t.valid_to):
                    for said in term._import_names():
                        waiting[text][term.kind, said].append(term)
            found = waiting[text][kinds.get(kind.lower()), name.lower()]
            return found.pop(0) if found else self.browse()

        self._import_known(paths, rows, known)
        return messages

    @api.model
    def _import_kinds(self):
        """What a kind is called: pairs of a word and its key, in every language."""
        for code, _name in self.env["res.lang"].get_installed():
            env = self.with_context(lang=code).env
            for key, label in self._fields["kind"]._description_selection(env):
                yield label.lower(), key
                yield key, key

    def _import_names(self):
        """What the term is called, in every language."""
        languages = self.env["res.lang"].get_installed()
        names = (self.with_context(lang=code).name for code, _name in languages)
        return {name.lower() for name in names if name}
