from odoo import api, fields, models
from odoo.exceptions import UserError

from ..contract.sale_order import READER
from ..facts.contract_facts_mixin import fact_field
from .contract_settlement import RUNNING

USES = "contract_tracking.group_contract_settlement"


class SaleOrder(models.Model):
    """The settlement of a contract, and what asks for it."""

    _inherit = "sale.order"

    contract_settlement_ids = fields.One2many(
        "contract.settlement",
        "order_id",
        string="Settlements",
        copy=False,
        groups=READER,
    )
    contract_settlement_count = fields.Integer(
        string="Number of Settlements",
        compute="_compute_contract_settlement_count",
        groups=READER,
        help="Settlements of this contract, without void ones.",
    )
    contract_to_settle = fact_field(
        fields.Boolean,
        "is_settling",
        string="Ready to Be Settled",
        compute="_compute_contract_figures",
        groups=READER,
        help="In effect, everything delivered, invoiced, and paid but for the "
        "retention.",
    )
    contract_next_step = fields.Selection(selection_add=[("settle", "Settle")])

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("contract_settlement_ids.state")
    def _compute_contract_settlement_count(self):
        self._contract_count_forms("contract.settlement", "contract_settlement_count")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    @api.readonly
    def action_contract_settlements(self):
        """Open the settlements of the contract."""
        return self._contract_parts_action("contract_settlement_action")

    def action_contract_settle(self):
        """Open the settlement of the contract, a new draft if there is none.

        :raise UserError: if it never took effect, or was cancelled
        """
        self.ensure_one()
        self._contract_check_follows()
        self.check_access("read")
        self.sudo()._contract_check_state(
            "active", "suspended", "completed", "terminated"
        )
        terminated = self.sudo().contract_state == "terminated"
        kind = "termination" if terminated else "completion"
        return self.env["contract.settlement"]._begin(self, kind)._open_form()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _contract_settlement(self):
        """The confirmed settlement of the contract, if it has one."""
        self.ensure_one()
        settlements = self.sudo().contract_settlement_ids
        return settlements.filtered(
            lambda settlement: settlement.state == "confirmed"
        ).with_prefetch(settlements._prefetch_ids)

    def _contract_is_settled(self):
        """Whether both sides are even, or what stays open was confirmed with a
        reason, and nothing was added since."""
        settlement = self._contract_settlement()
        return bool(settlement) and settlement._holds()

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        if (
            follows
            and self.env.user.has_group(USES)
            and self.contract_to_settle
            and not self.contract_settlement_ids.filtered(lambda s: s.state in RUNNING)
        ):
            yield 50, "settle"

    def _contract_before(self, state):
        if state == "completed" and not self._contract_is_settled():
            if settlement := self._contract_settlement():
                raise UserError(
                    self.env._(
                        "%(contract)s isn't what was settled by %(settlement)s any "
                        "more:\n%(changes)s\nVoid the settlement with a reason, and "
                        "have the draft that takes its place confirmed.",
                        contract=self.display_name,
                        settlement=settlement.display_name,
                        changes=settlement.changed_text or "",
                    )
                )
            if self.company_id.contract_settlement_required:
                raise UserError(
                    self.env._(
                        "%(contract)s is completed once its settlement is confirmed: "
                        "write it (button “Settle”), and have finance confirm it.",
                        contract=self.display_name,
                    )
                )
        return super()._contract_before(state)

    def _contract_unkept_terms(self):
        """What was settled is no more asked for but for the retention, which is
        followed on although the contract is completed."""
        terms = super()._contract_unkept_terms()
        if self._contract_is_settled():
            return terms.filtered(lambda term: term.kind != "payment")
        return terms
