from datetime import date

from odoo import api, models
from odoo.fields import Domain

READER = "contract_tracking.group_contract_reader"
LINE_NO = "order_line/contract_line_no"


class SaleOrder(models.Model):
    """Contracts come in files: a contract is known by its number, its lines by theirs.
    The same file may come twice."""

    _name = "sale.order"
    _inherit = ["sale.order", "contract.import.mixin"]

    _import_needed = ("order_line/product_id",)

    @api.model
    def get_import_templates(self):
        """Offer contracts with their facts and opening figures as well."""
        templates = super().get_import_templates()
        if self.env.user.has_group(READER):
            label = self.env._("Import Template for Contracts")
            templates.append(self._import_template(label))
        return templates

    @api.model
    def _import_columns(self):
        return [
            "contract_number", "partner_id", "user_id", "client_order_ref",
            "commitment_date", "contract_kind", "contract_type",
            "contract_signing_date", "contract_owner_id", "contract_supervisor_id",
            "contract_end_date", "contract_schedule_template_id",
            "contract_fulfilment", "contract_deemed_days", "contract_opening_date",
            "contract_opening_invoiced", "contract_opening_received", LINE_NO,
            "order_line/product_id", "order_line/product_uom_qty",
            "order_line/price_unit", "order_line/contract_opening_quantity",
        ]  # fmt: skip

    @api.model
    def _import_samples(self):
        customer = self.env._("Example Customer Ltd.")
        product = self.env._("Example Product")
        return [
            {
                "contract_number": "HT2025-0001",
                "partner_id": customer,
                "client_order_ref": "PO-7781",
                "commitment_date": date(2026, 3, 31),
                "contract_kind": "contract",
                "contract_type": "new",
                "contract_signing_date": date(2025, 11, 3),
                "contract_end_date": date(2026, 12, 31),
                "contract_schedule_template_id": self.env.ref(
                    "contract_tracking.template_30_70_delivery"
                ),
                "contract_fulfilment": "receipt",
                "contract_deemed_days": 15,
                "contract_opening_date": date(2025, 12, 31),
                "contract_opening_invoiced": 40000,
                "contract_opening_received": 30000,
                LINE_NO: 1,
                "order_line/product_id": product,
                "order_line/product_uom_qty": 100,
                "order_line/price_unit": 1000,
                "order_line/contract_opening_quantity": 40,
            },
            {
                LINE_NO: 2,
                "order_line/product_id": product,
                "order_line/product_uom_qty": 20,
                "order_line/price_unit": 150,
            },
            {
                "contract_number": "HT2025-0002",
                "partner_id": customer,
                "contract_kind": "order",
                "contract_type": "new",
                "contract_signing_date": date(2025, 12, 8),
                LINE_NO: 1,
                "order_line/product_id": product,
                "order_line/product_uom_qty": 10,
                "order_line/price_unit": 1000,
            },
        ]

    @api.model
    def _import_is_ours(self, paths):
        """Core's own files of orders stay core's."""
        return any(path.split("/")[-1].startswith("contract_") for path in paths)

    @api.model
    def _import_rows(self, paths, rows):
        messages = super()._import_rows(paths, rows)
        if "contract_number" in paths:
            messages += self._import_repeated(paths, rows)
            place = paths.index("contract_number")
            orders = self.search_fetch(
                Domain("contract_number", "in", [row[place] for row in rows])
                & Domain("company_id", "in", self.env.companies.ids)
                & Domain("state", "!=", "cancel"),
                ["contract_number"],
            ).grouped("contract_number")
            self._import_known(
                paths,
                rows,
                lambda row: (row[place] and orders.get(row[place])) or self.browse(),
            )
        return messages + self._import_lines(paths, rows)

    @api.model
    def _import_repeated(self, paths, rows):
        """A contract whose number stands in each of its lines' rows is one contract."""
        number = paths.index("contract_number")
        heads = [place for place, path in enumerate(paths) if "/" not in path]
        messages, first = [], None
        for index, row in enumerate(rows):
            if not row[number]:
                continue
            if first is None or row[number] != first[number]:
                first = [*row]
                continue
            different = [
                place for place in heads if row[place] and row[place] != first[place]
            ]
            messages += [
                self._import_message(
                    index,
                    paths[place],
                    self.env._(
                        "“%(field)s” is different from the first row of contract "
                        "%(contract)s.",
                        field=self._import_header(paths[place]),
                        contract=row[number],
                    ),
                )
                for place in different
            ]
            for place in heads:
                row[place] = ""
        return messages

    @api.model
    def _import_lines(self, paths, rows):
        """Name the lines that a contract has already by their id.

        A contract with lines that the file doesn't name by their number would have them
        twice.
        """
        lines = [n for n, path in enumerate(paths) if path.startswith("order_line/")]
        if not lines or {"order_line/id", "order_line/.id"} & set(paths):
            return []
        heads = [n for n, path in enumerate(paths) if "/" not in path]
        key = next((n for n in heads if paths[n] in (".id", "id")), None)
        number = paths.index(LINE_NO) if LINE_NO in paths else None
        messages, known, seen = [], {}, set()
        for index, row in enumerate(rows):
            if any(row[n] for n in heads):
                order = self.browse()
                if key is not None:
                    order = self._import_by_id(self, paths[key], row[key])
                known, seen = order._import_known_lines(), set()
            wanted = str(row[number] or "") if number is not None else ""
            refusal = ""
            if any(row[n] for n in lines):
                if known and (not wanted or "0" in known):
                    refusal = self.env._(
                        "%(contract)s has lines already, and they would be there "
                        "twice: number its lines, in the file and in the contract.",
                        contract=order.display_name,
                    )
                elif wanted and wanted in seen:
                    refusal = self.env._(
                        "Line %(number)s stands here twice.", number=wanted
                    )
            if refusal:
                messages.append(self._import_message(index, LINE_NO, refusal))
            seen.add(wanted)
            row.append(str(known.get(wanted, "")))
        paths.append("order_line/.id")
        return messages

    def _import_known_lines(self):
        """The lines of the order by their number, as a text; without one it is 0."""
        lines = self.order_line.filtered(
            lambda line: not line.display_type and not line.is_downpayment
        )
        return {str(line.contract_line_no): line.id for line in lines}
