from odoo import api, fields, models

# What a record adds up of its lines, by the line's column in company currency.
TOTALS = {
    "delivered_month": "booked_delivered_month",
    "invoiced_month": "booked_invoiced_month",
    "received_month": "booked_received_month",
    "receivable": "booked_receivable",
    "overdue": "booked_overdue",
    "plan_delivery": "booked_plan_delivery",
    "plan_collection": "booked_plan_collection",
}


def _total(string):
    return fields.Monetary(
        string=string,
        compute="_compute_totals",
        help="The sum of the contracts, in the company's currency.",
    )


class ContractMonthlyRecord(models.Model):
    """What a record adds up to, in company currency: the sums of its lines."""

    _inherit = "contract.monthly.record"

    line_count = fields.Integer(
        string="Number of Contracts",
        compute="_compute_totals",
        help="Contracts and frame agreements in the record.",
    )
    delivered_month = _total("Delivered in Month")
    invoiced_month = _total("Invoiced in Month")
    received_month = _total("Received in Month")
    receivable = _total("Receivable")
    overdue = _total("Overdue Amount")
    plan_delivery = _total("Next Month: Delivery")
    plan_collection = _total("Next Month: Collection")

    @api.depends("line_ids", *(f"line_ids.{column}" for column in TOTALS.values()))
    def _compute_totals(self):
        rows = self.env["contract.monthly.record.line"]._read_group(
            [("record_id", "in", self.ids)],
            ["record_id"],
            ["__count", *(f"{column}:sum" for column in TOTALS.values())],
        )
        sums = {record.id: values for record, *values in rows}
        for record in self:
            count, *values = sums.get(record._origin.id) or [0] * (len(TOTALS) + 1)
            record.line_count = count
            for name, value in zip(TOTALS, values, strict=True):
                record[name] = value
