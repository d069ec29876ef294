from odoo import api, models


class ContractHome(models.AbstractModel):
    _inherit = "contract.home"

    @api.model
    def _home_items(self):
        items = super()._home_items()
        if not self._home_uses("termination"):
            return items
        today = self.env.company._contract_today()
        return [
            *items,
            self._home_terminations(
                "mine",
                "terminations",
                self.env._("Suspensions and terminations to submit"),
                domain=[("state", "=", "draft"), ("user_id", "=", self.env.uid)],
            ),
            self._home_terminations(
                "mine",
                "terminations_force",
                self.env._("Terminations to bring into force"),
                domain=[
                    ("state", "in", ("approved", "noticed")),
                    ("user_id", "=", self.env.uid),
                ],
            ),
            self._home_terminations(
                "contracts",
                "suspensions_over",
                self.env._("Suspensions past their planned end"),
                domain=[
                    ("state", "=", "done"),
                    ("kind", "=", "suspend"),
                    ("date_resume", "<", today),
                ],
                groups=None,
                late=True,
            ),
        ]

    @api.model
    def _home_terminations(self, section, key, label, domain, groups=(), late=False):
        return self._home_item(
            section,
            key,
            label,
            "contract.termination",
            "contract_termination_action",
            domain,
            groups,
            late,
        )
