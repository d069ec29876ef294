from odoo import models


class ContractFrame(models.Model):
    """The rows behind the figures of a frame agreement: those of its call-offs, and of
    the money that was claimed for it as a whole."""

    _inherit = "contract.frame"

    def action_contract_figure(self):
        """Open the rows of the figure that the context names."""
        return self.env["contract.figure.row"]._open(self)

    def _contract_figure_labels(self):
        if self.env.context.get("contract_own_rows"):
            Ageing = self.env["contract.ageing"]._fields
            return {
                name: Ageing[name]._description_string(self.env)
                for name in ("receivable", "overdue")
            }
        return {
            name: self._contract_label(f"{name}_amount")
            for name in ("called", "delivered", "invoiced", "received", "overdue")
        }

    def _contract_figure_rows(self, figure, cutoff):
        """Rows in the frame's currency. What was called off is a row a call-off; so is
        what belongs to a call-off that the user may not read, without its name."""
        if self.env.context.get("contract_own_rows"):
            own = self.env["contract.facts.frame"]._read_rows(self, figure, cutoff)
            return [{**row, "order_id": False} for row in own]
        call_offs = self._read_call_offs(cutoff)
        orders = self.env["sale.order"].browse(order.id for order in call_offs)
        known = orders._filtered_access("read")
        opened = orders.browse() if figure == "called" else known
        others = self.env._("A contract that others follow")
        rows = []
        if figure != "called":
            rates = self._call_off_rates(opened.sudo())
            own = self.env["contract.facts.frame"]._read_rows(self, figure, cutoff)
            rows += [{**row, "order_id": False} for row in own]
            rows += [
                {**row, "amount": row["amount"] * rates[row["order_id"]]}
                for row in self.env["contract.facts"]._read_rows(opened, figure, cutoff)
            ]
        rows += [
            {
                "order_id": order.id if order in known else False,
                "kind": "contract",
                "day": order._contract_day(order.date_order),
                "res_model": order._name,
                "res_id": order.id if order in known else False,
                "description": False if order in known else others,
                "amount": values[figure],
            }
            for order, values in call_offs.items()
            if order not in opened and values[figure]
        ]
        if figure == "overdue":
            own = self.env["contract.facts.frame"]._read_orders(self, cutoff)[self.id]
            late = sum(values["overdue"] for values in call_offs.values())
            if relief := min(late, float(own["spare"])):
                rows.append(
                    {
                        "order_id": False,
                        "kind": "receipt",
                        "res_model": False,
                        "res_id": False,
                        "description": self.env._("Claimed for the frame agreement"),
                        "amount": -relief,
                    }
                )
        return rows
