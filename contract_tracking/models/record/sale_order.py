from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.fields import Domain

from ...tools.batches import in_batches
from ...tools.guard import unguarded
from ..contract.sale_order import OPEN_STATES, READER
from ..facts.contract_facts_mixin import fact_search

# In effect, without a record that is to be confirmed.
WITHOUT_DRAFT = [
    ("contract_state", "in", OPEN_STATES),
    ("contract_record_ids", "not any", [("state", "=", "draft")]),
]


class SaleOrder(models.Model):
    """When a contract's tracking records are written, and by whom (D1 §9, D9 §6.1)."""

    _inherit = "sale.order"

    contract_next_record_date = fields.Date(
        string="Next Tracking Record",
        copy=False,
        readonly=True,
        index="btree_not_null",
        groups=READER,
        help="On this day the contract's owner is asked for the next tracking record.",
    )
    contract_record_interval = fields.Selection(
        [
            ("company", "As the company"),
            ("week", "Weekly"),
            ("month", "Monthly"),
            ("none", "Never by itself"),
        ],
        string="Tracking Records",
        copy=False,
        groups=READER,
        help="How often a tracking record is proposed. Empty: as the company.",
    )
    contract_record_ids = fields.One2many(
        "contract.tracking.record",
        "order_id",
        string="Tracking Records of the Contract",
        copy=False,
        groups=READER,
    )

    contract_record_count = fields.Integer(
        string="Number of Tracking Records",
        compute="_compute_contract_figures",
        search=fact_search("contract_record_count"),
        groups=READER,
        help="Tracking records of this contract, void ones left out.",
    )

    contract_next_step = fields.Selection(
        selection_add=[("record", "Write Tracking Record")]
    )

    def _contract_fact_columns(self):
        return {
            **super()._contract_fact_columns(),
            "contract_record_count": "record_count",
        }

    @api.readonly
    def action_view_contract_records(self):
        """Open the tracking records of the contract."""
        return self._contract_parts_action("contract_tracking_record_action")

    def action_contract_record(self):
        """Open the record to confirm of this contract, a new one if there is none."""
        return self.env["contract.tracking.record"]._open_draft(self)

    def _contract_next_steps(self, follows):
        yield from super()._contract_next_steps(follows)
        day = self.contract_next_record_date
        if follows and day and day <= self._contract_today():
            yield 60, "record"

    def _contract_system(self):
        return super()._contract_system() | {"contract_next_record_date"}

    def _contract_effect_vals(self, day):
        return {
            **super()._contract_effect_vals(day),
            "contract_next_record_date": self._contract_first_record_date(day),
        }

    def _contract_set_state(self, state, reason=False, log=True, **values):
        if state in ("completed", "terminated", "cancelled"):
            values["contract_next_record_date"] = False
        return super()._contract_set_state(state, reason, log, **values)

    def _contract_joined(self):
        res = super()._contract_joined()
        for order in self.filtered("contract_next_record_date"):
            # their first day is long past: no flood of records tomorrow
            day = order._contract_regular_record_date(order._contract_today())
            unguarded(order).contract_next_record_date = day
        return res

    def _contract_first_record_date(self, day):
        """The day of the first record of a contract that takes effect on ``day``."""
        self.ensure_one()
        if self.contract_record_interval == "none":
            return False
        return day + relativedelta(days=self.company_id.contract_record_first_days)

    def _contract_regular_record_date(self, day, late=False):
        """The day of the record after one of ``day``."""
        self.ensure_one()
        company = self.company_id
        interval = self.contract_record_interval or "company"
        if interval == "none":
            return False
        if interval == "week":
            return day + relativedelta(days=7)
        if late:
            return day + relativedelta(days=company.contract_record_late_days or 7)
        months = company.contract_record_months if interval == "company" else 1
        return day + relativedelta(months=months or 1)

    @api.model
    def _cron_contract_propose_records(self, batch=500):
        """Propose the tracking records that are due, as drafts with an activity for
        the owner. Restartable: it finds by itself what is left."""
        due = self.sudo().search(
            self.env["res.company"]._contract_day_domain(
                "contract_next_record_date", "<="
            )
            & Domain(WITHOUT_DRAFT),
            order="contract_next_record_date, id",
        )
        for orders in in_batches(due | self._contract_newly_late(), batch):
            orders._contract_propose_records()

    def _contract_newly_late(self):
        """Contracts that went wrong since their last record: sooner than a month.

        Candidates first, by what is stored; their facts then, as a set.
        """
        Record = self.env["contract.tracking.record"].sudo()
        last = dict(
            Record._read_group(
                [("state", "=", "confirmed"), ("order_id", "!=", False)],
                ["order_id"],
                ["date:max"],
            )
        )
        candidates = self.sudo().search(
            [
                *WITHOUT_DRAFT,
                ("id", "in", [order.id for order in last]),
                ("contract_record_interval", "in", (False, "company", "month")),
            ]
        )
        candidates = candidates.filtered(
            lambda o: (
                last[o]
                + relativedelta(days=o.company_id.contract_record_late_days or 7)
                <= o._contract_today()
            )
        )
        late = self.env["contract.facts"]._late_order_ids(candidates)
        return candidates.filtered(lambda o: o.id in late)

    def _contract_propose_records(self):
        """Create the draft records of ``self``, each in its owner's language."""
        owners = {o: o._contract_responsible() for o in self}
        for lang, orders in self.grouped(lambda o: owners[o].lang).items():
            self.env["contract.tracking.record"].with_context(lang=lang).create(
                [{"order_id": o.id, "user_id": owners[o].id} for o in orders]
            )
