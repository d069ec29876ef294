from odoo import Command, fields, models
from odoo.exceptions import UserError


class ContractDeviation(models.Model):
    """What was coordinated about a deviation."""

    _inherit = "contract.deviation"

    coordination_ids = fields.Many2many(
        "contract.coordination",
        "contract_coordination_deviation_rel",
        string="Coordination Documents",
        readonly=True,
        copy=False,
    )

    def action_coordinate(self):
        """Open a new coordination document about these deviations of one contract.

        :raise UserError: if they are of several contracts
        """
        self.check_access("read")
        parents = {deviation._contract_parent() for deviation in self}
        if len(parents) != 1:
            raise UserError(
                self.env._(
                    "A coordination document is about one contract: choose "
                    "deviations of the same one."
                )
            )
        return parents.pop()._contract_new_part_action(
            "contract.coordination",
            deviation_ids=[Command.set(self.ids)],
            subject=self[0].display_name,
        )
