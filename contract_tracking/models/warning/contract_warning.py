from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import split_every

from ...tools.guard import unguarded
from .contract_warning_rule import WARNING_KINDS

# What is searched for warnings.
SEARCHED = ("sale.order", "contract.frame")
ACTIVITY = "contract_tracking.mail_activity_warning"
# What of an open warning follows the facts.
FOLLOWING = (
    "date", "expected_date", "mark", "amount", "term_id", "data", "user_id", "team_id",
)  # fmt: skip


class ContractWarning(models.Model):
    """Beside what is late, what will be (D4 §8, D6): one row a danger of a contract in
    effect or of a frame agreement, found once a day by the rules of its company.

    A warning has a key within its contract and kind. As long as the reason lasts its
    figures follow the facts; when the reason is gone the warning is, by itself, and if
    it returns it is a new one. Who follows the contract may dismiss it with a reason:
    it stays away until the reason is gone, or until the day that it is about moves
    further out than he knew (``mark``). The owner has one activity a warning.

    Amounts are in the contract's currency, days those of the company.
    """

    _name = "contract.warning"
    _inherit = [
        "contract.part.mixin",
        "contract.frozen.mixin",
        "contract.state.mixin",
        "contract.reason.mixin",
        "contract.activity.mixin",
        "mail.thread",
    ]
    _description = "Early Warning"
    _order = "date, id"
    _frozen_create = True
    _contract_buttons = {"can_dismiss": "dismissed"}

    kind = fields.Selection(WARNING_KINDS, required=True, readonly=True, index=True)
    key = fields.Char(string="What It Is About", required=True, readonly=True)
    state = fields.Selection(
        [("open", "Open"), ("gone", "Gone"), ("dismissed", "Dismissed")],
        required=True,
        readonly=True,
        default="open",
        index=True,
    )
    found_on = fields.Date(required=True, readonly=True)
    gone_on = fields.Date(
        readonly=True, help="The day on which the reason was gone, or another one."
    )
    date = fields.Date(
        string="Day",
        readonly=True,
        index=True,
        help="The day that threatens: the agreed day of a delivery, the day on which "
        "production should begin, an end, a maturity, a due date.",
    )
    expected_date = fields.Date(
        string="Expected",
        readonly=True,
        help="Of a delivery: the scheduled day of the goods, or the day on which what "
        "they wait for makes them possible.",
    )
    mark = fields.Date(readonly=True, help="A later one is another reason.")
    amount = fields.Monetary(readonly=True, help="What is at stake, taxes included.")
    currency_id = fields.Many2one(
        "res.currency", compute="_compute_currency_id", store=True, precompute=True
    )
    text = fields.Char(
        string="Warning",
        compute="_compute_text",
        compute_sudo=True,
        help="In the language of who reads it.",
    )
    data = fields.Json(readonly=True)
    term_id = fields.Many2one(
        "contract.term", readonly=True, index="btree_not_null", ondelete="set null"
    )
    user_id = fields.Many2one(
        "res.users",
        string="Owner",
        readonly=True,
        index=True,
        help="Owner of the contract, else its salesperson.",
    )
    team_id = fields.Many2one("crm.team", string="Office", readonly=True, index=True)
    dismissed_on = fields.Date(readonly=True)
    dismissed_by_id = fields.Many2one("res.users", readonly=True)
    dismissed_reason = fields.Char(string="Why Dismissed", readonly=True)
    can_dismiss = fields.Boolean(compute="_compute_can")

    # one stands for each danger
    _order_uniq = models.UniqueIndex(
        "(order_id, kind, key) WHERE gone_on IS NULL AND order_id IS NOT NULL",
        "This warning stands already.",
    )
    _frame_uniq = models.UniqueIndex(
        "(frame_id, kind, key) WHERE gone_on IS NULL AND frame_id IS NOT NULL",
        "This warning stands already.",
    )

    # ------------------------------------------------------------------
    # Computes
    # ------------------------------------------------------------------

    @api.depends("order_id.currency_id", "frame_id.currency_id")
    def _compute_currency_id(self):
        for warning in self:
            warning.currency_id = warning._contract_parent().currency_id

    @api.depends_context("lang")
    @api.depends("kind", "contract_number")
    def _compute_display_name(self):
        labels = dict(self._fields["kind"]._description_selection(self.env))
        for warning in self:
            warning.display_name = self.env._(
                "%(contract)s: %(kind)s",
                contract=warning.contract_number
                or warning.sudo()._contract_parent().display_name,
                kind=labels.get(warning.kind, ""),
            )

    @api.depends_context("uid")
    @api.depends("state")
    def _compute_can(self):
        return super()._compute_can()

    # ------------------------------------------------------------------
    # Actions
    # ------------------------------------------------------------------

    def action_dismiss(self):
        """Ask why these warnings need no attention."""
        self._check_dismiss()
        return self._open_reason("dismiss")

    # ------------------------------------------------------------------
    # Steps
    # ------------------------------------------------------------------

    def _reason_steps(self):
        return {
            **super()._reason_steps(),
            "dismiss": self._reason_step(self.env._("Dismiss"), "_dismiss"),
        }

    def _contract_next_states(self):
        return {**super()._contract_next_states(), "dismissed": {"open": None}}

    def _check_dismiss(self):
        self.check_access("write")
        self._contract_check_next("dismissed")

    def _dismiss(self, reason):
        """These warnings need no attention, for a reason."""
        self._check_dismiss()
        for company, warnings in self.grouped("company_id").items():
            unguarded(warnings.sudo()).write(
                {
                    "state": "dismissed",
                    "dismissed_on": company._contract_today(),
                    "dismissed_by_id": self.env.uid,
                    "dismissed_reason": reason.strip(),
                }
            )
        self._sync_activities()

    # ------------------------------------------------------------------
    # Search
    # ------------------------------------------------------------------

    @api.model
    def _cron_find(self, batch=1000):
        """Find what threatens the contracts in effect and the frame agreements.

        Twice is once. A run that was killed or out of time leaves the rest to the next
        one.
        """
        cron = self.env["ir.cron"]
        with self.env["contract.facts"]._fold_lock(wait=True):
            if not self.env["contract.facts"]._fold_all():
                return
            due = [
                (self.env[name].sudo(), ids)
                for name in SEARCHED
                for ids in split_every(
                    batch,
                    self.env[self.env[name]._contract_facts_model]._take_unwarned(),
                )
            ]
            left = sum(len(ids) for _model, ids in due)
            for model, ids in due:
                self._find(model.browse(ids))
                self.env[model._contract_facts_model]._set_warned(ids)
                left -= len(ids)
                if not cron._commit_progress(len(ids), remaining=left):
                    return
                self.env.invalidate_all()
            cron._commit_progress(remaining=0)

    @api.model
    def _find(self, contracts):
        """Write down what threatens ``contracts``, bring up to date what stands, and
        let go of what is over: a constant number of queries, however many they are.

        :param contracts: ``sale.order`` or ``contract.frame`` records; whoever calls
            has checked the access
        :return: the new warnings
        """
        env, contracts = self.env, contracts.sudo()
        fname = contracts._contract_parent_field
        self = unguarded(self.sudo()).with_context(
            tracking_disable=True, mail_create_nosubscribe=True
        )
        standing = self.search_fetch(
            [(fname, "in", contracts.ids), ("gone_on", "=", False)]
        )
        known = {(w[fname].id, w.kind, w.key): w for w in standing}
        fresh, over, moved = [], self.browse(), self.browse()
        for row in self._find_rows(contracts):
            contract = contracts.browse(row.pop("order_id")).with_prefetch(
                contracts.ids
            )
            vals = {**row, **self._people(contract)}
            warning = known.pop((contract.id, row["kind"], row["key"]), None)
            if warning and warning.state == "open":
                moved |= warning._follow(vals)
                continue
            if warning:
                if not (warning.mark and row["mark"] and warning.mark < row["mark"]):
                    continue
                over |= warning
            fresh.append({**vals, fname: contract.id})
        over |= self.union(*known.values())
        for company, warnings in over.grouped("company_id").items():
            today = company._contract_today()
            warnings.gone_on = today
            warnings.filtered(lambda w: w.state == "open").state = "gone"
        # what stood in its place is gone first
        self.flush_model()
        found = self.create(fresh)
        (found | moved | over)._sync_activities()
        return found.with_env(env)

    def _people(self, contract):
        """Who is told of a warning of a contract, and its office."""
        return {
            "user_id": contract._contract_responsible().id,
            "team_id": contract.team_id.id,
            "found_on": contract._contract_today(),
        }

    def _follow(self, vals):
        """Let an open warning follow the facts.

        :return: itself if another person is to look at it
        """
        self.ensure_one()
        changed = {}
        for name in FOLLOWING:
            value = vals[name] or False
            known = self[name]
            if self._fields[name].type == "monetary":
                if not self.currency_id.compare_amounts(known, value or 0):
                    continue
            elif (known.id if self._fields[name].relational else known) == value:
                continue
            changed[name] = value
        self.write(changed)
        return self if "user_id" in changed else self.browse()

    @api.model
    def _open_of(self, contracts):
        """The open warnings of contracts or frame agreements that the user may read:
        ``{contract: warnings}``, in one query."""
        fname = contracts._contract_parent_field
        found = self.search_fetch(
            [(fname, "in", contracts._origin.ids), ("state", "=", "open")]
        )
        return found.grouped(fname)

    def _stands_on(self, day):
        """Whether it was open on a day."""
        self.ensure_one()
        return self.found_on <= day and all(
            not end or end > day for end in (self.gone_on, self.dismissed_on)
        )

    # ------------------------------------------------------------------
    # Hooks
    # ------------------------------------------------------------------

    @api.model
    def _contract_system(self):
        return super()._contract_system() | {"order_id", "frame_id"}

    @api.model
    def _recorded_domain(self):
        """Nobody wrote them down."""
        return Domain.FALSE

    @api.model
    def _handover_domain(self, user):
        return Domain("user_id", "=", user.id) & Domain("state", "=", "open")

    def _activity_xmlids(self):
        return super()._activity_xmlids() | {ACTIVITY}

    def _activities_wanted(self):
        """The owner looks at each warning once. Of the end of a frame agreement its
        own reminder tells him."""
        wanted = super()._activities_wanted()
        is_told = (
            self.key == "end" and self.kind == "frame" and self.frame_id.is_expiring
        )
        if self.state == "open" and not is_told:
            text = self.with_context(lang=self.user_id.lang).text
            wanted.append(
                {
                    "xmlid": ACTIVITY,
                    "user": self.user_id,
                    "day": self.found_on,
                    "what": text,
                    "keep": True,
                }
            )
        return wanted
