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
        help="What makes a contract effective (D2 §4 and D4 §4.4 differ).",
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
    contract_record_form_code = fields.Char(
        string="Tracking Record Form Code", default="QR-XS-01"
    )
    contract_record_form_version = fields.Char(
        string="Tracking Record Form Version", default="A/0"
    )
    contract_deviation_form_code = fields.Char(
        string="Deviation Report Form Code", default="QR-XS-03"
    )
    contract_deviation_form_version = fields.Char(
        string="Deviation Report Form Version", default="A/0"
    )
    contract_coordination_form_code = fields.Char(
        string="Coordination Document Form Code", default="QR-XS-02"
    )
    contract_coordination_form_version = fields.Char(
        string="Coordination Document Form Version", default="A/0"
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
    contract_reagreement_form_code = fields.Char(
        string="Re-agreement Form Code", default="QR-XS-06"
    )
    contract_reagreement_form_version = fields.Char(
        string="Re-agreement Form Version", default="A/0"
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
        help="The department that organises tracking (D9 §3.1); its head signs.",
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
        companies._contract_create_sequences()
        return companies

    def _contract_today(self):
        """Today as a day of the company."""
        self.ensure_one()
        return fields.Date.context_today(self.with_context(tz=self.contract_tz))

    def _contract_create_sequences(self):
        """Give each company its own numbers of contracts and forms, a range a year."""
        values = []
        Sequence = self.env["ir.sequence"].sudo()
        present = {
            (company.id, code)
            for company, code in Sequence._read_group(
                [("company_id", "in", self.ids)], ["company_id", "code"]
            )
        }
        for company in self:
            for code, name, prefix in (
                ("contract.number", self.env._("Contract Number"), "HT%(range_year)s-"),
                ("contract.frame", self.env._("Frame Agreement"), "KJ%(range_year)s-"),
                (
                    "contract.tracking.record",
                    self.env._("Tracking Record"),
                    "GZ%(range_year)s-",
                ),
                (
                    "contract.statement",
                    self.env._("Statement of Account"),
                    "DZ%(range_year)s-",
                ),
                (
                    "contract.reagreement",
                    self.env._("Re-agreement"),
                    "BC%(range_year)s-",
                ),
                (
                    "contract.deviation",
                    self.env._("Deviation Report"),
                    "PC%(range_year)s-",
                ),
                (
                    "contract.coordination",
                    self.env._("Coordination Document"),
                    "XT%(range_year)s-",
                ),
            ):
                if (company.id, code) in present:
                    continue
                values.append(
                    {
                        "name": f"{name} ({company.name})",
                        "code": code,
                        "prefix": prefix,
                        "padding": 4,
                        "use_date_range": True,
                        "company_id": company.id,
                    }
                )
        Sequence.create(values)

    def _contract_next_numbers(self, code, day, count):
        """Draw ``count`` numbers of the sequence ``code`` for ``day``.

        Sequence and year are looked up once, so that a batch costs one query a
        number.

        :return: list of str
        """
        self.ensure_one()
        Range = self.env["ir.sequence.date_range"].sudo()
        date_range = Range.search_fetch(
            [
                ("sequence_id.code", "=", code),
                ("sequence_id.company_id", "=", self.id),
                ("date_from", "<=", day),
                ("date_to", ">=", day),
            ],
            limit=1,
        )
        if not date_range:
            sequence = (
                self.env["ir.sequence"]
                .sudo()
                .search([("code", "=", code), ("company_id", "=", self.id)], limit=1)
            )
            if not sequence:
                self._contract_create_sequences()
                return self._contract_next_numbers(code, day, count)
            date_range = sequence._create_date_range_seq(day)
        date_range = date_range.with_context(
            ir_sequence_date_range=date_range.date_from, tz=self.contract_tz
        )
        return [date_range._next() for _i in range(count)]
