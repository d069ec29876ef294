from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ...tools.guard import unguarded

HAND = "contract_tracking.mail_activity_papers_hand"
TAKE = "contract_tracking.mail_activity_papers_take"


class ContractPaperHandover(models.Model):
    """合同资料移交 The papers of a signed contract go to the department that keeps
    them, within the days of the company (D3 §4.1). The department accepts them, or
    returns them saying what is missing, and who follows the contract hands them over
    again."""

    _name = "contract.paper.handover"
    _inherit = [
        "contract.frozen.mixin",
        "contract.part.mixin",
        "contract.state.mixin",
        "contract.reason.mixin",
        "contract.activity.mixin",
        "contract.thread.mixin",
    ]
    _description = "Handover of Papers"
    _order = "date_due, id"
    _rec_name = "contract_number"
    _check_company_auto = True
    _frozen_create = True
    _contract_buttons = {"can_submit": "submitted", "can_accept": "accepted"}

    order_id = fields.Many2one(readonly=True)
    frame_id = fields.Many2one(readonly=True)
    state = fields.Selection(
        [
            ("waiting", "To hand over"),
            ("submitted", "Handed over"),
            ("returned", "Returned"),
            ("accepted", "Accepted"),
        ],
        required=True,
        default="waiting",
        readonly=True,
        index=True,
        tracking=True,
    )
    user_id = fields.Many2one(
        "res.users", string="Handed Over By", readonly=True, index=True
    )
    department_id = fields.Many2one(
        "contract.department",
        string="Goes To",
        readonly=True,
        required=True,
        ondelete="restrict",
    )
    date_due = fields.Date(string="Due", readonly=True, required=True)
    submitted_on = fields.Datetime(string="Handed Over On", readonly=True)
    submitted_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    accepted_on = fields.Datetime(readonly=True)
    accepted_by_id = fields.Many2one("res.users", readonly=True, ondelete="restrict")
    returned_count = fields.Integer(
        string="Times Returned",
        readonly=True,
        help="How often the department returned the papers.",
    )
    missing_text = fields.Char(
        string="What Was Missing",
        readonly=True,
        help="Why the department returned them the last time.",
    )
    papers_missing = fields.Char(
        string="Papers Not Filed",
        compute="_compute_papers_missing",
        compute_sudo=True,
        help="Papers that this kind of contract needs and that nobody has filed.",
    )
    is_late = fields.Boolean(
        compute="_compute_is_late", search="_search_is_late", string="Late"
    )
    can_submit = fields.Boolean(compute="_compute_can")
    can_accept = fields.Boolean(compute="_compute_can")

    _order_uniq = models.UniqueIndex(
        "(order_id) WHERE order_id IS NOT NULL",
        "The papers of this contract are handed over already.",
    )
    _frame_uniq = models.UniqueIndex(
        "(frame_id) WHERE frame_id IS NOT NULL",
        "The papers of this frame agreement are handed over already.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends_context("lang")
    @api.depends("order_id.contract_papers_missing", "frame_id.contract_papers_missing")
    def _compute_papers_missing(self):
        for handover in self:
            handover.papers_missing = (
                handover._contract_parent().contract_papers_missing
            )

    @api.depends("date_due", "state")
    def _compute_is_late(self):
        for handover in self:
            handover.is_late = (
                handover.state in ("waiting", "returned")
                and bool(handover.date_due)
                and handover.date_due < handover.company_id._contract_today()
            )

    @api.model
    def _search_is_late(self, operator, value):
        if operator != "in":
            return NotImplemented
        late = Domain("state", "in", ("waiting", "returned")) & self.env[
            "res.company"
        ]._contract_day_domain("date_due", "<")
        return late if True in value else ~late

    @api.depends_context("uid")
    @api.depends("state", "department_id")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # CRUD
    # ------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        handovers = super().create(vals_list)
        handovers._sync_activities()
        return handovers

    @api.ondelete(at_uninstall=False)
    def _unlink_except_submitted(self):
        if any(handover.state != "waiting" for handover in self):
            raise UserError(
                self.env._("Papers that were handed over stay written down.")
            )

    @api.model
    def _recorded_domain(self):
        return Domain("state", "!=", "waiting")

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_submit(self):
        """Hand the papers over: the department is asked to accept them."""
        self._contract_begin("submitted", "write")
        unguarded(self.sudo()).write(
            {
                "state": "submitted",
                "submitted_on": fields.Datetime.now(),
                "submitted_by_id": self.env.uid,
            }
        )
        self._sync_activities()

    def action_accept(self):
        """The department has the papers, complete."""
        self._contract_begin("accepted")
        unguarded(self.sudo()).write(
            {
                "state": "accepted",
                "accepted_on": fields.Datetime.now(),
                "accepted_by_id": self.env.uid,
                "missing_text": False,
            }
        )
        self._sync_activities()

    def action_return_papers(self):
        """Ask what is missing, and return the papers."""
        return self._open_reason("return_papers")

    @api.readonly
    def action_open_contract(self):
        """Open the contract or the frame agreement whose papers these are."""
        self.ensure_one()
        return self._contract_parent()._contract_form_action()

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _contract_next_states(self):
        department = "_refuse_department"
        return {
            **super()._contract_next_states(),
            "submitted": {"waiting": None, "returned": None},
            "accepted": {"submitted": department},
            "returned": {"submitted": department},
        }

    def _refuse_department(self):
        """Why the user can't take these papers, or False: who takes them is of the
        department, and didn't hand them over."""
        self.ensure_one()
        handover = self.sudo()
        user = self.env.user
        members = handover.department_id.head_id | handover.department_id.member_ids
        if user not in members:
            return self.env._(
                "Only %(department)s takes these papers.",
                department=handover.department_id.name,
            )
        own = handover.company_id.contract_own_decisions
        if user == handover.submitted_by_id and not own:
            return self.env._(
                "You handed these papers over yourself: a colleague takes them."
            )
        return False

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "return_papers": self._reason_step(
                self.env._("Return: What Is Missing"), "_return"
            ),
        }

    def _reason_note(self, step):
        return self.papers_missing or super()._reason_note(step)

    def _return(self, reason):
        """Return the papers to who handed them over, saying what is missing."""
        self._contract_begin("returned")
        unguarded(self.sudo()).write(
            {
                "state": "returned",
                "missing_text": reason,
                "returned_count": self.returned_count + 1,
            }
        )
        self._note(
            {self.id: self.env._("Returned, missing: %(reason)s", reason=reason)}
        )
        self._sync_activities()

    @api.model
    def _handover_domain(self, user):
        """Those that this person still has to hand over."""
        return Domain("user_id", "=", user.id) & Domain(
            "state", "in", ("waiting", "returned")
        )

    # ------------------------------------------------------------------
    # Activities
    # ------------------------------------------------------------------

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {HAND, TAKE}

    def _activities_wanted(self):
        wanted = super()._activities_wanted()
        parent = self._contract_parent()
        if parent._contract_is_cancelled():
            return wanted
        if self.state in ("waiting", "returned"):
            wanted.append(
                {
                    "xmlid": HAND,
                    "user": self.user_id,
                    "day": self.date_due,
                    "what": self.missing_text,
                }
            )
        elif self.state == "submitted":
            department = self.department_id
            for user in department.head_id or department.member_ids:
                day = self.company_id._contract_today()
                wanted.append({"xmlid": TAKE, "user": user, "day": day, "keep": True})
        return wanted
