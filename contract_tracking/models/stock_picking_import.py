from odoo import api, models
from odoo.fields import Domain

from .stock_picking import RECEIPT

# Columns that name the delivery; core's own is not offered by the import screen.
NUMBERS = ("contract_delivery_number", "name")


class StockPicking(models.Model):
    """Receipts of deliveries through Odoo's import, by the number of the delivery."""

    _inherit = "stock.picking"

    @api.model
    def load(self, fields, data):
        """Find the deliveries of imported receipts by their number.

        Only for imports of receipts that name no record otherwise: a delivery that
        is not found is an error, never a new delivery.
        """
        number = next((name for name in NUMBERS if name in fields), None)
        if not number or {"id", ".id"} & set(fields) or not set(RECEIPT) & set(fields):
            return super().load(fields, data)
        column = fields.index(number)
        names = [str(row[column]).strip() for row in data]
        found = self.search_fetch(
            Domain("name", "in", names)
            & Domain("company_id", "in", self.env.companies.ids),
            ["name"],
        ).grouped("name")
        messages = [
            self._contract_import_error(row, number, name, found.get(name))
            for row, name in enumerate(names)
            if len(found.get(name, ())) != 1
        ]
        if messages:
            return {"ids": False, "messages": messages, "nextrow": 0}
        fields = [".id" if name == number else name for name in fields]
        data = [
            [
                str(found[name].id) if index == column else value
                for index, value in enumerate(row)
            ]
            for row, name in zip(data, names, strict=True)
        ]
        return super().load(fields, data)

    def _contract_import_error(self, row, field, name, found):
        if found:
            message = self.env._(
                "There are several deliveries %(number)s: choose one company.",
                number=name,
            )
        else:
            message = self.env._(
                "There is no delivery %(number)s. Enter the number of a delivery, for "
                "example WH/OUT/00012.",
                number=name,
            )
        return {
            "type": "error",
            "rows": {"from": row, "to": row},
            "record": row,
            "field": field,
            "message": message,
        }
