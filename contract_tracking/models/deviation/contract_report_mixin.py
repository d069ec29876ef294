from odoo import models
from odoo.exceptions import AccessError, UserError

from ...tools.windows import form_window

FOLLOWS = "contract_tracking.group_contract_user"
AUDITOR = "contract_tracking.group_contract_auditor"


class ContractReportMixin(models.AbstractModel):
    """A document on which somebody sees that a contract isn't kept: whoever may read it
    reports the deviation from there, whether he follows the contract or not."""

    _name = "contract.report.mixin"
    _description = "Where Deviations Are Seen"

    def action_contract_report(self):
        """Open what reports a deviation from this document: the report itself for who
        follows contracts, a window for everybody else.

        :raise UserError: if the document belongs to no contract in effect
        """
        self.ensure_one()
        self.check_access("read")
        self._contract_check_reporter()
        values = self.sudo()._contract_report_values()
        parent = self._contract_report_parent().sudo(False)
        if self.env.user.has_group(FOLLOWS) and parent.has_access("read"):
            return {
                "type": "ir.actions.act_window",
                "name": self.env._("Report Deviation"),
                "res_model": "contract.deviation",
                "views": [(False, "form")],
                "context": {
                    f"default_{name}": value for name, value in values.items() if value
                },
            }
        return form_window(
            "contract.deviation.seen",
            self.env._("Report Deviation"),
            {
                "res_model": self._name,
                "res_ids": self.ids,
                "kind": values.get("kind", "other"),
            },
        )

    def _contract_check_reporter(self):
        """Raise for who works outside, and for auditors: they change nothing."""
        user = self.env.user
        if not user._is_internal() or user.has_group(AUDITOR):
            raise AccessError(
                self.env._(
                    "Auditors change nothing: tell somebody who follows the contract."
                )
            )

    def _contract_report_values(self):
        """Values of a deviation that is reported from here: its contract or frame
        agreement, its kind, and the document."""
        raise NotImplementedError

    def _contract_report_parent(self):
        """The contract or frame agreement of the document.

        :raise UserError: if it belongs to none that is tracked
        """
        self.ensure_one()
        values = self.sudo()._contract_report_values()
        order = self.env["sale.order"].sudo().browse(values.get("order_id") or ())
        frame = self.env["contract.frame"].sudo().browse(values.get("frame_id") or ())
        if order.contract_state:
            return order
        if frame.effective_date:
            return frame
        raise UserError(
            self.env._(
                "%(document)s belongs to no contract in effect.",
                document=self.display_name,
            )
        )
