from odoo import models

from ...tools.pages import Column


class ContractRelease(models.Model):
    """What the printed 订单转达单 shows: goods and dates without prices, who was told,
    and who has acknowledged it."""

    _inherit = "contract.release"

    def _form_title(self):
        return self.env._("Release of an Order")

    def _form_blocks(self):
        self.ensure_one()
        env = self.env
        return [
            self._form_cells(
                [
                    (env._("Customer"), self.partner_name),
                    (env._("Contract No."), self.contract_no),
                    (env._("Released On"), self._form_date(self.date)),
                    (env._("Acknowledge By"), self._form_date(self.date_deadline)),
                ],
                wide=[(env._("Departments"), self.department_text)],
            ),
            self._form_text(env._("Goods"), self.goods_text),
            self._form_text(env._("Delivery"), self.delivery_text),
            self._form_text(env._("To Note"), self.note or "–"),
            self._form_table(
                "readers",
                env._("Acknowledged"),
                [
                    Column(env._("Department"), 24, "department_name"),
                    Column(env._("Reader"), 24, "user_name"),
                    Column(
                        env._("Read On"),
                        16,
                        lambda row: self._form_day(row.acknowledged_on) or "",
                    ),
                    Column(env._("Question"), 36, lambda row: row.question or ""),
                ],
                self.sudo().acknowledgement_ids,
            ),
            self._form_sign(),
        ]

    def _form_signatures(self):
        return [
            {
                "title": self.env._("Released By"),
                "name": self.user_id.sudo().name,
                "date": self._form_date(self.date),
            }
        ]
