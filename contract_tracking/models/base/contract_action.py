from odoo import Command, api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date

from ...tools.guard import is_unguarded, unguarded


class ContractAction(models.Model):
    """What somebody does about a document until a day: owner, deadline, evidence, and
    where the document asks for it verification by somebody else (D9 §6.3, §7).

    The document (``contract.action.mixin``) says when actions are planned, carried out
    and dropped, and hears of every change. Days are those of its company.
    """

    _name = "contract.action"
    _inherit = [
        "contract.frozen.mixin",
        "contract.state.mixin",
        "contract.reason.mixin",
        "contract.part.mixin",
        "contract.reference.mixin",
    ]
    _description = "Contract Action"
    _order = "date_deadline, id"
    _check_company_auto = True

    _contract_buttons = {"can_do": "done", "can_drop": "dropped"}

    res_model = fields.Char(readonly=False, index=True)
    res_id = fields.Many2oneReference(readonly=False, index=True)
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
        [
            ("open", "To do"),
            ("done", "Carried out"),
            ("verified", "Verified"),
            ("dropped", "Dropped"),
        ],
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
    verified_by_name = fields.Char(
        string="Verified By (Name)", readonly=True, copy=False
    )
    verified_on = fields.Date(readonly=True, copy=False)
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

    @api.depends("state", "date_deadline", "company_id")
    def _compute_is_overdue(self):
        for action in self:
            company = action.company_id or self.env.company
            action.is_overdue = (
                action.state == "open"
                and bool(action.date_deadline)
                and action.date_deadline < company._contract_today()
            )

    def _search_is_overdue(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = self.env["res.company"]._contract_day_domain("date_deadline", "<")
        return Domain("state", "=", "open") & late

    @api.depends_context("uid")
    @api.depends("state", "user_id")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Constraints
    # ------------------------------------------------------------------

    @api.constrains("user_id")
    def _check_owner(self):
        for action in self:
            user = action.user_id
            if (
                not user._contract_eligible(action.company_id)
                or not user.has_group("contract_tracking.group_contract_reader")
                or not self.env[action.res_model].with_user(user).has_access("read")
            ):
                raise ValidationError(
                    self.env._(
                        "%(user)s has no role of contracts in %(company)s: he could "
                        "not read the document that he is to act on.",
                        user=user.name,
                        company=action.company_id.name,
                    )
                )

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._with_parent(vals) for vals in vals_list]
        actions = super().create(vals_list)
        actions._check_plan()
        actions._tell_documents()
        return actions

    def write(self, vals):
        if not is_unguarded(self):
            self._check_decided(vals)
            self._log_change(vals)
            if {"date_deadline", "user_id"} & vals.keys():
                unguarded(self).write({"reminded_on": False, "escalated_on": False})
        res = super().write(vals)
        if {"date_deadline", "user_id", "name", "state"} & vals.keys():
            self._tell_documents()
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_decided(self):
        for action in self:
            if action._document()._action_is_decided():
                raise UserError(
                    self.env._(
                        "“%(action)s” was decided on: it can be dropped with a reason, "
                        "not deleted.",
                        action=action.name,
                    )
                )
            action._document()._action_planned()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_done(self):
        """Open the window that asks what was done."""
        return self._open_reason("done")

    def action_drop(self):
        """Open the window that asks why the action is not needed any more."""
        return self._open_reason("drop")

    def action_verify(self):
        """Open the window that asks how it was verified."""
        return self._open_reason("verify")

    def action_send_back(self):
        """Open the window that asks what is still to be done."""
        return self._open_reason("send_back")

    @api.readonly
    def action_open_document(self):
        """Open the document of the action."""
        self.ensure_one()
        return self._document()._open_form()

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        states = {
            **super()._contract_next_states(),
            "done": {"open": "_refuse_done"},
            "dropped": {"open": "_refuse_drop"},
        }
        if self._document()._actions_verified:
            states["verified"] = {"done": "_refuse_verify"}
            states["open"] = {"done": "_refuse_verify"}
        return states

    def _reason_steps(self):
        step = self._reason_step
        return {
            **super()._reason_steps(),
            "done": step(
                self.env._("Report the action done"), "_report_done", "attachments"
            ),
            "drop": step(self.env._("Drop the action"), "_drop"),
            "verify": step(self.env._("Verify the action"), "_verify"),
            "send_back": step(self.env._("Send back: not verified"), "_send_back"),
        }

    def _refuse_done(self):
        """Why the user can't report the action done, or False: its owner does."""
        if self.user_id == self.env.user:
            return self._document().sudo()._action_refuse_execution()
        return self.env._(
            "%(user)s owns “%(action)s” and reports it done.",
            user=self.user_id.name,
            action=self.name,
        )

    def _refuse_drop(self):
        """Why the user can't drop the action, or False."""
        document = self._document()
        return (
            document.sudo()._action_refuse_execution() or document._action_refuse_drop()
        )

    def _refuse_verify(self):
        """Why the user can't verify the action, or False: nobody verifies what he did
        himself."""
        if self.env.user in self.user_id | self.sudo().done_by_id:
            return self.env._(
                "You carried out “%(action)s” yourself: somebody else verifies it.",
                action=self.name,
            )
        return self._document()._action_refuse_verify()

    def _report_done(self, reason, attachments=None):
        """Report the action done, with what was done and evidence.

        :raise UserError: if the user is not the owner, or it is not the time
        """
        self._contract_begin("done")
        self._finish("done", reason, attachments)
        self._document()._action_finished(self)

    def _drop(self, reason):
        """Drop an action that is not needed any more."""
        self._contract_begin("dropped", "write")
        self._finish("dropped", reason)

    def _verify(self, reason):
        """Verify what somebody else carried out."""
        self._contract_begin("verified")
        unguarded(self.sudo()).write(
            {
                "state": "verified",
                "verified_by_name": self.env.user.name,
                "verified_on": self._today(),
            }
        )
        self._tell(reason)

    def _send_back(self, reason):
        """What was carried out is not enough: it is to do again."""
        self._contract_begin("open")
        unguarded(self.sudo()).write({"state": "open", "done_on": False})
        self._tell(reason)

    def _finish(self, state, reason, attachments=None):
        action = unguarded(self.sudo())
        action.write(
            {
                "state": state,
                "note": reason,
                "done_on": self._today(),
                "done_by_id": self.env.uid,
                "done_by_name": self.env.user.name,
                "attachment_ids": [
                    Command.link(attachment.id) for attachment in attachments or ()
                ],
            }
        )
        self._tell(reason)

    # ------------------------------------------------------------------
    # Helpers
    # ------------------------------------------------------------------

    @api.model
    def _handover_domain(self, user):
        """Actions that this person is to carry out."""
        return Domain("user_id", "=", user.id) & Domain("state", "=", "open")

    def _handover(self, handover):
        unguarded(self).write({"reminded_on": False, "escalated_on": False})
        return super()._handover(handover)

    @api.model
    def _with_parent(self, vals):
        """Values with the contract or the frame agreement of their document."""
        context = self.env.context
        model = vals.get("res_model") or context.get("default_res_model")
        document = self.env.get(model) if isinstance(model, str) else None
        if document is None or not hasattr(document, "_action_check_plan"):
            raise UserError(self.env._("Choose the document first."))
        document = document.browse(vals.get("res_id") or context.get("default_res_id"))
        if not document:
            return vals
        return {
            **vals,
            "res_model": model,
            "res_id": document.id,
            **document.sudo()._contract_parent_vals(),
        }

    def _check_frozen(self, content):
        res = super()._check_frozen(content)
        if content & {"res_model", "res_id", "order_id", "frame_id"}:
            raise UserError(self.env._("An action stays with its document."))
        self._check_plan()
        return res

    def _check_plan(self):
        """Raise unless the actions may still be planned and changed."""
        if is_unguarded(self):
            return
        for documents in self._documents():
            documents._action_check_plan()
            documents._action_planned()
        self._contract_check_state("open")

    def _check_decided(self, vals):
        """What was decided is done by another, or later; it becomes nothing else.

        :raise UserError: if it would
        """
        for action in self if {"name", "kind"} & vals.keys() else ():
            changed = any(
                name in vals and vals[name] != action[name] for name in ("name", "kind")
            )
            if changed and action._document()._action_is_decided():
                raise UserError(
                    self.env._(
                        "“%(action)s” was decided on: drop it with a reason and plan "
                        "another one.",
                        action=action.name,
                    )
                )

    def _log_change(self, vals):
        """A deadline or an owner that changes after the decision is noted."""
        for action in self.filtered(lambda a: a._document()._action_is_decided()):
            for fname in {"date_deadline", "user_id"} & vals.keys():
                field = self._fields[fname]
                new = field.convert_to_record(
                    field.convert_to_cache(vals[fname], action), action
                )
                if action[fname] != new:
                    action._document()._action_post(
                        self.env._(
                            "%(action)s: %(before)s → %(after)s",
                            action=action.name,
                            before=action._text(fname, action[fname]),
                            after=action._text(fname, new),
                        )
                    )

    def _text(self, fname, value):
        return value.name if fname == "user_id" else format_date(self.env, value)

    def _tell(self, reason):
        """Note in the document's chatter what became of the action."""
        self._document()._action_post(
            self.env._(
                "%(action)s – %(state)s: %(text)s",
                action=self.name,
                state=self._contract_state_label(),
                text=reason,
            )
        )

    def _tell_documents(self):
        for documents in self._documents():
            documents._actions_changed()

    def _today(self):
        return self.company_id._contract_today()
