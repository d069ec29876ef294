from odoo import api, fields, models

from odoo.addons.base.models.res_partner import _tz_get


class ResCompany(models.Model):
    _inherit = "res.company"

    contract_track_mode = fields.Selection(
        [
            ("all", "All confirmed orders"),
            ("amount", "Orders from an amount on"),
            ("team", "Orders of certain teams"),
            ("manual", "By hand only"),
        ],
        string="Contracts to Track",
        required=True,
        default="all",
    )
    contract_track_from = fields.Date(
        string="Track From",
        default=fields.Date.context_today,
        help="Orders confirmed before this day stay untracked until they join by hand.",
    )
    contract_track_amount = fields.Monetary(
        string="Track From Amount", help="Total with taxes, in the company's currency."
    )
    contract_track_team_ids = fields.Many2many("crm.team", string="Tracked Teams")
    contract_effective_rule = fields.Selection(
        [
            ("confirmation", "When the order is confirmed"),
            ("signature", "When an authorised person has signed"),
            ("seals", "When both parties have sealed"),
        ],
        string="A Contract Takes Effect",
        required=True,
        default="confirmation",
        help="What makes a contract effective; company regulations differ.",
    )
    contract_tz = fields.Selection(
        _tz_get,
        string="Contract Time Zone",
        required=True,
        default=lambda self: self._default_contract_tz(),
        help="Days of contracts begin and end in this time zone.",
    )
    contract_due_soon_days = fields.Integer(
        string="Due Soon",
        default=7,
        help="A term is due soon this many days before its due date.",
    )
    contract_tolerance_percent = fields.Float(
        string="Payment Tolerance (%)",
        digits=(16, 4),
        help="A payment term is met although the money falls short by this share of "
        "it. The amount of the currency counts as well; the larger one wins.",
    )
    contract_fulfilment = fields.Selection(
        [
            ("dispatch", "Dispatch"),
            ("receipt", "Customer's receipt"),
            ("bl", "B/L date"),
        ],
        string="Deliveries are Fulfilled With",
        required=True,
        default="dispatch",
        help="Which day fulfils a delivery, unless the contract says otherwise.",
    )
    contract_over_percent = fields.Float(
        string="More Allowed (%)",
        digits=(16, 4),
        help="Default of new delivery terms: how much more may be delivered (溢装).",
    )
    contract_short_percent = fields.Float(
        string="Less Allowed (%)",
        digits=(16, 4),
        help="Default of new delivery terms: how much may be missing (短装).",
    )
    contract_claim_confirm = fields.Boolean(
        string="Finance Confirms Claims",
        help="What salespeople claim of receipts counts when finance has confirmed it.",
    )
    contract_record_first_days = fields.Integer(
        string="First Tracking Record",
        default=1,
        help="Days after the contract took effect.",
    )
    contract_record_months = fields.Integer(
        string="Regular Tracking Record", default=1, help="Months between records."
    )
    contract_record_late_days = fields.Integer(
        string="Tracking Record While Late",
        default=7,
        help="Days between records while a term is late.",
    )
    contract_deviation_report_days = fields.Integer(
        string="Result of a Deviation Reported Within",
        default=5,
        help="Days after the end of the execution in which its result is reported.",
    )
    contract_deviation_step_days = fields.Integer(
        string="Deviation Analysed, Verified Within",
        default=3,
        help="Days to analyse a deviation, and to verify its result. What is overdue "
        "for as many days again is escalated.",
    )
    contract_own_decisions = fields.Boolean(
        string="Decide Own Requests",
        help="Whoever asks for a decision may decide it himself, where a rule "
        "names him.",
    )
    contract_oral_hours = fields.Integer(
        string="Confirm Oral Decisions Within",
        default=24,
        help="Hours in which a leader confirms what was recorded as his oral decision.",
    )
    contract_form_unit = fields.Selection(
        [("one", "1"), ("ten_thousand", "10,000")],
        string="Amounts on Forms In",
        required=True,
        default="one",
        help="Whether printed forms show amounts in units of the currency (元) or in "
        "ten thousands (万元).",
    )
    contract_frame_reminder_days = fields.Integer(
        string="Reminder Before a Frame Agreement Ends",
        default=30,
        help="Days before its end on which the owner of a frame agreement is reminded.",
    )
    contract_business_office_id = fields.Many2one(
        "contract.department",
        string="Business Office",
        help="The department that organises tracking; its head signs.",
    )

    _contract_over_short_range = models.Constraint(
        "CHECK (contract_over_percent BETWEEN 0 AND 100"
        " AND contract_short_percent BETWEEN 0 AND 100)",
        "How much more or less may be delivered is between 0 and 100 %.",
    )

    @api.model
    def _default_contract_tz(self):
        return (
            self.env.company.resource_calendar_id.tz
            or self.env.user.tz
            or self.env.context.get("tz")
            or "UTC"
        )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        self.env["contract.form.type"]._ensure(companies)
        return companies

    def _contract_today(self):
        """Today as a day of the company."""
        return self._contract_day(fields.Datetime.now())

    def _contract_day(self, moment):
        """The day of a UTC datetime in the company's time zone."""
        self.ensure_one()
        return fields.Datetime.context_timestamp(
            self.with_context(tz=self.sudo().contract_tz), moment
        ).date()
