from odoo import models

from ...tools.guard import unguarded


class ContractTerm(models.Model):
    """What is owed when a contract ends has a name in every language."""

    _inherit = "contract.term"

    def _name_what_is_left(self):
        """Name payment terms that have no name."""
        unnamed = self.filtered(lambda t: t.kind == "payment" and not t.name)
        unnamed = unnamed.filtered(lambda t: t.payment_kind == "settlement")
        for code, _name in self.env["res.lang"].get_installed() if unnamed else ():
            for term in unguarded(unnamed).with_context(lang=code):
                term.name = (
                    self.with_context(lang=code).env._("Due on termination")
                    if term.date_fixed
                    else self.with_context(lang=code).env._(
                        "Due when the kept deliveries left"
                    )
                )
