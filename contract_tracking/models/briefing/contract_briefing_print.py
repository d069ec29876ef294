from odoo import models

from .contract_briefing_part_print import TEXTS


class ContractBriefing(models.Model):
    """What the printed 合同交底书 shows: each department with what it is told."""

    _inherit = "contract.briefing"

    def _form_title(self):
        return self.env._("Contract Briefing")

    def _form_blocks(self):
        self.ensure_one()
        env = self.env
        return [
            self._form_cells(
                [
                    (env._("Customer"), self.partner_name),
                    (env._("Contract No."), self.contract_no),
                    (env._("Report Date"), self._form_date(self.date)),
                    (env._("Briefed By"), self.user_id.sudo().name),
                ],
                wide=[
                    (
                        env._("Departments"),
                        " · ".join(self.part_ids.department_id.mapped("name")),
                    )
                ],
            ),
            *(
                [self._form_text(env._("For Everybody"), self.note)]
                if self.note
                else ()
            ),
            *(
                block
                for part in self.part_ids
                for block in (
                    part._form_cells(
                        [
                            (env._("Department"), part.department_id.name),
                            (
                                env._("Acknowledge By"),
                                part._form_date(part.date_deadline),
                            ),
                        ]
                    ),
                    *part._form_terms(*TEXTS),
                    part._form_readers(),
                )
            ),
            self._form_sign(),
        ]

    def _form_signatures(self):
        return [
            {
                "title": self.env._("Briefed By"),
                "name": self.user_id.sudo().name,
                "date": self._form_day(self.sent_on),
            }
        ]
