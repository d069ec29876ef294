import logging

from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain

_logger = logging.getLogger(__name__)


class ContractBriefingMixin(models.AbstractModel):
    """A contract or a frame agreement on which departments are briefed."""

    _name = "contract.briefing.mixin"
    _description = "Contract with Briefings"

    def action_contract_brief(self):
        """Open the briefing that is in preparation, or begin one."""
        self.ensure_one()
        self._contract_check_follows()
        self.check_access("write")
        return self.env["contract.briefing"]._brief(self)._open_form()

    def action_contract_briefings(self):
        """Open the briefings on it."""
        return self._contract_parts_action("contract_briefing_action")

    def _contract_brief_kind(self):
        """The kind of binding document, as templates name it."""
        raise NotImplementedError

    def _contract_brief_terms(self):
        """The terms that hold now."""
        raise NotImplementedError

    def _contract_brief_prices(self):
        """Names and unit prices of the goods."""
        raise NotImplementedError

    def _contract_unbriefed(self):
        """The last re-agreement on which nobody was briefed, or none."""
        self.ensure_one()
        part = self._contract_part_vals()
        domain = Domain.AND(Domain(name, "=", value) for name, value in part.items())
        last = (
            self.env["contract.reagreement"]
            .sudo()
            .search(
                domain & Domain("state", "=", "done"), order="applied_on desc", limit=1
            )
        )
        if not last:
            return last
        told = Domain("state", "=", "sent") & Domain("sent_on", ">=", last.applied_on)
        briefings = self.env["contract.briefing"].sudo()
        return last.browse() if briefings.search_count(domain & told, limit=1) else last

    def _contract_brief_next(self):
        """How urgent the next briefing is, or False: after a re-agreement more than
        at first."""
        self.ensure_one()
        mode = self.company_id.sudo().contract_briefing_mode
        if mode == "hand" or not self._contract_is_open():
            return False
        sent = self.sudo().contract_briefing_ids.filtered(lambda b: b.state == "sent")
        if not sent:
            return 55
        return 35 if self._contract_unbriefed() else False

    def _contract_brief_by_itself(self):
        """Brief the departments on those that take effect, where the company wants so
        and a template fits. What can't be sent waits as a draft: taking effect never
        fails for it."""
        for parent in self.sudo():
            if parent.company_id.contract_briefing_mode != "effect":
                continue
            template = self.env["contract.briefing.template"].sudo()
            if not template._fitting(parent.company_id, parent._contract_brief_kind()):
                continue
            briefing = self.env["contract.briefing"].sudo()._brief(parent)
            briefing.user_id = parent._contract_responsible() or self.env.user
            try:
                with self.env.cr.savepoint():
                    briefing._send()
            except UserError as error:
                briefing.invalidate_recordset()
                briefing._note({briefing.id: str(error)})
                _logger.info("%s is not sent: %s", briefing.display_name, error)
