from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date, format_list

from ...tools.guard import unguarded


class ContractRelease(models.Model):
    """确认转达 The release of an order to production and logistics (D8 §3.2): what is
    checked, confirmed and legal goes to the departments in one dated step, and its
    supply may begin. They read goods and dates, never prices, acknowledge by a day, or
    ask; what they ask comes back to who released it."""

    _name = "contract.release"
    _inherit = ["contract.form.mixin", "contract.acknowledgement.mixin"]
    _description = "Release"
    _order = "id desc"
    _rec_names_search = ["name", "contract_number"]
    _contract_form = ("QR-XS-09", "A/0", "ZD")
    _frozen_create = True
    _contract_buttons = {"can_void": "void"}

    user_id = fields.Many2one(string="Released By", readonly=True)
    date = fields.Date(string="Released On", readonly=True)
    order_id = fields.Many2one(readonly=True)
    frame_id = fields.Many2one(readonly=True)
    state = fields.Selection(
        [("released", "Released"), ("void", "Withdrawn")],
        default="released",
        required=True,
        readonly=True,
        index=True,
        tracking=True,
    )
    intake_id = fields.Many2one(
        "contract.intake",
        string="Order Check",
        readonly=True,
        required=True,
        ondelete="restrict",
        index=True,
    )
    goods_text = fields.Text(string="Goods", readonly=True)
    delivery_text = fields.Text(string="Delivery", readonly=True)
    note = fields.Text(string="To Note", readonly=True)
    # with prices: nobody who is told reads it
    content = fields.Json(
        readonly=True,
        groups=fields.NO_ACCESS,
        help="By which a change of the order is seen.",
    )
    reader_ids = fields.Many2many(
        "res.users",
        "contract_release_reader_rel",
        string="Told",
        readonly=True,
        ondelete="restrict",
    )
    department_text = fields.Char(string="Departments", readonly=True)
    date_deadline = fields.Date(string="Acknowledge By", readonly=True)
    waiting_count = fields.Integer(
        string="Not Acknowledged",
        compute="_compute_waiting_count",
        compute_sudo=True,
        help="Readers who have not acknowledged it yet.",
    )
    can_void = fields.Boolean(compute="_compute_can")

    @api.depends("acknowledgement_ids.state")
    def _compute_waiting_count(self):
        for release in self:
            states = release.acknowledgement_ids.mapped("state")
            release.waiting_count = states.count("waiting")

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    @api.model
    def _release(self, intake):
        """Release the order of a check, tell the departments, and let its supply begin
        as far as nothing else holds it.

        :raise UserError: by whom, or as long as something of it is missing
        """
        intake._contract_check_state("done")
        company = intake.company_id.sudo()
        if self.env.user not in company._contract_order_desk():
            raise UserError(self.env._("The order desk releases orders."))
        order = intake.order_id.sudo()
        self._check_release(intake.sudo(), order)
        texts = order.with_env(self.env)
        day = company._contract_today()
        departments = company.contract_release_department_ids
        readers = departments.head_id | departments.member_ids
        deadline = day + timedelta(days=company.contract_release_days)
        release = unguarded(self.sudo()).create(
            {
                "order_id": order.id,
                "intake_id": intake.id,
                "user_id": self.env.uid,
                "date": day,
                "goods_text": texts._contract_goods_text(),
                "delivery_text": self._delivery_text(texts),
                "note": intake.note,
                "content": order._contract_entry_values(),
                "reader_ids": readers.ids,
                "department_text": format_list(self.env, departments.mapped("name")),
                "date_deadline": deadline,
            }
        )
        if readers:
            release._ask_readers(self.env["res.users"], departments, deadline)
        self.env["contract.history"]._log(
            [
                {
                    **order._contract_part_vals(),
                    "kind": "supply",
                    "name": self.env._("Released to production and logistics"),
                    "new_value": release.name,
                }
            ]
        )
        if order.contract_supply_held and not order._contract_supply_begin():
            order._contract_launch_supply()
        return release.with_env(self.env)

    @api.model
    def _check_release(self, intake, order):
        """Raise unless an order is checked as it stands, confirmed, and in effect."""
        if intake._released():
            raise UserError(self.env._("It is released already."))
        # as the order stands now, not as somebody looked at it before
        if changed := intake._changed():
            raise UserError(
                self.env._(
                    "The order was changed since it was checked: %(rows)s. Check it "
                    "again.",
                    rows=format_list(self.env, changed),
                )
            )
        if not (intake.confirmed_by and intake.confirmed_on and intake.confirmed_how):
            raise UserError(
                self.env._(
                    "Write down who confirmed delivery and payment for the customer, "
                    "when and how."
                )
            )
        if not order._contract_is_open():
            raise UserError(
                self.env._(
                    "%(contract)s is not in effect: it is “%(state)s”.",
                    contract=order.display_name,
                    state=order._contract_state_label(),
                )
            )

    @api.model
    def _delivery_text(self, order):
        """When and where to deliver, in words."""
        day = order.commitment_date and order._contract_day(order.commitment_date)
        address = order.sudo().partner_shipping_id._display_address()
        parts = [
            day and self.env._("By %(date)s", date=format_date(self.env, day)),
            *(part.strip() for part in address.splitlines()),
        ]
        return "\n".join(filter(None, parts))

    def _contract_next_states(self):
        return {
            **super()._contract_next_states(),
            "void": {"released": "_refuse_desk"},
        }

    def _refuse_desk(self):
        """Why the user can't withdraw it, or False: the order desk does."""
        if self.env.user in self.company_id.sudo()._contract_order_desk():
            return False
        return self.env._("The order desk withdraws what it released.")

    def _reason_steps(self):
        steps = super()._reason_steps()
        return {**steps, "void": {**steps["void"], "label": self.env._("Withdraw")}}

    def _void(self, reason):
        """Withdraw the release: nobody has to read it any more. What is supplied
        already stays."""
        self._contract_begin("void")
        release = unguarded(self.sudo())
        release.write({"state": "void", "void_reason": reason})
        release._note({self.id: self.env._("Withdrawn: %(reason)s", reason=reason)})
        release._sync_activities()
        return self.browse()

    def _activities_wanted(self):
        return [] if self.state == "void" else super()._activities_wanted()

    def _acknowledgement_what(self, row):
        what = super()._acknowledgement_what(row)
        return f"{what} · {self.partner_name}" if self.partner_name else what
