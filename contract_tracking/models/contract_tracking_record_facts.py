from odoo import fields, models

from .contract_guard import unguarded

FIGURES = ("delivered", "invoiced", "received", "adjusted", "receivable", "overdue")


class ContractTrackingRecord(models.Model):
    """What a tracking record reads from the facts of its contract or of its frame
    agreement, as of its report date."""

    _inherit = "contract.tracking.record"

    def _refresh(self):
        """Read heads, terms and figures as of the report dates, a date as a set."""
        Facts = self.env["contract.facts"]
        for date, records in self.grouped("date").items():
            orders = records.order_id.sudo()
            figures = Facts._read_orders(orders, date)
            terms = Facts._read_terms(orders, date)
            invoices = Facts._read_invoices(orders, date)
            frames = records.frame_id.sudo()
            call_offs = frames._read_call_offs(date)
            sums = frames._sum_call_offs(call_offs, date)
            terms.update(frames._read_terms(date))
            for record in records:
                figure = figures.get(record.order_id.id, {})
                if record.frame_id:
                    total = record.frame_id.sudo().amount_total
                    figure = {**sums[record.frame_id.id], "total": total}
                lines = record.line_ids._prepare_lines(
                    record, terms, invoices, call_offs
                )
                unguarded(record.sudo()).write(
                    {
                        **record._head_values(),
                        **{name: figure.get(name) or 0 for name in FIGURES},
                        "amount_total": figure.get("total") or 0,
                        "late_count": sum(
                            vals["status"] in ("overdue", "short") for vals in lines
                        ),
                        "has_changes": record._is_changed(figure, lines),
                        "line_ids": [fields.Command.clear()]
                        + [fields.Command.create(vals) for vals in lines],
                    }
                )

    def _head_values(self):
        self.ensure_one()
        if self.frame_id:
            return self._frame_head_values()
        order = self.order_id.sudo()
        company = order.company_id
        return {
            "partner_name": order.partner_id.commercial_partner_id.name,
            "buyer_name": (order.contract_buyer_id or order.partner_id).display_name,
            "consignee_name": order.partner_shipping_id.display_name,
            "contract_no": order.contract_number,
            "customer_ref": order.client_order_ref,
            "signing_date": order.contract_signing_date,
            "effective_date": order.contract_effective_date,
            "end_date": order.contract_end_date,
            "payment_terms": order.contract_schedule_template_id.name
            or order.payment_term_id.name,
            "owner_name": order.contract_owner_id.name,
            "supervisor_name": order.contract_supervisor_id.name,
            "office_head_name": order.team_id.user_id.name,
            "business_head_name": company.contract_business_office_id.head_id.name,
        }

    def _is_changed(self, figure, lines):
        """Whether a figure or a status differs from the last confirmed record."""
        self.ensure_one()
        last = self.log_ids[-1:]
        if not last:
            return True
        if any(
            self.currency_id.compare_amounts(figure.get(name) or 0, last[name])
            for name in FIGURES
        ):
            return True
        now = {(vals["term_id"], vals["order_id"], vals["status"]) for vals in lines}
        before = {
            (line.term_id.id, line.order_id.id, line.status) for line in last.line_ids
        }
        return now != before

    def _frame_head_values(self):
        frame = self.frame_id.sudo()
        company = frame.company_id
        return {
            "partner_name": frame.commercial_partner_id.name,
            "buyer_name": frame.partner_id.display_name,
            "contract_no": frame.name,
            "customer_ref": frame.client_ref,
            "signing_date": frame.signing_date,
            "effective_date": frame.effective_date,
            "end_date": frame.date_end,
            "payment_terms": frame.schedule_template_id.name
            or frame.payment_term_id.name,
            "owner_name": frame.owner_id.name,
            "supervisor_name": frame.supervisor_id.name,
            "office_head_name": frame.team_id.user_id.name,
            "business_head_name": company.contract_business_office_id.head_id.name,
        }
