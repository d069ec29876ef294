from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.evidence import own_attachments
from ...tools.guard import is_unguarded, unguarded
from ...tools.pages import text_lines
from .contract_deviation import EDITABLE_STATES

# States of the deviation in which its actions are planned and changed.
PLANNING_STATES = (*EDITABLE_STATES, "executing")


class ContractDeviationAction(models.Model):
    """What somebody does about a deviation until a day: to correct it, or to prevent
    the next one (纠正措施, 预防措施; D9 §6.3).

    Planned by those who follow the contract; its owner reports it done, with evidence.
    """

    _name = "contract.deviation.action"
    _inherit = ["contract.frozen.mixin"]
    _description = "Deviation Action"
    _order = "date_deadline, id"
    _check_company_auto = True

    deviation_id = fields.Many2one(
        "contract.deviation", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="deviation_id.company_id", store=True)
    deviation_state = fields.Selection(
        related="deviation_id.state", string="State of the Deviation"
    )
    contract_number = fields.Char(related="deviation_id.contract_number")
    partner_id = fields.Many2one(related="deviation_id.partner_id")
    kind = fields.Selection(
        [("corrective", "Corrective"), ("preventive", "Preventive")],
        required=True,
        default="corrective",
    )
    name = fields.Char(string="Action", required=True)
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        required=True,
        index=True,
        ondelete="restrict",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
    )
    department_id = fields.Many2one(
        "contract.department", ondelete="restrict", check_company=True
    )
    date_deadline = fields.Date(string="Deadline", required=True)
    state = fields.Selection(
        [("open", "To do"), ("done", "Carried out"), ("dropped", "Dropped")],
        default="open",
        required=True,
        readonly=True,
        copy=False,
        index=True,
    )
    done_on = fields.Date(readonly=True, copy=False)
    done_by_id = fields.Many2one(
        "res.users", readonly=True, copy=False, ondelete="restrict"
    )
    done_by_name = fields.Char(string="Done By (Name)", readonly=True, copy=False)
    note = fields.Text(string="What Was Done", readonly=True, copy=False)
    attachment_ids = fields.Many2many(
        "ir.attachment",
        string="Evidence",
        readonly=True,
        copy=False,
        bypass_search_access=True,
    )
    reminded_on = fields.Date(readonly=True, copy=False)
    escalated_on = fields.Date(readonly=True, copy=False)
    is_overdue = fields.Boolean(
        compute="_compute_is_overdue", search="_search_is_overdue"
    )
    can_do = fields.Boolean(compute="_compute_can")
    can_drop = fields.Boolean(compute="_compute_can")

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("state", "date_deadline")
    def _compute_is_overdue(self):
        for action in self:
            parent = action.deviation_id.sudo()._contract_parent()
            action.is_overdue = (
                action.state == "open"
                and bool(action.date_deadline and parent)
                and action.date_deadline < parent._contract_today()
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        return Domain("state", "=", "open") & Domain(
            "date_deadline", "<", fields.Date.context_today(self)
        )

    @api.depends_context("uid")
    @api.depends("state", "user_id", "deviation_id.state")
    def _compute_can(self):
        user = self.env.user
        for action in self:
            executing = (
                action.state == "open" and action.deviation_id.state == "executing"
            )
            action.can_do = executing and action._is_owner(user)
            action.can_drop = executing and action.deviation_id._is_office(user)

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("user_id")
    def _check_owner(self):
        for action in self:
            user = action.user_id
            if (
                not user.active
                or user.share
                or action.company_id not in user.company_ids
                or not self.env["contract.deviation"].with_user(user).has_access("read")
            ):
                raise ValidationError(
                    self.env._(
                        "%(user)s has no role of contracts in %(company)s: he could "
                        "not read the deviation that he is to act on.",
                        user=user.name,
                        company=action.company_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        actions = super().create(vals_list)
        actions._check_plan()
        actions.deviation_id._activity_update()
        return actions

    def write(self, vals):
        if not is_unguarded(self):
            self._log_change(vals)
            if {"date_deadline", "user_id"} & vals.keys():
                unguarded(self).write({"reminded_on": False, "escalated_on": False})
        res = super().write(vals)
        if {"date_deadline", "user_id", "name", "state"} & vals.keys():
            self.deviation_id._activity_update()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_executing(self):
        for action in self:
            if action.deviation_id.state not in EDITABLE_STATES:
                raise UserError(
                    self.env._(
                        "“%(action)s” was decided on: it can be dropped with a reason, "
                        "not deleted.",
                        action=action.name,
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_done(self):
        """Open the screen that asks what was done."""
        return self._open_step("done")

    def action_drop(self):
        """Open the screen that asks why the action is not needed any more."""
        return self._open_step("drop")

    def action_open_deviation(self):
        """Open the deviation of the action."""
        self.ensure_one()
        return self.deviation_id._open_form()

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    def _check_frozen(self, content):
        res = super()._check_frozen(content)
        if "deviation_id" in content:
            raise UserError(self.env._("An action stays with its deviation."))
        self._check_plan()
        return res

    def _check_plan(self):
        """Raise unless the actions may still be planned and changed."""
        if is_unguarded(self):
            return
        for action in self:
            deviation = action.deviation_id
            deviation.check_access("write")
            deviation._check_is_lead()
            deviation._check_state(*PLANNING_STATES)
            if action.state != "open":
                raise UserError(
                    self.env._(
                        "“%(action)s” is not open any more and can't be changed.",
                        action=action.name,
                    )
                )

    def _log_change(self, vals):
        """A deadline or an owner that changes after the decision is noted."""
        for action in self.filtered(lambda a: a.deviation_id.state == "executing"):
            for fname in {"date_deadline", "user_id"} & vals.keys():
                old = action[fname]
                new = action._fields[fname].convert_to_record(
                    action._fields[fname].convert_to_cache(vals[fname], action), action
                )
                if old != new:
                    action.deviation_id._post(
                        self.env._(
                            "%(action)s: %(before)s → %(after)s",
                            action=action.name,
                            before=action._text(fname, old),
                            after=action._text(fname, new),
                        )
                    )

    def _text(self, fname, value):
        return value.name if fname == "user_id" else format_date(self.env, value)

    def _open_step(self, step):
        action = self.deviation_id._open_step(step)
        action["context"]["default_action_id"] = self.id
        return action

    def _report_done(self, text, attachments):
        """Report the action done: its owner, with what was done and evidence.

        :raise UserError: if the user is not the owner, or the deviation is not being
            executed
        """
        self.ensure_one()
        self.check_access("read")
        if not self._is_owner(self.env.user):
            raise UserError(
                self.env._(
                    "%(user)s owns “%(action)s” and reports it done.",
                    user=self.user_id.name,
                    action=self.name,
                )
            )
        self._check_executing()
        self._finish("done", text, attachments)

    def _drop(self, text):
        """Drop an action that is not needed any more, with a reason: the handler's
        office or the business office."""
        self.ensure_one()
        self.check_access("write")
        self._check_executing()
        if not self.deviation_id._is_office(self.env.user):
            raise UserError(
                self.env._(
                    "An action is dropped by the handler's office or by the business "
                    "office."
                )
            )
        self._finish("dropped", text, self.env["ir.attachment"])

    def _check_executing(self):
        deviation = self.deviation_id.sudo()
        deviation._check_state("executing")
        deviation._check_contract_alive()
        if self.state != "open":
            raise UserError(
                self.env._(
                    "“%(action)s” is not open any more and can't be changed.",
                    action=self.name,
                )
            )

    def _finish(self, state, text, attachments):
        deviation = self.deviation_id
        deviation._check_text(text)
        action = unguarded(self.sudo())
        action.write(
            {
                "state": state,
                "note": text,
                "done_on": deviation.sudo()._contract_parent()._contract_today(),
                "done_by_id": self.env.uid,
                "done_by_name": self.env.user.name,
                "attachment_ids": [fields.Command.link(a.id) for a in attachments],
            }
        )
        own_attachments(action)
        if state == "done":
            unguarded(deviation.sudo()).write(
                {"involved_ids": deviation._involve(self.user_id)}
            )
        labels = dict(self._fields["state"]._description_selection(self.env))
        deviation._post(
            self.env._(
                "%(action)s – %(state)s: %(text)s",
                action=self.name,
                state=labels[state],
                text=text,
            )
        )

    def _is_owner(self, user):
        """Whether a user may report the action done."""
        self.ensure_one()
        return user == self.user_id

    def _remind(self):
        """Tell the owners that their actions are overdue."""
        for action in self:
            action.deviation_id._remind_user(
                action.user_id, action.date_deadline, action.name
            )

    def _escalated(self):
        self.deviation_id._activity_update()

    def _form_words(self):
        """The action, and what was done."""
        self.ensure_one()
        return "\n".join(filter(None, (self.name, self.note)))

    def _form_height(self):
        return max(1, text_lines(self._form_words(), 50)) + 0.3

    def _form_state(self):
        self.ensure_one()
        return dict(self._fields["state"]._description_selection(self.env))[self.state]
