from odoo import models
from odoo.tools import format_list


class ContractPlan(models.Model):
    """How a plan stands, in words."""

    _inherit = "contract.plan"

    def _progress_words(self):
        """How the plan stands, in the language of the environment: how much is done by
        stage, what is late, which problems, causes and needs were reported."""
        self.ensure_one()
        lines = self.line_ids.filtered(lambda line: line.status != "dropped")
        words = [
            self.env._(
                "%(plan)s, version %(version)s: %(done)s %% done.",
                plan=self.name,
                version=self.version,
                done=round(self.completion),
            )
        ]
        if stages := lines.filtered(lambda line: line.kind == "stage"):
            words.append(
                self.env._(
                    "Stages: %(stages)s.",
                    stages=format_list(
                        self.env,
                        [f"{line.name} {line.progress} %" for line in stages],
                        style="unit",
                    ),
                )
            )
        return words + self._trouble_words()

    def _trouble_words(self):
        """What is late, and which problems, causes and needs were reported."""
        self.ensure_one()
        lines = self.line_ids
        return [
            *(line._late_words() for line in lines.filtered("is_late")),
            *(line._problem_words() for line in lines if line._has_problem()),
        ]
