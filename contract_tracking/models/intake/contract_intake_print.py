from odoo import models

from ...tools.pages import Column
from ...tools.words import choice


class ContractIntake(models.Model):
    """What the printed 订单核对表 shows: the comparison, what the customer confirmed,
    who checked."""

    _inherit = "contract.intake"

    def _form_title(self):
        return self.env._("Order Check")

    def _form_blocks(self):
        self.ensure_one()
        env = self.env
        paper = self.document_id.sudo()
        names = filter(None, (paper.name, *self.attachment_ids.mapped("name")))
        confirmed = (
            self.confirmed_by,
            self._form_date(self.confirmed_on),
            choice(self, "confirmed_how"),
            self.confirmed_note,
        )
        return [
            self._form_cells(
                [
                    (env._("Customer"), self.partner_name),
                    (env._("Contract No."), self.contract_no),
                    (env._("Report Date"), self._form_date(self.date)),
                    (env._("Prepared By"), self.user_id.sudo().name),
                ],
                wide=[
                    (env._("Customer's Paper"), " · ".join(names)),
                    (
                        env._("Confirmed by the customer"),
                        " · ".join(filter(None, confirmed)),
                    ),
                ],
            ),
            self._form_table(
                "comparison",
                env._("The order beside the customer's paper"),
                [
                    Column(env._("What"), 24, "name"),
                    Column(env._("In the Order"), 36, "order_text"),
                    Column(env._("Compared"), 14, lambda line: choice(line, "result")),
                    Column(env._("What Is Wrong"), 26, lambda line: line.note or ""),
                ],
                self.line_ids,
            ),
            self._form_sign(),
        ]

    def _form_signatures(self):
        # what was returned nobody has signed
        last = self._approval_conclusion().filtered(lambda s: s.state == "approved")
        return self._approval_signatures(
            self.env._("Submitted By"), [(self.env._("Order Desk"), last)]
        )
