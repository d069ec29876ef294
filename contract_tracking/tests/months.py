from datetime import date

from odoo.tests import TransactionCase

from ..models.month.contract_monthly_record_print import AMOUNTS
from ..tools.guard import unguarded


class MonthPaperCase(TransactionCase):
    """Monthly records with lines whose figures are known, made without their
    contracts."""

    @classmethod
    def new_month(cls, team=None, month=date(2026, 10, 1), **values):
        # a month has one draft
        cls.env.flush_all()
        record = unguarded(cls.env["contract.monthly.record"].sudo()).create(
            {
                "company_id": cls.env.company.id,
                "team_id": team and team.id,
                "team_name": team and team.name,
                "company_name": cls.env.company.name,
                "month": month,
                "date_from": month,
                "date": month.replace(day=28),
                **values,
            }
        )
        return record.with_env(cls.env)

    @classmethod
    def new_lines(cls, record, count, currency=None, rate=1, **values):
        """Lines number 1, 2, …: each amount is the line's number times the place of its
        field times ten."""
        home = record.company_id.currency_id
        amounts = {name: 10 * n for n, name in enumerate(AMOUNTS, 1)}
        rows = []
        for number in range(1, count + 1):
            row = {name: amount * number for name, amount in amounts.items()}
            row |= {f"booked_{name}": value / rate for name, value in row.items()}
            # reckoned from the plan
            del row["booked_plan_delivery"], row["booked_plan_collection"]
            rows.append(
                {
                    "record_id": record.id,
                    "company_id": record.company_id.id,
                    "team_id": record.team_id.id,
                    "month": record.month,
                    "number": f"HT-{number:04}",
                    "partner_name": "Yangtze Pumps",
                    "product_names": "Pump",
                    "user_name": "Zhao Min",
                    "signing_date": date(2026, 9, 1),
                    "payment_terms": "30 days",
                    "currency_id": (currency or home).id,
                    "company_currency_id": home.id,
                    "rate": rate,
                    "collection_rate": 0.5,
                    "completion": 0.25,
                    "deviations_open": 2,
                    **row,
                    **values,
                }
            )
        Line = unguarded(cls.env["contract.monthly.record.line"].sudo())
        lines = Line.create(rows)
        record.invalidate_recordset()
        return lines.with_env(cls.env)

    @classmethod
    def new_bridge(cls, record, **amounts):
        unguarded(cls.env["contract.monthly.bridge"].sudo()).create(
            [
                {"record_id": record.id, "sequence": n, "kind": kind, "amount": amount}
                for n, (kind, amount) in enumerate(amounts.items(), 1)
            ]
        )
        record.invalidate_recordset()
