from odoo import api, fields, models
from odoo.tools import format_amount, format_date

from .contract_deviation import EDITABLE_STATES, OPEN_STATES


class ContractDeviation(models.Model):
    """What the screens of deviations show: facts in a line, the next step in a
    sentence, and what the user may do."""

    _inherit = "contract.deviation"

    agreed_text = fields.Char(string="Agreed", compute="_compute_texts")
    actual_text = fields.Char(string="Actual", compute="_compute_texts")
    color = fields.Integer(compute="_compute_color")
    not_cured = fields.Boolean(compute="_compute_not_cured")
    next_step = fields.Char(compute="_compute_next_step", compute_sudo=True)
    included_count = fields.Integer(
        string="Number of Further Deviations", compute="_compute_included_count"
    )
    can_work = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_do = fields.Boolean(
        string="Has an Action of Mine", compute="_compute_can", compute_sudo=True
    )
    can_verify = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_waive = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_cancel = fields.Boolean(compute="_compute_can", compute_sudo=True)
    can_hand_over = fields.Boolean(compute="_compute_can", compute_sudo=True)

    @api.depends_context("lang")
    @api.depends(
        "agreed_date", "agreed_quantity", "agreed_amount",
        "actual_date", "actual_quantity", "actual_amount",
    )  # fmt: skip
    def _compute_texts(self):
        for deviation in self:
            deviation.agreed_text = deviation._fact_text("agreed")
            deviation.actual_text = deviation._fact_text("actual")

    def _fact_text(self, side):
        """Quantity or amount, and day, of what was agreed or what happened."""
        self.ensure_one()
        quantity = self[f"{side}_quantity"]
        amount = self[f"{side}_amount"]
        day = self[f"{side}_date"]
        # an actual nothing says something beside what was agreed
        if self.agreed_quantity or quantity:
            figure = self._form_quantity(quantity)
            unit = (self.line_id or self.term_id.line_id).sudo().product_uom_id.name
            figure = " ".join(filter(None, (figure, unit)))
        elif self.agreed_amount or amount:
            figure = format_amount(self.env, amount, self.currency_id)
        else:
            figure = ""
        return " · ".join(filter(None, (figure, day and format_date(self.env, day))))

    @api.model
    def _formatted_read_group_with_length(self, domain, groupby, *args, **kwargs):
        """Columns of what ended are folded."""
        groups, length = super()._formatted_read_group_with_length(
            domain, groupby, *args, **kwargs
        )
        if list(groupby) == ["state"]:
            for group in groups:
                group["__fold"] = group["state"] not in OPEN_STATES
        return groups, length

    @api.depends("severity")
    def _compute_color(self):
        colors = {"minor": 0, "major": 3, "critical": 1}
        for deviation in self:
            deviation.color = colors.get(deviation.severity, 0)

    @api.depends("cured_on", "state")
    def _compute_not_cured(self):
        for deviation in self:
            deviation.not_cured = (
                not deviation.cured_on and deviation.state != "cancelled"
            )

    @api.depends("included_ids")
    def _compute_included_count(self):
        for deviation in self:
            deviation.included_count = len(deviation.included_ids)

    @api.depends_context("lang")
    @api.depends(
        "state", "lead_id", "user_id", "cause_id", "summary", "action_ids.state",
        "approval_hint", "decision", "date_deadline", "reported_by_id",
        "submitted_by_id",
    )  # fmt: skip
    def _compute_next_step(self):
        for deviation in self:
            deviation.next_step = deviation._describe_next_step()

    def _describe_next_step(self):
        """One sentence: what is to be done next, by whom, until when."""
        self.ensure_one()
        user = self.user_id.name or self.env._("The handler")
        day = self.date_deadline and format_date(self.env, self.date_deadline) or "–"
        if self.lead_id:
            return self.env._(
                "Covered by the report %(lead)s: it is decided there.",
                lead=self.lead_id.display_name,
            )
        if self._contract_cancelled() and self.state in OPEN_STATES:
            return self.env._(
                "The contract was cancelled: the office cancels this deviation as well."
            )
        match self.state:
            case "detected":
                return self.env._(
                    "%(user)s analyses it by %(day)s: cause, severity, summary.",
                    user=user,
                    day=day,
                )
            case "analysed" if self.decision == "reject":
                return self.env._(
                    "Rejected: %(user)s revises the recommendation and submits it "
                    "again, or the office cancels it.",
                    user=user,
                )
            case "analysed":
                return self.env._(
                    "%(user)s recommends what to do and submits it by %(day)s.",
                    user=user,
                    day=day,
                )
            case "submitted":
                return self.approval_hint
            case "executing":
                opened = self.action_ids.filtered(lambda a: a.state == "open")
                if opened:
                    return self.env._(
                        "%(users)s: actions to do, the next by %(day)s.",
                        users=", ".join(opened.user_id.mapped("name")),
                        day=day,
                    )
                return self.env._(
                    "%(user)s reports the result by %(day)s.", user=user, day=day
                )
            case "reported":
                return self.env._(
                    "%(user)s, or somebody else who had no part in it, verifies the "
                    "result by %(day)s.",
                    user=self._verifier().name or self.env._("The business office"),
                    day=day,
                )
        return False

    @api.depends_context("uid")
    @api.depends(
        "state", "user_id", "lead_id", "submitted_by_id", "approval_state",
        "action_ids.state", "action_ids.user_id",
    )  # fmt: skip
    def _compute_can(self):
        user = self.env.user
        for deviation in self:
            record = deviation._origin.with_user(user)
            alone = bool(record) and not deviation.lead_id
            alive = alone and not deviation._contract_cancelled()
            deviation.can_work = not record or (
                alive
                and deviation.state in ("detected", "executing")
                and record.has_access("write")
            )
            deviation.can_do = alive and bool(deviation._own_actions(user))
            deviation.can_verify = (
                alive
                and deviation.state == "reported"
                and user not in deviation._executors()
                and deviation._may_verify(user)
            )
            deviation.can_waive = (
                alone
                and deviation.state in OPEN_STATES
                and deviation.state != "submitted"
                and bool(deviation._waive_authority(user))
            )
            deviation.can_cancel = (
                alone
                and (
                    deviation.state in EDITABLE_STATES
                    or (deviation.state in OPEN_STATES and not alive)
                )
                and deviation._is_office(user)
            )
            deviation.can_hand_over = (
                alone and deviation.state in OPEN_STATES and deviation._is_head(user)
            )
