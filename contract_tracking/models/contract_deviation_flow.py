from odoo import api, fields, models
from odoo.exceptions import UserError

from .contract_deviation import EDITABLE_STATES
from .contract_guard import unguarded


class ContractDeviation(models.Model):
    """The life of a deviation after its decision: executed, its result reported,
    verified by somebody else, closed; or waived, cancelled (D9 §3.3, §6.3).

    Each step checks in Python who takes it and from which state. Deviations that are
    covered by the report of another one follow it. Nothing that ended is reopened.
    """

    _inherit = "contract.deviation"

    decision = fields.Selection(
        [
            ("accept", "As recommended"),
            ("accept_changed", "Accepted with changes"),
            ("reject", "Rejected"),
        ],
        string="Leader's Decision",
        readonly=True,
        copy=False,
        tracking=True,
    )
    decision_text = fields.Text(
        string="Words of the Decision",
        readonly=True,
        copy=False,
        help="As the leader wrote them; they never change. Decisions of earlier rounds "
        "stand in the approval trail.",
    )
    decided_by_name = fields.Char(string="Decided By", readonly=True, copy=False)
    decided_on = fields.Datetime(readonly=True, copy=False)
    result = fields.Text(
        string="Execution and Result",
        readonly=True,
        copy=False,
        help="How the decision was carried out, and what came of it.",
    )
    result_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_result_rel",
        string="Evidence of the Result",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    reported_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    reported_by_name = fields.Char(
        string="Reported By (Name)", readonly=True, copy=False
    )
    reported_on = fields.Datetime(readonly=True, copy=False)
    sent_back_reason = fields.Text(
        string="Not Verified Because", readonly=True, copy=False
    )
    sent_back_on = fields.Date(readonly=True, copy=False)
    verification = fields.Text(readonly=True, copy=False)
    verified_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    verified_by_name = fields.Char(
        string="Verified By (Name)", readonly=True, copy=False
    )
    verified_on = fields.Datetime(readonly=True, copy=False)
    ended_reason = fields.Text(string="Reason", readonly=True, copy=False)
    ended_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    ended_by_name = fields.Char(string="Ended By (Name)", readonly=True, copy=False)
    ended_authority = fields.Char(
        string="Authority",
        readonly=True,
        copy=False,
        help="In which role it was waived or cancelled.",
    )
    ended_on = fields.Datetime(readonly=True, copy=False)
    ended_attachment_ids = fields.Many2many(
        "ir.attachment",
        "contract_deviation_ended_rel",
        string="Evidence of the Reason",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    involved_ids = fields.Many2many(
        "res.users",
        "contract_deviation_involved_rel",
        string="Worked On It",
        readonly=True,
        copy=False,
        help="Who handled, executed or reported it: none of them verifies it.",
    )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model
    def default_get(self, fields_list):
        """Whoever reports a deviation from a term, a delivery or an invoice doesn't
        have to say what that belongs to."""
        values = super().default_get(fields_list)
        term = self.env["contract.term"].browse(values.get("term_id"))
        picking = self.env["stock.picking"].browse(values.get("picking_id"))
        move = self.env["account.move"].browse(values.get("move_id"))
        if term:
            values.update(
                order_id=term.order_id.id,
                frame_id=term.frame_id.id,
                line_id=term.line_id.id,
                kind={
                    "delivery": "late_delivery",
                    "payment": "late_payment",
                    "milestone": "milestone_late",
                    "document": "document_missing",
                }.get(term.kind, "other"),
            )
        elif picking:
            values.update(
                order_id=picking.sale_id.id,
                kind="returned" if picking.return_id else "rejected",
            )
        elif move:
            values.update(
                order_id=move.line_ids.sale_line_ids.order_id[:1].id,
                kind="invoice_mismatch",
            )
        return {name: values[name] for name in values if name in fields_list}

    def copy_data(self, default=None):
        """What the system filled in belongs to this deviation; a copy is reported."""
        frozen = self._frozen_fields()
        return [
            {name: value for name, value in vals.items() if name not in frozen}
            for vals in super().copy_data(default)
        ]

    @api.model_create_multi
    def create(self, vals_list):
        deviations = super().create(vals_list)
        deviations._activity_update()
        return deviations

    def write(self, vals):
        if vals.get("lead_id"):
            self._check_lead_open(vals["lead_id"])
        res = super().write(vals)
        if vals.get("lead_id"):
            for deviation in self:
                unguarded(deviation).write({"state": deviation.lead_id.state})
        if {"user_id", "date", "lead_id"} & vals.keys():
            (self | self.lead_id)._activity_update()
        return res

    def _check_frozen(self, content):
        # actions have guards of their own
        content = content - {"action_ids"}
        return super()._check_frozen(content) if content else None

    def _check_lead_open(self, lead_id):
        """Only what is not submitted yet takes further deviations in."""
        lead = self.browse(lead_id)
        if lead.state not in EDITABLE_STATES:
            raise UserError(
                self.env._(
                    "%(lead)s was submitted: no further deviation can join its report.",
                    lead=lead.display_name,
                )
            )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_analyse(self):
        """Record that the deviation is analysed: ready for a recommendation and for
        the leader.

        :raise UserError: if cause, severity or summary are missing
        """
        self.check_access("write")
        self._check_is_lead()
        self._check_state("detected")
        self._check_contract_alive()
        for deviation in self._family():
            deviation._check_analysed()
        self._move("analysed", involved_ids=self._involve(self.env.user))
        return True

    def action_one_report(self):
        """Put the selected deviations of a contract into one report: the most severe
        leads and is decided, the others follow it."""
        self.check_access("write")
        family = self | self.included_ids
        family._check_state(*EDITABLE_STATES)
        if len(self) < 2 or self.lead_id - self:
            raise UserError(
                self.env._(
                    "Select two or more deviations of a contract that are in no report "
                    "with others yet."
                )
            )
        order = list(dict(self._fields["severity"].selection))
        lead = max(
            self,
            key=lambda d: (order.index(d.severity), d.impact_amount, -d.id),
        )
        (family - lead).write({"lead_id": False})
        lead.write({"lead_id": False})
        (family - lead).write({"lead_id": lead.id})
        return lead._open_form()

    def action_take_out(self):
        """Take the deviation out of the report of another one."""
        self.check_access("write")
        self._check_state(*EDITABLE_STATES)
        self.write({"lead_id": False})
        return True

    def action_own_done(self):
        """Open the screen that asks what was done, for the user's next action."""
        self.ensure_one()
        action = self._own_actions(self.env.user)[:1]
        if not action:
            raise UserError(
                self.env._(
                    "You have no open action on %(deviation)s.",
                    deviation=self.display_name,
                )
            )
        return action.action_done()

    def action_report(self):
        """Open the screen that asks for the result of the execution."""
        return self._open_step("report")

    def action_verify(self):
        """Open the screen that asks for the note of who verifies the result."""
        return self._open_step("verify")

    def action_not_verified(self):
        """Open the screen that asks why the result is sent back."""
        return self._open_step("send_back")

    def action_waive(self):
        """Open the screen that asks why the deviation is waived."""
        return self._open_step("waive")

    def action_dismiss(self):
        """Open the screen that asks why the deviation is false."""
        return self._open_step("cancel")

    def action_hand_over(self):
        """Open the screen that asks who handles the deviation from now on."""
        return self._open_step("hand_over")

    def action_view_lead(self):
        """Open the report that covers this deviation."""
        self.ensure_one()
        return self.lead_id._open_form()

    def _open_form(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "view_mode": "form",
        }

    def _open_step(self, step):
        self.ensure_one()
        wizard = self.env["contract.deviation.step"]
        labels = dict(wizard._fields["step"]._description_selection(self.env))
        return {
            "type": "ir.actions.act_window",
            "name": labels[step],
            "res_model": wizard._name,
            "view_mode": "form",
            "target": "new",
            "context": {"default_deviation_id": self.id, "default_step": step},
        }
