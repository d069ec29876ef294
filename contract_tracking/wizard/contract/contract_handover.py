from odoo import Command, api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_date, format_list

from ...tools.guard import unguarded

# How lines and parts name a contract and a frame agreement.
PARENTS = ("order_id", "frame_id")


class ContractHandover(models.TransientModel):
    """Hand open contracts, quotations and frame agreements of one person to another,
    in one step.

    Moves who answers for them (owner, supervisor, salesperson), what hangs on them and
    is still to be done (terms, tracking records, deviations, actions, coordination
    documents, re-agreements) and open activities; optionally to another office. What
    is being decided stays with who asked, what was agreed as it is, and so do
    departments. The business office
    hands over any contract of the company, the leader of an office those of his
    office. Serves D6 §4 (who is responsible) and D9 §3.
    """

    _name = "contract.handover"
    _inherit = ["contract.dialog.mixin"]
    _description = "Hand Over Contracts"
    _check_company_auto = True

    company_id = fields.Many2one(
        "res.company", required=True, default=lambda self: self.env.company
    )
    from_user_id = fields.Many2one(
        "res.users",
        string="From",
        required=True,
        domain=[("share", "=", False), ("active", "in", (True, False))],
    )
    to_user_id = fields.Many2one(
        "res.users",
        string="To",
        required=True,
        domain="[('share', '=', False), ('company_ids', '=', company_id)]",
    )
    team_id = fields.Many2one(
        "crm.team",
        string="Only of Office",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Empty: contracts of all offices.",
    )
    new_team_id = fields.Many2one(
        "crm.team",
        string="New Office",
        domain="[('company_id', 'in', (company_id, False))]",
        help="Empty: the contracts stay with their office.",
    )
    date = fields.Date(
        string="From Day",
        required=True,
        default=lambda self: self.env.company._contract_today(),
        help="The day from which the contract's history names the new people.",
    )
    reason = fields.Char(required=True, help="Kept in the history of each contract.")
    line_ids = fields.One2many(
        "contract.handover.line",
        "handover_id",
        string="Contracts",
        compute="_compute_line_ids",
        store=True,
        compute_sudo=False,
        readonly=False,
    )

    # ------------------------------------------------------------------
    # Computes and constraints
    # ------------------------------------------------------------------

    @api.depends("from_user_id", "team_id", "company_id")
    def _compute_line_ids(self):
        for handover in self:
            handover.line_ids = [Command.clear()] + [
                Command.create({fname: parent.id})
                for fname in PARENTS
                for parent in handover._find(fname)
            ]

    @api.onchange("company_id")
    def _onchange_company_id(self):
        """No day is later than the company's own."""
        for handover in self.filtered("date").filtered("company_id"):
            handover.date = min(handover.date, handover.company_id._contract_today())

    @api.constrains("from_user_id", "to_user_id")
    def _check_users(self):
        for handover in self:
            if handover.from_user_id == handover.to_user_id:
                raise ValidationError(
                    self.env._("Choose another person to hand the contracts to.")
                )

    @api.constrains("date")
    def _check_date(self):
        for handover in self:
            today = handover.company_id._contract_today()
            if handover.date and handover.date > today:
                raise ValidationError(
                    self.env._(
                        "A handover takes effect at once: its day can't be after "
                        "%(today)s.",
                        today=format_date(self.env, today),
                    )
                )

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_apply(self):
        """Hand the chosen contracts over, all or none.

        :raise AccessError: for others than the business office and office leaders
        :raise UserError: if nothing is chosen, something is not open any more, or the
            new person can't follow these contracts
        """
        self._check_dialog()
        self._check_office()
        lines = self.line_ids.filtered("selected")
        chosen = [
            parents.browse(parents.ids)  # to be read together
            for parents in map(lines.__getitem__, PARENTS)
        ]
        if not any(chosen):
            raise UserError(self.env._("Choose the contracts to hand over."))
        if not self.reason.strip():
            raise UserError(self.env._("A handover needs a reason."))
        for fname, parents in zip(PARENTS, chosen, strict=True):
            self._hand_over(parents, parents - self._find(fname))
        return {"type": "ir.actions.act_window_close"}

    # ------------------------------------------------------------------
    # Who may, and to whom
    # ------------------------------------------------------------------

    def _own_offices(self):
        """The offices that this user leads, if he is not of the business office."""
        if self.env.user.has_group("contract_tracking.group_contract_business"):
            return None
        return self.env["crm.team"].search([("user_id", "=", self.env.uid)])

    def _check_office(self):
        offices = self._own_offices()
        if offices is None:
            return
        if not offices or not self.env.user.has_group(
            "contract_tracking.group_contract_user"
        ):
            raise AccessError(
                self.env._(
                    "Contracts are handed over by the business office, or by the "
                    "leader of their office."
                )
            )
        if self.new_team_id - offices:
            raise UserError(
                self.env._(
                    "You don't lead %(office)s: ask the business office to hand "
                    "contracts to another office.",
                    office=self.new_team_id.name,
                )
            )

    def _check_new_user(self, parents):
        user = self.to_user_id
        if self.company_id not in user.company_ids or user.share or not user.active:
            raise UserError(
                self.env._(
                    "%(person)s has no access to %(company)s.",
                    person=user.name,
                    company=self.company_id.name,
                )
            )
        if not user.has_group("contract_tracking.group_contract_user"):
            raise UserError(
                self.env._(
                    "%(person)s has no role in contracts. Ask the administrator to "
                    "give him one (Contract Tracking, Salesperson).",
                    person=user.name,
                )
            )
        sells = "user_id" in parents._contract_roles()
        if (
            sells
            and self.from_user_id in parents.sudo().user_id
            and not user.has_group("sales_team.group_sale_salesman")
        ):
            raise UserError(
                self.env._(
                    "%(person)s can't become the salesperson of these orders: he is "
                    "no user of Sales.",
                    person=user.name,
                )
            )

    def _check_new_user_reads(self, parents):
        """Whoever answers for a contract must see it: with the people of afterwards."""
        self.env.flush_all()
        theirs = parents.with_user(self.to_user_id).with_context(
            allowed_company_ids=self.company_id.ids
        )
        if not theirs.has_access("read"):
            hidden = theirs - theirs._filtered_access("read")
            raise UserError(
                self.env._(
                    "%(person)s would not see %(orders)s: he has no right to read "
                    "such orders.",
                    person=self.to_user_id.name,
                    orders=format_list(self.env, hidden.sudo().mapped("display_name")),
                )
            )

    def _find(self, fname):
        """Open contracts and quotations, or frame agreements, that the old person
        answers for."""
        self.ensure_one()
        user, company = self.from_user_id._origin, self.company_id._origin
        Parent = self.env[self.line_ids._fields[fname].comodel_name]
        if not user or not company or not Parent.has_access("read"):
            return Parent
        concerned = Domain.OR(
            Domain(role, "=", user.id) for role in Parent._contract_roles()
        )
        for parts, theirs in self._parts(user):
            concerned |= Domain("id", "in", parts._search(theirs).subselect(fname))
        domain = (
            Domain("company_id", "=", company.id)
            & concerned
            & Parent._contract_handed_domain()
        )
        if self.team_id:
            domain &= Domain("team_id", "=", self.team_id._origin.id)
        offices = self._own_offices()
        if offices is not None:
            domain &= Domain("team_id", "in", offices.ids)
        return Parent.search(domain)

    @api.model
    def _parts(self, user):
        """What hangs on contracts and has people: ``[(model with sudo, domain of what
        is this user's)]``. A new form joins by ``_handover_domain``."""
        return [
            (model.sudo(), theirs)
            for _name, model in sorted(self.env.items())
            if hasattr(model, "_handover_domain")
            and model._auto
            and (theirs := model._handover_domain(user)) is not None
        ]

    # ------------------------------------------------------------------
    # Handing over
    # ------------------------------------------------------------------

    def _hand_over(self, parents, gone):
        """Move people, what hangs on ``parents`` and activities, as sets; one message
        each, in its log.

        :param gone: those that can't be handed over any more
        :raise UserError: if there are some, or the new person can't follow them
        """
        self.ensure_one()
        if gone:
            raise UserError(
                self.env._(
                    "%(orders)s can't be handed over: finished, no longer answered for "
                    "by %(person)s, or not of your office.",
                    orders=format_list(self.env, gone.sudo().mapped("display_name")),
                    person=self.from_user_id.name,
                )
            )
        if not parents:
            return
        self._check_new_user(parents)
        old, new = self.from_user_id, self.to_user_id
        # the handover is logged by itself, once a contract
        handed = parents.sudo().with_context(tracking_disable=True)
        self._move_people(handed, old, new)
        fname = parents._contract_parent_field
        for parts, theirs in self._parts(old):
            moved = parts.search(theirs & Domain(fname, "in", parents.ids))
            moved._handover(self)
            if hasattr(moved, "_sync_activities"):
                moved._sync_activities()
        activities = self._find_activities(parents)
        activities.with_context(mail_activity_quick_update=True).user_id = new
        handed.message_subscribe(partner_ids=new.partner_id.ids)
        body = self.env._(
            "Handed over from %(old)s to %(new)s: %(reason)s",
            old=old.name,
            new=new.name,
            reason=self.reason,
        )
        handed._message_log_batch(bodies=dict.fromkeys(handed.ids, body))
        self._check_new_user_reads(parents)

    def _move_people(self, parents, old, new):
        """Owner, supervisor, salesperson and office, with the history of each."""
        roles = parents._contract_roles()
        fnames = (*roles, "team_id")
        before = {
            parent: {name: parent[name] for name in fnames}
            for parent in parents.filtered(parents._contract_state_field)
        }

        def changed(parent):
            vals = {role: new.id for role in roles if parent[role] == old}
            if self.new_team_id or "user_id" in vals:
                # core would choose an office of the new salesperson
                vals["team_id"] = (self.new_team_id or parent.team_id).id
            return tuple(vals.items())

        for vals, group in parents.grouped(changed).items():
            if vals:
                unguarded(group).write(dict(vals))
        parents._contract_log_changes(before, self.reason, self.date)

    def _find_activities(self, parents):
        """What the old person had to do on these contracts."""
        domain = Domain.OR(
            Domain("res_model", "=", model) & Domain("res_id", "in", list(parent_of))
            for model, parent_of in self._document_ids(parents).items()
        ) & Domain("user_id", "=", self.from_user_id._origin.id)
        return self.env["mail.activity"].sudo().search(domain)

    @api.model
    def _document_ids(self, parents):
        """``{model: {id of a document: id of its contract}}`` of what hangs on
        contracts."""
        result = {parents._name: {parent_id: parent_id for parent_id in parents.ids}}
        places = [
            (parts, parents._contract_parent_field)
            for parts, _theirs in self._parts(self.env.user)
        ]
        if parents._name == "sale.order":
            places.append((self.env["stock.picking"].sudo(), "sale_id"))
        for model, fname in places:
            rows = model._read_group(
                [(fname, "in", parents.ids)], [fname], ["id:array_agg"]
            )
            result[model._name] = {
                res_id: parent.id for parent, res_ids in rows for res_id in res_ids
            }
        return result
